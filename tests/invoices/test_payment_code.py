"""The QR code that pays: read back from the printed page by a reader that is not ours."""

from __future__ import annotations

import base64
import io
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from PIL import Image, ImageOps
from tests.invoices import samples

from acompta.invoices.payment_code import payload, payment_code, pays_by_code
from acompta.invoices.printing import issued_pdf
from acompta.invoices.rendering import render_html, renderer
from acompta.invoices.view.document import DocumentView


def read_from_page(pdf: bytes, folder: Path) -> list[str]:
    (folder / "x.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", "100", "-gray", "-png", str(folder / "x.pdf"), str(folder / "x")]
    subprocess.run(command, check=True)
    pages = sorted(folder.glob("x-*.png"))
    return [found.text for page in pages for found in zxingcpp.read_barcodes(Image.open(page))]


def test_the_code_of_a_printed_invoice_pays_it(tmp_path: Path) -> None:
    # 4 320 + 6 080 − 400 = 10 000 HT, 12 000 TTC, less the deposit of 3 600: 8 400 €.
    (found,) = read_from_page(issued_pdf(samples.simple_final()), tmp_path)
    assert found.split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "AGRIFRPP",
        "Atelier Lumière",
        "FR7630006000011234567890189",
        "EUR8400.00",
        "",
        "",
        "F2026-011",
    ]


def test_a_long_name_is_cut_and_accents_stay(tmp_path: Path) -> None:
    seller = replace(
        samples.AGENCY, name="Société Générale d’Électricité " + "très " * 12 + "longue"
    )
    view = replace(samples.simple_final(), seller=seller)
    (found,) = read_from_page(issued_pdf(view), tmp_path)
    name = found.split("\n")[5]
    assert name.startswith("Société Générale d’Électricité")
    assert len(name) <= 70


@pytest.mark.parametrize("rank", range(30))
def test_codes_of_all_lengths_are_read_back(rank: int) -> None:
    """Whatever the mask draws: a small print is read, four pixels a module, and says its payload."""
    seller = replace(samples.AGENCY, name=("Œuvre d’été & Cie 5 € " * 4)[: 2 + 2 * rank].strip())
    amount = Decimal(rank * 7919 + 1) / 100
    view = replace(samples.simple_final(), seller=seller, number=f"F{rank * 104729}", to_pay=amount)
    address = payment_code(view).partition(",")[2]
    picture = Image.open(io.BytesIO(base64.b64decode(address))).convert("L")
    picture = ImageOps.expand(picture, 3, fill=255).resize([(s + 6) * 4 for s in picture.size], 0)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [payload(view)]


def nothing_to_pay() -> DocumentView:
    return replace(samples.simple_final(), to_pay=Decimal("0.00"))


def negative() -> DocumentView:
    return replace(samples.simple_final(), to_pay=Decimal("-1.00"))


def no_iban() -> DocumentView:
    return replace(samples.simple_final(), seller=replace(samples.AGENCY, iban=""))


def wrong_iban() -> DocumentView:
    seller = replace(samples.AGENCY, iban="FR7630006000011234567890188")
    return replace(samples.simple_final(), seller=seller)


def draft() -> DocumentView:
    return replace(samples.simple_final(), draft=True, number="")


@pytest.mark.parametrize(
    "make", [nothing_to_pay, negative, no_iban, wrong_iban, draft, samples.quote]
)
def test_no_code_where_nothing_is_paid_by_transfer(make: object) -> None:
    view = make()  # type: ignore[operator]
    assert not pays_by_code(view)
    assert payment_code(view) == ""
    assert "data:image/png" not in render_html(view)


def test_a_wrong_bic_is_left_out_of_the_code() -> None:
    view = replace(samples.simple_final(), seller=replace(samples.AGENCY, bic="X"))
    assert payload(view).split("\n")[4] == ""


def test_the_code_has_its_words_for_who_cannot_see_it() -> None:
    """PDF/UA: each figure has an alternative text; PDF/A: an image that is not smoothed."""
    with pikepdf.open(io.BytesIO(issued_pdf(samples.simple_final()))) as pdf:
        figures = [
            item
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
        (alt,) = [str(figure.Alt) for figure in figures]
        assert "8 400,00 €" in " ".join(alt.split())
        assert "FR76 3000 6000 0112 3456 7890 189" in alt
        images = [
            item
            for item in pdf.objects
            if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"
        ]
        assert len(images) == 1
        assert not images[0].get("/Interpolate", False)
        assert "/SMask" not in images[0]


def test_codes_do_not_pile_up_in_memory() -> None:
    press = renderer()
    press.pdf(samples.simple_final())
    for rank in range(3):
        press.pdf(replace(samples.simple_final(), number=f"F{rank}"))
    assert press._press is not None
    assert press._press._images == {}
