"""Costs of another period: bought beyond it (486), or received in it and not billed yet (408, 4084, 44586).

Sources: PCG art. 1214-40 (408 holds VAT), 1214-48, 323-9. VAT that is not deducted is part of the cost (CGI art. 271).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from acompta.closing.cutoff.lines import (
    AccruedLine,
    common_period,
    deferred_span,
    earned,
    unbilled_span,
)
from acompta.closing.cutoff.making import CutOff, Maker, Reason
from acompta.dossier import Dossier
from acompta.posting.purchases import is_self_assessed, line_costs
from acompta.reading.purchases import Purchase
from acompta.rounding import ZERO
from acompta.vat import vat_of
from acompta.vocabulary import Kind


def purchase_cut_offs(dossier: Dossier, maker: Maker) -> Iterator[CutOff]:
    """Costs billed beyond the period, and those of the period that are not billed in it."""
    end = maker.period.end
    known = {(purchase.supplier, purchase.number): purchase for purchase in dossier.purchases}
    for purchase in dossier.purchases:
        issued = purchase.entry.flag != "!"
        meta = {**_credited_period(purchase, known), **purchase.entry.meta}
        for place, line in enumerate(_cost_lines(purchase), 1):
            if issued and purchase.entry.date <= end:
                yield from _prepaid_cost(purchase, line, place, maker, meta)
            else:
                yield from _to_receive(purchase, line, place, maker)


def _cost_lines(purchase: Purchase) -> Iterator[AccruedLine]:
    if purchase.kind is Kind.PURCHASE:
        for line, cost in line_costs(purchase):
            yield AccruedLine(line.account, line.amount, line.tax, line.posting.meta or {}, cost)


def _credited_period(
    purchase: Purchase, known: Mapping[tuple[str, str], Purchase]
) -> Mapping[str, Any]:
    """The period of the purchase that a supplier's credit note names, by ``sur:`` or link: it takes it off."""
    if any(line.amount > ZERO for line in purchase.lines):
        return {}
    names = [str(purchase.entry.meta.get("sur") or ""), *sorted(purchase.entry.links)]
    named = [known.get((purchase.supplier, name)) for name in names]
    for original in named:
        if original is not None and original is not purchase:
            return common_period(_cost_lines(original), original.entry.meta)
    return {}


def _prepaid_cost(
    purchase: Purchase, line: AccruedLine, place: int, maker: Maker, meta: Mapping[str, Any]
) -> Iterator[CutOff]:
    span = deferred_span(line, meta, maker.period.end)
    if span is None or maker.pcg_class(line.account) != "6":
        return
    late = line.cost - earned(line.cost, span, maker.period.end)
    if late:
        postings = [(maker.account("486"), late), (line.account, -late)]
        mark = f"CCA {purchase.supplier} {purchase.number} {place}"
        yield maker.make(Reason.PREPAID_COST, mark, late, purchase.entry, postings, span)


def _to_receive(
    purchase: Purchase, line: AccruedLine, place: int, maker: Maker
) -> Iterator[CutOff]:
    span = unbilled_span(line, purchase.entry.meta, maker.period.end)
    if span is None or span[0] > maker.period.end:
        return
    asset = maker.pcg_class(line.account) == "2"
    if not asset and maker.pcg_class(line.account) != "6":
        return
    due = earned(line.amount, span, maker.period.end)
    if not due:
        return
    tax = line.tax
    billed = tax is not None and not is_self_assessed(tax)
    vat = vat_of(due, tax.rate) if tax is not None and billed else ZERO
    cost = earned(line.cost, span, maker.period.end) if billed else due
    postings = [(line.account, cost)]
    if due + vat != cost:
        rate = tax.rate if tax is not None else None
        postings.append((maker.account("44586", rate=rate), due + vat - cost))
    number = "4084" if asset else "408"
    postings.append((maker.account(number, third=purchase.supplier), -(due + vat)))
    mark = f"FNP {purchase.supplier} {purchase.number} {place}"
    yield maker.make(Reason.TO_RECEIVE, mark, due, purchase.entry, postings, span)
