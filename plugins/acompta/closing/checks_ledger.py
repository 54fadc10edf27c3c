"""Checks of the text itself: errors, earlier months, drafts, seals, numbers."""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from beancount.core.data import Transaction

from acompta.closing.check import Check, Evidence, State, judged, where
from acompta.closing.closings import closed_until
from acompta.closing.period_view import PeriodView
from acompta.closing.periods import Period, month_before, month_of
from acompta.closing.vat_movements import upto
from acompta.french import numbered as agreed
from acompta.french import short_day
from acompta.numbering import SERIES_CODES
from acompta.owed import Place
from acompta.receivables import customer_name
from acompta.vocabulary import KIND_BY_TAG, PURCHASES, UNNUMBERED, UNPOSTED, Kind


def loading_errors(view: PeriodView) -> Check:
    """No figure can be trusted while the ledger has errors."""
    found = [
        Evidence(
            error.message.strip().splitlines()[0],
            Place(str(error.source.get("filename", "")), int(error.source.get("lineno", 0))),
        )
        for error in view.errors
    ]
    return judged(
        "erreurs",
        "Journal sans erreur",
        found,
        fine="aucune erreur",
        wrong="{n} erreur(s) : « acompta verifier » dit quoi taper",
        state=State.BAD,
        fatal=True,
    )


def earlier_month(view: PeriodView) -> Check:
    """Months are closed in order (PCG art. 1031-4: at the latest at the end of the next period)."""
    title = "Mois précédent clôturé"
    source = "PCG art. 1031-4"
    period = view.period
    until = closed_until(view.dossier.closings)
    if period.is_year:
        return _months_of_the_year(view, title, source)
    earlier = view.past[: bisect_left(view.past, period.start, key=_date_of)]
    if not earlier:
        return Check("mois-precedent", title, State.OK, "premier mois du journal", (), source, True)
    before = month_before(period)
    if until is not None and until >= before.end:
        return Check(
            "mois-precedent",
            title,
            State.OK,
            f"clôturé jusqu'au {until:%d/%m/%Y}",
            (),
            source,
            True,
        )
    left = [entry for entry in earlier if until is None or entry.date > until] or earlier[:1]
    found = tuple(
        Evidence(agreed(f"{month.title} : {len(entries)} écriture(s)"), where(entries[0]))
        for month, entries in _by_month(left)
    )
    name = month_of(left[0].date).name
    text = f"{before.title} est ouvert : commencez par « acompta cloturer … {name} »"
    return Check("mois-precedent", title, State.BAD, text, found, source, True)


def _by_month(entries: Sequence[Transaction]) -> Iterator[tuple[Period, Sequence[Transaction]]]:
    """The months of ``entries``, in order of date, each with its own."""
    first = 0
    while first < len(entries):
        month = month_of(entries[first].date)
        last = bisect_right(entries, month.end, lo=first, key=_date_of)
        yield month, entries[first:last]
        first = last


def _date_of(entry: Transaction) -> datetime.date:
    return entry.date


def _months_of_the_year(view: PeriodView, title: str, source: str) -> Check:
    """A fiscal year is closed once its last month is."""
    until = closed_until(view.dossier.closings)
    if until is not None and until >= view.end:
        text = f"mois clôturés jusqu'au {until:%d/%m/%Y}"
        return Check("mois-precedent", title, State.OK, text, (), source, True)
    name = month_of(view.end).title
    text = f"l'exercice se clôt après ses mois : {name} est ouvert"
    return Check("mois-precedent", title, State.BAD, text, (), source, True)


def drafts(view: PeriodView) -> Check:
    """Drafts and entries flagged ``!`` that the period still holds."""
    found = []
    for entry in upto(view.entries, view.end):
        if not isinstance(entry, Transaction) or entry.flag != "!":
            continue
        if "recurrence" in entry.meta:  # a model is never issued, and waits for nobody
            continue
        kind = next((KIND_BY_TAG[tag] for tag in entry.tags if tag in KIND_BY_TAG), None)
        if kind in UNPOSTED or "recurrence" in entry.meta:  # a model is not waiting: its drafts are
            continue
        what = "brouillon" if kind is not None else "écriture à revoir"
        label = " · ".join(part for part in (entry.payee, entry.narration) if part)
        found.append(Evidence(f"{what} du {entry.date:%d/%m/%Y} : {label}", where(entry)))
    return judged(
        "brouillons",
        "Aucun brouillon ni écriture « ! » en attente",
        found,
        fine="aucun",
        wrong="{n} en attente",
    )


def recurring(view: PeriodView) -> Check:
    """Documents that the month calls for and that nobody has drafted."""
    from acompta.preparing import Month, proposals  # noqa: PLC0415 — only when closing

    called = proposals(view.book, Month.of(view.end))
    due = [proposal for proposal in called.proposals if proposal.date <= view.end]
    found = [
        Evidence(
            f"{short_day(one.date)} {customer_name(one.customer, view.chart)}, « {one.narration} » : {one.why}",
            Place(*one.place) if one.place[0] else None,
        )
        for one in due
    ]
    found += [
        Evidence(remark.message, Place(remark.filename, remark.line) if remark.filename else None)
        for remark in called.remarks
    ]
    wrong = [f"{len(due)} brouillon(s) à faire : « acompta preparer », ou acceptez-les ici"]
    if called.remarks:
        wrong = [*(wrong if due else ()), f"{len(called.remarks)} à taper vous-même"]
    return judged(
        "a-preparer",
        "Factures du mois préparées",
        found,
        fine="rien à préparer",
        wrong=", ".join(wrong),
    )


def seals(view: PeriodView) -> Check:
    """Documents issued in the period without a seal: nothing proves that they have not changed."""
    title = "Documents émis scellés"
    source = "CGI art. 286-I-3° bis"
    issued = [
        document
        for document in view.dossier.documents
        if document.issued
        and document.number
        and document.kind not in UNNUMBERED | {Kind.TAKEOVER}
        and view.period.holds(document.date)
    ]
    found = [
        Evidence(f"{document.number} n'a pas de sceau", where(document.entry))
        for document in issued
        if "sceau" not in document.meta
    ]
    return judged(
        "sceaux",
        title,
        found,
        fine=f"{len(issued)} document(s), tous scellés",
        wrong="{n} document(s) sans sceau : tapés à la main, pas émis par « acompta emettre »",
        source=source,
    )


def numbering(view: PeriodView) -> Check:
    """Numbers continuous, chronological, and every one in the sales journal (CGI ann. II art. 242 nonies A, 7°)."""
    found = [
        Evidence(
            error.message.splitlines()[0],
            Place(str(error.source.get("filename", "")), int(error.source.get("lineno", 0))),
        )
        for error in view.dossier.errors
        if error.code in SERIES_CODES
    ]
    numbered = [
        document
        for document in view.dossier.documents
        if document.issued
        and document.number
        and document.kind not in PURCHASES
        and view.period.holds(document.date)
    ]
    found += [
        Evidence(f"{document.number} n'est pas dans le journal des ventes", where(document.entry))
        for document in numbered
        if document.kind not in UNPOSTED and document.index in view.dossier.failed
    ]
    names = [
        document.number or ""
        for document in numbered
        if document.kind not in UNNUMBERED | {Kind.TAKEOVER}
    ]
    span = " à ".join(dict.fromkeys((names[0], names[-1]))) if names else "aucun numéro ce mois-ci"
    return judged(
        "numeros",
        "Numérotation continue, chaque numéro au journal des ventes",
        found,
        fine=span,
        wrong="{n} rupture(s)",
        state=State.BAD,
        source="CGI ann. II art. 242 nonies A, 7°",
        fatal=True,
    )
