"""Every invoice, deposit and credit note as of a date, with the state that its story gives it.

Pure: nothing here knows Fava. A state is derived, never stored: what is paid or late depends on the day.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Final, NamedTuple

from beancount.core.data import Transaction

from acompta.book import Book
from acompta.dossier import Dossier
from acompta.reading.model import Document
from acompta.receivables import (
    AgedBalance,
    CreditKind,
    OpenInvoice,
    Place,
    customer_name,
    known_due_date,
    paid_at,
    place_of,
)
from acompta.reports import kind_title
from acompta.rounding import ZERO
from acompta.tables import Cell, Column, Kind, Report, Show, Table, sums
from acompta.vocabulary import UNNUMBERED
from acompta.vocabulary import Kind as DocumentKind


class State(StrEnum):
    """What became of a document; the value is what the accountant reads."""

    DRAFT = "Brouillon"
    FAILED = "En erreur"
    NOT_DUE = "À échoir"
    PARTLY = "Réglée en partie"
    LATE = "En retard"
    PAID = "Réglée"
    CREDITED = "Créditée"
    TO_SETTLE = "À imputer"
    OVERPAID = "Trop-perçu"


_NO_DUE_DATE: Final = frozenset({DocumentKind.CREDIT_NOTE})


@dataclass(frozen=True)
class DocumentView:
    """One document at the end of a day; amounts in euros.

    ``total`` is what it asks for, VAT included, once the deposits are recovered; ``open`` what is left of it (negative:
    owed to the customer). ``seal`` says what its seal is worth, ``""`` when it has none.
    """

    number: str
    kind: DocumentKind
    date: datetime.date
    due_date: datetime.date | None
    customer: str
    customer_name: str
    contract: str
    label: str
    base: Decimal
    vat: Decimal
    total: Decimal
    paid: Decimal
    open: Decimal
    state: State
    seal: str
    entry: Transaction = field(repr=False, compare=False)

    @property
    def place(self) -> Place:
        """Where it is typed."""
        return place_of(self.entry)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Its row in the table of documents."""
        return _row(self)

    @cached_property
    def words(self) -> str:
        """What a search looks into, in lower case."""
        texts = (self.number, self.customer_name, self.customer, f"^{self.contract}", self.label)
        return "\n".join(texts).casefold()


class Settled(dict[int, tuple[datetime.date, DocumentView]]):
    """The documents whose story is over, by their place in the ledger, with the day from which that is so."""


def document_views(
    book: Book, balance: AgedBalance, settled: Settled | None = None
) -> tuple[DocumentView, ...]:
    """Every document with a number, and every draft of one, up to the date of ``balance``, the latest first.

    ``settled`` keeps those that no later date changes, for the next date of the same load.
    """
    dossier = book.dossier
    known = Settled() if settled is None else settled
    owed = {invoice.number: invoice for invoice in balance.invoices}
    credited = _credits(balance)
    # A document numbered by hand after sealed ones is in the chain without a seal.
    seals = {each.numbered.number: each.state.value for each in dossier.seals if each.seal}
    documents = [
        document
        for document in dossier.documents
        if document.kind not in UNNUMBERED and document.date <= balance.at
    ]
    documents.sort(key=lambda document: (document.date, document.number or ""), reverse=True)
    names = {c: customer_name(c, dossier.chart) for c in {d.customer for d in documents}}
    facts = _Facts(balance.at, credited, seals, names)
    ends = {span.claim.number: span.end for span in book.spans}
    views = []
    for document in documents:
        over, view = known.get(document.index, _UNKNOWN)
        if view is None or over > balance.at:
            view = _view(document, book, owed, facts)
            since = _over(document, dossier, ends)
            if since is not None and since <= balance.at:
                known[document.index] = (since, view)
        views.append(view)
    return tuple(views)


_UNKNOWN: Final = (datetime.date.max, None)


def _over(
    document: Document, dossier: Dossier, ends: Mapping[str, datetime.date | None]
) -> datetime.date | None:
    """The day from which nothing changes for a document: paid to the cent, every correction made. A draft waits."""
    if not document.issued:
        return document.date
    end = ends.get(document.number or "")
    if end is None:
        return None
    corrections = dossier.corrections.get(document.number or "", ())
    return max((end, *(correction.date for correction in corrections)))


def _credits(balance: AgedBalance) -> dict[str, Decimal]:
    """What is owed to the customer on a document, by number (euros, negative)."""
    credited: dict[str, Decimal] = {}
    for credit in balance.credits:
        if credit.kind in {CreditKind.CREDIT_NOTE, CreditKind.OVERPAYMENT}:
            credited[credit.reference] = credited.get(credit.reference, ZERO) + credit.amount
    return credited


class _Facts(NamedTuple):
    """What is known of all documents: the date; what is owed to customers, what seals say, by number; names."""

    at: datetime.date
    credited: Mapping[str, Decimal]
    seals: Mapping[str, str]
    names: Mapping[str, str]


def _view(
    document: Document, book: Book, owed: Mapping[str, OpenInvoice], facts: _Facts
) -> DocumentView:
    at, credited, dossier = facts.at, facts.credited, book.dossier
    number = document.number or ""
    bill, claim = dossier.bill(document), dossier.claims.get(number)
    found = owed.get(number) if document.issued else None
    left = found.open if found is not None else credited.get(number, ZERO)
    if not document.issued:
        left = ZERO
    return DocumentView(
        number=number,
        kind=document.kind,
        date=document.date,
        due_date=None if document.kind in _NO_DUE_DATE else _due_date(document, book, found),
        customer=document.customer,
        customer_name=facts.names[document.customer],
        contract=document.contract or "",
        label=document.entry.narration or "",
        base=bill.base if bill is not None else ZERO,
        vat=bill.vat if bill is not None else ZERO,
        total=bill.receivable if bill is not None else ZERO,
        paid=paid_at(claim, at) if claim is not None and document.issued else ZERO,
        open=left,
        state=_state(document, dossier, at, found, left),
        seal=facts.seals.get(number, "") if document.issued else "",
        entry=document.entry,
    )


def _due_date(document: Document, book: Book, found: OpenInvoice | None) -> datetime.date:
    return found.due_date if found is not None else known_due_date(document, book)


def _state(
    document: Document,
    dossier: Dossier,
    at: datetime.date,
    found: OpenInvoice | None,
    left: Decimal,
) -> State:
    if document.index in dossier.failed:
        return State.FAILED
    if not document.issued:
        return State.DRAFT
    if found is not None:
        return _owed_state(found)
    if left:
        is_credit = document.kind is DocumentKind.CREDIT_NOTE
        return State.TO_SETTLE if is_credit else State.OVERPAID
    corrections = dossier.corrections.get(document.number or "", ())
    corrected = any(correction.date <= at and correction.issued for correction in corrections)
    return State.CREDITED if corrected else State.PAID


def _owed_state(invoice: OpenInvoice) -> State:
    if invoice.days_late:
        return State.LATE
    return State.PARTLY if invoice.paid else State.NOT_DUE


# -- search ---------------------------------------------------------------------------------------------------


def search(
    views: Iterable[DocumentView], words: str, state: str = "", kind: str = ""
) -> tuple[DocumentView, ...]:
    """The documents that hold every word of ``words`` (number, customer, contract, label), or that amount.

    ``state`` is a value of `State`, ``kind`` a ledger word (``"facture"``); ``""`` takes all.
    """
    amount = read_amount(words)
    wanted = words.casefold().split()
    return tuple(
        view
        for view in views
        if (not state or view.state.value == state)
        and (not kind or view.kind.value == kind)
        and (_holds(view, wanted) or (amount is not None and amount in _amounts(view)))
    )


def _holds(view: DocumentView, wanted: list[str]) -> bool:
    return all(word in view.words for word in wanted)


def _amounts(view: DocumentView) -> set[Decimal]:
    return {abs(view.base), abs(view.total), abs(view.open)}


def read_amount(text: str) -> Decimal | None:
    """An amount as a person types or copies it (« 1 234,56 € »), ``None`` when it is not one."""
    plain = "".join(char for char in text if not char.isspace() and char != "€").replace(",", ".")
    digits = plain.replace(".", "", 1)
    return Decimal(plain) if digits.isascii() and digits.isdigit() else None


# -- the table ------------------------------------------------------------------------------------------------


def documents_report(views: Iterable[DocumentView], title: str, of: str) -> Report:
    """One line per document of the ledger ``title``; ``of`` says which day."""
    columns = (
        Column("numero", "N°", Kind.CODE),
        Column("nature", "Nature", give_way=5),
        Column("client", "Client"),
        Column("compte", "Compte", Kind.CODE, Show.EXPORT),
        Column("contrat", "Contrat", Kind.CODE, Show.IF_ANY, give_way=6),
        Column("libelle", "Objet", give_way=7),
        Column("date", "Date", Kind.DATE, give_way=2),
        Column("echeance", "Échéance", Kind.DATE, give_way=3),
        Column("ht", "HT", Kind.AMOUNT, Show.EXPORT),
        Column("tva", "TVA", Kind.AMOUNT, Show.EXPORT),
        Column("a-payer", "Net TTC", Kind.AMOUNT),
        Column("regle", "Réglé", Kind.AMOUNT, Show.IF_ANY, give_way=4),
        Column("reste", "Reste dû", Kind.AMOUNT),
        Column("etat", "État"),
        Column("sceau", "Sceau", show=Show.IF_ANY, give_way=5),
        Column("fichier", "Fichier", Kind.CODE, Show.EXPORT),
        Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
    )
    rows = tuple(view.cells for view in views)
    table = Table("documents", "Factures et avoirs", columns, rows, sums(columns, rows, "Total"))
    return Report(f"Factures au {of}", (("dossier", "Dossier", title),), (table,))


def _row(view: DocumentView) -> tuple[Cell, ...]:
    return (
        view.number or "brouillon",
        kind_title(view.kind),
        view.customer_name,
        view.customer,
        f"^{view.contract}" if view.contract else "",
        view.label,
        view.date,
        view.due_date,
        view.base,
        view.vat,
        view.total,
        view.paid,
        view.open,
        view.state.value,
        view.seal,
        *view.place,
    )
