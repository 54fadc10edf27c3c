"""Views of prepaid credits: the invoice that sells them, and the statement of what is left (CGI art. 256 ter)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from acompta.french import day
from acompta.invoices.context import Context, sum_of_payments, totals_of
from acompta.invoices.lines import deposit_lines, typed_line
from acompta.invoices.view.credits import CreditMove, CreditsLeft, CreditsStatement
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import Line
from acompta.invoices.view.totals import Totals
from acompta.posting.bill import Bill
from acompta.posting.prepaid import MULTI_PURPOSE, Pack
from acompta.reading.model import Document
from acompta.register.contract import Contract
from acompta.register.values import Deposit
from acompta.rounding import ZERO, proportional
from acompta.vocabulary import Kind


def prepaid(context: Context, document: Document, bill: Bill) -> DocumentView:
    """The invoice of prepaid credits: units, price, until when."""
    payments = context.payments(document)
    whole = document.meta.get("expire")
    lines = tuple(
        _with_expiry(typed_line(line, document, context.units), line.meta.get("expire") or whole)
        for line in document.lines
        if line.amount is not None
    )
    if MULTI_PURPOSE in bill.gross:
        lines = tuple(_with_expiry(line, whole) for line in deposit_lines(document, bill, None))
    return DocumentView(
        **context.common(document, document.number or ""),
        **context.terms_of_sale(document, None),
        lines=lines,
        totals=totals_of(bill.gross, bill.disbursements),
        payments=payments,
        to_pay=bill.due - sum_of_payments(payments),
    )


def _with_expiry(line: Line, expires: object) -> Line:
    if not isinstance(expires, datetime.date):
        return line
    return replace(line, details=(*line.details, f"Valable jusqu'au {day(expires)}"))


# -- the statement ----------------------------------------------------------------------------------------------


def statement(context: Context, contract: Contract) -> DocumentView:
    """What was bought, used and left of the credits of one link, as of the last movement."""
    documents = [
        d
        for d in contract.documents
        if d.kind in {Kind.PREPAID, Kind.USE, Kind.CREDIT_NOTE}
        and context.dossier.bill(d) is not None
    ]
    first, last = documents[0], documents[-1]
    common = context.common(last, contract.link)
    common |= {"kind": Kind.USE, "object": first.entry.narration or "", "delivery": None}
    found = CreditsStatement(
        moves=tuple(_moves(context, documents, contract.packs)),
        left=tuple(_left(context, contract)),
        taxed=any(MULTI_PURPOSE in deposit.given for deposit in contract.deposits),
    )
    return DocumentView(
        **common,
        lines=(),
        totals=Totals(()),
        to_pay=ZERO,
        credits=found,
        heading="Relevé de crédits prépayés",
    )


def _moves(
    context: Context, documents: list[Document], packs: Sequence[Pack]
) -> Iterator[CreditMove]:
    left: dict[str, Decimal] = {}
    for document, bill in context.billed(documents):
        if document.kind is Kind.CREDIT_NOTE:
            yield from _refunded(context, document, bill, packs, left)
            continue
        sign = 1 if document.kind is Kind.PREPAID else -1
        narration = document.entry.narration or ""
        if (
            MULTI_PURPOSE in bill.gross
            or not document.lines
            or any(recovery.tax == MULTI_PURPOSE for recovery in bill.recovered)
        ):
            amount = bill.total if sign > 0 else bill.recovered_total
            yield CreditMove(
                date=document.date,
                label=narration,
                number=document.number or "",
                quantity=None,
                unit="",
                amount=sign * amount,
                left=None,
            )
            continue
        for line in document.lines:
            unit = context.units.printed(line.unit)
            quantity = -line.units * sign
            left[unit] = left.get(unit, ZERO) + quantity
            yield CreditMove(
                date=document.date,
                label=line.label or narration,
                number=document.number or "",
                quantity=quantity,
                unit=unit,
                amount=(line.amount or ZERO) * sign,
                left=left[unit],
            )


def _refunded(
    context: Context,
    document: Document,
    bill: Bill,
    packs: Sequence[Pack],
    left: dict[str, Decimal],
) -> Iterator[CreditMove]:
    """Units that a credit note gives back, at the price that they were bought for."""
    for recovery in bill.credited:
        pack = next(
            (
                one
                for one in packs
                if one.deposit.number == recovery.number and one.tax == recovery.tax
            ),
            None,
        )
        unit = context.units.printed(pack.unit) if pack is not None else ""
        quantity = None
        if pack is not None:
            quantity = -pack.units * recovery.base / pack.base
            left[unit] = left.get(unit, ZERO) + quantity
        vat = ZERO if pack is not None else recovery.vat
        yield CreditMove(
            date=document.date,
            label=document.entry.narration or "",
            number=document.number or "",
            quantity=quantity,
            unit=unit,
            amount=-(recovery.base + vat),
            left=left[unit] if pack is not None else None,
        )


def _left(context: Context, contract: Contract) -> Iterator[CreditsLeft]:
    packs: list[Pack] = list(contract.packs)
    for pack in packs:
        if pack.left:
            yield _pack_left(context, pack)
    for deposit in contract.deposits:
        if MULTI_PURPOSE in deposit.given and deposit.left(MULTI_PURPOSE).base:
            yield _voucher_left(deposit)


def _pack_left(context: Context, pack: Pack) -> CreditsLeft:
    document = pack.deposit.document
    return CreditsLeft(
        number=document.number or "",
        date=document.date,
        quantity=pack.left,
        unit=context.units.printed(pack.unit),
        amount=pack.base - pack.credited - proportional(pack.base, pack.used, pack.units),
        expires=pack.expires if isinstance(pack.expires, datetime.date) else None,
    )


def _voucher_left(deposit: Deposit) -> CreditsLeft:
    document = deposit.document
    expires = document.meta.get("expire")
    return CreditsLeft(
        number=document.number or "",
        date=document.date,
        quantity=None,
        unit="",
        amount=deposit.left(MULTI_PURPOSE).base,
        expires=expires if isinstance(expires, datetime.date) else None,
    )
