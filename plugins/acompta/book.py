"""What moved customers' accounts, read once per load: the book then answers for any date.

What the documents and their settlements do not explain is kept apart, so that the aged balance always adds up to the
ledger: nothing is dropped, nothing is guessed.
"""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive, Posting, Transaction

from acompta.chart import RECEIVABLE, RECEIVABLE_ROLES, Chart
from acompta.claims import Claim
from acompta.dossier import Dossier
from acompta.owed import OpenDeposit, place_of
from acompta.reading.model import Document, Share, TaxKey
from acompta.retentions import retentions
from acompta.rounding import ZERO
from acompta.vocabulary import EUR

_Place = tuple[datetime.date, str, int]


class Loose(NamedTuple):
    """The part of an entry on a customer's accounts that no document explains (euros, debit positive).

    ``letter`` is the one typed on all its lines of that customer (``lettrage:``), ``""`` for none; ``settled`` the day
    of the last entry of a letter that balances: from then on it is nothing to look at.
    """

    date: datetime.date
    customer: str
    amount: Decimal
    names: tuple[str, ...]
    entry: Transaction
    letter: str = ""
    settled: datetime.date | None = None

    def is_open(self, at: datetime.date) -> bool:
        """Whether it stands on the account at the end of the day ``at``."""
        return self.date <= at and (self.settled is None or self.settled > at)


class Taken(NamedTuple):
    """What a document took off a deposit at one VAT key (euros): recovered, else credited."""

    date: datetime.date
    tax: TaxKey
    share: Share
    credited: bool


class Span(NamedTuple):
    """When a claim counts: from ``start``, its own date or that of money received before it, up to the day ``end``.

    From ``end`` on nothing is owed any more; ``None`` while something is.
    """

    claim: Claim
    start: datetime.date
    end: datetime.date | None

    def is_open(self, at: datetime.date) -> bool:
        """Whether something may be owed at the end of ``at``."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a book found once and says again on any later date; only what no later date changes is kept here.

    ``due`` are due dates by place of the document, ``paid`` the day when a claim was wholly paid with that of its last
    event, ``deposits`` those to which nothing happened after a day, with that day, both by number; ``billed`` the day
    of the last document of a contract, by its link, when nothing is left to bill or to recover from that day on.
    """

    due: dict[int, datetime.date] = field(default_factory=dict)
    paid: dict[str, tuple[datetime.date, datetime.date | None]] = field(default_factory=dict)
    deposits: dict[str, tuple[datetime.date, OpenDeposit]] = field(default_factory=dict)
    billed: dict[str, datetime.date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Book:
    """A dossier with what its entries did to the customers' accounts beside the documents and their settlements.

    ``loose`` belongs to no document, ``loose_by_name`` are the same by each link or number that they name;
    ``adjustments`` are by number of document: what changed what is owed for it
    without being a payment (a loss on 654, penalties), debit positive; ``taken`` is by number of deposit; ``by_link``
    are the documents by link, in order; ``releases`` the dates when retentions fall due, by place of the document;
    ``spans`` says of every claim, in the order of the dossier, when something is owed; ``accounts`` are those that
    anything was posted to.
    """

    dossier: Dossier
    loose: tuple[Loose, ...]
    loose_by_name: Mapping[str, tuple[Loose, ...]]
    adjustments: Mapping[str, tuple[Loose, ...]]
    taken: Mapping[str, tuple[Taken, ...]]
    by_link: Mapping[str, tuple[Document, ...]]
    releases: Mapping[int, datetime.date]
    spans: tuple[Span, ...]
    accounts: frozenset[str]
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)


def read_book(dossier: Dossier, entries: Iterable[Directive]) -> Book:
    """Read ``entries`` (all of the ledger, as loaded) once; the book then answers for any date."""
    explained = _explained(dossier)
    loose: list[Loose] = []
    adjustments: dict[str, list[Loose]] = {}
    customers = CustomerAccounts(dossier.chart)
    for movement in _movements(entries, customers, dossier):
        key = (_place_key(movement.entry), movement.customer)
        amount = movement.amount - explained.pop(key, ZERO)
        if amount:
            item = movement._replace(amount=amount)
            claims = [name for name in item.names if name in dossier.claims]
            if len(claims) == 1 and dossier.claims[claims[0]].date <= item.date:
                adjustments.setdefault(claims[0], []).append(item)
            else:
                loose.append(item)
    loose = _lettered(loose, dossier.contracts)
    for number, item in _unposted(dossier):
        adjustments.setdefault(number, []).append(item)
    return Book(
        dossier,
        tuple(loose),
        _by_name(loose),
        {number: tuple(items) for number, items in adjustments.items()},
        _taken(dossier),
        _by_link(dossier),
        {
            retention.document.index: retention.release
            for retention in retentions(dossier, (), datetime.date.max)
            if retention.release is not None
        },
        tuple(_span(claim, adjustments.get(claim.number, ())) for claim in dossier.claims.values()),
        frozenset(customers),
    )


def _group(item: Loose, contracts: Container[str]) -> tuple[str, str]:
    """What a movement may balance with: its letter, else the advances and refunds of the same contract."""
    if item.letter:
        return (item.customer, item.letter)
    contract = next((name for name in item.names if name in contracts), "")
    return (item.customer, f"^{contract}" if contract else "")


def _lettered(loose: list[Loose], contracts: Container[str]) -> list[Loose]:
    """The same, those being settled that balance: by a letter typed by hand (or taken over from a FEC), or a contract.

    An advance that no document absorbed and its refund both name the contract: nothing is left of either.
    """
    groups: dict[tuple[str, str], list[Loose]] = {}
    for item in loose:
        key = _group(item, contracts)
        if key[1]:
            groups.setdefault(key, []).append(item)
    settled = {
        key: max(item.date for item in items)
        for key, items in groups.items()
        if not sum((item.amount for item in items), ZERO)
    }
    return [
        item._replace(settled=day)
        if (day := settled.get(_group(item, contracts))) is not None
        else item
        for item in loose
    ]


def _span(claim: Claim, adjustments: Iterable[Loose]) -> Span:
    start = end = claim.date
    owed = claim.document_total
    for event in claim.events:
        owed -= event.amount
        start, end = min(start, event.date), max(end, event.date)
    for item in adjustments:
        owed += item.amount
        start, end = min(start, item.date), max(end, item.date)
    return Span(claim, start, None if owed else end)


def _by_name(loose: Iterable[Loose]) -> dict[str, tuple[Loose, ...]]:
    found: dict[str, list[Loose]] = {}
    for item in loose:
        for name in item.names:
            found.setdefault(name, []).append(item)
    return {name: tuple(items) for name, items in found.items()}


def _unposted(dossier: Dossier) -> list[tuple[str, Loose]]:
    """Deposits posted on receipt are asked for, but nothing stands on 411 until they are received or recovered."""
    return [
        (
            number,
            Loose(
                claim.date,
                claim.document.customer,
                -claim.document_total,
                (number,),
                claim.document.entry,
            ),
        )
        for number in dossier.held
        if (claim := dossier.claims.get(number)) is not None
    ]


def _taken(dossier: Dossier) -> dict[str, tuple[Taken, ...]]:
    """What every document took off the deposits: a credit note need not name the contract of the deposit."""
    taken: dict[str, list[Taken]] = {}
    for document in dossier.documents:
        bill = dossier.bill(document)
        for part in (bill, bill.reversed) if bill is not None else ():
            if part is None or not (part.recovered or part.credited):
                continue
            for recoveries, credited in ((part.recovered, False), (part.credited, True)):
                for recovery in recoveries:
                    share = Share(recovery.base, recovery.vat)
                    one = Taken(document.date, recovery.tax, share, credited)
                    taken.setdefault(recovery.number, []).append(one)
    return {number: tuple(found) for number, found in taken.items()}


def _by_link(dossier: Dossier) -> dict[str, tuple[Document, ...]]:
    documents: dict[str, list[Document]] = {}
    for document in dossier.documents:
        for link in document.entry.links:
            documents.setdefault(link, []).append(document)
    return {link: tuple(found) for link, found in documents.items()}


def _place_key(entry: Transaction) -> _Place:
    return (entry.date, *place_of(entry))


def _explained(dossier: Dossier) -> dict[tuple[_Place, str], Decimal]:
    """What documents and their settlements explain of each entry, per customer (euros, debit positive)."""
    explained: dict[tuple[_Place, str], Decimal] = {}
    for claim in dossier.claims.values():
        customer = claim.document.customer
        key = (_place_key(claim.document.entry), customer)
        explained[key] = explained.get(key, ZERO) + claim.document_total
        for event in claim.events:
            key = (_place_key(event.entry), customer)
            explained[key] = explained.get(key, ZERO) - event.amount
    return explained


class CustomerAccounts(dict[str, str | None]):
    """The 411 account of the customer by customer's account (411, 4117, 413, 416); ``None`` for any other account.

    Filled on demand: the plugin posts to sibling accounts that no ``open`` line of the text names.
    """

    def __init__(self, chart: Chart) -> None:
        """Know the customers of ``chart`` by the auxiliary of their 411."""
        super().__init__()
        self._chart = chart
        self._by_auxiliary = {a.auxiliary: a.name for a in reversed(chart.with_role(RECEIVABLE))}

    def __missing__(self, name: str) -> str | None:
        account = self._chart.get(name)
        customer: str | None = None
        if account.role == RECEIVABLE:
            customer = name
        elif account.role in RECEIVABLE_ROLES:
            customer = self._by_auxiliary.get(account.auxiliary, name)
        self[name] = customer
        return customer


def _movements(
    entries: Iterable[Directive], customers: CustomerAccounts, dossier: Dossier
) -> list[Loose]:
    """One movement per entry and customer, in ledger order, with the links and numbers that it names.

    Every account posted to is asked for, so that ``customers`` knows them all at the end.
    """
    movements: list[Loose] = []
    for entry in entries:
        if isinstance(entry, Transaction):
            found = {customers[posting.account] for posting in entry.postings}
            if found != _NOBODY:
                movements += _entry_movements(entry, customers, dossier)
    return movements


_NOBODY: Final = {None}


def _customer_named(entry: Transaction, posting: Posting, customer: str, dossier: Dossier) -> str:
    """Whose a posting is: on an account of bills that serves all customers, that of the invoice which it names."""
    if not dossier.chart.is_shared(customer):
        return customer
    named = (posting.meta or {}).get("facture")
    for number in [named] if isinstance(named, str) else sorted(entry.links):
        claim = dossier.claims.get(number)
        if claim is not None:
            return claim.document.customer
    return customer


def _entry_movements(
    entry: Transaction, customers: CustomerAccounts, dossier: Dossier
) -> list[Loose]:
    amounts: dict[tuple[str, str], Decimal] = {}
    names: dict[str, list[str]] = {}
    letters: dict[tuple[str, str], set[str]] = {}
    for posting in entry.postings:
        customer = customers[posting.account]
        units = posting.units
        if customer is None or units is None or units.number is None or units.currency != EUR:
            continue
        meta = posting.meta or {}
        customer = _customer_named(entry, posting, customer, dossier)
        key = (customer, str(meta.get("acompte", "")))
        amounts[key] = amounts.get(key, ZERO) + units.number
        letters.setdefault(key, set()).add(str(meta.get("lettrage", "")).strip())
        if "facture" in meta:
            names.setdefault(customer, []).append(str(meta["facture"]))
    links = sorted(entry.links)
    return [
        Loose(
            entry.date,
            customer,
            amount,
            (deposit,) if deposit else tuple(dict.fromkeys(names.get(customer, links))),
            entry,
            "" if len(letters[customer, deposit]) > 1 else next(iter(letters[customer, deposit])),
        )
        for (customer, deposit), amount in amounts.items()
    ]
