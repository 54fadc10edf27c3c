"""Read an electronic invoice back with paths of our own: what the XML says, not what the library was given."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from lxml import etree

NS = {
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}


class Read:
    """An XML invoice."""

    def __init__(self, xml: bytes) -> None:
        self.root = etree.fromstring(xml)

    def all(self, path: str, within: Any = None) -> list[str]:
        found = (self.root if within is None else within).xpath(path, namespaces=NS)
        return [item if isinstance(item, str) else (item.text or "") for item in found]

    def one(self, path: str, within: Any = None) -> str:
        found = self.all(path, within)
        assert len(found) <= 1, (path, found)
        return found[0] if found else ""

    def total(self, name: str) -> Decimal:
        text = self.one(f"//ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:{name}")
        return Decimal(text or "0.00")

    @property
    def vat(self) -> Decimal:
        return self.total("TaxTotalAmount")

    def lines(self) -> Iterator[Any]:
        yield from self.root.iter(f"{{{NS['ram']}}}IncludedSupplyChainTradeLineItem")

    def line_amount(self, line: Any) -> Decimal:
        return Decimal(self.one(".//ram:LineTotalAmount", line))

    def breakdown(self) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        """Base and VAT by category and rate."""
        found = {}
        for tax in self.root.findall(
            ".//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax", NS
        ):
            key = (
                self.one("ram:CategoryCode", tax),
                self.one("ram:RateApplicablePercent", tax),
            )
            assert key not in found
            base, vat = self.one("ram:BasisAmount", tax), self.one("ram:CalculatedAmount", tax)
            found[key] = (Decimal(base), Decimal(vat))
        return found

    def notes(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for note in self.root.findall(".//ram:IncludedNote", NS):
            code = self.one("ram:SubjectCode", note)
            found.setdefault(code, []).append(self.one("ram:Content", note))
        return found

    def references(self) -> dict[str, str]:
        """BG-3: numbers and dates."""
        path = ".//ram:ApplicableHeaderTradeSettlement/ram:InvoiceReferencedDocument"
        return {
            self.one("ram:IssuerAssignedID", found): self.one(".//qdt:DateTimeString", found)
            for found in self.root.findall(path, NS)
        }
