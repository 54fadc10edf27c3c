"""What no validator sees: the XML says what the entry posts and what the page prints, cent for cent.

Every document of every example dossier and golden case that prints, through the whole pipeline (schema and rules
included); the pages themselves are read back in `test_pages`.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.invoices.facturx.reading import NS, Read
from tests.invoices.facturx.views import identified
from tests.invoices.test_as_posted import (
    CASES,
    DOSSIERS,
    ON_RECEIPT,
    VAT,
    Printed,
    of_roles,
    posted,
    printed,
)

from acompta.invoices.facturx.invoice import (
    ElectronicInvoiceError,
    electronic_invoice,
    is_electronic,
)
from acompta.invoices.facturx.parties import electronic_address
from acompta.invoices.view.document import DocumentView
from acompta.rounding import ZERO
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import Kind

# The rates that no French territory ever had: taken from foreign software to check our arithmetic (BR-FR-16).
FOREIGN_RATES = {Decimal(15), Decimal(19), Decimal(21), Decimal(24)}
CREDITS = {"381", "503"}


def checked(view: DocumentView) -> Read | None:
    """The XML of a document; ``None`` for one whose VAT rate is not French, refused for that alone."""
    if not {line.rate for line in view.lines} & FOREIGN_RATES:
        return Read(electronic_invoice(view).xml)
    with pytest.raises(ElectronicInvoiceError, match="BR-FR-16") as refused:
        electronic_invoice(view)
    assert str(refused.value).count("règle ") == 1
    return None


@pytest.mark.slow
@pytest.mark.parametrize("path", [*CASES, *DOSSIERS], ids=lambda path: path.parent.name)
def test_the_xml_says_what_is_posted(path: Path) -> None:
    held = ON_RECEIPT in path.read_text(encoding="utf-8")
    for found in printed(path):
        view = identified(found.view)
        read = checked(view) if is_electronic(view) else None
        if read is None:
            continue
        assert_sums(read)
        assert_page(read, view)
        assert_references(read, view)
        assert_notes(read, view)
        deposit = view.kind in DEPOSIT_KINDS or view.recovered or view.credit
        if view.kind is not Kind.CORRECTIVE and not (held and deposit):
            assert_entry(read, found)


def assert_sums(read: Read) -> None:
    """The totals recomputed from the lines, as a reader would."""
    lines = [read.line_amount(line) for line in read.lines()]
    assert sum(lines, ZERO) == read.total("LineTotalAmount")
    for line in read.lines():
        quantity = Decimal(read.one(".//ram:BilledQuantity", line))
        price = Decimal(read.one(".//ram:NetPriceProductTradePrice/ram:ChargeAmount", line))
        assert price >= 0
        assert abs(quantity * price - read.line_amount(line)) <= Decimal("0.005")
    rows = read.breakdown().values()
    assert sum((base for base, _ in rows), ZERO) == read.total("TaxBasisTotalAmount")
    assert sum((vat for _, vat in rows), ZERO) == read.vat
    assert read.total("TaxBasisTotalAmount") + read.vat == read.total("GrandTotalAmount")
    due = read.total("GrandTotalAmount") - read.total("TotalPrepaidAmount")
    assert due == read.total("DuePayableAmount")


def assert_page(read: Read, view: DocumentView) -> None:
    """Net to pay, base and VAT per rate, each billed amount: as on the page."""
    retained = view.retention.amount if view.retention and not view.credit else ZERO
    assert read.total("DuePayableAmount") == view.to_pay + retained
    net = view.balance or view.totals
    taxed = {(rate.rate): (rate.base, rate.vat) for rate in net.rates if rate.vat}
    in_xml = {
        Decimal(rate): amounts for (code, rate), amounts in read.breakdown().items() if amounts[1]
    }
    assert in_xml == taxed
    amounts = [read.line_amount(line) for line in read.lines()]
    allowances = [
        -Decimal(text) for text in read.all("//ram:SpecifiedTradeAllowanceCharge/ram:ActualAmount")
    ]
    wanted = [line.amount for line in view.lines if line.amount]
    wanted += [-rate.base for deposit in view.recovered for rate in deposit.totals.rates]
    wanted += [view.compensation.amount] if view.compensation else []
    assert sorted(filter(None, [*amounts, *allowances])) == sorted(filter(None, wanted))


def assert_entry(read: Read, found: Printed) -> None:
    """The VAT of the XML is what the entry posts on 44571 and 44574."""
    sign = -1 if read.one("//rsm:ExchangedDocument/ram:TypeCode") in CREDITS else 1
    assert sign * read.vat == -of_roles(posted(found), VAT)


def assert_references(read: Read, view: DocumentView) -> None:
    """BG-3 names what is corrected or taken back, with the right dates."""
    named: dict[str, datetime.date] = {}
    if view.corrects is not None:
        named[view.corrects.number] = view.corrects.date
    if view.credit is None and view.kind is not Kind.CORRECTIVE:
        named |= {deposit.number: deposit.date for deposit in view.recovered}
    found = read.references()
    for number, date in named.items():
        assert found[number] == f"{date:%Y%m%d}"
    if view.credit is not None or view.kind is Kind.CORRECTIVE:
        assert found
    for deposit in view.recovered:
        path = f".//ram:InvoiceReferencedDocument[ram:IssuerAssignedID='{deposit.number}']"
        lines = [line for line in read.lines() if line.xpath(path, namespaces=NS)]
        assert len(lines) == len(deposit.totals.rates)
        assert (
            -sum((read.line_amount(line) for line in lines), ZERO)
            == deposit.totals.ht + deposit.totals.outside
        )


def assert_notes(read: Read, view: DocumentView) -> None:
    """Each mandatory note once, none empty; the treatment and the address as the customer is."""
    notes = read.notes()
    assert all(len(notes[code]) == 1 for code in ("PMT", "PMD", "AAB", "BAR"))
    assert all(text.strip() for texts in notes.values() for text in texts)
    address, scheme = electronic_address(view.customer)
    assert read.one("//ram:BuyerTradeParty/ram:URIUniversalCommunication/ram:URIID") == address
    if notes["BAR"] == ["B2B"]:
        assert scheme == "0225"
        assert address.startswith(
            read.one("//ram:BuyerTradeParty//ram:SpecifiedLegalOrganization/ram:ID")
        )
