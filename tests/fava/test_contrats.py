from __future__ import annotations

import pytest
from tests.fava.conftest import MakeSite, Site
from tests.fava.page import rows
from tests.fava.samples import STORY, ledger_text

SECOND = """
2026-05-11 * "Martin & Fils" "Audit annuel" #contrat ^D2026-013
  Actif:411:Martin
  Produits:706:Conseil          -1000.00 EUR
    lot: "A"
  Produits:706:Conseil          -3000.00 EUR
    lot: "B"

2026-05-20 * "Martin & Fils" "Premier quart" #facture ^D2026-013
  numero: "F2026-004"
  Actif:411:Martin
  Produits:706:Conseil          -100 PCT
    lot: "A"
"""


def test_the_list(make_site: MakeSite) -> None:
    page = make_site(ledger_text(STORY, SECOND)).page(vue="contrats")
    assert rows(page, "contrats") == [
        {
            "Contrat": "^D2026-012",
            "Client": "SCI Dupont",
            "Objet": "Nouveau site",
            "Signé le": "12/01/2026",
            "Commandé TTC": "7 200,00",
            "Réglé": "2 160,00",
            "À facturer TTC": "7 200,00",
            "Acomptes à reprendre": "2 160,00",
            "Reste dû": "0,00",
        },
        {
            "Contrat": "^D2026-013",
            "Client": "Martin & Fils",
            "Objet": "Audit annuel",
            "Signé le": "11/05/2026",
            "Commandé TTC": "4 800,00",
            "Facturé TTC": "1 200,00",
            "À facturer TTC": "3 600,00",
            "Reste dû": "1 200,00",
        },
    ]
    bars = page.one("table", "t-contrats").one("tbody").all("i", "progress")
    # Of each contract: billed and paid, of what is ordered; deposits left, of those given.
    assert [bar.one("i").attributes["style"] for bar in bars] == [
        "width: 0.00%",
        "width: 30.00%",
        "width: 100.00%",
        "width: 25.00%",
        "width: 0.00%",
    ]


FINISHED = """
2026-05-12 * "Martin & Fils" "Petit" #contrat ^D2026-014
  Actif:411:Martin
  Produits:706:Conseil          -100.00 EUR

2026-05-13 * "Martin & Fils" "Petit" #solde ^D2026-014
  numero: "F2026-004"
  Actif:411:Martin
  Produits:706:Conseil          -100 PCT

2026-05-14 * "Martin & Fils" "Virement" ^F2026-004
  Actif:512:Banque               120.00 EUR
  Actif:411:Martin
"""


def test_only_the_contracts_in_progress(make_site: MakeSite) -> None:
    site = make_site(ledger_text(STORY, FINISHED))
    page = site.page(vue="contrats")
    assert page.one("p", "lead").text == "2 contrats au 31 mai 2026"
    only = site.follow(page.links()["En cours seulement (1)"] + "&partial=true")
    assert [row["Contrat"] for row in rows(only, "contrats")] == ["^D2026-012"]
    assert only.links()["Les contrats terminés aussi"]


def test_what_comes_next(make_site: MakeSite) -> None:
    text = SECOND.replace('lot: "B"', 'lot: "B"\n    prevu: 2026-05-25')
    page = make_site(ledger_text(STORY, text)).page(vue="contrats", contrat="D2026-013")
    assert rows(page, "a-venir") == [
        {
            "Prévu le": "25/05/2026",
            "Retard": "6 j",
            "Lot": "B",
            "Objet": "Audit annuel",
            "HT": "3 000,00",
            "TTC": "3 600,00",
            "À recevoir": "3 600,00",
        }
    ]
    assert (
        "Prochaine étape : facturer Audit annuel, 3 600,00 € TTC, prévu le 25 mai 2026 ."
        in page.text
    )


def test_the_life_of_a_contract_is_drawn_with_a_link_on_each_event(site: Site) -> None:
    page = site.page(vue="contrats", contrat="D2026-012")
    drawing = page.one("figure", "timeline")
    titles = [a.attributes["aria-label"] for a in drawing.all("a")]
    assert [title.replace("\u202f", " ").replace("\xa0", " ") for title in titles] == [
        "12/01/2026 : Contrat, 7 200,00 €",
        "15/01/2026 : Acompte F2026-001, 2 160,00 €",
        "02/02/2026 : règlement de 2 160,00 €",
    ]
    assert all(a.attributes["href"].startswith("#context-") for a in drawing.all("a"))


def test_a_contract_appears_when_it_is_signed(make_site: MakeSite) -> None:
    site = make_site(ledger_text(STORY, SECOND))
    assert len(rows(site.page(vue="contrats", time="2026-05-10"), "contrats")) == 1
    assert site.page(vue="contrats", time="2025").one("p", "message").text == (
        "Aucun contrat signé au 31 décembre 2025."
    )


@pytest.mark.parametrize(
    ("query", "links"),
    [
        ({"account": "Dupont"}, ["^D2026-012"]),
        ({"filter": "^D2026-013"}, ["^D2026-013"]),
        ({"filter": "annuel"}, ["^D2026-013"]),
        ({"filter": "#acompte"}, ["^D2026-012"]),
        ({"client": "Actif:411:Martin"}, ["^D2026-013"]),
    ],
)
def test_filters(make_site: MakeSite, query: dict[str, str], links: list[str]) -> None:
    page = make_site(ledger_text(STORY, SECOND)).page(vue="contrats", **query)
    assert [row["Contrat"] for row in rows(page, "contrats")] == links


def test_one_contract(make_site: MakeSite) -> None:
    site = make_site(ledger_text(STORY, SECOND))
    page = site.follow(site.page(vue="contrats").one("table", "t-contrats").links()["^D2026-013"])
    assert "Contrat ^D2026-013 au 31 mai 2026" in page.text
    lots = rows(page, "lots")
    assert [(lot["Lot"], lot["Commandé HT"], lot["Avancement"]) for lot in lots] == [
        ("A", "1 000,00", "100 %"),
        ("B", "3 000,00", "0 %"),
    ]
    assert [(step["Date"], step["Nature"]) for step in rows(page, "historique")] == [
        ("11/05/2026", "Contrat"),
        ("20/05/2026", "Facture"),
    ]
    figures = {
        div.one("dt").text: div.one("dd").text for div in page.one("dl", "figures").all("div")
    }
    assert figures["Reste dû"] == "1 200,00 €"
    assert figures["Reste à facturer TTC"] == "3 600,00 €"
    assert page.links()["Martin & Fils"].endswith("client=Actif:411:Martin")
    assert len(rows(site.follow(page.links()["Tous les contrats"]), "contrats")) == 2


def test_a_contract_on_an_earlier_day(make_site: MakeSite) -> None:
    site = make_site(ledger_text(STORY, SECOND))
    page = site.page(vue="contrats", contrat="D2026-013", time="2026-05-15")
    assert [lot["Avancement"] for lot in rows(page, "lots")] == ["0 %", "0 %"]
    assert len(rows(page, "historique")) == 1


def test_an_unknown_contract_names_the_nearest(site: Site) -> None:
    message = site.page(vue="contrats", contrat="D2026-021").one("p", "message").text
    assert message == "Contrat ^D2026-021 inconnu ; contrats proches : ^D2026-012."


def test_the_margin_of_a_contract(make_site: MakeSite) -> None:
    cost = """
2026-01-01 open Charges:604:SousTraitance EUR
2026-05-25 * "Sous-traitant" "Entretiens" ^D2026-013
  Charges:604:SousTraitance      250.00 EUR
  Actif:512:Banque
"""
    page = make_site(ledger_text(STORY, SECOND, cost)).page(vue="contrats", contrat="D2026-013")
    figures = page.one("dl", "figures").text.replace("\xa0", " ").replace("\u202f", " ")
    # 1 000,00 billed before tax, 250,00 spent.
    assert "Marge 750,00 € 75 % des produits" in figures


def test_a_deposit_that_names_no_contract_has_its_page(make_site: MakeSite) -> None:
    """Nothing was ordered, so there is no margin to show; the deposit is there all the same."""
    alone = """
2026-05-04 * "Martin & Fils" "Acompte sans contrat" #acompte
  numero: "F2026-004"
  Actif:411:Martin
  Passif:4191:Martin  -100.00 EUR
    tva: 20
"""
    page = make_site(ledger_text(STORY, alone)).page(vue="contrats", contrat="F2026-004")
    body = page.one("div", "acompta")
    assert "n'a pas pu être calculée" not in body.text
    assert "F2026-004" in body.text
