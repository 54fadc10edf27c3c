"""What nearly every ledger lets the engine skip gives what the general way gives."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from beancount.core.data import EMPTY_SET, Transaction
from hypothesis import given
from hypothesis import strategies as st

from acompta import numbering
from acompta.claims import Move, Waiting
from acompta.numbering import Numbered, check_series
from acompta.reading.model import Share, TaxKey

DAY = datetime.date(2026, 1, 1)
CENTS = st.integers(-100_000, 100_000).map(lambda cents: Decimal(cents).scaleb(-2))
TAXES = st.builds(
    TaxKey,
    st.sampled_from([Decimal(20), Decimal("5.5")]),
    st.sampled_from(["bien", "service"]),
)
SHARES = st.dictionaries(TAXES, st.builds(Share, CENTS, CENTS), max_size=4)


def _numbered(series: str, rank: int, day: int, line: int) -> Numbered:
    date = DAY + datetime.timedelta(days=day)
    meta: dict[str, Any] = {"filename": "journal.beancount", "lineno": line}
    entry = Transaction(meta, date, "*", None, "", EMPTY_SET, EMPTY_SET, [])
    return Numbered(series, rank, date, "journal.beancount", line, f"{series}{rank}", entry)


@st.composite
def series_nearly_in_order(draw: st.DrawFn) -> list[Numbered]:
    """Two series whose ranks and dates grow one by one, but for a few steps."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from("FA"),
                st.sampled_from([1, 1, 1, 1, 1, 1, 0, 2]),
                st.sampled_from([0, 1, 1, 3, 7, -1]),
            ),
            max_size=12,
        )
    )
    ranks, day, found = {"F": 0, "A": 40}, 0, []
    for line, (series, step, days) in enumerate(steps, start=1):
        ranks[series] += step
        day += days
        found.append(_numbered(series, ranks[series], day, line))
    return draw(st.permutations(found)) if draw(st.integers(0, 4)) == 0 else found


@given(series_nearly_in_order())
def test_series_that_follow_each_other_have_no_error_once_sorted(numbered: list[Numbered]) -> None:
    quick = check_series(numbered)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "_follow_each_other", lambda _: False)
        assert quick == check_series(numbered)


@given(SHARES, CENTS.filter(bool))
def test_a_document_paid_at_once_moves_what_the_general_way_moves(
    shares: dict[TaxKey, Share], total: Decimal
) -> None:
    whole, general = Waiting("F1", total, dict(shares)), Waiting("F1", total, dict(shares))
    whole.receive(total, DAY)
    general.receive(total, DAY)
    expected = []
    for tax, share in general.shares.items():
        paid = general.paid_for_goods if tax.nature == "bien" else general.paid
        vat, base = general._due(tax, share, paid)
        if vat:
            expected.append(Move("F1", tax, base, vat))
    assert whole.moves() == expected
    assert whole.moved == {move.tax: Share(move.base, move.vat) for move in expected}
    assert whole.moves() == []
    assert whole.shares == shares
    assert whole.paid == total
