"""The payments to report against the VAT that they made due, invoice by invoice and rate by rate.

Two readings that share nothing but the text: what `receipts` tells the tax authority, from the settlements of each
invoice, and what stands on 44571, from the postings. Both are added up from the first day, so that neither money that
came before its invoice, nor VAT put off to the first open day, counts as a difference.

Source: CGI art. 269-2 and 290 A: the payments reported are those that make VAT due, and pre-fill the return.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive, Posting, Transaction

from acompta.chart import VAT_DUE, VAT_PENDING, Account, Chart
from acompta.claims import ADVANCE, CREDIT
from acompta.closing.vat_movements import euros_of
from acompta.dossier import Dossier
from acompta.owed import Place, place_of
from acompta.rounding import HUNDRED, ZERO
from acompta.vat import ON_RECEIPT
from acompta.vocabulary import Kind

# The amount reported and the VAT moved are each rounded once per document, to the cent, from the first day.
_ROUNDING: Final = Decimal("0.01")

_Key = tuple[str, Decimal]


class Reported(NamedTuple):
    """One rate (percent) of one invoice, with the documents set against it, from the first day, in euros.

    ``received`` is reported, VAT included, ``vat`` its VAT. ``moved`` is what the receipts moved to 44571, ``other``
    what of these documents became due otherwise (goods, débits, a termination). ``entry`` is the latest behind.
    """

    numbers: tuple[str, ...]
    rate: Decimal
    received: Decimal
    vat: Decimal
    moved: Decimal
    other: Decimal
    entry: Transaction

    @property
    def agrees(self) -> bool:
        """Whether the two tell the same VAT, to their roundings.

        A deposit whose VAT the delivery made due is reported when it is paid all the same.
        """
        margin = _ROUNDING * (len(self.numbers) + 1)
        low, high = sorted((self.moved, self.moved + self.other))
        return low - margin <= self.vat <= high + margin


def reported_receipts(
    dossier: Dossier, entries: Iterable[Directive], start: datetime.date, end: datetime.date
) -> list[Reported]:
    """The invoices with a receipt, or VAT moved by one, from ``start`` to ``end``; both as they stand on ``end``.

    ``dossier`` is the one of that day. An invoice and its credit note are reported one positive, the other negative,
    paid or not: they are compared together.
    """
    return _Comparison(dossier, start, end).of(entries)


class _Comparison:
    def __init__(self, dossier: Dossier, start: datetime.date, end: datetime.date) -> None:
        self.dossier = dossier
        self.start = start
        self.end = end
        self.families = _Families(dossier)
        self.moved: dict[_Key, Decimal] = {}
        self.other: dict[_Key, Decimal] = {}
        self.touched: dict[str, Transaction] = {}
        self.due = _DueAccounts(dossier.chart)

    def of(self, entries: Iterable[Directive]) -> list[Reported]:
        for number, claim in self.dossier.claims.items():
            for event in claim.events:
                if self.start <= max(event.date, claim.date) <= self.end:
                    self.touched[self.families.of(number)] = event.entry
        for entry in entries:
            if isinstance(entry, Transaction) and entry.date <= self.end:
                self._read(entry)
        members = self._members()
        received = self._received(members)
        keys = {*received, *(key for key in self.moved if key[0] in self.touched)}
        return [
            Reported(
                tuple(members.get(family, (family,))),
                rate,
                amount := received.get((family, rate), ZERO),
                amount * rate / (HUNDRED + rate),
                self.moved.get((family, rate), ZERO),
                self.other.get((family, rate), ZERO),
                self.touched[family],
            )
            for family, rate in sorted(keys)
        ]

    def _read(self, entry: Transaction) -> None:
        due = [(p, account) for p in entry.postings if (account := self.due[p.account])]
        for number, rate, tax, by_receipt in _moves(entry, due, self.dossier) if due else ():
            key = (self.families.of(number), rate)
            sums = self.moved if by_receipt else self.other
            sums[key] = sums.get(key, ZERO) + tax
            if by_receipt and entry.date >= self.start:
                self.touched[key[0]] = entry

    def _members(self) -> dict[str, list[str]]:
        members: dict[str, list[str]] = {}
        for number in self.dossier.claims:
            family = self.families.of(number)
            if family in self.touched:
                members.setdefault(family, []).append(number)
        return members

    def _received(self, members: dict[str, list[str]]) -> dict[_Key, Decimal]:
        from acompta.invoices.facturx.statuses import receipts  # noqa: PLC0415 — with the checklist only

        numbers = {number for found in members.values() for number in found}
        received: dict[_Key, Decimal] = {}
        for one in receipts(self.dossier, None, self.end, numbers=numbers):
            for rate, amount in one.amounts:
                key = (self.families.of(one.number), rate)
                received[key] = received.get(key, ZERO) + amount
        return received


class _Families:
    """Documents set against each other; those of a contract that was broken off, or whose money came before them."""

    def __init__(self, dossier: Dossier) -> None:
        self._parents: dict[str, str] = {}
        broken = {
            document.contract for document in dossier.documents if document.kind is Kind.TERMINATION
        }
        by_entry: dict[tuple[datetime.date, Place], str] = {}
        for number, claim in dossier.claims.items():
            contract = claim.document.contract
            if contract is not None and contract in broken:
                self._join(contract, number)
            for event in claim.events:
                if event.what == CREDIT:
                    place = (event.date, place_of(event.entry))
                    self._join(by_entry.setdefault(place, number), number)
                elif event.what == ADVANCE and contract is not None:
                    self._join(contract, number)

    def of(self, number: str) -> str:
        """The document that stands for its family."""
        while (parent := self._parents.get(number, number)) != number:
            number = parent
        return number

    def _join(self, one: str, other: str) -> None:
        first, second = self.of(one), self.of(other)
        if first != second:
            self._parents[second] = first


class _DueAccounts(dict[str, Account | None]):
    """The accounts 44571 by name, ``None`` for another; asked once each."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart

    def __missing__(self, name: str) -> Account | None:
        account = self._chart.get(name)
        found = self[name] = account if account.role == VAT_DUE else None
        return found


def _moves(
    entry: Transaction, due: list[tuple[Posting, Account]], dossier: Dossier
) -> Iterator[tuple[str, Decimal, Decimal, bool]]:
    """Invoice, rate and euros of what an entry puts on 44571, and whether money is the cause."""
    cause = entry.meta.get("exigibilite")
    by_receipt = cause == ON_RECEIPT
    if cause is None:
        # A person typed the VAT of a payment: both accounts move in the entry.
        by_receipt = not entry.tags and any(
            dossier.chart.get(posting.account).role == VAT_PENDING for posting in entry.postings
        )
        if not by_receipt and not entry.tags:
            return
    own = entry.meta.get("numero") if entry.tags else _only_link(entry, dossier)
    for posting, account in due:
        meta = posting.meta or {}
        rate = meta.get("taux", account.rate)
        number = meta.get("facture") or own
        if isinstance(rate, Decimal) and isinstance(number, str):
            yield number, rate, -euros_of(posting), by_receipt


def _only_link(entry: Transaction, dossier: Dossier) -> str | None:
    links = [link for link in entry.links if link in dossier.claims]
    return links[0] if len(links) == 1 else None
