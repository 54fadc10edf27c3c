"""Checks of customers and suppliers: receipts, balances on the wrong side, deposits, retentions."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from beancount.core.data import Transaction

from acompta import french
from acompta.attention import DepositState, deposits_to_see
from acompta.chart import DEPOSITS, PAYABLE_ROLES, RETENTION
from acompta.closing.check import Check, Evidence, State, judged, noticed, where
from acompta.closing.period_view import PeriodView
from acompta.closing.vat_movements import euros_of
from acompta.receivables import customer_name, deposits_at
from acompta.retentions import retentions
from acompta.rounding import ZERO
from acompta.vocabulary import KIND_BY_TAG

_SAME_DAYS: Final = 7
_OLD_DEBT: Final = 60


def receipts_without_link(view: PeriodView) -> Check:
    """Money on 411 that names nothing: its VAT never becomes due."""
    notices = [n for n in view.dossier.notices if n.date <= view.end]
    return judged(
        "encaissements-sans-lien",
        "Encaissements rattachés à une facture ou à un contrat",
        noticed(notices, ("reglement-sans-lien", "reglement-document-en-erreur")),
        fine="tous rattachés",
        wrong="{n} sans lien : leur TVA ne devient pas exigible",
        source="CGI art. 269-2",
    )


def receipts_without_invoice(view: PeriodView) -> Check:
    """Money received on a contract without a deposit invoice (CGI art. 289-I-1-c)."""
    notices = [n for n in view.dossier.notices if n.date <= view.end]
    return judged(
        "encaissements-sans-facture",
        "Acomptes encaissés facturés",
        noticed(notices, ("encaissement-sans-facture",)),
        fine="tous facturés",
        wrong="{n} acompte(s) encaissé(s) sans facture d'acompte",
        source="CGI art. 289-I-1-c",
    )


def credit_customers(view: PeriodView) -> Check:
    """Customers to whom something is owed: advances, over-payments, credit notes."""
    found = [
        Evidence(
            f"{customer.name} : {french.euros(customer.total)}",
            view.last_line(customer.account),
            customer.total,
        )
        for customer in view.aged.customers
        if customer.total < 0
    ]
    return judged(
        "clients-crediteurs",
        "Clients créditeurs (411)",
        found,
        fine="aucun",
        wrong="{n} client(s) créditeur(s) : à rendre, à imputer ou à facturer",
    )


def debit_suppliers(view: PeriodView) -> Check:
    """Suppliers who owe something: paid twice, or paid without an invoice."""
    found = [
        Evidence(f"{account.name} : {french.euros(amount)}", view.last_line(account.name), amount)
        for account, amount in view.accounts(*PAYABLE_ROLES)
        if amount > 0
    ]
    return judged(
        "fournisseurs-debiteurs",
        "Fournisseurs débiteurs (401)",
        found,
        fine="aucun",
        wrong="{n} fournisseur(s) débiteur(s) : facture manquante ou payée deux fois, avoir à recevoir",
    )


def finished_contracts(view: PeriodView) -> Check:
    """Contracts that are finished while a deposit stays on 4191."""
    found = [
        Evidence(
            f"^{seen.contract}, {seen.customer_name} : {french.euros(seen.amount)}",
            seen.place,
            seen.amount,
        )
        for seen in deposits_to_see(view.book, view.end)
        if seen.state is DepositState.STUCK
    ]
    return judged(
        "contrats-finis",
        "Contrats terminés sans acompte restant (4191)",
        found,
        fine="aucun",
        wrong="{n} contrat(s) terminé(s) avec un acompte non repris",
        source="PCG art. 1214-41",
    )


def _payments(view: PeriodView) -> Iterator[tuple[Transaction, str, Decimal]]:
    """What the bank paid to suppliers in the period: entry, account, euros."""
    for entry in view.transactions:
        if entry.tags & KIND_BY_TAG.keys():
            continue
        accounts = [view.chart.get(posting.account) for posting in entry.postings]
        if not any(account.is_treasury for account in accounts):
            continue
        for posting, account in zip(entry.postings, accounts, strict=True):
            if account.role in PAYABLE_ROLES and euros_of(posting) > 0:
                yield entry, account.name, euros_of(posting)


def _owed_before(view: PeriodView) -> dict[tuple[int, str], Decimal]:
    """Balance of each supplier's account after each entry of the period: debit, so positive, when paid too soon."""
    running = dict(view.totals.before)
    found: dict[tuple[int, str], Decimal] = {}
    for entry in view.transactions:
        for posting in entry.postings:
            if view.chart.get(posting.account).role in PAYABLE_ROLES:
                balance = running.get(posting.account, ZERO) + euros_of(posting)
                running[posting.account] = found[id(entry), posting.account] = balance
    return found


def payments_without_invoice(view: PeriodView) -> Check:
    """Payments to suppliers that name no invoice."""
    owed = _owed_before(view)
    found = [
        Evidence(f"{entry.payee or account} : {french.euros(amount)}", where(entry), amount)
        for entry, account, amount in _payments(view)
        if not entry.links
        and not any("facture" in (p.meta or {}) for p in entry.postings)
        and owed.get((id(entry), account), ZERO) > 0
    ]
    return judged(
        "paiements-sans-facture",
        "Paiements fournisseurs rattachés à une facture",
        found,
        fine="tous rattachés",
        wrong="{n} paiement(s) sans facture : TVA non déductible sans elle",
        source="CGI art. 271-II-2",
    )


def duplicates(view: PeriodView) -> Check:
    """Payments and invoices of the same supplier and amount within a few days."""
    found = []
    seen: dict[tuple[str, Decimal], datetime.date] = {}
    for entry, account, amount in _payments(view):
        before = seen.get((account, amount))
        if before is not None and (entry.date - before).days <= _SAME_DAYS:
            text = f"{entry.payee or account} : {french.euros(amount)} payés le {before:%d/%m/%Y}"
            found.append(Evidence(f"{text} et le {entry.date:%d/%m/%Y}", where(entry), amount))
        seen[account, amount] = entry.date
    bought: dict[tuple[str, Decimal], tuple[datetime.date, str]] = {}
    for purchase in view.dossier.purchases:
        bill = view.dossier.purchase_bills.get(purchase.index)
        if bill is None or not view.period.holds(purchase.entry.date):
            continue
        known = bought.get((purchase.supplier, bill.due))
        if known is not None and (purchase.entry.date - known[0]).days <= _SAME_DAYS:
            text = (
                f"{purchase.number} et {known[1]} de {purchase.supplier} : {french.euros(bill.due)}"
            )
            found.append(Evidence(text, where(purchase.entry), bill.due))
        bought[purchase.supplier, bill.due] = (purchase.entry.date, purchase.number)
    return judged(
        "doublons",
        "Aucun doublon apparent chez les fournisseurs",
        found,
        fine="aucun",
        wrong="{n} à vérifier : même fournisseur, même montant, à quelques jours",
    )


def lettering(view: PeriodView) -> Check:
    """411 and 401 are lettered, or listed by age."""
    found = [
        Evidence(
            f"{customer.name} : {french.euros(customer.ages.overdue)} échus sur {french.euros(customer.total)}",
            customer.invoices[0].place if customer.invoices else view.last_line(customer.account),
            customer.ages.overdue,
        )
        for customer in view.aged.customers
        if customer.ages.overdue > 0
    ]
    total = sum((customer.total for customer in view.aged.customers), ZERO)
    held = view.balance("411", "4117", "413", "416")
    owed = -view.balance(*PAYABLE_ROLES)
    unpaid = sum(len(customer.invoices) for customer in view.aged.customers)
    figures = f"clients {french.euros(held) if held else 'à zéro'}"
    figures += french.numbered(f" ({unpaid} facture(s) ouverte(s))") if unpaid else ""
    figures += f", fournisseurs {french.euros(owed) if owed else 'à zéro'}"
    found += [
        Evidence(
            f"{account.name} : {french.euros(-amount)} depuis le {since:%d/%m/%Y}",
            view.last_line(account.name),
            amount,
        )
        for account, amount in view.accounts(*PAYABLE_ROLES)
        if (since := view.totals.oldest.get(account.name)) is not None
        and (view.end - since).days > _OLD_DEBT
    ]
    if total != held:
        gap = Evidence(
            f"balance âgée {french.euros(total)}, comptes {french.euros(held)}", None, held
        )
        return Check(
            "lettrage", "411 et 401 lettrés ou expliqués par âge", State.BAD, figures, (gap,)
        )
    return judged(
        "lettrage",
        "411 et 401 lettrés ou expliqués par âge",
        found,
        fine=f"{figures}, rien d'échu",
        proof=[
            Evidence(
                f"{customer.name} : {french.euros(customer.total)} non échus",
                customer.invoices[0].place
                if customer.invoices
                else view.last_line(customer.account),
                customer.total,
            )
            for customer in view.aged.customers
            if customer.total
        ],
        wrong=f"{figures} ; {{n}} tiers en retard",
        source="PCG art. 1032-2",
    )


def deposits(view: PeriodView) -> Check:
    """4191 is what the deposits not recovered add up to, document by document."""
    open_deposits = [deposit for deposit in deposits_at(view.book, view.end) if deposit.left.base]
    by_account: dict[str, Decimal] = {}
    for deposit in open_deposits:
        if deposit.number in view.dossier.held:
            continue
        by_account[deposit.account] = by_account.get(deposit.account, ZERO) + deposit.left.base
    held = {account.name: -amount for account, amount in view.accounts(DEPOSITS)}
    neutralised = _neutralised(view)
    found = []
    for name in sorted({*by_account, *held}):
        expected = by_account.get(name, ZERO) - neutralised.get(name, ZERO)
        actual = held.get(name, ZERO)
        if expected != actual and not _on_receipt(view, name):
            text = (
                f"{name} : {french.euros(actual)} au compte, {french.euros(expected)} au registre"
            )
            found.append(Evidence(text, view.last_line(name), actual - expected))
    total = sum(by_account.values(), ZERO)
    return judged(
        "acomptes",
        "4191 = acomptes non repris, document par document",
        found,
        fine=f"{len(open_deposits)} acompte(s), {french.euros(total)} HT"
        if open_deposits
        else "aucun",
        proof=[
            Evidence(
                f"{one.number} du {one.date:%d/%m/%Y}, {customer_name(one.customer, view.chart)} :"
                f" {french.euros(one.left.base)} HT à reprendre",
                where(one.entry),
                one.left.base,
            )
            for one in open_deposits
        ],
        wrong="{n} compte(s) différent(s) du registre",
        state=State.BAD,
        source="PCG art. 1214-41",
        fatal=True,
    )


def _neutralised(view: PeriodView) -> dict[str, Decimal]:
    """What the cut-off took off 4191 at the end of the period (deposits not paid), reversed the next morning."""
    taken: dict[str, Decimal] = {}
    for entry in view.transactions:
        mark = entry.meta.get("regularisation")
        if isinstance(mark, str) and mark.startswith("ACOMPTE ") and entry.date == view.end:
            for posting in entry.postings:
                if view.chart.get(posting.account).role == DEPOSITS:
                    taken[posting.account] = taken.get(posting.account, ZERO) + euros_of(posting)
    return taken


def _on_receipt(view: PeriodView, name: str) -> bool:
    """Deposits posted on receipt stand VAT included, for what was received: their own rule (PCG art. 1214-41)."""
    return any(deposit.account == name for deposit in view.dossier.held.values())


def retentions_held(view: PeriodView) -> Check:
    """4117 by release date; what should have been released is to claim."""
    held = [r for r in retentions(view.dossier, view.entries, view.end) if r.left]
    total = sum((one.left for one in held), ZERO)
    balance = view.balance(RETENTION)
    found = [
        Evidence(
            f"{one.document.number} : {french.euros(one.left)} à libérer depuis le {one.release:%d/%m/%Y}",
            where(one.document.entry),
            one.left,
        )
        for one in held
        if one.is_due(view.end)
    ]
    if balance != total:
        text = (
            f"compte 4117 : {french.euros(balance)}, retenues non libérées : {french.euros(total)}"
        )
        name = next((account.name for account, _ in view.accounts(RETENTION)), "")
        found.append(Evidence(text, view.last_line(name), balance - total))
    return judged(
        "retenues",
        "Retenues de garantie (4117) par date de libération",
        found,
        fine=f"{len(held)} retenue(s), {french.euros(total)}" if held else "aucune",
        proof=[
            Evidence(
                f"{one.document.number} : {french.euros(one.left)},"
                + (f" à libérer le {one.release:%d/%m/%Y}" if one.release else " à la réception"),
                where(one.document.entry),
                one.left,
            )
            for one in held
        ],
        wrong="{n} à libérer ou à expliquer",
        source="loi 71-584",
    )
