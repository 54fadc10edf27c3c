"""``acompta verifier``: every mistake of a ledger, at its line, with what to type."""

from __future__ import annotations

import datetime
import json
import sys
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.options import CommandError, at_option, ledger_argument, today

if TYPE_CHECKING:
    from rich.console import Console

    from acompta_cli.findings import Verdict
    from acompta_cli.item import Item


HELP = """\
Vérifie le journal et tous les fichiers qu'il inclut.

Les fautes de frappe dans le texte, les erreurs de Beancount expliquées en français, les documents qui ne peuvent
pas être calculés, et les signalements : encaissements sans facture, trop-perçus,
délais légaux à la date d'arrêté, mentions manquantes.
Chaque message
dit ce qui a été lu et ce qu'il faut taper.

\b
acompta verifier journal/
acompta verifier main.beancount --json | jq '.constats[].message'

Code de sortie : 0 rien à dire, 1 des signalements seulement, 2 des erreurs ou un journal illisible.
"""
_INDENT = 4


@click.command("verifier", help=HELP)
@ledger_argument
@at_option
@click.option("--json", "as_json", is_flag=True, help="Sortie JSON pour d'autres programmes.")
@click.pass_context
def command(ctx: click.Context, *, ledger: Path, at: datetime.date | None, as_json: bool) -> None:
    """Vérifie le journal et tous les fichiers qu'il inclut."""
    from acompta.loading import LedgerError, ledger_path  # noqa: PLC0415 — the engine, when needed
    from acompta_cli.findings import verify  # noqa: PLC0415

    try:
        verdict = verify(ledger_path(ledger), at or today())
    except LedgerError as error:
        raise CommandError(str(error)) from error
    if as_json:
        sys.stdout.flush()
        sys.stdout.buffer.write((to_json(verdict) + "\n").encode("utf-8"))
        sys.stdout.buffer.flush()
    else:
        from acompta_cli.screen import make_console  # noqa: PLC0415

        print_verdict(verdict, make_console())
    ctx.exit(verdict.exit_code)


def to_json(verdict: Verdict) -> str:
    """The verdict as a JSON object."""
    from acompta_cli.item import line_at  # noqa: PLC0415

    content = {
        "fichier": str(verdict.main),
        "fichiers": list(verdict.files),
        "documents": verdict.documents,
        "erreurs": verdict.errors,
        "signalements": verdict.notices,
        "constats": [
            {
                "fichier": item.path,
                "ligne": item.line,
                "gravite": item.severity,
                "source": item.source,
                "code": item.code,
                "lu": item.token,
                "message": item.message,
                "beancount": item.original,
                "texte": line_at(item.path, item.line),
            }
            for item in verdict.items
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def print_verdict(verdict: Verdict, console: Console) -> None:
    """Print the items grouped by file, each with its line of the ledger, then the count."""
    from rich.text import Text  # noqa: PLC0415

    path = None
    for item, after in zip_longest(verdict.items, verdict.items[1:]):
        if item.path != path:
            path = item.path
            console.print()
            console.print(Text(_shown_path(path), "bold underline"))
        same_line = after is not None and (after.path, after.line) == (item.path, item.line)
        _print_item(item, console, with_source=not same_line)
    console.print()
    console.print(_conclusion(verdict))


def _shown_path(path: str) -> str:
    """The path from the current folder when it lies below it."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path


def _print_item(item: Item, console: Console, *, with_source: bool) -> None:
    from rich.text import Text  # noqa: PLC0415

    from acompta.french import unbroken  # noqa: PLC0415
    from acompta_cli.item import line_at  # noqa: PLC0415

    place = f"ligne {item.line}" if item.line else "tout le fichier"
    style = "bold red" if item.is_error else "bold yellow"
    console.print()
    console.print(Text.assemble("  ", (f"{place} · {item.severity}", style)))
    _print_sentence(unbroken(item.message), "", console)
    text = line_at(item.path, item.line)
    if with_source and text.strip():
        _print_source(item, text, console)


def _print_sentence(sentence: str, style: str, console: Console) -> None:
    from rich.text import Text  # noqa: PLC0415

    from acompta_cli.screen import prose_width, typeset  # noqa: PLC0415

    for line in sentence.splitlines():
        folded = typeset(line, prose_width(console), " " * _INDENT)
        console.print(Text(folded, style), soft_wrap=True)


def _print_source(item: Item, text: str, console: Console) -> None:
    """The line of the ledger, and a mark under what was read."""
    from rich.cells import cell_len  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = text.expandtabs(2).rstrip()
    gutter = f"{item.line:>8} │ "
    console.print(Text.assemble((gutter, "dim"), shown), no_wrap=True, overflow="ellipsis")
    start = shown.find(item.token) if item.token else -1
    if start >= 0 and "\n" not in item.token:
        blank = " " * (cell_len(gutter) - 2) + "│ " + " " * cell_len(shown[:start])
        mark = Text.assemble(
            (blank, "dim"),
            ("^" * max(1, cell_len(item.token)), "red" if item.is_error else "yellow"),
        )
        console.print(mark, no_wrap=True, overflow="crop")


def _conclusion(verdict: Verdict) -> str:
    files = _count(len(verdict.files), "fichier")
    documents = _count(verdict.documents, "document")
    read = f"{files}, {documents}"
    if not verdict.items:
        return f"Rien à signaler ({read})."
    found = []
    if verdict.errors:
        found.append(_count(verdict.errors, "erreur"))
    if verdict.notices:
        found.append(_count(verdict.notices, "signalement"))
    return f"{' et '.join(found)} ({read})."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"
