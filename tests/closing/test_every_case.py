"""Every golden case, closed month by month: registers, accounts and returns agree whatever the situation."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.data import Transaction

from acompta.chart import VAT_DUE
from acompta.closing import checks_suppliers, checks_third_parties, checks_vat
from acompta.closing.check import State
from acompta.closing.period_view import PeriodView
from acompta.closing.periods import month_of
from acompta.closing.vat_compare import compare
from acompta.closing.vat_return import vat_return
from acompta.loading import Loaded, load_ledger

CASES = Path(__file__).parents[1] / "cases"
# Entries typed by hand without the key that tells what they are (`regularisation:`), balances of no document, or VAT
# typed twice: an error at its line, which the check of 44574 rightly finds too.
BY_HAND = {
    "ligne-15-acompte-impaye-au-bilan",
    "ligne-40-liquidation-de-la-tva",
    "reglement-tva-tapee-a-la-main",
}
NAMES = sorted({path.parent.name for path in CASES.glob("*/typed.beancount")} - BY_HAND)


def posted(loaded: Loaded) -> list[Transaction]:
    return [e for e in loaded.entries if isinstance(e, Transaction) and e.postings]


def months(loaded: Loaded) -> Iterator[PeriodView]:
    days = [entry.date for entry in posted(loaded)]
    if days:
        period = month_of(min(days))
        while period.start <= max(days):
            yield PeriodView(loaded.entries, (), loaded.dossier, loaded.options, period)
            period = month_of(period.next_day)


def due(loaded: Loaded) -> Decimal:
    chart = loaded.dossier.chart
    return sum(
        (
            -posting.units.number
            for entry in posted(loaded)
            for posting in entry.postings
            if posting.units is not None
            and posting.units.number is not None
            and chart.get(posting.account).role == VAT_DUE
        ),
        Decimal(0),
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_month_of_a_case_agrees_with_its_accounts(name: str) -> None:
    """4191, 44574, 44564 and 411 are as registered, the turnover explains the declared base, all is declared."""
    loaded = load_ledger(CASES / name / "typed.beancount")
    declared = Decimal(0)
    for view in months(loaded):
        for check in (
            checks_third_parties.deposits(view),
            checks_vat.pending(view),
            checks_suppliers.pending_purchases(view),
            checks_third_parties.lettering(view),
        ):
            assert check.state is not State.BAD, (view.period.name, check)
        found = vat_return(loaded.entries, loaded.dossier, view.period)
        declared += sum((m.tax for m in found.movements if m.account.role == VAT_DUE), Decimal(0))
        comparison = compare(found, loaded.entries, loaded.dossier)
        assert comparison.explained, (view.period.name, comparison)
    assert declared == due(loaded)
