"""École Méridienne with its November finished and its December typed, in a copy: a whole fiscal year to close.

The bank, from the statement of 21 November, 8 836.68: refund to Mme Roux 150.00, transfer of the Opco 4 600.00, wages
2 404.00, accountant 216.00, bank costs 18.00: 10 648.68 on 30 November. In December: rent 1 176.00, telephone 72.00,
classroom 102.00, social charges 1 812.00, books 341.82 (20 × 16.20 = 324.00, and 5.5 % of VAT), wages 2 404.00,
accountant 216.00, bank costs 18.00; Garrigue pays 2 × 780.00 = 1 560.00 (exempt), M. Puech what is left of
24 × 32.50 = 780.00 + 156.00 of VAT less his deposit of 200.00: 736.00. 6 802.86 on 31 December.
"""

from __future__ import annotations

from pathlib import Path

from tests.closing.closing_ledger import copy_example, view_of
from tests.roots import ROOTS

from acompta.closing.periods import read_period
from acompta.loading import load_ledger

_MONTHLY = """
2026-{month}-26 * "Cabinet Soubeyran" "Tenue comptable, {name}"
  Charges:6226:ExpertComptable                      199.44 EUR
  Actif:44566:BiensServices                          16.56 EUR
  Actif:512:Banque

2026-{month}-27 * "Banque" "Frais de tenue de compte, {name}"
  Charges:627:FraisBancaires                         16.62 EUR
  Actif:44566:BiensServices                           1.38 EUR
  Actif:512:Banque

2026-{month}-30 * "Paie" "Salaires, {name}"
  Charges:641:Salaires                             3100.00 EUR
  Charges:645:ChargesSociales                      1116.00 EUR
  Passif:431:Urssaf                               -1420.00 EUR
  Passif:437:Retraite                              -310.00 EUR
  Passif:4421:PrelevementSource                     -82.00 EUR
  Passif:421:Personnel

2026-{month}-30 * "Paie" "Virement des salaires, {name}"
  Passif:421:Personnel                             2404.00 EUR
  Actif:512:Banque
"""
NOVEMBER = (
    """
2026-11-24 * "Mme Jeanne Roux" "Remboursement de l'acompte" ^EM26-036
  Actif:411:Roux                                    150.00 EUR
  Actif:512:Banque

2026-11-25 * "Opco du Golfe" "Virement reçu" ^EM26-034
  Actif:512:Banque                                 4600.00 EUR
  Actif:411:OpcoGolfe
"""
    + _MONTHLY.format(month="11", name="novembre")
    + """
2026-12-01 balance Actif:512:Banque                   10648.68 EUR
  releve: "n° 11"
"""
)
DECEMBER = (
    """
2026-12-03 * "SCI du Cardinal" "Loyer de décembre"
  Charges:6132:Locaux                              1085.84 EUR
  Actif:44566:BiensServices                          90.16 EUR
  Actif:512:Banque

2026-12-09 * "Télécom Lez" "Fibre et téléphone, décembre"
  Charges:626:Telecom                                66.48 EUR
  Actif:44566:BiensServices                           5.52 EUR
  Actif:512:Banque

2026-12-11 * "Visioclasse" "Plateforme de cours en ligne, décembre"
  Charges:6135:Logiciels                             94.18 EUR
  Actif:44566:BiensServices                           7.82 EUR
  Actif:512:Banque

2026-12-15 * "Urssaf, retraite et impôt à la source" "Paie de novembre"
  Passif:431:Urssaf                                1420.00 EUR
  Passif:437:Retraite                               310.00 EUR
  Passif:4421:PrelevementSource                      82.00 EUR
  Actif:512:Banque

2026-12-16 * "Librairie du Peyrou" "Virement" ^LP-2611
  Passif:401:LibrairieDuPeyrou                      341.82 EUR
  Actif:512:Banque

2026-12-20 * "Garrigue Conseil SARL" "Virement reçu" ^EM26-037
  Actif:512:Banque                                 1560.00 EUR
  Actif:411:Garrigue

2026-12-22 * "M. Adrien Puech" "Carte bancaire, solde" ^EM26-038
  Actif:512:Banque                                  736.00 EUR
  Actif:411:Puech
"""
    + _MONTHLY.format(month="12", name="décembre")
    + """
2027-01-01 balance Actif:512:Banque                    6802.86 EUR
  releve: "n° 12"
"""
)
JANUARY_2027 = (
    ROOTS
    + """
2027-01-08 * "Banque" "Frais de tenue de compte, janvier"
  Charges:627:FraisBancaires                         18.00 EUR
  Actif:512:Banque

2027-02-01 balance Actif:512:Banque                    6784.86 EUR
  releve: "n° 1"
"""
)
# Twelve months that end in November: the balance sheet taken over is then that of 30 November 2025, and the computers
# lose 50.00 of value in December 2025.
DECEMBER_2025 = (
    ROOTS
    + """
2025-12-01 open Charges:6811:Dotations EUR

2025-12-31 * "Dotation" "Amortissement de décembre 2025"
  Charges:6811:Dotations                             50.00 EUR
  Actif:28183:Informatique                          -50.00 EUR

2026-01-01 balance Actif:512:Banque                 12840.55 EUR
  releve: "n° 0"
"""
)


def write_full_year(folder: Path) -> Path:
    """The dossier with November and December complete, and January 2027; its main file."""
    main = copy_example("ecole-meridienne", folder)
    home = main.parent
    november = home / "2026-11.beancount"
    text = november.read_text(encoding="utf-8").replace(
        '2026-11-20 ! "Garrigue Conseil SARL" "Formation « Négocier en anglais », seconde session" #facture\n',
        '2026-11-20 * "Garrigue Conseil SARL" "Formation « Négocier en anglais », seconde session" #facture\n'
        '  numero: "EM26-037"\n',
    )
    november.write_text(text + NOVEMBER, encoding="utf-8")
    december = home / "2026-12.beancount"
    text = december.read_text(encoding="utf-8").replace(
        '2026-12-18 ! "M. Adrien Puech" "Solde : portugais" #solde ^EM-26-10\n',
        '2026-12-18 * "M. Adrien Puech" "Solde : portugais" #solde ^EM-26-10\n  numero: "EM26-038"\n',
    )
    december.write_text(text + DECEMBER, encoding="utf-8")
    (home / "2027-01.beancount").write_text(JANUARY_2027, encoding="utf-8")
    main.write_text(
        main.read_text(encoding="utf-8") + 'include "2027-01.beancount"\n', encoding="utf-8"
    )
    for name in ("2026-11", "2026-12"):
        settle_vat(main, name)
    return main


def settle_vat(main: Path, name: str) -> None:
    """Type the VAT settlement that « acompta tva » gives for the month, at the end of its file."""
    settlement = view_of(load_ledger(main), read_period(name)).vat_return.settlement
    assert settlement is not None
    path = main.parent / f"{name}.beancount"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{settlement.text}", encoding="utf-8")


def end_in_november(main: Path) -> None:
    """Make the fiscal year the twelve months from 1 December 2025 to 30 November 2026."""
    home = main.parent
    for name in ("main.beancount", "comptes.beancount", "2026-01.beancount"):
        path = home / name
        text = path.read_text(encoding="utf-8").replace("2026-01-01", "2025-12-01")
        # The real dates of what is taken over come before it.
        text = text.replace("2025-12-16", "2025-11-16").replace("2025-12-20", "2025-11-20")
        path.write_text(text, encoding="utf-8")
    text = main.read_text(encoding="utf-8")
    seller = '  siret: "88041926200014"\n'
    assert seller in text
    text = text.replace(seller, f'{seller}  fin-exercice: "11-30"\n')
    main.write_text(f'{text}include "2025-12.beancount"\n', encoding="utf-8")
    (home / "2025-12.beancount").write_text(DECEMBER_2025, encoding="utf-8")
