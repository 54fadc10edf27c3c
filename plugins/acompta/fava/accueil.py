"""« Accueil »: what a person should look at on this day, each line leading to what caused it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Final

from acompta import french
from acompta.attention import (
    DepositToSee,
    Draft,
    LateCustomer,
    drafts,
    late_customers,
    months_to_close,
)
from acompta.closing.periods import month_of
from acompta.fava import tva
from acompta.fava.creances import around_overdue
from acompta.fava.grid import Grid
from acompta.fava.page import Page, Visit, limits, notices_table, remarks
from acompta.fava.scope import Sieve
from acompta.owed import AgedBalance
from acompta.receivables import customer_name, place_of
from acompta.reports import kind_title
from acompta.steering.milestones import Milestone, forgotten_milestones
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table, sums

# Rows of each table that the page shows before « tout voir ».
PREVIEW: Final = 6
ALL: Final = "tout"
_CLIENT: Final = Column("client", "Client")
_ACCOUNT: Final = Column("compte", "Compte", Kind.CODE, Show.EXPORT)
_CONTRACT: Final = Column("contrat", "Contrat", Kind.CODE, Show.IF_ANY)
_DELAY: Final = Column("jours-de-retard", "Retard", Kind.COUNT)
_WHERE: Final = (
    Column("fichier", "Fichier", Kind.CODE, Show.EXPORT),
    Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the day, and the page that explains it."""

    line: Line
    href: str


def page(visit: Visit) -> Page:
    """The page: one table per subject, those with nothing to say left out.

    Raises:
        ScopeError: the text filter cannot be read.
    """
    at = visit.scope.at
    sieve = visit.sieve()
    balance = sieve.balance(visit.desk.balance(at))
    late = late_customers(balance)
    found = remarks(visit, legal=True)
    tables = tuple(table for table in _tables(visit, sieve, late) if table.rows)
    figures = _figures(balance, visit)
    report = Report(
        f"À faire au {french.day(at)}",
        (("dossier", "Dossier", visit.desk.title),),
        (*tables, *((notices_table(found),) if found else ())),
        tuple(figure.line for figure in figures),
    )
    content: dict[str, Any] = {
        "report": report,
        "limits": limits(visit),
        "figures": figures,
        "most": late[0] if late else None,
        "to_close": _to_close(visit),
        "grids": _grids(visit, tables),
        "only": visit.args.get(ALL, ""),
        "remarks": () if visit.args.get(ALL) else found,
        "all": visit.links.here(**{ALL: None}),
        "xlsx": visit.links.download("", "xlsx"),
    }
    return Page(report.title, "acompta/accueil.html", report, content)


def _grids(visit: Visit, tables: tuple[Table, ...]) -> list[Grid]:
    """The first rows of every table, or the whole of the one that the address names."""
    only = visit.args.get(ALL, "")
    maker = visit.grids()
    if only:
        return [maker.grid(table) for table in tables if table.key == only]
    return [
        maker.grid(table, most=PREVIEW, whole=visit.links.here(**{ALL: table.key}))
        for table in tables
    ]


def _figures(balance: AgedBalance, visit: Visit) -> tuple[Figure, ...]:
    overdue = balance.ages.overdue
    owing = sum(1 for customer in balance.customers if customer.invoices)
    who = f"{owing} client{'s' if owing > 1 else ''}"
    before, after = around_overdue(balance)
    late = f"{who}, {before}{french.euros(overdue)} échus{after}" if overdue else who
    view = visit.links.view
    return (
        Figure(
            Line("creances", "Dû par les clients", balance.total, strong=True, note=late),
            view("creances"),
        ),
        Figure(
            Line("acomptes-a-reprendre", "Acomptes à reprendre", balance.deposits_left.total),
            view("creances"),
        ),
        *_vat_figure(visit),
    )


def _to_close(visit: Visit) -> tuple[str, str] | None:
    """How many months are to be closed, and the page of the first."""
    desk, at = visit.desk, visit.scope.at
    months = desk.kept("months", at, lambda _, at: months_to_close(desk.dossier, desk.entries, at))
    if not months:
        return None
    first, last = months[0], months[-1]
    said = f"1 mois à clôturer : {first.title}"
    if len(months) > 1:
        said = f"{len(months)} mois à clôturer, {first.of_title} à {last.title}"
    return said, visit.links.view("cloture", periode=first.name)


def _vat_figure(visit: Visit) -> tuple[Figure, ...]:
    """The VAT of the month so far: to pay, or a credit; none in franchise (CGI art. 293 B)."""
    period = month_of(visit.scope.at)
    declared = tva.declared(visit, period)
    if declared.franchise:
        return ()
    credit = declared.credit or declared.boxes["25"].tax
    title = f"TVA {period.of_title}"
    note = "crédit à reporter" if credit else ""
    if visit.scope.at < period.end:
        note = f"{note}, à ce jour" if note else "à ce jour"
    line = Line("tva-du-mois", title, -credit if credit else declared.due, note=note)
    return (Figure(line, visit.links.view("tva")),)


# -- tables ---------------------------------------------------------------------------------------------------


def _tables(visit: Visit, sieve: Sieve, late: tuple[LateCustomer, ...]) -> tuple[Table, ...]:
    desk, at = visit.desk, visit.scope.at
    return (
        _late_table(late),
        _drafts_table(
            [
                one
                for one in desk.kept("drafts", at, drafts)
                if sieve.keeps(one.document.customer, one.document.entry, ())
            ]
        ),
        _milestones_table(
            [
                one
                for one in desk.kept("milestones", at, forgotten_milestones)
                if sieve.keeps(one.customer, desk.contract_entry(one.contract), (one.contract,))
            ],
            at,
        ),
        _deposits_table(
            [
                one
                for one in desk.deposits_to_see(at)
                if sieve.keeps(one.customer, one.entry, (one.contract, *one.numbers))
            ]
        ),
        _retentions_table(visit, sieve),
    )


def _table(
    key: str, title: str, columns: tuple[Column, ...], rows: list[tuple[Cell, ...]], note: str = ""
) -> Table:
    return Table(key, title, columns, tuple(rows), sums(columns, rows, "Total"), note=note)


def _late_table(late: tuple[LateCustomer, ...]) -> Table:
    columns = (
        _CLIENT,
        _ACCOUNT,
        Column("numeros", "Factures", give_way=3),
        Column("depuis", "Échu depuis le", Kind.DATE),
        _DELAY,
        Column("echu", "Échu", Kind.AMOUNT),
        Column("solde", "Total dû", Kind.AMOUNT, give_way=2),
    )
    rows = [
        (
            one.name,
            one.account,
            _few(one.invoices),
            one.since,
            one.days,
            one.overdue,
            one.total,
        )
        for one in late
    ]
    return _table("retards", "Clients en retard", columns, list(rows))


def _few(numbers: tuple[str, ...]) -> str:
    """« F1, F2 et 3 autres »."""
    if len(numbers) <= 3:
        return ", ".join(numbers)
    return f"{', '.join(numbers[:2])} et {len(numbers) - 2} autres"


def _drafts_table(found: list[Draft]) -> Table:
    columns = (
        Column("date", "Date", Kind.DATE),
        Column("nature", "Nature"),
        _CLIENT,
        _ACCOUNT,
        _CONTRACT,
        Column("libelle", "Objet", give_way=7),
        Column("ht", "HT", Kind.AMOUNT, Show.IF_ANY),
        *_WHERE,
    )
    rows: list[tuple[Cell, ...]] = [
        (
            one.document.date,
            kind_title(one.document.kind),
            one.customer_name,
            one.document.customer,
            f"^{one.document.contract}" if one.document.contract else "",
            one.document.entry.narration or "",
            one.amount,
            *place_of(one.document.entry),
        )
        for one in found
    ]
    return _table("brouillons", "Brouillons à émettre", columns, rows)


def _milestones_table(found: list[Milestone], at: datetime.date) -> Table:
    columns = (
        _CONTRACT,
        _CLIENT,
        _ACCOUNT,
        Column("lot", "Lot", Kind.TEXT, Show.IF_ANY, give_way=6),
        Column("libelle", "Objet", give_way=7),
        Column("date", "Prévu le", Kind.DATE),
        _DELAY,
        Column("ht", "HT", Kind.AMOUNT),
        Column("ttc", "TTC", Kind.AMOUNT, give_way=2),
        *_WHERE,
    )
    rows: list[tuple[Cell, ...]] = [
        (
            f"^{one.contract}",
            one.customer_name,
            one.customer,
            one.lot,
            one.label,
            one.date,
            (at - one.date).days if one.date is not None else None,
            one.share.base,
            one.share.total,
            *one.place,
        )
        for one in found
    ]
    return _table("jalons", "Jalons prévus, pas encore facturés", columns, rows)


def _deposits_table(found: list[DepositToSee]) -> Table:
    columns = (
        _CLIENT,
        _ACCOUNT,
        _CONTRACT,
        Column("numeros", "Acomptes", give_way=3),
        Column("etat", "Pourquoi"),
        Column("date", "Depuis le", Kind.DATE),
        Column("montant", "Montant TTC", Kind.AMOUNT),
        *_WHERE,
    )
    rows: list[tuple[Cell, ...]] = [
        (
            one.customer_name,
            one.customer,
            f"^{one.contract}" if one.contract else "",
            _few(one.numbers),
            one.state.value,
            one.since,
            one.amount,
            *one.place,
        )
        for one in found
    ]
    return _table("acomptes", "Acomptes à regarder", columns, rows)


def _retentions_table(visit: Visit, sieve: Sieve) -> Table:
    at = visit.scope.at
    chart = visit.desk.dossier.chart
    columns = (
        Column("numero", "N°", Kind.CODE),
        _CLIENT,
        _ACCOUNT,
        _CONTRACT,
        Column("liberable", "Libérable depuis le", Kind.DATE),
        _DELAY,
        Column("retenue", "Retenue", Kind.AMOUNT),
        *_WHERE,
    )
    rows: list[tuple[Cell, ...]] = []
    for one in visit.desk.retentions(at):
        document = one.document
        names = (document.number or "", document.contract or "")
        if not one.is_due(at) or not sieve.keeps(document.customer, document.entry, names):
            continue
        rows.append(
            (
                document.number or "",
                customer_name(document.customer, chart),
                document.customer,
                f"^{document.contract}" if document.contract else "",
                one.release,
                (at - one.release).days if one.release is not None else None,
                one.left,
                *place_of(document.entry),
            )
        )
    return _table("retenues", "Retenues de garantie à réclamer", columns, rows)
