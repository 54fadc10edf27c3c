"""The accruals that the ledger holds: those billed after all, those that nothing has reversed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from beancount.core.data import Directive, Transaction

from acompta.closing.cutoff.making import KEY, REVERSAL_KEY
from acompta.closing.cutoff.sales import draft_name
from acompta.closing.periods import Period
from acompta.dossier import Dossier


def marks(entries: Iterable[Directive], day: datetime.date, key: str = KEY) -> set[str]:
    """The accruals (or with ``key``, the reversals) that the ledger holds on that day."""
    return {
        mark
        for entry in entries
        if isinstance(entry, Transaction)
        and entry.date == day
        and isinstance(mark := entry.meta.get(key), str)
    }


def billed_after_all(
    entries: Iterable[Directive], dossier: Dossier, period: Period
) -> list[tuple[Transaction, str]]:
    """What is accrued (FAE, FNP) on the last day of ``period`` though its document is posted in it: it counts twice.

    Each accrual with the number of the document.
    """
    accrued = {
        mark.rsplit(" ", 1)[0]: entry
        for entry in entries
        if isinstance(entry, Transaction)
        and entry.date == period.end
        and isinstance(mark := entry.meta.get(KEY), str)
        and mark.startswith(("FAE ", "FNP "))
    }
    if not accrued:
        return []
    found = []
    for document in dossier.documents:
        if document.issued and period.holds(document.date):
            names = (document.number or "", draft_name(document))
            entry = next((accrued[f"FAE {n}"] for n in names if f"FAE {n}" in accrued), None)
            if entry is not None:
                found.append((entry, document.number or ""))
    for purchase in dossier.purchases:
        entry = accrued.get(f"FNP {purchase.supplier} {purchase.number}")
        if entry is not None and purchase.entry.flag != "!" and period.holds(purchase.entry.date):
            found.append((entry, purchase.number))
    return found


def not_reversed(
    entries: Iterable[Directive], day: datetime.date, until: datetime.date
) -> list[Transaction]:
    """The accruals of ``day`` that nothing has reversed by ``until``."""
    accruals: dict[str, Transaction] = {}
    reversed_marks: set[str] = set()
    for entry in entries:
        if not isinstance(entry, Transaction):
            continue
        mark = entry.meta.get(KEY)
        if isinstance(mark, str) and entry.date == day:
            accruals[mark] = entry
        back = entry.meta.get(REVERSAL_KEY)
        if isinstance(back, str) and day < entry.date <= until:
            reversed_marks.add(back)
    return [entry for mark, entry in accruals.items() if mark not in reversed_marks]
