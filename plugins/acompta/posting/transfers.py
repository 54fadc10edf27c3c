"""A deposit moved to another contract of the same customer (``#report``).

Nothing falls due and no VAT moves: the deposit invoice keeps its number, its receivable and its VAT; only the contract
that will recover it changes. Example::

    2026-05-02 * "SCI Dupont" "L'acompte du chantier abandonné passe au nouveau" #report ^D2026-030
      sur: "F2026-002"
      Passif:4191:Dupont   -100 PCT

After: 4191 is debited and credited by what remains of F2026-002, which the documents of ^D2026-030 now recover.
"""

from __future__ import annotations

from decimal import Decimal

from beancount.core.amount import Amount
from beancount.core.data import Posting

from acompta.messages import DocumentError, WrongKeyError, shown
from acompta.posting.bill import Bill
from acompta.posting.books import Books
from acompta.reading.model import Document, Share
from acompta.register.contract import Contract
from acompta.rounding import HUNDRED, ZERO
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import EUR, PERCENT, Kind


def transfer(document: Document, contract: Contract, books: Books) -> tuple[Bill, list[Posting]]:
    """Move what remains of the deposit that ``sur:`` names to ``contract``.

    Raises:
        DocumentError: not a deposit, another customer's, the same contract, nothing left, or above the contract.
    """
    original = books.original(document)
    if original.document.kind not in DEPOSIT_KINDS | {Kind.TAKEOVER}:
        raise WrongKeyError(
            "sur",
            f"lu {shown(original.document.number)}, qui n'est pas un acompte ; un report déplace un"
            " acompte d'un contrat à l'autre",
        )
    number = original.document.number or ""
    source = _holder(number, books, contract)
    deposit = source.deposit(number)
    if deposit is None or deposit.is_spent:
        raise DocumentError(f"l'acompte {number} est déjà repris ou crédité : il n'en reste rien")
    _check_lines(document)
    moved = {tax: deposit.left(tax) for tax in deposit.given if deposit.left(tax).base}
    contract.check_room(sum((share.total for share in moved.values()), ZERO), document.date)
    source.deposits.remove(deposit)
    contract.deposits.append(deposit)
    source.given.note({tax: Share(-share.base, -share.vat) for tax, share in moved.items()})
    contract.given.note(moved)
    base = sum((share.base for share in moved.values()), ZERO)
    return Bill((), {}), _postings(deposit.account, base, number)


def _holder(number: str, books: Books, contract: Contract) -> Contract:
    """The contract that holds the deposit now (it may have moved before)."""
    for other in books.dossier.contracts.values():
        deposit = other.deposit(number)
        if deposit is not None and not deposit.is_spent:
            if other is contract:
                raise DocumentError(f"l'acompte {number} est déjà sur ^{contract.link}")
            return other
    raise DocumentError(f"l'acompte {number} est déjà repris ou crédité : il n'en reste rien")


def _check_lines(document: Document) -> None:
    lines = document.deposit_lines
    if document.lines or len(lines) != 1 or lines[0].unit != PERCENT or lines[0].units != -HUNDRED:
        raise DocumentError(
            "un report déplace tout ce qui reste de l'acompte : tapez une seule ligne, Passif:4191:Client  -100 PCT"
        )


def _postings(account: str, base: Decimal, number: str) -> list[Posting]:
    return [
        Posting(account, Amount(amount, EUR), None, None, None, {"acompte": number})
        for amount in (base, -base)
    ]
