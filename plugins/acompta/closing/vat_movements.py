"""The movements of the VAT accounts over a period, each with its rate, its base and why it is due.

On receipts the base is that of what was settled, because the entries of settlement carry it (``base:``, ``taux:`` on
their 44571 line); it is never the turnover. What was typed by hand carries no base: it is read from the revenue
lines of the entry when they agree with the tax, else derived from the tax and said to be.

Sources: CGI art. 269 (chargeable event and due date), 287 (return); PCG art. 1214-44 (accounts 445).
"""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from beancount.core.data import Directive, Posting, Transaction

from acompta.chart import VAT_DUE, Account, Chart
from acompta.closing.journals import says_opening
from acompta.closing.periods import Period, PeriodError, read_period
from acompta.rounding import HUNDRED, ZERO, cents
from acompta.vocabulary import EUR, GOODS

INTRA_EU_DUE: Final = "4452"
ASSETS_VAT: Final = "44562"
INPUT_VAT: Final = "44566"
CREDIT_FORWARD: Final = "44567"
TO_PAY: Final = "44551"
REFUND_CLAIMED: Final = "44583"
ASSIMILATED: Final = "447"
COLLECTED: Final = frozenset({VAT_DUE, INTRA_EU_DUE})
DEDUCTED: Final = frozenset({ASSETS_VAT, INPUT_VAT})
VAT_ROLES: Final = COLLECTED | DEDUCTED
SETTLED_IN: Final = frozenset({TO_PAY, CREDIT_FORWARD})
DECLARATION: Final = "declaration"
CASE: Final = "case-ca3"
IMPORT: Final = "import"
_ROUNDING: Final = frozenset({"658", "758"})
_CLEARED: Final = ("445", ASSIMILATED)
_BALANCE_SHEET: Final = ("101", "11", "12", "89")
# What a few lines, each rounded to the cent, may be away from base × rate.
_ROUNDED_LINES: Final = Decimal("0.05")
_KNOWN_RATES: Final = tuple(map(Decimal, "20 10 5.5 2.1 8.5 13 19.6 7 1.75 1.05 0.9 8".split()))


class Movement(NamedTuple):
    """One movement of a VAT account.

    ``tax`` in euros, positive when collected (44571, 4452) or deductible (44566, 44562); ``base`` before tax, same
    sign; ``rate`` in percent or ``None`` when nothing says it; ``derived`` when the base was computed from the tax.
    """

    entry: Transaction
    account: Account
    rate: Decimal | None
    base: Decimal
    tax: Decimal
    regime: str = ""
    nature: str = ""
    invoice: str = ""
    case: str = ""
    derived: bool = False

    @property
    def collected(self) -> bool:
        """Whether it is VAT due, else VAT to deduct."""
        return self.account.role in COLLECTED


def transactions(entries: Iterable[Directive], period: Period) -> Iterator[Transaction]:
    """The entries of the period, in the ledger's order."""
    start, end = period.start, period.end
    for entry in entries:
        if isinstance(entry, Transaction) and start <= entry.date <= end:
            yield entry


def within(entries: Sequence[Directive], period: Period) -> Sequence[Directive]:
    """The part of the ``entries``, in order of date as a ledger loads them, that is of the period."""
    first = bisect_left(entries, period.start, key=_date)
    return entries[first : bisect_right(entries, period.end, lo=first, key=_date)]


def upto(entries: Sequence[Directive], at: datetime.date) -> Sequence[Directive]:
    """The ``entries``, in order of date as a ledger loads them, up to the end of the day ``at``."""
    return entries[: bisect_right(entries, at, key=_date)]


def _date(entry: Directive) -> datetime.date:
    return entry.date


def euros_of(posting: Posting) -> Decimal:
    """Amount of a posting in euros; zero when it has none."""
    units = posting.units
    if units is None or units.number is None or units.currency != EUR:
        return ZERO
    return units.number


def is_settlement(entry: Transaction, chart: Chart) -> bool:
    """Whether an entry clears the VAT accounts of a period: only 445 and 447 accounts, roundings, and maybe the bank.

    The payment of 44551 and the refund of a credit move no VAT account, so they are not; nor is VAT paid to a
    forwarding agent, which debits 44566 alone. What debits VAT due against the bank is a return paid without 44551.
    """
    if entry.meta.get("etendu") is True:
        return False
    roles = set()
    treasury = cleared = False
    for posting in entry.postings:
        account = chart.get(posting.account)
        cleared = cleared or (account.role in COLLECTED and euros_of(posting) > 0)
        if account.is_treasury:
            treasury = True
        elif not (account.number.startswith(_CLEARED) or account.role in _ROUNDING):
            return False
        roles.add(account.role)
    if not roles & VAT_ROLES:
        return False
    return bool(roles & SETTLED_IN) or (treasury and (cleared or DECLARATION in entry.meta))


def settles(entry: Transaction, period: Period) -> bool:
    """Whether a settlement is that of ``period``: it says so (``declaration:``), else its date does."""
    named = declared_period(entry)
    if named is not None:
        return (named.start, named.end) == (period.start, period.end)
    return period.holds(entry.date)


def declared_period(entry: Transaction) -> Period | None:
    """The period that ``declaration:`` names; ``None`` when it names none that can be read."""
    name = entry.meta.get(DECLARATION)
    try:
        return read_period(name) if isinstance(name, str) else None
    except PeriodError:
        return None


def is_opening(entry: Transaction, chart: Chart, start: Any) -> bool:
    """Whether an entry brings balances that another program left: what it moves is no operation of its period.

    It moves the capital, the result or an opening account (101, 11, 12, 89), or says « À-nouveaux »: at any date, and
    with charges and revenue so far when the ledger starts within a year. On the first day of the fiscal year, any
    account of class 1 does, without charge or revenue. What an owner pays by himself (108) is an operation.
    """
    if entry.tags:
        return False
    numbers = [chart.get(posting.account).number for posting in entry.postings]
    if any(number.startswith(_BALANCE_SHEET) for number in numbers):
        return True
    if entry.date == start and any(number.startswith("1") for number in numbers):
        return not any(number.startswith(("6", "7")) for number in numbers)
    return says_opening(entry.payee) or says_opening(entry.narration)


def movements_of(entry: Transaction, chart: Chart) -> list[Movement]:
    """The VAT movements of one entry, by account, rate and regime."""
    found = []
    bare: dict[tuple[str, Decimal | None, str, str], Decimal] = {}
    for posting in entry.postings:
        account = chart.get(posting.account)
        if account.role not in VAT_ROLES:
            continue
        amount = euros_of(posting)
        tax = -amount if account.role in COLLECTED else amount
        meta = posting.meta or {}
        base = meta.get("base")
        rate = _rate(meta, account)
        if isinstance(base, Decimal):
            found.append(_typed(entry, account, rate, base, tax, meta))
        elif tax:
            key = (account.name, rate, _text(meta, "regime", entry), _text(meta, CASE, entry))
            bare[key] = bare.get(key, ZERO) + tax
    if bare:
        found += _derived(entry, chart, bare)
    return found


def _text(meta: dict[str, Any], key: str, entry: Transaction) -> str:
    value = meta.get(key, entry.meta.get(key))
    return value.strip() if isinstance(value, str) else ""


def _rate(meta: dict[str, Any], account: Account) -> Decimal | None:
    rate = meta.get("taux", account.rate)
    return rate if isinstance(rate, Decimal) else None


def _typed(
    entry: Transaction,
    account: Account,
    rate: Decimal | None,
    base: Decimal,
    tax: Decimal,
    meta: dict[str, Any],
) -> Movement:
    """A movement whose line says its base; the base of a generated line already has the sign of its tax."""
    signed = base if (base < 0) == (tax < 0) or not tax else -base
    return Movement(
        entry,
        account,
        rate,
        signed,
        tax,
        _text(meta, "regime", entry),
        _text(meta, "nature", entry),
        _text(meta, "facture", entry),
        _text(meta, CASE, entry),
    )


def _derived(
    entry: Transaction, chart: Chart, bare: dict[tuple[str, Decimal | None, str, str], Decimal]
) -> list[Movement]:
    """What was typed without its base."""
    reverse = _reverse_charged(entry, chart)
    found = []
    for (name, said_rate, said_regime, case), tax in bare.items():
        account = chart.get(name)
        collected = account.role in COLLECTED
        lines = _base_lines(entry, chart, said_rate, collected=collected and not reverse)
        rate = _rate_between(lines, tax) if said_rate is None and lines else said_rate
        exact = rate is not None and abs(lines * rate / HUNDRED - tax) <= _ROUNDED_LINES
        if exact and lines:
            base, derived = lines, False
        else:
            base, derived = (cents(tax * HUNDRED / rate) if rate else ZERO), True
        regime = said_regime or ("autoliquidation" if reverse and collected else "")
        nature = GOODS if account.role == INTRA_EU_DUE else ""
        found.append(
            Movement(entry, account, rate, base, tax, regime, nature, case=case, derived=derived)
        )
    return found


def _reverse_charged(entry: Transaction, chart: Chart) -> bool:
    """Whether a typed entry charges itself: the same VAT on both sides, and no revenue."""
    collected = deducted = ZERO
    for posting in entry.postings:
        account = chart.get(posting.account)
        if account.is_revenue and account.role not in _ROUNDING:
            return False
        if account.role in COLLECTED:
            collected -= euros_of(posting)
        elif account.role in DEDUCTED:
            deducted += euros_of(posting)
    return collected > 0 and collected == deducted


def _base_lines(
    entry: Transaction, chart: Chart, rate: Decimal | None, *, collected: bool
) -> Decimal:
    """The entry's lines that bear the tax, in euros: revenue for VAT due, costs and assets for the rest."""
    own = others = ZERO
    for posting in entry.postings:
        account = chart.get(posting.account)
        if not _bears(account, collected=collected):
            continue
        amount = -euros_of(posting) if collected else euros_of(posting)
        said = (posting.meta or {}).get("tva", account.tva)
        if rate is not None and said == rate:
            own += amount
        elif said is None or rate is None:
            others += amount
    return own or others


def _bears(account: Account, *, collected: bool) -> bool:
    if collected:
        return account.is_revenue and account.role not in _ROUNDING
    return account.pcg_class in {"2", "3", "6"} and account.role not in _ROUNDING


def _rate_between(base: Decimal, tax: Decimal) -> Decimal | None:
    """The rate that gives ``tax`` on ``base``, when one of those in force or formerly so does to the cent."""
    for rate in _KNOWN_RATES:
        if abs(base * rate / HUNDRED - tax) <= _ROUNDED_LINES:
            return rate
    return None
