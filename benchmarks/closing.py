"""What closing costs: the checklist, the folder of a month, the seals of a year, and verifying them at each load.

Each size runs in a fresh process, on a dossier of `benchmarks.generate`::

    python -m benchmarks.closing                    # 3 000, 10 000 and 30 000 documents (about 100 000 entries)
    python -m benchmarks.closing 3000 --no-pdf
"""

from __future__ import annotations

import argparse
import datetime
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from beancount.core.data import Custom, Transaction
from beancount.parser.grammar import ValueType

from acompta.closing.checks import run_checks
from acompta.closing.closings import Closing
from acompta.closing.period_view import PeriodView
from acompta.closing.periods import Period, month_of
from acompta.closing.plan import folder_files, plan_seal
from acompta.closing.verify import check_closings
from acompta.loading import Loaded, load_ledger
from benchmarks.generate import write_dossier
from benchmarks.probe import peak_memory

SIZES = (3_000, 10_000, 30_000)
DAY = datetime.date(2030, 1, 5)
# The same month whatever the size: the checks read all that came before it.
MONTH = month_of(datetime.date(2026, 10, 1))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size in a process of its own, and print one row a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--no-pdf", action="store_true", help="the checklist and the seals only")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.here:
        measure(options.sizes[0], folder=not options.no_pdf)
        return
    for size in options.sizes:
        extra = ["--no-pdf"] if options.no_pdf else []
        command = [sys.executable, "-m", "benchmarks.closing", str(size), "--here", *extra]
        subprocess.run(command, check=True)


def measure(documents: int, *, folder: bool) -> None:
    """Time each step on one dossier, in seconds of processor time."""
    with tempfile.TemporaryDirectory(prefix="acompta-bench-") as place:
        path = write_dossier(Path(place), documents)
        loaded, load = _timed(lambda: load_ledger(path))
        entries = [e for e in loaded.entries if isinstance(e, Transaction) and e.postings]
        held = sum(1 for entry in entries if MONTH.holds(entry.date))
        view = PeriodView(loaded.entries, loaded.errors, loaded.dossier, loaded.options, MONTH)
        checks, checklist = _timed(lambda: run_checks(view))
        print(f"{documents} documents, {len(entries)} entries, {held} in {MONTH.name}")
        print(
            f"  load {load:.2f} s · checklist {checklist:.2f} s ({len(checks)} checks,"
            f" {checklist / len(entries) * 1e6:.0f} µs an entry)"
        )
        if folder:
            start = time.monotonic()
            files, made = _timed(lambda: folder_files(loaded, view, checks))
            size, wall = sum(map(len, files.values())) / 1e6, time.monotonic() - start
            print(
                f"  folder of the month {wall:.1f} s of wall time, {made:.1f} s of this process beside those that"
                f" print ({len(files)} files, {size:.1f} MB)"
            )
        customs, sealing = _timed(lambda: seal_months(loaded, Path(place)))
        verified, verifying = _timed(lambda: check_closings(customs, loaded.entries, str(path)))
        assert not verified.errors, verified.errors[:3]
        share = verifying / load
        print(
            f"  sealing {len(customs)} months {sealing:.2f} s · verifying {verifying:.2f} s", end=""
        )
        print(f" ({verifying / len(entries) * 1e6:.0f} µs an entry, {share:.1%} of the load)")
        print(f"  memory at most {peak_memory():.0f} MB", flush=True)


def _timed(action: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    result = action()
    return result, time.process_time() - start


def seal_months(loaded: Loaded, folder: Path) -> list[Custom]:
    """Close every month of the ledger, in order; the lines that a year of closings leaves."""
    days = [e.date for e in loaded.entries if isinstance(e, Transaction) and e.postings]
    customs: list[Custom] = []
    period = month_of(min(days))
    while period.start <= max(days):
        plan = plan_seal(loaded, period, DAY)
        for name, content in plan.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        customs.append(_line(period, plan.directive.split('"')[5]))
        mark = str(customs[-1].values[1].value)
        closing = Closing(period.name, period.end, mark, DAY, "", customs[-1])
        loaded.dossier.closings.append(closing)
        period = month_of(period.next_day)
    return customs


def _line(period: Period, mark: str) -> Custom:
    values = [ValueType(period.name, str), ValueType(mark, str)]
    return Custom({"filename": "", "lineno": 0}, period.end, "cloture", values)


if __name__ == "__main__":
    main()
