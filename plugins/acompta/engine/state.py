"""What the passes share, and how one document fails without hiding the others."""

from __future__ import annotations

import datetime
from typing import Any, Final

from beancount.core.data import Custom, Directive, Transaction

from acompta.chart import Chart
from acompta.dossier import Dossier
from acompta.messages import AcomptaError, DocumentError, error_of
from acompta.numbering import Numbered
from acompta.posting.books import Books
from acompta.reading.model import Document
from acompta.reading.sellers import Sellers
from acompta.revision import Indices
from acompta.vocabulary import Kind

DEPOSIT_ASKS: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES})
CORRECTIONS: Final = frozenset({Kind.CREDIT_NOTE, Kind.CORRECTIVE})


class State:
    """One run of the engine.

    ``tagged`` are the transactions with a tag of ours, by place among the entries (``None`` for a kind: in error),
    ``plain`` all others, ``moved`` the VAT entries among them; ``sealed`` whether a document has a seal or
    a ``ttc:``; ``expanded`` the documents that a previous load completed; ``contract_entries`` every
    contract typed, by link, drafts and those in error included; ``said`` what sealed documents say and post
    (`seals.said_text`), by ``id`` of the typed transaction; ``output`` the entries to give back.
    """

    def __init__(
        self,
        entries: list[Directive],
        options_map: dict[str, Any],
        stages: frozenset[str],
        *,
        issue_drafts: bool,
        until: datetime.date = datetime.date.max,
    ) -> None:
        """Start with the entries as typed."""
        self.until = until
        self.entries = entries
        self.output: list[Directive] = list(entries)
        self.stages = stages
        self.issue_drafts = issue_drafts
        self.errors: list[AcomptaError] = []
        self.options_map = options_map
        self.chart = Chart(options_map)
        self.indices = Indices()
        self.dossier = Dossier(self.chart, Sellers([]))
        self.books = Books(self.dossier, self.chart, self.indices, entries)
        self.tagged: list[tuple[int, Transaction, Kind | None]] = []
        self.plain: list[tuple[int, Transaction]] = []
        self.moved: list[Transaction] = []
        self.sealed = False
        self.numbered: list[Numbered] = []
        self.said: dict[int, str] = {}
        self.closings: list[Custom] = []
        self.expanded: list[Document] = []
        self.contract_entries: dict[str, Transaction] = {}

    def fail(self, index: int) -> None:
        """Note that the document at that place is in error: it posts nothing."""
        self.dossier.failed.add(index)
        entry = self.entries[index]
        self.said.pop(id(entry), None)
        if "documents" in self.stages and isinstance(entry, Transaction):
            self.output[index] = entry._replace(postings=[])

    def refuse(self, document: Document, error: DocumentError) -> None:
        """Report a mistake in a document, which then fails."""
        self.errors.append(error_of(document.entry, error))
        self.fail(document.index)
