"""The balances that the forecast starts from, read in one pass over the postings."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from beancount.core.data import Directive, Transaction

from acompta.book import Book
from acompta.chart import PAYABLE_ROLES, VAT_DUE, Account, Chart
from acompta.rounding import ZERO
from acompta.vocabulary import EUR

# What the next return will set against the VAT collected; 44567 is the credit that the last one carried forward.
_DEDUCTIBLE: Final = frozenset({"44566", "44562"})
_VAT_CREDIT: Final = "44567"
_VAT_TO_PAY: Final = "44551"
_INTRA_EU: Final = "4452"


@dataclass(slots=True)
class Balances:
    """Balances at the end of a day, in euros.

    ``treasury`` per account of class 5; ``suppliers`` per account 401, 403, 404 (negative: owed); ``vat`` collected
    (44571, 4452) less deductible (44566, 44562), ``vat_of_month`` the part of it that the month of the day added,
    settlements of past months aside; ``vat_to_pay`` is 44551, ``vat_credit`` 44567, both positive.
    """

    treasury: dict[str, Decimal] = field(default_factory=dict)
    suppliers: dict[str, Decimal] = field(default_factory=dict)
    vat: Decimal = ZERO
    vat_of_month: Decimal = ZERO
    vat_to_pay: Decimal = ZERO
    vat_credit: Decimal = ZERO


def balances_at(book: Book, entries: Iterable[Directive], at: datetime.date) -> Balances:
    """The balances of the ledger at the end of the day ``at``."""
    balances, accounts = Balances(), _Counted(book.dossier.chart)
    month = at.replace(day=1)
    for entry in entries:
        if not isinstance(entry, Transaction) or entry.date > at:
            continue
        before = balances.vat
        settles = False
        for posting in entry.postings:
            account = accounts[posting.account]
            units = posting.units
            if account is None or units is None or units.number is None:
                continue
            if units.currency == EUR:
                settles = settles or account.role in {_VAT_TO_PAY, _VAT_CREDIT}
                _add(balances, account, units.number)
        if entry.date >= month and not settles:
            balances.vat_of_month += balances.vat - before
    balances.treasury = {name: sum_ for name, sum_ in sorted(balances.treasury.items()) if sum_}
    return balances


class _Counted(dict[str, Account | None]):
    """The accounts that count, by name, ``None`` for the others: asked once each, all of the ledger being read."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart

    def __missing__(self, name: str) -> Account | None:
        account = self._chart.get(name)
        counts = account.is_treasury or account.role in _ROLES
        found = self[name] = account if counts else None
        return found


_ROLES: Final = frozenset(
    {*PAYABLE_ROLES, VAT_DUE, _INTRA_EU, _VAT_TO_PAY, _VAT_CREDIT, *_DEDUCTIBLE}
)


def _add(balances: Balances, account: Account, amount: Decimal) -> None:
    role = account.role
    if account.is_treasury:
        _sum(balances.treasury, account.name, amount)
    elif role in PAYABLE_ROLES:
        _sum(balances.suppliers, account.name, amount)
    elif role in {VAT_DUE, _INTRA_EU} or role in _DEDUCTIBLE:
        balances.vat -= amount
    elif role == _VAT_TO_PAY:
        balances.vat_to_pay -= amount
    elif role == _VAT_CREDIT:
        balances.vat_credit += amount


def _sum(sums: dict[str, Decimal], key: str, amount: Decimal) -> None:
    sums[key] = sums.get(key, ZERO) + amount
