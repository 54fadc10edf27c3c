"""A whole dossier: the main file and all that it includes, read from the text alone."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from acompta.lint.accounts import Roots
from acompta.lint.dated import backslash_problem
from acompta.lint.encoding import Decoded, decode
from acompta.lint.finding import Finding, Problem
from acompta.lint.lines import Preamble
from acompta.lint.roots import declared_roots
from acompta.lint.scan import Scanned, plugin_findings, scan

# Beancount decrypts these before it parses them; their text is not ours to read.
_ENCRYPTED: Final = frozenset({".gpg", ".asc"})


class _Include(NamedTuple):
    """A file to read, and the line that asks for it (none for the main file)."""

    path: Path
    asked_by: Path | None = None
    line: int = 1


def lint_text(path: Path, text: str, *, main: bool, roots: Roots | None = None) -> list[Finding]:
    """The findings of one text.

    ``main``: whether this is the file that Beancount is given; ``roots``: the main file's roots when it is not
    (without them, those that ``text`` declares are taken as right). Never raises, whatever the text.
    """
    return _lint_decoded(path, Decoded(text, ()), main=main, roots=roots)[0]


def _lint_decoded(
    path: Path, decoded: Decoded, *, main: bool, roots: Roots | None
) -> tuple[list[Finding], Scanned]:
    wanted = None if main else roots
    scanned = scan(path, decoded.text, wanted=wanted)
    findings = [
        Finding(path, line, p.token, p.severity, p.message, p.code) for line, p in decoded.problems
    ]
    findings += scanned.findings + plugin_findings(path, scanned.preambles, main=main)
    return sorted(findings, key=lambda finding: finding.line), scanned


def lint_ledger(main: Path) -> list[Finding]:
    """The findings of the ledger ``main`` and of all the files that it includes, in the order of reading.

    Follows ``include`` as Beancount does (relative to the including file, patterns, each file once), without loading
    Beancount. Never raises: a file that cannot be read is a finding at the line that includes it.
    """
    first = _normal(Path.cwd() / main)
    queue = deque([_Include(first)])
    seen: dict[Path, _Include] = {}
    findings: list[Finding] = []
    roots: Roots | None = None
    while queue:
        asked = queue.popleft()
        if asked.path in seen:
            findings.append(_twice(asked, seen[asked.path], first))
            continue
        seen[asked.path] = asked
        raw = _read(asked)
        if isinstance(raw, Finding):
            findings.append(raw)
            continue
        decoded = decode(raw)
        found, scanned = _lint_decoded(
            asked.path, decoded, main=asked.asked_by is None, roots=roots
        )
        findings += found
        roots = roots or declared_roots(decoded.text)
        for step in _follow(asked.path, scanned):
            if isinstance(step, Finding):
                findings.append(step)
            else:
                queue.append(step)
    return _in_reading_order(findings, list(seen))


def _normal(path: Path) -> Path:
    """``path`` without its ``..``, links left alone: two names are one file for Beancount when these texts agree."""
    return Path(os.path.normpath(path))


def _in_reading_order(findings: list[Finding], paths: list[Path]) -> list[Finding]:
    rank = {path: position for position, path in enumerate(paths)}
    return sorted(findings, key=lambda finding: (rank.get(finding.path, len(rank)), finding.line))


def _at(asked: _Include, problem: Problem) -> Finding:
    """``problem`` at the line that includes the file, at the file itself when it is the main one."""
    return Finding(
        asked.asked_by or asked.path,
        asked.line,
        problem.token,
        problem.severity,
        problem.message,
        problem.code,
    )


def _read(asked: _Include) -> bytes | Finding:
    name = asked.path.name
    if asked.path.is_dir():
        wanted = f"{name}/*.beancount"
        message = f"« {name} » est un dossier, et Beancount s'arrête net ; tapez un nom de fichier, ou « {wanted} »"
        return _at(asked, Problem(name, message))
    if asked.path.suffix in _ENCRYPTED:
        return b""
    try:
        return asked.path.read_bytes()
    except OSError as error:
        reason = (
            "fichier introuvable" if isinstance(error, FileNotFoundError) else "fichier illisible"
        )
        message = f"{reason} : « {asked.path} » ; vérifiez son nom et vos droits de lecture"
        return _at(asked, Problem(name, message))


def _twice(asked: _Include, before: _Include, main: Path) -> Finding:
    name = asked.path.name
    if asked.path == main:
        message = f"« {name} » est le fichier principal, et cette ligne l'inclut à nouveau ; retirez-le du motif"
    elif before.asked_by is None or before.asked_by == asked.asked_by:
        message = f"« {name} » est déjà inclus à la ligne {before.line} ; retirez cette ligne"
    else:
        message = f"« {name} » est déjà inclus par {before.asked_by.name}, ligne {before.line} ; retirez cette ligne"
    return _at(asked, Problem(name, message))


def _follow(path: Path, scanned: Scanned) -> Iterator[_Include | Finding]:
    """The files that the ``include`` lines of ``path`` ask for, patterns expanded as Beancount expands them."""
    for number, preamble in scanned.preambles:
        if preamble.word == "include":
            yield from _expand(path, number, preamble)


def _expand(path: Path, number: int, preamble: Preamble) -> Iterator[_Include | Finding]:
    pattern = preamble.values[0]
    asked = _Include(path, path, number)
    if "\\" in pattern:
        yield _at(asked, backslash_problem(pattern))
        return
    try:
        # Not Path.glob: Beancount expands with `glob.glob`, which passes hidden files by and takes absolute names.
        names = glob.glob(str(path.parent / pattern), recursive=True)  # noqa: PTH207
    except (OSError, ValueError):
        names = []
    if not names:
        yield _at(asked, _not_found(pattern))
    for name in sorted(names):
        yield _Include(_normal(Path(name)), path, number)


def _not_found(pattern: str) -> Problem:
    if pattern.startswith(("~", "$")):
        message = f"« {pattern} » : Beancount ne connaît ni « ~ » ni les variables ; tapez un chemin depuis ce fichier"
    elif glob.has_magic(pattern):
        message = (
            f"aucun fichier ne répond au motif « {pattern} » ; vérifiez le dossier et l'extension"
        )
    else:
        message = f"le fichier « {pattern} » n'existe pas ; vérifiez son nom (il part du dossier de ce fichier)"
    return Problem(pattern, message)
