"""``acompta statuts`` from outside, on the hand-worked dossier of `tests.cli.samples`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from lxml import etree
from tests.cli.conftest import Run
from tests.cli.samples import STORY, write_ledger
from tests.cli.test_verifier import COMPLETE


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return write_ledger(tmp_path, STORY, COMPLETE)


def words(text: str) -> str:
    return " ".join(text.split())


def test_what_was_received_per_invoice_and_rate(run: Run, ledger: Path) -> None:
    """1 200 + 2 400 of the deposit, 8 400 of the 9 000 on the final invoice, 500 on F2026-003; a loss is nothing."""
    result = run("statuts", ledger, "--au", "2026-12-31", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    rows = [
        (row["date"], row["recu"], row["numero"], row["type"], row["taux"], row["montant"])
        for row in found["encaissements"]
    ]
    assert rows[:4] == [
        # Received before its invoice: said on the day of the invoice.
        ("2026-01-15", "2026-01-10", "F2026-001", "386", "20", "1200.00"),
        ("2026-02-20", "2026-02-20", "F2026-001", "386", "20", "2400.00"),
        ("2026-05-05", "2026-05-05", "F2026-002", "380", "20", "8400.00"),
        ("2026-05-20", "2026-05-20", "F2026-003", "380", "20", "500.00"),
    ]
    assert found["totaux"]["statut-212"] == "12500.00"
    assert len(rows) == 4


def test_a_period_and_the_terminal(run: Run, ledger: Path) -> None:
    result = run("statuts", ledger, "--du", "01/05/2026", "--au", "31/05/2026", columns=80)
    assert result.exit_code == 0
    said = words(result.stdout)
    assert "Encaissements du 01/05/2026 au 31/05/2026" in said
    assert "05/05/2026 F2026-002" in said
    assert "F2026-001" not in said
    assert "Par statut 212 (entreprises françaises) 8 900,00" in said
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_csv_for_a_spreadsheet(run: Run, ledger: Path) -> None:
    result = run("statuts", ledger, "--au", "2026-03-31", "--csv")
    rows = list(csv.reader(io.StringIO(result.stdout.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0][:3] == ["Statut du", "Reçu le", "Facture"]
    assert [row[6] for row in rows[1:]] == ["1200,00", "2400,00"]


def test_one_message_per_receipt(run: Run, ledger: Path, tmp_path: Path) -> None:
    folder = tmp_path / "statuts juin"
    result = run("statuts", ledger, "--au", "2026-05-31", "--xml", folder)
    assert result.exit_code == 0
    assert "4 messages écrits dans" in words(result.stderr)
    assert sorted(path.name for path in folder.iterdir()) == [
        "F2026-001-212-20260115-1.xml",
        "F2026-001-212-20260220-1.xml",
        "F2026-002-212-20260505-1.xml",
        "F2026-003-212-20260520-1.xml",
    ]
    for path in folder.iterdir():
        assert etree.parse(path).getroot().tag.endswith("CrossDomainAcknowledgementAndResponse")


def test_mistakes_are_said(run: Run, ledger: Path, tmp_path: Path) -> None:
    backwards = run("statuts", ledger, "--du", "2026-06-01", "--au", "2026-05-01")
    assert backwards.exit_code == 2
    assert "--du vient après --au." in backwards.stderr
    (tmp_path / "occupé").write_text("")
    blocked = run("statuts", ledger, "--au", "2026-05-31", "--xml", tmp_path / "occupé")
    assert blocked.exit_code == 2
