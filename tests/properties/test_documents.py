"""Whatever the contract, its deposits and its invoices: the documents add up to the contract, to the cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from beancount.core.data import Transaction
from hypothesis import given, note
from tests.properties.figures import NIL, Figures, add, half_up, ordered, whole_total
from tests.properties.ledger import GOODS, day
from tests.properties.loading import Loaded, load, number_of
from tests.properties.profiles import examples
from tests.properties.stories import Dossier, Story, dossiers

LAST = day(400)


def check_books(loaded: Loaded) -> None:
    """What holds of any ledger without a mistake in it."""
    assert loaded.messages == []
    for entry in loaded.transactions:
        residual = NIL
        for posting in entry.postings:
            amount = number_of(posting)
            assert posting.units is not None
            assert posting.units.currency == "EUR"
            assert amount == half_up(amount), (entry.narration, amount)
            residual += amount
        assert residual == 0, entry.narration


def expected(dossier: Dossier) -> Figures:
    """The contract of the dossier's only story, as amended at the end."""
    return add([ordered(dossier.story.lines, LAST, has_vat=dossier.seller.has_vat)])


@given(dossiers())
@examples(50)
def test_every_entry_is_exact_to_the_cent_and_in_euros(dossier: Dossier) -> None:
    note(dossier.typed())
    check_books(load(dossier.ledger()))


@given(dossiers())
@examples(65)
def test_the_documents_of_a_finished_contract_add_up_to_it_per_rate(dossier: Dossier) -> None:
    note(dossier.typed())
    loaded = load(dossier.ledger())
    assert loaded.messages == []
    story = dossier.story
    deposits = {number for number, _ in story.deposits()}
    billed = add(loaded.gross(number) for number in story.numbers if number not in deposits)
    assert billed == expected(dossier)
    # The same in the books: revenue, VAT and what customers owe, the surplus of deposits counted once.
    surplus = add(left_on_deposits(loaded))
    assert all(figure.base for figure in surplus.values()), "a base recovered whole leaves no VAT"
    assert -loaded.balance("70") == sum((f.base for f in billed.values()), NIL)
    assert -loaded.balance("4191") == sum((f.base for f in surplus.values()), NIL)
    for rate, figure in billed.items():
        extra = surplus[rate].vat if rate in surplus else NIL
        assert _vat_in_the_books(loaded, rate) == figure.vat + extra
    assert loaded.balance("411") == whole_total(billed) + whole_total(surplus)


def left_on_deposits(loaded: Loaded) -> list[Figures]:
    """Deposits less what the documents' own recovery postings and bills took back."""
    dossier = loaded.dossier
    figures: list[Figures] = []
    for document in dossier.documents:
        bill = dossier.bill(document)
        if bill is None or document.number is None:
            continue
        gross, net = loaded.gross(document.number), loaded.figures(document.number)
        if document.kind.value == "acompte":
            figures.append(gross)
        else:
            figures.append({rate: net[rate].minus(gross[rate]) for rate in gross})
    return figures


def _vat_in_the_books(loaded: Loaded, rate: Decimal) -> Decimal:
    """VAT credited at ``rate``, due and pending together, read from the documents' own postings."""
    return sum(
        (
            -number_of(posting)
            for entry, posting in loaded.postings()
            if "numero" in entry.meta
            and posting.account.split(":")[1].startswith("445")
            and posting.meta is not None
            and posting.meta.get("taux") == rate
        ),
        NIL,
    )


@given(dossiers())
@examples(65)
def test_no_document_has_a_base_and_a_vat_of_opposite_signs(dossier: Dossier) -> None:
    note(dossier.typed())
    loaded = load(dossier.ledger())
    for story in dossier.stories:
        for number in story.numbers:
            for rate, figure in loaded.figures(number).items():
                assert figure.base * figure.vat >= 0, (number, rate, figure)
            _check_recoveries(loaded, number)
            _check_vat_postings(loaded.document(number))


def _check_recoveries(loaded: Loaded, number: str) -> None:
    document = loaded.dossier.by_number(number)
    assert document is not None
    bill = loaded.dossier.bill(document)
    assert bill is not None
    for recovery in bill.recovered:
        assert recovery.base >= 0, recovery
        assert recovery.vat >= 0, recovery


def _check_vat_postings(entry: Transaction) -> None:
    for posting in entry.postings:
        if posting.meta and "base" in posting.meta:
            assert posting.meta["base"] * -number_of(posting) >= 0, posting


@given(dossiers(progress=False, least=3))
@examples(120)
def test_deposits_accumulate_to_what_was_asked_rounded_once(dossier: Dossier) -> None:
    note(dossier.typed())
    loaded = load(dossier.ledger())
    exact, so_far = Fraction(0), NIL
    for number, paper in dossier.story.deposits():
        total = loaded.total(number)
        if paper.base is not None:
            entry = loaded.document(number)
            kept = [number_of(p) for p in entry.postings if ":4191:" in p.account]
            assert -sum(kept) == paper.base
            assert sum(figure.base for figure in loaded.figures(number).values()) == paper.base
        if paper.typed_total is not None:
            assert total == paper.typed_total
        so_far += total
        exact += Fraction(total) if paper.exact is None else paper.exact
        assert so_far == half_up(exact)


@given(dossiers(progress=False))
@examples(35)
def test_a_deposit_typed_at_a_rate_stands_on_that_rate_alone(dossier: Dossier) -> None:
    loaded = load(dossier.ledger())
    for number, paper in dossier.story.deposits():
        if paper.rate is not None:
            assert set(add([loaded.figures(number)])) == {paper.rate}


def _goods_rates(story: Story, *, goods: bool) -> set[Decimal]:
    return {line.rate for line in story.lines if (line.account in GOODS) is goods}


@given(dossiers())
@examples(65)
def test_vat_waits_for_the_money_of_deposits_and_services_and_falls_due_with_goods_and_debits(
    dossier: Dossier,
) -> None:
    loaded = load(dossier.ledger())
    seller, story = dossier.seller, dossier.story
    deposits = {number for number, _ in story.deposits()}
    for number in story.numbers:
        accounts = _vat_accounts(loaded, number)
        if number in deposits:
            assert accounts.keys() <= {"44571" if seller.deposit_on_debit else "pending"}
        elif seller.regime == "debits":
            assert accounts.keys() <= {"44571"}
        else:
            assert accounts.get("44571", set()) <= _goods_rates(story, goods=True)
            assert accounts.get("pending", set()) <= _goods_rates(story, goods=False)


def _vat_accounts(loaded: Loaded, number: str) -> dict[str, set[Decimal]]:
    """Rates that a document posts as due (44571) and as pending."""
    found: dict[str, set[Decimal]] = {}
    for posting in loaded.document(number).postings:
        component = posting.account.split(":")[1]
        if component.startswith("445") and posting.meta:
            role = "44571" if component == "44571" else "pending"
            found.setdefault(role, set()).add(posting.meta["taux"])
    return found
