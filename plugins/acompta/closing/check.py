"""What one check of the closing says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from beancount.core.data import Directive

from acompta.french import numbered
from acompta.messages import Notice
from acompta.owed import Place


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
    proof: Iterable[Evidence] = (),
) -> Check:
    """✓ with ``fine`` and its ``proof`` when nothing was found, else ``state`` with ``wrong`` (« {n} »: how many)."""
    if not found:
        return Check(key, title, State.OK, numbered(fine), tuple(proof), source, fatal)
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
