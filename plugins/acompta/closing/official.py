"""The official list of accounts, read from the chart that comes with Acompta: titles, and the root of each number.

Source: PCG (règlement ANC 2014-03 modifié par 2022-06), list of accounts; ``ledgers/pcg.beancount`` is made from it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

CHART: Final = Path("ledgers") / "pcg.beancount"
_OPENED: Final = re.compile(
    r'^\S+ open (?P<root>[^:\s]+):(?P<number>\d+).*\n +titre: "(?P<title>[^"]*)"', re.MULTILINE
)


class OfficialAccount(NamedTuple):
    """An account of the list: its ``root`` in the shipped chart (``Actif``, ``Passif``…), its ``title``."""

    root: str
    title: str


def chart_text() -> str:
    """The chart as a file to include: beside the package once installed, else the checkout's."""
    package = Path(__file__).resolve().parents[1]
    installed = package / CHART
    path = installed if installed.is_file() else package.parents[1] / CHART
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def official_accounts() -> dict[str, OfficialAccount]:
    """The list by number."""
    text = chart_text()
    return {
        found["number"]: OfficialAccount(found["root"], found["title"])
        for found in _OPENED.finditer(text)
    }


def official_account(number: str) -> OfficialAccount | None:
    """The account of the list that ``number`` is, or is a detail of: its longest known prefix."""
    accounts = official_accounts()
    for length in range(len(number), 1, -1):
        found = accounts.get(number[:length])
        if found is not None:
            return found
    return None


def official_title(number: str) -> str:
    """Title of the list for ``number`` or what it details, ``""`` for a class that the list does not know."""
    found = official_account(number)
    return found.title if found is not None else ""
