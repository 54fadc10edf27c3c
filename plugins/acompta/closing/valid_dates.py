"""The day when each entry became definitive: ``ValidDate`` of the FEC.

Source: LPF art. A47 A-1, VII, field 16; PCG art. 1031-3.

Use::

    valid = ValidDates(dossier, ledger_folder)
    valid.of(transaction)      # a date, or None while nothing has validated it
"""

from __future__ import annotations

import bisect
import datetime
from pathlib import Path

from beancount.core.data import Transaction

from acompta.closing.closings import only_closings, only_validations
from acompta.closing.seal import digest, read_entries_file
from acompta.dossier import Dossier


class ValidDates:
    """Reads the closings and validations of a ledger once, then answers for any entry."""

    def __init__(self, dossier: Dossier, folder: Path) -> None:
        """Take the closings of ``dossier``; ``folder`` is the ledger's, where the validations keep their digests."""
        closings = only_closings(dossier.closings)
        self._ends = [closing.date for closing in closings]
        self._closed_on = [closing.closed_on for closing in closings]
        self._validated: dict[str, datetime.date] = {}
        for validation in only_validations(dossier.closings):
            for entry in read_entries_file(validation.file(folder)) or ():
                self._validated.setdefault(entry.digest, validation.closed_on)

    def of(self, entry: Transaction) -> datetime.date | None:
        """The first day that validated or closed ``entry``."""
        place = bisect.bisect_left(self._ends, entry.date)
        closed = self._closed_on[place] if place < len(self._ends) else None
        validated = self._validated.get(digest(entry)) if self._validated else None
        if closed is None or validated is None:
            return closed or validated
        return min(closed, validated)
