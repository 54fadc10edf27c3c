"""Letters: accents taken off, words brought to the shape that Beancount reads."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Spaces that look like one and are none for Beancount: U+00A0, U+202F, U+2009 and their cousins.
SPACES: Final = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
ZERO_WIDTH: Final = "\u00ad\u200b-\u200f\u2060\ufeff"
ODD_SPACE: Final = re.compile(f"[{SPACES}]")
HIDDEN: Final = re.compile(f"[{ZERO_WIDTH}]")
MINUS_SIGNS: Final = "\u2212\u2012\u2013\u2014"
CURLY_QUOTES: Final = re.compile("[“”„‟«»]")

_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "²": "2", "³": "3"})
_NOT_KEY: Final = re.compile(r"[^a-z0-9]+")
_NOT_LINK: Final = re.compile(r"[^A-Za-z0-9_/.-]+")
_NOT_UNIT: Final = re.compile(r"[^A-Z0-9]+")
_NOT_NAME: Final = re.compile(r"[^\w-]+|_+")


def fold(text: str) -> str:
    """``text`` without accents: « échéance » → « echeance »."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text.translate(_LIGATURES))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def as_key(text: str) -> str:
    """The Beancount key nearest to ``text``: « Bon de commande » → « bon-de-commande »."""
    return _NOT_KEY.sub("-", fold(text).lower()).strip("-")


def as_link(text: str) -> str:
    """The tag or link body nearest to ``text``: « Été 2026 » → « Ete-2026 »."""
    return _NOT_LINK.sub("-", fold(text)).strip("-")


def as_unit(text: str) -> str:
    """The unit nearest to ``text``: « m² » → « M2 », « € » and « euros » → « EUR »."""
    unit = _NOT_UNIT.sub("", fold(text).upper())
    return "EUR" if unit in {"EUR", "EURO", "EUROS", "UROS", ""} and text not in "$£" else unit


def as_name(text: str) -> str:
    """The account component nearest to ``text``: « L'Oréal » → « L-Oréal », « dupont » → « Dupont »."""
    name = _NOT_NAME.sub("-", unicodedata.normalize("NFC", text)).strip("-")
    return name[:1].upper() + name[1:]
