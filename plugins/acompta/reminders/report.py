"""Reminders, proposals, statements and retentions as tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Final

from acompta import french
from acompta.dossier import Dossier
from acompta.owed import place_of
from acompta.receivables import customer_name
from acompta.reminders.proposal import Proposal
from acompta.reminders.select import Reminders
from acompta.reminders.statements import Statement
from acompta.retentions import Retention
from acompta.rounding import ZERO
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table, sums

_CUSTOMER: Final = Column("client", "Client")
_ACCOUNT: Final = Column("compte", "Compte", Kind.CODE, Show.EXPORT)
_NUMBER: Final = Column("numero", "N°", Kind.CODE)
_FILE: Final = Column("fichier", "Fichier", Kind.CODE, Show.EXPORT)
_LINE: Final = Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT)


def reminders_report(reminders: Reminders, title: str, proposed: Sequence[Proposal] = ()) -> Report:
    """What to send on a day, invoice by invoice, what is not reminded and why, the penalties to bill."""
    lines = [Line("a-regler", "Demandé par les lettres", reminders.total, strong=True)]
    if proposed:
        total = sum((one.total for one in proposed), ZERO)
        lines.append(Line("penalites", "Pénalités à facturer", total))
    return Report(
        f"Relances au {french.day(reminders.at)}",
        (("dossier", "Dossier", title),),
        (
            _letters_table(reminders),
            _invoices_table(reminders),
            _unsent_table(reminders),
            _penalties_table(proposed),
        ),
        tuple(lines),
        _warnings(reminders),
        "Aucune facture à relancer.",
    )


def _letters_table(reminders: Reminders) -> Table:
    columns = (
        _CUSTOMER,
        _ACCOUNT,
        Column("niveau", "Niveau"),
        Column("rang", "Rang", Kind.TEXT, Show.EXPORT),
        Column("factures", "Factures", give_way=4),
        Column("echu", "Échu", Kind.AMOUNT),
        Column("a-deduire", "À déduire", Kind.AMOUNT, Show.IF_ANY, give_way=3),
        Column("interets", "Intérêts", Kind.AMOUNT, Show.IF_ANY, give_way=2),
        Column("indemnites", "Indemnités", Kind.AMOUNT, Show.IF_ANY, give_way=2),
        Column("a-regler", "À régler", Kind.AMOUNT),
    )
    rows = tuple(
        (
            letter.name,
            letter.customer,
            letter.step.title,
            str(letter.step.level),
            ", ".join(line.number for line in letter.lines),
            letter.late,
            letter.deducted,
            letter.interest if letter.claims_penalties else ZERO,
            letter.indemnity if letter.claims_penalties else ZERO,
            letter.total,
        )
        for letter in reminders.letters
    )
    return Table("lettres", "À envoyer", columns, rows, sums(columns, rows, "Total"))


def _invoices_table(reminders: Reminders) -> Table:
    columns = (
        _CUSTOMER._replace(grouped=True),
        _ACCOUNT,
        _NUMBER,
        Column("date", "Date", Kind.DATE, give_way=5),
        Column("echeance", "Échéance", Kind.DATE, give_way=3),
        Column("jours-de-retard", "Retard", Kind.COUNT),
        Column("derniere-relance", "Relancée le", Kind.DATE, Show.IF_ANY, give_way=4),
        Column("echu", "Échu", Kind.AMOUNT),
        Column("interets", "Intérêts courus", Kind.AMOUNT, give_way=2),
        Column("indemnite", "Indemnité", Kind.AMOUNT, give_way=2),
        _FILE,
        _LINE,
    )
    rows = tuple(
        (
            letter.name,
            letter.customer,
            line.number,
            line.invoice.date,
            line.invoice.due_date,
            line.days,
            max((one.date for one in line.sent), default=None),
            line.amount,
            line.penalty.interest,
            line.penalty.indemnity,
            line.invoice.place.path,
            line.invoice.place.line,
        )
        for letter in reminders.letters
        for line in letter.lines
    )
    return Table("factures", "Facture par facture", columns, rows, sums(columns, rows, "Total"))


def _unsent_table(reminders: Reminders) -> Table:
    columns = (
        _CUSTOMER._replace(grouped=True),
        _NUMBER,
        Column("jours-de-retard", "Retard", Kind.COUNT),
        Column("echu", "Échu", Kind.AMOUNT),
        Column("raison", "Pourquoi"),
    )
    rows = tuple(
        (one.name, one.invoice.number, one.invoice.days_late, one.amount, one.why)
        for one in reminders.unsent
    )
    return Table("sans-relance", "En retard, sans relance ce jour", columns, rows)


def _penalties_table(proposed: Iterable[Proposal]) -> Table:
    columns = (
        _CUSTOMER._replace(grouped=True),
        _ACCOUNT,
        _NUMBER,
        Column("jours", "Jours", Kind.COUNT),
        Column("calcul", "Calcul", give_way=1),
        Column("interets", "Intérêts", Kind.AMOUNT),
        Column("indemnite", "Indemnité", Kind.AMOUNT),
        Column("total", "Total", Kind.AMOUNT),
    )
    rows = tuple(
        (
            one.name,
            one.customer,
            penalty.number,
            penalty.days,
            " ; ".join(
                f"{french.number(s.principal)} × {french.number(s.rate)}\u00a0% × {s.days}\u00a0j"
                for s in penalty.spans
            ),
            penalty.interest,
            penalty.indemnity,
            penalty.total,
        )
        for one in proposed
        for penalty in one.penalties
    )
    return Table("penalites", "Pénalités à facturer", columns, rows, sums(columns, rows, "Total"))


def _warnings(reminders: Reminders) -> tuple[str, ...]:
    if any(line.penalty.provisional for letter in reminders.letters for line in letter.lines):
        return (
            "le taux d'un semestre n'est pas connu de cette version d'Acompta : le dernier connu est employé ; mettez"
            " Acompta à jour avant de facturer ces intérêts",
        )
    return ()


# -- statements -----------------------------------------------------------------------------------------------


def statements_report(listed: Sequence[Statement], title: str) -> Report:
    """The statements of some customers, one table."""
    start, at = listed[0].start, listed[0].at
    columns = (
        _CUSTOMER._replace(grouped=True, show=Show.ALWAYS if len(listed) > 1 else Show.EXPORT),
        _ACCOUNT,
        Column("date", "Date", Kind.DATE),
        Column("piece", "Pièce", Kind.CODE),
        Column("libelle", "Libellé", give_way=3),
        Column("echeance", "Échéance", Kind.DATE, Show.IF_ANY, give_way=2),
        Column("debit", "Débit", Kind.AMOUNT),
        Column("credit", "Crédit", Kind.AMOUNT),
        Column("solde", "Solde", Kind.AMOUNT),
        _FILE,
        _LINE,
    )
    rows: list[tuple[Cell, ...]] = []
    strong: set[int] = set()
    for one in listed:
        opening = (one.name, one.account, one.start, "", "Solde précédent", None)
        rows.append((*opening, None, None, one.opening, "", None))
        rows += [
            (
                one.name, one.account, move.date, move.number, move.label, move.due,
                move.debit or None, move.credit or None, move.balance,
                move.place.path, move.place.line,
            )
            for move in one.movements
        ]  # fmt: skip
        strong.add(len(rows))
        closing = (one.name, one.account, one.at, "", "Solde", None)
        rows.append((*closing, one.debit, one.credit, one.closing, "", None))
    facts = [("dossier", "Dossier", title)]
    if len(listed) == 1:
        facts.append(("client", "Client", listed[0].name))
    table = Table("releve", "Mouvements", columns, tuple(rows), strong=frozenset(strong))
    total = sum((one.closing for one in listed), ZERO)
    lines = [Line("solde", "Solde", total, strong=True)]
    overdue = sum((one.overdue for one in listed), ZERO)
    retention = sum((one.retention for one in listed), ZERO)
    if overdue:
        lines.append(Line("echu", "dont échu", overdue))
    if retention:
        lines.append(Line("retenue", "dont retenue de garantie", retention))
    span = french.period(start, at)
    return Report(f"Relevé de compte {span}", tuple(facts), (table,), tuple(lines))


# -- retentions -----------------------------------------------------------------------------------------------


def retentions_report(
    found: Iterable[Retention], dossier: Dossier, at: datetime.date, title: str
) -> Report:
    """The retentions of guarantee not released yet, by release date; those without one last."""
    columns = (
        Column("liberable", "Libérable le", Kind.DATE),
        Column("etat", "État", Kind.CODE, give_way=2),
        _CUSTOMER,
        _ACCOUNT,
        Column("contrat", "Contrat", Kind.CODE, give_way=3),
        _NUMBER,
        Column("date", "Date", Kind.DATE, give_way=5),
        Column("retenue", "Retenu", Kind.AMOUNT, give_way=4),
        Column("rendue", "Rendu", Kind.AMOUNT, Show.IF_ANY, give_way=4),
        Column("reste", "Reste", Kind.AMOUNT),
        _FILE,
        _LINE,
    )
    rows = []
    for one in found:
        if not one.left:
            continue
        document = one.document
        place = place_of(document.entry)
        rows.append(
            (
                one.release,
                _state(one, at),
                customer_name(document.customer, dossier.chart),
                document.customer,
                f"^{document.contract}" if document.contract else "",
                document.number or "",
                document.real_date,
                one.amount,
                one.released,
                one.left,
                place.path,
                place.line,
            )
        )
    table = Table(
        "retenues",
        "Retenues de garantie",
        columns,
        tuple(rows),
        sums(columns, rows, "Total") if rows else None,
        note="loi 71-584 : libérable un an après la réception (reception: sur le contrat), sauf opposition motivée",
    )
    due = sum((row[9] for row in rows if row[1] == "à demander"), ZERO)
    lines = (Line("a-demander", "À demander maintenant", due, strong=True),) if due else ()
    heading = f"Retenues de garantie au {french.day(at)}"
    nothing = "Aucune retenue de garantie à libérer."
    return Report(heading, (("dossier", "Dossier", title),), (table,), lines, nothing=nothing)


def _state(retention: Retention, at: datetime.date) -> str:
    if retention.release is None:
        return "réception non dite"
    return "à demander" if retention.is_due(at) else "à venir"
