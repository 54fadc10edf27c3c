"""The cash to come, by week or by month: what is on the accounts, then every receipt and payment that can be foreseen.

Nothing is guessed beyond what the ledger says: open invoices at their due date, shifted by the usual delay of their
customer; retentions at their release; what contracts plan to bill (``prevu:``), VAT included; drafts; supplier
invoices at their due date; VAT when its return is to be paid. What has no date stands apart, so that the whole always
adds up to the ledger: receivables are those of the aged balance, planned billing is what the register says is left.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive

from acompta.book import Book
from acompta.claims import Claim
from acompta.closing.vat_entries import TaxEntry
from acompta.disputed import moved_off
from acompta.owed import AgedBalance, place_of, total_share
from acompta.preparing import Month, Proposal
from acompta.preparing.proposals import recurring_over
from acompta.reading.model import Document, TaxKey
from acompta.receivables import OpenInvoice, aged_balance, due_date
from acompta.rounding import ZERO, proportional
from acompta.steering.balances import Balances, Counted, balances_at, counted
from acompta.steering.flows import Flow, Forecast, Source, day_after, periods_of, spans_after
from acompta.steering.habits import Habit, payment_habits
from acompta.steering.milestones import Milestone, all_milestones
from acompta.steering.vat_payments import FallingDue, vat_payments
from acompta.terms import DEFAULT_TERMS, Terms, parse_terms
from acompta.vat import tax_shares
from acompta.vocabulary import GOODS, Kind, Regime

MONTHS: Final = 6


class Known(NamedTuple):
    """What a forecast is made of, for a caller that has it already.

    At the end of its day, but for ``counted`` and ``taxed``, which are of all the ledger.
    """

    balance: AgedBalance
    habits: dict[str, Habit]
    milestones: Sequence[Milestone]
    counted: Sequence[Counted] | None = None
    taxed: Sequence[TaxEntry] | None = None


def forecast(
    book: Book,
    entries: Sequence[Directive],
    at: datetime.date,
    *,
    months: int = MONTHS,
    weekly: bool = False,
    known: Known | None = None,
) -> Forecast:
    """The cash to come over ``months`` calendar months, that of the day after ``at`` first; by week if ``weekly``.

    ``entries`` are all of the ledger's, as loaded; ``known`` what the caller has already.
    """
    if known is None:
        known = Known(aged_balance(book, at), payment_habits(book, at), all_milestones(book, at))
    counts = counted(book, entries) if known.counted is None else known.counted
    balances = balances_at(counts, at)
    spans = spans_after(at, months, weekly)
    habits, milestones = known.habits, known.milestones
    doubtful = moved_off(book, entries, at)
    flows = [
        *_customer_flows(book, known.balance, habits, doubtful, at),
        *_planned_flows(book, milestones, habits, at),
        *_draft_flows(book, habits, at),
        *_recurring_flows(book, habits, spans),
        *_supplier_flows(book, balances, at),
    ]
    vat, credit = _vat_flows(book, entries, flows, balances, at, known.taxed)
    flows += vat
    dated = sorted((f for f in flows if f.date is not None), key=lambda f: (f.date, f.source))
    undated = tuple(flow for flow in flows if flow.date is None)
    return Forecast(
        at=at,
        cash=balances.treasury,
        flows=tuple(dated),
        undated=undated,
        periods=periods_of(dated, sum(balances.treasury.values(), ZERO), spans),
        habits=habits,
        milestones=tuple(milestones),
        vat_credit=credit,
    )


# -- customers ------------------------------------------------------------------------------------------------


def _customer_flows(
    book: Book,
    balance: AgedBalance,
    habits: dict[str, Habit],
    doubtful: dict[str, Decimal],
    at: datetime.date,
) -> list[Flow]:
    """Open invoices, retentions, and what is owed to customers: the aged balance, whole."""
    flows: list[Flow] = []
    for customer in balance.customers:
        habit = habits.get(customer.account)
        for invoice in customer.invoices:
            flows += _invoice_flows(book, invoice, customer.name, habit, doubtful, at)
        flows += [
            Flow(
                Source.CREDIT, day_after(at), credit.date, credit.amount, customer.name,
                credit.reference, credit.label, place=credit.place,
            )
            for credit in customer.credits
        ]  # fmt: skip
    return flows


def _invoice_flows(
    book: Book,
    invoice: OpenInvoice,
    name: str,
    habit: Habit | None,
    doubtful: dict[str, Decimal],
    at: datetime.date,
) -> list[Flow]:
    claim = book.dossier.claims[invoice.number]
    plain = invoice.open - invoice.retention
    # What was moved to 416 is not expected: it is said apart.
    lost = min(plain, doubtful.get(invoice.number, ZERO))
    shift = habit.shift if habit is not None else 0
    base = Flow(
        Source.RECEIVABLE, None, invoice.due_date, ZERO, name, invoice.number, invoice.label,
        late=invoice.days_late > 0, place=invoice.place,
    )  # fmt: skip
    parts: list[tuple[Flow, Decimal]] = []
    if plain - lost:
        expected = max(invoice.due_date + datetime.timedelta(days=shift), day_after(at))
        parts.append((base._replace(date=expected), plain - lost))
    if lost:
        parts.append((base._replace(why="créance douteuse (416)"), lost))
    if invoice.retention:
        held = base._replace(source=Source.RETENTION, due=invoice.release, late=False)
        if invoice.release is None:
            held = held._replace(why="réception des travaux non dite (reception:)")
        else:
            held = held._replace(date=max(invoice.release, day_after(at)))
        parts.append((held, invoice.retention))
    waiting = _waiting(claim, at)
    return [
        flow._replace(amount=amount, vat=proportional(waiting, amount, invoice.open))
        for flow, amount in parts
    ]


def _waiting(claim: Claim, at: datetime.date) -> Decimal:
    """VAT of a claim that is still to fall due when it is paid, in proportion to what was owed at ``at``."""
    vat = sum((share.vat for share in claim.shares.values()), ZERO)
    return proportional(vat, claim.open_at(at), claim.document_total)


# -- what is to be billed -------------------------------------------------------------------------------------


def _planned_flows(
    book: Book, milestones: Iterable[Milestone], habits: dict[str, Habit], at: datetime.date
) -> list[Flow]:
    flows: list[Flow] = []
    for milestone in milestones:
        flows += _milestone_flows(book, milestone, habits.get(milestone.customer), at)
    return flows


def _milestone_flows(
    book: Book, milestone: Milestone, habit: Habit | None, at: datetime.date
) -> list[Flow]:
    billed = due = expected = None
    why = "" if milestone.date is not None else "date de facturation non dite (prevu:)"
    if milestone.date is not None:
        billed = max(milestone.date, day_after(at))
        due = _contract_terms(book, milestone).due(billed)
        expected = due + datetime.timedelta(days=habit.shift if habit is not None else 0)
    total, ask = milestone.share.total, milestone.to_ask
    vat = proportional(milestone.share.vat, ask, total)
    flow = Flow(
        Source.PLANNED, expected, due, milestone.to_receive, milestone.customer_name,
        f"^{milestone.contract}", milestone.label,
        vat=vat - proportional(vat, milestone.retention, ask),
        vat_date=billed if milestone.vat_on_issue else None,
        late=milestone.is_forgotten(at), why=why, place=milestone.place,
    )  # fmt: skip
    flows = [flow] if flow.amount else []
    if milestone.retention:
        flows.append(
            flow._replace(
                source=Source.RETENTION, date=None, due=None, amount=milestone.retention,
                vat=vat - flow.vat, why="retenue sur une facture à venir", late=False,
            )
        )  # fmt: skip
    return flows


def _contract_terms(book: Book, milestone: Milestone) -> Terms:
    """``delai:`` of the contract, its customer or the seller, else 30 days (C. com. art. L441-10-I)."""
    dossier = book.dossier
    contract = dossier.contracts[milestone.contract].document
    metas = [contract.meta] if contract is not None else []
    metas.append(dossier.chart.get(milestone.customer).meta)
    metas += [contract.seller.meta] if contract is not None else []
    for meta in metas:
        text = meta.get("delai")
        terms = parse_terms(text) if isinstance(text, str) else None
        if terms is not None:
            return terms
    return DEFAULT_TERMS


def _draft_flows(book: Book, habits: dict[str, Habit], at: datetime.date) -> list[Flow]:
    """Drafts outside any contract: those of a contract are already in what it has to bill."""
    drafts = [d for d in book.dossier.documents if d.draft and d.contract is None]
    flows: list[Flow] = []
    for draft in drafts:
        if not draft.is_model:
            date = max(draft.date, day_after(at))
            flows += _document_flows(book, draft, Source.DRAFT, date, habits)
    return [flow for flow in flows if flow.amount > 0]


def _recurring_flows(
    book: Book, habits: dict[str, Habit], spans: Sequence[tuple[datetime.date, datetime.date]]
) -> list[Flow]:
    """What the recurring models outside any contract give in each month of the forecast, not written yet."""
    first, last = Month.of(spans[0][0]), Month.of(spans[-1][1])
    flows = []
    months = [Month(rank // 12, rank % 12 + 1) for rank in range(first.rank, last.rank + 1)]
    for made in recurring_over(book, months):
        if isinstance(made, Proposal) and made.model is not None and not made.contract:
            date = max(made.date, spans[0][0])
            found = _document_flows(book, made.model, Source.RECURRING, date, habits)
            flows += [flow._replace(label=made.narration) for flow in found]
    return flows


def _document_flows(
    book: Book, document: Document, source: Source, issued: datetime.date, habits: dict[str, Habit]
) -> list[Flow]:
    """The money of a document not issued yet, as if it were issued on ``issued``.

    Two flows when the VAT of a part falls due with the bill, that of the other with the money.
    """
    bases: dict[bool, dict[TaxKey, Decimal]] = {}
    for line in document.lines:
        if line.amount is not None and line.tax is not None:
            part = bases.setdefault(_is_due_on_issue(document, line.tax), {})
            part[line.tax] = part.get(line.tax, ZERO) + line.amount
    due = due_date(document, book.dossier) + (issued - document.date)
    habit = habits.get(document.customer)
    shares = {on_issue: total_share(tax_shares(part).values()) for on_issue, part in bases.items()}
    return [
        Flow(
            source,
            due + datetime.timedelta(days=habit.shift if habit is not None else 0),
            due,
            share.total,
            document.entry.payee or "",
            "brouillon" if source is Source.DRAFT else "récurrente",
            document.entry.narration or "",
            vat=share.vat,
            vat_date=issued if on_issue else None,
            place=place_of(document.entry),
        )
        for on_issue, share in shares.items()
    ]


def _is_due_on_issue(document: Document, tax: TaxKey) -> bool:
    """Whether VAT falls due with the bill: on debits, and for goods but their deposits (CGI art. 269-2)."""
    if document.kind in _DEPOSITS:
        return document.seller.deposit_on_debit
    return document.seller.regime is Regime.DEBITS or tax.nature == GOODS


_DEPOSITS: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES})


# -- suppliers ------------------------------------------------------------------------------------------------


def _supplier_flows(book: Book, balances: Balances, at: datetime.date) -> list[Flow]:
    """Supplier invoices at their due date, then what the supplier accounts hold beside them."""
    flows: list[Flow] = []
    owed = dict(balances.suppliers)
    chart = book.dossier.chart
    for claim in book.dossier.supplier_claims.values():
        rest = claim.open_at(at)
        if not rest or claim.date > at:
            continue
        document = claim.document
        owed[document.customer] = owed.get(document.customer, ZERO) + rest
        due = _supplier_due(claim, book)
        vat = sum((share.vat for share in claim.shares.values()), ZERO)
        flows.append(
            Flow(
                Source.SUPPLIER, max(due, day_after(at)), due, -rest,
                document.entry.payee or document.customer, claim.number,
                document.entry.narration or "",
                vat=-proportional(vat, rest, claim.document_total),
                late=due < at, place=place_of(document.entry),
            )
        )  # fmt: skip
    for account, balance in owed.items():
        if balance:
            name = chart.get(account).auxiliary or account
            flows.append(
                Flow(
                    Source.SUPPLIER, day_after(at), None, balance, name, "",
                    "Solde du compte, sans facture d'achat liée",
                )
            )  # fmt: skip
    return flows


def _supplier_due(claim: Claim, book: Book) -> datetime.date:
    """``echeance:`` of the purchase, else the ``delai:`` of the purchase or the supplier, else 30 days."""
    document = claim.document
    typed = document.meta.get("echeance")
    if isinstance(typed, datetime.date):
        return typed
    for meta in (document.meta, book.dossier.chart.get(document.customer).meta):
        text = meta.get("delai")
        terms = parse_terms(text) if isinstance(text, str) else None
        if terms is not None:
            return terms.due(document.date)
    return DEFAULT_TERMS.due(document.date)


# -- VAT ------------------------------------------------------------------------------------------------------


def _vat_flows(
    book: Book,
    entries: Sequence[Directive],
    flows: Iterable[Flow],
    balances: Balances,
    at: datetime.date,
    taxed: Sequence[TaxEntry] | None,
) -> tuple[list[Flow], Decimal]:
    """The VAT to pay, return after return, and the credit left at the end."""
    coming = [
        FallingDue(date, flow.vat)
        for flow in flows
        if flow.vat and (date := flow.vat_date or flow.date) is not None
    ]
    payments, credit = vat_payments(book.dossier, entries, balances.vat, coming, at, taxed)
    return [
        Flow(
            Source.VAT, max(one.due, day_after(at)), one.due, -one.amount, "État", "",
            f"TVA {one.period.of_title}{', déclarée (44551)' if one.declared else ''}",
            late=one.due < at,
        )
        for one in payments
    ], credit  # fmt: skip
