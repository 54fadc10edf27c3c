"""The electronic invoice inside a PDF, read beside the entry, and compared with it."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.fava.conftest import MakeSite, Site
from tests.fava.page import Element, rows
from tests.fava.samples import STORY, example_dossier, file_pdf, ledger_text

from acompta_cli import cli

NUMBER = "F2026-012"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = example_dossier(tmp_path_factory.mktemp("imprimé"), "atelier-lumiere")
    result = CliRunner().invoke(cli, ["imprimer", str(path.parent), NUMBER], prog_name="acompta")
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> datetime.date:
    day = datetime.date(2026, 5, 31)
    monkeypatch.setattr("acompta.fava.extension.local_today", lambda: day)
    return day


def _facts(page: Element) -> dict[str, str]:
    facts = page.all("dl", "facts")[-1]
    names = [dt.text for dt in facts.all("dt")]
    return dict(zip(names, [dd.text for dd in facts.all("dd")], strict=True))


def test_what_the_file_says_stands_beside_the_entry(printed: Path) -> None:
    page = Site(printed).page(vue="factures", numero=NUMBER)
    facts = _facts(page)
    assert facts["Numéro"] == NUMBER
    assert facts["Format"].startswith("CII (Factur-X")
    assert facts["Vendeur"].startswith("Atelier Lumière SARL, SIREN 732829320")
    assert not page.all("table", "t-constats")


def test_a_ledger_that_changed_after_the_print_is_said(printed: Path) -> None:
    month = printed.parent / "2026-03.beancount"
    text = month.read_text(encoding="utf-8")
    line = text.index("  Produits:706:Creation", text.index(f'"{NUMBER}"'))
    more = "  Produits:706:Creation  -100.00 EUR\n"
    month.write_text(text[:line] + more + text[line:], encoding="utf-8")
    try:
        page = Site(printed).page(vue="factures", numero=NUMBER)
    finally:
        month.write_text(text, encoding="utf-8")
    [finding] = rows(page, "constats")
    # 100,00 more before tax, 120,00 more to pay: 5 916,00 in the ledger, 5 796,00 in the file.
    assert finding["Règle"] == "BT-115"
    assert "5 796,00 €, le journal 5 916,00 €" in finding["Ce qui ne va pas"]


def test_a_pdf_without_an_electronic_invoice_says_so(make_site: MakeSite, tmp_path: Path) -> None:
    file_pdf(tmp_path, "factures/F2026-002.pdf")
    filed = '\n2026-03-02 document Actif:411:Martin "factures/F2026-002.pdf"\n'
    page = make_site(ledger_text(STORY, filed)).page(vue="factures", numero="F2026-002")
    [section] = [s for s in page.all("section") if "Facture électronique" in s.text]
    assert "facture électronique" in section.one("p", "note").text.lower()
    assert rows(page, "ecriture")


def test_a_file_that_is_no_pdf_leaves_the_rest_of_the_page(
    make_site: MakeSite, tmp_path: Path
) -> None:
    file_pdf(tmp_path, "factures/F2026-002.pdf").write_bytes(
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"
    )
    filed = '\n2026-03-02 document Actif:411:Martin "factures/F2026-002.pdf"\n'
    page = make_site(ledger_text(STORY, filed)).page(vue="factures", numero="F2026-002")
    assert rows(page, "ecriture")
    assert not page.all("p", "message")
