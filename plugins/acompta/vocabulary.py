"""The ledger words, said once: reading, messages, guide and tests all use them.

Ledger words are French and ASCII because Beancount tags, links and keys must be; the reference of what each one
means is ``docs/language.md``.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from beancount.core.amount import Amount

EUR: Final = "EUR"
PERCENT: Final = "PCT"
PERCENT_PERIOD: Final = "PCT-MOIS"
PERCENTS: Final = frozenset({PERCENT, PERCENT_PERIOD})
DISCOUNT: Final = "REMISE"


class Kind(StrEnum):
    """Kind of commercial document; the value is the tag that the accountant types."""

    QUOTE = "devis"
    CONTRACT = "contrat"
    AMENDMENT = "avenant"
    DEPOSIT = "acompte"
    ARRHES = "arrhes"
    PROGRESS = "situation"
    FINAL = "solde"
    INVOICE = "facture"
    CREDIT_NOTE = "avoir"
    CORRECTIVE = "rectificative"
    TERMINATION = "rupture"
    PREPAID = "prepaye"
    USE = "consommation"
    PURCHASE = "achat"
    PURCHASE_DEPOSIT = "achat-acompte"
    TAKEOVER = "reprise"
    TRANSFER = "report"


ALIASES: Final[dict[str, Kind]] = {"avance": Kind.DEPOSIT, "resiliation": Kind.TERMINATION}
KIND_BY_TAG: Final[dict[str, Kind]] = {kind.value: kind for kind in Kind} | ALIASES

KIND_TITLES: Final[dict[Kind, str]] = {
    Kind.QUOTE: "Devis",
    Kind.CONTRACT: "Contrat",
    Kind.AMENDMENT: "Avenant",
    Kind.DEPOSIT: "Facture d'acompte",
    Kind.ARRHES: "Facture d'arrhes",
    Kind.PROGRESS: "Facture de situation",
    Kind.FINAL: "Facture de solde",
    Kind.INVOICE: "Facture",
    Kind.CREDIT_NOTE: "Avoir",
    Kind.CORRECTIVE: "Facture rectificative",
    Kind.TERMINATION: "Résiliation",
    Kind.PREPAID: "Facture de crédits prépayés",
    Kind.USE: "Consommation",
    Kind.PURCHASE: "Facture d'achat",
    Kind.PURCHASE_DEPOSIT: "Facture d'acompte fournisseur",
    Kind.TAKEOVER: "Reprise",
    Kind.TRANSFER: "Report d'acompte",
}

# Kinds that never post and never carry a number of our series (language.md §1).
UNPOSTED: Final = frozenset({Kind.QUOTE, Kind.CONTRACT, Kind.AMENDMENT})
UNNUMBERED: Final = UNPOSTED | {Kind.USE, Kind.TRANSFER}
# Supplier numbers are outside our series and identified by (supplier, number).
PURCHASES: Final = frozenset({Kind.PURCHASE, Kind.PURCHASE_DEPOSIT})
# Kinds that make no sense without a known contract.
NEEDS_CONTRACT: Final = frozenset({Kind.PROGRESS, Kind.FINAL, Kind.TERMINATION, Kind.TRANSFER})


class Regime(StrEnum):
    """Seller's VAT regime, the value of ``regime-tva:`` (CGI art. 269-2, 293 B)."""

    RECEIPTS = "encaissements"
    DEBITS = "debits"
    FRANCHISE = "franchise"


GOODS: Final = "bien"
SERVICE: Final = "service"
DISBURSEMENT: Final = "debours"

# A line under one of these bears no VAT; `exonere` wants a `motif:` (CGI ann. II art. 242 nonies A, 12° and 13°).
LINE_REGIMES: Final = frozenset(
    {"autoliquidation-btp", "intracom-biens", "intracom-services", "export", "exonere"}
)


# `recurrence:` of a draft that is a model: how many months between two of its invoices.
RECURRENCES: Final[dict[str, int]] = {
    "mensuelle": 1,
    "bimestrielle": 2,
    "trimestrielle": 3,
    "semestrielle": 6,
    "annuelle": 12,
}


class KeyType(NamedTuple):
    """Type of a key's value, with the French words that say what to type."""

    accepted: tuple[type, ...]
    wanted: str


TEXT = KeyType((str,), 'un texte entre guillemets, par exemple {key}: "…"')
DATE = KeyType((datetime.date,), "une date année-mois-jour, par exemple {key}: 2026-01-31")
NUMBER = KeyType((Decimal,), "un nombre avec un point décimal, par exemple {key}: 5.5")
# At most 5 % of what is billed (loi 71-584 of 16 July 1971, art. 1).
RETAINED = KeyType(
    (Decimal,), "un pourcentage sans guillemets ni %, 5 au plus, par exemple {key}: 5"
)
BOOLEAN = KeyType((bool,), "TRUE ou FALSE, en majuscules et sans guillemets")
AMOUNT = KeyType((Amount, Decimal), "un montant, par exemple {key}: 1234.56 EUR")
PERIOD = KeyType(
    (datetime.date, str),
    'une date 2026-03-31 ou une période entre guillemets {key}: "2026-03-01/2026-03-31"',
)

# Keys of a document (on the transaction). Words of later kinds are listed too: one vocabulary.
DOCUMENT_KEYS: Final[dict[str, KeyType]] = {
    "numero": TEXT,
    "serie": TEXT,
    "echeance": DATE,
    "cours": NUMBER,
    "livraison": PERIOD,
    "delai": TEXT,
    "bon-de-commande": TEXT,
    "acompte": NUMBER,
    "imputation": TEXT,
    "retenue": RETAINED,
    "retenue-base": TEXT,
    "revision": TEXT,
    "revision-base": DATE,
    "revision-decimales": NUMBER,
    "revision-indice": DATE,
    "revision-definitive": TEXT,
    "stipulation": TEXT,
    "reception": DATE,
    "caution": TEXT,
    "sur": TEXT,
    "par": TEXT,
    "sort": TEXT,
    "qualification": TEXT,
    "recurrence": TEXT,
    "modele": TEXT,
    "periode": TEXT,
    "expire": DATE,
    "regime": TEXT,
    "motif": TEXT,
    "tva": NUMBER,
    "nature": TEXT,
    "prevu": DATE,
    "validite": DATE,
    "ttc": AMOUNT,
    "sceau": TEXT,
    "etendu": BOOLEAN,
    "journal": TEXT,
    "piece": TEXT,
    "date-reelle": DATE,
    "document": TEXT,
}

LINE_KEYS: Final[dict[str, KeyType]] = {
    "lot": TEXT,
    "libelle": TEXT,
    "tva": NUMBER,
    "nature": TEXT,
    "regime": TEXT,
    "motif": TEXT,
    "prevu": DATE,
    "contrat": TEXT,
    "cout-prevu": AMOUNT,
    "heures-prevues": NUMBER,
    "livraison": PERIOD,
    "expire": DATE,
    "periode": TEXT,
    "deductible": NUMBER,
    "taux": NUMBER,
    "base": NUMBER,
    "facture": TEXT,
    "acompte": TEXT,
    "lettrage": TEXT,
    "devise": AMOUNT,
    "exigibilite": TEXT,
}

# What Acompta alone writes on a line: typed on a document that it has not completed, they would say nothing.
_WRITTEN_ON_LINES: Final = frozenset({"taux", "base", "acompte", "exigibilite"})
TYPED_LINE_KEYS: Final[dict[str, KeyType]] = {
    key: wanted for key, wanted in LINE_KEYS.items() if key not in _WRITTEN_ON_LINES
}

# Keys of a settlement (an ordinary entry on 411 with a link) and of its postings.
SETTLEMENT_KEYS: Final[dict[str, KeyType]] = {
    "escompte-tva": BOOLEAN,
    "ecriture": TEXT,
    "etendu": BOOLEAN,
    "declaration": TEXT,
    "regularisation": TEXT,
    "extourne": TEXT,
    "case-ca3": TEXT,
}

PARTY_KEYS: Final[dict[str, KeyType]] = {
    "raison-sociale": TEXT,
    "siren": TEXT,
    "siret": TEXT,
    "tva-intracom": TEXT,
    "adresse": TEXT,
    "adresse-livraison": TEXT,
    "pays": TEXT,
    "particulier": BOOLEAN,
    "public": BOOLEAN,
    "taux-penalites": NUMBER,
    "email": TEXT,
    "adresse-electronique": TEXT,
    "delai": TEXT,
    "bon-de-commande": TEXT,
}

ACCOUNT_KEYS: Final[dict[str, KeyType]] = {
    "taux": NUMBER,
    "tva": NUMBER,
    "role": TEXT,
    "titre": TEXT,
    "nature": TEXT,
    "debits": BOOLEAN,
    "deductible": NUMBER,
    "compte": TEXT,
    "auxiliaire": TEXT,
    "journal": TEXT,
    "territoire": TEXT,
}

SELLER_KEYS: Final[dict[str, KeyType]] = {
    "forme": TEXT,
    "siren": TEXT,
    "siret": TEXT,
    "tva-intracom": TEXT,
    "rcs": TEXT,
    "adresse": TEXT,
    "telephone": TEXT,
    "email": TEXT,
    "site": TEXT,
    "logo": TEXT,
    "couleur": TEXT,
    "iban": TEXT,
    "bic": TEXT,
    "regime-tva": TEXT,
    "exigibilite-acompte": TEXT,
    "comptabilisation-acompte": TEXT,
    "penalites": TEXT,
    "taux-penalites": NUMBER,
    "relances": TEXT,
    "escompte": TEXT,
    "delai": TEXT,
    "adresse-electronique": TEXT,
    "acomptes-facturx": TEXT,
    "format-numero": TEXT,
    "premier-numero": TEXT,
    "territoire": TEXT,
    "fin-exercice": TEXT,
    "periodicite-tva": TEXT,
    "jour-tva": NUMBER,
    "format-numero-acompte": TEXT,
    "format-numero-arrhes": TEXT,
    "format-numero-situation": TEXT,
    "format-numero-solde": TEXT,
    "format-numero-facture": TEXT,
    "format-numero-avoir": TEXT,
    "format-numero-rectificative": TEXT,
    "format-numero-rupture": TEXT,
    "format-numero-prepaye": TEXT,
}

# The days of the month on which a VAT return is paid (CGI ann. IV art. 39).
RETURN_DAYS: Final = range(15, 25)

# `custom "emetteur"`, `"cloture"`: our dated directives.
SELLER_DIRECTIVE: Final = "emetteur"
CLOSING_DIRECTIVE: Final = "cloture"
VALIDATION_DIRECTIVE: Final = "validation"

# Beancount's own keys, and those that importers and Fava write: never ours to judge.
NEUTRAL_KEYS: Final = frozenset({"filename", "lineno", "document", "source_desc", "date", "time"})

ROLE_WORDS: Final[dict[str, str]] = {
    "tva-en-attente": "44574",
    "tva-collectee": "44571",
    "tva-deductible": "44566",
    "tva-deductible-en-attente": "44564",
    "client": "411",
    "retenue": "4117",
    "acomptes-recus": "4191",
}
