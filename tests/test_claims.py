"""What a claim remembers of the money that it received and of what was set against it."""

from __future__ import annotations

import datetime
from decimal import Decimal

from tests.cli.samples import day, load_text

from acompta.claims import Waiting
from acompta.reading.model import TaxKey
from acompta.vat import due_on_receipt

D = Decimal


def test_the_oldest_money_is_handed_on_first_and_stays_older_than_2023() -> None:
    """100 received in 2022, 50 in 2023; 120 handed on: 20 of it may make the VAT of goods due on receipt, 30 stay."""
    waiting, successor = Waiting("A", D("150.00"), {}), Waiting("B", D("150.00"), {})
    waiting.receive(D("100.00"), datetime.date(2022, 12, 1))
    waiting.receive(D("50.00"), datetime.date(2023, 2, 1))
    waiting.hand_money(successor, D("120.00"))
    assert (successor.paid, successor.paid_for_goods) == (D("120.00"), D("20.00"))
    assert (waiting.paid, waiting.paid_for_goods) == (D("30.00"), D("30.00"))


def test_money_given_back_is_the_newest() -> None:
    """100 received in 2022, 50 in 2023, 60 given back: the 50 of 2023 first; goods keep none."""
    waiting = Waiting("A", D("150.00"), {})
    waiting.receive(D("100.00"), datetime.date(2022, 12, 1))
    waiting.receive(D("50.00"), datetime.date(2023, 2, 1))
    waiting.receive(D("-60.00"), datetime.date(2023, 3, 1))
    assert (waiting.paid, waiting.paid_for_goods) == (D("90.00"), D("0.00"))


def test_a_credit_note_set_against_an_invoice_leaves_what_was_owed_before_it() -> None:
    """1 200 on 1 February, 240 credited on 10 March: 1 200 owed until then, 960 since; the document was of 1 200."""
    loaded = load_text(
        """
2026-02-01 * "SCI Dupont" "Travaux" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR
2026-03-10 * "SCI Dupont" "Remise convenue" #avoir
  numero: "F2026-002"
  sur: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux  200.00 EUR
""",
    )
    assert not loaded.errors
    claim, credit = (loaded.dossier.claims[number] for number in ("F2026-001", "F2026-002"))
    assert [claim.open_at(day(at)) for at in ("31/01", "09/03", "10/03")] == [D(0), D(1200), D(960)]
    assert (claim.document_total, credit.document_total) == (D(1200), D(-240))
    assert credit.open_at(day("10/03")) == 0


def test_a_refund_of_two_credit_notes_pays_each_once() -> None:
    """1 200 paid twice, 240 and 120 credited, 300 paid back: 240 for the older note, 60 of the 120 of the other."""
    loaded = load_text(
        """
2026-02-01 * "SCI Dupont" "Travaux" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR
2026-02-02 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  1200.00 EUR
  Actif:411:Dupont
2026-03-10 * "SCI Dupont" "Remise convenue" #avoir
  numero: "F2026-002"
  sur: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux  200.00 EUR
2026-03-11 * "SCI Dupont" "Autre remise" #avoir
  numero: "F2026-003"
  sur: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux  100.00 EUR
2026-03-20 * "SCI Dupont" "Remboursé" ^F2026-002 ^F2026-003
  Actif:512:Banque  -300.00 EUR
  Actif:411:Dupont
""",
    )
    assert not loaded.errors
    left = {number: loaded.dossier.claims[number].open for number in ("F2026-002", "F2026-003")}
    assert left == {"F2026-002": D(0), "F2026-003": D(-60)}


def test_money_for_goods_makes_vat_due_from_the_first_of_january_2023() -> None:
    """Loi 2021-1900, art. 30: deposits received from 1 January 2023; services always (CGI art. 269-2-c)."""
    goods, service = TaxKey(D(20), "bien"), TaxKey(D(20), "service")
    first = datetime.date(2023, 1, 1)
    eve = datetime.date(2022, 12, 31)
    assert [due_on_receipt(goods, date) for date in (eve, first)] == [False, True]
    assert due_on_receipt(service, eve)
