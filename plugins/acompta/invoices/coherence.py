"""Whether the figures of a document add up as its reader will add them.

The engine computes; this only refuses to print a page whose columns do not sum: a wrong wiring must never reach a
customer. Sentences are French, without the number of the document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from acompta.french import euros, percent
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.lines import LineRegime, Nature
from acompta.invoices.view.totals import RateTotal, Totals
from acompta.rounding import ZERO


class _Category(NamedTuple):
    """What a total is kept for."""

    rate: Decimal
    regime: LineRegime
    outside: bool


def incoherences(view: DocumentView) -> Iterator[str]:
    """Yield one sentence per sum that is not what the page would show."""
    yield from _lines_against_bases(view)
    yield from _balance(view)
    yield from _net(view)
    yield from _progress(view)


def _lines_against_bases(view: DocumentView) -> Iterator[str]:
    """Lines of one rate make its base."""
    lines: dict[_Category, Decimal] = defaultdict(Decimal)
    for line in view.lines:
        outside = line.nature is Nature.DISBURSEMENT
        lines[_Category(line.rate, line.regime, outside)] += line.amount
    bases = _bases(view.totals)
    for category in lines.keys() | bases.keys():
        found, printed = lines.get(category, ZERO), bases.get(category, ZERO)
        if found != printed:
            yield (
                f"les lignes à {percent(category.rate)} font {euros(found)} "
                f"et leur base imprimée {euros(printed)}"
            )


def _bases(totals: Totals) -> dict[_Category, Decimal]:
    bases: dict[_Category, Decimal] = defaultdict(Decimal)
    for total in totals.rates:
        bases[_category(total)] += total.base
    return bases


def _category(total: RateTotal) -> _Category:
    return _Category(total.rate, total.regime, total.outside)


def _balance(view: DocumentView) -> Iterator[str]:
    """What is billed, less the deposits, is the balance, rate by rate, in base and in VAT."""
    if view.balance is None:
        if view.recovered:
            yield "des acomptes sont déduits et le solde par taux manque"
        return
    left: dict[_Category, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for totals, sign in (
        (view.totals, 1),
        (view.balance, -1),
        *((d.totals, -1) for d in view.recovered),
    ):
        for total in totals.rates:
            left[_category(total)][0] += sign * total.base
            left[_category(total)][1] += sign * total.vat
    for category, (base, vat) in left.items():
        if base or vat:
            yield f"le solde à {percent(category.rate)} s'écarte de {euros(base)} HT et {euros(vat)} de TVA"


def _net(view: DocumentView) -> Iterator[str]:
    """Net to pay = total, less deposits, retention and receipts; a credit note gives the retention back too."""
    retained = view.retention.amount if view.retention and not view.credit else ZERO
    beside = view.compensation.amount if view.compensation else ZERO
    net = view.totals.ttc + beside - view.recovered_ttc - retained - view.paid
    if net != view.to_pay:
        yield f"le net à payer calculé sur la page est {euros(net)}, celui de l'écriture {euros(view.to_pay)}"


def _progress(view: DocumentView) -> Iterator[str]:
    """Previous and current progress make the cumulative one; the current one is what the line bills."""
    for line in view.lines:
        step = line.progress
        if step is not None and (
            step.previous + step.current != step.cumulative or step.current != line.amount
        ):
            yield f"l'avancement de « {line.label} » ne s'additionne pas"
