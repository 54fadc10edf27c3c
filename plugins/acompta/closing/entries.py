"""An entry that the closing proposes: its text, and the accounts of the dossier that it goes to."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from acompta.chart import PAYABLE_ROLES, RECEIVABLE, Chart
from acompta.closing.vat_movements import (
    CREDIT_FORWARD,
    REFUND_CLAIMED,
    TO_PAY,
)
from acompta.vocabulary import EUR

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


_LABELS: Final = {
    TO_PAY: "TVAaPayer",
    CREDIT_FORWARD: "CreditReporte",
    REFUND_CLAIMED: "RemboursementDemande",
    "658": "Arrondis",
    "758": "Arrondis",
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
    if number in {CREDIT_FORWARD, REFUND_CLAIMED, "4181", "486", "44586"}:
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
