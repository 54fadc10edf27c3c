"""Whatever the contract: every document passes the official rules, and its XML says what its entry posts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, note
from tests.invoices.facturx.reading import Read
from tests.invoices.facturx.test_as_posted import assert_notes, assert_page, assert_sums
from tests.invoices.facturx.views import identified
from tests.properties.loading import load
from tests.properties.profiles import examples
from tests.properties.stories import Dossier, dossiers

from acompta.book import read_book
from acompta.invoices.checks import findings_of
from acompta.invoices.facturx.invoice import electronic_invoice, is_electronic
from acompta.invoices.from_dossier import Views, printable_documents


@pytest.mark.slow
@given(dossiers())
@examples(25)
def test_every_document_of_a_random_contract_is_a_right_electronic_invoice(
    dossier: Dossier,
) -> None:
    note(dossier.typed())
    loaded = load(dossier.ledger())
    views = Views(read_book(loaded.dossier, loaded.entries), loaded.entries, Path())
    for document in printable_documents(loaded.dossier):
        view = identified(views.view(document))
        if not is_electronic(view):
            continue
        if not view.lines:  # a deposit of 0,00 €: said before anything is written
            assert any("rien n'est facturé" in finding.message for finding in findings_of(view))
            continue
        read = Read(electronic_invoice(view).xml)
        assert_sums(read)
        assert_page(read, view)
        assert_notes(read, view)
        # The other encoding of recovered deposits: the same amount due, the VAT of the whole.
        if view.recovered:
            seller = replace(view.seller, deposits_as_paid=True)
            other = Read(electronic_invoice(replace(view, seller=seller)).xml)
            assert_sums(other)
            assert other.total("DuePayableAmount") == read.total("DuePayableAmount")
            assert other.vat == view.totals.vat
            assert other.references() == read.references()
