"""What a contract orders at each of its versions, and the ordered line that an amendment takes off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from acompta.reading.model import Document, Line, TaxKey
from acompta.register.values import Category, Change, Group, Ordered
from acompta.rounding import ZERO
from acompta.vat import tax_shares


def add_up(changes: Iterable[Change]) -> Ordered:
    """The lines of a version, added up: VAT once per rate, in cents half-up."""
    totals: dict[Group, Decimal] = {}
    bases: dict[TaxKey, Decimal] = {}
    for _, group, amount, _ in changes:
        tax = group[2]
        totals[group] = totals[group] + amount if group in totals else amount
        bases[tax] = bases[tax] + amount if tax in bases else amount
    shares = tax_shares(bases) if bases else {}
    included: dict[Category, Decimal] = {}
    whole = ZERO
    for tax, (base, vat) in shares.items():
        category, total = tax.category, base + vat
        included[category] = included[category] + total if category in included else total
        whole += total
    return Ordered(totals, shares, included, whole)


def taken_off(line: Line, document: Document, totals: Mapping[Group, Decimal]) -> Group | None:
    """The ordered group that a line of an amendment takes off: at the rate and regime that it was ordered at.

    They are not those of today when the seller left the franchise, or entered it, since the contract (CGI art. 293 B).
    ``None`` when the line's own words leave no group, or several.
    """
    said = {**document.entry.meta, **line.meta}
    rate, regime = said.get("tva"), said.get("regime")
    found = [
        group
        for group, amount in totals.items()
        if amount
        and (group.account, group.lot) == (line.account, line.lot)
        and rate in (None, group.tax.rate)
        and regime in (None, group.tax.regime)
    ]
    return found[0] if len(found) == 1 else None
