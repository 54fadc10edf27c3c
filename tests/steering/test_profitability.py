from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.data import Transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.samples import day, load_text
from tests.steering.samples import MORE_ACCOUNTS

from acompta.contracts import UnknownContractError
from acompta.loading import Loaded, load_ledger
from acompta.steering.profitability import Profitability, profitability

D = Decimal
ROOT = Path(__file__).parent.parent.parent
DOSSIERS = sorted(path.parent for path in (ROOT / "ledgers").glob("*/main.beancount"))

# Contract D2026-020: lot A, 6 000 € (planned cost 3 000), lot B, 10 days at 500 € (70 hours sold, planned 2 000).
# As of 30 June: A billed at 50 %, B not. Costs: 1 000 on A, 200 without a lot. Time: 10 h at 40 € and 5 h at 44 € on
# A, 8 h at 40 € on B.
STORY = """
2026-01-01 custom "cout-horaire" "Marie Durand" 40.00 EUR
2026-05-01 custom "cout-horaire" "Marie Durand" 44.00 EUR
2026-01-01 custom "cout-horaire" "Ali Benali" 40.00 EUR

2026-03-01 * "SCI Dupont" "Maison" #contrat ^D2026-020
  Actif:411:Dupont
  Produits:704:Travaux  -6000.00 EUR
    lot: "A"
    cout-prevu: 3000.00
  Produits:704:Travaux  -10 JOUR @ 500.00 EUR
    lot: "B"
    cout-prevu: 2000.00 EUR

2026-04-02 custom "temps" "Marie Durand" 10 "D2026-020"
  lot: "A"
2026-05-04 custom "temps" "Marie Durand" 5 "^D2026-020"
  lot: "A"
2026-05-05 custom "temps" "Ali Benali" 8 "D2026-020"
  lot: "B"

2026-04-10 * "Grossiste" "Fournitures" #achat ^D2026-020
  numero: "G-80"
  Passif:401:Grossiste
  Charges:606:Fournitures  1000.00 EUR
    tva: 20
    lot: "A"

2026-04-12 * "Grossiste" "Divers, deux chantiers" #achat
  numero: "G-81"
  Passif:401:Grossiste
  Charges:606:Fournitures  200.00 EUR
    tva: 20
    contrat: "D2026-020"
  Charges:606:Fournitures  300.00 EUR
    tva: 20

2026-05-31 * "SCI Dupont" "Situation n° 1" #situation ^D2026-020
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux  -50 PCT
    lot: "A"

2026-06-10 * "Martin" "Hors contrat" #facture
  numero: "F2026-002"
  Actif:411:Martin
  Produits:704:Travaux  -400.00 EUR
"""


def load(more: str = "") -> Loaded:
    loaded = load_text(STORY + more, MORE_ACCOUNTS)
    assert not loaded.errors, loaded.errors
    return loaded


def on(loaded: Loaded, at: str = "30/06", *links: str) -> Profitability:
    return profitability(loaded.book(), loaded.entries, day(at), links)


def test_a_contract_worked_by_hand() -> None:
    found = on(load())
    (one,) = found.contracts
    assert (one.ordered, one.billed, one.revenue) == (D(11000), D(3000), D(3000))
    # 1 000 + 200; 10 × 40 + 5 × 44 + 8 × 40 = 940.
    assert (one.purchases, one.labour, one.spent) == (D(1200), D(940), D(2140))
    assert (one.margin, one.percent) == (D(860), D("28.67"))
    assert (one.hours_sold, one.hours_spent) == (D(70), D(23))
    assert (found.outside_revenue, found.outside_costs) == (D(400), D(300))


def test_its_lots_drift() -> None:
    (one,) = on(load()).contracts
    lots = {lot.name: lot for lot in one.lots}
    a, b, none = lots["A"], lots["B"], lots[""]
    # A: 1 000 + 620 of time, for half of 3 000.
    assert (a.spent, a.percent, a.planned, a.drift) == (D(1620), D(50), D(3000), D(120))
    # B: nothing billed yet, 320 of time already.
    assert (b.spent, b.percent, b.drift) == (D(320), D(0), D(320))
    assert (b.hours_sold, b.hours_spent, b.hours_left) == (D(70), D(8), D(62))
    assert (none.spent, none.planned, none.drift) == (D(200), None, None)
    assert (one.planned, one.drift) == (D(5000), D(440))


def test_the_cost_of_an_hour_is_that_of_its_day_and_the_future_does_not_count() -> None:
    (one,) = on(load(), "30/04").contracts
    assert (one.labour, one.purchases, one.revenue) == (D(400), D(1200), D(0))
    assert one.percent is None


def test_hours_typed_on_a_line_replace_those_of_its_unit() -> None:
    text = STORY.replace("    cout-prevu: 2000.00 EUR\n", "    heures-prevues: 60\n")
    (one,) = on(load_text(text, MORE_ACCOUNTS)).contracts
    assert one.hours_sold == D(60)


def test_what_is_recognised_at_closing_counts() -> None:
    accrual = """
2026-01-01 open Actif:4181:Dupont EUR
2026-01-01 open Passif:44587:FAE EUR
2026-06-30 * "Inventaire" "Travaux faits, à facturer" ^D2026-020
  Actif:4181:Dupont  1200.00 EUR
  Produits:704:Travaux  -1000.00 EUR
  Passif:44587:FAE  -200.00 EUR
"""
    (one,) = on(load(accrual)).contracts
    assert (one.billed, one.revenue) == (D(3000), D(4000))


def test_a_loss_on_an_invoice_of_the_contract_is_its_cost() -> None:
    loss = """
2026-06-20 * "SCI Dupont" "Perdu" ^F2026-001
  Charges:654:Pertes  3600.00 EUR
  Actif:411:Dupont
"""
    (one,) = on(load(loss)).contracts
    # 3 600 with its VAT, 3 000 without.
    assert one.purchases == D(1200) + D(3000)


def test_an_entry_of_two_contracts_is_said_and_counted_in_none() -> None:
    both = """
2026-03-02 * "Martin" "Garage" #contrat ^D2026-021
  Actif:411:Martin
  Produits:704:Travaux  -1000.00 EUR

2026-06-01 * "Loueur" "Pelleteuse" ^D2026-020 ^D2026-021
  Charges:611:SousTraitance  500.00 EUR
  Actif:512:Banque
"""
    found = on(load(both))
    assert [(a.contracts, a.amount) for a in found.ambiguous] == [
        (("D2026-020", "D2026-021"), D(500))
    ]
    assert found.outside_costs == D(800)


def test_an_unknown_contract_is_said() -> None:
    wrong = """
2026-06-01 * "Loueur" "Pelleteuse"
  Charges:611:SousTraitance  500.00 EUR
    contrat: "D2026-999"
  Actif:512:Banque
"""
    found = on(load(wrong))
    assert [a.contracts for a in found.ambiguous] == [("D2026-999",)]
    with pytest.raises(UnknownContractError):
        on(load(), "30/06", "D2026-999")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            'custom "temps" "Marie Durand" 2 "D2026-099"',
            "aucun contrat ne porte le lien ^D2026-099",
        ),
        ('custom "temps" "Luc Petit" 2 "D2026-020"', 'custom "cout-horaire" "Luc Petit" 42.00 EUR'),
        ('custom "temps" "Marie Durand" -2 "D2026-020"', "la personne, les heures, le contrat"),
        ('custom "temps" "Marie Durand" "D2026-020"', "la personne, les heures, le contrat"),
        ('custom "temps" "Marie Durand" 2 "D2026-020"\n  lot: "C"', 'il a "A", "B"'),
        ('custom "temps" "Marie Durand" 2 "D2026-020"\n  lots: "A"', "vouliez-vous dire « lot: »"),
        (
            'custom "cout-horaire" "Marie Durand" 40',
            'custom "cout-horaire" "Marie Durand" 42.00 EUR',
        ),
        ('custom "cout-horaire" "Marie Durand" 40 USD', "42.00 EUR"),
    ],
)
def test_wrong_time_is_an_error_at_its_line(line: str, words: str) -> None:
    loaded = load_text(STORY + f"\n2026-06-05 {line}\n", MORE_ACCOUNTS)
    (error,) = loaded.errors
    assert words in error.message


def test_time_reaches_no_balance() -> None:
    def balances(text: str) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = {}
        for entry in load_text(text, MORE_ACCOUNTS).entries:
            for posting in entry.postings if isinstance(entry, Transaction) else ():
                assert posting.units is not None
                assert posting.units.number is not None
                sums[posting.account] = sums.get(posting.account, D(0)) + posting.units.number
        return sums

    timeless = "\n".join(
        line
        for line in STORY.splitlines()
        if "custom" not in line and line not in {'  lot: "A"', '  lot: "B"'}
    )
    assert balances(STORY) == balances(timeless)


# -- it always adds up to the ledger ----------------------------------------------------------------------------


def check_sums(loaded: Loaded, at: datetime.date) -> None:
    found = profitability(loaded.book(), loaded.entries, at)
    by_class = {"6": D(0), "7": D(0)}
    for entry in loaded.entries:
        if isinstance(entry, Transaction) and entry.date <= at:
            for posting in entry.postings:
                account = loaded.dossier.chart.get(posting.account)
                if account.pcg_class in by_class and posting.units is not None:
                    by_class[account.pcg_class] += posting.units.number or D(0)
    assert sum((c.purchases for c in found.contracts), found.outside_costs) == by_class["6"]
    assert sum((c.revenue for c in found.contracts), found.outside_revenue) == -by_class["7"]
    for one in found.contracts:
        assert one.purchases == sum((lot.purchases for lot in one.lots), D(0))
        assert one.labour == sum((lot.labour for lot in one.lots), D(0))
        assert one.margin == one.revenue - one.purchases - one.labour


@pytest.mark.parametrize("folder", DOSSIERS, ids=lambda folder: folder.name)
def test_the_margins_of_the_examples_add_up_to_the_ledger(folder: Path) -> None:
    loaded = load_ledger(folder)
    for month in (1, 4, 7, 12):
        check_sums(loaded, datetime.date(2026, month, 20))


@settings(max_examples=25, deadline=None)
@given(at=st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)))
def test_the_margins_add_up_on_any_day(at: datetime.date) -> None:
    check_sums(load(), at)
