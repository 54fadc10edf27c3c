"""Late-payment rates by half-year, as data with their sources.

* Between businesses, the rate that applies when the parties say nothing is that of the European Central Bank's main
  refinancing operations plus ten points; that of 1 January holds for the first half-year, that of 1 July for the second
  (C. com. art. L441-10, II). The parties may agree another, never below three times the legal interest rate.
* A public body owes the rate in force on the first day of the half-year when its delay began, plus eight points, until
  it pays (code de la commande publique art. R2192-31).
* The fixed indemnity is 40 € per invoice (C. com. art. D441-5; code de la commande publique art. D2192-35).

Sources of the figures: decisions of the Governing Council of the ECB (rates in force on 1 January and 1 July); arrêtés
that set the legal interest rate, « tous les autres cas » (C. mon. fin. art. L313-2), the last one of 15 December 2025
(JO of 26 December 2025). The refinancing rate of the second half of 2026 comes from secondary sources.
"""

from __future__ import annotations

import bisect
import datetime
from decimal import Decimal
from typing import Final, NamedTuple

BUSINESS_POINTS: Final = Decimal(10)
PUBLIC_POINTS: Final = Decimal(8)
FLOOR_FACTOR: Final = 3
INDEMNITY: Final = Decimal("40.00")
INDEMNITY_SINCE: Final = datetime.date(2013, 1, 1)  # décret 2012-1115
YEAR_DAYS: Final = 365


class Half(NamedTuple):
    """A half-year: the refinancing rate, and the legal interest rate (``None``: not known yet), in percent."""

    start: datetime.date
    refinancing: Decimal
    legal: Decimal | None


def _half(year: int, month: int, refinancing: str, legal: str | None) -> Half:
    return Half(
        datetime.date(year, month, 1),
        Decimal(refinancing),
        Decimal(legal) if legal is not None else None,
    )


HALVES: Final = (
    _half(2020, 1, "0.00", "0.87"),
    _half(2020, 7, "0.00", "0.84"),
    _half(2021, 1, "0.00", "0.79"),
    _half(2021, 7, "0.00", "0.76"),
    _half(2022, 1, "0.00", "0.76"),
    _half(2022, 7, "0.00", "0.77"),
    _half(2023, 1, "2.50", "2.06"),
    _half(2023, 7, "4.00", "4.22"),
    _half(2024, 1, "4.50", "5.07"),
    _half(2024, 7, "4.25", "4.92"),
    _half(2025, 1, "3.15", "3.71"),
    _half(2025, 7, "2.15", "2.76"),
    _half(2026, 1, "2.15", "2.62"),
    _half(2026, 7, "2.40", None),
)
_STARTS: Final = [half.start for half in HALVES]


def half_start(date: datetime.date) -> datetime.date:
    """First day of the half-year of ``date``."""
    return date.replace(month=1 if date.month <= 6 else 7, day=1)


def next_half(date: datetime.date) -> datetime.date:
    """First day of the half-year after that of ``date``."""
    if date.month <= 6:
        return date.replace(month=7, day=1)
    return datetime.date(date.year + 1, 1, 1)


def half_of(date: datetime.date) -> Half:
    """The known half-year that holds on ``date``: its own, else the last one known (`is_known` tells them apart)."""
    return HALVES[max(0, bisect.bisect_right(_STARTS, date) - 1)]


def is_known(date: datetime.date) -> bool:
    """Whether the rate of the half-year of ``date`` is in the table, rather than the last one before it."""
    return half_of(date).start == half_start(date)


def legal_rate(date: datetime.date) -> Decimal:
    """Legal interest rate in percent on ``date``: the last one known at that date."""
    known = [half for half in HALVES if half.legal is not None and half.start <= date]
    found = known[-1] if known else HALVES[0]
    return found.legal if found.legal is not None else Decimal(0)


class Rule(NamedTuple):
    """How a customer's delay is charged.

    ``agreed`` is the rate in percent that the parties agreed (``taux-penalites:``), ``None`` for the legal one:
    ``points`` above the refinancing rate. ``fixed`` keeps the half-year when the delay began.
    """

    agreed: Decimal | None = None
    points: Decimal = BUSINESS_POINTS
    fixed: bool = False

    def rate(self, day: datetime.date, began: datetime.date) -> Decimal:
        """Rate in percent a year on ``day``, for a delay that ``began`` that other day."""
        if self.agreed is not None:
            return max(self.agreed, FLOOR_FACTOR * legal_rate(day))
        return half_of(began if self.fixed else day).refinancing + self.points


BUSINESS: Final = Rule()
PUBLIC: Final = Rule(points=PUBLIC_POINTS, fixed=True)
