"""``acompta envoyer``: ready e-mails, one file per document, nothing sent."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.options import CommandError, FrenchDate, ledger_argument, open_ledger, today

if TYPE_CHECKING:
    from acompta.invoices.printing import PrintJob
    from acompta.loading import Loaded

HELP = """\
Prépare un courriel par document : texte selon le genre, PDF joint, adresse du client. Rien n'est envoyé.

Chaque fichier .eml s'ouvre en brouillon dans un logiciel de messagerie (Thunderbird, Outlook, Mail) : relisez, envoyez.
L'adresse est email: sous l'ouverture du compte du client. Le PDF joint est celui qui est rangé à côté du journal, ou
que « acompta imprimer » écrirait ; s'ils diffèrent, rien n'est préparé pour ce document.

\b
acompta envoyer journal/ F2026-001 F2026-002
acompta envoyer journal/ ^D2026-012 --out courrier/

Code de sortie : 0 tout est préparé, 1 des courriels manquent, 2 rien n'a pu être fait.
"""


@click.command("envoyer", help=HELP)
@ledger_argument
@click.argument("numbers", metavar="NUMÉRO...", nargs=-1, required=True)
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DOSSIER",
    help="Écrit les courriels dans ce dossier ; à défaut, « envois » à côté du journal.",
)  # fmt: skip
@click.option(
    "--date", "date", type=FrenchDate(), metavar="DATE",
    help="Date des courriels, 2026-03-31 ou 31/03/2026 ; aujourd'hui par défaut.",
)  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    numbers: tuple[str, ...],
    folder: Path | None,
    date: datetime.date | None,
) -> None:
    """Prépare un courriel par document."""
    from acompta_cli.imprimer import prepare, show_findings  # noqa: PLC0415 — the engine, when needed

    loaded = open_ledger(ledger)
    batch = prepare(loaded, numbers, loaded.path.parent)
    show_findings(batch, loaded)
    for sentence in batch.sentences:
        click.echo(sentence, err=True)
    done = missing = 0
    for job in batch.jobs:
        out = folder or loaded.path.parent / "envois"
        said = _write(job, loaded, out, date or today())
        missing += bool(said)
        done += not said
        if said:
            click.echo(said, err=True)
    missing += len(batch.sentences) + len(batch.refused)
    ctx.exit((1 if done else 2) if missing else 0)


def _write(job: PrintJob, loaded: Loaded, folder: Path, date: datetime.date) -> str:
    """Write one message and say it; the sentence of what kept it from being written, ``""`` when nothing did."""
    from acompta.invoices.emails import EmailError, email_name, email_of  # noqa: PLC0415
    from acompta.invoices.rendering import RenderingError  # noqa: PLC0415
    from acompta.invoices.writing import write_atomically  # noqa: PLC0415
    from acompta.loading import reason_of  # noqa: PLC0415

    view = job.view
    path = folder / email_name(view)
    try:
        pdf = _pdf(job, loaded)
        if pdf is None:
            return (
                f"{view.name} : {job.path.name} n'est plus ce que le journal donne ; voyez ce qui a changé, puis "
                "« acompta imprimer »"
            )
        email = email_of(view, pdf, ledger_folder=loaded.path.parent, date=date)
        write_atomically(path, email.content)
    except (EmailError, RenderingError) as error:
        return str(error)
    except OSError as error:
        raise CommandError(f"« {path} » ne peut pas être écrit : {reason_of(error)}") from error
    click.echo(f"{path} : {', '.join(email.to)}, « {email.subject} »")
    return ""


def _pdf(job: PrintJob, loaded: Loaded) -> bytes | None:
    """What is sent: the original of a sealed document; ``None`` when the file of another is out of date."""
    from acompta.invoices.printing import issued_pdf  # noqa: PLC0415 — when needed

    filed = job.path.read_bytes() if job.path.is_file() else None
    if job.sealed and filed is not None:
        return filed
    pdf = issued_pdf(job.view, ledger_folder=loaded.path.parent)
    return pdf if filed in {None, pdf} else None
