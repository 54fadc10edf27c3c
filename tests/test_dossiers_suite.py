"""Two dossiers of issue 3: a builder (situations, retentions, price revision) and a school (prepaid hours, arrhes).

Worked apart from the engine: the tables below, what customers paid, and the VAT declared each month (receipts times the
VAT of a worksheet). The balances of the bank are the sums of the typed bank lines: they only show that the engine adds
nothing there. What a contract orders is read from the text without the plugin.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import pytest
from beancount.core.amount import Amount
from beancount.core.data import Balance, Open, Transaction
from beancount.parser import parser
from tests.test_dossiers import BANK, LEDGERS, TODAY, load, monthly_files, role_balance

from acompta import vocabulary
from acompta.alerts import legal_alerts
from acompta.contracts import contract_view
from acompta.invoices.checks import findings_of
from acompta.invoices.from_dossier import Views, printable_documents
from acompta.lint import lint_ledger
from acompta.receivables import read_book, reconcile
from acompta.retentions import retentions

BUILDER: Final = "batiment-rousselot"
SCHOOL: Final = "ecole-meridienne"
NAMES: Final = (BUILDER, SCHOOL)
RETURNS_FILED: Final = range(1, 11)  # November is not declared yet.
CENT: Final = Decimal("0.01")

each_dossier = pytest.mark.parametrize("name", NAMES)

TAGS: Final = {
    *("situation", "avance", "arrhes", "avoir", "rectificative", "rupture", "resiliation"),
    *("prepaye", "consommation", "achat", "achat-acompte", "reprise", "report"),
}
DOCUMENT_KEYS: Final = {
    *("retenue", "retenue-base", "reception", "caution", "imputation", "stipulation"),
    *("revision", "revision-base", "revision-decimales", "revision-indice", "revision-definitive"),
    *("sur", "par", "sort", "qualification", "expire", "regime"),
}
LINE_KEYS: Final = {"expire", "regime", "motif", "taux", "base", "tva", "lot"}
ACCOUNT_KEYS: Final = {"debits", "deductible"}
SELLER_KEYS: Final = {"couleur"}
CHOICES: Final = {
    "imputation": {"solde", "prorata"},
    "retenue-base": {"TTC", "HT"},
    "stipulation": {"acompte", "arrhes"},
    "par": {"client", "fournisseur", "retractation"},
    "sort": {"conserve", "rembourse", "double"},
    "qualification": {"indemnite", "contrepartie"},
}
UNITS: Final = {"PCT", "PCT-MOIS", "HEURE", "M2", "METRE", "FORFAIT", "JOUR", "PIECE"}


def typed(name: str) -> Iterator[Transaction]:
    """The transactions of a dossier as typed, read without the plugin."""
    for path in monthly_files(name):
        for entry in parser.parse_file(str(path))[0]:
            if isinstance(entry, Transaction):
                yield entry


def typed_documents() -> list[tuple[str, Transaction]]:
    return [
        (tag, entry)
        for name in NAMES
        for entry in typed(name)
        for tag in entry.tags
        if tag in vocabulary.KIND_BY_TAG
    ]


def typed_lines(entry: Transaction) -> Iterator[tuple[str, Decimal, dict[str, Any]]]:
    """Revenue lines in euros or quantities: account, amount before tax (revenue positive), metadata."""
    for posting in entry.postings:
        units, price = posting.units, posting.price
        if not posting.account.startswith("Produits:") or units is None or units.number is None:
            continue
        if units.currency in {"PCT", "PCT-MOIS"}:
            continue
        worth = (
            units.number if price is None or price.number is None else units.number * price.number
        )
        yield posting.account, -worth.quantize(CENT, ROUND_HALF_UP), dict(posting.meta or {})


# -- the text -------------------------------------------------------------------------------------------------


@each_dossier
def test_every_month_has_its_file_with_the_french_roots(name: str) -> None:
    for path in [*monthly_files(name), LEDGERS / name / "comptes.beancount"]:
        text = path.read_text(encoding="utf-8")
        for root in ("Actif", "Passif", "Capitaux", "Produits", "Charges"):
            assert f'"{root}"\n' in text, f"{path.name} : racine {root} absente"


@each_dossier
def test_dossier_loads_without_an_error(name: str) -> None:
    assert [
        f"{error.source.get('filename')}:{error.source.get('lineno')} {error.message}"
        for error in load(name).errors
    ] == []


@each_dossier
def test_the_linter_finds_nothing_in_the_text(name: str) -> None:
    assert [str(finding) for finding in lint_ledger(LEDGERS / name / "main.beancount")] == []


@each_dossier
def test_every_document_may_be_printed(name: str) -> None:
    loaded = load(name)
    views = Views(read_book(loaded.dossier, loaded.entries), loaded.entries, LEDGERS / name)
    documents = printable_documents(loaded.dossier)
    assert documents
    assert [str(f) for d in documents for f in findings_of(views.view(d))] == []


# -- every word of issue 3 ------------------------------------------------------------------------------------


def test_every_tag_of_issue_3_is_typed() -> None:
    assert {tag for tag, _ in typed_documents()} >= TAGS


def test_every_key_of_issue_3_is_typed() -> None:
    documents = [entry for _, entry in typed_documents()]
    assert DOCUMENT_KEYS - {key for entry in documents for key in entry.meta} == set()
    lines = {key for entry in documents for p in entry.postings for key in p.meta or {}}
    assert LINE_KEYS - lines == set()
    opens = [e for name in NAMES for e in load(name).entries if isinstance(e, Open)]
    assert ACCOUNT_KEYS - {key for entry in opens for key in entry.meta} == set()
    sellers = {key for name in NAMES for d in load(name).dossier.documents for key in d.seller.meta}
    assert SELLER_KEYS - sellers == set()


@pytest.mark.parametrize("key", CHOICES)
def test_every_choice_is_typed(key: str) -> None:
    assert {e.meta[key] for _, e in typed_documents() if key in e.meta} == CHOICES[key]


def test_every_unit_is_typed() -> None:
    units = {
        posting.units.currency
        for _, entry in typed_documents()
        for posting in entry.postings
        if isinstance(posting.units, Amount)
    }
    assert UNITS - units == set()


def test_reverse_charge_is_on_both_sides() -> None:
    kinds = {tag for tag, e in typed_documents() if e.meta.get("regime") == "autoliquidation-btp"}
    assert kinds == {"facture", "achat"}


# -- hand and engine agree ------------------------------------------------------------------------------------


@each_dossier
def test_the_bank_statement_is_checked_every_month(name: str) -> None:
    checks = [e for e in load(name).entries if isinstance(e, Balance) and e.account == BANK]
    assert {check.date.month for check in checks} == set(range(2, 12))
    assert max(check.date for check in checks) == TODAY


@each_dossier
@pytest.mark.parametrize("month", RETURNS_FILED)
def test_each_typed_vat_return_clears_the_vat_of_its_month(name: str, month: int) -> None:
    loaded = load(name)
    end = datetime.date(2026, month + 1, 1)
    entries = [entry for entry in loaded.transactions if entry.date < end]
    for role in ("44571", "44566", "44562"):
        assert role_balance(loaded, role, entries) == 0, f"{role} au {end}"


@each_dossier
def test_the_aged_balance_reconciles_every_month(name: str) -> None:
    loaded = load(name)
    book = read_book(loaded.dossier, loaded.entries)
    for month in range(1, 12):
        at = min(datetime.date(2026, month + 1, 1) - datetime.timedelta(1), TODAY)
        proof = reconcile(book, loaded.entries, at)
        assert proof.difference == 0, at
        assert proof.accounts, at


# Worked on paper: net to pay (411), retention (4117), VAT per rate before any deposit is recovered.
BY_HAND: Final[dict[str, dict[str, tuple[str, str, dict[str, str]]]]] = {
    BUILDER: {
        "R26-001": ("28276.82", "0", {"20": "2424.00", "10": "769.00", "5.5": "274.94"}),
        "R26-003": ("7840.00", "0", {"0": "0"}),
        "R26-005": ("4989.60", "0", {"10": "648.00"}),
        "R26-006": ("29025.28", "1784.01", {"20": "4848.00", "5.5": "343.67"}),
        "R26-009": ("26842.26", "1830.97", {"20": "3636.00", "10": "1345.75"}),
        "R26-011": ("22236.76", "966.82", {"20": "3867.26"}),
        "R26-012": ("3245.00", "0", {"10": "295.00"}),
        "R26-014": ("31359.84", "2165.98", {"20": "1818.00", "10": "2107.50", "5.5": "481.15"}),
        "R26-017": ("43053.48", "0", {"20": "7175.58"}),
        "R26-018": ("20743.94", "1389.99", {"20": "1818.00", "10": "576.75", "5.5": "549.87"}),
        "R26-019": ("25192.65", "1931.79", {"20": "6439.30"}),
        "R26-020": ("13648.30", "0", {"20": "2274.72"}),
        "R26-021": ("139.15", "0", {"0": "0"}),
        "R26-022": ("19119.78", "1460.70", {"20": "4869.00"}),
        "R26-023": ("1533.84", "0", {"20": "955.64"}),
        "R26-025": ("93.72", "0", {"20": "15.62"}),
        "AV26-001": ("-5016.00", "0", {"20": "-836.00"}),
        "AV26-002": ("-456.00", "0", {"20": "-76.00"}),
        "AV26-003": ("-2279.43", "-119.97", {"20": "-399.90"}),
    },
    SCHOOL: {
        "EM26-001": ("912.00", "0", {"20": "152.00"}),
        "EM26-004": ("150.00", "0", {"0": "0"}),
        "EM26-006": ("223.20", "0", {"20": "37.20"}),
        "EM26-010": ("3024.00", "0", {"20": "720.00"}),
        "EM26-015": ("100.00", "0", {"20": "16.67"}),
        "EM26-019": ("-208.80", "0", {"20": "-17.40"}),
        "EM26-023": ("2463.57", "0", {"0": "0", "5.5": "9.57"}),
        "EM26-031": ("3600.00", "0", {"20": "960.00"}),
        "EM26-036": ("-150.00", "0", {"20": "-25.00"}),
    },
}


@pytest.mark.parametrize(("name", "number"), [(n, number) for n in NAMES for number in BY_HAND[n]])
def test_documents_are_those_worked_on_paper(name: str, number: str) -> None:
    due, retention, rates = BY_HAND[name][number]
    dossier = load(name).dossier
    bill = dossier.bill(dossier.claims[number].document)
    assert bill is not None
    vat: dict[Decimal, Decimal] = defaultdict(Decimal)
    for tax, share in bill.gross.items():
        vat[tax.rate] += share.vat
    assert (bill.due, bill.retention) == (Decimal(due), Decimal(retention))
    assert dict(vat) == {Decimal(rate): Decimal(amount) for rate, amount in rates.items()}


# -- situations, deposits, retentions -------------------------------------------------------------------------

# Finished contracts: what was billed beside the contract (extra work and price revision), worked on paper.
FINISHED: Final[dict[str, dict[str, str]]] = {
    BUILDER: {"CH-26-01": "1850.00", "CH-26-02": "0", "CH-26-03": "1444.10"},
    SCHOOL: {"EM-25-04": "0", "EM-26-07": "0", "EM-26-08": "0"},
}
finished_contracts = pytest.mark.parametrize(
    ("name", "link"), [(name, link) for name in NAMES for link in FINISHED[name]]
)


@each_dossier
def test_the_finished_contracts_are_those_that_a_final_invoice_closes(name: str) -> None:
    closed = {link for link, c in load(name).dossier.contracts.items() if c.closed_by is not None}
    assert closed == set(FINISHED[name])


@finished_contracts
def test_the_documents_of_a_finished_contract_are_the_contract_to_the_cent(
    name: str, link: str
) -> None:
    """Revenue posted = lines typed on the contract + what is beside it; progress reaches 100 % of every lot."""
    loaded = load(name)
    ordered: Counter[tuple[str, str | None]] = Counter()
    for entry in typed(name):
        if link in entry.links and entry.tags & {"contrat", "avenant"} and entry.flag == "*":
            for account, amount, meta in typed_lines(entry):
                ordered[account, meta.get("lot")] += amount  # type: ignore[assignment]
    contract = loaded.dossier.contracts[link]
    progress: Counter[tuple[str, str | None]] = Counter()
    revenue = Decimal(0)
    for document in contract.documents:
        bill = loaded.dossier.bill(document)
        assert bill is not None
        for step in bill.progress:
            progress[step.group.account, step.group.lot] += step.amount  # type: ignore[assignment]
    for entry in loaded.transactions:
        if link in entry.links:
            revenue -= sum(
                (p.units.number or Decimal(0))
                for p in entry.postings
                if p.units is not None and p.account.startswith("Produits:")
            )
    assert progress == ordered
    assert revenue == sum(ordered.values()) + Decimal(FINISHED[name][link])


@finished_contracts
def test_a_finished_contract_leaves_nothing_on_4191_and_in_44574_only_what_is_unpaid(
    name: str, link: str
) -> None:
    loaded = load(name)
    contract = loaded.dossier.contracts[link]
    numbers = {document.number for document in contract.documents if document.number}
    numbers |= {deposit.number for deposit in contract.deposits}
    linked = [
        entry
        for entry in loaded.transactions
        if entry.links & {link, *numbers} or entry.meta.get("numero") in numbers
    ]
    assert role_balance(loaded, "4191", [e for e in linked if e.date <= TODAY]) == 0
    # What waits is in proportion of what is owed, retention included: nothing owed, nothing waiting.
    owed = {i.number: i.open for i in loaded.aged().invoices if i.number in numbers}
    pending = -role_balance(loaded, "44574", linked)
    assert bool(pending) is bool(owed)
    highest = sum(owed.values(), Decimal(0)) / 6
    assert 0 <= pending <= highest.quantize(CENT, ROUND_HALF_UP) + CENT * len(owed)


def test_retentions_are_listed_by_release_date() -> None:
    """A year after acceptance; half of one released early, one released whole against the guarantee."""
    loaded = load(BUILDER)
    found = [
        (r.document.number, str(r.amount), str(r.left), r.release)
        for r in retentions(loaded.dossier, loaded.entries, TODAY)
    ]
    granges, villers = datetime.date(2027, 7, 10), datetime.date(2027, 10, 16)
    assert found == [
        ("R26-006", "1784.01", "1784.01", granges),
        ("R26-009", "1830.97", "1830.97", granges),
        ("R26-014", "2165.98", "2165.98", granges),
        ("R26-018", "1389.99", "694.99", granges),
        ("R26-011", "966.82", "0.00", villers),
        ("R26-019", "1811.82", "1811.82", None),
        ("R26-022", "1460.70", "1460.70", None),
    ]
    left = sum(r.left for r in retentions(loaded.dossier, loaded.entries, TODAY))
    assert left == role_balance(loaded, "4117", loaded.transactions)


@finished_contracts
def test_the_register_tells_what_is_beside_the_contract(name: str, link: str) -> None:
    loaded = load(name)
    view = contract_view(read_book(loaded.dossier, loaded.entries), link, TODAY)
    assert view.extra.base == Decimal(FINISHED[name][link])
    assert view.left.base == view.left.vat == 0
    assert view.deposits_left.base == view.deposits_left.vat == 0


def test_the_doubtful_customer_ends_at_nothing() -> None:
    """6 000,00 €: 1 200,00 € received, 4 800,00 € lost, of which 800,00 € of VAT that was never due."""
    loaded = load(BUILDER)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for entry in loaded.transactions:
        for posting in entry.postings:
            if posting.units is not None and posting.units.number is not None:
                totals[posting.account] += posting.units.number
    assert totals["Charges:654:CreancesPerdues"] == Decimal("4000.00")
    assert totals["Charges:68174:DepreciationClients"] == Decimal("4000.00")
    assert totals["Produits:78174:ReprisesClients"] == Decimal("-4000.00")
    for account in ("Actif:411:Vauthier", "Actif:416:Vauthier", "Actif:491:Vauthier"):
        assert totals[account] == 0, account


# -- prepaid, arrhes, opening ---------------------------------------------------------------------------------


def test_prepaid_hours_left_are_those_counted_by_hand() -> None:
    contracts = load(SCHOOL).dossier.contracts
    left = {
        link: sum((pack.left for pack in contracts[link].packs), Decimal(0))
        for link in ("PK-26-01", "PK-26-02", "PK-26-03", "PK-26-04")
    }
    assert left == {
        "PK-26-01": 0,
        "PK-26-02": 5,
        "PK-26-03": Decimal("4.5"),
        "PK-26-04": 15,
    }


def test_deposits_left_on_4191_are_those_counted_by_hand() -> None:
    """5 h at 52 €, 4.5 h at 40 €, 15 h at 54 €, the arrhes of Mme Lopez, the deposit of M. Puech."""
    by_hand = Decimal("260.00") + Decimal("180.00") + Decimal("810.00")
    by_hand += Decimal("267.00") + Decimal("166.67")
    loaded = load(SCHOOL)
    entries = [entry for entry in loaded.transactions if entry.date <= TODAY]
    assert role_balance(loaded, "4191", entries) == -by_hand


def test_what_is_kept_or_doubled_is_outside_vat() -> None:
    loaded = load(SCHOOL)
    assert role_balance(loaded, "7581", loaded.transactions) == -Decimal("1303.20")
    assert role_balance(loaded, "6581", loaded.transactions) == Decimal("104.40")


def test_the_opening_account_is_at_zero() -> None:
    opening = [
        posting.units.number
        for entry in load(SCHOOL).transactions
        for posting in entry.postings
        if posting.account == "Capitaux:890:Ouverture"
        and posting.units is not None
        and posting.units.number is not None
    ]
    assert len(opening) == 4
    assert sum(opening) == 0


# -- notices --------------------------------------------------------------------------------------------------


def test_the_builder_has_nothing_to_report() -> None:
    loaded = load(BUILDER)
    assert loaded.dossier.notices == []
    assert legal_alerts(loaded.dossier, loaded.entries, TODAY) == []


def test_retentions_are_reported_once_their_date_has_come() -> None:
    loaded = load(BUILDER)
    alerts = legal_alerts(loaded.dossier, loaded.entries, datetime.date(2027, 7, 10))
    assert [alert.code for alert in alerts] == ["retenue-liberable"] * 4


def test_consumers_are_in_the_notices_of_the_school() -> None:
    """M. Puech's deposit without a stipulation; Mme Vidal's arrhes kept without a qualification."""
    notices = {(n.code, n.message.split()[0]) for n in load(SCHOOL).dossier.notices}
    assert notices == {
        ("arrhes-par-defaut", "EM26-029"),
        ("qualification-par-defaut", "EM26-011"),
    }


def test_legal_delays_of_the_school() -> None:
    """Mme Roux to refund by 1 December, interest on Mme Lopez's arrhes, hours of M. Saïdi expired on 31 October."""
    loaded = load(SCHOOL)
    alerts = {
        (alert.code, alert.date) for alert in legal_alerts(loaded.dossier, loaded.entries, TODAY)
    }
    assert alerts >= {
        ("retractation", datetime.date(2026, 12, 1)),
        ("interets-arrhes", datetime.date(2026, 10, 8)),
        ("credits-expires", datetime.date(2026, 10, 31)),
    }
