"""Whatever the ledger, whatever the request: a page that says what is wrong, and a ledger that loads."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from fava.core import FavaLedger
from tests.fava.conftest import MakeSite, Site
from tests.fava.page import read_page, rows
from tests.fava.samples import (
    ACCOUNTS,
    EXTENSION,
    OPTIONS,
    PLUGIN,
    STORY,
    ledger_text,
    write_ledger,
)

from acompta.receivables import AgedBalance, Book, aged_balance

VIEWS = ("accueil", "creances", "contrats", "factures", "tva", "cloture", "tresorerie")
HOSTILE = "<img src=x onerror=alert(1)>"
QUOTED = "</title><script>alert(2)</script>"


@pytest.mark.parametrize("view", VIEWS)
def test_without_the_plugin_the_page_says_what_to_type(make_site: MakeSite, view: str) -> None:
    site = make_site(ledger_text(plugin=""))
    message = site.page(vue=view).one("p", "message").text
    assert message.startswith("Le plugin acompta n'a pas tourné")
    assert 'plugin "acompta"' in message


def test_without_the_plugin_an_error_stands_at_the_line_of_the_extension(
    make_site: MakeSite,
) -> None:
    text = ledger_text(plugin="")
    [(line, message)] = [
        found for found in make_site(text).errors() if "n'a pas tourné" in found[1]
    ]
    assert line is not None
    assert "fava-extension" in text.splitlines()[line - 1]
    assert 'tapez la ligne plugin "acompta"' in message


@pytest.mark.parametrize("view", VIEWS)
def test_a_ledger_with_nothing_in_it(make_site: MakeSite, view: str) -> None:
    page = make_site(ledger_text(" ")).page(vue=view)
    if view in {"tresorerie", "cloture"}:
        # What is expected of nothing is nothing, month by month; and there is a checklist all the same.
        assert page.all("table")
        return
    assert page.one("p", "message").text.endswith("au 31 mai 2026.")
    assert not page.all("p", "warning")


def test_a_ledger_with_only_the_extension(tmp_path: Path) -> None:
    write_ledger(tmp_path, '2026-01-01 custom "fava-extension" "acompta.fava"\n')
    ledger = FavaLedger(str(tmp_path / "main.beancount"))
    assert [extension.name for extension in ledger.extensions.extension_details] == ["Acompta"]


def test_a_ledger_with_errors_shows_what_could_be_read(make_site: MakeSite) -> None:
    wrong = '\n2026-05-20 * "SCI Dupont" "Faux" #facture\n  numero: 12\n  Actif:411:Dupont\n'
    page = make_site(ledger_text(STORY, wrong)).page()
    warning = page.one("p", "warning")
    assert warning.text.startswith("Ce journal contient")
    assert next(iter(warning.links().values())).startswith("/essai/errors/")
    assert [row["N°"] for row in rows(page, "factures")] == ["F2026-002", "F2026-003"]


@pytest.mark.parametrize("config", ['"{}"', '"open("', '"1 +"', '"os.system(1)"'])
def test_a_setting_is_an_error_at_its_line_and_the_ledger_loads(
    make_site: MakeSite, config: str
) -> None:
    line = f'2026-01-01 custom "fava-extension" "acompta.fava" {config}'
    text = ledger_text(extension=line)
    site = make_site(text)
    [(lineno, message)] = [found for found in site.errors() if "réglage" in found[1]]
    assert lineno == text.splitlines().index(line) + 1
    assert "retirez ce qui suit le nom" in message
    assert rows(site.page(), "clients")


def test_an_exception_while_reading_is_an_error_at_the_line(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("livre illisible")

    monkeypatch.setattr("acompta.fava.desk.read_book", fail)
    site = make_site()
    [(line, message)] = site.errors()
    assert line == ledger_text().splitlines().index(EXTENSION) + 1
    assert message == "Cette page n'a pas pu être calculée : RuntimeError, livre illisible."
    assert site.page().one("p", "message").text == message


@pytest.mark.parametrize("endpoint", ["tableau", "pdf", "fichier"])
def test_without_a_desk_no_file(make_site: MakeSite, endpoint: str) -> None:
    site = make_site(ledger_text(plugin=""))
    assert site.get(endpoint, table="clients", format="csv", numero="F2026-001").status_code in {
        400,
        404,
    }


@pytest.mark.parametrize("view", VIEWS)
def test_an_exception_while_making_a_page_is_a_message(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ValueError(HOSTILE)

    monkeypatch.setattr("acompta.fava.accueil.late_customers", fail)
    monkeypatch.setattr("acompta.fava.creances.aged_report", fail)
    monkeypatch.setattr("acompta.fava.tva.vat_report", fail)
    monkeypatch.setattr("acompta.fava.cloture.run_checks", fail)
    monkeypatch.setattr("acompta.fava.tresorerie.cash_report", fail)
    monkeypatch.setattr("acompta.fava.contrats.contracts_report", fail)
    monkeypatch.setattr("acompta.fava.factures.documents_report", fail)
    response = make_site().get(vue=view)
    assert response.status_code == 200
    assert "n&#39;a pas pu être calculée" in response.text
    assert HOSTILE not in response.text


# -- hostile words --------------------------------------------------------------------------------------------


def _hostile_ledger() -> str:
    accounts = ACCOUNTS.replace("SCI Dupont", HOSTILE).replace("Martin & Fils", QUOTED)
    accounts = accounts.replace("81234567600012", HOSTILE)
    story = (
        STORY.replace("Réunion", HOSTILE).replace("Audit", QUOTED).replace("Nouveau site", HOSTILE)
    )
    story = story.replace("SCI Dupont", QUOTED).replace("Martin & Fils", HOSTILE)
    lot = '\n2026-05-06 * "x" "y" #contrat ^D2026-013\n  Actif:411:Dupont\n'
    lot += f'  Produits:706:Conseil -1 JOUR @ 100.00 EUR\n    lot: "{HOSTILE}"\n    libelle: "{QUOTED}"\n'
    lot += f'\n2026-05-07 * "x" "y" #facture\n  numero: "F2026-004{HOSTILE}"\n  Actif:411:Dupont\n'
    title = OPTIONS.replace('"Essai"', '"Essai <b>gras</b>"')
    return "\n".join(
        [title, PLUGIN, '2026-01-01 custom "fava-extension" "acompta.fava"', accounts, story, lot]
    )


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"client": "Actif:411:Dupont"},
        {"client": HOSTILE},
        {"filter": HOSTILE},
        {"filter": f'"{QUOTED}"'},
        {"account": HOSTILE},
        {"time": HOSTILE},
        {"vue": HOSTILE},
        {"vue": "contrats"},
        {"vue": "contrats", "contrat": "D2026-012"},
        {"vue": "contrats", "contrat": "D2026-013"},
        {"vue": "contrats", "contrat": HOSTILE},
        {"vue": "factures"},
        {"vue": "factures", "q": HOSTILE, "etat": HOSTILE, "nature": HOSTILE},
        {"vue": "factures", "client": HOSTILE},
        {"page-factures": HOSTILE},
        {"vue": "accueil"},
        {"vue": "tva"},
        {"vue": "tresorerie"},
        {"vue": "cloture"},
        {"vue": "cloture", "periode": HOSTILE},
        {"vue": "tva", "periode": HOSTILE},
        {"vue": "tva", "case": HOSTILE},
        {"vue": "factures", "numero": HOSTILE},
        {"vue": "factures", "numero": "F2026-003"},
        {"vue": "accueil", "tout": HOSTILE},
        {"vue": "accueil", "tout": "retards"},
    ],
)
def test_nothing_typed_becomes_markup(tmp_path: Path, query: dict[str, str]) -> None:
    path = write_ledger(tmp_path, _hostile_ledger())
    text = Site(path).get(**query).text
    elements = read_page(text).all()
    assert {e.attributes.get("type") for e in elements if e.tag == "script"} == {"application/json"}
    assert not [e for e in elements if e.tag in {"img", "b"} and "onerror" in e.attributes]
    assert not [e for e in elements if any(name.startswith("on") for name in e.attributes)]
    assert not [e for e in elements if e.attributes.get("href", "").startswith("javascript")]
    assert "<b>gras" not in text


def test_hostile_words_are_shown_as_typed(tmp_path: Path) -> None:
    site = Site(write_ledger(tmp_path, _hostile_ledger()))
    page = site.page()
    assert {row["Client"] for row in rows(page, "factures")} == {HOSTILE, QUOTED}
    assert {row["Objet"] for row in rows(page, "factures")} == {HOSTILE, QUOTED}


# -- reading only ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["", "tableau", "pdf", "fichier"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_get_is_answered(make_site: MakeSite, endpoint: str, method: str) -> None:
    site = make_site()
    site.app.before_request_funcs[None].pop()  # even without --read-only
    response = site.open(f"/essai/extension/Acompta/{endpoint}", method)
    assert response.status_code in {404, 405}


def test_no_request_writes(make_site: MakeSite, tmp_path: Path) -> None:
    site = make_site()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for view in VIEWS:
        site.page(vue=view)
        assert site.get("tableau", vue=view, format="xlsx").status_code == 200
    site.get("pdf", numero="F2026-002")
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


# -- several loads --------------------------------------------------------------------------------------------


def test_a_changed_ledger_changes_the_page(make_site: MakeSite, tmp_path: Path) -> None:
    site = make_site()
    assert len(rows(site.page(), "factures")) == 2
    paid = '\n2026-05-20 * "Martin" "Virement" ^F2026-002\n  Actif:512:Banque 700.00 EUR\n  Actif:411:Martin\n'
    write_ledger(tmp_path, ledger_text(STORY, paid))
    site.ledger.load_file()
    assert [row["N°"] for row in rows(site.page(), "factures")] == ["F2026-003"]


def test_figures_are_made_once_per_load_and_date(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[datetime.date] = []

    def counted(book: Book, at: datetime.date, **options: Any) -> AgedBalance:
        made.append(at)
        return aged_balance(book, at, **options)

    monkeypatch.setattr("acompta.fava.desk.aged_balance", counted)
    site = make_site()
    for query in ({}, {"filter": "Audit"}, {"client": "Actif:411:Martin"}, {"time": "2026-05"}):
        site.page(**query)
    assert len(made) == 1
    site.page(time="2026-04")
    assert len(made) == 2
    site.ledger.load_file()
    site.page()
    assert len(made) == 3


def test_incognito_hides_the_figures(make_site: MakeSite) -> None:
    page = make_site(incognito=True).page()
    assert rows(page, "clients")[0]["Total dû"] == "XXX,XX"
    figures = [e.text for e in page.all(css="num") + page.all(css="amount") if e.tag != "th"]
    assert not re.search(r"\d", " ".join(figures))
    assert not re.search(r"\d+,\d\d", page.text)


# -- Fava's side ----------------------------------------------------------------------------------------------


def test_fava_shows_one_page_named_after_us(site: Site) -> None:
    [details] = site.ledger.extensions.extension_details
    assert (details.name, details.report_title, details.has_js_module) == (
        "Acompta",
        "Acompta",
        True,
    )
    assert site.open("/essai/extension_js_module/Acompta.js").status_code == 200


@pytest.mark.parametrize(
    ("view", "title"),
    [
        ("accueil", "Accueil"),
        ("creances", "Créances"),
        ("contrats", "Contrats"),
        ("factures", "Factures"),
    ],
)
def test_the_title_is_that_of_the_page(site: Site, view: str, title: str) -> None:
    text = site.get(vue=view).text
    first = re.search(r'id="page-title">"([^"]*)"', text)
    assert first is not None
    assert first[1].encode().decode("unicode_escape") == title
    tabs = site.page(vue=view).one("nav")
    assert [a.text for a in tabs.all("a") if "aria-current" in a.attributes] == [title]


def test_tabs_keep_the_filters(site: Site) -> None:
    tabs = site.page(time="2026-04", account="Dupont").one("nav")
    for href in tabs.links().values():
        assert "time=2026-04" in href
        assert "account=Dupont" in href
