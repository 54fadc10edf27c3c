"""Random mixes of all documents: whatever was done in whatever order, the books hold together, and end at zero.

A play does what the engine accepts: an act that it refuses must be refused by a message at its own line and change
nothing for the rest, and the play goes on without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Final

from hypothesis import given, note
from hypothesis import strategies as st
from tests.properties.figures import CENT, NIL, Figure, half_up, vat
from tests.properties.ledger import (
    BANK,
    DISCOUNT_GIVEN,
    OPENING,
    Entry,
    Ledger,
    Leg,
    Seller,
    day,
    text,
)
from tests.properties.loading import Loaded, load, number_of
from tests.properties.profiles import examples
from tests.properties.test_documents import LAST, check_books

from acompta.claims import Claim
from acompta.posting.bill import Bill
from acompta.reading.model import Document, Share, TaxKey
from acompta.vocabulary import Kind

CUSTOMER: Final = "Actif:411:Dupont"
RETAINED: Final = "Actif:4117:Dupont"
ADVANCES: Final = "Passif:4191:Dupont"
SUPPLIER: Final = "Passif:401:Fourbu"
PAID_AHEAD: Final = "Actif:4091:Fourbu"
LINKS: Final = ("D2026-001", "D2026-002")
ACCOUNTS: Final = ("Produits:706:Conseil", "Produits:704:Travaux", "Produits:707:Marchandises")
MORE_ACCOUNTS: Final = f"""
{OPENING} open {SUPPLIER} EUR
{OPENING} open {PAID_AHEAD} EUR
{OPENING} open Charges:6135:Serveur EUR
{OPENING} open Charges:607:Achats EUR
{OPENING} open Actif:2183:Ordinateurs EUR
{OPENING} open Passif:404:Fourbu EUR
{OPENING} open Charges:654:Pertes EUR
{OPENING} open Produits:7581:Dedits EUR
{OPENING} open Charges:6581:Dedits EUR
{OPENING} open Capitaux:890:Ouverture EUR
""" + "".join(
    f"{OPENING} open Actif:{role}:TVA{rate} EUR\n  taux: {rate}\n"
    for role in ("44564", "44566", "44562")
    for rate in ("20", "10")
)
SELLERS: Final = (
    Seller("encaissements"),
    Seller("encaissements"),
    Seller("debits"),
    Seller("franchise"),
    Seller("debits", deposit_on_debit=True),
    Seller("encaissements", deposit_when_received=True),
)
_INVOICES: Final = frozenset({Kind.INVOICE, Kind.PROGRESS, Kind.FINAL, Kind.CORRECTIVE})
_DEPOSITS: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES})
_BILLING: Final = _INVOICES | {Kind.CREDIT_NOTE}


@dataclass(repr=False)
class Play:
    """A ledger being typed; ``contents`` is what it loads to."""

    seller: Seller
    entries: list[Entry] = field(default_factory=list)
    today: int = 0
    rank: int = 0
    orders: int = 0
    over: set[str] = field(default_factory=set)
    lots: dict[str, dict[str, tuple[str, Decimal, str]]] = field(default_factory=dict)
    reached: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    shares: dict[str, Decimal] = field(default_factory=dict)
    refused: int = 0
    loaded: Loaded | None = None

    def __repr__(self) -> str:
        return "\n".join([self.seller.text(), *(entry.text() for entry in self.entries)])

    def text(self, entries: list[Entry] | None = None) -> str:
        typed = self.entries if entries is None else entries
        ledger = Ledger(self.seller, tuple(typed))
        return ledger.text() + MORE_ACCOUNTS

    def now(self) -> Loaded:
        if self.loaded is None:
            self.loaded = load(self.text())
        return self.loaded

    def does(self, entry: Entry) -> bool:
        """Type an entry, and keep it unless the engine refuses it."""
        before = self.now()
        after = load(self.text([*self.entries, entry]))
        if not after.messages:
            self.entries.append(entry)
            self.loaded = after
            return True
        assert all("interne" not in message for message in after.messages), after.messages
        if entry.tag:
            known = before.contents_by_number()
            found = after.contents_by_number()
            assert {n: found[n] for n in known} == known, (entry.text(), after.messages)
        self.refused += 1
        return False

    # -- documents ----------------------------------------------------------------------------------------------

    def number(self) -> str:
        return f"F2026-{self.rank + 1:03}"

    def issue(self, tag: str, link: str | None, *legs: Leg, **meta: str) -> bool:
        if not any(leg.account == CUSTOMER for leg in legs):
            legs = (Leg(CUSTOMER), *legs)
        links = () if link is None else (link,)
        keys = {"numero": text(self.number())} | {k: v for k, v in meta.items() if v}
        done = self.does(Entry(day(self.today), "Document", legs, tag, links, keys))
        self.rank += done
        return done

    def claims(self, *kinds: Kind) -> list[Claim]:
        found = self.now().dossier.claims.values()
        return [claim for claim in found if not kinds or claim.document.kind in kinds]

    def pick(self, rank: int, *kinds: Kind) -> Claim | None:
        found = self.claims(*kinds)
        return found[rank % len(found)] if found else None


# -- what a person may do -----------------------------------------------------------------------------------------


def _sign(play: Play, link: str, lines: list[tuple[int, int, str]], terms: dict[str, str]) -> None:
    legs = [Leg(CUSTOMER)]
    lots: dict[str, tuple[str, Decimal, str]] = {}
    for rank, (account, cents, rate) in enumerate(lines):
        lot = "ABCD"[rank]
        amount = Decimal(cents) / 100
        lots[lot] = (ACCOUNTS[account], amount, rate)
        legs.append(Leg(ACCOUNTS[account], -amount, meta={"lot": text(lot), "tva": rate}))
    assert play.does(Entry(day(0), "Commande", tuple(legs), "contrat", (link,), terms))
    play.lots[link] = lots


def _amount(part: int, whole: Decimal) -> Decimal:
    return max(CENT, half_up(Fraction(whole) * part / 100))


def _deposit(play: Play, link: str, part: int, other: int) -> None:
    tag = "arrhes" if other % 5 == 0 else "acompte"
    if other % 3:
        play.issue(tag, link, Leg(ADVANCES, Decimal(-max(1, part // 2)), "PCT"))
    else:
        whole = sum((amount for _, amount, _ in play.lots[link].values()), NIL)
        play.issue(tag, link, Leg(ADVANCES, -_amount(part // 2, whole)))


def _progress(play: Play, link: str, part: int, other: int) -> None:
    legs = []
    for rank, (lot, (account, _, _)) in enumerate(play.lots[link].items()):
        if other >> rank & 1 or rank == part % len(play.lots[link]):
            reached = min(Decimal(100), play.reached.get((link, lot), NIL) + part)
            legs.append((lot, Leg(account, -reached, "PCT", meta={"lot": text(lot)}), reached))
    typed = [leg for _, leg, _ in legs]
    if other % 4 == 0:
        share = min(Decimal(100), play.shares.get(link, NIL) + part)
        typed.append(Leg(ADVANCES, share, "PCT"))
    elif other % 4 == 1:
        typed.append(Leg(ADVANCES, Decimal(part) / 10))
    if play.issue("situation" if other % 2 else "facture", link, *typed):
        for lot, _, reached in legs:
            play.reached[link, lot] = reached
        if other % 4 == 0:
            play.shares[link] = share


def _extra(play: Play, link: str, part: int, other: int) -> None:
    account = ACCOUNTS[other % 3]
    line = Leg(
        account, -Decimal(part) / 7 // CENT * CENT - 1, meta={"tva": ("20", "10", "5.5")[part % 3]}
    )
    play.issue("facture", link if other % 2 else None, line)


def _amend(play: Play, link: str, part: int, other: int) -> None:
    lots = list(play.lots[link].items())
    lot, (account, amount, rate) = lots[other % len(lots)]
    change = _amount(part // 4, amount) * (1 if other % 2 else -1)
    play.today += 1  # that of the day would count for the documents of the day, already typed (language.md §1)
    line = Leg(account, change, meta={"lot": text(lot), "tva": rate})
    play.does(Entry(day(play.today), "Avenant", (Leg(CUSTOMER), line), "avenant", (link,)))


def _credit(play: Play, link: str, part: int, other: int) -> None:
    claim = play.pick(other, *(_INVOICES | _DEPOSITS))
    if claim is None:
        return
    document = claim.document
    sur = {"sur": text(claim.number)}
    own = document.contract
    if part % 4 == 0:
        play.issue("avoir", own, Leg(CUSTOMER, Decimal(-100), "PCT"), **sur)
    elif document.kind in _DEPOSITS:
        play.issue("avoir", own, Leg(ADVANCES, _amount(part, abs(claim.document_total) / 2)), **sur)
    elif document.lines:
        line = document.lines[other % len(document.lines)]
        meta: dict[str, str] = {"lot": text(line.lot)} if line.lot else {}
        if line.unit == "PCT" and part % 2:
            back = Leg(line.account, Decimal(part % 20 + 1), "PCT", meta=meta)
        else:
            rate = (
                {"tva": f"{line.tax.rate}"} if line.tax is not None and "tva" in line.meta else {}
            )
            if line.lot and own in play.lots:
                rate = {"tva": play.lots[own][line.lot][2]}
            back = Leg(line.account, Decimal(part) / 10, meta=meta | rate)
        play.issue("avoir", own, back, **sur)


def _correct(play: Play, link: str, part: int, other: int) -> None:
    claim = play.pick(other, Kind.INVOICE, Kind.PROGRESS)
    if claim is None:
        return
    legs = []
    for line in claim.document.lines:
        units = (line.units * part / 100).quantize(Decimal("0.01")) or line.units
        meta = {key: str(line.meta[key]) for key in ("tva",) if key in line.meta}
        if line.lot:
            meta["lot"] = text(line.lot)
        legs.append(Leg(line.account, units, line.unit, None, meta))
    play.issue("rectificative", claim.document.contract, *legs, sur=text(claim.number))


def _transfer(play: Play, link: str, part: int, other: int) -> None:
    claim = play.pick(other, *_DEPOSITS)
    if claim is None:
        return
    to = next(one for one in LINKS if one != claim.document.contract)
    legs = (Leg(ADVANCES, Decimal(-100), "PCT"),)
    play.does(Entry(day(play.today), "Report", legs, "report", (to,), {"sur": text(claim.number)}))


def _break(play: Play, link: str, part: int, other: int) -> None:
    by, fate, how = [
        ("client", "conserve", "indemnite"),
        ("client", "conserve", "contrepartie"),
        ("client", "rembourse", ""),
        ("fournisseur", "rembourse", ""),
        ("fournisseur", "double", ""),
        ("retractation", "rembourse", ""),
    ][other % 6]
    meta = {"par": text(by), "sort": text(fate), "qualification": text(how) if how else ""}
    if part % 2 == 0 and play.issue("rupture", link, Leg(ADVANCES, Decimal(100), "PCT"), **meta):
        play.over.add(link)


def _finish(play: Play, link: str, part: int, other: int) -> None:
    if part % 4 == 0 and play.issue("solde", link):
        play.over.add(link)


def _prepaid(play: Play, link: str, part: int, other: int) -> None:
    price = Decimal(part) / 3 // CENT * CENT + 1
    play.issue("prepaye", f"CR-{play.rank}", Leg(ACCOUNTS[0], Decimal(-10), "HEURE", price))


def _use(play: Play, link: str, part: int, other: int) -> None:
    claim = play.pick(other, Kind.PREPAID)
    if claim is None:
        return
    line = claim.document.lines[0]
    leg = Leg(line.account, -Decimal(part % 6 + 1), line.unit, line.price)
    links = tuple(claim.document.entry.links)
    play.does(Entry(day(play.today), "Emploi", (leg,), "consommation", links))


def _buy(play: Play, link: str, part: int, other: int) -> None:
    play.orders += 1
    meta = {"numero": text(f"A-{play.orders}")}
    rate = {"tva": ("20", "10")[part % 2]}
    if other % 3 == 0:
        ahead = (Leg(SUPPLIER), Leg(PAID_AHEAD, Decimal(part), meta=rate))
        play.does(Entry(day(play.today), "Acompte", ahead, "achat-acompte", ("CDE-7",), meta))
        return
    account = ("Charges:6135:Serveur", "Charges:607:Achats", "Actif:2183:Ordinateurs")[other % 3]
    legs: tuple[Leg, ...] = (Leg(SUPPLIER), Leg(account, Decimal(part) * 3, meta=rate))
    if other % 2:
        legs += (Leg(PAID_AHEAD, Decimal(-100), "PCT"),)
    play.does(Entry(day(play.today), "Achat", legs, "achat", ("CDE-7",), meta))


# -- money --------------------------------------------------------------------------------------------------------


def _pay(play: Play, link: str, part: int, other: int) -> None:
    claim = play.pick(other)
    if claim is None or not claim.open:
        return
    whole = part > 60
    amount = claim.open if whole else half_up(Fraction(claim.open) * part / 100)
    legs: tuple[Leg, ...] = (Leg(BANK, amount), Leg(CUSTOMER))
    if whole and part % 5 == 0 and claim.open > 1:
        discount = max(CENT, half_up(Fraction(claim.open) / 50))
        legs = (Leg(BANK, amount - discount), Leg(DISCOUNT_GIVEN, discount), Leg(CUSTOMER))
    if amount:
        play.does(Entry(day(play.today), "Virement", legs, links=(claim.number,)))


def _pay_supplier(play: Play, link: str, part: int, other: int) -> None:
    found = [claim for claim in play.now().dossier.supplier_claims.values() if claim.open]
    if found:
        claim = found[other % len(found)]
        amount = claim.open if part > 50 else _amount(part, claim.open)
        legs = (Leg(claim.document.customer, amount), Leg(BANK, -amount))
        play.does(Entry(day(play.today), "Paiement", legs, links=(claim.number,)))


ACTS: Final = (
    *[_progress] * 5, *[_deposit] * 3, *[_credit] * 4, *[_pay] * 5, *[_extra] * 2, *[_amend] * 2, *[_correct] * 2,
    _transfer, *[_break] * 2, _finish, _prepaid, *[_use] * 2, *[_buy] * 3, *[_pay_supplier] * 2,
)  # fmt: skip


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """Two contracts of one customer, and up to two dozen acts."""
    play = Play(draw(st.sampled_from(SELLERS)))
    line = st.tuples(
        st.integers(0, 2), st.integers(100, 99999), st.sampled_from(["20", "20", "10", "5.5"])
    )
    for link in LINKS:
        terms: dict[str, str] = {}
        if draw(st.integers(0, 2)) == 0:
            terms["retenue"] = draw(st.sampled_from(["5", "2.5"]))
        if draw(st.integers(0, 2)) == 0:
            terms["imputation"] = text("prorata")
        if draw(st.booleans()):
            terms["stipulation"] = text(draw(st.sampled_from(["acompte", "arrhes"])))
        _sign(play, link, draw(st.lists(line, min_size=1, max_size=4)), terms)
    if draw(st.integers(0, 3)) == 0:
        legs = (Leg(ADVANCES, Decimal("-10.00"), meta={"tva": "20"}), Leg("Capitaux:890:Ouverture"))
        meta = {"numero": text("V2025-9")}
        play.does(Entry(day(0), "Reprise", legs, "reprise", LINKS[:1], meta))
    act = st.tuples(
        st.integers(0, len(ACTS) - 1),
        st.integers(0, 1),
        st.integers(1, 100),
        st.integers(0, 31),
        st.integers(0, 3),
    )
    for rank, which, part, other, days in draw(st.lists(act, min_size=6, max_size=24)):
        play.today += days
        ACTS[rank](play, LINKS[which], part, other)
    return play


def _ended(play: Play) -> Play:
    """A final invoice for the contracts that have none, then everything owed is paid or given back."""
    play.today += 1
    for link in LINKS:
        if link not in play.over and play.issue("solde", link):
            play.over.add(link)
    play.today += 1
    for claim in play.claims():
        if not claim.open:
            continue
        held = _retained(play.now(), claim)
        legs = [Leg(BANK, claim.open)]
        if held:
            legs.append(Leg(RETAINED, -held))
        if claim.open != held:
            legs.append(Leg(CUSTOMER, held - claim.open))
        assert play.does(
            Entry(day(play.today), "Solde de tout", tuple(legs), links=(claim.number,))
        )
    for claim in play.now().dossier.supplier_claims.values():
        if claim.open:
            legs = [Leg(claim.document.customer, claim.open), Leg(BANK, -claim.open)]
            assert play.does(Entry(day(play.today), "Paiement", tuple(legs), links=(claim.number,)))
    return play


def _retained(loaded: Loaded, claim: Claim) -> Decimal:
    """What a document put on 4117, and its corrections and payments took off."""
    return sum(
        (
            number_of(posting)
            for posting in loaded.document(claim.number).postings
            if posting.account.startswith("Actif:4117:")
        ),
        NIL,
    )


# -- what must hold -------------------------------------------------------------------------------------------------


@given(plays())
@examples(60)
def test_whatever_is_done_the_books_are_exact_and_signs_agree(play: Play) -> None:
    note(play.text())
    loaded = play.now()
    check_books(loaded)
    for claim in play.claims():
        for rate, figure in loaded.figures(claim.number).items():
            assert figure.base * figure.vat >= 0, (claim.number, rate, figure)


@given(plays())
@examples(60)
def test_once_all_is_finished_and_paid_nothing_waits(play: Play) -> None:
    _ended(play)
    note(play.text())
    loaded = play.now()
    check_books(loaded)
    assert loaded.balance("411") == 0  # 4117 too
    assert loaded.balance("401", "404") == 0
    assert loaded.balance("44564") == 0
    if not loaded.balance("4191"):
        assert loaded.balance("44574") == 0


@given(plays())
@examples(60)
def test_the_documents_of_a_finished_contract_add_up_to_it_and_to_what_was_billed_beside_it(
    play: Play,
) -> None:
    play.today += 1
    finished = [link for link in LINKS if link not in play.over and play.issue("solde", link)]
    note(play.text())
    dossier = play.now().dossier
    for link in finished:
        wanted: dict[Decimal, Decimal] = {}
        for group, amount in dossier.contracts[link].totals(LAST).items():
            _count(wanted, group.tax.rate, amount)
        billed: dict[Decimal, Figure] = {}
        mine = [d for d in dossier.documents if d.contract == link and d.kind in _BILLING]
        for document in mine:
            bill = dossier.bill(document)
            assert bill is not None
            if bill.credited:  # a credit note on a deposit
                continue
            for tax, share in (*bill.gross.items(), *_reversed(bill)):
                old = billed.get(tax.rate, Figure())
                billed[tax.rate] = old.plus(Figure(share.base, share.vat))
            for rate, amount in _beside(play, document).items():
                _count(wanted, rate, amount)
        for rate, figure in billed.items():
            assert figure.base == wanted.pop(rate, NIL), (link, rate)
            # Rounded once per document where amounts are typed in euros, once in all for progress.
            assert abs(figure.vat - vat(figure.base, rate)) <= CENT * len(mine), (link, rate)
        assert not any(wanted.values()), (link, wanted)


def _reversed(bill: Bill) -> list[tuple[TaxKey, Share]]:
    return [] if bill.reversed is None else list(bill.reversed.gross.items())


def _beside(play: Play, document: Document) -> dict[Decimal, Decimal]:
    """What a document bills beside its contract, per rate: lines in euros that name no lot."""
    found: dict[Decimal, Decimal] = {}
    for line in document.lines:
        if line.unit == "EUR" and line.lot is None and line.tax is not None and line.amount:
            _count(found, line.tax.rate, line.amount)
    original = play.now().dossier.by_number(document.text("sur") or "")
    if original is not None and (document.whole or document.kind is Kind.CORRECTIVE):
        for rate, amount in _beside(play, original).items():
            _count(found, rate, -amount)
    return found


def _count(sums: dict[Decimal, Decimal], rate: Decimal, amount: Decimal) -> None:
    sums[rate] = sums.get(rate, NIL) + amount


@given(plays(), st.randoms(use_true_random=False))
@examples(40)
def test_the_order_of_the_text_and_a_second_load_change_nothing(play: Play, chance: Random) -> None:
    note(play.text())
    loaded = play.now()
    mixed = list(play.entries)
    chance.shuffle(mixed)
    assert load(play.text(mixed)).contents() == loaded.contents()
    again = load(loaded.printed())
    assert _balances(again) == _balances(loaded)
    assert len(again.transactions) == len(loaded.transactions)


def _balances(loaded: Loaded) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for entry, posting in loaded.postings():
        key = (entry.date.isoformat(), posting.account)
        found[key] = found.get(key, NIL) + number_of(posting)
    return {key: amount for key, amount in found.items() if amount}
