"""A dossier made to steer by; every figure of its tests was worked by hand.

At 20 %, VAT on receipts, payment at 30 days. As of 31 May 2026:

- Dupont pays late: F2026-001 (1 200 €, due 14/02) paid on 24/02, ten days late; F2026-002 (2 400 €, due 31/03) paid
  on 20/04, twenty days late; the deposit F2026-004, twenty-five: (10 + 20 + 25) / 3 = 18 days on average.
  F2026-005 (600 €, due 31/05) is open.
- Martin paid F2026-003 (360 €, due 10/05) on 05/05, five days early.
- The contract D2026-010 of Dupont: 10 000 € before tax in three milestones, 4 000 on 30/04, 3 000 on 30/06, 3 000
  without a date; a deposit of 30 % (3 600 € with VAT), due on 23/04,
  paid on 18/05; 5 % of retention, no acceptance yet.
- Martin's contract D2026-011: 2 000 € before tax for 15/07, a deposit of 40 % agreed and never asked.
"""

from __future__ import annotations

from typing import Final

from tests.cli.samples import ACCOUNTS

MORE_ACCOUNTS: Final = (
    ACCOUNTS
    + """
2026-01-01 open Actif:411:Perdu EUR
  raison-sociale: "Perdu SARL"
2026-01-01 open Passif:401:Grossiste EUR
  delai: "45 jours"
2026-01-01 open Charges:611:SousTraitance EUR
2026-01-01 open Charges:606:Fournitures EUR
2026-01-01 open Actif:44566:TVA20 EUR
  taux: 20
2026-01-01 open Actif:44564:TVA20 EUR
  taux: 20
"""
)

STORY: Final = """
2026-01-02 * "Apport" "Solde de départ"
  Actif:512:Banque  5000.00 EUR
  Capitaux:110:Report

2026-01-15 * "SCI Dupont" "Étude" #facture
  numero: "F2026-001"
  echeance: 2026-02-14
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR

2026-02-24 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  1200.00 EUR
  Actif:411:Dupont

2026-03-01 * "SCI Dupont" "Étude, suite" #facture
  numero: "F2026-002"
  echeance: 2026-03-31
  Actif:411:Dupont
  Produits:704:Travaux  -2000.00 EUR

2026-04-10 * "Martin" "Peinture" #facture
  numero: "F2026-003"
  echeance: 2026-05-10
  Actif:411:Martin
  Produits:704:Travaux  -300.00 EUR

2026-04-20 * "SCI Dupont" "Virement" ^F2026-002
  Actif:512:Banque  2400.00 EUR
  Actif:411:Dupont

2026-04-22 * "SCI Dupont" "Chantier" #contrat ^D2026-010
  acompte: 30
  retenue: 5
  delai: "30 jours"
  Actif:411:Dupont
  Produits:704:Travaux  -4000.00 EUR
    lot: "A"
    libelle: "Terrassement"
    prevu: 2026-04-30
  Produits:704:Travaux  -3000.00 EUR
    lot: "A"
    libelle: "Maçonnerie"
    prevu: 2026-06-30
  Produits:704:Travaux  -3000.00 EUR
    lot: "B"
    libelle: "Finitions"

2026-04-23 * "SCI Dupont" "Acompte" #acompte ^D2026-010
  numero: "F2026-004"
  echeance: 2026-04-23
  Actif:411:Dupont
  Passif:4191:Dupont  -30 PCT

2026-05-01 * "SCI Dupont" "Dépannage" #facture
  numero: "F2026-005"
  echeance: 2026-05-31
  Actif:411:Dupont
  Produits:704:Travaux  -500.00 EUR

2026-05-05 * "Martin" "Virement" ^F2026-003
  Actif:512:Banque  360.00 EUR
  Actif:411:Martin

2026-05-18 * "SCI Dupont" "Virement de l'acompte" ^F2026-004
  Actif:512:Banque  3600.00 EUR
  Actif:411:Dupont

2026-05-20 * "Martin" "Ravalement" #contrat ^D2026-011
  acompte: 40
  delai: "15 jours"
  Actif:411:Martin
  Produits:704:Travaux  -2000.00 EUR
    prevu: 2026-07-15

2026-05-22 * "Grossiste" "Fournitures" #achat
  numero: "G-77"
  Passif:401:Grossiste
  Charges:606:Fournitures  100.00 EUR
    tva: 20
"""
