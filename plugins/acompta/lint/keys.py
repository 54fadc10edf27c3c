"""Key lines: ``echeance: 2026-01-31``, ``siret: "01234567800012"``."""

from __future__ import annotations

import difflib
import re
from typing import Final, NamedTuple

from acompta import vocabulary
from acompta.lint.amounts import UNIT, check_amounts
from acompta.lint.dates import (
    BEANCOUNT_DATE,
    FRENCH_DATE,
    calendar_problem,
    first_of_month,
    read_loosely,
)
from acompta.lint.finding import ERROR, NOTICE, Problem, Severity
from acompta.lint.spelling import as_key, fold
from acompta.reading.synonyms import known_word
from acompta.vocabulary import KeyType

KEY_NAME: Final = r"[a-z][a-zA-Z0-9_-]+"
_KEY_LINE: Final = re.compile(r"([^\W\d_][^\":;]*?|[^\W_][\w-]*)([ \t]*):(.*)", re.DOTALL)
_GOOD_KEY: Final = re.compile(KEY_NAME)
_NO_COLON: Final = re.compile(r"([^\W\d_][\w-]*)[ \t]*[=]?[ \t]+(?=[\"\d])")
_STRING: Final = re.compile(r'"[^"]*"')
_LEADING_ZERO: Final = re.compile(r"0\d+")
_SUBTRACTION: Final = re.compile(r"\d+(?:-\d+)+")
_PERIOD: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[ \t]*/[ \t]*\d{4}-\d{1,2}-\d{1,2}")
_LOWER_WORD: Final = re.compile(r"[^\W\d_]*[a-zà-öø-ÿœ]\w*")
_EURO_WORD: Final = re.compile(r"e(?:ur|uros?)", re.IGNORECASE)
_GOOD_VALUE: Final = re.compile(
    r"[-+*/(). \t\d,]*(?:[A-Z](?:[A-Z0-9'._-]*[A-Z0-9])?)?|#[A-Za-z0-9_/.-]+|[^\W\d_][\w-]*(?::[\w-]+)+"
)
_YES: Final = frozenset({"vrai", "oui", "true", "yes"})
_NO: Final = frozenset({"faux", "non", "false", "no"})
# What Beancount makes of a text without quotes, when it makes something of it.
_READINGS: Final = (
    (re.compile("TRUE|FALSE|NULL"), "n'est pas un texte"),
    (_LEADING_ZERO, ": Beancount y lit un nombre, et le zéro de tête se perd"),
    (re.compile(r"\d+"), ": Beancount y lit un nombre, non un texte"),
    (_SUBTRACTION, ": Beancount y fait une soustraction"),
)


_NEVER_WORDS: Final = (vocabulary.DATE, vocabulary.NUMBER, vocabulary.AMOUNT, vocabulary.PERIOD)


def _single_types() -> dict[str, KeyType]:
    """Type of each known key, keys whose type depends on the place left out."""
    tables = (
        vocabulary.DOCUMENT_KEYS,
        vocabulary.LINE_KEYS,
        vocabulary.SETTLEMENT_KEYS,
        vocabulary.PARTY_KEYS,
        vocabulary.ACCOUNT_KEYS,
        vocabulary.SELLER_KEYS,
    )
    types: dict[str, set[KeyType]] = {}
    for table in tables:
        for key, wanted in table.items():
            types.setdefault(key, set()).add(wanted)
    return {key: next(iter(found)) for key, found in types.items() if len(found) == 1}


KEY_TYPES: Final = _single_types()
KNOWN_KEYS: Final = frozenset(KEY_TYPES) | {"acompte"} | vocabulary.NEUTRAL_KEYS


def keys_of_type(wanted: KeyType) -> list[str]:
    """The known keys whose value is always of the type ``wanted``."""
    return sorted(key for key, found in KEY_TYPES.items() if found is wanted)


def looks_like_key(code: str) -> bool:
    """Whether ``code`` (without indentation) is meant as a key, well typed or not."""
    return _KEY_LINE.match(code) is not None or _without_colon(code) is not None


def _without_colon(code: str) -> str | None:
    """The known key that begins ``code`` without its colon."""
    found = _NO_COLON.match(code)
    return found[1] if found and as_key(found[1]) in KNOWN_KEYS else None


def check_key_line(code: str) -> list[Problem]:
    """The problems of a key line given without indentation nor comment, its strings masked as ``"s"``."""
    missing = _without_colon(code)
    if missing is not None:
        wanted = f"{as_key(missing)}:"
        return [
            Problem(
                missing,
                f"deux-points manquants après « {missing} » ; tapez « {wanted} » avant la valeur",
            )
        ]
    found = _KEY_LINE.match(code)
    if found is None:
        return []
    key, gap, value = found[1], found[2], found[3].strip()
    if gap or not _GOOD_KEY.fullmatch(key):
        return [_name_problem(key, gap)]
    return _value_problems(key, value)


def _name_problem(key: str, gap: str) -> Problem:
    """A key that Beancount does not read as one."""
    wanted = as_key(key)
    close = difflib.get_close_matches(wanted, KNOWN_KEYS, n=1, cutoff=0.8)
    if close and not known_word(wanted):
        wanted = close[0]
    if len(wanted) < 2 or not _GOOD_KEY.fullmatch(wanted):
        reason, wanted = "une clé commence par une lettre et en compte deux au moins", "numero"
    elif gap and _GOOD_KEY.fullmatch(key):
        reason = "pas d'espace avant les deux-points"
    else:
        reason = "une clé s'écrit en minuscules, sans accent ni espace"
    meant = "" if wanted in KNOWN_KEYS else known_word(wanted)
    return Problem(key, f"clé « {key}{gap}: » : {reason} ; tapez « {meant or wanted}: »")


class _Value(NamedTuple):
    """The value of a well-typed key, as typed; ``wanted`` is ``None`` for a key that may be anything."""

    key: str
    text: str
    wanted: KeyType | None

    def problem(self, reason: str, advice: str, severity: Severity = ERROR) -> Problem:
        """« key: value » : reason ; tapez advice."""
        return Problem(self.key, f"« {self.key}: {self.text} » {reason} ; tapez {advice}", severity)

    def typed(self, value: str) -> str:
        """The whole line to type, with ``value`` in place of this one."""
        return f"« {self.key}: {value} »"

    @property
    def is_date(self) -> bool:
        """Whether Beancount reads a date in it, real or not."""
        return BEANCOUNT_DATE.fullmatch(self.text) is not None


def _value_problems(key: str, text: str) -> list[Problem]:
    """The problems of the value of a well-typed key."""
    if not text:
        return []
    if '"' in text:
        return _after_string(key, text)
    value = _Value(key, text, KEY_TYPES.get(key))
    if value.wanted is vocabulary.TEXT:
        return [_unquoted(value)]
    problem = (
        _date_problem(value)
        or _words_problem(value)
        or _boolean_problem(value)
        or _code_problem(value)
    )
    return [problem] if problem else _amount_problems(value)


def _after_string(key: str, text: str) -> list[Problem]:
    """The problems of a value that holds a text between quotes."""
    rest = _STRING.sub(" ", text, count=1).strip().replace('"s"', '"…"')
    if not rest:
        return []
    message = f"clé « {key}: » : « {rest} » est de trop, une clé n'a qu'une valeur ; tapez « {key}: \"…\" »"
    return [Problem(key, message)]


def _amount_problems(value: _Value) -> list[Problem]:
    problems = check_amounts(value.text, percent="")
    if not problems and not value.is_date and not _GOOD_VALUE.fullmatch(value.text):
        return [_unquoted(value)]
    return [
        Problem(value.key, f"clé « {value.key}: » : {one.message}", one.severity)
        for one in problems
    ]


def _unquoted(value: _Value) -> Problem:
    """A text typed without its quotes."""
    wanted = value.typed(f'"{value.text}"')
    if value.is_date:
        return value.problem(": Beancount y lit une date, non un texte", wanted)
    for pattern, reason in _READINGS:
        if pattern.fullmatch(value.text):
            return value.problem(reason, wanted)
    if UNIT.fullmatch(value.text):
        return value.problem(": mettez des guillemets autour d'un texte", wanted, NOTICE)
    return value.problem(": un texte s'écrit entre guillemets", wanted)


def _words_problem(value: _Value) -> Problem | None:
    """Words where a number or a date is due, or a text without its quotes."""
    words = [word for word in _LOWER_WORD.findall(value.text) if not _EURO_WORD.fullmatch(word)]
    has_words = bool(words) and ":" not in value.text and not value.text.startswith("#")
    wanted = value.wanted
    if wanted is vocabulary.DATE and not value.is_date:
        return value.problem("n'est pas une date", wanted.wanted.format(key=value.key))
    if wanted is not None and has_words and wanted in _NEVER_WORDS:
        return value.problem("ne convient pas", wanted.wanted.format(key=value.key))
    if has_words and fold(value.text).lower() not in _YES | _NO:
        return _unquoted(value)
    return None


def _boolean_problem(value: _Value) -> Problem | None:
    """``oui``, ``vrai``, ``True``: Beancount knows TRUE and FALSE only."""
    word = fold(value.text).lower()
    if value.text in {"TRUE", "FALSE"} or word not in _YES | _NO:
        return None
    return value.problem(
        ": oui et non s'écrivent TRUE et FALSE", value.typed("TRUE" if word in _YES else "FALSE")
    )


def _date_problem(value: _Value) -> Problem | None:
    """A date typed in another shape than year-month-day."""
    if _PERIOD.fullmatch(value.text):
        period = re.sub(r"[ \t]", "", value.text)
        return value.problem(": une période s'écrit entre guillemets", value.typed(f'"{period}"'))
    if value.is_date:
        problem = calendar_problem(value.text)
        return problem._replace(token=value.key) if problem else None
    first = first_of_month(value.text)
    if first and value.wanted is not vocabulary.NUMBER:
        whole, quoted = value.typed(first), value.typed(f'"{value.text}"')
        advice = f"une date entière {whole}, ou {quoted} pour un texte"
        return value.problem(": Beancount y fait un calcul", advice)
    return _french_date(value)


def _french_date(value: _Value) -> Problem | None:
    """``31/01/2026``, ``31 janvier 2026``, ``20260131``."""
    read = read_loosely(value.text)
    if read is None or read[0] != value.text:
        if FRENCH_DATE.fullmatch(value.text):
            return value.problem(
                "n'existe pas au calendrier", "année-mois-jour, par exemple « 2026-01-31 »"
            )
        return None
    if value.text.isdigit():
        if value.wanted is not vocabulary.DATE:
            return None
        reason = "est un nombre pour Beancount, non une date"
    elif re.fullmatch(r"[\d/-]+", value.text):
        reason = "est un calcul pour Beancount, non une date"
    else:
        reason = "n'est pas une date pour Beancount"
    return value.problem(reason, value.typed(read[1]))


def _code_problem(value: _Value) -> Problem | None:
    """A code whose leading zero or whose dash Beancount would lose."""
    if value.is_date or value.wanted is vocabulary.NUMBER:
        return None
    if _LEADING_ZERO.fullmatch(value.text) or _SUBTRACTION.fullmatch(value.text):
        return _unquoted(value)
    return None
