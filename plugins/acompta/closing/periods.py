"""Periods that a person names: a month ``2026-03``, a quarter ``2026-T1``, a fiscal year ``2026``.

A fiscal year bears the calendar year in which it ends; the last month of it is `Seller`'s ``fin-exercice:``
(``"06-30"``), the 31 December when nobody says (C. com. art. L123-12: accounts are drawn up at the end of each
fiscal year).
"""

from __future__ import annotations

import calendar
import datetime
import re
from typing import Final, NamedTuple

from acompta import french

_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})")
_QUARTER: Final = re.compile(r"(\d{4})-?[Tt]([1-4])")
_YEAR: Final = re.compile(r"\d{4}")
_QUARTER_FIRST: Final = re.compile(r"T([1-4])[ /-](\d{4})")
_YEAR_END: Final = re.compile(r"(\d{1,2})-(\d{1,2})")
DECEMBER: Final = 12


class PeriodError(ValueError):
    """A period that cannot be read; the message is one French sentence."""


class Period(NamedTuple):
    """From ``start`` to ``end``, both included; ``name`` as typed: ``2026-03``, ``2026-T1``, ``2026``."""

    name: str
    start: datetime.date
    end: datetime.date

    @property
    def title(self) -> str:
        """« mars 2026 », « 1er trimestre 2026 », « exercice du 1er juillet 2025 au 30 juin 2026 »."""
        if _MONTH.fullmatch(self.name):
            return french.month(self.start)
        quarter = _QUARTER.fullmatch(self.name)
        if quarter:
            number = int(quarter.group(2))
            return f"{'1er' if number == 1 else f'{number}e'} trimestre {quarter.group(1)}"
        return f"exercice {french.period(self.start, self.end)}"

    @property
    def subject(self) -> str:
        """The title as the subject of a sentence: « mars 2026 », « l'exercice du … »."""
        return f"l'{self.title}" if self.is_year else self.title

    @property
    def of_title(self) -> str:
        """The title after its preposition: « de mars », « d'avril », « du 1er trimestre », « de l'exercice »."""
        subject = self.subject
        if subject[:1] in "aoé":
            return f"d'{subject}"
        return f"de {subject}" if subject[:1].isalpha() else f"du {subject}"

    @property
    def is_year(self) -> bool:
        """Whether it is a fiscal year."""
        return _YEAR.fullmatch(self.name) is not None

    @property
    def next_day(self) -> datetime.date:
        """The first day after the period: where what was late is booked, and accruals are reversed."""
        return self.end + datetime.timedelta(days=1)

    def holds(self, day: datetime.date) -> bool:
        """Whether ``day`` is in the period."""
        return self.start <= day <= self.end


def month_end(year: int, month: int) -> datetime.date:
    """Last day of a month."""
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def month_of(day: datetime.date) -> Period:
    """The month of ``day``."""
    start = day.replace(day=1)
    return Period(f"{day.year:04d}-{day.month:02d}", start, month_end(day.year, day.month))


def month_before(period: Period) -> Period:
    """The month that ends the day before ``period`` starts."""
    return month_of(period.start - datetime.timedelta(days=1))


def quarter_of(day: datetime.date) -> Period:
    """The calendar quarter of ``day``."""
    return read_period(f"{day.year:04d}-T{(day.month + 2) // 3}")


def period_before(period: Period) -> Period:
    """The month or the quarter that ends the day before ``period`` starts."""
    last = period.start - datetime.timedelta(days=1)
    return quarter_of(last) if _QUARTER.fullmatch(period.name) else month_of(last)


def months_back(day: datetime.date, months: int) -> datetime.date:
    """The first day of the month that is ``months`` before that of ``day``."""
    index = day.year * DECEMBER + day.month - 1 - months
    return datetime.date(index // DECEMBER, index % DECEMBER + 1, 1)


def read_period(text: str) -> Period:
    """A month (``2026-03``, ``03/2026``, ``mars 2026``) or a quarter (``2026-T1``, ``T1 2026``).

    Raises:
        PeriodError: neither.
    """
    from acompta.preparing.months import Month  # noqa: PLC0415 — its package reads the dossier, which reads periods

    text = text.strip()
    if found := _QUARTER.fullmatch(_QUARTER_FIRST.sub(r"\2-T\1", text.upper())):
        year, quarter = map(int, found.groups())
        last = 3 * quarter
        return Period(
            f"{year:04d}-T{quarter}", datetime.date(year, last - 2, 1), month_end(year, last)
        )
    try:
        return month_of(Month.read(text).first)
    except ValueError:
        pass
    raise PeriodError(
        f"« {text} » ; tapez un mois (2026-03 ou « mars 2026 ») ou un trimestre (2026-T1)."
    )


def read_year_end(text: object) -> tuple[int, int] | None:
    """Month and day of ``fin-exercice: "06-30"``, or ``None`` when it says nothing readable."""
    found = _YEAR_END.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    month, day = map(int, found.groups())
    if not 1 <= month <= DECEMBER or not 1 <= day <= 31:
        return None
    return month, day


def fiscal_year(name: str, year_end: tuple[int, int] | None = None) -> Period:
    """The fiscal year that ends in the calendar year ``name``; it ends on the last day of its closing month.

    Raises:
        PeriodError: ``name`` is not a year.
    """
    if not _YEAR.fullmatch(name.strip()):
        raise PeriodError(f"« {name} » ; tapez l'année où l'exercice se termine : 2026.")
    month, day = year_end or (DECEMBER, 31)
    year = int(name)
    last = datetime.date(year, month, min(day, month_end(year, month).day))
    before = datetime.date(year - 1, month, min(day, month_end(year - 1, month).day))
    return Period(name.strip(), before + datetime.timedelta(days=1), last)


def fiscal_year_of(day: datetime.date, year_end: tuple[int, int] | None = None) -> Period:
    """The fiscal year in which ``day`` falls."""
    this = fiscal_year(f"{day.year:04d}", year_end)
    return this if day <= this.end else fiscal_year(f"{day.year + 1:04d}", year_end)
