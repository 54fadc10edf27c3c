"""A document's view as EN 16931 data: a dict of BT and BG terms, as the library takes it.

Which encoding: a final invoice says each recovered deposit as a line of quantity −1 that names it, in the EXTENDED
profile (XP Z12-014, case 20: the VAT total is then what is still due); a seller may prefer BT-113 (case 21). Never
both. Everything else is in the profile EN 16931, but what lies outside VAT beside taxed lines (BR-O-11 to 14).
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from acompta.invoices import identifiers
from acompta.invoices.facturx import codes
from acompta.invoices.facturx.lines import (
    Categories,
    Item,
    allowances_of,
    breakdown,
    compensation_item,
    items_of,
    money,
    recovered_items,
)
from acompta.invoices.facturx.notes import notes_of, payment_terms
from acompta.invoices.facturx.parties import buyer_fields, delivery_fields, seller_fields
from acompta.invoices.view.contract import DocumentReference
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.totals import Totals
from acompta.rounding import ZERO
from acompta.vocabulary import EUR, Kind


class Profile(StrEnum):
    """Profile of the XML, in the library's words."""

    EN16931 = "en16931"
    EXTENDED = "extended"


class Fields(NamedTuple):
    """The terms of an electronic invoice and the profile they need."""

    terms: dict[str, Any]
    profile: Profile


def fields_of(view: DocumentView) -> Fields:
    """All the terms of a document; ``view`` carries its mentions (`mentions.complete`).

    Raises `MissingWordingError` when the reason of an exemption has no wording at its date.
    """
    categories = Categories(view)
    as_lines = bool(view.recovered) and not view.seller.deposits_as_paid
    items = items_of(view, categories)
    if as_lines:
        items += recovered_items(view, categories, referenced=True)
    beside = compensation_item(view)
    items += [beside] if beside is not None else []
    outside = any(item.category.code == codes.NOT_SUBJECT for item in items)
    profile = Profile.EXTENDED if as_lines or outside else Profile.EN16931
    net = view.balance if as_lines and view.balance is not None else view.totals
    terms = _header(view) | _amounts(view, net, items, as_lines=as_lines)
    allowances = allowances_of(view, categories)
    if allowances:
        terms["BG-20"] = allowances
    terms["BG-23"] = breakdown(view, net.rates, categories, items)
    terms["BG-25"] = [item.fields(rank) for rank, item in enumerate(items, 1)]
    if profile is Profile.EXTENDED:
        _say_reasons(terms)
    if not any(row["BT-118"] == codes.STANDARD for row in terms["BG-23"]):
        terms.pop("BT-8", None)  # no VAT, no date of VAT
    return Fields(terms, profile)


def _say_reasons(terms: dict[str, Any]) -> None:
    """Why a line or an allowance bears no VAT, in the very words of its row of the breakdown.

    Only EXTENDED holds them, and its rules will come to ask for them (BR-FXEXT-AE-08, -E-08…: « ultimately only the
    second one will have to be followed »).
    """
    reasons = {
        (row["BT-118"], row.get("BT-119")): (row.get("BT-120"), row.get("BT-121"))
        for row in terms["BG-23"]
    }
    for line in terms["BG-25"]:
        text, code = reasons.get((line["BT-151"], line.get("BT-152")), (None, None))
        line |= {k: v for k, v in (("EXT-FR-FE-178", text), ("EXT-FR-FE-179", code)) if v}
    for allowance in terms.get("BG-20", ()):
        key = (allowance["vat_category_code"], allowance.get("vat_rate"))
        text, code = reasons.get(key, (None, None))
        allowance |= {k: v for k, v in (("vat_exemption", text), ("vat_exemption_code", code)) if v}


def _header(view: DocumentView) -> dict[str, Any]:
    terms: dict[str, Any] = {
        "BT-1": view.number,
        "BT-2": view.date,
        "BT-3": codes.document_type(view),
        "BT-5": EUR,
        "BT-8": codes.vat_due(view),
        "BT-12": view.contract.link if view.contract else "",
        "BT-13": view.purchase_order,
        "BT-20": payment_terms(view),
        "BG-1": notes_of(view),
        "BG-3": references_of(view),
        "BG-4": seller_fields(view),
        "BG-7": buyer_fields(view),
        "BG-13": delivery_fields(view),
        **_delivery(view),
        **_payment_means(view),
    }
    return {key: value for key, value in terms.items() if value}


def _delivery(view: DocumentView) -> dict[str, Any]:
    """BT-72 for a day, BT-73 and BT-74 for a period; an intra-Community supply has to say one (BR-IC-11)."""
    delivery = view.delivery
    if delivery is None:
        goods_abroad = any(line.regime.value == "intracom-biens" for line in view.lines)
        return {"BT-72": view.date} if goods_abroad else {}
    if delivery.start == delivery.end:
        return {"BT-72": delivery.start}
    return {"BT-73": delivery.start, "BT-74": delivery.end}


def _payment_means(view: DocumentView) -> dict[str, Any]:
    """BG-16 and BG-17: a transfer to the seller's account, when something is to be paid there."""
    seller = view.seller
    if not seller.iban or view.credit is not None or view.to_pay <= 0:
        return {}
    return {
        "BT-81": codes.SEPA_TRANSFER,
        "BT-83": view.number,
        "BT-84": identifiers.compact(seller.iban),
        "BT-85": seller.name,
        "BT-86": identifiers.compact(seller.bic),
    }


def references_of(view: DocumentView) -> list[dict[str, Any]]:
    """BG-3: what this document corrects, credits, takes back or follows.

    A corrective names one document and no other (BR-FR-CO-04). The type (EXT-FR-FE-02) is kept by EXTENDED only.
    """
    if view.corrects is not None and view.kind is Kind.CORRECTIVE:
        return [_reference(view.corrects)]
    named = [view.corrects] if view.corrects is not None else []
    named += [*view.credited, *view.earlier_invoices]
    if view.account is not None:
        named += [row for row in view.account.rows if row.number != view.number]
    found = {reference.number: _reference(reference) for reference in named if reference.number}
    for deposit in view.recovered if view.credit is None else ():
        found[deposit.number] = {
            "BT-25": deposit.number,
            "BT-26": deposit.date,
            "EXT-FR-FE-02": codes.type_of_kind(deposit.kind),
        }
    return list(found.values())


def _reference(reference: DocumentReference) -> dict[str, Any]:
    return {
        "BT-25": reference.number,
        "BT-26": reference.date,
        "EXT-FR-FE-02": codes.type_of_kind(reference.kind),
    }


def _amounts(
    view: DocumentView, net: Totals, items: list[Item], *, as_lines: bool
) -> dict[str, Any]:
    """BT-106 to BT-115, the frame and the due date that follow from them.

    The retention has no field: it is part of the amount due (BT-115), and BT-20 says that it is withheld.
    """
    beside = view.compensation.amount if view.compensation is not None else ZERO
    lines = sum((item.amount for item in items), ZERO)
    before_tax = net.ht + net.outside + beside
    allowances = lines - before_tax
    total = before_tax + net.vat
    prepaid = view.paid + (ZERO if as_lines else view.recovered_ttc)
    due = total - prepaid
    paid = due == 0 and view.paid > 0 and view.credit is None
    framed = codes.frame(view, paid=paid)
    terms = {
        "BT-23": framed,
        "BT-106": money(lines),
        "BT-109": money(before_tax),
        "BT-110": money(net.vat),
        "BT-112": money(total),
        "BT-115": money(due),
    }
    if allowances:
        terms["BT-107"] = money(allowances)
    if prepaid:
        terms["BT-113"] = money(prepaid)
    return terms | _due_date(view, due, framed)


def _due_date(view: DocumentView, due: Decimal, framed: str) -> dict[str, Any]:
    """BT-9: the day of the last payment when all is paid (BR-FR-CO-09), else when it is due."""
    if framed.endswith("2"):
        return {"BT-9": max(payment.date for payment in view.payments)}
    return {"BT-9": view.due} if view.due is not None and due > 0 and view.credit is None else {}
