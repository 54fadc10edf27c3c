"""The bill: what a document says and posts, one source for the entry, the print and the e-invoice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core.data import Posting

from acompta.chart import RETENTION, VAT_DUE, VAT_PENDING, Chart
from acompta.messages import DocumentError, euros
from acompta.posting.making import posted
from acompta.reading.model import Document, Seller, Share, TaxKey
from acompta.register.values import Progress, Recovery
from acompta.rounding import HUNDRED, ZERO, proportional
from acompta.tuples import make
from acompta.vat import ON_INVOICE, due_on_issue
from acompta.vocabulary import GOODS, Kind

_NOTHING = Share(ZERO, ZERO)


class BilledLine(NamedTuple):
    """A line as posted: account, amount before tax (euros, revenue positive), tax, and the typed posting's metadata."""

    account: str
    amount: Decimal
    tax: TaxKey
    meta: dict[str, Any] | None


class Bill(NamedTuple):
    """The computed amounts of a document, in euros.

    ``gross`` is what it bills per tax key before any deposit is recovered, ``net`` what is left after; for a deposit
    both are the deposit itself. ``disbursements`` bear no VAT; ``retention`` goes to 4117. A credit note's amounts are
    negative; ``credited`` is what it takes off deposits; ``reversed`` is the (negative) reversal that a corrective
    invoice posts beside its new amounts.
    """

    lines: tuple[BilledLine, ...]
    gross: dict[TaxKey, Share]
    recovered: tuple[Recovery, ...] = ()
    progress: tuple[Progress, ...] = ()
    disbursements: Decimal = ZERO
    retention: Decimal = ZERO
    credited: tuple[Recovery, ...] = ()
    reversed: Bill | None = None

    @property
    def base(self) -> Decimal:
        """Total before tax and before recovery, disbursements excluded."""
        return _sum_base(self.gross)

    @property
    def vat(self) -> Decimal:
        """Total VAT before recovery."""
        return sum((share.vat for share in self.gross.values()), ZERO)

    @property
    def total(self) -> Decimal:
        """VAT-inclusive total before recovery and retention, disbursements included."""
        total = self.disbursements
        for base, vat in self.gross.values():
            total += base + vat
        return total

    @property
    def recovered_total(self) -> Decimal:
        """VAT-inclusive total of the deposits that the document recovers."""
        total = ZERO
        for recovery in self.recovered:
            total += recovery.base + recovery.vat
        return total

    @property
    def receivable(self) -> Decimal:
        """What the customer owes for this document, retention included: 411 + 4117."""
        total = self.disbursements
        for base, vat in self.gross.values():
            total += base + vat
        for recovery in self.recovered:
            total -= recovery.base + recovery.vat
        return total

    @property
    def due(self) -> Decimal:
        """Net to pay: what is posted on 411."""
        return self.receivable - self.retention if self.retention else self.receivable

    def net(self) -> dict[TaxKey, Share]:
        """Base and VAT per tax key once the deposits are recovered."""
        if not self.recovered:
            return self.gross
        net = dict(self.gross)
        for recovery in self.recovered:
            base, vat = net.get(recovery.against, _NOTHING)
            net[recovery.against] = make(Share, (base - recovery.base, vat - recovery.vat))
        return net


def _sum_base(shares: Mapping[TaxKey, Share]) -> Decimal:
    total = ZERO
    for share in shares.values():
        total += share[0]
    return total


def check_total(document: Document, bill: Bill) -> None:
    """Compare the amount typed on 411 with the computed one.

    Raises:
        DocumentError: they differ; a typed amount is checked, never overwritten (language.md §1).
    """
    typed = document.typed_total
    if typed is not None and typed != bill.due:
        raise DocumentError(
            f"total TTC : lu {euros(typed)} sur {document.customer}, calculé {euros(bill.due)} ; corrigez le"
            f" montant, ou laissez cette ligne en blanc{_untaxed_hint(typed, bill)}"
        )


def _untaxed_hint(typed: Decimal, bill: Bill) -> str:
    """The line to type when the total before tax is the one wanted with tax: VAT-inclusive prices were typed."""
    if typed != bill.base or bill.recovered or len(bill.gross) != 1 or not bill.vat:
        return ""
    ((tax, _),) = bill.gross.items()
    untaxed = proportional(typed, HUNDRED, HUNDRED + tax.rate)
    return f" ; si c'est le TTC, les lignes se tapent hors taxes : {euros(untaxed)} en tout"


class Timing(NamedTuple):
    """Whose rules say when the VAT falls due: for a credit note, those of the document that it corrects.

    ``awaits_delivery``: goods invoiced before they are delivered (CGI art. 269-2-a: due at delivery, or on receipt
    when the money comes first).
    """

    kind: Kind
    seller: Seller
    awaits_delivery: bool = False

    def due(self, tax: TaxKey) -> bool:
        """Whether the VAT falls due with the document itself."""
        if self.awaits_delivery and tax[1] == GOODS:
            return False
        return due_on_issue(self.kind, tax, self.seller)

    def waiting(self, net: Mapping[TaxKey, Share]) -> Mapping[TaxKey, Share]:
        """The part of a document's VAT that does not fall due with it: ``net`` itself when all of it waits."""
        waits = [tax for tax, share in net.items() if share[1] and not self.due(tax)]
        return net if len(waits) == len(net) else {tax: net[tax] for tax in waits}


def timing_of(document: Document) -> Timing:
    """The timing of a document's own VAT."""
    delivery = document.delivery
    awaits = delivery is not None and delivery > document.entry.date
    return make(Timing, (document.kind, document.seller, awaits))


def vat_postings(timing: Timing, net: Mapping[TaxKey, Share], chart: Chart) -> list[Posting]:
    """VAT on 44571 (due with the document) or 44574 (waiting for the payment), one posting per account and rate."""
    sums: dict[tuple[str, Decimal, str], Share] = {}
    for tax, share in net.items():
        rate, nature, _ = tax
        if not rate or not (share.vat or share.base):
            continue
        due = timing.due(tax)
        # Goods that wait keep their nature in the text: the date rule for their deposits needs it.
        key = (VAT_DUE if due else VAT_PENDING, rate, "" if due or nature != GOODS else GOODS)
        old = sums.get(key)
        sums[key] = share if old is None else Share(old.base + share.base, old.vat + share.vat)
    postings = []
    for (role, rate, nature), (base, vat) in sums.items():
        if vat:
            meta: dict[str, Any] = {"taux": rate, "base": base}
            if nature:
                meta["nature"] = nature
            postings.append(posted(chart.vat_account(role, rate), -vat, meta))
    return postings


def customer_postings(document: Document, bill: Bill, chart: Chart) -> list[Posting]:
    """411 for the net to pay (a zero posting is left out), 4117 for the retention."""
    postings = []
    due = bill.due
    if due or not (bill.lines or bill.recovered):
        postings.append(posted(document.customer, due))
    if bill.retention:
        account = chart.sibling(document.customer, RETENTION)
        postings.append(posted(account, bill.retention))
    return postings


def typed_meta(typed: Posting) -> dict[str, Any] | None:
    """Metadata of the typed posting, without Beancount's mark of an interpolated amount."""
    meta = typed.meta
    if meta is None or "__automatic__" not in meta:
        return meta
    return {key: value for key, value in meta.items() if key != "__automatic__"}


def recovery_postings(recovered: Iterable[Recovery], timing: Timing) -> list[Posting]:
    """One debit of 4191 per recovered deposit, naming it: lettering and the inspector follow it.

    ``exigibilite: "facturation"`` on it says that the document makes the deposit's VAT due, paid or not.
    """
    sums: dict[tuple[str, str], Decimal] = {}
    forced: set[str] = set()
    for recovery in recovered:
        key = (recovery.account, recovery.number)
        sums[key] = sums.get(key, ZERO) + recovery.base
        if recovery.vat and timing.due(recovery.against):
            forced.add(recovery.number)
    postings = []
    for (account, number), base in sums.items():
        if base:
            meta = {"acompte": number}
            if number in forced:
                meta["exigibilite"] = ON_INVOICE
            postings.append(posted(account, base, meta))
    return postings


def line_postings(bill: Bill) -> list[Posting]:
    """The lines, in the accountant's signs; a line of zero is left out."""
    return [posted(account, -amount, meta) for account, amount, _, meta in bill.lines if amount]
