"""Settlements: which invoices an entry pays, and the VAT that it makes due.

Rule (language.md §6; CGI art. 269-2-c; BOI-TVA-BASE-20-20): per invoice, what counts as paid is the net movement of
411 + 4117 + 413 + 416 that faces class 5 or a set-off. Before::

    2026-01-30 * "SCI Dupont" "Virement" ^F2026-001
      Actif:512:Banque      3600.00 EUR
      Actif:411:Dupont

After: the same entry, and on the same day::

    2026-01-30 * "SCI Dupont" "TVA exigible sur encaissement" ^F2026-001
      etendu: TRUE
      Passif:44574:TVA20     600.00 EUR
      Passif:44571:TVA20    -600.00 EUR
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import takewhile
from typing import Any, Final, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import EMPTY_SET, Posting, Transaction

from acompta.chart import (
    DISCOUNT_GIVEN,
    PAYABLE_ROLES,
    RECEIVABLE_ROLES,
    RETENTION,
    VAT_DUE,
    VAT_PENDING,
    Account,
    Chart,
)
from acompta.claims import ADVANCE, DISCOUNT, LOSS, PAYMENT, Claim, ClaimEvent, Move, Waiting
from acompta.held import HeldDeposit
from acompta.messages import AcomptaError, Code, DocumentError, Notice, error_of, euros, near
from acompta.numbering import split_number
from acompta.posting.bill import typed_meta
from acompta.posting.making import completed, posted
from acompta.posting.purchases import DEDUCTIBLE_PENDING, deductible_role, is_self_assessed
from acompta.reading.model import Share, TaxKey
from acompta.register import Contract
from acompta.rounding import ZERO, cents, largest_remainder, proportional
from acompta.tuples import make
from acompta.vat import ON_INVOICE, ON_PAYMENT, ON_RECEIPT, base_of
from acompta.vocabulary import EUR, GOODS

# Accounts through which money passes count as paying,
# and so do exchange differences on trade (PCG 656 and 756). Penalties that a customer takes off what it pays (6581)
# are set off: they compensate a loss, outside VAT, and the price stays whole (BOI-TVA-BASE-10-10-50, -20-20).
_PASSING_ROLES: Final = frozenset({"455", "467", "471", "4196", "4198", "656", "756"})
# Who is paid by a customer in our place: the owner (108), an employee, a partner or the group.
_PAID_FOR_US: Final = ("108", "42", "45")
# Who pays a supplier in our place: a bank that lends, an employee (note of expenses), a partner or the group.
_PAYS_FOR_US: Final = ("16", "42", "45")
_SMALL_DIFFERENCES: Final = frozenset({"658", "758"})
_SMALL: Final = Decimal(1)
_CONTRACT: Final = 99  # in the order of a day: after any number of invoices
# A lost receivable (PCG 654): typed VAT-inclusive, the plugin takes its VAT off, unless the VAT is typed by hand.
LOSSES: Final = frozenset({"654", "6541", "6544"})
_VAT_ROLES: Final = frozenset({"44571", "44574"})
_DEDUCTIBLE_ROLES: Final = frozenset({DEDUCTIBLE_PENDING, "44566", "44562"})
# Charges of class 6 that nobody keeps back from a payment: a loss, a discount, a difference, a depreciation.
_NOT_KEPT_BACK: Final = LOSSES | _SMALL_DIFFERENCES | {DISCOUNT_GIVEN}


# (date, number of the document, what it does to the claims, the entry that causes it)
DueEvent = tuple[datetime.date, str, Callable[[], list[Move]], Transaction]


class Side(NamedTuple):
    """Customers or suppliers: which accounts carry what is owed, on which side, and where their VAT waits."""

    roles: frozenset[str]
    sign: int
    pending: str
    set_off: frozenset[str]
    discount: str
    on_receipt: str
    unknown: str

    def due_role(self, tax: TaxKey) -> str:
        """Role of the account that VAT moves to."""
        return VAT_DUE if self.sign > 0 else deductible_role(tax)


CUSTOMERS: Final = Side(
    RECEIVABLE_ROLES,
    1,
    VAT_PENDING,
    frozenset({"401", "403", "404", "4091", "6581"}) | _PASSING_ROLES,
    DISCOUNT_GIVEN,
    "TVA exigible sur encaissement",
    "règlement d'une facture inconnue",
)
SUPPLIERS: Final = Side(
    PAYABLE_ROLES,
    -1,
    DEDUCTIBLE_PENDING,
    RECEIVABLE_ROLES | _PASSING_ROLES | {"765"},
    "765",
    "TVA déductible au paiement",
    "paiement d'une facture fournisseur inconnue",
)


TAKEN_BACK: Final = "TVA reprise"


class Settlement(NamedTuple):
    """An entry on customers' (or suppliers') accounts, taken apart.

    ``received`` is the net credit of the customers' accounts (euros, positive = money in; for suppliers the net
    debit, money out), ``by_number`` the part that names its invoice on the posting, ``not_paid`` what faces a loss or
    another account that pays nothing.
    """

    entry: Transaction
    place: int
    received: Decimal
    by_number: dict[str, Decimal]
    not_paid: Decimal
    treasury: bool
    accounts: tuple[str, ...]
    discounts: tuple[Posting, ...]


def read_settlement(
    entry: Transaction, place: int, chart: Chart, side: Side = CUSTOMERS
) -> Settlement | None:
    """The settlement that ``entry`` is on that side, or ``None`` when it does not touch such an account."""
    received = ZERO
    by_number: dict[str, Decimal] = {}
    accounts: list[str] = []
    others: list[tuple[str, Posting, Decimal]] = []
    treasury = False
    known, roles = chart.accounts, side.roles
    for typed in entry.postings:
        name, units, _, _, _, meta = typed
        account = known.get(name) or chart.get(name)
        if units is None:
            continue
        euro, currency = units
        if currency != EUR or euro is None:
            continue
        role = account.role
        if role in roles:
            received -= euro
            accounts.append(name)
            if meta is not None and "facture" in meta:
                number = str(meta["facture"])
                by_number[number] = by_number.get(number, ZERO) - euro
        elif account.number[:1] == "5":
            treasury = True
        else:
            others.append((role, typed, euro))
    if not accounts:
        return None
    if side.sign < 0:
        received, by_number = -received, {name: -amount for name, amount in by_number.items()}
    not_paid, discounts = _facing(others, side, entry, chart, treasury) if others else (ZERO, ())
    paid = (received, by_number, not_paid, treasury, tuple(accounts), discounts)
    return make(Settlement, (entry, place, *paid))


def _facing(
    others: list[tuple[str, Posting, Decimal]],
    side: Side,
    entry: Transaction,
    chart: Chart,
    treasury: bool,
) -> tuple[Decimal, tuple[Posting, ...]]:
    """What faces the movement without paying it (euros), and the discounts and losses to complete.

    A discount that a previous load completed comes with the VAT lines that were taken off it.
    """
    not_paid = ZERO
    discounts: tuple[Posting, ...] = ()
    hand = _VAT_ROLES if side.sign > 0 else _DEDUCTIBLE_ROLES
    by_hand = any(role in hand for role, _, _ in others)
    fees = treasury and side.sign > 0
    self_assessed = by_hand or any(role == "4452" for role, _, _ in others)
    # On the customers' side a previous load may have written the VAT lines: they carry their base.
    typed = any(role in hand and "base" not in (p.meta or {}) for role, p, _ in others)
    discount = "" if (typed if side.sign > 0 else by_hand) else side.discount
    written = _written_discount(others, side) if entry.meta.get("etendu") is True else ()
    if side.sign > 0 and typed:
        discounts = _moved_by_hand(others, chart, treasury=treasury)
    for role, posting, amount in others:
        completed = role in LOSSES and not by_hand and side.sign > 0
        if (role and role == discount) or completed or posting in written:
            discounts += (posting,)
        elif not (
            role in side.set_off
            or (fees and _kept_back(chart.get(posting.account), self_assessed=self_assessed))
            or (role in _SMALL_DIFFERENCES and abs(amount) <= _SMALL)
            or (side.sign > 0 and chart.get(posting.account).number.startswith(_PAID_FOR_US))
            or (side.sign < 0 and _for_us(chart.get(posting.account), amount, treasury=treasury))
        ):
            not_paid += amount * side.sign
    return not_paid, discounts


def _moved_by_hand(
    others: list[tuple[str, Posting, Decimal]], chart: Chart, *, treasury: bool
) -> tuple[Posting, ...]:
    """The 44571 line of a payment that makes VAT due by hand, as the engine does itself the same day.

    It faces 44574, or nothing: neither a sale of the same transfer, nor a loss given back.
    """
    plain = [(role, p, n) for role, p, n in others if "base" not in (p.meta or {})]
    waiting = [amount for role, _, amount in plain if role == VAT_PENDING]
    alone = treasury and not any(
        role in LOSSES or chart.get(posting.account).is_revenue for role, posting, _ in plain
    )
    return tuple(
        posting
        for role, posting, amount in plain
        if role == VAT_DUE
        and (any(amount * other < ZERO for other in waiting) or (alone and amount < ZERO))
    )


def _kept_back(account: Account, *, self_assessed: bool) -> bool:
    """Whether a line beside the money is a fee that its carrier keeps: the customer has paid the whole.

    A bank, a card processor, a marketplace or a factor takes its charge off, with the VAT that can be deducted from it;
    the price, and so the VAT that falls due, stay whole (CGI art. 266-1-a, 269-2-c).
    """
    if account.role in _DEDUCTIBLE_ROLES:
        return not self_assessed
    return (
        account.pcg_class == "6"
        and account.role not in _NOT_KEPT_BACK
        and not account.number.startswith("68")
    )


def _for_us(account: Account, amount: Decimal, *, treasury: bool) -> bool:
    """Whether another pays a supplier in our place, or the same payment bears a cost beside the invoice."""
    costs = treasury and amount > ZERO and account.pcg_class == "6"
    return costs or account.number.startswith(_PAYS_FOR_US)


def _written_discount(
    others: list[tuple[str, Posting, Decimal]], side: Side
) -> tuple[Posting, ...]:
    """The VAT lines that a previous load put beside a discount."""
    if not any(role and role == side.discount for role, _, _ in others):
        return ()
    return tuple(p for role, p, _ in others if role in _VAT_ROLES and "base" in (p.meta or {}))


class Advance(Waiting):
    """Money received on a contract, or on an invoice yet to come: VAT due at once at the mix of rates."""

    __slots__ = ("entries", "left")

    def __init__(self, number: str, total: Decimal, shares: dict[TaxKey, Share]) -> None:
        """An advance on what totals ``total`` euros."""
        super().__init__(number, total, shares)
        self.left = ZERO
        self.entries: list[tuple[Transaction, Decimal]] = []


class Settler:
    """Applies settlements and documents in date order to the claims, and makes the VAT entries."""

    def __init__(
        self,
        chart: Chart,
        claims: dict[str, Claim],
        contracts: dict[str, Contract],
        numbers: frozenset[str] | set[str],
        side: Side = CUSTOMERS,
    ) -> None:
        """Take the claims of the documents; ``numbers`` are all those seen, documents in error included.

        The claims of suppliers are kept by supplier and number, since two suppliers may print the same one.
        """
        self.chart = chart
        self.side = side
        self.claims = claims
        self.contracts = contracts
        self.numbers = numbers
        self.advances: dict[str, Advance] = {}
        self.by_contract: dict[str, list[Claim]] = {}
        self._of_party: dict[tuple[str, str], Claim] = {}
        for claim in claims.values():
            link = claim.document.contract
            if side is SUPPLIERS and (party := chart.get(claim.document.customer).auxiliary):
                self._of_party.setdefault((party, claim.number), claim)
            if link is not None:
                self.by_contract.setdefault(link, []).append(claim)
        # The claim of each settlement that names one and nothing else, by place: found once.
        self._only: dict[int, Claim] = {}
        # The discounts of the settlement at hand, by number.
        self._given: dict[str, Decimal] = {}
        self._accounts: dict[TaxKey, tuple[str, str]] = {}
        self.held: dict[str, HeldDeposit] = {}
        self.extra: list[Posting] = []
        self.replaced: dict[int, Transaction] = {}
        self.added: list[Transaction] = []
        self.errors: list[AcomptaError] = []
        self.notices: list[Notice] = []

    # -- the whole run --------------------------------------------------------------------------------------

    def run(
        self,
        settlements: list[Settlement],
        due_events: list[DueEvent],
    ) -> None:
        """Apply everything in date order; on a day, documents come before money."""
        settlements.sort(key=self._turn)
        events = due_events + self._arrivals(settlements)
        events.sort(key=lambda event: (event[0], event[1]))
        position = 0
        for settlement in settlements:
            date = settlement.entry.date
            while position < len(events) and events[position][0] <= date:
                self._fire(events[position])
                position += 1
            try:
                self._settle(settlement)
            except Exception as error:  # noqa: BLE001 - one entry never hides the others
                self.errors.append(error_of(settlement.entry, error))
        for event in events[position:]:
            self._fire(event)

    def _turn(
        self, settlement: Settlement
    ) -> tuple[datetime.date, bool, int, str, str, Decimal, int]:
        """On a day, what comes in before what is given back: one gives back only what one has.

        Then what names one invoice, several, a contract, in that order: money that says least pays what is left.
        """
        entry, place, received, by_number, _, _, _, _ = settlement
        _, date, _, payee, narration, _, links, _ = entry
        names = 0 if by_number else len(links)
        if not self.by_contract.keys().isdisjoint(links):
            names = _CONTRACT
        return (date, received < ZERO, names, narration or "", payee or "", received, place)

    def _fire(self, event: DueEvent) -> None:
        date, _, action, entry = event
        moves = action()
        if (moves or self.extra) and entry.meta.get("etendu") is not True:
            self._emit(entry, date, moves, ON_INVOICE)

    def _arrivals(self, settlements: Iterable[Settlement]) -> list[DueEvent]:
        """The documents that absorb money received before them, as events at their date."""
        waiting: dict[str, Claim] = {}
        for settlement in settlements:
            entry, place, _, by_number, _, _, _, _ = settlement
            _, date, _, _, _, _, links, _ = entry
            names = [*by_number, *links] if by_number else links
            for number in names:
                claim = self._find(number, settlement)
                if claim is not None:
                    if len(names) == 1:
                        self._only[place] = claim
                    if date < claim.date:
                        waiting[claim_key(claim, self.side)] = claim
                else:
                    for later in self.by_contract.get(number, ()):
                        waiting[claim_key(later, self.side)] = later
        return [
            (claim.date, claim.number, self._absorber(claim), claim.document.entry)
            for claim in waiting.values()
        ]

    def _absorber(self, claim: Claim) -> Callable[[], list[Move]]:
        return lambda: self._absorb(claim)

    def _find(self, name: str, settlement: Settlement) -> Claim | None:
        """The claim that a link or a ``facture:`` names."""
        if self.side is CUSTOMERS:
            return self.claims.get(name)
        for account in settlement.accounts:
            claim = self.claims.get(f"{account} {name}")
            if claim is None:  # a bill of exchange (403) of the same supplier
                claim = self._of_party.get((self.chart.get(account).auxiliary, name))
            if claim is not None:
                return claim
        return None

    # -- one settlement -------------------------------------------------------------------------------------

    def _settle(self, settlement: Settlement) -> None:
        entry, place, _, _, not_paid, _, _, discounts = settlement
        only = self._only.get(place)
        if only is not None and not not_paid and not discounts:
            self._settle_one(settlement, only)  # nearly all
            return
        claims, contracts = self._targets(settlement)
        if not claims and not contracts:
            self._unlinked(settlement)
            return
        self._check_customers(settlement, claims)
        discount, extra = self._reductions(settlement, claims or self._owed(contracts, settlement))
        received = settlement.received - settlement.not_paid - discount
        moves: list[Move] = []
        back = self._advances_back(contracts, received, entry.date)
        free = received + sum(back.values(), ZERO)
        for claim, amount in self._allocate(settlement, claims, contracts, free):
            moves += self._pay(claim, amount, settlement)
        for link, amount in back.items():
            moves += self._pay_contract(link, -amount, entry)
        if contracts and free != self._allocated:
            moves += self._pay_beyond(contracts, free - self._allocated, settlement)
        if entry.meta.get("etendu") is not True:
            waiting = bool(contracts)
            for claim in claims:
                waiting = waiting or bool(claim.shares) or entry.date < claim.date
            self._write(settlement, moves, extra, waiting=waiting)

    def _pay_beyond(
        self, contracts: list[str], amount: Decimal, settlement: Settlement
    ) -> list[Move]:
        """Money on contracts above what was invoiced: received in advance, unless nothing more will be billed.

        VAT falls due on the price of a supply to come, known and described (CGI art. 269-2; CE 24 February 2021, n°
        429647); what is paid above the last invoice is owed back.
        """
        entry = settlement.entry
        date = entry.date
        known = [link for link in contracts if link in self.contracts]
        over = {link for link in known if self.contracts[link].is_over(date)}
        link = next((link for link in contracts if link not in over), contracts[0])
        if link in over and amount > ZERO:
            owed = [c for c in self.by_contract.get(link, ()) if c.date <= date and c.total >= 0]
            if owed:
                return self._pay(max(owed, key=_claim_order), amount, settlement)
        return self._pay_contract(link, amount, entry)

    def _advances_back(
        self, contracts: list[str], received: Decimal, date: datetime.date
    ) -> dict[str, Decimal]:
        """What a refund that names contracts takes from the money that no document has absorbed: euros, by contract.

        Credit notes are refunded first, then this, then the invoices paid, the newest first.
        """
        left = -received
        back: dict[str, Decimal] = {}
        if left <= ZERO:
            return back
        for link in contracts:
            for claim in self.by_contract.get(link, ()):
                left += min(claim.open, ZERO) if claim.date <= date else ZERO
        for link in contracts:
            advance = self.advances.get(link)
            if advance is not None and advance.left > ZERO and left > ZERO:
                back[link] = min(advance.left, left)
                left -= back[link]
        return back

    def _settle_one(self, settlement: Settlement, claim: Claim) -> None:
        """Money for one invoice, all of it: nothing to look for, to share out or to complete."""
        entry, _, received, _, _, _, accounts, _ = settlement
        meta, date, _, _, _, _, _, _ = entry
        if claim.document[5] not in accounts:
            self._check_customers(settlement, [claim])
        if claim.retention:
            claim.released += sum(self._on_retention(settlement).values(), ZERO)
        moves = self._pay(claim, received, settlement)
        if meta.get("etendu") is not True:
            waiting = bool(claim.shares) or date < claim.date
            self._write(settlement, moves, (), waiting=waiting)

    def _owed(self, contracts: list[str], settlement: Settlement) -> list[Claim]:
        """The claims of the contracts that an entry which names no invoice may reduce: what is owed on its accounts."""
        if not settlement.not_paid and not settlement.discounts:
            return []
        date = settlement.entry.date
        released = any(self.chart.get(name).role == RETENTION for name in settlement.accounts)
        owed = [
            claim
            for link in contracts
            for claim in self.by_contract.get(link, ())
            if claim.date <= date
            and (claim.retained if released else claim.open - claim.retained) > ZERO
        ]
        return sorted(owed, key=_claim_order)

    def _reductions(
        self, settlement: Settlement, claims: list[Claim]
    ) -> tuple[Decimal, list[Posting]]:
        """Discounts, losses and penalties beside the payment: euros that are not money, and the completed lines."""
        self._given = {}
        self._check_vat(settlement)
        if settlement.not_paid and (self.side is SUPPLIERS or self._discounts_by_hand(settlement)):
            return self._discount_by_hand(claims, settlement), []
        if settlement.not_paid and len(claims) == 1:
            self._beside(claims[0], settlement)
        if settlement.discounts and claims and not _keeps_vat(settlement):
            return self._discounts(settlement, claims)
        return ZERO, []

    def _write(
        self, settlement: Settlement, moves: list[Move], extra: Sequence[Posting], *, waiting: bool
    ) -> None:
        entry, place = settlement[:2]
        if extra:
            self.replaced[place] = _discounted(entry, settlement.discounts, extra)
        elif moves or self.extra or waiting:
            # Marked even when nothing moved: read again, it must not move what a later payment of the day did.
            self.replaced[place] = completed(entry, entry[7])
        if moves or self.extra:
            cause = ON_RECEIPT if self.side is CUSTOMERS else ON_PAYMENT
            self._emit(entry, entry[1], moves, cause)

    _allocated: Decimal = ZERO
    _prefixes: set[str] | None = None

    def _targets(self, settlement: Settlement) -> tuple[list[Claim], list[str]]:
        """The claims that the entry names, and the contracts, by their link."""
        only = self._only.get(settlement.place)
        if only is not None:
            return [only], []
        names = [*settlement.by_number, *settlement.entry.links]
        claims: list[Claim] = []
        contracts: list[str] = []
        unknown = []
        for name in names:
            claim = self._find(name, settlement)
            if claim is not None:
                if claim not in claims:
                    claims.append(claim)
            elif name in self.contracts or name in self.by_contract:
                contracts.append(name)
            elif name not in self.numbers and (
                name in settlement.by_number or self._looks_like_number(name)
            ):
                unknown.append(name)
        if unknown:
            missing = ", ".join(sorted(unknown))
            raise DocumentError(
                f"{self.side.unknown} : {missing}{self._near(unknown, settlement)} ; vérifiez le numéro, ou tapez la"
                " facture",
                code=Code.UNKNOWN_INVOICE,
                about=min(unknown),
            )
        claims.sort(key=_claim_order)
        return claims, sorted(contracts)

    def _near(self, unknown: list[str], settlement: Settlement) -> str:
        """The invoices of the same party whose numbers are nearly the one typed."""
        parties = {self.chart.get(account).auxiliary for account in settlement.accounts}
        known = [
            claim.number
            for claim in self.claims.values()
            if self.chart.get(claim.document.customer).auxiliary in parties
        ]
        return near(min(unknown), known, "numéros proches")

    def _looks_like_number(self, name: str) -> bool:
        if self._prefixes is None:
            self._prefixes = {split_number(number)[0] for number in self.numbers}
        prefix, digits = split_number(name)
        return digits is not None and prefix in self._prefixes

    def _check_customers(self, settlement: Settlement, claims: list[Claim]) -> None:
        """A settlement that names the invoice of another customer would leave both accounts wrong."""
        if not claims or not settlement.accounts:
            return
        moved = set(settlement.accounts)
        for claim in claims:
            if claim.document.customer in moved:
                continue
            auxiliaries = {self.chart.get(account).auxiliary for account in moved}
            if self.chart.get(claim.document.customer).auxiliary in auxiliaries:
                continue
            if all(self.chart.is_shared(account) for account in moved):
                continue  # one account of bills or doubtful customers for all of them
            raise DocumentError(
                f"la facture {claim.number} est celle de {claim.document.customer}, le règlement mouvemente"
                f" {', '.join(sorted(moved))} : corrigez le compte ou le numéro"
            )

    def _allocate(
        self,
        settlement: Settlement,
        claims: list[Claim],
        contracts: list[str],
        received: Decimal,
    ) -> list[tuple[Claim, Decimal]]:
        """Who gets what: amounts named on postings, then the oldest first, the last one taking the rest."""
        shares: dict[str, Decimal] = {}
        released = self._on_retention(settlement) if self.side is CUSTOMERS else {}
        if len(claims) == 1 and not contracts:
            self._allocated = received
            claims[0].released += sum(released.values(), ZERO)
            return [(claims[0], received)]
        named = settlement.by_number
        free = received
        by_number = {claim.number: claim for claim in claims}
        for number, amount in named.items():
            if number in by_number:
                # The line of the customer's account is credited with the discount too: that part is not money.
                shares[number] = amount - self._given.get(number, ZERO)
                free -= shares[number]
                by_number[number].released += released.get(number, ZERO)
        candidates = [claim for claim in claims if claim.number not in named]
        if contracts:
            date = settlement.entry.date
            linked = [claim for link in contracts for claim in self.by_contract.get(link, ())]
            candidates += [
                claim
                for claim in sorted(linked, key=_claim_order)
                if claim.date <= date and claim not in candidates and claim.number not in named
            ]
        on_retention = released.get("", ZERO)
        for claim, amount in _oldest_first(candidates, free, on_retention, rest=not contracts):
            by_number[claim.number] = claim
            shares[claim.number] = shares.get(claim.number, ZERO) + amount
        self._allocated = sum(shares.values(), ZERO)
        if free and not candidates and not contracts and shares:
            # A rounding difference or a loss on an entry whose postings name every invoice: the last one bears it.
            last = next(reversed(shares))
            shares[last] += received - self._allocated
            self._allocated = received
        return [(by_number[number], amount) for number, amount in shares.items() if amount]

    def _on_retention(self, settlement: Settlement) -> dict[str, Decimal]:
        """What an entry credits on 4117 (euros), by the number that its lines name, ``""`` when they name none."""
        released: dict[str, Decimal] = {}
        for posting in settlement.entry.postings:
            if self._role(posting) == RETENTION and posting.units and posting.units.number:
                number = str((posting.meta or {}).get("facture", ""))
                released[number] = released.get(number, ZERO) - posting.units.number
        return released

    def _pay(self, claim: Claim, amount: Decimal, settlement: Settlement) -> list[Move]:
        entry = settlement[0]
        date = entry[1]
        claim.events.append(make(ClaimEvent, (date, amount, PAYMENT, entry)))
        if date < claim.date:
            return self._pay_early(claim, amount, entry)
        claim.receive(amount, date)
        if self.held and claim.number in self.held:
            self.extra += self.held[claim.number].rebalance(claim.covered, claim.written_off)
        if not claim.shares or entry.meta.get("etendu") is True:
            return []
        return claim.moves()

    def _pay_early(self, claim: Claim, amount: Decimal, entry: Transaction) -> list[Move]:
        """Money before its invoice: due at once on services and deposits alike (CGI art. 269-2)."""
        key = claim_key(claim, self.side)
        advance = self.advances.get(key)
        if advance is None:
            taxed = {tax: share for tax, share in claim.net.items() if share.vat}
            if self.side is SUPPLIERS:
                taxed = {}  # nothing is deducted before the invoice is held (CGI art. 271-II-2)
            advance = self.advances[key] = Advance(claim.number, claim.total, taxed)
        advance.left += amount
        advance.receive(amount, entry.date)
        # Already expanded: its VAT entry says what moved, on the document itself.
        return [] if entry.meta.get("etendu") is True else advance.moves()

    def _pay_contract(self, link: str, amount: Decimal, entry: Transaction) -> list[Move]:
        """Money on a contract before any invoice: due at once at the contract's mix of rates."""
        advance = self.advances.get(link)
        if advance is None:
            contract = self.contracts.get(link)
            shares: dict[TaxKey, Share] = {}
            total = ZERO
            if contract is not None:
                total = contract.total(entry.date)
                shares = {tax: s for tax, s in contract.shares(entry.date).items() if s.vat}
            advance = self.advances[link] = Advance(link, total, shares)
        advance.left += amount
        advance.entries.append((entry, amount))
        advance.receive(amount, entry.date)
        return advance.moves()

    def _absorb(self, claim: Claim) -> list[Move]:
        """A document takes over what was received for it: payment and VAT already moved."""
        moves: list[Move] = []
        own = self.advances.get(claim_key(claim, self.side))
        if own is not None and own.left:
            moves += self._transfer(own, claim, own.left)
        link = claim.document.contract
        shared = self.advances.get(link) if link is not None else None
        asked = claim.open
        if link not in self.contracts or not self.contracts[link].is_over(claim.date):
            # What is withheld is not what was paid in advance, while more is to come.
            asked -= claim.retained
        if shared is not None and shared.left > 0 and asked > 0:
            amount = min(shared.left, asked)
            for event in _absorbed_events(shared, amount):
                claim.events.append(event)
            moves += self._transfer(shared, claim, amount)
        return moves

    def _transfer(self, advance: Advance, claim: Claim, amount: Decimal) -> list[Move]:
        before = advance.moved
        whole = advance.left
        advance.hand_money(claim, amount)
        advance.left -= amount
        taken: dict[TaxKey, Share] = {}
        for tax, share in before.items():
            part = (
                share
                if amount == whole
                else Share(cents(share.base * amount / whole), cents(share.vat * amount / whole))
            )
            taken[tax] = part
            left = Share(share.base - part.base, share.vat - part.vat)
            advance.moved = {**advance.moved, tax: left}
        if claim.number in self.held:
            self.extra += self.held[claim.number].rebalance(claim.covered, claim.written_off)
        return [] if claim.document.expanded else settle_difference(claim, taken)

    # -- discounts ------------------------------------------------------------------------------------------

    def _discounts(
        self, settlement: Settlement, claims: list[Claim]
    ) -> tuple[Decimal, list[Posting]]:
        """Prompt-payment discounts: the base stays on 665, or 765, the VAT is taken off.

        PCG art. 1222-70; CGI art. 267-II, 272-1 (the buyer deducts that much less).
        """
        total = ZERO
        extra: list[Posting] = []
        whole = settlement.received == sum((claim.open for claim in claims), ZERO)
        for index, posting in enumerate(settlement.discounts):
            units = posting.units
            if units is None or units.number is None or self._role(posting) in _VAT_ROLES:
                continue
            typed = units.number * self.side.sign
            for claim, part, line in self._bearers(posting, typed, claims, settlement, whole=whole):
                amount = part
                shares = self._written_shares(claim, amount, settlement.discounts[index + 1 :])
                if shares:
                    amount += sum((share.vat for share in shares.values()), ZERO)
                elif self.side is CUSTOMERS:
                    shares = _discount_shares(claim, amount)
                else:
                    shares = _supplier_discount_shares(claim, amount)
                total += amount
                self._given[claim.number] = self._given.get(claim.number, ZERO) + amount
                extra += self._discount(claim, amount, shares, line, settlement.entry)
        return total, extra

    def _bearers(
        self,
        posting: Posting,
        amount: Decimal,
        claims: list[Claim],
        settlement: Settlement,
        *,
        whole: bool,
    ) -> list[tuple[Claim, Decimal, Posting]]:
        """The invoices that bear a discount or a loss (euros): the one that its line names, else the only one.

        Of an entry that settles several ``whole``, each bears its share of what it owed: all are cleared either way.

        Raises:
            DocumentError: several invoices, and nothing says which.
        """
        number = (posting.meta or {}).get("facture")
        found = self._find(str(number), settlement) if number else None
        if found is None and not number and len(claims) == 1:
            found = claims[0]
        if found is not None:
            return [(found, amount, posting)]
        if number is None and whole:
            return [
                (
                    claim,
                    part,
                    posting._replace(meta={**(posting.meta or {}), "facture": claim.number}),
                )
                for claim, part in _parts(claims, posting, amount, None)
            ]
        what = "perte" if self._role(posting) in LOSSES else "escompte"
        raise DocumentError(
            f"{what} de {euros(amount)} sur plusieurs factures, que ce règlement ne solde pas exactement : tapez"
            f' facture: "numéro" sous chaque ligne {posting.account}',
            posting.meta,
        )

    def _role(self, posting: Posting) -> str:
        return self.chart.get(posting.account).role

    def _written_shares(
        self, claim: Claim, base: Decimal, after: Sequence[Posting]
    ) -> dict[TaxKey, Share]:
        """What a previous load took off per key: ``base`` stands on 665, its VAT right ``after`` (PCG art. 1222-70)."""
        shares: dict[TaxKey, Share] = {}
        for line in takewhile(lambda posting: self._role(posting) in _VAT_ROLES, after):
            meta, pending = line.meta or {}, self._role(line) == VAT_PENDING
            for tax in claim.net:
                same = tax.rate == meta.get("taux") and (tax in claim.shares) is pending
                if same and tax not in shares and line.units is not None:
                    shares[tax] = Share(-meta["base"], line.units.number or ZERO)
                    break
        left = base - sum((share.base for share in shares.values()), ZERO)
        rest = [tax for tax in claim.net if tax not in shares]
        if shares and left and rest:
            # What bears no VAT, or too little of it for a cent.
            largest = max(rest, key=lambda tax: claim.net[tax].base)
            shares[largest] = Share(left, ZERO)
        return shares

    def _discount(
        self,
        claim: Claim,
        amount: Decimal,
        shares: dict[TaxKey, Share],
        posting: Posting,
        entry: Transaction,
    ) -> list[Posting]:
        claim.discount(amount, shares)
        lost = self.chart.get(posting.account).role in LOSSES
        claim.events.append(ClaimEvent(entry.date, amount, LOSS if lost else DISCOUNT, entry))
        vat = sum((share.vat for share in shares.values()), ZERO)
        side = self.side
        postings = [
            posting._replace(
                units=Amount((amount - vat) * side.sign, EUR), meta=typed_meta(posting)
            ),
        ]
        for tax, share in shares.items():
            if share.vat:
                role = side.pending if tax in claim.shares else side.due_role(tax)
                account = self.chart.vat_account(role, tax.rate)
                meta = {"taux": tax.rate, "base": -share.base, "facture": claim.number}
                taken = Amount(share.vat * side.sign, EUR)
                postings.append(Posting(account, taken, None, None, None, meta))
        return postings

    def _check_vat(self, settlement: Settlement) -> None:
        """VAT moved by hand on a payment would be declared twice.

        Raises:
            DocumentError: at the line of 44571.
        """
        for posting in settlement.discounts:
            if self._role(posting) == VAT_DUE and "base" not in (posting.meta or {}):
                raise DocumentError(
                    "la TVA que ce règlement rend exigible serait passée deux fois : supprimez les lignes de TVA"
                    f" ({posting.account}, le 44574), Acompta les ajoute le jour même ; le 411 porte tout ce qui est"
                    " reçu",
                    posting.meta,
                )

    def _discounts_by_hand(self, settlement: Settlement) -> bool:
        """Whether a customer's discount (665) is typed before VAT, its VAT beside it, as textbooks do."""
        return not settlement.discounts and any(
            self._role(posting) == self.side.discount for posting in settlement.entry.postings
        )

    def _discount_by_hand(self, claims: list[Claim], settlement: Settlement) -> Decimal:
        """Discounts on 665 or 765 whose VAT was typed by hand: each invoice, and what waits, loses its own.

        A line that names its invoice (``facture:``) is that one's; the others are shared out by what is owed. Returns
        what ``not_paid`` does not count: the base of a supplier's discount (euros).
        """
        discount, side = ZERO, self.side
        vat_roles = _VAT_ROLES if side.sign > 0 else _DEDUCTIBLE_ROLES
        given: dict[str, Decimal] = {}
        shares: dict[str, dict[TaxKey, Share]] = {}
        for posting in settlement.entry.postings:
            account, units = self.chart.get(posting.account), posting.units
            if units is None or not units.number:
                continue
            amount = units.number * side.sign
            if account.role == side.discount:
                discount += amount
            elif account.role not in vat_roles:
                continue
            waits = account.role == side.pending
            for claim, part in _parts(claims, posting, amount, account if waits else None):
                given[claim.number] = given.get(claim.number, ZERO) + part
                tax = _waiting_at(claim, account) if waits else None
                if tax is not None:
                    own, whole = shares.setdefault(claim.number, {}), claim.shares[tax]
                    vat = part + (own[tax].vat if tax in own else ZERO)
                    own[tax] = Share(proportional(whole.base, vat, whole.vat), vat)
        if not discount:
            return ZERO
        entry = settlement.entry
        for claim in claims:
            amount = given.get(claim.number, ZERO)
            if amount:
                claim.discount(amount, shares.get(claim.number, {}))
                claim.events.append(ClaimEvent(entry.date, amount, DISCOUNT, entry))
                self._given[claim.number] = amount
        return ZERO if side is CUSTOMERS else discount

    def _beside(self, claim: Claim, settlement: Settlement) -> None:
        """What the entry moves without paying: penalties billed on top, or a loss."""
        if settlement.not_paid < 0:
            claim.penalties -= settlement.not_paid
        else:
            self._write_off(claim, settlement)

    def _write_off(self, claim: Claim, settlement: Settlement) -> None:
        """A loss whose VAT was typed by hand (rows 31, 32): the claim and its waiting VAT lose what the entry says."""
        entry = settlement.entry
        if not any(self.chart.get(p.account).role in LOSSES for p in entry.postings):
            return
        shares: dict[TaxKey, Share] = {}
        for posting in entry.postings:
            account, units = self.chart.get(posting.account), posting.units
            if account.role == VAT_PENDING and units is not None and units.number:
                for tax, share in claim.shares.items():
                    if account.rate in {None, tax.rate} and tax not in shares:
                        base = proportional(share.base, units.number, share.vat)
                        shares[tax] = Share(base, units.number)
                        break
        claim.discount(settlement.not_paid, shares)
        claim.events.append(ClaimEvent(entry.date, settlement.not_paid, LOSS, entry))

    def unabsorbed(self) -> dict[str, tuple[Transaction, Decimal]]:
        """Per contract, what was received on it that no document has absorbed, with the last receipt."""
        return {
            link: (advance.entries[-1][0], advance.left)
            for link, advance in self.advances.items()
            if advance.left > 0 and advance.entries
        }

    # -- output ---------------------------------------------------------------------------------------------

    def _accounts_of(self, tax: TaxKey) -> tuple[str, str]:
        """The accounts that the VAT of ``tax`` leaves and goes to.

        Raises:
            MissingVatAccountError: one of them is not open.
        """
        found = self._accounts.get(tax)
        if found is None:
            pending = self.chart.vat_account(self.side.pending, tax.rate)
            due = self.chart.vat_account(self.side.due_role(tax), tax.rate)
            found = self._accounts[tax] = (pending, due)
        return found

    def _emit(self, entry: Transaction, date: datetime.date, moves: list[Move], cause: str) -> None:
        """The OD that moves VAT from 44574 to 44571, on the day of the event; its source is the typed entry."""
        side, waiting = self.side, self.extra
        postings: list[Posting] = []
        if waiting:
            postings, waiting[:] = list(waiting), []
        try:
            for number, tax, base, vat in moves:
                rate, nature, _ = tax
                meta: dict[str, Any] = {"taux": rate, "base": base, "facture": number}
                if nature == GOODS:
                    meta["nature"] = GOODS
                pending, due = self._accounts_of(tax)
                amount = vat if side.sign > 0 else -vat
                postings.append(posted(pending, amount, {"facture": number}))
                postings.append(posted(due, -amount, meta))
        except DocumentError as error:
            self.errors.append(error_of(entry, error))
            return
        source, _, _, payee, _, _, links, _ = entry
        meta = {
            "filename": source["filename"],
            "lineno": source["lineno"],
            "etendu": True,
            "exigibilite": cause,
        }
        label = _label(moves, cause, side)
        said = (meta, date, "*", payee, label, EMPTY_SET, links, postings)
        self.added.append(make(Transaction, said))

    def _unlinked(self, settlement: Settlement) -> None:
        """Money from a customer that names nothing: its VAT would silently never move."""
        entry = settlement.entry
        if not settlement.treasury or not settlement.received or self.side is SUPPLIERS:
            return
        if "ecriture" in entry.meta:
            return  # taken over from a FEC: its VAT was moved by the program that it comes from
        if any(name in self.numbers for name in [*settlement.by_number, *entry.links]):
            code, why = "reglement-document-en-erreur", "nomme un document en erreur"
            what = "corrigez d'abord ce document"
        else:
            code, why = "reglement-sans-lien", "ne nomme ni facture ni contrat"
            what = (
                "ajoutez le lien ^ du numéro (« acompta lettrer » le propose), ou du contrat si aucune facture n'existe"
                " encore"
            )
        word = "encaissement" if settlement.received > 0 else "décaissement"
        self.notices.append(
            Notice(
                entry.meta.get("filename", ""),
                entry.meta.get("lineno", 0),
                code,
                f"{word} de {euros(abs(settlement.received))} sur {settlement.accounts[0]} qui {why} : sa TVA ne"
                f" deviendra jamais exigible ; {what}",
                entry.date,
                settlement.accounts[0],
                settlement.received,
            )
        )


def _keeps_vat(settlement: Settlement) -> bool:
    """``escompte-tva: FALSE``, on the entry or under the 665 line: the discount leaves the VAT as it is."""
    metas = [settlement.entry.meta, *(posting.meta or {} for posting in settlement.discounts)]
    return any(meta.get("escompte-tva") is False for meta in metas)


def _label(moves: list[Move], cause: str, side: Side) -> str:
    if not moves:
        return "Acompte encaissé" if cause == ON_RECEIPT else "Acompte repris"
    if moves[0][3] < ZERO and all(move.vat < 0 for move in moves):
        return TAKEN_BACK
    if cause != ON_INVOICE:
        return side.on_receipt
    return f"TVA {'exigible' if side.sign > 0 else 'déductible'} à la facturation"


def claim_key(claim: Claim, side: Side) -> str:
    """How a claim is kept: by number; a supplier's by supplier and number."""
    return claim.number if side is CUSTOMERS else f"{claim.document.customer} {claim.number}"


def _claim_order(claim: Claim) -> tuple[datetime.date, str, int]:
    prefix, digits = split_number(claim.number)
    return (claim.date, prefix, digits or 0)


def _oldest_first(
    claims: list[Claim], amount: Decimal, on_retention: Decimal, *, rest: bool
) -> list[tuple[Claim, Decimal]]:
    """Split ``amount`` over the claims: credit notes whole, then the oldest first; a refund undoes the newest first.

    What is credited on 4117, ``on_retention``, releases retentions; other money pays them last, once all the rest is
    paid (loi 71-584). What is left, if any, stays on the last claim (an over-payment) when ``rest``.
    """
    shares = _credits_first(claims, amount) if len(claims) > 1 or amount < 0 else []
    left = amount - sum((step for _, step in shares), ZERO)
    if left < 0:
        owed = [claim for claim in reversed(claims) if claim.total >= 0]
        withheld = [(claim, -claim.released) for claim in owed]
        others = [(claim, min(claim.released - claim.paid, ZERO)) for claim in owed]
    else:
        withheld = [(claim, claim.retained) for claim in claims]
        others = [(claim, max(claim.open - claim.retained, ZERO)) for claim in claims]
    bound = max(left, min(on_retention, ZERO)) if left < 0 else min(left, max(on_retention, ZERO))
    released, _ = _hand_out(withheld, bound)
    for claim, step in released:
        claim.released += step
    left -= sum((step for _, step in released), ZERO)
    taken = {id(claim): step for claim, step in released}
    withheld = [(claim, room - taken.get(id(claim), ZERO)) for claim, room in withheld]
    paid, left = _hand_out([*others, *withheld], left)
    shares += released + paid
    if left and rest and claims:
        shares.append((claims[-1], left))
    return shares


def _hand_out(
    rooms: list[tuple[Claim, Decimal]], amount: Decimal
) -> tuple[list[tuple[Claim, Decimal]], Decimal]:
    """Fill rooms in turn (euros, of the sign of ``amount``), and what is left once they are full."""
    shares = []
    for claim, space in rooms:
        step = max(amount, space) if amount < 0 else min(amount, space)
        if amount and step:
            shares.append((claim, step))
            amount -= step
    return shares, amount


def _credits_first(claims: list[Claim], amount: Decimal) -> list[tuple[Claim, Decimal]]:
    """Credit notes named with invoices are set off whole; a refund pays them up to its amount."""
    shares = []
    left = amount
    for claim in claims:
        if claim.open < 0:
            step = claim.open if amount >= 0 else max(left, claim.open)
            if step:
                shares.append((claim, step))
                left -= step
    return shares


def _absorbed_events(advance: Advance, amount: Decimal) -> list[ClaimEvent]:
    """The receipts behind an absorbed amount, the oldest first, each at its own date."""
    events = []
    left = amount
    while left and advance.entries:
        entry, available = advance.entries[0]
        step = min(left, available) if available > 0 else available
        events.append(ClaimEvent(entry.date, step, ADVANCE, entry))
        left -= step
        if step == available:
            advance.entries.pop(0)
        else:
            advance.entries[0] = (entry, available - step)
    return events


def settle_difference(claim: Claim, taken: Mapping[TaxKey, Share]) -> list[Move]:
    """What the claim's own VAT makes due, less what had moved with the advance; per key, both ways."""
    for tax, share in taken.items():
        if tax in claim.shares:
            old = claim.moved.get(tax, Share(ZERO, ZERO))
            now = Share(old.base + share.base, old.vat + share.vat)
            claim.moved = {**claim.moved, tax: now}
    moves = claim.moves()
    for tax, share in taken.items():
        if tax not in claim.shares and share.vat:
            # Due with the document itself: what the advance had moved goes back.
            moves.append(Move(claim.number, tax, -share.base, -share.vat))
    return moves


def _discount_shares(claim: Claim, amount: Decimal) -> dict[TaxKey, Share]:
    """Base and VAT per key of a VAT-inclusive discount, by the document's VAT-inclusive shares."""
    totals = {tax: share.total for tax, share in claim.net.items() if share.total > 0}
    whole = sum(totals.values(), ZERO)
    if not whole:
        return {}
    exact = {tax: amount * total / whole for tax, total in totals.items()}
    split = largest_remainder(amount, exact, {}, totals)
    shares = {}
    for tax, total in split.items():
        base = base_of(total, tax.rate)
        shares[tax] = Share(base, total - base)
    return shares


def _waiting_at(claim: Claim, account: Account) -> TaxKey | None:
    """The VAT of the claim that waits at the rate of ``account``."""
    return next((tax for tax in claim.shares if account.rate in {None, tax.rate}), None)


def _parts(
    claims: list[Claim], posting: Posting, amount: Decimal, waits: Account | None
) -> list[tuple[Claim, Decimal]]:
    """What each claim bears of a line: the one that it names, else by the VAT that ``waits`` or by what is owed."""
    named = (posting.meta or {}).get("facture")
    own = [claim for claim in claims if claim.number == named]
    weights: dict[int, Decimal] = {}
    for place, claim in enumerate(claims if named is None else ()):
        tax = _waiting_at(claim, waits) if waits is not None else None
        waiting = claim.shares[tax].vat if tax is not None else ZERO
        weight = claim.open if waits is None else waiting
        if weight > ZERO:
            weights[place] = weight
    whole = sum(weights.values(), ZERO)
    if not whole:
        return [((own or claims)[-1], amount)] if claims else []
    exact = {place: abs(amount) * weight / whole for place, weight in weights.items()}
    parts = largest_remainder(abs(amount), exact, {}, {})
    return [(claims[place], part.copy_sign(amount)) for place, part in parts.items()]


def _supplier_discount_shares(claim: Claim, amount: Decimal) -> dict[TaxKey, Share]:
    """Base and deducted VAT per key of a supplier's VAT-inclusive discount; none where the buyer owes the VAT."""
    return {
        tax: Share(
            proportional(share.base, amount, claim.total),
            proportional(share.vat, amount, claim.total),
        )
        for tax, share in claim.net.items()
        if share.vat and not is_self_assessed(tax)
    }


def _expanded(meta: dict[str, Any]) -> dict[str, Any]:
    return {**meta, "etendu": True}


def _discounted(
    entry: Transaction, discounts: tuple[Posting, ...], extra: Sequence[Posting]
) -> Transaction:
    postings = [posting for posting in entry.postings if posting not in discounts]
    postings += extra
    return entry._replace(meta=_expanded(entry.meta), postings=postings)
