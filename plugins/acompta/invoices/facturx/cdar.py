"""The life-cycle message of a status 212, as platforms exchange it (CDAR D22B, XP Z12-012 §5, rules BR-FR-CDV).

One message per receipt: who says it (the seller), to whom (the customer and the public portal), of which invoice, and
one block MEN per rate (BR-FR-CDV-14), VAT included.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, Final

from lxml import etree
from lxml.builder import ElementMaker

from acompta.invoices.facturx.codes import FRENCH_ADDRESS, SIREN_SCHEME
from acompta.invoices.facturx.parties import electronic_address, siren_of
from acompta.invoices.facturx.statuses import Received
from acompta.invoices.view.parties import Seller
from acompta.vocabulary import EUR

_NS: Final = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
PROFILE: Final = "urn.cpro.gouv.fr:1p0:CDV:invoice"
PROCESS: Final = "REGULATED"
COLLECTED: Final = "212"
COLLECTED_WORD: Final = "Encaissée"
_TREATMENT: Final = "23"
_PAID: Final = "47"
_AMOUNT_RECEIVED: Final = "MEN"
_SELLER: Final = "SE"
_BUYER: Final = "BY"
_PORTAL: Final = ("9998", "0238", "DFH")

RSM: Final = ElementMaker(namespace=_NS["rsm"], nsmap=_NS)
RAM: Final = ElementMaker(namespace=_NS["ram"])
UDT: Final = ElementMaker(namespace=_NS["udt"])
QDT: Final = ElementMaker(namespace=_NS["qdt"])


def message_id(received: Received, rank: int) -> str:
    """A name that the same receipt always gets; ``rank`` tells apart receipts of one invoice on one day."""
    number = received.number.replace("/", "_")
    return f"{number}-{COLLECTED}-{received.date:%Y%m%d}-{rank}"


def cdar(received: Received, seller: Seller, rank: int, said_on: datetime.date) -> bytes:
    """The message, said on the day ``said_on``."""
    address, scheme = electronic_address(received.customer)
    siren = siren_of(seller)
    own = seller.electronic_address or siren
    document = RSM.CrossDomainAcknowledgementAndResponse(
        RSM.ExchangedDocumentContext(
            RAM.BusinessProcessSpecifiedDocumentContextParameter(RAM.ID(PROCESS)),
            RAM.GuidelineSpecifiedDocumentContextParameter(RAM.ID(PROFILE)),
        ),
        RSM.ExchangedDocument(
            RAM.ID(message_id(received, rank)),
            RAM.Name(f"{COLLECTED_WORD} : {received.number}"),
            RAM.IssueDateTime(_moment(UDT, said_on)),
            RAM.SenderTradeParty(*_party(siren, seller.name, _SELLER, own)),
            RAM.IssuerTradeParty(*_party(siren, seller.name, _SELLER, own)),
            RAM.RecipientTradeParty(
                *_party(
                    siren_of(received.customer), received.customer.name, _BUYER, address, scheme
                )
            ),
            RAM.RecipientTradeParty(
                RAM.GlobalID(_PORTAL[0], schemeID=_PORTAL[1]),
                RAM.Name("PPF"),
                RAM.RoleCode(_PORTAL[2]),
            ),
        ),
        RSM.AcknowledgementDocument(
            RAM.MultipleReferencesIndicator(UDT.Indicator("false")),
            RAM.TypeCode(_TREATMENT),
            RAM.IssueDateTime(_moment(UDT, said_on)),
            RAM.ReferenceReferencedDocument(
                RAM.IssuerAssignedID(received.number),
                RAM.StatusCode(_PAID),
                RAM.TypeCode(received.type),
                RAM.FormattedIssueDateTime(_day(QDT, received.document.date)),
                RAM.ProcessConditionCode(COLLECTED),
                RAM.ProcessCondition(COLLECTED_WORD),
                RAM.IssuerTradeParty(
                    RAM.GlobalID(siren, schemeID=SIREN_SCHEME), RAM.RoleCode(_SELLER)
                ),
                RAM.SpecifiedDocumentStatus(
                    RAM.ReferenceDateTime(_moment(UDT, received.date)),
                    RAM.SequenceNumeric("1"),
                    *(_received(rate, amount) for rate, amount in received.amounts),
                ),
            ),
        ),
    )
    written: bytes = etree.tostring(
        document, pretty_print=True, xml_declaration=True, encoding="UTF-8"
    )
    return written


def _received(rate: Decimal, amount: Decimal) -> Any:
    return RAM.SpecifiedDocumentCharacteristic(
        RAM.TypeCode(_AMOUNT_RECEIVED),
        RAM.ValueAmount(f"{amount:.2f}", currencyID=EUR),
        RAM.ValuePercent(f"{rate:.2f}"),
    )


def _party(
    siren: str, name: str, role: str, address: str, scheme: str = FRENCH_ADDRESS
) -> list[Any]:
    party = [RAM.GlobalID(siren, schemeID=SIREN_SCHEME), RAM.Name(name), RAM.RoleCode(role)]
    if address:
        party.append(RAM.URIUniversalCommunication(RAM.URIID(address, schemeID=scheme)))
    return party


def _moment(maker: Any, day: datetime.date) -> Any:
    """UNTDID 2379 format 204: a second; the ledger knows days, so the day begins."""
    return maker.DateTimeString(f"{day:%Y%m%d}000000", format="204")


def _day(maker: Any, day: datetime.date) -> Any:
    return maker.DateTimeString(f"{day:%Y%m%d}", format="102")
