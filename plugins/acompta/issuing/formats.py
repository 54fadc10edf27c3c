"""The number of a document: ``format-numero:``, the series in use, ``premier-numero:`` (language.md §10).

A unique, chronological, continuous sequence, several series when justified (CGI ann. II art. 242 nonies A, I-7°;
BOI-TVA-DECLA-30-20-20-10 §70-100).
"""

from __future__ import annotations

import datetime
import re
from typing import Final, NamedTuple

from acompta.messages import shown
from acompta.numbering import split_number

DEFAULT: Final = "F{annee}-{numero:04}"
DEFAULT_CREDIT: Final = "A{annee}-{numero:04}"
_FIELD: Final = re.compile(r"\{(annee|an|mois|numero|serie)(?::0?([1-9]))?\}")
_ZEROS: Final = re.compile(r"0+(?=[^0-9]*$)")
_ALLOWED: Final = re.compile(r"[A-Za-z0-9/_-]*")
_EXAMPLE: Final = 'par exemple format-numero: "F{annee}-{numero:04}"'
_SOME_DAY: Final = datetime.date(2026, 1, 31)


class FormatError(Exception):
    """A format that gives no sure series; the message is French and says what to type."""


class NumberFormat(NamedTuple):
    """A format in force: ``before`` and ``after`` the number, with their fields, and how many digits at least."""

    before: str
    after: str
    width: int

    def series(self, date: datetime.date, site: str = "") -> tuple[str, str]:
        """The text before and after the number, for a document of that date and ``serie:``."""
        return _filled(self.before, date, site), _filled(self.after, date, site)

    @property
    def by_site(self) -> bool:
        """Whether ``{serie}`` stands in the format."""
        return "{serie}" in self.before + self.after


def read_format(text: str, since: datetime.date) -> NumberFormat:
    """The format that ``text`` says: fields in braces, or a number of zeros (``"F2026-000"``).

    With zeros, the year of ``since`` (the day from which it holds) stands for the year of each document.

    Raises:
        FormatError: no number in it, or one that touches other digits.
    """
    fields = [found for found in _FIELD.finditer(text) if found[1] == "numero"]
    if len(fields) == 1 and "{" not in _FIELD.sub("", text):
        (found,) = fields
        read = NumberFormat(text[: found.start()], text[found.end() :], int(found[2] or 1))
    elif "{" not in text and (zeros := _ZEROS.search(text)) is not None:
        read = _by_example(text[: zeros.start()], text[zeros.end() :], len(zeros[0]), since)
    else:
        raise FormatError(
            f"clé « format-numero » : lu {shown(text)} ; tapez le numéro avec {{numero:04}}, {{annee}}, {{an}},"
            f" {{mois}}, {{serie}}, {_EXAMPLE}"
        )
    _check(text, read)
    return read


def format_in_use(number: str, date: datetime.date) -> NumberFormat | None:
    """The format that a number already given on ``date`` follows, ``None`` without digits."""
    found = re.fullmatch(r"(.*?)(\d+)(\D*)", number, re.DOTALL)
    if found is None:
        return None
    return _by_example(found[1], found[3], len(found[2]), date)


def _by_example(before: str, after: str, width: int, date: datetime.date) -> NumberFormat:
    """The year of the day, written with four digits or with two, is the year of each document."""
    for year, name in ((f"{date:%Y}", "{annee}"), (f"{date:%y}", "{an}")):
        found = re.search(rf"(?<!\d){year}(?!\d)", before)
        if found is not None:
            before = before[: found.start()] + name + before[found.end() :]
            break
    return NumberFormat(before, after, width)


def _check(text: str, read: NumberFormat) -> None:
    before, after = read.series(_SOME_DAY)
    if not _ALLOWED.fullmatch(before + after):
        raise FormatError(
            f"clé « format-numero » : lu {shown(text)} ; un numéro est fait de lettres sans accent, de chiffres, de /"
            f" _ et -, {_EXAMPLE}"
        )
    if (before and before[-1].isdigit()) or any(map(str.isdigit, after)):
        raise FormatError(
            f"clé « format-numero » : lu {shown(text)} ; le numéro vient en dernier et ne touche pas d'autre chiffre,"
            f" sinon la suite ne se lit plus : {_EXAMPLE}"
        )


def _filled(text: str, date: datetime.date, site: str) -> str:
    values = {
        "annee": f"{date:%Y}",
        "an": f"{date:%y}",
        "mois": f"{date:%m}",
        "serie": site,
    }
    return _FIELD.sub(lambda found: values.get(found[1], ""), text)


def series_key(before: str, after: str) -> str:
    """The series as `split_number` names it."""
    return split_number(f"{before}0{after}")[0]


def composed(before: str, rank: int, after: str, width: int) -> str:
    """The number of that rank, in at least ``width`` digits."""
    return f"{before}{rank:0{width}}{after}"
