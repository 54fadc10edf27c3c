"""« Contrats »: what is ordered, billed, paid and left, and the life of one contract."""

from __future__ import annotations

from typing import Any, Final

from acompta import french
from acompta.contracts import ContractView, UnknownContractError, contract_view
from acompta.fava.page import Page, PageError, Visit, limits, report_grids
from acompta.reports import contract_report, contracts_report

_TEMPLATE: Final = "acompta/contrats.html"


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
    report = contracts_report(views, at, visit.desk.title)
    content: dict[str, Any] = {
        "limits": limits(visit),
        "report": report,
        "grids": [grid for grid in report_grids(visit, report).values() if grid.rows],
        "xlsx": visit.links.download("", "xlsx"),
    }
    return Page(report.title, _TEMPLATE, report, content)


def _one(visit: Visit, link: str) -> Page:
    try:
        view: ContractView = contract_view(visit.desk.book, link, visit.scope.at)
    except UnknownContractError as error:
        raise PageError(f"{str(error)[0].upper()}{str(error)[1:]}.") from error
    report = contract_report(view, visit.desk.title)
    content: dict[str, Any] = {
        "view": view,
        "report": report,
        "grids": [grid for grid in report_grids(visit, report).values() if grid.rows],
        "customer": visit.links.view("creances", client=view.customer),
        "account": visit.links.account(view.customer),
        "all": visit.links.here(contrat=None),
        "xlsx": visit.links.download("", "xlsx"),
    }
    return Page(
        f"Contrat ^{link} au {french.day(visit.scope.at)}", "acompta/contrat.html", report, content
    )
