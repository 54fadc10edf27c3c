"""Which reminders to send on a day: one letter per customer and level, and why the other late invoices have none.

An invoice goes up one level at a time: the first reminder once it is late by the first threshold, the next one once
it is late by the next threshold and the gap between the two has passed since the last letter. So a level is never
sent twice, and a formal notice never comes out of the blue.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive

from acompta import french
from acompta.book import Book
from acompta.directives import SentReminder, Suspension
from acompta.disputed import OFF_411, moved_off
from acompta.owed import Credit, CreditKind, CustomerBalance, OpenInvoice
from acompta.receivables import aged_balance
from acompta.reminders.penalties import Charged, Penalty, charged_penalties, penalty_of
from acompta.rounding import ZERO
from acompta.terms import DEFAULT_THRESHOLDS, parse_thresholds

FORMAL: Final = "Mise en demeure"


class Step(NamedTuple):
    """A level of reminder: its rank from 1, and the days late from which it is sent; ``last`` is the formal notice."""

    level: int
    days: int
    last: bool

    @property
    def title(self) -> str:
        """What the letter is called."""
        if self.last:
            return FORMAL
        return (
            "Rappel"
            if self.level == 1
            else f"{_ORDINALS.get(self.level, f'{self.level}e')} relance"
        )


_ORDINALS: Final = {2: "Deuxième", 3: "Troisième", 4: "Quatrième", 5: "Cinquième"}


@dataclass(frozen=True, slots=True)
class LateInvoice:
    """An invoice in a letter: ``amount`` (euros) is what is late of it, ``days`` since when; ``sent`` so far."""

    invoice: OpenInvoice
    amount: Decimal
    days: int
    penalty: Penalty
    sent: tuple[SentReminder, ...]

    @property
    def number(self) -> str:
        """Number of the invoice."""
        return self.invoice.number


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one customer; ``credits`` are what it may set against the invoices (euros, negative)."""

    at: datetime.date
    customer: str
    name: str
    step: Step
    lines: tuple[LateInvoice, ...]
    credits: tuple[Credit, ...]

    @property
    def late(self) -> Decimal:
        """What is late."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def deducted(self) -> Decimal:
        """What the customer may take off: never more than what is late (euros, negative)."""
        return max(-self.late, sum((credit.amount for credit in self.credits), ZERO))

    @property
    def principal(self) -> Decimal:
        """What is asked for, penalties aside."""
        return self.late + self.deducted

    @property
    def interest(self) -> Decimal:
        """Interest of all its invoices."""
        return sum((line.penalty.interest for line in self.lines), ZERO)

    @property
    def indemnity(self) -> Decimal:
        """Fixed indemnities of all its invoices."""
        return sum((line.penalty.indemnity for line in self.lines), ZERO)

    @property
    def penalties(self) -> Decimal:
        """Interest and indemnities."""
        return self.interest + self.indemnity

    @property
    def claims_penalties(self) -> bool:
        """Whether the letter asks for the penalties: the first one only says that they run."""
        return self.step.level > 1 or self.step.last

    @property
    def total(self) -> Decimal:
        """What the letter asks to pay."""
        return self.principal + (self.penalties if self.claims_penalties else ZERO)

    @property
    def oldest(self) -> datetime.date:
        """The earliest due date."""
        return min(line.invoice.due_date for line in self.lines)


class Unsent(NamedTuple):
    """A late invoice that no letter reminds, and why; ``excluded``: not for want of days, so no penalty is proposed."""

    invoice: OpenInvoice
    name: str
    amount: Decimal
    sent: int
    why: str
    excluded: bool


@dataclass(frozen=True, slots=True)
class Reminders:
    """What to send on the day ``at``, and what not; customers by name, the most serious letter first."""

    at: datetime.date
    letters: tuple[Letter, ...]
    unsent: tuple[Unsent, ...]

    @property
    def total(self) -> Decimal:
        """What the letters ask for."""
        return sum((letter.total for letter in self.letters), ZERO)


def thresholds_at(book: Book, at: datetime.date) -> tuple[int, ...]:
    """``relances:`` of the seller in force on ``at``, in days late, else 5, 15 and 30."""
    text = book.dossier.sellers.at(at).text("relances")
    return (parse_thresholds(text) if text else None) or DEFAULT_THRESHOLDS


def steps_of(thresholds: Sequence[int]) -> tuple[Step, ...]:
    """The levels; the last one is the formal notice."""
    last = len(thresholds)
    return tuple(Step(rank, days, rank == last) for rank, days in enumerate(thresholds, start=1))


def reminders_at(
    book: Book,
    entries: Sequence[Directive],
    at: datetime.date,
    *,
    account: str = "",
    doubtful: bool = False,
) -> Reminders:
    """The reminders of the day ``at``; ``account`` keeps one customer, ``doubtful`` reminds what stands on 416 too."""
    off = {} if doubtful else moved_off(book, entries, at, OFF_411)
    charged = charged_penalties(book, entries, at)
    steps = steps_of(thresholds_at(book, at))
    kept = _Kept(book, at)
    letters: list[Letter] = []
    unsent: list[Unsent] = []
    for customer in aged_balance(book, at, account=account).customers:
        due: dict[Step, list[LateInvoice]] = {}
        for invoice in customer.invoices:
            line = _late(book, invoice, kept, off, charged)
            if line is None:
                continue
            step = _next_step(line, steps, at)
            refusal = _why_not(line, kept, off)
            if refusal or isinstance(step, str):
                why = refusal or str(step)
                unsent.append(_unsent(line, customer, why, excluded=bool(refusal)))
            else:
                due.setdefault(step, []).append(line)
        made, covered = _letters(customer, due, at)
        letters += made
        unsent += covered
    return Reminders(at, tuple(letters), tuple(unsent))


class _Kept:
    """What the ledger keeps up to a day, by number of invoice: reminders sent, the last suspension or resumption."""

    def __init__(self, book: Book, at: datetime.date) -> None:
        self.at = at
        self.sent: dict[str, list[SentReminder]] = {}
        self.suspended: dict[str, Suspension] = {}
        for reminder in book.dossier.directives.reminders:
            for number in reminder.numbers if reminder.date <= at else ():
                self.sent.setdefault(number, []).append(reminder)
        for suspension in book.dossier.directives.suspensions:
            for number in suspension.numbers if suspension.date <= at else ():
                self.suspended[number] = suspension


def _late(
    book: Book,
    invoice: OpenInvoice,
    kept: _Kept,
    off: Mapping[str, Decimal],
    charged: Mapping[str, Charged],
) -> LateInvoice | None:
    overdue = invoice.ages.overdue
    if overdue <= 0:
        return None
    disputed = off.get(invoice.number, ZERO)
    claim = book.dossier.claims[invoice.number]
    penalty = penalty_of(book, claim, kept.at, charged, disputed=disputed)
    sent = tuple(kept.sent.get(invoice.number, ()))
    days = (kept.at - invoice.due_date).days
    return LateInvoice(invoice, max(ZERO, overdue - disputed), days, penalty, sent)


def _next_step(line: LateInvoice, steps: Sequence[Step], at: datetime.date) -> Step | str:
    """The level to send now, else why none is."""
    done = max((one.level for one in line.sent), default=0)
    if done >= len(steps):
        last = max(one.date for one in line.sent)
        return f"tous les niveaux sont envoyés, le dernier le {french.short_day(last)}"
    step = steps[done]
    from_day = line.invoice.due_date + datetime.timedelta(days=step.days)
    if done:
        gap = step.days - steps[done - 1].days
        last = max(one.date for one in line.sent)
        from_day = max(from_day, last + datetime.timedelta(days=gap))
    if at < from_day:
        when = french.short_day(from_day)
        return f"{step.title.lower()} à partir du {when}"
    return step


def _why_not(line: LateInvoice, kept: _Kept, off: Mapping[str, Decimal]) -> str:
    suspension = kept.suspended.get(line.number)
    if suspension is not None and not suspension.resumed:
        motive = f" : {suspension.motive}" if suspension.motive else ""
        return f"suspendue le {french.short_day(suspension.date)}{motive}"
    if not line.amount and off.get(line.number):
        return "créance douteuse ou effet à recevoir (416, 413)"
    return ""


def _letters(
    customer: CustomerBalance, due: Mapping[Step, Iterable[LateInvoice]], at: datetime.date
) -> tuple[list[Letter], list[Unsent]]:
    """The letters of one customer; what it is owed is set against the most serious one first."""
    letters: list[Letter] = []
    covered: list[Unsent] = []
    kept = [c for c in customer.credits if c.amount < 0 and c.kind is not CreditKind.ADVANCE]
    for step in sorted(due, reverse=True):
        lines = tuple(sorted(due[step], key=lambda line: (line.invoice.due_date, line.number)))
        letter = Letter(at, customer.account, customer.name, step, lines, tuple(kept))
        if letter.principal > 0:
            letters.append(letter)
            kept = []
        else:
            why = "couverte par un avoir ou un trop-perçu à imputer"
            covered += [_unsent(line, customer, why, excluded=True) for line in lines]
    return letters, covered


def _unsent(line: LateInvoice, customer: CustomerBalance, why: str, *, excluded: bool) -> Unsent:
    return Unsent(line.invoice, customer.name, line.amount, len(line.sent), why, excluded)
