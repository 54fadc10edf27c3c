"""Strings and comments taken out of a line, as Beancount's lexer does it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from acompta.lint.finding import ERROR, OPEN_QUOTE, Problem
from acompta.lint.spelling import CURLY_QUOTES

MASK: Final = '"s"'

_QUOTE_OR_END: Final = re.compile(r'["\n;]')
_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_AFTER_STRING: Final = re.compile(r"[\w'’€%&]")
_CURLY_PAIR: Final = re.compile(r"[“„‟«]\s*([^“”„‟«»\"\n]*?)\s*[”»\"]")
_BEFORE_STRING: Final = re.compile(r"[\w.'’]")
# A line that only a ledger has: inside a string, it says that a closing quote is missing above.
_LEDGER_LINE: Final = re.compile(
    r"\n(?:\d{4}-\d\d-\d\d[ \t]+(?:[*!]|txn|open|close|balance|custom|pad|note|price|document)[ \t]"
    r"|[ \t]+[A-ZÀ-Þ][\w-]*:\d[\w-]*(?::[\w-]+)*[ \t]*(?:-?\d|\n)"
    r"|[ \t]+[a-z][\w-]+:[ \t]+(?:\"|\d{4}-))"
)
# At the margin these signs comment the line out (org-mode headings); `#tag` does not.
_IGNORED: Final = re.compile(r"[*:!&?%][^\n]|#[^A-Za-z0-9_/.\n-]")
_MAY_TOUCH: Final = frozenset({"txn", "event", "query", "custom", "option", "include", "plugin"})
_QUIET_REST: Final = re.compile(r"[ \t\r]*(?:[#^][\w/.-]+[ \t\r]*)*(?:;.*)?(?:\n|$)")


_OPEN: Final = (
    "un guillemet ne se ferme pas ici : Beancount avale la suite ; "
    'tapez un guillemet droit (") au début et à la fin du texte'
)


class Logical(NamedTuple):
    """A line without its comment, strings masked, up to the end of the last string that it opens.

    ``code`` holds ``"s"`` for each string; ``strings`` what they contained; ``end`` is the offset after the newline;
    ``problem`` a quote that does not close, after which ``code`` is worth nothing; ``comment`` whether there was one.
    """

    code: str
    strings: tuple[str, ...]
    end: int
    problem: Problem | None = None
    comment: bool = False


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end + 1


def _open_quote(text: str, start: int) -> Logical:
    """A line whose quotes do not pair: what follows it is read as if they did."""
    end = _line_end(text, start)
    line = text[start:end].strip()
    if found := CURLY_QUOTES.search(line):
        return Logical("", (), end, curly_problem(line, found))
    message = _OPEN
    if '\\"' in line:
        message = "une barre oblique inverse (\\) annule le guillemet qui la suit ; retirez-la"
    elif line.count('"') >= 4 and line.count('"') % 2 == 0:
        message = "des guillemets dans un texte le coupent en deux ; tapez « … » à l'intérieur, ou retirez-les"
    token = line[line.find('"') :][:40]
    spoils = line.count('"') % 2 == 1 or '\\"' in line
    return Logical("", (), end, Problem(token, message, ERROR, OPEN_QUOTE if spoils else ""))


def curly_problem(line: str, found: re.Match[str]) -> Problem:
    """The typographic quote ``found`` in ``line`` where a straight one is due."""
    pair = _CURLY_PAIR.match(line, found.start())
    if pair:
        message = f'{pair[0]} : un texte s\'écrit entre guillemets droits ; tapez « "{pair[1]}" »'
        return Problem(pair[0], message)
    return Problem(
        found[0],
        f"le guillemet typographique ({found[0]}) n'est pas compris ici ; tapez un guillemet droit (\")",
    )


def read_line(text: str, start: int) -> Logical:
    """The logical line of ``text`` that begins at the offset ``start``."""
    if _IGNORED.match(text, start):
        return Logical("", (), _line_end(text, start), comment=True)
    code: list[str] = []
    strings: list[str] = []
    position = begin = start
    while found := _QUOTE_OR_END.search(text, position):
        if found[0] != '"':
            code.append(text[begin : found.start()])
            end = _line_end(text, found.start())
            return Logical("".join(code), tuple(strings), end, comment=found[0] == ";")
        string = _STRING.match(text, found.start())
        if string is None or _unpaired(text, string, start):
            return _open_quote(text, start)
        code.append(text[begin : found.start()])
        code.append(MASK)
        strings.append(string[0][1:-1])
        position = begin = string.end()
    code.append(text[begin:])
    return Logical("".join(code), tuple(strings), len(text))


def _unpaired(text: str, string: re.Match[str], start: int) -> bool:
    """Whether the quotes around ``string`` cannot be a pair."""
    if string.start() > start and _BEFORE_STRING.match(text[string.start() - 1]):
        word = text[start : string.start()].rsplit(maxsplit=1)[-1]
        # An account, a key or a directive may touch the text that follows.
        if ":" not in word and word not in _MAY_TOUCH:
            return True
    if _AFTER_STRING.match(text, string.end()):
        return True
    return (
        "\n" in string[0]
        and _LEDGER_LINE.search(string[0]) is not None
        and _QUIET_REST.match(text, string.end()) is None
    )
