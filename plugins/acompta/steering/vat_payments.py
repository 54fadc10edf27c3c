"""The VAT to pay in the months to come: what returns left to pay, what was not declared yet, what will fall due.

The returns are those of the seller, by month or by quarter. A period that is over and that no entry has settled is what
its return says (`vat_return`, whole euros); the one that runs is what the VAT accounts hold of it, and each flow of the
forecast adds its own VAT on the day when it falls due: its receipt, or its bill on debits and for goods (CGI art.
269-2). A credit is set against the next returns (CGI art. 271-IV).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive, Transaction

from acompta.chart import Chart
from acompta.closing.periods import (
    Period,
    fiscal_year_of,
    read_year_end,
)
from acompta.closing.vat_boxes import whole
from acompta.closing.vat_entries import TaxEntry, tax_entries_upto
from acompta.closing.vat_movements import (
    COLLECTED,
    CREDIT_FORWARD,
    DEDUCTED,
    TO_PAY,
    declared_period,
    euros_of,
    is_opening,
    is_settlement,
    upto,
)
from acompta.closing.vat_periods import payment_day, vat_period
from acompta.closing.vat_return import vat_return
from acompta.dossier import Dossier
from acompta.rounding import ZERO

_A_DAY: Final = datetime.timedelta(days=1)
_Ends = dict[datetime.date, Decimal]


class VatPayment(NamedTuple):
    """One payment to the State: ``amount`` in euros, positive, owed on ``due``; ``declared`` when a return is made."""

    period: Period
    due: datetime.date
    amount: Decimal
    declared: bool


class FallingDue(NamedTuple):
    """VAT (euros, negative when deductible) that a flow of the forecast makes due on ``date``."""

    date: datetime.date
    vat: Decimal


class VatEffect(NamedTuple):
    """What an entry does to the VAT accounts (euros), ``end`` being the last day of the period that it belongs to.

    ``left`` is VAT to declare, ``to_pay`` what a return left on 44551, ``paid`` what was paid of it, ``credit`` what is
    carried forward on 44567.
    """

    end: datetime.date
    settlement: bool
    left: Decimal
    to_pay: Decimal
    paid: Decimal
    credit: Decimal


class VatReader:
    """Reads entries that touch the VAT accounts; what is the same for many is looked for once."""

    def __init__(self, dossier: Dossier) -> None:
        """Read under the sellers and the chart of ``dossier``."""
        self.dossier = dossier
        self.chart: Chart = dossier.chart
        self._periods: dict[tuple[int, int], Period] = {}
        self._year_starts: dict[datetime.date, bool] = {}

    def period(self, day: datetime.date) -> Period:
        """The period of the return that declares ``day``."""
        key = (day.year, day.month)
        found = self._periods.get(key)
        if found is None:
            found = vat_period(self.dossier.sellers.at(day), day)
            self._periods[key] = found
        return found

    def read(self, entry: Transaction) -> VatEffect:
        """What an entry that touches the VAT accounts does to them."""
        settlement = is_settlement(entry, self.chart)
        left = to_pay = paid = credit = ZERO
        for posting in entry.postings:
            role, amount = self.chart.get(posting.account).role, euros_of(posting)
            if role in COLLECTED or role in DEDUCTED:
                left -= amount
            elif role == CREDIT_FORWARD:
                credit += amount
            elif role == TO_PAY and amount < 0:
                to_pay -= amount
            elif role == TO_PAY:
                paid += amount
        end = self._end_of(entry, settlement=settlement)
        return VatEffect(end, settlement, left, to_pay, paid, credit)

    def _end_of(self, entry: Transaction, *, settlement: bool) -> datetime.date:
        """The last day of the period that an entry settles (``declaration:``), opens with, or is dated of."""
        period = self.period(entry.date)
        if settlement:
            declared = declared_period(entry)
            named = declared.end if declared is not None else None
            if named is None and entry.date != period.end:
                # Dated of the day of filing: it is the return of the period before.
                named = self.period(period.start - _A_DAY).end
            return named or period.end
        start = entry.date if self._starts_a_year(entry.date) else None
        if is_opening(entry, self.chart, start):
            return self.period(entry.date - _A_DAY).end
        return period.end

    def _starts_a_year(self, day: datetime.date) -> bool:
        """Whether a fiscal year starts on ``day``."""
        known = self._year_starts
        if day not in known:
            year_end = read_year_end(self.dossier.sellers.at(day).meta.get("fin-exercice"))
            known[day] = fiscal_year_of(day, year_end).start == day
        return known[day]


class _Position:
    """The VAT accounts at the end of a day, by the last day of the period that each entry belongs to."""

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        self.period = VatReader(dossier).period
        self.left: _Ends = {}
        self.settled: set[datetime.date] = set()
        self.to_pay: _Ends = {}
        self.paid = ZERO
        self.credit = ZERO

    def add(self, effect: VatEffect) -> None:
        """Take what one entry does."""
        end, settlement, left, to_pay, paid, credit = effect
        if settlement:
            self.settled.add(end)
        self.left[end] = self.left.get(end, ZERO) + left
        if to_pay:
            self.to_pay[end] = self.to_pay.get(end, ZERO) + to_pay
        self.paid += paid
        self.credit += credit

    def close(self) -> None:
        """What earlier periods have left goes with the last one settled: a settlement clears the accounts."""
        last = max(self.settled, default=datetime.date.min)
        for end in [end for end in self.left if end < last]:
            self.left[last] = self.left.get(last, ZERO) + self.left.pop(end)


def vat_payments(
    dossier: Dossier,
    entries: Sequence[Directive],
    effects: Iterable[VatEffect],
    coming: Iterable[FallingDue],
    at: datetime.date,
    taxed: Sequence[TaxEntry] | None = None,
) -> tuple[list[VatPayment], Decimal]:
    """What is to be paid after the end of the day ``at``, in order, and the credit of VAT left at the end (euros).

    ``entries`` are the ledger's, in order, ``effects`` what those of them up to ``at`` do to the VAT accounts,
    ``coming`` the VAT of the flows to come, ``taxed`` the `tax_entries` of ``entries``, for a caller that has them.
    """
    position = _Position(dossier)
    for effect in effects:
        position.add(effect)
    position.close()
    payments = list(_declared(position))
    nets = _nets(position, entries, at, taxed)
    for one in coming:
        end = position.period(one.date).end
        nets[end] = nets.get(end, ZERO) + one.vat
    credit = position.credit
    for end in sorted(nets):
        amount = whole(nets[end]) - credit
        credit = max(-amount, ZERO)
        if amount > 0:
            payments.append(_payment(position, end, amount, declared=False))
    return payments, credit


def _declared(position: _Position) -> Iterable[VatPayment]:
    """What the returns already made left on 44551, the oldest paid first."""
    paid = position.paid
    for end in sorted(position.to_pay):
        left = position.to_pay[end] - paid
        paid = max(-left, ZERO)
        if left > 0:
            yield _payment(position, end, left, declared=True)


def _payment(
    position: _Position, end: datetime.date, amount: Decimal, *, declared: bool
) -> VatPayment:
    period = position.period(end)
    due = payment_day(position.dossier.sellers.at(end), period)
    return VatPayment(period, due, amount, declared)


def _nets(
    position: _Position,
    entries: Sequence[Directive],
    at: datetime.date,
    taxed: Sequence[TaxEntry] | None,
) -> _Ends:
    """The VAT not settled yet, by the end of its period, before any credit."""
    nets = {end: left for end, left in position.left.items() if left}
    last = position.period(position.period(at).start - _A_DAY)
    if last.end in nets and last.end not in position.settled:
        known = tax_entries_upto(taxed, at) if taxed is not None else None
        boxes = vat_return(upto(entries, at), position.dossier, last, known).boxes
        nets[last.end] = boxes["16"].tax - (boxes["23"].tax - boxes["22"].tax)
    return nets
