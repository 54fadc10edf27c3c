"""A contract that outlives its seller's regime: what was billed in franchise is said so, and what bears VAT is not.

Worked by hand from the golden cases of the same names (CGI art. 293 B, 293 E).
"""

from __future__ import annotations

from decimal import Decimal

from tests.invoices.facturx.reading import Read
from tests.invoices.facturx.views import identified
from tests.invoices.reading import text_of
from tests.invoices.test_as_posted import ROOT, printed

from acompta.invoices.facturx.invoice import electronic_invoice
from acompta.invoices.mentions import complete
from acompta.invoices.rendering import render_pdf
from acompta.invoices.view.document import DocumentView

D = Decimal
FRANCHISE = "TVA non applicable, art. 293 B du CGI"
REASONS = "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:ExemptionReasonCode"


def _view(case: str, number: str) -> DocumentView:
    path = ROOT / "tests" / "cases" / case / "typed.beancount"
    found = next(one.view for one in printed(path) if one.view.number == number)
    return identified(found)


def _codes(view: DocumentView) -> set[str]:
    return {mention.code for mention in complete(view).mentions}


def test_a_deposit_billed_in_franchise_is_taken_off_as_exempt() -> None:
    """1 000 at 20 %, less 300 billed in franchise (E, VATEX-FR-FRANCHISE, not O): 700 + 200 to pay."""
    view = _view("franchise-perdue-avenant-puis-solde", "F2026-002")
    read = Read(electronic_invoice(view).xml)
    assert read.breakdown() == {
        ("E", "0.00"): (D("-300.00"), D("0.00")),
        ("S", "20.00"): (D("1000.00"), D("200.00")),
    }
    assert read.all(REASONS) == ["VATEX-FR-FRANCHISE"]
    # Nothing of what this invoice bills is in franchise: its page does not say so.
    assert not _codes(view) & {"franchise", "hors-champ"}


def test_a_credit_note_on_an_invoice_in_franchise_keeps_its_mention() -> None:
    view = _view("avoir-apres-la-perte-de-la-franchise", "A2026-001")
    assert not view.franchise
    assert "franchise" in _codes(view)
    assert "hors-champ" not in _codes(view)
    read = Read(electronic_invoice(view).xml)
    assert set(read.breakdown()) == {("E", "0.00")}
    assert read.all(REASONS) == ["VATEX-FR-FRANCHISE"]


def test_a_final_invoice_in_franchise_gives_back_the_vat_of_its_deposit() -> None:
    """1 000 without VAT, less 300 + 60 billed at 20 % before the franchise: 640, the VAT shown on page and in XML."""
    view = _view("franchise-prise-avenant-puis-solde", "F2026-002")
    assert view.franchise
    assert view.taxed
    assert "franchise" in _codes(view)
    read = Read(electronic_invoice(view).xml)
    assert read.breakdown() == {
        ("S", "20.00"): (D("-300.00"), D("-60.00")),
        ("E", "0.00"): (D("1000.00"), D("0.00")),
    }
    text = text_of(render_pdf(complete(view)))
    assert FRANCHISE in text
    assert "−60,00" in text
    assert "TVA 20 % sur 0,00" not in text
