"""Documents that a previous load already expanded (``etendu: TRUE``): their claims, read back from the postings."""

from __future__ import annotations

from decimal import Decimal

from acompta.chart import RECEIVABLE_ROLES, VAT_DUE, VAT_PENDING, Chart
from acompta.claims import Claim
from acompta.reading.model import Document, Share, TaxKey
from acompta.rounding import ZERO
from acompta.vocabulary import SERVICE


def expanded_claim(document: Document, chart: Chart) -> Claim | None:
    """The claim of an expanded document, from its 411, 4117, 44571 and 44574 postings; ``None`` without any."""
    total = ZERO
    net: dict[TaxKey, Share] = {}
    waiting: dict[TaxKey, Share] = {}
    for posting in document.entry.postings:
        units = posting.units
        if units is None or units.number is None:
            continue
        account = chart.get(posting.account)
        if account.role in RECEIVABLE_ROLES:
            total += units.number
        elif account.role in {VAT_DUE, VAT_PENDING}:
            meta = posting.meta or {}
            rate, base = meta.get("taux"), meta.get("base")
            if isinstance(rate, Decimal) and isinstance(base, Decimal):
                tax = TaxKey(rate, SERVICE)
                share = Share(base, -units.number)
                old = net.get(tax, Share(ZERO, ZERO))
                net[tax] = Share(old.base + share.base, old.vat + share.vat)
                if account.role == VAT_PENDING:
                    waiting[tax] = share
    if not document.customer:
        return None
    return Claim(document, total, net, waiting)
