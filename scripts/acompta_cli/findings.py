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
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from acompta.acts.journal import pending
from acompta.alerts import legal_alerts
from acompta.dossier import dossier_of
from acompta.french import euros
from acompta.invoices.checks import findings_of
from acompta.invoices.from_dossier import UnprintableError, Views, printable_documents
from acompta.lint import Finding, explain, explain_beancount, lint_ledger
from acompta.lint.finding import ERROR, NOTICE, Severity
from acompta.loading import PLUGIN_LINE, LedgerError, load_raw
from acompta.messages import AcomptaError, Notice
from acompta.receivables import Book, place_of, read_book, reconcile

TEXT: Final = "texte"
BEANCOUNT: Final = "beancount"
ENGINE: Final = "acompta"
MENTIONS: Final = "mentions"

_KEY_ERROR: Final = re.compile(r"clé (?:inconnue )?« ([\w-]+):? ?»")
_INVALID_ACCOUNT: Final = re.compile(r"Invalid account name: ([^:]+):")
_ACCOUNT_ERROR: Final = re.compile(r"'((?:[^\W\d_][\w-]*)(?::[\w-]+)+)'")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to say: where (``line`` from 1, 0 when nowhere), how serious, and the French message.

    ``token`` is what was read, to point at; ``original`` is Beancount's message behind a French one.
    """

    path: str
    line: int
    severity: Severity
    source: str
    message: str
    token: str = ""
    code: str = ""
    original: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it is a mistake (else a notice)."""
        return self.severity == ERROR


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
    items += _beancount_items(errors, items, main)
    items += _engine_items(errors, items)
    if dossier is None:
        items += _plugin_missing(items, main)
        documents = 0
    else:
        documents = len(dossier.documents)
        items += _notice_items([*dossier.notices, *legal_alerts(dossier, entries, at)])
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


@lru_cache(maxsize=256)
def lines_of(path: str) -> tuple[str, ...]:
    """The lines of a file, none when it cannot be read."""
    try:
        return tuple(Path(path).read_text(encoding="utf-8", errors="replace").splitlines())
    except OSError:
        return ()


def line_at(path: str, line: int) -> str:
    """The text of a line, from 1; ``""`` when there is none."""
    lines = lines_of(path)
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _block(path: str, line: int) -> range:
    """The lines of the entry that begins at ``line``: the indented ones that follow it."""
    lines = lines_of(path)
    end = line
    while end < len(lines) and lines[end][:1] in {" ", "\t"} and lines[end].strip():
        end += 1
    return range(line, end + 1)


def _text_item(finding: Finding) -> Item:
    return Item(
        str(finding.path), finding.line, finding.severity, TEXT, finding.message, finding.token
    )


def _interrupted(main: Path) -> list[Item]:
    """An act that a crash cut short: until it is resolved, some files may be new and others old."""
    if not pending(main.resolve().parent):
        return []
    message = (
        "une commande qui écrit a été interrompue dans ce dossier : des fichiers y sont peut-être à jour et d'autres"
        " non ; relancez-la (ou « acompta emettre ») : elle sera terminée ou annulée avant toute chose"
    )
    return [Item(str(main.resolve()), 0, ERROR, ENGINE, message)]


# -- Beancount's errors ---------------------------------------------------------------------------------------


def _where(source: dict[str, Any] | None, main: Path) -> tuple[str, int]:
    """File and line of an error; the main file, line 0, for what has no place of its own."""
    path = str((source or {}).get("filename") or "")
    line = int((source or {}).get("lineno") or 0)
    return (path, line) if path and not path.startswith("<") else (str(main.resolve()), 0)


def _beancount_items(errors: Iterable[Any], known: list[Item], main: Path) -> list[Item]:
    """Beancount's errors, but those on a line where the text already said what is wrong."""
    at_fault = {(item.path, item.line) for item in known if item.is_error}
    items = []
    for error in errors:
        if isinstance(error, AcomptaError):
            continue
        path, line = _where(error.source, main)
        message = str(error.message).strip()
        if (path, line) in at_fault or _is_missing_root(message, path, known):
            continue
        said = explain(message, line_at(path, line)) or explain_beancount(message)
        account = _ACCOUNT_ERROR.search(message)
        token = account.group(1) if account else ""
        found = _line_with(path, line, token) if token else line
        items.append(
            Item(
                path,
                found,
                ERROR,
                BEANCOUNT,
                said or f"Beancount : {message}",
                token,
                original=message if said else "",
            )
        )
    return items


def _is_missing_root(message: str, path: str, known: list[Item]) -> bool:
    """Whether the text was already told, once for the file, to repeat the root that this account begins with."""
    found = _INVALID_ACCOUNT.match(message)
    option = f'"{found.group(1)}"' if found else ""
    return bool(option) and any(
        item.path == path and 'option "name_' in item.message and option in item.message
        for item in known
    )


def _line_with(path: str, line: int, text: str) -> int:
    """The line of the entry at ``line`` that holds ``text``, else ``line`` itself."""
    return next((n for n in _block(path, line) if text in line_at(path, n)), line)


# -- the engine's errors and notices --------------------------------------------------------------------------


def _engine_items(errors: Iterable[Any], known: list[Item]) -> list[Item]:
    """The engine's errors, pointed at the line of the key they name, but those that the text already explains."""
    tokens = {(item.path, item.line, item.token) for item in known if item.is_error}
    items = []
    for error in errors:
        if not isinstance(error, AcomptaError):
            continue
        path, line = str(error.source.get("filename", "")), int(error.source.get("lineno", 0))
        item = Item(path, line, ERROR, ENGINE, error.message)
        key = _KEY_ERROR.match(error.message)
        if key:
            item = _at_key(item, key.group(1))
        if (item.path, item.line, item.token) not in tokens:
            items.append(item)
    return items


def _at_key(item: Item, key: str) -> Item:
    typed = re.compile(rf"\s+{re.escape(key)}\s*:")
    for line in _block(item.path, item.line):
        if typed.match(line_at(item.path, line)):
            return replace(item, line=line, token=key)
    return item


def _notice_items(notices: Iterable[Notice]) -> list[Item]:
    return [
        Item(notice.path, notice.line, NOTICE, ENGINE, notice.message, notice.account, notice.code)
        for notice in notices
    ]


def _plugin_missing(known: list[Item], main: Path) -> list[Item]:
    if any("plugin" in item.message for item in known if item.is_error):
        return []
    message = f"le plugin acompta n'a pas tourné : rien n'est calculé ; tapez {PLUGIN_LINE} dans ce fichier"
    return [Item(str(main.resolve()), 0, ERROR, ENGINE, message)]


def _proof_items(book: Book, entries: list[Any], main: Path) -> list[Item]:
    """The aged balance must be the ledger's: a difference is a fault of ours, never hidden."""
    proof = reconcile(book, entries, datetime.date.max)
    if not proof.difference:
        return []
    message = (
        f"contrôle : la balance âgée s'écarte de {euros(proof.difference)} des comptes 411, 4117, 413 et 416 ;"
        " si les autres erreurs corrigées il en reste, signalez-nous ce dossier"
    )
    return [Item(str(main.resolve()), 0, ERROR, ENGINE, message)]


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
            path, line = (place.path, place.line) if place is not None else place_of(document.entry)
            if finding.key not in {mistyped.get((path, n)) for n in _block(path, line)}:
                found[Item(path, line, NOTICE, MENTIONS, finding.message, code=finding.key)] = None
    return list(found)
