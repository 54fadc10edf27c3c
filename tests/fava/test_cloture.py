"""The closing page: the checklist of a month, closed months with their files, seals; nothing served by path."""

from __future__ import annotations

import datetime
import shutil
import time
from pathlib import Path
from threading import Lock
from typing import NoReturn

import openpyxl
import pytest
from click.testing import CliRunner
from tests.fava.conftest import MakeSite, Site
from tests.fava.page import Element, rows
from tests.fava.samples import STORY, example_dossier, ledger_text

from acompta.closing.period_view import PeriodView
from acompta.dossier import Dossier
from acompta.fava.checking import Checking
from acompta_cli import cli


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The translator's dossier, January and February closed by the command."""
    path = example_dossier(tmp_path_factory.mktemp("clos"), "plume-et-compagnie")
    for month in ("2026-01", "2026-02"):
        order = ["cloturer", str(path.parent), month, "--oui", "--malgre", "essai"]
        result = CliRunner().invoke(cli, [*order, "--date", "2026-03-05"], prog_name="acompta")
        assert result.exit_code == 0, result.output
    return path


def test_the_checklist_is_that_of_the_command(closed: Path) -> None:
    page = Site(closed).page(vue="cloture", time="2026-03")
    assert page.one("p", "lead").text == "Clôture de mars 2026"
    checks = {row["Contrôle"]: row for row in rows(page, "controles")}
    assert checks["Mois précédent clôturé"]["Constat"] == "clôturé jusqu'au 28/02/2026"
    said = CliRunner().invoke(
        cli,
        ["cloturer", str(closed.parent), "2026-03", "--csv"],
        prog_name="acompta",
    )
    listed = said.output.splitlines()
    assert len(rows(page, "controles")) == len([line for line in listed if line[:1] in "✓!✗"])


@pytest.mark.parametrize(
    ("name", "month"), [("ecole-meridienne", "2026-10"), ("batiment-rousselot", "2026-06")]
)
def test_each_check_says_what_the_command_says(tmp_path: Path, name: str, month: str) -> None:
    """Invoices taken over stand in the journal as they are typed, and Fava shows letters there."""
    path = example_dossier(tmp_path, name)
    page = Site(path).page(vue="cloture", periode=month)
    order = ["cloturer", str(path.parent), month, "--simuler", "--csv"]
    said = CliRunner().invoke(cli, order, prog_name="acompta").stdout
    listed = [line.split(";") for line in said.splitlines() if line[:1] in "✓!✗"]
    shown = [(row.get("", ""), row["Contrôle"]) for row in rows(page, "controles")]
    assert shown == [(mark, title.strip('"')) for mark, title, *_ in listed]


def test_evidence_leads_to_its_line(closed: Path) -> None:
    page = Site(closed).page(vue="cloture", time="2026-03")
    [link] = [
        href for text, href in page.one("table", "t-details").links().items() if "sceau" in text
    ]
    assert link.startswith("#context-")


def test_closed_months_with_their_files(closed: Path) -> None:
    site = Site(closed)
    page = site.page(vue="cloture", time="2026-03")
    assert [(row["Période"], row["Faite le"]) for row in rows(page, "clotures")] == [
        ("2026-01", "05/03/2026"),
        ("2026-02", "05/03/2026"),
    ]
    [address] = [
        link.attributes["href"]
        for link in page.all("a")
        if link.attributes.get("aria-label") == "grand-livre.xlsx"
    ][:1]
    response = site.open(address)
    assert response.status_code == 200
    assert response.data[:2] == b"PK"
    assert (
        site.page(vue="cloture", periode="2026-02")
        .one("p", "lead")
        .text.endswith(": ce mois est clôturé")
    )


def test_a_closed_month_shows_its_checks_as_they_were_and_makes_none(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of `controles.xlsx`, which the command wrote, mark by mark; January had no month before it."""

    def never(*_: object) -> NoReturn:
        raise AssertionError("checked again")

    monkeypatch.setattr("acompta.fava.cloture.run_checks", never)
    page = Site(closed).page(vue="cloture", periode="2026-01")
    book = openpyxl.load_workbook(closed.parent / "clotures" / "2026-01" / "controles.xlsx")
    written = [(row[0], row[1], row[2]) for row in book["Contrôles"].iter_rows(4, values_only=True)]
    shown = [(row.get("", ""), row["Contrôle"], row["Constat"]) for row in rows(page, "controles")]
    assert len(written) > 10
    assert [cells[:2] for cells in shown] == [cells[:2] for cells in written]
    assert "tels qu'ils étaient à la clôture" in page.text.lower()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"controles"])
def test_a_closed_month_whose_checks_cannot_be_read_shows_the_rest(
    closed: Path, tmp_path: Path, content: bytes
) -> None:
    copy = shutil.copytree(closed.parent, tmp_path / "copie") / closed.name
    (copy.parent / "clotures" / "2026-01" / "controles.xlsx").write_bytes(content)
    page = Site(copy).page(vue="cloture", periode="2026-01")
    assert not page.all("table", "t-controles")
    assert rows(page, "clotures")


@pytest.mark.parametrize(
    ("period", "name"),
    [
        ("2026-01", "../../main.beancount"),
        ("2026-01", "..%2F..%2Fmain.beancount"),
        ("2026-01", "/etc/passwd"),
        ("2026-01", "."),
        ("2026-01", ""),
        ("..", "main.beancount"),
        (".", "main.beancount"),
        ("2026-03", "ecritures.tsv"),
        ("2026-01/../2026-02", "ecritures.tsv"),
    ],
)
def test_nothing_is_served_by_path(closed: Path, period: str, name: str) -> None:
    assert Site(closed).get("fichier", cloture=period, nom=name).status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(closed: Path) -> None:
    link = closed.parent / "clotures" / "2026-01" / "dehors.txt"
    link.symlink_to(closed)
    try:
        assert Site(closed).get("fichier", cloture="2026-01", nom=link.name).status_code == 404
    finally:
        link.unlink()


start = Checking.start


def _until_whole(site: Site, **query: str) -> Element:
    """The page once nothing of it is being made."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page = site.page(vue="cloture", **query)
        if not page.all("progress"):
            return page
        time.sleep(0.02)
    raise AssertionError("the checklist never ends")


def test_a_large_ledger_is_checked_beside_the_page(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page answers at once with what is made so far, and in the end shows what a small ledger shows at once."""
    at_once = make_site().page(vue="cloture")
    monkeypatch.setattr("acompta.fava.cloture.AT_ONCE", 1)
    site = make_site()
    waiting = Lock()
    with waiting:
        monkeypatch.setattr(PeriodView, "then", property(lambda view: _then(view, waiting)))
        page = site.page(vue="cloture")
        assert not page.all("table", "t-controles")
        assert "recalcule le dossier" in page.all("p", "message")[0].text
        assert any("data-again" in part.attributes for part in page.all("div"))
    whole = _until_whole(site)
    for table in ("controles", "details"):
        assert rows(whole, table) == rows(at_once, table)
    assert not any("data-again" in part.attributes for part in whole.all("div"))


def _then(view: PeriodView, waiting: Lock) -> Dossier:
    with waiting:
        return view.dossier


def test_the_files_of_a_large_ledger_wait_for_all_checks(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = make_site().get("tableau", vue="cloture", table="controles", format="csv")
    monkeypatch.setattr("acompta.fava.cloture.AT_ONCE", 1)
    large = make_site().get("tableau", vue="cloture", table="controles", format="csv")
    assert large.data == small.data
    assert large.data.count(b"\n") > 30


def test_no_file_of_a_checklist_that_a_load_stopped(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the checks in a file would look like all of them."""
    monkeypatch.setattr("acompta.fava.cloture.AT_ONCE", 1)
    monkeypatch.setattr(Checking, "start", lambda checking: (checking.stop(), start(checking)))
    answer = make_site().get("tableau", vue="cloture", table="controles", format="csv")
    assert (answer.status_code, answer.text) == (
        400,
        "Le journal a été rechargé pendant le contrôle : demandez ce fichier à nouveau.",
    )


def test_a_check_that_fails_beside_the_page_is_said(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: PeriodView) -> NoReturn:
        raise RuntimeError("essai")

    monkeypatch.setattr("acompta.fava.cloture.AT_ONCE", 1)
    monkeypatch.setattr(PeriodView, "then", property(fail))
    page = _until_whole(make_site())
    assert "Cette page n'a pas pu être calculée : RuntimeError, essai." in page.text


def test_the_month_is_the_last_that_has_ended(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("acompta.fava.extension.local_today", lambda: datetime.date(2026, 5, 30))
    page = make_site().page(vue="cloture")
    assert page.one("p", "lead").text == "Clôture d'avril 2026"
    assert page.one("p", "said").text.startswith("4 mois à clôturer : janvier 2026")


def test_a_filter_of_account_is_said_not_to_touch_the_checks(make_site: MakeSite) -> None:
    site = make_site()
    said = "Les contrôles portent sur tout le dossier"
    assert said in site.page(vue="cloture", account="Actif:411:Dupont").text
    assert said not in site.page(vue="cloture", time="2026-05").text


def test_the_home_page_counts_the_months_to_close(site: Site, closed: Path) -> None:
    page = site.page(vue="accueil")
    assert page.links()["5 mois à clôturer, de janvier 2026 à mai 2026"]
    page = Site(closed).page(vue="accueil", time="2026-03")
    assert page.links()["1 mois à clôturer : mars 2026"]
    assert "à clôturer" not in Site(closed).page(vue="accueil", time="2026-02").text


def test_a_quarter_is_refused(make_site: MakeSite) -> None:
    page = make_site(ledger_text(STORY)).page(vue="cloture", periode="2026-T1")
    assert page.one("p", "message").text.startswith("La clôture se fait mois par mois")


# -- what is closed is still the same -------------------------------------------------------------------------


def test_closings_and_validations_are_said_to_be_intact(closed: Path) -> None:
    page = Site(closed).page(vue="cloture", time="2026-03")
    assert [row["État"] for row in rows(page, "clotures")] == ["✓ intacte", "✓ intacte"]
    assert not page.all("details", "remarks")


def test_what_changed_since_is_said_with_its_line(closed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "plume-et-compagnie"
    shutil.copytree(closed.parent, copy)
    shutil.copy(closed.parents[1] / "pcg.beancount", tmp_path)
    main = copy / "main.beancount"
    result = CliRunner().invoke(
        cli, ["valider", str(copy), "--au", "10/03/2026", "--oui", "--date", "12/03/2026"]
    )
    assert result.exit_code == 0, result.output
    february, march = (_retouched(copy / f"2026-{month}.beancount") for month in ("02", "03"))
    page = Site(main).page(vue="cloture", time="2026-03")
    states = {row["Période"]: row for row in rows(page, "clotures")}
    assert states["2026-01"]["État"] == "✓ intacte"
    assert "Changée à" not in states["2026-01"]
    # The validation holds what no closing does: the first ten days of March.
    assert states["2026-02"]["État"] == states["2026-03-10"]["État"] == "✗ changée"
    assert states["2026-02"]["Changée à"] == f"2026-02.beancount, ligne {february}"
    assert states["2026-03-10"]["Changée à"] == f"2026-03.beancount, ligne {march}"
    said = page.one("details", "remarks")
    assert "Écriture modifiée après la clôture de 2026-02" in said.text
    assert f"line={february}" in said.links()[f"2026-02.beancount:{february}"]
    assert not Site(main).page(vue="cloture", time="2026-01").all("details", "remarks")


def _retouched(path: Path) -> int:
    """Change the label of the rent of the desk; its line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    index = next(i for i, text in enumerate(lines) if "Coworking des Lices" in text)
    head, _, label = lines[index].rpartition(' "')
    lines[index] = f'{head} "Retouché {label}'
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return index + 1


def test_the_chain_of_seals_is_counted_and_what_broke_it_is_said(tmp_path: Path) -> None:
    path = example_dossier(tmp_path, "atelier-lumiere")
    order = ["emettre", str(path), "--date", "2026-11-22", "--oui"]
    result = CliRunner().invoke(cli, order, prog_name="acompta")
    assert result.exit_code == 0, result.output
    page = Site(path).page(vue="cloture", time="2026-12")
    states = [row["État"] for row in rows(page, "sceaux")]
    assert states == ["intact"] * 2
    assert "✓ 2 sceaux intacts sur 2." in [p.text for p in page.all("p", "note")]
    # The last of the two: the first still stands.
    month = path.parent / "2026-11.beancount"
    text = month.read_text(encoding="utf-8")
    month.write_text(text.replace("Déclinaison du coffret", "Autre chose"), encoding="utf-8")
    page = Site(path).page(vue="cloture", time="2026-12")
    assert [row["État"] for row in rows(page, "sceaux")] == ["intact", "texte changé"]
    assert "✗ 1 sceau intact sur 2." in [p.text for p in page.all("p", "late")]
