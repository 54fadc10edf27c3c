"""The pages of each kind, read by checkers of PDF/UA-1 written by others."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pikepdf
import pytest
from tests.invoices.facturx.kinds import CHOSEN, ROOT, views

from acompta.invoices.printing import issued_pdf

pdfua = pytest.importorskip("pdfua", reason="pdfua is not installed: make setup")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, chosen in CHOSEN.items():
        view = views(chosen.dossier)[chosen.number]
        pdf = issued_pdf(view, ledger_folder=ROOT / "ledgers" / chosen.dossier)
        (folder / f"{name}.pdf").write_bytes(pdf)
    return sorted(folder.iterdir())


@pytest.mark.slow
def test_pdfua_finds_nothing(printed: list[Path]) -> None:
    """A sixth of PDF/UA-1: tags, titles, languages, headers of tables, figures, fonts."""
    for path in printed:
        report = pdfua.validate(str(path))
        found = [(finding.rule_id, finding.message) for finding in report.findings]
        assert found == [], path.name


def test_the_checker_sees_what_is_wrong(printed: list[Path], tmp_path: Path) -> None:
    """A page whose header cells are plain cells, as ours once were, and one without its tags."""
    path = next(path for path in printed if path.stem == "facture")
    with pikepdf.open(path) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/TH":
                item.S = pikepdf.Name.TD
        pdf.save(tmp_path / "cells.pdf")
        del pdf.Root.StructTreeRoot
        pdf.save(tmp_path / "untagged.pdf")
    found = {name: rules(tmp_path / name) for name in ("cells.pdf", "untagged.pdf")}
    assert found["cells.pdf"] == {"UA-15-003"}
    assert "UA-01-005" in found["untagged.pdf"]


def rules(path: Path) -> set[str]:
    return {finding.rule_id for finding in pdfua.validate(str(path)).findings}


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("outloud") is None,
    reason="outloud is not installed (pip install outloud; not in the set-up: 300 MB with what it needs)",
)
def test_outloud_finds_nothing(printed: list[Path]) -> None:
    """The conformance rules of another checker: the points of the Matterhorn protocol that a program can see."""
    command = [
        sys.executable,
        "-m",
        "outloud",
        "-q",
        "--layer",
        "conformance",
        "--fail-on",
        "warning",
    ]
    answer = subprocess.run(
        [*command, *map(str, printed)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout
