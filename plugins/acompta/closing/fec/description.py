"""The description that goes with a FEC, in French: fields, codes, technical facts (LPF art. A47 A-1, XI)."""

from __future__ import annotations

from typing import Final

from acompta import french
from acompta.closing.fec import form
from acompta.closing.fec.export import Fec
from acompta.closing.fec.form import Charset

_HOW_PIECES: Final = """\
PieceRef : le numéro de la facture, la clé « piece » de l'écriture, le nom du fichier joint, ou le lien de l'écriture.
Quand l'écriture n'en a pas, le code du journal suivi d'EcritureNum : l'écriture vaut pièce. À-nouveaux : la pièce
d'origine d'un compte lettré, sinon AN suivi du premier jour.
PieceDate : la date réelle de l'opération quand elle est portée dans une période close, sinon celle de l'écriture.
CompteNum : le numéro du plan comptable, suivi, pour un compte qui n'est pas un compte de tiers, de son détail en
lettres.
CompAuxNum : l'auxiliaire des comptes de tiers (40, 41, 42, 45, 46).
EcritureLet : AA, AB… par compte ; vide tant que le groupe n'est pas soldé. DateLet : la date de la dernière écriture du
groupe.
ValidDate : le jour de la validation ou de la clôture qui a rendu l'écriture définitive.
Montantdevise : positif au débit, négatif au crédit."""


def description_text(fec: Fec, charset: Charset, software: str) -> str:
    """The description of ``fec``; ``software`` is « Acompta 0.1.0 »."""
    lines = [
        f"DESCRIPTION DU FICHIER DES ÉCRITURES COMPTABLES {fec.name}",
        "(article A47 A-1, XI, du livre des procédures fiscales)",
        "",
        f"Entreprise : {fec.company}, SIREN {fec.siren}",
        f"Exercice : {french.period(fec.period.start, fec.period.end)}",
        f"Logiciel : {software}, comptabilité Beancount",
        f"Lignes : {len(fec.lines)}, écritures : {fec.entries}",
        f"Total des débits et des crédits : {form.amount(fec.total)}",
    ]
    if fec.provisional:
        lines += [
            "",
            french.numbered(
                f"FICHIER PROVISOIRE : {fec.unvalidated} écriture(s) sans ValidDate, non encore validée(s)."
            ),
        ]
    lines += ["", "1. Technique", "", *_technique(charset), "", "2. Zones", "", *_fields()]
    lines += ["", "3. Codes", "", "JournalCode :"]
    lines += [f"  {code:<8} {title}" for code, title in fec.journals.items()]
    lines += ["", *_HOW_PIECES.splitlines(), ""]
    return "\r\n".join(lines)


def _technique(charset: Charset) -> list[str]:
    return [
        "Fichier à plat, une ligne par ligne d'écriture, de longueur variable ; la première porte le nom des zones.",
        f"Jeu de caractères : {charset.title}, sans marque d'ordre des octets.",
        "Séparateur de zone : tabulation. Séparateur d'enregistrement : retour chariot et fin de ligne (CR LF).",
        "Dates : AAAAMMJJ. Nombres : virgule décimale, sans séparateur de milliers, en euros.",
        "Une barre verticale, une tabulation ou un saut de ligne d'un libellé devient une espace.",
        "Ordre : à-nouveaux, puis date de validation, puis date. EcritureNum : continu sur tous les journaux.",
        "Ni écriture de centralisation, ni écriture de solde des comptes de charges et de produits.",
    ]


def _fields() -> list[str]:
    rows = []
    for rank, field in enumerate(form.FIELDS, start=1):
        blank = " (à blanc si non utilisé)" if field.optional else ""
        rows.append(f"{rank:>2}. {field.name:<14} {field.nature.value:<15} {field.meaning}{blank}")
    return rows
