"""Views of what corrects or ends: credit notes, the end of a contract.

A credit note names what it corrects (CGI art. 289-I-5, ann. II art. 242 nonies A); its amounts are printed positive,
« à déduire » or « à rembourser ».
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from acompta.claims import CREDIT
from acompta.french import day, short_day
from acompta.invoices.context import (
    SHORT_WORDS,
    Context,
    contract_reference,
    opposite,
    retention_of,
    sum_of_shares,
    totals_of,
)
from acompta.invoices.lines import credit_lines, deposit_lines, regime_of
from acompta.invoices.view.contract import DocumentReference
from acompta.invoices.view.credits import Compensation, CreditTerms
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import Line, Nature
from acompta.posting.bill import Bill
from acompta.posting.books import Books
from acompta.posting.terminations import is_arrhes
from acompta.reading.model import Document, TaxKey
from acompta.register.contract import Contract
from acompta.register.values import Recovery
from acompta.rounding import ZERO
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import KIND_TITLES, Kind

CREDIT_TITLE: Final = KIND_TITLES[Kind.CREDIT_NOTE]
_WHO: Final = {
    "client": "Résiliation par le client",
    "fournisseur": "Résiliation par le vendeur",
    "retractation": "Rétractation du client",
}


def corrects(context: Context, document: Document) -> DocumentReference | None:
    """The document that ``sur:`` names."""
    claim = context.dossier.claims.get(document.text("sur") or "")
    bill = context.dossier.bill(claim.document) if claim is not None else None
    if claim is None or bill is None:
        return None
    base, vat = sum_of_shares(bill.gross)
    return DocumentReference(
        number=claim.number,
        date=claim.document.real_date,
        kind=claim.document.kind,
        first=Books(context.dossier, context.dossier.chart).first_kind(claim.document),
        title=SHORT_WORDS.get(claim.document.kind, "Facture"),
        ht=base,
        vat=vat,
        outside=bill.disbursements,
        open=claim.open_at(document.date),
    )


# -- credit notes -----------------------------------------------------------------------------------------------


def credit_note(context: Context, document: Document, bill: Bill) -> DocumentView:
    """A credit note, on an invoice or on a deposit."""
    original = corrects(context, document)
    corrected = context.dossier.claims[original.number].document if original is not None else None
    contract = context.contract_of(document)
    if contract is None and corrected is not None:
        contract = context.contract_of(corrected)
    back = opposite(bill)
    numbers = (original.number,) if original is not None else ()
    return DocumentView(
        **context.common(document, document.number or ""),
        contract=contract_reference(contract, document.date),
        lines=_credited_lines(context, document, corrected, back, contract),
        totals=totals_of(back.gross, back.disbursements),
        recovered=context.recovered(back.recovered, document.date),
        balance=totals_of(back.net(), back.disbursements) if back.recovered else None,
        retention=retention_of(back, contract),
        to_pay=back.receivable,
        corrects=original,
        credit=_credit_terms(context, document, back.receivable, numbers),
        note=_of_what(original, corrected),
    )


def _of_what(original: DocumentReference | None, corrected: Document | None) -> str:
    if original is None or corrected is None:
        return ""
    what = KIND_TITLES[corrected.kind].lower()
    return f"Sur la {what} {original.number} du {short_day(original.date)}"


def _credited_lines(
    context: Context,
    document: Document,
    corrected: Document | None,
    back: Bill,
    contract: Contract | None,
) -> tuple[Line, ...]:
    """What is given back: the lines of the document itself when it is cancelled whole."""
    if back.credited or (corrected is not None and corrected.kind in DEPOSIT_KINDS):
        return deposit_lines(document, back, context.wording(contract))
    if document.whole and corrected is not None:
        bill = context.dossier.bill(corrected)
        if bill is not None:
            return context.invoice_lines(corrected, bill, contract)
    return credit_lines(document, back, context.wording(contract), context.units)


def _credit_terms(
    context: Context, document: Document, total: Decimal, numbers: tuple[str, ...]
) -> CreditTerms:
    """What the credit note takes off unpaid documents; the rest is owed to the customer (language.md §8)."""
    claim = context.claim(document)
    if claim is None:  # a draft: what it would take off today
        claims = (context.dossier.claims.get(number) for number in numbers)
        unpaid = sum((max(c.open_at(document.date), ZERO) for c in claims if c is not None), ZERO)
        deducted = min(unpaid, total)
    else:
        deducted = sum(
            (
                -event.amount
                for event in claim.events
                if event.what == CREDIT and event.entry is document.entry
            ),
            ZERO,
        )
    return CreditTerms(numbers=numbers, deducted=deducted, refund=total - deducted)


# -- the end of a contract --------------------------------------------------------------------------------------


def termination(context: Context, document: Document, bill: Bill) -> DocumentView:
    """The end of a contract before its term: what becomes of its deposits, and why (C. civ. art. 1590)."""
    contract = context.contract_of(document)
    fields: dict[str, Any] = {
        **context.common(document, document.number or ""),
        "contract": contract_reference(contract, document.date),
        "note": _WHO.get(document.text("par") or "", ""),
        "clauses": _clauses(context, document, bill, contract),
    }
    if not bill.credited:
        return _kept_as_price(context, document, bill, fields)
    lines = tuple(_deposit_line(context, document, recovery) for recovery in bill.credited)
    back = opposite(bill)
    numbers = tuple(dict.fromkeys(recovery.number for recovery in bill.credited))
    compensation = _compensation(bill)
    deposits = (context.dossier.claims.get(number) for number in numbers)
    credited = [claim.document for claim in deposits if claim is not None]
    to_pay = -bill.due
    credit = CreditTerms(numbers=(), deducted=ZERO, refund=ZERO)
    if to_pay:
        credit = _credit_terms(context, document, to_pay, numbers)
    return DocumentView(
        **fields,
        lines=lines,
        totals=totals_of(back.gross),
        to_pay=to_pay,
        heading=CREDIT_TITLE,
        compensation=compensation,
        credited=context.references(credited, document.date),
        credit=credit,
    )


def _kept_as_price(
    context: Context, document: Document, bill: Bill, fields: dict[str, Any]
) -> DocumentView:
    """Kept as consideration: an invoice whose balance is zero, the VAT of the deposits staying due."""
    lines = tuple(
        Line(
            label="Somme conservée en contrepartie du service réservé",
            amount=share.base,
            rate=tax.rate,
            nature=Nature(tax.nature),
            regime=regime_of(tax),
        )
        for tax, share in bill.gross.items()
    )
    return DocumentView(
        **fields,
        lines=lines,
        totals=totals_of(bill.gross),
        recovered=context.recovered(bill.recovered, document.date),
        balance=totals_of(bill.net()),
        to_pay=bill.due,
        due=document.date,
        heading=KIND_TITLES[Kind.INVOICE],
    )


def _deposit_line(context: Context, document: Document, recovery: Recovery) -> Line:
    claim = context.dossier.claims.get(recovery.number)
    word = SHORT_WORDS.get(claim.document.kind, "Acompte") if claim is not None else "Acompte"
    date = f" du {day(claim.document.real_date)}" if claim is not None else ""
    tax: TaxKey = recovery.tax
    return Line(
        label=f"{word} {recovery.number}{date}",
        amount=recovery.base,
        rate=tax.rate,
        nature=Nature(tax.nature),
        regime=regime_of(tax),
        motive=document.text("motif") or "",
    )


def _compensation(bill: Bill) -> Compensation | None:
    """What is kept (7581) or doubled (6581), counted VAT-inclusive and outside VAT."""
    if not bill.disbursements:
        return None
    kept = bill.disbursements > 0
    label = "Indemnité conservée, hors TVA" if kept else "Dédit égal aux arrhes, hors TVA"
    return Compensation(label=label, amount=-bill.disbursements)


def _clauses(
    context: Context, document: Document, bill: Bill, contract: Contract | None
) -> tuple[str, ...]:
    """How the sums are qualified, and on what ground."""
    codes = []
    kept = "indemnite-conservee" if bill.credited else "contrepartie-conservee"
    if contract is not None:
        books = Books(context.dossier, context.dossier.chart)
        taken = {recovery.number for recovery in (*bill.credited, *bill.recovered)}
        deposits = [d.document for d in contract.deposits if d.number in taken]
        by_default = [
            d for d in deposits if d.kind is not Kind.ARRHES and is_arrhes(d, contract, books)
        ]
        if by_default and not _stipulated(contract, by_default):
            codes.append("qualification-par-defaut")
        if bill.credited and all(is_arrhes(d, contract, books) for d in deposits):
            kept = "arrhes-conservees"
    outcome = document.text("sort")
    if document.text("par") == "retractation":
        codes.append("retractation")
    elif outcome == "double":
        codes.append("arrhes-doublees")
    elif outcome == "conserve":
        codes.append(kept)
    return tuple(codes)


def _stipulated(contract: Contract, deposits: Iterable[Document]) -> bool:
    signed = [contract.document] if contract.document is not None else []
    return any(d.text("stipulation") is not None for d in (*signed, *deposits))
