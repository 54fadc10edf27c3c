"""What the documents of a contract billed, read back from their bills: under the contract, and beside it.

Under the contract: progress in percent, the lines of a final invoice typed in EUR, and the credit notes that lower
them. Beside it (« hors contrat »): lines in EUR or in quantities on any other document, which are extra work
(language.md §7). Deposits are neither: they are asked for, then recovered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from acompta.posting.bill import Bill
from acompta.reading.model import Document, Share, TaxKey
from acompta.register.contract import Contract
from acompta.register.values import Category, Group
from acompta.rounding import ZERO
from acompta.vat import DEPOSIT_KINDS, vat_of
from acompta.vocabulary import Kind

Part = tuple[Group, Decimal]


class Billed:
    """Amounts in euros billed by the documents of one contract, in their order.

    ``groups`` are those under the contract, before tax; ``disbursements`` bear no VAT; ``closing`` is the document that
    ended the contract, ``closed`` whether nothing is left to bill whatever was ordered.
    """

    def __init__(self, contract: Contract, bills: Iterable[tuple[Document, Bill]]) -> None:
        """Read the bills back."""
        self.groups: dict[Group, Decimal] = {}
        self.disbursements = ZERO
        self.closing: Document | None = None
        self._reductions = {id(change.line): change.group for change in contract.changes}
        self._closers: set[str] = set()
        self._own: dict[Category, Decimal] = {}
        self._whole: dict[Category, Share] = {}
        for document, bill in bills:
            self._read(document, bill)

    @property
    def closed(self) -> bool:
        """A final invoice in EUR, or a termination, leaves nothing to bill."""
        final = self.closing
        return final is not None and (
            final.kind is Kind.TERMINATION or (final.number or "") in self._closers
        )

    @property
    def categories(self) -> list[Category]:
        """The rates (with their regime) that were billed."""
        return list(self._whole)

    def under(self, category: Category) -> Share:
        """Base and VAT billed under the contract at one rate.

        Extra work shares the rounding of its document's VAT: the contract's part is the one that adds up to the
        contract's own VAT.
        """
        base = self._own.get(category, ZERO)
        whole = self.whole(category)
        return whole if base == whole.base else Share(base, vat_of(base, category[0]))

    def whole(self, category: Category) -> Share:
        """Base and VAT of all that was billed at one rate, extra work included."""
        return self._whole.get(category, Share(ZERO, ZERO))

    # -- one document ---------------------------------------------------------------------------------------

    def _read(self, document: Document, bill: Bill) -> None:
        if document.kind is Kind.TERMINATION:
            self.closing = document
        # What only gives a deposit or takes it back bills nothing.
        if document.kind in DEPOSIT_KINDS | {Kind.TAKEOVER} or bill.credited:
            return
        self._note_closing(document, bill)
        for part in (bill.reversed, bill):
            if part is not None:
                self._add(document, part)

    def _note_closing(self, document: Document, bill: Bill) -> None:
        corrected = document.text("sur")
        if document.kind is Kind.FINAL:
            self.closing = document
            if not bill.progress:
                self._closers.add(document.number or "")
        elif document.kind is Kind.CORRECTIVE and corrected in self._closers:
            self.closing = document
            self._closers.add(document.number or "")
        elif document.whole and self.closing is not None and self.closing.number == corrected:
            self.closing = None

    def _add(self, document: Document, bill: Bill) -> None:
        self.disbursements += bill.disbursements
        for tax, share in bill.gross.items():
            old = self.whole(tax.category)
            self._whole[tax.category] = Share(old.base + share.base, old.vat + share.vat)
        for group, amount in self._parts(document, bill):
            self.groups[group] = self.groups.get(group, ZERO) + amount
            category = group.tax.category
            self._own[category] = self._own.get(category, ZERO) + amount

    def _parts(self, document: Document, bill: Bill) -> Iterator[Part]:
        """What a document bills under the contract."""
        number, corrected = document.number or "", document.text("sur") or ""
        if number in self._closers or corrected in self._closers:
            taxed = {tax.category for tax in bill.gross}
            for account, amount, tax, meta in bill.lines:
                if tax.category in taxed:
                    yield Group(account, (meta or {}).get("lot"), tax), amount
            return
        for step in bill.progress:
            yield step.group, step.amount
        if document.kind is Kind.CREDIT_NOTE:
            for line in document.lines:
                group = self._reductions.get(id(line))
                if group is not None and line.amount is not None:
                    yield group, line.amount


def typed_total(document: Document) -> dict[TaxKey, Decimal]:
    """Bases before tax per VAT key of a quote, a contract or an amendment, which have no bill."""
    bases: dict[TaxKey, Decimal] = {}
    for line in document.lines:
        if line.amount is not None and line.tax is not None:
            bases[line.tax] = bases.get(line.tax, ZERO) + line.amount
    return bases
