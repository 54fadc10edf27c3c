"""Drafts computed as if they were issued, to be looked at before they are."""

from __future__ import annotations

from dataclasses import replace

from acompta.dossier import OPTION, Holder
from acompta.engine import run
from acompta.loading import Loaded


def with_drafts(loaded: Loaded) -> Loaded:
    """The same ledger with its drafts computed; nothing of it may be kept, and no number is given.

    Errors are those of the whole ledger so computed.
    """
    holder = loaded.options.get(OPTION)
    typed = holder.typed if isinstance(holder, Holder) else None
    entries, errors, dossier = run(list(typed or loaded.entries), loaded.options, issue_drafts=True)
    return replace(loaded, entries=entries, errors=list(errors), dossier=dossier)
