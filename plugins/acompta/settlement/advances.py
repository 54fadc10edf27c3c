"""Money received before its invoice: its VAT is due at once, and the document takes both over when it comes.

Sources: CGI art. 269-2 (services and deposits: on receipt), 269-1; amounts in cents half-up, shares by what was moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from beancount.core.data import Transaction

from acompta.claims import ADVANCE, Claim, ClaimEvent, Move, Waiting
from acompta.reading.model import Share, TaxKey
from acompta.rounding import ZERO


class Advance(Waiting):
    """Money received on a contract, or on an invoice yet to come: VAT due at once at the mix of rates."""

    __slots__ = ("entries", "left")

    def __init__(self, number: str, total: Decimal, shares: dict[TaxKey, Share]) -> None:
        """An advance on what totals ``total`` euros."""
        super().__init__(number, total, shares)
        self.left = ZERO
        self.entries: list[tuple[Transaction, Decimal]] = []


def absorbed_events(advance: Advance, amount: Decimal) -> list[ClaimEvent]:
    """The receipts behind an absorbed amount, the oldest first, each at its own date."""
    events = []
    left = amount
    while left and advance.entries:
        entry, available = advance.entries[0]
        step = min(left, available) if available > 0 else available
        events.append(ClaimEvent(entry.date, step, ADVANCE, entry))
        left -= step
        if step == available:
            advance.entries.pop(0)
        else:
            advance.entries[0] = (entry, available - step)
    return events


def settle_difference(claim: Claim, taken: Mapping[TaxKey, Share]) -> list[Move]:
    """What the claim's own VAT makes due, less what had moved with the advance; per key, both ways."""
    for tax, share in taken.items():
        if tax in claim.shares:
            old = claim.moved.get(tax, Share(ZERO, ZERO))
            now = Share(old.base + share.base, old.vat + share.vat)
            claim.moved = {**claim.moved, tax: now}
    moves = claim.moves()
    for tax, share in taken.items():
        if tax not in claim.shares and share.vat:
            # Due with the document itself: what the advance had moved goes back.
            moves.append(Move(claim.number, tax, -share.base, -share.vat))
    return moves
