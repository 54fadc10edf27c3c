"""Seals: what an issued document says and posts never changes without a word (C. com. L123-22, CGI art. 286-I-3° bis).

``acompta emettre`` writes ``sceau:`` under the document. It holds three marks, parted by dots: sixteen hexadecimal
digits of the SHA-256 of what is typed, sixteen of what is posted, and the whole SHA-256 of both and of the previous
seal of the series. The first two say *what* changed; the third proves it, and that no earlier seal of the series was
changed or taken away. The exact bytes are documented, with an example, in ``docs/language.md`` (« Le sceau, octet par
octet »): `typed_text`, `posted_text` and `chained` are that page in Python.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Directive, Posting, Transaction

from acompta.messages import AcomptaError, error_at, euros, shown
from acompta.vocabulary import KIND_BY_TAG, NEUTRAL_KEYS

if TYPE_CHECKING:
    from acompta.dossier import Dossier
    from acompta.numbering import Numbered
    from acompta.reading.model import Document

VERSION: Final = "acompta sceau 1"
KEY: Final = "sceau"
TOTAL_KEY: Final = "ttc"
NO_SEAL: Final = "0" * 64
MARK_LENGTH: Final = 16
_PLACE_KEYS: Final = 2  # filename and lineno: nothing typed
_SEAL: Final = re.compile(r"([0-9a-f]{16})\.([0-9a-f]{16})\.([0-9a-f]{64})")
# What is learnt or added after the issue, and changes nothing of what was said.
_OUTSIDE: Final = NEUTRAL_KEYS | {
    KEY, "etendu", "journal", "piece", "lettrage", "reception", "caution",
}  # fmt: skip
_by_rank: Final = itemgetter(0, 1, 2, 3, 4)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Seal(NamedTuple):
    """The three marks of ``sceau:``: of the typed text, of what is posted, of the chain; in hexadecimal."""

    typed: str
    posted: str
    chain: str


class State(StrEnum):
    """What comparing a document with its seal found."""

    INTACT = "intact"
    UNSEALED = "sans sceau"
    UNREADABLE = "sceau illisible"
    TEXT = "texte changé"
    AMOUNTS = "montants changés"
    CHAIN = "chaîne rompue"
    UNVERIFIED = "non vérifiable"


class Sealed(NamedTuple):
    """A document with a seal, or without one after a sealed one; ``previous`` is the number that it is chained to.

    ``message`` is the error shown at its line, in French.
    """

    numbered: Numbered
    previous: str
    state: State
    message: str = ""

    @property
    def seal(self) -> Seal | None:
        """The seal that is written, or ``None`` when none can be read."""
        return read_seal(self.numbered.entry.meta.get(KEY))


def read_seal(value: object) -> Seal | None:
    """The seal that ``sceau:`` holds, or ``None`` when it cannot be one."""
    found = _SEAL.fullmatch(value) if isinstance(value, str) else None
    return Seal(*found.groups()) if found is not None else None


# -- the canonical form -----------------------------------------------------------------------------------------


def typed_text(entry: Transaction) -> str:
    """What a document says, as typed: the first text that is hashed."""
    meta, date, _, payee, narration, tags, links, postings = entry
    text = (
        f"{VERSION}\ndate\t{date.isoformat()}\ngenre\t{_kind(tags)}\n"
        f"tiers\t{_escaped(payee) if payee else ''}\nobjet\t{_escaped(narration) if narration else ''}\n"
    )
    if links:
        text += "".join([f"lien\t{link}\n" for link in sorted(links)])
    text += _keys(meta)
    blank: set[str] = set()
    for account, units, _, price, _, posting_meta in postings:
        if posting_meta is not None and "__automatic__" in posting_meta:
            # Left blank by the person: Beancount may have made one for each unit.
            if account not in blank:
                blank.add(account)
                text += f"ligne\t{account}\t\t\n"
            continue
        if price is None and units is not None and units[0] is not None:
            text += f"ligne\t{account}\t{_plain(units[0])} {units[1]}\t\n"
        else:
            text += f"ligne\t{account}\t{_value(units)}\t{_value(price)}\n"
        if posting_meta is not None and len(posting_meta) > _PLACE_KEYS:
            text += _keys(posting_meta)
    return text


def posted_text(total: Decimal, postings: Iterable[Posting]) -> str:
    """What the document posts: ``total`` is what the customer owes for it (euros); the second text that is hashed."""
    lines = [f"poste\t{posting[0]}\t{_cents(posting[1])}\n" for posting in postings]
    lines.sort()
    return f"ttc\t{_two_decimals(total)}\n{''.join(lines)}"


def chained(previous: str, typed: str, posted: str) -> str:
    """The seal of the two texts, after the chain mark of the previous one (`NO_SEAL` for the first of a series)."""
    of_typed = sha256(typed.encode()).hexdigest()
    of_posted = sha256(posted.encode()).hexdigest()
    chain = sha256(f"{previous}\n{of_typed}\n{of_posted}\n".encode()).hexdigest()
    return f"{of_typed[:MARK_LENGTH]}.{of_posted[:MARK_LENGTH]}.{chain}"


@lru_cache(maxsize=4096)
def _kind(tags: frozenset[str]) -> str:
    for tag in sorted(tags):
        kind = KIND_BY_TAG.get(tag)
        if kind is not None:
            return kind.value
    return ""


@lru_cache(maxsize=4096)
def _sealed_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these keys that the seal covers, in order: few sets of keys come again and again."""
    return tuple(
        key
        for key in sorted(keys)
        if key not in _OUTSIDE and not key.startswith(("__", "document"))
    )


def _keys(meta: Mapping[str, Any]) -> str:
    return "".join([f"cle\t{key}\t{_value(meta[key])}\n" for key in _sealed_keys(tuple(meta))])


def _value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, Amount):
        number = value[0]
        return f"{_plain(number)} {value[1]}" if number is not None else value[1]
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _plain(number: Decimal) -> str:
    """A number as typed, never with an exponent."""
    text = str(number)
    return text if "E" not in text else f"{number:f}"


def _two_decimals(number: Decimal) -> str:
    text = str(number)
    return text if text[-3:-2] == "." else f"{number:.2f}"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if not text.isprintable() or "\\" in text else text


def _cents(units: Amount | None) -> str:
    if units is None:
        return ""
    number = units[0]
    return _two_decimals(number) if number is not None else ""


# -- verification -----------------------------------------------------------------------------------------------


def check_seals(dossier: Dossier, output: Sequence[Directive]) -> list[AcomptaError]:
    """Compare every sealed document with its seal, note it in ``dossier.seals``, and say what changed at its line.

    ``output`` are the completed entries, at the places of `Document.index`. Without a seal or a ``ttc:`` nothing is
    read but metadata keys.
    """
    if not any(KEY in n.entry.meta or TOTAL_KEY in n.entry.meta for n in dossier.numbered):
        return []
    documents = {id(document.entry): document for document in dossier.documents}
    errors: list[AcomptaError] = []
    chain: dict[str, tuple[str, str]] = {}
    first = ("", NO_SEAL)
    for numbered in sorted(dossier.numbered, key=_by_rank):
        series, _, _, _, _, number, entry = numbered
        document = documents.get(id(entry))
        value = entry.meta.get(KEY)
        if value is None:
            errors += _unsealed(dossier, document, numbered, chain.get(series))
            continue
        previous, mark = chain.get(series, first)
        wanted = _wanted(dossier, document, mark, output)
        if isinstance(value, str) and wanted == value:  # a Beancount amount fails on being compared
            dossier.seals.append(Sealed(numbered, previous, State.INTACT))
            chain[series] = (number, value[-len(NO_SEAL) :])
            continue
        seal = read_seal(value)
        state = _difference(document, seal, wanted)
        message = _message(dossier, document, numbered, state, previous)
        dossier.seals.append(Sealed(numbered, previous, state, message))
        if message:
            errors.append(error_at(entry, message))
        if seal is not None:
            chain[series] = (number, seal.chain)
    return errors


def _unsealed(
    dossier: Dossier,
    document: Document | None,
    numbered: Numbered,
    before: tuple[str, str] | None,
) -> list[AcomptaError]:
    """A document without a seal: noted when it follows a sealed one; its ``ttc:`` is checked."""
    if before is not None:
        dossier.seals.append(Sealed(numbered, before[0], State.UNSEALED))
    return _check_total(dossier, document)


def _wanted(
    dossier: Dossier, document: Document | None, previous: str, output: Sequence[Directive]
) -> str:
    """The seal that the document has today; ``""`` when it cannot be computed (in error, or completed in the text)."""
    if document is None or document.expanded:
        return ""
    index = document[2]
    bill, entry = dossier.bills.get(index), output[index]
    if bill is None or index in dossier.failed or not isinstance(entry, Transaction):
        return ""
    return chained(previous, typed_text(document[1]), posted_text(bill.receivable, entry.postings))


def _difference(document: Document | None, seal: Seal | None, wanted: str) -> State:
    """What differs between the seal that is written and the one that is ``wanted``."""
    if seal is None:
        return State.UNREADABLE
    if document is None or document.expanded:
        return State.UNVERIFIED
    typed = sha256(typed_text(document.entry).encode()).hexdigest()[:MARK_LENGTH]
    if typed != seal.typed:
        return State.TEXT
    now = read_seal(wanted)
    if now is None:
        return State.UNVERIFIED  # its own error is said
    return State.AMOUNTS if now.posted != seal.posted else State.CHAIN


def _check_total(dossier: Dossier, document: Document | None) -> list[AcomptaError]:
    """``ttc:`` typed on a document without a seal is checked too."""
    if document is None or TOTAL_KEY not in document.meta or document.expanded:
        return []
    message = _other_total(dossier, document)
    return [error_at(document.entry, message)] if message else []


def _other_total(dossier: Dossier, document: Document) -> str:
    typed, bill = document.meta.get(TOTAL_KEY), dossier.bills.get(document.index)
    number = typed.number if isinstance(typed, Amount) else typed
    if bill is None or not isinstance(number, Decimal) or number == bill.receivable:
        return ""
    return (
        f"clé « ttc » : émis pour {euros(number)}, calculé aujourd'hui {euros(bill.receivable)} ; ce dont le calcul"
        " dépend a changé depuis l'émission (contrat, avenant, acomptes, taux, comptes, version d'Acompta) :"
        " rétablissez-le, ou corrigez par un avoir"
    )


def _message(
    dossier: Dossier, document: Document | None, numbered: Numbered, state: State, previous: str
) -> str:
    number = numbered.number
    if state is State.UNREADABLE:
        read = shown(numbered.entry.meta.get(KEY))
        return (
            f"clé « sceau » : lu {read} ; ce n'est pas un sceau : remettez celui que l'émission de {number} a écrit"
            " (votre sauvegarde)"
        )
    if state is State.TEXT:
        return (
            f"{number} est émis et scellé, mais son texte a changé depuis : remettez le texte émis (votre sauvegarde,"
            " ou le PDF), et corrigez par un avoir ou une facture rectificative"
        )
    if state is State.AMOUNTS:
        other = _other_total(dossier, document) if document is not None else ""
        return other or (
            f"{number} est émis et scellé : son texte est intact, mais ses écritures calculées ne sont plus celles de"
            " l'émission ; ce dont elles dépendent a changé (contrat, avenant, acomptes, taux, comptes, version"
            " d'Acompta) : rétablissez-le, ou corrigez par un avoir"
        )
    if state is State.CHAIN:
        after = f"celui de {previous}" if previous else "aucun autre"
        return (
            f"{number} est intact, mais son sceau ne suit pas {after} : un document scellé avant lui a été changé,"
            " ajouté ou retiré depuis l'émission ; remettez-le (votre sauvegarde)"
        )
    return ""
