"""Every key of the vocabulary, everywhere it may be typed, with a value of every type: a message, never a failure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import pytest
from tests.properties.ledger import BANK, Entry, Ledger, Leg, Seller, day, text
from tests.properties.loading import Loaded, load
from tests.properties.test_mistakes import check_sane

from acompta.vocabulary import (
    ACCOUNT_KEYS,
    DOCUMENT_KEYS,
    LINE_KEYS,
    PARTY_KEYS,
    SELLER_KEYS,
    SETTLEMENT_KEYS,
)

CUSTOMER: Final = "Actif:411:Dupont"
ADVANCES: Final = "Passif:4191:Dupont"
SERVICES: Final = "Produits:706:Conseil"
# What an accountant can type after a key; in Beancount, an amount compared with a text raises.
VALUES: Final = (
    '"texte"',
    '""',
    '"F2026-001"',
    "12.50 EUR",
    "3 PCT",
    "0",
    "-20",
    "31/01/2026",
    "99999999999999999999999999.99",
    "2026-01-31",
    "0001-01-01",
    "9999-12-31",
    "TRUE",
    "FALSE",
    "EUR",
    "Actif:411:Dupont",
    "#acompte",
    "",
)
WORDS: Final = sorted({*DOCUMENT_KEYS, *LINE_KEYS, *SETTLEMENT_KEYS, "exigibilite"} - {"etendu"})


def _documents(value: str) -> Iterable[Entry]:
    """One contract per key, with a document and a settlement per place where the key may stand."""
    rank = 0
    for index, key in enumerate(WORDS):
        spoilt = {key: value}
        link = f"D2026-{index:03}"
        legs = (Leg(CUSTOMER), Leg(SERVICES, Decimal("-1000.00")))
        order = Entry(day(0), "Commande", legs, "contrat", (link,), spoilt if index % 2 else {})
        yield order
        for tag, line in (
            ("acompte", Leg(ADVANCES, Decimal(-10), "PCT")),
            ("situation", Leg(SERVICES, Decimal(-50), "PCT")),
            ("facture", Leg(SERVICES, Decimal("-10.00"))),
        ):
            for on_line in (False, True):
                rank += 1
                number = text(f"F2026-{rank:04}")
                leg = Leg(line.account, line.number, line.unit, None, spoilt if on_line else {})
                meta = {"numero": number, **({} if on_line else spoilt)}
                yield Entry(day(1), "Document", (Leg(CUSTOMER), leg), tag, (link,), meta)
                yield _settlement(rank, spoilt, on_line=on_line)
        rank += 1
        expanded = {"numero": text(f"F2026-{rank:04}"), "etendu": "TRUE", **spoilt}
        written_out = (
            Leg(CUSTOMER, Decimal("120.00")),
            Leg(SERVICES, Decimal("-100.00"), meta=spoilt),
            Leg(
                "Passif:44574:TVA20",
                Decimal("-20.00"),
                meta={"taux": "20", "base": "100", **spoilt},
            ),
        )
        yield Entry(day(1), "Étendu", written_out, "facture", (link,), expanded)


def _settlement(rank: int, spoilt: dict[str, str], *, on_line: bool) -> Entry:
    legs = (
        Leg(BANK, Decimal("5.00")),
        Leg(CUSTOMER, Decimal("-5.00"), meta=spoilt if on_line else {}),
    )
    links = (f"F2026-{rank:04}",)
    return Entry(day(2), "Virement", legs, links=links, meta={} if on_line else spoilt)


def _settings(value: str) -> str:
    """A seller per key, and accounts of every role per key."""
    lines: list[str] = []
    for index, key in enumerate(sorted(SELLER_KEYS)):
        lines += [f'{day(index)} custom "emetteur" "Atelier"', f"  {key}: {value}"]
    for index, key in enumerate(sorted({*PARTY_KEYS, *ACCOUNT_KEYS})):
        for account in ("Actif:411", "Passif:44571", "Passif:44574", "Produits:706", "Passif:4191"):
            lines += [f"2026-01-01 open {account}:Essai{index} EUR", f"  {key}: {value}"]
    return "\n".join(lines) + "\n"


def _run(value: str, *, with_settings: bool) -> Loaded:
    ledger = Ledger(Seller(), tuple(_documents(value)))
    return load(ledger.text() + ("\n" + _settings(value) if with_settings else ""))


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("with_settings", [False, True], ids=["documents", "comptes"])
def test_no_value_of_any_key_makes_the_plugin_fail(value: str, *, with_settings: bool) -> None:
    loaded = _run(value, with_settings=with_settings)
    check_sane(loaded)
