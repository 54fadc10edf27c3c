"""The entry that moves VAT on the day of an event: 44574 to 44571, or 44564 to 44566 and 44562.

Before::

    2026-01-30 * "SCI Dupont" "Virement" ^F2026-001
      Actif:512:Banque      3600.00 EUR
      Actif:411:Dupont

After: the same entry, and on the same day::

    2026-01-30 * "SCI Dupont" "TVA exigible sur encaissement" ^F2026-001
      etendu: TRUE
      Passif:44574:TVA20     600.00 EUR
      Passif:44571:TVA20    -600.00 EUR
"""

from __future__ import annotations

import datetime
from typing import Any, Final

from beancount.core.data import EMPTY_SET, Posting, Transaction

from acompta.chart import (
    Chart,
)
from acompta.claims import Move
from acompta.messages import AcomptaError, DocumentError, error_of
from acompta.posting.making import posted
from acompta.reading.model import TaxKey
from acompta.rounding import ZERO
from acompta.settlement.reading import Side
from acompta.tuples import make
from acompta.vat import ON_INVOICE, ON_RECEIPT
from acompta.vocabulary import GOODS

TAKEN_BACK: Final = "TVA reprise"


class VatEntries:
    """The entries that move VAT from where it waits (44574, 44564) to where it is declared or deducted.

    ``extra`` are lines of others to add to the next entry (deposits posted when received): it is emptied as they are
    used.
    """

    def __init__(
        self, chart: Chart, side: Side, extra: list[Posting], errors: list[AcomptaError]
    ) -> None:
        """What cannot be posted goes to ``errors``."""
        self.chart = chart
        self.side = side
        self.extra = extra
        self.errors = errors
        self.added: list[Transaction] = []
        self._accounts: dict[TaxKey, tuple[str, str]] = {}

    def _accounts_of(self, tax: TaxKey) -> tuple[str, str]:
        """The accounts that the VAT of ``tax`` leaves and goes to.

        Raises:
            MissingVatAccountError: one of them is not open.
        """
        found = self._accounts.get(tax)
        if found is None:
            pending = self.chart.vat_account(self.side.pending, tax.rate)
            due = self.chart.vat_account(self.side.due_role(tax), tax.rate)
            found = self._accounts[tax] = (pending, due)
        return found

    def add(self, entry: Transaction, date: datetime.date, moves: list[Move], cause: str) -> None:
        """The OD that moves VAT from 44574 to 44571, on the day of the event; its source is the typed entry."""
        side, waiting = self.side, self.extra
        postings: list[Posting] = []
        if waiting:
            postings, waiting[:] = list(waiting), []
        try:
            for number, tax, base, vat in moves:
                rate, nature, _ = tax
                meta: dict[str, Any] = {"taux": rate, "base": base, "facture": number}
                if nature == GOODS:
                    meta["nature"] = GOODS
                pending, due = self._accounts_of(tax)
                amount = vat if side.sign > 0 else -vat
                postings.append(posted(pending, amount, {"facture": number}))
                postings.append(posted(due, -amount, meta))
        except DocumentError as error:
            self.errors.append(error_of(entry, error))
            return
        source, _, _, payee, _, _, links, _ = entry
        meta = {
            "filename": source["filename"],
            "lineno": source["lineno"],
            "etendu": True,
            "exigibilite": cause,
        }
        label = _label(moves, cause, side)
        said = (meta, date, "*", payee, label, EMPTY_SET, links, postings)
        self.added.append(make(Transaction, said))


def _label(moves: list[Move], cause: str, side: Side) -> str:
    if not moves:
        return "Acompte encaissé" if cause == ON_RECEIPT else "Acompte repris"
    if moves[0][3] < ZERO and all(move.vat < 0 for move in moves):
        return TAKEN_BACK
    if cause != ON_INVOICE:
        return side.on_receipt
    return f"TVA {'exigible' if side.sign > 0 else 'déductible'} à la facturation"
