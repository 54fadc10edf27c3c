"""One loaded ledger as the pages see it: the engine's answers, kept per as-of date until the next load."""

from __future__ import annotations

import datetime
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock, RLock
from typing import Any, Final, TypeVar

from beancount.core.compare import hash_entry
from beancount.core.data import BeancountError, Directive, Transaction
from beancount.core.data import Document as DocumentDirective
from markupsafe import Markup

from acompta.alerts import contract_alerts
from acompta.attention import DepositToSee, deposits_to_see
from acompta.closing.checks import CHECKS
from acompta.closing.period_view import PeriodView
from acompta.closing.periods import Period
from acompta.closing.vat_entries import TaxEntry, tax_entries
from acompta.collector import held, set_aside
from acompta.contracts import ContractView, contract_links, contract_view
from acompta.dossier import Dossier
from acompta.fava.checking import Checking, Finish
from acompta.fava.documents import DocumentView, Settled, document_views
from acompta.messages import Notice
from acompta.reading.model import Document
from acompta.receivables import (
    AgedBalance,
    Book,
    Movement,
    OpenDeposit,
    Place,
    Reconciliation,
    aged_balance,
    deposits_at,
    place_of,
    prove,
    read_book,
    receivable_movements,
)
from acompta.retentions import Retention, retentions
from acompta.steering.balances import Counted, counted
from acompta.steering.cash import Known, forecast
from acompta.steering.flows import Forecast
from acompta.steering.habits import (
    Habit,
    PaidInvoice,
    overall_habit,
    paid_invoices,
    payment_habits,
)
from acompta.steering.milestones import all_milestones

_DATES_KEPT: Final = 24
_PAGES_KEPT: Final = 24
_FINDINGS_KEPT: Final = 120
_DATED_NAME: Final = re.compile(r"^\d{4}-\d{2}-\d{2}[ ._-]+")
_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")
_Found = TypeVar("_Found")


class Desk:
    """What the pages ask of one load; a new load makes a new desk, so nothing here is ever stale."""

    def __init__(
        self,
        dossier: Dossier,
        entries: Sequence[Directive],
        options: dict[str, Any],
        errors: Sequence[BeancountError] = (),
    ) -> None:
        """Read ``entries`` (all of the ledger, as loaded) once; ``options`` and ``errors`` are the ledger's."""
        self.title: str = options["title"]
        self.options = options
        self.errors = errors
        self.dossier = dossier
        self.entries = entries
        self.book = read_book(dossier, entries)
        # Reentrant: several requests at once must not each make the same figures.
        self._lock = RLock()
        self._turn = Lock()
        self._checkings: OrderedDict[str, Checking] = OrderedDict()
        self._balance = lru_cache(_DATES_KEPT)(self._make_balance)
        self._proof = lru_cache(_DATES_KEPT)(self._make_proof)
        self._contracts = lru_cache(_DATES_KEPT)(self._make_contracts)
        self._documents = lru_cache(_DATES_KEPT)(self._make_documents)
        self._finished: dict[str, ContractView] = {}
        self._settled = Settled()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._pages: OrderedDict[Hashable, Markup] = OrderedDict()

    @property
    def folder(self) -> Path:
        """Where the ledger is."""
        return Path(self.options["filename"]).resolve().parent

    # -- figures --------------------------------------------------------------------------------------------

    def balance(self, at: datetime.date) -> AgedBalance:
        """The aged balance of all customers at the end of ``at``."""
        with self._lock:
            return self._balance(at)

    def proof(self, at: datetime.date) -> Reconciliation:
        """The same against the postings."""
        with self._lock:
            return self._proof(at)

    def contracts(self, at: datetime.date) -> tuple[ContractView, ...]:
        """Every contract signed up to ``at``."""
        with self._lock:
            return self._contracts(at)

    def documents(self, at: datetime.date) -> tuple[DocumentView, ...]:
        """Every invoice, deposit and credit note up to ``at``, drafts included, the latest first."""
        with self._lock:
            return self._documents(at)

    def kept(
        self, name: str, at: datetime.date, make: Callable[[Book, datetime.date], _Found]
    ) -> _Found:
        """What ``make`` finds in the book at the end of ``at``, made once; ``name`` tells it from the others."""
        with self._lock:
            key = (name, at)
            if key not in self._kept:
                self._kept[key] = make(self.book, at)
                if len(self._kept) > _FINDINGS_KEPT:
                    self._kept.popitem(last=False)
            found: _Found = self._kept[key]
            return found

    def retentions(self, at: datetime.date) -> tuple[Retention, ...]:
        """Every retention withheld up to ``at``."""
        return self.kept("retentions", at, self._make_retentions)

    def alerts(self, at: datetime.date) -> list[Notice]:
        """Legal delays that run or are over on ``at``, but for retentions, which have their own table."""
        return self.kept("alerts", at, self._make_alerts)

    def _make_retentions(self, _: Book, at: datetime.date) -> tuple[Retention, ...]:
        return tuple(retentions(self.dossier, self.entries, at))

    def _make_alerts(self, _: Book, at: datetime.date) -> list[Notice]:
        return contract_alerts(self.dossier, at)

    def _make_documents(self, at: datetime.date) -> tuple[DocumentView, ...]:
        return document_views(self.book, self.balance(at), self._settled)

    def _make_balance(self, at: datetime.date) -> AgedBalance:
        return aged_balance(self.book, at, deposits=self.deposits(at))

    def deposits(self, at: datetime.date) -> list[OpenDeposit]:
        """Every deposit issued up to ``at``, with what was recovered of it."""
        return self.kept("deposits", at, deposits_at)

    def deposits_to_see(self, at: datetime.date) -> tuple[DepositToSee, ...]:
        """The deposits that are worth a look."""
        return self.kept(
            "deposits to see", at, lambda book, at: deposits_to_see(book, at, self.deposits(at))
        )

    def _make_proof(self, at: datetime.date) -> Reconciliation:
        return prove(self.balance(at), self._movements)

    @cached_property
    def _movements(self) -> tuple[Movement, ...]:
        return receivable_movements(self.entries, self.dossier.chart)

    def _make_contracts(self, at: datetime.date) -> tuple[ContractView, ...]:
        return tuple(
            self.contract(link, at)
            for link in contract_links(self.dossier)
            if self.contract_entry(link).date <= at
        )

    def contract(self, link: str, at: datetime.date) -> ContractView:
        """The contract of ``link`` at the end of ``at``; one whose life is over is read back once.

        Raises:
            UnknownContractError: no contract has that link.
        """
        known = self._finished.get(link)
        if known is not None and known.last_event <= at:
            return known.on(at)
        view = contract_view(self.book, link, at)
        if view.last_event <= at:
            self._finished[link] = view
        return view

    def habits(self, at: datetime.date) -> dict[str, Habit]:
        """How each customer (by 411 account) has paid over the year that ends on ``at``."""
        return self.kept("habits", at, lambda book, at: payment_habits(book, at, self._paid(at)))

    def overall_habit(self, at: datetime.date) -> Habit:
        """How all customers have paid together."""
        return overall_habit(self.book, at, self._paid(at))

    def _paid(self, at: datetime.date) -> list[PaidInvoice]:
        return self.kept("paid", at, paid_invoices)

    def forecast(self, at: datetime.date) -> Forecast:
        """The cash to come after ``at``, by month."""
        return self.kept("forecast", at, self._make_forecast)

    def _make_forecast(self, book: Book, at: datetime.date) -> Forecast:
        milestones = all_milestones(book, at, lambda link: self.contract(link, at))
        known = Known(self.balance(at), self.habits(at), milestones, self._counted, self.taxed)
        return forecast(book, self.entries, at, known=known)

    @cached_property
    def _counted(self) -> tuple[Counted, ...]:
        return counted(self.book, self.entries)

    @cached_property
    def taxed(self) -> Sequence[TaxEntry]:
        """The entries that move the VAT accounts."""
        return tax_entries(self.entries, self.dossier.chart)

    def warm(self, at: datetime.date) -> None:
        """Make the figures of ``at`` that every page begins with."""
        with held():
            self.proof(at)
            self.documents(at)
            self.contracts(at)
            _ = self._counted, self.taxed
        set_aside()

    # -- checklist ------------------------------------------------------------------------------------------

    def period_view(self, period: Period) -> PeriodView:
        """``period`` as its checks look at it, with what the desk has already."""
        view = PeriodView(self.entries, self.errors, self.dossier, self.options, period)
        view.book, view.aged = self.book, self.balance(period.end)
        view.taxed = self.taxed
        return view

    def checking(self, period: Period, finish: Finish) -> Checking:
        """The checklist of ``period``, begun when first asked for."""
        with self._lock:
            known = self._checkings.get(period.name)
            if known is None:
                view = self.period_view(period)
                known = Checking(view, CHECKS, finish, self._lock, self._turn)
                self._checkings[period.name] = known
                if len(self._checkings) > _PAGES_KEPT:
                    self._checkings.popitem(last=False)[1].stop()
                known.start()
            return known

    def close(self) -> None:
        """Stop what is still being made: another desk takes over."""
        for checking in self._checkings.values():
            checking.stop()

    # -- pages ----------------------------------------------------------------------------------------------

    def page(self, address: Hashable, make: Callable[[], tuple[Markup, bool]]) -> Markup:
        """The page of ``address``, made once: only a load or another day changes what an address shows.

        ``make`` says too whether the page is whole; one that still waits for something is made again.
        """
        with self._lock:
            found = self._pages.pop(address, None)
            if found is None:
                # A page is made of many small values that live until it is sent: collecting in between costs a third.
                with held():
                    found, is_whole = make()
                if not is_whole:
                    return found
            self._pages[address] = found
            if len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
            return found

    # -- entries --------------------------------------------------------------------------------------------

    @cached_property
    def _by_place(self) -> dict[Place, Transaction]:
        """The complete entry of each typed one; the VAT entries that the plugin adds share their source's place."""
        return {
            place_of(entry): entry
            for entry in self.entries
            if isinstance(entry, Transaction) and "exigibilite" not in entry.meta
        }

    def entry_at(self, place: Place) -> Transaction | None:
        """The entry typed at ``place``, or one of whose postings is; ``None`` when neither is."""
        return self._by_place.get(place) or self._by_posting.get(place)

    @cached_property
    def _by_posting(self) -> dict[Place, Transaction]:
        found: dict[Place, Transaction] = {}
        for entry in self._by_place.values():
            for posting in entry.postings:
                meta = posting.meta or {}
                if "lineno" in meta:
                    found.setdefault(Place(str(meta.get("filename", "")), meta["lineno"]), entry)
        return found

    def names(self, entry: Transaction) -> set[str]:
        """What an entry answers to: the numbers and contracts that it links, and the contracts of those numbers."""
        names = set(entry.links)
        own = entry.meta.get("numero")
        if isinstance(own, str):
            names.add(own)
        documents = (self.document(name) for name in tuple(names))
        return names | {each.contract for each in documents if each is not None and each.contract}

    def complete(self, typed: Transaction) -> Transaction:
        """The entry that the ledger holds for a typed one."""
        return self._by_place.get(place_of(typed), typed)

    def entry_hash(self, place: Place) -> str | None:
        """Fava's name for the entry typed at ``place``, or ``None`` when the ledger holds none."""
        entry = self._by_place.get(place)
        return hash_entry(entry) if entry is not None else None

    @cached_property
    def _by_number(self) -> dict[str, Document]:
        """Documents by number; a draft never hides an issued one."""
        numbered = [document for document in self.dossier.documents if document.number]
        numbered.sort(key=lambda document: document.issued)
        return {document.number or "": document for document in numbered}

    def document(self, number: str) -> Document | None:
        """The document of a number."""
        return self._by_number.get(number)

    def contract_entry(self, link: str) -> Transaction:
        """The typed entry of a signed contract.

        Raises:
            KeyError: nothing signed has that link.
        """
        document = self.dossier.contracts[link].document
        if document is None:
            raise KeyError(link)
        return document.entry

    # -- PDF ------------------------------------------------------------------------------------------------

    @cached_property
    def _pdfs(self) -> dict[str, list[DocumentDirective]]:
        pdfs: dict[str, list[DocumentDirective]] = {}
        for entry in self.entries:
            if isinstance(entry, DocumentDirective) and entry.filename.lower().endswith(".pdf"):
                for name in _names_of(entry):
                    pdfs.setdefault(name, []).append(entry)
        return pdfs

    @cached_property
    def has_pdfs(self) -> bool:
        """Whether any document directive leads to a PDF."""
        return bool(self._pdfs)

    def pdf(self, name: str) -> Path | None:
        """The PDF of a document's number, or of a contract's link, that a document directive of the ledger leads to.

        By the directive's link (``^F2026-001``), else by the name of its file. Of several, the one filed under the
        document's own customer, else the last. ``None`` for a name that the ledger does not know.
        """
        customer = self._customer_of(name)
        if customer is None:
            return None
        found = self._pdfs.get(f"^{name}") or self._pdfs.get(_plain(name), [])
        own = [directive for directive in found if directive.account == customer]
        return Path((own or found)[-1].filename) if found else None

    def _customer_of(self, name: str) -> str | None:
        document = self.document(name)
        if document is not None:
            return document.customer
        linked = self.book.by_link.get(name)
        return linked[0].customer if linked else None


def _names_of(directive: DocumentDirective) -> Iterable[str]:
    """Every name under which a document is looked up: its links, and its file's name with or without a date."""
    stem = Path(directive.filename).stem
    names = {f"^{link}" for link in directive.links or ()}
    return names | {_plain(stem), _plain(_DATED_NAME.sub("", stem))}


def _plain(name: str) -> str:
    """A number as a file name may spell it: ``G26/0001`` and ``g26-0001`` are the same."""
    return _NOT_ALPHANUMERIC.sub("-", name).strip("-").casefold()
