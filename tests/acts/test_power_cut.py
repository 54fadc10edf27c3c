"""A power cut, unlike a kill, also loses what had not reached the disk: names not flushed with their folder.

The system calls of one act are recorded; for every instant, the disk is made again as a power cut may leave it: in some
folders every name that was given is there, in the others only those given before the folder was last flushed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pytest
from tests.acts.crash_walk import tree
from tests.acts.test_act import both, dossier

from acompta.acts import disk, recover

Operation = tuple[str, tuple[Any, ...]]
NAMES: Final = ("write_new", "take_name", "remove", "make_folder", "remove_folder", "flush_folder")


def recorded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Operation]:
    """What `both` asks of the disk, in order, with the contents."""
    operations: list[Operation] = []
    with monkeypatch.context() as patch:
        for name in NAMES:
            real = getattr(disk, name)

            def note(*args: Any, real: Any = real, name: str = name, **kwargs: Any) -> None:
                operations.append((name, args))
                real(*args, **kwargs)

            patch.setattr(disk, name, note)
        both(folder)
    return operations


def place_of(operation: Operation) -> Path:
    """The folder whose names an operation changes, or flushes."""
    name, args = operation
    path: Path = args[0]
    return path if name == "flush_folder" else path.parent


def disks(operations: list[Operation]) -> Iterator[list[Operation]]:
    """Which operations reached the disk: one list per set of folders of which every name did."""
    places = sorted({place_of(each) for each in operations})
    flushed = {
        place: max(
            (
                rank
                for rank, each in enumerate(operations)
                if each[0] == "flush_folder" and place_of(each) == place
            ),
            default=-1,
        )
        for place in places
    }
    for count in range(len(places) + 1):
        for lucky in combinations(places, count):
            yield [
                each
                for rank, each in enumerate(operations)
                if place_of(each) in lucky or rank <= flushed[place_of(each)]
            ]


def replay(operations: list[Operation], recorded_in: Path, folder: Path) -> None:
    """Do the operations again, in another folder; those whose folder never reached the disk are lost with it."""
    for name, args in operations:
        moved: list[Any] = [
            folder / arg.relative_to(recorded_in) if isinstance(arg, Path) else arg for arg in args
        ]
        path = moved[0]
        if name == "flush_folder" or not path.parent.is_dir():
            continue
        if name == "write_new":
            path.write_bytes(moved[1])
        elif name == "take_name" and path.exists():
            path.replace(moved[1])
        elif name == "remove":
            path.unlink(missing_ok=True)
        elif name == "make_folder":
            path.mkdir(exist_ok=True)
        elif name == "remove_folder" and path.is_dir() and not any(path.iterdir()):
            path.rmdir()


@pytest.mark.slow
def test_a_power_cut_at_any_instant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = dossier(tmp_path / "modele")
    old = tree(model)
    operations = recorded(model, monkeypatch)
    new = tree(model)
    assert len(operations) > 25
    outcomes = set()
    for instant in range(len(operations) + 1):
        for reached in disks(operations[:instant]):
            folder = dossier(tmp_path / "coupure")
            replay(reached, model, folder)
            recover(folder)
            left = tree(folder)
            assert left in (old, new), (instant, reached)
            outcomes.add((instant == len(operations), left == new))
            shutil.rmtree(folder)
    assert outcomes == {(False, False), (False, True), (True, True)}
