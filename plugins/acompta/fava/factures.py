"""« Factures »: every document, found by number, customer, amount, kind or state."""

from __future__ import annotations

from typing import Any

from acompta import french
from acompta.fava import fiche
from acompta.fava.documents import State, documents_report, search
from acompta.fava.page import Page, Visit, limits, report_grids
from acompta.reports import kind_title
from acompta.vocabulary import UNNUMBERED, Kind


def page(visit: Visit) -> Page:
    """The documents that the filters and the search keep, or the one that the address names.

    Raises:
        PageError: no document has that number.
        ScopeError: the text filter cannot be read.
    """
    number = visit.args.get(fiche.PARAMETER, "").strip()
    return fiche.page(visit, number) if number else _all(visit)


def _all(visit: Visit) -> Page:
    words, state, kind = (visit.args.get(name, "").strip() for name in ("q", "etat", "nature"))
    filtered = visit.sieve().documents(visit.desk.documents(visit.scope.at))
    found = search(filtered, words, state, kind)
    report = documents_report(found, visit.desk.title, french.day(visit.scope.at))
    kinds = sorted({view.kind for view in filtered} | _typed_kind(kind), key=kind_title)
    content: dict[str, Any] = {
        "limits": limits(visit),
        "report": report,
        "count": len(found),
        "grids": [grid for grid in report_grids(visit, report).values() if grid.rows],
        "xlsx": visit.links.download("", "xlsx"),
        "search": {"q": words, "etat": state, "nature": kind},
        "searched": bool(words or state or kind),
        "all": visit.links.here(q=None, etat=None, nature=None),
        "states": [state.value for state in State],
        "kinds": [(one.value, kind_title(one)) for one in kinds],
        "kept": _kept(visit),
    }
    return Page(report.title, "acompta/factures.html", report, content)


def _typed_kind(word: str) -> set[Kind]:
    return {kind for kind in Kind if kind.value == word and kind not in UNNUMBERED}


def _kept(visit: Visit) -> list[tuple[str, str]]:
    """What the search form must send along: our page, and Fava's filters."""
    names = ("vue", "client", "account", "filter", "time")
    return [(name, visit.args[name]) for name in names if visit.args.get(name)]
