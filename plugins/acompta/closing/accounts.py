"""How an account of the ledger is numbered and called in French books: CompteNum, CompteLib, CompAuxNum, CompAuxLib.

``Actif:411:Dupont`` is account 411 « Clients », auxiliary ``Dupont`` « SCI Dupont ». An account that is not a third
party's keeps its detail in its number, ``Produits:706:Conseil`` → ``706CONSEIL`` « Prestations de services – Conseil
», so that no two accounts are merged and a number never depends on the other accounts open. ``compte:`` on the
``open`` line gives another number, ``auxiliaire:`` another auxiliary (``""`` for none), ``titre:`` another title.

Source: LPF art. A47 A-1, VII (the first three characters of CompteNum are digits of the PCG).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from acompta.chart import PAYABLE_ROLES, RECEIVABLE, Account, Chart
from acompta.closing.official import official_title

DASH: Final = " \u2013 "
SHORTEST: Final = 3
# Third parties have auxiliary accounts: suppliers, customers, staff, partners and groups, other debtors and creditors.
THIRD_PARTIES: Final = ("40", "41", "42", "45", "46")
# Detailed by third party as often as not: only when the detail is that of a customer or a supplier.
_SOMETIMES: Final = ("48", "49")
_WORDS: Final = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
_DASHES: Final = re.compile(r"(?<=\D)-|-(?=\D)")


class Code(NamedTuple):
    """What an account is called; texts without tab, auxiliaries ``""`` when there is none."""

    number: str
    title: str
    auxiliary: str = ""
    auxiliary_title: str = ""

    @property
    def full_title(self) -> str:
        """« Clients – SCI Dupont »."""
        return f"{self.title}{DASH}{self.auxiliary_title}" if self.auxiliary_title else self.title

    @property
    def full_number(self) -> str:
        """``411 Dupont``."""
        return f"{self.number} {self.auxiliary}" if self.auxiliary else self.number


class AccountCodes(dict[str, Code]):
    """The `Code` of every account of a ledger by name; filled on demand."""

    def __init__(self, chart: Chart) -> None:
        """Read the titles of ``chart``: ``titre:`` of its own lines first, then the official list."""
        super().__init__()
        self._chart = chart
        self._titles: dict[str, str] = {}
        self._parties: dict[str, Account] = {}
        for account in chart.accounts.values():
            title = account.meta.get("titre")
            if isinstance(title, str) and account.number and not account.auxiliary:
                self._titles.setdefault(_number(account), title)
            if account.auxiliary and account.opened is not None:
                self._note_party(account)

    def _note_party(self, account: Account) -> None:
        if account.role == RECEIVABLE:
            self._parties[account.auxiliary] = account
        elif account.role in PAYABLE_ROLES:
            self._parties.setdefault(account.auxiliary, account)

    def __missing__(self, name: str) -> Code:
        code = self[name] = self._code(self._chart.get(name))
        return code

    def title(self, number: str) -> str:
        """Title of an account number: that of the ledger, else of the official list, else of what it details."""
        known = self._titles.get(number)
        if known is not None:
            return known
        official = official_title(number)
        for length in range(len(number) - 1, 1, -1):
            own = self._titles.get(number[:length])
            if own is not None and len(number.rstrip("0")) <= length:
                return own
        return official

    def _code(self, account: Account) -> Code:
        number = _number(account)
        typed = account.meta.get("auxiliaire")
        detail = typed if isinstance(typed, str) else account.auxiliary.replace(":", "-")
        title = self.title(account.number) or account.name
        own = account.meta.get("titre")
        if not detail:
            return Code(number, own if isinstance(own, str) else title)
        if isinstance(typed, str) or self._is_third_party(account):
            if isinstance(own, str) and "raison-sociale" in account.meta:
                title = own  # both are said: the account's title, and the third party's
            return Code(number, self._titles.get(number, title), detail, self._party_name(account))
        if not isinstance(own, str):
            words = spaced(account.auxiliary)
            own = title if ascii_code(words) == ascii_code(title) else f"{title}{DASH}{words}"
        if isinstance(account.meta.get("compte"), str):
            return Code(number, own)
        return Code(number + ascii_code(detail), own)

    def _is_third_party(self, account: Account) -> bool:
        number = account.number
        if number.startswith(THIRD_PARTIES):
            return True
        return number.startswith(_SOMETIMES) and account.auxiliary in self._parties

    def _party_name(self, account: Account) -> str:
        party = self._parties.get(account.auxiliary)
        metas = [account.meta, party.meta if party is not None else {}]
        for key in ("raison-sociale", "titre"):
            for meta in metas:
                name = meta.get(key)
                if isinstance(name, str) and name.strip():
                    return name.strip()
        return spaced(account.auxiliary)


def _number(account: Account) -> str:
    typed = account.meta.get("compte")
    if isinstance(typed, str) and typed.strip():
        return typed.strip()
    return account.number.ljust(SHORTEST, "0") if account.number else ""


def ascii_code(text: str) -> str:
    """``Écoles:Nord`` → ``ECOLES-NORD``: capitals, digits and dashes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9-]+", "-", plain.upper()).strip("-")


def spaced(label: str) -> str:
    """The label of an account as words: ``ImprimerieSaone`` → « Imprimerie Saone »."""
    return _WORDS.sub(" ", _DASHES.sub(" ", label)).replace(":", DASH)
