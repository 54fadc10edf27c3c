"""Opening a ledger to write in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.options import CommandError

if TYPE_CHECKING:
    from acompta.acts import Desk


@contextmanager
def open_desk(ledger: Path, command: str, *refusals: type[Exception], dry: bool) -> Iterator[Desk]:
    """A ledger open for ``command``, once what became of an act cut short is said on stderr.

    ``refusals`` are the exceptions whose message is a French sentence for the person, besides those of the desk.

    Raises:
        CommandError: the ledger cannot be used or written, or one of the ``refusals``; one French sentence.
    """
    from acompta.acts import ActError, writing  # noqa: PLC0415 — the engine, when needed
    from acompta.loading import LedgerError  # noqa: PLC0415

    said: tuple[type[Exception], ...] = (ActError, LedgerError, *refusals)
    try:
        with writing(ledger, command, dry=dry) as desk:
            if desk.recovery.message:
                click.echo(f"{desk.recovery.message}.", err=True)
            yield desk
    except said as error:
        raise CommandError(str(error)) from error
