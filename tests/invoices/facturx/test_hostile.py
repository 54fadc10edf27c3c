"""Texts and sizes made to break things: an exact document, or a clear refusal."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from tests.invoices import samples
from tests.invoices.facturx.reading import Read
from tests.invoices.reading import pages_of, text_of

from acompta.invoices.checks import findings_of
from acompta.invoices.facturx.invoice import ElectronicInvoiceError, electronic_invoice
from acompta.invoices.printing import PrintJob, issued_pdf, print_one
from acompta.invoices.rendering import RenderingError
from acompta.invoices.view.document import DocumentView

BUYER = "//ram:BuyerTradeParty/ram:Name"


def named(name: str) -> DocumentView:
    view = samples.simple_final()
    return replace(view, customer=replace(view.customer, name=name))


def xml_in(pdf: bytes) -> Read:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return Read(opened.attachments["factur-x.xml"].get_file().read_bytes())


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "Dupont & Fils <b>SARL</b> \"Lyon\" 'Perrache'",
        "]]> <!-- --> <?xml?> &amp; &#0; %s {{ 7 * 7 }} ${x}",
        "Ελληνικά Čapek Søn Żółć Œuvre",
    ],
)
def test_a_text_is_the_same_on_the_page_and_in_the_xml(name: str) -> None:
    pdf = issued_pdf(named(name))
    assert xml_in(pdf).one(BUYER) == name
    # A long word may be cut at the end of a line.
    assert "".join(name.split()) in "".join(text_of(pdf).split())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Pâtisserie 🎂 Dupont", "le signe « 🎂 » (U+1F382) n'existe dans aucune police"),
        ("株式会社", "n'existe dans aucune police"),
    ],
)
def test_a_sign_that_no_font_has_is_refused(name: str, said: str, tmp_path: Path) -> None:
    """WeasyPrint would print an empty box, and make the text of the whole page unreadable to programs."""
    view = named(name)
    with pytest.raises(RenderingError, match="F2026-011 : le signe"):
        issued_pdf(view)
    outcome = print_one(PrintJob(view, tmp_path / "x.pdf"))
    assert said in outcome.error
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\ud800", "\ufffe"])
def test_a_control_character_is_refused_twice(char: str) -> None:
    view = named(f"Du{char}pont")
    assert any("caractère invisible" in finding.message for finding in findings_of(view))
    with pytest.raises(ElectronicInvoiceError, match=r"F2026-011 : un texte contient un caractère"):
        electronic_invoice(view)


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200f"])
def test_a_direction_mark_is_refused(char: str) -> None:
    messages = [finding.message for finding in findings_of(named(f"Du{char}pont"))]
    assert any(f"caractère invisible U+{ord(char):04X}" in message for message in messages)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Dupont " * 714 + "et", "D" * 5000])
def test_a_name_of_5000_characters_is_whole(name: str) -> None:
    pdf = issued_pdf(named(name))
    assert xml_in(pdf).one(BUYER) == name
    pages = pages_of(pdf)
    text = "".join("".join(pages).split())
    assert text.count("Dupont" if "u" in name else "D") >= (714 if "u" in name else 5000)
    assert len(pages) < 10


@pytest.mark.slow
def test_an_invoice_of_2000_lines() -> None:
    view = samples.invoice(2000)
    pdf = issued_pdf(view)
    read = xml_in(pdf)
    assert len(list(read.lines())) == 2000
    assert read.total("GrandTotalAmount") == view.totals.ttc
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert 50 < len(opened.pages) < 150
