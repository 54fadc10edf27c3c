"""``acompta nouveau``: the folder of a new dossier, ready to type in."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from acompta_cli.options import CommandError, FrenchDate, Unaccented, today

HELP = """\
Crée un nouveau dossier : son fichier principal, le plan comptable, les comptes de TVA par taux.

Du SIRET viennent le SIREN et le numéro de TVA. Ce que vous ne donnez pas reste en commentaire, à compléter.
Le plan comptable est celui du répertoire qui contient le dossier, s'il y est ; sinon il est copié dans le dossier.
Un dossier qui existe n'est jamais modifié.

\b
acompta nouveau ledgers/mon-dossier --nom "Atelier Lumière SARL" --siret 73282932000074
acompta nouveau ledgers/lou --nom "Lou Martel EI" --regime franchise --debut 01/04/2026

Code de sortie : 0 le dossier est créé, 2 rien n'a pu être fait.
"""


@click.command("nouveau", help=HELP)
@click.argument("folder", metavar="DOSSIER", type=click.Path(path_type=Path))
@click.option(
    "--nom", "name", metavar="NOM", required=True, help="Nom de l'entreprise, tel qu'il s'imprime."
)
@click.option("--siret", metavar="SIRET", default="", help="Ses 14 chiffres, espaces permises.")
@click.option(
    "--adresse", "address", metavar="ADRESSE", default="", help="Une virgule sépare deux lignes."
)
@click.option(
    "--regime", type=Unaccented(["encaissements", "debits", "franchise"]), default="encaissements",
    help="TVA sur les encaissements (par défaut), sur les débits, ou franchise en base.",
)  # fmt: skip
@click.option(
    "--debut", "start", type=FrenchDate(), metavar="DATE",
    help="Premier jour des comptes ; le 1er janvier de cette année par défaut.",
)  # fmt: skip
def command(
    *, folder: Path, name: str, siret: str, address: str, regime: str, start: datetime.date | None
) -> None:
    """Crée un nouveau dossier."""
    from acompta.starting import Beginning, StartError, start_dossier  # noqa: PLC0415 — the engine, when needed
    from acompta.vocabulary import Regime  # noqa: PLC0415
    from acompta_cli.output import say  # noqa: PLC0415

    lines = tuple(part.strip() for part in address.split(",") if part.strip())
    first = start or today().replace(month=1, day=1)
    try:
        main = start_dossier(folder, Beginning(name.strip(), siret, lines, Regime(regime), first))
    except (OSError, StartError) as error:
        raise CommandError(str(error)) from error
    say(
        f"{main} créé. Complétez-le dans un éditeur de texte, puis tapez : acompta verifier {folder}"
    )
