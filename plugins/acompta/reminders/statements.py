"""Customer statements: what moved a customer's accounts between two days, from the postings themselves.

The balance is that of the ledger on 411, 4117, 413 and 416, so it needs no other proof than its own sum.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from beancount.core.data import Directive, Transaction

from acompta.book import Book, CustomerAccounts
from acompta.owed import Place, place_of
from acompta.receivables import aged_balance, customer_name, due_date, french_order
from acompta.rounding import ZERO
from acompta.vocabulary import EUR


class Movement(NamedTuple):
    """One entry on a customer's accounts, in euros: ``amount`` is signed like the account.

    ``number`` is that of the document, else what the entry pays; ``due`` the due date of a document that asks for
    money; ``balance`` what is owed once it is counted.
    """

    date: datetime.date
    number: str
    label: str
    due: datetime.date | None
    amount: Decimal
    balance: Decimal
    place: Place

    @property
    def debit(self) -> Decimal:
        """What the customer owes more."""
        return max(self.amount, ZERO)

    @property
    def credit(self) -> Decimal:
        """What it owes less."""
        return max(-self.amount, ZERO)


@dataclass(frozen=True, slots=True)
class Statement:
    """The account of one customer from ``start`` to ``at``, both included; amounts in euros.

    ``overdue`` and ``retention`` are the parts of ``closing`` past their due date, and held back and not yet due.
    """

    account: str
    name: str
    start: datetime.date
    at: datetime.date
    opening: Decimal
    movements: tuple[Movement, ...]
    overdue: Decimal
    retention: Decimal

    @property
    def to_pay(self) -> Decimal:
        """The balance without what is held back until its release (loi 71-584)."""
        return self.closing - self.retention

    @property
    def debit(self) -> Decimal:
        """All that was asked for in the period."""
        return sum((movement.debit for movement in self.movements), ZERO)

    @property
    def credit(self) -> Decimal:
        """All that was paid or credited in the period."""
        return sum((movement.credit for movement in self.movements), ZERO)

    @property
    def closing(self) -> Decimal:
        """What is owed at the end of ``at`` (negative: owed to the customer)."""
        return self.opening + self.debit - self.credit


def statements(
    book: Book,
    entries: Iterable[Directive],
    start: datetime.date,
    at: datetime.date,
    *,
    account: str = "",
) -> list[Statement]:
    """The statements of all customers with a movement or a balance, by name; ``account`` keeps one customer."""
    chart = book.dossier.chart
    opening: dict[str, Decimal] = {}
    moved: dict[str, list[tuple[Transaction, Decimal]]] = {}
    for entry, customer, amount in _movements(book, entries, at):
        if account and customer != account and not customer.startswith(account + ":"):
            continue
        if entry.date < start:
            opening[customer] = opening.get(customer, ZERO) + amount
        elif amount:
            moved.setdefault(customer, []).append((entry, amount))
    owed = {one.account: one for one in aged_balance(book, at, account=account).customers}
    found = []
    for customer in {*moved, *(name for name, balance in opening.items() if balance)}:
        before = opening.get(customer, ZERO)
        invoices = owed[customer].invoices if customer in owed else ()
        found.append(
            Statement(
                account=customer,
                name=customer_name(customer, chart),
                start=start,
                at=at,
                opening=before,
                movements=tuple(_rows(book, moved.get(customer, ()), before)),
                overdue=sum((invoice.ages.overdue for invoice in invoices), ZERO),
                retention=sum(
                    (i.retention for i in invoices if i.release is None or i.release > at), ZERO
                ),
            )
        )
    return sorted(found, key=lambda one: (french_order(one.name), one.account))


def _movements(
    book: Book, entries: Iterable[Directive], at: datetime.date
) -> Iterable[tuple[Transaction, str, Decimal]]:
    """What each entry up to ``at`` does to each customer, a transfer between its own accounts being nothing."""
    customers = CustomerAccounts(book.dossier.chart)
    for entry in entries:
        if not isinstance(entry, Transaction) or entry.date > at:
            continue
        sums: dict[str, Decimal] = {}
        for posting in entry.postings:
            customer, units = customers[posting.account], posting.units
            if customer is None or units is None or units.number is None or units.currency != EUR:
                continue
            sums[customer] = sums.get(customer, ZERO) + units.number
        for customer, amount in sums.items():
            yield entry, customer, amount


def _rows(
    book: Book, moved: Iterable[tuple[Transaction, Decimal]], balance: Decimal
) -> Iterable[Movement]:
    for entry, amount in moved:
        balance += amount
        number = str(entry.meta.get("numero") or "")
        claim = book.dossier.claims.get(number)
        due = due_date(claim.document, book.dossier) if claim is not None and amount > 0 else None
        named = number or ", ".join(sorted(entry.links))
        yield Movement(
            entry.date, named, entry.narration or "", due, amount, balance, place_of(entry)
        )
