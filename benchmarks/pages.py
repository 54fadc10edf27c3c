"""Our pages and Fava's own, over HTTP, on the same ledger and in the same run.

::

python -m benchmarks.pages --documents 10000 [--repeats 5]

A first view is of a date that nothing was asked for yet, so that no figure is kept; a second view is of the same
address; « today » is a page never asked for, of today, whose figures were made while the ledger was loaded. Times are
the server's: processor seconds of its process, and the wall time of the whole answer.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.generate import write_dossier
from benchmarks.measure import machine

EXTENSION: Final = '\n2026-01-01 custom "fava-extension" "acompta.fava"\n'
GOAL: Final = 0.2
FIRST: Final = "first"
AGAIN: Final = "again"
TODAY: Final = "today"
OURS: Final = {
    "Accueil": "extension/Acompta/?partial=true&vue=accueil",
    "Créances": "extension/Acompta/?partial=true&vue=creances",
    "Créances, one customer": "extension/Acompta/?partial=true&vue=creances&client={customer}",
    "Contrats": "extension/Acompta/?partial=true&vue=contrats",
    "Contrats, one contract": "extension/Acompta/?partial=true&vue=contrats&contrat={contract}",
    "Factures": "extension/Acompta/?partial=true&vue=factures",
    "Factures, last page": "extension/Acompta/?partial=true&vue=factures&page-documents=9999",
    "Factures, a search": "extension/Acompta/?partial=true&vue=factures&q=conseil",
    "Factures, sorted": "extension/Acompta/?partial=true&vue=factures&tri-documents=-client",
    "Factures, one document": "extension/Acompta/?partial=true&vue=factures&numero=F2026-000001",
    "TVA": "extension/Acompta/?partial=true&vue=tva",
    "Clôture": "extension/Acompta/?partial=true&vue=cloture",
    "Trésorerie": "extension/Acompta/?partial=true&vue=tresorerie",
}
THEIRS: Final = {
    "Fava: income statement": "api/income_statement?",
    "Fava: balance sheet": "api/balance_sheet?",
    "Fava: journal, first page": "api/journal_page?page=1&order=desc",
    "Fava: account 512": "api/account_report?a=Actif:512:Banque",
    "Fava: account 411": "api/account_report?a=Actif:411",
}
# What a page says while something of it is being made.
_AWAITED: Final = b"data-again"
_TICK: Final = os.sysconf("SC_CLK_TCK")


class Answer(NamedTuple):
    """Processor and wall seconds, and the bytes sent."""

    process: float
    wall: float
    size: int
    awaited: bool = False


class Server:
    """A running Fava: ``base`` is the address of the ledger."""

    def __init__(self, process: subprocess.Popen[bytes], base: str) -> None:
        """Keep the process to read its clock."""
        self._stat = Path(f"/proc/{process.pid}/stat")
        self.base = base

    def get(self, address: str) -> Answer:
        """One request, timed."""
        before, start = self.seconds(), time.perf_counter()
        with urllib.request.urlopen(f"{self.base}/{address}", timeout=300) as response:  # noqa: S310 — loopback
            body = response.read()
        took = self.seconds() - before, time.perf_counter() - start
        return Answer(*took, len(body), _AWAITED in body)

    def seconds(self) -> float:
        """Processor seconds of the server so far."""
        fields = self._stat.read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


@contextmanager
def serving(ledger: Path) -> Iterator[Server]:
    """Fava on ``ledger``, read-only, on a free port of loopback; stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(sys.executable).with_name("fava"))
    command = [program, "--read-only", "--host", "127.0.0.1", "--port", str(port), str(ledger)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Server(process, _wait(f"http://127.0.0.1:{port}", process))
    finally:
        process.terminate()
        process.wait()


def _wait(root: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        try:
            with urllib.request.urlopen(root, timeout=300) as response:  # noqa: S310 — loopback
                address: str = response.geturl()
                # The redirection leads to the ledger's first page: `…/slug/income_statement/`.
                return "/".join(address.split("/")[:4])
        except OSError:
            if process.poll() is not None:
                raise
            time.sleep(0.2)
    raise TimeoutError(root)


def measure(
    server: Server, names: dict[str, str], repeats: int
) -> tuple[dict[str, list[Answer]], list[Checklist]]:
    """Every address at each of several dates, first then again; by « name, view ». And the checklists."""
    taken: dict[str, list[Answer]] = {}
    lists = []
    for turn in range(repeats):
        # Alternating far and near, so that no figure of one date serves another.
        for place, (name, address) in enumerate(names.items()):
            day = f"2026-{12 - turn % 6:02d}-{1 + place + 9 * (turn // 6):02d}"
            dated = f"{address}&time={day}"
            # To the end: what is still being made would be counted with the next page.
            whole = follow(server, dated)
            taken.setdefault(f"{name}, {FIRST}", []).append(whole.answers[0])
            if len(whole.answers) > 1:
                lists.append(whole)
            taken.setdefault(f"{name}, {AGAIN}", []).append(server.get(dated))
            if name in OURS:
                # Another address for the same page: only the figures are kept.
                taken.setdefault(f"{name}, {TODAY}", []).append(server.get(f"{address}&n={turn}"))
    return taken, lists


class Checklist(NamedTuple):
    """A checklist followed as a browser does: processor and wall seconds until it was whole, and its answers."""

    process: float
    wall: float
    answers: list[Answer]


def follow(server: Server, address: str) -> Checklist:
    """Ask for a page again, three times a second, until nothing of it is being made."""
    before, start = server.seconds(), time.perf_counter()
    answers = [server.get(address)]
    while answers[-1].awaited:
        time.sleep(0.3)
        answers.append(server.get(address))
    return Checklist(server.seconds() - before, time.perf_counter() - start, answers)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.pages", description="How fast the pages are.")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    print(f"Machine: {machine()}\n")
    with tempfile.TemporaryDirectory(prefix="acompta-bench-") as folder:
        ledger = write_dossier(Path(folder) / "pages", options.documents)
        ledger.write_text(ledger.read_text(encoding="utf-8") + EXTENSION, encoding="utf-8")
        with serving(ledger) as server:
            _print(server, _addresses(ledger), options.documents, options.repeats)


def _addresses(ledger: Path) -> dict[str, str]:
    """The addresses, with a customer and a contract that exist."""
    text = (ledger.parent / "2026-01.beancount").read_text(encoding="utf-8")
    customer = text.partition("Actif:411:")[2].split()[0]
    contract = text.partition("#contrat ^")[2].split()[0]
    ours = {
        name: address.format(customer=f"Actif:411:{customer}", contract=contract)
        for name, address in OURS.items()
    }
    return {**ours, **THEIRS}


def _print(server: Server, addresses: dict[str, str], documents: int, repeats: int) -> None:
    server.get(next(iter(addresses.values())))
    taken, lists = measure(server, addresses, repeats)
    print(
        f"{documents:,} documents, medians of {repeats}              process      wall        sent"
    )
    for name, answers in taken.items():
        process = statistics.median(answer.process for answer in answers)
        wall = statistics.median(answer.wall for answer in answers)
        size = statistics.median(answer.size for answer in answers)
        ours = not name.startswith("Fava")
        goal = ("  over the goal" if process > GOAL else "") if ours else ""
        print(
            f"    {name:<40} {process * 1000:>6.0f} ms {wall * 1000:>6.0f} ms {size / 1000:>8.0f} kB{goal}"
        )
    if not lists:
        return
    process = statistics.median(one.process for one in lists)
    wall = statistics.median(one.wall for one in lists)
    slowest = max(answer.wall for one in lists for answer in one.answers)
    print(
        f"    The checklist of a month, whole: {process * 1000:.0f} ms of the process, {wall * 1000:.0f} ms of"
        f" wall time; the slowest of its answers {slowest * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
