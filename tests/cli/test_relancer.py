from __future__ import annotations

import datetime
import email
import json
import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from click.testing import Result
from pypdf import PdfReader
from tests.acts.crash_walk import crash_walk, tree
from tests.cli.samples import write_ledger
from tests.reminders.samples import LATE_ACCOUNTS, STORY

from acompta.acts import recover
from acompta.invoices.rendering import forget_renderers
from acompta.loading import load_ledger
from acompta_cli import cli

Run = Callable[..., Result]
JULY = "2026-07-05"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return write_ledger(tmp_path, STORY, LATE_ACCOUNTS)


def plain(text: str) -> str:
    """Without the French spaces, and each run of spaces as one."""
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))


def text_of(pdf: Path) -> str:
    return plain(" ".join(page.extract_text() for page in PdfReader(pdf).pages))


def mail_in(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return plain(str(body.get_content()))


def test_simulating_shows_and_writes_nothing(run: Run, ledger: Path) -> None:
    before = tree(ledger.parent)
    result = run("relancer", ledger, "--au", JULY, "--simuler", columns=100)
    assert result.exit_code == 1
    assert "SCI Dupont" in result.stdout
    assert "6 600,00" in plain(result.stdout)
    assert "rien n'a été écrit" in result.stderr
    assert tree(ledger.parent) == before


def test_saying_no_writes_nothing(run: Run, ledger: Path) -> None:
    before = ledger.read_bytes()
    result = run("relancer", ledger, "--au", JULY, columns=100)
    assert result.exit_code == 1
    assert "Écrire ces 3 lettres" in result.stderr
    assert ledger.read_bytes() == before
    assert not (ledger.parent / "relances").exists()


def test_letters_messages_and_the_record_are_written_together(run: Run, ledger: Path) -> None:
    before = ledger.read_text()
    result = run("relancer", ledger, "--au", JULY, "--oui", columns=100)
    assert result.exit_code == 0, result.stderr
    assert "3 lettres écrites" in result.stdout
    folder = ledger.parent / "relances"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"2026-07-05-{name}-niveau-1.{suffix}"
        for name in ("Dupont", "Mairie", "Martin")
        for suffix in ("eml", "pdf")
    ]
    after = ledger.read_text()
    assert after.startswith(before)
    assert after[len(before) :].strip().splitlines() == [
        ";; Rappel : Commune de Givry",
        '2026-07-05 custom "relance" 1 "F2026-005"',
        ";; Rappel : Martin & Fils",
        '2026-07-05 custom "relance" 1 "F2026-004"',
        ";; Rappel : SCI Dupont",
        '2026-07-05 custom "relance" 1 "F2026-002" "F2026-003"',
    ]
    assert not load_ledger(ledger).errors


def test_the_next_run_sends_nothing_the_same_day_then_the_next_level(
    run: Run, ledger: Path
) -> None:
    run("relancer", ledger, "--au", JULY, "--oui")
    again = run("relancer", ledger, "--au", JULY, "--oui", columns=100)
    assert again.exit_code == 0
    assert "Rien à relancer ce jour." in again.stderr
    assert "deuxième relance à partir du 15/07/2026" in plain(again.stdout)
    later = run("relancer", ledger, "--au", "2026-07-15", "--oui", columns=100)
    assert later.exit_code == 0
    assert "Deuxième relance" in later.stdout
    letter = text_of(ledger.parent / "relances" / "2026-07-15-Dupont-niveau-2.pdf")
    # At 15/07, 6 000 and 600: F2026-002, 45 days: (6 000 × (12.15 × 30 + 12.40 × 15)) / 36 500 = 90.49; F2026-003, 15
    # days: 600 × 12.40 × 15 / 36 500 = 3.06; the payment of that very day has left 4 000 to ask for.
    assert "Intérêts de retard 93,55 €" in letter
    assert "Indemnités de recouvrement 80,00 €" in letter
    assert "Factures échues 4 600,00 €" in letter
    assert "À régler 4 773,55 €" in letter
    assert "6 000,00 × 12,15 % × 30 j, au 30/06/2026" in letter


def test_the_first_letter_says_penalties_and_does_not_ask_for_them(run: Run, ledger: Path) -> None:
    run("relancer", ledger, "--au", JULY, "--oui")
    letter = text_of(ledger.parent / "relances" / "2026-07-05-Dupont-niveau-1.pdf")
    assert "Rappel" in letter
    assert "À régler 6 600,00 €" in letter
    assert "Elles ne sont pas demandées par ce rappel." in letter
    assert "Intérêts de retard" not in letter


def test_a_consumer_reads_nothing_of_penalties(run: Run, ledger: Path) -> None:
    run("relancer", ledger, "--au", JULY, "--oui")
    letter = text_of(ledger.parent / "relances" / "2026-07-05-Martin-niveau-1.pdf")
    assert "L441-10" not in letter
    assert "40,00" not in letter


def test_a_public_body_reads_the_rules_of_public_contracts(run: Run, ledger: Path) -> None:
    run("relancer", ledger, "--au", JULY, "--oui")
    letter = text_of(ledger.parent / "relances" / "2026-07-05-Mairie-niveau-1.pdf")
    assert "R2192-31" in letter
    assert "L441-10" not in letter


def test_the_message_carries_the_letter_and_waits_to_be_sent(run: Run, ledger: Path) -> None:
    run("relancer", ledger, "--au", JULY, "--oui")
    folder = ledger.parent / "relances"
    message = mail_in(folder / "2026-07-05-Dupont-niveau-1.eml")
    assert message["To"] == "SCI Dupont <paie@dupont.example>"
    assert message["From"] == "Atelier Lumière SARL <compta@atelier.example>"
    assert message["X-Unsent"] == "1"
    assert message["Subject"] == "Rappel – Factures impayées : F2026-002, F2026-003"
    assert "F2026-002 du 01/05/2026, échue le 31/05/2026 : 6 000,00 €" in body_of(message)
    (attachment,) = message.iter_attachments()
    pdf = folder / "2026-07-05-Dupont-niveau-1.pdf"
    assert attachment.get_filename() == pdf.name
    assert attachment.get_content() == pdf.read_bytes()
    # Nobody typed the address of the town hall: the person who opens the draft does.
    assert mail_in(folder / "2026-07-05-Mairie-niveau-1.eml")["To"] is None


def test_the_same_letters_are_the_same_bytes(run: Run, tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        ledger = write_ledger(tmp_path / name, STORY, LATE_ACCOUNTS)
        run("relancer", ledger, "--au", JULY, "--oui")
        files = sorted((tmp_path / name / "relances").iterdir())
        contents.append([path.read_bytes() for path in files])
        forget_renderers()
    assert contents[0] == contents[1]


def test_one_customer_and_another_folder(run: Run, ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "lettres"
    result = run("relancer", ledger, "--au", JULY, "--client", "dupont", "--out", out, "--oui")
    assert result.exit_code == 0
    assert [path.name for path in sorted(out.iterdir())] == [
        "2026-07-05-Dupont-niveau-1.eml",
        "2026-07-05-Dupont-niveau-1.pdf",
    ]
    assert ledger.read_text().count("custom") == 2


def test_an_unknown_customer_is_said(run: Run, ledger: Path) -> None:
    result = run("relancer", ledger, "--client", "Personne")
    assert result.exit_code == 2
    assert "client « Personne » inconnu" in result.stderr


def test_a_letter_already_there_stops_everything(run: Run, ledger: Path) -> None:
    folder = ledger.parent / "relances"
    folder.mkdir()
    (folder / "2026-07-05-Martin-niveau-1.pdf").write_text("la mienne")
    before = tree(ledger.parent)
    result = run("relancer", ledger, "--au", JULY, "--oui")
    assert result.exit_code == 2
    assert "existe déjà" in plain(result.stderr)
    assert tree(ledger.parent) == before


def test_the_record_goes_to_the_file_made_for_it(run: Run, tmp_path: Path) -> None:
    ledger = write_ledger(tmp_path, STORY + '\ninclude "relances.beancount"\n', LATE_ACCOUNTS)
    (tmp_path / "relances.beancount").write_text(";; Ce qui est parti.\n")
    before = ledger.read_bytes()
    assert run("relancer", ledger, "--au", JULY, "--oui").exit_code == 0
    assert ledger.read_bytes() == before
    assert (tmp_path / "relances.beancount").read_text().count('custom "relance"') == 3


def test_penalties_are_proposed_and_load_as_they_are(run: Run, ledger: Path) -> None:
    before = ledger.read_bytes()
    result = run(
        "relancer",
        ledger,
        "--au",
        "2026-05-31",
        "--penalites",
        "--payees",
        "--client",
        "SCI Dupont",
    )
    assert ledger.read_bytes() == before
    draft = result.stdout[result.stdout.index("2026-05-31 !") :]
    assert '  Produits:7631:Interets  -239.67 EUR\n    facture: "F2026-001"\n' in draft
    ledger.write_text(ledger.read_text() + "\n" + draft)
    assert not load_ledger(ledger).errors
    issued = draft.replace("!", "*", 1).replace("#facture\n", '#facture\n  numero: "F2026-007"\n')
    ledger.write_text(ledger.read_text().replace(draft, issued))
    again = run(
        "relancer",
        ledger,
        "--au",
        "2026-05-31",
        "--penalites",
        "--payees",
        "--client",
        "SCI Dupont",
        "--json",
    )
    assert json.loads(again.stdout)["penalites"] == []


def test_paid_ones_go_with_penalties_only(run: Run, ledger: Path) -> None:
    result = run("relancer", ledger, "--payees")
    assert result.exit_code == 2
    assert "--payees va avec --penalites" in result.stderr


def test_json_and_csv_write_nothing_in_the_ledger(run: Run, ledger: Path) -> None:
    before = tree(ledger.parent)
    found = json.loads(run("relancer", ledger, "--au", JULY, "--json").stdout)
    assert found["lettres"][2]["a-regler"] == "6600.00"
    assert found["totaux"]["a-regler"] == "10200.00"
    assert {one["numero"]: one["raison"] for one in found["sans-relance"]} == {
        "F2026-006": "créance douteuse ou effet à recevoir (416, 413)"
    }
    assert run("relancer", ledger, "--au", JULY, "--csv").stdout.startswith("\ufeffClient")
    assert tree(ledger.parent) == before


def test_a_template_of_the_dossier_is_used(run: Run, ledger: Path) -> None:
    folder = ledger.parent / "invoice_templates" / "courriels"
    folder.mkdir(parents=True)
    (folder / "relance.txt").write_text(
        "Objet : Rappel\n\nCher {{ view.customer.name }}, {{ view.letter.total | euros }}."
    )
    run("relancer", ledger, "--au", JULY, "--client", "Mairie", "--oui")
    message = mail_in(ledger.parent / "relances" / "2026-07-05-Mairie-niveau-1.eml")
    assert body_of(message).strip() == "Cher Commune de Givry, 2 400,00 €."


def test_a_wrong_template_is_said_and_nothing_is_written(run: Run, ledger: Path) -> None:
    folder = ledger.parent / "invoice_templates" / "courriels"
    folder.mkdir(parents=True)
    (folder / "relance.txt").write_text("Objet : Rappel\n\n{{ view.montant }}")
    before = tree(ledger.parent)
    result = run("relancer", ledger, "--au", JULY, "--oui")
    assert result.exit_code == 2
    assert "modèle en erreur" in result.stderr
    assert tree(ledger.parent) == before


def test_customers_whose_names_look_alike_have_each_their_letter(run: Run, tmp_path: Path) -> None:
    accounts = (
        LATE_ACCOUNTS
        + """
2026-01-01 open Actif:411:Café EUR
  raison-sociale: "Café
du Port"
2026-01-01 open Actif:411:Cafe EUR
  raison-sociale: "Cafe SARL"
"""
    )
    text = "".join(
        f"""
2026-05-0{number} * "X" "Travaux" #facture
  numero: "F2026-00{number}"
  echeance: 2026-05-31
  Actif:411:{name}
  Produits:704:Travaux  -1000.00 EUR
"""
        for number, name in ((1, "Café"), (2, "Cafe"))
    )
    ledger = write_ledger(tmp_path, text, accounts)
    assert run("relancer", ledger, "--au", "2026-06-10", "--oui").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "relances").glob("*.pdf")) == [
        "2026-06-10-Cafe-niveau-1-2.pdf",
        "2026-06-10-Cafe-niveau-1.pdf",
    ]
    loaded = load_ledger(ledger)
    assert not loaded.errors
    sent = {one.numbers for one in loaded.dossier.directives.reminders}
    assert sent == {("F2026-001",), ("F2026-002",)}


@pytest.mark.slow
def test_killed_anywhere_all_is_old_or_all_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The press writes fonts of its own, which are nothing of ours.
    monkeypatch.setattr("acompta.reminders.letters.pdf_of", lambda sheet, _: sheet.name.encode())
    text = STORY[: STORY.index("2026-05-02")]

    def fresh(number: int) -> Path:
        folder = tmp_path / f"d{number}"
        folder.mkdir()
        write_ledger(folder, text, LATE_ACCOUNTS)
        return folder

    def remind(folder: Path) -> None:
        cli(
            ["relancer", str(folder / "main.beancount"), "--au", "2026-06-10", "--oui"],
            standalone_mode=False,
        )

    old = tree(fresh(9998))
    done = fresh(9999)
    remind(done)
    new = tree(done)
    assert new != old
    for crash in crash_walk(fresh, remind):
        recover(crash.folder)
        assert tree(crash.folder) in (old, new), crash


# -- statements, retentions -------------------------------------------------------------------------------------


def test_a_statement_on_screen_and_in_csv(run: Run, ledger: Path) -> None:
    result = run(
        "releve", ledger, "Dupont", "--du", "2026-05-01", "--au", "2026-07-31", columns=100
    )
    assert result.exit_code == 0
    assert "Relevé de compte du 1er mai au 31 juillet 2026" in plain(result.stdout)
    assert "Solde 4 600,00" in plain(result.stdout)
    rows = run("releve", ledger, "Dupont", "--au", "2026-07-31", "--csv").stdout.splitlines()
    assert rows[0].split(";")[:5] == ["\ufeffClient", "Compte", "Date", "Pièce", "Libellé"]
    assert rows[-1].split(";")[6:9] == ["18600,00", "14000,00", "4600,00"]


def test_statements_of_everybody_in_pdf(run: Run, ledger: Path) -> None:
    result = run("releve", ledger, "--au", "2026-07-31", "--pdf")
    assert result.exit_code == 0
    assert "4 relevés écrits" in result.stdout
    folder = ledger.parent / "releves"
    statement = text_of(folder / "2026-07-31-Dupont.pdf")
    assert "Relevé de compte" in statement
    assert "Solde à régler 4 600,00 €" in statement
    message = mail_in(folder / "2026-07-31-Dupont.eml")
    assert "un solde de 4 600,00 €, dont 4 600,00 € échus" in body_of(message)


def test_dates_the_wrong_way_round_are_refused(run: Run, ledger: Path) -> None:
    result = run("releve", ledger, "--du", "2026-08-01", "--au", "2026-07-31")
    assert result.exit_code == 2
    assert "--du doit venir avant --au" in result.stderr


RETENTIONS = """
2026-01-05 * "SCI Dupont" "Extension" #contrat ^D2026-001
  retenue: 5
  reception: 2026-03-31
  Actif:411:Dupont
  Produits:704:Travaux  -10000.00 EUR

2026-03-31 * "SCI Dupont" "Solde" #solde ^D2026-001
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT

2026-02-01 * "Martin" "Cour" #contrat ^D2026-002
  retenue: 5
  Actif:411:Martin
  Produits:704:Travaux  -1000.00 EUR

2026-04-30 * "Martin" "Solde" #solde ^D2026-002
  numero: "F2026-002"
  Actif:411:Martin
  Produits:704:Travaux  -100 PCT

2027-02-01 * "SCI Dupont" "Moitié de la retenue" ^F2026-001
  Actif:512:Banque  300.00 EUR
  Actif:4117:Dupont
"""


@pytest.mark.parametrize(
    ("at", "left", "state"),
    [
        (datetime.date(2026, 12, 31), "600.00", "à venir"),
        (datetime.date(2027, 3, 31), "300.00", "à demander"),
    ],
)
def test_retentions_by_release_date(
    run: Run, tmp_path: Path, at: datetime.date, left: str, state: str
) -> None:
    ledger = write_ledger(tmp_path, RETENTIONS, LATE_ACCOUNTS)
    found = json.loads(run("retenues", ledger, "--au", at, "--json").stdout)["retenues"]
    assert [(one["numero"], one["liberable"], one["etat"], one["reste"]) for one in found] == [
        ("F2026-001", "2027-03-31", state, left),
        ("F2026-002", None, "réception non dite", "60.00"),
    ]
