"""« Créances »: who owes what, since when, and what proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple

from acompta import french
from acompta.closing.periods import fiscal_year_of, read_year_end
from acompta.fava.grid import Grid, GridMaker
from acompta.fava.page import Limit, Page, Visit, limits, remarks
from acompta.receivables import AGE_TITLES, AgedBalance, Ages, CustomerBalance, customer_name
from acompta.reminders.report import statements_report
from acompta.reminders.statements import statements
from acompta.reports import aged_report
from acompta.rounding import ZERO
from acompta.steering.habits import Habit
from acompta.steering.report import delay_words
from acompta.tables import Cell, Column, Kind, Report, Show, Table, sums

BARS: Final = 12
# Accounts that the proof lists, of those that are not at zero.
PROVED: Final = 100
_AGE_KEYS: Final = ("non-echu", "de-1-a-30", "de-31-a-60", "de-61-a-90", "plus-de-90")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar, in percent of the chart's width; ``age`` is the column of the aged balance (0 to 4)."""

    age: int
    start: str
    width: str
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """What one customer owes, or what is owed for one invoice (euros)."""

    name: str
    href: str
    amount: Decimal
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Open invoices by age: the biggest, and how many are not drawn."""

    legend: tuple[tuple[str, Decimal], ...]
    bars: tuple[Bar, ...]
    others: int


def page(visit: Visit) -> Page:
    """The page, from the engine's aged balance.

    Raises:
        ScopeError: the text filter cannot be read.
    """
    desk, scope = visit.desk, visit.scope
    balance = visit.sieve().balance(desk.balance(scope.at))
    proof = desk.proof(scope.at)
    balances = [(name, amount) for name, amount in proof.accounts.items() if amount]
    found = limits(visit)
    only = ", ".join(limit.value for limit in found)
    report = aged_report(balance, desk.title, proof=None if only else proof, only=only)
    customers = customers_table(balance, desk.habits(scope.at))
    report = replace(report, tables=(customers, *report.tables[1:], *_statement(visit, found)))
    content: dict[str, Any] = {
        "balance": balance,
        "overdue": around_overdue(balance),
        "proof": proof,
        "proof_accounts": [
            (name, visit.links.account(name), amount) for name, amount in balances[:PROVED]
        ],
        "proof_others": len(balances) - PROVED,
        "limits": found,
        "customer": _only_customer(visit),
        "contract": _only_contract(visit),
        "remarks": remarks(visit),
        "chart": _chart(balance, visit),
        "grids": _grids(visit, report),
        "xlsx": visit.links.download("", "xlsx"),
    }
    return Page(f"Balance âgée au {french.day(scope.at)}", "acompta/creances.html", report, content)


def around_overdue(balance: AgedBalance) -> tuple[str, str]:
    """What stands around « 700,00 € échus » after the whole: « dont … », unless credits make the whole smaller."""
    if balance.ages.overdue <= balance.total:
        return "dont ", ""
    return "", ", avances et trop-perçus à déduire"


# -- tables ---------------------------------------------------------------------------------------------------


def customers_table(balance: AgedBalance, habits: Mapping[str, Habit]) -> Table:
    """One row per customer: the aged balance, the deposits that later invoices will recover, and how it pays."""
    columns = (
        Column("client", "Client"),
        Column("compte", "Compte", Kind.CODE, Show.EXPORT),
        *(
            Column(key, title, Kind.AMOUNT)
            for key, title in zip(_AGE_KEYS, AGE_TITLES, strict=True)
        ),
        Column("credits", "Crédits", Kind.AMOUNT, Show.IF_ANY),
        Column("non-affecte", "Non affecté", Kind.AMOUNT, Show.IF_ANY),
        Column("solde", "Total dû", Kind.AMOUNT),
        Column(
            "acomptes-a-reprendre", "Acomptes à reprendre", Kind.AMOUNT, Show.IF_ANY, give_way=3
        ),
        Column("retard-moyen", "Retard moyen", Kind.COUNT, Show.IF_ANY, give_way=4),
    )
    rows = tuple(
        _customer_row(customer, habits.get(customer.account)) for customer in balance.customers
    )
    return Table("clients", "Par client", columns, rows, sums(columns, rows, "Total"))


def _customer_row(customer: CustomerBalance, habit: Habit | None) -> tuple[Cell, ...]:
    return (
        customer.name,
        customer.account,
        *customer.ages,
        customer.credit,
        customer.unallocated,
        customer.total,
        customer.deposits_left.total,
        habit.delay if habit is not None else None,
    )


def _grids(visit: Visit, report: Report) -> list[Grid]:
    maker: GridMaker = visit.grids()
    hidden = frozenset({"client"}) if visit.scope.client else frozenset()
    tables: Iterable[Table] = report.tables[1:] if visit.scope.client else report.tables
    return [maker.grid(table, hidden) for table in tables if table.rows]


def _statement(visit: Visit, found: tuple[Limit, ...]) -> tuple[Table, ...]:
    """The account of the chosen customer since the beginning of the fiscal year; other filters would cut it."""
    account, at = visit.scope.client, visit.scope.at
    if not account or len(found) > 1:
        return ()
    year_end = read_year_end(visit.desk.dossier.sellers.at(at).meta.get("fin-exercice"))
    start = fiscal_year_of(at, year_end).start
    listed = statements(visit.desk.book, visit.desk.entries, start, at, account=account)
    own = [one for one in listed if one.account == account]
    if not own:
        return ()
    (table,) = statements_report(own, visit.desk.title).tables
    return (replace(table, title=f"Relevé de compte {french.period(start, at)}"),)


# -- what the filters point at --------------------------------------------------------------------------------


def _only_customer(visit: Visit) -> dict[str, Any] | None:
    """The chosen customer: name, account, and what its account says of it."""
    account = visit.scope.client
    if not account:
        return None
    chart = visit.desk.dossier.chart
    siret, email = (chart.get(account).meta.get(key) for key in ("siret", "email"))
    facts = [f"SIRET {siret}"] if isinstance(siret, str) else []
    facts += [email] if isinstance(email, str) else []
    habit = visit.desk.habits(visit.scope.at).get(account)
    facts += [f"paie en moyenne {delay_words(habit)}"] if habit is not None and habit.paid else []
    name = customer_name(account, chart)
    return {"name": name, "account": account, "href": visit.links.account(account), "facts": facts}


def _only_contract(visit: Visit) -> tuple[str, str] | None:
    """The contract that the text filter names, and the address of its register."""
    text = visit.scope.text
    link = text.removeprefix("^")
    if not text.startswith("^") or link not in visit.desk.dossier.contracts:
        return None
    return text, visit.links.view("contrats", contrat=link)


# -- chart ----------------------------------------------------------------------------------------------------


class _Owed(NamedTuple):
    """What one bar draws, and where its name leads."""

    name: str
    amount: Decimal
    ages: Ages
    href: Callable[[], str]


def _chart(balance: AgedBalance, visit: Visit) -> Chart:
    """The biggest customers; of one customer, its biggest invoices."""
    owed = _by_invoice(balance, visit) if visit.scope.client else _by_customer(balance, visit)
    owed.sort(key=lambda one: (-one.amount, one.name.casefold()))
    shown = owed[:BARS]
    scale = shown[0].amount if shown else ZERO
    return Chart(
        tuple(zip(AGE_TITLES, balance.ages, strict=True)),
        tuple(_bar(one, scale) for one in shown),
        len(owed) - len(shown),
    )


def _by_customer(balance: AgedBalance, visit: Visit) -> list[_Owed]:
    owed = []
    for customer in balance.customers:
        if customer.invoices:
            ages = customer.ages
            href = partial(visit.links.view, "creances", client=customer.account)
            owed.append(_Owed(customer.name, ages.total, ages, href))
    return owed


def _by_invoice(balance: AgedBalance, visit: Visit) -> list[_Owed]:
    return [
        _Owed(i.number, i.open, i.ages, partial(visit.links.entry, i.place))
        for i in balance.invoices
    ]


def _bar(owed: _Owed, scale: Decimal) -> Bar:
    segments = []
    start = ZERO
    for index, amount in enumerate(owed.ages):
        if amount > 0:
            title = f"{AGE_TITLES[index]} : {french.euros(amount)}"
            width = _percent(amount, scale)
            segments.append(Segment(index, _percent(start, scale), width, title))
            start += amount
    return Bar(owed.name, owed.href(), owed.amount, tuple(segments))


def _percent(amount: Decimal, scale: Decimal) -> str:
    return f"{amount * 100 / scale:.3f}%"
