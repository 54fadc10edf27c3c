"""The VAT that waits on 44574, invoice by invoice: what corrects an invoice counts with it, and all adds up."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from beancount.core.data import Transaction
from tests.fava.samples import LEDGERS, STORY, ledger_text, write_ledger

from acompta.chart import VAT_PENDING
from acompta.loading import load_ledger
from acompta.pending_vat import pending_vat

D = Decimal
DOSSIERS: Final = sorted(path.parent.name for path in LEDGERS.glob("*/main.beancount"))
MONTH_ENDS: Final = [
    datetime.date(2026, month + 1, 1) - datetime.timedelta(days=1) for month in range(1, 12)
]


def _waiting(path: Path, day: str) -> list[tuple[str, D, D, D]]:
    loaded = load_ledger(path)
    assert [error.message for error in loaded.errors] == []
    at = datetime.date.fromisoformat(day)
    found = pending_vat(loaded.dossier, loaded.entries, at)
    return [(one.number, one.waiting, one.moved, one.left) for one in found]


@pytest.mark.parametrize("name", DOSSIERS)
def test_it_adds_up_to_the_ledger_at_every_month_end(name: str) -> None:
    loaded = load_ledger(LEDGERS / name / "main.beancount")
    chart = loaded.dossier.chart
    moves = [
        (entry.date, posting.units.number)
        for entry in loaded.entries
        if isinstance(entry, Transaction)
        for posting in entry.postings
        if posting.units is not None and chart.get(posting.account).role == VAT_PENDING
    ]
    for at in MONTH_ENDS:
        found = pending_vat(loaded.dossier, loaded.entries, at)
        balance = sum((number for date, number in moves if date <= at and number), D(0))
        assert sum((one.left for one in found), D(0)) == -balance, at


def test_a_credit_note_counts_with_its_invoice(tmp_path: Path) -> None:
    # F2026-003: 240,00 incl. 40,00 of VAT; half is credited: 20,00 waits, and the credit note has no row of its own.
    credit = (
        '2026-05-10 * "SCI Dupont" "Réunion ramenée à une heure" #avoir\n'
        '  numero: "F2026-004"\n  sur: "F2026-003"\n'
        "  Actif:411:Dupont\n  Produits:706:Conseil  100.00 EUR\n"
    )
    path = write_ledger(tmp_path, ledger_text(STORY, credit))
    assert _waiting(path, "2026-05-09")[-1] == ("F2026-003", D("40.00"), D("0"), D("40.00"))
    assert _waiting(path, "2026-05-31") == [
        # 200,00 of which 500,00 / 1 200,00 are paid.
        ("F2026-002", D("200.00"), D("83.33"), D("116.67")),
        ("F2026-003", D("20.00"), D("0"), D("20.00")),
    ]


def test_an_invoice_credited_in_full_waits_for_nothing(tmp_path: Path) -> None:
    credit = (
        '2026-05-10 * "SCI Dupont" "Annulation" #avoir\n'
        '  numero: "F2026-004"\n  sur: "F2026-003"\n'
        "  Actif:411:Dupont  -100 PCT\n"
    )
    path = write_ledger(tmp_path, ledger_text(STORY, credit))
    assert [number for number, *_ in _waiting(path, "2026-05-31")] == ["F2026-002"]


def test_a_corrective_invoice_takes_the_place_of_the_one_it_corrects(tmp_path: Path) -> None:
    # 200,00 before tax become 300,00: 60,00 of VAT, none of it paid.
    corrected = (
        '2026-05-10 * "SCI Dupont" "Réunion, prix corrigé" #rectificative\n'
        '  numero: "F2026-004"\n  sur: "F2026-003"\n'
        "  Actif:411:Dupont\n  Produits:706:Conseil  -300.00 EUR\n"
    )
    path = write_ledger(tmp_path, ledger_text(STORY, corrected))
    assert _waiting(path, "2026-05-31")[-1] == ("F2026-003", D("60.00"), D("0"), D("60.00"))


def test_money_received_before_its_invoice_stands_under_the_contract_until_then(
    tmp_path: Path,
) -> None:
    # 2 160,00 received on 13 January for a deposit invoiced on the 15th: 360,00 of VAT fall due at once.
    early = STORY.replace(
        '2026-02-02 * "SCI Dupont" "Virement reçu, acompte" ^F2026-001',
        '2026-01-13 * "SCI Dupont" "Virement reçu d\'avance" ^D2026-012',
    )
    path = write_ledger(tmp_path, ledger_text(early))
    assert _waiting(path, "2026-01-14") == [("^D2026-012", D("0"), D("360.00"), D("-360.00"))]
    assert _waiting(path, "2026-01-31") == []
