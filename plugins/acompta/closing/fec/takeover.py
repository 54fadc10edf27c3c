"""A FEC from another program becomes a dossier: chart, opening balances, entries by month.

Each account keeps its number and title, each entry its journal, piece, date, letters and number of origin, so that the
dossier's own FEC gives the same balances. Nothing is guessed: entries stay ordinary entries, which no VAT rule of the
plugin touches (``ecriture:`` says that their VAT was moved by the program that they come from).

Source: LPF art. A47 A-1 (fields); PCG art. 1032-1 (origin, content, allocation and voucher of each entry).
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from acompta.closing.accounts import SHORTEST, THIRD_PARTIES, ascii_code
from acompta.closing.fec.checker import UNIT, CheckResult, check_fec, read_amount
from acompta.closing.fec.export import FecError
from acompta.closing.fec.findings import Findings
from acompta.closing.fec.form import is_opening
from acompta.closing.fec.source import FecFile, read_date
from acompta.closing.journals import JOURNAL_TITLES
from acompta.closing.official import official_account
from acompta.rounding import ZERO, cents

# What makes the entries themselves uncertain; every other fault is taken over as it is.
BLOCKING: Final = frozenset(
    "vide xml separateur entete champs date montant sens equilibre equilibre-total compte"
    " numero-double ecriture-mixte decimales".split()
)
_ROOT_BY_CLASS: Final = {"6": "Charges", "7": "Produits", "8": "Capitaux"}
_OPTIONS: Final = """\
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
"""
_DIGITS: Final = re.compile(r"\d+")
_CURRENCY: Final = re.compile(r"[A-Z][A-Z0-9]{1,22}")
_AMOUNT_COLUMN: Final = 52

Key = tuple[str, str]


class Posted(NamedTuple):
    """A line of the FEC: account and auxiliary, euros (debit positive), label, letter, amount in another currency."""

    key: Key
    amount: Decimal
    label: str
    letter: str
    foreign: str


@dataclass(slots=True)
class Movement:
    """An entry of the FEC."""

    number: str
    journal: str
    date: datetime.date
    piece: str
    piece_date: datetime.date
    lines: list[Posted] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origin:
    """A FEC read whole: its entries in order, the titles of accounts, auxiliaries and journals."""

    check: CheckResult
    siren: str
    closing: datetime.date
    movements: tuple[Movement, ...]
    titles: dict[str, str]
    auxiliaries: dict[str, str]

    def balances(self) -> dict[Key, Decimal]:
        """Balance of each account and auxiliary, in euros, debit positive; those at zero left out."""
        found: dict[Key, Decimal] = {}
        for movement in self.movements:
            for line in movement.lines:
                found[line.key] = found.get(line.key, ZERO) + line.amount
        return {key: amount for key, amount in found.items() if amount}


def read_origin(path: Path) -> Origin:
    """Read the FEC ``path``, checked first.

    Raises:
        OSError: it cannot be read.
        FecError: what is in it cannot be trusted to the cent.
    """
    check = check_fec(path)
    reasons = [
        f"{one.rule.title} ({one.count}) : "
        + "; ".join(f"ligne {p.line}, {p.text}" if p.line else p.text for p in one.places[:2])
        for one in check.findings
        if one.rule.code in BLOCKING
    ]
    if reasons:
        raise FecError(*reasons)
    file = FecFile(path, Findings())
    movements: dict[tuple[str, str], Movement] = {}
    titles: dict[str, str] = {}
    auxiliaries: dict[str, str] = {}
    for _, row in file.rows():
        movement = _movement(movements, row)
        titles.setdefault(row[4], row[5])
        if row[6]:
            auxiliaries.setdefault(row[6], row[7])
        line = _posted(row)
        if line.amount:
            movement.lines.append(line)
    last = check.last or datetime.date.min
    closing = file.closing or datetime.date(last.year, 12, 31)
    kept = tuple(movement for movement in movements.values() if movement.lines)
    return Origin(check, file.siren, closing, kept, titles, auxiliaries)


def _movement(movements: dict[tuple[str, str], Movement], row: list[str]) -> Movement:
    key = (row[0], row[2])
    movement = movements.get(key)
    if movement is None:
        date = read_date(row[3])
        if date is None:
            raise FecError(f"écriture {row[2]} : date « {row[3]} »")
        movement = movements[key] = Movement(
            row[2], row[0], date, row[8], read_date(row[9]) or date
        )
    return movement


def _posted(row: list[str]) -> Posted:
    debit, credit = ((read_amount(text) or 0) if text else 0 for text in (row[11], row[12]))
    amount = cents(Decimal(debit - credit) / UNIT)
    foreign = ""
    if row[16] and _CURRENCY.fullmatch(row[17]) and row[17] != "EUR":
        value = read_amount(row[16])
        if value:
            foreign = f"{(Decimal(value) / UNIT).normalize():f} {row[17]}"
    return Posted((row[4], row[6]), amount, row[10], row[13], foreign)


# -- names ------------------------------------------------------------------------------------------------------


class Names:
    """The account of the dossier for each account and auxiliary of the FEC; no two share one."""

    def __init__(self) -> None:
        """Name nothing yet."""
        self._by_key: dict[Key, str] = {}
        self._taken: set[str] = set()

    def __getitem__(self, key: Key) -> str:
        name = self._by_key.get(key)
        if name is None:
            name = self._by_key[key] = self._new(key)
        return name

    def all(self) -> list[tuple[Key, str]]:
        """Accounts named so far, by number then auxiliary."""
        return sorted(self._by_key.items())

    def _new(self, key: Key) -> str:
        number, detail = _parts(key)
        name = base = f"{root_of(number)}:{number}" + (f":{detail}" if detail else "")
        rank = 2
        while name in self._taken:
            name = f"{base}-{rank}" if detail else f"{base}:N{rank}"
            rank += 1
        self._taken.add(name)
        return name


def _parts(key: Key) -> tuple[str, str]:
    """Digits of an account, and the label that stands for its other characters and its auxiliary."""
    account, auxiliary = key
    found = _DIGITS.match(account)
    number = found.group() if found else ""
    return number, ":".join(filter(None, map(component, (account[len(number) :], auxiliary))))


def component(text: str) -> str:
    """A text as Beancount accepts it in an account: letters, digits and dashes, a capital or a digit first."""
    plain = unicodedata.normalize("NFC", text)
    words = "".join(char if char.isalpha() or char.isdecimal() else "-" for char in plain)
    words = re.sub("-+", "-", words).strip("-")
    first = words[:1].upper()
    if first and not (first.isupper() or first.isdecimal()):
        first = f"X{first}"
    return first[:2] + words[1:] if words else ("" if not text.strip() else "X")


def root_of(number: str) -> str:
    """The root of an account: that of the shipped chart, else of its class."""
    found = official_account(number)
    return found.root if found is not None else _ROOT_BY_CLASS.get(number[:1], "Actif")


def _would_read(name: str) -> Key:
    """Number and auxiliary that the books would give this account, without ``compte:`` nor ``auxiliaire:``."""
    _, number, *rest = name.split(":")
    detail = "-".join(rest)
    whole = number.ljust(SHORTEST, "0")
    if number.startswith(THIRD_PARTIES):
        return whole, detail
    return whole + ascii_code(detail), ""


# -- texts ------------------------------------------------------------------------------------------------------


def dossier_files(origin: Origin) -> dict[str, str]:
    """The files of the dossier by name, ``main.beancount`` first."""
    names = Names()
    start = min((movement.date for movement in origin.movements), default=origin.closing)
    files: dict[str, list[str]] = {}
    for movement in origin.movements:
        opening = is_opening(movement.journal, origin.check.journals.get(movement.journal, ""))
        name = "ouverture.beancount" if opening else f"{movement.date:%Y-%m}.beancount"
        files.setdefault(name, []).append(_entry(movement, names))
    journals = {movement.journal for movement in origin.movements}
    accounts = "\n".join([_OPTIONS, *_opens(origin, names, start)]) + "\n"
    order = sorted(files, key=lambda name: (name != "ouverture.beancount", name))
    main = _main(origin, start, ["comptes.beancount", *order], journals)
    texts = {name: _OPTIONS + "\n" + "\n".join(files[name]) for name in order}
    return {"main.beancount": main, "comptes.beancount": accounts, **texts}


def _main(
    origin: Origin, start: datetime.date, files: Iterable[str], journals: Iterable[str]
) -> str:
    siren, closing = origin.siren, origin.closing
    lines = [
        f";; Dossier repris de {origin.check.path.name} : {origin.check.entries} écritures.",
        ";; Complétez l'émetteur (raison sociale, adresse, régime de TVA) avant d'émettre une facture.",
        "",
        f'option "title" "{siren or "Dossier repris"}"',
        'option "operating_currency" "EUR"',
        _OPTIONS,
        'plugin "acompta"',
        'plugin "acompta.invoices.filing"',
        "",
        f'{start} custom "fava-option" "language" "fr"',
        f'{start} custom "fava-option" "locale" "fr_FR"',
        f'{start} custom "fava-extension" "acompta.fava"',
        f'{start} custom "fava-option" "default-page" "extension/Acompta/"',
        "",
        f'{start} custom "emetteur" "{f"SIREN {siren}" if siren else "À compléter"}"',
    ]
    if siren:
        lines.append(f'  siren: "{siren}"')
    if (closing.month, closing.day) != (12, 31):
        lines.append(f'  fin-exercice: "{closing:%m-%d}"')
    lines.append("")
    titles = origin.check.journals
    for code in sorted(journals):
        title = titles.get(code, "")
        if code and title and JOURNAL_TITLES.get(code) != title:
            lines.append(f'{start} custom "journal" {_quoted(code)} {_quoted(title)}')
    lines += ["", *(f'include "{name}"' for name in files)]
    return "\n".join(lines) + "\n"


def _opens(origin: Origin, names: Names, start: datetime.date) -> Iterator[str]:
    for (account, auxiliary), name in names.all():
        lines = [f"{start} open {name}"]
        if _would_read(name) != (account, auxiliary):
            lines += [f"  compte: {_quoted(account)}", f"  auxiliaire: {_quoted(auxiliary)}"]
        title = origin.titles.get(account)
        if title:
            lines.append(f"  titre: {_quoted(title)}")
        if auxiliary and origin.auxiliaries.get(auxiliary):
            lines.append(f"  raison-sociale: {_quoted(origin.auxiliaries[auxiliary])}")
        yield "\n".join(lines) + "\n"


def _entry(movement: Movement, names: Names) -> str:
    label = movement.lines[0].label or "Écriture"
    lines = [f"{movement.date} * {_quoted(label)}"]
    if movement.journal:
        lines.append(f"  journal: {_quoted(movement.journal)}")
    if movement.piece:
        lines.append(f"  piece: {_quoted(movement.piece)}")
    if movement.piece_date != movement.date:
        lines.append(f"  date-reelle: {movement.piece_date}")
    lines.append(f"  ecriture: {_quoted(movement.number)}")
    for posted in movement.lines:
        account = names[posted.key]
        width = max(1, _AMOUNT_COLUMN - len(account))
        lines.append(f"  {account} {posted.amount:>{width}} EUR")
        if posted.letter:
            lines.append(f"    lettrage: {_quoted(posted.letter)}")
        if posted.label and posted.label != label:
            lines.append(f"    libelle: {_quoted(posted.label)}")
        if posted.foreign:
            lines.append(f"    devise: {posted.foreign}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
