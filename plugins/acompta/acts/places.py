"""Which file of a ledger the entries of a month belong to, and how they get there.

A ledger kept in monthly files (``2026-04.beancount``, ``journal-2026-04.beancount``…) gets them in that of the month,
made on the model of its neighbours when there is none; any other gets them at the end of its main file.
"""

from __future__ import annotations

import datetime
import fnmatch
import os
import re
from pathlib import Path
from typing import Final, NamedTuple

from acompta.acts.act import Act
from acompta.loading import Loaded

_MONTHLY: Final = re.compile(r"(.*?)(\d{4})([-_.]?)(\d{2})(\D*)")
_INCLUDE: Final = re.compile(r'^include\s+"([^"]*)"', re.MULTILINE)
_ROOTS: Final = ("name_assets", "name_liabilities", "name_equity", "name_income", "name_expenses")


class MonthFile(NamedTuple):
    """Where entries go: ``path``; when ``is_new``, the file is to be made, and included unless a pattern does it."""

    path: Path
    is_new: bool


def month_file(loaded: Loaded, date: datetime.date) -> MonthFile:
    """The file that the entries of ``date``'s month belong to."""
    neighbours: list[tuple[int, Path, re.Match[str]]] = []
    wanted = date.year * 12 + date.month
    for path in _files(loaded):
        found = _MONTHLY.fullmatch(path.stem)
        if found is None or not 1 <= int(found[4]) <= 12:
            continue
        away = int(found[2]) * 12 + int(found[4]) - wanted
        if not away:
            return MonthFile(path, is_new=False)
        neighbours.append((abs(away), path, found))
    if not neighbours:
        return MonthFile(loaded.path, is_new=False)
    _, path, found = min(neighbours, key=lambda one: (one[0], str(one[1])))
    name = f"{found[1]}{date.year:04}{found[3]}{date.month:02}{found[5]}{path.suffix}"
    # A year has its own folder sometimes: a file of another year says nothing of where this one is.
    return MonthFile(path.with_name(name), is_new=True)


def add_entries(act: Act, loaded: Loaded, date: datetime.date, text: str) -> Path:
    """Put directives into the file of ``date``'s month; says which file it is.

    Raises:
        ActError: that file, or the main file, cannot be changed.
    """
    place = month_file(loaded, date)
    if not place.is_new:
        act.append(place.path, text)
        return place.path
    head = "".join(f'option "{name}" "{loaded.options[name]}"\n' for name in _ROOTS)
    act.create(place.path, f"{head}\n{text.strip()}\n".encode())
    name = Path(os.path.relpath(place.path, loaded.path.parent)).as_posix()
    if not _is_included(loaded.path, name):
        act.append(loaded.path, f'include "{name}"')
    return place.path


def _files(loaded: Loaded) -> list[Path]:
    main = loaded.path.resolve()
    others = (Path(name) for name in loaded.options.get("include", ()))
    return [path for path in others if path.resolve() != main]


def _is_included(main: Path, name: str) -> bool:
    """Whether a pattern of the main file (``include "*.beancount"``) takes the new file by itself."""
    typed = main.read_text(encoding="utf-8", errors="replace")
    return any(fnmatch.fnmatch(name, pattern) for pattern in _INCLUDE.findall(typed))
