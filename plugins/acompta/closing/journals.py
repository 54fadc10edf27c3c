"""The books: the journal, the piece and the accounting lines of each entry, read once for FEC, journals and ledgers.

Journals are derived: sales documents VE, purchases AC, money BQ (CA for cash in hand), opening balances AN, the rest
(VAT moved by payments, salaries, accruals) OD. ``journal:`` on an entry, or on the ``open`` line of a bank account,
says another. Nothing here is stored. Use::

    books = Books(dossier, entries)
    for entry in books.entries(start, end): ...

Source: PCG art. 1021-1 (journals), 1031-4 (late entries), 1032-1 and 1032-2 (origin, content, allocation, voucher).
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directive, Posting, Transaction
from beancount.core.position import Cost

from acompta.chart import Chart
from acompta.closing.accounts import AccountCodes
from acompta.dossier import Dossier
from acompta.rounding import ZERO, cents
from acompta.vocabulary import EUR, KIND_BY_TAG, PURCHASES, UNNUMBERED, Kind

SALES: Final = "VE"
BUYING: Final = "AC"
BANK: Final = "BQ"
CASH: Final = "CA"
MISCELLANEOUS: Final = "OD"
OPENING: Final = "AN"

JOURNAL_TITLES: Final[dict[str, str]] = {
    OPENING: "À-nouveaux",
    SALES: "Ventes",
    BUYING: "Achats",
    BANK: "Banque",
    CASH: "Caisse",
    MISCELLANEOUS: "Opérations diverses",
}
_BANKS: Final = ("51", "52", "54")
_TILLS: Final = ("53",)
_OPENING_ACCOUNTS: Final = ("890", "891")
_OPENING_WORDS: Final = (
    "a-nouveau", "a nouveau", "an ", "bilan d'ouverture", "reprise des soldes", "solde d'ouverture",
    "soldes d'ouverture", "ouverture des comptes",
)  # fmt: skip
_OPENING_INITIALS: Final = frozenset("AaÀàBbRrSsOo")  # most texts are known by them not to be
_FEWEST_OPENING_ACCOUNTS: Final = 3
_PADDING: Final = "P"
JOURNAL_DIRECTIVE: Final = "journal"
_CODE_AND_TITLE: Final = 2


class Journal(NamedTuple):
    """A journal: its code, its title."""

    code: str
    title: str


class Line(NamedTuple):
    """One line of an entry: ``debit`` or ``credit`` in euros, the other zero; the other currency when there is one."""

    account: str
    debit: Decimal
    credit: Decimal
    posting: Posting
    foreign: Decimal | None = None
    currency: str = ""

    @property
    def amount(self) -> Decimal:
        """Debit less credit, in euros."""
        return self.debit - self.credit


class Entry(NamedTuple):
    """An accounting entry: what a book shows of a transaction.

    ``piece`` is the reference of the voucher, ``""`` when the text names none; ``piece_date`` its real date (PCG art.
    1031-4: an operation of a closed period bears it); ``derived`` says that the plugin wrote it, its ``file`` and
    ``line`` being those of the text that caused it.
    """

    date: datetime.date
    journal: Journal
    piece: str
    piece_date: datetime.date
    label: str
    lines: tuple[Line, ...]
    file: str
    line: int
    derived: bool
    transaction: Transaction


class _Side(Enum):
    """What an account says of an opening entry."""

    RESULT = auto()
    OPENING = auto()
    CAPITAL = auto()
    OTHER = auto()


def _side_of(number: str) -> _Side:
    if number.startswith(("6", "7")):
        return _Side.RESULT
    if number.startswith(_OPENING_ACCOUNTS):
        return _Side.OPENING
    return _Side.CAPITAL if number.startswith("1") else _Side.OTHER


class Books:
    """The entries of a ledger as books show them, in order of date, file and line."""

    def __init__(self, dossier: Dossier, entries: Iterable[Directive]) -> None:
        """Take all entries of the ledger, as loaded."""
        self.chart: Chart = dossier.chart
        self.codes = AccountCodes(dossier.chart)
        entries = list(entries)
        self._journals: dict[str, Journal] = _typed_journals(entries)
        self._money: dict[str, Journal | None] = {}
        self._sides: dict[str, _Side] = {}
        self.transactions = sorted(
            (entry for entry in entries if isinstance(entry, Transaction) and entry.postings),
            key=book_order,
        )
        self.first_day = self.transactions[0].date if self.transactions else datetime.date.max

    def entries(
        self, start: datetime.date = datetime.date.min, end: datetime.date = datetime.date.max
    ) -> Iterator[Entry]:
        """The entries dated from ``start`` to ``end``, both included; those without a line are left out."""
        for transaction in self.transactions:
            if transaction.date < start:
                continue
            if transaction.date > end:
                return
            lines = entry_lines(transaction)
            if lines:
                yield self._entry(transaction, lines)

    def balances(self, before: datetime.date) -> dict[str, Decimal]:
        """Balance of each account before that day, in euros, debit positive; accounts at zero left out."""
        balances: dict[str, Decimal] = {}
        for transaction in self.transactions:
            if transaction.date >= before:
                break
            for line in entry_lines(transaction):
                balances[line.account] = balances.get(line.account, ZERO) + line.amount
        return {account: amount for account, amount in balances.items() if amount}

    def journal(self, code: str) -> Journal:
        """The journal of that code."""
        known = self._journals.get(code)
        if known is None:
            known = self._journals[code] = Journal(
                code, JOURNAL_TITLES.get(code, f"Journal {code}")
            )
        return known

    # -- one entry ------------------------------------------------------------------------------------------

    def _entry(self, transaction: Transaction, lines: tuple[Line, ...]) -> Entry:
        meta = transaction.meta
        real = meta.get("date-reelle")
        return Entry(
            transaction.date,
            self.journal_of(transaction),
            piece_of(transaction),
            real if isinstance(real, datetime.date) else transaction.date,
            label_of(transaction),
            lines,
            str(meta.get("filename", "")),
            int(meta.get("lineno", 0)),
            "exigibilite" in meta,
            transaction,
        )

    def journal_of(self, transaction: Transaction) -> Journal:
        """The journal of a transaction: ``journal:``, else what its kind, then its accounts say."""
        meta = transaction.meta
        typed = meta.get("journal")
        if isinstance(typed, str) and typed.strip():
            return self.journal(typed.strip())
        kind = kind_of(transaction)
        if kind is not None:
            return self.journal(_JOURNAL_BY_KIND[kind])
        if "exigibilite" in meta:
            return self.journal(MISCELLANEOUS)
        if self.is_opening(transaction):
            return self.journal(OPENING)
        return self._money_journal(transaction) or self.journal(MISCELLANEOUS)

    def is_opening(self, transaction: Transaction) -> bool:
        """Whether an ordinary entry brings opening balances: it says so, or is the first balance sheet of the ledger.

        Never when it moves an account of class 6 or 7.
        """
        sides = [self._side(posting.account) for posting in transaction.postings]
        if _Side.RESULT in sides:
            return False
        if _Side.OPENING in sides:
            return True
        if says_opening(transaction.payee) or says_opening(transaction.narration):
            return True
        first = transaction.date == self.first_day or transaction.flag == _PADDING
        return first and len(sides) >= _FEWEST_OPENING_ACCOUNTS and _Side.CAPITAL in sides

    def _side(self, name: str) -> _Side:
        """What an account says of an entry that moves it; asked once for each."""
        side = self._sides.get(name)
        if side is None:
            side = self._sides[name] = _side_of(self.chart.get(name).number)
        return side

    def _money_journal(self, transaction: Transaction) -> Journal | None:
        found = None
        for posting in transaction.postings:
            account = posting.account
            if account not in self._money:
                self._money[account] = self._journal_of_account(account)
            journal = self._money[account]
            if journal is not None and (found is None or found.code == CASH):
                found = journal
        return found

    def _journal_of_account(self, name: str) -> Journal | None:
        account = self.chart.get(name)
        typed = account.meta.get("journal")
        if isinstance(typed, str) and typed.strip():
            code = typed.strip()
            title = self.codes[name].title
            return self._journals.setdefault(code, Journal(code, JOURNAL_TITLES.get(code, title)))
        if account.number.startswith(_BANKS):
            return self.journal(BANK)
        return self.journal(CASH) if account.number.startswith(_TILLS) else None


_JOURNAL_BY_KIND: Final[dict[Kind, str]] = {
    **dict.fromkeys(Kind, SALES),
    **dict.fromkeys(UNNUMBERED, MISCELLANEOUS),
    **dict.fromkeys(PURCHASES, BUYING),
    Kind.TAKEOVER: OPENING,
}


def kind_of(transaction: Transaction) -> Kind | None:
    """The kind of document that a transaction is, or ``None`` for an ordinary entry."""
    for tag in transaction.tags:
        kind = KIND_BY_TAG.get(tag)
        if kind is not None:
            return kind
    return None


def piece_of(transaction: Transaction) -> str:
    """Reference of the voucher: ``piece:``, the document's number, the file attached, the link; ``""`` without any."""
    meta: dict[str, Any] = transaction.meta
    for key in ("piece", "numero"):
        value = meta.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    attached = meta.get("document")
    if isinstance(attached, str) and attached.strip():
        return Path(attached).name
    return min(transaction.links) if transaction.links else ""


def label_of(transaction: Transaction) -> str:
    """« SCI Dupont – Acompte de 30 % »: who, then what for."""
    payee, narration = (transaction.payee or "").strip(), (transaction.narration or "").strip()
    if payee and narration:
        return f"{payee} \u2013 {narration}"
    return payee or narration or "Écriture"


def entry_lines(transaction: Transaction) -> tuple[Line, ...]:
    """The lines of a transaction in euros; what weighs nothing is left out.

    A posting in another currency counts for its weight in euros (cost or price), to the cent, the last one taking the
    cent that rounding leaves; without a cost or a price it cannot be told and stands at zero with its currency.
    """
    lines = []
    foreign = -1
    for posting in transaction.postings:
        units = posting.units
        if units is None or units.number is None:
            continue
        if units.currency == EUR:
            if units.number:
                said = posting.meta.get("devise") if posting.meta else None
                other = said if isinstance(said, Amount) else None
                lines.append(_line(posting, units.number, other))
        else:
            foreign = len(lines)
            lines.append(_line(posting, _in_euros(posting, units.number), units))
    if foreign >= 0:
        left = sum((line.amount for line in lines), ZERO)
        if left:
            line = lines[foreign]
            lines[foreign] = _line(line.posting, line.amount - left, line.posting.units)
    return tuple(lines)


def _typed_journals(entries: Iterable[Directive]) -> dict[str, Journal]:
    """Titles said by ``custom "journal" "VT" "Ventes"``, by code."""
    journals = {}
    for entry in entries:
        if isinstance(entry, Custom) and entry.type == JOURNAL_DIRECTIVE:
            values = [value.value for value in entry.values or ()]
            if len(values) == _CODE_AND_TITLE and all(isinstance(v, str) for v in values):
                journals[values[0]] = Journal(*values)
    return journals


def _line(posting: Posting, number: Decimal, units: Amount | None = None) -> Line:
    foreign, currency = (units.number, units.currency) if units is not None else (None, "")
    if number > 0:
        return Line(posting.account, number, ZERO, posting, foreign, currency)
    return Line(posting.account, ZERO, -number, posting, foreign, currency)


def _in_euros(posting: Posting, number: Decimal) -> Decimal:
    rate: Amount | Cost | None = posting.price
    if isinstance(posting.cost, Cost):
        rate = posting.cost
    if rate is None or rate.currency != EUR or rate.number is None:
        return ZERO
    return cents(number * rate.number)


def book_order(transaction: Transaction) -> tuple[datetime.date, str, int, bool, str]:
    """The order of the books: date, file, line; what the plugin wrote comes after the text that caused it."""
    meta = transaction.meta
    derived = "exigibilite" in meta
    narration = transaction.narration or ""
    return (
        transaction.date,
        str(meta.get("filename", "")),
        meta.get("lineno", 0),
        derived,
        narration,
    )


def says_opening(text: str | None) -> bool:
    """Whether the words of an entry say that it brings opening balances: « À-nouveaux »."""
    if not text or text[0] not in _OPENING_INITIALS:
        return False
    if not text.isascii():
        text = text.replace("’", "'")
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return text.lower().startswith(_OPENING_WORDS)
