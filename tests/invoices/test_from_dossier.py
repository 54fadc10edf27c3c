from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.invoices.reading import amounts_of, text_of

from acompta.invoices.checks import findings_of
from acompta.invoices.from_dossier import (
    UnprintableError,
    Views,
    destination,
    printable_documents,
)
from acompta.invoices.lines import Wording
from acompta.invoices.mentions import mentions_of
from acompta.invoices.naming import number_of
from acompta.invoices.rendering import render_pdf
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import LineRegime, Nature, Period
from acompta.loading import Loaded, load_ledger
from acompta.reading.model import Document
from acompta.register.contract import Contract
from acompta.vocabulary import Kind, Regime

LEDGERS = Path(__file__).parents[2] / "ledgers"
DOSSIERS = sorted(path.parent for path in LEDGERS.glob("*/main.beancount"))
D = Decimal

HEAD = """
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
plugin "acompta"
2026-01-01 custom "emetteur" "Atelier Lumière"
  siret: "73282932000074"
  tva-intracom: "FR44732829320"
  adresse: "12 rue de la République
69002 Lyon"
  delai: "45 jours fin de mois"
2026-01-01 commodity M2
  name: "m²"
2026-01-01 open Actif:411:Dupont EUR
  raison-sociale: "SCI Dupont"
  siren: "812345676"
  adresse: "3 quai Perrache
69002 Lyon"
2026-01-01 open Actif:512:Banque EUR
2026-01-01 open Passif:44571:TVA EUR
2026-01-01 open Passif:44574:TVA EUR
2026-01-01 open Produits:704:Travaux
  tva: 20
2026-01-01 open Produits:707:Ventes
  tva: 5.5
2026-01-01 open Passif:467:Debours EUR

2026-01-12 * "SCI Dupont" "Extension de la maison" #contrat ^D1
  bon-de-commande: "PO-7"
  Actif:411:Dupont
  Produits:704:Travaux  -42.50 M2 @ 185.00 EUR
    lot: "GO"
    libelle: "Dalle en béton armé"
  Produits:704:Travaux  -1 FORFAIT @ 4500.00 EUR
    lot: "CH"
    libelle: "Charpente traditionnelle"
    tva: 10
2026-01-15 * "SCI Dupont" "Acompte de 30 %" #acompte ^D1
  numero: "F2026-001"
  Actif:411:Dupont
  Passif:4191:Dupont  -30 PCT
2026-01-30 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  1000.00 EUR
  Actif:411:Dupont
"""
FINAL = """
2026-06-30 * "SCI Dupont" "Solde" #solde ^D1
  numero: "F2026-002"
  livraison: "2026-03-01/2026-06-30"
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT
"""


def load(folder: Path, text: str) -> Loaded:
    path = folder / "main.beancount"
    path.write_text(text, encoding="utf-8")
    loaded = load_ledger(path)
    assert [error.message for error in loaded.errors] == []
    return loaded


def views_of(loaded: Loaded) -> Views:
    return Views(loaded.book(), loaded.entries, loaded.path.parent)


def view(folder: Path, text: str, number: str) -> DocumentView:
    loaded = load(folder, text)
    (document,) = printable_documents(loaded.dossier, [number])
    return views_of(loaded).view(document)


# Pages of the example dossiers (the figures: `test_as_posted`)


def documents_of_each_kind() -> Iterator[tuple[Path, Document]]:
    """The longest document of each kind in each dossier: enough pages to read, not all of them."""
    for folder in DOSSIERS:
        dossier = load_ledger(folder).dossier
        longest: dict[Kind, Document] = {}
        for document in printable_documents(dossier):
            known = longest.get(document.kind)
            if known is None or len(document.lines) > len(known.lines):
                longest[document.kind] = document
        yield from ((folder, document) for document in longest.values())


@pytest.mark.slow
def test_pages_of_the_example_dossiers_read_back() -> None:
    for folder, document in documents_of_each_kind():
        loaded = load_ledger(folder)
        (same,) = (
            d
            for d in printable_documents(loaded.dossier, [number_of(document)])
            if d.kind is document.kind
        )
        made = views_of(loaded).view(same)
        pdf = render_pdf(made)
        shown = amounts_of(pdf)
        assert {abs(line.amount) for line in made.lines} | {abs(made.to_pay)} <= shown
        text = text_of(pdf)
        assert made.title in text
        assert made.number in text


# Kinds


def test_a_deposit_names_its_contract_its_percent_and_what_remains(tmp_path: Path) -> None:
    made = view(tmp_path, HEAD, "F2026-001")
    assert made.contract is not None
    assert (made.contract.link, made.contract.date) == ("D1", datetime.date(2026, 1, 12))
    assert made.object == "Extension de la maison"
    assert made.purchase_order == "PO-7"
    assert made.payment_terms == "45 jours fin de mois"
    assert made.due == datetime.date(2026, 3, 31)
    # 7 862.50 at 20 % and 4 500.00 at 10 %: 14 385.00 with VAT, 30 % of it is 4 315.50.
    assert made.to_pay == D("4315.50")
    assert [line.label for line in made.lines] == ["Acompte de 30 %"] * 2
    assert made.deposit is not None
    assert (made.deposit.percent, made.deposit.contract_ttc) == (D(30), D("14385.00"))
    assert made.deposit.remaining_ttc == D("10069.50")


def test_a_second_deposit_counts_the_first(tmp_path: Path) -> None:
    second = """
2026-02-10 * "SCI Dupont" "Acompte forfaitaire" #acompte ^D1
  numero: "F2026-002"
  Actif:411:Dupont
  Passif:4191:Dupont  -500.00 EUR
    tva: 20
"""
    made = view(tmp_path, HEAD + second, "F2026-002")
    assert made.deposit is not None
    assert made.deposit.percent is None
    assert [earlier.ttc for earlier in made.deposit.earlier] == [D("4315.50")]
    assert made.deposit.remaining_ttc == D("14385.00") - D("4315.50") - D("600.00")


def test_a_final_invoice_billed_at_once_shows_the_lines_of_the_contract(tmp_path: Path) -> None:
    made = view(tmp_path, HEAD + FINAL, "F2026-002")
    first, second = made.lines
    assert (first.quantity, first.unit, first.unit_price) == (D("42.50"), "m²", D("185.00"))
    assert (second.quantity, second.unit, second.rate) == (D(1), "forfait", D(10))
    assert not made.by_progress
    assert made.delivery == Period(start=datetime.date(2026, 3, 1), end=datetime.date(2026, 6, 30))


def test_a_final_invoice_says_what_is_paid_and_what_remains(tmp_path: Path) -> None:
    made = view(tmp_path, HEAD + FINAL, "F2026-002")
    (deposit,) = made.recovered
    assert (deposit.paid, deposit.unpaid) == (D("1000.00"), D("3315.50"))
    assert deposit.paid_on == datetime.date(2026, 1, 30)
    assert made.to_pay == D("14385.00") - D("4315.50")
    assert made.statement is not None
    assert made.statement.billed == D("14385.00")
    assert made.statement.paid == D("1000.00")
    assert made.statement.to_pay == D("13385.00")


def test_after_a_milestone_the_final_invoice_shows_the_whole_contract(tmp_path: Path) -> None:
    milestone = """
2026-03-31 * "SCI Dupont" "Charpente posée" #facture ^D1
  numero: "F2026-002"
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT
    lot: "CH"
"""
    rest = FINAL.replace("F2026-002", "F2026-003").replace("-100 PCT", '-100 PCT\n    lot: "GO"')
    made = view(tmp_path, HEAD + milestone + rest, "F2026-003")
    steps = {line.lot: line.progress for line in made.lines if line.progress}
    assert steps.keys() == {"GO", "CH"}
    assert (steps["CH"].previous, steps["CH"].current) == (D("4500.00"), D("0.00"))
    assert (steps["GO"].previous, steps["GO"].current) == (D("0.00"), D("7862.50"))
    assert [invoice.number for invoice in made.earlier_invoices] == ["F2026-002"]
    assert findings_of(made) == ()


def test_a_half_way_progress_shows_previous_and_cumulative(tmp_path: Path) -> None:
    situations = "".join(
        f"""
2026-0{rank + 2}-28 * "SCI Dupont" "Situation n° {rank}" #situation ^D1
  numero: "F2026-00{rank + 1}"
  Actif:411:Dupont
  Produits:704:Travaux  -{rank * 25} PCT
    lot: "GO"
"""
        for rank in (1, 2)
    )
    (line,) = view(tmp_path, HEAD + situations, "F2026-003").lines
    assert line.progress is not None
    assert (line.progress.previous, line.progress.current) == (D("1965.63"), D("1965.62"))
    assert (line.progress.previous_percent, line.progress.cumulative_percent) == (D(25), D(50))


def test_a_plain_invoice_with_a_discount_goods_and_a_disbursement(tmp_path: Path) -> None:
    plain = """
2026-02-02 * "SCI Dupont" "Fournitures" #facture
  numero: "F2026-002"
  echeance: 2026-02-15
  Actif:411:Dupont
  Produits:704:Travaux  -3 HEURE @ 50.00 EUR
    livraison: 2026-02-01
  Produits:704:Travaux  1 REMISE @ 10.00 EUR
    libelle: "Remise"
  Produits:707:Ventes  -200.00 EUR
  Passif:467:Debours  -30.00 EUR
    motif: "timbre fiscal"
"""
    made = view(tmp_path, HEAD + plain, "F2026-002")
    work, discount, goods, disbursement = made.lines
    assert (work.unit, work.label) == ("heure", "Fournitures")
    assert work.delivery == Period(start=datetime.date(2026, 2, 1), end=datetime.date(2026, 2, 1))
    assert (discount.quantity, discount.amount) == (None, D("-10.00"))
    assert (goods.quantity, goods.unit_price, goods.nature) == (D(1), D("200.00"), Nature.GOODS)
    assert (disbursement.nature, disbursement.motive) == (Nature.DISBURSEMENT, "timbre fiscal")
    assert made.payment_terms == ""
    assert made.due == datetime.date(2026, 2, 15)
    assert made.contract is None
    assert findings_of(made) == ()
    assert made.to_pay == D("140.00") + D("28.00") + D("200.00") + D("11.00") + D("30.00")


def test_a_discount_for_prompt_payment_and_the_grant_of_a_third_party_are_called_by_their_name(
    tmp_path: Path,
) -> None:
    """1 000 − 20 = 980, VAT 196, 1 176; the grant of 300 pays its part: 876 to pay, and the page grants a discount."""
    plain = """
2026-01-01 open Charges:665:Escomptes EUR
2026-02-02 * "SCI Dupont" "Isolation" #facture
  numero: "F2026-002"
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR
  Charges:665:Escomptes  20.00 EUR
2026-02-02 * "SCI Dupont" "Prime CEE d'Énergie SA" ^F2026-002
  Passif:467:Debours  300.00 EUR
  Actif:411:Dupont
"""
    made = view(tmp_path, HEAD + plain, "F2026-002")
    _, discount = made.lines
    assert (discount.label, discount.amount, discount.prompt) == ("Escompte", D("-20.00"), True)
    (grant,) = made.payments
    assert (grant.label, grant.amount) == ("Prime CEE d'Énergie SA, le", D("300.00"))
    assert made.to_pay == D("876.00")
    said = " ".join(mention.text for mention in mentions_of(made))
    assert "Escompte pour paiement anticipé déduit sur ce document" in said
    assert "Pas d'escompte" not in said


def test_a_quote_is_known_by_its_link_and_asks_for_its_deposit(tmp_path: Path) -> None:
    quote = """
2026-01-05 * "SCI Dupont" "Extension" #devis ^D9
  validite: 2026-02-05
  acompte: 30
  Actif:411:Dupont
  Produits:704:Travaux  -10 M2 @ 33.33 EUR
"""
    made = view(tmp_path, HEAD + quote, "D9")
    assert (made.number, made.kind) == ("D9", Kind.QUOTE)
    assert made.valid_until == datetime.date(2026, 2, 5)
    assert made.to_pay == D("333.30") + D("66.66")
    assert made.deposit is not None
    assert made.deposit.amount == D("119.99")
    assert destination(made, tmp_path) == tmp_path / "devis" / "D9.pdf"


def test_franchise_and_consumer(tmp_path: Path) -> None:
    text = (HEAD + FINAL).replace(
        '  tva-intracom: "FR44732829320"\n', '  regime-tva: "franchise"\n'
    )
    text = text.replace('  siren: "812345676"\n', "  particulier: TRUE\n")
    made = view(tmp_path, text, "F2026-002")
    assert made.seller.regime is Regime.FRANCHISE
    assert made.customer.consumer
    assert made.totals.vat == 0
    assert made.regimes == {LineRegime.FRANCHISE}
    assert findings_of(made) == ()


# As of the document's day


def test_what_is_received_later_does_not_change_the_page(tmp_path: Path) -> None:
    later = """
2026-07-15 * "SCI Dupont" "Virement" ^F2026-002
  Actif:512:Banque  500.00 EUR
  Actif:411:Dupont
2026-07-16 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque  3315.50 EUR
  Actif:411:Dupont
"""
    before = view(tmp_path, HEAD + FINAL, "F2026-002")
    assert view(tmp_path, HEAD + FINAL + later, "F2026-002") == before


def test_what_was_received_before_or_on_the_day_is_deducted(tmp_path: Path) -> None:
    same_day = """
2026-06-30 * "SCI Dupont" "Carte" ^F2026-002
  Actif:512:Banque  69.50 EUR
  Actif:411:Dupont
"""
    made = view(tmp_path, HEAD + FINAL + same_day, "F2026-002")
    assert [payment.amount for payment in made.payments] == [D("69.50")]
    assert made.to_pay == D("10000.00")
    assert findings_of(made) == ()


# What cannot be printed


def test_a_missing_siren_is_found_at_the_line_of_the_customer(tmp_path: Path) -> None:
    text = HEAD.replace('  siren: "812345676"\n', "")
    (finding,) = findings_of(view(tmp_path, text, "F2026-001"))
    assert finding.key == "siren"
    line = text.splitlines().index("2026-01-01 open Actif:411:Dupont EUR") + 1
    assert str(finding).startswith(f"{tmp_path / 'main.beancount'}:{line} : ")


def test_an_unknown_number_is_refused_with_its_neighbours(tmp_path: Path) -> None:
    loaded = load(tmp_path, HEAD)
    with pytest.raises(UnprintableError, match=r"F2026-010.*numéros proches : F2026-001"):
        printable_documents(loaded.dossier, ["F2026-010"])


def test_drafts_contracts_and_documents_in_error_are_not_chosen(tmp_path: Path) -> None:
    draft = FINAL.replace("2026-06-30 *", "2026-06-30 !").replace('  numero: "F2026-002"\n', "")
    wrong = FINAL.replace("-100 PCT", "-150 PCT")
    path = tmp_path / "main.beancount"
    path.write_text(HEAD + draft + wrong, encoding="utf-8")
    loaded = load_ledger(path)
    assert [d.number for d in printable_documents(loaded.dossier)] == ["F2026-001"]
    (document,) = printable_documents(loaded.dossier, ["F2026-002"])
    with pytest.raises(UnprintableError, match=r"F2026-002 : document en erreur"):
        views_of(loaded).view(document)


def test_a_number_with_a_slash_makes_one_file(tmp_path: Path) -> None:
    made = view(tmp_path, HEAD.replace("F2026-001", "F/2026/001"), "F/2026/001")
    assert destination(made, tmp_path) == tmp_path / "factures" / "F_2026_001.pdf"


TAKEN_OVER = """
2026-01-01 open Capitaux:890:Ouverture EUR
2026-01-12 * "SCI Dupont" "Étude" #contrat ^D2
  Actif:411:Dupont
  Produits:704:Travaux  -1000.00 EUR
2026-01-01 * "SCI Dupont" "Acompte F2025-090" #reprise ^D2
  numero: "F2025-090"
  date-reelle: 2025-11-03
  {claim}
  Passif:4191:Dupont  -300.00 EUR
    tva: 20
  Capitaux:890:Ouverture
2026-06-30 * "SCI Dupont" "Solde" #solde ^D2
  numero: "F2026-002"
  Actif:411:Dupont
"""


@pytest.mark.parametrize(
    ("claim", "paid", "unpaid", "said"),
    [
        # 300 + 60 of VAT, all paid to the other program.
        (";; rien au 411", D("360.00"), D("0.00"), "Réglé"),
        # 60 of the 360 still owed at the opening: 300 had been paid.
        ("Actif:411:Dupont  60.00 EUR", D("300.00"), D("60.00"), "Réglé à hauteur de 300,00 €"),
        ("Actif:411:Dupont  360.00 EUR", D("0.00"), D("360.00"), "Non réglé à ce jour"),
    ],
)
def test_a_deposit_taken_over_says_its_real_day_and_what_was_paid_of_it(
    tmp_path: Path, claim: str, paid: Decimal, unpaid: Decimal, said: str
) -> None:
    """Contract 1 200; final invoice 1 200 − 360: billed 1 200 in all, whoever printed the deposit."""
    found = view(tmp_path, HEAD + TAKEN_OVER.format(claim=claim), "F2026-002")
    (deposit,) = found.recovered
    assert deposit.date == datetime.date(2025, 11, 3)
    assert (deposit.paid, deposit.unpaid) == (paid, unpaid)
    assert found.statement is not None
    assert found.statement.billed == D("1200.00")
    assert (found.statement.paid, found.statement.to_pay) == (paid, D("840.00") + unpaid)
    words = " ".join(text_of(render_pdf(found)).split())
    assert "Acompte F2025-090 du 3 novembre 2025" in words
    assert re.search(
        rf"−360,00\W+{said} (?!le|à)|F2025-090 du 3 novembre 2025 {said} (?!le|à)", words
    )


# Contracts whose lines say little


BARE = """
2026-01-01 price BT01 100.0 EUR
2026-03-01 price BT01 110.0 EUR
2026-02-01 * "SCI Dupont" "Ravalement" #contrat ^D9
  revision: "0.15 + 0.85 * (BT01 / BT01_0)"
  revision-base: 2026-01-01
  regime: "exonere"
  motif: "art. 261, 4, 4° du CGI"
  Actif:411:Dupont
  Produits:704:Travaux  -10000.00 EUR
2026-03-31 * "SCI Dupont" "Situation" #situation ^D9
  numero: "F2026-002"
  Actif:411:Dupont
  Produits:704:Travaux  -40 PCT
2026-04-02 * "SCI Dupont" "Dix points de trop" #avoir ^D9
  numero: "A2026-001"
  sur: "F2026-002"
  Actif:411:Dupont
  Produits:704:Travaux  10 PCT
"""


def test_a_line_that_nobody_named_is_called_by_the_contract_not_by_an_account(
    tmp_path: Path,
) -> None:
    made = view(tmp_path, HEAD + BARE, "F2026-002")
    assert [line.label for line in made.lines] == [
        "Ravalement",
        "Révision de prix, coefficient 1,0850",
    ]


def test_the_motive_typed_on_the_contract_is_that_of_its_lines_and_of_their_revision(
    tmp_path: Path,
) -> None:
    made = view(tmp_path, HEAD + BARE, "F2026-002")
    assert {line.motive for line in made.lines} == {"art. 261, 4, 4° du CGI"}
    assert [str(finding) for finding in findings_of(made)] == []


def test_a_credit_in_points_shows_the_revision_that_it_gives_back(tmp_path: Path) -> None:
    # 10 points of 10 000 at 1.085: 1 000 and 85.
    made = view(tmp_path, HEAD + BARE, "A2026-001")
    assert [(line.label, line.amount) for line in made.lines] == [
        ("Ravalement", D("1000.00")),
        ("Révision de prix, coefficient 1,0850", D("85.00")),
    ]
    assert made.to_pay == D("1085.00")


def test_the_lines_of_a_contract_are_read_once_for_all_of_its_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A contract of hundreds of lots billed by as many documents is not read whole for each."""
    read: list[str] = []
    first = Wording.__init__

    def counted(self: Wording, contract: Contract) -> None:
        read.append(contract.link)
        first(self, contract)

    monkeypatch.setattr(Wording, "__init__", counted)
    lots = [f'  Produits:704:Travaux  -100.00 EUR\n    lot: "L{n}"\n' for n in range(4)]
    text = '\n2026-02-01 * "SCI Dupont" "Lots" #contrat ^D2\n  Actif:411:Dupont\n' + "".join(lots)
    for n in range(4):
        text += (
            f'\n2026-03-0{n + 1} * "SCI Dupont" "Lot {n}" #situation ^D2\n  numero: "F2026-00{n + 2}"\n'
            f'  Actif:411:Dupont\n  Produits:704:Travaux  -100 PCT\n    lot: "L{n}"\n'
        )
    (tmp_path / "main.beancount").write_text(HEAD + text, encoding="utf-8")
    loaded = load_ledger(tmp_path)
    assert not loaded.errors
    views = Views(loaded.book(), loaded.entries, tmp_path)
    situations = [d for d in loaded.dossier.documents if d.kind is Kind.PROGRESS]
    last = [views.view(document) for document in situations][-1]
    assert [(line.lot, line.amount) for line in last.lines] == [("L3", D("100.00"))]
    assert [each.ht for each in last.earlier_invoices] == [D("100.00")] * 3
    assert last.heading.endswith("n° 4")
    assert read == ["D2"]
