"""Errors and notices: one French message each, at the line that caused it.

An *error* is a mistake to correct (Beancount shows it). A *notice* is what the language reference calls « signalé »:
shown by ``acompta verifier``, the aged balance, Fava and the closing, never a Beancount error.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Directive


class AcomptaError(NamedTuple):
    """A mistake at a line of the ledger, in the shape that Beancount expects of plugin errors."""

    source: dict[str, Any]
    message: str
    entry: Directive | None


class Notice(NamedTuple):
    """Something to know that is not a mistake in the text.

    ``code`` is stable and ASCII (for tests, JSON and the closing), ``message`` is for the accountant.
    """

    path: str
    line: int
    code: str
    message: str
    date: datetime.date
    account: str = ""
    amount: Decimal | None = None


class DocumentError(Exception):
    """A document that cannot be posted; caught per document and turned into an `AcomptaError` at its line."""

    def __init__(self, message: str, meta: dict[str, Any] | None = None) -> None:
        """Keep the French message and, when the mistake is on a line of the document, that line's metadata."""
        super().__init__(message)
        self.message = message
        self.meta = meta


class MissingVatAccountError(DocumentError):
    """No account serves a VAT rate; the engine shows the error at the line that uses it."""

    def __init__(self, message: str, rate: Decimal) -> None:
        """Keep the ``rate`` (percent) that no account serves."""
        super().__init__(message)
        self.rate = rate


def euros(amount: Decimal) -> str:
    """« 1 234,56 € », with no-break spaces: the amount as messages show it."""
    return f"{amount:,.2f} €".replace(",", "\u202f").replace(".", ",").replace(" €", "\u00a0€")


def percent(rate: Decimal) -> str:
    """« 5,5 % » for a rate of 5.5."""
    text = f"{rate:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") + "\u00a0%"


def shown(value: object) -> str:
    """How a typed value is quoted back to the person who typed it."""
    if value is None:
        return "rien"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Amount):
        return f"{value.number} {value.currency}"
    if isinstance(value, Decimal):
        return f"{value:.4f}".rstrip("0").rstrip(".") if value.is_finite() else str(value)
    return str(value)


def error_at(entry: Directive, message: str, meta: dict[str, Any] | None = None) -> AcomptaError:
    """An error at the line of ``meta`` (a posting's) or of the entry."""
    where = meta if meta and meta.get("lineno") else entry.meta
    return AcomptaError(
        {"filename": where.get("filename", "<acompta>"), "lineno": where.get("lineno", 0)},
        message,
        entry,
    )


def error_of(
    entry: Directive, error: Exception, meta: dict[str, Any] | None = None
) -> AcomptaError:
    """Whatever the work on one entry raised, as one error at its line.

    A plugin that raises would be skipped whole by Beancount, the ledger going on unexpanded; so even a fault of ours
    stops at the document, and is said to be one.
    """
    if isinstance(error, DocumentError):
        return error_at(entry, error.message, error.meta or meta)
    if isinstance(error, ArithmeticError):
        return error_at(entry, "montant trop grand ou illisible : vérifiez les nombres tapés", meta)
    return error_at(
        entry,
        f"erreur interne ({type(error).__name__} : {error}) : cette écriture n'est pas traitée ; signalez-la-nous",
        meta,
    )
