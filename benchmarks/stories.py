"""What happens at a business in 2026: contracts, deposits, invoices, payments, as values; `generate` writes them.

Amounts are worked out here, apart from the engine: a payment that is one cent off would leave an invoice open, and the
tests look for that.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Final, NamedTuple

FIRST_DAY: Final = datetime.date(2026, 1, 1)
LAST_DAY: Final = datetime.date(2026, 12, 31)
CENT: Final = Decimal("0.01")
TWENTY: Final = Decimal(20)
TEN: Final = Decimal(10)
CUSTOMER_NAMES: Final = (
    "Dupont Marchand Ferrand Garance Transalp Canut Rhodania Tissages Lumen Bastide".split()
)

Keys = tuple[tuple[str, str], ...]


class Typed(NamedTuple):
    """A posting as typed: ``amount`` is ``""`` when blank; ``pays`` the slot of the invoice named by ``facture:``."""

    account: str
    amount: str = ""
    keys: Keys = ()
    pays: int | None = None


class Piece(NamedTuple):
    """One transaction to write. Numbers are given at the end, by date: until then an invoice is a ``slot``."""

    date: datetime.date
    payee: str
    narration: str
    tag: str
    postings: tuple[Typed, ...]
    slot: int | None = None
    contract: str = ""
    settles: tuple[int, ...] = ()
    keys: Keys = ()
    draft: bool = False


class Item(NamedTuple):
    """Something sold: ``rate`` in percent is typed on its lines unless it is its account's default."""

    account: str
    unit: str
    label: str
    price: Decimal
    rate: Decimal = TWENTY
    default: bool = True


SERVICES: Final = (
    Item("Produits:706:Conseil", "JOUR", "Conseil et accompagnement", Decimal("640.00")),
    Item("Produits:706:Conseil", "FORFAIT", "Étude de faisabilité", Decimal("2350.00")),
    Item("Produits:706:Developpement", "HEURE", "Développement spécifique", Decimal("83.33")),
    Item("Produits:706:Developpement", "HEURE", "Reprise des données", Decimal("71.50")),
    Item("Produits:704:Travaux", "M2", "Dalle en béton armé, 15 cm", Decimal("185.40")),
)
RENOVATION: Final = (
    Item("Produits:704:Travaux", "M2", "Isolation des combles", Decimal("47.65"), TEN, False),
    Item("Produits:704:Travaux", "FORFAIT", "Dépose et évacuation", Decimal("780.00"), TEN, False),
)
GOODS: Final = (
    Item("Produits:707:Mobilier", "PIECE", "Table en chêne massif", Decimal("1249.90")),
    Item("Produits:707:Mobilier", "PIECE", "Chaise paillée", Decimal("189.50")),
    Item("Produits:707:Mobilier", "PIECE", "Banc d'entrée", Decimal("412.35")),
    Item("Produits:707:Mobilier", "PIECE", "Lampe de bureau", Decimal("96.67")),
)
BOOKS: Final = (
    Item("Produits:701:Livres", "EXEMPLAIRE", "Catalogue relié", Decimal("24.64"), Decimal("5.5")),
    Item("Produits:701:Livres", "EXEMPLAIRE", "Monographie", Decimal("37.91"), Decimal("5.5")),
)
COUNTED_WHOLE: Final = frozenset({"PIECE", "EXEMPLAIRE", "FORFAIT"})


class Line(NamedTuple):
    """A quantity of an item, in a lot of a contract or not."""

    item: Item
    quantity: Decimal
    lot: str = ""

    @property
    def amount(self) -> Decimal:
        """Before tax, in euros."""
        return cents(self.quantity * self.item.price)


def cents(amount: Decimal) -> Decimal:
    """Round to the cent, halves up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def included(lines: Sequence[Line]) -> Decimal:
    """VAT-inclusive total of lines in euros: the VAT of a rate is rounded once on the sum of its lines."""
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        bases[line.item.rate] = bases.get(line.item.rate, Decimal(0)) + line.amount
    return sum((base + cents(base * rate / 100) for rate, base in bases.items()), Decimal(0))


@dataclass
class Teller:
    """Invents stories, always the same ones for a seed."""

    random: Random
    customers: int
    documents: int = 0
    slots: int = 0
    contracts: int = 0
    pieces: list[Piece] = field(default_factory=list)

    def tell(self, documents: int) -> list[Piece]:
        """Stories that hold exactly ``documents`` documents; a deposit of the last ones may lack its payment."""
        while self.documents < documents:
            room = documents - self.documents
            self._choose(room)(self._customer())
        self.pieces.sort(key=lambda piece: piece.date)
        return self.pieces

    def _choose(self, room: int) -> Callable[[str], None]:
        stories: list[tuple[int, Callable[[str], None]]] = [(50, self._plain)]
        if room >= 2:
            stories.append((4, self._two_at_once))
        if room >= 5:
            stories += [(34, self._contract), (6, self._quote), (2, self._draft)]
        weights = [weight for weight, _ in stories]
        return self.random.choices([story for _, story in stories], weights)[0]

    # -- stories --------------------------------------------------------------------------------------------

    def _plain(self, customer: str) -> None:
        """An invoice and its payment."""
        date = self._day()
        lines = self._lines()
        slot = self._invoice(customer, date, lines)
        self._pay(customer, date, slot, included(lines))

    def _two_at_once(self, customer: str) -> None:
        """Two invoices, one transfer that names them under its postings."""
        dates = sorted((self._day(), self._day()))
        both = [(date, self._lines()) for date in dates]
        slots = [self._invoice(customer, date, lines) for date, lines in both]
        totals = [included(lines) for _, lines in both]
        paid = self._after(dates[1], 10, 45)
        if paid is None:
            return
        postings = [Typed("Actif:512:Banque", f"{sum(totals)} EUR")]
        for slot, total in zip(slots, totals, strict=True):
            postings.append(Typed(_account(customer), f"{-total} EUR", pays=slot))
        self.pieces.append(Piece(paid, customer, "Virement, deux factures", "", tuple(postings)))

    def _draft(self, customer: str) -> None:
        date = self._day()
        postings = (Typed(_account(customer)), *_line_postings(self._lines(), plain=True))
        self._add(Piece(date, customer, "À relire", "facture", postings, draft=True))

    def _quote(self, customer: str) -> None:
        date = self._day()
        self.contracts += 1
        postings = (Typed(_account(customer)), *_line_postings(self._lines(), plain=True))
        self._add(
            Piece(
                date, customer, "Proposition", "devis", postings, contract=f"P{self.contracts:06d}"
            )
        )

    def _contract(self, customer: str) -> None:
        """A contract, its deposit, maybe a milestone or an amendment, its final invoice, and their payments."""
        date = self._day(margin=20)
        self.contracts += 1
        link = f"D{self.contracts:06d}"
        lines = self._contract_lines()
        keys = (
            ("delai", '"30 jours"'),
            ("bon-de-commande", f'"BC-{self.random.randint(1, 9999)}"'),
        )
        postings = (Typed(_account(customer)), *_line_postings(lines))
        self._add(Piece(date, customer, "Commande", "contrat", postings, contract=link, keys=keys))
        asked = self._after(date, 1, 8)
        if asked is None:
            return
        given = self._deposit(customer, asked, link, lines)
        billed = self._milestone(customer, asked, link, lines, given)
        end = self._after(asked, 30, 90)
        if end is None:
            return
        lines = self._amended(customer, asked, link, lines)
        accounts = dict.fromkeys(line.item.account for line in lines)
        slot = self._slot()
        self._add(
            Piece(
                end,
                customer,
                "Solde de la commande",
                "solde",
                (Typed(_account(customer)), *(Typed(account, "-100 PCT") for account in accounts)),
                slot,
                link,
                keys=(("livraison", f'"{asked}/{end}"'), ("echeance", f"{_due(end)}")),
            )
        )
        self._pay(customer, end, slot, included(lines) - billed - given)

    def _deposit(
        self, customer: str, date: datetime.date, link: str, lines: Sequence[Line]
    ) -> Decimal:
        """A deposit given in percent, before tax or VAT-inclusive; its total in euros."""
        whole = included(lines)
        share = self.random.choice((20, 30, 30, 40, 50))
        total = cents(whole * share / 100)
        own, deposits = _account(customer), f"Passif:4191:{customer}"
        way = self.random.random()
        if way < 0.6:
            postings = (Typed(own), Typed(deposits, f"-{share} PCT"))
        elif way < 0.8 and {line.item.rate for line in lines} == {TWENTY}:
            base = Decimal(int(total / Decimal("1.2")))
            total = base + cents(base * TWENTY / 100)
            postings = (Typed(own), Typed(deposits, f"-{base}.00 EUR"))
        else:
            total = Decimal(int(total)).quantize(CENT)
            postings = (Typed(own, f"{total} EUR"), Typed(deposits))
        slot = self._slot()
        self._add(
            Piece(
                date,
                customer,
                "Acompte à la commande",
                "acompte",
                postings,
                slot,
                link,
                keys=(("echeance", f"{_due(date)}"),),
            )
        )
        self._pay(customer, date, slot, total, soon=True)
        return total

    def _milestone(
        self,
        customer: str,
        after: datetime.date,
        link: str,
        lines: Sequence[Line],
        given: Decimal,
    ) -> Decimal:
        """One contract in ten or so bills its first lot apart; the total billed in euros, zero for the others."""
        date = self._after(after, 10, 29)
        first = lines[0]
        # The final invoice must leave room for the whole deposit, at its rate.
        room = included(lines) - included([first]) - given
        rates = {line.item.rate for line in lines}
        if date is None or room < 0 or len(rates) > 1 or self.random.random() > 1 / 5:
            return Decimal(0)
        slot = self._slot()
        line = Typed(first.item.account, "-100 PCT", (("lot", f'"{first.lot}"'),))
        self._add(
            Piece(
                date,
                customer,
                "Premier jalon",
                "facture",
                (Typed(_account(customer)), line),
                slot,
                link,
                keys=(("echeance", f"{_due(date)}"),),
            )
        )
        self._pay(customer, date, slot, included([first]))
        return included([first])

    def _amended(
        self, customer: str, after: datetime.date, link: str, lines: list[Line]
    ) -> list[Line]:
        """One contract in ten is amended; its lines from then on."""
        date = self._after(after, 2, 20)
        if date is None or self.random.random() > 0.1:
            return lines
        added = Line(lines[0].item, Decimal(self.random.randint(1, 9)), "SUP")
        self._add(
            Piece(
                date,
                customer,
                "Supplément demandé",
                "avenant",
                (Typed(_account(customer)), *_line_postings([added])),
                contract=link,
            )
        )
        return [*lines, added]

    # -- parts of stories -----------------------------------------------------------------------------------

    def _invoice(self, customer: str, date: datetime.date, lines: Sequence[Line]) -> int:
        slot = self._slot()
        postings = (Typed(_account(customer)), *_line_postings(lines, plain=True))
        keys = (
            ("echeance", f"{_due(date)}"),
            ("livraison", f"{date}"),
            ("bon-de-commande", f'"BC-{self.random.randint(1, 9999)}"'),
        )
        self._add(
            Piece(date, customer, "Prestations du mois", "facture", postings, slot, keys=keys)
        )
        return slot

    def _pay(
        self,
        customer: str,
        invoiced: datetime.date,
        slot: int,
        total: Decimal,
        *,
        soon: bool = False,
    ) -> None:
        """The transfer of an invoice: nine in ten at once, some in two parts, some never."""
        chance = self.random.random()
        date = self._after(invoiced, 3, 9) if soon else self._after(invoiced, 10, 45)
        if date is None or chance > 0.95:
            return
        parts = [(date, total)]
        later = self._after(date, 5, 30)
        if chance > 0.88 and later is not None:
            first = cents(total / 3)
            parts = [(date, first), (later, total - first)]
        for day, amount in parts:
            postings = (Typed("Actif:512:Banque", f"{amount} EUR"), Typed(_account(customer)))
            self.pieces.append(Piece(day, customer, "Virement reçu", "", postings, settles=(slot,)))

    def _lines(self) -> list[Line]:
        """One to five lines at one rate or two."""
        count = self.random.choice((1, 1, 1, 2, 2, 3, 4, 5))
        items: Sequence[Item] = self.random.choice((SERVICES, SERVICES, GOODS, BOOKS))
        if self.random.random() < 0.25:
            items = (*items, *RENOVATION)
        sold = self.random.sample(items, min(count, len(items)))
        return [Line(item, self._quantity(item)) for item in sold]

    def _contract_lines(self) -> list[Line]:
        """One to three lots, at one rate or two."""
        items: Sequence[Item] = self.random.choice((SERVICES, SERVICES, SERVICES, GOODS))
        if self.random.random() < 0.3:
            items = (items[0], *RENOVATION)
        sold = self.random.sample(items, min(self.random.choice((1, 1, 2, 3)), len(items)))
        return [
            Line(item, self._quantity(item), f"L{rank}") for rank, item in enumerate(sold, start=1)
        ]

    def _quantity(self, item: Item) -> Decimal:
        if item.unit in COUNTED_WHOLE:
            return Decimal(self.random.randint(1, 12))
        return Decimal(self.random.randint(1, 80)) / 4

    def _customer(self) -> str:
        rank = self.random.randrange(self.customers)
        return customer_name(rank)

    def _slot(self) -> int:
        self.slots += 1
        return self.slots

    def _add(self, piece: Piece) -> None:
        self.documents += 1
        self.pieces.append(piece)

    def _day(self, margin: int = 0) -> datetime.date:
        return FIRST_DAY + datetime.timedelta(days=self.random.randrange(365 - margin))

    def _after(self, date: datetime.date, least: int, most: int) -> datetime.date | None:
        """A later day, or ``None`` when the year is over by then: the story stops there."""
        later = date + datetime.timedelta(days=self.random.randint(least, most))
        return later if later <= LAST_DAY else None


def customer_name(rank: int) -> str:
    """Auxiliary of the customer of that rank."""
    return f"{CUSTOMER_NAMES[rank % len(CUSTOMER_NAMES)]}{rank:05d}"


def customers_for(documents: int) -> int:
    """How many customers a business of that size has."""
    return max(5, documents // 20)


def tell(documents: int, seed: int) -> list[Piece]:
    """The year of a business in date order, with exactly ``documents`` documents."""
    return Teller(Random(seed), customers_for(documents)).tell(documents)


def numbers(pieces: Sequence[Piece]) -> dict[int, str]:
    """The number of each slot: continuous in date order."""
    slots = [piece.slot for piece in pieces if piece.slot is not None]
    return {slot: f"F2026-{rank:06d}" for rank, slot in enumerate(slots, start=1)}


def _account(customer: str) -> str:
    return f"Actif:411:{customer}"


def _due(date: datetime.date) -> datetime.date:
    return date + datetime.timedelta(days=30)


def _line_postings(lines: Sequence[Line], *, plain: bool = False) -> Iterator[Typed]:
    for line in lines:
        item = line.item
        keys: list[tuple[str, str]] = [] if plain else [("lot", f'"{line.lot}"')]
        keys.append(("libelle", f'"{item.label}"'))
        if not item.default:
            keys.append(("tva", f"{item.rate}"))
        amount = f"-{line.quantity} {item.unit} @ {item.price} EUR"
        yield Typed(item.account, amount, tuple(keys))
