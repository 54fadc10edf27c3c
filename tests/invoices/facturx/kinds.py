"""One believable document of each kind, from the example dossiers: what the golden files are made of."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from acompta.invoices.from_dossier import Views
from acompta.invoices.view import DocumentView
from acompta.loading import load_ledger

ROOT = Path(__file__).parents[3]


class Chosen(NamedTuple):
    """A document of an example dossier: its dossier and number, what it shows, its type and frame."""

    dossier: str
    number: str
    type: str
    frame: str


CHOSEN: dict[str, Chosen] = {}


@cache
def views(dossier: str) -> dict[str, DocumentView]:
    """Every printable invoice of a dossier, by number."""
    path = ROOT / "ledgers" / dossier / "main.beancount"
    loaded = load_ledger(path)
    made = Views(loaded.book(), loaded.entries, path.parent)
    from acompta.invoices.facturx.invoice import NEVER_ELECTRONIC
    from acompta.invoices.from_dossier import printable_documents

    documents = printable_documents(loaded.dossier)
    found = [made.view(d) for d in documents if d.kind not in NEVER_ELECTRONIC]
    return {view.number: view for view in found}
