"""Deposits taken back bit by bit, with or without a contract: nothing is lost and nothing is taken twice."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, note
from hypothesis import strategies as st
from tests.properties.figures import (
    CENT,
    NIL,
    OrderLine,
    base_total,
    floor_cents,
    half_up,
    ordered,
    whole_total,
)
from tests.properties.ledger import (
    BANK,
    GOODS,
    RATES,
    SERVICES,
    Entry,
    Ledger,
    Leg,
    Seller,
    day,
    text,
)
from tests.properties.loading import Loaded, load, number_of
from tests.properties.profiles import examples
from tests.properties.stories import SELLERS, line_leg, number, order_lines
from tests.properties.test_documents import check_books

CUSTOMER = "Actif:411:Dupont"
ADVANCES = "Passif:4191:Dupont"
LINK = "D2026-001"


def _bill(when: int, rank: int, tag: str, legs: list[Leg], *links: str) -> Entry:
    return Entry(
        day(when),
        "Document",
        (Leg(CUSTOMER), *legs),
        tag,
        links,
        {"numero": text(number(rank))},
        "Dupont",
    )


def _paid(bare: Loaded, entries: list[Entry]) -> list[Entry]:
    """A settlement in full of every document that asks something."""
    payments = []
    for entry in entries:
        name = entry.meta["numero"].strip('"')
        total = bare.total(name)
        if total:
            legs = (Leg(BANK, total), Leg(CUSTOMER))
            payments.append(Entry(day(90), "Virement", legs, links=(name,), payee="Dupont"))
    return payments


def _check_all_zero(ledger: Ledger, entries: list[Entry]) -> Loaded:
    bare = load(ledger)
    note("\n".join(entry.text() for entry in entries))
    check_books(bare)
    loaded = load(ledger.with_entries(_paid(bare, entries)))
    check_books(loaded)
    for accounts in (("411",), ("4191",), ("44574", "4458")):
        assert loaded.balance(*accounts) == 0, accounts
    return loaded


@given(order_lines(), st.sampled_from(SELLERS))
@examples(50)
def test_a_plain_invoice_is_the_sum_of_its_lines(lines: list[OrderLine], seller: Seller) -> None:
    figures = ordered(lines, day(0), has_vat=seller.has_vat)
    assume(whole_total(figures))  # Beancount drops a blank posting when nothing is left to balance
    bill = _bill(0, 1, "facture", [line_leg(line) for line in lines])
    loaded = load(Ledger(seller, (bill,)))
    note(bill.text())
    check_books(loaded)
    assert loaded.figures(number(1)) == figures
    assert loaded.total(number(1)) == whole_total(figures)


@st.composite
def lone_deposits(draw: st.DrawFn) -> tuple[Entry, str, dict[str, str]]:
    """A deposit without a contract, before tax or VAT included, the account of its future invoices, and their rate."""
    meta = {"tva": f"{draw(st.sampled_from(RATES))}"}
    amount = draw(st.decimals("0.01", "3000", places=2))
    if draw(st.booleans()):
        legs = (Leg(CUSTOMER, amount), Leg(ADVANCES, meta=meta))
    else:
        legs = (Leg(CUSTOMER), Leg(ADVANCES, -amount, meta=meta))
    number_ = {"numero": text(number(1))}
    entry = Entry(day(0), "Acompte", legs, "acompte", (), number_, "Dupont")
    return entry, draw(st.sampled_from((*SERVICES, *GOODS))), meta


@given(
    st.sampled_from(SELLERS),
    lone_deposits(),
    st.lists(st.integers(1, 100), min_size=1, max_size=4),
    st.sampled_from(["EUR", "PCT"]),
)
@examples(65)
def test_a_deposit_without_contract_is_taken_back_by_the_invoices_that_name_it(
    seller: Seller, drawn: tuple[Entry, str, dict[str, str]], parts: list[int], unit: str
) -> None:
    deposit, account, meta = drawn
    alone = load(Ledger(seller, (deposit,)))
    base = -sum(
        (
            number_of(posting)
            for posting in alone.document(number(1)).postings
            if posting.account == ADVANCES
        ),
        NIL,
    )
    entries, left, so_far = [deposit], base, Decimal(0)
    for when, part in enumerate([*parts, 100], 2):
        so_far = min(Decimal(100), so_far + part)
        step = left if so_far == 100 else floor_cents(Fraction(left) * part / 100)
        left -= step
        taken = Leg(ADVANCES, step) if unit == "EUR" else Leg(ADVANCES, so_far, "PCT")
        line = Leg(account, -(base + 1), meta=meta)
        if taken.number:
            entries.append(_bill(when, len(entries) + 1, "facture", [line, taken], number(1)))
    loaded = _check_all_zero(Ledger(seller, tuple(entries)), entries)
    for one in entries:
        for figure in loaded.figures(one.meta["numero"].strip('"')).values():
            assert figure.base * figure.vat >= 0


@given(
    st.sampled_from(SELLERS),
    order_lines(),
    st.integers(1, 100),
    st.lists(st.integers(1, 60), min_size=1, max_size=4),
    st.booleans(),
)
@examples(75)
def test_progress_invoices_recover_deposits_pro_rata_when_the_contract_says_so(
    seller: Seller,
    lines: list[OrderLine],
    percent: int,
    steps: list[int],
    final: bool,
) -> None:
    figures = ordered(lines, day(0), has_vat=seller.has_vat)
    assume(whole_total(figures) >= CENT * 10)
    legs = [Leg(CUSTOMER), *map(line_leg, lines)]
    terms = {"imputation": text("prorata")}
    contract = Entry(day(0), "Commande", tuple(legs), "contrat", ("D2026-001",), terms, "Dupont")
    entries = [_bill(1, 1, "acompte", [Leg(ADVANCES, Decimal(-percent), "PCT")], "D2026-001")]
    accounts = dict.fromkeys(line.account for line in lines)
    reached = 0
    for when, step in enumerate([*steps, 100], 2):
        if reached == 100:
            break
        reached = min(100, reached + step)
        tag = "solde" if final and reached == 100 else "situation"
        progress = [Leg(account, Decimal(-reached), "PCT") for account in accounts]
        entries.append(_bill(when, when, tag, progress, "D2026-001"))
    loaded = _check_all_zero(Ledger(seller, (contract, *entries)), entries)
    assert -loaded.balance("70") == sum((figure.base for figure in figures.values()), NIL)
    assert -loaded.balance("44571") == sum((figure.vat for figure in figures.values()), NIL)
    for one in entries:
        for figure in loaded.figures(one.meta["numero"].strip('"')).values():
            assert figure.base * figure.vat >= 0, (one.meta["numero"], figure)


@given(
    st.sampled_from(SELLERS),
    order_lines(),
    st.lists(st.tuples(st.integers(1, 99), st.decimals("0.01", "900", places=2)), max_size=3),
)
@examples(50)
def test_extra_work_beside_progress_is_billed_on_top_of_the_contract(
    seller: Seller, lines: list[OrderLine], steps: list[tuple[int, Decimal]]
) -> None:
    account, rate = lines[0].account, lines[0].rate
    assume(whole_total(ordered(lines, day(0))))
    legs = [Leg(CUSTOMER), *map(line_leg, lines)]
    contract = Entry(day(0), "Commande", tuple(legs), "contrat", ("D2026-001",), {}, "Dupont")
    entries, extras = [], []
    for rank, (reached, amount) in enumerate([*sorted(steps), (100, NIL)], 1):
        accounts = dict.fromkeys(line.account for line in lines)
        progress = [Leg(one, Decimal(-reached), "PCT") for one in accounts]
        if amount:
            progress.append(Leg(account, -amount, meta={"tva": f"{rate}"}))
            extras.append(OrderLine(account, None, rate, Decimal(1), "EUR", amount, day(0)))
        entries.append(_bill(rank, rank, "facture", progress, "D2026-001"))
    loaded = _check_all_zero(Ledger(seller, (contract, *entries)), entries)
    figures = ordered([*lines, *extras], day(0), has_vat=seller.has_vat)
    assert -loaded.balance("70") == sum((figure.base for figure in figures.values()), NIL)
    assert -loaded.balance("44571") == sum((figure.vat for figure in figures.values()), NIL)


def _paid_apart_from_the_retention(
    bare: Loaded, entries: list[Entry], held: Decimal
) -> list[Entry]:
    """What is on 411 is paid now; the retention is released a year later, by a settlement that names the contract."""
    payments = []
    for entry in entries:
        name = entry.meta["numero"].strip('"')
        asked = sum(
            (
                number_of(posting)
                for posting in bare.document(name).postings
                if posting.account == CUSTOMER
            ),
            NIL,
        )
        if asked:
            legs = (Leg(BANK, asked), Leg(CUSTOMER))
            payments.append(Entry(day(20), "Virement", legs, links=(name,), payee="Dupont"))
    if held:
        legs = (Leg(BANK, held), Leg("Actif:4117:Dupont"))
        payments.append(Entry(day(400), "Libération", legs, links=("D2026-001",), payee="Dupont"))
    return payments


@given(
    st.sampled_from(SELLERS),
    order_lines(),
    st.sampled_from([Decimal(5), Decimal("2.5"), Decimal("0.01")]),
    st.sampled_from(["TTC", "HT"]),
    st.integers(0, 100),
)
@examples(35)
def test_the_retention_is_a_part_of_the_document_and_its_release_pays_it(
    seller: Seller, lines: list[OrderLine], percent: Decimal, base: str, deposit: int
) -> None:
    figures = ordered(lines, day(0), has_vat=seller.has_vat)
    assume(whole_total(figures) >= CENT * 10)
    terms = {"retenue": f"{percent}", "retenue-base": text(base)}
    legs = (Leg(CUSTOMER), *map(line_leg, lines))
    contract = Entry(day(0), "Commande", legs, "contrat", ("D2026-001",), terms, "Dupont")
    entries = []
    if deposit:
        asked = [Leg(ADVANCES, Decimal(-deposit), "PCT")]
        entries.append(_bill(1, 1, "acompte", asked, "D2026-001"))
    entries.append(_bill(9, len(entries) + 1, "solde", [], "D2026-001"))
    ledger = Ledger(seller, (contract, *entries))
    bare = load(ledger)
    check_books(bare)
    part = whole_total(figures) if base == "TTC" else base_total(figures)
    # Never more than there is to pay once the deposits are recovered.
    to_pay = max(bare.total(f"F2026-{len(entries):03}"), NIL)
    held = min(half_up(Fraction(part) * Fraction(percent) / 100), to_pay)
    assert bare.balance("4117") == held
    payments = _paid_apart_from_the_retention(bare, entries, held)
    note("\n".join(entry.text() for entry in (*ledger.entries, *payments)))
    loaded = load(ledger.with_entries(payments))
    check_books(loaded)
    for accounts in (("411",), ("4117",), ("4191",), ("44574",)):
        assert loaded.balance(*accounts) == 0, accounts
    assert -loaded.balance("44571") == sum((figure.vat for figure in figures.values()), NIL)


@given(
    st.sampled_from(SELLERS),
    order_lines(),
    st.sampled_from([Decimal(5), Decimal("2.5"), Decimal("0.01")]),
    st.sampled_from(["TTC", "HT"]),
    st.lists(st.integers(1, 99), max_size=6),
    st.integers(0, 100),
)
@examples(35)
def test_what_is_withheld_is_the_percentage_of_all_billed_to_the_cent(
    seller: Seller,
    lines: list[OrderLine],
    percent: Decimal,
    base: str,
    steps: list[int],
    credited: int,
) -> None:
    """After each situation, and after a credit note on the last one: never a cent above 5 % (loi 71-584, art. 1)."""
    figures = ordered(lines, day(0), has_vat=seller.has_vat)
    assume(whole_total(figures) >= CENT * 10)
    terms = {"retenue": f"{percent}", "retenue-base": text(base)}
    legs = (Leg(CUSTOMER), *map(line_leg, lines))
    contract = Entry(day(0), "Commande", legs, "contrat", ("D2026-001",), terms, "Dupont")
    accounts = dict.fromkeys(line.account for line in lines)
    entries = [
        _bill(
            rank, rank, "situation", [Leg(one, Decimal(-reached), "PCT") for one in accounts], LINK
        )
        for rank, reached in enumerate([*sorted(set(steps)), 100], 1)
    ]
    last = len(entries)
    if credited:
        back = [Leg(one, Decimal(credited), "PCT") for one in accounts]
        credit = _bill(last + 1, last + 1, "avoir", back, LINK)
        entries.append(credit.with_meta(sur=text(number(last))))
    note("\n".join(entry.text() for entry in (contract, *entries)))
    billed = NIL
    for rank in range(1, len(entries) + 1):
        loaded = load(Ledger(seller, (contract, *entries[:rank])))
        if loaded.messages:  # more credited than the last situation billed: said elsewhere
            assert rank > last
            return
        document = loaded.document(number(rank))
        retainable = ("70",) if base == "HT" else ("411", "4117")
        sign = -1 if base == "HT" else 1
        billed += sum(
            (
                sign * number_of(posting)
                for posting in document.postings
                if posting.account.split(":")[1].startswith(retainable)
            ),
            NIL,
        )
        assert loaded.balance("4117") == half_up(Fraction(billed) * Fraction(percent) / 100)
