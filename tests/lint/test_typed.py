"""Each French habit of `typed.TABLE`: what Beancount does with it, what the linter says, that the advice works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from beancount.parser import parser
from tests.lint.typed import FINE, HEAD, SILENT, TABLE, Typed

from acompta.lint import Finding, explain, lint_text

MAIN = Path("main.beancount")
OFFSET = HEAD.count("\n")


def _found(text: str) -> list[Finding]:
    return lint_text(MAIN, HEAD + text, main=True)


def _beancount(text: str) -> list[tuple[int, str]]:
    """Beancount's own messages on ``text``, with their lines."""
    _, errors, _ = parser.parse_string(HEAD + text)
    return [(error.source["lineno"] - OFFSET, error.message) for error in errors]


def _name(case: object) -> str:
    return (
        re.sub(r"\s+", "_", case.typed.split("\n")[case.line - 1].strip())
        if isinstance(case, Typed)
        else ""
    )


every_habit = pytest.mark.parametrize("case", TABLE, ids=_name)


@every_habit
def test_beancount_does_what_the_table_says(case: Typed) -> None:
    messages = _beancount(case.typed)
    if case.beancount in {SILENT, FINE}:
        assert messages == []
    else:
        assert [message for line, message in messages if line in {case.line, case.line + 1}
                and case.beancount in message]  # fmt: skip


@every_habit
def test_the_linter_says_what_to_type(case: Typed) -> None:
    findings = [f for f in _found(case.typed) if f.line == case.line + OFFSET]
    about = [f for f in findings if f.token == case.token]
    assert about, findings
    assert any(case.says in finding.message for finding in about), about
    assert about[0].severity == ("signalement" if case.notice else "erreur")
    assert about[0].path == MAIN


@every_habit
def test_the_linter_says_nothing_about_the_other_lines(case: Typed) -> None:
    assert {f.line for f in _found(case.typed)} == {case.line + OFFSET}


@pytest.mark.parametrize("case", [case for case in TABLE if case.corrected], ids=_name)
def test_typing_what_the_message_says_settles_it(case: Typed) -> None:
    text = case.typed
    for _ in range(4):  # a line with two mistakes takes two corrections
        findings = _found(text)
        if not findings:
            break
        text = _corrected(text, findings[0])
    assert _found(text) == []
    assert _beancount(text) == []


def _corrected(text: str, finding: Finding) -> str:
    """``text`` with the line of ``finding`` retyped as its message says."""
    lines = text.split("\n")
    line = lines[finding.line - OFFSET - 1]
    is_key = re.match(rf"\s*{re.escape(finding.token)}:(?!\w)", line)
    wanted = re.search(r"tapez (?:une date entière )?« ([^»]+) »", finding.message)
    read = re.search(r"^(?:clé « \S+ » : )?« (.+?) »", finding.message)
    assert wanted
    assert read or not is_key
    typed = read[1] if read and is_key else finding.token
    assert typed in line
    lines[finding.line - OFFSET - 1] = line.replace(typed, wanted[1])
    return "\n".join(lines)


@pytest.mark.parametrize(
    "case", [case for case in TABLE if case.beancount not in {SILENT, FINE}], ids=_name
)
def test_the_same_words_stand_beside_the_message_of_beancount(case: Typed) -> None:
    texts = (HEAD + case.typed).split("\n")
    said = [
        explain(message, texts[line + OFFSET - 1])
        for line, message in _beancount(case.typed)
        if line == case.line
    ]
    assert None not in said
