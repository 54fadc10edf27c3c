"""What the checker found, grouped by rule: how often, and the first places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from acompta.closing.fec.rules import ERROR, RULES, Rule

SHOWN: Final = 5


class Place(NamedTuple):
    """A line of the file (1 is the header, 0 the file itself) and what is wrong there."""

    line: int
    text: str


@dataclass(slots=True)
class Finding:
    """A rule that speaks: ``count`` times, first at ``places``."""

    rule: Rule
    count: int = 0
    places: list[Place] = field(default_factory=list)

    @property
    def is_error(self) -> bool:
        """Whether the file is refused for it."""
        return self.rule.severity == ERROR


class Findings:
    """All findings, by code of rule; memory does not grow with their number."""

    def __init__(self) -> None:
        """Start with none."""
        self.by_code: dict[str, Finding] = {}

    def note(self, code: str, line: int, *read: object) -> None:
        """Note that rule ``code`` speaks at ``line``; ``read`` fills its sentence."""
        finding = self.by_code.get(code)
        if finding is None:
            finding = self.by_code[code] = Finding(RULES[code])
        finding.count += 1
        if len(finding.places) < SHOWN:
            finding.places.append(Place(line, finding.rule.found.format(*map(_short, read))))

    def all(self) -> tuple[Finding, ...]:
        """Errors first, each in the order of the rules."""
        order = {code: rank for rank, code in enumerate(RULES)}
        return tuple(
            sorted(self.by_code.values(), key=lambda one: (not one.is_error, order[one.rule.code]))
        )


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
