"""Write ``ledgers/pcg.beancount`` from the official list of accounts beside this script.

When the ANC publishes a new list, save it as ``pcg-<year>.csv`` (columns ``compte;libelle;systeme``), change `SOURCE`,
and run ``python scripts/pcg/build_chart.py``. What the list cannot say, on which side of the balance sheet an account
stands, is in `ROOTS`.
"""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

SOURCE: Final = Path(__file__).with_name("pcg-2026.csv")
TARGET: Final = Path(__file__).parents[2] / "ledgers" / "pcg.beancount"
OPENED: Final = "2000-01-01"

ASSETS: Final = "Actif"
LIABILITIES: Final = "Passif"
EQUITY: Final = "Capitaux"
INCOME: Final = "Produits"
EXPENSES: Final = "Charges"

# Longest prefix wins. The side is that of the balance-sheet model of the PCG; an account that may stand on either side
# takes the side on which it stands most often, and amortisation or impairment stays beside the asset it reduces.
_PREFIXES: Final[dict[str, str]] = {
    # 109, subscribed and uncalled capital, is the first line of the assets; 15 and 16 are neither equity nor assets.
    EQUITY: "1",
    # 18 links establishments; 229 is « autres fonds propres »; 269, 279, 509 are what is still owed on shares bought.
    LIABILITIES: (
        "15 16 17 18 229 269 279"
        " 40 419 42 43 44 44584 44587 4457 45 464 468 475 477 487 4887 509 5181 519"
    ),
    ASSETS: (
        "109 169 2 3 409 41 425 439 441 4456 44581 44583 44586 4482 4561 4562 4566 46 47 48 49 5"
    ),
    EXPENSES: "6",
    INCOME: "7",
}
ROOTS: Final[dict[str, str]] = {
    prefix: root for root, prefixes in _PREFIXES.items() for prefix in prefixes.split()
}

# Shares, tokens, banks and cash may hold something other than euros; everything else is kept in euros, so that a line
# in hours or in percent is refused where the plugin that would turn it into euros did not run.
_NOT_ONLY_EUROS: Final = ("26", "27", "50", "51", "52", "53", "58")


class OfficialAccount(NamedTuple):
    """A row of the official list, or an account in use beside it."""

    number: str
    title: str
    optional: bool
    remark: str = ""


# In use where VAT is due on receipt, absent from the official list (a firm may subdivide its accounts).
IN_USE: Final = (
    OfficialAccount(
        "44564",
        "TVA déductible en attente de paiement",
        optional=True,
        remark="En usage, absent de la liste officielle : TVA d'un fournisseur, déductible quand on le paie.",
    ),
    OfficialAccount(
        "44574",
        "TVA collectée en attente d'encaissement",
        optional=True,
        remark="En usage, absent de la liste officielle : TVA facturée au client, due quand il paie.",
    ),
)

HEADER: Final = """\
; Plan comptable général : tous les comptes de la liste officielle (règlement ANC 2014-03 modifié par 2022-06,
; version en vigueur au 1er janvier 2026), et deux comptes en usage qui n'y sont pas : 44564 et 44574.
;
; Pour s'en servir, écrivez dans le fichier principal de votre dossier :
;     include "../pcg.beancount"
; puis ouvrez vous-même vos comptes de détail : Actif:411:Dupont, Passif:44571:TVA20 avec taux: 20, Actif:512:Banque…
; N'ouvrez pas une seconde fois un compte de cette liste : Beancount y verrait un doublon.
;
; - titre: est l'intitulé officiel. facultatif: TRUE signale un compte hors du plan minimal.
; - Les comptes à un chiffre sont les titres des classes, pas des comptes. Ceux à deux chiffres sont ouverts, pour que
;   leur intitulé serve dans les balances et parce que 31, 37, 53 ou 58 n'ont pas de subdivision ; ceux que la liste
;   subdivise portent rubrique: TRUE : n'y passez pas d'écriture, le FEC veut trois chiffres au moins.
; - La racine (Actif, Passif…) dit de quel côté du bilan le compte se tient le plus souvent ; le tableau est dans le
;   guide. Amortissements et dépréciations (28, 29, 39, 49, 59) restent à l'actif, en moins.
; - Les comptes sont tenus en euros, sauf titres, jetons, banques et caisses (26, 27, 50 à 58), libres.
;
; Fichier produit par scripts/pcg/build_chart.py : ne le modifiez pas à la main.

option "name_assets" "{assets}"
option "name_liabilities" "{liabilities}"
option "name_equity" "{equity}"
option "name_income" "{income}"
option "name_expenses" "{expenses}"

; Fava ne montre que les comptes mouvementés. Pour les voir tous : même ligne, datée d'après, avec "true".
{date} custom "fava-option" "show-accounts-with-zero-transactions" "false"
"""


def read_official_list(source: Path = SOURCE) -> list[OfficialAccount]:
    """The rows of the official list, classes (one digit) included, in the order of the file."""
    with source.open(encoding="utf-8", newline="") as lines:
        return [
            OfficialAccount(row["compte"], row["libelle"], row["systeme"] == "facultatif")
            for row in csv.DictReader(lines, delimiter=";")
        ]


def root_of(number: str) -> str:
    """Root of the account ``number``: that of its longest known prefix.

    Raises:
        KeyError: a class that `ROOTS` does not know.
    """
    for length in range(len(number), 0, -1):
        if number[:length] in ROOTS:
            return ROOTS[number[:length]]
    raise KeyError(number)


def _is_heading(number: str, numbers: frozenset[str]) -> bool:
    """Whether the list subdivides this two-digit account: it groups others and takes no entry."""
    return len(number) == 2 and any(n != number and n.startswith(number) for n in numbers)


def _open_line(account: OfficialAccount, *, heading: bool) -> str:
    name = f"{root_of(account.number)}:{account.number}"
    currency = "" if account.number.startswith(_NOT_ONLY_EUROS) else "EUR"
    lines = [f"; {account.remark}"] if account.remark else []
    lines.append(f"{OPENED} open {name:<16}{currency}".rstrip())
    lines.append(f'  titre: "{account.title}"')
    if heading:
        lines.append("  rubrique: TRUE")
    if account.optional:
        lines.append("  facultatif: TRUE")
    return "\n".join(lines)


def chart_text(official: list[OfficialAccount]) -> str:
    """The whole ledger file: header, then every account sorted so that each follows the one it subdivides."""
    accounts = sorted([*official, *IN_USE], key=lambda account: account.number)
    numbers = frozenset(account.number for account in accounts)
    blocks = [
        HEADER.format(
            assets=ASSETS,
            liabilities=LIABILITIES,
            equity=EQUITY,
            income=INCOME,
            expenses=EXPENSES,
            date=OPENED,
        ).rstrip()
    ]
    for account in accounts:
        if len(account.number) == 1:
            blocks.append(f"\n* Classe {account.number} : {account.title}\n")
        else:
            blocks.append(_open_line(account, heading=_is_heading(account.number, numbers)))
    return "\n".join(blocks) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Replace ``path`` by ``text`` in one step: a crash leaves the old file or the new one, never half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    aside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fchmod(stream.fileno(), 0o644)
            os.fsync(stream.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


if __name__ == "__main__":
    write_whole(TARGET, chart_text(read_official_list()))
