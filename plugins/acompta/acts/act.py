"""The act: whole new contents, shown, then all written or none."""

from __future__ import annotations

import datetime
import difflib
import os
import secrets
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from beancount.core.data import Posting, Transaction

from acompta.acts import disk
from acompta.acts.journal import (
    DECIDED,
    Journal,
    Outcome,
    Recovery,
    Row,
    aside_name,
    finish,
    parents,
    pending,
    recover,
    undo,
    write,
)
from acompta.acts.lock import LOCK_NAME, locked
from acompta.acts.problem import ActError, unwritable
from acompta.acts.text import LedgerText, MetaValue
from acompta.loading import Loaded, ledger_path, load_ledger, reason_of

_ATTEMPTS: Final = 5
_WAIT_SECONDS: Final = 0.02


@contextmanager
def writing(path: Path, command: str, *, dry: bool = False) -> Iterator[Desk]:
    """Open a ledger to write in it: under the lock of its folder, an act cut short being resolved first.

    ``dry`` takes no lock and writes nothing: it is for showing what an act would do.

    Raises:
        LedgerError: no such ledger.
        ActError: another run is at work, the folder cannot be written, or (dry) an act must be resolved first.
    """
    path = ledger_path(path)
    folder = path.resolve().parent
    if dry:
        if pending(folder):
            raise ActError(
                "une commande a été interrompue dans ce dossier : lancez-la sans --simuler, elle sera d'abord"
                " terminée ou annulée"
            )
        yield Desk(path, command, Recovery(Outcome.NOTHING), dry=True)
        return
    with locked(folder, command):
        yield Desk(path, command, recover(folder))


class Desk:
    """A ledger open for writing: loads it with the bytes it was read from, and starts acts on it."""

    def __init__(self, path: Path, command: str, recovery: Recovery, *, dry: bool = False) -> None:
        """Work on the ledger ``path`` (its main file); ``recovery`` is what became of an act cut short before."""
        self.path = path
        self.folder = path.resolve().parent
        self.command = command
        self.recovery = recovery
        self.dry = dry
        self._read: dict[Path, bytes] = {}

    def load(self) -> Loaded:
        """Load the ledger, and keep the bytes of all its files: an act refuses to write when one has changed since.

        Raises:
            LedgerError: the ledger cannot be used.
            ActError: its files keep changing.
        """
        for _ in range(_ATTEMPTS):
            now, known = self._now(), self._read
            loaded = load_ledger(self.path)
            latest = self._keep([self.path, *map(Path, loaded.options.get("include", ()))])
            if self.dry or latest < now or self._read == known:
                return loaded
            time.sleep(_WAIT_SECONDS)  # written while, or just before, it was read: read it again
        raise ActError(
            f"« {self.path} » change sans cesse : fermez les programmes qui l'écrivent, puis recommencez"
        )

    def _keep(self, files: Iterable[Path]) -> int:
        """Read files, and keep what they hold; when the latest was changed, in nanoseconds."""
        self._read = {}
        latest = 0
        for path in files:
            try:
                self._read[path.resolve()] = path.read_bytes()
                latest = max(latest, path.stat().st_ctime_ns)
            except OSError as error:
                raise ActError(f"« {path} » ne peut pas être lu : {reason_of(error)}") from error
        return latest

    def act(self, what: str) -> Act:
        """A new act, ``what`` saying in French what it does (shown if a crash cuts it short)."""
        return Act(self, what)

    def text_read(self, path: Path) -> bytes:
        """The bytes that a file of the ledger had when it was loaded.

        Raises:
            ActError: it is not a file of the ledger.
        """
        content = self._read.get(path.resolve())
        if content is None:
            raise ActError(f"« {path} » n'est pas un fichier de ce dossier : rien n'a été changé")
        return content

    def files(self) -> Mapping[Path, bytes]:
        """The files of the ledger and what they held when it was loaded."""
        return self._read

    def check_unchanged(self) -> None:
        """Make sure that the ledger is still the one that was loaded.

        Raises:
            ActError: a file has changed since, in another window for example.
        """
        for path, content in self._read.items():
            try:
                same = disk.content_of(path) == content
            except OSError as error:
                raise unwritable(path, error) from error
            if not same:
                raise ActError(
                    f"« {path} » a été modifié pendant ce temps (Fava ou un éditeur ouvert à côté ?) : enregistrez-y"
                    " votre travail, puis recommencez ; rien n'a été changé"
                )

    def _now(self) -> int:
        """The time by the clock of the disk, in nanoseconds."""
        if self.dry:
            return 0
        lock = self.folder / LOCK_NAME
        try:
            os.utime(lock)
            return lock.stat().st_ctime_ns
        except OSError as error:
            raise unwritable(self.folder, error) from error


class Act:
    """Changes to ledger files and new files, committed together. Made by `Desk.act`."""

    def __init__(self, desk: Desk, what: str) -> None:
        """An act on the ledger of ``desk``."""
        self._desk = desk
        self._what = what
        self._texts: dict[Path, LedgerText] = {}
        self._created: dict[Path, bytes] = {}
        self._replaced: dict[Path, bytes] = {}

    # -- what to do -------------------------------------------------------------------------------------------

    def transaction(
        self,
        entry: Transaction,
        *,
        flag: str | None = None,
        date: datetime.date | None = None,
        links: Collection[str] = (),
        meta: Mapping[str, MetaValue] | None = None,
    ) -> None:
        """Change the head of a loaded transaction and put metadata lines under it (see `LedgerText.transaction`)."""
        text = self.text(Path(entry.meta["filename"]))
        text.transaction(entry, flag=flag, date=date, links=links, meta=meta)

    def posting(self, entry: Transaction, posting: Posting, meta: Mapping[str, MetaValue]) -> None:
        """Put metadata lines under a typed posting of a loaded transaction."""
        self.text(Path(entry.meta["filename"])).posting(entry, posting, meta)

    def append(self, path: Path, text: str) -> None:
        """Add directives at the end of a file of the ledger."""
        self.text(path).append(text)

    def text(self, path: Path) -> LedgerText:
        """The text of a file of the ledger, to change it.

        Raises:
            ActError: not a file of the ledger, or not a text that can be changed.
        """
        real = path.resolve()
        if real not in self._texts:
            self._texts[real] = LedgerText(path, self._desk.text_read(path))
        return self._texts[real]

    def create(self, path: Path, content: bytes) -> None:
        """Make a new file; the folders that it needs are made too. One that is already there is an error."""
        self._created[_real(path)] = content

    def replace(self, path: Path, content: bytes) -> None:
        """Make a file that is not of the ledger, or give it a new content (an export made again)."""
        self._replaced[_real(path)] = content

    # -- look, then do ------------------------------------------------------------------------------------------

    def contents(self) -> dict[Path, bytes]:
        """The new content of every file of the act, new files first.

        Raises:
            ActError: a text cannot be changed as asked.
        """
        changed = {
            path: new
            for path, text in self._texts.items()
            if text.changed and (new := text.result()) != text.original
        }
        return {**self._created, **self._replaced, **changed}

    def diff(self) -> str:
        """What changes in the ledger files, as a unified diff; new files are not in it."""
        pieces: list[str] = []
        for path, text in self._texts.items():
            if not text.changed:
                continue
            name = os.path.relpath(path, self._desk.folder)
            old, new = (side.decode().splitlines() for side in (text.original, text.result()))
            pieces += difflib.unified_diff(old, new, name, name, lineterm="", n=2)
        return "\n".join(pieces)

    def commit(self) -> None:
        """Write everything, or nothing.

        Raises:
            ActError: a file changed since it was read, a file to create is there, or the disk refuses.
        """
        if self._desk.dry:
            raise AssertionError("a dry run writes nothing")
        contents = self.contents()
        self._check(contents)
        folder = self._desk.folder
        journal = self._plan(contents)
        try:
            self._prepare(journal, contents)
            self._check(contents)
        except BaseException as error:
            with suppress(OSError):  # what cannot be undone now is at the next run
                undo(folder, journal)
            if isinstance(error, OSError):
                raise unwritable(Path(error.filename or folder), error) from error
            raise
        decided = replace(journal, state=DECIDED)
        try:
            write(folder, decided)
        except BaseException as error:
            self._resolve(error)
            if not isinstance(error, OSError):
                raise
        else:
            self._finish(decided)

    def _resolve(self, error: BaseException) -> None:
        """The journal could not be written to the end: decided or not, the one on the disk alone knows.

        Raises:
            ActError: the act is undone, or is resolved by the next run.
        """
        folder = self._desk.folder
        try:
            recovery = recover(folder)
        except ActError as stopped:
            raise ActError(
                f"« {folder} » : le disque s'est arrêté en cours de route ; relancez la commande, elle terminera ou"
                " annulera celle-ci avant toute chose"
            ) from stopped
        if recovery.outcome is not Outcome.FINISHED and isinstance(error, OSError):
            raise unwritable(Path(error.filename or folder), error) from error

    def _finish(self, decided: Journal) -> None:
        folder = self._desk.folder
        try:
            try:
                finish(folder, decided)
            except KeyboardInterrupt:
                finish(folder, decided)
                raise
        except OSError as error:
            raise ActError(
                f"le disque s'est arrêté en cours de route ({error.strerror}) : tout est prêt ; relancez la commande,"
                " elle terminera celle-ci avant toute chose"
            ) from error

    def _prepare(self, journal: Journal, contents: Mapping[Path, bytes]) -> None:
        folder = self._desk.folder
        write(folder, journal)
        for name in journal.folders:
            disk.make_folder(folder / name)
            disk.flush_folder((folder / name).parent)
        for row, (path, content) in zip(journal.rows, contents.items(), strict=True):
            if row.before is not None:
                disk.write_new(folder / row.before, path.read_bytes(), like=path)
            disk.write_new(folder / row.aside, content, like=path if row.old else None)
        for place in parents(folder, journal):
            disk.flush_folder(place)

    def _check(self, contents: Mapping[Path, bytes]) -> None:
        self._desk.check_unchanged()
        for path in contents:
            if path in self._created and os.path.lexists(path):
                raise ActError(
                    f"« {path} » existe déjà : vérifiez d'où vient ce fichier, déplacez-le, puis recommencez ; rien"
                    " n'a été changé"
                )
            if path.exists() and not path.stat().st_mode & 0o222:
                raise ActError(
                    f"« {path} » est en lecture seule : rendez-le modifiable, ou déplacez-en ce qui change ; rien n'a"
                    " été changé"
                )

    def _plan(self, contents: Mapping[Path, bytes]) -> Journal:
        folder, mark = self._desk.folder, secrets.token_hex(4)
        rows = []
        for path, content in contents.items():
            target = os.path.relpath(path, folder)
            old = disk.content_of(path)
            rows.append(
                Row(
                    target,
                    aside_name(target, mark),
                    None if old is None else aside_name(target, f"{mark}-avant"),
                    None if old is None else disk.digest(old),
                    disk.digest(content),
                )
            )
        folders = _missing_folders(contents)
        names = tuple(os.path.relpath(path, folder) for path in folders)
        return Journal(self._desk.command, self._what, names, tuple(rows))


def _real(path: Path) -> Path:
    """Where a file really is: symbolic links stay, what they lead to is written."""
    return path.resolve()


def _missing_folders(paths: Mapping[Path, bytes]) -> list[Path]:
    """The folders to make, parents first."""
    missing: dict[Path, None] = {}
    for path in paths:
        above = [parent for parent in path.parents if not parent.exists()]
        missing.update(dict.fromkeys(reversed(above)))
    return list(missing)
