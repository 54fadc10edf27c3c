"""Where a report goes: the terminal, CSV or JSON on stdout, a spreadsheet file."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from acompta_cli.options import CommandError

if TYPE_CHECKING:
    from acompta.loading import Loaded
    from acompta.tables import Report

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Output:
    """What the options ask for; ``table`` is the key of the table that CSV takes."""

    as_csv: bool
    as_json: bool
    xlsx: Path | None
    table: str | None

    @property
    def as_data(self) -> bool:
        """Whether stdout or a file is for another program: nothing else is printed there."""
        return self.as_csv or self.as_json or self.xlsx is not None


def say(sentence: str, *, err: bool = False) -> None:
    """One sentence on stdout (stderr with ``err``), folded to the screen like the others; nothing for an empty one."""
    from acompta_cli.screen import make_console, prose_width, typeset  # noqa: PLC0415 — when there is one to say

    if sentence:
        click.echo(typeset(sentence, prose_width(make_console(stderr=err))), err=err)


def output_options(tables: dict[str, str]) -> Callable[[F], F]:
    """``--csv``, ``--json``, ``--xlsx FILE`` and ``--table``; ``tables`` are the keys with what each is.

    The command receives them as one ``output``.
    """
    first = next(iter(tables))
    choices = ", ".join(f"{key} ({what})" for key, what in tables.items())

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def gathered(
            *args: Any,
            as_csv: bool,
            as_json: bool,
            xlsx: Path | None,
            table: str | None,
            **rest: Any,
        ) -> Any:
            return function(*args, output=Output(as_csv, as_json, xlsx, table), **rest)

        command: Any = gathered
        options: tuple[Callable[[Any], Any], ...] = (
            click.option(
                "--table", type=click.Choice(list(tables)), metavar="NOM",
                help=f"Un seul tableau : {choices}. Pour --csv, « {first} » par défaut.",
            ),
            click.option(
                "--xlsx", type=click.Path(path_type=Path, dir_okay=False), metavar="FICHIER",
                help="Écrit un classeur (Excel, LibreOffice), une feuille par tableau.",
            ),
            click.option(
                "--json", "as_json", is_flag=True,
                help="Sortie JSON pour d'autres programmes ; montants en texte, dates ISO.",
            ),
            click.option(
                "--csv", "as_csv", is_flag=True,
                help="Sortie CSV pour un tableur français : « ; », virgule décimale, UTF-8 avec BOM.",
            ),
        )  # fmt: skip
        for option in options:
            command = option(command)
        return cast("F", command)

    return decorate


def emit(
    report: Report,
    loaded: Loaded,
    output: Output,
    *,
    first: str,
    at: str,
    only: Iterable[str] = (),
) -> None:
    """Send ``report`` where the options say; the screen shows the tables of ``only``, all of them by default.

    Raises:
        click.UsageError: CSV and JSON both.
        CommandError: the spreadsheet cannot be written.
    """
    from acompta.exports import to_csv, to_json  # noqa: PLC0415 — the engine, not before it is needed

    if output.as_csv and output.as_json:
        raise click.UsageError("--csv et --json s'excluent : gardez l'un des deux.")
    if output.xlsx is not None:
        _write_xlsx(report, output.xlsx)
        if not (output.as_csv or output.as_json):
            click.echo(f"{output.xlsx} écrit.")
            return
    if output.as_csv:
        _write_bytes(to_csv(report.table(output.table or first)))
    elif output.as_json:
        _write_bytes(to_json(report, au=at, fichier=str(loaded.path), **_counts(loaded)) + "\n")
    else:
        _print(report, [output.table] if output.table else only)


def _counts(loaded: Loaded) -> dict[str, object]:
    return {"erreurs": len(loaded.errors)}


def _write_bytes(text: str) -> None:
    """UTF-8 whatever the terminal says: the byte-order mark must be true."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def _write_xlsx(report: Report, path: Path) -> None:
    from acompta.exports import to_xlsx  # noqa: PLC0415

    write_file(path, to_xlsx(report))


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole.

    Raises:
        CommandError: it cannot be written.
    """
    from acompta.invoices.writing import write_atomically  # noqa: PLC0415
    from acompta.loading import reason_of  # noqa: PLC0415

    try:
        write_atomically(path, content)
    except OSError as error:
        raise CommandError(f"« {path} » ne peut pas être écrit : {reason_of(error)}") from error


def _print(report: Report, tables: Iterable[str]) -> None:
    from acompta_cli.screen import make_console, print_report  # noqa: PLC0415

    print_report(report, make_console(), tables=tables)


def warn_of_errors(loaded: Loaded) -> int:
    """Say on stderr that documents in error are missing from the figures; the exit code that follows."""
    count = len(loaded.errors)
    if not count:
        return 0
    what = "1 erreur" if count == 1 else f"{count} erreurs"
    click.echo(
        f"Attention : {what} dans ce dossier, des documents peuvent manquer aux chiffres ;"
        f" tapez « acompta verifier {loaded.path} ».",
        err=True,
    )
    return 1
