"""Kill a process at every system call that writes, and look at what is left. For `emettre`, `cloturer`, and others.

Use::

    def test_crash_walk(tmp_path):
        for crash in crash_walk(lambda n: fresh_copy(tmp_path / str(n)), do_it):
            recover_it(crash.folder)
            assert tree(crash.folder) in (old, new), crash

The process is a fork of this one in which the functions of `os` that write count their calls and, at the n-th, kill the
process with SIGKILL, a write having written half of its bytes. The walk ends with the first n that nothing reaches.
"""

from __future__ import annotations

import os
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

WRITERS: Final = (
    "write", "pwrite", "fsync", "replace", "rename", "link", "unlink", "remove", "mkdir", "rmdir",
    "ftruncate", "truncate", "fchmod", "fchown", "utime",
)  # fmt: skip
_FAILED: Final = 78


class Crash(NamedTuple):
    """The process died at its ``call``-th writing call (``name``) in ``folder``; ``finished``: it did not die."""

    call: int
    folder: Path
    finished: bool


def crash_walk(
    fresh: Callable[[int], Path], act: Callable[[Path], object], *, most: int = 2000
) -> Iterator[Crash]:
    """Run ``act`` on a fresh folder again and again, killed one writing call later each time; the last one finishes."""
    for call in range(1, most):
        folder = fresh(call)
        finished = run_killed(lambda: act(folder), call)  # noqa: B023 — run at once
        yield Crash(call, folder, finished)
        if finished:
            return
    raise AssertionError(f"still writing after {most} calls")


def run_killed(act: Callable[[], object], call: int) -> bool:
    """Run ``act`` in a child process killed at its ``call``-th writing call; whether it finished before that."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # the child runs nothing of the other threads
        child = os.fork()
    if child == 0:
        _in_child(act, call)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "the act itself failed: see the traceback above"
    return True


def _in_child(act: Callable[[], object], call: int) -> None:
    try:
        _arm(call)
        act()
    except BaseException:  # noqa: BLE001 — a child must not go on as pytest
        traceback.print_exc()
        os._exit(_FAILED)
    os._exit(0)


def _arm(call: int) -> None:
    left = call
    for name in (*WRITERS, "open"):
        real = getattr(os, name)

        def counted(*args: Any, real: Any = real, name: str = name, **kwargs: Any) -> Any:
            nonlocal left
            if name == "open" and not (len(args) > 1 and args[1] & os.O_CREAT):
                return real(*args, **kwargs)
            left -= 1
            if left == 0:
                if name in {"write", "pwrite"}:
                    real(args[0], bytes(args[1])[: len(args[1]) // 2], *args[2:])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        setattr(os, name, counted)


def tree(
    folder: Path, *, ignore: tuple[str, ...] = (".acompta-verrou",)
) -> dict[str, bytes | None]:
    """Every file of a folder with its content, and every folder (``None``); a lock that nobody holds is nothing."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.name not in ignore
    }
