"""What one check of the closing says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from beancount.core.data import Directive

from acompta.messages import Notice
from acompta.owed import Place

_PLURALS: Final = re.compile(r"(?<![\d,.\u202f])(\d+)(?![\d,.\u202f])|\(s\)")


class State(StrEnum):
    """The mark in the margin."""

    OK = "✓"
    LOOK = "!"
    BAD = "✗"


class Evidence(NamedTuple):
    """A line behind a check: what it says, where it is, its amount in euros when it has one."""

    text: str
    place: Place | None = None
    amount: Decimal | None = None


class Check(NamedTuple):
    """One line of the checklist: ``key`` is stable, ``summary`` gives the figures, ``source`` the rule behind it."""

    key: str
    title: str
    state: State
    summary: str
    evidence: tuple[Evidence, ...] = ()
    source: str = ""
    fatal: bool = False


def numbered(text: str) -> str:
    """« 1 document(s) » → « 1 document », « 3 document(s) » → « 3 documents »: (s) agrees with the number before."""
    count = 0

    def agree(found: re.Match[str]) -> str:
        nonlocal count
        if found[1]:
            count = int(found[1])
            return found[1]
        return "s" if count > 1 else ""

    return _PLURALS.sub(agree, text)


def judged(  # noqa: PLR0913 — one per part of the check
    key: str,
    title: str,
    found: Sequence[Evidence],
    *,
    fine: str,
    wrong: str,
    state: State = State.LOOK,
    source: str = "",
    fatal: bool = False,
) -> Check:
    """✓ with ``fine`` when nothing was found, else ``state`` with ``wrong`` (« {n} » is how many)."""
    if not found:
        return Check(key, title, State.OK, numbered(fine), (), source, fatal)
    summary = numbered(wrong.replace("{n}", str(len(found))))
    return Check(key, title, state, summary, tuple(found), source, fatal)


def where(entry: Directive) -> Place:
    """File and line of a directive."""
    return Place(str(entry.meta.get("filename", "")), int(entry.meta.get("lineno", 0)))


def noticed(notices: Iterable[Notice], codes: Iterable[str]) -> list[Evidence]:
    """The notices of these codes, as evidence."""
    wanted = set(codes)
    return [
        Evidence(notice.message, Place(notice.path, notice.line), notice.amount)
        for notice in notices
        if notice.code in wanted
    ]
