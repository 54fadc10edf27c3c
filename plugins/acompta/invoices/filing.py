"""``plugin "acompta.invoices.filing"``: the PDFs printed beside the ledger are filed under their customers.

`acompta imprimer` and `acompta emettre` put them in ``factures/`` and ``devis/`` beside the top file; each becomes a
``document`` directive at its document's date, linked by its number, so that Fava opens it. Nothing to type, nothing to
keep up to date, and no error for a PDF that is not printed yet. Before (``factures/F2026-001.pdf`` being there)::

    2026-01-31 * "SCI Dupont" "Conseil de janvier" #facture
      numero: "F2026-001"
      ...

After, besides::

    2026-01-31 document Actif:411:Dupont "factures/F2026-001.pdf" ^F2026-001
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from beancount.core.data import EMPTY_SET, Directive
from beancount.core.data import Document as DocumentDirective

from acompta.dossier import Dossier, dossier_of
from acompta.invoices.naming import FOLDERS, file_name, folder_of, number_of
from acompta.messages import AcomptaError
from acompta.vocabulary import UNNUMBERED, Kind

__plugins__ = ("file_pdfs",)
PLUGIN: Final = "acompta.invoices.filing"

_NEVER_PRINTED: Final = UNNUMBERED - {Kind.QUOTE}


def file_pdfs(
    entries: list[Directive], options_map: dict[str, Any], _config: str | None = None
) -> tuple[list[Directive], list[AcomptaError]]:
    """Add a directive for each PDF of ours that no directive leads to yet."""
    dossier = dossier_of(options_map)
    if dossier is None:
        return entries, []
    added = filed_documents(entries, Path(options_map["filename"]).parent, dossier)
    return (entries + added if added else entries), []


def filed_documents(
    entries: Iterable[Directive], ledger_folder: Path, dossier: Dossier
) -> list[Directive]:
    """The directives to add to ``entries`` for the PDFs printed in ``ledger_folder``."""
    printed = {folder: _names_in(ledger_folder / folder) for folder in FOLDERS}
    if not any(printed.values()):
        return []
    known = {entry.filename for entry in entries if isinstance(entry, DocumentDirective)}
    added: list[Directive] = []
    for document in dossier.documents:
        number = number_of(document)
        if not document.issued or not number or document.kind in _NEVER_PRINTED:
            continue
        folder, name = folder_of(document.kind), file_name(number)
        path = os.path.normpath(ledger_folder.absolute() / folder / name)
        if name in printed[folder] and path not in known:
            known.add(path)
            # The line of the document it prints: that is where a person goes from it.
            meta = {key: document.meta[key] for key in ("filename", "lineno")}
            links = frozenset({number})
            added.append(
                DocumentDirective(meta, document.date, document.customer, path, EMPTY_SET, links)
            )
    return added


def _names_in(folder: Path) -> frozenset[str]:
    """Names of the PDFs of a folder; none when it is not there."""
    try:
        with os.scandir(folder) as found:
            return frozenset(item.name for item in found if item.name.endswith(".pdf"))
    except OSError:
        return frozenset()
