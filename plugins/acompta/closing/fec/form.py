"""What a FEC looks like: names of fields, name of the file, dates, amounts, characters.

Source: LPF art. A47 A-1, VI to XII.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple

SEPARATOR: Final = "\t"
LINE_END: Final = "\r\n"
FIRST_DIGITS: Final = 3


class Nature(Enum):
    """What a field holds; the value is its name in the description."""

    TEXT = "alphanumérique"
    DATE = "date"
    NUMBER = "numérique"


class Field(NamedTuple):
    """A field of the file: its name, its nature, what it means, whether it may be blank."""

    name: str
    nature: Nature
    meaning: str
    optional: bool = False


FIELDS: Final = (
    Field("JournalCode", Nature.TEXT, "Code du journal de l'écriture comptable"),
    Field("JournalLib", Nature.TEXT, "Libellé du journal de l'écriture comptable"),
    Field("EcritureNum", Nature.TEXT, "Numéro sur une séquence continue de l'écriture comptable"),
    Field("EcritureDate", Nature.DATE, "Date de comptabilisation de l'écriture comptable"),
    Field("CompteNum", Nature.TEXT, "Numéro de compte"),
    Field("CompteLib", Nature.TEXT, "Libellé de compte"),
    Field("CompAuxNum", Nature.TEXT, "Numéro de compte auxiliaire", optional=True),
    Field("CompAuxLib", Nature.TEXT, "Libellé de compte auxiliaire", optional=True),
    Field("PieceRef", Nature.TEXT, "Référence de la pièce justificative"),
    Field("PieceDate", Nature.DATE, "Date de la pièce justificative"),
    Field("EcritureLib", Nature.TEXT, "Libellé de l'écriture comptable"),
    Field("Debit", Nature.NUMBER, "Montant au débit, en euros"),
    Field("Credit", Nature.NUMBER, "Montant au crédit, en euros"),
    Field("EcritureLet", Nature.TEXT, "Lettrage de l'écriture comptable", optional=True),
    Field("DateLet", Nature.DATE, "Date de lettrage", optional=True),
    Field("ValidDate", Nature.DATE, "Date de validation de l'écriture comptable"),
    Field("Montantdevise", Nature.NUMBER, "Montant en devise, signé", optional=True),
    Field("Idevise", Nature.TEXT, "Identifiant de la devise (ISO 4217)", optional=True),
)
HEADER: Final = tuple(field.name for field in FIELDS)
# A BA that keeps cash accounts adds the first three, a BNC the fourth too (VIII, 5° and 7°).
CASH_FIELDS: Final = ("DateRglt", "ModeRglt", "NatOp", "IdClient")


class Charset(Enum):
    """Character sets that the law accepts (XII, 1°) and that we write; the value is Python's name."""

    UTF8 = "utf-8"
    LATIN9 = "iso8859-15"

    @property
    def title(self) -> str:
        """Its name for people."""
        return "UTF-8" if self is Charset.UTF8 else "ISO 8859-15"


_OPENING_CODES: Final = frozenset({"AN", "RAN", "ANO", "OUV", "ANV"})
_OPENING_TITLES: Final = (
    "a nouveau",
    "a-nouveau",
    "report a nouveau",
    "report a-nouveau",
    "ouverture",
)
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029|]+")
_BLANKS: Final = re.compile(r"\s+")
_TYPOGRAPHY: Final = str.maketrans(
    {"\u2013": "-", "\u2014": "-", "\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"',
     "\u2026": "...", "\u202f": " ", "\u00a0": " ", "\u2212": "-", "\u2192": ">"}
)  # fmt: skip


def file_name(siren: str, closing: datetime.date) -> str:
    """``SirenFECAAAAMMJJ.txt`` (IX)."""
    return f"{siren}FEC{closing:%Y%m%d}.txt"


def is_opening(code: str, title: str) -> bool:
    """Whether a journal is that of the opening balances, in the words of French programs."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return code.upper() in _OPENING_CODES or plain.startswith(_OPENING_TITLES)


def clean(text: str, charset: Charset = Charset.UTF8) -> str:
    """A text that can stand in a field: one line, no tab, no ``|``, only characters of the set."""
    plain = _BLANKS.sub(" ", _CONTROLS.sub(" ", text.translate(_TYPOGRAPHY))).strip()
    if charset is Charset.UTF8:
        return plain
    try:
        plain.encode(charset.value)
    except UnicodeEncodeError:
        return "".join(_encodable(char, charset) for char in plain)
    return plain


def _encodable(char: str, charset: Charset) -> str:
    for candidate in (char, unicodedata.normalize("NFKD", char)[:1], "?"):
        try:
            candidate.encode(charset.value)
        except UnicodeEncodeError:
            continue
        return candidate
    return "?"


def amount(value: Decimal) -> str:
    """``1234,56``: comma, two decimals, no thousands separator (XII, 2°)."""
    return f"{value:.2f}".replace(".", ",")


def number(value: Decimal) -> str:
    """As `amount`, with the decimals that the value has (an amount in another currency)."""
    return f"{value:f}".replace(".", ",")


def date(value: datetime.date | None) -> str:
    """``20260331``, or nothing (XII, 4°)."""
    return f"{value:%Y%m%d}" if value is not None else ""
