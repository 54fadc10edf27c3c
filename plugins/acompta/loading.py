"""Load a ledger for a command: never from a cache, fast, and refused when the plugin did not run.

Beancount's cache of parsed ledgers does not notice that a plugin has changed, so it is not used.
"""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from beancount import loader
from beancount.core.data import BeancountError, Directive

from acompta import collector
from acompta.balancing import quick_balances
from acompta.booking import quick_booking
from acompta.dossier import Dossier, dossier_of
from acompta.receivables import Book, read_book

MAIN_NAMES: Final = ("main.beancount", "dossier.beancount")
PLUGIN_LINE: Final = 'plugin "acompta"'
_INCLUDE: Final = re.compile(r'^include\s+"(?:\./)?([^"]+)"', re.MULTILINE)
_REASONS: Final = {
    errno.EACCES: "vous n'en avez pas le droit",
    errno.EPERM: "vous n'en avez pas le droit",
    errno.EISDIR: "c'est un dossier, ou le journal inclut un dossier",
    errno.ENOENT: "le fichier n'existe pas",
    errno.ENOTDIR: "ce chemin passe par un fichier qui n'est pas un dossier",
    errno.EEXIST: "un fichier occupe la place d'un dossier de ce chemin",
    errno.ENOSPC: "le disque est plein",
    errno.EROFS: "le disque est en lecture seule",
    errno.EDQUOT: "votre quota de disque est atteint",
    errno.EIO: "le disque ne répond pas",
}


class LedgerError(Exception):
    """A ledger that no command can use; the message is one French sentence."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded ledger: entries in Beancount's order, all errors (Beancount's and the plugin's), options, dossier."""

    path: Path
    entries: list[Directive]
    errors: list[BeancountError]
    options: dict[str, Any] = field(repr=False)
    dossier: Dossier = field(repr=False)

    @property
    def title(self) -> str:
        """``option "title"``, else the name of the file."""
        title = self.options.get("title")
        return title if isinstance(title, str) and title != "Beancount" else self.path.name

    def book(self) -> Book:
        """What is owed, for any date."""
        return read_book(self.dossier, self.entries)


def reason_of(error: OSError) -> str:
    """Why a file cannot be read or written, in French."""
    return _REASONS.get(error.errno or 0) or error.strerror or "raison inconnue"


def ledger_path(path: Path) -> Path:
    """The main file of a ledger: ``path``, or ``main.beancount`` in the folder ``path``.

    Raises:
        LedgerError: nothing there, a folder without a main file, or a file that the main one includes.
    """
    if path.is_dir():
        for name in MAIN_NAMES:
            if (path / name).is_file():
                return path / name
        raise LedgerError(
            f"le dossier « {path} » ne contient pas de {MAIN_NAMES[0]} : tapez le nom du fichier principal"
        )
    if not path.is_file():
        raise LedgerError(f"fichier introuvable : « {path} » ; vérifiez son nom et son dossier")
    for main in (path.with_name(name) for name in MAIN_NAMES):
        if path.name != main.name and _includes(main, path.name):
            raise LedgerError(
                f"« {path} » est un fichier inclus ; donnez le fichier principal, « {main} », ou son dossier"
            )
    return path


def load_raw(path: Path) -> tuple[list[Directive], list[BeancountError], dict[str, Any]]:
    """Entries, errors and options of a ledger, as Beancount gives them.

    Raises:
        LedgerError: the file cannot be read.
    """
    loader.initialize(use_cache=False)
    try:
        with path.open("rb"):
            pass
        with collector.paused(), quick_booking(), quick_balances():
            entries, errors, options = loader.load_file(str(path))
    except OSError as error:
        raise LedgerError(f"« {path} » ne peut pas être lu : {reason_of(error)}") from error
    except ArithmeticError as error:
        # Beancount's booking and validations let it pass: one figure of too many digits, and nothing is read at all.
        raise LedgerError(
            f"« {path} » ne peut pas être calculé : un nombre y a trop de chiffres ; tapez « acompta verifier {path} »,"
            " qui dit à quelle ligne"
        ) from error
    except ValueError as error:
        raise LedgerError(
            f"Beancount s'arrête sur « {path} » ({error}) : vérifiez ses lignes « plugin » et « option », et supprimez"
            " celle qui est vide"
        ) from error
    return entries, errors, options


def load_ledger(path: Path) -> Loaded:
    """Load the ledger ``path`` (a file, or a folder with ``main.beancount``).

    Raises:
        LedgerError: the file cannot be read, or the plugin did not run: no figure could be trusted.
    """
    path = ledger_path(path)
    entries, errors, options = load_raw(path)
    dossier = dossier_of(options)
    if dossier is None:
        raise LedgerError(_not_run(path, errors))
    return Loaded(path, entries, errors, options, dossier)


def _not_run(path: Path, errors: list[BeancountError]) -> str:
    stopped = [error for error in errors if "plugin" in error.message or "acompta" in error.message]
    if stopped:
        return (
            f"le plugin acompta n'a pas tourné sur « {path} » : {_first_line(stopped[0].message)}"
        )
    return (
        f"le plugin acompta n'a pas tourné sur « {path} » : tapez la ligne {PLUGIN_LINE} dans ce fichier"
        " (le fichier principal : dans un fichier inclus, Beancount l'ignore)"
    )


def _includes(main: Path, name: str) -> bool:
    """Whether the main file of the same folder includes ``name``."""
    try:
        text = main.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(fnmatch(name, pattern) for pattern in _INCLUDE.findall(text))


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0] if message.strip() else "arrêt sans message"
