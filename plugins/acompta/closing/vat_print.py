"""The VAT return on paper, in the order and with the boxes of the form 3310-CA3-SD."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from acompta import french
from acompta.closing.vat_form import Section
from acompta.closing.vat_report import VatDeclaration, is_nil, vat_report
from acompta.invoices.pages import page_pdf

TEMPLATE = "ca3.html"


def vat_context(whole: VatDeclaration, title: str) -> dict[str, Any]:
    """What the template reads."""
    declared = whole.declared
    boxes = list(declared.boxes.values())
    seller = declared.seller
    return {
        "title": f"Déclaration de TVA {declared.period.of_title}",
        "dossier": title,
        "seller": seller,
        "siret": seller.text("siret") or seller.text("siren") or "",
        "vat_number": seller.text("tva-intracom") or "",
        "address": (seller.text("adresse") or "").splitlines(),
        "start": french.short_day(declared.period.start),
        "end": french.short_day(declared.period.end),
        "nil": is_nil(declared),
        "sections": {
            section.name: [value for value in boxes if value.box.section is section]
            for section in Section
        },
        "titles": {section.name: section.value for section in Section},
        "report": vat_report(whole, title),
        "comparison": whole.comparison,
        "settlement": whole.settlement if not declared.settlements else None,
    }


def vat_pdf(whole: VatDeclaration, title: str, *, folder: Path | None = None) -> bytes:
    """The return as a PDF; ``folder`` is the dossier's, for its own templates.

    Raises:
        RenderingError: the dossier's own template is wrong.
    """
    return page_pdf(TEMPLATE, vat_context(whole, title), folder)
