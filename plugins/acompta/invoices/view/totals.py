"""Totals of a document, per rate of VAT."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from acompta.invoices.view.lines import LineRegime
from acompta.rounding import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTotal:
    """Base and VAT of one rate; ``regime`` when there is none to charge; ``outside`` for disbursements."""

    rate: Decimal
    base: Decimal
    vat: Decimal
    regime: LineRegime = LineRegime.NONE
    outside: bool = False

    @property
    def ttc(self) -> Decimal:
        """VAT included."""
        return self.base + self.vat


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals per rate, in the order printed."""

    rates: tuple[RateTotal, ...]

    @property
    def ht(self) -> Decimal:
        """Before tax, disbursements aside: they are paid in the customer's name (CGI art. 267, II, 2°)."""
        return sum((total.base for total in self.rates if not total.outside), ZERO)

    @property
    def outside(self) -> Decimal:
        """Disbursements."""
        return sum((total.base for total in self.rates if total.outside), ZERO)

    @property
    def vat(self) -> Decimal:
        """VAT of all rates."""
        return sum((total.vat for total in self.rates), ZERO)

    @property
    def ttc(self) -> Decimal:
        """VAT and disbursements included."""
        return self.ht + self.vat + self.outside
