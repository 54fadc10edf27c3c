"""What documents do to the claims of other documents, as events at their date.

* goods invoiced before their delivery: their VAT falls due at delivery;
* a document that recovers a deposit for goods delivered, or under débits, makes the deposit's pending VAT due;
* a credit note first reduces what is unpaid of its invoice, then is owed to the customer (language.md §8);
* a corrective invoice takes over what was paid of the one it replaces;
* deposits kept as an indemnity are settled by compensation: their VAT comes back that day (docs/rules.md).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Posting

from acompta.claims import CREDIT, Claim, ClaimEvent, Move
from acompta.dossier import Dossier
from acompta.held import HeldDeposit
from acompta.posting.bill import Bill, timing_of
from acompta.posting.purchases import PurchaseBill, deducted_on_invoice
from acompta.reading.model import Document, Share, TaxKey
from acompta.reading.purchases import Purchase
from acompta.register.values import Recovery
from acompta.rounding import ZERO
from acompta.settlement.advances import settle_difference
from acompta.settlement.settler import DueEvent
from acompta.vat import DEPOSIT_KINDS, due_on_receipt
from acompta.vocabulary import GOODS, Kind

_CREDIT_NOTE: Final = Kind.CREDIT_NOTE


def due_events(dossier: Dossier, extra: list[Posting] | None = None) -> list[DueEvent]:
    """All such events of a ledger; those of deposits posted on receipt leave their postings in ``extra``."""
    events: list[DueEvent] = []
    bills = dossier.bills
    for document in dossier.documents:
        kind, entry, index, _, _, _, _, _, _, _, _, _, _, delivery = document
        bill = bills.get(index)
        if bill is None:
            continue
        _, _, recovered, _, _, _, credited, undone = bill
        if recovered:
            events += _recoveries(document, bill, dossier)
        if delivery is not None and delivery > entry[1]:
            events += _deliveries(document, bill, dossier)
        if credited or undone is not None or kind is _CREDIT_NOTE:
            action = _correction(document, bill, dossier)
            if action is not None:
                events.append((document.date, document.number or "", action, document.entry))
        if dossier.held and extra is not None:
            # After the corrections: what a credit note set against an unpaid deposit is no longer to be received.
            events += _held(document, bill, dossier, extra)
    return events


def _held(document: Document, bill: Bill, dossier: Dossier, extra: list[Posting]) -> list[DueEvent]:
    """Deposits posted on receipt: the document that recovers or credits one posts it, then gives 4191 back."""
    events: list[DueEvent] = []
    parts: dict[str, list[Recovery]] = {}
    reversed_too = bill.reversed.recovered if bill.reversed is not None else ()
    for recovery in (*reversed_too, *bill.recovered, *bill.credited):
        if recovery.number in dossier.held:
            parts.setdefault(recovery.number, []).append(recovery)
    for number, recovered in parts.items():
        action = _issue_held(
            dossier.held[number], dossier.claims[number], recovered, dossier, extra
        )
        events.append((document.date, document.number or "", action, document.entry))
    return events


def _issue_held(
    held: HeldDeposit,
    claim: Claim,
    recovered: list[Recovery],
    dossier: Dossier,
    extra: list[Posting],
) -> Callable[[], list[Move]]:
    def issue() -> list[Move]:
        extra.extend(held.issue(recovered, dossier.chart))
        extra.extend(held.rebalance(claim.covered, claim.written_off))
        return []

    return issue


def _recoveries(document: Document, bill: Bill, dossier: Dossier) -> list[DueEvent]:
    events: list[DueEvent] = []
    timing = timing_of(document)
    for number, _, tax, against, base, vat in bill.recovered:
        claim = dossier.claims.get(number)
        if claim is None or vat <= ZERO or tax not in claim.shares:
            continue
        if timing.due(against):
            action = _falls_due(claim, tax, vat)
            events.append((document.date, document.number or "", action, document.entry))
        elif tax[1] == GOODS and against[1] != GOODS:
            # First, so that what is left of the goods is whole.
            part = Share(base, vat)
            action = _pays_services(claim, tax, against, part, document.date)
            events.insert(0, (document.date, document.number or "", action, document.entry))
    return events


def _pays_services(
    claim: Claim, tax: TaxKey, against: TaxKey, part: Share, date: datetime.date
) -> Callable[[], list[Move]]:
    """A deposit on goods that services recover, be it by a cent of rounding: its money of before 2023 waits no more."""

    def pay_services() -> list[Move]:
        if claim.paid == claim.paid_for_goods and due_on_receipt(tax, date):
            return []  # nearly all
        claim.turn_to(tax, against, part)
        return claim.moves()

    return pay_services


def _deliveries(document: Document, bill: Bill, dossier: Dossier) -> list[DueEvent]:
    """Goods invoiced before their delivery: what still waits falls due that day (CGI art. 269-2-a).

    So does what waits of the deposits that their invoice recovered.
    """
    claim = dossier.claims.get(document.number or "")
    if claim is None or document.delivered <= document.date or document.kind in DEPOSIT_KINDS:
        return []
    waiting = [
        (claim, tax, share.vat) for tax, share in claim.shares.items() if tax.nature == GOODS
    ]
    for number, _, tax, against, _, vat in bill.recovered:
        deposit = dossier.claims.get(number)
        if deposit is not None and vat > ZERO and tax in deposit.shares and against.nature == GOODS:
            waiting.append((deposit, tax, vat))
    return [
        (document.delivered, claim.number, _falls_due(owed, tax, vat), document.entry)
        for owed, tax, vat in waiting
    ]


def _falls_due(claim: Claim, tax: TaxKey, vat: Decimal) -> Callable[[], list[Move]]:
    def fall_due() -> list[Move]:
        claim.forced = {**claim.forced, tax: claim.forced.get(tax, ZERO) + vat}
        return claim.moves()

    return fall_due


def _correction(
    document: Document, bill: Bill, dossier: Dossier
) -> Callable[[], list[Move]] | None:
    claims = dossier.claims
    claim = claims.get(document.number or "")
    if claim is None:
        return None
    if bill.reversed is not None:
        original = claims.get(document.text("sur") or "")
        return None if original is None else _replacement(claim, original)
    if document.kind is Kind.TERMINATION:
        if bill.receivable == 0:
            return _compensation(claim, bill.credited, dossier)
        return _credit(claim, _credited_deposits(bill.credited, dossier))
    original = claims.get(document.text("sur") or "")
    if original is None:
        return None
    return _credit(claim, [Credited(original, -claim.total)], -bill.retention)


class Credited(NamedTuple):
    """What a credit takes off one document: ``amount`` euros that bear VAT, and their own VAT when it is a part of it.

    Doubled arrhes owe more than they credit.
    """

    original: Claim
    amount: Decimal
    shares: dict[TaxKey, Share] | None = None


def _credited_deposits(credited: tuple[Recovery, ...], dossier: Dossier) -> list[Credited]:
    """The deposits that a termination gives back, each with its own rates."""
    found: list[Credited] = []
    for number in dict.fromkeys(recovery.number for recovery in credited):
        original = dossier.claims.get(number)
        shares: dict[TaxKey, Share] = {}
        total = ZERO
        for recovery in credited:
            if recovery.number == number:
                old = shares.get(recovery.tax, Share(ZERO, ZERO))
                shares[recovery.tax] = Share(old.base - recovery.base, old.vat - recovery.vat)
                total += recovery.base + recovery.vat
        if original is not None:
            found.append(Credited(original, total, shares))
    return found


def _credit(
    credit: Claim, parts: list[Credited], retention: Decimal = ZERO
) -> Callable[[], list[Move]]:
    """Set a credit note off against what it corrects; ``retention`` (euros) is what it gives back of each."""

    def set_off() -> list[Move]:
        moves: list[Move] = []
        for original, credited, shares in parts:
            original.retention -= retention
            amount = min(original.open, credited)
            if amount > 0:
                original.offset(credit, amount, credit.document.entry, credited, shares)
                moves += original.moves()
        return moves + credit.moves()

    return set_off


def _replacement(successor: Claim, original: Claim) -> Callable[[], list[Move]]:
    def replace_original() -> list[Move]:
        moved = original.hand_over(successor, successor.document.entry)
        return settle_difference(successor, moved)

    return replace_original


def _compensation(
    claim: Claim, credited: tuple[Recovery, ...], dossier: Dossier
) -> Callable[[], list[Move]]:
    """What is kept bears no VAT: the deposits give back what had fallen due, and what is still unpaid bears none."""

    def compensate() -> list[Move]:
        entry = claim.document.entry
        claim.events.append(ClaimEvent(entry.date, claim.total, CREDIT, entry))
        claim.paid = claim.total
        waiting, claim.shares = claim.shares, {}
        moves: list[Move] = []
        for recovery in credited:
            deposit = dossier.claims.get(recovery.number)
            share = deposit.shares.get(recovery.tax) if deposit is not None else None
            if deposit is not None and share is not None:
                left = Share(share.base - recovery.base, share.vat - recovery.vat)
                deposit.shares = {**deposit.shares, recovery.tax: left}
                moves += [move._replace(number=claim.number) for move in deposit.moves()]
            elif recovery.tax in waiting and recovery.vat:
                # Taken over from another program, where it was paid and its VAT fell due.
                moves.append(Move(claim.number, recovery.tax, -recovery.base, -recovery.vat))
        return moves

    return compensate


def supplier_due_events(dossier: Dossier) -> list[DueEvent]:
    """A supplier's deposit recovered by goods delivered, or under débits: deductible that day (CGI art. 271-I-2).

    Goods invoiced before their delivery are deductible when delivered, with what waits of the deposits recovered. A
    credit note is set off against the purchases that it names.
    """
    events: list[DueEvent] = []
    for purchase in dossier.purchases:
        bill = dossier.purchase_bills.get(purchase.index)
        if bill is None:
            continue
        own = dossier.supplier_claims.get(f"{purchase.supplier} {purchase.number}")
        if own is not None and own.total < ZERO:
            events += _supplier_credit(purchase, own, dossier)
        day = purchase.delivered
        if own is not None and day > purchase.entry.date:
            for tax, share in own.shares.items():
                if tax.nature == GOODS:
                    action = _falls_due(own, tax, share.vat)
                    events.append((day, purchase.number, action, purchase.entry))
        events += _supplier_recoveries(purchase, bill, dossier)
    return events


def _supplier_recoveries(
    purchase: Purchase, bill: PurchaseBill, dossier: Dossier
) -> list[DueEvent]:
    events: list[DueEvent] = []
    for recovery in bill.recovered:
        claim = dossier.supplier_claims.get(f"{purchase.supplier} {recovery.number}")
        against = next((tax for tax in bill.vat if tax.rate == recovery.tax.rate), None)
        if claim is None or against is None or recovery.tax not in claim.shares:
            continue
        at_once = deducted_on_invoice(purchase, against)
        if recovery.vat and (at_once or against.nature == GOODS):
            day = purchase.entry.date if at_once else purchase.delivered
            action = _falls_due(claim, recovery.tax, recovery.vat)
            events.append((day, purchase.number, action, purchase.entry))
        elif recovery.vat and recovery.tax.nature == GOODS:
            day, part = purchase.entry.date, Share(recovery.base, recovery.vat)
            action = _pays_services(claim, recovery.tax, against, part, day)
            events.insert(0, (day, purchase.number, action, purchase.entry))
    return events


def _supplier_credit(purchase: Purchase, credit: Claim, dossier: Dossier) -> list[DueEvent]:
    """A supplier's credit note that names purchases, by ``sur:`` or link: what is unpaid of them is owed no more.

    The VAT that waits for it will never be deducted (CGI art. 271-I-2, 272-1); what was deducted comes back with the
    refund.
    """
    claims = dossier.supplier_claims
    names = {str(purchase.entry.meta.get("sur") or ""), *purchase.entry.links}
    named = [claims.get(f"{purchase.supplier} {name}") for name in names]
    originals = [claim for claim in named if claim is not None and claim.total > ZERO]
    if not originals:
        return []
    originals.sort(key=lambda claim: (claim.date, claim.number))
    day = max(purchase.entry.date, originals[-1].date)

    def set_off() -> list[Move]:
        moves: list[Move] = []
        for original in originals:
            amount = min(original.open, -credit.open)
            if amount > ZERO:
                original.offset(credit, amount, purchase.entry, -credit.total)
                moves += original.moves()
        return moves + credit.moves()

    return [(day, purchase.number, set_off, purchase.entry)]
