"""The customer's identity, on the ``open`` of its 411 account."""

from __future__ import annotations

from beancount.core.data import Open

from acompta.messages import AcomptaError, error_at
from acompta.reading.keys import check_keys
from acompta.reading.values import bad_terms
from acompta.vocabulary import PARTY_KEYS


def check_party(entry: Open) -> list[AcomptaError]:
    """Errors for values of the wrong type (a SIRET typed without quotes loses its zero) and unreadable terms."""
    errors = check_keys(entry, entry.meta, PARTY_KEYS, strict=False)
    terms = entry.meta.get("delai")
    message = bad_terms(terms) if isinstance(terms, str) else None
    if message is not None:
        errors.append(error_at(entry, message))
    return errors
