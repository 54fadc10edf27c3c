"""VAT that waits for its payment (44574), document by document, read from the postings: it adds up to the ledger.

VAT on services falls due when it is paid (CGI art. 269-2-c), that of deposits too: until then it stands on 44574.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core.data import Directive, Posting, Transaction

from acompta.chart import VAT_PENDING
from acompta.dossier import Dossier
from acompta.owed import Place, place_of
from acompta.rounding import ZERO
from acompta.vocabulary import EUR


@dataclass(frozen=True, slots=True)
class PendingVat:
    """What one document (``number``; ``""``: nothing names one) left on 44574, in euros (positive: will fall due)."""

    number: str
    date: datetime.date
    customer: str
    waiting: Decimal
    moved: Decimal
    entry: Transaction = field(repr=False, compare=False)

    @property
    def left(self) -> Decimal:
        """What still waits."""
        return self.waiting - self.moved

    @property
    def place(self) -> Place:
        """Where the document, or the first entry, is typed."""
        return place_of(self.entry)


def pending_vat(
    dossier: Dossier, entries: Iterable[Directive], at: datetime.date
) -> tuple[PendingVat, ...]:
    """The documents whose VAT still waits at the end of ``at``, the oldest first; their sum is the balance of 44574."""
    waiting: dict[str, Decimal] = {}
    moved: dict[str, Decimal] = {}
    first: dict[str, Transaction] = {}
    ours: dict[str, bool] = {}
    for entry in entries:
        if not isinstance(entry, Transaction) or entry.date > at:
            continue
        for posting in entry.postings:
            name = posting.account
            if name not in ours:
                ours[name] = dossier.chart.get(name).role == VAT_PENDING
            amount = _euros(posting) if ours[name] else ZERO
            if amount:
                number = _number(entry, posting, dossier)
                first.setdefault(number, entry)
                sums, sign = (waiting, -1) if amount < 0 else (moved, 1)
                sums[number] = sums.get(number, ZERO) + sign * amount
    found = [
        _pending(number, waiting.get(number, ZERO), moved.get(number, ZERO), entry, dossier)
        for number, entry in first.items()
        if waiting.get(number, ZERO) != moved.get(number, ZERO)
    ]
    return tuple(sorted(found, key=lambda one: (one.date, one.number)))


def _euros(posting: Posting) -> Decimal:
    units = posting.units
    if units is None or units.number is None or units.currency != EUR:
        return ZERO
    return units.number


def _number(entry: Transaction, posting: Posting, dossier: Dossier) -> str:
    """The document whose VAT a posting moves: named by the posting, else the document itself, else a link."""
    for named in ((posting.meta or {}).get("facture"), entry.meta.get("numero")):
        if isinstance(named, str) and named:
            return named
    return next((link for link in sorted(entry.links) if link in dossier.claims), "")


def _pending(
    number: str, waiting: Decimal, moved: Decimal, entry: Transaction, dossier: Dossier
) -> PendingVat:
    claim = dossier.claims.get(number)
    if claim is not None:
        entry = claim.document.entry
    customer = claim.document.customer if claim is not None else ""
    return PendingVat(number, entry.date, customer, waiting, moved, entry)
