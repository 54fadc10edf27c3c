"""What every page is made of: one visit (who asks for what), and what to show."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from acompta import french
from acompta.chart import RECEIVABLE_ROLES
from acompta.closing.periods import Period, PeriodError, read_period
from acompta.fava.desk import Desk
from acompta.fava.grid import Grid, GridMaker
from acompta.fava.links import Links
from acompta.fava.scope import YEARS, Scope, Sieve
from acompta.receivables import Place, customer_name
from acompta.tables import Column, Report, Table, sums
from acompta.tables import Kind as TableKind

_LIMIT: Final = "limite"


class PageError(Exception):
    """Nothing to show; the message is one French sentence."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: the loaded ledger, the filters, today's date, and how to link."""

    desk: Desk
    scope: Scope
    links: Links
    args: Mapping[str, str]
    today: datetime.date
    # A file is asked for: it waits for what a page would show later.
    for_file: bool = False

    def sieve(self) -> Sieve:
        """The filters, ready to apply.

        Raises:
            ScopeError: the text filter cannot be read.
        """
        return Sieve(self.scope, self.desk.dossier.chart, self.desk.complete)

    def keeps(self, place: Place, sieve: Sieve) -> bool:
        """Whether what stands at ``place`` passes the filters; what no entry holds does not."""
        entry = self.desk.entry_at(place)
        if entry is None:
            return False
        document = self.desk.document(str(entry.meta.get("numero", "")))
        customer = document.customer if document is not None else ""
        return sieve.keeps_entry(entry, customer, self.desk.names(entry))

    def narrowed(self, table: Table) -> Table:
        """The rows of ``table`` that the filters keep, by the file and the line that each row names.

        Raises:
            ScopeError: the text filter cannot be read.
        """
        sieve = self.sieve()
        if self.scope.is_whole:
            return table
        keys = [column.key for column in table.columns]
        path, line = keys.index("fichier"), keys.index("ligne")
        known: dict[Place, bool] = {}
        rows = []
        for row in table.rows:
            place = Place(str(row[path] or ""), int(str(row[line] or 0)))
            if place not in known:
                known[place] = self.keeps(place, sieve)
            if known[place]:
                rows.append(row)
        total = sums(table.columns, rows, "Total") if table.total else None
        strong = table.strong if len(rows) == len(table.rows) else frozenset[int]()
        return replace(table, rows=tuple(rows), total=total, strong=strong)

    def grids(self) -> GridMaker:
        """Makes the tables of the page."""
        return GridMaker(self.links, self.args)


@dataclass(frozen=True, slots=True)
class Page:
    """What to show: ``template`` reads ``content``; ``report`` is what the downloads give.

    ``is_whole`` is false while something of it is still being made.
    """

    title: str
    template: str
    report: Report
    content: Mapping[str, Any] = field(default_factory=dict)
    is_whole: bool = True


def typed_period(text: str) -> Period:
    """The month or the quarter that an address names.

    Raises:
        PageError: neither, or out of the years that pages show.
    """
    try:
        period = read_period(text)
    except PeriodError as error:
        raise PageError(f"Période illisible : {error}") from error
    if period.start.year not in YEARS:
        raise PageError(f"Période illisible : « {text} » est hors du calendrier.")
    return period


def check_customer(account: str, desk: Desk) -> None:
    """Refuse a customer that the ledger does not know: the chart must not learn accounts from an address.

    Raises:
        PageError: no such customer.
    """
    chart = desk.dossier.chart
    known = account in chart.accounts and chart.get(account).role in RECEIVABLE_ROLES
    if account and not known:
        raise PageError(f"Aucun client n'a le compte « {account} ».")


@dataclass(frozen=True, slots=True)
class Limit:
    """A filter in force, and the address without it."""

    what: str
    value: str
    drop: str


def limits(visit: Visit) -> tuple[Limit, ...]:
    """The filters in force."""
    scope, here = visit.scope, visit.links.here
    found = []
    if scope.client:
        name = customer_name(scope.client, visit.desk.dossier.chart)
        found.append(Limit("client", name, here(client=None)))
    if scope.account:
        found.append(Limit("compte", scope.account, here(account=None)))
    if scope.text:
        found.append(Limit("filtre", scope.text, here(filter=None)))
    return tuple(found)


def saying_limits(report: Report, visit: Visit) -> Report:
    """The report for a file, which says its filters where it does not yet."""
    found = limits(visit)
    if not found or any(key == _LIMIT for key, _, _ in report.facts):
        return report
    words = ", ".join(limit.value for limit in found)
    return replace(report, facts=(*report.facts, (_LIMIT, "Limité à", words)))


@dataclass(frozen=True, slots=True)
class Remark:
    """A notice, and the line that caused it."""

    message: str
    where: str
    href: str
    place: Place
    date: datetime.date


def remarks(visit: Visit, *, legal: bool = False) -> tuple[Remark, ...]:
    """What the engine reports (« à signaler ») up to the as-of date, the latest first; ``legal`` adds legal delays."""
    scope = visit.scope
    notices = [notice for notice in visit.desk.dossier.notices if notice.date <= scope.at]
    if legal:
        notices += visit.desk.alerts(scope.at)
    if scope.client:
        chart = visit.desk.dossier.chart
        auxiliary = chart.get(scope.client).auxiliary
        # A deposit that is left stands on 4191, the customer's by its auxiliary.
        notices = [n for n in notices if n.account and chart.get(n.account).auxiliary == auxiliary]
    notices.sort(key=lambda notice: (notice.date, notice.line), reverse=True)
    return tuple(
        remark_of(Place(one.path, one.line), one.message, one.date, visit.links) for one in notices
    )


def remark_of(place: Place, message: str, date: datetime.date, links: Links) -> Remark:
    """A sentence of the engine as the page shows it, with the line that caused it."""
    where = f"{Path(place.path).name}:{place.line}"
    return Remark(
        french.unbroken(french.capitalised(message)), where, links.source(place), place, date
    )


def notices_table(found: tuple[Remark, ...]) -> Table:
    """The same as a table, for the downloads."""
    columns = (
        Column("date", "Date", TableKind.DATE),
        Column("message", "À signaler"),
        Column("fichier", "Fichier", TableKind.CODE),
        Column("ligne", "Ligne", TableKind.COUNT),
    )
    rows = tuple((one.date, one.message, *one.place) for one in found)
    return Table("a-signaler", "À signaler", columns, rows)


def report_grids(visit: Visit, report: Report) -> dict[str, Grid]:
    """The grids of all tables of a report, by key."""
    maker = visit.grids()
    return {table.key: maker.grid(table) for table in report.tables}
