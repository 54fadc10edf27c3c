from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.samples import day, load_text
from tests.reminders.samples import LATE_ACCOUNTS, STORY

from acompta.loading import Loaded, load_ledger
from acompta.receivables import aged_balance
from acompta.reminders.records import record_text
from acompta.reminders.select import Reminders, reminders_at
from acompta.reminders.statements import statements

D = Decimal
ROOT = Path(__file__).parent.parent.parent
DOSSIERS = sorted(path.parent for path in (ROOT / "ledgers").glob("*/main.beancount"))


def load(more: str = "", accounts: str = LATE_ACCOUNTS) -> Loaded:
    loaded = load_text(STORY + more, accounts)
    assert not loaded.errors, loaded.errors
    return loaded


@pytest.fixture(scope="module")
def story() -> Loaded:
    return load()


def on(loaded: Loaded, at: str, *, doubtful: bool = False) -> Reminders:
    return reminders_at(loaded.book(), loaded.entries, day(at), doubtful=doubtful)


def summary(found: Reminders) -> list[tuple[str, int, list[str], Decimal]]:
    return [
        (x.name, x.step.level, [line.number for line in x.lines], x.total) for x in found.letters
    ]


def whys(found: Reminders) -> dict[str, str]:
    return {one.invoice.number: one.why for one in found.unsent}


def test_the_first_reminder_comes_at_five_days(story: Loaded) -> None:
    assert [name for name, *_ in summary(on(story, "04/06"))] == ["Perdu SARL"]
    assert whys(on(story, "04/06"))["F2026-002"] == "rappel à partir du 05/06/2026"
    assert summary(on(story, "05/06")) == [
        ("Martin & Fils", 1, ["F2026-004"], D(1200)),
        ("Perdu SARL", 1, ["F2026-006"], D(3600)),  # until it goes to 416
        ("SCI Dupont", 1, ["F2026-002"], D(6000)),
    ]


def test_one_letter_per_customer_and_level(story: Loaded) -> None:
    assert summary(on(story, "05/07")) == [
        ("Commune de Givry", 1, ["F2026-005"], D(2400)),
        ("Martin & Fils", 1, ["F2026-004"], D(1200)),
        ("SCI Dupont", 1, ["F2026-002", "F2026-003"], D(6600)),
    ]
    sent = '\n2026-06-05 custom "relance" 1 "F2026-002"\n'
    assert summary(on(load(sent), "05/07"))[2:] == [
        # 6 000 × (12.15 × 30 + 12.40 × 5) / 36 500 = 70.1096, and 40 €.
        ("SCI Dupont", 2, ["F2026-002"], D("6110.11")),
        ("SCI Dupont", 1, ["F2026-003"], D(600)),
    ]


def test_no_level_is_sent_twice_nor_jumped() -> None:
    # 35 days late and never reminded: still the first reminder.
    assert [x.step.level for x in on(load(), "05/07").letters if x.name == "SCI Dupont"] == [1]
    first = '\n2026-07-05 custom "relance" 1 "F2026-002" "F2026-003"\n'
    again = on(load(first), "05/07")
    assert "F2026-002" not in [line.number for x in again.letters for line in x.lines]
    # The gap between the first two thresholds is ten days.
    assert whys(again)["F2026-002"] == "deuxième relance à partir du 15/07/2026"
    second = first + '2026-07-15 custom "relance" 2 "F2026-002"\n'
    assert whys(on(load(second), "20/07"))["F2026-002"] == "mise en demeure à partir du 30/07/2026"
    formal = [x for x in on(load(second), "30/07").letters if x.step.last]
    assert [(x.step.title, x.step.level) for x in formal] == [("Mise en demeure", 3)]
    third = second + '2026-07-30 custom "relance" 3 "F2026-002"\n'
    why = whys(on(load(third), "31/12"))["F2026-002"]
    assert why == "tous les niveaux sont envoyés, le dernier le 30/07/2026"


def test_a_reminder_of_later_does_not_count_yet() -> None:
    later = '\n2026-07-05 custom "relance" 1 "F2026-002"\n'
    assert on(load(later), "05/06").letters == on(load(), "05/06").letters


def test_the_levels_are_those_of_the_seller_in_force() -> None:
    text = LATE_ACCOUNTS.replace('  regime-tva: "enc', '  relances: "8, 20"\n  regime-tva: "enc')
    found = on(load(accounts=text), "08/06")
    assert [(x.name, x.step.title) for x in found.letters][1:] == [
        ("Perdu SARL", "Rappel"),
        ("SCI Dupont", "Rappel"),
    ]
    assert on(load(accounts=text), "07/06").letters[0].name == "Perdu SARL"


def test_what_is_doubtful_is_not_reminded_unless_asked(story: Loaded) -> None:
    assert (
        whys(on(story, "30/06"))["F2026-006"] == "créance douteuse ou effet à recevoir (416, 413)"
    )
    asked = on(story, "30/06", doubtful=True)
    assert ("Perdu SARL", 1, ["F2026-006"], D(3600)) in summary(asked)


def test_a_suspended_invoice_waits_until_it_is_resumed() -> None:
    stop = '\n2026-06-04 custom "relance" "suspendue" "F2026-002"\n  motif: "litige"\n'
    assert whys(on(load(stop), "10/06"))["F2026-002"] == "suspendue le 04/06/2026 : litige"
    resumed = stop + '2026-06-20 custom "relance" "reprise" "F2026-002"\n'
    assert "F2026-002" in whys(on(load(resumed), "10/06"))
    assert ["F2026-002"] in [numbers for _, _, numbers, _ in summary(on(load(resumed), "20/06"))]


def test_a_credit_note_is_taken_off_and_may_cover_everything() -> None:
    credit = """
2026-06-02 * "Martin" "Geste" #avoir
  numero: "F2026-007"
  sur: "F2026-004"
  Actif:411:Martin
  Produits:704:Travaux  100.00 EUR
"""
    # An overpayment of another invoice: 500 €.
    over = """
2026-05-02 * "SCI Dupont" "Virement, trop payé" ^F2026-001
  Actif:512:Banque  500.00 EUR
  Actif:411:Dupont
"""
    found = on(load(credit + over), "05/06")
    assert summary(found) == [
        ("Martin & Fils", 1, ["F2026-004"], D(1080)),
        ("Perdu SARL", 1, ["F2026-006"], D(3600)),
        ("SCI Dupont", 1, ["F2026-002"], D(5500)),
    ]
    covered = on(load(over.replace("500.00", "6000.00")), "05/06")
    assert "SCI Dupont" not in [x.name for x in covered.letters]
    assert whys(covered)["F2026-002"] == "couverte par un avoir ou un trop-perçu à imputer"


def test_a_retention_is_reminded_only_once_released() -> None:
    text = """
2026-01-05 * "SCI Dupont" "Extension" #contrat ^D2026-001
  retenue: 5
  Actif:411:Dupont
  Produits:704:Travaux  -10000.00 EUR

2026-03-31 * "SCI Dupont" "Solde" #solde ^D2026-001
  numero: "F2026-001"
  echeance: 2026-04-30
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT

2026-04-30 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  11400.00 EUR
  Actif:411:Dupont
"""
    assert on(load_text(text, LATE_ACCOUNTS), "31/12").letters == ()


# -- mistakes in what the ledger keeps --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('custom "relance" 1 "F2026-999"', "aucune facture ne porte le numéro F2026-999"),
        ('custom "relance" 0 "F2026-001"', "un niveau de 1 à 9"),
        ('custom "relance" "stop" "F2026-001"', '"suspendue" ou "reprise"'),
        ('custom "relance" 1', "le niveau envoyé, puis les factures"),
        ('custom "relance" "F2026-001"', "le niveau envoyé, puis les factures"),
        ('custom "relance" 1 F2026-001', ""),
    ],
)
def test_a_wrong_record_is_an_error_at_its_line(line: str, words: str) -> None:
    loaded = load_text(STORY + f"\n2026-06-05 {line}\n", LATE_ACCOUNTS)
    assert len(loaded.errors) == 1
    assert words in loaded.errors[0].message
    assert (
        loaded.errors[0].source["lineno"]
        == STORY.count("\n") + LATE_ACCOUNTS.lstrip().count("\n") + 2
    )


@pytest.mark.parametrize("value", ["30 15 5", "0 5", "cinq", "", "5 5"])
def test_wrong_levels_are_an_error(value: str) -> None:
    text = LATE_ACCOUNTS.replace('  regime-tva: "enc', f'  relances: "{value}"\n  regime-tva: "enc')
    (error,) = load_text(STORY, text).errors
    assert 'relances: "5 15 30"' in error.message


# -- invariants -------------------------------------------------------------------------------------------------


def check(found: Reminders) -> None:
    for letter in found.letters:
        assert letter.late == sum(line.amount for line in letter.lines)
        assert letter.interest == sum(line.penalty.interest for line in letter.lines)
        assert letter.indemnity == 40 * sum(1 for line in letter.lines if line.penalty.indemnity)
        assert letter.principal > 0
        assert letter.total == letter.principal + (
            letter.penalties if letter.claims_penalties else D(0)
        )


def check_whole(loaded: Loaded, at: datetime.date) -> None:
    found = reminders_at(loaded.book(), loaded.entries, at)
    check(found)
    lines = [line.number for letter in found.letters for line in letter.lines]
    unsent = [one.invoice.number for one in found.unsent]
    late = [i.number for i in aged_balance(loaded.book(), at).invoices if i.ages.overdue > 0]
    # Every late invoice is reminded once, or said not to be.
    assert sorted(lines + unsent) == sorted(late)


@pytest.mark.parametrize("folder", DOSSIERS, ids=lambda folder: folder.name)
def test_every_late_invoice_of_the_examples_is_there_once(folder: Path) -> None:
    loaded = load_ledger(folder)
    for month in range(2, 13):
        check_whole(loaded, datetime.date(2026, month, 11))


@settings(max_examples=25, deadline=None)
@given(days=st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_a_level_is_never_sent_twice_however_often_one_reminds(days: list[int]) -> None:
    text, at = "", day("01/06")
    sent: list[tuple[str, int]] = []
    for more in days:
        at += datetime.timedelta(days=more)
        loaded = load(text)
        found = reminders_at(loaded.book(), loaded.entries, at)
        check_whole(loaded, at)
        sent += [(line.number, x.step.level) for x in found.letters for line in x.lines]
        text += "\n" + record_text(found)
    assert len(sent) == len(set(sent))
    by_invoice: dict[str, list[int]] = {}
    for number, level in sent:
        by_invoice.setdefault(number, []).append(level)
    assert all(levels == list(range(1, len(levels) + 1)) for levels in by_invoice.values())


# -- statements -------------------------------------------------------------------------------------------------


def test_a_statement_worked_by_hand(story: Loaded) -> None:
    (one,) = statements(
        story.book(), story.entries, day("01/05"), day("31/07"), account="Actif:411:Dupont"
    )
    assert (one.opening, one.debit, one.credit, one.closing) == (D(0), D(6600), D(2000), D(4600))
    assert [(m.date, m.number, m.due, m.amount, m.balance) for m in one.movements] == [
        (day("01/05"), "F2026-002", day("31/05"), D(6000), D(6000)),
        (day("02/05"), "F2026-003", day("30/06"), D(600), D(6600)),
        (day("15/07"), "F2026-002", None, D(-2000), D(4600)),
    ]
    assert (one.overdue, one.retention) == (D(4600), D(0))


def test_a_move_to_416_changes_nothing_for_the_customer(story: Loaded) -> None:
    (one,) = statements(
        story.book(), story.entries, day("01/01"), day("31/07"), account="Actif:411:Perdu"
    )
    assert [m.number for m in one.movements] == ["F2026-006"]
    assert one.closing == D(3600)


@pytest.mark.parametrize("folder", DOSSIERS, ids=lambda folder: folder.name)
def test_the_statements_are_the_ledger(folder: Path) -> None:
    loaded = load_ledger(folder)
    book = loaded.book()
    for start, at in ((1, 3), (4, 6), (1, 12)):
        first, last = datetime.date(2026, start, 1), datetime.date(2026, at, 28)
        listed = statements(book, loaded.entries, first, last)
        owed = {c.account: c.total for c in aged_balance(book, last).customers}
        assert {one.account: one.closing for one in listed if one.closing} == {
            account: balance for account, balance in owed.items() if balance
        }
        for one in listed:
            balances = [one.opening, *(m.balance for m in one.movements)]
            assert balances[-1] == one.closing


def test_a_statement_does_not_ask_for_a_retention_before_its_release() -> None:
    """12 000.00 VAT included, 600.00 held back: 11 400.00 to pay, 12 000.00 on the accounts."""
    text = """
2026-01-05 * "SCI Dupont" "Extension" #contrat ^D2026-001
  retenue: 5
  Actif:411:Dupont
  Produits:704:Travaux  -10000.00 EUR

2026-03-31 * "SCI Dupont" "Solde" #solde ^D2026-001
  numero: "F2026-001"
  echeance: 2026-04-30
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT
"""
    loaded = load_text(text, LATE_ACCOUNTS)
    (one,) = statements(
        loaded.book(), loaded.entries, day("01/01"), day("30/06"), account="Actif:411:Dupont"
    )
    assert (one.closing, one.retention, one.to_pay) == (D(12000), D(600), D(11400))
