"""Deposits given on a contract: percentages, amounts before tax or VAT-inclusive, never above the contract.

Amounts are cumulative: what is asked is added up exactly, rounded half-up once, split over the rates by largest
remainder, and the difference with what was given is what the next deposit gives (language.md §5). VAT of a deposit at
the rate of the supply to come: CGI art. 269-1 and 269-2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from acompta.messages import DocumentError, euros, percent
from acompta.reading.model import DepositLine, Document, Share, TaxKey
from acompta.register.values import NOTHING, Category, Ordered, Recovery
from acompta.rounding import HUNDRED, ZERO, cents, largest_remainder, proportional
from acompta.tuples import make
from acompta.vat import base_of, vat_of


class Given:
    """The deposits given on a contract: cumulative, so that the last one closes to the cent.

    Euros, VAT included, per rate: ``exact`` is what was asked before any rounding, ``pooled`` what percentages and
    amounts without a rate have given of it; ``given`` is the base and VAT of every deposit.
    """

    __slots__ = ("exact", "exact_total", "given", "pooled")

    def __init__(self) -> None:
        """Nothing given."""
        self.exact: dict[Category, Decimal] = {}
        self.exact_total = ZERO
        self.pooled: dict[Category, Decimal] = {}
        self.given: dict[Category, Share] = {}

    def copy(self) -> Given:
        """What is given so far, apart from what will be."""
        copied = Given.__new__(Given)
        copied.exact, copied.exact_total = self.exact.copy(), self.exact_total
        copied.pooled, copied.given = self.pooled.copy(), self.given.copy()
        return copied

    def give(self, document: Document, ordered: Ordered | None, link: str) -> dict[TaxKey, Share]:
        """Base and VAT per tax key of a deposit invoice (language.md §5).

        ``ordered`` is what its contract ``link`` orders that day, ``None`` without a contract.

        Raises:
            DocumentError: the deposit takes the total above the contract as amended on its date.
        """
        given: dict[Category, Share] = {}
        lines = document.deposit_lines
        for line in lines:
            for category, (base, vat) in self._give_line(line, document, ordered).items():
                old_base, old_vat = given.get(category, NOTHING)
                given[category] = make(Share, (old_base + base, old_vat + vat))
        if ordered is not None:
            self._check_ceiling(document, ordered, link)
        return _natures(given, document, ordered.shares if ordered is not None else {})

    def _give_line(
        self, line: DepositLine, document: Document, ordered: Ordered | None
    ) -> dict[Category, Share]:
        if ordered is None and line.unit == "PCT":
            raise DocumentError(
                "un acompte en pourcentage suppose un contrat : ajoutez le lien ^ d'un #contrat, ou tapez"
                " un montant en EUR avec tva:",
                line.posting.meta,
            )
        if line.rate is not None or ordered is None:
            return self._give_at_rate(line, document, ordered)
        if line.unit == "PCT" or line.amount_included is not None:
            return self._give_pooled(line, ordered)
        return self._give_before_tax(line, ordered)

    def _give_at_rate(
        self, line: DepositLine, document: Document, ordered: Ordered | None
    ) -> dict[Category, Share]:
        """A deposit with its own rate, or without a contract: it stands on that rate alone."""
        category = _category_of(line, document)
        if line.amount_included is not None:
            return {category: self._add_included(category, line.amount_included)}
        if line.unit == "PCT" and ordered is not None:
            total = ordered.included.get(category, ZERO)
            return {category: self._add_included(category, cents(total * -line.units / HUNDRED))}
        return {category: self._add_base(category, -line.units)}

    def _give_pooled(self, line: DepositLine, ordered: Ordered) -> dict[Category, Share]:
        """A percent or a VAT-inclusive amount: cumulative, split over the contract's rates by VAT-inclusive share."""
        _, _, included, whole = ordered
        if whole <= ZERO:
            raise DocumentError("le contrat n'a pas de montant à cette date", line.posting.meta)
        asked = line.amount_included
        if asked is None:
            asked = whole * -line.units / HUNDRED
        self.exact_total += asked
        if len(included) == 1:
            (category,) = included
            self.exact[category] = self.exact.get(category, ZERO) + asked
            if self.pooled.keys() <= included.keys():
                return self._give_single(category)
        else:
            for category, total in included.items():
                self.exact[category] = self.exact.get(category, ZERO) + asked * total / whole
        pooled = sum(self.pooled.values(), ZERO)
        target = max(cents(self.exact_total), pooled)
        exact = {
            category: self.exact.get(category, ZERO) for category in {**self.pooled, **included}
        }
        # What other deposits gave at a rate of its own leaves less room there.
        caps = {
            category: included.get(category, ZERO)
            - (self.given.get(category, NOTHING).total - self.pooled.get(category, ZERO))
            for category in exact
        }
        shares = largest_remainder(target, exact, self.pooled, caps)
        given = {}
        for category, total in shares.items():
            step = total - self.pooled.get(category, ZERO)
            self.pooled[category] = total
            if step:
                given[category] = self._add_included(category, step)
        return given

    def _give_single(self, category: Category) -> dict[Category, Share]:
        """A contract of one rate: the cumulative amount needs no split."""
        pooled = self.pooled.get(category, ZERO)
        target = max(cents(self.exact_total), pooled)
        self.pooled[category] = target
        return {category: self._add_included(category, target - pooled)} if target != pooled else {}

    def _give_before_tax(self, line: DepositLine, ordered: Ordered) -> dict[Category, Share]:
        """An amount before tax: split over the rates by base, so the typed amount is kept to the cent."""
        bases: dict[Category, Decimal] = {}
        for tax, share in ordered.shares.items():
            bases[tax.category] = bases.get(tax.category, ZERO) + share.base
        whole = sum(bases.values(), ZERO)
        asked = -line.units
        exact = {category: asked * base / whole for category, base in bases.items()}
        caps = {
            category: base - self.given.get(category, NOTHING).base
            for category, base in bases.items()
        }
        split = largest_remainder(asked, exact, {}, caps)
        given = {
            category: self._add_base(category, base) for category, base in split.items() if base
        }
        for category, share in given.items():
            # The pool counts it too: a later percentage continues from here.
            self.pooled[category] = self.pooled.get(category, ZERO) + share.total
            self.exact[category] = self.exact.get(category, ZERO) + share.total
            self.exact_total += share.total
        return given

    def _add_included(self, category: Category, total: Decimal) -> Share:
        old_base, old_vat = self.given.get(category, NOTHING)
        whole = old_base + old_vat + total
        base = base_of(whole, category[0])
        vat = whole - base
        self.given[category] = make(Share, (base, vat))
        return make(Share, (base - old_base, vat - old_vat))

    def _add_base(self, category: Category, base: Decimal) -> Share:
        old = self.given.get(category, NOTHING)
        vat = max(old.vat, vat_of(old.base + base, category[0]))
        self.given[category] = Share(old.base + base, vat)
        return Share(base, vat - old.vat)

    def _check_ceiling(self, document: Document, ordered: Ordered, link: str) -> None:
        _, _, included, whole = ordered
        given = ZERO
        for base, vat in self.given.values():
            given += base + vat
        if given > whole:
            raise DocumentError(
                f"les acomptes atteignent {euros(given)}, plus que le contrat ^{link}"
                f" ({euros(whole)} TTC à cette date) : réduisez l'acompte, ou écrivez d'abord un #avenant",
                document.deposit_lines[0].posting.meta,
            )
        if len(included) == 1 and self.given.keys() == included.keys():
            return  # nearly all: the one rate is the whole
        for category, share in self.given.items():
            if share.total > included.get(category, ZERO) and _is_typed(document, category):
                raise DocumentError(
                    f"les acomptes à {percent(category[0])} atteignent {euros(share.total)}, plus que la"
                    f" part du contrat ^{link} à ce taux ({euros(included.get(category, ZERO))} TTC) :"
                    " corrigez le taux ou le montant",
                    document.deposit_lines[0].posting.meta,
                )

    def check_room(self, total: Decimal, whole: Decimal, link: str) -> None:
        """Refuse a deposit moved to the contract ``link`` that would exceed its ``whole`` (VAT-inclusive euros).

        Raises:
            DocumentError: ``total`` (VAT-inclusive euros) and the deposits given exceed the contract.
        """
        given = total + sum((share.total for share in self.given.values()), ZERO)
        if given > whole:
            raise DocumentError(
                f"avec ce report, les acomptes atteignent {euros(given)}, plus que le contrat ^{link}"
                f" ({euros(whole)} TTC) : créditez d'abord une partie de l'acompte par un #avoir"
            )

    def note(self, shares: Mapping[TaxKey, Share]) -> None:
        """Count a deposit taken over from another program among those given."""
        for tax, share in shares.items():
            old = self.given.get(tax.category, NOTHING)
            self.given[tax.category] = Share(old.base + share.base, old.vat + share.vat)

    def forget(self, credited: Iterable[Recovery]) -> None:
        """Credited deposits are taken off what was given: a later percentage starts from what is left."""
        for recovery in credited:
            category = recovery.tax.category
            total = recovery.base + recovery.vat
            old = self.given.get(category, NOTHING)
            self.given[category] = Share(old.base - recovery.base, old.vat - recovery.vat)
            if category in self.pooled:
                pooled = min(total, self.pooled[category])
                self.pooled[category] -= pooled
                self.exact[category] = self.exact.get(category, ZERO) - pooled
                self.exact_total -= pooled


def _category_of(line: DepositLine, document: Document) -> Category:
    regime = document.entry.meta.get("regime") or (line.posting.meta or {}).get("regime")
    if document.seller.regime == "franchise":
        return (Decimal(0), "franchise")
    if isinstance(regime, str):
        return (Decimal(0), regime)
    rate = line.rate if line.rate is not None else document.entry.meta.get("tva")
    if not isinstance(rate, Decimal):
        raise DocumentError(
            "acompte sans contrat : tapez le taux, par exemple tva: 20, sous la ligne 4191",
            line.posting.meta,
        )
    return (rate, "")


def _is_typed(document: Document, category: Category) -> bool:
    return any(line.rate == category[0] for line in document.deposit_lines)


def _natures(
    given: dict[Category, Share], document: Document, ordered: Mapping[TaxKey, Share]
) -> dict[TaxKey, Share]:
    """Split each rate of a deposit between the goods and the services of the contract."""
    if len(given) == len(ordered) == 1:
        ((tax, (whole, _)),) = ordered.items()
        if whole > ZERO and tax.category in given:
            return {tax: given[tax.category]}  # nearly all
    shares: dict[TaxKey, Share] = {}
    for category, share in given.items():
        keys = [tax for tax in ordered if tax.category == category and ordered[tax].base > 0]
        if not keys:
            nature = document.entry.meta.get("nature") or (
                document.deposit_lines[0].posting.meta or {}
            ).get("nature", "service")
            keys = [TaxKey(category[0], str(nature), category[1])]
        whole = sum((ordered[key].base for key in keys if key in ordered), ZERO)
        left = share
        for key in keys[:-1]:
            part = Share(
                proportional(share.base, ordered[key].base, whole),
                proportional(share.vat, ordered[key].base, whole),
            )
            shares[key] = part
            left = Share(left.base - part.base, left.vat - part.vat)
        shares[keys[-1]] = left
    return shares
