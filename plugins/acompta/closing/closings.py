"""The closings and validations that a ledger says, read from its ``custom`` lines.

``2026-03-31 custom "cloture" "2026-03" "<hash>"`` shuts a period (a fiscal year: ``"2026"``); ``custom "validation"
"2026-03-15" "<hash>"`` makes the entries definitive up to its date, and leaves the period open to others (PCG art.
1031-3 and 1031-4: the law tells validating from closing).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from beancount.core.data import Custom

from acompta.closing.periods import Period, PeriodError, fiscal_year, read_period
from acompta.closing.seal import ENTRIES_FILE, FOLDER, VALIDATIONS, Stamp
from acompta.messages import AcomptaError, error_at, shown
from acompta.vocabulary import CLOSING_DIRECTIVE, VALIDATION_DIRECTIVE

ON_CLOSING: Final = "date-cloture"
ON_VALIDATION: Final = "date-validation"
DESPITE: Final = "malgre"
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_YEAR: Final = re.compile(r"\d{4}")


# What tells a closing or a validation from the others: the word of its line, and its name.
Key = tuple[str, str]


class Closing(NamedTuple):
    """One closing or validation: ``date`` the last day that it covers, ``closed_on`` the day it was made.

    ``despite`` is the reason typed with ``--malgre``, ``""`` for none.
    """

    name: str
    date: datetime.date
    hash: str
    closed_on: datetime.date
    despite: str
    entry: Custom

    @property
    def key(self) -> Key:
        """What tells it from the others."""
        return self.entry.type, self.name

    @property
    def stamp(self) -> Stamp:
        """What its hash holds besides the entries."""
        return Stamp(self.name, self.date, self.closed_on, self.despite)

    @property
    def is_year(self) -> bool:
        """Whether it closes a fiscal year."""
        return _YEAR.fullmatch(self.name) is not None

    @property
    def is_validation(self) -> bool:
        """Whether it only makes entries definitive."""
        return self.entry.type == VALIDATION_DIRECTIVE

    def file(self, folder: Path) -> Path:
        """Its file of digests, in the folder of the ledger."""
        if self.is_validation:
            return folder / VALIDATIONS / f"{self.name}.tsv"
        return folder / FOLDER / self.name / ENTRIES_FILE


def read_closings(customs: Iterable[Custom]) -> tuple[list[Closing], list[AcomptaError]]:
    """The closings and validations among ``customs``, in order, and the mistakes in them."""
    closings: list[Closing] = []
    errors: list[AcomptaError] = []
    for entry in customs:
        closing = _read(entry)
        if isinstance(closing, str):
            errors.append(error_at(entry, closing))
        else:
            closings.append(closing)
    closings.sort(key=lambda c: (c.date, c.is_year, c.name))
    return closings, errors


def _read(entry: Custom) -> Closing | str:
    values: list[Any] = [value.value for value in entry.values or ()]
    if len(values) != 2 or not all(isinstance(value, str) for value in values):
        return (
            f"« {entry.type} » : lu {', '.join(map(shown, values)) or 'rien'} ; cette ligne est écrite par « acompta"
            f" {'valider' if entry.type == VALIDATION_DIRECTIVE else 'cloturer'} », ne la tapez pas"
        )
    name, value = values
    last = _last_day(entry, name)
    if last != entry.date:
        return f"« {entry.type} » : lu {shown(name)} au {entry.date:%d/%m/%Y} ; rétablissez la ligne telle qu'écrite"
    if not _HASH.fullmatch(value):
        return f"« {entry.type} » de {name} : l'empreinte a été changée ; rétablissez la ligne telle qu'écrite"
    key = ON_VALIDATION if entry.type == VALIDATION_DIRECTIVE else ON_CLOSING
    made = entry.meta.get(key)
    despite = entry.meta.get(DESPITE)
    return Closing(
        name,
        entry.date,
        value,
        made if isinstance(made, datetime.date) else entry.date,
        despite if isinstance(despite, str) else "",
        entry,
    )


def _last_day(entry: Custom, name: str) -> datetime.date | None:
    """The last day of the period that it names; a fiscal year ends on the date of its line."""
    try:
        if entry.type == VALIDATION_DIRECTIVE:
            return datetime.date.fromisoformat(name)
        if _YEAR.fullmatch(name):
            fiscal_year(name)
            return entry.date if str(entry.date.year) == name else None
        return read_period(name).end
    except (PeriodError, ValueError):
        return None


def only_closings(closings: Iterable[Closing]) -> list[Closing]:
    """Those that shut a period."""
    return [closing for closing in closings if not closing.is_validation]


def only_validations(closings: Iterable[Closing]) -> list[Closing]:
    """Those that only make entries definitive."""
    return [closing for closing in closings if closing.is_validation]


def erased(closings: Iterable[Closing], folder: Path) -> list[str]:
    """The closings and validations whose file of digests is in ``folder`` and whose line is no longer in the ledger."""
    named = {closing.file(folder) for closing in closings}
    files = [*folder.glob(f"{FOLDER}/*/{ENTRIES_FILE}"), *folder.glob(f"{VALIDATIONS}/*.tsv")]
    return [path.relative_to(folder).as_posix() for path in sorted(files) if path not in named]


def closed_until(closings: Iterable[Closing]) -> datetime.date | None:
    """The last day that is shut, or ``None``."""
    return max((closing.date for closing in only_closings(closings)), default=None)


def is_closed(closings: Iterable[Closing], period: Period) -> bool:
    """Whether the whole period is shut."""
    until = closed_until(closings)
    return until is not None and period.end <= until


__all__ = [
    "CLOSING_DIRECTIVE",
    "DESPITE",
    "ON_CLOSING",
    "ON_VALIDATION",
    "Closing",
    "Key",
    "closed_until",
    "erased",
    "is_closed",
    "only_closings",
    "only_validations",
    "read_closings",
]
