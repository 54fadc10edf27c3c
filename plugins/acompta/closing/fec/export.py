"""The FEC of a fiscal year, made from the ledger; drafts and contracts, which post nothing, are never in it.

Order: opening balances, then entries by date of validation, by date, then as typed; those that nothing has validated
come last, without ValidDate: the file is then provisional. EcritureNum is 1, 2, 3… over all journals, so the numbers of
validated entries never change. Source: LPF art. A47 A-1, VII.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from acompta.closing.accounts import Code
from acompta.closing.fec import form
from acompta.closing.fec.form import Charset
from acompta.closing.fec.opening import is_clearing, opening_lines
from acompta.closing.fec.validity import Validations
from acompta.closing.journals import OPENING, Books, Entry, Line, kind_of
from acompta.closing.lettering import Lettering, letter_books
from acompta.closing.periods import Period, PeriodError, fiscal_year, read_year_end
from acompta.loading import Loaded
from acompta.messages import euros
from acompta.rounding import ZERO, cents

SIREN_LENGTH: Final = 9
_MOST_REASONS: Final = 20


class FecError(Exception):
    """A FEC that cannot be made or taken over; ``reasons`` are French sentences."""

    def __init__(self, *reasons: str) -> None:
        """Keep the reasons."""
        super().__init__(" ; ".join(reasons))
        self.reasons = reasons


class FecLine(NamedTuple):
    """One line; amounts in euros, ``foreign`` in ``currency`` when it is not the euro."""

    journal: str
    journal_title: str
    number: int
    date: datetime.date
    code: Code
    piece: str
    piece_date: datetime.date
    label: str
    debit: Decimal
    credit: Decimal
    letter: str
    letter_date: datetime.date | None
    valid: datetime.date | None
    foreign: Decimal | None
    currency: str


class Source(NamedTuple):
    """Where an entry was typed: its number in the file, file and line of the ledger; ``derived`` by the plugin."""

    number: int
    journal: str
    date: datetime.date
    piece: str
    file: str
    line: int
    derived: bool


@dataclass(frozen=True, slots=True)
class Fec:
    """A FEC: lines, where they come from, and what to say about it."""

    siren: str
    company: str
    period: Period
    lines: tuple[FecLine, ...]
    sources: tuple[Source, ...]
    journals: dict[str, str]
    unvalidated: int
    cleared: int

    @property
    def name(self) -> str:
        """``SirenFECAAAAMMJJ.txt``."""
        return form.file_name(self.siren, self.period.end)

    @property
    def entries(self) -> int:
        """How many entries."""
        return self.lines[-1].number if self.lines else 0

    @property
    def total(self) -> Decimal:
        """Total of the debits, in euros."""
        return sum((line.debit for line in self.lines), ZERO)

    @property
    def provisional(self) -> bool:
        """Whether entries are not validated yet."""
        return self.unvalidated > 0

    def text(self, charset: Charset = Charset.UTF8) -> Iterator[str]:
        """The lines of the file, header first, each with its end."""
        yield form.SEPARATOR.join(form.HEADER) + form.LINE_END
        for line in self.lines:
            yield form.SEPARATOR.join(_row(line, charset)) + form.LINE_END

    def content(self, charset: Charset = Charset.UTF8) -> bytes:
        """The file."""
        return "".join(self.text(charset)).encode(charset.value)


def exercise(loaded: Loaded, name: str) -> Period:
    """The fiscal year ``2026`` of a ledger (``fin-exercice:`` of its seller), or the dates « 2025-10-01/2026-12-31 ».

    Raises:
        PeriodError: neither.
    """
    start, slash, end = name.partition("/")
    if slash:
        try:
            return Period(
                name, datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
            )
        except ValueError:
            raise PeriodError(
                f"« {name} » ; tapez l'année 2026, ou deux dates 2025-10-01/2026-12-31."
            ) from None
    sellers = loaded.dossier.sellers
    year = fiscal_year(name)
    return fiscal_year(name, read_year_end(sellers.at(year.end).meta.get("fin-exercice")))


def make_fec(loaded: Loaded, period: Period, *, validated_on: datetime.date | None = None) -> Fec:
    """The FEC of ``period``; ``validated_on`` is the ValidDate of entries that nothing has validated.

    Raises:
        FecError: no SIREN, an account without a number, an entry that does not balance to the cent, an amount without
            euros, two accounts under one number: every reason at once.
    """
    seller = loaded.dossier.sellers.at(period.end)
    siren = _siren(seller.meta)
    books = Books(loaded.dossier, loaded.entries)
    folder = loaded.path.resolve().parent
    validations = Validations(loaded.dossier.closings, books.transactions, folder, validated_on)
    maker = _Maker(books, period, validations)
    lettering = letter_books(books, loaded.dossier, period.end)
    maker.make(lettering, read_year_end(seller.meta.get("fin-exercice")))
    reasons = maker.reasons
    if not siren:
        reasons.insert(
            0,
            'le nom du fichier porte le SIREN : tapez siren: "732829320" sous custom "emetteur", entre guillemets',
        )
    if reasons:
        raise FecError(*reasons)
    return Fec(
        siren,
        seller.name or loaded.title,
        period,
        tuple(maker.lines),
        tuple(maker.sources),
        dict(sorted(maker.journals.items())),
        maker.unvalidated,
        maker.cleared,
    )


def _siren(meta: dict[str, object]) -> str:
    for key in ("siren", "siret"):
        value = meta.get(key)
        digits = "".join(value.split()) if isinstance(value, str) else ""
        if digits.isdigit() and len(digits) >= SIREN_LENGTH:
            return digits[:SIREN_LENGTH]
    return ""


class _Maker:
    """The lines while they are made."""

    def __init__(self, books: Books, period: Period, validations: Validations) -> None:
        self.books = books
        self.period = period
        self.validations = validations
        self.lines: list[FecLine] = []
        self.sources: list[Source] = []
        self.journals: dict[str, str] = {}
        self.reasons: list[str] = []
        self.unvalidated = 0
        self.cleared = 0
        self.number = 0
        self._refused: set[str] = set()
        self._owners: dict[tuple[str, str], str] = {}

    def make(self, lettering: Lettering, year_end: tuple[int, int] | None) -> None:
        entries = sorted(
            ((self.validations.of(entry.transaction), entry) for entry in self._entries()),
            key=lambda dated: (dated[0] or datetime.date.max, dated[1].date),
        )
        opening = [dated for dated in entries if form.is_opening(*dated[1].journal)]
        first = entries[0][0] if entries else None
        self._open(lettering, year_end, max(first, self.period.start) if first else None)
        for valid, entry in opening:
            self._add(entry, lettering, valid)
        for valid, entry in entries:
            if not form.is_opening(*entry.journal):
                self._add(entry, lettering, valid)

    def _entries(self) -> Iterator[Entry]:
        for entry in self.books.entries(self.period.start, self.period.end):
            if is_clearing(self.books, (line.account for line in entry.lines)):
                self.cleared += 1
            else:
                yield entry

    def _open(
        self, lettering: Lettering, year_end: tuple[int, int] | None, valid: datetime.date | None
    ) -> None:
        start = self.period.start
        found = opening_lines(self.books, lettering, start, year_end)
        if not found:
            return
        self._next(OPENING, self.books.journal(OPENING).title, valid)
        default = f"AN{start:%Y%m%d}"
        for line in found:
            letter = line.letter if line.letter is not None and line.letter.complete else None
            label = "À nouveau" + (f", {line.piece}" if line.piece else "")
            self.lines.append(
                FecLine(
                    OPENING,
                    self.books.journal(OPENING).title,
                    self.number,
                    start,
                    self._code(line.account, f"à nouveau du {start:%d/%m/%Y}"),
                    line.piece or default,
                    line.date,
                    label,
                    max(line.amount, ZERO),
                    max(-line.amount, ZERO),
                    letter.code if letter is not None else "",
                    letter.date if letter is not None else None,
                    valid,
                    None,
                    "",
                )
            )
        self.sources.append(Source(self.number, OPENING, start, default, "", 0, derived=True))

    def _next(self, code: str, title: str, valid: datetime.date | None) -> None:
        self.number += 1
        self.journals.setdefault(code, title)
        if valid is None:
            self.unvalidated += 1

    def _add(self, entry: Entry, lettering: Lettering, valid: datetime.date | None) -> None:
        code, title = entry.journal
        self._next(code, title, valid)
        piece = entry.piece or f"{code}{self.number}"
        self._check(entry)
        where = _where(entry)
        for line in entry.lines:
            letter = lettering.letter(line.posting)
            if letter is not None and not letter.complete:
                letter = None
            self.lines.append(
                FecLine(
                    code,
                    title,
                    self.number,
                    entry.date,
                    self._code(line.account, where),
                    piece,
                    entry.piece_date,
                    label_of_line(entry, line),
                    line.debit,
                    line.credit,
                    letter.code if letter is not None else "",
                    letter.date if letter is not None else None,
                    valid,
                    line.foreign,
                    line.currency,
                )
            )
        source = Source(self.number, code, entry.date, piece, entry.file, entry.line, entry.derived)
        self.sources.append(source)

    # -- what cannot be told ----------------------------------------------------------------------------------

    def _check(self, entry: Entry) -> None:
        total = sum((line.amount for line in entry.lines), ZERO)
        if total:
            self._refuse(
                f"{_where(entry)} : l'écriture ne s'équilibre pas au centime, il manque {euros(abs(total))} ;"
                " corrigez ses montants"
            )
        for line in entry.lines:
            if not line.amount:
                self._refuse(
                    f"{_where(entry)} : {form.number(abs(line.foreign or ZERO))} {line.currency} sans contrevaleur en"
                    f" euros ; tapez le cours, par exemple {line.currency} @ 0.92 EUR"
                )
            elif line.amount != cents(line.amount):
                self._refuse(
                    f"{_where(entry)} : {form.number(abs(line.amount))} sur {line.account} a plus de deux décimales"
                )

    def _code(self, account: str, where: str) -> Code:
        code = self.books.codes[account]
        if not code.number[: form.FIRST_DIGITS].isdigit() or len(code.number) < form.FIRST_DIGITS:
            self._refuse(
                f"{where} : le compte {account} n'a pas de numéro du plan comptable ; nommez-le par exemple"
                ' Actif:512:Banque, ou tapez compte: "512000" sous son ouverture'
            )
        owner = self._owners.setdefault((code.number, code.auxiliary), account)
        if owner != account:
            self._refuse(
                f"les comptes {owner} et {account} auraient le même numéro {code.full_number} ; tapez sous"
                f" l'ouverture de l'un compte: \"{code.number}2\""
            )
        return code

    def _refuse(self, reason: str) -> None:
        """Keep a reason once; one that every line of an account gives is said for the first."""
        key = reason.rsplit(" : ", maxsplit=1)[-1]
        if key not in self._refused and len(self.reasons) < _MOST_REASONS:
            self._refused.add(key)
            self.reasons.append(reason)


def label_of_line(entry: Entry, line: Line) -> str:
    """The label of a line: ``libelle:`` under it in an ordinary entry (in a document it is what is printed)."""
    said = line.posting.meta.get("libelle") if line.posting.meta else None
    if isinstance(said, str) and said.strip() and kind_of(entry.transaction) is None:
        return said
    return entry.label


def _where(entry: Entry) -> str:
    name = entry.file.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{name}, ligne {entry.line}" if entry.line else entry.label


def _row(line: FecLine, charset: Charset) -> tuple[str, ...]:
    clean, code = form.clean, line.code
    return (
        clean(line.journal, charset),
        clean(line.journal_title, charset),
        str(line.number),
        form.date(line.date),
        clean(code.number, charset),
        clean(code.title, charset),
        clean(code.auxiliary, charset),
        clean(code.auxiliary_title, charset),
        clean(line.piece, charset),
        form.date(line.piece_date),
        clean(line.label, charset),
        form.amount(line.debit),
        form.amount(line.credit),
        line.letter,
        form.date(line.letter_date),
        form.date(line.valid),
        form.number(line.foreign) if line.foreign is not None else "",
        line.currency,
    )


def sources_text(fec: Fec, folder: Path) -> str:
    """The table that traces each entry to the typed line, files as seen from ``folder``.

    « ; », UTF-8 with its mark, as a French spreadsheet reads it.
    """
    rows = ["\ufeffEcritureNum;Journal;Date;Pièce;Fichier;Ligne;Origine"]
    for source in fec.sources:
        origin = "calculée" if source.derived else "tapée"
        piece = source.piece.replace(";", ",").replace('"', "'")
        line = source.line or ""
        date, file = f"{source.date:%d/%m/%Y}", _seen_from(folder, source.file)
        rows.append(f"{source.number};{source.journal};{date};{piece};{file};{line};{origin}")
    return "\r\n".join(rows) + "\r\n"


def _seen_from(folder: Path, file: str) -> str:
    try:
        return str(Path(file).relative_to(folder))
    except ValueError:
        return file
