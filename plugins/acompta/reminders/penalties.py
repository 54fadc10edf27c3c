"""Penalties of late invoices, day by day: interest at the dated rate, and the fixed indemnity, once per invoice.

Interest runs from the day after the due date, on what was owed VAT included, until the day of payment included
(C. com. art. L441-10, II: due without a reminder); 365 days a year; each invoice is rounded once, half-up. Never to a
consumer; never on a retention that is not released, nor on penalties themselves (C. civ. art. 1343-2). Outside VAT
(BOI-TVA-BASE-10-10-50). Example: 12 000 € due on 28/02/2026, paid on 29/04: 60 days at 12.15 %, 239.67 €.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive, Transaction

from acompta.book import Book
from acompta.claims import Claim
from acompta.receivables import due_date
from acompta.reminders.rates import (
    BUSINESS,
    INDEMNITY,
    INDEMNITY_SINCE,
    PUBLIC,
    YEAR_DAYS,
    Rule,
    is_known,
    next_half,
)
from acompta.rounding import HUNDRED, ZERO, cents
from acompta.vocabulary import EUR, KIND_BY_TAG

INTEREST_ACCOUNT: Final = "7631"
INDEMNITY_ACCOUNT: Final = "7581"
_DAY: Final = datetime.timedelta(days=1)


class Span(NamedTuple):
    """Days (``first`` and ``last`` included) with the same principal (euros) and rate (percent a year)."""

    first: datetime.date
    last: datetime.date
    principal: Decimal
    rate: Decimal

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


class Charged(NamedTuple):
    """Interest and indemnity already billed for an invoice, in euros."""

    interest: Decimal = ZERO
    indemnity: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Penalty:
    """What the delay of one invoice costs at the end of a day, in euros.

    ``spans`` are the days late. ``charged`` was billed already. ``provisional``: a rate that is not published yet was
    replaced by the last one known.
    """

    number: str
    spans: tuple[Span, ...]
    charged: Charged
    entitled: bool
    provisional: bool

    @property
    def days(self) -> int:
        """Days late that bear interest."""
        return sum(span.days for span in self.spans)

    @property
    def accrued(self) -> Decimal:
        """Interest since the due date, rounded once."""
        exact = sum((s.principal * s.rate * s.days for s in self.spans), ZERO)
        return cents(exact / (HUNDRED * YEAR_DAYS))

    @property
    def interest(self) -> Decimal:
        """Interest left to bill."""
        return max(ZERO, self.accrued - self.charged.interest)

    @property
    def indemnity(self) -> Decimal:
        """The fixed indemnity left to bill: once per invoice."""
        owed = INDEMNITY if self.entitled and self.spans else ZERO
        return max(ZERO, owed - self.charged.indemnity)

    @property
    def total(self) -> Decimal:
        """What is left to bill."""
        return self.interest + self.indemnity


def rule_for(book: Book, claim: Claim) -> Rule | None:
    """How the delay of ``claim`` is charged; ``None`` for a consumer, whom C. com. art. L441-10 does not bind.

    ``taux-penalites:`` of the customer's account, else of the seller at the date of the document, replaces the legal
    rate; ``public: TRUE`` on the customer's account says a public body.
    """
    meta = book.dossier.chart.get(claim.document.customer).meta
    if meta.get("particulier") is True:
        return None
    if meta.get("public") is True:
        return PUBLIC
    for source in (meta, claim.document.seller.meta):
        agreed = source.get("taux-penalites")
        if isinstance(agreed, Decimal):
            return Rule(agreed=agreed)
    return BUSINESS


def penalty_of(
    book: Book,
    claim: Claim,
    at: datetime.date,
    charged: Mapping[str, Charged],
    *,
    disputed: Decimal = ZERO,
) -> Penalty:
    """The penalty of one claim at the end of ``at``; ``disputed`` euros of it (on 416) bear none."""
    rule = rule_for(book, claim)
    done = charged.get(claim.number, Charged())
    if rule is None or is_penalty_invoice(book, claim):
        return Penalty(claim.number, (), done, entitled=False, provisional=False)
    spans = tuple(_spans(book, claim, at, rule, disputed))
    known = rule.agreed is not None or all(is_known(span.first) for span in spans)
    return Penalty(
        claim.number, spans, done, entitled=claim.date >= INDEMNITY_SINCE, provisional=not known
    )


def is_penalty_invoice(book: Book, claim: Claim) -> bool:
    """Whether the document bills nothing but penalties: they bear none themselves."""
    bill = book.dossier.bill(claim.document)
    chart = book.dossier.chart
    return bool(bill and bill.lines) and all(
        chart.get(line.account).role in {INTEREST_ACCOUNT, INDEMNITY_ACCOUNT}
        for line in (bill.lines if bill is not None else ())
    )


def _spans(
    book: Book, claim: Claim, at: datetime.date, rule: Rule, disputed: Decimal
) -> list[Span]:
    """The days late, cut where the principal or the rate changes.

    The principal of a day is what was owed at the end of the day before: a payment counts for its own day.
    """
    due = due_date(claim.document, book.dossier)
    if due >= at:
        return []
    release = book.releases.get(claim.document.index)
    cuts = {due, *(event.date for event in claim.events if event.date > due)}
    cuts |= {item.date for item in book.adjustments.get(claim.number, ()) if item.date > due}
    if release is not None and release > due:
        cuts.add(release)
    half = next_half(due + _DAY)
    while half <= at:
        cuts.add(half - _DAY)
        half = next_half(half)
    days = sorted(day for day in cuts if day < at)
    spans = []
    for day, following in zip(days, [*days[1:], at], strict=True):
        principal = _principal(book, claim, day, release) - disputed
        if principal > 0:
            first = day + _DAY
            spans.append(Span(first, following, principal, rule.rate(first, due + _DAY)))
    return _joined(spans)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that follow each other with the same principal and rate, as one."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        same = last is not None and (last.principal, last.rate) == (span.principal, span.rate)
        if last is not None and same and last.last + _DAY == span.first:
            joined[-1] = last._replace(last=span.last)
        else:
            joined.append(span)
    return joined


def _principal(
    book: Book, claim: Claim, day: datetime.date, release: datetime.date | None
) -> Decimal:
    """What of a claim is late at the end of ``day``: neither its retention before the release, nor penalties."""
    adjusted = sum(
        (
            i.amount
            for i in book.adjustments.get(claim.number, ())
            if i.date <= day and i.amount < 0
        ),
        ZERO,
    )
    owed = claim.open_at(day) + adjusted
    bill = book.dossier.bill(claim.document)
    if bill is not None and bill.retention > 0 and (release is None or day < release):
        owed -= min(owed, bill.retention)
    return max(ZERO, owed)


def charged_penalties(
    book: Book, entries: Iterable[Directive], at: datetime.date
) -> dict[str, Charged]:
    """What was billed on 7631 and 7581 up to ``at``, by number of the late invoice.

    A line says it by ``facture:``; an ordinary entry may also link the invoice.
    """
    found: dict[str, Charged] = {}
    for entry in entries:
        if not isinstance(entry, Transaction) or entry.date > at:
            continue
        for posting in entry.postings:
            units = posting.units
            role = book.dossier.chart.get(posting.account).role
            if role not in {INTEREST_ACCOUNT, INDEMNITY_ACCOUNT} or units is None:
                continue
            number = _late_invoice(book, entry, posting.meta or {})
            if number and units.number is not None and units.currency == EUR:
                before = found.get(number, Charged())
                interest = -units.number if role == INTEREST_ACCOUNT else ZERO
                indemnity = -units.number if role == INDEMNITY_ACCOUNT else ZERO
                found[number] = Charged(before.interest + interest, before.indemnity + indemnity)
    return found


def _late_invoice(book: Book, entry: Transaction, meta: Mapping[str, object]) -> str:
    named = meta.get("facture")
    if isinstance(named, str):
        return named
    if entry.tags & set(KIND_BY_TAG):
        return ""
    linked = [link for link in entry.links if link in book.dossier.claims]
    return linked[0] if len(linked) == 1 else ""
