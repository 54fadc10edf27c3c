"""Believable documents to print, one function each: what the engine will hand over."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from acompta.invoices.view.contract import (
    ContractReference,
    ContractStatement,
    DepositTerms,
    DocumentReference,
    Payment,
    RecoveredDeposit,
    Retention,
)
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import Line, Nature, Period, Progress
from acompta.invoices.view.parties import Customer, Seller
from acompta.invoices.view.totals import RateTotal, Totals
from acompta.vocabulary import Kind, Regime

D = Decimal
CENT = D("0.01")

AGENCY = Seller(
    name="Atelier Lumière",
    legal_form="SARL au capital de 10 000 €",
    address=("12 rue de la République", "69002 Lyon"),
    siret="73282932000074",
    vat_number="FR44732829320",
    rcs="Lyon 732 829 320",
    phone="04 78 00 00 00",
    email="compta@atelier-lumiere.example",
    website="atelier-lumiere.example",
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
    penalties="Taux de refinancement de la BCE majoré de 10 points",
    discount_terms="Pas d'escompte pour paiement anticipé",
)
FREELANCE = Seller(
    name="Camille Roussel EI",
    legal_form="Entrepreneur individuel",
    address=("8 allée des Tilleuls", "35000 Rennes"),
    siret="49301827900015",
    email="bonjour@camille-roussel.example",
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
    regime=Regime.FRANCHISE,
    accent="#8a3b2e",
)
DUPONT = Customer(
    name="SCI Dupont",
    account="Actif:411:Dupont",
    address=("3 quai Perrache", "69002 Lyon"),
    siren="812345676",
)
HOTEL = Customer(
    name="Hôtel des Voyageurs et de la Gare de Perrache – Société d’exploitation",
    account="Actif:411:Hotel",
    address=("Direction administrative et financière", "27 cours de Verdun-Rambaud", "69002 Lyon"),
    siret="52187364600017",
    vat_number="FR16521873646",
    delivery_address=("Chantier Perrache", "1 place Carnot", "69002 Lyon"),
)
CONTRACT = ContractReference(
    link="D2026-012",
    date=datetime.date(2026, 1, 12),
    label="Extension de la maison",
)


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def rate_total(rate: str, base: str) -> RateTotal:
    return RateTotal(rate=D(rate), base=D(base), vat=cents(D(base) * D(rate) / 100))


def totals_of(lines: tuple[Line, ...]) -> Totals:
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        bases[line.rate] = bases.get(line.rate, D(0)) + line.amount
    rows = (
        RateTotal(rate=rate, base=base, vat=cents(base * rate / 100))
        for rate, base in sorted(bases.items(), reverse=True)
    )
    return Totals(tuple(rows))


def priced(
    label: str,
    quantity: str,
    unit: str,
    price: str,
    rate: str = "20",
    **more: object,
) -> Line:
    line = Line(
        label=label,
        quantity=D(quantity),
        unit=unit,
        unit_price=D(price),
        rate=D(rate),
        amount=cents(D(quantity) * D(price)),
    )
    return replace(line, **more)  # type: ignore[arg-type]


def deposit() -> DocumentView:
    lines = (
        Line(
            label="Acompte de 30 % à la commande",
            details=("Part des travaux soumise à la TVA de 20 %",),
            amount=D("2830.50"),
            rate=D(20),
        ),
        Line(
            label="Acompte de 30 % à la commande",
            details=("Part des travaux soumise à la TVA de 10 %",),
            amount=D("1350.00"),
            rate=D(10),
        ),
    )
    totals = totals_of(lines)
    return DocumentView(
        kind=Kind.DEPOSIT,
        number="F2026-001",
        date=datetime.date(2026, 1, 15),
        due=datetime.date(2026, 1, 31),
        seller=AGENCY,
        customer=DUPONT,
        object="Acompte de 30 % à la commande – Extension de la maison",
        lines=lines,
        totals=totals,
        to_pay=totals.ttc,
        contract=CONTRACT,
        purchase_order="PO-88/2026",
        payment_terms="à réception",
        deposit=DepositTerms(
            percent=D(30), contract_ttc=D("16272.00"), remaining_ttc=D("16272.00") - totals.ttc
        ),
    )


def second_deposit() -> DocumentView:
    lines = (Line(label="Acompte forfaitaire", amount=D("500.00"), rate=D(20)),)
    first = deposit()
    earlier = DocumentReference(
        number=first.number, date=first.date, ht=first.totals.ht, vat=first.totals.vat
    )
    return replace(
        first,
        number="F2026-002",
        date=datetime.date(2026, 1, 16),
        object="Acompte forfaitaire – Extension de la maison",
        lines=lines,
        totals=totals_of(lines),
        to_pay=D("600.00"),
        deposit=DepositTerms(
            contract_ttc=D("16272.00"),
            earlier=(earlier,),
            remaining_ttc=D("16272.00") - first.totals.ttc - D("600.00"),
        ),
    )


def final() -> DocumentView:
    """Three lots, two rates, two deposits, one line billed by an earlier progress invoice."""
    lines = tuple(
        _step(label, lot, contract, previous, rate)
        for label, lot, contract, previous, rate in FINAL_LINES
    )
    totals = totals_of(lines)
    recovered = (
        RecoveredDeposit(
            number="F2026-001",
            date=datetime.date(2026, 1, 15),
            totals=Totals((rate_total("20", "8460.00"), rate_total("10", "4140.00"))),
            paid=D("14706.00"),
            paid_on=datetime.date(2026, 1, 30),
        ),
        RecoveredDeposit(
            number="F2026-004",
            date=datetime.date(2026, 3, 2),
            totals=Totals((rate_total("20", "1250.00"),)),
            paid=D("1500.00"),
            paid_on=datetime.date(2026, 3, 12),
        ),
    )
    balance = Totals(tuple(_left(total, recovered) for total in totals.rates))
    deposits = sum((deposit.totals.ttc for deposit in recovered), D(0))
    billed_before = D("10694.70")
    contract = totals.ttc + billed_before
    return DocumentView(
        kind=Kind.FINAL,
        number="F2026-017",
        date=datetime.date(2026, 6, 30),
        due=datetime.date(2026, 7, 30),
        seller=AGENCY,
        customer=HOTEL,
        object="Solde des travaux – Réaménagement du hall et des salons",
        lines=lines,
        totals=totals,
        recovered=recovered,
        balance=balance,
        to_pay=totals.ttc - deposits,
        contract=replace(CONTRACT, label="Réaménagement du hall et des salons"),
        delivery=Period(start=datetime.date(2026, 3, 1), end=datetime.date(2026, 6, 26)),
        payment_terms="30 jours",
        earlier_invoices=(
            DocumentReference(
                number="F2026-009",
                date=datetime.date(2026, 3, 31),
                ht=D("9006.00"),
                vat=cents(D("7881.00") * D("0.2")) + D("112.50"),
            ),
        ),
        statement=ContractStatement(
            total=contract,
            billed=contract,
            paid=deposits + billed_before,
            to_pay=totals.ttc - deposits,
        ),
    )


FINAL_LINES = (
    (
        "Dalle en béton armé, épaisseur 15 cm, y compris coffrage et ferraillage",
        "Gros œuvre",
        "7862.50",
        "3145.00",
        "20",
    ),
    (
        "Ouverture en sous-œuvre et pose d’un linteau métallique",
        "Gros œuvre",
        "4380.00",
        "1752.00",
        "20",
    ),
    ("Évacuation des gravats en décharge agréée", "Gros œuvre", "960.00", "384.00", "20"),
    ("Charpente traditionnelle en douglas", "Charpente et menuiserie", "4500.00", "1125.00", "10"),
    (
        "Menuiseries extérieures aluminium, double vitrage",
        "Charpente et menuiserie",
        "8420.00",
        "0.00",
        "10",
    ),
    ("Habillage bois du hall", "Charpente et menuiserie", "3180.00", "0.00", "10"),
    ("Conception lumière et plan d’éclairage", "Éclairage", "5200.00", "2600.00", "20"),
    ("Luminaires sur mesure, laiton brossé", "Éclairage", "9640.00", "0.00", "20"),
    ("Réglages et mise en service", "Éclairage", "1150.00", "0.00", "20"),
)


def _step(label: str, lot: str, contract: str, previous: str, rate: str) -> Line:
    current = D(contract) - D(previous)
    percent = D(previous) * 100 / D(contract)
    return Line(
        label=label,
        lot=lot,
        amount=current,
        rate=D(rate),
        progress=Progress(
            contract=D(contract),
            previous=D(previous),
            current=current,
            cumulative=D(contract),
            previous_percent=percent,
            cumulative_percent=D(100),
        ),
    )


def _left(total: RateTotal, recovered: tuple[RecoveredDeposit, ...]) -> RateTotal:
    taken = [row for deposit in recovered for row in deposit.totals.rates if row.rate == total.rate]
    return replace(
        total,
        base=total.base - sum((row.base for row in taken), D(0)),
        vat=total.vat - sum((row.vat for row in taken), D(0)),
    )


def simple_final() -> DocumentView:
    """A small final invoice on one page: no progress before, one deposit."""
    lines = (
        priced(
            "Direction artistique",
            "6",
            "jour",
            "720.00",
            details=("Trois pistes, deux allers-retours",),
        ),
        priced("Intégration du site", "9.5", "jour", "640.00"),
        Line(label="Remise commerciale", amount=D("-400.00"), rate=D(20)),
    )
    totals = totals_of(lines)
    recovered = (
        RecoveredDeposit(
            number="F2026-006",
            date=datetime.date(2026, 2, 2),
            totals=Totals((rate_total("20", "3000.00"),)),
            paid=D("3600.00"),
            paid_on=datetime.date(2026, 2, 20),
        ),
    )
    return DocumentView(
        kind=Kind.FINAL,
        number="F2026-011",
        date=datetime.date(2026, 4, 1),
        due=datetime.date(2026, 5, 31),
        seller=AGENCY,
        customer=DUPONT,
        object="Refonte du site vitrine",
        lines=lines,
        totals=totals,
        recovered=recovered,
        balance=Totals(tuple(_left(total, recovered) for total in totals.rates)),
        to_pay=totals.ttc - D("3600.00"),
        contract=replace(CONTRACT, link="D2026-020", label="Refonte du site vitrine"),
        payment_terms="45 jours fin de mois",
        statement=ContractStatement(
            total=totals.ttc, billed=totals.ttc, paid=D("3600.00"), to_pay=totals.ttc - D("3600.00")
        ),
    )


def invoice(count: int = 60) -> DocumentView:
    """A plain invoice of goods and services, as long as wanted."""
    lines = tuple(_catalogue(rank) for rank in range(count))
    totals = totals_of(lines)
    return DocumentView(
        kind=Kind.INVOICE,
        number="F2026-023",
        date=datetime.date(2026, 9, 1),
        due=datetime.date(2026, 10, 31),
        seller=replace(AGENCY, regime=Regime.DEBITS),
        customer=HOTEL,
        object="Fournitures et interventions d’août 2026",
        lines=lines,
        totals=totals,
        to_pay=totals.ttc,
        delivery=Period(start=datetime.date(2026, 8, 1), end=datetime.date(2026, 8, 31)),
        purchase_order="4500012987",
        payment_terms="45 jours fin de mois",
    )


CATALOGUE = (
    ("Suspension laiton, diamètre 40 cm", "pièce", "189.90", "20", Nature.GOODS),
    (
        "Ampoule à filament, culot E27, 2 200 K, réglable, boîte de dix pièces",
        "boîte",
        "42.35",
        "20",
        Nature.GOODS,
    ),
    ("Intervention sur site, électricien qualifié", "heure", "58.00", "10", Nature.SERVICE),
    (
        "Guide technique de l’éclairage des établissements recevant du public",
        "livre",
        "31.75",
        "5.5",
        Nature.GOODS,
    ),
    ("Câble textile tressé", "m", "3.125", "20", Nature.GOODS),
)


def _catalogue(rank: int) -> Line:
    label, unit, price, rate, nature = CATALOGUE[rank % len(CATALOGUE)]
    return priced(
        f"{label} – réf. {1000 + rank}", str(1 + (rank * 7) % 12), unit, price, rate, nature=nature
    )


def franchise() -> DocumentView:
    lines = (
        priced("Rédaction de quatre fiches produit", "4", "fiche", "85.00"),
        priced("Relecture et correction du catalogue d'automne", "6.5", "heure", "45.00"),
    )
    untaxed = tuple(replace(line, rate=D(0)) for line in lines)
    totals = totals_of(untaxed)
    return DocumentView(
        kind=Kind.INVOICE,
        number="2026-07",
        date=datetime.date(2026, 5, 11),
        due=datetime.date(2026, 6, 10),
        seller=FREELANCE,
        customer=Customer(
            name="Madame Anne L'Hermitte",
            account="Actif:411:LHermitte",
            address=("14 bis rue Saint-Hélier", "35000 Rennes"),
            consumer=True,
        ),
        object="Rédaction et relecture",
        lines=untaxed,
        totals=totals,
        to_pay=totals.ttc,
        payment_terms="30 jours",
    )


def quote() -> DocumentView:
    lines = (
        priced(
            "Dalle en béton armé, épaisseur 15 cm", "42.50", "m²", "185.00", "20", lot="Gros œuvre"
        ),
        priced("Charpente traditionnelle", "1", "forfait", "4500.00", "10", lot="Charpente"),
        priced("Pose d’un plancher bois massif", "38", "m²", "96.40", "10", lot="Charpente"),
    )
    totals = totals_of(lines)
    return DocumentView(
        kind=Kind.QUOTE,
        number="D2026-012",
        date=datetime.date(2026, 1, 5),
        valid_until=datetime.date(2026, 2, 4),
        seller=AGENCY,
        customer=DUPONT,
        object="Extension de la maison",
        lines=lines,
        totals=totals,
        to_pay=totals.ttc,
        deposit=DepositTerms(percent=D(30), amount=cents(totals.ttc * D("0.3"))),
        payment_terms="30 jours",
    )


def progress() -> DocumentView:
    """A progress invoice with a retention and a receipt, to see that its parts are there."""
    done = tuple(
        replace(line, amount=line.progress.previous, progress=_first_step(line.progress))
        for line in final().lines
        if line.progress and line.progress.previous
    )
    totals = totals_of(done)
    retained = cents(totals.ttc * D("0.05"))
    paid = D("1000.00")
    return replace(
        final(),
        kind=Kind.PROGRESS,
        number="F2026-009",
        object="Situation n° 1, mars 2026",
        lines=done,
        totals=totals,
        earlier_invoices=(),
        recovered=(),
        balance=None,
        retention=Retention(percent=D(5), amount=retained),
        payments=(Payment(date=datetime.date(2026, 3, 20), amount=paid),),
        to_pay=totals.ttc - retained - paid,
        statement=None,
    )


def _first_step(step: Progress) -> Progress:
    return replace(
        step,
        previous=D("0.00"),
        current=step.previous,
        cumulative=step.previous,
        previous_percent=D(0),
        cumulative_percent=step.previous_percent,
    )


ALL = {
    "acompte": deposit,
    "acompte-2": second_deposit,
    "solde": final,
    "solde-simple": simple_final,
    "facture": invoice,
    "franchise": franchise,
    "devis": quote,
    "situation": progress,
}
