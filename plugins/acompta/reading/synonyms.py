"""Words that an accountant may type for a key, and what to type instead, place by place.

A key says more than one word can: an address holds the postcode and the town, the share capital goes with the legal
form, a quantity is on the line itself. What is typed is compared in its plain form: ``date_d_echeance`` is
``date-echeance``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from acompta.vocabulary import (
    ACCOUNT_KEYS,
    DOCUMENT_KEYS,
    LINE_KEYS,
    PARTY_KEYS,
    SELLER_KEYS,
    SETTLEMENT_KEYS,
    TYPED_LINE_KEYS,
    KeyType,
)


class Place(NamedTuple):
    """Where keys are typed: ``where`` says it in French, ``hints`` what to type for each plain word."""

    where: str
    keys: Mapping[str, KeyType]
    hints: Mapping[str, str]


_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_KEY: Final = re.compile(r"([a-z][a-z-]+): ")
_JOINING: Final = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "en"})


def plain(key: str) -> str:
    """The form in which words are compared: ``delai_de_paiement`` and ``delaiPaiement`` are ``delai-paiement``."""
    parts = _WORD.findall(key)
    return "-".join(part.lower() for part in parts if part.lower() not in _JOINING)


def _hints(*groups: tuple[str, str]) -> Mapping[str, str]:
    """Advice by plain word, from (words, advice) groups."""
    return MappingProxyType({word: advice for words, advice in groups for word in words.split()})


_ADDRESS_WORDS: Final = (
    "rue voie numero-voie code-postal codepostal cp ville commune localite adresse1 adresse2 adresse-1 adresse-2"
    " adresse-3 complement complement-adresse ligne-adresse bp boite-postale cedex adresse-postale adr"
)
_VAT_NUMBER_WORDS: Final = (
    "numero-tva num-tva n-tva no-tva tva-numero id-tva tva-intra intracom tva-intracommunautaire"
    " numero-tva-intracommunautaire numero-tva-intracom identifiant-tva vat vat-number"
)
_TERMS_WORDS: Final = (
    "conditions conditions-paiement conditions-reglement condition-paiement condition-reglement delai-paiement"
    " delai-reglement delais paiement reglement echeance jours modalites"
)
_MAIL_WORDS: Final = "mail courriel e-mail adresse-mail adresse-email mel"
_ELECTRONIC_WORDS: Final = (
    "adresse-facturation-electronique ppf pdp pa plateforme bt-34 bt-49 endpoint annuaire"
)
_PENALTY_RATE_WORDS: Final = (
    "taux-penalite taux-interet taux-interets interets interets-retard taux-retard"
)
_PHONE_WORDS: Final = "tel telephone-fixe portable mobile phone fixe"

SELLER: Final = Place(
    'sous custom "emetteur"',
    SELLER_KEYS,
    _hints(
        (
            "capital capital-social forme-juridique statut-juridique statut type-societe",
            'le capital se dit avec la forme juridique : tapez forme: "SARL au capital de 10 000 EUR"',
        ),
        (
            _ADDRESS_WORDS + " siege siege-social domicile",
            "la rue, le code postal et la ville se tapent ensemble, une ligne de texte par ligne d'adresse :"
            ' adresse: "12 rue de la République, 69002 Lyon"',
        ),
        (
            "pays",
            "l'émetteur est en France ; pour la Corse ou l'outre-mer, tapez territoire: \"Corse\" ou"
            ' territoire: "DOM"',
        ),
        (
            "nom raison-sociale denomination denomination-sociale societe entreprise enseigne nom-commercial",
            'le nom se tape sur la première ligne : custom "emetteur" "Atelier Lumière SARL"',
        ),
        (_VAT_NUMBER_WORDS, 'tapez tva-intracom: "FR44732829320"'),
        (
            "immatriculation greffe ville-rcs rm repertoire-metiers registre rne registre-commerce numero-rcs",
            'tapez l\'immatriculation, ville comprise : rcs: "Lyon 732 829 320"',
        ),
        (
            "ape naf code-ape code-naf activite",
            "le code APE n'est pas une mention des factures : mettez-le dans un commentaire (; …)",
        ),
        (
            "numero-siret n-siret nic",
            'tapez siret: "73282932000074" (14 chiffres, entre guillemets)',
        ),
        ("numero-siren n-siren", 'tapez siren: "732829320" (9 chiffres, entre guillemets)'),
        (_PHONE_WORDS, 'tapez telephone: "04 78 00 00 00"'),
        ("fax telecopie", 'le télécopieur n\'est pas imprimé ; tapez telephone: ou email: "…"'),
        (_MAIL_WORDS, 'tapez email: "contact@atelier.example"'),
        ("web site-web site-internet url www internet", 'tapez site: "www.atelier.example"'),
        (
            "rib compte-bancaire coordonnees-bancaires numero-compte domiciliation banque ics",
            'tapez iban: "FR76…" et bic: "…"',
        ),
        ("swift code-bic code-swift", 'tapez bic: "AGRIFRPP"'),
        (_PENALTY_RATE_WORDS, "tapez le taux annuel en pour cent : taux-penalites: 15"),
        (
            "penalite penalites-retard indemnite indemnites frais-recouvrement",
            'tapez la mention : penalites: "Taux de la BCE majoré de 10 points" (les 40 € de frais de'
            " recouvrement sont imprimés d'office)",
        ),
        (
            "escompte-paiement remise",
            'tapez la mention : escompte: "Pas d\'escompte pour paiement anticipé"',
        ),
        (_TERMS_WORDS, 'tapez delai: "30 jours fin de mois"'),
        (
            "tva regime regime-fiscal option-tva exigibilite exigibilite-tva franchise franchise-tva debits"
            " encaissements assujetti",
            'tapez regime-tva: "encaissements", "debits" ou "franchise"',
        ),
        (
            "periodicite frequence-tva declaration-tva ca3 regime-declaration",
            'tapez periodicite-tva: "mois" ou "trimestre"',
        ),
        (
            "exercice cloture date-cloture fin-exercice-comptable exercice-comptable date-cloture-exercice",
            'tapez le mois et le jour de clôture : fin-exercice: "06-30"',
        ),
        (
            "numerotation prefixe format format-facture format-factures masque",
            'tapez format-numero: "F{annee}-{numero:04}"',
        ),
        (
            "numero prochain-numero numero-depart dernier-numero compteur",
            'tapez le premier numéro à donner : premier-numero: "F2026-0051"',
        ),
        (_ELECTRONIC_WORDS, 'tapez adresse-electronique: "732829320"'),
        ("image logotype", 'tapez le chemin de l\'image : logo: "logo.svg"'),
        ("color couleurs charte", 'tapez couleur: "#14505c"'),
        ("relance rappels niveaux-relance", 'tapez les jours de retard : relances: "5 15 30"'),
        (
            "acompte acomptes",
            'tapez comptabilisation-acompte: "emission" ou "encaissement", ou exigibilite-acompte: "debit"',
        ),
        (
            "assurance decennale garantie gerant dirigeant president responsable contact",
            "cette mention n'a pas de clé : ajoutez-la au texte de forme:, ou mettez-la dans un commentaire (; …)",
        ),
    ),
)

PARTY: Final = Place(
    "sous l'ouverture du compte client (411)",
    PARTY_KEYS,
    _hints(
        (
            _ADDRESS_WORDS + " adresse-facturation siege siege-social",
            "la rue, le code postal et la ville se tapent ensemble, une ligne de texte par ligne d'adresse :"
            ' adresse: "3 quai Perrache, 69002 Lyon"',
        ),
        (
            "livraison adresse-chantier chantier lieu-livraison",
            'tapez adresse-livraison: "8 rue du Port, 69002 Lyon"',
        ),
        (
            "nom denomination denomination-sociale societe entreprise client nom-client nom-commercial enseigne"
            " prenom civilite",
            'tapez raison-sociale: "SCI Dupont"',
        ),
        (_VAT_NUMBER_WORDS + " tva", 'tapez tva-intracom: "FR44732829320"'),
        (
            "numero-siret n-siret nic",
            'tapez siret: "81234567600012" (14 chiffres, entre guillemets)',
        ),
        ("numero-siren n-siren", 'tapez siren: "812345676" (9 chiffres, entre guillemets)'),
        (
            "capital capital-social forme forme-juridique statut-juridique",
            "rien d'autre que son nom n'est imprimé du client, et sa forme en fait partie :"
            ' raison-sociale: "SCI Dupont"',
        ),
        (
            "interlocuteur attention service-comptable service destinataire",
            "la personne ou le service se met en tête de l'adresse :"
            ' adresse: "Service comptable, 3 quai Perrache, 69002 Lyon"',
        ),
        ("code-pays country", 'tapez le code du pays : pays: "BE"'),
        (_MAIL_WORDS, 'tapez email: "compta@client.example"'),
        (_TERMS_WORDS, 'tapez delai: "30 jours fin de mois"'),
        (
            "consommateur personne-physique prive b2c type",
            "tapez particulier: TRUE pour un consommateur",
        ),
        (
            "collectivite administration secteur-public acheteur-public etat mairie b2g chorus",
            "tapez public: TRUE pour un acheteur public",
        ),
        (
            "commande numero-commande reference ref-client reference-client engagement numero-engagement"
            " code-service service-executant",
            'tapez la référence à porter sur ses factures : bon-de-commande: "BC-4412"',
        ),
        (
            _PENALTY_RATE_WORDS + " penalites",
            "tapez le taux annuel en pour cent : taux-penalites: 15",
        ),
        (_ELECTRONIC_WORDS, 'tapez adresse-electronique: "812345676_COMPTA"'),
        (
            "code-client numero-client code compte-auxiliaire code-auxiliaire",
            'tapez le code porté dans les livres et le FEC : auxiliaire: "D0012"',
        ),
    ),
)

ACCOUNT: Final = Place(
    "sous l'ouverture d'un compte",
    ACCOUNT_KEYS,
    _hints(
        (
            "taux-tva tva-taux",
            "tapez taux: 20 sous un compte de TVA, tva: 20 sous un compte de produits",
        ),
        ("libelle intitule", 'tapez titre: "Prestations de services"'),
        ("numero numero-compte code-compte", 'tapez compte: "706100"'),
    ),
)

_LINK: Final = "se dit par un lien sur la première ligne : ^D2026-012"
_NO_STATE: Final = (
    "ce qui est payé se lit dans les règlements : écrivez l'encaissement sur le 512, avec le lien ^ du numéro de la"
    " facture, et supprimez cette clé"
)
_PRICE: Final = "la quantité et le prix sont sur la ligne elle-même : Produits:706:Conseil  -2 JOUR @ 500.00 EUR"
_DISCOUNT: Final = (
    "une remise est une ligne de produits, en positif : Produits:706:Conseil  1 REMISE @ 50.00 EUR"
)
_COMMENT: Final = "mettez ce texte dans un commentaire (; …), Acompta ne l'imprime pas"

DOCUMENT: Final = Place(
    "sous la première ligne du document",
    DOCUMENT_KEYS,
    _hints(
        (
            "date-echeance echeance-paiement date-limite date-limite-paiement date-paiement date-reglement"
            " payable-avant payable due due-date date-exigibilite",
            "tapez la date d'échéance : echeance: 2026-01-31",
        ),
        (
            "conditions conditions-paiement conditions-reglement condition-paiement condition-reglement"
            " delai-paiement delai-reglement delais jours modalites",
            'tapez delai: "30 jours fin de mois", ou echeance: 2026-01-31',
        ),
        (
            "facture numero-facture num-facture n-facture num n no nr ref reference numero-piece numero-document"
            " reference-facture",
            'tapez numero: "F2026-001"',
        ),
        (
            "ref-client reference-client votre-reference vos-ref commande numero-commande bdc bc po"
            " bon-commande reference-commande engagement numero-engagement",
            'tapez la référence du client : bon-de-commande: "BC-4412"',
        ),
        (
            "client nom-client acheteur raison-sociale destinataire",
            "le client est une ligne du document, sans montant : Actif:411:Dupont",
        ),
        (
            "fournisseur tiers vendeur",
            "le fournisseur est une ligne du document, sans montant : Passif:401:NomDuFournisseur",
        ),
        (
            "objet libelle designation description titre intitule",
            'l\'objet est le second texte de la première ligne : 2026-01-15 * "SCI Dupont" "Objet" #facture ; libelle:'
            " se tape sous une ligne",
        ),
        (
            "montant total ht montant-ht total-ht base base-ht",
            "un montant hors taxes se tape sur la ligne de produits : Produits:706:Conseil  -1000.00 EUR",
        ),
        (
            "montant-ttc total-ttc net net-payer",
            "le total TTC se calcule ; pour le faire vérifier, tapez-le sur la ligne du client :"
            " Actif:411:Dupont  1200.00 EUR",
        ),
        (
            "montant-tva total-tva",
            "la TVA se calcule ; pour un autre taux que celui du compte, tapez tva: 10",
        ),
        ("taux-tva taux tva-taux", "tapez le taux en pour cent : tva: 10"),
        ("remise rabais ristourne reduction taux-remise", _DISCOUNT),
        (
            "escompte taux-escompte",
            "un escompte pris se tape au règlement, sur une ligne 665 ; la mention est la clé escompte: de l'émetteur",
        ),
        (
            "taux-acompte pourcentage-acompte acompte-pourcentage acompte-pourcent arrhes avance",
            "tapez l'acompte convenu au contrat, en pour cent : acompte: 30 ; sa facture est un document #acompte",
        ),
        (
            "contrat numero-contrat devis numero-devis marche chantier affaire projet dossier mission",
            "le contrat " + _LINK,
        ),
        (
            "retenue-garantie rg garantie taux-retenue",
            "tapez le taux en pour cent, au contrat : retenue: 5",
        ),
        (
            "date-reception reception-travaux pv-reception",
            "tapez la date de réception des travaux, au contrat : reception: 2026-09-30",
        ),
        (
            "date-livraison date-prestation prestation date-execution execution date-vente date-intervention"
            " bon-livraison bl",
            'tapez livraison: 2026-03-31, ou une période livraison: "2026-03-01/2026-03-31"',
        ),
        (
            "debut fin date-debut date-fin periode-facturation mois",
            'tapez la période couverte : periode: "2026-03-01/2026-03-31"',
        ),
        (
            "avoir-sur facture-origine facture-initiale origine annule rectifie corrige facture-annulee"
            " facture-rectifiee facture-corrigee",
            'tapez le document corrigé : sur: "F2026-001"',
        ),
        (
            "statut etat paye payee paiement reglement regle reglee encaisse solde date-encaissement"
            " mode-paiement mode-reglement moyen-paiement",
            _NO_STATE,
        ),
        (
            "brouillon provisoire emis emise",
            "un brouillon porte ! au lieu de * sur la première ligne",
        ),
        (
            "taux-change change devise monnaie cours-change",
            "tapez les lignes dans leur devise, et l'euro d'une unité : cours: 0.92",
        ),
        (
            "autoliquidation exoneration exonere hors-taxe export intracom intracommunautaire sous-traitance mention"
            " mentions franchise",
            'tapez regime: "autoliquidation-btp", "intracom-biens", "intracom-services", "export" ou "exonere" (avec'
            " son motif:)",
        ),
        ("type-operation categorie type", 'tapez nature: "bien" ou "service"'),
        (
            "frequence periodicite abonnement recurrent",
            'tapez recurrence: "mensuelle", sur un brouillon (!)',
        ),
        (
            "date-validite validite-devis valable valable-jusqu valable-jusque",
            "tapez validite: 2026-02-28",
        ),
        ("expiration date-expiration fin-validite", "tapez expire: 2027-01-31"),
        ("date-prevue prevision date-prevision", "tapez prevu: 2026-03-31"),
        (
            "note notes commentaire commentaires observation observations memo remarque texte",
            _COMMENT,
        ),
        (
            "piece-jointe fichier pdf justificatif scan pj",
            'tapez document: "factures/F2026-001.pdf"',
        ),
        ("code-journal", 'tapez journal: "VT"'),
        (
            "indice index formule formule-revision",
            'tapez revision: "0.15 + 0.85 * (BT01 / BT01_0)"',
        ),
        ("caution-bancaire garantie-bancaire", 'tapez caution: "BNP, acte du 2 mars"'),
        (
            "date-facture date-piece date-document",
            "la date du document est celle de sa première ligne ; le jour"
            " d'une pièce passée plus tard est date-reelle: 2025-11-03",
        ),
        ("etablissement agence", 'tapez serie: "LYON"'),
    ),
)

LINE: Final = Place(
    "sous une ligne du document",
    TYPED_LINE_KEYS,
    _hints(
        ("taux-tva taux tva-taux", "tapez le taux en pour cent : tva: 10"),
        (
            "quantite qte qt qty nombre prix prix-unitaire pu puht pu-ht unite tarif heures jours",
            _PRICE,
        ),
        (
            "montant total ht montant-ht total-ht prix-total base base-ht",
            "le montant hors taxes est sur la ligne elle-même : Produits:706:Conseil  -1000.00 EUR",
        ),
        (
            "montant-ttc ttc total-ttc montant-tva total-tva",
            "une ligne se tape hors taxes, la TVA se calcule ; le total TTC se tape sur la ligne du client",
        ),
        ("remise rabais ristourne reduction taux-remise remise-pourcent", _DISCOUNT),
        (
            "designation description detail intitule titre article produit prestation objet reference ref"
            " code-article",
            'tapez la désignation imprimée : libelle: "Maquettes"',
        ),
        ("poste phase tranche etape sous-lot ouvrage numero-lot", 'tapez lot: "SITE"'),
        (
            "avancement pourcentage pourcent pct taux-avancement cumul",
            "l'avancement est sur la ligne elle-même : Produits:704:Travaux  -40 PCT, avec lot: s'il y en a",
        ),
        ("date-livraison date-prestation date-execution", "tapez livraison: 2026-03-31"),
        ("debut fin date-debut date-fin mois", 'tapez periode: "2026-03-01/2026-03-31"'),
        ("type type-operation categorie bien service", 'tapez nature: "bien" ou "service"'),
        (
            "autoliquidation exoneration exonere hors-taxe export intracom intracommunautaire sous-traitance"
            " mention exigibilite",
            'tapez regime: "autoliquidation-btp", "intracom-biens", "intracom-services", "export" ou "exonere" ;'
            " l'exigibilité suit le régime de l'émetteur et la nature",
        ),
        (
            "chantier affaire projet mission numero-contrat",
            'tapez contrat: "D2026-012" sous une charge ; ailleurs, le contrat ' + _LINK,
        ),
        ("deduction prorata taux-deduction tva-deductible deductibilite", "tapez deductible: 80"),
        ("cout cout-revient cout-previsionnel", "tapez cout-prevu: 3200.00"),
        ("date-prevue prevision", "tapez prevu: 2026-03-31"),
        ("date-expiration expiration", "tapez expire: 2027-01-31"),
        ("fondement article-cgi raison justification", 'tapez motif: "Art. 261-4-4° a du CGI"'),
        (
            "compte compte-comptable",
            "le compte est la ligne elle-même : Produits:706:Conseil  -1000.00 EUR",
        ),
        ("note notes commentaire commentaires observation remarque", _COMMENT),
        (
            "acompte",
            "l'acompte repris se tape sur sa ligne : Passif:4191:Dupont  -30 PCT, ou rien : le solde reprend tout",
        ),
    ),
)

SETTLEMENT: Final = Place("sous un règlement", SETTLEMENT_KEYS, _hints())

PLACES: Final = (DOCUMENT, LINE, SETTLEMENT, PARTY, ACCOUNT, SELLER)


def place_of(keys: Mapping[str, KeyType]) -> Place | None:
    """The place where ``keys`` are the vocabulary."""
    if keys is LINE_KEYS:
        return LINE
    return next((place for place in PLACES if place.keys is keys), None)


def hint(key: str, place: Place) -> str:
    """What to type at ``place`` for what ``key`` means, or ``""``."""
    return place.hints.get(plain(key), "")


def elsewhere(key: str, keys: Mapping[str, KeyType]) -> str:
    """Where ``key``, which is not among ``keys``, may be typed: « sous … », or ``""``."""
    return ", ou ".join(p.where for p in PLACES if p.keys is not keys and key in p.keys)


def known_word(key: str) -> str:
    """The key that says what ``key`` means, whatever the place: « date-echeance » → « echeance »; ``""`` for none."""
    word = plain(key)
    place = next((place for place in PLACES if word in place.hints), None)
    if place is None:
        return ""
    return next((key for key in _KEY.findall(place.hints[word]) if key in place.keys), "")
