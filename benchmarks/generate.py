"""Write a realistic dossier of N documents, the same one for a seed.

Contracts with deposits (percent, before tax, VAT-inclusive), milestones, amendments and final invoices; plain invoices
of one to five lines at one rate or two; payments whole, in parts, for two invoices at once; quotes and drafts::

    python -m benchmarks.generate 1000 --out /tmp/dossier [--seed 1] [--one-file]
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from benchmarks import stories
from benchmarks.stories import Keys, Piece, Typed

MAIN: Final = "main.beancount"
PLUGIN_LINE: Final = 'plugin "acompta"\n'
ROOTS: Final = """\
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
"""
SELLER: Final = """\
2026-01-01 custom "emetteur" "Atelier Lumière SARL"
  forme: "SARL au capital de 10 000 EUR"
  siret: "73282932000074"
  tva-intracom: "FR44732829320"
  rcs: "Lyon 732 829 320"
  adresse: "12 rue de la République
69002 Lyon"
  iban: "FR7630006000011234567890189"
  bic: "AGRIFRPP"
  regime-tva: "encaissements"
  penalites: "Taux de refinancement de la BCE majoré de 10 points"
  escompte: "Pas d'escompte pour paiement anticipé"
  delai: "30 jours"
"""
CHART: Final = """\
2026-01-01 open Actif:512:Banque               EUR
2026-01-01 open Passif:44571:TVA20             EUR
  taux: 20
2026-01-01 open Passif:44571:TVA10             EUR
  taux: 10
2026-01-01 open Passif:44571:TVA55             EUR
  taux: 5.5
2026-01-01 open Passif:44574:TVA20             EUR
  taux: 20
2026-01-01 open Passif:44574:TVA10             EUR
  taux: 10
2026-01-01 open Passif:44574:TVA55             EUR
  taux: 5.5
2026-01-01 open Produits:701:Livres            EUR
  tva: 5.5
2026-01-01 open Produits:704:Travaux           EUR
  tva: 20
2026-01-01 open Produits:706:Conseil           EUR
  tva: 20
2026-01-01 open Produits:706:Developpement     EUR
  tva: 20
2026-01-01 open Produits:707:Mobilier          EUR
  tva: 20
"""


def write_dossier(folder: Path, documents: int, *, seed: int = 1, one_file: bool = False) -> Path:
    """Write a dossier of that many documents into ``folder``; the path of its main file."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = stories.tell(documents, seed)
    number = stories.numbers(pieces).__getitem__
    months = [
        (month, "\n".join(_transaction(piece, number) for piece in group))
        for month, group in groupby(pieces, key=_month)
    ]
    accounts = _accounts(documents)
    if one_file:
        parts = [_head(), accounts, *(text for _, text in months)]
        return _write(folder / MAIN, "\n".join(parts))
    _write(folder / "comptes.beancount", f"{ROOTS}\n{accounts}")
    for month, text in months:
        _write(folder / f"{month}.beancount", f"{ROOTS}\n{text}")
    names = ["comptes", *(month for month, _ in months)]
    includes = "".join(f'include "{name}.beancount"\n' for name in names)
    return _write(folder / MAIN, f"{_head()}\n{includes}")


def aligned(account: str, amount: str) -> str:
    """A posting with its amount in the usual column."""
    return f"  {account:<42} {amount:>14}" if amount else f"  {account}"


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _head() -> str:
    title = 'option "title" "Atelier Lumière"\noption "operating_currency" "EUR"\n'
    return f"{title}{ROOTS}\n{PLUGIN_LINE}\n{SELLER}"


def _accounts(documents: int) -> str:
    customers = range(stories.customers_for(documents))
    return CHART + "".join(_customer(stories.customer_name(rank), rank) for rank in customers)


def _customer(name: str, rank: int) -> str:
    return (
        f"2026-01-01 open Actif:411:{name} EUR\n"
        f'  raison-sociale: "SCI {name}"\n'
        f'  siren: "{_siren(rank)}"\n'
        f'  adresse: "{rank % 90 + 1} quai Perrache\n69002 Lyon"\n'
    )


def _siren(rank: int) -> str:
    """Nine digits that pass the check (Luhn)."""
    body = f"{50_000_000 + rank:08d}"
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(body)]
    total = sum(digit - 9 if digit > 9 else digit for digit in doubled)
    return f"{body}{-total % 10}"


def _month(piece: Piece) -> str:
    return f"{piece.date:%Y-%m}"


def _transaction(piece: Piece, number: Callable[[int], str]) -> str:
    words = [f'{piece.date} {"!" if piece.draft else "*"} "{piece.payee}" "{piece.narration}"']
    if piece.tag:
        words.append(f"#{piece.tag}")
    if piece.contract:
        words.append(f"^{piece.contract}")
    words += [f"^{number(slot)}" for slot in piece.settles]
    lines = [" ".join(words)]
    if piece.slot is not None:
        lines.append(f'  numero: "{number(piece.slot)}"')
    lines += _keys(piece.keys, "  ")
    for posting in piece.postings:
        lines += _posting(posting, number)
    return "\n".join(lines) + "\n"


def _posting(posting: Typed, number: Callable[[int], str]) -> Iterator[str]:
    yield aligned(posting.account, posting.amount)
    yield from _keys(posting.keys, "    ")
    if posting.pays is not None:
        yield f'    facture: "{number(posting.pays)}"'


def _keys(keys: Keys, indent: str) -> Iterator[str]:
    return (f"{indent}{key}: {value}" for key, value in keys)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one dossier and print where it is."""
    parser = argparse.ArgumentParser(description="Write a realistic dossier of N documents.")
    parser.add_argument("documents", type=int)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one-file", action="store_true")
    options = parser.parse_args(arguments)
    start = datetime.datetime.now(tz=datetime.UTC)
    path = write_dossier(
        options.out, options.documents, seed=options.seed, one_file=options.one_file
    )
    took = datetime.datetime.now(tz=datetime.UTC) - start
    print(f"{path}: {options.documents} documents in {took.total_seconds():.1f} s")


if __name__ == "__main__":
    main()
