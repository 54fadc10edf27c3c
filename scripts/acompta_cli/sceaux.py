"""``acompta sceaux``: the seals of issued documents, verified and exported."""

from __future__ import annotations

from pathlib import Path

import click

from acompta_cli.options import CommandError, ledger_argument, open_ledger, today
from acompta_cli.output import Output, emit, output_options

HELP = """\
Vérifie les sceaux des documents émis, et les exporte.

Un document émis par Acompta porte un sceau : une empreinte de ce qu'il dit, de ce qu'il écrit en comptabilité, et du
sceau précédent de sa série. Cette commande dit lesquels sont intacts. Gardez ailleurs un export (--json) : --comparer
dit ensuite si un document scellé a disparu, même le dernier.

\b
acompta sceaux journal/
acompta sceaux journal/ --json > sceaux-2026-03.json
acompta sceaux journal/ --comparer sceaux-2026-03.json
acompta sceaux journal/ --texte F2026-0012

Code de sortie : 0 tout est intact, 1 un sceau ne l'est pas, 2 le journal est illisible.
"""
TABLES = {"sceaux": "les sceaux, dans l'ordre de la chaîne"}


@click.command("sceaux", help=HELP)
@ledger_argument
@click.option(
    "--comparer", "export", type=click.Path(path_type=Path, dir_okay=False), metavar="FICHIER",
    help="Compare avec un export fait plus tôt par --json.",
)  # fmt: skip
@click.option(
    "--texte", "number", metavar="NUMÉRO",
    help="Montre les deux textes dont le sceau de ce document est l'empreinte, octet par octet.",
)  # fmt: skip
@output_options(TABLES)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    export: Path | None,
    number: str | None,
    output: Output,
) -> None:
    """Vérifie les sceaux des documents émis, et les exporte."""
    from acompta.issuing.chain import FINE, ChainError, chain_report, compared, sealed_texts  # noqa: PLC0415

    loaded = open_ledger(ledger)
    try:
        if number is not None:
            click.echo("".join(sealed_texts(loaded, number)), nl=False)
            return
        missing = compared(loaded.dossier, _read(export)) if export is not None else None
    except ChainError as error:
        raise CommandError(str(error)) from error
    report = chain_report(loaded, missing)
    emit(
        report,
        loaded,
        output,
        first="sceaux",
        at=today().isoformat(),
    )
    changed = any(each.state not in FINE for each in loaded.dossier.seals)
    ctx.exit(1 if missing or changed else 0)


def _read(export: Path) -> str:
    from acompta.loading import reason_of  # noqa: PLC0415

    try:
        return export.read_text("utf-8")
    except UnicodeDecodeError:
        return ""
    except OSError as error:
        raise CommandError(f"« {export} » ne peut pas être lu : {reason_of(error)}") from error
