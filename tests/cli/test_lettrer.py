from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.cli.samples import write_ledger

from acompta.loading import load_ledger

TEXT = """
2026-01-05 * "SCI Dupont" "Travaux" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux -100.00 EUR

2026-01-06 * "SCI Dupont" "Travaux, suite" #facture
  numero: "F2026-002"
  Actif:411:Dupont
  Produits:704:Travaux -50.00 EUR

2026-02-10 * "SCI Dupont" "Virement F2026-001"   ; relevé de février
  Actif:512:Banque  120.00 EUR
  Actif:411:Dupont

2026-02-11 * "DUPONT" "Virement"
  Actif:512:Banque   60.00 EUR
  Actif:411:Dupont

2026-02-12 * "Virement inconnu"
  Actif:512:Banque    7.00 EUR
  Actif:411:Dupont
"""
HEAD = '2026-02-10 * "SCI Dupont" "Virement F2026-001"'


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return write_ledger(tmp_path, TEXT)


def test_a_dry_run_writes_nothing(run: Run, ledger: Path) -> None:
    before = ledger.read_bytes()
    result = run("lettrer", ledger, "--simuler", columns=120)
    assert result.exit_code == 1
    words = " ".join(result.stdout.split())
    assert "F2026-001 sûre F2026-001 dans le libellé" in words
    assert "F2026-002 probable montant exact" in words
    assert "Sans proposition" in words
    assert ledger.read_bytes() == before


def test_sure_ones_are_written(run: Run, ledger: Path) -> None:
    """One link, at the end of the head, and not another byte; the VAT follows."""
    before = ledger.read_text(encoding="utf-8")
    result = run("lettrer", ledger, "--oui")
    assert (result.exit_code, "1 lien écrit." in result.stdout) == (1, True)
    after = ledger.read_text(encoding="utf-8")
    assert after == before.replace(HEAD, f"{HEAD} ^F2026-001")
    assert load_ledger(ledger).dossier.claims["F2026-001"].open == 0


def test_down_to_a_level(run: Run, ledger: Path) -> None:
    result = run("lettrer", ledger, "--oui", "--seuil", "probable")
    assert "2 liens écrits." in result.stdout
    loaded = load_ledger(ledger)
    assert not loaded.errors
    assert loaded.dossier.claims["F2026-002"].open == 0


def test_one_at_a_time(ledger: Path) -> None:
    from click.testing import CliRunner  # noqa: PLC0415

    from acompta_cli import cli  # noqa: PLC0415

    result = CliRunner().invoke(cli, ["lettrer", str(ledger)], input="n\no\n")
    assert result.exit_code == 1
    text = ledger.read_text(encoding="utf-8")
    assert "^F2026-001" not in text
    assert '"DUPONT" "Virement" ^F2026-002' in text


def test_json(run: Run, ledger: Path) -> None:
    before = ledger.read_bytes()
    result = run("lettrer", ledger, "--json")
    content = json.loads(result.stdout)
    assert [one["confiance"] for one in content["propositions"]] == ["sure", "probable"]
    assert [one["montant"] for one in content["sans_proposition"]] == ["7.00"]
    assert ledger.read_bytes() == before


def test_nothing_to_do(run: Run, tmp_path: Path) -> None:
    result = run("lettrer", write_ledger(tmp_path, TEXT.split("2026-02-10", maxsplit=1)[0]))
    assert (result.exit_code, result.stdout.strip()) == (
        0, "Rien à rapprocher : chaque règlement nomme sa facture ou son contrat.",
    )  # fmt: skip


def test_a_missing_ledger(run: Run, tmp_path: Path) -> None:
    result = run("lettrer", tmp_path / "rien.beancount")
    assert (result.exit_code, result.stdout) == (2, "")
