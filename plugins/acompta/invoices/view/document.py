"""One document to print, whole, and the legal mentions on it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from acompta.french import short_day
from acompta.invoices.view.contract import (
    ContractReference,
    ContractStatement,
    DepositTerms,
    DocumentReference,
    GeneralAccount,
    Payment,
    RecoveredDeposit,
    Retention,
)
from acompta.invoices.view.credits import Compensation, CreditsStatement, CreditTerms
from acompta.invoices.view.lines import (
    Line,
    LineRegime,
    Lot,
    Nature,
    Period,
    Progress,
    group_by_lot,
    sum_of_progress,
)
from acompta.invoices.view.parties import Customer, Place, Seller
from acompta.invoices.view.totals import Totals
from acompta.rounding import ZERO
from acompta.vocabulary import KIND_TITLES, Kind, Regime

# What has to be printed on these: VAT, not the terms of payment that C. com. art. L441-9 asks of invoices.
NOT_INVOICES: Final = frozenset({Kind.QUOTE, Kind.CONTRACT, Kind.AMENDMENT, Kind.USE})


class Slot(StrEnum):
    """Where a mention goes on the page."""

    VAT = "tva"
    PAYMENT = "paiement"


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
