"""Checks of VAT: pending, rates, reverse charge, Union, reconciliation, settlement, credit, payment."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from acompta import french
from acompta.chart import RECEIVABLE_ROLES, VAT_PENDING
from acompta.closing.check import Check, Evidence, State, judged, where
from acompta.closing.journals import label_of
from acompta.closing.period_view import PeriodView
from acompta.closing.reported import Reported, reported_receipts
from acompta.closing.vat_movements import (
    CREDIT_FORWARD,
    TO_PAY,
    VAT_ROLES,
    Movement,
    euros_of,
    is_opening,
    is_settlement,
)
from acompta.closing.vat_return import FRANCHISE_LIMIT
from acompta.closing.waiting_vat import balances, gaps, registered
from acompta.messages import MissingVatAccountError
from acompta.rounding import HUNDRED, ZERO, cents, proportional
from acompta.vat import ON_RECEIPT, is_french_rate

_CENT_EACH: Final = Decimal("0.05")
_UNION: Final = frozenset({"intracom-biens", "intracom-services"})


def pending(view: PeriodView) -> Check:
    """44574 is the VAT of what is unpaid and taxable, per rate."""
    expected = registered(view.then.claims.values(), view.chart, VAT_PENDING)
    _without_advances(view, expected)
    _without_held(view, expected)
    held = {account.name: -amount for account, amount in view.accounts(VAT_PENDING)}
    found = [gap for _, gap in gaps(view, held, expected, "au registre")]
    total = sum(held.values(), ZERO)
    return judged(
        "tva-en-attente",
        "44574 = TVA des créances impayées, par taux",
        found,
        fine=french.euros(total) if total else "rien en attente",
        proof=balances(view, held),
        wrong="{n} compte(s) différent(s) du registre",
        state=State.BAD,
        source="CGI art. 269-2-c",
        fatal=True,
    )


def _without_advances(view: PeriodView, expected: dict[str, Decimal]) -> None:
    """Money received before any document has moved VAT that no claim holds; the cut-off takes unpaid deposits off."""
    dossier = view.then
    for link, (receipt, left) in dossier.unabsorbed.items():
        contract = dossier.contracts.get(link)
        for tax, share in contract.shares(receipt.date).items() if contract is not None else ():
            account = _pending_account(view, tax.rate)
            if share.vat and contract is not None and account is not None:
                moved = proportional(share.vat, left, contract.total(receipt.date))
                expected[account] = expected.get(account, ZERO) - moved
    known = dossier.claims.keys() | dossier.contracts.keys()
    for entry in view.past:
        mark = entry.meta.get("regularisation")
        neutral = isinstance(mark, str) and mark.startswith("ACOMPTE ") and entry.date == view.end
        generated = "exigibilite" in entry.meta
        if not (neutral or generated):
            continue
        for posting in entry.postings:
            meta = posting.meta or {}
            invoice = meta.get("facture", meta.get("acompte"))
            if view.chart.get(posting.account).role == VAT_PENDING and (
                neutral or invoice not in known
            ):
                amount = euros_of(posting)
                expected[posting.account] = expected.get(posting.account, ZERO) - amount


def _without_held(view: PeriodView, expected: dict[str, Decimal]) -> None:
    """A deposit posted on receipt (PCG art. 1214-41): its VAT comes to 44574 with the document that recovers it."""
    dossier = view.then
    if not dossier.held:
        return
    for contract in dossier.contracts.values():
        for deposit in contract.deposits:
            for tax in deposit.given if deposit.number in dossier.held else ():
                account = _pending_account(view, tax.rate)
                if account is not None:
                    expected[account] = expected.get(account, ZERO) - deposit.left(tax).vat


def _pending_account(view: PeriodView, rate: Decimal) -> str | None:
    """The 44574 of that rate (percent); where none is open nothing was posted, and the engine has said what to open."""
    try:
        return view.chart.vat_account(VAT_PENDING, rate)
    except MissingVatAccountError:
        return None


def rates(view: PeriodView) -> Check:
    """Base × rate = VAT, for every rate."""
    by_rate: dict[Decimal, list[Movement]] = {}
    for movement in view.vat.declared.movements:
        if movement.collected and movement.rate is not None:
            by_rate.setdefault(movement.rate, []).append(movement)
    found = []
    wrong = 0
    for rate, movements in sorted(by_rate.items()):
        base = sum((one.base for one in movements), ZERO)
        tax = sum((one.tax for one in movements), ZERO)
        gap = tax - base * rate / HUNDRED
        if abs(gap) > _CENT_EACH * len(movements):
            wrong += 1
            text = f"à {french.percent(rate)} : base {french.euros(base)}, TVA {french.euros(tax)}"
            found.append(Evidence(text, None, gap))
            found += _movements_off(movements, rate)
    fine = ", ".join(french.percent(rate) for rate in sorted(by_rate, reverse=True)) or "aucune"
    return judged(
        "taux",
        "Base × taux = TVA, pour chaque taux",
        found,
        fine=fine,
        proof=[
            Evidence(
                f"à {french.percent(rate)} : base {french.euros(sum((m.base for m in own), ZERO))},"
                f" TVA {french.euros(sum((m.tax for m in own), ZERO))}"
            )
            for rate, own in sorted(by_rate.items(), reverse=True)
        ],
        wrong=f"{wrong} taux ne {'tombe' if wrong == 1 else 'tombent'} pas juste",
        source="CGI art. 278 et s.",
    )


def _movements_off(movements: list[Movement], rate: Decimal) -> list[Evidence]:
    """The movements whose VAT is not their base times the rate."""
    return [
        Evidence(
            f"↳ {label_of(one.entry)} : base {french.euros(one.base)}, TVA {french.euros(one.tax)}",
            where(one.entry),
            one.tax - one.base * rate / HUNDRED,
        )
        for one in movements
        if abs(one.tax - one.base * rate / HUNDRED) > _CENT_EACH
    ]


def rates_in_force(view: PeriodView) -> Check:
    """Rates that a French territory applies on the day of the document; another country's may be right too.

    A purchase at another country's rate has nothing to deduct on a French return (CGI art. 271-II).
    """
    found = []
    for document in view.dossier.documents:
        bill = (
            view.dossier.bill(document) if view.period.start <= document.date <= view.end else None
        )
        for tax in bill.gross if bill is not None else ():
            if tax.rate and not tax.regime and not is_french_rate(tax.rate, document.date):
                said = f"{document.number or 'document'} : {french.percent(tax.rate)}"
                found.append(Evidence(said, where(document.entry)))
    for purchase in view.dossier.purchases:
        entry = purchase.entry
        if entry.flag != "!" and view.period.start <= entry.date <= view.end:
            for rate in sorted({line.rate for line in purchase.lines if line.rate}):
                if not is_french_rate(rate, entry.date):
                    text = f"achat {purchase.number} : {french.percent(rate)}, TVA étrangère non déductible"
                    found.append(Evidence(f"{text} ou taux à corriger", where(entry)))
    return judged(
        "taux-en-vigueur",
        "Taux de TVA en vigueur",
        found,
        fine="tous connus en France",
        wrong="{n} taux inconnu(s) en France à cette date",
        source="CGI art. 278 à 281 nonies, 294 à 297",
    )


def untaxed(view: PeriodView) -> Check:
    """No revenue without a rate or a reason."""
    found = [
        Evidence(finding.message, finding.place)
        for finding in view.vat.declared.findings
        if finding.code in {"produit-sans-taux", "tva-sans-taux"}
    ]
    lines = [line for line in view.vat.declared.untaxed if line.box]
    total = sum((line.base for line in lines), ZERO)
    return judged(
        "sans-taux",
        "Aucun produit 70 sans taux ni raison",
        found,
        fine=f"{french.euros(total)} non taxés, tous expliqués" if lines else "tous taxés",
        wrong="{n} ligne(s) sans taux ni raison",
        state=State.BAD,
        source="CGI art. 256",
    )


def reverse_charge(view: PeriodView) -> Check:
    """Reverse-charged VAT is the same on both sides of an entry."""
    sides: dict[int, list[Movement]] = {}
    for movement in view.vat.declared.movements:
        if movement.regime:
            sides.setdefault(id(movement.entry), []).append(movement)
    found = []
    total = ZERO
    deducts = not view.vat.declared.franchise  # out of it, nothing is deducted (CGI art. 293 B)
    for movements in sides.values():
        collected = sum((m.tax for m in movements if m.collected), ZERO)
        deducted = sum((m.tax for m in movements if not m.collected), ZERO)
        total += collected
        if collected != (deducted if deducts else collected - deducted):
            entry = movements[0].entry
            text = f"{entry.payee} : {french.euros(collected)} due, {french.euros(deducted)} déductible"
            found.append(Evidence(text, where(entry), collected - deducted))
    return judged(
        "autoliquidation",
        "Autoliquidation : TVA due = TVA déductible",
        found,
        fine=french.euros(total) if total else "aucune",
        wrong="{n} écriture(s) à vérifier (déduction partielle, ou oubli : amende de 5 %)",
        source="CGI art. 283, 271, 1788 A-4",
    )


def union_sales(view: PeriodView) -> Check:
    """Sales to the Union, for the DES and the état récapitulatif: the customer's VAT number is needed."""
    lines = [line for line in view.vat.declared.untaxed if line.regime in _UNION]
    documents = {id(d.entry): d for d in view.dossier.documents}
    found = []
    total = ZERO
    for line in lines:
        total += line.base
        document = documents.get(id(line.entry))
        account = view.chart.get(document.customer) if document is not None else None
        number = account.meta.get("tva-intracom") if account is not None else None
        what = "état récapitulatif" if line.regime == "intracom-biens" else "DES"
        if not number:
            text = f"{line.label} : numéro de TVA du client manquant ({what})"
            found.append(Evidence(text, where(line.entry), line.base))
    fine = f"{len(lines)} vente(s), {french.euros(total)} à déclarer" if lines else "aucune"
    return judged(
        "ventes-union",
        "Ventes dans l'Union, pour la DES et l'état récapitulatif",
        found,
        fine=fine,
        proof=[
            Evidence(f"{line.label} : {french.euros(line.base)}", where(line.entry), line.base)
            for line in lines
        ],
        wrong="{n} sans numéro de TVA du client",
        source="CGI art. 289 B",
    )


def receipts(view: PeriodView) -> Check:
    """The payments to report, turned into VAT, against what receipts moved to 44571; and VAT of customers without one.

    The two are read apart: the settlements of each invoice, the postings (`reported_receipts`).
    """
    moved = due = typed = ZERO
    found = []
    for movement in view.vat.declared.movements:
        if not movement.collected or movement.regime:
            continue
        entry = movement.entry
        cause = entry.meta.get("exigibilite")
        if cause == ON_RECEIPT:
            moved += movement.tax
        elif cause is not None or entry.meta.get("etendu") is True:
            due += movement.tax
        else:
            typed += movement.tax
            if any(view.chart.get(p.account).role in RECEIVABLE_ROLES for p in entry.postings):
                text = (
                    f"{entry.narration or ''} : {french.euros(movement.tax)} sans facture d'Acompta"
                )
                found.append(Evidence(text, where(entry), movement.tax))
    compared = reported_receipts(view.then, view.past, view.period.start, view.end)
    found += [_difference(one) for one in compared if not one.agrees]
    parts = (("encaissements", moved), ("factures", due), ("comptoir et autres", typed))
    figures = ", ".join(f"{name} {french.euros(tax)}" for name, tax in parts if tax)
    figures = figures or "aucune TVA dans la période"
    return judged(
        "encaissements-tva",
        "TVA des encaissements à transmettre = 44571",
        found,
        fine=figures,
        wrong=f"{figures} ; {{n}} différence(s) entre les encaissements à transmettre et le 44571",
        source="CGI art. 290 A",
    )


def _difference(one: Reported) -> Evidence:
    numbers = ", ".join(one.numbers)
    vat, rate = cents(one.vat), french.percent(one.rate)
    return Evidence(
        f"{numbers} : {french.euros(one.received)} TTC à transmettre à {rate}, soit {french.euros(vat)} de TVA ;"
        f" {french.euros(one.moved)} au 44571 par les encaissements",
        where(one.entry),
        one.moved - vat,
    )


def reconciliation(view: PeriodView) -> Check:
    """The turnover explains the declared base."""
    comparison = view.vat.comparison
    listed = tuple(
        Evidence(f"{line.title} : {french.euros(line.amount)}", None, line.amount)
        for line in comparison.turnover
    )
    state = State.OK if comparison.explained else State.LOOK
    declared = comparison.declared
    summary = f"base déclarée {french.euros(declared)}" if declared else "aucune base à déclarer"
    if not comparison.explained:
        summary += f", écart {french.euros(comparison.unexplained)}"
    return Check("cadrage", "Cadrage de la TVA", state, summary, listed, "docs/rules.md, 9")


def settlement(view: PeriodView) -> Check:
    """The settlement entry is there, says what the return says, and leaves 44571 at zero."""
    title = "TVA liquidée, 44571 à zéro"
    source = "PCG art. 1214-44"
    if view.period.is_year:
        left = [
            Evidence(
                f"{account.name} : reste {french.euros(amount)}",
                view.last_line(account.name),
                amount,
            )
            for account, amount in view.accounts(*VAT_ROLES)
        ]
        return judged(
            "liquidation",
            title,
            left,
            fine="toutes les périodes sont liquidées",
            wrong="{n} compte(s) de TVA non soldé(s)",
            state=State.BAD,
            source=source,
        )
    if not view.declares:
        name = view.vat_period.title
        quarterly = view.vat_period != view.period
        why = f"déclarée avec le {name}" if quarterly else "franchise en base"
        passed = [
            Evidence(finding.message, finding.place)
            for finding in view.vat_return.declared.findings
            if finding.code == FRANCHISE_LIMIT
        ]
        wrong = "franchise en base, seuil dépassé"
        return judged("liquidation", title, passed, fine=why, wrong=wrong, source=source)
    whole = view.vat_return
    declared = whole.declared
    if not declared.settlements:
        if whole.settlement is None:
            return Check("liquidation", title, State.OK, "rien à liquider", (), source)
        wanted = whole.settlement
        amount = declared.due or declared.credit
        what = "à payer" if declared.due or not amount else "de crédit à reporter"
        advice = (
            "acceptez-la quand « acompta cloturer » la propose, ou copiez celle d'« acompta tva »"
        )
        evidence = Evidence(
            f"{wanted.narration}, {french.euros(amount)} {what} : {advice}", None, amount
        )
        return Check(
            "liquidation", title, State.BAD, "écriture de liquidation à passer", (evidence,), source
        )
    comparison = whole.comparison
    found = [
        Evidence(
            f"{check.account} : reste {french.euros(check.left)}",
            view.last_line(check.account),
            check.left,
        )
        for check in comparison.accounts
        if check.left
    ]
    for booked, said, what in (
        (comparison.due_booked, declared.due, "TVA due"),
        (comparison.credit_booked, declared.credit, "crédit"),
    ):
        if booked is not None and booked != said:
            text = f"{what} : {french.euros(booked)} passée, {french.euros(said)} déclarée"
            found.append(Evidence(text, where(declared.settlements[0]), booked - said))
    rest = f"arrondi {french.euros(comparison.rounding)}"
    return judged(
        "liquidation",
        title,
        found,
        fine=f"{french.euros(declared.due or declared.credit)}, {rest}",
        wrong="{n} différence(s) avec la déclaration",
        state=State.BAD,
        source=source,
    )


def credit(view: PeriodView) -> Check:
    """The credit brought forward is in whole euros, as the last return carried it."""
    before = sum(view.vat_return.declared.credit_before.values(), ZERO)
    found = []
    last = view.vat_before
    held = next(
        (name for name in view.totals.latest if view.chart.get(name).role == CREDIT_FORWARD), ""
    )
    place = view.last_line(held)
    if last.settlements and last.credit != before:
        text = f"dernière déclaration ({last.period.name}) : {french.euros(last.credit)} à reporter"
        found.append(
            Evidence(f"{text}, {french.euros(before)} au 44567", place, before - last.credit)
        )
    if before != before.to_integral_value():
        found.append(Evidence("44567 n'est pas en euros entiers", place, before))
    if before < 0:
        found.append(Evidence("44567 est créditeur", place, before))
    left = [
        Evidence(finding.message)
        for finding in view.vat_return.declared.findings
        if finding.code == "tva-non-liquidee"
    ]
    return judged(
        "credit",
        "Crédit reporté égal à la dernière déclaration",
        found + left,
        fine=f"{french.euros(before)} en case 22" if before else "aucun crédit",
        wrong="{n} à expliquer",
        state=State.BAD,
        source="CGI ann. II art. 242-0 A",
    )


def last_payment(view: PeriodView) -> Check:
    """The VAT of the last return was paid."""
    owed = -sum(
        (a for n, a in view.totals.before.items() if view.chart.get(n).role == TO_PAY), ZERO
    )
    paid = ZERO
    for entry in view.transactions:
        moved = sum(
            (euros_of(p) for p in entry.postings if view.chart.get(p.account).role == TO_PAY), ZERO
        )
        if moved and is_opening(entry, view.chart, view.year_start):  # what was left to pay
            owed -= moved
        elif moved and not is_settlement(entry, view.chart):
            paid += moved
    left = owed - paid if view.declares else ZERO
    found = []
    if left > 0:
        due = next(n for n in view.totals.latest if view.chart.get(n).role == TO_PAY)
        text = f"{french.euros(owed)} dus au début du mois, {french.euros(paid)} payés"
        found = [Evidence(text, view.last_line(due), left)]
    return judged(
        "paiement-tva",
        "TVA précédente payée",
        found,
        fine=f"{french.euros(paid)} payés" if owed else "rien n'était dû",
        wrong="paiement introuvable en tout ou partie",
        source="CGI art. 287",
    )
