"""The shape of lines in which there is nothing to find, said as one regular expression.

A ledger is nearly all such lines, so the linter leaps over them and looks closely at the others only. The rule: a
line that matches here gives no finding when looked at closely (a test holds this).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from acompta import vocabulary
from acompta.lint.accounts import ACCOUNT_PATTERN
from acompta.lint.keys import KEY_NAME, keys_of_type

_SPACE: Final = "[ \t]+"
_END: Final = r"[ \t]*(?:;[^\n]*)?\r?\n"
_STRING: Final = r'"[^"\\\n]*"(?![\w\'’€%&])'
_DAY: Final = (
    r"(?:19|20)\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    r"|(?:0[13578]|1[02])-31)"
)
# At most 12 digits before the point: more is looked at closely (`amounts`).
_NUMBER: Final = r"-?(?:(?:0|[1-9]\d{0,11})(?:\.\d+)?|[1-9]\d{0,2}(?:,\d{3}){1,3}\.\d+)"
_UNIT: Final = r"(?!HT\b|TTC\b|EUROS?\b)[A-Z][A-Z0-9'._-]*[A-Z0-9](?![A-Z0-9'._-])"
_AMOUNT: Final = rf"{_NUMBER}{_SPACE}{_UNIT}"
_MARKS: Final = rf"(?:{_SPACE}[#^][A-Za-z0-9_/.-]+)*"
# At the start of a line these signs comment it out (org-mode headings); `#tag` does not.
_COMMENT: Final = r"(?:;[^\n]*|[*:!&?%][^\n]+|#[^A-Za-z0-9_/.\n-][^\n]*)\n"
_BLANK: Final = r"[ \t]*\r?\n"


class Clean(NamedTuple):
    """``unit``: whole entries, comments and blank lines; ``body``: the indented lines of an entry."""

    unit: re.Pattern[str]
    body: re.Pattern[str]


def _typed_keys() -> str:
    dates = "|".join(keys_of_type(vocabulary.DATE))
    numbers = "|".join(keys_of_type(vocabulary.NUMBER))
    booleans = "|".join(keys_of_type(vocabulary.BOOLEAN))
    return (
        rf"{KEY_NAME}:[ \t]*{_STRING}|(?:{dates}):[ \t]*{_DAY}|(?:{numbers}):[ \t]*{_NUMBER}"
        rf"|(?:{booleans}):[ \t]*(?:TRUE|FALSE)"
    )


@lru_cache(maxsize=64)
def clean_lines(roots: frozenset[str]) -> Clean:
    """The patterns for a file in which accounts begin with one of ``roots``."""
    names = (
        "|".join(re.escape(root) for root in sorted(roots, key=len, reverse=True) if root)
        or r"(?!)"
    )
    account = rf"(?:{names}){ACCOUNT_PATTERN}"
    posting = rf"(?:[*!]{_SPACE})?{account}(?:{_SPACE}{_AMOUNT}(?:{_SPACE}@@?{_SPACE}{_AMOUNT})?)?"
    body = rf"{_SPACE}(?:(?:{posting}|{_typed_keys()}){_END}|;[^\n]*\n)"
    directive = "|".join(
        (
            rf"[*!](?:{_SPACE}{_STRING}){{1,2}}{_MARKS}",
            rf"open{_SPACE}{account}(?:{_SPACE}EUR)?",
            rf"close{_SPACE}{account}",
            rf"pad{_SPACE}{account}{_SPACE}{account}",
            rf"balance{_SPACE}{account}{_SPACE}{_AMOUNT}",
            rf"price{_SPACE}{_UNIT}{_SPACE}{_AMOUNT}",
            rf"commodity{_SPACE}{_UNIT}",
            rf"note{_SPACE}{account}{_SPACE}{_STRING}{_MARKS}",
            rf"document{_SPACE}{account}{_SPACE}{_STRING}{_MARKS}",
            rf"(?:event|query|custom){_SPACE}{_STRING}{_SPACE}{_STRING}",
            rf"custom{_SPACE}{_STRING}",
        )
    )
    entry = rf"{_DAY}{_SPACE}(?:{directive}){_END}(?:{body})*"
    return Clean(
        re.compile(rf"(?:{entry}|{_COMMENT}|{_BLANK}){{1,64}}"), re.compile(rf"(?:{body})+")
    )
