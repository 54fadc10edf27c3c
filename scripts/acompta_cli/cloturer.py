"""``acompta cloturer``: the checklist of a month, then its seal and its folder."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.options import FrenchDate, ledger_argument, today
from acompta_cli.output import Output, emit, output_options, say
from acompta_cli.writing_desk import open_desk

if TYPE_CHECKING:
    from acompta.acts import Desk
    from acompta.closing.check import Check
    from acompta.closing.period_view import PeriodView
    from acompta.closing.periods import Period
    from acompta.closing.plan import SealPlan
    from acompta.loading import Loaded
    from acompta_cli.proposing import Written

HELP = """\
Clôt un mois (2026-03) : contrôles, dossier de clôture, sceau.

Propose d'abord ce que le mois appelle : régularisations (FAE, PCA, FNP, CCA) avec leurs extournes, factures
récurrentes, acomptes et jalons en brouillons ; tous, aucun, ou « c » pour choisir. Des brouillons acceptés s'émettent
avant de clôturer : la commande s'arrête, relancez-la ensuite. Puis l'écriture de liquidation de la TVA, si elle manque.

Montre alors la liste des contrôles, chacun ✓, ! ou ✗, avec ses chiffres et les lignes du journal. Un ✗ refuse la
clôture, sauf --malgre "raison", qui est gardée ; jamais malgré une erreur, un sceau rompu, un trou de numéros, un mois
précédent ouvert, un 4191 ou un 44574 faux. Puis écrit d'un coup clotures/2026-03/ (états en XLSX et PDF) et la ligne de
clôture : ensuite, tout changement d'une écriture de la période est une erreur à sa ligne.

\b
acompta cloturer journal/ 2026-03 --simuler
acompta cloturer journal/ 2026-03 --regulariser
acompta cloturer journal/ 2026-03 --malgre "relevé de la caisse attendu"
acompta cloturer journal/ 2026 --exercice

Code de sortie : 0 clôturé (ou tout est ✓), 1 quelque chose est à regarder, 2 rien n'a pu être fait.
"""
TABLES = {
    "controles": "la liste",
    "details": "ce qui est derrière",
    "appui": "les chiffres des ✓",
    "avant-apres": "la balance avant et après",
}
# On the screen; --table and the files have them all.
_MOST_PROOFS = 40


@click.command("cloturer", help=HELP)
@ledger_argument
@click.argument("name", metavar="PÉRIODE")
@click.option(
    "--exercice", "year", is_flag=True, help="Clôt l'exercice : PÉRIODE est l'année où il finit."
)
@click.option("--simuler", "dry", is_flag=True, help="Montre les contrôles, n'écrit rien.")
@click.option(
    "--regulariser", "accrue", is_flag=True,
    help="Accepte sans demander les régularisations proposées (FAE, PCA, FNP, CCA) et leurs extournes.",
)  # fmt: skip
@click.option(
    "--liquider", "settle", is_flag=True,
    help="Accepte sans demander l'écriture de liquidation de la TVA.",
)  # fmt: skip
@click.option(
    "--malgre",
    "despite",
    metavar="RAISON",
    help="Clôt malgré les ✗ qui le permettent ; la raison est gardée.",
)
@click.option(
    "--oui",
    "yes",
    is_flag=True,
    help="Accepte sans demander les brouillons proposés et la clôture.",
)
@click.option(
    "--date", "date", type=FrenchDate(), metavar="DATE",
    help="Jour de la clôture, date de validation des écritures ; aujourd'hui par défaut.",
)  # fmt: skip
@output_options(TABLES)
@click.pass_context
def command(  # noqa: PLR0913 — one parameter per option
    ctx: click.Context,
    *,
    ledger: Path,
    name: str,
    year: bool,
    dry: bool,
    accrue: bool,
    settle: bool,
    despite: str | None,
    yes: bool,
    date: datetime.date | None,
    output: Output,
) -> None:
    """Clôt un mois : contrôles, dossier de clôture, sceau."""
    from acompta.closing.periods import PeriodError  # noqa: PLC0415
    from acompta.closing.plan import ClosingError  # noqa: PLC0415
    from acompta.invoices.rendering import RenderingError  # noqa: PLC0415

    shows = dry or output.as_data
    refusals = (ClosingError, PeriodError, RenderingError)
    with open_desk(ledger, "cloturer", *refusals, dry=shows) as desk:
        run = _Run(
            desk, name, date or today(), output, year=year, yes=yes, accrue=accrue, settle=settle
        )
        ctx.exit(run.close((despite or "").strip()))


class _Run:
    """One run of the command on an open desk."""

    def __init__(  # noqa: PLR0913 — one per option
        self,
        desk: Desk,
        name: str,
        day: datetime.date,
        output: Output,
        *,
        year: bool,
        yes: bool,
        accrue: bool,
        settle: bool,
    ) -> None:
        self.desk = desk
        self.name = name
        self.day = day
        self.output = output
        self.year = year
        self.yes = yes
        self.accrue = accrue
        self.settle = settle

    def close(self, despite: str) -> int:
        """Check, show, ask, write; the exit code."""
        from acompta.closing.checks import fatal, refusals, run_checks  # noqa: PLC0415
        from acompta.closing.plan import plan_closing, prepare_act  # noqa: PLC0415
        from acompta.french import capitalised, numbered  # noqa: PLC0415
        from acompta_cli.proposing import issue_first  # noqa: PLC0415

        loaded, view, written = self._proposed()
        checks = run_checks(view)
        refused = refusals(checks)
        self._show(loaded, view, checks, despite if refused else "")
        if self.desk.dry:
            return 1 if any(check.state.value != "✓" for check in checks) else 0
        if written.drafts:
            say(issue_first(view, written, self.name))
            return 1
        if fatal(checks) or (refused and not despite):
            _refuse(refused, despite)
            return 1
        plan = plan_closing(loaded, view, checks, self.day, despite if refused else "")
        if not self.yes and not _agreed(view.period, plan.count):
            say("Rien n'a été clôturé.")
            return 1
        prepare_act(self.desk, plan, f"clôture {view.period.of_title}").commit()
        where = f"clotures/{plan.name}/"
        done = numbered(f"{_sealed(plan)}, {len(plan.files)} fichier(s)")
        say(f"{capitalised(view.period.subject)} clôturé : {done} dans {where}.")
        return 0

    def _proposed(self) -> tuple[Loaded, PeriodView, Written]:
        """Load, propose what the period calls for, and load again after each thing written."""
        from acompta_cli.proposing import Written, propose, propose_settlement  # noqa: PLC0415

        loaded = self.desk.load()
        view = _view(loaded, self._period(loaded))
        written = Written()
        if self.output.as_data or (self.desk.dry and self.output.table):
            return loaded, view, written
        written = propose(self.desk, loaded, view, yes=self.yes, accrue=self.accrue)
        if any(written):
            loaded = self.desk.load()
            view = _view(loaded, view.period)
        asks = self.settle or not self.yes
        if (
            asks
            and not written.drafts
            and propose_settlement(self.desk, loaded, view, settle=self.settle)
        ):
            loaded = self.desk.load()
            view = _view(loaded, view.period)
        return loaded, view, written

    def _period(self, loaded: Loaded) -> Period:
        from acompta.closing.fec.export import exercise  # noqa: PLC0415
        from acompta.closing.periods import PeriodError, read_period  # noqa: PLC0415

        if self.year:
            return exercise(loaded, self.name)
        period = read_period(self.name)
        if "T" in period.name:
            raise PeriodError(
                f"« {self.name} » : la clôture se fait mois par mois ; tapez {period.start:%Y-%m}."
            )
        return period

    def _show(
        self, loaded: Loaded, view: PeriodView, checks: tuple[Check, ...], despite: str
    ) -> None:
        from acompta.closing.folder_reports import PROOFS, checklist  # noqa: PLC0415

        report = checklist(view, checks, loaded.title, despite)
        shown = [
            table.key
            for table in report.tables
            if table.key != PROOFS or len(table.rows) <= _MOST_PROOFS
        ]
        emit(report, loaded, self.output, first="controles", at=view.end.isoformat(), only=shown)


def _view(loaded: Loaded, period: Period) -> PeriodView:
    from acompta.closing.period_view import PeriodView  # noqa: PLC0415

    return PeriodView(loaded.entries, loaded.errors, loaded.dossier, loaded.options, period)


def _sealed(plan: SealPlan) -> str:
    """How many entries a closing seals: those of a fiscal year are sealed with its months."""
    if plan.count:
        return f"{plan.count} écriture(s) scellée(s)"
    return "aucune écriture de plus à sceller"


def _refuse(refused: list[Check], despite: str) -> None:
    never = [check for check in refused if check.fatal]
    names = " ; ".join(check.title for check in (never or refused))
    if never and despite:
        say(f"Clôture refusée, même avec --malgre : {names}.")
    elif never:
        say(f"Clôture refusée : {names}.")
    else:
        say(f'Clôture refusée : {names}. Corrigez, ou donnez votre raison avec --malgre "…".')


def _agreed(period: Period, count: int) -> bool:
    from acompta_cli.asking import agree  # noqa: PLC0415

    return agree(f"Clôturer {period.subject} (écritures : {count}) ? Elles ne changeront plus.")
