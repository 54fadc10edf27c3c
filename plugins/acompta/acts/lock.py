"""One writing command at a time in a folder: a lock that the system releases by itself when the process dies."""

from __future__ import annotations

import datetime
import fcntl
import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from acompta.acts.problem import ActError, unwritable

LOCK_NAME: Final = ".acompta-verrou"


@contextmanager
def locked(folder: Path, command: str) -> Iterator[None]:
    """Hold the lock of ``folder``; the file that says so is gone afterwards.

    Raises:
        ActError: another run holds it (the message says which), or the folder cannot be written.
    """
    path = folder / LOCK_NAME
    descriptor = _take(path)
    try:
        _say_who(descriptor, command)
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _take(path: Path) -> int:
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            raise unwritable(path.parent, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 1000, 0)
            os.close(descriptor)
            raise ActError(_busy(path, holder)) from error
        if _still_named(descriptor, path):
            return descriptor
        os.close(descriptor)  # released and removed by its holder between the two calls


def _still_named(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _say_who(descriptor: int, command: str) -> None:
    """Write who holds the lock; on a full disk nobody reads it, and the act itself will say why it stops."""
    now = datetime.datetime.now().astimezone()
    who = {
        "commande": command,
        "processus": os.getpid(),
        "utilisateur": _user(),
        "depuis": f"{now:%H:%M}",
    }
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(who, ensure_ascii=False).encode(), 0)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "inconnu"


def _busy(path: Path, holder: bytes) -> str:
    try:
        who = json.loads(holder)
        name = (
            f"« acompta {who['commande']} », lancée à {who['depuis']} par {who['utilisateur']}"
            f" (processus {who['processus']}),"
        )
    except (ValueError, KeyError, TypeError):
        name = "une autre commande acompta"
    return (
        f"{name} travaille déjà dans « {path.parent} » ; attendez qu'elle ait fini, ou répondez à sa question,"
        " puis recommencez ; rien n'a été changé"
    )
