"""The documents say what the engine does: every block is loaded, every word is there, every link leads somewhere."""

from __future__ import annotations

import ast
import difflib
import os
import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.docs import blocks
from tests.docs.blocks import DOCUMENTS, ROOT, Block, Document

from acompta import vocabulary
from acompta.fava.extension import VIEWS
from acompta.lint.finding import NO_PLUGIN, NO_ROOTS
from acompta.messages import Code
from acompta.vocabulary import ALIASES, KIND_BY_TAG, Kind
from acompta_cli import cli
from acompta_cli.wording import speak_french

GUIDE = ROOT / "docs" / "guide.md"
LANGUAGE = ROOT / "docs" / "language.md"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
PACKAGE = ROOT / "plugins" / "acompta"
WIDTH = 100

read = {path: blocks.read(path) for path in DOCUMENTS}
typed_blocks = [
    pytest.param(document, block, id=f"{path.name}:{block.line}")
    for path, document in read.items()
    for block in document.blocks
    if block.is_typed
]
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[], Path]:
    """An empty folder at each call."""
    numbers = count(1)

    def make() -> Path:
        made = tmp_path / str(next(numbers))
        made.mkdir()
        return made

    return make


def run(arguments: list[str]) -> str:
    """What ``acompta`` prints on a terminal of a hundred columns."""
    speak_french()
    result = CliRunner().invoke(
        cli,
        arguments,
        prog_name="acompta",
        terminal_width=WIDTH,
        env={"COLUMNS": str(WIDTH)},
        catch_exceptions=False,
    )
    assert result.exit_code < 2, result.output
    return result.stdout


def words_of(path: Path) -> set[str]:
    """The words that a document sets as code, without the colon that ends a key."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return {code.removesuffix(":") for code in re.findall(r"`([^`\n]+)`", text)}


# -- ledger blocks ------------------------------------------------------------------------------------------------


def test_there_are_blocks() -> None:
    assert len(typed_blocks) >= 60


@pytest.mark.parametrize(("document", "block"), typed_blocks)
def test_each_ledger_block_loads_without_an_error(
    document: Document, block: Block, tmp_path: Path
) -> None:
    assert blocks.load(document, block, tmp_path).errors == []


@each_document
def test_what_a_block_becomes_loads_without_an_error(
    path: Path, folder: Callable[[], Path]
) -> None:
    document = read[path]
    for block in document.blocks:
        if block.marker is not None and block.marker.word == "devient":
            alone = Block(block.info, block.lines, block.line, "", None)
            assert blocks.load(document, alone, folder()).errors == []


@each_document
def test_what_the_engine_says_is_what_the_document_says(
    path: Path, folder: Callable[[], Path], request: pytest.FixtureRequest
) -> None:
    before = path.read_text(encoding="utf-8")
    after = blocks.regenerate(path, before, folder, run)
    changes = "".join(
        difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"{path.name} (écrit)",
            f"{path.name} (moteur)",
        )
    )
    if changes and request.config.getoption("--rewrite"):
        replace(path, after)
        pytest.fail(f"réécrit, à relire :\n{changes}", pytrace=False)
    assert not changes, f"pytest tests/docs --rewrite réécrit ce qui suit :\n{changes}"


def replace(path: Path, text: str) -> None:
    """Write a document whole or not at all."""
    aside = path.with_name(f".{path.name}.new")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def test_the_ledger_of_the_readme_has_ten_lines() -> None:
    first = next(block for block in read[ROOT / "README.md"].blocks if block.is_typed)
    assert len(first.lines) == 10


# -- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [GUIDE, LANGUAGE], ids=lambda path: path.name)
def test_every_tag_is_there(path: Path) -> None:
    assert {f"#{tag}" for tag in KIND_BY_TAG} - words_of(path) == set()


@pytest.mark.parametrize("path", [GUIDE, LANGUAGE], ids=lambda path: path.name)
def test_every_key_is_there(path: Path) -> None:
    assert {key for place in blocks.PLACES for key in place} - words_of(path) == set()


@pytest.mark.parametrize("path", [GUIDE, LANGUAGE], ids=lambda path: path.name)
def test_every_unit_regime_and_role_is_there(path: Path) -> None:
    values = {*vocabulary.Regime, *vocabulary.LINE_REGIMES, vocabulary.GOODS, vocabulary.SERVICE}
    wanted = {f'"{value}"' for value in values}
    wanted |= {vocabulary.EUR, vocabulary.PERCENT, vocabulary.PERCENT_PERIOD, vocabulary.DISCOUNT}
    wanted |= set(vocabulary.ROLE_WORDS) if path == LANGUAGE else set()
    found = {word.partition(": ")[2] or word for word in words_of(path)} | words_of(path)
    assert wanted - found == set()


def tables_under(path: Path, heading: str) -> Iterator[list[str]]:
    """The rows, as cells, of the tables between ``heading`` and the next one."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in lines[lines.index(heading) + 1 :]:
        if line.startswith("#"):
            return
        if line.startswith("| ") and not line.startswith("|--"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_key_tables_of_the_guide_hold_no_word_that_nobody_reads() -> None:
    known = {key for place in blocks.PLACES for key in place}
    cells = [row[0] for row in tables_under(GUIDE, "### Clés") if row[0] != "clé"]
    found = {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}
    assert found - known == set()
    assert len(found) >= 60


# -- kinds: what is there, what is to come ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "heading"),
    [(LANGUAGE, "## 3. Genres de document"), (GUIDE, "### Étiquettes")],
    ids=["language.md", "guide.md"],
)
def test_every_kind_has_its_row(path: Path, heading: str) -> None:
    rows = [row[0] for row in tables_under(path, heading) if row[0].startswith("`#")]
    assert {KIND_BY_TAG[row.partition("`, `")[0].strip("`#")] for row in rows} == set(Kind)
    assert len(rows) == len(Kind)


def test_the_aliases_are_told_beside_the_table() -> None:
    text = LANGUAGE.read_text(encoding="utf-8")
    for alias, kind in ALIASES.items():
        assert f"`#{alias}` est `#{kind.value}`" in text


# Which argument is the code: of the notice itself, and of the helper that makes one at an entry.
CODE_ARGUMENTS = {"Notice": 2, "_at": 1, "_notice": 1}


def notice_codes() -> set[str]:
    """The codes that the package gives to notices: constants, or names given a constant above."""
    codes: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        given = [arg for node in ast.walk(tree) if (arg := _code_argument(node)) is not None]
        codes |= {
            arg.value
            for arg in given
            if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        }
        names = {arg.id for arg in given if isinstance(arg, ast.Name)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                codes |= set(_assigned(node, names))
    return codes


def _code_argument(node: ast.AST) -> ast.expr | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    place = CODE_ARGUMENTS.get(node.func.id)
    return node.args[place] if place is not None and len(node.args) > place else None


def _assigned(node: ast.Assign, names: set[str]) -> Iterator[str]:
    for target in node.targets:
        pairs: list[tuple[ast.expr, ast.expr]] = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=True))
        for left, right in pairs:
            named = isinstance(left, ast.Name) and left.id in names
            if named and isinstance(right, ast.Constant) and isinstance(right.value, str):
                yield right.value


def test_every_notice_is_explained() -> None:
    codes = notice_codes()
    assert len(codes) >= 7
    rows = tables_under(LANGUAGE, "## 12. Erreurs, signalements, codes de sortie")
    assert codes - {row[0].strip("`") for row in rows} == set()


def test_every_code_of_an_error_is_explained() -> None:
    rows = tables_under(LANGUAGE, "## 12. Erreurs, signalements, codes de sortie")
    explained = {code for row in rows for code in re.findall(r"`([\w-]+)`", row[0])}
    assert {*Code, NO_PLUGIN, NO_ROOTS} - explained == set()


def test_the_paragraphs_that_the_code_quotes_exist() -> None:
    quoted = {
        number
        for path in (ROOT / "plugins").rglob("*.py")
        for number in re.findall(r"language\.md §(\d+)", path.read_text(encoding="utf-8"))
    }
    headings = re.findall(r"^## (\d+)\.", LANGUAGE.read_text(encoding="utf-8"), flags=re.M)
    assert quoted
    assert quoted - set(headings) == set()


# -- commands -----------------------------------------------------------------------------------------------------


def commands() -> dict[str, click.Command]:
    """Every command by its name, ``acompta`` itself included."""
    context = click.Context(cli)
    found: dict[str, click.Command] = {"acompta": cli}
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        found[name] = command
    return found


def test_every_command_and_option_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for name, command in commands().items():
        assert name in text
        assert f"<!-- aide : {name} -->" in text
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                missing = [opt for opt in parameter.opts if opt not in text]
                assert not missing, f"{name} {missing}"


def test_every_page_in_fava_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [view.title for view in VIEWS.values() if f"**{view.title}**" not in text] == []


# -- links, pictures, paths -----------------------------------------------------------------------------------------


@each_page
def test_every_internal_link_leads_somewhere(path: Path) -> None:
    for link in blocks.internal_links(path.read_text(encoding="utf-8")):
        name, _, anchor = link.target.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{path.name}:{link.line} : {link.target}"
        assert target.is_relative_to(ROOT), f"{path.name}:{link.line} : {link.target}"
        if anchor:
            known = blocks.anchors(target.read_text(encoding="utf-8"))
            assert anchor in known, f"{path.name}:{link.line} : {link.target}"


@each_page
def test_no_path_of_a_machine_and_no_registry(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.findall(
        r"(?<![\w.~])/(?:work|tmp|home|root|Users|srv|opt)\b|[A-Z]:\\|pypi\.org|pythonhosted|npmjs",
        text,
    )
    assert found == []


def test_pictures_are_used_and_small() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.name in text, f"{picture.name} ne sert pas"
        assert picture.stat().st_size < 250_000, picture.name


def test_every_room_is_on_the_map() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.name for path in PACKAGE.iterdir() if path.suffix == ".py"} - {"__init__.py"}
    rooms |= {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    assert {room for room in rooms if room not in text} == set()
