"""Beancount's own messages, obtained from Beancount, and their French explanation."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from beancount import loader

from acompta.lint import explain, explain_beancount

HEAD = """\
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
2026-01-01 open Actif:512:Banque
2026-01-01 open Actif:411:Dupont EUR
2026-01-01 open Charges:606
2026-01-01 open Capitaux:101
2026-01-01 open Actif:27:Titres
"""


class Said(NamedTuple):
    """A ledger text, a piece of what Beancount says of it, and pieces of the French explanation."""

    text: str
    beancount: str
    french: tuple[str, ...]


def _entry(*lines: str) -> str:
    return '2026-01-10 * "a" "b"\n' + "".join(f"  {line}\n" for line in lines)


SAID = [
    Said(_entry("Charges:607  1.00 EUR", "Actif:512:Banque"), "unknown account",
         ("« Charges:607 »", "« 2026-01-01 open Charges:607 »")),
    Said('2025-12-31 * "a" "b"\n  Charges:606  1.00 EUR\n  Actif:512:Banque\n', "inactive account",
         ("« Charges:606 »", "« open »")),
    Said("2026-01-05 close Charges:606\n" + _entry("Charges:606  1.00 EUR", "Actif:512:Banque"),
         "inactive account", ("« Charges:606 »", "« close »")),
    Said("2026-01-02 balance Actif:512:Banque 1234.56 EUR\n", "Balance failed",
         ("1\u202f234,56\u00a0€ attendus", "0,00\u00a0€ dans le journal", "soit 1\u202f234,56\u00a0€ de moins")),
    Said(_entry("Actif:512:Banque  5.00 EUR", "Charges:606  -5.00 EUR")
         + "2026-01-11 balance Actif:512:Banque 3 ~ 0.01 EUR\n", "Balance failed",
         ("3,00\u00a0€ attendus", "soit 2,00\u00a0€ de trop")),
    Said(_entry("Charges:606  10.00 EUR", "Actif:512:Banque  -9.00 EUR"), "does not balance",
         ("il reste 1,00\u00a0€",)),
    Said(_entry("Charges:606  10.00 EUR", "Actif:512:Banque  -3 PCT"), "does not balance",
         ("10,00\u00a0€", "-3\u00a0PCT".replace("-", "\u2212"))),
    Said("2026-01-01 open Charges:606\n", "Duplicate open", ("« Charges:606 »", "deux fois")),
    Said("2026-01-02 close Charges:606\n2026-01-03 close Charges:606\n", "Duplicate close", ("fermé deux fois",)),
    Said("2026-01-02 close Charges:607\n", "Unopened account", ("« Charges:607 »",)),
    Said("2025-01-02 close Charges:606\n", "Unopened account", ("la date de sa ligne « close »",)),
    Said(_entry("Actif:411:Dupont  10.00 USD", "Actif:512:Banque"), "Invalid currency",
         ("« Actif:411:Dupont » n'accepte pas USD",)),
    Said(_entry("Actif:411:Dupont  -30 PCT", "Actif:512:Banque  30 PCT"), "Invalid currency PCT",
         ("n'a pas été complété", 'plugin "acompta"')),
    Said("2026-01-02 balance Actif:411:Dupont 1.00 USD\n", "Invalid currency", ("(USD)",)),
    Said("2026-01-02 open Banque:512\n", "Invalid account name", ("« Banque »", 'option "name_assets" "Actif"')),
    Said(_entry("Charges:606  10.00"), "Failed to categorize", ("la devise manque", "« 100.00 EUR »")),
    Said(_entry("Charges:606", "Actif:512:Banque", "Actif:411:Dupont  1.00 EUR"), "auto-posting",
         ("n'en calcule qu'une",)),
    Said(_entry("Charges:606  EUR", "Actif:512:Banque  EUR"), "Too many missing", ("en EUR",)),
    Said(_entry("Charges:606  1.00 EUR @ -2.00 EUR", "Actif:512:Banque"), "Negative prices", ("signe moins",)),
    Said(_entry('lot: "a"', 'lot: "b"', "Charges:606  0.00 EUR"), "Duplicate metadata field", ("« lot: »",)),
    Said(_entry("Charges:606  0.00 EUR", '  lot: "a"', '  lot: "b"'), "Duplicate posting metadata", ("« lot: »",)),
    Said('2026-01-10 * "a" "b" "c"\n', "Too many strings", ("le client puis l'objet",)),
    Said('2026-01-10 * "a" | "b"\n', "Pipe symbol", ("barre verticale",)),
    Said(_entry("Charges:606  0.00 EUR", "#chantier"), "Tags or links not allowed", ("ligne de la date",)),
    Said("pushtag #chantier\n", "Unbalanced pushed tag", ("« poptag #chantier »",)),
    Said("poptag #chantier\n", "pop absent tag", ("retirez-le",)),
    Said('pushmeta lot: "GO"\n', "Unbalanced metadata", ("« popmeta lot: »",)),
    Said("popmeta lot:\n", "pop absent metadata", ("retirez-le",)),
    Said('option "name_asset" "Actif"\n', "Invalid option", ("« name_asset »", "name_assets")),
    Said('option "filename" "x"\n', "may not be set", ("« filename »",)),
    Said('option "booking_method" "LIFOO"\n', "Error for option", ("« booking_method »",)),
    Said('2026-01-02 open Charges:607 "EUR"\n', "Invalid booking method", ("« EUR »", "sans guillemets")),
    Said("2026-01-02 pad Actif:512:Banque Capitaux:101\n", "Unused Pad", ("« pad »",)),
    Said("2026-01-02 balance Actif:512:Banque 0.00 EUR\n2026-01-02 balance Actif:512:Banque 1.00 EUR\n",
         "Duplicate balance", ("deux lignes « balance »",)),
    Said("2026-01-02 commodity M2\n2026-01-03 commodity M2\n", "Duplicate commodity", ("M2",)),
    Said('2026-01-02 document Actif:512:Banque "rien.pdf"\n', "File does not exist", ("rien.pdf",)),
    Said('option "documents" "rien"\n', "Document root", ("rien", "« documents »")),
    Said('include "rien.beancount"\n', "does not match any files", ('include "rien.beancount"',)),
    Said('plugin "acomptaa"\n', "Error importing", ("« acomptaa »", "introuvable")),
    Said(_entry("Actif:27:Titres  -1 TITRE {10.00 EUR}", "Actif:512:Banque  10.00 EUR")
         + _entry("Actif:27:Titres  2 TITRE {11.00 EUR}", "Actif:512:Banque  -22.00 EUR")
         + _entry("Actif:27:Titres  -1 TITRE {12.00 EUR}", "Actif:512:Banque  12.00 EUR"),
         "No position matches", ("entre accolades",)),
    Said(_entry("Actif:27:Titres  1 TITRE {11.00 EUR}", "Actif:512:Banque  -11.00 EUR")
         + _entry("Actif:27:Titres  -2 TITRE {11.00 EUR}", "Actif:512:Banque  22.00 EUR"),
         "Not enough lots", ("ne suffit pas",)),
    Said(_entry("Actif:27:Titres  1 TITRE {11.00 EUR}", "Actif:512:Banque  -11.00 EUR")
         + _entry("Actif:27:Titres  1 TITRE {12.00 EUR}", "Actif:512:Banque  -12.00 EUR")
         + _entry("Actif:27:Titres  -1 TITRE {}", "Actif:512:Banque  11.00 EUR"),
         "Ambiguous matches", ("plusieurs lots",)),
    Said(_entry("Actif:27:Titres  1 TITRE {11.00 EUR} @ 12.00 USD", "Actif:512:Banque  -11.00 EUR"),
         "currencies must match", ("EUR", "USD")),
    Said(_entry("Charges:606  EUR @@ 10.00 EUR", "Actif:512:Banque"), "Total price", ("une quantité devant",)),
    Said(_entry("Actif:27:Titres  1 TITRE {10.00 EUR}", "Actif:512:Banque  -10.00 EUR")
         + "2026-01-11 pad Actif:27:Titres Capitaux:101\n2026-01-12 balance Actif:27:Titres 5 TITRE\n",
         "Attempt to pad", ("tenu au coût",)),
    Said('plugin "beancount.plugins.check_commodity" "{"\n', "Error applying plugin", ("s'est arrêté",)),
    Said(_entry("Actif:27:Titres  0 TITRE {11.00 EUR}", "Actif:512:Banque  0.00 EUR"), "Amount is zero", ("nulle",)),
    Said(_entry("Actif:27:Titres  1 TITRE {-11.00 EUR}", "Actif:512:Banque  11.00 EUR"), "Cost is negative",
         ("jamais négatif",)),
]  # fmt: skip


def _load(tmp_path: Path, text: str) -> list[str]:
    main = tmp_path / "main.beancount"
    main.write_text(HEAD + text, encoding="utf-8")
    _, errors, _ = loader.load_file(str(main))
    return [error.message for error in errors]


@pytest.mark.parametrize("said", SAID, ids=lambda said: said.beancount)
def test_a_message_of_beancount_is_said_in_french(said: Said, tmp_path: Path) -> None:
    messages = [message for message in _load(tmp_path, said.text) if said.beancount in message]
    assert messages
    french = [explain_beancount(message) or explain(message, "") or "" for message in messages]
    assert any(all(piece in text for piece in said.french) for text in french), french
    assert all(text and "{" not in text for text in french)


def test_a_file_included_twice_is_said_in_french(tmp_path: Path) -> None:
    messages = _load(tmp_path, 'include "main.beancount"\n')
    french = explain_beancount(messages[0])
    assert french is not None
    assert "inclus deux fois" in french


@pytest.mark.parametrize(
    ("message", "line", "says"),
    [
        ("syntax error, unexpected INDENT", "  Actif:512:Banque  1.00 EUR", "ligne vide"),
        ("syntax error, unexpected KEY, expecting ACCOUNT", "", "une clé n'a pas sa place"),
        ("syntax error, unexpected EOL", "", "la fin de la ligne"),
        (
            "syntax error, unexpected NUMBER, expecting TAG or LINK",
            "",
            "une étiquette (#…) ou un lien (^…)",
        ),
        (
            "Invalid token: 'Dupont\"'",
            '2026-01-03 * "Dupont"',
            "guillemet manque, sur cette ligne ou plus haut",
        ),
        ("Invalid token: 'xyz'", "", "« xyz » n'est pas compris"),
        ("ValueError: Invalid number format: '1,50'", "", "« 1,50 » n'est pas un nombre"),
        ("ValueError: month must be in 1..12", "", "calendrier"),
        ("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9", "", "UTF-8"),
        ("Could not resolve cost currency", "", "tapez-la après chaque montant"),
        ("Transaction has incomplete elements", "", "complétez chaque ligne"),
        ('File "x.beancount" does not exist', "", "vérifiez son nom"),
        ("Invalid date on document file '2026-02-30.a.pdf': x", "", "renommez-le"),
    ],
)
def test_a_message_alone_is_explained_too(message: str, line: str, says: str) -> None:
    assert says in (explain(message, line) or "")


@pytest.mark.parametrize("message", ["", "clé « numero » : lu 3", "Something new", "{0}", "syntax"])
def test_an_unknown_message_is_left_alone(message: str) -> None:
    assert explain(message, "  Actif:512:Banque  1,50 EUR") is None
    assert explain_beancount(message) is None


def test_a_validation_message_is_not_explained_by_an_unrelated_mistake_of_its_line() -> None:
    message = "Transaction does not balance: (1.00 EUR)"
    assert explain(message, "2026-01-02 * “a”") == explain_beancount(message)


def test_a_missing_currency_is_shown_after_the_number_typed() -> None:
    said = explain("Failed to categorize posting 2", "  Produits:706:Conseil  -300.00  ; janvier")
    assert said is not None
    assert said.endswith("tapez « -300.00 EUR »")


def test_a_missing_unit_is_asked_for_before_the_price() -> None:
    said = explain(
        "Could not resolve units currency", "  Produits:707:Ventes  -2 @ 50.00 EUR  ; chaises"
    )
    assert said == "l'unité manque avant « @ » ; tapez par exemple « -2 UNITE @ 50.00 EUR »"
