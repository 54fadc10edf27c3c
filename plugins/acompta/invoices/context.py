"""What the views of all kinds of document share: parties, terms, contract, other documents, money.

Every amount comes from the `Bill` of a document, the one that was posted; what surrounds it (contract, deposits,
receipts) is as it stood at the end of the document's day, so that printing again later gives the same page.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from beancount.core.data import Directive

from acompta.billed import Billed
from acompta.claims import CREDIT, DISCOUNT, Claim, ClaimEvent
from acompta.dossier import Dossier
from acompta.invoices.lines import Units, Wording, invoice_lines, period_of, regime_of
from acompta.invoices.parties import customer_view, place_of, seller_view, text_of
from acompta.invoices.view.contract import (
    ContractReference,
    DocumentReference,
    Payment,
    RecoveredDeposit,
    Retention,
)
from acompta.invoices.view.lines import Line, LineRegime
from acompta.invoices.view.parties import Customer, Seller
from acompta.invoices.view.totals import RateTotal, Totals
from acompta.posting.bill import Bill
from acompta.reading import model
from acompta.reading.model import Document, Share, TaxKey
from acompta.receivables import Book, due_date, paid_at
from acompta.register.contract import Contract
from acompta.register.values import Group, Recovery
from acompta.retentions import Withheld, release_date
from acompta.rounding import ZERO
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import Kind

# How a document of the contract is called on another one.
SHORT_WORDS: Final = {
    Kind.DEPOSIT: "Acompte",
    Kind.ARRHES: "Arrhes",
    Kind.PREPAID: "Crédits",
    Kind.PROGRESS: "Situation",
    Kind.FINAL: "Solde",
    Kind.CREDIT_NOTE: "Avoir",
    Kind.CORRECTIVE: "Rectificative",
    Kind.TERMINATION: "Résiliation",
}
# Deposits, and the transfer of one to another contract, which is no invoice at all.
NOT_BILLED: Final = DEPOSIT_KINDS | {Kind.TRANSFER}


class Context:
    """Looks things up in one loaded ledger."""

    def __init__(self, book: Book, entries: Iterable[Directive], ledger_folder: Path) -> None:
        """Take the loaded ledger, and the folder that ``logo:`` starts from."""
        self.book = book
        self.dossier: Dossier = book.dossier
        self.entries = list(entries)
        self.units = Units(self.entries)
        self.folder = ledger_folder
        self._sellers: dict[int, Seller] = {}
        self._customers: dict[tuple[str, str], Customer] = {}
        self._wordings: dict[str, Wording] = {}

    # -- what all documents say -----------------------------------------------------------------------------

    def common(self, document: Document, number: str) -> dict[str, Any]:
        """Fields that every document has."""
        return {
            "kind": document.kind,
            "number": number,
            "date": document.date,
            "seller": self._seller(document.seller),
            "customer": self._customer(document.customer, document.entry.payee or ""),
            "object": document.entry.narration or "",
            "delivery": period_of(document.meta),
            "draft": document.draft,
            "place": place_of(document.meta),
        }

    @cached_property
    def withheld(self) -> Withheld:
        """The retentions of guarantee."""
        return Withheld(self.dossier, self.entries)

    def _customer(self, account: str, payee: str) -> Customer:
        made = self._customers.get((account, payee))
        if made is None:
            made = customer_view(self.dossier.chart.get(account), payee)
            self._customers[account, payee] = made
        return made

    def _seller(self, seller: model.Seller) -> Seller:
        made = self._sellers.get(id(seller))
        if made is None:
            made = self._sellers[id(seller)] = seller_view(seller, self.folder)
        return made

    def terms_of_sale(self, document: Document, contract: Contract | None) -> dict[str, Any]:
        """Due date, payment terms, order and contract of an invoice."""
        return {
            "due": due_date(document, self.dossier),
            "payment_terms": self.payment_terms(document, contract),
            "purchase_order": self._said(document, contract, "bon-de-commande"),
            "contract": contract_reference(contract, document.date),
        }

    def payment_terms(self, document: Document, contract: Contract | None) -> str:
        """The words of the payment terms; a typed due date speaks for itself."""
        if "echeance" in document.meta:
            return ""
        return self._said(document, contract, "delai") or text_of(document.seller.meta, "delai")

    def _said(self, document: Document, contract: Contract | None, key: str) -> str:
        """What the document, else its contract, else its customer says."""
        signed = contract.document if contract is not None else None
        metas: list[Mapping[str, Any]] = [document.meta]
        metas += [signed.meta] if signed is not None else []
        metas.append(self.dossier.chart.get(document.customer).meta)
        return next((text for meta in metas if (text := text_of(meta, key))), "")

    def contract_of(self, document: Document) -> Contract | None:
        """The contract of a document, or what stands for one: the register of a deposit without a contract."""
        contracts = self.dossier.contracts
        names = [document.contract, *sorted(document.entry.links), document.number]
        return next((contracts[name] for name in names if name and name in contracts), None)

    # -- other documents ------------------------------------------------------------------------------------

    def before(self, document: Document, contract: Contract | None) -> list[Document]:
        """Documents billed under the contract before this one, those that a corrective replaced left out."""
        if contract is None:
            return []
        before: list[Document] = []
        for other in contract.documents:
            if other.index == document.index:
                break
            if self.dossier.bill(other) is not None and other.kind is not Kind.USE:
                before.append(other)
        replaced = {d.text("sur") for d in [*before, document] if d.kind is Kind.CORRECTIVE}
        return [other for other in before if other.number not in replaced]

    def earlier_invoices(self, before: Iterable[Document]) -> list[Document]:
        """Invoices and credit notes among these, deposits aside: they are recovered, not billed twice."""
        return [
            other
            for other in before
            if other.kind not in NOT_BILLED and not _credits_deposits(self.dossier.bill(other))
        ]

    def references(
        self, documents: Iterable[Document], at: datetime.date, *, net: bool = False
    ) -> tuple[DocumentReference, ...]:
        """Documents as another one of the day ``at`` names them; ``net`` of the deposits they recovered."""
        return tuple(
            DocumentReference(
                number=document.number or "",
                date=document.real_date,
                kind=document.kind,
                title=SHORT_WORDS.get(document.kind, "Facture"),
                ht=base,
                vat=vat,
                outside=bill.disbursements,
                open=self._open(document, bill, at),
            )
            for document, bill in self.billed(documents)
            for base, vat in [sum_of_shares(bill.net() if net else bill.gross)]
        )

    def _open(self, document: Document, bill: Bill, at: datetime.date) -> Decimal:
        claim = self.dossier.claims.get(document.number or "")
        return claim.open_at(at) if claim is not None else bill.receivable

    def billed(self, documents: Iterable[Document]) -> Iterator[tuple[Document, Bill]]:
        """Documents with their bills, those without one left out."""
        for document in documents:
            bill = self.dossier.bill(document)
            if bill is not None:
                yield document, bill

    def invoice_lines(
        self, document: Document, bill: Bill, contract: Contract | None
    ) -> tuple[Line, ...]:
        """Lines of a plain, progress or final invoice; the last says all that was billed before it."""
        before: dict[Group, Decimal] = {}
        if contract is not None and document.kind is Kind.FINAL:
            before = Billed(contract, self.billed(self.before(document, contract))).groups
        return invoice_lines(document, bill, self.wording(contract), self.units, before)

    def wording(self, contract: Contract | None) -> Wording | None:
        """What the lines of a contract say, read once."""
        if contract is None:
            return None
        made = self._wordings.get(contract.link)
        if made is None:
            made = self._wordings[contract.link] = Wording(contract)
        return made

    # -- deposits -------------------------------------------------------------------------------------------

    def recovered(
        self, recoveries: Iterable[Recovery], at: datetime.date
    ) -> tuple[RecoveredDeposit, ...]:
        """Deposits taken back, with what had been received of each by the day ``at``."""
        taken: dict[str, list[Recovery]] = {}
        for recovery in recoveries:
            taken.setdefault(recovery.number, []).append(recovery)
        return tuple(self._recovered(number, parts, at) for number, parts in taken.items())

    def _recovered(
        self, number: str, recoveries: list[Recovery], at: datetime.date
    ) -> RecoveredDeposit:
        shares: dict[TaxKey, Share] = {}
        for recovery in recoveries:
            old = shares.get(recovery.against, Share(ZERO, ZERO))
            shares[recovery.against] = Share(old.base + recovery.base, old.vat + recovery.vat)
        totals = totals_of(shares)
        claim = self.dossier.claims.get(number)
        if claim is None:  # a deposit that is still a draft
            return RecoveredDeposit(number=number, date=at, totals=totals)
        receipts = [event.date for event in claim.events if event.date <= at and event.amount > 0]
        return RecoveredDeposit(
            number=claim.number,
            date=claim.document.real_date,
            totals=totals,
            kind=claim.document.kind,
            title=SHORT_WORDS.get(claim.document.kind, "Acompte"),
            paid=paid_at(claim, at) + self.paid_elsewhere(claim.document),
            unpaid=claim.open_at(at),
            paid_on=max(receipts, default=None),
        )

    # -- money ----------------------------------------------------------------------------------------------

    def paid_elsewhere(self, document: Document) -> Decimal:
        """What was paid, VAT included, of a deposit taken over before it came here: what its 411 does not claim."""
        bill, claim = self.dossier.bill(document), self.claim(document)
        if document.kind is not Kind.TAKEOVER or bill is None or claim is None:
            return ZERO
        given = sum((share.total for share in bill.gross.values()), ZERO)
        return max(given - claim.document_total, ZERO)

    def claim(self, document: Document) -> Claim | None:
        """What a document entitles to; ``None`` for a draft."""
        return self.dossier.claims.get(document.number or "")

    def payments(self, document: Document) -> tuple[Payment, ...]:
        """What reduced what is owed for the document up to its own date: before it, or the same day.

        A credit note of the same day comes after the invoice that it names: the invoice, once issued, says the same.
        """
        claim = self.claim(document)
        received: dict[tuple[datetime.date, str], Decimal] = {}
        for event in claim.events if claim is not None else ():
            later = event.what == CREDIT and document.kind is not Kind.CORRECTIVE
            if event.date < document.date or (event.date == document.date and not later):
                label = self._payment_label(document, event)
                key = (event.date, label)
                received[key] = received.get(key, ZERO) + event.amount
        return tuple(
            Payment(date=day, amount=amount, label=label)
            for (day, label), amount in sorted(received.items())
        )

    def _payment_label(self, document: Document, event: ClaimEvent) -> str:
        """What precedes the date: a third party's payment or a set-off (no class 5) is called by its own entry."""
        if event.what == CREDIT:
            return "Réglé avant le" if document.kind is Kind.CORRECTIVE else "Avoir du"
        if event.what == DISCOUNT:
            return "Escompte du"
        chart, entry = self.dossier.chart, event.entry
        money = any(chart.get(posting.account).is_treasury for posting in entry.postings)
        return "Réglé le" if money or not entry.narration else f"{entry.narration}, le"


def _credits_deposits(bill: Bill | None) -> bool:
    return bill is not None and bool(bill.credited)


# -- figures ----------------------------------------------------------------------------------------------------


def totals_of(shares: Mapping[TaxKey, Share], outside: Decimal = ZERO) -> Totals:
    """Totals per rate and regime, the highest rate first, disbursements last."""
    sums: dict[tuple[Decimal, LineRegime], Share] = {}
    for tax, share in shares.items():
        key = (tax.rate, regime_of(tax))
        old = sums.get(key, Share(ZERO, ZERO))
        sums[key] = Share(old.base + share.base, old.vat + share.vat)
    rates = [
        RateTotal(rate=rate, base=share.base, vat=share.vat, regime=regime)
        for (rate, regime), share in sorted(
            sums.items(), key=lambda item: (-item[0][0], item[0][1])
        )
    ]
    if outside:
        rates.append(RateTotal(rate=ZERO, base=outside, vat=ZERO, outside=True))
    return Totals(tuple(rates))


def sum_of_shares(shares: Mapping[TaxKey, Share]) -> Share:
    """Base and VAT of all rates."""
    base = sum((share.base for share in shares.values()), ZERO)
    return Share(base, sum((share.vat for share in shares.values()), ZERO))


def sum_of_payments(payments: Iterable[Payment]) -> Decimal:
    """What was received in all."""
    return sum((payment.amount for payment in payments), ZERO)


def retention_of(bill: Bill, contract: Contract | None) -> Retention | None:
    """The retention that a document withholds, and when it is released if the works were accepted."""
    if not bill.retention or contract is None or contract.document is None:
        return None
    meta = contract.document.meta
    percent = meta.get("retenue")
    accepted = [d.meta.get("reception") for d in (contract.document, *contract.amendments)]
    known = [date for date in accepted if isinstance(date, datetime.date)]
    return Retention(
        percent=percent if isinstance(percent, Decimal) else ZERO,
        amount=bill.retention,
        base=text_of(meta, "retenue-base") or "TTC",
        release=release_date(known[-1]) if known else None,
    )


def contract_reference(contract: Contract | None, at: datetime.date) -> ContractReference | None:
    """A contract as a document of the day ``at`` names it."""
    if contract is None or contract.document is None:
        return None
    signed = contract.document
    return ContractReference(
        link=contract.link,
        date=signed.date,
        label=signed.entry.narration or "",
        ttc=contract.total(at),
        amended_on=tuple(d.date for d in contract.amendments if d.date <= at),
    )


def opposite(bill: Bill) -> Bill:
    """The bill of a credit note as its page shows it: what it gives back, positive."""
    return Bill(
        tuple(line._replace(amount=-line.amount) for line in bill.lines),
        {tax: Share(-share.base, -share.vat) for tax, share in bill.gross.items()},
        tuple(r._replace(base=-r.base, vat=-r.vat) for r in bill.recovered),
        tuple(
            step._replace(amount=-step.amount, previous=step.cumulative) for step in bill.progress
        ),
        -bill.disbursements,
        -bill.retention,
        bill.credited,
    )
