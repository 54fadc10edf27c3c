"""A folder that appears whole or not at all: made aside, hidden, then given its name.

What a killed run leaves aside is removed by the next one for the same folder, never what another run is making.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MARK: Final = ".acompta-"


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A hidden folder beside ``folder``, which takes its name when the block ends, and is gone when it raises.

    Raises:
        OSError: it cannot be made, or ``folder`` holds something.
    """
    parent = folder.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{folder.name}{_MARK}"
    _remove_abandoned(parent, prefix)
    aside = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    descriptor = os.open(aside, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield aside
        aside.chmod(0o755)
        aside.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        os.close(descriptor)


def _remove_abandoned(parent: Path, prefix: str) -> None:
    """Remove the folders that nobody is making: the system let go of their lock when the process died."""
    ours = re.compile(re.escape(prefix) + r"[a-z0-9_]{8}")
    for path in parent.iterdir():
        if not ours.fullmatch(path.name) or path.is_symlink() or not path.is_dir():
            continue
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        else:
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(descriptor)
