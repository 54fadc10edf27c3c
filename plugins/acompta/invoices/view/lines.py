"""The lines of a document: what each bills, why it bears no VAT, how far the work has gone."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from acompta import vocabulary
from acompta.invoices.view.parties import Place
from acompta.rounding import ZERO, percent_of
from acompta.vocabulary import Regime


class Nature(StrEnum):
    """Nature of one line."""

    GOODS = vocabulary.GOODS
    SERVICE = vocabulary.SERVICE
    DISBURSEMENT = vocabulary.DISBURSEMENT


class LineRegime(StrEnum):
    """Why a line bears no VAT; the value is what ``regime:`` says in the ledger (NONE: ordinary VAT).

    FRANCHISE is never typed: it is the seller's regime on the day of what the line bills (CGI art. 293 B), which may
    no longer be that of the day of the document.
    """

    NONE = ""
    REVERSE_CHARGE_BUILDING = "autoliquidation-btp"
    INTRACOM_GOODS = "intracom-biens"
    INTRACOM_SERVICES = "intracom-services"
    EXPORT = "export"
    # What "export" is for a service: no export at all, but a service that is not located in France (CGI art. 259, 1°).
    SERVICES_ABROAD = "services-hors-ue"
    EXEMPT = "exonere"
    FRANCHISE = Regime.FRANCHISE.value
    # Prepaid credits whose rate is not known when they are sold: VAT on use (CGI art. 256 ter).
    MULTI_PURPOSE = "bon-multi-usages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One day (``start == end``) or a span of days, both included."""

    start: datetime.date
    end: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Progress of one contract line: amounts before tax, and the percentages they come from."""

    contract: Decimal
    previous: Decimal
    current: Decimal
    cumulative: Decimal
    previous_percent: Decimal
    cumulative_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. ``amount`` is before tax, what this document bills; a discount is negative.

    ``quantity`` and ``unit_price`` (before tax) are ``None`` where they make no sense: a deposit, a percentage.
    ``currency`` is that of the unit price, ``""`` for euros; ``unit_code`` is the UN/ECE code of the unit (``HUR``).
    ``details`` are printed small under the label; ``motive`` is the reason of an exemption or of a disbursement.
    ``prompt`` marks a discount for prompt payment (665), granted on the document itself.
    """

    label: str
    amount: Decimal
    rate: Decimal = ZERO
    lot: str = ""
    details: tuple[str, ...] = ()
    quantity: Decimal | None = None
    unit: str = ""
    unit_code: str = ""
    unit_price: Decimal | None = None
    currency: str = ""
    nature: Nature = Nature.SERVICE
    regime: LineRegime = LineRegime.NONE
    motive: str = ""
    delivery: Period | None = None
    progress: Progress | None = None
    place: Place | None = None
    prompt: bool = False


@dataclass(frozen=True, slots=True)
class Lot:
    """Lines that share a lot, in the order of their first line."""

    name: str
    lines: tuple[Line, ...]

    @property
    def amount(self) -> Decimal:
        """Total of the lot before tax, on this document."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def progress(self) -> Progress | None:
        """Progress of the whole lot; ``None`` when a line of it has none."""
        return sum_of_progress(self.lines)


def group_by_lot(lines: Sequence[Line]) -> tuple[Lot, ...]:
    """Group lines by lot, keeping the order in which lots and lines were typed."""
    grouped: dict[str, list[Line]] = {}
    for line in lines:
        grouped.setdefault(line.lot, []).append(line)
    return tuple(Lot(name, tuple(members)) for name, members in grouped.items())


def sum_of_progress(lines: Sequence[Line]) -> Progress | None:
    """Progress of several lines together; ``None`` when one has none."""
    steps = [line.progress for line in lines if line.progress is not None]
    if not steps or len(steps) != len(lines):
        return None
    contract = sum((step.contract for step in steps), ZERO)
    previous = sum((step.previous for step in steps), ZERO)
    current = sum((step.current for step in steps), ZERO)
    return Progress(
        contract=contract,
        previous=previous,
        current=current,
        cumulative=previous + current,
        previous_percent=percent_of(previous, contract),
        cumulative_percent=percent_of(previous + current, contract),
    )
