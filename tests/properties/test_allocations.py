"""Who is paid when a settlement does not say it invoice by invoice: the oldest first, the contract's later ones too."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, note
from hypothesis import strategies as st
from tests.properties.figures import NIL, half_up
from tests.properties.ledger import BANK, Entry, Leg, day
from tests.properties.loading import load
from tests.properties.profiles import examples
from tests.properties.stories import LAST_DAY, Dossier, dossiers
from tests.properties.test_documents import check_books


@dataclass
class Owed:
    """The reference: a document of the contract, the oldest first."""

    number: str
    issued: int
    left: Decimal


@dataclass(frozen=True)
class Transfer:
    """A bank transfer that names the contract, or several invoices, without saying how much for which."""

    when: int
    amount: Decimal
    numbers: tuple[str, ...]


def settle(owed: list[Owed], transfers: list[Transfer]) -> Decimal:
    """Pay the reference documents in date order; gives what stays on the contract for invoices to come."""
    advance = NIL
    for when in range(LAST_DAY + 60):
        for document in owed:
            if document.issued == when and document.left > 0:
                taken = min(advance, document.left)
                document.left -= taken
                advance -= taken
        for transfer in transfers:
            if transfer.when == when:
                advance += _spread(owed, transfer)
    return advance


def _spread(owed: list[Owed], transfer: Transfer) -> Decimal:
    """One transfer; what the contract's invoices leave of it is for those to come."""
    by_number = bool(transfer.numbers)
    chosen = [
        document
        for document in owed
        if (document.number in transfer.numbers if by_number else document.issued <= transfer.when)
    ]
    left = transfer.amount
    for document in chosen:
        step = min(left, max(document.left, NIL))
        document.left -= step
        left -= step
    assume(not by_number or not left)  # an over-payment is another test's matter
    return left


@given(
    dossiers(),
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 130), st.sets(st.integers(0, 4))),
        min_size=1,
        max_size=5,
        unique_by=lambda wish: wish[0],
    ),
)
@examples(75)
def test_a_transfer_for_several_invoices_pays_the_oldest_first(
    dossier: Dossier, wishes: list[tuple[int, int, set[int]]]
) -> None:
    story = dossier.story
    bare = load(dossier.ledger())
    owed = [
        Owed(name, paper.day, bare.total(name))
        for name, paper in zip(story.numbers, story.papers, strict=True)
    ]
    assume(all(document.left > 0 for document in owed))
    whole = sum((document.left for document in owed), NIL)
    transfers, entries = [], []
    for when, percent, picks in wishes:
        numbers = tuple(
            document.number for rank, document in enumerate(owed) if rank in picks
        )  # an invoice is named once it exists; the contract, at any time
        named = numbers if when > LAST_DAY and len(numbers) > 1 else ()
        amount = half_up(Fraction(whole) * percent / 100 / len(wishes))
        if not amount:
            continue
        transfers.append(Transfer(when, amount, named))
        legs = (Leg(BANK, amount), Leg(story.receivable))
        links = named or (story.link,)
        entries.append(Entry(day(when), "Virement", legs, links=links, payee=story.customer))
    note(dossier.typed() + "\n" + "\n".join(entry.text() for entry in entries))
    loaded = load(dossier.ledger().with_entries(entries))
    check_books(loaded)
    advance = settle(owed, transfers)
    claims = loaded.dossier.claims
    assert {name: claims[name].open for name in story.numbers} == {
        document.number: document.left for document in owed
    }
    assert loaded.balance("411") == sum((document.left for document in owed), NIL) - advance
