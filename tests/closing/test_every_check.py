"""Every check of the checklist on two small ledgers: one where it is ✓, one where it is ! or ✗, with figures and line.

The table has one row per check; `test_no_check_is_without_a_case` fails when a check has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.closing.closing_ledger import view_of, write_dossier

from acompta.closing.check import Check, State
from acompta.closing.checks import run_checks
from acompta.closing.periods import read_period
from acompta.loading import load_ledger

ACCOUNTS = """
2025-01-01 open Actif:5112:Cheques EUR
2025-01-01 open Actif:53:Caisse EUR
2025-01-01 open Passif:471:Attente EUR
2025-01-01 open Passif:401:Papetier EUR
2025-01-01 open Actif:411:Union EUR
  pays: "BE"
2025-01-01 open Actif:411:Berlin EUR
  pays: "DE"
  tva-intracom: "DE136695976"
2025-01-01 open Actif:411:Zoe EUR
  raison-sociale: "Zoé"
2025-01-01 open Passif:4191:Zoe EUR
2025-01-01 open Actif:4117:Zoe EUR
2025-01-01 open Actif:44566:Biens EUR
2025-01-01 open Actif:44564:TVA20 EUR
  taux: 20
2025-01-01 open Actif:44567:Credit EUR
2025-01-01 open Charges:606:Fournitures EUR
2025-01-01 open Charges:622:Honoraires EUR
2025-01-01 open Produits:707:Ventes EUR
2025-01-01 open Produits:704:Travaux EUR
  tva: 20
2025-01-01 open Passif:44571:TVA10 EUR
  taux: 10
2025-01-01 open Passif:44574:TVA10 EUR
  taux: 10
2025-01-01 open Capitaux:120:Resultat EUR
"""
CONTRACT = """2026-01-06 * "Zoé" "Atelier" #contrat ^D1
  Actif:411:Zoe
  Produits:706:Conseil  -1000.00 EUR
2026-01-07 * "Zoé" "Acompte" #acompte ^D1
  numero: "F2026-002"
  Actif:411:Zoe
  Passif:4191:Zoe  -30 PCT
"""
REDUCED = """2026-01-10 * "Zoé" "Moins-value" #avenant ^D1
  Actif:411:Zoe
  Produits:706:Conseil  900.00 EUR
"""
SOLD = """2026-01-20 * "Zoé" "Solde" #solde ^D1
  numero: "F2026-003"
  Actif:411:Zoe
  Produits:706:Conseil  -100 PCT
"""
RETENTION = """2026-01-06 * "Zoé" "Extension" #contrat ^D2
  retenue: 5
  {reception}
  Actif:411:Zoe
  Produits:704:Travaux  -1000.00 EUR
2026-01-28 * "Zoé" "Situation n° 1" #situation ^D2
  numero: "F2026-002"
  Actif:411:Zoe
  Produits:704:Travaux  -100 PCT
"""
MODEL = """2026-01-31 ! "Zoé" "Maintenance de {mois}" #facture
  recurrence: "mensuelle"
  Actif:411:Zoe
  Produits:706:Conseil  -100.00 EUR
"""
PREPARED = """2026-01-31 * "Zoé" "Maintenance de janvier" #facture
  numero: "F2026-002"
  modele: "2026-01 Maintenance de {mois}"
  Actif:411:Zoe
  Produits:706:Conseil  -100.00 EUR
"""
ACCRUAL = """2026-01-31 * "Zoé" "PCA"
  regularisation: "PCA F2026-001 1"
  Produits:706:Conseil   1.00 EUR
  Capitaux:101:Capital  -1.00 EUR
"""
REVERSAL = """2026-02-01 * "Zoé" "Extourne"
  extourne: "PCA F2026-001 1"
  Produits:706:Conseil  -1.00 EUR
  Capitaux:101:Capital   1.00 EUR
"""
Edit = tuple[str, str, str]


@dataclass(frozen=True)
class Side:
    """A ledger: ``text`` added to January, ``edits`` (file, old, new), the month looked at, what the summary says."""

    text: str = ""
    month: str = "2026-01"
    edits: tuple[Edit, ...] = ()
    says: str = ""


@dataclass(frozen=True)
class Case:
    """A check: its mark on the ``fault``, the figure that it gives, the ledger line behind (``""``: none)."""

    mark: str
    figure: str
    at: str
    fault: Side
    sound: Side = Side()


JANUARY, FEBRUARY = "2026-01.beancount", "2026-02.beancount"
CASES = {
    "erreurs": Case(
        "✗",
        "1 erreur",
        '2026-01-28 * "Faux"',
        Side(
            '2026-01-28 * "Faux" "Un euro manque"\n  Charges:627:Frais  5.00 EUR\n  Actif:53:Caisse  -4.00 EUR'
        ),
        Side(says="aucune erreur"),
    ),
    "mois-precedent": Case(
        "✗",
        "janvier 2026 est ouvert",
        '2026-01-02 * "Apport"',
        Side(month="2026-02"),
        Side(says="premier mois du journal"),
    ),
    "brouillons": Case(
        "!",
        "1 en attente",
        '2026-01-28 ! "À voir"',
        Side('2026-01-28 ! "À voir" "Frais"\n  Charges:627:Frais  0.00 EUR\n  Actif:512:Banque'),
        Side(MODEL, says="aucun"),
    ),
    "a-preparer": Case(
        "!",
        "1 brouillon à faire",
        '2026-01-31 ! "Zoé"',
        Side(MODEL),
        Side(MODEL + PREPARED, says="rien à préparer"),
    ),
    "sceaux": Case(
        "!",
        "1 document sans sceau",
        '2026-01-05 * "SCI Dupont"',
        Side(),
        Side(month="2026-02", says="0 document"),
    ),
    "numeros": Case(
        "✗",
        "1 rupture",
        '2026-01-25 * "Zoé" "Conseil"',
        Side(
            '2026-01-25 * "Zoé" "Conseil" #facture\n  numero: "F2026-003"\n'
            "  Actif:411:Zoe\n  Produits:706:Conseil  -1.00 EUR"
        ),
        Side(says="F2026-001"),
    ),
    "releves": Case(
        "✗",
        "1 compte sans solde affirmé",
        '2026-01-20 * "SCI Dupont" "Virement"',
        Side(edits=((FEBRUARY, "2026-02-01 balance", "2026-02-02 balance"),)),
        Side(says="1 compte pointé"),
    ),
    "attente": Case(
        "✗",
        "−5,00",
        '2026-01-28 * "?"',
        Side(
            '2026-01-28 * "?" "?"\n  Charges:627:Frais  5.00 EUR\n  Passif:471:Attente  -5.00 EUR'
        ),
        Side(
            '2026-01-28 * "?" "?"\n  Charges:627:Frais  5.00 EUR\n  Passif:471:Attente  -5.00 EUR\n'
            '2026-01-29 * "Rangé" "Frais"\n'
            "  Passif:471:Attente  5.00 EUR\n  Capitaux:101:Capital  -5.00 EUR",
            says="à zéro",
        ),
    ),
    "cheques": Case(
        "!",
        "5,00 €, depuis 26 jours",
        '2026-01-05 * "Zoé" "Chèque"',
        Side(
            '2026-01-05 * "Zoé" "Chèque"\n  Actif:5112:Cheques  5.00 EUR\n  Capitaux:101:Capital  -5.00 EUR'
        ),
    ),
    "caisse": Case(
        "✗",
        "−5,00 € le 28/01/2026",
        '2026-01-28 * "Zoé" "Sortie"',
        Side(
            '2026-01-28 * "Zoé" "Sortie"\n  Charges:627:Frais  5.00 EUR\n  Actif:53:Caisse  -5.00 EUR\n'
            '2026-01-29 * "Zoé" "Entrée"\n  Actif:53:Caisse  5.00 EUR\n  Capitaux:101:Capital  -5.00 EUR'
        ),
        Side(
            '2026-01-28 * "Zoé" "Entrée"\n  Actif:53:Caisse  5.00 EUR\n  Capitaux:101:Capital  -5.00 EUR'
        ),
    ),
    "encaissements-sans-lien": Case(
        "!",
        "5,00",
        '2026-01-28 * "Zoé" "Reçu"',
        Side('2026-01-28 * "Zoé" "Reçu"\n  Actif:53:Caisse  5.00 EUR\n  Actif:411:Zoe  -5.00 EUR'),
        Side(says="tous rattachés"),
    ),
    "encaissements-sans-facture": Case(
        "!",
        "120,00",
        '2026-01-28 * "Zoé" "Reçu"',
        Side(
            CONTRACT.split("2026-01-07", maxsplit=1)[0]
            + '2026-01-28 * "Zoé" "Reçu" ^D1\n  Actif:53:Caisse  120.00 EUR\n  Actif:411:Zoe  -120.00 EUR'
        ),
        Side(
            CONTRACT
            + '2026-01-28 * "Zoé" "Reçu" ^F2026-002\n  Actif:53:Caisse  360.00 EUR\n  Actif:411:Zoe'
        ),
    ),
    "clients-crediteurs": Case(
        "!",
        "−5,00",
        '2026-01-28 * "Zoé" "Reçu"',
        Side('2026-01-28 * "Zoé" "Reçu"\n  Actif:53:Caisse  5.00 EUR\n  Actif:411:Zoe  -5.00 EUR'),
    ),
    "fournisseurs-debiteurs": Case(
        "!",
        "5,00",
        '2026-01-28 * "Papetier" "Payé"',
        Side(
            '2026-01-28 * "Papetier" "Payé"\n  Passif:401:Papetier  5.00 EUR\n  Capitaux:101:Capital  -5.00 EUR'
        ),
    ),
    # 300.00 of deposit, a contract brought down to 100.00: 200.00 and 40.00 of VAT stay on 4191.
    "contrats-finis": Case(
        "!",
        "^D1, Zoé : 240,00 €",
        '2026-01-07 * "Zoé" "Acompte"',
        Side(CONTRACT + REDUCED + SOLD),
        Side(CONTRACT + SOLD, says="aucun"),
    ),
    "paiements-sans-facture": Case(
        "!",
        "5,00",
        '2026-01-28 * "Papetier" "Payé"',
        Side(
            '2026-01-27 * "Apport" "Caisse"\n  Actif:53:Caisse  9.00 EUR\n  Capitaux:101:Capital  -9.00 EUR\n'
            '2026-01-28 * "Papetier" "Payé"\n  Passif:401:Papetier  5.00 EUR\n  Actif:53:Caisse  -5.00 EUR'
        ),
    ),
    "doublons": Case(
        "!",
        "120,00",
        '2026-01-23 * "Papetier" "Rames"',
        Side(
            "".join(
                f'2026-01-2{day} * "Papetier" "Rames" #achat\n  numero: "P-{day}"\n  Passif:401:Papetier\n'
                '  Charges:606:Fournitures  100.00 EUR\n    tva: 20\n    nature: "bien"\n'
                for day in (1, 3)
            )
        ),
        Side(
            "".join(
                f'2026-01-2{day} * "Papetier" "Rames" #achat\n  numero: "P-{day}"\n  Passif:401:Papetier\n'
                f'  Charges:606:Fournitures  10{day}.00 EUR\n    tva: 20\n    nature: "bien"\n'
                for day in (1, 3)
            ),
            says="aucun",
        ),
    ),
    "lettrage": Case(
        "!",
        "12,00 € échus sur 12,00 €",
        '2026-01-10 * "Zoé"',
        Side(
            '2026-01-10 * "Zoé" "Conseil" #facture\n  numero: "F2026-002"\n  echeance: 2026-01-20\n'
            "  Actif:411:Zoe\n  Produits:706:Conseil  -10.00 EUR"
        ),
        Side(says="fournisseurs à zéro, rien d'échu"),
    ),
    "acomptes": Case(
        "✗",
        "10,00 € au compte, 0,00 € au registre",
        '2026-01-25 * "Erreur"',
        Side(
            '2026-01-25 * "Erreur" "À la main"\n  Actif:53:Caisse  10.00 EUR\n  Passif:4191:Zoe  -10.00 EUR'
        ),
        Side(CONTRACT, says="1 acompte, 300,00 € HT"),
    ),
    "tva-en-attente": Case(
        "✗",
        "10,00 € au compte, 0,00 € au registre",
        '2026-01-25 * "Erreur"',
        Side(
            '2026-01-25 * "Erreur" "À la main"\n  Actif:53:Caisse  10.00 EUR\n  Passif:44574:TVA20  -10.00 EUR'
        ),
        Side(CONTRACT, says="60,00 €"),
    ),
    "tva-deductible-en-attente": Case(
        "✗",
        "10,00 € passés à la main",
        '2026-01-25 * "Erreur"',
        Side(
            '2026-01-25 * "Erreur" "À la main"\n  Actif:44564:TVA20  10.00 EUR\n  Actif:53:Caisse  -10.00 EUR'
        ),
        Side(
            '2026-01-25 * "Papetier" "Conseil" #achat\n  numero: "P-1"\n  Passif:401:Papetier\n'
            "  Charges:622:Honoraires  100.00 EUR\n    tva: 20",
            says="20,00 €",
        ),
    ),
    "retenues": Case(
        "!",
        "60,00 € à libérer depuis le 01/03/2027",
        '2026-01-28 * "Zoé" "Situation n° 1"',
        Side(RETENTION.replace("{reception}", "reception: 2026-03-01"), "2027-04"),
        Side(RETENTION.replace("  {reception}\n", ""), says="1 retenue, 60,00 €"),
    ),
    "regularisations": Case(
        "!",
        "9,15",  # 10.00 × (365 - 31) / 365
        '2026-01-10 * "Zoé"',
        Side(
            '2026-01-10 * "Zoé" "Conseil" #facture\n  numero: "F2026-002"\n  periode: "2026-01-01/2026-12-31"\n'
            "  Actif:411:Zoe\n  Produits:706:Conseil  -10.00 EUR"
        ),
        Side(
            '2026-01-10 * "Zoé" "Conseil" #facture\n  numero: "F2026-002"\n  periode: "2026-01-01/2026-01-31"\n'
            "  Actif:411:Zoe\n  Produits:706:Conseil  -10.00 EUR",
            says="rien à régulariser",
        ),
    ),
    "extournes": Case(
        "✗",
        "1 à extourner",
        '2026-01-31 * "Zoé" "PCA"',
        Side(ACCRUAL, "2026-02"),
        Side(ACCRUAL + REVERSAL, "2026-02", says="toutes extournées"),
    ),
    "taux": Case(
        "!",
        "base 100,00 €, TVA 25,00 €",
        '2026-01-28 * "Zoé" "Vente"',
        Side(
            '2026-01-28 * "Zoé" "Vente"\n  Actif:53:Caisse  125.00 EUR\n  Produits:707:Ventes  -100.00 EUR\n'
            "  Passif:44571:TVA20  -25.00 EUR\n    base: 100.00"
        ),
        Side(says="20 %"),
    ),
    "taux-en-vigueur": Case(
        "!",
        "12 %",
        '2026-01-10 * "Zoé"',
        Side(
            "2025-01-01 open Passif:44574:TVA12 EUR\n  taux: 12\n2025-01-01 open Passif:44571:TVA12 EUR\n  taux: 12\n"
            '2026-01-10 * "Zoé" "Conseil" #facture\n  numero: "F2026-002"\n  Actif:411:Zoe\n'
            "  Produits:706:Conseil  -10.00 EUR\n    tva: 12"
        ),
        Side(says="tous connus"),
    ),
    "sans-taux": Case(
        "✗",
        "1 ligne",
        '2026-01-28 * "Zoé" "Vente"',
        Side(
            '2026-01-28 * "Zoé" "Vente"\n  Actif:53:Caisse  100.00 EUR\n  Produits:707:Ventes  -100.00 EUR'
        ),
        Side(says="tous taxés"),
    ),
    "autoliquidation": Case(
        "!",
        "20,00 € due, 10,00 € déductible",
        '2026-01-28 * "Werk"',
        Side(
            '2026-01-28 * "Werk" "Pièces"\n  regime: "intracom-biens"\n  Charges:606:Fournitures  10.00 EUR\n'
            "  Actif:44566:Biens  10.00 EUR\n  Passif:44571:TVA20  -20.00 EUR\n    base: 100.00"
        ),
        Side(
            '2026-01-28 * "Werk" "Pièces"\n  regime: "intracom-biens"\n'
            "  Actif:44566:Biens  20.00 EUR\n  Passif:44571:TVA20  -20.00 EUR\n    base: 100.00",
            says="20,00 €",
        ),
    ),
    "ventes-union": Case(
        "!",
        "1 sans numéro de TVA",
        '2026-01-28 * "Union"',
        Side(
            '2026-01-28 * "Union" "Audit" #facture\n  numero: "F2026-002"\n  regime: "intracom-services"\n'
            "  Actif:411:Union\n  Produits:706:Conseil  -100.00 EUR"
        ),
        Side(
            '2026-01-28 * "Berlin" "Audit" #facture\n  numero: "F2026-002"\n  regime: "intracom-services"\n'
            "  Actif:411:Berlin\n  Produits:706:Conseil  -100.00 EUR",
            says="1 vente, 100,00 € à déclarer",
        ),
    ),
    "encaissements-tva": Case(
        "!",
        "20,00 € sans facture d'Acompta",
        '2026-01-28 * "Zoé" "Vente à la main"',
        Side(
            '2026-01-28 * "Zoé" "Vente à la main"\n  Actif:411:Zoe  120.00 EUR\n'
            "  Produits:707:Ventes  -100.00 EUR\n  Passif:44571:TVA20  -20.00 EUR"
        ),
        Side(says="encaissements 100,00 €"),
    ),
    "cadrage": Case(
        "!",
        "écart 100,00 €",
        "",
        Side(
            '2026-01-28 * "Zoé" "TVA sans vente"\n  Actif:53:Caisse  20.00 EUR\n  Passif:44571:TVA20  -20.00 EUR'
        ),
        Side(says="base déclarée 500,00 €"),
    ),
    "liquidation": Case(
        "✗",
        "−20,00",
        '2026-01-31 * "DGFiP" "TVA de janvier"',
        Side(
            '2026-01-28 * "Zoé" "Vente"\n  Actif:53:Caisse  120.00 EUR\n  Produits:707:Ventes  -100.00 EUR\n'
            "  Passif:44571:TVA20  -20.00 EUR"
        ),
        Side(says="100,00 €, arrondi 0,00 €"),
    ),
    "credit": Case(
        "✗",
        "0,00 € à reporter, 12,50 € au 44567",
        '2026-01-30 * "Reprise" "Crédit"',
        Side(
            '2026-01-30 * "Reprise" "Crédit"\n  Actif:44567:Credit  12.50 EUR\n  Capitaux:101:Capital  -12.50 EUR',
            "2026-02",
        ),
        Side(says="aucun crédit"),
    ),
    "paiement-tva": Case(
        "!",
        "100,00 € dus au début du mois, 60,00 € payés",
        '2026-02-20 * "DGFiP"',
        Side(
            month="2026-02",
            edits=(
                (FEBRUARY, "Passif:44551:TVA         100.00", "Passif:44551:TVA          60.00"),
                (FEBRUARY, "Actif:512:Banque        -100.00", "Actif:512:Banque         -60.00"),
                (FEBRUARY, "Banque  1485.00", "Banque  1525.00"),
            ),
        ),
        Side(month="2026-02", says="100,00 € payés"),
    ),
    "a-nouveaux": Case(
        "✗",
        "1 485,00 € à la clôture, 2 970,00 € à l'ouverture",
        '2027-01-01 * "À-nouveaux"',
        Side(
            '2027-01-01 * "À-nouveaux" "Soldes"\n  Actif:512:Banque  1485.00 EUR\n'
            "  Capitaux:101:Capital  -1000.00 EUR\n"
            "  Capitaux:120:Resultat  -485.00 EUR",
            "2027-01",
        ),
        Side(month="2027-01", says="3 comptes, 1 485,00 € au débit"),
    ),
    "variations": Case(
        "!",
        "815,00 € contre 15,00 €",
        '2027-01-20 * "Banque" "Frais"',
        Side(
            '2027-01-20 * "Banque" "Frais"\n  Charges:627:Frais  815.00 EUR\n  Actif:512:Banque  -815.00 EUR\n'
            '2027-01-21 * "SCI Dupont" "Conseil" #facture\n  numero: "F2027-001"\n  Actif:411:Dupont\n'
            "  Produits:706:Conseil  -500.00 EUR",
            "2027-01",
        ),
        Side(
            '2027-01-20 * "Banque" "Frais"\n  Charges:627:Frais  15.00 EUR\n  Actif:512:Banque  -15.00 EUR\n'
            '2027-01-21 * "SCI Dupont" "Conseil" #facture\n  numero: "F2027-001"\n  Actif:411:Dupont\n'
            "  Produits:706:Conseil  -500.00 EUR",
            "2027-01",
            says="aucun écart",
        ),
    ),
    "balance": Case(
        "✗",
        "Trois centimes : écart de 0,03 €",  # within Beancount's tolerance: it says nothing
        '2026-01-28 * "Faux"',
        Side(
            '2026-01-28 * "Faux" "Trois centimes"\n  Charges:627:Frais  5.5 EUR\n  Actif:53:Caisse  -5.47 EUR'
        ),
        Side(says="1 600,00 € au débit comme au crédit"),
    ),
}


def checks_of(folder: Path, side: Side) -> dict[str, Check]:
    main = write_dossier(folder / "dossier")
    january = main.parent / JANUARY
    text = "\n".join((january.read_text(encoding="utf-8"), ACCOUNTS, side.text, ""))
    january.write_text(text, encoding="utf-8")
    for name, old, new in side.edits:
        path = main.parent / name
        typed = path.read_text(encoding="utf-8")
        assert old in typed
        path.write_text(typed.replace(old, new), encoding="utf-8")
    loaded = load_ledger(main)
    return {check.key: check for check in run_checks(view_of(loaded, read_period(side.month)))}


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def lines_behind(check: Check) -> list[str]:
    """The ledger lines that the evidence points at."""
    return [
        Path(one.place.path).read_text(encoding="utf-8").splitlines()[one.place.line - 1]
        for one in check.evidence
        if one.place is not None
    ]


def test_no_check_is_without_a_case(tmp_path: Path) -> None:
    assert list(checks_of(tmp_path, Side())) == list(CASES)


@pytest.mark.parametrize("key", CASES)
def test_seen_to_fail_with_its_figures_and_its_line(tmp_path: Path, key: str) -> None:
    case = CASES[key]
    check = checks_of(tmp_path, case.fault)[key]
    said = plain(" | ".join([check.summary, *(one.text for one in check.evidence)]))
    amounts = {
        f"{one.amount:.2f}".replace(".", ",") for one in check.evidence if one.amount is not None
    }
    assert (check.state.value, case.figure in said or case.figure in amounts) == (
        case.mark,
        True,
    ), said
    if case.at:
        assert any(case.at in line for line in lines_behind(check)), (said, lines_behind(check))


@pytest.mark.parametrize("key", CASES)
def test_seen_to_pass(tmp_path: Path, key: str) -> None:
    side = CASES[key].sound
    check = checks_of(tmp_path, side)[key]
    assert check.state is State.OK, check
    assert side.says in plain(check.summary)
