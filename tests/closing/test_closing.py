"""Closing, then changing the past: each change is found at its line; what belongs to next month is not a change."""

from __future__ import annotations

import datetime
import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import openpyxl
import pypdf
import pytest
from beancount.core.data import Transaction
from tests.acts.crash_walk import crash_walk, tree
from tests.closing.closing_ledger import (
    CLOSED_ON,
    JANUARY,
    close_month,
    errors_of,
    view_of,
    write_dossier,
)
from tests.roots import ROOTS

from acompta.acts import recover, writing
from acompta.closing.checks import State, fatal, run_checks
from acompta.closing.closings import closed_until
from acompta.closing.fec.export import exercise, make_fec
from acompta.closing.periods import read_period
from acompta.closing.plan import ClosingError, plan_seal, plan_validation, prepare_act
from acompta.closing.seal import read_entries_file
from acompta.loading import load_ledger

FILES = {
    f"{name}.{kind}"
    for name in (
        "acomptes-et-retenues",
        "balance-generale",
        "balances-agees",
        "chiffres",
        "controles",
        "grand-livre",
        "journaux",
        "tva-ca3",
    )
    for kind in ("xlsx", "pdf")
} | {"ecritures.tsv"}
START = ROOTS.count("\n")


def line_of(text: str) -> int:
    """Line in 2026-01.beancount where a line of January is."""
    return START + JANUARY[: JANUARY.index(text)].count("\n") + 1


@pytest.fixture(scope="module")
def closed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    main = write_dossier(tmp_path_factory.mktemp("clos") / "dossier")
    close_month(main, "2026-01", reports=True)
    return main.parent


@pytest.fixture
def closed(closed_once: Path, tmp_path: Path) -> Path:
    """A copy of the dossier with January closed; its main file."""
    shutil.copytree(closed_once, tmp_path / "dossier")
    return tmp_path / "dossier" / "main.beancount"


def edit(main: Path, old: str, new: str, name: str = "2026-01.beancount") -> None:
    path = main.parent / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_closing_writes_its_folder_and_its_line(closed: Path) -> None:
    assert errors_of(closed) == []
    folder = closed.parent / "clotures" / "2026-01"
    assert {path.name for path in folder.iterdir()} == FILES
    last = closed.read_text(encoding="utf-8").splitlines()[-2:]
    assert re.fullmatch(r'2026-01-31 custom "cloture" "2026-01" "[0-9a-f]{64}"', last[0])
    assert last[1] == "  date-cloture: 2026-12-05"
    sealed = read_entries_file(folder / "ecritures.tsv")
    assert sealed is not None
    # Six typed, and the VAT that the receipt made due.
    assert [entry.piece for entry in sealed].count("F2026-001") == 1
    assert len(sealed) == 7
    assert closed_until(load_ledger(closed).dossier.closings) == datetime.date(2026, 1, 31)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("12.00 EUR", "13.00 EUR", '2026-01-15 * "Banque" "Frais de janvier"', "modifiée"),
        (
            '2026-01-15 * "Banque" "Frais de janvier"',
            '2026-01-14 * "Banque" "Frais de janvier"',
            '2026-01-15 * "Banque" "Frais de janvier"',
            "date : 15/01/2026 à la clôture, 14/01/2026 aujourd'hui",
        ),
        (
            "Frais de janvier",
            "Frais de février",
            '2026-01-15 * "Banque" "Frais de janvier"',
            "libellé",
        ),
        (
            "Capitaux:101:Capital   -1000.00 EUR",
            "Produits:706:Conseil   -1000.00 EUR",
            '2026-01-02 * "Apport" "Capital"',
            "Produits:706:Conseil -1000 EUR aujourd'hui",
        ),
        (
            'numero: "F2026-001"',
            'numero: "F2026-002"',
            '2026-01-05 * "SCI Dupont" "Conseil"',
            "pièce : F2026-001 à la clôture, F2026-002 aujourd'hui",
        ),
    ],
    ids=["amount", "date", "label", "account", "piece"],
)
def test_a_change_is_an_error_at_its_line(
    closed: Path, old: str, new: str, line: str, words: str
) -> None:
    edit(closed, old, new)
    if "12.00" in old:
        edit(closed, "-12.00 EUR", "-13.00 EUR")
    found = [(name, at) for name, at, message in errors_of(closed) if words in message]
    assert found == [("2026-01.beancount", line_of(line))]


def test_a_whole_rewriting_is_one_change_at_its_line(closed: Path) -> None:
    """Label, account and amount changed together: the entry is still the one of that place and day."""
    old = JANUARY[
        JANUARY.index('2026-01-15 * "Banque" "Frais de carte"') : JANUARY.index("2026-01-20")
    ]
    new = (
        old.replace("Frais de carte", "Apport")
        .replace("3.00", "4.00")
        .replace("Charges:627:Frais", "Capitaux:101:Capital")
    )
    edit(closed, old, new)
    found = [(at, message) for _, at, message in errors_of(closed) if "clôture" in message]
    ((at, message),) = found
    assert at == line_of('2026-01-15 * "Banque" "Frais de carte"')
    assert "Charges:627:Frais 3 EUR" in message
    assert "Capitaux:101:Capital 4 EUR" in message


def test_the_document_of_a_changed_amount_is_named(closed: Path) -> None:
    edit(closed, "-500.00 EUR", "-510.00 EUR")
    lines = {at for _, at, message in errors_of(closed) if "modifiée après la clôture" in message}
    assert line_of('2026-01-05 * "SCI Dupont" "Conseil"') in lines


def test_a_deletion_is_an_error_at_the_closing(closed: Path) -> None:
    text = '2026-01-15 * "Banque" "Frais de carte"\n'
    start = JANUARY.index(text)
    edit(closed, JANUARY[start : JANUARY.index("2026-01-20")], "")
    ((name, at, message),) = [e for e in errors_of(closed) if "supprimée" in e[2]]
    assert name == "main.beancount"
    assert 'custom "cloture"' in closed.read_text(encoding="utf-8").splitlines()[at - 1]
    assert "15/01/2026 « Banque – Frais de carte »" in message


def test_an_addition_is_an_error_at_its_line_with_the_first_open_day(closed: Path) -> None:
    path = closed.parent / "2026-02.beancount"
    late = '\n2026-01-16 * "Banque" "Oubli"\n  Charges:627:Frais  1.00 EUR\n  Actif:512:Banque  -1.00 EUR\n'
    path.write_text(path.read_text(encoding="utf-8") + late, encoding="utf-8")
    ((name, _, message),) = [e for e in errors_of(closed) if "ajoutée" in e[2]]
    assert name == "2026-02.beancount"
    assert "datez-la du 01/02/2026" in message
    assert "date-reelle: 2026-01-16" in message
    edit(closed, "2026-01-16 *", "2026-02-01 *", "2026-02.beancount")
    assert [e for e in errors_of(closed) if "clôture" in e[2]] == []


def test_another_order_is_an_error(closed: Path) -> None:
    first = JANUARY.index('2026-01-15 * "Banque" "Frais de janvier"')
    second = JANUARY.index('2026-01-15 * "Banque" "Frais de carte"')
    third = JANUARY.index("2026-01-20")
    edit(closed, JANUARY[first:third], JANUARY[second:third] + JANUARY[first:second])
    ((name, at, message),) = errors_of(closed)
    assert "l'ordre des écritures a changé" in message
    assert (name, at) == ("2026-01.beancount", START + JANUARY[:first].count("\n") + 1)


def test_an_included_file_that_goes_is_found(closed: Path) -> None:
    edit(closed, 'include "2026-01.beancount"\n', "", "main.beancount")
    messages = [message for _, _, message in errors_of(closed) if "supprimée" in message]
    assert len(messages) == 7


def test_the_line_of_the_closing_and_its_file_are_protected(closed: Path) -> None:
    digests = closed.parent / "clotures" / "2026-01" / "ecritures.tsv"
    content = digests.read_text(encoding="utf-8")
    edit(closed, "12.00 EUR", "13.00 EUR")
    edit(closed, "-12.00 EUR", "-13.00 EUR")
    changed = content.replace(content.splitlines()[2][:32], "0" * 32)
    digests.write_text(changed, encoding="utf-8")
    assert any("a été changée ; rétablissez-les" in message for _, _, message in errors_of(closed))
    digests.unlink()
    assert any("manque ou est illisible" in message for _, _, message in errors_of(closed))


def closing_line(main: Path) -> int:
    lines = main.read_text(encoding="utf-8").splitlines()
    return next(at for at, line in enumerate(lines, 1) if 'custom "cloture"' in line)


def test_the_day_of_a_closing_cannot_be_changed(closed: Path) -> None:
    """It is the ValidDate of the FEC (LPF art. A47 A-1, VII, 16)."""
    edit(closed, "date-cloture: 2026-12-05", "date-cloture: 2026-02-05", "main.beancount")
    ((name, at, message),) = errors_of(closed)
    assert (name, at) == ("main.beancount", closing_line(closed))
    assert "date-cloture:" in message


def test_the_reason_that_passed_over_a_check_cannot_be_changed(closed: Path) -> None:
    edit(
        closed,
        "date-cloture: 2026-12-05",
        'date-cloture: 2026-12-05\n  malgre: "rien"',
        "main.beancount",
    )
    ((_, at, message),) = errors_of(closed)
    assert at == closing_line(closed)
    assert "malgre:" in message


def test_a_closing_in_the_first_form_is_still_read(closed: Path) -> None:
    """« acompta cloture 1 », worked here: name, last day, 64 zeros, then the digests."""
    sealed = read_entries_file(closed.parent / "clotures" / "2026-01" / "ecritures.tsv")
    assert sealed is not None
    lines = (
        "acompta cloture 1",
        "2026-01",
        "2026-01-31",
        "0" * 64,
        *(one.digest for one in sealed),
    )
    first = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = closed.read_text(encoding="utf-8")
    closed.write_text(re.sub(r"[0-9a-f]{64}", first, text), encoding="utf-8")
    assert errors_of(closed) == []
    edit(closed, "Frais de carte", "Frais")
    assert any("Frais de carte" in message for _, _, message in errors_of(closed))


def test_an_entry_put_after_the_closing_is_told_at_its_line(closed: Path) -> None:
    edit(closed, "2026-01-05 *", "2026-02-05 *")
    (found,) = [(at, message) for _, at, message in errors_of(closed) if "sortie" in message]
    assert found[0] == line_of('2026-01-05 * "SCI Dupont" "Conseil"')
    assert "05/01/2026 à la clôture, 05/02/2026 aujourd'hui" in found[1]


def test_an_entry_like_one_of_every_month_is_not_taken_for_it(closed: Path) -> None:
    """The fees of January are erased; those of February say the same: they are another entry."""
    start = JANUARY.index('2026-01-15 * "Banque" "Frais de carte"\n')
    fees = JANUARY[start : JANUARY.index("2026-01-20")]
    edit(closed, fees, "")
    path = closed.parent / "2026-02.beancount"
    path.write_text(
        path.read_text(encoding="utf-8") + fees.replace("-01-", "-02-"), encoding="utf-8"
    )
    assert any("supprimée" in message for _, _, message in errors_of(closed))


def test_a_link_taken_away_is_told_at_the_payment(closed: Path) -> None:
    """The VAT that the payment made due is gone with its link: 600.00 received, 100.00 of VAT."""
    edit(closed, ' "Virement" ^F2026-001', ' "Virement"')
    ((name, at, message),) = errors_of(closed)
    assert (name, at) == ("2026-01.beancount", line_of('2026-01-20 * "SCI Dupont" "Virement"'))
    assert "cette écriture ne passe plus « SCI Dupont – TVA exigible sur encaissement »" in message
    assert "rétablissez son lien" in message


def test_what_belongs_to_the_next_month_is_not_a_change(closed: Path) -> None:
    """Lettering, links of lettering, documents, comments, blank lines and attached keys are outside the seal."""
    edit(
        closed,
        '2026-01-15 * "Banque" "Frais de carte"\n',
        '2026-01-15 * "Banque" "Frais de carte" ^FC-1\n',
    )
    edit(
        closed,
        "  Charges:627:Frais         12.00 EUR\n",
        '  Charges:627:Frais  12.0 EUR\n    lettrage: "AB"\n',
    )
    edit(closed, '2026-01-02 * "Apport"', ';; un commentaire\n\n2026-01-02 * "Apport"')
    edit(closed, '  numero: "F2026-001"\n', '  numero: "F2026-001"\n  document: "f.pdf"\n')
    assert errors_of(closed) == []


def test_a_link_given_later_makes_vat_due_on_the_first_open_day(tmp_path: Path) -> None:
    """The receipt of 20 January is linked once January is closed: its VAT is due on 1 February, and stays there."""
    main = write_dossier(tmp_path / "dossier")
    edit(main, '"Virement" ^F2026-001', '"Virement"')
    edit(main, JANUARY[JANUARY.index("2026-01-31") :], "")
    close_month(main, "2026-01")
    edit(main, '"Virement"', '"Virement" ^F2026-001')
    for closed in ("", "2026-02", "2026-03"):
        if closed:
            close_month(main, closed)
        assert errors_of(main) == []
        due = [
            (entry.date, entry.meta["date-reelle"])
            for entry in load_ledger(main).entries
            if isinstance(entry, Transaction) and "exigibilite" in entry.meta
        ]
        assert due == [(datetime.date(2026, 2, 1), datetime.date(2026, 1, 20))]


def test_a_link_given_two_closings_later_goes_to_the_open_month(tmp_path: Path) -> None:
    main = write_dossier(tmp_path / "dossier")
    edit(main, '"Virement" ^F2026-001', '"Virement"')
    edit(main, JANUARY[JANUARY.index("2026-01-31") :], "")
    close_month(main, "2026-01")
    close_month(main, "2026-02")
    edit(main, '"Virement"', '"Virement" ^F2026-001')
    assert errors_of(main) == []
    (due,) = [
        entry
        for entry in load_ledger(main).entries
        if isinstance(entry, Transaction) and "exigibilite" in entry.meta
    ]
    assert (due.date, due.meta["date-reelle"]) == (
        datetime.date(2026, 3, 1),
        datetime.date(2026, 1, 20),
    )


def test_the_second_month_is_chained_to_the_first(closed: Path) -> None:
    close_month(closed, "2026-02")
    assert errors_of(closed) == []
    text = closed.read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if '"2026-01" "' in line)
    other = "ab" if first[-3:-1] != "ab" else "cd"
    closed.write_text(text.replace(first, f'{first[:-3]}{other}"'), encoding="utf-8")
    wrong = [at for _, at, message in errors_of(closed) if "clôture antérieure" in message]
    assert len(wrong) == 2


def test_a_month_is_closed_once(closed: Path) -> None:
    with pytest.raises(ClosingError, match="déjà clôturé"):
        close_month(closed, "2026-01")


# -- a fiscal year; a whole one of an example is in test_full_year.py --------------------------------------------


def test_a_fiscal_year_that_ends_in_june(tmp_path: Path) -> None:
    """From 1 July 2025 to 30 June 2026; it is closed after June, and only then."""
    main = write_dossier(tmp_path / "dossier")
    text = main.read_text(encoding="utf-8")
    siren = '  siren: "732829320"\n'
    main.write_text(text.replace(siren, f'{siren}  fin-exercice: "06-30"\n'), encoding="utf-8")
    year = exercise(load_ledger(main), "2026")
    assert (year.start, year.end) == (datetime.date(2025, 7, 1), datetime.date(2026, 6, 30))
    keys = {check.key for check in fatal(run_checks(view_of(load_ledger(main), year)))}
    assert keys == {"mois-precedent"}
    for month in range(1, 7):
        close_month(main, f"2026-{month:02d}")
    checks = run_checks(view_of(load_ledger(main), year))
    # Statements stop at the end of February: the bank is not asserted at the end of June.
    assert [check.key for check in checks if check.state is State.BAD] == ["releves"]
    with writing(main, "cloturer") as desk:
        plan = plan_seal(desk.load(), year, CLOSED_ON)
        prepare_act(desk, plan, "exercice").commit()
    assert errors_of(main) == []
    assert [c.name for c in load_ledger(main).dossier.closings][-2:] == ["2026-06", "2026"]


# -- all or nothing ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_crash_leaves_the_month_open_or_closed(tmp_path: Path) -> None:
    """Killed at each writing call: after the next run, the dossier is as before or wholly closed."""

    def fresh(number: int) -> Path:
        return write_dossier(tmp_path / str(number)).parent

    def close(folder: Path) -> None:
        close_month(folder / "main.beancount", "2026-01")

    old = tree(fresh(0))
    outcomes = set()
    for crash in crash_walk(fresh, close):
        recover(crash.folder)
        now = tree(crash.folder)
        closed = "clotures/2026-01/ecritures.tsv" in now
        outcomes.add(closed)
        if not closed:
            assert now == old, crash
        assert errors_of(crash.folder / "main.beancount") == [], crash
    assert outcomes == {False, True}


# -- validation -------------------------------------------------------------------------------------------------


def validate(main: Path, until: datetime.date, day: datetime.date) -> None:
    with writing(main, "valider") as desk:
        prepare_act(desk, plan_validation(desk.load(), until, day), "validation").commit()


def test_validating_forbids_changes_and_lets_the_month_open(tmp_path: Path) -> None:
    main = write_dossier(tmp_path / "dossier")
    validate(main, datetime.date(2026, 1, 16), datetime.date(2026, 1, 18))
    assert errors_of(main) == []
    _add(
        main, '2026-01-10 * "Banque" "Ajout"', "  Charges:627:Frais  0.00 EUR", "  Actif:512:Banque"
    )
    assert errors_of(main) == []
    edit(main, "12.00 EUR", "13.00 EUR")
    edit(main, "-12.00 EUR", "-13.00 EUR")
    found = [message for _, _, message in errors_of(main) if "modifiée" in message]
    assert len(found) == 1


def valid_dates(main: Path) -> dict[str, datetime.date | None]:
    """The ValidDate of each entry of the FEC of 2026, by its label; an entry has one."""
    loaded = load_ledger(main)
    assert not loaded.errors, loaded.errors
    fec = make_fec(loaded, exercise(loaded, "2026"))
    dates = {(line.number, line.label): line.valid for line in fec.lines}
    return {f"{label} {number}": valid for (number, label), valid in dates.items()}


def dates_of(main: Path, label: str) -> list[datetime.date | None]:
    return [valid for name, valid in valid_dates(main).items() if label in name]


def test_the_day_of_validation_is_the_first_of_validation_and_closing(tmp_path: Path) -> None:
    """Validated on 18 January up to the 16th; the rest of January with its closing; February not yet."""
    main = write_dossier(tmp_path / "dossier")
    validate(main, datetime.date(2026, 1, 16), datetime.date(2026, 1, 18))
    assert dates_of(main, "Capital") == [datetime.date(2026, 1, 18)]
    assert dates_of(main, "Virement") == [None]
    close_month(main, "2026-01")
    assert dates_of(main, "Capital") == [datetime.date(2026, 1, 18)]
    assert dates_of(main, "Frais") == [datetime.date(2026, 1, 18)] * 2
    assert dates_of(main, "Virement") == [CLOSED_ON]
    assert dates_of(main, "TVA de janvier payée") == [None]


LATE: Final = (
    '\n2026-01-10 * "Banque" "{}"\n  Charges:627:Frais  5.00 EUR\n  Actif:512:Banque  -5.00 EUR\n'
)


def test_an_entry_added_after_a_validation_is_validated_by_the_next_one(tmp_path: Path) -> None:
    """Dated before a validation, typed after it: the next validation that holds it gives its date, or the closing."""
    main = write_dossier(tmp_path / "dossier")
    validate(main, datetime.date(2026, 1, 16), datetime.date(2026, 1, 18))
    edit(main, "1585.00", "1580.00", "2026-02.beancount")
    edit(main, "1485.00", "1480.00", "2026-02.beancount")
    _add(main, LATE.format("Oubliée"))
    assert dates_of(main, "Oubliée") == [None]
    assert dates_of(main, "Capital") == [datetime.date(2026, 1, 18)]
    numbers = [name for name, valid in valid_dates(main).items() if valid is not None]
    validate(main, datetime.date(2026, 1, 17), datetime.date(2026, 1, 22))
    assert dates_of(main, "Oubliée") == [datetime.date(2026, 1, 22)]
    # What was validated before it keeps its number: « label number » begins the file as it did.
    assert list(valid_dates(main))[: len(numbers)] == numbers
    edit(main, "1580.00", "1575.00", "2026-02.beancount")
    edit(main, "1480.00", "1475.00", "2026-02.beancount")
    _add(main, LATE.format("Plus tard encore"))
    assert dates_of(main, "Plus tard encore") == [None]
    close_month(main, "2026-01")
    assert dates_of(main, "Plus tard encore") == [CLOSED_ON]
    assert dates_of(main, "Oubliée") == [datetime.date(2026, 1, 22)]


def test_two_entries_that_say_the_same_are_validated_one_by_one(tmp_path: Path) -> None:
    """Two identical charges of 5.00: the second, typed later, is not validated by the first; losing one is seen."""
    main = write_dossier(tmp_path / "dossier")
    (main.parent / "2026-02.beancount").write_text(ROOTS, encoding="utf-8")  # no statement
    _add(main, LATE.format("Jumelle"))
    january = main.parent / "2026-01.beancount"
    validate(main, datetime.date(2026, 1, 16), datetime.date(2026, 1, 18))
    assert dates_of(main, "Jumelle") == [datetime.date(2026, 1, 18)]
    _add(main, LATE.format("Jumelle"))
    assert dates_of(main, "Jumelle") == [datetime.date(2026, 1, 18), None]
    validate(main, datetime.date(2026, 1, 17), datetime.date(2026, 1, 22))
    assert dates_of(main, "Jumelle") == [datetime.date(2026, 1, 18), datetime.date(2026, 1, 22)]
    text = january.read_text(encoding="utf-8")
    january.write_text(text.removesuffix(LATE.format("Jumelle") + "\n"), encoding="utf-8")
    assert len([message for _, _, message in errors_of(main) if "supprimée" in message]) == 1


# -- the reports ------------------------------------------------------------------------------------------------


def test_the_reports_tell_the_accounts(closed: Path) -> None:
    folder = closed.parent / "clotures" / "2026-01"
    sheet = openpyxl.load_workbook(folder / "balance-generale.xlsx").worksheets[0]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert rows["512BANQUE"][5] == pytest.approx(1585)
    assert rows["Total"][3] == rows["Total"][4] == pytest.approx(1000 + 600 + 15 + 600 + 100 + 100)
    journals = openpyxl.load_workbook(folder / "journaux.xlsx").sheetnames
    assert journals == ["VE Ventes", "BQ Banque", "OD Opérations diverses"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(folder / "chiffres.pdf").pages)
    assert "Chiffre d’affaires" in text
    assert "1 585,00" in text.replace("\u202f", " ")


# -- what refuses a closing ---------------------------------------------------------------------------------------

Change = Callable[[Path], None]


def _error(main: Path) -> None:
    edit(main, "12.00 EUR", "12.50 EUR")


def _add(main: Path, *lines: str) -> None:
    path = main.parent / "2026-01.beancount"
    text = "\n".join(("", *lines, ""))
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _gap(main: Path) -> None:
    _add(
        main,
        '2026-01-25 * "SCI Dupont" "Conseil" #facture',
        '  numero: "F2026-003"',
        "  Actif:411:Dupont",
        "  Produits:706:Conseil  -1.00 EUR",
    )


def _other_4191(main: Path) -> None:
    _add(
        main,
        "2026-01-01 open Passif:4191:Dupont EUR",
        '2026-01-25 * "Erreur" "Acompte à la main"',
        "  Actif:512:Banque     10.00 EUR",
        "  Passif:4191:Dupont  -10.00 EUR",
    )


def _other_44574(main: Path) -> None:
    _add(
        main,
        '2026-01-25 * "Erreur" "TVA à la main"',
        "  Actif:512:Banque     10.00 EUR",
        "  Passif:44574:TVA20  -10.00 EUR",
    )


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (_error, "erreurs"),
        (_gap, "numeros"),
        (_other_4191, "acomptes"),
        (_other_44574, "tva-en-attente"),
    ],
)
def test_what_no_reason_passes_over(tmp_path: Path, change: Change, key: str) -> None:
    main = write_dossier(tmp_path / "dossier")
    change(main)
    checks = run_checks(view_of(load_ledger(main), read_period("2026-01")))
    assert key in {check.key for check in fatal(checks)}


def test_the_month_before_comes_first(tmp_path: Path) -> None:
    main = write_dossier(tmp_path / "dossier")
    february = read_period("2026-02")
    checks = run_checks(view_of(load_ledger(main), february))
    assert [check.key for check in fatal(checks)] == ["mois-precedent"]
    close_month(main, "2026-01")
    checks = run_checks(view_of(load_ledger(main), february))
    assert [check.key for check in checks if check.state is State.BAD] == []
