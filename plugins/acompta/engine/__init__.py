"""The single run: scan, read, post, settle, then the list of entries as Beancount will see it.

Every document is one ``try``: a mistake is an error at its line and never hides the others.
"""

from __future__ import annotations

import datetime
from typing import Any, Final

from beancount.core.data import Directive

from acompta.collector import paused
from acompta.dossier import OPTION, Dossier, Holder
from acompta.engine.post import post
from acompta.engine.read import read
from acompta.engine.registers import check_directives
from acompta.engine.scan import scan
from acompta.engine.settle import missing_accounts, settle
from acompta.engine.state import State
from acompta.messages import AcomptaError
from acompta.numbering import check_series
from acompta.seals import check_seals

ALL_STAGES: Final = frozenset({"comptes", "numeros", "documents", "reglements"})


def run(
    entries: list[Directive],
    options_map: dict[str, Any],
    stages: frozenset[str] = ALL_STAGES,
    *,
    issue_drafts: bool = False,
    until: datetime.date = datetime.date.max,
) -> tuple[list[Directive], list[AcomptaError], Dossier]:
    """Complete the ledger: new entries, errors, and the `Dossier`.

    With ``issue_drafts``, drafts are computed as if they were issued (to show or number them); nothing is posted for
    them that the caller must not use. What documents cause after ``until`` (the delivery of goods invoiced before) has
    not happened.
    """
    with paused():
        return _run(State(entries, options_map, stages, issue_drafts=issue_drafts, until=until))


def _run(state: State) -> tuple[list[Directive], list[AcomptaError], Dossier]:
    stages, dossier = state.stages, state.dossier
    scan(state)
    read(state)
    post(state)
    added: list[Directive] = []
    if "reglements" in stages:
        added += settle(state)
    if "numeros" in stages:
        state.errors += check_series(state.numbered)
    dossier.numbered = state.numbered
    if state.sealed and "documents" in stages:
        state.errors += check_seals(dossier, state.said)
    if "comptes" in stages:
        added += missing_accounts(state)
    if "documents" in stages:
        state.errors += check_directives(state)
    output = state.output + added
    if state.closings and stages == ALL_STAGES:
        output = _check_closings(state, output)
    dossier.errors = state.errors
    return output, state.errors, dossier


def _check_closings(state: State, output: list[Directive]) -> list[Directive]:
    """What was closed must not have changed; late VAT goes to the first open day (PCG art. 1031-3, 1031-4)."""
    from acompta.closing.verify import check_closings  # noqa: PLC0415 — nothing without closings

    main = str(state.options_map.get("filename", ""))
    verified = check_closings(state.closings, output, main)
    state.dossier.closings = verified.closings
    state.dossier.changed_closings = verified.changed
    state.errors += verified.errors
    moved = verified.moved
    return [moved.get(id(entry), entry) for entry in output] if moved else output


def load(
    entries: list[Directive], options_map: dict[str, Any], stages: frozenset[str] = ALL_STAGES
) -> tuple[list[Directive], list[AcomptaError]]:
    """`run` as a Beancount plugin: the dossier stays in the options map.

    When another part of the engine already ran on these entries, its stages are run again together with the new ones
    from what was typed, so parts in any order give what the whole plugin gives, and no error shows twice.
    """
    known: list[AcomptaError] = []
    before = options_map.get(OPTION)
    if isinstance(before, Holder) and before.output is entries and before.typed is not None:
        known = before.dossier.errors if before.dossier is not None else []
        entries, stages = before.typed, stages | before.stages
    typed = list(entries)
    completed, errors, dossier = run(typed, options_map, stages)
    options_map[OPTION] = Holder(dossier, typed, completed, stages)
    return completed, [error for error in errors if error not in known] if known else errors
