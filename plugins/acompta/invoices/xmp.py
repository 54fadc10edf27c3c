"""The metadata of a Factur-X PDF, all in one RDF: what PDF/A, PDF/UA and Factur-X each ask for.

WeasyPrint's own option would write a second ``rdf:RDF``, which readers do not see although validators accept it.
Sources: ISO 19005-3 (extension schemas, 6.6.2.3), ISO 14289-1 (5), Factur-X 1.09, §6.2.
"""

from __future__ import annotations

import re
from typing import Final

from weasyprint.pdf.metadata import DocumentMetadata

_SCHEMA: Final = """\
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{name}</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>{uri}</pdfaSchema:namespaceURI><pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property></rdf:li>"""
_PROPERTY: Final = """\
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>\
<pdfaProperty:valueType>{type}</pdfaProperty:valueType><pdfaProperty:category>{category}</pdfaProperty:category>\
<pdfaProperty:description>{words}</pdfaProperty:description></rdf:li>"""

UA_URI: Final = "http://www.aiim.org/pdfua/ns/id/"
FX_URI: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_FX_PROPERTIES: Final = (
    ("DocumentFileName", "name of the embedded XML invoice file"),
    ("DocumentType", "INVOICE"),
    ("Version", "The actual version of the Factur-X XML schema"),
    ("ConformanceLevel", "The conformance level of the embedded Factur-X data"),
)


def _schema(name: str, uri: str, prefix: str, properties: str) -> str:
    return _SCHEMA.format(name=name, uri=uri, prefix=prefix, properties=properties)


_UA_SCHEMA: Final = _schema(
    "PDF/UA Universal Accessibility Schema",
    UA_URI,
    "pdfuaid",
    _PROPERTY.format(name="part", type="Integer", category="internal", words="Part of ISO 14289"),
)
_FX_SCHEMA: Final = _schema(
    "Factur-X PDFA Extension Schema",
    FX_URI,
    "fx",
    "".join(
        _PROPERTY.format(name=name, type="Text", category="external", words=words)
        for name, words in _FX_PROPERTIES
    ),
)
_MORE: Final = """\
<rdf:Description rdf:about="" xmlns:pdfuaid="{ua}"><pdfuaid:part>1</pdfuaid:part></rdf:Description>\
<rdf:Description rdf:about="" xmlns:fx="{fx}"><fx:DocumentType>INVOICE</fx:DocumentType>\
<fx:DocumentFileName>{file}</fx:DocumentFileName><fx:Version>1.0</fx:Version>\
<fx:ConformanceLevel>{level}</fx:ConformanceLevel></rdf:Description>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag>{schemas}</rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
_END: Final = re.compile(rb"</rdf:RDF>\s*\Z")


class FacturXMetadata(DocumentMetadata):  # type: ignore[misc]
    """WeasyPrint's metadata with the Factur-X and PDF/UA fields in its single RDF."""

    file_name: str
    level: str

    def generate_rdf_metadata(self, variant: str, version: int, conformance: str) -> bytes:
        """The RDF, as WeasyPrint asks for it."""
        more = _MORE.format(
            ua=UA_URI,
            fx=FX_URI,
            file=self.file_name,
            level=self.level,
            schemas=_UA_SCHEMA + _FX_SCHEMA,
        )
        rdf: bytes = super().generate_rdf_metadata(variant, version, conformance)
        return _END.sub(more.encode() + b"</rdf:RDF>", rdf)


def with_factur_x(metadata: DocumentMetadata, file_name: str, level: str) -> FacturXMetadata:
    """The same metadata with the fields of a Factur-X of this level."""
    made = FacturXMetadata()
    made.__dict__.update(metadata.__dict__)
    made.file_name, made.level = file_name, level
    return made
