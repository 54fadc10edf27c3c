"""When each entry became definitive: the day of the first validation that holds it, or of the closing of its period.

``2026-03-31 custom "cloture" "2026-03" …`` and ``2026-03-15 custom "validation" "2026-03-15" …`` bear the day they were
made in ``date-cloture:`` and ``date-validation:``. A closing covers all that its period holds. A validation covers what
its file of digests holds, and nothing else: the period stays open to entries of earlier dates, which only a later
validation or the closing makes definitive. Source: PCG art. 1031-3 and 1031-4; LPF art. A47 A-1, VII, field 16.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from beancount.core.data import Transaction

from acompta.closing.closings import Closing, only_closings, only_validations
from acompta.closing.journals import book_order
from acompta.closing.seal import digest, is_sealable, read_entries_file


class Validations:
    """The day when each entry of a ledger became definitive."""

    def __init__(
        self,
        closings: Iterable[Closing],
        entries: Iterable[Transaction],
        folder: Path,
        assumed: datetime.date | None = None,
    ) -> None:
        """Take the closings and validations of a ledger, all its entries, and the folder that keeps their digests.

        ``assumed`` validates what none covers.
        """
        closings = list(closings)
        self._assumed = assumed
        self._covers = sorted((one.closed_on, one.date) for one in only_closings(closings))
        self._held = _held(only_validations(closings), entries, folder)
        self._validations = sorted((o.closed_on, o.date) for o in only_validations(closings))

    def of(self, entry: Transaction) -> datetime.date | None:
        """The day when ``entry`` became definitive, its own date at the earliest; ``None`` when not yet."""
        days = [made for made, last in self._covers if entry.date <= last][:1]
        if not is_sealable(
            entry
        ):  # padding follows from the entries around it, and no file keeps it
            days += [made for made, last in self._validations if entry.date <= last][:1]
        elif id(entry) in self._held:
            days.append(self._held[id(entry)])
        first = min(days, default=self._assumed)
        return max(first, entry.date) if first is not None else None


def _held(
    validations: list[Closing], entries: Iterable[Transaction], folder: Path
) -> dict[int, datetime.date]:
    """The day of validation of each entry, by its ``id``; of two that say the same, the first was validated first."""
    if not validations:
        return {}
    days: dict[str, list[datetime.date]] = {}
    for validation in sorted(validations, key=lambda one: (one.closed_on, one.date)):
        for sealed in read_entries_file(validation.file(folder)) or ():
            days.setdefault(sealed.digest, []).append(validation.closed_on)
    last = max(validation.date for validation in validations)
    found: dict[int, datetime.date] = {}
    taken: Counter[str] = Counter()
    for entry in sorted((e for e in entries if e.date <= last and is_sealable(e)), key=book_order):
        mark = digest(entry)
        made = days.get(mark, ())
        if taken[mark] < len(made):
            found[id(entry)] = made[taken[mark]]
            taken[mark] += 1
    return found
