"""One text from end to end: leap over the clean lines, look closely at the others."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from acompta.lint.accounts import Roots
from acompta.lint.clean import clean_lines
from acompta.lint.finding import ERROR, NO_PLUGIN, NOTICE, Finding, Problem
from acompta.lint.lines import Preamble, check_line
from acompta.lint.mask import read_line
from acompta.lint.postings import Place
from acompta.lint.roots import RootTracker

PLUGIN = "acompta"


class Scanned(NamedTuple):
    """What one text gave: its findings, and its ``option``, ``include`` and ``plugin`` lines with their numbers."""

    findings: list[Finding]
    preambles: list[tuple[int, Preamble]]


def scan(path: Path, text: str, *, wanted: Roots | None, leap: bool = True) -> Scanned:
    """Read ``text`` line by line; ``wanted`` are the main file's roots, ``None`` when this is the main file.

    ``leap=False`` looks closely at every line: slower, the same findings (the tests compare both).
    """
    if not text.endswith("\n"):
        text += "\n"
    roots = RootTracker(text, wanted, file_name=path.name)
    findings: list[Finding] = []
    preambles: list[tuple[int, Preamble]] = []
    clean, known = clean_lines(roots.good), roots.good
    position, number, in_entry = 0, 1, False
    while position < len(text):
        leapt = (clean.body if in_entry else clean.unit).match(text, position) if leap else None
        if leapt is None and leap and in_entry:
            leapt = clean.unit.match(text, position)
        if leapt is not None:
            end = leapt.end()
            in_entry = _ends_in_entry(text, position, end)
        else:
            logical = read_line(text, position)
            checked = check_line(logical, Place(roots, number), in_entry=in_entry)
            findings += [_found(path, number, problem) for problem in checked.problems]
            if checked.preamble is not None:
                preambles.append((number, checked.preamble))
                findings += [
                    _found(path, number, problem) for problem in _option(checked.preamble, roots)
                ]
            in_entry, end = checked.in_entry, logical.end
            if roots.good != known:
                clean, known = clean_lines(roots.good), roots.good
        number += text.count("\n", position, end)
        position = end
    missing = roots.missing()
    if missing:
        findings.append(_found(path, *missing))
    return Scanned(findings, preambles)


def _found(path: Path, number: int, problem: Problem) -> Finding:
    return Finding(path, number, problem.token, problem.severity, problem.message, problem.code)


def _ends_in_entry(text: str, start: int, end: int) -> bool:
    """Whether the last line of clean text leaves an entry open."""
    last = text[max(start, text.rfind("\n", start, end - 1) + 1) : end]
    return last[0].isdigit() or (last[0] in " \t" and not last.isspace())


def _option(preamble: Preamble, roots: RootTracker) -> list[Problem]:
    if preamble.word != "option" or not preamble.values[0].startswith("name_"):
        return []
    problem = roots.option(preamble.values[0].removeprefix("name_"), preamble.values[1])
    return [problem] if problem else []


def plugin_findings(
    path: Path, preambles: list[tuple[int, Preamble]], *, main: bool
) -> list[Finding]:
    """The plugin line: needed in the main file, without effect in an included one."""
    plugins = [(number, line.values[0]) for number, line in preambles if line.word == "plugin"]
    if not main:
        return [_found(path, number, _ignored_plugin(name)) for number, name in plugins]
    if any(name == PLUGIN or name.startswith(f"{PLUGIN}.") for _, name in plugins):
        return []
    number = max((number for number, line in preambles if line.word == "option"), default=1)
    message = (
        f'la ligne « plugin "{PLUGIN}" » manque dans le fichier principal : aucun document ne serait complété ; '
        f'tapez « plugin "{PLUGIN}" » sous les lignes « option »'
    )
    return [_found(path, number, Problem("plugin", message, ERROR, NO_PLUGIN))]


def _ignored_plugin(name: str) -> Problem:
    message = (
        f'« plugin "{name}" » est sans effet dans un fichier inclus ; '
        "déplacez cette ligne dans le fichier principal"
    )
    return Problem("plugin", message, NOTICE)
