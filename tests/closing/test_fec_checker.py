"""The checker: one fault, one rule; any FEC; hostile files."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acompta.closing.fec.checker import CheckResult, check_fec, read_amount
from acompta.closing.fec.findings import SHOWN, Findings
from acompta.closing.fec.form import CASH_FIELDS, HEADER
from acompta.closing.fec.rules import RULES
from acompta.closing.fec.sequence import NumberSet
from acompta.closing.fec.source import is_siren, read_date

NAME = "732829320FEC20261231.txt"
Rows = list[list[str]]


def entry(number: int, day: str, journal: str, *lines: tuple[str, str, str, str, str]) -> Rows:
    """Lines of an entry: account, auxiliary, debit, credit, letter."""
    titles = {"AN": "À-nouveaux", "VE": "Ventes", "BQ": "Banque", "OD": "Opérations diverses"}
    return [
        [
            journal, titles[journal], str(number), f"2026{day}", account, f"Compte {account}", auxiliary,
            auxiliary and f"Société {auxiliary}", f"P{number}", f"2026{day}", "Libellé été", debit, credit,
            letter, letter and "20260220", "20270131", "", "",
        ]
        for account, auxiliary, debit, credit, letter in lines
    ]  # fmt: skip


def good() -> Rows:
    return [
        *entry(1, "0101", "AN", ("512", "", "500,00", "0,00", ""), ("101", "", "0,00", "500,00", "")),
        *entry(2, "0105", "VE", ("411", "DUPONT", "120,00", "0,00", "AA"), ("706", "", "0,00", "100,00", ""),
               ("44571", "", "0,00", "20,00", "")),
        *entry(3, "0220", "BQ", ("512", "", "120,00", "0,00", ""), ("411", "DUPONT", "0,00", "120,00", "AA")),
        *entry(4, "0301", "OD", ("641", "", "10,00", "0,00", ""), ("421", "", "0,00", "10,00", "")),
    ]  # fmt: skip


def text_of(rows: Rows, header: tuple[str, ...] = HEADER, separator: str = "\t") -> str:
    return "".join(separator.join(row) + "\r\n" for row in [list(header), *rows])


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., CheckResult]:
    def run(content: str | bytes | Rows, name: str = NAME) -> CheckResult:
        if isinstance(content, list):
            content = text_of(content)
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return check_fec(path)

    return run


def spoken(result: CheckResult) -> dict[str, int]:
    return {finding.rule.code: finding.count for finding in result.findings}


def test_a_good_file(check: Callable[..., CheckResult]) -> None:
    result = check(good())
    assert spoken(result) == {}
    assert (result.lines, result.entries, result.exit_code) == (9, 4, 0)
    assert (result.debit, result.charset, result.separator) == (Decimal(750), "UTF-8", "\t")
    assert result.journals["AN"] == "À-nouveaux"


# Line (from 0), field, new value, rules that speak.
FAULTS = {
    "JournalCode vide": (7, "JournalCode", "", {"blanc"}),
    "PieceRef vide": (7, "PieceRef", "", {"blanc"}),
    "EcritureLib vide": (7, "EcritureLib", "", {"blanc"}),
    "CompteLib vide": (7, "CompteLib", "", {"blanc"}),
    "ValidDate vide": (7, "ValidDate", "", {"validation-vide"}),
    "jour impossible": (7, "PieceDate", "20260230", {"date"}),
    "date française": (7, "PieceDate", "01/03/2026", {"date"}),
    "date de lettrage": (2, "DateLet", "2026022", {"date"}),
    "point décimal": (7, "Debit", "10.00", {"montant"}),
    "milliers": (7, "Debit", "10 ,00", {"montant"}),
    "euro": (7, "Debit", "10,00 €", {"montant"}),
    "compte": (7, "CompteNum", "64", {"compte"}),
    "compte en lettres": (7, "CompteNum", "PAIE", {"compte"}),
    "auxiliaire sans libellé": (2, "CompAuxLib", "", {"auxiliaire"}),
    "lettre sans date": (2, "DateLet", "", {"lettrage"}),
    "devise sans montant": (7, "Idevise", "USD", {"devise"}),
    "validée avant": (7, "ValidDate", "20260228", {"validation-avant", "ordre"}),
    "barre": (7, "EcritureLib", "A | B", {"separateur-libelle"}),
    "double": (7, "EcritureLib", "SociÃ©tÃ©", {"double-encodage"}),
    "double, espace": (7, "EcritureLib", "Ã\xa0 payer", {"double-encodage"}),
    "libellé de journal": (7, "JournalLib", "Divers", set()),
    "libellé de compte": (6, "CompteLib", "Autre", {"compte-libelle"}),
    "libellé d'auxiliaire": (6, "CompAuxLib", "Autre", {"auxiliaire-libelle"}),
    "lettre": (6, "EcritureLet", "AB", {"lettrage-desequilibre"}),
    "deux dates": (8, "EcritureDate", "20260302", {"ecriture-mixte"}),
    "à-nouveau de gestion": (1, "CompteNum", "706", {"ouverture-gestion", "compte-libelle"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_field_changed(fault: str, check: Callable[..., CheckResult]) -> None:
    line, field, value, expected = FAULTS[fault]
    rows = good()
    rows[line][HEADER.index(field)] = value
    if fault == "libellé de journal":
        rows.append(list(rows[8]))
        rows.append(list(rows[7]))
        for row in rows[9:]:
            row[2] = "5"
        rows[9][1] = "Opérations diverses"
        rows[10][1] = "Opérations diverses"
        expected = {"journal-libelle"}
    assert set(spoken(check(rows))) == expected


def _amounts(rows: Rows, line: int, debit: str, credit: str) -> Rows:
    rows[line][11:13] = [debit, credit]
    return rows


ENTRY_FAULTS: dict[str, tuple[Callable[[Rows], Rows], set[str]]] = {
    "déséquilibre": (lambda r: _amounts(r, 7, "10,01", "0,00"), {"equilibre", "equilibre-total"}),
    "deux côtés": (lambda r: _amounts(r, 7, "15,00", "5,00"), {"deux-montants"}),
    "rien": (
        lambda r: _amounts(_amounts(r, 7, "0,00", ""), 8, "", "0,00"),
        {"montant-nul"},
    ),
    "négatif": (
        lambda r: _amounts(_amounts(r, 7, "0,00", "-10,00"), 8, "10,00-", "0,00"),
        {"montant-negatif"},
    ),
    "décimales": (
        lambda r: _amounts(_amounts(r, 7, "10,005", "0,00"), 8, "0,00", "10,005"),
        {"decimales"},
    ),
    "trou": (lambda r: [*r[:5], *r[7:]], {"numero-trou", "lettrage-desequilibre"}),
    "deux fois": (
        lambda r: [*r, *entry(5, "0301", "OD", ("512", "", "1,00", "0,00", ""), ("421", "", "0,00", "1,00", "")),
                   *r[7:]],
        {"numero-double", "numero-ordre"},
    ),
    "dispersée": (lambda r: [*r[:8], *entry(5, "0302", "OD", ("512", "", "1,00", "0,00", ""),
                  ("421", "", "0,00", "1,00", "")), r[8]], {"lignes-dispersees", "numero-ordre"}),
    "désordre": (lambda r: [*r[:2], *r[5:7], *r[2:5], *r[7:]], {"numero-ordre"}),
    "à-nouveaux à la fin": (lambda r: [*r[2:], *r[:2]], {"numero-ordre", "ouverture-ordre"}),
    "après la clôture": (
        lambda r: [*r, *entry(5, "0302", "OD", ("512", "", "1,00", "0,00", ""), ("421", "", "0,00", "1,00", ""))],
        set(),
    ),
    "ligne vide": (lambda r: [*r[:7], [""], *r[7:]], {"ligne-vide"}),
    "zone en trop": (lambda r: [*r[:7], [*r[7], ""], r[8]], {"champs", "equilibre", "equilibre-total"}),
    "solde de gestion": (
        lambda r: [*r, *entry(5, "1231", "OD", ("706", "", "100,00", "0,00", ""), ("120", "", "0,00", "100,00", ""))],
        {"solde-gestion"},
    ),
    "numéro sans chiffre": (
        lambda r: [*r[:7], *([*row[:2], "PAIE", *row[3:]] for row in r[7:])],
        {"numero-sans-chiffre"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", ENTRY_FAULTS)
def test_one_entry_changed(fault: str, check: Callable[..., CheckResult]) -> None:
    change, expected = ENTRY_FAULTS[fault]
    rows = change(good())
    if fault == "après la clôture":
        for row in rows[9:]:
            row[3] = "20270102"
        expected = {"date-exercice"}
    assert set(spoken(check(rows))) == expected


def test_numbers_restarted_in_each_journal(check: Callable[..., CheckResult]) -> None:
    """One alert, not a thousand: order and gaps are then those of each journal."""
    rows: Rows = []
    for number in (1, 2, 3):
        for journal in ("VE", "BQ"):
            rows += entry(
                number,
                "0301",
                journal,
                ("512", "", "1,00", "0,00", ""),
                ("706", "", "0,00", "1,00", ""),
            )
    rows += entry(5, "0301", "BQ", ("512", "", "1,00", "0,00", ""), ("706", "", "0,00", "1,00", ""))
    result = check(rows)
    assert spoken(result) == {"numero-trou": 1, "numerotation-journal": 1}
    assert result.findings[0].places[0].text == "4 (journal BQ)"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("732829320FEC20261231", set()),
        ("732829320FEC20261231_2.txt", set()),
        ("732829321FEC20261231.txt", {"siren"}),
        ("fec.txt", {"nom-fichier"}),
        ("732829320FEC20261332.txt", {"nom-fichier"}),
        ("732829320FEC20271231.txt", {"date-ancienne"}),
        ("732829320FEC20260228.txt", {"date-exercice"}),
    ],
)
def test_the_name(name: str, expected: set[str], check: Callable[..., CheckResult]) -> None:
    assert set(spoken(check(good(), name))) == expected


@pytest.mark.parametrize(
    ("charset", "title", "expected"),
    [
        ("iso8859-15", "ISO 8859-15", set()),
        ("cp850", "CP850 (DOS)", {"encodage"}),
        ("mac_roman", "Mac Roman", {"encodage"}),
        ("utf-16", "UTF-16", {"encodage"}),
        ("utf-8-sig", "UTF-8", {"marque"}),
    ],
)
def test_characters(
    charset: str, title: str, expected: set[str], check: Callable[..., CheckResult]
) -> None:
    """Whatever the set, the lines are read: the other rules have nothing to say."""
    result = check(text_of(good()).encode(charset))
    assert (result.charset, set(spoken(result)), result.lines) == (title, expected, 9)


def test_windows_punctuation(check: Callable[..., CheckResult]) -> None:
    result = check(text_of(good()).replace("été", "l’été").encode("cp1252"))
    assert (result.charset, set(spoken(result))) == ("Windows-1252", {"encodage"})


def test_a_bar_as_separator_and_other_fields(check: Callable[..., CheckResult]) -> None:
    rows = [[*row, "interne"] for row in good()]
    assert spoken(check(text_of(rows, (*HEADER, "Analytique"), "|"))) == {}


@pytest.mark.parametrize("ways", [("D", "C"), ("+1", "-1")])
def test_amount_and_way(ways: tuple[str, str], check: Callable[..., CheckResult]) -> None:
    header = (*HEADER[:11], "Montant", "Sens", *HEADER[13:])
    rows = []
    for row in good():
        debit = row[11] != "0,00"
        rows.append([*row[:11], row[11] if debit else row[12], ways[0] if debit else ways[1], *row[13:]])  # fmt: skip
    result = check(text_of(rows, header))
    assert (spoken(result), result.debit) == ({}, Decimal(750))
    rows[0][12] = "X"
    assert set(spoken(check(text_of(rows, header)))) == {"sens", "equilibre", "equilibre-total"}


@pytest.mark.parametrize("count", [3, 4])
def test_cash_books_of_farmers_and_professions(
    count: int, check: Callable[..., CheckResult]
) -> None:
    """BA: 21 fields; BNC: 22, « Crédit » with its accent, journals may be blank."""
    header = (*HEADER[:12], "Crédit", *HEADER[13:], *CASH_FIELDS[:count])
    rows = [["", "", *row[2:], "20260301", "CB", "R", "C1"][: len(header)] for row in good()]
    assert spoken(check(text_of(rows, header))) == {}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", {"vide"}),
        (b"\r\n", {"vide"}),
        (b"<?xml version='1.0'?>\n<comptabilite/>", {"xml"}),
        (b"JournalCode;JournalLib;EcritureNum\n", {"separateur"}),
        (b"\x00\x01\x02\xff" * 50, {"separateur"}),
        (text_of([]).encode(), {"vide"}),
        (text_of([], HEADER[:10]).encode(), {"entete"}),
        (text_of(good(), ("JournalLib", "JournalCode", *HEADER[2:])).encode(), {"entete"}),
        (text_of(good(), (*HEADER[:16], "MontantDevise", "Idevise")).encode(), {"entete-casse"}),
        (codecs.BOM_UTF8, {"vide", "marque"}),
    ],
    ids=range(10),
)
def test_files_that_are_not_a_fec(
    content: bytes, expected: set[str], check: Callable[..., CheckResult]
) -> None:
    assert expected <= set(spoken(check(content)))


@given(st.binary(max_size=400))
def test_no_file_stops_it(content: bytes) -> None:
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        for head in (b"", "\t".join(HEADER).encode() + b"\n"):
            path = Path(folder) / NAME
            path.write_bytes(head + content)
            check_fec(path)


def _random_file(amounts: list[int]) -> Rows:
    """An entry per amount in cents, on three accounts, in order of date."""
    rows: Rows = []
    for number, cents in enumerate(amounts, start=1):
        half = cents // 2
        parts = [f"{c // 100},{c % 100:02d}" for c in (cents, half, cents - half)]
        rows += entry(number, f"{1 + number // 28:02d}{1 + number % 28:02d}", "OD",
                      ("641", "", parts[0], "0,00", ""), ("421", "", "0,00", parts[1], ""),
                      ("431", "", "0,00", parts[2], ""))  # fmt: skip
    return rows


@given(st.lists(st.integers(2, 10**9), min_size=2, max_size=20), st.data())
def test_any_good_file_and_any_one_fault(amounts: list[int], data: st.DataObject) -> None:
    """A good file says nothing; one line lost, one amount changed, one entry lost: exactly those rules speak."""
    import tempfile  # noqa: PLC0415

    rows = _random_file(amounts)
    lost = data.draw(st.integers(0, len(rows) - 1), "line")
    inner = data.draw(st.integers(2, len(amounts)), "entry")
    debit = rows[lost][11] != "0,00"
    changed = [list(row) for row in rows]
    changed[lost][11 if debit else 12] = "10000000,01"
    without_entry = [row for row in rows if row[2] != str(inner)]
    gap = set() if inner == len(amounts) else {"numero-trou"}
    unbalanced = {"equilibre", "equilibre-total"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        for content, expected in (
            (rows, set()),
            (rows[:lost] + rows[lost + 1 :], unbalanced),
            (changed, unbalanced),
            (without_entry, gap),
        ):
            path.write_bytes(text_of(content).encode())
            assert set(spoken(check_fec(path))) == expected


@given(st.sets(st.integers(0, 9000), min_size=1, max_size=60))
def test_numbers_and_gaps(numbers: set[int]) -> None:
    """The gaps are what a plain set would give."""
    found = NumberSet()
    assert all(found.add(number) for number in numbers)
    assert not any(found.add(number) for number in numbers)
    missing = [n for start, end in found.gaps() for n in range(start, end + 1)]
    assert missing == [n for n in range(min(numbers), max(numbers)) if n not in numbers]
    assert len(found) == len(numbers)


@given(st.integers(-(10**12), 10**12), st.booleans())
def test_amounts(cents: int, last: bool) -> None:
    """Any amount to the cent, its sign first or last."""
    digits = f"{abs(cents) // 100},{abs(cents) % 100:02d}"
    sign = "-" if cents < 0 else ""
    assert read_amount(digits + sign if last else sign + digits) == cents * 100


@pytest.mark.parametrize(
    "text", ["1 234,56", "1.234,56", "1,2,3", "--1", "-1-", ",5", "1e3", "€", "1,"]
)
def test_amounts_that_are_none(text: str) -> None:
    assert read_amount(text) is None


def test_small_things() -> None:
    assert read_date("20260229") is None
    assert read_date("\uff12\uff10\uff12\uff16\uff10\uff11\uff10\uff11") is None
    assert is_siren("732829320")
    assert not is_siren("732829321")


def test_memory_does_not_grow_with_the_faults() -> None:
    findings = Findings()
    for line in range(1000):
        findings.note("ligne-vide", line)
    (finding,) = findings.all()
    assert (finding.count, len(finding.places)) == (1000, SHOWN)


def test_every_rule_can_speak() -> None:
    """A rule that no test above makes speak would be a promise only."""
    source = Path(__file__).read_text(encoding="utf-8")
    assert [code for code in RULES if f'"{code}"' not in source] == []
