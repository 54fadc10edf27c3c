"""A FEC becomes a dossier: the same balances, titles, letters; foreign charts; what cannot be trusted is refused."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acompta.closing.fec.checker import check_fec
from acompta.closing.fec.export import Fec, FecError, FecLine, exercise, make_fec
from acompta.closing.fec.form import HEADER
from acompta.closing.fec.installing import install
from acompta.closing.fec.takeover import Names, component, root_of
from acompta.loading import load_ledger

D = Decimal
ROOT = Path(__file__).parents[2]
DOSSIERS = sorted(ROOT.glob("ledgers/*/main.beancount"))
VALIDATED = datetime.date(2027, 1, 31)
NAME = "732829320FEC20260630.txt"


def export(path: Path, year: str = "2026") -> Fec:
    loaded = load_ledger(path)
    assert not loaded.errors, loaded.errors[0]
    return make_fec(loaded, exercise(loaded, year), validated_on=VALIDATED)


def _told(line: FecLine) -> tuple[object, ...]:
    code = line.code
    return (
        line.journal, line.journal_title, line.date, code.number, code.title, code.auxiliary, code.auxiliary_title,
        line.label, line.debit, line.credit, line.letter, line.letter_date,
    )  # fmt: skip


def _shown(lines: tuple[FecLine, ...]) -> list[str]:
    text = (str(_told(line)).replace("–", "-").replace("’", "'") for line in lines)
    return sorted(" ".join(one.replace("\\xa0", " ").split()) for one in text)


@pytest.mark.parametrize("path", DOSSIERS, ids=lambda path: path.parent.name)
def test_there_and_back(path: Path, tmp_path: Path) -> None:
    """Export, take over, export again: the same lines, and a checker that has nothing to say."""
    first = export(path)
    file = tmp_path / first.name
    file.write_bytes(first.content())
    install(file, tmp_path / "repris")
    again = export(tmp_path / "repris")
    assert _shown(again.lines) == _shown(first.lines)
    (tmp_path / "2").mkdir()
    second = tmp_path / "2" / again.name
    second.write_bytes(again.content())
    assert check_fec(second).findings == ()


def _row(journal: str, number: str, day: str, account: tuple[str, str], *rest: str) -> list[str]:
    auxiliary, label, debit, credit, letter, foreign, currency = (
        *rest,
        "",
        "",
        "",
        "",
        "",
        "",
        "",
    )[:7]
    code, title = account
    titles = {"RAN": "Report à nouveau", "VT": "Ventes boutique", "BQ1": "Banque n° 1"}
    return [
        journal, titles[journal], number, day, code, title, auxiliary, auxiliary and f"Tiers « {auxiliary} »",
        f"P-{number}", "20250630", label, debit, credit, letter, letter and day, "20260715", foreign, currency,
    ]  # fmt: skip


CLIENTS, SALES, VAT = ("41100000", "Clients"), ("70700000", "Ventes"), ("44571200", "TVA 20 %")
BANK, DOLLARS, CAPITAL = (
    ("51200000", 'Banque "Nord"'),
    ("51240000", "Dollars"),
    ("10100000", "Capital"),
)
LETTERED = ("411DUPONT", "Dupont, sans auxiliaire")


def foreign_rows() -> list[list[str]]:
    """8-digit accounts, numbers restarted by journal, auxiliaries with odd characters, a June closing."""
    return [
        _row("RAN", "1", "20250701", BANK, "", "À nouveau", "1000,00"),
        _row("RAN", "1", "20250701", CAPITAL, "", "À nouveau", "", "1000,00"),
        _row("VT", "1", "20250710", CLIENTS, "C/00 12", "Facture é", "120,00", "", "A"),
        _row("VT", "1", "20250710", SALES, "", "Facture é", "", "100,00"),
        _row("VT", "1", "20250710", VAT, "", "TVA de la facture", "", "20,00"),
        _row("VT", "2", "20250711", CLIENTS, "C-00-12", "Autre client", "12,00"),
        _row("VT", "2", "20250711", CLIENTS, "été&fils", "Autre client", "5,00"),
        _row("VT", "2", "20250711", LETTERED, "", "Autre client", "", "17,00"),
        _row("BQ1", "1", "20250801", BANK, "", "Virement", "120,00"),
        _row("BQ1", "1", "20250801", CLIENTS, "C/00 12", "Virement", "", "120,00", "A"),
        _row("BQ1", "2", "20250802", DOLLARS, "", "Change", "92,00", "", "", "100,00", "USD"),
        _row("BQ1", "2", "20250802", BANK, "", "Change", "", "92,00"),
    ]


def write(
    folder: Path, rows: list[list[str]], separator: str = "\t", charset: str = "utf-8"
) -> Path:
    path = folder / NAME
    text = "".join(separator.join(row) + "\r\n" for row in [list(HEADER), *rows])
    path.write_bytes(text.encode(charset))
    return path


@pytest.mark.parametrize(
    ("separator", "charset"), [("\t", "utf-8"), ("|", "iso8859-15"), ("\t", "cp850")]
)
def test_a_foreign_chart(tmp_path: Path, separator: str, charset: str) -> None:
    rows = foreign_rows()
    if charset != "utf-8":
        rows = [[field.replace("« ", "").replace(" »", "") for field in row] for row in rows]
    done = install(write(tmp_path, rows, separator, charset), tmp_path / "dossier")
    assert (done.accounts, len(done.origin.movements)) == (8, 5)
    fec = export(tmp_path / "dossier")
    assert fec.name == NAME
    assert [line.journal for line in fec.lines[:2]] == ["RAN", "RAN"]
    assert fec.journals == {
        "BQ1": "Banque n° 1",
        "RAN": "Report à nouveau",
        "VT": "Ventes boutique",
    }
    balances: dict[tuple[str, str], Decimal] = {}
    for line in fec.lines:
        key = (line.code.number, line.code.auxiliary)
        balances[key] = balances.get(key, D(0)) + line.debit - line.credit
    assert {key: amount for key, amount in balances.items() if amount} == {
        ("51200000", ""): D("1028.00"),
        ("10100000", ""): D("-1000.00"),
        ("41100000", "C-00-12"): D("12.00"),
        ("41100000", "été&fils"): D("5.00"),
        ("411DUPONT", ""): D("-17.00"),
        ("70700000", ""): D("-100.00"),
        ("44571200", ""): D("-20.00"),
        ("51240000", ""): D("92.00"),
    }
    sale = next(line for line in fec.lines if line.code.auxiliary == "C/00 12")
    assert (sale.letter, sale.letter_date, sale.piece, sale.piece_date.isoformat()) == (
        "A", datetime.date(2025, 8, 1), "P-1", "2025-06-30",
    )  # fmt: skip
    assert {line.code.title for line in fec.lines if line.code.number == "41100000"} == {"Clients"}
    dollars = next(line for line in fec.lines if line.code.number == "51240000")
    assert (dollars.foreign, dollars.currency) == (D("100"), "USD")


def test_names_of_accounts() -> None:
    names = Names()
    assert names["41100000", "C/00 12"] == "Actif:41100000:C-00-12"
    assert names["41100000", "C-00-12"] == "Actif:41100000:C-00-12-2"
    assert names["41100000", "été&fils"] == "Actif:41100000:Été-fils"
    assert names["411DUPONT", ""] == "Actif:411:DUPONT"
    assert names["44571200", ""] == "Passif:44571200"
    assert root_of("890") == "Capitaux"


def test_an_unbalanced_file_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    rows = foreign_rows()
    rows[3][12] = "99,00"
    with pytest.raises(FecError) as caught:
        install(write(tmp_path, rows), tmp_path / "dossier")
    assert "Écriture déséquilibrée (1)" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "dossier"
    target.mkdir()
    (target / "notes.txt").write_text("à garder", encoding="utf-8")
    with pytest.raises(FecError, match="n'est pas vide"):
        install(write(tmp_path, foreign_rows()), target)
    assert (target / "notes.txt").read_text(encoding="utf-8") == "à garder"


@given(st.text(max_size=20))
def test_any_auxiliary_makes_an_account(text: str) -> None:
    from beancount.core.account import is_valid  # noqa: PLC0415

    found = component(text)
    if text.strip():
        assert is_valid(f"Assets:411:{found}")
    else:
        assert not found
