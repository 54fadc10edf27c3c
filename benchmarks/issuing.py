"""What seals cost on each load, and what issuing many drafts costs: ``python -m benchmarks.issuing``.

Processor time, the best of several: the machine may be shared. One-line invoices; nothing is printed to PDF, which is
measured elsewhere.
"""

from __future__ import annotations

import datetime
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.issuing.samples import dossier, invoice, no_press

from acompta.acts import writing
from acompta.dossier import OPTION
from acompta.engine import run
from acompta.issuing import prepare_act
from acompta.loading import Loaded, load_ledger
from acompta.seals import State, check_seals

DRAFTS: Final = 2000
DAY: Final = datetime.date(2026, 3, 31)
REPEATS: Final = 5


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
    typed = loaded.options[OPTION].typed
    output, _, dossier = run(list(typed), loaded.options)
    assert {each.state for each in dossier.seals} == {State.INTACT}

    def check() -> None:
        dossier.seals.clear()
        check_seals(dossier, output)

    whole = _best(lambda: run(list(typed), loaded.options))
    print(f"engine, seals included: {whole:.1f} µs a document; seals alone: {_best(check):.1f} µs")


def _best(work: Callable[[], object]) -> float:
    """Microseconds a document, the best of several."""
    seconds = []
    for _ in range(REPEATS):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return min(seconds) / DRAFTS * 1e6


if __name__ == "__main__":
    main()
