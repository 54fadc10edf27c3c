"""What the reader asked to see: the as-of date and Fava's filters, applied to figures already made.

Fava cuts the ledger at the time filter, which would lose the invoices behind a balance brought forward. So the pages
read the whole ledger, and take the last day of the time filter as the as-of date (date d'arrêté).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from beancount.core.account import has_component
from beancount.core.data import Transaction
from fava.core.filters import AdvancedFilter, FilterError, Match
from fava.util.date import FiscalYearEnd, FyeHasNoQuartersError, parse_date

from acompta.chart import RECEIVABLE, Chart
from acompta.contracts import ContractView
from acompta.fava.documents import DocumentView
from acompta.receivables import AgedBalance, Credit, CustomerBalance, OpenDeposit, OpenInvoice

# Of the calendar that dates can count: a page looks a month before, and a year ahead.
YEARS: Final = range(1000, 9000)
_ONE_DAY: Final = datetime.timedelta(days=1)
Item = OpenInvoice | Credit | OpenDeposit


class ScopeError(ValueError):
    """A filter that cannot be read; the message is one French sentence."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The as-of date, and the filters as typed (``""``: none).

    ``dated`` says whether the date comes from the time filter; ``account`` and ``text`` are Fava's filters, ``client``
    is the 411 account of one customer.
    """

    at: datetime.date
    dated: bool = False
    account: str = ""
    text: str = ""
    client: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether everything is shown."""
        return not (self.account or self.text or self.client)


def read_scope(
    args: Mapping[str, str], fiscal_year_end: FiscalYearEnd, today: datetime.date
) -> Scope:
    """Read the query of a request; without a time filter the as-of date is ``today``.

    Raises:
        ScopeError: the time filter is not a date that Fava understands.
    """
    time = args.get("time", "").strip()
    at = _last_day(time, fiscal_year_end) if time else today
    return Scope(
        at,
        bool(time),
        args.get("account", "").strip(),
        args.get("filter", "").strip(),
        args.get("client", "").strip(),
    )


def _last_day(time: str, fiscal_year_end: FiscalYearEnd) -> datetime.date:
    try:
        begin, end = parse_date(time, fiscal_year_end)
        if begin is not None and end is not None and begin < end and end.year in YEARS:
            return end - _ONE_DAY
    except (ValueError, OverflowError, FyeHasNoQuartersError):
        pass
    raise ScopeError(
        f"Date illisible dans le filtre : « {time} ». Tapez par exemple 2026, 2026-03, 2026-Q1 ou 2026-03-31."
    )


class Sieve:
    """Fava's account and text filters, and the chosen customer, over what the engine found.

    ``entry_of`` gives the complete entry of a typed one: filters see what Fava sees.
    """

    def __init__(
        self, scope: Scope, chart: Chart, entry_of: Callable[[Transaction], Transaction]
    ) -> None:
        """Read the filters of ``scope``.

        Raises:
            ScopeError: the text filter does not follow Fava's syntax.
        """
        self.scope = scope
        self.entry_of = entry_of
        self.picks_customers = bool(scope.account) and any(
            _matches(scope.account, account.name) for account in chart.with_role(RECEIVABLE)
        )
        try:
            self.text = AdvancedFilter(scope.text) if scope.text else None
        except FilterError as error:
            raise ScopeError(
                f'Filtre illisible : « {scope.text} ». Tapez par exemple ^D2026-001, #facture ou payee:"Dupont".'
            ) from error

    def balance(self, balance: AgedBalance) -> AgedBalance:
        """The part of ``balance`` that the filters keep."""
        if self.scope.is_whole:
            return balance
        narrowed = (self._customer(customer) for customer in balance.customers)
        return replace(balance, customers=tuple(c for c in narrowed if c is not None))

    def contracts(self, views: Iterable[ContractView]) -> tuple[ContractView, ...]:
        """The contracts that the filters keep."""
        if self.scope.is_whole:
            return tuple(views)
        return tuple(
            view
            for view in views
            if any(self.keeps(view.customer, step.entry, {view.link}) for step in view.steps)
        )

    def documents(self, views: Iterable[DocumentView]) -> tuple[DocumentView, ...]:
        """The documents that the filters keep."""
        if self.scope.is_whole:
            return tuple(views)
        return tuple(
            view
            for view in views
            if self.keeps(view.customer, view.entry, (view.number, view.contract))
        )

    def keeps(self, customer: str, entry: Transaction, names: Iterable[str]) -> bool:
        """Whether an entry of a customer, known under ``names`` (number, contract), passes."""
        client = self.scope.client
        if client and customer != client:
            return False
        return self._account_keeps(customer, entry) and self._text_keeps(entry, names)

    def keeps_entry(
        self, entry: Transaction, customer: str = "", names: Iterable[str] = ()
    ) -> bool:
        """Whether an entry of any kind (a purchase, a payment, an adjustment) passes.

        It is a customer's when it posts to that account, or when the caller says so (``customer``).
        """
        accounts = {posting.account for posting in self.entry_of(entry).postings} | {customer}
        accounts.update(posting.account for posting in entry.postings)
        client, wanted = self.scope.client, self.scope.account
        if client and client not in accounts:
            return False
        if wanted and not any(_matches(wanted, account) for account in accounts if account):
            return False
        return self._text_keeps(entry, names)

    def _account_keeps(self, customer: str, entry: Transaction) -> bool:
        wanted = self.scope.account
        if not wanted:
            return True
        if self.picks_customers:
            return _matches(wanted, customer)
        return any(_matches(wanted, p.account) for p in self.entry_of(entry).postings)

    def _text_keeps(self, entry: Transaction, names: Iterable[str]) -> bool:
        if self.text is None:
            return True
        full = self.entry_of(entry)
        # A document answers to its number as payments do, which link it.
        linked = full._replace(links=full.links.union(name for name in names if name))
        return bool(self.text.apply([linked]))  # type: ignore[list-item]  # Fava's own view of Beancount's types

    def _customer(self, customer: CustomerBalance) -> CustomerBalance | None:
        if self.scope.client and customer.account != self.scope.client:
            return None
        narrowed = replace(
            customer,
            invoices=tuple(i for i in customer.invoices if self._keeps_item(i)),
            credits=tuple(c for c in customer.credits if self._keeps_item(c)),
            deposits=tuple(d for d in customer.deposits if self._keeps_item(d)),
        )
        kept = narrowed.invoices or narrowed.credits or narrowed.deposits
        return narrowed if kept else None

    def _keeps_item(self, item: Item) -> bool:
        return self.keeps(item.customer, item.entry, _names(item))


def _names(item: Item) -> tuple[str, ...]:
    if isinstance(item, Credit):
        return (item.reference,)
    return (item.number, item.contract or "")


def _matches(wanted: str, account: str) -> bool:
    """As Fava's account filter: a parent account, a part of the name, or a regular expression."""
    return has_component(account, wanted) or Match(wanted)(account)
