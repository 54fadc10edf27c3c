"""``acompta relancer``: the reminders of the day, as letters and messages, noted in the ledger."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.options import CommandError, at_option, ledger_argument, today
from acompta_cli.output import Output, emit, output_options, say, warn_of_errors
from acompta_cli.writing_desk import open_desk

if TYPE_CHECKING:
    from acompta.acts import Act, Desk
    from acompta.loading import Loaded
    from acompta.reminders.proposal import Proposal
    from acompta.reminders.select import Reminders

HELP = """\
Relances : une lettre par client et par niveau, en PDF et en message.

Chaque facture monte d'un niveau à la fois, selon son retard (relances: de l'émetteur, 5, 15 et 30 jours à défaut) ; le
dernier niveau est la mise en demeure. Les lettres vont dans « relances », à côté du journal, et le journal garde ce qui
a été envoyé : le même niveau ne part jamais deux fois. Tout est montré d'abord.

\b
acompta relancer journal/ --simuler
acompta relancer journal/
acompta relancer journal/ --client "SCI Dupont" --oui
acompta relancer journal/ --penalites --payees

--penalites n'envoie rien : il propose la facture des intérêts de retard et des indemnités de 40 €, à recopier.

Code de sortie : 0 rien à relancer ou tout est écrit, 1 à regarder, 2 rien n'a pu être fait.
"""
TABLES = {
    "lettres": "à envoyer",
    "factures": "facture par facture",
    "sans-relance": "en retard, sans relance ce jour",
    "penalites": "pénalités à facturer",
}


@click.command("relancer", help=HELP)
@ledger_argument
@at_option
@click.option(
    "--client", metavar="CLIENT",
    help="Un seul client : son compte, son nom, ou un morceau de son nom.",
)  # fmt: skip
@click.option("--douteuses", is_flag=True, help="Relance aussi les créances passées au 416.")
@click.option("--simuler", "dry", is_flag=True, help="Montre ce qui serait fait, n'écrit rien.")
@click.option("--oui", "yes", is_flag=True, help="Écrit sans demander.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DOSSIER",
    help="Écrit les lettres dans ce dossier au lieu de « relances ».",
)  # fmt: skip
@click.option(
    "--penalites", "propose", is_flag=True,
    help="Propose l'écriture des pénalités et des 40 €, sans rien écrire.",
)  # fmt: skip
@click.option(
    "--payees", "paid_too", is_flag=True,
    help="Avec --penalites : celles des factures payées en retard aussi.",
)  # fmt: skip
@output_options(TABLES)
@click.pass_context
def command(  # noqa: PLR0913 — one parameter per option
    ctx: click.Context,
    *,
    ledger: Path,
    at: datetime.date | None,
    client: str | None,
    douteuses: bool,
    dry: bool,
    yes: bool,
    folder: Path | None,
    propose: bool,
    paid_too: bool,
    output: Output,
) -> None:
    """Relances : une lettre par client et par niveau, en PDF et en message."""
    if paid_too and not propose:
        raise click.UsageError("--payees va avec --penalites.")
    day = at or today()
    read_only = dry or propose or output.as_data or output.table is not None
    with open_desk(ledger, "relancer", dry=read_only) as desk:
        loaded = desk.load()
        found = _reminders(loaded, day, client, doubtful=douteuses)
        proposed = _proposals(loaded, found, client, paid_too=paid_too) if propose else []
        _show(loaded, found, proposed, output)
        if read_only:
            _say_why_nothing(found, dry=dry)
            ctx.exit(_after(loaded, found))
        ctx.exit(_send(desk, loaded, found, folder, yes=yes))


# -- what there is to send --------------------------------------------------------------------------------------


def _reminders(
    loaded: Loaded, at: datetime.date, client: str | None, *, doubtful: bool
) -> Reminders:
    from dataclasses import replace  # noqa: PLC0415

    from acompta.reminders.select import reminders_at  # noqa: PLC0415 — the engine, when needed

    found = reminders_at(loaded.book(), loaded.entries, at, doubtful=doubtful)
    if client is None:
        return found
    accounts = _accounts(loaded, client)
    return replace(
        found,
        letters=tuple(letter for letter in found.letters if letter.customer in accounts),
        unsent=tuple(one for one in found.unsent if one.invoice.customer in accounts),
    )


def _accounts(loaded: Loaded, client: str | None) -> Mapping[str, str]:
    from acompta_cli.balance_agee import find_customers  # noqa: PLC0415

    return find_customers(loaded.dossier.chart, client) if client is not None else {}


def _proposals(
    loaded: Loaded, found: Reminders, client: str | None, *, paid_too: bool
) -> list[Proposal]:
    from acompta.reminders.proposal import proposals  # noqa: PLC0415

    accounts = _accounts(loaded, client)
    excluded = {one.invoice.number for one in found.unsent if one.excluded}
    return proposals(
        loaded.book(),
        loaded.entries,
        found.at,
        accounts=accounts,
        without=excluded,
        paid_too=paid_too,
    )


# -- what is shown ----------------------------------------------------------------------------------------------


def _show(loaded: Loaded, found: Reminders, proposed: list[Proposal], output: Output) -> None:
    from acompta.reminders.report import reminders_report  # noqa: PLC0415

    report = reminders_report(found, loaded.title, proposed)
    first = "penalites" if proposed else "lettres"
    emit(report, loaded, output, first=first, at=found.at.isoformat())
    if proposed and not output.as_data:
        click.echo("À recopier dans le journal, puis à émettre :\n")
        click.echo("\n".join(one.text for one in proposed))


def _say_why_nothing(found: Reminders, *, dry: bool) -> None:
    if dry:
        say(
            "Simulation : rien n'a été écrit." if found.letters else "Rien à relancer ce jour.",
            err=True,
        )


def _after(loaded: Loaded, found: Reminders) -> int:
    return 1 if warn_of_errors(loaded) or found.letters else 0


# -- what is written --------------------------------------------------------------------------------------------


def _send(desk: Desk, loaded: Loaded, found: Reminders, folder: Path | None, *, yes: bool) -> int:
    """Write the letters, the messages and what the ledger keeps of them, all or none; the exit code."""
    from acompta.invoices.emails import EmailError  # noqa: PLC0415
    from acompta.invoices.rendering import RenderingError  # noqa: PLC0415
    from acompta_cli.asking import agree  # noqa: PLC0415

    if not found.letters:
        say("Rien à relancer ce jour.", err=True)
        return warn_of_errors(loaded)
    try:
        act = _prepare(desk, loaded, found, folder or loaded.path.parent / "relances")
    except (EmailError, RenderingError) as error:
        raise CommandError(str(error)) from error
    warned = warn_of_errors(loaded)
    count = len(found.letters)
    what = "cette lettre" if count == 1 else f"ces {count} lettres"
    if not yes and not agree(f"Écrire {what}, et le noter dans le journal ?"):
        say("Rien n'a été écrit.", err=True)
        return 1
    act.commit()
    where = folder or loaded.path.parent / "relances"
    if count == 1:
        click.echo(f"1 lettre écrite dans {where}, avec son message.")
    else:
        click.echo(f"{count} lettres écrites dans {where}, avec leurs messages.")
    return warned


def _prepare(desk: Desk, loaded: Loaded, found: Reminders, folder: Path) -> Act:
    from acompta.invoices.rendering import renderer  # noqa: PLC0415
    from acompta.mail import Attachment  # noqa: PLC0415
    from acompta.reminders.letters import letter_stem, mail_of, pdf_of, reminder_sheet  # noqa: PLC0415
    from acompta.reminders.records import record_file, record_text  # noqa: PLC0415

    act = desk.act(f"relances du {found.at:%d/%m/%Y}")
    book, press = loaded.book(), renderer(loaded.path.parent)
    stems: set[str] = set()
    for letter in found.letters:
        sheet = reminder_sheet(book, letter, loaded.path.parent)
        stem = letter_stem(letter, stems)
        stems.add(stem)
        pdf = pdf_of(sheet, press)
        act.create(folder / f"{stem}.pdf", pdf)
        act.create(
            folder / f"{stem}.eml",
            mail_of(sheet, loaded.path.parent, Attachment(f"{stem}.pdf", pdf)),
        )
    act.append(record_file(loaded, found.at), record_text(found))
    return act
