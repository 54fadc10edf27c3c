"""Retentions withheld on 4117 and when they are released (loi 71-584 du 16 juillet 1971).

At most 5 % of what is billed, so a credit note gives its share back; released one year after acceptance
(``reception:`` on the contract) unless a reasoned objection; a bank guarantee (``caution:`` on the contract or an
amendment) replaces it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from beancount.core.data import Directive, Transaction

from acompta.chart import RETENTION
from acompta.dossier import Dossier
from acompta.reading.model import Document
from acompta.rounding import ZERO
from acompta.vocabulary import Kind

_CORRECTIONS: Final = frozenset({Kind.CREDIT_NOTE, Kind.CORRECTIVE})


@dataclass(frozen=True, slots=True)
class Retention:
    """What one document withheld (euros), what was released since, and when the rest is due.

    ``release`` is ``None`` while the contract says no ``reception:`` date.
    """

    document: Document
    amount: Decimal
    released: Decimal
    release: datetime.date | None

    @property
    def left(self) -> Decimal:
        """What is still on 4117."""
        return self.amount - self.released

    def is_due(self, at: datetime.date) -> bool:
        """Whether it should have been released by ``at``."""
        return self.left > 0 and self.release is not None and self.release <= at


def release_date(reception: datetime.date) -> datetime.date:
    """One year after acceptance (29 February: the 28th)."""
    try:
        return reception.replace(year=reception.year + 1)
    except ValueError:
        return reception.replace(year=reception.year + 1, day=28)


def retentions(
    dossier: Dossier,
    entries: Iterable[Directive],
    at: datetime.date,
    retaining: Sequence[Document] | None = None,
) -> list[Retention]:
    """The retentions withheld by ``at``, by release date then number; those without a date last.

    ``retaining`` are the documents looked at: all that withhold, unless told (see `Withheld`).
    """
    if retaining is None:
        retaining = dossier.retaining
    withheld = {
        document.index: (document, amount)
        for document in retaining
        if document.date <= at and (amount := retained(dossier, document, at)) > 0
    }
    amounts = {index: amount for index, (_, amount) in withheld.items()}
    documents = [document for document, _ in withheld.values()]
    released = _released(dossier, entries, at, documents, amounts)
    _give_back(dossier, at, retaining, documents, amounts, released)
    found = [
        Retention(
            document,
            amounts[document.index],
            released.get(document.index, ZERO),
            release_at(document, dossier, at),
        )
        for document in documents
    ]
    far = datetime.date.max
    return sorted(found, key=lambda r: (r.release or far, r.document.date, r.document.number or ""))


def _give_back(
    dossier: Dossier,
    at: datetime.date,
    retaining: Sequence[Document],
    withheld: list[Document],
    amounts: dict[int, Decimal],
    released: dict[int, Decimal],
) -> None:
    """What an invoice below zero gave back of the retentions of its contract, the newest first (`amounts` change)."""
    for document in retaining:
        bill = dossier.bills.get(document.index) if document.date <= at else None
        if bill is None or bill.retention >= 0 or document.kind in _CORRECTIONS:
            continue
        back = -bill.retention
        for other in reversed(withheld):
            if other.contract == document.contract:
                step = min(back, amounts[other.index] - released.get(other.index, ZERO))
                amounts[other.index] -= step
                back -= step


class Withheld:
    """The retentions of one ledger, asked contract by contract: only its own documents and releases are looked at.

    While documents are being posted, those posted so far.
    """

    def __init__(self, dossier: Dossier, entries: Iterable[Directive]) -> None:
        """Answer for ``entries``, in order; they are read when first asked about."""
        self._dossier = dossier
        self._entries = entries
        self._retaining: dict[str | None, list[Document]] = {}
        self._known = 0

    def of_contract(self, link: str | None, at: datetime.date) -> list[Retention]:
        """Those of one contract at the end of ``at``."""
        own = self._own(link)
        if not own:
            return []
        if self._is_shared:
            # A release that names two contracts goes to the oldest of both.
            found = retentions(self._dossier, self._releases, at)
            return [one for one in found if one.document.contract == link]
        names = {link, *(document.number for document in own)}
        places = sorted({place for name in names for place in self._by_name.get(name, ())})
        releases = [self._releases[place] for place in places]
        return retentions(self._dossier, releases, at, own)

    def _own(self, link: str | None) -> list[Document]:
        retaining = self._dossier.retaining
        for document in retaining[self._known :]:
            self._retaining.setdefault(document.contract, []).append(document)
        self._known = len(retaining)
        return self._retaining.get(link, [])

    @cached_property
    def _releases(self) -> list[Transaction]:
        """The entries that move 4117 by themselves."""
        return [
            entry
            for entry in self._entries
            if isinstance(entry, Transaction)
            and not entry.tags
            and any(True for _ in _credits(entry, self._dossier))
        ]

    @cached_property
    def _by_name(self) -> dict[str | None, list[int]]:
        """The places of the releases, by each number or link that they name."""
        found: dict[str | None, list[int]] = {}
        for place, entry in enumerate(self._releases):
            for names, _ in _credits(entry, self._dossier):
                for name in names:
                    found.setdefault(name, []).append(place)
        return found

    @cached_property
    def _is_shared(self) -> bool:
        """Whether a release names documents of several contracts."""
        contracts: dict[str | None, str | None] = {name: name for name in self._dossier.contracts}
        contracts.update((each.number, each.contract) for each in self._dossier.documents)
        return any(
            len({contracts[name] for name in names if name in contracts}) > 1
            for entry in self._releases
            for names, _ in _credits(entry, self._dossier)
        )


def retained(dossier: Dossier, document: Document, at: datetime.date) -> Decimal:
    """What a document withholds (euros), less what its corrections dated by ``at`` gave back, releases not counted."""
    bill = dossier.bills.get(document.index)
    if bill is None or bill.retention <= 0:
        return ZERO
    amount = bill.retention
    for correction in dossier.corrections.get(document.number or "", ()):
        correcting = dossier.bills.get(correction.index)
        if correcting is not None and correction.date <= at:
            amount += (correcting.reversed or correcting).retention
    return max(amount, ZERO)


def release_at(document: Document, dossier: Dossier, at: datetime.date) -> datetime.date | None:
    """When what a document withholds is released, as known at the end of ``at``: before acceptance nobody knows.

    Without a contract (taken over from another program), the document itself says ``reception:``.
    """
    contract = dossier.contracts.get(document.contract or "")
    signed = contract.document if contract is not None else None
    orders = [signed, *contract.amendments] if contract is not None and signed else [document]
    dates = [d.entry.meta.get("reception") for d in orders if d.date <= at]
    known = [date for date in dates if isinstance(date, datetime.date) and date <= at]
    return release_date(known[-1]) if known else None


def _released(
    dossier: Dossier,
    entries: Iterable[Directive],
    at: datetime.date,
    withheld: list[Document],
    amounts: dict[int, Decimal],
) -> dict[int, Decimal]:
    """Credits of 4117 by number or by contract, the oldest document first."""
    left = dict(amounts)
    released: dict[int, Decimal] = {}
    if not withheld:
        return released
    places = _places(withheld)
    for entry in entries:
        if not isinstance(entry, Transaction) or entry.tags or entry.date > at:
            continue
        for names, credited in _credits(entry, dossier):
            amount = credited
            # A release that the bank sends back undoes the newest.
            named = {place for name in names for place in places.get(name, ())}
            for place in sorted(named, reverse=amount <= 0):
                document = withheld[place]
                done = released.get(document.index, ZERO)
                step = max(-done, min(amount, left[document.index]))
                left[document.index] -= step
                released[document.index] = done + step
                amount -= step
    return released


def _places(withheld: list[Document]) -> dict[str | None, list[int]]:
    """Where the documents of each number and of each contract are among those withheld."""
    places: dict[str | None, list[int]] = {}
    for place, document in enumerate(withheld):
        for name in {document.number, document.contract}:
            places.setdefault(name, []).append(place)
    return places


def _credits(
    entry: Transaction, dossier: Dossier
) -> Iterator[tuple[frozenset[str | None], Decimal]]:
    """What an entry credits on 4117 (euros), with the names of what it releases: the line's own, else its links."""
    whole = ZERO
    for posting in entry.postings:
        units = posting.units
        if dossier.chart.get(posting.account).role != RETENTION or not units or not units.number:
            continue
        number = (posting.meta or {}).get("facture")
        if isinstance(number, str):
            yield frozenset({number}), -units.number
        else:
            whole -= units.number
    if whole:
        yield frozenset(entry.links), whole
