from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from beancount.core.data import Transaction
from tests.acts.crash_walk import WRITERS, crash_walk, run_killed, tree

from acompta.acts import ActError, Outcome, recover, writing
from acompta.acts.journal import JOURNAL_NAME

MAIN = """option "title" "Été"
option "name_assets" "Actif"
option "name_income" "Produits"
plugin "acompta"
include "sous dossier/été.beancount"
2026-01-01 open Actif:411:A EUR
2026-01-01 open Produits:706:B EUR
2026-01-06 ! "A" "un"
  Actif:411:A  1 EUR
  Produits:706:B
"""
PART = """option "name_assets" "Actif"
option "name_income" "Produits"
2026-01-07 ! "A" "deux"
  Actif:411:A  2 EUR
  Produits:706:B
"""


def dossier(folder: Path) -> Path:
    (folder / "sous dossier").mkdir(parents=True)
    (folder / "main.beancount").write_text(MAIN)
    (folder / "sous dossier" / "été.beancount").write_text(PART)
    return folder


def both(folder: Path, meanwhile: Callable[[], object] = lambda: None) -> None:
    """The act of these tests: both transactions changed, a line added, a file in a new folder."""
    with writing(folder, "essai") as desk:
        loaded = desk.load()
        act = desk.act("deux écritures")
        for entry in loaded.entries:
            if isinstance(entry, Transaction):
                act.transaction(entry, flag="*", meta={"piece": "P"})
        act.append(loaded.path, '2026-01-31 custom "essai" "x"')
        act.create(folder / "factures" / "2026" / "P.pdf", b"%PDF" * 1000)
        meanwhile()
        assert act.diff().count("\n") > 10
        act.commit()


@pytest.fixture
def made(tmp_path: Path) -> tuple[dict[str, bytes | None], dict[str, bytes | None]]:
    """The tree before the act, and after it."""
    folder = dossier(tmp_path / "modele é")
    old = tree(folder, ignore=())
    both(folder)
    return old, tree(folder, ignore=())


def test_everything_is_written_and_nothing_else_stays(
    made: tuple[dict[str, bytes | None], dict[str, bytes | None]],
) -> None:
    old, new = made
    assert set(new) - set(old) == {"factures", "factures/2026", "factures/2026/P.pdf"}
    main, part = new["main.beancount"], new["sous dossier/été.beancount"]
    assert main is not None
    assert part is not None
    assert main.decode() == MAIN.replace('! "A" "un"', '* "A" "un"\n  piece: "P"') + (
        '\n2026-01-31 custom "essai" "x"\n'
    )
    assert part.decode() == PART.replace('! "A" "deux"', '* "A" "deux"\n  piece: "P"')


@pytest.mark.slow
def test_killed_at_every_writing_call_all_is_old_or_all_is_new(
    tmp_path: Path, made: tuple[dict[str, bytes | None], dict[str, bytes | None]]
) -> None:
    old, new = made
    outcomes = []
    for crash in crash_walk(lambda n: dossier(tmp_path / f"é {n}"), both):
        recover(crash.folder)
        left = tree(crash.folder)
        assert left in (old, new), f"after the kill at call {crash.call}"
        outcomes.append(left == new)
        assert recover(crash.folder).outcome is Outcome.NOTHING
    assert outcomes == sorted(outcomes), "once the act is decided it stays so"
    assert 15 < outcomes.count(False) < len(outcomes) - 5


@pytest.mark.slow
def test_killed_during_the_recovery_too(
    tmp_path: Path, made: tuple[dict[str, bytes | None], dict[str, bytes | None]]
) -> None:
    old, new = made
    count = 0
    for first in range(3, 200, 4):
        for second in range(1, 200, 2):
            folder = dossier(tmp_path / f"{first} {second}")
            if run_killed(lambda: both(folder), first):  # noqa: B023 — run at once
                assert count > 50
                return
            finished = run_killed(lambda: recover(folder), second)  # noqa: B023
            recover(folder)
            assert tree(folder) in (old, new), (first, second)
            count += 1
            if finished:
                break
    raise AssertionError("the act never finished")


@pytest.mark.slow
def test_work_typed_between_the_crash_and_the_recovery_is_kept(tmp_path: Path) -> None:
    for crash in crash_walk(lambda n: dossier(tmp_path / f"{n}"), both):
        main = crash.folder / "main.beancount"
        typed = main.read_bytes() + b"; tape entre-temps\n"
        issued = b'* "A" "un"' in typed
        main.write_bytes(typed)
        recover(crash.folder)
        assert main.read_bytes() == typed, crash
        part = (crash.folder / "sous dossier" / "été.beancount").read_text()
        assert ('* "A" "deux"' in part) is issued, crash
        assert (crash.folder / "factures" / "2026" / "P.pdf").exists() is issued
        assert not [path for path in crash.folder.rglob(".*") if path.name != ".acompta-verrou"]


def failing(name: str, code: int, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the `at`-th call of a function of `os` fail, and all later ones: a disk does not recover by itself."""
    real, calls = getattr(os, name), 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls >= at:
            raise OSError(code, os.strerror(code))
        return real(*args, **kwargs)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize("name", ["write", "fsync"])
@pytest.mark.parametrize("at", range(1, 16))
def test_a_full_disk_changes_nothing_or_is_finished_later(
    name: str,
    at: int,
    tmp_path: Path,
    made: tuple[dict[str, bytes | None], dict[str, bytes | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = dossier(tmp_path / "plein")
    with monkeypatch.context() as patch:
        failing(name, errno.ENOSPC, at, patch)
        try:
            both(folder)
        except ActError as error:
            said = str(error)
        else:
            said = ""
    old, new = made
    recover(folder)
    if not said or "tout est prêt" in said:
        assert tree(folder) == new
    elif "rien n'a été changé" in said:
        assert "le disque est plein" in said
        assert tree(folder) == old
    else:
        assert "relancez la commande" in said
        assert tree(folder) in (old, new)


def test_a_full_disk_for_real(tmp_path: Path) -> None:
    """A file system of one megabyte, where the system lets us mount one."""
    place = tmp_path / "petit"
    place.mkdir()
    script = f"""
import sys
from pathlib import Path
sys.path[:0] = {sys.path!r}
from tests.acts.test_act import dossier, both, tree
from acompta.acts import ActError
folder = dossier(Path({str(place)!r}) / "d")
(folder / "gros").write_bytes(b"")
try:
    with open(folder / "gros", "wb") as big:
        while True:
            big.write(b"x" * 4096)
except OSError:
    pass
old = tree(folder)
try:
    both(folder)
except ActError as error:
    print(error)
assert tree(folder) == old
"""
    mounted = [
        "unshare",
        "-rm",
        "sh",
        "-c",
        'mount -t tmpfs -o size=512k t "$0" && exec "$@"',
        str(place),
    ]
    try:
        probe = subprocess.run([*mounted, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if probe.returncode:
        pytest.skip("this system lets nobody mount a file system")
    done = subprocess.run(
        [*mounted, sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "le disque est plein ; rien n'a été changé" in done.stdout


def test_a_read_only_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = dossier(tmp_path / "d")
    old = tree(folder, ignore=())
    failing("open", errno.EROFS, 1, monkeypatch)
    with pytest.raises(ActError, match="en lecture seule ; rien n'a été changé"):
        both(folder)
    monkeypatch.undo()
    assert tree(folder, ignore=()) == old


def test_a_read_only_include_is_left_alone_and_so_is_the_rest(tmp_path: Path) -> None:
    folder = dossier(tmp_path / "d")
    (folder / "sous dossier" / "été.beancount").chmod(0o444)
    old = tree(folder, ignore=())
    with pytest.raises(ActError, match=r"été\.beancount » est en lecture seule"):
        both(folder)
    assert tree(folder, ignore=()) == old


def test_a_file_changed_meanwhile_stops_the_act(tmp_path: Path) -> None:
    folder = dossier(tmp_path / "d")
    part = folder / "sous dossier" / "été.beancount"

    def type_in_fava() -> None:
        part.write_text(PART + "; de Fava\n")

    with pytest.raises(ActError, match=r"été\.beancount » a été modifié pendant ce temps"):
        both(folder, type_in_fava)
    assert (folder / "main.beancount").read_text() == MAIN
    assert part.read_text() == PART + "; de Fava\n"
    assert not list(folder.rglob(".*"))


def test_a_second_run_is_told_who_works_there(tmp_path: Path) -> None:
    folder = dossier(tmp_path / "d")
    with (
        writing(folder, "emettre"),
        pytest.raises(
            ActError,
            match=rf"« acompta emettre », lancée à \d\d:\d\d par .* \(processus {os.getpid()}\)",
        ),
        writing(folder, "cloturer"),
    ):
        pass
    assert tree(folder, ignore=()) == tree(dossier(tmp_path / "e"), ignore=())


def test_a_file_that_is_already_there_is_not_overwritten(tmp_path: Path) -> None:
    folder = dossier(tmp_path / "d")
    (folder / "factures" / "2026").mkdir(parents=True)
    (folder / "factures" / "2026" / "P.pdf").write_bytes(b"autre")
    old = tree(folder, ignore=())
    with pytest.raises(ActError, match=r"P\.pdf » existe déjà"):
        both(folder)
    assert tree(folder, ignore=()) == old


def test_links_and_modes_stay(tmp_path: Path) -> None:
    folder = dossier(tmp_path / "vrai")
    (folder / "main.beancount").chmod(0o640)
    seen = tmp_path / "vue"
    seen.mkdir()
    (seen / "main.beancount").symlink_to(folder / "main.beancount")
    with writing(seen / "main.beancount", "essai") as desk:
        desk.load()
        act = desk.act("un ajout")
        act.append(seen / "main.beancount", '2026-01-31 custom "essai" "x"')
        act.commit()
    assert (seen / "main.beancount").is_symlink()
    assert (folder / "main.beancount").stat().st_mode & 0o777 == 0o640
    assert '"essai"' in (folder / "main.beancount").read_text()


def test_a_dry_run_takes_no_lock_and_shows_the_difference(tmp_path: Path) -> None:
    folder = dossier(tmp_path / "d")
    with writing(folder, "essai"), writing(folder, "essai", dry=True) as desk:
        loaded = desk.load()
        act = desk.act("un changement")
        entry = next(e for e in loaded.entries if isinstance(e, Transaction))
        act.transaction(entry, flag="*", meta={"piece": "P"})
        assert act.diff().splitlines()[2:] == [
            "@@ -6,5 +6,6 @@",
            " 2026-01-01 open Actif:411:A EUR",
            " 2026-01-01 open Produits:706:B EUR",
            '-2026-01-06 ! "A" "un"',
            '+2026-01-06 * "A" "un"',
            '+  piece: "P"',
            "   Actif:411:A  1 EUR",
            "   Produits:706:B",
        ]


def test_a_journal_from_elsewhere_reaches_no_other_file(tmp_path: Path) -> None:
    folder = dossier(tmp_path / "d")
    (tmp_path / "secret").write_text("x")
    (folder / JOURNAL_NAME).write_text(
        '{"command": "x", "what": "y", "state": "preparation", "folders": [],'
        ' "rows": [{"target": "a", "aside": "../secret", "before": null, "old": null, "new": ""}]}'
    )
    with pytest.raises(ActError, match="illisible"):
        recover(folder)
    assert (tmp_path / "secret").exists()


def test_every_writing_call_is_watched() -> None:
    assert {"write", "fsync", "replace", "unlink", "mkdir", "rmdir"} <= set(WRITERS)
