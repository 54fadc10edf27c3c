"""When VAT falls due, and how it is rounded: the dated rules as data.

* Services: on receipt of the price or the deposit (CGI art. 269-2-c), unless the seller opted for the débits.
* Goods: at delivery (CGI art. 269-2-a); deposits on goods: on receipt since 1 January 2023, by date of receipt
  (loi 2021-1900 du 30 décembre 2021, art. 30).
* A deposit under the option for débits: on receipt (XP Z12-014 annexe A), unless the seller says otherwise.
* VAT of a rate is computed once on the sum of the lines of that rate (EN 16931, BR-CO-17).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from acompta.reading.model import Seller, Share, TaxKey
from acompta.rounding import CENT, HUNDRED, ZERO
from acompta.tuples import make
from acompta.vocabulary import GOODS, SERVICE, Kind, Regime

GOODS_DEPOSITS_ON_RECEIPT: Final = datetime.date(2023, 1, 1)
# Rates in force by territory (CGI art. 278 to 281 nonies; DOM art. 294 to 296; Corse art. 297), from their date.
RATES: Final[dict[str, tuple[tuple[datetime.date, tuple[str, ...]], ...]]] = {
    "métropole": (
        (datetime.date(2000, 4, 1), ("19.6", "5.5", "2.1")),
        (datetime.date(2012, 1, 1), ("19.6", "7", "5.5", "2.1")),
        (datetime.date(2014, 1, 1), ("20", "10", "5.5", "2.1")),
    ),
    "Guadeloupe, Martinique, La Réunion": (
        (datetime.date(2000, 4, 1), ("8.5", "2.1", "1.75", "1.05")),
    ),
    "Corse": (
        (datetime.date(2000, 4, 1), ("8", "2.1", "0.9")),
        (datetime.date(2014, 1, 1), ("20", "10", "13", "2.1", "0.9")),
    ),
}


@lru_cache(maxsize=1024)
def is_french_rate(rate: Decimal, date: datetime.date) -> bool:
    """Whether a French territory applies ``rate`` (percent) on ``date``."""
    for periods in RATES.values():
        current: tuple[str, ...] = ()
        for start, rates in periods:
            if start <= date:
                current = rates
        if any(rate == Decimal(known) for known in current):
            return True
    return False


def was_french_rate(rate: Decimal, date: datetime.date) -> bool:
    """Whether ``rate`` (percent) is French before ``date`` and no more: surely a slip on an invoice of then."""
    earlier = (start for periods in RATES.values() for start, _ in periods if start <= date)
    return not is_french_rate(rate, date) and any(is_french_rate(rate, day) for day in earlier)


# How the text says why VAT fell due: the `exigibilite:` of a VAT entry or of a recovered deposit.
ON_RECEIPT: Final = "encaissement"
ON_INVOICE: Final = "facturation"
ON_PAYMENT: Final = "paiement"

_DEBITS: Final = Regime.DEBITS
DEPOSIT_KINDS: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES, Kind.PREPAID})


@lru_cache(maxsize=256)
def factor(rate: Decimal) -> Decimal:
    """A rate in percent as a factor: 20 gives 0.20."""
    return rate / HUNDRED


def vat_of(base: Decimal, rate: Decimal) -> Decimal:
    """VAT in euros on ``base`` (euros) at ``rate`` percent, rounded half-up once."""
    return (base * factor(rate)).quantize(CENT, ROUND_HALF_UP)


def base_of(total: Decimal, rate: Decimal) -> Decimal:
    """Base in euros of a VAT-inclusive ``total``: total × 100 / (100 + rate), rounded half-up."""
    return (total * HUNDRED / (HUNDRED + rate)).quantize(CENT, ROUND_HALF_UP)


def by_category(values: Mapping[TaxKey, Decimal]) -> dict[tuple[Decimal, str], list[TaxKey]]:
    """The tax keys of each (rate, regime), in order."""
    categories: dict[tuple[Decimal, str], list[TaxKey]] = {}
    for key in values:
        categories.setdefault((key.rate, key.regime), []).append(key)
    return categories


def split_natures(
    vat: Decimal, bases: Mapping[TaxKey, Decimal], keys: list[TaxKey]
) -> dict[TaxKey, Share]:
    """Split the ``vat`` of one rate between goods and services; the last nature takes the rounding."""
    shares = {}
    left = vat
    for key in keys[:-1]:
        part = vat_of(bases[key], key.rate)
        part = max(min(part, left), ZERO) if left >= 0 else part
        shares[key] = Share(bases[key], part)
        left -= part
    shares[keys[-1]] = Share(bases[keys[-1]], left)
    return shares


def tax_shares(bases: Mapping[TaxKey, Decimal]) -> dict[TaxKey, Share]:
    """Base and VAT per tax key: VAT of a rate = rate × sum of its rounded lines, rounded once."""
    if len(bases) == 1:
        ((key, base),) = bases.items()
        vat = (base * factor(key[0])).quantize(CENT, ROUND_HALF_UP)
        return {key: make(Share, (base, vat))}
    shares: dict[TaxKey, Share] = {}
    for (rate, _), keys in by_category(bases).items():
        vat = vat_of(sum((bases[key] for key in keys), ZERO), rate)
        shares.update(split_natures(vat, bases, sorted(keys)))
    return shares


def due_on_issue(kind: Kind, tax: TaxKey, seller: Seller) -> bool:
    """Whether the VAT of a document falls due with the document itself (else it waits for the payment)."""
    if kind in DEPOSIT_KINDS:
        return seller.deposit_on_debit
    return tax[1] == GOODS or seller.regime is _DEBITS


def due_on_receipt(tax: TaxKey, date: datetime.date) -> bool:
    """Whether money received on ``date`` makes waiting VAT due: always, but for goods before 1 January 2023."""
    return tax.nature != GOODS or date >= GOODS_DEPOSITS_ON_RECEIPT


__all__ = [
    "DEPOSIT_KINDS",
    "GOODS_DEPOSITS_ON_RECEIPT",
    "ON_INVOICE",
    "ON_PAYMENT",
    "ON_RECEIPT",
    "SERVICE",
    "base_of",
    "by_category",
    "due_on_issue",
    "due_on_receipt",
    "factor",
    "split_natures",
    "tax_shares",
    "vat_of",
]
