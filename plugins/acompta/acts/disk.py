"""The system calls of an act, each once: files made aside and flushed, names taken, folders flushed.

All go through `os`, one call each, so that a test can stop the process at any of them.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

_CHUNK = 1 << 20


def digest(content: bytes) -> str:
    """SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def content_of(path: Path) -> bytes | None:
    """What a file holds, or ``None`` when it is not there. Raises `OSError` for any other reason."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write_new(path: Path, content: bytes, like: Path | None = None) -> None:
    """Make a new file and bring it to the disk, with the mode and the owner of ``like``. Raises `OSError`."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o666)
    try:
        if like is not None:
            _resemble(descriptor, like)
        _write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _resemble(descriptor: int, like: Path) -> None:
    status = like.stat()
    mine = os.fstat(descriptor)
    if (status.st_uid, status.st_gid) != (mine.st_uid, mine.st_gid):
        with suppress(PermissionError):  # only the administrator gives files away
            os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, status.st_mode & 0o7777)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view[:_CHUNK]) :]


def take_name(aside: Path, path: Path) -> None:
    """Give ``aside`` the name ``path``, in one instant. Raises `OSError`."""
    os.replace(aside, path)  # noqa: PTH105 — one call, that tests can stop


def remove(path: Path) -> None:
    """Remove a file that may be gone already. Raises `OSError`."""
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 — the same


def make_folder(path: Path) -> None:
    """Make a folder, whose parent exists. Raises `OSError`."""
    os.mkdir(path)  # noqa: PTH102 — the same


def remove_folder(path: Path) -> None:
    """Remove a folder if it is there and empty: what somebody else put in it stays."""
    with suppress(OSError):
        os.rmdir(path)  # noqa: PTH106 — the same


def flush_folder(path: Path) -> None:
    """Bring the names of a folder to the disk. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
