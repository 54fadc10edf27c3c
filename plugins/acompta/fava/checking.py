"""The checklist of a month made beside the requests, check by check: no page waits for all of it.

The engine runs again as of the end of the month, which takes half a second at 10,000 documents: a page shows what is
done, and asks again (`Acompta.js`) until nothing is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock, RLock, Thread
from typing import Final

from acompta.closing.check import Check
from acompta.closing.checks import Maker
from acompta.closing.period_view import PeriodView
from acompta.collector import held
from acompta.tables import Table

# Between two checks, for a request that waits for the same figures.
_PAUSE: Final = 0.002

# What a view reads for many checks, and shares with no page: no page need wait for it.
_APART: Final = ("then", "past", "totals", "books", "vat", "vat_return", "vat_before")

Finish = Callable[[PeriodView, Sequence[Check]], tuple[Table, ...]]


class Checking:
    """One checklist: ``done`` are its checks so far, ``tables`` what is shown once they all are."""

    def __init__(
        self, view: PeriodView, makers: Sequence[Maker], finish: Finish, figures: RLock, turn: Lock
    ) -> None:
        """Make nothing yet. ``figures`` guards what the pages share, ``turn`` lets one checklist at a time be made."""
        self.count = len(makers)
        self.done: list[Check] = []
        self.tables: tuple[Table, ...] | None = None
        self._view = view
        self._makers = makers
        self._finish = finish
        self._figures = figures
        self._turn = turn
        self._error: Exception | None = None
        self._stopped = False
        self._thread = Thread(target=self._run, name="acompta-controles", daemon=True)

    def start(self) -> None:
        """Begin, beside the request."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the rest unmade: the ledger was loaded again."""
        self._stopped = True

    def wait(self) -> None:
        """Come back once it is whole, or stopped."""
        self._thread.join()

    def so_far(self) -> tuple[Table, ...] | None:
        """The tables, ``None`` while checks are being made.

        Raises:
            Exception: whatever a check raised.
        """
        if self._error is not None:
            raise self._error
        return self.tables

    def _run(self) -> None:
        try:
            with self._turn, held():
                self._make()
        except Exception as error:  # noqa: BLE001 - the page that asks says it
            self._error = error

    def _make(self) -> None:
        view = self._view
        for reading in _APART:
            if self._stopped:
                return
            getattr(view, reading)
        for maker in self._makers:
            if self._stopped:
                return
            with self._figures:
                check = maker(view)
            self.done.append(check)
            time.sleep(_PAUSE)
        with self._figures:
            self.tables = self._finish(view, self.done)
