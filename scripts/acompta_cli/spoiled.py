"""Documents that a mistake in the text keeps Beancount from reading: whoever names them is told where to look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from acompta.vocabulary import Kind
from acompta_cli.item import Item, block, header_above, line_at

_LINK: Final = re.compile(r"\^([A-Za-z0-9_/.-]+)")
_NUMBER: Final = re.compile(r'\s+numero\s*:\s*"?([\w/-]+)')
_CONTRACT: Final = f"#{Kind.CONTRACT.value}"
_UNKNOWN_CONTRACT: Final = re.compile(r"contrat inconnu \(\^([^,)]+)\) : ")
_UNKNOWN_INVOICE: Final = re.compile(
    r"(?:règlement d'une facture|paiement d'une facture fournisseur) inconnue : ([\w/-]+)"
)


class Spoiled(NamedTuple):
    """The links of contracts and the numbers of documents, each with the line of its mistake."""

    contracts: Mapping[str, int]
    numbers: Mapping[str, int]

    def retold(self, message: str) -> str:
        """``message``, or where to correct what it takes for unknown."""
        contract = _UNKNOWN_CONTRACT.match(message)
        if contract and contract[1] in self.contracts:
            line = self.contracts[contract[1]]
            return f"le contrat ^{contract[1]} est en erreur (ligne {line}) : corrigez-le d'abord"
        invoice = _UNKNOWN_INVOICE.match(message)
        if invoice and invoice[1] in self.numbers:
            line = self.numbers[invoice[1]]
            return f"la facture {invoice[1]} est en erreur (ligne {line}) : corrigez-la d'abord"
        return message


def spoiled_by(items: Iterable[Item]) -> Spoiled:
    """What the mistakes of the text keep from being read."""
    contracts: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for item in items:
        if not item.is_error or not item.line:
            continue
        header = header_above(item.path, item.line)
        text = line_at(item.path, header)
        if _CONTRACT in text:
            for link in _LINK.findall(text):
                contracts.setdefault(link, item.line)
        for line in block(item.path, header):
            found = _NUMBER.match(line_at(item.path, line))
            if found:
                numbers.setdefault(found[1], item.line)
    return Spoiled(contracts, numbers)
