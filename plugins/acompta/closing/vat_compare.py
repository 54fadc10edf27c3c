"""What is declared against the accounts: VAT account by account, turnover against declared bases, and the payment.

The reconciliation (« cadrage ») of the VAT explains the declared base from the turnover of the period:
turnover − untaxed − accruals + other taxed products + deposits asked − deposits recovered − what waits for its payment
− discounts and losses whose VAT is taken back = declared base (docs/rules.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive, Posting, Transaction

from acompta.chart import DEPOSITS, VAT_DUE, VAT_PENDING, Account, Chart
from acompta.closing.vat_form import DUE_BOXES
from acompta.closing.vat_movements import (
    COLLECTED,
    CREDIT_FORWARD,
    TO_PAY,
    Movement,
    euros_of,
    is_opening,
    is_settlement,
    transactions,
    within,
)
from acompta.closing.vat_return import VatReturn
from acompta.closing.vat_settlement import settled_amount
from acompta.closing.vat_untaxed import ACCRUALS
from acompta.dossier import Dossier
from acompta.posting.bill import Bill
from acompta.reading.model import Document
from acompta.rounding import HUNDRED, ZERO, cents
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import Kind

_TURNOVER: Final = "70"
_REDUCTIONS: Final = frozenset({"665", "654", "6541", "6544"})
# Roundings, and sums kept as indemnities or recovered: no VAT whatever stands beside them.
_OUTSIDE: Final = frozenset({"658", "758", "7581", "7631"})
# Each operation is rounded to the cent: that much a period may be away without a cause to look for.
TOLERANCE: Final = Decimal("1.00")


class Difference(NamedTuple):
    """A line of the comparison with the accounts, in euros; ``key`` is stable."""

    key: str
    title: str
    amount: Decimal
    note: str = ""


class AccountCheck(NamedTuple):
    """One VAT account: what the period moved (euros, collected or deductible positive) and what is declared of it."""

    account: str
    moved: Decimal
    settled: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class VatComparison:
    """A return against the accounts.

    ``accounts`` are those of VAT one by one; ``turnover`` the lines from turnover to declared base, the last one
    what is left unexplained; ``declared`` the exact declared base of sales; ``due_booked`` and ``credit_booked``
    what the settlement put on 44551 and 44567, ``None`` when there is none.
    """

    accounts: tuple[AccountCheck, ...]
    turnover: tuple[Difference, ...]
    declared: Decimal
    unexplained: Decimal
    rounding: Decimal
    due_booked: Decimal | None
    credit_booked: Decimal | None

    @property
    def explained(self) -> bool:
        """Whether the turnover explains the declared base, to the rounding of the documents."""
        return abs(self.unexplained) <= TOLERANCE


def compare(declared: VatReturn, entries: Sequence[Directive], dossier: Dossier) -> VatComparison:
    """The comparison of a return with the accounts of its period."""
    chart = dossier.chart
    base, lines = _turnover(declared, entries, dossier)
    explained = sum((line.amount for line in lines), ZERO)
    due = credit = None
    if declared.settlements:
        due = -settled_amount(declared.settlements, chart, TO_PAY)
        credit = settled_amount(declared.settlements, chart, CREDIT_FORWARD)
        credit += sum(declared.credit_before.values(), ZERO)
    return VatComparison(
        _accounts(declared, chart),
        (*lines, Difference("non-explique", "Écart non expliqué", base - explained)),
        base,
        base - explained,
        _rounding(declared),
        due,
        credit,
    )


def _rounding(declared: VatReturn) -> Decimal:
    """What the rounding to the euro gives (758, positive) or takes (658): exact VAT less what is declared."""
    exact = sum((m.tax if m.collected else -m.tax for m in declared.movements), ZERO)
    exact -= declared.boxes["22"].exact_tax
    net = declared.boxes["16"].tax - declared.boxes["23"].tax
    annex = declared.boxes["29"]
    return exact + annex.exact_tax - net - annex.tax


def _accounts(declared: VatReturn, chart: Chart) -> tuple[AccountCheck, ...]:
    settled: dict[str, Decimal] = {}
    for entry in declared.settlements:
        for posting in entry.postings:
            settled[posting.account] = settled.get(posting.account, ZERO) + euros_of(posting)
    return tuple(
        AccountCheck(name, amount, settled.get(name, ZERO), amount + settled.get(name, ZERO))
        for name, amount in sorted(declared.balances.items(), key=lambda i: chart.get(i[0]).number)
    )


# -- from the turnover to the declared base -------------------------------------------------------------------


def _turnover(
    declared: VatReturn, entries: Sequence[Directive], dossier: Dossier
) -> tuple[Decimal, list[Difference]]:
    """The declared base of sales, and the lines that explain it."""
    base = sum((m.base for m in declared.movements if _is_sale(m)), ZERO)
    chart = dossier.chart
    start = declared.year_start
    sums = _Sums(chart)
    for entry in transactions(within(entries, declared.period), declared.period):
        taken_over = Kind.TAKEOVER in entry.tags or is_opening(entry, chart, start)
        if not taken_over and not is_settlement(entry, chart):
            sums.add(entry)
    untaxed = sum((line.base for line in declared.untaxed), ZERO)
    deposits = _untaxed_deposits(declared, dossier)
    lines = [
        Difference("chiffre-d-affaires", "Chiffre d'affaires de la période (70)", sums.turnover),
        Difference("non-taxe", "Ventes non taxées", -untaxed),
        Difference(
            "regularisations", "Factures à établir et produits constatés d'avance", -sums.accrued
        ),
        Difference(
            "autres-produits",
            "Autres produits soumis à la TVA",
            sums.other + _other_billed(declared, dossier),
        ),
        Difference("acomptes", "Acomptes demandés, moins repris (4191)", sums.deposits - deposits),
        Difference("en-attente", "Facturé dont la TVA attend le paiement (44574)", -sums.pending),
        Difference(
            "remises", "Escomptes et pertes dont la TVA est reprise (665, 654)", -sums.reduced
        ),
    ]
    return base, [line for line in lines if line.amount or line.key == "chiffre-d-affaires"]


def _is_sale(movement: Movement) -> bool:
    """Whether VAT due comes from a sale: not from a purchase, nor from a deduction given back (boxes 15 and 5B)."""
    return movement.collected and not movement.regime and movement.case not in DUE_BOXES


class _Sums:
    """What the period moved on the accounts that explain the declared base, in euros."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.turnover = self.accrued = self.other = ZERO
        self.deposits = self.pending = self.reduced = ZERO

    def add(self, entry: Transaction) -> None:
        accounts = [self.chart.get(posting.account) for posting in entry.postings]
        roles = {account.role for account in accounts}
        taxed = bool(roles & {VAT_DUE, VAT_PENDING})
        generated = "exigibilite" in entry.meta
        billed = entry.meta.get("etendu") is True
        accrual = bool(roles & (ACCRUALS - {DEPOSITS})) and not taxed
        for posting, account in zip(entry.postings, accounts, strict=True):
            if generated and "acompte" in (posting.meta or {}):
                continue  # a deposit posted on receipt: on 4191 with its VAT, so it adds no base by itself
            self._add_posting(posting, account, taxed=taxed, accrual=accrual, billed=billed)
            if account.role == VAT_PENDING:
                self.pending -= _pending_base(posting, account) if not generated else ZERO
            elif account.role in COLLECTED and generated and VAT_PENDING in roles:
                self.pending -= _said_base(posting)

    def _add_posting(
        self, posting: Posting, account: Account, *, taxed: bool, accrual: bool, billed: bool
    ) -> None:
        amount = -euros_of(posting)
        if account.number.startswith(_TURNOVER):
            self.turnover += amount
            self.accrued += amount if accrual else ZERO
        elif account.is_revenue and taxed and account.role not in _OUTSIDE and not billed:
            self.other += amount
        elif account.role == DEPOSITS:
            self.deposits += amount
        elif account.role in _REDUCTIONS and taxed:
            self.reduced -= amount


def _pending_base(posting: Posting, account: Account) -> Decimal:
    """Base behind a movement of 44574: said on the line, else derived; debit positive, as the posting is signed."""
    amount = euros_of(posting)
    meta = posting.meta or {}
    base, rate = meta.get("base"), meta.get("taux", account.rate)
    if isinstance(base, Decimal):
        return base.copy_sign(amount)
    return cents(amount * HUNDRED / rate) if isinstance(rate, Decimal) and rate else ZERO


def _said_base(posting: Posting) -> Decimal:
    """Base that a generated movement of 44571 makes due, positive when due."""
    base = (posting.meta or {}).get("base")
    return base.copy_sign(-euros_of(posting)) if isinstance(base, Decimal) else ZERO


def _bills(declared: VatReturn, dossier: Dossier) -> Iterator[tuple[Document, Bill]]:
    """The bills of the period with their documents; a corrective has two, its own and the one that it undoes."""
    for document in dossier.documents:
        if document.issued and declared.period.holds(document.date):
            bill = dossier.bill(document)
            for part in (bill, bill.reversed) if bill is not None else ():
                if part is not None:
                    yield document, part


def _untaxed_deposits(declared: VatReturn, dossier: Dossier) -> Decimal:
    """Deposits asked less recovered that bear no VAT: they explain nothing of the declared base."""
    total = ZERO
    for document, bill in _bills(declared, dossier):
        if document.kind in DEPOSIT_KINDS:
            total += sum((s.base for t, s in bill.gross.items() if not _taxed(t)), ZERO)
        recovered = (*bill.recovered, *bill.credited)
        total -= sum((r.base for r in recovered if not _taxed(r.tax)), ZERO)
    return total


def _other_billed(declared: VatReturn, dossier: Dossier) -> Decimal:
    """Taxed lines of documents on other revenue accounts than 70."""
    total = ZERO
    for _, bill in _bills(declared, dossier):
        for line in bill.lines:
            account = dossier.chart.get(line.account)
            if account.is_revenue and not account.number.startswith(_TURNOVER):
                total += line.amount if _taxed(line.tax) else ZERO
    return total


def _taxed(tax: object) -> bool:
    rate, regime = getattr(tax, "rate", ZERO), getattr(tax, "regime", "")
    return bool(rate) and not regime
