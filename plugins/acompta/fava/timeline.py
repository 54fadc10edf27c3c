"""The life of a contract drawn on one line: documents above, money below, what is planned beyond."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from acompta import french
from acompta.contract_steps import Step
from acompta.contracts import ContractView
from acompta.fava.links import Links
from acompta.reports import kind_title
from acompta.rounding import HUNDRED
from acompta.steering.milestones import Milestone
from acompta.vocabulary import UNPOSTED, Kind

_TICKS: Final = 8
_FIRST: Final = Decimal("1.5")
_LAST: Final = Decimal("98.5")
_TENTH: Final = Decimal("0.01")
_DEPOSITS: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES, Kind.PREPAID})
_GIVEN_BACK: Final = frozenset({Kind.CREDIT_NOTE, Kind.TERMINATION})


@dataclass(frozen=True, slots=True)
class Mark:
    """One event: ``css`` says what it is, ``x`` where it stands in percent, ``title`` is read aloud."""

    css: str
    x: str
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A month under the line."""

    x: str
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What to draw; ``legend`` are the kinds that are there, ``today`` the place of the as-of date."""

    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    legend: tuple[tuple[str, str], ...]
    today: str


LEGEND: Final = (
    ("order", "Devis, contrat, avenant"),
    ("deposit", "Acompte"),
    ("bill", "Facture"),
    ("credit", "Avoir, rupture"),
    ("money", "Règlement"),
    ("planned", "Prévu"),
)


def timeline(view: ContractView, milestones: Sequence[Milestone], links: Links) -> Timeline | None:
    """The line of one contract, ``None`` when nothing happened yet."""
    planned = [m for m in milestones if m.date is not None]
    dates = [step.date for step in view.steps] + [m.date for m in planned if m.date is not None]
    if not view.steps:
        return None
    scale = _Scale(min(dates), max([*dates, view.at]))
    marks = [_mark(step, scale, links) for step in view.steps]
    marks += [_planned(m, m.date, scale, links) for m in planned if m.date is not None]
    shown = {mark.css for mark in marks}
    return Timeline(
        tuple(marks),
        tuple(_ticks(scale)),
        tuple(item for item in LEGEND if item[0] in shown),
        scale.at(view.at),
    )


class _Scale:
    """Days to percents of the width."""

    def __init__(self, start: datetime.date, end: datetime.date) -> None:
        self.start = start
        self.end = max(end, start + datetime.timedelta(days=30))

    def at(self, date: datetime.date) -> str:
        days = Decimal((date - self.start).days)
        part = _FIRST + (_LAST - _FIRST) * days / (self.end - self.start).days
        return f"{min(HUNDRED, part).quantize(_TENTH, ROUND_HALF_UP)}%"


def _mark(step: Step, scale: _Scale, links: Links) -> Mark:
    day = french.short_day(step.date)
    if step.kind is None:
        title = f"{day} : règlement de {french.euros(step.paid)}"
    else:
        amount = step.claimed or step.amount.total
        said = f", {french.euros(amount)}" if amount else ""
        number = f" {step.number}" if step.number else ""
        title = f"{day} : {kind_title(step.kind)}{number}{said}"
    return Mark(_css(step), scale.at(step.date), title, links.entry(step.place))


def _css(step: Step) -> str:
    if step.kind is None:
        return "money"
    if step.kind in UNPOSTED:
        return "order"
    if step.kind in _DEPOSITS:
        return "deposit"
    return "credit" if step.kind in _GIVEN_BACK else "bill"


def _planned(milestone: Milestone, date: datetime.date, scale: _Scale, links: Links) -> Mark:
    what = milestone.lot or milestone.label
    title = f"{french.short_day(date)} : prévu, {what}, {french.euros(milestone.share.total)}"
    return Mark("planned", scale.at(date), title, links.source(milestone.place))


def _ticks(scale: _Scale) -> Iterable[Tick]:
    months = []
    month = scale.start.replace(day=1)
    while month <= scale.end:
        if month >= scale.start:
            months.append(month)
        month = (month.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
    step = -(-len(months) // _TICKS) or 1
    return [Tick(scale.at(month), f"{month:%m/%Y}") for month in months[::step]]
