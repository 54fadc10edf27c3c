"""Numbers as documents are known by, and the names of their files."""

from __future__ import annotations

from typing import Final

from acompta.invoices.view.document import DocumentView
from acompta.reading.model import Document
from acompta.vocabulary import Kind

QUOTES_FOLDER: Final = "devis"
INVOICES_FOLDER: Final = "factures"
STATEMENTS_FOLDER: Final = "releves"
DRAFTS_FOLDER: Final = "brouillons"
# Folders whose PDFs are those of issued documents.
FOLDERS: Final = (INVOICES_FOLDER, QUOTES_FOLDER)


def number_of(document: Document) -> str:
    """Number of a document; a quote without one is known by its link, the same as its contract's."""
    if document.number:
        return document.number
    links = document.entry.links
    return document.contract or (min(links) if links else "")


def folder_of(kind: Kind) -> str:
    """Folder of the PDFs of a kind, beside the ledger."""
    if kind is Kind.USE:
        return STATEMENTS_FOLDER
    return QUOTES_FOLDER if kind is Kind.QUOTE else INVOICES_FOLDER


def file_name(number: str) -> str:
    """Name of the PDF of a number: a slash makes no folder."""
    return f"{number.replace('/', '_')}.pdf"


def draft_name(view: DocumentView) -> str:
    """File of a draft, which has no number: ``brouillons/2026-04-30-solde-Dupont.pdf``."""
    customer = view.customer.account.rpartition(":")[2]
    return f"{DRAFTS_FOLDER}/{view.date}-{view.kind}-{customer}.pdf"
