"""« Contrats »: what is ordered, billed, paid and left, and the life of one contract."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any, Final

from acompta import french
from acompta.contract_reports import contract_report, contracts_report
from acompta.contracts import ContractView, UnknownContractError
from acompta.fava.page import Page, PageError, Visit, limits, report_grids
from acompta.fava.timeline import timeline
from acompta.steering.milestones import Milestone, contract_milestones
from acompta.steering.profitability import profitability
from acompta.tables import Cell, Column, Kind, Line, Show, Table, sums

_TEMPLATE: Final = "acompta/contrats.html"
# What the list may be limited to, by value of ``etat``.
_OPEN: Final = "en-cours"


def page(visit: Visit) -> Page:
    """The list, or the register of the contract that the address names.

    Raises:
        PageError: no contract has that link.
        ScopeError: the text filter cannot be read.
    """
    link = visit.args.get("contrat", "").removeprefix("^")
    return _one(visit, link) if link else _all(visit)


def _all(visit: Visit) -> Page:
    at = visit.scope.at
    views = visit.sieve().contracts(visit.desk.contracts(at))
    only_open = visit.args.get("etat") == _OPEN
    shown = tuple(view for view in views if _is_open(view)) if only_open else views
    report = contracts_report(shown, at, visit.desk.title)
    content: dict[str, Any] = {
        "limits": limits(visit),
        "report": report,
        "count": len(shown),
        "only_open": only_open,
        "open": sum(1 for view in views if _is_open(view)),
        "toggle": visit.links.here(etat=None if only_open else _OPEN),
        "grids": [grid for grid in report_grids(visit, report).values() if grid.rows],
        "xlsx": visit.links.download("", "xlsx"),
    }
    return Page(report.title, _TEMPLATE, report, content)


def _is_open(view: ContractView) -> bool:
    """Something is left to bill, to recover or to receive."""
    return bool(view.left.total or view.deposits_left.total or view.open)


def _one(visit: Visit, link: str) -> Page:
    at = visit.scope.at
    try:
        view = visit.desk.contract(link, at)
    except UnknownContractError as error:
        raise PageError(f"{str(error)[0].upper()}{str(error)[1:]}.") from error
    coming = contract_milestones(visit.desk.dossier.contracts[link], view)
    report = contract_report(view, visit.desk.title)
    if coming:
        lots, *others = report.tables
        report = replace(report, tables=(lots, coming_table(coming, at), *others))
    report = replace(report, lines=(*report.lines, *_margin_lines(visit, link)))
    content: dict[str, Any] = {
        "view": view,
        "report": report,
        "coming": coming[0] if coming else None,
        "timeline": timeline(view, coming, visit.links),
        "grids": [grid for grid in report_grids(visit, report).values() if grid.rows],
        "customer": visit.links.view("creances", client=view.customer),
        "account": visit.links.account(view.customer),
        "all": visit.links.here(contrat=None),
        "xlsx": visit.links.download("", "xlsx"),
    }
    return Page(
        f"Contrat ^{link} au {french.day(visit.scope.at)}", "acompta/contrat.html", report, content
    )


def _margin_lines(visit: Visit, link: str) -> tuple[Line, ...]:
    """What the contract earns so far, once something was billed or spent; amounts in euros.

    A deposit that names no contract has no margin: nothing was ordered.
    """
    at = visit.scope.at
    if visit.desk.dossier.contracts[link].document is None:
        return ()
    (one,) = profitability(visit.desk.book, visit.desk.entries, at, [link]).contracts
    if not one.revenue and not one.purchases and not one.labour:
        return ()
    costs = one.purchases + one.labour
    rate = f"{french.percent(one.percent)} des produits" if one.percent is not None else ""
    return (
        Line("produits", "Produits comptabilisés", one.revenue),
        Line("couts", "Charges et temps liés", -costs),
        Line("marge", "Marge", one.margin, strong=True, note=rate),
    )


def coming_table(milestones: list[Milestone], at: datetime.date) -> Table:
    """What the contract has still to bill, in order; amounts in euros."""
    columns = (
        Column("date", "Prévu le", Kind.DATE),
        Column("jours-de-retard", "Retard", Kind.COUNT, Show.IF_ANY),
        Column("lot", "Lot", show=Show.IF_ANY, give_way=6),
        Column("libelle", "Objet", give_way=7),
        Column("ht", "HT", Kind.AMOUNT, give_way=4),
        Column("ttc", "TTC", Kind.AMOUNT),
        Column("acomptes-repris", "Acomptes repris", Kind.AMOUNT, Show.IF_ANY, give_way=3),
        Column("retenue", "Retenue", Kind.AMOUNT, Show.IF_ANY, give_way=2),
        Column("a-recevoir", "À recevoir", Kind.AMOUNT),
        Column("fichier", "Fichier", Kind.CODE, Show.EXPORT),
        Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.date,
            max(0, (at - one.date).days) if one.date is not None else None,
            one.lot,
            one.label,
            one.share.base,
            one.share.total,
            -one.recovered if one.recovered else None,
            -one.retention if one.retention else None,
            one.to_receive,
            *one.place,
        )
        for one in milestones
    )
    return Table("a-venir", "À venir", columns, rows, sums(columns, rows, "Total"))
