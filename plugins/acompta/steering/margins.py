"""Profitability as tables: contracts, lots, costs line by line, time by person."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from acompta import french
from acompta.rounding import ZERO, percent_of
from acompta.steering.profitability import ContractMargin, LotMargin, Profitability
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table, sums

_CONTRACT: Final = Column("contrat", "Contrat", Kind.CODE)
_GROUPED: Final = _CONTRACT._replace(grouped=True)
_LOT: Final = Column("lot", "Lot", show=Show.IF_ANY)


def profitability_report(found: Profitability, title: str, *, whole: bool) -> Report:
    """What the contracts of the ledger ``title`` earn; ``whole`` when all are there: it then adds up to the ledger."""
    facts = [("dossier", "Dossier", title)]
    if len(found.contracts) == 1 and not whole:
        (one,) = found.contracts
        facts += [("client", "Client", one.view.customer_name), ("objet", "Objet", one.view.label)]
    return Report(
        f"Rentabilité au {french.day(found.at)}",
        tuple(facts),
        (_contracts_table(found), _lots_table(found), _costs_table(found), _times_table(found)),
        _lines(found, whole=whole),
        _warnings(found),
    )


def _contracts_table(found: Profitability) -> Table:
    columns = (
        _CONTRACT,
        Column("client", "Client", give_way=4),
        Column("libelle", "Objet", give_way=9),
        Column("commande-ht", "Commandé HT", Kind.AMOUNT, give_way=6),
        Column("facture-ht", "Facturé HT", Kind.AMOUNT, give_way=5),
        Column("produits", "Produits", Kind.AMOUNT),
        Column("charges", "Charges", Kind.AMOUNT),
        Column("temps", "Temps", Kind.AMOUNT, Show.IF_ANY),
        Column("marge", "Marge", Kind.AMOUNT),
        Column("taux", "Taux", Kind.RATE),
        Column("cout-prevu", "Coût prévu", Kind.AMOUNT, Show.IF_ANY, give_way=8),
        Column("derive", "Dérive", Kind.AMOUNT, Show.IF_ANY, give_way=3),
        Column("heures-vendues", "Heures vendues", Kind.HOURS, Show.EXPORT),
        Column("heures-passees", "Heures passées", Kind.HOURS, Show.EXPORT),
    )
    rows = tuple(_contract_row(one) for one in found.contracts)
    total = list(sums(columns, rows, "Total"))
    if found.revenue:
        total[9] = percent_of(found.margin, found.revenue)
    return Table("contrats", "Par contrat", columns, rows, tuple(total) if rows else None)


def _contract_row(one: ContractMargin) -> tuple[Cell, ...]:
    return (
        f"^{one.link}",
        one.view.customer_name,
        one.view.label,
        one.ordered,
        one.billed,
        one.revenue,
        one.purchases,
        one.labour,
        one.margin,
        one.percent,
        one.planned,
        one.drift,
        one.hours_sold,
        one.hours_spent,
    )


def _lots_table(found: Profitability) -> Table:
    columns = (
        _GROUPED,
        _LOT,
        Column("vendu-ht", "Vendu HT", Kind.AMOUNT, give_way=4),
        Column("avancement", "Facturé", Kind.RATE),
        Column("cout-prevu", "Coût prévu", Kind.AMOUNT, Show.IF_ANY, give_way=3),
        Column("charges", "Charges", Kind.AMOUNT, give_way=5),
        Column("temps", "Temps", Kind.AMOUNT, Show.IF_ANY, give_way=5),
        Column("cout-reel", "Coût réel", Kind.AMOUNT),
        Column("derive", "Dérive", Kind.AMOUNT, Show.IF_ANY),
        Column("heures-vendues", "Heures vendues", Kind.HOURS, Show.IF_ANY, give_way=2),
        Column("heures-passees", "Heures passées", Kind.HOURS, Show.IF_ANY, give_way=2),
        Column("heures-reste", "Heures à passer", Kind.HOURS, Show.IF_ANY, give_way=1),
    )
    rows = tuple(_lot_row(one, lot) for one in found.contracts for lot in one.lots)
    note = (
        "dérive : coût réel, moins le coût prévu de la part facturée ; en négatif, moins que prévu"
    )
    return Table("lots", "Par lot", columns, rows, note=note)


def _lot_row(one: ContractMargin, lot: LotMargin) -> tuple[Cell, ...]:
    return (
        f"^{one.link}",
        lot.name or ("hors lot" if len(one.lots) > 1 else ""),
        lot.ordered,
        lot.percent,
        lot.planned,
        lot.purchases,
        lot.labour,
        lot.spent,
        lot.drift,
        lot.hours_sold,
        lot.hours_spent,
        lot.hours_left if lot.hours_sold else None,
    )


def _costs_table(found: Profitability) -> Table:
    columns = (
        _GROUPED,
        _LOT._replace(give_way=5),
        Column("date", "Date", Kind.DATE),
        Column("tiers", "Tiers", give_way=3),
        Column("piece", "Pièce", Kind.CODE, Show.IF_ANY, give_way=4),
        Column("libelle", "Libellé", give_way=2),
        Column("compte", "Compte", Kind.CODE, give_way=6),
        Column("montant", "Montant", Kind.AMOUNT),
        Column("fichier", "Fichier", Kind.CODE, Show.EXPORT),
        Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
    )
    rows = tuple(
        (
            f"^{cost.contract}",
            cost.lot,
            cost.date,
            cost.party,
            cost.piece,
            cost.label,
            cost.account,
            cost.amount,
            cost.place.path,
            cost.place.line,
        )
        for one in found.contracts
        for cost in one.costs
    )
    total = sums(columns, rows, "Total") if rows else None
    return Table("couts", "Charges liées", columns, rows, total)


def _times_table(found: Profitability) -> Table:
    columns = (
        _GROUPED,
        _LOT,
        Column("personne", "Personne"),
        Column("heures", "Heures", Kind.HOURS),
        Column("cout", "Coût", Kind.AMOUNT),
    )
    rows = tuple(
        (
            f"^{time.contract}",
            time.lot,
            time.person,
            time.hours,
            time.cost,
        )
        for one in found.contracts
        for time in one.times
    )
    return Table(
        "temps", "Temps passé", columns, rows, sums(columns, rows, "Total") if rows else None
    )


def _lines(found: Profitability, *, whole: bool) -> tuple[Line, ...]:
    lines = [Line("marge", "Marge des contrats", found.margin, strong=True)]
    if whole:
        lines += [
            Line("produits-hors-contrat", "Produits hors contrat", found.outside_revenue),
            Line("charges-hors-contrat", "Charges hors contrat", -found.outside_costs),
            Line(
                "resultat",
                "Résultat comptable",
                found.margin + _labour(found) + found.outside_revenue - found.outside_costs,
                note="sans le coût du temps, qui n'est dans aucun compte" if _labour(found) else "",
            ),
        ]
    return tuple(lines)


def _labour(found: Profitability) -> Decimal:
    return sum((one.labour for one in found.contracts), ZERO)


def _warnings(found: Profitability) -> tuple[str, ...]:
    return tuple(
        f"{one.place.path}:{one.place.line} : {french.euros(abs(one.amount))} hors contrat, car la ligne nomme"
        f" {' et '.join(f'^{name}' for name in one.contracts)} ; tapez contrat: sous la ligne, avec un contrat connu"
        for one in found.ambiguous
    )
