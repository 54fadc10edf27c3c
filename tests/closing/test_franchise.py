"""The limits of the franchise, at the figures of CGI art. 293 B since 1 January 2025."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.closing.test_vat_return import HEAD, declared

from acompta.closing.franchise import limits_at
from acompta.closing.vat_return import FRANCHISE_LIMIT
from acompta.loading import Loaded, load_ledger


def ledger(folder: Path, *sales: tuple[str, str, str, str]) -> Loaded:
    """A seller in franchise; each sale: day, account, amount, regime."""
    text = HEAD.format(address="69002 Lyon").replace(
        '"Essai SARL"\n', '"Essai SARL"\n  regime-tva: "franchise"\n'
    )
    text = text.replace("2026-01-01", "2025-01-01") + "2025-01-01 open Produits:706:Conseil EUR\n"
    for rank, (day, account, amount, regime) in enumerate(sales, 1):
        said_regime = f'  regime: "{regime}"\n' if regime else ""
        text += (
            f'{day} * "Client" "Vente" #facture\n  numero: "F-{rank:03d}"\n{said_regime}'
            f"  Actif:411:Client\n  Produits:{account}  -{amount} EUR\n"
        )
    path = folder / "main.beancount"
    path.write_text(text, encoding="utf-8")
    loaded = load_ledger(path)
    assert loaded.errors == []
    return loaded


def said(loaded: Loaded, period: str) -> list[str]:
    return [
        finding.message.replace("\u202f", " ").replace("\xa0", " ")
        for finding in declared(loaded, period).findings
        if finding.code == FRANCHISE_LIMIT
    ]


GOODS, SERVICES = "707:Ventes", "706:Conseil"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("37500.00", []),
        ("37500.01", ["la franchise cessera le 1er janvier 2027"]),
        ("41250.00", ["la franchise cessera le 1er janvier 2027"]),
        ("41250.01", ["la franchise a cessé le 15/04/2026"]),
    ],
)
def test_services_have_their_own_limits(tmp_path: Path, amount: str, words: list[str]) -> None:
    """37 500 € for the year to come, 41 250 € for the day itself; goods beside them do not count, nor exports."""
    loaded = ledger(
        tmp_path,
        ("2026-02-10", SERVICES, "30000.00", ""),
        ("2026-03-10", GOODS, "40000.00", ""),
        ("2026-03-11", SERVICES, "9000.00", "intracom-services"),
        ("2026-04-15", SERVICES, f"{Decimal(amount) - 30000}", ""),
    )
    assert said(loaded, "2026-03") == []
    found = said(loaded, "2026-04")
    assert len(found) == len(words)
    assert all(word in one for word, one in zip(words, found, strict=True))


def test_the_whole_turnover_has_a_limit_too(tmp_path: Path) -> None:
    """60 000 of goods and 33 000 of services: each under its own, 93 000 over 85 000; 93 500 is passed at 94 000."""
    loaded = ledger(
        tmp_path,
        ("2026-02-10", GOODS, "60000.00", ""),
        ("2026-03-10", SERVICES, "33000.00", ""),
        ("2026-05-10", GOODS, "1000.00", ""),
    )
    assert said(loaded, "2026-03") == [
        "chiffre d'affaires de 93 000,00 €, au-delà de 85 000,00 € : la franchise cessera le 1er janvier 2027"
        " (CGI art. 293 B)"
    ]
    (found,) = said(loaded, "2026-05")
    assert "la franchise a cessé le 10/05/2026, facturez la TVA depuis ce jour" in found


def test_the_year_before_ends_it_on_1_january(tmp_path: Path) -> None:
    loaded = ledger(tmp_path, ("2025-11-10", SERVICES, "38000.00", ""))
    assert said(loaded, "2026-01") == [
        "prestations de services de 38 000,00 € en 2025, au-delà de 37 500,00 € : la franchise ne s'applique plus"
        " depuis le 1er janvier 2026 (CGI art. 293 B)"
    ]


def test_the_limits_are_dated() -> None:
    before, now = limits_at(datetime.date(2024, 12, 31)), limits_at(datetime.date(2025, 1, 1))
    assert before is not None
    assert now is not None
    assert (before.whole_upper, now.whole_upper) == (Decimal(101000), Decimal(93500))
    assert limits_at(datetime.date(2022, 12, 31)) is None
