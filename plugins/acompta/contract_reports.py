"""The reports of contracts, as tables: one contract with its lots, rates, deposits and steps; all of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Final

from acompta import french
from acompta.contract_steps import Step
from acompta.contracts import ContractView, RateView
from acompta.reading.model import Share
from acompta.reports import (
    DATE,
    DEPOSIT_COLUMNS,
    FILE,
    LINE,
    NUMBER,
    deposit_cells,
    kind_title,
    link_text,
    place_cells,
    rate_title,
    share_cells,
)
from acompta.rounding import ZERO
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table, sums


def contract_report(view: ContractView, title: str) -> Report:
    """The register of one contract of the ledger ``title``."""
    return Report(
        f"Contrat ^{view.link} au {french.day(view.at)}",
        _contract_facts(view, title),
        (
            _lots_table(view),
            _rates_table(view),
            _contract_deposits_table(view),
            _steps_table(view),
        ),
        _contract_lines(view),
    )


def _contract_facts(view: ContractView, title: str) -> tuple[tuple[str, str, str], ...]:
    facts = [("dossier", "Dossier", title), ("client", "Client", view.customer_name)]
    if view.label:
        facts.append(("objet", "Objet", view.label))
    if view.signed is not None:
        facts.append(("signe", "Signé le", french.day(view.signed)))
    if view.amendments:
        dates = ", ".join(french.day(date) for date in view.amendments)
        facts.append(("avenants", "Avenants", dates))
    if view.closed_by:
        facts.append(("solde-par", "Terminé par", view.closed_by))
    return tuple(facts)


def _lots_table(view: ContractView) -> Table:
    columns = (
        Column("lot", "Lot", show=Show.IF_ANY),
        Column("compte", "Compte", Kind.CODE, Show.ALWAYS, give_way=7),
        Column("libelle", "Objet", show=Show.IF_ANY, give_way=6),
        Column("taux", "TVA", Kind.CODE),
        Column("prevu", "Prévu le", Kind.DATE, Show.IF_ANY, give_way=5),
        Column("commande-ht", "Commandé HT", Kind.AMOUNT),
        Column("facture-ht", "Facturé HT", Kind.AMOUNT),
        Column("avancement", "Avancement", Kind.RATE),
        Column("reste-ht", "Reste HT", Kind.AMOUNT),
    )
    rows = tuple(
        (
            lot.name,
            lot.account,
            lot.label,
            rate_title(lot.rate, lot.regime),
            lot.planned,
            lot.ordered,
            lot.billed,
            lot.percent,
            lot.left,
        )
        for lot in view.lots
    )
    return Table("lots", "Avancement par lot", columns, rows, sums(columns, rows, "Total"))


def _rates_table(view: ContractView) -> Table:
    columns = (
        Column("poste", "Poste", grouped=True),
        Column("taux", "TVA", Kind.CODE),
        Column("ht", "HT", Kind.AMOUNT),
        Column("tva", "TVA", Kind.AMOUNT),
        Column("ttc", "TTC", Kind.AMOUNT),
    )
    rows: list[tuple[Cell, ...]] = []
    strong: set[int] = set()
    for name, read in _POSTS:
        if name.startswith("Acomptes") and not view.deposits:
            continue
        _add_post(rows, strong, name, [(rate, read(rate)) for rate in view.rates])
    return Table("taux", "Par taux de TVA", columns, tuple(rows), strong=frozenset(strong))


_POSTS: Final[tuple[tuple[str, Callable[[RateView], Share]], ...]] = (
    ("Commandé", lambda rate: rate.ordered),
    ("Facturé", lambda rate: rate.billed),
    ("Facturé hors contrat", lambda rate: rate.extra),
    ("Reste à facturer", lambda rate: rate.left),
    ("Acomptes demandés", lambda rate: rate.deposits_given),
    ("Acomptes repris", lambda rate: rate.deposits_recovered),
    ("Acomptes crédités ou conservés", lambda rate: rate.deposits_credited),
    ("Acomptes à reprendre", lambda rate: rate.deposits_left),
)


_MAY_BE_ABSENT: Final = frozenset({"Facturé hors contrat", "Acomptes crédités ou conservés"})


def _add_post(
    rows: list[tuple[Cell, ...]],
    strong: set[int],
    name: str,
    shares: list[tuple[RateView, Share]],
) -> None:
    """The rates of one post, then their sum when there are several."""
    found = [(rate, share) for rate, share in shares if share.base or share.vat]
    if not found and name in _MAY_BE_ABSENT:
        return
    if len(found) != 1:
        total = Share(
            sum((share.base for _, share in found), ZERO),
            sum((share.vat for _, share in found), ZERO),
        )
        rows += [(name, rate_title(r.rate, r.regime), *share_cells(share)) for r, share in found]
        if found:
            strong.add(len(rows))
        rows.append((name, "Total" if found else "", *share_cells(total)))
        return
    rate, share = found[0]
    rows.append((name, rate_title(rate.rate, rate.regime), *share_cells(share)))


def _contract_deposits_table(view: ContractView) -> Table:
    rows = tuple(deposit_cells(deposit) for deposit in view.deposits)
    return Table(
        "acomptes", "Acomptes", DEPOSIT_COLUMNS, rows, sums(DEPOSIT_COLUMNS, rows, "Total")
    )


def _steps_table(view: ContractView) -> Table:
    columns = (
        DATE,
        Column("nature", "Nature"),
        NUMBER,
        Column("libelle", "Objet", give_way=6),
        Column("ht", "HT", Kind.AMOUNT, give_way=5),
        Column("tva", "TVA", Kind.AMOUNT, give_way=7),
        Column("ttc", "TTC", Kind.AMOUNT),
        Column("acomptes-repris", "Acomptes repris", Kind.AMOUNT, Show.IF_ANY, give_way=4),
        Column("net", "Net TTC", Kind.AMOUNT, Show.IF_ANY, give_way=3),
        Column("regle", "Réglé", Kind.AMOUNT),
        Column("reste-du", "Reste dû", Kind.AMOUNT),
        FILE,
        LINE,
    )
    rows = tuple(_step_row(step) for step in view.steps)
    return Table("historique", "Historique", columns, rows)


def _step_row(step: Step) -> tuple[Cell, ...]:
    if step.kind is None:
        return (
            step.date,
            _money_title(step),
            step.number,
            step.label,
            *(None,) * 5,
            step.paid,
            None,
            *place_cells(step.place),
        )
    nature = kind_title(step.kind)
    if step.state:
        nature += f" ({'en erreur' if step.state == 'erreur' else step.state})"
    billed = step.claimed or step.recovered or step.open
    known = bool(step.amount.base or step.amount.vat or billed)
    return (
        step.date,
        nature,
        step.number,
        step.label,
        step.amount.base if known else None,
        step.amount.vat if known else None,
        step.amount.total + step.disbursements if known else None,
        -step.recovered if step.recovered else None,
        step.claimed if billed else None,
        None,
        step.open if billed else None,
        *place_cells(step.place),
    )


def _money_title(step: Step) -> str:
    if step.state:
        return "Escompte, perte" if step.paid > 0 else "Autre débit"
    return "Règlement" if step.paid > 0 else "Remboursement"


def _contract_lines(view: ContractView) -> tuple[Line, ...]:
    lines = [Line("demande", "Demandé (acomptes et factures nettes)", view.claimed)]
    if view.paid or not view.other:
        lines.append(Line("regle", "Réglé", -view.paid))
    if view.other:
        lines.append(Line("escompte-et-autres", "Escomptes, pertes et autres", -view.other))
    retention = f"dont retenue {french.euros(view.retention)}" if view.retention else ""
    lines.append(Line("reste-du", "Reste dû", view.open, strong=True, note=retention))
    if view.left.total or view.deposits_left.total:
        lines += [
            Line("reste-a-facturer", "Reste à facturer TTC", view.left.total),
            Line("acomptes-a-reprendre", "Acomptes à reprendre", -view.deposits_left.total),
            Line("a-recevoir", "À recevoir jusqu'à la fin", view.to_receive, strong=True),
        ]
    return tuple(lines)


def contracts_report(views: Iterable[ContractView], at: datetime.date, title: str) -> Report:
    """One line per contract of the ledger ``title``."""
    columns = (
        Column("contrat", "Contrat", Kind.CODE),
        Column("client", "Client"),
        Column("compte", "Compte", Kind.CODE, Show.EXPORT),
        Column("libelle", "Objet", give_way=7),
        Column("signe", "Signé le", Kind.DATE, give_way=6),
        Column("commande-ttc", "Commandé TTC", Kind.AMOUNT),
        Column("facture-ttc", "Facturé TTC", Kind.AMOUNT, give_way=4),
        Column("regle", "Réglé", Kind.AMOUNT, give_way=5),
        Column("reste-a-facturer", "À facturer TTC", Kind.AMOUNT),
        Column("acomptes-demandes", "Acomptes demandés", Kind.AMOUNT, Show.EXPORT),
        Column("acomptes-a-reprendre", "Acomptes à reprendre", Kind.AMOUNT, give_way=3),
        Column("reste-du", "Reste dû", Kind.AMOUNT),
    )
    rows = tuple(
        (
            link_text(view.link),
            view.customer_name,
            view.customer,
            view.label,
            view.signed,
            view.ordered.total,
            view.billed.total + view.extra.total + view.disbursements,
            view.paid,
            view.left.total,
            view.deposits_given.total,
            view.deposits_left.total,
            view.open,
        )
        for view in views
    )
    table = Table("contrats", "Contrats", columns, rows, sums(columns, rows, "Total"))
    return Report(f"Contrats au {french.day(at)}", (("dossier", "Dossier", title),), (table,))
