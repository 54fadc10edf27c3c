"""« Clôture »: the checklist of a month, the closed months with their files, and the chains of seals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from acompta import french
from acompta.attention import months_to_close
from acompta.closing.check import State as Mark
from acompta.closing.checks import run_checks
from acompta.closing.closings import Closing, is_closed, only_closings
from acompta.closing.folder_reports import checklist, checks_as_closed, checks_table
from acompta.closing.periods import Period, month_before, month_of, read_period
from acompta.dossier import Dossier
from acompta.fava.desk import Desk
from acompta.fava.grid import CHANGED, Grid
from acompta.fava.page import Page, PageError, Remark, Visit, limits, remark_of, typed_period
from acompta.issuing.chain import chain_table
from acompta.messages import AcomptaError
from acompta.owed import Place
from acompta.seals import State as Seal
from acompta.tables import Cell, Column, Kind, Report, Show, Table

PERIOD: Final = "periode"
# The checklist runs the engine again as of the end of the month: a tenth of a second at this size. Above it, the page
# shows the checks as they are made.
AT_ONCE: Final = 1_000
_CLOSED: Final = "clotures"
_DETAILS: Final = "details"
_CHECKS_FILE: Final = "controles.xlsx"
_HIDDEN: Final = frozenset({"ou"})


@dataclass(frozen=True, slots=True)
class ClosedFile:
    """A file of a closed period, what kind it is (« PDF »), and the address that gives it."""

    name: str
    kind: str
    href: str


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A closed period with what its folder holds: each paper with its files, one for each kind."""

    title: str
    href: str
    papers: tuple[tuple[str, tuple[ClosedFile, ...]], ...]


def page(visit: Visit) -> Page:
    """The page.

    Raises:
        PageError: a period that cannot be read.
    """
    period = _period(visit)
    closed = is_closed(visit.desk.dossier.closings, period)
    checks = _as_closed(visit.desk, period) if closed else _checks(visit, period)
    closings = [one for one in visit.desk.dossier.closings if one.date <= visit.scope.at]
    tables = tuple(visit.narrowed(t) if t.key == _DETAILS else t for t in checks.tables)
    chain = visit.narrowed(chain_table(visit.desk.dossier.seals))
    report = Report(
        f"Clôture {period.of_title}",
        (),
        (*tables, _closings_table(visit.desk.dossier, closings), chain),
    )
    before, after = month_before(period), month_of(period.next_day)
    content: dict[str, Any] = {
        "report": report,
        "period": period,
        "closed": closed,
        "checks": checks,
        "limits": limits(visit),
        "again": visit.links.here(),
        "before": (before.title, visit.links.here(**{PERIOD: before.name})),
        "after": (after.title, visit.links.here(**{PERIOD: after.name})),
        "to_close": _to_close(visit),
        "command": f"acompta cloturer {visit.desk.folder.name}/ {period.name}",
        "changed": _changed(visit, closings),
        "chain": _chain_words(visit.desk.dossier),
        "months": [_month(one, visit) for one in only_closings(closings)],
        "grids": [_grid(visit, table) for table in report.tables if table.rows],
        "xlsx": visit.links.download("", "xlsx"),
    }
    return Page(report.title, "acompta/cloture.html", report, content, checks.is_whole)


def _period(visit: Visit) -> Period:
    """The month of the address, else the last one that has ended by the as-of date."""
    typed = visit.args.get(PERIOD, "").strip()
    if not typed:
        month = month_of(visit.scope.at)
        return month if month.end == visit.scope.at else month_before(month)
    period = typed_period(typed)
    if "T" in period.name:
        raise PageError(f"La clôture se fait mois par mois : {period.start:%Y-%m}, par exemple.")
    return period


@dataclass(frozen=True, slots=True)
class _Checks:
    """The tables of the checklist, and how far it is: ``done`` of ``count`` checks."""

    tables: tuple[Table, ...] = ()
    done: int = 0
    count: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether no check is still being made."""
        return self.done == self.count


def _checks(visit: Visit, period: Period) -> _Checks:
    """The checklist: whole on a small ledger or for a file, else as far as it is made."""
    desk = visit.desk
    if len(desk.dossier.documents) <= AT_ONCE:
        return _Checks(
            desk.kept(f"checks {period.name}", period.end, lambda *_: _made(desk, period))
        )
    checking = desk.checking(period, lambda view, done: checklist(view, done, desk.title).tables)
    if visit.for_file:
        checking.wait()
    tables = checking.so_far()
    if tables is not None:
        return _Checks(tables)
    if visit.for_file:
        raise PageError(
            "Le journal a été rechargé pendant le contrôle : demandez ce fichier à nouveau."
        )
    done = tuple(checking.done)
    # One more to come even when all are made: the tables that compare them.
    return _Checks((checks_table(done),) if done else (), len(done), checking.count + 1)


def _as_closed(desk: Desk, period: Period) -> _Checks:
    """The checks of a closed period as its folder keeps them: they are not made again."""
    for path in closed_files(desk, period.name):
        if path.name == _CHECKS_FILE:
            table = checks_as_closed(path.read_bytes())
            if table is not None:
                note = f"tels qu'ils étaient à la clôture, d'après {_CHECKS_FILE}"
                return _Checks((replace(table, note=note),))
    return _Checks()


def _made(desk: Desk, period: Period) -> tuple[Table, ...]:
    view = desk.period_view(period)
    return checklist(view, run_checks(view), desk.title).tables


def _grid(visit: Visit, table: Table) -> Grid:
    return visit.grids().grid(table, _HIDDEN)


def _to_close(visit: Visit) -> tuple[tuple[str, str], ...]:
    """The months that have ended and are still open, with their addresses."""
    desk, here = visit.desk, visit.links.here
    return tuple(
        (month.title, here(**{PERIOD: month.name}))
        for month in months_to_close(desk.dossier, desk.entries, visit.scope.at)
    )


# -- closed periods -------------------------------------------------------------------------------------------


def _closings_table(dossier: Dossier, closings: list[Closing]) -> Table:
    columns = (
        Column("periode", "Période", Kind.CODE),
        Column("nature", "Nature"),
        Column("jusqu-au", "Jusqu'au", Kind.DATE),
        Column("date", "Faite le", Kind.DATE),
        Column("intact", "État"),
        Column("change", "Changée à", show=Show.IF_ANY),
        Column("malgre", "Malgré", show=Show.IF_ANY, give_way=3),
        Column("empreinte", "Empreinte", Kind.CODE, give_way=2),
        Column("empreinte-entiere", "Empreinte entière", Kind.CODE, Show.EXPORT),
        Column("fichier", "Fichier", Kind.CODE, Show.EXPORT),
        Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.name,
            "Validation" if one.is_validation else "Clôture",
            one.date,
            one.closed_on,
            *_state(dossier, one),
            one.despite,
            one.hash[:16],
            one.hash,
            str(one.entry.meta.get("filename", "")),
            int(one.entry.meta.get("lineno", 0)),
        )
        for one in closings
    )
    return Table(_CLOSED, "Clôtures et validations", columns, rows)


def _state(dossier: Dossier, closing: Closing) -> tuple[str, str]:
    """« ✓ intacte », or « ✗ changée » and the first line that did."""
    errors = dossier.changed_closings.get(closing.key)
    if not errors:
        return f"{Mark.OK.value} intacte", ""
    first = errors[0].source
    where = f"{Path(str(first['filename'])).name}, ligne {first['lineno']}"
    more = f" et {len(errors) - 1} de plus" if len(errors) > 1 else ""
    return CHANGED, f"{where}{more}"


def _changed(visit: Visit, closings: list[Closing]) -> tuple[Remark, ...]:
    """What is no longer as it was closed or validated, each with its line."""
    found = visit.desk.dossier.changed_closings
    return tuple(
        remark_of(_place(error), error.message, closing.date, visit.links)
        for closing in closings
        for error in found.get(closing.key, ())
    )


def _place(error: AcomptaError) -> Place:
    return Place(str(error.source["filename"]), int(error.source["lineno"]))


def _chain_words(dossier: Dossier) -> str:
    """« ✓ 12 sceaux intacts sur 12 », ``""`` without seals."""
    sealed = [each for each in dossier.seals if each.state is not Seal.UNSEALED]
    intact = sum(1 for each in sealed if each.state is Seal.INTACT)
    if not sealed:
        return ""
    mark = Mark.OK if intact == len(sealed) else Mark.BAD
    said = f"{intact} sceaux intacts" if intact > 1 else f"{intact} sceau intact"
    return f"{mark.value} {said} sur {len(sealed)}"


def _month(closing: Closing, visit: Visit) -> ClosedMonth:
    title = f"exercice {closing.name}" if closing.is_year else read_period(closing.name).title
    papers: dict[str, tuple[ClosedFile, ...]] = {}
    for path in closed_files(visit.desk, closing.name):
        href = visit.links.closed_file(closing.name, path.name)
        file = ClosedFile(path.name, path.suffix.removeprefix(".").upper() or path.name, href)
        papers[path.stem] = (*papers.get(path.stem, ()), file)
    return ClosedMonth(
        french.capitalised(title), visit.links.here(periode=closing.name), tuple(papers.items())
    )


def closed_files(desk: Desk, name: str) -> list[Path]:
    """The files in the folder of a closed period: only of a period that the ledger says closed.

    What is asked for by name is looked up here, and never becomes a path.
    """
    closing = next((c for c in only_closings(desk.dossier.closings) if c.name == name), None)
    if closing is None:
        return []
    try:
        found = sorted(closing.file(desk.folder).parent.iterdir())
    except OSError:
        return []
    return [path for path in found if path.is_file() and not path.is_symlink()]
