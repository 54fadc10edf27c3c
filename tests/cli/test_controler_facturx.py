"""``acompta controler-facturx`` from outside: right files, tampered ones, and files made to harm."""

from __future__ import annotations

import io
import json
import zlib
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from tests.cli.conftest import Run
from tests.invoices.facturx.kinds import CHOSEN, views
from tests.invoices.facturx.test_golden import GOLDEN

from acompta.invoices.facturx.files import LARGEST_FILE
from acompta.invoices.facturx.invoice import electronic_invoice
from acompta.invoices.printing import issued_pdf
from acompta.invoices.rendering import render_pdf

BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]><Invoice>&lol3;</Invoice>"""
FILE_ENTITY = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<Invoice>&f;</Invoice>"""


def words(text: str) -> str:
    return " ".join(text.split())


@cache
def final_pdf() -> bytes:
    chosen = CHOSEN["solde"]
    return issued_pdf(views(chosen.dossier)[chosen.number])


@pytest.fixture
def final(tmp_path: Path) -> Path:
    path = tmp_path / "F2026-022.pdf"
    path.write_bytes(final_pdf())
    return path


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.xml").read_text(encoding="utf-8")


def tampered(folder: Path, *changes: tuple[str, str], name: str = "solde") -> Path:
    xml = golden(name)
    for old, new in changes:
        assert old in xml
        xml = xml.replace(old, new, 1)
    path = folder / "recue.xml"
    path.write_text(xml, encoding="utf-8")
    return path


def test_our_own_invoice_is_right(run: Run, final: Path) -> None:
    result = run("controler-facturx", final)
    assert (result.exit_code, result.stderr) == (0, "")
    said = words(result.stdout)
    assert "F2026-022.pdf – conforme" in said
    assert "PDF/A-3A, PDF/UA-1, factur-x.xml (Data), niveau annoncé EXTENDED" in said
    assert "M4 (biens et services, définitive après acompte)" in said
    assert "F2026-006 du 12/02/2026, F2026-016 du 28/04/2026" in said
    # 5 760 + 1 250 + 5 740 − 2 304 − 500 − 2 296 − 1 003,99 − 217,88 − 1 000,51
    assert "BT-109 Total hors taxes 5 427,62 5 427,62" in said


def test_an_element_that_the_schema_imposes_is_no_remark(run: Run, tmp_path: Path) -> None:
    """A deposit has no delivery to tell: its element is empty, and CII has no way to leave it out."""
    path = tmp_path / "acompte.xml"
    xml = electronic_invoice(views(CHOSEN["acompte"].dossier)[CHOSEN["acompte"].number]).xml
    path.write_bytes(xml)
    assert b"<ram:ApplicableHeaderTradeDelivery/>" in xml
    assert "à regarder" not in words(run("controler-facturx", path).stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHOSEN)
def test_every_kind_is_right_in_each_syntax(run: Run, tmp_path: Path, name: str) -> None:
    view = views(CHOSEN[name].dossier)[CHOSEN[name].number]
    paths = []
    for syntax in ("cii", "ubl"):
        path = tmp_path / f"{syntax}.xml"
        path.write_bytes(electronic_invoice(view, bare=True, syntax=syntax).xml)
        paths.append(path)
    result = run("controler-facturx", *paths, "--json")
    cii, ubl = json.loads(result.stdout)
    wrong = [row for row in (*cii["constats"], *ubl["constats"]) if row["gravite"] == "erreur"]
    # A consumer without an e-mail has no electronic address: the one rule that an official check then reports.
    assert [row["regle"] for row in wrong if row["regle"] != "BR-FR-12"] == []
    assert cii["totaux"] == ubl["totaux"]
    assert cii["tva"] == ubl["tva"]


def test_a_changed_amount_is_found_by_rule_and_by_sum(run: Run, tmp_path: Path) -> None:
    path = tampered(tmp_path, ("<ram:DuePayableAmount>6105.62", "<ram:DuePayableAmount>6150.62"))
    result = run("controler-facturx", path)
    assert result.exit_code == 1
    said = words(result.stdout)
    assert "BR-FXEXT-CO-16 Le montant à payer (BT-115) n'est pas : total" in said
    assert "À payer (BT-115) : 6 150,62 écrit, 6 105,62 calculé (écart 45,00)" in said


def test_units_are_said_in_french_and_an_unknown_one_as_its_code(run: Run, tmp_path: Path) -> None:
    path = tampered(tmp_path, ('unitCode="DAY"', 'unitCode="ROM"'))
    said = words(run("controler-facturx", path, columns=120).stdout)
    assert "12 ROM" in said
    assert "400 pièces" in said
    assert "1 forfait" in said


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('schemeID="0002">732829320', 'schemeID="0002">732829321', "SIREN du vendeur"),
        ("FR44732829320", "FR45732829320", "numéro de TVA du vendeur"),
        (
            "FR7630006000011234567890189",
            "FR7630006000011234567890188",
            "ne payez pas sans vérifier",
        ),
        ("<ram:TypeCode>380</ram:TypeCode>", "<ram:TypeCode>326</ram:TypeCode>", "BR-FR-04"),
        (
            "<ram:SubjectCode>PMT",
            "<ram:SubjectCode>AAI",
            "frais de recouvrement (code PMT) est absente",
        ),
        (
            'unitCode="DAY"',
            'unitCode="JOURS"',
            "« unitCode » (SpecifiedLineTradeDelivery / BilledQuantity)",
        ),
        ("<ram:ID>M4</ram:ID>", "<ram:ID>X9</ram:ID>", "BR-FR-08"),
        (
            "<ram:CountryID>FR</ram:CountryID>",
            "",
            "élément « PostalTradeAddress » incomplet. Attendu : CountryID.",
        ),
        (
            "<ram:ID>M4</ram:ID>",
            "",
            "élément « BusinessProcessSpecifiedDocumentContextParameter » incomplet",
        ),
        (":1p0:extended", ":1p0:inconnu", "profil inconnu"),
    ],
)
def test_what_is_wrong_is_named(
    run: Run, tmp_path: Path, old: str, new: str, expected: str
) -> None:
    result = run("controler-facturx", tampered(tmp_path, (old, new)), "--json")
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)
    said = [f"{row['regle']} : {row['texte']}" for row in found["constats"]]
    assert any(expected in each for each in said), said


def test_an_empty_note_and_a_final_without_its_deposits_are_seen(run: Run, tmp_path: Path) -> None:
    note = "<ram:Content>Pas d'escompte pour paiement anticipé</ram:Content>"
    xml = golden("facture").replace(note, "<ram:Content/>").replace("<ram:ID>S1<", "<ram:ID>S4<")
    path = tmp_path / "x.xml"
    path.write_text(xml, encoding="utf-8")
    said = words(run("controler-facturx", path).stdout)
    assert "la note AAB est vide" in said
    assert "sans référence à aucun acompte" in said


def test_a_pdf_that_is_no_archive_is_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    with pikepdf.Pdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments["facture.xml"] = golden("facture").encode()
        pdf.save(path)
    result = run("controler-facturx", path)
    assert result.exit_code == 1
    said = words(result.stdout)
    assert "le PDF ne se dit pas PDF/A-3" in said
    assert "le nom attendu est factur-x.xml" in said
    assert "niveau Factur-X" in said


def test_several_files_are_judged_and_the_worst_is_the_exit_code(
    run: Run, final: Path, tmp_path: Path
) -> None:
    result = run("controler-facturx", final, tmp_path / "absente.pdf")
    assert result.exit_code == 2
    assert "conforme" in result.stdout
    assert words(result.stderr) == f"{tmp_path / 'absente.pdf'} : ce fichier n'existe pas."


def with_attachments(**files: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.Pdf.new() as pdf:
        pdf.add_blank_page()
        for name, content in files.items():
            pdf.attachments[name.replace("_", "-") + ".xml"] = content
        pdf.save(out)
    return out.getvalue()


HOSTILE = {
    "vide": (b"", "le fichier est vide"),
    "texte": (b"bonjour", "ni un PDF ni un XML"),
    "xml-coupe": (b"<Invoice><ID>", "le XML est mal formé"),
    "bombe": (BOMB, "déclaration DOCTYPE"),
    "fichier": (FILE_ENTITY, "déclaration DOCTYPE"),
    "profond": (b"<a>" * 5000 + b"</a>" * 5000, "le XML est mal formé"),
    "autre-xml": (b"<html/>", "l'élément <html> n'est ni une facture"),
    "pdf-sans-xml": (with_attachments(), "le PDF ne contient aucun XML"),
    "pdf-deux-xml": (with_attachments(factur_x=b"<a/>", xrechnung=b"<b/>"), "plusieurs XML"),
    "pdf-bombe": (with_attachments(factur_x=BOMB), "déclaration DOCTYPE"),
    "pdf-vide": (with_attachments(factur_x=b""), "mal formé"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence(run: Run, tmp_path: Path, name: str) -> None:
    content, expected = HOSTILE[name]
    path = tmp_path / f"{name}.bin"
    path.write_bytes(content)
    result = run("controler-facturx", path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert expected in words(result.stderr)
    assert result.stderr.count("\n") == 1
    assert "root:" not in result.stderr


def test_a_cut_pdf_a_locked_one_and_a_huge_file_are_refused(run: Run, tmp_path: Path) -> None:
    cut, locked, huge = (tmp_path / f"{name}.pdf" for name in ("cut", "locked", "huge"))
    cut.write_bytes(final_pdf()[:2000])
    with pikepdf.open(io.BytesIO(final_pdf())) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    with huge.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    for path, expected in (
        (cut, "le PDF"),
        (locked, "protégé par un mot de passe"),
        (huge, "une facture n'est pas si grosse"),
        (tmp_path, "c'est un dossier"),
    ):
        result = run("controler-facturx", path)
        assert result.exit_code == 2
        assert expected in words(result.stderr)


def test_a_stream_that_inflates_without_end_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bombe.pdf"
    with pikepdf.open(io.BytesIO(with_attachments(factur_x=b"<a/>"))) as pdf:
        spec = pdf.Root.Names.EmbeddedFiles.Names[1]
        packed = zlib.compress(b" " * (100 * 2**20), 9)
        stream = pikepdf.Stream(pdf, b"")
        stream.write(packed, filter=pikepdf.Name.FlateDecode)
        spec.EF.F = stream
        pdf.save(path)
    assert path.stat().st_size < 200_000
    result = run("controler-facturx", path)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_a_plain_pdf_says_that_it_is_no_electronic_invoice(run: Run, tmp_path: Path) -> None:
    chosen = CHOSEN["facture"]
    path = tmp_path / "x.pdf"
    path.write_bytes(render_pdf(views(chosen.dossier)[chosen.number]))
    result = run("controler-facturx", path)
    assert result.exit_code == 2
    assert "ce n'est pas une facture électronique" in words(result.stderr)


def test_numbers_out_of_reason_and_reordering_marks_do_no_harm(run: Run, tmp_path: Path) -> None:
    path = tampered(
        tmp_path,
        ("<ram:GrandTotalAmount>6105.62", "<ram:GrandTotalAmount>1E+400"),
        ("<ram:LineTotalAmount>5760.00", f"<ram:LineTotalAmount>{'9' * 400}"),
        ("<ram:Name>Direction", "<ram:Name>\u202eDirection"),
    )
    result = run("controler-facturx", path)
    assert result.exit_code == 1
    assert "\u202e" not in result.stdout
    assert "\ufffdDirection" in result.stdout


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (
            '<rsm:SCRDMCCBDACIOMessageStructure xmlns:rsm="urn:un:unece:uncefact:data:'
            'SCRDMCCBDACIOMessageStructure:100"/>',
            "Order-X",
        ),
        (
            '<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"/>',
            "ZUGFeRD 1.0",
        ),
        (
            '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
            "UBL, facture",
        ),
    ],
)
def test_an_almost_empty_document_of_each_family(
    run: Run, tmp_path: Path, root: str, said: str
) -> None:
    path = tmp_path / "x.xml"
    path.write_text(root, encoding="utf-8")
    result = run("controler-facturx", path)
    assert result.exit_code == 1
    assert said in result.stdout
