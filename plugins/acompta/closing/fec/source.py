"""A FEC as a file: its characters, its separator, its fields, and its lines one at a time.

Any FEC is read: tab or ``|``, Debit and Credit or Montant and Sens, the fields of a BNC or a BA that keeps cash
accounts, other fields after them. Source: LPF art. A47 A-1, VI to IX, XII.
"""

from __future__ import annotations

import codecs
import datetime
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from acompta.closing.fec.findings import Findings
from acompta.closing.fec.form import CASH_FIELDS, HEADER

_NAME: Final = re.compile(r"(\d{9})FEC(\d{8})(?:_\d+)?(?:\.(?:txt|csv|tsv))?", re.IGNORECASE)
_CHUNK: Final = 1 << 20
_WORD_ENDS: Final = re.compile(r"[ \t|]")
_DOUBLE_MARKS: Final = ("\u00c3", "\u00c2", "\u00e2\u20ac")
_BOMS: Final = ((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))
# The accented small letters of French, in the sets that a French accounting program may still write.
_CP850: Final = frozenset(b"\x82\x8a\x85\x87\x88\x97\x93\x8c\x8b\x96\x83")
_MAC: Final = frozenset(b"\x8e\x8f\x88\x8d\x90\x9d\x99\x94\x95\x9e\x89")
_LATIN: Final = frozenset(
    b"\xe9\xe8\xe0\xe7\xea\xf9\xf4\xee\xef\xfb\xe2\xeb\xc9\xc8\xc0\xc7\xb0\xa4\xbd\xbc"
)


class Layout(NamedTuple):
    """Where each field stands: ``places`` by canonical name; ``fields`` is how many a line has."""

    separator: str
    places: dict[str, int]
    fields: int
    extra: tuple[str, ...]

    @property
    def signed(self) -> bool:
        """Montant and Sens in place of Debit and Credit."""
        return "Montant" in self.places

    @property
    def cash(self) -> bool:
        """The fields of a BNC or a BA that keeps cash accounts."""
        return "DateRglt" in self.places


class FecFile:
    """A FEC opened: what its name and its first line say; `lines` reads it."""

    def __init__(self, path: Path, findings: Findings) -> None:
        """Look at the name, the characters and the first line of ``path``, noting what is wrong.

        Raises:
            OSError: it cannot be read.
        """
        self.path = path
        self.findings = findings
        self.siren, self.closing = self._read_name(path.name)
        self.encoding, self.encoding_title = self._find_encoding()
        self.layout = self._read_header() if self.encoding else None

    # -- name -------------------------------------------------------------------------------------------------

    def _read_name(self, name: str) -> tuple[str, datetime.date | None]:
        found = _NAME.fullmatch(name)
        closing = None
        if found is not None:
            closing = read_date(found[2])
        if found is None or closing is None:
            self.findings.note("nom-fichier", 0, name)
            return "", None
        if not is_siren(found[1]):
            self.findings.note("siren", 0, found[1])
        return found[1], closing

    # -- characters -------------------------------------------------------------------------------------------

    def _find_encoding(self) -> tuple[str, str]:
        """Python's name and the title of the character set; both empty when the file cannot be read as lines."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        ascii_only = valid = True
        counts = [0] * 256
        with self.path.open("rb") as file:
            head = file.read(4)
            for mark, title in _BOMS:
                if head.startswith(mark):
                    self.findings.note("encodage", 0, f"{title} ; ni UTF-8 ni ISO 8859-15")
                    return "utf-16", title
            file.seek(0)
            while chunk := file.read(_CHUNK):
                if chunk.isascii() and valid and not decoder.getstate()[0]:
                    continue
                ascii_only = False
                valid = valid and self._decodes(decoder, chunk)
                if not valid:
                    _count_accents(chunk, counts)
        if valid and decoder.getstate()[0]:
            valid = False
        if valid:
            bom = head.startswith(codecs.BOM_UTF8)
            if bom:
                self.findings.note(
                    "marque", 1, "la première ligne commence par une marque UTF-8 (BOM)"
                )
            return ("utf-8-sig" if bom else "utf-8"), ("ASCII" if ascii_only else "UTF-8")
        return self._single_byte(counts)

    @staticmethod
    def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
        return True

    def _single_byte(self, counts: list[int]) -> tuple[str, str]:
        latin, dos, mac = (
            sum(counts[byte] for byte in letters) for letters in (_LATIN, _CP850, _MAC)
        )
        if max(dos, mac) > latin:
            name, title = ("cp850", "CP850 (DOS)") if dos >= mac else ("mac_roman", "Mac Roman")
            self.findings.note("encodage", 0, f"{title} ; ni UTF-8 ni ISO 8859-15")
            return name, title
        if any(counts[byte] for byte in range(0x80, 0xA0)):
            title = "Windows-1252"
            self.findings.note(
                "encodage",
                0,
                f"{title} ; ses apostrophes courbes, tirets et « € » ne sont pas de l'ISO 8859-15",
            )
            return "cp1252", title
        return "iso8859-15", "ISO 8859-15"

    # -- first line -------------------------------------------------------------------------------------------

    def _open(self) -> Iterator[str]:
        with self.path.open(encoding=self.encoding, errors="replace", newline="\n") as file:
            yield from file

    def _read_header(self) -> Layout | None:
        first = next(self._open(), "").rstrip("\r\n")
        if not first.strip():
            self.findings.note("vide", 0, "le fichier est vide")
            return None
        if first.lstrip().startswith("<"):
            self.findings.note("xml", 1, "le fichier commence par une balise")
            return None
        separator = next((one for one in ("\t", "|") if one in first), "")
        if not separator:
            shown = next((f"« {one} »" for one in (";", ",") if one in first), "aucun")
            self.findings.note("separateur", 1, f"séparateur lu : {shown}")
            return None
        return self._layout(first.split(separator), separator)

    def _layout(self, names: list[str], separator: str) -> Layout | None:
        index: dict[str, int] = {}
        extra = []
        for position, name in enumerate(names):
            canonical = _CANONICAL.get(_folded(name))
            if canonical is None or canonical in index:
                extra.append(name)
            else:
                index[canonical] = position
                if name != canonical and not (name == "Crédit" and canonical == "Credit"):
                    self.findings.note("entete-casse", 1, name, canonical)
        layout = Layout(separator, index, len(names), tuple(extra))
        expected = _expected(layout)
        missing = [name for name in expected if name not in index]
        if missing:
            self.findings.note("entete", 1, f"il manque {', '.join(missing)}")
        elif [index[name] for name in expected] != list(range(len(expected))):
            wrong = next(name for rank, name in enumerate(expected) if index[name] != rank)
            place = expected.index(wrong) + 1
            self.findings.note("entete", 1, f"{wrong} devrait être la zone n° {place}")
        return None if set(missing) & set(_NEEDED) or not _has_amounts(index) else layout

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The lines that have the right number of fields, numbered from 2, each as the fields of `HEADER` in order.

        Montant and Sens become a debit or a credit. What is wrong with the others is noted.
        """
        layout = self.layout
        if layout is None:
            return
        separator, count = layout.separator, layout.fields
        padded = (f" {separator}", f"{separator} ")
        straight = all(layout.places.get(name) == rank for rank, name in enumerate(HEADER))
        note = self.findings.note
        numbered = enumerate(self._open(), start=1)
        next(numbered, None)
        for number, text in numbered:
            line = text.rstrip("\r\n")
            row = line.split(separator)
            if len(row) != count:
                if line.strip():
                    note("champs", number, len(row), count)
                else:
                    note("ligne-vide", number)
                continue
            if padded[0] in line or padded[1] in line:
                row = [field.strip() for field in row]
            if not line.isascii() and is_doubly_encoded(line):
                self._note_double(number, row)
            if separator == "\t" and "|" in line:
                name, value = self._with_bar(row)
                note("separateur-libelle", number, name, value)
            yield number, row[:_WIDTH] if straight else self._arranged(number, row, layout)

    def _note_double(self, number: int, row: list[str]) -> None:
        value = next((field for field in row if is_doubly_encoded(field)), row[-1])
        self.findings.note("double-encodage", number, value)

    def _with_bar(self, row: list[str]) -> tuple[str, str]:
        position = next(rank for rank, field in enumerate(row) if "|" in field)
        layout = self.layout
        names = {rank: name for name, rank in layout.places.items()} if layout is not None else {}
        return names.get(position, f"zone n° {position + 1}"), row[position]

    def _arranged(self, number: int, row: list[str], layout: Layout) -> list[str]:
        index = layout.places
        fields = [row[index[name]] if name in index else "" for name in HEADER]
        if layout.signed:
            amount, way = row[index["Montant"]], row[index["Sens"]].strip()
            debit = way in {"D", "+1"}
            if not debit and way not in {"C", "-1"}:
                self.findings.note("sens", number, way)
            fields[_DEBIT], fields[_CREDIT] = (amount, "") if debit else ("", amount)
        return fields


_WIDTH: Final = len(HEADER)
_DEBIT: Final = HEADER.index("Debit")
_CREDIT: Final = HEADER.index("Credit")
_OTHERS: Final = ("Montant", "Sens", *CASH_FIELDS)
_NEEDED: Final = ("EcritureNum", "EcritureDate", "CompteNum")


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.strip().strip('"').casefold())
    return "".join(char for char in plain if char.isalnum())


_CANONICAL: Final = {_folded(name): name for name in (*HEADER, *_OTHERS)}


def _expected(layout: Layout) -> list[str]:
    names = list(HEADER)
    if layout.signed:
        names[names.index("Debit") : names.index("Credit") + 1] = ["Montant", "Sens"]
    if layout.cash:
        names += CASH_FIELDS[:3]
        if "IdClient" in layout.places:
            names.append("IdClient")
    return names


def _has_amounts(index: dict[str, int]) -> bool:
    return {"Debit", "Credit"} <= index.keys() or {"Montant", "Sens"} <= index.keys()


def _count_accents(chunk: bytes, counts: list[int]) -> None:
    """Count each byte above 127."""
    for byte in range(0x80, 0x100):
        counts[byte] += chunk.count(byte)


def is_doubly_encoded(text: str) -> bool:
    """Whether a text shows UTF-8 read as Latin and encoded again: « é » then reads as two characters."""
    if not any(mark in text for mark in _DOUBLE_MARKS):
        return False
    return any(_reads_better(word) for word in _WORD_ENDS.split(text) if not word.isascii())


def _reads_better(word: str) -> bool:
    for charset in ("cp1252", "latin-1"):
        try:
            word.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False


def read_date(text: str) -> datetime.date | None:
    """A date AAAAMMJJ, strictly, or ``None``."""
    if len(text) != len("20260331") or not text.isascii() or not text.isdigit():
        return None
    try:
        return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def is_siren(digits: str) -> bool:
    """Whether nine digits bear the right key (Luhn)."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        value = int(char) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
