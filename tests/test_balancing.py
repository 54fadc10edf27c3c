"""Our quick check of balances finds exactly what Beancount's own finds."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.amount import Amount
from beancount.core.data import EMPTY_SET, Posting, Transaction, new_metadata
from beancount.core.interpolate import AUTOMATIC_RESIDUAL
from beancount.core.position import Cost
from beancount.ops import validation
from beancount.parser.options import OPTIONS_DEFAULTS
from hypothesis import given
from hypothesis import strategies as st

from acompta.balancing import quick_balances, unbalanced
from acompta.loading import load_raw

DAY = datetime.date(2026, 3, 1)

numbers = st.decimals(-50, 50, places=2, allow_nan=False) | st.sampled_from(
    [Decimal(0), Decimal("0.001"), Decimal("-0.004"), Decimal("0.005"), Decimal("1E+1")]
)
amounts = st.builds(Amount, numbers, st.sampled_from(["EUR", "EUR", "EUR", "USD", "JOUR"]))
costs = st.builds(Cost, st.just(Decimal(10)), st.just("EUR"), st.just(DAY), st.none())
prices = st.builds(Amount, st.sampled_from([Decimal(2), Decimal("0.9")]), st.just("EUR"))
metas = st.sampled_from([None, {}, {"libelle": "x"}, {AUTOMATIC_RESIDUAL: True}])
postings = st.builds(
    Posting,
    st.just("Actif:512"),
    amounts,
    st.none() | st.none() | costs,
    st.none() | st.none() | prices,
    st.none(),
    metas,
)


def balanced(found: list[Posting]) -> list[Posting]:
    """The same postings and one that makes the euros of those add up."""
    total = sum(
        (p.units.number for p in found if p.units is not None and p.units.number), Decimal()
    )
    return [*found, Posting("Actif:512", Amount(-total, "EUR"), None, None, None, None)]


@given(st.lists(st.lists(postings, max_size=4) | st.lists(postings, max_size=4).map(balanced)))
def test_it_finds_the_same_errors_in_the_same_order(several: list[list[Posting]]) -> None:
    entries = [
        Transaction(new_metadata("t", rank), DAY, "*", None, "", EMPTY_SET, EMPTY_SET, found)
        for rank, found in enumerate(several)
    ]
    stock = validation.validate_check_transaction_balances(  # type: ignore[no-untyped-call]
        entries, OPTIONS_DEFAULTS
    )
    assert unbalanced(entries, OPTIONS_DEFAULTS) == stock


TEXT = """\
2026-01-01 open Assets:Bank
2026-01-01 open Income:Sales
2026-02-01 * "Juste"
  Assets:Bank    10.00 EUR
  Income:Sales  -10.00 EUR
2026-02-02 * "À un demi-centime près"
  Assets:Bank    10.00 EUR
  Income:Sales  -10.003 EUR
2026-02-03 * "Faux"
  Assets:Bank    10.00 EUR
  Income:Sales   -9.00 EUR
"""


def test_a_load_says_what_beancount_says(tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(TEXT, encoding="utf-8")
    _, ours, _ = load_raw(path)
    _, theirs, _ = loader.load_file(str(path))
    assert [error.message for error in ours] == [error.message for error in theirs]
    assert len(ours) == 1


def test_beancount_gets_its_own_checks_back_even_after_a_failure() -> None:
    before = validation.VALIDATIONS
    with quick_balances():
        assert unbalanced in validation.VALIDATIONS
        assert len(validation.VALIDATIONS) == len(before)
    with pytest.raises(OSError, match="stop"), quick_balances():
        raise OSError("stop")
    assert validation.VALIDATIONS is before
