"""The run over a ledger: documents and money in date order, each settlement applied to the claims that it names.

On a day documents come before money, and what comes in before what is given back; money that says least pays what is
left. What no invoice has absorbed waits as an advance on its contract.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from beancount.core.data import Posting, Transaction

from acompta.chart import (
    RETENTION,
    Chart,
)
from acompta.claims import PAYMENT, Claim, ClaimEvent, Move
from acompta.held import HeldDeposit
from acompta.messages import AcomptaError, Code, DocumentError, Notice, error_of, euros, near
from acompta.numbering import split_number
from acompta.posting.making import completed
from acompta.reading.model import Share, TaxKey
from acompta.register.contract import Contract
from acompta.rounding import ZERO, cents
from acompta.settlement.advances import Advance, absorbed_events, settle_difference
from acompta.settlement.allocation import claim_order, oldest_first
from acompta.settlement.reading import CUSTOMERS, SUPPLIERS, Settlement, Side
from acompta.settlement.reductions import Reductions
from acompta.settlement.vat_entries import VatEntries
from acompta.tuples import make
from acompta.vat import ON_INVOICE, ON_PAYMENT, ON_RECEIPT

_CONTRACT: Final = 99  # in the order of a day: after any number of invoices
# (date, number of the document, what it does to the claims, the entry that causes it)
DueEvent = tuple[datetime.date, str, Callable[[], list[Move]], Transaction]


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
        self._allocated = ZERO  # of the settlement at hand
        self._prefixes: set[str] | None = None
        self.held: dict[str, HeldDeposit] = {}
        self.extra: list[Posting] = []
        self.replaced: dict[int, Transaction] = {}
        self.errors: list[AcomptaError] = []
        self._entries = VatEntries(chart, side, self.extra, self.errors)
        self.added = self._entries.added
        self._reductions = Reductions(chart, side, self._find)
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
            self._entries.add(entry, date, moves, ON_INVOICE)

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
        discount, extra = self._reductions.of(
            settlement, claims or self._owed(contracts, settlement)
        )
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
                return self._pay(max(owed, key=claim_order), amount, settlement)
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
        return sorted(owed, key=claim_order)

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
            self._entries.add(entry, entry[1], moves, cause)

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
        claims.sort(key=claim_order)
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
                shares[number] = amount - self._reductions.given.get(number, ZERO)
                free -= shares[number]
                by_number[number].released += released.get(number, ZERO)
        candidates = [claim for claim in claims if claim.number not in named]
        if contracts:
            date = settlement.entry.date
            linked = [claim for link in contracts for claim in self.by_contract.get(link, ())]
            candidates += [
                claim
                for claim in sorted(linked, key=claim_order)
                if claim.date <= date and claim not in candidates and claim.number not in named
            ]
        on_retention = released.get("", ZERO)
        for claim, amount in oldest_first(candidates, free, on_retention, rest=not contracts):
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
            role = self.chart.get(posting.account).role
            if role == RETENTION and posting.units and posting.units.number:
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
            for event in absorbed_events(shared, amount):
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

    def unabsorbed(self) -> dict[str, tuple[Transaction, Decimal]]:
        """Per contract, what was received on it that no document has absorbed, with the last receipt."""
        return {
            link: (advance.entries[-1][0], advance.left)
            for link, advance in self.advances.items()
            if advance.left > 0 and advance.entries
        }

    # -- output ---------------------------------------------------------------------------------------------

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


def claim_key(claim: Claim, side: Side) -> str:
    """How a claim is kept: by number; a supplier's by supplier and number."""
    return claim.number if side is CUSTOMERS else f"{claim.document.customer} {claim.number}"


def _expanded(meta: dict[str, Any]) -> dict[str, Any]:
    return {**meta, "etendu": True}


def _discounted(
    entry: Transaction, discounts: tuple[Posting, ...], extra: Sequence[Posting]
) -> Transaction:
    postings = [posting for posting in entry.postings if posting not in discounts]
    postings += extra
    return entry._replace(meta=_expanded(entry.meta), postings=postings)
