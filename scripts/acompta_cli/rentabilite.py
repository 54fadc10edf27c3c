"""``acompta rentabilite``: what each contract earns."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.options import (
    CommandError,
    Link,
    at_option,
    ledger_argument,
    open_ledger,
    today,
)
from acompta_cli.output import Output, emit, output_options, warn_of_errors

if TYPE_CHECKING:
    from acompta.loading import Loaded
    from acompta.tables import Report

HELP = """\
Rentabilité des contrats : produits, charges liées, temps passé, marge, dérive.

Une charge est liée par le lien ^ du contrat sur son écriture, ou par contrat: sous sa ligne. Le temps se tape en
custom "temps", son coût en custom "cout-horaire" : il ne touche aucun compte. Avec ^CONTRAT, le détail.

\b
acompta rentabilite journal/
acompta rentabilite journal/ ^D2026-012 --au 30/06/2026
acompta rentabilite journal/ --xlsx marges.xlsx

Code de sortie : 0, ou 1 si le journal contient des erreurs, 2 s'il est illisible.
"""
TABLES = {
    "contrats": "par contrat",
    "lots": "par lot",
    "couts": "charges liées",
    "temps": "temps passé",
}


@click.command("rentabilite", help=HELP)
@ledger_argument
@click.argument("links", metavar="[^CONTRAT]...", type=Link(), nargs=-1)
@at_option
@output_options(TABLES)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    links: tuple[str, ...],
    at: datetime.date | None,
    output: Output,
) -> None:
    """Rentabilité des contrats : produits, charges liées, temps passé, marge, dérive."""
    loaded = open_ledger(ledger)
    day = at or today()
    report = _report(loaded, links, day)
    only = () if links else ("contrats",)
    emit(report, loaded, output, first="contrats", at=day.isoformat(), only=only)
    ctx.exit(warn_of_errors(loaded))


def _report(loaded: Loaded, links: tuple[str, ...], at: datetime.date) -> Report:
    from acompta.contracts import UnknownContractError  # noqa: PLC0415 — the engine, when needed
    from acompta.steering.margins import profitability_report  # noqa: PLC0415
    from acompta.steering.profitability import profitability  # noqa: PLC0415

    try:
        found = profitability(loaded.book(), loaded.entries, at, links)
    except UnknownContractError as error:
        raise CommandError(str(error)) from error
    return profitability_report(found, loaded.title, whole=not links)
