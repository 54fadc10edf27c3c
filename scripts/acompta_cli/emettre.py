"""``acompta emettre``: drafts become documents, with their number, their seal and their PDF, all or nothing."""

from __future__ import annotations

import datetime
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from acompta_cli.options import FrenchDate, ledger_argument, today
from acompta_cli.output import say
from acompta_cli.writing_desk import open_desk

if TYPE_CHECKING:
    from acompta.acts import Act, Desk
    from acompta.issuing import Plan, Refusal
    from acompta.loading import Loaded

_HUNK: Final = re.compile(r"@@ -(\d+)")
_SEAL: Final = re.compile(r'(sceau: "[0-9a-f]{16})[^"]*')
_DIFF_STYLES: Final = {"+": "green", "-": "red"}

HELP = """\
Émet les brouillons (!) : numéro, date, sceau, PDF classé.

Les brouillons datés jusqu'au jour de l'émission (--jusqu-au pour un autre jour) sont pris par date. Chacun reçoit le
numéro suivant de sa série, la date d'émission, son total et son sceau, écrits dans le journal sans y toucher un autre
octet ; les devis partent sans numéro. Tout est montré d'abord. Un brouillon en erreur reste un brouillon, les autres
sont émis ensemble : tous, ou aucun si quoi que ce soit s'arrête en route.

\b
acompta emettre journal/ --simuler
acompta emettre journal/
acompta emettre journal/ --date 31/03/2026 --oui

Code de sortie : 0 tout est émis (ou rien n'attend), 1 des brouillons restent, 2 rien n'a pu être fait.
"""


@click.command("emettre", help=HELP)
@ledger_argument
@click.option(
    "--jusqu-au", "until", type=FrenchDate(), metavar="DATE",
    help="Prend les brouillons datés jusqu'à ce jour ; à défaut, jusqu'au jour de l'émission.",
)  # fmt: skip
@click.option(
    "--date", "date", type=FrenchDate(), metavar="DATE",
    help="Jour de l'émission, écrit sur chaque document ; aujourd'hui par défaut.",
)  # fmt: skip
@click.option("--simuler", "dry", is_flag=True, help="Montre ce qui serait fait, n'écrit rien.")
@click.option("--oui", "yes", is_flag=True, help="Émet sans demander.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    until: datetime.date | None,
    date: datetime.date | None,
    dry: bool,
    yes: bool,
) -> None:
    """Émet les brouillons (!) : numéro, date, sceau, PDF classé."""
    from acompta.issuing import BlockedError  # noqa: PLC0415 — the engine, not before it is needed

    day = date or today()
    with open_desk(ledger, "emettre", BlockedError, dry=dry) as desk:
        ctx.exit(_issue(desk, day, until or day, yes=yes))


def _issue(desk: Desk, day: datetime.date, until: datetime.date, *, yes: bool) -> int:
    """Plan, show, ask, write; the exit code."""
    from acompta.issuing import prepare_act  # noqa: PLC0415

    loaded = desk.load()
    with tempfile.TemporaryDirectory(prefix="acompta-") as press:
        plan, pdfs = _printed(loaded, day, until, Path(press))
        _show(plan)
        if not plan.issues:
            return 1 if plan.refusals else 0
        act = prepare_act(desk, plan, pdfs)
        _show_diff(act)
        if desk.dry:
            say("Simulation : rien n'a été écrit.")
            return 1 if plan.refusals else 0
        if not yes and not _agreed(plan):
            say("Rien n'a été émis.")
            return 1
        act.commit()
    _conclude(plan)
    return 1 if plan.refusals else 0


def _agreed(plan: Plan) -> bool:
    from acompta_cli.asking import agree  # noqa: PLC0415

    count = len(plan.issues)
    what = "ce document" if count == 1 else f"ces {count} documents"
    return agree(f"Émettre {what} ? Un document émis ne se reprend plus que par un avoir.")


# -- the PDFs ---------------------------------------------------------------------------------------------------


def _printed(
    loaded: Loaded, day: datetime.date, until: datetime.date, press: Path
) -> tuple[Plan, dict[str, bytes]]:
    """The plan, and its PDFs; a document that cannot be printed is taken out, and the rest planned again."""
    from acompta.invoices.from_dossier import destination  # noqa: PLC0415
    from acompta.invoices.printing import PrintJob  # noqa: PLC0415
    from acompta.issuing import Refusal, plan_issue  # noqa: PLC0415
    from acompta_cli.imprimer import default_workers, print_all  # noqa: PLC0415

    refused: list[Refusal] = []
    while True:
        plan = plan_issue(loaded, day, until, refused=refused)
        folder = loaded.path.parent
        jobs = {
            issue.name: PrintJob(issue.view, destination(issue.view, press), folder)
            for issue in plan.issues
        }
        outcomes = print_all(list(jobs.values()), default_workers())
        failed = {outcome.job.path: outcome.error for outcome in outcomes if outcome.error}
        if not failed:
            return plan, {name: job.path.read_bytes() for name, job in jobs.items()}
        for issue in plan.issues:
            message = failed.get(jobs[issue.name].path)
            if message is not None:
                place = issue.draft.meta["filename"], issue.draft.meta["lineno"]
                refused.append(Refusal(*place, message, place))


# -- what is shown ----------------------------------------------------------------------------------------------


def _show(plan: Plan) -> None:
    from acompta.issuing.report import issue_report  # noqa: PLC0415
    from acompta_cli.screen import make_console, print_report  # noqa: PLC0415

    if plan.issues:
        print_report(issue_report(plan), make_console())
    _show_refusals(plan.refusals, plan.loaded)
    _show_doubts(plan)
    if plan.left:
        what = (
            "1 brouillon de contrat, d'avenant, de consommation ou de report n'est pas un document à émettre"
            if plan.left == 1
            else f"{plan.left} brouillons de contrats, d'avenants, de consommations ou de reports ne sont pas des"
            " documents à émettre"
        )
        say(f"{what} : tapez * au lieu de ! quand c'est signé ou fait.")
    if not plan.issues:
        say("Aucun brouillon à émettre." if not plan.refusals else "Rien à émettre pour l'instant.")


def _show_refusals(refusals: tuple[Refusal, ...], loaded: Loaded) -> None:
    """Why drafts stay drafts, as ``acompta verifier`` shows it."""
    if not refusals:
        return
    from acompta_cli.findings import Verdict  # noqa: PLC0415
    from acompta_cli.item import ENGINE, Item  # noqa: PLC0415
    from acompta_cli.screen import make_console  # noqa: PLC0415
    from acompta_cli.verifier import print_verdict  # noqa: PLC0415

    items = tuple(
        dict.fromkeys(Item(*each.at, "erreur", ENGINE, each.message) for each in refusals)
    )
    files = tuple(dict.fromkeys(item.path for item in items))
    drafts = len({each[:2] for each in refusals})
    print_verdict(Verdict(loaded.path, items, files, drafts), make_console(stderr=True))


def _show_doubts(plan: Plan) -> None:
    """What is probably not meant in the drafts about to be issued, while it can still be changed."""
    from acompta.slips import taxed_abroad  # noqa: PLC0415
    from acompta_cli.findings import Verdict  # noqa: PLC0415
    from acompta_cli.item import ENGINE, Item  # noqa: PLC0415
    from acompta_cli.screen import make_console  # noqa: PLC0415
    from acompta_cli.verifier import print_verdict  # noqa: PLC0415

    drafts = {(i.draft.meta["filename"], i.draft.meta["lineno"]) for i in plan.issues}
    items = tuple(
        Item(one.path, one.line, "signalement", ENGINE, one.message)
        for one in taxed_abroad(plan.loaded.dossier, ())
        if (one.path, one.line) in drafts
    )
    if items:
        files = tuple(dict.fromkeys(item.path for item in items))
        print_verdict(
            Verdict(plan.loaded.path, items, files, len(items)), make_console(stderr=True)
        )


def _show_diff(act: Act) -> None:
    from rich.text import Text  # noqa: PLC0415

    from acompta_cli.screen import make_console  # noqa: PLC0415

    console = make_console()
    console.print("Ce qui change dans le journal (− avant, + après)")
    name = ""
    for line in act.diff().splitlines():
        if line.startswith("--- "):
            name = line[4:]
        elif found := _HUNK.match(line):
            console.print()
            console.print(Text(f"{name}, ligne {int(found[1])}", style="bold"), soft_wrap=True)
        elif not line.startswith("+++ "):
            shown = _SEAL.sub(r"\1…", line.replace("-", "−", 1) if line[:1] == "-" else line)
            console.print(Text(shown, style=_DIFF_STYLES.get(line[:1], "")), soft_wrap=True)
    console.print()


def _conclude(plan: Plan) -> None:
    from acompta_cli.imprimer import listed  # noqa: PLC0415

    names = [issue.name for issue in plan.issues]
    what = "1 document émis" if len(names) == 1 else f"{len(names)} documents émis"
    say(f"{what} : {listed(names)}.")
