"""What a person should look at as of a date: late customers, drafts, deposits that wait or are spent.

Pure functions over a `Book`; the home page of Fava shows them, a checklist may. Milestones not billed are in
`acompta.steering.milestones`, retentions in `acompta.retentions`, legal delays in `acompta.alerts`. Amounts are in
euros. Nothing here is a mistake in the text (those are errors) and nothing is stored: each is derived from what
happened up to the date.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from beancount.core.data import Directive, Transaction

from acompta.billed import typed_total
from acompta.closing.closings import closed_until
from acompta.closing.periods import Period, month_of
from acompta.contracts import contract_view
from acompta.dossier import Dossier
from acompta.messages import DocumentError
from acompta.owed import AgedBalance, CustomerBalance, OpenDeposit, OpenInvoice, Place, place_of
from acompta.reading.model import Document
from acompta.receivables import Book, customer_name, deposits_at
from acompta.register.contract import Contract
from acompta.rounding import ZERO
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import UNPOSTED, Kind

# A deposit that nothing has recovered for so long is worth a question: six months.
IDLE_DAYS: Final = 183


@dataclass(frozen=True, slots=True)
class LateCustomer:
    """A customer with something overdue: ``since`` is the oldest due date, ``days`` the delay at the date asked for."""

    account: str
    name: str
    overdue: Decimal
    total: Decimal
    since: datetime.date
    days: int
    invoices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that waits for its number.

    ``amount`` is what it would bill before tax if it were issued now, after the drafts before it of the same contract
    (euros, before indexing and discounts); ``None`` when only issuing it tells.
    """

    document: Document
    customer_name: str
    amount: Decimal | None


class DepositState(StrEnum):
    """Why a deposit is worth a look; the value is what the accountant reads."""

    STUCK = "Contrat terminé, acompte non repris"
    IDLE = "Rien de facturé depuis six mois"
    SPENT = "Acomptes tous repris, il reste à facturer"


@dataclass(frozen=True, slots=True)
class DepositToSee:
    """Deposits of one contract (``""``: a deposit without one), with the latest of their documents.

    ``amount`` (VAT included) is what is left on 4191; of spent deposits, what is left to bill on the contract.
    """

    state: DepositState
    contract: str
    customer: str
    customer_name: str
    numbers: tuple[str, ...]
    since: datetime.date
    amount: Decimal
    entry: Transaction = field(repr=False, compare=False)

    @property
    def place(self) -> Place:
        """Where the last deposit is typed."""
        return place_of(self.entry)


# -- customers ------------------------------------------------------------------------------------------------


def late_customers(balance: AgedBalance) -> tuple[LateCustomer, ...]:
    """The customers with something overdue, the largest overdue amount first."""
    found = [_late(customer, balance.at) for customer in balance.customers]
    late = [one for one in found if one is not None]
    return tuple(sorted(late, key=lambda one: (-one.overdue, one.name)))


def _late(customer: CustomerBalance, at: datetime.date) -> LateCustomer | None:
    overdue = [invoice for invoice in customer.invoices if invoice.ages.overdue > 0]
    if not overdue:
        return None
    since = min(_due(invoice, at) for invoice in overdue)
    return LateCustomer(
        customer.account,
        customer.name,
        sum((invoice.ages.overdue for invoice in overdue), ZERO),
        customer.total,
        since,
        (at - since).days,
        tuple(invoice.number for invoice in overdue),
    )


def _due(invoice: OpenInvoice, at: datetime.date) -> datetime.date:
    """When the overdue part fell due: a retention may be late while the rest is paid."""
    late_retention = invoice.release is not None and invoice.release < at
    if not invoice.days_late and late_retention and invoice.release is not None:
        return invoice.release
    return invoice.due_date


# -- drafts ---------------------------------------------------------------------------------------------------


def drafts(book: Book, at: datetime.date) -> tuple[Draft, ...]:
    """Drafts dated up to ``at``, in order: `acompta emettre` would issue them. Quotes and contracts are not counted."""
    dossier = book.dossier
    found = [
        document
        for document in dossier.documents
        if document.draft
        and not document.is_model
        and document.kind not in UNPOSTED
        and document.date <= at
        and document.index not in dossier.failed
    ]
    amounts = _draft_amounts(dossier, found)
    return tuple(
        Draft(
            document,
            customer_name(document.customer, dossier.chart),
            amounts.get(document.index),
        )
        for document in found
    )


def _draft_amounts(dossier: Dossier, found: Iterable[Document]) -> dict[int, Decimal]:
    """What each draft would bill, by index of the document; those of one contract in order, each after the others."""
    amounts: dict[int, Decimal] = {}
    by_contract: dict[str, list[Document]] = {}
    for document in found:
        by_contract.setdefault(document.contract or "", []).append(document)
    for link, documents in by_contract.items():
        contract = dossier.contracts.get(link)
        with contract.trial() if contract is not None else nullcontext():
            for document in documents:
                amount = _would_bill(document, contract)
                if amount is not None:
                    amounts[document.index] = amount
    return amounts


def _would_bill(document: Document, contract: Contract | None) -> Decimal | None:
    """Progress in percent, a deposit and a final invoice without a line need the contract to have an amount."""
    typed = sum(typed_total(document).values(), ZERO)
    if contract is None or document.kind is Kind.CREDIT_NOTE:
        return typed if document.lines and not document.has_percent else None
    try:
        if document.kind in DEPOSIT_KINDS and document.deposit_lines:
            return sum((share.base for share in contract.give(document).values()), ZERO)
        if document.kind is Kind.FINAL and not document.lines:
            return sum((step.amount for step in contract.bill_rest(document)), ZERO)
        steps = [
            step
            for line in document.lines
            if line.amount is None
            for step in contract.bill_percent(line, document)
        ]
    except DocumentError:
        return None  # issuing it says what is wrong
    return sum((step.amount for step in steps), typed) if document.lines else None


# -- deposits -------------------------------------------------------------------------------------------------


def deposits_to_see(
    book: Book, at: datetime.date, deposits: Iterable[OpenDeposit] | None = None
) -> tuple[DepositToSee, ...]:
    """Deposits that nothing will recover by itself, and contracts whose deposits are spent while work is left.

    ``deposits`` are those of `deposits_at`, when the caller has them already.
    """
    by_contract: dict[str, list[OpenDeposit]] = {}
    for deposit in deposits_at(book, at) if deposits is None else deposits:
        by_contract.setdefault(deposit.contract or deposit.number, []).append(deposit)
    seen = [_deposits_of(book, name, deposits, at) for name, deposits in by_contract.items()]
    found = [one for one in seen if one is not None]
    return tuple(sorted(found, key=lambda one: (list(DepositState).index(one.state), one.since)))


def _deposits_of(
    book: Book, name: str, deposits: list[OpenDeposit], at: datetime.date
) -> DepositToSee | None:
    left = sum((deposit.left.total for deposit in deposits), ZERO)
    contract = book.dossier.contracts.get(name)
    closed = contract.closed_by if contract is not None else None
    if closed is not None and closed.date <= at:
        state, since = DepositState.STUCK, closed.date
    elif left:
        state, since = DepositState.IDLE, _last_billed(book, name, deposits, at)
        left = left if (at - since).days >= IDLE_DAYS else ZERO
    elif contract is not None and contract.document is not None:
        state, since = DepositState.SPENT, _last_billed(book, name, deposits, at)
        left = contract_view(book, name, at).left.total
    else:
        return None
    last = deposits[-1]
    if left <= 0:
        return None
    return DepositToSee(
        state,
        last.contract or "",
        last.customer,
        customer_name(last.customer, book.dossier.chart),
        tuple(deposit.number for deposit in deposits),
        since,
        left,
        last.entry,
    )


def _last_billed(
    book: Book, name: str, deposits: list[OpenDeposit], at: datetime.date
) -> datetime.date:
    """The day of the last document issued on the contract."""
    dates = [
        document.date
        for document in book.by_link.get(name, ())
        if document.issued and document.date <= at
    ]
    return max([*dates, *(deposit.date for deposit in deposits)])


# -- months ---------------------------------------------------------------------------------------------------


def months_to_close(
    dossier: Dossier, entries: Iterable[Directive], at: datetime.date
) -> tuple[Period, ...]:
    """The months that have ended by ``at`` and are not closed, from the first entry of the ledger on."""
    first = next((entry.date for entry in entries if isinstance(entry, Transaction)), None)
    if first is None:
        return ()
    until = closed_until(closing for closing in dossier.closings if closing.date <= at)
    month = month_of(first if until is None else until + datetime.timedelta(days=1))
    found = []
    while month.end <= at:
        found.append(month)
        month = month_of(month.next_day)
    return tuple(found)
