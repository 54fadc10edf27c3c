"""All the drafts of a month, in the order of the ledger."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from acompta.book import Book
from acompta.french import short_day
from acompta.preparing.agreed import Due, deposits_due, milestones_due
from acompta.preparing.months import Month
from acompta.preparing.recurring import Occurrence, mark_of, models, name_of, occurrence
from acompta.reading.model import Document
from acompta.vocabulary import Kind


class Reason(StrEnum):
    """Why a draft is proposed."""

    RECURRING = "recurrence"
    DEPOSIT = "acompte"
    MILESTONE = "jalon"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft to write: ``text`` is its ledger text, ``why`` a few French words, ``contract`` a link or ``""``.

    ``model`` is the recurring draft that it comes from, if any; ``place`` the file and line of what calls for it.
    """

    date: datetime.date
    kind: Kind
    customer: str
    payee: str
    narration: str
    contract: str
    reason: Reason
    why: str
    text: str = field(repr=False)
    model: Document | None = field(default=None, repr=False)
    place: tuple[str, int] = ("", 0)


class Remark(NamedTuple):
    """Something that no draft can be written for, with the place of what calls for it."""

    message: str
    filename: str
    line: int


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a month calls for, and what a person must look at."""

    month: Month
    proposals: tuple[Proposal, ...]
    remarks: tuple[Remark, ...]


def proposals(book: Book, month: Month) -> Preparation:
    """The drafts that ``month`` calls for and that the ledger does not hold yet, by date then customer."""
    found: list[Proposal] = []
    remarks: list[Remark] = []
    for item in _all(book, month):
        (found if isinstance(item, Proposal) else remarks).append(item)  # type: ignore[arg-type]
    found.sort(key=lambda one: (one.date, one.customer, one.kind.value, one.narration))
    return Preparation(month, tuple(found), tuple(remarks))


def _all(book: Book, month: Month) -> Iterator[Proposal | Remark]:
    yield from recurring(book, month)
    for due in deposits_due(book, month):
        yield _proposal(book, due, Reason.DEPOSIT, f"acompte prévu au contrat ^{due.contract}")
    for due in milestones_due(book, month):
        when = short_day(due.planned) if due.planned is not None else ""
        if due.text:
            yield _proposal(book, due, Reason.MILESTONE, f"prévu le {when}, ^{due.contract}")
            continue
        yield Remark(
            f"contrat ^{due.contract} : « {due.narration} » était prévu le {when} et se facture avec d'autres lignes du"
            " même compte ; donnez-lui un lot:, ou tapez sa facture",
            *_signed_at(book, due.contract),
        )


def _signed_at(book: Book, link: str) -> tuple[str, int]:
    """The file and line of a contract."""
    signed = book.dossier.contracts[link].document
    return _place(signed) if signed is not None else ("", 0)


def _place(document: Document) -> tuple[str, int]:
    return document.meta.get("filename", ""), document.meta.get("lineno", 0)


def _proposal(book: Book, due: Due, reason: Reason, why: str) -> Proposal:
    return Proposal(
        due.date,
        due.kind,
        due.customer,
        due.payee or "",
        due.narration,
        due.contract,
        reason,
        why,
        due.text,
        place=_signed_at(book, due.contract),
    )


def recurring(book: Book, month: Month) -> Iterator[Proposal | Remark]:
    """What the recurring models give in ``month`` and the ledger does not hold yet."""
    yield from _given(month, list(models(book.dossier.documents)), book.dossier.documents)


def recurring_over(book: Book, months: Iterable[Month]) -> Iterator[Proposal | Remark]:
    """`recurring` for each of ``months``, in order; the models are looked for once."""
    found = list(models(book.dossier.documents))
    customers = {model.customer for model in found}
    theirs = [each for each in book.dossier.documents if each.customer in customers]
    for month in months:
        yield from _given(month, found, theirs)


def _given(
    month: Month, found: Sequence[Document], documents: Iterable[Document]
) -> Iterator[Proposal | Remark]:
    if not found:
        return  # most ledgers have no model: then nobody reads every document of theirs
    held = _Held(documents, month)
    seen: dict[tuple[str, str], Document] = {}
    for model in found:
        twin = seen.setdefault((model.customer, name_of(model)), model)
        if twin is not model:
            yield _remark(
                model,
                f"deux modèles récurrents de {model.customer} portent le même nom (« {name_of(model)} », ligne"
                f" {twin.meta.get('lineno', 0)}) : donnez à chacun sa clé modele:",
            )
            continue
        made = occurrence(model, month)
        if made is None or held.has(model, made):
            continue
        if made.unknown:
            words = ", ".join(dict.fromkeys(made.unknown))
            yield _remark(
                model,
                f"mot inconnu entre accolades : {words} ; tapez {{mois}}, {{annee}}, {{trimestre}},"
                " {debut}, {fin} ou {periode}",
            )
            continue
        recurrence = model.text("recurrence")
        yield Proposal(
            made.date,
            model.kind,
            model.customer,
            made.payee or "",
            made.narration,
            model.contract or "",
            Reason.RECURRING,
            f"facture {recurrence}",
            made.text,
            model,
            _place(model),
        )


class _Held:
    """The drafts of a month that the ledger holds already, and what became of them, even typed by hand."""

    def __init__(self, documents: Iterable[Document], month: Month) -> None:
        self._month = month
        self._marks: set[tuple[str, str]] = set()
        self._words: set[tuple[str, Kind, str | None]] = set()
        for document in documents:
            if document.is_model:
                continue
            mark = document.text("modele")
            if mark is not None:
                self._marks.add((document.customer, mark))
            if Month.of(document.date) == month:
                self._words.add((document.customer, document.kind, document.entry.narration))

    def has(self, model: Document, made: Occurrence) -> bool:
        """Whether one of them is the draft ``made`` from ``model``."""
        customer = model.customer
        return (customer, mark_of(model, self._month)) in self._marks or (
            customer,
            model.kind,
            made.narration,
        ) in self._words


def _remark(model: Document, message: str) -> Remark:
    return Remark(message, *_place(model))
