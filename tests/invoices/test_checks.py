from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.invoices import samples
from tests.invoices.samples import D

from acompta.invoices.checks import findings_of
from acompta.invoices.view.contract import Payment, Retention
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import LineRegime, Nature
from acompta.invoices.view.parties import Customer, Place, Seller
from acompta.invoices.view.totals import Totals

SELLER_PLACE = Place("main.beancount", 12)
CUSTOMER_PLACE = Place("clients.beancount", 40)


def base() -> DocumentView:
    view = samples.simple_final()
    return replace(
        view,
        seller=replace(view.seller, place=SELLER_PLACE),
        customer=replace(view.customer, place=CUSTOMER_PLACE),
        place=Place("2026-04.beancount", 7),
    )


def seller(**changes: object) -> DocumentView:
    return replace(base(), seller=replace(base().seller, **changes))  # type: ignore[arg-type]


def customer(**changes: object) -> DocumentView:
    return replace(base(), customer=replace(base().customer, **changes))  # type: ignore[arg-type]


def lines(view: DocumentView, **changes: object) -> DocumentView:
    changed = tuple(replace(line, **changes) for line in view.lines)  # type: ignore[arg-type]
    return replace(view, lines=changed)


@pytest.mark.parametrize("make", samples.ALL.values(), ids=samples.ALL.keys())
def test_the_samples_may_all_be_printed(make: Callable[[], DocumentView]) -> None:
    assert findings_of(make()) == ()


@pytest.mark.parametrize(
    ("view", "key", "place"),
    [
        (seller(name=""), "emetteur", SELLER_PLACE),
        (seller(address=()), "adresse", SELLER_PLACE),
        (seller(siret=""), "siret", SELLER_PLACE),
        (seller(vat_number=""), "tva-intracom", SELLER_PLACE),
        (customer(name=""), "raison-sociale", CUSTOMER_PLACE),
        (customer(address=()), "adresse", CUSTOMER_PLACE),
        (customer(siren=""), "siren", CUSTOMER_PLACE),
        (replace(base(), due=None), "echeance", base().place),
    ],
)
def test_a_missing_mention_names_its_key_and_its_line(
    view: DocumentView, key: str, place: Place
) -> None:
    (finding,) = findings_of(view)
    assert finding.key == key
    assert finding.place == place
    assert str(finding).startswith(f"{place.path}:{place.line} : ")
    assert "tapez" in finding.message
    assert "\n" not in finding.message


def test_all_that_is_missing_is_said_at_once() -> None:
    bare = replace(base(), seller=Seller(name=""), customer=Customer(name=""))
    keys = [finding.key for finding in findings_of(bare)]
    assert keys == [
        "emetteur",
        "adresse",
        "siret",
        "tva-intracom",
        "raison-sociale",
        "adresse",
        "siren",
    ]


@pytest.mark.parametrize(
    "view",
    [
        customer(siren="", consumer=True),
        customer(siren="", country="US"),
        customer(siren="", siret="81234567600017"),
        seller(siret="", siren="732829320"),
        replace(samples.franchise(), seller=replace(samples.FREELANCE, vat_number="")),
        replace(samples.quote(), due=None),
    ],
)
def test_what_the_law_does_not_ask_is_not_asked(view: DocumentView) -> None:
    assert findings_of(view) == ()


@pytest.mark.parametrize(
    ("view", "key", "read"),
    [
        (seller(siret="73282932000075"), "siret", "73282932000075"),
        (seller(siren="732829321"), "siren", "732829321"),
        (seller(siren="812345676"), "siren", "812345676"),
        (seller(vat_number="FR45732829320"), "tva-intracom", "FR45732829320"),
        (seller(iban="FR7630006000011234567890188"), "iban", "FR7630006000011234567890188"),
        (seller(bic="AGRIFRP"), "bic", "AGRIFRP"),
        (seller(accent="red; } body { display: none"), "couleur", "red; } body { display: none"),
        (customer(siren="812345677"), "siren", "812345677"),
        (customer(siret="52187364600017"), "siren", "812345676"),
        (customer(vat_number="FR83812345676"), "tva-intracom", "FR83812345676"),
        (customer(country="France"), "pays", "France"),
        (replace(base(), number="F 2026/é"), "numero", "F 2026/é"),
    ],
)
def test_a_wrong_identifier_is_quoted_back(view: DocumentView, key: str, read: str) -> None:
    found = {finding.key: finding.message for finding in findings_of(view)}
    assert f"« {read} »" in found[key]
    assert "attendu" in found[key]


def test_the_likely_number_is_proposed() -> None:
    (finding,) = findings_of(seller(vat_number=""))
    assert "FR44732829320" in finding.message
    (finding,) = findings_of(customer(siren="", vat_number="FR19812345676"))
    assert '"812345676"' in finding.message


def test_a_logo_must_be_an_image_that_exists(tmp_path: Path) -> None:
    (finding,) = findings_of(seller(logo=tmp_path / "absent.png"))
    assert finding.key == "logo"
    text = tmp_path / "logo.txt"
    text.write_text("x")
    (finding,) = findings_of(seller(logo=text))
    assert finding.key == "logo"
    image = tmp_path / "logo.png"
    image.write_bytes(b"x")
    assert findings_of(seller(logo=image)) == ()


def regime(view: DocumentView, line_regime: LineRegime) -> DocumentView:
    """Whole document under one regime, its totals and its deposits following."""
    view = lines(view, regime=line_regime, rate=D(0))
    (total,) = view.totals.rates
    untaxed = replace(total, rate=D(0), vat=D(0), regime=line_regime)
    return replace(view, totals=Totals((untaxed,)), recovered=(), balance=None, to_pay=untaxed.base)


@pytest.mark.parametrize(
    ("country", "number", "line_regime", "keys"),
    [
        ("BE", "BE0776091951", LineRegime.INTRACOM_GOODS, []),
        ("BE", "", LineRegime.INTRACOM_GOODS, ["tva-intracom"]),
        ("BE", "BE0776091952", LineRegime.INTRACOM_SERVICES, ["tva-intracom"]),
        ("US", "", LineRegime.INTRACOM_SERVICES, ["pays", "tva-intracom"]),
        ("FR", "FR19812345676", LineRegime.INTRACOM_SERVICES, ["pays"]),
        ("US", "", LineRegime.EXPORT, []),
        ("DE", "", LineRegime.EXPORT, ["pays"]),
    ],
)
def test_customers_abroad(
    country: str, number: str, line_regime: LineRegime, keys: list[str]
) -> None:
    view = regime(customer(country=country, vat_number=number), line_regime)
    assert [finding.key for finding in findings_of(view)] == keys


def test_an_exemption_and_a_disbursement_need_their_motive() -> None:
    exempt = regime(base(), LineRegime.EXEMPT)
    assert {finding.key for finding in findings_of(exempt)} == {"motif"}
    assert findings_of(lines(exempt, motive="art. 261, 4, 4° du CGI")) == ()


def test_a_line_needs_its_designation() -> None:
    found = findings_of(lines(base(), label=" "))
    assert [finding.key for finding in found] == ["libelle"] * len(base().lines)


def test_a_date_after_the_last_known_reference_is_a_finding() -> None:
    late = replace(samples.franchise(), date=datetime.date(2029, 1, 1))
    (finding,) = findings_of(late)
    assert "franchise" in finding.message


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\u202e", "\u2066", "\ufffe", "\ue000"])
@pytest.mark.parametrize("where", ["object", "name", "label"])
def test_an_invisible_character_is_refused(char: str, where: str) -> None:
    text = f"Charpente{char} Martin"
    view = {
        "object": replace(base(), object=text),
        "name": customer(name=text),
        "label": lines(base(), label=text),
    }[where]
    found = findings_of(view)
    assert found
    assert all(f"U+{ord(char):04X}" in finding.message for finding in found)
    assert not any(char in finding.message for finding in found if finding.key == "")


def test_ordinary_text_of_all_alphabets_is_not_refused() -> None:
    assert (
        findings_of(customer(name="Čapek & Søn, Ελλάς, 東京, l’Été\u00a0: n°\u202f1 – œuvre")) == ()
    )


def test_lines_that_do_not_make_their_base_are_refused() -> None:
    view = base()
    (first, *rest) = view.lines
    (finding,) = findings_of(replace(view, lines=(replace(first, amount=first.amount + 1), *rest)))
    assert "leur base imprimée" in finding.message


def test_a_net_to_pay_that_is_not_the_sum_is_refused() -> None:
    (finding,) = findings_of(replace(base(), to_pay=base().to_pay + D("0.01")))
    assert "net à payer" in finding.message
    retained = replace(base(), retention=Retention(percent=D(5), amount=D("100.00")))
    assert len(findings_of(retained)) == 1
    paid = (Payment(date=datetime.date(2026, 4, 1), amount=D("50.00")),)
    settled = replace(retained, payments=paid, to_pay=base().to_pay - D("150.00"))
    assert findings_of(settled) == ()


def test_a_balance_that_forgets_a_deposit_is_refused() -> None:
    view = base()
    found = findings_of(replace(view, balance=view.totals))
    assert ["le solde" in finding.message for finding in found] == [True]
    found = findings_of(replace(view, balance=None))
    assert ["solde par taux manque" in finding.message for finding in found] == [True]


def test_progress_that_does_not_add_up_is_refused() -> None:
    view = samples.final()
    first, *rest = view.lines
    assert first.progress is not None
    wrong = replace(first, progress=replace(first.progress, previous=D("1.00")))
    (finding,) = findings_of(replace(view, lines=(wrong, *rest)))
    assert first.label in finding.message


def test_a_disbursement_stays_out_of_the_bases() -> None:
    view = samples.simple_final()
    fee = replace(
        view.lines[0], nature=Nature.DISBURSEMENT, rate=D(0), motive="greffe", amount=D("30.00")
    )
    assert "les lignes à 0" in findings_of(replace(view, lines=(*view.lines, fee)))[0].message
    total = replace(view.totals.rates[0], rate=D(0), base=D("30.00"), vat=D(0), outside=True)
    assert view.balance is not None
    whole = replace(
        view,
        lines=(*view.lines, fee),
        totals=Totals((*view.totals.rates, total)),
        balance=Totals((*view.balance.rates, total)),
        to_pay=view.to_pay + 30,
    )
    assert findings_of(whole) == ()
