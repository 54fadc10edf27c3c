"""Documents that a mistake in the text keeps Beancount from reading: whoever names them is told where to look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from acompta.messages import AcomptaError, Code
from acompta.numbering import split_number
from acompta.vocabulary import Kind
from acompta_cli.item import Item, block, header_above, line_at

_LINK: Final = re.compile(r"\^([A-Za-z0-9_/.-]+)")
_NUMBER: Final = re.compile(r'\s*numero\s*:\s*"?([\w/-]+)')
_CONTRACT: Final = f"#{Kind.CONTRACT.value}"


class Spoiled(NamedTuple):
    """The links of contracts and the numbers of documents, each with the line of its mistake."""

    contracts: Mapping[str, int]
    numbers: Mapping[str, int]
    headers: frozenset[tuple[str, int]]

    def explains(self, error: AcomptaError) -> bool:
        """Whether ``error`` goes away once the text is corrected.

        The number that a series lacks is that of a document that cannot be read; or the lines of an
        entry stand at the margin.
        """
        source = error.source
        if (source.get("filename"), source.get("lineno")) in self.headers:
            return True
        if error.code is not Code.NUMBER_MISSING:
            return False
        series, rank = split_number(error.about)
        return rank is not None and (series, rank - 1) in {split_number(n) for n in self.numbers}

    def retold(self, error: AcomptaError) -> str:
        """The message of ``error``, or where to correct what it takes for unknown."""
        name = error.about
        if error.code is Code.UNKNOWN_CONTRACT and name in self.contracts:
            return f"le contrat ^{name} est en erreur (ligne {self.contracts[name]}) : corrigez-le d'abord"
        if error.code is Code.UNKNOWN_INVOICE and name in self.numbers:
            return f"la facture {name} est en erreur (ligne {self.numbers[name]}) : corrigez-la d'abord"
        return error.message


def spoiled_by(items: Iterable[Item]) -> Spoiled:
    """What the mistakes of the text keep from being read."""
    contracts: dict[str, int] = {}
    numbers: dict[str, int] = {}
    headers: set[tuple[str, int]] = set()
    for item in items:
        if not item.is_error or not item.line:
            continue
        header = header_above(item.path, item.line)
        text = line_at(item.path, header)
        if _CONTRACT in text:
            for link in _LINK.findall(text):
                contracts.setdefault(link, item.line)
        if _shifted(item.path, header, item.line):
            headers.add((item.path, header))
        for line in range(header, max(item.line, block(item.path, header)[-1]) + 1):
            found = _NUMBER.match(line_at(item.path, line))
            if found:
                numbers.setdefault(found[1], item.line)
    return Spoiled(contracts, numbers, frozenset(headers))


def _shifted(path: str, header: int, line: int) -> bool:
    """Whether the line is one of the entry at ``header``, written at the margin."""
    between = [line_at(path, n) for n in range(header + 1, line + 1)]
    return bool(between) and between[-1][:1].isalpha() and all(text.strip() for text in between)
