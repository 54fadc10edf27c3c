"""Revenue of another period: billed beyond it (487), or delivered in it and not billed yet (4181, 44587).

Sources: PCG art. 1214-41 (4181 holds VAT), 1214-48, 321-7; CGI art. 269-1-a (goods owe their VAT, 44571, at delivery).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from acompta.closing.cutoff.lines import (
    AccruedLine,
    common_period,
    deferred_span,
    earned,
    unbilled_span,
)
from acompta.closing.cutoff.making import CutOff, Maker, Reason
from acompta.dossier import Dossier
from acompta.reading.model import Document
from acompta.rounding import ZERO
from acompta.vat import DEPOSIT_KINDS, vat_of
from acompta.vocabulary import GOODS, UNPOSTED, Kind

_CORRECTIONS: Final = frozenset({Kind.CREDIT_NOTE, Kind.CORRECTIVE})
_OUTSIDE: Final = UNPOSTED | DEPOSIT_KINDS | {Kind.USE, Kind.TERMINATION, Kind.TRANSFER}


def sales_cut_offs(dossier: Dossier, maker: Maker) -> Iterator[CutOff]:
    """Revenue billed beyond the period, and that of the period that is not billed in it."""
    for document in dossier.documents:
        if document.kind in _OUTSIDE:
            continue
        if document.is_model:  # the drafts made from it are counted, it never is
            continue
        lines = list(_sale_lines(document, dossier))
        if document.issued and document.date <= maker.period.end:
            yield from _prepaid_revenue(document, lines, maker)
        elif document.kind not in _CORRECTIONS:
            yield from _to_bill(document, lines, maker)


def _sale_lines(document: Document, dossier: Dossier) -> Iterator[AccruedLine]:
    bill = dossier.bill(document)
    if bill is not None:
        for part in (bill, bill.reversed):
            undone = _corrected_period(document, dossier) if part is bill.reversed else {}
            for line in part.lines if part is not None else ():
                if dossier.chart.get(line.account).is_revenue:
                    yield AccruedLine(
                        line.account, line.amount, line.tax, {**undone, **(line.meta or {})}
                    )
        return
    for typed in document.lines:
        if typed.amount is not None and dossier.chart.get(typed.account).is_revenue:
            yield AccruedLine(typed.account, typed.amount, typed.tax, typed.meta)


def _corrected_period(document: Document, dossier: Dossier) -> Mapping[str, Any]:
    """The ``periode:``, or ``livraison:``, of the document that this one corrects, when its lines all have the same."""
    number = document.meta.get("sur")
    corrected = dossier.by_number(number) if isinstance(number, str) else None
    if corrected is None:
        return {}
    return common_period(_sale_lines(corrected, dossier), corrected.meta)


def _prepaid_revenue(
    document: Document, lines: list[AccruedLine], maker: Maker
) -> Iterator[CutOff]:
    end = maker.period.end
    meta = document.meta
    if document.kind is Kind.CREDIT_NOTE:
        meta = {**_corrected_period(document, maker.dossier), **meta}
    for place, line in enumerate(lines, 1):
        span = deferred_span(line, meta, end)
        if span is None:
            continue
        late = line.amount - earned(line.amount, span, end)
        if late:
            postings = [(line.account, late), (maker.account("487"), -late)]
            mark = f"PCA {document.number} {place}"
            yield maker.make(Reason.PREPAID_REVENUE, mark, late, document.entry, postings, span)


def _to_bill(document: Document, lines: list[AccruedLine], maker: Maker) -> Iterator[CutOff]:
    for place, line in enumerate(lines, 1):
        span = unbilled_span(line, document.meta, maker.period.end)
        if span is None or span[0] > maker.period.end:
            continue
        due = earned(line.amount, span, maker.period.end)
        if not due:
            continue
        tax = line.tax
        vat = vat_of(due, tax.rate) if tax is not None and not tax.regime else ZERO
        goods = tax is not None and tax.nature == GOODS
        claim = maker.account("4181", third=document.customer)
        postings = [(claim, due + vat), (line.account, -due)]
        if vat and tax is not None:
            account = maker.vat_due(tax.rate) if goods else maker.account("44587", rate=tax.rate)
            postings.append((account, -vat))
        reason = Reason.DELIVERED if goods else Reason.TO_BILL
        name = document.number or draft_name(document)
        yield maker.make(reason, f"FAE {name} {place}", due, document.entry, postings, span)


def draft_name(document: Document) -> str:
    """What the mark of an accrual calls a draft, which has no number."""
    return f"{document.entry.payee} {document.entry.narration}"
