"""A draft as ledger text, laid out as the accountant's other entries: keys indented, amounts in one column."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from beancount.core.data import Posting

from acompta.acts.text import written
from acompta.vocabulary import NEUTRAL_KEYS, Kind

# Where the numbers end: Fava's own column for the currency, less the space before it.
_NUMBERS_END: Final = 60


class DraftLine(NamedTuple):
    """A posting to write: what follows the account (``""`` for the line that the plugin completes), and its keys."""

    account: str
    number: str = ""
    rest: str = ""
    meta: tuple[tuple[str, Any], ...] = ()


class DraftHead(NamedTuple):
    """The first line of a draft, and its keys."""

    date: datetime.date
    payee: str | None
    narration: str
    kind: Kind
    links: Iterable[str] = ()
    meta: Mapping[str, Any] = MappingProxyType({})


def draft_text(head: DraftHead, lines: Iterable[DraftLine]) -> str:
    """The text of a draft, ending in a newline."""
    words = [head.date.isoformat(), "!"]
    words += [written(text) for text in (head.payee, head.narration) if text is not None]
    words += [f"#{head.kind.value}", *(f"^{link}" for link in sorted(head.links))]
    rows = [" ".join(words), *_keys(head.meta.items(), "  ")]
    for line in lines:
        rows.append(_posting(line))
        rows += _keys(line.meta, "    ")
    return "\n".join(rows) + "\n"


def typed_lines(postings: Iterable[Posting]) -> list[DraftLine]:
    """The lines that a person typed: those that Beancount completed are blank again, each once."""
    lines: list[DraftLine] = []
    for posting in postings:
        meta = posting.meta or {}
        keys = tuple(
            (key, value)
            for key, value in meta.items()
            if key not in NEUTRAL_KEYS and not key.startswith("__")
        )
        units, price = posting.units, posting.price
        if "__automatic__" in meta or units is None or units.number is None:
            blank = DraftLine(posting.account, meta=keys)
            if blank not in lines:
                lines.append(blank)
            continue
        rest = units.currency
        if price is not None and price.number is not None:
            rest += f" @ {price.number:f} {price.currency}"
        lines.append(DraftLine(posting.account, f"{units.number:f}", rest, keys))
    return lines


def _posting(line: DraftLine) -> str:
    head = f"  {line.account}"
    if not line.number:
        return head
    width = max(_NUMBERS_END - len(head), len(line.number) + 2)
    return f"{head}{line.number:>{width}} {line.rest}"


def _keys(meta: Iterable[tuple[str, Any]], indent: str) -> list[str]:
    return [f"{indent}{key}: {written(value)}" for key, value in meta]
