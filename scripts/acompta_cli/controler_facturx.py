"""``acompta controler-facturx``: any electronic invoice, ours or a supplier's, read and judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from acompta.tables import Report

HELP = """\
Lit une facture électronique, la vôtre ou celle d'un fournisseur, et dit en français ce qui ne va pas.

Le fichier est un PDF (Factur-X, ZUGFeRD, Order-X) ou un XML (CII, UBL). Sont vérifiés : le schéma, la norme EN 16931 ou
le profil annoncé, les règles françaises BR-FR d'un vendeur français, les totaux recalculés, les clés des numéros
(SIREN, SIRET, TVA, IBAN), les marques du PDF (PDF/A-3, nom et rôle du XML). Rien n'est envoyé ni modifié.

\b
acompta controler-facturx factures/F2026-001.pdf
acompta controler-facturx recues/*.pdf
acompta controler-facturx facture.xml --json

Code de sortie : 0 conforme, 1 quelque chose ne va pas, 2 un fichier est illisible.
"""


@click.command("controler-facturx", help=HELP)
@click.argument(
    "files", metavar="FICHIER...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--json", "as_json", is_flag=True,
    help="Sortie JSON pour d'autres programmes : un objet par fichier.",
)  # fmt: skip
@click.pass_context
def command(ctx: click.Context, *, files: tuple[Path, ...], as_json: bool) -> None:
    """Lit une facture électronique et dit ce qui ne va pas."""
    from acompta.invoices.facturx.files import UnreadableFileError  # noqa: PLC0415 — heavy
    from acompta.invoices.facturx.inspection import inspect  # noqa: PLC0415
    from acompta.invoices.facturx.inspection_report import inspection_report  # noqa: PLC0415

    code = 0
    reports: list[Report] = []
    for path in files:
        try:
            found = inspect(path)
        except UnreadableFileError as error:
            click.echo(f"{path} : {error}.", err=True)
            code = 2
            continue
        code = max(code, int(found.wrong))
        reports.append(inspection_report(found))
        if not as_json:
            _print(reports[-1])
    if as_json:
        click.echo(
            json.dumps([_object(report) for report in reports], ensure_ascii=False, indent=2)
        )
    ctx.exit(code)


def _print(report: Report) -> None:
    from acompta_cli.screen import make_console, print_report  # noqa: PLC0415

    print_report(report, make_console())


def _object(report: Report) -> object:
    from acompta.exports import to_json  # noqa: PLC0415

    return json.loads(to_json(report))
