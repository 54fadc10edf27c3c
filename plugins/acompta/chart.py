"""Account numbers, roles and VAT rates, read from the ``open`` lines: the chart is the rate table.

The PCG number is the leading digits of the first component after the root: ``Actif:411-Clients:Dupont`` is PCG
account 411, auxiliary ``Dupont``. Source: PCG (règlement ANC 2014-03), list of accounts and art. 1214-40 to 1214-44.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from beancount.core.data import Open

from acompta.messages import DocumentError, MissingVatAccountError, percent
from acompta.vocabulary import GOODS, ROLE_WORDS, SERVICE

RECEIVABLE: Final = "411"
BILLS: Final = "413"
DOUBTFUL: Final = "416"
RETENTION: Final = "4117"
DEPOSITS: Final = "4191"
VAT_DUE: Final = "44571"
VAT_PENDING: Final = "44574"
DISCOUNT_GIVEN: Final = "665"
DISBURSEMENTS: Final = "467"
SUPPLIER_DEPOSITS: Final = "4091"

# Roles are found by number: the longest of these that begins the account's number (language.md §2).
ROLES: Final = frozenset(
    "411 4117 413 416 4181 4191 4196 4198 401 403 404 4091 408 421 4452 44551 44562 44564 44566 44567 44571"
    " 44574 44584 44586 44587 4455 455 467 471 486 487 491 511 5112 512 514 515 517 53 58 627 654 6541 6544"
    " 656 756 658 758 6581 7581 665 765 68174 78174 7631 709".split()
)
RECEIVABLE_ROLES: Final = frozenset({RECEIVABLE, RETENTION, BILLS, DOUBTFUL})
PAYABLE_ROLES: Final = frozenset({"401", "403", "404"})
_LONGEST_ROLE: Final = max(map(len, ROLES))
_GOODS_PREFIXES: Final = ("701", "702", "703", "707")
_NUMBER: Final = re.compile(r"\d+")


def role_of(number: str) -> str:
    """Role of a PCG ``number``: the longest known prefix once trailing zeros are stripped, else ``""``."""
    bare = number.rstrip("0")
    for length in range(min(len(bare), _LONGEST_ROLE), 1, -1):
        if bare[:length] in ROLES:
            return bare[:length]
    return ""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the ledger, with what its ``open`` line says.

    ``rate`` is the VAT rate that the account serves (``taux:``), ``tva`` the default rate of its lines, both in
    percent; ``nature`` is ``"bien"`` or ``"service"`` (language.md §4: 701–703 and 707 are goods); ``bears_lines`` says
    whether a document's line may stand on it (class 7, and 467 for disbursements).
    """

    name: str
    number: str = ""
    role: str = ""
    auxiliary: str = ""
    rate: Decimal | None = None
    tva: Decimal | None = None
    nature: str = SERVICE
    opened: datetime.date | None = None
    bears_lines: bool = False
    meta: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def pcg_class(self) -> str:
        """The class, one digit, or ``""`` for an account without a number."""
        return self.number[:1]

    @property
    def is_revenue(self) -> bool:
        """Whether a document's line may bill on it (class 7)."""
        return self.number.startswith("7")

    @property
    def is_treasury(self) -> bool:
        """Class 5: bank, cash, cheques in hand, card processor."""
        return self.number.startswith("5")


def split_name(name: str) -> tuple[str, str]:
    """PCG number and auxiliary of an account name: ``Actif:411-Clients:Dupont`` gives ``("411", "Dupont")``."""
    parts = name.split(":", 2)
    found = _NUMBER.match(parts[1]) if len(parts) > 1 else None
    return (found.group() if found else ""), (parts[2] if len(parts) > 2 else "")


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def read_account(name: str, entry: Open | None = None) -> Account:
    """The `Account` of ``name``, from its ``open`` directive when there is one."""
    number, auxiliary = split_name(name)
    meta: dict[str, Any] = entry.meta if entry is not None else {}
    word = meta.get("role")
    role = ROLE_WORDS.get(word, word) if isinstance(word, str) else role_of(number)
    nature = meta.get("nature")
    if nature not in {GOODS, SERVICE}:
        nature = GOODS if number.startswith(_GOODS_PREFIXES) else SERVICE
    return Account(
        name=name,
        number=number,
        role=role,
        auxiliary=auxiliary,
        rate=_decimal(meta.get("taux")),
        tva=_decimal(meta.get("tva")),
        nature=nature,
        opened=entry.date if entry is not None else None,
        bears_lines=number.startswith("7") or role == DISBURSEMENTS,
        meta=meta,
    )


class Chart:
    """The accounts of one ledger, by name and by role; filled once, while the directives are scanned."""

    def __init__(self, options_map: dict[str, Any]) -> None:
        """Take the roots from the ledger's options, never hard-coded."""
        self.assets: str = options_map.get("name_assets", "Assets")
        self.liabilities: str = options_map.get("name_liabilities", "Liabilities")
        self.accounts: dict[str, Account] = {}
        self._by_role: dict[str, list[Account]] = {}
        self._by_auxiliary: dict[tuple[str, str], Account] = {}
        self._vat: dict[tuple[str, Decimal], str] = {}
        self._siblings: dict[tuple[str, str], str] = {}
        self.missing: dict[str, Account] = {}

    def add(self, entry: Open) -> None:
        """Register an ``open`` line."""
        account = read_account(entry.account, entry)
        self.accounts[entry.account] = account
        if account.role:
            self._by_role.setdefault(account.role, []).append(account)
            self._by_auxiliary.setdefault((account.role, account.auxiliary), account)

    def get(self, name: str) -> Account:
        """The account of that name, even when nothing opens it (Beancount reports that itself)."""
        account = self.accounts.get(name)
        if account is None:
            account = self.accounts[name] = read_account(name)
        return account

    def with_role(self, role: str) -> list[Account]:
        """Accounts opened with that role, in ledger order."""
        return self._by_role.get(role, [])

    def vat_account(self, role: str, rate: Decimal) -> str:
        """Name of the VAT account that serves ``rate`` (percent): its ``taux:``, else one without ``taux:``.

        Raises:
            MissingVatAccountError: no such account is open; the message gives the line to type.
        """
        name = self._vat.get((role, rate))
        if name is None:
            name = self._vat[role, rate] = self._find_vat(role, rate)
        return name

    def _find_vat(self, role: str, rate: Decimal) -> str:
        moved = [a for a in self.with_role(role) if not a.number.startswith(role)]
        candidates = moved + [a for a in self.with_role(role) if a.number.startswith(role)]
        for account in candidates:
            if account.rate == rate:
                return account.name
        for account in candidates:
            if account.rate is None and not account.meta.get("titre"):
                return account.name
        for account in candidates:
            if account.rate is None:
                return account.name
        raise MissingVatAccountError(
            f"aucun compte {role} n'est ouvert pour la TVA à {percent(rate)} ; vérifiez le taux, ou tapez dans le"
            f" plan de comptes :\n    AAAA-MM-JJ open {self.usual_vat(role, rate)} EUR\n      taux: {rate:f}",
            rate,
        )

    def usual_vat(self, role: str, rate: Decimal) -> str:
        """The name that a VAT account of that rate (percent) usually has, open or not."""
        root = self.assets if role.startswith("4456") else self.liabilities
        return f"{root}:{role}:TVA" + f"{rate:f}".replace(".", "-")

    def sibling(self, customer: str, role: str) -> str:
        """Name of the customer's account with ``role`` (4191, 4117, 416) beside its 411 account.

        An account of that role with the same auxiliary when the ledger opens one, else the conventional name,
        which is then noted in `missing` so that the plugin opens it at the date of the 411 account.
        """
        name = self._siblings.get((customer, role))
        if name is None:
            name = self._siblings[customer, role] = self._find_sibling(self.get(customer), role)
        return name

    def _find_sibling(self, customer: Account, role: str) -> str:
        opened = self._by_auxiliary.get((role, customer.auxiliary))
        if opened is not None:
            return opened.name
        root = self.liabilities if role == DEPOSITS else self.assets
        name = f"{root}:{role}" + (f":{customer.auxiliary}" if customer.auxiliary else "")
        if name not in self.accounts or self.accounts[name].opened is None:
            self.missing[name] = customer
        return name

    def is_shared(self, name: str) -> bool:
        """Whether an account of bills, doubtful customers or retentions serves them all: no 411 has its auxiliary."""
        account = self.get(name)
        if account.role == RECEIVABLE or not account.number.startswith("41"):
            return False
        return (RECEIVABLE, account.auxiliary) not in self._by_auxiliary

    def use(self, name: str, customer: str, typed: dict[str, Any] | None = None) -> None:
        """Note that ``name`` (a 4191 typed by hand on a document) is used, so it is opened when missing.

        Raises:
            DocumentError: nothing opens it and it is not the customer's: a slip would become an account of its own;
                ``typed`` is the metadata of its line.
        """
        account = self.accounts.get(name)
        if account is not None and account.opened is not None:
            return
        wanted = self.sibling(customer, DEPOSITS)
        account = self.get(name)
        root = name.partition(":")[0]
        if account.auxiliary != self.get(customer).auxiliary or root != self.liabilities:
            raise DocumentError(
                f"compte {name} : rien ne l'ouvre, et l'acompte de {customer} est sur {wanted} ; tapez {wanted}",
                typed,
            )
        self.missing.setdefault(name, self.get(customer))

    def use_sibling(self, name: str) -> None:
        """Note that an ordinary entry uses a sibling (416, 4117) that nothing opens: its 411 account opens it."""
        account = self.get(name)
        if account.opened is not None or account.role not in {DOUBTFUL, RETENTION}:
            return
        customer = self.customer_of(account)
        if customer is not None:
            self.missing.setdefault(name, customer)

    def customer_of(self, account: Account) -> Account | None:
        """The 411 account of the customer whose 4191, 4117, 413 or 416 account this is."""
        return self._by_auxiliary.get((RECEIVABLE, account.auxiliary))
