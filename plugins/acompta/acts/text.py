"""Ledger text changed to the byte: what is asked, and not one byte besides.

Encoding, byte-order mark, line ends, comments, spacing and the order of what is there stay as they were typed. Each
change is asked for by the entry that it is for; the text is parsed before and after, and everything else must be the
same: an edit that would hit another transaction, or break one, is refused.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from beancount.core.amount import Amount
from beancount.core.data import Directive, Posting, Transaction
from beancount.parser import parser

from acompta.acts.problem import ActError
from acompta.lint.encoding import decode

MetaValue = str | datetime.date | Decimal | Amount | bool

_CODE: Final = re.compile(r'(?:[^";\n]|"(?:[^"\\]|\\.)*")*', re.DOTALL)
_HEAD: Final = re.compile(r"(\d{4})([-/])(\d{1,2})[-/](\d{1,2})([ \t]+)(txn|\S)(?=[ \t\r\n\"]|$)")
_INDENT: Final = re.compile(r"[ \t]*")
_META: Final = re.compile(r"[ \t]+[a-z][a-zA-Z0-9_-]+[ \t]*:")
_POSTING_FLAG: Final = re.compile(r"[*!&#?%A-Z][ \t]+")
_DATED: Final = re.compile(r"\d{4}[-/]\d")
_OWN_KEYS: Final = frozenset({"filename", "lineno"})
_DEFAULT_INDENT: Final = "  "


class LedgerText:
    """The text of one ledger file, and the changes asked for; `result` gives the new bytes."""

    def __init__(self, path: Path, original: bytes) -> None:
        """Edit ``original``, read from ``path``.

        Raises:
            ActError: not UTF-8, or the line ends of old Macs: Beancount does not read it as a person does.
        """
        self.path = path
        self.original = original
        self._text = _utf8(path, original)
        self._starts = _line_starts(self._text)
        self._insertions: dict[int, list[str]] = defaultdict(list)
        self._replacements: dict[int, tuple[int, str]] = {}
        self._expected: dict[int, _Expected] = {}
        self._appended: list[str] = []
        self._proved: bytes | None = None
        self._newline = "\r\n" if "\r\n" in self._text else "\n"

    @property
    def changed(self) -> bool:
        """Whether anything was asked for."""
        return bool(self._insertions or self._replacements or self._appended)

    def transaction(
        self,
        entry: Transaction,
        *,
        flag: str | None = None,
        date: datetime.date | None = None,
        links: Collection[str] = (),
        meta: Mapping[str, MetaValue] | None = None,
    ) -> None:
        """Change the flag or the date of a transaction's head, add links to it, put metadata lines under it.

        Raises:
            ActError: no such transaction at that line of the text.
        """
        start, head = self._head(entry)
        expected = self._expect(entry)
        if flag is not None:
            self._replacements[head.start(6)] = (head.end(6), flag)
            expected.flag = flag
        if date is not None and date != entry.date:
            as_typed = date.isoformat().replace("-", head[2])
            self._replacements[start] = (head.start(5), as_typed)
            expected.date = date
        code_end, line_end = self._line(start)
        known = self._text[start:code_end].split()
        added = [link for link in dict.fromkeys(links) if f"^{link}" not in known]
        if added:
            self._insertions[code_end].append("".join(f" ^{link}" for link in added))
            expected.links |= frozenset(added)
        self._insert_meta(line_end, self._indent_below(line_end), meta or {})
        expected.meta.update(meta or {})

    def posting(self, entry: Transaction, posting: Posting, meta: Mapping[str, MetaValue]) -> None:
        """Put metadata lines under a posting that was typed.

        Raises:
            ActError: the posting is not in the text.
        """
        self._head(entry)
        line = (posting.meta or {}).get("lineno", 0)
        if not 0 < line <= len(self._starts):
            raise _moved(self.path, line)
        start = self._starts[line - 1]
        own = self._indent_at(start)
        if not own or not self._text.startswith(
            posting.account, self._after_flag(start + len(own))
        ):
            raise _moved(self.path, line)
        _, line_end = self._line(start)
        below = self._indent_below(line_end)
        deeper = len(below) > len(own) and _META.match(self._text, line_end) is not None
        step = "\t" if own.endswith("\t") else _DEFAULT_INDENT
        self._insert_meta(line_end, below if deeper else own + step, meta)
        self._expect(entry).postings.setdefault(line, {}).update(meta)

    def append(self, text: str) -> None:
        """Add directives at the end, after a blank line; ``text`` has Unix line ends, the file keeps its own."""
        self._appended.append(text.strip("\n"))

    def result(self) -> bytes:
        """The new bytes.

        Raises:
            ActError: parsed again, the text does not say what it should: nothing may be written.
        """
        new = self._edited().encode()
        if new != self._proved:
            self._check(new)
            self._proved = new
        return new

    # -- places -----------------------------------------------------------------------------------------------

    def _head(self, entry: Transaction) -> tuple[int, re.Match[str]]:
        line = entry.meta.get("lineno", 0)
        if not 0 < line <= len(self._starts):
            raise _moved(self.path, line)
        start = self._starts[line - 1]
        found = _HEAD.match(self._text, start)
        if found is None:
            raise _moved(self.path, line)
        typed = datetime.date(int(found[1]), int(found[3]), int(found[4]))
        if typed != entry.date or found[6] not in {entry.flag, "txn"}:
            raise _moved(self.path, line)
        return start, found

    def _line(self, start: int) -> tuple[int, int]:
        """Where the code of a logical line ends (before spaces and comment), and where the next line begins."""
        code = _CODE.match(self._text, start)
        end = code.end() if code is not None else start
        newline = self._text.find("\n", end)
        code_end = start + len(self._text[start:end].rstrip())
        return code_end, len(self._text) if newline < 0 else newline + 1

    def _indent_at(self, start: int) -> str:
        found = _INDENT.match(self._text, start)
        return found[0] if found else ""

    def _indent_below(self, start: int) -> str:
        """Indentation of the first line below that is not a comment, when it belongs to the same entry."""
        while start < len(self._text):
            indent = self._indent_at(start)
            rest = self._text[start + len(indent) : start + len(indent) + 1]
            if not indent or rest in {"", "\n", "\r"}:
                break
            if rest != ";":
                return indent
            _, start = self._line(start)
        return _DEFAULT_INDENT

    def _after_flag(self, start: int) -> int:
        found = _POSTING_FLAG.match(self._text, start)
        return found.end() if found else start

    # -- changes ----------------------------------------------------------------------------------------------

    def _expect(self, entry: Transaction) -> _Expected:
        return self._expected.setdefault(entry.meta["lineno"], _Expected(entry))

    def _insert_meta(self, at: int, indent: str, meta: Mapping[str, MetaValue]) -> None:
        if not meta:
            return
        newline = self._newline
        if self._text.endswith("\n", 0, at):
            newline = "\r\n" if self._text.endswith("\r\n", 0, at) else "\n"
        lines = "".join(f"{indent}{key}: {written(value)}{newline}" for key, value in meta.items())
        if not self._text.endswith("\n", 0, at):  # the last line, that nothing ends
            lines = newline + lines.removesuffix(newline)
        self._insertions[at].append(lines)

    def _edited(self) -> str:
        pieces: list[str] = []
        position = 0
        for start in sorted(self._insertions.keys() | self._replacements.keys()):
            pieces.append(self._text[position:start])
            pieces += self._insertions.get(start, ())
            position = start
            if start in self._replacements:
                position, new = self._replacements[start]
                pieces.append(new)
        pieces.append(self._text[position:])
        text = "".join(pieces)
        for added in self._appended:
            text = self._after(text) + added.replace("\n", self._newline) + self._newline
        return text

    def _after(self, text: str) -> str:
        """``text`` and what leaves one blank line after it."""
        if not text.strip("\ufeff"):
            return text
        if not text.endswith("\n"):
            text += self._newline
        return text if re.search(r"\n[ \t]*\r?\n\Z", text[-80:]) else text + self._newline

    # -- proof ------------------------------------------------------------------------------------------------

    def _check(self, new: bytes) -> None:
        before, errors_before = _parsed(self.original, self.path)
        after, errors_after = _parsed(new, self.path)
        missing = self._expected.keys() - {_line_of(entry) for entry in before}
        if missing:
            raise _moved(self.path, min(missing))
        for old, now in zip(before, after, strict=False):
            expected = self._expected.get(old.meta["lineno"])
            wanted = old if expected is None else expected.applied(old, self.path)
            if _bare(wanted) != _bare(now):
                raise _spoilt(self.path, old.meta["lineno"])
        added = sum(map(_count_directives, self._appended))
        if len(after) != len(before) + added or errors_after != errors_before:
            raise _spoilt(self.path, len(self._starts))


@dataclass(slots=True)
class _Expected:
    """What a transaction must be once the text is changed."""

    entry: Transaction
    flag: str | None = None
    date: datetime.date | None = None
    links: frozenset[str] = frozenset()
    meta: dict[str, Any] = field(default_factory=dict)
    postings: dict[int, dict[str, Any]] = field(default_factory=dict)

    def applied(self, typed: Directive, path: Path) -> Directive:
        """``typed`` as it must be afterwards.

        Raises:
            ActError: it is not the transaction that was asked for.
        """
        entry = self.entry
        if not isinstance(typed, Transaction) or (typed.payee, typed.narration) != (
            entry.payee,
            entry.narration,
        ):
            raise _moved(path, entry.meta["lineno"])
        postings = [
            posting._replace(meta={**(posting.meta or {}), **self.postings[posting.meta["lineno"]]})
            if posting.meta and posting.meta.get("lineno") in self.postings
            else posting
            for posting in typed.postings
        ]
        return typed._replace(
            flag=self.flag or typed.flag,
            date=self.date or typed.date,
            links=typed.links | self.links,
            meta={**typed.meta, **self.meta},
            postings=postings,
        )


def written(value: MetaValue) -> str:
    """A metadata value as Beancount reads it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Amount):
        return f"{value.number:f} {value.currency}"
    return f"{value:f}"


def _utf8(path: Path, original: bytes) -> str:
    try:
        text = original.decode()
    except UnicodeDecodeError as error:
        line, problem = decode(original).problems[0]
        raise ActError(f"« {path} », ligne {line} : {problem.message}") from error
    if "\r" in text and "\n" not in text:
        raise ActError(f"« {path} » : {decode(original).problems[0][1].message}")
    return text


def _line_starts(text: str) -> list[int]:
    starts, position = [0], text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    return starts


def _count_directives(text: str) -> int:
    """How many dated directives a text holds: lines inside a string that spans several do not count."""
    count = position = 0
    while position < len(text):
        if _DATED.match(text, position):
            count += 1
        code = _CODE.match(text, position)
        newline = text.find("\n", code.end() if code is not None else position)
        position = len(text) if newline < 0 else newline + 1
    return count


def _parsed(content: bytes, path: Path) -> tuple[list[Directive], list[str]]:
    """The directives of a text in its own order, and the messages of its errors."""
    entries, errors, _ = parser.parse_string(content, report_filename=str(path))
    return sorted(entries, key=_line_of), [error.message for error in errors]


def _line_of(entry: Directive) -> int:
    line: int = entry.meta["lineno"]
    return line


def _bare(entry: Directive) -> Directive:
    """An entry without its place in the text."""
    meta = _without_place(entry.meta)
    if not isinstance(entry, Transaction):
        return entry._replace(meta=meta)
    postings = [
        posting._replace(meta=_without_place(posting.meta or {})) for posting in entry.postings
    ]
    return entry._replace(meta=meta, postings=postings)


def _without_place(meta: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in meta.items() if key not in _OWN_KEYS}


def _moved(path: Path, line: int) -> ActError:
    return ActError(
        f"« {path} », ligne {line} : le texte n'est plus celui qui a été lu ; recommencez, rien n'a été changé"
    )


def _spoilt(path: Path, line: int) -> ActError:
    return ActError(
        f"« {path} », ligne {line} : ce texte ne peut pas être complété sans risque ; mettez chaque clé et chaque"
        " montant sur sa ligne, vérifiez par « acompta verifier » ; rien n'a été changé"
    )
