"""The example dossiers: a year of four businesses, typed by hand.

Two figures in them are typed and never computed at load: what customers paid (a settlement is the amount of the bank
statement) and the monthly VAT return. So a settlement that does not clear its invoice, or a return that does not clear
44571, shows that the engine no longer gives what was typed; only the tables of `BY_HAND` were worked on paper.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from beancount import loader
from beancount.core.data import Balance, Commodity, Custom, Directive, Open, Transaction
from beancount.parser import booking, parser
from stdnum import iban
from stdnum.eu import vat
from stdnum.fr import siren, siret

from acompta import vocabulary
from acompta.dossier import Dossier, dossier_of
from acompta.invoices.checks import findings_of
from acompta.invoices.from_dossier import Views, printable_documents
from acompta.lint import lint_ledger
from acompta.receivables import AGE_TITLES, AgedBalance, aged_balance, read_book
from acompta.vocabulary import EUR, KIND_BY_TAG

LEDGERS: Final = Path(__file__).parent.parent / "ledgers"
NAMES: Final = ("atelier-lumiere", "maison-garance", "cabinet-ferrand", "plume-et-compagnie")
LARGE: Final = NAMES[:3]
TODAY: Final = datetime.date(2026, 11, 22)
BANK: Final = "Actif:512:Banque"
RETURNS_FILED: Final = range(1, 11)  # November is not declared yet.

each_dossier = pytest.mark.parametrize("name", NAMES)
each_large_dossier = pytest.mark.parametrize("name", LARGE)

KINDS: Final = {"devis", "contrat", "avenant", "acompte", "avance", "solde", "facture"}
# Where each key of the language is typed; all of them must be seen in at least one dossier.
DOCUMENT_KEYS: Final = {
    "numero",
    "echeance",
    "livraison",
    "delai",
    "bon-de-commande",
    "acompte",
    "imputation",
    "stipulation",
    "validite",
}
LINE_KEYS: Final = {
    "lot",
    "libelle",
    "tva",
    "nature",
    "regime",
    "motif",
    "prevu",
    "livraison",
    "facture",
}
SELLER_KEYS: Final = {
    "forme",
    "siren",
    "siret",
    "tva-intracom",
    "rcs",
    "adresse",
    "telephone",
    "email",
    "site",
    "logo",
    "iban",
    "bic",
    "regime-tva",
    "exigibilite-acompte",
    "penalites",
    "escompte",
    "delai",
    "format-numero",
    "premier-numero",
}
LINE_REGIMES: Final = {"exonere", "intracom-services", "intracom-biens", "export"}
SELLER_REGIMES: Final = {"encaissements", "debits", "franchise"}
UNITS: Final = {"HEURE", "JOUR", "MOIS", "FORFAIT", "PIECE", "M2", "METRE", "KM", "MOT", "PAGE"}


class Loaded(NamedTuple):
    """One example dossier after its load."""

    entries: list[Directive]
    errors: list[Any]
    options: dict[str, Any]

    @property
    def dossier(self) -> Dossier:
        found = dossier_of(self.options)
        assert found is not None
        return found

    @property
    def transactions(self) -> list[Transaction]:
        return [entry for entry in self.entries if isinstance(entry, Transaction)]

    def aged(self) -> AgedBalance:
        return aged_balance(read_book(self.dossier, self.entries), TODAY)


@cache
def load(name: str) -> Loaded:
    return Loaded(*loader.load_file(str(LEDGERS / name / "main.beancount")))


def all_loaded() -> Iterator[Loaded]:
    return map(load, NAMES)


def typed_tags() -> Counter[str]:
    """Tags of kinds, as typed, over all dossiers."""
    return Counter(
        tag
        for loaded in all_loaded()
        for entry in loaded.transactions
        for tag in entry.tags
        if tag in KIND_BY_TAG
    )


def monthly_files(name: str) -> list[Path]:
    return [LEDGERS / name / f"2026-{month:02}.beancount" for month in range(1, 13)]


def role_balance(loaded: Loaded, role: str, entries: list[Transaction]) -> Decimal:
    return sum(
        (
            posting.units.number
            for entry in entries
            for posting in entry.postings
            if posting.units is not None
            and posting.units.number is not None
            and loaded.dossier.chart.get(posting.account).role == role
        ),
        Decimal(0),
    )


# -- the text -------------------------------------------------------------------------------------------------


@each_dossier
def test_every_month_has_its_file_with_the_french_roots(name: str) -> None:
    for path in [*monthly_files(name), LEDGERS / name / "comptes.beancount"]:
        text = path.read_text(encoding="utf-8")
        for root in ("Actif", "Passif", "Capitaux", "Produits", "Charges"):
            assert f'"{root}"\n' in text, f"{path.name} : racine {root} absente"


@each_dossier
def test_text_parses_and_books_without_the_plugin(name: str) -> None:
    for path in monthly_files(name):
        entries, errors, options = parser.parse_file(str(path))
        _, booking_errors = booking.book(  # type: ignore[no-untyped-call]
            sorted(entries, key=lambda e: e.date), options
        )
        assert [*errors, *booking_errors] == [], path.name


@each_dossier
def test_the_linter_finds_nothing_in_the_text(name: str) -> None:
    assert [str(finding) for finding in lint_ledger(LEDGERS / name / "main.beancount")] == []


@each_dossier
def test_dossier_loads_without_an_error(name: str) -> None:
    assert [
        f"{error.source.get('filename')}:{error.source.get('lineno')} {error.message}"
        for error in load(name).errors
    ] == []


@each_dossier
def test_no_unit_reaches_a_balance(name: str) -> None:
    currencies = {
        posting.units.currency
        for entry in load(name).transactions
        for posting in entry.postings
        if posting.units is not None
    }
    assert currencies == {EUR}


# -- what the dossiers show -----------------------------------------------------------------------------------


def test_there_are_sixty_documents_of_all_kinds() -> None:
    tags = typed_tags()
    assert sum(tags.values()) >= 60
    assert set(tags) >= KINDS


def test_most_documents_are_issued_and_numbered() -> None:
    assert sum(len(loaded.dossier.claims) for loaded in all_loaded()) >= 60


@each_large_dossier
def test_drafts_wait_without_a_number(name: str) -> None:
    drafts = [document for document in load(name).dossier.documents if document.draft]
    assert drafts
    assert [draft.number for draft in drafts if draft.number] == []


def test_every_document_key_is_used() -> None:
    documents = [d for loaded in all_loaded() for d in loaded.dossier.documents]
    used = {key for document in documents for key in document.meta}
    assert set(vocabulary.DOCUMENT_KEYS) >= DOCUMENT_KEYS
    assert DOCUMENT_KEYS - used == set()


def test_every_line_key_is_used() -> None:
    used = {
        key
        for name in NAMES
        for path in monthly_files(name)
        for entry in parser.parse_file(str(path))[0]
        if isinstance(entry, Transaction)
        for posting in entry.postings
        for key in posting.meta or {}
    }
    assert set(vocabulary.LINE_KEYS) >= LINE_KEYS
    assert LINE_KEYS - used == set()


def test_every_settlement_key_is_used() -> None:
    used = {key for loaded in all_loaded() for entry in loaded.transactions for key in entry.meta}
    assert "escompte-tva" in used


def test_every_party_account_and_unit_key_is_used() -> None:
    opens = [e for loaded in all_loaded() for e in loaded.entries if isinstance(e, Open)]
    used = {key for entry in opens for key in entry.meta}
    assert set(vocabulary.PARTY_KEYS) - used == set()
    assert {"taux", "tva", "role", "titre"} - used == set()


def test_every_seller_key_is_used() -> None:
    used = {
        key
        for loaded in all_loaded()
        for entry in loaded.entries
        if isinstance(entry, Custom) and entry.type == vocabulary.SELLER_DIRECTIVE
        for key in entry.meta
    }
    assert set(vocabulary.SELLER_KEYS) >= SELLER_KEYS
    assert SELLER_KEYS - used == set()


def test_every_regime_is_used() -> None:
    lines = [
        line
        for loaded in all_loaded()
        for document in loaded.dossier.documents
        for line in document.lines
    ]
    assert LINE_REGIMES - {line.tax.regime for line in lines if line.tax is not None} == set()
    sellers = {
        document.seller.regime for loaded in all_loaded() for document in loaded.dossier.documents
    }
    assert sellers == SELLER_REGIMES


def test_units_have_a_name_and_a_code() -> None:
    units = {
        entry.currency: entry.meta
        for loaded in all_loaded()
        for entry in loaded.entries
        if isinstance(entry, Commodity)
    }
    assert set(units) == UNITS
    assert [
        unit for unit, meta in units.items() if not (meta.get("name") and meta.get("unece"))
    ] == []


@each_dossier
def test_identifiers_are_valid(name: str) -> None:
    checks = {
        "siren": siren.is_valid,
        "siret": siret.is_valid,
        "tva-intracom": vat.is_valid,
        "iban": iban.is_valid,
    }
    wrong = [
        (key, entry.meta[key])
        for entry in load(name).entries
        for key, valid in checks.items()
        if key in entry.meta and not valid(entry.meta[key])
    ]
    assert wrong == []


@each_dossier
def test_the_customer_of_each_document_is_identified(name: str) -> None:
    chart = load(name).dossier.chart
    for document in load(name).dossier.documents:
        meta = chart.get(document.customer).meta
        assert meta.get("raison-sociale"), document.customer
        assert meta.get("adresse"), document.customer
        known = meta.get("particulier") or meta.get("siren") or meta.get("pays", "FR") != "FR"
        assert known, document.customer


@each_dossier
def test_every_document_may_be_printed(name: str) -> None:
    loaded = load(name)
    views = Views(read_book(loaded.dossier, loaded.entries), loaded.entries, LEDGERS / name)
    documents = printable_documents(loaded.dossier)
    assert len(documents) >= len(loaded.dossier.claims)
    assert [str(f) for d in documents for f in findings_of(views.view(d))] == []


# -- hand and engine agree ------------------------------------------------------------------------------------


@each_dossier
def test_the_bank_statement_is_checked_every_month(name: str) -> None:
    checks = [e for e in load(name).entries if isinstance(e, Balance) and e.account == BANK]
    assert {check.date.month for check in checks} == set(range(2, 12))
    assert max(check.date for check in checks) == TODAY


@each_dossier
def test_each_typed_vat_return_clears_the_vat_due(name: str) -> None:
    loaded = load(name)
    for month in RETURNS_FILED:
        end = datetime.date(2026, month + 1, 1)
        entries = [entry for entry in loaded.transactions if entry.date < end]
        assert role_balance(loaded, "44571", entries) == 0, f"TVA due au {end}"


@each_dossier
def test_no_vat_waits_but_that_of_open_documents(name: str) -> None:
    loaded = load(name)
    open_numbers = {invoice.number for invoice in loaded.aged().invoices}
    waiting: dict[str, Decimal] = defaultdict(Decimal)
    for number, claim in loaded.dossier.claims.items():
        for tax, share in claim.shares.items():
            moved = claim.moved.get(tax)
            waiting[number] += share.vat - (moved.vat if moved is not None else Decimal(0))
    assert {number for number, amount in waiting.items() if amount} <= open_numbers


@each_large_dossier
def test_finished_contracts_leave_nothing_on_4191_nor_in_pending_vat(name: str) -> None:
    loaded = load(name)
    open_numbers = {invoice.number for invoice in loaded.aged().invoices}
    finished = []
    for link, contract in loaded.dossier.contracts.items():
        numbers = {document.number for document in contract.documents if document.number}
        surplus = any(not deposit.is_spent for deposit in contract.deposits)
        if contract.closed_by is None or surplus or numbers & open_numbers:
            continue
        finished.append(link)
        linked = [e for e in loaded.transactions if e.links & {link, *numbers}]
        linked += [
            e for e in loaded.transactions if e.meta.get("numero") in numbers and e not in linked
        ]
        assert role_balance(loaded, "4191", linked) == 0, link
        assert role_balance(loaded, "44574", linked) == 0, link
    assert finished


@each_large_dossier
def test_the_aged_balance_has_something_of_every_age(name: str) -> None:
    ages = load(name).aged().ages
    assert [title for title, amount in zip(AGE_TITLES, ages, strict=True) if not amount] == []


# Worked on paper from the typed lines: net to pay, and VAT per rate before any deposit is recovered.
BY_HAND: Final = {
    "atelier-lumiere": {
        "F2026-002": ("2484.00", {"20": "414.00"}),
        "F2026-006": ("5737.08", {"20": "460.80", "10": "50.00", "5.5": "126.28"}),
        "F2026-008": ("2829.90", {"0": "0", "5.5": "9.90"}),
        "F2026-015": ("1918.00", {"20": "288.00"}),
        "F2026-016": ("2500.00", {"20": "200.80", "10": "21.79", "5.5": "55.03"}),
        "F2026-020": ("3117.60", {"20": "1160.00"}),
        "F2026-022": ("6105.62", {"20": "1152.00", "10": "125.00", "5.5": "315.70"}),
        "F2026-026": ("0.00", {"20": "740.00"}),
        "F2026-037": ("12297.60", {"20": "2049.60"}),
        "F2026-040": ("3156.00", {"20": "416.00", "10": "60.00"}),
    },
    "maison-garance": {
        "G26/0011": ("1595.09", {"20": "216.00", "5.5": "15.59"}),
        "G26/0015": ("1595.10", {"20": "216.00", "5.5": "15.60"}),
        "G26/0016": ("5553.60", {"20": "2314.00"}),
        "G26/0017": ("500.00", {"20": "83.33"}),
        "G26/0019": ("1383.30", {"20": "220.00", "5.5": "3.30"}),
        "G26/0022": ("3190.18", {"20": "864.00", "5.5": "62.37"}),
    },
    "cabinet-ferrand": {
        "CF-26-002": ("812.76", {"20": "135.46"}),
        "CF-26-009": ("6096.00", {"20": "1316.00"}),
        "CF-26-013": ("2364.00", {"20": "64.00", "10": "180.00"}),
        "CF-26-014": ("11040.00", {"20": "1840.00"}),
    },
    "plume-et-compagnie": {
        "2026-001": ("1178.80", {"0": "0"}),
        "2026-006": ("1680.00", {"0": "0"}),
        "2026-011": ("1045.00", {"10": "95.00"}),
    },
}


@each_dossier
def test_documents_are_those_worked_on_paper(name: str) -> None:
    dossier = load(name).dossier
    for number, (due, rates) in BY_HAND[name].items():
        claim = dossier.claims[number]
        bill = dossier.bill(claim.document)
        assert bill is not None
        billed: dict[Decimal, Decimal] = defaultdict(Decimal)
        for tax, share in bill.gross.items():
            billed[tax.rate] += share.vat
        assert claim.document_total == Decimal(due), number
        assert dict(billed) == {Decimal(r): Decimal(v) for r, v in rates.items()}, number


def test_what_deserves_attention_is_reported_and_never_an_error() -> None:
    loaded = load("atelier-lumiere")
    assert loaded.errors == []
    codes = Counter(notice.code for notice in loaded.dossier.notices)
    assert codes == {"reglement-sans-lien": 1, "excedent-acompte": 1, "trop-percu": 1}
