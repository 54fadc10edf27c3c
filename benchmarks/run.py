"""All measurements in one run, as ratios with their goals.

::

python -m benchmarks               everything, some twenty minutes
python -m benchmarks --quick       1,000 documents, no PDF, under a minute
python -m benchmarks --sizes 10000 --repeats 9 --only load
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.generate import write_dossier
from benchmarks.measure import Series, in_fresh_process, machine, of_command
from benchmarks.written_out import same_balances, write_out

SIZES: Final = (1_000, 10_000, 100_000)
REPEATS: Final = {1_000: 11, 10_000: 7}
FEW_REPEATS: Final = 3
STARTS: Final = 25
PRINT_RUNS: Final = 3
PARTS: Final = ("load", "start", "pdf")

# Each measurement: which ledger, loaded how.
LOADS: Final = {
    "typed": ("typed", "plain"),
    "typed, commands": ("typed", "commands"),
    "by hand": ("by hand", "plain"),
    "by hand, commands": ("by hand", "commands"),
    "as printed": ("as printed", "plain"),
    "as printed, commands": ("as printed", "commands"),
}
# What is said of a ratio, then the two measurements that make it.
RATIOS: Final = (
    ("loaded as bean-check does, both", "typed", "by hand"),
    ("loaded as our commands do, both", "typed, commands", "by hand, commands"),
    ("our commands against bean-check", "typed, commands", "by hand"),
    ("as bean-check does, every trace written too", "typed", "as printed"),
    ("as our commands do, every trace written too", "typed, commands", "as printed, commands"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options(arguments)
    print(f"Machine: {machine()}\n")
    with tempfile.TemporaryDirectory(prefix="acompta-bench-") as folder:
        if "load" in options.only:
            for size in options.sizes:
                _loads(Path(folder), size, options.repeats)
        if "start" in options.only:
            _start()
        if "pdf" in options.only:
            _pdf(Path(folder))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description="How fast Acompta is.")
    parser.add_argument("--quick", action="store_true", help="1,000 documents, no PDF")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--repeats", type=int, help="instead of 11, 7 and 3 by size")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    options = parser.parse_args(arguments)
    if options.quick:
        options.sizes, options.only = [SIZES[0]], ["load", "start"]
    return options


# -- loading ----------------------------------------------------------------------------------------------


def _loads(folder: Path, size: int, repeats: int | None) -> None:
    ledgers = _ledgers(folder, size)
    probes = {
        name: partial(in_fresh_process, "load", str(ledgers[ledger]), how)
        for name, (ledger, how) in LOADS.items()
    }
    series = Series(probes, repeats or REPEATS.get(size, FEW_REPEATS))
    transactions = series.median("typed", "transactions")
    print(f"{size:,} documents, {transactions:,.0f} transactions once complete")
    print("  typed with the plugin against written out in full without it   process   wall   goal")
    for said, ours, theirs in RATIOS:
        process = series.ratio(ours, theirs, "process")
        wall = series.ratio(ours, theirs, "wall")
        print(f"    {said:<59} {process:>6.2f}× {wall:>6.2f}×   ≤ 1.00×")
    for name in LOADS:
        seconds, peak = series.median(name, "process"), series.median(name, "megabytes")
        print(f"    {name:<59} {seconds:>6.2f} s, {peak:,.0f} MB at most")
    for name in ("typed", "typed, commands"):
        plugin = series.median(name, "plugin") * 1e6
        share = series.ratio_within(name, "plugin", "process")
        print(
            f"  the plugin itself ({name}): {plugin / size:.1f} µs a document (goal ≤ 15),"
            f" {plugin / transactions:.1f} µs a transaction, {share:.0%} of the load"
        )
    print(flush=True)


def _ledgers(folder: Path, size: int) -> dict[str, Path]:
    """The typed ledger and the two ways of writing it out, checked to book the same balances."""
    typed = write_dossier(folder / f"{size}-typed", size)
    by_hand = write_out(typed, folder / f"{size}-by-hand")
    printed = write_out(typed, folder / f"{size}-printed", traces=True)
    for written in (by_hand, printed):
        if not same_balances(typed, written):
            raise ValueError(f"{written}: the balances differ from those of {typed}")
    return {"typed": typed, "by hand": by_hand, "as printed": printed}


# -- start ------------------------------------------------------------------------------------------------


def _start() -> None:
    script = Path(sys.executable).with_name("acompta")
    if not script.exists():
        print(f"acompta --help: not measured, {script} is not installed\n")
        return
    commands = {"acompta": [str(script), "--help"], "python": [sys.executable, "-c", "pass"]}
    for command in commands.values():
        of_command(command)
    series = Series(
        {name: partial(of_command, command) for name, command in commands.items()}, STARTS
    )
    print("acompta --help against python -c pass                            process   wall   goal")
    process = series.ratio("acompta", "python", "process")
    wall = series.ratio("acompta", "python", "wall")
    took = series.median("acompta", "wall") * 1000
    print(f"    {f'{took:.0f} ms':<59} {process:>6.2f}× {wall:>6.2f}×   ≤ 6.00×\n", flush=True)


# -- printing ---------------------------------------------------------------------------------------------


def _pdf(folder: Path) -> None:
    ledger = str(write_dossier(folder / "printed-ones", 200))
    probes = {
        "one": partial(in_fresh_process, "one-invoice", ledger),
        "one core": partial(in_fresh_process, "many-invoices", ledger, "1"),
        "two cores": partial(in_fresh_process, "many-invoices", ledger, "2"),
    }
    series = Series(probes, PRINT_RUNS)
    bare, naive, ours = (series.median("one", name) for name in ("bare", "naive", "ours"))
    print("PDF")
    print(
        f"    one page, warm: {ours:.0f} ms; {series.ratio_within('one', 'ours', 'bare'):.2f} × WeasyPrint alone with"
        f" fonts and style ready ({bare:.0f} ms; goal ≤ 1.10), {series.ratio_within('one', 'ours', 'naive'):.2f} ×"
        f" its plain call ({naive:.0f} ms)"
    )
    one, two = (series.median(name, "per second") for name in ("one core", "two cores"))
    gain = series.ratio("two cores", "one core", "per second")
    print(
        f"    {one:.1f} invoices a second on one core, {two:.1f} on two: {gain:.2f} × (goal ≥ 1.80)"
    )


if __name__ == "__main__":
    main()
