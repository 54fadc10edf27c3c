"""Two ways to keep the same books, and a rule that changed on a date: what must be the same, and what must not."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from hypothesis import given, note
from hypothesis import strategies as st
from tests.properties.figures import NIL, add
from tests.properties.ledger import OPENING, Entry, Ledger, Seller, day
from tests.properties.loading import Loaded, load, number_of
from tests.properties.payments import Act, acts, played
from tests.properties.profiles import examples
from tests.properties.stories import LAST_DAY, SELLERS, Dossier, dossiers
from tests.properties.test_documents import check_books, left_on_deposits

# "debit" for deposits and a posting on receipt contradict each other.
_EITHER: Final = tuple(seller for seller in SELLERS if not seller.deposit_on_debit)


def balances(loaded: Loaded) -> dict[str, Decimal]:
    """Every account that is not at zero."""
    found: dict[str, Decimal] = {}
    for _, posting in loaded.postings():
        found[posting.account] = found.get(posting.account, NIL) + number_of(posting)
    return {account: amount for account, amount in found.items() if amount}


def _due_by_day(loaded: Loaded) -> dict[tuple[datetime.date, str], Decimal]:
    found: dict[tuple[datetime.date, str], Decimal] = {}
    for entry, posting in loaded.postings():
        if ":44571:" in posting.account:
            key = (entry.date, posting.account)
            found[key] = found.get(key, NIL) + number_of(posting)
    return {key: amount for key, amount in found.items() if amount}


@given(dossiers(sellers=_EITHER), acts(), st.booleans())
@examples(65)
def test_deposits_posted_when_received_come_to_the_same_books_and_the_same_vat_each_day(
    dossier: Dossier, todo: list[Act], settle: bool
) -> None:
    seller = dossier.seller
    payments = [p.entry for p in played(dossier, load(dossier.ledger()), todo, settle=settle)]
    note(dossier.typed() + "\n" + "\n".join(entry.text() for entry in payments))
    ledger = dossier.ledger().with_entries(payments)
    usual = load(ledger)
    received = load(replace(ledger, seller=replace(seller, deposit_when_received=True)))
    check_books(received)
    assert _due_by_day(received) == _due_by_day(usual)
    if settle and not add(left_on_deposits(usual)):
        assert balances(received) == balances(usual)
    elif settle:
        # A deposit never billed stands on 4191 with its VAT, whose mirror is on 44574: the two together are the same.
        assert _deposits_together(balances(received)) == _deposits_together(balances(usual))


def _deposits_together(found: dict[str, Decimal]) -> dict[str, Decimal]:
    together = {"4191": NIL}
    for account, amount in found.items():
        waits = account.split(":")[1] in {"4191", "44574", "4458"}
        key = "4191" if waits else account
        together[key] = together.get(key, NIL) + amount
    return together


# -- deposits on goods: due on receipt since 1 January 2023, at delivery before (loi 2021-1900, art. 30) --------

REFORM: Final = datetime.date(2023, 1, 1)


def _around_the_reform(entries: Iterable[Entry]) -> list[Entry]:
    """The same entries moved so that the tenth day of the story is 1 January 2023."""
    shift = day(10) - REFORM
    return [replace(entry, date=entry.date - shift) for entry in entries]


@given(dossiers(sellers=[Seller(), Seller("debits")]), acts())
@examples(65)
def test_around_2023_no_vat_on_goods_is_due_before_delivery_and_all_ends_at_zero(
    dossier: Dossier, todo: list[Act]
) -> None:
    made = played(dossier, load(dossier.ledger()), todo, settle=True)
    payments = [payment.entry for payment in made]
    entries = _around_the_reform([*dossier.ledger().entries, *payments])
    note("\n".join(entry.text() for entry in entries))
    ledger = Ledger(dossier.seller, tuple(entries), dossier.chart)
    loaded = load(ledger.text().replace(str(OPENING), "2020-01-01"))
    check_books(loaded)
    assert loaded.balance("411") == 0
    # Deposits above what was billed: goods paid in 2022 that are never delivered wait for their refund.
    surplus = add(left_on_deposits(loaded))
    waiting = -loaded.balance("44574", "4458")
    assert 0 <= waiting <= sum((figure.vat for figure in surplus.values()), NIL)
    goods_only = all(line.account.split(":")[1] in {"701", "707"} for line in dossier.story.lines)
    delivered = any(paper.tag == "facture" for paper in dossier.story.papers)
    if goods_only and not delivered:
        early = [key for key in _due_by_day(loaded) if key[0] < REFORM]
        assert early == []


# -- a change of regime, and totals typed for checking ------------------------------------------------------------


@given(
    dossiers(sellers=[Seller(), Seller("debits")]),
    acts(),
    st.integers(0, LAST_DAY + 2),
    st.sampled_from([Seller(), Seller("debits"), Seller("debits", deposit_on_debit=True)]),
)
@examples(65)
def test_a_change_of_regime_on_the_way_loses_no_vat(
    dossier: Dossier, todo: list[Act], when: int, after: Seller
) -> None:
    payments = [p.entry for p in played(dossier, load(dossier.ledger()), todo, settle=True)]
    ledger = dossier.ledger().with_entries(payments)
    change = after.text().replace(str(OPENING), str(day(when)))
    note(dossier.typed() + change + "\n".join(entry.text() for entry in payments))
    usual, changed = load(ledger), load(ledger.text() + "\n" + change)
    check_books(changed)
    assert balances(changed) == balances(usual)


@given(dossiers())
@examples(35)
def test_totals_typed_on_the_customer_line_are_checked_and_change_nothing(dossier: Dossier) -> None:
    bare = load(dossier.ledger())
    typed = []
    for entry in dossier.ledger().entries:
        name = entry.meta.get("numero", "").strip('"')
        legs = entry.legs
        if name and legs[0].number is None:
            asked = [p for p in bare.document(name).postings if p.account == legs[0].account]
            total = sum((number_of(posting) for posting in asked), NIL)
            legs = (replace(legs[0], number=total), *legs[1:])
        typed.append(replace(entry, legs=legs))
    loaded = load(replace(dossier.ledger(), entries=tuple(typed)))
    assert loaded.messages == []
    assert loaded.contents() == bare.contents()
