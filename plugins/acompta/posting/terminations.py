"""End of a contract before its term: what becomes of the deposits (docs/rules.md).

Arrhes: the payer who withdraws loses them, the receiver gives back double (C. civ. art. 1590); kept arrhes and other
indemnities are outside VAT (CJUE C-277/05, BOI-TVA-BASE-10-10-50 §300); an acompte kept as the price of a reserved
service stays taxed (CJUE C-250/14). Accounts 7581 / 6581 (PCG since ANC 2022-06). Before::

    2026-08-01 * "Mme Petit" "Annulation du mariage" #rupture ^D2026-020
      numero: "F2026-007"
      par: "client"
      sort: "conserve"
      Actif:411:Petit
      Passif:4191:Petit       100 PCT

After (arrhes of 600 € received, 500 + 100)::

    2026-08-01 * "Mme Petit" "Annulation du mariage" #rupture ^D2026-020
      numero: "F2026-007"
      etendu: TRUE
      Passif:4191:Petit       500.00 EUR
      Produits:7581          -600.00 EUR
      Passif:44574:TVA20      100.00 EUR

and, by compensation the same day, 44571 / 44574 for 100.00 EUR.
"""

from __future__ import annotations

from decimal import Decimal

from beancount.core.data import Posting

from acompta.messages import DocumentError, WrongKeyError, shown
from acompta.posting.bill import (
    Bill,
    BilledLine,
    Timing,
    check_total,
    customer_postings,
    line_postings,
    recovery_postings,
    vat_postings,
)
from acompta.posting.books import Books
from acompta.posting.credits import NO_TAX, deposit_credit
from acompta.reading.model import Document, Share, TaxKey
from acompta.register.contract import Contract
from acompta.register.recovering import credit_deposit
from acompta.register.values import Recovery
from acompta.rounding import HUNDRED, ZERO
from acompta.vocabulary import PERCENT, Kind

KEPT_ROLE = "7581"
DOUBLED_ROLE = "6581"


def bill_termination(document: Document, contract: Contract | None, books: Books) -> Bill:
    """Amounts of a termination: all the deposits of the contract that no document recovered.

    Raises:
        DocumentError: ``par:`` or ``sort:`` missing, no deposit left, doubled acompte, or an acompte kept without
            ``qualification:``.
    """
    if contract is None:
        raise DocumentError("rupture sans contrat : ajoutez le lien ^ du contrat")
    outcome = _check_words(document)
    left = [deposit for deposit in contract.deposits if not deposit.is_spent]
    if not left:
        raise DocumentError(
            f"aucun acompte à reprendre sur ^{contract.link} : rien ne reste sur 4191"
        )
    arrhes = all(is_arrhes(deposit.document, contract, books) for deposit in left)
    if outcome == "double" and not arrhes:
        raise DocumentError(
            'sort: "double" est réservé aux arrhes (C. civ. art. 1590) : pour un acompte, tapez sort: "rembourse"'
        )
    consideration = (
        outcome == "conserve" and _qualification(document, arrhes=arrhes) == "contrepartie"
    )
    credited = [
        recovery
        for deposit in left
        for recovery in credit_deposit(
            contract, deposit, sum((deposit.left(tax).base for tax in deposit.given), ZERO), None
        )
    ]
    if consideration:
        bill = _keep_as_price(contract, credited, document)
    else:
        bill = deposit_credit(credited)
        total = -bill.total
        if outcome == "conserve":
            account = books.default_account(KEPT_ROLE, "dédits et pénalités perçus")
            bill = _beside(bill, account, total)
        elif outcome == "double":
            account = books.default_account(DOUBLED_ROLE, "dédits et pénalités")
            bill = _beside(bill, account, -total)
    check_total(document, bill)
    return bill


def is_arrhes(deposit: Document, contract: Contract, books: Books) -> bool:
    """Whether a deposit is arrhes: typed so, or a consumer's without a stipulation (C. conso art. L214-1)."""
    terms = contract.document.entry.meta if contract.document is not None else {}
    stipulated = terms.get("stipulation") or deposit.entry.meta.get("stipulation")
    if stipulated is not None:
        return bool(stipulated == "arrhes")
    if deposit.kind is Kind.ARRHES:
        return True
    return books.chart.get(deposit.customer).meta.get("particulier") is True


def _check_words(document: Document) -> str:
    if document.text("par") is None:
        raise DocumentError(
            'rupture : qui met fin au contrat ? tapez par: "client", "fournisseur" ou "retractation"'
        )
    outcome = document.text("sort")
    if outcome is None:
        raise DocumentError(
            'rupture : que devient l\'acompte ? tapez sort: "conserve", "rembourse" ou "double"'
        )
    if document.text("par") == "retractation" and outcome != "rembourse":
        raise WrongKeyError(
            "sort",
            f"lu {shown(outcome)} ; après une rétractation tout est remboursé (C. conso art."
            ' L221-24) : tapez sort: "rembourse"',
        )
    refused = {("client", "double"), ("fournisseur", "conserve")}
    if (document.text("par"), outcome) in refused:
        raise DocumentError(
            f"par: {shown(document.text('par'))} avec sort: {shown(outcome)} : celui qui a versé des arrhes et se dédit"
            " les perd, celui qui les a reçues en rend le double (C. civ. art. 1590) ; un acompte se rembourse"
        )
    if document.lines:
        raise DocumentError(
            f"une rupture ne porte pas de produit ({document.lines[0].account}) : facturez-le à part",
            document.lines[0].posting.meta,
        )
    for line in document.deposit_lines:
        if line.unit != PERCENT or line.units != HUNDRED:
            raise DocumentError(
                f"une rupture reprend tous les acomptes : lu {shown(line.posting.units)}, tapez 100 PCT sur 4191 ; pour"
                " n'en garder qu'une partie, rendez d'abord l'autre par un #avoir sur l'acompte",
                line.posting.meta,
            )
    return outcome


def _qualification(document: Document, *, arrhes: bool) -> str:
    typed = document.text("qualification")
    if typed is not None:
        return typed
    if arrhes:
        return "indemnite"
    raise DocumentError(
        'acompte conservé : tapez qualification: "contrepartie" (prix d\'un service réservé, la TVA reste due) ou'
        ' "indemnite" (dommages, sans TVA)'
    )


def _beside(bill: Bill, account: str, amount: Decimal) -> Bill:
    """Add an amount without VAT, counted VAT-inclusive: kept (7581, positive) or doubled (6581, negative)."""
    line = BilledLine(account, amount, NO_TAX, None)
    return bill._replace(lines=(*bill.lines, line), disbursements=bill.disbursements + amount)


def _keep_as_price(contract: Contract, credited: list[Recovery], document: Document) -> Bill:
    """Kept as consideration: an invoice of that amount whose balance is zero, VAT staying due (docs/rules.md)."""
    gross: dict[TaxKey, Share] = {}
    lines = []
    for recovery in credited:
        old = gross.get(recovery.tax, Share(ZERO, ZERO))
        gross[recovery.tax] = Share(old.base + recovery.base, old.vat + recovery.vat)
    for tax, share in gross.items():
        lines.append(BilledLine(_revenue_account(contract, tax, document), share.base, tax, None))
    # `credited` stays empty: the deposits are recovered by an invoice whose balance is zero.
    return Bill(tuple(lines), gross, tuple(credited))


def _revenue_account(contract: Contract, tax: TaxKey, document: Document) -> str:
    """The contract's own revenue account at that rate, the largest first."""
    totals = contract.totals(document.date)
    ranked = sorted(totals, key=lambda group: (group.tax.category != tax.category, -totals[group]))
    if not ranked:
        raise DocumentError(
            f"^{contract.link} n'a pas de ligne de produit : facturez le montant conservé par une #facture"
        )
    return ranked[0].account


def post_termination(document: Document, bill: Bill, books: Books) -> list[Posting]:
    """The complete postings of a termination."""
    timing = Timing(Kind.DEPOSIT, document.seller)
    return [
        *(customer_postings(document, bill, books.chart) if bill.due else []),
        *recovery_postings(bill.recovered, timing),
        *line_postings(bill),
        *vat_postings(timing, bill.net(), books.chart),
    ]
