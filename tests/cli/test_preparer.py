from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.cli.conftest import Run
from tests.preparing.test_proposals import CONTRACT, HEAD, MODEL, ROOTS

from acompta.attention import drafts
from acompta.invoices.from_dossier import printable_documents
from acompta.loading import load_ledger
from acompta_cli import cli


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """One file with a model and a contract."""
    path = tmp_path / "main.beancount"
    path.write_text(HEAD + MODEL + CONTRACT, encoding="utf-8")
    return path


@pytest.fixture
def monthly(tmp_path: Path) -> Path:
    """A main file that includes January; the model is there."""
    path = tmp_path / "main.beancount"
    path.write_text(HEAD + '\ninclude "2026-01.beancount"\n', encoding="utf-8")
    (tmp_path / "2026-01.beancount").write_text(ROOTS + MODEL, encoding="utf-8")
    return path


def test_a_dry_run_shows_the_drafts_with_their_amounts_and_writes_nothing(
    run: Run, ledger: Path
) -> None:
    before = {path: path.read_bytes() for path in ledger.parent.iterdir()}
    result = run("preparer", ledger, "2026-01", "--simuler", columns=140)
    assert result.exit_code == 0
    words = [" ".join(line.split()) for line in result.stdout.splitlines()]
    # 30 % of 4 000,00 × 1.20 = 1 440,00 ; 1.5 day at 600.00.
    assert any(
        "Acompte de 30 % à la commande" in w and w.endswith("1 200,00 240,00 1 440,00")
        for w in words
    )
    assert any(
        "Maintenance de janvier 2026" in w and w.endswith("900,00 180,00 1 080,00") for w in words
    )
    assert "Rien n'a été écrit (--simuler)." in words
    assert {path: path.read_bytes() for path in ledger.parent.iterdir()} == before


def test_what_is_written_is_what_was_shown_and_a_second_run_adds_nothing(
    run: Run, ledger: Path
) -> None:
    before = ledger.read_text(encoding="utf-8")
    shown = run("preparer", ledger, "2026-01", "--json")
    texts = [draft["texte"] for draft in json.loads(shown.stdout)["brouillons"]]
    result = run("preparer", ledger, "janvier 2026", "--oui")
    assert result.exit_code == 0
    assert "2 brouillons ajoutés à main.beancount" in result.stdout
    after = ledger.read_text(encoding="utf-8")
    assert after == before + "\n" + "\n".join(texts)
    assert load_ledger(ledger).errors == []
    again = run("preparer", ledger, "2026-01", "--oui")
    assert again.exit_code == 0
    assert "Rien à préparer pour janvier 2026" in again.stdout
    assert ledger.read_text(encoding="utf-8") == after


def test_a_ledger_in_monthly_files_gets_the_file_of_its_month(run: Run, monthly: Path) -> None:
    assert run("preparer", monthly, "01/2026", "--oui").exit_code == 0
    january = (monthly.parent / "2026-01.beancount").read_text(encoding="utf-8")
    assert january.count("Maintenance") == MODEL.count("Maintenance") + 3
    assert run("preparer", monthly, "2026-04", "--oui").exit_code == 0
    assert monthly.read_text(encoding="utf-8").endswith('\ninclude "2026-04.beancount"\n')
    april = monthly.parent / "2026-04.beancount"
    assert 'option "name_assets" "Actif"' in april.read_text(encoding="utf-8")
    loaded = load_ledger(monthly)
    assert loaded.errors == []
    assert [d.date.month for d in loaded.dossier.documents if not d.is_model] == [1, 4]


def test_a_pattern_that_includes_every_file_is_not_doubled(run: Run, monthly: Path) -> None:
    text = monthly.read_text(encoding="utf-8").replace("2026-01.beancount", "2026-*.beancount")
    monthly.write_text(text, encoding="utf-8")
    assert run("preparer", monthly, "2026-04", "--oui").exit_code == 0
    assert monthly.read_text(encoding="utf-8") == text
    assert load_ledger(monthly).errors == []


def test_nothing_is_written_without_a_yes(ledger: Path) -> None:
    before = ledger.read_bytes()
    result = CliRunner().invoke(cli, ["preparer", str(ledger), "2026-01"], input="n\n")
    assert result.exit_code == 1
    assert "Écrire ces 2 brouillons dans main.beancount ?" in result.stderr
    assert ledger.read_bytes() == before
    result = CliRunner().invoke(cli, ["preparer", str(ledger), "2026-01"], input="o\n")
    assert result.exit_code == 0
    assert ledger.read_bytes() != before


def test_what_cannot_be_proposed_is_said_with_its_line(run: Run, ledger: Path) -> None:
    text = ledger.read_text(encoding="utf-8").replace("{annee}", "{anee}")
    ledger.write_text(text, encoding="utf-8")
    line = (
        text.splitlines().index('2026-01-31 ! "SCI Dupont" "Maintenance de {mois} {anee}" #facture')
        + 1
    )
    result = run("preparer", ledger, "2026-02", "--simuler")
    assert result.exit_code == 1
    assert f"main.beancount, ligne {line} : mot inconnu entre accolades : {{anee}}" in result.stdout


def test_a_draft_that_would_be_in_error_is_not_written(run: Run, ledger: Path) -> None:
    text = ledger.read_text(encoding="utf-8").replace(
        '    libelle: "Maint', '    tva: 10\n    libelle: "Maint'
    )
    ledger.write_text(text, encoding="utf-8")
    result = run("preparer", ledger, "2026-02", "--oui")
    assert result.exit_code == 1
    assert "« Maintenance de février 2026 » (facture mensuelle) : aucun compte" in result.stdout
    after = ledger.read_text(encoding="utf-8")
    assert "Maintenance de février" not in after
    assert "Acompte de 30 %" in after


@pytest.mark.parametrize("month", ["2026", "avrile 2026", "2026-13"])
def test_what_is_no_month_is_refused(run: Run, ledger: Path, month: str) -> None:
    result = run("preparer", ledger, month)
    assert result.exit_code == 2
    assert "2026-04" in result.stderr


def test_a_file_that_may_not_be_written_changes_nothing(run: Run, ledger: Path) -> None:
    ledger.chmod(0o444)
    before = ledger.read_bytes()
    result = run("preparer", ledger, "2026-01", "--oui")
    assert result.exit_code == 2
    assert "lecture seule" in result.stderr
    assert ledger.read_bytes() == before


def test_a_model_is_neither_issued_nor_printed_but_its_draft_is(run: Run, ledger: Path) -> None:
    assert run("preparer", ledger, "2026-02", "--oui").exit_code == 0
    shown = run("emettre", ledger, "--date", "2026-02-28", "--simuler")
    assert "2 documents" in shown.output  # the deposit and the invoice; this seller has no SIREN
    loaded = load_ledger(ledger)
    waiting = [
        draft.document.entry.narration for draft in drafts(loaded.book(), date(2026, 12, 31))
    ]
    assert "Maintenance de février 2026" in waiting
    assert all(narration is not None and "{" not in narration for narration in waiting)
    printable = printable_documents(loaded.dossier, drafts=True)
    assert [d.entry.narration for d in printable] == [n for n in waiting if n]
