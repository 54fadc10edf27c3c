"""The exchange rate that a document is converted at: one rule for what is posted and for what is printed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from beancount.core.data import Directive, Transaction

from acompta.messages import DocumentError
from acompta.reading.kinds import kinds_of
from acompta.revision import Indices
from acompta.rounding import CENT
from acompta.vocabulary import Kind

_CORRECTIONS = frozenset({Kind.CREDIT_NOTE, Kind.CORRECTIVE})


def is_currency(unit: str) -> bool:
    """Whether a unit looks like an ISO 4217 code."""
    return len(unit) == 3 and unit.isalpha() and unit.isupper()


class Exchange:
    """Rates typed in a ledger: ``cours:`` on a document, else ``price`` lines.

    A credit note or a corrective that says none is converted at the rate of the document that it corrects: it reduces
    what that one billed, at the date when its VAT fell due (CGI art. 266-1 bis, 272-1).
    """

    def __init__(self, prices: Indices, entries: Iterable[Directive] = ()) -> None:
        """Take the prices, and where the corrected documents are to be found."""
        self.prices = prices
        self._entries = entries
        self._issued: dict[str, Transaction] | None = None

    def rate(self, currency: str, entry: Transaction) -> Decimal | None:
        """Euros for one unit of ``currency`` in the document typed as ``entry``; ``None`` when no price is typed.

        Raises:
            DocumentError: prices are typed, but none by the date of the document.
        """
        seen = set()
        while id(entry) not in seen:
            seen.add(id(entry))
            typed = entry.meta.get("cours")
            if isinstance(typed, Decimal):
                return typed
            entry = self._corrected(entry) or entry
        return self.prices.at(currency, entry.date) if self.prices.knows(currency) else None

    def in_euros(
        self, worth: Decimal, currency: str, entry: Transaction, meta: dict[str, Any] | None
    ) -> Decimal:
        """``worth`` in a ``currency`` as euros, not rounded: the VAT amount is in euros (CGI art. 289 IV).

        Raises:
            DocumentError: nothing says the rate (``meta`` is that of the line).
        """
        rate = self.rate(currency, entry)
        if rate is None:
            raise DocumentError(
                f"montant en {currency} sans cours : tapez par exemple 2026-01-01 price {currency}  0.92 EUR, ou"
                " cours: 0.92 sous le document",
                meta,
            )
        return worth.quantize(CENT, ROUND_HALF_UP) * rate

    def _corrected(self, entry: Transaction) -> Transaction | None:
        number = entry.meta.get("sur")
        if not isinstance(number, str) or _CORRECTIONS.isdisjoint(kinds_of(entry.tags)):
            return None
        if self._issued is None:
            self._issued = {}
            for one in self._entries:
                if isinstance(one, Transaction) and one.tags and "numero" in one.meta:
                    self._issued.setdefault(str(one.meta["numero"]), one)
        return self._issued.get(number)
