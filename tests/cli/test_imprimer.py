from __future__ import annotations

import os
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pikepdf
import pytest
from beancount import loader
from beancount.core.data import Document
from fava.application import create_app
from tests.cli.conftest import Run
from tests.cli.samples import STORY, write_ledger
from tests.cli.test_verifier import COMPLETE
from tests.invoices.reading import amounts_of, text_of

from acompta_cli import imprimer

QUOTE = """
2026-01-03 * "Martin" "Peinture de la façade" #devis ^D2026-009
  validite: 2026-02-03
  Actif:411:Martin
  Produits:704:Travaux  -800.00 EUR
"""
FILING = COMPLETE.replace(
    'plugin "acompta"\n', 'plugin "acompta"\nplugin "acompta.invoices.filing"\n'
)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return write_ledger(tmp_path, STORY + QUOTE, COMPLETE)


def printed(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.pdf")}


def words(text: str) -> str:
    return " ".join(text.split())


def test_all_issued_documents_go_beside_the_ledger(run: Run, ledger: Path) -> None:
    result = run("imprimer", ledger)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "5 documents imprimés :" in words(result.stdout)
    assert printed(ledger.parent) == {
        "devis/D2026-009.pdf",
        *(f"factures/F2026-00{rank}.pdf" for rank in (1, 2, 3, 4)),
    }
    final = (ledger.parent / "factures" / "F2026-002.pdf").read_bytes()
    assert "Facture de solde" in text_of(final)
    assert 8400 in amounts_of(final)


def test_only_the_numbers_asked_and_elsewhere(run: Run, ledger: Path, tmp_path: Path) -> None:
    result = run("imprimer", ledger, "F2026-003", "--out", tmp_path / "ailleurs")
    assert result.exit_code == 0
    assert "1 document imprimé :" in words(result.stdout)
    assert printed(tmp_path) == {"ailleurs/factures/F2026-003.pdf"}


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("D2026-009", {"devis/D2026-009.pdf"}),
        ("^D2026-009", {"devis/D2026-009.pdf"}),
        ("^D2026-001", {"factures/F2026-001.pdf", "factures/F2026-002.pdf"}),
    ],
)
def test_a_link_prints_all_that_carries_it(
    run: Run, ledger: Path, name: str, files: set[str]
) -> None:
    assert run("imprimer", ledger, name).exit_code == 0
    assert printed(ledger.parent) == files


def test_a_pdf_already_there_and_the_same_is_not_touched(run: Run, ledger: Path) -> None:
    run("imprimer", ledger, "F2026-003", "F2026-004")
    kept, changed = (ledger.parent / "factures" / f"F2026-00{rank}.pdf" for rank in (3, 4))
    os.utime(kept, ns=(1, 1))
    changed.write_bytes(b"%PDF autre")
    result = run("imprimer", ledger, "F2026-003", "F2026-004")
    assert result.exit_code == 0
    assert "1 document imprimé, 1 PDF déjà à jour :" in words(result.stdout)
    assert kept.stat().st_mtime_ns == 1
    assert "Facture" in text_of(changed.read_bytes())


def test_the_original_of_an_issued_document_is_never_rewritten(run: Run, tmp_path: Path) -> None:
    draft = """
2026-03-02 ! "SCI Dupont" "Conseil" #facture
  Actif:411:Dupont
  Produits:704:Travaux  -100.00 EUR
"""
    reachable = COMPLETE.replace(
        '  raison-sociale: "SCI Dupont"', '  raison-sociale: "SCI Dupont"\n  email: "a@b.example"'
    )
    ledger = write_ledger(tmp_path, draft, reachable)
    issued = run("emettre", ledger, "--date", "2026-03-02", "--oui")
    assert issued.exit_code == 0, issued.stderr
    (path,) = (tmp_path / "factures").glob("*.pdf")
    original = path.read_bytes()
    # A payment of the same day, typed afterwards: the page would show it.
    payment = f"""
2026-03-02 * "Virement" ^{path.stem}
  Actif:512:Banque  50.00 EUR
  Actif:411:Dupont
"""
    ledger.write_text(ledger.read_text(encoding="utf-8") + payment, encoding="utf-8")
    result = run("imprimer", ledger)
    assert result.exit_code == 0
    assert "l'original émis est gardé" in words(result.stdout)
    assert path.read_bytes() == original
    copy = tmp_path / "copie"
    assert run("imprimer", ledger, path.stem, "--out", copy).exit_code == 0
    assert (copy / "factures" / path.name).read_bytes() != original
    assert run("envoyer", ledger, path.stem).exit_code == 0
    (email,) = (tmp_path / "envois").glob("*.eml")
    message = message_from_bytes(email.read_bytes(), policy=default)
    (attached,) = message.iter_attachments()
    assert attached.get_content() == original


def test_unknown_numbers_are_said_with_their_neighbours(run: Run, ledger: Path) -> None:
    result = run("imprimer", ledger, "f2026-03", "F2026-004", "^D2026-01")
    assert result.exit_code == 1
    said = words(result.stderr)
    assert "numéro « f2026-03 » : aucun document émis ne le porte ; numéros proches : " in said
    assert "F2026-003" in said
    assert "lien « ^D2026-01 » : aucun document émis ne le porte ; liens proches : ^D2026-0" in said
    assert printed(ledger.parent) == {"factures/F2026-004.pdf"}
    assert run("imprimer", ledger, "X").exit_code == 2


def test_everything_missing_is_said_before_anything_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = write_ledger(tmp_path, STORY, COMPLETE.replace('  siren: "552081317"\n', ""))
    result = run("imprimer", ledger)
    assert result.exit_code == 1
    # Once, at the line of the party, not once per invoice.
    assert words(result.stdout).count("clé « siren »") == 1
    assert "ligne" in words(result.stdout)
    assert "open Actif:411:Martin EUR" in words(result.stdout)
    assert words(result.stderr) == "2 documents ne sont pas imprimés : F2026-003, F2026-004"
    assert printed(tmp_path) == {"factures/F2026-001.pdf", "factures/F2026-002.pdf"}
    monkeypatch.setattr("acompta.invoices.printing.print_one", None)
    assert run("imprimer", ledger, "F2026-003").exit_code == 2


def test_documents_in_error_are_said_and_the_others_printed(run: Run, tmp_path: Path) -> None:
    ledger = write_ledger(tmp_path, STORY.replace("-100 PCT", "-150 PCT"), COMPLETE)
    result = run("imprimer", ledger)
    assert result.exit_code == 1
    assert "acompta verifier" in result.stderr
    assert "factures/F2026-002.pdf" not in printed(tmp_path)
    assert "factures/F2026-003.pdf" in printed(tmp_path)
    result = run("imprimer", ledger, "F2026-002")
    assert result.exit_code == 2
    assert "F2026-002 : document en erreur" in result.stderr
    # Errors elsewhere are no matter of the one asked for.
    assert run("imprimer", ledger, "F2026-003").exit_code == 0


def test_a_document_that_fails_does_not_stop_the_others(run: Run, ledger: Path) -> None:
    own = ledger.parent / "invoice_templates"
    own.mkdir()
    (own / "solde.html").write_text("{{ view.nothing }}")
    result = run("imprimer", ledger)
    assert result.exit_code == 1
    assert "F2026-002 : modèle en erreur : solde.html, ligne 1" in words(result.stderr)
    assert "1 document n'est pas imprimé : F2026-002" in words(result.stderr)
    assert len(printed(ledger.parent)) == 4


def test_two_documents_never_share_a_file(run: Run, tmp_path: Path) -> None:
    second = QUOTE.replace("2026-01-03", "2026-01-04").replace("-800.00", "-700.00")
    ledger = write_ledger(tmp_path, QUOTE + second, COMPLETE)
    result = run("imprimer", ledger)
    assert result.exit_code == 1
    assert "D2026-009.pdf est déjà le fichier de D2026-009" in words(result.stderr)
    assert 960 in amounts_of((tmp_path / "devis" / "D2026-009.pdf").read_bytes())


def test_a_ledger_without_the_plugin_or_without_documents(run: Run, tmp_path: Path) -> None:
    without = COMPLETE.replace('plugin "acompta"\n', "")
    result = run("imprimer", write_ledger(tmp_path, "", without))
    assert result.exit_code == 2
    assert "le plugin acompta n'a pas tourné" in result.stderr
    result = run("imprimer", write_ledger(tmp_path, "", COMPLETE))
    assert (result.exit_code, result.stdout) == (0, "Aucun document à imprimer.\n")


def test_nothing_can_be_written(run: Run, ledger: Path) -> None:
    (ledger.parent / "factures").write_text("")
    result = run("imprimer", ledger, "F2026-003")
    assert result.exit_code == 2
    assert "F2026-003 : " in " ".join(result.stderr.split())
    assert "n'a pas pu être écrit" in words(result.stderr)


def test_the_help_is_in_french(run: Run) -> None:
    result = run("imprimer", "--help")
    assert "Usage : acompta imprimer [OPTIONS] DOSSIER [NUMÉRO]..." in words(result.stdout)
    assert "--processus N" in words(result.stdout)


@pytest.mark.slow
def test_several_processes_print_the_same_files(run: Run, ledger: Path, tmp_path: Path) -> None:
    plain = "".join(
        f"""
2026-08-{rank:02} * "Martin" "Peinture" #facture
  numero: "F2026-0{rank + 4:02}"
  Actif:411:Martin
  Produits:704:Travaux  -{rank}00.00 EUR
"""
        for rank in range(1, 6)
    )
    ledger = write_ledger(tmp_path, STORY + plain, COMPLETE)
    for workers in (1, 2):
        result = run("imprimer", ledger, "--out", tmp_path / str(workers), "--processus", workers)
        assert (result.exit_code, result.stderr) == (0, "")
    one, two = tmp_path / "1", tmp_path / "2"
    assert len(printed(one)) == 9
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in printed(one))
    assert printed(one) == printed(two)


def test_as_many_processes_as_cores_within_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, workers in ((1, 1), (2, 2), (64, 4), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert imprimer.default_workers() == workers


def test_drafts_go_to_their_own_folder(run: Run, tmp_path: Path) -> None:
    draft = """
2026-09-30 ! "Martin" "Peinture" #facture
  Actif:411:Martin
  Produits:704:Travaux  -100.00 EUR
"""
    ledger = write_ledger(tmp_path, STORY + draft + draft.replace("-100", "-200"), COMPLETE)
    result = run("imprimer", ledger, "--brouillons")
    assert (result.exit_code, result.stderr) == (0, "")
    assert printed(tmp_path) == {
        "brouillons/2026-09-30-facture-Martin.pdf",
        "brouillons/2026-09-30-facture-Martin-2.pdf",
    }
    content = (tmp_path / "brouillons" / "2026-09-30-facture-Martin.pdf").read_bytes()
    assert "PROJET" in text_of(content)
    assert 120 in amounts_of(content)


def test_the_link_of_prepaid_credits_prints_their_statement(run: Run, tmp_path: Path) -> None:
    text = """
2026-02-01 * "Martin" "Carnet" #prepaye ^CR-01
  numero: "F2026-001"
  Actif:411:Martin
  Produits:704:Travaux  -10 HEURE @ 90.00 EUR
2026-02-20 * "Martin" "Intervention" #consommation ^CR-01
  Produits:704:Travaux  -2.5 HEURE @ 90.00 EUR
"""
    ledger = write_ledger(tmp_path, text, COMPLETE)
    assert run("imprimer", ledger, "^CR-01").exit_code == 0
    assert printed(tmp_path) == {"factures/F2026-001.pdf", "releves/CR-01.pdf"}
    assert 675 in amounts_of((tmp_path / "releves" / "CR-01.pdf").read_bytes())


# Fava


def documents_of(ledger: Path) -> list[Document]:
    entries, errors, _ = loader.load_file(str(ledger))
    assert errors == []
    return [entry for entry in entries if isinstance(entry, Document)]


def test_the_command_tells_how_fava_gets_to_the_pdfs(run: Run, ledger: Path) -> None:
    hint = 'tapez plugin "acompta.invoices.filing" dans '
    assert hint in words(run("imprimer", ledger, "F2026-003").stdout)
    assert hint not in words(run("imprimer", ledger, "--out", ledger.parent / "a").stdout)
    ledger.write_text(FILING + STORY + QUOTE)
    assert hint not in words(run("imprimer", ledger).stdout)


def test_printed_pdfs_are_filed_under_their_customer(run: Run, tmp_path: Path) -> None:
    ledger = write_ledger(tmp_path, STORY + QUOTE, FILING)
    assert documents_of(ledger) == []
    run("imprimer", ledger, "F2026-003", "D2026-009")
    (tmp_path / "factures" / "F2026-999.pdf").write_bytes(b"%PDF inconnu")
    quote, invoice = documents_of(ledger)
    assert (quote.account, str(quote.date)) == ("Actif:411:Martin", "2026-01-03")
    assert Path(quote.filename) == tmp_path / "devis" / "D2026-009.pdf"
    assert quote.links == frozenset({"D2026-009"})
    assert Path(invoice.filename) == tmp_path / "factures" / "F2026-003.pdf"
    assert invoice.links == frozenset({"F2026-003"})


def test_a_pdf_filed_by_hand_is_not_filed_twice(run: Run, tmp_path: Path) -> None:
    by_hand = '\n2026-04-11 document Actif:411:Martin "factures/F2026-003.pdf"\n'
    ledger = write_ledger(tmp_path, STORY, FILING)
    run("imprimer", ledger, "F2026-003")
    ledger.write_text(ledger.read_text() + by_hand)
    assert [str(found.date) for found in documents_of(ledger)] == ["2026-04-11"]


def test_fava_opens_the_pdf(run: Run, tmp_path: Path) -> None:
    ledger = write_ledger(
        tmp_path, STORY, FILING + '2026-01-01 custom "fava-extension" "acompta.fava"\n'
    )
    run("imprimer", ledger, "F2026-003")
    app = create_app([ledger], load=True)
    [(slug, _)] = app.config["LEDGERS"].items()
    client = app.test_client()
    own = client.get(f"/{slug}/extension/Acompta/pdf?numero=F2026-003", buffered=True)
    assert own.data == (tmp_path / "factures" / "F2026-003.pdf").read_bytes()
    path = tmp_path / "factures" / "F2026-003.pdf"
    favas = client.get(f"/{slug}/document/?filename={path}", buffered=True)
    assert favas.data == own.data


def test_an_invoice_is_a_factur_x_and_a_quote_is_not(run: Run, ledger: Path) -> None:
    assert run("imprimer", ledger, "F2026-002", "D2026-009").exit_code == 0
    with pikepdf.open(ledger.parent / "factures" / "F2026-002.pdf") as pdf:
        assert list(pdf.attachments) == ["factur-x.xml"]
    with pikepdf.open(ledger.parent / "devis" / "D2026-009.pdf") as pdf:
        assert list(pdf.attachments) == []


def test_the_xml_alone_in_both_syntaxes(run: Run, ledger: Path) -> None:
    result = run("imprimer", ledger, "F2026-002", "--xml", "--ubl")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "2 documents écrits :" in words(result.stdout)
    folder = ledger.parent / "factures"
    assert {path.name for path in folder.iterdir()} == {"F2026-002.xml", "F2026-002.ubl.xml"}
    assert b"EXTENDED" not in (folder / "F2026-002.xml").read_bytes()
    assert b"extended-ctc-fr" in (folder / "F2026-002.xml").read_bytes()
    assert b"PayableAmount" in (folder / "F2026-002.ubl.xml").read_bytes()
    again = run("imprimer", ledger, "F2026-002", "--xml")
    assert "1 XML déjà à jour" in words(again.stdout)


def test_a_quote_has_no_xml(run: Run, ledger: Path) -> None:
    named = run("imprimer", ledger, "D2026-009", "F2026-003", "--xml")
    assert named.exit_code == 1
    assert words(named.stderr) == "D2026-009 : Devis n'est pas une facture électronique"
    whole = run("imprimer", ledger, "--xml")
    assert (whole.exit_code, whole.stderr) == (0, "")
    drafts = run("imprimer", ledger, "--xml", "--brouillons")
    assert drafts.exit_code == 2
    assert "Un brouillon n'a pas de facture électronique" in words(drafts.stderr)


def test_a_rule_refuses_one_document_and_the_others_are_written(run: Run, tmp_path: Path) -> None:
    # A number is within 35 characters, and its contract's too: but no French rate is 24 %.
    entry = """
2026-06-02 * "Martin" "Travaux" #facture
  numero: "F2026-005"
  Actif:411:Martin
  Produits:704:Travaux  -100.00 EUR
    tva: 24
"""
    opened = (f"2026-01-01 open Passif:{n}:TVA24 EUR\n  taux: 24\n" for n in (44574, 44571))
    accounts = "".join(opened)
    ledger = write_ledger(tmp_path, STORY + entry, COMPLETE + accounts)
    result = run("imprimer", ledger, "F2026-004", "F2026-005")
    assert result.exit_code == 1
    said = words(result.stderr)
    assert "F2026-005 : facture électronique refusée, règle BR-FR-16 :" in said
    line = (
        ledger.read_text(encoding="utf-8")
        .splitlines()
        .index('2026-06-02 * "Martin" "Travaux" #facture')
    )
    assert f".beancount:{line + 1} : F2026-005" in said
    assert printed(tmp_path) == {"factures/F2026-004.pdf"}
