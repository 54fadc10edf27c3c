"""Second pass: tagged transactions become documents and purchases, in (date, number) order."""

from __future__ import annotations

import datetime
from typing import Final

from beancount.core.data import Transaction

from acompta.engine.state import State
from acompta.messages import error_of
from acompta.numbering import Numbered, split_number
from acompta.reading.documents import DocumentReader
from acompta.reading.exchange import Exchange
from acompta.reading.model import Document
from acompta.reading.purchases import is_supplier_takeover, key_errors, read_purchase
from acompta.seals import KEY, TOTAL_KEY
from acompta.tuples import make
from acompta.vocabulary import PURCHASES, UNNUMBERED, UNPOSTED, Kind

# The link of these names a contract: other documents of the same link are its documents.
_NAMED_BY_LINK: Final = frozenset({Kind.CONTRACT, Kind.PREPAID})
_TAKEOVER: Final = Kind.TAKEOVER
_CORRECTIONS: Final = frozenset({Kind.CREDIT_NOTE, Kind.CORRECTIVE})
_TRANSFER: Final = Kind.TRANSFER
_LATE: Final = _CORRECTIONS | {_TRANSFER}
_OUTSIDE_SERIES: Final = UNNUMBERED | PURCHASES | {_TAKEOVER}

# Date, whether it posts, series and rank, place in the text: what orders the documents.
_Ordered = tuple[datetime.date, bool, str, int, tuple[str, int, int], Document]


def read(state: State) -> None:
    """Read every document and purchase; those in error are reported and post nothing."""
    links: set[str] = set()
    contracts, others = [], []
    ordered: list[_Ordered] = []
    for tagged in state.tagged:
        _, entry, kind = tagged
        if kind not in _NAMED_BY_LINK:
            others.append(tagged)
            continue
        contracts.append(tagged)
        state.contract_entries.update(dict.fromkeys(entry.links, entry))
        if entry.flag == "*" or state.issue_drafts:
            links |= entry.links
    exchange = Exchange(state.indices, state.entries)
    reader = DocumentReader(state.chart, state.dossier.sellers, frozenset(links), exchange)
    # Contracts first: the customer of a document is that of its contract, wherever it stands in the text.
    for index, entry, kind in contracts + others:
        if kind in PURCHASES or (kind is _TAKEOVER and is_supplier_takeover(entry, state.chart)):
            _read_purchase(state, exchange, index, entry, kind)
            continue
        found = _read_one(state, reader, index, entry, kind)
        if found is not None:
            ordered.append(found)
    ordered.sort()
    state.dossier.documents += _after_originals([one[-1] for one in ordered])


def _after_originals(documents: list[Document]) -> list[Document]:
    """A credit note comes after the document that it corrects on the same day, though A2026-001 sorts before F2026-001.

    A ``#report``, which has no number, hands over what the documents of the day leave of a deposit: it comes after
    those of the deposit's contract. ``documents`` are in order, and come back in order.
    """
    days = {document.date for document in documents if document.kind in _LATE}
    if not days:
        return documents
    ranks = {
        (document.date, document.number): rank
        for rank, document in enumerate(documents)
        if document.date in days
    }
    late = {
        rank: original
        for rank, document in enumerate(documents)
        if document.kind in _CORRECTIONS
        and (original := ranks.get((document.date, document.text("sur")), -1)) > rank
    }
    late |= _after_givers(documents, days)
    if not late:
        return documents
    order = sorted(range(len(documents)), key=lambda rank: (late.get(rank, rank), rank in late))
    return [documents[rank] for rank in order]


def _after_givers(documents: list[Document], days: set[datetime.date]) -> dict[int, int]:
    """The rank after which each ``#report`` comes: the last document of the day on the contract of its deposit."""
    numbers = {document.text("sur") for document in documents if document.kind is _TRANSFER}
    if not numbers:
        return {}
    givers = {d.number: d.contract or d.number for d in documents if d.number in numbers}
    last: dict[tuple[datetime.date, str], int] = {}
    for rank, document in enumerate(documents):
        if document.date in days and document.kind is not _TRANSFER:
            for link in {document.contract or "", *document.entry.links}:
                last[document.date, link] = rank
    found = {}
    for rank, document in enumerate(documents):
        if document.kind is _TRANSFER:
            giver = givers.get(document.text("sur"))
            after = last.get((document.date, giver), -1) if giver else -1
            if after > rank:
                found[rank] = after
    return found


def _read_one(
    state: State, reader: DocumentReader, index: int, entry: Transaction, kind: Kind | None
) -> _Ordered | None:
    series, rank = _count_number(state, entry, kind)
    if kind is None:
        state.fail(index)
        return None
    try:
        document = reader.read(entry, index, kind, state.errors.append)
    except Exception as error:  # noqa: BLE001 - one entry never hides the others
        state.errors.append(error_of(entry, error))
        state.fail(index)
        return None
    meta = entry.meta
    place = (meta.get("filename", ""), meta.get("lineno", 0), index)
    return (entry.date, kind not in UNPOSTED, series, rank, place, document)


def _read_purchase(
    state: State, exchange: Exchange, index: int, entry: Transaction, kind: Kind
) -> None:
    if entry.flag != "*" and entry.meta.get("etendu") is True:
        return  # a draft that a previous load completed: it posts nothing, and nothing of it is left to read
    seller = state.dossier.sellers.at(entry.date)
    try:
        if errors := key_errors(entry, kind):
            state.errors += errors
            state.fail(index)
            return
        purchase = read_purchase(entry, index, kind, state.chart, seller, exchange)
    except Exception as error:  # noqa: BLE001 - one entry never hides the others
        state.errors.append(error_of(entry, error))
        state.fail(index)
    else:
        state.dossier.purchases.append(purchase)


def _count_number(state: State, entry: Transaction, kind: Kind | None) -> tuple[str, int]:
    """Series and rank of a document's number; a document in error counts too: its number is used."""
    meta = entry.meta
    number = meta.get("numero")
    if not isinstance(number, str):
        return "", 0
    series, rank = split_number(number)
    if entry.flag != "*":
        return series, rank or 0
    if kind in _OUTSIDE_SERIES:
        if kind is _TAKEOVER:
            state.dossier.numbers.add(number)  # known to settlements, outside our series
    elif rank is not None:
        path, line = meta.get("filename", ""), meta.get("lineno", 0)
        used = (series, rank, entry.date, path, line, number, entry)
        state.numbered.append(make(Numbered, used))
        if KEY in meta or TOTAL_KEY in meta:
            state.sealed = True
        state.dossier.numbers.add(number)
    return series, rank or 0
