"""What is owed, as values: each is a photograph at the end of one day, with its sums."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from beancount.core.data import Transaction

from acompta.reading.model import Share, TaxKey
from acompta.rounding import ZERO
from acompta.vocabulary import Kind

NOTHING: Final = Share(ZERO, ZERO)


class Ages(NamedTuple):
    """An amount in euros spread by days past the due date."""

    not_due: Decimal = ZERO
    to_30: Decimal = ZERO
    to_60: Decimal = ZERO
    to_90: Decimal = ZERO
    over_90: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """The whole amount."""
        return sum(self, ZERO)

    @property
    def overdue(self) -> Decimal:
        """What is past its due date."""
        return self.total - self.not_due

    def plus(self, other: Ages) -> Ages:
        """Both, column by column."""
        return Ages(*(left + right for left, right in zip(self, other, strict=True)))


AGE_TITLES: Final = ("Non échu", "1–30 j", "31–60 j", "61–90 j", "> 90 j")


class Place(NamedTuple):
    """Where in the ledger text: path of the file and line, from 1."""

    path: str
    line: int


class CreditKind(StrEnum):
    """Why an amount on a customer's account is not the open part of an invoice; the value is stable, for JSON."""

    ADVANCE = "avance"
    OVERPAYMENT = "trop-percu"
    CREDIT_NOTE = "avoir"
    UNALLOCATED = "non-affecte"


CREDIT_TITLES: Final[dict[CreditKind, str]] = {
    CreditKind.ADVANCE: "Avance sans facture",
    CreditKind.OVERPAYMENT: "Trop-perçu",
    CreditKind.CREDIT_NOTE: "Avoir à imputer",
    CreditKind.UNALLOCATED: "Non affecté",
}


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice that the customer still owes something for, in euros.

    ``other`` is what reduced it without being a payment (discount, credit note, loss; negative when penalties raised
    it), and ``total - paid - other = open``. ``retention`` is the part of ``open`` held back: it is late only after its
    ``release``, which is ``None`` while the contract says no ``reception:``. ``due_date`` is that of the rest, or the
    release when only the retention is left; ``days_late`` is 0 until the day after it.
    """

    number: str
    kind: Kind
    date: datetime.date
    due_date: datetime.date
    customer: str
    contract: str | None
    label: str
    total: Decimal
    paid: Decimal
    other: Decimal
    open: Decimal
    retention: Decimal
    release: datetime.date | None
    days_late: int
    ages: Ages
    entry: Transaction = field(repr=False, compare=False)

    @property
    def place(self) -> Place:
        """Where the document is typed."""
        return place_of(self.entry)


@dataclass(frozen=True, slots=True)
class Credit:
    """An amount on a customer's account beside its invoices, in euros.

    ``amount`` is signed like the account: negative when it is owed to the customer. ``reference`` is the number of the
    invoice or the link of the contract, ``""`` when the entry names nothing.
    """

    kind: CreditKind
    customer: str
    date: datetime.date
    reference: str
    label: str
    amount: Decimal
    entry: Transaction = field(repr=False, compare=False)

    @property
    def place(self) -> Place:
        """Where the entry or the document is typed."""
        return place_of(self.entry)


class DepositRate(NamedTuple):
    """One VAT key of a deposit, base and VAT in euros: given, recovered by invoices, credited (or kept)."""

    tax: TaxKey
    given: Share
    recovered: Share
    credited: Share = NOTHING

    @property
    def left(self) -> Share:
        """What a later invoice has still to recover."""
        return minus(minus(self.given, self.recovered), self.credited)


@dataclass(frozen=True, slots=True)
class OpenDeposit:
    """A deposit invoice, with what later documents recovered of it; ``unpaid`` (euros) is what is still owed for it."""

    number: str
    kind: Kind
    date: datetime.date
    customer: str
    contract: str | None
    label: str
    account: str
    rates: tuple[DepositRate, ...]
    unpaid: Decimal
    entry: Transaction = field(repr=False, compare=False)

    @property
    def given(self) -> Share:
        """Base and VAT of the deposit."""
        return total_share(rate.given for rate in self.rates)

    @property
    def recovered(self) -> Share:
        """Base and VAT recovered so far."""
        return total_share(rate.recovered for rate in self.rates)

    @property
    def credited(self) -> Share:
        """Base and VAT given back by a credit note, or kept by a termination."""
        return total_share(rate.credited for rate in self.rates)

    @property
    def left(self) -> Share:
        """Base and VAT left to recover."""
        return total_share(rate.left for rate in self.rates)

    @property
    def place(self) -> Place:
        """Where the deposit is typed."""
        return place_of(self.entry)


@dataclass(frozen=True, slots=True)
class CustomerBalance:
    """What one customer owes. ``account`` is its 411 account, ``name`` its ``raison-sociale:``."""

    account: str
    name: str
    invoices: tuple[OpenInvoice, ...]
    credits: tuple[Credit, ...]
    deposits: tuple[OpenDeposit, ...]

    @property
    def ages(self) -> Ages:
        """The open invoices by age."""
        return total_ages(invoice.ages for invoice in self.invoices)

    @property
    def credit(self) -> Decimal:
        """Advances, over-payments and credit notes (euros, negative: owed to the customer)."""
        return sum((c.amount for c in self.credits if c.kind is not CreditKind.UNALLOCATED), ZERO)

    @property
    def unallocated(self) -> Decimal:
        """What moved the customer's accounts without naming a document (euros, signed like the account)."""
        return sum((c.amount for c in self.credits if c.kind is CreditKind.UNALLOCATED), ZERO)

    @property
    def total(self) -> Decimal:
        """Balance of the customer's accounts 411, 4117, 413 and 416."""
        return self.ages.total + self.credit + self.unallocated

    @property
    def deposits_left(self) -> Share:
        """Base and VAT of the deposits left to recover."""
        return total_share(deposit.left for deposit in self.deposits)


@dataclass(frozen=True, slots=True)
class AgedBalance:
    """What all customers owe at the end of the day ``at``."""

    at: datetime.date
    customers: tuple[CustomerBalance, ...]

    @property
    def ages(self) -> Ages:
        """The open invoices by age."""
        return total_ages(customer.ages for customer in self.customers)

    @property
    def credit(self) -> Decimal:
        """Advances, over-payments and credit notes, in euros (negative: owed to customers)."""
        return sum((customer.credit for customer in self.customers), ZERO)

    @property
    def unallocated(self) -> Decimal:
        """What moved customers' accounts without naming a document, in euros."""
        return sum((customer.unallocated for customer in self.customers), ZERO)

    @property
    def total(self) -> Decimal:
        """Balance of 411 + 4117 + 413 + 416, in euros."""
        return sum((customer.total for customer in self.customers), ZERO)

    @property
    def invoices(self) -> tuple[OpenInvoice, ...]:
        """Open invoices of all customers."""
        return tuple(invoice for customer in self.customers for invoice in customer.invoices)

    @property
    def credits(self) -> tuple[Credit, ...]:
        """Credits and unallocated amounts of all customers."""
        return tuple(credit for customer in self.customers for credit in customer.credits)

    @property
    def deposits(self) -> tuple[OpenDeposit, ...]:
        """Deposits not wholly recovered, of all customers."""
        return tuple(deposit for customer in self.customers for deposit in customer.deposits)

    @property
    def deposits_left(self) -> Share:
        """Base and VAT of all deposits left to recover."""
        return total_share(deposit.left for deposit in self.deposits)


# -- small sums -----------------------------------------------------------------------------------------------


def total_share(shares: Iterable[Share]) -> Share:
    """Bases and VAT added up, in euros."""
    base = vat = ZERO
    for share in shares:
        base += share.base
        vat += share.vat
    return Share(base, vat)


def minus(left: Share, right: Share) -> Share:
    """Base and VAT of ``left`` less those of ``right``."""
    return Share(left.base - right.base, left.vat - right.vat)


def total_ages(ages: Iterable[Ages]) -> Ages:
    """Ages added up, column by column."""
    not_due = to_30 = to_60 = to_90 = over_90 = ZERO
    for one in ages:
        not_due += one[0]
        to_30 += one[1]
        to_60 += one[2]
        to_90 += one[3]
        over_90 += one[4]
    return Ages(not_due, to_30, to_60, to_90, over_90)


def place_of(entry: Transaction) -> Place:
    """File and line of an entry."""
    return Place(str(entry.meta.get("filename", "")), int(entry.meta.get("lineno", 0)))
