from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.data import Transaction
from tests.cli.samples import STORY, day, load

from acompta.chart import DEPOSITS
from acompta.contracts import ContractView, UnknownContractError, contract_links, contract_view
from acompta.loading import Loaded, load_ledger
from acompta.reading.model import Share
from acompta.receivables import aged_balance, deposits_at
from acompta.rounding import ZERO
from acompta.vocabulary import Kind

D = Decimal
ROOT = Path(__file__).parent.parent

# 7 862,50 at 20 % and 4 500,00 at 10 %: 12 362,50 + 2 022,50 = 14 385,00.
TWO_LOTS = """
2026-01-12 * "SCI Dupont" "Extension de la maison" #contrat ^D2026-012
  Actif:411:Dupont
  Produits:704:Travaux  -42.50 M2 @ 185.00 EUR
    lot: "GO"
    libelle: "Dalle"
    prevu: 2026-03-31
  Produits:704:Travaux  -1 FORFAIT @ 4500.00 EUR
    lot: "CH"
    libelle: "Charpente"
    tva: 10
    prevu: 2026-05-31

2026-01-15 * "SCI Dupont" "Acompte de 30 %" #acompte ^D2026-012
  numero: "F-1"
  Actif:411:Dupont
  Passif:4191:Dupont  -30 PCT

2026-01-30 * "SCI Dupont" "Virement" ^F-1
  Actif:512:Banque  4315.50 EUR
  Actif:411:Dupont

2026-03-31 * "SCI Dupont" "Dalle, et un percement en plus" #facture ^D2026-012
  numero: "F-2"
  Actif:411:Dupont
  Produits:704:Travaux  -40 PCT
    lot: "GO"
  Produits:704:Travaux  -150.00 EUR
    libelle: "Percement"
    tva: 20

2026-04-15 * "SCI Dupont" "Plus-value : lucarne" #avenant ^D2026-012
  Actif:411:Dupont
  Produits:704:Travaux  -500.00 EUR
    lot: "CH"
    tva: 10

2026-06-30 ! "SCI Dupont" "Solde en préparation" #solde ^D2026-012
  Actif:411:Dupont
  Produits:704:Travaux  -100 PCT
"""


@pytest.fixture(scope="module")
def two_lots(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    loaded = load(tmp_path_factory.mktemp("lots"), TWO_LOTS)
    assert not loaded.errors
    return loaded


def _view(loaded: Loaded, at: str, link: str = "D2026-012") -> ContractView:
    return contract_view(loaded.book(), link, day(at))


def _share(base: str, vat: str) -> Share:
    return Share(D(base), D(vat))


def test_what_is_ordered_follows_the_amendments(two_lots: Loaded) -> None:
    before, after = _view(two_lots, "14/04"), _view(two_lots, "15/04")
    assert before.ordered == _share("12362.50", "2022.50")
    assert after.ordered == _share("12862.50", "2072.50")
    assert (before.amendments, after.amendments) == ((), (day("15/04"),))
    assert [lot.ordered for lot in after.lots] == [D("7862.50"), D("5000.00")]


def test_progress_per_lot(two_lots: Loaded) -> None:
    nothing, after = _view(two_lots, "30/03"), _view(two_lots, "31/03")
    assert [(lot.name, lot.billed, lot.percent) for lot in nothing.lots] == [
        ("GO", D(0), D(0)),
        ("CH", D(0), D(0)),
    ]
    dalle, roof = after.lots
    # 40 % of 7 862,50.
    assert (dalle.billed, dalle.left, dalle.percent) == (D("3145.00"), D("4717.50"), D(40))
    assert (dalle.label, dalle.planned, dalle.rate) == ("Dalle", day("31/03"), D(20))
    assert (roof.billed, roof.left, roof.percent) == (D(0), D(4500), D(0))


def test_extra_work_stands_beside_the_contract(two_lots: Loaded) -> None:
    view = _view(two_lots, "31/03")
    rate = view.rates[0]
    assert (rate.rate, rate.regime) == (D(20), "")
    assert rate.billed == _share("3145.00", "629.00")
    assert rate.extra == _share("150.00", "30.00")
    assert rate.left == _share("4717.50", "943.50")
    assert view.left == _share("9217.50", "1393.50")


def test_deposits_per_rate(two_lots: Loaded) -> None:
    view = _view(two_lots, "31/03")
    by_rate = {rate.rate: rate.deposits_given for rate in view.rates}
    # 30 % of 9 435,00 and of 4 950,00, VAT included.
    assert by_rate == {D(20): _share("2358.75", "471.75"), D(10): _share("1350.00", "135.00")}
    assert view.deposits_left == view.deposits_given
    assert view.deposits_recovered == _share("0", "0")


def test_what_is_claimed_paid_and_due(two_lots: Loaded) -> None:
    states = {
        at: (view.claimed, view.paid, view.open)
        for at in ("14/01", "15/01", "30/01", "31/03")
        for view in [_view(two_lots, at)]
    }
    assert states == {
        "14/01": (D(0), D(0), D(0)),
        "15/01": (D("4315.50"), D(0), D("4315.50")),
        "30/01": (D("4315.50"), D("4315.50"), D(0)),
        # 3 145 + 150 at 20 %: 3 954,00, no deposit recovered by a plain invoice.
        "31/03": (D("8269.50"), D("4315.50"), D("3954.00")),
    }
    # What is due, and what is left to bill, less the deposit already paid.
    assert _view(two_lots, "31/03").to_receive == D("3954.00") + D("10611.00") - D("4315.50")


def test_timeline(two_lots: Loaded) -> None:
    steps = _view(two_lots, "31/12").steps
    assert [(s.date, s.kind, s.number, s.state) for s in steps] == [
        (day("12/01"), Kind.CONTRACT, "", ""),
        (day("15/01"), Kind.DEPOSIT, "F-1", ""),
        (day("30/01"), None, "F-1", ""),
        (day("31/03"), Kind.INVOICE, "F-2", ""),
        (day("15/04"), Kind.AMENDMENT, "", ""),
        (day("30/06"), Kind.FINAL, "", "brouillon"),
    ]
    assert steps[0].amount == _share("12362.50", "2022.50")
    assert (steps[1].claimed, steps[1].paid, steps[1].open) == (D("4315.50"), D("4315.50"), D(0))
    assert steps[2].paid == D("4315.50")
    assert (steps[3].amount.total, steps[3].open) == (D("3954.00"), D("3954.00"))
    assert steps[5].claimed == D(0)


def test_a_final_invoice_bills_the_rest_and_recovers_the_deposits(tmp_path: Path) -> None:
    text = TWO_LOTS.replace("2026-06-30 !", "2026-06-30 *").replace(
        '"Solde en préparation" #solde ^D2026-012',
        '"Solde" #solde ^D2026-012\n  numero: "F-3"',
    )
    view = _view(load(tmp_path, text), "30/06")
    assert (view.billed, view.left, view.closed_by) == (view.ordered, _share("0", "0"), "F-3")
    assert (view.deposits_recovered, view.deposits_left.total) == (view.deposits_given, D(0))
    # All documents together ask for the contract and the extra work, no more.
    assert view.claimed == D("14935.00") + D("180.00")
    assert view.to_receive == view.open == view.claimed - D("4315.50")


def test_a_final_invoice_in_euros_closes_the_contract(tmp_path: Path) -> None:
    text = """
    2026-01-05 * "SCI Dupont" "Contrat" #contrat ^D1
      Actif:411:Dupont
      Produits:704:Travaux  -10000.00 EUR
        lot: "GO"

    2026-01-15 * "SCI Dupont" "Acompte" #acompte ^D1
      numero: "F-1"
      Actif:411:Dupont
      Passif:4191:Dupont  -30 PCT

    2026-03-31 * "SCI Dupont" "Solde, moins cher que prévu" #solde ^D1
      numero: "F-2"
      Actif:411:Dupont
      Produits:704:Travaux  -9000.00 EUR
        lot: "GO"

    2026-04-30 * "SCI Dupont" "Annulation du solde" #avoir ^D1
      numero: "A-1"
      sur: "F-2"
      Actif:411:Dupont  -100 PCT
    """
    loaded = load(tmp_path, text)
    closed = _view(loaded, "31/03", "D1")
    assert (closed.billed, closed.extra) == (_share("9000", "1800"), _share("0", "0"))
    assert (closed.left.total, closed.closed_by) == (D(0), "F-2")
    assert [(lot.billed, lot.left) for lot in closed.lots] == [(D(9000), D(0))]
    reopened = _view(loaded, "30/04", "D1")
    assert (reopened.billed.total, reopened.left.total, reopened.closed_by) == (D(0), D(12000), "")
    assert reopened.deposits_left.total == D(3600)


def test_a_credit_note_lowers_the_contract_and_what_is_billed(tmp_path: Path) -> None:
    text = """
    2026-01-05 * "SCI Dupont" "Contrat" #contrat ^D1
      Actif:411:Dupont
      Produits:704:Travaux  -10000.00 EUR
        lot: "GO"

    2026-03-31 * "SCI Dupont" "La moitié" #facture ^D1
      numero: "F-1"
      Actif:411:Dupont
      Produits:704:Travaux  -50 PCT
        lot: "GO"

    2026-04-10 * "SCI Dupont" "Moins-value, sans lien" #avoir
      numero: "A-1"
      sur: "F-1"
      Actif:411:Dupont
      Produits:704:Travaux  350.00 EUR
        lot: "GO"

    2026-05-10 * "SCI Dupont" "Dix points de trop" #avoir ^D1
      numero: "A-2"
      sur: "F-1"
      Actif:411:Dupont
      Produits:704:Travaux  10 PCT
        lot: "GO"
    """
    loaded = load(tmp_path, text)
    assert not loaded.errors
    lowered = _view(loaded, "10/04", "D1")
    assert (lowered.ordered.base, lowered.billed.base, lowered.left.base) == (
        D(9650), D(4650), D(5000),
    )  # fmt: skip
    # Progress goes back to 40 % of the contract as lowered: it can be billed again.
    back = _view(loaded, "10/05", "D1")
    assert (back.ordered.base, back.billed.base, back.left.base) == (D(9650), D(3860), D(5790))
    assert back.open == D(3860) * D("1.2")
    assert [step.number for step in back.steps if step.kind is Kind.CREDIT_NOTE] == ["A-1", "A-2"]


def test_a_credit_note_on_a_deposit_takes_it_off_what_is_left(tmp_path: Path) -> None:
    text = """
    2026-01-05 * "SCI Dupont" "Contrat" #contrat ^D1
      Actif:411:Dupont
      Produits:704:Travaux  -10000.00 EUR

    2026-01-15 * "SCI Dupont" "Acompte" #acompte ^D1
      numero: "F-1"
      Actif:411:Dupont
      Passif:4191:Dupont  -30 PCT

    2026-02-15 * "SCI Dupont" "Acompte réduit" #avoir ^D1
      numero: "A-1"
      sur: "F-1"
      Actif:411:Dupont
      Passif:4191:Dupont  1000.00 EUR
    """
    loaded = load(tmp_path, text)
    assert not loaded.errors
    view = _view(loaded, "15/02", "D1")
    assert (view.deposits_given.total, view.deposits_credited.total) == (D(3600), D(1200))
    assert (view.deposits_left.total, view.open) == (D(2400), D(2400))
    assert view.billed == view.extra == _share("0", "0")
    (deposit,) = view.deposits
    assert (deposit.credited.base, deposit.unpaid) == (D(1000), D(2400))


def test_an_unknown_contract_names_the_near_ones(two_lots: Loaded) -> None:
    with pytest.raises(UnknownContractError, match=r"\^D2026-012") as caught:
        contract_view(two_lots.book(), "D2026-021", day("31/12"))
    assert "D2026-021" in str(caught.value)


def test_contracts_are_listed_in_order_of_signature(tmp_path: Path) -> None:
    loaded = load(tmp_path, STORY + TWO_LOTS.replace('"F-', '"G-').replace("^F-", "^G-"))
    assert contract_links(loaded.dossier) == ["D2026-001", "D2026-012"]


# -- against the ledger, on every date ------------------------------------------------------------------------


def _examples() -> list[Path]:
    cases = sorted((ROOT / "tests" / "cases").glob("*/typed.beancount"))
    return sorted((ROOT / "ledgers").glob("*/main.beancount")) + cases


def _dates(loaded: Loaded) -> list[datetime.date]:
    return sorted({entry.date for entry in loaded.entries})


@pytest.mark.parametrize("path", _examples(), ids=lambda path: path.parent.name)
def test_deposits_left_are_the_balance_of_4191_on_every_date(path: Path) -> None:
    loaded = load_ledger(path)
    book = loaded.book()
    for date in _dates(loaded):
        left = sum(
            (d.left.base for d in deposits_at(book, date) if d.number not in loaded.dossier.held),
            ZERO,
        )
        # A deposit posted on receipt stands on 4191 for what was received, VAT included, and not before.
        held = _balance(loaded, DEPOSITS, date, on_receipt=True)
        assert left + _by_hand(loaded, date) == -_balance(loaded, DEPOSITS, date) + held, date


def _by_hand(loaded: Loaded, date: datetime.date) -> Decimal:
    """What ordinary entries typed on 4191 put there (credit positive): a deposit neutralised at year end."""
    chart = loaded.dossier.chart
    return -sum(
        (
            posting.units.number
            for entry in loaded.entries
            if isinstance(entry, Transaction) and entry.date <= date
            if not entry.tags and "exigibilite" not in entry.meta
            for posting in entry.postings
            if chart.get(posting.account).role == DEPOSITS
            and posting.units
            and posting.units.number
        ),
        ZERO,
    )


def _balance(
    loaded: Loaded, role: str, date: datetime.date, *, on_receipt: bool = False
) -> Decimal:
    """Balance of the accounts of a role; with ``on_receipt``, of the postings that name a deposit so posted."""
    chart = loaded.dossier.chart
    held = loaded.dossier.held
    return sum(
        (
            posting.units.number
            for entry in loaded.entries
            if isinstance(entry, Transaction) and entry.date <= date
            for posting in entry.postings
            if chart.get(posting.account).role == role and posting.units and posting.units.number
            if not on_receipt or (posting.meta or {}).get("acompte") in held
        ),
        ZERO,
    )


@pytest.mark.parametrize("path", _examples(), ids=lambda path: path.parent.name)
def test_what_a_contract_owes_is_what_the_aged_balance_says_of_it(path: Path) -> None:
    loaded = load_ledger(path)
    book = loaded.book()
    for date in _dates(loaded):
        for link in contract_links(loaded.dossier):
            view = contract_view(book, link, date)
            assert view.open == aged_balance(book, date, link=link).total, (link, date)
            assert view.deposits_left == Share(
                sum((d.left.base for d in view.deposits), ZERO),
                sum((d.left.vat for d in view.deposits), ZERO),
            )
