"""What the linter says: one French message at one line of one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

Severity = Literal["erreur", "signalement"]

ERROR: Final[Severity] = "erreur"
NOTICE: Final[Severity] = "signalement"

# The mistakes that have others for consequence: their ``code``.
NO_PLUGIN: Final = "plugin-absent"
NO_ROOTS: Final = "racines-absentes"
OPEN_QUOTE: Final = "guillemet-ouvert"


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake visible in the text of a ledger.

    ``line`` counts from 1, as Beancount does; ``token`` is what was read (the key when a key is at fault);
    ``message`` says in French what was read and what to type. ``erreur`` means that Beancount drops or misreads the
    line, ``signalement`` that it reads it as meant, though it would be better typed otherwise. ``code`` names the
    mistakes that have others for consequence.
    """

    path: Path
    line: int
    token: str
    severity: Severity
    message: str
    code: str = ""


class Problem(NamedTuple):
    """A finding before it knows its file and line."""

    token: str
    message: str
    severity: Severity = ERROR
    code: str = ""
