"""Journals, pieces and names of accounts, worked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from beancount.core.data import Transaction
from tests.cli.samples import ACCOUNTS, STORY, day, load_text

from acompta.closing.accounts import Code, ascii_code, spaced
from acompta.closing.journals import Books, Entry, entry_lines
from acompta.closing.official import official_account, official_title

D = Decimal
MORE = """
2026-01-01 open Actif:53:Caisse EUR
2026-01-01 open Actif:5112:Cheques EUR
2026-01-01 open Actif:512:Livret EUR
  journal: "BQ2"
  titre: "Compte sur livret"
2026-01-01 open Actif:512:Dollars USD
2026-01-01 open Capitaux:101:Capital EUR
2026-01-01 open Capitaux:890:Ouverture EUR
2026-01-01 open Passif:401:ImprimerieSaone EUR
2026-01-01 open Passif:431:Urssaf EUR
2026-01-01 open Actif:44566:BiensServices EUR
2026-01-01 open Actif:44564:BiensServices EUR
2026-01-01 open Charges:6226:Honoraires EUR
2026-01-01 open Charges:641000 EUR
2026-01-01 open Produits:706:Conseil EUR
  compte: "706100"
"""


def books(text: str) -> Books:
    loaded = load_text(text, ACCOUNTS + MORE)
    assert not loaded.errors, loaded.errors
    return Books(loaded.dossier, loaded.entries)


def only(text: str) -> Entry:
    (entry,) = books(text).entries()
    return entry


def test_a_story_entry_by_entry() -> None:
    """Each kind in its journal, with its piece; the contract, which posts nothing, is not an entry."""
    found = [
        (entry.date, entry.journal.code, entry.piece, entry.derived)
        for entry in books(STORY).entries(end=day("10/04"))
    ]
    assert found == [
        (day("10/01"), "BQ", "D2026-001", False),
        (day("10/01"), "OD", "D2026-001", True),
        (day("15/01"), "VE", "F2026-001", False),
        (day("20/02"), "BQ", "F2026-001", False),
        (day("20/02"), "OD", "F2026-001", True),
        (day("31/03"), "VE", "F2026-002", False),
        (day("10/04"), "VE", "F2026-003", False),
    ]


def test_every_entry_balances_and_balances_add_up() -> None:
    found = books(STORY)
    assert all(sum(line.amount for line in entry.lines) == 0 for entry in found.entries())
    # 31/03: 12 000 invoiced, 3 600 received; the deposit is recovered.
    balances = found.balances(day("01/04"))
    assert balances == {
        "Actif:411:Dupont": D("8400.00"),
        "Actif:512:Banque": D("3600.00"),
        "Passif:44571:TVA20": D("-600.00"),
        "Passif:44574:TVA20": D("-1400.00"),
        "Produits:704:Travaux": D("-10000.00"),
    }


@pytest.mark.parametrize(
    ("lines", "journal", "title"),
    [
        ("Charges:641000 10.00 EUR\n  Passif:431:Urssaf", "OD", "Opérations diverses"),
        ("Charges:641000 10.00 EUR\n  Actif:53:Caisse", "CA", "Caisse"),
        ("Actif:512:Banque 10.00 EUR\n  Actif:53:Caisse", "BQ", "Banque"),
        ("Actif:53:Caisse 10.00 EUR\n  Actif:5112:Cheques", "BQ", "Banque"),
        ("Charges:641000 10.00 EUR\n  Actif:512:Livret", "BQ2", "Compte sur livret"),
        ("Actif:512:Banque 10.00 EUR\n  Capitaux:890:Ouverture", "AN", "À-nouveaux"),
    ],
)
def test_ordinary_entries_go_where_their_accounts_say(lines: str, journal: str, title: str) -> None:
    entry = only(f'2026-03-02 * "Objet"\n  {lines}\n')
    assert (entry.journal.code, entry.journal.title, entry.piece) == (journal, title, "")


def test_words_and_keys_decide() -> None:
    """A capital paid in on day one is a receipt; « À-nouveaux » says what it is; keys win over all."""
    paid_in = only('2026-01-01 * "Capital"\n  Actif:512:Banque 10.00 EUR\n  Capitaux:101:Capital\n')
    assert paid_in.journal.code == "BQ"
    opening = only(
        '2026-01-01 * "À-nouveaux" "Soldes"\n  Actif:512:Banque 10.00 EUR\n  Capitaux:101:Capital\n'
    )
    assert opening.journal.code == "AN"
    typed = only(
        '2026-04-02 * "Dupont" "Honoraires de mars"\n  journal: "HA"\n  piece: "H-77"\n'
        "  date-reelle: 2026-03-30\n"
        "  Charges:6226:Honoraires 10.00 EUR\n  Actif:512:Banque\n"
    )
    assert typed.journal == ("HA", "Journal HA")
    assert (typed.piece, typed.piece_date, typed.label) == (
        "H-77", day("30/03"), "Dupont – Honoraires de mars",
    )  # fmt: skip


def test_purchases() -> None:
    """An invoice received is in AC; what becomes deductible at its payment is in OD."""
    found = [
        (entry.journal.code, entry.piece)
        for entry in books(
            '2026-03-02 * "Imprimerie" "Cartes" #achat\n  numero: "I-9"\n'
            "  Passif:401:ImprimerieSaone\n"
            "  Charges:6226:Honoraires 100.00 EUR\n    tva: 20\n\n"
            '2026-03-09 * "Imprimerie" "Virement" ^I-9\n'
            "  Passif:401:ImprimerieSaone 120.00 EUR\n  Actif:512:Banque\n"
        ).entries()
    ]
    assert found == [("AC", "I-9"), ("BQ", "I-9"), ("OD", "I-9")]


def test_names_of_accounts() -> None:
    codes = books(STORY).codes
    assert codes["Actif:411:Dupont"] == Code("411", "Clients", "Dupont", "SCI Dupont")
    assert codes["Actif:411:Dupont"].full_title == "Clients – SCI Dupont"
    assert codes["Passif:4191:Dupont"].auxiliary_title == "SCI Dupont"
    assert codes["Passif:401:ImprimerieSaone"].auxiliary_title == "Imprimerie Saone"
    assert codes["Actif:53:Caisse"] == Code("530CAISSE", "Caisse")
    assert codes["Actif:512:Livret"] == Code("512LIVRET", "Compte sur livret")
    assert codes["Charges:6226:Honoraires"] == Code("6226HONORAIRES", "Honoraires")
    assert codes["Charges:641000"] == Code("641000", "Rémunérations du personnel")
    assert codes["Produits:706:Conseil"] == Code("706100", "Prestations de services – Conseil")
    assert codes["Passif:44571:TVA20"] == Code("44571TVA20", "TVA collectée – TVA20")


def test_two_accounts_never_share_a_code() -> None:
    found = books(STORY)
    codes = [found.codes[name][::2] for name in found.chart.accounts]
    assert len(codes) == len(set(codes))


def test_another_currency_weighs_its_euros() -> None:
    entry = only(
        '2026-03-02 * "Change"\n  Actif:512:Dollars 100.00 USD @ 0.92 EUR\n  Actif:512:Banque\n'
    )
    dollars, euros = entry.lines
    assert (dollars.debit, dollars.foreign, dollars.currency) == (D("92.00"), D("100.00"), "USD")
    assert (euros.credit, euros.foreign) == (D("92.00"), None)


def test_an_amount_without_euros_is_not_lost() -> None:
    loaded = load_text(
        '2026-03-02 * "Don"\n  Actif:512:Dollars 100.00 USD\n  Actif:512:Dollars -100.00 USD\n',
        ACCOUNTS + MORE,
    )
    (entry,) = [entry for entry in loaded.entries if isinstance(entry, Transaction)]
    assert [line.currency for line in entry_lines(entry)] == ["USD", "USD"]


def test_the_official_list() -> None:
    assert official_title("411000") == "Clients"
    assert official_title("706") == "Prestations de services"
    assert official_title("999") == ""
    found = official_account("4191DUPONT")
    assert found is not None
    assert found.root == "Passif"


@pytest.mark.parametrize(
    ("label", "words", "code"),
    [
        ("ImprimerieSaone", "Imprimerie Saone", "IMPRIMERIESAONE"),
        ("TVA5-5", "TVA5-5", "TVA5-5"),
        ("Lyon-Nord:Bât1", "Lyon Nord – Bât1", "LYON-NORD-BAT1"),
    ],
)
def test_labels_as_words(label: str, words: str, code: str) -> None:
    assert (spaced(label), ascii_code(label)) == (words, code)
