"""One document: its text, its entry, what happened since, and its PDF beside."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.fava.conftest import MakeSite, Site
from tests.fava.page import Element, rows, total
from tests.fava.samples import STORY, example_dossier, file_pdf, ledger_text

from acompta.fava.documents import State
from acompta_cli import cli


def _facts(page: Element) -> dict[str, str]:
    facts = page.all("dl", "facts")[0]
    names = [dt.text for dt in facts.all("dt")]
    return dict(zip(names, [dd.text for dd in facts.all("dd")], strict=True))


def _figures(page: Element) -> dict[str, str]:
    figures = page.one("dl", "figures")
    names = [dt.text for dt in figures.all("dt")]
    amounts = [dd.all("span", "num")[0].text for dd in figures.all("dd")]
    return dict(zip(names, amounts, strict=True))


def test_a_document_with_all_that_is_known_of_it(site: Site) -> None:
    page = site.page(vue="factures", numero="F2026-002")
    assert page.one("p", "lead").text == "Facture F2026-002 au 31 mai 2026"
    assert _facts(page) == {
        "État": State.LATE.value,
        "Client": "Martin & Fils",
        "Objet": "Audit",
        "Date": "2 mars 2026",
        "Échéance": "1er avril 2026",
        "Sceau": "sans sceau",
    }
    assert _figures(page) == {
        "HT": "1 000,00 €",
        "TVA": "200,00 €",
        "Net TTC": "1 200,00 €",
        "Réglé": "−500,00 €",
        "Reste dû": "700,00 €",
    }
    assert rows(page, "ecriture") == [
        {"Compte": "Actif:411:Martin", "Débit": "1 200,00"},
        {"Compte": "Produits:706:Conseil", "Crédit": "1 000,00"},
        {"Compte": "Passif:44574:TVA20", "Crédit": "200,00"},
    ]
    assert total(page, "ecriture")["Débit"] == total(page, "ecriture")["Crédit"]
    [paid] = rows(page, "evenements")
    assert (paid["Date"], paid["Nature"], paid["Montant"]) == ("20/04/2026", "Règlement", "500,00")
    assert 'numero: "F2026-002"' in page.one("pre").text


def test_the_list_leads_to_it_and_it_leads_on(site: Site) -> None:
    href = site.page(vue="factures").links()["F2026-001"]
    page = site.follow(href + "&partial=true")
    links = page.links()
    assert rows(site.follow(links["^D2026-012"] + "&partial=true"), "historique")
    lead = site.follow(links["SCI Dupont"] + "&partial=true").one("p", "lead")
    assert lead.text.startswith("SCI Dupont doit")
    assert "2 160,00" in _figures(page)["Net TTC"]
    assert rows(site.follow(links["Toutes les factures"] + "&partial=true"), "documents")


def test_before_its_payment_and_before_its_date(site: Site) -> None:
    page = site.page(vue="factures", numero="F2026-002", time="2026-03")
    assert _facts(page)["État"] == State.NOT_DUE.value
    assert not page.all("table", "t-evenements")
    message = site.page(vue="factures", numero="F2026-002", time="2026-02").one("p", "message")
    assert message.text == "F2026-002 n'existe pas encore au 28 février 2026."


@pytest.mark.parametrize("number", ["F2026-999", "../main.beancount", "<img src=x>"])
def test_a_number_that_nobody_knows(site: Site, number: str) -> None:
    page = site.page(vue="factures", numero=number)
    assert page.one("p", "message").text == f"Aucun document n'a le numéro « {number} »."


def test_its_pdf_stands_beside(make_site: MakeSite, tmp_path: Path) -> None:
    file_pdf(tmp_path, "factures/F2026-002.pdf")
    filed = '\n2026-03-02 document Actif:411:Martin "factures/F2026-002.pdf"\n'
    page = make_site(ledger_text(STORY, filed)).page(vue="factures", numero="F2026-002")
    viewer = page.one("object")
    assert "/extension/Acompta/pdf?numero=F2026-002" in viewer.attributes["data"]
    # The file is named by its number only: no path is in the address.
    assert "factures%2F" not in viewer.attributes["data"]


def test_without_a_pdf_it_says_how_to_get_one(site: Site) -> None:
    page = site.page(vue="factures", numero="F2026-002")
    assert not page.all("object")
    assert "acompta imprimer l'écrit" in page.text


def test_a_credit_note_and_its_invoice_lead_to_each_other(make_site: MakeSite) -> None:
    credit = """
2026-05-10 * "Martin & Fils" "Geste" #avoir
  numero: "F2026-004"
  sur: "F2026-002"
  Actif:411:Martin
  Produits:706:Conseil  100.00 EUR
    tva: 20
"""
    site = make_site(ledger_text(STORY, credit))
    page = site.page(vue="factures", numero="F2026-002")
    assert _facts(page)["Corrigée par"] == "F2026-004"
    back = site.follow(page.links()["F2026-004"] + "&partial=true")
    assert _facts(back)["Corrige"] == "F2026-002"
    # 1 200,00 less 500,00 received and 120,00 credited.
    assert _figures(page)["Avoirs, escomptes et pertes"] == "−120,00 €"
    assert _figures(page)["Reste dû"] == "580,00 €"


def test_a_final_invoice_shows_the_deposits_that_it_recovers(make_site: MakeSite) -> None:
    final = """
2026-05-20 * "SCI Dupont" "Solde" #solde ^D2026-012
  numero: "F2026-004"
  Actif:411:Dupont
  Produits:706:Conseil  -100 PCT
"""
    page = make_site(ledger_text(STORY, final)).page(vue="factures", numero="F2026-004")
    assert _figures(page) == {
        "HT": "6 000,00 €",
        "TVA": "1 200,00 €",
        "Acomptes repris": "−2 160,00 €",
        "Net TTC": "5 040,00 €",
        "Reste dû": "5 040,00 €",
    }


def test_a_file_that_cannot_be_read_leaves_the_rest_of_the_page(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("acompta.fava.fiche.get_entry_slice", fail)
    page = make_site().page(vue="factures", numero="F2026-002")
    assert not page.all("pre")
    assert rows(page, "ecriture")


def test_the_tables_download(site: Site) -> None:
    csv = site.get("tableau", vue="factures", numero="F2026-002", table="ecriture", format="csv")
    assert "Actif:411:Martin;;1200,00;0,00" in csv.text


def test_a_seal_is_verified(tmp_path: Path) -> None:
    path = example_dossier(tmp_path, "atelier-lumiere")
    order = ["emettre", str(path), "--date", "2026-11-22", "--oui"]
    result = CliRunner().invoke(cli, order, prog_name="acompta")
    assert result.exit_code == 0, result.output
    day = {"vue": "factures", "time": "2026-11-30"}
    site = Site(path)
    assert _facts(site.page(**day, numero="F2026-042"))["Sceau"] == "intact"
    sealed = [row for row in rows(site.page(**day), "documents") if "Sceau" in row]
    assert [row["N°"] for row in sealed] == ["F2026-043", "F2026-042"]

    month = path.parent / "2026-11.beancount"
    text = month.read_text(encoding="utf-8")
    month.write_text(text.replace("-2.5 JOUR @ 480.00", "-2.6 JOUR @ 480.00"), encoding="utf-8")
    page = Site(path).page(**day, numero="F2026-042")
    alarms = page.all("dl", "facts")[0].all("dd", "late")
    assert [dd.text for dd in alarms] == ["texte changé"]
