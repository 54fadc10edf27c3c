"""The drafts of a month, priced, and how those that a person accepts get into the ledger.

``acompta preparer`` and ``acompta cloturer`` both go through here: what one writes, the other never proposes again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from acompta.acts import Act
from acompta.acts.places import add_entries
from acompta.loading import Loaded
from acompta.preparing.amounts import Priced, priced
from acompta.preparing.months import Month
from acompta.preparing.proposals import Proposal, proposals


def month_drafts(loaded: Loaded, month: Month) -> Priced:
    """What ``month`` calls for and the ledger does not hold yet, with its amounts in euros."""
    return priced(loaded, proposals(loaded.book(), month))


def drafts_text(drafts: Iterable[Proposal]) -> str:
    """Their ledger text, as it is written."""
    return "\n".join(draft.text for draft in drafts)


def add_drafts(act: Act, loaded: Loaded, month: Month, drafts: Iterable[Proposal]) -> Path:
    """Put the drafts into the file of their month, as part of ``act``; says which file it is.

    Raises:
        ActError: that file, or the main file, cannot be changed.
    """
    return add_entries(act, loaded, month.first, drafts_text(drafts))
