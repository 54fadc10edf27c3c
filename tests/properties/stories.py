"""Random but believable business: contracts, their amendments, deposits, invoices and final invoice.

Every strategy returns frozen values; amounts that the engine must find are computed by `tests.properties.figures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from hypothesis import assume
from hypothesis import strategies as st
from tests.properties.figures import (
    NIL,
    Figures,
    OrderLine,
    base_total,
    floor_cents,
    half_up,
    ordered,
    whole_total,
)
from tests.properties.ledger import (
    CUSTOMERS,
    GOODS,
    PLAIN_CHART,
    RATES,
    SERVICES,
    Chart,
    Entry,
    Ledger,
    Leg,
    Seller,
    day,
    text,
)

HUNDRED: Final = Decimal(100)
SELLERS: Final = (  # one choice in two is the common regime
    Seller("encaissements"),
    Seller("encaissements"),
    Seller("encaissements"),
    Seller("debits"),
    Seller("franchise"),
    Seller("debits", deposit_on_debit=True),
)
# A half cent is the product that tells half-up from half-even and from rounding the sum.
_PRICES: Final = st.one_of(
    st.sampled_from(
        [Decimal(p) for p in ("0.505", "1.005", "33.335", "185.00", "4500.00", "0.01")]
    ),
    st.decimals("0.01", "5000", places=2),
    st.decimals("0.0001", "99", places=4),
)
_QUANTITIES: Final = st.one_of(
    st.integers(1, 20).map(Decimal),
    st.sampled_from([Decimal(q) for q in ("0.5", "42.50", "0.125", "7.35", "1.005", "3.333")]),
)
_UNITS: Final = st.sampled_from(["HEURE", "M2", "PIECE", "FORFAIT", "EUR"])
PERCENTS: Final = st.one_of(
    st.sampled_from(
        [
            Decimal(p)
            for p in ("30", "33.3333", "33.33", "12.3456", "50", "10", "0.5", "100", "5.55")
        ]
    ),
    st.decimals("0.01", "60", places=2),
)
_LOTS: Final = st.sampled_from([None, "GO", "CH", "EL"])
LAST_DAY: Final = 14  # few days, so that many things happen on the same one


def line_leg(line: OrderLine) -> Leg:
    """A contract's or an amendment's line as typed: revenue negative, a reduction positive."""
    meta = {"tva": f"{line.rate}"}
    if line.lot is not None:
        meta["lot"] = text(line.lot)
    if line.unit == "EUR":
        return Leg(
            line.account,
            -half_up(Fraction(line.quantity) * Fraction(line.price)),
            "EUR",
            None,
            meta,
        )
    return Leg(line.account, -line.quantity, line.unit, line.price, meta)


@dataclass(frozen=True)
class Paper:
    """A numbered document to be: what is typed, and for a deposit what it asks in exact terms.

    ``exact`` is the deposit's VAT-inclusive amount before rounding; ``None`` when an amount before tax was typed
    (``base``).
    """

    day: int
    tag: str
    narration: str
    legs: tuple[Leg, ...]
    exact: Fraction | None = None
    base: Decimal | None = None
    rate: Decimal | None = None
    typed_total: Decimal | None = None
    meta: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """One contract and its documents in date order; ``numbers`` are given once the dossier is put together."""

    link: str
    customer: str
    lines: tuple[OrderLine, ...]
    papers: tuple[Paper, ...]
    numbers: tuple[str, ...] = ()
    retention: Decimal = Decimal(0)

    @property
    def receivable(self) -> str:
        return f"Actif:411:{self.customer}"

    @property
    def amendments(self) -> list[int]:
        """Days on which lines were added or taken off after the contract."""
        start = day(0)
        return sorted({(line.date - start).days for line in self.lines if line.date > start})

    def entries(self) -> list[Entry]:
        """Contract, amendments and documents as typed."""
        typed = [self._order(0, "contrat")]
        typed += [self._order(when, "avenant") for when in self.amendments]
        for paper, number in zip(self.papers, self.numbers, strict=True):
            typed.append(self.document(paper, number))
        return typed

    def document(self, paper: Paper, number: str) -> Entry:
        legs = paper.legs
        if not any(leg.account == self.receivable for leg in legs):
            legs = (Leg(self.receivable), *legs)
        return Entry(
            day(paper.day),
            paper.narration,
            legs,
            paper.tag,
            (self.link,),
            {"numero": text(number), **paper.meta},
            self.customer,
        )

    def _order(self, when: int, tag: str) -> Entry:
        legs = [Leg(self.receivable)]
        legs += [line_leg(line) for line in self.lines if line.date == day(when)]
        terms = {"retenue": f"{self.retention}"} if self.retention and tag == "contrat" else {}
        name = f"Commande {self.link}"
        return Entry(day(when), name, tuple(legs), tag, (self.link,), terms, self.customer)

    def deposits(self) -> list[tuple[str, Paper]]:
        """The deposit invoices with their numbers."""
        return [
            (number, paper)
            for number, paper in zip(self.numbers, self.papers, strict=True)
            if paper.tag == "acompte"
        ]


@dataclass(frozen=True)
class Dossier:
    """Several stories of one seller, numbered in one chronological series."""

    seller: Seller
    stories: tuple[Story, ...]
    chart: Chart = PLAIN_CHART

    def ledger(self) -> Ledger:
        entries = [entry for story in self.stories for entry in story.entries()]
        return Ledger(self.seller, tuple(entries), self.chart)

    def typed(self) -> str:
        """The entries alone, for the report of a failure."""
        return "\n".join([self.seller.text(), *(entry.text() for entry in self.ledger().entries)])

    @property
    def story(self) -> Story:
        """The only story."""
        (story,) = self.stories
        return story


def number(rank: int) -> str:
    """The number of that rank in the dossier's series."""
    return f"F2026-{rank:03}"


def _numbered(stories: Sequence[Story]) -> tuple[Story, ...]:
    """Numbers in date order; a story's own documents keep their order."""
    turns = sorted(
        (paper.day, index, position)
        for index, story in enumerate(stories)
        for position, paper in enumerate(story.papers)
    )
    ranks = {(index, position): rank for rank, (_, index, position) in enumerate(turns, 1)}
    return tuple(
        replace(
            story,
            numbers=tuple(number(ranks[index, place]) for place in range(len(story.papers))),
        )
        for index, story in enumerate(stories)
    )


# -- contracts --------------------------------------------------------------------------------------------------


@st.composite
def order_lines(draw: st.DrawFn) -> list[OrderLine]:
    """One to six lines at one to three rates, some with a discount of at most half of their amount."""
    rates = draw(st.lists(st.sampled_from(RATES), min_size=1, max_size=3, unique=True))
    accounts = draw(
        st.sampled_from([SERVICES, GOODS, (*SERVICES, *GOODS), SERVICES[:1], GOODS[:1]])
    )
    lines: list[OrderLine] = []
    for _ in range(draw(st.integers(1, 6))):
        line = OrderLine(
            draw(st.sampled_from(accounts)),
            draw(_LOTS),
            draw(st.sampled_from(rates)),
            draw(_QUANTITIES),
            draw(_UNITS),
            draw(_PRICES),
            day(0),
        )
        lines.append(line)
        if line.amount > Decimal("0.10") and draw(st.booleans()):
            part = Fraction(draw(st.integers(1, 50)), 100)
            price = max(floor_cents(Fraction(line.amount) * part), Decimal("0.01"))
            lines.append(replace(line, quantity=Decimal(-1), unit="REMISE", price=price))
    return lines


@st.composite
def amendment_lines(
    draw: st.DrawFn, lines: list[OrderLine], *, reductions: bool
) -> list[OrderLine]:
    """Lines added on later days, at rates old or new; or a tenth of a line taken off."""
    added: list[OrderLine] = []
    for when in draw(st.lists(st.integers(0, LAST_DAY - 1), max_size=3)):
        if when == 0:
            continue
        like = draw(st.sampled_from(lines))
        if reductions and draw(st.booleans()):
            price = floor_cents(Fraction(max(like.amount, NIL)) / 10)
            if price and like.quantity > 0:
                added.append(
                    replace(like, quantity=Decimal(-1), unit="EUR", price=price, date=day(when))
                )
            continue
        rate = draw(st.sampled_from([like.rate, *RATES]))
        added.append(
            replace(
                like,
                lot=draw(_LOTS),
                rate=rate,
                quantity=draw(_QUANTITIES),
                unit=draw(_UNITS),
                price=draw(_PRICES),
                date=day(when),
            )
        )
    return added


# -- deposits ---------------------------------------------------------------------------------------------------


WAYS: Final = st.sampled_from(["PCT", "PCT", "TTC", "HT", "HT-taux", "TTC-taux"])


@dataclass
class Budget:
    """Percent of the contract that deposits may still ask for.

    Deposits given in one way may reach the whole contract. Where ways are mixed, the roundings of each may add up to
    a cent more than the contract, which the engine rightly refuses: a few cents are then left.
    """

    most: Decimal
    used: Decimal = Decimal(0)
    ways: set[str] = field(default_factory=set)

    def allow(self, way: str, percent: Decimal, figures: Figures) -> Decimal:
        """At most ``percent``."""
        most = self.most
        if len(self.ways | {_family(way)}) > 1:
            smallest = min(figure.total for figure in figures.values())
            most = min(most, HUNDRED - 8 / max(smallest, Decimal("0.01")))
        return min(percent, (most - self.used).quantize(Decimal("0.0001"), "ROUND_FLOOR"))

    def spend(self, way: str, percent: Decimal) -> None:
        self.used += percent
        self.ways.add(_family(way))


def _family(way: str) -> str:
    return {"PCT": "exact", "TTC": "exact", "HT": "HT"}.get(way, way)


def deposit(
    figures: Figures, customer: str, when: int, percent: Decimal, way: str, rate: Decimal
) -> Paper | None:
    """A deposit of about ``percent`` of the contract, given in that way; ``None`` when it comes to nothing."""
    advance = f"Passif:4191:{customer}"
    share = Fraction(percent) / 100
    name = f"Acompte {way}"
    if way.endswith("taux") and rate:
        figure, meta, typed = figures[rate], {"tva": f"{rate}"}, rate
        base, total = figure.base, figure.total
    else:
        base, total, meta, typed = base_total(figures), whole_total(figures), {}, None
    if way == "PCT":
        exact = share * Fraction(whole_total(figures))
        return Paper(when, "acompte", name, (Leg(advance, -percent, "PCT"),), exact)
    amount = floor_cents(share * Fraction(base if way.startswith("HT") else total))
    if amount <= 0:
        return None
    if way.startswith("HT"):
        line = Leg(advance, -amount, meta=meta)
        return Paper(when, "acompte", name, (line,), base=amount, rate=typed)
    legs = (Leg(f"Actif:411:{customer}", amount), Leg(advance, meta=meta))
    return Paper(when, "acompte", name, legs, Fraction(amount), rate=typed, typed_total=amount)


# -- invoices with progress --------------------------------------------------------------------------------------


@dataclass
class _Progress:
    """Cumulative percentages while a story is drawn: per account and lot, and of the deposits recovered."""

    reached: dict[tuple[str, str | None], Decimal]
    recovered: Decimal = Decimal(0)

    def legs(self, draw: st.DrawFn, customer: str) -> tuple[Leg, ...]:
        """Lines that take some lots further, and perhaps recover deposits."""
        accounts = sorted({account for account, _ in self.reached})
        account = draw(st.sampled_from(accounts))
        lots = [lot for own, lot in self.reached if own == account]
        named = [lot for lot in lots if lot is not None]
        chosen: Sequence[str | None] = [None]
        if draw(st.booleans()) and named:
            chosen = list(draw(st.lists(st.sampled_from(named), min_size=1, unique=True)))
        legs = []
        for lot in chosen:
            touched = [lot] if lot is not None else lots
            floor = max(self.reached[account, one] for one in touched)
            reached = min(HUNDRED, floor + draw(PERCENTS))
            for one in touched:
                self.reached[account, one] = reached
            meta = {"lot": text(lot)} if lot is not None else {}
            legs.append(Leg(account, -reached, "PCT", None, meta))
        if draw(st.integers(0, 2)) == 0:
            self.recovered = min(HUNDRED, self.recovered + draw(PERCENTS))
            legs.append(Leg(f"Passif:4191:{customer}", self.recovered, "PCT"))
        return tuple(legs)


def _groups(lines: Sequence[OrderLine], when: int) -> list[tuple[str, str | None]]:
    return list(dict.fromkeys((line.account, line.lot) for line in lines if line.date <= day(when)))


@st.composite
def final(draw: st.DrawFn, lines: Sequence[OrderLine], when: int) -> Paper:
    """A final invoice: without lines, at 100 % of every account, or at 100 % of every lot where all are named."""
    groups = _groups(lines, when)
    way = draw(st.sampled_from(["rien", "comptes", "lots"]))
    legs: tuple[Leg, ...] = ()
    if way == "comptes" or (way == "lots" and any(lot is None for _, lot in groups)):
        accounts = dict.fromkeys(account for account, _ in groups)
        legs = tuple(Leg(account, -HUNDRED, "PCT") for account in accounts)
    elif way == "lots":
        legs = tuple(
            Leg(account, -HUNDRED, "PCT", None, {"lot": text(str(lot))}) for account, lot in groups
        )
    return Paper(when, "solde", "Solde", legs)


# -- whole stories -----------------------------------------------------------------------------------------------


@st.composite
def stories(
    draw: st.DrawFn,
    seller: Seller,
    link: str = "D2026-001",
    *,
    customer: str = CUSTOMERS[0],
    finished: bool = True,
    progress: bool = True,
    amendments: bool = True,
    least: int = 1,
) -> Story:
    """A contract, its amendments, up to four deposits or invoices on the way, a final one."""
    lines = draw(order_lines())
    assume(whole_total(ordered(lines, day(0), has_vat=seller.has_vat)) >= Decimal("0.10"))
    billing = progress and draw(st.booleans())
    most = draw(st.sampled_from([100, 100, 70]))
    if amendments:
        # A reduction below what was billed, or below the deposits, is a mistake of another test.
        lines = lines + draw(amendment_lines(lines, reductions=not billing and most < 80))
    papers: list[Paper] = []
    budget = Budget(Decimal(most))
    done = _Progress({group: Decimal(0) for group in _groups(lines, 0)})
    for when in sorted(draw(st.lists(st.integers(0, LAST_DAY), min_size=least, max_size=5))):
        if billing and draw(st.booleans()):
            for group in _groups(lines, when):
                done.reached.setdefault(group, Decimal(0))
            papers.append(Paper(when, "facture", "Avancement", done.legs(draw, customer)))
            continue
        figures = ordered(lines, day(when), has_vat=seller.has_vat)
        way = draw(WAYS)
        percent = budget.allow(way, draw(PERCENTS), figures)
        paper = deposit(
            figures, customer, when, percent, way, draw(st.sampled_from(sorted(figures)))
        )
        if percent > 0 and paper is not None:
            budget.spend(way, percent)
            papers.append(paper)
    if finished or not papers:
        papers.append(draw(final(lines, LAST_DAY)))
    retention = draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(5), Decimal("2.5")]))
    return Story(link, customer, tuple(lines), tuple(papers), (), retention)


CHARTS: Final = st.builds(Chart, st.booleans(), st.booleans(), st.booleans())


@st.composite
def dossiers(
    draw: st.DrawFn,
    *,
    count: int = 1,
    sellers: Sequence[Seller] = SELLERS,
    finished: bool = True,
    progress: bool = True,
    amendments: bool = True,
    least: int = 1,
) -> Dossier:
    """``count`` stories of one seller, each with its customer."""
    seller = draw(st.sampled_from(sellers))
    told = [
        draw(
            stories(
                seller,
                f"D2026-{index + 1:03}",
                customer=CUSTOMERS[index],
                finished=finished,
                progress=progress,
                amendments=amendments,
                least=least,
            )
        )
        for index in range(count)
    ]
    return Dossier(seller, _numbered(told), draw(CHARTS))
