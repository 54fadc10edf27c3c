"""``acompta tresorerie``: the cash to come, by month or by week, with its picture."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from acompta_cli.options import CommandError, at_option, ledger_argument, open_ledger, today
from acompta_cli.output import Output, emit, output_options, warn_of_errors

if TYPE_CHECKING:
    from acompta.steering.flows import Forecast

HELP = """\
Trésorerie prévue, par mois ou par semaine, et les jalons oubliés.

Part des comptes de classe 5, puis ajoute ce qui est attendu : factures à leur échéance, décalée du délai habituel de
chaque client, retenues à leur libération, facturation prévue (prevu:), fournisseurs, TVA à payer. Ce qui n'a pas de
date est dit à part.

\b
acompta tresorerie journal/
acompta tresorerie journal/ --mois 3 --semaines
acompta tresorerie journal/ --image tresorerie.png

Code de sortie : 0, 1 si elle devient négative ou si le journal contient des erreurs, 2 s'il est illisible.
"""
TABLES = {
    "periodes": "par période",
    "flux": "mouvements attendus",
    "sans-date": "ce qui n'a pas de date",
    "jalons-oublies": "à facturer",
    "delais": "délai de chaque client",
    "comptes": "comptes de trésorerie",
}
_ON_SCREEN: Final = ("periodes", "sans-date", "jalons-oublies", "delais")
_BAR: Final = 40


@click.command("tresorerie", help=HELP)
@ledger_argument
@at_option
@click.option(
    "--mois", "months", type=click.IntRange(1, 36), default=6, metavar="N",
    help="Nombre de mois, 6 par défaut, 36 au plus.",
)  # fmt: skip
@click.option("--semaines", "weekly", is_flag=True, help="Par semaine au lieu de par mois.")
@click.option(
    "--image", type=click.Path(path_type=Path, dir_okay=False), metavar="FICHIER",
    help="Écrit le graphique : .svg, .png ou .pdf.",
)  # fmt: skip
@output_options(TABLES)
@click.pass_context
def command(  # noqa: PLR0913 — one parameter per option
    ctx: click.Context,
    *,
    ledger: Path,
    at: datetime.date | None,
    months: int,
    weekly: bool,
    image: Path | None,
    output: Output,
) -> None:
    """Trésorerie prévue, par mois ou par semaine, et les jalons oubliés."""
    from acompta.steering.cash import forecast  # noqa: PLC0415 — the engine, when needed
    from acompta.steering.habits import overall_habit  # noqa: PLC0415
    from acompta.steering.report import cash_report  # noqa: PLC0415

    _check_image(image)
    loaded = open_ledger(ledger)
    day = at or today()
    book = loaded.book()
    found = forecast(book, loaded.entries, day, months=months, weekly=weekly)
    report = cash_report(found, overall_habit(book, day), loaded.title)
    if image is not None:
        _write_image(found, loaded.title, image)
    emit(report, loaded, output, first="periodes", at=day.isoformat(), only=_ON_SCREEN)
    if not (output.as_data or output.table):
        _print_bars(found)
    if image is not None and not (output.as_csv or output.as_json):
        click.echo(f"{image} écrit.")
    negative = any(period.closing < 0 for period in found.periods)
    ctx.exit(warn_of_errors(loaded) or int(negative))


def _check_image(image: Path | None) -> None:
    from acompta.steering.chart import FORMATS  # noqa: PLC0415

    if image is not None and image.suffix.lower() not in FORMATS:
        raise click.UsageError(
            f"--image : « {image} » ; le nom finit par {', '.join(FORMATS[:-1])} ou {FORMATS[-1]}."
        )


def _write_image(found: Forecast, title: str, path: Path) -> None:
    from acompta.invoices.writing import write_atomically  # noqa: PLC0415
    from acompta.loading import reason_of  # noqa: PLC0415
    from acompta.steering.chart import picture  # noqa: PLC0415

    try:
        write_atomically(path, picture(found, title, path.suffix.lower()))
    except OSError as error:
        raise CommandError(f"« {path} » ne peut pas être écrit : {reason_of(error)}") from error


def _print_bars(found: Forecast) -> None:
    """The balance at the end of each period, as bars on one scale that leave titles and figures whole."""
    from rich.text import Text  # noqa: PLC0415

    from acompta import french  # noqa: PLC0415
    from acompta.steering.report import period_title  # noqa: PLC0415
    from acompta_cli.screen import make_console  # noqa: PLC0415

    console = make_console()
    highest = max((abs(period.closing) for period in found.periods), default=Decimal(0))
    if not highest:
        return
    rows = [
        (period_title(period), french.euros(period.closing), period.closing)
        for period in found.periods
    ]
    titles = max(len(title) for title, _, _ in rows)
    figures = max(len(figure) for _, figure, _ in rows)
    room = max(min(_BAR, console.width - titles - figures - 2), 1)
    console.print(Text("Trésorerie à la fin de chaque période", "bold cyan"))
    for title, figure, closing in rows:
        bar = "█" * max(int(abs(closing) * room / highest), 1 if closing else 0)
        colour = "red" if closing < 0 else "cyan"
        line = (f"{title:<{titles}} ", (f"{bar:<{room}}", colour), f" {figure:>{figures}}")
        console.print(Text.assemble(*line), soft_wrap=True)
    console.print()
