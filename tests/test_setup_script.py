"""``scripts/setup.sh`` on a machine that lacks something: every tool that would change the machine is a fake one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


class Machine:
    """A copy of the set-up script, with fake tools ahead of the real ones on its PATH."""

    def __init__(self, folder: Path) -> None:
        self.tools = folder / "bin"
        self.project = folder / "projet"
        self.log = folder / "apt.log"
        self.tools.mkdir()
        (self.project / "scripts").mkdir(parents=True)
        shutil.copy(PROJECT / "scripts" / "setup.sh", self.project / "scripts")
        shutil.copy(PROJECT / "pyproject.toml", self.project)

    def tool(self, name: str, script: str) -> None:
        """Put a fake ``name`` first on the PATH."""
        path = self.tools / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def setup(self, purpose: str = "demo") -> subprocess.CompletedProcess[str]:
        """Run the set-up; its standard input is closed, as in CI."""
        return subprocess.run(
            [self.project / "scripts" / "setup.sh", purpose],
            env={
                "PATH": f"{self.tools}:{os.environ['PATH']}",
                "HOME": str(self.project),
                "PYTHON": str(self.tools / "python"),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a Python that cannot build an environment, and without one library of WeasyPrint."""
    machine = Machine(tmp_path)
    real = shutil.which("python3")
    machine.tool("python", f'[ "$2" = venv ] && exit 1\nexec {real} "$@"')
    machine.tool("ldconfig", f"echo libpango-1.0.so.0 libpangoft2-1.0.so.0; cat {tmp_path}/more")
    (tmp_path / "more").write_text("", encoding="utf-8")
    machine.tool("chromium", "exit 0")
    machine.tool("pdftotext", "exit 0")
    machine.tool("sudo", "exit 1")
    machine.tool("id", "echo 1000")
    machine.tool("apt-get", f'echo "$@" "$DEBIAN_FRONTEND" >>{machine.log}')
    return machine


def test_without_the_right_to_install_one_message_names_the_command(machine: Machine) -> None:
    done = machine.setup()
    assert done.returncode == 1
    assert done.stderr == (
        "Il manque à cette machine : libharfbuzz-subset0. Tapez la commande suivante,"
        " puis relancez « make demo » :\n    sudo apt-get install libharfbuzz-subset0\n"
    )
    assert not machine.log.exists()


@pytest.mark.parametrize("way", ["root", "sudo"])
def test_with_the_right_to_install_only_what_is_missing_is_installed(
    machine: Machine, tmp_path: Path, way: str
) -> None:
    if way == "root":
        machine.tool("id", "echo 0")
    else:
        machine.tool("sudo", f'[ "$1" = -n ] && shift\nPATH={machine.tools}:$PATH exec "$@"')
    machine.tool(
        "apt-get",
        f'echo "$@" "$DEBIAN_FRONTEND" >>{machine.log}\n'
        f"echo libharfbuzz-subset.so.0 >{tmp_path}/more",
    )
    done = machine.setup()
    assert machine.log.read_text(encoding="utf-8").splitlines() == [
        "-qq update noninteractive",
        "-qq install --no-install-recommends -y libharfbuzz-subset0 noninteractive",
    ]
    assert "Il manque" not in done.stderr


def test_a_package_that_apt_cannot_find_is_named(machine: Machine) -> None:
    machine.tool("id", "echo 0")
    done = machine.setup()
    assert done.returncode == 1
    assert "    apt-get install libharfbuzz-subset0\n" in done.stderr


def test_an_environment_that_cannot_be_built_leaves_no_stamp(
    machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "more").write_text("libharfbuzz-subset.so.0", encoding="utf-8")
    done = machine.setup("test")
    assert done.returncode == 1
    assert "L'installation des bibliothèques Python a échoué" in done.stderr
    assert "« make test »" in done.stderr
    assert not list(machine.project.glob(".venv/stamp-*"))


def test_what_only_some_tests_use_is_asked_for_once_and_never_demanded(
    machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "more").write_text("libharfbuzz-subset.so.0", encoding="utf-8")
    machine.tool("id", "echo 0")
    machine.tool("apt-get", f'echo "$@" >>{machine.log}; exit 100')
    script = machine.project / "scripts" / "setup.sh"
    text = script.read_text(encoding="utf-8")
    # A machine without nginx, where nothing runs as a service.
    text = text.replace("command -v nginx", "command -v nginx-absent")
    script.write_text(text.replace("/run/systemd/system", "/absent"), encoding="utf-8")
    done = machine.setup("test")
    assert machine.log.read_text(encoding="utf-8").splitlines() == ["-qq update"]
    assert "Sans eux, quelques tests sont passés sous silence." in done.stderr
    assert "Il manque" not in done.stderr
    # The demo needs none of it.
    machine.log.unlink()
    machine.setup("demo")
    assert not machine.log.exists()


def test_an_installation_cut_short_says_so_and_leaves_no_stamp(
    machine: Machine, tmp_path: Path
) -> None:
    """Not « the network »: TERM here, which a background shell does not ignore as it does Ctrl+C."""
    (tmp_path / "more").write_text("libharfbuzz-subset.so.0", encoding="utf-8")
    machine.tool(
        "python",
        f'[ "$2" = venv ] && kill -TERM $PPID && exit 1\nexec {shutil.which("python3")} "$@"',
    )
    done = machine.setup()
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Installation interrompue : relancez « make demo », elle reprendra du début."
    )
    assert not list((machine.project / ".venv").glob("stamp-*"))
