"""Whatever the contracts, deposits, invoices and payments, the closing of each month agrees with the books."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, note
from tests.properties.ledger import Ledger
from tests.properties.loading import Loaded, load
from tests.properties.payments import Act, acts, played
from tests.properties.profiles import examples
from tests.properties.stories import Dossier, dossiers

from acompta.chart import VAT_DUE
from acompta.closing import checks_third_parties, checks_vat
from acompta.closing.check import State
from acompta.closing.period_view import PeriodView
from acompta.closing.periods import month_of
from acompta.closing.vat_compare import compare
from acompta.closing.vat_return import vat_return

# VAT that rounds to nothing moves no account, so its base is declared nowhere: under 0.24 at the lowest rate, 2.1 %.
TOO_SMALL = Decimal("0.25")


def ledger_of(dossier: Dossier, todo: list[Act]) -> Ledger:
    payments = played(dossier, load(dossier.ledger()), todo)
    ledger = dossier.ledger().with_entries(payment.entry for payment in payments)
    note("\n".join(entry.text() for entry in ledger.entries))
    return ledger


def months(loaded: Loaded) -> Iterator[PeriodView]:
    """Every month of a ledger, as the closing sees it."""
    days = [entry.date for entry in loaded.transactions]
    period = month_of(min(days))
    while period.start <= max(days):
        yield PeriodView(loaded.entries, (), loaded.dossier, loaded.options, period)
        period = month_of(period.next_day)


@pytest.mark.slow
@given(dossiers(count=2), acts())
@examples(12)
def test_no_sound_month_is_refused(dossier: Dossier, todo: list[Act]) -> None:
    """4191, 44574 and 411 are those of the register at the end of every month: no false ✗ that nothing passes over."""
    loaded = load(ledger_of(dossier, todo))
    for view in months(loaded):
        for check in (
            checks_third_parties.deposits(view),
            checks_vat.pending(view),
            checks_third_parties.lettering(view),
        ):
            assert check.state is not State.BAD, (view.period.name, check)


@pytest.mark.slow
@given(dossiers(count=2), acts())
@examples(12)
def test_the_months_declare_what_44571_holds_and_the_turnover_explains_them(
    dossier: Dossier, todo: list[Act]
) -> None:
    """The exact VAT of all months is the balance of 44571; each declared base is explained but for its rounding."""
    loaded = load(ledger_of(dossier, todo))
    declared = Decimal(0)
    for view in months(loaded):
        found = vat_return(loaded.entries, loaded.dossier, view.period)
        declared += sum((m.tax for m in found.movements if m.account.role == VAT_DUE), Decimal(0))
        comparison = compare(found, loaded.entries, loaded.dossier)
        most = TOO_SMALL * len(view.transactions)
        assert abs(comparison.unexplained) <= most, (view.period.name, comparison)
    assert declared == -loaded.balance("44571")
