"""``acompta valider``: makes entries definitive, without shutting their period."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from acompta_cli.options import FrenchDate, ledger_argument, today
from acompta_cli.output import say
from acompta_cli.writing_desk import open_desk

HELP = """\
Valide les écritures jusqu'à une date : elles deviennent définitives.

Valider interdit de changer ou de supprimer ces écritures (PCG art. 1031-3) mais laisse la période ouverte à d'autres,
que clôturer ferme. Le jour de la validation est la date ValidDate du FEC. Écrit une ligne à la fin du
fichier principal et validations/DATE.tsv, une empreinte par écriture ; ensuite, une écriture validée qui change est
une erreur à sa ligne.

\b
acompta valider journal/ --au 15/03/2026

Code de sortie : 0 validé, 1 rien n'a été validé, 2 rien n'a pu être fait.
"""


@click.command("valider", help=HELP)
@ledger_argument
@click.option(
    "--au", "until", type=FrenchDate(), metavar="DATE", required=True,
    help="Dernier jour des écritures à valider.",
)  # fmt: skip
@click.option(
    "--date", "date", type=FrenchDate(), metavar="DATE",
    help="Jour de la validation ; aujourd'hui par défaut.",
)  # fmt: skip
@click.option("--simuler", "dry", is_flag=True, help="Compte les écritures, n'écrit rien.")
@click.option("--oui", "yes", is_flag=True, help="Valide sans demander.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    until: datetime.date,
    date: datetime.date | None,
    dry: bool,
    yes: bool,
) -> None:
    """Valide les écritures jusqu'à une date : elles deviennent définitives."""
    from acompta.closing.plan import ClosingError, plan_validation, prepare_act  # noqa: PLC0415
    from acompta.french import day as written  # noqa: PLC0415
    from acompta.french import numbered  # noqa: PLC0415
    from acompta_cli.asking import agree  # noqa: PLC0415

    with open_desk(ledger, "valider", ClosingError, dry=dry) as desk:
        plan = plan_validation(desk.load(), until, date or today())
        what = f"{numbered(f'{plan.count} écriture(s)')} jusqu'au {written(until)}"
        if dry:
            say(f"À valider : {what}. Simulation : rien n'a été écrit.")
            return
        if not yes and not agree(f"Valider {what} ? Elles ne changeront plus."):
            say("Rien n'a été validé.")
            ctx.exit(1)
        prepare_act(desk, plan, f"validation au {until:%d/%m/%Y}").commit()
        say(f"Validé : {what}.")
