"""Deposit invoice: 411 / 4191 + pending VAT.

Obligatory for every deposit (CGI art. 289-I-1-c); its VAT waits on 44574 for the receipt (CGI art. 269-2), or goes to
44571 at once where the seller under the option for débits says ``exigibilite-acompte: "debit"``. Before::

    2026-01-15 * "SCI Dupont" "Acompte de 30 %" #acompte ^D2026-012
      numero: "F2026-001"
      Actif:411:Dupont
      Passif:4191:Dupont     -30 PCT

After (contract of 10 000 € before tax at 20 %)::

    2026-01-15 * "SCI Dupont" "Acompte de 30 %" #acompte ^D2026-012
      numero: "F2026-001"
      etendu: TRUE
      Actif:411:Dupont        3600.00 EUR
      Passif:4191:Dupont     -3000.00 EUR
      Passif:44574:TVA20      -600.00 EUR
"""

from __future__ import annotations

from beancount.core.data import Posting

from acompta.chart import Chart
from acompta.messages import DocumentError
from acompta.posting.bill import Bill, check_total, timing_of, typed_meta, vat_postings
from acompta.posting.making import posted
from acompta.posting.regimes import check_regime
from acompta.reading.model import Document
from acompta.register.contract import Contract


def bill_deposit(document: Document, contract: Contract) -> Bill:
    """Amounts of a deposit invoice, noted in the register of its contract.

    Raises:
        DocumentError: no amount, no rate, revenue lines on it, or above the contract.
    """
    if not document.deposit_lines:
        raise DocumentError(
            "acompte sans montant : tapez un pourcentage ou un montant HT sur 4191"
            " (Passif:4191:Client  -30 PCT), ou le montant TTC sur 411"
        )
    if document.lines:
        raise DocumentError(
            f"une facture d'acompte ne porte pas de produit ({document.lines[0].account}) : l'acompte se tape"
            " sur 4191",
            document.lines[0].posting.meta,
        )
    bill = Bill((), contract.give(document))
    if contract.changes:
        check_regime(document, contract, {tax: share.base for tax, share in bill.gross.items()})
    check_total(document, bill)
    return bill


def post_deposit(document: Document, bill: Bill, chart: Chart) -> list[Posting]:
    """The complete postings of a deposit invoice."""
    line = document.deposit_lines[0]
    chart.use(line.account, document.customer, line.posting.meta)
    return [
        posted(document.customer, bill.due),
        posted(line.account, -bill.base, typed_meta(line.posting)),
        *vat_postings(timing_of(document), bill.gross, chart),
    ]
