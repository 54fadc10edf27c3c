"""The boxes of the return 3310-CA3-SD, as data: code, EDI code, number printed on the form, title, section.

Source: form n° 3310-CA3-SD (CERFA 10963*28, layout in force since January 2022) and its notice; CGI art. 287. EDI
codes are those of the EDI-TVA specification; the few that were not read are left empty.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple


class Section(Enum):
    """A part of the form, in its order; the value is its printed title."""

    TAXED = "A · Opérations taxées (HT)"
    UNTAXED = "A · Opérations non taxées"
    RATES = "B · TVA brute"
    GROSS = "B · Total de la TVA brute"
    DEDUCTIBLE = "B · TVA déductible"
    RESULT = "TVA due ou crédit de TVA"
    PAYMENT = "Montant à payer ou crédit à reporter"


class Box(NamedTuple):
    """One box; ``has_base`` when it has a base beside its tax."""

    code: str
    edi: str
    number: str
    title: str
    section: Section
    has_base: bool = False


def _rate(code: str, edi: str, number: str, title: str) -> Box:
    return Box(code, edi, number, title, Section.RATES, has_base=True)


FORM: Final = (
    Box("A1", "CA", "0979", "Ventes, prestations de services", Section.TAXED),
    Box("A2", "CB", "0981", "Autres opérations imposables", Section.TAXED),
    Box("A3", "KH", "0044", "Achats de prestations de services à un assujetti non établi en France (CGI art. 283-2)",
        Section.TAXED),
    Box("A4", "DK", "0056", "Importations (autres que les produits pétroliers)", Section.TAXED),
    Box("A5", "", "0051", "Sorties de régime fiscal suspensif", Section.TAXED),
    Box("B1", "", "0048", "Mises à la consommation de produits pétroliers", Section.TAXED),
    Box("B2", "CC", "0031", "Acquisitions intracommunautaires", Section.TAXED),
    Box("B3", "", "0030", "Achats d'électricité, de gaz naturel, de chaleur ou de froid", Section.TAXED),
    Box("B4", "CG", "0040", "Achats à un assujetti non établi en France (CGI art. 283-1)", Section.TAXED),
    Box("B5", "CE", "0036", "Régularisations", Section.TAXED),
    Box("E1", "DA", "0032", "Exportations hors UE", Section.UNTAXED),
    Box("E2", "DB", "0033", "Autres opérations non imposables", Section.UNTAXED),
    Box("E3", "", "0047", "Ventes à distance taxables dans un autre État membre", Section.UNTAXED),
    Box("E4", "", "0052", "Importations (autres que les produits pétroliers)", Section.UNTAXED),
    Box("F1", "", "0055", "Acquisitions intracommunautaires", Section.UNTAXED),
    Box("F2", "DC", "0034", "Livraisons intracommunautaires à une personne assujettie", Section.UNTAXED),
    Box("F6", "", "0037", "Achats en franchise", Section.UNTAXED),
    Box("F7", "", "0043", "Ventes réalisées par un assujetti non établi en France (CGI art. 283-1)", Section.UNTAXED),
    Box("F8", "DE", "0039", "Régularisations", Section.UNTAXED),
    _rate("08", "FP/GP", "0207", "Taux normal 20 %"),
    _rate("09", "FB/GB", "0105", "Taux réduit 5,5 %"),
    _rate("9B", "FR/GR", "0151", "Taux réduit 10 %"),
    _rate("10", "", "0201", "DOM, taux normal 8,5 %"),
    _rate("11", "", "0100", "DOM, taux réduit 2,1 %"),
    _rate("T1", "", "1120", "DOM, 1,75 %"),
    _rate("T2", "", "1110", "DOM, 1,05 %"),
    _rate("T3", "", "1081", "Corse, 10 %"),
    _rate("T4", "", "1050", "Corse, 2,1 %"),
    _rate("T5", "", "1040", "Corse, 0,9 %"),
    _rate("T6", "MF/ME", "1010", "France continentale, 2,1 %"),
    _rate("T7", "", "0990", "Retenue de TVA sur droits d'auteur"),
    _rate("13", "", "0900", "Anciens taux"),
    _rate("P1", "", "0208", "Produits pétroliers, 20 %"),
    _rate("P2", "", "0152", "Produits pétroliers, 13 %"),
    _rate("I1", "", "0210", "Importations, 20 %"),
    _rate("I2", "", "0211", "Importations, 10 %"),
    _rate("I3", "", "0212", "Importations, 8,5 %"),
    _rate("I4", "", "0213", "Importations, 5,5 %"),
    _rate("I5", "", "0214", "Importations, 2,1 %"),
    _rate("I6", "", "0215", "Importations, 1,05 %"),
    Box("15", "GG", "0600", "TVA antérieurement déduite à reverser", Section.GROSS),
    Box("5B", "KS", "0602", "Sommes à ajouter, y compris acompte congés", Section.GROSS),
    Box("16", "GH", "", "Total de la TVA brute due (lignes 08 à 5B)", Section.GROSS),
    Box("17", "GJ", "0035", "Dont TVA sur acquisitions intracommunautaires", Section.GROSS),
    Box("18", "", "0038", "Dont TVA sur opérations à destination de Monaco", Section.GROSS),
    Box("19", "HA", "0703", "Biens constituant des immobilisations", Section.DEDUCTIBLE),
    Box("20", "HB", "0702", "Autres biens et services", Section.DEDUCTIBLE),
    Box("21", "HC", "0059", "Autre TVA à déduire (dont régularisation de TVA collectée)", Section.DEDUCTIBLE),
    Box("22", "HD", "8001", "Report du crédit de la ligne 27 de la précédente déclaration", Section.DEDUCTIBLE),
    Box("2C", "KU", "0603", "Sommes à imputer, y compris acompte congés", Section.DEDUCTIBLE),
    Box("23", "HG", "", "Total de la TVA déductible (lignes 19 à 2C)", Section.DEDUCTIBLE),
    Box("24", "", "0710", "Dont TVA déductible sur importations", Section.DEDUCTIBLE),
    Box("25", "JA", "0705", "Crédit de TVA (ligne 23 − ligne 16)", Section.RESULT),
    Box("TD", "KA", "8900", "TVA due (ligne 16 − ligne 23)", Section.RESULT),
    Box("26", "JB", "8002", "Remboursement de crédit demandé (formulaire n° 3519)", Section.PAYMENT),
    Box("27", "JC", "8003", "Crédit de TVA à reporter (ligne 25 − ligne 26)", Section.PAYMENT),
    Box("28", "ND", "8901", "TVA nette due", Section.PAYMENT),
    Box("29", "KB", "9979", "Taxes assimilées (annexe n° 3310 A)", Section.PAYMENT),
    Box("32", "KE", "9992", "Total à payer", Section.PAYMENT),
)  # fmt: skip
BY_CODE: Final = {box.code: box for box in FORM}

METROPOLE: Final = "métropole"
DOM: Final = "DOM"
CORSICA: Final = "Corse"
TERRITORIES: Final = (METROPOLE, DOM, CORSICA)


def territory_named(text: object) -> str:
    """The territory that ``territoire:`` says, in whatever case, or ``""``."""
    said = text.casefold() if isinstance(text, str) else ""
    return next((name for name in TERRITORIES if name.casefold() == said), "")


# Taxes assimilated to VAT, detailed on the annex 3310 A.
ANNEX: Final = "29"
MONACO: Final = "18"
DUE_BOXES: Final = frozenset({"15", "5B"})
DEDUCTIBLE_BOXES: Final = frozenset({"15", "19", "20", "21", "2C"})

# Rate in percent → box, by territory (CGI art. 278 to 281 nonies; DOM: 294 to 296; Corsica: 297).
_RATES: Final[dict[str, dict[Decimal, str]]] = {
    METROPOLE: {
        Decimal("20"): "08", Decimal("10"): "9B", Decimal("5.5"): "09", Decimal("2.1"): "T6",
    },
    DOM: {
        Decimal("8.5"): "10", Decimal("2.1"): "11", Decimal("1.75"): "T1", Decimal("1.05"): "T2",
    },
    CORSICA: {
        Decimal("20"): "08", Decimal("5.5"): "09", Decimal("10"): "T3", Decimal("2.1"): "T4",
        Decimal("0.9"): "T5", Decimal("13"): "P2",
    },
}  # fmt: skip
_IMPORTS: Final = {
    Decimal("20"): "I1", Decimal("10"): "I2", Decimal("8.5"): "I3", Decimal("5.5"): "I4",
    Decimal("2.1"): "I5", Decimal("1.05"): "I6",
}  # fmt: skip
# Rates that only one territory knows are declared in its box wherever the seller is.
_ANYWHERE: Final = {
    Decimal("8.5"): "10", Decimal("1.75"): "T1", Decimal("1.05"): "T2", Decimal("0.9"): "T5",
}  # fmt: skip
FORMER: Final = "13"


def rate_box(rate: Decimal, territory: str, *, imported: bool = False) -> str:
    """The box of an operation taxed at ``rate`` percent; « anciens taux » when no territory applies it today.

    A rate of the mainland that the territory does not know is that of an operation made there (CGI art. 258, 294).
    """
    if imported:
        return _IMPORTS.get(rate, FORMER)
    own = _RATES[territory].get(rate) or _RATES[METROPOLE].get(rate)
    return own or _ANYWHERE.get(rate, FORMER)
