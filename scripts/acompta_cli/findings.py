"""All that there is to say about a ledger, from every source, once each: what ``acompta verifier`` shows.

The text (`acompta.lint`), Beancount's own errors with their French explanation, the engine's errors and notices, and
the mentions that an invoice could not be printed without. The same mistake seen twice is said once, by whoever says
best what to type.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from acompta.acts.journal import pending
from acompta.alerts import legal_alerts
from acompta.closing.closings import erased
from acompta.dossier import Dossier, dossier_of
from acompta.french import euros
from acompta.invoices.checks import findings_of
from acompta.invoices.from_dossier import UnprintableError, Views, printable_documents
from acompta.lint import Finding, lint_ledger
from acompta.lint.finding import ERROR, NO_PLUGIN, NOTICE
from acompta.loading import PLUGIN_LINE, LedgerError, load_raw
from acompta.messages import AcomptaError, Code, Notice
from acompta.receivables import Book, place_of, read_book, reconcile
from acompta.slips import UNBALANCED, slips
from acompta_cli.beancount_items import beancount_items
from acompta_cli.item import ENGINE, MENTIONS, TEXT, Item, block, line_at, lines_of
from acompta_cli.spoiled import Spoiled, spoiled_by


@dataclass(frozen=True, slots=True)
class Verdict:
    """All items in order, and what was read."""

    main: Path
    items: tuple[Item, ...]
    files: tuple[str, ...]
    documents: int

    @property
    def errors(self) -> int:
        """How many mistakes."""
        return sum(1 for item in self.items if item.is_error)

    @property
    def notices(self) -> int:
        """How many notices."""
        return len(self.items) - self.errors

    @property
    def exit_code(self) -> int:
        """0 nothing to say, 1 only notices, 2 errors."""
        return 2 if self.errors else min(1, self.notices)


def verify(main: Path, at: datetime.date) -> Verdict:
    """Everything there is to say about the ledger ``main``; legal delays are those of the day ``at``.

    Raises:
        LedgerError: the file cannot be read.
    """
    lines_of.cache_clear()
    items = [_text_item(finding) for finding in lint_ledger(main)]
    try:
        entries, errors, options = load_raw(main)
    except LedgerError:
        if any(item.is_error for item in items):
            # The text says why Beancount cannot even read it.
            return Verdict(main, tuple(items), _files({}, main), 0)
        raise
    dossier = dossier_of(options)
    items += _interrupted(main)
    items += _erased_closings(main, dossier)
    if dossier is None:
        items += _plugin_missing(items, main)
    items += beancount_items(errors, items, main, entries, ran=dossier is not None)
    items += _engine_items(errors, items, spoiled_by(items))
    documents = 0
    if dossier is not None:
        documents = len(dossier.documents) + len(dossier.purchases)
        said = [*dossier.notices, *legal_alerts(dossier, entries, at), *slips(dossier, entries, at)]
        items += _notice_items(_not_said(said, items))
        book = read_book(dossier, entries)
        items += _mention_items(book, entries, main, items)
        items += _proof_items(book, entries, main)
    files = _files(options, main)
    return Verdict(main, tuple(_in_order(items, files)), files, documents)


def _files(options: dict[str, Any], main: Path) -> tuple[str, ...]:
    first = str(main.resolve())
    included = [str(path) for path in options.get("include", ())]
    return tuple(dict.fromkeys([first, *included]))


def _in_order(items: Iterable[Item], files: Sequence[str]) -> list[Item]:
    """The main file first, the others by name, then by line, errors first; each said once."""
    rank = {path: position for position, path in enumerate(files)}
    unique = dict.fromkeys(items)
    return sorted(
        unique,
        key=lambda item: (rank.get(item.path, len(rank)), item.path, item.line, item.severity),
    )


# -- the text -------------------------------------------------------------------------------------------------


def _text_item(finding: Finding) -> Item:
    return Item(
        str(finding.path),
        finding.line,
        finding.severity,
        TEXT,
        finding.message,
        finding.token,
        finding.code,
    )


def _erased_closings(main: Path, dossier: Dossier | None) -> list[Item]:
    """A period whose line was taken away would be open again, and the next closing would seal what was changed."""
    if dossier is None:
        return []
    return [
        Item(
            str(main.resolve()),
            0,
            ERROR,
            ENGINE,
            f"« {name} » garde les écritures d'une clôture ou d'une validation dont la ligne custom n'est plus dans le"
            " journal : rétablissez cette ligne depuis votre sauvegarde",
            "",
            "cloture-effacee",
        )
        for name in erased(dossier.closings, main.resolve().parent)
    ]


def _interrupted(main: Path) -> list[Item]:
    """An act that a crash cut short: until it is resolved, some files may be new and others old."""
    if not pending(main.resolve().parent):
        return []
    message = (
        "une commande qui écrit a été interrompue dans ce dossier : des fichiers y sont peut-être à jour et d'autres"
        " non ; relancez-la (ou « acompta emettre ») : elle sera terminée ou annulée avant toute chose"
    )
    return [Item(str(main.resolve()), 0, ERROR, ENGINE, message, code="commande-interrompue")]


# -- the engine's errors and notices --------------------------------------------------------------------------


def _engine_items(errors: Iterable[Any], known: list[Item], spoiled: Spoiled) -> list[Item]:
    """The engine's errors, pointed at the line of the key they name, but those that the text already explains.

    A document that the text spoils is not unknown: who names it is told where it is to be corrected.
    """
    tokens = {(item.path, item.line, item.token) for item in known if item.is_error}
    items = []
    for error in errors:
        if not isinstance(error, AcomptaError) or _already_unknown(error, known):
            continue
        if spoiled.explains(error):
            continue
        path, line = str(error.source.get("filename", "")), int(error.source.get("lineno", 0))
        said = spoiled.retold(error)
        token = "" if error.code is Code.KEY else error.about
        item = _at_key(Item(path, line, ERROR, ENGINE, said, token, error.code), error.about)
        if (item.path, item.line, item.token) not in tokens:
            items.append(item)
    return items


def _already_unknown(error: AcomptaError, known: list[Item]) -> bool:
    """Whether Beancount says of the same account that nothing opens it."""
    return error.code is Code.UNKNOWN_ACCOUNT and any(item.token == error.about for item in known)


def _at_key(item: Item, key: str) -> Item:
    """The item at the line of its entry that has that key, when there is one."""
    typed = re.compile(rf"\s+{re.escape(key)}\s*:")
    for line in block(item.path, item.line) if key else ():
        if typed.match(line_at(item.path, line)):
            return replace(item, line=line, token=key)
    return item


def _not_said(notices: Iterable[Notice], known: Iterable[Item]) -> list[Notice]:
    """Without the gaps that Beancount refuses by itself: its error is at the same line."""
    errors = {(item.path, item.line) for item in known if item.is_error}
    return [one for one in notices if one.code != UNBALANCED or (one.path, one.line) not in errors]


def _notice_items(notices: Iterable[Notice]) -> list[Item]:
    return [
        _at_key(Item(n.path, n.line, NOTICE, ENGINE, n.message, n.account, n.code), n.about)
        for n in notices
    ]


def _plugin_missing(known: list[Item], main: Path) -> list[Item]:
    if any(item.code == NO_PLUGIN for item in known):
        return []
    message = f"le plugin acompta n'a pas tourné : rien n'est calculé ; tapez {PLUGIN_LINE} dans ce fichier"
    return [Item(str(main.resolve()), 0, ERROR, ENGINE, message, code=NO_PLUGIN)]


def _proof_items(book: Book, entries: list[Any], main: Path) -> list[Item]:
    """The aged balance must be the ledger's: a difference is a fault of ours, never hidden."""
    proof = reconcile(book, entries, datetime.date.max)
    if not proof.difference:
        return []
    message = (
        f"contrôle : la balance âgée s'écarte de {euros(proof.difference)} des comptes 411, 4117, 413 et 416 ;"
        " si les autres erreurs corrigées il en reste, signalez-nous ce dossier"
    )
    return [Item(str(main.resolve()), 0, ERROR, ENGINE, message, code="balance-inegale")]


# -- mentions -------------------------------------------------------------------------------------------------


def _mention_items(book: Book, entries: list[Any], main: Path, known: list[Item]) -> list[Item]:
    """What would keep a document from being printed: a notice here, an error when printing or issuing.

    What is missing from a party is said once, at its line, not once per invoice; a key that is there but mistyped has
    its error already.
    """
    mistyped = {(item.path, item.line): item.token for item in known if item.is_error}
    views = Views(book, entries, main.parent)
    found: dict[Item, None] = {}
    for document in printable_documents(book.dossier):
        try:
            view = views.view(document)
        except UnprintableError:
            continue  # in error, or typed complete: said elsewhere, if there is anything to say
        for finding in findings_of(view):
            place = finding.place
            if place is not None and not place.path:
                continue  # its account is opened nowhere: that is said
            path, line = (place.path, place.line) if place is not None else place_of(document.entry)
            if finding.key not in {mistyped.get((path, n)) for n in block(path, line)}:
                found[Item(path, line, NOTICE, MENTIONS, finding.message, code=finding.key)] = None
    return list(found)
