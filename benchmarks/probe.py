"""One measurement in a fresh interpreter; its figures go to standard output as JSON (`measure.in_fresh_process`).

::

python -m benchmarks.probe load LEDGER (plain|commands)
python -m benchmarks.probe one-invoice LEDGER
python -m benchmarks.probe many-invoices LEDGER WORKERS
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from beancount import loader
from beancount.core.data import Transaction

import acompta
from acompta.loading import load_ledger, load_raw
from acompta.vocabulary import Kind
from benchmarks.written_out import balances

WARM_UP = 3
REPEATS = 15
DISTINCT = 40
PRINTED = 120

Figures = dict[str, float]


class Clock:
    """Process and wall seconds of what runs inside; the calls of one clock add up."""

    def __init__(self) -> None:
        """Start at zero."""
        self.process = self.wall = 0.0

    def __enter__(self) -> None:
        """Start."""
        self._process, self._wall = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.process += time.process_time() - self._process
        self.wall += time.perf_counter() - self._wall


def load(ledger: Path, how: str) -> Figures:
    """Load a ledger as Beancount does (``plain``) or as our commands do; the imports are over by then."""
    inside = Clock()
    _time_plugin(inside)
    loader.initialize(use_cache=False)
    whole = Clock()
    with whole:
        if how == "commands":
            entries, errors, _ = load_raw(ledger)
        else:
            entries, errors, _ = loader.load_file(str(ledger))
    if errors:
        raise ValueError(f"{ledger}: {errors[0].message}")
    return {
        "process": whole.process,
        "wall": whole.wall,
        "plugin": inside.process,
        "transactions": sum(isinstance(entry, Transaction) for entry in entries),
        "megabytes": peak_memory(),
        "balances": _checksum(entries),
    }


def _checksum(entries: list[Any]) -> int:
    """One number for what every account holds: ledgers that book the same have the same."""
    held = sorted(
        (account, currency, str(total.normalize()))
        for (account, currency), total in balances(entries).items()
    )
    return zlib.crc32(repr(held).encode())


def peak_memory() -> float:
    """The most memory this process has held, in megabytes.

    Not `getrusage`, whose peak a process inherits from the one that started it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _time_plugin(clock: Clock) -> None:
    """Count the seconds spent in the plugin, which the loader looks up by its name."""
    plugin = acompta.acompta

    def timed(entries: list[Any], options_map: dict[str, Any]) -> Any:
        with clock:
            return plugin(entries, options_map)

    vars(acompta)["acompta"] = timed


def one_invoice(ledger: Path) -> Figures:
    """A warm one-page invoice, ours against WeasyPrint alone on the same HTML, in turn; medians in milliseconds.

    ``bare`` hands WeasyPrint what can be shared between documents (fonts, parsed style): only the layout and the
    writing are left; ``tagged`` does the same for the kind of PDF that we write (PDF/UA-1). ``naive`` is the call of
    its tutorial, which reads the style anew. ``electronic`` is the invoice as issued: XML, schema, schematrons,
    PDF/A-3a.
    """
    import weasyprint  # noqa: PLC0415 — a second of imports that loading does not need
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    from acompta.invoices import templates  # noqa: PLC0415
    from acompta.invoices.pdf import ACCESSIBLE_VARIANT  # noqa: PLC0415
    from acompta.invoices.printing import issued_pdf  # noqa: PLC0415
    from acompta.invoices.rendering import render_html, render_pdf  # noqa: PLC0415

    view = _views(ledger)[0]
    html = render_html(view, ledger_folder=ledger.parent)
    style = templates.packaged_folder() / templates.STYLE
    fonts = FontConfiguration()
    sheet = weasyprint.CSS(filename=style, font_config=fonts)

    def bare() -> None:
        weasyprint.HTML(string=html).write_pdf(stylesheets=[sheet], font_config=fonts)

    def tagged() -> None:
        page = weasyprint.HTML(string=html)
        page.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant=ACCESSIBLE_VARIANT)

    def naive() -> None:
        weasyprint.HTML(string=html).write_pdf(stylesheets=[style])

    def ours() -> None:
        render_pdf(view, ledger_folder=ledger.parent)

    def electronic() -> None:
        issued_pdf(view, ledger_folder=ledger.parent)

    actions = {"bare": bare, "tagged": tagged, "naive": naive}
    return _medians({**actions, "ours": ours, "electronic": electronic})


def _medians(actions: dict[str, Callable[[], None]]) -> Figures:
    times: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(WARM_UP + REPEATS):
        for name, action in actions.items():
            clock = Clock()
            with clock:
                action()
            if turn >= WARM_UP:
                times[name].append(clock.process * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def many_invoices(ledger: Path, workers: int) -> Figures:
    """Electronic invoices per second of wall time, on that many processes, once they are warm.

    ``growth`` is the memory that the second half of them added, in megabytes (one process only): flat is near zero.
    """
    from acompta.invoices.printing import PrintJob, render_many  # noqa: PLC0415

    views = _views(ledger)[:DISTINCT]
    with tempfile.TemporaryDirectory() as folder:
        jobs = [
            PrintJob(views[rank % len(views)], Path(folder) / f"{rank}.pdf", ledger.parent)
            for rank in range(PRINTED)
        ]
        outcomes = render_many(jobs, workers)
        # The first documents wait for the processes to start and to read fonts and style.
        for _ in range(WARM_UP * workers):
            next(outcomes)
        clock = Clock()
        half = 0.0
        with clock:
            rest = []
            for outcome in outcomes:
                rest.append(outcome)
                if len(rest) == PRINTED // 2:
                    half = peak_memory()
        failed = [outcome.error for outcome in rest if outcome.error]
        if failed:
            raise ValueError(failed[0])
    return {"per second": len(rest) / clock.wall, "growth": peak_memory() - half}


def _views(ledger: Path) -> list[Any]:
    """The invoices of a ledger as they print, with their mentions."""
    from acompta.invoices.from_dossier import Views, printable_documents  # noqa: PLC0415

    loaded = load_ledger(ledger)
    views = Views(loaded.book(), loaded.entries, ledger.parent)
    documents = [
        document
        for document in printable_documents(loaded.dossier)
        if document.kind in {Kind.DEPOSIT, Kind.INVOICE}
    ]
    return [views.view(document) for document in documents[:DISTINCT]]


def main(arguments: Sequence[str]) -> None:
    """Take one measurement."""
    what, ledger, *rest = arguments
    path = Path(ledger)
    if what == "load":
        figures = load(path, rest[0])
    elif what == "one-invoice":
        figures = one_invoice(path)
    else:
        figures = many_invoices(path, int(rest[0]))
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
