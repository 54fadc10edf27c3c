"""Reminders, statements, forecast and margins over random mixes of all documents: they always add up to the ledger."""

from __future__ import annotations

import datetime
from decimal import Decimal

from beancount.core.data import Transaction
from hypothesis import given, note
from hypothesis import strategies as st
from tests.properties.ledger import day
from tests.properties.loading import Loaded, number_of
from tests.properties.profiles import examples
from tests.properties.test_mixed import Play, plays

from acompta.contracts import contract_links, contract_view
from acompta.receivables import aged_balance, read_book
from acompta.reminders.penalties import charged_penalties, penalty_of
from acompta.reminders.select import reminders_at
from acompta.reminders.statements import statements
from acompta.steering.cash import forecast
from acompta.steering.flows import Source
from acompta.steering.profitability import profitability

NIL = Decimal("0.00")


def ledger_sum(loaded: Loaded, at: datetime.date, roles: set[str]) -> Decimal:
    chart = loaded.dossier.chart
    return sum(
        (
            number_of(posting)
            for entry, posting in loaded.postings()
            if entry.date <= at and chart.get(posting.account).role in roles
        ),
        NIL,
    )


def class_sum(loaded: Loaded, at: datetime.date, digit: str) -> Decimal:
    chart = loaded.dossier.chart
    return sum(
        (
            number_of(posting)
            for entry in loaded.entries
            if isinstance(entry, Transaction) and entry.date <= at
            for posting in entry.postings
            if chart.get(posting.account).pcg_class == digit
        ),
        NIL,
    )


@given(plays(), st.integers(0, 700))
@examples(12)
def test_all_adds_up_to_the_ledger_on_any_day(play: Play, when: int) -> None:
    note(play.text())
    loaded = play.now()
    at = day(when)
    book = read_book(loaded.dossier, loaded.entries)
    balance = aged_balance(book, at)
    # Statements.
    listed = statements(book, loaded.entries, day(when // 2), at)
    assert sum((one.closing for one in listed), NIL) == balance.total
    assert balance.total == ledger_sum(loaded, at, {"411", "4117", "413", "416"})
    # The forecast: receivables, then what contracts have to bill.
    cash = forecast(book, loaded.entries, at)
    planned = cash.total(Source.PLANNED) + sum(
        (
            flow.amount
            for flow in (*cash.flows, *cash.undated)
            if flow.source is Source.RETENTION and flow.reference.startswith("^")
        ),
        NIL,
    )
    sources = (Source.RECEIVABLE, Source.CREDIT, Source.RETENTION, Source.PLANNED)
    assert cash.total(*sources) - planned == balance.total
    views = [contract_view(book, link, at) for link in contract_links(loaded.dossier)]
    signed = [view for view in views if view.signed is not None and view.signed <= at]
    assert planned == sum((v.left.total - v.deposits_left.total for v in signed), NIL)
    assert cash.total(Source.SUPPLIER) == ledger_sum(loaded, at, {"401", "403", "404"})
    # The margins.
    margins = profitability(book, loaded.entries, at)
    revenue = sum((one.revenue for one in margins.contracts), margins.outside_revenue)
    costs = sum((one.purchases for one in margins.contracts), margins.outside_costs)
    assert (revenue, costs) == (-class_sum(loaded, at, "7"), class_sum(loaded, at, "6"))


@given(plays(), st.integers(0, 700))
@examples(12)
def test_each_late_invoice_is_reminded_once_or_said_not_to_be(play: Play, when: int) -> None:
    note(play.text())
    loaded = play.now()
    at = day(when)
    book = read_book(loaded.dossier, loaded.entries)
    found = reminders_at(book, loaded.entries, at)
    reminded = [line.number for letter in found.letters for line in letter.lines]
    unsent = [one.invoice.number for one in found.unsent]
    late = [one.number for one in aged_balance(book, at).invoices if one.ages.overdue > 0]
    assert sorted(reminded + unsent) == sorted(late)
    charged = charged_penalties(book, loaded.entries, at)
    for letter in found.letters:
        assert letter.total > 0
        assert letter.interest == sum((line.penalty.interest for line in letter.lines), NIL)
    for claim in loaded.dossier.claims.values():
        penalty = penalty_of(book, claim, at, charged)
        assert penalty.interest >= 0
        assert penalty.days <= max(0, (at - claim.date).days)
        assert all(span.principal > 0 and span.days > 0 for span in penalty.spans)
