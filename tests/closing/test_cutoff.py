"""Cut-off proposals, worked by hand; pasted into the ledger they are not proposed again, and are reversed."""

from __future__ import annotations

import datetime
import textwrap
from decimal import Decimal
from pathlib import Path

import pytest

from acompta.closing.cutoff.lines import earned
from acompta.closing.cutoff.making import CutOff, Reason
from acompta.closing.cutoff.posted import billed_after_all, not_reversed
from acompta.closing.cutoff.proposals import cut_off_text, cut_offs
from acompta.closing.periods import read_period
from acompta.loading import Loaded, load_ledger
from acompta.reading.spans import Span

HEAD = """
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
plugin "acompta"
2026-01-01 custom "emetteur" "Essai SARL"
2026-01-01 open Actif:512:Banque EUR
2026-01-01 open Actif:411:Client EUR
2026-01-01 open Passif:401:Fournisseur EUR
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44574:TVA20 EUR
  taux: 20
2026-01-01 open Actif:44564:TVA EUR
2026-01-01 open Actif:44566:TVA EUR
2026-01-01 open Produits:706:Services EUR
  tva: 20
2026-01-01 open Produits:707:Ventes EUR
  tva: 20
2026-01-01 open Charges:613:Loyer EUR
  tva: 20
2026-01-01 commodity FORFAIT
"""


def ledger(folder: Path, text: str) -> Loaded:
    path = folder / "main.beancount"
    path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
    loaded = load_ledger(path)
    assert loaded.errors == []
    return loaded


def proposed(loaded: Loaded, month: str, *, year_end: bool = False) -> tuple[CutOff, ...]:
    period = read_period(month)
    return cut_offs(loaded.entries, loaded.dossier, loaded.options, period, year_end=year_end)


def amounts(one: CutOff) -> dict[str, str]:
    return {line.account.split(":")[1]: f"{line.amount:.2f}" for line in one.entry.lines}


def test_deferred_income_d24(tmp_path: Path) -> None:
    """1 200 for 365 days from 1 October: 92 earned at year end, 302.47; 897.53 to 487, reversed on 1 January."""
    loaded = ledger(
        tmp_path,
        """
        2026-10-01 * "Client" "Maintenance, un an" #facture
          numero: "F2026-001"
          Actif:411:Client
          Produits:706:Services   -1200.00 EUR
            periode: "2026-10-01/2027-09-30"
        """,
    )
    (one,) = proposed(loaded, "2026-12")
    assert one.reason is Reason.PREPAID_REVENUE
    assert amounts(one) == {"706": "897.53", "487": "-897.53"}
    assert (one.entry.date, one.reversal.date) == (
        datetime.date(2026, 12, 31),
        datetime.date(2027, 1, 1),
    )
    assert [str(line.amount) for line in one.reversal.lines] == ["-897.53", "897.53"]


def test_months_add_up_to_the_cent() -> None:
    """1 000.00 over 2026: what twelve months earn is 1 000.00, whatever the rounding of each."""
    span = Span(datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
    total = Decimal("1000.00")
    before = Decimal(0)
    months = []
    for month in range(1, 13):
        now = earned(total, span, read_period(f"2026-{month:02d}").end)
        months.append(now - before)
        before = now
    assert months[0] == Decimal("84.93")  # 31 of 365 days
    assert sum(months) == total


def test_income_to_bill_p09(tmp_path: Path) -> None:
    """Services of December invoiced in January: 4181 60 000 / 706 50 000, 44587 10 000; reversed on 1 January."""
    loaded = ledger(
        tmp_path,
        """
        2027-01-10 * "Client" "Mission de décembre" #facture
          numero: "F2027-001"
          livraison: "2026-12-01/2026-12-31"
          Actif:411:Client
          Produits:706:Services   -50000.00 EUR
        """,
    )
    (one,) = proposed(loaded, "2026-12")
    assert one.reason is Reason.TO_BILL
    assert amounts(one) == {"4181": "60000.00", "706": "-50000.00", "44587": "-10000.00"}


def test_goods_delivered_owe_their_vat(tmp_path: Path) -> None:
    """Delivered on 30 March, invoiced on 2 April: 44571, not 44587 (CGI art. 269-1-a)."""
    loaded = ledger(
        tmp_path,
        """
        2026-04-02 * "Client" "Table" #facture
          numero: "F2026-001"
          livraison: 2026-03-30
          Actif:411:Client
          Produits:707:Ventes   -100.00 EUR
        """,
    )
    (one,) = proposed(loaded, "2026-03")
    assert one.reason is Reason.DELIVERED
    assert amounts(one) == {"4181": "120.00", "707": "-100.00", "44571": "-20.00"}
    assert proposed(loaded, "2026-02") == ()


def test_purchases_on_both_sides(tmp_path: Path) -> None:
    """Rent of a quarter: 59 of 90 days ahead, 590, to 486. Parking of January invoiced in February: 408."""
    loaded = ledger(
        tmp_path,
        """
        2026-01-02 * "Bailleur" "Loyer du trimestre" #achat
          numero: "L-1"
          Passif:401:Fournisseur
          Charges:613:Loyer   900.00 EUR
            periode: "2026-01-01/2026-03-31"
        2026-02-05 * "Bailleur" "Parking de janvier" #achat
          numero: "L-2"
          livraison: "2026-01-01/2026-01-31"
          Passif:401:Fournisseur
          Charges:613:Loyer   100.00 EUR
        """,
    )
    ahead, late = proposed(loaded, "2026-01")
    assert amounts(ahead) == {"486": "590.00", "613": "-590.00"}
    assert amounts(late) == {"613": "100.00", "44586": "20.00", "408": "-120.00"}


def test_unpaid_deposits_at_a_balance_sheet_date_d13(tmp_path: Path) -> None:
    """Deposit of 3 000 + 600, 1 800 paid: half is taken off, 1 500 of 4191 and 300 of 44574, against 411."""
    loaded = ledger(
        tmp_path,
        """
        2026-12-01 * "Client" "Commande" #contrat ^D1
          Actif:411:Client
          Produits:706:Services   -1 FORFAIT @ 10000.00 EUR
        2026-12-05 * "Client" "Acompte" #acompte ^D1
          numero: "F2026-001"
          Actif:411:Client
          Passif:4191:Client      -30 PCT
        2026-12-20 * "Client" "Virement" ^F2026-001
          Actif:512:Banque      1800.00 EUR
          Actif:411:Client
        """,
    )
    assert proposed(loaded, "2026-12") == ()
    (one,) = proposed(loaded, "2026-12", year_end=True)
    assert amounts(one) == {"4191": "1500.00", "44574": "300.00", "411": "-1800.00"}


def test_pasted_they_load_are_known_and_reversed(tmp_path: Path) -> None:
    text = """
        2026-01-02 * "Client" "Abonnement" #facture
          numero: "F2026-001"
          Actif:411:Client
          Produits:706:Services   -365.00 EUR
            periode: "2026-01-01/2026-12-31"
    """
    loaded = ledger(tmp_path, text)
    found = proposed(loaded, "2026-01")
    pasted = ledger(tmp_path, textwrap.dedent(text) + cut_off_text(found))
    assert proposed(pasted, "2026-01") == ()
    end, month = datetime.date(2026, 1, 31), read_period("2026-02").end
    assert not_reversed(pasted.entries, end, month) == []
    half = ledger(tmp_path, textwrap.dedent(text) + "\n".join(one.entry.text for one in found))
    assert len(not_reversed(half.entries, end, month)) == 1


def test_a_deposit_recovered_by_its_final_invoice_is_owed_for_good(tmp_path: Path) -> None:
    """1 200 ordered; 360 of deposit, unpaid; half of it recovered: only the other half, 150 + 30, is no debt yet."""
    text = """
        2026-12-01 * "Client" "Étude" #contrat ^D1
          Actif:411:Client
          Produits:706:Services   -1000.00 EUR
            lot: "A"
        2026-12-05 * "Client" "Acompte" #acompte ^D1
          numero: "F2026-001"
          Actif:411:Client
          Passif:4191:Client      -30 PCT
        """
    whole = ledger(tmp_path, text)
    (found,) = proposed(whole, "2026-12", year_end=True)
    assert amounts(found) == {"4191": "300.00", "44574": "60.00", "411": "-360.00"}
    half = """
        2026-12-20 * "Client" "Situation" #situation ^D1
          numero: "F2026-002"
          Actif:411:Client
          Produits:706:Services   -50 PCT
            lot: "A"
          Passif:4191:Client      50 PCT
        """
    (found,) = proposed(ledger(tmp_path, text + half), "2026-12", year_end=True)
    assert amounts(found) == {"4191": "150.00", "44574": "30.00", "411": "-180.00"}
    final = """
        2026-12-20 * "Client" "Solde" #solde ^D1
          numero: "F2026-002"
          Actif:411:Client
        """
    assert proposed(ledger(tmp_path, text + final), "2026-12", year_end=True) == ()


def test_a_recurring_model_is_never_to_be_billed_only_its_drafts_are(tmp_path: Path) -> None:
    """900 a month: January's draft, 900 + 180 of VAT, once; the model beside it would have doubled it."""
    model = """
        2026-01-31 ! "Client" "Maintenance de {mois}" #facture
          recurrence: "mensuelle"
          periode: "2026-01-01/2026-01-31"
          Actif:411:Client
          Produits:706:Services   -900.00 EUR
        """
    assert proposed(ledger(tmp_path, model), "2026-01") == ()
    draft = """
        2026-01-31 ! "Client" "Maintenance de janvier" #facture
          modele: "2026-01 Maintenance de {mois}"
          periode: "2026-01-01/2026-01-31"
          Actif:411:Client
          Produits:706:Services   -900.00 EUR
        """
    (one,) = proposed(ledger(tmp_path, model + draft), "2026-01")
    assert amounts(one) == {"4181": "1080.00", "706": "-900.00", "44587": "-180.00"}


def test_what_recovers_one_deposit_leaves_the_other_as_it_is(tmp_path: Path) -> None:
    """Two deposits of 100 + 20, unpaid; 100 is recovered, of the older: only the newer is no debt yet."""
    text = """
        2026-12-01 * "Client" "Étude" #contrat ^D1
          Actif:411:Client
          Produits:706:Services   -1000.00 EUR
        2026-12-05 * "Client" "Premier acompte" #acompte ^D1
          numero: "F2026-001"
          Actif:411:Client
          Passif:4191:Client      -100.00 EUR
        2026-12-08 * "Client" "Second acompte" #acompte ^D1
          numero: "F2026-002"
          Actif:411:Client
          Passif:4191:Client      -100.00 EUR
        2026-12-20 * "Client" "Situation" #situation ^D1
          numero: "F2026-003"
          Actif:411:Client
          Produits:706:Services   -50 PCT
          Passif:4191:Client      100.00 EUR
        """
    (found,) = proposed(ledger(tmp_path, text), "2026-12", year_end=True)
    assert found.entry.lines[0].account == "Passif:4191:Client"
    assert amounts(found) == {"4191": "100.00", "44574": "20.00", "411": "-120.00"}
    assert "F2026-002" in found.entry.text


def test_a_credit_note_and_a_corrective_take_back_what_was_deferred(tmp_path: Path) -> None:
    """Three contracts of 2026, at 31 January (31 days of 365 are earned, 334 are not).

    365 credited whole: 334.00 − 334.00 = 0. 730 corrected to 365: 668.00 − 668.00 + 334.00. 365 less 36.50 for the
    year: 334.00 − 33.40. To 487: 634.60, of revenue of 693.50, of which 58.90 are earned.
    """
    loaded = ledger(
        tmp_path,
        """
        2026-01-15 * "Client" "Maintenance A" #facture
          numero: "F2026-001"
          periode: "2026-01-01/2026-12-31"
          Actif:411:Client
          Produits:706:Services   -365.00 EUR
        2026-01-16 * "Client" "Maintenance B" #facture
          numero: "F2026-002"
          Actif:411:Client
          Produits:706:Services   -730.00 EUR
            periode: "2026-01-01/2026-12-31"
        2026-01-17 * "Client" "Maintenance C" #facture
          numero: "F2026-003"
          periode: "2026-01-01/2026-12-31"
          Actif:411:Client
          Produits:706:Services   -365.00 EUR
        2026-01-20 * "Client" "Annulation de A" #avoir
          numero: "A2026-001"
          sur: "F2026-001"
          Actif:411:Client        -100 PCT
        2026-01-21 * "Client" "B corrigée" #rectificative
          numero: "F2026-004"
          sur: "F2026-002"
          periode: "2026-01-01/2026-12-31"
          Actif:411:Client
          Produits:706:Services   -365.00 EUR
        2026-01-22 * "Client" "Rabais sur C" #avoir
          numero: "A2026-002"
          sur: "F2026-003"
          Actif:411:Client
          Produits:706:Services   36.50 EUR
        """,
    )
    found = {one.mark: f"{one.amount:.2f}" for one in proposed(loaded, "2026-01")}
    assert sorted(found.values()) == sorted(
        ["334.00", "668.00", "334.00", "-334.00", "334.00", "-668.00", "-33.40"]
    )
    assert sum(map(Decimal, found.values())) == Decimal("634.60")
    assert len(found) == 7  # no mark is said twice


def test_a_credit_note_of_a_supplier_takes_back_what_was_prepaid(tmp_path: Path) -> None:
    """Rent of 3 650 for 2026, less 365 by ``sur:``, less 36.50 by its link: at 31 January 334 days of 365 are ahead.

    To 486: 3 340 - 334 - 33.40. The credit of an invoice without period, and one that says its own, keep theirs.
    """
    loaded = ledger(
        tmp_path,
        """
        2026-01-05 * "Bailleur" "Loyer" #achat
          numero: "L-1"
          periode: "2026-01-01/2026-12-31"
          Passif:401:Fournisseur
          Charges:613:Loyer   3650.00 EUR
        2026-01-06 * "Bailleur" "Sans période" #achat
          numero: "L-2"
          Passif:401:Fournisseur
          Charges:613:Loyer   100.00 EUR
        2026-01-20 * "Bailleur" "Avoir" #achat
          numero: "A-1"
          sur: "L-1"
          Passif:401:Fournisseur
          Charges:613:Loyer   -365.00 EUR
        2026-01-21 * "Bailleur" "Avoir" #achat ^L-1
          numero: "A-2"
          Passif:401:Fournisseur
          Charges:613:Loyer   -36.50 EUR
        2026-01-22 * "Bailleur" "Avoir de janvier" #achat ^L-1
          numero: "A-3"
          periode: "2026-01-01/2026-01-31"
          Passif:401:Fournisseur
          Charges:613:Loyer   -50.00 EUR
        2026-01-23 * "Bailleur" "Avoir" #achat ^L-2
          numero: "A-4"
          Passif:401:Fournisseur
          Charges:613:Loyer   -20.00 EUR
        """,
    )
    found = {one.mark: f"{one.amount:.2f}" for one in proposed(loaded, "2026-01")}
    supplier = "Passif:401:Fournisseur"
    assert found == {
        f"CCA {supplier} L-1 1": "3340.00",
        f"CCA {supplier} A-1 1": "-334.00",
        f"CCA {supplier} A-2 1": "-33.40",
    }


def test_vat_that_is_not_deducted_is_part_of_the_cost(tmp_path: Path) -> None:
    """730 + 146 of VAT, half deducted: the charge is 803; 31 days of 365 are 68.20, to 486: 734.80.

    310 + 62 to receive, half deducted: charge 341, 44586 31, owed 372.
    """
    loaded = ledger(
        tmp_path,
        """
        2026-01-20 * "Fournisseur" "Location" #achat
          numero: "L-1"
          periode: "2026-01-01/2026-12-31"
          Passif:401:Fournisseur
          Charges:613:Loyer       730.00 EUR
            deductible: 50
        2026-02-05 * "Fournisseur" "Loyer de janvier" #achat
          numero: "L-2"
          periode: "2026-01-01/2026-01-31"
          Passif:401:Fournisseur
          Charges:613:Loyer       310.00 EUR
            deductible: 50
        """,
    )
    prepaid, received = proposed(loaded, "2026-01")
    assert amounts(prepaid) == {"486": "734.80", "613": "-734.80"}
    assert amounts(received) == {"613": "341.00", "44586": "31.00", "408": "-372.00"}


def test_an_asset_and_each_third_party_have_their_own_accounts(tmp_path: Path) -> None:
    """A machine delivered and not invoiced is owed on 4084; another customer's 4181 and another rate's 44587 stay."""
    loaded = ledger(
        tmp_path,
        """
        2026-01-01 open Actif:411:Autre EUR
        2026-01-01 open Actif:4181:Autre EUR
        2026-01-01 open Passif:44587:TVA10 EUR
          taux: 10
        2026-01-01 open Passif:44574:TVA10 EUR
          taux: 10
        2026-01-01 open Passif:404:Garage EUR
        2026-01-01 open Actif:2154:Machine EUR
        2026-01-01 open Actif:44562:TVA EUR
        2026-02-08 * "Garage" "Machine" #achat
          numero: "G-7"
          livraison: 2026-01-28
          Passif:404:Garage
          Actif:2154:Machine      900.00 EUR
            tva: 20
        2026-02-09 * "Client" "Conseil de janvier" #facture
          numero: "F2026-001"
          livraison: 2026-01-31
          Actif:411:Client
          Produits:706:Services   -100.00 EUR
        2026-02-10 * "Autre" "Travaux de janvier" #facture
          numero: "F2026-002"
          livraison: 2026-01-31
          Actif:411:Autre
          Produits:706:Services   -100.00 EUR
            tva: 10
        """,
    )
    found = [[line.account for line in one.entry.lines] for one in proposed(loaded, "2026-01")]
    assert found == [
        ["Actif:4181:Regularisations", "Produits:706:Services", "Passif:44587:Regularisations"],
        ["Actif:4181:Autre", "Produits:706:Services", "Passif:44587:TVA10"],
        ["Actif:2154:Machine", "Actif:44586:Regularisations", "Passif:4084:Regularisations"],
    ]


def test_a_purchase_accrued_then_posted_in_the_month_counts_twice(tmp_path: Path) -> None:
    text = """
        2026-01-20 * "Fournisseur" "Loyer" #achat
          numero: "L-2"
          periode: "2026-01-01/2026-01-31"
          Passif:401:Fournisseur
          Charges:613:Loyer       310.00 EUR
        2026-01-01 open Passif:408:Fournisseur EUR
        2026-01-31 * "Fournisseur" "FNP : Loyer"
          regularisation: "FNP Passif:401:Fournisseur L-2 1"
          Charges:613:Loyer       310.00 EUR
          Passif:408:Fournisseur
        """
    loaded = ledger(tmp_path, text)
    found = billed_after_all(loaded.entries, loaded.dossier, read_period("2026-01"))
    assert [number for _, number in found] == ["L-2"]


@pytest.mark.parametrize("day", ["2026-03-05", '"2026-03-05"', '"2026-03-05/2026-03-05"'])
def test_a_day_is_read_the_same_however_it_is_typed(tmp_path: Path, day: str) -> None:
    """Goods billed in January and delivered in March: all of it to 487, whether the day is a date or a text."""
    text = f"""
        2026-01-10 * "Client" "Biens livrés en mars" #facture
          numero: "F2026-001"
          livraison: {day}
          Actif:411:Client
          Produits:707:Ventes     -1000.00 EUR
        """
    (one,) = proposed(ledger(tmp_path, text), "2026-01")
    assert amounts(one) == {"707": "1000.00", "487": "-1000.00"}


def test_a_span_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    text = """
        2026-10-01 * "Client" "Maintenance" #facture
          numero: "F2026-001"
          Actif:411:Client
          Produits:706:Services   -1200.00 EUR
            periode: "2027-09-30/2026-10-01"
        """
    path = tmp_path / "main.beancount"
    path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
    (error,) = load_ledger(path).errors
    assert error.message.startswith('clé « periode » : lu "2027-09-30/2026-10-01" ; tapez une date')


def test_what_is_billed_before_its_delivery_belongs_to_it(tmp_path: Path) -> None:
    """1 000 of goods sold, 300 credited, and 400 bought, delivered after the month: 700 to 487, 400 to 486.

    A mission billed while it runs, without ``periode:``, is left alone; in the month of delivery nothing is left.
    """
    loaded = ledger(
        tmp_path,
        """
        2026-01-10 * "Client" "Biens livrés en mars" #facture
          numero: "F2026-001"
          livraison: 2026-03-05
          Actif:411:Client
          Produits:707:Ventes     -1000.00 EUR
        2026-01-11 * "Client" "Mission" #facture
          numero: "F2026-002"
          livraison: "2026-01-15/2026-02-15"
          Actif:411:Client
          Produits:706:Services   -1000.00 EUR
        2026-01-13 * "Client" "Avoir" #avoir
          numero: "A2026-001"
          sur: "F2026-001"
          Actif:411:Client
          Produits:707:Ventes       300.00 EUR
        2026-01-14 * "Fournisseur" "Biens reçus en février" #achat
          numero: "G-1"
          livraison: 2026-02-20
          Passif:401:Fournisseur
          Charges:613:Loyer         400.00 EUR
        """,
    )
    january = [(one.reason, f"{one.amount:.2f}") for one in proposed(loaded, "2026-01")]
    assert january == [
        (Reason.PREPAID_REVENUE, "1000.00"),
        (Reason.PREPAID_REVENUE, "-300.00"),
        (Reason.PREPAID_COST, "400.00"),
    ]
    february = [(one.reason, f"{one.amount:.2f}") for one in proposed(loaded, "2026-02")]
    assert february == [(Reason.PREPAID_REVENUE, "1000.00"), (Reason.PREPAID_REVENUE, "-300.00")]
    assert proposed(loaded, "2026-03") == ()


def test_goods_at_a_rate_without_an_account_open_theirs(tmp_path: Path) -> None:
    """A draft of books at 5.5 %, delivered in January: 100 × 5.5 % = 5.50, and no 44571 of that rate yet."""
    loaded = ledger(
        tmp_path,
        """
        2026-01-20 ! "Client" "Livres" #facture
          livraison: 2026-01-20
          Actif:411:Client
          Produits:707:Ventes   -100.00 EUR
            tva: 5.5
        """,
    )
    (one,) = proposed(loaded, "2026-01")
    assert amounts(one) == {"4181": "105.50", "707": "-100.00", "44571": "-5.50"}
    assert "2026-01-31 open Passif:44571:TVA5-5 EUR\n  taux: 5.5\n" in one.entry.text
