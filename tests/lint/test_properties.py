"""The linter never raises, says the same by both of its roads, and stays fast."""

from __future__ import annotations

import re
import time
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.lint.test_silence import RIGHT
from tests.lint.typed import HEAD, TABLE

from acompta.lint import explain, explain_beancount, lint_ledger, lint_text
from acompta.lint.accounts import Roots
from acompta.lint.encoding import decode
from acompta.lint.lines import check_line
from acompta.lint.scan import scan

PATH = Path("main.beancount")
FRENCH = Roots("Actif", "Passif", "Capitaux", "Produits", "Charges")

# Characters that mean something to the linter, drawn more often than the others.
_ALPHABET = st.one_of(
    st.sampled_from(
        "\"';:,.#^*!@{}()~|%€-+/\\ \t\r\n\u00a0\u202f\u200b\ufeff“”«»’é²0123456789ACEUR"
    ),
    st.characters(),
)
_NOISE = st.text(_ALPHABET, max_size=200)
_LINES = st.sampled_from(
    [line for case in TABLE for line in case.typed.split("\n")]
    + RIGHT
    + HEAD.split("\n")
    + ["", " ", "\t", "; note", "  ; note", "* titre", "** titre", "# note", "#tag", "2026-02-29 * \"a\""]
    + ["2026-01-31 * \"a\" \"b\" #facture ^D1 ; note", "2026-01-02 open Actif:411:Œuvre EUR ; note"]
    + ["2024-02-29 balance Actif:512:Banque 1,234.56 EUR", "  lot: \"multi", "ligne\"", "include \"a\""]
)  # fmt: skip
_LEDGERS = st.lists(_LINES, max_size=12).map("\n".join)


@st.composite
def _spoilt(draw: st.DrawFn) -> str:
    """A ledger text in which a few characters were typed, or deleted, at random places."""
    text = draw(_LEDGERS)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        text = (
            text[:at] + draw(st.text(_ALPHABET, max_size=3)) + text[at + draw(st.integers(0, 2)) :]
        )
    return text


@given(st.one_of(_NOISE, _LEDGERS, _spoilt()), st.booleans())
@settings(max_examples=400)
def test_no_text_makes_it_raise(text: str, main: bool) -> None:
    findings = lint_text(PATH, text, main=main, roots=None if main else FRENCH)
    lines = text.count("\n") + 1
    for finding in findings:
        assert 1 <= finding.line <= lines
        assert finding.severity in {"erreur", "signalement"}
        assert finding.message
        assert finding.token


@given(st.one_of(_NOISE, _LEDGERS, _spoilt()), st.booleans())
@settings(max_examples=400)
def test_leaping_over_clean_lines_loses_nothing(text: str, french: bool) -> None:
    whole = HEAD + text if french else text
    assert scan(PATH, whole, wanted=None) == scan(PATH, whole, wanted=None, leap=False)


@given(_NOISE, _NOISE)
def test_no_message_makes_the_explanation_raise(message: str, line: str) -> None:
    for text in (message, f"syntax error, unexpected {message}", f"Invalid token: '{message}'"):
        assert explain(text, line) is None or isinstance(explain(text, line), str)
        assert explain_beancount(text) is None or isinstance(explain_beancount(text), str)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reading_raise(raw: bytes) -> None:
    assert isinstance(decode(raw).text, str)
    assert all(line >= 1 for line, _ in decode(raw).problems)


@given(name=st.text(st.characters(exclude_characters='"\\\n'), min_size=1, max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_include_makes_it_raise(tmp_path: Path, name: str) -> None:
    main = tmp_path / "main.beancount"
    main.write_text(
        f'plugin "acompta"\ninclude "{name}"\n', encoding="utf-8", errors="surrogatepass"
    )
    assert all(finding.message for finding in lint_ledger(main))


@pytest.mark.parametrize(
    "line",
    [
        " " * 50_000 + "x",
        "  Charges:606 " + " " * 50_000 + "x",
        "  Charges:606  " + "1 " * 20_000,
        "  Charges:606  " + "1," * 20_000,
        "  Charges:606  " + "(" * 20_000,
        "  lot: " + "1-" * 20_000,
        "  " + "a:" * 20_000,
        "  " + "A" * 50_000,
        "2026-01-02 * " + '"a" ' * 10_000,
        "2026-01-02 * " + "#a" * 20_000 + "é",
        "2026-01-02 open " + "Actif:" * 10_000,
        "0" * 50_000 + "-01-01 *",
        "“" * 20_000,
        "'" * 20_000,
    ],
    ids=lambda line: line[:20].strip() or "espaces",
)
def test_a_monstrous_line_is_read_in_a_moment(line: str) -> None:
    start = time.process_time()
    lint_text(PATH, HEAD + '2026-01-02 * "a"\n' + line + "\n", main=True)
    # A pattern that backtracks takes minutes on these; the bound is a hundred times what a good one takes.
    assert time.process_time() - start < 10


def _big_ledger(documents: int) -> str:
    """A ledger such as a business types, ``documents`` long, one address over two lines every hundred."""
    parts = [HEAD]
    for number in range(documents):
        parts.append(
            f'2026-{number % 12 + 1:02d}-{number % 28 + 1:02d} * "SCI Dupont & Fils" '
            f'"Acompte n° {number} de 30 % (1 234,56 €)" #acompte ^D2026-{number}\n'
            f'  numero: "F2026-{number:05d}"\n'
            "  echeance: 2026-01-31\n"
            f"  Actif:411:Dupont{number % 100}\n"
            f"  Passif:4191:Dupont{number % 100}                -30 PCT\n"
            "  Produits:704:Travaux                -42.50 M2 @ 185.00 EUR ; béton\n"
            '    lot: "GO"\n    tva: 20\n\n'
        )
        if number % 100 == 0:
            parts.append(
                f'2026-01-01 open Actif:411:C{number} EUR\n  adresse: "3 quai Perrache\n69002 Lyon"\n\n'
            )
    return "".join(parts)


def test_nearly_all_lines_of_a_ledger_are_leapt_over() -> None:
    text = _big_ledger(2000)
    with patch("acompta.lint.scan.check_line", wraps=check_line) as closely:
        assert lint_text(PATH, text, main=True) == []
    assert closely.call_count < text.count("\n") / 100


def test_one_mistake_is_found_in_a_big_ledger() -> None:
    text = _big_ledger(2000)
    at = text.index("-42.50 M2", len(text) // 2)
    spoilt = text[:at] + "-42,50 M2" + text[at + 9 :]
    found = lint_text(PATH, spoilt, main=True)
    assert [finding.line for finding in found] == [text.count("\n", 0, at) + 1]
    assert [found[0].token] == ["-42,50 M2"]


def test_a_quote_left_open_does_not_hide_what_follows() -> None:
    text = f'{HEAD}2026-01-02 * "Dupont "a"\n  Charges:606  1.00 EUR\n  Actif:512:Banque\n'
    text += '2026-01-03 * "Martin\n  Charges:606  1,50 EUR\n  Actif:512:Banque\n\n' + _big_ledger(
        1
    ).replace(HEAD, "")
    found = [
        (finding.line - HEAD.count("\n"), finding.token)
        for finding in lint_text(PATH, text, main=True)
    ]
    assert [line for line, _ in found] == [1, 4, 5]
    assert re.search("1,50", found[-1][1])
