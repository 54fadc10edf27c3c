from __future__ import annotations

import datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.samples import ACCOUNTS, day, load_text
from tests.reminders.samples import LATE_ACCOUNTS, STORY

from acompta.loading import Loaded
from acompta.reminders.penalties import Charged, Penalty, charged_penalties, penalty_of
from acompta.reminders.proposal import proposals
from acompta.reminders.rates import BUSINESS, HALVES, PUBLIC, Rule, half_of, is_known, legal_rate

D = Decimal
ZERO = D(0)


@pytest.fixture(scope="module")
def story() -> Loaded:
    loaded = load_text(STORY, LATE_ACCOUNTS)
    assert not loaded.errors
    return loaded


def penalty(loaded: Loaded, number: str, at: str, *, disputed: Decimal = ZERO) -> Penalty:
    book = loaded.book()
    charged = charged_penalties(book, loaded.entries, day(at))
    return penalty_of(book, loaded.dossier.claims[number], day(at), charged, disputed=disputed)


# -- rates ----------------------------------------------------------------------------------------------------


def test_the_halves_follow_each_other() -> None:
    starts = [half.start for half in HALVES]
    assert starts == [
        datetime.date(2020 + index // 2, 7 if index % 2 else 1, 1) for index in range(len(starts))
    ]


def test_the_legal_rate_of_a_half_year_holds_until_the_next_one() -> None:
    began = day("15/06")
    assert BUSINESS.rate(day("30/06"), began) == D("12.15")
    assert BUSINESS.rate(day("01/07"), began) == D("12.40")
    # A public body keeps the half-year when its delay began, plus eight points.
    assert PUBLIC.rate(day("01/07"), began) == D("10.15")


def test_an_agreed_rate_is_never_below_three_times_the_legal_interest_rate() -> None:
    assert Rule(agreed=D(15)).rate(day("01/03"), day("01/03")) == D(15)
    assert legal_rate(day("01/03")) == D("2.62")
    assert Rule(agreed=D(5)).rate(day("01/03"), day("01/03")) == D("7.86")


def test_a_half_year_not_published_takes_the_last_one_and_says_so() -> None:
    far = datetime.date(2031, 3, 1)
    assert half_of(far) == HALVES[-1]
    assert not is_known(far)
    assert is_known(day("01/07"))


# -- one invoice ------------------------------------------------------------------------------------------------


def test_an_invoice_paid_sixty_days_late(story: Loaded) -> None:
    found = penalty(story, "F2026-001", "31/05")
    # Case D27: 12 000 × 12.15 % × 60 / 365 = 239.67, and 40 €.
    assert (found.days, found.interest, found.indemnity) == (60, D("239.67"), D(40))
    assert [(s.first, s.last) for s in found.spans] == [(day("01/03"), day("29/04"))]


def test_no_penalty_on_the_due_date_and_one_day_after_it(story: Loaded) -> None:
    assert penalty(story, "F2026-003", "30/06").total == 0
    found = penalty(story, "F2026-003", "01/07")
    # 600 × 12.40 % × 1 / 365 = 0.2038.
    assert (found.days, found.interest, found.indemnity) == (1, D("0.20"), D(40))


def test_the_rate_and_the_principal_change_on_their_days(story: Loaded) -> None:
    found = penalty(story, "F2026-002", "31/07")
    assert [(s.first, s.last, s.principal, s.rate, s.days) for s in found.spans] == [
        (day("01/06"), day("30/06"), D(6000), D("12.15"), 30),
        (day("01/07"), day("15/07"), D(6000), D("12.40"), 15),
        (day("16/07"), day("31/07"), D(4000), D("12.40"), 16),
    ]
    # (6 000 × 12.15 × 30 + 6 000 × 12.40 × 15 + 4 000 × 12.40 × 16) / 36 500
    # = (2 187 000 + 1 116 000 + 793 600) / 36 500 = 112.2356.
    assert found.interest == D("112.24")


def test_a_consumer_owes_neither_penalty_nor_indemnity(story: Loaded) -> None:
    found = penalty(story, "F2026-004", "31/12")
    assert (found.spans, found.total) == ((), D(0))


def test_a_public_body_keeps_the_rate_of_its_first_day(story: Loaded) -> None:
    found = penalty(story, "F2026-005", "20/07")
    # 30 days from 21/06 at 2.15 + 8 %: 2 400 × 10.15 × 30 / 36 500 = 20.0219.
    assert (found.days, found.interest, found.indemnity) == (30, D("20.02"), D(40))
    assert {span.rate for span in found.spans} == {D("10.15")}


def test_what_is_disputed_bears_nothing(story: Loaded) -> None:
    assert penalty(story, "F2026-006", "31/07", disputed=D(3600)).total == 0


def test_the_agreed_rate_of_the_seller_then_of_the_customer() -> None:
    seller = LATE_ACCOUNTS.replace('  regime-tva: "enc', '  taux-penalites: 15\n  regime-tva: "enc')
    found = penalty(load_text(STORY, seller), "F2026-001", "31/05")
    # 12 000 × 15 × 60 / 36 500 = 295.8904.
    assert found.interest == D("295.89")
    customer = seller.replace('"SCI Dupont"\n', '"SCI Dupont"\n  taux-penalites: 5\n')
    # Three times 2.62 %: 12 000 × 7.86 × 60 / 36 500 = 155.0466.
    assert penalty(load_text(STORY, customer), "F2026-001", "31/05").interest == D("155.05")


RETENTION = """
2026-01-05 * "SCI Dupont" "Extension" #contrat ^D2026-001
  retenue: 5
  reception: 2026-03-31
  Actif:411:Dupont
  Produits:704:Travaux  -10000.00 EUR

2026-03-31 * "SCI Dupont" "Solde" #solde ^D2026-001
  numero: "F2026-001"
  echeance: 2026-04-30
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT
"""


def test_a_retention_bears_nothing_before_its_release() -> None:
    loaded = load_text(RETENTION, LATE_ACCOUNTS)
    book = loaded.book()
    claim = loaded.dossier.claims["F2026-001"]
    # 12 000 less 600: 11 400 late from 30/04.
    assert penalty(loaded, "F2026-001", "10/05").spans[0].principal == D(11400)
    # Released on 31/03/2027: from 1 April, the 600 are late too.
    found = penalty_of(book, claim, datetime.date(2027, 4, 2), {})
    assert [(s.first, s.principal) for s in found.spans][-1] == (
        datetime.date(2027, 4, 1),
        D(12000),
    )
    assert found.provisional


def test_what_was_billed_is_not_claimed_again(story: Loaded) -> None:
    (proposal,) = proposals(
        story.book(), story.entries, day("31/05"), accounts=["Actif:411:Dupont"], paid_too=True
    )
    accepted = proposal.text.replace("!", "*").replace(
        "#facture\n", '#facture\n  numero: "F2026-007"\n'
    )
    loaded = load_text(STORY + "\n" + accepted, LATE_ACCOUNTS)
    assert not loaded.errors
    found = penalty(loaded, "F2026-001", "31/05")
    assert (found.charged, found.total) == (Charged(D("239.67"), D(40)), D(0))
    claim = loaded.dossier.claims["F2026-007"]
    # 239.67 + 40, without VAT, as the golden case of row 37.
    assert claim.document_total == D("279.67")
    assert not claim.shares
    # And no penalty on penalties, late as they may be.
    assert penalty(loaded, "F2026-007", "31/12").total == 0


def test_an_entry_that_links_the_invoice_counts_as_billed_too() -> None:
    entry = """
2026-05-04 * "SCI Dupont" "Intérêts" ^F2026-001
  Actif:411:Dupont  139.67 EUR
  Produits:7631:Interets  -99.67 EUR
  Produits:7581:Indemnites  -40.00 EUR
"""
    found = penalty(load_text(STORY + entry, LATE_ACCOUNTS), "F2026-001", "31/05")
    assert (found.interest, found.indemnity) == (D("140.00"), D(0))


def test_the_accounts_that_are_missing_are_opened_by_the_proposal() -> None:
    story = STORY[: STORY.index("2026-04-29")]
    plain = ACCOUNTS.replace("open Produits:763:Penalites EUR", "open Produits:763:Autres EUR")
    loaded = load_text(story, plain)
    (proposal,) = proposals(loaded.book(), loaded.entries, day("29/04"))
    assert proposal.text.startswith("2026-04-29 open Produits:7631:InteretsDeRetard EUR\n")
    accepted = proposal.text.replace("!", "*").replace(
        "#facture\n", '#facture\n  numero: "F2026-002"\n'
    )
    assert not load_text(story + "\n" + accepted, plain).errors


# -- invariants -------------------------------------------------------------------------------------------------


def by_hand(number: str, at: datetime.date, loaded: Loaded) -> Decimal:
    """Interest day by day, the slow way."""
    claim = loaded.dossier.claims[number]
    due = claim.document.meta["echeance"]
    total = D(0)
    for late in range(1, (at - due).days + 1):
        date = due + datetime.timedelta(days=late)
        owed = claim.open_at(date - datetime.timedelta(days=1))
        total += max(D(0), owed) * BUSINESS.rate(date, date)
    return (total / 36500).quantize(D("0.01"), ROUND_HALF_UP)


@settings(max_examples=80, deadline=None)
@given(at=st.dates(datetime.date(2026, 1, 1), datetime.date(2028, 12, 31)))
def test_interest_is_that_of_each_day(at: datetime.date, story: Loaded) -> None:
    book = story.book()
    for number in ("F2026-001", "F2026-002", "F2026-003"):
        found = penalty_of(book, story.dossier.claims[number], at, {})
        assert found.interest == by_hand(number, at, story)


@settings(max_examples=50, deadline=None)
@given(
    first=st.dates(datetime.date(2026, 3, 1), datetime.date(2027, 6, 1)), more=st.integers(0, 400)
)
def test_interest_never_falls_and_the_indemnity_is_owed_once(
    first: datetime.date, more: int, story: Loaded
) -> None:
    book, claim = story.book(), story.dossier.claims["F2026-002"]
    before = penalty_of(book, claim, first, {})
    after = penalty_of(book, claim, first + datetime.timedelta(days=more), {})
    assert after.accrued >= before.accrued
    assert after.indemnity in {D(0), D(40)}
    assert after.indemnity >= before.indemnity
