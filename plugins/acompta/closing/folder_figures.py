"""The figures of a period that a client reads: result, customers, cash and VAT position; the result of the year."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Final

from acompta import french
from acompta.chart import PAYABLE_ROLES
from acompta.closing.folder_books import CREDIT, DEBIT, folder_facts
from acompta.closing.journals import Books
from acompta.closing.period_view import PeriodView
from acompta.closing.vat_movements import CREDIT_FORWARD, TO_PAY, euros_of
from acompta.rounding import HUNDRED, ZERO
from acompta.tables import Cell, Column, Kind, Line, Report, Table, sums


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
        folder_facts(view, title),
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


def next_opening(view: PeriodView, books: Books, title: str) -> Report:
    """The year's result and the next opening balances: derived, never posted, since Beancount carries balances."""
    columns = (
        Column("compte", "Compte", Kind.CODE),
        Column("intitule", "Intitulé"),
        DEBIT,
        CREDIT,
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
        f"Résultat et à-nouveaux, {view.period.title}", folder_facts(view, title), (table,), lines
    )
