"""What a month calls for before it is closed: accruals and drafts, one act when accepted, then the VAT settlement.

A draft accepted is a draft to issue: it is no entry yet, and no accrual is proposed for it in the same run.

Source: PCG art. 1214-40 and s. (accruals); the drafts are those of ``acompta preparer``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acompta.acts import Desk
from acompta.acts.places import add_entries
from acompta.closing.closings import is_closed
from acompta.closing.cutoff.making import CutOff
from acompta.closing.cutoff.proposals import cut_off_text
from acompta.closing.entries import ProposedEntry
from acompta.closing.period_view import PeriodView
from acompta.loading import Loaded
from acompta.preparing import Month, Proposal
from acompta.preparing.amounts import Priced
from acompta.preparing.drafting import add_drafts, month_drafts
from acompta.vocabulary import PURCHASES, UNNUMBERED


@dataclass(frozen=True, slots=True)
class Proposed:
    """The accruals and the drafts (with their amounts in euros) that ``month`` calls for and the ledger lacks."""

    month: Month
    cut_offs: tuple[CutOff, ...]
    drafts: Priced


def proposed(loaded: Loaded, view: PeriodView) -> Proposed:
    """What the period of ``view`` calls for: nothing once it is closed, nor while the ledger has errors."""
    month = Month.of(view.end)
    closed = is_closed(view.dossier.closings, view.period)
    if closed or view.period.is_year or view.errors:
        return Proposed(month, (), Priced((), ()))
    return Proposed(month, view.cut_offs, month_drafts(loaded, month))


def proposed_settlement(view: PeriodView) -> ProposedEntry | None:
    """The entry that clears the VAT accounts of the period, when the ledger has none yet (PCG art. 1214-44).

    It comes after the accruals and the drafts: what they post changes it.
    """
    closed = is_closed(view.dossier.closings, view.period)
    if closed or view.period.is_year or view.errors or not view.declares:
        return None
    whole = view.vat_return
    return None if whole.declared.settlements else whole.settlement


def write_settlement(desk: Desk, loaded: Loaded, view: PeriodView, entry: ProposedEntry) -> Path:
    """Write the entry that clears the VAT accounts in the file of its month; says which one.

    Raises:
        ActError: a file cannot be changed; nothing is written.
    """
    act = desk.act(f"liquidation de la TVA {view.vat_period.of_title}")
    place = add_entries(act, loaded, entry.date, "\n" + entry.text)
    act.commit()
    return place


def write_proposed(
    desk: Desk,
    loaded: Loaded,
    view: PeriodView,
    accepted: Sequence[CutOff],
    drafts: Sequence[Proposal],
) -> Path | None:
    """Write what was accepted, all of it or nothing; says which file has the drafts.

    Raises:
        ActError: a file cannot be changed; nothing is written.
    """
    act = desk.act(f"préparation de la clôture {view.period.of_title}")
    if accepted:
        act.append(desk.path, "\n" + cut_off_text(accepted))
    place = add_drafts(act, loaded, Month.of(view.end), drafts) if drafts else None
    act.commit()
    return place


def issued_after(view: PeriodView) -> str:
    """The last number issued on a day after the period, ``""`` for none.

    The drafts of the period can then not bear its dates: a series is chronological (CGI ann. II art. 242 nonies A, 7°).
    """
    later = [
        document
        for document in view.dossier.documents
        if document.issued
        and document.number
        and document.date > view.end
        and document.kind not in UNNUMBERED | PURCHASES
    ]
    return (later[-1].number or "") if later else ""
