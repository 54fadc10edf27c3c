"""A book says the same of a date whatever dates it was asked about before: what it keeps never goes stale."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from hypothesis import given, note
from hypothesis import strategies as st
from tests.properties.ledger import day
from tests.properties.loading import Loaded
from tests.properties.profiles import examples
from tests.properties.test_mixed import Play, plays

from acompta.book import Book, read_book
from acompta.contracts import contract_links, contract_view
from acompta.fava.documents import Settled, document_views
from acompta.receivables import aged_balance, deposits_at, due_date, known_due_date
from acompta.steering.balances import balances_at, counted
from acompta.steering.cash import forecast
from acompta.steering.habits import paid_invoices, payment_habits


def answers(loaded: Loaded, book: Book, settled: Settled, at: datetime.date) -> Iterator[object]:
    """All that a book and the pages say of a day."""
    balance = aged_balance(book, at)
    yield balance
    yield deposits_at(book, at)
    yield document_views(book, balance, settled)
    yield [view.cells for view in document_views(book, balance, settled)]
    yield paid_invoices(book, at)
    yield payment_habits(book, at)
    yield [contract_view(book, link, at) for link in contract_links(loaded.dossier)]
    yield forecast(book, loaded.entries, at)
    yield balances_at(counted(book, loaded.entries), at)


@given(plays(), st.lists(st.integers(0, 700), min_size=2, max_size=5))
@examples(10)
def test_what_was_asked_before_changes_nothing(play: Play, days: list[int]) -> None:
    note(play.text())
    loaded = play.now()
    kept, settled = read_book(loaded.dossier, loaded.entries), Settled()
    # The last day of all first, as a page of today does; then back and forth.
    for when in (10_000, *days):
        at = day(when)
        fresh = read_book(loaded.dossier, loaded.entries)
        for known, new in zip(
            answers(loaded, kept, settled, at),
            answers(loaded, fresh, Settled(), at),
            strict=True,
        ):
            assert known == new


@given(plays())
@examples(5)
def test_a_span_says_when_something_is_owed(play: Play) -> None:
    note(play.text())
    loaded = play.now()
    book = read_book(loaded.dossier, loaded.entries)
    for span in book.spans:
        claim = span.claim
        adjustments = book.adjustments.get(claim.number, ())
        assert known_due_date(claim.document, book) == due_date(claim.document, loaded.dossier)
        known = [event.date for event in claim.events] + [item.date for item in adjustments]
        for at in {claim.date, *known, claim.date - datetime.timedelta(days=1), day(10_000)}:
            owed = claim.open_at(at) - sum(-item.amount for item in adjustments if item.date <= at)
            assert not owed or span.is_open(at)
