"""Documents that a previous load already expanded (``etendu: TRUE``): their claims, read back from the postings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from beancount.core.data import Posting, Transaction

from acompta.chart import PAYABLE_ROLES, RECEIVABLE_ROLES, RETENTION, VAT_DUE, VAT_PENDING, Chart
from acompta.claims import Claim, Move
from acompta.posting.bill import Timing, timing_of
from acompta.posting.purchases import DEDUCTIBLE, DEDUCTIBLE_ON_ASSETS, DEDUCTIBLE_PENDING
from acompta.reading.model import Document, Share, TaxKey
from acompta.reading.purchases import Purchase
from acompta.rounding import ZERO, cents, proportional
from acompta.settlement.settler import DueEvent
from acompta.vat import ON_INVOICE
from acompta.vocabulary import GOODS, SERVICE

_DEDUCTIBLE = frozenset({DEDUCTIBLE, DEDUCTIBLE_ON_ASSETS, DEDUCTIBLE_PENDING})


def expanded_claim(document: Document, chart: Chart) -> Claim | None:
    """The claim of an expanded document, from its 411, 4117, 44571 and 44574 postings; ``None`` without any.

    VAT due beside VAT that waits, at the same rate, is that of goods beside services (CGI art. 269-2).
    """
    total = retention = ZERO
    net: dict[TaxKey, Share] = {}
    waiting: dict[TaxKey, Share] = {}
    due: list[tuple[TaxKey, Share]] = []
    for posting in document.entry.postings:
        units = posting.units
        if units is None or units.number is None:
            continue
        account = chart.get(posting.account)
        if account.role in RECEIVABLE_ROLES:
            total += units.number
            retention += units.number if account.role == RETENTION else ZERO
        elif account.role in {VAT_DUE, VAT_PENDING}:
            meta = posting.meta or {}
            rate, base = meta.get("taux", account.rate), meta.get("base")
            if isinstance(rate, Decimal):
                if not isinstance(base, Decimal):
                    # An item taken over says only its VAT: the base follows from the rate.
                    base = cents(-units.number * 100 / rate) if rate else ZERO
                tax = TaxKey(rate, meta.get("nature", SERVICE))
                share = Share(base, -units.number)
                if account.role == VAT_PENDING:
                    _add(net, tax, share)
                    waiting[tax] = share
                else:
                    due.append((tax, share))
    for tax, share in due:
        _add(net, tax._replace(nature=GOODS) if tax in waiting else tax, share)
    if not document.customer:
        return None
    claim = Claim(document, total, net, waiting)
    claim.retention = max(ZERO, retention)
    return claim


def _add(shares: dict[TaxKey, Share], tax: TaxKey, share: Share) -> None:
    old = shares.get(tax, Share(ZERO, ZERO))
    shares[tax] = Share(old.base + share.base, old.vat + share.vat)


def expanded_supplier_claim(purchase: Purchase, chart: Chart) -> Claim:
    """The claim of an expanded purchase, or of one taken over, from its 401, 44564 and 44566 postings."""
    total = ZERO
    net: dict[TaxKey, Share] = {}
    waiting: dict[TaxKey, Share] = {}
    for posting in purchase.entry.postings:
        units, meta = posting.units, posting.meta or {}
        account = chart.get(posting.account)
        if units is None or units.number is None:
            continue
        if account.role in PAYABLE_ROLES:
            total -= units.number
        if "regime" in meta or account.role not in _DEDUCTIBLE:
            continue
        rate, base = meta.get("taux", account.rate), meta.get("base")
        if not isinstance(rate, Decimal):
            continue
        if not isinstance(base, Decimal):
            base = cents(units.number * 100 / rate) if rate else ZERO
        tax = TaxKey(rate, meta.get("nature", SERVICE))
        old = net.get(tax, Share(ZERO, ZERO))
        net[tax] = Share(old.base + base, old.vat + units.number)
        if account.role == DEDUCTIBLE_PENDING:
            kept = waiting.get(tax, Share(ZERO, ZERO))
            waiting[tax] = Share(kept.base + base, kept.vat + units.number)
    return Claim(purchase.as_document(), total, net, waiting)


def expanded_move(
    entry: Transaction, posting: Posting, claims: Mapping[str, Claim], sign: int = 1
) -> DueEvent | None:
    """A VAT entry of a previous load, as an event that notes the move and makes nothing; ``None`` for other lines."""
    meta = posting.meta or {}
    rate, base, number = meta.get("taux"), meta.get("base"), meta.get("facture")
    claim = claims.get(number) if isinstance(number, str) else None
    units = posting.units
    if claim is None or units is None or units.number is None:
        return None
    if not isinstance(rate, Decimal) or not isinstance(base, Decimal):
        return None
    tax = TaxKey(rate, meta.get("nature", SERVICE))
    share = Share(base, -units.number * sign)
    forced = entry.meta.get("exigibilite") == ON_INVOICE
    return (entry.date, claim.number, _noted(claim, tax, share, forced=forced), entry)


def _noted(claim: Claim, tax: TaxKey, share: Share, *, forced: bool) -> Callable[[], list[Move]]:
    def note() -> list[Move]:
        old = claim.moved.get(tax, Share(ZERO, ZERO))
        now = Share(old.base + share.base, old.vat + share.vat)
        claim.moved = {**claim.moved, tax: now}
        if forced:
            most = max(claim.forced.get(tax, ZERO), now.vat)
            claim.forced = {**claim.forced, tax: most}
        return []

    return note


def expanded_recoveries(document: Document, claims: Mapping[str, Claim]) -> list[DueEvent]:
    """Deposits that an expanded document recovered for goods or under débits: their VAT stays due whatever follows."""
    events: list[DueEvent] = []
    for posting in document.entry.postings:
        meta = posting.meta or {}
        claim = claims.get(meta["acompte"]) if isinstance(meta.get("acompte"), str) else None
        units = posting.units
        if (
            claim is None
            or meta.get("exigibilite") != ON_INVOICE
            or units is None
            or not units.number
        ):
            continue
        action = _stays_due(claim, units.number, timing_of(document))
        events.append((document.date, document.number or "", action, document.entry))
    return events


def _stays_due(claim: Claim, base: Decimal, timing: Timing) -> Callable[[], list[Move]]:
    def stay_due() -> list[Move]:
        whole = sum((share.base for share in claim.shares.values()), ZERO)
        for tax, share in claim.shares.items():
            if not timing.due(tax):
                continue  # beside goods, services go on waiting for their money
            part = proportional(share.vat, base, whole)
            forced = min(share.vat, claim.forced.get(tax, ZERO) + part)
            claim.forced = {**claim.forced, tax: forced}
        return []

    return stay_due
