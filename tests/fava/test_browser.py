"""The extension in a real browser, on an example dossier: clicks, colours, a telephone, a keyboard, paper."""

from __future__ import annotations

import datetime
import shutil
import threading
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from threading import Lock
from typing import Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from fava.application import create_app
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pypdf import PdfReader
from tests.fava.samples import LEDGERS, blank_pdf, example_dossier, file_pdf
from werkzeug.serving import make_server

from acompta.closing.checks import CHECKS
from acompta.closing.period_view import PeriodView
from acompta.dossier import Dossier
from acompta.fava.extension import VIEWS

CHROMIUM: Final = shutil.which("chromium")
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DOSSIERS: Final = sorted(path.parent for path in LEDGERS.glob("*/main.beancount"))
TELEPHONE: Final = 375
DAY: Final = "2026-11-22"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None, reason="Chromium est absent de cette machine : apt-get install chromium"
    ),
]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> datetime.date:
    day = datetime.date.fromisoformat(DAY)
    monkeypatch.setattr("acompta.fava.extension.local_today", lambda: day)
    return day


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("ledgers")
    filed = '2026-07-30 document Actif:411:Transalp "factures/F2026-027.pdf"\n'
    path = example_dossier(folder, "atelier-lumiere", filed)
    file_pdf(path.parent, "factures/F2026-027.pdf")
    app = create_app([path], load=True, poll_watcher=True, read_only=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/atelier-lumière"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Window:
    """A browser window, with what its console said and every request that failed."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type in {"error", "warning"}
                else None
            ),
        )
        self.page.on(
            "response",
            lambda response: (
                self.complaints.append(f"{response.status} {response.url}")
                if response.status >= 400
                else None
            ),
        )

    def home(self) -> Page:
        """Open what Fava's menu leads to."""
        return self.show("vue=")

    def show(self, query: str = "") -> Page:
        """Open the extension as of the day of these tests."""
        query = query if "vue=" in query else f"vue=creances&{query}"
        self.page.goto(f"{self.address}/extension/Acompta/?time={DAY}&{query}")
        # Fava's own code has run: the menu is there, and the keyboard works.
        self.page.wait_for_selector("aside a.selected")
        self.page.wait_for_selector("th[data-sort][tabindex='0']", state="attached")
        return self.page


@pytest.fixture
def window(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Window]:
    options = getattr(request, "param", {})
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(10_000)
    window = Window(context, address)
    yield window
    context.close()
    assert window.complaints == []


def _cells(page: Page, table: str, column: str) -> list[str]:
    cells = page.locator(f"table.t-{table} tbody td.c-{column}").all_inner_texts()
    return [" ".join(cell.split()) for cell in cells]


def test_from_fava_s_menu_to_a_customer_its_invoice_and_its_pdf(window: Window) -> None:
    page = window.page
    page.goto(f"{window.address}/income_statement/?time={DAY}")
    page.locator("aside").get_by_role("link", name="Acompta").click()
    expect(page.locator("header h1")).to_contain_text("Accueil")
    page.get_by_role("link", name="Dû par les clients").click()
    expect(page.locator("header h1")).to_contain_text("Créances")
    expect(page.locator(".lead")).to_contain_text("dus par 9 clients au 22 novembre 2026")

    # Who owes most, and since when.
    first = page.locator("figure.chart li").first
    expect(first).to_contain_text("Transalp Logistique SA")
    first.get_by_role("link").click()
    expect(page.locator(".lead")).to_contain_text("Transalp Logistique SA doit")
    late = page.locator("table.t-factures tbody tr", has_text="F2026-027")
    expect(late).to_contain_text("13/09/2026")
    expect(late).to_contain_text("70")

    late.get_by_role("link", name="F2026-027").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).to_contain_text('numero: "F2026-027"')
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    href = late.get_by_role("link", name="PDF").get_attribute("href")
    assert href is not None
    with page.context.expect_page() as opened:
        late.get_by_role("link", name="PDF").click()
    opened.value.close()
    response = page.request.get(page.evaluate("href => new URL(href, location).href", href))
    assert response.headers["content-type"] == "application/pdf"
    assert response.body() == blank_pdf()


# -- three questions, from the home page alone ------------------------------------------------------------------


def test_who_owes_most_and_since_when(window: Window) -> None:
    page = window.home()
    lead = page.locator(".lead")
    expect(lead).to_contain_text("Transalp Logistique SA doit le plus")
    expect(lead).to_contain_text("6 054,40 € échus depuis le 13 septembre 2026")
    lead.get_by_role("link", name="Transalp Logistique SA").click()
    expect(page.locator(".lead")).to_contain_text("Transalp Logistique SA doit 18 352,00 €")
    late = page.locator("table.t-factures tbody tr", has_text="F2026-027")
    expect(late).to_contain_text("13/09/2026")


def test_what_is_left_to_bill_on_a_contract(window: Window) -> None:
    page = window.home()
    page.get_by_role("link", name="Contrats", exact=True).click()
    row = page.locator("table.t-contrats tbody tr", has_text="^D2026-003")
    expect(row.locator(".c-reste-a-facturer")).to_have_text("2 688,00")
    row.get_by_role("link", name="^D2026-003").click()
    expect(page.locator("dl.figures")).to_contain_text("Reste à facturer TTC")
    expect(page.locator("article")).to_contain_text(
        "Prochaine étape : facturer Recette et prise en main, 2 688,00 € TTC, prévu le 18 décembre 2026."
    )
    # Where that comes from: the line of the contract.
    page.locator("table.t-a-venir").get_by_role("link", name="18/12/2026").click()
    page.wait_for_url("**/editor/**")


def test_the_vat_of_march_and_the_three_largest_entries_in_it(window: Window) -> None:
    page = window.home()
    expect(page.get_by_role("link", name="TVA de novembre 2026")).to_be_visible()
    # Fava's own filter says which month.
    box = page.locator("header input").first
    box.fill("2026-03")
    box.press("Enter")
    page.get_by_role("link", name="TVA de mars 2026").click()
    expect(page.locator(".lead")).to_have_text("TVA de mars 2026 (CA3)")
    expect(page.locator("dl.figures")).to_contain_text("TVA nette due")
    due = page.locator("table.t-cases tbody tr", has_text="Total à payer")
    expect(due.locator(".c-taxe")).to_have_text("1 014")
    assert _cells(page, "ecritures", "taxe")[:3] == ["1 280,80", "136,00", "48,00"]
    first = page.locator("table.t-ecritures tbody tr").first
    expect(first).to_contain_text("Transalp Logistique SA")
    first.get_by_role("link", name="12/03/2026").click()
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_contain_text("Virement")


def test_the_time_filter_moves_the_as_of_date(window: Window) -> None:
    page = window.show()
    box = page.locator("header input").first
    box.fill("2026-06")
    box.press("Enter")
    expect(page.locator(".lead")).to_contain_text("au 30 juin 2026")
    expect(page.locator("table.t-clients tfoot .c-solde")).to_have_text("18 763,22")
    page.locator("aside").get_by_role("link", name="Compte de résultat").click()
    expect(page.locator(".lead")).to_have_count(0)
    page.go_back()
    expect(page.locator(".lead")).to_contain_text("au 30 juin 2026")


def test_the_filter_bar_limits_to_a_contract_and_a_click_lifts_it(window: Window) -> None:
    page = window.show()
    page.locator("table.t-factures").get_by_role("link", name="^D2026-003").first.click()
    expect(page.locator("header input").nth(2)).to_have_value("^D2026-003")
    assert set(_cells(page, "factures", "contrat")) == {"^D2026-003"}
    page.get_by_role("link", name="Le registre du contrat ^D2026-003").click()
    expect(page.locator("table.t-lots tbody tr")).to_have_count(5)
    page.go_back()
    page.get_by_role("link", name="Retirer le filtre filtre ^D2026-003").click()
    expect(page.locator("header input").nth(2)).to_have_value("")


def test_a_search_keeps_the_date_and_finds_an_amount(window: Window) -> None:
    page = window.show("vue=factures")
    page.get_by_role("searchbox").fill("6 054,40")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".lead")).to_have_text("1 document trouvé au 22 novembre 2026")
    assert _cells(page, "documents", "numero") == ["F2026-027"]
    page.get_by_role("link", name="Tout afficher").click()
    page.get_by_label("État").select_option("En retard")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("table.t-documents tbody tr")).to_have_count(7)


def test_tables_sort_by_click_and_by_keyboard(window: Window) -> None:
    page = window.show()
    head = page.locator("table.t-clients th.c-solde")
    head.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert _cells(page, "clients", "solde")[:2] == ["18 352,00", "4 536,00"]
    assert _cells(page, "clients", "solde")[-1] == "−100,00"
    expect(head).to_have_attribute("aria-sort", "descending")
    due = page.locator("table.t-factures th.c-echeance")
    due.click()
    days = [tuple(reversed(day.split("/"))) for day in _cells(page, "factures", "echeance")]
    assert days == sorted(days)
    late = page.locator("table.t-factures th.c-jours-de-retard")
    late.click()
    late.click()
    assert _cells(page, "factures", "jours-de-retard")[:2] == ["213 j", "206 j"]


def test_every_link_of_the_page_answers(window: Window) -> None:
    page = window.show()
    hrefs = page.locator("article a").evaluate_all("links => links.map(link => link.href)")
    there = {href for href in hrefs if "#context-" not in href}
    assert len(there) > 20
    for href in there:
        assert page.request.get(href).ok, href


# Colours read back from styles: how light they are, and the first opaque ground under an element.
COLOURS: Final = """
  const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const parse = text => numbers(text).map((v, i) => text.startsWith('color(') && i < 3 ? v * 255 : v);
  const light = rgb => rgb.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const contrast = (colour, under) => {
    const [one, two] = [light(parse(colour)), light(under)];
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  };
"""
# Texts too pale for what is under them.
CONTRAST: Final = (
    "article => {"
    + COLOURS
    + """
  const weak = [];
  for (const node of article.querySelectorAll('*')) {
    const words = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!words || !node.checkVisibility() || node.closest('style, script, svg, .none')) continue;
    const ratio = contrast(getComputedStyle(node).color, ground(node));
    if (ratio < 4.5) weak.push([node.className, node.textContent.trim().slice(0, 30), ratio]);
  }
  return weak;
}"""
)


# Every page, by the name of its picture.
PAGES: Final = {
    "accueil": "vue=accueil",
    "creances": "vue=creances",
    "creances-client": "vue=creances&client=Actif:411:Transalp",
    "contrats": "vue=contrats",
    "contrat": "vue=contrats&contrat=D2026-003",
    "factures": "vue=factures",
    "facture": "vue=factures&numero=F2026-027",
    "tva": "vue=tva&periode=2026-03",
    "tva-case": "vue=tva&periode=2026-03&case=20",
    "cloture": "vue=cloture",
    "tresorerie": "vue=tresorerie",
}


@pytest.mark.parametrize("name", PAGES)
def test_each_page(window: Window, name: str, request: pytest.FixtureRequest) -> None:
    """In light, in dark and on a telephone: readable by all, nothing cut, nothing said in the console.

    The pictures are left in pytest's cache (``.pytest_cache/d/captures``).
    """
    page = window.show(PAGES[name])
    captures = request.config.cache.mkdir("captures")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert _serious(page) == [], scheme
        assert page.locator("article").evaluate(CONTRAST) == [], scheme
        page.screenshot(path=captures / f"{name}-{scheme}.png", full_page=True)
    article = page.locator("article")
    for width in (1280, 1200, 1024, 900, 768, TELEPHONE):
        page.set_viewport_size({"width": width, "height": 800})
        assert article.evaluate("node => node.scrollWidth <= node.clientWidth"), width
        assert article.evaluate(SCROLLED) == [], width
    cut = article.locator("td:not(.empty)").evaluate_all(
        "cells => cells.filter(c => c.scrollWidth > c.clientWidth + 1).map(c => c.textContent)"
    )
    assert cut == []
    assert article.evaluate(PUSHED_OUT) == []
    expect(article.locator("table.cards thead").first).to_be_hidden()
    page.screenshot(path=captures / f"{name}-telephone.png", full_page=True)


# Cells of a card whose text goes out of it: aligned on the right, it leaves by the left, and nothing scrolls.
PUSHED_OUT: Final = """article => [...article.querySelectorAll('table.cards td:not(.empty)')].filter(cell => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  return text.getBoundingClientRect().left < cell.getBoundingClientRect().left - 1;
}).map(cell => cell.textContent.trim())"""


# One of each kind, taken from the lists: a page as the example dossiers show it.
KINDS: Final = {
    "client": ("vue=creances", "table.t-clients td.c-client a:not(.beside)"),
    "contrat": ("vue=contrats", "table.t-contrats td.c-contrat a"),
    "facture": ("vue=factures", "table.t-documents td.c-numero a"),
    "case": ("vue=tva&periode=2026-03", "table.t-cases td.c-case a"),
}
# Fava's menu has done sliding away.
STILL: Final = "document.getAnimations().every(one => one.playState !== 'running')"
# What goes out of the window, on either side.
OUT: Final = """article => [...article.querySelectorAll('*')].filter(node => {
  const box = node.getBoundingClientRect();
  return node.checkVisibility() && box.width > 0 && !node.closest('.typed, svg')
    && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
}).map(node => node.tagName + ' ' + node.textContent.trim().slice(0, 40))"""


# A table that goes out of its place: its last columns are a scroll away.
SCROLLED: Final = """article => [...article.querySelectorAll('.scroll')]
  .filter(node => node.scrollWidth > node.clientWidth + 1)
  .map(node => node.textContent.trim().slice(0, 40))"""


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where each of the example dossiers is shown."""
    folder = tmp_path_factory.mktemp("six")
    paths = [example_dossier(folder, one.name) for one in DOSSIERS]
    app = create_app(paths, load=True, poll_watcher=True, read_only=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    root = f"http://127.0.0.1:{server.server_port}"
    slugs = app.config["LEDGERS"].ledgers_by_slug
    yield {path.parent.name: f"{root}/{slug}" for path, slug in zip(paths, slugs, strict=True)}
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", [one.name for one in DOSSIERS])
def test_no_page_of_any_dossier_is_wider_than_its_window(
    browser: Browser, six: dict[str, str], name: str
) -> None:
    context = browser.new_context()
    context.set_default_timeout(10_000)
    window = Window(context, six[name])
    queries = [f"vue={view}" for view in VIEWS]
    for query, link in KINDS.values():
        page = window.show(query)
        found = page.locator(link).first
        if found.count():
            address = found.evaluate("link => link.href")
            queries.append(address.partition("?")[2])
    for query in queries:
        page = window.show(query)
        article = page.locator("article")
        for width in (1280, 768, TELEPHONE):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_function(STILL)
            said = f"{query} à {width} px"
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width, said
            assert article.evaluate("node => node.scrollWidth <= node.clientWidth"), said
            assert article.evaluate(OUT) == [], said
            assert article.evaluate(SCROLLED) == [], said
            assert article.evaluate(PUSHED_OUT) == [], said
    context.close()
    assert window.complaints == []


def _serious(page: Page) -> list[str]:
    """What axe-core finds serious or worse in our part of the page."""
    found = Axe().run(page, context={"include": [["article"]]}).response["violations"]
    return [
        f"{one['id']}: {one['help']}, {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def test_on_paper_only_what_is_read(window: Window) -> None:
    page = window.show()
    page.emulate_media(media="print")
    for hidden in ("aside", "article nav", ".files", "td.pdf"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator("table.t-clients thead")).to_be_visible()


# -- the keyboard -----------------------------------------------------------------------------------------------


# What the keyboard reaches in our part of the page, in the order of the text.
REACHED: Final = """[...document.querySelectorAll(`article :is(a[href], button, select, summary, pre, object,
  th[data-sort], input:not([type=hidden]))`)].filter(node => node.checkVisibility())"""
# The place of what has the focus among them (-1: in Fava's own part), null at the end of the page; and its ring.
FOCUSED: Final = f"""() => {{
  const now = document.activeElement;
  if (!now || now === document.body) return null;
  // The reader of PDF shows by itself where the keyboard is in it.
  return [{REACHED}.indexOf(now), now.tagName === 'OBJECT' || getComputedStyle(now).outlineStyle !== 'none'];
}}"""
# Of everything that the keyboard reaches, what shows no ring when it has the focus, or one too pale (WCAG 1.4.11).
WITHOUT_RING: Final = (
    "() => {"
    + COLOURS
    + f"const all = {REACHED}.filter(node => node.tagName !== 'OBJECT');"
    + """
  const weak = [];
  for (const node of all) {
    node.blur();
    const before = getComputedStyle(node).outlineStyle;
    node.focus({preventScroll: true});
    const style = getComputedStyle(node);
    const ratio = contrast(style.outlineColor, ground(parseFloat(style.outlineOffset) < 0 ? node : node.parentElement));
    if (before !== 'none' || style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2 || ratio < 3)
      weak.push([node.tagName, node.textContent.trim().slice(0, 30), before, style.outlineStyle, ratio]);
  }
  return weak;
}"""
)


@pytest.mark.parametrize("name", PAGES)
def test_each_page_by_the_keyboard_alone(window: Window, name: str) -> None:
    """Tab goes through everything in the order of the text, shows where it is, and comes out at the end."""
    page = window.show(PAGES[name])
    count = page.evaluate(f"{REACHED}.length")
    assert count > 10
    reached: list[int] = []
    for _ in range(
        count + 90
    ):  # Fava's menu and fields come first, the reader of PDF has its own buttons
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            break
        place, is_ringed = focused
        if place >= 0:
            assert is_ringed, place
            # The keyboard goes on inside the PDF: the same element keeps the focus.
            reached += [place] if reached[-1:] != [place] else []
    else:
        pytest.fail("the keyboard does not come out of the page")
    assert reached == list(range(count))
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(WITHOUT_RING) == [], scheme
    page.set_viewport_size({"width": TELEPHONE, "height": 800})
    assert page.evaluate(WITHOUT_RING) == []


def test_what_opens_and_what_is_sent_obey_enter_and_space(window: Window) -> None:
    page = window.show("vue=creances")
    proof = page.locator("details.proof")
    for key in ("Enter", "Space"):
        proof.locator("summary").focus()
        page.keyboard.press(key)
        expect(proof.locator("table")).to_be_visible()
        page.keyboard.press(key)
        expect(proof.locator("table")).to_be_hidden()
    page = window.show("vue=factures")
    for key in ("Enter", "Space"):
        page.get_by_role("searchbox").fill("6 054,40")
        page.get_by_role("button", name="Chercher").focus()
        page.keyboard.press(key)
        expect(page.locator(".lead")).to_contain_text("1 document trouvé")
        page.get_by_role("link", name="Tout afficher").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".lead")).not_to_contain_text("trouvé")
    page = window.show("vue=contrats&contrat=D2026-003")
    page.locator("figure.timeline svg a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()


# The text of every cell, as paper must carry it.
CELLS: Final = """article => [...article.querySelectorAll('table.cards tr > *')]
  .filter(cell => cell.checkVisibility()).map(cell => cell.textContent)"""
# What goes out of the sheet, or is cut by its own cell.
CUT: Final = """article => [...article.querySelectorAll('table, td, th, dd, pre, figure')].filter(node => {
  const right = article.getBoundingClientRect().right + 1;
  const hides = getComputedStyle(node).overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1;
  return node.checkVisibility() && (node.getBoundingClientRect().right > right || hides);
}).map(node => node.tagName + ' ' + node.textContent.trim().slice(0, 40))"""
MARGINS: Final = 24  # mm, on both sides together


@pytest.mark.parametrize("name", PAGES)
def test_each_page_on_paper(window: Window, name: str, request: pytest.FixtureRequest) -> None:
    """Nothing cut, every cell there, the dossier and the number of the page at the foot of each sheet.

    The sheets are left in pytest's cache (``.pytest_cache/d/captures``).
    """
    page = window.show(PAGES[name])
    page.emulate_media(media="print")
    content = page.pdf(prefer_css_page_size=True)
    (request.config.cache.mkdir("captures") / f"{name}.pdf").write_bytes(content)
    sheets = PdfReader(BytesIO(content)).pages
    width = round((float(sheets[0].mediabox.width) / 72 * 25.4 - MARGINS) / 25.4 * 96)
    assert {width} < {round((210 - MARGINS) / 25.4 * 96), round((297 - MARGINS) / 25.4 * 96), 0}
    page.set_viewport_size({"width": width, "height": 700})
    article = page.locator("article")
    assert article.evaluate(CUT) == []
    texts = [sheet.extract_text() for sheet in sheets]
    for number, text in enumerate(texts, start=1):
        # The font of the foot has no ligature, its spaces may be any.
        assert f"page{number}/{len(texts)}" in _letters(text)
        assert "AtelierLumière·" in _letters(text)
    whole = _letters("".join(texts))
    missing = [cell for cell in article.evaluate(CELLS) if _letters(cell) not in whole]
    assert missing == []


def _letters(text: str) -> str:
    """Without spaces or hyphens at the end of a line: a cell may stand on several lines."""
    return unicodedata.normalize("NFKC", "".join(text.split())).replace("\xad", "")


def test_heads_come_back_on_every_sheet(window: Window) -> None:
    page = window.show("vue=factures")
    sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert len(sheets) > 1
    assert all("Net TTC" in sheet.extract_text() for sheet in sheets)


def test_checks_come_as_they_are_made(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of a large ledger shows how far its checks are, and the rest comes by itself."""
    waiting = Lock()
    monkeypatch.setattr("acompta.fava.cloture.AT_ONCE", 0)
    monkeypatch.setattr(PeriodView, "then", property(lambda view: _once(waiting, view.dossier)))
    page = window.page
    with waiting:
        page.goto(f"{window.address}/extension/Acompta/?vue=cloture&periode=2026-05&time={DAY}")
        message = page.get_by_role("status")
        expect(message).to_contain_text(
            "Le moteur recalcule le dossier tel qu'il était fin mai 2026"
        )
        expect(message.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("table.t-controles tbody tr")).to_have_count(len(CHECKS))
    expect(message).to_have_count(0)
    head = page.locator("table.t-details th[data-sort]").first
    head.focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")


def _once(waiting: Lock, dossier: Dossier) -> Dossier:
    with waiting:
        return dossier


def test_a_filter_without_a_table_still_works(window: Window) -> None:
    page = window.page
    page.goto(f"{window.address}/extension/Acompta/?vue=creances&time=hier")
    expect(page.locator("article .message")).to_contain_text("Date illisible")
    page.goto(f"{window.address}/extension/Acompta/?vue=creances&time=2020")
    expect(page.locator("article .message")).to_contain_text("Rien n'est dû au 31 décembre 2020.")
