"""The cash forecast: the chart, the tables behind it, and the date that it starts from."""

from __future__ import annotations

from decimal import Decimal

from tests.fava.conftest import MakeSite, Site
from tests.fava.page import Element, rows
from tests.fava.samples import STORY, ledger_text
from tests.fava.test_accueil import many_late

from acompta.fava.tresorerie import HEIGHT

D = Decimal
WORK = """
2026-05-11 * "Martin & Fils" "Audit annuel" #contrat ^D2026-013
  Actif:411:Martin
  Produits:706:Conseil          -1000.00 EUR
    prevu: 2026-07-01
"""


def _bars(page: Element) -> list[str]:
    bars = page.one("figure", "cash").all("rect")
    return [bar.attributes["class"] for bar in bars]


def test_the_forecast_starts_from_the_as_of_date(make_site: MakeSite) -> None:
    page = make_site(ledger_text(STORY, WORK)).page(vue="tresorerie")
    assert page.one("p", "lead").text == "Trésorerie prévue au 31 mai 2026"
    first = rows(page, "periodes")[0]
    # 2 160,00 + 500,00 received. Expected in June: 700,00 late from Martin, 240,00 due by Dupont on the 3rd.
    assert (first["Période"], first["Au début"], first["Factures clients"]) == (
        "juin 2026",
        "2 660,00",
        "940,00",
    )
    flows = {(row["Tiers"], row["Montant"]) for row in rows(page, "flux")}
    assert {("SCI Dupont", "240,00"), ("Martin & Fils", "700,00")} <= flows
    # The whole of the contract is to be billed on 1 July, and paid thirty days later.
    assert ("Martin & Fils", "1 200,00") in flows
    links = page.one("table", "t-flux").links()
    assert links["F2026-003"].startswith("#context-")
    assert "contrat=D2026-013" in links["^D2026-013"]


def test_the_chart_says_what_the_table_says(site: Site) -> None:
    page = site.page(vue="tresorerie")
    periods = rows(page, "periodes")
    assert _bars(page) == ["cash-in", "cash-out"] * len(periods)
    said = page.one("div", "plot").one("ol").all("li")
    for li, row in zip(said, periods, strict=True):
        rounded = D(li.all("span")[0].text.replace(" ", ""))
        assert abs(rounded - D(row["À la fin"].replace(" ", "").replace(",", "."))) <= D("0.5")
    line = page.one("figure", "cash").one("polyline").attributes["points"].split()
    places = [D(point.partition(",")[2]) for point in line]
    assert len(places) == len(periods) + 1
    assert all(0 <= place <= HEIGHT for place in places)


def test_a_negative_balance_is_below_the_zero_line(make_site: MakeSite) -> None:
    text = ledger_text(
        '2026-01-02 open Capitaux:101:Capital\n2026-02-01 * "x" "y"\n'
        "  Actif:512:Banque -1000.00 EUR\n  Capitaux:101:Capital\n"
    )
    page = make_site(text).page(vue="tresorerie")
    drawing = page.one("figure", "cash")
    zero = D(drawing.one("line").attributes["y1"])
    line = drawing.one("polyline").attributes["points"].split()
    assert all(D(point.partition(",")[2]) > zero for point in line)
    assert "négative" in page.one("p", "warning").text
    assert page.all("span", "late")


def test_an_empty_ledger_has_a_flat_forecast(make_site: MakeSite) -> None:
    page = make_site(ledger_text(" ")).page(vue="tresorerie")
    assert {row["À la fin"] for row in rows(page, "periodes") if "À la fin" in row} <= {"0,00"}
    assert page.one("figure", "cash").all("rect")


def test_long_lists_are_cut_and_the_rest_is_a_click_away(make_site: MakeSite) -> None:
    page = make_site(ledger_text(many_late(20))).page(vue="tresorerie")
    assert len(rows(page, "flux")) == 12
    [whole] = [href for text, href in page.links().items() if text.startswith("Tout voir (2")]
    assert "tout=flux" in whole


def test_tables_download(site: Site) -> None:
    csv = site.get("tableau", vue="tresorerie", table="periodes", format="csv").text
    assert csv.startswith("\ufeffPériode;Du;Au;")
