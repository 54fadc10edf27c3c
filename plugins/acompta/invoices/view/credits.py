"""What is given back: what becomes of a credit note, and the prepaid credits that are left."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from acompta.rounding import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTerms:
    """What becomes of a credit note: taken off what is unpaid of ``numbers``, the rest paid back to the customer."""

    numbers: tuple[str, ...]
    deducted: Decimal
    refund: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensation:
    """An amount without VAT beside a credit note: kept by the seller (negative), or added by him (arrhes doubled)."""

    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMove:
    """A movement of prepaid credits: bought (positive) or used. ``amount`` is its worth, ``left`` units after it."""

    date: datetime.date
    label: str
    number: str
    quantity: Decimal | None
    unit: str
    amount: Decimal
    left: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsLeft:
    """Credits of one purchase that are not used; ``expires`` when they may no longer be."""

    number: str
    date: datetime.date
    quantity: Decimal | None
    unit: str
    amount: Decimal
    expires: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsStatement:
    """Prepaid credits of one link. ``taxed``: amounts are VAT-inclusive (credits whose rate is not known yet)."""

    moves: tuple[CreditMove, ...]
    left: tuple[CreditsLeft, ...]
    taxed: bool = False

    @property
    def amount(self) -> Decimal:
        """Worth of what is left."""
        return sum((unused.amount for unused in self.left), ZERO)
