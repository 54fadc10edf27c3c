"""Months, and dates moved by whole months."""

from __future__ import annotations

import calendar
import datetime
import re
from typing import Final, NamedTuple

from acompta.french import MONTHS, month

_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/](\d{1,2})")
_MONTH_FIRST: Final = re.compile(r"(\d{1,2})[-/](\d{4})")
_WORDS: Final = re.compile(r"(\w+)\s+(\d{4})")
_DECEMBER: Final = 12


class Month(NamedTuple):
    """A month of a year, for example ``Month(2026, 4)``."""

    year: int
    month: int

    @classmethod
    def of(cls, date: datetime.date) -> Month:
        """The month of a date."""
        return cls(date.year, date.month)

    @classmethod
    def read(cls, text: str) -> Month:
        """Read ``2026-04``, ``04/2026`` or ``avril 2026``.

        Raises:
            ValueError: none of these.
        """
        text = text.strip().lower()
        if found := _YEAR_FIRST.fullmatch(text):
            year, month = int(found[1]), int(found[2])
        elif found := _MONTH_FIRST.fullmatch(text):
            year, month = int(found[2]), int(found[1])
        elif (found := _WORDS.fullmatch(text)) and found[1] in MONTHS:
            year, month = int(found[2]), MONTHS.index(found[1]) + 1
        else:
            raise ValueError(text)
        if not 1 <= month <= _DECEMBER or not datetime.MINYEAR < year < datetime.MAXYEAR:
            raise ValueError(text)
        return cls(year, month)

    @property
    def first(self) -> datetime.date:
        """The first day."""
        return datetime.date(self.year, self.month, 1)

    @property
    def last(self) -> datetime.date:
        """The last day."""
        return datetime.date(self.year, self.month, _days(self.year, self.month))

    @property
    def rank(self) -> int:
        """Months since year zero: the difference of two ranks is the months between."""
        return self.year * _DECEMBER + self.month - 1

    @property
    def words(self) -> str:
        """In French: ``avril 2026``."""
        return month(self.first)

    def __str__(self) -> str:
        """As in the name of a file: ``2026-04``."""
        return f"{self.year:04}-{self.month:02}"


def shifted(date: datetime.date, months: int) -> datetime.date:
    """The same day ``months`` later; the last day of a month gives the last day of the other."""
    rank = Month.of(date).rank + months
    year, month = divmod(rank, _DECEMBER)
    last = _days(year, month + 1)
    ends = date.day == _days(date.year, date.month)
    return datetime.date(year, month + 1, last if ends else min(date.day, last))


def _days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
