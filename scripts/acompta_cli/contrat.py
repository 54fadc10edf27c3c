"""``acompta contrat``: the register of one contract, or of all."""

from __future__ import annotations

import datetime
from dataclasses import replace
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
Un contrat à une date : commandé, facturé par lot, acomptes, réglé, dû.

Sans ^CONTRAT, tous les contrats du dossier, une ligne chacun.

\b
acompta contrat journal/ ^D2026-012
acompta contrat journal/ ^D2026-012 --au 31/03/2026 --xlsx dupont.xlsx

Code de sortie : 0, ou 1 si le journal contient des erreurs, 2 s'il est illisible.
"""
TABLES = {
    "historique": "documents et règlements",
    "lots": "avancement",
    "taux": "par taux de TVA",
    "acomptes": "acomptes",
}


@click.command("contrat", help=HELP)
@ledger_argument
@click.argument("link", metavar="[^CONTRAT]", type=Link(), required=False)
@at_option
@output_options(TABLES)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    link: str | None,
    at: datetime.date | None,
    output: Output,
) -> None:
    """Un contrat à une date : commandé, facturé par lot, acomptes, réglé, dû."""
    loaded = open_ledger(ledger)
    date = at or today()
    if link is None:
        report, first = _all(loaded, date), "contrats"
        output = replace(output, table=None)
    else:
        report, first = _one(loaded, link, date), next(iter(TABLES))
    emit(report, loaded, output, first=first, at=date.isoformat())
    ctx.exit(warn_of_errors(loaded))


def _one(loaded: Loaded, link: str, at: datetime.date) -> Report:
    from acompta.contract_reports import contract_report  # noqa: PLC0415
    from acompta.contracts import UnknownContractError, contract_view  # noqa: PLC0415 — the engine, when needed

    try:
        view = contract_view(loaded.book(), link, at)
    except UnknownContractError as error:
        raise CommandError(str(error)) from error
    return contract_report(view, loaded.title)


def _all(loaded: Loaded, at: datetime.date) -> Report:
    from acompta.contract_reports import contracts_report  # noqa: PLC0415
    from acompta.contracts import contract_links, contract_view  # noqa: PLC0415 — the engine, when needed

    book = loaded.book()
    views = [contract_view(book, link, at) for link in contract_links(loaded.dossier)]
    signed = [view for view in views if view.signed is not None and view.signed <= at]
    return contracts_report(signed, at, loaded.title)
