from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from openpyxl import load_workbook
from tests.cli.samples import write_ledger
from tests.steering.samples import MORE_ACCOUNTS, STORY
from tests.steering.test_profitability import STORY as MARGINS

Run = Callable[..., Result]
MAY = ("--au", "2026-05-31")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return write_ledger(tmp_path, STORY, MORE_ACCOUNTS)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_the_cash_of_three_months_on_screen(run: Run, ledger: Path) -> None:
    result = run("tresorerie", ledger, *MAY, "--mois", "3", columns=100)
    assert result.exit_code == 0
    text = " ".join(plain(result.stdout).split())
    assert "Trésorerie prévue au 31 mai 2026" in text
    assert "Prévue au 31 août 2026 20 920,00" in text
    assert "2 jalons sont passés sans être facturés" in text
    assert "█" in text


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_screen(run: Run, ledger: Path, columns: int) -> None:
    for command in ("tresorerie", "rentabilite"):
        lines = run(command, ledger, *MAY, columns=columns).stdout.splitlines()
        assert max(map(len, lines)) <= columns


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_each_bar_is_one_line_that_ends_with_its_figure(
    run: Run, ledger: Path, columns: int
) -> None:
    """A week's title is long: bars give way, never the figure."""
    screen = run("tresorerie", ledger, *MAY, "--mois", "3", "--semaines", columns=columns).stdout
    bars = screen.split("Trésorerie à la fin de chaque période\n")[1].split("\n\n")[0].splitlines()
    assert len(bars) == 14  # 1 June to 31 August, by weeks
    assert all("█" in bar and bar.endswith("€") and len(bar) <= columns for bar in bars)


def test_days_before_the_due_date_have_the_minus_of_the_amounts(run: Run, ledger: Path) -> None:
    assert "−5 j" in plain(run("tresorerie", ledger, *MAY, columns=100).stdout)


def test_json_holds_periods_flows_and_what_has_no_date(run: Run, ledger: Path) -> None:
    found = json.loads(run("tresorerie", ledger, *MAY, "--mois", "3", "--json").stdout)
    assert [one["fin"] for one in found["periodes"]] == ["12880.00", "18500.00", "20920.00"]
    assert found["periodes"][0]["du"] == "2026-06-01"
    assert found["jalons-oublies"][0]["contrat"] == "^D2026-010"
    assert found["jalons-oublies"][0]["ttc"] == "4800.00"
    assert {one["client"]: one["apres-echeance"] for one in found["delais"]} == {
        "SCI Dupont": 18,
        "Martin & Fils": -5,
    }
    (invoice,) = (one for one in found["flux"] if one["code"] == "creances")
    assert (invoice["reference"], invoice["montant"]) == ("F2026-005", "600.00")
    assert invoice["ligne"] > 0


def test_a_negative_balance_is_something_to_look_at(run: Run, tmp_path: Path) -> None:
    debt = """
2026-05-20 * "Grossiste" "Machine" #achat
  numero: "G-90"
  Passif:401:Grossiste
  Charges:606:Fournitures  1000.00 EUR
    tva: 20
"""
    ledger = write_ledger(tmp_path, debt, MORE_ACCOUNTS)
    result = run("tresorerie", ledger, *MAY)
    assert result.exit_code == 1
    assert "devient négative" in result.stdout


def test_csv_and_a_workbook(run: Run, ledger: Path, tmp_path: Path) -> None:
    assert run("tresorerie", ledger, *MAY, "--csv").stdout.startswith("\ufeffPériode;Du;Au;")
    book = tmp_path / "t.xlsx"
    assert run("tresorerie", ledger, *MAY, "--xlsx", book).exit_code == 0
    assert load_workbook(book).sheetnames[0] == "Par période"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_the_picture_is_the_same_each_time(
    run: Run, ledger: Path, tmp_path: Path, suffix: str, magic: bytes
) -> None:
    contents = set()
    for name in ("a", "b"):
        path = tmp_path / f"{name}.{suffix}"
        result = run("tresorerie", ledger, *MAY, "--image", path)
        assert result.exit_code == 0, result.stderr
        contents.add(path.read_bytes())
    assert len(contents) == 1
    assert contents.pop().startswith(magic)


def test_another_picture_is_refused(run: Run, ledger: Path, tmp_path: Path) -> None:
    result = run("tresorerie", ledger, "--image", tmp_path / "t.gif")
    assert result.exit_code == 2
    assert ".svg, .png ou .pdf" in result.stderr


# -- rentabilite ------------------------------------------------------------------------------------------------


@pytest.fixture
def margins(tmp_path: Path) -> Path:
    return write_ledger(tmp_path, MARGINS, MORE_ACCOUNTS)


def test_all_contracts_then_what_is_outside(run: Run, margins: Path) -> None:
    result = run("rentabilite", margins, "--au", "2026-06-30", columns=120)
    assert result.exit_code == 0
    text = plain(result.stdout)
    assert "Marge des contrats 860,00" in " ".join(text.split())
    # 860 + 940 of time, in no account, + 400 − 300.
    assert "Résultat comptable 1 900,00" in " ".join(text.split())
    assert "Par lot" not in text


def test_a_ledger_of_one_contract_is_not_headed_by_its_customer(run: Run, story: Path) -> None:
    """Its figures are those of the whole ledger; named, the contract has its heading."""
    whole = run("rentabilite", story, *MAY, columns=120).stdout
    named = run("rentabilite", story, "^D2026-001", *MAY, columns=120).stdout
    assert [text.count("\nObjet ") for text in (whole, named)] == [0, 1]


def test_one_contract_in_detail(run: Run, margins: Path) -> None:
    found = json.loads(
        run("rentabilite", margins, "^D2026-020", "--au", "2026-06-30", "--json").stdout
    )
    assert found["contrats"][0]["marge"] == "860.00"
    assert found["contrats"][0]["taux"] == "28.67"
    assert [(one["lot"], one["derive"]) for one in found["lots"]] == [
        ("A", "120.00"),
        ("B", "320.00"),
        ("hors lot", None),
    ]
    assert [one["montant"] for one in found["couts"]] == ["1000.00", "200.00"]
    assert [(one["personne"], one["cout"]) for one in found["temps"]] == [
        ("Marie Durand", "620.00"),
        ("Ali Benali", "320.00"),
    ]
    screen = run("rentabilite", margins, "^D2026-020", "--au", "2026-06-30", columns=120).stdout
    assert "Par lot" in screen
    assert "Temps passé" in screen


def test_an_unknown_contract_is_refused(run: Run, margins: Path) -> None:
    result = run("rentabilite", margins, "^D2026-021")
    assert result.exit_code == 2
    assert "contrat ^D2026-021 inconnu" in result.stderr


def test_a_workbook_of_rates_and_hours_holds_numbers(
    run: Run, margins: Path, tmp_path: Path
) -> None:
    """« 0.## » would show 100 % as « 100, % », and an hour typed as a text cannot be added up."""
    target = tmp_path / "m.xlsx"
    run("rentabilite", margins, "^D2026-020", "--au", "2026-06-30", "--xlsx", target)
    book = load_workbook(target)
    assert (book.properties.title, book.properties.creator) == (
        "Rentabilité au 30\u00a0juin 2026",
        "Acompta",
    )
    contracts, times = book["Par contrat"], book["Temps passé"]
    rate = next(cell for cell in contracts[4] if cell.value == 28.67)
    assert rate.number_format == '0.0#" %"'
    whole = next(
        cell for row in book["Par lot"].iter_rows(min_row=4, min_col=4, max_col=4) for cell in row
    )
    assert whole.value == int(whole.value)
    assert whole.number_format == '0" %"'
    assert all(
        isinstance(row[3].value, int | float) for row in times.iter_rows(min_row=4, max_row=5)
    )
    assert contracts["A2"].value.startswith("Atelier Lumière · Client : ")


def test_the_sheets_have_whole_words_for_names(run: Run, ledger: Path, tmp_path: Path) -> None:
    run("tresorerie", ledger, *MAY, "--xlsx", tmp_path / "t.xlsx")
    run(
        "statuts", ledger, "--du", "2026-01-01", "--au", "2026-05-31", "--xlsx", tmp_path / "s.xlsx"
    )
    assert "Sans date non comptés ci-dessus" in load_workbook(tmp_path / "t.xlsx").sheetnames
    assert load_workbook(tmp_path / "s.xlsx").sheetnames == ["Encaissements du 01-01-2026…"]
