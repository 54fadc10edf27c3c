"""Opening balances of a fiscal year, derived: Beancount carries balances itself, so they are never posted twice.

Classes 1 to 5 and 8 carry their balance; classes 6 and 7 start at zero, each earlier year's result standing on 120
(profit) or 129 (loss). An account that is lettered carries one line per document still open, so that the payment of an
old invoice letters it in the new year.

Source: PCG art. 1212-12 (120, 129) and 113-2 (opening balances are the closing ones); LPF art. A47 A-1, VII, 3°.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from acompta.chart import Chart
from acompta.closing.journals import Books, entry_lines
from acompta.closing.lettering import Group, Letter, Lettering
from acompta.closing.periods import fiscal_year_of
from acompta.rounding import ZERO

PROFIT: Final = "120"
LOSS: Final = "129"


class Opening(NamedTuple):
    """What one account carries (euros, debit positive); ``piece`` and ``date`` are those of the open document."""

    account: str
    amount: Decimal
    piece: str
    date: datetime.date
    letter: Letter | None


def opening_lines(
    books: Books,
    lettering: Lettering,
    start: datetime.date,
    year_end: tuple[int, int] | None,
) -> list[Opening]:
    """What is carried forward on the first day ``start`` of a fiscal year, by account then document."""
    balances, results = _balances(books, start, year_end)
    for result in results.values():
        if result:
            account = result_account(books.chart, LOSS if result > 0 else PROFIT)
            balances[account] = balances.get(account, ZERO) + result
    by_account: dict[str, list[Opening]] = {}
    for group in lettering.groups:
        line = _open_group(group, start)
        if line is not None:
            by_account.setdefault(group.account, []).append(line)
    codes = books.codes
    lines: list[Opening] = []
    for account in sorted(balances, key=lambda name: (codes[name].number, codes[name].auxiliary)):
        detailed = by_account.get(account, [])
        left = balances[account] - sum((line.amount for line in detailed), ZERO)
        lines += detailed
        if left:
            lines.append(Opening(account, left, "", start, None))
    return lines


def _balances(
    books: Books, start: datetime.date, year_end: tuple[int, int] | None
) -> tuple[dict[str, Decimal], dict[datetime.date, Decimal]]:
    """Balances of the balance-sheet accounts, and the result of each earlier year (debit positive: a loss)."""
    balances: dict[str, Decimal] = {}
    results: dict[datetime.date, Decimal] = {}
    for transaction in books.transactions:
        if transaction.date >= start:
            break
        year = fiscal_year_of(transaction.date, year_end).end
        for line in entry_lines(transaction):
            if books.chart.get(line.account).pcg_class in {"6", "7"}:
                results[year] = results.get(year, ZERO) + line.amount
            else:
                balances[line.account] = balances.get(line.account, ZERO) + line.amount
    return balances, results


def _open_group(group: Group, start: datetime.date) -> Opening | None:
    before = [item for item in group.items if item.transaction.date < start]
    amount = sum((item.amount for item in before), ZERO)
    if not amount:
        return None
    piece = group.numbers[0] if group.numbers else group.code
    return Opening(group.account, amount, piece, before[0].transaction.date, group.letter)


def result_account(chart: Chart, number: str) -> str:
    """The account of the result: the ledger's 120 or 129, else the one that the chart would open."""
    opened = [
        account.name
        for account in chart.accounts.values()
        if account.number.startswith(number) and account.opened is not None
    ]
    detailed = [name for name in opened if name.count(":") > 1]
    if detailed or opened:
        return (detailed or opened)[0]
    root = next((name.split(":")[0] for name in chart.accounts if ":1" in name), "Capitaux")
    return f"{root}:{number}"


def is_clearing(books: Books, accounts: Iterator[str]) -> bool:
    """Whether an entry only clears classes 6 and 7 into the result: the FEC must not have it (A47 A-1, VII, 1°)."""
    numbers = [books.chart.get(account).number for account in accounts]
    closes = any(number.startswith(("12", "891")) for number in numbers)
    managed = any(number.startswith(("6", "7")) for number in numbers)
    return (
        closes and managed and all(number.startswith(("6", "7", "12", "891")) for number in numbers)
    )
