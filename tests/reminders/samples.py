"""A dossier of late invoices; every figure of its tests was worked by hand.

At 20 %, VAT on receipts, in 2026:

- Dupont (a company): F2026-001, 12 000 €, due 28/02, paid on 29/04. F2026-002, 6 000 €, due 31/05: 2 000 € paid on
  15/07. F2026-003, 600 €, due 30/06.
- Martin (a consumer): F2026-004, 1 200 €, due 31/05.
- Mairie (a public body): F2026-005, 2 400 €, due 20/06.
- Perdu: F2026-006, 3 600 €, due 10/05, moved to 416 on 10/06.
"""

from __future__ import annotations

from typing import Final

from tests.cli.samples import ACCOUNTS

LATE_ACCOUNTS: Final = (
    ACCOUNTS.replace(
        '  regime-tva: "encaissements"\n',
        """\
  regime-tva: "encaissements"
  adresse: "12 rue de la République
69002 Lyon"
  siret: "73282932000074"
  email: "compta@atelier.example"
  iban: "FR7630006000011234567890189"
  bic: "AGRIFRPP"
""",
    )
    .replace(
        '  raison-sociale: "SCI Dupont"\n',
        '  raison-sociale: "SCI Dupont"\n  email: "paie@dupont.example"\n',
    )
    .replace('  delai: "45 jours fin de mois"\n', "  particulier: TRUE\n")
    + """
2026-01-01 open Actif:411:Mairie EUR
  raison-sociale: "Commune de Givry"
  public: TRUE
2026-01-01 open Actif:411:Perdu EUR
  raison-sociale: "Perdu SARL"
2026-01-01 open Produits:7631:Interets EUR
2026-01-01 open Produits:7581:Indemnites EUR
"""
)

STORY: Final = """
2026-01-31 * "SCI Dupont" "Conseil" #facture
  numero: "F2026-001"
  echeance: 2026-02-28
  Actif:411:Dupont
  Produits:704:Travaux  -10000.00 EUR

2026-04-29 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  12000.00 EUR
  Actif:411:Dupont

2026-05-01 * "SCI Dupont" "Études" #facture
  numero: "F2026-002"
  echeance: 2026-05-31
  Actif:411:Dupont
  Produits:704:Travaux  -5000.00 EUR

2026-05-02 * "SCI Dupont" "Plans" #facture
  numero: "F2026-003"
  echeance: 2026-06-30
  Actif:411:Dupont
  Produits:704:Travaux  -500.00 EUR

2026-05-03 * "Martin" "Peinture" #facture
  numero: "F2026-004"
  echeance: 2026-05-31
  Actif:411:Martin
  Produits:704:Travaux  -1000.00 EUR

2026-05-04 * "Mairie" "École" #facture
  numero: "F2026-005"
  echeance: 2026-06-20
  Actif:411:Mairie
  Produits:704:Travaux  -2000.00 EUR

2026-05-05 * "Perdu" "Chantier" #facture
  numero: "F2026-006"
  echeance: 2026-05-10
  Actif:411:Perdu
  Produits:704:Travaux  -3000.00 EUR

2026-06-10 * "Perdu" "Redressement judiciaire" ^F2026-006
  Actif:416:Perdu  3600.00 EUR
  Actif:411:Perdu

2026-07-15 * "SCI Dupont" "Virement partiel" ^F2026-002
  Actif:512:Banque  2000.00 EUR
  Actif:411:Dupont
"""
