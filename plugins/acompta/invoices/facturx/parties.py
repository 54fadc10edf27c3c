"""Seller and customer as the electronic invoice wants them: identifiers with their schemes, addresses in parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from acompta.invoices import identifiers
from acompta.invoices.facturx.codes import (
    EMAIL_SCHEME,
    EU_VAT_SCHEME,
    FRENCH_ADDRESS,
    SIREN_SCHEME,
    SIRET_SCHEME,
)
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.parties import FRANCE, Customer, Seller

_TOWN: Final = re.compile(r"(?:(?:F|FR)-)?(\d{5})\s+(\S.*)")
# « B-1000 Bruxelles », « 1204 Genève », « 10115 Berlin », « SW1A 1AA London ».
_FOREIGN_TOWN: Final = re.compile(
    r"((?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3})?|\d{4}\s?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})\s+(\S.*)"
)
_COUNTRY_LINES: Final = 2
SIREN_LENGTH: Final = 9


class Address(NamedTuple):
    """An address in parts: up to three lines, postcode, town; each ``""`` when it is not known."""

    lines: tuple[str, ...]
    postcode: str
    town: str


def address_of(lines: Sequence[str], country: str) -> Address:
    """Cut a printed address; what cannot be cut stays in its lines, nothing is lost."""
    parts = [part.strip() for line in lines for part in [line] if part.strip()]
    if len(parts) == 1 and "," in parts[0]:
        parts = [part.strip() for part in parts[0].split(",") if part.strip()]
    pattern = _TOWN if country == FRANCE else _FOREIGN_TOWN
    for rank in range(len(parts) - 1, max(-1, len(parts) - 1 - _COUNTRY_LINES), -1):
        found = pattern.fullmatch(parts[rank])
        if found is not None:
            rest = parts[:rank] + ([] if _names_a_country(parts[rank + 1 :]) else parts[rank + 1 :])
            return Address(_three(rest), found[1], found[2])
    return (
        Address(_three(parts[:-1]), "", parts[-1])
        if len(parts) > 1
        else Address(_three(parts), "", "")
    )


def _names_a_country(rest: Sequence[str]) -> bool:
    """The line after the town is the country, which has its own field."""
    return len(rest) == 1 and not any(char.isdigit() for char in rest[0])


def _three(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines of an address; the format has room for three."""
    return (*lines[:2], ", ".join(lines[2:])) if len(lines) > 2 else tuple(lines)


def address_fields(lines: Sequence[str], country: str) -> dict[str, str]:
    """The address keys of a party."""
    address = address_of(lines, country)
    named = zip(("addr_l1", "addr_l2", "addr_l3"), address.lines, strict=False)
    fields = dict(named) | {"postcode": address.postcode, "city": address.town}
    return {key: value for key, value in fields.items() if value} | {"country_code": country}


def siren_of(party: Seller | Customer) -> str:
    """The SIREN, typed or at the beginning of the SIRET."""
    return identifiers.compact(party.siren) or identifiers.compact(party.siret)[:SIREN_LENGTH]


def seller_fields(view: DocumentView) -> dict[str, Any]:
    """BG-4. The electronic address (BT-34) is that of the SIREN unless the seller types another one.

    In franchise there is no VAT number: the SIREN stands as tax registration (BT-32), which BR-E-02 asks for.
    """
    seller, siren = view.seller, siren_of(view.seller)
    fields: dict[str, Any] = {
        "name": seller.name,
        "legal_identifier": siren,
        "legal_identifier_schemeid": SIREN_SCHEME,
        "einvoicing_addr": seller.electronic_address or siren,
        "einvoicing_addr_schemeid": FRENCH_ADDRESS,
        **address_fields(seller.address, FRANCE),
    }
    if seller.siret:
        fields["identifiers"] = {SIRET_SCHEME: identifiers.compact(seller.siret)}
    vat = identifiers.compact(seller.vat_number)
    fields |= {"vat_identifier": vat} if vat else {"tax_identifier": siren}
    legal = " – ".join(filter(None, (seller.legal_form, f"RCS {seller.rcs}" if seller.rcs else "")))
    if legal:
        fields["legal_info"] = legal
    contact = {"name": seller.name, "phone": seller.phone, "email": seller.email}
    if seller.phone or seller.email:
        fields["contacts"] = [{key: value for key, value in contact.items() if value}]
    return fields


def buyer_fields(view: DocumentView) -> dict[str, Any]:
    """BG-7. A French business is reached by its SIREN (BR-FR-21), anybody else by an address typed or an e-mail."""
    customer, siren = view.customer, siren_of(view.customer)
    fields: dict[str, Any] = {"name": customer.name}
    if customer.french and not customer.consumer:
        fields |= {"legal_identifier": siren, "legal_identifier_schemeid": SIREN_SCHEME}
        if customer.siret:
            fields["identifiers"] = {SIRET_SCHEME: identifiers.compact(customer.siret)}
    vat = identifiers.compact(customer.vat_number)
    if vat:
        fields["vat_identifier"] = vat
        if not customer.french and customer.country in identifiers.EUROPEAN_UNION:
            fields |= {"legal_identifier": vat, "legal_identifier_schemeid": EU_VAT_SCHEME}
    address, scheme = electronic_address(customer)
    if address:
        fields |= {"einvoicing_addr": address, "einvoicing_addr_schemeid": scheme}
    return fields | address_fields(customer.address, customer.country)


def electronic_address(customer: Customer) -> tuple[str, str]:
    """BT-49 and its scheme; both ``""`` when nothing reaches the customer electronically."""
    if customer.french and not customer.consumer:
        return customer.electronic_address or siren_of(customer), FRENCH_ADDRESS
    if customer.electronic_address:
        scheme, colon, address = customer.electronic_address.partition(":")
        return (address, scheme) if colon else (customer.electronic_address, FRENCH_ADDRESS)
    return (customer.email, EMAIL_SCHEME) if customer.email else ("", "")


def delivery_fields(view: DocumentView) -> dict[str, Any] | None:
    """BG-13: where the goods went. An intra-Community supply has to say it (BR-IC-12)."""
    customer = view.customer
    if customer.delivery_address:
        lines = customer.delivery_address
    elif any(line.regime.value == "intracom-biens" for line in view.lines):
        lines = customer.address
    else:
        return None
    return {"name": customer.name, **address_fields(lines, customer.country)}
