"""A plan as one act: the text of each draft, its PDF, the directive that files it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from beancount.core.data import Document as DocumentDirective

from acompta.acts import Act, Desk
from acompta.acts.text import written
from acompta.invoices.filing import PLUGIN
from acompta.invoices.from_dossier import destination
from acompta.issuing.plan import BlockedError, Issue, Plan


def prepare_act(desk: Desk, plan: Plan, pdfs: Mapping[str, bytes]) -> Act:
    """The act that issues the documents of ``plan``; ``pdfs`` are their PDFs by name.

    The PDF is filed by a ``document`` directive at the end of the draft's file, unless the ledger files its PDFs
    itself (``plugin "acompta.invoices.filing"``).

    Raises:
        ActError: a text cannot be changed as asked.
        BlockedError: a document commented out bears one of the numbers.
    """
    _check_comments(desk, plan)
    act = desk.act(f"émission de {', '.join(issue.name for issue in plan.issues)}")
    filed = any(name == PLUGIN for name, _ in plan.loaded.options.get("plugin", ()))
    directives: dict[Path, list[str]] = {}
    for issue in plan.issues:
        act.transaction(issue.draft, flag="*", date=plan.date, meta=issue.meta)
        path = destination(issue.view, plan.loaded.path.parent)
        if issue.name in pdfs:
            act.create(path, pdfs[issue.name])
        if not filed and not _leads_to(plan, path):
            source = Path(issue.draft.meta["filename"])
            directives.setdefault(source, []).append(_directive(issue, path, source))
    for source, lines in directives.items():
        act.append(source, "\n".join(lines))
    return act


def _check_comments(desk: Desk, plan: Plan) -> None:
    """A document that somebody commented out was issued all the same: its number is used."""
    numbers = "|".join(re.escape(issue.name) for issue in plan.issues if "numero" in issue.meta)
    if not numbers:
        return
    commented = re.compile(rf'^[ \t]*;.*numero:[ \t]*"({numbers})"'.encode(), re.MULTILINE)
    for path, content in desk.files().items():
        found = commented.search(content)
        if found is not None:
            line = content.count(b"\n", 0, found.start()) + 1
            raise BlockedError(
                f"« {path} », ligne {line} : un document mis en commentaire porte le numéro {found[1].decode()} ; un"
                " document émis ne s'efface pas : retirez les « ; » et annulez-le par un avoir, ou retirez son numéro"
                " s'il n'a jamais été envoyé"
            )


def _leads_to(plan: Plan, path: Path) -> bool:
    """Whether a directive that somebody typed leads to that file already."""
    wanted = os.path.normpath(path.absolute())
    return any(
        isinstance(entry, DocumentDirective) and entry.filename == wanted
        for entry in plan.loaded.entries
    )


def _directive(issue: Issue, path: Path, source: Path) -> str:
    document = issue.document
    name = Path(os.path.relpath(path.resolve(), source.resolve().parent)).as_posix()
    return f"{document.date} document {document.customer} {written(name)} ^{issue.name}"
