"""Keys: known or not, of the right type or not; each mistake one French message that says what to type."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from beancount.core.data import Directive

from acompta.messages import AcomptaError, key_error, shown
from acompta.reading import synonyms
from acompta.reading.values import Judge
from acompta.vocabulary import NEUTRAL_KEYS, KeyType

_NONE: Final[Sequence[AcomptaError]] = ()


def unknown_key(key: str, value: object, allowed: Mapping[str, KeyType]) -> str:
    """The French message for a key that is not among ``allowed``: what was read, and what to type instead."""
    place = synonyms.place_of(allowed)
    advice = synonyms.hint(key, place) if place is not None else ""
    where = "" if advice else synonyms.elsewhere(key, allowed)
    if where:
        return f"clé « {key}: » mal placée (lu {shown(value)}) ; elle se tape {where}"
    return f"clé inconnue « {key}: » (lu {shown(value)}) ; {advice or _closest(key, allowed)}"


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
    meant = _meant(value, wanted) if isinstance(value, str) else ""
    advice = f"{key}: {meant}, sans guillemets" if meant else wanted.wanted.format(key=key)
    return f"clé « {key} » : lu {shown(value)}, qui ne convient pas ; tapez {advice}"


_TRUE: Final = frozenset({"oui", "vrai", "true", "o"})
_FALSE: Final = frozenset({"non", "faux", "false", "n"})
_NUMBER: Final = re.compile(r"(-?\d+)(?:[.,](\d+))?\s*%?")


def _meant(text: str, wanted: KeyType) -> str:
    """The value that a text was meant to be: a date, a number, a yes or no; ``""`` when it looks like none."""
    text = text.strip()
    if bool in wanted.accepted:
        word = text.lower()
        return "TRUE" if word in _TRUE else "FALSE" if word in _FALSE else ""
    if datetime.date in wanted.accepted:
        from acompta.lint.dates import iso_day  # noqa: PLC0415 — the linter, for a mistake only

        day = iso_day(text)
        if day:
            return day
    if Decimal in wanted.accepted and (found := _NUMBER.fullmatch(text)):
        return f"{found[1]}.{found[2]}" if found[2] else found[1]
    return ""


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
                errors.append(key_error(entry, key, message, meta))
        elif strict and key not in NEUTRAL_KEYS and not key.startswith(("__", "document")):
            errors.append(key_error(entry, key, unknown_key(key, value, allowed), meta))
    return errors


class KeySchemas:
    """Checks metadata fast: names and types once found right are right wherever they come again.

    ``judges`` judge each value of some keys.
    """

    def __init__(
        self, allowed: Mapping[str, KeyType], judges: Mapping[str, Judge] | None = None
    ) -> None:
        """Check against ``allowed``."""
        self._allowed = allowed
        self._judges = judges or {}
        # The names and types found right, with the keys among them that are to be judged each time.
        self._right: dict[tuple[object, ...], tuple[str, ...]] = {}

    def errors(self, entry: Directive, meta: dict[str, Any]) -> Sequence[AcomptaError]:
        """The errors of `check_keys`, and those of the judges."""
        shape = (*meta, *map(type, meta.values()))
        judged = self._right.get(shape)
        if judged is not None:
            return self._judge(entry, meta, judged) if judged else _NONE
        judged = tuple(
            key
            for key, value in meta.items()
            if key in self._judges and isinstance(value, self._judges[key].type)
        )
        errors = check_keys(entry, meta, self._allowed)
        if not errors:
            self._right[shape] = judged
        return errors + self._judge(entry, meta, judged)

    def _judge(
        self, entry: Directive, meta: dict[str, Any], judged: tuple[str, ...]
    ) -> list[AcomptaError]:
        errors = []
        for key in judged:
            said = self._judges[key].wrong(meta[key])
            if said is not None:
                errors.append(key_error(entry, key, said, meta))
        return errors
