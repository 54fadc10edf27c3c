"""One period of a ledger, read once: what every check of the closing looks at."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from beancount.core.data import Balance, BeancountError, Directive, Transaction

from acompta.chart import Account, Chart
from acompta.closing.cutoff.making import CutOff
from acompta.closing.cutoff.proposals import cut_offs
from acompta.closing.fec.opening import LOSS, PROFIT, result_account
from acompta.closing.journals import Books
from acompta.closing.lettering import Lettering, letter_books
from acompta.closing.periods import (
    Period,
    fiscal_year_of,
    months_back,
    period_before,
    read_year_end,
)
from acompta.closing.vat_entries import TaxEntry, tax_entries
from acompta.closing.vat_movements import upto, within
from acompta.closing.vat_periods import QUARTERLY, vat_period
from acompta.closing.vat_report import VatDeclaration, declaration
from acompta.closing.vat_return import VatReturn, vat_return
from acompta.dossier import OPTION, Dossier, Holder
from acompta.owed import AgedBalance, Place, place_of
from acompta.receivables import Book, aged_balance, read_book
from acompta.rounding import ZERO, add_to
from acompta.vocabulary import EUR, Regime

_RESULT: Final = frozenset({"6", "7"})

# Euros, debit positive, and the entry that moves them.
_Move = tuple[Decimal, Transaction]


@dataclass(slots=True)
class Totals:
    """Balance of each account in euros, debit positive: before the period, at its end; movements of class 6 and 7.

    Classes 6 and 7 start each fiscal year at zero, the results of earlier years standing on 120 or 129 (PCG art.
    1212-12): Beancount clears nothing, so they are carried here.
    ``result_before`` are the movements of the same period a year earlier, ``earlier`` the result of each fiscal year
    before this one, by its last day (debit positive: a loss). ``lowest`` is what treasury accounts fell to below zero
    in the period, ``latest`` the last entry that moved each account.
    """

    before: dict[str, Decimal] = field(default_factory=dict)
    at_end: dict[str, Decimal] = field(default_factory=dict)
    result: dict[str, Decimal] = field(default_factory=dict)
    result_before: dict[str, Decimal] = field(default_factory=dict)
    oldest: dict[str, datetime.date] = field(default_factory=dict)
    lowest: dict[str, tuple[Decimal, datetime.date, Transaction]] = field(default_factory=dict)
    latest: dict[str, Transaction] = field(default_factory=dict)
    earlier: dict[datetime.date, Decimal] = field(default_factory=dict)


class PeriodView:
    """A period of a loaded ledger; each reading is made when first asked for, and once."""

    def __init__(
        self,
        entries: Sequence[Directive],
        errors: Sequence[BeancountError],
        dossier: Dossier,
        options: dict[str, Any],
        period: Period,
    ) -> None:
        """Look at ``period`` of the ledger as loaded; ``options`` are the ledger's."""
        self.entries = entries
        self.errors = errors
        self.dossier = dossier
        self.options = options
        self.period = period

    @property
    def chart(self) -> Chart:
        """The accounts."""
        return self.dossier.chart

    @property
    def end(self) -> datetime.date:
        """Last day of the period."""
        return self.period.end

    @cached_property
    def year_start(self) -> datetime.date:
        """First day of the fiscal year that the period belongs to."""
        return fiscal_year_of(self.end, self.year_end).start

    @cached_property
    def year_end(self) -> tuple[int, int] | None:
        """Month and day of the end of a fiscal year, as the seller says; ``None`` for 31 December."""
        return read_year_end(self.dossier.sellers.at(self.end).meta.get("fin-exercice"))

    @property
    def closes_year(self) -> bool:
        """Whether the fiscal year ends with the period."""
        return fiscal_year_of(self.end, self.year_end).end == self.end

    @cached_property
    def transactions(self) -> list[Transaction]:
        """Entries of the period with lines."""
        return [
            entry
            for entry in within(self.entries, self.period)
            if isinstance(entry, Transaction) and entry.postings
        ]

    @cached_property
    def past(self) -> list[Transaction]:
        """Every entry with lines up to the end of the period."""
        return [
            entry
            for entry in upto(self.entries, self.end)
            if isinstance(entry, Transaction) and entry.postings
        ]

    @cached_property
    def assertions(self) -> dict[str, Balance]:
        """The last balance asserted at the end of the period, by account: Beancount dates it of the next morning."""
        morning = self.period.next_day
        return {
            entry.account: entry
            for entry in self.entries
            if isinstance(entry, Balance) and entry.date == morning
        }

    @cached_property
    def totals(self) -> Totals:
        """Balances and movements, account by account."""
        totals = Totals()
        for name, moves in self._moves.items():
            totals.latest[name] = moves[-1][1]
            if self.chart.get(name).pcg_class in _RESULT:
                self._add_result(totals, name, moves)
            else:
                self._add_balance(totals, name, moves)
        self._carry_results(totals)
        return totals

    @cached_property
    def _moves(self) -> dict[str, list[_Move]]:
        """What moved each account up to the end of the period, in order."""
        moves: dict[str, list[_Move]] = {}
        for entry in self.past:
            for posting in entry.postings:
                units = posting.units
                if units is None or not units.number or units.currency != EUR:
                    continue
                known = moves.get(posting.account)
                if known is None:
                    moves[posting.account] = [(units.number, entry)]
                else:
                    known.append((units.number, entry))
        return moves

    def _carry_results(self, totals: Totals) -> None:
        """The result of each earlier year, to 120 (profit) or 129 (loss)."""
        for result in totals.earlier.values():
            if result:
                name = result_account(self.chart, LOSS if result > 0 else PROFIT)
                for balances in (totals.before, totals.at_end):
                    balances[name] = balances.get(name, ZERO) + result

    def _add_result(self, totals: Totals, name: str, moves: list[_Move]) -> None:
        """An account of class 6 or 7: this fiscal year's movements, the period's, those of a year before."""
        start, year_start, balances = self.period.start, self.year_start, totals.at_end
        for amount, entry in moves:
            day = entry.date
            if day >= start:
                add_to(totals.result, name, amount)
            elif self._a_year_before.holds(day):
                add_to(totals.result_before, name, amount)
            if day >= year_start:
                add_to(balances, name, amount)
                if day < start:
                    totals.before[name] = balances[name]
            else:
                year = fiscal_year_of(day, self.year_end).end
                add_to(totals.earlier, year, amount)

    def _add_balance(self, totals: Totals, name: str, moves: list[_Move]) -> None:
        """Any other account: its balance, since when it is not at zero, how low treasury fell in the period."""
        start, watched = self.period.start, self.chart.get(name).is_treasury
        balance, lowest = ZERO, ZERO
        oldest: datetime.date | None = None
        for amount, entry in moves:
            day = entry.date
            balance += amount
            if day < start:
                totals.before[name] = balance
            elif watched and balance < lowest:
                lowest = balance
                totals.lowest[name] = (balance, day, entry)
            if not balance:
                oldest = None
            elif oldest is None:
                oldest = day
        totals.at_end[name] = balance
        if oldest is not None:
            totals.oldest[name] = oldest

    @cached_property
    def _a_year_before(self) -> Period:
        """The same period a year earlier."""
        return Period("", months_back(self.period.start, 12), _a_year_before(self.end))

    def last_line(self, name: str) -> Place | None:
        """Where the last entry that moved an account is, by the end of the period."""
        entry = self.totals.latest.get(name)
        return place_of(entry) if entry is not None else None

    def balance(self, *roles: str) -> Decimal:
        """What the accounts of these roles hold at the end of the period, debit positive, in euros."""
        return sum((amount for _, amount in self.accounts(*roles)), ZERO)

    def accounts(self, *roles: str) -> list[tuple[Account, Decimal]]:
        """The accounts of these roles that are not at zero at the end of the period."""
        wanted = set(roles)
        return [
            (account, amount)
            for name, amount in self.totals.at_end.items()
            if amount and (account := self.chart.get(name)).role in wanted
        ]

    def numbered(self, *prefixes: str) -> list[tuple[Account, Decimal]]:
        """The accounts whose number begins so and that are not at zero at the end of the period."""
        return [
            (account, amount)
            for name, amount in self.totals.at_end.items()
            if amount and (account := self.chart.get(name)).number.startswith(prefixes)
        ]

    @cached_property
    def book(self) -> Book:
        """What is owed, for any date."""
        return read_book(self.dossier, self.entries)

    @cached_property
    def books(self) -> Books:
        """The entries as the books show them."""
        return Books(self.dossier, self.entries)

    @cached_property
    def lettering(self) -> Lettering:
        """What pays what, at the end of the period."""
        return letter_books(self.books, self.dossier, self.end)

    @cached_property
    def aged(self) -> AgedBalance:
        """What customers owe at the end of the period."""
        return aged_balance(self.book, self.end)

    @cached_property
    def cut_offs(self) -> tuple[CutOff, ...]:
        """The accruals that the period calls for and that the ledger does not hold."""
        return cut_offs(
            self.entries, self.dossier, self.options, self.period, year_end=self.closes_year
        )

    @cached_property
    def vat_period(self) -> Period:
        """The period declared: the month, or its quarter when the seller declares by quarter (CGI art. 287-2)."""
        seller = self.dossier.sellers.at(self.end)
        if seller.text("periodicite-tva") == QUARTERLY:
            return vat_period(seller, self.end)
        return self.period

    @property
    def declares(self) -> bool:
        """Whether a VAT return ends with the period."""
        seller = self.dossier.sellers.at(self.end)
        ends = self.vat_period.end == self.end and not self.period.is_year
        if not ends or seller.regime is not Regime.FRANCHISE:
            return ends
        # Out of the franchise: purchases from abroad, VAT billed by mistake (CGI art. 283-2, 283-3, 293 B).
        return any(self.vat_return.declared.balances.values())

    @cached_property
    def taxed(self) -> Sequence[TaxEntry]:
        """The entries that move the VAT accounts."""
        return tax_entries(self.entries, self.chart)

    @cached_property
    def vat(self) -> VatDeclaration:
        """The VAT of the period itself: its movements, rates and reconciliation."""
        return declaration(self.entries, self.dossier, self.options, self.period, self.taxed)

    @cached_property
    def vat_return(self) -> VatDeclaration:
        """The VAT return that the period belongs to: its own, or that of its quarter."""
        if self.vat_period == self.period:
            return self.vat
        return declaration(self.entries, self.dossier, self.options, self.vat_period, self.taxed)

    @cached_property
    def vat_before(self) -> VatReturn:
        """The VAT return before that one."""
        return vat_return(self.entries, self.dossier, period_before(self.vat_period), self.taxed)

    @cached_property
    def then(self) -> Dossier:
        """The dossier as it stood at the end of the period: what came later is not there.

        The engine runs again on what was typed up to that day, when something was typed after it, or is delivered then.
        """
        holder = self.options.get(OPTION)
        typed = holder.typed if isinstance(holder, Holder) else None
        later = any(document.delivered > self.end for document in self.dossier.documents) or any(
            purchase.delivered > self.end for purchase in self.dossier.purchases
        )
        if typed is None or (not later and all(entry.date <= self.end for entry in typed)):
            return self.dossier
        from acompta.engine import run  # noqa: PLC0415 — only when the ledger goes on after the period

        early = [entry for entry in typed if entry.date <= self.end]
        return run(early, self.options, until=self.end)[2]


def _a_year_before(day: datetime.date) -> datetime.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
