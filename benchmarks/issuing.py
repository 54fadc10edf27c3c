"""What seals cost on each load, and what issuing many drafts costs: ``python -m benchmarks.issuing``.

Processor time, the best of several: the machine may be shared. One-line invoices; nothing is printed to PDF, which is
measured elsewhere.
"""

from __future__ import annotations

import datetime
import tempfile
import time
from math import inf
from pathlib import Path
from typing import Final

from beancount.core.data import Directive, Transaction
from tests.issuing.samples import dossier, invoice, no_press

from acompta.acts import writing
from acompta.dossier import OPTION
from acompta.engine import run
from acompta.issuing import prepare_act
from acompta.loading import Loaded, load_ledger
from acompta.seals import KEY, TOTAL_KEY, State

DRAFTS: Final = 2000
DAY: Final = datetime.date(2026, 3, 31)
REPEATS: Final = 40


def main() -> None:
    """Issue drafts in a temporary dossier, load what was issued, print both costs."""
    with tempfile.TemporaryDirectory() as place:
        folder = dossier(Path(place), invoice("2026-03-01") * DRAFTS)
        with writing(folder, "emettre") as desk:
            loaded = desk.load()
            begin = time.process_time()
            plan, pdfs = no_press(loaded, DAY, DAY, folder)
            planned = time.process_time()
            act = prepare_act(desk, plan, pdfs)
            act.diff()
            shown = time.process_time()
            act.commit()
            done = time.process_time()
        print(
            f"{DRAFTS} drafts: plan {planned - begin:.2f} s, text and diff {shown - planned:.2f} s,"
        )
        print(f"  commit {done - shown:.2f} s of processor (the disk is not counted)")
        _seals(load_ledger(folder))


def _seals(loaded: Loaded) -> None:
    """The engine on the same documents with their seals, and without ``ttc:`` and ``sceau:``, in turn."""
    typed = list(loaded.options[OPTION].typed)
    unsealed = [_without_seal(entry) for entry in typed]
    states = {each.state for each in run(typed, loaded.options)[2].seals}
    assert states == {State.INTACT}
    assert not run(unsealed, loaded.options)[2].seals
    plain, sealed = inf, inf
    for _ in range(REPEATS):
        plain = min(plain, _run(unsealed, loaded))
        sealed = min(sealed, _run(typed, loaded))
    print(f"engine without seals: {plain:.1f} µs a document; a seal adds {sealed - plain:.1f} µs")


def _run(entries: list[Directive], loaded: Loaded) -> float:
    """Microseconds a document."""
    begin = time.process_time()
    run(list(entries), loaded.options)
    return (time.process_time() - begin) / DRAFTS * 1e6


def _without_seal(entry: Directive) -> Directive:
    if not isinstance(entry, Transaction):
        return entry
    meta = {key: value for key, value in entry.meta.items() if key not in {KEY, TOTAL_KEY}}
    return entry._replace(meta=meta)


if __name__ == "__main__":
    main()
