"""Payment terms: ``delai: "45 jours fin de mois"`` (language.md §2; delays: C. com. art. L441-10)."""

from __future__ import annotations

import calendar
import datetime
import re
from functools import lru_cache
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
