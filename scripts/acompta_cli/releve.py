"""``acompta releve``: the statement of account of a customer, or of all."""

from __future__ import annotations

import datetime
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
    from acompta.loading import Loaded
    from acompta.reminders.statements import Statement

HELP = """\
Relevé de compte d'un client : solde précédent, documents, règlements, solde.

Sans CLIENT, tous les clients. Le solde est celui de ses comptes 411, 4117, 413 et 416 au grand livre.

\b
acompta releve journal/ "SCI Dupont"
acompta releve journal/ Dupont --du 01/04/2026 --au 30/06/2026 --csv
acompta releve journal/ --pdf

Code de sortie : 0, ou 1 si le journal contient des erreurs, 2 s'il est illisible.
"""
TABLES = {"releve": "mouvements"}


@click.command("releve", help=HELP)
@ledger_argument
@click.argument("client", metavar="[CLIENT]", required=False)
@click.option(
    "--du", "start", type=FrenchDate(), metavar="DATE",
    help="Premier jour ; le 1er janvier de l'année d'arrêté par défaut.",
)  # fmt: skip
@at_option
@click.option("--pdf", "print_", is_flag=True, help="Écrit le PDF de chaque client, et le message.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DOSSIER",
    help="Avec --pdf : ce dossier au lieu de « releves », à côté du journal.",
)  # fmt: skip
@output_options(TABLES)
@click.pass_context
def command(  # noqa: PLR0913 — one parameter per option
    ctx: click.Context,
    *,
    ledger: Path,
    client: str | None,
    start: datetime.date | None,
    at: datetime.date | None,
    print_: bool,
    folder: Path | None,
    output: Output,
) -> None:
    """Relevé de compte d'un client : solde précédent, documents, règlements, solde."""
    from acompta.reminders.report import statements_report  # noqa: PLC0415 — the engine, when needed

    loaded = open_ledger(ledger)
    day = at or today()
    first = start or day.replace(month=1, day=1)
    if first > day:
        raise click.UsageError("--du doit venir avant --au.")
    found = _statements(loaded, client, first, day)
    if print_:
        _print(loaded, found, folder or loaded.path.parent / "releves")
    else:
        report = statements_report(found, loaded.title)
        emit(report, loaded, output, first="releve", at=day.isoformat())
    ctx.exit(warn_of_errors(loaded))


def _statements(
    loaded: Loaded, client: str | None, start: datetime.date, at: datetime.date
) -> list[Statement]:
    from acompta.reminders.statements import statements  # noqa: PLC0415
    from acompta_cli.balance_agee import find_customers  # noqa: PLC0415

    found = statements(loaded.book(), loaded.entries, start, at)
    if client is not None:
        accounts = find_customers(loaded.dossier.chart, client)
        found = [one for one in found if one.account in accounts]
    if not found:
        raise CommandError("aucun mouvement ni solde à cette date : vérifiez --du et --au")
    return found


def _print(loaded: Loaded, found: list[Statement], folder: Path) -> None:
    from acompta.invoices.emails import EmailError  # noqa: PLC0415
    from acompta.invoices.rendering import RenderingError, renderer  # noqa: PLC0415
    from acompta.invoices.writing import write_atomically  # noqa: PLC0415
    from acompta.loading import reason_of  # noqa: PLC0415
    from acompta.mail import Attachment  # noqa: PLC0415
    from acompta.reminders.letters import mail_of, pdf_of, statement_sheet, statement_stem  # noqa: PLC0415

    book, press = loaded.book(), renderer(loaded.path.parent)
    stems: set[str] = set()
    try:
        for one in found:
            sheet, stem = statement_sheet(book, one, loaded.path.parent), statement_stem(one, stems)
            stems.add(stem)
            pdf = pdf_of(sheet, press)
            write_atomically(folder / f"{stem}.pdf", pdf)
            mail = mail_of(sheet, loaded.path.parent, Attachment(f"{stem}.pdf", pdf))
            write_atomically(folder / f"{stem}.eml", mail)
    except (EmailError, RenderingError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"« {folder} » ne peut pas être écrit : {reason_of(error)}") from error
    what = "1 relevé écrit" if len(found) == 1 else f"{len(found)} relevés écrits"
    click.echo(f"{what} dans {folder}, en PDF et en message.")
