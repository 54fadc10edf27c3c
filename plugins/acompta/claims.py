"""What is owed for each issued document, and the VAT that waits for its payment.

One mechanism covers partial payment, payment before the invoice, refund, returned payment and discount: after each
event, per rate and nature, the VAT due is ``round(paid so far × waiting VAT / total)`` and what is not yet moved is
moved, so the last payment clears to the cent (CGI art. 269-2-c; language.md §6).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Transaction

from acompta.reading.model import Document, Share, TaxKey
from acompta.rounding import ZERO, proportional
from acompta.tuples import make
from acompta.vat import due_on_receipt

PAYMENT = "reglement"
ADVANCE = "avance"
DISCOUNT = "escompte"
CREDIT = "avoir"
LOSS = "perte"


class ClaimEvent(NamedTuple):
    """Something that reduced (positive ``amount``, euros) or restored what is owed."""

    date: datetime.date
    amount: Decimal
    what: str
    entry: Transaction


class Move(NamedTuple):
    """VAT to move from 44574 to 44571 (negative: back), with its base, in euros."""

    number: str
    tax: TaxKey
    base: Decimal
    vat: Decimal


class Waiting:
    """VAT that waits for money: ``total`` is what must be received for all of ``shares`` to be due.

    ``shares``, ``moved``, ``forced`` and ``surplus`` are replaced, never changed in place: those of most claims are
    empty, or the very ones of the bill.
    """

    __slots__ = (
        "forced",
        "moved",
        "number",
        "paid",
        "paid_for_goods",
        "shares",
        "surplus",
        "surplus_paid",
        "total",
    )

    def __init__(self, number: str, total: Decimal, shares: Mapping[TaxKey, Share]) -> None:
        """Start with nothing paid."""
        self.number = number
        self.total = total
        self.shares = shares
        self.paid = ZERO
        self.paid_for_goods = ZERO
        self.moved: Mapping[TaxKey, Share] = _NO_SHARES
        self.forced: Mapping[TaxKey, Decimal] = _NO_AMOUNTS
        self.surplus: Mapping[TaxKey, Share] = _NO_SHARES
        self.surplus_paid = ZERO

    def receive(self, amount: Decimal, date: datetime.date) -> None:
        """Note money received on ``date`` (negative: given back, the newest first)."""
        nothing_yet = self.paid is ZERO
        self.paid = amount if nothing_yet else self.paid + amount
        if amount < ZERO:
            kept = max(self.paid_for_goods + amount, ZERO)
            self.paid_for_goods = min(self.paid, kept)
        elif due_on_receipt(_GOODS, date):
            self.paid_for_goods = amount if nothing_yet else self.paid_for_goods + amount

    def hand_money(self, to: Waiting, amount: Decimal) -> None:
        """Give ``amount`` euros of what was received here to another, the oldest money first.

        Money received for goods before 1 January 2023 stays what it is: due at delivery only.
        """
        newer = min(amount, self.paid_for_goods)
        if amount > 0:
            newer = amount - min(amount, max(self.paid - self.paid_for_goods, ZERO))
        to.paid += amount
        to.paid_for_goods += newer
        self.paid -= amount
        self.paid_for_goods -= newer

    def turn_to(self, tax: TaxKey, service: TaxKey, part: Share) -> None:
        """What was asked for goods (``part`` of ``tax``, euros) pays services in the end: due on receipt, at any date.

        Only money older than 1 January 2023 makes a difference: it waits for goods, not for services (CGI art.
        269-2-c).
        """
        own = self.shares[tax]
        left = Share(own.base - part.base, own.vat - part.vat)
        other = self.shares.get(service, _NOTHING)
        now = Share(other.base + part.base, other.vat + part.vat)
        self.shares = {**self.shares, tax: left, service: now}

    def moves(self) -> list[Move]:
        """What must be moved now, after what was received so far; noted as moved."""
        if self.paid == self.total == self.paid_for_goods and not (self.moved or self.surplus):
            return self._move_all()  # nearly all
        moves: list[Move] = []
        for tax, share in self.shares.items():
            paid = self.paid_for_goods if tax.nature == "bien" else self.paid
            vat, base = self._due(tax, share, paid)
            before = self.moved.get(tax)
            if before is not None:
                base -= before.base
                vat -= before.vat
            if vat or (base and before is not None):
                now = (base, vat) if before is None else (before.base + base, before.vat + vat)
                self.moved = {**self.moved, tax: make(Share, now)}
                if vat:
                    moves.append(make(Move, (self.number, tax, base, vat)))
        return moves

    def _move_all(self) -> list[Move]:
        """Paid whole, at once: all that waits moves."""
        number, shares = self.number, self.shares
        moves: list[Move] = [
            make(Move, (number, tax, base, vat)) for tax, (base, vat) in shares.items() if vat
        ]
        if len(moves) != len(shares):
            shares = {tax: share for tax, share in shares.items() if share.vat}
        self.moved = shares
        return moves

    def _due(self, tax: TaxKey, share: Share, paid: Decimal) -> tuple[Decimal, Decimal]:
        total = self.total
        if paid == total and not self.surplus:
            return share.vat, share.base  # nearly all
        bounded = min(max(paid, ZERO), total) if total >= 0 else max(min(paid, ZERO), total)
        if bounded == total:
            extra = self.surplus.get(tax) if self.surplus else None
            if extra is None:
                return share.vat, share.base
            # Paid for a document since corrected downwards: that VAT comes back with the refund, not before.
            excess = min(max(paid - total, ZERO), self.surplus_paid)
            return (
                share.vat + proportional(extra.vat, excess, self.surplus_paid),
                share.base + proportional(extra.base, excess, self.surplus_paid),
            )
        vat = proportional(share.vat, bounded, total)
        if tax not in self.forced:
            return vat, proportional(share.base, bounded, total)
        forced = min(self.forced[tax], share.vat)  # a discount may have left less to wait
        due = max(forced, self._with_early_money(share, forced, vat))
        if due > vat:
            return due, proportional(share.base, due, share.vat)
        return vat, proportional(share.base, bounded, total)

    def _with_early_money(self, share: Share, forced: Decimal, vat: Decimal) -> Decimal:
        """VAT due when part of the goods is delivered and part of the money is older than 1 January 2023.

        That money pays what is delivered first (``forced``, already due); only what is left of it waits for the rest.
        """
        if self.paid == self.paid_for_goods:
            return vat  # nearly all
        paid = min(max(self.paid, ZERO), self.total)
        return min(proportional(share.vat, paid, self.total), forced + vat)


_GOODS = TaxKey(ZERO, "bien")
_NOTHING = Share(ZERO, ZERO)
# Shared by nearly all claims, so never written to.
_NO_SHARES: Final[Mapping[TaxKey, Share]] = {}
_NO_AMOUNTS: Final[Mapping[TaxKey, Decimal]] = {}


class Claim(Waiting):
    """What one issued document entitles to: 411 + 4117, with everything that happened to it."""

    __slots__ = (
        "date",
        "document",
        "events",
        "given_up",
        "net",
        "penalties",
        "released",
        "retention",
        "settled",
    )

    def __init__(
        self,
        document: Document,
        total: Decimal,
        net: dict[TaxKey, Share],
        waiting: Mapping[TaxKey, Share],
    ) -> None:
        """A claim of ``total`` euros; ``net`` is the document's VAT per key, ``waiting`` the part that waits."""
        # Written out rather than through `super()`: one is made for every document.
        self.number = document.number or ""
        self.total = total
        self.shares = waiting
        self.paid = ZERO
        self.paid_for_goods = ZERO
        self.moved = _NO_SHARES
        self.forced = _NO_AMOUNTS
        self.surplus = _NO_SHARES
        self.surplus_paid = ZERO
        self.document = document
        self.date = document.entry.date
        self.net = net
        self.events: list[ClaimEvent] = []
        self.settled = ZERO
        self.given_up = _NO_SHARES
        self.penalties = ZERO  # interest and indemnities billed on top: no VAT waits for them
        self.retention = ZERO  # put on 4117, less what credit notes gave back
        self.released = ZERO  # credited on 4117 since

    @property
    def open(self) -> Decimal:
        """What remains owed after all events, in euros (negative: owed to the customer)."""
        return self.total - self.paid

    @property
    def retained(self) -> Decimal:
        """What the customer still withholds of it, in euros: paid last (loi 71-584 du 16 juillet 1971)."""
        if not self.retention:
            return ZERO  # nearly all
        return max(ZERO, min(self.retention - self.released, self.open))

    def open_at(self, date: datetime.date) -> Decimal:
        """What was owed at the end of ``date``; zero before the document exists, but for money already received."""
        owed = self.document_total if self.date <= date else ZERO
        for event in self.events:
            if event.date <= date:
                owed -= event.amount
        return owed

    @property
    def document_total(self) -> Decimal:
        """Total of the document as issued, discounts taken later put back."""
        return self.total + self.settled

    @property
    def covered(self) -> Decimal:
        """What was received and what was given up in discounts or lost, in euros: the customer owes the rest."""
        given_up = (event.amount for event in self.events if event.what in {DISCOUNT, LOSS})
        return self.paid + sum(given_up, ZERO)

    @property
    def written_off(self) -> Decimal:
        """What credit notes set against the unpaid part, in euros: it will never be received."""
        return sum((event.amount for event in self.events if event.what == CREDIT), ZERO)

    def discount(self, amount: Decimal, shares: Mapping[TaxKey, Share]) -> None:
        """Take a prompt-payment discount of ``amount`` (VAT included) off the claim and its waiting VAT."""
        self.total -= amount
        self.settled += amount
        given_up = dict(self.given_up)
        for tax, share in shares.items():
            before = given_up.get(tax, _NOTHING)
            given_up[tax] = Share(before.base + share.base, before.vat + share.vat)
            waiting = self.shares.get(tax)
            if waiting is not None:
                left = Share(waiting.base - share.base, waiting.vat - share.vat)
                self.shares = {**self.shares, tax: left}
        self.given_up = given_up

    def offset(
        self,
        credit: Claim,
        amount: Decimal,
        entry: Transaction,
        credited: Decimal,
        shares: Mapping[TaxKey, Share] | None = None,
    ) -> None:
        """Set ``amount`` (euros) of a credit note against what is unpaid here: no money, so no VAT moves by itself.

        Both lose that amount and its share of the waiting VAT, which is that of the ``credited`` euros: ``shares``
        (negative), or all of the credit's; what is left of the credit is owed to the customer.
        """
        for tax, share in (credit.shares if shares is None else shares).items():
            left = credit.shares.get(tax)
            if left is None:
                continue
            part = share
            if amount != credited:
                part = Share(
                    proportional(share.base, amount, credited),
                    proportional(share.vat, amount, credited),
                )
            now = Share(left.base - part.base, left.vat - part.vat)
            credit.shares = {**credit.shares, tax: now}
            own = self.shares.get(tax)
            if own is not None:
                now = Share(own.base + part.base, own.vat + part.vat)
                self.shares = {**self.shares, tax: now}
        self._take_off(amount, entry)
        credit._take_off(-amount, entry)

    def _take_off(self, amount: Decimal, entry: Transaction) -> None:
        self.total -= amount
        self.settled += amount
        self.events.append(ClaimEvent(entry.date, amount, CREDIT, entry))

    def note_surplus(self, moved: Mapping[TaxKey, Share]) -> None:
        """Keep the VAT moved for what was paid above this claim until it is refunded."""
        excess = self.paid - self.total
        if excess <= 0:
            return
        self.surplus_paid = excess
        for tax, share in moved.items():
            own = self.shares.get(tax)
            if own is not None and share.vat > own.vat:
                more = Share(share.base - own.base, share.vat - own.vat)
                self.surplus = {**self.surplus, tax: more}

    def hand_over(self, successor: Claim, entry: Transaction) -> Mapping[TaxKey, Share]:
        """A corrective invoice replaces this one: what was paid, and the VAT already moved, go to the new one."""
        moved, self.moved = self.moved, _NO_SHARES
        given_up = self.covered - self.paid
        paid, self.paid = self.paid, ZERO
        self.events.append(ClaimEvent(entry.date, self.total - paid, CREDIT, entry))
        self.settled += self.total
        self.total = ZERO
        self.shares = {}
        successor.released, self.released = successor.released + self.released, ZERO
        if given_up:
            # A discount, or a loss, holds for the new invoice as it did for the old one.
            successor.discount(given_up, self.given_up)
            successor.events.append(ClaimEvent(entry.date, given_up, DISCOUNT, entry))
        if paid:
            successor.events.append(ClaimEvent(entry.date, paid, CREDIT, entry))
            successor.paid += paid
            successor.paid_for_goods += self.paid_for_goods
            successor.note_surplus(moved)
        self.paid_for_goods = ZERO
        return moved
