"""Fresh processes, interleaved repeats, paired ratios: what makes figures of a busy machine comparable."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

Figures = dict[str, float]


def in_fresh_process(*arguments: str) -> Figures:
    """The figures of one `benchmarks.probe` in an interpreter of its own, the same hash seed each time."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.probe", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def of_command(command: Sequence[str]) -> Figures:
    """Process and wall seconds of a command, its start included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    process = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return {"process": process, "wall": wall}


class Series:
    """Several measurements taken in turn, round after round, so that all meet the same weather."""

    def __init__(self, probes: Mapping[str, Callable[[], Figures]], repeats: int) -> None:
        """Measure at once; the order turns round with each repeat."""
        self._taken: dict[str, list[Figures]] = {name: [] for name in probes}
        names = list(probes)
        for turn in range(repeats):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                self._taken[name].append(probes[name]())

    def median(self, name: str, figure: str) -> float:
        """Median of one figure."""
        return statistics.median(taken[figure] for taken in self._taken[name])

    def ratio(self, name: str, against: str, figure: str) -> float:
        """Median over the repeats of the ratio within one repeat."""
        pairs = zip(self._taken[name], self._taken[against], strict=True)
        return statistics.median(ours[figure] / theirs[figure] for ours, theirs in pairs)

    def ratio_within(self, name: str, figure: str, against: str) -> float:
        """Median of the ratio of two figures of the same measurement."""
        return statistics.median(taken[figure] / taken[against] for taken in self._taken[name])


def machine() -> str:
    """What this runs on: processor, cores, memory, system, versions."""
    model = platform.processor() or platform.machine()
    lines = _lines(Path("/proc/cpuinfo"))
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    kilobytes = next(
        (int(line.split()[1]) for line in _lines(Path("/proc/meminfo")) if "MemTotal" in line), 0
    )
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, {kilobytes / 1e6:.0f} GB,"
        f" {platform.system()} {platform.release()}, Python {platform.python_version()};"
        f" load average {load:.1f} when this began"
    )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
