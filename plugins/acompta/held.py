"""The chart's literal policy: a deposit is posted when it is received (PCG art. 1214-41), not when it is invoiced.

``comptabilisation-acompte: "encaissement"`` on the seller. The deposit invoice then posts nothing; each receipt puts
its VAT-inclusive amount on 4191 and its VAT on 44571 through 44574; the document that recovers the deposit gives both
back. Once all is paid, every balance is what the default policy gives. Before::

    2026-01-15 * "SCI Dupont" "Virement" ^F2026-001
      Actif:512:Banque      3600.00 EUR
      Actif:411:Dupont

After, the same entry, and on the same day::

    2026-01-15 * "SCI Dupont" "Acompte encaissé" ^F2026-001
      Actif:411:Dupont      3600.00 EUR
      Passif:4191:Dupont   -3600.00 EUR
      Passif:44574:TVA20     600.00 EUR
      Passif:44571:TVA20    -600.00 EUR
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Posting

from acompta.chart import VAT_PENDING, Chart
from acompta.register.values import Recovery
from acompta.rounding import ZERO, proportional
from acompta.vocabulary import EUR, GOODS


class HeldDeposit:
    """A deposit invoice that posts nothing until it is received.

    ``held`` is what of it stands on 4191, VAT included (euros): paid so far × what is not recovered / total, rounded
    cumulatively, so the last payment and the last recovery clear to the cent.
    """

    __slots__ = ("account", "customer", "held", "number", "recovered", "total")

    def __init__(self, number: str, customer: str, account: str, total: Decimal) -> None:
        """Start with nothing received."""
        self.number = number
        self.customer = customer
        self.account = account
        self.total = total
        self.recovered = ZERO
        self.held = ZERO

    def rebalance(self, paid: Decimal, written_off: Decimal) -> list[Posting]:
        """411 / 4191 so that what was ``paid`` (euros so far, discounts included) stands on 4191, recoveries off.

        ``written_off`` is what credit notes took off the unpaid part: neither asked nor received any more.
        """
        total, recovered = self.total - written_off, self.recovered - written_off
        bounded = min(max(paid, ZERO), total)
        target = proportional(bounded, total - recovered, total) if total else ZERO
        step, self.held = target - self.held, target
        if not step:
            return []
        meta = {"acompte": self.number}
        return [
            Posting(self.customer, Amount(step, EUR), None, None, None, meta),
            Posting(self.account, Amount(-step, EUR), None, None, None, meta),
        ]

    def issue(self, recovered: Iterable[Recovery], chart: Chart) -> list[Posting]:
        """What the default policy posted with the deposit invoice, for the part that a document now recovers."""
        postings = []
        base = total = ZERO
        for recovery in recovered:
            base += recovery.base
            total += recovery.base + recovery.vat
            if recovery.vat:
                meta: dict[str, Any] = {
                    "taux": recovery.tax.rate,
                    "base": recovery.base,
                    "acompte": self.number,
                }
                if recovery.tax.nature == GOODS:
                    meta["nature"] = GOODS
                account = chart.vat_account(VAT_PENDING, recovery.tax.rate)
                amount = Amount(-recovery.vat, EUR)
                postings.append(Posting(account, amount, None, None, None, meta))
        self.recovered += total
        meta = {"acompte": self.number}
        return [
            Posting(self.customer, Amount(total, EUR), None, None, None, meta),
            Posting(self.account, Amount(-base, EUR), None, None, None, meta),
            *postings,
        ]
