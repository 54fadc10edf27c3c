"""The page that a person reads, its XML, and the marks of the file: the three say the same thing."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from lxml import etree
from tests.invoices.facturx.kinds import CHOSEN, ROOT, views
from tests.invoices.facturx.reading import Read
from tests.invoices.facturx.views import identified
from tests.invoices.reading import AMOUNT, amounts_of, parsed, text_of
from tests.invoices.test_as_posted import CASES, DOSSIERS, printed

from acompta.invoices.facturx import library
from acompta.invoices.facturx.fields import fields_of
from acompta.invoices.facturx.invoice import is_electronic
from acompta.invoices.mentions import complete
from acompta.invoices.printing import issued_pdf
from acompta.invoices.rendering import render_html, render_pdf
from acompta.invoices.view.document import DocumentView

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"


def xml_of(view: DocumentView) -> Read:
    return Read(library.cii(fields_of(complete(view))))


def wanted_amounts(read: Read, view: DocumentView) -> set[Decimal]:
    """Every amount of the XML that the page has a place for."""
    found = {abs(read.line_amount(line)) for line in read.lines()}
    found |= {
        abs(Decimal(t)) for t in read.all("//ram:SpecifiedTradeAllowanceCharge/ram:ActualAmount")
    }
    taxed = [amounts for amounts in read.breakdown().values() if amounts[1]]
    found |= {abs(amount) for amounts in taxed for amount in amounts}
    retained = view.retention.amount if view.retention and not view.credit else Decimal(0)
    found.add(abs(read.total("DuePayableAmount") - retained))
    return found


def assert_same(view: DocumentView, read: Read, shown: set[Decimal], text: str) -> None:
    if view.recovered and not view.taxed:
        # In franchise the page has one total per deposit, and no column of bases.
        shown = shown | {abs(rate.base) for d in view.recovered for rate in d.totals.rates}
    assert wanted_amounts(read, view) <= shown, wanted_amounts(read, view) - shown
    assert view.number in text
    for number in read.references():
        if view.recovered or view.corrects:
            assert number in text


def tags_off(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html.partition("<body")[2])


@pytest.mark.slow
@pytest.mark.parametrize("path", DOSSIERS, ids=lambda path: path.parent.name)
def test_every_pdf_of_a_dossier_says_what_its_xml_says(path: Path) -> None:
    for found in printed(path):
        view = found.view
        if is_electronic(view):
            pdf = render_pdf(view, ledger_folder=path.parent)
            assert_same(view, xml_of(view), amounts_of(pdf), text_of(pdf))


@pytest.mark.slow
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_every_page_of_a_golden_case_says_what_its_xml_says(path: Path) -> None:
    for found in printed(path):
        view = identified(found.view)
        if is_electronic(view):
            text = tags_off(render_html(view))
            shown = {abs(parsed(amount)) for amount in AMOUNT.findall(text)}
            assert_same(view, xml_of(view), shown, text)


# -- the file ---------------------------------------------------------------------------------------------------


def issued(name: str) -> bytes:
    chosen = CHOSEN[name]
    folder = ROOT / "ledgers" / chosen.dossier
    return issued_pdf(views(chosen.dossier)[chosen.number], ledger_folder=folder)


def resolved(pdf: pikepdf.Pdf, kind: str) -> list[Any]:
    return [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == kind]


@pytest.mark.slow
@pytest.mark.parametrize("name", CHOSEN)
def test_the_file_has_the_marks_of_pdf_a_and_of_factur_x(name: str) -> None:
    """ISO 19005-3 and ISO 14289-1, what can be read without their validator; by qpdf and lxml, not by our writer."""
    content = issued(name)
    assert content == issued(name)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        root = pdf.Root
        (file,) = root.AF
        assert file.AFRelationship == "/Data"
        assert str(file.UF) == "factur-x.xml"
        assert list(pdf.attachments) == ["factur-x.xml"]
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert str(root.Lang) == "fr"
        assert "/JavaScript" not in root.Names
        assert "/ID" in pdf.trailer
        assert "/Encrypt" not in pdf.trailer
        for font in resolved(pdf, "/FontDescriptor"):
            assert "/FontFile2" in font or "/FontFile3" in font
        assert_tagged(pdf)
        assert_metadata(pdf, name)


def assert_tagged(pdf: pikepdf.Pdf) -> None:
    figures = [
        item
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
    ]
    assert all(str(figure.get("/Alt", "")).strip() for figure in figures)
    images = [
        item
        for item in pdf.objects
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"
    ]
    assert not any(image.get("/Interpolate", False) for image in images)


def assert_metadata(pdf: pikepdf.Pdf, name: str) -> None:
    """One RDF, which readers see, with the three identifications and both extension schemas."""
    packet = etree.fromstring(pdf.Root.Metadata.read_bytes())
    assert len(list(packet.iter(RDF))) == 1
    with pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == "3A"
        assert metadata["pdfuaid:part"] == "1"
        level = {"en16931": "EN 16931", "extended": "EXTENDED"}[CHOSEN[name].profile]
        assert metadata[f"{FX}ConformanceLevel"] == level
        assert metadata[f"{FX}DocumentType"] == "INVOICE"
        assert metadata[f"{FX}DocumentFileName"] == "factur-x.xml"
        assert metadata[f"{FX}Version"] == "1.0"
    prefixes = [e.text for e in packet.iter("{http://www.aiim.org/pdfa/ns/schema#}prefix")]
    assert sorted(prefixes) == ["fx", "pdfuaid"]
