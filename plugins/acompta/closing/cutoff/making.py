"""A cut-off entry of the last day and its reversal on the next: what all the proposals share.

The mark under ``regularisation:`` (and ``extourne:`` on the reversal) says what is accrued: « PCA F2026-001 1 » is the
first line of that invoice. Example::

    2026-12-31 * "Client" "PCA : Maintenance, un an, du 1er octobre 2026 au 30 septembre 2027"
      regularisation: "PCA F2026-001 1"
      Produits:706:Services       897.53 EUR
      Passif:487:Regularisations -897.53 EUR

    2027-01-01 * "Client" "Extourne, PCA : Maintenance, un an, du 1er octobre 2026 au 30 septembre 2027"
      extourne: "PCA F2026-001 1"
      Produits:706:Services      -897.53 EUR
      Passif:487:Regularisations  897.53 EUR

Sources: PCG art. 1214-40, 1214-41, 1214-48, 321-7, 323-9.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from beancount.core.data import Transaction

from acompta import french
from acompta.chart import VAT_DUE
from acompta.closing.entries import EntryLine, Opening, ProposedEntry, account_for
from acompta.closing.periods import Period
from acompta.dossier import Dossier
from acompta.messages import MissingVatAccountError
from acompta.owed import Place, place_of
from acompta.reading.spans import Span

KEY: Final = "regularisation"
REVERSAL_KEY: Final = "extourne"


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


class Maker:
    """Makes the entry of the last day and its reversal."""

    def __init__(self, dossier: Dossier, options: dict[str, Any], period: Period) -> None:
        """For the accruals of ``period``; ``options`` give the roots of the accounts to open."""
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
