"""Whatever the payments: the VAT due follows the money to the cent, and all accounts end at zero."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from beancount.core.data import Transaction
from hypothesis import given, note
from hypothesis import strategies as st
from tests.properties.figures import CENT, NIL, add, half_up, ordered
from tests.properties.ledger import BANK, Entry, Leg, day
from tests.properties.loading import Loaded, load, number_of
from tests.properties.payments import LAST_PAYMENT, Act, Payment, acts, played
from tests.properties.profiles import examples
from tests.properties.stories import Dossier, dossiers
from tests.properties.test_documents import check_books, left_on_deposits

Rates = dict[Decimal, Decimal]


def paid_ledger(dossier: Dossier, payments: Sequence[Payment]) -> Loaded:
    """The dossier with these payments typed at its end."""
    entries = [payment.entry for payment in payments]
    note(dossier.typed() + "\n" + "\n".join(entry.text() for entry in entries))
    return load(dossier.ledger().with_entries(entries))


# -- the reference: what must have moved, computed from the documents' own postings and the payments -------------


def _vat_of_document(loaded: Loaded, number: str, account: str) -> Rates:
    """VAT per rate that a document posts on 44571 or on the pending account."""
    found: Rates = {}
    for posting in loaded.document(number).postings:
        meta = posting.meta or {}
        if posting.account.split(":")[1].startswith(account) and "taux" in meta:
            found[meta["taux"]] = found.get(meta["taux"], NIL) - number_of(posting)
    return found


def _discounted(loaded: Loaded, number: str, upto: int) -> dict[str, Rates]:
    """VAT that discounts took off, per account role and rate, read from the settlements."""
    found: dict[str, Rates] = {"44571": {}, "pending": {}}
    for entry, posting in loaded.postings():
        meta = posting.meta or {}
        if (
            entry.narration == "Virement sous escompte"
            and entry.date <= day(upto)
            and meta.get("facture") == number
            and "taux" in meta
        ):
            role = "44571" if ":44571:" in posting.account else "pending"
            rates = found[role]
            rates[meta["taux"]] = rates.get(meta["taux"], NIL) + number_of(posting)
    return found


def _fallen_due(loaded: Loaded, number: str, upto: int) -> Rates:
    """Deposit VAT recovered by documents whose own VAT is due at once: goods, or the option for débits."""
    found: Rates = {}
    dossier = loaded.dossier
    for document in dossier.documents:
        bill = dossier.bill(document)
        if bill is None or document.date > day(upto):
            continue
        for recovery in bill.recovered:
            at_once = recovery.against.nature == "bien" or document.seller.regime == "debits"
            if recovery.number == number and at_once:
                rate = recovery.tax.rate
                found[rate] = found.get(rate, NIL) + recovery.vat
    return found


class Expected(NamedTuple):
    """What must be due at a rate: the share that the money pays, and the part that a recovery made due."""

    by_money: Decimal
    by_recovery: Decimal
    waiting: Decimal

    @property
    def due(self) -> Decimal:
        return max(self.by_money, min(self.by_recovery, self.waiting))


def expected_moves(
    loaded: Loaded, number: str, issued: int, payments: Sequence[Payment], upto: int
) -> dict[Decimal, Expected]:
    """VAT that must be due for a document at the end of the day ``upto`` besides what it posts as due, per rate."""
    so_far = [payment for payment in payments if payment.day <= upto]
    paid = sum((payment.pays.get(number, NIL) for payment in so_far), NIL)
    discounts = sum((payment.discounts.get(number, NIL) for payment in so_far), NIL)
    total = loaded.total(number) - discounts
    waiting = _vat_of_document(loaded, number, "4458") or _vat_of_document(loaded, number, "44574")
    forced: Rates = {}
    if upto < issued:
        for rate, vat in _vat_of_document(loaded, number, "44571").items():
            waiting[rate] = waiting.get(rate, NIL) + vat
    else:
        off = _discounted(loaded, number, upto)["pending"]
        waiting = {rate: vat - off.get(rate, NIL) for rate, vat in waiting.items()}
        forced = _fallen_due(loaded, number, upto)
    share = Fraction(min(max(paid, NIL), total)) / Fraction(total)
    return {
        rate: Expected(half_up(Fraction(vat) * share), forced.get(rate, NIL), vat)
        for rate, vat in waiting.items()
    }


def is_vat_entry(entry: Transaction) -> bool:
    """Whether the plugin made the entry to move VAT; documents and typed settlements are not."""
    return "numero" not in entry.meta and not (entry.narration or "").startswith("Virement")


def observed_moves(loaded: Loaded, number: str, upto: int) -> Rates:
    """VAT that entries of VAT moved to 44571 for a document at the end of a day, per rate."""
    moved: Rates = {}
    for entry, posting in loaded.postings():
        meta = posting.meta or {}
        if (
            is_vat_entry(entry)
            and entry.date <= day(upto)
            and meta.get("facture") == number
            and ":44571:" in posting.account
        ):
            moved[meta["taux"]] = moved.get(meta["taux"], NIL) - number_of(posting)
    return moved


def _mixed_rates(loaded: Loaded, number: str) -> set[Decimal]:
    """Rates at which a document bears both goods and services: VAT is then rounded for each of the two."""
    document = loaded.dossier.by_number(number)
    assert document is not None
    bill = loaded.dossier.bill(document)
    assert bill is not None
    rates = [tax.rate for tax in bill.net()]
    return {rate for rate in rates if rates.count(rate) > 1}


@given(dossiers(), acts())
@examples(75)
def test_vat_follows_the_money_of_each_document_day_by_day(
    dossier: Dossier, todo: list[Act]
) -> None:
    payments = played(dossier, load(dossier.ledger()), todo)
    loaded = paid_ledger(dossier, payments)
    check_books(loaded)
    story = dossier.story
    for number, paper in zip(story.numbers, story.papers, strict=True):
        if not loaded.total(number):
            continue
        mixed = _mixed_rates(loaded, number)
        for upto in sorted({payment.day for payment in payments} | {LAST_PAYMENT}):
            want = expected_moves(loaded, number, paper.day, payments, upto)
            seen = observed_moves(loaded, number, upto)
            assert {rate for rate, vat in seen.items() if vat} <= want.keys()
            for rate, expected in want.items():
                _check_due(seen.get(rate, NIL), expected, mixed=rate in mixed)


def _check_due(seen: Decimal, expected: Expected, *, mixed: bool) -> None:
    """Exact, unless goods and services share the rate: each is then rounded, and only goods fall due by recovery."""
    if not mixed:
        assert seen == expected.due, expected
        return
    most = min(expected.by_money + expected.by_recovery, expected.waiting)
    assert expected.due - CENT <= seen <= most + CENT, expected


@given(dossiers(progress=False), acts(rare=False, discounts=False))
@examples(35)
def test_vat_due_never_falls_while_customers_only_pay(dossier: Dossier, todo: list[Act]) -> None:
    payments = played(dossier, load(dossier.ledger()), todo)
    loaded = paid_ledger(dossier, payments)
    due = [
        (entry.date, -number_of(posting))
        for entry, posting in loaded.postings()
        if ":44571:" in posting.account
    ]
    # Goods paid before their invoice give back on its day what the invoice itself makes due: the day is what counts.
    for when in sorted({date for date, _ in due}):
        assert sum((amount for date, amount in due if date == when), NIL) >= 0


@given(dossiers(count=2), acts())
@examples(65)
def test_everything_is_at_zero_once_billed_recovered_and_paid(
    dossier: Dossier, todo: list[Act]
) -> None:
    payments = played(dossier, load(dossier.ledger()), todo, settle=True)
    loaded = paid_ledger(dossier, payments)
    check_books(loaded)
    surplus = add(left_on_deposits(loaded))
    assert loaded.balance("411", "413", "416") == 0
    assert loaded.balance("44574", "4458") == 0
    assert -loaded.balance("4191") == sum((figure.base for figure in surplus.values()), NIL)
    ordered_vat = sum(
        (
            figure.vat
            for story in dossier.stories
            for figure in ordered(story.lines, day(400), has_vat=dossier.seller.has_vat).values()
        ),
        NIL,
    )
    taken_off = sum(sum(payment.discounts.values(), NIL) for payment in payments)
    discount_vat = taken_off - loaded.balance("665")
    kept = sum((figure.vat for figure in surplus.values()), NIL)
    assert -loaded.balance("44571") == ordered_vat + kept - discount_vat
    for claim in loaded.dossier.claims.values():
        assert claim.open == 0, claim.number


@given(dossiers(), acts())
@examples(35)
def test_a_discount_keeps_its_base_on_665_and_takes_its_vat_off(
    dossier: Dossier, todo: list[Act]
) -> None:
    payments = played(dossier, load(dossier.ledger()), todo)
    loaded = paid_ledger(dossier, payments)
    for payment in payments:
        for number, amount in payment.discounts.items():
            off = _discounted(loaded, number, payment.day)
            before = _discounted(loaded, number, payment.day - 1)
            if any(
                other is not payment and other.day == payment.day and number in other.discounts
                for other in payments
            ):
                continue
            total = loaded.total(number)
            figures = loaded.figures(number)
            for rate in figures:
                vat = sum(
                    (off[role].get(rate, NIL) - before[role].get(rate, NIL) for role in off), NIL
                )
                exact = Fraction(amount) * Fraction(figures[rate].vat) / Fraction(total)
                assert abs(Fraction(vat) - exact) <= Fraction(2, 100), (number, rate)


# -- money before the invoice -------------------------------------------------------------------------------------


def _due_per_account(loaded: Loaded) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for _, posting in loaded.postings():
        if ":44571:" in posting.account:
            found[posting.account] = found.get(posting.account, NIL) - number_of(posting)
    return {account: amount for account, amount in found.items() if amount}


def _payment(when: int, dossier: Dossier, link: str, amount: Decimal) -> Entry:
    story = dossier.story
    legs = (Leg(BANK, amount), Leg(story.receivable))
    return Entry(day(when), "Virement", legs, links=(link,), payee=story.customer)


@given(
    dossiers(),
    st.lists(
        st.tuples(st.integers(0, 13), st.integers(0, 9), st.integers(1, 100)),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
@examples(75)
def test_paying_before_the_invoice_comes_to_the_same_vat_as_paying_after(
    dossier: Dossier, wishes: list[tuple[int, int, int]], by_contract: bool
) -> None:
    """Not where a retention is withheld and money names the contract: it pays what is owed that day, retentions last.

    Paid early, a retention may come before an invoice to come, which has other rates; paid late, after it.
    """
    bare = load(dossier.ledger())
    story = dossier.story
    left = {number: bare.total(number) for number in story.numbers if bare.total(number)}
    early, late = [], []
    for when, target, part in wishes:
        numbers = sorted(left)
        number = numbers[target % len(numbers)]
        amount = half_up(Fraction(left[number]) * part / 100)
        if not amount:
            continue
        left[number] -= amount
        link = story.link if by_contract and not story.retention else number
        early.append(_payment(when, dossier, link, amount))
        late.append(_payment(LAST_PAYMENT, dossier, link, amount))
    note(dossier.typed() + "\n" + "\n".join(entry.text() for entry in early))
    before = load(dossier.ledger().with_entries(early))
    after = load(dossier.ledger().with_entries(late))
    check_books(before)
    check_books(after)
    assert _due_per_account(before) == _due_per_account(after)
    for prefixes in (("411",), ("4191",), ("44574", "4458")):
        assert before.balance(*prefixes) == after.balance(*prefixes)


@given(dossiers(finished=False, progress=False), st.integers(1, 100))
@examples(35)
def test_money_on_a_contract_without_invoice_is_due_at_once_at_its_mix_of_rates(
    dossier: Dossier, part: int
) -> None:
    story = dossier.story
    figures = ordered(story.lines, day(0), has_vat=dossier.seller.has_vat)
    whole = sum((figure.total for figure in figures.values()), NIL)
    amount = half_up(Fraction(whole) * part / 100)
    if not amount:
        return
    ledger = dossier.ledger()
    contract_only = [entry for entry in ledger.entries if entry.tag == "contrat"]
    entries = [*contract_only, _payment(0, dossier, story.link, amount)]
    loaded = load(type(ledger)(ledger.seller, tuple(entries), ledger.chart))
    check_books(loaded)
    mixed = {
        line.rate
        for line in story.lines
        for other in story.lines
        if line.rate == other.rate
        and (":70" in line.account)
        and line.account.split(":")[1] in {"701", "707"}
        and other.account.split(":")[1] not in {"701", "707"}
    }
    for rate, figure in figures.items():
        want = half_up(Fraction(amount) * Fraction(figure.vat) / Fraction(whole))
        seen = observed_moves_all(loaded, rate)
        assert abs(seen - want) <= (Decimal("0.01") if rate in mixed else NIL), (rate, seen, want)


def observed_moves_all(loaded: Loaded, rate: Decimal) -> Decimal:
    """VAT moved at a rate, whatever the document."""
    return sum(
        (
            -number_of(posting)
            for _, posting in loaded.postings()
            if ":44571:" in posting.account and (posting.meta or {}).get("taux") == rate
        ),
        NIL,
    )
