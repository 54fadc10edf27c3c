"""The drafts of a month at the terminal: shown, accepted, written; for ``preparer`` and ``cloturer``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acompta.loading import Loaded
    from acompta.preparing import Month, Proposal
    from acompta.preparing.amounts import Amounts, Priced


def show_drafts(loaded: Loaded, found: Priced, month: Month) -> None:
    """The table of what the month calls for, with its amounts and remarks; nothing when there is nothing."""
    from acompta.preparing.report import preparation_report  # noqa: PLC0415 — the engine, when needed
    from acompta_cli.screen import make_console, print_report  # noqa: PLC0415

    if found.drafts or found.remarks:
        print_report(preparation_report(found, month, loaded), make_console())


def accept_drafts(
    drafts: Sequence[tuple[Proposal, Amounts]], name: str, loaded: Loaded, *, yes: bool
) -> list[Proposal]:
    """The drafts that a person accepts to have written in the file ``name``; all of them with ``yes``."""
    from acompta.french import euros, short_day  # noqa: PLC0415
    from acompta.receivables import customer_name  # noqa: PLC0415
    from acompta_cli.asking import choose  # noqa: PLC0415

    if yes or not drafts:
        return [draft for draft, _ in drafts]
    chart = loaded.dossier.chart
    each = [
        (
            f"{short_day(draft.date)} {customer_name(draft.customer, chart)}, « {draft.narration} »,"
            f" {euros(amounts.due)} à payer",
            draft,
        )
        for draft, amounts in drafts
    ]
    what = "ce brouillon" if len(drafts) == 1 else f"ces {len(drafts)} brouillons"
    return choose(f"Écrire {what} dans {name} ?", each)


def drafts_added(count: int, name: str) -> str:
    """« 2 brouillons ajoutés à 2026-04.beancount »."""
    done = "1 brouillon ajouté" if count == 1 else f"{count} brouillons ajoutés"
    return f"{done} à {name}"
