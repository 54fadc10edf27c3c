"""Accounts that Beancount does not know at the date of an entry: which one was meant, or what to open.

Unlike the rest of the linter this looks at the whole ledger: the accounts that it opens, and when.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from beancount.core.data import Close, Open

from acompta import french
from acompta.lint.accounts import guess_root
from acompta.lint.roots import FRENCH_ROOTS

# A misspelt name shares nearly all its letters with the account that was meant.
_ALIKE: Final = 0.75
_NUMBER: Final = re.compile(r":(\d+)")
# Accounts of a customer that the engine opens beside his 411 (language.md §2).
_OPENED_FOR_CUSTOMERS: Final = ("4191", "4117", "416", "413")


class Opened(NamedTuple):
    """The dates of each account: its ``open`` lines, and its ``close`` lines."""

    since: Mapping[str, datetime.date]
    until: Mapping[str, datetime.date]


def opened_by(entries: Iterable[Any]) -> Opened:
    """The accounts that ``entries`` open and close."""
    since: dict[str, datetime.date] = {}
    until: dict[str, datetime.date] = {}
    for entry in entries:
        if isinstance(entry, Open):
            since.setdefault(entry.account, entry.date)
        elif isinstance(entry, Close):
            until.setdefault(entry.account, entry.date)
    return Opened(since, until)


def unknown_account(account: str, used: datetime.date, opened: Collection[str]) -> str:
    """What to say of an ``account`` that no line opens, first ``used`` on that day."""
    line = f"« {used.year}-01-01 open {account} »"
    meant = nearest_account(account, opened)
    if meant:
        return (
            f"le compte « {account} » n'est ouvert nulle part ; vouliez-vous dire « {meant} » ?"
            f" sinon, tapez {line}"
        )
    return (
        f"le compte « {account} » n'est ouvert nulle part ; vérifiez son orthographe, ou tapez {line}"
        " avant les écritures"
    )


def nearest_account(account: str, opened: Collection[str]) -> str | None:
    """The opened account that ``account`` most likely stands for: another root, a slip of the keyboard."""
    tail = account.partition(":")[2]
    for known in opened:
        if known != account and known.partition(":")[2] == tail:
            return known
    number, _, name = tail.partition(":")
    if not name:
        # A number without a name: the account of the chart that it subdivides.
        parents = [known for known in opened if account.startswith(known) and known != account]
        return max(parents, key=len, default=None)
    names = {
        known.split(":", 2)[-1]: known for known in opened if _number(known) == _number(account)
    }
    same_name = [known for known in opened if known.endswith(f":{name}")]
    alike = difflib.get_close_matches(name, names, n=1, cutoff=_ALIKE)
    if alike:
        return names[alike[0]]
    by_number = {known.split(":", 2)[1]: known for known in same_name}
    near = difflib.get_close_matches(number, by_number, n=1, cutoff=_ALIKE)
    return by_number[near[0]] if near else None


def customer_beside(account: str) -> str | None:
    """The 411 of the customer whose 4191, 4117, 416 or 413 ``account`` is; else ``None``."""
    number = _number(account)
    if number not in _OPENED_FOR_CUSTOMERS or account.count(":") < 2:
        return None
    return f"{guess_root('411', FRENCH_ROOTS)}:411:{account.split(':', 2)[2]}"


def _number(account: str) -> str:
    found = _NUMBER.search(account)
    return found[1] if found else ""


def out_of_dates(accounts: Sequence[str], day: datetime.date, opened: Opened) -> str:
    """What to say of an entry of ``day`` on ``accounts`` that are not open then."""
    closed = [a for a in accounts if a in opened.until and opened.until[a] <= day]
    if closed:
        when = french.short_day(opened.until[closed[0]])
        return (
            f"l'écriture est du {french.short_day(day)}, et le compte « {closed[0]} » est fermé depuis le {when} ;"
            " corrigez la date de l'écriture, ou retardez la ligne « close »"
        )
    since = max((opened.since[a] for a in accounts if a in opened.since), default=None)
    opening = f"ne s'ouvre que le {french.short_day(since)}" if since else "n'est pas encore ouvert"
    others = len(set(accounts)) - 1
    more = f" (et {others} autre{'s' if others > 1 else ''})" if others else ""
    return (
        f"l'écriture est du {french.short_day(day)}, et le compte « {accounts[0]} »{more} {opening} ; corrigez la"
        " date de l'écriture, ou avancez celle de la ligne « open »"
    )
