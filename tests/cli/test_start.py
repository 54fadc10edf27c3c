from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Run

from acompta_cli import COMMANDS, cli
from acompta_cli.wording import FRENCH

ROOT = Path(__file__).parents[2]
SOURCES = os.pathsep.join([str(ROOT / "plugins"), str(ROOT / "scripts")])
HELP = "import sys; sys.argv = ['acompta', '--help']; from acompta_cli import main; main()"
ENGLISH = re.compile(r"\b(the|is|not|no|such|missing|argument|try|for|error|show|exit|command)\b")


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": SOURCES},
    )


def test_help_lists_every_command_in_french(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    unfolded = re.sub(r"\n {8,}", " ", result.stdout)
    for name, entry in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(entry.summary)}$", unfolded, re.MULTILINE)
    assert "Usage : acompta" in result.stdout
    assert "Commandes\u00a0:" in result.stdout
    assert "_ACOMPTA_COMPLETE=bash_source" in result.stdout


def test_help_needs_nothing_but_click() -> None:
    heavy = ("beancount", "acompta", "rich", "openpyxl", "weasyprint", "jinja2", "fava")
    code = (
        "import sys, contextlib, io\n"
        "sys.argv = ['acompta', '--help']\n"
        "from acompta_cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    result = _python(code)
    assert result.stdout.strip() == "[]", result.stderr


def test_the_plugin_loads_nothing_that_a_sound_ledger_does_not_need() -> None:
    """`bean-check` and Fava wait for it: the linter comes with the first mistake, the commands and printing never."""
    heavy = (
        "acompta.lint",
        "acompta.invoices",
        "acompta.closing.checks",
        "acompta.fava",
        "rich",
        "jinja2",
    )
    result = _python(
        f"import sys, acompta\nprint([name for name in {heavy!r} if name in sys.modules])"
    )
    assert result.stdout.strip() == "[]", result.stderr


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "imprimer"])
def test_every_command_has_its_help_in_french(run: Run, name: str) -> None:
    for flag in ("--help", "-h", "--aide"):
        result = run(name, flag)
        assert result.exit_code == 0
        what = {"controler-facturx": "FICHIER...", "fec": "[DOSSIER]"}.get(name, "DOSSIER")
        assert f"Usage : acompta {name} [OPTIONS] {what}" in result.stdout
        assert "Code de sortie" in result.stdout
        assert not ENGLISH.search(result.stdout.lower())
        # The examples keep their lines.
        assert re.search(rf"^  acompta {name} \S+.*$", result.stdout, re.MULTILINE)
        assert "\b" not in result.stdout
        assert "\\b" not in result.stdout


def test_without_arguments_the_help_is_shown(run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "Commandes\u00a0:" in result.output


def test_version(run: Run) -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert re.fullmatch(r"acompta \d+\.\d+\.\d+\S*\n", result.stdout)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["contrt"], "la commande « contrt » n'existe pas. Vouliez-vous dire 'contrat' ?"),
        (["balance-agee"], "il manque l'argument 'DOSSIER'."),
        (["balance-agee", "x", "y"], "argument en trop : y"),
        (["balance-agee", "x", "--jsn"], "l'option --jsn n'existe pas."),
        (["balance-agee", "x", "--au"], "l'option --au demande une valeur."),
        (["balance-agee", "x", "--csv=1"], "l'option --csv ne prend pas de valeur."),
        (["balance-agee", "x", "--au", "demain"], "tapez 2026-03-31 ou 31/03/2026"),
        (["balance-agee", "x", "--au", "31/02/2026"], "« 31/02/2026 » : ce jour n'existe pas."),
        (["balance-agee", "x", "--table", "x"], "« x » n'est pas dans 'clients', 'factures'"),
        (["contrat", "x", "^"], "tapez le lien du contrat, par exemple ^D2026-012."),
    ],
)
def test_usage_errors_are_french_and_on_stderr(
    run: Run, arguments: list[str], expected: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert expected in result.stderr
    assert "Erreur : " in result.stderr
    assert not ENGLISH.search(result.stderr.lower().replace("argument", ""))


def test_missing_file_is_an_error_without_a_trace(run: Run, tmp_path: Path) -> None:
    for command in ("verifier", "balance-agee", "contrat"):
        result = run(command, tmp_path / "absent.beancount")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("Erreur : fichier introuvable")
        empty = run(command, tmp_path)
        assert empty.exit_code == 2
        assert "ne contient pas de main.beancount" in empty.stderr


def test_a_ledger_without_the_plugin_is_refused(run: Run, story: Path) -> None:
    story.write_text(story.read_text(encoding="utf-8").replace('plugin "acompta"\n', ""), "utf-8")
    for command in ("balance-agee", "contrat"):
        result = run(command, story)
        assert (result.exit_code, result.stdout) == (2, "")
        assert 'tapez la ligne plugin "acompta" dans ce fichier' in result.stderr


def test_every_translated_text_keeps_its_fields() -> None:
    fields = re.compile(r"\{(\w+)")
    for english, french in FRENCH.items():
        assert set(fields.findall(french)) <= set(fields.findall(english)), english


def test_commands_are_click_commands() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        if name != "imprimer":
            command = cli.get_command(context, name)
            assert command is not None
            assert command.name == name


def test_a_ledger_that_cannot_be_read_says_why(run: Run, story: Path, tmp_path: Path) -> None:
    (tmp_path / "mars").mkdir()
    story.write_text(story.read_text("utf-8") + '\ninclude "mars"\n', "utf-8")
    refused = run("balance-agee", story)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "le journal inclut un dossier" in refused.stderr
    explained = run("verifier", story)
    assert explained.exit_code == 2
    assert "«\u00a0mars\u00a0» est un dossier" in explained.stdout


def test_a_terminal_without_accents_keeps_its_figures(story: Path) -> None:
    code = f"import sys; sys.argv = ['acompta', 'balance-agee', {str(story)!r}, '--au', '2026-05-01']\n"
    result = subprocess.run(
        [sys.executable, "-c", code + "from acompta_cli import main; main()"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": SOURCES, "PYTHONIOENCODING": "ascii"},
    )
    text = result.stdout.decode("ascii")
    assert "Balance agee au 1er mai 2026" in text
    assert "8 400,00" in text
    assert "?" not in text


@pytest.mark.parametrize("columns", [60, 80, 100])
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_no_line_of_help_ends_inside_french_quotes(run: Run, command: str, columns: int) -> None:
    lines = run(command, "--help", columns=columns).stdout.splitlines()
    assert not [line for line in lines if line.endswith("«") or line.lstrip()[:1] in set(":;»€%")]
