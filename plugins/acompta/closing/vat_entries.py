"""The entries that move an account of VAT, or of a tax declared with it: read once, asked period by period.

A return adds up all that came before it. What an entry does to the balances never changes, so it is kept: a forecast, a
page of another month and the return before read it again without asking each posting for its account.
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive, Transaction

from acompta.chart import Account, Chart
from acompta.closing.vat_movements import ASSIMILATED, CREDIT_FORWARD, euros_of, is_settlement

CLEARED: Final = frozenset({"44571", "4452", "44562", "44566"})


class TaxEntry(NamedTuple):
    """An entry: ``cleared`` and ``credit`` are the euros that it puts on each account to clear, or on 44567."""

    entry: Transaction
    is_settlement: bool
    cleared: tuple[tuple[str, Decimal], ...]
    credit: tuple[tuple[str, Decimal], ...]


def tax_entries(entries: Iterable[Directive], chart: Chart) -> list[TaxEntry]:
    """Those of a ledger, in its order."""
    accounts = _VatAccounts(chart)
    return [
        _read(entry, accounts, chart)
        for entry in entries
        if isinstance(entry, Transaction) and accounts.touched_by(entry)
    ]


def tax_entries_upto(taxed: Sequence[TaxEntry], at: datetime.date) -> Sequence[TaxEntry]:
    """Those up to the end of the day ``at``."""
    return taxed[: bisect_right(taxed, at, key=_date)]


def _date(one: TaxEntry) -> datetime.date:
    return one.entry.date


def _read(entry: Transaction, accounts: _VatAccounts, chart: Chart) -> TaxEntry:
    cleared: list[tuple[str, Decimal]] = []
    credit: list[tuple[str, Decimal]] = []
    for posting in entry.postings:
        account = accounts[posting.account]
        if account is None:
            continue
        if account.role == CREDIT_FORWARD:
            credit.append((account.name, euros_of(posting)))
        elif account.role in CLEARED:
            cleared.append((account.name, euros_of(posting)))
    return TaxEntry(entry, is_settlement(entry, chart), tuple(cleared), tuple(credit))


class _VatAccounts(dict[str, Account | None]):
    """The accounts of VAT, or of taxes declared with it (445, 447), by name, ``None`` for another; asked once each."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._chart = chart

    def __missing__(self, name: str) -> Account | None:
        account = self._chart.get(name)
        taxes = account.number.startswith(("445", ASSIMILATED))
        found = self[name] = account if taxes else None
        return found

    def touched_by(self, entry: Transaction) -> bool:
        """Whether a line of the entry is on one of them."""
        for posting in entry.postings:  # noqa: SIM110 — for every entry of the ledger: half the time of `any`
            if self[posting.account] is not None:
                return True
        return False
