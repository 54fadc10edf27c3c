from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.data import Transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli.samples import ACCOUNTS, STORY, day, load, load_text

from acompta.loading import Loaded, load_ledger
from acompta.receivables import (
    Ages,
    CreditKind,
    age,
    aged_balance,
    deposits_at,
    due_date,
    read_book,
    reconcile,
)

D = Decimal
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    loaded = load(tmp_path_factory.mktemp("story"))
    assert not loaded.errors
    return loaded


def _state(loaded: Loaded, at: str) -> dict[str, tuple[Ages, Decimal, Decimal, Decimal]]:
    balance = aged_balance(loaded.book(), day(at))
    return {
        c.name: (c.ages, c.credit, c.unallocated, c.total)
        for c in balance.customers
        if c.invoices or c.credits
    }


NOTHING = D("0.00")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Nothing yet: not even a contract makes anybody owe.
        ("09/01", {}),
        # Money on a contract that has no invoice yet.
        ("12/01", {"SCI Dupont": (Ages(), D(-1200), NOTHING, D(-1200))}),
        # The deposit took the advance over; it is not late on its due date.
        ("31/01", {"SCI Dupont": (Ages(not_due=D(2400)), NOTHING, NOTHING, D(2400))}),
        ("01/02", {"SCI Dupont": (Ages(to_30=D(2400)), NOTHING, NOTHING, D(2400))}),
        ("20/02", {}),
        (
            "30/04",
            {
                "Martin & Fils": (Ages(not_due=D(1200)), NOTHING, NOTHING, D(1200)),
                "SCI Dupont": (Ages(not_due=D(8400)), NOTHING, NOTHING, D(8400)),
            },
        ),
        (
            "01/05",
            {
                "Martin & Fils": (Ages(not_due=D(1200)), NOTHING, NOTHING, D(1200)),
                "SCI Dupont": (Ages(to_30=D(8400)), NOTHING, NOTHING, D(8400)),
            },
        ),
        # 600 € too much on one side, 700 € left and not late on the other.
        (
            "31/05",
            {
                "Martin & Fils": (Ages(not_due=D(700)), NOTHING, NOTHING, D(700)),
                "SCI Dupont": (Ages(), D(-600), NOTHING, D(-600)),
            },
        ),
        (
            "30/06",
            {
                "Martin & Fils": (Ages(to_30=D(700) + D(240)), NOTHING, D(-300), D(640)),
                "SCI Dupont": (Ages(), D(-600), NOTHING, D(-600)),
            },
        ),
        # The loss has taken F2026-004 off; F2026-003 is 40 days late.
        (
            "10/07",
            {
                "Martin & Fils": (Ages(to_60=D(700)), NOTHING, D(-300), D(400)),
                "SCI Dupont": (Ages(), D(-600), NOTHING, D(-600)),
            },
        ),
        (
            "31/12",
            {
                "Martin & Fils": (Ages(over_90=D(700)), NOTHING, D(-300), D(400)),
                "SCI Dupont": (Ages(), D(-600), NOTHING, D(-600)),
            },
        ),
    ],
)
def test_aged_balance_on_a_date(
    story: Loaded, at: str, expected: dict[str, tuple[Ages, Decimal, Decimal, Decimal]]
) -> None:
    assert _state(story, at) == expected


def test_ages_change_the_day_after_each_limit() -> None:
    amounts = [age(D(10), days) for days in (-5, 0, 1, 30, 31, 60, 61, 90, 91, 400)]
    assert [ages.index(D(10)) for ages in amounts] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert Ages(D(1), D(2), D(3), D(4), D(5)).overdue == D(14)


def test_an_open_invoice_says_where_it_stands(story: Loaded) -> None:
    (invoice,) = aged_balance(story.book(), day("10/07")).invoices
    assert (invoice.number, invoice.contract, invoice.label) == ("F2026-003", None, "Peinture")
    assert (invoice.date, invoice.due_date, invoice.days_late) == (day("10/04"), day("31/05"), 40)
    assert (invoice.total, invoice.paid, invoice.other, invoice.open) == (
        D(1200),
        D(500),
        D(0),
        D(700),
    )
    assert Path(invoice.place.path).name == "main.beancount"
    assert STORY.splitlines()[
        invoice.place.line - len(ACCOUNTS.lstrip().splitlines()) - 1
    ].startswith("2026-04-10")


def test_what_is_not_an_invoice_stands_apart_with_its_reason(story: Loaded) -> None:
    found = aged_balance(story.book(), day("10/07")).credits
    assert [(c.kind, c.reference, c.date, c.amount) for c in found] == [
        (CreditKind.UNALLOCATED, "", day("15/06"), D(-300)),
        (CreditKind.OVERPAYMENT, "F2026-002", day("31/03"), D(-600)),
    ]
    (advance,) = aged_balance(story.book(), day("12/01")).credits
    assert (advance.kind, advance.reference) == (CreditKind.ADVANCE, "D2026-001")


def test_deposits_left_to_recover_and_unpaid(story: Loaded) -> None:
    (deposit,) = deposits_at(story.book(), day("31/01"))
    assert (deposit.number, deposit.left.base, deposit.left.vat, deposit.unpaid) == (
        "F2026-001", D(3000), D(600), D(2400),
    )  # fmt: skip
    (deposit,) = deposits_at(story.book(), day("30/03"))
    assert (deposit.recovered.total, deposit.unpaid) == (D(0), D(0))
    (deposit,) = deposits_at(story.book(), day("31/03"))
    assert (deposit.recovered.base, deposit.recovered.vat, deposit.left.total) == (
        D(3000),
        D(600),
        D(0),
    )
    assert aged_balance(story.book(), day("30/03")).deposits_left.total == D(3600)
    assert not aged_balance(story.book(), day("31/03")).deposits


def test_filter_by_account_and_by_link(story: Loaded) -> None:
    book = story.book()
    martin = aged_balance(book, day("10/07"), account="Actif:411:Martin")
    assert [c.name for c in martin.customers] == ["Martin & Fils"]
    assert not aged_balance(book, day("10/07"), account="Actif:411:Mart").customers
    assert len(aged_balance(book, day("10/07"), account="Actif:411").customers) == 2
    contract = aged_balance(book, day("01/05"), link="D2026-001")
    assert [i.number for i in contract.invoices] == ["F2026-002"]
    assert contract.total == D(8400)
    number = aged_balance(book, day("01/05"), link="F2026-003")
    assert [i.number for i in number.invoices] == ["F2026-003"]
    assert not aged_balance(book, day("01/05"), link="D2026-009").customers


def test_due_date_is_the_nearest_that_says(tmp_path: Path) -> None:
    text = """
    2026-01-05 * "Martin" "Contrat" #contrat ^D1
      delai: "10 jours"
      Actif:411:Martin
      Produits:704:Travaux  -100.00 EUR

    2026-02-01 * "Martin" "Échéance tapée" #facture ^D1
      numero: "F-1"
      delai: "20 jours"
      echeance: 2026-02-02
      Actif:411:Martin
      Produits:704:Travaux  -100.00 EUR

    2026-02-01 * "Martin" "Délai du document" #facture ^D1
      numero: "F-2"
      delai: "20 jours"
      Actif:411:Martin
      Produits:704:Travaux  -100.00 EUR

    2026-02-01 * "Martin" "Délai du contrat" #facture ^D1
      numero: "F-3"
      Actif:411:Martin
      Produits:704:Travaux  -100.00 EUR

    2026-02-01 * "Martin" "Délai du client" #facture
      numero: "F-4"
      Actif:411:Martin
      Produits:704:Travaux  -100.00 EUR

    2026-02-01 * "SCI Dupont" "Délai de l'émetteur" #facture
      numero: "F-5"
      Actif:411:Dupont
      Produits:704:Travaux  -100.00 EUR
    """
    seller = '  regime-tva: "encaissements"\n'
    accounts = ACCOUNTS.replace(seller, seller + '  delai: "5 jours"\n')
    loaded = load(tmp_path, text, accounts)
    due = {
        document.number: due_date(document, loaded.dossier)
        for document in loaded.dossier.documents
        if document.number
    }
    assert due == {
        "F-1": day("02/02"),
        "F-2": day("21/02"),
        "F-3": day("11/02"),
        "F-4": day("31/03"),
        "F-5": day("06/02"),
    }
    silent = load(tmp_path, text)
    (last,) = [d for d in silent.dossier.documents if d.number == "F-5"]
    assert due_date(last, silent.dossier) == day("03/03")  # 30 days when nobody says


RETENTION = """
2026-01-05 * "SCI Dupont" "Contrat" #contrat ^D1
  retenue: 5
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR

2026-02-01 * "SCI Dupont" "Travaux" #facture ^D1
  numero: "F-1"
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR

2026-03-01 * "SCI Dupont" "Virement" ^F-1
  Actif:512:Banque  1000.00 EUR
  Actif:411:Dupont
"""


def test_retention_is_not_late_before_anyone_says_when_it_is_released(tmp_path: Path) -> None:
    (invoice,) = aged_balance(load(tmp_path, RETENTION).book(), day("01/06")).invoices
    # 1 200 € of which 60 € held back; 1 000 € paid.
    assert (invoice.open, invoice.retention, invoice.release) == (D(200), D(60), None)
    assert invoice.ages == Ages(not_due=D(60), to_90=D(140))


def test_retention_alone_is_not_late(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, RETENTION.replace("1000.00 EUR\n  Actif:411", "1140.00 EUR\n  Actif:411")
    )
    (invoice,) = aged_balance(loaded.book(), day("31/12")).invoices
    assert (invoice.open, invoice.retention, invoice.days_late) == (D(60), D(60), 0)
    assert invoice.ages == Ages(not_due=D(60))


def test_retention_falls_due_one_year_after_acceptance(tmp_path: Path) -> None:
    paid = RETENTION.replace("1000.00 EUR\n  Actif:411", "1140.00 EUR\n  Actif:411")
    loaded = load(
        tmp_path, paid.replace("  retenue: 5\n", "  retenue: 5\n  reception: 2026-02-15\n")
    )
    book = loaded.book()
    release = datetime.date(2027, 2, 15)
    (before,) = aged_balance(book, release).invoices
    assert (before.release, before.due_date, before.ages) == (release, release, Ages(not_due=D(60)))
    (after,) = aged_balance(book, datetime.date(2027, 3, 27)).invoices
    assert (after.days_late, after.ages) == (40, Ages(to_60=D(60)))


def test_the_release_of_a_retention_is_not_known_before_acceptance(tmp_path: Path) -> None:
    text = RETENTION.replace("  retenue: 5\n", "  retenue: 5\n  reception: 2026-06-15\n")
    book = load(tmp_path, text).book()
    (before,) = aged_balance(book, day("14/06")).invoices
    (accepted,) = aged_balance(book, day("15/06")).invoices
    assert (before.release, accepted.release) == (None, datetime.date(2027, 6, 15))


def test_a_payment_before_its_invoice_is_an_advance_until_then(tmp_path: Path) -> None:
    text = """
    2026-02-01 * "Martin" "Virement" ^F-1
      Actif:512:Banque  1200.00 EUR
      Actif:411:Martin

    2026-03-01 * "Martin" "Travaux" #facture
      numero: "F-1"
      Actif:411:Martin
      Produits:704:Travaux  -1000.00 EUR
    """
    loaded = load(tmp_path, text)
    (credit,) = aged_balance(loaded.book(), day("15/02")).credits
    assert (credit.kind, credit.reference, credit.amount) == (CreditKind.ADVANCE, "F-1", D(-1200))
    assert not aged_balance(loaded.book(), day("01/03")).customers


def test_a_discount_reduces_without_being_money(tmp_path: Path) -> None:
    text = """
    2026-02-01 * "Martin" "Travaux" #facture
      numero: "F-1"
      Actif:411:Martin
      Produits:704:Travaux  -1000.00 EUR

    2026-02-10 * "Martin" "Virement, escompte de 2 %" ^F-1
      Actif:512:Banque      500.00 EUR
      Charges:665:Escomptes  24.00 EUR
      Actif:411:Martin
    """
    loaded = load(tmp_path, text)
    (invoice,) = aged_balance(loaded.book(), day("10/02")).invoices
    assert (invoice.total, invoice.paid, invoice.other, invoice.open) == (
        D(1200), D(500), D(24), D(676),
    )  # fmt: skip


def test_penalties_on_an_invoice_are_owed_with_it(tmp_path: Path) -> None:
    text = """
    2026-02-01 * "Martin" "Travaux" #facture
      numero: "F-1"
      Actif:411:Martin
      Produits:704:Travaux  -1000.00 EUR

    2026-06-10 * "Martin" "Indemnité de recouvrement" ^F-1
      Actif:411:Martin          40.00 EUR
      Produits:763:Penalites
    """
    loaded = load(tmp_path, text)
    book = loaded.book()
    assert aged_balance(book, day("09/06")).invoices[0].open == D(1200)
    (invoice,) = aged_balance(book, day("10/06")).invoices
    assert (invoice.open, invoice.other) == (D(1240), D(-40))


def test_balances_taken_over_and_padded_are_unallocated(tmp_path: Path) -> None:
    text = """
    2026-01-02 * "À nouveaux"
      Actif:411:Martin     500.00 EUR
      Capitaux:110:Report

    2026-01-02 pad Actif:411:Dupont Capitaux:110:Report
    2026-01-03 balance Actif:411:Dupont  75.00 EUR
    """
    loaded = load(tmp_path, text)
    assert not loaded.errors
    assert _state(loaded, "03/01") == {
        "Martin & Fils": (Ages(), NOTHING, D(500), D(500)),
        "SCI Dupont": (Ages(), NOTHING, D(75), D(75)),
    }


TAKEN_OVER = """
2026-01-01 open Passif:4458:Attente EUR
2026-01-01 open Capitaux:890:Ouverture EUR

2026-01-05 * "SCI Dupont" "Facture V-088, de l'ancien logiciel"
  ecriture: "VE 12"
  Actif:411:Dupont  1200.00 EUR
    lettrage: "REP1"
  Produits:704:Travaux  -1000.00 EUR
  Passif:4458:Attente  -200.00 EUR
"""
# Out of the balance that the other program left, into the register, on the same day.
REPRISE = """
2026-02-01 * "SCI Dupont" "V-088, sortie du solde importé"
  Actif:411:Dupont  -1200.00 EUR
    lettrage: "REP1"
  Passif:4458:Attente  200.00 EUR
  Capitaux:890:Ouverture  1000.00 EUR

2026-02-01 * "SCI Dupont" "Reprise de V-088" #reprise
  numero: "V-088"
  date-reelle: 2026-01-05
  Actif:411:Dupont  1200.00 EUR
  Passif:44574:TVA20  -200.00 EUR
    taux: 20
    base: 1000.00
  Capitaux:890:Ouverture  -1000.00 EUR
"""


def test_an_invoice_of_another_program_ages_once_taken_over(tmp_path: Path) -> None:
    """Unallocated until it is taken over; then an open invoice, once, and nothing beside it."""
    loaded = load(tmp_path, TAKEN_OVER + REPRISE)
    assert not loaded.errors, loaded.errors
    assert _state(loaded, "31/01") == {"SCI Dupont": (Ages(), NOTHING, D(1200), D(1200))}
    after = aged_balance(loaded.book(), day("28/02"))
    (customer,) = after.customers
    assert [(one.number, one.open) for one in customer.invoices] == [("V-088", D(1200))]
    assert customer.credits == ()
    assert reconcile(loaded.book(), loaded.entries, day("28/02")).difference == 0
    assert "890" not in {
        loaded.dossier.chart.get(n).number for n, a in balances(loaded).items() if a
    }


def test_a_letter_that_does_not_balance_stays_to_be_looked_at(tmp_path: Path) -> None:
    short = REPRISE.replace("-1200.00 EUR\n    lettrage", "-1100.00 EUR\n    lettrage").replace(
        "890:Ouverture  1000.00", "890:Ouverture  900.00"
    )
    loaded = load(tmp_path, TAKEN_OVER + short)
    assert not loaded.errors, loaded.errors
    (customer,) = aged_balance(loaded.book(), day("28/02")).customers
    assert sorted(one.amount for one in customer.credits) == [D(-1100), D(1200)]
    assert reconcile(loaded.book(), loaded.entries, day("28/02")).difference == 0


def balances(loaded: Loaded) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for entry in loaded.entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            if posting.units is not None and posting.units.number is not None:
                found[posting.account] = found.get(posting.account, D(0)) + posting.units.number
    return found


def test_a_receivable_moved_to_416_is_still_owed_by_its_customer(tmp_path: Path) -> None:
    text = """
    2026-02-01 * "Martin" "Travaux" #facture
      numero: "F-1"
      Actif:411:Martin
      Produits:704:Travaux  -1000.00 EUR

    2026-06-10 * "Martin" "Client douteux" ^F-1
      Actif:416:Martin   1200.00 EUR
      Actif:411:Martin
    """
    accounts = ACCOUNTS + "2026-01-01 open Actif:416:Martin EUR\n"
    loaded = load(tmp_path, text, accounts)
    assert _state(loaded, "01/12") == {
        "Martin & Fils": (Ages(over_90=D(1200)), NOTHING, NOTHING, D(1200))
    }
    proof = reconcile(loaded.book(), loaded.entries, day("01/12"))
    assert proof.accounts == {"Actif:411:Martin": D(0), "Actif:416:Martin": D(1200)}


def test_customers_are_in_french_order(tmp_path: Path) -> None:
    text = "".join(
        f"""
2026-01-01 open Actif:411:C{rank} EUR
  raison-sociale: "{name}"
2026-02-01 * "x" "y" #facture
  numero: "F-{rank}"
  Actif:411:C{rank}
  Produits:704:Travaux  -1.00 EUR
"""
        for rank, name in enumerate(["Zénith", "École", "alpha", "Etna", "Œuvre"], start=1)
    )
    balance = aged_balance(load(tmp_path, text).book(), day("01/03"))
    assert [c.name for c in balance.customers] == ["alpha", "École", "Etna", "Œuvre", "Zénith"]


# -- the balance is the ledger's, on every date ---------------------------------------------------------------


def _dates(loaded: Loaded) -> list[datetime.date]:
    """Every date of the ledger, and the day before each."""
    dates = {entry.date for entry in loaded.entries}
    return sorted(dates | {date - datetime.timedelta(days=1) for date in dates})


def _assert_reconciled(loaded: Loaded) -> None:
    book = loaded.book()
    for date in _dates(loaded):
        proof = reconcile(book, loaded.entries, date)
        assert proof.difference == 0, date


def test_reconciles_on_every_date_of_the_story(story: Loaded) -> None:
    assert len(_dates(story)) > 20
    _assert_reconciled(story)


def _examples() -> list[Path]:
    cases = sorted((ROOT / "tests" / "cases").glob("*/typed.beancount"))
    return sorted((ROOT / "ledgers").glob("*/main.beancount")) + cases


@pytest.mark.parametrize("path", _examples(), ids=lambda path: path.parent.name)
def test_reconciles_on_every_date_of_every_example(path: Path) -> None:
    _assert_reconciled(load_ledger(path))


def test_reconcile_sees_a_balance_that_forgets_something(story: Loaded) -> None:
    """The proof is not the balance compared with itself: an entry that the book has not read shows."""
    payment = next(
        entry
        for entry in story.entries
        if isinstance(entry, Transaction) and entry.narration == "Virement sans référence"
    )
    partial = read_book(story.dossier, [e for e in story.entries if e is not payment])
    assert reconcile(partial, story.entries, day("31/12")).difference == D(300)


def test_the_same_balance_whatever_the_order_of_the_file(tmp_path: Path, story: Loaded) -> None:
    blocks = STORY.strip().split("\n\n")
    turned = load(tmp_path, "\n\n".join(reversed(blocks)))
    for at in ("12/01", "01/02", "01/05", "30/06", "31/12"):
        assert _state(turned, at) == _state(story, at)


# -- and of any story -----------------------------------------------------------------------------------------

_DAYS = st.dates(datetime.date(2026, 1, 2), datetime.date(2026, 6, 30))
_CENTS = st.integers(1, 500_000).map(lambda cents: D(cents) / 100)
_NUMBERS = st.integers(1, 4)


@st.composite
def _invoice(draw: st.DrawFn, rank: int, dates: list[datetime.date]) -> str:
    customer = draw(st.sampled_from(["Dupont", "Martin"]))
    return (
        f'{dates[rank]} * "{customer}" "Facture {rank + 1}" #facture\n'
        f'  numero: "F-{rank + 1}"\n  Actif:411:{customer}\n'
        f"  Produits:704:Travaux  -{draw(_CENTS)} EUR\n"
    )


@st.composite
def _movement(draw: st.DrawFn, customers: dict[int, str]) -> str:
    """Money in or out, a loss, penalties, or an entry between customers; named, wrongly named or not named."""
    number = draw(_NUMBERS)
    customer = customers[number]
    named = draw(st.sampled_from([f"^F-{number}", "", "^D2026-001"]))
    amount = draw(_CENTS) * draw(st.sampled_from([1, 1, 1, -1]))
    against = draw(
        st.sampled_from(
            ["Actif:512:Banque", "Charges:654:Pertes", "Produits:763:Penalites", "Actif:411:Martin"]
        )
    )
    key = f'    facture: "F-{number}"\n' if draw(st.booleans()) and not named else ""
    return (
        f'{draw(_DAYS)} * "{customer}" "Mouvement" {named}\n'
        f"  {against}  {amount} EUR\n  Actif:411:{customer}  {-amount} EUR\n{key}"
    )


@st.composite
def _stories(draw: st.DrawFn) -> str:
    dates = sorted(draw(st.lists(_DAYS, min_size=4, max_size=4)))
    invoices = [draw(_invoice(rank, dates)) for rank in range(4)]
    customers = {
        rank + 1: "Dupont" if "Actif:411:Dupont" in text else "Martin"
        for rank, text in enumerate(invoices)
    }
    contract = (
        '2026-01-01 * "SCI Dupont" "Contrat" #contrat ^D2026-001\n'
        "  Actif:411:Dupont\n  Produits:704:Travaux  -1000.00 EUR\n"
    )
    movements = draw(st.lists(_movement(customers), max_size=12))
    return "\n".join([contract, *draw(st.permutations([*invoices, *movements]))])


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(_stories())
def test_any_story_reconciles_on_every_date(text: str) -> None:
    loaded = load_text(text)
    _assert_reconciled(loaded)
    book = loaded.book()
    for date in _dates(loaded):
        balance = aged_balance(book, date)
        for invoice in balance.invoices:
            assert invoice.total - invoice.paid - invoice.other == invoice.open > 0
            assert invoice.ages.total == invoice.open
            assert invoice.date <= date
        assert all(credit.date <= date and credit.amount for credit in balance.credits)


CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    ("case", "owed", "credit"),
    [
        # 120 € given back on the contract: the final invoice, the newest, owes them again; the deposit stays paid.
        ("reglement-rembourse-par-le-contrat-deux-factures", {"F2026-002": D(120)}, D(0)),
        # The 100 € received above the two invoices are given back: nothing is open, nothing is left of the advance.
        ("reglement-trop-percu-du-contrat-rembourse", {}, D(0)),
        # 1 200 € through a 413 that serves all customers, cashed: nothing is left on it either.
        ("reglement-effet-sur-un-413-commun", {}, D(0)),
    ],
)
def test_a_refund_or_a_bill_leaves_what_is_owed(
    case: str, owed: dict[str, Decimal], credit: Decimal
) -> None:
    loaded = load_ledger(CASES / case / "typed.beancount")
    at = datetime.date(2026, 4, 30)
    balance = aged_balance(loaded.book(), at)
    found = {one.number: one.open for customer in balance.customers for one in customer.invoices}
    assert found == owed
    assert balance.credit == credit
    assert balance.unallocated == 0
    assert reconcile(loaded.book(), loaded.entries, at).difference == 0
