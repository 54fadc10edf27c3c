"""Who is paid when a settlement does not say it invoice by invoice: the oldest first, the contract's later ones too.

What a customer withholds is paid last, once all the rest is (loi 71-584 du 16 juillet 1971); money that came before a
document leaves its retention, unless nothing more will be billed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, note
from hypothesis import strategies as st
from tests.properties.figures import NIL, half_up
from tests.properties.ledger import BANK, Entry, Leg, day
from tests.properties.loading import Loaded, load, number_of
from tests.properties.profiles import examples
from tests.properties.stories import LAST_DAY, Dossier, dossiers
from tests.properties.test_documents import check_books


@dataclass
class Owed:
    """The reference: a document of the contract, the oldest first.

    ``withheld`` is its retention, on 4117; ``ends`` is whether a final invoice ends the contract by its day.
    """

    number: str
    issued: int
    left: Decimal
    withheld: Decimal = NIL
    ends: bool = False

    @property
    def retained(self) -> Decimal:
        return max(min(self.withheld, self.left), NIL)


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
                asked = document.left - (NIL if document.ends else document.retained)
                taken = min(advance, asked)
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
    for withheld in (False, True):
        for document in chosen:
            room = document.retained if withheld else document.left - document.retained
            step = min(left, max(room, NIL))
            document.left -= step
            left -= step
    assume(not by_number or not left)  # an over-payment is another test's matter
    if left and chosen and any(document.ends for document in chosen):
        # Nothing more will be billed: too much was paid for the last document, nothing was received in advance.
        chosen[-1].left -= left
        return NIL
    return left


def _withheld(bare: Loaded, number: str) -> Decimal:
    """What the entry of a document puts on 4117."""
    postings = bare.document(number).postings
    return sum((number_of(p) for p in postings if p.account.split(":")[1] == "4117"), NIL)


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
    over = min((paper.day for paper in story.papers if paper.tag == "solde"), default=None)
    owed = [
        Owed(
            name,
            paper.day,
            bare.total(name),
            _withheld(bare, name),
            over is not None and paper.day >= over,
        )
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
