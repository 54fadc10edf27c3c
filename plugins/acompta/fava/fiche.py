"""One document: what was typed, what is posted, what happened to it since, and its PDF beside."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from beancount.core.data import Transaction
from fava.core.file import get_entry_slice
from fava.helpers import FavaAPIError

from acompta import french
from acompta.claims import ADVANCE, CREDIT, DISCOUNT, LOSS, PAYMENT, Claim
from acompta.fava.documents import DocumentView, State
from acompta.fava.electronic import read_electronic
from acompta.fava.grid import BROKEN_SEALS, Anchor
from acompta.fava.page import Page, PageError, Visit, report_grids
from acompta.posting.bill import Bill
from acompta.reading.model import Document
from acompta.receivables import place_of
from acompta.reports import kind_title
from acompta.rounding import ZERO
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table, sums
from acompta.vocabulary import EUR

PARAMETER: Final = "numero"
_EVENTS: Final = {
    PAYMENT: "Règlement",
    ADVANCE: "Avance imputée",
    DISCOUNT: "Escompte",
    CREDIT: "Avoir ou rectificative",
    LOSS: "Perte",
}
_WHERE: Final = (
    Column("fichier", "Fichier", Kind.CODE, Show.EXPORT),
    Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
)


def page(visit: Visit, number: str) -> Page:
    """The page of one document.

    Raises:
        PageError: no document has that number on that day.
    """
    view = _view(visit, number)
    document = visit.desk.document(number)
    if document is None:
        raise PageError(f"Aucun document n'a le numéro « {number} ».")
    claim = visit.desk.dossier.claims.get(number)
    report = Report(
        f"{kind_title(view.kind)} {number} au {french.day(visit.scope.at)}",
        _facts(view, visit),
        tuple(t for t in (_entry_table(visit, view.entry), _events_table(claim, visit)) if t.rows),
        _lines(view, visit.desk.dossier.bill(document)),
    )
    path = visit.desk.pdf(number)
    electronic = read_electronic(path, view) if path is not None else None
    if electronic is not None and electronic.findings.rows:
        report = replace(report, tables=(*report.tables, electronic.findings))
    grids = report_grids(visit, report)
    content: dict[str, Any] = {
        "view": view,
        "report": report,
        "links": _links(view, document, visit),
        "alarms": {
            "etat": view.state is State.LATE,
            "sceau": view.seal in {seal.value for seal in BROKEN_SEALS},
        },
        "grids": [grids[table.key] for table in report.tables],
        "electronic": electronic,
        "typed": _typed(view.entry),
        "source": visit.links.source(view.place),
        "pdf": visit.links.pdf(number),
        "all": visit.links.here(numero=None),
        "xlsx": visit.links.download("", "xlsx"),
    }
    return Page(report.title, "acompta/fiche.html", report, content)


def _view(visit: Visit, number: str) -> DocumentView:
    at = visit.scope.at
    found = [view for view in visit.desk.documents(at) if view.number == number]
    if found:
        # A draft may bear the number of an issued document by mistake: the issued one is meant.
        return next((view for view in found if view.state is not State.DRAFT), found[0])
    if visit.desk.document(number) is not None:
        raise PageError(f"{number} n'existe pas encore au {french.day(at)}.")
    raise PageError(f"Aucun document n'a le numéro « {number} ».")


def _facts(view: DocumentView, visit: Visit) -> tuple[tuple[str, str, str], ...]:
    facts = [
        ("dossier", "Dossier", visit.desk.title),
        ("etat", "État", view.state.value),
        ("client", "Client", view.customer_name),
    ]
    if view.contract:
        facts.append(("contrat", "Contrat", f"^{view.contract}"))
    facts.append(("objet", "Objet", view.label))
    facts.append(("date", "Date", french.day(view.date)))
    if view.due_date is not None:
        facts.append(("echeance", "Échéance", french.day(view.due_date)))
    if view.state not in {State.DRAFT, State.FAILED}:
        facts.append(("sceau", "Sceau", view.seal or "sans sceau"))
    corrected = view.entry.meta.get("sur")
    if isinstance(corrected, str):
        facts.append(("sur", "Corrige", corrected))
    corrections = visit.desk.dossier.corrections.get(view.number, ())
    by = [one.number for one in corrections if one.number and one.date <= visit.scope.at]
    if by:
        facts.append(("corrigee-par", "Corrigée par", ", ".join(by)))
    return tuple(fact for fact in facts if fact[2])


def _links(view: DocumentView, document: Document, visit: Visit) -> dict[str, Anchor]:
    """Where the facts lead, by key."""
    links = visit.links
    found = {"client": Anchor(links.view("creances", client=view.customer))}
    if view.contract in visit.desk.dossier.contracts:
        found["contrat"] = Anchor(links.view("contrats", contrat=view.contract))
    corrected = document.text("sur")
    if corrected is not None and visit.desk.document(corrected) is not None:
        found["sur"] = Anchor(links.fiche(corrected))
    corrections = visit.desk.dossier.corrections.get(view.number, ())
    if len(corrections) == 1 and corrections[0].number:
        found["corrigee-par"] = Anchor(links.fiche(corrections[0].number))
    return found


def _lines(view: DocumentView, bill: Bill | None) -> tuple[Line, ...]:
    lines = [Line("ht", "HT", view.base), Line("tva", "TVA", view.vat)]
    if bill is not None and bill.disbursements:
        lines.append(Line("debours", "Débours", bill.disbursements))
    if bill is not None and bill.recovered_total:
        lines.append(Line("acomptes-repris", "Acomptes repris", -bill.recovered_total))
    lines.append(Line("a-payer", "Net TTC", view.total, strong=True))
    if view.paid:
        lines.append(Line("regle", "Réglé", -view.paid))
    other = view.total - view.paid - view.open
    if other and view.state not in {State.DRAFT, State.FAILED}:
        lines.append(Line("autres", "Avoirs, escomptes et pertes", -other))
    return (*lines, Line("reste", "Reste dû", view.open, strong=True))


def _typed(entry: Transaction) -> str:
    """The text of the entry as it stands in its file, ``""`` when the file cannot be read."""
    try:
        text, _ = get_entry_slice(entry)  # type: ignore[arg-type]  # Fava's own view of Beancount's types
    except (FavaAPIError, OSError, ValueError, IndexError):
        return ""
    return text


def _entry_table(visit: Visit, typed: Transaction) -> Table:
    """What the ledger posts for the document, in debit and credit (euros)."""
    columns = (
        Column("compte", "Compte", Kind.CODE),
        Column("detail", "Détail", show=Show.IF_ANY, give_way=5),
        Column("debit", "Débit", Kind.AMOUNT),
        Column("credit", "Crédit", Kind.AMOUNT),
    )
    rows: list[tuple[Cell, ...]] = []
    for posting in visit.desk.complete(typed).postings:
        units = posting.units
        if units is None or units.number is None or units.currency != EUR:
            continue
        amount: Decimal = units.number
        debit, credit = (amount, ZERO) if amount > 0 else (ZERO, -amount)
        rows.append((posting.account, _detail(posting.meta or {}), debit, credit))
    return Table(
        "ecriture", "Écriture complète", columns, tuple(rows), sums(columns, rows, "Total")
    )


def _detail(meta: dict[str, Any]) -> str:
    words = [meta.get("lot"), meta.get("libelle"), meta.get("acompte")]
    return ", ".join(word for word in words if isinstance(word, str))


def _events_table(claim: Claim | None, visit: Visit) -> Table:
    """What was received for it, or took it down, up to the as-of date."""
    columns = (
        Column("date", "Date", Kind.DATE),
        Column("nature", "Nature"),
        Column("libelle", "Objet", give_way=7),
        Column("montant", "Montant", Kind.AMOUNT),
        *_WHERE,
    )
    at = visit.scope.at
    events = [event for event in claim.events if event.date <= at] if claim is not None else []
    rows: list[tuple[Cell, ...]] = [
        (
            event.date,
            _EVENTS.get(event.what, event.what)
            if event.amount > 0
            else "Remboursement, annulation",
            event.entry.narration or "",
            event.amount,
            *place_of(event.entry),
        )
        for event in events
    ]
    return Table(
        "evenements",
        "Règlements et corrections",
        columns,
        tuple(rows),
        sums(columns, rows, "Total"),
    )
