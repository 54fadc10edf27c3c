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


class KeySchemas:
    """Checks metadata fast: which keys a set of names must be checked for is worked out once per set of names.

    ``choices`` gives the closed lists of words of some keys.
    """

    def __init__(
        self, allowed: Mapping[str, KeyType], choices: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        """Check against ``allowed``."""
        self._allowed = allowed
        self._choices = choices or {}
        self._schemas: dict[tuple[str, ...], tuple[tuple[str, type], ...] | None] = {}

    def errors(self, entry: Directive, meta: dict[str, Any]) -> list[AcomptaError]:
        """The errors of `check_keys`, and of the words outside their list."""
        names = tuple(meta)
        try:
            schema = self._schemas[names]
        except KeyError:
            schema = self._schemas[names] = self._schema(names)
        if schema is not None:
            for key, wanted in schema:
                if type(meta[key]) is not wanted:
                    break
            else:
                return []
        errors = check_keys(entry, meta, self._allowed)
        for key in self._choices.keys() & meta.keys():
            value, choices = meta[key], self._choices[key]
            if isinstance(value, str) and value not in choices:
                wanted_words = ", ".join(f'"{choice}"' for choice in sorted(choices))
                message = f"clé « {key} » : lu {shown(value)} ; tapez l'un de {wanted_words}"
                errors.append(error_at(entry, message, meta))
        return errors

    def _schema(self, names: tuple[str, ...]) -> tuple[tuple[str, type], ...] | None:
        """Names and exact types that need no closer look; ``None`` when one of the keys always does."""
        schema = []
        for key in names:
            wanted = self._allowed.get(key)
            if wanted is None:
                if key not in NEUTRAL_KEYS and not key.startswith(("__", "document")):
                    return None
            elif key in self._choices:
                return None
            else:
                schema.append((key, wanted.accepted[0]))
        return tuple(schema)
