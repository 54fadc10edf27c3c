"""Seller and customer of a document, from what the ledger says of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acompta.chart import Account
from acompta.invoices.view.parties import DEFAULT_ACCENT, FRANCE, Customer, Place, Seller
from acompta.reading import model


def place_of(meta: Mapping[str, Any]) -> Place:
    """File and line where something is typed."""
    return Place(str(meta.get("filename", "")), int(meta.get("lineno", 0)))


def text_of(meta: Mapping[str, Any], key: str) -> str:
    """A text key, without spaces around, or ``""``."""
    value = meta.get(key)
    return value.strip() if isinstance(value, str) else ""


def lines_of(meta: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A text key of several lines, the blank ones left out."""
    return tuple(line.strip() for line in text_of(meta, key).splitlines() if line.strip())


def seller_view(seller: model.Seller, ledger_folder: Path) -> Seller:
    """The seller as printed; its ``logo:`` is a path from the folder of the ledger."""
    meta = seller.meta
    logo = text_of(meta, "logo")
    return Seller(
        name=seller.name,
        legal_form=text_of(meta, "forme"),
        address=lines_of(meta, "adresse"),
        siren=text_of(meta, "siren"),
        siret=text_of(meta, "siret"),
        vat_number=text_of(meta, "tva-intracom"),
        rcs=text_of(meta, "rcs"),
        phone=text_of(meta, "telephone"),
        email=text_of(meta, "email"),
        website=text_of(meta, "site"),
        iban=text_of(meta, "iban"),
        bic=text_of(meta, "bic"),
        logo=(ledger_folder / logo).resolve() if logo else None,
        accent=text_of(meta, "couleur") or DEFAULT_ACCENT,
        regime=seller.regime,
        deposit_on_debit=seller.deposit_on_debit,
        penalties=text_of(meta, "penalites"),
        discount_terms=text_of(meta, "escompte"),
        electronic_address=text_of(meta, "adresse-electronique"),
        deposits_as_paid=text_of(meta, "acomptes-facturx") == "deduits",
        place=place_of(meta),
    )


def customer_view(account: Account, payee: str) -> Customer:
    """The customer as printed; without ``raison-sociale:`` the payee of the document is its name."""
    meta = account.meta
    return Customer(
        name=text_of(meta, "raison-sociale") or payee,
        account=account.name,
        address=lines_of(meta, "adresse"),
        delivery_address=lines_of(meta, "adresse-livraison"),
        siren=text_of(meta, "siren"),
        siret=text_of(meta, "siret"),
        vat_number=text_of(meta, "tva-intracom"),
        country=text_of(meta, "pays") or FRANCE,
        consumer=meta.get("particulier") is True,
        public=meta.get("public") is True,
        email=text_of(meta, "email"),
        electronic_address=text_of(meta, "adresse-electronique"),
        place=place_of(meta),
    )
