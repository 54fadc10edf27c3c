"""What keeps a document from being printed, found before any file is written.

Each finding is one French sentence that names the ledger key, what was read and what to type. The list is complete:
an accountant corrects once, not once per run. Legal source of the mandatory ones: CGI ann. II art. 242 nonies A and
C. com. art. L441-9. The exemption of small invoices (242 nonies A, II: up to 150 € before tax) is not used: the keys
that it spares are typed once for all, and the next invoice needs them.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from acompta.french import country_code
from acompta.invoices import identifiers
from acompta.invoices.coherence import incoherences
from acompta.invoices.mentions import MissingWordingError, mentions_of
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import LineRegime, Nature
from acompta.invoices.view.parties import Customer, Place, Seller

NUMBER: Final = re.compile(r"[A-Za-z0-9/_-]{1,35}")
COUNTRY: Final = re.compile(r"[A-Z]{2}")
ACCENT: Final = re.compile(r"#[0-9a-fA-F]{6}")
LOGO_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".svg", ".webp"})

NEWLINES: Final = frozenset("\n\t")
# Directional marks reorder what is read without changing what is stored: never on an invoice.
BIDIRECTIONAL: Final = frozenset(
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
EXCERPT: Final = 30
_PARTIES: Final = 4096
OF_SELLER: Final = "de l'émetteur"

INTRACOM: Final = frozenset({LineRegime.INTRACOM_GOODS, LineRegime.INTRACOM_SERVICES})
OUTSIDE_UNION: Final = frozenset({LineRegime.EXPORT, LineRegime.SERVICES_ABROAD})


class Finding(NamedTuple):
    """One thing to correct: the ledger key (``""`` when there is none), the French sentence, where."""

    key: str
    message: str
    place: Place | None = None

    def __str__(self) -> str:
        """Write ``file:line : message``."""
        where = f"{self.place.path}:{self.place.line} : " if self.place else ""
        return where + self.message


def findings_of(view: DocumentView) -> tuple[Finding, ...]:
    """Return all that has to be corrected before this document may be printed; empty when it may."""
    return tuple(finding for rule in RULES for finding in rule(view))


# The seller


def _seller_identity(view: DocumentView) -> Iterator[Finding]:
    seller = view.seller
    if not seller.name:
        message = 'émetteur : aucun nom ; tapez custom "emetteur" "Raison sociale"'
        yield Finding("emetteur", message, seller.place or view.place)
    if not seller.address:
        yield _missing_from_seller(
            seller, "adresse", 'adresse: "12 rue de la République, 69002 Lyon"'
        )
    if not seller.siret and not seller.siren:
        yield _missing_from_seller(
            seller, "siret", 'siret: "73282932000074" (14 chiffres, entre guillemets)'
        )
    if not seller.vat_number and not view.franchise:
        yield _missing_from_seller(seller, "tva-intracom", f'tva-intracom: "{_likely_vat(seller)}"')


def _seller_numbers(view: DocumentView) -> Iterator[Finding]:
    seller = view.seller
    yield from _register_numbers(OF_SELLER, seller, seller.place)
    if seller.vat_number and not identifiers.is_french_vat(seller.vat_number):
        yield _wrong(seller.place, OF_SELLER, "tva-intracom", seller.vat_number, _vat_help(seller))
    if seller.iban and not identifiers.is_iban(seller.iban):
        help_text = "l'IBAN du RIB : un caractère est faux ou manque, sa clé ne tombe pas juste"
        yield _wrong(seller.place, OF_SELLER, "iban", seller.iban, help_text)
    if seller.bic and not identifiers.is_bic(seller.bic):
        yield _wrong(
            seller.place, OF_SELLER, "bic", seller.bic, "8 ou 11 caractères, comme sur le RIB"
        )


def _seller_look(view: DocumentView) -> Iterator[Finding]:
    seller = view.seller
    if not ACCENT.fullmatch(seller.accent):
        yield _wrong(seller.place, OF_SELLER, "couleur", seller.accent, 'par exemple "#14505c"')
    if seller.logo is not None:
        yield from _logo(seller, seller.logo)


def _logo(seller: Seller, logo: Path) -> Iterator[Finding]:
    if logo.suffix.lower() not in LOGO_SUFFIXES:
        yield _wrong(seller.place, OF_SELLER, "logo", logo.name, "une image PNG, JPEG, SVG ou WebP")
    elif not logo.is_file():
        help_text = "ce fichier n'existe pas ; indiquez son chemin depuis le dossier du journal"
        yield _wrong(seller.place, OF_SELLER, "logo", str(logo), help_text)


def _missing_from_seller(seller: Seller, key: str, to_type: str) -> Finding:
    message = f"clé « {key} » : rien n'est indiqué pour l'émetteur ; tapez {to_type} sous custom \"emetteur\""
    return Finding(key, message, seller.place)


def _likely_vat(seller: Seller) -> str:
    """Propose the number that the SIREN gives, else an example."""
    known = identifiers.compact(seller.siret)[:9] or identifiers.compact(seller.siren)
    return identifiers.vat_from_siren(known) if identifiers.is_siren(known) else "FR44732829320"


def _vat_help(seller: Seller) -> str:
    return (
        f'"{_likely_vat(seller)}" d\'après le SIREN'
        if seller.siren or seller.siret
        else "FR, la clé, le SIREN"
    )


# The customer


def _customer_identity(view: DocumentView) -> Iterator[Finding]:
    customer = view.customer
    if not customer.name:
        yield _missing_from_customer(customer, "raison-sociale", 'raison-sociale: "SCI Dupont"')
    if not customer.address:
        yield _missing_from_customer(customer, "adresse", 'adresse: "3 quai Perrache, 69002 Lyon"')
    if not COUNTRY.fullmatch(customer.country):
        known = country_code(customer.country)
        help_text = (
            f'le code du pays, "{known}"'
            if known
            else 'le code du pays en deux lettres, par exemple "BE"'
        )
        yield _wrong(customer.place, _of(customer), "pays", customer.country, help_text)
    if customer.french and not customer.consumer and not (customer.siren or customer.siret):
        yield _missing_from_customer(customer, "siren", _siren_help(customer))


def _siren_help(customer: Customer) -> str:
    known = identifiers.siren_in_vat(customer.vat_number) or "812345676"
    return f'siren: "{known}" (9 chiffres, entre guillemets), ou particulier: TRUE pour un consommateur'


def _customer_numbers(view: DocumentView) -> Iterator[Finding]:
    customer = view.customer
    if customer.french:
        yield from _register_numbers(_of(customer), customer, customer.place)
    number = customer.vat_number
    if (
        number
        and customer.country in identifiers.EUROPEAN_UNION
        and not identifiers.is_european_vat(number)
    ):
        help_text = "le numéro du client tel qu'il figure sur VIES, avec les lettres de son pays"
        yield _wrong(customer.place, _of(customer), "tva-intracom", number, help_text)


def _customer_abroad(view: DocumentView) -> Iterator[Finding]:
    """(3°, 4°) Exempt supplies inside the Union carry the customer's VAT number; an export leaves the Union."""
    customer, country = view.customer, view.customer.country
    if not COUNTRY.fullmatch(country):
        return  # said once
    member = country in identifiers.EUROPEAN_UNION
    if view.regimes & INTRACOM:
        if customer.french or not member:
            help_text = (
                "un client de l'Union européenne hors de France, ou retirez regime: des lignes"
            )
            yield _wrong(customer.place, _of(customer), "pays", country, help_text)
        if not customer.vat_number:
            yield _missing_from_customer(customer, "tva-intracom", 'tva-intracom: "BE0123456749"')
    if view.regimes & OUTSIDE_UNION and member and not _delivered_elsewhere(customer):
        help_text = 'un pays hors de l\'Union européenne, ou retirez regime: "export" des lignes'
        yield _wrong(customer.place, _of(customer), "pays", country, help_text)


def _delivered_elsewhere(customer: Customer) -> bool:
    """Goods may be invoiced in the Union and delivered outside it."""
    return bool(customer.delivery_address)


def _missing_from_customer(customer: Customer, key: str, to_type: str) -> Finding:
    name = customer.name or customer.account
    line = f" sous l'ouverture de {customer.account}" if customer.account else ""
    message = (
        f"clé « {key} » : rien n'est indiqué pour le client « {name} » ; tapez {to_type}{line}"
    )
    return Finding(key, message, customer.place)


def _of(customer: Customer) -> str:
    return f"du client « {customer.name or customer.account} »"


def _register_numbers(
    whose: str, party: Seller | Customer, place: Place | None
) -> Iterator[Finding]:
    """Check digits of SIREN and SIRET, and that one begins with the other."""
    if party.siren and not identifiers.is_siren(party.siren):
        yield _wrong(place, whose, "siren", party.siren, _numbers_help(party.siren, 9))
    if party.siret and not identifiers.is_siret(party.siret):
        yield _wrong(place, whose, "siret", party.siret, _numbers_help(party.siret, 14))
    siren, siret = identifiers.compact(party.siren), identifiers.compact(party.siret)
    if siren and siret and not siret.startswith(siren):
        yield _wrong(
            place, whose, "siren", siren, f'"{siret[:9]}", le début du SIRET, ou corrigez siret:'
        )


def _numbers_help(read: str, length: int) -> str:
    """What to type for a SIREN or a SIRET: its length, else its last figure, which is a check digit."""
    figures = identifiers.compact(read)
    if figures.isdigit() and len(figures) == length:
        return "celui du Kbis ou de l'avis de situation : un chiffre est faux, la clé ne tombe pas juste"
    return f"{length} chiffres entre guillemets, lu {len(figures)} caractères"


def _wrong(place: Place | None, whose: str, key: str, read: str, to_type: str) -> Finding:
    return Finding(key, f"clé « {key} » {whose} : lu « {read} » ; attendu : {to_type}", place)


# The document


def _document(view: DocumentView) -> Iterator[Finding]:
    if not NUMBER.fullmatch(view.number) and not (view.draft and not view.number):
        help_text = "35 caractères au plus parmi lettres sans accent, chiffres, / _ -"
        yield Finding(
            "numero", f"clé « numero » : lu « {view.number} » ; attendu : {help_text}", view.place
        )
    if view.due is None and view.asks_payment:
        message = (
            f"clé « echeance » : aucune date pour {view.name} ; "
            "tapez echeance: 2026-01-31, ou delai: sur le client"
        )
        yield Finding("echeance", message, view.place)
    if not view.lines and view.credits is None:
        yield Finding("", f"{view.name} : rien n'est facturé, aucune ligne à imprimer", view.place)


def _lines(view: DocumentView) -> Iterator[Finding]:
    """(8°, 12°) A precise designation, and the reason of what bears no VAT."""
    for rank, line in enumerate(view.lines, 1):
        place = line.place or view.place
        if not line.label.strip():
            message = f"clé « libelle » : rien n'est indiqué pour la ligne {rank} de {view.name} ; "
            yield Finding("libelle", message + 'tapez libelle: "…" sous la ligne', place)
        needs_motive = line.regime is LineRegime.EXEMPT or line.nature is Nature.DISBURSEMENT
        if needs_motive and not line.motive:
            message = f"clé « motif » : rien n'est indiqué pour la ligne « {line.label} » de {view.name} ; "
            yield Finding("motif", message + 'tapez motif: "art. 261, 4, 4° du CGI"', place)


def _references(view: DocumentView) -> Iterator[Finding]:
    try:
        mentions_of(view)
    except MissingWordingError as error:
        yield Finding("", f"{view.name} : {error.sentence}", view.place)


def _amounts(view: DocumentView) -> Iterator[Finding]:
    for sentence in incoherences(view):
        yield Finding("", f"{view.name} : {sentence}", view.place)


# Characters


def _characters(view: DocumentView) -> Iterator[Finding]:
    """Control and direction characters: they break the PDF, or make it say something else than the ledger."""
    for text, place in _texts(view, view.place):
        if text.isprintable():
            continue  # nearly all
        bad = next((char for char in text if _refused(char)), None)
        if bad is not None:
            shown = "".join("?" if _refused(char) else char for char in text)[:EXCERPT]
            message = f"caractère invisible U+{ord(bad):04X} dans « {shown} » ; retapez ce texte"
            yield Finding("", message, place)


def _refused(char: str) -> bool:
    if char.isascii() and char.isprintable():
        return False
    return char in BIDIRECTIONAL or (
        char not in NEWLINES and unicodedata.category(char) in REFUSED_CATEGORIES
    )


def _texts(value: object, place: Place | None) -> Iterator[tuple[str, Place | None]]:
    """All texts of a view, each with the nearest place in the ledger."""
    if isinstance(value, str):
        yield value, place
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item, place)
    elif isinstance(value, Seller | Customer):
        for text, nearer in _texts_of(value):
            yield text, nearer or place
    else:
        yield from _texts_inside(value, place)


def _texts_inside(value: Any, place: Place | None) -> Iterator[tuple[str, Place | None]]:
    kind: Any = type(value)
    names = _fields(kind)
    nearer = (getattr(value, "place", None) or place) if names else place
    for name in names:
        inside = getattr(value, name)
        if type(inside) not in _WORDLESS:
            yield from _texts(inside, nearer)


@lru_cache(_PARTIES)
def _texts_of(party: Seller | Customer) -> tuple[tuple[str, Place | None], ...]:
    """Those of a party: the same few stand on thousands of documents."""
    return tuple(_texts_inside(party, None))


_WORDLESS: Final = frozenset({Decimal, datetime.date, bool, int, type(None)})


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass, none for any other value."""
    if kind is Place or not dataclasses.is_dataclass(kind):
        return ()
    return tuple(item.name for item in dataclasses.fields(kind))


RULES: Final[tuple[Callable[[DocumentView], Iterator[Finding]], ...]] = (
    _seller_identity,
    _seller_numbers,
    _seller_look,
    _customer_identity,
    _customer_numbers,
    _customer_abroad,
    _document,
    _lines,
    _references,
    _amounts,
    _characters,
)
