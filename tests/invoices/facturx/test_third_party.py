"""Every kind read back, amount by amount, by a library that others wrote (drafthorse), with its own schemas."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from drafthorse.models.document import Document
from drafthorse.utils import validate_xml
from lxml import etree

GOLDEN = Path(__file__).parent / "golden"
EXTENDED = b"extended"
TOTALS = {
    "tax_basis_total": "TaxBasisTotalAmount",
    "grand_total": "GrandTotalAmount",
    "due_amount": "DuePayableAmount",
}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.xml")), ids=lambda path: path.stem)
def test_another_reader_takes_it_and_finds_the_same(path: Path) -> None:
    xml = path.read_bytes()
    profile = "EXTENDED" if EXTENDED in xml[:1500].lower() else "EN16931"
    validate_xml(xml, f"FACTUR-X_{profile}")
    read = Document.parse(xml, strict=True)
    tree = etree.fromstring(xml)

    def typed(name: str) -> list[str]:
        return [str(text) for text in tree.xpath(f"//*[local-name()='{name}']/text()")]

    head = tree.xpath("//*[local-name()='ExchangedDocument']/*[local-name()='TypeCode']/text()")
    assert read.header.type_code._text == str(head[0])
    summation = read.trade.settlement.monetary_summation
    for attribute, name in TOTALS.items():
        assert [_amount(getattr(summation, attribute))] == [Decimal(text) for text in typed(name)]
    lines = tree.xpath("//*[local-name()='IncludedSupplyChainTradeLineItem']")
    assert len(read.trade.items.children) == len(lines) > 0


def _amount(element: object) -> Decimal:
    """The amount of a total, which drafthorse keeps with its currency or alone."""
    held = getattr(element, "_amount", None)
    if held is None:
        held = getattr(element, "_value", element)
    assert isinstance(held, Decimal)
    return held
