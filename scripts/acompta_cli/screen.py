"""Tables in the terminal: French amounts on the right, totals, and never a cut figure.

On a screen too narrow for a table, the columns that matter least leave first, and a line says which; figures are never
shortened. When the output goes to a file or another program, the table takes the width it needs.
"""

from __future__ import annotations

import datetime
import os
import sys
import textwrap
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from acompta import french
from acompta.tables import Cell, Column, Kind, Line, Report, Table

_UNLIMITED: Final = 400
_PROSE: Final = 100
_RIGHT: Final = frozenset({Kind.AMOUNT, Kind.RATE, Kind.COUNT})
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
    # A terminal without accents shows « ? », it does not stop the command.
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    width = None if stream.isatty() or "COLUMNS" in os.environ else _UNLIMITED
    return Console(file=stream, highlight=False, emoji=False, markup=False, width=width)


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
        console.print(Text("Rien à afficher à cette date.", "italic"))
    if report.lines:
        _print_lines(report.lines, console)
    for warning in report.warnings:
        console.print()
        console.print(Text.assemble(("⚠ ", "yellow bold"), warning), width=prose_width(console))
    console.print()


def prose_width(console: Console) -> int:
    """How wide sentences are set: the screen's width, up to what the eye follows."""
    return min(console.width, _PROSE)


def _print_facts(report: Report, console: Console) -> None:
    width = max((len(title) for _, title, _ in report.facts), default=0)
    for _, title, value in report.facts:
        console.print(
            Text.assemble((f"{title:<{width}}  ", "dim"), value), width=prose_width(console)
        )


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
    shown, hidden = fit(table, console.width)
    console.print()
    console.print(Text(table.title, "bold cyan"))
    needed = narrowest(table, shown)
    roomy = needed + sum(_title_excess(table, index) for index in shown) <= console.width
    # Wider than the screen even so: the terminal folds the lines, no figure is cut.
    rich = _rich(table, shown, fold_titles=not roomy)
    console.print(rich, width=max(needed, console.width), crop=False)
    notes = [table.note] if table.note else []
    if hidden:
        names = ", ".join(f"« {table.columns[index].title} »" for index in hidden)
        what = "colonne masquée" if len(hidden) == 1 else "colonnes masquées"
        notes.append(f"{what} faute de place : {names} (élargissez la fenêtre, ou --csv)")
    for note in notes:
        console.print(Text(note, "dim italic"), width=prose_width(console))


def fit(table: Table, width: int) -> tuple[list[int], list[int]]:
    """The columns that ``width`` characters can show whole, and those that had to leave, both in order."""
    shown = list(table.on_screen())
    hidden: list[int] = []
    while narrowest(table, shown) > width:
        leaving = [index for index in shown if table.columns[index].give_way]
        if not leaving:
            break
        last = max(leaving, key=lambda index: (table.columns[index].give_way, index))
        shown.remove(last)
        hidden.append(last)
    for index in sorted(hidden, key=lambda index: table.columns[index].give_way):
        # What left before a wider one may come back.
        if narrowest(table, sorted([*shown, index])) <= width:
            shown = sorted([*shown, index])
            hidden.remove(index)
    return shown, sorted(hidden)


def narrowest(table: Table, shown: list[int]) -> int:
    """The width in characters below which a column of ``shown`` would be cut."""
    return sum(_least_width(table, index) for index in shown) + _GAP * (len(shown) - 1)


def _least_width(table: Table, index: int) -> int:
    column = table.columns[index]
    longest = _longest(table, index)
    if column.kind is Kind.TEXT:
        longest = min(longest, max(_NARROWEST_TEXT, _longest_word_below(table, index)))
    return max(longest, _longest_word(column.title))


def _longest(table: Table, index: int) -> int:
    column = table.columns[index]
    rows = table.rows if table.total is None else (*table.rows, table.total)
    return max((cell_len(_text(column, row[index])) for row in rows), default=0)


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split(" ")))


def _longest_word_below(table: Table, index: int) -> int:
    """The longest word of a column of texts, as far as it is worth not cutting it."""
    longest = max((_longest_word(str(row[index] or "")) for row in table.rows), default=0)
    return min(longest, _LONGEST_WHOLE_WORD)


def _title_excess(table: Table, index: int) -> int:
    """How much wider the column must be for its title to stand on one line."""
    return max(0, cell_len(table.columns[index].title) - _least_width(table, index))


def _rich(table: Table, shown: list[int], *, fold_titles: bool) -> RichTable:
    rich = RichTable(
        box=box.SIMPLE,
        show_footer=table.total is not None,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
        footer_style="bold",
    )
    footers = _footers(table, shown)
    for index, footer in zip(shown, footers, strict=True):
        column = table.columns[index]
        least = _least_width(table, index)
        text = column.kind is Kind.TEXT
        rich.add_column(
            textwrap.fill(column.title, least) if fold_titles else column.title,
            footer,
            justify="right" if column.kind in _RIGHT else "left",
            vertical="top",
            no_wrap=not text,
            min_width=least,
            max_width=_WIDEST_TEXT if text else None,
            overflow="fold" if text else "crop",
        )
    before: tuple[Cell, ...] | None = None
    for number, row in enumerate(table.rows):
        rich.add_row(
            *(_shown_cell(table.columns[index], index, row, before) for index in shown),
            style="bold" if number in table.strong else "",
        )
        before = row
    return rich


def _shown_cell(
    column: Column, index: int, row: tuple[Cell, ...], before: tuple[Cell, ...] | None
) -> Text:
    cell = row[index]
    if column.grouped and before is not None and before[index] == cell:
        return Text()
    return Text(_text(column, cell), _lateness(cell) if column.kind is Kind.COUNT else "")


def _lateness(days: Cell) -> str:
    """The longer it is late, the more it shows."""
    if not isinstance(days, int) or days <= _LATE:
        return ""
    return "red" if days > _VERY_LATE else "yellow"


def _footers(table: Table, shown: list[int]) -> list[str]:
    if table.total is None:
        return [""] * len(shown)
    footers = [_text(table.columns[index], table.total[index]) for index in shown]
    if shown and not footers[0]:
        footers[0] = str(table.total[0] or "")
    return footers


def _text(column: Column, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return french.percent(cell) if column.kind is Kind.RATE else amount(cell)
    if isinstance(cell, datetime.date):
        return french.short_day(cell)
    if isinstance(cell, int):
        return f"{cell}\u00a0j" if cell else ""
    return cell


def amount(value: Decimal) -> str:
    """« 1 234,56 »; a dash for nothing, so that the eye finds what is owed."""
    return french.number(value) if value else "–"
