"""Which open documents a payment that names nothing may settle, with a confidence and its reasons.

Looked at, for the same customer or supplier: a document number in the label, the amount of one document, of several,
of all that is open. Payments are taken in order of date, and what one takes is not offered to the next. Nothing is
decided here: a person accepts, and the link is then typed in the text.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from beancount.core.data import Posting, Transaction

from acompta.chart import PAYABLE_ROLES, RECEIVABLE, RECEIVABLE_ROLES
from acompta.closing.accounts import AccountCodes
from acompta.closing.journals import kind_of
from acompta.loading import Loaded
from acompta.owed import OpenInvoice
from acompta.receivables import aged_balance
from acompta.rounding import ZERO
from acompta.vocabulary import EUR

LINKABLE: Final = re.compile(r"[A-Za-z0-9\-_/.]+")
_SHORTEST_REFERENCE: Final = 4
_MOST_TOGETHER: Final = 6
_MOST_TRIED: Final = 18
_UNIQUE: Final = 1
_NUMBERS_KEPT: Final = 65_536


class Confidence(IntEnum):
    """How much a proposal may be trusted."""

    POSSIBLE = 1
    LIKELY = 2
    SURE = 3

    @property
    def title(self) -> str:
        """« sûre »."""
        return {1: "possible", 2: "probable", 3: "sûre"}[self.value]


class Payment(NamedTuple):
    """A payment that names no document: ``amount`` in euros, positive when it settles what is owed."""

    entry: Transaction
    posting: Posting
    party: str
    amount: Decimal

    @property
    def text(self) -> str:
        """All that the bank says."""
        piece = self.entry.meta.get("piece")
        parts = (self.entry.payee, self.entry.narration, piece if isinstance(piece, str) else "")
        return " ".join(part for part in parts if part)


class OpenItem(NamedTuple):
    """A document still open: ``amount`` in euros; ``others`` are parts that are paid apart.

    A supplier's credit note is negative: a payment nets it. A customer's has reduced its invoice already.
    """

    number: str
    date: datetime.date
    amount: Decimal
    others: tuple[Decimal, ...] = ()


class Match(NamedTuple):
    """A proposal: the documents, what the payment leaves on them (negative: too much), confidence, reasons."""

    payment: Payment
    items: tuple[OpenItem, ...]
    left: Decimal
    confidence: Confidence
    reasons: tuple[str, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        """Numbers of the documents, the oldest first."""
        return tuple(item.number for item in self.items)


class Matches(NamedTuple):
    """Proposals, and the payments for which nothing is found, in order of date."""

    found: tuple[Match, ...]
    alone: tuple[Payment, ...]


def find_matches(loaded: Loaded) -> Matches:
    """The proposals for every unlinked payment of a ledger, customers' and suppliers'."""
    open_items = {**_open_invoices(loaded), **_open_purchases(loaded)}
    codes = AccountCodes(loaded.dossier.chart)
    found: list[Match] = []
    alone: list[Payment] = []
    payments = [*_receipts(loaded), *_supplier_payments(loaded)]
    payments.sort(key=lambda payment: (payment.entry.date, payment.entry.meta.get("lineno", 0)))
    for payment in payments:
        items = open_items.get(payment.party, [])
        match = best_match(payment, items, codes[payment.party].auxiliary_title)
        if match is None:
            alone.append(payment)
            continue
        found.append(match)
        open_items[payment.party] = list(_after(items, match))
    return Matches(tuple(found), tuple(alone))


def best_match(payment: Payment, items: Sequence[OpenItem], name: str = "") -> Match | None:
    """The best proposal for one payment among the open ``items`` of its party, or ``None``."""
    amount, text = payment.amount, folded(payment.text)
    known = [item for item in items if item.date <= payment.entry.date]
    named = [item for item in items if _names(text, item.number)]
    extra = ("nom dans le libellé",) if name and folded(name) in text else ()
    if named:
        left = sum((item.amount for item in named), ZERO) - amount
        exact = left == 0 or (len(named) == 1 and amount in named[0].others)
        what = ", ".join(item.number for item in named)
        reasons = (f"{what} dans le libellé", "montant exact" if exact else "montant différent")
        confidence = Confidence.SURE if exact else Confidence.LIKELY
        return Match(payment, tuple(named), left, confidence, reasons + extra)
    if amount <= 0:
        return None
    return _by_amount(payment, known, extra)


def _by_amount(payment: Payment, items: list[OpenItem], extra: tuple[str, ...]) -> Match | None:
    amount = payment.amount
    same = [item for item in items if item.amount == amount or amount in item.others]
    if same:
        first = same[0]
        alone = len(same) == _UNIQUE
        reason = (
            "montant exact" if alone else f"{len(same)} documents de ce montant, le plus ancien"
        )
        confidence = Confidence.SURE if alone and extra else Confidence.LIKELY
        if not alone:
            confidence = Confidence.POSSIBLE
        return Match(payment, (first,), first.amount - amount, confidence, (reason, *extra))
    if len(items) > 1 and sum((item.amount for item in items), ZERO) == amount:
        reason = f"total des {len(items)} documents ouverts"
        return Match(payment, tuple(items), ZERO, Confidence.LIKELY, (reason, *extra))
    sums = list(_sums(items, amount))
    if not sums:
        return None
    several = len(sums) > _UNIQUE
    reason = f"somme exacte de {len(sums[0])} documents"
    if several:
        reason += ", d'autres sommes sont possibles"
    confidence = Confidence.POSSIBLE if several else Confidence.LIKELY
    return Match(payment, sums[0], ZERO, confidence, (reason, *extra))


def _sums(items: list[OpenItem], amount: Decimal) -> Iterator[tuple[OpenItem, ...]]:
    """The sets of documents that make the amount, the smallest first; two at most, the oldest documents only."""
    most = amount - sum((min(item.amount, ZERO) for item in items), ZERO)
    candidates = [item for item in items if item.amount <= most][:_MOST_TRIED]
    found = 0
    for size in range(2, min(_MOST_TOGETHER, len(candidates)) + 1):
        for chosen in combinations(candidates, size):
            if sum((item.amount for item in chosen), ZERO) == amount:
                yield chosen
                found += 1
                if found > _UNIQUE:
                    return


def _after(items: Iterable[OpenItem], match: Match) -> Iterator[OpenItem]:
    """What is still open once the payment is taken, the oldest document first."""
    left = match.payment.amount
    taken = set(match.numbers)
    for item in items:
        if item.number not in taken:
            yield item
            continue
        if not match.left:
            continue
        part = min(item.amount, left)
        left -= part
        if item.amount > part:
            yield item._replace(amount=item.amount - part, others=())


def folded(text: str) -> str:
    """Capitals and digits only, without accents: « Réf. F2026-001 » → ``REFF2026001``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return re.sub(r"[^A-Z0-9]+", "", plain)


def _names(text: str, number: str) -> bool:
    """Whether the folded text has the number, not as the start of a longer one."""
    wanted = _folded_number(number)
    if len(wanted) < _SHORTEST_REFERENCE:
        return False
    place = text.find(wanted)
    while place >= 0:
        if not text[place + len(wanted) : place + len(wanted) + 1].isdigit():
            return True
        place = text.find(wanted, place + 1)
    return False


@lru_cache(_NUMBERS_KEPT)
def _folded_number(number: str) -> str:
    """Each open document is compared with each payment of its party."""
    return folded(number)


# -- what is open, what is paid ---------------------------------------------------------------------------------


def _open_invoices(loaded: Loaded) -> dict[str, list[OpenItem]]:
    balance = aged_balance(loaded.book(), datetime.date.max)
    return {
        customer.account: sorted(map(_open_item, customer.invoices), key=_age)
        for customer in balance.customers
        if customer.invoices
    }


def _open_item(invoice: OpenInvoice) -> OpenItem:
    others = (invoice.open - invoice.retention,) if invoice.retention else ()
    return OpenItem(invoice.number, invoice.date, invoice.open, others)


def _open_purchases(loaded: Loaded) -> dict[str, list[OpenItem]]:
    found: dict[str, list[OpenItem]] = {}
    for claim in loaded.dossier.supplier_claims.values():
        if claim.open:
            item = OpenItem(claim.number, claim.date, claim.open)
            found.setdefault(claim.document.customer, []).append(item)
    for items in found.values():
        items.sort(key=_age)
    return found


def _age(item: OpenItem) -> tuple[datetime.date, str]:
    return (item.date, item.number)


def _receipts(loaded: Loaded) -> Iterator[Payment]:
    """Money on a customer's account that names neither a document nor a contract."""
    for loose in loaded.book().loose:
        if not loose.names and _is_payment(loaded, loose.entry):
            posting = _posting(loaded, loose.entry, RECEIVABLE_ROLES)
            if posting is not None:
                yield Payment(loose.entry, posting, loose.customer, -loose.amount)


def _supplier_payments(loaded: Loaded) -> Iterator[Payment]:
    """Money on a supplier's account that names no document, when documents are kept for that supplier."""
    kept = {claim.document.customer for claim in loaded.dossier.supplier_claims.values()}
    for entry in loaded.entries:
        if not isinstance(entry, Transaction) or entry.links or not _is_payment(loaded, entry):
            continue
        posting = _posting(loaded, entry, PAYABLE_ROLES)
        if posting is not None and posting.account in kept and posting.units is not None:
            yield Payment(entry, posting, posting.account, posting.units.number or ZERO)


def _is_payment(loaded: Loaded, entry: Transaction) -> bool:
    """Whether an ordinary entry, typed and not taken over from a FEC, moves money and is not lettered by hand."""
    if kind_of(entry) is not None or "exigibilite" in entry.meta or "ecriture" in entry.meta:
        return False
    said = any(
        posting.meta and ("facture" in posting.meta or "lettrage" in posting.meta)
        for posting in entry.postings
    )
    chart = loaded.dossier.chart
    return not said and any(chart.get(posting.account).is_treasury for posting in entry.postings)


def _posting(loaded: Loaded, entry: Transaction, roles: frozenset[str]) -> Posting | None:
    """The only posting in euros on such an account."""
    chart = loaded.dossier.chart
    found = [
        posting
        for posting in entry.postings
        if chart.get(posting.account).role in roles
        and posting.units is not None
        and posting.units.currency == EUR
    ]
    customers = [p for p in found if chart.get(p.account).role in {RECEIVABLE, *PAYABLE_ROLES}]
    return customers[0] if len(found) == 1 and customers else None
