"""The entry that clears the VAT accounts of a period, as ledger text (PCG art. 1214-44).

44571 and 4452 are debited, 44566 and 44562 credited, each for what the period moved; 44567 is used up and made again
by what the return carries forward; 44551 takes what is to be paid, in whole euros; the cents go to 658 or 758.
Example::

    2026-02-28 * "DGFiP" "TVA de février 2026, déclaration CA3"
      declaration: "2026-02"
      Passif:44571:TVA20      5000.40 EUR
      Actif:44566:Biens      -1299.90 EUR
      Actif:44562:Immos       -499.80 EUR
      Passif:44551:TVA       -3200.00 EUR
      Produits:758:Arrondis     -0.70 EUR
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from beancount.core.data import Transaction

from acompta.chart import Chart
from acompta.closing.entries import EntryLine, Opening, ProposedEntry, account_for
from acompta.closing.vat_movements import (
    CREDIT_FORWARD,
    DECLARATION,
    REFUND_CLAIMED,
    TO_PAY,
    euros_of,
)
from acompta.closing.vat_return import VatReturn
from acompta.rounding import ZERO

AUTHORITY: Final = "DGFiP"
_CHARGE: Final = "658"
_PRODUCT: Final = "758"


def settlement_entry(
    declared: VatReturn, chart: Chart, roots: dict[str, Any]
) -> ProposedEntry | None:
    """The entry that the return calls for, or ``None`` when the VAT accounts have not moved and no credit is used.

    ``roots`` are the ledger's options (names of the five roots): they name an account that has to be opened.
    """
    lines = [
        EntryLine(name, -amount) for name, amount in _in_order(declared.balances, chart) if amount
    ]
    if declared.boxes["22"].exact_tax and (lines or declared.boxes["26"].tax):
        lines += [
            EntryLine(name, -amount) for name, amount in declared.credit_before.items() if amount
        ]
    if not lines:
        return None
    opened: list[Opening] = []
    result = {
        TO_PAY: -declared.due,
        CREDIT_FORWARD: declared.credit,
        REFUND_CLAIMED: declared.boxes["26"].tax,
    }
    for role, amount in result.items():
        if amount:
            lines.append(EntryLine(_account(chart, role, roots, opened), amount + ZERO))
    left = -sum((line.amount for line in lines), ZERO)
    if left:
        role = _CHARGE if left > 0 else _PRODUCT
        lines.append(EntryLine(_account(chart, role, roots, opened), left))
    period = declared.period
    return ProposedEntry(
        period.end,
        AUTHORITY,
        f"TVA {period.of_title}, déclaration CA3",
        ((DECLARATION, period.name),),
        tuple(lines),
        tuple(opened),
    )


def _in_order(balances: dict[str, Decimal], chart: Chart) -> list[tuple[str, Decimal]]:
    ranks = {"44571": 0, "4452": 1, "44566": 2, "44562": 3}
    return sorted(
        balances.items(), key=lambda item: (ranks.get(chart.get(item[0]).role, 9), item[0])
    )


def _account(chart: Chart, number: str, roots: dict[str, Any], opened: list[Opening]) -> str:
    name, to_open = account_for(chart, number, roots)
    if to_open:
        opened.append(Opening(name))
    return name


def settled_amount(settlements: Iterable[Transaction], chart: Chart, role: str) -> Decimal:
    """What the settlements of a period put on 44551 (to pay) or 44567 (credit), as the ledger signs it, in euros.

    What a settlement pays at once from the bank was to pay.
    """
    total = ZERO
    for entry in settlements:
        for posting in entry.postings:
            account = chart.get(posting.account)
            if account.role == role or (role == TO_PAY and account.is_treasury):
                total += euros_of(posting)
    return total
