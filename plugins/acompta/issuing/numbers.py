"""Numbers given one after the other: what is used, what comes next."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import Final

from acompta.dossier import Dossier
from acompta.french import short_day
from acompta.issuing.formats import (
    DEFAULT,
    DEFAULT_CREDIT,
    FormatError,
    NumberFormat,
    composed,
    format_in_use,
    read_format,
    series_key,
)
from acompta.messages import DocumentError, WrongKeyError, shown
from acompta.numbering import Numbered, split_number
from acompta.reading.model import Document, Seller
from acompta.vocabulary import KIND_BY_TAG, Kind

_YEAR: Final = 366  # days
_WORDS: Final = re.compile(r"[\s,;]+")


@dataclass(slots=True)
class _Series:
    """The last rank, date and number of a series, and the width in use."""

    rank: int
    date: datetime.date
    number: str
    width: int


@dataclass(slots=True)
class Numbers:
    """The numbers of a ledger, and those given since; made from the dossier of one load."""

    dossier: Dossier
    _series: dict[str, _Series] = field(default_factory=dict)
    _last: dict[bool, Numbered] = field(default_factory=dict)
    _forms: dict[bool, dict[tuple[str, str], Numbered]] = field(default_factory=dict)
    _taken_over: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note the last number of each series, and the last of the credit notes and of the others."""
        own = set()
        for numbered in self.dossier.numbered:
            own.add(numbered.number)
            self._use(numbered.series, numbered.rank, numbered.date, numbered.number)
            credit = _is_credit(numbered)
            last = self._last.get(credit)
            if last is None or (numbered.date, numbered.rank) >= (last.date, last.rank):
                self._last[credit] = numbered
            form = format_in_use(numbered.number, numbered.date)
            if form is not None:
                self._forms.setdefault(credit, {})[form.before, form.after] = numbered
        for number in sorted(self.dossier.numbers - own):
            self._taken_over[split_number(number)[0]] = number

    def next(self, document: Document, date: datetime.date) -> str:
        """Give the next number of the series of ``document``, issued on ``date``.

        Raises:
            DocumentError: the format cannot be read, or the date is before the last of the series.
        """
        seller = self.dossier.sellers.at(date)
        form = self._format(document.kind, seller)
        site = document.text("serie") or ""
        if site and not form.by_site:
            raise WrongKeyError(
                "serie",
                f"lu {shown(site)}, mais le format des numéros n'a pas de {{serie}} ; tapez par exemple"
                ' format-numero: "F{serie}-{annee}-{numero:04}" sous custom "emetteur"',
            )
        before, after = form.series(date, site)
        key = series_key(before, after)
        last = self._series.get(key)
        if last is None:
            return self._first(seller, form, (before, after), date)
        if date < last.date:
            raise DocumentError(
                f"la série {before} en est à {last.number} du {short_day(last.date)} : une émission ne peut pas lui"
                f" être antérieure ; tapez --date {last.date:%d/%m/%Y} ou une date plus tardive"
            )
        number = composed(before, last.rank + 1, after, last.width)
        return self._give(key, last.rank + 1, date, number)

    def _use(self, series: str, rank: int, date: datetime.date, number: str) -> None:
        last = self._series.get(series)
        if last is None:
            self._series[series] = _Series(rank, date, number, _width(number))
            return
        if rank > last.rank:
            last.rank, last.number, last.width = rank, number, _width(number)
        last.date = max(last.date, date)

    def _first(
        self,
        seller: Seller,
        form: NumberFormat,
        around: tuple[str, str],
        date: datetime.date,
    ) -> str:
        """The first number of a series: ``premier-numero:``, else the first rank."""
        key = series_key(*around)
        rank, width = 1, form.width
        typed = seller.text("premier-numero") or ""
        for first in filter(None, _WORDS.split(typed)):
            series, wanted = split_number(first)
            if series == key and wanted is not None:
                rank, width = wanted, _width(first)
                break
        else:
            if key in self._taken_over:
                raise DocumentError(
                    f"la série {around[0]} a commencé dans un autre logiciel (reprise de {self._taken_over[key]}) :"
                    ' tapez sous custom "emetteur" le premier numéro à donner ici, par exemple premier-numero:'
                    f' "{composed(around[0], 51, around[1], width)}"'
                )
        return self._give(key, rank, date, composed(around[0], rank, around[1], width))

    def _give(self, series: str, rank: int, date: datetime.date, number: str) -> str:
        if number in self.dossier.numbers:
            raise DocumentError(
                f'le numéro {number} est déjà celui d\'une reprise : tapez sous custom "emetteur" un premier-numero:'
                " qui suive le dernier donné par l'autre logiciel"
            )
        self._use(series, rank, date, number)
        return number

    def _format(self, kind: Kind, seller: Seller) -> NumberFormat:
        """The format of a kind: the one typed for it, the one typed for all, the one in use, the usual one.

        Raises:
            DocumentError: the typed one cannot be read.
        """
        credit = kind is Kind.CREDIT_NOTE
        typed = seller.text(f"format-numero-{kind.value}")
        if typed is None and not credit:
            typed = seller.text("format-numero")
        try:
            if typed is not None:
                return read_format(typed, seller.date)
            return self._in_use(credit=credit) or read_format(
                DEFAULT_CREDIT if credit else DEFAULT, seller.date
            )
        except FormatError as error:
            raise DocumentError(str(error)) from error

    def _in_use(self, *, credit: bool) -> NumberFormat | None:
        """The format of the last number of the credit notes, or of the other documents.

        Raises:
            FormatError: several are in use within a year, and nothing says which one goes on.
        """
        last = self._last.get(credit)
        if last is None:
            return None
        recent = [
            numbered.number
            for numbered in self._forms[credit].values()
            if (last.date - numbered.date).days <= _YEAR
        ]
        if len(recent) > 1:
            key = "format-numero-avoir" if credit else "format-numero"
            raise FormatError(
                f'plusieurs séries sont en usage ({", ".join(sorted(recent))}) : tapez sous custom "emetteur" celle'
                f' des prochains documents, par exemple {key}: "{DEFAULT_CREDIT if credit else DEFAULT}"'
            )
        return format_in_use(last.number, last.date)


def _is_credit(numbered: Numbered) -> bool:
    return any(KIND_BY_TAG.get(tag) is Kind.CREDIT_NOTE for tag in numbered.entry.tags)


def _width(number: str) -> int:
    found = re.search(r"(\d+)\D*$", number)
    return len(found[1]) if found is not None else 1
