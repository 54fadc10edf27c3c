"""Payment terms ``delai: "45 jours fin de mois"`` (C. com. art. L441-10); when to remind, ``relances: "5 15 30"``."""

from __future__ import annotations

import calendar
import datetime
import re
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

DEFAULT_DAYS: Final = 30
_TERMS: Final = re.compile(r"\s*(\d{1,3})\s*jours?(\s+fin\s+de\s+mois)?\s*", re.IGNORECASE)


class Terms(NamedTuple):
    """A number of days, then the end of that month when ``end_of_month``."""

    days: int
    end_of_month: bool

    def due(self, date: datetime.date) -> datetime.date:
        """Due date of an invoice of ``date``."""
        due = date + datetime.timedelta(days=self.days)
        if self.end_of_month:
            due = due.replace(day=calendar.monthrange(due.year, due.month)[1])
        return due


DEFAULT_TERMS: Final = Terms(DEFAULT_DAYS, end_of_month=False)


@lru_cache(maxsize=256)
def parse_terms(text: str) -> Terms | None:
    """The terms that ``text`` says, or ``None`` when it is neither « N jours » nor « N jours fin de mois »."""
    found = _TERMS.fullmatch(text)
    if found is None:
        return None
    return Terms(int(found.group(1)), end_of_month=found.group(2) is not None)


# A first reminder within the week, a second at two weeks, the formal notice at a month.
DEFAULT_THRESHOLDS: Final = (5, 15, 30)
_MOST_LEVELS: Final = 9


@lru_cache(maxsize=256)
def parse_thresholds(text: str) -> tuple[int, ...] | None:
    """Days late from which each reminder is sent: « 5 15 30 » or « 5, 15, 30 », growing; ``None`` when unreadable."""
    words = text.replace(",", " ").split()
    if not 1 <= len(words) <= _MOST_LEVELS or not all(word.isdecimal() for word in words):
        return None
    days = tuple(map(int, words))
    growing = all(low < high for low, high in pairwise(days))
    return days if days[0] >= 1 and growing else None
