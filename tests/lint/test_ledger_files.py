"""A dossier in several files: roots, plugin line, includes and encodings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from beancount import loader
from tests.roots import ROOTS

from acompta.lint import Finding, Roots, lint_ledger, lint_text

PLUGIN = 'plugin "acompta"\n'
MAIN = ROOTS + PLUGIN
OPEN = "2026-01-01 open Actif:512:Banque EUR\n"


def _write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / "main.beancount"


def _messages(main: Path) -> list[str]:
    """Beancount's own messages, the plugin line taken out: only its parser is asked."""
    text = main.read_bytes().replace(PLUGIN.encode(), b"")
    main.write_bytes(text)
    _, errors, _ = loader.load_file(str(main))
    return [error.message for error in errors]


def _one(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


# Roots


def test_an_included_file_repeats_the_roots_that_it_uses(tmp_path: Path) -> None:
    month = (
        '; janvier\n2026-01-02 * "a" "b"\n  Charges:606  1.00 EUR\n  Actif:512:Banque  -1.00 EUR\n'
    )
    main = _write(
        tmp_path, {"main.beancount": MAIN + 'include "01.beancount"\n', "01.beancount": month}
    )
    found = _one(lint_ledger(main))
    assert (found.path, found.line, found.severity) == (tmp_path / "01.beancount", 3, "erreur")
    assert [found.token] == ["Charges:606"]
    lines = re.findall(r"^option .*$", found.message, re.MULTILINE)
    assert lines == ['option "name_assets" "Actif"', 'option "name_expenses" "Charges"']
    assert "01.beancount" in found.message
    assert "Invalid account name: Charges:606" in _messages(main)

    # Typing the very lines of the message settles it.
    (tmp_path / "01.beancount").write_text("\n".join(lines) + "\n" + month)
    main.write_text(MAIN + 'include "01.beancount"\n')
    assert lint_ledger(main) == []


def test_only_the_roots_that_are_missing_are_asked_for(tmp_path: Path) -> None:
    month = 'option "name_assets" "Actif"\n2026-01-01 open Actif:51\n2026-01-01 open Produits:706\n'
    main = _write(
        tmp_path, {"main.beancount": MAIN + 'include "a.beancount"\n', "a.beancount": month}
    )
    found = _one(lint_ledger(main))
    assert found.line == 3
    assert re.findall(r'"name_\w+"', found.message) == ['"name_income"']


def test_other_roots_than_the_french_ones_are_followed(tmp_path: Path) -> None:
    main = _write(
        tmp_path,
        {
            "main.beancount": 'option "name_assets" "Avoirs"\n'
            + PLUGIN
            + 'include "a.beancount"\n',
            "a.beancount": "2026-01-01 open Avoirs:512:Banque\n",
        },
    )
    assert 'option "name_assets" "Avoirs"' in _one(lint_ledger(main)).message


def test_english_roots_need_no_option(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "main.beancount": PLUGIN + 'include "a.beancount"\n',
        "a.beancount": "2026-01-01 open Assets:512:Banque\n2026-01-01 open Income:706\n",
    }
    assert lint_ledger(_write(tmp_path, files)) == []


def test_the_main_file_too_declares_its_roots(tmp_path: Path) -> None:
    found = _one(lint_ledger(_write(tmp_path, {"main.beancount": PLUGIN + OPEN})))
    assert found.line == 2
    assert "racines françaises ne sont pas déclarées" in found.message
    assert 'option "name_assets" "Actif"' in found.message


def test_options_come_before_the_first_account(tmp_path: Path) -> None:
    main = _write(tmp_path, {"main.beancount": PLUGIN + OPEN + ROOTS})
    found = _one(lint_ledger(main))
    assert found.line == 2
    assert "après le premier compte" in found.message
    assert "Invalid account name: Actif:512:Banque" in _messages(main)


def test_an_included_file_may_not_choose_other_roots(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "main.beancount": MAIN + 'include "a.beancount"\n',
        "a.beancount": 'option "name_assets" "Actifs"\n2026-01-01 open Actifs:51\n',
    }
    main = _write(tmp_path, files)
    found = _one(lint_ledger(main))
    assert (found.line, found.token) == (1, "name_assets")
    assert 'tapez « option "name_assets" "Actif" »' in found.message
    assert _messages(main) == []  # Beancount says nothing


def test_roots_given_only_in_an_included_file_belong_to_the_main_one(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "main.beancount": PLUGIN + 'include "a.beancount"\n',
        "a.beancount": 'option "name_assets" "Actif"\n2026-01-01 open Actif:51\n',
    }
    found = _one(lint_ledger(_write(tmp_path, files)))
    assert "tapez dans le fichier principal" in found.message


def test_one_text_is_checked_against_the_roots_of_another() -> None:
    text = "2026-01-01 open Avoirs:512\n"
    path = Path("2026-01.beancount")
    found = _one(lint_text(path, text, main=False, roots=Roots(assets="Avoirs")))
    assert 'option "name_assets" "Avoirs"' in found.message
    assert lint_text(path, 'option "name_assets" "Avoirs"\n' + text, main=False) == []


# The plugin line


def test_the_plugin_line_is_missing(tmp_path: Path) -> None:
    found = _one(lint_ledger(_write(tmp_path, {"main.beancount": ROOTS + OPEN})))
    assert (found.line, found.token, found.severity) == (5, "plugin", "erreur")
    assert 'tapez « plugin "acompta" »' in found.message


def test_a_commented_plugin_line_is_missing(tmp_path: Path) -> None:
    found = _one(lint_ledger(_write(tmp_path, {"main.beancount": ROOTS + ";" + PLUGIN + OPEN})))
    assert [found.token] == ["plugin"]


def test_a_part_of_the_plugin_is_the_plugin(tmp_path: Path) -> None:
    text = ROOTS + 'plugin "acompta.acomptes"\n' + OPEN
    assert lint_ledger(_write(tmp_path, {"main.beancount": text})) == []


def test_a_plugin_line_in_an_included_file_does_nothing(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "main.beancount": ROOTS + 'include "a.beancount"\n',
        "a.beancount": ROOTS + PLUGIN + OPEN,
    }
    main = _write(tmp_path, files)
    findings = lint_ledger(main)
    assert [(f.path.name, f.line, f.severity) for f in findings] == [
        ("main.beancount", 5, "erreur"),
        ("a.beancount", 6, "signalement"),
    ]
    assert "sans effet" in findings[1].message


# Includes


@pytest.mark.parametrize(
    ("include", "says", "beancount"),
    [
        ('include "fevrier.beancount"', "n'existe pas", "does not match any files"),
        (
            'include "mois/*.beancount"',
            "aucun fichier ne répond au motif",
            "does not match any files",
        ),
        (r'include "mois\01.beancount"', "« mois/01.beancount »", "does not match any files"),
        ('include "~/01.beancount"', "ni « ~ » ni les variables", "does not match any files"),
        ('include "main.beancount"', "fichier principal", "Duplicate filename parsed"),
        ('include "*.beancount"', "fichier principal", "Duplicate filename parsed"),
        ('include "a.beancount"\ninclude "a.beancount"', "déjà inclus à la ligne 7", "Duplicate"),
        ('include "a.beancount"\ninclude "./a.bean*"', "déjà inclus à la ligne 7", "Duplicate"),
    ],
)
def test_an_include_that_fails(tmp_path: Path, include: str, says: str, beancount: str) -> None:
    files = {"main.beancount": f"{MAIN}{include}\n", "a.beancount": ROOTS + OPEN}
    main = _write(tmp_path, dict(files))
    found = _one(lint_ledger(main))
    assert (found.path, found.line) == (main, 7 + include.count("\n"))
    assert says in found.message
    assert any(beancount in message for message in _messages(main))


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    main = _write(
        tmp_path, {"main.beancount": MAIN + 'include "mois"\n', "mois/01.beancount": ROOTS}
    )
    found = _one(lint_ledger(main))
    assert found.line == 7
    assert "« mois/*.beancount »" in found.message
    with pytest.raises(IsADirectoryError):
        loader.load_file(str(main))


def test_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "main.beancount": MAIN + 'include "a.beancount"\n',
        "a.beancount": ROOTS + 'include "b.beancount"\n',
        "b.beancount": ROOTS + 'include "a.beancount"\n' + OPEN,
    }
    found = _one(lint_ledger(_write(tmp_path, files)))
    assert (found.path.name, found.line) == ("b.beancount", 6)
    assert "déjà inclus par main.beancount, ligne 7" in found.message


def test_patterns_are_relative_to_the_including_file(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "main.beancount": MAIN + 'include "2026/tout.beancount"\n',
        "2026/tout.beancount": 'include "**/0*.beancount"\n',
        "2026/t1/01.beancount": ROOTS + '2026-01-02 * "a" "b"\n  Charges:606  1,50 EUR\n',
        "2026/t1/02.beancount": ROOTS,
    }
    found = _one(lint_ledger(_write(tmp_path, files)))
    assert found.path == tmp_path / "2026/t1/01.beancount"
    assert found.line == 7


def test_findings_come_file_by_file_and_line_by_line(tmp_path: Path) -> None:
    bad = ROOTS + '2026-01-02 * "a" "b"\n  Charges:606  1,50 EUR\n  Actif:512:Banque  1,5 EUR\n'
    files: dict[str, str | bytes] = {
        "main.beancount": MAIN
        + 'include "b.beancount"\ninclude "a.beancount"\ninclude "c.beancount"\n',
        "a.beancount": bad,
        "b.beancount": bad,
    }
    found = [(f.path.name, f.line) for f in lint_ledger(_write(tmp_path, files))]
    assert found == [
        ("main.beancount", 9),
        ("b.beancount", 7),
        ("b.beancount", 8),
        ("a.beancount", 7),
        ("a.beancount", 8),
    ]


def test_the_main_file_does_not_exist(tmp_path: Path) -> None:
    found = _one(lint_ledger(tmp_path / "rien.beancount"))
    assert found.path == tmp_path / "rien.beancount"
    assert "introuvable" in found.message


def test_a_relative_name_gives_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, {"main.beancount": ROOTS})
    monkeypatch.chdir(tmp_path)
    assert _one(lint_ledger(Path("main.beancount"))).path == tmp_path / "main.beancount"


# Encodings


@pytest.mark.parametrize(
    ("raw", "line", "token", "says"),
    [
        (f"{MAIN}; été\n".encode("latin-1"), 7, "été", "Latin-1"),
        (f"{MAIN}{OPEN}  titre: \"Épargne\"\n".encode("cp1252"), 8, "Épargne", "UTF-8"),
        (f"{MAIN}; été\n".encode("utf-16"), 1, "UTF-16", "UTF-16"),
        (f"{MAIN}; été\n".encode("utf-16-le"), 1, "UTF-16", "UTF-16"),
        (f"{MAIN}; été\n".encode("utf-16-be"), 1, "UTF-16", "UTF-16"),
        (f"{MAIN}; été\n".encode("utf-8-sig"), 1, "BOM", "première ligne"),
        (f"{MAIN}; été\n".replace("\n", "\r").encode(), 1, "\\r", "anciens Mac"),
    ],
)  # fmt: skip
def test_an_encoding_that_beancount_misreads(
    tmp_path: Path, raw: bytes, line: int, token: str, says: str
) -> None:
    found = _one(lint_ledger(_write(tmp_path, {"main.beancount": raw})))
    assert (found.line, found.token, found.severity) == (line, token, "erreur")
    assert says in found.message


def test_the_other_mistakes_of_a_latin_1_file_are_found_too(tmp_path: Path) -> None:
    text = f'{MAIN}2026-01-02 * "Café" "Thé"\n  Charges:606  1,50 EUR\n'
    findings = lint_ledger(_write(tmp_path, {"main.beancount": text.encode("latin-1")}))
    assert [(f.line, f.token) for f in findings] == [(7, "Café"), (8, "1,50 EUR")]


def test_windows_line_ends_are_fine(tmp_path: Path) -> None:
    text = (
        f'{MAIN}{OPEN}2026-01-02 * "Café" "Thé"\n  numero: "F1"\n  Charges:606  1.50 EUR\n\n; fin\n'
    )
    main = _write(tmp_path, {"main.beancount": text.replace("\n", "\r\n")})
    assert lint_ledger(main) == []


def test_letters_garbled_by_a_conversion_are_reported(tmp_path: Path) -> None:
    text = f'{MAIN}{OPEN}; bon\n2026-01-02 * "Caf\u00c3\u00a9" "b"\n'
    found = _one(lint_ledger(_write(tmp_path, {"main.beancount": text})))
    assert (found.line, found.severity) == (9, "signalement")
    assert "Caf\u00c3\u00a9" in found.message


def test_an_encrypted_file_is_left_to_beancount(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "main.beancount": MAIN + 'include "paie.beancount.gpg"\n',
        "paie.beancount.gpg": b"\x85\x01\x0c\x03",
    }
    assert lint_ledger(_write(tmp_path, files)) == []
