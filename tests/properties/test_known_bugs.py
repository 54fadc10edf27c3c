"""Bugs of the engine that the properties found and that are not corrected yet: strict, so a correction is noticed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.properties.ledger import BANK, Entry, Ledger, Leg, Seller, day, text
from tests.properties.loading import load

CUSTOMER = "Actif:411:Dupont"


def _order() -> Entry:
    legs = (Leg(CUSTOMER), Leg("Produits:706:Conseil", Decimal("-1000.00")))
    return Entry(day(0), "Commande", legs, "contrat", ("D2026-001",))


def _deposit(when: int) -> Entry:
    legs = (Leg(CUSTOMER), Leg("Passif:4191:Dupont", Decimal(-30), "PCT"))
    meta = {"numero": text("F2026-001")}
    return Entry(day(when), "Acompte", legs, "acompte", ("D2026-001",), meta)


def _payment(when: int, amount: str) -> Entry:
    legs = (Leg(BANK, Decimal(amount)), Leg(CUSTOMER))
    return Entry(day(when), "Virement", legs, links=("F2026-001",))


@pytest.mark.xfail(
    strict=True, reason="livre étendu : la TVA d'un paiement anticipé est déplacée deux fois"
)
def test_an_early_payment_of_an_expanded_ledger_moves_its_vat_once() -> None:
    typed = (_order(), _deposit(1), _payment(0, "60.00"), _payment(1, "60.00"))
    expanded = load(Ledger(Seller(), typed)).printed()
    loaded = load(expanded + "\n" + _payment(20, "240.00").text())
    assert loaded.balance("44571") == Decimal("-60.00")
