"""The month's drafts as a table."""

from __future__ import annotations

from pathlib import Path

from acompta import french
from acompta.loading import Loaded
from acompta.preparing.amounts import Priced
from acompta.preparing.months import Month
from acompta.preparing.proposals import Remark
from acompta.receivables import customer_name
from acompta.reports import kind_title
from acompta.tables import Cell, Column, Kind, Report, Table, sums

_COLUMNS = (
    Column("date", "Date", Kind.DATE),
    Column("genre", "Genre", give_way=3),
    Column("client", "Client"),
    Column("objet", "Objet"),
    Column("pourquoi", "Pourquoi", give_way=4),
    Column("ht", "HT", Kind.AMOUNT, give_way=2),
    Column("tva", "TVA", Kind.AMOUNT, give_way=2),
    Column("a-payer", "À payer", Kind.AMOUNT),
)


def preparation_report(found: Priced, month: Month, loaded: Loaded) -> Report:
    """What a month calls for, with the amounts once issued."""
    chart = loaded.dossier.chart
    rows: list[tuple[Cell, ...]] = [
        (
            one.date,
            kind_title(one.kind),
            customer_name(one.customer, chart),
            one.narration,
            one.why,
            amounts.base,
            amounts.vat,
            amounts.due,
        )
        for one, amounts in found.drafts
    ]
    total = sums(_COLUMNS, rows, "Total") if len(rows) > 1 else None
    table = Table("brouillons", "Brouillons à écrire", _COLUMNS, tuple(rows), total)
    title = f"Factures à préparer, {french.month(month.first)} · {loaded.title}"
    return Report(title, (), (table,), (), tuple(map(_sentence, found.remarks)))


def _sentence(remark: Remark) -> str:
    place = f"{Path(remark.filename).name}, ligne {remark.line} : " if remark.filename else ""
    return place + remark.message
