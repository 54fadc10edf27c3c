"""What the register of a contract holds: groups of lines, what they order, progress, deposits and what is taken back.

Amounts are in euros, before tax unless said; rates in percent.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from acompta.reading.model import Document, Line, Share, TaxKey
from acompta.rounding import ZERO
from acompta.tuples import make

Category = tuple[Decimal, str]
NOTHING: Final = Share(ZERO, ZERO)


class Group(NamedTuple):
    """What progress is counted on: the lines of a contract that share account, lot and tax."""

    account: str
    lot: str | None
    tax: TaxKey


class Progress(NamedTuple):
    """Progress billed by a document on one `Group`, in euros before tax; ``percent`` is cumulative."""

    group: Group
    contract: Decimal
    previous: Decimal
    amount: Decimal
    percent: Decimal

    @property
    def cumulative(self) -> Decimal:
        """Billed so far, this document included."""
        return self.previous + self.amount


class Recovery(NamedTuple):
    """What a document takes back of one deposit at one rate, in euros.

    ``tax`` is the deposit's key, ``against`` the key of the document's own VAT that it is set against.
    """

    number: str
    account: str
    tax: TaxKey
    against: TaxKey
    base: Decimal
    vat: Decimal


@dataclass(slots=True)
class Deposit:
    """A deposit invoice in the register: per tax key, what was given and what was recovered since."""

    document: Document
    account: str
    given: dict[TaxKey, Share]
    recovered: dict[TaxKey, Share] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """Number of the deposit invoice."""
        return self.document.number or ""

    def left(self, tax: TaxKey) -> Share:
        """What remains to recover at ``tax``."""
        given = self.given[tax]
        taken = self.recovered.get(tax)
        if taken is None:
            return given
        return make(Share, (given[0] - taken[0], given[1] - taken[1]))

    def take(self, tax: TaxKey, base: Decimal, vat: Decimal) -> None:
        """Note a recovery."""
        taken = self.recovered.get(tax, NOTHING)
        self.recovered[tax] = make(Share, (taken[0] + base, taken[1] + vat))

    @property
    def is_spent(self) -> bool:
        """Whether nothing remains to recover."""
        # Both are in euros: once all was recovered at each rate, nothing is left to subtract.
        if self.recovered == self.given:
            return True  # nearly all
        return all(not self.left(tax).base and not self.left(tax).vat for tax in self.given)


class Change(NamedTuple):
    """A line of the contract or of an amendment, from its date on."""

    date: datetime.date
    group: Group
    amount: Decimal
    line: Line


class Ordered(NamedTuple):
    """What a contract orders at one of its versions, in euros; ``total`` and ``included`` are VAT-inclusive."""

    totals: dict[Group, Decimal]
    shares: dict[TaxKey, Share]
    included: dict[Category, Decimal]
    total: Decimal
