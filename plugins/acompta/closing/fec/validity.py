"""When each entry became definitive: the first closing or validation that covers its date.

``2026-03-31 custom "cloture" "2026-03" …`` and ``2026-03-15 custom "validation" "2026-03-15" …`` bear the day they were
made in ``date-cloture:`` and ``date-validation:``. Source: PCG art. 1031-3; LPF art. A47 A-1, VII, field 16.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from acompta.closing.closings import Closing


class Validations:
    """The validations of a ledger, asked by date of entry."""

    def __init__(self, closings: Iterable[Closing], assumed: datetime.date | None = None) -> None:
        """Take closings and validations; ``assumed`` validates what none covers."""
        self._assumed = assumed
        self._covers = sorted((closing.closed_on, closing.date) for closing in closings)
        self._known: dict[datetime.date, datetime.date | None] = {}

    def of(self, date: datetime.date) -> datetime.date | None:
        """The day when an entry of that date became definitive, its own date at the earliest; ``None`` when not yet."""
        if date not in self._known:
            self._known[date] = self._find(date)
        return self._known[date]

    def _find(self, date: datetime.date) -> datetime.date | None:
        for made, last in self._covers:
            if date <= last:
                return max(made, date)
        return max(self._assumed, date) if self._assumed is not None else None
