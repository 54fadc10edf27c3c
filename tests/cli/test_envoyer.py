"""``acompta envoyer`` from outside: the files that a mail program opens."""

from __future__ import annotations

import dataclasses
import datetime
import email
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.cli.samples import STORY, write_ledger
from tests.cli.test_imprimer import QUOTE
from tests.cli.test_verifier import COMPLETE
from tests.invoices.facturx.kinds import CHOSEN, views

from acompta.invoices.emails import EmailError, email_of
from acompta.vocabulary import Kind

ADDRESSES = COMPLETE.replace(
    '  raison-sociale: "SCI Dupont"\n',
    '  raison-sociale: "SCI Dupont"\n  email: "compta@dupont.example, marie@dupont.example"\n',
)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    assert "marie@" in ADDRESSES
    folder = tmp_path / "mon dossier"
    folder.mkdir()
    return write_ledger(folder, STORY + QUOTE, ADDRESSES)


def words(text: str) -> str:
    return " ".join(text.split())


def opened(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage) -> str:
    part = message.get_body()
    assert isinstance(part, EmailMessage)
    return words(part.get_content())


def test_a_message_per_document_beside_the_ledger(run: Run, ledger: Path) -> None:
    assert run("imprimer", ledger, "F2026-002").exit_code == 0
    result = run("envoyer", ledger, "F2026-001", "F2026-002", "--date", "2026-04-02")
    assert (result.exit_code, result.stderr) == (0, "")
    folder = ledger.parent / "envois"
    assert {path.name for path in folder.iterdir()} == {"F2026-001.eml", "F2026-002.eml"}
    message = opened(folder / "F2026-002.eml")
    assert message["To"] == "SCI Dupont <compta@dupont.example>, SCI Dupont <marie@dupont.example>"
    assert str(message["Subject"]).startswith("Facture de solde F2026-002 – Atelier Lumière")
    assert "Thu, 02 Apr 2026" in message["Date"]
    assert message["X-Unsent"] == "1"
    said = body(message)
    assert "Vous trouverez ci-joint notre facture de solde F2026-002 du 31 mars 2026" in said
    # 12 000 less the deposit of 3 600.
    assert "Montant à régler : 8 400,00 €, au plus tard le 30 avril 2026." in said
    assert "Les acomptes déjà facturés (3 600,00 €) en sont déduits." in said
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "F2026-002.pdf"
    filed = ledger.parent / "factures" / "F2026-002.pdf"
    assert attached.get_content() == filed.read_bytes()


def test_the_same_bytes_twice(run: Run, ledger: Path) -> None:
    path = ledger.parent / "envois" / "F2026-001.eml"
    made = []
    for _ in "ab":
        run("envoyer", ledger, "F2026-001", "--date", "2026-04-02")
        made.append(path.read_bytes())
    assert made[0] == made[1]


def test_no_address_and_an_unknown_number_are_said(run: Run, ledger: Path) -> None:
    result = run("envoyer", ledger, "F2026-003", "F2026-001", "F9", "--out", ledger.parent / "x")
    assert result.exit_code == 1
    said = words(result.stderr)
    assert "F2026-003 : aucune adresse pour « Martin & Fils » ; tapez email:" in said
    assert "sous l'ouverture de Actif:411:Martin" in said
    assert "numéro « F9 » : aucun document émis ne le porte" in said
    assert [path.name for path in (ledger.parent / "x").iterdir()] == ["F2026-001.eml"]
    assert run("envoyer", ledger, "F2026-003").exit_code == 2


def test_a_filed_pdf_that_is_no_longer_the_ledger_s_is_not_sent(run: Run, ledger: Path) -> None:
    run("imprimer", ledger, "F2026-001")
    filed = ledger.parent / "factures" / "F2026-001.pdf"
    filed.write_bytes(filed.read_bytes() + b"%")
    result = run("envoyer", ledger, "F2026-001")
    assert result.exit_code == 2
    assert "F2026-001.pdf n'est plus ce que le journal donne" in words(result.stderr)
    assert not (ledger.parent / "envois").exists()


@pytest.mark.parametrize(
    "typed", ["pas une adresse", "a@b", "a@b.fr\\nBcc: x@y.fr", "é@dupont.fr", "<a@b.fr>"]
)
def test_a_wrong_address_is_refused(run: Run, tmp_path: Path, typed: str) -> None:
    text = ADDRESSES.replace("compta@dupont.example, marie@dupont.example", typed)
    ledger = write_ledger(tmp_path, STORY, text)
    result = run("envoyer", ledger, "F2026-001")
    assert result.exit_code == 2
    assert "n'est pas une adresse" in words(result.stderr)
    assert not (tmp_path / "envois").exists()


def test_a_dossier_may_have_its_own_text(run: Run, ledger: Path) -> None:
    folder = ledger.parent / "invoice_templates" / "courriels"
    folder.mkdir(parents=True)
    own = (
        '{% extends "acompta/courriels/acompte.txt" %}{% block amount %}Payez vite.{% endblock %}\n'
    )
    (folder / "acompte.txt").write_text(own, encoding="utf-8")
    assert run("envoyer", ledger, "F2026-001").exit_code == 0
    said = body(opened(ledger.parent / "envois" / "F2026-001.eml"))
    assert "Payez vite." in said
    assert "Vous trouverez ci-joint" in said
    (folder / "acompte.txt").write_text("{{ view.rien }}", encoding="utf-8")
    broken = run("envoyer", ledger, "F2026-001")
    assert broken.exit_code == 2
    assert "modèle en erreur" in words(broken.stderr)
    (folder / "acompte.txt").write_text("Bonjour", encoding="utf-8")
    assert "doit commencer par une ligne « Objet : … »" in words(
        run("envoyer", ledger, "F2026-001").stderr
    )


@pytest.mark.parametrize("name", CHOSEN)
def test_every_kind_has_its_text(name: str) -> None:
    view = views(CHOSEN[name].dossier)[CHOSEN[name].number]
    customer = dataclasses.replace(view.customer, email="a@b.example")
    view = dataclasses.replace(view, customer=customer)
    made = email_of(view, b"%PDF-", ledger_folder=None, date=datetime.date(2026, 12, 1))
    said = body(opened_bytes(made.content))
    assert view.number in said
    assert "{" not in said
    if view.kind is Kind.CREDIT_NOTE:
        assert "Montant à régler" not in said
    hostile = dataclasses.replace(customer, name="Dupont\r\nBcc: x@y.fr <b>" + "é" * 500)
    again = email_of(
        dataclasses.replace(view, customer=hostile), b"%PDF-", ledger_folder=None, date=view.date
    )
    assert opened_bytes(again.content)["Bcc"] is None
    nobody = dataclasses.replace(view, customer=dataclasses.replace(customer, email=""))
    with pytest.raises(EmailError, match="aucune adresse"):
        email_of(nobody, b"", ledger_folder=None, date=view.date)


def opened_bytes(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
