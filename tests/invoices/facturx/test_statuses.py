"""Status 212: receipts per invoice and rate, against the VAT that the same settlements made due."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount.core.data import Transaction
from lxml import etree
from tests.cli.samples import write_ledger
from tests.invoices.facturx.reading import NS
from tests.invoices.test_as_posted import CASES, DOSSIERS

from acompta.chart import VAT_DUE
from acompta.invoices.facturx.cdar import cdar
from acompta.invoices.facturx.statuses import Circuit, Received, receipts
from acompta.invoices.parties import seller_view
from acompta.loading import Loaded, load_ledger
from acompta.rounding import HUNDRED, ZERO
from acompta.vat import ON_RECEIPT

D = Decimal
CASE_FOLDERS = Path(__file__).parents[2] / "cases"
END = datetime.date(2099, 12, 31)
CDAR = {
    **NS,
    "rsm": "urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100",
}
# Each receipt of several rates rounds its cents on its own: a few of them over a whole dossier.
CENTS = D("0.10")


def said(path: Path) -> tuple[Received, ...]:
    return receipts(load_ledger(path).dossier, None, END)


def moved(loaded: Loaded) -> tuple[dict[Decimal, Decimal], set[str]]:
    """VAT that fell due per rate by settlements, and the other causes met."""
    sums: dict[Decimal, Decimal] = defaultdict(Decimal)
    causes = set()
    for entry in loaded.entries:
        if isinstance(entry, Transaction) and "exigibilite" in entry.meta:
            for posting in entry.postings:
                meta = posting.meta or {}
                if "taux" in meta and loaded.dossier.chart.get(posting.account).role == VAT_DUE:
                    assert posting.units is not None
                    assert posting.units.number is not None
                    causes.add(entry.meta["exigibilite"])
                    sums[D(meta["taux"])] -= posting.units.number
    return sums, causes - {ON_RECEIPT}


@pytest.mark.parametrize("path", DOSSIERS, ids=lambda path: path.parent.name)
def test_what_is_said_to_be_received_bears_the_vat_that_fell_due(path: Path) -> None:
    loaded = load_ledger(path)
    due, _ = moved(loaded)
    told: dict[Decimal, Decimal] = defaultdict(Decimal)
    for received in receipts(loaded.dossier, None, END):
        for rate, amount in received.amounts:
            told[rate] += amount * rate / (HUNDRED + rate)
    assert {rate for rate in due if due[rate]} == {rate for rate in told if abs(told[rate]) > CENTS}
    for rate, vat in due.items():
        assert abs(vat - told[rate]) <= CENTS, (rate, vat, told[rate])


def case(name: str) -> Path:
    (found,) = [path for path in CASES if path.parent.name == name]
    return found


def rows(path: Path) -> list[tuple[str, str, str, str]]:
    return [
        (f"{one.date}", one.number, f"{rate:f}", f"{amount:f}")
        for one in said(path)
        for rate, amount in one.amounts
    ]


def test_a_deposit_and_its_final_invoice() -> None:
    """D01: 10 000 € before tax at 20 %, a deposit of 30 %: 3 600 €, then 8 400 €."""
    assert [row[1:] for row in rows(case("acompte-30-pourcent-encaissements-D01"))] == [
        ("F2026-001", "20", "3600.00"),
        ("F2026-002", "20", "8400.00"),
    ]


def test_money_before_the_invoice_is_said_at_the_invoice() -> None:
    """D11: 3 600 € on 8 January, deposit invoice on 10 January."""
    first, second = said(case("acompte-paye-avant-la-facture-D11"))
    assert (first.date, first.received_on) == (
        datetime.date(2026, 1, 10),
        datetime.date(2026, 1, 8),
    )
    assert (first.number, first.total, second.total) == ("F2026-001", D("3600.00"), D("8400.00"))


def test_a_deposit_on_goods_counts_and_the_delivery_does_not() -> None:
    """D03: goods, VAT of the balance due at delivery; only the deposit is received with its VAT."""
    found = said(case("acompte-biens-depuis-2023-D03"))
    assert {one.type for one in found} == {"386"}


def test_under_the_option_for_debits_only_deposits_count() -> None:
    found = said(case("acompte-30-pourcent-debits-D02"))
    assert [one.type for one in found] == ["386"]


def test_franchise_says_nothing() -> None:
    assert said(case("acompte-franchise-D06")) == ()


def test_an_invoice_and_its_credit_note_offset_each_other() -> None:
    """DJA-03: 120 € VAT included, credited before any payment (UC5 of XP Z12-014)."""
    found = {one.number: one.total for one in said(case("avoir-avant-tout-paiement-DJA-03"))}
    assert found == {"F2026-001": D("120.00"), "A2026-001": D("-120.00")}


def test_a_credit_note_of_two_rates_is_set_against_the_same_rates() -> None:
    """1 200 at 20 % and 550 at 10 %, less a credit note of 240 and 55: 960 and 495 are left, and paid."""
    found = said(CASE_FOLDERS / "avoir-par-lignes-deux-taux" / "typed.beancount")
    assert [(one.number, one.amounts) for one in found] == [
        ("A2026-001", ((D(20), D(-240)), (D(10), D(-55)))),
        ("F2026-001", ((D(20), D(240)), (D(10), D(55)))),
        ("F2026-001", ((D(20), D(960)), (D(10), D(495)))),
    ]


def test_a_refund_is_negative() -> None:
    found = said(case("avoir-puis-remboursement-DJA-03"))
    assert min(one.total for one in found) < 0
    assert sum((one.total for one in found), ZERO) == 0


def test_every_rate_of_an_invoice_clears_with_its_last_payment() -> None:
    """Whatever the instalments, what is said of a paid document is the document, rate by rate."""
    for path in DOSSIERS:
        loaded = load_ledger(path)
        told: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
        for received in receipts(loaded.dossier, None, END):
            for rate, amount in received.amounts:
                told[(received.number, rate)] += amount
        for number, claim in loaded.dossier.claims.items():
            if claim.open or claim.settled or claim.document.kind.value == "reprise":
                continue
            for tax, share in claim.net.items():
                if (number, tax.rate) in told and len({t.rate for t in claim.net}) == len(
                    claim.net
                ):
                    assert told[(number, tax.rate)] == share.total, (path, number, tax)


CONSUMER = """
2026-06-02 * "Martin" "Travaux" #facture ^F2026-009
  numero: "F2026-009"
  Actif:411:Martin
  Produits:704:Travaux  -100.00 EUR
2026-06-03 * "Martin" "Virement" ^F2026-009
  Actif:512:Banque  60.00 EUR
  Actif:411:Martin
"""


def test_a_consumer_is_reported_otherwise(tmp_path: Path) -> None:
    path = write_ledger(tmp_path, CONSUMER)
    text = path.read_text(encoding="utf-8").replace(
        '  raison-sociale: "Martin & Fils"\n', '  raison-sociale: "Martin"\n  particulier: TRUE\n'
    )
    path.write_text(text, encoding="utf-8")
    (found,) = said(path)
    assert (found.circuit, found.amounts) == (Circuit.REPORTING, ((D(20), D("60.00")),))


REFERENCE = "//ram:ReferenceReferencedDocument"
# BR-FR-CDV-01 to 14, CL-02, CL-03, CL-05, CL-07: where, and the only value that the rules leave us.
FIXED = {
    "//ram:GuidelineSpecifiedDocumentContextParameter/ram:ID": "urn.cpro.gouv.fr:1p0:CDV:invoice",
    "//ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID": "REGULATED",
    "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString": "20261231000000",
    "rsm:ExchangedDocument/ram:SenderTradeParty/ram:RoleCode": "SE",
    "rsm:ExchangedDocument/ram:IssuerTradeParty/ram:RoleCode": "SE",
    "rsm:ExchangedDocument/ram:IssuerTradeParty/ram:GlobalID": "732829320",
    "rsm:AcknowledgementDocument/ram:TypeCode": "23",
    f"{REFERENCE}/ram:StatusCode": "47",
    f"{REFERENCE}/ram:ProcessConditionCode": "212",
    f"{REFERENCE}/ram:IssuerTradeParty/ram:RoleCode": "SE",
    f"{REFERENCE}/ram:IssuerTradeParty/ram:GlobalID": "732829320",
    "//ram:SequenceNumeric": "1",
}


def test_the_message_follows_the_rules_of_platforms() -> None:
    path = DOSSIERS[0]
    loaded = load_ledger(path)
    found = [r for r in receipts(loaded.dossier, None, END) if r.circuit == Circuit.PLATFORM]
    assert len(found) > 20
    for received in found:
        seller = seller_view(received.document.seller, path.parent)
        xml = cdar(received, seller, 1, datetime.date(2026, 12, 31))
        assert xml == cdar(received, seller, 1, datetime.date(2026, 12, 31))
        root = etree.fromstring(xml)
        expected = FIXED | {
            f"{REFERENCE}/ram:IssuerAssignedID": received.number,
            f"{REFERENCE}/ram:FormattedIssueDateTime/qdt:DateTimeString": (
                f"{received.document.date:%Y%m%d}"
            ),
        }
        assert {where: texts(root, where) for where in expected} == {
            where: [value] for where, value in expected.items()
        }
        assert_recipients(root)
        block = "//ram:SpecifiedDocumentCharacteristic[ram:TypeCode='MEN']"
        rates, amounts = (
            texts(root, f"{block}/ram:ValuePercent"),
            texts(root, f"{block}/ram:ValueAmount"),
        )
        said = [(D(rate), D(amount)) for rate, amount in zip(rates, amounts, strict=True)]
        assert said == list(received.amounts)


def texts(root: Any, where: str) -> list[str]:
    return [element.text for element in root.xpath(where, namespaces=CDAR)]


def assert_recipients(root: Any) -> None:
    """BR-FR-CDV-08 and CL-04: the customer has an address, the public portal needs none."""
    for recipient in root.iter(f"{{{CDAR['ram']}}}RecipientTradeParty"):
        role = recipient.findtext("ram:RoleCode", namespaces=CDAR)
        assert role in {"BY", "DFH"}
        assert role == "DFH" or recipient.findtext(".//ram:URIID", namespaces=CDAR)
