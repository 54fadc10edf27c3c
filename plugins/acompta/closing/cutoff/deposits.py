"""Deposit invoices that nobody has paid, taken off at a balance-sheet date: 4191 and 44574 against the customer.

What is paid of a deposit pays first what invoices have recovered; the share of VAT is proportional, in cents half-up.
Source: PCG art. 1214-41 (4191 is credited by what is received).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal

from acompta.closing.cutoff.making import CutOff, Maker, Reason
from acompta.dossier import Dossier
from acompta.reading.model import Document, Share, TaxKey
from acompta.rounding import ZERO, proportional


def unpaid_deposits(dossier: Dossier, maker: Maker) -> Iterator[CutOff]:
    """Deposit invoices that nobody has paid are no debt yet at a balance-sheet date (docs/rules.md)."""
    end = maker.period.end
    taken = _taken_back(dossier, end)
    for contract in dossier.contracts.values():
        for deposit in contract.deposits:
            document = deposit.document
            claim = dossier.claims.get(deposit.number)
            if claim is None or document.date > end or deposit.number in dossier.held:
                continue
            back = taken.get(deposit.number, {})
            left = {tax: _less(given, back.get(tax)) for tax, given in deposit.given.items()}
            # What was received pays first what invoices have recovered: that part is owed for good.
            unpaid = min(claim.open_at(end), sum((share.total for share in left.values()), ZERO))
            if unpaid > 0:
                yield from _neutralised(document, deposit.account, left, unpaid, maker)


def _taken_back(dossier: Dossier, at: datetime.date) -> dict[str, dict[TaxKey, Share]]:
    """What the documents dated by ``at`` have recovered or credited of each deposit, by its number; in one pass."""
    taken: dict[str, dict[TaxKey, Share]] = {}
    for document in dossier.documents:
        bill = dossier.bill(document) if document.date <= at else None
        for recovery in (*bill.recovered, *bill.credited) if bill is not None else ():
            shares = taken.setdefault(recovery.number, {})
            before = shares.get(recovery.tax, Share(ZERO, ZERO))
            shares[recovery.tax] = Share(before.base + recovery.base, before.vat + recovery.vat)
    return taken


def _less(share: Share, taken: Share | None) -> Share:
    return share if taken is None else Share(share.base - taken.base, share.vat - taken.vat)


def _neutralised(
    document: Document,
    account: str,
    given: Mapping[TaxKey, Share],
    unpaid: Decimal,
    maker: Maker,
) -> Iterator[CutOff]:
    whole = sum((share.total for share in given.values()), ZERO)
    postings: list[tuple[str, Decimal]] = []
    base = ZERO
    for tax, share in given.items():
        vat = proportional(share.vat, unpaid, whole)
        if vat:
            postings.append((maker.chart.vat_account("44574", tax.rate), vat))
        base += vat
    base = unpaid - base
    postings = [(account, base), *postings, (document.customer, -unpaid)]
    mark = f"ACOMPTE {document.number}"
    yield maker.make(Reason.UNPAID_DEPOSIT, mark, base, document.entry, postings, None)
