"""The checklist as a whole; each check is seen to fail and to pass in test_every_check.py."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.data import Transaction
from tests.closing.closing_ledger import ROOT, view_of, write_dossier

from acompta.closing.check import Check
from acompta.closing.checks import CHECKS, State, run_checks
from acompta.closing.periods import read_period
from acompta.closing.reported import reported_receipts
from acompta.french import numbered
from acompta.loading import load_ledger

DOSSIERS = sorted((ROOT / "ledgers").glob("*/main.beancount"))

# A cheque in hand, a supplier, a retention… whatever a fault needs.
ACCOUNTS = """
2026-01-01 open Actif:5112:Cheques EUR
2026-01-01 open Actif:53:Caisse EUR
2026-01-01 open Passif:471:Attente EUR
2026-01-01 open Passif:401:Papetier EUR
2026-01-01 open Actif:411:Union EUR
  pays: "BE"
2026-01-01 open Actif:411:Zoe EUR
2026-01-01 open Actif:44566:Biens EUR
2026-01-01 open Actif:44567:Credit EUR
2026-01-01 open Charges:606:Fournitures EUR
2026-01-01 open Produits:707:Ventes EUR
2026-01-01 open Passif:44571:TVA10 EUR
  taux: 10
2026-01-01 open Passif:44571:TVA19 EUR
  taux: 19.6
2026-01-01 open Passif:44574:TVA19 EUR
  taux: 19.6
"""


def checks_of(folder: Path, text: str, month: str = "2026-01") -> dict[str, Check]:
    main = write_dossier(folder / "dossier")
    january = main.parent / "2026-01.beancount"
    january.write_text(
        "\n".join((january.read_text(encoding="utf-8"), ACCOUNTS, text, "")), encoding="utf-8"
    )
    loaded = load_ledger(main)
    assert loaded.errors == []
    return {check.key: check for check in run_checks(view_of(loaded, read_period(month)))}


def test_a_sound_month_has_no_fault(tmp_path: Path) -> None:
    found = checks_of(tmp_path, "")
    assert len(found) == len(CHECKS)
    assert [key for key, check in found.items() if check.state is not State.OK] == ["sceaux"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 document(s) sans sceau", "1 document sans sceau"),
        ("3 client(s) créditeur(s)", "3 clients créditeurs"),
        ("0 retenue(s), 1 234,00 €", "0 retenue, 1 234,00 €"),
        ("2 compte(s), 1 relevé(s)", "2 comptes, 1 relevé"),
    ],
)
def test_the_plural_agrees(text: str, said: str) -> None:
    assert numbered(text) == said


def test_the_faults_of_february(tmp_path: Path) -> None:
    """The VAT of January, 100, is paid 60; January's accrual is not reversed; no credit where 44567 holds 12.50."""
    text = """
2026-01-31 * "Zoé" "PCA"
  regularisation: "PCA F2026-001 1"
  Produits:706:Conseil   1.00 EUR
  Capitaux:101:Capital  -1.00 EUR
2026-01-30 * "Reprise" "Crédit"
  Actif:44567:Credit     12.50 EUR
  Capitaux:101:Capital  -12.50 EUR
"""
    found = checks_of(tmp_path, text, "2026-02")
    assert found["extournes"].state is State.BAD
    assert found["credit"].state is State.BAD
    assert found["paiement-tva"].state is State.OK


def test_vat_by_quarter_is_settled_with_the_quarter(tmp_path: Path) -> None:
    """January asks for no settlement; March asks for the whole quarter's: 100 of January less nothing."""
    main = write_dossier(tmp_path / "dossier")
    text = main.read_text(encoding="utf-8")
    main.write_text(
        text.replace(
            '  siren: "732829320"\n', '  siren: "732829320"\n  periodicite-tva: "trimestre"\n'
        ),
        encoding="utf-8",
    )
    january = main.parent / "2026-01.beancount"
    typed = january.read_text(encoding="utf-8")
    january.write_text(typed[: typed.index("2026-01-31")], encoding="utf-8")
    february = main.parent / "2026-02.beancount"
    typed = february.read_text(encoding="utf-8")
    february.write_text(typed[: typed.index("2026-02-20")], encoding="utf-8")
    loaded = load_ledger(main)
    assert loaded.errors == []
    by_month = {
        month: next(
            check
            for check in run_checks(view_of(loaded, read_period(month)))
            if check.key == "liquidation"
        )
        for month in ("2026-01", "2026-03")
    }
    assert by_month["2026-01"].state is State.OK
    assert by_month["2026-03"].state is State.BAD
    (said,) = by_month["2026-03"].evidence
    assert said.text.startswith("TVA du 1er trimestre 2026, déclaration CA3, 100,00\u00a0€ à payer")


# -- the payments to report against 44571 -------------------------------------------------------------------------


def test_vat_moved_beside_the_receipts_is_seen(tmp_path: Path) -> None:
    """F2026-001 is paid, 600.00: 100.00 to report and on 44571. Twenty more moved by hand are reported by nothing."""
    by_hand = """
2026-01-28 * "SCI Dupont" "TVA passée à la main" ^F2026-001
  Passif:44574:TVA20   20.00 EUR
  Passif:44571:TVA20  -20.00 EUR
"""
    check = checks_of(tmp_path, by_hand)["encaissements-tva"]
    assert check.state is State.LOOK
    assert [evidence.amount for evidence in check.evidence] == [Decimal(20)]
    text = check.evidence[0].text.replace("\u202f", " ").replace("\xa0", " ")
    assert text == (
        "F2026-001 : 600,00 € TTC à transmettre à 20 %, soit 100,00 € de TVA ; 120,00 € au 44571 par les encaissements"
    )


def test_a_receipt_whose_vat_did_not_move_is_seen(tmp_path: Path) -> None:
    """The same, the other way: forty taken back by hand."""
    by_hand = """
2026-01-28 * "SCI Dupont" "TVA reprise à la main" ^F2026-001
  Passif:44574:TVA20  -40.00 EUR
  Passif:44571:TVA20   40.00 EUR
"""
    check = checks_of(tmp_path, by_hand)["encaissements-tva"]
    assert [evidence.amount for evidence in check.evidence] == [Decimal(-40)]


@pytest.mark.parametrize("path", DOSSIERS, ids=lambda path: path.parent.name)
def test_the_examples_report_what_their_accounts_say(path: Path) -> None:
    loaded = load_ledger(path)
    days = [entry.date for entry in loaded.entries if isinstance(entry, Transaction)]
    compared = reported_receipts(loaded.dossier, loaded.entries, min(days), max(days))
    assert len(compared) >= 1
    assert [one for one in compared if not one.agrees] == []


def test_money_received_at_a_rate_without_a_pending_account_is_said_once(tmp_path: Path) -> None:
    """The engine says which account to open; the check of 44574, where nothing was posted, does not stop the list."""
    main = write_dossier(tmp_path / "dossier")
    january = main.parent / "2026-01.beancount"
    early = """
2026-01-10 * "Zoé" "Travaux" #contrat ^T-01
  Actif:411:Zoe
  Produits:706:Conseil  -100.00 EUR
    tva: 10

2026-01-20 * "Zoé" "Virement" ^T-01
  Actif:512:Banque  55.00 EUR
  Actif:411:Zoe
"""
    january.write_text(january.read_text("utf-8") + ACCOUNTS + early, "utf-8")
    loaded = load_ledger(main)
    assert any("aucun compte 44574" in error.message for error in loaded.errors)
    found = {check.key: check for check in run_checks(view_of(loaded, read_period("2026-01")))}
    assert found["tva-en-attente"].state is State.OK
    assert found["erreurs"].state is State.BAD
