"""The life of a contract as of any date: its documents and the money received for it, step by step."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from beancount.core.data import Transaction

from acompta.billed import typed_total
from acompta.claims import Claim
from acompta.dossier import Dossier
from acompta.reading.model import Document, Share
from acompta.receivables import (
    MONEY,
    NOTHING,
    Book,
    Place,
    paid_at,
    place_of,
    total_share,
)
from acompta.retentions import retained
from acompta.rounding import ZERO
from acompta.vat import tax_shares
from acompta.vocabulary import UNPOSTED, Kind


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the contract's life: a document, or money.

    For a document, ``kind`` is its kind and the amounts (euros) are its own: ``amount`` before any recovery,
    ``recovered`` the deposits taken off (VAT included), ``claimed`` what the customer owes for it, ``open`` what was
    still owed at the date of the view. For money, ``kind`` is ``None`` and ``paid`` is set. ``state`` is ``""``,
    ``"brouillon"`` or ``"erreur"``.
    """

    date: datetime.date
    kind: Kind | None
    number: str
    label: str
    state: str
    amount: Share
    disbursements: Decimal
    recovered: Decimal
    claimed: Decimal
    paid: Decimal
    open: Decimal
    entry: Transaction = field(repr=False, compare=False)

    @property
    def place(self) -> Place:
        """Where it is typed."""
        return place_of(self.entry)


class _Payment(NamedTuple):
    """Money, or what stands for it, on the contract: ``amount`` (euros) reduces what is owed."""

    entry: Transaction
    amount: Decimal
    is_money: bool
    numbers: tuple[str, ...]


class ContractMoney:
    """What was received for a contract up to a date, and what is left of each claim."""

    def __init__(self, book: Book, link: str, claims: list[Claim], at: datetime.date) -> None:
        """Add up what the ``claims`` of the contract ``link`` received by ``at``, and what is left of each (euros)."""
        self.claims = {claim.number: claim for claim in claims}
        self.dates: list[datetime.date] = []
        self.payments = self._payments(book, link, at)
        self.paid = sum((p.amount for p in self.payments if p.is_money), ZERO)
        self.other = sum((p.amount for p in self.payments if not p.is_money), ZERO)
        self.open: dict[str, Decimal] = {}
        self.retention = ZERO
        for claim in claims:
            if claim.date <= at:
                self._add_open(book, claim, at)

    def _add_open(self, book: Book, claim: Claim, at: datetime.date) -> None:
        adjustments = book.adjustments.get(claim.number, ())
        adjusted = sum((item.amount for item in adjustments if item.date <= at), ZERO)
        owed = self.open[claim.number] = claim.open_at(at) + adjusted
        self.retention += max(ZERO, min(owed, retained(book.dossier, claim.document, at)))

    def _payments(self, book: Book, link: str, at: datetime.date) -> list[_Payment]:
        found: list[_Payment] = []
        for claim in self.claims.values():
            number = (claim.number,)
            found += [
                _Payment(event.entry, event.amount, event.what in MONEY, number)
                for event in claim.events
            ]
            adjustments = book.adjustments.get(claim.number, ())
            found += [_Payment(item.entry, -item.amount, False, number) for item in adjustments]
        found += [
            _Payment(item.entry, -item.amount, item.amount < 0, ())
            for item in book.loose_by_name.get(link, ())
        ]
        self.dates = [payment.entry.date for payment in found]
        return _merged([payment for payment in found if payment.entry.date <= at])


def claims_of(dossier: Dossier, documents: list[Document]) -> list[Claim]:
    """What the issued ones among the documents entitle to."""
    return [
        claim
        for document in documents
        if (claim := dossier.claims.get(document.number or "")) is not None
        and claim.document is document
    ]


def _merged(payments: list[_Payment]) -> list[_Payment]:
    """One payment per entry: a transfer for two invoices of the contract is one event."""
    merged: dict[tuple[datetime.date, Place, bool], _Payment] = {}
    for payment in payments:
        key = (payment.entry.date, place_of(payment.entry), payment.is_money)
        old = merged.get(key)
        if old is not None:
            numbers = tuple(dict.fromkeys(old.numbers + payment.numbers))
            merged[key] = old._replace(amount=old.amount + payment.amount, numbers=numbers)
        else:
            merged[key] = payment
    return list(merged.values())


def contract_steps(
    book: Book, documents: list[Document], money: ContractMoney, at: datetime.date
) -> tuple[Step, ...]:
    """The documents and the payments of a contract at the end of ``at``, in date order."""
    steps = [_document_step(book.dossier, document, money, at) for document in documents]
    steps += [_payment_step(payment) for payment in money.payments if payment.amount]
    steps.sort(key=lambda step: (step.date, step.kind is None))
    return tuple(steps)


def _document_step(
    dossier: Dossier, document: Document, money: ContractMoney, at: datetime.date
) -> Step:
    state = "brouillon" if document.draft else ""
    if document.index in dossier.failed:
        state = "erreur"
    bill = dossier.bill(document) if document.issued else None
    claim = money.claims.get(document.number or "") if bill is not None else None
    amount = _typed_amount(document)
    if bill is not None:
        amount = Share(bill.base, bill.vat)
    return Step(
        date=document.date,
        kind=document.kind,
        number=document.number or "",
        label=document.entry.narration or "",
        state=state,
        amount=amount,
        disbursements=bill.disbursements if bill is not None else ZERO,
        recovered=bill.recovered_total if bill is not None else ZERO,
        claimed=claim.document_total if claim is not None else ZERO,
        paid=paid_at(claim, at) if claim is not None else ZERO,
        open=money.open.get(claim.number, ZERO) if claim is not None else ZERO,
        entry=document.entry,
    )


def _typed_amount(document: Document) -> Share:
    """Base and VAT of a quote, a contract or an amendment, which have no bill."""
    if document.kind not in UNPOSTED:
        return NOTHING
    bases = typed_total(document)
    return total_share(tax_shares(bases).values()) if bases else NOTHING


def _payment_step(payment: _Payment) -> Step:
    return Step(
        date=payment.entry.date,
        kind=None,
        number=", ".join(payment.numbers),
        label=payment.entry.narration or "",
        state="" if payment.is_money else "autre",
        amount=NOTHING,
        disbursements=ZERO,
        recovered=ZERO,
        claimed=ZERO,
        paid=payment.amount,
        open=ZERO,
        entry=payment.entry,
    )
