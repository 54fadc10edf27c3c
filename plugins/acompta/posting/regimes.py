"""A contract outlives the regime of its seller: what it ordered in franchise, or with VAT, is not billed otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from acompta.french import day
from acompta.messages import DocumentError
from acompta.reading.model import Document, TaxKey
from acompta.register.contract import Contract
from acompta.vocabulary import Regime

_FRANCHISE: Final = Regime.FRANCHISE


def check_regime(document: Document, contract: Contract, bases: Mapping[TaxKey, Decimal]) -> None:
    """Refuse to bill in one regime what the contract ordered in the other (CGI art. 293 B, 293 D, 283-3).

    Whether the price agreed is before tax or all taxes included is for the parties to say: a person types the
    amendment. ``bases`` are what is billed per tax key, in euros before tax.

    Raises:
        DocumentError: the seller left the franchise since the contract, or entered it.
    """
    since = day(document.seller.date)
    billed = [tax for tax, base in bases.items() if base]
    if document.seller.regime is _FRANCHISE:
        if any(tax.rate for tax in billed):
            raise DocumentError(
                f"le contrat ^{contract.link} porte de la TVA, et l'émetteur est en franchise depuis le {since} :"
                " tapez un #avenant qui retire les lignes à facturer (montant positif, sans tva:) et les retape au prix"
                " convenu"
            )
    elif any(tax.regime == _FRANCHISE.value for tax in billed):
        raise DocumentError(
            f"le contrat ^{contract.link} a des lignes en franchise, et l'émetteur facture la TVA depuis le {since} :"
            " tapez un #avenant qui retire les lignes à facturer (montant positif, sans tva:) et les retape au prix"
            " convenu, hors taxes"
        )
