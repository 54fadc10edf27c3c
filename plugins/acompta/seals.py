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
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Posting, Transaction

from acompta.messages import AcomptaError, Code, error_at, euros, key_error, shown
from acompta.numbering import BY_RANK
from acompta.tuples import make
from acompta.vocabulary import KIND_BY_TAG, NEUTRAL_KEYS

if TYPE_CHECKING:
    from acompta.dossier import Dossier
    from acompta.numbering import Numbered
    from acompta.posting.bill import Bill
    from acompta.reading.model import Document

VERSION: Final = "acompta sceau 2"
KEY: Final = "sceau"
TOTAL_KEY: Final = "ttc"
NO_SEAL: Final = "0" * 64
MARK_LENGTH: Final = 16
_FIRST: Final = ("", NO_SEAL)
_CHAIN_AT: Final = 2 * (MARK_LENGTH + 1)
_PLACE_KEYS: Final = 2  # filename and lineno: nothing typed
_SEAL: Final = re.compile(r"([0-9a-f]{16})\.([0-9a-f]{16})\.([0-9a-f]{64})")
# What is learnt or added after the issue, and changes nothing of what was said.
_OUTSIDE: Final = NEUTRAL_KEYS | {
    KEY, "etendu", "journal", "piece", "lettrage", "reception", "caution",
}  # fmt: skip
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


_INTACT: Final = State.INTACT


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
    """What a document says, as typed: the first text."""
    meta, date, _, payee, narration, tags, links, postings = entry
    parts = [f"{_head(date, tags)}{_value(payee)}\nobjet\t{_value(narration)}\n"]
    if links:
        parts += [f"lien\t{link}\n" for link in sorted(links)]
    parts += [f"cle\t{key}\t{_value(meta[key])}\n" for key in _sealed_keys(*meta)]
    blank: set[str] = set()
    for posting in postings:
        account, price, keys = posting[0], posting[3], posting[5]
        if keys is not None and "__automatic__" in keys:
            # Left blank by the person: Beancount may have made one for each unit.
            if account not in blank:
                blank.add(account)
                parts.append(f"ligne\t{account}\n")
            continue
        at = f"\t{_value(price)}" if price is not None else ""
        parts.append(f"ligne\t{account}\t{_value(posting[1])}{at}\n")
        if keys is not None and len(keys) > _PLACE_KEYS:
            parts += [f"cle\t{key}\t{_value(keys[key])}\n" for key in _sealed_keys(*keys)]
    return "".join(parts)


def posted_text(bill: Bill | None, postings: Iterable[Posting]) -> str:
    """What the document posts: the second text.

    Posting by posting, in an order that does not depend on the engine's. A document that posts nothing has its total: a
    deposit invoice of the policy that posts deposits when received.
    """
    lines = [f"poste\t{p[0]}\t{p[1][0]!s}\n" for p in postings if p[1] is not None]
    lines.sort()
    if lines or bill is None:
        return "".join(lines)
    return f"ttc\t{bill.receivable:.2f}\n"


def sealed(previous: str, typed: str, posted: str) -> str:
    """The seal of the two texts, after the chain mark of the previous one (`NO_SEAL` for the first of a series)."""
    marks = f"{mark_of(typed)}.{mark_of(posted)}"
    return f"{marks}.{_chain(previous, marks, typed + posted)}"


def mark_of(text: str) -> str:
    """What of its SHA-256 a seal keeps of a text, to tell which of the two changed."""
    return sha256(text.encode()).hexdigest()[:MARK_LENGTH]


def _chain(previous: str, marks: str, text: str) -> str:
    return sha256(f"{previous}\n{marks}\n{text}".encode()).hexdigest()


@lru_cache(maxsize=4096)
def _head(date: datetime.date, tags: frozenset[str]) -> str:
    """What begins the text of every document of that day and kind."""
    kind = next((KIND_BY_TAG[tag].value for tag in sorted(tags) if tag in KIND_BY_TAG), "")
    return f"{VERSION}\ndate\t{date.isoformat()}\ngenre\t{kind}\ntiers\t"


@lru_cache(maxsize=4096)
def _sealed_keys(*keys: str) -> tuple[str, ...]:
    """Those of these keys that the seal covers, in order: few sets of keys come again and again."""
    return tuple(
        key
        for key in sorted(keys)
        if key not in _OUTSIDE and not key.startswith(("__", "document"))
    )


def _value(value: object) -> str:
    """A value as the texts write it; the commonest types first."""
    if isinstance(value, str):
        return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)
    if isinstance(value, Amount) and value[0] is not None:
        number = f"{value[0]!s}"
        return f"{number} {value[1]}" if "E" not in number else f"{value[0]:f} {value[1]}"
    return _rarer_value(value)


def _rarer_value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value[1] if isinstance(value, Amount) else str(value)


# -- verification -----------------------------------------------------------------------------------------------


def said_text(entry: Transaction, bill: Bill, postings: Iterable[Posting]) -> str:
    """Both texts of a document, one after the other: what its seal is proved on."""
    return typed_text(entry) + posted_text(bill, postings)


def check_seals(dossier: Dossier, said: Mapping[int, str]) -> list[AcomptaError]:
    """Compare every sealed document with its seal, note it in ``dossier.seals``, and say what changed at its line.

    ``said`` are the `said_text` of the sealed documents that could be posted, by ``id`` of the typed transaction: they
    are made when the document is, its values being at hand in the processor's cache. Without a seal or a ``ttc:``
    nothing is read but metadata keys.
    """
    numbered = dossier.numbered
    if not any(KEY in n.entry.meta or TOTAL_KEY in n.entry.meta for n in numbered):
        return []
    check = _Check(dossier, said)
    for each in sorted(numbered, key=BY_RANK):
        check.one(each)
    return check.errors


class _Check:
    """The documents of a load in the order of their chains, and what is wrong with them."""

    def __init__(self, dossier: Dossier, said: Mapping[int, str]) -> None:
        self.errors: list[AcomptaError] = []
        self._dossier = dossier
        self._said = said
        self._last: dict[str, tuple[str, str]] = {}  # number and chain mark, by series

    @cached_property
    def _documents(self) -> dict[int, Document]:
        """By the identity of the typed transaction; needed by few."""
        return {id(document.entry): document for document in self._dossier.documents}

    def one(self, numbered: Numbered) -> None:
        series, entry = numbered[0], numbered[6]
        value = entry[0].get(KEY)
        before = self._last.get(series)
        if value is None:
            if before is not None:
                self._dossier.seals.append(Sealed(numbered, before[0], State.UNSEALED))
            document = self._documents.get(id(entry))
            self.errors += _check_total(self._dossier, document)
            return
        previous, mark = before or _FIRST
        text = self._said.get(id(entry))
        if text is not None and isinstance(value, str) and _holds(value, mark, text):
            self._dossier.seals.append(make(Sealed, (numbered, previous, _INTACT, "")))
            self._last[series] = (numbered[5], value[_CHAIN_AT:])
        else:
            self._say(numbered, previous, text)

    def _say(self, numbered: Numbered, previous: str, text: str | None) -> None:
        """The seal does not hold: find why, and say it."""
        dossier, entry = self._dossier, numbered.entry
        seal, document = read_seal(entry.meta[KEY]), self._documents.get(id(entry))
        state = _difference(document, seal, text)
        message = _message(dossier, document, numbered, state, previous)
        dossier.seals.append(Sealed(numbered, previous, state, message))
        if message:
            about = KEY if state is State.UNREADABLE else ""
            self.errors.append(error_at(entry, message, None, Code.SEAL, about))
        if seal is not None:
            self._last[numbered.series] = (numbered.number, seal.chain)


def _holds(seal: str, previous: str, text: str) -> bool:
    """Whether ``seal`` is that of this `said_text` after the chain mark ``previous``: one hash proves it."""
    return seal[_CHAIN_AT:] == _chain(previous, seal[: _CHAIN_AT - 1], text)


def _difference(document: Document | None, seal: Seal | None, text: str | None) -> State:
    """What differs between the seal that is written and what the document says and posts today."""
    if seal is None:
        return State.UNREADABLE
    if document is None or document.expanded:
        return State.UNVERIFIED
    typed = typed_text(document.entry)
    if mark_of(typed) != seal.typed:
        return State.TEXT
    if text is None:
        return State.UNVERIFIED  # its own error is said
    return State.AMOUNTS if mark_of(text[len(typed) :]) != seal.posted else State.CHAIN


def _check_total(dossier: Dossier, document: Document | None) -> list[AcomptaError]:
    """``ttc:`` typed on a document without a seal is checked too."""
    if document is None or TOTAL_KEY not in document.meta or document.expanded:
        return []
    message = _other_total(dossier, document)
    return [key_error(document.entry, TOTAL_KEY, message)] if message else []


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
