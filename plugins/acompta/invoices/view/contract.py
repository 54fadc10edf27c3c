"""What a document says of the others of its contract: deposits, payments, retention, what remains."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from acompta.invoices.view.totals import Totals
from acompta.rounding import ZERO
from acompta.vocabulary import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractReference:
    """The contract a document belongs to. ``link`` is its Beancount link without the ``^``."""

    link: str
    date: datetime.date | None = None
    label: str = ""
    ht: Decimal | None = None
    ttc: Decimal | None = None
    amended_on: tuple[datetime.date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReference:
    """Another document: the invoice a credit note corrects, an earlier deposit or progress invoice.

    ``outside`` are its disbursements, ``open`` what was still owed for it at the date of the document that names it,
    ``first`` the kind of the invoice that a chain of correctives started from.
    """

    number: str
    date: datetime.date
    kind: Kind | None = None
    first: Kind | None = None
    title: str = ""
    ht: Decimal = ZERO
    vat: Decimal = ZERO
    outside: Decimal = ZERO
    open: Decimal = ZERO

    @property
    def ttc(self) -> Decimal:
        """VAT and disbursements included."""
        return self.ht + self.vat + self.outside


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredDeposit:
    """What this document takes back of one deposit invoice, positive, per rate.

    ``paid`` and ``unpaid`` (VAT included) are what had been received of the whole deposit at the date of this document
    and what was still owed for it, ``paid_on`` the day of the last receipt.
    """

    number: str
    date: datetime.date
    totals: Totals
    kind: Kind = Kind.DEPOSIT
    title: str = "Acompte"
    paid: Decimal = ZERO
    unpaid: Decimal = ZERO
    paid_on: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositTerms:
    """What a deposit invoice says of its contract (VAT included): its share, what came before, what remains.

    ``percent`` is ``None`` for a deposit typed as an amount. On a quote, the deposit asked for at the order:
    ``amount`` is then what it will be.
    """

    percent: Decimal | None = None
    amount: Decimal = ZERO
    contract_ttc: Decimal | None = None
    earlier: tuple[DocumentReference, ...] = ()
    remaining_ttc: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A receipt already known at the date of the document, VAT included; ``label`` precedes its date."""

    date: datetime.date
    amount: Decimal
    label: str = "Réglé le"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Guarantee retention held by the customer (loi 71-584 of 16 July 1971: at most 5 %)."""

    percent: Decimal
    amount: Decimal
    base: str = "TTC"
    release: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractStatement:
    """Where the whole contract stands once this document is issued, VAT included.

    ``billed`` counts this document and all earlier ones, ``paid`` what was received at its date, ``to_pay`` what is
    billed and not paid (deposits unpaid included), ``to_bill`` what of the contract is not billed yet, ``surplus`` the
    deposits that no invoice will recover.
    """

    total: Decimal
    billed: Decimal
    paid: Decimal
    to_pay: Decimal
    to_bill: Decimal = ZERO
    surplus: Decimal = ZERO
    retained: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralAccount:
    """« Décompte général »: every document of a contract, this one last, deposits taken off what recovered them."""

    rows: tuple[DocumentReference, ...]

    @property
    def ht(self) -> Decimal:
        """Before tax, disbursements aside."""
        return sum((row.ht for row in self.rows), ZERO)

    @property
    def vat(self) -> Decimal:
        """VAT of all of them."""
        return sum((row.vat for row in self.rows), ZERO)

    @property
    def ttc(self) -> Decimal:
        """VAT and disbursements included."""
        return sum((row.ttc for row in self.rows), ZERO)

    @property
    def open(self) -> Decimal:
        """What was owed for all of them once the last was issued."""
        return sum((row.open for row in self.rows), ZERO)
