from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.cli.samples import ACCOUNTS, STORY, day, write_ledger

from acompta.receivables import read_book
from acompta_cli.findings import verify

COMPLETE = (
    ACCOUNTS.replace(
        '  regime-tva: "encaissements"\n',
        """  regime-tva: "encaissements"
  forme: "SARL au capital de 10 000 EUR"
  siret: "73282932000074"
  tva-intracom: "FR44732829320"
  rcs: "Lyon 732 829 320"
  adresse: "12 rue de la République, 69002 Lyon"
  iban: "FR7630006000011234567890189"
  bic: "AGRIFRPP"
  penalites: "Taux de la BCE majoré de 10 points"
  escompte: "Pas d'escompte pour paiement anticipé"
""",
    )
    .replace(
        '  raison-sociale: "SCI Dupont"\n',
        '  raison-sociale: "SCI Dupont"\n  siren: "812345676"\n  adresse: "3 quai Perrache, 69002 Lyon"\n',
    )
    .replace(
        '  raison-sociale: "Martin & Fils"\n',
        '  raison-sociale: "Martin & Fils"\n  siren: "552081317"\n  adresse: "1 place Bellecour, 69002 Lyon"\n',
    )
)
PAID = """
2026-04-10 * "Martin" "Peinture" #facture
  numero: "F2026-003"
  Actif:411:Martin
  Produits:704:Travaux  -1000.00 EUR

2026-05-20 * "Martin" "Virement" ^F2026-003
  Actif:512:Banque  1200.00 EUR
  Actif:411:Martin
"""


def _found(run: Run, ledger: Path) -> list[dict[str, Any]]:
    return list(json.loads(run("verifier", ledger, "--json").stdout)["constats"])


def test_nothing_to_say(run: Run, tmp_path: Path) -> None:
    result = run("verifier", write_ledger(tmp_path, PAID, COMPLETE))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "\nRien à signaler (1 fichier, 1 document).\n"


def test_notices_only(run: Run, tmp_path: Path) -> None:
    text = PAID.replace("1200.00", "1250.00") + (
        '\n2026-06-15 * "Martin" "Virement sans référence"\n'
        "  Actif:512:Banque  300.00 EUR\n  Actif:411:Martin\n"
    )
    ledger = write_ledger(tmp_path, text, COMPLETE)
    result = run("verifier", ledger)
    assert result.exit_code == 1
    assert "2 signalements (1 fichier, 1 document)." in result.stdout
    assert [(f["gravite"], f["code"]) for f in _found(run, ledger)] == [
        ("signalement", "trop-percu"),
        ("signalement", "reglement-sans-lien"),
    ]


def test_missing_mentions_are_notices_said_once(run: Run, tmp_path: Path) -> None:
    text = PAID + PAID.replace("F2026-003", "F2026-004")
    bare = COMPLETE.replace('  siren: "552081317"\n', "").replace(
        '  iban: "FR7630006000011234567890189"\n', ""
    )
    ledger = write_ledger(tmp_path, text, bare)
    found = [f for f in _found(run, ledger) if f["source"] == "mentions"]
    assert [(f["code"], f["gravite"]) for f in found] == [("siren", "signalement")]
    assert found[0]["texte"].startswith("2026-01-01 open Actif:411:Martin")
    assert run("verifier", ledger).exit_code == 1


def test_a_mistyped_key_is_not_said_to_be_missing_too(run: Run, tmp_path: Path) -> None:
    typed = COMPLETE.replace('siren: "552081317"', "siren: 552081317")
    found = _found(run, write_ledger(tmp_path, PAID, typed))
    assert [(f["gravite"], f["lu"]) for f in found] == [("erreur", "siren")]


def test_each_error_has_a_code_and_names_what_is_at_fault(run: Run, tmp_path: Path) -> None:
    text = """
    2026-03-01 * "Martin" "Acompte" #acompte ^D9
      numero: "F2026-001"
      Actif:411:Martin
      Passif:4191:Martin  -30 PCT

    2026-03-02 * "Martin" "Peinture" #facture
      numero: "F2026-003"
      Actif:411:Martin
      Produits:704:Travaux  -1000.00 EUR
        regime: "export?"

    2026-03-03 * "Martin" "Virement" ^F2026-009
      Actif:512:Banque  300.00 EUR
      Actif:411:Martin

    2026-03-04 * "Martin" "Avoir" #avoir
      numero: "A2026-001"
      sur: "F2026-044"
      Actif:411:Martin
      Produits:704:Travaux  100.00 EUR

    2026-03-05 * "Martin" "Peinture" #facture
      numero: "F2026-003"
      Actif:411:Martin
      Produits:704:Travaux  -1000.00 EUR
        tva: 3.7
    """
    ledger = write_ledger(tmp_path, text, COMPLETE)
    found = [f for f in _found(run, ledger) if f["gravite"] == "erreur"]
    assert [(f["code"], f["lu"], f["texte"].strip()[:10]) for f in found] == [
        ("contrat-inconnu", "D9", "2026-03-01"),
        ("numero-manquant", "F2026-003", "2026-03-02"),
        ("cle", "regime", 'regime: "e'),
        ("facture-inconnue", "F2026-009", "2026-03-03"),
        ("cle", "sur", 'sur: "F202'),
        ("numero-deja-utilise", "F2026-003", "2026-03-05"),
        ("compte-manquant", "", "Produits:7"),
    ]


def test_legal_delays_are_those_of_the_date(run: Run, tmp_path: Path) -> None:
    text = """
    2026-01-05 * "Martin" "Contrat" #contrat ^D1
      retenue: 5
      reception: 2026-05-01
      Actif:411:Martin
      Produits:704:Travaux  -1000.00 EUR

    2026-04-10 * "Martin" "Peinture" #facture ^D1
      numero: "F2026-003"
      Actif:411:Martin
      Produits:704:Travaux  -1000.00 EUR
    """
    ledger = write_ledger(tmp_path, text, COMPLETE)
    codes = {
        at: [
            f["code"]
            for f in json.loads(run("verifier", ledger, "--au", at, "--json").stdout)["constats"]
        ]
        for at in ("2027-04-30", "01/05/2027")
    }
    assert codes == {"2027-04-30": [], "01/05/2027": ["retenue-liberable"]}


def test_every_source_at_its_line_once(run: Run, tmp_path: Path) -> None:
    text = """
    2026-01-15 * "SCI Dupont" "Acompte" #accompte ^D2026-012
      numero: "F2026-001"
      Actif:411:Dupont
      Passif:4191:Dupont                           -30 PCT

    2026-01-20 * "SCI Dupont" "Travaux" #facture
      numero: "F2026-002"
      echeance: 31/01/2026
      adrese: "x"
      Actif:411:Dupont
      Produits:704:Travaux   -1,125 M3 @ 12.00 EUR

    2026-01-22 * "SCI Dupont" "Virement" ^F2026-002
      Actif:512:Banque    1 234,56 EUR
      Actif:411:Dupont

    2026-01-23 * "SCI Dupont" "Virement" ^F2026-009
      Actif:512:Banke    100.00 EUR
      Actif:411:Dupont

    2026-01-24 balance Actif:512:Banque 12.00 EUR
    """
    ledger = write_ledger(tmp_path, text, COMPLETE)
    result = run("verifier", ledger, columns=100)
    assert result.exit_code == 2
    found = [f for f in _found(run, ledger) if f["gravite"] == "erreur"]
    told = [(f["texte"].strip()[:24], f["source"], f["lu"]) for f in found]
    assert told == [
        ('2026-01-15 * "SCI Dupont', "acompta", ""),
        ("echeance: 31/01/2026", "texte", "echeance"),
        ('adrese: "x"', "acompta", "adrese"),
        ("Produits:704:Travaux   -", "texte", "-1,125 M3"),
        ("Actif:512:Banque    1 23", "texte", "1 234,56 EUR"),
        ('2026-01-23 * "SCI Dupont', "acompta", "F2026-009"),
        ("Actif:512:Banke    100.0", "beancount", "Actif:512:Banke"),
        ("2026-01-24 balance Actif", "beancount", "Actif:512:Banque"),
    ]
    # Each message says what to type, in French, and Beancount's own words stay beside it.
    assert "tapez « -1.125 M3 »" in found[3]["message"]
    assert found[6]["beancount"] == "Invalid reference to unknown account 'Actif:512:Banke'"
    assert "n'est ouvert nulle part" in found[6]["message"]


def test_the_mark_stands_under_what_was_read(run: Run, tmp_path: Path) -> None:
    text = PAID.replace("-1000.00 EUR", "-1 000,00 EUR")
    lines = run("verifier", write_ledger(tmp_path, text, COMPLETE), columns=100).stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if "│   Produits:704:Travaux" in line)
    start = lines[at].index("-1 000,00 EUR")
    assert lines[at + 1].index("^") == start
    assert lines[at + 1].count("^") == len("-1 000,00 EUR")


def test_included_files_come_after_the_main_one_by_name(run: Run, tmp_path: Path) -> None:
    roots = "".join(line + "\n" for line in ACCOUNTS.splitlines() if "name_" in line)
    (tmp_path / "02.beancount").write_text(roots + PAID.replace("1000.00", "1,00"), "utf-8")
    (tmp_path / "01.beancount").write_text(PAID, "utf-8")
    main = write_ledger(tmp_path, "", COMPLETE + 'include "02.beancount"\ninclude "01.beancount"\n')
    found = _found(run, main)
    assert [Path(f["fichier"]).name for f in found if f["gravite"] == "erreur"][:2] == [
        "01.beancount",
        "02.beancount",
    ]
    # The forgotten roots are said once for the file, not once per account.
    roots_told = [f for f in found if 'option "name_assets"' in f["message"]]
    assert len(roots_told) == 1
    assert not [f for f in found if f["beancount"].startswith("Invalid account name")]


def test_plugin_missing_or_misplaced(run: Run, tmp_path: Path) -> None:
    ledger = write_ledger(tmp_path, PAID, COMPLETE.replace('plugin "acompta"\n', ""))
    result = run("verifier", ledger)
    assert result.exit_code == 2
    assert 'plugin "acompta"' in result.stdout


def test_exit_codes_are_the_same_in_json(run: Run, tmp_path: Path) -> None:
    clean = write_ledger(tmp_path, PAID, COMPLETE)
    assert run("verifier", clean, "--json").exit_code == 0
    assert json.loads(run("verifier", clean, "--json").stdout)["constats"] == []
    broken = write_ledger(tmp_path, PAID.replace("#facture", "#factur"), COMPLETE)
    assert run("verifier", broken, "--json").exit_code == 2


def test_a_folder_is_its_main_file(run: Run, tmp_path: Path) -> None:
    write_ledger(tmp_path, PAID, COMPLETE)
    assert run("verifier", tmp_path).exit_code == 0


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_sentences_fit_the_screen(run: Run, tmp_path: Path, columns: int) -> None:
    ledger = write_ledger(tmp_path, STORY)
    lines = run("verifier", ledger, columns=columns).stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert all(line == line.rstrip() for line in lines)


def test_an_internal_gap_between_balance_and_ledger_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the aged balance ever disagreed with the ledger, the command would say so."""
    ledger = write_ledger(tmp_path, PAID, COMPLETE)
    assert verify(ledger, day("31/12")).errors == 0
    monkeypatch.setattr(
        "acompta_cli.findings.read_book",
        lambda dossier, entries: replace(read_book(dossier, entries), loose=()),
    )
    text = PAID + '\n2026-06-15 * "OD"\n  Actif:411:Martin  7.00 EUR\n  Capitaux:110:Report\n'
    found = verify(write_ledger(tmp_path, text, COMPLETE), day("31/12"))
    assert [item for item in found.items if re.search(r"contrôle .*7,00", item.message)]


# One mistake, one message, and what was meant


TYPED = COMPLETE + STORY


@pytest.mark.parametrize(
    ("typed", "mistyped", "said"),
    [
        pytest.param(
            "Actif:512:Banque  1200.00", "Actif:512:Bnaque  1200.00",
            ["vouliez-vous dire « Actif:512:Banque » ? sinon, tapez « 2026-01-01 open Actif:512:Bnaque »"],
            id="a slip in a name",
        ),
        pytest.param(
            "Actif:512:Banque  1200.00", "Passif:512:Banque  1200.00",
            ["vouliez-vous dire « Actif:512:Banque »"],
            id="another root",
        ),
        pytest.param(
            "2026-01-10 *", "2025-01-10 *",
            [
                "l'écriture est du 10/01/2025, et le compte « Actif:512:Banque » ne s'ouvre que le 01/01/2026 ;"
                " corrigez la date"
            ],
            id="the year before, on four accounts",
        ),
        pytest.param(
            '"Acompte de 30 %" #acompte', '"Acompte de 30 %"',
            ["PCT n'a de sens que dans un document", "la facture F2026-001 est en erreur (ligne"],
            id="no tag: the 4191 is no second mistake",
        ),
        pytest.param(
            "-10000.00 EUR\n", "-10 000,00 EUR\n",
            ["« -10 000,00 EUR »", "le contrat ^D2026-001 est en erreur (ligne", "le contrat ^D2026-001 est en erreur"],
            id="a contract that cannot be read is not unknown",
        ),
        pytest.param(
            '  numero: "F2026-003"\n  Actif', 'numero: "F2026-003"\nActif',
            ["deux espaces avant « numero: »", "deux espaces avant le compte", "F2026-003 est en erreur (ligne"],
            id="lines at the margin: the number is not missing too",
        ),
        pytest.param(
            "2026-01-01 open Actif:411:Martin EUR\n", "2026-01-01 open Actif:411:Martin EUR\n  particulier: non\n",
            ["tapez « particulier: FALSE »"],
            id="an account whose opening cannot be read is not unknown",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_said_once_with_what_was_meant(
    run: Run, tmp_path: Path, typed: str, mistyped: str, said: list[str]
) -> None:
    assert typed in TYPED
    ledger = write_ledger(tmp_path, "", TYPED.replace(typed, mistyped, 1))
    errors = [f["message"] for f in _found(run, ledger) if f["gravite"] == "erreur"]
    assert len(errors) == len(said), errors
    for message, piece in zip(errors, said, strict=True):
        assert piece in message


@pytest.mark.parametrize(
    ("typed", "mistyped", "said"),
    [
        ("^F2026-003", "^F2026-03", "F2026-03 ; numéros proches : F2026-003, F2026-002 ; vérifiez le numéro"),
        (
            "Produits:704:Travaux  -1000.00 EUR", "Produits:704:Travau  -1000.00 EUR",
            "« Produits:704:Travau » n'est ouvert nulle part ; vouliez-vous dire « Produits:704:Travaux »",
        ),
        ("-1000.00 EUR", "-1000.00 EUR TTC", "tapez le montant hors taxes"),
        # 1 000,00 with tax at 20 % is 833,33 before tax.
        ("  Actif:411:Martin\n", "  Actif:411:Martin  1000.00 EUR\n", "hors taxes : 833,33\u00a0€ en tout"),
        ("  Actif:411:Martin\n  Produits", "  Produits", "si le total du document est nul) : Actif:411:Martin"),
        (
            '"Peinture" #facture\n', '"Peinture" #avoir ^F2026-002\n',
            '#avoir sans document corrigé : tapez sur: "F2026-002"',
        ),
    ],
)  # fmt: skip
def test_what_to_type_is_what_was_typed_put_right(
    run: Run, tmp_path: Path, typed: str, mistyped: str, said: str
) -> None:
    other = PAID.replace("F2026-003", "F2026-002").replace('"Virement"', '"Virement, encore"')
    text = other + PAID.replace(typed, mistyped, 1)
    found = _found(run, write_ledger(tmp_path, text, COMPLETE))
    messages = [f["message"] for f in found]
    assert len([message for message in messages if said in message]) == 1, messages


def test_a_document_that_cannot_be_read_leaves_no_hole(run: Run, tmp_path: Path) -> None:
    text = "".join(
        PAID.partition("\n2026-05-20")[0].replace("F2026-003", f"F2026-00{rank}")
        for rank in (3, 4, 5)
    ).replace(
        'F2026-004"\n  Actif:411:Martin\n  Produits:704:Travaux  -1000.00',
        'F2026-004"\n  Actif:411:Martin\n  Produits:704:Travaux  -1 000,00',
    )
    found = _found(run, write_ledger(tmp_path, text, COMPLETE))
    assert [f["message"][:13] for f in found if f["gravite"] == "erreur"] == ["« -1 000,00 E"]


def test_a_copied_number_is_said_once_with_the_next_one(run: Run, tmp_path: Path) -> None:
    """F2026-003 copied on a later day: the two that follow it are neither holes nor dates that go back."""
    invoices = [
        PAID.partition("\n2026-05-20")[0].replace("F2026-003", number).replace("2026-04-10", day)
        for number, day in (
            ("F2026-003", "2026-04-10"),
            ("F2026-003", "2026-04-30"),
            ("F2026-004", "2026-04-20"),
        )
    ]
    found = _found(run, write_ledger(tmp_path, "".join(invoices), COMPLETE))
    (only,) = [f["message"] for f in found if f["gravite"] == "erreur"]
    assert only.startswith("numéro F2026-003 déjà utilisé le 10/04/2026 (ligne ")
    assert only.endswith("le suivant de la série est F2026-005")


def test_an_account_that_no_line_opens_is_said_once(run: Run, tmp_path: Path) -> None:
    """411 and 4191 of the customer, on every line, and the mentions that its opening would have held."""
    ledger = write_ledger(
        tmp_path, "", TYPED.replace("open Actif:411:Dupont EUR", "Actif:411:Dupont")
    )
    found = _found(run, ledger)
    unknown = [f for f in found if "n'est ouvert nulle part" in f["message"]]
    assert len(unknown) == 1
    assert (
        "« 2026-01-01 open Actif:411:Dupont » avant les écritures (aussi lignes "
        in unknown[0]["message"]
    )
    assert all(f["fichier"] for f in found)


def test_without_the_plugin_only_its_line_is_asked_for(run: Run, tmp_path: Path) -> None:
    """Another module of ours is loaded: the text has nothing to say, and the units are no mistakes."""
    other = TYPED.replace('plugin "acompta"\n', 'plugin "acompta.invoices.filing"\n')
    found = _found(run, write_ledger(tmp_path, "", other))
    assert [f["message"].partition(" :")[0] for f in found] == ["le plugin acompta n'a pas tourné"]


def test_an_included_file_that_is_not_there_is_said_once(run: Run, tmp_path: Path) -> None:
    ledger = write_ledger(tmp_path, PAID, COMPLETE + 'include "pgc.beancount"\n')
    assert [(f["source"], f["gravite"]) for f in _found(run, ledger)] == [("texte", "erreur")]


@pytest.mark.parametrize("typed", ["1" + "0" * 30, "-1" + "0" * 40 + ".00", "1" + "0" * 26])
def test_a_number_that_cannot_be_computed_is_said_at_its_line(
    run: Run, tmp_path: Path, typed: str
) -> None:
    """Beancount itself stops at it, so no command has figures: `verifier` says where, the others say to ask it."""
    stuck = f'2026-03-01 * "Banque" "Touche coincée"\n  Actif:512:Banque  {typed} EUR\n  Actif:411:Dupont\n'
    ledger = write_ledger(tmp_path, stuck)
    line = ledger.read_text("utf-8").splitlines().index(stuck.splitlines()[1]) + 1
    [found] = [f for f in _found(run, ledger) if f["gravite"] == "erreur"]
    assert (found["ligne"], found["message"][:17]) == (line, "nombre trop grand")
    other = run("balance-agee", ledger)
    assert "Traceback" not in other.stderr
    if other.exit_code == 2:
        assert "trop de chiffres ; tapez « acompta verifier" in " ".join(other.stderr.split())


def test_an_empty_plugin_line_is_said(run: Run, tmp_path: Path) -> None:
    ledger = write_ledger(tmp_path, PAID, COMPLETE + 'plugin ""\n')
    for command in ("balance-agee", "verifier"):
        result = run(command, ledger)
        assert result.exit_code == 2
        assert "vérifiez ses lignes « plugin »" in " ".join((result.stdout + result.stderr).split())


def test_an_included_file_given_for_the_dossier_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "2026-01.beancount").write_text(PAID, "utf-8")
    main = write_ledger(tmp_path, "", COMPLETE + 'include "2026-01.beancount"\n')
    assert main.name == "main.beancount"
    for command in ("balance-agee", "verifier"):
        result = run(command, tmp_path / "2026-01.beancount")
        assert result.exit_code == 2
        assert "est un fichier inclus ; donnez le fichier principal" in " ".join(
            result.stderr.split()
        )
    # From the chart, 411 without a name is no customer to propose.
    unknown = run("balance-agee", main, "--client", "Toto")
    assert "clients du dossier : Martin & Fils, SCI Dupont" in " ".join(unknown.stderr.split())


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ('echeance: "2026-02-12"', "tapez echeance: 2026-02-12, sans guillemets"),
        ('echeance: "12/02/2026"', "tapez echeance: 2026-02-12, sans guillemets"),
        ('echeance: "bientôt"', "tapez une date année-mois-jour"),
        ('tva: "20 %"', "tapez tva: 20, sans guillemets"),
        ('tva: "5,5"', "tapez tva: 5.5, sans guillemets"),
    ],
)
def test_a_value_between_quotes_is_given_back_without_them(
    run: Run, tmp_path: Path, typed: str, wanted: str
) -> None:
    text = PAID.replace('  numero: "F2026-003"\n', f'  numero: "F2026-003"\n  {typed}\n')
    errors = [
        f for f in _found(run, write_ledger(tmp_path, text, COMPLETE)) if f["gravite"] == "erreur"
    ]
    assert wanted in errors[0]["message"]
    assert errors[0]["texte"].strip() == typed


@pytest.mark.parametrize(
    ("closed", "left_open"),
    [
        ('"Virement" ^F2026-003', '"Virement ^F2026-003'),
        ('raison-sociale: "Martin & Fils"', 'raison-sociale: "Martin & Fils'),
        ('"Martin" "Peinture" #facture', '"Martin "Peinture" #facture'),
        ('numero: "F2026-003"', 'numero: "F2026-003'),
        ('rcs: "Lyon 732 829 320"', 'rcs: "Lyon 732 829 320'),
    ],
)
def test_a_quote_left_open_is_one_error_at_its_line(
    run: Run, tmp_path: Path, closed: str, left_open: str
) -> None:
    """After it, Beancount takes texts for the rest and the rest for texts: none of that is a mistake to correct."""
    ledger = write_ledger(
        tmp_path, PAID.replace(closed, left_open), COMPLETE.replace(closed, left_open)
    )
    path = ledger / "main.beancount" if ledger.is_dir() else ledger
    line = next(
        n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if left_open in text
    )
    errors = [f for f in _found(run, ledger) if f["gravite"] == "erreur"]
    assert [(f["ligne"], f["code"]) for f in errors] == [(line, "guillemet-ouvert")]
