"""The entry that clears the VAT accounts of a period, as ledger text (PCG art. 1214-44).

44571 and 4452 are debited, 44566 and 44562 credited, each for what the period moved; 44567 is used up and made again
by what the return carries forward; 44551 takes what is to be paid, in whole euros; the cents go to 658 or 758.
Example::

    2026-02-28 * "DGFiP" "TVA de février 2026, déclaration CA3"
      declaration: "2026-02"
      Passif:44571:TVA20      5000.40 EUR
      Actif:44566:Biens      -1299.90 EUR
      Actif:44562:Immos       -499.80 EUR
      Passif:44551:TVA       -3200.00 EUR
      Produits:758:Arrondis     -0.70 EUR
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple

from beancount.core.data import Transaction

from acompta.chart import PAYABLE_ROLES, RECEIVABLE, Chart
from acompta.closing.vat_movements import CREDIT_FORWARD, DECLARATION, TO_PAY, euros_of
from acompta.closing.vat_return import VatReturn
from acompta.rounding import ZERO
from acompta.vocabulary import EUR

AUTHORITY: Final = "DGFiP"
_REFUND: Final = "44583"
_CHARGE: Final = "658"
_PRODUCT: Final = "758"
_COLUMN: Final = 54


class EntryLine(NamedTuple):
    """A line of a proposed entry: account and euros, debit positive."""

    account: str
    amount: Decimal


class Opening(NamedTuple):
    """An account to open; a VAT account with the rate (percent) that it serves."""

    account: str
    rate: Decimal | None = None

    def text(self, day: datetime.date) -> str:
        """The ``open`` line, with ``taux:`` below it when there is a rate."""
        key = f"\n  taux: {self.rate:f}" if self.rate is not None else ""
        return f"{day} open {self.account} {EUR}{key}"


class ProposedEntry(NamedTuple):
    """An entry to add to the ledger: date, who, what, the keys of the entry, its lines, the accounts to open first."""

    date: datetime.date
    payee: str
    narration: str
    meta: tuple[tuple[str, str], ...]
    lines: tuple[EntryLine, ...]
    to_open: tuple[Opening, ...] = ()
    flag: str = "*"
    link: str = ""
    tag: str = ""

    @property
    def text(self) -> str:
        """The entry as it is typed, with the ``open`` lines that it needs before it."""
        opened = [opening.text(self.date) for opening in self.to_open]
        head = f'{self.date} {self.flag} "{_quoted(self.payee)}" "{_quoted(self.narration)}"'
        head += f" #{self.tag}" if self.tag else ""
        head += f" ^{self.link}" if self.link else ""
        meta = [f'  {key}: "{_quoted(value)}"' for key, value in self.meta]
        lines = [
            f"  {line.account:<{_COLUMN - 12}} {line.amount:>12.2f} {EUR}" for line in self.lines
        ]
        return "\n".join([*opened, *([""] if opened else []), head, *meta, *lines]) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def settlement_entry(
    declared: VatReturn, chart: Chart, roots: dict[str, Any]
) -> ProposedEntry | None:
    """The entry that the return calls for, or ``None`` when the VAT accounts have not moved and no credit is used.

    ``roots`` are the ledger's options (names of the five roots): they name an account that has to be opened.
    """
    lines = [
        EntryLine(name, -amount) for name, amount in _in_order(declared.balances, chart) if amount
    ]
    if declared.boxes["22"].exact_tax and (lines or declared.boxes["26"].tax):
        lines += [
            EntryLine(name, -amount) for name, amount in declared.credit_before.items() if amount
        ]
    if not lines:
        return None
    opened: list[Opening] = []
    result = {
        TO_PAY: -declared.due,
        CREDIT_FORWARD: declared.credit,
        _REFUND: declared.boxes["26"].tax,
    }
    for role, amount in result.items():
        if amount:
            lines.append(EntryLine(_account(chart, role, roots, opened), amount + ZERO))
    left = -sum((line.amount for line in lines), ZERO)
    if left:
        role = _CHARGE if left > 0 else _PRODUCT
        lines.append(EntryLine(_account(chart, role, roots, opened), left))
    period = declared.period
    return ProposedEntry(
        period.end,
        AUTHORITY,
        f"TVA {period.of_title}, déclaration CA3",
        ((DECLARATION, period.name),),
        tuple(lines),
        tuple(opened),
    )


def _in_order(balances: dict[str, Decimal], chart: Chart) -> list[tuple[str, Decimal]]:
    ranks = {"44571": 0, "4452": 1, "44566": 2, "44562": 3}
    return sorted(
        balances.items(), key=lambda item: (ranks.get(chart.get(item[0]).role, 9), item[0])
    )


_LABELS: Final = {
    TO_PAY: "TVAaPayer",
    CREDIT_FORWARD: "CreditReporte",
    _REFUND: "RemboursementDemande",
    _CHARGE: "Arrondis",
    _PRODUCT: "Arrondis",
}


def account_for(
    chart: Chart,
    number: str,
    roots: dict[str, Any],
    label: str = "",
    *,
    third: str = "",
    rate: Decimal | None = None,
) -> tuple[str, bool]:
    """An account of that role or number, and whether it must be opened first.

    The dossier's own account is preferred to one that the shipped chart opens (which bears a ``titre:``), that of the
    ``third`` party (its account 411 or 401) to a common one, never another's; so is that of the ``rate`` (percent).
    """
    own = chart.get(third).auxiliary if third else ""
    others = _auxiliaries(chart) - {own} if third else frozenset()
    candidates = [
        account
        for account in chart.accounts.values()
        if account.opened is not None
        and number in {account.role, account.number}
        and account.auxiliary not in others
        and (rate is None or account.rate in {None, rate})
    ]
    candidates.sort(
        key=lambda a: (
            not (own and a.auxiliary == own),
            rate is not None and a.rate is None,
            bool(a.meta.get("titre")),
            "rrondi" not in a.name,
            a.name,
        )
    )
    if candidates:
        return candidates[0].name, False
    root = {"4": "name_liabilities", "6": "name_expenses", "7": "name_income"}.get(
        number[:1], "name_assets"
    )
    if number in {CREDIT_FORWARD, _REFUND, "4181", "486", "44586"}:
        root = "name_assets"
    return f"{roots.get(root)}:{number}:{label or _LABELS.get(number, 'Divers')}", True


def _auxiliaries(chart: Chart) -> frozenset[str]:
    """The auxiliaries of customers and suppliers."""
    roles = (RECEIVABLE, *sorted(PAYABLE_ROLES))
    return frozenset(
        account.auxiliary
        for role in roles
        for account in chart.with_role(role)
        if account.auxiliary
    )


def _account(chart: Chart, number: str, roots: dict[str, Any], opened: list[Opening]) -> str:
    name, to_open = account_for(chart, number, roots)
    if to_open:
        opened.append(Opening(name))
    return name


def settled_amount(settlements: Iterable[Transaction], chart: Chart, role: str) -> Decimal:
    """What the settlements of a period put on 44551 (to pay) or 44567 (credit), as the ledger signs it, in euros.

    What a settlement pays at once from the bank was to pay.
    """
    total = ZERO
    for entry in settlements:
        for posting in entry.postings:
            account = chart.get(posting.account)
            if account.role == role or (role == TO_PAY and account.is_treasury):
                total += euros_of(posting)
    return total
