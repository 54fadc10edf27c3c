"""A table of a page as a file: CSV, or a workbook with all of them."""

from __future__ import annotations

import re
from typing import Final

from flask import Response

from acompta.exports import to_csv, to_xlsx
from acompta.fava.page import Page

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9-]+")


def table_response(page: Page, view: str, table: str, form: str) -> Response | None:
    """The file asked for, ``None`` when the page has no such table or format."""
    if form == "xlsx":
        return _file(to_xlsx(page.report), _XLSX, f"{view}.xlsx")
    if form != "csv":
        return None
    try:
        content = to_csv(page.report.table(table))
    except KeyError:
        return None
    name = _NOT_IN_A_NAME.sub("-", f"{view}-{table}")
    return _file(content.encode(), "text/csv; charset=utf-8", f"{name}.csv")


def _file(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
