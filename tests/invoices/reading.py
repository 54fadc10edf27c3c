"""Read a printed PDF back: its text, its amounts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal

from pypdf import PdfReader

from acompta.french import MINUS, THOUSANDS

AMOUNT = re.compile(rf"{MINUS}?\d{{1,3}}(?:{THOUSANDS}\d{{3}})*,\d{{2}}(?!\d)")


def pages_of(pdf: bytes) -> list[str]:
    """Text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    """Whole text, with plain single spaces and straight apostrophes."""
    return plain("\n".join(pages_of(pdf)))


def plain(text: str) -> str:
    """Undo what typography and line breaks do to words."""
    return re.sub(r"\s+", " ", text.replace("’", "'"))


def amounts_of(pdf: bytes) -> set[Decimal]:
    """Every amount with two decimals that the page shows, without its sign."""
    return {abs(parsed(found)) for page in pages_of(pdf) for found in AMOUNT.findall(page)}


def parsed(text: str) -> Decimal:
    """Parse a French amount."""
    return Decimal(text.replace(THOUSANDS, "").replace(",", ".").replace(MINUS, "-"))


def decimals_in(value: object) -> Iterator[Decimal]:
    """All numbers that a view holds, at any depth."""
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from decimals_in(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from decimals_in(getattr(value, item.name))
