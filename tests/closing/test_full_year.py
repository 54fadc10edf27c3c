"""A whole fiscal year of an example, closed month by month, then itself; then one old line changed in every way."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from tests.closing.closing_ledger import close_month, errors_in, errors_of, view_of
from tests.closing.full_year import end_in_november, write_full_year

from acompta.closing.check import State
from acompta.closing.checks import run_checks
from acompta.closing.checks_accounts import opening
from acompta.closing.fec.export import exercise
from acompta.closing.folder_figures import figures
from acompta.closing.periods import read_period
from acompta.loading import load_ledger
from acompta_cli import cli

pytestmark = pytest.mark.slow
CALENDAR = [f"2026-{month:02d}" for month in range(1, 13)]


class Year(NamedTuple):
    """A fiscal year to close: its months, its first day, its last day, and the month after it."""

    months: list[str]
    start: datetime.date
    end: datetime.date
    after: str
    ends_in_november: bool


YEARS = {
    "december": Year(
        CALENDAR, datetime.date(2026, 1, 1), datetime.date(2026, 12, 31), "2027-01", False
    ),
    "november": Year(
        ["2025-12", *CALENDAR[:-1]],
        datetime.date(2025, 12, 1),
        datetime.date(2026, 11, 30),
        "2026-12",
        True,
    ),
}


def closed_on(name: str) -> datetime.date:
    """The fifth of the month after."""
    return read_period(name).end + datetime.timedelta(days=5)


def close_year(year: Year, folder: Path) -> Path:
    """Close the months, none with a ✗, then the fiscal year by the command; the main file."""
    main = write_full_year(folder)
    if year.ends_in_november:
        end_in_november(main)
    assert errors_of(main) == []
    for name in year.months:
        checks = run_checks(view_of(load_ledger(main), read_period(name)))
        assert [check.key for check in checks if check.state is State.BAD] == [], name
        close_month(main, name, day=closed_on(name))
    arguments = ["cloturer", str(main), "2026", "--exercice", "--oui", "--date", "2027-02-10"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert "aucune écriture de plus à sceller, 19 fichiers" in " ".join(result.output.split())
    assert errors_of(main) == []
    return main


@pytest.fixture(scope="module", params=YEARS)
def closed_once(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Year, Path]:
    year = YEARS[request.param]
    return year, close_year(year, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def closed(closed_once: tuple[Year, Path], tmp_path: Path) -> tuple[Year, Path]:
    """A copy of the dossier with its fiscal year closed."""
    year, main = closed_once
    shutil.copytree(main.parent.parent, tmp_path / "copie")
    return year, tmp_path / "copie" / main.parent.name / main.name


def test_the_fec_of_the_year_is_whole_and_the_next_one_opens_with_it(
    closed: tuple[Year, Path],
) -> None:
    year, main = closed
    path = main.parent / "clotures" / "2026" / f"880419262FEC{year.end:%Y%m%d}.txt"
    rows = rows_of(path)
    days = {row[3] for row in rows}
    assert (min(days), max(days)) == (f"{year.start:%Y%m%d}", f"{year.end:%Y%m%d}")
    assert {day[:6] for day in days} == {name.replace("-", "") for name in year.months}
    assert sum(map(_amount, rows)) == 0
    valid = {name.replace("-", ""): f"{closed_on(name):%Y%m%d}" for name in year.months}
    assert {(row[3][:6], row[15]) for row in rows} == set(valid.items())
    judged = CliRunner().invoke(cli, ["fec", "--controler", str(path)])
    assert judged.exit_code == 0, judged.output
    assert opening_of(next_fec(main)) == closing_of(rows)


def rows_of(fec: Path) -> list[list[str]]:
    return [line.split("\t") for line in fec.read_text(encoding="utf-8").splitlines()[1:]]


def next_fec(main: Path) -> Path:
    """The FEC of the fiscal year after, one or two months of it."""
    out = main.parent / "suivant"
    arguments = ["fec", str(main), "2027", "--out", str(out), "--validation", "2027-02-28"]
    made = CliRunner().invoke(cli, arguments)
    assert made.exit_code in {0, 1}, made.output
    (found,) = out.glob("880419262FEC*[0-9].txt")
    return found


def opening_of(fec: Path) -> dict[str, Decimal]:
    """What each account opens with: the lines of the AN journal."""
    found: dict[str, Decimal] = {}
    for row in rows_of(fec):
        if row[0] == "AN":
            key = row[4] + row[6]
            found[key] = found.get(key, Decimal(0)) + _amount(row)
    return {key: amount for key, amount in found.items() if amount}


def closing_of(rows: list[list[str]]) -> dict[str, Decimal]:
    """What each account of a FEC closes with, classes 6 and 7 on the 120 or 129 that the dossier has."""
    found: dict[str, Decimal] = {}
    result = Decimal(0)
    for row in rows:
        if row[4][0] in "67":
            result += _amount(row)
        else:
            key = row[4] + row[6]
            found[key] = found.get(key, Decimal(0)) + _amount(row)
    side = "120" if result < 0 else "129"
    account = next((key for key in found if key.startswith(side)), side)
    found[account] = found.get(account, Decimal(0)) + result
    return {key: amount for key, amount in found.items() if amount}


def _amount(row: list[str]) -> Decimal:
    return Decimal(row[11].replace(",", ".")) - Decimal(row[12].replace(",", "."))


def test_the_next_year_opens_with_the_sealed_balances(closed: tuple[Year, Path]) -> None:
    year, main = closed
    loaded = load_ledger(main)
    assert (exercise(loaded, "2026").start, exercise(loaded, "2026").end) == (year.start, year.end)
    check = opening(view_of(loaded, read_period(year.after)))
    assert check.state is State.OK
    assert f"ceux de la clôture du {year.end:%d/%m/%Y}" in check.summary


def test_the_figures_of_the_year_say_the_vat_that_the_accounts_hold(
    closed: tuple[Year, Path],
) -> None:
    """Every month is settled: what is left is a credit on 44567, and none of it is « à payer ».

    November collects 25.00 from Mme Roux and gives them back, and deducts 121.32 + 17.94 = 139.26: 139 of credit.
    December collects 122.67 (736.00 / 6) from M. Puech, 123, and deducts 90.16 + 5.52 + 7.82 + 17.94 = 121.44, 121:
    139 - 123 + 121 = 137.
    """
    year, main = closed
    view = view_of(load_ledger(main), exercise(load_ledger(main), "2026"))
    lines = {line.key: line.amount for line in figures(view, view.books, "").lines}
    assert (lines.get("tva"), lines["credit-tva"]) == (
        None,
        Decimal(139 if year.ends_in_november else 137),
    )


def test_the_year_is_closed_once_and_after_its_months(closed: tuple[Year, Path]) -> None:
    _, main = closed
    again = CliRunner().invoke(cli, ["cloturer", str(main), "2026", "--exercice", "--oui"])
    assert again.exit_code == 2
    assert "est déjà clôturé" in again.stderr


VAT_PAID = """2026-03-20 * "DGFiP" "TVA de février"
  Passif:44551:TVAaPayer                            500.00 EUR
  Actif:512:Banque
"""
# The same day, typed before it in the file.
RECEIVED = """2026-03-20 * "Opco du Golfe" "Virement reçu" ^EM26-008
  Actif:512:Banque                                   4600.00 EUR
  Actif:411:OpcoGolfe
"""


def _swapped(text: str) -> str:
    assert VAT_PAID in text
    assert RECEIVED in text
    return text.replace(VAT_PAID, "§").replace(RECEIVED, VAT_PAID).replace("§", RECEIVED)


class Tampering(NamedTuple):
    """A change of an old file: the entry at whose line it is told (``""``: the closing's), what the opening says."""

    change: Callable[[str], str]
    at: str
    bank: str = ""


TAMPERINGS = {
    "amount": Tampering(
        lambda text: text.replace(VAT_PAID, VAT_PAID.replace("500.00", "501.00")), VAT_PAID, "-1"
    ),
    "date": Tampering(
        lambda text: text.replace(VAT_PAID, VAT_PAID.replace("-20", "-21")), VAT_PAID
    ),
    "account": Tampering(
        lambda text: text.replace(
            VAT_PAID, VAT_PAID.replace("Passif:44551:TVAaPayer", "Charges:627:FraisBancaires")
        ),
        VAT_PAID,
        "0",
    ),
    "label": Tampering(lambda text: text.replace("TVA de février", "TVA de janvier"), VAT_PAID),
    "order": Tampering(_swapped, RECEIVED),
    "deletion": Tampering(lambda text: text.replace(VAT_PAID, ""), "", "500"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_an_old_line_changed_is_found_at_its_line(closed: tuple[Year, Path], what: str) -> None:
    year, main = closed
    tampering = TAMPERINGS[what]
    march = main.parent / "2026-03.beancount"
    text = march.read_text(encoding="utf-8")
    changed = tampering.change(text)
    assert changed != text
    march.write_text(changed, encoding="utf-8")
    words = "l'ordre des écritures a changé" if what == "order" else "clôture de 2026-03"
    loaded = load_ledger(main)
    found = [(name, at) for name, at, message in errors_in(loaded) if words in message]
    place = ("main.beancount", _closing_line(main, "2026-03"))
    if tampering.at:
        place = ("2026-03.beancount", text[: text.index(tampering.at)].count("\n") + 1)
    assert found == [place]
    check = opening(view_of(loaded, read_period(year.after)))
    if not tampering.bank:
        assert check.state is State.OK  # the balances are the same
        return
    assert check.state is State.BAD
    gaps = {
        one.text.split(" : ")[0]: one.amount for one in check.evidence if one.amount is not None
    }
    assert gaps.get("Actif:512:Banque", Decimal(0)) == Decimal(tampering.bank)
    assert "Passif:44551:TVAaPayer" in gaps


def _closing_line(main: Path, name: str) -> int:
    lines = main.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if f'custom "cloture" "{name}"' in line)


def test_a_cent_moved_in_any_month_is_found_in_that_month(closed: tuple[Year, Path]) -> None:
    """The wages of each month, one cent more to the staff: the same payment, another charge."""
    year, main = closed
    for name in year.months[-11:]:
        path = main.parent / f"{name}.beancount"
        text = path.read_text(encoding="utf-8")
        old = "  Charges:641:Salaires                             3100.00 EUR\n"
        assert old in text, name
        path.write_text(text.replace(old, old.replace("3100.00", "3100.01"), 1), encoding="utf-8")
        head = text[: text.index(old)].count("\n")  # the line before: the head of the entry
        found = [at for at in errors_of(main) if f"clôture de {name}" in at[2]]
        assert [(file, at) for file, at, _ in found] == [(path.name, head)], name
        assert "Charges:641:Salaires 3100 EUR à la clôture" in found[0][2].replace(" ; ", " ")[
            :400
        ] or ("3100.01" in found[0][2])
        path.write_text(text, encoding="utf-8")
    assert errors_of(main) == []


def test_an_included_file_that_goes_and_comes_back(closed: tuple[Year, Path]) -> None:
    _, main = closed
    text = main.read_text(encoding="utf-8")
    line = 'include "2026-03.beancount"\n'
    main.write_text(text.replace(line, "\n"), encoding="utf-8")
    gone = [at for _, at, message in errors_of(main) if "clôture de 2026-03" in message]
    assert len(gone) > 10
    assert set(gone) == {_closing_line(main, "2026-03")}
    main.write_text(text, encoding="utf-8")
    assert errors_of(main) == []
