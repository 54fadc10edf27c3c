"""The rules of the checker, as data: what is wrong, how grave, what to do, and where the rule comes from.

*Erreur*: the file does not follow LPF art. A47 A-1 or is not a balanced set of books; *alerte*: the administration's
tool accepts it, or tolerates it, and a person should look.
"""

from __future__ import annotations

from typing import Final, NamedTuple

ERROR: Final = "erreur"
ALERT: Final = "alerte"


class Rule(NamedTuple):
    """A rule: ``found`` is the sentence for one place, with ``{0}``, ``{1}`` for what was read there."""

    code: str
    severity: str
    title: str
    found: str
    advice: str
    source: str


_FORM: Final = "LPF A47 A-1, VI"
_TABLE: Final = "LPF A47 A-1, VII, 1°"
_CODING: Final = "LPF A47 A-1, XII"
_OWN: Final = "contrôle d'Acompta"

_ALL: Final = (
    # The file.
    Rule("nom-fichier", ERROR, "Nom du fichier", "lu « {0} »",
         "Nommez-le SirenFECAAAAMMJJ, avec le SIREN et la date de clôture : 732829320FEC20261231.txt.",
         "LPF A47 A-1, IX"),
    Rule("siren", ALERT, "SIREN du nom de fichier", "{0} n'a pas la bonne clé",
         "Vérifiez les neuf chiffres du SIREN.", _OWN),
    Rule("vide", ERROR, "Fichier sans écriture", "{0}", "Exportez de nouveau le fichier.", _FORM),
    Rule("xml", ERROR, "Fichier XML", "{0}",
         "Acompta ne contrôle que les fichiers à plat : exportez en texte, zones séparées par des tabulations.", _FORM),
    Rule("encodage", ERROR, "Jeu de caractères", "{0}",
         "Exportez en UTF-8 ou en ISO 8859-15.", _CODING),
    Rule("double-encodage", ERROR, "Accents encodés deux fois", "lu « {0} »",
         "Le fichier a été converti deux fois en UTF-8 : exportez-le de nouveau.", _CODING),
    Rule("marque", ALERT, "Marque d'ordre des octets", "{0}",
         "Elle n'est pas un caractère de la zone JournalCode : enregistrez en UTF-8 sans BOM.", _CODING),
    Rule("separateur", ERROR, "Séparateur de zones", "{0}",
         "Les zones sont séparées par une tabulation ou par « | ».", _FORM),
    Rule("entete", ERROR, "Première ligne", "{0}",
         "La première ligne porte le nom des zones, dans l'ordre du texte.", "LPF A47 A-1, VII, 4°"),
    Rule("entete-casse", ALERT, "Écriture des noms de zones", "lu « {0} », attendu « {1} »",
         "Reprenez les noms tels que le texte les écrit.", "LPF A47 A-1, VII, 4°"),
    Rule("champs", ERROR, "Nombre de zones", "{0} zones au lieu de {1}",
         "Un libellé contient sans doute le séparateur ou un saut de ligne.", _FORM),
    Rule("ligne-vide", ERROR, "Ligne vide", "ligne vide", "Supprimez-la.", _FORM),
    Rule("separateur-libelle", ERROR, "« | » dans un fichier à tabulations", "{0} : « {1} »",
         "Test Compta Demat refuse le fichier : remplacez la barre dans le libellé.", "mode d'emploi de l'outil, III"),
    # Fields.
    Rule("blanc", ERROR, "Zone obligatoire vide", "{0} est vide", "Renseignez-la.", _TABLE),
    Rule("validation-vide", ERROR, "ValidDate vide", "écriture {0} non validée",
         "Validez ou clôturez la période, puis exportez de nouveau : le fichier n'est que provisoire.", _TABLE),
    Rule("date", ERROR, "Date illisible", "{0} : « {1} »", "AAAAMMJJ, sans séparateur, un jour qui existe.", _CODING),
    Rule("date-exercice", ERROR, "Date hors de l'exercice", "EcritureDate {0} après la clôture {1}",
         "L'écriture appartient à un autre exercice, ou le nom du fichier porte une autre clôture.", _TABLE),
    Rule("date-ancienne", ALERT, "Date à plus d'un an de la clôture", "EcritureDate {0}, clôture {1}",
         "Vérifiez la date, ou que l'exercice dure bien plus de douze mois.", "alerte de Test Compta Demat"),
    Rule("montant", ERROR, "Montant illisible", "{0} : « {1} »",
         "Virgule décimale, ni espace, ni point, ni symbole : 1234,56.", _CODING),
    Rule("decimales", ALERT, "Plus de deux décimales", "{0} : « {1} »", "Un montant en euros a deux décimales.", _OWN),
    Rule("sens", ERROR, "Sens illisible", "« {0} »", "D et C, ou +1 et -1.", "LPF A47 A-1, X"),
    Rule("deux-montants", ERROR, "Débit et crédit sur une même ligne", "débit {0}, crédit {1}",
         "Une ligne est au débit ou au crédit : séparez-la en deux.", "alerte de Test Compta Demat"),
    Rule("montant-nul", ALERT, "Ni débit ni crédit", "compte {0}",
         "Une ligne sans montant n'est pas une écriture.", "alerte de Test Compta Demat"),
    Rule("montant-negatif", ALERT, "Montant négatif", "{0} sur le compte {1}",
         "Permis, mais une contrepassation se lit mieux dans l'autre colonne.", _OWN),
    Rule("compte", ERROR, "Numéro de compte", "« {0} »",
         "Trois chiffres du plan comptable d'abord, classes 1 à 8 (9 pour l'analytique).", _TABLE),
    Rule("auxiliaire", ERROR, "Compte auxiliaire à moitié rempli", "numéro « {0} », libellé « {1} »",
         "CompAuxNum et CompAuxLib vont ensemble.", _OWN),
    Rule("lettrage", ALERT, "Lettrage à moitié rempli", "lettre « {0} », date « {1} »",
         "EcritureLet et DateLet vont ensemble.", _OWN),
    Rule("devise", ALERT, "Devise à moitié remplie", "montant « {0} », devise « {1} »",
         "Montantdevise et Idevise vont ensemble.", _OWN),
    # Entries.
    Rule("equilibre", ERROR, "Écriture déséquilibrée", "écriture {0} : débit − crédit = {1}",
         "Une écriture s'équilibre au centime.", "PCG 1021-1"),
    Rule("equilibre-total", ERROR, "Total des débits et des crédits", "débit {0}, crédit {1}",
         "Le fichier est incomplet, ou un montant est faux.", "PCG 1021-1"),
    Rule("numero-double", ERROR, "Numéro d'écriture employé deux fois", "écriture {0}, déjà soldée plus haut",
         "EcritureNum est unique.", _TABLE),
    Rule("lignes-dispersees", ALERT, "Lignes d'une écriture dispersées", "écriture {0}, commencée ligne {1}",
         "Les lignes d'une écriture se suivent.", _OWN),
    Rule("numero-trou", ERROR, "Numéros manquants", "{0}",
         "EcritureNum suit une séquence continue : une écriture a disparu, ou un journal n'est pas exporté.", _TABLE),
    Rule("numero-sans-chiffre", ALERT, "Numéro d'écriture sans chiffre", "« {0} »",
         "Sa continuité ne peut pas être vérifiée.", _OWN),
    Rule("numero-ordre", ALERT, "Numéros dans le désordre", "écriture {0} après {1}",
         "Triez le fichier par numéro, dans l'ordre de validation.", _OWN),
    Rule("numerotation-journal", ALERT, "Numéros recommencés dans chaque journal", "{0}",
         "La séquence continue se comprend sur tous les journaux.", _TABLE),
    Rule("ecriture-mixte", ERROR, "Écriture sur plusieurs dates", "écriture {0} : {1} puis {2}",
         "Toutes les lignes d'une écriture ont sa date.", _OWN),
    Rule("ordre", ALERT, "Ordre de validation", "ValidDate {0} après {1}",
         "Les écritures sont classées par ordre chronologique de validation.", _TABLE),
    Rule("validation-avant", ERROR, "Validée avant d'être passée", "EcritureDate {0}, ValidDate {1}",
         "La validation suit l'écriture.", _OWN),
    Rule("ouverture-ordre", ALERT, "À-nouveaux après d'autres écritures", "écriture {0}, journal {1}",
         "Les premiers numéros sont ceux de la reprise des soldes.", "LPF A47 A-1, VII, 3°"),
    Rule("ouverture-gestion", ERROR, "À-nouveau sur un compte de charges ou de produits", "compte {0}",
         "Les classes 6 et 7 partent de zéro.", "LPF A47 A-1, VII, 1°"),
    Rule("solde-gestion", ERROR, "Écriture de solde des comptes de charges et de produits", "écriture {0}",
         "Elle ne doit pas figurer au fichier.", "LPF A47 A-1, VII, 1°"),
    # Tables.
    Rule("journal-libelle", ALERT, "Journal sous plusieurs libellés", "{0} : « {1} » puis « {2} »",
         "Un code de journal a un seul libellé.", _OWN),
    Rule("compte-libelle", ALERT, "Compte sous plusieurs libellés", "{0} : « {1} » puis « {2} »",
         "Un compte a un seul libellé sur l'exercice.", _OWN),
    Rule("auxiliaire-libelle", ALERT, "Auxiliaire sous plusieurs libellés", "{0} : « {1} » puis « {2} »",
         "Un auxiliaire a un seul libellé sur l'exercice.", _OWN),
    Rule("lettrage-desequilibre", ALERT, "Lettrage déséquilibré", "compte {0}, lettre {1} : {2}",
         "Un groupe lettré se solde ; sinon sa lettre appartient à un autre exercice.", _OWN),
)  # fmt: skip
RULES: Final[dict[str, Rule]] = {rule.code: rule for rule in _ALL}
