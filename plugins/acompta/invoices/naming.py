"""Numbers as documents are known by, and the names of their files."""

from __future__ import annotations

from typing import Final

from acompta.reading.model import Document
from acompta.vocabulary import Kind

QUOTES_FOLDER: Final = "devis"
INVOICES_FOLDER: Final = "factures"
FOLDERS: Final = (INVOICES_FOLDER, QUOTES_FOLDER)


def number_of(document: Document) -> str:
    """Number of a document; a quote without one is known by its link, the same as its contract's."""
    if document.number:
        return document.number
    links = document.entry.links
    return document.contract or (min(links) if links else "")


def folder_of(kind: Kind) -> str:
    """Folder of the PDFs of a kind, beside the ledger."""
    return QUOTES_FOLDER if kind is Kind.QUOTE else INVOICES_FOLDER


def file_name(number: str) -> str:
    """Name of the PDF of a number: a slash makes no folder."""
    return f"{number.replace('/', '_')}.pdf"
