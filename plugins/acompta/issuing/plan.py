"""What would be issued, number by number, and what cannot be: computed by the engine as if it were done."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Close, Custom, Directive, Open, Transaction, entry_sortkey
from beancount.ops.validation import validate_active_accounts, validate_currency_constraints

from acompta.dossier import OPTION, Holder
from acompta.engine import run
from acompta.french import short_day
from acompta.invoices.checks import findings_of
from acompta.invoices.from_dossier import UnprintableError, Views, destination
from acompta.invoices.naming import number_of
from acompta.invoices.view.document import DocumentView
from acompta.issuing.numbers import Numbers
from acompta.lint.explain import explain_beancount
from acompta.loading import Loaded
from acompta.messages import AcomptaError, Code, DocumentError
from acompta.reading.kinds import kinds_of
from acompta.reading.model import Document
from acompta.receivables import read_book
from acompta.seals import KEY, NO_SEAL, TOTAL_KEY, posted_text, read_seal, sealed, typed_text
from acompta.vocabulary import CLOSING_DIRECTIVE, EUR, PURCHASES, UNNUMBERED, Kind

# What is issued: the documents that carry a number of our series, and quotes.
ISSUED_KINDS: Final = frozenset(Kind) - UNNUMBERED - PURCHASES - {Kind.TAKEOVER} | {Kind.QUOTE}
# Beancount's errors that take no entry away. After any other, a number already used might not be seen.
_HARMLESS: Final = frozenset(
    {
        "AcomptaError",
        "BalanceError",
        "PadError",
        "ValidationError",
        "DocumentError",
        "InvalidTagError",
    }
)


class BlockedError(Exception):
    """Nothing can be issued from this ledger as it is; the message is French."""


class Refusal(NamedTuple):
    """A draft that stays one: where its first line is, why (in French), and the file and line ``at`` which it shows."""

    path: str
    line: int
    message: str
    at: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Issue:
    """A draft as it will be issued.

    ``draft`` is the transaction as typed; ``document`` the issued one; ``total`` what the customer owes for it, VAT
    included (euros; negative for a credit note); ``meta`` what is written under its first line, in order; ``view`` what
    is printed.
    """

    draft: Transaction
    document: Document
    name: str
    total: Decimal
    meta: dict[str, str | Amount]
    view: DocumentView


@dataclass(frozen=True, slots=True)
class Plan:
    """Documents to issue in the order of their numbers, drafts in error, and how many drafts nobody issues.

    ``left`` counts contracts, amendments, prepaid uses and transfers still flagged ``!``: a person signs them.
    """

    date: datetime.date
    loaded: Loaded
    issues: tuple[Issue, ...]
    refusals: tuple[Refusal, ...]
    left: int

    @property
    def kept(self) -> int:
        """How many drafts are in error."""
        return len({refusal[:2] for refusal in self.refusals})


def plan_issue(
    loaded: Loaded,
    date: datetime.date,
    until: datetime.date,
    *,
    refused: Sequence[Refusal] = (),
) -> Plan:
    """Plan the issue, on ``date``, of the drafts dated ``until`` or before.

    ``refused`` are drafts already known to be in error (a PDF that could not be made). The engine computes the others
    as issued; those that it or the checks of the mentions refuse are taken out and the rest computed again, so that no
    number is kept for a draft that stays, and no amount depends on one.

    Raises:
        BlockedError: an error of the text may hide a number, the day is closed, or a number was already used.
    """
    _check_ledger(loaded, date)
    planner = _Planner(loaded, date, list(refused))
    drafts = planner.drafts(until)
    while True:
        issued = planner.number(drafts)
        known = len(planner.refusals)
        computed = planner.compute(issued)
        issues = planner.issues(issued, computed) if len(planner.refusals) == known else []
        places = {refusal[:2] for refusal in planner.refusals}
        if len(planner.refusals) == known:
            break
        drafts = [draft for draft in drafts if _place(draft.entry) not in places]
    sealed = _sealed(issues, computed)
    _check_free(sealed, loaded)
    refusals = sorted(planner.refusals)
    return Plan(date, computed, tuple(sealed), tuple(refusals), planner.left(until))


class _Planner:
    """The drafts of one ledger, and those refused so far."""

    def __init__(self, loaded: Loaded, date: datetime.date, refusals: list[Refusal]) -> None:
        self.loaded = loaded
        self.date = date
        self.refusals = refusals
        holder = loaded.options.get(OPTION)
        self.typed: list[Directive] = list(
            holder.typed
            if isinstance(holder, Holder) and holder.typed is not None
            else loaded.entries
        )
        self.known = {_key(error) for error in loaded.errors if isinstance(error, AcomptaError)}

    def drafts(self, until: datetime.date) -> list[Document]:
        """The drafts to issue, in order; those that cannot even be read are refused."""
        for error in self.loaded.errors:
            entry = getattr(error, "entry", None)
            if isinstance(entry, Transaction) and entry.flag == "!" and entry.date <= until:
                kinds = kinds_of(entry.tags)
                if not kinds or kinds[0] in ISSUED_KINDS:
                    self._refuse(entry, error.message, _shown_at(error, entry))
        refused = {refusal[:2] for refusal in self.refusals}
        found = []
        for document in self.loaded.dossier.documents:
            entry = document.entry
            if document.issued or document.is_model or entry.date > until:
                continue
            if document.kind not in ISSUED_KINDS:
                continue
            if _place(entry) in refused:
                continue
            message = _before_issue(document, self.date)
            if message:
                self._refuse(entry, message)
            else:
                found.append(document)
        return found

    def left(self, until: datetime.date) -> int:
        """How many drafts of the other kinds there are."""
        return sum(
            1
            for d in self.loaded.dossier.documents
            if d.draft and d.kind in UNNUMBERED - {Kind.QUOTE} and d.date <= until
        )

    def number(self, drafts: Sequence[Document]) -> dict[int, tuple[Document, Transaction]]:
        """Drafts with their number, by place among the directives, and the transactions that they become."""
        numbers = Numbers(self.loaded.dossier)
        issued: dict[int, tuple[Document, Transaction]] = {}
        for draft in drafts:
            meta: dict[str, Any] = dict(draft.entry.meta)
            if draft.kind is not Kind.QUOTE:
                try:
                    meta["numero"] = numbers.next(draft, self.date)
                except DocumentError as error:
                    self._refuse(draft.entry, error.message)
                    continue
            entry = draft.entry._replace(flag="*", date=self.date, meta=meta)
            issued[draft.index] = (draft, entry)
        return issued

    def compute(self, issued: dict[int, tuple[Document, Transaction]]) -> Loaded:
        """The ledger as it would be; errors at the drafts refuse them.

        Raises:
            BlockedError: an error would appear elsewhere.
        """
        entries = list(self.typed)
        for index, (_, entry) in issued.items():
            entries[index] = entry
        completed, errors, dossier = run(entries, self.loaded.options)
        places = {_place(entry) for _, entry in issued.values()}
        elsewhere = []
        for error in errors:
            entry_of = error.entry
            if isinstance(entry_of, Transaction) and _place(entry_of) in places:
                self._refuse(entry_of, error.message, _shown_at(error, entry_of))
            elif _key(error) not in self.known:
                elsewhere.append(error)
        self._refuse_invalid(completed, places)
        if elsewhere and not self._just_refused(places):
            first = elsewhere[0]
            raise BlockedError(
                f"émettre ces brouillons ferait une erreur ligne {first.source['lineno']} de"
                f" « {first.source['filename']} » : {first.message}"
            )
        return replace(self.loaded, entries=completed, errors=list(errors), dossier=dossier)

    def _refuse_invalid(self, completed: Iterable[Directive], places: set[tuple[str, int]]) -> None:
        """Refuse what Beancount would: an account that is not open, or that another currency alone may enter."""
        kept = [
            entry
            for entry in completed
            if isinstance(entry, Open | Close)
            or (isinstance(entry, Transaction) and _place(entry) in places)
        ]
        kept.sort(key=entry_sortkey)
        for check in (validate_active_accounts, validate_currency_constraints):
            for error in check(kept, self.loaded.options):  # type: ignore[no-untyped-call]
                said = explain_beancount(error.message)
                self._refuse(error.entry, said or f"Beancount : {error.message}")

    def issues(
        self, issued: dict[int, tuple[Document, Transaction]], computed: Loaded
    ) -> list[Issue]:
        """What is printed and written for each document; those that cannot be printed are refused."""
        folder = self.loaded.path.parent
        dossier = computed.dossier
        book = read_book(dossier, sorted(computed.entries, key=entry_sortkey))
        views = Views(book, computed.entries, folder)
        made = []
        for document in dossier.documents:
            if document.index not in issued:
                continue
            draft = issued[document.index][0].entry
            try:
                view = views.view(document)
            except UnprintableError as error:
                self._refuse(draft, str(error))
                continue
            findings = findings_of(view)
            for finding in findings:
                where = finding.place
                self._refuse(
                    draft, finding.message, (where.path, where.line) if where is not None else None
                )
            if not findings:
                bill = dossier.bill(document)
                total = view.totals.ttc if bill is None else bill.receivable
                made.append(Issue(draft, document, number_of(document), total, {}, view))
        return made

    def _just_refused(self, places: set[tuple[str, int]]) -> bool:
        return any(refusal[:2] in places for refusal in self.refusals)

    def _refuse(self, entry: Transaction, message: str, at: tuple[str, int] | None = None) -> None:
        path, head = _place(entry)
        refusal = Refusal(path, head, message, at or (path, head))
        if refusal not in self.refusals:
            self.refusals.append(refusal)


def _before_issue(document: Document, date: datetime.date) -> str:
    """What the text of a draft must not say."""
    for key in (KEY, TOTAL_KEY):
        if key in document.meta:
            return f"un brouillon n'a pas de {key} (l'émission l'écrit) : supprimez la clé {key}"
    due = document.meta.get("echeance")
    if isinstance(due, datetime.date) and due < date:
        return (
            f"clé « echeance » : lu {due}, avant l'émission du {short_day(date)} ; tapez une date plus tardive, ou"
            " supprimez la clé : le délai du client la donnera"
        )
    if document.kind is Kind.QUOTE and not number_of(document):
        return "un devis se nomme par son lien ou son numéro : ajoutez par exemple ^D2026-012"
    return ""


def _check_ledger(loaded: Loaded, date: datetime.date) -> None:
    for error in loaded.errors:
        if type(error).__name__ not in _HARMLESS:
            source = getattr(error, "source", None) or {}
            raise BlockedError(
                f"ligne {source.get('lineno', 0)} de « {source.get('filename', loaded.path)} » : une erreur du texte"
                " cache une partie du journal, peut-être un numéro déjà donné ; corrigez-la d'abord (« acompta verifier"
                f" {loaded.path} »)"
            )
    closed = [
        entry.date
        for entry in loaded.entries
        if isinstance(entry, Custom) and entry.type == CLOSING_DIRECTIVE
    ]
    if closed and date <= max(closed):
        raise BlockedError(
            f"la période est clôturée jusqu'au {short_day(max(closed))} : une émission au {short_day(date)} n'y est"
            " plus possible (PCG art. 1031-4) ; tapez une date plus tardive avec --date"
        )


def _check_free(issues: Sequence[Issue], loaded: Loaded) -> None:
    """No file of that number exists: it would be that of a document lost from the ledger."""
    for issue in issues:
        path = destination(issue.view, loaded.path.parent)
        if path.exists():
            raise BlockedError(
                f"« {path} » existe déjà : {issue.name} a peut-être été émis, puis perdu du journal ; retrouvez ce"
                " document (votre sauvegarde), ou déplacez ce fichier s'il n'a jamais été envoyé"
            )


def _sealed(issues: Sequence[Issue], computed: Loaded) -> list[Issue]:
    """Write ``numero:``, ``ttc:`` and ``sceau:`` for each numbered document, its seal chained to the one before."""
    dossier = computed.dossier
    by_entry = {id(issue.document.entry): issue for issue in issues}
    marks: dict[str, str] = {}
    made: dict[int, Issue] = {}
    for numbered in sorted(dossier.numbered, key=lambda n: n[:5]):
        issue = by_entry.get(id(numbered.entry))
        if issue is None:
            seal = read_seal(numbered.entry.meta.get(KEY))
        else:
            entry = numbered.entry
            meta: dict[str, str | Amount] = {
                "numero": numbered.number,
                TOTAL_KEY: Amount(issue.total, EUR),
            }
            said = typed_text(entry._replace(meta={**entry.meta, **meta}))
            done = _posted(computed, issue.document.index)
            previous = marks.get(numbered.series, NO_SEAL)
            meta[KEY] = sealed(
                previous, said, posted_text(dossier.bill(issue.document), done.postings)
            )
            seal = read_seal(meta[KEY])
            made[issue.document.index] = replace(issue, meta=meta)
        if seal is not None:
            marks[numbered.series] = seal.chain
    return [made.get(issue.document.index, issue) for issue in issues]


def _posted(computed: Loaded, index: int) -> Transaction:
    entry = computed.entries[index]
    if not isinstance(entry, Transaction):
        raise TypeError(entry)
    return entry


def _place(entry: Directive) -> tuple[str, int]:
    return entry.meta["filename"], entry.meta["lineno"]


def _key(error: AcomptaError) -> tuple[Any, Any, Code, str]:
    """What makes an error the same before and after: its words may change (the next number, the numbers near it)."""
    source = error.source
    return source.get("filename"), source.get("lineno"), error.code, error.about or error.message


def _shown_at(error: Any, entry: Transaction) -> tuple[str, int]:
    source = error.source or {}
    line: int = source.get("lineno") or entry.meta["lineno"]
    path: str = source.get("filename") or entry.meta["filename"]
    return path, line
