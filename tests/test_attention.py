"""What a person should look at, worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.samples import day, load

from acompta.attention import (
    DepositState,
    deposits_to_see,
    drafts,
    late_customers,
)
from acompta.contracts import contract_view
from acompta.receivables import Book, aged_balance

D = Decimal
Read = Callable[[str], Book]

# One lot of 3 000 in two dated halves, another of 1 000 without a date; 1 500 of the first billed on 31 March.
CONTRACT = """
2026-01-12 * "SCI Dupont" "Extension" #contrat ^D1
  Actif:411:Dupont
  Produits:704:Travaux  -1500.00 EUR
    lot: "GO"
    prevu: 2026-03-31
  Produits:704:Travaux  -1500.00 EUR
    lot: "GO"
    prevu: 2026-05-31
  Produits:704:Travaux  -1000.00 EUR
    lot: "CH"
"""
DEPOSIT = """
2026-01-15 * "SCI Dupont" "Acompte" #acompte ^D1
  numero: "F-1"
  Actif:411:Dupont
  Passif:4191:Dupont  -30 PCT
"""
HALF = """
2026-03-31 * "SCI Dupont" "Moitié" #situation ^D1
  numero: "F-2"
  Actif:411:Dupont
  Produits:704:Travaux  -50 PCT
    lot: "GO"
"""
FINAL = """
2026-06-30 * "SCI Dupont" "Solde" #solde ^D1
  numero: "F-3"
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return lambda text: load(tmp_path, text).book()


def test_the_largest_overdue_amount_comes_first(read: Read) -> None:
    text = """
2026-01-05 * "SCI Dupont" "Un" #facture
  numero: "F-1"
  echeance: 2026-01-31
  Actif:411:Dupont
  Produits:704:Travaux  -100.00 EUR

2026-01-06 * "SCI Dupont" "Deux" #facture
  numero: "F-2"
  echeance: 2026-02-28
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR
"""
    book = read(text)
    assert late_customers(aged_balance(book, day("31/01"))) == ()
    [late] = late_customers(aged_balance(book, day("10/02")))
    # 120,00 of the 1 320,00 owed is overdue, for ten days.
    assert (late.overdue, late.total, late.days) == (D("120.00"), D("1320.00"), 10)
    [late] = late_customers(aged_balance(book, day("01/03")))
    assert (late.overdue, late.since, late.invoices) == (
        D("1320.00"),
        day("31/01"),
        ("F-1", "F-2"),
    )


def test_drafts_are_those_that_could_be_issued_now(read: Read) -> None:
    text = CONTRACT + HALF.replace(" * ", " ! ").replace('  numero: "F-2"\n', "")
    text += """
2026-04-02 ! "SCI Dupont" "À la main" #facture
  Actif:411:Dupont
  Produits:704:Travaux  -250.00 EUR
"""
    book = read(text)
    assert drafts(book, day("30/03")) == ()
    found = drafts(book, day("02/04"))
    # 50 % of the 3 000,00 of lot GO.
    assert [(one.document.kind.value, one.amount) for one in found] == [
        ("situation", D("1500.00")),
        ("facture", D("250.00")),
    ]


def test_drafts_of_one_contract_count_one_after_the_other_and_leave_it_as_it_was(
    read: Read,
) -> None:
    text = CONTRACT
    for part in (DEPOSIT, HALF, FINAL):
        text += "".join(
            line.replace(" * ", " ! ") for line in part.splitlines(True) if "numero" not in line
        )
    book = read(text)
    # Deposit: 30 % of 4 800,00 = 1 440,00, or 1 200,00 before tax. Half of 3 000,00. Then 4 000,00 − 1 500,00.
    expected = [D("1200.00"), D("1500.00"), D("2500.00")]
    assert [one.amount for one in drafts(book, day("30/06"))] == expected
    assert [one.amount for one in drafts(book, day("30/06"))] == expected
    assert contract_view(book, "D1", day("30/06")).left.total == D("4800.00")


def test_a_draft_that_cannot_be_issued_has_no_amount(read: Read) -> None:
    wrong = HALF.replace(" * ", " ! ").replace('  numero: "F-2"\n', "").replace("-50", "-150")
    [found] = drafts(read(CONTRACT + wrong), day("30/06"))
    assert found.amount is None


def test_a_deposit_is_stuck_once_its_contract_is_finished(read: Read) -> None:
    text = CONTRACT + DEPOSIT
    text += """
2026-02-28 * "SCI Dupont" "Moins-value" #avenant ^D1
  Actif:411:Dupont
  Produits:704:Travaux   2500.00 EUR
    lot: "GO"
  Produits:704:Travaux   1000.00 EUR
    lot: "CH"

2026-03-31 * "SCI Dupont" "Solde" #solde ^D1
  numero: "F-2"
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT
"""
    book = read(text)
    assert deposits_to_see(book, day("30/03")) == ()
    # Deposit 30 % of 4 800,00 = 1 440,00; the contract comes down to 500,00 + 100,00: 840,00 stay on 4191.
    [found] = deposits_to_see(book, day("31/03"))
    assert (found.state, found.amount, found.since) == (
        DepositState.STUCK,
        D("840.00"),
        day("31/03"),
    )


def test_a_deposit_that_nothing_recovers_for_six_months(read: Read) -> None:
    book = read(CONTRACT + DEPOSIT)
    assert deposits_to_see(book, day("16/07")) == ()  # 182 days
    [found] = deposits_to_see(book, day("17/07"))
    assert (found.state, found.amount, found.numbers) == (
        DepositState.IDLE,
        D("1440.00"),
        ("F-1",),
    )


def test_deposits_all_recovered_while_work_is_left(read: Read) -> None:
    text = CONTRACT + DEPOSIT + HALF + "  Passif:4191:Dupont  100 PCT\n"
    book = read(text)
    [found] = deposits_to_see(book, day("31/03"))
    # 4 800,00 ordered less 1 800,00 billed.
    assert (found.state, found.amount) == (DepositState.SPENT, D("3000.00"))
    assert deposits_to_see(read(text + FINAL), day("30/06")) == ()
