"""Files that others made, opened without trust: a PDF with an XML inside, or a bare XML.

Nothing is resolved, fetched or executed: an XML that declares a DOCTYPE is refused before it is read further (entities
that grow without end, files of this machine), and sizes are bounded. Every refusal is one French sentence.
"""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any, Final, NamedTuple

from lxml import etree

LARGEST_FILE: Final = 50 * 2**20
LARGEST_XML: Final = 20 * 2**20
_PDF_MARK: Final = b"%PDF-"
_MARK_WITHIN: Final = 1024
_FACTUR_X_URI: Final = "urn:factur-x:pdfa:crossindustrydocument:invoice:1p0#"
KNOWN_NAMES: Final = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml")


class UnreadableFileError(ValueError):
    """A file that cannot be read as an invoice; the message is one French sentence."""


class Markers(NamedTuple):
    """What the PDF says of itself: PDF/A part and level, PDF/UA part, Factur-X fields, ``""`` when it says nothing.

    ``relationship`` is that of the XML (``Data``), ``others`` the names of the other files inside.
    """

    pdf_a: str
    pdf_ua: str
    level: str
    document_type: str
    document_file: str
    relationship: str
    others: tuple[str, ...]


class Source(NamedTuple):
    """The XML of a file, parsed; ``name`` of the file inside the PDF, ``markers`` of the PDF, both empty for an XML."""

    root: Any
    xml: bytes
    name: str = ""
    markers: Markers | None = None


def open_source(path: Path) -> Source:
    """Read a PDF or an XML. Raises `UnreadableFileError`."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise UnreadableFileError(
                f"{size / 2**20:.0f} Mo : une facture n'est pas si grosse (50 Mo au plus)"
            )
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFileError("ce fichier n'existe pas") from error
    except IsADirectoryError as error:
        raise UnreadableFileError("c'est un dossier ; donnez un fichier PDF ou XML") from error
    except OSError as error:
        raise UnreadableFileError(f"illisible ({error.strerror})") from error
    return read_source(content)


def read_source(content: bytes) -> Source:
    """Read the content of a PDF or of an XML. Raises `UnreadableFileError`."""
    if not content.strip():
        raise UnreadableFileError("le fichier est vide")
    if _PDF_MARK in content[:_MARK_WITHIN]:
        return _from_pdf(content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or content[:2] in {
        b"\xff\xfe",
        b"\xfe\xff",
    }:
        return Source(parse(content), content)
    raise UnreadableFileError("ni un PDF ni un XML")


def parse(xml: bytes) -> Any:
    """Parse an XML that cannot do harm. Raises `UnreadableFileError`."""
    if len(xml) > LARGEST_XML:
        raise UnreadableFileError(f"un XML de {len(xml) / 2**20:.0f} Mo (20 Mo au plus)")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f", ligne {line}" if line else ""
        raise UnreadableFileError(f"le XML est mal formé{where} ({_reason(error)})") from error
    if root.getroottree().docinfo.doctype:
        raise UnreadableFileError(
            "le XML contient une déclaration DOCTYPE (entités) : une facture n'en a pas, elle n'est pas ouverte"
        )
    return root


def _reason(error: Exception) -> str:
    return str(error).partition(", line")[0] or type(error).__name__


# -- PDF --------------------------------------------------------------------------------------------------------


class _Opened(NamedTuple):
    embedded: list[tuple[str, bytes, str]]
    metadata: str


def _from_pdf(content: bytes) -> Source:
    try:
        opened = _opened(content)
    except UnreadableFileError:
        raise
    except Exception as error:  # a PDF that others made may be broken in any way
        raise UnreadableFileError(f"le PDF est abîmé ({_reason(error)})") from error
    name, xml, relationship = _invoice_among(opened.embedded)
    others = tuple(other for other, _, _ in opened.embedded if other != name)
    root = parse(xml)
    return Source(root, xml, name, _markers(opened.metadata, relationship, others))


def _opened(content: bytes) -> _Opened:
    from pypdf import PdfReader  # noqa: PLC0415 — heavy
    from pypdf.errors import DependencyError  # noqa: PLC0415

    # What is odd but readable is not for the reader's eyes; what is not raises.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(content))
        locked = reader.is_encrypted
    except DependencyError:  # needs a cipher that is not installed: it is locked
        locked = True
    if locked:
        raise UnreadableFileError("le PDF est protégé par un mot de passe")
    embedded = [(item.name, item.content, _relationship(item)) for item in reader.attachment_list]
    return _Opened(embedded, _metadata(reader))


def _relationship(item: Any) -> str:
    return str(getattr(item, "associated_file_relationship", "") or "").removeprefix("/")


def _invoice_among(embedded: list[tuple[str, bytes, str]]) -> tuple[str, bytes, str]:
    """The one XML invoice of a PDF."""
    xmls = [item for item in embedded if item[0].lower().endswith(".xml")]
    known = [item for item in xmls if item[0].lower() in KNOWN_NAMES]
    found = known or xmls
    if not found:
        inside = ", ".join(name for name, _, _ in embedded)
        raise UnreadableFileError(
            "le PDF ne contient aucun XML"
            + (
                f" (fichiers joints : {inside})"
                if inside
                else " : ce n'est pas une facture électronique"
            )
        )
    if len(found) > 1:
        names = ", ".join(name for name, _, _ in found)
        raise UnreadableFileError(
            f"le PDF contient plusieurs XML de facture ({names}) : un seul est permis"
        )
    return found[0]


def _metadata(reader: Any) -> str:
    stream = reader.trailer["/Root"].get("/Metadata")
    return "" if stream is None else stream.get_object().get_data().decode("utf-8", "replace")


def _markers(metadata: str, relationship: str, others: tuple[str, ...]) -> Markers:
    """The XMP fields, as attributes or as elements: both are written."""
    values = _xmp_values(metadata)
    part, conformance = (
        values.get(("pdfaid", "part"), ""),
        values.get(("pdfaid", "conformance"), ""),
    )
    return Markers(
        pdf_a=f"{part}{conformance}",
        pdf_ua=values.get(("pdfuaid", "part"), ""),
        level=values.get(("fx", "ConformanceLevel"), ""),
        document_type=values.get(("fx", "DocumentType"), ""),
        document_file=values.get(("fx", "DocumentFileName"), ""),
        relationship=relationship,
        others=others,
    )


_NAMESPACES: Final = {
    "http://www.aiim.org/pdfa/ns/id/": "pdfaid",
    "http://www.aiim.org/pdfua/ns/id/": "pdfuaid",
    _FACTUR_X_URI: "fx",
    "urn:zugferd:pdfa:crossindustrydocument:invoice:2p0#": "fx",
    "urn:ferd:pdfa:crossindustrydocument:invoice:1p0#": "fx",
    "urn:factur-x:pdfa:crossindustrydocument:1p0#": "fx",
}


def _xmp_values(metadata: str) -> dict[tuple[str, str], str]:
    start, end = metadata.find("<rdf:RDF"), metadata.rfind("</rdf:RDF>")
    if start < 0 or end < start:
        return {}
    try:
        root = parse(metadata[start : end + len("</rdf:RDF>")].encode())
    except UnreadableFileError:
        return {}
    found: dict[tuple[str, str], str] = {}
    for element in root.iter(etree.Element):
        pairs = [(element.tag, element.text or ""), *element.attrib.items()]
        for tag, value in pairs:
            name = etree.QName(tag)
            short = _NAMESPACES.get((name.namespace or "").lower())
            if short is not None:
                found.setdefault((short, name.localname), str(value).strip())
    return found
