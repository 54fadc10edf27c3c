"""Lettering (*lettrage*): what pays what, on each customer's, supplier's, deposit's and pending VAT account.

Derived, never stored: a document and its settlements, credit notes, deposits and set-offs on one account are a group.
One payment of two invoices, a credit note set against an invoice, join their groups; ordinary entries are grouped by
their link. A group that balances is lettered, in capitals, on the day of its last entry; until then its code shows in
lower case. An entry alone has no code.

**Codes do not move.** Entries are taken in order of date; a group takes the next code of its account (AA, AB… ZZ,
AAA…) on the day when it gets its second line, in order of numbers on a day; joined groups keep the oldest code. So a
code depends on nothing later than the day when it was given: a later payment, invoice or letter never changes it. Only
an entry typed afterwards at an earlier date, which a closed month forbids, moves the codes after it.

``lettrage: "…"`` typed on the lines of one account letters them by hand; a derived code that it would repeat ends in
0.

Source: PCG art. 1032-2 (allocation of each entry); LPF art. A47 A-1, VII, fields 14 and 15 of the FEC.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from beancount.core.data import Posting, Transaction

from acompta.chart import DEPOSITS, PAYABLE_ROLES, RECEIVABLE_ROLES, SUPPLIER_DEPOSITS, VAT_PENDING
from acompta.claims import CREDIT, Claim
from acompta.closing.journals import Books, kind_of
from acompta.dossier import Dossier
from acompta.numbering import split_number
from acompta.rounding import ZERO
from acompta.vocabulary import EUR, UNNUMBERED

KEY: Final = "lettrage"
SHOWN_KEY: Final = "lettre"
CUSTOMER_ROLES: Final = RECEIVABLE_ROLES | {DEPOSITS, VAT_PENDING}
SUPPLIER_ROLES: Final = PAYABLE_ROLES | {SUPPLIER_DEPOSITS}
# VAT to deduct once the supplier is paid: one account for all suppliers, whose numbers may be the same.
SUPPLIER_VAT: Final = "44564"
_LETTERS: Final = 26
_FEWEST: Final = 2

_Place = tuple[datetime.date, str, int]
_Birth = tuple[datetime.date, str, int, str]
_NEVER: Final[_Birth] = (datetime.date.max, "", 0, "")


class Letter(NamedTuple):
    """The letter of one line: ``date`` is that of the last entry of the group once it balances."""

    code: str
    date: datetime.date | None

    @property
    def complete(self) -> bool:
        """Whether the group balances."""
        return self.date is not None

    @property
    def shown(self) -> str:
        """In capitals once complete, in lower case until then."""
        return self.code if self.complete else self.code.lower()


class Item(NamedTuple):
    """One line of a group: ``amount`` in euros, debit positive."""

    transaction: Transaction
    posting: Posting
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one account that settle each other.

    ``numbers`` are those of the documents, in order; ``code`` may be ``""`` for a line alone.
    """

    account: str
    code: str
    numbers: tuple[str, ...]
    items: tuple[Item, ...]

    @property
    def balance(self) -> Decimal:
        """What remains, in euros, debit positive: zero when lettered."""
        return sum((item.amount for item in self.items), ZERO)

    @property
    def letter(self) -> Letter | None:
        """Its letter; ``None`` for a line alone."""
        if len(self.items) < _FEWEST:
            return None
        last = max(item.transaction.date for item in self.items)
        return Letter(self.code, None if self.balance else last)


@dataclass(frozen=True, slots=True)
class Lettering:
    """All groups of a ledger as of a date, by account in the order of their codes; ``loose`` lines are in no group."""

    groups: tuple[Group, ...]
    loose: tuple[Item, ...]
    _letters: dict[int, Letter] = field(repr=False)

    def letter(self, posting: Posting) -> Letter | None:
        """The letter of a posting of the loaded ledger (the very object)."""
        return self._letters.get(id(posting))


def code_of(rank: int) -> str:
    """The code of a rank: 0 → ``AA``, 1 → ``AB``, 26 → ``BA``, 676 → ``AAA``."""
    length, first, size = _FEWEST, 0, _LETTERS**_FEWEST
    while rank >= first + size:
        first += size
        size *= _LETTERS
        length += 1
    rank -= first
    letters = []
    for _ in range(length):
        rank, letter = divmod(rank, _LETTERS)
        letters.append(chr(ord("A") + letter))
    return "".join(reversed(letters))


def letter_books(
    books: Books, dossier: Dossier, at: datetime.date = datetime.date.max
) -> Lettering:
    """Letter the entries dated up to ``at``, both sides."""
    return _Letterer(books, dossier, at).result()


def show_letters(transactions: Iterable[Transaction], lettering: Lettering) -> None:
    """Put ``lettre: "AA"`` under every line that has a letter, in place: for a journal on screen, never the text.

    Not ``lettrage:``, which a person types and which would letter the line by hand when read again. The postings
    that change are new objects: ``lettering`` no longer knows them.
    """
    for transaction in transactions:
        for rank, posting in enumerate(transaction.postings):
            letter = lettering.letter(posting)
            if letter is not None:
                meta = {**(posting.meta or {}), SHOWN_KEY: letter.shown}
                transaction.postings[rank] = posting._replace(meta=meta)


class _Lines:
    """A group while it is made; ``born`` is the day of its second line."""

    __slots__ = ("born", "items", "numbers")

    def __init__(self, number: str) -> None:
        self.numbers = [number]
        self.items: list[Item] = []
        self.born: tuple[_Birth, ...] = ()

    def note(self, date: datetime.date) -> None:
        """Give it a birth when it has just got its second line."""
        if not self.born and len(self.items) >= _FEWEST:
            self.born = ((date, *min(map(_number_order, self.numbers))),)


class _Account:
    """The lines of one account while they are grouped, in order of date."""

    __slots__ = ("by_hand", "lines", "loose", "name", "supplier")

    def __init__(self, name: str, *, supplier: bool) -> None:
        self.name = name
        self.supplier = supplier
        self.lines: dict[str, _Lines] = {}
        self.by_hand: dict[str, list[Item]] = {}
        self.loose: list[Item] = []

    def tie(self, item: Item, numbers: list[str]) -> None:
        """Put a line with the documents of these numbers, which it joins."""
        lines = self._lines(numbers[0])
        for number in numbers[1:]:
            lines = self._join(lines, self._lines(number))
        lines.items.append(item)
        lines.note(item.transaction.date)

    def offset(self, one: str, other: str, date: datetime.date) -> None:
        """Join two documents that are both known here."""
        if one in self.lines and other in self.lines:
            self._join(self.lines[one], self.lines[other]).note(date)

    def _lines(self, number: str) -> _Lines:
        lines = self.lines.get(number)
        if lines is None:
            lines = self.lines[number] = _Lines(number)
        return lines

    def _join(self, left: _Lines, right: _Lines) -> _Lines:
        if left is right:
            return left
        left.numbers += right.numbers
        left.items += right.items
        left.born += right.born
        for number in right.numbers:
            self.lines[number] = left
        return left

    def groups(self) -> list[Group]:
        """The groups, lettered first in the order of their codes, then the lines alone."""
        found = list({id(lines): lines for lines in self.lines.values()}.values())
        ranks = {birth: rank for rank, birth in enumerate(sorted(b for f in found for b in f.born))}
        found.sort(key=lambda lines: (not lines.born, min(lines.born, default=_NEVER)))
        groups = []
        for lines in found:
            code = ""
            if lines.born:
                code = code_of(ranks[min(lines.born)])
                while code in self.by_hand:
                    code += "0"
            numbers = tuple(sorted(lines.numbers, key=_number_order))
            items = tuple(sorted(lines.items, key=lambda item: item.transaction.date))
            groups.append(Group(self.name, code, numbers, items))
        by_hand = self.by_hand.items()
        return groups + [Group(self.name, code, (), tuple(items)) for code, items in by_hand]


class _Offset(NamedTuple):
    """Two purchases of a supplier set against each other, and the ``accounts`` of the credit note."""

    party: str
    one: str
    other: str
    accounts: tuple[_Account, ...]


class _Letterer:
    def __init__(self, books: Books, dossier: Dossier, at: datetime.date) -> None:
        self.books = books
        self.at = at
        self.dossier = dossier
        self.chart = books.chart
        self.accounts: dict[str, _Account | None] = {}
        self.dates = _dates(dossier)
        self.supplier_dates = {
            (self.chart.get(purchase.supplier).auxiliary, purchase.number): purchase.entry.date
            for purchase in dossier.purchases
            if purchase.number
        }
        self.same_numbers = Counter(number for _, number in self.supplier_dates)
        self.purchase_places = {
            place_key(purchase.entry): self.chart.get(purchase.supplier).auxiliary
            for purchase in dossier.purchases
        }
        self.paid = _events(dossier.claims.values(), at)
        self.paid_suppliers = _events(dossier.supplier_claims.values(), at)
        self.offsets = _offsets(dossier.claims, at)
        self.supplier_offsets = _offsets(dossier.supplier_claims, at)
        self.purchases_taken: set[tuple[str, str]] = set()
        self.waiting: list[_Offset] = []

    def result(self) -> Lettering:
        for transaction in self.books.transactions:
            if transaction.date > self.at:
                break
            self._take(transaction)
        groups: list[Group] = []
        loose: list[Item] = []
        for name in sorted(name for name, account in self.accounts.items() if account is not None):
            account = self.accounts[name]
            if account is not None:
                groups += account.groups()
                loose += account.loose
        letters: dict[int, Letter] = {}
        for group in groups:
            letter = group.letter
            if letter is not None:
                letters.update((id(item.posting), letter) for item in group.items)
        return Lettering(tuple(groups), tuple(loose), letters)

    def _take(self, transaction: Transaction) -> None:
        touched: dict[str, _Account] = {}
        for posting in transaction.postings:
            name = posting.account
            if name not in self.accounts:
                self.accounts[name] = self._account(name)
            account = self.accounts[name]
            if account is None and posting.meta and KEY in posting.meta:
                account = self.accounts[name] = _Account(name, supplier=False)
            if account is not None:
                self._place(account, transaction, posting)
                touched[name] = account
        if self.offsets or self.supplier_offsets:
            self._join_offsets(transaction, touched.values())

    def _join_offsets(self, transaction: Transaction, touched: Iterable[_Account]) -> None:
        place = place_key(transaction)
        for one, other in self.offsets.get(place, ()):
            for account in touched:
                if not account.supplier:
                    account.offset(one, other, transaction.date)
        party = self.purchase_places.get(place)
        if party is None:
            return
        accounts = tuple(account for account in touched if account.supplier)
        self.purchases_taken.add((party, str(transaction.meta.get("numero"))))
        self.waiting += [
            _Offset(party, one, other, accounts)
            for one, other in self.supplier_offsets.get(place, ())
        ]
        self.waiting = [one for one in self.waiting if not self._joined(one, transaction.date)]

    def _joined(self, offset: _Offset, date: datetime.date) -> bool:
        """Join a purchase and its credit note, once both are there: a credit note may come before its invoice."""
        party, one, other, accounts = offset
        if not {(party, one), (party, other)} <= self.purchases_taken:
            return False
        for account in accounts:
            names = (one, other)
            if self.chart.get(account.name).role == SUPPLIER_VAT:
                names = (self._vat_name(one, party), self._vat_name(other, party))
            account.offset(*names, date)
        return True

    def _account(self, name: str) -> _Account | None:
        role = self.chart.get(name).role
        if role in CUSTOMER_ROLES:
            return _Account(name, supplier=False)
        ours = role in SUPPLIER_ROLES or role == SUPPLIER_VAT
        return _Account(name, supplier=True) if ours else None

    # -- which documents a line belongs to --------------------------------------------------------------------

    def _place(self, account: _Account, transaction: Transaction, posting: Posting) -> None:
        units = posting.units
        if units is None or not units.number or units.currency != EUR:
            return
        item = Item(transaction, posting, units.number)
        meta = posting.meta or {}
        typed = meta.get(KEY)
        if isinstance(typed, str) and typed.strip():
            account.by_hand.setdefault(typed.strip(), []).append(item)
            return
        numbers = self._numbers(account, transaction, meta)
        if numbers:
            account.tie(item, numbers)
        else:
            account.loose.append(item)

    def _numbers(
        self, account: _Account, transaction: Transaction, meta: dict[str, Any]
    ) -> list[str]:
        if self.chart.get(account.name).role == SUPPLIER_VAT:
            return self._purchases(transaction, meta)
        for key in ("facture", "acompte"):
            number = meta.get(key)
            if isinstance(number, str) and self._known(account, number):
                return [number]
        kind = kind_of(transaction)
        if kind is not None and kind not in UNNUMBERED:
            number = transaction.meta.get("numero")
            return [number] if isinstance(number, str) and self._known(account, number) else []
        return self._settled(account, transaction)

    def _purchases(self, transaction: Transaction, meta: dict[str, Any]) -> list[str]:
        """The purchases whose VAT waits or is deducted, each with its supplier when two have that number.

        A line that says none is that of all those which its entry pays: a discount on several invoices joins them.
        """
        place = place_key(transaction)
        paid = {
            claim.number: self.chart.get(claim.document.customer).auxiliary
            for claim in self.paid_suppliers.get(place, ())
        }
        number = meta.get("facture") or meta.get("acompte") or transaction.meta.get("numero")
        found = []
        for name in [number] if isinstance(number, str) else sorted(paid, key=_number_order):
            party = paid.get(name, self.purchase_places.get(place, ""))
            date = self.supplier_dates.get((party, name))
            if date is not None and date <= self.at:
                found.append(self._vat_name(name, party))
        return found

    def _vat_name(self, number: str, party: str) -> str:
        """A purchase on the account of all suppliers: its number, with its supplier when two have it."""
        return number if self.same_numbers[number] == 1 else f"{number} {party}"

    def _settled(self, account: _Account, transaction: Transaction) -> list[str]:
        events = self.paid_suppliers if account.supplier else self.paid
        found = [
            claim.number
            for claim in events.get(place_key(transaction), ())
            if self._known(account, claim.number) and self._is_same_party(account, claim)
        ]
        if not found:
            contracts = () if account.supplier else self.dossier.contracts
            links = [name for name in sorted(transaction.links) if name not in contracts]
            found = [name for name in links if self._known(account, name)] or links[:1]
        return list(dict.fromkeys(found))

    def _known(self, account: _Account, number: str) -> bool:
        """Whether an issued document of that number exists by the date, for that supplier on the other side."""
        if account.supplier:
            auxiliary = self.chart.get(account.name).auxiliary
            date = self.supplier_dates.get((auxiliary, number))
        else:
            date = self.dates.get(number)
        return date is not None and date <= self.at

    def _is_same_party(self, account: _Account, claim: Claim) -> bool:
        party = claim.document.customer
        if account.name == party or self.chart.get(account.name).role == VAT_PENDING:
            return True
        return self.chart.get(account.name).auxiliary == self.chart.get(party).auxiliary


def _number_order(number: str) -> tuple[str, int, str]:
    prefix, rank = split_number(number)
    return (prefix, rank or 0, number)


def place_key(transaction: Transaction) -> _Place:
    """Date, file and line: what an entry and its completed copy share."""
    meta = transaction.meta
    return (transaction.date, str(meta.get("filename", "")), int(meta.get("lineno", 0)))


def _dates(dossier: Dossier) -> dict[str, datetime.date]:
    """Date of each issued document by number, items taken over included."""
    dates = {
        document.number: document.date
        for document in dossier.documents
        if document.number and document.issued
    }
    dates.update((claim.number, claim.date) for claim in dossier.claims.values())
    return dates


def _events(claims: Iterable[Claim], at: datetime.date) -> dict[_Place, list[Claim]]:
    """The claims that each entry pays, reduces or restores."""
    events: dict[_Place, list[Claim]] = {}
    for claim in claims:
        if claim.date > at:
            continue
        for event in claim.events:
            events.setdefault(place_key(event.entry), []).append(claim)
    return events


def _offsets(claims: dict[str, Claim], at: datetime.date) -> dict[_Place, list[tuple[str, str]]]:
    """By entry, the documents that a credit note or a corrective invoice sets against each other."""
    found: dict[_Place, list[str]] = {}
    for claim in claims.values():
        for event in claim.events:
            if event.what == CREDIT and event.date <= at and claim.date <= at:
                found.setdefault(place_key(event.entry), []).append(claim.number)
    return {
        place: [(numbers[0], other) for other in numbers[1:]] for place, numbers in found.items()
    }
