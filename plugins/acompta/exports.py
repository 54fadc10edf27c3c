"""A `Report` for other programs: CSV for a French spreadsheet, JSON, XLSX.

The CSV is what Excel opens in France without a question: UTF-8 with a byte-order mark, ``;`` between fields, a comma
before decimals, dates as 31/03/2026. The JSON has amounts as texts (``"1234.56"``): a float would lose cents.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from acompta.french import short_day
from acompta.tables import NUMERIC, Cell, Column, Kind, Report, Table

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

BOM: Final = "\ufeff"
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")

# -- CSV ------------------------------------------------------------------------------------------------------


def to_csv(table: Table) -> str:
    """The rows of ``table`` without its total, all its columns, with the byte-order mark."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(column.title for column in table.columns)
    for row in table.rows:
        writer.writerow(csv_cell(cell) for cell in row)
    return out.getvalue()


def csv_cell(cell: Cell) -> str:
    """A cell as a French spreadsheet reads it; a text that it would run as a formula is defused with a quote."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    if isinstance(cell, datetime.date):
        return short_day(cell)
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA_STARTS) else text


# -- JSON -----------------------------------------------------------------------------------------------------


def to_json(report: Report, **facts: object) -> str:
    """The whole report as a JSON object: ``facts``, a list of objects per table, and the closing figures."""
    content: dict[str, Any] = {"titre": report.title, **facts}
    content |= {key: value for key, _, value in report.facts}
    for table in report.tables:
        content[table.key] = [_json_row(table.columns, row) for row in table.rows]
    content["totaux"] = {line.key: _json_cell(line.amount) for line in report.lines}
    content["avertissements"] = list(report.warnings)
    return json.dumps(content, ensure_ascii=False, indent=2, default=str)


def _json_row(columns: tuple[Column, ...], row: tuple[Cell, ...]) -> dict[str, Any]:
    return {column.key: _json_cell(cell) for column, cell in zip(columns, row, strict=True)}


def _json_cell(cell: Cell) -> str | int | None:
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return cell


# -- XLSX -----------------------------------------------------------------------------------------------------

_FORMATS: Final = {
    Kind.AMOUNT: "#,##0.00;[Red]-#,##0.00",
    Kind.EUROS: "#,##0;[Red]-#,##0",
    Kind.DATE: "dd/mm/yyyy",
    Kind.COUNT: "0",
}
# Excel shows the comma of « 0.## » even when nothing follows it.
_WHOLE_RATE: Final = '0" %"'
_RATE: Final = '0.0#" %"'
_SHEET_NAME: Final = 31
_WIDTHS: Final = {
    Kind.AMOUNT: 14,
    Kind.EUROS: 12,
    Kind.RATE: 12,
    Kind.DATE: 12,
    Kind.COUNT: 9,
    Kind.HOURS: 9,
}
_TEXT_WIDTHS: Final = (9, 48)
_HEADER_ROW: Final = 3
_A4: Final = "9"


def to_xlsx(report: Report) -> bytes:
    """A workbook with one sheet per table: title, frozen header, filter, formats, totals in bold.

    Rows are written as they come, so a general ledger of a hundred thousand lines is never held as cells.
    """
    from openpyxl import Workbook  # noqa: PLC0415 — a third of a second that only this format needs

    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = report.title, "Acompta"
    for table in report.tables:
        _fill(book.create_sheet(_sheet_name(table.title)), table, report)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_name(title: str) -> str:
    """At most 31 characters, none of those that Excel refuses, cut between words."""
    name = " ".join("".join("-" if c == "/" else c for c in title if c not in r"[]:*?\'").split())
    if len(name) <= _SHEET_NAME:
        return name
    return name[: _SHEET_NAME - 1].rsplit(" ", 1)[0].rstrip(",") + "…"


def _fill(sheet: WriteOnlyWorksheet, table: Table, report: Report) -> None:
    """Write a sheet; what stands before its rows in the file (widths, frozen panes) is said before them."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    last = get_column_letter(len(table.columns))
    sheet.freeze_panes = f"A{_HEADER_ROW + 1}"
    if table.rows:
        sheet.auto_filter.ref = f"A{_HEADER_ROW}:{last}{_HEADER_ROW + len(table.rows)}"
    for position, column in enumerate(table.columns, start=1):
        width = _width(table, position - 1, column)
        sheet.column_dimensions[get_column_letter(position)].width = width
    _page(sheet)
    title = WriteOnlyCell(sheet, f"{report.title} — {table.title}")
    title.font = Font(bold=True, size=14)
    sheet.append([title])
    facts = (v if key == "dossier" else f"{name} : {v}" for key, name, v in report.facts)
    sheet.append([" · ".join(facts)])
    sheet.append(_header(sheet, table))
    plain, bold = _Row(sheet, table, strong=False), _Row(sheet, table, strong=True)
    for index, row in enumerate(table.rows):
        sheet.append((bold if index in table.strong else plain).filled(row))
    if table.total is not None and table.rows:
        sheet.append(bold.filled(table.total))


def _header(sheet: WriteOnlyWorksheet, table: Table) -> list[Any]:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # noqa: PLC0415

    cells = []
    for column in table.columns:
        cell = WriteOnlyCell(sheet, column.title)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="E8EEF0")
        cell.border = Border(bottom=Side("thin"))
        side = "right" if column.kind in NUMERIC else "left"
        cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
        cells.append(cell)
    return cells


class _Row:
    """The cells of one row, styled once and filled again and again: a style costs more than the value."""

    def __init__(self, sheet: WriteOnlyWorksheet, table: Table, *, strong: bool) -> None:
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
        from openpyxl.styles import Font  # noqa: PLC0415

        self._rates = [column.kind is Kind.RATE for column in table.columns]
        self._cells = []
        for column in table.columns:
            text, number = WriteOnlyCell(sheet), WriteOnlyCell(sheet)
            number.number_format = _FORMATS.get(column.kind, "General")
            if strong:
                text.font = number.font = Font(bold=True)
            self._cells.append((text, number))

    def filled(self, row: tuple[Cell, ...]) -> list[Any]:
        """The row to append: the sheet writes it at once, so the cells may be filled again."""
        filled: list[Any] = []
        for is_rate, (text, number), cell in zip(self._rates, self._cells, row, strict=True):
            if cell is None or cell == "":
                filled.append(None)
            elif isinstance(cell, str):
                text.value = cell
                text.data_type = "s"  # a label that begins with « = » is a text, never a formula
                filled.append(text)
            else:
                if is_rate and isinstance(cell, Decimal):
                    is_whole = cell == cell.to_integral_value()
                    number.number_format = _WHOLE_RATE if is_whole else _RATE
                number.value = cell
                filled.append(number)
        return filled


def _width(table: Table, index: int, column: Column) -> int:
    if column.kind in _WIDTHS:
        return max(_WIDTHS[column.kind], len(column.title) + 2)
    longest = max((len(str(row[index] or "")) for row in table.rows), default=0)
    low, high = _TEXT_WIDTHS
    return min(high, max(low, longest + 2, len(column.title) + 2))


def _page(sheet: WriteOnlyWorksheet) -> None:
    """Printed: landscape A4, as wide as one page, the header repeated."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{_HEADER_ROW}:{_HEADER_ROW}"
