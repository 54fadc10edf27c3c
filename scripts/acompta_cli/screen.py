"""Tables in the terminal: French amounts on the right, totals, and never a cut figure.

On a screen too narrow for a table, the columns that matter least leave first, and a line says which; figures are never
shortened. When the output goes to a file or another program, the table takes the width it needs.
"""

from __future__ import annotations

import codecs
import os
import sys
import textwrap
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from acompta import french
from acompta.tables import NUMERIC, Cell, Column, Kind, Line, Report, Table, written
from acompta_cli.wording import held, released

_PLAIN: Final = "acompta-plain"
_NEAREST: Final = str.maketrans(
    {"−": "-", "–": "-", "«": '"', "»": '"', "’": "'", "€": "EUR", "œ": "oe", "⚠": "!", "°": "o"}
)
_UNLIMITED: Final = 400
_PROSE: Final = 100
_LATE: Final = 30
_VERY_LATE: Final = 60
_NARROWEST_TEXT: Final = 12
_LONGEST_WHOLE_WORD: Final = 16
_WIDEST_TEXT: Final = 40
# One space after each cell, and one where the box would draw a line.
_GAP: Final = 2


def make_console(*, stderr: bool = False) -> Console:
    """A console on stdout (or stderr): as wide as the terminal, or unlimited when nobody's screen is behind it."""
    stream = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        codecs.register_error(_PLAIN, _plain)
        stream.reconfigure(errors=_PLAIN)
    width = None if stream.isatty() or "COLUMNS" in os.environ else _UNLIMITED
    return Console(file=stream, highlight=False, emoji=False, markup=False, width=width)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """A terminal without accents gets the nearest plain text: it neither stops the command nor spoils a figure."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_NEAREST)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return plain or "?", error.end


# -- a report -------------------------------------------------------------------------------------------------


def print_report(report: Report, console: Console, *, tables: Iterable[str] = ()) -> None:
    """Print a report: title, facts, the tables that have rows (only those of ``tables`` when given), figures."""
    console.print()
    console.print(Text(report.title, "bold"))
    _print_facts(report, console)
    wanted = set(tables)
    for table in report.tables:
        if table.rows and (not wanted or table.key in wanted):
            _print_table(table, console)
    if not any(table.rows for table in report.tables):
        console.print()
        console.print(Text(report.nothing, "italic"))
    if report.lines:
        _print_lines(report.lines, console)
    for warning in report.warnings:
        console.print()
        folded = typeset(warning, prose_width(console), "⚠ ")
        console.print(Text.assemble((folded[0], "yellow bold"), folded[1:]), soft_wrap=True)
    console.print()


def prose_width(console: Console) -> int:
    """How wide sentences are set: the screen's width, up to what the eye follows."""
    return min(console.width, _PROSE)


def typeset(sentence: str, width: int, margin: str = "") -> str:
    """A sentence folded to ``width`` under its ``margin``; no-break spaces hold (rich's do not), and no word is cut."""
    return released(
        textwrap.fill(
            held(sentence),
            width,
            initial_indent=margin,
            subsequent_indent=" " * len(margin),
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def _print_facts(report: Report, console: Console) -> None:
    width = max((len(title) for _, title, _ in report.facts), default=0)
    for _, title, value in report.facts:
        label = f"{title:<{width}}  "
        folded = typeset(value, prose_width(console), label)
        console.print(Text.assemble((label, "dim"), folded[len(label) :]), soft_wrap=True)


def _print_lines(lines: tuple[Line, ...], console: Console) -> None:
    grid = RichTable(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column()
    for line in lines:
        style = "bold" if line.strong else ""
        grid.add_row(line.title, amount(line.amount), Text(line.note, "dim"), style=style)
    console.print()
    console.print(grid)


# -- a table --------------------------------------------------------------------------------------------------


def _print_table(table: Table, console: Console) -> None:
    texts = _Texts(table)
    shown, hidden = fit(texts, console.width)
    console.print()
    console.print(Text(table.title, "bold cyan"))
    # Wider than the screen even so: the terminal folds the lines, no figure is cut.
    width = max(texts.narrowest(shown), console.width)
    console.print(_rich(texts, shown, texts.widths(shown, width)), width=width, crop=False)
    notes = [table.note] if table.note else []
    if hidden:
        names = ", ".join(f"« {table.columns[index].title} »" for index in hidden)
        what = "colonne masquée" if len(hidden) == 1 else "colonnes masquées"
        notes.append(f"{what} faute de place : {names} (élargissez la fenêtre, ou --csv)")
    for note in notes:
        folded = typeset(note, prose_width(console))
        console.print(Text(folded, "dim italic"), soft_wrap=True)


class _Texts:
    """A table as texts, with the widths that its columns want; measured once, however the columns are tried."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns = table.columns
        self.rows = [tuple(map(_text, table.columns, row)) for row in table.rows]
        self.total = tuple(map(_text, table.columns, table.total)) if table.total else None
        everything = self.rows if self.total is None else [*self.rows, self.total]
        self._longest = [
            max(map(cell_len, cells), default=0) for cells in zip(*everything, strict=True)
        ]
        self._least = [self._least_width(index) for index in range(len(self.columns))]

    def _least_width(self, index: int) -> int:
        """Below this a figure, a date, a number or the title's longest word would be cut."""
        longest = self._longest[index]
        if self.columns[index].kind is Kind.TEXT:
            words = [_longest_word(row[index]) for row in self.rows]
            word = min(max(words, default=0), _LONGEST_WHOLE_WORD)
            longest = min(longest, max(_NARROWEST_TEXT, word))
        return max(longest, _longest_word(self.columns[index].title))

    def _wanted_width(self, index: int) -> int:
        longest = self._longest[index]
        if self.columns[index].kind is Kind.TEXT:
            longest = min(longest, max(_WIDEST_TEXT, self._least[index]))
        return max(longest, cell_len(self.columns[index].title))

    def narrowest(self, shown: list[int]) -> int:
        """The width in characters below which a column of ``shown`` would be cut."""
        return sum(self._least[index] for index in shown) + _GAP * (len(shown) - 1)

    def widths(self, shown: list[int], width: int) -> list[int]:
        """The width of each column: what it wants, titles then texts folding until all fit."""
        widths = [self._wanted_width(index) for index in shown]
        excess = sum(widths) + _GAP * (len(shown) - 1) - width
        while excess > 0:
            spare = [wide - self._least[index] for wide, index in zip(widths, shown, strict=True)]
            # A folded title costs one line of the table, a folded text one line of each row.
            titles = [
                room if self.columns[i].kind is not Kind.TEXT else 0
                for room, i in zip(spare, shown, strict=True)
            ]
            giving = max(range(len(shown)), key=(titles if any(titles) else spare).__getitem__)
            widths[giving] -= 1
            excess -= 1
        return widths


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split(" ")))


def fit(texts: _Texts, width: int) -> tuple[list[int], list[int]]:
    """The columns that ``width`` characters can show whole, and those that had to leave, both in order."""
    columns = texts.columns
    shown = list(texts.table.on_screen())
    hidden: list[int] = []
    while texts.narrowest(shown) > width:
        leaving = [index for index in shown if columns[index].give_way]
        if not leaving:
            break
        last = max(leaving, key=lambda index: (columns[index].give_way, index))
        shown.remove(last)
        hidden.append(last)
    for index in sorted(hidden, key=lambda index: columns[index].give_way):
        # What left before a wider one may come back.
        if texts.narrowest([*shown, index]) <= width:
            shown = sorted([*shown, index])
            hidden.remove(index)
    return shown, sorted(hidden)


def _rich(texts: _Texts, shown: list[int], widths: list[int]) -> RichTable:
    table = texts.table
    rich = RichTable(
        box=box.SIMPLE,
        show_footer=texts.total is not None,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
        footer_style="bold",
    )
    footers = _footers(texts, shown)
    for index, footer, width in zip(shown, footers, widths, strict=True):
        column = texts.columns[index]
        text = column.kind is Kind.TEXT
        rich.add_column(
            textwrap.fill(column.title, width),
            footer,
            justify="right" if column.kind in NUMERIC else "left",
            vertical="top",
            no_wrap=not text,
            width=width,
            overflow="fold" if text else "crop",
        )
    before: tuple[Cell, ...] | None = None
    for number, row in enumerate(table.rows):
        cells = texts.rows[number]
        rich.add_row(
            *(
                _shown_cell(
                    texts.columns[i], cells[i], row[i], before[i] if before else None, width
                )
                for i, width in zip(shown, widths, strict=True)
            ),
            style="bold" if number in table.strong else "",
        )
        before = row
    return rich


def _shown_cell(column: Column, text: str, cell: Cell, above: Cell, width: int) -> str | Text:
    if column.grouped and cell == above:
        return ""
    if column.kind is Kind.TEXT:
        # Breaks at hyphens, keeps no-break spaces: rich does neither.
        return released(textwrap.fill(held(text), width))
    style = _lateness(cell) if column.kind is Kind.COUNT else ""
    return Text(text, style) if style else text


def _lateness(days: Cell) -> str:
    """The longer it is late, the more it shows."""
    if not isinstance(days, int) or days <= _LATE:
        return ""
    return "red" if days > _VERY_LATE else "yellow"


def _footers(texts: _Texts, shown: list[int]) -> list[str]:
    if texts.total is None:
        return [""] * len(shown)
    footers = [texts.total[index] for index in shown]
    if shown and not footers[0]:
        footers[0] = texts.total[0]
    return footers


def _text(column: Column, cell: Cell) -> str:
    if cell == 0 and column.kind is not Kind.RATE:
        return "" if column.kind in {Kind.HOURS, Kind.COUNT} else "–"
    return written(column.kind, cell)


def amount(value: Decimal) -> str:
    """« 1 234,56 »; a dash for nothing, so that the eye finds what is owed."""
    return french.number(value) if value else "–"
