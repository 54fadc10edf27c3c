"""``acompta retenues``: the retentions of guarantee by release date."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from acompta_cli.options import at_option, ledger_argument, open_ledger, today
from acompta_cli.output import Output, emit, output_options, warn_of_errors

HELP = """\
Retenues de garantie non rendues, par date de libération.

Une retenue est libérable un an après la réception des travaux (reception: sur le contrat ; loi 71-584).

\b
acompta retenues journal/
acompta retenues journal/ --au 31/12/2026 --xlsx retenues.xlsx

Code de sortie : 0, ou 1 si le journal contient des erreurs, 2 s'il est illisible.
"""
TABLES = {"retenues": "par date de libération"}


@click.command("retenues", help=HELP)
@ledger_argument
@at_option
@output_options(TABLES)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    at: datetime.date | None,
    output: Output,
) -> None:
    """Retenues de garantie non rendues, par date de libération."""
    from acompta.reminders.report import retentions_report  # noqa: PLC0415 — the engine, when needed
    from acompta.retentions import retentions  # noqa: PLC0415

    loaded = open_ledger(ledger)
    day = at or today()
    found = retentions(loaded.dossier, loaded.entries, day)
    report = retentions_report(found, loaded.dossier, day, loaded.title)
    emit(report, loaded, output, first="retenues", at=day.isoformat())
    ctx.exit(warn_of_errors(loaded))
