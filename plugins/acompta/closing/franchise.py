"""The turnover of a seller in franchise against its limits: VAT is due the day that the upper one is passed.

CGI art. 293 B (as of 1 January 2025, loi 2023-1322 art. 82): the franchise holds in a year when the national turnover
of the civil year before did not exceed the limit; it stops on the day when that of the year exceeds the upper limit.
One pair of limits holds for the whole turnover, a lower one for services.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive

from acompta import french
from acompta.closing.periods import Period
from acompta.closing.vat_movements import within
from acompta.closing.vat_untaxed import UntaxedLine, untaxed_lines
from acompta.dossier import Dossier
from acompta.owed import Place, place_of
from acompta.rounding import ZERO
from acompta.vocabulary import GOODS

_NATIONAL: Final = frozenset({"", "franchise"})
_SOURCE: Final = "CGI art. 293 B"


class Limits(NamedTuple):
    """Limits in force ``since`` a day, in euros before tax: of the whole turnover, and of the services in it."""

    since: datetime.date
    whole: Decimal
    whole_upper: Decimal
    services: Decimal
    services_upper: Decimal


LIMITS: Final = (
    Limits(datetime.date(2023, 1, 1), *map(Decimal, (91900, 101000, 36800, 39100))),
    Limits(datetime.date(2025, 1, 1), *map(Decimal, (85000, 93500, 37500, 41250))),
)


class Overrun(NamedTuple):
    """A limit passed: what to do about it, and the sale that passed it."""

    message: str
    place: Place


class _Sum(NamedTuple):
    """The turnover of a civil year so far, in euros: ``line`` is the sale that passed the limit."""

    what: str
    amount: Decimal
    limit: Decimal
    line: UntaxedLine


def limits_at(day: datetime.date) -> Limits | None:
    """The limits in force on ``day``; ``None`` before those that are known."""
    return next((one for one in reversed(LIMITS) if one.since <= day), None)


def overrun(entries: Sequence[Directive], dossier: Dossier, period: Period) -> Overrun | None:
    """The limit that a seller in franchise at the end of ``period`` has passed, the first that ends it."""
    end = period.end
    limits = limits_at(end)
    if limits is None:
        return None
    upper = (limits.whole_upper, limits.services_upper)
    lower = (limits.whole, limits.services)
    now = _lines(entries, dossier, Period(str(end.year), datetime.date(end.year, 1, 1), end))
    last = datetime.date(end.year - 1, 12, 31)
    before = _lines(entries, dossier, Period(str(last.year), datetime.date(last.year, 1, 1), last))
    year = end.year
    if passed := _passed(before, dossier, lower):
        what = f"la franchise ne s'applique plus depuis le 1er janvier {year}"
        return _said(passed, what, f" en {last.year}")
    if passed := _passed(now, dossier, upper):
        day = french.short_day(passed.line.entry.date)
        return _said(passed, f"la franchise a cessé le {day}, facturez la TVA depuis ce jour")
    if passed := _passed(now, dossier, lower):
        return _said(passed, f"la franchise cessera le 1er janvier {year + 1}")
    return None


def _said(passed: _Sum, what: str, when: str = "") -> Overrun:
    amount, limit = french.euros(passed.amount), french.euros(passed.limit)
    message = f"{passed.what} de {amount}{when}, au-delà de {limit} : {what} ({_SOURCE})"
    return Overrun(message, place_of(passed.line.entry))


def _lines(entries: Sequence[Directive], dossier: Dossier, period: Period) -> list[UntaxedLine]:
    """The national sales without VAT of a civil year, in order of date."""
    found = untaxed_lines(within(entries, period), dossier, period)
    return sorted(
        (line for line in found if line.regime in _NATIONAL), key=lambda line: line.entry.date
    )


def _passed(
    lines: list[UntaxedLine], dossier: Dossier, limits: tuple[Decimal, Decimal]
) -> _Sum | None:
    for what, limit, services in (
        ("chiffre d'affaires", limits[0], False),
        ("prestations de services", limits[1], True),
    ):
        total = ZERO
        crossing: UntaxedLine | None = None
        for line in lines:
            if services and dossier.chart.get(line.account).nature == GOODS:
                continue
            total += line.base
            if crossing is None and total > limit:
                crossing = line
        if crossing is not None and total > limit:
            return _Sum(what, total, limit, crossing)
    return None
