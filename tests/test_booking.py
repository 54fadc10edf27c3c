"""Our quick booking completes entries exactly as Beancount's own does, and says the same errors."""

from __future__ import annotations

import datetime
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.amount import Amount
from beancount.core.data import EMPTY_SET, Booking, Open, Posting, Transaction, new_metadata
from beancount.core.number import MISSING, D
from beancount.core.position import Cost, CostSpec
from beancount.parser import booking
from beancount.parser.options import OPTIONS_DEFAULTS
from hypothesis import given
from hypothesis import strategies as st

from acompta.booking import book
from acompta.loading import load_raw

DAY = datetime.date(2026, 3, 1)
LEDGERS = Path(__file__).parents[1] / "ledgers"
BLANK: Any = MISSING
ACCOUNTS = ("Actif:411", "Actif:512", "Actif:503", "Passif:4191", "Produits:706")
CURRENCIES = ("EUR", "EUR", "EUR", "EUR", "USD", "PCT", "PART")

number = st.decimals(-50, 50, places=2, allow_nan=False) | st.sampled_from(
    [D("0"), D("0.00"), D("12"), D("-7"), D("0.001"), D("-0.004"), D("0.1"), D("1E+1")]
)
amount = st.builds(Amount, number, st.sampled_from(CURRENCIES))
partly = st.builds(Amount, st.just(MISSING) | number, st.sampled_from([*CURRENCIES, MISSING]))
cost = st.builds(
    CostSpec,
    st.sampled_from([D("10"), D("10.50"), MISSING, None]),
    st.sampled_from([None, None, D("20.00")]),
    st.sampled_from(["EUR", "USD"]),
    st.none(),
    st.none(),
    st.none(),
)
price = st.builds(Amount, st.sampled_from([D("2"), D("0.91")]), st.sampled_from(["EUR", MISSING]))
unit_price = st.builds(Amount, st.sampled_from([D("650"), D("83.33"), D("0")]), st.just("EUR"))


def _postings(
    units: st.SearchStrategy[Any], costs: st.SearchStrategy[Any], prices: st.SearchStrategy[Any]
) -> st.SearchStrategy[Posting]:
    return st.builds(
        Posting,
        st.sampled_from(ACCOUNTS),
        units,
        costs,
        prices,
        st.sampled_from([None, "!"]),
        st.sampled_from([None, {"libelle": "x"}]).map(deepcopy),
    )


priced = st.none() | unit_price
plain = st.lists(_postings(amount, st.none(), priced), min_size=1, max_size=4)
blank = st.builds(
    lambda found, account, rank: [
        *found[:rank],
        Posting(account, BLANK, None, None, None, {"lineno": 3}),
        *found[rank:],
    ],
    plain,
    st.sampled_from(ACCOUNTS),
    st.integers(0, 4),
)
odd = st.lists(
    _postings(amount | partly | st.just(MISSING), st.none() | cost, st.none() | price), max_size=4
)
options = st.fixed_dictionaries(
    {
        "use_precise_interpolation": st.booleans(),
        "tolerance_multiplier": st.sampled_from([D("0.5"), D("1.1"), D("0.33333")]),
        "inferred_tolerance_default": st.sampled_from([{}, {"*": D("0.05")}, {"EUR": D("0.1")}]),
        "infer_tolerance_from_cost": st.booleans(),
        "booking_method": st.sampled_from([Booking.STRICT, Booking.FIFO, Booking.NONE]),
    }
)


@given(st.lists(plain | blank | blank | odd, max_size=6), options)
def test_it_books_as_beancount_does(several: list[list[Posting]], said: dict[str, Any]) -> None:
    opened = Open(new_metadata("t", 0), DAY, "Actif:503", [], Booking.LIFO)
    entries: list[Any] = [opened]
    for rank, found in enumerate(several, 1):
        meta = new_metadata("t", rank)
        entries.append(Transaction(meta, DAY, "*", None, "", EMPTY_SET, EMPTY_SET, found))
    map_ = {**OPTIONS_DEFAULTS, **said}
    theirs = _outcome(booking.book, deepcopy(entries), map_)
    ours = _outcome(book, deepcopy(entries), map_)
    # `repr` too: 5 and 5.00 are equal numbers, and not the same text.
    assert ours == theirs
    assert repr(ours) == repr(theirs)


def _outcome(book_: Any, entries: list[Any], map_: dict[str, Any]) -> Any:
    try:
        return book_(entries, map_)
    except Exception as error:  # noqa: BLE001 — Beancount's own mistakes are the same too
        return type(error)


TEXT = """\
option "operating_currency" "EUR"
2026-01-01 open Assets:Bank
2026-01-01 open Assets:Shares  HOOL "FIFO"
2026-01-01 open Income:Sales
2026-02-01 * "Montant laissé en blanc"
  Assets:Bank    10.00 EUR
  Income:Sales
2026-02-02 * "Deux achats"
  Assets:Shares    3 HOOL {10.00 EUR}
  Assets:Shares    3 HOOL {12.00 EUR}
  Assets:Bank
2026-02-03 * "Une vente, au premier lot"
  Assets:Shares   -4 HOOL {}
  Assets:Bank     50.00 EUR
  Income:Sales
2026-02-04 * "Devise tue : celle du compte"
  Assets:Bank     -5.00
  Income:Sales     5.00 EUR
2026-02-05 * "Deux blancs"
  Assets:Bank
  Income:Sales
"""


def test_a_load_gives_what_beancount_gives(tmp_path: Path) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(TEXT, encoding="utf-8")
    entries, errors, options_map = load_raw(path)
    theirs = booking.book  # put back after the load
    assert theirs.__module__ == "beancount.parser.booking"
    stock_entries, stock_errors, stock_options = loader.load_file(str(path))
    assert repr(entries) == repr(stock_entries)
    assert [error.message for error in errors] == [error.message for error in stock_errors]
    assert options_map["input_hash"] == stock_options["input_hash"]
    sale = next(e for e in entries if isinstance(e, Transaction) and "vente" in (e.narration or ""))
    lots = [
        (p.units.number, p.cost.number)
        for p in sale.postings
        if isinstance(p.cost, Cost) and p.units
    ]
    assert lots == [(D("-3"), D("10.00")), (D("-1"), D("12.00"))]


@pytest.mark.parametrize(
    "dossier", sorted(path.parent.name for path in LEDGERS.glob("*/main.beancount"))
)
def test_the_example_dossiers_book_alike(dossier: str) -> None:
    path = LEDGERS / dossier / "main.beancount"
    ours, theirs = load_raw(path)[0], loader.load_file(str(path))[0]
    assert [repr(entry) for entry in ours] == [repr(entry) for entry in theirs]
