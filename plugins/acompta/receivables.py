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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from beancount.core.data import Directive, Transaction

from acompta.chart import RECEIVABLE, RECEIVABLE_ROLES, Chart
from acompta.claims import ADVANCE, PAYMENT, Claim
from acompta.dossier import Dossier
from acompta.reading.model import Document, Share, TaxKey
from acompta.register import Contract, Deposit
from acompta.retentions import retentions
from acompta.rounding import ZERO
from acompta.terms import DEFAULT_TERMS, Terms, parse_terms
from acompta.vocabulary import EUR, Kind

NOTHING: Final = Share(ZERO, ZERO)
# What reduces a claim and is money; the rest is a discount, a credit note, a loss.
MONEY: Final = frozenset({PAYMENT, ADVANCE})
_Place = tuple[datetime.date, str, int]


# -- values ---------------------------------------------------------------------------------------------------


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
    total = Ages()
    for one in ages:
        total = total.plus(one)
    return total


def place_of(entry: Transaction) -> Place:
    """File and line of an entry."""
    return Place(str(entry.meta.get("filename", "")), int(entry.meta.get("lineno", 0)))


# -- due dates ------------------------------------------------------------------------------------------------


def due_date(document: Document, dossier: Dossier) -> datetime.date:
    """Due date: ``echeance:`` of the document, else the ``delai:`` of the document, its contract, customer or seller.

    30 days after the document when nobody says (C. com. art. L441-10-I).
    """
    typed = document.meta.get("echeance")
    if isinstance(typed, datetime.date):
        return typed
    return _terms(document, dossier).due(document.date)


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


# -- the book: what moved customers' accounts, read once ------------------------------------------------------


class Loose(NamedTuple):
    """The part of an entry on a customer's accounts that no document explains (euros, debit positive)."""

    date: datetime.date
    customer: str
    amount: Decimal
    names: tuple[str, ...]
    entry: Transaction


class Taken(NamedTuple):
    """What a document took off a deposit at one VAT key (euros): recovered, else credited."""

    date: datetime.date
    tax: TaxKey
    share: Share
    credited: bool


@dataclass(frozen=True, slots=True)
class Book:
    """A dossier with what its entries did to the customers' accounts beside the documents and their settlements.

    ``loose`` belongs to no document; ``adjustments`` are by number of document: what changed what is owed for it
    without being a payment (a loss on 654, penalties), debit positive; ``taken`` is by number of deposit; ``by_link``
    are the documents by link, in order; ``releases`` the dates when retentions fall due, by place of the document.
    """

    dossier: Dossier
    loose: tuple[Loose, ...]
    adjustments: Mapping[str, tuple[Loose, ...]]
    taken: Mapping[str, tuple[Taken, ...]]
    by_link: Mapping[str, tuple[Document, ...]]
    releases: Mapping[int, datetime.date]


def read_book(dossier: Dossier, entries: Iterable[Directive]) -> Book:
    """Read ``entries`` (all of the ledger, as loaded) once; the book then answers for any date."""
    explained = _explained(dossier)
    loose: list[Loose] = []
    adjustments: dict[str, list[Loose]] = {}
    for movement in _movements(entries, dossier.chart):
        key = (_place_key(movement.entry), movement.customer)
        amount = movement.amount - explained.pop(key, ZERO)
        if amount:
            item = movement._replace(amount=amount)
            claims = [name for name in item.names if name in dossier.claims]
            if len(claims) == 1 and dossier.claims[claims[0]].date <= item.date:
                adjustments.setdefault(claims[0], []).append(item)
            else:
                loose.append(item)
    return Book(
        dossier,
        tuple(loose),
        {number: tuple(items) for number, items in adjustments.items()},
        _taken(dossier),
        _by_link(dossier),
        {
            retention.document.index: retention.release
            for retention in retentions(dossier, (), datetime.date.max)
            if retention.release is not None
        },
    )


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


class _Customers(dict[str, str | None]):
    """The 411 account of the customer by customer's account (411, 4117, 413, 416); ``None`` for any other account.

    Filled on demand: the plugin posts to sibling accounts that no ``open`` line of the text names.
    """

    def __init__(self, chart: Chart) -> None:
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


def _movements(entries: Iterable[Directive], chart: Chart) -> list[Loose]:
    """One movement per entry and customer, in ledger order, with the links and numbers that it names."""
    customers = _Customers(chart)
    movements: list[Loose] = []
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                if customers[posting.account] is not None:
                    movements += _entry_movements(entry, customers)
                    break
    return movements


def _entry_movements(entry: Transaction, customers: _Customers) -> list[Loose]:
    amounts: dict[str, Decimal] = {}
    names: dict[str, list[str]] = {}
    for posting in entry.postings:
        customer = customers[posting.account]
        units = posting.units
        if customer is None or units is None or units.number is None or units.currency != EUR:
            continue
        amounts[customer] = amounts.get(customer, ZERO) + units.number
        number = (posting.meta or {}).get("facture")
        if number is not None:
            names.setdefault(customer, []).append(str(number))
    links = sorted(entry.links)
    return [
        Loose(entry.date, customer, amount, tuple(dict.fromkeys(names.get(customer, links))), entry)
        for customer, amount in amounts.items()
    ]


# -- the aged balance -----------------------------------------------------------------------------------------


class _Parts:
    """What is found for one customer while the balance is made."""

    __slots__ = ("credits", "deposits", "invoices")

    def __init__(self) -> None:
        self.invoices: list[OpenInvoice] = []
        self.credits: list[Credit] = []
        self.deposits: list[OpenDeposit] = []


def aged_balance(
    book: Book, at: datetime.date, *, account: str = "", link: str = ""
) -> AgedBalance:
    """What is owed at the end of the day ``at``, by customer.

    ``account`` keeps the customers whose 411 account is or lies below it; ``link`` keeps what belongs to that contract
    or invoice number (without ``^``).
    """
    parts: dict[str, _Parts] = {}

    def part(customer: str) -> _Parts:
        return parts.setdefault(customer, _Parts())

    keep = _keeper(account, link)
    for claim in book.dossier.claims.values():
        document = claim.document
        if keep(document.customer, _names(document, book.dossier)):
            _add_claim(book, claim, at, part)
    for item in book.loose:
        if item.date <= at and keep(item.customer, item.names):
            part(item.customer).credits.append(_loose_credit(item, book.dossier))
    for deposit in deposits_at(book, at):
        names = (deposit.number, *((deposit.contract,) if deposit.contract else ()))
        if (deposit.left.base or deposit.left.vat) and keep(deposit.customer, names):
            part(deposit.customer).deposits.append(deposit)
    chart = book.dossier.chart
    customers = [_customer(name, chart, found) for name, found in parts.items()]
    customers.sort(key=lambda customer: (customer.name.casefold(), customer.account))
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
    bill = book.dossier.bill(document)
    # The retention is released last: what is paid pays the rest first.
    retention = max(ZERO, min(owed, bill.retention)) if bill is not None else ZERO
    release = book.releases.get(document.index) if retention else None
    due = due_date(document, book.dossier)
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
        date=document.date,
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
        _open_deposit(book, deposit, at)
        for deposit in contract.deposits
        if deposit.document.date <= at
    ]


def _open_deposit(book: Book, deposit: Deposit, at: datetime.date) -> OpenDeposit:
    document = deposit.document
    claim = book.dossier.claims.get(deposit.number)
    taken = [one for one in book.taken.get(deposit.number, ()) if one.date <= at]
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


def _sum(taken: Iterable[Taken], tax: TaxKey, *, credited: bool) -> Share:
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


def reconcile(book: Book, entries: Iterable[Directive], at: datetime.date) -> Reconciliation:
    """Compare the aged balance of all customers with the plain sum of the postings on their accounts."""
    accounts: dict[str, Decimal] = {}
    for entry in entries:
        if not isinstance(entry, Transaction) or entry.date > at:
            continue
        for posting in entry.postings:
            units = posting.units
            if units is None or units.number is None or units.currency != EUR:
                continue
            if book.dossier.chart.get(posting.account).role in RECEIVABLE_ROLES:
                balance = accounts.get(posting.account, ZERO)
                accounts[posting.account] = balance + units.number
    return Reconciliation(
        aged_balance(book, at).total, sum(accounts.values(), ZERO), dict(sorted(accounts.items()))
    )
