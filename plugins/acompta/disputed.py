"""What of each invoice was moved off 411 without being paid: to 416 (doubtful or disputed), to 413 (bills).

PCG art. 1214-41: the whole of a doubtful receivable goes to 416. The invoice stays open, but it is neither reminded
nor expected. An entry that names no invoice is spread over those of its customer, the oldest first.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Final

from beancount.core.data import Directive, Posting, Transaction

from acompta.book import Book
from acompta.chart import BILLS, DOUBTFUL, RECEIVABLE
from acompta.rounding import ZERO
from acompta.vocabulary import EUR

OFF_411: Final = frozenset({DOUBTFUL, BILLS})


def moved_off(
    book: Book,
    entries: Iterable[Directive],
    at: datetime.date,
    roles: Collection[str] = (DOUBTFUL,),
) -> dict[str, Decimal]:
    """Euros that stand on the accounts of ``roles`` at the end of ``at``, by number of invoice; nothing negative."""
    named: dict[str, Decimal] = {}
    unnamed: dict[str, Decimal] = {}
    chart = book.dossier.chart
    if not any(chart.get(account).role in roles for account in book.accounts):
        return named  # nearly all: nothing doubtful
    others: set[str] = set()
    for entry in entries:
        if not isinstance(entry, Transaction) or entry.date > at:
            continue
        for posting in entry.postings:
            if posting.account in others:
                continue
            units = posting.units
            account = chart.get(posting.account)
            if account.role not in roles:
                others.add(posting.account)
                continue
            if units is None or units.number is None:
                continue
            if units.currency == EUR:
                number = _number(book, entry, posting)
                sums, key = (named, number) if number else (unnamed, account.auxiliary)
                sums[key] = sums.get(key, ZERO) + units.number
    for auxiliary, amount in unnamed.items():
        _spread(book, auxiliary, amount, named, at)
    return {number: amount for number, amount in named.items() if amount > 0}


def _number(book: Book, entry: Transaction, posting: Posting) -> str:
    """The invoice that a posting names: ``facture:`` under it, else the only one that its entry links."""
    named = (posting.meta or {}).get("facture")
    names = [named] if isinstance(named, str) else sorted(entry.links)
    found = [name for name in names if name in book.dossier.claims]
    return found[0] if len(found) == 1 else ""


def _spread(
    book: Book, auxiliary: str, amount: Decimal, named: dict[str, Decimal], at: datetime.date
) -> None:
    chart = book.dossier.chart
    customers = {a.name for a in chart.with_role(RECEIVABLE) if a.auxiliary == auxiliary}
    claims = [c for c in book.dossier.claims.values() if c.document.customer in customers]
    for claim in sorted(claims, key=lambda claim: claim.date):
        room = claim.open_at(at) - named.get(claim.number, ZERO)
        if claim.date <= at and room > 0 and amount > 0:
            part = min(room, amount)
            named[claim.number] = named.get(claim.number, ZERO) + part
            amount -= part
