"""Numbers that open a series of their own by a slip: a letter O for a zero, a space, small letters, a letter too many.

Several series are allowed (BOI-TVA-DECLA-30-20-20-10 §70-100), so that no number is refused for its series; but one
that reads like the series in use, or that alone fills a place of it, is probably a number of it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from acompta.numbering import BY_RANK, Numbered, numbered_like
from acompta.vocabulary import Kind

# What is read alike, on a screen or in a hurry: letters for digits, dashes for one another.
_ALIKE: Final = str.maketrans("oil", "011")
_DASHES: Final = str.maketrans("–—‑_", "----")
_SPACES: Final = re.compile(r"\s+")
_BILLING: Final = frozenset(
    {Kind.DEPOSIT, Kind.ARRHES, Kind.PROGRESS, Kind.FINAL, Kind.INVOICE, Kind.CORRECTIVE}
)
# A ledger has a few series; one that has one for each customer is not compared with itself.
_MOST_SERIES: Final = 20


class Misnumbered(NamedTuple):
    """A number in use, and the one that was probably meant."""

    used: Numbered
    meant: str


class _Series(NamedTuple):
    """The numbers of one series in order."""

    name: str
    numbers: tuple[Numbered, ...]

    @property
    def ranks(self) -> frozenset[int]:
        return frozenset(each.rank for each in self.numbers)

    def number(self, rank: int) -> str:
        return numbered_like(self.numbers[-1].number, rank)


def misnumbered(numbered: Iterable[Numbered]) -> list[Misnumbered]:
    """The numbers that are probably those of another series, with what was meant."""
    groups: dict[str, list[Numbered]] = {}
    for each in numbered:
        groups.setdefault(each.series, []).append(each)
    series = [_Series(name, tuple(sorted(each, key=BY_RANK))) for name, each in groups.items()]
    series.sort(key=lambda one: (-len(one.numbers), min(each.date for each in one.numbers)))
    found: list[Misnumbered] = []
    for position, stray in enumerate(series):
        for main in series[: min(position, _MOST_SERIES)]:
            meant = [_meant(each, stray, main) for each in stray.numbers]
            if all(meant):
                found += [Misnumbered(*pair) for pair in zip(stray.numbers, meant, strict=True)]
                break
    return found


def _meant(used: Numbered, stray: _Series, main: _Series) -> str:
    """The number of ``main`` that ``used`` probably is, or ``""``."""
    prefix, number = _read(main.name), _read(used.number)
    digits = number[len(prefix) :].translate(_ALIKE)
    widths = {len(each.number) - len(main.name) for each in main.numbers}
    if _reads_as(number, prefix) and digits.isdecimal() and len(digits) in widths:
        rank = int(digits)
        return main.number(rank if rank not in main.ranks else max(main.ranks) + 1)
    return main.number(used.rank) if _fills(used, stray, main) else ""


def _read(text: str) -> str:
    """As a hurried reader sees it."""
    return _SPACES.sub("", text).casefold().translate(_DASHES)


def _reads_as(number: str, prefix: str) -> bool:
    """Whether ``number`` begins with ``prefix``, letters like digits taken for them: L and I stay two series."""
    return len(number) > len(prefix) and all(
        typed == meant or (meant.isdecimal() and typed.translate(_ALIKE) == meant)
        for typed, meant in zip(number, prefix, strict=False)
    )


def _fills(used: Numbered, stray: _Series, main: _Series) -> bool:
    """Whether ``used``, alone of its series and one sign away, has a rank that the series in use lacks."""
    if (
        len(stray.numbers) > 1
        or len(main.numbers) < 2
        or not _one_slip(used, stray.name, main.name)
    ):
        return False
    ranks = main.ranks
    if used.rank in ranks or "serie" in used.entry.meta:
        return False
    if min(ranks) < used.rank < max(ranks):
        return True
    # At either end, a series of another kind may begin there: credit notes.
    kinds = {kind for each in main.numbers for kind in _kinds(each)}
    return used.rank in {min(ranks) - 1, max(ranks) + 1} and not kinds.isdisjoint(_kinds(used))


def _kinds(used: Numbered) -> set[str]:
    """The tags of a document, all that bill being one."""
    return {Kind.INVOICE if tag in _BILLING else tag for tag in used.entry.tags}


def _one_slip(used: Numbered, stray: str, main: str) -> bool:
    """Whether one sign was typed wrong, twice, not at all, or before its neighbour."""
    start = _common(stray, main)
    end = _common(stray[start:][::-1], main[start:][::-1])
    typed, meant = stray[start : len(stray) - end], main[start : len(main) - end]
    if typed.isdecimal() and meant.isdecimal() and not _is_of(main, used.date):
        return False  # another year or another month is another series
    return max(len(typed), len(meant)) == 1 or (len(typed) == 2 and typed == meant[::-1])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )


def _is_of(series: str, date: datetime.date) -> bool:
    """Whether a series names the year of that date, and its month when it names one."""
    return f"{date:%Y}" in series and len(re.sub(r"\D", "", series)) == len("2026")
