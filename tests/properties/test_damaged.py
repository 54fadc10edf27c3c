"""The golden cases with their text damaged at random: every command still answers in French, and what loads holds.

The mistakes of `test_mistakes` are those that a person makes in a document; these are blind: a line gone or there
twice, a character too many, a number, an account, a tag or a date that is another's.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from beancount.core.data import Directive, Transaction
from beancount.parser import printer
from click.testing import CliRunner
from hypothesis import given, note
from hypothesis import strategies as st
from tests.cases.golden import all_cases
from tests.properties.profiles import examples

from acompta.loading import LedgerError, load_raw
from acompta_cli import cli

CASES: Final = [case.typed for case in all_cases()]
COMMANDS: Final = (
    ("verifier", "--json"),
    ("balance-agee", "--au", "2026-12-31"),
    ("tva", "2026-03"),
    ("fec", "2026", "--malgre-erreurs", "--out", "OUT"),
    ("cloturer", "2026-03", "--simuler"),
    ("cloturer", "2026", "--exercice", "--simuler"),
    ("retenues", "--au", "2026-12-31"),
    ("statuts", "--du", "2026-01-01", "--au", "2026-12-31"),
    ("sceaux",),
    ("tresorerie", "--au", "2026-06-01"),
    ("rentabilite",),
    ("releve", "--au", "2026-12-31", "--csv"),
    ("relancer", "--au", "2026-12-01", "--simuler"),
    ("preparer", "2026-12", "--simuler"),
    ("lettrer", "--simuler"),
    ("emettre", "--simuler"),
)
_NUMBERS: Final = ("0", "-1", "1000000000000000000000000000000", "0.001", "1/3", "", "abc", "1/0")
_TEXTS: Final = (
    "",
    "²",
    "2026-13-45",
    "%s",
    "{{x}}",
    "<b>",
    "F2026-001",
    "../..",
    "2026-02-01/2026-01-01",
    "\u00a0",
)
_VALUES: Final = (
    "TRUE",
    "12",
    "-3.5",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "EUR",
    "#acompte",
    "12.5 EUR",
    "",
)
_MARKS: Final = (
    " ",
    "\t",
    '"',
    "#",
    "^",
    "-",
    "\u00a0",
    "é",
    ":",
    "!",
    "*",
    ";",
    "(",
    "{",
    "@",
    "\r",
)
_TAGS: Final = (
    "#acompte",
    "#solde",
    "#facture",
    "#avoir",
    "#rectificative",
    "#situation",
    "#rupture",
    "#report",
)
_ACCOUNTS: Final = (
    "Actif:411",
    "Actif:411:Zed",
    "Passif:4191",
    "Passif:44571",
    "Passif:401:Zed",
    "Actif:4117:Zed",
)
_UNITS: Final = ("EUR", "PCT", "REMISE", "USD", "XYZ", "", "EUR @ 3 EUR", "HEURE {3 EUR}")
# What is replaced in a line, and by what: the group of the pattern, or the whole of it.
_SWAPS: Final = (
    (re.compile(r"-?\d+(?:\.\d+)?"), _NUMBERS),
    (re.compile(r'(?<=")[^"\n]*(?=")'), _TEXTS),
    (re.compile(r"(?<=: )\S.*$"), _VALUES),
    (re.compile(r"#[a-z-]+"), _TAGS),
    (re.compile(r"\^[A-Za-z0-9-]+"), ("", "^X", "^D2026-001", "^F2026-001", "^F2026-002")),
    (re.compile(r"\d{4}-\d\d-\d\d"), ("2026-01-01", "2022-12-31", "1999-12-31", "2100-01-01")),
    (re.compile(r"\b(?:Actif|Passif|Produits|Charges):[^\s\"]+"), _ACCOUNTS),
    (re.compile(r"\b(?:EUR|PCT|JOUR|HEURE|FORFAIT|M2|REMISE)\b"), _UNITS),
    (re.compile(r"(?<=\d )[*!](?= )"), ("*", "!")),
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The text of a golden case in which one to three things are no longer what they were."""
    lines = draw(st.sampled_from(CASES)).read_text("utf-8").split("\n")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        way = draw(st.sampled_from(("drop", "twice", "swap", "move", "mark", "change", "change")))
        if way == "drop" and len(lines) > 1:
            del lines[at]
        elif way == "twice":
            lines.insert(at, lines[at])
        elif way == "swap":
            lines[at - 1], lines[at] = lines[at], lines[at - 1]
        elif way == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif way == "mark":
            place = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:place] + draw(st.sampled_from(_MARKS)) + lines[at][place:]
        else:
            pattern, others = draw(st.sampled_from(_SWAPS))
            if found := list(pattern.finditer(lines[at])):
                one = draw(st.sampled_from(found))
                other = draw(st.sampled_from(others))
                lines[at] = lines[at][: one.start()] + other + lines[at][one.end() :]
    return "\n".join(lines)


@examples(40)
@given(damaged(), st.sampled_from(COMMANDS))
def test_every_command_answers(text: str, command: tuple[str, ...]) -> None:
    """An exit code of ours and a French sentence, never a Python exception nor an « erreur interne »."""
    note(text)
    with TemporaryDirectory() as folder:
        main = Path(folder, "main.beancount")
        main.write_text(text, "utf-8", newline="")
        name, *options = command
        arguments = [name, str(main), *(folder if one == "OUT" else one for one in options)]
        result = CliRunner().invoke(cli, arguments, prog_name="acompta")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in {0, 1, 2}
    assert "erreur interne" not in result.output
    assert result.exit_code != 2 or len(result.output.strip()) > 20  # why nothing could be done


@examples(25)
@given(damaged(), st.randoms(use_true_random=False))
def test_what_loads_without_an_error_holds(text: str, random: Any) -> None:
    """The same balances with its paragraphs in another order, and printed as it was completed, then loaded again."""
    note(text)
    paragraphs = re.split(r"\n\s*\n", text)
    if any(paragraph.count('"') % 2 for paragraph in paragraphs):
        return  # a text over several paragraphs: they cannot change places
    with TemporaryDirectory() as folder:
        main = Path(folder, "main.beancount")
        loaded = _loaded(main, text)
        if loaded is None:
            return
        first = re.compile(r"^(option|plugin|include)", re.MULTILINE)
        rest = [one for one in paragraphs if not first.search(one)]
        random.shuffle(rest)
        head = [one for one in paragraphs if first.search(one)]
        assert _balances(_loaded(main, "\n\n".join([*head, *rest]) + "\n")) == _balances(loaded)
        printed = io.StringIO("\n".join(one for one in text.split("\n") if first.match(one)) + "\n")
        printed.seek(0, io.SEEK_END)
        printer.print_entries(loaded, file=printed)  # type: ignore[no-untyped-call]
        assert _balances(_loaded(main, printed.getvalue())) == _balances(loaded)


def _loaded(main: Path, text: str) -> list[Directive] | None:
    """The entries of ``text``, or ``None`` when it has an error."""
    main.write_text(text, "utf-8", newline="")
    try:
        entries, errors, _ = load_raw(main)
    except LedgerError:
        return None
    note("\n".join(str(error.message) for error in errors))
    return None if errors else entries


def _balances(entries: list[Directive] | None) -> dict[tuple[str, str], Decimal] | None:
    if entries is None:
        return None
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            if posting.units is not None and posting.units.number is not None:
                sums[posting.account, posting.units.currency] += posting.units.number
    return {key: number for key, number in sums.items() if number}
