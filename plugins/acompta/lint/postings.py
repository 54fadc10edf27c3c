"""A posting: an account, then an amount."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from acompta.lint.accounts import (
    begins_like_root,
    diagnose,
    looks_like_account,
    nearest_root,
    split_account,
)
from acompta.lint.amounts import check_posting_value
from acompta.lint.finding import NOTICE, Problem
from acompta.lint.keys import KNOWN_KEYS
from acompta.lint.roots import RootTracker
from acompta.lint.spelling import as_key

_COLON_AFTER: Final = re.compile(
    r"([^\W\d_][\w-]*(?::[\w-]+)+)[ \t]*:(?:[ \t]+(?=[-+]?\d)|[ \t]*$)"
)


class Place(NamedTuple):
    """Where a line stands: the roots that are good there, and its number from 1."""

    roots: RootTracker
    number: int


def is_account(text: str, where: Place) -> bool:
    """Whether an indented line is a posting rather than a key."""
    head = re.match(r"([^\W\d_][\w-]*)[ \t]*:(.*)", text, re.DOTALL)
    if head is None:
        return looks_like_account(text, where.roots.wanted)
    word, tail = head[1], head[2]
    if begins_like_root(text, where.roots.wanted) or word in where.roots.declared:
        return bool(re.match(r"[^\s\"]", tail)) or (":" in tail and '"' not in tail)
    if as_key(word) in KNOWN_KEYS or tail[:1] in {" ", "\t", '"', ""}:
        return False
    return word[0].isupper() or (":" in tail and nearest_root(word, where.roots.wanted) is not None)


def check_account(text: str, where: Place, *, opening: bool = False) -> tuple[list[Problem], str]:
    """The problems of the account that begins ``text``, and what follows it."""
    if found := _COLON_AFTER.match(text):
        wanted = f"{found[1]}  {text[found.end() :].strip()}".strip()
        message = f"deux-points de trop après le compte ; tapez « {wanted} »"
        return [Problem(found[0].strip(), message)], text[found.end() :]
    split = split_account(text, currencies_follow=opening)
    fault = None if split.good else diagnose(split.account, where.roots.wanted, spaced=split.spaced)
    problems = [fault] if fault else []
    if fault is None or fault.severity == NOTICE:
        unknown = where.roots.see(split.account, where.number)
        problems += [unknown] if unknown else []
    return problems, split.rest


def check_posting(text: str, where: Place) -> list[Problem]:
    """The problems of a posting given without indentation nor flag."""
    problems, rest = check_account(text, where)
    return problems + check_posting_value(rest)
