"""One thing to say about a ledger, and the text it is about: what the sources of ``acompta verifier`` share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from acompta.lint.finding import ERROR, Severity

TEXT: Final = "texte"
BEANCOUNT: Final = "beancount"
ENGINE: Final = "acompta"
MENTIONS: Final = "mentions"

# A forgotten blank line parts an entry from its header by a few lines, never by a page.
_NEAR: Final = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to say: where (``line`` from 1, 0 when nowhere), how serious, and the French message.

    ``token`` is what was read, to point at; ``original`` is Beancount's message behind a French one.
    """

    path: str
    line: int
    severity: Severity
    source: str
    message: str
    token: str = ""
    code: str = ""
    original: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it is a mistake (else a notice)."""
        return self.severity == ERROR


@lru_cache(maxsize=256)
def lines_of(path: str) -> tuple[str, ...]:
    """The lines of a file, none when it cannot be read."""
    try:
        return tuple(Path(path).read_text(encoding="utf-8", errors="replace").splitlines())
    except OSError:
        return ()


def line_at(path: str, line: int) -> str:
    """The text of a line, from 1; ``""`` when there is none."""
    lines = lines_of(path)
    return lines[line - 1] if 0 < line <= len(lines) else ""


def header_above(path: str, line: int) -> int:
    """The dated line that begins the entry at ``line``, else ``line`` itself."""
    for above in range(line, max(0, line - _NEAR), -1):
        if line_at(path, above)[:1].isdigit():
            return above
    return line


def block(path: str, line: int) -> range:
    """The lines of the entry that begins at ``line``: the indented ones that follow it."""
    lines = lines_of(path)
    end = line
    while end < len(lines) and lines[end][:1] in {" ", "\t"} and lines[end].strip():
        end += 1
    return range(line, end + 1)


def line_with(path: str, line: int, text: str) -> int:
    """The line of the entry at ``line`` that holds ``text``, else ``line`` itself."""
    return next((n for n in block(path, line) if text in line_at(path, n)), line)
