"""A small ledger worked by hand, and how to make others from it."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Final

import pikepdf

LEDGERS: Final = Path(__file__).parents[2] / "ledgers"
EXTENSION: Final = '2026-01-01 custom "fava-extension" "acompta.fava"'
PLUGIN: Final = 'plugin "acompta"'

OPTIONS: Final = """\
option "title" "Essai"
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
"""

ACCOUNTS: Final = """
2026-01-01 custom "fava-option" "language" "fr"
2026-01-01 custom "emetteur" "Atelier Lumière SARL"
  siret: "73282932000074"
  tva-intracom: "FR44732829320"
  adresse: "12 rue de la République, 69002 Lyon"
  regime-tva: "encaissements"
  premier-numero: "F2026-001"

2026-01-01 open Actif:411:Dupont EUR
  raison-sociale: "SCI Dupont"
  siret: "81234567600012"
2026-01-01 open Actif:411:Martin EUR
  raison-sociale: "Martin & Fils"
2026-01-01 open Actif:512:Banque EUR
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44574:TVA20 EUR
  taux: 20
2026-01-01 open Produits:706:Conseil EUR
  tva: 20
"""

# Martin: 1 200,00 due on 1 April, 500,00 paid. Dupont: a contract of 7 200,00, its deposit of 2 160,00 paid,
# and 240,00 due on 3 June.
STORY: Final = """
2026-01-12 * "SCI Dupont" "Nouveau site" #contrat ^D2026-012
  Actif:411:Dupont
  Produits:706:Conseil          -10 JOUR @ 600.00 EUR

2026-01-15 * "SCI Dupont" "Acompte de 30 %" #acompte ^D2026-012
  numero: "F2026-001"
  Actif:411:Dupont
  Passif:4191:Dupont            -30 PCT

2026-02-02 * "SCI Dupont" "Virement reçu, acompte" ^F2026-001
  Actif:512:Banque              2160.00 EUR
  Actif:411:Dupont

2026-03-02 * "Martin & Fils" "Audit" #facture
  numero: "F2026-002"
  Actif:411:Martin
  Produits:706:Conseil         -1000.00 EUR

2026-04-20 * "Martin & Fils" "Virement reçu" ^F2026-002
  Actif:512:Banque               500.00 EUR
  Actif:411:Martin

2026-05-04 * "SCI Dupont" "Réunion" #facture
  numero: "F2026-003"
  Actif:411:Dupont
  Produits:706:Conseil          -200.00 EUR
"""


def ledger_text(*parts: str, plugin: str = PLUGIN, extension: str = EXTENSION) -> str:
    """A main file: options, plugin, extension, accounts, then ``parts`` (the story when there is none)."""
    return "\n".join([OPTIONS, plugin, extension, ACCOUNTS, *(parts or (STORY,))]) + "\n"


def write_ledger(folder: Path, text: str) -> Path:
    """Write the main file of a ledger."""
    path = folder / "main.beancount"
    path.write_text(text, encoding="utf-8")
    return path


def blank_pdf() -> bytes:
    """A PDF of one empty page."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def file_pdf(folder: Path, name: str) -> Path:
    """Put a PDF in the ledger's folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(blank_pdf())
    return path


def example_dossier(folder: Path, name: str, documents: str = "") -> Path:
    """A copy of an example dossier that shows the extension, whether or not the example asks for it."""
    shutil.copytree(LEDGERS / name, folder / name)
    shutil.copy(LEDGERS / "pcg.beancount", folder)
    path = folder / name / "main.beancount"
    text = path.read_text(encoding="utf-8")
    asked = EXTENSION in text.splitlines()
    path.write_text(text + ("" if asked else f"\n{EXTENSION}\n") + documents, encoding="utf-8")
    return path
