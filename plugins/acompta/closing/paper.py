"""A report on paper: the same tables as on screen, laid out for a client to read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from acompta.invoices.pages import page_pdf
from acompta.tables import NUMERIC, Cell, Column, Kind, Report, Show, Table, written

TEMPLATE: Final = "rapport.html"
# Rows of a report, all tables together: beyond, the paper would take minutes, and the spreadsheet has them all.
MOST_ROWS: Final = 1000
FEWEST_ROWS: Final = 20
# Rows of all reports: a process needs half a second before its first page, the time of a hundred rows.
WORTH_A_POOL: Final = 400
_MOST_WORKERS: Final = 4
_WIDE: Final = 6
_WIDTHS: Final = {Kind.AMOUNT: 24, Kind.EUROS: 20, Kind.RATE: 16, Kind.DATE: 20, Kind.COUNT: 13}
_CODE_MOST: Final = 46
_POINTS_A_CHARACTER: Final = Decimal("1.7")


class PaperDesk:
    """Prints the reports of a folder in processes of their own when they are long, while this one goes on.

    Use::

        with PaperDesk(reports.values(), folder) as desk:
            ...  # the spreadsheets
            pdf = desk.pdf(report)
    """

    def __init__(self, reports: Iterable[Report], folder: Path, workers: int | None = None) -> None:
        """Take the reports to print, of which the longest begins; ``folder`` is the dossier's."""
        self._folder = folder
        self._contexts = {id(report): _context(report) for report in reports}
        self._workers = workers if workers is not None else min(_MOST_WORKERS, os.cpu_count() or 1)
        self._printed: dict[int, Future[bytes]] = {}
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> PaperDesk:
        """Begin to print, when the rows are worth a pool."""
        rows = {
            key: sum(len(table["rows"]) for table in context["tables"])
            for key, context in self._contexts.items()
        }
        if self._workers > 1 and sum(rows.values()) >= WORTH_A_POOL:
            from acompta.invoices.printing import printing_pool  # noqa: PLC0415 — long reports only

            self._pool = printing_pool(self._workers)
            for key in sorted(rows, key=lambda key: -rows[key]):
                context = self._contexts[key]
                self._printed[key] = self._pool.submit(page_pdf, TEMPLATE, context, self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        """Let the processes go."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def pdf(self, report: Report) -> bytes:
        """The PDF of one of the reports; printed here when no process could.

        Raises:
            RenderingError: the dossier's own template is wrong.
        """
        printed = self._printed.get(id(report))
        if printed is not None:
            try:
                return printed.result()
            except BrokenProcessPool:  # killed by the system, for want of memory
                pass
        return page_pdf(TEMPLATE, self._contexts[id(report)], self._folder)


def _context(report: Report) -> dict[str, Any]:
    """What the template needs: texts only, and no more rows than are printed."""
    tables = []
    left = MOST_ROWS
    for table in report.tables:
        if table.rows:
            kept = table.rows[: max(left, FEWEST_ROWS)]
            left -= len(kept)
            tables.append(_table(table, kept))
    wide = any(len(table["columns"]) > _WIDE for table in tables)
    return {
        "title": report.title,
        "facts": report.facts,
        "tables": tables,
        "lines": report.lines,
        "warnings": report.warnings,
        "wide": wide,
        "dossier": report.facts[0][2] if report.facts else "",
    }


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
