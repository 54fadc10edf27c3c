"""Dates typed the French way, and dates that no calendar has."""

from __future__ import annotations

import calendar
import datetime
import re
from typing import Final

from acompta.french import MONTHS
from acompta.lint.finding import Problem
from acompta.lint.spelling import MINUS_SIGNS, fold

_MONTH_NUMBERS: Final = {fold(name): number for number, name in enumerate(MONTHS, 1)}
_SEPARATOR: Final = rf"(?:[/.\-{MINUS_SIGNS}]| )"

# What Beancount takes for a date: `2026-1-5` and `2026/01/05` are good dates.
BEANCOUNT_DATE: Final = re.compile(r"(?<![\w.,/-])\d{4,}[-/]\d+[-/]\d+(?![\w])")
# Day first, four figures for the year: never an arithmetic anyone means.
FRENCH_DATE: Final = re.compile(
    r"(?<![\w.,/-])(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)\d\d)(?![\w.,/-]*\d)"
)
_SHORT_FRENCH_DATE: Final = re.compile(
    rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{2}}|\d{{4}})(?!\d)"
)
_SHORT_YEAR: Final = re.compile(r"(\d{2})-(\d{1,2})-(\d{2})(?!\d)")
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})(?!\d)")
_COMPACT: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_IN_WORDS: Final = re.compile(r"(\d{1,2})(?:er)?[ \t]+([A-Za-zÀ-ÿ]{3,9})\.?[ \t]+(\d{4})(?!\d)")
_YEAR_MONTH: Final = re.compile(r"((?:19|20)\d\d)[-/](0?[1-9]|1[0-2])")


def _iso(year: int, month: int, day: int) -> str | None:
    """``2026-01-31``, or ``None`` for a day that no calendar has."""
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def _full_year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def french_to_iso(day: str, month: str, year: str) -> str | None:
    """The ISO date of a day-first date; a month above 12 is read month-first, as spreadsheets export it."""
    full = _full_year(year)
    return _iso(full, int(month), int(day)) or _iso(full, int(day), int(month))


def read_loosely(text: str) -> tuple[str, str] | None:
    """The date that begins ``text`` in a shape that Beancount does not read: (as typed, ISO date)."""
    if found := _IN_WORDS.match(text):
        number = _MONTH_NUMBERS.get(fold(found[2]).lower())
        iso = _iso(int(found[3]), number, int(found[1])) if number else None
    elif found := _YEAR_FIRST.match(text):
        iso = _iso(int(found[1]), int(found[2]), int(found[3]))
    elif found := _SHORT_FRENCH_DATE.match(text):
        iso = french_to_iso(found[1], found[2], found[3])
    elif found := _COMPACT.match(text):
        iso = _iso(int(found[1]), int(found[2]), int(found[3]))
    else:
        return None
    return (found[0], iso) if iso else None


def iso_day(text: str) -> str:
    """The ISO date that the whole of ``text`` is, typed the French way or not; ``""`` for none."""
    if found := BEANCOUNT_DATE.fullmatch(text):
        parts = _parts(found[0])
        return (_iso(*parts) or "") if parts else ""
    read = read_loosely(text)
    return read[1] if read and read[0] == text else ""


def short_years(text: str) -> tuple[str, list[str]] | None:
    """``26-01-20``, which nobody can tell from ``20-01-26``: (as typed, the days it may be, year first)."""
    found = _SHORT_YEAR.match(text)
    if found is None:
        return None
    year_first = _iso(_full_year(found[1]), int(found[2]), int(found[3]))
    day_first = _iso(_full_year(found[3]), int(found[2]), int(found[1]))
    days = list(dict.fromkeys(day for day in (year_first, day_first) if day))
    return (found[0], days) if days else None


def first_of_month(text: str) -> str | None:
    """The first day of the month that ``text`` is (``2026-01``, a subtraction for Beancount), else ``None``."""
    found = _YEAR_MONTH.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02d}-01" if found else None


def _parts(text: str) -> tuple[int, int, int] | None:
    year, month, day = re.split("[-/]", text)
    # Beyond these lengths no number is a year, a month or a day, and `int` refuses very long texts.
    if len(year) > 9 or len(month) > 9 or len(day) > 9:
        return None
    return int(year), int(month), int(day)


def calendar_problem(text: str) -> Problem | None:
    """The problem of a year-first date that no calendar has, ``None`` for a real day."""
    parts = _parts(text)
    if parts is None:
        return Problem(
            text,
            f"« {text} » n'est pas une date ; tapez année-mois-jour, par exemple « 2026-01-31 »",
        )
    year, month, day = parts
    if _iso(year, month, day):
        return None
    swapped = _iso(year, day, month)
    if swapped:
        return Problem(text, f"« {text} » : le mois vient avant le jour ; tapez « {swapped} »")
    hint = "tapez année-mois-jour, par exemple « 2026-01-31 »"
    if 1 <= month <= 12 and 1 <= year <= 9999:
        hint = f"{MONTHS[month - 1]} {year} compte {calendar.monthrange(year, month)[1]} jours"
    return Problem(text, f"la date « {text} » n'existe pas au calendrier ; {hint}")


def french_date_problem(typed: str, iso: str | None, *, read_as: str) -> Problem:
    """A date typed day first; ``read_as`` says what Beancount makes of it."""
    wanted = f"« {iso} »" if iso else "année-mois-jour, par exemple « 2026-01-31 »"
    return Problem(typed, f"« {typed} » {read_as} ; tapez {wanted}")
