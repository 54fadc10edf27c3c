"""The page of each kind, kept as an image: what moves on it shows. A person looked at each one once.

Compared with room for another version of the drawing libraries: small and in grey, a few pixels may differ.
``pytest --rewrite`` draws them again.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter
from tests.invoices.facturx.kinds import CHOSEN, ROOT, views

from acompta.invoices.rendering import render_pdf

PAGES = Path(__file__).parent / "pages"
DPI = "45"
# Measured: the whole page moved by one pixel differs in 0.05 % of it once blurred, one missing amount in 0.13 %.
DARK = 30
ALLOWED = 0.0008
DRAWN = (
    "acompte", "acompte-paye", "arrhes", "avoir", "facture", "facture-franchise", "facture-remise", "prepaye",
    "rectificative", "rupture-arrhes", "situation", "solde", "solde-decompte",
)  # fmt: skip


def drawn(name: str, folder: Path) -> list[Image.Image]:
    chosen = CHOSEN[name]
    path = folder / "x.pdf"
    view = views(chosen.dossier)[chosen.number]
    path.write_bytes(render_pdf(view, ledger_folder=ROOT / "ledgers" / chosen.dossier))
    command = ["pdftoppm", "-r", DPI, "-gray", "-png", str(path), str(folder / "page")]
    subprocess.run(command, check=True)
    return [Image.open(found).convert("L") for found in sorted(folder.glob("page-*.png"))]


def differing(one: Image.Image, other: Image.Image) -> float:
    """The share of the pixels that are not the same, small shifts forgiven."""
    if one.size != other.size:
        return 1.0
    blurred = (image.filter(ImageFilter.GaussianBlur(2)) for image in (one, other))
    difference = ImageChops.difference(*blurred)
    histogram = difference.histogram()
    return sum(histogram[DARK:]) / (one.width * one.height)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs Debian's poppler-utils")
@pytest.mark.parametrize("name", DRAWN)
def test_the_page_of_a_kind_looks_as_kept(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pages = drawn(name, tmp_path)
    kept = sorted(PAGES.glob(f"{name}-[0-9].png"))
    if request.config.getoption("--rewrite"):
        PAGES.mkdir(exist_ok=True)
        for path in kept:
            path.unlink()
        for rank, page in enumerate(pages, 1):
            page.quantize(16).save(PAGES / f"{name}-{rank}.png", optimize=True)
        pytest.fail("pages drawn again: look at them")
    assert len(pages) == len(kept)
    for page, path in zip(pages, kept, strict=True):
        assert differing(page, Image.open(path).convert("L")) <= ALLOWED, path.name


def test_a_word_that_moves_is_seen() -> None:
    """The comparison itself: a page moved by a pixel passes, one without an amount of its totals does not."""
    page = Image.open(PAGES / "facture-1.png").convert("L")
    assert differing(page, ImageChops.offset(page, 1, 0)) <= ALLOWED
    changed = page.copy()
    width, height = page.size
    changed.paste(
        255, (width * 70 // 100, height * 46 // 100, width * 92 // 100, height * 48 // 100)
    )
    assert differing(page, changed) > ALLOWED
