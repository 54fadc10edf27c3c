"""Load a ledger text and read what the engine made of it: entries, errors, balances, amounts per document."""

from __future__ import annotations

import gc
import itertools
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from beancount import loader
from beancount.core.data import Directive, Posting, Transaction
from beancount.parser import printer
from tests.properties.figures import NIL, Figure, Figures
from tests.properties.ledger import ROOTS, Ledger

from acompta.dossier import Dossier, dossier_of

_NOT_CONTENT = {"filename", "lineno"}


def number_of(posting: Posting) -> Decimal:
    """Units of a complete posting."""
    assert posting.units is not None
    assert posting.units.number is not None
    return posting.units.number


@dataclass(frozen=True)
class Loaded:
    """A ledger after the plugin, seen as a reader of the books sees it."""

    entries: list[Directive]
    errors: list[Any]
    options: dict[str, Any] = field(repr=False)

    @property
    def dossier(self) -> Dossier:
        dossier = dossier_of(self.options)
        assert dossier is not None, self.messages
        return dossier

    @property
    def messages(self) -> list[str]:
        """Errors as « line: message »."""
        return [f"{(error.source or {}).get('lineno')}: {error.message}" for error in self.errors]

    @cached_property
    def transactions(self) -> list[Transaction]:
        return [entry for entry in self.entries if isinstance(entry, Transaction)]

    def postings(self) -> Iterable[tuple[Transaction, Posting]]:
        return ((entry, posting) for entry in self.transactions for posting in entry.postings)

    def balance(self, *prefixes: str) -> Decimal:
        """Balance in euros of the accounts whose second component begins with one of these numbers."""
        return sum(
            (
                number_of(posting)
                for _, posting in self.postings()
                if posting.account.split(":")[1].startswith(prefixes)
            ),
            NIL,
        )

    def document(self, number: str) -> Transaction:
        """The transaction of that number."""
        (found,) = (entry for entry in self.transactions if entry.meta.get("numero") == number)
        return found

    def total(self, number: str) -> Decimal:
        """What the document asks of the customer: its postings on 411 and 4117."""
        return sum(
            (
                number_of(posting)
                for posting in self.document(number).postings
                if posting.account.split(":")[1] in {"411", "4117"}
            ),
            NIL,
        )

    def figures(self, number: str) -> Figures:
        """Net base and VAT per rate of a document, as its invoice prints them."""
        return self._per_rate(number, gross=False)

    def gross(self, number: str) -> Figures:
        """Base and VAT per rate of a document before any deposit is taken off."""
        return self._per_rate(number, gross=True)

    def _per_rate(self, number: str, *, gross: bool) -> Figures:
        dossier = self.dossier
        document = dossier.by_number(number)
        assert document is not None, number
        bill = dossier.bill(document)
        assert bill is not None, number
        figures: Figures = {}
        for tax, share in (bill.gross if gross else bill.net()).items():
            old = figures.get(tax.rate, Figure())
            figures[tax.rate] = old.plus(Figure(share.base, share.vat))
        return figures

    def contents(self) -> Counter[tuple[Any, ...]]:
        """The transactions as a multiset that ignores where each was typed."""
        return Counter(content(entry) for entry in self.transactions)

    def contents_by_number(self) -> dict[str, tuple[Any, ...]]:
        """The numbered documents' contents."""
        return {
            entry.meta["numero"]: content(entry)
            for entry in self.transactions
            if "numero" in entry.meta
        }

    def printed(self) -> str:
        """The expanded ledger as text, ready to be loaded again."""
        body = "".join(printer.format_entry(entry) + "\n" for entry in self.entries)
        return f'{ROOTS}\nplugin "acompta"\n\n{body}'


def content(entry: Transaction) -> tuple[Any, ...]:
    """What a transaction says, apart from its place in the text and the order of its postings."""
    postings = sorted(
        (
            posting.account,
            number_of(posting),
            str(posting.units and posting.units.currency),
            _meta(posting.meta),
        )
        for posting in entry.postings
    )
    return (
        entry.date,
        entry.flag,
        entry.payee,
        entry.narration,
        tuple(sorted(entry.tags)),
        tuple(sorted(entry.links)),
        _meta(entry.meta),
        tuple(postings),
    )


def _meta(meta: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted(
            (key, f"{value.normalize():f}" if isinstance(value, Decimal) else str(value))
            for key, value in (meta or {}).items()
            if key not in _NOT_CONTENT and not key.startswith("__")
        )
    )


_LOADS_BETWEEN_COLLECTIONS: Final = 250
_count = itertools.count(1)


def _tidy() -> None:
    """The engine ages every living object after a load, so Python alone would not collect hypothesis's cycles."""
    if next(_count) % _LOADS_BETWEEN_COLLECTIONS == 0:
        gc.collect()


def load(ledger: Ledger | str) -> Loaded:
    """Load a ledger from text."""
    _tidy()
    source = ledger if isinstance(ledger, str) else ledger.text()
    return Loaded(*loader.load_string(source))


def load_files(files: Mapping[str, str]) -> Loaded:
    """Load ``main.beancount`` of a set of files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content_ in files.items():
            (Path(folder) / name).write_text(content_, encoding="utf-8")
        return Loaded(*loader.load_file(str(Path(folder) / "main.beancount")))
