"""Bytes of a file → text, whatever the program that saved it.

Beancount wants UTF-8. A Latin-1 comment passes without a word and a Latin-1 text is refused; a file saved with the
line ends of old Macs is one long comment, so that all of it silently disappears.
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

from acompta.lint.finding import NOTICE, Problem

_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# « é » saved as UTF-8, read as Latin-1 and saved again.
_TWICE_ENCODED: Final = re.compile(
    "Ã[\u0080-\u00bf\u2018-\u203a\u20ac\u0160\u0161\u0178\u0152\u0153\u017d\u017e]|â€."
)
_SAVE: Final = "enregistrez le fichier en « UTF-8 » (sans BOM) depuis votre éditeur de texte"


class Decoded(NamedTuple):
    """A text and what was wrong with its bytes, each with its line from 1."""

    text: str
    problems: tuple[tuple[int, Problem], ...]


def decode(raw: bytes) -> Decoded:
    """The text of ``raw``, read as best one can, and the problems of its encoding. Never raises."""
    problems: list[tuple[int, Problem]] = []
    utf16 = _utf16_name(raw)
    if utf16:
        problems.append(
            (
                1,
                Problem(
                    "UTF-16",
                    f"ce fichier est enregistré en UTF-16 : Beancount n'y lit rien ; {_SAVE}",
                ),
            )
        )
        text = raw.decode(utf16, errors="replace").removeprefix("\ufeff")
    else:
        text = _eight_bits(raw, problems)
    if "\r" in text and "\n" not in text:
        message = f"ce fichier a les fins de ligne des anciens Mac : Beancount n'y voit qu'une ligne ; {_SAVE}"
        problems.append((1, Problem("\\r", message)))
        text = text.replace("\r", "\n")
    return Decoded(text, (*problems, *_garbled(text)))


def _utf16_name(raw: bytes) -> str | None:
    """The UTF-16 flavour of ``raw``: by its mark, or by a zero in every second byte."""
    marked = _UTF16.get(raw[:2])
    if marked:
        return marked
    start = raw[:400]
    if len(start) < 4 or start.count(0) * 3 < len(start):
        return None
    return "utf-16-be" if start[0::2].count(0) > start[1::2].count(0) else "utf-16-le"


def _eight_bits(raw: bytes, problems: list[tuple[int, Problem]]) -> str:
    if raw.startswith(codecs.BOM_UTF8):
        raw = raw[len(codecs.BOM_UTF8) :]
        message = f"un signe invisible (BOM) ouvre le fichier : Beancount ne comprend pas la première ligne ; {_SAVE}"
        problems.append((1, Problem("BOM", message)))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        text = raw.decode("cp1252", errors="replace")
        line = raw.count(b"\n", 0, error.start) + 1
        word = _word_around(raw, error.start)
        message = (
            f"« {word} » : ce fichier n'est pas en UTF-8 mais en Latin-1 ou Windows-1252 ; {_SAVE}"
        )
        problems.append((line, Problem(word, message)))
        return text


def _word_around(raw: bytes, offset: int) -> str:
    """The word, read as Windows-1252, in which the first bad byte stands."""
    begin = (
        max(raw.rfind(b" ", 0, offset), raw.rfind(b"\n", 0, offset), raw.rfind(b'"', 0, offset)) + 1
    )
    found = re.match(rb'[^\s"]{1,40}', raw[max(begin, offset - 30) :])
    return found[0].decode("cp1252", errors="replace") if found else "?"


def _garbled(text: str) -> list[tuple[int, Problem]]:
    """Words garbled by an earlier conversion: they would be printed so on the invoices."""
    found = _TWICE_ENCODED.search(text)
    if found is None and "\ufffd" not in text:
        return []
    offset = found.start() if found else text.index("\ufffd")
    line = text.count("\n", 0, offset) + 1
    around = re.search(r"\S*$", text[:offset])
    before = around[0] if around else ""
    after = re.match(r"\S*", text[offset:])
    word = (before[-20:] + (after[0] if after else ""))[:40].strip('"')
    message = (
        f"« {word} » : des lettres accentuées ont été abîmées par une conversion ; retapez-les"
    )
    return [(line, Problem(word, message, NOTICE))]
