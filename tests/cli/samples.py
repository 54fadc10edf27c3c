"""A small dossier whose every figure was worked by hand, and what loads it.

At 20 %, VAT due on receipt, one contract of 10 000 € before tax (12 000 €):

======== ========== ============================================= ================ ============
date     document   what                                          TTC              due date
======== ========== ============================================= ================ ============
10/01    –          1 200 € received on the contract
15/01    F2026-001  deposit of 30 %, takes the 1 200 € over       3 600            31/01 (typed)
20/02    –          2 400 € received: the deposit is paid
31/03    F2026-002  final invoice: 12 000 − 3 600                 8 400            30/04
10/04    F2026-003  plain invoice to Martin, 45 days end of month 1 200            31/05
05/05    –          9 000 € received for F2026-002: 600 € too much
20/05    –          500 € received for F2026-003
01/06    F2026-004  plain invoice to Martin, on receipt           240              01/06
15/06    –          300 € received from Martin, names nothing
01/07    –          F2026-004 is lost: 654 and the VAT against 411
======== ========== ============================================= ================ ============
"""

from __future__ import annotations

import datetime
import tempfile
import textwrap
from pathlib import Path
from typing import Final

from acompta.loading import Loaded, load_ledger

ACCOUNTS: Final = """
option "title" "Atelier Lumière"
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"

plugin "acompta"

2026-01-01 custom "emetteur" "Atelier Lumière SARL"
  regime-tva: "encaissements"
2026-01-01 open Actif:411:Dupont EUR
  raison-sociale: "SCI Dupont"
2026-01-01 open Actif:411:Martin EUR
  raison-sociale: "Martin & Fils"
  delai: "45 jours fin de mois"
2026-01-01 open Actif:512:Banque EUR
2026-01-01 open Capitaux:110:Report EUR
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44574:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44571:TVA10 EUR
  taux: 10
2026-01-01 open Passif:44574:TVA10 EUR
  taux: 10
2026-01-01 open Produits:704:Travaux EUR
  tva: 20
2026-01-01 open Produits:763:Penalites EUR
2026-01-01 open Charges:654:Pertes EUR
2026-01-01 open Charges:665:Escomptes EUR
"""

STORY: Final = """
2026-01-05 * "SCI Dupont" "Extension" #contrat ^D2026-001
  Actif:411:Dupont
  Produits:704:Travaux  -10000.00 EUR
    lot: "GO"
    libelle: "Gros œuvre"

2026-01-10 * "SCI Dupont" "Virement d'avance" ^D2026-001
  Actif:512:Banque  1200.00 EUR
  Actif:411:Dupont

2026-01-15 * "SCI Dupont" "Acompte de 30 %" #acompte ^D2026-001
  numero: "F2026-001"
  echeance: 2026-01-31
  Actif:411:Dupont
  Passif:4191:Dupont  -30 PCT

2026-02-20 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  2400.00 EUR
  Actif:411:Dupont

2026-03-31 * "SCI Dupont" "Solde" #solde ^D2026-001
  numero: "F2026-002"
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT

2026-04-10 * "Martin" "Peinture" #facture
  numero: "F2026-003"
  Actif:411:Martin
  Produits:704:Travaux  -1000.00 EUR

2026-05-05 * "SCI Dupont" "Virement" ^F2026-002
  Actif:512:Banque  9000.00 EUR
  Actif:411:Dupont

2026-05-20 * "Martin" "Virement partiel" ^F2026-003
  Actif:512:Banque  500.00 EUR
  Actif:411:Martin

2026-06-01 * "Martin" "Retouches" #facture
  numero: "F2026-004"
  delai: "0 jours"
  Actif:411:Martin
  Produits:704:Travaux  -200.00 EUR

2026-06-15 * "Martin" "Virement sans référence"
  Actif:512:Banque  300.00 EUR
  Actif:411:Martin

2026-07-01 * "Martin" "Créance perdue" ^F2026-004
  Charges:654:Pertes  200.00 EUR
  Passif:44574:TVA20   40.00 EUR
  Actif:411:Martin
"""


def write_ledger(folder: Path, text: str = STORY, accounts: str = ACCOUNTS) -> Path:
    """Write a ledger: the accounts, then ``text``."""
    path = folder / "main.beancount"
    path.write_text(accounts.lstrip() + textwrap.dedent(text), encoding="utf-8")
    return path


def load(folder: Path, text: str = STORY, accounts: str = ACCOUNTS) -> Loaded:
    """Write and load a ledger."""
    return load_ledger(write_ledger(folder, text, accounts))


def load_text(text: str, accounts: str = ACCOUNTS) -> Loaded:
    """Load a ledger that leaves no file behind."""
    with tempfile.TemporaryDirectory() as folder:
        return load(Path(folder), text, accounts)


def day(text: str) -> datetime.date:
    """``31/01`` of 2026."""
    number, month = map(int, text.split("/"))
    return datetime.date(2026, month, number)
