"""The garbage collector comes back when the last of several threads is done, and only then."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from acompta.collector import held, paused


@pytest.fixture(autouse=True)
def _on() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_overlapping_threads_hold_it_together() -> None:
    """A checklist begins inside the request that asks for it, and goes on after it."""
    inside, leave = Event(), Event()

    def work() -> None:
        with held():
            inside.set()
            leave.wait(10)

    other = Thread(target=work)
    with held():
        other.start()
        assert inside.wait(10)
    assert not gc.isenabled()
    leave.set()
    other.join()
    assert gc.isenabled()


def test_a_load_inside_leaves_it_off() -> None:
    with held():
        with paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_stays_off_where_it_was_off() -> None:
    gc.disable()
    with held(), paused():
        assert not gc.isenabled()
    assert not gc.isenabled()


def test_an_exception_gives_it_back() -> None:
    with pytest.raises(ValueError, match="essai"), held(), paused():
        raise ValueError("essai")
    assert gc.isenabled()
