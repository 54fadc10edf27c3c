from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from beancount.core.data import Document
from click.testing import CliRunner
from tests.acts.crash_walk import crash_walk, tree
from tests.cli.conftest import Run
from tests.cli.conftest import run as run  # noqa: PLC0414 — the fixture
from tests.invoices.reading import text_of
from tests.issuing.samples import (
    COMMAND,
    EMISSION,
    ENVIRONMENT,
    MAIN,
    dossier,
    invoice,
    no_press,
)
from tests.roots import ROOTS

from acompta.acts import Outcome, recover, writing
from acompta.acts.journal import JOURNAL_NAME
from acompta.acts.lock import LOCK_NAME
from acompta.loading import load_ledger
from acompta_cli import cli, emettre

DAY = ("--date", "31/03/2026")


def beancount(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.beancount"))}


@pytest.fixture
def before(tmp_path: Path) -> Path:
    folder = tmp_path / "Dossier d'Élodie"
    shutil.copytree(EMISSION / "avant", folder)
    return folder


def test_the_text_before_and_after_to_the_byte(before: Path, run: Run) -> None:
    result = run("emettre", before, *DAY, "--oui")
    assert result.exit_code == 1, "a draft is in error"
    assert beancount(before) == beancount(EMISSION / "apres")
    assert {str(p.relative_to(before)) for p in before.rglob("*.pdf")} == {
        "devis/D2026-020.pdf",
        "factures/A2026-0001.pdf",
        *(f"factures/F2026-0{rank}.pdf" for rank in ("08", "09", "10")),
    }
    assert not list(before.rglob(".*"))
    pdf = text_of((before / "factures" / "F2026-010.pdf").read_bytes())
    assert "F2026-010" in pdf
    assert "31 mars 2026" in pdf


def test_afterwards_all_is_right_and_nothing_is_left_to_issue(before: Path, run: Run) -> None:
    run("emettre", before, *DAY, "--oui")
    loaded = load_ledger(before)
    assert [error.message[:12] for error in loaded.errors] == ["signe oublié"]
    assert {each.state.value for each in loaded.dossier.seals} == {"intact"}
    assert "5 PDF déjà à jour" in run("imprimer", before).stdout
    again = run("emettre", before, *DAY, "--oui")
    assert "Rien à émettre" in again.stdout
    assert beancount(before) == beancount(EMISSION / "apres")


def test_the_draft_in_error_is_said_with_its_line(before: Path, run: Run) -> None:
    result = run("emettre", before, *DAY, "--simuler", columns=100)
    assert "avril.beancount" in result.stderr
    assert "ligne 18" in result.stderr
    assert "signe oublié" in result.stderr


def test_a_simulation_shows_all_and_writes_nothing(before: Path, run: Run) -> None:
    result = run("emettre", before, *DAY, "--simuler", columns=100)
    assert result.exit_code == 1
    assert tree(before, ignore=()) == tree(EMISSION / "avant", ignore=())
    assert '+2026-03-31 * "SCI Dupont" "Sans clé" #facture' in result.stdout
    assert "mars.beancount, ligne " in result.stdout
    assert "@@" not in result.stdout
    assert "F2026-008" in result.stdout
    assert "3 576,00" in result.stdout.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("answer", "done"), [("o\n", True), ("Oui\n", True), ("\n", False), ("", False), ("y\n", False)]
)
def test_it_asks(tmp_path: Path, answer: str, done: bool) -> None:
    folder = dossier(tmp_path / "d", invoice("2026-03-01"))
    result = CliRunner().invoke(cli, ["emettre", str(folder), *DAY], input=answer)
    assert ("1 document émis : F2026-0001." in result.stdout) is done
    assert ("Rien n'a été émis." in result.stdout) is not done
    assert result.exit_code == (0 if done else 1)
    assert (folder / "factures").exists() is done


@pytest.mark.parametrize(
    ("main", "words"),
    [
        (MAIN.replace("411:Dupont EUR", "411:Dupont USD"), "la comptabilité est en euros"),
        (MAIN.replace("2026-01-01 open Actif:411", "2026-05-01 open Actif:411"), "n'est pas ouvert à cette date"),
    ],
)  # fmt: skip
def test_what_beancount_would_refuse_stays_a_draft(
    tmp_path: Path, run: Run, main: str, words: str
) -> None:
    folder = dossier(tmp_path / "d", invoice("2026-03-01"), main)
    result = run("emettre", folder, *DAY, "--oui", columns=200)
    assert result.exit_code == 1
    assert words in " ".join(result.stderr.split())
    assert ' ! "SCI Dupont"' in (folder / "main.beancount").read_text()


def test_french_vat_to_a_foreign_business_is_said_before_the_answer(
    tmp_path: Path, run: Run
) -> None:
    abroad = MAIN.replace('  siren: "812345676"', '  pays: "BE"\n  tva-intracom: "BE0403170701"')
    folder = dossier(tmp_path / "d", invoice("2026-03-01"), abroad)
    result = run("emettre", folder, *DAY, "--simuler", columns=200)
    assert "TVA française à une entreprise établie à l'étranger" in result.stderr
    assert "F2026-0001" in result.stdout


def test_a_payment_of_an_unknown_invoice_stops_no_other_document(tmp_path: Path, run: Run) -> None:
    """What is said of it names the invoices near it, and those change with what is issued."""
    paid = (
        '\n2026-03-10 * "SCI Dupont" "Virement" ^F2026-001\n'
        "  Actif:512  120.00 EUR\n  Actif:411:Dupont\n"
    )
    main = MAIN + "2026-01-01 open Actif:512 EUR\n"
    issued = invoice("2026-03-01", flag="*", more='  numero: "F2026-0001"\n')
    folder = dossier(tmp_path / "d", issued + invoice("2026-03-02") + paid, main)
    result = run("emettre", folder, *DAY, "--oui")
    assert "1 document émis : F2026-0002." in result.stdout


def test_drafts_after_the_day_wait(tmp_path: Path, run: Run) -> None:
    folder = dossier(tmp_path / "d", invoice("2026-03-01") + invoice("2026-04-15"))
    result = run("emettre", folder, *DAY, "--oui")
    assert "1 document émis" in result.stdout
    result = run("emettre", folder, *DAY, "--oui", "--jusqu-au", "2026-04-30")
    assert "F2026-0002" in result.stdout
    assert '2026-03-31 * "SCI Dupont"' in (folder / "main.beancount").read_text()
    assert result.exit_code == 0


def test_an_invoice_and_its_credit_note_issued_the_same_day(tmp_path: Path, run: Run) -> None:
    credit = invoice("2026-03-02", tag="avoir", more='  sur: "F2026-0001"\n', euros="50.00")
    folder = dossier(tmp_path / "d", invoice("2026-03-01") + credit)
    result = run("emettre", folder, *DAY, "--oui")
    assert "2 documents émis : F2026-0001, A2026-0001." in result.stdout
    assert load_ledger(folder).errors == []
    printed = text_of((folder / "factures" / "F2026-0001.pdf").read_bytes())
    assert "Avoir" not in printed, "the invoice comes before its credit note"


def test_nothing_to_issue(tmp_path: Path, run: Run) -> None:
    result = run("emettre", dossier(tmp_path / "d", ""), *DAY)
    assert (result.exit_code, result.stdout.strip()) == (0, "Aucun brouillon à émettre.")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('  sceau: "x"\n', "un brouillon n'a pas de sceau"),
        ('  numero: "F2026-0001"\n', "un brouillon (!) n'a pas de numéro"),
        ("  echeance: 2026-03-15\n", "avant l'émission du 31/03/2026"),
        ('  echeence: "x"\n', "clé inconnue"),
    ],
)
def test_a_draft_that_cannot_be_issued_is_left_and_its_number_goes_to_the_next(
    tmp_path: Path, more: str, words: str, run: Run
) -> None:
    folder = dossier(tmp_path / "d", invoice("2026-03-01", more=more) + invoice("2026-03-02"))
    result = run("emettre", folder, *DAY, "--oui", columns=200)
    assert result.exit_code == 1
    assert words in " ".join(result.stderr.split())
    assert "1 document émis : F2026-0001." in result.stdout
    text = (folder / "main.beancount").read_text()
    assert text.count("2026-03-01 !") == 1
    assert load_ledger(folder).dossier.by_number("F2026-0001") is not None


def test_a_document_that_depends_on_a_refused_draft_is_computed_without_it(
    tmp_path: Path, run: Run
) -> None:
    text = (
        '2026-01-02 * "SCI Dupont" "Mission" #contrat ^D1\n  Actif:411:Dupont\n'
        "  Produits:706:Conseil  -10 JOUR @ 600.00 EUR\n"
        '2026-02-01 ! "SCI Dupont" "Acompte" #acompte ^D1\n  echeance: 2026-02-10\n  Actif:411:Dupont\n'
        "  Passif:4191:Dupont  -30 PCT\n"
        '2026-02-03 ! "SCI Dupont" "Solde" #solde ^D1\n  Actif:411:Dupont\n  Produits:706:Conseil  -100 PCT\n'
    )
    folder = dossier(tmp_path / "d", text)
    run("emettre", folder, *DAY, "--oui")
    # The deposit is refused (due before its date): the final invoice asks for the whole 6 000 × 1.20.
    assert "  ttc: 7200.00 EUR" in (folder / "main.beancount").read_text()


def test_a_mention_that_misses_leaves_the_draft(tmp_path: Path, run: Run) -> None:
    folder = dossier(
        tmp_path / "d", invoice("2026-03-01"), MAIN.replace('  siren: "812345676"\n', "")
    )
    result = run("emettre", folder, *DAY, "--oui", columns=200)
    assert result.exit_code == 1
    assert "siren" in result.stderr
    assert "2026-01-01 open Actif:411:Dupont" in result.stderr, "shown where it is to be typed"
    assert not (folder / "factures").exists()


def test_a_template_that_fails_leaves_its_draft(tmp_path: Path, run: Run) -> None:
    folder = dossier(
        tmp_path / "d",
        '2026-03-01 ! "SCI Dupont" "Extension" #devis ^D2\n  Actif:411:Dupont\n'
        "  Produits:706:Conseil  -1 JOUR @ 600.00 EUR\n" + invoice("2026-03-02"),
    )
    (folder / "invoice_templates").mkdir()
    (folder / "invoice_templates" / "devis.html").write_text("{{ view.inconnu.rien }}")
    result = run("emettre", folder, *DAY, "--oui", columns=200)
    assert result.exit_code == 1
    assert "modèle en erreur" in result.stderr
    assert "1 document émis : F2026-0001." in result.stdout
    assert '! "SCI Dupont" "Extension"' in (folder / "main.beancount").read_text()


def test_the_ledger_that_files_its_pdfs_gets_no_directive(tmp_path: Path, run: Run) -> None:
    main = MAIN.replace(
        'plugin "acompta"\n', 'plugin "acompta"\nplugin "acompta.invoices.filing"\n'
    )
    folder = dossier(tmp_path / "d", invoice("2026-03-01"), main)
    run("emettre", folder, *DAY, "--oui")
    assert " document " not in (folder / "main.beancount").read_text()
    filed = [e.links for e in load_ledger(folder).entries if isinstance(e, Document)]
    assert filed == [frozenset({"F2026-0001"})]


def test_a_document_commented_out_keeps_its_number(tmp_path: Path, run: Run) -> None:
    gone = "".join(
        f"; {line}\n"
        for line in invoice("2026-01-05", flag="*", more='  numero: "F2026-0001"\n').splitlines()
    )
    folder = dossier(tmp_path / "d", gone + invoice("2026-03-01"))
    result = run("emettre", folder, *DAY, "--oui")
    assert result.exit_code == 2
    assert "mis en commentaire porte le numéro F2026-0001" in " ".join(result.stderr.split())


def test_latin1_is_refused(tmp_path: Path, run: Run) -> None:
    folder = dossier(tmp_path / "d", "")
    (folder / "main.beancount").write_text(MAIN + 'include "vieux.beancount"\n')
    (folder / "vieux.beancount").write_bytes(
        (ROOTS + "; été\n" + invoice("2026-03-01")).encode("cp1252")
    )
    result = run("emettre", folder, *DAY, "--oui")
    assert result.exit_code == 2
    assert "UTF-8" in result.stderr
    assert not (folder / "factures").exists()


def test_a_read_only_include(before: Path, run: Run) -> None:
    (before / "ventes d'été" / "mars.beancount").chmod(0o444)
    result = run("emettre", before, *DAY, "--oui")
    assert result.exit_code == 2
    assert "mars.beancount » est en lecture seule" in " ".join(result.stderr.split())
    assert beancount(before) == beancount(EMISSION / "avant")
    assert not (before / "factures").exists()


# -- crashes and other runs -----------------------------------------------------------------------------------------

SMALL = invoice("2026-03-01") + invoice("2026-03-02")


def issue_all(folder: Path) -> None:
    """The command, its PDFs already made: a fork has no use for WeasyPrint's fonts and threads."""
    emettre.command.main([str(folder), *DAY, "--oui"], standalone_mode=False)


@pytest.mark.slow
def test_killed_at_every_writing_call_no_number_is_lost_or_used_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(emettre, "_printed", no_press)
    monkeypatch.setattr("acompta_cli.emettre.tempfile.TemporaryDirectory", NoFolder)
    model = dossier(tmp_path / "modele", SMALL)
    old = tree(model)
    issue_all(model)
    new = tree(model)
    outcomes = []
    for crash in crash_walk(lambda n: dossier(tmp_path / f"d{n}", SMALL), issue_all):
        # As a person does: the same command again, which resolves the crash first.
        with writing(crash.folder, "emettre"):
            pass
        left = tree(crash.folder)
        assert left in (old, new), f"after the kill at call {crash.call}"
        outcomes.append(left == new)
        issue_all(crash.folder)
        assert tree(crash.folder) == new
    assert outcomes.count(False) > 15
    assert outcomes[-1] is True


class NoFolder:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __enter__(self) -> str:
        return "."

    def __exit__(self, *_: object) -> None:
        pass


def test_verifying_says_that_an_act_was_cut_short(tmp_path: Path, run: Run) -> None:
    folder = dossier(tmp_path / "d", "")
    assert "interrompue" not in run("verifier", folder).stdout
    (folder / JOURNAL_NAME).write_text("{}")
    result = run("verifier", folder)
    assert result.exit_code == 2
    assert "a été interrompue dans ce dossier" in " ".join(result.stdout.split())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_killed_for_real_by_the_kernel(tmp_path: Path) -> None:
    """The whole command killed by the kernel at a sample of its renames, flushes and removals."""
    probe = subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=none", "true"], capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip("strace may not trace here")
    model = dossier(tmp_path / "modele", invoice("2026-03-01"))
    old = tree(model)
    subprocess.run(
        [*COMMAND, str(model), *DAY, "--oui"], check=True, capture_output=True, env=ENVIRONMENT
    )
    new = tree(model)
    seen = set()
    for call, rank in (
        ("fsync", 1),
        ("fsync", 6),
        ("fsync", 9),
        ("rename", 1),
        ("rename", 2),
        ("rename", 3),
        ("rename", 4),
    ):
        folder = dossier(tmp_path / f"{call}{rank}", invoice("2026-03-01"))
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
             "-e", f"inject={call}:signal=SIGKILL:when={rank}", *COMMAND, str(folder), *DAY, "--oui"],
            capture_output=True, check=False, env=ENVIRONMENT,
        )  # fmt: skip
        if done.returncode == 0:
            continue
        outcome = recover(folder).outcome
        assert tree(folder) in (old, new), (call, rank)
        seen.add(outcome)
    assert {Outcome.UNDONE, Outcome.FINISHED} <= seen


@pytest.mark.slow
def test_two_runs_at_once_give_each_number_once(tmp_path: Path) -> None:
    folder = dossier(tmp_path / "d", SMALL)
    command = [*COMMAND, str(folder), *DAY]
    first = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
    )
    assert first.stdout is not None
    assert first.stdin is not None
    while "F2026-0001" not in first.stdout.readline():
        pass  # it holds the lock, and will ask
    second = subprocess.run(
        [*command, "--oui"], capture_output=True, check=False, env=ENVIRONMENT, text=True
    )
    assert second.returncode == 2
    assert f"(processus {first.pid})" in " ".join(second.stderr.split())
    said, _ = first.communicate("o\n")
    assert "2 documents émis" in said
    text = (folder / "main.beancount").read_text()
    assert text.count('numero: "F2026-0001"') == text.count('numero: "F2026-0002"') == 1
    assert not (folder / LOCK_NAME).exists()


def test_a_change_in_another_window_while_it_asks(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = dossier(tmp_path / "d", SMALL)
    main = folder / "main.beancount"
    typed = main.read_text() + "; tapé dans Fava\n"

    def agree(_: object) -> bool:
        main.write_text(typed)
        return True

    monkeypatch.setattr(emettre, "_agreed", agree)
    result = run("emettre", folder, *DAY)
    assert result.exit_code == 2
    assert "a été modifié pendant ce temps" in " ".join(result.stderr.split())
    assert main.read_text() == typed
    assert not (folder / "factures").exists()
