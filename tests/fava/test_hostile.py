"""Ledgers that no one wishes: every page answers 200, with figures or with one French sentence, and never markup."""

from __future__ import annotations

from typing import Final

import pytest
from tests.fava.conftest import Site
from tests.fava.page import read_page
from tests.fava.samples import (
    ACCOUNTS,
    EXTENSION,
    OPTIONS,
    PLUGIN,
    STORY,
    ledger_text,
    write_ledger,
)

IMAGE: Final = "<img src=x onerror=alert(1)>"
NO_SELLER: Final = "\n".join(
    block for block in ACCOUNTS.split("\n\n") if 'custom "emetteur"' not in block
)
IN_ERROR: Final = """
2026-05-20 * "SCI Dupont" "Sans ligne" #facture
  numero: "F2026-004"
  Actif:411:Dupont

2026-05-21 * "SCI Dupont" "Contrat inconnu" #situation ^D1999-001
  numero: "F2026-005"
  Actif:411:Dupont
  Produits:706:Conseil -50 PCT

2026-05-22 * "SCI Dupont" "Numéro pris" #facture
  numero: "F2026-003"
  Actif:411:Dupont
  Produits:706:Conseil -10.00 EUR

2026-05-23 * "Nul" "Deux natures" #facture #avoir
  Actif:411:Dupont
  Produits:706:Conseil -10.00 EUR

2026-05-24 * "SCI Dupont" "Virement" ^F2026-999
  Actif:512:Banque 10.00 EUR
  Actif:411:Dupont

2026-05-25 custom "cloture" "2026-13" "abc"
2026-05-26 custom "validation" "2026-05-26" "abc"
"""
# Letters that Beancount takes in a link, and that an address or a file must not take as they are.
LINK: Final = "D2026-0/..-.1_%2F"
ODD: Final = f"""
2026-01-12 * "SCI Dupont" "Lien étrange" #contrat ^{LINK.replace("%2F", "a")}
  Actif:411:Dupont
  Produits:706:Conseil -10 JOUR @ 600.00 EUR

2026-01-15 * "SCI Dupont" "Acompte" #acompte ^{LINK.replace("%2F", "a")}
  numero: "F2026/001 & <b>"
  Actif:411:Dupont
  Passif:4191:Dupont -30 PCT

2026-02-20 * "SCI Dupont" "Numéro étrange" #facture
  numero: "../../../etc/passwd?x=1#y"
  Actif:411:Dupont
  Produits:706:Conseil -200.00 EUR
"""
NO_NAME: Final = """
2026-03-01 open Actif:411:SansNom EUR
2026-03-02 * #facture
  numero: "F2026-001"
  Actif:411:SansNom
  Produits:706:Conseil -200.00 EUR
"""

LEDGERS: Final = {
    "documents en erreur": ledger_text(STORY, IN_ERROR),
    "tout en erreur": ledger_text(IN_ERROR),
    "vide": "\n".join([OPTIONS, PLUGIN, EXTENSION]),
    "rien": f"{PLUGIN}\n{EXTENSION}\n",
    "sans émetteur": "\n".join([OPTIONS, PLUGIN, EXTENSION, NO_SELLER, STORY]),
    "sans émetteur ni document": "\n".join([OPTIONS, PLUGIN, EXTENSION, NO_SELLER]),
    "sans document": ledger_text(" "),
    "sans contrat": ledger_text(STORY[STORY.index("2026-03-02") :]),
    "exercice décalé": ledger_text(STORY).replace(
        '  regime-tva: "encaissements"', '  regime-tva: "encaissements"\n  fin-exercice: "30/06"'
    ),
    "fin d'exercice illisible": ledger_text(STORY).replace(
        '  regime-tva: "encaissements"', '  regime-tva: "encaissements"\n  fin-exercice: "31/02"'
    ),
    "régime inconnu": ledger_text(STORY).replace('"encaissements"', '"jamais"'),
    "franchise": ledger_text(STORY).replace('"encaissements"', '"franchise"'),
    "client hostile": ledger_text(STORY).replace("SCI Dupont", IMAGE),
    "liens et numéros étranges": ledger_text(ODD),
    "client sans nom": ledger_text(NO_NAME),
    "dates lointaines": ledger_text(
        STORY.replace("2026-05-04", "9999-12-31").replace("2026-03-02", "1900-01-01")
    ),
    "montants énormes": ledger_text(STORY.replace("-200.00", "-99999999999999999.99")),
    "autre devise": ledger_text(
        STORY, '2026-05-05 * "Banque" "Change"\n  Actif:512:Banque 10.00 USD\n  Actif:411:Dupont\n'
    ),
    "texte illisible": ledger_text(STORY, '2026-05-05 * "Guillemet\n', "n'importe quoi\n"),
    "titre hostile": ledger_text(STORY).replace('"Essai"', '"</style><script>alert(1)</script>"'),
    "sans titre": ledger_text(STORY).replace('option "title" "Essai"\n', ""),
}
PAGES: Final = (
    {"vue": "accueil"},
    {"vue": "creances"},
    {"vue": "creances", "client": "Actif:411:Dupont"},
    {"vue": "contrats"},
    {"vue": "contrats", "contrat": "D2026-012"},
    {"vue": "contrats", "contrat": LINK.replace("%2F", "a")},
    {"vue": "factures"},
    {"vue": "factures", "numero": "F2026-001"},
    {"vue": "factures", "numero": "../../../etc/passwd?x=1#y"},
    {"vue": "tva"},
    {"vue": "tva", "periode": "2026-02", "case": "08"},
    {"vue": "cloture"},
    {"vue": "cloture", "periode": "1899-12"},
    {"vue": "tresorerie"},
    {"vue": "accueil", "time": "9999-12-31"},
    {"vue": "tva", "time": "0001-01-01"},
    {"vue": "cloture", "time": "9999-12-31"},
    {"vue": "tresorerie", "time": "9999-12-31"},
    {"vue": "tva", "periode": "0001-01"},
    {"vue": "cloture", "periode": "9999-12"},
    {"vue": "tresorerie", "filter": "#facture", "account": "411"},
    {"vue": "tva", "filter": "#facture", "client": "Actif:411:Dupont"},
)


@pytest.fixture(scope="module", params=LEDGERS, ids=str)
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(write_ledger(tmp_path_factory.mktemp("hostile"), LEDGERS[request.param]))


@pytest.mark.parametrize("query", PAGES, ids=lambda query: "-".join(query.values()))
def test_every_page_answers_and_says_something(hostile: Site, query: dict[str, str]) -> None:
    response = hostile.get(**query)
    assert response.status_code == 200
    page = read_page(response.text)
    body = page.one("div", "acompta")
    assert body.all("table") or body.all("p")
    # Nothing unforeseen: that message carries the name of a Python exception.
    assert "n'a pas pu être calculée" not in body.text
    elements = page.all()
    assert not [
        e for e in elements if e.tag == "img" or any(a.startswith("on") for a in e.attributes)
    ]
    scripts = [e.attributes.get("type") for e in elements if e.tag == "script"]
    assert set(scripts) == {"application/json"}


@pytest.mark.slow
@pytest.mark.parametrize("query", PAGES, ids=lambda query: "-".join(query.values()))
def test_its_files_too(hostile: Site, query: dict[str, str]) -> None:
    response = hostile.get("tableau", format="xlsx", **query)
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        # The sentence that the page shows.
        assert response.text == read_page(hostile.get(**query).text).one("p", "message").text


def test_its_links_answer(hostile: Site) -> None:
    """Every link of ours of the lists leads to a page, however odd the number or the contract in it."""
    for view in ("accueil", "creances", "contrats", "factures"):
        links = read_page(hostile.get(vue=view).text).one("div", "acompta").all("a")
        ours = {
            a.attributes["href"] for a in links if "/extension/Acompta/?" in a.attributes["href"]
        }
        for href in ours:
            response = hostile.open(href + "&partial=true")
            assert response.status_code == 200
            assert "Aucun document n'a" not in read_page(response.text).text
            assert "Aucun contrat n'a" not in read_page(response.text).text
