"""What is printed is what is posted: every document of the golden cases and of the example dossiers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from beancount.core.data import Transaction
from tests.invoices.reading import amounts_of, plain, text_of

from acompta.chart import DEPOSITS, RECEIVABLE, RETENTION, VAT_DUE, VAT_PENDING
from acompta.invoices.checks import findings_of
from acompta.invoices.from_dossier import PRINTABLE, Views, printable_documents
from acompta.invoices.rendering import render_pdf
from acompta.invoices.view.document import DocumentView
from acompta.loading import Loaded, load_ledger
from acompta.rounding import ZERO
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import Kind

ROOT = Path(__file__).parents[2]
CASES = sorted(ROOT.glob("tests/cases/*/typed.beancount"))
DOSSIERS = sorted(ROOT.glob("ledgers/*/main.beancount"))
PARTIES = {"siren", "siret", "adresse", "tva-intracom", "pays"}
MONEY = (RECEIVABLE, RETENTION)
VAT = (VAT_DUE, VAT_PENDING)
# Deposits posted when received (language: comptabilisation-acompte): their entry is not their invoice.
ON_RECEIPT = "comptabilisation-acompte"


class Printed(NamedTuple):
    """A document as printed, with the complete entry that Beancount holds for it."""

    view: DocumentView
    entry: Transaction
    loaded: Loaded


@cache
def printed(path: Path) -> tuple[Printed, ...]:
    loaded = load_ledger(path)
    entries = {
        str(entry.meta["numero"]): entry
        for entry in loaded.entries
        if isinstance(entry, Transaction) and entry.meta.get("etendu") and "numero" in entry.meta
    }
    views = Views(loaded.book(), loaded.entries, path.parent)
    documents = [d for d in printable_documents(loaded.dossier) if d.kind is not Kind.QUOTE]
    return tuple(
        Printed(views.view(document), entries[document.number or ""], loaded)
        for document in documents
    )


def posted(found: Printed) -> Counter[str]:
    """What the entry posts, by role of account, in euros; class 7 and 6 under their digit."""
    sums: Counter[str] = Counter()
    for posting in found.entry.postings:
        account = found.loaded.dossier.chart.get(posting.account)
        role = account.number[0] if account.number[0] in "67" else account.role
        assert posting.units is not None
        assert posting.units.number is not None
        sums[role] += posting.units.number  # type: ignore[assignment]
    return sums


def of_roles(sums: Counter[str], roles: tuple[str, ...]) -> Decimal:
    return sum((Decimal(sums[role]) for role in roles), ZERO)


@pytest.mark.parametrize("path", [*CASES, *DOSSIERS], ids=lambda path: path.parent.name)
def test_each_document_prints_what_it_posts(path: Path) -> None:
    held = ON_RECEIPT in path.read_text(encoding="utf-8")
    originals = {found.view.number: found for found in printed(path)}
    for found in printed(path):
        view = found.view
        assert [f.message for f in findings_of(view) if f.key not in PARTIES] == []
        sums = posted(found)
        if held and (view.kind in DEPOSIT_KINDS or view.recovered or view.credit):
            continue  # the money of a deposit is posted by other entries
        if view.kind is Kind.CORRECTIVE and view.corrects is not None:
            # Its entry is the reversal and the replacement; its page is the replacement.
            original = originals[view.corrects.number]
            assert money(view) - money(original.view) == of_roles(sums, MONEY)
            assert vat(original.view) - vat(view) == of_roles(sums, VAT)
        else:
            assert_as_posted(view, sums)


def sign(view: DocumentView) -> int:
    return -1 if view.credit is not None else 1


def money(view: DocumentView) -> Decimal:
    """What the page asks for, what is retained or already received included."""
    retained = view.retention.amount if view.retention and not view.credit else ZERO
    return sign(view) * (view.to_pay + view.paid + retained)


def vat(view: DocumentView) -> Decimal:
    return sign(view) * (view.balance or view.totals).vat


def assert_as_posted(view: DocumentView, sums: Counter[str]) -> None:
    assert money(view) == of_roles(sums, MONEY)
    assert vat(view) == -of_roles(sums, VAT)
    on_deposits = view.kind in DEPOSIT_KINDS or not Decimal(sums["7"] - sums["6"])
    beside = view.compensation.amount if view.compensation else ZERO
    recovered = sum((deposit.totals.ht for deposit in view.recovered), ZERO)
    if on_deposits or view.compensation:
        assert view.totals.ht == -sign(view) * sums[DEPOSITS]
        assert beside == sums["7"] + sums["6"]
    else:
        assert recovered == sign(view) * sums[DEPOSITS]
        assert view.totals.ht == -sign(view) * (sums["7"] + sums["6"])


def one_of_each_kind() -> Iterator[tuple[str, Printed]]:
    """Of each kind, the document with the most rates among the golden cases."""
    richest: dict[str, Printed] = {}
    for path in CASES:
        if ON_RECEIPT in path.read_text(encoding="utf-8"):
            continue
        for found in printed(path):
            view = found.view
            key = f"{view.kind} {'avoir' if view.credit else ''} {bool(view.recovered)} {bool(view.retention)}"
            known = richest.get(key)
            if known is None or len(view.totals.rates) > len(known.view.totals.rates):
                richest[key] = found
    yield from richest.items()


@pytest.mark.slow
def test_the_page_of_each_kind_reads_back_as_its_entry() -> None:
    kinds: set[Kind] = set()
    for key, found in one_of_each_kind():
        view = found.view
        kinds.add(view.kind)
        pdf = render_pdf(view)
        shown = amounts_of(pdf)
        net = view.balance or view.totals
        wanted = {
            abs(view.to_pay),
            abs(view.totals.ttc),
            *(abs(line.amount) for line in view.lines),
        }
        wanted |= {abs(rate.vat) for rate in net.rates if rate.vat}
        wanted |= {abs(rate.base) for d in view.recovered for rate in d.totals.rates if view.taxed}
        if view.retention is not None:
            wanted.add(abs(view.retention.amount))
        assert wanted <= shown, (key, view.number, wanted - shown)
        text = text_of(pdf)
        assert plain(view.title) in text
        assert f"N° {view.number}" in text
        if view.corrects is not None:
            assert view.corrects.number in text
    assert kinds == PRINTABLE - {Kind.QUOTE}
