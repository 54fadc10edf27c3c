"""The VAT page: the boxes of the month, the entries behind each, and what waits for its payment."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.fava.conftest import MakeSite, Site
from tests.fava.page import rows, total
from tests.fava.samples import STORY, ledger_text

D = Decimal


def test_the_return_of_the_month_of_the_time_filter(site: Site) -> None:
    page = site.page(vue="tva", time="2026-02")
    assert page.one("p", "lead").text == "TVA de février 2026 (CA3)"
    boxes = {row["Case"]: row for row in rows(page, "cases")}
    # The deposit of 2 160,00 is received in February: 1 800,00 and 360,00 fall due.
    assert (boxes["A1"]["Base HT"], boxes["08"]["TVA"], boxes["28"]["TVA"]) == (
        "1 800",
        "360",
        "360",
    )


def test_each_box_opens_to_its_entries(site: Site) -> None:
    page = site.page(vue="tva", time="2026-02")
    links = page.one("table", "t-cases").links()
    assert set(links) == {"A1", "08"}  # totals have no entry of their own
    detail = site.follow(links["08"] + "&partial=true")
    assert detail.one("p", "lead").text == "TVA de février 2026, case 08"
    [entry] = rows(detail, "ecritures")
    assert (entry["Date"], entry["TVA"]) == ("02/02/2026", "360,00")
    assert "Case 08 Taux normal 20 %" in detail.all("dl", "facts")[0].text
    assert detail.one("table", "t-ecritures").links()["02/02/2026"].startswith("#context-")
    back = site.follow(detail.links()["Toutes les cases"] + "&partial=true")
    assert rows(back, "cases") == rows(page, "cases")


def test_what_waits_for_its_payment_adds_up_to_the_ledger(site: Site) -> None:
    page = site.page(vue="tva", time="2026-05")
    # 200,00 on F2026-002 of which 500,00 / 1 200,00 are paid: 83,33 moved; 40,00 on F2026-003.
    assert [(row["N°"], row["En attente"]) for row in rows(page, "en-attente")] == [
        ("F2026-002", "116,67"),
        ("F2026-003", "40,00"),
    ]
    assert total(page, "en-attente")["En attente"] == "156,67"
    balance = sum(
        posting.units.number
        for entry in site.ledger.all_entries_by_type.Transaction
        for posting in entry.postings
        if posting.account.startswith("Passif:44574")
    )
    assert balance == D("-156.67")


def test_what_waited_at_the_end_of_the_month_shown(site: Site) -> None:
    """A month opened from another date shows 44574 at its end: 360,00 on the deposit of January, not yet paid."""
    page = site.page(vue="tva", periode="2026-01", time="2026-05")
    titles = [head.text for head in page.all("h3")]
    assert "TVA en attente de paiement au 31 janvier 2026" in titles
    [row] = rows(page, "en-attente")
    assert (row["N°"], row["En attente"]) == ("F2026-001", "360,00")


def test_money_that_names_a_contract_leads_to_its_register(make_site: MakeSite) -> None:
    early = STORY.replace(
        '2026-02-02 * "SCI Dupont" "Virement reçu, acompte" ^F2026-001',
        '2026-01-13 * "SCI Dupont" "Virement reçu d\'avance" ^D2026-012',
    )
    page = make_site(ledger_text(early)).page(vue="tva", time="2026-01-14")
    [row] = rows(page, "en-attente")
    assert (row["N°"], row["Client"], row["En attente"]) == (
        "^D2026-012",
        "SCI Dupont",
        "−360,00",
    )
    assert "contrat=D2026-012" in page.one("table", "t-en-attente").links()["^D2026-012"]


def test_nothing_to_pass_where_nothing_is_due(make_site: MakeSite) -> None:
    """Under the exemption of article 293 B there is no settlement to type, and the page asks for none."""
    exempt = ledger_text().replace('regime-tva: "encaissements"', 'regime-tva: "franchise"')
    page = make_site(exempt).page(vue="tva", time="2026-02")
    assert "à passer" not in page.all("dl", "figures")[0].text


def test_zeros_that_prove_something_are_shown(site: Site) -> None:
    gap = {
        row["Du chiffre d'affaires à la base déclarée"]: row
        for row in rows(site.page(vue="tva", time="2026-02"), "cadrage")
    }
    assert gap["Écart non expliqué"]["Montant HT"] == "0,00"


def test_quarters_and_the_months_around(site: Site) -> None:
    page = site.page(vue="tva", time="2026-Q1")
    assert page.one("p", "lead").text == "TVA du 1er trimestre 2026 (CA3)"
    assert page.links()["← 4e trimestre 2025"]
    page = site.page(vue="tva", periode="2026-01", time="2026-03")
    assert page.one("p", "lead").text == "TVA de janvier 2026 (CA3)"
    following = site.follow(page.links()["février 2026 →"] + "&partial=true")
    assert following.one("p", "lead").text == "TVA de février 2026 (CA3)"


def test_the_month_so_far_is_said_to_be_so(site: Site) -> None:
    page = site.page(vue="tva", time="2026-02-10")
    assert page.one("p", "lead").text.endswith(", arrêtée au 10 février 2026")
    assert rows(page, "cases")
    # The payment of 2 February has not come on the first.
    assert not site.page(vue="tva", time="2026-02-01").all("table", "t-cases")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"periode": "demain"}, "Période illisible"),
        ({"periode": "2026-13"}, "Période illisible"),
        ({"case": "<img src=x>"}, "Case « <img src=x> » inconnue"),
    ],
)
def test_what_cannot_be_read_is_said(site: Site, query: dict[str, str], message: str) -> None:
    page = site.page(vue="tva", time="2026-02", **query)
    assert page.one("p", "message").text.startswith(message)


def test_the_largest_amounts_come_first(make_site: MakeSite) -> None:
    # Eight invoices of 500,00 to 1 200,00 before tax, five sixths of each paid on its day.
    payments = "".join(
        f'2026-05-{n:02d} * "x" "Facture {n}" #facture\n  numero: "F2026-{n - 1:03d}"\n'
        f"  Actif:411:Dupont\n  Produits:706:Conseil -{n}00.00 EUR\n\n"
        f'2026-05-{n:02d} * "x" "Virement {n}" ^F2026-{n - 1:03d}\n'
        f"  Actif:512:Banque {n}00.00 EUR\n  Actif:411:Dupont\n\n"
        for n in range(5, 13)
    )
    site = make_site(ledger_text(STORY, payments))
    page = site.page(vue="tva", time="2026-05")
    taxes = [D(row["TVA"].replace(" ", "").replace(",", ".")) for row in rows(page, "ecritures")]
    assert taxes == sorted(taxes, reverse=True)
    assert len(taxes) == 6
    whole = site.follow(page.links()["Tout voir (16)"] + "&partial=true")
    assert len(rows(whole, "ecritures")) == 16


def test_the_home_page_says_the_vat_of_the_month(site: Site) -> None:
    page = site.page(vue="accueil", time="2026-02")
    figures = page.all("dl", "figures")[0]
    assert "TVA de février 2026 360,00 €" in figures.text.replace("\xa0", " ")
    vat = site.follow(figures.links()["TVA de février 2026"] + "&partial=true")
    assert vat.one("p", "lead").text.startswith("TVA de février 2026")


def test_tables_download(site: Site) -> None:
    csv = site.get("tableau", vue="tva", time="2026-02", table="cases", format="csv")
    assert "A1" in csv.text
    assert site.get("tableau", vue="tva", time="2026-02", format="xlsx").data[:2] == b"PK"
