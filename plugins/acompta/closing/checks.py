"""The checklist of a closing: one small function per check, each giving ✓, ! or ✗ with its figures and ledger lines.

`run_checks` is pure: the command and Fava's page show the same values. A check that fails and may not be passed over
(`Check.fatal`) refuses the closing whatever the reason given: a loading error, a broken seal, a gap in numbers, an
open earlier month, 4191 or 44574 that differ from the register.

Sources: docs/rules.md; PCG art. 1031-3, 1031-4; each check names its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from acompta.closing import (
    checks_accounts,
    checks_ledger,
    checks_suppliers,
    checks_third_parties,
    checks_vat,
)
from acompta.closing.check import Check, State
from acompta.closing.period_view import PeriodView
from acompta.collector import held

Maker = Callable[[PeriodView], Check]

CHECKS: Final[tuple[Maker, ...]] = (
    checks_ledger.loading_errors,
    checks_ledger.earlier_month,
    checks_ledger.drafts,
    checks_ledger.recurring,
    checks_ledger.seals,
    checks_ledger.numbering,
    checks_accounts.statements,
    checks_accounts.suspense,
    checks_accounts.cheques,
    checks_accounts.cash,
    checks_third_parties.receipts_without_link,
    checks_third_parties.receipts_without_invoice,
    checks_third_parties.credit_customers,
    checks_third_parties.debit_suppliers,
    checks_third_parties.finished_contracts,
    checks_third_parties.payments_without_invoice,
    checks_third_parties.duplicates,
    checks_third_parties.lettering,
    checks_third_parties.deposits,
    checks_vat.pending,
    checks_suppliers.pending_purchases,
    checks_third_parties.retentions_held,
    checks_accounts.cut_off,
    checks_accounts.reversals,
    checks_vat.rates,
    checks_vat.rates_in_force,
    checks_vat.untaxed,
    checks_vat.reverse_charge,
    checks_vat.union_sales,
    checks_vat.receipts,
    checks_vat.reconciliation,
    checks_vat.settlement,
    checks_vat.credit,
    checks_vat.last_payment,
    checks_accounts.opening,
    checks_accounts.variations,
    checks_accounts.trial_balance,
)


def run_checks(view: PeriodView, makers: Iterable[Maker] = CHECKS) -> tuple[Check, ...]:
    """Every check of a period, in the order of the work.

    Without collections: what the checks read stays alive with ``view``, and traversing it grows faster than it does.
    """
    with held():
        return tuple(maker(view) for maker in makers)


def refusals(checks: Iterable[Check]) -> list[Check]:
    """The ✗ of a checklist."""
    return [check for check in checks if check.state is State.BAD]


def fatal(checks: Iterable[Check]) -> list[Check]:
    """Those that no reason passes over."""
    return [check for check in refusals(checks) if check.fatal]


__all__ = ["CHECKS", "Check", "Decimal", "State", "fatal", "refusals", "run_checks"]
