"""The entry of penalties, proposed: a draft invoice per customer, that a person accepts by copying it.

411 / 7631 (interest) and 7581 (40 €), outside VAT. Each line names the late invoice by
``facture:``, so that what is billed is never claimed twice. Example::

    2026-05-04 ! "SCI Dupont" "Pénalités de retard" #facture
      Actif:411:Dupont
      Produits:7631:Interets   -239.67 EUR
        facture: "F2026-001"
        libelle: "F2026-001 : intérêts de retard, 60 jours"
      Produits:7581:Dedits      -40.00 EUR
        facture: "F2026-001"
        libelle: "F2026-001 : indemnité de recouvrement (C. com. art. D441-5)"
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from beancount.core.data import Directive

from acompta.book import Book
from acompta.claims import LOSS, Claim
from acompta.receivables import customer_name, french_order
from acompta.reminders.penalties import (
    INDEMNITY_ACCOUNT,
    INTEREST_ACCOUNT,
    Penalty,
    charged_penalties,
    penalty_of,
    rule_for,
)
from acompta.reminders.rates import PUBLIC
from acompta.rounding import ZERO

_ARTICLES: Final = {
    True: "code de la commande publique art. D2192-35",
    False: "C. com. art. D441-5",
}
_NAMES: Final = {INTEREST_ACCOUNT: "InteretsDeRetard", INDEMNITY_ACCOUNT: "IndemnitesRecouvrement"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one customer owes in penalties not billed yet, on ``at``; ``text`` is ledger text to accept."""

    at: datetime.date
    customer: str
    name: str
    penalties: tuple[Penalty, ...]
    text: str

    @property
    def interest(self) -> Decimal:
        """Interest, in euros."""
        return sum((penalty.interest for penalty in self.penalties), ZERO)

    @property
    def indemnity(self) -> Decimal:
        """Fixed indemnities, in euros."""
        return sum((penalty.indemnity for penalty in self.penalties), ZERO)

    @property
    def total(self) -> Decimal:
        """Both."""
        return self.interest + self.indemnity


def proposals(
    book: Book,
    entries: Sequence[Directive],
    at: datetime.date,
    *,
    accounts: Iterable[str] = (),
    without: Collection[str] = (),
    paid_too: bool = False,
) -> list[Proposal]:
    """The penalties to bill on ``at``, by customer name.

    ``accounts`` keeps these customers, ``without`` leaves these invoices out; ``paid_too`` counts the invoices that
    were paid late too: the penalties are owed all the same (C. com. art. L441-10, II), whether to claim them is a
    commercial choice.
    """
    kept = set(accounts)
    charged = charged_penalties(book, entries, at)
    found: dict[str, list[Penalty]] = {}
    for claim in book.dossier.claims.values():
        customer = claim.document.customer
        if (kept and customer not in kept) or claim.number in without:
            continue
        if not _is_claimed(claim, at, paid_too=paid_too):
            continue
        penalty = penalty_of(book, claim, at, charged)
        if penalty.total:
            found.setdefault(customer, []).append(penalty)
    chart = book.dossier.chart
    made = [
        Proposal(
            at,
            customer,
            customer_name(customer, chart),
            tuple(penalties),
            _text(book, customer, penalties, at),
        )
        for customer, penalties in found.items()
    ]
    return sorted(made, key=lambda one: (french_order(one.name), one.customer))


def _is_claimed(claim: Claim, at: datetime.date, *, paid_too: bool) -> bool:
    """Whether an invoice is one to charge: neither lost nor credited, and open unless the paid ones count too."""
    if claim.date > at or claim.document_total <= 0:
        return False
    if any(event.what == LOSS and event.date <= at for event in claim.events):
        return False
    return paid_too or claim.open_at(at) > 0


def _text(book: Book, customer: str, penalties: Sequence[Penalty], at: datetime.date) -> str:
    chart = book.dossier.chart
    interest, indemnity = (_account(book, role) for role in _NAMES)
    payee = " ".join(customer_name(customer, chart).replace('"', "'").replace("\\", "/").split())
    names = ", ".join(penalty.number for penalty in penalties)
    lines = [
        *(_opened(book, at)),
        f'{at} ! "{payee}" "Pénalités de retard sur {names}" #facture',
        f"  {customer}",
    ]
    for penalty in penalties:
        claim = book.dossier.claims[penalty.number]
        article = _ARTICLES[rule_for(book, claim) == PUBLIC]
        days = penalty.days
        words = f"{penalty.number} : intérêts de retard, {days} {'jours' if days > 1 else 'jour'}"
        lines += _line(interest, penalty.interest, penalty.number, words)
        words = f"{penalty.number} : indemnité de recouvrement ({article})"
        lines += _line(indemnity, penalty.indemnity, penalty.number, words)
    return "\n".join(lines) + "\n"


def _line(account: str, amount: Decimal, number: str, label: str) -> list[str]:
    if not amount:
        return []
    return [f"  {account}  -{amount} EUR", f'    facture: "{number}"', f'    libelle: "{label}"']


def _account(book: Book, role: str) -> str:
    chart = book.dossier.chart
    opened = chart.with_role(role)
    if opened:
        return opened[0].name
    income = (name.split(":")[0] for name, known in chart.accounts.items() if known.is_revenue)
    return f"{next(income, 'Produits')}:{role}:{_NAMES[role]}"


def _opened(book: Book, at: datetime.date) -> list[str]:
    """The ``open`` lines that are missing."""
    missing = [role for role in _NAMES if not book.dossier.chart.with_role(role)]
    opens = [f"{at} open {_account(book, role)} EUR" for role in missing]
    return [*opens, ""] if opens else []
