"""Fava's account, link, tag and payee filters on the pages of the whole firm: the lists narrow, the totals do not."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from tests.fava.conftest import Site
from tests.fava.page import rows, total

DUPONT = "Actif:411:Dupont"


def _numbers(site: Site, table: str, column: str, **query: str) -> list[str]:
    page = site.page(**query)
    if not page.all("table", f"t-{table}"):
        return []
    return [row[column] for row in rows(page, table)]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, ["F2026-002", "F2026-003"]),
        ({"account": DUPONT}, ["F2026-003"]),
        ({"account": "Produits"}, ["F2026-002", "F2026-003"]),
        ({"client": "Actif:411:Martin"}, ["F2026-002"]),
        ({"filter": "^F2026-002"}, ["F2026-002"]),
        ({"filter": "#facture"}, ["F2026-002", "F2026-003"]),
        ({"filter": "#acompte"}, []),
        ({"filter": 'payee:"Martin"'}, ["F2026-002"]),
        ({"filter": '-payee:"Martin"'}, ["F2026-003"]),
        ({"filter": "#facture", "account": DUPONT}, ["F2026-003"]),
    ],
)
def test_pending_vat(site: Site, query: dict[str, str], numbers: list[str]) -> None:
    assert _numbers(site, "en-attente", "N°", vue="tva", time="2026-05", **query) == numbers


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 1),
        # The payment links its deposit, whose contract is D2026-012.
        ({"filter": "^D2026-012"}, 1),
        ({"filter": "^F2026-001"}, 1),
        ({"account": DUPONT}, 1),
        ({"filter": "^F2026-002"}, 0),
        ({"client": "Actif:411:Martin"}, 0),
    ],
)
def test_entries_behind_a_box_while_the_box_stays_whole(
    site: Site, query: dict[str, str], count: int
) -> None:
    query = {"vue": "tva", "time": "2026-02", **query}
    boxes = {row["Case"]: row.get("TVA") for row in rows(site.page(**query), "cases")}
    assert boxes["08"] == "360"
    page = site.page(case="08", **query)
    assert "360,00" in page.one("dl", "figures").text
    assert len(page.all("table", "t-ecritures")) == count
    if not count:
        assert page.one("p", "message").text.startswith("Aucune écriture sous ces filtres")


@pytest.mark.parametrize(
    ("query", "parties", "kept"),
    [
        ({"account": "Martin"}, ["Martin & Fils"], "1 mouvement attendu, 700,00 € en tout"),
        ({"client": DUPONT}, ["SCI Dupont"], "2 mouvements attendus, 5 280,00 € en tout"),
        ({"filter": "^D2026-012"}, [], "1 mouvement attendu, 5 040,00 € en tout"),
        ({"filter": "#avoir"}, [], "aucun mouvement attendu"),
    ],
)
def test_the_forecast_of_one_customer_or_contract(
    site: Site, query: dict[str, str], parties: list[str], kept: str
) -> None:
    page = site.page(vue="tresorerie", **query)
    # The cash is the firm's: 2 160,00 + 500,00 received.
    assert rows(page, "periodes")[0]["Au début"] == "2 660,00"
    assert _numbers(site, "flux", "Tiers", vue="tresorerie", **query) == parties
    assert kept in page.text.replace("\xa0", " ").replace("\u202f", " ")


def test_the_total_of_a_narrowed_table_is_its_own(site: Site) -> None:
    page = site.page(vue="tva", time="2026-05", filter="#facture")
    assert total(page, "en-attente")["En attente"] == "156,67"
    whole = site.page(vue="tresorerie")
    narrow = site.page(vue="tresorerie", account="411")
    # 700,00 + 240,00, without the VAT to pay (360, 83 and 157), which is nobody's.
    assert total(narrow, "flux")["Montant"] == "940,00"
    assert total(whole, "flux")["Montant"] == "340,00"


def test_the_findings_of_the_checklist(site: Site) -> None:
    query = {"vue": "cloture", "periode": "2026-05"}
    whole = rows(site.page(**query), "details")
    narrow = rows(site.page(filter="^F2026-002", **query), "details")
    assert next(row for row in whole if "Martin & Fils" in row["Détail"]) in narrow
    assert all(row in whole for row in narrow)
    unsealed = [row for row in whole if "F2026-003" in row["Détail"]]
    assert unsealed
    assert not [row for row in narrow if row in unsealed]
    assert rows(site.page(filter="^F2026-002", **query), "controles") == rows(
        site.page(**query), "controles"
    )


@pytest.mark.parametrize("view", ["tva", "cloture", "tresorerie"])
def test_the_page_and_its_workbook_say_the_filters(site: Site, view: str) -> None:
    page = site.page(vue=view, time="2026-05", filter="#facture", account=DUPONT)
    assert [e.one("b").text for e in page.all("span", "limit")] == [DUPONT, "#facture"]
    lifted = site.follow(page.one("p", "limits").all("a")[1].attributes["href"] + "&partial=true")
    assert [e.one("b").text for e in lifted.all("span", "limit")] == [DUPONT]
    assert not site.page(vue=view, time="2026-05").all("p", "limits")
    book = site.get("tableau", vue=view, time="2026-05", filter="#facture", format="xlsx")
    cells = [
        str(cell.value)
        for sheet in load_workbook(io.BytesIO(book.data)).worksheets
        for line in sheet.iter_rows()
        for cell in line
    ]
    assert any("#facture" in text for text in cells)


@pytest.mark.parametrize("view", ["tva", "cloture", "tresorerie"])
def test_a_filter_that_cannot_be_read_is_said(site: Site, view: str) -> None:
    message = site.page(vue=view, filter="((").one("p", "message").text
    assert message.startswith("Filtre illisible : « (( ».")
