"""The values that reading makes: sellers, lines, documents. Nothing here computes."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from beancount.core.data import Custom, Posting, Transaction

from acompta.reading.spans import read_span
from acompta.vocabulary import Kind, Regime

NO_RATE: Final = Decimal(0)


class TaxKey(NamedTuple):
    """What decides the VAT of a line: its rate in percent, its nature, and the regime that exempts it (or ``""``)."""

    rate: Decimal
    nature: str
    regime: str = ""

    @property
    def category(self) -> tuple[Decimal, str]:
        """Rate and regime: VAT is rounded once for each of these on a document."""
        return (self.rate, self.regime)


class Share(NamedTuple):
    """A base before tax and its VAT, in euros."""

    base: Decimal
    vat: Decimal

    @property
    def total(self) -> Decimal:
        """VAT included."""
        return self.base + self.vat


class Line(NamedTuple):
    """One typed line of a document.

    ``units`` and ``unit`` are as typed (revenue negative); ``price`` is the unit price before tax; ``amount`` is the
    line before tax in euros, revenue positive, rounded half-up, or ``None`` for a percentage.
    """

    account: str
    units: Decimal
    unit: str
    price: Decimal | None
    amount: Decimal | None
    tax: TaxKey | None
    lot: str | None
    posting: Posting

    @property
    def meta(self) -> dict[str, Any]:
        """Metadata of the typed posting."""
        return self.posting.meta or {}

    @property
    def label(self) -> str | None:
        """``libelle:`` of the line."""
        label = self.meta.get("libelle")
        return label if isinstance(label, str) else None


class DepositLine(NamedTuple):
    """A line on 4191: what a deposit invoice asks, or what a later document recovers.

    ``units`` as typed; ``unit`` is ``PCT`` or ``EUR``; ``rate`` the ``tva:`` typed on the line, in percent.
    ``amount_included`` is the VAT-inclusive amount (euros) when 411 was typed and 4191 left blank.
    """

    account: str
    units: Decimal
    unit: str
    rate: Decimal | None
    amount_included: Decimal | None
    posting: Posting


@dataclass(frozen=True, slots=True)
class Seller:
    """The ``custom "emetteur"`` in force from ``date`` (language.md §2)."""

    name: str
    date: datetime.date
    regime: Regime
    deposit_on_debit: bool
    meta: dict[str, Any]
    entry: Custom | None
    deposit_on_receipt: bool = False

    def text(self, key: str) -> str | None:
        """A text key of the seller, or ``None``."""
        value = self.meta.get(key)
        return value if isinstance(value, str) and value.strip() else None


NO_SELLER: Final = Seller("", datetime.date.min, Regime.RECEIPTS, False, {}, None)


class Document(NamedTuple):
    """One commercial document as typed (a tuple: a frozen dataclass takes four times as long to make).

    ``customer`` is its 411 account, ``contract`` the link of its contract, ``typed_total`` the amount typed on 411
    (euros, checked against the computed one), ``index`` its place among the directives, ``whole`` a credit note typed
    ``-100 PCT`` on 411: it reverses its document whole, ``delivery`` the day typed as ``livraison:``.
    """

    kind: Kind
    entry: Transaction
    index: int  # type: ignore[assignment]  # hides a method of tuples that nobody calls
    number: str | None
    draft: bool
    customer: str
    contract: str | None
    seller: Seller
    lines: tuple[Line, ...]
    deposit_lines: tuple[DepositLine, ...]
    typed_total: Decimal | None
    expanded: bool = False
    whole: bool = False
    delivery: datetime.date | None = None

    @property
    def date(self) -> datetime.date:
        """Date of the document."""
        return self.entry.date

    @property
    def real_date(self) -> datetime.date:
        """The day on the paper: of a document taken over, ``date-reelle:``, for its entry is dated of the opening."""
        real = self.entry.meta.get("date-reelle") if self.kind is Kind.TAKEOVER else None
        return real if isinstance(real, datetime.date) else self.entry.date

    @property
    def meta(self) -> dict[str, Any]:
        """Metadata of the transaction."""
        return self.entry.meta

    @property
    def issued(self) -> bool:
        """Whether the document was issued: flagged ``*``."""
        return not self.draft

    @property
    def is_model(self) -> bool:
        """Whether it is the model of a recurring invoice (``recurrence:``): never issued, its drafts are."""
        return self.draft and "recurrence" in self.entry.meta

    @property
    def delivered(self) -> datetime.date:
        """When the goods were delivered or the service done: ``livraison:`` (the end of a period), else the date."""
        return self.delivery or self.entry.date

    @property
    def has_percent(self) -> bool:
        """Whether a line bills progress of the contract in percent."""
        return any(line.amount is None for line in self.lines)

    def text(self, key: str) -> str | None:
        """A text key of the document, or ``None``."""
        value = self.entry.meta.get(key)
        return value if isinstance(value, str) and value.strip() else None


def delivery_of(entry: Transaction, lines: Iterable[Posting] = ()) -> datetime.date | None:
    """The day that ``livraison:`` says, on the document or else the latest of its lines; ``None`` when none does."""
    value = entry.meta.get("livraison")
    if value is not None:
        return _last_day(value, entry.date)
    latest = None
    for line in lines:
        meta = line.meta
        if meta is not None and "livraison" in meta:
            day = _last_day(meta["livraison"], entry.date)
            latest = day if latest is None else max(day, latest)
    return latest


def _last_day(value: object, default: datetime.date) -> datetime.date:
    """The day of ``livraison:``, the last one of a period."""
    if isinstance(value, datetime.date):
        return value
    span = read_span(value)
    return span.end if span is not None else default
