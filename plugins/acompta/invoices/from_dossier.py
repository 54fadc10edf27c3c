"""From the engine's figures to what is printed: one source, nothing computed twice.

Use::

    views = Views(loaded.book(), loaded.entries, loaded.path.parent)
    for document in printable_documents(loaded.dossier):
        view = views.view(document)
        findings = findings_of(view)

The legal mentions are the renderer's: no view is printed without them.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Collection, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from beancount.core.data import Directive

from acompta.contracts import contract_view
from acompta.dossier import Dossier
from acompta.french import short_day
from acompta.invoices.context import (
    Context,
    retention_of,
    sum_of_payments,
    totals_of,
)
from acompta.invoices.corrections import corrects, credit_note, termination
from acompta.invoices.lines import deposit_lines, typed_line
from acompta.invoices.naming import draft_name, file_name, folder_of, number_of
from acompta.invoices.prepaid import prepaid, statement
from acompta.invoices.view.contract import ContractStatement, DepositTerms, GeneralAccount
from acompta.invoices.view.document import DocumentView
from acompta.posting.bill import Bill
from acompta.posting.books import Books
from acompta.posting.terminations import is_arrhes
from acompta.reading.model import Document, Share, TaxKey
from acompta.receivables import Book
from acompta.register.contract import Contract
from acompta.rounding import HUNDRED, ZERO, cents
from acompta.vat import tax_shares
from acompta.vocabulary import DISBURSEMENT, KIND_TITLES, PERCENT, UNNUMBERED, Kind

DEPOSITS: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES})
INVOICES: Final = frozenset({Kind.INVOICE, Kind.PROGRESS, Kind.FINAL, Kind.CORRECTIVE})
CREDITS: Final = frozenset({Kind.CREDIT_NOTE, Kind.TERMINATION})
PRINTABLE: Final = DEPOSITS | INVOICES | CREDITS | {Kind.QUOTE, Kind.PREPAID}


class UnprintableError(Exception):
    """A document that cannot be printed; the message is one French sentence that names it."""


def printable_documents(
    dossier: Dossier, numbers: Collection[str] = (), *, drafts: bool = False
) -> list[Document]:
    """The issued documents to print: those of these numbers, else all of the kinds that are printed, in order.

    With ``drafts``, drafts instead of issued ones. Documents in error are left out of the whole list, not of the
    numbers asked for. Raises `UnprintableError` for a number that nothing bears (see `select`).
    """
    if not numbers:
        return [
            d
            for d in dossier.documents
            if d.draft is drafts
            and d.kind in PRINTABLE
            and d.index not in dossier.failed
            and not d.is_model
        ]
    selection = select(dossier, numbers, drafts=drafts)
    if selection.unknown:
        raise UnprintableError(selection.unknown[0])
    return list(selection.documents)


class Selection(NamedTuple):
    """What names ask for: documents in order, contracts whose prepaid credits are to be stated, and what nothing bears.

    ``unknown`` holds one French sentence per name.
    """

    documents: tuple[Document, ...]
    statements: tuple[Contract, ...]
    unknown: tuple[str, ...]


def select(dossier: Dossier, names: Collection[str], *, drafts: bool = False) -> Selection:
    """Find documents by number (``F2026-001``, a quote also by its link) or by link (``^D2026-001``: all of them).

    The link of prepaid credits asks for their statement too.
    """
    never = UNNUMBERED - {Kind.QUOTE}
    known = [
        d for d in dossier.documents if d.draft is drafts and d.kind not in never and not d.is_model
    ]
    numbers: dict[str, list[Document]] = {}
    links: dict[str, list[Document]] = {}
    for document in known:
        numbers.setdefault(number_of(document), []).append(document)
        if document.kind in PRINTABLE:
            for link in document.entry.links:
                links.setdefault(link, []).append(document)
    chosen: dict[int, Document] = {}
    statements: list[Contract] = []
    unknown: list[str] = []
    for name in dict.fromkeys(names):
        by_link = name.startswith("^")
        text = name.removeprefix("^")
        found = links.get(text) or numbers.get(text) if by_link else numbers.get(text)
        if not found:
            unknown.append(_unknown(name, links if by_link else numbers, drafts=drafts))
            continue
        chosen.update((document.index, document) for document in found)
        contract = dossier.contracts.get(text)
        if by_link and contract is not None and contract.packs and not drafts:
            statements.append(contract)
    rank = {document.index: rank for rank, document in enumerate(known)}
    documents = sorted(chosen.values(), key=lambda document: rank[document.index])
    return Selection(tuple(documents), tuple(statements), tuple(unknown))


def _unknown(name: str, known: Collection[str], *, drafts: bool) -> str:
    mark, noun = ("^", "lien") if name.startswith("^") else ("", "numéro")
    # As a person mistypes: capitals count for little.
    by_fold = {each.casefold(): each for each in known if each}
    near = difflib.get_close_matches(name.removeprefix("^").casefold(), by_fold, n=3)
    shown = ", ".join(mark + by_fold[each] for each in near)
    hint = f" ; {noun}s proches : {shown}" if near else ""
    what = "aucun brouillon" if drafts else "aucun document émis"
    return f"{noun} « {name} » : {what} ne le porte{hint}"


def destination(view: DocumentView, folder: Path) -> Path:
    """Where the PDF of a document goes under ``folder``: ``factures/F2026-001.pdf``, ``devis/…`` for a quote."""
    if view.draft:
        return folder / draft_name(view)
    return folder / folder_of(view.kind) / file_name(view.number)


class Views:
    """Makes the views of one loaded ledger."""

    def __init__(self, book: Book, entries: Iterable[Directive], ledger_folder: Path) -> None:
        """Take the loaded ledger, and the folder that ``logo:`` starts from."""
        self._context = Context(book, entries, ledger_folder)
        self.folder = ledger_folder

    def view(self, document: Document) -> DocumentView:
        """The document as printed.

        Raises `UnprintableError` when it is in error, of a kind not printed, or its text already completed.
        """
        context, name = self._context, number_of(document)
        if document.kind not in PRINTABLE:
            raise UnprintableError(f"{name} : un document #{document.kind} ne s'imprime pas")
        if document.index in context.dossier.failed:
            raise UnprintableError(
                f"{name} : document en erreur ; corrigez ce que dit « acompta verifier »"
            )
        if document.kind is Kind.QUOTE:
            return self._quote(document, name)
        bill = context.dossier.bill(document)
        if bill is None:
            raise UnprintableError(
                f"{name} : le texte porte déjà les écritures complètes ; imprimez le journal tapé"
            )
        if document.kind is Kind.CREDIT_NOTE:
            return credit_note(context, document, bill)
        if document.kind is Kind.TERMINATION:
            return termination(context, document, bill)
        if document.kind is Kind.PREPAID:
            return prepaid(context, document, bill)
        contract = context.contract_of(document)
        if document.kind in DEPOSITS:
            return self._deposit(document, bill, contract)
        return self._invoice(document, bill, contract)

    def credits_statement(self, contract: Contract) -> DocumentView:
        """The statement of the prepaid credits of one link, for the customer."""
        return statement(self._context, contract)

    # -- kinds ----------------------------------------------------------------------------------------------

    def _quote(self, document: Document, number: str) -> DocumentView:
        lines = tuple(
            typed_line(line, document, self._context.units)
            for line in document.lines
            if line.amount is not None
        )
        totals = totals_of(*_quoted(document))
        share = document.meta.get("acompte")
        deposit = None
        if isinstance(share, Decimal):
            deposit = DepositTerms(percent=share, amount=cents(totals.ttc * share / HUNDRED))
        valid_until = document.meta.get("validite")
        return DocumentView(
            **self._context.common(document, number),
            lines=lines,
            totals=totals,
            to_pay=totals.ttc,
            valid_until=valid_until if isinstance(valid_until, datetime.date) else None,
            payment_terms=self._context.payment_terms(document, None),
            deposit=deposit,
        )

    def _deposit(self, document: Document, bill: Bill, contract: Contract | None) -> DocumentView:
        context = self._context
        payments = context.payments(document)
        terms = context.terms_of_sale(document, contract)
        common = context.common(document, document.number or "")
        # The lines say that it is a deposit; the object says of what (CGI ann. II art. 242 nonies A, 8°).
        common["object"] = (terms["contract"] and terms["contract"].label) or common["object"]
        return DocumentView(
            **common,
            **terms,
            lines=deposit_lines(document, bill, context.wording(contract)),
            totals=totals_of(bill.gross, bill.disbursements),
            payments=payments,
            to_pay=bill.due - sum_of_payments(payments),
            deposit=self._deposit_terms(document, bill, contract),
            clauses=self._deposit_clauses(document, contract),
        )

    def _deposit_clauses(self, document: Document, contract: Contract | None) -> tuple[str, ...]:
        """What a consumer pays in advance is arrhes by default (C. conso. art. L214-1)."""
        if document.kind is not Kind.DEPOSIT or contract is None:
            return ()
        books = Books(self._context.dossier, self._context.dossier.chart)
        return ("arrhes-par-defaut",) if is_arrhes(document, contract, books) else ()

    def _invoice(self, document: Document, bill: Bill, contract: Contract | None) -> DocumentView:
        context = self._context
        payments = context.payments(document)
        told = document.kind in {Kind.PROGRESS, Kind.FINAL}
        before = context.before(document, contract) if told else []
        account = self._general_account(document, before)
        shown = context.earlier_invoices(before) if not account else []
        return DocumentView(
            **context.common(document, document.number or ""),
            **context.terms_of_sale(document, contract),
            lines=context.invoice_lines(document, bill, contract),
            totals=totals_of(bill.gross, bill.disbursements),
            balance=totals_of(bill.net(), bill.disbursements) if bill.recovered else None,
            recovered=context.recovered(bill.recovered, document.date),
            retention=retention_of(bill, contract),
            payments=payments,
            to_pay=bill.due - sum_of_payments(payments),
            earlier_invoices=context.references(shown, document.date),
            account=account,
            statement=self._statement(document, contract) if document.kind is Kind.FINAL else None,
            heading=self._heading(document, contract, before, account),
            note=self._note(document),
            corrects=corrects(context, document),
        )

    def _heading(
        self,
        document: Document,
        contract: Contract | None,
        before: list[Document],
        account: GeneralAccount | None,
    ) -> str:
        if document.kind is Kind.PROGRESS and contract is not None:
            rank = 1 + sum(other.kind is document.kind for other in before)
            return f"{KIND_TITLES[document.kind]} n° {rank}"
        return "Facture de solde et décompte général" if account else ""

    def _note(self, document: Document) -> str:
        original = corrects(self._context, document)
        if document.kind is not Kind.CORRECTIVE or original is None:
            return ""
        return f"Annule et remplace la facture {original.number} du {short_day(original.date)}"

    # -- the contract ---------------------------------------------------------------------------------------

    def _deposit_terms(
        self, document: Document, bill: Bill, contract: Contract | None
    ) -> DepositTerms | None:
        if contract is None or contract.document is None:
            return None
        context = self._context
        whole = contract.total(document.date)
        before = context.before(document, contract)
        earlier = context.references(before, document.date, net=True)
        asked = sum((reference.ttc for reference in earlier), ZERO)
        return DepositTerms(
            percent=_percent(document),
            amount=bill.due,
            contract_ttc=whole,
            earlier=earlier,
            remaining_ttc=whole - asked - bill.receivable,
        )

    def _general_account(self, document: Document, before: list[Document]) -> GeneralAccount | None:
        """« Décompte général »: when progress was billed, the final invoice accounts for all documents."""
        if document.kind is not Kind.FINAL or not any(d.kind is Kind.PROGRESS for d in before):
            return None
        return GeneralAccount(
            rows=self._context.references([*before, document], document.date, net=True)
        )

    def _statement(self, document: Document, contract: Contract | None) -> ContractStatement | None:
        if contract is None or contract.document is None or document.draft:
            return None  # of a draft, nothing is owed yet
        context = self._context
        found = contract_view(context.book, contract.link, document.date)
        held = context.withheld.of_contract(contract.link, document.date)
        before = sum((context.paid_elsewhere(d.document) for d in contract.deposits), ZERO)
        return ContractStatement(
            total=found.ordered.total,
            billed=found.claimed + before,
            paid=found.claimed - found.open + before,
            to_pay=found.open,
            to_bill=found.left.total,
            surplus=found.deposits_left.total,
            retained=sum((one.left for one in held), ZERO),
        )


def _quoted(document: Document) -> tuple[dict[TaxKey, Share], Decimal]:
    """Base and VAT of a quote, by the engine's own rounding, and its disbursements."""
    bases: dict[TaxKey, Decimal] = {}
    outside = ZERO
    for line in document.lines:
        if line.tax is None or line.amount is None:
            continue
        if line.tax.regime == DISBURSEMENT:
            outside += line.amount
        else:
            bases[line.tax] = bases.get(line.tax, ZERO) + line.amount
    return (tax_shares(bases) if bases else {}), outside


def _percent(document: Document) -> Decimal | None:
    """The share asked for, when the whole deposit is one percentage."""
    lines = document.deposit_lines
    return -lines[0].units if len(lines) == 1 and lines[0].unit == PERCENT else None
