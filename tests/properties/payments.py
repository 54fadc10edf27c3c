"""Random settlements of known documents: whole, partial, early, grouped, refunded, returned, over-paid, discounted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from hypothesis import strategies as st
from tests.properties.figures import CENT, NIL, half_up
from tests.properties.ledger import BANK, DISCOUNT_GIVEN, Entry, Leg, day, text
from tests.properties.loading import Loaded
from tests.properties.stories import Dossier

LAST_PAYMENT: Final = 20
CHEQUES: Final = "Actif:5112:Cheques"
FEES: Final = "Charges:627:Banque"


class Act(NamedTuple):
    """Something that a customer or the bank does on a day; ``target`` and ``other`` choose documents."""

    day: int
    what: str
    target: int
    other: int
    part: int


_COMMON = ["payer", "payer", "payer", "solder", "solder", "groupe", "carte"]
_RARE = ["trop", "rembourser", "rejeter"]


def acts(*, rare: bool = True, discounts: bool = True) -> st.SearchStrategy[list[Act]]:
    """Up to eight acts in date order."""
    what = _COMMON + (_RARE if rare else []) + (["escompte", "escompte"] if discounts else [])
    act = st.builds(
        Act,
        st.integers(0, LAST_PAYMENT),
        st.sampled_from(what),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(1, 100),
    )
    return st.lists(act, min_size=2, max_size=8).map(sorted)


@dataclass(frozen=True)
class Payment:
    """A settlement as typed, with what it pays and discounts per document."""

    day: int
    entry: Entry
    pays: Mapping[str, Decimal]
    discounts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass
class Purse:
    """What each document asks and what was paid so far, while payments are written."""

    dossier: Dossier
    totals: dict[str, Decimal]
    days: dict[str, int]
    customers: dict[str, str]
    paid: dict[str, Decimal]
    last: dict[str, Decimal]
    payments: list[Payment] = field(default_factory=list)

    @classmethod
    def of(cls, dossier: Dossier, bare: Loaded) -> Purse:
        """From the dossier loaded without payments; documents that ask nothing are left out."""
        totals, days, customers = {}, {}, {}
        for story in dossier.stories:
            for number, paper in zip(story.numbers, story.papers, strict=True):
                total = bare.total(number)
                if total:
                    totals[number], days[number] = total, paper.day
                    customers[number] = story.customer
        return cls(dossier, totals, days, customers, dict.fromkeys(totals, NIL), {})

    def left(self, number: str) -> Decimal:
        return self.totals[number] - self.paid[number]

    def play(self, act: Act) -> None:
        """Write the entry of an act, when it makes sense."""
        if not self.totals:
            return
        numbers = sorted(self.totals)
        number = numbers[act.target % len(numbers)]
        left, part = self.left(number), Fraction(act.part, 100)
        if act.what == "payer":
            self.pay(
                act.day, number, half_up(part * Fraction(left if left > 0 else self.totals[number]))
            )
        elif act.what == "trop":
            self.pay(act.day, number, max(left, NIL) + act.part * CENT)
        elif act.what == "rembourser":
            self.pay(act.day, number, -half_up(part * Fraction(max(self.paid[number], NIL))))
        elif act.what == "rejeter":
            self.pay(act.day, number, -self.last.pop(number, NIL))
        elif act.what == "escompte":
            self._discount(act, number)
        elif act.what == "groupe":
            self._together(act, number, numbers[act.other % len(numbers)])
        elif left > 0:
            self.pay(act.day, number, left, card=act.what == "carte")

    def pay(self, when: int, number: str, amount: Decimal, *, card: bool = False) -> None:
        """One receipt (or, negative, one repayment) that names its document by a link."""
        if not amount:
            return
        bank = [Leg(BANK, amount)]
        if card and amount > Decimal("0.10"):
            fee = max(CENT, half_up(Fraction(amount) / 100))
            bank = [Leg(CHEQUES, amount - fee), Leg(FEES, fee)]
        entry = self._entry(when, "Virement", number, [*bank, Leg(self._account(number))])
        self._note(Payment(when, entry, {number: amount}))

    def _together(self, act: Act, number: str, other: str) -> None:
        pays = {
            one: self.left(one)
            for one in dict.fromkeys((number, other))
            if self.left(one) > 0 and self.customers[one] == self.customers[number]
        }
        if not pays:
            return
        legs = [Leg(BANK, sum(pays.values(), NIL))]
        legs += [
            Leg(self._account(one), -amount, meta={"facture": text(one)})
            for one, amount in pays.items()
        ]
        entry = Entry(day(act.day), "Virement groupé", tuple(legs), payee=self.customers[number])
        self._note(Payment(act.day, entry, pays))

    def _discount(self, act: Act, number: str) -> None:
        """Everything left is paid but a discount of at most 3 %, VAT included, once the invoice exists."""
        left = self.left(number)
        discount = half_up(Fraction(left) * min(act.part, 3) / 100)
        if act.day < self.days[number] or discount <= 0 or left <= discount:
            return
        legs = [
            Leg(BANK, left - discount),
            Leg(DISCOUNT_GIVEN, discount),
            Leg(self._account(number)),
        ]
        entry = self._entry(act.day, "Virement sous escompte", number, legs)
        self._note(Payment(act.day, entry, {number: left - discount}, {number: discount}))

    def _account(self, number: str) -> str:
        return f"Actif:411:{self.customers[number]}"

    def _entry(self, when: int, narration: str, number: str, legs: Sequence[Leg]) -> Entry:
        return Entry(
            day(when), narration, tuple(legs), links=(number,), payee=self.customers[number]
        )

    def _note(self, payment: Payment) -> None:
        for number, amount in payment.pays.items():
            self.paid[number] += amount
            self.last[number] = amount
        for number, amount in payment.discounts.items():
            self.totals[number] -= amount
        self.payments.append(payment)

    def settle_everything(self, when: int = LAST_PAYMENT + 1) -> None:
        """Pay, or give back, what is left of every document."""
        for number in sorted(self.totals):
            self.pay(when, number, self.left(number))


def played(
    dossier: Dossier, bare: Loaded, todo: Sequence[Act], *, settle: bool = False
) -> list[Payment]:
    """The payments that these acts make of a dossier; with ``settle``, all is paid in the end."""
    purse = Purse.of(dossier, bare)
    for act in todo:
        purse.play(act)
    if settle:
        purse.settle_everything()
    return purse.payments
