"""docs/cases.md, written from ``origines.toml`` and from the first line of each golden folder (``;; Cas : …``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.cases.golden import CASES, Case

ROOT: Final = CASES.parents[1]
PAGE: Final = ROOT / "docs" / "cases.md"
VERDICTS: Final = ("repris", "adapté", "évité", "ailleurs", "hors sujet")
_ROW: Final = re.compile(r"ligne-(\d\d)-")
_TITLE: Final = re.compile(r"\A;; Cas : (.+(?:\n;; +\S.*)*)", re.MULTILINE)


class Origin(NamedTuple):
    """A case worked or published elsewhere, and what became of it."""

    name: str
    subject: str
    verdict: str
    folders: tuple[str, ...]
    tests: tuple[str, ...]
    remark: str


def origins(table: str) -> list[Origin]:
    """The cases of ``regles`` (French rules) or of ``logiciels`` (other programs)."""
    read = tomllib.loads((CASES / "origines.toml").read_text(encoding="utf-8"))
    return [_origin(row) for row in read[table]]


def _origin(row: dict[str, Any]) -> Origin:
    return Origin(
        row["cas"],
        row["sujet"],
        row.get("verdict", ""),
        tuple(row["dossiers"]),
        tuple(row.get("essais", ())),
        row.get("remarque", ""),
    )


def title_of(case: Case) -> str:
    """What a golden folder says of itself."""
    path = next(
        case.folder / name
        for name in ("typed.beancount", "main.beancount")
        if (case.folder / name).exists()
    )
    found = _TITLE.match(path.read_text(encoding="utf-8"))
    if found is None:
        raise AssertionError(f"{path}: first line must be « ;; Cas : … »")
    return " ".join(line.removeprefix(";;").strip() for line in found[1].splitlines())


def tables(cases: list[Case]) -> dict[str, list[str]]:
    """The table of each section of the page, as lines."""
    by_name = {case.folder.name: case for case in cases}
    rules, programs = origins("regles"), origins("logiciels")
    taken = {folder for origin in (*rules, *programs) for folder in origin.folders}
    rows = {name: found[1] for name in sorted(by_name) if (found := _ROW.match(name))}
    own = [name for name in sorted(by_name) if name not in taken and name not in rows]
    return {
        "Cas de comptabilité française": _table(
            ("cas", "sujet", "dossiers", "remarque"),
            [(o.name, o.subject, _where(o), o.remark) for o in rules],
        ),
        "Cas d'autres logiciels": _table(
            ("cas", "sujet", "verdict", "dossiers", "remarque"),
            [(o.name, o.subject, o.verdict, _where(o), o.remark) for o in programs],
        ),
        "Les quarante situations": _table(
            ("ligne", "dossier", "sujet"),
            [(str(int(row)), _link(name), _situation(by_name[name])) for name, row in rows.items()],
        ),
        "Cas propres au langage": _table(
            ("dossier", "sujet"), [(_link(name), title_of(by_name[name])) for name in own]
        ),
        "Lacunes connues": _gaps(cases),
    }


def written(cases: list[Case], page: str) -> str:
    """The page with its tables written again; what stands around them is a person's."""
    for title, table in tables(cases).items():
        head, mark, rest = page.partition(f"\n## {title}\n")
        if not mark:
            raise AssertionError(f"docs/cases.md: no section « {title} »")
        section, mark_after, after = rest.partition("\n## ")
        kept = [
            line for line in section.splitlines() if not line.startswith("|") and line != "Aucune."
        ]
        text = "\n".join(kept).strip("\n")
        body = "\n".join(table)
        page = f"{head}{mark}\n{text + chr(10) * 2 if text else ''}{body}\n{mark_after}{after}"
    return page


def _situation(case: Case) -> str:
    title = re.sub(r"^ligne \d+ : ", "", title_of(case))
    return title[:1].upper() + title[1:]


def _gaps(cases: list[Case]) -> list[str]:
    rows = [(_link(case.folder.name), case.gap) for case in cases if case.gap]
    return _table(("dossier", "ce qui manque"), rows) if rows else ["Aucune."]


def _where(origin: Origin) -> str:
    links = [_link(folder) for folder in origin.folders]
    links += [f"[{Path(test).name}](../{test})" for test in origin.tests]
    return "<br>".join(links) or "—"


def _link(folder: str) -> str:
    return f"[{folder}](../tests/cases/{folder}/)"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_line(head), "|" + "---|" * len(head), *map(_line, rows)]


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
