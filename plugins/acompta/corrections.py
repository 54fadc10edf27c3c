"""What documents do to the claims of other documents, as events at their date.

* goods invoiced before their delivery: their VAT falls due at delivery;
* a document that recovers a deposit for goods delivered, or under débits, makes the deposit's pending VAT due;
* a credit note first reduces what is unpaid of its invoice, then is owed to the customer (language.md §8);
* a corrective invoice takes over what was paid of the one it replaces;
* deposits kept as an indemnity are settled by compensation: their VAT comes back that day (french-rules row 18).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from beancount.core.data import Posting

from acompta.claims import CREDIT, Claim, ClaimEvent, Move
from acompta.dossier import Dossier
from acompta.held import HeldDeposit
from acompta.posting.bill import Bill, timing_of
from acompta.reading.model import Document, TaxKey
from acompta.register import Recovery
from acompta.rounding import ZERO
from acompta.settlement import DueEvent, settle_difference
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import GOODS, Kind


def due_events(dossier: Dossier, extra: list[Posting] | None = None) -> list[DueEvent]:
    """All such events of a ledger; those of deposits posted on receipt leave their postings in ``extra``."""
    events: list[DueEvent] = []
    for document in dossier.documents:
        bill = dossier.bills.get(document.index)
        if bill is None:
            continue
        if bill.recovered:
            events += _recoveries(document, bill, dossier)
        if dossier.held and extra is not None:
            events += _held(document, bill, dossier, extra)
        if "livraison" in document.entry.meta:
            events += _deliveries(document, dossier)
        if bill.credited or bill.reversed is not None or document.kind is Kind.CREDIT_NOTE:
            action = _correction(document, bill, dossier)
            if action is not None:
                events.append((document.date, document.number or "", action, document.entry))
    return events


def _held(document: Document, bill: Bill, dossier: Dossier, extra: list[Posting]) -> list[DueEvent]:
    """Deposits posted on receipt: the document that recovers or credits one posts it, then gives 4191 back."""
    events: list[DueEvent] = []
    parts: dict[str, list[Recovery]] = {}
    for recovery in (*bill.recovered, *bill.credited):
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
        extra.extend(held.rebalance(claim.paid))
        return []

    return issue


def _recoveries(document: Document, bill: Bill, dossier: Dossier) -> list[DueEvent]:
    events: list[DueEvent] = []
    timing = timing_of(document)
    for recovery in bill.recovered:
        claim = dossier.claims.get(recovery.number)
        if (
            claim is not None
            and recovery.vat > 0
            and recovery.tax in claim.shares
            and timing.due(recovery.against)
        ):
            action = _falls_due(claim, recovery.tax, recovery.vat)
            events.append((document.date, document.number or "", action, document.entry))
    return events


def _deliveries(document: Document, dossier: Dossier) -> list[DueEvent]:
    """Goods invoiced before their delivery: what still waits falls due that day (CGI art. 269-2-a)."""
    claim = dossier.claims.get(document.number or "")
    if claim is None or document.delivered <= document.date or document.kind in DEPOSIT_KINDS:
        return []
    return [
        (document.delivered, claim.number, _falls_due(claim, tax, share.vat), document.entry)
        for tax, share in claim.shares.items()
        if tax.nature == GOODS
    ]


def _falls_due(claim: Claim, tax: TaxKey, vat: Decimal) -> Callable[[], list[Move]]:
    def fall_due() -> list[Move]:
        claim.forced[tax] = claim.forced.get(tax, ZERO) + vat
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
            return _compensation(claim)
        numbers = list(dict.fromkeys(recovery.number for recovery in bill.credited))
        return _credit(claim, [claims[number] for number in numbers if number in claims])
    original = claims.get(document.text("sur") or "")
    return None if original is None else _credit(claim, [original])


def _credit(credit: Claim, originals: list[Claim]) -> Callable[[], list[Move]]:
    def set_off() -> list[Move]:
        moves: list[Move] = []
        for original in originals:
            amount = min(original.open, -credit.total)
            if amount > 0:
                original.offset(credit, amount, credit.document.entry)
                moves += original.moves()
        return moves + credit.moves()

    return set_off


def _replacement(successor: Claim, original: Claim) -> Callable[[], list[Move]]:
    def replace_original() -> list[Move]:
        moved = original.hand_over(successor, successor.document.entry)
        return settle_difference(successor, moved)

    return replace_original


def _compensation(claim: Claim) -> Callable[[], list[Move]]:
    def compensate() -> list[Move]:
        entry = claim.document.entry
        claim.events.append(ClaimEvent(entry.date, claim.total, CREDIT, entry))
        claim.receive(claim.total, entry.date)
        return claim.moves()

    return compensate
