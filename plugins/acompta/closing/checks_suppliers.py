"""Closing checks of purchases: the VAT that waits for their payment."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from beancount.core.data import Transaction

from acompta import french
from acompta.closing.check import Check, Evidence, State, judged, where
from acompta.closing.period_view import PeriodView
from acompta.closing.vat_movements import euros_of
from acompta.rounding import ZERO
from acompta.vocabulary import KIND_BY_TAG

SUPPLIER_VAT: Final = "44564"
# The VAT entries that the engine wrote.
_GENERATED: Final = "exigibilite"


def pending_purchases(view: PeriodView) -> Check:
    """44564 is the VAT of what suppliers are not paid yet, per rate (CGI art. 271-I-2: due when they are paid)."""
    expected = _registered(view)
    held = dict(view.accounts(SUPPLIER_VAT))
    names = {account.name: amount for account, amount in held.items()}
    found: list[Evidence] = []
    for name in sorted({*expected, *names}):
        actual, wanted = names.get(name, ZERO), expected.get(name, ZERO)
        if actual != wanted:
            text = f"{name} : {french.euros(actual)} au compte, {french.euros(wanted)} d'achats impayés"
            found.append(Evidence(text, view.last_line(name), actual - wanted))
            found += _by_hand(view, name)
    total = sum(names.values(), ZERO)
    return judged(
        "tva-deductible-en-attente",
        "44564 = TVA des achats impayés, par taux",
        found,
        fine=french.euros(total) if total else "rien en attente",
        proof=[
            Evidence(f"{name} : {french.euros(amount)}", view.last_line(name), amount)
            for name, amount in sorted(names.items())
        ],
        wrong="différent des achats impayés",
        state=State.BAD,
        source="CGI art. 271-I-2",
    )


def _registered(view: PeriodView) -> dict[str, Decimal]:
    """What waits for the payment of purchases, by account, in euros."""
    expected: dict[str, Decimal] = {}
    for claim in view.then.supplier_claims.values():
        for tax, share in claim.shares.items():
            moved = claim.moved.get(tax)
            waiting = share.vat - (moved.vat if moved is not None else ZERO)
            if waiting:
                account = view.chart.vat_account(SUPPLIER_VAT, tax.rate)
                expected[account] = expected.get(account, ZERO) + waiting
    return expected


def _by_hand(view: PeriodView, name: str) -> Iterator[Evidence]:
    """The entries that a person typed on the account: those are what the register does not know."""
    for entry in view.past:
        if _GENERATED in entry.meta or not entry.tags.isdisjoint(KIND_BY_TAG):
            continue
        amount = _moved(entry, name)
        if amount:
            text = f"{entry.narration or entry.payee} : {french.euros(amount)} passés à la main"
            yield Evidence(text, where(entry), amount)


def _moved(entry: Transaction, name: str) -> Decimal:
    return sum((euros_of(p) for p in entry.postings if p.account == name), ZERO)
