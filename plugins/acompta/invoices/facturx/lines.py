"""BG-25, BG-20 and BG-23: lines, discounts and VAT breakdown, with the amounts of the page and no other.

A line is worth what the engine posted. Its quantity and price are those typed when they make that amount to the cent;
otherwise (progress, deposit, price in a currency) it is one unit of its amount. Prices are never negative: a line that
takes something off has a negative quantity (BR-FR-DEC-03), and a discount is an allowance (BG-20).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from acompta.french import euros, percent, period, short_day
from acompta.invoices.facturx import codes
from acompta.invoices.facturx.codes import Category, Exemption
from acompta.invoices.mentions import wording
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import Line, LineRegime, Nature
from acompta.invoices.view.totals import RateTotal
from acompta.rounding import CENT, ZERO, cents

_QUANTITY_DECIMALS: Final = 4
_PRICE_DECIMALS: Final = 6
_ONE: Final = Decimal(1)
_NO_RATE: Final = Decimal(0)


def money(amount: Decimal) -> str:
    """An amount as the format writes it: a point, two decimals."""
    return f"{cents(amount):f}"


def plain(value: Decimal) -> str:
    """A quantity, a price or a rate with the decimals it has."""
    return f"{value.normalize():f}"


def rate_text(rate: Decimal) -> str:
    """A rate with two decimals, as the French list writes them (BR-FR-16)."""
    text = f"{cents(rate):f}"
    return text if Decimal(text) else "0.00"


# -- categories -------------------------------------------------------------------------------------------------


class Categories:
    """Decides the VAT category of what a document bills, and why it bears none."""

    def __init__(self, view: DocumentView) -> None:
        """Take the document."""
        self._view = view

    def of(self, rate: Decimal, regime: LineRegime, *, outside: bool, motive: str = "") -> Category:
        """BT-118 and BT-119 of a line or of a total; ``rate`` is in percent."""
        found = self._exemption(rate, regime, outside=outside, motive=motive)
        if found is None:
            return Category(codes.STANDARD, rate)
        return Category(found.category, None if found.category == codes.NOT_SUBJECT else _NO_RATE)

    def of_line(self, line: Line) -> Category:
        """Category of a line."""
        outside = line.nature is Nature.DISBURSEMENT
        return self.of(line.rate, line.regime, outside=outside, motive=line.motive)

    def of_total(self, total: RateTotal) -> Category:
        """Category of a base and its VAT."""
        return self.of(total.rate, total.regime, outside=total.outside)

    def reason(self, line: Line) -> tuple[str, str]:
        """BT-120 and BT-121 of a line without VAT, ``""`` for the others."""
        outside = line.nature is Nature.DISBURSEMENT
        found = self._exemption(line.rate, line.regime, outside=outside, motive=line.motive)
        return ("", "") if found is None else (self._words(line), found.code)

    def reason_of_franchise(self, total: RateTotal) -> tuple[str, str]:
        """BT-120 and BT-121 of a deposit billed in franchise and taken off since, ``""`` for the others."""
        if total.outside or not self._in_franchise(total.rate, total.regime):
            return "", ""
        return wording("franchise", self._view.date), codes.FRANCHISE.code

    def _exemption(
        self, rate: Decimal, regime: LineRegime, *, outside: bool, motive: str
    ) -> Exemption | None:
        """Why there is no VAT; ``None`` where there is. No French rate is zero: 0 % is outside VAT (penalties)."""
        if outside:
            return codes.DISBURSEMENT
        if self._in_franchise(rate, regime):
            return codes.FRANCHISE
        if regime is LineRegime.EXEMPT:
            return Exemption(codes.EXEMPT, codes.exemption_code(motive))
        if regime is LineRegime.NONE and not rate:
            return codes.OUTSIDE
        return codes.REGIMES.get(regime)

    def _in_franchise(self, rate: Decimal, regime: LineRegime) -> bool:
        """Billed in franchise, today or when the deposit taken off was invoiced (CGI art. 293 B)."""
        return regime is LineRegime.FRANCHISE or (self._view.franchise and not rate)

    def _words(self, line: Line) -> str:
        view = self._view
        if line.nature is Nature.DISBURSEMENT:
            return wording("debours", view.date).format(motive=line.motive)
        if self._in_franchise(line.rate, line.regime):
            return wording("franchise", view.date)
        if line.regime is LineRegime.NONE:
            return wording("hors-champ", view.date)
        return wording(line.regime, view.date).format(motive=line.motive)


# -- lines ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Item:
    """A line of the invoice before it gets its rank: amounts in euros, ``price`` never negative."""

    name: str
    amount: Decimal
    category: Category
    quantity: Decimal
    price: Decimal
    unit: str = codes.ONE_UNIT
    description: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def fields(self, rank: int) -> dict[str, Any]:
        """The line as the library takes it."""
        found = {
            "BT-126": str(rank),
            "BT-129": plain(self.quantity),
            "BT-130": self.unit,
            "BT-131": money(self.amount),
            "BT-146": plain(self.price) if self.price % CENT else money(self.price),
            "BT-151": self.category.code,
            "BT-153": self.name,
            **self.more,
        }
        if self.category.rate is not None:
            found["BT-152"] = rate_text(self.category.rate)
        if self.description:
            found["BT-154"] = self.description
        return found


def items_of(view: DocumentView, categories: Categories) -> list[Item]:
    """The lines billed: a line of nothing (billed earlier) is left out, unless there is no other."""
    billed = [line for line in view.lines if line.amount and not is_discount(line)]
    kept = billed or [line for line in view.lines if not is_discount(line)]
    return [_item(line, categories) for line in kept]


def is_discount(line: Line) -> bool:
    """A discount typed as such (``REMISE``): no quantity, no progress, taken off."""
    return line.quantity is None and line.progress is None and line.amount < 0


def _item(line: Line, categories: Categories) -> Item:
    quantity, price = _quantity_and_price(line)
    whole = quantity is None or price is None
    more: dict[str, Any] = {}
    if line.delivery is not None:
        more = {"BT-134": line.delivery.start, "BT-135": line.delivery.end}
    return Item(
        name=_one_line(line.label),
        amount=line.amount,
        category=categories.of_line(line),
        quantity=_ONE.copy_sign(line.amount) if quantity is None else quantity,
        price=abs(line.amount) if price is None else price,
        unit=codes.ONE_UNIT if whole else line.unit_code or codes.ONE_UNIT,
        description=_description(line, whole=whole),
        more=more,
    )


def _quantity_and_price(line: Line) -> tuple[Decimal | None, Decimal | None]:
    """Quantity and price when they make the amount to the cent, in euros and within the decimals allowed."""
    quantity, price = line.quantity, line.unit_price
    if quantity is None or price is None or line.currency:
        return None, None
    if price < 0:
        quantity, price = -quantity, -price
    fits = _decimals(quantity) <= _QUANTITY_DECIMALS and _decimals(price) <= _PRICE_DECIMALS
    exact = cents(quantity * price) == line.amount
    return (quantity, price) if fits and exact else (None, None)


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _description(line: Line, *, whole: bool) -> str:
    """BT-154: lot, details, and what the columns of the page say that no field holds."""
    parts = [f"Lot {line.lot}" if line.lot else "", *line.details]
    step = line.progress
    if step is not None:
        parts.append(
            f"Marché {euros(step.contract)}, déjà facturé {euros(step.previous)}, cumul {euros(step.cumulative)} "
            f"({percent(step.cumulative_percent)})"
        )
    elif whole and line.quantity is not None and line.unit_price is not None and line.unit:
        parts.append(
            f"{plain(line.quantity)} {line.unit} × {plain(line.unit_price)} {line.currency}"
        )
    if line.delivery is not None:
        parts.append(period(line.delivery.start, line.delivery.end))
    return _one_line(" ; ".join(part for part in parts if part))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def recovered_items(
    view: DocumentView, categories: Categories, *, referenced: bool
) -> Iterator[Item]:
    """Per deposit and rate, one line of quantity −1 at a positive price (XP Z12-014, case 20).

    ``referenced``: each also carries the number, type and date of its deposit (EXT-FR-FE-136, 137, 138).
    """
    for deposit in view.recovered:
        more: dict[str, Any] = {}
        if referenced:
            more = {
                "EXT-FR-FE-136": deposit.number,
                "EXT-FR-FE-137": codes.type_of_kind(deposit.kind),
                "EXT-FR-FE-138": deposit.date,
            }
        name = f"{deposit.title} {deposit.number} du {short_day(deposit.date)}"
        for total in deposit.totals.rates:
            yield Item(
                name=name,
                amount=-total.base,
                category=categories.of_total(total),
                quantity=-_ONE.copy_sign(total.base),
                price=abs(total.base),
                more=dict(more),
            )


def compensation_item(view: DocumentView) -> Item | None:
    """What is kept or added beside a credit note, outside VAT (CJUE C-277/05)."""
    beside = view.compensation
    if beside is None:
        return None
    return Item(
        name=beside.label,
        amount=beside.amount,
        category=Category(codes.NOT_SUBJECT, None),
        quantity=_ONE.copy_sign(beside.amount),
        price=abs(beside.amount),
    )


def allowances_of(view: DocumentView, categories: Categories) -> list[dict[str, Any]]:
    """BG-20: discounts."""
    found = []
    for line in view.lines:
        if is_discount(line):
            category = categories.of_line(line)
            fields = {
                "amount": money(-line.amount),
                "reason": _one_line(line.label),
                "reason_code": codes.DISCOUNT_REASON,
                "vat_category_code": category.code,
            }
            if category.rate is not None:
                fields["vat_rate"] = rate_text(category.rate)
            found.append(fields)
    return found


# -- the breakdown ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    base: Decimal = ZERO
    vat: Decimal = ZERO
    reasons: dict[str, None] = field(default_factory=dict)
    reason_codes: dict[str, None] = field(default_factory=dict)


def breakdown(
    view: DocumentView, rates: tuple[RateTotal, ...], categories: Categories, items: list[Item]
) -> list[dict[str, Any]]:
    """BG-23: base and VAT of each category, as posted; every category of a line has its row, even of nothing."""
    groups: dict[Category, _Group] = {}
    for total in rates:
        group = groups.setdefault(categories.of_total(total), _Group())
        group.base += total.base
        group.vat += total.vat
    for item in items:
        groups.setdefault(item.category, _Group())
    reasons = [(categories.of_line(line), categories.reason(line)) for line in view.lines]
    reasons += [
        (categories.of_total(total), categories.reason_of_franchise(total))
        for deposit in view.recovered
        for total in deposit.totals.rates
    ]
    for category, (reason, code) in reasons:
        if reason:
            group = groups.setdefault(category, _Group())
            group.reasons[reason] = None
            group.reason_codes[code] = None
    _add_compensation(view, groups)
    return [_row(category, group) for category, group in groups.items()]


def _add_compensation(view: DocumentView, groups: dict[Category, _Group]) -> None:
    if view.compensation is not None:
        group = groups.setdefault(Category(codes.NOT_SUBJECT, None), _Group())
        group.base += view.compensation.amount
        group.reasons[wording("hors-champ", view.date)] = None
        group.reason_codes[codes.OUTSIDE.code] = None


def _row(category: Category, group: _Group) -> dict[str, Any]:
    row = {"BT-116": money(group.base), "BT-117": money(group.vat), "BT-118": category.code}
    if category.rate is not None:
        row["BT-119"] = rate_text(category.rate)
    if group.reasons:
        row["BT-120"] = " ; ".join(group.reasons)
    known = [code for code in group.reason_codes if code]
    if len(group.reason_codes) == 1 and known:
        row["BT-121"] = known[0]
    return row
