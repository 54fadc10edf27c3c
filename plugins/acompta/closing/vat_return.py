"""The return 3310-CA3 of a month or a quarter, from the movements of the VAT accounts: a pure function.

`vat_return` gives every box of the form with the entries behind it, the settlement that the accounts call for, and the
comparison of what is declared with the accounts, each difference explained.

Rules: VAT is declared for the period in which it falls due (CGI art. 269, 287), on receipts from what was settled;
bases and tax are rounded to the nearest euro, half up (CGI art. 1724 and 1657); reverse-charged VAT is declared and
deducted on the same return (CGI art. 283, 271); corrections that exceed the operations of their box are not declared
negative: their base goes to box B5 and their tax to box 21, unsigned (CGI art. 272-1; notice 3310-NOT-CA3). Taxes
declared on the annex 3310 A (box 29) are the 447 lines that say so; the taxes on energy (TIC), the groups of companies
and the single taxation coefficient (22A) are not handled.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive, Transaction

from acompta.chart import Chart
from acompta.closing import vat_form
from acompta.closing.franchise import overrun
from acompta.closing.periods import Period, fiscal_year_of, read_year_end
from acompta.closing.vat_entries import CLEARED, TaxEntry, tax_entries
from acompta.closing.vat_form import Box, Section
from acompta.closing.vat_movements import (
    ASSETS_VAT,
    ASSIMILATED,
    CASE,
    DECLARATION,
    IMPORT,
    INTRA_EU_DUE,
    Movement,
    declared_period,
    euros_of,
    is_opening,
    movements_of,
    settles,
    within,
)
from acompta.closing.vat_periods import vat_period
from acompta.closing.vat_untaxed import UntaxedLine, untaxed_lines
from acompta.dossier import Dossier
from acompta.messages import euros, shown
from acompta.owed import Place, place_of
from acompta.reading.model import Seller
from acompta.rounding import ZERO, add_to
from acompta.vocabulary import GOODS, Regime

EURO: Final = Decimal(1)
_REFUND_CLAIMED: Final = "44583"
_OPERATIONS: Final = {
    "autoliquidation-btp": "A2",
    "autoliquidation": "A2",
    "intracom-biens": "B2",
    "intracom-services": "A3",
    "export": "A4",
    IMPORT: "A4",
}
_IMPORTED: Final = frozenset({IMPORT, "export"})
_ANNEX: Final = "29"
_UNTAXED_BACK: Final = "F8"
FRANCHISE_LIMIT: Final = "franchise-seuil"
# What a claim must reach, in euros (CGI ann. II art. 242-0 C).
_LEAST_REFUND: Final = Decimal(760)
_LEAST_OF_YEAR: Final = Decimal(150)
_MONACO: Final = "18"
DUE_BOXES: Final = frozenset({"15", "5B"})
_DEDUCTIBLE_BOXES: Final = frozenset({"15", "19", "20", "21", "2C"})
_TYPED_SECTIONS: Final = frozenset({Section.TAXED, Section.RATES})


def whole(amount: Decimal) -> Decimal:
    """Whole euros, halves away from zero (CGI art. 1724: the fraction of 0.50 counts for 1)."""
    return amount.quantize(EURO, ROUND_HALF_UP)


class VatLine(NamedTuple):
    """One entry behind a box: base and tax in euros, exact; ``note`` says what is worth knowing about it."""

    entry: Transaction
    account: str
    label: str
    base: Decimal
    tax: Decimal
    rate: Decimal | None = None
    note: str = ""

    @property
    def date(self) -> datetime.date:
        """Date of the entry."""
        return self.entry.date

    @property
    def place(self) -> Place:
        """File and line of the entry."""
        return place_of(self.entry)


class VatFinding(NamedTuple):
    """Something to look at before declaring; ``code`` is stable, ``message`` says what to type."""

    code: str
    message: str
    place: Place | None = None


class Difference(NamedTuple):
    """A line of the comparison with the accounts, in euros; ``key`` is stable."""

    key: str
    title: str
    amount: Decimal
    note: str = ""


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


@dataclass(frozen=True, slots=True)
class VatReturn:
    """The return of a period.

    ``boxes`` holds every box of the form, by code, in its order; ``balances`` the VAT to clear per account (euros,
    as the ledger signs it), ``settlements`` the entries that clear it already, ``credit_before`` the credit brought
    forward.
    """

    period: Period
    seller: Seller
    territory: str
    boxes: dict[str, BoxValue]
    balances: dict[str, Decimal]
    credit_before: dict[str, Decimal]
    refund_claimed: Decimal
    settlements: tuple[Transaction, ...]
    movements: tuple[Movement, ...]
    untaxed: tuple[UntaxedLine, ...]
    findings: tuple[VatFinding, ...]
    year_start: datetime.date

    @property
    def due(self) -> Decimal:
        """Net VAT to pay, whole euros (box 32)."""
        return self.boxes["32"].tax

    @property
    def credit(self) -> Decimal:
        """Credit to carry forward, whole euros (box 27)."""
        return self.boxes["27"].tax

    @property
    def franchise(self) -> bool:
        """Whether the seller declares no VAT (CGI art. 293 B): a « néant » return, or none."""
        return self.seller.regime is Regime.FRANCHISE

    def filled(self) -> list[BoxValue]:
        """The boxes that say something, in the order of the form."""
        return [value for value in self.boxes.values() if value.is_filled]


def vat_return(
    entries: Sequence[Directive],
    dossier: Dossier,
    period: Period,
    taxed: Sequence[TaxEntry] | None = None,
) -> VatReturn:
    """The return of ``period`` from the ``entries`` of the ledger as loaded and its ``dossier``.

    ``taxed`` are the `tax_entries` of these entries, for a caller that has them.
    """
    if taxed is None:
        taxed = tax_entries(entries, dossier.chart)
    seller = dossier.sellers.at(period.end)
    territory = territory_of(seller)
    reading = _read(taxed, dossier, period, seller)
    boxes = {box.code: BoxValue(box) for box in vat_form.FORM}
    _place_movements(boxes, reading.movements, territory)
    for tax in reading.annex:
        _put(boxes, _ANNEX, tax)
    untaxed = untaxed_lines(within(entries, period), dossier, period)
    _place_untaxed(boxes, untaxed)
    _carry_forward(boxes, reading)
    _round(boxes)
    _total(boxes, reading.refund_claimed)
    findings = [*reading.findings, *_untaxed_findings(untaxed)]
    part_of = vat_period(seller, period.end)
    if part_of.start < period.start or period.end < part_of.end:
        findings.append(_part_of_quarter(period, part_of))
    elif seller.regime is not Regime.FRANCHISE:
        findings += _balance_findings(reading, dossier.chart, period)
    findings += _refund_findings(reading.refund_claimed, period)
    if seller.regime is Regime.FRANCHISE and (passed := overrun(entries, dossier, period)):
        findings.append(VatFinding(FRANCHISE_LIMIT, passed.message, passed.place))
    return VatReturn(
        period,
        seller,
        territory,
        boxes,
        reading.balances,
        reading.credit,
        reading.refund_claimed,
        tuple(reading.settlements),
        tuple(reading.movements),
        untaxed,
        tuple(findings),
        _year_start(period, seller),
    )


def territory_of(seller: Seller) -> str:
    """Métropole, DOM or Corse: ``territoire:`` of the seller, else the postal code of its address."""
    said = seller.text("territoire")
    for name in vat_form.TERRITORIES:
        if said is not None and said.casefold() == name.casefold():
            return name
    for word in (seller.text("adresse") or "").split():
        if len(word) == 5 and word.isdigit():
            if word.startswith("97"):
                return vat_form.DOM
            if word.startswith("20"):
                return vat_form.CORSICA
            return vat_form.METROPOLE
    return vat_form.METROPOLE


def _territory(movement: Movement, default: str) -> str:
    """The territory of a VAT account that says its own (``territoire:`` on its ``open``)."""
    said = movement.account.meta.get("territoire")
    for name in vat_form.TERRITORIES:
        if isinstance(said, str) and said.casefold() == name.casefold():
            return name
    return default


def _year_start(period: Period, seller: Seller) -> datetime.date:
    return fiscal_year_of(period.start, read_year_end(seller.meta.get("fin-exercice"))).start


# -- reading the ledger ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """What one pass over the ledger gives."""

    movements: list[Movement] = field(default_factory=list)
    settlements: list[Transaction] = field(default_factory=list)
    balances: dict[str, Decimal] = field(default_factory=dict)
    before: dict[str, Decimal] = field(default_factory=dict)
    credit: dict[str, Decimal] = field(default_factory=dict)
    refund_claimed: Decimal = ZERO
    findings: list[VatFinding] = field(default_factory=list)
    annex: list[VatLine] = field(default_factory=list)


def _read(taxed: Iterable[TaxEntry], dossier: Dossier, period: Period, seller: Seller) -> _Reading:
    chart = dossier.chart
    reading = _Reading()
    year_start = _year_start(period, seller)
    for one in taxed:
        entry = one.entry
        if one.is_settlement:
            _read_settlement(reading, one, chart, period)
        elif entry.date < period.start or is_opening(entry, chart, year_start):
            _add_balances(reading, one)
        elif entry.date <= period.end:
            _read_entry(reading, entry, chart)
    return reading


def _add_balances(reading: _Reading, one: TaxEntry) -> None:
    for name, amount in one.credit:
        add_to(reading.credit, name, amount)
    for name, amount in one.cleared:
        add_to(reading.before, name, amount)


def _read_settlement(reading: _Reading, one: TaxEntry, chart: Chart, period: Period) -> None:
    """A settlement of this period is compared with the return; an earlier one made the credit brought forward."""
    entry = one.entry
    if settles(entry, period):
        reading.settlements.append(entry)
        typed = entry.meta.get(DECLARATION)
        if typed is not None and declared_period(entry) is None:
            reading.findings.append(
                VatFinding(
                    "declaration-illisible",
                    f"clé « declaration » : lu {shown(typed)} ; tapez un mois 2026-03 ou un trimestre 2026-T1 (prise"
                    " pour la période de sa date)",
                    place_of(entry),
                )
            )
        for posting in entry.postings:
            if chart.get(posting.account).number.startswith(_REFUND_CLAIMED):
                reading.refund_claimed += euros_of(posting)
    elif entry.date < period.start or _is_earlier(entry, period):
        _add_balances(reading, one)


def _is_earlier(entry: Transaction, period: Period) -> bool:
    """A settlement dated in the period (or after it) that names an earlier return."""
    named = declared_period(entry)
    return named is not None and named.end < period.start and entry.date <= period.end


def _read_entry(reading: _Reading, entry: Transaction, chart: Chart) -> None:
    _read_annex(reading, entry, chart)
    for movement in movements_of(entry, chart):
        reading.movements.append(movement)
        sign = -1 if movement.collected else 1
        add_to(reading.balances, movement.account.name, sign * movement.tax)
        if movement.case and not _takes(movement):
            reading.findings.append(
                VatFinding(
                    "case-ca3",
                    f"case-ca3: « {movement.case} » sous {movement.account.name} n'est pas une case où cette TVA"
                    " se déclare : elle l'est comme si rien n'était dit",
                    place_of(entry),
                )
            )
        if movement.collected and movement.rate is None:
            reading.findings.append(
                VatFinding(
                    "tva-sans-taux",
                    f"TVA collectée sur {movement.account.name} dont rien ne dit le taux : tapez taux: 20 sur la ligne"
                    " open de ce compte (déclarée en attendant avec les anciens taux, case 13)",
                    place_of(entry),
                )
            )
        if movement.collected and movement.regime == "autoliquidation":
            reading.findings.append(
                VatFinding(
                    "autoliquidation-sans-regime",
                    'TVA autoliquidée sans régime, déclarée case A2 : tapez regime: "autoliquidation-btp",'
                    ' "intracom-biens", "intracom-services" ou "import" sur l\'écriture',
                    place_of(entry),
                )
            )


def _takes(movement: Movement) -> bool:
    """Whether the box that a line says can declare it."""
    if not movement.collected:
        return movement.case in _DEDUCTIBLE_BOXES
    box = vat_form.BY_CODE.get(movement.case)
    typed = box is not None and box.section in _TYPED_SECTIONS
    return typed or movement.case in DUE_BOXES | {_MONACO}


def _read_annex(reading: _Reading, entry: Transaction, chart: Chart) -> None:
    """The taxes that a 447 line sends to box 29 (``case-ca3: "29"``): a credit is due, a debit takes it back."""
    for posting in entry.postings:
        if (posting.meta or {}).get(CASE) != _ANNEX:
            continue
        if chart.get(posting.account).number.startswith(ASSIMILATED):
            amount = euros_of(posting)
            label = " · ".join(filter(None, (entry.payee, entry.narration)))
            reading.annex.append(VatLine(entry, posting.account, label, ZERO, -amount))
            add_to(reading.balances, posting.account, amount)
        else:
            reading.findings.append(
                VatFinding(
                    "case-ca3",
                    f'case-ca3: "29" sous {posting.account} : les taxes de l\'annexe 3310 A se disent sous une ligne'
                    " d'un compte 447",
                    place_of(entry),
                )
            )


# -- filling the boxes ----------------------------------------------------------------------------------------


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
    if code in DUE_BOXES or (exceeds and code in _DEDUCTIBLE_BOXES):
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
    if movement.case == _MONACO:
        _put(boxes, _MONACO, line._replace(base=ZERO))


def _rate_box(movement: Movement, territory: str) -> str:
    """The box of the rate, or the one that the line says."""
    typed = vat_form.BY_CODE.get(movement.case)
    if typed is not None and typed.section is Section.RATES:
        return typed.code
    rate = movement.rate if movement.rate is not None else ZERO
    return vat_form.rate_box(rate, territory, imported=movement.regime in _IMPORTED)


def _deductible_box(movement: Movement) -> str:
    if movement.case in _DEDUCTIBLE_BOXES:
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


def _carry_forward(boxes: dict[str, BoxValue], reading: _Reading) -> None:
    """Box 22: the balance of 44567 before the settlement of the period."""
    boxes["22"].exact_tax = sum(reading.credit.values(), ZERO)


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


# -- what to look at ------------------------------------------------------------------------------------------


def _untaxed_findings(lines: Iterable[UntaxedLine]) -> list[VatFinding]:
    return [
        VatFinding(
            "produit-sans-taux",
            f'produit de {line.account} sans TVA ni raison : tapez regime: "exonere" et motif: "…" sous la ligne,'
            " ou la TVA sur 44571",
            place_of(line.entry),
        )
        for line in lines
        if not line.box
    ]


def _part_of_quarter(period: Period, quarter: Period) -> VatFinding:
    return VatFinding(
        "periode-trimestrielle",
        f"l'émetteur déclare par trimestre (periodicite-tva: \"trimestre\") : {period.title} n'est qu'une partie de sa"
        f" déclaration ; tapez {quarter.name}",
    )


def _refund_findings(claimed: Decimal, period: Period) -> list[VatFinding]:
    """A claim below what may be claimed: 760 € for a month or a quarter, 150 € at the end of the civil year."""
    ends_year = (period.end.month, period.end.day) == (12, 31)
    least = _LEAST_OF_YEAR if ends_year else _LEAST_REFUND
    if not ZERO < claimed < least:
        return []
    when = "en fin d'année civile" if ends_year else "pour un mois ou un trimestre"
    return [
        VatFinding(
            "remboursement-minimum",
            f"remboursement demandé de {euros(claimed)} : il faut au moins {euros(least)} {when} (CGI ann. II"
            " art. 242-0 C) ; reportez le crédit au 44567",
        )
    ]


def _balance_findings(reading: _Reading, chart: Chart, period: Period) -> list[VatFinding]:
    """VAT of an earlier period that no settlement has cleared."""
    left = {name: amount for name, amount in reading.before.items() if amount}
    return [
        VatFinding(
            "tva-non-liquidee",
            f"{name} n'était pas soldé avant le {period.start:%d/%m/%Y} (reste {euros(amount)}) : la TVA d'une période"
            " antérieure n'est pas liquidée, elle n'est pas dans cette déclaration",
        )
        for name, amount in left.items()
        if chart.get(name).role in CLEARED
    ]


__all__ = [
    "BoxValue",
    "Difference",
    "VatFinding",
    "VatLine",
    "VatReturn",
    "euros_of",
    "vat_return",
    "whole",
]
