"""The five roots: what the main file names them, what each included file must repeat.

Beancount options hold for one file: an included file that does not repeat ``name_assets`` "Actif" refuses every
account that begins with ``Actif``.
"""

from __future__ import annotations

import re
from typing import Final

from acompta.lint.accounts import Roots, fix_account
from acompta.lint.finding import ERROR, NO_ROOTS, Problem

DEFAULT_ROOTS: Final = Roots()
_FIELDS: Final = Roots._fields
_DECLARED: Final = re.compile(
    r'^option[ \t]+"name_(assets|liabilities|equity|income|expenses)"[ \t]+"([^"\n]*)"',
    re.MULTILINE,
)
FRENCH_ROOTS: Final = Roots("Actif", "Passif", "Capitaux", "Produits", "Charges")


def declared_roots(text: str) -> Roots:
    """The roots that the options of ``text`` give, Beancount's own where it says nothing."""
    return DEFAULT_ROOTS._replace(**{found[1]: found[2] for found in _DECLARED.finditer(text)})


def option_line(field: str, name: str) -> str:
    """The line to type for one root: ``option "name_assets" "Actif"``."""
    return f'option "name_{field}" "{name}"'


class RootTracker:
    """Which roots are good at each point of one file, and which of the main file's it forgot to repeat."""

    def __init__(self, text: str, wanted: Roots | None, *, file_name: str) -> None:
        """Follow ``text``; ``wanted`` are the main file's roots, ``None`` when ``text`` is the main file."""
        self.declared = declared_roots(text)
        self.wanted = wanted if wanted is not None else self.declared
        self.included = wanted is not None
        self._expected = _expected_roots(self.wanted, self.declared)
        self.file_name = file_name
        self._now = DEFAULT_ROOTS
        self._forgiven: set[str] = set()
        self._missing: dict[str, tuple[int, str]] = {}

    @property
    def good(self) -> frozenset[str]:
        """Names that pass at this point: declared so far, or already reported."""
        return frozenset(self._now) | self._forgiven

    def forgive(self, names: set[str]) -> None:
        """Take ``names`` for good roots, whatever the options say."""
        self._forgiven |= names

    def option(self, field: str, name: str) -> Problem | None:
        """Take an option line into account; a problem when it contradicts the main file."""
        if field not in _FIELDS:
            return None
        self._now = self._now._replace(**{field: name})
        main = getattr(self.wanted, field)
        if not self.included or main == name:
            return None
        line = option_line(field, main)
        if main == getattr(DEFAULT_ROOTS, field):
            message = (
                f"« {name} » n'est pas la racine du fichier principal, qui n'a pas cette option ; "
                f"tapez dans le fichier principal « {option_line(field, name)} »"
            )
        else:
            message = f"« {name} » n'est pas la racine du fichier principal, qui dit « {main} » ; tapez « {line} »"
        return Problem(f"name_{field}", message)

    def see(self, account: str, line: int) -> Problem | None:
        """Check the root of a well-formed account met at ``line``."""
        root = account.partition(":")[0]
        if root in self._now or root in self._forgiven:
            return None
        if root in self._expected:
            self._forgiven.add(root)
            self._missing[root] = (line, account)
            return None
        wanted, names = fix_account(account, self.wanted), ", ".join(self.wanted)
        message = (
            f"compte « {account} » : la racine « {root} » n'existe pas (racines de ce dossier : {names}) ; "
            f"tapez « {wanted} »"
        )
        return Problem(account, message)

    def missing(self) -> tuple[int, Problem] | None:
        """The options that this file should have given before its first account, and the line of that account."""
        if not self._missing:
            return None
        line, account = min(self._missing.values())
        late = [root for root in self._missing if root in self.declared]
        absent = [root for root in self._missing if root not in self.declared]
        parts = []
        if absent:
            parts.append(
                f"{self._why_absent()} ; tapez en haut de {self.file_name} :\n{self._lines(absent)}"
            )
        if late:
            why = "ces options viennent après le premier compte"
            parts.append(f"{why} ; placez-les en haut de {self.file_name} :\n{self._lines(late)}")
        said = f"compte « {account} » : " + "\n".join(parts)
        return line, Problem(account, said, ERROR, NO_ROOTS)

    def _why_absent(self) -> str:
        if self.included and self.wanted != DEFAULT_ROOTS:
            return "ce fichier ne répète pas les racines du fichier principal (chaque fichier inclus doit le faire)"
        return "les racines françaises ne sont pas déclarées"

    def _lines(self, roots: list[str]) -> str:
        return "\n".join(
            option_line(self._expected[root], root) for root in sorted(roots, key=self._rank)
        )

    def _rank(self, root: str) -> int:
        return _FIELDS.index(self._expected[root])


def _expected_roots(wanted: Roots, declared: Roots) -> dict[str, str]:
    """The roots that an option line would make good, with their field.

    They are the main file's, this file's, and the French words.
    """
    expected = {}
    for field, main, here in zip(_FIELDS, wanted, declared, strict=True):
        # French words are expected only where nobody chose another name.
        chosen = main if main != getattr(DEFAULT_ROOTS, field) else here
        free = chosen == getattr(DEFAULT_ROOTS, field)
        expected[getattr(FRENCH_ROOTS, field) if free else chosen] = field
        expected[here] = field
    return expected
