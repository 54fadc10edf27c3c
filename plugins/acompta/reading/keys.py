"""Keys: known or not, of the right type or not; each mistake one French message that says what to type."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from beancount.core.data import Directive

from acompta.messages import AcomptaError, error_at, shown
from acompta.vocabulary import NEUTRAL_KEYS, KeyType


def _closest(key: str, allowed: Mapping[str, KeyType]) -> str:
    found = difflib.get_close_matches(key, allowed, n=1, cutoff=0.6)
    if found:
        return f"vouliez-vous dire « {found[0]}: » ?"
    return "supprimez-la, ou mettez ce texte dans un commentaire (; …)"


def wrong_type(key: str, value: object, wanted: KeyType) -> str | None:
    """The French message for a value of the wrong type, or ``None`` when it fits."""
    if isinstance(value, wanted.accepted) and not (
        isinstance(value, bool) and bool not in wanted.accepted
    ):
        return None
    return (
        f"clé « {key} » : lu {shown(value)}, qui ne convient pas ; "
        f"tapez {wanted.wanted.format(key=key)}"
    )


def check_keys(
    entry: Directive,
    meta: dict[str, Any],
    allowed: Mapping[str, KeyType],
    *,
    strict: bool = True,
) -> list[AcomptaError]:
    """Errors for the unknown keys (when ``strict``) and the values of the wrong type in ``meta``."""
    errors = []
    for key, value in meta.items():
        wanted = allowed.get(key)
        if wanted is not None:
            message = wrong_type(key, value, wanted)
            if message is not None:
                errors.append(error_at(entry, message, meta))
        elif strict and key not in NEUTRAL_KEYS and not key.startswith(("__", "document")):
            message = f"clé inconnue « {key}: » (lu {shown(value)}) ; {_closest(key, allowed)}"
            errors.append(error_at(entry, message, meta))
    return errors
