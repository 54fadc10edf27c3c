"""What is about to be issued, as a table."""

from __future__ import annotations

from acompta.french import short_day
from acompta.issuing.plan import Plan
from acompta.tables import Cell, Column, Kind, Report, Table, sums
from acompta.vocabulary import KIND_TITLES
from acompta.vocabulary import Kind as Document

_COLUMNS = (
    Column("numero", "Numéro", Kind.CODE),
    Column("genre", "Document", give_way=2),
    Column("client", "Client"),
    Column("objet", "Objet", give_way=3),
    Column("brouillon", "Brouillon du", Kind.DATE, give_way=1),
    Column("ttc", "Net TTC", Kind.AMOUNT),
)


def issue_report(plan: Plan) -> Report:
    """The documents of a plan: number, kind, customer, object, date of the draft, what the customer will owe."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            issue.name,
            KIND_TITLES[issue.document.kind],
            issue.view.customer.name,
            issue.draft.narration,
            issue.draft.date,
            issue.total,
        )
        for issue in plan.issues
    )
    owed = [
        row
        for row, issue in zip(rows, plan.issues, strict=True)
        if issue.document.kind is not Document.QUOTE
    ]
    title = "Total" if len(owed) == len(rows) else "Total hors devis"
    total = sums(_COLUMNS, owed, title) if len(owed) > 1 else None
    table = Table("documents", "À émettre", _COLUMNS, rows, total)
    return Report(
        plan.loaded.title,
        (("date", "Date d'émission", short_day(plan.date)),),
        (table,),
    )
