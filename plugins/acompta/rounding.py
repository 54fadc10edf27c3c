"""Money rounding: cents half-up, and splits that lose no cent.

Rounding half away from zero is the commercial rule (règlement CE 1103/97 art. 5, kept by the administration for VAT);
Python's ``Decimal.quantize`` defaults to half-even, so the mode is always said.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeVar

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")
HUNDRED: Final = Decimal(100)

K = TypeVar("K")


def cents(amount: Decimal) -> Decimal:
    """Round ``amount`` (euros) to the cent, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def add_to(sums: dict[K, Decimal], key: K, amount: Decimal) -> None:
    """Add ``amount`` to the sum of ``key``, which starts at zero; exact, nothing is rounded."""
    sums[key] = sums.get(key, ZERO) + amount


def floor_cents(amount: Decimal) -> Decimal:
    """Largest whole number of cents that does not exceed ``amount`` (a non-negative amount in euros)."""
    return amount.quantize(CENT, "ROUND_DOWN")


def proportional(part: Decimal, weight: Decimal, whole: Decimal) -> Decimal:
    """``part × weight / whole`` in euros, rounded once to the cent; zero when ``whole`` is zero."""
    if not whole:
        return ZERO
    return (part * weight / whole).quantize(CENT, ROUND_HALF_UP)


def percent_of(part: Decimal, whole: Decimal) -> Decimal:
    """``part`` in percent of ``whole``, to a hundredth, halves away from zero; zero of nothing."""
    return (part * HUNDRED / whole).quantize(CENT, ROUND_HALF_UP) if whole else ZERO


def largest_remainder(
    total: Decimal,
    exact: Mapping[K, Decimal],
    floors: Mapping[K, Decimal],
    caps: Mapping[K, Decimal],
) -> dict[K, Decimal]:
    """Split ``total`` (whole cents) near the ``exact`` shares, each between its floor and its cap.

    Used for deposits over several VAT rates: ``floors`` are what each rate has already received (a share never
    falls), ``caps`` what the contract holds at that rate. The cents go to the largest remainders, the first key
    winning ties, so the result depends on the figures only. Floors and caps give way, in that order of strength,
    only when they cannot add up to ``total``.
    """
    shares = {
        key: max(floors.get(key, ZERO), min(floor_cents(value), caps.get(key, value)))
        for key, value in exact.items()
    }
    missing = total - sum(shares.values(), ZERO)
    order = sorted(exact, key=lambda key: shares[key] - exact[key])
    if missing < 0:
        return _take_back(shares, order, floors, -missing)
    return _hand_out(shares, order, caps, missing)


def _hand_out(
    shares: dict[K, Decimal], order: list[K], caps: Mapping[K, Decimal], missing: Decimal
) -> dict[K, Decimal]:
    """Hand the missing cents out, one each to the largest remainders first, then whatever the caps let in."""
    for key in order:
        if missing and (key not in caps or shares[key] + CENT <= caps[key]):
            shares[key] += CENT
            missing -= CENT
    for key in order:
        room = missing if key not in caps else min(missing, max(ZERO, caps[key] - shares[key]))
        shares[key] += room
        missing -= room
    if missing:
        shares[order[0]] += missing
    return shares


def _take_back(
    shares: dict[K, Decimal], order: list[K], floors: Mapping[K, Decimal], excess: Decimal
) -> dict[K, Decimal]:
    """Take the excess back where the floors allow it, from the smallest remainders first."""
    for key in reversed(order):
        room = min(excess, shares[key] - floors.get(key, ZERO))
        shares[key] -= room
        excess -= room
    if excess:
        shares[order[-1]] -= excess
    return shares
