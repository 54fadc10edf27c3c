"""One document as an electronic invoice: built, checked by the official rules, ready to go into its PDF.

`emettre` and `imprimer` both come through here, by `rendering`: there is one way to render.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from acompta.invoices.mentions import complete
from acompta.invoices.rendering import ElectronicPart, EmbeddedFile, RenderingError
from acompta.vocabulary import Kind

if TYPE_CHECKING:
    from acompta.invoices.facturx.fields import Fields
    from acompta.invoices.facturx.schemas import Problem
    from acompta.invoices.view.document import DocumentView

FILE_NAME: Final = "factur-x.xml"
LEVELS: Final = {"en16931": "EN 16931", "extended": "EXTENDED"}
NEVER_ELECTRONIC: Final = frozenset({Kind.QUOTE, Kind.CONTRACT, Kind.AMENDMENT, Kind.USE})
# A consumer or a customer abroad may have no electronic address: the invoice then travels by no platform (it is
# reported, CGI art. 290), and the rule of flux 2 that wants one says nothing of it.
_ADDRESS_RULE: Final = "BR-FR-12"


class ElectronicInvoiceError(RenderingError):
    """A document that the rules of electronic invoices refuse; the message is one French sentence that names it."""


class ElectronicInvoice(NamedTuple):
    """The checked XML of a document, its terms, and what the rules only warn of."""

    xml: bytes
    fields: Fields
    warnings: tuple[Problem, ...]


def is_electronic(view: DocumentView) -> bool:
    """Whether a document is an invoice, with its XML: not a quote, a statement, nor a draft."""
    return view.kind not in NEVER_ELECTRONIC and not view.draft


def electronic_invoice(
    view: DocumentView, *, bare: bool = False, syntax: str = "cii"
) -> ElectronicInvoice:
    """Build and check the XML of a document; ``bare``: to go alone, in ``"cii"`` or ``"ubl"``.

    Raises:
        ElectronicInvoiceError: a rule of the schema, of EN 16931 or of BR-FR refuses it.
        MissingWordingError: a mandatory wording is out of date.
    """
    from lxml import etree  # noqa: PLC0415 — with the schemas, only when an invoice is made

    from acompta.invoices.facturx import library  # noqa: PLC0415
    from acompta.invoices.facturx.fields import fields_of  # noqa: PLC0415
    from acompta.invoices.facturx.schemas import rule_problems, schema_problems  # noqa: PLC0415

    fields = fields_of(complete(view))
    try:
        xml = library.ubl(fields) if syntax == "ubl" else library.cii(fields, bare=bare)
    except (
        ValueError
    ) as error:  # a character that no XML may hold: the checks name it, with its line
        message = f"{view.name} : un texte contient un caractère qu'un XML ne peut porter"
        raise ElectronicInvoiceError(message) from error
    schema, rules = _checks(fields, bare=bare, syntax=syntax)
    problems = schema_problems(etree.fromstring(xml), schema)
    if not problems:
        problems = [problem for name in rules for problem in rule_problems(xml, name)]
    kept = [problem for problem in problems if not _excused(view, problem)]
    refused = [problem for problem in kept if not problem.warning]
    if refused:
        raise ElectronicInvoiceError(_sentence(view, refused))
    return ElectronicInvoice(xml, fields, tuple(kept))


def _checks(fields: Fields, *, bare: bool, syntax: str) -> tuple[str, tuple[str, ...]]:
    """The schema and the sets of rules of an XML."""
    extended = fields.profile == "extended"
    french = "extended-ctc-fr" if extended else "en16931"
    if syntax == "ubl":
        credit = fields.terms["BT-3"] in {"381", "503"}
        return "ubl-credit-note" if credit else "ubl-invoice", (f"ubl-{french}", "br-fr-ubl")
    if bare:
        return french, (french, "br-fr")
    if extended:
        return "extended", ("extended", "extended-ctc-fr", "br-fr")
    return "en16931", ("en16931", "br-fr")


def _excused(view: DocumentView, problem: Problem) -> bool:
    business = view.customer.french and not view.customer.consumer
    return not business and problem.rule == _ADDRESS_RULE


def _sentence(view: DocumentView, problems: list[Problem]) -> str:
    """One sentence: the number, and every rule that fails, once each with its own words."""
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.rule or problem.text, problem)
    listed = " ; ".join(str(problem) for problem in first.values())
    return f"{view.name} : facture électronique refusée, {listed}"


def electronic_part(view: DocumentView) -> ElectronicPart:
    """What a PDF carries to be a Factur-X. Raises as `electronic_invoice`."""
    invoice = electronic_invoice(view)
    date = datetime.datetime.combine(view.date, datetime.time(), datetime.UTC)
    profile = invoice.fields.profile.value
    file = EmbeddedFile(
        name=FILE_NAME,
        content=invoice.xml,
        date=date,
        description=f"Factur-X {LEVELS[profile]}",
        relationship="Data",
    )
    return ElectronicPart(file, LEVELS[profile])
