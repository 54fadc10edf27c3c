"""The home page: what needs a look, and where each line leads."""

from __future__ import annotations

from pathlib import Path

from tests.fava.conftest import MakeSite, Site
from tests.fava.page import rows, total
from tests.fava.samples import STORY, ledger_text

WORK = """
2026-05-11 * "Martin & Fils" "Audit annuel" #contrat ^D2026-013
  Actif:411:Martin
  Produits:706:Conseil          -1000.00 EUR
    lot: "A"
    prevu: 2026-05-20
  Produits:706:Conseil          -3000.00 EUR
    lot: "B"
    prevu: 2026-06-30

2026-05-28 ! "Martin & Fils" "Déplacement" #facture
  Actif:411:Martin
  Produits:706:Conseil          -150.00 EUR
"""


def many_late(count: int) -> str:
    """As many customers, each with an invoice of 120,00 due on 31 January."""
    return "".join(
        f'2026-01-01 open Actif:411:C{n:02d} EUR\n2026-01-05 * "C{n:02d}" "x" #facture\n'
        f'  numero: "F2026-{n:03d}"\n  echeance: 2026-01-31\n'
        f"  Actif:411:C{n:02d}\n  Produits:706:Conseil -100.00 EUR\n\n"
        for n in range(1, count + 1)
    )


def test_it_is_the_page_that_the_menu_opens(site: Site) -> None:
    page = site.page(vue="")
    assert [a.text for a in page.one("nav").all("a") if "aria-current" in a.attributes] == [
        "Accueil"
    ]


def test_who_is_late_and_since_when(site: Site) -> None:
    page = site.page(vue="accueil")
    assert rows(page, "retards") == [
        {
            "Client": "Martin & Fils",
            "Factures": "F2026-002",
            "Échu depuis le": "01/04/2026",
            "Retard": "60 j",
            "Échu": "700,00",
            "Total dû": "700,00",
        }
    ]
    lead = page.one("p", "lead")
    assert lead.text == (
        "À faire au 31\u00a0mai 2026 : Martin & Fils doit le plus, 700,00\u00a0€ échus depuis le 1er\u00a0avril 2026"
    ).replace("\u00a0", " ")
    [(_, href)] = lead.links().items()
    assert rows(site.follow(href + "&partial=true"), "factures")[0]["N°"] == "F2026-002"


def test_each_number_of_a_list_leads_to_its_entry(make_site: MakeSite) -> None:
    """Five invoices of one customer: two are named, each a link, and the rest counted."""
    more = "".join(
        f'2026-01-0{n} * "Martin & Fils" "x" #facture\n  numero: "X-{n}"\n  echeance: 2026-01-31\n'
        "  Actif:411:Martin\n  Produits:706:Conseil -100.00 EUR\n\n"
        for n in range(1, 5)
    )
    page = make_site(ledger_text(STORY, more)).page(vue="accueil")
    [late] = rows(page, "retards")
    assert late["Factures"].replace(" ,", ",") == "X-1, X-2 et 3 autres"
    links = page.one("table", "t-retards").links()
    assert links["X-1"].startswith("#context-")
    assert links["X-2"].startswith("#context-")
    assert links["X-1"] != links["X-2"]
    assert not any("autres" in text for text in links)


def test_drafts_and_milestones_lead_to_their_line(make_site: MakeSite) -> None:
    site = make_site(ledger_text(STORY, WORK))
    page = site.page(vue="accueil")
    [draft] = rows(page, "brouillons")
    assert draft == {
        "Date": "28/05/2026",
        "Nature": "Facture",
        "Client": "Martin & Fils",
        "Objet": "Déplacement",
        "HT": "150,00",
    }
    [milestone] = rows(page, "jalons")
    assert milestone == {
        "Contrat": "^D2026-013",
        "Client": "Martin & Fils",
        "Lot": "A",
        "Objet": "Audit annuel",
        "Prévu le": "20/05/2026",
        "Retard": "11 j",
        "HT": "1 000,00",
        "TTC": "1 200,00",
    }
    assert page.one("table", "t-brouillons").links()["28/05/2026"].startswith("#context-")
    register = page.one("table", "t-jalons").links()["^D2026-013"]
    assert rows(site.follow(register + "&partial=true"), "lots")[0]["Lot"] == "A"


def test_figures_are_those_of_the_pages_that_they_lead_to(make_site: MakeSite) -> None:
    site = make_site(ledger_text(STORY, WORK))
    page = site.page(vue="accueil")
    figures = page.all("dl", "figures")[0]
    href = figures.links()["Dû par les clients"]
    owed = total(site.follow(href + "&partial=true"), "clients")["Total dû"]
    assert owed == "940,00"
    assert f"{owed} €" in figures.text.replace("\u00a0", " ")


def test_long_lists_are_cut_and_the_rest_is_a_click_away(make_site: MakeSite) -> None:
    site = make_site(ledger_text(many_late(8)))
    page = site.page(vue="accueil")
    assert len(rows(page, "retards")) == 6
    assert total(page, "retards")["Échu"] == "960,00"
    whole = site.follow(page.links()["Tout voir (8)"] + "&partial=true")
    assert len(rows(whole, "retards")) == 8
    assert whole.links()["Tout l'accueil"]
    csv = site.get("tableau", vue="accueil", table="retards", format="csv").text
    assert len(csv.splitlines()) == 1 + 8


def test_nothing_to_do_says_so(make_site: MakeSite) -> None:
    page = make_site(ledger_text(" ")).page(vue="accueil")
    assert page.one("p", "message").text == "Rien à faire au 31 mai 2026."


def test_filters_narrow_every_table(make_site: MakeSite) -> None:
    site = make_site(ledger_text(STORY, WORK))
    page = site.page(vue="accueil", account="Actif:411:Dupont")
    assert not page.all("table", "t-retards")
    assert not page.all("table", "t-jalons")
    page = site.page(vue="accueil", filter="^D2026-013")
    assert len(rows(page, "jalons")) == 1
    assert not page.all("table", "t-brouillons")


def test_before_the_date_nothing_is_late(site: Site) -> None:
    assert not site.page(vue="accueil", time="2026-03").all("table", "t-retards")


def test_an_example_opens_on_the_home_page() -> None:
    root = Path(__file__).parents[2]
    site = Site(root / "ledgers" / "plume-et-compagnie" / "main.beancount")
    answer = site.client.get("/", follow_redirects=True)
    assert answer.request.path == "/plume-et-compagnie/extension/Acompta/"
    assert "À faire" in answer.text
