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
from acompta.closing.waiting_vat import balances, gaps, registered
from acompta.rounding import ZERO
from acompta.vocabulary import KIND_BY_TAG

SUPPLIER_VAT: Final = "44564"
# The VAT entries that the engine wrote.
_GENERATED: Final = "exigibilite"


def pending_purchases(view: PeriodView) -> Check:
    """44564 is the VAT of what suppliers are not paid yet, per rate (CGI art. 271-I-2: due when they are paid)."""
    expected = registered(view.then.supplier_claims.values(), view.chart, SUPPLIER_VAT)
    held = {account.name: amount for account, amount in view.accounts(SUPPLIER_VAT)}
    found: list[Evidence] = []
    for name, gap in gaps(view, held, expected, "d'achats impayés"):
        found += [gap, *_by_hand(view, name)]
    total = sum(held.values(), ZERO)
    return judged(
        "tva-deductible-en-attente",
        "44564 = TVA des achats impayés, par taux",
        found,
        fine=french.euros(total) if total else "rien en attente",
        proof=balances(view, held),
        wrong="différent des achats impayés",
        state=State.BAD,
        source="CGI art. 271-I-2",
    )


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
