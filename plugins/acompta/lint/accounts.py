"""Account names: what Beancount refuses in them, or accepts and should not.

Beancount's lexer takes any non-ASCII character for a letter, so an account with a no-break space, a curved apostrophe
or a decomposed accent is silently another account than the one it looks like.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection
from typing import Final, NamedTuple

from acompta.lint.finding import ERROR, NOTICE, Problem, Severity
from acompta.lint.spelling import as_name, fold


class Roots(NamedTuple):
    """Names of the five roots, as the options ``name_assets``… of the main file give them."""

    assets: str = "Assets"
    liabilities: str = "Liabilities"
    equity: str = "Equity"
    income: str = "Income"
    expenses: str = "Expenses"


# The root of a French account, by the longest prefix of its number (plan comptable général, classes 1 to 7).
_ROOT_BY_PREFIX: Final[dict[str, str]] = {
    "1": "equity", "15": "liabilities", "16": "liabilities", "17": "liabilities",
    "2": "assets", "3": "assets",
    "40": "liabilities", "409": "assets", "41": "assets", "419": "liabilities",
    "42": "liabilities", "43": "liabilities", "44": "liabilities", "4456": "assets", "44564": "assets",
    "45": "liabilities", "46": "liabilities", "47": "assets", "48": "assets", "487": "liabilities", "49": "assets",
    "5": "assets", "519": "liabilities", "6": "expenses", "7": "income",
}  # fmt: skip

_LETTERS: Final = r"[A-Z0-9À-ÖØ-ÞŒŸ][A-Za-z0-9À-ÖØ-öø-ÿŒœŸ-]*"
ACCOUNT_PATTERN: Final = rf"(?::{_LETTERS})+"
_GOOD_ACCOUNT: Final = re.compile(
    rf"([A-ZÀ-ÖØ-ÞŒŸ][A-Za-z0-9À-ÖØ-öø-ÿŒœŸ-]*){ACCOUNT_PATTERN}(?![\w:])"
)
_SPACED_COLON: Final = re.compile(r"[ \t]*:[ \t]*")
_HEAD: Final = re.compile(r"([^\W\d_][\w-]*)[ \t]*:")
_COLON_LATER: Final = re.compile(r"[ \t]+:")
_NUMBER_HEAD: Final = re.compile(r"\d{2,8}(?:-[\w-]+)?(?:[ \t]*:|[ \t]+[-+(]?[ \t]*\d)")
# Where a name typed with spaces ends: two spaces, a tab, a number, a sign, a brace or a quote.
_SEGMENT_END: Final = re.compile(r"[ \t]{2,}|\t|[ \t]+(?=[-+−–—(]?[ \t]*[.,]?\d|[€$£{@\"])|$")
_CURRENCY_AHEAD: Final = re.compile(
    r"[ \t]+(?:[A-Z][A-Z0-9'._-]*|[Ee]ur(?:os?)?|eur)(?=[ \t,{@\"]|$)"
)
_NAME_GOES_ON: Final = re.compile(r"[ \t](?:[^\W\d_]|&|['’(])")
_UNIT_ONLY: Final = re.compile(r"[ \t]+[A-Z](?:[A-Z0-9'._-]*[A-Z0-9])?[ \t]*(?:,|$|[{@\"])")
_NAME_THEN_NUMBER: Final = re.compile(r"[ \t]([A-Z][A-Z0-9'._-]*)[ \t]+[-+(]?[ \t]*\d")
_LEGAL_FORM: Final = re.compile(
    r"[ \t](SARL|SAS|SASU|SA|SCI|EURL|EI|SNC|SCOP|ASSOCIATION|ETS|ET|CIE)(?![\w-])"
)
_CURRENCIES: Final = frozenset(
    {"EUR", "USD", "GBP", "CHF", "PCT", "HEURE", "JOUR", "FORFAIT", "UNITE", "REMISE"}
)


def guess_root(number: str, roots: Roots) -> str:
    """The root under which the account ``number`` lives in a French chart."""
    digits = re.match(r"\d*", number)
    text = digits[0] if digits else ""
    for length in range(len(text), 0, -1):
        field = _ROOT_BY_PREFIX.get(text[:length])
        if field:
            return str(getattr(roots, field))
    return roots.assets


def nearest_root(word: str, names: Collection[str]) -> str | None:
    """The root that ``word`` most likely stands for, whatever its case, accents or plural."""
    folded = fold(word).lower()
    by_folded = {fold(name).lower(): name for name in names}
    if folded in by_folded:
        return by_folded[folded]
    close = difflib.get_close_matches(folded, by_folded, n=1, cutoff=0.75)
    return by_folded[close[0]] if close else None


def looks_like_account(text: str, roots: Roots) -> bool:
    """Whether ``text`` begins with an account, well typed or not."""
    if _GOOD_ACCOUNT.match(text) or _NUMBER_HEAD.match(text):
        return True
    head = _HEAD.match(text)
    return head is not None and nearest_root(head[1], roots) is not None and len(head[1]) > 2


def begins_like_root(text: str, roots: Roots) -> bool:
    """Whether the word before the first colon of ``text`` is a root, whatever its case and accents."""
    head = _HEAD.match(text)
    return head is not None and fold(head[1]).lower() in {fold(name).lower() for name in roots}


class Split(NamedTuple):
    """An account as typed and what follows it."""

    account: str
    rest: str
    good: bool
    spaced: bool = False


def split_account(text: str, *, currencies_follow: bool = False) -> Split:
    """Cut ``text``, which begins with an account, after the name as the person meant it.

    With ``currencies_follow`` (an ``open`` line) a last word in capitals is a currency, not part of the name.
    """
    found = _GOOD_ACCOUNT.match(text)
    if found and _COLON_LATER.match(text, found.end()):
        found = None
    if found:
        rest = text[found.end() :]
        if (
            not rest
            or rest[0] in '"{@'
            or (rest[0] in " \t" and not _name_goes_on(rest, currencies_follow))
        ):
            return Split(found[0], rest, good=True)
    spaced = False
    if not found and (_HEAD.match(text) or text[:1].isdigit()):
        closed = _SPACED_COLON.sub(":", text)
        spaced, text = closed != text, closed
    end = _SEGMENT_END.search(text)
    stop = end.start() if end else len(text)
    if currencies_follow:
        currency = _CURRENCY_AHEAD.search(text, found.end() if found else 0)
        if currency and not _LEGAL_FORM.match(text, currency.start()):
            stop = min(stop, currency.start())
    return Split(text[:stop].rstrip(" \t"), text[stop:], good=False, spaced=spaced)


def _name_goes_on(rest: str, currencies_follow: bool) -> bool:
    """Whether ``rest``, after a well-typed account, still belongs to its name (``Dupont Martin``)."""
    if rest.startswith(("  ", "\t", " \t")) or not _NAME_GOES_ON.match(rest):
        return False
    if _HEAD.match(rest.lstrip()):
        return False
    if currencies_follow:
        return _LEGAL_FORM.match(rest) is not None or not _CURRENCY_AHEAD.match(rest)
    word = _NAME_THEN_NUMBER.match(rest)
    if word:
        return word[1] not in _CURRENCIES
    return not _UNIT_ONLY.match(rest)


def fix_account(typed: str, roots: Roots) -> str:
    """The name that Beancount accepts nearest to ``typed``."""
    parts = [part for part in _SPACED_COLON.split(typed.strip()) if part.strip()]
    if not parts:
        return f"{roots.assets}:512:Banque"
    root = nearest_root(parts[0], roots)
    names = [as_name(part) for part in (parts[1:] if root or not parts[0][0].isdigit() else parts)]
    names = [name for name in names if name]
    if root is None:
        number = next((name for name in names if name[:1].isdigit()), "")
        root = guess_root(number, roots)
    return ":".join([root, *(names or ["…"])])


def _component_fault(name: str) -> tuple[str, Severity] | None:
    """What is wrong with one component after the root."""
    for char in name:
        if not (char.isalnum() or char == "-"):
            return _character_fault(char)
    if not name:
        return "une partie du nom manque après « : »", ERROR
    if name[0].islower() or name[0] == "-":
        severity: Severity = ERROR if name[0].isascii() else NOTICE
        return "chaque partie d'un compte commence par une majuscule ou un chiffre", severity
    return None


def _character_fault(char: str) -> tuple[str, Severity]:
    """Why ``char`` has no place in the name of an account."""
    if char in " \t":
        return "un nom de compte s'écrit sans espace", ERROR
    if unicodedata.category(char).startswith("M"):
        return (
            "ses accents sont décomposés : Beancount y voit un autre compte que celui tapé au clavier",
            ERROR,
        )
    severity: Severity = ERROR if char.isascii() or char.isspace() else NOTICE
    return (
        f"un nom de compte ne contient que des lettres, des chiffres et des tirets (lu « {char} »)",
        severity,
    )


def diagnose(typed: str, roots: Roots, *, spaced: bool = False) -> Problem | None:
    """The problem of an account name, its root left aside when it is a well-formed one.

    ``spaced``: spaces around its colons were taken off.
    """
    root, *names = typed.split(":")
    fault: tuple[str, Severity] | None = None
    if spaced:
        fault = ("un nom de compte s'écrit sans espace", ERROR)
    elif root[:1].isdigit():
        fault = ("la racine du compte manque", ERROR)
    elif not names:
        fault = ("un numéro de compte manque après la racine", ERROR)
    elif not root[:1].isupper():
        fault = ("la racine d'un compte commence par une majuscule", ERROR)
    else:
        fault = next((found for name in names if (found := _component_fault(name))), None)
    if fault is None:
        return None
    reason, severity = fault
    return Problem(
        typed, f"compte « {typed} » : {reason} ; tapez « {fix_account(typed, roots)} »", severity
    )
