"""Closing a period: what is written, as one act: the folder ``clotures/<period>/`` and the seal directive."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from acompta.closing import folder_books, folder_figures
from acompta.closing import folder_reports as reports
from acompta.closing.check import Check
from acompta.closing.closings import (
    CLOSING_DIRECTIVE,
    DESPITE,
    ON_CLOSING,
    ON_VALIDATION,
    closed_until,
    only_closings,
    only_validations,
)
from acompta.closing.paper import PaperDesk
from acompta.closing.period_view import PeriodView
from acompta.closing.periods import Period
from acompta.closing.seal import (
    ENTRIES_FILE,
    FOLDER,
    NO_HASH,
    VALIDATIONS,
    SealedEntry,
    Stamp,
    entries_file,
    period_hash,
    read_entries_file,
    sealable,
    sealed_entry,
)
from acompta.closing.vat_print import vat_pdf
from acompta.closing.vat_report import vat_report
from acompta.exports import to_xlsx
from acompta.french import short_day
from acompta.vocabulary import VALIDATION_DIRECTIVE

if TYPE_CHECKING:
    from acompta.acts import Act, Desk
    from acompta.loading import Loaded
    from acompta.tables import Report

_YEAR: Final = 4


class ClosingError(Exception):
    """The closing or the validation cannot be done; the message is one French sentence."""


@dataclass(frozen=True, slots=True)
class SealPlan:
    """A seal to write: ``count`` entries, the ledger line, and the new files by path from the ledger's folder."""

    name: str
    count: int
    directive: str
    files: dict[str, bytes]


def plan_closing(
    loaded: Loaded, view: PeriodView, checks: Iterable[Check], day: datetime.date, despite: str = ""
) -> SealPlan:
    """The closing of the period of ``view``, made on ``day``: its seal and its reports.

    ``despite`` is the reason that passes over the ✗.

    Raises:
        ClosingError: the period is already closed.
    """
    seal = plan_seal(loaded, view.period, day, despite)
    files = dict(seal.files)
    if len(view.period.name) == _YEAR:
        for name, content in fec_files(loaded, view.period, day).items():
            files[f"{FOLDER}/{view.period.name}/{name}"] = content
    for name, content in folder_files(loaded, view, checks, despite).items():
        files[f"{FOLDER}/{view.period.name}/{name}"] = content
    return replace(seal, files=files)


def plan_seal(loaded: Loaded, period: Period, day: datetime.date, despite: str = "") -> SealPlan:
    """The seal of ``period`` alone: the digests of its entries and the closing line.

    Raises:
        ClosingError: the period is already closed.
    """
    closings = only_closings(loaded.dossier.closings)
    after = closed_until(closings)
    known = any(closing.name == period.name for closing in closings)
    if known or (after is not None and after > period.end):
        until = f" (clôturé jusqu'au {short_day(after)})" if after is not None else ""
        raise ClosingError(f"{period.subject} est déjà clôturé{until}")
    folder = loaded.path.resolve().parent
    sealed = [sealed_entry(entry, folder) for entry in sealable(loaded.entries, period.end, after)]
    previous = closings[-1].hash if closings else NO_HASH
    stamp = Stamp(period.name, period.end, day, despite)
    mark = period_hash(stamp, previous, (one.digest for one in sealed))
    lines = [
        f'{period.end} custom "{CLOSING_DIRECTIVE}" "{period.name}" "{mark}"',
        f"  {ON_CLOSING}: {day}",
    ]
    if despite:
        lines.append(f'  {DESPITE}: "{_quoted(despite)}"')
    files = {f"{FOLDER}/{period.name}/{ENTRIES_FILE}": entries_file(sealed)}
    return SealPlan(period.name, len(sealed), "\n".join(lines) + "\n", files)


def _quoted(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')


def folder_files(
    loaded: Loaded, view: PeriodView, checks: Iterable[Check], despite: str = ""
) -> dict[str, bytes]:
    """Every report of a closing folder, as a spreadsheet and on paper, by file name."""
    title = loaded.title
    folder = loaded.path.resolve().parent
    books = view.books
    made: dict[str, Report] = {
        "balance-generale": folder_books.trial_balance(view, books, title),
        "grand-livre": folder_books.general_ledger(view, books, title),
        "journaux": folder_books.journals(view, books, title),
        "balances-agees": reports.aged(view, books, title),
        "acomptes-et-retenues": reports.deposits_and_retentions(view, title),
        "chiffres": folder_figures.figures(view, books, title),
        "controles": reports.checklist(view, checks, title, despite, home=folder),
    }
    if len(view.period.name) == _YEAR:
        made["resultat-et-a-nouveaux"] = folder_figures.next_opening(view, books, title)
    files: dict[str, bytes] = {}
    with PaperDesk(made.values(), folder) as desk:
        if len(view.period.name) != _YEAR:
            whole = view.vat_return if view.declares else view.vat
            files["tva-ca3.xlsx"] = to_xlsx(vat_report(whole, title))
            files["tva-ca3.pdf"] = vat_pdf(whole, title, folder=folder)
        files |= {f"{name}.xlsx": to_xlsx(report) for name, report in made.items()}
        files |= {f"{name}.pdf": desk.pdf(report) for name, report in made.items()}
    return files


def fec_files(loaded: Loaded, period: Period, day: datetime.date) -> dict[str, bytes]:
    """The FEC of a fiscal year with its description, by file name; what nothing has validated is, on ``day``.

    Raises:
        ClosingError: it cannot be made; every reason is said.
    """
    from importlib.metadata import version  # noqa: PLC0415 — once a year

    from acompta.closing.fec.description import description_text  # noqa: PLC0415
    from acompta.closing.fec.export import FecError, make_fec  # noqa: PLC0415
    from acompta.closing.fec.form import Charset  # noqa: PLC0415

    try:
        fec = make_fec(loaded, period, validated_on=day)
    except FecError as error:
        raise ClosingError(f"FEC impossible : {' ; '.join(error.reasons)}") from error
    text = description_text(fec, Charset.UTF8, f"Acompta {version('acompta')}")
    return {
        fec.name: fec.content(Charset.UTF8),
        f"{fec.name.removesuffix('.txt')}-descriptif.txt": text.encode(),
    }


def plan_validation(loaded: Loaded, until: datetime.date, day: datetime.date) -> SealPlan:
    """Make the entries up to ``until`` definitive (PCG art. 1031-3), on ``day``; the period stays open to others.

    Raises:
        ClosingError: the ledger has errors, or nothing is left to validate.
    """
    if loaded.errors:
        raise ClosingError(
            "le journal contient des erreurs : corrigez-les d'abord (« acompta verifier »)"
        )
    folder = loaded.path.resolve().parent
    validations = only_validations(loaded.dossier.closings)
    name = until.isoformat()
    if any(validation.date >= until for validation in validations):
        raise ClosingError(
            f"les écritures sont déjà validées jusqu'au {short_day(validations[-1].date)} ; une écriture ajoutée depuis"
            " se valide avec une date --au plus tardive"
        )
    known = Counter(
        entry.digest
        for validation in validations
        for entry in read_entries_file(validation.file(folder)) or ()
    )
    entries = sealable(loaded.entries, until, closed_until(loaded.dossier.closings))
    sealed = list(_not_known((sealed_entry(entry, folder) for entry in entries), known))
    if not sealed:
        raise ClosingError(f"aucune écriture à valider jusqu'au {short_day(until)}")
    previous = validations[-1].hash if validations else NO_HASH
    mark = period_hash(Stamp(name, until, day), previous, (one.digest for one in sealed))
    directive = (
        f'{until} custom "{VALIDATION_DIRECTIVE}" "{name}" "{mark}"\n  {ON_VALIDATION}: {day}\n'
    )
    return SealPlan(
        name, len(sealed), directive, {f"{VALIDATIONS}/{name}.tsv": entries_file(sealed)}
    )


def _not_known(entries: Iterable[SealedEntry], known: Counter[str]) -> Iterator[SealedEntry]:
    """Those that no validation holds; two that say the same are two entries."""
    left = known.copy()
    for entry in entries:
        if left[entry.digest]:
            left[entry.digest] -= 1
        else:
            yield entry


def prepare_act(desk: Desk, plan: SealPlan, what: str) -> Act:
    """The act that writes a seal: its files, then its line at the end of the main file."""
    act = desk.act(what)
    for name, content in plan.files.items():
        act.create(desk.folder / name, content)
    act.append(desk.path, "\n" + plan.directive)
    return act
