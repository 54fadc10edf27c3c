"""What a fiscal year opens with, beside what the year before closed with, account by account.

The closing side comes from the sealed entries of the closings (``ecritures.tsv``) when the year before is shut, else
from the ledger. The opening side is what Beancount carries, and the opening entries that somebody typed. Classes 6 and
7 count for the result of their year, on 120 or 129.

Sources: C. com. art. L123-19 (the opening balance sheet is the closing one of the year before); PCG art. 113-2 (the
same), 1212-12 (120, 129).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from beancount.core.data import Transaction

from acompta.closing.closings import Closing, only_closings
from acompta.closing.fec.opening import LOSS, PROFIT, result_account
from acompta.closing.period_view import PeriodView
from acompta.closing.periods import fiscal_year_of
from acompta.closing.seal import SealedEntry, digest, read_entries_file, sealable
from acompta.closing.verify import unmatched
from acompta.rounding import ZERO
from acompta.vocabulary import EUR

_REOPENING: Final = ("890", "891")

Balances = dict[tuple[str, str], Decimal]
_Line = tuple[datetime.date, str, str, Decimal]


class Gap(NamedTuple):
    """An account that does not open with what it closed with (in its currency, debit positive).

    ``typed`` are the opening entries that move it, ``changed`` the entries of the year before that are new since its
    closing, ``gone`` the sealed ones that are no longer there.
    """

    account: str
    currency: str
    closed: Decimal
    opened: Decimal
    typed: tuple[Transaction, ...]
    changed: tuple[Transaction, ...]
    gone: tuple[SealedEntry, ...]


class Carried(NamedTuple):
    """The comparison on the last day of the year before; ``sealed`` when its figures are those of its closings.

    ``accounts`` is how many balances are carried, ``debit`` their total in euros; ``unreadable`` the file of a closing
    that is missing or damaged: the ledger is then compared with itself.
    """

    day: datetime.date
    sealed: bool
    accounts: int
    debit: Decimal
    gaps: tuple[Gap, ...]
    typed: tuple[Transaction, ...]
    unreadable: Path | None


def carried(view: PeriodView) -> Carried:
    """Compare the opening balances of the fiscal year of ``view`` with the closing ones of the year before."""
    start = view.year_start
    day = start - datetime.timedelta(days=1)
    before = sealable(view.entries, day)
    typed = tuple(_typed(view, start))
    kept, unreadable = _sealed(view, day)
    if kept is None:
        then = _of_ledger(entry for entry in before if not _clears(view, entry, day))
    else:
        then = [
            line for one in kept if not _was_clearing(view, one, day) for line in _of_sealed(one)
        ]
    closed = _balances(view, then)
    opened = _balances(view, _of_ledger([*before, *typed]))
    gaps = [key for key in {**closed, **opened} if closed.get(key, ZERO) != opened.get(key, ZERO)]
    changed, gone = _changes(kept, before) if kept is not None and gaps else ([], [])
    found = tuple(
        Gap(
            *key,
            closed.get(key, ZERO),
            opened.get(key, ZERO),
            tuple(entry for entry in typed if _moves(view, key[0], _of_ledger([entry]))),
            tuple(entry for entry in changed if _moves(view, key[0], _of_ledger([entry]))),
            tuple(one for one in gone if _moves(view, key[0], _of_sealed(one))),
        )
        for key in sorted(gaps, key=lambda key: (view.chart.get(key[0]).number, key))
    )
    debit = sum((a for (_, unit), a in closed.items() if unit == EUR and a > 0), ZERO)
    return Carried(day, kept is not None, len(closed), debit, found, typed, unreadable)


def _typed(view: PeriodView, start: datetime.date) -> Iterator[Transaction]:
    """The opening entries that somebody typed in the year: they say so, or move 890 or 891."""
    for entry in view.past:
        if entry.date >= start and not entry.tags and view.books.is_opening(entry):
            yield entry


def _sealed(view: PeriodView, day: datetime.date) -> tuple[list[SealedEntry] | None, Path | None]:
    """The entries sealed up to ``day`` when it is shut; ``None``, with the file at fault, when they cannot be read."""
    closings: list[Closing] = [c for c in only_closings(view.dossier.closings) if c.date <= day]
    if not closings or closings[-1].date < day:
        return None, None
    folder = Path(str(view.options.get("filename", ""))).parent
    kept: list[SealedEntry] = []
    for closing in closings:
        entries = read_entries_file(closing.file(folder))
        if entries is None:
            return None, closing.file(folder)
        kept += entries
    return kept, None


def _of_ledger(entries: Iterable[Transaction]) -> list[_Line]:
    return [
        (entry.date, posting.account, posting.units.currency, posting.units.number)
        for entry in entries
        for posting in entry.postings
        if posting.units is not None and posting.units.number is not None
    ]


def _of_sealed(entry: SealedEntry) -> Iterator[_Line]:
    """« Actif:512:Banque 12.5 EUR ; … », as the seal keeps it."""
    day = datetime.date.fromisoformat(entry.date)
    for line in entry.lines.split(" ; "):
        if line:
            account, number, currency = line.rsplit(" ", 2)
            yield day, account, currency, Decimal(number)


def _clears(view: PeriodView, entry: Transaction, day: datetime.date) -> bool:
    """Whether an entry of the last day takes every account to 890 or 891, to type the opening the next morning."""
    return entry.date == day and any(
        view.chart.get(posting.account).number.startswith(_REOPENING) for posting in entry.postings
    )


def _was_clearing(view: PeriodView, entry: SealedEntry, day: datetime.date) -> bool:
    return any(
        date == day and view.chart.get(account).number.startswith(_REOPENING)
        for date, account, _, _ in _of_sealed(entry)
    )


def _balances(view: PeriodView, lines: Iterable[_Line]) -> Balances:
    """The balance-sheet accounts, the result of each year on 120 or 129; those at zero left out."""
    balances: Balances = {}
    results: dict[tuple[datetime.date, str], Decimal] = {}
    for day, account, currency, amount in lines:
        if view.chart.get(account).pcg_class in {"6", "7"}:
            year = fiscal_year_of(day, view.year_end).end
            results[year, currency] = results.get((year, currency), ZERO) + amount
        else:
            key = account, currency
            balances[key] = balances.get(key, ZERO) + amount
    for (_, currency), result in results.items():
        if result:
            name = result_account(view.chart, LOSS if result > 0 else PROFIT)
            balances[name, currency] = balances.get((name, currency), ZERO) + result
    return {key: amount for key, amount in balances.items() if amount}


def _changes(
    kept: list[SealedEntry], current: list[Transaction]
) -> tuple[list[Transaction], list[SealedEntry]]:
    gone, changed = unmatched(kept, current, [digest(entry) for entry in current])
    return changed, gone


def _moves(view: PeriodView, account: str, lines: Iterable[_Line]) -> bool:
    """Whether lines move an account; the result moves with classes 6 and 7."""
    is_result = view.chart.get(account).number.startswith((PROFIT, LOSS))
    return any(
        name == account or (is_result and view.chart.get(name).pcg_class in {"6", "7"})
        for _, name, _, _ in lines
    )
