"""The rarer kinds of document, as a reader of the page understands them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.invoices.reading import amounts_of, plain, text_of

from acompta.invoices.checks import findings_of
from acompta.invoices.drafts import with_drafts
from acompta.invoices.from_dossier import Views, destination, printable_documents, select
from acompta.invoices.mentions import mentions_of
from acompta.invoices.rendering import render_html, render_pdf
from acompta.invoices.view.document import DocumentView
from acompta.loading import Loaded, load_ledger

D = Decimal

HEAD = """
option "title" "Essai"
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
plugin "acompta"
2026-01-01 custom "emetteur" "Formations du Rhône"
  forme: "SARL au capital de 10 000 EUR"
  siret: "73282932000074"
  tva-intracom: "FR44732829320"
  rcs: "Lyon 732 829 320"
  adresse: "12 rue de la République
69002 Lyon"
  iban: "FR7630006000011234567890189"
  bic: "AGRIFRPP"
  penalites: "Taux de refinancement de la BCE majoré de 10 points"
  escompte: "Pas d'escompte pour paiement anticipé"
  delai: "30 jours fin de mois"
2026-01-01 open Actif:411:Dupont EUR
  raison-sociale: "SCI Dupont"
  siren: "812345676"
  adresse: "3 quai Perrache
69002 Lyon"
2026-01-01 open Actif:411:Petit EUR
  raison-sociale: "Madame Claire Petit"
  particulier: TRUE
  adresse: "8 rue des Fleurs
69003 Lyon"
2026-01-01 open Actif:512:Banque EUR
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44574:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44571:TVA10 EUR
  taux: 10
2026-01-01 open Passif:44574:TVA10 EUR
  taux: 10
2026-01-01 open Produits:706:Conseil EUR
  tva: 20
2026-01-01 open Produits:704:Travaux EUR
  tva: 20
2026-01-01 open Produits:707:Livres EUR
  tva: 20
2026-01-01 open Produits:7581:Dedits EUR
2026-01-01 open Passif:467:Debours EUR
2026-01-01 commodity HEURE
  name: "heure"

"""
STORY = """
2026-02-01 * "SCI Dupont" "Carnet de 10 heures de conseil" #prepaye ^CR-01
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:706:Conseil                     -10 HEURE @ 90.00 EUR
    expire: 2027-01-31
2026-02-20 * "SCI Dupont" "Consultation sur le bail commercial" #consommation ^CR-01
  Produits:706:Conseil                    -2.5 HEURE @ 90.00 EUR
2026-03-12 * "SCI Dupont" "Relecture du contrat de bail" #consommation ^CR-01
  Produits:706:Conseil                    -4 HEURE @ 90.00 EUR
2026-03-13 * "Mme Petit" "Stage de poterie" #contrat ^D2026-002
  Actif:411:Petit
  Produits:706:Conseil      -1000.00 EUR
2026-03-15 * "Mme Petit" "Réservation du stage" #acompte ^D2026-002
  numero: "F2026-002"
  Actif:411:Petit
  Passif:4191:Petit  -30 PCT
2026-03-16 * "Mme Petit" "Carte" ^F2026-002
  Actif:512:Banque  360.00 EUR
  Actif:411:Petit
2026-04-01 * "Mme Petit" "Annulation du stage" #rupture ^D2026-002
  numero: "F2026-003"
  par: "client"
  sort: "conserve"
  Actif:411:Petit
  Passif:4191:Petit  100 PCT
2026-04-02 * "SCI Dupont" "Extension" #contrat ^D2026-003
  retenue: 5
  reception: 2026-09-30
  Actif:411:Dupont
  Produits:704:Travaux  -100 M2 @ 85.00 EUR
    lot: "Gros œuvre"
    libelle: "Dalle en béton armé, épaisseur 15 cm"
  Produits:704:Travaux  -1 FORFAIT @ 4500.00 EUR
    lot: "Charpente"
    libelle: "Charpente traditionnelle"
    tva: 10
2026-04-03 * "SCI Dupont" "Acompte de 20 %" #acompte ^D2026-003
  numero: "F2026-004"
  Actif:411:Dupont
  Passif:4191:Dupont  -20 PCT
2026-05-31 * "SCI Dupont" "Situation n° 1, mai" #situation ^D2026-003
  numero: "F2026-005"
  Actif:411:Dupont
  Produits:704:Travaux  -40 PCT
    lot: "Gros œuvre"
  Passif:4191:Dupont  30 PCT
2026-06-10 * "SCI Dupont" "Métré trop compté" #avoir ^D2026-003
  numero: "F2026-006"
  sur: "F2026-005"
  Actif:411:Dupont
  Produits:704:Travaux  10 PCT
    lot: "Gros œuvre"
2026-06-30 * "SCI Dupont" "Situation n° 2, juin" #situation ^D2026-003
  numero: "F2026-007"
  Actif:411:Dupont
  Produits:704:Travaux  -80 PCT
    lot: "Gros œuvre"
  Produits:704:Travaux  -50 PCT
    lot: "Charpente"
  Produits:704:Travaux  -3 HEURE @ 55.00 EUR
    libelle: "Reprise d'un seuil, travaux hors marché"
2026-09-30 * "SCI Dupont" "Solde des travaux" #solde ^D2026-003
  numero: "F2026-008"
  livraison: "2026-04-15/2026-09-30"
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT
2026-10-05 * "SCI Dupont" "Annulation du solde" #avoir ^D2026-003
  numero: "F2026-009"
  sur: "F2026-008"
  Actif:411:Dupont  -100 PCT
2026-10-10 * "SCI Dupont" "Fournitures et timbres" #facture
  numero: "F2026-010"
  Actif:411:Dupont
  Produits:707:Livres   -3 PIECE @ 20.00 EUR
    livraison: 2026-10-08
    libelle: "Registre"
  Produits:706:Conseil  -200.00 EUR
    libelle: "Formation continue"
    regime: "exonere"
    motif: "art. 261, 4, 4° du CGI"
    livraison: "2026-10-01/2026-10-05"
  Passif:467:Debours  -30.00 EUR
    motif: "timbre fiscal"
2026-11-10 ! "SCI Dupont" "Conseil d'octobre" #facture
  Actif:411:Dupont
  Produits:706:Conseil  -6 HEURE @ 90.00 EUR
"""


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(tmp_path_factory.mktemp("genres"), STORY)


def load(folder: Path, text: str) -> Loaded:
    path = folder / "main.beancount"
    path.write_text(HEAD + text, encoding="utf-8")
    loaded = load_ledger(path)
    assert [error.message for error in loaded.errors] == []
    return loaded


def views_of(loaded: Loaded) -> Views:
    return Views(loaded.book(), loaded.entries, loaded.path.parent)


def view(loaded: Loaded, number: str) -> DocumentView:
    (document,) = printable_documents(loaded.dossier, [number])
    made = views_of(loaded).view(document)
    assert findings_of(made) == ()
    return made


def codes(made: DocumentView) -> set[str]:
    return {mention.code for mention in mentions_of(made)}


# Progress invoices


def test_progress_invoices_are_counted_per_contract(story: Loaded) -> None:
    first, second = view(story, "F2026-005"), view(story, "F2026-007")
    assert first.title == "Facture de situation n° 1"
    assert second.title == "Facture de situation n° 2"
    # The credit note took ten points back in between.
    assert second.lines[0].progress is not None
    assert second.lines[0].progress.previous == D("2550.00")
    assert [(e.title, e.ttc) for e in second.earlier_invoices] == [
        ("Situation", D("4080.00")),
        ("Avoir", D("-1020.00")),
    ]
    assert second.retention is not None
    assert second.retention.release == datetime.date(2027, 9, 30)
    text = text_of(render_pdf(second))
    assert "Retenue de garantie à restituer le 30 septembre 2027" in text
    assert "loi n° 71-584" in text
    # Extra work stands beside the contract: no total of progress mixes them.
    assert second.progress is None


def test_a_lot_without_a_label_is_named_once(tmp_path: Path) -> None:
    typed = """
2026-01-05 * "SCI Dupont" "Charpente" #contrat ^D1
  Actif:411:Dupont
  Produits:704:Travaux  -1 FORFAIT @ 10000.00 EUR
    lot: "GO"
2026-02-28 * "SCI Dupont" "Situation" #situation ^D1
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux  -40 PCT
"""
    made = view(load(tmp_path, typed), "F2026-001")
    assert plain(render_html(made)).count("Lot GO") == 1


def test_the_final_invoice_accounts_for_every_document(story: Loaded) -> None:
    made = view(story, "F2026-008")
    assert made.title == "Facture de solde et décompte général"
    assert made.account is not None
    assert made.statement is not None
    assert [row.number for row in made.account.rows] == [
        "F2026-004",
        "F2026-005",
        "F2026-006",
        "F2026-007",
        "F2026-008",
    ]
    # The contract, and 165.00 before tax of extra work at 20 %.
    assert made.account.ttc == made.statement.total + D("198.00")
    assert made.account.ttc == made.statement.billed
    assert made.account.open == made.statement.to_pay
    # 5 % of the 15 348.00 billed in the end: the credit note gave its share back.
    assert made.statement.retained == D("767.40")
    assert made.progress is not None
    assert made.progress.cumulative == made.progress.contract == D("13000.00")
    shown = amounts_of(render_pdf(made))
    assert {row.ttc for row in made.account.rows if row.ttc > 0} <= shown
    assert {made.account.ttc, made.account.vat, D("767.40")} <= shown


def test_without_progress_invoices_a_final_one_is_no_general_account(tmp_path: Path) -> None:
    plain_story = STORY[: STORY.index("2026-05-31")] + STORY[STORY.index("2026-09-30 *") :]
    plain_story = plain_story[: plain_story.index("2026-10-05")]
    renumbered = plain_story.replace("F2026-008", "F2026-005")
    made = view(load(tmp_path, renumbered), "F2026-005")
    assert made.account is None
    assert made.title == "Facture de solde"


# Credit notes


def test_a_credit_note_is_positive_and_names_its_invoice(story: Loaded) -> None:
    made = view(story, "F2026-006")
    assert made.title == "Avoir"
    assert made.note == "Sur la facture de situation F2026-005 du 31/05/2026"
    assert made.to_pay == D("1020.00")
    (line,) = made.lines
    assert line.amount == D("850.00")
    assert [plain(detail) for detail in line.details] == ["Avancement ramené de 40 % à 30 %"]
    assert made.credit is not None
    assert (made.credit.deducted, made.credit.refund) == (D("1020.00"), D("0.00"))
    assert not codes(made) & {"penalites", "indemnite", "escompte"}
    text = text_of(render_pdf(made))
    assert "À déduire de F2026-005 : 1 020,00 €" in text
    assert "IBAN" not in text


def test_a_whole_credit_note_gives_lines_deposits_and_retention_back(story: Loaded) -> None:
    made, original = view(story, "F2026-009"), view(story, "F2026-008")
    assert [line.amount for line in made.lines] == [line.amount for line in original.lines]
    assert made.totals == original.totals
    assert [d.totals for d in made.recovered] == [d.totals for d in original.recovered]
    assert original.retention is not None
    assert made.to_pay == original.to_pay + original.retention.amount
    text = text_of(render_pdf(made))
    assert "Acomptes rétablis" in text
    assert "dont 225,75 € de retenue de garantie" in text
    assert "Cumul" not in text


def test_what_is_paid_is_refunded(tmp_path: Path) -> None:
    made = view(
        load(
            tmp_path,
            """
2026-02-01 * "SCI Dupont" "Conseil" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:706:Conseil  -10 HEURE @ 90.00 EUR
2026-02-10 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  900.00 EUR
  Actif:411:Dupont
2026-03-01 * "SCI Dupont" "Heures non faites" #avoir
  numero: "F2026-002"
  sur: "F2026-001"
  Actif:411:Dupont
  Produits:706:Conseil  5 HEURE @ 90.00 EUR
    libelle: "Heures non faites"
""",
        ),
        "F2026-002",
    )
    (line,) = made.lines
    assert (line.quantity, line.unit_price, line.amount) == (D(5), D("90.00"), D("450.00"))
    assert made.credit is not None
    # 1 080 − 900 are unpaid.
    assert (made.credit.deducted, made.credit.refund) == (D("180.00"), D("360.00"))
    text = text_of(render_pdf(made))
    assert "À déduire de F2026-001 : 180,00 €" in text
    assert "À vous rembourser : 360,00 €" in text


def test_a_corrective_invoice_replaces(tmp_path: Path) -> None:
    made = view(
        load(
            tmp_path,
            """
2026-02-01 * "SCI Dupont" "Conseil" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:706:Conseil  -1000.00 EUR
2026-02-10 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  500.00 EUR
  Actif:411:Dupont
2026-03-01 * "SCI Dupont" "Conseil, taux corrigé" #rectificative
  numero: "F2026-002"
  sur: "F2026-001"
  Actif:411:Dupont
  Produits:706:Conseil  -1000.00 EUR
    tva: 10
""",
        ),
        "F2026-002",
    )
    assert made.note == "Annule et remplace la facture F2026-001 du 01/02/2026"
    assert made.totals.ttc == D("1100.00")
    assert [(p.label, p.amount) for p in made.payments] == [("Réglé avant le", D("500.00"))]
    assert made.to_pay == D("600.00")
    assert plain(made.note) in text_of(render_pdf(made))


# Arrhes, the end of a contract


def test_a_consumer_s_deposit_says_that_it_is_arrhes_by_default(story: Loaded) -> None:
    made = view(story, "F2026-002")
    assert "arrhes-par-defaut" in codes(made)
    assert "C. conso. art. L214-1" in text_of(render_pdf(made))


def test_arrhes_kept_state_their_qualification(story: Loaded) -> None:
    made = view(story, "F2026-003")
    assert (made.title, made.note) == ("Avoir", "Résiliation par le client")
    assert {"qualification-par-defaut", "arrhes-conservees"} <= codes(made)
    assert made.compensation is not None
    assert (made.totals.ttc, made.compensation.amount) == (D("360.00"), D("-360.00"))
    assert made.to_pay == 0
    text = text_of(render_pdf(made))
    assert "Indemnité conservée, hors TVA −360,00 €" in text
    assert "Rien n'est à rembourser" in text


@pytest.mark.parametrize(
    ("words", "title", "code", "to_pay"),
    [
        ('par: "fournisseur"\n  sort: "double"', "Avoir", "arrhes-doublees", "720.00"),
        ('par: "retractation"\n  sort: "rembourse"', "Avoir", "retractation", "360.00"),
        (
            'par: "client"\n  sort: "conserve"\n  qualification: "contrepartie"',
            "Facture",
            "contrepartie-conservee",
            "0.00",
        ),
    ],
)
def test_the_other_ends_of_a_contract(
    tmp_path: Path, words: str, title: str, code: str, to_pay: str
) -> None:
    text = STORY[: STORY.index("2026-04-02")]
    text = text.replace('par: "client"\n  sort: "conserve"', words)
    text += "2026-01-01 open Charges:6581:Dedits EUR\n"
    made = view(load(tmp_path, text), "F2026-003")
    assert (made.title, made.to_pay) == (title, D(to_pay))
    assert code in codes(made)
    assert made.totals.ttc == D("360.00")


# Prepaid credits


def test_prepaid_credits_say_until_when(story: Loaded) -> None:
    made = view(story, "F2026-001")
    (line,) = made.lines
    assert (line.quantity, line.unit, line.unit_price) == (D(10), "heure", D("90.00"))
    assert [plain(detail) for detail in line.details] == ["Valable jusqu'au 31 janvier 2027"]
    assert made.to_pay == D("1080.00")


def test_the_statement_counts_units_and_euros(story: Loaded) -> None:
    selection = select(story.dossier, ["^CR-01"])
    assert [document.number for document in selection.documents] == ["F2026-001"]
    (contract,) = selection.statements
    made = views_of(story).credits_statement(contract)
    assert findings_of(made) == ()
    assert made.date == datetime.date(2026, 3, 12)
    assert made.credits is not None
    assert [(m.quantity, m.left) for m in made.credits.moves] == [
        (D(10), D(10)),
        (D("-2.5"), D("7.5")),
        (D(-4), D("3.5")),
    ]
    (left,) = made.credits.left
    assert (left.quantity, left.amount) == (D("3.5"), D("315.00"))
    assert left.expires == datetime.date(2027, 1, 31)
    assert destination(made, Path("x")) == Path("x/releves/CR-01.pdf")
    text = text_of(render_pdf(made))
    assert "Relevé de crédits prépayés" in text
    assert "3,5 heures" in text
    assert "Solde des crédits HT 315,00 €" in text
    assert "IBAN" not in text


@pytest.mark.parametrize(("refund", "hours"), [("600.00", 6), ("200.00", 2)])
def test_the_statement_counts_what_was_refunded(tmp_path: Path, refund: str, hours: int) -> None:
    """10 hours at 100.00; 4 used, 6 or 2 refunded: 0 or 4 left, and the moves add up to it."""
    loaded = load(
        tmp_path,
        f"""
2026-01-05 * "SCI Dupont" "Carnet de 10 heures" #prepaye ^CR-01
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:706:Conseil  -10 HEURE @ 100.00 EUR

2026-01-31 * "SCI Dupont" "4 heures" #consommation ^CR-01
  Produits:706:Conseil  -4 HEURE @ 100.00 EUR

2026-02-10 * "SCI Dupont" "Remboursement du reste" #avoir ^CR-01
  numero: "F2026-002"
  sur: "F2026-001"
  Actif:411:Dupont
  Passif:4191:Dupont  {refund} EUR
""",
    )
    (contract,) = select(loaded.dossier, ["^CR-01"]).statements
    made = views_of(loaded).credits_statement(contract)
    assert made.credits is not None
    assert [(m.quantity, m.amount, m.left) for m in made.credits.moves] == [
        (D(10), D("1000.00"), D(10)),
        (D(-4), D("-400.00"), D(6)),
        (D(-hours), -D(refund), D(6 - hours)),
    ]
    left = [(one.quantity, one.amount) for one in made.credits.left]
    assert left == ([(D(4), D("400.00"))] if hours == 2 else [])
    assert "Remboursement du reste" in text_of(render_pdf(made))


def test_credits_of_unknown_rate_show_no_vat(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
2026-01-05 * "SCI Dupont" "Bon cadeau" #prepaye ^CR-02
  numero: "F2026-001"
  expire: 2027-01-05
  Actif:411:Dupont
  Passif:4191:Dupont  -120.00 EUR
""",
    )
    made = view(loaded, "F2026-001")
    assert "bon-multi-usages" in codes(made)
    text = text_of(render_pdf(made))
    assert "Valable jusqu'au 5 janvier 2027" in text
    for word in ("HT", "TTC", "0 %"):
        assert word not in text


# Drafts


def test_drafts_are_watermarked_and_have_no_number(story: Loaded) -> None:
    drafted = with_drafts(story)
    (document,) = printable_documents(drafted.dossier, drafts=True)
    made = views_of(drafted).view(document)
    assert findings_of(made) == ()
    assert (made.number, made.to_pay) == ("", D("648.00"))
    assert made.name == "brouillon du 10/11/2026 (SCI Dupont)"
    text = text_of(render_pdf(made))
    assert "PROJET" in text
    assert "Projet, sans valeur comptable" in text
    assert "N°" not in text
    assert "PROJET" not in render_html(view(story, "F2026-001"))
    # The ledger as loaded knows nothing of it.
    assert story.dossier.bill(document) is None
    assert destination(made, Path()) == Path("brouillons/2026-11-10-facture-Dupont.pdf")


# Details


def test_disbursements_natures_and_exemptions_are_told_apart(story: Loaded) -> None:
    made = view(story, "F2026-010")
    assert made.totals.ht == D("260.00")
    assert made.totals.outside == D("30.00")
    text = text_of(render_pdf(made))
    assert "Total HT 260,00 €" in text
    assert "Débours 30,00 €" in text
    assert "Livraison : 8 octobre 2026" in text
    assert "Exécution : du 1er au 5 octobre 2026" in text
    assert "Exonéré" in text
    assert "Timbre fiscal" in text
    assert " 0 %" not in text


def test_a_line_in_another_currency_says_its_rate(tmp_path: Path) -> None:
    made = view(
        load(
            tmp_path,
            """
2026-01-31 price USD 0.92 EUR
2026-02-11 * "SCI Dupont" "Mission" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:706:Conseil  -6 HEURE @ 100.00 USD
  Produits:706:Conseil  -250.50 USD
""",
        ),
        "F2026-001",
    )
    assert [line.amount for line in made.lines] == [D("552.00"), D("230.46")]
    text = text_of(render_pdf(made))
    assert "600,00 USD, au cours de 0,92 €" in text
    assert "6 heures 100,00 USD 20 % 552,00" in text
    assert "250,50 USD 20 % 230,46" in text
