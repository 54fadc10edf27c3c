"""A report on paper: the same tables as on screen, laid out for a client to read."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from acompta.invoices.pages import page_pdf
from acompta.tables import NUMERIC, Cell, Column, Kind, Report, Show, Table, written

TEMPLATE: Final = "rapport.html"
# Rows of a report, all tables together: beyond, the paper would take minutes, and the spreadsheet has them all.
MOST_ROWS: Final = 1000
FEWEST_ROWS: Final = 20
_WIDE: Final = 6
_WIDTHS: Final = {Kind.AMOUNT: 24, Kind.EUROS: 20, Kind.RATE: 16, Kind.DATE: 20, Kind.COUNT: 13}
_CODE_MOST: Final = 46
_POINTS_A_CHARACTER: Final = Decimal("1.7")


def report_pdf(report: Report, folder: Path | None = None) -> bytes:
    """The PDF of a report; ``folder`` is the dossier's, for its own templates.

    Raises:
        RenderingError: the dossier's own template is wrong.
    """
    tables = []
    left = MOST_ROWS
    for table in report.tables:
        if table.rows:
            kept = table.rows[: max(left, FEWEST_ROWS)]
            left -= len(kept)
            tables.append(_table(table, kept))
    wide = any(len(table["columns"]) > _WIDE for table in tables)
    context = {
        "title": report.title,
        "facts": report.facts,
        "tables": tables,
        "lines": report.lines,
        "warnings": report.warnings,
        "wide": wide,
        "dossier": report.facts[0][2] if report.facts else "",
    }
    return page_pdf(TEMPLATE, context, folder)


def _table(table: Table, kept: tuple[tuple[Cell, ...], ...]) -> dict[str, Any]:
    shown = [index for index in table.on_screen() if table.columns[index].show is not Show.EXPORT]
    columns = [table.columns[index] for index in shown]
    left = len(table.rows) - len(kept)
    rows = []
    before: tuple[Cell, ...] | None = None
    for number, row in enumerate(kept):
        cells = [
            ""
            if columns[p].grouped and before is not None and before[i] == row[i]
            else _text(columns[p], row[i])
            for p, i in enumerate(shown)
        ]
        rows.append({"cells": cells, "strong": number in table.strong})
        before = row
    total = (
        [_text(columns[p], table.total[i]) for p, i in enumerate(shown)] if table.total else None
    )
    note = table.note
    if left:
        note = f"{note} {left} lignes de plus, dans le classeur du même nom.".strip()
    return {
        "title": table.title,
        "columns": [
            {"title": c.title, "style": _style(c), "width": _width(c, shown[p], kept)}
            for p, c in enumerate(columns)
        ],
        "rows": rows,
        "total": total,
        "note": note,
    }


def _style(column: Column) -> str:
    if column.kind in NUMERIC:
        return "num"
    return "day" if column.kind is Kind.DATE else ""


def _width(column: Column, index: int, rows: Iterable[tuple[Cell, ...]]) -> str:
    """Width in millimetres; texts share what is left."""
    if column.kind in _WIDTHS:
        return f"{_WIDTHS[column.kind]}mm"
    if column.kind is Kind.CODE:
        longest = max((len(str(row[index] or "")) for row in rows), default=4)
        wide = min(_CODE_MOST, max(11, int(longest * _POINTS_A_CHARACTER) + 5))
        return f"{wide}mm"
    return ""


def _text(column: Column, cell: Cell) -> str:
    if cell == 0 and column.kind is not Kind.RATE:
        return ""
    return written(column.kind, cell)
