"""Commands are run as a person runs them: arguments in; stdout, stderr and exit code out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.cli.samples import write_ledger

from acompta_cli import cli

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("balance-agee", ledger, "--json", columns=80)``."""

    def invoke(*arguments: Any, columns: int | None = None) -> Result:
        if columns is None:
            monkeypatch.delenv("COLUMNS", raising=False)
        else:
            monkeypatch.setenv("COLUMNS", str(columns))
        result = CliRunner().invoke(cli, [str(a) for a in arguments], prog_name="acompta")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """The hand-worked dossier of `tests.cli.samples`."""
    return write_ledger(tmp_path)
