"""Beancount's values, made from what is known to be right.

Their own constructors are Python functions, called once for the amount and once for the posting, and look at the types
again: making the tuples outright takes a third of the time, and four of them go into every document.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from beancount.core.amount import Amount
from beancount.core.data import Posting, Transaction

from acompta.rounding import ZERO
from acompta.tuples import make
from acompta.vocabulary import EUR

_number: Final = attrgetter("units.number")


def posted(account: str, number: Decimal, meta: dict[str, Any] | None = None) -> Posting:
    """A posting of ``number`` euros on ``account``."""
    amount = make(Amount, (number, EUR))
    return make(Posting, (account, amount, None, None, None, meta))


def completed(entry: Transaction, postings: list[Posting]) -> Transaction:
    """The typed entry with these postings: its metadata, so that Fava opens the typed text, and ``etendu``."""
    meta, date, flag, payee, narration, tags, links, _ = entry
    meta = meta.copy()
    meta["etendu"] = True
    return make(Transaction, (meta, date, flag, payee, narration, tags, links, postings))


def residual(postings: Iterable[Posting]) -> Decimal:
    """What the postings add up to, in euros; all of them have an amount."""
    return sum(map(_number, postings), ZERO)
