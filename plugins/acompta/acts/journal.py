"""The journal of an act, and what becomes of an act that a crash cut short.

A file beside the ledger says what is being done. While its state is ``preparation``, only files aside exist, and
recovering takes them away: all is old. From the instant its state is ``decide``, everything is on the disk, and
recovering gives the names that are not given yet: all is new. Should a person have changed, between the crash and
the recovery, a file that had not its new content yet, that work is kept and the act is undone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Final, NamedTuple

from acompta.acts import disk
from acompta.acts.problem import ActError, unwritable

JOURNAL_NAME: Final = ".acompta-acte.json"
_JOURNAL_ASIDE: Final = ".acompta-acte.json.neuf"
PREPARING: Final = "preparation"
DECIDED: Final = "decide"
_MARK: Final = ".acompta-"


@dataclass(frozen=True, slots=True)
class Row:
    """One file of an act: all paths from the ledger's folder, digests of the old (``None``: no file) and new content.

    ``before`` is a copy of the old content, kept until the end.
    """

    target: str
    aside: str
    before: str | None
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class Journal:
    """An act being done: its command and what it is in French, the new folders, the files (ledger files last)."""

    command: str
    what: str
    folders: tuple[str, ...]
    rows: tuple[Row, ...]
    state: str = PREPARING


class Outcome(Enum):
    """What recovering did."""

    NOTHING = "rien"
    UNDONE = "annule"
    FINISHED = "termine"


class Recovery(NamedTuple):
    """What `recover` did, and one French sentence to show (``""`` when there was nothing to do)."""

    outcome: Outcome
    message: str = ""


def pending(folder: Path) -> bool:
    """Whether an act was cut short in this folder."""
    return (folder / JOURNAL_NAME).exists()


def recover(folder: Path) -> Recovery:
    """Resolve an act that was cut short in the ledger's folder, to all or nothing. To be called under the lock.

    Raises:
        ActError: the journal cannot be read, or the disk refuses.
    """
    try:
        disk.remove(folder / _JOURNAL_ASIDE)
        journal = _read(folder)
        if journal is None:
            return Recovery(Outcome.NOTHING)
        if journal.state == DECIDED:
            if not _changed(folder, journal):
                finish(folder, journal)
                return _finished(journal)
            _restore(folder, journal)
            # From here on it is an act to undo, whatever happens: a crash must not have it finished after all.
            journal = replace(journal, state=PREPARING)
            write(folder, journal)
        undo(folder, journal)
    except OSError as error:
        raise unwritable(folder, error) from error
    return _undone(journal)


def _finished(journal: Journal) -> Recovery:
    return Recovery(
        Outcome.FINISHED,
        f"« acompta {journal.command} » avait été interrompue ({journal.what}) : tout était prêt, elle vient d'être"
        " terminée, rien n'est perdu",
    )


def _undone(journal: Journal) -> Recovery:
    return Recovery(
        Outcome.UNDONE,
        f"« acompta {journal.command} » avait été interrompue ({journal.what}) : elle est annulée, le dossier est tel"
        " qu'avant elle",
    )


def write(folder: Path, journal: Journal) -> None:
    """Write the journal, whole, to the disk. Raises `OSError`."""
    content = json.dumps(asdict(journal), ensure_ascii=False, indent=1).encode()
    aside = folder / _JOURNAL_ASIDE
    disk.write_new(aside, content)
    disk.take_name(aside, folder / JOURNAL_NAME)
    disk.flush_folder(folder)


def finish(folder: Path, journal: Journal) -> None:
    """Give the new contents their names, those that have not theirs yet, and forget the act. Raises `OSError`."""
    for row in journal.rows:
        aside = folder / row.aside
        if aside.exists():
            disk.take_name(aside, folder / row.target)
    _flush(folder, journal)
    _forget(folder, journal)


def undo(folder: Path, journal: Journal) -> None:
    """Take away what was prepared, and forget the act. Raises `OSError`."""
    disk.remove(folder / _JOURNAL_ASIDE)
    for row in journal.rows:
        disk.remove(folder / row.aside)
    _forget(folder, journal, undone=True)


def _forget(folder: Path, journal: Journal, *, undone: bool = False) -> None:
    for row in journal.rows:
        if row.before is not None:
            disk.remove(folder / row.before)
    if undone:
        for name in reversed(journal.folders):
            disk.remove_folder(folder / name)
    _flush(folder, journal)
    disk.remove(folder / JOURNAL_NAME)
    disk.flush_folder(folder)


def _flush(folder: Path, journal: Journal) -> None:
    for place in parents(folder, journal):
        if place.is_dir():
            disk.flush_folder(place)


def parents(folder: Path, journal: Journal) -> Iterable[Path]:
    """The folders of the files of an act, each once."""
    return dict.fromkeys((folder / row.target).parent for row in journal.rows)


def _changed(folder: Path, journal: Journal) -> bool:
    """Whether a person changed a file before it had its new content."""
    for row in journal.rows:
        if (folder / row.aside).exists():
            content = disk.content_of(folder / row.target)
            if (None if content is None else disk.digest(content)) != row.old:
                return True
    return False


def _restore(folder: Path, journal: Journal) -> None:
    """Give back their old content to the files that had their new one.

    Raises:
        ActError: somebody changed one of them too: a person must choose.
    """
    done = [row for row in journal.rows if not (folder / row.aside).exists()]
    for row in done:
        content = disk.content_of(folder / row.target)
        if content is not None and disk.digest(content) not in {row.new, row.old}:
            raise ActError(
                f"« acompta {journal.command} » avait été interrompue ({journal.what}) et « {folder / row.target} » a"
                " été modifié depuis : remettez ce fichier tel qu'il était avant de recommencer (son ancien contenu"
                f" est dans « {row.before or 'rien'} »), ou demandez de l'aide ; rien n'a été changé"
            )
    for row in done:
        target = folder / row.target
        if row.before is None:
            disk.remove(target)
        elif (folder / row.before).exists():
            disk.take_name(folder / row.before, target)


# -- reading ----------------------------------------------------------------------------------------------------


def _read(folder: Path) -> Journal | None:
    content = disk.content_of(folder / JOURNAL_NAME)
    if content is None:
        return None
    try:
        return _journal(json.loads(content))
    except (ValueError, KeyError, TypeError) as error:
        raise ActError(
            f"« {folder / JOURNAL_NAME} » est illisible : un acte interrompu ne peut pas être repris ; remettez ce"
            " dossier tel qu'il était dans votre dernière sauvegarde, ou demandez de l'aide"
        ) from error


def _journal(read: dict[str, Any]) -> Journal:
    rows = tuple(Row(**row) for row in read["rows"])
    for row in rows:
        for name in filter(None, (row.aside, row.before)):
            # Only files that an act makes: a journal that came from elsewhere reaches nothing else.
            place, own = os.path.split(name)
            where, target = os.path.split(row.target)
            if place != where or not own.startswith(f".{target}{_MARK}"):
                raise ValueError(name)
    if read["state"] not in {PREPARING, DECIDED}:
        raise ValueError(read["state"])
    return Journal(read["command"], read["what"], tuple(read["folders"]), rows, read["state"])


def aside_name(target: str, mark: str) -> str:
    """Name, in the same folder, of a file of the act that is not ``target`` yet."""
    place, name = os.path.split(target)
    return str(Path(place, f".{name}{_MARK}{mark}")) if place else f".{name}{_MARK}{mark}"
