"""Recurring invoices: a draft with ``recurrence:`` is a model, never issued itself; its months each get a draft.

The model's date is its first occurrence; the others are on the same day, month after month (the last day of a month
stays the last). ``expire:`` is the last date. Its other dates (``periode:``, ``livraison:``, ``echeance:``, ``prevu:``)
move with it, and the words between braces are replaced: « Maintenance {mois} {annee} ».
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from acompta.french import MONTHS, day, period
from acompta.preparing.months import Month, shifted
from acompta.preparing.writing import DraftHead, DraftLine, draft_text, typed_lines
from acompta.reading.model import Document
from acompta.vocabulary import NEUTRAL_KEYS, RECURRENCES

_DATES: Final = frozenset({"periode", "livraison", "echeance", "prevu"})
_OWN: Final = frozenset({"recurrence", "expire", "modele"})
_BRACES: Final = re.compile(r"(\bde )?\{([^{}]*)\}")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_VOWELS: Final = "ao"  # avril, août, octobre
_PLAIN_SPACES: Final = str.maketrans("\u00a0\u202f", "  ")


class Occurrence(NamedTuple):
    """What a model gives in a month: its draft, and the words that it could not replace."""

    date: datetime.date
    payee: str | None
    narration: str
    text: str
    unknown: tuple[str, ...]


def models(documents: Iterable[Document]) -> Iterator[Document]:
    """The models among the documents."""
    return (document for document in documents if document.is_model)


def name_of(model: Document) -> str:
    """What a model is recognised by: its ``modele:``, else its narration as typed."""
    return model.text("modele") or model.entry.narration or ""


def mark_of(model: Document, month: Month) -> str:
    """The ``modele:`` of the draft of a month, kept when it is issued: that month is done."""
    return f"{month} {name_of(model)}"


def occurrence(model: Document, month: Month) -> Occurrence | None:
    """The draft that a model gives in ``month``; ``None`` when it does not fall in it."""
    step = RECURRENCES.get(model.text("recurrence") or "")
    away = month.rank - Month.of(model.date).rank
    if step is None or away < 0 or away % step:
        return None
    date = shifted(model.date, away)
    until = model.meta.get("expire")
    if isinstance(until, datetime.date) and date > until:
        return None
    start, end = _covered(model, date, away)
    words = Words(start, end)
    entry = model.entry
    meta: dict[str, Any] = {"modele": mark_of(model, month)}
    for key, value in entry.meta.items():
        if key not in _OWN | NEUTRAL_KEYS and not key.startswith("__"):
            meta[key] = words.value(key, value, away)
    lines = [
        DraftLine(
            line.account,
            line.number,
            line.rest,
            tuple((key, words.value(key, value, away)) for key, value in line.meta),
        )
        for line in typed_lines(entry.postings)
    ]
    payee = words.replaced(entry.payee) if entry.payee is not None else None
    narration = words.replaced(entry.narration or "")
    head = DraftHead(date, payee, narration, model.kind, entry.links, meta)
    return Occurrence(date, payee, narration, draft_text(head, lines), tuple(words.unknown))


def _covered(
    model: Document, date: datetime.date, away: int
) -> tuple[datetime.date, datetime.date]:
    """The period that an occurrence covers: ``periode:``, else ``livraison:``, else its day."""
    for key in ("periode", "livraison"):
        value = model.meta.get(key)
        if isinstance(value, datetime.date):
            return shifted(value, away), shifted(value, away)
        if isinstance(value, str) and (found := _ISO.findall(value)):
            dates = [shifted(datetime.date.fromisoformat(one), away) for one in found]
            return dates[0], dates[-1]
    return date, date


class Words:
    """The words between braces, for one period."""

    def __init__(self, start: datetime.date, end: datetime.date) -> None:
        """Words that say the period from ``start`` to ``end``."""
        month = MONTHS[start.month - 1]
        quarter = (start.month - 1) // 3 + 1
        ordinal = "1er" if quarter == 1 else f"{quarter}e"
        self.unknown: list[str] = []
        self._words = {
            "mois": month,
            "Mois": month.capitalize(),
            "annee": f"{start.year}",
            "année": f"{start.year}",
            "trimestre": f"{ordinal} trimestre",
            "debut": day(start),
            "début": day(start),
            "fin": day(end),
            "periode": period(start, end),
            "période": period(start, end),
        }

    def replaced(self, text: str) -> str:
        """The text with its words replaced; those unknown stay, and are noted."""
        return _BRACES.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        of, name = found[1] or "", found[2]
        word = self._words.get(name.strip())
        if word is None:
            self.unknown.append(f"{{{name}}}")
            return found[0]
        if of and word[0] in _VOWELS:
            of = "d'"  # « Maintenance de {mois} » in April
        return of + word.translate(_PLAIN_SPACES)

    def value(self, key: str, value: Any, months: int) -> Any:
        """The value of a key: dates moved, words replaced."""
        if key in _DATES:
            if isinstance(value, datetime.date):
                return shifted(value, months)
            if isinstance(value, str):
                return _ISO.sub(lambda found: _moved(found[0], months), value)
        return self.replaced(value) if isinstance(value, str) else value


def _moved(text: str, months: int) -> str:
    return shifted(datetime.date.fromisoformat(text), months).isoformat()
