"""The proposals of lettering as a report: what each payment may settle, and the payments without a proposal."""

from __future__ import annotations

from acompta.closing.matching import Match, Matches, Payment
from acompta.loading import Loaded
from acompta.receivables import customer_name
from acompta.tables import Cell, Column, Kind, Report, Show, Table

_WHO = (
    Column("date", "Date", Kind.DATE),
    Column("tiers", "Tiers"),
    Column("libelle", "Libellé", give_way=1),
    Column("montant", "Montant", Kind.AMOUNT),
)
_PROPOSED = (
    Column("documents", "Documents"),
    Column("reste", "Reste", Kind.AMOUNT, Show.IF_ANY),
    Column("confiance", "Confiance"),
    Column("raisons", "Raisons"),
)


def matching_report(matches: Matches, loaded: Loaded) -> Report:
    """Two tables: the proposals, then the payments for which nothing fits."""
    found = tuple(_row(match, loaded) for match in matches.found)
    alone = tuple(_payment(payment, loaded) for payment in matches.alone)
    return Report(
        "Règlements à rapprocher",
        (("dossier", "Dossier", loaded.title),),
        (
            Table("propositions", "Propositions", (*_WHO, *_PROPOSED), found),
            Table("sans-proposition", "Sans proposition", _WHO, alone),
        ),
    )


def _payment(payment: Payment, loaded: Loaded) -> tuple[Cell, ...]:
    name = customer_name(payment.party, loaded.dossier.chart)
    return (payment.entry.date, name, payment.entry.narration or "", payment.amount)


def _row(match: Match, loaded: Loaded) -> tuple[Cell, ...]:
    return (
        *_payment(match.payment, loaded),
        ", ".join(match.numbers),
        match.left,
        match.confidence.title,
        " ; ".join(match.reasons),
    )
