"""Third pass: the bill and the complete postings of each document, in order; each one is its own `try`."""

from __future__ import annotations

from typing import Any, Final

from beancount.core.data import Posting

from acompta.claims import Claim
from acompta.engine.purchases import post_purchases
from acompta.engine.registers import (
    checked_register,
    contract_of,
    index_contracts,
)
from acompta.engine.state import CORRECTIONS, DEPOSIT_ASKS, State
from acompta.expanded import expanded_claim
from acompta.held import HeldDeposit
from acompta.messages import DocumentError, MissingVatAccountError, error_of
from acompta.posting.bill import Bill, Timing, timing_of
from acompta.posting.credits import bill_corrective, bill_credit, post_corrective, post_credit
from acompta.posting.deposits import bill_deposit, post_deposit
from acompta.posting.invoices import bill_invoice, post_invoice
from acompta.posting.making import completed, residual
from acompta.posting.prepaid import bill_prepaid, bill_use, post_prepaid, post_use
from acompta.posting.takeovers import take_over
from acompta.posting.terminations import bill_termination, post_termination
from acompta.posting.transfers import transfer
from acompta.reading.model import Document
from acompta.register.contract import Contract
from acompta.seals import KEY, said_text
from acompta.vocabulary import UNPOSTED, Kind

_TAKEOVER: Final = Kind.TAKEOVER
_FINAL: Final = Kind.FINAL
_TERMINATION: Final = Kind.TERMINATION
_INVOICES: Final = frozenset({Kind.INVOICE, _FINAL, Kind.PROGRESS})
_TIMED_BY_ANOTHER: Final = frozenset({Kind.CREDIT_NOTE, _TERMINATION})


def post(state: State) -> None:
    """Bill and post every document, then every purchase."""
    index_contracts(state)
    writing = "documents" in state.stages
    failed = state.dossier.failed
    for document in state.dossier.documents:
        kind, entry, index = document[:3]
        if index in failed:
            continue
        if document.expanded:
            _keep_expanded(state, document)
        elif kind is _TAKEOVER:
            _take_over(state, document)
        elif kind in UNPOSTED or (document.draft and not state.issue_drafts):
            if writing:
                state.output[index] = completed(entry, [])
        else:
            _post_one(state, document, writing=writing)
    post_purchases(state, writing=writing)


def _post_one(state: State, document: Document, *, writing: bool) -> None:
    contract = contract_of(state, document)
    before = contract.snapshot() if contract is not None else None
    kind, entry, index = document[:3]
    try:
        contract = checked_register(state, document, contract)
        bill, postings = _compute(state, document, contract)
        _check_residual(document, postings)
    except Exception as error:  # noqa: BLE001 - one entry never hides the others
        if contract is not None and before is not None:
            contract.restore(before)
        state.errors.append(error_of(entry, error, _line_of_rate(document, error)))
        state.fail(index)
        return
    state.dossier.bills[index] = bill
    _claim(state, document, bill)
    if kind in DEPOSIT_ASKS and document.seller.deposit_on_receipt:
        account = postings[1].account
        held = HeldDeposit(document.number or "", document.customer, account, bill.due)
        state.dossier.held[held.number] = held
        postings = []
    if kind in CORRECTIONS:
        state.dossier.corrections.setdefault(document.text("sur") or "", []).append(document)
    if contract is not None:
        contract.documents.append(document)
        if kind is _FINAL:
            contract.closed_by = document
    if writing:
        state.output[index] = completed(entry, postings)
        if KEY in entry[0]:
            state.said[id(entry)] = said_text(entry, bill, postings)


def _compute(
    state: State, document: Document, contract: Contract | None
) -> tuple[Bill, list[Posting]]:
    """Bill and postings of a document, by kind.

    Raises:
        DocumentError: the document cannot be posted.
    """
    kind = document.kind
    if kind in _INVOICES:
        bill = bill_invoice(document, contract, state.books)
        return bill, post_invoice(document, bill, state.chart)
    if kind in DEPOSIT_ASKS and contract is not None:
        bill = bill_deposit(document, contract)
        return bill, post_deposit(document, bill, state.chart)
    if kind in CORRECTIONS:
        return _correct(state, document)
    return _compute_rarer(state, document, contract)


def _correct(state: State, document: Document) -> tuple[Bill, list[Posting]]:
    if document.kind is Kind.CREDIT_NOTE:
        bill = bill_credit(document, state.books)
        return bill, post_credit(document, bill, state.books)
    bill = bill_corrective(document, state.books)
    return bill, post_corrective(document, bill, state.books)


def _compute_rarer(
    state: State, document: Document, contract: Contract | None
) -> tuple[Bill, list[Posting]]:
    kind, books = document.kind, state.books
    if kind is Kind.TERMINATION:
        bill = bill_termination(document, contract, books)
        return bill, post_termination(document, bill, books)
    if kind is Kind.PREPAID and contract is not None:
        bill = bill_prepaid(document, contract, books)
        return bill, post_prepaid(document, bill, contract, books)
    if kind is Kind.TRANSFER and contract is not None:
        return transfer(document, contract, books)
    if kind is Kind.USE:
        bill = bill_use(document, contract)
        return bill, post_use(document, bill, books)
    raise DocumentError(
        f"le genre #{document.kind.value} n'est pas encore pris en charge par cette version"
    )


def _claim(state: State, document: Document, bill: Bill) -> None:
    if bill.retention:
        state.dossier.retaining.append(document)
    number = document.number
    if number is None:
        return
    if number in state.dossier.claims:
        # An error of numbering alone does not stop posting: the second one is owed too.
        number = f"{number} (ligne {document.entry.meta.get('lineno', 0)})"
    kind = document.kind
    timing = _timing(state, document) if kind in _TIMED_BY_ANOTHER else timing_of(document)
    net = bill.net()
    total = bill.receivable
    if kind is _TERMINATION and total == 0 and bill.credited:
        # Kept as an indemnity: the credit note on the deposits is settled by compensation.
        total = -bill.disbursements
    claim = state.dossier.claims[number] = Claim(document, total, net, timing.waiting(net))
    if bill.retention > 0:
        claim.retention = bill.retention


def _timing(state: State, document: Document) -> Timing:
    """Whose rules say when the VAT of a correction falls due: for a credit note, those of the original."""
    if document.kind is _TERMINATION:
        return Timing(Kind.DEPOSIT, document.seller)
    return state.books.original(document).timing


def _take_over(state: State, document: Document) -> None:
    """An item taken over posts as typed, drafts included: it is an opening balance."""
    try:
        claim, bill = take_over(document, contract_of(state, document), state.chart)
    except Exception as error:  # noqa: BLE001 - one entry never hides the others
        state.errors.append(error_of(document.entry, error))
        state.fail(document.index)
        return
    state.dossier.bills[document.index] = bill
    if bill.retention:
        state.dossier.retaining.append(document)
    if claim is not None and document.number is not None:
        state.dossier.claims.setdefault(document.number, claim)


def _keep_expanded(state: State, document: Document) -> None:
    if document.number is None or document.kind in UNPOSTED or document.draft:
        return
    claim = expanded_claim(document, state.chart)
    if claim is not None:
        state.dossier.claims.setdefault(document.number, claim)
    # With or without a claim: a final invoice of nothing recovers deposits all the same.
    state.expanded.append(document)


def _check_residual(document: Document, postings: list[Posting]) -> None:
    """Generated postings add up to exactly zero, never just within Beancount's tolerance."""
    left = residual(postings)
    if left:
        raise AssertionError(f"{document.number}: residual {left}")


def _line_of_rate(document: Document, error: Exception) -> dict[str, Any] | None:
    """The first line of a document at the rate that no account serves."""
    if not isinstance(error, MissingVatAccountError):
        return None
    for line in document.lines:
        if line.tax is not None and line.tax.rate == error.rate:
            return line.posting.meta
    return next((d.posting.meta for d in document.deposit_lines if d.rate == error.rate), None)
