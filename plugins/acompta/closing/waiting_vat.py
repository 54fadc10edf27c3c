"""VAT that waits for a payment, by account: what the register says against what the ledger holds.

The checks of 44574 (sales, CGI art. 269-2-c) and of 44564 (purchases, CGI art. 271-I-2) both read it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from acompta import french
from acompta.chart import Chart
from acompta.claims import Claim
from acompta.closing.check import Evidence
from acompta.closing.period_view import PeriodView
from acompta.rounding import ZERO


def registered(claims: Iterable[Claim], chart: Chart, role: str) -> dict[str, Decimal]:
    """What waits for the payment of ``claims``, by account of that role, in euros."""
    expected: dict[str, Decimal] = {}
    for claim in claims:
        for tax, share in claim.shares.items():
            moved = claim.moved.get(tax)
            waiting = share.vat - (moved.vat if moved is not None else ZERO)
            if waiting:
                account = chart.vat_account(role, tax.rate)
                expected[account] = expected.get(account, ZERO) + waiting
    return expected


def gaps(
    view: PeriodView, held: Mapping[str, Decimal], expected: Mapping[str, Decimal], whose: str
) -> Iterator[tuple[str, Evidence]]:
    """Each account that does not hold what is ``expected`` (euros), with both figures; ``whose`` names the second."""
    for name in sorted({*expected, *held}):
        actual, wanted = held.get(name, ZERO), expected.get(name, ZERO)
        if actual != wanted:
            text = f"{name} : {french.euros(actual)} au compte, {french.euros(wanted)} {whose}"
            yield name, Evidence(text, view.last_line(name), actual - wanted)


def balances(view: PeriodView, held: Mapping[str, Decimal]) -> list[Evidence]:
    """What each account holds (euros), at its last line."""
    return [
        Evidence(f"{name} : {french.euros(amount)}", view.last_line(name), amount)
        for name, amount in sorted(held.items())
    ]
