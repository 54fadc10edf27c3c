"""One believable document of each kind, from the example dossiers: what the golden files are made of."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from acompta.invoices.facturx.invoice import NEVER_ELECTRONIC
from acompta.invoices.from_dossier import Views, printable_documents
from acompta.invoices.view.document import DocumentView
from acompta.loading import load_ledger

ROOT = Path(__file__).parents[3]


class Chosen(NamedTuple):
    """A document of an example dossier, and what a person expects of its XML: BT-3, BT-23, profile, VAT categories."""

    dossier: str
    number: str
    type: str
    frame: str
    profile: str
    categories: str


CHOSEN: dict[str, Chosen] = {
    "facture": Chosen("atelier-lumiere", "F2026-001", "380", "S1", "en16931", "S"),
    "facture-payee": Chosen("atelier-lumiere", "F2026-007", "380", "S2", "en16931", "S"),
    "facture-remise": Chosen("atelier-lumiere", "F2026-011", "380", "S1", "en16931", "S"),
    "facture-debours": Chosen("atelier-lumiere", "F2026-015", "380", "S1", "en16931", "E S"),
    "facture-services-union": Chosen("atelier-lumiere", "F2026-019", "380", "S1", "en16931", "AE"),
    "facture-apres-acompte": Chosen("atelier-lumiere", "F2026-020", "380", "S4", "extended", "S"),
    "facture-exoneree": Chosen("ecole-meridienne", "EM26-003", "380", "S1", "en16931", "E"),
    "facture-penalites": Chosen("batiment-rousselot", "R26-021", "380", "S1", "extended", "O"),
    "facture-sous-traitance": Chosen("batiment-rousselot", "R26-003", "380", "S1", "en16931", "AE"),
    "facture-export": Chosen("maison-garance", "G26/0006", "380", "B1", "en16931", "G"),
    "facture-biens-union": Chosen("maison-garance", "G26/0009", "380", "B1", "en16931", "K"),
    "facture-mixte": Chosen("maison-garance", "G26/0001", "380", "M1", "en16931", "S"),
    "facture-debits": Chosen("cabinet-ferrand", "CF-26-004", "380", "S1", "en16931", "S"),
    "facture-consommateur": Chosen("cabinet-ferrand", "CF-26-002", "380", "S1", "en16931", "S"),
    "facture-franchise": Chosen("plume-et-compagnie", "2026-001", "380", "S1", "en16931", "E"),
    "acompte": Chosen("atelier-lumiere", "F2026-002", "386", "S1", "en16931", "S"),
    "acompte-trois-taux": Chosen("atelier-lumiere", "F2026-006", "386", "M1", "en16931", "S S S"),
    "acompte-paye": Chosen("maison-garance", "G26/0017", "386", "B2", "en16931", "S"),
    "arrhes": Chosen("ecole-meridienne", "EM26-006", "386", "S1", "en16931", "S"),
    "prepaye": Chosen("ecole-meridienne", "EM26-001", "386", "S1", "en16931", "S"),
    "prepaye-multi-usages": Chosen("ecole-meridienne", "EM26-004", "386", "S2", "extended", "O"),
    "situation": Chosen("batiment-rousselot", "R26-006", "380", "S1", "extended", "S S"),
    "situation-suivante": Chosen("batiment-rousselot", "R26-014", "380", "S1", "extended", "S S S"),
    "solde": Chosen("atelier-lumiere", "F2026-022", "380", "M4", "extended", "S S S"),
    "solde-decompte": Chosen("batiment-rousselot", "R26-018", "380", "S4", "extended", "S S S"),
    "solde-franchise": Chosen("plume-et-compagnie", "2026-006", "380", "S4", "extended", "E"),
    "avoir": Chosen("batiment-rousselot", "AV26-001", "381", "S1", "en16931", "S"),
    "avoir-acompte": Chosen("ecole-meridienne", "EM26-017", "503", "S1", "en16931", "S"),
    "rectificative": Chosen("batiment-rousselot", "R26-012", "384", "S2", "en16931", "S"),
    "rupture-arrhes": Chosen("ecole-meridienne", "EM26-011", "503", "S1", "extended", "O S"),
    "rupture-contrepartie": Chosen("ecole-meridienne", "EM26-012", "380", "S4", "extended", "S"),
}


@cache
def views(dossier: str) -> dict[str, DocumentView]:
    """Every printable invoice of a dossier, by number."""
    path = ROOT / "ledgers" / dossier / "main.beancount"
    loaded = load_ledger(path)
    made = Views(loaded.book(), loaded.entries, path.parent)
    documents = printable_documents(loaded.dossier)
    found = [made.view(d) for d in documents if d.kind not in NEVER_ELECTRONIC]
    return {view.number: view for view in found}
