"""Many documents to PDF files, on one core or several; one that fails never stops the others."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Final

from acompta.invoices.facturx.invoice import electronic_invoice, electronic_part, is_electronic
from acompta.invoices.rendering import forget_renderers, render_pdf
from acompta.invoices.view.document import DocumentView
from acompta.invoices.writing import write_atomically

# Enough to keep every worker busy, few enough that a crash puts few documents in doubt.
IN_FLIGHT_PER_WORKER: Final = 2
# Below this, starting processes costs more than it saves.
WORTH_A_POOL: Final = 8


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A document, where its PDF goes, and the dossier whose templates it uses.

    An invoice is printed as a Factur-X, with its XML inside; ``syntax`` asks for the XML alone (``"cii"``, ``"ubl"``).
    ``sealed``: it was issued for good, and the file of that name, when there is one, is the original: it is not
    rewritten (LPF art. L102 B, CGI art. 289, V: authenticity and integrity of invoices kept).
    """

    view: DocumentView
    path: Path
    ledger_folder: Path | None = None
    syntax: str = ""
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """What became of a job; ``error`` is one French sentence, ``""`` when the file is there.

    ``unchanged``: the file was there already, the same to the byte, and was left untouched. ``original``: it was there,
    is not what the ledger gives today, and was left untouched because it is the one that was issued.
    """

    job: PrintJob
    error: str = ""
    unchanged: bool = False
    original: bool = False


def render_many(jobs: Iterable[PrintJob], workers: int = 1) -> Iterator[PrintOutcome]:
    """Print documents and yield each outcome as it comes, not always in order.

    Checks are the caller's (`checks.findings_of`): they come before any file is written. A worker that dies takes
    only its own documents with it; they are tried once more, one process each.
    """
    listed = list(jobs)
    if workers <= 1 or len(listed) < WORTH_A_POOL:
        yield from map(print_one, listed)
        return
    waiting = deque(listed)
    while waiting:
        suspects: list[PrintJob] = []
        yield from _drain(waiting, workers, suspects)
        yield from map(_print_alone, suspects)


def issued_pdf(view: DocumentView, *, ledger_folder: Path | None = None) -> bytes:
    """The PDF of a document as it is issued: a Factur-X for an invoice, a plain PDF for the others.

    Raises `RenderingError` (`ElectronicInvoiceError` when a rule of electronic invoices refuses it), and
    `MissingWordingError`.
    """
    part = electronic_part(view) if is_electronic(view) else None
    return render_pdf(view, ledger_folder=ledger_folder, electronic=part)


def _content(job: PrintJob) -> bytes:
    if job.syntax:
        return electronic_invoice(job.view, bare=True, syntax=job.syntax).xml
    return issued_pdf(job.view, ledger_folder=job.ledger_folder)


def print_one(job: PrintJob) -> PrintOutcome:
    """Print one document in this process. Never raises: a template may fail in any way."""
    try:
        content = _content(job)
        if _is_already(job.path, content):
            return PrintOutcome(job, unchanged=True)
        if job.sealed and job.path.exists():
            return PrintOutcome(job, original=True)
        write_atomically(job.path, content)
    except OSError as error:
        message = f"{job.view.name} : {job.path} n'a pas pu être écrit ({error.strerror})"
        return PrintOutcome(job, message)
    except Exception as error:  # noqa: BLE001 — one document must never stop the others
        return PrintOutcome(job, _sentence(job, error))
    return PrintOutcome(job)


def _is_already(path: Path, content: bytes) -> bool:
    """Whether a file holds this very content: writing it again would only change its date."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _sentence(job: PrintJob, error: Exception) -> str:
    text, number = str(error) or type(error).__name__, job.view.name
    return text if number in text else f"{number} : {text}"


def _drain(
    waiting: deque[PrintJob], workers: int, suspects: list[PrintJob]
) -> Iterator[PrintOutcome]:
    """Print until nothing waits; stop early, naming the suspects, when a worker dies."""
    running: dict[Future[PrintOutcome], PrintJob] = {}
    with printing_pool(workers) as pool:
        while waiting or running:
            try:
                while waiting and len(running) < workers * IN_FLIGHT_PER_WORKER:
                    future = pool.submit(print_one, waiting[0])
                    running[future] = waiting.popleft()
            except BrokenProcessPool:
                suspects.extend(running.values())
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                job = running.pop(future)
                if future.exception() is None:
                    yield future.result()
                else:
                    suspects.append(job)
            if suspects:
                suspects.extend(running.values())
                return


def _print_alone(job: PrintJob) -> PrintOutcome:
    """Print a document that may have killed its worker, in a process of its own."""
    with printing_pool(1) as pool:
        try:
            return pool.submit(print_one, job).result()
        except BrokenProcessPool:
            return PrintOutcome(job, f"{job.view.name} : l'impression s'est arrêtée brutalement")


def printing_pool(workers: int) -> ProcessPoolExecutor:
    """Processes that have WeasyPrint loaded; they tidy up behind themselves."""
    return ProcessPoolExecutor(workers, mp_context=_context(), initializer=_tidy_at_exit)


def _tidy_at_exit() -> None:
    """Let a worker remove its temporary fonts when it ends: a process of a pool runs no `atexit`."""
    Finalize(None, forget_renderers, exitpriority=1)


def _context() -> BaseContext:
    """Fork from a clean server that has WeasyPrint loaded, where the system can; start afresh elsewhere.

    A plain fork would copy a process that may be drawing a progress bar from another thread.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["acompta.invoices.pdf"])
    return context
