"""What a month calls for, never twice: recurring invoices, deposits agreed on contracts, milestones come due."""

from __future__ import annotations

import datetime

import pytest
from beancount import loader
from beancount.core.data import Transaction
from beancount.parser import parser

from acompta.dossier import dossier_of
from acompta.preparing import Month, Preparation, Reason, proposals
from acompta.preparing.months import shifted
from acompta.receivables import read_book

ROOTS = """
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
"""
HEAD = (
    ROOTS
    + """
plugin "acompta"

2026-01-01 custom "emetteur" "Atelier Lumière SARL"
  regime-tva: "encaissements"
2026-01-01 open Actif:411:Dupont EUR
2026-01-01 open Actif:411:Martin EUR
2026-01-01 open Actif:512:Banque EUR
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44574:TVA20 EUR
  taux: 20
2026-01-01 open Produits:706:Conseil
  tva: 20
2026-01-01 open Produits:704:Travaux
  tva: 20
"""
)

MODEL = """
2026-01-31 ! "SCI Dupont" "Maintenance de {mois} {annee}" #facture
  recurrence: "mensuelle"
  periode: "2026-01-01/2026-01-31"
  expire: 2026-06-30
  bon-de-commande: "BC 12"
  Actif:411:Dupont
  Produits:706:Conseil   -1.5 JOUR @ 600.00 EUR
    libelle: "Maintenance {periode}"
"""

CONTRACT = """
2026-01-12 * "SCI Dupont" "Site internet" #contrat ^D2026-001
  acompte: 30
  Actif:411:Dupont
  Produits:706:Conseil   -1000.00 EUR
    lot: "Maquettes"
    libelle: "Maquettes du site"
    prevu: 2026-03-10
  Produits:706:Conseil   -3000.00 EUR
    lot: "Site"
    prevu: 2026-04-20
"""


def prepare(text: str, month: str) -> Preparation:
    """The proposals of a ledger given as text, which must be right."""
    entries, errors, options = loader.load_string(HEAD + text)
    assert errors == []
    dossier = dossier_of(options)
    assert dossier is not None
    return proposals(read_book(dossier, entries), Month.read(month))


def test_a_model_gives_each_month_its_draft_with_its_dates_moved_and_its_words_replaced() -> None:
    (april,) = prepare(MODEL, "2026-04").proposals
    assert april.reason is Reason.RECURRING
    # The last day of January gives the last day of April, and so does the end of the period.
    assert april.text == (
        '2026-04-30 ! "SCI Dupont" "Maintenance d\'avril 2026" #facture\n'
        '  modele: "2026-04 Maintenance de {mois} {annee}"\n'
        '  periode: "2026-04-01/2026-04-30"\n'
        '  bon-de-commande: "BC 12"\n'
        "  Actif:411:Dupont\n"
        "  Produits:706:Conseil                                  -1.5 JOUR @ 600.00 EUR\n"
        '    libelle: "Maintenance du 1er au 30 avril 2026"\n'
    )


@pytest.mark.parametrize(
    ("recurrence", "months"),
    [
        ("mensuelle", {"2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"}),
        ("bimestrielle", {"2026-01", "2026-03", "2026-05"}),
        ("trimestrielle", {"2026-01", "2026-04"}),
        ("semestrielle", {"2026-01"}),
        ("annuelle", {"2026-01"}),
    ],
)
def test_a_model_falls_in_its_own_months_from_its_date_to_its_last(
    recurrence: str, months: set[str]
) -> None:
    text = MODEL.replace('"mensuelle"', f'"{recurrence}"')
    asked = ["2025-12", *(f"2026-{month:02}" for month in range(1, 13)), "2027-01"]
    found = {month for month in asked if prepare(text, month).proposals}
    assert found == months


def test_a_year_paid_in_advance_covers_the_next_year() -> None:
    text = """
2026-03-01 ! "SCI Dupont" "Licence du {debut} au {fin}" #facture
  recurrence: "annuelle"
  periode: "2026-03-01/2027-02-28"
  Actif:411:Dupont
  Produits:706:Conseil   -1200.00 EUR
"""
    (renewal,) = prepare(text, "2027-03").proposals
    assert renewal.narration == "Licence du 1er mars 2027 au 29 février 2028"
    assert 'periode: "2027-03-01/2028-02-29"' in renewal.text


def test_the_draft_and_its_issued_document_are_recognised_whatever_their_date() -> None:
    (april,) = prepare(MODEL, "2026-04").proposals
    assert prepare(MODEL + "\n" + april.text, "2026-04").proposals == ()
    issued = april.text.replace("2026-04-30 !", "2026-05-02 *", 1).replace(
        "  modele", '  numero: "F2026-001"\n  modele', 1
    )
    assert prepare(MODEL + "\n" + issued, "2026-04").proposals == ()
    assert len(prepare(MODEL + "\n" + issued, "2026-05").proposals) == 1


def test_an_invoice_of_the_month_typed_by_hand_with_the_same_words_is_recognised() -> None:
    by_hand = """
2026-04-02 * "SCI Dupont" "Maintenance d'avril 2026" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:706:Conseil   -900.00 EUR
"""
    assert prepare(MODEL + by_hand, "2026-04").proposals == ()
    assert prepare(MODEL + by_hand.replace("d'avril", "de mars"), "2026-04").proposals != ()
    assert prepare(MODEL + by_hand.replace("Dupont", "Martin"), "2026-04").proposals != ()


def test_two_models_of_one_name_are_refused_and_a_name_of_their_own_parts_them() -> None:
    twice = prepare(MODEL + MODEL, "2026-04")
    assert len(twice.proposals) == 1
    (remark,) = twice.remarks
    assert "modele:" in remark.message
    named = MODEL.replace("  recurrence", '  modele: "second"\n  recurrence')
    both = prepare(MODEL + named, "2026-04")
    assert both.remarks == ()
    assert ['modele: "2026-04 second"' in one.text for one in both.proposals].count(True) == 1


def test_a_word_unknown_between_braces_is_said_and_nothing_is_proposed() -> None:
    wrong = prepare(MODEL.replace("{annee}", "{anee}"), "2026-04")
    assert wrong.proposals == ()
    assert "{anee}" in wrong.remarks[0].message


def test_the_deposit_agreed_on_a_contract_is_proposed_until_it_is_asked() -> None:
    assert prepare(CONTRACT, "2025-12").proposals == ()
    (deposit,) = prepare(CONTRACT, "2026-01").proposals
    assert deposit.reason is Reason.DEPOSIT
    assert deposit.text == (
        '2026-01-12 ! "SCI Dupont" "Acompte de 30 % à la commande" #acompte ^D2026-001\n'
        "  Actif:411:Dupont\n"
        "  Passif:4191:Dupont                                     -30 PCT\n"
    )
    # Forgotten in January: still proposed in February, at its first day.
    assert prepare(CONTRACT, "2026-02").proposals[0].date == datetime.date(2026, 2, 1)
    assert prepare(CONTRACT + "\n" + deposit.text, "2026-01").proposals == ()
    issued = deposit.text.replace(" ! ", " * ").replace("\n", '\n  numero: "F2026-001"\n', 1)
    assert prepare(CONTRACT + "\n" + issued, "2026-02").proposals == ()


def test_arrhes_are_proposed_when_the_contract_stipulates_them() -> None:
    text = CONTRACT.replace("  acompte: 30", '  acompte: 30\n  stipulation: "arrhes"')
    (deposit,) = prepare(text, "2026-01").proposals
    assert '"Arrhes de 30 % à la commande" #arrhes' in deposit.text


def test_milestones_come_due_in_their_month_and_the_last_one_is_the_final_invoice() -> None:
    asked = CONTRACT.replace("  acompte: 30\n", "")
    assert prepare(asked, "2026-02").proposals == ()
    (first,) = prepare(asked, "2026-03").proposals
    assert first.reason is Reason.MILESTONE
    assert first.text == (
        '2026-03-10 ! "SCI Dupont" "Maquettes du site" #facture ^D2026-001\n'
        "  Actif:411:Dupont\n"
        "  Produits:706:Conseil                                  -100 PCT\n"
        '    lot: "Maquettes"\n'
    )
    assert prepare(asked + "\n" + first.text, "2026-03").proposals == ()
    issued = first.text.replace(" ! ", " * ").replace("\n", '\n  numero: "F2026-001"\n', 1)
    (last,) = prepare(asked + "\n" + issued, "2026-04").proposals
    assert last.text == (
        '2026-04-20 ! "SCI Dupont" "Solde : Site" #solde ^D2026-001\n  Actif:411:Dupont\n'
    )
    assert prepare(asked + "\n" + issued + "\n" + last.text, "2026-04").proposals == ()


def test_a_milestone_that_shares_its_line_with_others_is_said_not_billed() -> None:
    text = """
2026-01-12 * "SCI Dupont" "Travaux" #contrat ^D2026-002
  Actif:411:Dupont
  Produits:704:Travaux   -1000.00 EUR
    prevu: 2026-03-10
  Produits:704:Travaux   -3000.00 EUR
    lot: "Toiture"
"""
    found = prepare(text, "2026-03")
    assert found.proposals == ()
    assert "^D2026-002" in found.remarks[0].message


def test_what_is_proposed_loads_and_posts_once_issued() -> None:
    text = MODEL + CONTRACT
    drafts = prepare(text, "2026-01").proposals
    assert [one.reason for one in drafts] == [Reason.DEPOSIT, Reason.RECURRING]
    issued = "".join(
        "\n" + one.text.replace(" ! ", " * ", 1).replace("\n", f'\n  numero: "F2026-00{rank}"\n', 1)
        for rank, one in enumerate(drafts, 1)
    )
    _, errors, _ = loader.load_string(HEAD + text + issued)
    assert errors == []
    assert prepare(text + issued, "2026-01").proposals == ()


def test_a_text_with_quotes_and_backslashes_is_written_so_that_it_reads_back() -> None:
    text = MODEL.replace("Maintenance de {mois}", 'Dite \\"la \\\\ grande\\" de {mois}')
    (draft,) = prepare(text, "2026-02").proposals
    (entry,), errors, _ = parser.parse_string(ROOTS + draft.text)
    assert errors == []
    assert isinstance(entry, Transaction)
    assert entry.narration == 'Dite "la \\ grande" de février 2026'


@pytest.mark.parametrize(
    ("date", "months", "wanted"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-02-28", 1, "2026-03-31"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-15", 13, "2027-02-15"),
        ("2027-12-31", 2, "2028-02-29"),
    ],
)
def test_dates_moved_by_months(date: str, months: int, wanted: str) -> None:
    assert shifted(datetime.date.fromisoformat(date), months).isoformat() == wanted


@pytest.mark.parametrize("text", ["2026-04", "04/2026", "4-2026", "avril 2026", " Avril 2026 "])
def test_months_are_read_as_people_write_them(text: str) -> None:
    assert str(Month.read(text)) == "2026-04"


@pytest.mark.parametrize("text", ["2026", "2026-13", "00/2026", "avrile 2026", "2026-04-01", ""])
def test_what_is_not_a_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Month.read(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            MODEL.replace(" ! ", " * ").replace(
                "  recurrence", '  numero: "F2026-001"\n  recurrence'
            ),
            "brouillon",
        ),
        (MODEL.replace("#facture", "#acompte"), "brouillon"),
        (MODEL.replace('"mensuelle"', '"hebdomadaire"'), "mensuelle"),
        (MODEL.replace("2026-01-01/2026-01-31", "janvier"), "periode"),
    ],
)
def test_a_model_mistyped_is_an_error_at_its_line(text: str, words: str) -> None:
    _, errors, _ = loader.load_string(HEAD + text)
    assert any(words in error.message for error in errors)
