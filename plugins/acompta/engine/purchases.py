"""Third pass, suppliers' side: the bill and postings of each purchase."""

from __future__ import annotations

from typing import Any

from beancount.core.data import Posting

from acompta.claims import Claim
from acompta.engine.state import State
from acompta.expanded import expanded_supplier_claim
from acompta.messages import DocumentError, error_of
from acompta.posting.making import completed
from acompta.posting.purchases import (
    bill_purchase,
    deducted_on_invoice,
    post_purchase,
    take_over,
)
from acompta.reading.purchases import Purchase
from acompta.vocabulary import Kind


def post_purchases(state: State, *, writing: bool) -> None:
    """Bill and post every purchase, in date order, a day's deposits first."""
    for purchase in sorted(state.dossier.purchases, key=_purchase_order):
        _post_purchase(state, purchase, writing=writing)


def _post_purchase(state: State, purchase: Purchase, *, writing: bool) -> None:
    entry, claims = purchase.entry, state.dossier.supplier_claims
    key = f"{purchase.supplier} {purchase.number}"
    postings: list[Posting] = []
    if purchase.kind is Kind.TAKEOVER and entry.flag == "*":
        try:
            take_over(purchase, state.dossier.orders, state.chart)
        except DocumentError as error:
            state.errors.append(error_of(entry, error))
            state.fail(purchase.index)
            return
    if purchase.expanded:
        claims.setdefault(key, expanded_supplier_claim(purchase, state.chart))
        return
    if entry.flag == "*":
        orders = state.dossier.orders
        before = orders.noted(purchase)
        try:
            postings = _compute_purchase(state, purchase, key)
        except Exception as error:  # noqa: BLE001 - one entry never hides the others
            orders.forget(purchase, before)
            state.errors.append(error_of(entry, error))
            state.fail(purchase.index)
            return
    if writing:
        state.output[purchase.index] = completed(entry, postings)


def _compute_purchase(state: State, purchase: Purchase, key: str) -> list[Posting]:
    dossier = state.dossier
    if key in dossier.supplier_claims:
        raise DocumentError(
            f"facture {purchase.number} de {purchase.supplier} déjà saisie : vérifiez le numéro"
        )
    bill = bill_purchase(purchase, dossier.orders)
    postings = post_purchase(purchase, bill, state.chart)
    net = bill.net()
    waiting = {
        tax: share
        for tax, share in net.items()
        if share.vat and not deducted_on_invoice(purchase, tax)
    }
    dossier.purchase_bills[purchase.index] = bill
    dossier.supplier_claims[key] = Claim(purchase.as_document(), bill.due, net, waiting)
    return postings


def _purchase_order(purchase: Purchase) -> tuple[Any, ...]:
    deposit_first = purchase.kind is not Kind.PURCHASE_DEPOSIT
    return (purchase.entry.date, deposit_first, purchase.number, purchase.supplier)
