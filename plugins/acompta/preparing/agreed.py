"""What contracts call for: the deposit agreed (``acompte:``) and not asked, the milestones (``prevu:``) come due."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from acompta.book import Book
from acompta.contracts import ContractView, LotView, contract_links, contract_view, planned_dates
from acompta.french import percent
from acompta.preparing.months import Month
from acompta.preparing.writing import DraftHead, DraftLine, draft_text
from acompta.reading.model import Document
from acompta.register.contract import Contract
from acompta.rounding import HUNDRED
from acompta.vocabulary import Kind

_DEPOSITS: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES})
_INVOICES: Final = frozenset({Kind.INVOICE, Kind.PROGRESS, Kind.FINAL})
_PLAIN_SPACES: Final = str.maketrans("\u00a0\u202f", "  ")


class Due(NamedTuple):
    """A draft that a contract calls for; without ``text``, one that a person must write, and ``narration`` says why."""

    date: datetime.date
    kind: Kind
    customer: str
    payee: str | None
    narration: str
    contract: str
    planned: datetime.date | None
    text: str


def deposits_due(book: Book, month: Month) -> Iterator[Due]:
    """The deposit of the contracts signed by the end of ``month`` that agree one and have none, not even a draft."""
    for link in contract_links(book.dossier):
        contract = book.dossier.contracts[link]
        signed = contract.document
        share = signed.meta.get("acompte") if signed is not None else None
        if signed is None or not isinstance(share, Decimal) or not 0 < share <= HUNDRED:
            continue
        if signed.date > month.last or contract.closed_by is not None:
            continue
        mine = _documents(book, contract)
        if any(document.kind in _DEPOSITS | _INVOICES | {Kind.TERMINATION} for document in mine):
            continue
        yield _deposit(book, signed, link, share, max(signed.date, month.first))


def _deposit(book: Book, signed: Document, link: str, share: Decimal, date: datetime.date) -> Due:
    arrhes = signed.text("stipulation") == "arrhes"
    kind = Kind.ARRHES if arrhes else Kind.DEPOSIT
    words = percent(share).translate(_PLAIN_SPACES)
    narration = f"{'Arrhes' if arrhes else 'Acompte'} de {words} à la commande"
    customer = signed.customer
    account = book.dossier.chart.sibling(customer, "4191")
    lines = [DraftLine(customer), DraftLine(account, f"{-share:f}", "PCT")]
    payee = signed.entry.payee
    text = draft_text(DraftHead(date, payee, narration, kind, [link]), lines)
    return Due(date, kind, customer, payee, narration, link, None, text)


def milestones_due(book: Book, month: Month) -> Iterator[Due]:
    """The lots planned (``prevu:``) by the end of ``month`` and not billed, one invoice per contract and day."""
    for link in contract_links(book.dossier):
        contract = book.dossier.contracts[link]
        signed = contract.document
        if signed is None or signed.date > month.last or contract.closed_by is not None:
            continue
        if not any(date <= month.last for date in planned_dates(contract).values()):
            continue  # no register to read back
        view = contract_view(book, link, datetime.date.max)
        drafts = [document for document in _documents(book, contract) if document.draft]
        waiting = [lot for lot in view.lots if _is_due(lot, month) and not _drafted(lot, drafts)]
        by_day: dict[datetime.date, list[LotView]] = {}
        for lot in waiting:
            if lot.planned is not None:
                by_day.setdefault(max(lot.planned, month.first), []).append(lot)
        for date, lots in sorted(by_day.items()):
            yield _milestone(book, view, signed, date, lots)


def _is_due(lot: LotView, month: Month) -> bool:
    return lot.planned is not None and lot.planned <= month.last and lot.left > 0


def _drafted(lot: LotView, drafts: Iterable[Document]) -> bool:
    """Whether a draft bills that lot already."""
    for draft in drafts:
        if draft.kind is Kind.FINAL and not draft.lines:
            return True
        if draft.kind in _INVOICES and any(
            line.account == lot.account and (line.lot or "") in {"", lot.name}
            for line in draft.lines
        ):
            return True
    return False


def _milestone(
    book: Book, view: ContractView, signed: Document, date: datetime.date, lots: list[LotView]
) -> Due:
    left = [lot for lot in view.lots if lot.left > 0]
    last = len(lots) == len(left)
    mine = _documents(book, book.dossier.contracts[view.link])
    progress = any(document.kind is Kind.PROGRESS for document in mine)
    kind = Kind.FINAL if last else Kind.PROGRESS if progress else Kind.INVOICE
    name = _name(lots, view.label)
    narration = f"Solde : {name}" if last else name
    lines = [DraftLine(signed.customer)]
    if not last:
        lines += _lines(lots, left)
    payee, planned = signed.entry.payee, min(lot.planned or date for lot in lots)
    text = ""
    if last or len(lines) > 1:
        text = draft_text(DraftHead(date, payee, narration, kind, [view.link]), lines)
    return Due(date, kind, signed.customer, payee, narration, view.link, planned, text)


def _lines(due: list[LotView], left: list[LotView]) -> list[DraftLine]:
    """``-100 PCT`` per lot; nothing when a line would bill more than what is due: a person must then choose."""
    whole = {(lot.account, lot.name) for lot in due}
    for account, name in whole:
        touched = {
            (lot.account, lot.name, lot.rate, lot.regime)
            for lot in left
            if lot.account == account and name in {"", lot.name}
        }
        if touched - {(lot.account, lot.name, lot.rate, lot.regime) for lot in due}:
            return []
    return [
        DraftLine(account, "-100", "PCT", (("lot", name),) if name else ())
        for account, name in dict.fromkeys((lot.account, lot.name) for lot in due)
    ]


def _name(lots: list[LotView], contract: str) -> str:
    """What is due in the words of its lines, else in those of the contract."""
    names = dict.fromkeys(lot.label or lot.name for lot in lots)
    return ", ".join(name for name in names if name) or contract or "Jalon"


def _documents(book: Book, contract: Contract) -> list[Document]:
    """The documents of a contract, drafts included, its models left out."""
    found = {document.index: document for document in book.by_link.get(contract.link, ())}
    found |= {document.index: document for document in contract.documents}
    failed = book.dossier.failed
    return [d for d in found.values() if not d.is_model and (d.draft or d.index not in failed)]
