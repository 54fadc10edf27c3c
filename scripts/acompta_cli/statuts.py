"""``acompta statuts``: what was received for each invoice, per rate, for the platform to say."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.options import (
    CommandError,
    FrenchDate,
    at_option,
    ledger_argument,
    open_ledger,
    today,
)
from acompta_cli.output import Output, emit, output_options, warn_of_errors

if TYPE_CHECKING:
    from acompta.invoices.facturx.statuses import Received
    from acompta.loading import Loaded

HELP = """\
Encaissements à déclarer : statut 212 « Encaissée », par facture et par taux, TTC.

Seulement quand la TVA est due à l'encaissement : services sans l'option pour les débits, et tous les acomptes, biens
compris. Un remboursement, un impayé sont négatifs ; une facture et l'avoir qui la compense, l'une positive, l'autre
négatif. Entre entreprises françaises, la plateforme le dit par un statut, que --xml écrit (message CDAR) ; pour un
particulier ou un client étranger, par l'e-reporting des paiements.

\b
acompta statuts journal/ --du 01/06/2026 --au 30/06/2026
acompta statuts journal/ --du 01/06/2026 --au 30/06/2026 --xml statuts/
acompta statuts journal/ --csv > encaissements.csv

Code de sortie : 0, ou 1 si le journal contient des erreurs, 2 s'il est illisible.
"""
TABLES = {"encaissements": "par facture et par taux"}


@click.command("statuts", help=HELP)
@ledger_argument
@click.option(
    "--du", "start", type=FrenchDate(), metavar="DATE",
    help="Premier jour, 2026-06-01 ou 01/06/2026 ; à défaut, depuis le début du journal.",
)  # fmt: skip
@at_option
@click.option(
    "--xml", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DOSSIER",
    help="Écrit dans ce dossier un message par encaissement, pour la plateforme.",
)  # fmt: skip
@output_options(TABLES)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    start: datetime.date | None,
    at: datetime.date | None,
    folder: Path | None,
    output: Output,
) -> None:
    """Encaissements à déclarer, par facture et par taux."""
    from acompta.invoices.facturx.statuses import receipts  # noqa: PLC0415 — the engine, when needed
    from acompta.invoices.facturx.statuses_report import statuses_report  # noqa: PLC0415

    loaded = open_ledger(ledger)
    end = at or today()
    if start is not None and start > end:
        raise CommandError("--du vient après --au.")
    found = receipts(loaded.dossier, start, end)
    if folder is not None:
        _write(found, loaded, folder, end)
    report = statuses_report(found, loaded.title, start, end)
    emit(
        report,
        loaded,
        output,
        first="encaissements",
        at=end.isoformat(),
    )
    ctx.exit(warn_of_errors(loaded))


def _write(
    found: tuple[Received, ...], loaded: Loaded, folder: Path, said_on: datetime.date
) -> None:
    """One message per receipt that a platform reports; a file already there and the same is left as it is."""
    from acompta.invoices.facturx.cdar import cdar, message_id  # noqa: PLC0415
    from acompta.invoices.facturx.statuses import Circuit  # noqa: PLC0415
    from acompta.invoices.parties import seller_view  # noqa: PLC0415
    from acompta.invoices.writing import write_atomically  # noqa: PLC0415
    from acompta.loading import reason_of  # noqa: PLC0415

    ranks: Counter[tuple[str, datetime.date]] = Counter()
    written = 0
    for received in found:
        if received.circuit != Circuit.PLATFORM:
            continue
        key = (received.number, received.date)
        ranks[key] += 1
        seller = seller_view(received.document.seller, loaded.path.parent)
        path = folder / f"{message_id(received, ranks[key])}.xml"
        try:
            write_atomically(path, cdar(received, seller, ranks[key], said_on))
        except OSError as error:
            raise CommandError(f"« {path} » ne peut pas être écrit : {reason_of(error)}") from error
        written += 1
    count = "1 message écrit" if written == 1 else f"{written} messages écrits"
    click.echo(f"{count} dans {folder}", err=True)
