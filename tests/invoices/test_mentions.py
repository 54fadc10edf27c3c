from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from tests.invoices import samples
from tests.invoices.samples import D

from acompta.invoices.mentions import WORDINGS, MissingWordingError, mentions_of, wording
from acompta.invoices.view.contract import Retention
from acompta.invoices.view.document import DocumentView, Slot
from acompta.invoices.view.lines import Line, LineRegime, Nature
from acompta.invoices.view.parties import Customer
from acompta.vocabulary import Kind, Regime

LATE_PAYMENT = {"penalites", "indemnite", "escompte"}


def with_lines(view: DocumentView, **changes: object) -> DocumentView:
    lines = tuple(replace(line, **changes) for line in view.lines)  # type: ignore[arg-type]
    return replace(view, lines=lines)


def with_regime(view: DocumentView, regime: Regime) -> DocumentView:
    return replace(view, seller=replace(view.seller, regime=regime))


def texts(view: DocumentView) -> dict[str, str]:
    return {mention.code: mention.text for mention in mentions_of(view)}


def test_a_business_is_told_of_penalties_indemnity_and_discount() -> None:
    said = texts(samples.simple_final())
    assert said.keys() >= LATE_PAYMENT
    assert said["penalites"].startswith(
        "Pénalités de retard : taux de refinancement de la BCE majoré de 10 points"
    )
    assert "40 €" in said["indemnite"]
    assert said["escompte"] == "Pas d'escompte pour paiement anticipé"


def test_what_the_seller_typed_replaces_the_legal_default() -> None:
    seller = replace(samples.AGENCY, penalties="BCE + 12 points.", discount_terms="2 % à dix jours")
    said = texts(replace(samples.simple_final(), seller=seller))
    assert said["penalites"].startswith("Pénalités de retard : BCE + 12 points (")
    assert said["escompte"] == "Escompte pour paiement anticipé : 2 % à dix jours"


def test_a_seller_who_says_nothing_is_under_the_legal_rate() -> None:
    seller = replace(samples.AGENCY, penalties="", discount_terms="")
    said = texts(replace(samples.simple_final(), seller=seller))
    assert "taux de refinancement de la BCE majoré de 10 points" in said["penalites"]
    assert said["escompte"].startswith("Pas d'escompte")


@pytest.mark.parametrize("country", ["FR", "BE", "US"])
def test_a_consumer_is_told_none_of_it(country: str) -> None:
    consumer = Customer(name="Anne", address=("Rennes",), consumer=True, country=country)
    assert not texts(replace(samples.simple_final(), customer=consumer)).keys() & LATE_PAYMENT


def test_a_quote_is_not_an_invoice() -> None:
    assert texts(samples.quote()).keys() == {"nature"}


@pytest.mark.parametrize(
    ("natures", "words"),
    [
        ([Nature.GOODS], "Livraison de biens"),
        ([Nature.SERVICE], "Prestation de services"),
        ([Nature.GOODS, Nature.SERVICE], "Livraison de biens et prestation de services"),
        ([Nature.SERVICE, Nature.DISBURSEMENT], "Prestation de services"),
    ],
)
def test_the_nature_of_operations(natures: list[Nature], words: str) -> None:
    lines = tuple(Line(label="x", amount=D(1), nature=nature) for nature in natures)
    said = texts(replace(samples.simple_final(), lines=lines))
    assert said["nature"] == f"Nature des opérations : {words}"


def test_franchise_says_article_293_b_and_no_other_vat_mention() -> None:
    view = with_lines(samples.franchise(), regime=LineRegime.EXPORT)
    said = texts(view)
    assert said["franchise"] == "TVA non applicable, art. 293 B du CGI"
    assert LineRegime.EXPORT not in said


def test_debits_are_said_for_services_only() -> None:
    services = with_regime(samples.simple_final(), Regime.DEBITS)
    assert texts(services)["debits"] == "Option pour le paiement de la taxe d'après les débits"
    assert "debits" not in texts(with_lines(services, nature=Nature.GOODS))
    assert "debits" not in texts(samples.simple_final())


@pytest.mark.parametrize(
    ("regime", "needles"),
    [
        (LineRegime.REVERSE_CHARGE_BUILDING, ["Autoliquidation", "283-2 nonies"]),
        (LineRegime.INTRACOM_GOODS, ["Exonération", "262 ter", "138"]),
        (LineRegime.INTRACOM_SERVICES, ["Autoliquidation", "196"]),
        (LineRegime.EXPORT, ["Exonération", "262, I"]),
    ],
)
def test_a_regime_on_one_line_is_said_once(regime: LineRegime, needles: list[str]) -> None:
    mentions = mentions_of(with_lines(samples.simple_final(), regime=regime))
    said = [mention for mention in mentions if mention.code == regime]
    assert len(said) == 1
    assert said[0].slot is Slot.VAT
    assert all(needle in said[0].text for needle in needles)


def test_each_motive_of_exemption_is_said_once() -> None:
    lines = tuple(
        Line(label="x", amount=D(1), regime=LineRegime.EXEMPT, motive=motive)
        for motive in ("art. 261, 4, 4° du CGI", "art. 261 D du CGI", "art. 261 D du CGI")
    )
    mentions = mentions_of(replace(samples.simple_final(), lines=lines))
    exempt = [mention.text for mention in mentions if mention.code == LineRegime.EXEMPT]
    assert exempt == [
        "Exonération de TVA : art. 261, 4, 4° du CGI",
        "Exonération de TVA : art. 261 D du CGI",
    ]


def test_disbursements_arrhes_and_retention_are_said() -> None:
    view = with_lines(samples.deposit(), nature=Nature.DISBURSEMENT, motive="droits de greffe")
    view = replace(view, kind=Kind.ARRHES, retention=Retention(percent=D(5), amount=D(1)))
    said = texts(view)
    assert said["debours"] == "Débours hors TVA : droits de greffe"
    assert "1590" in said["arrhes"]
    assert "71-584" in said["retenue"]


@pytest.mark.parametrize(
    ("regime", "before", "after"),
    [
        (LineRegime.INTRACOM_GOODS, "CGI", "directive"),
        (LineRegime.EXPORT, "CGI", "directive"),
        (LineRegime.REVERSE_CHARGE_BUILDING, "CGI", "Autoliquidation"),
    ],
)
def test_a_reference_changes_on_the_first_day_of_the_new_code(
    regime: LineRegime, before: str, after: str
) -> None:
    assert before in wording(regime, datetime.date(2026, 12, 31))
    later = wording(regime, datetime.date(2027, 1, 1))
    assert "CGI" not in later
    assert after in later


def test_a_dead_reference_is_refused_rather_than_printed() -> None:
    last_day = replace(samples.franchise(), date=datetime.date(2028, 6, 30))
    assert "franchise" in texts(last_day)
    with pytest.raises(MissingWordingError) as refused:
        mentions_of(replace(last_day, date=datetime.date(2028, 7, 1)))
    assert refused.value.code == "franchise"


@pytest.mark.parametrize("code", sorted({row.code for row in WORDINGS}))
def test_no_two_wordings_hold_on_one_day_and_none_is_missing_today(code: str) -> None:
    rows = [row for row in WORDINGS if row.code == code]
    days = [datetime.date(2026, 1, 1) + datetime.timedelta(days=n) for n in range(3 * 365)]
    held = [sum(row.holds(day) for row in rows) for day in days]
    assert max(held) == 1
    assert held[0] == 1


def test_a_service_abroad_is_no_export() -> None:
    """Only goods are exported (CGI art. 262, I); a service to a business abroad is located there (art. 259, 1°)."""
    view = with_lines(
        samples.simple_final(), regime=LineRegime.SERVICES_ABROAD, rate=D(0), nature=Nature.SERVICE
    )
    said = texts(view)
    assert "art. 259, 1° du CGI" in said[LineRegime.SERVICES_ABROAD]
    assert LineRegime.EXPORT not in said


@pytest.mark.parametrize(
    ("country", "typed", "printed"),
    [
        ("FR", ("1 rue Basse", "69002 Lyon"), ("1 rue Basse", "69002 Lyon")),
        ("BE", ("Korenmarkt 1", "9000 Gent"), ("Korenmarkt 1", "9000 Gent", "BELGIQUE")),
        (
            "BE",
            ("Korenmarkt 1", "9000 Gent", "Belgique"),
            ("Korenmarkt 1", "9000 Gent", "Belgique"),
        ),
        ("BE", (), ()),
    ],
)
def test_abroad_the_address_ends_with_the_country(
    country: str, typed: tuple[str, ...], printed: tuple[str, ...]
) -> None:
    assert Customer(name="Gent Textiel", address=typed, country=country).postal_address == printed


def test_a_public_buyer_owes_the_interest_of_public_procurement() -> None:
    """BCE + 8 points and 40 €, whatever the seller typed (CCP art. R2192-31, D2192-35); the codes do not change."""
    view = samples.simple_final()
    said = texts(replace(view, customer=replace(view.customer, public=True)))
    assert "majoré de 8 points (code de la commande publique, art. R2192-31)" in said["penalites"]
    assert "40 € (code de la commande publique, art. D2192-35)" in said["indemnite"]
    assert "L441-10" not in "".join(said.values())
