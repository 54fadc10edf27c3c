"""The checker: any FEC, one pass, a memory that does not grow with the file.

Every rule of LPF art. A47 A-1 that a file can show, what the administration's tool (Test Compta Demat) looks at, and
what it does not: balance of each entry, continuity, order, constant titles, balanced letters. Amounts are whole
ten-thousandths of a euro while they are added. Use::

    result = check_fec(path)
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final

from acompta.closing.fec.findings import Finding, Findings
from acompta.closing.fec.form import HEADER, is_opening
from acompta.closing.fec.sequence import NumberSet
from acompta.closing.fec.source import FecFile, read_date
from acompta.messages import euros
from acompta.numbering import split_number

UNIT: Final = 10_000
_DECIMALS: Final = 4
_CENTS: Final = 2
_AMOUNT: Final = re.compile(r"([+-]?)(\d+)(?:,(\d+))?([+-]?)")
_LOOSE: Final = re.compile(r"[\s€EUR]+")
_MANAGED, _RESULT, _OTHER = 1, 2, 4
_NONE: Final = ("\0", "\0")
_TITLES: Final = (("journal-libelle", 0, 1), ("compte-libelle", 4, 5), ("auxiliaire-libelle", 6, 7))
_PAIRS: Final = (("auxiliaire", 6, 7), ("lettrage", 13, 14), ("devise", 16, 17))
_WANTED: Final = (0, 1, 2, 3, 4, 5, 8, 9, 10)
_CASH_MAY_LACK: Final = frozenset({0, 1})
_OTHER_DATES: Final = ((9, "PieceDate"), (14, "DateLet"), (15, "ValidDate"))
_LONGEST_YEAR: Final = datetime.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a FEC is and what is wrong with it; totals in euros, dates those of its entries."""

    path: Path
    findings: tuple[Finding, ...]
    lines: int
    entries: int
    debit: Decimal
    credit: Decimal
    first: datetime.date | None
    last: datetime.date | None
    closing: datetime.date | None
    charset: str
    separator: str
    journals: dict[str, str]

    @property
    def errors(self) -> int:
        """How many rules find an error."""
        return sum(finding.is_error for finding in self.findings)

    @property
    def alerts(self) -> int:
        """How many rules find an alert."""
        return len(self.findings) - self.errors

    @property
    def exit_code(self) -> int:
        """0 nothing to say, 1 alerts, 2 errors."""
        return 2 if self.errors else int(bool(self.findings))


@lru_cache(maxsize=1 << 16)
def read_amount(text: str) -> int | None:
    """An amount in ten-thousandths of a euro: comma, sign first or last, no thousands separator; ``None`` if wrong."""
    found = _AMOUNT.fullmatch(text)
    if found is None or (found[1] and found[4]):
        return None
    decimals = (found[3] or "")[:_DECIMALS].ljust(_DECIMALS, "0")
    value = int(found[2]) * UNIT + int(decimals)
    return -value if "-" in (found[1], found[4]) else value


def shown(value: int) -> str:
    """Ten-thousandths of a euro as « 1 234,56 € »."""
    return euros(Decimal(value) / UNIT)


def check_fec(path: Path) -> CheckResult:
    """Check the file ``path``.

    Raises:
        OSError: it cannot be read.
    """
    findings = Findings()
    file = FecFile(path, findings)
    return _Checker(file, findings).result()


class _Checker:
    """State of one pass."""

    def __init__(self, file: FecFile, findings: Findings) -> None:
        self.file = file
        self.note = findings.note
        self.findings = findings
        self.lines = self.entries = self.debit = self.credit = 0
        self.first: datetime.date | None = None
        self.last: datetime.date | None = None
        self.titles: tuple[dict[str, str], ...] = ({}, {}, {})
        self.letters: dict[tuple[str, str, str], int] = {}
        self.dates: dict[str, datetime.date | None] = {}
        self.numbers: dict[tuple[str, str], NumberSet] = {}
        self.ranks: dict[str, int] = {}
        self.pending: dict[tuple[str, str], tuple[int, int]] = {}
        self.openings: dict[str, bool] = {}
        self.words: set[str] = set()
        self.valid: datetime.date | None = None
        self.others = False
        cash = file.layout is not None and file.layout.cash
        self.wanted = tuple(rank for rank in _WANTED if not (cash and rank in _CASH_MAY_LACK))
        # The entry being read.
        self.key: tuple[str, str] = _NONE
        self.at = self.balance = self.classes = 0
        self.date_text = ""
        self.opening = False

    def result(self) -> CheckResult:
        for number, row in self.file.rows():
            self._line(number, row)
        if self.lines:
            self._close()
            self._end()
        elif self.file.layout is not None:
            self.note("vide", 1, "aucune ligne d'écriture lisible")
        layout = self.file.layout
        return CheckResult(
            self.file.path,
            self.findings.all(),
            self.lines,
            self.entries,
            Decimal(self.debit) / UNIT,
            Decimal(self.credit) / UNIT,
            self.first,
            self.last,
            self.file.closing,
            self.file.encoding_title,
            layout.separator if layout is not None else "",
            dict(self.titles[0]),
        )

    # -- one line -----------------------------------------------------------------------------------------------

    def _line(self, number: int, row: list[str]) -> None:
        self.lines += 1
        for rank in self.wanted:
            if not row[rank]:
                self.note("blanc", number, HEADER[rank])
        self._texts(number, row)
        date = self._entry_date(number, row[3])
        self._other_dates(number, row, date)
        debit = self._amount(number, "Debit", row[11])
        credit = self._amount(number, "Credit", row[12])
        if debit and credit:
            self.note("deux-montants", number, shown(debit), shown(credit))
        elif not debit and not credit:
            self.note("montant-nul", number, row[4])
        elif debit < 0 or credit < 0:
            self.note("montant-negatif", number, shown(debit or credit), row[4])
        self.debit += debit
        self.credit += credit
        self._entry(number, row, debit - credit)

    def _texts(self, number: int, row: list[str]) -> None:
        for (code, key, value), known in zip(_TITLES, self.titles, strict=True):
            name, title = row[key], row[value]
            before = known.get(name)
            if before != title and name and title:
                if before is None:
                    known[name] = title
                else:
                    self.note(code, number, name, before, title)
        for code, left, right in _PAIRS:
            if (row[left] == "") is not (row[right] == ""):
                self.note(code, number, row[left], row[right])
        account = row[4]
        if account and not (account[:3].isdigit() and len(account) >= 3 and account[0] != "0"):
            self.note("compte", number, account)

    def _date(self, text: str) -> datetime.date | None:
        try:
            return self.dates[text]
        except KeyError:
            found = read_date(text)
            if found is not None:
                self.dates[text] = found
            return found

    def _entry_date(self, number: int, text: str) -> datetime.date | None:
        if not text:
            return None
        date = self._date(text)
        if date is None:
            self.note("date", number, "EcritureDate", text)
            return None
        if self.first is None or date < self.first:
            self.first = date
        if self.last is None or date > self.last:
            self.last = date
        closing = self.file.closing
        if closing is not None:
            if date > closing:
                self.note("date-exercice", number, f"{date:%d/%m/%Y}", f"{closing:%d/%m/%Y}")
            elif closing - date >= _LONGEST_YEAR:
                self.note("date-ancienne", number, f"{date:%d/%m/%Y}", f"{closing:%d/%m/%Y}")
        return date

    def _other_dates(self, number: int, row: list[str], date: datetime.date | None) -> None:
        for rank, name in _OTHER_DATES:
            text = row[rank]
            if text and self._date(text) is None:
                self.note("date", number, name, text)
        text = row[15]
        valid = self._date(text) if text else None
        if not text:
            self.note("validation-vide", number, row[2])
        if valid is None:
            return
        if date is not None and valid < date:
            self.note("validation-avant", number, f"{date:%d/%m/%Y}", f"{valid:%d/%m/%Y}")
        if self.valid is not None and valid < self.valid:
            self.note("ordre", number, f"{valid:%d/%m/%Y}", f"{self.valid:%d/%m/%Y}")
        self.valid = valid

    def _amount(self, number: int, name: str, text: str) -> int:
        if not text:
            return 0
        value = read_amount(text)
        if value is None:
            self.note("montant", number, name, text)
            return read_amount(_LOOSE.sub("", text).replace(".", ",")) or 0
        if value % (UNIT // 100):
            self.note("decimales", number, name, text)
        return value

    # -- one entry ----------------------------------------------------------------------------------------------

    def _entry(self, number: int, row: list[str], amount: int) -> None:
        key = (row[0], row[2])
        if key != self.key and not self._goes_on(key):
            if self.at:
                self._close()
            self._begin(number, key, row)
        elif row[3] != self.date_text:
            self.note("ecriture-mixte", number, key[1], self.date_text, row[3])
        self.balance += amount
        account = row[4]
        if account[:1] in {"6", "7"}:
            self.classes |= _MANAGED
            if self.opening:
                self.note("ouverture-gestion", number, account)
        else:
            self.classes |= _RESULT if account[:2] == "12" else _OTHER
        if row[13]:
            place = (account, row[6], row[13])
            left = self.letters.pop(place, 0) + amount
            if left:
                self.letters[place] = left

    def _goes_on(self, key: tuple[str, str]) -> bool:
        """Whether a line is of the same entry though one of them lacks its journal (which is said elsewhere)."""
        return self.at > 0 and key[1] == self.key[1] and not (key[0] and self.key[0])

    def _begin(self, number: int, key: tuple[str, str], row: list[str]) -> None:
        self.key, self.at, self.balance, self.classes = key, number, 0, 0
        self.date_text = row[3]
        self.opening = self._is_opening(row[0], row[1])
        if not self.opening:
            self.others = True
        elif self.others:
            self.note("ouverture-ordre", number, key[1], row[0])
        if key[1] and not self._count(number, *key):
            self._again(number, key)
        else:
            self.entries += 1

    def _count(self, number: int, journal: str, text: str) -> bool:
        """Note the number of an entry; whether it is new."""
        prefix, rank = split_number(text)
        if rank is None:
            self.note("numero-sans-chiffre", number, text)
            new = text not in self.words
            self.words.add(text)
            return new
        before = self.ranks.get(prefix)
        if before is not None and rank < before:
            self.note("numero-ordre", number, text, f"{prefix}{before}")
        self.ranks[prefix] = rank
        numbers = self.numbers.get((journal, prefix))
        if numbers is None:
            numbers = self.numbers[journal, prefix] = NumberSet()
        return numbers.add(rank)

    def _again(self, number: int, key: tuple[str, str]) -> None:
        """An entry that was left comes back: unbalanced, its lines are scattered; balanced, its number serves twice."""
        if key in self.pending:
            self.balance, first = self.pending.pop(key)
            self.note("lignes-dispersees", number, key[1], first)
            self.at = first
        else:
            self.note("numero-double", number, key[1])
            self.entries += 1

    def _close(self) -> None:
        if self.balance:
            self.pending[self.key] = (self.balance, self.at)
        elif self.classes == _MANAGED | _RESULT:
            self.note("solde-gestion", self.at, self.key[1])

    def _is_opening(self, code: str, title: str) -> bool:
        known = self.openings.get(code)
        if known is None:
            known = self.openings[code] = is_opening(code, title)
        return known

    # -- the end ------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        for (_, text), (balance, line) in sorted(self.pending.items(), key=lambda one: one[1][1]):
            self.note("equilibre", line, text, shown(balance))
        if self.debit != self.credit:
            self.note("equilibre-total", 0, shown(self.debit), shown(self.credit))
        for (account, auxiliary, letter), balance in sorted(self.letters.items()):
            name = f"{account} {auxiliary}".strip()
            self.note("lettrage-desequilibre", 0, name, letter, shown(balance))
        prefixes = sorted({prefix for _, prefix in self.numbers})
        for prefix in prefixes:
            self._sequence(prefix)

    def _sequence(self, prefix: str) -> None:
        whole = NumberSet()
        journals = {j: numbers for (j, p), numbers in self.numbers.items() if p == prefix}
        for numbers in journals.values():
            whole.update(numbers)
        repeated = sum(map(len, journals.values())) - len(whole)
        if not repeated:
            self._gaps(prefix, whole, "")
            return
        self.note("numerotation-journal", 0, f"{repeated} numéros servent dans plusieurs journaux")
        self.findings.by_code.pop("numero-ordre", None)
        for journal, numbers in journals.items():
            self._gaps(prefix, numbers, f" (journal {journal})")

    def _gaps(self, prefix: str, numbers: NumberSet, where: str) -> None:
        for start, end in numbers.gaps():
            what = f"{prefix}{start}" if start == end else f"de {prefix}{start} à {prefix}{end}"
            self.note("numero-trou", 0, what + where)
