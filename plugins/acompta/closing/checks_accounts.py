"""Checks of the accounts: bank, suspense, cash, cut-off, opening balances, variations, trial balance."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from acompta import french
from acompta.balancing import gap
from acompta.chart import Account
from acompta.closing.carried import Gap, carried
from acompta.closing.check import Check, Evidence, State, judged, where
from acompta.closing.cutoff.making import KEY
from acompta.closing.cutoff.posted import billed_after_all, not_reversed
from acompta.closing.journals import label_of
from acompta.closing.period_view import PeriodView
from acompta.owed import Place
from acompta.rounding import HUNDRED, ZERO
from acompta.vocabulary import EUR

_ASSERTED: Final = ("512", "514", "515", "517", "53")
_STATEMENT_KEYS: Final = ("releve", "piece", "document")
# A movement is worth a look beyond both: the share of the same month a year before, and the amount.
VARIATION: Final = Decimal(30)
LEAST_VARIATION: Final = Decimal(500)
_LATE_CHEQUE: Final = 15


def statements(view: PeriodView) -> Check:
    """Every bank, card processor and cash account is asserted at the last day, with the statement's reference."""
    missing, unsaid, good = [], [], []
    names = {a.name for a, _ in view.numbered(*_ASSERTED)}
    names |= {
        posting.account
        for entry in view.transactions
        for posting in entry.postings
        if view.chart.get(posting.account).number.startswith(_ASSERTED)
    }
    for name in sorted(names):
        balance = view.totals.at_end.get(name, ZERO)
        assertion = view.assertions.get(name)
        if assertion is None:
            day = view.period.next_day
            line = f"{day} balance {name}  {balance:.2f} EUR"
            text = (
                f"{name} : d'après le relevé, tapez « {line} », et dessous releve: avec son numéro"
            )
            missing.append(Evidence(text, view.last_line(name), balance))
        elif not any(assertion.meta.get(key) for key in _STATEMENT_KEYS):
            text = f'{name} : ajoutez la référence du relevé, releve: "n° 3", sous la ligne balance'
            unsaid.append(Evidence(text, where(assertion), balance))
        else:
            said = next(str(assertion.meta[k]) for k in _STATEMENT_KEYS if assertion.meta.get(k))
            text = f"{name} : {french.euros(balance)}, {said}"
            good.append(Evidence(text, where(assertion), balance))
    state = State.BAD if missing else State.LOOK
    wrong = [
        f"{len(found)} compte(s) {what}"
        for found, what in ((missing, "sans solde affirmé"), (unsaid, "sans référence de relevé"))
        if found
    ]
    return judged(
        "releves",
        "Banque, carte et caisse pointées au dernier jour",
        [*missing, *unsaid],
        fine=f"{len(good)} compte(s) pointé(s)" if good else "aucun compte de trésorerie",
        proof=good,
        wrong=", ".join(wrong),
        state=state,
        source="PCG art. 1032-2",
    )


def suspense(view: PeriodView) -> Check:
    """Transfers in transit (58) and suspense (471, 472) are at zero."""
    found = [
        Evidence(f"{account.name} : {french.euros(amount)}", view.last_line(account.name), amount)
        for account, amount in view.numbered("58", "471", "472")
    ]
    return judged(
        "attente",
        "Virements internes (58) et attente (471) à zéro",
        found,
        fine="à zéro",
        wrong="{n} compte(s) à solder",
        state=State.BAD,
        source="PCG art. 1214-47, 1215-58",
    )


def cheques(view: PeriodView) -> Check:
    """Cheques in hand and card takings that the bank has not credited, by age."""
    found = []
    for account, amount in view.numbered("511", "517"):
        since = view.totals.oldest.get(account.name, view.end)
        days = (view.end - since).days
        late = f", depuis {days} jours" if days > _LATE_CHEQUE else ""
        text = f"{account.name} : {french.euros(amount)}{late}"
        found.append(Evidence(text, view.last_line(account.name), amount))
    return judged(
        "cheques",
        "Chèques et cartes à encaisser (511, 517)",
        found,
        fine="rien en portefeuille",
        wrong="{n} compte(s) à suivre",
    )


def cash(view: PeriodView) -> Check:
    """Cash in hand is never negative."""
    fell: dict[str, tuple[Decimal, datetime.date, Place | None]] = {
        name: (amount, day, where(entry))
        for name, (amount, day, entry) in view.totals.lowest.items()
    }
    for name, amount in view.totals.before.items():
        if amount < 0 and name not in fell:
            fell[name] = amount, view.period.start, view.last_line(name)
    found = [
        Evidence(f"{name} : {french.euros(amount)} le {day:%d/%m/%Y}", place, amount)
        for name, (amount, day, place) in fell.items()
        if view.chart.get(name).number.startswith("53")
    ]
    return judged(
        "caisse",
        "Caisse jamais négative",
        found,
        fine="jamais négative",
        wrong="{n} caisse(s) négative(s)",
        state=State.BAD,
    )


def cut_off(view: PeriodView) -> Check:
    """Accruals that lines with a period, deliveries and (at year end) unpaid deposits call for."""
    proposals = view.cut_offs
    found = [
        Evidence(f"{one.reason.value} : {one.detail}", one.place, one.amount) for one in proposals
    ]
    twice = [
        Evidence(
            f"{number} est {'au journal' if str(entry.meta[KEY]).startswith('FNP ') else 'émise'} :"
            f" « {entry.narration} » la compte deux fois, retirez-la avec son extourne",
            where(entry),
        )
        for entry, number in billed_after_all(view.entries, view.dossier, view.period)
    ]
    total = sum((one.amount for one in proposals), ZERO)
    wrong = [f"{len(proposals)} proposée(s), {french.euros(total)} HT : --regulariser les écrit"]
    if twice:
        wrong = [f"{len(twice)} de trop", *(wrong if proposals else ())]
    return judged(
        "regularisations",
        "Régularisations (FAE, PCA, FNP, CCA) passées",
        [*twice, *found],
        fine="rien à régulariser",
        wrong=", ".join(wrong),
        state=State.BAD if twice else State.LOOK,
        source="PCG art. 1214-40, 1214-41, 1214-48",
    )


def reversals(view: PeriodView) -> Check:
    """Accruals of the period before are reversed."""
    day = view.period.start - datetime.timedelta(days=1)
    found = [
        Evidence(f"{entry.narration} n'est pas extournée", where(entry))
        for entry in not_reversed(view.entries, day, view.end)
    ]
    return judged(
        "extournes",
        "Régularisations précédentes extournées",
        found,
        fine="toutes extournées",
        wrong="{n} à extourner au premier jour",
        state=State.BAD,
        source="PCG art. 1214-40, 1214-41",
    )


def opening(view: PeriodView) -> Check:
    """Opening balances are the closing ones of the year before, account by account, as its closings sealed them."""
    title = "À-nouveaux égaux à la clôture précédente"
    source = "C. com. art. L123-19"
    start = view.year_start
    found = carried(view)
    if not view.past or view.past[0].date >= start:
        typed = len(found.typed)
        fine = f"premier exercice du journal, {typed} écriture(s) d'ouverture"
        return judged("a-nouveaux", title, (), fine=fine, wrong="", source=source)
    day = french.short_day(found.day)
    count = f"{found.accounts} compte(s), {french.euros(found.debit)} au débit"
    fine = f"{count}, ceux de la clôture du {day}"
    if not found.sealed:
        fine = f"{count}, reportés par le journal (exercice précédent non clôturé)"
    wrong = f"{len(found.gaps)} compte(s) différent(s) de la clôture du {day}"
    if found.gaps and found.typed:
        wrong += f", {len(found.typed)} écriture(s) d'à-nouveaux en trop ou différente(s)"
    evidence = [one for gap in found.gaps for one in _gap(gap)]
    if found.unreadable is not None:
        wrong = "les chiffres de la clôture précédente manquent"
        text = f"« {found.unreadable.parent.name}/{found.unreadable.name} » manque ou est illisible"
        evidence.insert(0, Evidence(text, Place(str(found.unreadable), 1)))
    return judged(
        "a-nouveaux",
        title,
        evidence,
        fine=fine,
        wrong=wrong,
        state=State.BAD,
        source=source,
    )


def _gap(gap: Gap) -> Iterator[Evidence]:
    """One account, with both balances; then each line behind the difference."""
    closed, opened = _money(gap.closed, gap.currency), _money(gap.opened, gap.currency)
    entries = [*gap.typed, *gap.changed]
    text = f"{gap.account} : {closed} à la clôture, {opened} à l'ouverture"
    yield Evidence(text, where(entries[0]) if entries else None, gap.opened - gap.closed)
    for entry in gap.typed:
        label = label_of(entry)
        yield Evidence(f"↳ à-nouveaux tapés le {entry.date:%d/%m/%Y}, {label}", where(entry))
    for entry in gap.changed:
        label = label_of(entry)
        yield Evidence(
            f"↳ nouvelle ou changée depuis, {entry.date:%d/%m/%Y}, {label}", where(entry)
        )
    for one in gap.gone:
        day = french.short_day(datetime.date.fromisoformat(one.date))
        yield Evidence(
            f"↳ à la clôture, {day}, {one.label} : {one.lines} ({one.file}, ligne {one.line})"
        )


def _money(amount: Decimal, currency: str) -> str:
    return french.euros(amount) if currency == EUR else f"{french.number(amount)} {currency}"


def variations(view: PeriodView) -> Check:
    """Accounts of classes 6 and 7 that moved far from the same month a year before."""
    totals = view.totals
    if not totals.result_before:
        return Check(
            "variations",
            "Charges et produits comparés à l'an dernier",
            State.OK,
            "pas d'année précédente dans le journal",
        )
    found = []
    for name in sorted({*totals.result, *totals.result_before}):
        now, then = totals.result.get(name, ZERO), totals.result_before.get(name, ZERO)
        change = now - then
        if abs(change) < LEAST_VARIATION or abs(change) * HUNDRED < VARIATION * abs(then):
            continue
        text = f"{name} : {french.euros(_shown(view.chart.get(name), now))}"
        text += f" contre {french.euros(_shown(view.chart.get(name), then))}"
        found.append(Evidence(text, view.last_line(name), change))
    return judged(
        "variations",
        "Charges et produits comparés à l'an dernier",
        found,
        fine=f"aucun écart de plus de {VARIATION} % et {french.euros(LEAST_VARIATION)}",
        wrong=f"{{n}} compte(s) à plus de {VARIATION} % et {french.euros(LEAST_VARIATION)}",
    )


def _shown(account: Account, amount: Decimal) -> Decimal:
    return -amount if account.pcg_class == "7" else amount


def trial_balance(view: PeriodView) -> Check:
    """The trial balance balances, to the cent."""
    total = sum(view.totals.at_end.values(), ZERO)
    debit = sum((amount for amount in view.totals.at_end.values() if amount > 0), ZERO)
    found = [Evidence(f"écart de {french.euros(total)}", None, total)] if total else []
    if total:
        found += [
            Evidence(f"{entry.narration} : écart de {french.euros(left)}", where(entry), left)
            for entry in view.past
            if (left := gap(entry))
        ]
    return judged(
        "balance",
        "Balance générale équilibrée",
        found,
        fine=f"{french.euros(debit)} au débit comme au crédit",
        wrong="déséquilibrée",
        state=State.BAD,
        source="PCG art. 1021-2",
    )
