"""All that a printed document says, already decided: a template only lays it out.

Nothing here computes an amount that the engine has not computed. The few properties add up figures that are
already exact to the cent, or group lines for the page. Amounts are in euros, rates and percentages in percent
(``Decimal("20")`` is 20 %), dates are calendar dates; an absent text is ``""``, an absent value ``None``.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final

from acompta import vocabulary
from acompta.vocabulary import KIND_TITLES, Kind, Regime

ZERO: Final = Decimal("0.00")
FRANCE: Final = "FR"
DEFAULT_ACCENT: Final = "#14505c"


class Nature(StrEnum):
    """Nature of one line."""

    GOODS = vocabulary.GOODS
    SERVICE = vocabulary.SERVICE
    DISBURSEMENT = vocabulary.DISBURSEMENT


class LineRegime(StrEnum):
    """Why a line bears no VAT; the value is what ``regime:`` says in the ledger (NONE: ordinary VAT)."""

    NONE = ""
    REVERSE_CHARGE_BUILDING = "autoliquidation-btp"
    INTRACOM_GOODS = "intracom-biens"
    INTRACOM_SERVICES = "intracom-services"
    EXPORT = "export"
    EXEMPT = "exonere"


class Slot(StrEnum):
    """Where a mention goes on the page."""

    VAT = "tva"
    PAYMENT = "paiement"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the ledger: where to correct what is missing or wrong."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who issues the document (``custom "emetteur"``). ``address`` is one text per line."""

    name: str
    legal_form: str = ""
    address: tuple[str, ...] = ()
    siren: str = ""
    siret: str = ""
    vat_number: str = ""
    rcs: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    iban: str = ""
    bic: str = ""
    logo: Path | None = None
    accent: str = DEFAULT_ACCENT
    regime: Regime = Regime.RECEIPTS
    penalties: str = ""
    discount_terms: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who receives it (the ``open`` of the 411 account). ``country`` is an ISO 3166 code of two letters."""

    name: str
    account: str = ""
    address: tuple[str, ...] = ()
    delivery_address: tuple[str, ...] = ()
    siren: str = ""
    siret: str = ""
    vat_number: str = ""
    country: str = FRANCE
    consumer: bool = False
    place: Place | None = None

    @property
    def french(self) -> bool:
        """Whether the customer is established in France."""
        return self.country == FRANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One day (``start == end``) or a span of days, both included."""

    start: datetime.date
    end: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Progress of one contract line: amounts before tax, and the percentages they come from."""

    contract: Decimal
    previous: Decimal
    current: Decimal
    cumulative: Decimal
    previous_percent: Decimal
    cumulative_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. ``amount`` is before tax, what this document bills; a discount is negative.

    ``quantity`` and ``unit_price`` (before tax) are ``None`` where they make no sense: a deposit, a percentage.
    ``details`` are printed small under the label; ``motive`` is the reason of an exemption or of a disbursement.
    """

    label: str
    amount: Decimal
    rate: Decimal = ZERO
    lot: str = ""
    details: tuple[str, ...] = ()
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    nature: Nature = Nature.SERVICE
    regime: LineRegime = LineRegime.NONE
    motive: str = ""
    delivery: Period | None = None
    progress: Progress | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Lines that share a lot, in the order of their first line."""

    name: str
    lines: tuple[Line, ...]

    @property
    def amount(self) -> Decimal:
        """Total of the lot before tax, on this document."""
        return sum((line.amount for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTotal:
    """Base and VAT of one rate; ``regime`` when there is none to charge; ``outside`` for disbursements."""

    rate: Decimal
    base: Decimal
    vat: Decimal
    regime: LineRegime = LineRegime.NONE
    outside: bool = False

    @property
    def ttc(self) -> Decimal:
        """VAT included."""
        return self.base + self.vat


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals per rate, in the order printed."""

    rates: tuple[RateTotal, ...]

    @property
    def ht(self) -> Decimal:
        """Before tax."""
        return sum((total.base for total in self.rates), ZERO)

    @property
    def vat(self) -> Decimal:
        """VAT of all rates."""
        return sum((total.vat for total in self.rates), ZERO)

    @property
    def ttc(self) -> Decimal:
        """VAT included."""
        return self.ht + self.vat


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
    """Another document: the invoice a credit note corrects, an earlier deposit or progress invoice."""

    number: str
    date: datetime.date
    title: str = ""
    ht: Decimal = ZERO
    vat: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def ttc(self) -> Decimal:
        """VAT included."""
        return self.ht + self.vat


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredDeposit:
    """What this document takes back of one deposit invoice, positive, per rate.

    ``paid`` and ``unpaid`` (VAT included) are what had been received of the whole deposit at the date of this document
    and what was still owed for it, ``paid_on`` the day of the last receipt.
    """

    number: str
    date: datetime.date
    totals: Totals
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
    """A receipt already known at the date of the document, VAT included."""

    date: datetime.date
    amount: Decimal
    label: str = ""


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


@dataclass(frozen=True, slots=True)
class Mention:
    """One legal mention as printed; ``code`` is stable and ASCII, for tests and for the electronic invoice."""

    code: str
    text: str
    slot: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """One document to print.

    ``totals`` is what the document bills before deposits are taken off; ``balance`` what is left of it per rate once
    they are (``None`` when nothing is recovered); ``to_pay`` is the « net à payer ».
    """

    kind: Kind
    number: str
    date: datetime.date
    seller: Seller
    customer: Customer
    object: str
    lines: tuple[Line, ...]
    totals: Totals
    to_pay: Decimal
    due: datetime.date | None = None
    valid_until: datetime.date | None = None
    delivery: Period | None = None
    contract: ContractReference | None = None
    purchase_order: str = ""
    payment_terms: str = ""
    corrects: DocumentReference | None = None
    earlier_invoices: tuple[DocumentReference, ...] = ()
    recovered: tuple[RecoveredDeposit, ...] = ()
    balance: Totals | None = None
    deposit: DepositTerms | None = None
    retention: Retention | None = None
    payments: tuple[Payment, ...] = ()
    statement: ContractStatement | None = None
    mentions: tuple[Mention, ...] = ()
    draft: bool = False
    place: Place | None = None

    @property
    def title(self) -> str:
        """Title in French: « Facture d'acompte »."""
        return KIND_TITLES[self.kind]

    @property
    def franchise(self) -> bool:
        """Whether the seller charges no VAT at all (CGI art. 293 B)."""
        return self.seller.regime is Regime.FRANCHISE

    @property
    def natures(self) -> frozenset[Nature]:
        """Natures of what is billed, disbursements aside; a line billed earlier counts for nothing."""
        billed = [line for line in self.lines if line.amount] or self.lines
        return frozenset(line.nature for line in billed) - {Nature.DISBURSEMENT}

    @property
    def regimes(self) -> frozenset[LineRegime]:
        """Regimes of what is billed without VAT."""
        return frozenset(line.regime for line in self.lines if line.amount) - {LineRegime.NONE}

    @property
    def lots(self) -> tuple[Lot, ...]:
        """Lines grouped by lot, in the order of first appearance."""
        return group_by_lot(self.lines)

    @property
    def by_lot(self) -> bool:
        """Whether lots deserve a heading of their own: one of them has several lines."""
        return any(lot.name and len(lot.lines) > 1 for lot in self.lots)

    @property
    def by_progress(self) -> bool:
        """Whether a line bills progress, so that previous, current and cumulative amounts are shown."""
        return any(line.progress is not None for line in self.lines)

    @property
    def paid(self) -> Decimal:
        """What was already received for this document."""
        return sum((payment.amount for payment in self.payments), ZERO)

    @property
    def recovered_ttc(self) -> Decimal:
        """Deposits taken off, VAT included."""
        return sum((deposit.totals.ttc for deposit in self.recovered), ZERO)

    def mentions_in(self, slot: Slot) -> tuple[Mention, ...]:
        """Return the mentions of one place of the page, in order."""
        return tuple(mention for mention in self.mentions if mention.slot is slot)

    def with_mentions(self, mentions: Sequence[Mention]) -> DocumentView:
        """Return the same document with these mentions."""
        return replace(self, mentions=tuple(mentions))


def group_by_lot(lines: Sequence[Line]) -> tuple[Lot, ...]:
    """Group lines by lot, keeping the order in which lots and lines were typed."""
    grouped: dict[str, list[Line]] = {}
    for line in lines:
        grouped.setdefault(line.lot, []).append(line)
    return tuple(Lot(name, tuple(members)) for name, members in grouped.items())
