"""The rules of EN 16931 that fail most, in French: the standard's own words are English.

The code stays, so that a platform, a supplier or a support line can be told which rule it is.
"""

from __future__ import annotations

import re
from typing import Final

RULES: Final = {
    "BR-01": "l'identifiant du profil (BT-24) manque",
    "BR-02": "le numéro de facture (BT-1) manque",
    "BR-03": "la date de facture (BT-2) manque",
    "BR-04": "le type de facture (BT-3) manque",
    "BR-05": "la devise (BT-5) manque",
    "BR-06": "le nom du vendeur (BT-27) manque",
    "BR-07": "le nom de l'acheteur (BT-44) manque",
    "BR-08": "l'adresse du vendeur (BG-5) manque",
    "BR-09": "le pays du vendeur (BT-40) manque",
    "BR-10": "l'adresse de l'acheteur (BG-8) manque",
    "BR-11": "le pays de l'acheteur (BT-55) manque",
    "BR-12": "la somme des lignes (BT-106) manque",
    "BR-13": "le total hors taxes (BT-109) manque",
    "BR-14": "le total taxes comprises (BT-112) manque",
    "BR-15": "le montant à payer (BT-115) manque",
    "BR-16": "la facture n'a aucune ligne",
    "BR-21": "une ligne n'a pas de numéro (BT-126)",
    "BR-22": "une ligne n'a pas de quantité (BT-129)",
    "BR-23": "une ligne n'a pas d'unité (BT-130)",
    "BR-24": "une ligne n'a pas de montant (BT-131)",
    "BR-25": "une ligne n'a pas de désignation (BT-153)",
    "BR-26": "une ligne n'a pas de prix (BT-146)",
    "BR-27": "un prix unitaire net (BT-146) est négatif ; c'est la quantité qui doit l'être",
    "BR-28": "un prix unitaire brut (BT-148) est négatif",
    "BR-29": "la période de facturation finit avant de commencer",
    "BR-30": "la période d'une ligne finit avant de commencer",
    "BR-31": "une remise n'a pas de montant",
    "BR-33": "une remise n'a pas de motif",
    "BR-45": "une ligne de la ventilation de TVA n'a pas de base (BT-116)",
    "BR-46": "une ligne de la ventilation de TVA n'a pas de montant (BT-117)",
    "BR-47": "une ligne de la ventilation de TVA n'a pas de catégorie (BT-118)",
    "BR-48": "une ligne de la ventilation de TVA n'a pas de taux (BT-119)",
    "BR-49": "le moyen de paiement n'a pas de code (BT-81)",
    "BR-50": "un virement n'a pas de compte à créditer (BT-84)",
    "BR-53": "la TVA en devise de comptabilité (BT-111) manque",
    "BR-55": "une référence de facture antérieure n'a pas de numéro (BT-25)",
    "BR-61": "un virement n'a pas de compte à créditer (BT-84)",
    "BR-62": "l'adresse électronique du vendeur n'a pas de schéma",
    "BR-63": "l'adresse électronique de l'acheteur n'a pas de schéma",
    "BR-CL-01": "le type de facture (BT-3) n'est pas dans la liste",
    "BR-CL-04": "la devise n'est pas dans la liste",
    "BR-CL-14": "un code de pays n'est pas dans la liste",
    "BR-CL-23": "une unité n'est pas dans la liste de l'UN/ECE (H87 pièce, HUR heure, C62 unité…)",
    "BR-CL-22": "un code de motif d'exonération (VATEX) n'est pas dans la liste",
    "BR-CO-03": "la date (BT-7) et le code (BT-8) d'exigibilité s'excluent",
    "BR-CO-04": "une ligne n'a pas de catégorie de TVA (BT-151)",
    "BR-CO-09": "un numéro de TVA ne commence pas par les lettres de son pays",
    "BR-CO-10": "la somme des lignes (BT-106) n'est pas celle des montants de lignes",
    "BR-CO-11": "le total des remises (BT-107) n'est pas leur somme",
    "BR-CO-12": "le total des frais (BT-108) n'est pas leur somme",
    "BR-CO-13": "le total hors taxes (BT-109) n'est pas : lignes, moins remises, plus frais",
    "BR-CO-14": "le total de TVA (BT-110) n'est pas la somme de la ventilation",
    "BR-CO-15": "le total taxes comprises (BT-112) n'est pas le total hors taxes plus la TVA",
    "BR-CO-16": "le montant à payer (BT-115) n'est pas : total, moins déjà payé, plus arrondi",
    "BR-CO-17": "une TVA (BT-117) n'est pas sa base multipliée par son taux",
    "BR-CO-18": "la ventilation de TVA manque",
    "BR-CO-25": "il y a un montant à payer, et ni échéance (BT-9) ni conditions (BT-20)",
    "BR-CO-26": "le vendeur n'a ni identifiant, ni SIREN, ni numéro de TVA",
}

# BR-S-01, BR-AE-08…: the same ten rules for each VAT category.
_CATEGORY: Final = re.compile(r"BR-(S|Z|E|AE|IC|G|O|IG|IP)-(\d\d)")
_NAMES: Final = {
    "S": "taux normal ou réduit (S)",
    "Z": "taux zéro (Z)",
    "E": "exonération (E)",
    "AE": "autoliquidation (AE)",
    "IC": "livraison intracommunautaire (K)",
    "G": "exportation (G)",
    "O": "hors champ de la TVA (O)",
    "IG": "IGIC des Canaries (L)",
    "IP": "IPSI de Ceuta et Melilla (M)",
}
_BY_NUMBER: Final = {
    "01": "une ligne, et pas de ventilation de TVA",
    "02": "une ligne, et il manque le numéro de TVA du vendeur ou de l'acheteur",
    "03": "une remise, et il manque le numéro de TVA du vendeur ou de l'acheteur",
    "04": "des frais, et il manque le numéro de TVA du vendeur ou de l'acheteur",
    "05": "le taux d'une ligne ne convient pas",
    "06": "le taux d'une remise ne convient pas",
    "07": "le taux de frais ne convient pas",
    "08": "la base n'est pas la somme des lignes, moins les remises, plus les frais",
    "09": "la TVA n'est pas la base multipliée par le taux",
    "10": "le motif d'exonération manque, ou il y en a un de trop",
    "11": "date ou période de livraison manquante, ou catégorie mêlée à d'autres",
    "12": "pays de livraison manquant, ou catégorie mêlée à d'autres",
}


# « BR-FXEXT-CO-16 » is BR-CO-16 as EXTENDED widens it; « …rev » as the French extension reviews it.
_EXTENDED: Final = re.compile(r"BR-(?:FXEXT|FREXT)-(.*?)(?:rev)?")
_NOT_LISTED: Final = re.compile(r"Value of '(?:ram:|udt:|qdt:)?(@?[\w:]+)' is not allowed\.?")
_LAST_STEPS: Final = re.compile(r"\*:(\w+)\[")


def explained(rule: str, text: str = "", location: str = "") -> str:
    """What a rule says, in French; ``""`` when only its own words can (BR-FR rules are French already)."""
    found = _NOT_LISTED.search(text)
    if found is not None:
        where = _LAST_STEPS.findall(location)[-2:]
        inside = f" ({' / '.join(where)})" if where else ""
        return f"« {found[1].removeprefix('@')} »{inside} : cette valeur n'est pas dans la liste de codes"
    extended = _EXTENDED.fullmatch(rule)
    return _ruled(f"BR-{extended[1]}" if extended else rule)


def _ruled(rule: str) -> str:
    known = RULES.get(rule)
    if known is not None:
        return known
    found = _CATEGORY.fullmatch(rule)
    if found is None or found[2] not in _BY_NUMBER:
        return ""
    return f"catégorie de TVA « {_NAMES[found[1]]} » : {_BY_NUMBER[found[2]]}"


_NAMESPACE: Final = re.compile(r"\{[^}]*\}")
_SCHEMA_WORDS: Final = (
    (
        re.compile(r"Element '(\w+)': This element is not expected\."),
        r"élément « \1 » inattendu à cet endroit.",
    ),
    (re.compile(r"Expected is (?:one of )?\( (.*?) \)\.?"), r"Attendu : \1."),
    (re.compile(r"Element '(\w+)': Missing child element\(s\)\."), r"élément « \1 » incomplet."),
    (
        re.compile(
            r"Element '(\w+)'(?:, attribute '(\w+)')?: '(.*?)' is not a valid value of the .*"
        ),
        r"élément « \1 » : la valeur « \3 » n'est pas permise.",
    ),
    (re.compile(r"Element '(\w+)': \[facet.*"), r"élément « \1 » : valeur hors limites."),
)


def schema_words(text: str) -> str:
    """A message of the schema's reader, in French where its shape is known."""
    words = _NAMESPACE.sub("", text)
    for pattern, french in _SCHEMA_WORDS:
        words = pattern.sub(french, words)
    return words
