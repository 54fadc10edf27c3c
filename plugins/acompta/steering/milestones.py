"""What contracts have still to bill, line by line, by ``prevu:`` date: the planned billing and what was forgotten.

For each contract, what the milestones ask for is exactly what the register says is left: ``left − deposits left``, VAT
included. Bills go to the lines of a lot in the order of their dates, so what is left belongs to the latest ones.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple

from acompta.book import Book
from acompta.contracts import ContractView, LotView, contract_links, contract_view, planned_dates
from acompta.owed import Place
from acompta.posting.retention import retention_on
from acompta.reading.model import Share
from acompta.register.contract import Contract
from acompta.register.values import Category
from acompta.rounding import HUNDRED, ZERO, cents, proportional
from acompta.vocabulary import GOODS, Regime

_NO_DATE: Final = datetime.date.max


class Milestone(NamedTuple):
    """One part of a contract left to bill; amounts in euros.

    ``date`` is its ``prevu:``, ``None`` when nobody typed one. ``share`` is what it will bill before any recovery,
    ``recovered`` the deposits that this bill takes off (VAT included), ``retention`` what the customer will hold back.
    ``is_deposit``: the deposit that the contract agrees (``acompte:``) and that was never asked for.
    ``vat_on_issue``: its VAT falls due with the bill, else with the money.
    """

    contract: str
    customer: str
    customer_name: str
    date: datetime.date | None
    lot: str
    label: str
    share: Share
    recovered: Decimal
    retention: Decimal
    is_deposit: bool
    vat_on_issue: bool
    place: Place

    @property
    def to_ask(self) -> Decimal:
        """What the bill will ask for, retention included: VAT included, deposits taken off."""
        return self.share.total - self.recovered

    @property
    def to_receive(self) -> Decimal:
        """What the customer will pay at its due date."""
        return self.to_ask - self.retention

    def is_forgotten(self, at: datetime.date) -> bool:
        """Whether it should have been billed before ``at``."""
        return self.date is not None and self.date < at


def all_milestones(
    book: Book, at: datetime.date, view_of: Callable[[str], ContractView] | None = None
) -> list[Milestone]:
    """What the contracts signed by ``at`` have to bill, by date (those without one last).

    ``view_of`` gives the contract of a link at ``at``, when the caller keeps them.
    """
    billed = book.memory.billed
    found: list[Milestone] = []
    for link in contract_links(book.dossier):
        contract = book.dossier.contracts[link]
        if contract.document is None or contract.document.date > at:
            continue
        if link in billed and billed[link] <= at:
            continue  # most of them: finished
        view = contract_view(book, link, at) if view_of is None else view_of(link)
        found += contract_milestones(contract, view)
    return sorted(found, key=lambda m: (m.date or _NO_DATE, m.contract))


def forgotten_milestones(book: Book, at: datetime.date) -> list[Milestone]:
    """The milestones whose ``prevu:`` is past and that are not billed, the oldest first."""
    found = [
        milestone
        for contract in book.dossier.contracts.values()
        if _may_have_forgotten(contract, at)
        for milestone in contract_milestones(contract, contract_view(book, contract.link, at))
    ]
    found.sort(key=lambda m: (m.date or _NO_DATE, m.contract))
    return [m for m in found if m.is_forgotten(at)]


def _may_have_forgotten(contract: Contract, at: datetime.date) -> bool:
    """Whether it is worth reading the register of a contract back: most have no date past, or are finished."""
    signed, final = contract.document, contract.closed_by
    if signed is None or signed.date > at:
        return False
    dates = [*planned_dates(contract).values()]
    if isinstance(signed.meta.get("acompte"), Decimal):
        dates.append(signed.date)  # the agreed deposit is asked for at the signature
    if not any(date < at for date in dates):
        return False
    return final is None or final.date > at or bool(contract.unbilled())


def contract_milestones(contract: Contract, view: ContractView) -> list[Milestone]:
    """What one contract has to bill as of its ``view``."""
    if contract.document is None:
        return []
    if view.is_billed:
        return []
    dates = planned_dates(contract)
    parts = [part for lot in view.lots for part in _parts(contract, view, lot, dates)]
    parts.sort(key=lambda part: part.date or _NO_DATE)
    if view.deposits_left.total and not parts and view.lots:
        # Deposits that nothing is left to recover: said, without a date.
        parts = [_Part(view.lots[-1], None, ZERO, view.label, contract.document.meta)]
    found = [
        _milestone(contract, view, part, vat)
        for part, vat in zip(parts, _vat_of_parts(parts, view), strict=True)
    ]
    deposit = _agreed_deposit(contract, view, found)
    taken = view.deposits_left.total + (deposit.to_ask if deposit is not None else ZERO)
    something = sum((m.share.total for m in found), ZERO)
    prorata = contract.document.text("imputation") == "prorata" and something != 0
    found = _recover_prorata(found, taken) if prorata else _recover_last(found, taken)
    found = [
        m._replace(retention=retention_on(contract, max(m.date or view.at, view.at), m.share))
        for m in found
    ]
    found = _hold_back(found)
    return [deposit, *found] if deposit is not None else found


class _Part(NamedTuple):
    """What is left of one line of a contract, in euros before tax."""

    lot: LotView
    date: datetime.date | None
    base: Decimal
    label: str
    meta: Mapping[str, Any]


def _parts(
    contract: Contract, view: ContractView, lot: LotView, dates: Mapping[int, datetime.date]
) -> list[_Part]:
    """What is left of a lot, given to its latest lines first."""
    lines = [
        (dates.get(id(change.line)), change)
        for change in contract.changes
        if change.group == lot.group and change.date <= view.at and change.amount > 0
    ]
    lines.sort(key=lambda pair: pair[0] or _NO_DATE)
    left = lot.left
    parts: list[_Part] = []
    for date, change in reversed(lines):
        base = min(left, change.amount)
        if base > 0:
            parts.append(_Part(lot, date, base, change.line.label or "", change.line.meta))
            left -= base
    if left and contract.document is not None:
        # Billed beyond the lot, or more left than its lines say: said, without a date.
        parts.append(_Part(lot, None, left, lot.label, contract.document.meta))
    return parts[::-1]


def _vat_of_parts(parts: Sequence[_Part], view: ContractView) -> list[Decimal]:
    """The VAT of each part: what is left of each rate, shared by cumulative rounding so that no cent is lost."""
    totals = {(rate.rate, rate.regime): rate.left.vat for rate in view.rates}
    bases: dict[Category, Decimal] = {}
    for part in parts:
        category = part.lot.group.tax.category
        bases[category] = bases.get(category, ZERO) + part.base
    done: dict[Category, Share] = {}
    vats = []
    for part in parts:
        category = part.lot.group.tax.category
        before = done.get(category, Share(ZERO, ZERO))
        base = before.base + part.base
        cumulative = proportional(totals.get(category, ZERO), base, bases[category])
        done[category] = Share(base, cumulative)
        vats.append(cumulative - before.vat)
    return vats


def _milestone(contract: Contract, view: ContractView, part: _Part, vat: Decimal) -> Milestone:
    regime = contract.document.seller.regime if contract.document is not None else Regime.RECEIPTS
    return Milestone(
        contract=contract.link,
        customer=view.customer,
        customer_name=view.customer_name,
        date=part.date,
        lot=part.lot.name,
        label=part.label or view.label,
        share=Share(part.base, vat),
        recovered=ZERO,
        retention=ZERO,
        is_deposit=False,
        vat_on_issue=regime is Regime.DEBITS or part.lot.group.tax.nature == GOODS,
        place=_place(part.meta),
    )


def _place(meta: Mapping[str, Any]) -> Place:
    return Place(str(meta.get("filename", "")), int(meta.get("lineno", 0)))


# -- deposits -------------------------------------------------------------------------------------------------


def _agreed_deposit(
    contract: Contract, view: ContractView, milestones: Sequence[Milestone]
) -> Milestone | None:
    """The deposit of ``acompte:`` percent of the contract, while nothing was billed nor asked for."""
    document = contract.document
    percent = document.meta.get("acompte") if document is not None else None
    untouched = not view.deposits and not view.billed.base
    if document is None or not isinstance(percent, Decimal) or not untouched or not milestones:
        return None
    total = view.ordered.total
    amount = min(cents(total * percent / HUNDRED), sum((m.share.total for m in milestones), ZERO))
    vat = proportional(view.ordered.vat, amount, total)
    return milestones[0]._replace(
        date=document.date,
        lot="",
        label="Acompte convenu",
        share=Share(amount - vat, vat),
        is_deposit=True,
        vat_on_issue=document.seller.deposit_on_debit,
        place=_place(document.meta),
    )


def _recover_last(milestones: list[Milestone], taken: Decimal) -> list[Milestone]:
    """Take the deposits (euros, VAT included) off the last bills: the final one recovers them."""
    left = taken
    found: list[Milestone] = []
    for milestone in reversed(milestones):
        part = min(left, max(milestone.share.total, ZERO))
        left -= part
        found.append(milestone._replace(recovered=part))
    if left and found:
        # More deposits than there is to bill: the last bill will give the excess back.
        found[0] = found[0]._replace(recovered=found[0].recovered + left)
    return found[::-1]


def _recover_prorata(milestones: list[Milestone], taken: Decimal) -> list[Milestone]:
    """Take the deposits off each bill, in proportion to it; no cent is lost."""
    total = sum((m.share.total for m in milestones), ZERO)
    billed = recovered = ZERO
    found = []
    for milestone in milestones:
        billed += milestone.share.total
        cumulative = proportional(taken, billed, total)
        found.append(milestone._replace(recovered=cumulative - recovered))
        recovered = cumulative
    return found


def _hold_back(milestones: list[Milestone]) -> list[Milestone]:
    """The retention of the milestones of one day, which are one bill, is never more than this bill leaves to pay."""
    found: list[Milestone] = []
    for _, group in groupby(milestones, key=lambda milestone: milestone.date):
        bill = list(group)
        left = min(
            sum((m.retention for m in bill), ZERO), max(sum((m.to_ask for m in bill), ZERO), ZERO)
        )
        for milestone in bill:
            part = min(left, max(milestone.to_ask, ZERO))
            left -= part
            found.append(milestone._replace(retention=part))
    return found
