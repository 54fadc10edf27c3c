"""Deposits taken back: by the document that bills the work, or credited. VAT in cents half-up, the last takes the rest.

Per rate, at most what the document bills; at another rate only when that one left the contract (CGI art. 269-1).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Final

from acompta.messages import DocumentError, euros, percent
from acompta.reading.model import DepositLine, Share, TaxKey
from acompta.register.contract import Contract
from acompta.register.values import NOTHING, Category, Deposit, Recovery
from acompta.rounding import CENT, ZERO, cents, largest_remainder, proportional
from acompta.tuples import make

ONE: Final = Decimal(1)


def recover_all(
    contract: Contract, gross: Mapping[TaxKey, Share], date: datetime.date
) -> list[Recovery]:
    """All that remains of every deposit, the oldest first, per rate at most what the document bills."""
    deposits = contract.deposits
    if not deposits:
        return []
    room = dict(gross)
    recoveries: list[Recovery] = []
    for deposit in deposits:
        for tax in deposit.given:
            recoveries += _recover(deposit, tax, deposit.left(tax), room)
    if contract.changes and any(not deposit.is_spent for deposit in deposits):
        recoveries += _true_up(contract, room, date)
    return recoveries


def _true_up(
    contract: Contract, room: dict[TaxKey, Share], date: datetime.date, share: Decimal = ONE
) -> list[Recovery]:
    """Deposits, up to a cumulative ``share`` (0 to 1), at a rate not billed here: recovered with their own VAT.

    An amendment took that rate out of the contract: the rate is that of the chargeable event (CGI art. 269-1), so
    the document bills all of it at the new rate and gives the deposit's VAT back at the old one. Or earlier
    documents billed it whole, without recovering: what they billed is given back, within the total of this one.
    """
    changed = contract.changed_rates(date)
    space = sum((max(billed.base, ZERO) for billed in room.values()), ZERO)
    payable = sum((billed.base + billed.vat for billed in room.values()), ZERO)
    recoveries = []
    for deposit in contract.deposits:
        for tax, given in deposit.given.items():
            left = deposit.left(tax)
            step = min(left.base - given.base + cents(given.base * share), left.base, space)
            if tax.category not in changed:
                if share < ONE:
                    continue  # the documents to come bill that rate
                step = min(step, _billed_unrecovered(contract, tax), _before_tax(payable, left))
            if step <= 0:
                continue
            vat = left.vat if step == left.base else proportional(left.vat, step, left.base)
            deposit.take(tax, step, vat)
            space -= step
            payable -= step + vat
            recoveries.append(Recovery(deposit.number, deposit.account, tax, tax, step, vat))
    return recoveries


def _billed_unrecovered(contract: Contract, tax: TaxKey) -> Decimal:
    """What the contract has billed at this rate beyond the deposits recovered at it (euros before tax)."""
    billed = contract.billed_share(tax.category).base
    recovered = (
        given.base - deposit.left(key).base
        for deposit in contract.deposits
        for key, given in deposit.given.items()
        if key.category == tax.category
    )
    return billed - sum(recovered, ZERO)


def recover_share(
    contract: Contract,
    gross: Mapping[TaxKey, Share],
    share: Decimal,
    date: datetime.date,
    rate: Decimal | None = None,
) -> list[Recovery]:
    """The cumulative ``share`` (0 to 1) of each deposit, or of those at ``rate``, less what was recovered."""
    room = dict(gross)
    recoveries: list[Recovery] = []
    for deposit in contract.deposits:
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
    if contract.changes and rate is None:
        recoveries += _catch_up(contract, room, date)
        if any(not deposit.is_spent for deposit in contract.deposits):
            recoveries += _true_up(contract, room, date, share)
    return recoveries


def _catch_up(contract: Contract, room: dict[TaxKey, Share], date: datetime.date) -> list[Recovery]:
    """Cents of deposits that the documents to come could not take back any more are taken back now."""
    recoveries: list[Recovery] = []
    for category, share in _by_category(contract.shares(date)).items():
        billed = contract.billed_share(category)
        future = Share(share.base - billed.base, share.vat - billed.vat)
        for deposit in contract.deposits:
            for tax in deposit.given:
                if tax.category != category:
                    continue
                left = _category_left(contract.deposits, category)
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
    contract: Contract, gross: Mapping[TaxKey, Share], base: Decimal, line: DepositLine
) -> list[Recovery]:
    """An amount before tax typed on 4191: the oldest deposits first.

    Raises:
        DocumentError: more than what remains of the deposits, or than what the document bills.
    """
    room = dict(gross)
    available = sum(
        (
            d.left(tax).base
            for d in contract.deposits
            for tax in d.given
            if line.rate in (None, tax.rate)
        ),
        ZERO,
    )
    if base > available:
        raise DocumentError(
            f"reprise d'acompte de {euros(base)} : il n'en reste que {euros(available)} hors taxes"
            f" à reprendre sur ^{contract.link}",
            line.posting.meta,
        )
    recoveries: list[Recovery] = []
    left = base
    for deposit in contract.deposits:
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


def credit_deposit(
    contract: Contract, deposit: Deposit, base: Decimal | None, line: DepositLine | None
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
    contract.given.forget(credited)
    return credited


def _by_category(shares: Mapping[TaxKey, Share]) -> dict[Category, Share]:
    totals: dict[Category, Share] = {}
    for tax, share in shares.items():
        old = totals.get(tax.category, NOTHING)
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
