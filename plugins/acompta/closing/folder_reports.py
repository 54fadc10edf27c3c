"""The reports of a closing folder, as tables.

They read the books once (`Books`), so that the general ledger, the journals and the FEC tell the same story.
Source: PCG art. 1021-1 to 1021-3 (journals, general ledger, balance), 1031-4.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Final

from acompta import french
from acompta.chart import PAYABLE_ROLES
from acompta.closing.check import Check, State
from acompta.closing.journals import OPENING, Books, Entry
from acompta.closing.journals import Line as BookLine
from acompta.closing.period_view import PeriodView
from acompta.closing.vat_movements import CREDIT_FORWARD, TO_PAY, euros_of
from acompta.owed import Place
from acompta.receivables import customer_name, deposits_at
from acompta.reports import aged_report
from acompta.retentions import retentions
from acompta.rounding import HUNDRED, ZERO
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table, sums

_DEBIT: Final = Column("debit", "Débit", Kind.AMOUNT)
_CREDIT: Final = Column("credit", "Crédit", Kind.AMOUNT)
# The figures behind the ✓ of a checklist.
PROOFS: Final = "appui"
_JOURNALS: Final = ("VE", "AC", "BQ", "CA", "OD", "AN")


def _facts(view: PeriodView, title: str) -> tuple[tuple[str, str, str], ...]:
    seller = view.dossier.sellers.at(view.end)
    siren = seller.text("siret") or seller.text("siren") or ""
    facts = [
        ("dossier", "Dossier", seller.name or title),
        ("periode", "Période", french.period(view.period.start, view.period.end)),
    ]
    if siren:
        facts.append(("siret", "SIRET", siren))
    return tuple(facts)


# -- trial balance --------------------------------------------------------------------------------------------


def trial_balance(view: PeriodView, books: Books, title: str) -> Report:
    """Balance générale: opening, movements of the period, balance, per account, with the totals of each class."""
    columns = (
        Column("compte", "Compte", Kind.CODE),
        Column("intitule", "Intitulé"),
        Column("ouverture", "Solde au début", Kind.AMOUNT),
        _DEBIT,
        _CREDIT,
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
        f"Balance générale au {french.day(view.end)}", _facts(view, title), (table, classes)
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
        _DEBIT,
        _CREDIT,
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


# -- general ledger and journals --------------------------------------------------------------------------------


def general_ledger(view: PeriodView, books: Books, title: str) -> Report:
    """Grand livre: every line of the period by account, with the running balance from the opening one."""
    columns = (
        Column("compte", "Compte", Kind.CODE, grouped=True),
        Column("intitule", "Intitulé", Kind.TEXT, Show.EXPORT),
        Column("date", "Date", Kind.DATE),
        Column("journal", "Jal", Kind.CODE),
        Column("piece", "Pièce", Kind.CODE),
        Column("libelle", "Libellé"),
        _DEBIT,
        _CREDIT,
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
    return Report(f"Grand livre, {view.period.title}", _facts(view, title), (table,))


def journals(view: PeriodView, books: Books, title: str) -> Report:
    """The journals of the period: sales, purchases, bank, cash, miscellaneous, opening; and any other."""
    columns = (
        Column("date", "Date", Kind.DATE),
        Column("piece", "Pièce", Kind.CODE),
        Column("compte", "Compte", Kind.CODE),
        Column("libelle", "Libellé"),
        _DEBIT,
        _CREDIT,
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
    return Report(f"Journaux, {view.period.title}", _facts(view, title), tables or (empty,))


def _sides(rows: Iterable[tuple[Cell, ...]]) -> tuple[Decimal, Decimal]:
    debit = credit = ZERO
    for row in rows:
        debit += row[4] if isinstance(row[4], Decimal) else ZERO
        credit += row[5] if isinstance(row[5], Decimal) else ZERO
    return debit, credit


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
        _facts(view, title),
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
        _facts(view, title),
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
            one.document.date,
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


# -- the figures ------------------------------------------------------------------------------------------------


def figures(view: PeriodView, books: Books, title: str) -> Report:
    """The numbers of the month that a client reads: turnover, costs, result, cash, what is owed; and since January."""
    columns = (
        Column("poste", "Poste"),
        Column("periode", "Période", Kind.AMOUNT),
        Column("exercice", "Depuis le début de l'exercice", Kind.AMOUNT),
    )
    year = _year_result(view)
    rows: list[tuple[Cell, ...]] = []
    strong: set[int] = set()
    for name, prefixes in _POSTS:
        now = -_sum(view.totals.result, view, prefixes)
        total = -_sum(year, view, prefixes)
        if name in _TOTALS:
            strong.add(len(rows))
        elif not (now or total):
            continue
        rows.append((name, now, total))
    result = Table("resultat", "Résultat", columns, tuple(rows), strong=frozenset(strong))
    return Report(
        f"Chiffres {view.period.of_title}",
        _facts(view, title),
        (result, _customers(view)),
        _positions(view, books),
    )


_POSTS: Final = (
    ("Chiffre d'affaires", ("70",)),
    ("Autres produits d'exploitation", ("71", "72", "74", "75", "781")),
    ("Achats et variation de stocks", ("60",)),
    ("Services extérieurs", ("61", "62")),
    ("Impôts et taxes", ("63",)),
    ("Personnel", ("64",)),
    ("Autres charges d'exploitation", ("65", "681")),
    ("Résultat financier et exceptionnel", ("66", "67", "686", "687", "76", "77", "786", "787")),
    ("Participation et impôt sur les bénéfices", ("69",)),
    ("Résultat", ("6", "7")),
)
_TOTALS: Final = frozenset({"Chiffre d'affaires", "Résultat"})


def _sum(amounts: dict[str, Decimal], view: PeriodView, prefixes: tuple[str, ...]) -> Decimal:
    return sum(
        (
            amount
            for name, amount in amounts.items()
            if view.chart.get(name).number.startswith(prefixes)
        ),
        ZERO,
    )


def _year_result(view: PeriodView) -> dict[str, Decimal]:
    """Movements of classes 6 and 7 since the first day of the fiscal year."""
    start = view.year_start
    return result_between(view, start, view.end)


def result_between(
    view: PeriodView, start: datetime.date, end: datetime.date
) -> dict[str, Decimal]:
    """Movements of classes 6 and 7 between two days, in euros, debit positive."""
    found: dict[str, Decimal] = {}
    for entry in view.entries:
        postings = getattr(entry, "postings", None)
        if not postings or not start <= entry.date <= end:
            continue
        for posting in postings:
            if view.chart.get(posting.account).pcg_class in {"6", "7"}:
                found[posting.account] = found.get(posting.account, ZERO) + euros_of(posting)
    return found


def _customers(view: PeriodView) -> Table:
    columns = (
        Column("client", "Ce que vos clients vous doivent"),
        Column("echu", "Échu", Kind.AMOUNT),
        Column("solde", "Total", Kind.AMOUNT),
    )
    owing = sorted((c for c in view.aged.customers if c.total), key=lambda c: -c.total)
    rows = [(c.name, c.ages.overdue, c.total) for c in owing]
    return Table("clients", "Clients", columns, tuple(rows), sums(columns, rows, "Total"))


def _positions(view: PeriodView, books: Books) -> tuple[Line, ...]:
    del books
    cash = view.balance("512", "514", "515", "517", "53", "5112", "511")
    due, credit = _vat_position(view)
    lines = [
        Line("tresorerie", "Trésorerie", cash, strong=True),
        Line("clients", "Dû par les clients", view.balance("411", "4117", "413", "416")),
        Line("fournisseurs", "Dû aux fournisseurs", -view.balance(*PAYABLE_ROLES)),
        Line("acomptes", "Acomptes reçus à reprendre HT", -view.balance("4191")),
    ]
    if due:
        lines.append(Line("tva", "TVA à payer", due))
    elif credit:
        lines.append(Line("credit-tva", "Crédit de TVA à reporter", credit))
    return tuple(lines)


def _vat_position(view: PeriodView) -> tuple[Decimal, Decimal]:
    """VAT to pay and credit in euros: of the month's return, or what the accounts hold once the year is settled."""
    if view.period.is_year:
        return -view.balance(TO_PAY), view.balance(CREDIT_FORWARD)
    return view.vat.declared.due, view.vat.declared.credit


# -- checks and year --------------------------------------------------------------------------------------------


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
        _facts(view, title),
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


def next_opening(view: PeriodView, books: Books, title: str) -> Report:
    """The year's result and the next opening balances: derived, never posted, since Beancount carries balances."""
    columns = (
        Column("compte", "Compte", Kind.CODE),
        Column("intitule", "Intitulé"),
        _DEBIT,
        _CREDIT,
    )
    result = ZERO
    rows: list[tuple[Cell, ...]] = []
    for name in sorted(view.totals.at_end, key=lambda n: (books.codes[n].full_number, n)):
        amount = view.totals.at_end[name]
        if view.chart.get(name).pcg_class in {"6", "7"}:
            result -= amount
        elif amount:
            code = books.codes[name]
            rows.append((code.full_number, code.full_title, max(amount, ZERO), max(-amount, ZERO)))
    number, what = (
        ("120", "Résultat de l'exercice (bénéfice)")
        if result >= 0
        else ("129", "Résultat de l'exercice (perte)")
    )
    if result:
        rows.append((number, what, max(-result, ZERO), max(result, ZERO)))
    table = Table(
        "a-nouveaux",
        f"À-nouveaux au {french.short_day(view.period.next_day)}",
        columns,
        tuple(rows),
        sums(columns, rows, "Total"),
        note="Déduits des soldes : Beancount les reporte lui-même, ils ne se tapent pas.",
    )
    turnover = -_sum(view.totals.at_end, view, ("70",))
    margin = result * HUNDRED / turnover if turnover else ZERO
    lines = (
        Line("resultat", "Résultat de l'exercice", result, strong=True),
        Line("marge", "Résultat / chiffre d'affaires, en %", margin),
    )
    return Report(
        f"Résultat et à-nouveaux, {view.period.title}", _facts(view, title), (table,), lines
    )


__all__ = [
    "OPENING",
    "aged",
    "checklist",
    "deposits_and_retentions",
    "figures",
    "general_ledger",
    "journals",
    "next_opening",
    "trial_balance",
]
