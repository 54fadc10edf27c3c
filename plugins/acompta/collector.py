"""The garbage collector around what makes many objects that all stay alive: paused, then kept away from them.

A full collection that begins after the engine traverses the whole ledger for nothing: four tenths of a second at 10,000
documents, as long as the engine itself. What the first load of a process leaves is therefore set aside from the
collector (a command stops there, Fava serves it for hours); the second one gives it back, so that a process which loads
again and again never keeps the garbage of more than one load.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class _Process:
    """What this process did, and how many of its threads want no collections now."""

    has_loaded = False
    holders = 0
    was_on = False
    guard = Lock()


@contextmanager
def paused() -> Iterator[None]:
    """Run the body without collections; nothing is changed when they are off already."""
    if not gc.isenabled():
        yield
        return
    with held():
        try:
            yield
        finally:
            gc.freeze()
            if _Process.has_loaded:
                gc.unfreeze()  # all of it in the oldest generation
            _Process.has_loaded = True


def set_aside() -> None:
    """Keep what was made since the first load of the process away from the collector, as `paused` did its entries."""
    if gc.get_freeze_count():
        gc.freeze()


@contextmanager
def held() -> Iterator[None]:
    """Run the body without collections, and leave what it made to the next ones.

    Fava has threads: they come back when the last of them is done, as they were before the first.
    """
    with _Process.guard:
        if not _Process.holders:
            _Process.was_on = gc.isenabled()
            gc.disable()
        _Process.holders += 1
    try:
        yield
    finally:
        with _Process.guard:
            _Process.holders -= 1
            if not _Process.holders and _Process.was_on:
                gc.enable()
