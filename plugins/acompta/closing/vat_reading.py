"""What a return takes from the ledger, in one pass over the entries that touch VAT: movements, settlements, balances.

What stands before the period is the credit brought forward (44567) and the VAT that no settlement has cleared; a
settlement of the period is compared with the return, an earlier one is part of what stands before. Taxes declared on
the annex 3310 A (box 29) are the 447 lines that say so.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Transaction

from acompta.chart import Chart
from acompta.closing import vat_form
from acompta.closing.periods import Period
from acompta.closing.vat_entries import TaxEntry
from acompta.closing.vat_form import ANNEX, DEDUCTIBLE_BOXES, DUE_BOXES, MONACO, Section
from acompta.closing.vat_movements import (
    ASSIMILATED,
    CASE,
    DECLARATION,
    REFUND_CLAIMED,
    Movement,
    declared_period,
    euros_of,
    is_opening,
    movements_of,
    settles,
)
from acompta.messages import shown
from acompta.owed import Place, place_of
from acompta.rounding import ZERO, add_to

_TYPED_SECTIONS: Final = frozenset({Section.TAXED, Section.RATES})


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


@dataclass(slots=True)
class Reading:
    """What one pass over the ledger gives; amounts in euros, as the ledger signs them, by account.

    ``balances`` are the VAT of the period to clear, ``before`` what earlier periods left uncleared, ``credit`` what
    stands on 44567; ``annex`` the lines of box 29, ``refund_claimed`` what the settlements of the period claim back.
    """

    movements: list[Movement] = field(default_factory=list)
    settlements: list[Transaction] = field(default_factory=list)
    balances: dict[str, Decimal] = field(default_factory=dict)
    before: dict[str, Decimal] = field(default_factory=dict)
    credit: dict[str, Decimal] = field(default_factory=dict)
    refund_claimed: Decimal = ZERO
    findings: list[VatFinding] = field(default_factory=list)
    annex: list[VatLine] = field(default_factory=list)


def read_vat(
    taxed: Iterable[TaxEntry], chart: Chart, period: Period, year_start: datetime.date
) -> Reading:
    """What the return of ``period`` takes from the entries that touch VAT; its fiscal year began on ``year_start``."""
    reading = Reading()
    for one in taxed:
        entry = one.entry
        if one.is_settlement:
            _read_settlement(reading, one, chart, period)
        elif entry.date < period.start or is_opening(entry, chart, year_start):
            _add_balances(reading, one)
        elif entry.date <= period.end:
            _read_entry(reading, entry, chart)
    return reading


def _add_balances(reading: Reading, one: TaxEntry) -> None:
    for name, amount in one.credit:
        add_to(reading.credit, name, amount)
    for name, amount in one.cleared:
        add_to(reading.before, name, amount)


def _read_settlement(reading: Reading, one: TaxEntry, chart: Chart, period: Period) -> None:
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
            if chart.get(posting.account).number.startswith(REFUND_CLAIMED):
                reading.refund_claimed += euros_of(posting)
    elif entry.date < period.start or _is_earlier(entry, period):
        _add_balances(reading, one)


def _is_earlier(entry: Transaction, period: Period) -> bool:
    """A settlement dated in the period (or after it) that names an earlier return."""
    named = declared_period(entry)
    return named is not None and named.end < period.start and entry.date <= period.end


def _read_entry(reading: Reading, entry: Transaction, chart: Chart) -> None:
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
        return movement.case in DEDUCTIBLE_BOXES
    box = vat_form.BY_CODE.get(movement.case)
    typed = box is not None and box.section in _TYPED_SECTIONS
    return typed or movement.case in DUE_BOXES | {MONACO}


def _read_annex(reading: Reading, entry: Transaction, chart: Chart) -> None:
    """The taxes that a 447 line sends to box 29 (``case-ca3: "29"``): a credit is due, a debit takes it back."""
    for posting in entry.postings:
        if (posting.meta or {}).get(CASE) != ANNEX:
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
