"""What leaves the page: tables for a spreadsheet, PDF, entries, lines of the text."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from tests.fava.conftest import MakeSite, Site
from tests.fava.page import Element, rows
from tests.fava.samples import STORY, blank_pdf, file_pdf, ledger_text


def _csv(site: Site, **query: str) -> list[dict[str, str]]:
    response = site.get("tableau", format="csv", **query)
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    text = response.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_csv_of_the_customers(site: Site) -> None:
    assert _csv(site, table="clients", time="2026-06")[0] == {
        "Client": "Martin & Fils",
        "Compte": "Actif:411:Martin",
        "Non échu": "0,00",
        "1–30 j": "0,00",
        "31–60 j": "0,00",
        "61–90 j": "700,00",
        "> 90 j": "0,00",
        "Crédits": "0,00",
        "Non affecté": "0,00",
        "Total dû": "700,00",
        "Acomptes à reprendre": "0,00",
        "Retard moyen": "",
    }


def test_csv_follows_the_filters_and_the_link_carries_them(site: Site) -> None:
    page = site.page(filter="Audit", time="2026-06")
    href = page.all("section")[0].links()["CSV"]
    response = site.open(href)
    assert 'filename="creances-clients.csv"' in response.headers["Content-Disposition"]
    text = io.StringIO(response.data.decode("utf-8-sig"))
    names = [row["Client"] for row in csv.DictReader(text, delimiter=";")]
    assert names == ["Martin & Fils"]
    assert [row["N°"] for row in _csv(site, table="factures", filter="Audit")] == ["F2026-002"]


def test_the_workbook_holds_every_table(site: Site) -> None:
    response = site.get("tableau", format="xlsx", time="2026-06")
    book = load_workbook(io.BytesIO(response.data))
    assert book.sheetnames[:2] == ["Par client", "Factures ouvertes"]
    cells = [[cell.value for cell in row] for row in book["Par client"].iter_rows(min_row=3)]
    assert cells[0][0] == "Client"
    assert [row[0] for row in cells[1:]] == ["Martin & Fils", "SCI Dupont", "Total"]


@pytest.mark.parametrize(
    "query",
    [
        {"table": "clients"},
        {"table": "clients", "format": "exe"},
        {"table": "inconnue", "format": "csv"},
        {"table": "../../etc/passwd", "format": "csv"},
    ],
)
def test_no_such_table(site: Site, query: dict[str, str]) -> None:
    assert site.get("tableau", **query).status_code == 404


def test_an_unreadable_filter_gives_no_file(site: Site) -> None:
    response = site.get("tableau", table="clients", format="csv", time="hier")
    assert response.status_code == 400
    assert response.text.startswith("Date illisible")


def test_csv_of_contracts(site: Site) -> None:
    [row] = _csv(site, vue="contrats", table="contrats")
    assert (row["Contrat"], row["Commandé TTC"]) == ("^D2026-012", "7200,00")
    steps = _csv(site, vue="contrats", contrat="D2026-012", table="historique")
    assert [step["Nature"] for step in steps] == ["Contrat", "Acompte", "Règlement"]


# -- PDF ------------------------------------------------------------------------------------------------------


def _pdf_link(page: Element, number: str) -> str | None:
    for tr in page.one("table", "t-factures").one("tbody").all("tr"):
        links = tr.links()
        if number in links:
            return links.get("PDF")
    raise AssertionError(number)


@pytest.mark.parametrize(
    ("name", "directive"),
    [
        ("factures/F2026-002.pdf", '2026-03-02 document Actif:411:Martin "factures/F2026-002.pdf"'),
        (
            "a/2026-03-02.F2026-002.pdf",
            '2026-03-02 document Actif:411:Martin "a/2026-03-02.F2026-002.pdf"',
        ),
        (
            "a/2026-03-02 f2026_002.PDF",
            '2026-03-02 document Produits:706 "a/2026-03-02 f2026_002.PDF"',
        ),
        ("scan17.pdf", '2026-03-02 document Actif:411:Martin "scan17.pdf" ^F2026-002'),
    ],
)
def test_an_invoice_leads_to_the_pdf_that_the_ledger_files(
    make_site: MakeSite, tmp_path: Path, name: str, directive: str
) -> None:
    file_pdf(tmp_path, name)
    opened = "2026-01-01 open Produits:706 EUR\n"
    site = make_site(ledger_text(STORY, opened, directive))
    assert not site.errors()
    page = site.page()
    assert _pdf_link(page, "F2026-003") is None
    href = _pdf_link(page, "F2026-002")
    assert href is not None
    assert "numero=F2026-002" in href
    response = site.open(href)
    assert response.mimetype == "application/pdf"
    assert response.data == blank_pdf()


def test_a_documents_folder_does_too(make_site: MakeSite, tmp_path: Path) -> None:
    file_pdf(tmp_path, "pieces/Actif/411/Martin/2026-03-02.F2026-002.pdf")
    site = make_site('option "documents" "pieces"\n' + ledger_text())
    assert _pdf_link(site.page(), "F2026-002") is not None


def test_of_two_pdfs_the_customer_s_own(make_site: MakeSite, tmp_path: Path) -> None:
    file_pdf(tmp_path, "ici/F2026-002.pdf")
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / "ailleurs/F2026-002.pdf").write_bytes(b"%PDF- autre")
    own = '2026-03-02 document Actif:411:Martin "ici/F2026-002.pdf"'
    other = '2026-04-02 document Actif:411:Dupont "ailleurs/F2026-002.pdf"'
    site = make_site(ledger_text(STORY, own, other))
    response = site.get("pdf", numero="F2026-002")
    assert response.data == blank_pdf()


@pytest.mark.parametrize(
    "number",
    [
        "",
        "F2026-001",  # known, but nothing is filed
        "F2026-999",
        "secret",
        "../secret",
        "../secret.pdf",
        "/etc/passwd",
        "F2026-002/../../secret",
        "F2026-002\0",
    ],
)
def test_nothing_else_is_served(make_site: MakeSite, tmp_path: Path, number: str) -> None:
    file_pdf(tmp_path, "secret.pdf")
    file_pdf(tmp_path, "F2026-001.pdf")
    file_pdf(tmp_path, "factures/F2026-002.pdf")
    (tmp_path / "secret").write_text("x")
    filed = '2026-03-02 document Actif:411:Martin "factures/F2026-002.pdf"'
    other = '2026-03-02 document Actif:411:Martin "secret.pdf"'
    site = make_site(ledger_text(STORY, filed, other))
    assert site.get("pdf", numero=number).status_code == 404
    assert site.get("pdf", numero="F2026-002", filename="secret.pdf").data == blank_pdf()


def test_a_pdf_that_has_gone_is_not_found(make_site: MakeSite, tmp_path: Path) -> None:
    path = file_pdf(tmp_path, "F2026-002.pdf")
    site = make_site(ledger_text(STORY, '2026-03-02 document Actif:411:Martin "F2026-002.pdf"'))
    path.unlink()
    assert site.get("pdf", numero="F2026-002").status_code == 404


def test_only_pdfs_are_documents(make_site: MakeSite, tmp_path: Path) -> None:
    (tmp_path / "F2026-002.html").write_text("<script>alert(1)</script>")
    site = make_site(ledger_text(STORY, '2026-03-02 document Actif:411:Martin "F2026-002.html"'))
    assert site.get("pdf", numero="F2026-002").status_code == 404


# -- entries --------------------------------------------------------------------------------------------------


def test_an_invoice_leads_to_its_entry_with_the_typed_text(site: Site) -> None:
    links = site.page().one("table", "t-factures").links()
    context = site.client.get(
        "/essai/api/context",
        query_string={"entry_hash": links["F2026-002"].removeprefix("#context-")},
    ).json
    assert context is not None
    entry = context["data"]["entry"]
    assert entry["narration"] == "Audit"
    # The complete entry, whose source is the three lines that were typed.
    assert [posting["account"] for posting in entry["postings"]] == [
        "Actif:411:Martin",
        "Produits:706:Conseil",
        "Passif:44574:TVA20",
    ]


def test_a_payment_leads_to_its_entry_not_to_the_vat_that_it_moves(site: Site) -> None:
    page = site.page(vue="contrats", contrat="D2026-012")
    payment = rows(page, "historique")[2]
    href = page.one("table", "t-historique").links()[payment["Date"]]
    context = site.client.get(
        "/essai/api/context", query_string={"entry_hash": href.removeprefix("#context-")}
    ).json
    assert context is not None
    assert context["data"]["entry"]["narration"] == "Virement reçu, acompte"


def test_with_an_external_editor_lines_open_there(make_site: MakeSite) -> None:
    option = '2026-01-01 custom "fava-option" "use-external-editor" "true"\n'
    unlinked = (
        '2026-05-12 * "Inconnu" "Virement"\n  Actif:512:Banque 50.00 EUR\n  Actif:411:Dupont\n'
    )
    page = make_site(ledger_text(STORY, option, unlinked)).page()
    [href] = page.one("details", "remarks").links().values()
    assert href.startswith("beancount:///")
    assert "main.beancount?lineno=" in href


# -- many rows ------------------------------------------------------------------------------------------------


def _many(count: int) -> str:
    start = datetime.date(2026, 5, 4)
    return "\n".join(
        f'{start} * "Martin" "n° {i}" #facture\n  numero: "F2026-{i:03d}"\n'
        f"  Actif:411:Martin\n  Produits:706:Conseil -{i}.00 EUR\n"
        for i in range(1, count + 1)
    )


def test_a_long_table_is_sorted_whole_before_it_is_cut(make_site: MakeSite) -> None:
    """130 invoices of 1,00 to 130,00 before tax: the largest first is on the first page, whatever the page shown."""
    site = make_site(ledger_text(_many(130)))
    page = site.page(**{"page-factures": "2"})
    head = page.one("table", "t-factures").one("thead")
    smallest = site.follow(head.links()["Total TTC"])
    assert rows(smallest, "factures")[0]["N°"] == "F2026-001"
    largest = site.follow(smallest.one("table", "t-factures").one("thead").links()["Total TTC"])
    assert [row["N°"] for row in rows(largest, "factures")][:2] == ["F2026-130", "F2026-129"]
    [sorted_by] = [th for th in largest.all("th") if "aria-sort" in th.attributes]
    assert (sorted_by.text, sorted_by.attributes["aria-sort"]) == ("Total TTC", "descending")
    # Turning pages keeps the order.
    following = site.follow(largest.one("p", "turn").links()["page suivante"])
    assert rows(following, "factures")[0]["N°"] == "F2026-080"
    for wrong in ("rien", "-", "total-", "<b>"):
        found = rows(site.page(**{"tri-factures": wrong}), "factures")
        assert found == rows(site.page(), "factures")


def test_empty_cells_come_last_in_both_orders(make_site: MakeSite) -> None:
    late = _many(60) + (
        '2026-05-05 * "Martin" "Acompte" ^F2026-001\n'
        "  Actif:512:Banque 1.20 EUR\n  Actif:411:Martin\n"
        '2026-05-05 * "Martin" "Virement" ^F2026-060\n'
        "  Actif:512:Banque 10.00 EUR\n  Actif:411:Martin\n"
    )
    site = make_site(ledger_text(late))
    for order in ("regle", "-regle"):
        page = site.page(vue="factures", **{"tri-documents": order})
        paid = [row.get("Réglé", "") for row in rows(page, "documents")]
        assert sorted(paid[:2]) == ["1,20", "10,00"]
        assert set(paid[2:]) == {""}


def test_long_tables_come_in_pages(make_site: MakeSite) -> None:
    site = make_site(ledger_text(_many(130)))
    page = site.page()
    assert len(rows(page, "factures")) == 50
    turn = page.one("p", "turn")
    assert turn.text == "Lignes 1 à 50 sur 130 · page suivante"
    last = site.follow(
        site.follow(turn.links()["page suivante"]).one("p", "turn").links()["page suivante"]
    )
    assert last.one("p", "turn").text == "Lignes 101 à 130 sur 130 · page précédente"
    assert [row["N°"] for row in rows(last, "factures")][-1] == "F2026-130"
    assert len(_csv(site, table="factures")) == 130
    for wrong in ("0", "-1", "99", "x", "1e9", "²"):
        assert site.page(**{"page-factures": wrong}).one("p", "turn").text.startswith("Lignes")
