"""The register of each contract: ordered, billed, deposits given, recovered and left, per rate.

The engine fills it document by document in (date, number) order; every figure a person sees later is read back from
the documents' bills (`acompta.contracts`), as of any date, so nothing here is a second source of truth.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Any, Final, NamedTuple

from acompta.messages import DocumentError, euros, percent
from acompta.reading.model import DepositLine, Document, Line, Share, TaxKey
from acompta.rounding import CENT, HUNDRED, ZERO, cents, largest_remainder, proportional
from acompta.tuples import make
from acompta.vat import base_of, by_category, tax_shares, vat_of
from acompta.vocabulary import DISCOUNT, Kind

Category = tuple[Decimal, str]
_NOTHING: Final = Share(ZERO, ZERO)
ONE: Final = Decimal(1)


class Group(NamedTuple):
    """What progress is counted on: the lines of a contract that share account, lot and tax."""

    account: str
    lot: str | None
    tax: TaxKey


class Progress(NamedTuple):
    """Progress billed by a document on one `Group`, in euros before tax; ``percent`` is cumulative."""

    group: Group
    contract: Decimal
    previous: Decimal
    amount: Decimal
    percent: Decimal

    @property
    def cumulative(self) -> Decimal:
        """Billed so far, this document included."""
        return self.previous + self.amount


class Recovery(NamedTuple):
    """What a document takes back of one deposit at one rate, in euros.

    ``tax`` is the deposit's key, ``against`` the key of the document's own VAT that it is set against.
    """

    number: str
    account: str
    tax: TaxKey
    against: TaxKey
    base: Decimal
    vat: Decimal


@dataclass(slots=True)
class Deposit:
    """A deposit invoice in the register: per tax key, what was given and what was recovered since."""

    document: Document
    account: str
    given: dict[TaxKey, Share]
    recovered: dict[TaxKey, Share] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """Number of the deposit invoice."""
        return self.document.number or ""

    def left(self, tax: TaxKey) -> Share:
        """What remains to recover at ``tax``."""
        given = self.given[tax]
        taken = self.recovered.get(tax)
        if taken is None:
            return given
        return make(Share, (given[0] - taken[0], given[1] - taken[1]))

    def take(self, tax: TaxKey, base: Decimal, vat: Decimal) -> None:
        """Note a recovery."""
        taken = self.recovered.get(tax, _NOTHING)
        self.recovered[tax] = make(Share, (taken[0] + base, taken[1] + vat))

    @property
    def is_spent(self) -> bool:
        """Whether nothing remains to recover."""
        # Both are in euros: once all was recovered at each rate, nothing is left to subtract.
        if self.recovered == self.given:
            return True  # nearly all
        return all(not self.left(tax).base and not self.left(tax).vat for tax in self.given)


class Change(NamedTuple):
    """A line of the contract or of an amendment, from its date on."""

    date: datetime.date
    group: Group
    amount: Decimal
    line: Line


class Ordered(NamedTuple):
    """What a contract orders at one of its versions, in euros; ``total`` and ``included`` are VAT-inclusive."""

    totals: dict[Group, Decimal]
    shares: dict[TaxKey, Share]
    included: dict[Category, Decimal]
    total: Decimal


_date_of: Final = attrgetter("date")


def _add_up(changes: Iterable[Change]) -> Ordered:
    totals: dict[Group, Decimal] = {}
    bases: dict[TaxKey, Decimal] = {}
    for _, group, amount, _ in changes:
        tax = group[2]
        totals[group] = totals[group] + amount if group in totals else amount
        bases[tax] = bases[tax] + amount if tax in bases else amount
    shares = tax_shares(bases) if bases else {}
    included: dict[Category, Decimal] = {}
    whole = ZERO
    for tax, (base, vat) in shares.items():
        category, total = tax.category, base + vat
        included[category] = included[category] + total if category in included else total
        whole += total
    return Ordered(totals, shares, included, whole)


class Contract:
    """One contract: its lines with their amendments, and the running totals of what its documents did."""

    def __init__(self, link: str, document: Document | None, customer: str) -> None:
        """Start empty; a deposit without a contract gets one of its own, with no lines."""
        self.link = link
        self.document = document
        self.customer = customer
        self.amendments: list[Document] = []
        self.documents: list[Document] = []
        self.changes: list[Change] = []
        self.deposits: list[Deposit] = []
        self.packs: list[Any] = []
        self.closed_by: Document | None = None
        self._billed: dict[Group, Decimal] = {}
        self._percent: dict[Group, Decimal] = {}
        self._cumulative: dict[Category, Share] = {}
        self._exact: dict[Category, Decimal] = {}
        self._exact_total = ZERO
        self._pooled: dict[Category, Decimal] = {}
        self._given: dict[Category, Share] = {}
        self._versions: dict[int, Ordered] = {}

    def snapshot(self) -> tuple[object, ...]:
        """The running totals, to give back to `restore` when a document turns out to be in error."""
        deposits, packs = self.deposits, self.packs
        return (
            self._billed.copy(),
            self._percent.copy(),
            self._cumulative.copy(),
            len(deposits),
            [deposit.recovered.copy() for deposit in deposits] if deposits else [],
            self.changes.copy(),
            [(pack, pack.used, pack.credited) for pack in packs] if packs else [],
            (self._exact.copy(), self._exact_total, self._pooled.copy(), self._given.copy()),
        )

    def restore(self, state: tuple[Any, ...]) -> None:
        """Forget what a document in error noted."""
        self._billed, self._percent, self._cumulative, count, recovered, changes, packs, given = (
            state
        )
        self._exact, self._exact_total, self._pooled, self._given = given
        if len(changes) != len(self.changes):
            self.changes = changes
            self._forget_totals()
        del self.deposits[count:]
        self.packs = [pack for pack, _, _ in packs]
        for pack, used, credited in packs:
            pack.used, pack.credited = used, credited
        for deposit, taken in zip(self.deposits, recovered, strict=True):
            deposit.recovered = taken

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Inside, what is billed or given leaves no trace: to say what drafts would bill."""
        before = self.snapshot()
        try:
            yield
        finally:
            self.restore(before)

    # -- ordered --------------------------------------------------------------------------------------------

    def add_lines(self, document: Document) -> None:
        """Add the lines of the contract itself or of an amendment, as of the document's date."""
        start = datetime.date.min if document is self.document else document.date
        totals = {} if document is self.document else self.totals(document.date)
        for line in document.lines:
            if line.amount is None or line.tax is None:
                raise DocumentError(
                    "un contrat ou un avenant se tape en quantités ou en EUR, pas en PCT", line.meta
                )
            group = make(Group, (line.account, line.lot, line.tax))
            if totals and line.amount < ZERO and line.unit != DISCOUNT:
                group = _taken_off(line, document, totals) or group
                line = line._replace(tax=group.tax)  # noqa: PLW2901
            self.changes.append(make(Change, (start, group, line.amount, line)))
        self._forget_totals()

    def _forget_totals(self) -> None:
        if len(self.changes) > 1:
            self.changes.sort(key=_date_of)
        self._versions.clear()

    def ordered(self, date: datetime.date) -> Ordered:
        """What is ordered, as amended on ``date``; each version of the contract is added up once."""
        changes = self.changes
        version = len(changes)
        while version and changes[version - 1].date > date:
            version -= 1
        ordered = self._versions.get(version)
        if ordered is None:
            ordered = self._versions[version] = _add_up(changes[:version])
        return ordered

    def totals(self, date: datetime.date) -> dict[Group, Decimal]:
        """Ordered amounts before tax (euros) per group, as amended on ``date``."""
        return self.ordered(date).totals

    def shares(self, date: datetime.date) -> dict[TaxKey, Share]:
        """Ordered base and VAT (euros) per tax key, as amended on ``date``."""
        return self.ordered(date).shares

    def included(self, date: datetime.date) -> dict[Category, Decimal]:
        """VAT-inclusive total (euros) per rate and regime, as amended on ``date``."""
        return self.ordered(date).included

    def total(self, date: datetime.date) -> Decimal:
        """VAT-inclusive total of the contract (euros), as amended on ``date``."""
        return self.ordered(date).total

    def lots(self, date: datetime.date) -> list[str]:
        """Names of the lots, in order."""
        return list(dict.fromkeys(group.lot for group in self.totals(date) if group.lot))

    # -- progress -------------------------------------------------------------------------------------------

    def bill_percent(self, line: Line, document: Document) -> list[Progress]:
        """What a line in ``PCT`` bills: rounded cumulative amount − already billed, per group (language.md §7).

        Raises:
            DocumentError: no such lot or account, progress that falls, or above 100 %.
        """
        totals = self.totals(document.date)
        account, lot = line.account, line.lot
        rate = line.tax.rate if line.tax is not None and "tva" in line.meta else None
        found = [
            group
            for group in totals
            if group[0] == account
            and (lot is None or group[1] == lot)
            and (rate is None or group[2][0] == rate)
        ]
        if not found:
            raise DocumentError(self._unknown_lot(line, document.date), line.meta)
        return [self._bill_group(group, totals[group], line) for group in found]

    def _bill_group(self, group: Group, total: Decimal, line: Line) -> Progress:
        share = -line.units
        before = self._percent.get(group, ZERO)
        if line.unit != "PCT":
            share += before
        if share > HUNDRED:
            what = _named(group)
            raise DocumentError(
                f"avancement de {percent(share)} ({what}) : au-delà de 100 %, écrivez d'abord un #avenant",
                line.meta,
            )
        billed = self._billed.get(group, ZERO)
        cumulative = (total * share / HUNDRED).quantize(CENT, ROUND_HALF_UP)
        amount = cumulative - billed
        if amount < ZERO < total or total < ZERO < amount:
            what = _named(group)
            raise DocumentError(
                f"avancement en baisse ({what}) : lu {percent(share)}, soit {euros(cumulative)}, alors que"
                f" {euros(billed)} sont déjà facturés ; écrivez un #avoir pour revenir en arrière",
                line.meta,
            )
        self._billed[group] = cumulative
        self._percent[group] = share
        return make(Progress, (group, total, billed, amount, share))

    def bill_rest(self, document: Document) -> list[Progress]:
        """What a final invoice typed without a line bills: 100 % of every group."""
        steps = []
        for group, total in self.totals(document.date).items():
            billed = self._billed.get(group, ZERO)
            self._billed[group] = total
            self._percent[group] = HUNDRED
            steps.append(Progress(group, total, billed, total - billed, HUNDRED))
        return steps

    def _unknown_lot(self, line: Line, date: datetime.date) -> str:
        names = ", ".join(self.lots(date)) or "aucun"
        if line.lot is not None:
            return (
                f"lot « {line.lot} » inconnu sur {line.account} dans le contrat ^{self.link} ; lots du"
                f" contrat : {names}"
            )
        accounts = ", ".join(dict.fromkeys(group.account for group in self.totals(date))) or "aucun"
        return f"le contrat ^{self.link} n'a pas de ligne sur {line.account} ; comptes du contrat : {accounts}"

    def cumulative_shares(self, bases: Mapping[TaxKey, Decimal]) -> dict[TaxKey, Share]:
        """VAT of a document with progress: rate × cumulative base, rounded, − VAT already billed, per rate."""
        shares: dict[TaxKey, Share] = {}
        if len(bases) == 1:
            ((tax, only),) = bases.items()
            category = tax.category
            old, billed = self._cumulative.get(category, _NOTHING)
            cumulative = old + only
            whole = vat_of(cumulative, tax[0])
            if whole != billed and (whole < billed) is not (only < ZERO):
                whole = billed  # never VAT against the sign of its base: the next document takes the cent
            self._cumulative[category] = make(Share, (cumulative, whole))
            return {tax: make(Share, (only, whole - billed))}
        for category, keys in by_category(bases).items():
            rate = category[0]
            before = self._cumulative.get(category, _NOTHING)
            base = sum((bases[key] for key in keys), ZERO)
            vat = vat_of(before.base + base, rate) - before.vat
            if vat and (vat < ZERO) is not (base < ZERO):
                vat = ZERO
            self._cumulative[category] = Share(before.base + base, before.vat + vat)
            if len(keys) == 1:
                shares[keys[0]] = Share(base, vat)
            else:
                shares.update(_split_cumulative(vat, bases, sorted(keys)))
        return shares

    def unbilled(self, date: datetime.date = datetime.date.max) -> Decimal:
        """Ordered by ``date``, amendments and reductions counted, and not billed in percent; in euros before tax."""
        return sum(self.totals(date).values(), ZERO) - sum(self._billed.values(), ZERO)

    def is_over(self, date: datetime.date) -> bool:
        """Whether nothing more will be billed at the end of ``date``: a final invoice billed all, or it was ended."""
        final = self.closed_by
        if final is not None and final.date <= date and self.unbilled(date) <= ZERO:
            return True
        return any(d.kind is Kind.TERMINATION and d.date <= date for d in self.documents)

    def progress_share(self, date: datetime.date) -> Decimal:
        """Cumulative progress of the whole contract, as a factor between 0 and 1."""
        ordered = sum(self.totals(date).values(), ZERO)
        return sum(self._billed.values(), ZERO) / ordered if ordered else ZERO

    # -- deposits given -------------------------------------------------------------------------------------

    def give(self, document: Document) -> dict[TaxKey, Share]:
        """Base and VAT per tax key of a deposit invoice (language.md §5), noted in the register.

        Raises:
            DocumentError: the deposit takes the total above the contract as amended on its date.
        """
        given: dict[Category, Share] = {}
        lines = document.deposit_lines
        for line in lines:
            for category, (base, vat) in self._give_line(line, document).items():
                old_base, old_vat = given.get(category, _NOTHING)
                given[category] = make(Share, (old_base + base, old_vat + vat))
        self._check_ceiling(document)
        shares = self._natures(given, document)
        self.deposits.append(Deposit(document, lines[0].account, shares))
        return shares

    def _give_line(self, line: DepositLine, document: Document) -> dict[Category, Share]:
        if not self.changes and line.unit == "PCT":
            raise DocumentError(
                "un acompte en pourcentage suppose un contrat : ajoutez le lien ^ d'un #contrat, ou tapez"
                " un montant en EUR avec tva:",
                line.posting.meta,
            )
        if line.rate is not None or not self.changes:
            return self._give_at_rate(line, document)
        if line.unit == "PCT" or line.amount_included is not None:
            return self._give_pooled(line, document.date)
        return self._give_before_tax(line, document.date)

    def _category_of(self, line: DepositLine, document: Document) -> Category:
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

    def _give_at_rate(self, line: DepositLine, document: Document) -> dict[Category, Share]:
        """A deposit with its own rate, or without a contract: it stands on that rate alone."""
        category = self._category_of(line, document)
        if line.amount_included is not None:
            return {category: self._add_included(category, line.amount_included)}
        if line.unit == "PCT":
            total = self.included(document.date).get(category, ZERO)
            return {category: self._add_included(category, cents(total * -line.units / HUNDRED))}
        return {category: self._add_base(category, -line.units)}

    def _give_pooled(self, line: DepositLine, date: datetime.date) -> dict[Category, Share]:
        """A percent or a VAT-inclusive amount: cumulative, split over the contract's rates by VAT-inclusive share."""
        _, _, included, whole = self.ordered(date)
        if whole <= ZERO:
            raise DocumentError("le contrat n'a pas de montant à cette date", line.posting.meta)
        asked = line.amount_included
        if asked is None:
            asked = whole * -line.units / HUNDRED
        self._exact_total += asked
        if len(included) == 1:
            (category,) = included
            self._exact[category] = self._exact.get(category, ZERO) + asked
            if self._pooled.keys() <= included.keys():
                return self._give_single(category)
        else:
            for category, total in included.items():
                self._exact[category] = self._exact.get(category, ZERO) + asked * total / whole
        pooled = sum(self._pooled.values(), ZERO)
        target = max(cents(self._exact_total), pooled)
        exact = {
            category: self._exact.get(category, ZERO) for category in {**self._pooled, **included}
        }
        # What other deposits gave at a rate of its own leaves less room there.
        caps = {
            category: included.get(category, ZERO)
            - (self._given.get(category, _NOTHING).total - self._pooled.get(category, ZERO))
            for category in exact
        }
        shares = largest_remainder(target, exact, self._pooled, caps)
        given = {}
        for category, total in shares.items():
            step = total - self._pooled.get(category, ZERO)
            self._pooled[category] = total
            if step:
                given[category] = self._add_included(category, step)
        return given

    def _give_single(self, category: Category) -> dict[Category, Share]:
        """A contract of one rate: the cumulative amount needs no split."""
        pooled = self._pooled.get(category, ZERO)
        target = max(cents(self._exact_total), pooled)
        self._pooled[category] = target
        return {category: self._add_included(category, target - pooled)} if target != pooled else {}

    def _give_before_tax(self, line: DepositLine, date: datetime.date) -> dict[Category, Share]:
        """An amount before tax: split over the rates by base, so the typed amount is kept to the cent."""
        bases: dict[Category, Decimal] = {}
        for tax, share in self.shares(date).items():
            bases[tax.category] = bases.get(tax.category, ZERO) + share.base
        whole = sum(bases.values(), ZERO)
        asked = -line.units
        exact = {category: asked * base / whole for category, base in bases.items()}
        caps = {
            category: base - self._given.get(category, _NOTHING).base
            for category, base in bases.items()
        }
        split = largest_remainder(asked, exact, {}, caps)
        given = {
            category: self._add_base(category, base) for category, base in split.items() if base
        }
        for category, share in given.items():
            # The pool counts it too: a later percentage continues from here.
            self._pooled[category] = self._pooled.get(category, ZERO) + share.total
            self._exact[category] = self._exact.get(category, ZERO) + share.total
            self._exact_total += share.total
        return given

    def _add_included(self, category: Category, total: Decimal) -> Share:
        old_base, old_vat = self._given.get(category, _NOTHING)
        whole = old_base + old_vat + total
        base = base_of(whole, category[0])
        vat = whole - base
        self._given[category] = make(Share, (base, vat))
        return make(Share, (base - old_base, vat - old_vat))

    def _add_base(self, category: Category, base: Decimal) -> Share:
        old = self._given.get(category, _NOTHING)
        vat = max(old.vat, vat_of(old.base + base, category[0]))
        self._given[category] = Share(old.base + base, vat)
        return Share(base, vat - old.vat)

    def _check_ceiling(self, document: Document) -> None:
        if not self.changes:
            return
        _, _, included, whole = self.ordered(document.date)
        given = ZERO
        for base, vat in self._given.values():
            given += base + vat
        if given > whole:
            raise DocumentError(
                f"les acomptes atteignent {euros(given)}, plus que le contrat ^{self.link}"
                f" ({euros(whole)} TTC à cette date) : réduisez l'acompte, ou écrivez d'abord un #avenant",
                document.deposit_lines[0].posting.meta,
            )
        if len(included) == 1 and self._given.keys() == included.keys():
            return  # nearly all: the one rate is the whole
        for category, share in self._given.items():
            if share.total > included.get(category, ZERO) and self._is_typed(document, category):
                raise DocumentError(
                    f"les acomptes à {percent(category[0])} atteignent {euros(share.total)}, plus que la"
                    f" part du contrat ^{self.link} à ce taux ({euros(included.get(category, ZERO))} TTC) :"
                    " corrigez le taux ou le montant",
                    document.deposit_lines[0].posting.meta,
                )

    @staticmethod
    def _is_typed(document: Document, category: Category) -> bool:
        return any(line.rate == category[0] for line in document.deposit_lines)

    def _natures(self, given: dict[Category, Share], document: Document) -> dict[TaxKey, Share]:
        """Split each rate of a deposit between the goods and the services of the contract."""
        ordered = self.shares(document.date)
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

    # -- deposits recovered ---------------------------------------------------------------------------------

    def recover_all(self, gross: Mapping[TaxKey, Share], date: datetime.date) -> list[Recovery]:
        """All that remains of every deposit, the oldest first, per rate at most what the document bills."""
        deposits = self.deposits
        if not deposits:
            return []
        room = dict(gross)
        recoveries: list[Recovery] = []
        for deposit in deposits:
            for tax in deposit.given:
                recoveries += _recover(deposit, tax, deposit.left(tax), room)
        if self.changes and any(not deposit.is_spent for deposit in deposits):
            recoveries += self._true_up(room, date)
        return recoveries

    def _true_up(
        self, room: dict[TaxKey, Share], date: datetime.date, share: Decimal = ONE
    ) -> list[Recovery]:
        """Deposits, up to a cumulative ``share`` (0 to 1), at a rate not billed here: recovered with their own VAT.

        An amendment took that rate out of the contract: the rate is that of the chargeable event (CGI art. 269-1), so
        the document bills all of it at the new rate and gives the deposit's VAT back at the old one. Or earlier
        documents billed it whole, without recovering: what they billed is given back, within the total of this one.
        """
        changed = self._changed_rates(date)
        space = sum((max(billed.base, ZERO) for billed in room.values()), ZERO)
        payable = sum((billed.base + billed.vat for billed in room.values()), ZERO)
        recoveries = []
        for deposit in self.deposits:
            for tax, given in deposit.given.items():
                left = deposit.left(tax)
                step = min(left.base - given.base + cents(given.base * share), left.base, space)
                if tax.category not in changed:
                    if share < ONE:
                        continue  # the documents to come bill that rate
                    step = min(step, self._billed_unrecovered(tax), _before_tax(payable, left))
                if step <= 0:
                    continue
                vat = left.vat if step == left.base else proportional(left.vat, step, left.base)
                deposit.take(tax, step, vat)
                space -= step
                payable -= step + vat
                recoveries.append(Recovery(deposit.number, deposit.account, tax, tax, step, vat))
        return recoveries

    def _billed_unrecovered(self, tax: TaxKey) -> Decimal:
        """What the contract has billed at this rate beyond the deposits recovered at it (euros before tax)."""
        billed = self._cumulative.get(tax.category, _NOTHING).base
        recovered = (
            given.base - deposit.left(key).base
            for deposit in self.deposits
            for key, given in deposit.given.items()
            if key.category == tax.category
        )
        return billed - sum(recovered, ZERO)

    def _changed_rates(self, date: datetime.date) -> set[Category]:
        """Rates of the contract whose every line an amendment moved to another rate, lot by lot."""
        totals = self.totals(date)
        moved: dict[Category, bool] = {}
        for group, amount in totals.items():
            elsewhere = any(
                other.account == group.account
                and other.lot == group.lot
                and other.tax.category != group.tax.category
                and left
                for other, left in totals.items()
            )
            category = group.tax.category
            moved[category] = moved.get(category, True) and not amount and elsewhere
        return {category for category, whole in moved.items() if whole}

    def recover_share(
        self,
        gross: Mapping[TaxKey, Share],
        share: Decimal,
        date: datetime.date,
        rate: Decimal | None = None,
    ) -> list[Recovery]:
        """The cumulative ``share`` (0 to 1) of each deposit, or of those at ``rate``, less what was recovered."""
        room = dict(gross)
        recoveries: list[Recovery] = []
        for deposit in self.deposits:
            for tax, given in deposit.given.items():
                if rate not in (None, tax.rate):
                    continue
                left = deposit.left(tax)
                target = Share(cents(given.base * share), cents(given.vat * share))
                wanted = Share(
                    max(ZERO, target.base - (given.base - left.base)),
                    max(ZERO, target.vat - (given.vat - left.vat)),
                )
                recoveries += _recover(deposit, tax, wanted, room)
        if self.changes and rate is None:
            recoveries += self._catch_up(room, date)
            if any(not deposit.is_spent for deposit in self.deposits):
                recoveries += self._true_up(room, date, share)
        return recoveries

    def _catch_up(self, room: dict[TaxKey, Share], date: datetime.date) -> list[Recovery]:
        """Cents of deposits that the documents to come could not take back any more are taken back now."""
        recoveries: list[Recovery] = []
        for category, share in _by_category(self.shares(date)).items():
            billed = self._cumulative.get(category, _NOTHING)
            future = Share(share.base - billed.base, share.vat - billed.vat)
            for deposit in self.deposits:
                for tax in deposit.given:
                    if tax.category != category:
                        continue
                    left = _category_left(self.deposits, category)
                    excess = Share(
                        max(ZERO, left.base - max(ZERO, future.base)),
                        max(ZERO, left.vat - max(ZERO, future.vat)),
                    )
                    own = deposit.left(tax)
                    wanted = Share(min(excess.base, own.base), min(excess.vat, own.vat))
                    if wanted.base or wanted.vat:
                        recoveries += _recover(deposit, tax, wanted, room)
        return recoveries

    def recover_amount(
        self, gross: Mapping[TaxKey, Share], base: Decimal, line: DepositLine
    ) -> list[Recovery]:
        """An amount before tax typed on 4191: the oldest deposits first.

        Raises:
            DocumentError: more than what remains of the deposits, or than what the document bills.
        """
        room = dict(gross)
        available = sum(
            (
                d.left(tax).base
                for d in self.deposits
                for tax in d.given
                if line.rate in (None, tax.rate)
            ),
            ZERO,
        )
        if base > available:
            raise DocumentError(
                f"reprise d'acompte de {euros(base)} : il n'en reste que {euros(available)} hors taxes"
                f" à reprendre sur ^{self.link}",
                line.posting.meta,
            )
        recoveries: list[Recovery] = []
        left = base
        for deposit in self.deposits:
            for tax, given in deposit.given.items():
                if not left or line.rate not in (None, tax.rate):
                    continue
                remains = deposit.left(tax)
                step = min(left, remains.base)
                done = given.base - remains.base + step
                vat = remains.vat
                if step < remains.base:
                    vat = proportional(given.vat, done, given.base) - (given.vat - remains.vat)
                taken = _recover(deposit, tax, Share(step, max(ZERO, vat)), room)
                left -= sum((recovery.base for recovery in taken), ZERO)
                recoveries += taken
        if left:
            raise DocumentError(
                f"reprise d'acompte de {euros(base)} : le document ne facture pas assez aux taux des"
                f" acomptes (reste {euros(left)}) ; réduisez la reprise",
                line.posting.meta,
            )
        return recoveries

    # -- credit notes ---------------------------------------------------------------------------------------

    def reduce(self, line: Line, date: datetime.date) -> Group | None:
        """A definitive reduction by a credit note lowers the contract like an amendment, and what is billed of it.

        Returns the group that it lowers, ``None`` when the contract has no such line.
        """
        group = self._group_of(line, date)
        if group is None or line.amount is None:
            return None
        self.changes.append(Change(date, group, line.amount, line))
        self._forget_totals()
        self._billed[group] = self._billed.get(group, ZERO) + line.amount
        return group

    def _group_of(self, line: Line, date: datetime.date) -> Group | None:
        found = [
            group
            for group in self.totals(date)
            if group.account == line.account
            and group.lot == line.lot
            and (line.tax is None or "tva" not in line.meta or group.tax.rate == line.tax.rate)
        ]
        return found[0] if len(found) == 1 else None

    def lower_percent(self, line: Line, document: Document) -> list[Progress]:
        """``PCT`` in a credit note lowers the progress by that many points; it can be billed again.

        Raises:
            DocumentError: no such lot, or more points than were billed.
        """
        totals = self.totals(document.date)
        found = [
            group
            for group in totals
            if group.account == line.account and (line.lot is None or group.lot == line.lot)
        ]
        if not found:
            raise DocumentError(self._unknown_lot(line, document.date), line.meta)
        steps = []
        for group in found:
            share = self._percent.get(group, ZERO) - line.units
            if share < 0:
                raise DocumentError(
                    f"avoir de {percent(line.units)} sur {group.lot or group.account} : l'avancement facturé n'est"
                    f" que de {percent(self._percent.get(group, ZERO))}",
                    line.meta,
                )
            billed = self._billed.get(group, ZERO)
            cumulative = cents(totals[group] * share / HUNDRED)
            self._billed[group], self._percent[group] = cumulative, share
            steps.append(Progress(group, totals[group], billed, cumulative - billed, share))
        return steps

    def undo(self, progress: Iterable[Progress], gross: Mapping[TaxKey, Share]) -> None:
        """Forget what a document billed in percent: it is reversed whole."""
        undone = list(progress)
        for step in undone:
            self._billed[step.group] = self._billed.get(step.group, ZERO) - step.amount
            left = self._billed[step.group]
            self._percent[step.group] = left * HUNDRED / step.contract if step.contract else ZERO
        if undone:
            for tax, share in gross.items():
                old = self._cumulative.get(tax.category, _NOTHING)
                self._cumulative[tax.category] = Share(old.base - share.base, old.vat - share.vat)

    @property
    def counts_cumulatively(self) -> bool:
        """Whether documents in percent were billed: their VAT is then cumulative per rate."""
        return bool(self._cumulative)

    def deposit(self, number: str) -> Deposit | None:
        """The deposit invoice of that number."""
        return next((d for d in self.deposits if d.number == number), None)

    def credit_deposit(
        self, deposit: Deposit, base: Decimal | None, line: DepositLine | None
    ) -> list[Recovery]:
        """Credit ``base`` euros before tax of a deposit (``None``: all of it); the recovered part cannot be credited.

        Raises:
            DocumentError: more than what remains of the deposit, or all of one that a document already recovered.
        """
        meta = line.posting.meta if line is not None else None
        if base is None and deposit.recovered:
            taken = sum((share.base for share in deposit.recovered.values()), ZERO)
            raise DocumentError(
                f"l'acompte {deposit.number} est déjà repris ou crédité pour {euros(taken)} hors taxes : tapez le"
                f" montant restant à créditer, par exemple {deposit.account}  100.00 EUR",
                meta,
            )
        rate = line.rate if line is not None else None
        room = {tax: deposit.left(tax) for tax in deposit.given if rate in (None, tax.rate)}
        left = sum((share.base for share in room.values()), ZERO)
        if base is not None and base > left:
            raise DocumentError(
                f"avoir de {euros(base)} sur l'acompte {deposit.number} : il n'en reste que {euros(left)} hors"
                f" taxes à créditer{'' if rate is None else f' à {percent(rate)}'}",
                meta,
            )
        if base is None or base == left:
            credited = [r for tax in [*room] for r in _recover(deposit, tax, room[tax], room)]
        else:
            credited = _credit_part(deposit, base, room)
        self.forget_given(credited)
        return credited

    def check_room(self, total: Decimal, date: datetime.date) -> None:
        """Refuse a deposit moved here that would exceed the contract as amended.

        Raises:
            DocumentError: ``total`` (VAT-inclusive euros) and the deposits given exceed the contract.
        """
        given = total + sum((share.total for share in self._given.values()), ZERO)
        whole = self.total(date)
        if self.changes and given > whole:
            raise DocumentError(
                f"avec ce report, les acomptes atteignent {euros(given)}, plus que le contrat ^{self.link}"
                f" ({euros(whole)} TTC) : créditez d'abord une partie de l'acompte par un #avoir"
            )

    def note_given(self, shares: Mapping[TaxKey, Share]) -> None:
        """Count a deposit taken over from another program among those given."""
        for tax, share in shares.items():
            old = self._given.get(tax.category, _NOTHING)
            self._given[tax.category] = Share(old.base + share.base, old.vat + share.vat)

    def forget_given(self, credited: Iterable[Recovery]) -> None:
        """Credited deposits are taken off what was given: a later percentage starts from what is left."""
        for recovery in credited:
            category = recovery.tax.category
            total = recovery.base + recovery.vat
            old = self._given.get(category, _NOTHING)
            self._given[category] = Share(old.base - recovery.base, old.vat - recovery.vat)
            if category in self._pooled:
                pooled = min(total, self._pooled[category])
                self._pooled[category] -= pooled
                self._exact[category] = self._exact.get(category, ZERO) - pooled
                self._exact_total -= pooled


def _taken_off(line: Line, document: Document, totals: Mapping[Group, Decimal]) -> Group | None:
    """The ordered group that a line of an amendment takes off: at the rate and regime that it was ordered at.

    They are not those of today when the seller left the franchise, or entered it, since the contract (CGI art. 293 B).
    ``None`` when the line's own words leave no group, or several.
    """
    said = {**document.entry.meta, **line.meta}
    rate, regime = said.get("tva"), said.get("regime")
    found = [
        group
        for group, amount in totals.items()
        if amount
        and (group.account, group.lot) == (line.account, line.lot)
        and rate in (None, group.tax.rate)
        and regime in (None, group.tax.regime)
    ]
    return found[0] if len(found) == 1 else None


def _named(group: Group) -> str:
    return f"lot {group.lot}" if group.lot else group.account


def _by_category(shares: Mapping[TaxKey, Share]) -> dict[Category, Share]:
    totals: dict[Category, Share] = {}
    for tax, share in shares.items():
        old = totals.get(tax.category, _NOTHING)
        totals[tax.category] = Share(old.base + share.base, old.vat + share.vat)
    return totals


def _category_left(deposits: Iterable[Deposit], category: Category) -> Share:
    base = vat = ZERO
    for deposit in deposits:
        for tax in deposit.given:
            if tax.category == category:
                left = deposit.left(tax)
                base, vat = base + left.base, vat + left.vat
    return Share(base, vat)


def _credit_part(deposit: Deposit, base: Decimal, room: dict[TaxKey, Share]) -> list[Recovery]:
    """A partial credit, split over the rates of the deposit by what remains of each."""
    whole = sum((share.base for share in room.values()), ZERO)
    exact = {tax: base * share.base / whole for tax, share in room.items()}
    split = largest_remainder(base, exact, {}, {tax: share.base for tax, share in room.items()})
    credited: list[Recovery] = []
    for tax, part in split.items():
        given, left = deposit.given[tax], deposit.left(tax)
        done = given.base - left.base + part
        vat = proportional(given.vat, done, given.base) - (given.vat - left.vat)
        credited += _recover(deposit, tax, Share(part, max(ZERO, vat)), room)
    return credited


def _split_cumulative(
    vat: Decimal, bases: Mapping[TaxKey, Decimal], keys: list[TaxKey]
) -> dict[TaxKey, Share]:
    whole = sum((bases[key] for key in keys), ZERO)
    shares = {}
    left = vat
    for key in keys[:-1]:
        part = proportional(vat, bases[key], whole)
        shares[key] = Share(bases[key], part)
        left -= part
    shares[keys[-1]] = Share(bases[keys[-1]], left)
    return shares


def _before_tax(payable: Decimal, left: Share) -> Decimal:
    """The base, at the proportions of ``left``, of at most ``payable`` euros VAT included."""
    whole = left.base + left.vat
    if payable >= whole or not whole:
        return left.base
    return (max(payable, ZERO) * left.base / whole).quantize(CENT, ROUND_DOWN)


def _recover(
    deposit: Deposit, tax: TaxKey, wanted: Share, room: dict[TaxKey, Share]
) -> Iterable[Recovery]:
    """Take ``wanted`` of a deposit against the document's own shares of the same rate, same nature first."""
    base, vat = wanted
    recoveries: list[Recovery] = []
    keys = [tax] if tax in room else []
    if len(keys) < len(room):
        keys += [key for key in room if key != tax and key.category == tax.category]
    for key in keys:
        base_room, vat_room = room[key]
        step = min(base, base_room) if base_room > ZERO else min(base, ZERO)
        tax_step = min(vat, vat_room) if vat_room > ZERO else min(vat, ZERO)
        if not step and not tax_step:
            continue
        room[key] = make(Share, (base_room - step, vat_room - tax_step))
        base, vat = base - step, vat - tax_step
        deposit.take(tax, step, tax_step)
        taken = (deposit.number, deposit.account, tax, key, step, tax_step)
        recoveries.append(make(Recovery, taken))
    return recoveries
