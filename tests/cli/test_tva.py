from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pypdf
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
BUILDER = ROOT / "ledgers" / "batiment-rousselot"


def test_terminal(run: Run) -> None:
    result = run("tva", BUILDER, "2026-03", columns=100)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "TVA de mars 2026 (CA3)" in lines
    # 20 029,93 + 3 500,00 + 12 400,00 reverse charged; 4 005,99 + 700,00 + 2 480,00.
    assert "08 FP/GP Taux normal 20 % 35 930 7 186 35 929,93 7 185,99" in lines
    assert "Crédit à reporter 5 338,00 conforme à l'écriture de liquidation" in lines
    assert "Écriture de liquidation à coller dans le journal :" not in result.stdout


def test_the_settlement_to_paste(run: Run) -> None:
    result = run("tva", BUILDER, "2026-11")
    assert '2026-11-30 * "DGFiP" "TVA de novembre 2026, déclaration CA3"' in result.stdout
    assert '  declaration: "2026-11"\n' in result.stdout


def test_detail_of_a_box_names_file_and_line(run: Run) -> None:
    result = run("tva", BUILDER, "2026-03", "--detail", "0979", columns=120)
    assert "R26-005" in result.stdout
    assert "2026-03.beancount:" in result.stdout
    assert "Cadrage" not in result.stdout


def test_json_csv_xlsx_pdf(run: Run, tmp_path: Path) -> None:
    content = json.loads(run("tva", BUILDER, "2026-03", "--json").stdout)
    by_code = {row["case"]: row for row in content["cases"]}
    assert (by_code["9B"]["base"], by_code["9B"]["taxe"]) == ("4536", "454")
    assert len([row for row in content["ecritures"] if row["case"] == "20"]) == 7
    csv = run("tva", BUILDER, "2026-03", "--csv").stdout
    assert "A2;CB;0981" in csv
    book = tmp_path / "ca3.xlsx"
    assert run("tva", BUILDER, "2026-03", "--xlsx", book).exit_code == 0
    assert openpyxl.load_workbook(book).sheetnames[0] == "Cases de la déclaration"
    pdf = tmp_path / "ca3.pdf"
    assert run("tva", BUILDER, "2026-03", "--pdf", pdf).exit_code == 0
    pages = pypdf.PdfReader(pdf).pages
    text = "".join(page.extract_text() for page in pages)
    assert "35 930" in text.replace("\u202f", " ")
    assert "Bâtiment Rousselot SARL" in text


def test_mistakes(run: Run) -> None:
    unknown = run("tva", BUILDER, "2026-03", "--detail", "Z9")
    assert unknown.exit_code == 2
    assert "case « Z9 » inconnue du formulaire" in unknown.stderr
    wrong = run("tva", BUILDER, "mars")
    assert wrong.exit_code == 2
    assert "tapez un mois (2026-03 ou « mars 2026 ») ou un trimestre (2026-T1)" in wrong.stderr
