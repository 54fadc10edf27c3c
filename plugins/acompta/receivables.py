"""What is owed, as of any date: pure functions over a `Dossier` and the entries that Beancount made.

Nothing is stored: what is paid, late or recovered on a date is derived from what happened up to that date, so the same
functions serve the commands, the Fava page and the closing. Use::

    book = read_book(dossier, entries)      # once per load
    balance = aged_balance(book, date)      # as often as wanted

The aged balance always adds up to the ledger: what moved 411, 4117, 413 or 416 without belonging to a document is kept
apart as *unallocated* and `reconcile` proves the sum against the postings themselves.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from beancount.core.data import Directive, Transaction

from acompta.book import Book, Loose, Taken, read_book
from acompta.chart import RECEIVABLE_ROLES, Chart
from acompta.claims import ADVANCE, PAYMENT, Claim
from acompta.dossier import Dossier
from acompta.owed import (
    AGE_TITLES,
    CREDIT_TITLES,
    NOTHING,
    AgedBalance,
    Ages,
    Credit,
    CreditKind,
    CustomerBalance,
    DepositRate,
    OpenDeposit,
    OpenInvoice,
    Place,
    minus,
    place_of,
    total_ages,
    total_share,
)
from acompta.reading.model import Document, Share, TaxKey
from acompta.register.contract import Contract
from acompta.register.values import Deposit
from acompta.retentions import release_at, retained
from acompta.rounding import ZERO
from acompta.terms import DEFAULT_TERMS, Terms, parse_terms
from acompta.vocabulary import EUR

__all__ = [
    "AGE_TITLES",
    "CREDIT_TITLES",
    "MONEY",
    "NOTHING",
    "AgedBalance",
    "Ages",
    "Book",
    "Credit",
    "CreditKind",
    "CustomerBalance",
    "DepositRate",
    "Movement",
    "OpenDeposit",
    "OpenInvoice",
    "Place",
    "Reconciliation",
    "age",
    "aged_balance",
    "contract_deposits",
    "customer_name",
    "deposits_at",
    "due_date",
    "french_order",
    "known_due_date",
    "minus",
    "paid_at",
    "place_of",
    "prove",
    "read_book",
    "receivable_movements",
    "reconcile",
    "total_ages",
    "total_share",
]

# What reduces a claim and is money; the rest is a discount, a credit note, a loss.
MONEY: Final = frozenset({PAYMENT, ADVANCE})
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae"})


# -- due dates ------------------------------------------------------------------------------------------------


def due_date(document: Document, dossier: Dossier) -> datetime.date:
    """Due date: ``echeance:`` of the document, else the ``delai:`` of the document, its contract, customer or seller.

    30 days after the document when nobody says (C. com. art. L441-10-I).
    """
    typed = document.meta.get("echeance")
    if isinstance(typed, datetime.date):
        return typed
    return _terms(document, dossier).due(document.date)


def known_due_date(document: Document, book: Book) -> datetime.date:
    """`due_date` of a document, looked for once per load."""
    known = book.memory.due
    found = known.get(document.index)
    if found is None:
        found = known[document.index] = due_date(document, book.dossier)
    return found


def _terms(document: Document, dossier: Dossier) -> Terms:
    contract = dossier.contracts.get(document.contract or "")
    sources: list[Mapping[str, Any]] = [document.meta]
    if contract is not None and contract.document is not None:
        sources.append(contract.document.meta)
    sources += [dossier.chart.get(document.customer).meta, document.seller.meta]
    for meta in sources:
        text = meta.get("delai")
        terms = parse_terms(text) if isinstance(text, str) else None
        if terms is not None:
            return terms
    return DEFAULT_TERMS


def age(amount: Decimal, days_late: int) -> Ages:
    """``amount`` (euros) in the column of ``days_late`` days."""
    if days_late <= 0:
        return Ages(not_due=amount)
    if days_late <= 30:
        return Ages(to_30=amount)
    if days_late <= 60:
        return Ages(to_60=amount)
    return Ages(to_90=amount) if days_late <= 90 else Ages(over_90=amount)


# -- the aged balance -----------------------------------------------------------------------------------------


class _Parts:
    """What is found for one customer while the balance is made."""

    __slots__ = ("credits", "deposits", "invoices")

    def __init__(self) -> None:
        self.invoices: list[OpenInvoice] = []
        self.credits: list[Credit] = []
        self.deposits: list[OpenDeposit] = []


def aged_balance(
    book: Book,
    at: datetime.date,
    *,
    account: str = "",
    link: str = "",
    deposits: Iterable[OpenDeposit] | None = None,
) -> AgedBalance:
    """What is owed at the end of the day ``at``, by customer.

    ``account`` keeps the customers whose 411 account is or lies below it; ``link`` keeps what belongs to that contract
    or invoice number (without ``^``). ``deposits`` are those of `deposits_at`, when the caller has them already.
    """
    parts: dict[str, _Parts] = {}

    def part(customer: str) -> _Parts:
        return parts.setdefault(customer, _Parts())

    keep = _keeper(account, link)
    for claim in [span.claim for span in book.spans if span.is_open(at)]:
        document = claim.document
        # What names a document is read only when a link is asked for: this loop sees every document of the ledger.
        if keep(document.customer, _names(document, book.dossier) if link else ()):
            _add_claim(book, claim, at, part)
    for item in book.loose:
        if item.is_open(at) and keep(item.customer, item.names):
            part(item.customer).credits.append(_loose_credit(item, book.dossier))
    for deposit in deposits_at(book, at) if deposits is None else deposits:
        names = (deposit.number, *((deposit.contract,) if deposit.contract else ()))
        if (deposit.left.base or deposit.left.vat) and keep(deposit.customer, names):
            part(deposit.customer).deposits.append(deposit)
    chart = book.dossier.chart
    customers = [_customer(name, chart, found) for name, found in parts.items()]
    customers.sort(key=lambda customer: (french_order(customer.name), customer.account))
    return AgedBalance(at, tuple(customers))


def _keeper(account: str, link: str) -> Callable[[str, Iterable[str]], bool]:
    below = account + ":"

    def keep(customer: str, names: Iterable[str]) -> bool:
        if account and customer != account and not customer.startswith(below):
            return False
        return not link or link in names

    return keep


def _names(document: Document, dossier: Dossier) -> set[str]:
    """What names a document: its links, its number; for a credit note, those of the document that it corrects too."""
    names = set(document.entry.links)
    if document.number:
        names.add(document.number)
    corrected = document.text("sur")
    if corrected is not None and corrected in dossier.claims:
        names |= {corrected, *dossier.claims[corrected].document.entry.links}
    return names


@lru_cache(maxsize=4096)
def french_order(name: str) -> str:
    """The key that sorts « École » with the E, upper and lower case together."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LIGATURES))
    return "".join(char for char in plain if not unicodedata.combining(char))


def customer_name(account: str, chart: Chart) -> str:
    """``raison-sociale:`` of a customer's account, else its auxiliary, else the account."""
    found = chart.get(account)
    name = found.meta.get("raison-sociale")
    return name if isinstance(name, str) and name.strip() else found.auxiliary or account


def _customer(account: str, chart: Chart, parts: _Parts) -> CustomerBalance:
    parts.invoices.sort(key=lambda invoice: (invoice.due_date, invoice.date, invoice.number))
    parts.credits.sort(key=lambda credit: (credit.date, credit.reference))
    parts.deposits.sort(key=lambda deposit: (deposit.date, deposit.number))
    return CustomerBalance(
        account,
        customer_name(account, chart),
        tuple(parts.invoices),
        tuple(parts.credits),
        tuple(parts.deposits),
    )


def _add_claim(book: Book, claim: Claim, at: datetime.date, part: Callable[[str], _Parts]) -> None:
    adjustments = book.adjustments.get(claim.number, ())
    owed = claim.open_at(at) + sum((item.amount for item in adjustments if item.date <= at), ZERO)
    if not owed:
        return
    customer = claim.document.customer
    if claim.date > at or owed < 0:
        part(customer).credits.append(_claim_credit(claim, owed, at))
    else:
        part(customer).invoices.append(_open_invoice(book, claim, owed, at))


def paid_at(claim: Claim, at: datetime.date) -> Decimal:
    """Money received for a document up to the end of ``at`` (euros); discounts, losses, credit notes are not money."""
    return sum((e.amount for e in claim.events if e.date <= at and e.what in MONEY), ZERO)


def _open_invoice(book: Book, claim: Claim, owed: Decimal, at: datetime.date) -> OpenInvoice:
    document = claim.document
    # The retention is released last: what is paid pays the rest first.
    retention = max(ZERO, min(owed, retained(book.dossier, document, at)))
    release = release_at(document, book.dossier, at) if retention else None
    due = known_due_date(document, book)
    if release is not None and retention == owed:
        due = release
    late = max(0, (at - due).days)
    if retention == owed and release is None and retention:
        late = 0  # only the retention is left, and nobody has said when it is released
    held = age(retention, (at - release).days) if release is not None else Ages(not_due=retention)
    paid = paid_at(claim, at)
    total = claim.document_total
    return OpenInvoice(
        number=claim.number,
        kind=document.kind,
        date=document.real_date,
        due_date=due,
        customer=document.customer,
        contract=document.contract,
        label=document.entry.narration or "",
        total=total,
        paid=paid,
        other=total - paid - owed,
        open=owed,
        retention=retention,
        release=release,
        days_late=late,
        ages=age(owed - retention, late).plus(held),
        entry=document.entry,
    )


def _claim_credit(claim: Claim, owed: Decimal, at: datetime.date) -> Credit:
    document = claim.document
    if claim.date > at:
        # The invoice does not exist yet: on that date, this is money received in advance.
        events = [event for event in claim.events if event.date <= at]
        entry = events[-1].entry if events else document.entry
        named = claim.number if claim.number in entry.links else document.contract or claim.number
        return Credit(
            CreditKind.ADVANCE,
            document.customer,
            events[0].date if events else claim.date,
            named,
            entry.narration or "",
            owed,
            entry,
        )
    kind = CreditKind.CREDIT_NOTE if claim.document_total < 0 else CreditKind.OVERPAYMENT
    return Credit(
        kind,
        document.customer,
        document.date,
        claim.number,
        document.entry.narration or "",
        owed,
        document.entry,
    )


def _loose_credit(item: Loose, dossier: Dossier) -> Credit:
    contract = next((name for name in item.names if name in dossier.contracts), None)
    kind = CreditKind.UNALLOCATED
    if contract is not None and item.amount < 0:
        kind = CreditKind.ADVANCE
    reference = contract or (item.names[0] if item.names else "")
    label = item.entry.narration or ""
    return Credit(kind, item.customer, item.date, reference, label, item.amount, item.entry)


# -- deposits -------------------------------------------------------------------------------------------------


def deposits_at(book: Book, at: datetime.date) -> list[OpenDeposit]:
    """Every deposit issued up to ``at``, with what the documents up to ``at`` took off it."""
    return [
        deposit
        for contract in book.dossier.contracts.values()
        for deposit in contract_deposits(book, contract, at)
    ]


def contract_deposits(book: Book, contract: Contract, at: datetime.date) -> list[OpenDeposit]:
    """The deposits of one contract issued up to ``at``."""
    return [
        _known_deposit(book, deposit, at)
        for deposit in contract.deposits
        if deposit.document.date <= at
    ]


def _known_deposit(book: Book, deposit: Deposit, at: datetime.date) -> OpenDeposit:
    """A deposit at the end of ``at``: one to which nothing happens after that day is read once per load."""
    known = book.memory.deposits
    kept = known.get(deposit.number)
    if kept is not None and kept[0] <= at and kept[1].entry is deposit.document.entry:
        return kept[1]
    claim = book.dossier.claims.get(deposit.number)
    taken = book.taken.get(deposit.number, ())
    found = _open_deposit(deposit, claim, [one for one in taken if one.date <= at], at)
    last = max(
        (deposit.document.date, *(one.date for one in taken), *_days(claim)),
    )
    if last <= at:
        known[deposit.number] = (last, found)
    return found


def _days(claim: Claim | None) -> list[datetime.date]:
    return [event.date for event in claim.events] if claim is not None else []


def _open_deposit(
    deposit: Deposit, claim: Claim | None, taken: list[Taken], at: datetime.date
) -> OpenDeposit:
    document = deposit.document
    return OpenDeposit(
        number=deposit.number,
        kind=document.kind,
        date=document.date,
        customer=document.customer,
        contract=document.contract,
        label=document.entry.narration or "",
        account=deposit.account,
        rates=tuple(
            DepositRate(
                tax, given, _sum(taken, tax, credited=False), _sum(taken, tax, credited=True)
            )
            for tax, given in deposit.given.items()
        ),
        unpaid=max(ZERO, claim.open_at(at)) if claim is not None else ZERO,
        entry=document.entry,
    )


def _sum(taken: list[Taken], tax: TaxKey, *, credited: bool) -> Share:
    if not taken:
        return NOTHING
    return total_share(one.share for one in taken if one.tax == tax and one.credited is credited)


# -- the proof ------------------------------------------------------------------------------------------------


class Reconciliation(NamedTuple):
    """The aged balance against the postings, in euros; ``accounts`` gives the ledger balance of each account."""

    balance: Decimal
    ledger: Decimal
    accounts: dict[str, Decimal]

    @property
    def difference(self) -> Decimal:
        """Zero, or the balance is not to be trusted."""
        return self.balance - self.ledger


class Movement(NamedTuple):
    """What one posting did to a customer's account (euros, debit positive)."""

    date: datetime.date
    account: str
    amount: Decimal


def receivable_movements(entries: Iterable[Directive], chart: Chart) -> tuple[Movement, ...]:
    """The postings on 411, 4117, 413 and 416, read from the entries alone: what the aged balance is proved against."""
    ours: dict[str, bool] = {}
    found = []
    for entry in entries:
        if not isinstance(entry, Transaction):
            continue
        for posting in entry.postings:
            name = posting.account
            if name not in ours:
                ours[name] = chart.get(name).role in RECEIVABLE_ROLES
            units = posting.units
            if not ours[name] or units is None or units.number is None:
                continue
            if units.currency == EUR:
                found.append(Movement(entry.date, name, units.number))
    return tuple(found)


def prove(balance: AgedBalance, movements: Iterable[Movement]) -> Reconciliation:
    """Compare the aged balance of all customers with the plain sum of the ``movements`` up to its date."""
    accounts: dict[str, Decimal] = {}
    for date, account, amount in movements:
        if date <= balance.at:
            accounts[account] = accounts.get(account, ZERO) + amount
    return Reconciliation(
        balance.total, sum(accounts.values(), ZERO), dict(sorted(accounts.items()))
    )


def reconcile(book: Book, entries: Iterable[Directive], at: datetime.date) -> Reconciliation:
    """Compare the aged balance of all customers with the plain sum of the postings on their accounts."""
    return prove(aged_balance(book, at), receivable_movements(entries, book.dossier.chart))
