"""The shipped chart of accounts: the whole official list, on the right side, and in nobody's way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Open
from fava.core import FavaLedger

from pcg.build_chart import IN_USE, TARGET, chart_text, read_official_list, root_of, write_whole

OFFICIAL = [account for account in read_official_list() if len(account.number) > 1]

# An accountant's own dossier: French roots repeated, the chart included, detail accounts opened beside.
DOSSIER = f"""
option "title" "Essai"
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
include "{TARGET}"
"""

DETAIL = """
2026-01-01 open Actif:411:Dupont EUR
2026-01-01 open Passif:4191:Dupont EUR
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Produits:706:Conseil EUR
2026-02-01 * "Dupont" "Conseil"
  Actif:411:Dupont          120.00 EUR
  Passif:44571:TVA20        -20.00 EUR
  Produits:706:Conseil     -100.00 EUR
2026-02-02 * "Dupont" "Virement"
  Actif:512                 120.00 EUR
  Actif:411:Dupont
"""

HOURS = """
2026-02-01 * "Dupont" "Deux heures"
  Actif:411                 180.00 EUR
  Produits:706                  -2 HEURE @ 90.00 EUR
"""


def load(tmp_path: Path, text: str) -> tuple[list[Open], list[str], dict[str, Any]]:
    ledger = tmp_path / "main.beancount"
    ledger.write_text(DOSSIER + text, encoding="utf-8")
    entries, errors, options = loader.load_file(str(ledger))
    opens = [entry for entry in entries if isinstance(entry, Open)]
    return opens, [error.message for error in errors], options


def chart_accounts(opens: list[Open]) -> dict[str, Open]:
    return {entry.account.split(":")[1]: entry for entry in opens}


def test_the_file_is_what_the_list_gives() -> None:
    assert TARGET.read_text(encoding="utf-8") == chart_text(read_official_list())


def test_it_loads_alone_and_included_without_a_word(tmp_path: Path) -> None:
    assert loader.load_file(str(TARGET))[1] == []
    assert load(tmp_path, DETAIL)[1] == []


def test_every_official_account_is_open_under_its_title(tmp_path: Path) -> None:
    opens, _, _ = load(tmp_path, "")
    accounts = chart_accounts(opens)
    expected = {account.number: account.title for account in [*OFFICIAL, *IN_USE]}
    assert {number: entry.meta["titre"] for number, entry in accounts.items()} == expected
    assert len(opens) == len(OFFICIAL) + 2


def test_the_list_read_is_the_whole_list() -> None:
    # 838 rows in the list in force on 1 January 2026, of which 7 are titles of classes.
    assert len(OFFICIAL) == 831
    assert {number[0] for number, *_ in OFFICIAL} == set("1234567")
    assert {account.number for account in OFFICIAL} >= {"101", "4191", "44571", "68174", "7583"}
    assert {account.number for account in IN_USE} == {"44564", "44574"}


def test_names_are_root_and_number_only(tmp_path: Path) -> None:
    opens, _, options = load(tmp_path, "")
    roots = {
        options[f"name_{kind}"]
        for kind in ("assets", "liabilities", "equity", "income", "expenses")
    }
    assert {entry.account.split(":")[0] for entry in opens} == roots
    assert all(entry.account.split(":")[1].isdigit() for entry in opens)
    assert {entry.account.count(":") for entry in opens} == {1}


@pytest.mark.parametrize(
    ("root", "numbers"),
    [
        ("Capitaux", "101 106 108 110 119 120 1209 129 131 139 145"),
        ("Actif", "109 169 205 2182 238 275 28183 2915 31 37 391"),
        ("Passif", "151 164 165 171 181 229 269 279 509"),
        ("Passif", "401 403 404 408 4191 4196 4198 421 4282 431 4386 4421 444 447 4481"),
        ("Actif", "4091 4096 4098 411 4117 413 416 4181 425 439 441 4482"),
        ("Passif", "4452 4455 44551 4457 44571 44574 44578 44584 44587"),
        ("Actif", "4456 44562 44564 44566 44567 44568 44581 44583 44586"),
        ("Passif", "451 455 4551 4563 457 464 468 475 4751 477 487 4871"),
        ("Actif", "4561 4562 45621 462 465 467 471 474 476 481 486 491 4962"),
        ("Actif", "503 5112 5121 5188 522 53 58 590"),
        ("Passif", "5181 519 5191"),
        ("Charges", "601 603 609 6135 629 641 654 6581 665 68174 695 699"),
        ("Produits", "701 706 709 7091 713 7581 765 78174"),
    ],
)
def test_each_account_stands_on_its_side_of_the_balance_sheet(root: str, numbers: str) -> None:
    assert {number: root_of(number) for number in numbers.split()} == dict.fromkeys(
        numbers.split(), root
    )


def test_a_class_that_the_table_does_not_know_is_refused() -> None:
    with pytest.raises(KeyError, match="801"):
        root_of("801")


def test_headings_are_marked_and_accounts_without_subdivision_are_not(tmp_path: Path) -> None:
    accounts = chart_accounts(load(tmp_path, "")[0])
    two_digits = {number for number in accounts if len(number) == 2}
    headings = {number for number, entry in accounts.items() if entry.meta.get("rubrique")}
    assert two_digits - headings == {"31", "36", "37", "38", "53", "58"}
    assert headings <= two_digits


def test_no_account_of_the_chart_serves_one_rate_only(tmp_path: Path) -> None:
    assert not [entry.account for entry in load(tmp_path, "")[0] if "taux" in entry.meta]


def test_hours_are_refused_where_the_plugin_did_not_turn_them_into_euros(tmp_path: Path) -> None:
    _, errors, _ = load(tmp_path, HOURS)
    assert len(errors) == 1
    assert "HEURE" in errors[0]
    assert "Produits:706" in errors[0]


def test_fava_is_told_to_show_the_accounts_in_use_only(tmp_path: Path) -> None:
    load(tmp_path, DETAIL)
    options = FavaLedger(str(tmp_path / "main.beancount")).fava_options
    assert options.show_accounts_with_zero_transactions is False


def test_a_write_cut_short_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "pcg.beancount"
    write_whole(target, "ancien")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disque plein")))
    with pytest.raises(OSError, match="disque plein"):
        write_whole(target, "nouveau")
    assert target.read_text(encoding="utf-8") == "ancien"
    assert [path.name for path in tmp_path.iterdir()] == ["pcg.beancount"]
