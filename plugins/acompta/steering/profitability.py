"""What each contract earns: its revenue less the costs linked to it and the time spent on it.

Revenue and costs are those of the ledger (classes 7 and 6): an entry belongs to a contract when it links the contract
or one of its documents, a line when it says so by ``contrat:``. What is recognised at closing by percentage of
completion (4181 / 70x) counts, for it is there. Time is that of ``custom "temps"``, at the dated
cost of ``custom "cout-horaire"``: it touches no account. Every euro of classes 6 and 7 is in one contract or outside.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Directive, Posting, Transaction

from acompta.book import Book
from acompta.contracts import (
    ContractView,
    UnknownContractError,
    contract_documents,
    contract_links,
    contract_view,
)
from acompta.directives import TimeSpent
from acompta.owed import Place, place_of
from acompta.register.contract import Contract
from acompta.rounding import ZERO, cents, percent_of
from acompta.vocabulary import EUR

# A day sold is seven hours: the legal week of 35 hours over five days (C. trav. art. L3121-27).
HOURS_OF_A_DAY: Final = Decimal(7)
_HOURS: Final = {"HEURE": Decimal(1), "JOUR": HOURS_OF_A_DAY}
_UNKNOWN: Final = "?"


class Cost(NamedTuple):
    """One line of class 6 of a contract: ``amount`` in euros, a cost positive."""

    date: datetime.date
    contract: str
    lot: str
    account: str
    party: str
    piece: str
    label: str
    amount: Decimal
    place: Place


class Labour(NamedTuple):
    """Time that a person spent on a lot of a contract, with its cost in euros."""

    contract: str
    lot: str
    person: str
    hours: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class LotMargin:
    """One lot of a contract: sold and billed before tax, planned and spent; euros, and hours.

    ``planned`` is the sum of its ``cout-prevu:``, ``None`` when nothing says; ``hours_sold`` those of its lines.
    """

    name: str
    ordered: Decimal
    billed: Decimal
    planned: Decimal | None
    purchases: Decimal
    labour: Decimal
    hours_sold: Decimal
    hours_spent: Decimal

    @property
    def spent(self) -> Decimal:
        """Purchases and time."""
        return self.purchases + self.labour

    @property
    def percent(self) -> Decimal:
        """Billed / ordered, in percent."""
        return percent_of(self.billed, self.ordered)

    @property
    def drift(self) -> Decimal | None:
        """What was spent beyond the planned cost of the part billed (euros); negative: less."""
        if self.planned is None:
            return None
        done = cents(self.planned * self.billed / self.ordered) if self.ordered else ZERO
        return self.spent - done

    @property
    def hours_left(self) -> Decimal:
        """Hours sold and not spent (negative: overrun)."""
        return self.hours_sold - self.hours_spent


@dataclass(frozen=True, slots=True)
class ContractMargin:
    """What one contract earns as of a day; amounts in euros before tax.

    ``revenue`` is what the ledger recognises (class 7), ``purchases`` its costs (class 6), ``labour`` its time.
    """

    view: ContractView = field(repr=False)
    revenue: Decimal
    purchases: Decimal
    labour: Decimal
    lots: tuple[LotMargin, ...]
    costs: tuple[Cost, ...]
    times: tuple[Labour, ...]

    @property
    def link(self) -> str:
        """The link of the contract."""
        return self.view.link

    @property
    def ordered(self) -> Decimal:
        """The contract as amended."""
        return self.view.ordered.base

    @property
    def billed(self) -> Decimal:
        """Billed under the contract and beside it."""
        return self.view.billed.base + self.view.extra.base

    @property
    def spent(self) -> Decimal:
        """Purchases and time."""
        return self.purchases + self.labour

    @property
    def margin(self) -> Decimal:
        """Revenue less what was spent."""
        return self.revenue - self.spent

    @property
    def percent(self) -> Decimal | None:
        """The margin in percent of the revenue; ``None`` without revenue."""
        return percent_of(self.margin, self.revenue) if self.revenue else None

    @property
    def planned(self) -> Decimal | None:
        """The planned cost of its lots; ``None`` when no lot says one."""
        known = [lot.planned for lot in self.lots if lot.planned is not None]
        return sum(known, ZERO) if known else None

    @property
    def drift(self) -> Decimal | None:
        """The drift of the lots that have a planned cost."""
        known = [lot.drift for lot in self.lots if lot.drift is not None]
        return sum(known, ZERO) if known else None

    @property
    def hours_sold(self) -> Decimal:
        """Hours sold by its lines."""
        return sum((lot.hours_sold for lot in self.lots), ZERO)

    @property
    def hours_spent(self) -> Decimal:
        """Hours spent on it."""
        return sum((lot.hours_spent for lot in self.lots), ZERO)


class Ambiguous(NamedTuple):
    """A line that names several contracts, or an unknown one: it is counted in none of them (euros, debit positive)."""

    contracts: tuple[str, ...]
    amount: Decimal
    place: Place


@dataclass(frozen=True, slots=True)
class Profitability:
    """What the contracts earn as of ``at``, and what belongs to none (euros; ``outside_costs`` positive)."""

    at: datetime.date
    contracts: tuple[ContractMargin, ...]
    outside_revenue: Decimal
    outside_costs: Decimal
    ambiguous: tuple[Ambiguous, ...]

    @property
    def revenue(self) -> Decimal:
        """Revenue of the contracts."""
        return sum((one.revenue for one in self.contracts), ZERO)

    @property
    def margin(self) -> Decimal:
        """Margin of the contracts."""
        return sum((one.margin for one in self.contracts), ZERO)


def profitability(
    book: Book,
    entries: Iterable[Directive],
    at: datetime.date,
    links: Collection[str] = (),
) -> Profitability:
    """What the contracts signed by ``at`` earn, up to that day; ``links`` keeps these (without ``^``).

    Raises:
        UnknownContractError: no contract has one of the links.
    """
    known = contract_links(book.dossier)
    for link in links:
        if link not in known:
            raise UnknownContractError(link, known)
    sorted_out = _sort_out(book, entries, at)
    found = []
    for link in known:
        if links and link not in links:
            continue
        contract = book.dossier.contracts[link]
        if contract.document is not None and contract.document.date <= at:
            found.append(_margin(book, contract, at, sorted_out))
    return Profitability(
        at,
        tuple(found),
        sorted_out.outside_revenue,
        sorted_out.outside_costs,
        tuple(sorted_out.ambiguous),
    )


# -- whose each line is ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sorted:
    """Lines of classes 6 and 7, and time, by contract."""

    revenue: dict[str, Decimal] = field(default_factory=dict)
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    outside_revenue: Decimal = ZERO
    outside_costs: Decimal = ZERO
    ambiguous: list[Ambiguous] = field(default_factory=list)
    times: dict[str, list[TimeSpent]] = field(default_factory=dict)

    def add_outside(self, is_cost: bool, amount: Decimal) -> None:
        """A line of no contract; ``amount`` is signed like the account."""
        if is_cost:
            self.outside_costs += amount
        else:
            self.outside_revenue -= amount


def _sort_out(book: Book, entries: Iterable[Directive], at: datetime.date) -> _Sorted:
    names = _names(book)
    found = _Sorted()
    for entry in entries:
        if isinstance(entry, Transaction) and entry.date <= at:
            _sort_entry(book, entry, names, found)
    for time in book.dossier.directives.times:
        if time.date <= at:
            found.times.setdefault(time.contract, []).append(time)
    return found


def _names(book: Book) -> dict[str, str]:
    """The contract that each link or number of document belongs to."""
    names: dict[str, str] = {}
    for link in contract_links(book.dossier):
        contract = book.dossier.contracts[link]
        for document in contract_documents(book, contract):
            if document.number and document.contract in {None, link}:
                names[document.number] = link
    return names | {link: link for link in contract_links(book.dossier)}


def _sort_entry(book: Book, entry: Transaction, names: Mapping[str, str], found: _Sorted) -> None:
    own = [str(entry.meta["numero"])] if "numero" in entry.meta else []
    contracts = sorted({names[name] for name in (*entry.links, *own) if name in names})
    for posting in entry.postings:
        account, units = book.dossier.chart.get(posting.account), posting.units
        if account.pcg_class not in {"6", "7"} or units is None or units.number is None:
            continue
        if units.currency != EUR:
            continue
        mine = _named_below(posting, names, contracts)
        _sort_line(entry, posting, units.number, mine, found, is_cost=account.pcg_class == "6")


def _named_below(posting: Posting, names: Mapping[str, str], contracts: list[str]) -> list[str]:
    """The contract that ``contrat:`` says under a line (none when it is unknown), else those of the entry."""
    named = (posting.meta or {}).get("contrat")
    if not isinstance(named, str):
        return contracts
    link = named.removeprefix("^")
    return [names[link]] if link in names else [link, _UNKNOWN]


def _sort_line(
    entry: Transaction,
    posting: Posting,
    amount: Decimal,
    contracts: list[str],
    found: _Sorted,
    *,
    is_cost: bool,
) -> None:
    if len(contracts) != 1:
        found.add_outside(is_cost, amount)
        if contracts:
            named = tuple(name for name in contracts if name != _UNKNOWN)
            found.ambiguous.append(Ambiguous(named, amount, place_of(entry)))
        return
    link = contracts[0]
    if not is_cost:
        found.revenue[link] = found.revenue.get(link, ZERO) - amount
        return
    meta = posting.meta or {}
    found.costs.setdefault(link, []).append(
        Cost(
            date=entry.date,
            contract=link,
            lot=str(meta.get("lot") or ""),
            account=posting.account,
            party=entry.payee or "",
            piece=str(entry.meta.get("numero") or entry.meta.get("piece") or ""),
            label=str(meta.get("libelle") or entry.narration or ""),
            amount=amount,
            place=place_of(entry),
        )
    )


# -- one contract ---------------------------------------------------------------------------------------------


def _margin(book: Book, contract: Contract, at: datetime.date, found: _Sorted) -> ContractMargin:
    view = contract_view(book, contract.link, at)
    costs = tuple(found.costs.get(contract.link, ()))
    times = _labour(book, contract.link, found.times.get(contract.link, ()))
    return ContractMargin(
        view=view,
        revenue=found.revenue.get(contract.link, ZERO),
        purchases=sum((cost.amount for cost in costs), ZERO),
        labour=sum((time.cost for time in times), ZERO),
        lots=_lots(contract, view, costs, times),
        costs=costs,
        times=times,
    )


def _labour(book: Book, link: str, spent: Iterable[TimeSpent]) -> tuple[Labour, ...]:
    """The time of each person on each lot: hours are added up, each entry at the cost of its day, rounded once."""
    directives = book.dossier.directives
    hours: dict[tuple[str, str], Decimal] = {}
    exact: dict[tuple[str, str], Decimal] = {}
    for time in spent:
        key = (time.lot, time.person)
        cost = directives.cost_of(time.person, time.date) or ZERO
        hours[key] = hours.get(key, Decimal(0)) + time.hours
        exact[key] = exact.get(key, ZERO) + time.hours * cost
    return tuple(
        Labour(link, lot, person, spent, cents(exact[lot, person]))
        for (lot, person), spent in sorted(hours.items())
    )


def _lots(
    contract: Contract, view: ContractView, costs: Iterable[Cost], times: Iterable[Labour]
) -> tuple[LotMargin, ...]:
    """The lots of the contract, then what was spent without naming one of them."""
    costs, times = list(costs), list(times)
    names = list(dict.fromkeys(lot.name for lot in view.lots))
    known = set(names)
    spent_on = [cost.lot for cost in costs] + [time.lot for time in times]
    if any(_lot_of(lot, known) not in known for lot in spent_on):
        names.append("")
    return tuple(
        LotMargin(
            name=name,
            ordered=sum((lot.ordered for lot in view.lots if lot.name == name), ZERO),
            billed=sum((lot.billed for lot in view.lots if lot.name == name), ZERO),
            planned=_planned(contract, name, view.at),
            purchases=sum((c.amount for c in costs if _lot_of(c.lot, known) == name), ZERO),
            labour=sum((t.cost for t in times if _lot_of(t.lot, known) == name), ZERO),
            hours_sold=_hours_sold(contract, name, view.at),
            hours_spent=sum((t.hours for t in times if _lot_of(t.lot, known) == name), ZERO),
        )
        for name in names
    )


def _lot_of(name: str, known: Collection[str]) -> str:
    return name if name in known else ""


def _planned(contract: Contract, lot: str, at: datetime.date) -> Decimal | None:
    amounts = [
        amount
        for meta, _, _ in _lines_of(contract, lot, at)
        if (amount := _euros(meta.get("cout-prevu"))) is not None
    ]
    return sum(amounts, ZERO) if amounts else None


def _hours_sold(contract: Contract, lot: str, at: datetime.date) -> Decimal:
    """``heures-prevues:`` of the lines, else what is sold by the hour or by the day."""
    total = Decimal(0)
    for meta, units, unit in _lines_of(contract, lot, at):
        typed = meta.get("heures-prevues")
        if isinstance(typed, Decimal):
            total += typed
        else:
            total -= units * _HOURS.get(unit, Decimal(0))
    return total


def _lines_of(
    contract: Contract, lot: str, at: datetime.date
) -> Iterable[tuple[Mapping[str, Any], Decimal, str]]:
    for change in contract.changes:
        if change.date <= at and (change.group.lot or "") == lot:
            yield change.line.meta, change.line.units, change.line.unit


def _euros(value: object) -> Decimal | None:
    if isinstance(value, Amount):
        return value.number if value.currency == EUR else None
    return value if isinstance(value, Decimal) else None
