"""All that a printed document says, already decided: a template only lays it out.

Nothing here computes an amount that the engine has not computed. The few properties add up figures that are
already exact to the cent, or group lines for the page. Amounts are in euros, rates and percentages in percent
(``Decimal("20")`` is 20 %), dates are calendar dates; an absent text is ``""``, an absent value ``None``.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final

from acompta import vocabulary
from acompta.french import country_name, short_day
from acompta.vocabulary import KIND_TITLES, Kind, Regime

ZERO: Final = Decimal("0.00")
FRANCE: Final = "FR"
DEFAULT_ACCENT: Final = "#14505c"
# What has to be printed on these: VAT, not the terms of payment that C. com. art. L441-9 asks of invoices.
NOT_INVOICES: Final = frozenset({Kind.QUOTE, Kind.CONTRACT, Kind.AMENDMENT, Kind.USE})


class Nature(StrEnum):
    """Nature of one line."""

    GOODS = vocabulary.GOODS
    SERVICE = vocabulary.SERVICE
    DISBURSEMENT = vocabulary.DISBURSEMENT


class LineRegime(StrEnum):
    """Why a line bears no VAT; the value is what ``regime:`` says in the ledger (NONE: ordinary VAT).

    FRANCHISE is never typed: it is the seller's regime on the day of what the line bills (CGI art. 293 B), which may
    no longer be that of the day of the document.
    """

    NONE = ""
    REVERSE_CHARGE_BUILDING = "autoliquidation-btp"
    INTRACOM_GOODS = "intracom-biens"
    INTRACOM_SERVICES = "intracom-services"
    EXPORT = "export"
    # What "export" is for a service: no export at all, but a service that is not located in France (CGI art. 259, 1°).
    SERVICES_ABROAD = "services-hors-ue"
    EXEMPT = "exonere"
    FRANCHISE = Regime.FRANCHISE.value
    # Prepaid credits whose rate is not known when they are sold: VAT on use (CGI art. 256 ter).
    MULTI_PURPOSE = "bon-multi-usages"


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
    """Who issues the document (``custom "emetteur"``). ``address`` is one text per line.

    ``electronic_address`` is where platforms reach it (BT-34), ``deposits_as_paid`` the second way of saying recovered
    deposits in the electronic invoice (XP Z12-014, case 21).
    """

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
    deposit_on_debit: bool = False
    penalties: str = ""
    discount_terms: str = ""
    electronic_address: str = ""
    deposits_as_paid: bool = False
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
    public: bool = False
    email: str = ""
    electronic_address: str = ""
    place: Place | None = None

    @property
    def french(self) -> bool:
        """Whether the customer is established in France."""
        return self.country == FRANCE

    @property
    def postal_address(self) -> tuple[str, ...]:
        """The address as an envelope wants it: abroad, the last line is the country, in French and in capitals."""
        country = "" if self.french else country_name(self.country).upper()
        said = self.address and self.address[-1].strip().upper() == country
        return self.address if not country or said or not self.address else (*self.address, country)


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
    ``currency`` is that of the unit price, ``""`` for euros; ``unit_code`` is the UN/ECE code of the unit (``HUR``).
    ``details`` are printed small under the label; ``motive`` is the reason of an exemption or of a disbursement.
    """

    label: str
    amount: Decimal
    rate: Decimal = ZERO
    lot: str = ""
    details: tuple[str, ...] = ()
    quantity: Decimal | None = None
    unit: str = ""
    unit_code: str = ""
    unit_price: Decimal | None = None
    currency: str = ""
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

    @property
    def progress(self) -> Progress | None:
        """Progress of the whole lot; ``None`` when a line of it has none."""
        return sum_of_progress(self.lines)


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
        """Before tax, disbursements aside: they are paid in the customer's name (CGI art. 267, II, 2°)."""
        return sum((total.base for total in self.rates if not total.outside), ZERO)

    @property
    def outside(self) -> Decimal:
        """Disbursements."""
        return sum((total.base for total in self.rates if total.outside), ZERO)

    @property
    def vat(self) -> Decimal:
        """VAT of all rates."""
        return sum((total.vat for total in self.rates), ZERO)

    @property
    def ttc(self) -> Decimal:
        """VAT and disbursements included."""
        return self.ht + self.vat + self.outside


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTerms:
    """What becomes of a credit note: taken off what is unpaid of ``numbers``, the rest paid back to the customer."""

    numbers: tuple[str, ...]
    deducted: Decimal
    refund: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensation:
    """An amount without VAT beside a credit note: kept by the seller (negative), or added by him (arrhes doubled)."""

    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMove:
    """A movement of prepaid credits: bought (positive) or used. ``amount`` is its worth, ``left`` units after it."""

    date: datetime.date
    label: str
    number: str
    quantity: Decimal | None
    unit: str
    amount: Decimal
    left: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsLeft:
    """Credits of one purchase that are not used; ``expires`` when they may no longer be."""

    number: str
    date: datetime.date
    quantity: Decimal | None
    unit: str
    amount: Decimal
    expires: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsStatement:
    """Prepaid credits of one link. ``taxed``: amounts are VAT-inclusive (credits whose rate is not known yet)."""

    moves: tuple[CreditMove, ...]
    left: tuple[CreditsLeft, ...]
    taxed: bool = False

    @property
    def amount(self) -> Decimal:
        """Worth of what is left."""
        return sum((unused.amount for unused in self.left), ZERO)


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
    they are (``None`` when nothing is recovered); ``to_pay`` is the « net à payer ». The amounts of a credit note
    (``credit`` is set) are positive: what it gives back. ``heading`` is the title when the kind alone does not say it,
    ``note`` what is printed under it, ``clauses`` the codes of mentions that only the dossier can decide, ``credited``
    the deposits that the end of a contract gives back.
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
    account: GeneralAccount | None = None
    credit: CreditTerms | None = None
    compensation: Compensation | None = None
    credited: tuple[DocumentReference, ...] = ()
    credits: CreditsStatement | None = None
    heading: str = ""
    note: str = ""
    clauses: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    draft: bool = False
    place: Place | None = None

    @property
    def title(self) -> str:
        """Title in French: « Facture d'acompte »."""
        return self.heading or KIND_TITLES[self.kind]

    @property
    def name(self) -> str:
        """How messages call the document: its number, or what a draft has instead."""
        return self.number or f"brouillon du {short_day(self.date)} ({self.customer.name})"

    @property
    def asks_payment(self) -> bool:
        """Whether it is an invoice, whose terms of payment the law wants said."""
        return self.kind not in NOT_INVOICES and self.credit is None

    @property
    def franchise(self) -> bool:
        """Whether the seller charges no VAT at all (CGI art. 293 B)."""
        return self.seller.regime is Regime.FRANCHISE

    @property
    def taxed(self) -> bool:
        """Whether VAT is shown: not on credits whose rate is not known yet, nor in franchise.

        A seller who entered the franchise still gives back the VAT of what was billed before it.
        """
        if self.franchise:
            bills = (self.totals, *(deposit.totals for deposit in self.recovered))
            return any(total.vat for totals in bills for total in totals.rates)
        return self.regimes != {LineRegime.MULTI_PURPOSE}

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
    def by_price(self) -> bool:
        """Whether a line has a quantity or a price to show."""
        return any(line.quantity is not None for line in self.lines)

    @property
    def progress(self) -> Progress | None:
        """Progress of the whole document, when all its lines have one and there are several."""
        return sum_of_progress(self.lines) if len(self.lines) > 1 else None

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


def sum_of_progress(lines: Sequence[Line]) -> Progress | None:
    """Progress of several lines together; ``None`` when one has none."""
    steps = [line.progress for line in lines if line.progress is not None]
    if not steps or len(steps) != len(lines):
        return None
    contract = sum((step.contract for step in steps), ZERO)
    previous = sum((step.previous for step in steps), ZERO)
    current = sum((step.current for step in steps), ZERO)
    return Progress(
        contract=contract,
        previous=previous,
        current=current,
        cumulative=previous + current,
        previous_percent=ratio(previous, contract),
        cumulative_percent=ratio(previous + current, contract),
    )


def ratio(part: Decimal, whole: Decimal) -> Decimal:
    """A share in percent, to a hundredth; zero of nothing."""
    return (part * 100 / whole).quantize(ZERO, ROUND_HALF_UP) if whole else ZERO
