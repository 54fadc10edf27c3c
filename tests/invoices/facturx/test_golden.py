"""The XML of each kind, kept: what changes shows, and ``pytest --rewrite`` writes it again.

A person read each file once against its page; what a person expects of it at a glance is in `kinds.CHOSEN`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.invoices.facturx.kinds import CHOSEN, views
from tests.invoices.facturx.reading import Read

from acompta.invoices.facturx.invoice import electronic_invoice

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", CHOSEN)
def test_the_xml_of_a_kind(name: str, request: pytest.FixtureRequest) -> None:
    chosen = CHOSEN[name]
    invoice = electronic_invoice(views(chosen.dossier)[chosen.number])
    read = Read(invoice.xml)
    assert read.one("//rsm:ExchangedDocument/ram:TypeCode") == chosen.type
    context = "//ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"
    assert read.one(context) == chosen.frame
    assert invoice.fields.profile == chosen.profile
    assert sorted(code for code, _ in read.breakdown()) == chosen.categories.split()
    path = GOLDEN / f"{name}.xml"
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if request.config.getoption("--rewrite"):
        path.write_bytes(invoice.xml)
    assert invoice.xml.decode() == kept


def test_no_golden_file_is_left_behind() -> None:
    assert {path.stem for path in GOLDEN.glob("*.xml")} == set(CHOSEN)
