"""``acompta imprimer``: invoices, credit notes and quotes as PDF files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from acompta_cli.options import CommandError, ledger_argument, open_ledger
from acompta_cli.output import say, warn_of_errors

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.progress import Progress

    from acompta.invoices.checks import Finding
    from acompta.invoices.from_dossier import Views
    from acompta.invoices.printing import PrintJob, PrintOutcome
    from acompta.invoices.view.document import DocumentView
    from acompta.loading import Loaded
    from acompta.reading.model import Document

HELP = """\
Met en PDF les factures, les acomptes, les avoirs et les devis émis.

Chaque facture est un Factur-X : un PDF d'archive qui porte sa facture électronique, vérifiée par les règles
officielles (schéma, norme EN 16931, règles françaises BR-FR). Celle qu'une règle refuse n'est pas écrite ; les autres
le sont. --xml et --ubl écrivent le XML seul.

Les factures vont dans « factures », les devis dans « devis », à côté du journal. Tout ce qui manque est dit avant
qu'aucun fichier ne soit écrit : un document incomplet n'est pas imprimé, les autres le sont. Un PDF déjà là et
identique n'est pas touché, ni l'original d'un document émis par « acompta emettre ».

\b
acompta imprimer journal/
acompta imprimer journal/ F2026-001 F2026-002
acompta imprimer journal/ ^D2026-012
acompta imprimer journal/ --brouillons

NUMÉRO est un numéro de facture ou de devis ; ^LIEN, tout ce qui porte ce lien : un devis, les factures d'un contrat,
les crédits prépayés avec leur relevé.

Code de sortie : 0 tout est imprimé, 1 des documents manquent, 2 rien n'a pu être fait.
"""
# Below this a bar would be gone before it is read.
_WORTH_A_BAR: Final = 4
# Each process loads the fonts and the styles for itself: more than this costs memory and gains little.
_MOST_PROCESSES: Final = 4
_LISTED: Final = 8
SUFFIXES: Final = {"cii": ".xml", "ubl": ".ubl.xml"}


@click.command("imprimer", help=HELP)
@ledger_argument
@click.argument("numbers", metavar="[NUMÉRO]...", nargs=-1)
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DOSSIER",
    help="Écrit sous ce dossier (factures/, devis/) au lieu de celui du journal.",
)  # fmt: skip
@click.option(
    "--brouillons",
    "drafts",
    is_flag=True,
    help="Imprime les brouillons (!) marqués « PROJET », sans numéro, dans brouillons/.",
)
@click.option(
    "--xml", "cii", is_flag=True, help="Écrit la facture électronique seule, en CII (.xml)."
)
@click.option("--ubl", is_flag=True, help="Écrit la facture électronique seule, en UBL (.ubl.xml).")
@click.option(
    "--processus", "workers", type=int, metavar="N",
    help="Nombre d'impressions à la fois ; à défaut, un par cœur de la machine, quatre au plus.",
)  # fmt: skip
@click.pass_context
def command(  # noqa: PLR0913 — one parameter per option
    ctx: click.Context,
    *,
    ledger: Path,
    numbers: tuple[str, ...],
    folder: Path | None,
    drafts: bool,
    cii: bool,
    ubl: bool,
    workers: int | None,
) -> None:
    """Met en PDF les factures, les acomptes, les avoirs et les devis émis."""
    if (cii or ubl) and drafts:
        raise CommandError("Un brouillon n'a pas de facture électronique : retirez --brouillons.")
    loaded = open_ledger(ledger)
    batch = prepare(loaded, numbers, folder or loaded.path.parent, drafts=drafts)
    if cii or ubl:
        syntaxes = [name for name, wanted in (("cii", cii), ("ubl", ubl)) if wanted]
        batch = as_xml(batch, syntaxes, named=bool(numbers))
    show_findings(batch, loaded)
    outcomes = print_all(batch.jobs, default_workers() if workers is None else max(1, workers))
    missing = _conclude(batch, outcomes, loaded)
    if not numbers and warn_of_errors(loaded):
        missing = True
    done = any(not outcome.error for outcome in outcomes)
    ctx.exit((1 if done else 2) if missing else 0)


# -- what to print --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Batch:
    """What is about to be printed, and what is not: findings per document, sentences for the rest."""

    folder: Path
    asked: int = 0
    jobs: list[PrintJob] = field(default_factory=list)
    taken: dict[Path, str] = field(default_factory=dict)
    findings: list[tuple[DocumentView, Finding]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


def prepare(loaded: Loaded, names: Iterable[str], folder: Path, *, drafts: bool = False) -> Batch:
    """Choose the documents and check them all, before any file is written."""
    from acompta.invoices.drafts import with_drafts  # noqa: PLC0415 — when needed
    from acompta.invoices.from_dossier import Selection, Views, printable_documents, select  # noqa: PLC0415

    if drafts:
        loaded = with_drafts(loaded)
    asked = tuple(names)
    if asked:
        selection = select(loaded.dossier, asked, drafts=drafts)
    else:
        selection = Selection(tuple(printable_documents(loaded.dossier, drafts=drafts)), (), ())
    batch = Batch(folder, asked=len(selection.documents) + len(selection.statements))
    batch.sentences += selection.unknown
    views = Views(loaded.book(), loaded.entries, loaded.path.parent)
    for document in selection.documents:
        _prepare_one(document, views, batch)
    for contract in selection.statements:
        _check(views.credits_statement(contract), views, batch)
    return batch


def _prepare_one(document: Document, views: Views, batch: Batch) -> None:
    from acompta.invoices.from_dossier import UnprintableError  # noqa: PLC0415
    from acompta.invoices.naming import number_of  # noqa: PLC0415

    try:
        view = views.view(document)
    except UnprintableError as error:
        batch.sentences.append(str(error))
        batch.refused.append(number_of(document))
    else:
        _check(view, views, batch, sealed=document.text("sceau") is not None)


def _check(view: DocumentView, views: Views, batch: Batch, *, sealed: bool = False) -> None:
    from acompta.invoices.checks import findings_of  # noqa: PLC0415
    from acompta.invoices.from_dossier import destination  # noqa: PLC0415
    from acompta.invoices.printing import PrintJob  # noqa: PLC0415

    path = destination(view, batch.folder)
    if view.draft and not view.number:
        path = _free(path, batch)
    found = findings_of(view)
    owner = batch.taken.get(path)
    if found:
        batch.findings += [(view, finding) for finding in found]
        batch.refused.append(view.name)
    elif owner is not None:
        batch.sentences.append(
            f"{view.name} : {path.name} est déjà le fichier de {owner} ; donnez à ce document un autre numero:"
        )
        batch.refused.append(view.name)
    else:
        batch.taken[path] = view.name
        batch.jobs.append(PrintJob(view, path, views.folder, sealed=sealed))


def as_xml(batch: Batch, syntaxes: list[str], *, named: bool) -> Batch:
    """The same documents as XML alone; what is no invoice is left out, and said when it was asked by its number."""
    from acompta.invoices.facturx.invoice import is_electronic  # noqa: PLC0415 — when needed

    kept = []
    for job in batch.jobs:
        if is_electronic(job.view):
            kept += [
                replace(job, path=job.path.with_suffix(SUFFIXES[name]), syntax=name)
                for name in syntaxes
            ]
            continue
        batch.asked -= 1
        if named:
            batch.sentences.append(
                f"{job.view.name} : {job.view.title} n'est pas une facture électronique"
            )
    return replace(batch, jobs=kept)


def _free(path: Path, batch: Batch) -> Path:
    """Drafts of the same day, kind and customer are told apart by their order."""
    names = (path.with_stem(f"{path.stem}-{rank}") for rank in count(2))
    return next(name for name in chain([path], names) if name not in batch.taken)


def default_workers() -> int:
    """As many printings at once as this machine has cores, within reason."""
    return min(_MOST_PROCESSES, os.cpu_count() or 1)


# -- printing -------------------------------------------------------------------------------------------------


def print_all(jobs: list[PrintJob], workers: int) -> list[PrintOutcome]:
    """Print, with a progress bar when there are many."""
    from acompta.invoices.printing import render_many  # noqa: PLC0415

    outcomes = []
    with _bar(len(jobs)) as bar:
        task = bar.add_task("Impression", total=len(jobs)) if bar is not None else None
        for outcome in render_many(jobs, workers):
            outcomes.append(outcome)
            if bar is not None and task is not None:
                bar.update(task, advance=1, description=outcome.job.view.name)
    return outcomes


def _bar(count: int) -> AbstractContextManager[Progress | None]:
    """A progress bar on stderr, when there are many and somebody watches."""
    if count < _WORTH_A_BAR:
        return nullcontext()
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    from acompta_cli.screen import make_console  # noqa: PLC0415

    console = make_console(stderr=True)
    if not console.is_terminal:
        return nullcontext()
    return Progress(
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
    )


# -- what is said ---------------------------------------------------------------------------------------------


def show_findings(batch: Batch, loaded: Loaded) -> None:
    """All that keeps a document from being printed, as ``acompta verifier`` shows it, each once."""
    if not batch.findings:
        return
    from acompta_cli.findings import Verdict  # noqa: PLC0415
    from acompta_cli.item import MENTIONS, Item, lines_of  # noqa: PLC0415
    from acompta_cli.screen import make_console  # noqa: PLC0415
    from acompta_cli.verifier import print_verdict  # noqa: PLC0415

    lines_of.cache_clear()
    items: dict[Item, None] = {}
    for view, finding in batch.findings:
        place = finding.place or view.place
        path, line = (place.path, place.line) if place is not None else (str(loaded.path), 0)
        items[Item(path, line, "erreur", MENTIONS, finding.message, code=finding.key)] = None
    main = str(loaded.path.resolve())
    ordered = sorted(items, key=lambda item: (item.path != main, item.path, item.line))
    files = tuple(dict.fromkeys(item.path for item in ordered))
    print_verdict(Verdict(loaded.path, tuple(ordered), files, batch.asked), make_console())


def _conclude(batch: Batch, outcomes: list[PrintOutcome], loaded: Loaded) -> bool:
    """Say what was printed, where, and what was not; return whether anything is missing."""
    failed = [outcome for outcome in outcomes if outcome.error]
    sentences = [*batch.sentences, *(_placed(outcome) for outcome in failed)]
    for sentence in sentences:
        say(sentence, err=True)
    done = [outcome for outcome in outcomes if not outcome.error]
    originals = [outcome.job.view.name for outcome in done if outcome.original]
    if originals:
        say(
            f"{listed(originals)} : l'original émis est gardé tel quel ; le journal en donnerait aujourd'hui un autre"
            " (règlement du jour, modèle, mise à jour…). Pour en voir une copie : --out DOSSIER"
        )
    if len(done) > len(originals):
        say(_summary([outcome for outcome in done if not outcome.original]))
        _say_how_to_file(done, loaded)
    refused = [*batch.refused, *(outcome.job.view.name for outcome in failed)]
    if refused:
        what = (
            "1 document n'est pas imprimé"
            if len(refused) == 1
            else f"{len(refused)} documents ne sont pas imprimés"
        )
        say(f"{what} : {listed(refused)}", err=True)
    elif not batch.asked and not sentences:
        say("Aucun document à imprimer.")
    return bool(refused or sentences)


def _placed(outcome: PrintOutcome) -> str:
    """What went wrong, at the line of the ledger where its document is typed."""
    place = outcome.job.view.place
    where = f"{_shown(Path(place.path))}:{place.line} : " if place is not None else ""
    return where + outcome.error


def _summary(done: list[PrintOutcome]) -> str:
    written = [outcome for outcome in done if not (outcome.unchanged or outcome.original)]
    same = sum(outcome.unchanged for outcome in done)
    xml = any(outcome.job.syntax for outcome in done)
    kept = f"{same} {'XML' if xml else 'PDF'} déjà à jour" if same else ""
    verb = "écrit" if xml else "imprimé"
    made = _count(len(written), f"document {verb}", f"documents {verb}s") if written else ""
    folders = dict.fromkeys(_shown(outcome.job.path.parent) for outcome in done)
    return f"{', '.join(filter(None, (made, kept)))} : {', '.join(folders)}"


def _say_how_to_file(done: list[PrintOutcome], loaded: Loaded) -> None:
    """Tell how Fava gets to the PDFs printed beside the ledger, when it does not yet."""
    from beancount.core.data import Document as DocumentDirective  # noqa: PLC0415 — when needed

    from acompta.invoices.filing import PLUGIN  # noqa: PLC0415
    from acompta.invoices.naming import FOLDERS  # noqa: PLC0415

    beside = loaded.path.parent.resolve()
    paths = [
        path
        for outcome in done
        if not outcome.job.syntax
        and (path := outcome.job.path.resolve()).parent.parent == beside
        and path.parent.name in FOLDERS
    ]
    filed = {e.filename for e in loaded.entries if isinstance(e, DocumentDirective)}
    active = any(name == PLUGIN for name, _ in loaded.options.get("plugin", ()))
    if not active and any(str(path) not in filed for path in paths):
        say(f'Pour les ouvrir depuis Fava, tapez plugin "{PLUGIN}" dans {_shown(loaded.path)}')


def listed(numbers: list[str]) -> str:
    """The first few of many names, and how many others."""
    shown = ", ".join(numbers[:_LISTED])
    rest = len(numbers) - _LISTED
    return f"{shown} et {rest} autres" if rest > 0 else shown


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number < 2 else many}"


def _shown(path: Path) -> str:
    """The path from the current folder when it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
