"""Beancount's booking, asked only about transactions that are more than plain amounts.

Booking groups postings by currency, copies the inventory of each account, reduces lots and interpolates: a third of the
load of a command. Nearly all transactions are amounts without a lot, one of them perhaps left blank: nothing is
reduced, and the blank one is what is missing to zero. Those are completed here, exactly as Beancount does; any other
goes through Beancount's own functions, with the balances that it would have had when it looks at them. The entries and
the errors are the same, in the same order; `bean-check` and Fava book as ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Booking, Directive, Open, Posting, Transaction
from beancount.core.interpolate import (
    AUTOMATIC_META,
    AUTOMATIC_TOLERANCES,
    infer_tolerances,
    quantize_with_tolerance,
)
from beancount.core.inventory import Inventory
from beancount.core.number import MISSING
from beancount.parser import booking, booking_full

from acompta.rounding import CENT
from acompta.tuples import make

_STOCK: Final = booking.book
_ONE: Final = Decimal(1)

Booked = tuple[list[Directive], list[Any]]


class _Tolerances(NamedTuple):
    """What Beancount notes under the entry, and what it rounds a blank amount to, by currency."""

    noted: Any
    quanta: dict[str, Decimal]


class _Sums(NamedTuple):
    """Plain amounts added up by the currency of their weight, in order.

    ``precisions`` are the exponents of the units of each currency (0 for that of a price), in order; ``blank`` is the
    rank of the one left blank (-1: none).
    """

    by_currency: dict[str, Decimal]
    precisions: dict[tuple[str, int], None]
    blank: int


@contextmanager
def quick_booking() -> Iterator[None]:
    """Have the loads of the body book this way."""
    booking.book = book
    try:
        yield
    finally:
        booking.book = _STOCK


def book(
    incomplete_entries: Sequence[Directive],
    options_map: dict[str, Any],
    initial_balances: dict[str, Inventory] | None = None,
) -> Booked:
    """``beancount.parser.booking.book``: the completed entries, and the errors."""
    if initial_balances is not None:
        found: Booked = _STOCK(incomplete_entries, options_map, initial_balances)  # type: ignore[no-untyped-call]
        return found
    return _Booker(incomplete_entries, options_map).book(incomplete_entries)


class _Booker:
    def __init__(self, entries: Sequence[Directive], options_map: dict[str, Any]) -> None:
        self.options = options_map
        self.methods: dict[str, Booking] = defaultdict(lambda: options_map["booking_method"])
        for entry in entries:
            if isinstance(entry, Open) and entry.booking:
                self.methods[entry.account] = entry.booking
        self.tolerances: dict[tuple[tuple[str, int], ...], _Tolerances] = {}
        self.takes_prices = not options_map["infer_tolerance_from_cost"]
        # What was booked and is not in the balances yet: few ledgers ever ask for them.
        self.later: list[list[Posting]] = []
        self.balances: dict[str, Inventory] = defaultdict(Inventory)
        self.errors: list[Any] = []
        self.stock: list[Directive] = []

    def book(self, entries: Sequence[Directive]) -> Booked:
        completed: list[Directive] = []
        for entry in entries:
            if not isinstance(entry, Transaction):
                completed.append(entry)
                continue
            booked = self._plain(entry)
            if booked is None:
                completed += self._as_beancount(entry)
            else:
                completed.append(booked)
                self.later.append(booked.postings)
        missing = booking.validate_missing_eliminated(self.stock, self.options)  # type: ignore[no-untyped-call]
        return completed, self.errors + missing

    def _plain(self, entry: Transaction) -> Transaction | None:
        """The entry completed, or ``None`` for one that is not plain amounts."""
        postings = entry.postings
        sums = _added_up(postings, takes_prices=self.takes_prices)
        if sums is None:
            return None
        noted, quanta = self._tolerances(sums, postings)
        if sums.blank >= 0:
            postings = _filled(postings, sums, quanta)
        elif len(sums.by_currency) > 1:
            postings = [p for c in sums.by_currency for p in postings if _currency(p) == c]
        meta = entry.meta.copy()
        meta[AUTOMATIC_TOLERANCES] = noted
        return make(Transaction, (meta, *entry[1:7], postings))

    def _tolerances(self, sums: _Sums, postings: list[Posting]) -> _Tolerances:
        """Those of these postings: plain amounts of the same currencies and precisions have the same."""
        key = tuple(sums.precisions)
        found = self.tolerances.get(key)
        if found is None:
            found = self.tolerances[key] = self._infer(sums, postings)
        return found

    def _infer(self, sums: _Sums, postings: list[Posting]) -> _Tolerances:
        noted = infer_tolerances(postings, self.options, mode="max")  # type: ignore[no-untyped-call]
        rounding = noted
        if self.options["use_precise_interpolation"]:
            rounding = infer_tolerances(postings, self.options, mode="min")  # type: ignore[no-untyped-call]
        quanta = {}
        for currency, _ in sums.precisions:
            sample = quantize_with_tolerance(rounding, currency, _ONE)  # type: ignore[no-untyped-call]
            if sample is not _ONE:
                quanta[currency] = sample
        return _Tolerances(noted, quanta)

    def _as_beancount(self, entry: Transaction) -> list[Directive]:
        """Through Beancount's own functions; the balances are made up to here when they may be looked at."""
        balances: dict[str, Inventory] = defaultdict(Inventory)
        looked_at = any(_looks_at_balances(posting) for posting in entry.postings)
        if looked_at:
            for postings in self.later:
                for posting in postings:
                    self.balances[posting.account].add_position(posting)
            self.later.clear()
            balances = self.balances
        entries, errors, _ = booking_full._book([entry], self.options, self.methods, balances)  # type: ignore[no-untyped-call]  # noqa: SLF001 — its public form hides the balances
        self.errors += errors
        self.stock += entries
        if not looked_at:
            self.later += [booked.postings for booked in entries]
        completed: list[Directive] = entries
        return completed


def _added_up(postings: list[Posting], *, takes_prices: bool) -> _Sums | None:
    """The sums of plain amounts; ``None`` when one of them is more than that."""
    sums: dict[str, Decimal] = {}
    precisions: dict[tuple[str, int], None] = {}
    blank = -1
    for rank, (_, units, cost, price, _, _) in enumerate(postings):
        if cost is not None or (price is not None and not takes_prices):
            return None
        if blank < 0 and price is None and _is_missing(units):
            blank = rank
            continue
        plain = _plain_amount(units)
        if plain is None:
            return None
        number, currency, exponent = plain
        precisions[currency, exponent] = None
        if price is not None:
            at_price = _plain_amount(price)
            if at_price is None:
                return None
            number, currency = at_price[0] * number, at_price[1]
            if at_price[0]:  # Beancount passes over the currency of a price of zero
                precisions[currency, 0] = None
        known = sums.get(currency)
        # An inventory forgets a currency, and its precision, when nothing is left of it.
        sums[currency] = known + number if known else number
    return make(_Sums, (sums, precisions, blank)) if sums else None


def _plain_amount(units: Amount | None) -> tuple[Decimal, str, int] | None:
    """Number, currency and exponent (0 for a whole number) of an amount said in full, else ``None``."""
    if not isinstance(units, Amount):
        return None
    number, currency = units
    if not isinstance(number, Decimal) or not isinstance(currency, str):
        return None
    if number.same_quantum(CENT):
        return number, currency, -2
    if number.same_quantum(_ONE):
        return number, currency, 0
    exponent = number.as_tuple().exponent
    return (number, currency, min(exponent, 0)) if isinstance(exponent, int) else None


def _filled(postings: list[Posting], sums: _Sums, quanta: dict[str, Decimal]) -> list[Posting]:
    """The postings, currency by currency, the blank one at what is missing to zero in each, or not there."""
    blank = postings[sums.blank]
    filled = []
    for currency, total in sums.by_currency.items():
        for rank, posting in enumerate(postings):
            if rank != sums.blank:
                if _currency(posting) == currency:
                    filled.append(posting)
            elif total:
                filled.append(_at(blank, -total, currency, quanta.get(currency)))
    return filled


def _currency(posting: Posting) -> str:
    """What the posting weighs in: the currency of its price, else its own."""
    # A price of zero is false.
    weight: Any = posting.units if posting.price is None else posting.price
    currency: str = weight.currency
    return currency


def _at(blank: Posting, number: Decimal, currency: str, quantum: Decimal | None) -> Posting:
    """The blank posting with its amount, marked as Beancount marks it."""
    if quantum is not None:
        number = number.quantize(quantum, ROUND_HALF_EVEN)  # Beancount's own
    meta = blank.meta
    if meta is None:
        meta = {}
    meta[AUTOMATIC_META] = True
    units = make(Amount, (number, currency))
    return make(Posting, (blank.account, units, None, None, blank.flag, meta))


def _looks_at_balances(posting: Posting) -> bool:
    """Whether booking this posting depends on what its account holds: a lot, or a currency that is not said."""
    units, price = posting.units, posting.price
    return (
        posting.cost is not None
        or (isinstance(units, Amount) and _is_missing(units.currency))
        or (isinstance(price, Amount) and _is_missing(price.currency))
    )


def _is_missing(value: object) -> bool:
    return value is MISSING
