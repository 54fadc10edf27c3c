"""What the PDF of a document says as an electronic invoice, beside what the ledger says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from acompta import french
from acompta.fava.documents import DocumentView
from acompta.tables import Cell, Column, Kind, Table

# The official rules take seconds: they were run when the invoice was printed, and `controler-facturx` runs them again.
_LEFT_OUT: Final = frozenset({"regles"})
_DUE: Final = "BT-115"
_NUMBER: Final = "BT-1"


@dataclass(frozen=True, slots=True)
class Electronic:
    """The data inside a PDF: facts to read, or why there are none; ``findings`` are what to look at."""

    facts: tuple[tuple[str, str, str], ...]
    findings: Table
    why_not: str = ""


def read_electronic(path: Path, view: DocumentView) -> Electronic:
    """Read the electronic invoice inside the PDF of ``view``, and compare it with the ledger."""
    # The readers of PDF and XML are only needed here.
    from acompta.invoices.facturx.files import UnreadableFileError  # noqa: PLC0415
    from acompta.invoices.facturx.inspection import inspect  # noqa: PLC0415
    from acompta.invoices.facturx.inspection_report import inspection_report  # noqa: PLC0415

    try:
        found = inspect(path, official=False)
    except UnreadableFileError as error:
        return Electronic((), _findings(()), french.capitalised(str(error)))
    report = inspection_report(found)
    said = [(f.gravity, f.rule, f.text) for f in found.findings]
    said += _differences(found.content.number, found.content.totals.get(_DUE), view)
    facts = tuple(fact for fact in report.facts if fact[0] not in _LEFT_OUT)
    return Electronic(facts, _findings(said))


def _differences(
    number: str, due: Decimal | None, view: DocumentView
) -> Iterator[tuple[str, str, str]]:
    if number != view.number:
        yield "erreur", _NUMBER, f"le PDF porte le numéro « {number} », le journal {view.number}"
    # A credit note is positive in the file, negative in the ledger.
    if due is not None and abs(due) != abs(view.total):
        yield (
            "erreur",
            _DUE,
            f"le PDF demande {french.euros(due)}, le journal {french.euros(abs(view.total))} : ce n'est plus le même"
            " document",
        )


def _findings(rows: Iterable[tuple[str, str, str]]) -> Table:
    columns = (
        Column("gravite", "Gravité"),
        Column("regle", "Règle", Kind.CODE),
        Column("texte", "Ce qui ne va pas"),
    )
    listed: tuple[tuple[Cell, ...], ...] = tuple(rows)
    return Table("constats", "À regarder dans la facture électronique", columns, listed)
