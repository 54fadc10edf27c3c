"""Rounding and splitting, worked by hand, and what holds of any split."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acompta.rounding import cents, floor_cents, largest_remainder, proportional

D = Decimal


@pytest.mark.parametrize(
    ("amount", "rounded", "floored"),
    [
        ("0.005", "0.01", "0.00"),
        ("-0.005", "-0.01", "0.00"),
        ("2.675", "2.68", "2.67"),
        ("2.665", "2.67", "2.66"),  # half-even would say 2.66
        ("1.004999", "1.00", "1.00"),
    ],
)
def test_halves_go_away_from_zero(amount: str, rounded: str, floored: str) -> None:
    assert cents(D(amount)) == D(rounded)
    assert floor_cents(abs(D(amount))) == abs(D(floored))


def test_a_share_is_rounded_once_and_nothing_of_nothing_is_nothing() -> None:
    assert proportional(D("166.67"), D("333.33"), D("1000.00")) == D("55.56")  # 55.556…
    assert proportional(D("10.00"), D("5.00"), D("0.00")) == D("0.00")


@pytest.mark.parametrize(
    ("total", "exact", "floors", "caps", "split"),
    [
        # Three thirds of 10.00: a cent is left, the first of equal remainders has it.
        ("10.00", ["10", "10", "10"], {}, {}, ["3.34", "3.33", "3.33"]),
        # 0.02 left after 3.33 and 6.66 of 10.01: the larger remainder (6.673) first, then the other.
        ("10.01", ["10", "20"], {}, {}, ["3.34", "6.67"]),
        # The first may not pass 3.00: of the 0.34 left, a cent to each other, then the rest to the first of them.
        ("10.00", ["10", "10", "10"], {}, {0: "3.00"}, ["3.00", "3.66", "3.34"]),
        # All capped below the total: the caps give way, on the largest remainder.
        ("10.00", ["1", "1"], {}, {0: "4.00", 1: "4.00"}, ["6.00", "4.00"]),
        # 4.00 already received at the first, of 7.00 halved: the second gives the 0.50.
        ("7.00", ["1", "1"], {0: "4.00"}, {}, ["4.00", "3.00"]),
        # Floors of 6.00 and 5.00 cannot add up to 10.00: they give way, where the excess is.
        ("10.00", ["1", "1"], {0: "6.00", 1: "5.00"}, {}, ["5.00", "5.00"]),
    ],
)
def test_splits_worked_by_hand(
    total: str, exact: list[str], floors: dict[int, str], caps: dict[int, str], split: list[str]
) -> None:
    whole = sum(map(D, exact))
    shares = {key: D(total) * D(weight) / whole for key, weight in enumerate(exact)}
    found = largest_remainder(
        D(total),
        shares,
        {key: D(value) for key, value in floors.items()},
        {key: D(value) for key, value in caps.items()},
    )
    assert list(found.values()) == [D(value) for value in split]


@given(
    st.integers(0, 10_000_000),
    st.lists(st.integers(1, 100_000), min_size=1, max_size=6),
)
def test_no_cent_is_lost_and_no_share_is_a_cent_away(total: int, weights: list[int]) -> None:
    amount = D(total) / 100
    exact = {key: amount * weight / sum(weights) for key, weight in enumerate(weights)}
    found = largest_remainder(amount, exact, {}, {})
    assert sum(found.values()) == amount
    assert all(abs(found[key] - exact[key]) < D("0.01") for key in exact)
