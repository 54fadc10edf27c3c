"""Every document of the golden cases and of the example dossiers, with the identity that an invoice needs."""

from __future__ import annotations

from dataclasses import replace

from tests.invoices import samples

from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.parties import Customer, Seller

UNION = {"intracom-biens": "BE", "intracom-services": "BE"}
BELGIAN_VAT = "BE0428759497"


def identified(view: DocumentView) -> DocumentView:
    """The same document with the parties' identity where a golden case says nothing of it."""
    return replace(view, seller=_seller(view), customer=_customer(view))


def _seller(view: DocumentView) -> Seller:
    seller, full = view.seller, samples.AGENCY
    return replace(
        seller,
        name=seller.name or full.name,
        address=seller.address or full.address,
        siret=seller.siret or ("" if seller.siren else full.siret),
        vat_number="" if view.franchise else seller.vat_number or full.vat_number,
        iban=seller.iban or full.iban,
        bic=seller.bic or full.bic,
    )


def _customer(view: DocumentView) -> Customer:
    customer, full = view.customer, samples.DUPONT
    customer = replace(customer, address=customer.address or full.address)
    abroad = {UNION[regime] for regime in view.regimes if regime in UNION}
    if abroad:
        country = customer.country if not customer.french else abroad.pop()
        return replace(
            customer, country=country, vat_number=customer.vat_number or BELGIAN_VAT, siren=""
        )
    if "export" in view.regimes and customer.french:
        return replace(customer, country="CH", siren="")
    if customer.french and not customer.consumer and not customer.siret:
        return replace(customer, siren=customer.siren or full.siren)
    return customer
