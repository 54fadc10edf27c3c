"""Which days a line belongs to, and what of it is earned so far."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from acompta.reading.model import TaxKey
from acompta.reading.spans import Span, read_span
from acompta.rounding import ZERO, proportional


class AccruedLine(NamedTuple):
    """A line of a document that may belong to two periods; ``amount`` before tax, revenue and cost both positive.

    ``cost`` is the amount of a purchase with the VAT that it does not deduct.
    """

    account: str
    amount: Decimal
    tax: TaxKey | None
    meta: Mapping[str, Any]
    cost: Decimal = ZERO


def earned(amount: Decimal, span: Span, at: datetime.date) -> Decimal:
    """What of ``amount`` (euros) is earned at the end of ``at``: by days, rounded once on the days cumulated."""
    start, end = span
    days = (min(at, end) - start).days + 1
    whole = (end - start).days + 1
    return proportional(amount, Decimal(max(days, 0)), Decimal(whole))


def unbilled_span(
    line: AccruedLine, document: Mapping[str, Any], end: datetime.date
) -> Span | None:
    """The period of a line not billed yet: ``periode:`` by days; else ``livraison:`` once delivery is over."""
    span = spread_days(line, document)
    if span is not None:
        return span
    over = delivery_days(line, document)
    return over if over is not None and over[1] <= end else None


def deferred_span(
    line: AccruedLine, document: Mapping[str, Any], end: datetime.date
) -> Span | None:
    """The period of a line already billed that goes on after ``end``: ``periode:`` by days, else a later delivery.

    What is delivered, or begins, after ``end`` belongs whole to later (PCG art. 1214-48).
    """
    span = spread_days(line, document) or delivery_days(line, document)
    if span is None or span[1] <= end:
        return None
    return span if span[0] > end or spread_days(line, document) is not None else None


def delivery_days(line: AccruedLine, document: Mapping[str, Any]) -> Span | None:
    """The days of ``livraison:``, on the line or its document."""
    for meta in (line.meta, document):
        days = read_span(meta.get("livraison"))
        if days is not None:
            return days
    return None


def common_period(lines: Iterable[AccruedLine], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ``periode:``, or ``livraison:``, of a document whose lines all have the same; empty when they have not."""
    known = list(lines)
    for key, read in (("periode", spread_days), ("livraison", delivery_days)):
        spans = {read(line, document) for line in known}
        span = spans.pop() if len(spans) == 1 else None
        if span is not None:
            return {key: f"{span[0]}/{span[1]}"}
    return {}


def spread_days(line: AccruedLine, document: Mapping[str, Any]) -> Span | None:
    """The period that ``periode:`` says."""
    for meta in (line.meta, document):
        span = read_span(meta.get("periode"))
        if span is not None:
            return span
    return None
