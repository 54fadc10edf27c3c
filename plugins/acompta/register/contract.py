"""The register of one contract: its lines with their amendments, what is billed of them, its deposits.

The engine fills it document by document in (date, number) order; every figure a person sees later is read back from
the documents' bills (`acompta.contracts`), as of any date, so nothing here is a second source of truth.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Any, Final

from acompta.messages import DocumentError, euros, percent
from acompta.reading.model import Document, Line, Share, TaxKey
from acompta.register.given import Given
from acompta.register.ordering import add_up, taken_off
from acompta.register.values import NOTHING, Category, Change, Deposit, Group, Ordered, Progress
from acompta.rounding import CENT, HUNDRED, ZERO, cents, proportional
from acompta.tuples import make
from acompta.vat import by_category, vat_of
from acompta.vocabulary import DISCOUNT, Kind

_date_of: Final = attrgetter("date")


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
        self.given = Given()
        self._versions: dict[int, Ordered] = {}

    def snapshot(self) -> tuple[object, ...]:
        """The running totals, to give back to `restore` when a document turns out to be in error."""
        deposits, packs, given = self.deposits, self.packs, self.given
        return (
            self._billed.copy(),
            self._percent.copy(),
            self._cumulative.copy(),
            len(deposits),
            [deposit.recovered.copy() for deposit in deposits] if deposits else [],
            self.changes.copy(),
            [(pack, pack.used, pack.credited) for pack in packs] if packs else [],
            given.copy() if given.given or given.exact_total else None,
        )

    def restore(self, state: tuple[Any, ...]) -> None:
        """Forget what a document in error noted."""
        billed, percents, cumulative, count, recovered, changes, packs, given = state
        self._billed, self._percent, self._cumulative = billed, percents, cumulative
        self.given = given or Given()
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
                group = taken_off(line, document, totals) or group
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
            ordered = self._versions[version] = add_up(changes[:version])
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
            old, billed = self._cumulative.get(category, NOTHING)
            cumulative = old + only
            whole = vat_of(cumulative, tax[0])
            if whole != billed and (whole < billed) is not (only < ZERO):
                whole = billed  # never VAT against the sign of its base: the next document takes the cent
            self._cumulative[category] = make(Share, (cumulative, whole))
            return {tax: make(Share, (only, whole - billed))}
        for category, keys in by_category(bases).items():
            rate = category[0]
            before = self._cumulative.get(category, NOTHING)
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

    # -- deposits -------------------------------------------------------------------------------------------

    def give(self, document: Document) -> dict[TaxKey, Share]:
        """Base and VAT per tax key of a deposit invoice, noted in the register.

        Raises:
            DocumentError: the deposit takes the total above the contract as amended on its date.
        """
        ordered = self.ordered(document.date) if self.changes else None
        shares = self.given.give(document, ordered, self.link)
        self.deposits.append(Deposit(document, document.deposit_lines[0].account, shares))
        return shares

    def check_room(self, total: Decimal, date: datetime.date) -> None:
        """Refuse a deposit of ``total`` (VAT-inclusive euros) moved here above the contract as amended on ``date``.

        Raises:
            DocumentError: it and the deposits given exceed the contract.
        """
        if self.changes:
            self.given.check_room(total, self.total(date), self.link)

    def billed_share(self, category: Category) -> Share:
        """Base and VAT (euros) billed so far at that rate by documents that count progress."""
        return self._cumulative.get(category, NOTHING)

    def changed_rates(self, date: datetime.date) -> set[Category]:
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
                old = self._cumulative.get(tax.category, NOTHING)
                self._cumulative[tax.category] = Share(old.base - share.base, old.vat - share.vat)

    @property
    def counts_cumulatively(self) -> bool:
        """Whether documents in percent were billed: their VAT is then cumulative per rate."""
        return bool(self._cumulative)

    def deposit(self, number: str) -> Deposit | None:
        """The deposit invoice of that number."""
        return next((d for d in self.deposits if d.number == number), None)


def _named(group: Group) -> str:
    return f"lot {group.lot}" if group.lot else group.account


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
