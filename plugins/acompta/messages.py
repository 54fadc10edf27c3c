"""Errors and notices: one French message each, at the line that caused it.

An *error* is a mistake to correct (Beancount shows it). A *notice* is what the language reference calls « signalé »:
shown by ``acompta verifier``, the aged balance, Fava and the closing, never a Beancount error.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Directive


class Code(StrEnum):
    """What sort of mistake an error is: for programs, which never look into the words of a message."""

    DOCUMENT = "document"
    KEY = "cle"
    UNKNOWN_CONTRACT = "contrat-inconnu"
    UNKNOWN_INVOICE = "facture-inconnue"
    MISSING_ACCOUNT = "compte-manquant"
    UNKNOWN_ACCOUNT = "compte-inconnu"
    NUMBER_USED = "numero-deja-utilise"
    NUMBER_MISSING = "numero-manquant"
    DATE_GOES_BACK = "date-en-recul"
    SEAL = "sceau-rompu"
    CLOSING = "cloture-changee"
    AMOUNT = "nombre-illisible"
    INTERNAL = "erreur-interne"


class AcomptaError(NamedTuple):
    """A mistake at a line of the ledger, in the shape that Beancount expects of plugin errors.

    ``code`` says which mistake it is, ``about`` what was read that is at fault: the key, the link, the number
    (``""`` when the message alone says it).
    """

    source: dict[str, Any]
    message: str
    entry: Directive | None
    code: Code = Code.DOCUMENT
    about: str = ""


class Notice(NamedTuple):
    """Something to know that is not a mistake in the text.

    ``code`` is stable and ASCII (for tests, JSON and the closing), ``message`` is for the accountant, ``about`` the key
    at fault.
    """

    path: str
    line: int
    code: str
    message: str
    date: datetime.date
    account: str = ""
    amount: Decimal | None = None
    about: str = ""


class DocumentError(Exception):
    """A document that cannot be posted; caught per document and turned into an `AcomptaError` at its line."""

    def __init__(
        self,
        message: str,
        meta: dict[str, Any] | None = None,
        code: Code = Code.DOCUMENT,
        about: str = "",
    ) -> None:
        """Keep the French message and, when the mistake is on a line of the document, that line's metadata."""
        super().__init__(message)
        self.message = message
        self.meta = meta
        self.code = code
        self.about = about

    @classmethod
    def of(cls, error: AcomptaError) -> DocumentError:
        """The same mistake, for a document that cannot be read because of it."""
        return DocumentError(error.message, error.source, error.code, error.about)


class WrongKeyError(DocumentError):
    """A key whose value does not suit the document."""

    def __init__(self, key: str, said: str, meta: dict[str, Any] | None = None) -> None:
        """« clé « ``key`` » : ``said`` »: what was read, and what to type."""
        super().__init__(f"clé « {key} » : {said}", meta, Code.KEY, key)


class MissingVatAccountError(DocumentError):
    """No account serves a VAT rate; the engine shows the error at the line that uses it."""

    def __init__(self, message: str, rate: Decimal) -> None:
        """Keep the ``rate`` (percent) that no account serves."""
        super().__init__(message, code=Code.MISSING_ACCOUNT)
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


def near(name: str, known: Iterable[str], what: str, mark: str = "") -> str:
    """« ; numéros proches : F2026-003, F2026-004 », to follow a message about an unknown ``name``; else nothing."""
    found = difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.75)
    return f" ; {what} : {', '.join(mark + each for each in found)}" if found else ""


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


def error_at(
    entry: Directive,
    message: str,
    meta: dict[str, Any] | None = None,
    code: Code = Code.DOCUMENT,
    about: str = "",
) -> AcomptaError:
    """An error at the line of ``meta`` (a posting's) or of the entry."""
    where = meta if meta and meta.get("lineno") else entry.meta
    source = {"filename": where.get("filename", "<acompta>"), "lineno": where.get("lineno", 0)}
    return AcomptaError(source, message, entry, code, about)


def key_error(
    entry: Directive, key: str, message: str, meta: dict[str, Any] | None = None
) -> AcomptaError:
    """An error of the ``key`` of that ``meta`` (a posting's) or of the entry; ``message`` names it."""
    return error_at(entry, message, meta, Code.KEY, key)


def error_of(
    entry: Directive, error: Exception, meta: dict[str, Any] | None = None
) -> AcomptaError:
    """Whatever the work on one entry raised, as one error at its line.

    A plugin that raises would be skipped whole by Beancount, the ledger going on unexpanded; so even a fault of ours
    stops at the document, and is said to be one.
    """
    if isinstance(error, DocumentError):
        return error_at(entry, error.message, error.meta or meta, error.code, error.about)
    if isinstance(error, ArithmeticError):
        message = "montant trop grand ou illisible : vérifiez les nombres tapés"
        return error_at(entry, message, meta, Code.AMOUNT)
    message = f"erreur interne ({type(error).__name__} : {error}) : cette écriture n'est pas traitée ; signalez-la-nous"
    return error_at(entry, message, meta, Code.INTERNAL)
