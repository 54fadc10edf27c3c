"""Every command that writes opens the ledger in the same way, after an act that a crash cut short."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from tests.acts.crash_walk import run_killed
from tests.cli.conftest import Run
from tests.issuing.samples import dossier, invoice

import acompta_cli
from acompta.acts import writing
from acompta.acts.journal import JOURNAL_NAME, pending

COMMANDS = {
    "cloturer": ("2026-03", "--oui", "--date", "2026-04-02"),
    "emettre": ("--oui", "--date", "2026-03-31"),
    "lettrer": ("--oui",),
    "preparer": ("2026-04", "--oui"),
    "relancer": ("--oui", "--au", "2026-06-30"),
    "valider": ("--au", "2026-03-31", "--oui", "--date", "2026-04-02"),
}


def note(folder: Path) -> None:
    with writing(folder, "noter") as desk:
        loaded = desk.load()
        act = desk.act("note de mars")
        act.append(loaded.path, '2026-03-31 note Actif:411:Dupont "Vu"\n')
        act.commit()


@pytest.fixture(scope="module")
def cut_short(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same dossier, its act killed before it was decided, and after."""
    found: dict[str, Path] = {}
    for call in range(1, 200):
        folder = dossier(tmp_path_factory.mktemp("coupe") / "d", invoice("2026-03-01"))
        if run_killed(lambda: note(folder), call):  # noqa: B023 — run at once
            break
        if pending(folder):
            written = '"Vu"' in (folder / "main.beancount").read_text()
            found.setdefault("written" if written else "decided", folder)
    assert set(found) == {"written", "decided"}
    return found


@pytest.mark.parametrize("state", ["decided", "written"])
def test_all_say_the_same_on_the_same_stream_and_go_on(
    cut_short: dict[str, Path], state: str, tmp_path: Path, run: Run
) -> None:
    said = {}
    for name, options in COMMANDS.items():
        whole, cut = tmp_path / f"{name}-whole", tmp_path / f"{name}-cut"
        shutil.copytree(cut_short[state], cut)
        shutil.copytree(cut_short[state], whole)
        with writing(whole, "essai"):
            pass  # resolved before the command
        expected = run(name, whole, *options)
        result = run(name, cut, *options)
        assert not pending(cut), result.output
        assert result.exit_code == expected.exit_code, name
        assert result.stdout.replace(str(cut), "") == expected.stdout.replace(str(whole), ""), name
        said[name] = result.stderr.replace(expected.stderr, "")
    (message,) = set(said.values())
    assert "note de mars" in message
    assert message.count(".") == 1
    assert message.endswith(".\n")


def test_an_act_that_cannot_be_read_stops_all_of_them(tmp_path: Path, run: Run) -> None:
    outcomes = set()
    for name, options in COMMANDS.items():
        folder = dossier(tmp_path / name, "")
        (folder / JOURNAL_NAME).write_text("{}")
        result = run(name, folder, *options)
        outcomes.add((result.exit_code, result.stdout, result.stderr.replace(str(folder), "")))
    ((code, stdout, stderr),) = outcomes
    assert (code, stdout) == (2, "")
    assert stderr.count("\n") >= 1


def test_no_command_opens_it_otherwise() -> None:
    """`writing` is called by `open_desk` alone, and by every command above through it."""
    folder = Path(acompta_cli.__file__).parent
    opened = set()
    for path in folder.glob("*.py"):
        calls = {
            (node.func.id, node)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert path.stem == "writing_desk" or not any(name == "writing" for name, _ in calls)
        opened |= {node.args[1].value for name, node in calls if name == "open_desk"}  # type: ignore[attr-defined]
    assert opened == set(COMMANDS)
