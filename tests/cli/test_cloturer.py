from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from tests.cli.conftest import Run
from tests.closing.closing_ledger import close_month, errors_of, write_dossier


def _dossier(folder: Path) -> Path:
    return write_dossier(folder / "dossier")


def test_simulation_shows_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    main = _dossier(tmp_path)
    before = main.read_text(encoding="utf-8")
    result = run("cloturer", main, "2026-01", "--simuler", columns=100)
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "✓ Journal sans erreur aucune erreur" in lines
    assert result.exit_code == 1  # no seal on the invoice typed by hand
    assert main.read_text(encoding="utf-8") == before
    assert not (main.parent / "clotures").exists()


def test_json_of_the_checklist(run: Run, tmp_path: Path) -> None:
    content = json.loads(run("cloturer", _dossier(tmp_path), "2026-01", "--json").stdout)
    by_key = {row["cle"]: row for row in content["controles"]}
    assert len(by_key) == 37
    assert by_key["acomptes"]["marque"] == "✓"
    assert by_key["sceaux"]["marque"] == "!"


def test_closing_then_closing_again(run: Run, tmp_path: Path) -> None:
    main = _dossier(tmp_path)
    result = run("cloturer", main, "2026-01", "--oui", "--date", "2026-02-05")
    assert result.exit_code == 0
    assert "Janvier 2026 clôturé : 7 écritures scellées" in result.output
    assert errors_of(main) == []
    assert "  date-cloture: 2026-02-05\n" in main.read_text(encoding="utf-8")
    again = run("cloturer", main, "2026-01", "--oui")
    assert again.exit_code == 2
    assert "janvier 2026 est déjà clôturé" in again.stderr


def test_a_refusal_needs_a_reason_which_is_kept(run: Run, tmp_path: Path) -> None:
    main = _dossier(tmp_path)
    february = main.parent / "2026-02.beancount"
    text = february.read_text(encoding="utf-8")
    february.write_text(text.replace("2026-02-01 balance", "2026-02-02 balance"), encoding="utf-8")
    refused = run("cloturer", main, "2026-01", "--oui")
    assert refused.exit_code == 1
    assert "Banque, carte et caisse pointées" in refused.output
    assert not (main.parent / "clotures").exists()
    reason = 'relevé "papier" attendu'
    assert run("cloturer", main, "2026-01", "--oui", "--malgre", reason).exit_code == 0
    assert '  malgre: "relevé \\"papier\\" attendu"\n' in main.read_text(encoding="utf-8")
    assert errors_of(main) == []


def test_no_reason_passes_over_an_open_month(run: Run, tmp_path: Path) -> None:
    result = run("cloturer", _dossier(tmp_path), "2026-02", "--oui", "--malgre", "pressé")
    assert result.exit_code == 1
    assert "même avec --malgre : Mois précédent clôturé" in result.output


def test_accruals_are_written_before_closing(run: Run, tmp_path: Path) -> None:
    main = _dossier(tmp_path)
    january = main.parent / "2026-01.beancount"
    text = january.read_text(encoding="utf-8")
    line = "  Produits:706:Conseil    -500.00 EUR\n"
    january.write_text(
        text.replace(line, f'{line}    periode: "2026-01-01/2026-04-10"\n'), encoding="utf-8"
    )
    result = run("cloturer", main, "2026-01", "--regulariser", "--oui")
    assert result.exit_code == 0, result.stderr
    # 31 of 100 days earned: 345.00 to 487.
    assert "Produits:706:Conseil                             345.00 EUR" in result.stdout
    assert errors_of(main) == []
    text = main.read_text(encoding="utf-8")
    assert '  regularisation: "PCA F2026-001 1"\n' in text
    assert '  extourne: "PCA F2026-001 1"\n' in text


@pytest.mark.slow
def test_the_year(run: Run, tmp_path: Path) -> None:
    main = _dossier(tmp_path)
    for month in range(1, 13):
        close_month(main, f"2026-{month:02d}")
    result = run("cloturer", main, "2026", "--exercice", "--oui", "--malgre", "vide")
    assert result.exit_code == 0, result.output
    folder = main.parent / "clotures" / "2026"
    assert (folder / "resultat-et-a-nouveaux.pdf").exists()
    fec = (folder / "732829320FEC20261231.txt").read_text(encoding="utf-8").splitlines()
    assert fec[1].split("\t")[15] == "20261205"  # ValidDate: the day of the closings
    assert (folder / "732829320FEC20261231-descriptif.txt").exists()
    assert errors_of(main) == []


def test_validation(run: Run, tmp_path: Path) -> None:
    main = _dossier(tmp_path)
    dry = run("valider", main, "--au", "16/01/2026", "--simuler")
    assert "À valider : 4 écritures" in dry.output
    result = run("valider", main, "--au", "16/01/2026", "--date", "2026-01-18", "--oui")
    assert result.exit_code == 0
    assert (main.parent / "validations" / "2026-01-16.tsv").exists()
    assert errors_of(main) == []
    again = run("valider", main, "--au", "16/01/2026", "--oui")
    assert again.exit_code == 2
    assert "déjà validées jusqu'au" in again.stderr


def test_mistakes(run: Run, tmp_path: Path) -> None:
    main = _dossier(tmp_path)
    assert "mois par mois" in run("cloturer", main, "2026-T1").stderr
    assert run("cloturer", main, "mars").exit_code == 2


def test_the_figures_behind_what_is_fine(run: Run, tmp_path: Path) -> None:
    """What is ✓ has its lines too: the account asserted with its statement, the base of each rate."""
    main = _dossier(tmp_path)
    content = json.loads(run("cloturer", main, "2026-01", "--json").stdout)
    proofs = {(row["controle"], row["texte"], row["ligne"]) for row in content["appui"]}
    texts = {text.replace("\u202f", " ").replace("\u00a0", " ") for _, text, _ in proofs}
    assert "Actif:512:Banque : 1 585,00 €, n° 1" in texts
    assert "à 20 % : base 500,00 €, TVA 100,00 €" in texts
    shown = run("cloturer", main, "2026-01", "--simuler", columns=120).stdout
    assert "Chiffres à l'appui des ✓" in shown


def test_the_closing_folder_says_nothing_of_this_machine(run: Run, tmp_path: Path) -> None:
    main = _dossier(tmp_path)
    assert run("cloturer", main, "2026-01", "--oui").exit_code == 0
    book = openpyxl.load_workbook(main.parent / "clotures" / "2026-01" / "controles.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "2026-01.beancount" in cells
    assert not any(isinstance(cell, str) and str(tmp_path) in cell for cell in cells)


def test_the_vat_of_the_year_before_is_to_be_paid(run: Run, tmp_path: Path) -> None:
    """The opening balance sheet owes 536 of VAT, and January pays none of it."""
    main = _dossier(tmp_path)
    january = main.parent / "2026-01.beancount"
    opening = (
        '\n2026-01-01 * "À-nouveaux" "Soldes"\n  Passif:44551:TVA  -536.00 EUR\n'
        "  Capitaux:101:Capital  536.00 EUR\n"
    )
    january.write_text(january.read_text(encoding="utf-8") + opening, encoding="utf-8")
    rows = json.loads(run("cloturer", main, "2026-01", "--json").stdout)["controles"]
    (row,) = [one for one in rows if one["cle"] == "paiement-tva"]
    assert row["marque"] == "!"


def test_a_closing_whose_line_is_taken_away_is_found(run: Run, tmp_path: Path) -> None:
    main = _dossier(tmp_path)
    assert run("cloturer", main, "2026-01", "--oui", "--malgre", "essai").exit_code == 0
    text = main.read_text(encoding="utf-8")
    main.write_text(text[: text.index('2026-01-31 custom "cloture"')], encoding="utf-8")
    result = run("verifier", main)
    assert result.exit_code == 2
    assert "« clotures/2026-01/ecritures.tsv » garde les écritures d'une clôture" in " ".join(
        result.output.split()
    )
