"""What is « signalé » after a load: surplus of deposits, over-payments, advances without an invoice."""

from __future__ import annotations

from acompta.dossier import Dossier
from acompta.messages import Notice, euros
from acompta.rounding import ZERO


def contract_notices(dossier: Dossier) -> list[Notice]:
    """Notices drawn from the register and the claims once everything is known."""
    return _surpluses(dossier) + _overpayments(dossier)


def _surpluses(dossier: Dossier) -> list[Notice]:
    """Deposits that a final invoice could not recover: they stay on 4191 until a person says what becomes of them."""
    notices = []
    for contract in dossier.contracts.values():
        final = contract.closed_by
        if final is None:
            continue
        for deposit in contract.deposits:
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


def _overpayments(dossier: Dossier) -> list[Notice]:
    notices = []
    for claim in dossier.claims.values():
        if claim.total >= 0 and claim.paid > claim.total:
            meta = claim.document.entry.meta
            excess = claim.paid - claim.total
            notices.append(
                Notice(
                    meta.get("filename", ""),
                    meta.get("lineno", 0),
                    "trop-percu",
                    f"trop-perçu de {euros(excess)} sur {claim.number} : il reste au crédit de"
                    f" {claim.document.customer} ; remboursez-le ou affectez-le à une autre facture",
                    claim.events[-1].date if claim.events else claim.date,
                    claim.document.customer,
                    excess,
                )
            )
    return notices
