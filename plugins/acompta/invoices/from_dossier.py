"""From the engine's figures to what is printed: one source, nothing computed twice.

Every amount comes from the `Bill` of the document, the one that was posted; what surrounds it (contract, deposits,
receipts) is as it stood at the end of the document's day, so that printing again later gives the same page. Use::

    printer = Views(loaded.book(), loaded.entries, loaded.path.parent)
    for document in printable_documents(loaded.dossier, numbers):
        view = printer.view(document)
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from beancount.core.data import Directive

from acompta.claims import Claim
from acompta.contracts import contract_view
from acompta.dossier import Dossier
from acompta.invoices.lines import (
    Units,
    deposit_lines,
    invoice_lines,
    period_of,
    regime_of,
    typed_line,
)
from acompta.invoices.naming import file_name, folder_of, number_of
from acompta.invoices.parties import customer_view, place_of, seller_view, text_of
from acompta.invoices.view import (
    ContractReference,
    ContractStatement,
    DepositTerms,
    DocumentReference,
    DocumentView,
    LineRegime,
    Payment,
    RateTotal,
    RecoveredDeposit,
    Retention,
    Seller,
    Totals,
)
from acompta.posting.bill import Bill
from acompta.reading import model
from acompta.reading.model import Document, Share, TaxKey
from acompta.receivables import Book, due_date, paid_at
from acompta.register import Contract, Group, Recovery
from acompta.rounding import HUNDRED, ZERO, cents
from acompta.vat import DEPOSIT_KINDS, tax_shares
from acompta.vocabulary import DISBURSEMENT, PERCENT, UNNUMBERED, Kind

DEPOSITS: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES})
INVOICES: Final = frozenset({Kind.INVOICE, Kind.PROGRESS, Kind.FINAL})
PRINTABLE: Final = DEPOSITS | INVOICES | {Kind.QUOTE}

# How a document of the contract is called on another one.
SHORT_WORDS: Final = {
    Kind.DEPOSIT: "Acompte",
    Kind.ARRHES: "Arrhes",
    Kind.PROGRESS: "Situation",
    Kind.CREDIT_NOTE: "Avoir",
}


class UnprintableError(Exception):
    """A document that cannot be printed; the message is one French sentence that names it."""


def printable_documents(dossier: Dossier, numbers: Collection[str] = ()) -> list[Document]:
    """The issued documents to print: those of these numbers, else all of the kinds that are printed, in order.

    Documents in error are left out of the whole list, not of the numbers asked for. Raises `UnprintableError` for a
    number that nothing bears (see `select`).
    """
    if not numbers:
        return [d for d in _issued(dossier) if d.index not in dossier.failed]
    selection = select(dossier, numbers)
    if selection.unknown:
        raise UnprintableError(selection.unknown[0])
    return list(selection.documents)


class Selection(NamedTuple):
    """The documents that names ask for, in order, and one French sentence per name that nothing bears."""

    documents: tuple[Document, ...]
    unknown: tuple[str, ...]


def select(dossier: Dossier, names: Collection[str]) -> Selection:
    """Find documents by number (``F2026-001``, a quote also by its link) or by link (``^D2026-001``: all of them)."""
    issued = [d for d in dossier.documents if d.issued and d.kind not in UNNUMBERED - {Kind.QUOTE}]
    numbers: dict[str, list[Document]] = {}
    links: dict[str, list[Document]] = {}
    for document in issued:
        numbers.setdefault(number_of(document), []).append(document)
        if document.kind in PRINTABLE:
            for link in document.entry.links:
                links.setdefault(link, []).append(document)
    chosen: dict[int, Document] = {}
    unknown: list[str] = []
    for name in dict.fromkeys(names):
        link = name.removeprefix("^")
        found = links.get(link) or numbers.get(link) if link != name else numbers.get(name)
        if not found:
            unknown.append(_unknown(name, links if link != name else numbers))
        chosen.update((document.index, document) for document in found or ())
    order = {document.index: rank for rank, document in enumerate(issued)}
    documents = sorted(chosen.values(), key=lambda document: order[document.index])
    return Selection(tuple(documents), tuple(unknown))


def _issued(dossier: Dossier) -> list[Document]:
    return [d for d in dossier.documents if d.issued and d.kind in PRINTABLE]


def _unknown(name: str, known: Collection[str]) -> str:
    mark, noun = ("^", "lien") if name.startswith("^") else ("", "numéro")
    # As a person mistypes: capitals count for little.
    by_fold = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.removeprefix("^").casefold(), by_fold, n=3)
    shown = ", ".join(mark + by_fold[each] for each in near)
    hint = f" ; {noun}s proches : {shown}" if near else ""
    return f"{noun} « {name} » : aucun document émis ne le porte{hint}"


def destination(view: DocumentView, folder: Path) -> Path:
    """Where the PDF of a document goes under ``folder``: ``factures/F2026-001.pdf``, ``devis/…`` for a quote."""
    return folder / folder_of(view.kind) / file_name(view.number)


class Views:
    """Makes the views of one loaded ledger."""

    def __init__(self, book: Book, entries: Iterable[Directive], ledger_folder: Path) -> None:
        """Take the loaded ledger, and the folder that ``logo:`` starts from."""
        self._book = book
        self._dossier = book.dossier
        self._units = Units(entries)
        self.folder = ledger_folder
        self._sellers: dict[int, Seller] = {}

    def view(self, document: Document) -> DocumentView:
        """The document as printed, without its mentions.

        Raises `UnprintableError` when it is in error, of a kind not printed, or its text already completed.
        """
        number = number_of(document)
        if document.kind not in PRINTABLE:
            raise UnprintableError(f"{number} : un document #{document.kind} ne s'imprime pas")
        if document.index in self._dossier.failed:
            raise UnprintableError(
                f"{number} : document en erreur ; corrigez ce que dit « acompta verifier »"
            )
        if document.kind is Kind.QUOTE:
            return self._quote(document, number)
        bill = self._dossier.bill(document)
        if bill is None:
            raise UnprintableError(
                f"{number} : le texte porte déjà les écritures complètes ; imprimez le journal tapé"
            )
        contract = self._contract(document)
        if document.kind in DEPOSITS:
            return self._deposit(document, bill, contract)
        return self._invoice(document, bill, contract)

    # -- kinds ----------------------------------------------------------------------------------------------

    def _quote(self, document: Document, number: str) -> DocumentView:
        lines = tuple(
            typed_line(line, document, self._units)
            for line in document.lines
            if line.amount is not None
        )
        totals = _totals(*_quoted(document))
        percent = document.meta.get("acompte")
        deposit = None
        if isinstance(percent, Decimal):
            deposit = DepositTerms(percent=percent, amount=cents(totals.ttc * percent / HUNDRED))
        valid_until = document.meta.get("validite")
        return DocumentView(
            **self._common(document, number),
            lines=lines,
            totals=totals,
            to_pay=totals.ttc,
            valid_until=valid_until if isinstance(valid_until, datetime.date) else None,
            payment_terms=self._terms(document, None),
            deposit=deposit,
        )

    def _deposit(self, document: Document, bill: Bill, contract: Contract | None) -> DocumentView:
        payments = self._payments(document)
        terms = self._terms_of_sale(document, contract)
        common = self._common(document, document.number or "")
        # The lines say that it is a deposit; the object says of what (CGI ann. II art. 242 nonies A, 8°).
        common["object"] = (terms["contract"] and terms["contract"].label) or common["object"]
        return DocumentView(
            **common,
            **terms,
            lines=deposit_lines(document, bill, contract),
            totals=_totals(bill.gross, bill.disbursements),
            payments=payments,
            to_pay=bill.due - _sum(payments),
            deposit=self._deposit_terms(document, bill, contract),
        )

    def _invoice(self, document: Document, bill: Bill, contract: Contract | None) -> DocumentView:
        payments = self._payments(document)
        earlier = self._earlier(document, contract)
        final = document.kind is Kind.FINAL
        return DocumentView(
            **self._common(document, document.number or ""),
            **self._terms_of_sale(document, contract),
            lines=invoice_lines(
                document, bill, contract, self._units, self._billed_groups(earlier)
            ),
            totals=_totals(bill.gross, bill.disbursements),
            balance=_totals(bill.net(), bill.disbursements) if bill.recovered else None,
            recovered=self._recovered(document, bill),
            retention=_retention(bill, contract),
            payments=payments,
            to_pay=bill.due - _sum(payments),
            earlier_invoices=self._references(earlier) if document.kind is not Kind.INVOICE else (),
            statement=self._statement(document, contract) if final else None,
        )

    # -- what all share -------------------------------------------------------------------------------------

    def _common(self, document: Document, number: str) -> dict[str, Any]:
        account = self._dossier.chart.get(document.customer)
        return {
            "kind": document.kind,
            "number": number,
            "date": document.date,
            "seller": self._seller(document.seller),
            "customer": customer_view(account, document.entry.payee or ""),
            "object": document.entry.narration or "",
            "delivery": period_of(document.meta),
            "draft": document.draft,
            "place": place_of(document.meta),
        }

    def _seller(self, seller: model.Seller) -> Seller:
        made = self._sellers.get(id(seller))
        if made is None:
            made = self._sellers[id(seller)] = seller_view(seller, self.folder)
        return made

    def _terms_of_sale(self, document: Document, contract: Contract | None) -> dict[str, Any]:
        return {
            "due": due_date(document, self._dossier),
            "payment_terms": self._terms(document, contract),
            "purchase_order": self._said(document, contract, "bon-de-commande"),
            "contract": _contract_reference(contract, document.date),
        }

    def _terms(self, document: Document, contract: Contract | None) -> str:
        """The words of the payment terms; a typed due date speaks for itself."""
        if "echeance" in document.meta:
            return ""
        return self._said(document, contract, "delai") or text_of(document.seller.meta, "delai")

    def _said(self, document: Document, contract: Contract | None, key: str) -> str:
        """What the document, else its contract, else its customer says."""
        signed = contract.document if contract is not None else None
        metas: list[Mapping[str, Any]] = [document.meta]
        metas += [signed.meta] if signed is not None else []
        metas.append(self._dossier.chart.get(document.customer).meta)
        return next((text for meta in metas if (text := text_of(meta, key))), "")

    def _contract(self, document: Document) -> Contract | None:
        """The contract of a document, or what stands for one: the register of a deposit without a contract."""
        contracts = self._dossier.contracts
        names = [document.contract, *sorted(document.entry.links), document.number]
        return next((contracts[name] for name in names if name and name in contracts), None)

    # -- deposits -------------------------------------------------------------------------------------------

    def _deposit_terms(
        self, document: Document, bill: Bill, contract: Contract | None
    ) -> DepositTerms | None:
        if contract is None or contract.document is None:
            return None
        whole = contract.total(document.date)
        earlier = self._references(self._before(document, contract), net=True)
        asked = sum((reference.ttc for reference in earlier), ZERO)
        return DepositTerms(
            percent=_percent(document),
            amount=bill.due,
            contract_ttc=whole,
            earlier=earlier,
            remaining_ttc=whole - asked - bill.receivable,
        )

    def _recovered(self, document: Document, bill: Bill) -> tuple[RecoveredDeposit, ...]:
        taken: dict[str, list[Recovery]] = {}
        for recovery in bill.recovered:
            taken.setdefault(recovery.number, []).append(recovery)
        return tuple(
            self._recovered_deposit(self._dossier.claims[number], recoveries, document.date)
            for number, recoveries in taken.items()
        )

    def _recovered_deposit(
        self, claim: Claim, recoveries: list[Recovery], at: datetime.date
    ) -> RecoveredDeposit:
        shares: dict[TaxKey, Share] = {}
        for recovery in recoveries:
            old = shares.get(recovery.against, Share(ZERO, ZERO))
            shares[recovery.against] = Share(old.base + recovery.base, old.vat + recovery.vat)
        receipts = [event.date for event in claim.events if event.date <= at and event.amount > 0]
        return RecoveredDeposit(
            number=claim.number,
            date=claim.date,
            totals=_totals(shares),
            paid=paid_at(claim, at),
            unpaid=claim.open_at(at),
            paid_on=max(receipts, default=None),
        )

    # -- the contract ---------------------------------------------------------------------------------------

    def _before(self, document: Document, contract: Contract | None) -> list[Document]:
        """Documents billed under the contract before this one."""
        if contract is None:
            return []
        before: list[Document] = []
        for other in contract.documents:
            if other.index == document.index:
                break
            if self._dossier.bill(other) is not None and other.kind is not Kind.USE:
                before.append(other)
        return before

    def _earlier(self, document: Document, contract: Contract | None) -> list[Document]:
        """Invoices and credit notes before this one, deposits aside: they are recovered, not billed twice."""
        before = self._before(document, contract)
        return [other for other in before if other.kind not in DEPOSIT_KINDS]

    def _references(
        self, documents: Iterable[Document], *, net: bool = False
    ) -> tuple[DocumentReference, ...]:
        return tuple(
            DocumentReference(
                number=document.number or "",
                date=document.date,
                title=SHORT_WORDS.get(document.kind, "Facture"),
                ht=base + bill.disbursements,
                vat=vat,
            )
            for document, bill in self._billed(documents)
            for base, vat in [_sums(bill.net() if net else bill.gross)]
        )

    def _billed(self, documents: Iterable[Document]) -> Iterator[tuple[Document, Bill]]:
        for document in documents:
            bill = self._dossier.bill(document)
            if bill is not None:
                yield document, bill

    def _billed_groups(self, documents: Iterable[Document]) -> dict[Group, Decimal]:
        """Progress billed before, before tax, per group of the contract."""
        billed: dict[Group, Decimal] = {}
        for _, bill in self._billed(documents):
            for step in bill.progress:
                billed[step.group] = billed.get(step.group, ZERO) + step.amount
        return billed

    def _statement(self, document: Document, contract: Contract | None) -> ContractStatement | None:
        if contract is None or contract.document is None:
            return None
        found = contract_view(self._book, contract.link, document.date)
        return ContractStatement(
            total=found.ordered.total,
            billed=found.claimed,
            paid=found.claimed - found.open,
            to_pay=found.open,
            to_bill=found.left.total,
            surplus=found.deposits_left.total,
        )

    # -- money ----------------------------------------------------------------------------------------------

    def _payments(self, document: Document) -> tuple[Payment, ...]:
        """What was received for the document up to its own date: before it, or the same day."""
        claim = self._dossier.claims.get(document.number or "")
        if claim is None:
            return ()
        received: dict[datetime.date, Decimal] = {}
        for event in claim.events:
            if event.date <= document.date:
                received[event.date] = received.get(event.date, ZERO) + event.amount
        return tuple(Payment(date=day, amount=amount) for day, amount in sorted(received.items()))


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


def _totals(shares: Mapping[TaxKey, Share], outside: Decimal = ZERO) -> Totals:
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


def _sums(shares: Mapping[TaxKey, Share]) -> Share:
    base = sum((share.base for share in shares.values()), ZERO)
    return Share(base, sum((share.vat for share in shares.values()), ZERO))


def _sum(payments: Iterable[Payment]) -> Decimal:
    return sum((payment.amount for payment in payments), ZERO)


def _percent(document: Document) -> Decimal | None:
    """The share asked for, when the whole deposit is one percentage."""
    lines = document.deposit_lines
    return -lines[0].units if len(lines) == 1 and lines[0].unit == PERCENT else None


def _retention(bill: Bill, contract: Contract | None) -> Retention | None:
    if not bill.retention or contract is None or contract.document is None:
        return None
    meta = contract.document.meta
    percent = meta.get("retenue")
    return Retention(
        percent=percent if isinstance(percent, Decimal) else ZERO,
        amount=bill.retention,
        base=text_of(meta, "retenue-base") or "TTC",
    )


def _contract_reference(contract: Contract | None, at: datetime.date) -> ContractReference | None:
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
