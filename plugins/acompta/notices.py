"""What is « signalé » after a load: surplus of deposits, over-payments, advances without an invoice."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from beancount.core.data import Transaction

from acompta.claims import LOSS, Claim
from acompta.messages import Notice, euros, percent
from acompta.register.contract import Contract
from acompta.rounding import HUNDRED, ZERO
from acompta.vocabulary import PERCENT, Kind

if TYPE_CHECKING:
    from acompta.dossier import Dossier

_TERMINATION: Final = Kind.TERMINATION
_BILLS: Final = frozenset({Kind.INVOICE, Kind.PROGRESS, Kind.FINAL})


def contract_notices(dossier: Dossier) -> list[Notice]:
    """Notices drawn from the register and the claims once everything is known."""
    return (
        _surpluses(dossier)
        + _unbilled(dossier)
        + _overpayments(dossier)
        + _negative(dossier)
        + _unabsorbed(dossier)
        + _default_arrhes(dossier)
        + _default_qualification(dossier)
    )


def _unabsorbed(dossier: Dossier) -> list[Notice]:
    """Money received on a contract that no document has absorbed: it wants a deposit invoice (CGI art. 289-I-1-c)."""
    notices = []
    for link, (entry, left) in dossier.unabsorbed.items():
        contract = dossier.contracts.get(link)
        if contract is not None and _all_exempt_intra_eu(contract, entry.date):
            continue  # no deposit invoice for exempt intra-EU supplies (CGI art. 289-I-1-c)
        message = (
            f"{euros(left)} reçus sur ^{link} sans facture d'acompte : une facture est obligatoire pour tout acompte"
            " (CGI art. 289-I-1-c) ; écrivez un #acompte sur ce contrat"
        )
        customer = contract.customer if contract is not None else ""
        notices.append(_at(entry, "encaissement-sans-facture", message, entry.date, customer, left))
    return notices


def _all_exempt_intra_eu(contract: Contract, date: datetime.date) -> bool:
    shares = contract.shares(date)
    return bool(shares) and all(tax.regime == "intracom-biens" for tax in shares)


def _default_qualification(dossier: Dossier) -> list[Notice]:
    """Arrhes kept without a word on why: counted as an indemnity, outside VAT (CJUE C-277/05)."""
    return [
        _at(
            document.entry,
            "qualification-par-defaut",
            f"{document.number} : sans qualification, les arrhes conservées sont une indemnité, hors TVA (CJUE"
            ' C-277/05) ; tapez qualification: "indemnite", ou "contrepartie" si elles paient un service réservé',
            document.date,
            document.customer,
        )
        for document in dossier.documents
        if document.kind is _TERMINATION
        and document.index in dossier.bills
        and document.text("sort") == "conserve"
        and document.text("qualification") is None
    ]


def _default_arrhes(dossier: Dossier) -> list[Notice]:
    """A consumer's deposit is arrhes unless the contract says otherwise (C. conso art. L214-1)."""
    notices = []
    for contract in dossier.contracts.values():
        terms = contract.document.entry.meta if contract.document is not None else {}
        consumer = dossier.chart.get(contract.customer).meta.get("particulier") is True
        if not consumer or terms.get("stipulation") is not None:
            continue
        for deposit in contract.deposits:
            document = deposit.document
            if document.kind is Kind.DEPOSIT and document.entry.meta.get("stipulation") is None:
                message = (
                    f"{document.number} : l'acompte d'un consommateur vaut arrhes, sauf stipulation contraire (C. conso"
                    ' art. L214-1) ; tapez stipulation: "acompte" sur le contrat s\'il le prévoit'
                )
                notices.append(
                    _at(
                        document.entry, "arrhes-par-defaut", message, document.date, deposit.account
                    )
                )
    return notices


def _at(
    entry: Transaction,
    code: str,
    message: str,
    date: datetime.date,
    account: str = "",
    amount: Decimal | None = None,
) -> Notice:
    meta = entry.meta
    return Notice(
        meta.get("filename", ""), meta.get("lineno", 0), code, message, date, account, amount
    )


def _surpluses(dossier: Dossier) -> list[Notice]:
    """Deposits that a final invoice could not recover: they stay on 4191 until a person says what becomes of them."""
    notices = []
    for contract in dossier.contracts.values():
        final = contract.closed_by
        if final is None:
            notices += _above_amended(contract)
            notices += _left_by_rate(contract)
            continue
        for deposit in contract.deposits:
            if deposit.is_spent:
                continue
            left = sum((deposit.left(tax).total for tax in deposit.given), ZERO)
            if left:
                meta = final.entry.meta
                notices.append(
                    Notice(
                        meta.get("filename", ""),
                        meta.get("lineno", 0),
                        "excedent-acompte",
                        f"excédent d'acompte : {euros(left)} TTC de {deposit.number} restent sur {deposit.account}"
                        f" après {final.number} ; écrivez un #avoir sur {deposit.number}, ou reportez l'acompte",
                        final.date,
                        deposit.account,
                        left,
                    )
                )
    return notices


def _left_by_rate(contract: Contract) -> list[Notice]:
    """A document told to recover all the deposits that does not bill enough at their rates leaves some on 4191."""
    notices = []
    for deposit in contract.deposits:
        if deposit.is_spent:
            continue
        asked = [
            document
            for document in contract.documents
            if document.kind in _BILLS
            and document.date >= deposit.document.date
            and any(
                line.unit == PERCENT and line.units == HUNDRED for line in document.deposit_lines
            )
        ]
        left = sum((deposit.left(tax).total for tax in deposit.given), ZERO)
        if not asked or not left:
            continue
        rates = ", ".join(dict.fromkeys(percent(tax.rate) for tax in deposit.given))
        message = (
            f"{asked[-1].number} ne reprend pas tout l'acompte {deposit.number} ({rates}) : {euros(left)} TTC"
            f" restent sur {deposit.account}, faute de facturer assez à ce taux ; écrivez un #avoir sur"
            f" {deposit.number}, ou corrigez le taux"
        )
        last = asked[-1]
        notices.append(
            _at(last.entry, "excedent-acompte", message, last.date, deposit.account, left)
        )
    return notices


def _above_amended(contract: Contract) -> list[Notice]:
    """Deposits that a later amendment left above the contract: the surplus waits for a person's decision."""
    if not contract.amendments:
        return []
    whole = contract.total(datetime.date.max)
    given = sum(
        (deposit.left(tax).total for deposit in contract.deposits for tax in deposit.given), ZERO
    )
    if given <= whole:
        return []
    last = contract.amendments[-1]
    message = (
        f"les acomptes de ^{contract.link} ({euros(given)} TTC) dépassent le contrat ramené à {euros(whole)} TTC :"
        " l'excédent reste sur 4191 ; écrivez un #avoir sur l'acompte, ou un #report"
    )
    return [
        _at(last.entry, "excedent-acompte", message, last.date, contract.customer, given - whole)
    ]


def _unbilled(dossier: Dossier) -> list[Notice]:
    """A final invoice that names only some of the contract's accounts or lots, or none, leaves the others unbilled."""
    notices = []
    for contract in dossier.contracts.values():
        final = contract.closed_by
        if final is None or not final.lines:
            continue
        left = contract.unbilled()
        if left:
            what = f"{final.number} : le solde laisse {euros(left)} HT du contrat ^{contract.link} à facturer"
            message = (
                f"{what} ; nommez tous les lots, ou retirez-les par un #avenant"
                if final.has_percent
                else f"{what}, ses lignes étant des travaux hors contrat ; tapez -100 PCT pour facturer le contrat"
            )
            notices.append(
                _at(final.entry, "solde-incomplet", message, final.date, contract.customer, left)
            )
    return notices


def _excess_message(claim: Claim, excess: Decimal) -> str:
    customer = claim.document.customer
    lost = sum((event.amount for event in claim.events if event.what == LOSS), ZERO)
    if lost > 0:
        amount = f"{min(excess, lost):.2f}"
        return (
            f"{euros(min(excess, lost))} reçus sur {claim.number}, passée en perte : la TVA en est due"
            f" (CGI art. 272-1) ; reprenez la perte du même montant, par exemple Actif:411 {amount} EUR et"
            f" Charges:654 en blanc, avec le lien ^{claim.number}"
        )
    return (
        f"trop-perçu de {euros(excess)} sur {claim.number} : il reste au crédit de {customer} ; remboursez-le ou"
        " affectez-le à une autre facture"
    )


def _negative(dossier: Dossier) -> list[Notice]:
    """An invoice below zero is a credit note that names no invoice (CGI ann. II art. 242 nonies A; art. 272-1)."""
    notices = []
    for document in dossier.documents:
        bill = dossier.bills.get(document.index)
        if bill is None or document.kind not in _BILLS or bill.receivable >= 0:
            continue
        message = (
            f"{document.number} : total négatif ({euros(bill.receivable)}) ; ce qui revient au client"
            " se tape dans un #avoir, avec sur: et le numéro de la facture réduite"
        )
        notices.append(
            _at(document.entry, "total-negatif", message, document.date, document.customer)
        )
    return notices


def _overpayments(dossier: Dossier) -> list[Notice]:
    notices = []
    for claim in dossier.claims.values():
        if claim.paid == claim.total and not claim.penalties:
            continue  # nearly all
        excess = claim.paid - claim.total - claim.penalties
        if claim.total >= 0 and excess > 0:
            meta = claim.document.entry.meta
            notices.append(
                Notice(
                    meta.get("filename", ""),
                    meta.get("lineno", 0),
                    "trop-percu",
                    _excess_message(claim, excess),
                    claim.events[-1].date if claim.events else claim.date,
                    claim.document.customer,
                    excess,
                )
            )
    return notices
