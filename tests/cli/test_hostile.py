"""Paths and templates made to break things, from outside."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.samples import STORY, write_ledger
from tests.cli.test_verifier import COMPLETE


def test_a_ledger_in_a_folder_with_spaces_and_accents(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mes dossiers & clients" / "été 2026"
    folder.mkdir(parents=True)
    ledger = write_ledger(folder, STORY, COMPLETE)
    result = run("imprimer", ledger, "F2026-001")
    assert (result.exit_code, result.stderr) == (0, "")
    checked = run("controler-facturx", folder / "factures" / "F2026-001.pdf")
    assert checked.exit_code == 0


def test_a_mail_template_that_leaves_its_folder_is_refused(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Objet : x\n\nmot de passe", encoding="utf-8")
    text = COMPLETE.replace(
        '  raison-sociale: "SCI Dupont"\n', '  raison-sociale: "SCI Dupont"\n  email: "a@b.fr"\n'
    )
    folder = tmp_path / "dossier"
    folder.mkdir()
    ledger = write_ledger(folder, STORY, text)
    own = folder / "invoice_templates" / "courriels"
    own.mkdir(parents=True)
    (own / "acompte.txt").symlink_to(secret)
    result = run("envoyer", ledger, "F2026-001", "--date", "2026-01-20")
    # The link is no template of the dossier: Acompta's own text is used.
    written = folder / "envois" / "F2026-001.eml"
    assert not written.exists() or b"mot de passe" not in written.read_bytes()
    (own / "acompte.txt").unlink()
    (own / "acompte.txt").write_text('{% include "../../secret.txt" %}', encoding="utf-8")
    result = run("envoyer", ledger, "F2026-001")
    assert result.exit_code == 2
    assert "modèle en erreur" in result.stderr
