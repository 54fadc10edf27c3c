"""Proposals worked by hand: what a payment that names nothing may settle."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from beancount.core.amount import Amount
from beancount.core.data import EMPTY_SET, Posting, Transaction
from tests.cli.samples import ACCOUNTS, STORY, load_text

from acompta.closing.matching import (
    Confidence,
    Match,
    OpenItem,
    Payment,
    best_match,
    find_matches,
    folded,
)

D = Decimal
DUPONT = "Actif:411:Dupont"


def payment(amount: str, label: str = "Virement", payee: str | None = None) -> Payment:
    posting = Posting(DUPONT, Amount(-D(amount), "EUR"), None, None, None, None)
    date = datetime.date(2026, 6, 1)
    entry = Transaction({}, date, "*", payee, label, EMPTY_SET, EMPTY_SET, [posting])
    return Payment(entry, posting, DUPONT, D(amount))


def items(*amounts: str) -> list[OpenItem]:
    return [
        OpenItem(f"F2026-{rank:03d}", datetime.date(2026, rank, 1), D(amount))
        for rank, amount in enumerate(amounts, start=1)
    ]


def told(match: Match | None) -> tuple[tuple[str, ...], Decimal, Confidence] | None:
    return (match.numbers, match.left, match.confidence) if match is not None else None


@pytest.mark.parametrize(
    ("amount", "label", "open_", "expected"),
    [
        # The number in the label wins, whatever its typing; a longer number is another one.
        ("50.00", "VIR REF f2026 002", ["50.00", "80.00"], (("F2026-002",), D("30.00"), Confidence.LIKELY)),
        ("80.00", "F2026/002", ["50.00", "80.00"], (("F2026-002",), D(0), Confidence.SURE)),
        ("130.00", "F2026-001 + F2026-002", ["50.00", "80.00"], (("F2026-001", "F2026-002"), D(0), Confidence.SURE)),
        ("7.00", "F2026-0021", ["50.00", "80.00"], None),
        # One amount, alone or not.
        ("80.00", "Virement", ["50.00", "80.00"], (("F2026-002",), D(0), Confidence.LIKELY)),
        ("80.00", "Virement SCI Dupont", ["50.00", "80.00"], (("F2026-002",), D(0), Confidence.SURE)),
        ("80.00", "Virement", ["80.00", "80.00"], (("F2026-001",), D(0), Confidence.POSSIBLE)),
        # Several: all, a sum that is the only one, a sum among others.
        ("60.00", "Virement", ["10.00", "20.00", "30.00"],
         (("F2026-001", "F2026-002", "F2026-003"), D(0), Confidence.LIKELY)),
        # A supplier's credit note is netted: 120 − 30 paid, 360 left; all of it, 450.
        ("90.00", "Virement", ["120.00", "-30.00", "360.00"], (("F2026-001", "F2026-002"), D(0), Confidence.LIKELY)),
        ("450.00", "Virement", ["120.00", "-30.00", "360.00"],
         (("F2026-001", "F2026-002", "F2026-003"), D(0), Confidence.LIKELY)),
        ("90.00", "F2026-001 moins F2026-002", ["120.00", "-30.00"],
         (("F2026-001", "F2026-002"), D(0), Confidence.SURE)),
        ("33.00", "Virement", ["11.00", "20.00", "22.00"], (("F2026-001", "F2026-003"), D(0), Confidence.LIKELY)),
        ("30.00", "Virement", ["10.00", "20.00", "20.00"], (("F2026-001", "F2026-002"), D(0), Confidence.POSSIBLE)),
        # Nothing fits; a refund without a number.
        ("31.00", "Virement", ["10.00", "20.00"], None),
        ("-10.00", "Remboursement", ["10.00"], None),
        ("10.00", "Virement", [], None),
    ],
)  # fmt: skip
def test_best_match(
    amount: str, label: str, open_: list[str], expected: tuple[object, ...] | None
) -> None:
    assert told(best_match(payment(amount, label), items(*open_), "SCI Dupont")) == expected


def test_what_is_not_issued_yet_is_only_found_by_its_number() -> None:
    later = [OpenItem("F2026-009", datetime.date(2026, 7, 1), D("10.00"))]
    assert best_match(payment("10.00"), later) is None
    assert told(best_match(payment("10.00", "F2026-009"), later)) == (
        ("F2026-009",), D(0), Confidence.SURE,
    )  # fmt: skip


def test_a_retention_is_paid_apart() -> None:
    item = OpenItem("F2026-001", datetime.date(2026, 1, 1), D("100.00"), (D("95.00"),))
    assert told(best_match(payment("95.00"), [item])) == (
        ("F2026-001",), D("5.00"), Confidence.LIKELY,
    )  # fmt: skip


def test_what_a_payment_takes_is_not_offered_again() -> None:
    """Two payments of 120 €, two invoices of 120 €: one each; a third finds nothing. Contracts and letters are left."""
    text = "".join(
        f'2026-01-0{n} * "SCI Dupont" "Travaux" #facture\n  numero: "F2026-00{n}"\n'
        f"  {DUPONT}\n  Produits:704:Travaux -100.00 EUR\n\n"
        for n in (1, 2)
    )
    for day in (10, 11, 12):
        text += f'2026-01-{day} * "Virement"\n  Actif:512:Banque 120.00 EUR\n  {DUPONT}\n\n'
    text += f'2026-01-13 * "Virement"\n  Actif:512:Banque 5.00 EUR\n  {DUPONT} -5.00 EUR\n    lettrage: "X"\n\n'
    matches = find_matches(load_text(text))
    assert [match.numbers for match in matches.found] == [("F2026-001",), ("F2026-002",)]
    assert [one.entry.date.day for one in matches.alone] == [12]


def test_the_story() -> None:
    """Martin's 300 € name nothing; 700 € are open on F2026-003: nothing says so."""
    matches = find_matches(load_text(STORY))
    assert matches.found == ()
    assert [(one.party, one.amount) for one in matches.alone] == [("Actif:411:Martin", D("300.00"))]


def test_suppliers() -> None:
    more = """
2026-01-01 open Passif:401:Imprimerie EUR
2026-01-01 open Actif:44564:TVA EUR
2026-01-01 open Actif:44566:TVA EUR
2026-01-01 open Charges:6226:Divers EUR
"""
    text = """
2026-03-02 * "Imprimerie" "Cartes" #achat
  numero: "I-9017"
  Passif:401:Imprimerie
  Charges:6226:Divers 100.00 EUR
    tva: 20

2026-03-09 * "Imprimerie" "VIR I9017"
  Passif:401:Imprimerie 120.00 EUR
  Actif:512:Banque
"""
    (match,) = find_matches(load_text(text, ACCOUNTS + more)).found
    assert (match.numbers, match.confidence) == (("I-9017",), Confidence.SURE)


def test_folded() -> None:
    assert folded("Réf. n° F2026-001 é") == "REFNF2026001E"
