"""Which tag makes a transaction a commercial document, and which tag was meant."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from acompta.vocabulary import KIND_BY_TAG, Kind


def one_letter_apart(left: str, right: str) -> bool:
    """Whether one insertion, deletion or substitution turns ``left`` into ``right``."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    if len(left) > len(right):
        left, right = right, left
    start = 0
    while start < len(left) and left[start] == right[start]:
        start += 1
    rest = left[start:] if len(left) < len(right) else left[start + 1 :]
    return rest == right[start + 1 :]


@lru_cache(maxsize=1024)
def misspelt(tag: str) -> str | None:
    """The kind's tag that is one letter away from ``tag``, or ``None``."""
    if tag in KIND_BY_TAG:
        return None
    lower = tag.lower()
    if lower in KIND_BY_TAG:
        return lower
    return next((k for k in KIND_BY_TAG if one_letter_apart(lower, k) or _swapped(lower, k)), None)


def _swapped(left: str, right: str) -> bool:
    """Whether two neighbouring letters were typed in the wrong order."""
    if len(left) != len(right):
        return False
    wrong = [place for place, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    first, second = wrong
    return left[first] == right[second] and left[second] == right[first]


def kinds_of(tags: Iterable[str]) -> list[Kind]:
    """The kinds that ``tags`` name (one, for a well-typed document)."""
    return [KIND_BY_TAG[tag] for tag in tags if tag in KIND_BY_TAG]
