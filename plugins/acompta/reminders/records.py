"""What the ledger keeps of the reminders sent: one ``custom "relance"`` per letter, and in which file."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Final

from acompta.directives import REMINDER
from acompta.loading import Loaded
from acompta.reminders.select import Reminders

OWN_FILE: Final = "relances"


def record_text(reminders: Reminders) -> str:
    """The directives to add: date, level, invoices. A comment names the customer."""
    lines = []
    for letter in reminders.letters:
        numbers = " ".join(f'"{line.number}"' for line in letter.lines)
        lines.append(f";; {letter.step.title} : {' '.join(letter.name.split())}")
        lines.append(f'{reminders.at} custom "{REMINDER}" {letter.step.level} {numbers}')
    return "\n".join(lines) + "\n"


def record_file(loaded: Loaded, at: datetime.date) -> Path:
    """Where to add them: ``relances.beancount`` or ``2026-03.beancount`` if one is included, else the main file."""
    files = [Path(name) for name in loaded.options.get("include", ())]
    for stem in (OWN_FILE, f"{at:%Y-%m}"):
        for path in files:
            if path.stem == stem:
                return path
    return loaded.path
