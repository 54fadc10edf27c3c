"""« Trésorerie »: the cash to come, month by month, and the invoices and milestones that make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from acompta import french
from acompta.fava.page import Page, Visit, limits
from acompta.fava.scope import Sieve
from acompta.receivables import customer_name
from acompta.rounding import HUNDRED, ZERO
from acompta.steering.flows import Flow, Forecast, Period
from acompta.steering.report import cash_report, period_title
from acompta.tables import Report

# Rows of each table before « tout voir ».
PREVIEW: Final = 12
HEIGHT: Final = 200
# Tables of the whole firm, whatever the filters.
_WHOLE: Final = frozenset({"periodes", "comptes"})
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Bar:
    """What comes in or goes out in one period: lengths in percent of the width, in pixels of the height."""

    css: str
    x: str
    width: str
    y: Decimal
    height: Decimal
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A period under the chart, with the cash at its end."""

    x: str
    text: str
    amount: Decimal
    y: Decimal
    negative: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The forecast drawn: bars, the line of the cash (percents of the width, pixels of the height), the zero line."""

    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    points: str
    zero: Decimal


def page(visit: Visit) -> Page:
    """The page, from the engine's forecast: filters narrow the movements, the cash is the whole firm's.

    Raises:
        ScopeError: the text filter cannot be read.
    """
    at = visit.scope.at
    forecast = visit.desk.forecast(at)
    whole = cash_report(forecast, visit.desk.overall_habit(at), visit.desk.title)
    kept = forecast if visit.scope.is_whole else _narrowed(forecast, visit)
    report = whole if kept is forecast else _narrowed_report(whole, kept, visit)
    maker, only = visit.grids(), visit.args.get("tout", "")
    content: dict[str, Any] = {
        "report": report,
        "limits": limits(visit),
        "kept": _kept_words(kept),
        "chart": None if only else chart(forecast),
        "only": only,
        "all": visit.links.here(tout=None),
        "grids": [
            maker.grid(t)
            if only
            else maker.grid(t, most=PREVIEW, whole=visit.links.here(tout=t.key))
            for t in report.tables
            if t.rows and only in {"", t.key}
        ],
        "warnings": [french.capitalised(warning) for warning in report.warnings],
        "xlsx": visit.links.download("", "xlsx"),
    }
    return Page(report.title, "acompta/tresorerie.html", report, content)


# -- filters --------------------------------------------------------------------------------------------------


def _narrowed(forecast: Forecast, visit: Visit) -> Forecast:
    """The movements, milestones and habits that the filters keep; what is of nobody (VAT) is not kept."""
    sieve = visit.sieve()
    flows, undated = (
        tuple(flow for flow in found if _keeps(flow, visit, sieve))
        for found in (forecast.flows, forecast.undated)
    )
    milestones = tuple(
        one
        for one in forecast.milestones
        if sieve.keeps(one.customer, visit.desk.contract_entry(one.contract), (one.contract,))
    )
    names = {flow.party for flow in (*flows, *undated)}
    chart = visit.desk.dossier.chart
    habits = {
        account: habit
        for account, habit in forecast.habits.items()
        if customer_name(account, chart) in names
    }
    return replace(forecast, flows=flows, undated=undated, milestones=milestones, habits=habits)


def _keeps(flow: Flow, visit: Visit, sieve: Sieve) -> bool:
    desk = visit.desk
    document = desk.document(flow.reference)
    if document is not None:
        names = (flow.reference, document.contract or "")
        return sieve.keeps(document.customer, document.entry, names)
    link = flow.reference.removeprefix("^")
    contract = desk.dossier.contracts.get(link)
    if contract is not None and contract.document is not None:
        return sieve.keeps(contract.document.customer, contract.document.entry, (link,))
    return flow.place is not None and visit.keeps(flow.place, sieve)


def _narrowed_report(whole: Report, kept: Forecast, visit: Visit) -> Report:
    """The cash of the whole firm, with the movements that are kept."""
    narrow = cash_report(kept, visit.desk.overall_habit(kept.at), visit.desk.title)
    tables = tuple(
        table if table.key in _WHOLE else narrow.table(table.key) for table in whole.tables
    )
    return replace(whole, tables=tables)


def _kept_words(kept: Forecast) -> str:
    """« 3 mouvements attendus, 4 536,00 € »."""
    flows = (*kept.flows, *kept.undated)
    if not flows:
        return "aucun mouvement attendu"
    count = "1 mouvement attendu" if len(flows) == 1 else f"{len(flows)} mouvements attendus"
    return f"{count}, {french.euros(sum((flow.amount for flow in flows), ZERO))} en tout"


# -- chart ----------------------------------------------------------------------------------------------------


def chart(forecast: Forecast) -> Chart:
    """The forecast on one scale, zero always on it."""
    periods = forecast.periods
    scale = _Scale(forecast)
    slot = HUNDRED / len(periods)
    bars: list[Bar] = []
    for index, period in enumerate(periods):
        left = slot * index
        bars += _bars(period, left, slot, scale)
    points = [f"0,{scale.y(forecast.opening)}"]
    points += [
        f"{_rounded(slot * (index + 1))},{scale.y(period.closing)}"
        for index, period in enumerate(periods)
    ]
    return Chart(tuple(bars), tuple(_labels(periods, slot, scale)), " ".join(points), scale.y(ZERO))


class _Scale:
    """Euros to pixels from the top."""

    def __init__(self, forecast: Forecast) -> None:
        amounts = [ZERO, forecast.opening]
        for period in forecast.periods:
            amounts += [period.closing, period.receipts, period.payments]
        low, high = min(amounts), max(amounts)
        self.high, self.span = high, (high - low) or Decimal(1)

    def y(self, amount: Decimal) -> Decimal:
        return _rounded(HEIGHT * (self.high - amount) / self.span)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_TENTH, ROUND_HALF_UP)


def _bars(period: Period, left: Decimal, slot: Decimal, scale: _Scale) -> list[Bar]:
    name = period_title(period)
    width = slot * Decimal("0.3")
    found = []
    for css, what, amount, shift in (
        ("in", "entrées", period.receipts, Decimal("0.2")),
        ("out", "sorties", period.payments, Decimal("0.5")),
    ):
        top, bottom = sorted((scale.y(amount), scale.y(ZERO)))
        title = f"{name} : {what} {french.euros(amount)}"
        x = _rounded(left + slot * shift)
        found.append(Bar(css, f"{x}%", f"{_rounded(width)}%", top, bottom - top, title))
    return found


def _labels(periods: Sequence[Period], slot: Decimal, scale: _Scale) -> list[Label]:
    return [
        Label(
            f"{_rounded(slot * index + slot / 2)}%",
            f"{period.end:%m/%Y}",
            period.closing,
            scale.y(period.closing),
            period.closing < 0,
        )
        for index, period in enumerate(periods)
    ]
