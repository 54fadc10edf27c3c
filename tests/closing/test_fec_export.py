"""The FEC made from a ledger: worked by hand, and every example dossier."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.samples import ACCOUNTS, STORY, load_text

from acompta.closing.fec.checker import check_fec
from acompta.closing.fec.export import Fec, FecError, exercise, make_fec, sources_text
from acompta.closing.fec.form import HEADER, Charset, clean
from acompta.closing.journals import Books
from acompta.closing.periods import PeriodError
from acompta.loading import Loaded, load_ledger
from acompta.rounding import ZERO

D = Decimal
ROOT = Path(__file__).parents[2]
DOSSIERS = sorted(ROOT.glob("ledgers/*/main.beancount"))
VALIDATED = datetime.date(2027, 1, 31)
SELLER = ACCOUNTS.replace('  regime-tva: "encaissements"', '  siren: "732829320"')
each_dossier = pytest.mark.parametrize("path", DOSSIERS, ids=lambda path: path.parent.name)


def fec_of(text: str, year: str = "2026", accounts: str = SELLER) -> Fec:
    loaded = load_text(text, accounts)
    assert not loaded.errors, loaded.errors
    return make_fec(loaded, exercise(loaded, year), validated_on=VALIDATED)


def rows(fec: Fec) -> list[list[str]]:
    return [line.rstrip("\r\n").split("\t") for line in fec.text()][1:]


def test_one_invoice_and_its_payment() -> None:
    """100 € at 20 %, on receipts, paid: three entries, lettered on 411 and 44574."""
    fec = fec_of(
        '2026-01-05 * "SCI Dupont" "Travaux" #facture\n  numero: "F2026-001"\n'
        "  Actif:411:Dupont\n  Produits:704:Travaux -100.00 EUR\n\n"
        '2026-02-20 * "SCI Dupont" "Virement" ^F2026-001\n'
        "  Actif:512:Banque 120.00 EUR\n  Actif:411:Dupont\n"
    )
    sale = ["VE", "Ventes", "1", "20260105"]
    piece = ["F2026-001", "20260105", "SCI Dupont - Travaux"]
    assert rows(fec)[:3] == [
        [*sale, "411", "Clients", "Dupont", "SCI Dupont", *piece, "120,00", "0,00", "AA", "20260220",
         "20270131", "", ""],
        [*sale, "704TRAVAUX", "Travaux", "", "", *piece, "0,00", "100,00", "", "", "20270131", "", ""],
        [*sale, "44574TVA20", "TVA collectée en attente d'encaissement - TVA20", "", "", *piece, "0,00", "20,00",
         "AA", "20260220", "20270131", "", ""],
    ]  # fmt: skip
    assert [(row[0], row[2], row[8]) for row in rows(fec)[3:]] == [
        ("BQ", "2", "F2026-001"),
        ("BQ", "2", "F2026-001"),
        ("OD", "3", "F2026-001"),
        ("OD", "3", "F2026-001"),
    ]
    assert (fec.name, fec.entries, fec.total) == ("732829320FEC20261231.txt", 3, D("260.00"))


def test_drafts_and_contracts_are_never_in_it() -> None:
    fec = fec_of(
        '2026-01-05 * "SCI Dupont" "Extension" #contrat ^D2026-001\n  Actif:411:Dupont\n'
        "  Produits:704:Travaux -100.00 EUR\n\n"
        '2026-01-06 ! "SCI Dupont" "Brouillon" #facture\n  Actif:411:Dupont\n'
        "  Produits:704:Travaux -100.00 EUR\n"
    )
    assert (fec.entries, list(fec.text())) == (0, ["\t".join(HEADER) + "\r\n"])


TWO_YEARS = """
2025-06-01 * "À-nouveaux"
  Actif:512:Banque    500.00 EUR
  Capitaux:110:Report

2025-12-10 * "SCI Dupont" "Travaux" #facture
  numero: "F2025-001"
  Actif:411:Dupont
  Produits:704:Travaux -100.00 EUR

2025-12-15 * "SCI Dupont" "Travaux, suite" #facture
  numero: "F2025-002"
  Actif:411:Dupont
  Produits:704:Travaux -50.00 EUR

2026-01-20 * "SCI Dupont" "Virement" ^F2025-001
  Actif:512:Banque   120.00 EUR
  Actif:411:Dupont
"""


def opening(fec: Fec) -> list[tuple[str, str, Decimal, str]]:
    return [
        (line.code.full_number, line.piece, line.debit - line.credit, line.letter)
        for line in fec.lines
        if line.number == 1
    ]


def test_opening_balances_are_derived() -> None:
    """150 € of profit go to 120, class 7 starts at zero, and each open invoice has its line, lettered when paid.

    On 31/12/2025: 512 500; 411 120 + 60; 44574 −20 − 10; 110 −500; result −150.
    """
    fec = fec_of(TWO_YEARS, accounts=SELLER.replace("2026-01-01", "2025-01-01"))
    assert opening(fec) == [
        ("110REPORT", "AN20260101", D("-500.00"), ""),
        ("120", "AN20260101", D("-150.00"), ""),
        ("411 Dupont", "F2025-001", D("120.00"), "AA"),
        ("411 Dupont", "F2025-002", D("60.00"), ""),
        ("44574TVA20", "F2025-001", D("-20.00"), "AA"),
        ("44574TVA20", "F2025-002", D("-10.00"), ""),
        ("512BANQUE", "AN20260101", D("500.00"), ""),
    ]
    assert {line.journal for line in fec.lines if line.number == 1} == {"AN"}
    assert sum(amount for _, _, amount, _ in opening(fec)) == ZERO


def test_an_invoice_of_the_year_before() -> None:
    """ODO-19: 3 000 invoiced in 2025 without VAT: 120 credited, 411 debited with its third party."""
    text = """
2025-12-10 * "SCI Dupont" "Travaux" #facture
  numero: "F2025-001"
  Actif:411:Dupont
  Produits:704:Travaux -3000.00 EUR
"""
    franchise = 'siren: "732829320"\n  regime-tva: "franchise"'
    accounts = SELLER.replace('siren: "732829320"', franchise).replace("2026-01-01", "2025-01-01")
    assert opening(fec_of(text, accounts=accounts)) == [
        ("120", "AN20260101", D("-3000.00"), ""),
        ("411 Dupont", "F2025-001", D("3000.00"), ""),
    ]


def test_results_of_earlier_years_stay_apart() -> None:
    """2024 loses 50 (129, moved to 119 in 2025), 2025 earns 80 (120): 2026 opens with 119 and 120, nothing on 129."""
    text = """
2024-03-01 * "Perte"
  Charges:654:Pertes  50.00 EUR
  Actif:512:Banque

2025-03-01 * "Produit"
  Actif:512:Banque    80.00 EUR
  Produits:763:Penalites

2025-06-01 * "Affectation du résultat de 2024"
  Capitaux:119:Report  50.00 EUR
  Capitaux:129:Perte
"""
    more = "2026-01-01 open Capitaux:119:Report EUR\n2026-01-01 open Capitaux:129:Perte EUR\n"
    accounts = (SELLER + more).replace("2026-01-01", "2024-01-01")
    assert opening(fec_of(text, accounts=accounts)) == [
        ("119REPORT", "AN20260101", D("50.00"), ""),
        ("120", "AN20260101", D("-80.00"), ""),
        ("512BANQUE", "AN20260101", D("30.00"), ""),
    ]


def test_clearing_entries_are_left_out() -> None:
    """A closing typed by hand is not in the FEC of its year, and the result is carried once."""
    text = """
2025-03-01 * "Produit"
  Actif:512:Banque    80.00 EUR
  Produits:763:Penalites

2025-12-31 * "Clôture des comptes de gestion"
  Produits:763:Penalites  80.00 EUR
  Capitaux:120:Resultat
"""
    more = "2026-01-01 open Capitaux:120:Resultat EUR\n"
    accounts = (SELLER + more).replace("2026-01-01", "2025-01-01")
    closed = fec_of(text, "2025", accounts)
    assert (closed.entries, closed.cleared) == (1, 1)
    assert opening(fec_of(text, "2026", accounts)) == [
        ("120RESULTAT", "AN20260101", D("-80.00"), ""),
        ("512BANQUE", "AN20260101", D("80.00"), ""),
    ]


def test_order_of_validation() -> None:
    """By the day of closing, then those that nothing has validated, without ValidDate.

    A validation covers what its file of digests holds: see tests/closing/test_closing.py.
    """
    entry = '2026-{} * "Écriture {}"\n  Actif:512:Banque 1.00 EUR\n  Capitaux:110:Report\n\n'
    hash_ = "0" * 64
    text = "".join(entry.format(f"{month:02d}-10", month) for month in (1, 2, 3))
    text += (
        f'2026-01-31 custom "cloture" "2026-01" "{hash_}"\n  date-cloture: 2026-02-05\n'
        f'2026-02-28 custom "cloture" "2026-02" "{hash_}"\n  date-cloture: 2026-03-25\n'
    )
    loaded = load_text(text, SELLER)
    fec = make_fec(loaded, exercise(loaded, "2026"))
    assert [(line.number, line.date.month, line.valid) for line in fec.lines[::2]] == [
        (1, 1, datetime.date(2026, 2, 5)),
        (2, 2, datetime.date(2026, 3, 25)),
        (3, 3, None),
    ]
    assert (fec.provisional, fec.unvalidated) == (True, 1)


def test_a_fiscal_year_that_ends_in_june() -> None:
    accounts = SELLER.replace('siren: "732829320"', 'siren: "732829320"\n  fin-exercice: "06-30"')
    entry = '{} * "Écriture"\n  Actif:512:Banque 1.00 EUR\n  Capitaux:110:Report\n\n'
    text = "".join(
        entry.format(date) for date in ("2025-06-30", "2025-07-01", "2026-06-30", "2026-07-01")
    )
    fec = fec_of(text, "2026", accounts.replace("2026-01-01", "2025-01-01"))
    assert fec.name == "732829320FEC20260630.txt"
    assert [line.date.isoformat() for line in fec.lines if line.journal != "AN"][::2] == [
        "2025-07-01",
        "2026-06-30",
    ]
    assert opening(fec)[0][:3] == ("110REPORT", "AN20250701", D("-1.00"))


def test_another_currency() -> None:
    more = "2026-01-01 open Actif:512:Dollars USD\n"
    fec = fec_of(
        '2026-03-02 * "Change"\n  Actif:512:Dollars 100.00 USD @ 0.92 EUR\n  Actif:512:Banque\n',
        accounts=SELLER + more,
    )
    assert rows(fec)[0][11:13] + rows(fec)[0][16:] == ["92,00", "0,00", "100,00", "USD"]


def test_what_cannot_be_told_is_refused_at_once() -> None:
    more = "2026-01-01 open Actif:512:Dollars USD\n2026-01-01 open Actif:Banque EUR\n"
    loaded = load_text(
        '2026-03-02 * "Don"\n  Actif:512:Dollars 100.00 USD\n  Actif:512:Dollars -100.00 USD\n\n'
        '2026-03-03 * "Sans numéro"\n  Actif:Banque 1.00 EUR\n  Capitaux:110:Report\n',
        ACCOUNTS + more,
    )
    with pytest.raises(FecError) as caught:
        make_fec(loaded, exercise(loaded, "2026"))
    reasons = caught.value.reasons
    assert len(reasons) == 3
    for reason, words in zip(reasons, ("SIREN", "sans contrevaleur", "Actif:Banque"), strict=True):
        assert words in reason


@pytest.mark.parametrize("name", ["mars", "2026-01-01/mars", "26"])
def test_an_unreadable_year(name: str) -> None:
    with pytest.raises(PeriodError):
        exercise(load_text(STORY), name)


def test_texts_are_one_line_of_known_characters() -> None:
    assert clean("Écran\t24 |\npouces – l’été…") == "Écran 24 pouces - l'été..."
    assert clean("Łódź 日", Charset.LATIN9) == "?ódz ?"
    assert clean("cœur à 5 €", Charset.LATIN9) == "cœur à 5 €"


# -- example dossiers -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made() -> Callable[[Path], tuple[Loaded, Fec]]:
    known: dict[Path, tuple[Loaded, Fec]] = {}

    def make(path: Path) -> tuple[Loaded, Fec]:
        if path not in known:
            loaded = load_ledger(path)
            known[path] = (
                loaded,
                make_fec(loaded, exercise(loaded, "2026"), validated_on=VALIDATED),
            )
        return known[path]

    return make


@each_dossier
@pytest.mark.parametrize("charset", Charset)
def test_our_checker_has_nothing_to_say(
    path: Path, charset: Charset, made: Callable[[Path], tuple[Loaded, Fec]], tmp_path: Path
) -> None:
    _, fec = made(path)
    target = tmp_path / fec.name
    target.write_bytes(fec.content(charset))
    result = check_fec(target)
    assert result.findings == ()
    assert (result.lines, result.entries) == (len(fec.lines), fec.entries)
    assert result.debit == result.credit == fec.total


@each_dossier
def test_balances_are_those_of_the_ledger(
    path: Path, made: Callable[[Path], tuple[Loaded, Fec]]
) -> None:
    loaded, fec = made(path)
    books = Books(loaded.dossier, loaded.entries)
    expected: dict[str, Decimal] = {}
    for account, amount in books.balances(datetime.date(2027, 1, 1)).items():
        number = books.codes[account].full_number
        expected[number] = expected.get(number, ZERO) + amount
    found: dict[str, Decimal] = {}
    for line in fec.lines:
        number = line.code.full_number
        found[number] = found.get(number, ZERO) + line.debit - line.credit
    assert {number: amount for number, amount in found.items() if amount} == expected


@each_dossier
def test_a_reader_written_by_others_reads_it(
    path: Path, made: Callable[[Path], tuple[Loaded, Fec]]
) -> None:
    """``fec-parser`` (PyPI): no error, every line, every amount."""
    from io import BytesIO  # noqa: PLC0415

    from fec_parser.parser import FECParser  # noqa: PLC0415

    _, fec = made(path)
    read = list(FECParser.from_bytesio(BytesIO(fec.content())).get_ecritures())
    assert [(e.compte_num, e.comp_aux_num, e.debit, e.credit, e.ecriture_date) for e in read] == [
        (x.code.number, x.code.auxiliary, x.debit, x.credit, x.date) for x in fec.lines
    ]


@each_dossier
def test_every_entry_is_traced_to_its_line(
    path: Path, made: Callable[[Path], tuple[Loaded, Fec]]
) -> None:
    _, fec = made(path)
    assert [source.number for source in fec.sources] == list(range(1, fec.entries + 1))
    for source in fec.sources:
        text = Path(source.file).read_text(encoding="utf-8").splitlines()[source.line - 1]
        if not source.derived:
            assert text.startswith(source.date.isoformat())
    assert sources_text(fec, path.parent).count("\r\n") == fec.entries + 1
