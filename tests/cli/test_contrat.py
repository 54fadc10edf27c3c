from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from rich.cells import cell_len
from tests.cli.conftest import Run
from tests.cli.samples import STORY, write_ledger


def test_one_contract_in_the_terminal(run: Run, story: Path) -> None:
    result = run("contrat", story, "^D2026-001", "--au", "31/01/2026", columns=120)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "Contrat ^D2026-001 au 31 janvier 2026" in lines
    assert "Client SCI Dupont" in lines
    assert "GO Produits:704:Travaux Gros œuvre 20 % 10 000,00 – 0 % 10 000,00" in lines
    assert "Commandé 20 % 10 000,00 2 000,00 12 000,00" in lines
    assert "Acomptes demandés 20 % 3 000,00 600,00 3 600,00" in lines
    assert "10/01/2026 Règlement F2026-001 Virement d'avance 1 200,00" in lines
    assert "Reste dû 2 400,00" in lines
    assert "À recevoir jusqu'à la fin 10 800,00" in lines


def test_as_json(run: Run, story: Path) -> None:
    content = json.loads(run("contrat", story, "D2026-001", "--au", "2026-05-05", "--json").stdout)
    (lot,) = content["lots"]
    assert (lot["lot"], lot["facture-ht"], lot["avancement"], lot["reste-ht"]) == (
        "GO", "10000.00", "100.00", "0.00",
    )  # fmt: skip
    assert [row["nature"] for row in content["historique"]] == [
        "Contrat", "Règlement", "Acompte", "Règlement", "Solde", "Règlement",
    ]  # fmt: skip
    assert content["totaux"] == {
        "demande": "12000.00",
        "regle": "-12600.00",
        "reste-du": "-600.00",
    }
    assert content["solde-par"] == "F2026-002"


def test_as_csv_the_history_by_default(run: Run, story: Path) -> None:
    result = run("contrat", story, "^D2026-001", "--au", "2026-12-31", "--csv")
    lines = result.stdout.removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("Date;Nature;N°;Objet;HT;TVA;TTC;")
    assert lines[3].startswith(
        "15/01/2026;Acompte;F2026-001;Acompte de 30 %;3000,00;600,00;3600,00;"
    )
    lots = run("contrat", story, "^D2026-001", "--csv", "--table", "lots").stdout.splitlines()
    assert len(lots) == 2


def test_as_xlsx(run: Run, story: Path, tmp_path: Path) -> None:
    target = tmp_path / "contrat.xlsx"
    assert run("contrat", story, "^D2026-001", "--xlsx", target).exit_code == 0
    sheets = openpyxl.load_workbook(target).sheetnames
    assert sheets == ["Avancement par lot", "Par taux de TVA", "Acomptes", "Historique"]


def test_all_contracts(run: Run, story: Path) -> None:
    content = json.loads(run("contrat", story, "--au", "2026-01-31", "--json").stdout)
    (row,) = content["contrats"]
    assert (row["contrat"], row["client"], row["commande-ttc"]) == (
        "^D2026-001",
        "SCI Dupont",
        "12000.00",
    )
    assert (row["reste-a-facturer"], row["acomptes-a-reprendre"], row["reste-du"]) == (
        "12000.00", "3600.00", "2400.00",
    )  # fmt: skip
    before = run("contrat", story, "--au", "2026-01-04")
    assert "Rien à afficher à cette date." in before.stdout


def test_unknown_contract(run: Run, story: Path) -> None:
    result = run("contrat", story, "^D2026-010")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Erreur : contrat ^D2026-010 inconnu ; contrats proches : ^D2026-001\n"


def test_a_draft_is_shown_as_a_draft(run: Run, tmp_path: Path) -> None:
    text = STORY.replace('2026-03-31 * "SCI Dupont" "Solde"', '2026-03-31 ! "SCI Dupont" "Solde"')
    ledger = write_ledger(tmp_path, text.replace('  numero: "F2026-002"\n', ""))
    result = run("contrat", ledger, "^D2026-001", "--au", "30/04/2026", "--json")
    steps = json.loads(result.stdout)["historique"]
    assert [s["nature"] for s in steps if s["date"] == "2026-03-31"] == ["Solde (brouillon)"]


@pytest.mark.parametrize("columns", [80, 100, 160])
def test_fits_the_screen(run: Run, story: Path, columns: int) -> None:
    result = run("contrat", story, "^D2026-001", columns=columns)
    assert max(cell_len(line.rstrip()) for line in result.stdout.splitlines()) <= columns
    assert "…" not in result.stdout
