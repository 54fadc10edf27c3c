from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.cli.samples import ACCOUNTS, STORY, write_ledger
from tests.closing.test_fec_takeover import foreign_rows, write

SELLER = ACCOUNTS.replace('  regime-tva: "encaissements"', '  siren: "732829320"')
NAME = "732829320FEC20261231"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return write_ledger(tmp_path, STORY, SELLER)


def test_a_provisional_file(run: Run, ledger: Path) -> None:
    """Three files, and no entry validated: said, and exit code 1."""
    result = run("fec", ledger, "2026")
    folder = ledger.parent / "fec"
    assert result.exit_code == 1
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{NAME}-descriptif.txt",
        f"{NAME}-origine.csv",
        f"{NAME}.txt",
    ]
    assert "FEC provisoire" in result.stderr
    description = (folder / f"{NAME}-descriptif.txt").read_text(encoding="utf-8")
    assert "FICHIER PROVISOIRE" in description
    assert "VE       Ventes" in description
    origin = (folder / f"{NAME}-origine.csv").read_text(encoding="utf-8")
    assert ";main.beancount;" in origin


def test_validated_in_latin(run: Run, ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "envoi"
    result = run(
        "fec",
        ledger,
        "2026",
        "--out",
        out,
        "--validation",
        "31/01/2027",
        "--encodage",
        "iso-8859-15",
    )
    assert (result.exit_code, result.stderr) == (0, "")
    content = (out / f"{NAME}.txt").read_bytes()
    assert content.decode("iso8859-15").splitlines()[1].endswith("\t20270131\t\t")
    assert "ISO 8859-15" in (out / f"{NAME}-descriptif.txt").read_text(encoding="iso8859-15")
    checked = run("fec", "--controler", out / f"{NAME}.txt")
    assert checked.exit_code == 0
    assert "Rien à signaler" in checked.stdout


def test_check_in_json(run: Run, ledger: Path) -> None:
    run("fec", ledger, "2026", "--validation", "2027-01-31")
    path = ledger.parent / "fec" / f"{NAME}.txt"
    path.write_bytes(path.read_bytes().replace(b"3600,00", b"3600.00", 1))
    result = run("fec", "--controler", path, "--json")
    assert result.exit_code == 2
    content = json.loads(result.stdout)
    (found,) = content["constats"]
    assert (found["regle"], found["gravite"], found["nombre"]) == ("montant", "erreur", 1)
    assert found["lieux"][0]["ligne"] > 1


def test_check_on_a_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_text("JournalCode;JournalLib\n", encoding="utf-8")
    result = run("fec", "--controler", path, columns=80)
    assert result.exit_code == 2
    assert "erreur · Séparateur de zones · 1 fois" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 120


@pytest.mark.parametrize(
    "arguments",
    [[], ["x", "2026", "--controler", "y"], ["{ledger}"], ["{ledger}", "mars"]],
)
def test_what_is_missing_is_said(run: Run, ledger: Path, arguments: list[str]) -> None:
    result = run("fec", *(argument.format(ledger=ledger) for argument in arguments))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Erreur" in result.stderr


def test_a_missing_file(run: Run, tmp_path: Path) -> None:
    result = run("fec", "--controler", tmp_path / "rien.txt")
    assert result.exit_code == 2
    assert "le fichier n'existe pas" in result.stderr


def test_errors_stop_the_export(run: Run, tmp_path: Path) -> None:
    wrong = (
        STORY
        + '\n2026-08-01 * "Dupont" "Trou" #facture\n  numero: "F2026-009"\n  Actif:411:Dupont\n'
    )
    path = write_ledger(tmp_path, wrong, SELLER)
    refused = run("fec", path, "2026")
    assert (refused.exit_code, (tmp_path / "fec").exists()) == (2, False)
    assert "acompta verifier" in refused.stderr
    forced = run("fec", path, "2026", "--malgre-erreurs")
    assert forced.exit_code == 1
    assert (tmp_path / "fec" / f"{NAME}.txt").exists()


def test_no_siren(run: Run, story: Path) -> None:
    result = run("fec", story, "2026")
    assert result.exit_code == 2
    assert "SIREN" in result.stderr


def test_a_takeover(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, foreign_rows())
    result = run("fec", "--importer", path, "--out", tmp_path / "dossier")
    assert result.exit_code == 1  # numbers restarted by journal: to look at
    assert "5 écritures, 8 soldes égaux à ceux du FEC" in result.stdout
    main = (tmp_path / "dossier" / "main.beancount").read_text("utf-8")
    assert 'custom "fava-extension" "acompta.fava"' in main
    checked = run("verifier", tmp_path / "dossier")
    assert checked.exit_code == 0
    again = run("fec", "--importer", path, "--out", tmp_path / "dossier")
    assert (again.exit_code, again.stdout) == (2, "")
