from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acompta import french

D = Decimal
NARROW, FIXED, MINUS = "\u202f", "\u00a0", "\u2212"

CENTS = st.decimals(-(10**12), 10**12, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1234.56", f"1{NARROW}234,56{FIXED}€"),
        ("0", f"0,00{FIXED}€"),
        ("-1234567.8", f"{MINUS}1{NARROW}234{NARROW}567,80{FIXED}€"),
        ("0.125", f"0,13{FIXED}€"),
        ("-0.125", f"{MINUS}0,13{FIXED}€"),
        ("-0.004", f"0,00{FIXED}€"),
        ("999.995", f"1{NARROW}000,00{FIXED}€"),
        # More digits than Decimal rounds by default: a slip of the finger is shown all the same.
        ("-1" + "0" * 30 + ".05", f"{MINUS}1" + f"{NARROW}000" * 10 + f",05{FIXED}€"),
    ],
)
def test_an_amount_is_written_to_the_cent_rounded_half_up(value: str, written: str) -> None:
    assert french.euros(D(value)) == written


@given(CENTS)
def test_an_amount_reads_back_as_itself(value: Decimal) -> None:
    text = french.number(value).replace(NARROW, "").replace(",", ".").replace(MINUS, "-")
    assert D(text) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [("42.50", "42,5"), ("3.00", "3"), ("1E+3", f"1{NARROW}000"), ("0.0625", "0,0625"), ("0", "0")],
)
def test_a_quantity_keeps_the_decimals_it_needs(value: str, written: str) -> None:
    assert french.quantity(D(value)) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("185", "185,00"),
        ("0.125", "0,125"),
        ("1.2345678", "1,234568"),
        ("4500.00", f"4{NARROW}500,00"),
    ],
)
def test_a_unit_price_has_two_to_six_decimals(value: str, written: str) -> None:
    assert french.unit_price(D(value)) == written


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        ("1", "heure", "1 heure"),
        ("1.99", "heure", "1,99 heure"),
        ("2", "heure", "2 heures"),
        ("-3", "pièce", f"{MINUS}3 pièces"),
        ("3", "mois", "3 mois"),
        ("42.5", "m²", "42,5 m²"),
        ("5", "kg", "5 kg"),
        ("5", "", "5"),
    ],
)
def test_units_take_the_plural_from_two(value: str, unit: str, written: str) -> None:
    assert french.counted(D(value), unit).replace(FIXED, " ") == written


@pytest.mark.parametrize(("value", "written"), [("20.00", "20"), ("5.5", "5,5"), ("0", "0")])
def test_a_percentage(value: str, written: str) -> None:
    assert french.percent(D(value)) == f"{written}{FIXED}%"


def test_dates_in_full_and_in_figures() -> None:
    assert french.day(datetime.date(2026, 1, 15)).replace(FIXED, " ") == "15 janvier 2026"
    assert french.day(datetime.date(2026, 8, 1)).replace(FIXED, " ") == "1er août 2026"
    assert french.short_day(datetime.date(2026, 8, 1)) == "01/08/2026"
    assert french.month(datetime.date(2026, 2, 3)) == "février 2026"


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        ("2026-03-15", "2026-03-15", "15 mars 2026"),
        ("2026-03-01", "2026-03-31", "du 1er au 31 mars 2026"),
        ("2026-03-15", "2026-04-02", "du 15 mars au 2 avril 2026"),
        ("2025-12-15", "2026-01-02", "du 15 décembre 2025 au 2 janvier 2026"),
        ("2025-03-15", "2026-03-15", "du 15 mars 2025 au 15 mars 2026"),
    ],
)
def test_a_period_says_each_word_once(start: str, end: str, written: str) -> None:
    first, last = datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
    assert french.period(first, last).replace(FIXED, " ") == written


def test_printed_punctuation() -> None:
    assert french.typographic("l'an : 30 % !") == f"l’an{FIXED}: 30{FIXED}%{FIXED}!"
    assert french.typographic("« Bon »") == f"«{FIXED}Bon{FIXED}»"


@given(st.text())
def test_printed_punctuation_changes_only_spaces_and_apostrophes(text: str) -> None:
    printed = french.typographic(text)
    assert len(printed) == len(text)
    assert {(a, b) for a, b in zip(text, printed, strict=True) if a != b} <= {
        ("'", "’"),
        (" ", FIXED),
    }


def test_a_country_has_its_french_name() -> None:
    assert [french.country_name(code) for code in ("BE", "US", "ZZ9")] == [
        "Belgique",
        "États-Unis",
        "",
    ]


def test_a_country_is_found_by_its_name() -> None:
    assert [french.country_code(name) for name in ("Belgique", "états-unis", "Atlantide")] == [
        "BE",
        "US",
        "",
    ]
