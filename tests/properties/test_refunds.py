"""Money that names only a contract, in and out: a plain list of what each invoice received says what must come out."""

from __future__ import annotations

import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.cli.samples import load_text
from tests.properties.profiles import examples

from acompta.receivables import aged_balance, reconcile

D = Decimal
END = datetime.date(2026, 12, 31)
BASES = st.lists(st.integers(1, 500), min_size=1, max_size=4)
MONEY = st.lists(st.integers(-400, 700).filter(bool), min_size=1, max_size=6)


def expected(totals: list[Decimal], moves: list[Decimal]) -> tuple[list[Decimal], Decimal]:
    """What each invoice still owes and what is left over: money pays the oldest, a refund undoes the newest.

    A refund takes first what no invoice has received; what it gives back beyond all that was paid is left over too.
    """
    paid, over = [D(0) for _ in totals], D(0)
    for move in moves:
        left = move
        if left < 0 < over:
            step = min(over, -left)
            over, left = over - step, left + step
        indexes = range(len(totals)) if left > 0 else reversed(range(len(totals)))
        for index in indexes:
            step = min(left, totals[index] - paid[index]) if left > 0 else max(left, -paid[index])
            paid[index] += step
            left -= step
        over += left
    return [total - one for total, one in zip(totals, paid, strict=True)], over


@given(BASES, MONEY)
@examples(30)
def test_money_on_a_contract_pays_the_oldest_and_a_refund_undoes_the_newest(
    bases: list[int], money: list[int]
) -> None:
    """Per invoice to the cent, the aged balance adds up to the ledger, and the VAT due is that of what was received."""
    invoices = "".join(
        f'2026-01-{index + 2:02} * "SCI Dupont" "Travaux" #facture ^D1\n  numero: "F2026-00{index}"\n'
        f"  Actif:411:Dupont\n  Produits:704:Travaux  -{base}.00 EUR\n"
        for index, base in enumerate(bases, 1)
    )
    moves = [D(amount) for amount in money]
    while sum(moves, D(0)) < 0 or any(sum(moves[: i + 1], D(0)) < 0 for i in range(len(moves))):
        moves.pop()  # nobody gives back what was never received
        if not moves:
            return
    settlements = "".join(
        f'2026-02-{index:02} * "SCI Dupont" "Banque" ^D1\n  Actif:512:Banque  {move} EUR\n  Actif:411:Dupont\n'
        for index, move in enumerate(moves, 1)
    )
    contract = (
        '2026-01-01 * "SCI Dupont" "Chantier" #contrat ^D1\n  Actif:411:Dupont\n'
        "  Produits:704:Travaux  -5000.00 EUR\n"
    )
    loaded = load_text(contract + invoices + settlements)
    assert not loaded.errors
    totals = [D(base) * D("1.20") for base in bases]
    owed, over = expected(totals, moves)
    balance = aged_balance(loaded.book(), END)
    found = {one.number: one.open for customer in balance.customers for one in customer.invoices}
    wanted = {f"F2026-00{i}": amount for i, amount in enumerate(owed, 1) if amount}
    assert found == wanted
    assert balance.credit + balance.unallocated == -over
    assert reconcile(loaded.book(), loaded.entries, END).difference == 0
