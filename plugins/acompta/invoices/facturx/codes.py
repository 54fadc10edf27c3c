"""Code lists of the electronic invoice that Acompta uses, and what decides each.

Sources: EN 16931-1; XP Z12-012 v1.4 (30 June 2026) with its rules BR-FR-04 (types), BR-FR-08 (frames), BR-FR-20
(treatments); UNTDID 1001, 2005, 4451, 4461; the VATEX list of the Union and of the DGFiP.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import LineRegime, Nature
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import Kind, Regime

INVOICE: Final = "380"
CREDIT_NOTE: Final = "381"
CORRECTIVE: Final = "384"
DEPOSIT: Final = "386"
DEPOSIT_CREDIT_NOTE: Final = "503"

TYPE_WORDS: Final = {
    "261": "Avoir autofacturé",
    "262": "Avoir de remise globale",
    INVOICE: "Facture",
    CREDIT_NOTE: "Avoir",
    CORRECTIVE: "Facture rectificative",
    DEPOSIT: "Facture d'acompte",
    "389": "Facture autofacturée",
    "393": "Facture affacturée",
    "396": "Avoir affacturé",
    "471": "Rectificative autofacturée",
    "472": "Rectificative affacturée",
    "473": "Rectificative autofacturée et affacturée",
    "500": "Facture d'acompte autofacturée",
    "501": "Facture autofacturée et affacturée",
    "502": "Avoir autofacturé et affacturé",
    DEPOSIT_CREDIT_NOTE: "Avoir sur acompte",
    "220": "Commande",
    "230": "Modification de commande",
    "231": "Réponse à une commande",
}
CREDIT_TYPES: Final = frozenset({"261", "262", CREDIT_NOTE, "396", "502", DEPOSIT_CREDIT_NOTE})

SIREN_SCHEME: Final = "0002"
SIRET_SCHEME: Final = "0009"
FRENCH_ADDRESS: Final = "0225"
EU_VAT_SCHEME: Final = "0223"
EMAIL_SCHEME: Final = "EM"

TRANSFER: Final = "30"
SEPA_TRANSFER: Final = "58"
ONE_UNIT: Final = "C62"
DISCOUNT_REASON: Final = "95"

# BT-8, in the words of the library: 5, 29 and 72 in CII; 3, 35 and 432 in UBL.
ON_INVOICE: Final = "invoice"
ON_DELIVERY: Final = "delivery"
ON_PAYMENT: Final = "payment"


class Treatment(StrEnum):
    """Note BAR: which circuit an invoice follows (BR-FR-20)."""

    BUSINESS = "B2B"
    ABROAD = "B2BINT"
    CONSUMER = "B2C"


def treatment(view: DocumentView) -> Treatment:
    """Between French businesses, abroad, or to a consumer."""
    if view.customer.consumer:
        return Treatment.CONSUMER
    return Treatment.BUSINESS if view.customer.french else Treatment.ABROAD


def type_of_kind(kind: Kind | None) -> str:
    """BT-3 of a document named by another one; a credit note is taken to be on an invoice."""
    if kind in DEPOSIT_KINDS:
        return DEPOSIT
    if kind is Kind.CORRECTIVE:
        return CORRECTIVE
    return CREDIT_NOTE if kind is Kind.CREDIT_NOTE else INVOICE


def document_type(view: DocumentView) -> str:
    """BT-3: 386 deposit, 503 credit note on a deposit, 384 corrective, 381 credit note, else 380."""
    if view.credit is None:
        return type_of_kind(view.kind)
    on_deposit = view.credited or (view.corrects and view.corrects.kind in DEPOSIT_KINDS)
    return DEPOSIT_CREDIT_NOTE if on_deposit else CREDIT_NOTE


def frame(view: DocumentView, *, paid: bool) -> str:
    """BT-23: goods, services or both; 4 after deposits, 2 already paid, else 1.

    ``paid``: what is due is nothing because it was received. A frame never changes later: payments are statuses. A
    progress invoice is not the final one, whatever deposit it takes back, nor the corrective that replaces it.
    """
    kind = view.corrects.first if view.kind is Kind.CORRECTIVE and view.corrects else view.kind
    letter = "M" if len(view.natures) > 1 else "B" if Nature.GOODS in view.natures else "S"
    if view.recovered and view.credit is None and kind is not Kind.PROGRESS:
        return f"{letter}4"
    return f"{letter}2" if paid else f"{letter}1"


def vat_due(view: DocumentView) -> str:
    """BT-8, when VAT falls due (CGI art. 269-2), ``""`` when one code cannot say it.

    Goods and services on one invoice, without the option for débits, fall due at different times, and BT-8 has to be
    the same in the whole document (rule S1.13 of the DGFiP): the frame M then says enough.
    """
    seller, natures = view.seller, view.natures
    if document_type(view) in {DEPOSIT, DEPOSIT_CREDIT_NOTE}:
        return ON_INVOICE if seller.deposit_on_debit else ON_PAYMENT
    if Nature.SERVICE not in natures:
        return ON_DELIVERY
    if seller.regime is Regime.DEBITS:
        return ON_INVOICE
    return "" if Nature.GOODS in natures else ON_PAYMENT


# -- VAT categories ---------------------------------------------------------------------------------------------


STANDARD: Final = "S"
EXEMPT: Final = "E"
NOT_SUBJECT: Final = "O"


class Category(NamedTuple):
    """BT-118 and BT-119: a VAT category (S, E, AE, K, G, O) and its rate in percent; ``None`` outside VAT."""

    code: str
    rate: Decimal | None


class Exemption(NamedTuple):
    """Category of a line without VAT and the code of the reason (BT-121), ``""`` when only words can say it."""

    category: str
    code: str


FRANCHISE: Final = Exemption(EXEMPT, "VATEX-FR-FRANCHISE")
# Repayment of expenditure incurred in the customer's name: CGI art. 267, II, 2°, directive art. 79 c.
DISBURSEMENT: Final = Exemption(EXEMPT, "VATEX-EU-79-C")
OUTSIDE: Final = Exemption(NOT_SUBJECT, "VATEX-EU-O")
REGIMES: Final = {
    LineRegime.REVERSE_CHARGE_BUILDING: Exemption("AE", "VATEX-FR-AE"),
    LineRegime.INTRACOM_SERVICES: Exemption("AE", "VATEX-EU-AE"),
    LineRegime.INTRACOM_GOODS: Exemption("K", "VATEX-EU-IC"),
    LineRegime.EXPORT: Exemption("G", "VATEX-EU-G"),
    LineRegime.SERVICES_ABROAD: OUTSIDE,
    LineRegime.MULTI_PURPOSE: OUTSIDE,
}
_CGI_261: Final = re.compile(
    r"\b261\s*([A-E])?\s*(?:[-,]\s*)?(?:([IVX]+|\d)\s*°?\s*(bis)?)?", re.IGNORECASE
)
_WITH_NUMBER: Final = frozenset(
    "261-1 261-2 261-3 261-4 261-5 261-7 261-8 261C-1 261C-2 261C-3 261D-1 261D-1BIS 261D-2 261D-3 261D-4 "
    "261E-1 261E-2".split()
)
_WHOLE: Final = frozenset({"261A", "261B"})


def exemption_code(motive: str) -> str:
    """BT-121 of an exempt line, from its ``motif:`` when it quotes the CGI: « art. 261, 4, 4° du CGI » → 261-4."""
    found = _CGI_261.search(motive)
    if found is None:
        return ""
    letter, number, bis = (part or "" for part in found.groups())
    short = f"261{letter.upper()}-{number}{bis.upper()}"
    if short in _WITH_NUMBER:
        return f"VATEX-FR-CGI{short}"
    whole = f"261{letter.upper()}"
    return f"VATEX-FR-CGI{whole}" if whole in _WHOLE else ""
