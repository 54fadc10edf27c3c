"""VAT that waits for its payment (44574), invoice by invoice, read from the postings: it adds up to the ledger.

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
    """What one document left on 44574, in euros (positive: will fall due), with what corrects it.

    ``number`` is that of the invoice; credit notes and corrective invoices (``sur:``) are counted with it. It is the
    link of a contract (``^…``) for money received before any invoice, ``""`` where nothing names a document.
    ``waiting`` is the VAT invoiced, less what was credited; ``moved`` what fell due so far.
    """

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


@dataclass(slots=True)
class _Sums:
    """What 44574 holds under one name, as it is read."""

    first: Transaction
    waiting: Decimal = ZERO
    moved: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        return self.waiting - self.moved


def pending_vat(
    dossier: Dossier, entries: Iterable[Directive], at: datetime.date
) -> tuple[PendingVat, ...]:
    """The documents whose VAT still waits at the end of ``at``, the oldest first; their sum is the balance of 44574."""
    sums: dict[str, _Sums] = {}
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
                number = _corrected(_number(entry, posting, dossier), dossier)
                found = sums.setdefault(number, _Sums(entry))
                if _is_invoiced(entry, posting, amount):
                    found.waiting -= amount
                else:
                    found.moved += amount
    _set_advances(sums, dossier)
    pending = [_pending(number, found, dossier) for number, found in sums.items() if found.left]
    return tuple(sorted(pending, key=lambda one: (one.date, one.number)))


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


def _corrected(number: str, dossier: Dossier) -> str:
    """The invoice that the document of ``number`` corrects, through those in between; itself when it corrects none."""
    seen = {number}
    while (claim := dossier.claims.get(number)) is not None:
        sur = claim.document.text("sur")
        if sur is None or sur in seen or sur not in dossier.claims:
            break
        seen.add(sur)
        number = sur
    return number


def _is_invoiced(entry: Transaction, posting: Posting, amount: Decimal) -> bool:
    """Whether a posting says what is invoiced or credited, not what falls due or comes back."""
    named = (posting.meta or {}).get("facture")
    if entry.meta.get("numero"):
        return named is None or named == entry.meta.get("sur")
    return amount < 0 and "exigibilite" not in entry.meta


def _set_advances(sums: dict[str, _Sums], dossier: Dossier) -> None:
    """VAT due on money that names a contract, before any invoice: of the contract's invoices, the oldest first."""
    for name in [name for name in sums if name in dossier.contracts]:
        advance = sums[name]
        own = (number for number in sums if _contract(number, dossier) == name)
        for number in sorted(own, key=lambda number: (sums[number].first.date, number)):
            share = min(-advance.left, sums[number].left)
            if share > 0:
                sums[number].moved += share
                advance.moved -= share


def _contract(number: str, dossier: Dossier) -> str | None:
    claim = dossier.claims.get(number)
    return claim.document.contract if claim is not None else None


def _pending(number: str, found: _Sums, dossier: Dossier) -> PendingVat:
    claim, contract = dossier.claims.get(number), dossier.contracts.get(number)
    document = claim.document if claim is not None else contract.document if contract else None
    entry = claim.document.entry if claim is not None else found.first
    return PendingVat(
        f"^{number}" if claim is None and contract is not None else number,
        entry.date,
        document.customer if document is not None else "",
        found.waiting,
        found.moved,
        entry,
    )
