"""How fast a FEC is checked, and with how much memory: ``python -m benchmarks.fec [lines]``.

Three files of growing size are made, and each is checked in a process of its own: time must grow with the lines, memory
must not.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from acompta.closing.fec.checker import check_fec
from acompta.closing.fec.form import HEADER

NAME: Final = "732829320FEC20261231.txt"
DEFAULT_LINES: Final = 500_000
_LINES_PER_ENTRY: Final = 5
_CUSTOMERS: Final = 400
_DAYS_BEHIND: Final = 30


def write_fec(path: Path, lines: int) -> None:
    """A FEC of ``lines`` lines: an invoice with VAT and the payment of an earlier one, lettered, over a year."""
    entries = lines // _LINES_PER_ENTRY
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("\t".join(HEADER) + "\r\n")
        number = 0
        for rank in range(entries):
            day = _day(rank, entries)
            number += 1
            head = f"VE\tVentes\t{number}\t{day}"
            tail = f"F{rank:06d}\t{day}\tTravaux été n° {rank}"
            party, letter = f"C{rank % _CUSTOMERS:04d}", f"L{rank:06d}\t{day}\t20270131\t\t"
            party = f"{party}\tSociété {party}"
            file.write(f"{head}\t411\tClients\t{party}\t{tail}\t120,00\t0,00\t{letter}\r\n")
            file.write(f"{head}\t706\tPrestations\t\t\t{tail}\t0,00\t100,00\t\t\t20270131\t\t\r\n")
            file.write(f"{head}\t44571\tTVA\t\t\t{tail}\t0,00\t20,00\t\t\t20270131\t\t\r\n")
            number += 1
            head = f"BQ\tBanque\t{number}\t{day}"
            file.write(f"{head}\t512\tBanque\t\t\t{tail}\t120,00\t0,00\t\t\t20270131\t\t\r\n")
            file.write(f"{head}\t411\tClients\t{party}\t{tail}\t0,00\t120,00\t{letter}\r\n")


def _day(rank: int, entries: int) -> str:
    month, step = divmod(rank * 12 * _DAYS_BEHIND // entries, _DAYS_BEHIND)
    return f"2026{month + 1:02d}{min(step + 1, 28):02d}"


def measure(path: Path) -> None:
    """Check one file and print lines, processor seconds, memory of the process in MB."""
    start = time.process_time()
    result = check_fec(path)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    findings = sum(finding.count for finding in result.findings)
    sys.stdout.write(
        f"{result.lines:>9} lines  {seconds:6.2f} s  {memory:>4} MB  {findings} findings\n"
    )


def main(arguments: list[str]) -> None:
    """Measure three sizes, each in its own process."""
    if arguments and Path(arguments[0]).is_file():
        measure(Path(arguments[0]))
        return
    whole = int(arguments[0]) if arguments else DEFAULT_LINES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        for lines in (whole // 100, whole // 10, whole):
            write_fec(path, lines)
            subprocess.run([sys.executable, "-m", "benchmarks.fec", str(path)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
