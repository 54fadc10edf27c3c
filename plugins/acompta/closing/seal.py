"""The seal of a period: one digest per entry, one hash over all, chained to the previous closing.

What is inside: the date, the label (who, what for), the piece (``numero:`` or ``piece:``, and ``date-reelle:``), the
accounts and the amounts, entry by entry in the order of the books. Lettering, links, documents, other keys, comments
and layout are outside, because the payment of April letters the invoice of March. Entries that the plugin writes are
inside: they are in the books.

The exact bytes of one entry, fields parted by a tab: ``2026-03-12``, payee, narration, piece, real date, then for
each line the account, a space, the amount without trailing zeros, a space, its currency. Its digest is the first 32
hexadecimal digits of the SHA-256 of these bytes in UTF-8. The hash of a period is the SHA-256 of « acompta cloture 2
», its name, its last day, the day when it was closed, the reason that passed over a check (an empty line for none), the
hash of the previous closing (64 zeros for the first), then every digest, one a line. « acompta cloture 1 » had neither
the day nor the reason: it is still read.

Source: PCG art. 1031-3 (no change nor deletion after validation), 1031-4 (closing of periods); CGI art. 286-I-3° bis.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from beancount.core.data import Directive, Transaction

VERSION: Final = "acompta cloture 2"
FIRST_VERSION: Final = "acompta cloture 1"
NO_HASH: Final = "0" * 64
FOLDER: Final = "clotures"
VALIDATIONS: Final = "validations"
ENTRIES_FILE: Final = "ecritures.tsv"
_PADDING: Final = "P"
_DIGEST: Final = 32
_HEADER: Final = ("empreinte", "date", "pièce", "libellé", "lignes", "fichier", "ligne")


class SealedEntry(NamedTuple):
    """An entry as it was sealed: its digest, and what a person needs to find it again."""

    digest: str
    date: str
    piece: str
    label: str
    lines: str
    file: str
    line: int


def sealable(
    entries: Iterable[Directive], until: datetime.date, after: datetime.date | None = None
) -> list[Transaction]:
    """The entries of the books dated up to ``until`` (and after ``after``), in the order of the books.

    Padding, which Beancount adds after the plugins, is left out: both sides of a comparison must see the same entries.
    """
    from acompta.closing.journals import book_order  # noqa: PLC0415 — only for ledgers with closings

    first = after or datetime.date.min
    found = [
        entry
        for entry in entries
        if isinstance(entry, Transaction) and first < entry.date <= until and is_sealable(entry)
    ]
    found.sort(key=book_order)
    return found


def is_sealable(entry: Transaction) -> bool:
    """Whether a closing keeps a digest of ``entry``: it has lines, and is no padding."""
    return bool(entry.postings) and entry.flag != _PADDING


def canonical(entry: Transaction) -> str:
    """The text of an entry that its digest protects."""
    meta: dict[str, Any] = entry.meta
    get = meta.get
    piece = get("piece") or get("numero") or ""
    real = get("date-reelle") or ""
    parts = [
        entry.date.isoformat(),
        (entry.payee or "").replace("\t", " "),
        (entry.narration or "").replace("\t", " "),
        str(piece),
        str(real),
    ]
    for posting in entry.postings:
        units = posting.units
        if units is not None and units.number is not None:
            parts.append(f"{posting.account} {_number(units.number)} {units.currency}")
    return "\t".join(parts)


def _number(number: Decimal) -> str:
    """100.50 and 100.5 are the same amount."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def digest(entry: Transaction) -> str:
    """The digest of an entry."""
    return sha256(canonical(entry).encode()).hexdigest()[:_DIGEST]


class Stamp(NamedTuple):
    """What a closing says of itself: ``made`` is the day of validation in the FEC, ``despite`` the reason typed."""

    name: str
    last: datetime.date
    made: datetime.date
    despite: str = ""


def period_hash(stamp: Stamp, previous: str, digests: Iterable[str]) -> str:
    """The hash of a period, chained to the ``previous`` one."""
    name, last, made, despite = stamp
    said = (VERSION, name, last.isoformat(), made.isoformat(), " ".join(despite.split()))
    return _hash((*said, previous, *digests))


def is_hash_of(mark: str, stamp: Stamp, previous: str, digests: Sequence[str]) -> bool:
    """Whether ``mark`` is the hash of a period, in this form or the first."""
    if period_hash(stamp, previous, digests) == mark:
        return True
    first = (FIRST_VERSION, stamp.name, stamp.last.isoformat(), previous, *digests)
    return _hash(first) == mark


def _hash(lines: Iterable[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()


def sealed_entry(entry: Transaction, folder: Path) -> SealedEntry:
    """An entry as the closing folder keeps it; ``folder`` is the ledger's."""
    fields = canonical(entry).split("\t")
    path = Path(str(entry.meta.get("filename", "")))
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    label = " – ".join(part for part in fields[1:3] if part)
    return SealedEntry(
        digest(entry),
        fields[0],
        fields[3],
        _one_line(label),
        " ; ".join(fields[5:]),
        name,
        int(entry.meta.get("lineno", 0)),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def entries_file(entries: Iterable[SealedEntry]) -> bytes:
    """The content of the file of digests: a title line, then one entry a line, fields parted by tabs."""
    lines = ["\t".join(_HEADER)]
    lines += ["\t".join(map(str, entry)) for entry in entries]
    return ("\n".join(lines) + "\n").encode()


def read_entries_file(path: Path) -> list[SealedEntry] | None:
    """The sealed entries of a closing, or ``None`` when the file cannot be read as one."""
    try:
        return list(_parsed(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _parsed(text: str) -> Iterator[SealedEntry]:
    rows = text.split("\n")
    if tuple(rows[0].split("\t")) != _HEADER:
        raise ValueError(rows[0])
    for row in rows[1:]:
        if row:
            sealed, date, piece, label, lines, file, line = row.split("\t")
            yield SealedEntry(sealed, date, piece, label, lines, file, int(line))
