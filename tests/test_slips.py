"""Well-formed entries that are probably slips: one row per habit, and nothing said of the example dossiers."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Final

import pytest
from tests.roots import ROOTS

from acompta.loading import load_ledger
from acompta.slips import slips

LEDGERS: Final = Path(__file__).parents[1] / "ledgers"
DAY: Final = datetime.date(2026, 3, 1)
# A contract of 9 000.00, its deposit of 30 % (3 240.00 VAT included) paid, its final invoice; a rent of 1 440.00 paid.
TYPED: Final = (
    ROOTS
    + """
plugin "acompta"
2026-01-01 custom "emetteur" "Nord Conseil SAS"
  regime-tva: "encaissements"
2026-01-01 open Actif:411:Roubaix EUR
2026-01-01 open Actif:512:Banque EUR
2026-01-01 open Passif:401:Bailleur EUR
2026-01-01 open Passif:401:Logiciel EUR
2026-01-01 open Charges:6132 EUR
2026-01-01 open Actif:413:Roubaix EUR
2026-01-01 open Actif:411:Lille EUR
2026-01-01 open Passif:4191:Lille EUR
2026-01-01 open Charges:658 EUR
2026-01-01 open Charges:6616 EUR
2026-01-01 open Produits:706:Conseil EUR
  tva: 20
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44574:TVA20 EUR
  taux: 20
2026-01-01 open Actif:44566:TVA20 EUR
  taux: 20
2026-01-01 open Actif:44564:TVA20 EUR
  taux: 20

2026-01-10 * "Filatures" "Audit" #contrat ^C1
  Actif:411:Roubaix
  Produits:706:Conseil   -9000.00 EUR

2026-01-12 * "Filatures" "Acompte de 30 %" #acompte ^C1
  numero: "F2026-001"
  echeance: 2026-02-12
  Actif:411:Roubaix
  Passif:4191:Roubaix   -30 PCT

2026-01-20 * "Filatures" "Virement" ^F2026-001
  Actif:512:Banque   3240.00 EUR
  Actif:411:Roubaix

2026-01-25 * "Bailleur" "Loyer" #achat
  numero: "L-01"
  Passif:401:Bailleur
  Charges:6132   1200.00 EUR
    tva: 20

2026-01-28 * "Bailleur" "Virement" ^L-01
  Passif:401:Bailleur
  Actif:512:Banque  -1440.00 EUR

2026-02-28 * "Filatures" "Solde" #solde ^C1
  numero: "F2026-002"
  Actif:411:Roubaix
"""
)


def said(folder: Path, text: str) -> list[str]:
    path = folder / "main.beancount"
    path.write_text(text, encoding="utf-8")
    loaded = load_ledger(path)
    assert loaded.errors == []
    return [f"{one.code} : {one.message}" for one in slips(loaded.dossier, loaded.entries, DAY)]


def test_nothing_is_said_of_what_is_right(tmp_path: Path) -> None:
    assert said(tmp_path, TYPED) == []


@pytest.mark.parametrize(
    "name", sorted(path.parent.name for path in LEDGERS.glob("*/main.beancount"))
)
def test_the_example_dossiers_have_no_slip(name: str) -> None:
    loaded = load_ledger(LEDGERS / name / "main.beancount")
    assert slips(loaded.dossier, loaded.entries, datetime.date(2026, 11, 26)) == []


CASES: Final = sorted((Path(__file__).parent / "cases").glob("achat*/typed.beancount"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_the_worked_purchases_have_no_slip(path: Path) -> None:
    """Bills of exchange, deposits, credit notes, discounts: all as they should be."""
    loaded = load_ledger(path)
    assert slips(loaded.dossier, loaded.entries, datetime.date(2026, 11, 26)) == []


@pytest.mark.parametrize(
    ("typed", "mistyped", "code", "words"),
    [
        ("3240.00", "-3240.00", "rendu-sans-encaissement", "3\u202f240,00\u00a0€ rendus"),
        (
            "3240.00 EUR\n  Actif:411:Roubaix", "3240.00 EUR\n  Passif:4191:Roubaix",
            "banque-au-4191", "tapez Actif:411:Roubaix",
        ),
        ("echeance: 2026-02-12", "echeance: 2025-02-12", "echeance-passee", "échéance du 12/02/2025"),
        (
            "3240.00 EUR\n  Actif:411:Roubaix", "3240.5 EUR\n  Actif:411:Roubaix  -3240.53 EUR",
            "ecart-d-equilibre", "0,03\u00a0€ de trop au crédit",
        ),
        ("2026-02-28 * ", "2062-02-28 * ", "date-lointaine", "28/02/2062"),
        ("-1440.00", "-2440.00", "trop-paye", "1\u202f000,00\u00a0€ payés en trop sur L-01"),
        ("-1440.00", "1440.00", "paiement-a-l-envers", "vérifiez le signe"),
        ("1200.00 EUR\n    tva", "-1200.00 EUR\n    tva", "avoir-paye", "L-01 de Passif:401:Bailleur est un avoir"),
        (" ^L-01\n", "\n", "paiement-sans-lien", "ajoutez ^L-01"),
        (" ^L-01\n", " ^L-10\n", "paiement-sans-lien", "ajoutez ^L-01"),
        ('custom "emetteur"', 'custom "emeteur"', "emetteur-absent", "aucun émetteur au 10/01/2026"),
        (
            "3240.00 EUR\n", "3235.00 EUR\n  Charges:658   5.00 EUR\n",
            "solde-sans-paiement", "5,00\u00a0€ sur Charges:658 ne sont pas un paiement",
        ),
        (
            "3240.00 EUR\n  Actif:411:Roubaix", "3200.00 EUR\n  Charges:6616   40.00 EUR\n  Actif:413:Roubaix",
            "effet-escompte", "portez l'avance de la banque au 519",
        ),
        (
            "2026-01-25 *", '2026-01-21 * "OD" "TVA encaissée"\n  Passif:44574:TVA20   540.00 EUR\n'
            "  Passif:44571:TVA20\n\n2026-01-25 *",
            "tva-passee-a-la-main", "540,00\u00a0€ de TVA passés du 44574 au 44571",
        ),
        (
            '"Solde" #solde ^C1\n  numero: "F2026-002"\n  Actif:411:Roubaix\n',
            '"Solde" #solde ^C1\n  numero: "F2026-002"\n  Actif:411:Roubaix\n'
            '  Produits:706:Conseil   1 REMISE @ 10.00 EUR\n    libelle: "Acompte déduit"\n',
            "acompte-en-remise", "F2026-002 : un acompte déduit en remise",
        ),
        (
            "2026-01-28 * ", '2026-01-27 * "Lille" "Conseil"\n  Actif:411:Lille   100.00 EUR\n'
            "  Produits:706:Conseil\n\n2026-01-28 * ",
            "etiquette-oubliee", "100,00\u00a0€ de ventes facturés à Actif:411:Lille sans étiquette",
        ),
        (
            "2026-01-28 * ", '2026-01-27 * "Lille" "Acompte reçu"\n  Actif:512:Banque   120.00 EUR\n'
            "  Passif:4191:Lille\n\n2026-01-28 * ",
            "banque-au-4191", "sans facture d'acompte : aucun solde ne les reprendrait",
        ),
        (
            "Passif:401:Bailleur\n  Actif:512", "Passif:401:Logiciel\n  Actif:512",
            "paiement-d-un-autre", "L-01 est une facture de Passif:401:Bailleur",
        ),
    ],
)  # fmt: skip
def test_a_slip_is_said_with_what_to_correct(
    tmp_path: Path, typed: str, mistyped: str, code: str, words: str
) -> None:
    assert typed in TYPED
    found, *others = said(tmp_path, TYPED.replace(typed, mistyped, 1))
    assert [one.split(" ")[0] for one in others] == (
        ["mot-inconnu"] if code == "emetteur-absent" else []
    )
    assert found.startswith(f"{code} : ")
    assert words in found


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("  Actif:411:Roubaix  100.00 EUR\n  Produits:706:Conseil", "tapez #facture"),
        ("  Passif:401:Bailleur  -100.00 EUR\n  Charges:6132", "tapez #achat"),
    ],
)
def test_a_number_without_a_tag_makes_no_document(tmp_path: Path, entry: str, words: str) -> None:
    text = f'{TYPED}\n2026-03-01 * "Divers" "Étude"\n  numero: "F2026-003"\n{entry}\n'
    (found,) = said(tmp_path, text)
    assert found.startswith("etiquette-oubliee : F2026-003")
    assert words in found


@pytest.mark.parametrize("mistyped", ["Passif:4191:Roubais", "Actif:4191:Roubaix"])
def test_a_mistyped_4191_opens_no_account_of_its_own(tmp_path: Path, mistyped: str) -> None:
    path = tmp_path / "main.beancount"
    path.write_text(TYPED.replace("Passif:4191:Roubaix", mistyped), encoding="utf-8")
    loaded = load_ledger(path)
    messages = [error.message for error in loaded.errors]
    assert any(
        f"compte {mistyped} : rien ne l'ouvre" in one and "tapez Passif:4191:Roubaix" in one
        for one in messages
    )


def test_a_4191_that_the_ledger_opens_is_taken_as_typed(tmp_path: Path) -> None:
    text = TYPED.replace("Passif:4191:Roubaix", "Passif:4191:Communs")
    assert (
        said(
            tmp_path,
            text.replace(
                "2026-01-01 open Actif:512",
                "2026-01-01 open Passif:4191:Communs\n2026-01-01 open Actif:512",
            ),
        )
        == []
    )


def test_a_final_invoice_in_euros_leaves_its_contract_unbilled(tmp_path: Path) -> None:
    """6 300.00 typed for what is left of 9 000.00: work beside the contract, and the contract is closed unbilled."""
    path = tmp_path / "main.beancount"
    path.write_text(f"{TYPED.rstrip()}\n  Produits:706:Conseil  -6300.00 EUR\n", encoding="utf-8")
    (notice,) = load_ledger(path).dossier.notices
    assert notice.code == "solde-incomplet"
    assert "laisse 9\u202f000,00\u00a0€ HT du contrat ^C1" in notice.message
    assert "tapez -100 PCT" in notice.message


@pytest.mark.parametrize(
    ("party", "line", "words"),
    [
        ('  pays: "BE"', "", 'regime: "intracom-services"'),
        ('  pays: "BE"', '    nature: "bien"', 'regime: "intracom-biens"'),
        ('  pays: "US"', "", 'regime: "export"'),
        ('  pays: "BE"', "    tva: 20", ""),
        ('  pays: "BE"', '    regime: "intracom-services"', ""),
        ('  pays: "BE"\n  particulier: TRUE', "", ""),
        ('  pays: "MC"', "", ""),
        ('  pays: "FR"', "", ""),
    ],
)
def test_french_vat_to_a_business_abroad_is_said_unless_typed(
    tmp_path: Path, party: str, line: str, words: str
) -> None:
    """CGI art. 259, 1°: a service to a business is taxed where it is established; 262 ter and 262: goods sent there."""
    text = TYPED.replace(
        "2026-01-01 open Actif:512",
        f"2026-01-01 open Actif:411:Leroy EUR\n{party}\n2026-01-01 open Actif:512",
    ) + (
        '\n2026-02-28 * "Leroy" "Refonte" #facture\n  numero: "F2026-003"\n  Actif:411:Leroy\n'
        f"  Produits:706:Conseil  -100.00 EUR\n{line}\n"
    )
    found = said(tmp_path, text)
    assert len(found) == bool(words)
    assert all(one.startswith("tva-a-l-etranger : F2026-003") and words in one for one in found)


@pytest.mark.parametrize(
    ("typed", "others", "code", "words"),
    [
        (
            '2026-03-01 * "Logiciel" "Facture de 2013 recopiée" #achat\n  numero: "S-1"\n  Passif:401:Logiciel\n'
            "  Charges:6132  100.00 EUR\n    tva: 19.6\n",
            ["44566", "44564"],
            "taux-perime",
            "aucun taux français n'est de 19,6",
        ),
        (
            '2026-03-01 * "Roubaix" "Au taux de 2013" #facture\n  numero: "F2026-003"\n  Actif:411:Roubaix\n'
            "  Produits:706:Conseil  -100.00 EUR\n    tva: 19.6\n",
            ["44571", "44574"],
            "taux-perime",
            "n'est plus en vigueur au 01/03/2026",
        ),
        (
            '2026-03-01 * "Logiciel" "Avoir" #achat\n  numero: "S-2"\n  sur: "S-1"\n  Passif:401:Logiciel\n'
            "  Charges:6132  -100.00 EUR\n    tva: 20\n",
            [],
            "avoir-sans-facture",
            "aucun achat n° S-1 chez Passif:401:Logiciel",
        ),
    ],
)
def test_a_document_typed_from_another_time(
    tmp_path: Path, typed: str, others: list[str], code: str, words: str
) -> None:
    roots = {"44566": "Actif", "44564": "Actif"}
    opened = "".join(
        f"2026-01-01 open {roots.get(role, 'Passif')}:{role}:Ancien EUR\n  taux: 19.6\n"
        for role in others
    )
    (found,) = said(tmp_path, f"{TYPED}\n{opened}\n{typed}")
    assert found.startswith(f"{code} : ")
    assert words in found


def test_a_credit_note_on_an_old_invoice_has_its_rate(tmp_path: Path) -> None:
    text = (
        "2026-01-01 open Actif:44564:Ancien EUR\n  taux: 19.6\n"
        '2026-03-01 * "Logiciel" "Avoir" #achat\n  numero: "S-2"\n  Passif:401:Logiciel\n'
        "  Charges:6132  -100.00 EUR\n    tva: 19.6\n"
    )
    assert said(tmp_path, f"{TYPED}\n{text}") == []


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("", "refaites-la par une #rectificative, avec regime: "),
        (
            '2026-03-02 * "Leroy" "Refonte" #rectificative\n  numero: "F2026-004"\n  sur: "F2026-003"\n'
            '  Actif:411:Leroy\n  Produits:706:Conseil  -100.00 EUR\n    regime: "intracom-services"\n',
            "",
        ),
        ('2026-02-28 custom "cloture" "2026-02" "x"\n', ""),
    ],
)
def test_a_sealed_one_is_corrected_by_another_document(
    tmp_path: Path, after: str, words: str
) -> None:
    text = TYPED.replace(
        "2026-01-01 open Actif:512",
        '2026-01-01 open Actif:411:Leroy EUR\n  pays: "BE"\n2026-01-01 open Actif:512',
    ) + (
        '\n2026-02-28 * "Leroy" "Refonte" #facture\n  numero: "F2026-003"\n  sceau: "x"\n  ttc: 120.00 EUR\n'
        f"  Actif:411:Leroy\n  Produits:706:Conseil  -100.00 EUR\n\n{after}"
    )
    path = tmp_path / "main.beancount"
    path.write_text(text, encoding="utf-8")
    loaded = load_ledger(path)
    found = [
        n.message
        for n in slips(loaded.dossier, loaded.entries, DAY)
        if n.code == "tva-a-l-etranger"
    ]
    assert [words in message for message in found] == ([True] if words else [])


BY_HAND = """
2026-03-01 * "Logiciel" "Abonnement"
  Passif:401:Logiciel  -120.00 EUR
  Charges:6132  100.00 EUR
  Actif:44566:TVA20  20.00 EUR
"""


def test_vat_on_services_typed_as_deducted_before_it_is_paid(tmp_path: Path) -> None:
    (found,) = said(tmp_path, TYPED + BY_HAND)
    assert found.startswith("tva-deduite-impayee : 20,00")
    assert "Passif:401:Logiciel est payé" in found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("open Passif:401:Logiciel EUR", "open Passif:401:Logiciel EUR\n  debits: TRUE"),
        ("Passif:401:Logiciel  -120.00", "Actif:512:Banque  -120.00"),
        ("Charges:6132  100.00 EUR\n  Actif:44566", "Charges:607  100.00 EUR\n  Actif:44566"),
    ],
    ids=["débits", "paid at once", "goods"],
)
def test_vat_deducted_at_its_date_is_not_said(tmp_path: Path, old: str, new: str) -> None:
    text = TYPED + "\n2026-01-01 open Charges:607 EUR\n" + BY_HAND
    assert old in text
    assert said(tmp_path, text.replace(old, new, 1)) == []


def _series(*typed: tuple[str, str]) -> str:
    """Invoices of the same customer, one a day of February: their tag, or a whole key, and their number."""
    text = ""
    for day, (tag, number) in enumerate(typed, 1):
        text += (
            f'\n2026-03-{day:02} * "Filatures" "Conseil" #facture\n  numero: "{number}"\n'
            f"{tag}  Actif:411:Roubaix\n  Produits:706:Conseil  -100.00 EUR\n"
        )
    return text


def _doubtful(folder: Path, text: str) -> list[str]:
    path = folder / "main.beancount"
    path.write_text(TYPED + text, encoding="utf-8")
    loaded = load_ledger(path)
    found = slips(loaded.dossier, loaded.entries, DAY)
    return [one.message for one in found if one.code == "numero-douteux"]


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        ("F2026-OO3", "F2026-003"),  # the letter O
        ("F2026-0O3", "F2026-003"),
        ("F2O26-003", "F2026-003"),
        ("F2026-00l", "F2026-003"),  # 001 is used: the next one
        ("f2026-003", "F2026-003"),
        ("F2026_003", "F2026-003"),
        ("F2026–003", "F2026-003"),  # an en dash
        ("F2026 -003", "F2026-003"),
        ("FA2026-003", "F2026-003"),
        ("2026-003", "F2026-003"),
        ("F20226-003", "F2026-003"),
        ("F206-003", "F2026-003"),
        ("F2062-003", "F2026-003"),
        ("F2025-003", "F2026-003"),  # dated 2026
        ("G2026-003", "F2026-003"),
    ],
)
def test_a_number_that_opens_a_series_by_a_slip(tmp_path: Path, number: str, meant: str) -> None:
    """F2026-001 and 002 stand above, of 2026-01-12 and 2026-02-28."""
    (message,) = _doubtful(tmp_path, _series(("", number)))
    assert message.startswith(f"{number} : ")
    assert f"vouliez-vous dire {meant} ?" in message


@pytest.mark.parametrize(
    "typed",
    [
        [("", "A2026-001")],
        [("", "FA2026-001")],  # a second series begins with 001, which F2026- has
        [("", "FA2026-001"), ("", "FA2026-002")],
        [("", "G2026-003"), ("", "G2026-004")],
        [('  serie: "LYON"\n', "FL2026-003")],
        [("", "LYON2026-003")],
        [("", "2026/0003")],
        [("", "F2026-0103")],
        [("", "F2025-097")],
        [("", "F2027-001")],
        [("", "F202603-001"), ("", "F202604-001")],
        [("", "L001"), ("", "I001"), ("", "L002")],
        [("", "F2026-003"), ("", "F2026-004")],
    ],
    ids=lambda typed: " ".join(number for _, number in typed),
)
def test_another_series_is_not_doubted(tmp_path: Path, typed: list[tuple[str, str]]) -> None:
    assert _doubtful(tmp_path, _series(*typed)) == []
