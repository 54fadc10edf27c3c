"""All measurements in one run, as ratios with their goals, in a table ready for docs/performance.md.

::

python -m benchmarks               everything, under ten minutes on two quiet cores
python -m benchmarks --quick       1,000 documents, no PDF, under a minute
python -m benchmarks --sizes 10000 --repeats 9 --only load --traces
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.generate import write_dossier
from benchmarks.measure import Series, in_fresh_process, machine, of_command
from benchmarks.written_out import write_out

SIZES: Final = (1_000, 10_000, 100_000)
REPEATS: Final = {1_000: 9, 10_000: 5}
FEW_REPEATS: Final = 2
STARTS: Final = 25
PRINT_RUNS: Final = 3
PARTS: Final = ("load", "start", "pdf")

# Each measurement: which ledger, loaded how.
LOADS: Final = {
    "typed": ("typed", "plain"),
    "typed, commands": ("typed", "commands"),
    "by hand": ("by hand", "plain"),
    "by hand, commands": ("by hand", "commands"),
}
# Written out with every trace that the plugin leaves (`--traces`): what a person would never type.
TRACED: Final = {
    "as printed": ("as printed", "plain"),
    "as printed, commands": ("as printed", "commands"),
}
# What is said of a ratio, then the two measurements that make it.
RATIOS: Final = (
    ("typed / by hand, as `bean-check` loads", "typed", "by hand"),
    ("typed / by hand, as our commands load", "typed, commands", "by hand, commands"),
    (
        "our commands on the typed ledger / `bean-check` on the one by hand",
        "typed, commands",
        "by hand",
    ),
)
TRACED_RATIOS: Final = (
    ("typed / by hand with every trace, as `bean-check` loads", "typed", "as printed"),
    (
        "typed / by hand with every trace, as our commands load",
        "typed, commands",
        "as printed, commands",
    ),
)
RATIO_GOAL: Final = 1.0
PLUGIN_GOAL: Final = 15.0
START_GOAL: Final = 6.0
PAGE_GOAL: Final = 1.1
ISSUED_GOAL: Final = 1.60
CORES_GOAL: Final = 1.8


class Row(NamedTuple):
    """A line of the table: what was measured, a cell per column, the goal and whether it is met."""

    what: str
    cells: tuple[str, ...]
    goal: str = ""
    met: bool | None = None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options(arguments)
    print(f"Machine: {machine()}\n")
    with tempfile.TemporaryDirectory(prefix="acompta-bench-") as folder:
        if "load" in options.only:
            sizes = [_loads(Path(folder), size, options) for size in options.sizes]
            _print_table([f"{size:,} documents" for size in options.sizes], _beside(sizes))
        rows: list[Row] = []
        if "start" in options.only:
            rows += _start()
        if "pdf" in options.only:
            rows += _pdf(Path(folder))
        if rows:
            _print_table(["measured"], rows)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description="How fast Acompta is.")
    parser.add_argument("--quick", action="store_true", help="1,000 documents, no PDF")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N")
    parser.add_argument("--repeats", type=int, help="instead of 9, 5 and 2 by size")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    parser.add_argument("--traces", action="store_true", help="also with every trace written out")
    options = parser.parse_args(arguments)
    if options.quick:
        options.sizes, options.only = [SIZES[0]], ["load", "start"]
    return options


# -- loading ----------------------------------------------------------------------------------------------


def _loads(folder: Path, size: int, options: argparse.Namespace) -> list[Row]:
    """One column of the table: the ratios at that size, then what they stand on."""
    loads = {**LOADS, **TRACED} if options.traces else LOADS
    ledgers = _ledgers(folder, size, traces=options.traces)
    probes: dict[str, Callable[[], dict[str, float]]] = {
        name: partial(in_fresh_process, "load", str(ledgers[ledger]), how)
        for name, (ledger, how) in loads.items()
    }
    series = Series(probes, options.repeats or REPEATS.get(size, FEW_REPEATS))
    _check_balances(series, loads)
    ratios = RATIOS + TRACED_RATIOS if options.traces else RATIOS
    rows = [
        _one(said, f"{ratio:.2f} ×", f"≤ {RATIO_GOAL:.2f} ×", met=ratio <= RATIO_GOAL)
        for said, ours, theirs in ratios
        for ratio in [series.ratio(ours, theirs, "process")]
    ]
    return rows + _plugin(series, size) + [_seconds(series, how) for how in ("", ", commands")]


def _plugin(series: Series, size: int) -> list[Row]:
    transactions = series.median("typed", "transactions")
    spent = series.median("typed", "plugin") * 1e6
    each, share = spent / size, series.ratio_within("typed", "plugin", "process")
    met = each <= PLUGIN_GOAL
    return [
        _one("the plugin, per document", f"{each:.0f} µs", f"≤ {PLUGIN_GOAL:.0f} µs", met=met),
        _one("the plugin, per transaction once complete", f"{spent / transactions:.0f} µs"),
        _one("the plugin's share of the load", f"{share:.0%}"),
        _one("transactions once complete", f"{transactions:,.0f}"),
    ]


def _seconds(series: Series, how: str) -> Row:
    cells = []
    for ledger in ("typed", "by hand"):
        seconds = series.median(ledger + how, "process")
        cells.append(f"{seconds:.2f} s, {series.median(ledger + how, 'megabytes'):,.0f} MB")
    who = "our commands" if how else "`bean-check`"
    return _one(f"{who}, typed; by hand", "; ".join(cells))


def _one(what: str, cell: str, goal: str = "", *, met: bool | None = None) -> Row:
    return Row(what, (cell,), goal, met)


def _ledgers(folder: Path, size: int, *, traces: bool) -> dict[str, Path]:
    """The typed ledger and the ways of writing it out."""
    typed = write_dossier(folder / f"{size}-typed", size)
    ledgers = {"typed": typed, "by hand": write_out(typed, folder / f"{size}-by-hand")}
    if traces:
        ledgers["as printed"] = write_out(typed, folder / f"{size}-printed", traces=True)
    return ledgers


def _check_balances(series: Series, names: Iterable[str]) -> None:
    """Every measured ledger must have booked the same balances, or the ratios mean nothing."""
    found = {name: series.median(name, "balances") for name in names}
    if len(set(found.values())) > 1:
        raise ValueError(f"the balances differ: {found}")


# -- start ------------------------------------------------------------------------------------------------


def _start() -> list[Row]:
    script = Path(sys.executable).with_name("acompta")
    if not script.exists():
        return [_one("`acompta --help`", f"not measured, {script} is not installed")]
    commands = {"acompta": [str(script), "--help"], "python": [sys.executable, "-c", "pass"]}
    for command in commands.values():
        of_command(command)
    series = Series(
        {name: partial(of_command, command) for name, command in commands.items()}, STARTS
    )
    ratio = series.ratio("acompta", "python", "process")
    took = series.median("acompta", "process") * 1000
    what, cell = "`acompta --help` / `python -c pass`", f"{took:.0f} ms, {ratio:.1f} ×"
    return [_one(what, cell, f"≤ {START_GOAL:.0f} ×", met=ratio <= START_GOAL)]


# -- printing ---------------------------------------------------------------------------------------------


def _pdf(folder: Path) -> list[Row]:
    ledger = str(write_dossier(folder / "printed-ones", 200))
    probes = {
        "one": partial(in_fresh_process, "one-invoice", ledger),
        "one core": partial(in_fresh_process, "many-invoices", ledger, "1"),
        "two cores": partial(in_fresh_process, "many-invoices", ledger, "2"),
    }
    series = Series(probes, PRINT_RUNS)
    ours = series.median("one", "ours")
    tagged, bare, naive = (
        series.ratio_within("one", "ours", name) for name in ("tagged", "bare", "naive")
    )
    issued, issued_bare = (
        series.median("one", "electronic"),
        series.ratio_within("one", "electronic", "bare"),
    )
    one, two = (series.median(name, "per second") for name in ("one core", "two cores"))
    gain = series.ratio("two cores", "one core", "per second")
    return [
        _one(
            "one-page invoice, warm / WeasyPrint alone, fonts and style ready, the same PDF/UA-1",
            f"{ours:.0f} ms, {tagged:.2f} ×",
            f"≤ {PAGE_GOAL:.2f} ×",
            met=tagged <= PAGE_GOAL,
        ),
        _one("the same / WeasyPrint alone, a PDF without tags", f"{bare:.2f} ×"),
        _one("the same / WeasyPrint's plain call", f"{naive:.2f} ×"),
        _one(
            "the same as issued: XML, schema, schematrons, PDF/A-3a / the bare render",
            f"{issued:.0f} ms, {issued_bare:.2f} ×",
            f"≤ {ISSUED_GOAL:.2f} ×",
            met=issued_bare <= ISSUED_GOAL,
        ),
        _one(
            "invoices a second (wall time): one core; two cores",
            f"{one:.1f}; {two:.1f}: {gain:.2f} ×",
            f"≥ {CORES_GOAL:.2f} ×",
            met=gain >= CORES_GOAL,
        ),
        _one(
            "memory added by the second half of them, one process",
            f"{series.median('one core', 'growth'):+.0f} MB",
        ),
    ]


# -- the table --------------------------------------------------------------------------------------------


def _beside(columns: Sequence[Sequence[Row]]) -> list[Row]:
    """The columns of the sizes side by side; a goal is met when it is met at every size."""
    rows = []
    for same in zip(*columns, strict=True):
        cells = tuple(row.cells[0] for row in same)
        met = None if same[0].met is None else all(row.met for row in same)
        rows.append(Row(same[0].what, cells, same[0].goal, met))
    return rows


def _print_table(columns: Sequence[str], rows: Iterable[Row]) -> None:
    print(f"| figure | {' | '.join(columns)} | goal | met |")
    print("|---" * (len(columns) + 3) + "|")
    for row in rows:
        met = "" if row.met is None else "yes" if row.met else "no"
        print(f"| {row.what} | {' | '.join(row.cells)} | {row.goal} | {met} |")
    print(flush=True)


if __name__ == "__main__":
    main()
