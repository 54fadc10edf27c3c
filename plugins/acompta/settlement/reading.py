"""An entry on the accounts of customers or suppliers, taken apart: what it pays, and what beside the money it does not.

Per invoice, what counts as paid is the net movement of 411 + 4117 + 413 + 416 that faces class 5 or a set-off
(language.md §6; CGI art. 269-2-c; BOI-TVA-BASE-20-20). Losses, discounts and penalties face it without paying.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Posting, Transaction

from acompta.chart import (
    DISCOUNT_GIVEN,
    PAYABLE_ROLES,
    RECEIVABLE_ROLES,
    VAT_DUE,
    VAT_PENDING,
    Account,
    Chart,
)
from acompta.posting.purchases import DEDUCTIBLE_PENDING, deductible_role
from acompta.reading.model import TaxKey
from acompta.rounding import ZERO
from acompta.tuples import make
from acompta.vocabulary import EUR

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
# A lost receivable (PCG 654): typed VAT-inclusive, the plugin takes its VAT off, unless the VAT is typed by hand.
LOSSES: Final = frozenset({"654", "6541", "6544"})
VAT_ROLES: Final = frozenset({"44571", "44574"})
DEDUCTIBLE_ROLES: Final = frozenset({DEDUCTIBLE_PENDING, "44566", "44562"})
# Charges of class 6 that nobody keeps back from a payment: a loss, a discount, a difference, a depreciation.
_NOT_KEPT_BACK: Final = LOSSES | _SMALL_DIFFERENCES | {DISCOUNT_GIVEN}


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
    hand = VAT_ROLES if side.sign > 0 else DEDUCTIBLE_ROLES
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
    if account.role in DEDUCTIBLE_ROLES:
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
    return tuple(p for role, p, _ in others if role in VAT_ROLES and "base" in (p.meta or {}))
