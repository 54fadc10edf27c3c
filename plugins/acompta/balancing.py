"""Beancount's check that every transaction balances, asked only about those that do not plainly add up to zero.

It is a tenth of a load: an inventory and the tolerances of each transaction. Nearly all of them are in one currency
without cost or price and add up to exactly zero, which no tolerance can refuse. Beancount's list of validations is
meant to be changed by who loads (``beancount.ops.validation``); the errors are the same, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from beancount.core.amount import Amount
from beancount.core.data import BeancountError, Directive, Transaction
from beancount.core.interpolate import AUTOMATIC_RESIDUAL, compute_residual
from beancount.ops import validation

from acompta.rounding import ZERO, cents
from acompta.vocabulary import EUR

_STOCK: Final = validation.validate_check_transaction_balances


@contextmanager
def quick_balances() -> Iterator[None]:
    """Have the loads of the body check balances this way."""
    stock = validation.VALIDATIONS
    validation.VALIDATIONS = [unbalanced if check is _STOCK else check for check in stock]
    try:
        yield
    finally:
        validation.VALIDATIONS = stock


def unbalanced(entries: Iterable[Directive], options_map: dict[str, Any]) -> list[BeancountError]:
    """The errors of Beancount's own check of the same entries."""
    doubtful = [
        entry for entry in entries if isinstance(entry, Transaction) and not adds_up(entry.postings)
    ]
    errors: list[BeancountError] = _STOCK(doubtful, options_map)  # type: ignore[no-untyped-call]
    return errors


def gap(entry: Transaction) -> Decimal:
    """What an entry lacks to balance (euros, debit positive), within Beancount's tolerance too: PCG art. 1021-1.

    Beancount infers that tolerance from the amounts: « 1200.5 » against « -1200.53 » passes. Amounts at a rate or a
    cost are rounded: less than half a cent is nothing.
    """
    if adds_up(entry.postings):
        return ZERO
    residual = compute_residual(entry.postings)  # type: ignore[no-untyped-call]
    left: Decimal = residual.get_currency_units(EUR).number
    converted = any(posting.price or posting.cost for posting in entry.postings)
    return cents(left) if converted else left


def adds_up(postings: Iterable[tuple[Any, ...]]) -> bool:
    """Whether these are amounts of one currency, without cost or price, whose sum is exactly zero."""
    only = None
    total = ZERO
    for _, units, cost, price, _, meta in postings:
        if not isinstance(units, Amount) or cost is not None or price is not None:
            return False
        number, currency = units
        if not isinstance(number, Decimal) or (only is not None and currency != only):
            return False
        if meta is not None and AUTOMATIC_RESIDUAL in meta:
            return False
        only = currency
        total += number
    return not total
