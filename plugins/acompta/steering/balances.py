"""The balances that the forecast starts from, read in one pass over the postings."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from beancount.core.data import Directive, Transaction

from acompta.book import Book
from acompta.chart import PAYABLE_ROLES, Account, Chart
from acompta.closing.vat_movements import SETTLED_IN, VAT_ROLES
from acompta.rounding import ZERO
from acompta.vocabulary import EUR


@dataclass(slots=True)
class Balances:
    """Balances at the end of a day, in euros.

    ``treasury`` per account of class 5; ``suppliers`` per account 401, 403, 404 (negative: owed); ``vat_entries`` are
    the entries that touch an account of VAT to declare, declared, paid or carried forward.
    """

    treasury: dict[str, Decimal] = field(default_factory=dict)
    suppliers: dict[str, Decimal] = field(default_factory=dict)
    vat_entries: list[Transaction] = field(default_factory=list)


def balances_at(book: Book, entries: Iterable[Directive], at: datetime.date) -> Balances:
    """The balances of the ledger at the end of the day ``at``."""
    balances, accounts = Balances(), _Counted(book.dossier.chart)
    for entry in entries:
        if not isinstance(entry, Transaction) or entry.date > at:
            continue
        touches_vat = False
        for posting in entry.postings:
            account = accounts[posting.account]
            units = posting.units
            if account is None or units is None or units.number is None:
                continue
            if units.currency == EUR:
                touches_vat = touches_vat or account.role in _VAT
                _add(balances, account, units.number)
        if touches_vat:
            balances.vat_entries.append(entry)
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


_VAT: Final = VAT_ROLES | SETTLED_IN
_ROLES: Final = PAYABLE_ROLES | _VAT


def _add(balances: Balances, account: Account, amount: Decimal) -> None:
    role = account.role
    if account.is_treasury:
        _sum(balances.treasury, account.name, amount)
    elif role in PAYABLE_ROLES:
        _sum(balances.suppliers, account.name, amount)


def _sum(sums: dict[str, Decimal], key: str, amount: Decimal) -> None:
    sums[key] = sums.get(key, ZERO) + amount
