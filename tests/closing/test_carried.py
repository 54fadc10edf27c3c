"""Opening balances beside the previous closing: two fiscal years, closed, then an old line or an opening changed."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from tests.closing.closing_ledger import close_month, errors_of, view_of, write_dossier
from tests.roots import ROOTS

from acompta.closing import folder_books, folder_figures
from acompta.closing.check import Check, State
from acompta.closing.checks import run_checks
from acompta.closing.checks_accounts import opening
from acompta.closing.periods import Period, fiscal_year, read_period
from acompta.loading import load_ledger

# 2026: capital 1 000, invoice 500 + 100 of VAT paid, bank costs 12 + 3, VAT paid. On 31 December 2026:
#   512 bank 1 485 = 1 000 + 600 - 12 - 3 - 100; 101 capital -1 000; result 485 = 500 - 15, profit: 120, -485.
# 2027: bank costs 40; on 31 January the bank is at 1 445.
NEXT = """
2027-01-10 * "Banque" "Frais de janvier 2027"
  Charges:627:Frais         40.00 EUR
  Actif:512:Banque         -40.00 EUR

2027-02-01 balance Actif:512:Banque  1445.00 EUR
  releve: "n° 13"
"""
CLEARED = """
2026-12-31 * "Clôture" "Solde des comptes de gestion"
  Produits:706:Conseil      500.00 EUR
  Charges:627:Frais         -15.00 EUR
  Capitaux:120:Resultat    -485.00 EUR

2026-12-31 * "Clôture" "Bilan de clôture, actif"
  Capitaux:891:Bilan       1485.00 EUR
  Actif:512:Banque        -1485.00 EUR

2026-12-31 * "Clôture" "Bilan de clôture, passif"
  Capitaux:101:Capital     1000.00 EUR
  Capitaux:120:Resultat     485.00 EUR
  Capitaux:891:Bilan      -1485.00 EUR
"""
REOPENED = """
2027-01-01 * "Ouverture" "Actif"
  Actif:512:Banque         1485.00 EUR
  Capitaux:891:Bilan      -1485.00 EUR

2027-01-01 * "Ouverture" "Passif"
  Capitaux:101:Capital    -1000.00 EUR
  Capitaux:120:Resultat    -485.00 EUR
  Capitaux:891:Bilan       1485.00 EUR
"""
OPENED = """
2027-01-01 * "À-nouveaux" "Bilan d'ouverture"
  Actif:512:Banque         1485.00 EUR
  Capitaux:101:Capital    -1000.00 EUR
  Capitaux:120:Resultat    -485.00 EUR
"""
ACCOUNTS = """
2026-01-01 open Capitaux:120:Resultat EUR
2026-01-01 open Capitaux:891:Bilan EUR
"""
FEBRUARY_YEAR = [f"2026-{month:02d}" for month in range(1, 13)]


def write(folder: Path, *texts: str) -> Path:
    main = write_dossier(folder)
    name = "2027-01.beancount"
    (folder / name).write_text(ROOTS + "".join(texts), encoding="utf-8")
    text = main.read_text(encoding="utf-8")
    main.write_text(f'{text}include "{name}"\n{ACCOUNTS}', encoding="utf-8")
    return main


@pytest.fixture(scope="module")
def closed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    main = write(tmp_path_factory.mktemp("deux-ans") / "dossier", NEXT)
    for name in FEBRUARY_YEAR:
        close_month(main, name)
    return main.parent


@pytest.fixture
def closed(closed_once: Path, tmp_path: Path) -> Path:
    """The dossier with the twelve months of 2026 closed; its main file."""
    shutil.copytree(closed_once, tmp_path / "dossier")
    return tmp_path / "dossier" / "main.beancount"


def check_of(main: Path, period: Period | None = None) -> Check:
    return opening(view_of(load_ledger(main), period or read_period("2027-01")))


def texts(check: Check) -> list[str]:
    return [one.text.replace("\u202f", " ").replace("\u00a0", " ") for one in check.evidence]


def replace(main: Path, old: str, new: str, name: str) -> int:
    """Change a file; the line of the first change."""
    path = main.parent / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_year_opens_with_what_was_sealed(closed: Path) -> None:
    check = check_of(closed)
    assert check.state is State.OK
    said = check.summary.replace("\u202f", " ").replace("\u00a0", " ")
    # 512, 101, and the result on 120.
    assert said == "3 comptes, 1 485,00 € au débit, ceux de la clôture du 31/12/2026"


def test_a_year_before_that_is_open_is_said(tmp_path: Path) -> None:
    check = check_of(write(tmp_path / "dossier", NEXT))
    assert check.state is State.OK
    assert "exercice précédent non clôturé" in check.summary


def test_an_old_line_changed_after_the_closing_is_told_account_by_account(closed: Path) -> None:
    """12 of bank costs become 13: the bank opens at 1 484, the result at 484, and the entry is named at its line."""
    head = '2026-01-15 * "Banque" "Frais de janvier"\n'
    at = replace(closed, head, head, "2026-01.beancount")
    replace(closed, "12.00 EUR", "13.00 EUR", "2026-01.beancount")
    check = check_of(closed)
    assert check.state is State.BAD
    assert check.summary == "2 comptes différents de la clôture du 31/12/2026"
    assert "Actif:512:Banque : 1 485,00 € à la clôture, 1 484,00 € à l'ouverture" in texts(check)
    assert any(
        "120" in text and "−485,00 € à la clôture, −484,00 € à l'ouverture" in text
        for text in texts(check)
    )
    places = {(Path(p.path).name, p.line) for one in check.evidence if (p := one.place) is not None}
    assert places == {("2026-01.beancount", at)}
    assert any("↳ à la clôture, 15/01/2026, Banque – Frais de janvier" in t for t in texts(check))
    assert [one.amount for one in check.evidence if one.amount is not None] == [
        Decimal(1),
        Decimal(-1),
    ]


def test_an_old_entry_deleted_is_told_with_where_it_was(closed: Path) -> None:
    replace(
        closed,
        '2026-01-15 * "Banque" "Frais de carte"\n'
        "  Charges:627:Frais          3.00 EUR\n  Actif:512:Banque          -3.00 EUR\n",
        "",
        "2026-01.beancount",
    )
    found = texts(check_of(closed))
    assert "Actif:512:Banque : 1 485,00 € à la clôture, 1 488,00 € à l'ouverture" in found
    assert any("Frais de carte" in t and "2026-01.beancount, ligne" in t for t in found)


def test_opening_balances_typed_again_are_counted_twice(closed: Path) -> None:
    at = ROOTS.count("\n") + NEXT.count("\n") + 2
    name = "2027-01.beancount"
    path = closed.parent / name
    path.write_text(path.read_text(encoding="utf-8") + OPENED, encoding="utf-8")
    check = check_of(closed)
    assert check.state is State.BAD
    assert "3 comptes différents" in check.summary
    assert "Actif:512:Banque : 1 485,00 € à la clôture, 2 970,00 € à l'ouverture" in texts(check)
    assert {(Path(p.path).name, p.line) for one in check.evidence if (p := one.place)} == {
        (name, at)
    }


@pytest.mark.parametrize(
    ("typed", "state"), [("1485.00", State.OK), ("1458.00", State.BAD)], ids=["same", "another"]
)
def test_an_opening_entry_typed_with_another_amount(
    tmp_path: Path, typed: str, state: State
) -> None:
    """A firm that takes the balance sheet to 891 and types it back: 1 458 for 1 485 is seen, the same is fine."""
    asset, others = REOPENED.split("\n\n")
    opened = f"{asset.replace('1485.00', typed)}\n\n{others}"
    check = check_of(write(tmp_path / "dossier", CLEARED, opened, NEXT))
    assert check.state is state, texts(check)
    if state is State.BAD:
        found = texts(check)
        assert "Actif:512:Banque : 1 485,00 € à la clôture, 1 458,00 € à l'ouverture" in found
        assert "Capitaux:891:Bilan : 0,00 € à la clôture, 27,00 € à l'ouverture" in found
        at = (ROOTS + CLEARED).count("\n") + 2
        assert any(one.place and one.place.line == at for one in check.evidence)


def test_a_contribution_of_the_first_day_is_no_opening_entry(closed: Path) -> None:
    path = closed.parent / "2027-01.beancount"
    text = (
        '\n2027-01-01 * "Associé" "Apport"\n  Actif:512:Banque  10.00 EUR\n  Capitaux:101:Capital\n'
    )
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    assert check_of(closed).state is State.OK


def test_the_figures_of_a_closing_that_are_gone_are_asked_for(closed: Path) -> None:
    (closed.parent / "clotures" / "2026-06" / "ecritures.tsv").unlink()
    check = check_of(closed)
    assert check.state is State.BAD
    assert texts(check)[0] == "« 2026-06/ecritures.tsv » manque ou est illisible"


def test_the_second_year_counts_its_own_result_alone(closed: Path) -> None:
    """2027 holds 40 of costs; the 485 of 2026 stand on 120. The trial balance of January 2027 opens with them."""
    assert errors_of(closed) == []
    view = view_of(load_ledger(closed), read_period("2027-01"))
    report = folder_books.trial_balance(view, view.books, "Essai")
    rows = {row[0]: row[2:] for row in report.tables[0].rows}
    result = next(code for code in rows if str(code).startswith("120"))
    zero = Decimal(0)
    assert rows[result] == (Decimal(-485), zero, zero, zero, Decimal(485))
    costs = next(code for code in rows if str(code).startswith("627"))
    assert rows[costs] == (zero, Decimal(40), zero, Decimal(40), zero)
    assert not any(str(code).startswith("706") for code in rows)
    assert report.tables[0].total is not None
    assert report.tables[0].total[2] == zero
    year = view_of(load_ledger(closed), fiscal_year("2027"))
    closing = folder_figures.next_opening(year, year.books, "Essai")
    assert closing.lines[0].amount == Decimal(-40)
    keys = {check.key: check for check in run_checks(year)}
    assert keys["balance"].state is State.OK
