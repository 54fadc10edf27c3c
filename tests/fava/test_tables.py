"""Every table of every page as a file: the same cells in CSV, in the workbook and on the page, numbers as numbers."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Final

import pytest
from openpyxl import load_workbook
from tests.fava.conftest import Site
from tests.fava.page import Element, rows
from tests.fava.samples import example_dossier

DAY: Final = datetime.date(2026, 11, 22)
PAGES: Final = (
    {"vue": "accueil"},
    {"vue": "creances"},
    {"vue": "creances", "client": "Actif:411:Transalp"},
    {"vue": "contrats"},
    {"vue": "contrats", "contrat": "D2026-003"},
    {"vue": "factures"},
    {"vue": "factures", "numero": "F2026-027"},
    {"vue": "tva", "periode": "2026-03"},
    {"vue": "cloture"},
    {"vue": "tresorerie"},
)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> datetime.date:
    monkeypatch.setattr("acompta.fava.extension.local_today", lambda: DAY)
    return DAY


@pytest.fixture(scope="module")
def lumiere(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(example_dossier(tmp_path_factory.mktemp("tables"), "atelier-lumiere"))


def _csv(site: Site, href: str) -> list[dict[str, str]]:
    text = site.open(href).data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def _keys(page: Element) -> list[str]:
    tables = page.all("table", "cards")
    return [next(css for css in table.classes if css.startswith("t-"))[2:] for table in tables]


def _plain(text: str) -> str:
    """A cell without what only dresses it: spaces of thousands, the true minus, the PDF beside."""
    return "".join(text.split()).replace("\u2212", "-").replace("^", "").casefold()


@pytest.mark.parametrize("query", PAGES, ids=lambda query: "-".join(query.values()))
def test_a_table_says_the_same_in_csv_and_on_the_page(lumiere: Site, query: dict[str, str]) -> None:
    page = lumiere.page(**query)
    keys = _keys(page)
    assert keys
    for key in keys:
        table = page.one("table", f"t-{key}")
        [href] = [
            a.attributes["href"]
            for a in page.all("a")
            if a.text == "CSV" and f"table={key}&" in a.attributes["href"] + "&"
        ]
        listed = _csv(lumiere, href)
        heads = [th.text for th in table.one("thead").all("th") if th.text != "PDF"]
        assert set(heads) <= set(listed[0]), key
        for shown, line in zip(rows(page, key), listed, strict=False):
            for head in heads:
                cell, said = _plain(shown.get(head, "")), _plain(line[head])
                # Zeros are left blank on the page; a customer's account, a rate's sign stand beside.
                if cell and not _is_zero(said):
                    assert said, (key, head, shown, line)
                    assert said in cell or cell.rstrip("%") in said, (key, head, shown, line)


def _is_zero(text: str) -> bool:
    return not text.strip("0,")


@pytest.mark.parametrize("query", PAGES, ids=lambda query: "-".join(query.values()))
def test_the_workbook_has_typed_cells(lumiere: Site, query: dict[str, str]) -> None:
    response = lumiere.get("tableau", format="xlsx", **query)
    book = load_workbook(io.BytesIO(response.data))
    kinds: set[type] = set()
    for sheet in book.worksheets:
        for line in sheet.iter_rows(values_only=True):
            for value in line:
                if isinstance(value, str):
                    # Neither an amount nor a day is left as text.
                    assert not _looks_like_a_number(value), (sheet.title, line)
                elif value is not None:
                    kinds.add(type(value))
    assert kinds & {int, float}


def _looks_like_a_number(text: str) -> bool:
    plain = "".join(text.split()).replace("\u2212", "-")
    if plain.count("/") == 2 and plain.replace("/", "").isdigit() and len(plain) == 10:
        return True
    return "," in plain and plain.replace(",", "", 1).lstrip("-").isdigit()
