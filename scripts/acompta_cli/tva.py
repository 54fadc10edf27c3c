"""``acompta tva``: the VAT return of a month or a quarter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.options import CommandError, ledger_argument, open_ledger, period_argument
from acompta_cli.output import Output, emit, output_options, warn_of_errors, write_file

if TYPE_CHECKING:
    from acompta.closing.periods import Period
    from acompta.closing.vat_report import VatDeclaration
    from acompta.loading import Loaded
    from acompta.tables import Report

HELP = """\
Déclaration de TVA d'un mois (2026-03) ou d'un trimestre (2026-T1).

Chaque case de la CA3, arrondie à l'euro, avec les écritures qui la font ; ce que disent les comptes de TVA ; le cadrage
avec le chiffre d'affaires ; l'écriture de liquidation à coller dans le journal. Rien n'est écrit.

\b
acompta tva journal/ 2026-03
acompta tva journal/ 2026-03 --detail A1
acompta tva journal/ 2026-T1 --pdf ca3.pdf

Code de sortie : 0, ou 1 s'il y a quelque chose à regarder, 2 si rien n'a pu être fait.
"""
TABLES = {
    "cases": "cases de la déclaration",
    "ecritures": "écritures derrière les cases",
    "comptes": "comptes de TVA",
    "cadrage": "du chiffre d'affaires à la base",
}


@click.command("tva", help=HELP)
@ledger_argument
@period_argument
@click.option(
    "--detail",
    metavar="CASE",
    help="Les écritures d'une seule case : A1, 08, 20… avec fichier et ligne.",
)
@click.option(
    "--pdf", type=click.Path(path_type=Path, dir_okay=False), metavar="FICHIER",
    help="Écrit la déclaration en PDF, dans l'ordre du formulaire.",
)  # fmt: skip
@output_options(TABLES)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    period: Period,
    detail: str | None,
    pdf: Path | None,
    output: Output,
) -> None:
    """Déclaration de TVA d'un mois ou d'un trimestre."""
    loaded = open_ledger(ledger)
    whole = _declaration(loaded, period)
    report = _report(whole, loaded, detail)
    if pdf is not None:
        _write_pdf(whole, loaded, pdf)
    form = detail is None and output.table is None and not output.as_data
    if pdf is None or output.as_data:
        shown = _for_screen(report) if form else report
        first = "cases" if detail is None else "ecritures"
        emit(shown, loaded, output, first=first, at=period.end.isoformat())
        if form:
            _show_settlement(whole)
    ctx.exit(max(warn_of_errors(loaded), 1 if report.warnings else 0))


def _declaration(loaded: Loaded, period: Period) -> VatDeclaration:
    from acompta.closing.vat_report import declaration  # noqa: PLC0415 — the engine, when needed

    return declaration(loaded.entries, loaded.dossier, loaded.options, period)


def _report(whole: VatDeclaration, loaded: Loaded, detail: str | None) -> Report:
    from acompta.closing.vat_report import UnknownBoxError, vat_report  # noqa: PLC0415

    try:
        return vat_report(whole, loaded.title, detail=detail)
    except UnknownBoxError as error:
        raise CommandError(str(error)) from error


def _for_screen(report: Report) -> Report:
    """The entries behind the boxes are asked for (``--detail``): all of them would bury the return."""
    tables = tuple(table for table in report.tables if table.key != "ecritures")
    return replace(report, tables=tables)


def _show_settlement(whole: VatDeclaration) -> None:
    if whole.declared.settlements or whole.settlement is None:
        return
    click.echo("Écriture de liquidation à coller dans le journal :\n")
    click.echo(whole.settlement.text)


def _write_pdf(whole: VatDeclaration, loaded: Loaded, path: Path) -> None:
    from acompta.closing.vat_print import vat_pdf  # noqa: PLC0415 — WeasyPrint, when needed
    from acompta.invoices.rendering import RenderingError  # noqa: PLC0415

    try:
        content = vat_pdf(whole, loaded.title, folder=loaded.path.parent)
    except RenderingError as error:
        raise CommandError(str(error)) from error
    write_file(path, content)
    click.echo(f"{path} écrit.")
