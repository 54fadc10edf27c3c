"""The reference figures: contracts, percentages and VAT computed apart from the engine, in fractions.

Sources: language reference §4 (lines rounded half-up, VAT of a rate rounded once) and §5 (deposits accumulate).
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

CENT = Decimal("0.01")
NIL = Decimal("0.00")


def half_up(value: Fraction | Decimal) -> Decimal:
    """To the cent, halves away from zero."""
    exact = abs(Fraction(value)) * 100
    cents = math.floor(exact + Fraction(1, 2))
    return Decimal(cents if value >= 0 else -cents).scaleb(-2)


def floor_cents(value: Fraction) -> Decimal:
    """Whole cents at or below a non-negative ``value``."""
    return Decimal(math.floor(value * 100)).scaleb(-2)


class Figure(NamedTuple):
    """Base and VAT of a rate, in euros."""

    base: Decimal = NIL
    vat: Decimal = NIL

    @property
    def total(self) -> Decimal:
        return self.base + self.vat

    def plus(self, other: Figure) -> Figure:
        return Figure(self.base + other.base, self.vat + other.vat)

    def minus(self, other: Figure) -> Figure:
        return Figure(self.base - other.base, self.vat - other.vat)


Figures = dict[Decimal, Figure]


@dataclass(frozen=True)
class OrderLine:
    """A line of a contract or of an amendment; a reduction has a negative ``quantity``, ``unit`` EUR has no price."""

    account: str
    lot: str | None
    rate: Decimal
    quantity: Decimal
    unit: str
    price: Decimal
    date: datetime.date

    @property
    def amount(self) -> Decimal:
        """Before tax, rounded half-up."""
        return half_up(Fraction(self.quantity) * Fraction(self.price))


def vat(base: Decimal, rate: Decimal) -> Decimal:
    """VAT on a base, rounded once."""
    return half_up(Fraction(base) * Fraction(rate) / 100)


def ordered(
    lines: Iterable[OrderLine], date: datetime.date, *, has_vat: bool = True
) -> dict[Decimal, Figure]:
    """Base and VAT per rate of a contract as amended on ``date``; in franchise all is at 0 %."""
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        if line.date <= date:
            rate = line.rate if has_vat else Decimal(0)
            bases[rate] = bases.get(rate, NIL) + line.amount
    return {rate: Figure(base, vat(base, rate)) for rate, base in bases.items()}


def base_total(figures: Figures) -> Decimal:
    """Before tax, all rates."""
    return sum((figure.base for figure in figures.values()), NIL)


def whole_total(figures: Figures) -> Decimal:
    """VAT included, all rates."""
    return sum((figure.total for figure in figures.values()), NIL)


def add(figures: Iterable[Figures]) -> Figures:
    """Sum per rate; rates that come to nothing are left out."""
    total: Figures = {}
    for one in figures:
        for rate, figure in one.items():
            total[rate] = total.get(rate, Figure()).plus(figure)
    return {rate: figure for rate, figure in total.items() if figure.base or figure.vat}
