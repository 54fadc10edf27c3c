from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from beancount.parser import printer
from tests.cli.conftest import Run
from tests.cli.conftest import run as run  # noqa: PLC0414 — the fixture
from tests.issuing.samples import MAIN, dossier, invoice

from acompta.loading import load_ledger
from acompta.seals import State

LANGUAGE = Path(__file__).parents[2] / "docs" / "language.md"
STORY = (
    '2026-01-02 * "SCI Dupont" "Mission" #contrat ^D1\n  Actif:411:Dupont\n'
    "  Produits:706:Conseil  -10 JOUR @ 600.00 EUR\n"
    '2026-02-01 ! "SCI Dupont" "Acompte" #acompte ^D1\n  Actif:411:Dupont\n  Passif:4191:Dupont  -30 PCT\n'
    '2026-02-02 ! "SCI Dupont" "Conseil" #facture\n  Actif:411:Dupont\n'
    '  Produits:706:Conseil  -100.00 EUR\n    libelle: "Visite"\n'
    '2026-02-03 ! "SCI Dupont" "Solde" #solde ^D1\n  Actif:411:Dupont\n  Produits:706:Conseil  -100 PCT\n'
)


@pytest.fixture
def sealed(tmp_path: Path, run: Run) -> Path:
    """Three documents of one series, issued by the command."""
    folder = dossier(tmp_path, STORY)
    result = run("emettre", folder, "--date", "2026-02-28", "--oui")
    assert result.exit_code == 0, result.output
    return folder


def states(folder: Path) -> list[str]:
    return [each.state.value for each in load_ledger(folder).dossier.seals]


def change(folder: Path, old: str, new: str, count: int = 1) -> None:
    main = folder / "main.beancount"
    text = main.read_text()
    assert text.count(old) >= 1
    main.write_text(text.replace(old, new, count))


def without(folder: Path, head: str) -> None:
    """Take a whole transaction out of the text."""
    main = folder / "main.beancount"
    text = main.read_text()
    found = re.search(
        rf'^2026-02-28 \* "SCI Dupont" "{head}".*?\n(?=\S)', text, re.DOTALL | re.MULTILINE
    )
    assert found is not None
    main.write_text(text.replace(found[0], ""))


def errors(folder: Path) -> list[tuple[int, str]]:
    return [(error.source["lineno"], error.message) for error in load_ledger(folder).errors]


def test_what_was_issued_is_intact(sealed: Path) -> None:
    assert states(sealed) == ["intact"] * 3
    assert errors(sealed) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Conseil" #facture', '"Conseils" #facture'),
        ('2026-02-28 * "SCI Dupont" "Conseil"', '2026-03-01 * "SCI Dupont" "Conseil"'),
        ("-100.00 EUR", "-110.00 EUR"),
        ('libelle: "Visite"', 'libelle: "Visites"'),
        ("#facture", "#facture ^D9"),
        ("  ttc: 120.00 EUR", "  ttc: 120.01 EUR"),
        ('"F2026-0002"\n', '"F2026-0002"\n  bon-de-commande: "B"\n'),
    ],
)
def test_a_change_of_the_text_is_said_at_its_line(sealed: Path, old: str, new: str) -> None:
    change(sealed, old, new)
    assert states(sealed)[1] == "texte changé"
    assert any(
        "F2026-0002 est émis et scellé, mais son texte" in message for _, message in errors(sealed)
    )


def test_comments_layout_lettering_and_free_tags_are_outside_the_seal(sealed: Path) -> None:
    change(sealed, '"Conseil" #facture', '"Conseil"    #facture #urgent ; vu')
    change(
        sealed,
        "  Produits:706:Conseil  -100.00 EUR",
        "  ; note\n  Produits:706:Conseil    -100.00 EUR",
    )
    change(sealed, '    libelle: "Visite"', '    libelle: "Visite"\n    lettrage: "AB"')
    assert states(sealed) == ["intact"] * 3


def test_what_the_amounts_depend_on_changed(sealed: Path) -> None:
    change(sealed, "-10 JOUR @ 600.00 EUR", "-11 JOUR @ 600.00 EUR")
    assert states(sealed) == ["montants changés", "intact", "montants changés"]
    # 30 % of 11 × 600 × 1.20 = 2 376, and 7 920 − 2 376 = 5 544.
    assert [message[:70] for _, message in errors(sealed)] == [
        "clé « ttc » : émis pour 2\u202f160,00\u00a0€, calculé aujourd'hui 2\u202f376,00\u00a0€ ; c",
        "clé « ttc » : émis pour 5\u202f040,00\u00a0€, calculé aujourd'hui 5\u202f544,00\u00a0€ ; c",
    ]


def test_an_account_of_vat_that_changes_is_seen_though_the_total_is_the_same(sealed: Path) -> None:
    change(sealed, "open Passif:44574:TVA20", "open Passif:44574:Attente")
    assert states(sealed) == ["montants changés"] * 3
    assert all("écritures calculées" in message for _, message in errors(sealed))


def test_a_document_taken_away_breaks_the_chain(sealed: Path) -> None:
    without(sealed, "Conseil")
    assert states(sealed) == ["intact", "chaîne rompue"]
    messages = [message for _, message in errors(sealed)]
    assert any("ne suit pas celui de F2026-0001" in message for message in messages)
    assert any("trou dans la série" in message for message in messages)


def test_a_seal_taken_away_breaks_the_chain_after_it(sealed: Path) -> None:
    main = sealed / "main.beancount"
    lines = main.read_text().splitlines(keepends=True)
    rank = next(i for i, line in enumerate(lines) if "F2026-0002" in line)
    del lines[rank + 2]
    main.write_text("".join(lines))
    assert states(sealed) == ["intact", "sans sceau", "chaîne rompue"]


def test_a_seal_computed_again_by_a_forger_breaks_the_next_one(sealed: Path, run: Run) -> None:
    change(sealed, "-100.00 EUR", "-110.00 EUR")
    change(sealed, "  ttc: 120.00 EUR", "  ttc: 132.00 EUR")
    typed, posted = texts(run, sealed, "F2026-0002")
    before = load_ledger(sealed).dossier.seals[0].seal
    assert before is not None
    seal = by_the_document(before.chain, typed, posted)
    main = sealed / "main.beancount"
    main.write_text(
        re.sub(r'(F2026-0002".*?sceau: )"[^"]*"', rf'\1"{seal}"', main.read_text(), flags=re.DOTALL)
    )
    assert states(sealed) == ["intact", "intact", "chaîne rompue"]


def test_a_seal_typed_again_is_unreadable(sealed: Path) -> None:
    change(sealed, 'sceau: "', 'sceau: "X')
    assert states(sealed)[0] == "sceau illisible"
    assert "ce n'est pas un sceau" in errors(sealed)[0][1]


@pytest.mark.parametrize("at", [0, 20, 40])
def test_a_seal_with_one_digit_changed_does_not_hold(sealed: Path, at: int) -> None:
    """Any of its three marks: the two short ones are in the chain too."""
    seal = load_ledger(sealed).dossier.seals[0].numbered.entry.meta["sceau"]
    other = "0" if seal[at] != "0" else "1"
    change(sealed, seal, f"{seal[:at]}{other}{seal[at + 1 :]}")
    assert states(sealed)[0] != "intact"


def test_a_deposit_that_posts_nothing_is_sealed_by_its_total(tmp_path: Path, run: Run) -> None:
    """Policy of deposits posted when received: nothing is posted, so the total alone says that the contract changed."""
    main = MAIN.replace(
        '  regime-tva: "encaissements"\n',
        '  regime-tva: "encaissements"\n  comptabilisation-acompte: "encaissement"\n',
    )
    deposit = STORY.partition("2026-02-02")[0]
    folder = dossier(tmp_path, deposit, main)
    result = run("emettre", folder, "--date", "2026-02-28", "--oui")
    assert result.exit_code == 0, result.output
    assert states(folder) == ["intact"]
    assert run("sceaux", folder, "--texte", "F2026-0001").stdout.endswith("\nttc\t2160.00\n")
    change(folder, "-10 JOUR @ 600.00 EUR", "-11 JOUR @ 600.00 EUR")
    assert states(folder) == ["montants changés"]


def test_a_total_without_a_seal_is_checked_too(tmp_path: Path) -> None:
    text = invoice("2026-01-05", flag="*", more='  numero: "F1"\n  ttc: 119.00 EUR\n')
    ((_, message),) = errors(dossier(tmp_path, text))
    assert "émis pour 119,00\u00a0€, calculé aujourd'hui 120,00\u00a0€" in message


def test_an_expanded_ledger_is_not_accused(sealed: Path, tmp_path: Path) -> None:
    loaded = load_ledger(sealed)
    text = "\n".join(map(printer.format_entry, loaded.entries))
    head = MAIN.split("2026-01-01 custom")[0]
    folder = dossier(tmp_path / "etendu", text, head)
    assert states(folder) == ["non vérifiable"] * 3
    assert not [
        message for _, message in errors(folder) if "sceau" in message or "scellé" in message
    ]


# -- another program --------------------------------------------------------------------------------------------


def by_the_document(previous: str, typed: str, posted: str) -> str:
    """The seal, from `docs/language.md` alone."""
    of_typed, of_posted = (sha256(text.encode()).hexdigest()[:16] for text in (typed, posted))
    chain = sha256(f"{previous}\n{of_typed}.{of_posted}\n{typed}{posted}".encode()).hexdigest()
    return f"{of_typed}.{of_posted}.{chain}"


def texts(run: Run, folder: Path, number: str) -> tuple[str, str]:
    whole = run("sceaux", folder, "--texte", number).stdout
    typed, _, posted = whole.partition("\nposte\t")
    return f"{typed}\n", f"poste\t{posted}"


def test_the_example_of_the_document_is_right_to_the_byte(tmp_path: Path, run: Run) -> None:
    example = (
        LANGUAGE.read_text().partition("<!-- sceau : exemple -->\n```text\n")[2].partition("```")[0]
    )
    document, _, rest = example.partition("\ntexte tapé\n")
    typed, _, rest = rest.partition("\nSHA-256 : ")
    of_typed, _, rest = rest.partition("\n\nécritures\n")
    posted, _, rest = rest.partition("\nSHA-256 : ")
    of_posted, _, rest = rest.partition("\n\nchaîne\n")
    head, _, of_chain = rest.partition("\n(le texte tapé, puis les écritures)\nSHA-256 : ")
    whole = f"{head}\n{typed}{posted}"
    hashed = [
        sha256(text.replace("→", "\t").encode()).hexdigest() for text in (typed, posted, whole)
    ]
    assert hashed == [of_typed, of_posted, of_chain.strip()]
    assert head == f"{'0' * 64}\n{of_typed[:16]}.{of_posted[:16]}"

    folder = dossier(tmp_path, document)
    assert states(folder) == [State.INTACT]
    assert texts(run, folder, "F2026-0001") == (typed.replace("→", "\t"), posted.replace("→", "\t"))


def test_an_export_is_enough_to_verify_the_chain(sealed: Path, run: Run) -> None:
    rows = json.loads(run("sceaux", sealed, "--json").stdout)["sceaux"]
    previous = "0" * 64
    for row in rows:
        seal = by_the_document(previous, *texts(run, sealed, row["numero"]))
        assert seal == f"{row['texte']}.{row['ecritures']}.{row['chaine']}"
        previous = row["chaine"]
    assert [row["suit"] for row in rows] == ["", "F2026-0001", "F2026-0002"]


# -- the command --------------------------------------------------------------------------------------------------


def test_the_command_shows_each_seal(sealed: Path, run: Run) -> None:
    result = run("sceaux", sealed, columns=80)
    assert result.exit_code == 0
    assert "Sceaux intacts  3 sur 3" in result.stdout
    change(sealed, '"Conseil" #facture', '"Conseils" #facture')
    result = run("sceaux", sealed, columns=80)
    assert result.exit_code == 1
    assert "texte changé" in result.stdout
    assert "main.beancount, ligne" in result.stdout


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda _: None, ""),
        (lambda folder: without(folder, "Solde"), "F2026-0003 était scellé lors de l'export"),
        (
            lambda folder: change(folder, 'sceau: "', 'sceau: "X'),
            "F2026-0001 était scellé lors de l'export",
        ),
    ],
)
def test_an_export_kept_elsewhere_tells_what_is_gone(
    sealed: Path, run: Run, tmp_path: Path, spoil: Callable[[Path], None], expected: str
) -> None:
    export = tmp_path / "sceaux.json"
    export.write_text(run("sceaux", sealed, "--json").stdout)
    spoil(sealed)
    result = run("sceaux", sealed, "--comparer", export, columns=200)
    assert expected in result.stdout
    assert result.exit_code == (1 if expected else 0)


def test_what_is_not_an_export_is_refused(sealed: Path, run: Run, tmp_path: Path) -> None:
    for content in (b"x", b"{}", b"[1]", b"\xff"):
        (tmp_path / "x.json").write_bytes(content)
        result = run("sceaux", sealed, "--comparer", tmp_path / "x.json")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "n'est pas un export de sceaux" in result.stderr
    result = run("sceaux", sealed, "--texte", "F9")
    assert result.exit_code == 2
    assert "« F9 »" in result.stderr


def test_a_dossier_without_seals(tmp_path: Path, run: Run) -> None:
    result = run("sceaux", dossier(tmp_path, ""))
    assert result.exit_code == 0
