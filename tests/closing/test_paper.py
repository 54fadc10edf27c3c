"""The reports of a closing folder on paper: printed here or by other processes, they are the same to the byte."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from acompta.closing.paper import WORTH_A_POOL, PaperDesk
from acompta.invoices.rendering import RenderingError
from acompta.tables import Column, Kind, Report, Table

COLUMNS = (Column("compte", "Compte", Kind.CODE), Column("solde", "Solde", Kind.AMOUNT))


def report(title: str, rows: int) -> Report:
    lines = tuple((f"{rank}", Decimal(rank) / 100) for rank in range(rows))
    return Report(title, (("dossier", "Dossier", "Essai"),), (Table("t", title, COLUMNS, lines),))


def printed(reports: list[Report], folder: Path, workers: int) -> list[bytes]:
    with PaperDesk(reports, folder, workers) as desk:
        return [desk.pdf(one) for one in reports]


@pytest.mark.slow
def test_two_processes_print_what_one_prints(tmp_path: Path) -> None:
    """Rows for a pool between them; the order of the answers is that of the questions."""
    reports = [report("Court", 3), report("Long", WORTH_A_POOL)]
    alone = printed(reports, tmp_path, 1)
    assert alone[0] != alone[1]
    assert printed(reports, tmp_path, 2) == alone


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_wrong_template_of_the_dossier_is_said(tmp_path: Path, workers: int) -> None:
    own = tmp_path / "invoice_templates"
    own.mkdir()
    (own / "rapport.html").write_text("{{ rien.du.tout }}", encoding="utf-8")
    with pytest.raises(RenderingError, match=r"rapport\.html"):
        printed([report("Long", WORTH_A_POOL)], tmp_path, workers)
