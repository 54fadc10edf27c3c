"""The error of an act that cannot be done."""

from __future__ import annotations

from pathlib import Path

from acompta.loading import reason_of


class ActError(Exception):
    """Nothing was written, or all of it will be at the next run; the message is French and says what to do."""


def unwritable(path: Path, error: OSError) -> ActError:
    """A file or a folder that the system does not let us write."""
    return ActError(f"« {path} » ne peut pas être écrit : {reason_of(error)} ; rien n'a été changé")
