"""A table, apart from where it is shown: the terminal, CSV, JSON, a spreadsheet and Fava all read the same one.

A cell is a value (an amount in euros, a date, a text), never a formatted text: each reader formats for its own eyes.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple

from acompta import french

Cell = str | Decimal | datetime.date | int | None


class Kind(Enum):
    """What a column holds; ``EUROS`` are whole euros, as a tax form wants them.

    ``COUNT`` are whole days, or the lines of a file (in exports only).
    """

    TEXT = "texte"
    CODE = "code"
    AMOUNT = "montant"
    EUROS = "euros"
    RATE = "taux"
    DATE = "date"
    COUNT = "nombre"
    HOURS = "heures"


NUMERIC: Final = frozenset({Kind.AMOUNT, Kind.EUROS, Kind.RATE, Kind.COUNT, Kind.HOURS})


class Show(Enum):
    """Where a column appears: everywhere, on screen only when there is something in it, or in exports only."""

    ALWAYS = "toujours"
    IF_ANY = "si-rempli"
    EXPORT = "export"


class Column(NamedTuple):
    """A column: ``key`` is stable (JSON), ``title`` is for people.

    ``give_way`` says how soon the column leaves a narrow screen: 0 never, the highest first. A ``grouped`` column shows
    a repeated text once on screen.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    show: Show = Show.ALWAYS
    give_way: int = 0
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. ``key`` is stable; ``total`` is the last row, set apart; ``strong`` are rows in bold.

    ``note`` is one sentence under the table.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    strong: frozenset[int] = frozenset()
    note: str = ""

    def is_empty(self, index: int) -> bool:
        """Whether the column says nothing: no text, no date, only zeros."""
        return all(not row[index] for row in self.rows)

    def on_screen(self) -> tuple[int, ...]:
        """The columns that a screen shows, wide as it may be."""
        return tuple(
            index
            for index, column in enumerate(self.columns)
            if column.show is Show.ALWAYS
            or (column.show is Show.IF_ANY and not self.is_empty(index))
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A figure said in a sentence's place: « Reste dû  1 234,56 »; ``strong`` for the one that matters."""

    key: str
    title: str
    amount: Decimal
    strong: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a command shows: facts about it, tables, and closing figures; ``warnings`` are sentences.

    ``nothing`` is said when no table has a row.
    """

    title: str
    facts: tuple[tuple[str, str, str], ...]
    tables: tuple[Table, ...]
    lines: tuple[Line, ...] = ()
    warnings: tuple[str, ...] = ()
    nothing: str = "Rien à afficher à cette date."

    def table(self, key: str) -> Table:
        """The table of that key.

        Raises:
            KeyError: there is none.
        """
        for table in self.tables:
            if table.key == key:
                return table
        raise KeyError(key)


def written(kind: Kind, cell: Cell) -> str:
    """A cell as a French reader reads it: « 1 234,56 », « 5,5 % », « 7,5 h », « 56 j », 31/03/2026.

    Nothing for nothing.
    """
    if cell is None:
        return ""
    if isinstance(cell, datetime.date):
        return french.short_day(cell)
    if not isinstance(cell, Decimal):
        days = kind is Kind.COUNT and isinstance(cell, int)
        return f"{french.number(Decimal(cell), 0)}\u00a0j" if days else str(cell)
    if kind is Kind.RATE:
        return french.percent(cell)
    if kind is Kind.HOURS:
        return f"{french.quantity(cell)}\u00a0h"
    return french.number(cell, 0 if kind is Kind.EUROS else 2)


def sums(
    columns: Iterable[Column], rows: Iterable[tuple[Cell, ...]], title: str
) -> tuple[Cell, ...]:
    """The total row: ``title`` first, then the sum of every column of amounts."""
    columns = tuple(columns)
    rows = tuple(rows)
    total: list[Cell] = []
    for index, column in enumerate(columns):
        if column.kind in {Kind.AMOUNT, Kind.EUROS}:
            amounts = (row[index] for row in rows)
            total.append(sum((a for a in amounts if isinstance(a, Decimal)), Decimal("0.00")))
        else:
            total.append(None)
    total[0] = title
    return tuple(total)
