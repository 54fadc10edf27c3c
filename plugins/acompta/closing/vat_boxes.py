"""The boxes of the 3310-CA3 filled: which one each movement goes to, their exact sums, and what is declared of them.

Rules: bases and tax are rounded to the nearest euro, half up (CGI art. 1724 and 1657), once per box, and the totals add
up rounded boxes as the form does; reverse-charged VAT is declared and deducted on the same return (CGI art. 283, 271);
corrections that exceed the operations of their box are not declared negative: their base goes to box B5 and their tax
to box 21, unsigned (CGI art. 272-1; notice 3310-NOT-CA3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from acompta.closing import vat_form
from acompta.closing.vat_form import ANNEX, DEDUCTIBLE_BOXES, DUE_BOXES, MONACO, Box, Section
from acompta.closing.vat_movements import (
    ASSETS_VAT,
    IMPORT,
    INTRA_EU_DUE,
    Movement,
)
from acompta.closing.vat_reading import Reading, VatLine
from acompta.closing.vat_untaxed import UntaxedLine
from acompta.rounding import ZERO
from acompta.vocabulary import GOODS

EURO: Final = Decimal(1)
_OPERATIONS: Final = {
    "autoliquidation-btp": "A2",
    "autoliquidation": "A2",
    "intracom-biens": "B2",
    "intracom-services": "A3",
    "export": "A4",
    IMPORT: "A4",
}
_IMPORTED: Final = frozenset({IMPORT, "export"})
_UNTAXED_BACK: Final = "F8"


def whole(amount: Decimal) -> Decimal:
    """Whole euros, halves away from zero (CGI art. 1724: the fraction of 0.50 counts for 1)."""
    return amount.quantize(EURO, ROUND_HALF_UP)


@dataclass(slots=True)
class BoxValue:
    """A box as filled: ``base`` and ``tax`` in whole euros as declared, the exact sums, and the lines behind them."""

    box: Box
    base: Decimal = ZERO
    tax: Decimal = ZERO
    exact_base: Decimal = ZERO
    exact_tax: Decimal = ZERO
    lines: list[VatLine] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """What the box shows in its last column: its tax; its base for the operations of part A."""
        return self.base if self.box.section in {Section.TAXED, Section.UNTAXED} else self.tax

    @property
    def is_filled(self) -> bool:
        """Whether something is declared in it, or stands behind it."""
        return bool(self.base or self.tax or self.lines)


def _territory(movement: Movement, default: str) -> str:
    """The territory of a VAT account that says its own (``territoire:`` on its ``open``)."""
    return vat_form.territory_named(movement.account.meta.get("territoire")) or default


def filled_boxes(
    reading: Reading, untaxed: Iterable[UntaxedLine], territory: str
) -> dict[str, BoxValue]:
    """Every box of the form, by code: what was read and the ``untaxed`` sales, rounded, and the totals."""
    boxes = {box.code: BoxValue(box) for box in vat_form.FORM}
    _place_movements(boxes, reading.movements, territory)
    for tax in reading.annex:
        _put(boxes, ANNEX, tax)
    _place_untaxed(boxes, untaxed)
    # Box 22: the balance of 44567 before the settlement of the period.
    boxes["22"].exact_tax = sum(reading.credit.values(), ZERO)
    _round(boxes)
    _total(boxes, reading.refund_claimed)
    return boxes


def _line(movement: Movement, base: Decimal, tax: Decimal) -> VatLine:
    note = "base calculée d'après la taxe" if movement.derived and movement.collected else ""
    entry = movement.entry
    parts = (entry.payee, movement.invoice or entry.meta.get("numero"), entry.narration)
    label = " · ".join(str(part) for part in parts if part)
    return VatLine(entry, movement.account.name, label, base, tax, movement.rate, note)


def _operation(movement: Movement) -> str:
    """The box of part A: where the operation is declared before tax."""
    box = vat_form.BY_CODE.get(movement.case)
    if movement.case in DUE_BOXES or (box is not None and box.section is Section.TAXED):
        return movement.case
    if movement.account.role == INTRA_EU_DUE and not movement.regime:
        return "B2" if movement.nature == GOODS else "A3"
    return _OPERATIONS.get(movement.regime, "A1")


def _place_movements(
    boxes: dict[str, BoxValue], movements: Iterable[Movement], territory: str
) -> None:
    """Fill the boxes; corrections that exceed the operations of their box are not declared negative (CGI art. 272-1).

    They are counted operation by operation: credit notes on sales never hide an acquisition in the Union that the
    same rate box declares (CGI art. 1788 A-4).
    """
    placed = []
    totals: dict[tuple[str, str], Decimal] = {}
    for movement in movements:
        rate = _rate_box(movement, _territory(movement, territory)) if movement.collected else ""
        key = (rate, _operation(movement) if movement.collected else _deductible_box(movement))
        placed.append((movement, key))
        totals[key] = totals.get(key, ZERO) + movement.tax
    for movement, key in placed:
        exceeds = movement.tax < 0 and totals[key] < 0
        if movement.collected:
            _place_collected(boxes, movement, key, exceeds=exceeds)
        else:
            _place_deductible(boxes, movement, key[1], exceeds=exceeds)


def _place_deductible(
    boxes: dict[str, BoxValue], movement: Movement, code: str, *, exceeds: bool
) -> None:
    if code in DUE_BOXES or (exceeds and code in DEDUCTIBLE_BOXES):
        _put(boxes, "15", _line(movement, ZERO, -movement.tax))
        return
    _put(boxes, code, _line(movement, ZERO, movement.tax))
    if movement.regime in _IMPORTED:
        _put(boxes, "24", _line(movement, ZERO, movement.tax))


def _place_collected(
    boxes: dict[str, BoxValue], movement: Movement, key: tuple[str, str], *, exceeds: bool
) -> None:
    rate, operation = key
    line = _line(movement, movement.base, movement.tax)
    if operation in DUE_BOXES:
        _put(boxes, operation, line)
        return
    if exceeds:
        _put(boxes, "B5", line._replace(base=-line.base, tax=ZERO))
        _put(boxes, "21", line._replace(base=ZERO, tax=-line.tax))
        return
    _put(boxes, rate, line)
    _put(boxes, operation, line._replace(tax=ZERO))
    if operation == "B2":
        _put(boxes, "17", line._replace(base=ZERO))
    if movement.case == MONACO:
        _put(boxes, MONACO, line._replace(base=ZERO))


def _rate_box(movement: Movement, territory: str) -> str:
    """The box of the rate, or the one that the line says."""
    typed = vat_form.BY_CODE.get(movement.case)
    if typed is not None and typed.section is Section.RATES:
        return typed.code
    rate = movement.rate if movement.rate is not None else ZERO
    return vat_form.rate_box(rate, territory, imported=movement.regime in _IMPORTED)


def _deductible_box(movement: Movement) -> str:
    if movement.case in DEDUCTIBLE_BOXES:
        return movement.case
    return "19" if movement.account.role == ASSETS_VAT else "20"


def _put(boxes: dict[str, BoxValue], code: str, line: VatLine) -> None:
    value = boxes[code]
    value.lines.append(line)
    value.exact_base += line.base
    value.exact_tax += line.tax


def _place_untaxed(boxes: dict[str, BoxValue], lines: Iterable[UntaxedLine]) -> None:
    """Untaxed sales in their boxes; credit notes that exceed the sales of their box are in F8, unsigned."""
    lines = [line for line in lines if line.box]
    totals: dict[str, Decimal] = {}
    for line in lines:
        totals[line.box] = totals.get(line.box, ZERO) + line.base
    for line in lines:
        exceeds = line.base < 0 and totals[line.box] < 0
        code, base = (_UNTAXED_BACK, -line.base) if exceeds else (line.box, line.base)
        _put(
            boxes,
            code,
            VatLine(line.entry, line.account, line.label, base, ZERO, None, line.reason),
        )


def _round(boxes: dict[str, BoxValue]) -> None:
    for value in boxes.values():
        value.base = whole(value.exact_base)
        value.tax = whole(value.exact_tax)


def _total(boxes: dict[str, BoxValue], refund: Decimal) -> None:
    """The totals of the form, from the rounded boxes as the form adds them."""
    gross = [v for v in boxes.values() if v.box.section is Section.RATES]
    _set(boxes, "16", sum((v.tax for v in gross), ZERO) + boxes["15"].tax + boxes["5B"].tax)
    _set(boxes, "23", sum((boxes[code].tax for code in ("19", "20", "21", "22", "2C")), ZERO))
    balance = boxes["16"].tax - boxes["23"].tax
    _set(boxes, "TD" if balance >= 0 else "25", abs(balance))
    _set(boxes, "26", min(whole(refund), boxes["25"].tax))
    _set(boxes, "27", boxes["25"].tax - boxes["26"].tax)
    _set(boxes, "28", boxes["TD"].tax)
    _set(boxes, "32", boxes["28"].tax + boxes["29"].tax)


def _set(boxes: dict[str, BoxValue], code: str, amount: Decimal) -> None:
    boxes[code].tax = boxes[code].exact_tax = whole(amount)
