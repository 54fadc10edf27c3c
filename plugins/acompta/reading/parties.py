"""The customer's identity, on the ``open`` of its 411 account."""

from __future__ import annotations

import difflib
from typing import Final

from beancount.core.data import Open

from acompta.messages import AcomptaError, Notice, key_error, shown
from acompta.reading import synonyms
from acompta.reading.keys import check_keys
from acompta.reading.values import bad_terms
from acompta.vocabulary import ACCOUNT_KEYS, NEUTRAL_KEYS, PARTY_KEYS

# An account may carry keys of its own: only what is almost one of ours is taken for a mistake.
_ALMOST: Final = 0.85
_KNOWN: Final = NEUTRAL_KEYS | PARTY_KEYS.keys() | ACCOUNT_KEYS.keys()


def check_party(entry: Open) -> list[AcomptaError]:
    """Errors for values of the wrong type (a SIRET typed without quotes loses its zero) and unreadable terms."""
    errors = check_keys(entry, entry.meta, PARTY_KEYS, strict=False)
    terms = entry.meta.get("delai")
    message = bad_terms(terms) if isinstance(terms, str) else None
    if message is not None:
        errors.append(key_error(entry, "delai", message))
    return errors


def idle_keys(entry: Open, *, customer: bool) -> list[Notice]:
    """Keys of an ``open`` that say nothing, though what they mean has a key: ``ville:`` on a customer."""
    place = synonyms.PARTY if customer else synonyms.ACCOUNT
    meta = entry.meta
    notices = []
    for key in meta.keys() - _KNOWN:
        advice = synonyms.hint(key, place) or _almost(key, place)
        if advice and not key.startswith("__"):
            message = f"clé « {key}: » sans effet (lu {shown(meta[key])}) ; {advice}"
            notices.append(
                Notice(
                    meta.get("filename", ""),
                    meta.get("lineno", 0),
                    "cle-sans-effet",
                    message,
                    entry.date,
                    entry.account,
                    about=key,
                )
            )
    return sorted(notices)


def _almost(key: str, place: synonyms.Place) -> str:
    found = difflib.get_close_matches(key, place.keys, n=1, cutoff=_ALMOST)
    return f"vouliez-vous dire « {found[0]}: » ?" if found else ""
