"""A firm day by day: contracts, deposits, invoices and payments as they come, beside a small reference model.

The model knows amounts only: what each document must ask, what each customer has paid. After every step the whole
ledger is loaded afresh and compared with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.properties.figures import CENT, NIL, OrderLine, half_up, ordered, whole_total
from tests.properties.ledger import BANK, CUSTOMERS, Entry, Ledger, Leg, Seller, day, text
from tests.properties.loading import Loaded, load
from tests.properties.payments import Payment
from tests.properties.profiles import examples
from tests.properties.stories import (
    PERCENTS,
    SELLERS,
    WAYS,
    Budget,
    deposit,
    line_leg,
    number,
    order_lines,
)
from tests.properties.test_documents import check_books
from tests.properties.test_settlements import expected_moves, observed_moves

MOST_CONTRACTS = len(CUSTOMERS)


@dataclass
class Deal:
    """A contract in the model: its lines, what its deposits asked in exact terms, what its documents asked."""

    link: str
    customer: str
    lines: list[OrderLine]
    budget: Budget
    exact: Fraction = Fraction(0)
    deposits: Decimal = NIL
    advance: Decimal = NIL
    numbers: list[str] = field(default_factory=list)
    done: bool = False

    def total(self, when: int, *, has_vat: bool) -> Decimal:
        return whole_total(ordered(self.lines, day(when), has_vat=has_vat))


@dataclass(frozen=True)
class Receipt:
    """Money of a day (euros, negative: given back), for a document or, with none named, for a contract."""

    day: int
    amount: Decimal
    deal: Deal
    name: str = ""

    @property
    def turn(self) -> tuple[int, bool, bool]:
        """The order of a day: what names its document, what names the contract only, what is given back."""
        return (self.day, self.amount < 0, not self.name)


@dataclass
class Due:
    """A document in the model: what it asks, what was paid of it."""

    deal: Deal
    issued: int
    total: Decimal
    paid: Decimal = NIL

    @property
    def left(self) -> Decimal:
        return self.total - self.paid


class Firm(RuleBasedStateMachine):
    """What an accountant does in a month, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.today = 0
        self.deals: list[Deal] = []
        self.dues: dict[str, Due] = {}
        self.entries: list[Entry] = []
        self.payments: list[Payment] = []
        self.receipts: list[Receipt] = []
        self.seller = SELLERS[0]
        self.issued = 0

    @initialize(seller=st.sampled_from(SELLERS))
    def open_shop(self, seller: Seller) -> None:
        self.seller = seller

    @rule(days=st.integers(1, 5))
    def time_passes(self, days: int) -> None:
        self.today += days

    # -- contracts and documents --------------------------------------------------------------------------------

    @precondition(lambda self: len(self.deals) < MOST_CONTRACTS)
    @rule(lines=order_lines())
    def sign(self, lines: list[OrderLine]) -> None:
        lines = [_on(line, self.today) for line in lines]
        if whole_total(ordered(lines, day(self.today), has_vat=self.seller.has_vat)) < CENT * 10:
            return
        rank = len(self.deals)
        deal = Deal(f"D2026-{rank + 1:03}", CUSTOMERS[rank], lines, Budget(Decimal(100)))
        self.deals.append(deal)
        self._order(deal, "contrat", lines)

    @precondition(lambda self: self.open_deals())
    @rule(pick=st.integers(0, 9), lines=order_lines())
    def amend(self, pick: int, lines: list[OrderLine]) -> None:
        deal = self._deal(pick)
        if deal.numbers:
            self.today += 1  # an amendment of the day counts for the documents of the day (language reference §3)
        added = [_on(line, self.today) for line in lines[:1]]
        deal.lines += added
        self._order(deal, "avenant", added)

    @precondition(lambda self: self.open_deals())
    @rule(pick=st.integers(0, 9), way=WAYS, percent=PERCENTS, rank=st.integers(0, 3))
    def ask_deposit(self, pick: int, way: str, percent: Decimal, rank: int) -> None:
        deal = self._deal(pick)
        figures = ordered(deal.lines, day(self.today), has_vat=self.seller.has_vat)
        rates = sorted(figures)
        asked = deal.budget.allow(way, percent, figures)
        paper = deposit(figures, deal.customer, self.today, asked, way, rates[rank % len(rates)])
        if asked <= 0 or paper is None:
            return
        deal.budget.spend(way, asked)
        name = self._issue(deal, "acompte", paper.legs)
        if paper.exact is None:  # the VAT of an amount before tax is checked on the document itself
            total = self._load().total(name)
            deal.exact += Fraction(total)
        else:
            deal.exact += paper.exact
            total = half_up(deal.exact) - deal.deposits
        deal.deposits += total
        self._owe(deal, name, total)

    @precondition(lambda self: self.open_deals())
    @rule(pick=st.integers(0, 9), explicit=st.booleans())
    def finish(self, pick: int, explicit: bool) -> None:
        deal = self._deal(pick)
        accounts = dict.fromkeys(line.account for line in deal.lines) if explicit else {}
        legs = [Leg(account, Decimal(-100), "PCT") for account in accounts]
        name = self._issue(deal, "solde", legs)
        deal.done = True
        self._owe(deal, name, deal.total(self.today, has_vat=self.seller.has_vat) - deal.deposits)

    # -- money ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.dues)
    @rule(pick=st.integers(0, 9), percent=st.integers(1, 100))
    def receive_part(self, pick: int, percent: int) -> None:
        name = self._due(pick)
        self._pay(name, half_up(Fraction(max(self.dues[name].left, NIL)) * percent / 100))

    @precondition(lambda self: self.dues)
    @rule(pick=st.integers(0, 9), more=st.integers(0, 50))
    def receive_whole_and_more(self, pick: int, more: int) -> None:
        name = self._due(pick)
        self._pay(name, max(self.dues[name].left, NIL) + more * CENT)

    @precondition(lambda self: self.dues)
    @rule(pick=st.integers(0, 9), percent=st.integers(1, 100))
    def give_back(self, pick: int, percent: int) -> None:
        name = self._due(pick)
        self._pay(name, -half_up(Fraction(self.dues[name].paid) * percent / 100))

    @precondition(lambda self: any(not deal.numbers for deal in self.open_deals()))
    @rule(percent=st.integers(1, 100))
    def receive_before_any_invoice(self, percent: int) -> None:
        deal = next(deal for deal in self.open_deals() if not deal.numbers)
        whole = deal.total(self.today, has_vat=self.seller.has_vat)
        amount = min(half_up(Fraction(whole) * percent / 100), whole - deal.advance)
        if amount > 0:
            self._receive(Receipt(self.today, amount, deal))
            legs = (Leg(BANK, amount), Leg(f"Actif:411:{deal.customer}"))
            self._type("Virement", legs, "", (deal.link,), deal.customer)

    # -- after every step -----------------------------------------------------------------------------------------

    @invariant()
    def the_books_agree_with_the_model(self) -> None:
        if not self.entries:
            return
        loaded = self._load()
        check_books(loaded)
        for name, due in self.dues.items():
            assert loaded.total(name) == due.total, (name, loaded.total(name), due.total)
        owed = sum((due.left for due in self.dues.values()), NIL)
        advances = sum((deal.advance for deal in self.deals), NIL)
        assert loaded.balance("411") == owed - advances
        self._check_vat(loaded)

    def _check_vat(self, loaded: Loaded) -> None:
        for name, due in self.dues.items():
            if not due.total or self._absorbed(due.deal):
                continue
            want = expected_moves(loaded, name, due.issued, self.payments, self.today)
            seen = observed_moves(loaded, name, self.today)
            for rate, expected in want.items():
                most = min(expected.by_money + expected.by_recovery, expected.waiting) + CENT
                assert expected.due - CENT <= seen.get(rate, NIL) <= most, (name, rate, expected)
        if all(not due.left for due in self.dues.values()) and all(d.done for d in self.deals):
            assert loaded.balance("44574", "4458") == 0
            assert loaded.balance("4191") == 0
            total = sum(
                (
                    figure.vat
                    for deal in self.deals
                    for figure in ordered(
                        deal.lines, day(self.today), has_vat=self.seller.has_vat
                    ).values()
                ),
                NIL,
            )
            assert -loaded.balance("44571") == total

    def teardown(self) -> None:
        """Finish and pay everything: the last check then finds every account at zero."""
        for deal in list(self.open_deals()):
            self.finish(self.open_deals().index(deal), explicit=False)
        self.today += 1
        for name, due in self.dues.items():
            self._pay(name, due.left)
        self.the_books_agree_with_the_model()

    # -- helpers --------------------------------------------------------------------------------------------------

    def open_deals(self) -> list[Deal]:
        return [deal for deal in self.deals if not deal.done]

    def _deal(self, pick: int) -> Deal:
        deals = self.open_deals()
        return deals[pick % len(deals)]

    def _due(self, pick: int) -> str:
        names = sorted(self.dues)
        return names[pick % len(names)]

    def _absorbed(self, deal: Deal) -> bool:
        """Whether money came before the invoices: its VAT was rounded apart, only the end is then exact."""
        return any(deal.link in entry.links and not entry.tag for entry in self.entries)

    def _load(self) -> Loaded:
        return load(Ledger(self.seller, tuple(self.entries)))

    def _type(
        self,
        name: str,
        legs: Sequence[Leg],
        tag: str,
        links: tuple[str, ...],
        payee: str,
        **meta: Any,
    ) -> Entry:
        entry = Entry(day(self.today), name, tuple(legs), tag, links, meta, payee)
        self.entries.append(entry)
        note(entry.text())
        return entry

    def _order(self, deal: Deal, tag: str, lines: Sequence[OrderLine]) -> None:
        legs = [Leg(f"Actif:411:{deal.customer}"), *map(line_leg, lines)]
        self._type("Commande", legs, tag, (deal.link,), deal.customer)

    def _issue(self, deal: Deal, tag: str, legs: Sequence[Leg]) -> str:
        self.issued += 1
        name = number(self.issued)
        customer = f"Actif:411:{deal.customer}"
        if not any(leg.account == customer for leg in legs):
            legs = [Leg(customer), *legs]
        self._type("Document", legs, tag, (deal.link,), deal.customer, numero=text(name))
        deal.numbers.append(name)
        return name

    def _owe(self, deal: Deal, name: str, total: Decimal) -> None:
        """A new document; it absorbs the money received before it."""
        self.dues[name] = Due(deal, self.today, total)
        self._share_out()

    def _receive(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        self._share_out()

    def _share_out(self) -> None:
        """What each document and each contract was paid, all over again: a day's money has its own order."""
        for deal in self.deals:
            deal.advance = NIL
        for due in self.dues.values():
            due.paid = NIL
        issued = list(self.dues.values())
        for receipt in sorted(self.receipts, key=lambda one: one.turn):
            while issued and issued[0].issued <= receipt.day:
                _absorb(issued.pop(0))
            if receipt.name:
                self.dues[receipt.name].paid += receipt.amount
            else:
                self._share_out_on_contract(receipt)
        for due in issued:
            _absorb(due)

    def _share_out_on_contract(self, receipt: Receipt) -> None:
        """The oldest documents first, an over-payment of one going to the others; then the last, or in advance."""
        deal, left = receipt.deal, receipt.amount
        there = [d for d in self.dues.values() if d.deal is deal and d.issued <= receipt.day]
        for due in there if len(there) > 1 else ():
            if due.left < 0:
                left -= due.left
                due.paid = due.total
        for due in there:
            step = min(left, max(due.left, NIL))
            due.paid += step
            left -= step
        if deal.done and there and there[-1] is self.dues[deal.numbers[-1]]:
            there[-1].paid += left
        else:
            deal.advance += left

    def _pay(self, name: str, amount: Decimal) -> None:
        if not amount:
            return
        due = self.dues[name]
        legs = (Leg(BANK, amount), Leg(f"Actif:411:{due.deal.customer}"))
        entry = self._type("Virement", legs, "", (name,), due.deal.customer)
        self.payments.append(Payment(self.today, entry, {name: amount}))
        self._receive(Receipt(self.today, amount, due.deal, name))


def _absorb(due: Due) -> None:
    """A document takes over what its contract was paid in advance."""
    taken = min(due.deal.advance, max(due.total, NIL))
    due.paid += taken
    due.deal.advance -= taken


def _on(line: OrderLine, when: int) -> OrderLine:
    return OrderLine(
        line.account, line.lot, line.rate, line.quantity, line.unit, line.price, day(when)
    )


TestFirm = Firm.TestCase
TestFirm.settings = examples(30, steps=12)
