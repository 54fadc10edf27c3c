"""Retention on works (retenue de garantie, loi 71-584 du 16 juillet 1971, art. 1): at most 5 % of them, on 4117.

It is rounded on all that its contract has billed, each document taking the difference: rounding each document would
withhold a cent too much after three situations. What gives some back, a credit note or an invoice below zero, goes the
same way.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from acompta.posting.bill import Bill
from acompta.posting.books import Books, Original
from acompta.reading.model import Document, Share, TaxKey
from acompta.register.contract import Contract
from acompta.rounding import HUNDRED, ZERO, cents
from acompta.vocabulary import Kind

_WITHHOLDING: Final = frozenset({Kind.INVOICE, Kind.PROGRESS, Kind.FINAL})
_CORRECTIONS: Final = frozenset({Kind.CREDIT_NOTE, Kind.CORRECTIVE})


def retention_of(
    document: Document, contract: Contract | None, gross: Mapping[TaxKey, Share], books: Books
) -> Decimal:
    """Retention in euros on what a document bills, ``gross``, before any recovery; none without a contract."""
    if contract is None or _guaranteed(contract, document.date):
        return ZERO
    return _step(document, contract, gross, books)


def retention_on(contract: Contract, date: datetime.date, share: Share) -> Decimal:
    """Retention in euros on an amount to bill at ``date``, by itself: what a forecast needs."""
    return ZERO if _guaranteed(contract, date) else cents(_percent(contract, [share]))


def withheld(bill: Bill, document: Document, books: Books) -> Bill:
    """The retention is withheld from a payment: never more than there is to pay once the deposits are recovered.

    An invoice below zero gives its share back: never more than what its contract still has on 4117.
    """
    if bill.retention < 0:
        held = books.withheld.of_contract(document.contract, document.date)
        left = sum((one.left for one in held), ZERO)
        return bill._replace(retention=max(bill.retention, -left))
    if bill.due < 0 <= bill.receivable:
        return bill._replace(retention=bill.receivable)
    return bill


def retention_back(
    document: Document,
    original: Original,
    gross: Mapping[TaxKey, Share],
    earlier: Iterable[Bill],
    books: Books,
) -> Decimal:
    """What a partial credit gives back of the retention (euros, negative): at most 5 % of what is left is withheld.

    ``gross`` is what it credits (negative), ``earlier`` are the bills of the other credit notes on the same document.
    Never more than what still stands on 4117.
    """
    contract, held = original.contract, original.bill.retention
    if contract is None or held <= 0:
        return ZERO
    rest = _percent(contract, (*original.bill.gross.values(), *gross.values()))
    for bill in earlier:
        rest += _percent(contract, bill.gross.values())
        held += bill.retention
    back = held - cents(rest)
    # What withheld all there was to pay, or is credited whole, is counted by itself: the others owe it nothing.
    if rest and original.bill.due:
        back = -_step(document, contract, gross, books)
    return -min(max(back, ZERO), still_held(original.document, document.date, books))


def still_held(document: Document, date: datetime.date, books: Books) -> Decimal:
    """What of a document stands on 4117 at the end of ``date``, in euros."""
    held = books.withheld.of_contract(document.contract, date)
    return max(next((r.left for r in held if r.document is document), ZERO), ZERO)


def _step(
    document: Document, contract: Contract, gross: Mapping[TaxKey, Share], books: Books
) -> Decimal:
    """The retention on all billed with ``gross``, less that on all billed before: each rounded to the cent."""
    own = _percent(contract, gross.values())
    if not own:
        return ZERO
    before = _percent(contract, _billed_before(document, contract, books))
    return cents(before + own) - cents(before)


def _percent(contract: Contract, gross: Iterable[Share]) -> Decimal:
    """The percentage agreed of ``gross``, VAT-inclusive unless the contract says HT, not rounded."""
    terms = contract.document.entry.meta if contract.document is not None else {}
    rate = terms.get("retenue")
    if not isinstance(rate, Decimal):
        return ZERO
    before_tax = terms.get("retenue-base") == "HT"
    bases = (share.base if before_tax else share.total for share in gross)
    return sum(bases, ZERO) * rate / HUNDRED


def _billed_before(document: Document, contract: Contract, books: Books) -> Iterator[Share]:
    """What the contract billed subject to retention before a document; before the one it replaces, for a corrective."""
    replaced = _first_replaced(document, contract.documents)
    counted: set[str | None] = set()
    for earlier in contract.documents:
        if earlier.number == replaced:
            return
        bill = books.dossier.bills.get(earlier.index)
        correction = earlier.kind in _CORRECTIONS and earlier.text("sur") in counted
        own = earlier.kind in _WITHHOLDING and not _guaranteed(contract, earlier.date)
        if bill is None or not (own or correction):
            continue
        counted.add(earlier.number)
        yield from bill.gross.values()
        if bill.reversed is not None:
            yield from bill.reversed.gross.values()


def _first_replaced(document: Document, documents: Iterable[Document]) -> str | None:
    """The number of the document that a corrective invoice, or the one that it corrects in turn, replaced first."""
    replaced = {one.number: one.text("sur") for one in documents if one.kind is Kind.CORRECTIVE} | (
        {document.number: document.text("sur")} if document.kind is Kind.CORRECTIVE else {}
    )
    number = document.number
    while number in replaced:
        number = replaced.pop(number)
    return number if number != document.number else None


def _guaranteed(contract: Contract, date: datetime.date) -> bool:
    """A bank guarantee (``caution:`` on the contract or an amendment) replaces the retention from its date."""
    terms = [contract.document, *contract.amendments]
    return any(
        term is not None and term.text("caution") is not None and term.date <= date
        for term in terms
    )
