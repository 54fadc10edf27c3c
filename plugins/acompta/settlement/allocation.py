"""Who gets what of a sum: credit notes whole, then the oldest invoice first, retentions last.

The debtor may say which debt is paid (``facture:`` under a line does); else, at equal interest, the oldest is paid
first (C. civ. art. 1342-10). Retentions come last: they are not due yet (loi 71-584). Amounts are in euros, exact.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from acompta.claims import Claim
from acompta.numbering import split_number
from acompta.rounding import ZERO


def claim_order(claim: Claim) -> tuple[datetime.date, str, int]:
    """By date, then series and rank of the number: the oldest first."""
    prefix, digits = split_number(claim.number)
    return (claim.date, prefix, digits or 0)


def oldest_first(
    claims: list[Claim], amount: Decimal, on_retention: Decimal, *, rest: bool
) -> list[tuple[Claim, Decimal]]:
    """Split ``amount`` over the claims: credit notes whole, then the oldest first; a refund undoes the newest first.

    What is credited on 4117, ``on_retention``, releases retentions; other money pays them last, once all the rest is
    paid (loi 71-584). What is left, if any, stays on the last claim (an over-payment) when ``rest``.
    """
    shares = _credits_first(claims, amount) if len(claims) > 1 or amount < 0 else []
    left = amount - sum((step for _, step in shares), ZERO)
    if left < 0:
        owed = [claim for claim in reversed(claims) if claim.total >= 0]
        withheld = [(claim, -claim.released) for claim in owed]
        others = [(claim, min(claim.released - claim.paid, ZERO)) for claim in owed]
    else:
        withheld = [(claim, claim.retained) for claim in claims]
        others = [(claim, max(claim.open - claim.retained, ZERO)) for claim in claims]
    bound = max(left, min(on_retention, ZERO)) if left < 0 else min(left, max(on_retention, ZERO))
    released, _ = _hand_out(withheld, bound)
    for claim, step in released:
        claim.released += step
    left -= sum((step for _, step in released), ZERO)
    taken = {id(claim): step for claim, step in released}
    withheld = [(claim, room - taken.get(id(claim), ZERO)) for claim, room in withheld]
    paid, left = _hand_out([*others, *withheld], left)
    shares += released + paid
    if left and rest and claims:
        shares.append((claims[-1], left))
    return shares


def _hand_out(
    rooms: list[tuple[Claim, Decimal]], amount: Decimal
) -> tuple[list[tuple[Claim, Decimal]], Decimal]:
    """Fill rooms in turn (euros, of the sign of ``amount``), and what is left once they are full."""
    shares = []
    for claim, space in rooms:
        step = max(amount, space) if amount < 0 else min(amount, space)
        if amount and step:
            shares.append((claim, step))
            amount -= step
    return shares, amount


def _credits_first(claims: list[Claim], amount: Decimal) -> list[tuple[Claim, Decimal]]:
    """Credit notes named with invoices are set off whole; a refund pays them up to its amount."""
    shares = []
    left = amount
    for claim in claims:
        if claim.open < 0:
            step = claim.open if amount >= 0 else max(left, claim.open)
            if step:
                shares.append((claim, step))
                left -= step
    return shares
