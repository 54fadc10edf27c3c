"""A day or a span of days, as ``livraison:`` and ``periode:`` say them: read in one place.

``2026-03-31``, ``"2026-03-31"`` and ``"2026-03-01/2026-03-31"`` are read; anything else is a mistake at its line.
"""

from __future__ import annotations

import datetime
from typing import NamedTuple


class Span(NamedTuple):
    """Days from ``start`` to ``end``, both included; one day when they are the same."""

    start: datetime.date
    end: datetime.date


def read_span(value: object) -> Span | None:
    """The days that a value says, or ``None`` when it says none, or ends before it starts."""
    if isinstance(value, datetime.date):
        return Span(value, value)
    if not isinstance(value, str):
        return None
    first, _, last = value.partition("/")
    try:
        start = datetime.date.fromisoformat(first.strip())
        end = datetime.date.fromisoformat(last.strip()) if "/" in value else start
    except ValueError:
        return None
    return Span(start, end) if start <= end else None
