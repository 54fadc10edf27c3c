"""``acompta nouveau``: a dossier that loads without a mistake, or nothing at all."""

from __future__ import annotations

import datetime
import fcntl
import os
import shutil
from pathlib import Path

import pytest
from tests.acts.crash_walk import crash_walk, tree
from tests.cli.conftest import Run

from acompta.loading import load_ledger
from acompta.starting import Beginning, start_dossier
from acompta.vocabulary import Regime

CHART = Path(__file__).parents[2] / "ledgers" / "pcg.beancount"
NAME = ("--nom", "Atelier Lumière SARL")
INVOICE = """
2026-01-01 open Actif:411:Dupont EUR
  raison-sociale: "SCI Dupont"
  siren: "812345676"
  adresse: "3 quai Perrache, 69002 Lyon"

2026-02-02 * "SCI Dupont" "Conseil de janvier" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:706:Prestations  -10 HEURE @ 90.00 EUR

2026-02-20 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  {received} EUR
  Actif:411:Dupont
"""


def test_what_a_siret_says_is_filled_in(run: Run, tmp_path: Path) -> None:
    """73282932000074: SIREN 732829320, key of its VAT number (12 + 3 × (732829320 mod 97)) mod 97 = 44."""
    folder = tmp_path / "atelier"
    result = run(
        "nouveau", folder, *NAME, "--siret", "732 829 320 00074",
        "--adresse", "12 rue de la République, 69002 Lyon", "--debut", "01/01/2026",
    )  # fmt: skip
    assert (result.exit_code, result.stderr) == (0, "")
    assert "main.beancount créé" in " ".join(result.stdout.split())
    text = (folder / "main.beancount").read_text(encoding="utf-8")
    assert '  siret: "73282932000074"\n  tva-intracom: "FR44732829320"\n' in text
    assert '  adresse: "12 rue de la République\n69002 Lyon"\n' in text
    assert '  ; rcs: "Lyon 732 829 320"\n' in text
    assert run("verifier", folder, "--au", "2026-03-01").stdout.startswith("\nRien à signaler")


@pytest.mark.parametrize(
    ("regime", "received", "due"),
    [("encaissements", "1080.00", "Passif:44571:TVA20"), ("debits", "1080.00", "Passif:44571:TVA20"),
     ("franchise", "900.00", None)],
)  # fmt: skip
def test_an_invoice_can_be_typed_at_once(
    run: Run, tmp_path: Path, regime: str, received: str, due: str | None
) -> None:
    """Ten hours at 90.00, paid: 180.00 of VAT at 20 % on 44571, none in franchise."""
    folder = tmp_path / "atelier"
    run(
        "nouveau",
        folder,
        *NAME,
        "--regime",
        regime,
        "--debut",
        "2026-01-01",
        "--siret",
        "73282932000074",
    )
    main = folder / "main.beancount"
    main.write_text(main.read_text("utf-8") + INVOICE.format(received=received), "utf-8")
    loaded = load_ledger(main)
    assert loaded.errors == []
    moved = [
        posting
        for entry in loaded.entries
        for posting in getattr(entry, "postings", ())
        if posting.account == "Passif:44571:TVA20"
    ]
    assert bool(moved) is (due is not None)
    assert sum(p.units.number for p in moved) == (-180 if due else 0)


def test_the_chart_of_the_neighbours_is_shared(run: Run, tmp_path: Path) -> None:
    alone = tmp_path / "seul"
    run("nouveau", alone, *NAME)
    assert sorted(path.name for path in alone.iterdir()) == ["main.beancount", "pcg.beancount"]
    assert (alone / "pcg.beancount").read_bytes() == CHART.read_bytes()
    shutil.copy(CHART, tmp_path)
    run("nouveau", tmp_path / "voisin", *NAME)
    assert [path.name for path in (tmp_path / "voisin").iterdir()] == ["main.beancount"]
    assert 'include "../pcg.beancount"' in (tmp_path / "voisin" / "main.beancount").read_text(
        "utf-8"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("deja", *NAME), "existe déjà ; donnez le nom d'un nouveau dossier"),
        (("neuf", *NAME, "--siret", "73282932000075"), "recopiez celui du Kbis"),
        (("neuf", *NAME, "--siret", "732829320"), "recopiez celui du Kbis"),
        (("neuf", "--nom", " "), "tapez le nom de l'entreprise"),
        (("neuf",), "--nom"),
    ],
)
def test_nothing_is_written_when_it_cannot_be(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "deja").mkdir()
    (tmp_path / "deja" / "notes.txt").write_text("à moi", "utf-8")
    before = tree(tmp_path)
    result = run("nouveau", tmp_path / arguments[0], *arguments[1:])
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert tree(tmp_path) == before


def test_quotes_in_a_name_are_kept(run: Run, tmp_path: Path) -> None:
    run("nouveau", tmp_path / "x", "--nom", 'Le "Bon" \\ Coin')
    assert load_ledger(tmp_path / "x").options["title"] == 'Le "Bon" \\ Coin'


def test_what_a_killed_run_left_aside_is_removed_not_what_another_is_making(
    run: Run, tmp_path: Path
) -> None:
    left, living = tmp_path / ".neuf.acompta-abcd1234", tmp_path / ".neuf.acompta-abcd5678"
    others = tmp_path / ".neuf.acompta-mes notes", tmp_path / ".vieux.acompta-abcd1234"
    for folder in (left, living, *others):
        folder.mkdir()
        (folder / "main.beancount").write_text("; à moitié", "utf-8")
    held = os.open(living, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        assert run("nouveau", tmp_path / "neuf", *NAME).exit_code == 0
    finally:
        os.close(held)
    assert sorted(tmp_path.iterdir()) == sorted([living, *others, tmp_path / "neuf"])


@pytest.mark.slow
def test_killed_anywhere_then_run_again_it_leaves_the_new_folder_alone(tmp_path: Path) -> None:
    begin = Beginning("Atelier", "", (), Regime.RECEIPTS, datetime.date(2026, 1, 1))

    def fresh(call: int) -> Path:
        (tmp_path / str(call)).mkdir()
        return tmp_path / str(call)

    calls = 0
    for crash in crash_walk(fresh, lambda folder: start_dossier(folder / "neuf", begin)):
        calls += 1
        new = crash.folder / "neuf"
        assert not new.exists() or load_ledger(new).errors == []
        if not new.exists():
            start_dossier(new, begin)
        assert [path.name for path in crash.folder.iterdir() if path.name != "neuf"] == []
    assert calls > 5
