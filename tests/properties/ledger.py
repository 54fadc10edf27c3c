"""Ledger text for the property tests: small frozen values that print as an accountant types them.

Nothing here computes an amount of a document; see `tests.properties.figures` for the reference figures.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

ROOTS: Final = """\
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
"""

RATES: Final = tuple(Decimal(rate) for rate in ("20", "10", "5.5", "2.1"))
SERVICES: Final = ("Produits:706:Conseil", "Produits:704:Travaux")
GOODS: Final = ("Produits:707:Marchandises", "Produits:701:Mobilier")
CUSTOMERS: Final = ("Dupont", "Martin", "Bernard")
BANK: Final = "Actif:512:Banque"
DISCOUNT_GIVEN: Final = "Charges:665:Escomptes"
OPENING: Final = datetime.date(2026, 1, 1)


def day(number: int) -> datetime.date:
    """The day ``number`` of a story: 0 is 5 January 2026."""
    return datetime.date(2026, 1, 5) + datetime.timedelta(days=number)


def text(value: str) -> str:
    """A text value as typed after a key."""
    return f'"{value}"'


@dataclass(frozen=True)
class Leg:
    """A posting; ``number`` is ``None`` when the amount is left blank, ``meta`` values are raw ledger text."""

    account: str
    number: Decimal | None = None
    unit: str = "EUR"
    price: Decimal | None = None
    meta: Mapping[str, str] = field(default_factory=dict)

    def lines(self) -> Iterable[str]:
        amount = "" if self.number is None else f"  {self.number:f} {self.unit}"
        price = "" if self.price is None else f" @ {self.price:f} EUR"
        yield f"  {self.account}{amount}{price}"
        yield from (f"    {key}: {value}" for key, value in self.meta.items())


@dataclass(frozen=True)
class Entry:
    """A transaction as typed: a document (one tag) or a settlement (none)."""

    date: datetime.date
    narration: str
    legs: tuple[Leg, ...]
    tag: str = ""
    links: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    payee: str = "SCI Dupont"
    flag: str = "*"

    def text(self) -> str:
        marks = ([f"#{self.tag}"] if self.tag else []) + [f"^{link}" for link in self.links]
        head = f'{self.date} {self.flag} "{self.payee}" "{self.narration}"'
        lines = [" ".join([head, *marks])]
        lines += [f"  {key}: {value}" for key, value in self.meta.items()]
        for leg in self.legs:
            lines += leg.lines()
        return "\n".join(lines) + "\n"

    def with_meta(self, **meta: str) -> Entry:
        """The same entry with more keys (``_`` stands for ``-``)."""
        return replace(
            self, meta={**self.meta, **{k.replace("_", "-"): v for k, v in meta.items()}}
        )


@dataclass(frozen=True)
class Seller:
    """Who sells: the two keys that decide when VAT falls due."""

    regime: str = "encaissements"
    deposit_on_debit: bool = False
    deposit_when_received: bool = False

    @property
    def has_vat(self) -> bool:
        return self.regime != "franchise"

    def text(self) -> str:
        lines = [
            f'{OPENING} custom "emetteur" "Atelier Lumière SARL"',
            f'  regime-tva: "{self.regime}"',
        ]
        if self.deposit_on_debit:
            lines.append('  exigibilite-acompte: "debit"')
        if self.deposit_when_received:
            lines.append('  comptabilisation-acompte: "encaissement"')
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Chart:
    """Variants of the chart of accounts that change no figure."""

    one_pending_account: bool = False
    deposits_opened: bool = True
    pending_on_4458: bool = False

    def text(self) -> str:
        lines = [
            f"{OPENING} open {name} EUR"
            for name in (BANK, "Actif:5112:Cheques", "Charges:627:Banque", DISCOUNT_GIVEN)
        ]
        for account in (*SERVICES, *GOODS):
            lines += [f"{OPENING} open {account} EUR", "  tva: 20"]
        for customer in CUSTOMERS:
            lines += [f"{OPENING} open Actif:411:{customer} EUR"]
            lines += [f'  raison-sociale: "{customer} SARL"']
            if self.deposits_opened:
                lines += [f"{OPENING} open Passif:4191:{customer} EUR"]
        lines += self._vat()
        return "\n".join(lines) + "\n"

    def _vat(self) -> list[str]:
        pending = "4458" if self.pending_on_4458 else "44574"
        role = ['  role: "tva-en-attente"'] if self.pending_on_4458 else []
        lines = []
        if self.one_pending_account:
            lines += [f"{OPENING} open Passif:{pending}:EnAttente EUR", *role]
        for rate in RATES:
            name = str(rate).replace(".", "-")
            lines += [f"{OPENING} open Passif:44571:TVA{name} EUR", f"  taux: {rate}"]
            if not self.one_pending_account:
                lines += [f"{OPENING} open Passif:{pending}:TVA{name} EUR", f"  taux: {rate}"]
                lines += role
        return lines


PLAIN_CHART: Final = Chart()


@dataclass(frozen=True)
class Ledger:
    """A whole ledger: seller, chart, entries in any order."""

    seller: Seller
    entries: tuple[Entry, ...]
    chart: Chart = PLAIN_CHART

    def blocks(self) -> list[str]:
        """Every directive block, the setting ones first."""
        return [self.seller.text(), self.chart.text(), *(entry.text() for entry in self.entries)]

    def text(self) -> str:
        """One file."""
        return "\n".join([ROOTS, 'plugin "acompta"\n', *self.blocks()])

    def with_entries(self, more: Iterable[Entry]) -> Ledger:
        """The same ledger with entries typed at its end."""
        return replace(self, entries=(*self.entries, *more))

    def files(self, places: Sequence[int], order: Sequence[int]) -> dict[str, str]:
        """``main.beancount`` and the files it includes; ``order`` shuffles the blocks, ``places`` says who holds each.

        Place 0 is the top file itself.
        """
        blocks = self.blocks()
        held: dict[int, list[str]] = {0: []}
        for index in order:
            held.setdefault(places[index], []).append(blocks[index])
        names = {place: f"mois-{place}.beancount" for place in held if place}
        includes = [f'include "{name}"\n' for name in names.values()]
        files = {name: "\n".join([ROOTS, *held[place]]) for place, name in names.items()}
        files["main.beancount"] = "\n".join([ROOTS, 'plugin "acompta"\n', *includes, *held[0]])
        return files
