"""The books of a closing folder, as tables: trial balance, general ledger, journals.

They read the books once (`Books`), so that they and the FEC tell the same story. Source: PCG art. 1021-1 to 1021-3.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from acompta import french
from acompta.closing.journals import Books, Entry
from acompta.closing.journals import Line as BookLine
from acompta.closing.period_view import PeriodView
from acompta.rounding import ZERO
from acompta.tables import Cell, Column, Kind, Report, Show, Table, sums

DEBIT: Final = Column("debit", "Débit", Kind.AMOUNT)
CREDIT: Final = Column("credit", "Crédit", Kind.AMOUNT)
_JOURNALS: Final = ("VE", "AC", "BQ", "CA", "OD", "AN")


def folder_facts(view: PeriodView, title: str) -> tuple[tuple[str, str, str], ...]:
    """What heads every report: the seller (the ledger ``title`` for one without a name), the period, the SIRET."""
    seller = view.dossier.sellers.at(view.end)
    siren = seller.text("siret") or seller.text("siren") or ""
    facts = [
        ("dossier", "Dossier", seller.name or title),
        ("periode", "Période", french.period(view.period.start, view.period.end)),
    ]
    if siren:
        facts.append(("siret", "SIRET", siren))
    return tuple(facts)


def trial_balance(view: PeriodView, books: Books, title: str) -> Report:
    """Balance générale: opening, movements of the period, balance, per account, with the totals of each class."""
    columns = (
        Column("compte", "Compte", Kind.CODE),
        Column("intitule", "Intitulé"),
        Column("ouverture", "Solde au début", Kind.AMOUNT),
        DEBIT,
        CREDIT,
        Column("solde-debiteur", "Solde débiteur", Kind.AMOUNT),
        Column("solde-crediteur", "Solde créditeur", Kind.AMOUNT),
    )
    moved = _moved(books, view)
    accounts = sorted(
        {*view.totals.at_end, *moved}, key=lambda name: (books.codes[name].full_number, name)
    )
    rows: list[tuple[Cell, ...]] = []
    for name in accounts:
        before = view.totals.before.get(name, ZERO)
        debit, credit = moved.get(name, (ZERO, ZERO))
        balance = view.totals.at_end.get(name, ZERO)
        if not (before or debit or credit or balance):
            continue
        code = books.codes[name]
        rows.append(
            (
                code.full_number,
                code.full_title,
                before,
                debit,
                credit,
                max(balance, ZERO),
                max(-balance, ZERO),
            )
        )
    table = Table("balance", "Balance générale", columns, tuple(rows), sums(columns, rows, "Total"))
    classes = _by_class(view, moved)
    return Report(
        f"Balance générale au {french.day(view.end)}", folder_facts(view, title), (table, classes)
    )


def _moved(books: Books, view: PeriodView) -> dict[str, tuple[Decimal, Decimal]]:
    moved: dict[str, tuple[Decimal, Decimal]] = {}
    for entry in books.entries(view.period.start, view.end):
        for line in entry.lines:
            debit, credit = moved.get(line.account, (ZERO, ZERO))
            moved[line.account] = (debit + line.debit, credit + line.credit)
    return moved


def _by_class(view: PeriodView, moved: dict[str, tuple[Decimal, Decimal]]) -> Table:
    columns = (
        Column("classe", "Classe", Kind.CODE),
        Column("nom", "Nature"),
        DEBIT,
        CREDIT,
        Column("solde", "Solde", Kind.AMOUNT),
    )
    names = {
        "1": "Capitaux", "2": "Immobilisations", "3": "Stocks", "4": "Tiers", "5": "Trésorerie",
        "6": "Charges", "7": "Produits", "8": "Spéciaux",
    }  # fmt: skip
    rows = []
    for digit, name in names.items():
        own = [
            account for account in view.totals.at_end if view.chart.get(account).pcg_class == digit
        ]
        debit = sum((moved.get(account, (ZERO, ZERO))[0] for account in own), ZERO)
        credit = sum((moved.get(account, (ZERO, ZERO))[1] for account in own), ZERO)
        balance = sum((view.totals.at_end[account] for account in own), ZERO)
        if own:
            rows.append((digit, name, debit, credit, balance))
    return Table("classes", "Par classe", columns, tuple(rows), sums(columns, rows, "Total"))


def general_ledger(view: PeriodView, books: Books, title: str) -> Report:
    """Grand livre: every line of the period by account, with the running balance from the opening one."""
    columns = (
        Column("compte", "Compte", Kind.CODE, grouped=True),
        Column("intitule", "Intitulé", Kind.TEXT, Show.EXPORT),
        Column("date", "Date", Kind.DATE),
        Column("journal", "Jal", Kind.CODE),
        Column("piece", "Pièce", Kind.CODE),
        Column("libelle", "Libellé"),
        DEBIT,
        CREDIT,
        Column("lettrage", "Let", Kind.CODE, Show.IF_ANY),
        Column("solde", "Solde", Kind.AMOUNT),
    )
    lines: dict[str, list[tuple[Entry, BookLine]]] = {}
    for entry in books.entries(view.period.start, view.end):
        for line in entry.lines:
            lines.setdefault(line.account, []).append((entry, line))
    rows: list[tuple[Cell, ...]] = []
    strong: set[int] = set()
    names = sorted(
        {*lines, *(name for name, amount in view.totals.before.items() if amount)},
        key=lambda name: (books.codes[name].full_number, name),
    )
    for name in names:
        code = books.codes[name]
        balance = view.totals.before.get(name, ZERO)
        strong.add(len(rows))
        head = f"{code.full_title} : solde au {french.short_day(view.period.start)}"
        rows.append(
            (code.full_number, code.full_title, None, "", "", head, None, None, "", balance)
        )
        for entry, line in lines.get(name, ()):
            balance += line.amount
            letter = view.lettering.letter(line.posting)
            rows.append(
                (
                    code.full_number,
                    code.full_title,
                    entry.date,
                    entry.journal.code,
                    entry.piece,
                    entry.label,
                    line.debit or None,
                    line.credit or None,
                    letter.shown if letter is not None else "",
                    balance,
                )
            )
    table = Table("grand-livre", "Grand livre", columns, tuple(rows), strong=frozenset(strong))
    return Report(f"Grand livre, {view.period.title}", folder_facts(view, title), (table,))


def journals(view: PeriodView, books: Books, title: str) -> Report:
    """The journals of the period: sales, purchases, bank, cash, miscellaneous, opening; and any other."""
    columns = (
        Column("date", "Date", Kind.DATE),
        Column("piece", "Pièce", Kind.CODE),
        Column("compte", "Compte", Kind.CODE),
        Column("libelle", "Libellé"),
        DEBIT,
        CREDIT,
    )
    by_journal: dict[str, list[tuple[Cell, ...]]] = {}
    titles: dict[str, str] = {}
    for entry in books.entries(view.period.start, view.end):
        titles[entry.journal.code] = entry.journal.title
        rows = by_journal.setdefault(entry.journal.code, [])
        for line in entry.lines:
            account = books.codes[line.account].full_number
            rows.append(
                (
                    entry.date,
                    entry.piece,
                    account,
                    entry.label,
                    line.debit or None,
                    line.credit or None,
                )
            )
    known = [code for code in _JOURNALS if code in by_journal]
    others = sorted(by_journal.keys() - set(known))
    tables = tuple(
        Table(
            code.lower(),
            f"{code} {titles[code]}",
            columns,
            tuple(by_journal[code]),
            (None, "", "", f"Total {titles[code]}", *_sides(by_journal[code])),
        )
        for code in (*known, *others)
    )
    empty = Table("aucun", "Aucune écriture", columns, ())
    return Report(f"Journaux, {view.period.title}", folder_facts(view, title), tables or (empty,))


def _sides(rows: Iterable[tuple[Cell, ...]]) -> tuple[Decimal, Decimal]:
    debit = credit = ZERO
    for row in rows:
        debit += row[4] if isinstance(row[4], Decimal) else ZERO
        credit += row[5] if isinstance(row[5], Decimal) else ZERO
    return debit, credit
