"""``acompta cloturer`` proposes the accruals and the drafts of the month before its checklist."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.acts.crash_walk import crash_walk, tree
from tests.cli.conftest import Run
from tests.closing.closing_ledger import errors_of, view_of, write_dossier

from acompta.acts import recover, writing
from acompta.closing.periods import read_period
from acompta.closing.proposed import (
    proposed,
    proposed_settlement,
    write_proposed,
    write_settlement,
)
from acompta_cli import cli

# Two models, and an invoice of 500.00 spread over 100 days, of which 31 are January's: 345.00 to 487.
MODELS = """
2026-01-31 ! "SCI Dupont" "Maintenance de {mois}" #facture
  recurrence: "mensuelle"
  periode: "2026-01-01/2026-01-31"
  Actif:411:Dupont
  Produits:706:Conseil    -100.00 EUR

2026-01-31 ! "SCI Dupont" "Hébergement de {mois}" #facture
  recurrence: "mensuelle"
  Actif:411:Dupont
  Produits:706:Conseil     -40.00 EUR
"""
CLOSE = ("--date", "2026-02-05")


@pytest.fixture
def main(tmp_path: Path) -> Path:
    path = write_dossier(tmp_path / "dossier")
    text = path.read_text(encoding="utf-8")
    text = text.replace(
        '  siren: "732829320"\n', '  siren: "732829320"\n  tva-intracom: "FR44732829320"\n'
    )
    text = text.replace(
        '  raison-sociale: "SCI Dupont"\n',
        '  raison-sociale: "SCI Dupont"\n  siren: "552100554"\n  adresse: "1 rue Haute\n69001 Lyon"\n',
    )
    path.write_text(text, encoding="utf-8")
    january = path.parent / "2026-01.beancount"
    january.write_text(january.read_text(encoding="utf-8") + MODELS, encoding="utf-8")
    return path


def spread(main: Path) -> None:
    january = main.parent / "2026-01.beancount"
    line = "  Produits:706:Conseil    -500.00 EUR\n"
    text = january.read_text(encoding="utf-8")
    january.write_text(
        text.replace(line, f'{line}    periode: "2026-01-01/2026-04-10"\n'), encoding="utf-8"
    )


def answered(main: Path, answers: str, *options: str) -> Result:
    arguments = ["cloturer", str(main), "2026-01", *CLOSE, *options]
    return CliRunner().invoke(cli, arguments, input=answers)


def january(main: Path) -> str:
    return (main.parent / "2026-01.beancount").read_text(encoding="utf-8")


def test_a_simulation_shows_what_it_would_propose_and_writes_nothing(run: Run, main: Path) -> None:
    spread(main)
    before = tree(main.parent)
    result = run("cloturer", main, "2026-01", "--simuler", columns=120)
    assert "Brouillons proposés, à ajouter dans 2026-01.beancount :" in result.stdout
    assert '2026-01-31 ! "SCI Dupont" "Maintenance de janvier" #facture' in result.stdout
    assert "Régularisations proposées, à ajouter dans main.beancount :" in result.stdout
    assert "345.00 EUR" in result.stdout
    assert tree(main.parent) == before
    data = run("cloturer", main, "2026-01", "--simuler", "--json").stdout
    (row,) = [one for one in json.loads(data)["controles"] if one["cle"] == "a-preparer"]
    assert row["constat"].startswith("2 brouillons à faire")


def test_drafts_accepted_are_written_and_the_month_waits_for_them(main: Path) -> None:
    before = main.read_text(encoding="utf-8")
    result = answered(main, "o\n")
    assert result.exit_code == 1
    assert "Écrire ces 2 brouillons dans 2026-01.beancount ?" in result.stderr
    assert "2 brouillons ajoutés à 2026-01.beancount." in result.stdout
    said = " ".join(result.stdout.split())
    assert "Pas encore clôturé : ces brouillons attendent d'être émis." in said
    assert (
        "« acompta emettre … --date 31/01/2026 »), puis relancez « acompta cloturer … 2026-01 »"
        in said
    )
    assert "Clôturer janvier 2026" not in result.stderr
    assert '"Maintenance de janvier" #facture' in january(main)
    assert main.read_text(encoding="utf-8") == before  # no closing line
    assert errors_of(main) == []


def test_they_are_issued_then_the_month_is_closed(run: Run, main: Path) -> None:
    assert answered(main, "o\n").exit_code == 1
    issued = run("emettre", main, "--date", "31/01/2026", "--oui")
    assert issued.exit_code == 0, issued.stderr
    # 140.00 of services unpaid: nothing more is due for January; the drafts are not proposed again.
    result = answered(main, "", "--oui")
    assert result.exit_code == 0, result.output
    assert "Brouillons à écrire" not in result.stdout
    assert "F2026-001 à F2026-003" in result.stdout
    assert "Janvier 2026 clôturé : 9 écritures scellées" in " ".join(result.stdout.split())
    assert errors_of(main) == []


def test_drafts_left_unissued_are_said_and_the_next_run_closes(main: Path) -> None:
    """The one with a period becomes revenue to bill; the checklist tells both that wait."""
    assert answered(main, "", "--oui").exit_code == 1
    result = answered(main, "", "--oui")
    assert result.exit_code == 0
    words = " ".join(result.stdout.split())
    assert "! Aucun brouillon ni écriture « ! » en 2 en attente" in words
    assert "1 proposée, 100,00 € HT" in words


def test_accruals_and_drafts_are_one_act(main: Path) -> None:
    spread(main)
    result = answered(main, "o\no\n")
    assert result.exit_code == 1
    assert "1 régularisation écrite, extournes comprises." in result.stdout
    assert "2 brouillons ajoutés" in result.stdout
    assert '  regularisation: "PCA F2026-001 1"\n' in main.read_text(encoding="utf-8")
    assert errors_of(main) == []


def test_nothing_is_written_when_a_file_may_not_be(main: Path) -> None:
    """The accruals go to the main file, the drafts to January's, which is read-only: neither is written."""
    spread(main)
    (main.parent / "2026-01.beancount").chmod(0o444)
    before = tree(main.parent)
    result = answered(main, "o\no\n")
    assert result.exit_code == 2
    assert "lecture seule" in result.stderr
    assert tree(main.parent) == before


def test_one_by_one(main: Path) -> None:
    result = answered(main, "c\nn\no\n")
    assert result.exit_code == 1
    assert (
        "31/01/2026 SCI Dupont, « Maintenance de janvier », 120,00\u202f€ à payer ?"
        in result.stderr.replace("\u00a0€", "\u202f€")
    )
    assert "1 brouillon ajouté" in result.stdout
    assert "Pas encore clôturé : ce brouillon attend d'être émis." in " ".join(
        result.stdout.split()
    )
    text = january(main)
    assert '"Maintenance de janvier"' in text
    assert '"Hébergement de janvier"' not in text
    assert text.count("modele:") == 1


def test_declined_they_stay_on_the_checklist_and_the_month_can_be_closed(main: Path) -> None:
    before = january(main)
    result = answered(main, "n\no\n")
    assert result.exit_code == 0, result.output
    assert "2 brouillons à faire" in result.stdout
    assert january(main) == before
    assert errors_of(main) == []


def test_a_closed_month_is_proposed_nothing(main: Path) -> None:
    assert answered(main, "n\no\n").exit_code == 0
    before = tree(main.parent)
    result = answered(main, "o\no\no\n", "--regulariser")
    assert result.exit_code == 2
    assert "Brouillons à écrire" not in result.stdout
    assert tree(main.parent) == before


def test_later_numbers_date_the_drafts_of_today(main: Path) -> None:
    """An invoice of February is issued: the drafts of January cannot bear January's date (chronological numbers)."""
    february = main.parent / "2026-02.beancount"
    text = (
        '\n2026-02-03 * "SCI Dupont" "Conseil" #facture\n  numero: "F2026-002"\n'
        "  Actif:411:Dupont\n  Produits:706:Conseil    -10.00 EUR\n"
    )
    february.write_text(february.read_text(encoding="utf-8") + text, encoding="utf-8")
    result = answered(main, "o\n")
    said = " ".join(result.stdout.split())
    assert "F2026-002 est déjà d'une date postérieure" in said
    assert "--date 31/01/2026" not in said


def test_a_draft_accrued_then_issued_in_the_month_counts_twice(run: Run, main: Path) -> None:
    """100.00 of maintenance accrued, then issued on 31 January: the accrual is one too many."""
    assert answered(main, "o\n").exit_code == 1
    assert answered(main, "o\nn\n").exit_code == 1  # the accrual of the unissued draft
    assert 'regularisation: "FAE SCI Dupont Maintenance de janvier 1"' in main.read_text("utf-8")
    assert run("emettre", main, "--date", "31/01/2026", "--oui").exit_code == 0
    result = run("cloturer", main, "2026-01", "--oui", columns=120)
    assert result.exit_code == 1
    words = " ".join(result.stdout.split())
    assert "1 de trop" in words
    assert "Clôture refusée : Régularisations (FAE, PCA, FNP, CCA) passées." in words
    assert "F2026-003 est émise" in words or "F2026-002 est émise" in words


def test_a_model_is_no_draft_that_waits_and_no_revenue_to_bill(run: Run, main: Path) -> None:
    rows = json.loads(run("cloturer", main, "2026-01", "--json").stdout)["controles"]
    by_key = {row["cle"]: row["marque"] for row in rows}
    assert (by_key["brouillons"], by_key["regularisations"]) == ("✓", "✓")


def test_killed_at_any_instant_all_or_nothing_is_written(tmp_path: Path) -> None:
    """The accruals of the main file and the drafts of January's file: after the next run, both or neither."""

    def fresh(number: int) -> Path:
        main = write_dossier(tmp_path / str(number))
        january = main.parent / "2026-01.beancount"
        january.write_text(january.read_text(encoding="utf-8") + MODELS, encoding="utf-8")
        spread(main)
        return main.parent

    def write(folder: Path) -> None:
        with writing(folder / "main.beancount", "cloturer") as desk:
            loaded = desk.load()
            view = view_of(loaded, read_period("2026-01"))
            found = proposed(loaded, view)
            drafts = [draft for draft, _ in found.drafts.drafts]
            write_proposed(desk, loaded, view, found.cut_offs, drafts)

    old = tree(fresh(0))
    outcomes = set()
    for crash in crash_walk(fresh, write):
        recover(crash.folder)
        now = tree(crash.folder)
        main, month = now["main.beancount"] or b"", now["2026-01.beancount"] or b""
        done = (b"regularisation:" in main, b'"Maintenance de janvier"' in month)
        outcomes.add(done)
        if done == (False, False):
            assert now == old, crash
    assert outcomes == {(False, False), (True, True)}


# The settlement of the VAT, after the accruals and the drafts


SETTLEMENT = """2026-01-31 * "DGFiP" "TVA de janvier 2026, déclaration CA3"
  declaration: "2026-01"
  Passif:44571:TVA20                               100.00 EUR
  Passif:44551:TVA                                -100.00 EUR
"""


@pytest.fixture
def unsettled(main: Path) -> Path:
    """January with neither models nor settlement: 600.00 received, 100.00 of VAT due."""
    path = main.parent / "2026-01.beancount"
    text = path.read_text(encoding="utf-8").replace(MODELS, "")
    path.write_text(text[: text.index('2026-01-31 * "DGFiP"')].rstrip() + "\n", encoding="utf-8")
    return main


def test_the_settlement_is_written_in_its_month_and_the_month_closed(unsettled: Path) -> None:
    result = answered(unsettled, "o\no\n")
    assert result.exit_code == 0, result.output
    assert "Écrire la liquidation de la TVA dans 2026-01.beancount ?" in result.stderr
    assert january(unsettled).endswith(f"\n\n{SETTLEMENT}")
    assert "Janvier 2026 clôturé" in " ".join(result.stdout.split())
    assert errors_of(unsettled) == []


def test_a_refused_settlement_is_not_written_and_refuses_the_closing(unsettled: Path) -> None:
    before = tree(unsettled.parent)
    result = answered(unsettled, "n\n")
    assert result.exit_code == 1
    assert "Clôture refusée : TVA liquidée" in " ".join((result.stdout + result.stderr).split())
    assert tree(unsettled.parent) == before


def test_options_accept_the_settlement_or_leave_it(run: Run, unsettled: Path) -> None:
    """--oui closes; what it would write in the accounts has an option of its own, as for the accruals."""
    before = tree(unsettled.parent)
    assert answered(unsettled, "", "--oui").exit_code == 1
    shown = run("cloturer", unsettled, "2026-01", "--simuler", columns=120)
    assert SETTLEMENT in shown.stdout
    assert tree(unsettled.parent) == before
    assert answered(unsettled, "", "--oui", "--liquider").exit_code == 0
    # Nothing more is proposed once it is there, nor once the month is closed.
    assert "proposée" not in run("cloturer", unsettled, "2026-01", "--simuler", columns=120).stdout


def test_a_crash_leaves_the_settlement_whole_or_absent(tmp_path: Path, unsettled: Path) -> None:
    def fresh(call: int) -> Path:
        return Path(shutil.copytree(unsettled.parent, tmp_path / f"crash-{call}"))

    def write(folder: Path) -> None:
        with writing(folder / "main.beancount", "cloturer") as desk:
            loaded = desk.load()
            view = view_of(loaded, read_period("2026-01"))
            entry = proposed_settlement(view)
            assert entry is not None
            write_settlement(desk, loaded, view, entry)

    old = tree(fresh(0))
    outcomes = set()
    for crash in crash_walk(fresh, write):
        recover(crash.folder)
        now = tree(crash.folder)
        done = SETTLEMENT.encode() in (now["2026-01.beancount"] or b"")
        outcomes.add(done)
        if not done:
            assert now == old, crash
    assert outcomes == {False, True}
