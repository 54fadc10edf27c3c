"""The register of one contract, read back from its documents as of any date.

Ordered as amended, billed per lot and per rate, deposits given and recovered, paid, due and left to bill: every figure
comes from the bills of the documents up to that date (`Bill.progress`, `gross`, `recovered`) and from the claims, never
from the totals that the engine kept while it ran.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, partial
from typing import NamedTuple

from beancount.core.data import Transaction

from acompta.billed import Billed
from acompta.contract_steps import ContractMoney, Step, claims_of, contract_steps
from acompta.dossier import Dossier
from acompta.reading.model import Document, Share
from acompta.receivables import (
    NOTHING,
    Book,
    DepositRate,
    OpenDeposit,
    contract_deposits,
    customer_name,
    minus,
    total_share,
)
from acompta.register.contract import Contract
from acompta.register.values import Category, Group
from acompta.rounding import ZERO, percent_of
from acompta.vocabulary import UNPOSTED


class UnknownContractError(LookupError):
    """No contract has that link."""

    def __init__(self, link: str, known: Iterable[str]) -> None:
        """Say which contracts there are, the nearest first."""
        names = sorted(known)
        near = difflib.get_close_matches(link, names, n=3) or names[:5]
        which = ", ".join(f"^{name}" for name in near)
        hint = f" ; contrats proches : {which}" if which else " ; ce dossier n'a aucun contrat"
        super().__init__(f"contrat ^{link} inconnu{hint}")


class LotView(NamedTuple):
    """One lot at one rate, in euros before tax; ``percent`` is billed / ordered, to a hundredth.

    ``planned`` is the earliest ``prevu:`` of its lines; ``left`` is zero once a final invoice in EUR has closed it.
    """

    name: str
    account: str
    label: str
    rate: Decimal
    regime: str
    planned: datetime.date | None
    ordered: Decimal
    billed: Decimal
    left: Decimal
    percent: Decimal
    group: Group


class RateView(NamedTuple):
    """One rate (percent) of a contract, with the regime that exempts it or ``""``; base and VAT in euros.

    ``billed`` is billed under the contract, ``extra`` beside it (lines in EUR or in quantities: extra work);
    ``left`` is nothing once a final invoice in EUR, or a termination, has closed the contract.
    """

    rate: Decimal
    regime: str
    ordered: Share
    billed: Share
    extra: Share
    left: Share
    deposits_given: Share
    deposits_recovered: Share
    deposits_credited: Share

    @property
    def deposits_left(self) -> Share:
        """Deposits left to recover at this rate."""
        return minus(minus(self.deposits_given, self.deposits_recovered), self.deposits_credited)


@dataclass(frozen=True)
class ContractView:
    """One contract at the end of the day ``at``; amounts in euros.

    ``claimed`` is the sum of what its documents ask for (deposits and net invoices, VAT included), ``paid`` the money
    received, advances without an invoice included, ``other`` discounts and losses, and ``open`` what is left:
    ``claimed - paid - other``. ``retention`` is the part of ``open`` held back. ``closed_by`` is the number of the
    final invoice or of the termination. ``last_event`` is the day of the last thing known of the contract, after ``at``
    too: a view made on that day or later says the same on any later day.
    """

    at: datetime.date
    link: str
    customer: str
    customer_name: str
    label: str
    signed: datetime.date | None
    amendments: tuple[datetime.date, ...]
    closed_by: str
    lots: tuple[LotView, ...]
    rates: tuple[RateView, ...]
    disbursements: Decimal
    deposits: tuple[OpenDeposit, ...]
    claimed: Decimal
    paid: Decimal
    other: Decimal
    retention: Decimal
    last_event: datetime.date
    entry: Transaction | None = field(repr=False, compare=False)
    _read_steps: Callable[[], tuple[Step, ...]] = field(repr=False, compare=False)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The contract's life up to ``at``, in order: read when asked for, because a list of contracts never does."""
        return self._read_steps()

    def on(self, at: datetime.date) -> ContractView:
        """The same contract at the end of a later day, nothing having happened in between."""
        later = object.__new__(ContractView)
        # Nothing that was added up is added up again: `dataclasses.replace` would forget it, and take longer.
        later.__dict__.update(self.__dict__, at=at)
        return later

    @property
    def ordered(self) -> Share:
        """The contract as amended."""
        return total_share(rate.ordered for rate in self.rates)

    @property
    def billed(self) -> Share:
        """Billed under the contract, before any recovery of deposits."""
        return total_share(rate.billed for rate in self.rates)

    @property
    def extra(self) -> Share:
        """Billed beside the contract."""
        return total_share(rate.extra for rate in self.rates)

    @property
    def left(self) -> Share:
        """What remains to bill."""
        return total_share(rate.left for rate in self.rates)

    @property
    def deposits_given(self) -> Share:
        """All deposits asked for."""
        return total_share(rate.deposits_given for rate in self.rates)

    @property
    def deposits_recovered(self) -> Share:
        """All that the invoices took off for deposits."""
        return total_share(rate.deposits_recovered for rate in self.rates)

    @property
    def deposits_credited(self) -> Share:
        """All that credit notes and terminations took off the deposits."""
        return total_share(rate.deposits_credited for rate in self.rates)

    @cached_property
    def deposits_left(self) -> Share:
        """Deposits left to recover."""
        return total_share(rate.deposits_left for rate in self.rates)

    @property
    def is_billed(self) -> bool:
        """Whether nothing is left to bill, nor any deposit to recover."""
        return not any(lot.left for lot in self.lots) and not self.deposits_left.total

    @property
    def open(self) -> Decimal:
        """What the customer owes today (negative: owed to the customer), retention included."""
        return self.claimed - self.paid - self.other

    @property
    def to_receive(self) -> Decimal:
        """What the customer has still to pay until the end of the contract, VAT included."""
        return self.open + self.left.total - self.deposits_left.total


# -- reading back ---------------------------------------------------------------------------------------------


def contract_links(dossier: Dossier) -> list[str]:
    """Links of the contracts, in order of signature; a deposit without a contract is not one."""
    contracts = [c for c in dossier.contracts.values() if c.document is not None]
    contracts.sort(key=lambda c: (c.document.date if c.document else datetime.date.min, c.link))
    return [contract.link for contract in contracts]


def contract_view(book: Book, link: str, at: datetime.date) -> ContractView:
    """The contract of ``link`` (without ``^``) at the end of the day ``at``.

    Raises:
        UnknownContractError: no contract has that link.
    """
    dossier = book.dossier
    contract = dossier.contracts.get(link)
    if contract is None:
        raise UnknownContractError(link, contract_links(dossier))
    whole_life = contract_documents(book, contract)
    documents = [document for document in whole_life if document.date <= at]
    bills = [
        (document, bill)
        for document in documents
        if (bill := dossier.bill(document)) is not None and document.issued
    ]
    billed = Billed(contract, bills)
    closing = billed.closing
    deposits = tuple(contract_deposits(book, contract, at))
    # Money may precede its invoice: the claims to come count too.
    all_claims = claims_of(dossier, whole_life)
    claims = [claim for claim in all_claims if claim.date <= at]
    money = ContractMoney(book, link, all_claims, at)
    first = contract.document
    view = ContractView(
        at=at,
        link=link,
        customer=contract.customer,
        customer_name=customer_name(contract.customer, dossier.chart),
        label=first.entry.narration or "" if first is not None else "",
        signed=first.date if first is not None else None,
        amendments=tuple(d.date for d in contract.amendments if d.date <= at),
        closed_by=closing.number or "" if closing is not None else "",
        lots=_lots(contract, billed, at),
        rates=_rates(contract, billed, deposits, at),
        disbursements=billed.disbursements,
        deposits=deposits,
        claimed=sum((claim.document_total for claim in claims), ZERO),
        paid=money.paid,
        other=money.other,
        retention=money.retention,
        last_event=max(_event_dates(book, contract, whole_life, money), default=at),
        entry=first.entry if first is not None else None,
        _read_steps=partial(contract_steps, book, documents, money, at),
    )
    if view.is_billed:
        last = max(_billing_dates(book, contract, whole_life), default=at)
        if last <= at:
            book.memory.billed[link] = last
    return view


def _event_dates(
    book: Book, contract: Contract, documents: list[Document], money: ContractMoney
) -> Iterator[datetime.date]:
    """The days on which something of the contract changed, or will."""
    yield from _billing_dates(book, contract, documents)
    yield from money.dates


def _billing_dates(
    book: Book, contract: Contract, documents: Iterable[Document]
) -> Iterator[datetime.date]:
    """The days on which what is left to bill or to recover changed, or will: money changes nothing of it."""
    for document in documents:
        yield document.entry.date
    for deposit in contract.deposits:
        for taken in book.taken.get(deposit.number, ()):
            yield taken.date


def contract_documents(book: Book, contract: Contract) -> list[Document]:
    """Every document of the contract, drafts and documents in error included, in order."""
    found = {document.index: document for document in book.by_link.get(contract.link, ())}
    # A deposit without a contract is registered under its own number, which it does not link.
    found |= {document.index: document for document in contract.documents}
    for document in list(found.values()):
        # Nor need a credit note link the contract of the invoice that it corrects.
        corrections = book.dossier.corrections.get(document.number or "", ())
        found |= {correction.index: correction for correction in corrections}
    return sorted(
        found.values(),
        key=lambda document: (document.date, document.kind not in UNPOSTED, document.number or ""),
    )


def _lots(contract: Contract, billed: Billed, at: datetime.date) -> tuple[LotView, ...]:
    labels, planned = _line_words(contract, at)
    lots = []
    for group, ordered in contract.totals(at).items():
        done = billed.groups.get(group, ZERO)
        lots.append(
            LotView(
                name=group.lot or "",
                account=group.account,
                label=labels.get(group, ""),
                rate=group.tax.rate,
                regime=group.tax.regime,
                planned=planned.get(group),
                ordered=ordered,
                billed=done,
                left=ZERO if billed.closed else ordered - done,
                percent=percent_of(done, ordered),
                group=group,
            )
        )
    return tuple(lots)


def _line_words(
    contract: Contract, at: datetime.date
) -> tuple[dict[Group, str], dict[Group, datetime.date]]:
    """The first label and the earliest planned date of each group."""
    labels: dict[Group, str] = {}
    planned: dict[Group, datetime.date] = {}
    dates = planned_dates(contract)
    for change in contract.changes:
        if change.date > at:
            continue
        if change.line.label:
            labels.setdefault(change.group, change.line.label)
        date = dates.get(id(change.line))
        if date is not None:
            planned[change.group] = min(date, planned.get(change.group, date))
    return labels, planned


def planned_dates(contract: Contract) -> dict[int, datetime.date]:
    """When each line of a contract (by ``id``) is to be billed: its ``prevu:``, else that of its document."""
    dates = {}
    for document in (contract.document, *contract.amendments):
        for line in document.lines if document is not None else ():
            date = line.meta.get("prevu", document.meta.get("prevu") if document else None)
            if isinstance(date, datetime.date):
                dates[id(line)] = date
    return dates


def _rates(
    contract: Contract, billed: Billed, deposits: tuple[OpenDeposit, ...], at: datetime.date
) -> tuple[RateView, ...]:
    ordered = _ordered(contract, at)
    given: dict[Category, list[DepositRate]] = {}
    for deposit in deposits:
        for rate in deposit.rates:
            given.setdefault(rate.tax.category, []).append(rate)
    categories = dict.fromkeys([*ordered, *billed.categories, *given])
    views = []
    for category in sorted(categories, key=lambda key: (-key[0], key[1])):
        under = billed.under(category)
        order = ordered.get(category, NOTHING)
        rates = given.get(category, [])
        views.append(
            RateView(
                category[0],
                category[1],
                order,
                under,
                minus(billed.whole(category), under),
                NOTHING if billed.closed else minus(order, under),
                total_share(rate.given for rate in rates),
                total_share(rate.recovered for rate in rates),
                total_share(rate.credited for rate in rates),
            )
        )
    return tuple(views)


def _ordered(contract: Contract, at: datetime.date) -> dict[Category, Share]:
    ordered: dict[Category, Share] = {}
    for tax, share in contract.shares(at).items():
        _add(ordered, tax.category, share)
    return ordered


def _add(shares: dict[Category, Share], category: Category, share: Share) -> None:
    old = shares.get(category, NOTHING)
    shares[category] = Share(old.base + share.base, old.vat + share.vat)
