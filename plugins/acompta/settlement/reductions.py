"""Discounts, losses and penalties beside a payment: the base stays on 665, 765 or 654, the VAT is taken off.

Sources: PCG art. 1222-70; CGI art. 267-II, 272-1 (the buyer deducts that much less). VAT per rate by VAT-inclusive
shares, largest remainder, cents half-up. A discount typed VAT-inclusive. Before::

    2026-02-10 * "SCI Dupont" "Virement, escompte 2 %" ^F2026-002
      Actif:512:Banque      1176.00 EUR
      Charges:665:Escomptes   24.00 EUR
      Actif:411:Dupont

After::

    2026-02-10 * "SCI Dupont" "Virement, escompte 2 %" ^F2026-002
      Actif:512:Banque      1176.00 EUR
      Charges:665:Escomptes   20.00 EUR
      Passif:44574:TVA20       4.00 EUR
      Actif:411:Dupont     -1200.00 EUR
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import takewhile

from beancount.core.amount import Amount
from beancount.core.data import Posting, Transaction

from acompta.chart import (
    VAT_DUE,
    VAT_PENDING,
    Account,
    Chart,
)
from acompta.claims import DISCOUNT, LOSS, Claim, ClaimEvent
from acompta.messages import DocumentError, euros
from acompta.posting.bill import typed_meta
from acompta.posting.purchases import is_self_assessed
from acompta.reading.model import Share, TaxKey
from acompta.rounding import ZERO, largest_remainder, proportional
from acompta.settlement.reading import (
    CUSTOMERS,
    DEDUCTIBLE_ROLES,
    LOSSES,
    SUPPLIERS,
    VAT_ROLES,
    Settlement,
    Side,
)
from acompta.vat import base_of
from acompta.vocabulary import EUR


class Reductions:
    """Discounts, losses and penalties beside a payment: what each invoice loses, and the lines completed.

    ``given`` is the discount (euros, VAT included) of each invoice of the settlement at hand, by its number.
    """

    def __init__(
        self, chart: Chart, side: Side, find: Callable[[str, Settlement], Claim | None]
    ) -> None:
        """``find`` gives the claim that a number names on the accounts of a settlement."""
        self.chart = chart
        self.side = side
        self.given: dict[str, Decimal] = {}
        self._claim_of = find

    def of(self, settlement: Settlement, claims: list[Claim]) -> tuple[Decimal, list[Posting]]:
        """Discounts, losses and penalties beside the payment: euros that are not money, and the completed lines."""
        self.given = {}
        self._check_vat(settlement)
        if settlement.not_paid and (self.side is SUPPLIERS or self._discounts_by_hand(settlement)):
            return self._discount_by_hand(claims, settlement), []
        if settlement.not_paid and len(claims) == 1:
            self._beside(claims[0], settlement)
        if settlement.discounts and claims and not _keeps_vat(settlement):
            return self._discounts(settlement, claims)
        return ZERO, []

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
            if units is None or units.number is None or self._role(posting) in VAT_ROLES:
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
                self.given[claim.number] = self.given.get(claim.number, ZERO) + amount
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
        found = self._claim_of(str(number), settlement) if number else None
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

    def _written_shares(
        self, claim: Claim, base: Decimal, after: Sequence[Posting]
    ) -> dict[TaxKey, Share]:
        """What a previous load took off per key: ``base`` stands on 665, its VAT right ``after`` (PCG art. 1222-70)."""
        shares: dict[TaxKey, Share] = {}
        for line in takewhile(lambda posting: self._role(posting) in VAT_ROLES, after):
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
        vat_roles = VAT_ROLES if side.sign > 0 else DEDUCTIBLE_ROLES
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
                self.given[claim.number] = amount
        return ZERO if side is CUSTOMERS else discount

    def _beside(self, claim: Claim, settlement: Settlement) -> None:
        """What the entry moves without paying: penalties billed on top, or a loss."""
        if settlement.not_paid < 0:
            claim.penalties -= settlement.not_paid
        else:
            self._write_off(claim, settlement)

    def _write_off(self, claim: Claim, settlement: Settlement) -> None:
        """A loss whose VAT was typed by hand (CGI art. 272-1): the claim and its waiting VAT lose it."""
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

    def _role(self, posting: Posting) -> str:
        return self.chart.get(posting.account).role


def _keeps_vat(settlement: Settlement) -> bool:
    """``escompte-tva: FALSE``, on the entry or under the 665 line: the discount leaves the VAT as it is."""
    metas = [settlement.entry.meta, *(posting.meta or {} for posting in settlement.discounts)]
    return any(meta.get("escompte-tva") is False for meta in metas)


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
    """Base and deducted VAT per key of a supplier's VAT-inclusive discount; none where the buyer owes the VAT.

    A euro of the invoice holds the same VAT whatever credit notes and discounts took off it before.
    """
    total = claim.document_total
    return {
        tax: Share(proportional(share.base, amount, total), proportional(share.vat, amount, total))
        for tax, share in claim.net.items()
        if share.vat and not is_self_assessed(tax)
    }
