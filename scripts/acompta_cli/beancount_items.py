"""Beancount's own errors in French, one per mistake: what ``acompta verifier`` makes of them.

Beancount repeats itself: an account that no line opens is an error on each line that uses it, a year mistyped one on
each account of the entry. Here each is said once, with what to type, as the whole ledger lets one guess it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from beancount.core.data import Transaction

from acompta.lint import explain, is_syntax
from acompta.lint.finding import ERROR, NO_ROOTS, OPEN_QUOTE
from acompta.lint.opened import (
    Opened,
    customer_beside,
    opened_by,
    out_of_dates,
    unknown_account,
)
from acompta.messages import AcomptaError
from acompta.vocabulary import DISCOUNT, KIND_BY_TAG, PERCENT, PERCENT_PERIOD
from acompta_cli.item import BEANCOUNT, Item, block, header_above, line_at, line_with

_INVALID_ACCOUNT: Final = "Invalid account name: "
_ACCOUNT: Final = re.compile(r"'((?:[^\W\d_][\w-]*)(?::[\w-]+)+)'")
_UNKNOWN: Final = re.compile(r"Invalid reference to unknown account '(.*)'")
_INACTIVE: Final = re.compile(r"Invalid reference to inactive account '(.*)'")
_CURRENCY: Final = re.compile(r"Invalid currency '?(\S+?)'? for account '(.*)'")
_GLOB: Final = re.compile(r'File glob "(.*)" does not match any files')
_OPENING: Final = re.compile(r"\d{4}-\d{2}-\d{2}\s+open\s+(\S+)")
_OUR_UNITS: Final = frozenset({PERCENT, PERCENT_PERIOD, DISCOUNT})


def beancount_items(
    errors: Iterable[Any], known: list[Item], main: Path, entries: Iterable[Any], *, ran: bool
) -> list[Item]:
    """Beancount's errors, but those on a line where the text already said what is wrong.

    ``ran`` is whether the plugin did: without it, what it would have opened and converted is no mistake.
    """
    at_fault = {(item.path, item.line) for item in known if item.is_error}
    opened = opened_by(entries)
    found: list[tuple[Item, str, Any]] = []
    for error in errors:
        if isinstance(error, AcomptaError):
            continue
        path, line = _where(error.source, main)
        message = str(error.message).strip()
        if (path, line) in at_fault or _said_by_text(message, path, line, known):
            continue
        if not ran and (_UNKNOWN.match(message) or _CURRENCY.match(message)):
            continue
        found.append((_item(path, line, message), message, error))
    # Beancount goes through sets: the first mention of a mistake is the first that the text has.
    found.sort(key=lambda one: _place(one[0]))
    items: dict[tuple[str, str], Item] = {}
    lines: dict[tuple[str, str], dict[int, None]] = {}
    rest: list[Item] = []
    for item, message, error in found:
        key = _same_mistake(message, error, *_where(error.source, main))
        if key is None:
            rest.append(item)
        elif key not in items:
            items[key] = replace(item, message=_said(message, error, opened, item))
            lines[key] = {item.line: None}
        elif _UNKNOWN.match(message) and item.path == items[key].path:
            lines[key][item.line] = None
    told = {key: _on_lines(item, [*lines[key]]) for key, item in items.items()}
    return [*rest, *_without_consequences(told, _misopened(known))]


def _place(item: Item) -> tuple[str, bool, int, str]:
    written = item.token in line_at(item.path, item.line)
    return (item.path, not written, item.line, item.token)


def _where(source: dict[str, Any] | None, main: Path) -> tuple[str, int]:
    """File and line of an error; the main file, line 0, for what has no place of its own."""
    path = str((source or {}).get("filename") or "")
    line = int((source or {}).get("lineno") or 0)
    return (path, line) if path and not path.startswith("<") else (str(main.resolve()), 0)


def _item(path: str, line: int, message: str) -> Item:
    said = explain(message, line_at(path, line))
    account = _ACCOUNT.search(message)
    token = account.group(1) if account else ""
    found = line_with(path, line, token) if token else line
    text = said or f"Beancount : {message}"
    return Item(path, found, ERROR, BEANCOUNT, text, token, original=message if said else "")


def _said_by_text(message: str, path: str, line: int, known: list[Item]) -> bool:
    """Whether the text was already told: a root to repeat, a file that does not exist, a quote left open above.

    After such a quote, Beancount takes what is between two texts for a text, and the texts for the rest.
    """
    if is_syntax(message) and any(
        item.code == OPEN_QUOTE and item.path == path and item.line <= line for item in known
    ):
        return True
    if found := _GLOB.match(message):
        name = Path(found[1]).name
        return any(item.token and Path(item.token).name == name for item in known)
    return message.startswith(_INVALID_ACCOUNT) and any(
        item.path == path and item.code == NO_ROOTS for item in known
    )


def _same_mistake(message: str, error: Any, path: str, line: int) -> tuple[str, str] | None:
    """What makes two errors one mistake; ``None`` for an error that stands alone."""
    if found := _UNKNOWN.match(message):
        return ("unknown", found[1])
    if _INACTIVE.match(message) and _date_of(error) is not None:
        return ("inactive", f"{path}:{line}")
    if _untagged(message, error):
        meta = error.entry.meta
        return ("untagged", f"{meta.get('filename')}:{meta.get('lineno')}")
    return None


def _date_of(error: Any) -> Any:
    return getattr(getattr(error, "entry", None), "date", None)


def _untagged(message: str, error: Any) -> bool:
    """Whether an ordinary entry holds a unit that only a document has: its tag was forgotten."""
    found = _CURRENCY.match(message)
    entry = getattr(error, "entry", None)
    return (
        found is not None
        and found[1] in _OUR_UNITS
        and isinstance(entry, Transaction)
        and not entry.tags & KIND_BY_TAG.keys()
    )


def _said(message: str, error: Any, opened: Opened, item: Item) -> str:
    if found := _UNKNOWN.match(message):
        day = _date_of(error)
        return unknown_account(found[1], day, opened.since) if day else item.message
    if found := _INACTIVE.match(message):
        return out_of_dates([found[1]], _date_of(error), opened)
    unit = _CURRENCY.match(message)
    return (
        f"{unit[1] if unit else PERCENT} n'a de sens que dans un document, et cette écriture n'a pas d'étiquette ;"
        " tapez #acompte, #facture, #solde… à la fin de sa première ligne"
    )


def _on_lines(item: Item, lines: list[int]) -> Item:
    """The same mistake on several lines, its own first: said once."""
    others = lines[1:]
    if not others:
        return item
    plural = "s" if len(others) > 1 else ""
    listed = ", ".join(map(str, others))
    return replace(item, message=f"{item.message} (aussi ligne{plural} {listed})")


def _misopened(known: Iterable[Item]) -> frozenset[str]:
    """The accounts whose ``open`` Beancount did not read, for a mistake that the text already tells."""
    headers = (
        line_at(item.path, header_above(item.path, item.line)) for item in known if item.is_error
    )
    return frozenset(found[1] for header in headers if (found := _OPENING.match(header)))


def _without_consequences(
    items: dict[tuple[str, str], Item], misopened: frozenset[str]
) -> list[Item]:
    """Leave out what follows from another mistake.

    An account whose ``open`` was not read, the 4191 of a customer whose 411 is unknown, the accounts of an entry
    without its tag.
    """
    unknown = {account for kind, account in items if kind == "unknown"} | misopened
    untagged = {
        (item.path, line)
        for (kind, _), item in items.items()
        if kind == "untagged"
        for line in block(item.path, header_above(item.path, item.line))
    }
    return [
        item
        for (kind, account), item in items.items()
        if kind != "unknown"
        or not (
            account in misopened
            or customer_beside(account) in unknown
            or (customer_beside(account) and (item.path, item.line) in untagged)
        )
    ]
