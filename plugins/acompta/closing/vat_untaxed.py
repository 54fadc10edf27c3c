"""Sales without VAT over a period, with the box of each: exports, intra-EU supplies, reverse charge, exemptions.

They are declared at the date of the invoice and for its turnover; a deposit on them makes nothing due (CGI art. 262,
262 ter, 283, 289-I-1-c). Where the administration wants services not located in France at receipt, the date of the
invoice is our choice (docs/rules.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive, Transaction

from acompta.chart import Chart
from acompta.closing import vat_form
from acompta.closing.periods import Period
from acompta.closing.vat_form import Section
from acompta.closing.vat_movements import CASE, COLLECTED, euros_of, transactions
from acompta.dossier import Dossier
from acompta.posting.bill import Bill
from acompta.reading.model import Document
from acompta.rounding import ZERO
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import GOODS, KIND_BY_TAG, Regime

# Goods are exported (E1); a service to a business outside the Union is not taxable in France (E2, CGI art. 259, 1°).
EXPORT: Final = "export"
SERVICES_ABROAD: Final = "services-hors-ue"
BOXES: Final = {
    EXPORT: "E1",
    SERVICES_ABROAD: "E2",
    "intracom-biens": "F2",
    "intracom-services": "E2",
    "autoliquidation-btp": "E2",
    "exonere": "E2",
    "franchise": "E2",
}
_TURNOVER: Final = "70"
# Entries that move revenue between periods bear no VAT of their own.
ACCRUALS: Final = frozenset({"4181", "487", "4198", "4191"})


class UntaxedLine(NamedTuple):
    """Revenue without VAT: ``box`` is ``""`` when nothing says why; ``base`` in euros, revenue positive."""

    entry: Transaction
    account: str
    label: str
    base: Decimal
    regime: str
    box: str
    reason: str = ""


def untaxed_lines(
    entries: Iterable[Directive], dossier: Dossier, period: Period
) -> tuple[UntaxedLine, ...]:
    """The untaxed sales of the period: documents by their bills, other entries by their lines."""
    found = [
        line
        for document in dossier.documents
        if document.issued and period.holds(document.date) and document.kind not in DEPOSIT_KINDS
        for line in _of_document(document, dossier.bill(document), dossier.chart)
    ]
    for entry in transactions(entries, period):
        if not entry.tags & KIND_BY_TAG.keys() and "etendu" not in entry.meta:
            found += _of_entry(entry, dossier)
    return tuple(found)


def _box(typed: object, regime: str, nature: object) -> str:
    """The box of untaxed operations that a line says (``case-ca3:``), else that of its regime, ``""`` for none."""
    if regime == EXPORT and nature != GOODS:
        regime = SERVICES_ABROAD
    box = vat_form.BY_CODE.get(typed) if isinstance(typed, str) else None
    return box.code if box is not None and box.section is Section.UNTAXED else BOXES.get(regime, "")


def _of_document(document: Document, bill: Bill | None, chart: Chart) -> Iterator[UntaxedLine]:
    for part in (bill, bill.reversed) if bill is not None else ():
        if part is None:
            continue
        for line in part.lines:
            taxed = line.tax.rate and not line.tax.regime
            if taxed or not line.amount or not chart.get(line.account).number.startswith(_TURNOVER):
                continue
            regime = line.tax.regime
            if not regime and document.seller.regime is Regime.FRANCHISE:
                regime = "franchise"
            meta = line.meta or {}
            yield UntaxedLine(
                document.entry,
                line.account,
                f"{document.entry.payee or ''} · {document.number or document.entry.narration}",
                line.amount,
                regime,
                _box(meta.get(CASE), regime, line.tax.nature),
                str(meta.get("motif") or document.meta.get("motif") or ""),
            )


def _of_entry(entry: Transaction, dossier: Dossier) -> list[UntaxedLine]:
    """Revenue typed by hand, in an entry without VAT."""
    chart = dossier.chart
    roles = {chart.get(posting.account).role for posting in entry.postings}
    if roles & (COLLECTED | ACCRUALS | {"44574", "44587"}):
        return []
    franchise = dossier.sellers.at(entry.date).regime is Regime.FRANCHISE
    found = []
    for posting in entry.postings:
        account = chart.get(posting.account)
        amount = -euros_of(posting)
        if not account.number.startswith(_TURNOVER) or not amount:
            continue
        meta = posting.meta or {}
        regime = meta.get("regime") or entry.meta.get("regime")
        if regime is None and meta.get("tva", account.tva) == ZERO:
            regime = "exonere"
        if regime is None and franchise:
            regime = "franchise"
        nature = meta.get("nature") or entry.meta.get("nature") or account.nature
        box = _box(meta.get(CASE) or entry.meta.get(CASE), str(regime), nature)
        label = " · ".join(part for part in (entry.payee, entry.narration) if part)
        reason = meta.get("motif") or entry.meta.get("motif") or ""
        found.append(
            UntaxedLine(entry, account.name, label, amount, str(regime or ""), box, str(reason))
        )
    return found
