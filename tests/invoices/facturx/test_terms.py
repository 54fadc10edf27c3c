"""Terms of the electronic invoice, each against what the rules or a person say."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.samples import STORY, write_ledger
from tests.cli.test_verifier import COMPLETE
from tests.invoices import samples
from tests.invoices.facturx.kinds import CHOSEN, views
from tests.invoices.facturx.reading import Read

from acompta.invoices.facturx.codes import exemption_code, frame, vat_due
from acompta.invoices.facturx.fields import fields_of
from acompta.invoices.facturx.invoice import electronic_invoice
from acompta.invoices.facturx.parties import address_of, buyer_fields, electronic_address
from acompta.invoices.from_dossier import Views, printable_documents
from acompta.invoices.mentions import complete
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import Nature
from acompta.invoices.view.parties import Customer
from acompta.loading import load_ledger
from acompta.vocabulary import Kind, Regime

D = Decimal


def chosen(name: str) -> DocumentView:
    return views(CHOSEN[name].dossier)[CHOSEN[name].number]


@pytest.mark.parametrize(
    ("lines", "country", "expected"),
    [
        (("12 rue X", "69002 Lyon"), "FR", (("12 rue X",), "69002", "Lyon")),
        (("12 rue X, 69002 Lyon",), "FR", (("12 rue X",), "69002", "Lyon")),
        (("Bât. A", "Esc. 2", "12 rue X", "BP 4", "69002 Lyon Cedex 2"), "FR",
         (("Bât. A", "Esc. 2", "12 rue X, BP 4"), "69002", "Lyon Cedex 2")),
        (("12 rue X", "F-69002 Lyon", "France"), "FR", (("12 rue X",), "69002", "Lyon")),
        (("Meir 52", "2000 Antwerpen"), "BE", (("Meir 52",), "2000", "Antwerpen")),
        (("Meir 52", "B-1000 Bruxelles", "Belgique"), "BE", (("Meir 52",), "B-1000", "Bruxelles")),
        (("10 Downing Street", "SW1A 2AA London"), "GB", (("10 Downing Street",), "SW1A 2AA", "London")),
        (("Chez lui", "Quelque part"), "FR", (("Chez lui",), "", "Quelque part")),
        (("Quelque part",), "FR", (("Quelque part",), "", "")),
    ],
)  # fmt: skip
def test_an_address_is_cut_and_nothing_is_lost(
    lines: tuple[str, ...], country: str, expected: tuple[tuple[str, ...], str, str]
) -> None:
    assert tuple(address_of(lines, country)) == expected


@pytest.mark.parametrize(
    ("motive", "code"),
    [
        ("formation professionnelle continue, art. 261, 4, 4° a du CGI", "VATEX-FR-CGI261-4"),
        ("Art. 261-4-4° a du CGI", "VATEX-FR-CGI261-4"),
        ("art. 261 C, 1° du CGI", "VATEX-FR-CGI261C-1"),
        ("art. 261 D, 1° bis du CGI", "VATEX-FR-CGI261D-1BIS"),
        ("art. 261 B du CGI", "VATEX-FR-CGI261B"),
        ("art. 262 bis du CGI", ""),
        ("directive 2006/112/CE, art. 132", ""),
    ],
)
def test_the_code_of_an_exemption_is_read_in_its_reason(motive: str, code: str) -> None:
    assert exemption_code(motive) == code


def of_natures(
    *natures: Nature, kind: Kind = Kind.INVOICE, regime: Regime = Regime.RECEIPTS
) -> DocumentView:
    view = samples.simple_final()
    lines = tuple(replace(view.lines[0], nature=nature) for nature in natures)
    seller = replace(view.seller, regime=regime)
    return replace(view, kind=kind, lines=lines, seller=seller, recovered=())


GOODS, SERVICE = Nature.GOODS, Nature.SERVICE


@pytest.mark.parametrize(
    ("view", "code"),
    [
        (of_natures(SERVICE), "payment"),
        (of_natures(SERVICE, regime=Regime.DEBITS), "invoice"),
        (of_natures(GOODS), "delivery"),
        (of_natures(GOODS, regime=Regime.DEBITS), "delivery"),
        (of_natures(GOODS, SERVICE, regime=Regime.DEBITS), "invoice"),
        (of_natures(GOODS, SERVICE), ""),
        # CGI art. 269-2-a: a deposit on goods is due when received, under every regime.
        (of_natures(GOODS, kind=Kind.DEPOSIT), "payment"),
        (of_natures(GOODS, kind=Kind.DEPOSIT, regime=Regime.DEBITS), "payment"),
    ],
)
def test_when_vat_is_due(view: DocumentView, code: str) -> None:
    assert vat_due(view) == code


def test_the_frame_says_the_nature_and_whether_it_is_paid() -> None:
    assert frame(of_natures(SERVICE), paid=False) == "S1"
    assert frame(of_natures(GOODS), paid=True) == "B2"
    assert frame(of_natures(GOODS, SERVICE), paid=False) == "M1"
    assert frame(samples.simple_final(), paid=True) == "S4"
    assert frame(replace(samples.simple_final(), kind=Kind.PROGRESS), paid=False) == "S1"


def test_who_is_reached_where() -> None:
    firm = Customer(name="X", siret="52187364600017")
    assert electronic_address(firm) == ("521873646", "0225")
    assert electronic_address(replace(firm, electronic_address="521873646_COMPTA")) == (
        "521873646_COMPTA",
        "0225",
    )
    person = Customer(name="X", consumer=True)
    assert electronic_address(person) == ("", "")
    assert electronic_address(replace(person, email="a@b.fr")) == ("a@b.fr", "EM")
    abroad = Customer(name="X", country="BE", vat_number="BE0428759497")
    assert electronic_address(replace(abroad, electronic_address="9925:BE0428759497")) == (
        "BE0428759497",
        "9925",
    )
    view = replace(samples.simple_final(), customer=abroad)
    assert buyer_fields(view)["legal_identifier_schemeid"] == "0223"
    assert "legal_identifier" not in buyer_fields(replace(view, customer=person))


def test_units_and_prices_are_those_typed() -> None:
    line = fields_of(complete(chosen("facture-biens-union"))).terms["BG-25"][0]
    # -10 PIECE @ 190.00, `unece: "H87"`.
    assert (line["BT-129"], line["BT-130"], line["BT-146"], line["BT-131"]) == (
        "10", "H87", "190.00", "1900.00",
    )  # fmt: skip


def test_a_price_that_does_not_make_its_amount_is_one_unit() -> None:
    """A price in a currency: the amount posted is in euros, and the page says how."""
    view = samples.simple_final()
    line = replace(view.lines[0], currency="USD", details=("4 800,00 USD, au cours de 0,90 €",))
    terms = fields_of(complete(replace(view, lines=(line, *view.lines[1:])))).terms
    first = terms["BG-25"][0]
    assert (first["BT-129"], first["BT-146"], first["BT-131"]) == ("1", "4320.00", "4320.00")
    assert "au cours de 0,90" in first["BT-154"]
    assert terms["BT-5"] == "EUR"


def test_the_retention_is_said_and_stays_due() -> None:
    view = chosen("situation")
    assert view.retention is not None
    terms = fields_of(complete(view)).terms
    assert D(terms["BT-115"]) == view.to_pay + view.retention.amount
    assert "Retenue de garantie de 5" in terms["BT-20"]


def test_a_final_invoice_is_the_contract_less_its_deposits() -> None:
    """F2026-022: 12 750,00 € before tax and 14 342,70 € in all, deposits of 5 737,08 and 2 500,00 €: 6 105,62 €."""
    read = Read(electronic_invoice(chosen("solde")).xml)
    assert read.total("DuePayableAmount") == D("14342.70") - D("5737.08") - D("2500.00")
    assert read.references() == {"F2026-006": "20260212", "F2026-016": "20260428"}
    assert read.total("TotalPrepaidAmount") == 0


def test_the_other_encoding_by_a_key_of_the_seller(tmp_path: Path) -> None:
    """`acomptes-facturx: "deduits"`: full lines, the deposit in BT-113, the VAT of the whole."""
    text = COMPLETE.replace(
        '  regime-tva: "encaissements"\n',
        '  regime-tva: "encaissements"\n  acomptes-facturx: "deduits"\n',
    )
    loaded = load_ledger(write_ledger(tmp_path, STORY, text))
    made = Views(loaded.book(), loaded.entries, tmp_path)
    (document,) = printable_documents(loaded.dossier, ["F2026-002"])
    read = Read(electronic_invoice(made.view(document)).xml)
    assert read.total("GrandTotalAmount") == D("12000.00")
    assert read.vat == D("2000.00")
    assert read.total("TotalPrepaidAmount") == D("3600.00")
    assert read.total("DuePayableAmount") == D("8400.00")
    assert set(read.references()) == {"F2026-001"}
    wrong = text.replace('"deduits"', '"bt-113"')
    errors = load_ledger(write_ledger(tmp_path, STORY, wrong)).errors
    assert any("clé « acomptes-facturx »" in error.message for error in errors)
