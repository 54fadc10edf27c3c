from __future__ import annotations

import csv
import datetime
import io
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from rich.cells import cell_len
from tests.cli.conftest import Run
from tests.cli.samples import ACCOUNTS, STORY, write_ledger
from tests.cli.test_start import _python


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_terminal(run: Run, story: Path) -> None:
    result = run("balance-agee", story, "--au", "10/07/2026", columns=100)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "Balance âgée au 10\u00a0juillet 2026".replace("\u00a0", " ") in lines
    assert "Dossier Atelier Lumière" in lines
    # Customer, 31-60 days, overdue, credits, unallocated, balance.
    assert "Martin & Fils 700,00 700,00 – −300,00 400,00" in lines
    assert "SCI Dupont – – −600,00 – −600,00" in lines
    assert "Total 700,00 700,00 −600,00 −300,00 −200,00" in lines
    assert "Solde des comptes 411, 4117, 413 et 416 −200,00 conforme au grand livre" in lines
    assert any("1 écriture ne nomme ni facture ni contrat" in line for line in lines)


def test_csv_opens_in_a_french_spreadsheet(run: Run, story: Path) -> None:
    result = run("balance-agee", story, "--au", "2026-07-10", "--csv")
    assert result.exit_code == 0
    assert result.stdout_bytes.startswith(b"\xef\xbb\xbfClient;Compte;")
    assert result.stdout_bytes.count(b"\r\n") == 3
    martin, dupont = _rows(result.stdout)
    assert martin == {
        "Client": "Martin & Fils",
        "Compte": "Actif:411:Martin",
        "Non échu": "0,00",
        "1–30 j": "0,00",
        "31–60 j": "700,00",
        "61–90 j": "0,00",
        "> 90 j": "0,00",
        "Échu": "700,00",
        "Crédits": "0,00",
        "Non affecté": "-300,00",
        "Solde": "400,00",
    }
    assert (dupont["Crédits"], dupont["Solde"]) == ("-600,00", "-600,00")


def test_csv_of_one_table(run: Run, story: Path) -> None:
    result = run("balance-agee", story, "--au", "2026-07-10", "--csv", "--table", "factures")
    (invoice,) = _rows(result.stdout)
    assert (invoice["N°"], invoice["Échéance"], invoice["Retard"]) == (
        "F2026-003",
        "31/05/2026",
        "40",
    )
    assert (invoice["Total TTC"], invoice["Réglé"], invoice["Reste dû"]) == (
        "1200,00",
        "500,00",
        "700,00",
    )


def test_csv_never_hands_a_formula_to_the_spreadsheet(run: Run, tmp_path: Path) -> None:
    text = STORY.replace('"Peinture"', '"=2+5"')
    result = run("balance-agee", write_ledger(tmp_path, text), "--csv", "--table", "factures")
    assert [row["Objet"] for row in _rows(result.stdout)] == ["'=2+5"]


def test_json_is_exact_and_stable(run: Run, story: Path) -> None:
    result = run("balance-agee", story, "--au", "2026-02-01", "--json")
    content = json.loads(result.stdout)
    assert (content["au"], content["dossier"], content["erreurs"]) == (
        "2026-02-01",
        "Atelier Lumière",
        0,
    )
    (invoice,) = content["factures"]
    assert (invoice["numero"], invoice["date"], invoice["echeance"]) == (
        "F2026-001", "2026-01-15", "2026-01-31",
    )  # fmt: skip
    assert (invoice["total"], invoice["regle"], invoice["reste-du"]) == (
        "3600.00",
        "1200.00",
        "2400.00",
    )
    assert (invoice["de-1-a-30"], invoice["jours-de-retard"]) == ("2400.00", 1)
    assert (Path(invoice["fichier"]), invoice["contrat"]) == (story, "^D2026-001")
    (deposit,) = content["acomptes"]
    assert (deposit["reste-ht"], deposit["reste-tva"], deposit["impaye"]) == (
        "3000.00", "600.00", "2400.00",
    )  # fmt: skip
    assert content["totaux"] == {"factures-ouvertes": "2400.00", "solde": "2400.00"}


def test_xlsx(run: Run, story: Path, tmp_path: Path) -> None:
    target = tmp_path / "creances.xlsx"
    result = run("balance-agee", story, "--au", "2026-07-10", "--xlsx", target)
    assert (result.exit_code, result.stdout) == (0, f"{target} écrit.\n")
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == [
        "Par client", "Factures ouvertes", "Avances, trop-perçus et…",
        "Acomptes restant à reprendre",
    ]  # fmt: skip
    sheet = book["Factures ouvertes"]
    header = {cell.value: cell.column for cell in sheet[3]}
    assert sheet.freeze_panes == "A4"
    due = sheet.cell(4, header["Échéance"])
    assert due.value == datetime.datetime(2026, 5, 31)  # noqa: DTZ001 — a spreadsheet has no time zone
    assert due.number_format == "dd/mm/yyyy"
    left = sheet.cell(4, header["Reste dû"])
    assert (left.value, left.number_format) == (700, "#,##0.00;[Red]-#,##0.00")
    total = sheet.cell(5, header["Reste dû"])
    assert (total.value, total.font.bold) == (700, True)
    assert sheet.column_dimensions["A"].width >= len("Martin & Fils")


def test_xlsx_that_cannot_be_written(run: Run, story: Path, tmp_path: Path) -> None:
    (tmp_path / "plein").write_text("", "utf-8")
    result = run("balance-agee", story, "--xlsx", tmp_path / "plein" / "x.xlsx")
    assert result.exit_code == 2
    assert "ne peut pas être écrit" in result.stderr


def test_csv_and_json_exclude_each_other(run: Run, story: Path) -> None:
    result = run("balance-agee", story, "--csv", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--csv et --json s'excluent" in result.stderr


@pytest.mark.parametrize("name", ["Actif:411:Martin", "martin & fils", "MARTIN", "fils"])
def test_one_customer(run: Run, story: Path, name: str) -> None:
    result = run("balance-agee", story, "--au", "2026-07-10", "--client", name, "--json")
    content = json.loads(result.stdout)
    assert [row["client"] for row in content["clients"]] == ["Martin & Fils"]
    assert content["limite"] == "Martin & Fils"
    assert content["totaux"]["solde"] == "400.00"


def test_unknown_customer_names_the_others(run: Run, story: Path) -> None:
    result = run("balance-agee", story, "--client", "Durand")
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        "client « Durand » inconnu ; clients du dossier : Martin & Fils, SCI Dupont"
        in result.stderr
    )


def test_one_contract(run: Run, story: Path) -> None:
    for typed in ("^D2026-001", "D2026-001"):
        result = run("balance-agee", story, "--au", "2026-05-01", "--contrat", typed, "--json")
        content = json.loads(result.stdout)
        assert [row["numero"] for row in content["factures"]] == ["F2026-002"]
    unknown = run("balance-agee", story, "--contrat", "^D1")
    assert unknown.exit_code == 2
    assert "^D1 : aucun contrat ni facture de ce nom" in unknown.stderr


def test_today_is_the_default(run: Run, story: Path) -> None:
    today = datetime.date.today().isoformat()  # noqa: DTZ011 — as the command does
    assert json.loads(run("balance-agee", story, "--json").stdout)["au"] == today


def test_nothing_owed_says_so(run: Run, story: Path) -> None:
    result = run("balance-agee", story, "--au", "01/01/2026")
    assert result.exit_code == 0
    assert "Rien à afficher à cette date." in result.stdout


def test_errors_of_the_ledger_are_told_and_change_the_exit_code(run: Run, tmp_path: Path) -> None:
    ledger = write_ledger(tmp_path, STORY.replace("#solde", "#sold"))
    result = run("balance-agee", ledger, "--csv")
    assert result.exit_code == 1
    assert "1 erreur dans ce dossier" in result.stderr
    assert "acompta verifier" in result.stderr
    assert "erreur" not in result.stdout


@pytest.mark.parametrize("columns", [80, 100, 160])
def test_no_line_is_wider_than_the_screen_and_no_figure_is_cut(
    run: Run, story: Path, columns: int
) -> None:
    result = run("balance-agee", story, "--au", "30/06/2026", columns=columns)
    assert max(cell_len(line.rstrip()) for line in result.stdout.splitlines()) <= columns
    assert "…" not in result.stdout
    for figure in ("700,00", "240,00", "−300,00", "−600,00", "1 200,00".replace(" ", "\u202f")):
        assert figure in result.stdout


def test_a_narrow_screen_says_what_it_hides(run: Run, story: Path) -> None:
    narrow = run("balance-agee", story, "--au", "30/06/2026", columns=80).stdout
    wide = run("balance-agee", story, "--au", "30/06/2026").stdout
    assert "faute de place : « Objet »" in " ".join(narrow.split())
    assert "faute de place" not in wide
    assert "Peinture" in wide


def test_piped_output_is_plain_text(story: Path) -> None:
    code = f"import sys; sys.argv = ['acompta', 'balance-agee', {str(story)!r}, '--au', '2026-07-10']\n"
    result = _python(code + "from acompta_cli import main; main()")
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stdout
    assert "Martin & Fils" in result.stdout


def test_a_closed_pipe_is_not_a_trace(story: Path) -> None:
    code = f"import sys; sys.argv = ['acompta', 'balance-agee', {str(story)!r}]\n"
    shell = f'"{sys.executable}" -c "$CODE" | head -n 1'
    result = subprocess.run(
        ["bash", "-c", shell],
        capture_output=True,
        text=True,
        check=False,
        env={
            "CODE": code + "from acompta_cli import main; main()",
            "PYTHONPATH": ":".join(sys.path),
        },
    )
    assert "Traceback" not in result.stderr


def test_accounts_typed_as_four_hundred_eleven_thousand(run: Run, tmp_path: Path) -> None:
    """A chart in six digits, one account for all customers."""
    accounts = ACCOUNTS.replace("Actif:411:Dupont", "Actif:411000").replace(
        "SCI Dupont", "Clients divers"
    )
    text = """
    2026-02-01 * "Client de passage" "Vente" #facture
      numero: "F-1"
      Actif:411000
      Produits:704:Travaux  -100.00 EUR
    """
    result = run(
        "balance-agee", write_ledger(tmp_path, text, accounts), "--json", "--au", "2026-02-01"
    )
    (row,) = json.loads(result.stdout)["clients"]
    assert (row["client"], row["solde"]) == ("Clients divers", "120.00")
