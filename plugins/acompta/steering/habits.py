"""How each customer pays: days from the invoice, and days past its due date, over the invoices paid in a year.

An invoice is paid on the day when money brings what is owed for it down to its retention of guarantee, which is not
late before its own release. What a credit note or a loss settles says nothing of how a customer pays.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Final, NamedTuple

from acompta.book import Book
from acompta.claims import Claim, ClaimEvent
from acompta.receivables import MONEY, customer_name, french_order, known_due_date
from acompta.rounding import ZERO

OBSERVED_DAYS: Final = 365


class PaidInvoice(NamedTuple):
    """An invoice wholly paid: ``delay`` is in days past the due date (negative: before), ``days`` since the invoice."""

    number: str
    customer: str
    date: datetime.date
    due_date: datetime.date
    paid_on: datetime.date
    amount: Decimal

    @property
    def delay(self) -> int:
        """Days past the due date."""
        return (self.paid_on - self.due_date).days

    @property
    def days(self) -> int:
        """Days since the invoice."""
        return (self.paid_on - self.date).days


@dataclass(frozen=True, slots=True)
class Habit:
    """How one customer has paid (or all, ``account`` being ``""``), over ``paid`` invoices.

    ``delay`` is the plain average of days past the due date (negative: early), ``days`` that of days since the invoice
    (what is often called DSO), both rounded half-up to a day; ``None`` when nothing was paid yet.
    """

    account: str
    name: str
    paid: int
    delay: int | None
    days: int | None

    @property
    def shift(self) -> int:
        """Days to add to a due date to expect the money: never less than none."""
        return max(0, self.delay or 0)


def paid_on(book: Book, claim: Claim, at: datetime.date) -> datetime.date | None:
    """The day when ``claim`` was wholly paid with money, as known at the end of ``at``, else ``None``.

    Money that came before its invoice counts on the day of the invoice. A payment returned later is not a payment.
    """
    bill = book.dossier.bill(claim.document)
    held = max(ZERO, bill.retention) if bill is not None else ZERO
    owed, day = claim.document_total, None
    for date, events in groupby(sorted(claim.events, key=_date), key=_date):
        if date > at:
            break
        listed = list(events)
        owed -= sum((event.amount for event in listed), ZERO)
        if owed > held:
            day = None
        elif day is None and any(e.what in MONEY and e.amount > 0 for e in listed):
            day = max(date, claim.date)
    return day


def _known_day(book: Book, claim: Claim, at: datetime.date) -> datetime.date | None:
    """`paid_on`, read once per load for all days from the last event of ``claim``."""
    known = book.memory.paid
    if claim.number not in known:
        last = max(event.date for event in claim.events)
        known[claim.number] = (last, paid_on(book, claim, datetime.date.max))
    last, day = known[claim.number]
    return day if last <= at else paid_on(book, claim, at)


def _date(event: ClaimEvent) -> datetime.date:
    return event.date


def paid_invoices(book: Book, at: datetime.date) -> list[PaidInvoice]:
    """The invoices whose payment was completed in the year that ends on ``at``, the oldest payment first."""
    found = []
    for claim in book.dossier.claims.values():
        if claim.date > at or not claim.events or claim.document_total <= 0:
            continue
        day = _known_day(book, claim, at)
        if day is None or (at - day).days >= OBSERVED_DAYS:
            continue
        due = known_due_date(claim.document, book)
        found.append(
            PaidInvoice(
                claim.number, claim.document.customer, claim.date, due, day, claim.document_total
            )
        )
    return sorted(found, key=lambda invoice: (invoice.paid_on, invoice.number))


def payment_habits(
    book: Book, at: datetime.date, paid: Sequence[PaidInvoice] | None = None
) -> dict[str, Habit]:
    """The habit of each customer (by 411 account) that paid something in the year that ends on ``at``, by name.

    ``paid`` are the `paid_invoices` of that year, when the caller has them already.
    """
    by_customer: dict[str, list[PaidInvoice]] = {}
    for invoice in paid_invoices(book, at) if paid is None else paid:
        by_customer.setdefault(invoice.customer, []).append(invoice)
    chart = book.dossier.chart
    habits = [
        _habit(account, customer_name(account, chart), invoices)
        for account, invoices in by_customer.items()
    ]
    habits.sort(key=lambda habit: (french_order(habit.name), habit.account))
    return {habit.account: habit for habit in habits}


def overall_habit(
    book: Book, at: datetime.date, paid: Sequence[PaidInvoice] | None = None
) -> Habit:
    """The habit of all customers together, each invoice counting once; ``paid`` as for `payment_habits`."""
    return _habit("", "Tous les clients", paid_invoices(book, at) if paid is None else paid)


def _habit(account: str, name: str, invoices: Iterable[PaidInvoice]) -> Habit:
    listed = list(invoices)
    return Habit(
        account,
        name,
        len(listed),
        _mean([invoice.delay for invoice in listed]),
        _mean([invoice.days for invoice in listed]),
    )


def _mean(days: list[int]) -> int | None:
    if not days:
        return None
    return int((Decimal(sum(days)) / len(days)).quantize(Decimal(1), ROUND_HALF_UP))
