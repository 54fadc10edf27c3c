"""The accruals that a period calls for and that the ledger does not hold, and their text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from beancount.core.data import Directive

from acompta.closing.cutoff.deposits import unpaid_deposits
from acompta.closing.cutoff.making import CutOff, Maker
from acompta.closing.cutoff.posted import marks
from acompta.closing.cutoff.purchases import purchase_cut_offs
from acompta.closing.cutoff.sales import sales_cut_offs
from acompta.closing.entries import Opening
from acompta.closing.periods import Period
from acompta.dossier import Dossier


def cut_offs(
    entries: Iterable[Directive],
    dossier: Dossier,
    options: dict[str, Any],
    period: Period,
    *,
    year_end: bool = False,
) -> tuple[CutOff, ...]:
    """The accruals that ``period`` calls for and that the ledger does not hold; ``options`` are the ledger's."""
    maker = Maker(dossier, options, period)
    found = [*sales_cut_offs(dossier, maker), *purchase_cut_offs(dossier, maker)]
    if year_end:
        found += unpaid_deposits(dossier, maker)
    known = marks(entries, period.end)
    return tuple(one for one in found if one.mark not in known)


def cut_off_text(found: Iterable[CutOff]) -> str:
    """The text of the proposals, ready for the ledger: each account opened once, each entry with its reversal."""
    opened: set[Opening] = set()
    pieces = []
    for one in found:
        fresh = tuple(opening for opening in one.entry.to_open if opening not in opened)
        opened.update(fresh)
        pieces += [one.entry._replace(to_open=fresh).text, one.reversal.text]
    return "\n".join(pieces)
