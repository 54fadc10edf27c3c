from __future__ import annotations

import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from beancount.core.data import Transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.samples import day, load_text
from tests.steering.samples import MORE_ACCOUNTS, STORY

from acompta.contracts import contract_links, contract_view
from acompta.loading import Loaded, load_ledger
from acompta.receivables import aged_balance
from acompta.steering.cash import forecast
from acompta.steering.flows import Flow, Forecast, Source
from acompta.steering.habits import overall_habit, payment_habits
from acompta.steering.milestones import all_milestones, forgotten_milestones

D = Decimal
ROOT = Path(__file__).parent.parent.parent
DOSSIERS = sorted(path.parent for path in (ROOT / "ledgers").glob("*/main.beancount"))
DUPONT, MARTIN = "Actif:411:Dupont", "Actif:411:Martin"


@pytest.fixture(scope="module")
def story() -> Loaded:
    loaded = load_text(STORY, MORE_ACCOUNTS)
    assert not loaded.errors
    return loaded


def at_end_of_may(loaded: Loaded, months: int = 3, *, weekly: bool = False) -> Forecast:
    return forecast(loaded.book(), loaded.entries, day("31/05"), months=months, weekly=weekly)


def found(flows: tuple[Flow, ...], source: Source) -> list[tuple[str, Decimal]]:
    return [
        (f.date.strftime("%d/%m") if f.date else "", f.amount) for f in flows if f.source is source
    ]


# -- habits ---------------------------------------------------------------------------------------------------


def test_the_average_delay_of_each_customer(story: Loaded) -> None:
    habits = payment_habits(story.book(), day("31/05"))
    dupont, martin = habits[DUPONT], habits[MARTIN]
    # 10, 20 and 25 days late: 55 / 3 = 18.33. From the invoice: 40, 50 and 25 days: 115 / 3 = 38.33.
    assert (dupont.paid, dupont.delay, dupont.days, dupont.shift) == (3, 18, 38, 18)
    # Five days early: the money is still expected on the due date.
    assert (martin.paid, martin.delay, martin.days, martin.shift) == (1, -5, 25, 0)
    # (10 + 20 + 25 - 5) / 4 = 12.5, rounded half-up.
    assert overall_habit(story.book(), day("31/05")).delay == 13


def test_before_anything_is_paid_there_is_no_habit(story: Loaded) -> None:
    assert payment_habits(story.book(), day("23/02")) == {}
    assert overall_habit(story.book(), day("23/02")).delay is None


def test_a_payment_that_comes_back_is_no_payment() -> None:
    text = """
2026-01-15 * "SCI Dupont" "Étude" #facture
  numero: "F2026-001"
  echeance: 2026-02-14
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR

2026-02-24 * "SCI Dupont" "Chèque" ^F2026-001
  Actif:512:Banque  1200.00 EUR
  Actif:411:Dupont

2026-03-02 * "SCI Dupont" "Chèque rejeté" ^F2026-001
  Actif:512:Banque  -1200.00 EUR
  Actif:411:Dupont

2026-03-16 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  1200.00 EUR
  Actif:411:Dupont
"""
    book = load_text(text).book()
    assert payment_habits(book, day("28/02"))[DUPONT].delay == 10
    assert payment_habits(book, day("10/03")) == {}
    assert payment_habits(book, day("31/03"))[DUPONT].delay == 30


def test_a_loss_or_a_credit_note_is_no_payment() -> None:
    text = """
2026-01-15 * "SCI Dupont" "Étude" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR

2026-02-20 * "SCI Dupont" "Annulation" #avoir
  numero: "A2026-001"
  sur: "F2026-001"
  Actif:411:Dupont  -100 PCT

2026-02-21 * "Martin" "Étude" #facture
  numero: "F2026-002"
  Actif:411:Martin
  Produits:704:Travaux  -1000.00 EUR

2026-04-21 * "Martin" "Perdu" ^F2026-002
  Charges:654:Pertes  1200.00 EUR
  Actif:411:Martin
"""
    loaded = load_text(text)
    assert not loaded.errors
    assert payment_habits(loaded.book(), day("31/05")) == {}


# -- milestones -----------------------------------------------------------------------------------------------


def test_what_is_left_to_bill_line_by_line(story: Loaded) -> None:
    found = [
        (m.contract, m.date, m.label, m.share.total, m.recovered, m.retention)
        for m in all_milestones(story.book(), day("31/05"))
    ]
    assert found == [
        ("D2026-010", day("30/04"), "Terrassement", D(4800), D(0), D(240)),
        # 40 % of 2 400, agreed on 20 May and never asked for.
        ("D2026-011", day("20/05"), "Acompte convenu", D(960), D(0), D(0)),
        ("D2026-010", day("30/06"), "Maçonnerie", D(3600), D(0), D(180)),
        ("D2026-011", day("15/07"), "Ravalement", D(2400), D(960), D(0)),
        # The deposit already asked for comes off the last bill: nothing left to pay, so nothing to hold back.
        ("D2026-010", None, "Finitions", D(3600), D(3600), D(0)),
    ]


def test_the_forgotten_milestones(story: Loaded) -> None:
    def on(text: str) -> list[str]:
        return [m.label for m in forgotten_milestones(story.book(), day(text))]

    assert on("30/04") == []  # it can still be billed today
    assert on("01/05") == ["Terrassement"]
    assert on("31/05") == ["Terrassement", "Acompte convenu"]


def test_a_bill_takes_the_earliest_lines_of_its_lot() -> None:
    bill = """
2026-05-30 * "SCI Dupont" "Situation n° 1" #situation ^D2026-010
  numero: "F2026-006"
  Actif:411:Dupont
  Produits:704:Travaux  -70 PCT
    lot: "A"
"""
    loaded = load_text(STORY + bill, MORE_ACCOUNTS)
    assert not loaded.errors
    # 70 % of 7 000 = 4 900: all of the 4 000, and 900 of the 3 000 of June.
    left = [
        (m.label, m.share.base)
        for m in all_milestones(loaded.book(), day("31/05"))
        if m.contract == "D2026-010"
    ]
    assert left == [("Maçonnerie", D(2100)), ("Finitions", D(3000))]


def test_a_prorata_contract_recovers_its_deposit_on_each_bill() -> None:
    text = STORY.replace("  retenue: 5\n", '  imputation: "prorata"\n')
    found = [
        (m.label, m.recovered)
        for m in all_milestones(load_text(text, MORE_ACCOUNTS).book(), day("31/05"))
        if m.contract == "D2026-010"
    ]
    # 3 600 over 4 800 + 3 600 + 3 600.
    assert found == [("Terrassement", D(1440)), ("Maçonnerie", D(1080)), ("Finitions", D(1080))]


def test_a_date_on_the_contract_is_that_of_its_lines() -> None:
    text = """
2026-05-20 * "Martin" "Ravalement" #contrat ^D2026-011
  prevu: 2026-07-15
  Actif:411:Martin
  Produits:704:Travaux  -2000.00 EUR
"""
    assert [m.date for m in all_milestones(load_text(text).book(), day("31/05"))] == [day("15/07")]


# -- the forecast ---------------------------------------------------------------------------------------------


def test_the_cash_of_three_months(story: Loaded) -> None:
    cash = at_end_of_may(story)
    # 5 000 + 1 200 + 2 400 + 360 + 3 600.
    assert cash.opening == D(12560)
    # Due on 31/05, and eighteen days late as usual.
    assert found(cash.flows, Source.RECEIVABLE) == [("18/06", D(600))]
    assert found(cash.flows, Source.PLANNED) == [
        ("16/06", D(960)),  # asked for tomorrow, 15 days, on time
        ("19/07", D(4560)),  # billed tomorrow, 30 days, 18 days late, less the retention
        ("30/07", D(1440)),  # 15/07 + 15 days; 2 400 less the deposit
        ("17/08", D(3420)),  # 30/06 + 30 + 18 days
    ]
    # The supplier is paid at 45 days: 22/05 + 45.
    assert found(cash.flows, Source.SUPPLIER) == [("06/07", D(-120))]
    assert found(cash.flows, Source.VAT) == [
        ("01/06", D(-200)),  # February, due on 20/03 and never settled
        ("01/06", D(-400)),  # April, due on 20/05
        ("20/06", D(-640)),  # May: 60 + 600 collected, less 20
        ("20/07", D(-260)),  # June: 100 + 160
        ("20/08", D(-1000)),  # July: 760 + 240
        ("20/09", D(-570)),
    ]
    assert [(p.start, p.receipts, p.payments, p.closing) for p in cash.periods] == [
        (day("01/06"), D(1560), D(-1240), D(12880)),
        (day("01/07"), D(6000), D(-380), D(18500)),
        (day("01/08"), D(3420), D(-1000), D(20920)),
    ]
    assert [f.amount for f in cash.later] == [D(-570)]
    # No date: three retentions on bills to come, and the last bill, less the deposit and its own retention.
    assert sum(f.amount for f in cash.undated) == D(240) + D(180) + D(180) - D(180)
    assert cash.lowest.closing == D(12880)
    assert [m.label for m in cash.forgotten] == ["Terrassement", "Acompte convenu"]


def test_weeks_begin_on_a_monday_and_add_up_to_the_months(story: Loaded) -> None:
    weeks = at_end_of_may(story, weekly=True).periods
    assert weeks[0].start == day("01/06")
    assert all(week.start.weekday() == 0 for week in weeks)
    assert all(a.end + datetime.timedelta(days=1) == b.start for a, b in pairwise(weeks))
    assert weeks[-1].closing == D(20920)


def test_a_doubtful_invoice_is_not_expected() -> None:
    doubtful = """
2026-05-25 * "SCI Dupont" "Redressement judiciaire" ^F2026-005
  Actif:416:Dupont  600.00 EUR
  Actif:411:Dupont
"""
    loaded = load_text(STORY + doubtful, MORE_ACCOUNTS)
    assert not loaded.errors
    cash = at_end_of_may(loaded)
    assert found(cash.flows, Source.RECEIVABLE) == []
    assert found(cash.undated, Source.RECEIVABLE) == [("", D(600))]
    assert cash.total(Source.RECEIVABLE) == D(600)


def test_what_has_no_purchase_invoice_is_paid_first() -> None:
    rent = """
2026-05-28 * "Grossiste" "Facture saisie sans étiquette"
  Charges:606:Fournitures  75.00 EUR
  Passif:401:Grossiste
"""
    cash = at_end_of_may(load_text(STORY + rent, MORE_ACCOUNTS))
    assert found(cash.flows, Source.SUPPLIER) == [("01/06", D(-75)), ("06/07", D(-120))]


def test_a_credit_of_vat_is_set_against_the_months_to_come() -> None:
    machine = """
2026-05-29 * "Grossiste" "Machine" #achat
  numero: "G-78"
  Passif:401:Grossiste
  Charges:606:Fournitures  7000.00 EUR
    tva: 20
"""
    cash = at_end_of_may(load_text(STORY + machine, MORE_ACCOUNTS))
    # 1 400 more to deduct in May: 640 − 1 400 = a credit of 760, set against the 260 of June, then the 1 000 of July.
    assert found(cash.flows, Source.VAT)[2:3] == [("20/08", D(-500))]
    assert cash.vat_credit == 0


def test_the_vat_of_past_months_is_paid_this_month(story: Loaded) -> None:
    cash = forecast(story.book(), story.entries, day("15/05"), months=2)
    # 200 collected in February, late; 400 in April; then 60 in May, and the 600 of the deposit expected on 16/05.
    assert found(cash.flows, Source.VAT)[:3] == [
        ("16/05", D(-200)),
        ("20/05", D(-400)),
        ("20/06", D(-660)),
    ]


def test_what_a_return_left_to_pay_is_paid_on_its_day() -> None:
    settled = """
2026-01-01 open Passif:44551:Tva EUR

2026-05-12 * "Liquidation de la TVA d'avril"
  Passif:44571:TVA20  600.00 EUR
  Passif:44551:Tva   -600.00 EUR
"""
    loaded = load_text(STORY + settled, MORE_ACCOUNTS)
    assert not loaded.errors
    cash = forecast(loaded.book(), loaded.entries, day("15/05"), months=2)
    vat = [(f.label, f.date, f.amount) for f in cash.flows if f.source is Source.VAT]
    assert vat[:2] == [
        ("TVA d'avril 2026, déclarée (44551)", day("20/05"), D(-600)),
        ("TVA de mai 2026", day("20/06"), D(-660)),
    ]


# -- the returns of a quarter -----------------------------------------------------------------------------------

# At 20 %, on receipts, each invoice paid on its due date, so that no delay shifts anything:
#   first quarter: 200 (F2026-001) + 400 (F2026-002) received, 20 to deduct: 580, due on 24/04;
#   second: 600 (F2026-003) received on 05/05; 200 (F2026-004) to receive on 11/06; 80 of goods that a draft delivers
#   on 20/06, whatever the payment: 880, due on 24/07;
#   third: 100 (F2026-005) to receive on 10/07, 50 of services of the same draft, paid on 20/07: 150, due on 24/10.
QUARTER: Final = """
2026-01-01 open Passif:44551:Tva EUR
2026-01-01 open Produits:707:Ventes EUR
  tva: 20

2026-01-20 * "SCI Dupont" "Étude" #facture
  numero: "F2026-001"
  echeance: 2026-02-10
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR

2026-02-10 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  1200.00 EUR
  Actif:411:Dupont

2026-03-05 * "SCI Dupont" "Étude" #facture
  numero: "F2026-002"
  echeance: 2026-03-20
  Actif:411:Dupont
  Produits:704:Travaux  -2000.00 EUR

2026-03-15 * "Papeterie" "Fournitures payées"
  Charges:606:Fournitures  100.00 EUR
  Actif:44566:TVA20  20.00 EUR
  Actif:512:Banque  -120.00 EUR

2026-03-20 * "SCI Dupont" "Virement" ^F2026-002
  Actif:512:Banque  2400.00 EUR
  Actif:411:Dupont

2026-04-10 * "SCI Dupont" "Étude" #facture
  numero: "F2026-003"
  echeance: 2026-05-05
  Actif:411:Dupont
  Produits:704:Travaux  -3000.00 EUR

2026-05-05 * "SCI Dupont" "Virement" ^F2026-003
  Actif:512:Banque  3600.00 EUR
  Actif:411:Dupont

2026-05-12 * "SCI Dupont" "Étude" #facture
  numero: "F2026-004"
  echeance: 2026-06-11
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR

2026-05-14 * "SCI Dupont" "Étude" #facture
  numero: "F2026-005"
  echeance: 2026-07-10
  Actif:411:Dupont
  Produits:704:Travaux  -500.00 EUR

2026-06-20 ! "SCI Dupont" "Lampes et pose" #facture
  delai: "30 jours"
  Actif:411:Dupont
  Produits:707:Ventes  -400.00 EUR
  Produits:704:Travaux  -250.00 EUR
"""
SETTLED: Final = """
2026-03-31 * "DGFiP" "TVA du 1er trimestre"
  declaration: "2026-T1"
  Passif:44571:TVA20  600.00 EUR
  Actif:44566:TVA20  -20.00 EUR
  Passif:44551:Tva  -580.00 EUR
"""
PAID: Final = """
2026-04-24 * "DGFiP" "TVA du 1er trimestre payée"
  Passif:44551:Tva  580.00 EUR
  Actif:512:Banque  -580.00 EUR
"""
BY_QUARTER: Final = MORE_ACCOUNTS.replace(
    '  regime-tva: "encaissements"',
    '  regime-tva: "encaissements"\n  periodicite-tva: "trimestre"\n  jour-tva: 24',
)


def vat_of(text: str, at: str, accounts: str = BY_QUARTER) -> list[tuple[str, str, Decimal]]:
    loaded = load_text(text, accounts)
    assert not loaded.errors, loaded.errors
    cash = forecast(loaded.book(), loaded.entries, day(at), months=6)
    vat = [flow for flow in cash.flows if flow.source is Source.VAT]
    return [(f.date.strftime("%d/%m") if f.date else "", f.label, f.amount) for f in vat]


NEXT_QUARTERS: Final = [
    ("24/07", "TVA du 2e trimestre 2026", D(-880)),
    ("24/10", "TVA du 3e trimestre 2026", D(-150)),
]


def test_the_vat_of_a_quarter_is_paid_with_its_return() -> None:
    assert vat_of(QUARTER + SETTLED + PAID, "15/05") == NEXT_QUARTERS


@pytest.mark.parametrize("at", ["31/03", "15/04"])
def test_a_return_made_on_the_last_day_is_paid_the_month_after(at: str) -> None:
    first = ("24/04", "TVA du 1er trimestre 2026, déclarée (44551)", D(-580))
    assert vat_of(QUARTER + SETTLED, at)[0] == first


def test_a_quarter_that_nobody_settled_is_what_its_return_says() -> None:
    assert vat_of(QUARTER, "15/04")[0] == ("24/04", "TVA du 1er trimestre 2026", D(-580))
    late = ("16/05", "TVA du 1er trimestre 2026", D(-580))
    assert vat_of(QUARTER, "15/05") == [late, *NEXT_QUARTERS]


def test_a_settlement_without_a_name_is_that_of_the_period_before() -> None:
    typed_late = SETTLED.replace("2026-03-31", "2026-04-18").replace(
        '  declaration: "2026-T1"\n', ""
    )
    first = ("24/04", "TVA du 1er trimestre 2026, déclarée (44551)", D(-580))
    assert vat_of(QUARTER + typed_late, "20/04")[0] == first


def test_the_same_story_declared_every_month() -> None:
    """May: 600. June: 200 + 80. July: 100 + 50. Paid on the 20th, which nobody has said otherwise."""
    monthly = SETTLED.replace("2026-T1", "2026-03")
    assert vat_of(QUARTER + monthly + PAID, "15/05", MORE_ACCOUNTS) == [
        ("20/06", "TVA de mai 2026", D(-600)),
        ("20/07", "TVA de juin 2026", D(-280)),
        ("20/08", "TVA de juillet 2026", D(-150)),
    ]


def test_on_debits_the_vat_of_a_draft_is_due_with_its_bill() -> None:
    """On debits all of the story is due with its bills: F2026-003 to -005 and the draft, 600 + 200 + 100 + 130."""
    debits = BY_QUARTER.replace('"encaissements"', '"debits"')
    found_vat = vat_of(QUARTER + SETTLED + PAID, "15/05", debits)
    assert found_vat == [("24/07", "TVA du 2e trimestre 2026", D(-1030))]


@pytest.mark.parametrize(
    ("key", "value"), [("jour-tva", "31"), ("periodicite-tva", '"trimestriel"')]
)
def test_how_vat_is_declared_is_typed_in_known_words(key: str, value: str) -> None:
    accounts = MORE_ACCOUNTS.replace(
        '  regime-tva: "encaissements"', f'  regime-tva: "encaissements"\n  {key}: {value}'
    )
    assert [key in error.message for error in load_text(QUARTER, accounts).errors] == [True]


def test_a_draft_outside_any_contract_is_foreseen() -> None:
    draft = """
2026-06-10 ! "Martin" "Retouches" #facture
  delai: "20 jours"
  Actif:411:Martin
  Produits:704:Travaux  -100.00 EUR
"""
    cash = at_end_of_may(load_text(STORY + draft, MORE_ACCOUNTS))
    assert found(cash.flows, Source.DRAFT) == [("30/06", D(120))]


def test_a_recurring_model_is_foreseen_each_month() -> None:
    model = """
2026-05-10 ! "Martin" "Entretien de {mois}" #facture
  recurrence: "mensuelle"
  delai: "10 jours"
  expire: 2026-07-31
  Actif:411:Martin
  Produits:704:Travaux  -50.00 EUR

2026-06-10 ! "Martin" "Entretien de juin" #facture
  modele: "2026-06 Entretien de {mois}"
  delai: "10 jours"
  Actif:411:Martin
  Produits:704:Travaux  -50.00 EUR
"""
    cash = at_end_of_may(load_text(STORY + model, MORE_ACCOUNTS))
    # June is already a draft, July is the last one.
    assert found(cash.flows, Source.DRAFT) == [("20/06", D(60))]
    assert found(cash.flows, Source.RECURRING) == [("20/07", D(60))]


# -- it always adds up ----------------------------------------------------------------------------------------


def of_planned_bills(cash: Forecast) -> Decimal:
    """Planned billing with its retentions: those of bills to come name a contract."""
    return cash.total(Source.PLANNED) + sum(
        (
            f.amount
            for f in (*cash.flows, *cash.undated)
            if f.source is Source.RETENTION and f.reference[0] == "^"
        ),
        D(0),
    )


def check_sums(loaded: Loaded, at: datetime.date) -> None:
    book = loaded.book()
    cash = forecast(book, loaded.entries, at)
    planned = of_planned_bills(cash)
    everything = cash.total(Source.RECEIVABLE, Source.CREDIT, Source.RETENTION, Source.PLANNED)
    assert everything - planned == aged_balance(book, at).total
    views = [contract_view(book, link, at) for link in contract_links(loaded.dossier)]
    left = sum(
        (v.left.total - v.deposits_left.total for v in views if v.signed and v.signed <= at), D(0)
    )
    assert planned == left
    suppliers = sum(
        (
            posting.units.number
            for entry in loaded.entries
            if isinstance(entry, Transaction) and entry.date <= at
            for posting in entry.postings
            if posting.units is not None
            and posting.units.number is not None
            and loaded.dossier.chart.get(posting.account).role in {"401", "403", "404"}
        ),
        D(0),
    )
    assert cash.total(Source.SUPPLIER) == suppliers
    assert cash.periods[-1].closing + sum(
        (f.amount for f in cash.later), D(0)
    ) == cash.opening + sum((f.amount for f in cash.flows), D(0))
    assert all(f.date is None or f.date > at for f in cash.flows)


@pytest.mark.parametrize("folder", DOSSIERS, ids=lambda folder: folder.name)
def test_the_forecast_adds_up_in_every_example(folder: Path) -> None:
    loaded = load_ledger(folder)
    for month in range(1, 13):
        check_sums(loaded, datetime.date(2026, month, 17))


@settings(max_examples=60, deadline=None)
@given(at=st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)))
def test_the_forecast_adds_up_on_any_day(at: datetime.date, story: Loaded) -> None:
    check_sums(story, at)
