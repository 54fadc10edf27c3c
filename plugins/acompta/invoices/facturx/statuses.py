"""Status 212 « Encaissée »: what was received for each invoice, per VAT rate, VAT included.

The tax authority pre-fills returns with it, for VAT that falls due on receipt: services without the option for débits,
and every deposit, those on goods included (CGI art. 269-2-a and c, 290 A; XP Z12-014). An invoice between French
businesses is reported by its status; the others by e-reporting of payments, with the same figures.

From the settlements alone: each event of a claim is a receipt, at its date or, when the money came first, at that of
the invoice that took it. A reversal (refund, returned payment) is negative; an invoice and the credit note set against
it offset each other, one positive, one negative. Discounts and losses are no receipts.
"""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from acompta.chart import Account
from acompta.claims import ADVANCE, CREDIT, PAYMENT, Claim, ClaimEvent
from acompta.dossier import Dossier
from acompta.invoices.facturx import codes
from acompta.invoices.parties import customer_view
from acompta.invoices.view.parties import Customer
from acompta.reading.model import Document, TaxKey
from acompta.rounding import ZERO, largest_remainder
from acompta.vat import DEPOSIT_KINDS, due_on_issue, due_on_receipt
from acompta.vocabulary import Kind

_OTHER: Final = (
    "autre"  # what of a document bears no VAT that waits: it takes its share of each receipt
)


class Circuit:
    """How a receipt is reported."""

    PLATFORM: Final = "statut 212"
    REPORTING: Final = "e-reporting"


class Received(NamedTuple):
    """What was received at once for one invoice: euros VAT included per rate in percent, negative for a reversal.

    ``received_on`` is the day of the money, ``date`` that of the status: never before the invoice.
    """

    date: datetime.date
    received_on: datetime.date
    document: Document
    number: str
    type: str
    customer: Customer
    amounts: tuple[tuple[Decimal, Decimal], ...]

    @property
    def total(self) -> Decimal:
        """All rates."""
        return sum((amount for _, amount in self.amounts), ZERO)

    @property
    def circuit(self) -> str:
        """A status for an invoice between French businesses, else e-reporting."""
        business = self.customer.french and not self.customer.consumer
        return Circuit.PLATFORM if business else Circuit.REPORTING


def receipts(
    dossier: Dossier,
    start: datetime.date | None,
    end: datetime.date,
    *,
    numbers: Container[str] | None = None,
) -> tuple[Received, ...]:
    """The receipts whose VAT fell due with them, from ``start`` to ``end`` included, in order of date and number.

    ``numbers`` keeps those of these invoices.
    """
    found = [
        received
        for claim in dossier.claims.values()
        if claim.document.issued and (numbers is None or claim.number in numbers)
        for received in _of_claim(claim, dossier)
        if received.date <= end and (start is None or received.date >= start)
    ]
    return tuple(sorted(found, key=lambda one: (one.date, one.number)))


def document_type(document: Document, dossier: Dossier) -> str:
    """BT-3 of an issued document."""
    if document.kind is Kind.CREDIT_NOTE:
        corrected = dossier.claims.get(document.text("sur") or "")
        on_deposit = corrected is not None and corrected.document.kind in DEPOSIT_KINDS
        return codes.DEPOSIT_CREDIT_NOTE if on_deposit else codes.CREDIT_NOTE
    if document.kind is Kind.TAKEOVER:
        return codes.DEPOSIT if document.deposit_lines else codes.INVOICE
    if document.kind is Kind.TERMINATION:
        bill = dossier.bill(document)
        return codes.DEPOSIT_CREDIT_NOTE if bill is not None and bill.credited else codes.INVOICE
    return codes.type_of_kind(document.kind)


def _of_claim(claim: Claim, dossier: Dossier) -> Iterator[Received]:
    document = claim.document
    shares = _shares(claim, dossier)
    if not any(rate != _OTHER for rate in shares):
        return
    account: Account = dossier.chart.get(document.customer)
    customer = customer_view(account, document.entry.payee or "")
    total = sum(shares.values(), ZERO)
    so_far = dict.fromkeys(shares, ZERO)
    paid = ZERO
    for event in sorted(claim.events, key=lambda event: event.date):
        if not _counts(event):
            continue
        offset = _offset(event, claim, dossier)
        if offset:
            shares = {
                key: shares.get(key, ZERO) - offset.get(key, ZERO) for key in {*shares, *offset}
            }
            total -= event.amount
        else:
            paid += _money(event, claim, paid)
        now = _split(_within(paid, total), shares, total)
        changes = {key: now[key] - so_far.get(key, ZERO) + offset.get(key, ZERO) for key in shares}
        amounts = tuple(
            (rate, changes[rate])
            for rate in sorted(shares, key=str)
            if isinstance(rate, Decimal) and changes[rate]
        )
        so_far = now
        if amounts:
            yield Received(
                date=max(event.date, claim.date),
                received_on=event.date,
                document=document,
                number=claim.number,
                type=document_type(document, dossier),
                customer=customer,
                amounts=tuple(sorted(amounts, reverse=True)),
            )


def _offset(event: ClaimEvent, claim: Claim, dossier: Dossier) -> dict[Decimal | str, Decimal]:
    """What a credit note of this invoice takes off it, at the rates of the credit note.

    The two reports offset each other rate by rate, and what is paid afterwards is split over what is left.
    """
    if event.what != CREDIT:
        return {}
    credit = dossier.claims.get(str(event.entry.meta.get("numero", "")))
    if credit is None or credit is claim or credit.document.text("sur") != claim.number:
        return {}
    if credit.document.kind is not Kind.CREDIT_NOTE:
        return {}
    shares = _shares(credit, dossier)
    split = _split(-event.amount, shares, sum(shares.values(), ZERO))
    return {key: -amount for key, amount in split.items()}


def _shares(claim: Claim, dossier: Dossier) -> dict[Decimal | str, Decimal]:
    """What of the document waits for its payment, VAT included, per rate; the rest under `_OTHER`."""
    document = claim.document
    shares: dict[Decimal | str, Decimal] = {}
    on_deposit = document_type(document, dossier) == codes.DEPOSIT_CREDIT_NOTE
    for tax, share in claim.net.items():
        waits = _waits(document, tax, claim, on_deposit=on_deposit)
        key: Decimal | str = tax.rate if waits else _OTHER
        shares[key] = shares.get(key, ZERO) + share.total
    rest = claim.document_total - sum(shares.values(), ZERO)
    if rest:
        shares[_OTHER] = shares.get(_OTHER, ZERO) + rest
    return shares


def _waits(document: Document, tax: TaxKey, claim: Claim, *, on_deposit: bool) -> bool:
    """VAT that a receipt makes due; a credit note on a deposit follows the rule of deposits."""
    if not tax.rate or tax.regime:
        return False
    if tax in claim.shares or tax in claim.moved:
        return True
    if on_deposit:
        return not document.seller.deposit_on_debit
    due = due_on_issue(document.kind, tax, document.seller)
    return not due and due_on_receipt(tax, document.date)


def _counts(event: ClaimEvent) -> bool:
    """Money, and what credit notes and correctives set against it; not discounts nor losses."""
    return event.what in {PAYMENT, ADVANCE, CREDIT}


def _money(event: ClaimEvent, claim: Claim, paid: Decimal) -> Decimal:
    """What an event adds. A corrective takes over what was received for the invoice that it replaces."""
    replaced = (
        event.what == CREDIT
        and event.entry is not claim.document.entry
        and "rectificative" in event.entry.tags
    )
    return -paid if replaced else event.amount


def _within(paid: Decimal, total: Decimal) -> Decimal:
    """Not more than the document: what is paid above it is received for another one, or given back."""
    return max(ZERO, min(paid, total)) if total >= 0 else min(ZERO, max(paid, total))


def _split(
    paid: Decimal, shares: dict[Decimal | str, Decimal], total: Decimal
) -> dict[Decimal | str, Decimal]:
    """Cumulative amounts per rate, which add up to what was received and clear to the cent."""
    if paid == total:
        return dict(shares)
    if not total:
        return dict.fromkeys(shares, ZERO)
    sign = -1 if total < 0 else 1
    exact = {key: abs(share) * abs(paid) / abs(total) for key, share in shares.items()}
    split = largest_remainder(abs(paid), exact, {}, {})
    return {key: sign * amount for key, amount in split.items()}
