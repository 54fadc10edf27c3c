"""The only module that calls the factur-x library: terms to XML, CII and UBL.

Its interface changes often (pinned to one version), it changes the dict it is given, and it drops without a word what
the profile does not hold. With no delivery data it writes an ``xsi:nil`` that its own schema refuses.
"""

from __future__ import annotations

import copy
import logging
from typing import Any, Final

from facturx.generate_xml import EN16931_PARTY_FIELDS, generate_cii_xml, generate_ubl_xml
from lxml import etree

from acompta.invoices.facturx.fields import Fields, Profile

# The library reports each field it drops as a warning: dropping the types of references in EN 16931 is meant.
logging.getLogger("factur-x").setLevel(logging.ERROR)

# Fields of a party that EN 16931 has (contacts, tax registration, legal form): 7.8 forgets that EXTENDED-CTC-FR has
# them too, and drops them. Nothing here is below EN 16931.
for _field in EN16931_PARTY_FIELDS.values():
    if _field.get("min_level") == "en16931":
        del _field["min_level"]

# Factur-X (inside a PDF) has its own name for what bare XML calls EXTENDED-CTC-FR.
_BARE: Final = {Profile.EN16931: "en16931", Profile.EXTENDED: "extended-ctc-fr"}
_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def cii(fields: Fields, *, bare: bool = False) -> bytes:
    """The CII D22B XML of an invoice; ``bare``: to go alone, not inside a PDF."""
    level = _BARE[fields.profile] if bare else fields.profile.value
    made = generate_cii_xml(
        copy.deepcopy(fields.terms), level=level, check_xsd=False, check_schematron=False
    )
    return _without_nil(made)


def ubl(fields: Fields) -> bytes:
    """The UBL 2.1 XML of an invoice or credit note."""
    made = generate_ubl_xml(
        copy.deepcopy(fields.terms),
        level=_BARE[fields.profile],
        check_xsd=False,
        check_schematron=False,
    )
    return _without_nil(made)


def _without_nil(xml: bytes) -> bytes:
    root = etree.fromstring(xml, _parser())
    for element in root.iter(etree.Element):
        element.attrib.pop(_NIL, None)
    etree.cleanup_namespaces(root)
    written: bytes = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
    return written


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
