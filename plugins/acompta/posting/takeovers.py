"""Open items taken over from another program: an unpaid invoice, a deposit not recovered (``#reprise``).

The entry posts as typed, against the opening balance, and never on revenue; it enters the register with its rates, so
its payment makes its VAT due and a later document recovers it. Example::

    2026-01-01 * "SCI Dupont" "Reprise de l'acompte F2025-090" #reprise ^D2025-040
      numero: "F2025-090"
      Capitaux:890:Ouverture    3000.00 EUR
      Passif:4191:Dupont       -3000.00 EUR
        tva: 20
"""

from __future__ import annotations

from decimal import Decimal

from acompta.chart import DEPOSITS, RETENTION, Chart
from acompta.claims import Claim
from acompta.expanded import expanded_claim
from acompta.messages import DocumentError
from acompta.posting.bill import Bill
from acompta.reading.model import Document, Share, TaxKey
from acompta.register.contract import Contract
from acompta.register.values import Deposit
from acompta.rounding import ZERO
from acompta.vat import vat_of
from acompta.vocabulary import SERVICE, Regime


def take_over(
    document: Document, contract: Contract | None, chart: Chart
) -> tuple[Claim | None, Bill]:
    """The claim and the bill of an item taken over, its deposit noted in the register of ``contract``.

    Raises:
        DocumentError: a posting on revenue or costs, no open item, or a deposit without its rate.
    """
    deposits: dict[TaxKey, Share] = {}
    account = ""
    for posting in document.entry.postings:
        known, units = chart.get(posting.account), posting.units
        if known.pcg_class in {"6", "7"}:
            raise DocumentError(
                f"une reprise ne touche pas {posting.account} : le produit est déjà dans le bilan d'ouverture ;"
                " tapez la contrepartie sur le compte de bilan d'ouverture",
                posting.meta,
            )
        if known.role == RETENTION and known.opened is None:
            chart.use_sibling(posting.account)
        if known.role == DEPOSITS and units is not None and units.number is not None:
            account = posting.account
            tax = _tax(document, (posting.meta or {}).get("tva"), posting.meta)
            deposits[tax] = Share(-units.number, vat_of(-units.number, tax.rate))
    if deposits:
        if contract is None:
            raise DocumentError(
                "reprise d'un acompte sans contrat : ajoutez le lien ^ du contrat qui le reprendra"
            )
        chart.use(account, document.customer or contract.customer)
        contract.deposits.append(Deposit(document, account, deposits))
        contract.given.note(deposits)
    claim = expanded_claim(document, chart)
    if claim is not None and not claim.total and not deposits:
        raise DocumentError(
            "reprise sans élément ouvert : tapez le montant TTC sur 411, ou le montant HT sur 4191"
        )
    retention = claim.retention if claim is not None else ZERO
    gross = deposits or (claim.net if claim is not None else {})
    return claim, Bill((), gross, retention=retention)


def _tax(document: Document, rate: object, meta: dict[str, object] | None) -> TaxKey:
    if document.seller.regime is Regime.FRANCHISE:
        return TaxKey(Decimal(0), SERVICE, Regime.FRANCHISE.value)
    if not isinstance(rate, Decimal):
        raise DocumentError(
            "reprise d'un acompte : tapez son taux, par exemple tva: 20, sous 4191", meta
        )
    return TaxKey(rate, SERVICE)
