"""What a cash forecast is made of: the flows to come, and the weeks or months that add them up."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from acompta.owed import Place
from acompta.rounding import ZERO
from acompta.steering.habits import Habit
from acompta.steering.milestones import Milestone


class Source(StrEnum):
    """Where a flow comes from; the value is stable, for JSON."""

    RECEIVABLE = "creances"
    CREDIT = "credits-clients"
    RETENTION = "retenues"
    PLANNED = "facturation-prevue"
    DRAFT = "brouillons"
    RECURRING = "recurrences"
    SUPPLIER = "fournisseurs"
    VAT = "tva"


SOURCE_TITLES: Final[dict[Source, str]] = {
    Source.RECEIVABLE: "Factures clients",
    Source.CREDIT: "Avances et avoirs clients",
    Source.RETENTION: "Retenues de garantie",
    Source.PLANNED: "Facturation prévue",
    Source.DRAFT: "Brouillons",
    Source.RECURRING: "Factures récurrentes",
    Source.SUPPLIER: "Fournisseurs",
    Source.VAT: "TVA",
}


class Flow(NamedTuple):
    """One receipt (positive) or payment (negative) to come, in euros.

    ``due`` is when it is owed, ``date`` when it is expected, ``None`` when nothing says. ``vat`` is the VAT that falls
    due to the State with it (negative: that becomes deductible), ``vat_date`` when, if not on ``date``. ``late``: past
    its due date on the day of the forecast. ``why`` says why there is no date.
    """

    source: Source
    date: datetime.date | None
    due: datetime.date | None
    amount: Decimal
    party: str
    reference: str
    label: str
    vat: Decimal = ZERO
    vat_date: datetime.date | None = None
    late: bool = False
    why: str = ""
    place: Place | None = None


class Period(NamedTuple):
    """A week or a month: ``amounts`` by source, and the cash at its beginning; both days included, amounts in euros."""

    start: datetime.date
    end: datetime.date
    opening: Decimal
    amounts: dict[Source, Decimal]

    @property
    def receipts(self) -> Decimal:
        """What comes in."""
        return sum((a for s, a in self.amounts.items() if s not in _PAYMENTS), ZERO)

    @property
    def payments(self) -> Decimal:
        """What goes out (negative)."""
        return sum((a for s, a in self.amounts.items() if s in _PAYMENTS), ZERO)

    @property
    def change(self) -> Decimal:
        """What the period adds to the cash."""
        return sum(self.amounts.values(), ZERO)

    @property
    def closing(self) -> Decimal:
        """The cash at its end."""
        return self.opening + self.change


_PAYMENTS: Final = frozenset({Source.SUPPLIER, Source.VAT})


@dataclass(frozen=True, slots=True)
class Forecast:
    """The cash to come after the end of the day ``at``.

    ``cash`` is the balance of each account of class 5. ``flows`` have a date, in order, those after the last period
    included; ``undated`` have none and no period counts them. ``vat_credit`` (euros, positive) is a credit of VAT that
    the forecast sets against the VAT to come.
    """

    at: datetime.date
    cash: dict[str, Decimal]
    flows: tuple[Flow, ...]
    undated: tuple[Flow, ...]
    periods: tuple[Period, ...]
    habits: dict[str, Habit] = field(repr=False)
    milestones: tuple[Milestone, ...] = field(repr=False)
    vat_credit: Decimal = ZERO

    @property
    def opening(self) -> Decimal:
        """The cash at the end of ``at``."""
        return sum(self.cash.values(), ZERO)

    @property
    def forgotten(self) -> tuple[Milestone, ...]:
        """The milestones that should have been billed already."""
        return tuple(m for m in self.milestones if m.is_forgotten(self.at))

    @property
    def later(self) -> tuple[Flow, ...]:
        """The flows after the last period."""
        end = self.periods[-1].end
        return tuple(flow for flow in self.flows if flow.date is not None and flow.date > end)

    @property
    def lowest(self) -> Period:
        """The period whose end leaves the least cash, the first of them."""
        return min(self.periods, key=lambda period: period.closing)

    def total(self, *sources: Source) -> Decimal:
        """What ``sources`` bring in all, with or without a date (euros)."""
        return sum((f.amount for f in (*self.flows, *self.undated) if f.source in sources), ZERO)


def day_after(at: datetime.date) -> datetime.date:
    """The first day that the forecast covers."""
    return at + datetime.timedelta(days=1)


def _next_month(month: datetime.date) -> datetime.date:
    return (month.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)


def spans_after(
    at: datetime.date, months: int, weekly: bool
) -> list[tuple[datetime.date, datetime.date]]:
    """The days of each period: the first begins after ``at``, the others on a Monday or a first of the month."""
    start = day_after(at)
    last = start.replace(day=1)
    for _ in range(max(1, months) - 1):
        last = _next_month(last)
    last = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    spans: list[tuple[datetime.date, datetime.date]] = []
    while start <= last or not spans:
        if weekly:
            end = start + datetime.timedelta(days=6 - start.weekday())
        else:
            end = start.replace(day=calendar.monthrange(start.year, start.month)[1])
        spans.append((start, end))
        start = end + datetime.timedelta(days=1)
    return spans


def periods_of(
    flows: Iterable[Flow], opening: Decimal, spans: Iterable[tuple[datetime.date, datetime.date]]
) -> tuple[Period, ...]:
    """The periods of ``spans``, each with what ``flows`` bring in it; ``opening`` is the cash at the first (euros)."""
    dated = [(flow.date, flow) for flow in flows if flow.date is not None]
    periods = []
    for start, end in spans:
        amounts: dict[Source, Decimal] = {}
        for date, flow in dated:
            if start <= date <= end:
                amounts[flow.source] = amounts.get(flow.source, ZERO) + flow.amount
        period = Period(start, end, opening, amounts)
        periods.append(period)
        opening = period.closing
    return tuple(periods)
