"""Numbers: a unique, chronological, continuous sequence per series (CGI ann. II art. 242 nonies A, I-7°).

A series is the text of a number before its last run of digits; the first number seen starts it. Several series are
allowed when justified (BOI-TVA-DECLA-30-20-20-10 §70-100). An error of numbering alone does not stop posting.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from operator import itemgetter
from typing import Final, NamedTuple

from beancount.core.data import Transaction

from acompta.messages import AcomptaError, Code, error_at

_LAST_DIGITS: Final = re.compile(r"^(.*?)(\d+)([^\d]*)$", re.DOTALL)
_DIGITS: Final = "0123456789"
BY_RANK: Final = itemgetter(0, 1, 2, 3, 4)


def split_number(number: str) -> tuple[str, int | None]:
    """Series and rank of a number: ``F2026-007`` gives ``("F2026-", 7)``; no digits: ``(number, None)``."""
    series = number.rstrip(_DIGITS)
    if series != number and number.isascii():
        return series, int(number[len(series) :])  # nearly all, without the regular expression
    found = _LAST_DIGITS.match(number)
    if found is None:
        return number, None
    # A suffix after the digits (F12-A) belongs to the series: it tells two sequences apart.
    return found.group(1) + found.group(3), int(found.group(2))


SERIES_CODES: Final = frozenset({Code.NUMBER_USED, Code.NUMBER_MISSING, Code.DATE_GOES_BACK})


class Numbered(NamedTuple):
    """A number as used by a document (one in error included: its number counts as used), and its place in the text."""

    series: str
    rank: int
    date: datetime.date
    path: str
    line: int
    number: str
    entry: Transaction


def check_series(numbered: Iterable[Numbered]) -> list[AcomptaError]:
    """Errors for the gaps, the duplicates and the dates that go backwards, at the line of the later number."""
    numbered = list(numbered)
    if _follow_each_other(numbered):
        return []
    errors: list[AcomptaError] = []
    last = {each.series: each for each in sorted(numbered, key=BY_RANK)}
    previous: Numbered | None = None
    latest: Numbered | None = None
    for current in sorted(numbered, key=BY_RANK):
        if previous is None or latest is None or previous.series != current.series:
            latest = current
        else:
            problem = _problem(previous, current, latest, last[current.series])
            if problem is not None:
                code, message = problem
                errors.append(error_at(current.entry, message, None, code, current.number))
            # Who copies a document keeps a number that is not his: his date says nothing of the series.
            if current.date >= latest.date and current.rank != previous.rank:
                latest = current
        previous = current
    return errors


def _follow_each_other(numbered: Iterable[Numbered]) -> bool:
    """Whether the numbers of each series come in order, one by one, their dates too: nearly all ledgers."""
    last: dict[str, tuple[int, datetime.date]] = {}
    for series, rank, date, _, _, _, _ in numbered:
        before = last.get(series)
        if before is not None and (rank != before[0] + 1 or date < before[1]):
            return False
        last[series] = (rank, date)
    return True


def _problem(
    previous: Numbered, current: Numbered, latest: Numbered, last: Numbered
) -> tuple[Code, str] | None:
    if current.rank == previous.rank + 1 and current.date >= latest.date:
        return None
    if current.rank == previous.rank:
        return Code.NUMBER_USED, (
            f"numéro {current.number} déjà utilisé le {_french(previous.date)} (ligne {previous.line}) : chaque numéro"
            " ne sert qu'une fois (CGI ann. II art. 242 nonies A) ; le suivant de la série est"
            f" {numbered_like(last.number, last.rank + 1)}"
        )
    if current.rank > previous.rank + 1:
        first, until = previous.rank + 1, current.rank - 1
        missing = numbered_like(current.number, first)
        if until > first:
            missing += f" à {numbered_like(current.number, until)}"
        return Code.NUMBER_MISSING, (
            f"trou dans la série {current.series} : il manque {missing} avant {current.number} ; tapez le"
            " document manquant, ou corrigez le numéro"
        )
    return Code.DATE_GOES_BACK, (
        f"date en recul dans la série {current.series} : {current.number} du {_french(current.date)} suit"
        f" {latest.number} du {_french(latest.date)} ; corrigez la date ou le numéro"
    )


def numbered_like(like: str, rank: int) -> str:
    """The number of a rank in the series of ``like``, as wide."""
    found = _LAST_DIGITS.match(like)
    if found is None:
        return str(rank)
    return f"{found.group(1)}{rank:0{len(found.group(2))}}{found.group(3)}"


def _french(date: datetime.date) -> str:
    return f"{date:%d/%m/%Y}"
