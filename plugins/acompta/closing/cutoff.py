"""Cut-off: what belongs to another period is proposed as an entry of the last day, reversed on the next.

* ``periode: "2026-01-01/2026-12-31"`` on a line (or its document) spreads it by days: what is billed beyond the period
  goes to 487 (PCA), what is bought beyond it to 486 (CCA); so does what is delivered later (``livraison:``). The share
  earned so far is rounded once on the cumulated days, so that months add up to the cent.
* A document dated after the period, or a draft, whose ``periode:`` began or ``livraison:`` ended in it is revenue to
  bill (FAE, 4181 VAT included, 44587) or an invoice to receive (FNP, 408, or 4084 for an asset, 44586). Goods
  delivered owe their VAT at delivery: 44571.
* A credit note takes the same period as the invoice that it corrects, but for its own ``periode:``; a corrective
  invoice undoes that of the one that it replaces. VAT that is not deducted is part of a cost.
* At a balance-sheet date, deposit invoices not paid are taken off: 4191 and 44574 against 411.

Sources: PCG art. 1214-40, 1214-41 (408, 4181: VAT included), 1214-48, 321-7, 323-9 (486, 487); CGI art. 269-1-a
(delivery). Nothing is written: each proposal is the text of two entries that a person accepts.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from beancount.core.data import Directive, Transaction

from acompta import french
from acompta.chart import VAT_DUE
from acompta.closing.entries import EntryLine, Opening, ProposedEntry, account_for
from acompta.closing.periods import Period
from acompta.dossier import Dossier
from acompta.messages import MissingVatAccountError
from acompta.owed import Place, place_of
from acompta.posting.purchases import is_self_assessed, line_costs
from acompta.reading.model import Document, Share, TaxKey
from acompta.reading.purchases import Purchase
from acompta.reading.spans import Span, read_span
from acompta.rounding import ZERO, proportional
from acompta.vat import DEPOSIT_KINDS, vat_of
from acompta.vocabulary import GOODS, UNPOSTED, Kind

KEY: Final = "regularisation"
REVERSAL_KEY: Final = "extourne"
_CORRECTIONS: Final = frozenset({Kind.CREDIT_NOTE, Kind.CORRECTIVE})
_OUTSIDE: Final = UNPOSTED | DEPOSIT_KINDS | {Kind.USE, Kind.TERMINATION, Kind.TRANSFER}


class Reason(StrEnum):
    """Why an entry is proposed; the value is what the accountant reads."""

    PREPAID_REVENUE = "Produits constatés d'avance"
    PREPAID_COST = "Charges constatées d'avance"
    TO_BILL = "Factures à établir"
    TO_RECEIVE = "Factures non parvenues"
    DELIVERED = "Biens livrés non facturés"
    UNPAID_DEPOSIT = "Acomptes demandés non encaissés"


_SHORT: Final = {
    Reason.PREPAID_REVENUE: "PCA",
    Reason.PREPAID_COST: "CCA",
    Reason.TO_BILL: "FAE",
    Reason.TO_RECEIVE: "FNP",
    Reason.DELIVERED: "FAE",
    Reason.UNPAID_DEPOSIT: "Acompte impayé",
}


class CutOff(NamedTuple):
    """One proposal: ``amount`` before tax (euros), the entry of the last day and its reversal on the next.

    ``mark`` is written on both: an accrual that is in the ledger is not proposed again.
    """

    reason: Reason
    mark: str
    amount: Decimal
    detail: str
    place: Place
    entry: ProposedEntry
    reversal: ProposedEntry


class _Line(NamedTuple):
    """A line of a document that may belong to two periods; ``amount`` before tax, revenue and cost both positive.

    ``cost`` is the amount of a purchase with the VAT that it does not deduct.
    """

    account: str
    amount: Decimal
    tax: TaxKey | None
    meta: Mapping[str, Any]
    cost: Decimal = ZERO


def cut_offs(
    entries: Iterable[Directive],
    dossier: Dossier,
    options: dict[str, Any],
    period: Period,
    *,
    year_end: bool = False,
) -> tuple[CutOff, ...]:
    """The accruals that ``period`` calls for and that the ledger does not hold; ``options`` are the ledger's."""
    maker = _Maker(dossier, options, period)
    found = [*_sales(dossier, maker), *_purchases(dossier, maker)]
    if year_end:
        found += _unpaid_deposits(dossier, maker)
    known = marks(entries, period.end)
    return tuple(one for one in found if one.mark not in known)


def marks(entries: Iterable[Directive], day: datetime.date, key: str = KEY) -> set[str]:
    """The accruals (or with ``key``, the reversals) that the ledger holds on that day."""
    return {
        mark
        for entry in entries
        if isinstance(entry, Transaction)
        and entry.date == day
        and isinstance(mark := entry.meta.get(key), str)
    }


# -- periods of lines -----------------------------------------------------------------------------------------


def earned(amount: Decimal, span: Span, at: datetime.date) -> Decimal:
    """What of ``amount`` (euros) is earned at the end of ``at``: by days, rounded once on the days cumulated."""
    start, end = span
    days = (min(at, end) - start).days + 1
    whole = (end - start).days + 1
    return proportional(amount, Decimal(max(days, 0)), Decimal(whole))


def _span(line: _Line, document: Mapping[str, Any], end: datetime.date) -> Span | None:
    """The period of a line not billed yet: ``periode:`` by days; else ``livraison:`` once delivery is over."""
    span = _spread(line, document)
    if span is not None:
        return span
    over = _delivery(line, document)
    return over if over is not None and over[1] <= end else None


def _deferred(line: _Line, document: Mapping[str, Any], end: datetime.date) -> Span | None:
    """The period of a line already billed that goes on after ``end``: ``periode:`` by days, else a later delivery.

    What is delivered, or begins, after ``end`` belongs whole to later (PCG art. 1214-48).
    """
    span = _spread(line, document) or _delivery(line, document)
    if span is None or span[1] <= end:
        return None
    return span if span[0] > end or _spread(line, document) is not None else None


def _delivery(line: _Line, document: Mapping[str, Any]) -> Span | None:
    """The days of ``livraison:``, on the line or its document."""
    for meta in (line.meta, document):
        days = read_span(meta.get("livraison"))
        if days is not None:
            return days
    return None


def _spread(line: _Line, document: Mapping[str, Any]) -> Span | None:
    """The period that ``periode:`` says."""
    for meta in (line.meta, document):
        span = read_span(meta.get("periode"))
        if span is not None:
            return span
    return None


# -- sales ----------------------------------------------------------------------------------------------------


def _sales(dossier: Dossier, maker: _Maker) -> Iterator[CutOff]:
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


def _sale_lines(document: Document, dossier: Dossier) -> Iterator[_Line]:
    bill = dossier.bill(document)
    if bill is not None:
        for part in (bill, bill.reversed):
            undone = _corrected_period(document, dossier) if part is bill.reversed else {}
            for line in part.lines if part is not None else ():
                if dossier.chart.get(line.account).is_revenue:
                    yield _Line(
                        line.account, line.amount, line.tax, {**undone, **(line.meta or {})}
                    )
        return
    for typed in document.lines:
        if typed.amount is not None and dossier.chart.get(typed.account).is_revenue:
            yield _Line(typed.account, typed.amount, typed.tax, typed.meta)


def _corrected_period(document: Document, dossier: Dossier) -> Mapping[str, Any]:
    """The ``periode:``, or ``livraison:``, of the document that this one corrects, when its lines all have the same."""
    number = document.meta.get("sur")
    corrected = dossier.by_number(number) if isinstance(number, str) else None
    if corrected is None:
        return {}
    lines = list(_sale_lines(corrected, dossier))
    for key, read in (("periode", _spread), ("livraison", _delivery)):
        spans = {read(line, corrected.meta) for line in lines}
        span = spans.pop() if len(spans) == 1 else None
        if span is not None:
            return {key: f"{span[0]}/{span[1]}"}
    return {}


def _prepaid_revenue(document: Document, lines: list[_Line], maker: _Maker) -> Iterator[CutOff]:
    end = maker.period.end
    meta = document.meta
    if document.kind is Kind.CREDIT_NOTE:
        meta = {**_corrected_period(document, maker.dossier), **meta}
    for place, line in enumerate(lines, 1):
        span = _deferred(line, meta, end)
        if span is None:
            continue
        late = line.amount - earned(line.amount, span, end)
        if late:
            postings = [(line.account, late), (maker.account("487"), -late)]
            mark = f"PCA {document.number} {place}"
            yield maker.make(Reason.PREPAID_REVENUE, mark, late, document.entry, postings, span)


def _to_bill(document: Document, lines: list[_Line], maker: _Maker) -> Iterator[CutOff]:
    for place, line in enumerate(lines, 1):
        span = _span(line, document.meta, maker.period.end)
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
        name = document.number or _draft_name(document)
        yield maker.make(reason, f"FAE {name} {place}", due, document.entry, postings, span)


def _draft_name(document: Document) -> str:
    return f"{document.entry.payee} {document.entry.narration}"


# -- purchases ------------------------------------------------------------------------------------------------


def _purchases(dossier: Dossier, maker: _Maker) -> Iterator[CutOff]:
    end = maker.period.end
    for purchase in dossier.purchases:
        issued = purchase.entry.flag != "!"
        for place, line in enumerate(_cost_lines(purchase), 1):
            if issued and purchase.entry.date <= end:
                yield from _prepaid_cost(purchase, line, place, maker)
            else:
                yield from _to_receive(purchase, line, place, maker)


def _cost_lines(purchase: Purchase) -> Iterator[_Line]:
    if purchase.kind is Kind.PURCHASE:
        for line, cost in line_costs(purchase):
            yield _Line(line.account, line.amount, line.tax, line.posting.meta or {}, cost)


def _prepaid_cost(purchase: Purchase, line: _Line, place: int, maker: _Maker) -> Iterator[CutOff]:
    span = _deferred(line, purchase.entry.meta, maker.period.end)
    if span is None or maker.pcg_class(line.account) != "6":
        return
    late = line.cost - earned(line.cost, span, maker.period.end)
    if late:
        postings = [(maker.account("486"), late), (line.account, -late)]
        mark = f"CCA {purchase.supplier} {purchase.number} {place}"
        yield maker.make(Reason.PREPAID_COST, mark, late, purchase.entry, postings, span)


def _to_receive(purchase: Purchase, line: _Line, place: int, maker: _Maker) -> Iterator[CutOff]:
    span = _span(line, purchase.entry.meta, maker.period.end)
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


# -- deposits not paid ----------------------------------------------------------------------------------------


def _unpaid_deposits(dossier: Dossier, maker: _Maker) -> Iterator[CutOff]:
    """Deposit invoices that nobody has paid are no debt yet at a balance-sheet date (docs/rules.md)."""
    end = maker.period.end
    taken = _taken_back(dossier, end)
    for contract in dossier.contracts.values():
        for deposit in contract.deposits:
            document = deposit.document
            claim = dossier.claims.get(deposit.number)
            if claim is None or document.date > end or deposit.number in dossier.held:
                continue
            back = taken.get(deposit.number, {})
            left = {tax: _less(given, back.get(tax)) for tax, given in deposit.given.items()}
            # What was received pays first what invoices have recovered: that part is owed for good.
            unpaid = min(claim.open_at(end), sum((share.total for share in left.values()), ZERO))
            if unpaid > 0:
                yield from _neutralised(document, deposit.account, left, unpaid, maker)


def _taken_back(dossier: Dossier, at: datetime.date) -> dict[str, dict[TaxKey, Share]]:
    """What the documents dated by ``at`` have recovered or credited of each deposit, by its number; in one pass."""
    taken: dict[str, dict[TaxKey, Share]] = {}
    for document in dossier.documents:
        bill = dossier.bill(document) if document.date <= at else None
        for recovery in (*bill.recovered, *bill.credited) if bill is not None else ():
            shares = taken.setdefault(recovery.number, {})
            before = shares.get(recovery.tax, Share(ZERO, ZERO))
            shares[recovery.tax] = Share(before.base + recovery.base, before.vat + recovery.vat)
    return taken


def _less(share: Share, taken: Share | None) -> Share:
    return share if taken is None else Share(share.base - taken.base, share.vat - taken.vat)


def _neutralised(
    document: Document,
    account: str,
    given: Mapping[TaxKey, Share],
    unpaid: Decimal,
    maker: _Maker,
) -> Iterator[CutOff]:
    whole = sum((share.total for share in given.values()), ZERO)
    postings: list[tuple[str, Decimal]] = []
    base = ZERO
    for tax, share in given.items():
        vat = proportional(share.vat, unpaid, whole)
        if vat:
            postings.append((maker.chart.vat_account("44574", tax.rate), vat))
        base += vat
    base = unpaid - base
    postings = [(account, base), *postings, (document.customer, -unpaid)]
    mark = f"ACOMPTE {document.number}"
    yield maker.make(Reason.UNPAID_DEPOSIT, mark, base, document.entry, postings, None)


# -- entries --------------------------------------------------------------------------------------------------


class _Maker:
    """Makes the entry of the last day and its reversal."""

    def __init__(self, dossier: Dossier, options: dict[str, Any], period: Period) -> None:
        self.dossier = dossier
        self.chart = dossier.chart
        self.options = options
        self.period = period
        self._opened: dict[str, Opening] = {}

    def pcg_class(self, name: str) -> str:
        """Class of the account, from 1 to 8."""
        return self.chart.get(name).pcg_class

    def account(self, number: str, *, third: str = "", rate: Decimal | None = None) -> str:
        """The dossier's account of that number, of that third party or rate if it has one, else one to open."""
        name, to_open = account_for(
            self.chart, number, self.options, "Regularisations", third=third, rate=rate
        )
        if to_open:
            self._opened[name] = Opening(name)
        return name

    def vat_due(self, rate: Decimal) -> str:
        """The 44571 of that rate (percent); a rate that only drafts bear so far may have none, which is then opened."""
        try:
            return self.chart.vat_account(VAT_DUE, rate)
        except MissingVatAccountError:
            name = self.chart.usual_vat(VAT_DUE, rate)
            self._opened[name] = Opening(name, rate)
            return name

    def make(
        self,
        reason: Reason,
        mark: str,
        amount: Decimal,
        source: Transaction,
        postings: list[tuple[str, Decimal]],
        span: Span | None,
    ) -> CutOff:
        """The proposal, from the postings of its first entry."""
        lines = tuple(EntryLine(account, number) for account, number in postings)
        opposite = tuple(EntryLine(account, -number) for account, number in postings)
        opened = tuple(self._opened[account] for account, _ in postings if account in self._opened)
        over = f", {french.period(*span)}" if span is not None else ""
        narration = f"{_SHORT[reason]} : {source.narration or source.payee}{over}"
        payee = source.payee or ""
        end, morning = self.period.end, self.period.next_day
        return CutOff(
            reason,
            mark,
            amount,
            f"{payee} · {source.narration or ''}{over}",
            place_of(source),
            ProposedEntry(end, payee, narration, ((KEY, mark),), lines, opened),
            ProposedEntry(
                morning, payee, f"Extourne, {narration}", ((REVERSAL_KEY, mark),), opposite
            ),
        )


def cut_off_text(found: Iterable[CutOff]) -> str:
    """The text of the proposals, ready for the ledger: each account opened once, each entry with its reversal."""
    opened: set[Opening] = set()
    pieces = []
    for one in found:
        fresh = tuple(opening for opening in one.entry.to_open if opening not in opened)
        opened.update(fresh)
        pieces += [one.entry._replace(to_open=fresh).text, one.reversal.text]
    return "\n".join(pieces)


def billed_after_all(
    entries: Iterable[Directive], dossier: Dossier, period: Period
) -> list[tuple[Transaction, str]]:
    """What is accrued (FAE, FNP) on the last day of ``period`` though its document is posted in it: it counts twice.

    Each accrual with the number of the document.
    """
    accrued = {
        mark.rsplit(" ", 1)[0]: entry
        for entry in entries
        if isinstance(entry, Transaction)
        and entry.date == period.end
        and isinstance(mark := entry.meta.get(KEY), str)
        and mark.startswith(("FAE ", "FNP "))
    }
    if not accrued:
        return []
    found = []
    for document in dossier.documents:
        if document.issued and period.holds(document.date):
            names = (document.number or "", _draft_name(document))
            entry = next((accrued[f"FAE {n}"] for n in names if f"FAE {n}" in accrued), None)
            if entry is not None:
                found.append((entry, document.number or ""))
    for purchase in dossier.purchases:
        entry = accrued.get(f"FNP {purchase.supplier} {purchase.number}")
        if entry is not None and purchase.entry.flag != "!" and period.holds(purchase.entry.date):
            found.append((entry, purchase.number))
    return found


def not_reversed(
    entries: Iterable[Directive], day: datetime.date, until: datetime.date
) -> list[Transaction]:
    """The accruals of ``day`` that nothing has reversed by ``until``."""
    accruals: dict[str, Transaction] = {}
    reversed_marks: set[str] = set()
    for entry in entries:
        if not isinstance(entry, Transaction):
            continue
        mark = entry.meta.get(KEY)
        if isinstance(mark, str) and entry.date == day:
            accruals[mark] = entry
        back = entry.meta.get(REVERSAL_KEY)
        if isinstance(back, str) and day < entry.date <= until:
            reversed_marks.add(back)
    return [entry for mark, entry in accruals.items() if mark not in reversed_marks]
