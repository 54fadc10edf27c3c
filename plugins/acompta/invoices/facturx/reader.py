"""What an electronic invoice says, whoever wrote it: CII (Factur-X, ZUGFeRD, XRechnung, Order-X) or UBL.

Paths name elements without their namespace: the same ones serve the CII of 2013 and of 2022, and orders.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from lxml import etree

from acompta.invoices.checks import BIDIRECTIONAL
from acompta.rounding import ZERO

_CII_DATE: Final = 8
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:\.\d{0,12})?")
_MARKS: Final = {ord(mark): "\N{REPLACEMENT CHARACTER}" for mark in BIDIRECTIONAL}


class Party(NamedTuple):
    """A seller or a buyer; ``address`` is the electronic one, with its scheme."""

    name: str
    legal: str
    legal_scheme: str
    siret: str
    vat: str
    address: str
    scheme: str
    country: str


class TaxRow(NamedTuple):
    """A row of the VAT breakdown; amounts are ``None`` when they are missing or no number."""

    category: str
    rate: Decimal | None
    base: Decimal | None
    vat: Decimal | None
    reason: str


class LineRow(NamedTuple):
    """An invoice line."""

    rank: str
    name: str
    quantity: Decimal | None
    unit: str
    price: Decimal | None
    basis: Decimal | None
    amount: Decimal | None
    category: str
    rate: Decimal | None


class Reference(NamedTuple):
    """An earlier invoice (BG-3)."""

    number: str
    date: datetime.date | None


@dataclass(frozen=True, slots=True)
class Content:
    """All that is shown and recomputed of an electronic invoice.

    ``syntax`` is ``cii``, ``orderx``, ``zugferd-1``, ``ubl-invoice`` or ``ubl-credit-note``; ``guideline`` is BT-24;
    amounts are in ``currency``.
    """

    syntax: str
    guideline: str
    frame: str
    number: str
    type: str
    date: datetime.date | None
    due: datetime.date | None
    currency: str
    seller: Party
    buyer: Party
    notes: tuple[tuple[str, str], ...]
    references: tuple[Reference, ...]
    lines: tuple[LineRow, ...]
    allowances: Decimal
    charges: Decimal
    taxes: tuple[TaxRow, ...]
    totals: dict[str, Decimal | None]
    iban: str


_ROOTS: Final = {
    "CrossIndustryInvoice": "cii",
    "CrossIndustryDocument": "zugferd-1",
    "SCRDMCCBDACIOMessageStructure": "orderx",
    "Invoice": "ubl-invoice",
    "CreditNote": "ubl-credit-note",
}
# BT: the element of the summation in CII, that of LegalMonetaryTotal in UBL.
TOTALS: Final = {
    "BT-106": ("LineTotalAmount", "LineExtensionAmount"),
    "BT-107": ("AllowanceTotalAmount", "AllowanceTotalAmount"),
    "BT-108": ("ChargeTotalAmount", "ChargeTotalAmount"),
    "BT-109": ("TaxBasisTotalAmount", "TaxExclusiveAmount"),
    "BT-112": ("GrandTotalAmount", "TaxInclusiveAmount"),
    "BT-113": ("TotalPrepaidAmount", "PrepaidAmount"),
    "BT-114": ("RoundingAmount", "PayableRoundingAmount"),
    "BT-115": ("DuePayableAmount", "PayableAmount"),
}


class UnknownDocumentError(ValueError):
    """An XML that is no invoice nor order known; the message is one French sentence."""


def read(root: Any) -> Content:
    """Read a parsed XML. Raises `UnknownDocumentError`."""
    name = etree.QName(root.tag).localname
    syntax = _ROOTS.get(name)
    if syntax is None:
        raise UnknownDocumentError(
            f"l'élément <{name}> n'est ni une facture CII (Factur-X, ZUGFeRD), ni UBL, ni une commande Order-X"
        )
    return _ubl(root, syntax) if syntax.startswith("ubl") else _cii(root, syntax)


# -- paths ------------------------------------------------------------------------------------------------------


def _path(steps: str) -> str:
    """``a/b`` as an XPath that ignores namespaces; a leading ``//`` looks everywhere below."""
    deep = steps.startswith("//")
    parts = [f"*[local-name()='{step}']" for step in steps.lstrip("/").split("/")]
    return ("descendant::" if deep else "") + "/".join(parts)


_COMPILED: dict[str, Any] = {}


def _all(within: Any, steps: str) -> list[Any]:
    found = _COMPILED.get(steps)
    if found is None:
        found = _COMPILED[steps] = etree.XPath(_path(steps))
    return list(found(within)) if within is not None else []


def _first(within: Any, steps: str) -> Any:
    return next(iter(_all(within, steps)), None)


def _either(within: Any, *names: str) -> Any:
    """The first of several names found: what 2022 calls otherwise than 2013, orders otherwise than invoices."""
    return next((found for name in names if (found := _first(within, name)) is not None), None)


def _text(within: Any, steps: str) -> str:
    found = _first(within, steps)
    return _plain("".join(found.itertext())) if found is not None else ""


def _plain(text: str) -> str:
    """A text on one line, without the marks that would reorder what a person reads of it."""
    return " ".join(text.translate(_MARKS).split())


def _number(within: Any, steps: str) -> Decimal | None:
    return _decimal(_text(within, steps))


def _decimal(text: str) -> Decimal | None:
    """A number as the format writes it; anything else (an exponent, a hundred digits) is none."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _date(text: str) -> datetime.date | None:
    digits = text.replace("-", "")[:_CII_DATE]
    try:
        return datetime.datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 — a calendar day
    except ValueError:
        return None


# -- CII --------------------------------------------------------------------------------------------------------


def _cii(root: Any, syntax: str) -> Content:
    settlement = _either(
        root, "//ApplicableHeaderTradeSettlement", "//ApplicableSupplyChainTradeSettlement"
    )
    document = _either(root, "ExchangedDocument", "HeaderExchangedDocument")
    summation = _either(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    currency = _text(settlement, "InvoiceCurrencyCode") or _text(settlement, "OrderCurrencyCode")
    signs = {"true": ZERO, "false": ZERO}
    for item in _all(settlement, "SpecifiedTradeAllowanceCharge"):
        signs[_text(item, "ChargeIndicator") or "false"] += _number(item, "ActualAmount") or ZERO
    totals = {term: _number(summation, names[0]) for term, names in TOTALS.items()}
    totals["BT-110"] = _vat_total(_all(summation, "TaxTotalAmount"), currency)
    return Content(
        syntax=syntax,
        guideline=_text(root, "//GuidelineSpecifiedDocumentContextParameter/ID"),
        frame=_text(root, "//BusinessProcessSpecifiedDocumentContextParameter/ID"),
        number=_text(document, "ID"),
        type=_text(document, "TypeCode"),
        date=_date(_text(document, "IssueDateTime")),
        due=_date(_text(settlement, "SpecifiedTradePaymentTerms/DueDateDateTime")),
        currency=currency,
        seller=_cii_party(_first(root, "//SellerTradeParty")),
        buyer=_cii_party(_first(root, "//BuyerTradeParty")),
        notes=tuple(
            (_text(n, "SubjectCode"), _text(n, "Content")) for n in _all(document, "IncludedNote")
        ),
        references=tuple(
            Reference(_text(item, "IssuerAssignedID"), _date(_text(item, "FormattedIssueDateTime")))
            for item in _all(settlement, "InvoiceReferencedDocument")
        ),
        lines=tuple(_cii_lines(root)),
        allowances=signs["false"],
        charges=signs["true"],
        taxes=tuple(
            TaxRow(
                _text(tax, "CategoryCode"),
                _decimal(_own_text(_either(tax, "RateApplicablePercent", "ApplicablePercent"))),
                _number(tax, "BasisAmount"),
                _number(tax, "CalculatedAmount"),
                _text(tax, "ExemptionReason"),
            )
            for tax in _all(settlement, "ApplicableTradeTax")
        ),
        totals=totals,
        iban=_text(
            settlement,
            "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID",
        ),
    )


def _vat_total(found: list[Any], currency: str) -> Decimal | None:
    """BT-110 is in the currency of the invoice; BT-111 stands beside it in that of the accounts."""
    own = [item for item in found if item.get("currencyID") in {currency, None}] or found
    return _decimal((own[0].text or "").strip()) if own else None


def _cii_party(party: Any) -> Party:
    legal = _first(party, "SpecifiedLegalOrganization/ID")
    address = _first(party, "URIUniversalCommunication/URIID")
    vats = [
        (item.text or "").strip()
        for item in _all(party, "SpecifiedTaxRegistration/ID")
        if item.get("schemeID") == "VA"
    ]
    sirets = [
        (item.text or "").strip()
        for item in _all(party, "GlobalID")
        if item.get("schemeID") == "0009"
    ]
    return Party(
        name=_text(party, "Name"),
        legal=_own_text(legal),
        legal_scheme=legal.get("schemeID", "") if legal is not None else "",
        siret=next(iter(sirets), ""),
        vat=next(iter(vats), ""),
        address=_own_text(address),
        scheme=address.get("schemeID", "") if address is not None else "",
        country=_text(party, "PostalTradeAddress/CountryID"),
    )


def _own_text(element: Any) -> str:
    return _plain(element.text or "") if element is not None else ""


def _cii_lines(root: Any) -> Iterator[LineRow]:
    for line in _all(root, "//IncludedSupplyChainTradeLineItem"):
        quantity = _either(line, "//BilledQuantity", "//RequestedQuantity")
        price = _first(line, "//NetPriceProductTradePrice")
        tax = _first(line, "//ApplicableTradeTax")
        yield LineRow(
            rank=_text(line, "AssociatedDocumentLineDocument/LineID"),
            name=_text(line, "SpecifiedTradeProduct/Name"),
            quantity=_decimal(_own_text(quantity)),
            unit=quantity.get("unitCode", "") if quantity is not None else "",
            price=_number(price, "ChargeAmount"),
            basis=_number(price, "BasisQuantity"),
            amount=_number(line, "//LineTotalAmount"),
            category=_text(tax, "CategoryCode"),
            rate=_number(tax, "RateApplicablePercent"),
        )


# -- UBL --------------------------------------------------------------------------------------------------------


def _ubl(root: Any, syntax: str) -> Content:
    credit = syntax == "ubl-credit-note"
    currency = _text(root, "DocumentCurrencyCode")
    signs = {"true": ZERO, "false": ZERO}
    for item in _all(root, "AllowanceCharge"):
        signs[_text(item, "ChargeIndicator") or "false"] += _number(item, "Amount") or ZERO
    totals = {
        term: _number(root, f"LegalMonetaryTotal/{names[1]}") for term, names in TOTALS.items()
    }
    totals["BT-110"] = _vat_total(_all(root, "TaxTotal/TaxAmount"), currency)
    taxes = [
        TaxRow(
            _text(tax, "TaxCategory/ID"),
            _number(tax, "TaxCategory/Percent"),
            _number(tax, "TaxableAmount"),
            _number(tax, "TaxAmount"),
            _text(tax, "TaxCategory/TaxExemptionReason"),
        )
        for tax in _all(root, "TaxTotal/TaxSubtotal")
    ]
    return Content(
        syntax=syntax,
        guideline=_text(root, "CustomizationID"),
        frame=_text(root, "ProfileID"),
        number=_text(root, "ID"),
        type=_text(root, "CreditNoteTypeCode" if credit else "InvoiceTypeCode"),
        date=_date(_text(root, "IssueDate")),
        due=_date(_text(root, "PaymentMeans/PaymentDueDate" if credit else "DueDate")),
        currency=currency,
        seller=_ubl_party(_first(root, "AccountingSupplierParty/Party")),
        buyer=_ubl_party(_first(root, "AccountingCustomerParty/Party")),
        notes=tuple(_ubl_note(note) for note in _all(root, "Note")),
        references=tuple(
            Reference(_text(item, "ID"), _date(_text(item, "IssueDate")))
            for item in _all(root, "BillingReference/InvoiceDocumentReference")
        ),
        lines=tuple(_ubl_lines(root, credit=credit)),
        allowances=signs["false"],
        charges=signs["true"],
        taxes=tuple(taxes),
        totals=totals,
        iban=_text(root, "PaymentMeans/PayeeFinancialAccount/ID"),
    )


def _ubl_note(note: Any) -> tuple[str, str]:
    """« #PMT#Indemnité… »: the subject of a note stands inside its text."""
    text = _own_text(note)
    if text.startswith("#") and text.count("#") >= 2:
        _, code, rest = text.split("#", 2)
        return code, rest
    return "", text


def _ubl_party(party: Any) -> Party:
    legal = _first(party, "PartyLegalEntity/CompanyID")
    address = _first(party, "EndpointID")
    sirets = [
        _own_text(item)
        for item in _all(party, "PartyIdentification/ID")
        if item.get("schemeID") == "0009"
    ]
    vats = [
        _text(item, "CompanyID")
        for item in _all(party, "PartyTaxScheme")
        if _text(item, "TaxScheme/ID") == "VAT"
    ]
    return Party(
        name=_text(party, "PartyLegalEntity/RegistrationName") or _text(party, "PartyName/Name"),
        legal=_own_text(legal),
        legal_scheme=legal.get("schemeID", "") if legal is not None else "",
        siret=next(iter(sirets), ""),
        vat=next(iter(vats), ""),
        address=_own_text(address),
        scheme=address.get("schemeID", "") if address is not None else "",
        country=_text(party, "PostalAddress/Country/IdentificationCode"),
    )


def _ubl_lines(root: Any, *, credit: bool) -> Iterator[LineRow]:
    kind, counted = (
        ("CreditNoteLine", "CreditedQuantity") if credit else ("InvoiceLine", "InvoicedQuantity")
    )
    for line in _all(root, kind):
        quantity = _first(line, counted)
        yield LineRow(
            rank=_text(line, "ID"),
            name=_text(line, "Item/Name"),
            quantity=_decimal(_own_text(quantity)),
            unit=quantity.get("unitCode", "") if quantity is not None else "",
            price=_number(line, "Price/PriceAmount"),
            basis=_number(line, "Price/BaseQuantity"),
            amount=_number(line, "LineExtensionAmount"),
            category=_text(line, "Item/ClassifiedTaxCategory/ID"),
            rate=_number(line, "Item/ClassifiedTaxCategory/Percent"),
        )
