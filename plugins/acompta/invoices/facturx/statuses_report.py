"""The table of receipts that `statuts` shows and exports."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from acompta.french import short_day
from acompta.invoices.facturx.statuses import Circuit, Received
from acompta.rounding import ZERO
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table, sums

COLUMNS: Final = (
    Column("date", "Statut du", Kind.DATE),
    Column("recu", "Reçu le", Kind.DATE, Show.EXPORT),
    Column("numero", "Facture", Kind.CODE),
    Column("type", "Type", Kind.CODE, give_way=3),
    Column("client", "Client", give_way=2),
    Column("taux", "Taux", Kind.RATE),
    Column("montant", "Encaissé TTC", Kind.AMOUNT),
    Column("circuit", "À dire par", Kind.CODE, give_way=1),
    Column("siren", "SIREN du client", Kind.CODE, Show.EXPORT),
    Column("emise", "Facture du", Kind.DATE, Show.EXPORT),
)


def statuses_report(
    found: Iterable[Received], title: str, start: datetime.date | None, end: datetime.date
) -> Report:
    """One row per receipt and rate; the closing figures are the amounts VAT included by way of reporting."""
    listed = list(found)
    rows = tuple(_row(one, rate, amount) for one in listed for rate, amount in one.amounts)
    since = f"du {short_day(start)} " if start else "jusqu'"
    period = f"{since}au {short_day(end)}"
    table = Table(
        "encaissements",
        f"Encaissements {period}",
        COLUMNS,
        rows,
        sums(COLUMNS, rows, "Total") if rows else None,
    )
    lines = tuple(
        Line(key, words, sum((one.total for one in listed if one.circuit == circuit), ZERO))
        for key, words, circuit in (
            ("statut-212", "Par statut 212 (entreprises françaises)", Circuit.PLATFORM),
            ("e-reporting", "Par e-reporting (particuliers, étranger)", Circuit.REPORTING),
        )
    )
    return Report(
        f"Statuts « Encaissée » – {title}", (("periode", "Période", period),), (table,), lines
    )


def _row(one: Received, rate: Decimal, amount: Decimal) -> tuple[Cell, ...]:
    return (
        one.date,
        one.received_on,
        one.number,
        one.type,
        one.customer.name,
        rate,
        amount,
        one.circuit,
        one.customer.siren or one.customer.siret[:9],
        one.document.date,
    )
