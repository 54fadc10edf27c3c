from __future__ import annotations

from decimal import Decimal

import pytest
from tests.fava.conftest import MakeSite, Site
from tests.fava.page import rows, total
from tests.fava.samples import STORY, file_pdf, ledger_text

from acompta.fava.documents import read_amount

MORE = """
2026-05-11 * "Martin & Fils" "Étude" #facture
  numero: "F2026-004"
  Actif:411:Martin
  Produits:706:Conseil         -500.00 EUR

2026-05-12 * "Martin & Fils" "Étude annulée" #avoir
  numero: "F2026-005"
  sur: "F2026-004"
  Actif:411:Martin              -100 PCT

2026-05-13 * "SCI Dupont" "Conseil" #facture
  numero: "F2026-006"
  Actif:411:Dupont
  Produits:706:Conseil         -100.00 EUR

2026-05-20 * "SCI Dupont" "Virement reçu" ^F2026-006
  Actif:512:Banque              150.00 EUR
  Actif:411:Dupont

2026-05-21 ! "SCI Dupont" "À envoyer" #facture
  Actif:411:Dupont
  Produits:706:Conseil         -100.00 EUR
"""


@pytest.fixture
def full(make_site: MakeSite) -> Site:
    return make_site(ledger_text(STORY, MORE))


def _states(site: Site, **query: str) -> dict[str, str]:
    return {row["N°"]: row["État"] for row in rows(site.page(vue="factures", **query), "documents")}


def test_states_come_from_the_story(full: Site) -> None:
    assert not full.errors()
    assert _states(full) == {
        "brouillon": "Brouillon",
        "F2026-006": "Trop-perçu",
        "F2026-005": "Réglée",
        "F2026-004": "Créditée",
        "F2026-003": "À échoir",
        "F2026-002": "En retard",
        "F2026-001": "Réglée",
    }


@pytest.mark.parametrize(
    ("time", "states"),
    [
        ("2026-01-31", {"F2026-001": "À échoir"}),
        ("2026-02-01", {"F2026-001": "À échoir"}),
        ("2026-03-31", {"F2026-001": "Réglée", "F2026-002": "À échoir"}),
        ("2026-04-02", {"F2026-001": "Réglée", "F2026-002": "En retard"}),
    ],
)
def test_states_are_those_of_the_day(full: Site, time: str, states: dict[str, str]) -> None:
    assert _states(full, time=time) == states


def test_a_part_paid_before_its_due_date(make_site: MakeSite) -> None:
    paid = '\n2026-05-20 * "Dupont" "Virement" ^F2026-003\n  Actif:512:Banque 40.00 EUR\n  Actif:411:Dupont\n'
    site = make_site(ledger_text(STORY, paid))
    assert _states(site)["F2026-003"] == "Réglée en partie"


def test_a_row(full: Site) -> None:
    [row] = [r for r in rows(full.page(vue="factures"), "documents") if r["N°"] == "F2026-002"]
    assert row == {
        "N°": "F2026-002",
        "Nature": "Facture",
        "Client": "Martin & Fils",
        "Objet": "Audit",
        "Date": "02/03/2026",
        "Échéance": "01/04/2026",
        "Net TTC": "1 200,00",
        "Réglé": "500,00",
        "Reste dû": "700,00",
        "État": "En retard",
    }


def test_a_document_in_error(make_site: MakeSite) -> None:
    wrong = '\n2026-05-22 * "SCI Dupont" "Faux" #facture\n  numero: "F2026-004"\n  Actif:411:Dupont 1.00 EUR\n'
    wrong += "  Produits:706:Conseil -100.00 EUR\n"
    assert _states(make_site(ledger_text(STORY, wrong)))["F2026-004"] == "En erreur"


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"q": "2026-003"}, ["F2026-003"]),
        ({"q": "martin étude"}, ["F2026-005", "F2026-004"]),
        ({"q": "DUPONT RÉUNION"}, ["F2026-003"]),
        ({"q": "^D2026-012"}, ["F2026-001"]),
        ({"q": "1 200,00"}, ["F2026-002"]),
        ({"q": "1\u202f200,00\u00a0€"}, ["F2026-002"]),
        ({"q": "700"}, ["F2026-002"]),
        ({"q": "1000.00"}, ["F2026-002"]),
        ({"q": "introuvable"}, []),
        ({"etat": "En retard"}, ["F2026-002"]),
        ({"nature": "avoir"}, ["F2026-005"]),
        ({"nature": "facture", "q": "martin", "etat": "Créditée"}, ["F2026-004"]),
        ({"client": "Actif:411:Martin"}, ["F2026-005", "F2026-004", "F2026-002"]),
        ({"filter": "#acompte"}, ["F2026-001"]),
        ({"account": "Dupont", "nature": "facture"}, ["brouillon", "F2026-006", "F2026-003"]),
    ],
)
def test_search(full: Site, query: dict[str, str], numbers: list[str]) -> None:
    assert list(_states(full, **query) if numbers else {}) == numbers
    page = full.page(vue="factures", **query)
    count = f"{len(numbers)} document{'s' if len(numbers) > 1 else ''}"
    assert page.one("p", "lead").text.startswith(count)


def test_the_form_says_what_was_asked_and_keeps_the_filters(full: Site) -> None:
    page = full.page(vue="factures", q="étude", etat="Créditée", time="2026-05", account="Martin")
    form = page.one("form")
    sent = {i.attributes["name"]: i.attributes["value"] for i in form.all("input")}
    assert sent == {"vue": "factures", "time": "2026-05", "account": "Martin", "q": "étude"}
    assert [o.text for o in form.all("option") if "selected" in o.attributes] == ["Créditée"]
    everything = full.follow(page.links()["Tout afficher"])
    assert [row["N°"] for row in rows(everything, "documents")] == [
        "F2026-005",
        "F2026-004",
        "F2026-002",
    ]


def test_the_total_is_that_of_what_is_found(full: Site) -> None:
    page = full.page(vue="factures", q="martin")
    assert total(page, "documents") == {
        "N°": "Total",
        "Net TTC": "1 200,00",
        "Réglé": "500,00",
        "Reste dû": "700,00",
    }


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", Decimal(12)),
        ("1 234,56 €", Decimal("1234.56")),
        ("1\u202f234,56", Decimal("1234.56")),
        ("1234.5", Decimal("1234.5")),
        ("1.234.5", None),
        ("F2026", None),
        ("", None),
        (",", None),
        ("²", None),
        ("-5", None),
    ],
)
def test_amounts_as_they_are_typed(text: str, amount: Decimal | None) -> None:
    assert read_amount(text) == amount


def test_a_quote_leads_to_its_pdf_from_the_contract(make_site: MakeSite) -> None:
    quote = '\n2026-01-10 * "SCI Dupont" "Nouveau site" #devis ^D2026-012\n  Actif:411:Dupont\n'
    quote += "  Produits:706:Conseil -10 JOUR @ 600.00 EUR\n"
    filed = '2026-01-10 document Actif:411:Dupont "devis/D2026-012.pdf" ^D2026-012\n'
    site = make_site(ledger_text(STORY, quote, filed))
    file_pdf(site.folder, "devis/D2026-012.pdf")
    site.ledger.load_file()
    page = site.page(vue="contrats", contrat="D2026-012")
    printed = [row["Nature"] for row in rows(page, "historique") if "PDF" in row]
    assert printed == ["Devis"]
    href = page.one("table", "t-historique").links()["PDF"]
    assert site.open(href).mimetype == "application/pdf"
