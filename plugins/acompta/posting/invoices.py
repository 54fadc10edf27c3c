"""Plain, progress and final invoices: 411 (+ 4117), 4191 recovered / 70x + VAT.

The VAT posted is that of the whole less that of the deposits it recovers, so 44571 and 44574 never count a deposit
twice (PCG art. 1214-41, 1214-44; CGI art. 269-2). Before::

    2026-03-20 * "SCI Dupont" "Solde" #solde ^D2026-012
      numero: "F2026-005"
      Actif:411:Dupont
      Produits:706:Conseil   -100 PCT

After (contract of 10 000 € at 20 %, deposit of 3 000 € before tax)::

    2026-03-20 * "SCI Dupont" "Solde" #solde ^D2026-012
      numero: "F2026-005"
      etendu: TRUE
      Actif:411:Dupont        8400.00 EUR
      Passif:4191:Dupont      3000.00 EUR
        acompte: "F2026-001"
      Produits:706:Conseil  -10000.00 EUR
      Passif:44574:TVA20     -1400.00 EUR
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from beancount.core.data import Posting

from acompta.chart import Chart
from acompta.messages import DocumentError
from acompta.posting.bill import (
    Bill,
    BilledLine,
    check_total,
    customer_postings,
    line_postings,
    recovery_postings,
    timing_of,
    vat_postings,
)
from acompta.posting.books import Books
from acompta.posting.regimes import check_regime
from acompta.posting.retention import retention_of, withheld
from acompta.posting.revisions import revise
from acompta.reading.model import Document, Share, TaxKey
from acompta.register.contract import Contract
from acompta.register.recovering import recover_all, recover_amount, recover_share
from acompta.register.values import Progress, Recovery
from acompta.rounding import HUNDRED, ZERO
from acompta.tuples import make
from acompta.vat import tax_shares
from acompta.vocabulary import DISBURSEMENT, DISCOUNT, PERCENT, Kind

_NOTHING: Final = Share(ZERO, ZERO)
_FINAL: Final = Kind.FINAL
_INVOICE: Final = Kind.INVOICE


def bill_invoice(
    document: Document, contract: Contract | None, books: Books, kind: Kind | None = None
) -> Bill:
    """Amounts of a plain, progress or final invoice, noted in the register of its contract.

    ``kind`` is that of the document which a corrective invoice replaces: deposits are recovered as it did.

    Raises:
        DocumentError: a percentage without a contract, progress out of bounds, a recovery above what is left, a
            typed total that differs.
    """
    bill = _bill(document, contract, books, kind or document.kind)
    if bill.retention:
        bill = withheld(bill, document, books)
    check_total(document, bill)
    return bill


def _bill(document: Document, contract: Contract | None, books: Books, kind: Kind) -> Bill:
    lines: list[BilledLine] = []
    bases: dict[TaxKey, Decimal] = {}
    disbursements = ZERO
    progress: list[Progress] = []
    for line in document.lines:
        account, _, _, _, amount, tax, _, typed = line
        if amount is None:
            if contract is None or not contract.changes:
                raise DocumentError(
                    "un avancement en PCT suppose un contrat : ajoutez le lien ^ d'un #contrat, ou tapez un"
                    " montant en EUR",
                    typed.meta,
                )
            steps = contract.bill_percent(line, document)
            progress += steps
            lines += billed_steps(typed.meta, steps)
        elif tax is not None:
            if tax.regime == DISBURSEMENT:
                disbursements += amount
            else:
                bases[tax] = bases[tax] + amount if tax in bases else amount
            lines.append(make(BilledLine, (account, amount, tax, typed[5])))
    if kind is _FINAL and contract is not None and not _names_lots(document):
        progress = contract.bill_rest(document)
        lines = billed_steps(None, progress) + lines
    if not lines and not document.deposit_lines:
        raise DocumentError(
            "document sans ligne : tapez au moins un produit, par exemple Produits:706:Conseil  -1000.00 EUR"
        )
    if contract is not None and (progress or document.text("revision-definitive")):
        for revision in revise(document, contract, progress, books):
            lines.append(revision)
            bases[revision.tax] = bases.get(revision.tax, ZERO) + revision.amount
    gross = _gross(document, bases, progress, contract)
    recovered = _recovered(document, contract, gross, kind) if contract is not None else ()
    retention = retention_of(document, contract, gross, books)
    steps_and_rest = (tuple(progress), disbursements, retention, (), None)
    return make(Bill, (tuple(lines), gross, tuple(recovered), *steps_and_rest))


def _names_lots(document: Document) -> bool:
    """Whether a final invoice says what it bills; without a line, or with discounts alone, it bills the rest."""
    return any(line.unit != DISCOUNT for line in document.lines)


def billed_steps(meta: dict[str, object] | None, steps: list[Progress]) -> list[BilledLine]:
    """One line per account and tax: a ``PCT`` over several rates becomes one posting per rate."""
    sums: dict[tuple[str, TaxKey], Decimal] = {}
    for step in steps:
        key = (step.group.account, step.group.tax)
        sums[key] = sums.get(key, ZERO) + step.amount
    return [
        make(BilledLine, (account, amount, tax, meta)) for (account, tax), amount in sums.items()
    ]


def _gross(
    document: Document,
    bases: dict[TaxKey, Decimal],
    progress: list[Progress],
    contract: Contract | None,
) -> dict[TaxKey, Share]:
    if not progress or contract is None:
        return tax_shares(bases) if bases else {}
    for step in progress:
        tax = step.group.tax
        bases[tax] = bases.get(tax, ZERO) + step.amount
    check_regime(document, contract, bases)
    return contract.cumulative_shares(bases)


def _recovered(
    document: Document, contract: Contract, gross: dict[TaxKey, Share], kind: Kind
) -> list[Recovery]:
    """Deposits recovered: what the lines on 4191 say, else all by a final invoice, else pro rata if agreed."""
    if document.deposit_lines:
        recovered: list[Recovery] = []
        room = dict(gross)
        for line in document.deposit_lines:
            if line.unit == PERCENT:
                if line.units > HUNDRED:
                    raise DocumentError(
                        f"reprise de {line.units} % des acomptes : au plus 100 PCT",
                        line.posting.meta,
                    )
                share = line.units / HUNDRED
                taken = recover_share(contract, room, share, document.date, line.rate)
            else:
                taken = recover_amount(contract, room, line.units, line)
            for recovery in taken:
                left = room.get(recovery.against, _NOTHING)  # not billed here: billed before
                room[recovery.against] = Share(left.base - recovery.base, left.vat - recovery.vat)
            recovered += taken
        return recovered
    if kind is _FINAL:
        return recover_all(contract, gross, document.date)
    terms = contract.document.entry.meta if contract.document is not None else {}
    if kind is not _INVOICE and terms.get("imputation") == "prorata":
        return recover_share(contract, gross, contract.progress_share(document.date), document.date)
    return []


def post_invoice(document: Document, bill: Bill, chart: Chart) -> list[Posting]:
    """The complete postings of a plain, progress or final invoice; their sum is exactly zero."""
    postings = customer_postings(document, bill, chart)
    timing = timing_of(document)
    if bill.recovered:
        postings += recovery_postings(bill.recovered, timing)
    postings += line_postings(bill)
    postings += vat_postings(timing, bill.net(), chart)
    return postings
