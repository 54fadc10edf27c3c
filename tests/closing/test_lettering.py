"""Letters worked by hand, and codes that never move."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.data import Transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.samples import ACCOUNTS, STORY, day, load_text

from acompta.closing.journals import Books
from acompta.closing.lettering import Group, Item, Lettering, code_of, letter_books
from acompta.loading import Loaded, load_ledger
from acompta.rounding import ZERO

D = Decimal
ROOT = Path(__file__).parents[2]
DOSSIERS = sorted(ROOT.glob("ledgers/*/main.beancount"))


def letter(loaded: Loaded, at: datetime.date = datetime.date.max) -> Lettering:
    return letter_books(Books(loaded.dossier, loaded.entries), loaded.dossier, at)


def on(account: str, lettering: Lettering) -> dict[str, tuple[tuple[str, ...], Decimal, str]]:
    """Groups with a letter on an account: code as shown, documents, balance, date."""
    found = {}
    for group in lettering.groups:
        one = group.letter
        if group.account == account and one is not None:
            found[one.shown] = (
                group.numbers,
                group.balance,
                one.date.isoformat() if one.date else "",
            )
    return found


@pytest.fixture(scope="module")
def story() -> Loaded:
    return load_text(STORY)


def test_the_story(story: Loaded) -> None:
    """Dupont: the deposit (1 200 + 2 400 = 3 600) is lettered on 20/02; the final invoice is paid 600 too much.

    Martin: F2026-003 is paid in part; F2026-004 is lost, 654 and VAT against 411; 300 € name nothing.
    """
    lettering = letter(story)
    assert on("Actif:411:Dupont", lettering) == {
        "AA": (("F2026-001",), ZERO, "2026-02-20"),
        "ab": (("F2026-002",), D("-600.00"), ""),
    }
    assert on("Passif:4191:Dupont", lettering) == {"AA": (("F2026-001",), ZERO, "2026-03-31")}
    assert on("Actif:411:Martin", lettering) == {
        "aa": (("F2026-003",), D("700.00"), ""),
        "AB": (("F2026-004",), ZERO, "2026-07-01"),
    }
    # Pending VAT: 200 + 400 of the deposit, then 1 400 of the final invoice, 83.33 of the 200 of F2026-003, 40 lost.
    assert on("Passif:44574:TVA20", lettering) == {
        "AA": (("F2026-001",), ZERO, "2026-02-20"),
        "AB": (("F2026-002",), ZERO, "2026-05-05"),
        "ac": (("F2026-003",), D("-116.67"), ""),
        "AD": (("F2026-004",), ZERO, "2026-07-01"),
    }
    (loose,) = lettering.loose
    assert (loose.posting.account, loose.amount) == ("Actif:411:Martin", D("-300.00"))


def test_as_of_a_date(story: Loaded) -> None:
    """On 31 January the deposit is paid in part; the final invoice does not exist."""
    assert on("Actif:411:Dupont", letter(story, day("31/01"))) == {
        "aa": (("F2026-001",), D("2400.00"), "")
    }


def test_one_payment_of_two_invoices_joins_them() -> None:
    loaded = load_text(
        _invoice("05/01", "F2026-001", 100)
        + _invoice("06/01", "F2026-002", 50)
        + _invoice("07/01", "F2026-003", 10)
        + _paid("08/01", 12, "F2026-003")
        + _paid("09/01", 180, "F2026-001", "F2026-002")
    )
    assert on("Actif:411:Dupont", letter(loaded)) == {
        "AA": (("F2026-003",), ZERO, "2026-01-08"),
        "AB": (("F2026-001", "F2026-002"), ZERO, "2026-01-09"),
    }


def test_named_postings_of_one_payment_stay_apart() -> None:
    loaded = load_text(
        _invoice("05/01", "F2026-001", 100)
        + _invoice("06/01", "F2026-002", 50)
        + '2026-01-09 * "SCI Dupont" "Virement"\n  Actif:512:Banque 170.00 EUR\n'
        '  Actif:411:Dupont -120.00 EUR\n    facture: "F2026-001"\n'
        '  Actif:411:Dupont -50.00 EUR\n    facture: "F2026-002"\n'
    )
    assert on("Actif:411:Dupont", letter(loaded)) == {
        "AA": (("F2026-001",), ZERO, "2026-01-09"),
        "ab": (("F2026-002",), D("10.00"), ""),
    }


def test_a_credit_note_joins_its_invoice() -> None:
    """120 invoiced, 36 credited while unpaid, 84 paid: one group, on 411 and on pending VAT."""
    loaded = load_text(
        _invoice("05/01", "F2026-001", 100)
        + '2026-01-10 * "SCI Dupont" "Moins-value" #avoir\n  numero: "A2026-001"\n  sur: "F2026-001"\n'
        "  Actif:411:Dupont\n  Produits:704:Travaux 30.00 EUR\n\n" + _paid("20/01", 84, "F2026-001")
    )
    whole = (("A2026-001", "F2026-001"), ZERO, "2026-01-20")
    assert on("Actif:411:Dupont", letter(loaded)) == {"AA": whole}
    assert on("Passif:44574:TVA20", letter(loaded)) == {"AA": whole}


def test_letters_typed_by_hand() -> None:
    """A typed code wins; the derived code that it would repeat ends in 0."""
    text = _invoice("05/01", "F2026-001", 100) + _paid("20/01", 120, "F2026-001")
    for date, amount in (("2026-01-11", "30.00"), ("2026-01-12", "-30.00")):
        text += (
            f'{date} * "Régularisation"\n  Actif:411:Dupont {amount} EUR\n    lettrage: "AA"\n'
            "  Capitaux:110:Report\n\n"
        )
    assert on("Actif:411:Dupont", letter(load_text(text))) == {
        "AA0": (("F2026-001",), ZERO, "2026-01-20"),
        "AA": ((), ZERO, "2026-01-12"),
    }


def test_ordinary_entries_are_grouped_by_their_link() -> None:
    loaded = load_text(
        '2026-01-05 * "Imprimerie" "Cartes" ^I-9\n  Passif:401:Imprimerie -60.00 EUR\n'
        "  Charges:654:Pertes\n\n"
        '2026-01-25 * "Imprimerie" "Virement" ^I-9\n  Passif:401:Imprimerie 60.00 EUR\n'
        "  Actif:512:Banque\n",
        ACCOUNTS + "2026-01-01 open Passif:401:Imprimerie EUR\n",
    )
    assert on("Passif:401:Imprimerie", letter(loaded)) == {"AA": (("I-9",), ZERO, "2026-01-25")}


@pytest.mark.parametrize(
    ("rank", "code"),
    [(0, "AA"), (1, "AB"), (25, "AZ"), (26, "BA"), (675, "ZZ"), (676, "AAA"), (18252, "AAAA")],
)
def test_codes(rank: int, code: str) -> None:
    """26² = 676 codes of two letters, then 26³ = 17 576 of three."""
    assert code_of(rank) == code


def _complete(lettering: Lettering) -> dict[tuple[str, int], str]:
    return {
        (group.account, id(item.posting)): group.letter.code
        for group in lettering.groups
        if group.letter is not None
        for item in group.items
    }


@pytest.mark.parametrize("path", DOSSIERS, ids=lambda path: path.parent.name)
def test_codes_never_move_from_month_to_month(path: Path) -> None:
    """A code given at the end of a month is the same at the end of every later one."""
    loaded = load_ledger(path)
    books = Books(loaded.dossier, loaded.entries)
    given_before: dict[tuple[str, int], str] = {}
    for month in range(1, 13):
        at = datetime.date(2026, month, 28)
        given = _complete(letter_books(books, loaded.dossier, at))
        assert given_before.items() <= given.items()
        given_before = given


@pytest.mark.parametrize("path", DOSSIERS, ids=lambda path: path.parent.name)
def test_groups_are_the_accounts(path: Path) -> None:
    """Every line of a lettered account is in one group or loose, and they add up to the ledger."""
    loaded = load_ledger(path)
    lettering = letter(loaded)
    lines = [item for group in lettering.groups for item in group.items] + list(lettering.loose)
    assert len({id(item.posting) for item in lines}) == len(lines)
    accounts = {item.posting.account for item in lines}
    expected = [
        posting
        for entry in loaded.entries
        if isinstance(entry, Transaction)
        for posting in entry.postings
        if posting.account in accounts and posting.units is not None and posting.units.number
    ]
    assert {id(posting) for posting in expected} == {id(item.posting) for item in lines}


def _invoice(date: str, number: str, amount: int) -> str:
    return (
        f'{day(date)} * "SCI Dupont" "Travaux" #facture\n  numero: "{number}"\n'
        f"  Actif:411:Dupont\n  Produits:704:Travaux -{amount}.00 EUR\n\n"
    )


def _paid(date: str, amount: int, *numbers: str) -> str:
    links = " ".join(f"^{number}" for number in numbers)
    return (
        f'{day(date)} * "SCI Dupont" "Virement" {links}\n'
        f"  Actif:512:Banque {amount}.00 EUR\n  Actif:411:Dupont\n\n"
    )


payments = st.lists(
    st.tuples(st.integers(10, 20), st.sampled_from([12, 24, 36, 60]), st.sets(st.integers(1, 4), min_size=1)),
    max_size=5,
)  # fmt: skip


def _ledger(found: list[tuple[int, int, set[int]]]) -> str:
    text = "".join(_invoice(f"{n:02d}/01", f"F2026-{n:03d}", 10 * n) for n in range(1, 5))
    for date, amount, numbers in found:
        text += _paid(f"{date}/01", amount, *(f"F2026-{n:03d}" for n in sorted(numbers)))
    return text


@settings(max_examples=30)
@given(payments, payments)
def test_later_entries_never_change_a_code(
    first: list[tuple[int, int, set[int]]], later: list[tuple[int, int, set[int]]]
) -> None:
    """Whatever comes on later days, a code given before is that of the same lines, or is joined to an older one."""
    moved = [(date + 11, amount, numbers) for date, amount, numbers in later]
    before = letter(load_text(_ledger(first)))
    after = letter(load_text(_ledger(first + moved)))
    codes = {_key(item): code for code, group in _lettered(after) for item in group.items}
    for code, group in _lettered(before):
        for item in group.items:
            assert codes[_key(item)] <= code
        ranks = {int(number[-3:]) for number in group.numbers}
        if not any(ranks & numbers for _, _, numbers in moved):
            assert {codes[_key(item)] for item in group.items} == {code}


def _lettered(lettering: Lettering) -> list[tuple[str, Group]]:
    return [(group.code, group) for group in lettering.groups if group.letter is not None]


def _key(item: Item) -> tuple[object, ...]:
    posting = item.posting
    number = (posting.meta or {}).get("facture")
    line = item.transaction.meta["lineno"]
    return (line, posting.account, item.amount, number, item.transaction.narration)


# -- VAT to deduct once the supplier is paid ----------------------------------------------------------------------


def test_vat_that_waited_for_the_payment_of_a_supplier() -> None:
    """D30: 600.00 of the deposit and 1 400.00 of the balance wait on 44564, and leave it when they are paid."""
    path = ROOT / "tests" / "cases" / "achat-acompte-services-D30" / "typed.beancount"
    found = on("Actif:44564:TVA20", letter(load_ledger(path)))
    assert {code: (numbers, balance) for code, (numbers, balance, _) in found.items()} == {
        "AA": (("FR-8891",), ZERO),
        "AB": (("FR-9001",), ZERO),
    }


TWO_SUPPLIERS = """
2026-01-01 open Passif:401:Hebergeur EUR
2026-01-01 open Passif:401:Imprimeur EUR
2026-01-01 open Charges:611:Services EUR
  tva: 20
2026-01-01 open Actif:44566:TVA20 EUR
  taux: 20
2026-01-01 open Actif:44564:TVA20 EUR
  taux: 20

2026-01-10 * "Hébergeur" "Serveur" #achat
  numero: "12"
  Passif:401:Hebergeur
  Charges:611:Services  100.00 EUR

2026-01-11 * "Imprimeur" "Affiches" #achat
  numero: "12"
  Passif:401:Imprimeur
  Charges:611:Services  50.00 EUR

2026-02-01 * "Hébergeur" "Virement" ^12
  Passif:401:Hebergeur  120.00 EUR
  Actif:512:Banque
"""


def test_two_suppliers_whose_invoices_have_the_same_number() -> None:
    """20.00 of the first is deducted; 10.00 of the second waits, and has no letter."""
    loaded = load_text(TWO_SUPPLIERS)
    assert not loaded.errors, loaded.errors
    groups = [g for g in letter(loaded).groups if g.account == "Actif:44564:TVA20"]
    assert [(g.numbers, g.balance, len(g.items)) for g in groups] == [
        (("12 Hebergeur",), ZERO, 2),
        (("12 Imprimeur",), D(10), 1),
    ]


def test_a_discount_on_two_purchases_joins_the_vat_of_both() -> None:
    """20 + 40 wait; 0.60 is given up for both, 19.80 + 39.60 are deducted: one group, at zero."""
    path = ROOT / "tests/cases/achat-escompte-obtenu-deux-factures/typed.beancount"
    found = on("Actif:44564:TVA20", letter(load_ledger(path)))
    assert found == {"AA": (("H-1", "H-2"), ZERO, "2026-02-20")}


def test_a_credit_note_of_a_supplier_joins_the_purchase_that_it_names() -> None:
    """Avocat: 1200 = 800 + 600 - 200, VAT 200 = 133.33 + 100 - 33.33. Notaire: 1200 - 240 = 1200 - 240, VAT 40 + 160.

    Both suppliers use the same numbers.
    """
    path = ROOT / "tests/cases/achat-avoir-superieur-au-reste-du/typed.beancount"
    lettering = letter(load_ledger(path))
    assert on("Passif:401:Avocat", lettering) == {"AA": (("H-1", "HA-1"), ZERO, "2026-04-20")}
    assert on("Passif:401:Notaire", lettering) == {"AA": (("H-1", "HA-1"), ZERO, "2026-05-25")}
    assert on("Actif:44564:TVA20", lettering) == {
        "AA": (("H-1 Avocat", "HA-1 Avocat"), ZERO, "2026-04-20"),
        "AB": (("H-1 Notaire", "HA-1 Notaire"), ZERO, "2026-05-20"),
    }


def test_a_credit_note_of_a_supplier_may_come_before_its_invoices() -> None:
    """1800 = 1200 + 600 set off, 600 paid; VAT 300 = 200 + 100 set off, 100 deducted: one group, at zero."""
    text = (
        TWO_SUPPLIERS[: TWO_SUPPLIERS.index("2026-01-10 *")]
        + """
2026-02-03 * "Hébergeur" "Avoir" #achat ^13 ^14
  numero: "A1"
  Passif:401:Hebergeur
  Charges:611:Services  -1500.00 EUR

2026-02-03 * "Hébergeur" "Serveur" #achat
  numero: "13"
  Passif:401:Hebergeur
  Charges:611:Services  1000.00 EUR

2026-02-04 * "Hébergeur" "Serveur" #achat
  numero: "14"
  Passif:401:Hebergeur
  Charges:611:Services  1000.00 EUR

2026-03-04 * "Hébergeur" "Virement" ^14
  Passif:401:Hebergeur  600.00 EUR
  Actif:512:Banque
"""
    )
    lettering = letter(load_text(text))
    whole = {"AA": (("13", "14", "A1"), ZERO, "2026-03-04")}
    assert {
        code: (tuple(sorted(numbers)), balance, day)
        for code, (numbers, balance, day) in on("Passif:401:Hebergeur", lettering).items()
    } == whole
    assert {
        code: (tuple(sorted(numbers)), balance, day)
        for code, (numbers, balance, day) in on("Actif:44564:TVA20", lettering).items()
    } == whole
