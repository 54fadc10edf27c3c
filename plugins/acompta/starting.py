"""A new dossier from nothing: the main file of the guide's chapter 2, filled with what a SIRET lets one derive.

The folder appears whole, once it has been loaded without a mistake, or not at all.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from acompta.acts.staged import staged
from acompta.closing.official import CHART, chart_text
from acompta.invoices import identifiers
from acompta.invoices.writing import write_atomically
from acompta.lint.roots import FRENCH_ROOTS
from acompta.loading import MAIN_NAMES, load_ledger
from acompta.vocabulary import Regime

# The rates of mainland France (CGI art. 278, 278-0 bis, 279); others are two accounts to add.
RATES: Final = (Decimal(20), Decimal(10), Decimal("5.5"))
_VAT: Final = (
    ("Passif", "44571"),
    ("Passif", "44574"),
    ("Actif", "44566"),
    ("Actif", "44564"),
    ("Actif", "44562"),
)


class StartError(Exception):
    """A dossier that cannot be made; the message is one French sentence."""


class Beginning(NamedTuple):
    """Who the dossier is of: ``siret`` may be empty, ``address`` has one line of text per line."""

    name: str
    siret: str
    address: tuple[str, ...]
    regime: Regime
    start: datetime.date


def start_dossier(folder: Path, beginning: Beginning) -> Path:
    """Make the dossier ``folder``; its main file.

    Raises:
        OSError: a file cannot be written.
        StartError: ``folder`` holds something, the name is missing, or the SIRET is wrong.
    """
    if not beginning.name:
        raise StartError("un dossier porte un nom ; tapez le nom de l'entreprise, avec --nom")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StartError(f"« {folder} » existe déjà ; donnez le nom d'un nouveau dossier")
    siret = identifiers.compact(beginning.siret)
    if siret and not identifiers.is_siret(siret):
        raise StartError(
            f"SIRET « {beginning.siret} » : un chiffre est faux, ou il n'en a pas quatorze ; recopiez celui du Kbis"
        )
    shared = folder.absolute().parent / CHART.name
    with staged(folder) as aside:
        if not shared.is_file():
            write_atomically(aside / CHART.name, chart_text().encode())
        chart = f"../{CHART.name}" if shared.is_file() else CHART.name
        text = "\n".join(_main(beginning._replace(siret=siret), chart)) + "\n"
        write_atomically(aside / MAIN_NAMES[0], text.encode())
        mistakes = load_ledger(aside).errors
        if mistakes:
            raise StartError(f"le dossier ne se charge pas : {mistakes[0].message}")
    return folder / MAIN_NAMES[0]


def _main(beginning: Beginning, chart: str) -> Iterator[str]:
    day = beginning.start
    yield f'option "title" {_quoted(beginning.name)}'
    yield 'option "operating_currency" "EUR"'
    for field, root in FRENCH_ROOTS._asdict().items():
        yield f'option "name_{field}" "{root}"'
    yield from (
        "",
        'plugin "acompta"',
        'plugin "acompta.invoices.filing"',
        f'include "{chart}"',
        "",
    )
    yield f'{day} custom "fava-option" "language" "fr"'
    yield f'{day} custom "fava-option" "locale" "fr_FR"'
    yield f'{day} custom "fava-extension" "acompta.fava"'
    yield f'{day} custom "fava-option" "default-page" "extension/Acompta/"'
    yield from ("", *_seller(beginning))
    yield from ("", "; Les clients : un compte 411 chacun. Ôtez les points-virgules, et complétez.")
    yield from (f"; {line}".rstrip() for line in _CUSTOMER.format(day=day).splitlines())
    yield from ("", "; La banque, les fournisseurs, les produits")
    yield f"{day} open Actif:512:Banque EUR"
    yield f"; {day} open Passif:401:Bailleur EUR"
    taxed = beginning.regime is not Regime.FRANCHISE
    for account in ("Produits:706:Prestations", "Produits:707:Ventes"):
        yield f"{day} open {account} EUR"
        if taxed:
            yield "  tva: 20"
    if taxed:
        yield from (
            "",
            "; La TVA : collectée, en attente, déductible, en attente de paiement, sur immobilisations",
        )
        yield from _vat(day)
    yield from ("", "; Les unités des factures, et leur code de facture électronique")
    for unit, name, code in (("JOUR", "jour", "DAY"), ("HEURE", "heure", "HUR")):
        yield from (f"{day} commodity {unit}", f'  name: "{name}"', f'  unece: "{code}"')


_CUSTOMER: Final = """\
{day} open Actif:411:Dupont EUR
  raison-sociale: "SCI Dupont"
  siren: "812345676"
  email: "compta@dupont.fr"
  adresse: "3 quai Perrache
69002 Lyon\""""


def _seller(beginning: Beginning) -> Iterator[str]:
    """Who invoices; what is not known is left as a comment to complete."""
    siren = beginning.siret[:9]
    yield "; Qui facture. Complétez les lignes qui commencent par un point-virgule, et ôtez-le."
    yield f'{beginning.start} custom "emetteur" {_quoted(beginning.name)}'
    if siren:
        yield f'  siret: "{beginning.siret}"'
    else:
        yield '  ; siret: "…"'
    if siren and beginning.regime is not Regime.FRANCHISE:
        yield f'  tva-intracom: "{identifiers.vat_from_siren(siren)}"'
    if beginning.address:
        yield f"  adresse: {_quoted(chr(10).join(beginning.address))}"
    else:
        yield '  ; adresse: "12 rue de la République, 69002 Lyon"'
    yield f'  regime-tva: "{beginning.regime.value}"'
    yield '  ; forme: "SARL au capital de 10 000 €"'
    yield f'  ; rcs: "Lyon {identifiers.grouped(siren, 3) if siren else "…"}"'
    yield '  ; iban: "FR76…"'
    yield '  ; email: "compta@exemple.fr"'


def _vat(day: datetime.date) -> Iterator[str]:
    for rate in RATES:
        name = f"TVA{rate:f}".replace(".", "-")
        for root, number in _VAT:
            if number in {"44562", "44564"} and rate != RATES[0]:
                continue  # rare: the message that asks for one gives its lines
            yield from (f"{day} open {root}:{number}:{name} EUR", f"  taux: {rate:f}")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
