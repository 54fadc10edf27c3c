"""« TVA »: the CA3 of a month or a quarter, each box opening to its entries, and the VAT that waits for its payment."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from acompta import french
from acompta.closing.periods import Period, month_before, month_of, read_period
from acompta.closing.vat_entries import tax_entries_upto
from acompta.closing.vat_movements import upto
from acompta.closing.vat_report import (
    ENTRIES,
    UnknownBoxError,
    VatDeclaration,
    declaration,
    vat_report,
)
from acompta.closing.vat_return import VatReturn, vat_return
from acompta.fava.grid import Grid
from acompta.fava.page import Page, PageError, Visit, limits, typed_period
from acompta.pending_vat import PendingVat, pending_vat
from acompta.receivables import customer_name
from acompta.rounding import ZERO
from acompta.tables import Cell, Column, Kind, Report, Show, Table, sums

PERIOD: Final = "periode"
BOX: Final = "case"
PENDING: Final = "en-attente"
# Entries that the page shows before « tout voir », the largest first.
PREVIEW: Final = 6
# The date leads to the line.
_HIDDEN: Final = frozenset({"ou"})
_QUARTER: Final = re.compile(r"\d{4}-[Qq][1-4]")


def page(visit: Visit) -> Page:
    """The return of the period, or the entries behind the box that the address names.

    Raises:
        PageError: a period or a box that does not exist.
    """
    period = _period(visit)
    whole = _declaration(visit, period)
    box = visit.args.get(BOX, "").strip()
    if box:
        return _box(visit, whole, box)
    report = vat_report(whole, visit.desk.title)
    boxes, *others, behind = report.tables
    behind = visit.narrowed(behind)
    # Of a period that has ended, what waited at its end: the balance of 44574 on the day that is declared.
    at = min(visit.scope.at, period.end)
    pending = visit.desk.kept("pending", at, lambda _, at: _pending(visit, at))
    report = replace(
        report,
        tables=(
            boxes,
            _largest(behind),
            visit.narrowed(pending_table(pending, visit, at)),
            *others,
        ),
        facts=report.facts[1:],
    )
    content = _content(visit, period, report)
    content["grids"] = [_grid(visit, table) for table in report.tables if table.rows]
    content["nil"] = not boxes.rows
    content["settlement"] = _settlement(whole)
    return Page(report.title, "acompta/tva.html", report, content)


def _box(visit: Visit, whole: VatDeclaration, box: str) -> Page:
    try:
        report = vat_report(whole, visit.desk.title, detail=box)
    except UnknownBoxError as error:
        raise PageError(f"{french.capitalised(str(error))}.") from error
    (behind,) = report.tables
    report = replace(report, facts=report.facts[1:], tables=(visit.narrowed(behind),))
    content = _content(visit, whole.declared.period, report)
    content["grids"] = [_grid(visit, table) for table in report.tables if table.rows]
    content["all"] = visit.links.here(**{BOX: None})
    return Page(report.title, "acompta/tva.html", report, content)


def declared(visit: Visit, period: Period) -> VatReturn:
    """The return of ``period`` alone, from what the ledger holds up to the as-of date; made once per load."""
    desk = visit.desk
    return desk.kept(
        f"vat return {period.name}",
        visit.scope.at,
        lambda _, at: vat_return(
            upto(desk.entries, at), desk.dossier, period, tax_entries_upto(desk.taxed, at)
        ),
    )


def _declaration(visit: Visit, period: Period) -> VatDeclaration:
    """The return with its comparison and the entry that it calls for."""
    desk = visit.desk
    return desk.kept(
        f"vat declaration {period.name}",
        visit.scope.at,
        lambda _, at: declaration(
            upto(desk.entries, at),
            desk.dossier,
            desk.options,
            period,
            tax_entries_upto(desk.taxed, at),
        ),
    )


# -- the period -----------------------------------------------------------------------------------------------


def _period(visit: Visit) -> Period:
    """The one of the address, else the quarter of the time filter, else the month of the as-of date."""
    typed = visit.args.get(PERIOD, "").strip()
    time = visit.args.get("time", "").strip()
    if not typed and _QUARTER.fullmatch(time):
        typed = time.upper().replace("Q", "T")
    if not typed:
        return month_of(visit.scope.at)
    return typed_period(typed)


def _content(visit: Visit, period: Period, report: Report) -> dict[str, Any]:
    before, after = _around(period)
    here = visit.links.here
    return {
        "report": report,
        "period": period,
        "so_far": visit.scope.at < period.end,
        "before": (before.title, here(**{PERIOD: before.name, BOX: None})),
        "after": (after.title, here(**{PERIOD: after.name, BOX: None})),
        "limits": limits(visit),
        "xlsx": visit.links.download("", "xlsx"),
    }


def _around(period: Period) -> tuple[Period, Period]:
    if "T" not in period.name:
        return month_before(period), month_of(period.next_day)
    year, quarter = int(period.name[:4]), int(period.name[-1])
    before = f"{year}-T{quarter - 1}" if quarter > 1 else f"{year - 1}-T4"
    after = f"{year}-T{quarter + 1}" if quarter < 4 else f"{year + 1}-T1"
    return read_period(before), read_period(after)


# -- tables ---------------------------------------------------------------------------------------------------


def _grid(visit: Visit, table: Table) -> Grid:
    if table.key == ENTRIES and not (visit.args.get("tout") == ENTRIES or visit.args.get(BOX)):
        whole = visit.links.here(tout=ENTRIES)
        return visit.grids().grid(table, _HIDDEN, most=PREVIEW, whole=whole)
    return visit.grids().grid(table, _HIDDEN)


def _largest(table: Table) -> Table:
    """The entries of all boxes, the largest amounts first."""
    index = next(i for i, column in enumerate(table.columns) if column.key == "taxe")
    base = next(i for i, column in enumerate(table.columns) if column.key == "base")

    def size(row: tuple[Cell, ...]) -> tuple[Decimal, Decimal]:
        tax, on = row[index], row[base]
        return (
            abs(tax) if isinstance(tax, Decimal) else ZERO,
            abs(on) if isinstance(on, Decimal) else ZERO,
        )

    rows = tuple(sorted(table.rows, key=size, reverse=True))
    return replace(table, rows=rows, title="Écritures, les plus gros montants d'abord")


def _settlement(whole: VatDeclaration) -> str:
    """The entry to type, when none was."""
    if whole.declared.settlements or whole.settlement is None:
        return ""
    return whole.settlement.text


def _pending(visit: Visit, at: datetime.date) -> tuple[PendingVat, ...]:
    return pending_vat(visit.desk.dossier, visit.desk.entries, at)


def pending_table(found: Sequence[PendingVat], visit: Visit, at: datetime.date) -> Table:
    """One row per document whose VAT waits for its payment at the end of ``at``."""
    chart = visit.desk.dossier.chart
    columns = (
        Column("numero", "N°", Kind.CODE),
        Column("client", "Client"),
        Column("compte", "Compte", Kind.CODE, Show.EXPORT),
        Column("date", "Date", Kind.DATE),
        Column("facturee", "TVA facturée", Kind.AMOUNT, give_way=2),
        Column("exigible", "Déjà exigible", Kind.AMOUNT, Show.IF_ANY, give_way=3),
        Column("reste", "En attente", Kind.AMOUNT),
        Column("fichier", "Fichier", Kind.CODE, Show.EXPORT),
        Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
    )
    rows = tuple(
        (
            one.number,
            customer_name(one.customer, chart) if one.customer else "",
            one.customer,
            one.date,
            one.waiting,
            one.moved,
            one.left,
            *one.place,
        )
        for one in found
    )
    title = f"TVA en attente de paiement au {french.day(at)}"
    return Table(PENDING, title, columns, rows, sums(columns, rows, "Total"))
