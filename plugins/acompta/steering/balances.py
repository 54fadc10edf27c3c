"""The balances that the forecast starts from, read in one pass over the postings."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive, Transaction

from acompta.book import Book
from acompta.chart import PAYABLE_ROLES, Account, Chart
from acompta.closing.vat_movements import SETTLED_IN, VAT_ROLES
from acompta.rounding import add_to
from acompta.steering.vat_payments import VatEffect, VatReader
from acompta.vocabulary import EUR


@dataclass(slots=True)
class Balances:
    """Balances at the end of a day, in euros.

    ``treasury`` per account of class 5; ``suppliers`` per account 401, 403, 404 (negative: owed); ``vat`` is what
    each entry did that touches an account of VAT to declare, declared, paid or carried forward.
    """

    treasury: dict[str, Decimal] = field(default_factory=dict)
    suppliers: dict[str, Decimal] = field(default_factory=dict)
    vat: list[VatEffect] = field(default_factory=list)


class Counted(NamedTuple):
    """What an entry posts to the accounts that count (euros, debit positive), and does to those of VAT."""

    date: datetime.date
    treasury: tuple[tuple[str, Decimal], ...]
    suppliers: tuple[tuple[str, Decimal], ...]
    vat: VatEffect | None


def counted(book: Book, entries: Iterable[Directive]) -> tuple[Counted, ...]:
    """The entries that any forecast counts, read once per load."""
    accounts, reader = _Accounts(book.dossier.chart), VatReader(book.dossier)
    found = []
    for entry in entries:
        if not isinstance(entry, Transaction):
            continue
        amounts = tuple(
            (account, units.number)
            for posting in entry.postings
            if (account := accounts[posting.account]) is not None
            and (units := posting.units) is not None
            and units.number is not None
            and units.currency == EUR
        )
        if amounts:
            touches_vat = any(account.role in _VAT for account, _ in amounts)
            vat = reader.read(entry) if touches_vat else None
            treasury = tuple((a.name, amount) for a, amount in amounts if a.is_treasury)
            suppliers = tuple((a.name, amount) for a, amount in amounts if a.role in PAYABLE_ROLES)
            found.append(Counted(entry.date, treasury, suppliers, vat))
    return tuple(found)


def balances_at(entries: Iterable[Counted], at: datetime.date) -> Balances:
    """The balances at the end of the day ``at``, of all that counts in a ledger."""
    balances = Balances()
    for date, treasury, suppliers, vat in entries:
        if date > at:
            continue
        for name, amount in treasury:
            add_to(balances.treasury, name, amount)
        for name, amount in suppliers:
            add_to(balances.suppliers, name, amount)
        if vat is not None:
            balances.vat.append(vat)
    balances.treasury = {name: sum_ for name, sum_ in sorted(balances.treasury.items()) if sum_}
    return balances


class _Accounts(dict[str, Account | None]):
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
