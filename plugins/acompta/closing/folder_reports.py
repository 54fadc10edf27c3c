"""The other reports of a closing folder, as tables: third parties, deposits and retentions, the checklist.

The books are in `folder_books`, the figures of the period and of the year in `folder_figures`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

from acompta import french
from acompta.chart import PAYABLE_ROLES
from acompta.closing.check import Check, State
from acompta.closing.folder_books import folder_facts
from acompta.closing.journals import Books
from acompta.closing.period_view import PeriodView
from acompta.owed import Place
from acompta.receivables import customer_name, deposits_at
from acompta.reports import aged_report
from acompta.retentions import retentions
from acompta.rounding import ZERO
from acompta.tables import Cell, Column, Kind, Report, Show, Table, sums

# The figures behind the ✓ of a checklist.
PROOFS: Final = "appui"


# -- third parties ----------------------------------------------------------------------------------------------


def aged(view: PeriodView, books: Books, title: str) -> Report:
    """Aged balance of customers as the command gives it, and what is owed to each supplier."""
    report = aged_report(view.aged, title)
    columns = (
        Column("compte", "Compte", Kind.CODE),
        Column("fournisseur", "Fournisseur"),
        Column("depuis", "Ouvert depuis", Kind.DATE),
        Column("solde", "Dû", Kind.AMOUNT),
    )
    rows = [
        (
            books.codes[account.name].full_number,
            books.codes[account.name].auxiliary_title or books.codes[account.name].title,
            view.totals.oldest.get(account.name),
            -amount,
        )
        for account, amount in sorted(view.accounts(*PAYABLE_ROLES), key=lambda i: i[0].name)
    ]
    suppliers = Table(
        "fournisseurs", "Fournisseurs", columns, tuple(rows), sums(columns, rows, "Total")
    )
    return Report(
        f"Balances âgées au {french.day(view.end)}",
        folder_facts(view, title),
        (*report.tables, suppliers),
        report.lines,
    )


def deposits_and_retentions(view: PeriodView, title: str) -> Report:
    """Deposits not recovered, document by document, and retentions by release date."""
    columns = (
        Column("client", "Client"),
        Column("numero", "N°", Kind.CODE),
        Column("date", "Date", Kind.DATE),
        Column("contrat", "Contrat", Kind.CODE),
        Column("ht", "Reste HT", Kind.AMOUNT),
        Column("tva", "TVA", Kind.AMOUNT),
        Column("impaye", "Dont impayé TTC", Kind.AMOUNT),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            customer_name(deposit.customer, view.chart),
            deposit.number,
            deposit.date,
            f"^{deposit.contract}" if deposit.contract else "",
            deposit.left.base,
            deposit.left.vat,
            deposit.unpaid,
        )
        for deposit in deposits_at(view.book, view.end)
        if deposit.left.base or deposit.left.vat
    ]
    held = Table(
        "acomptes", "Acomptes à reprendre", columns, tuple(rows), sums(columns, rows, "Total")
    )
    return Report(
        f"Acomptes et retenues au {french.day(view.end)}",
        folder_facts(view, title),
        (held, _retentions(view)),
    )


def _retentions(view: PeriodView) -> Table:
    columns = (
        Column("numero", "N°", Kind.CODE),
        Column("date", "Date", Kind.DATE),
        Column("client", "Client"),
        Column("retenue", "Retenue", Kind.AMOUNT),
        Column("liberee", "Libérée", Kind.AMOUNT),
        Column("reste", "Reste", Kind.AMOUNT),
        Column("liberation", "À libérer le", Kind.DATE),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            one.document.number or "",
            one.document.real_date,
            customer_name(one.document.customer, view.chart),
            one.amount,
            one.released,
            one.left,
            one.release,
        )
        for one in retentions(view.dossier, view.entries, view.end)
        if one.left
    ]
    return Table(
        "retenues", "Retenues de garantie", columns, tuple(rows), sums(columns, rows, "Total")
    )


# -- checks --------------------------------------------------------------------------------------------


def checklist(
    view: PeriodView,
    checks: Iterable[Check],
    title: str,
    despite: str = "",
    home: Path | None = None,
) -> Report:
    """The checklist as it was when the period was closed; files are told from the folder ``home`` when it is given."""
    detail = (
        Column("controle", "Contrôle", grouped=True),
        Column("texte", "Détail"),
        Column("ou", "Où", Kind.CODE),
        Column("montant", "Montant", Kind.AMOUNT, Show.IF_ANY),
        Column("fichier", "Fichier", Kind.CODE, Show.EXPORT),
        Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
    )
    checks = tuple(checks)
    wrong = [check for check in checks if check.state is not State.OK]
    fine = [check for check in checks if check.state is State.OK]
    proofs = Table(PROOFS, "Chiffres à l'appui des ✓", detail, _evidence(fine, home))
    warnings = (f"Clôturé malgré les ✗ : {despite}",) if despite else ()
    return Report(
        f"Clôture {view.period.of_title} : contrôles",
        folder_facts(view, title),
        (
            checks_table(checks),
            Table("details", "Ce qui est derrière", detail, _evidence(wrong, home)),
            *((proofs,) if proofs.rows else ()),
            *_before_and_after(view),
        ),
        (),
        warnings,
    )


def checks_table(checks: Iterable[Check]) -> Table:
    """One row a check: its mark, what it is about, what it found."""
    columns = (
        Column("marque", "", Kind.CODE),
        Column("controle", "Contrôle"),
        Column("constat", "Constat"),
        Column("source", "Règle", Kind.TEXT, Show.EXPORT),
        Column("cle", "Clé", Kind.CODE, Show.EXPORT),
    )
    rows = tuple((c.state.value, c.title, c.summary, c.source, c.key) for c in checks)
    return Table("controles", "Contrôles", columns, rows)


def checks_as_closed(content: bytes) -> Table | None:
    """The checks that a closing wrote, read back from its ``controles.xlsx``; ``None`` when the file holds none."""
    from openpyxl import load_workbook  # noqa: PLC0415 — a third of a second that only this format needs

    table = checks_table(())
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True)[table.title]
        rows = [_texts(row, len(table.columns)) for row in sheet.iter_rows(values_only=True)]
    except (BadZipFile, KeyError, ValueError, SyntaxError):
        return None  # another file, or a damaged one
    header = tuple(column.title for column in table.columns)
    if header not in rows:
        return None
    return replace(table, rows=tuple(rows[rows.index(header) + 1 :]))


def _texts(row: Iterable[object], count: int) -> tuple[str, ...]:
    texts = ["" if cell is None else str(cell) for cell in row]
    return tuple([*texts, *[""] * count][:count])


def _evidence(checks: Iterable[Check], home: Path | None) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            check.title,
            one.text,
            f"{one.place.path.rpartition('/')[2]}:{one.place.line}" if one.place else "",
            one.amount,
            _file(one.place, home),
            one.place.line if one.place else None,
        )
        for check in checks
        for one in check.evidence
    )


def _file(place: Place | None, home: Path | None) -> str:
    """The file of a place: a closing folder is given to others, and says nothing of this machine."""
    if place is None:
        return ""
    path = Path(place.path)
    return path.relative_to(home).as_posix() if home and path.is_relative_to(home) else place.path


def _before_and_after(view: PeriodView) -> tuple[Table, ...]:
    """Accounts that the proposed entries (accruals, VAT settlement) would move: the balance before, and after them."""
    changes: dict[str, Decimal] = {}
    entries = [one.entry for one in view.cut_offs]
    settled = view.vat_return.settlement if view.declares else None
    if settled is not None and not view.vat_return.declared.settlements:
        entries.append(settled)
    for entry in entries:
        for line in entry.lines:
            changes[line.account] = changes.get(line.account, ZERO) + line.amount
    if not changes:
        return ()
    columns = (
        Column("compte", "Compte", Kind.CODE),
        Column("avant", "Avant", Kind.AMOUNT),
        Column("propose", "Proposé", Kind.AMOUNT),
        Column("apres", "Après", Kind.AMOUNT),
    )
    rows = []
    for name, change in sorted(changes.items(), key=lambda item: view.chart.get(item[0]).number):
        before = view.totals.at_end.get(name, ZERO)
        rows.append((name, before, change, before + change))
    title = "Balance avant et après les écritures proposées"
    return (Table("avant-apres", title, columns, tuple(rows), sums(columns, rows, "Total")),)
