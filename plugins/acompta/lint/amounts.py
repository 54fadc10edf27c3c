"""Numbers and units typed the French way.

Beancount reads ``1234.56 EUR`` and ``1,234.56 EUR``: the comma parts thousands. So ``1,50`` is refused, but ``1,125``
and ``0,125`` are read as 1125 and 125 without a word.
"""

from __future__ import annotations

import re
from typing import Final

from acompta.lint.dates import (
    BEANCOUNT_DATE,
    FRENCH_DATE,
    calendar_problem,
    french_date_problem,
    french_to_iso,
)
from acompta.lint.finding import ERROR, NOTICE, Problem
from acompta.lint.spelling import MINUS_SIGNS, as_unit
from acompta.vocabulary import EUR

UNIT: Final = re.compile(r"[A-Z](?:[A-Z0-9'._-]*[A-Z0-9])?")
# What is typed after a number in place of a unit: why not, and what to type (for %, it depends on the place).
_WORDS_FOR_UNITS: Final = {
    "%": ("le signe % n'est pas compris", ""),
    "$": ("le signe $ n'est pas compris", "USD"),
    "£": ("le signe £ n'est pas compris", "GBP"),
    "x": (
        "l'unité vient après la quantité, et le prix unitaire après le signe @",
        "UNITE @ 100.00 EUR",
    ),
    "HT": ("HT serait lu comme une devise", EUR),
    "TTC": ("TTC serait lu comme une devise", EUR),
}

_PHRASE: Final = re.compile(
    rf"""
    (?P<before>[€$£][ ]?)?
    (?P<sign>[-+{MINUS_SIGNS}][ ]?)?
    (?<![\w.,'’])
    (?P<number>
        \d{{1,3}}(?:[ ]\d{{3}})+(?:[.,'’]\d+)*(?![\d])
      | [.,]?\d+(?:[.,'’_]\d+)*
    )\.?
    (?P<gap>[ \t]*)
    (?P<unit>[%€$£]|[^\W\d_][\w²³°'’.-]*(?!:|\w))?
    """,
    re.VERBOSE,
)
_PLAIN: Final = re.compile(r"\d+|\d{1,3}(?:,\d{3})+\.\d+|\d+\.\d*|\d{1,3}(?:,\d{3}){2,}")
_THOUSANDS_OR_DECIMALS: Final = re.compile(r"(\d{1,3}),(\d{3})")
_SEPARATORS: Final = re.compile(r"[ '’_]")
_TRAILING_MINUS: Final = re.compile(
    rf"(?<![\w.,])(\d[\d.,]*)[-{MINUS_SIGNS}](?=[ \t]+[A-Z€]|[ \t]*$)"
)
_BRACKETED: Final = re.compile(
    r"[ \t]*\([ \t]*(\d[\d.,]*)[ \t]*\)[ \t]*([A-Z][A-Z0-9'._-]*)?[ \t]*"
)
_ACCOUNT_VALUE: Final = re.compile(r"[^\W\d_][\w-]*(?::[\w-]+)+")
_QUOTED: Final = re.compile(r'"[^"]*"')

_NUMBER: Final = r"[-+*/(). \t\d,]+"
_CURRENCY: Final = r"[A-Z](?:[A-Z0-9'._-]*[A-Z0-9])?"
_POSTING_VALUE: Final = re.compile(
    rf"""(?:{_NUMBER})?(?:{_CURRENCY})?
    (?:[ \t]*\{{\{{?[^{{}}]*\}}\}}?)?
    (?:[ \t]*@@?[ \t]*(?:{_NUMBER})?(?:{_CURRENCY})?)?
    [ \t]*""",
    re.VERBOSE,
)
_CURRENCY_FIRST: Final = re.compile(rf"[ \t]*({_CURRENCY})[ \t]+(-?\d[\d.,]*)[ \t]*")
_AFTER_CURRENCY: Final = re.compile(rf"{_CURRENCY}[ \t]*((?:/[ \t]*{_CURRENCY}|HT|TTC)(?![\w-]))")
_COMMENT_START: Final = re.compile(r"#[ \t]|//|--|/\*|<!--")


def _decimal_text(number: str) -> str:
    """``number`` as Beancount reads it, the last separator being the decimal one unless it comes back."""
    text = _SEPARATORS.sub("", number)
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        text = re.sub("[.,]", "", text[:decimal]) + "." + text[decimal + 1 :]
    elif text.count(",") == 1:
        text = text.replace(",", ".")
    elif text.count(",") > 1 or text.count(".") > 1:
        *whole, last = re.split("[.,]", text)
        text = "".join(whole) + ("" if len(last) == 3 else ".") + last
    return "0" + text if text.startswith(".") else text


def _number_causes(number: str) -> list[str]:
    """Why Beancount does not read ``number``; empty when it does."""
    if _PLAIN.fullmatch(number) or _THOUSANDS_OR_DECIMALS.fullmatch(number):
        return []
    causes = []
    if " " in number:
        causes.append("un nombre s'écrit sans espace, même insécable")
    if re.search("['’_]", number):
        causes.append("un nombre s'écrit sans apostrophe ni séparateur de milliers")
    compact = _SEPARATORS.sub("", number)
    if "," in compact and not _PLAIN.fullmatch(compact):
        causes.append("les décimales suivent un point, jamais une virgule")
    elif compact.count(".") > 1:
        causes.append("le point ne sépare que les décimales, jamais les milliers")
    elif compact.startswith("."):
        causes.append("un zéro précède le point décimal")
    return causes


def _unit_causes(unit: str, before: str, *, percent: str) -> tuple[list[str], str]:
    """Why Beancount does not read ``unit`` and what to type for it (without unit: an empty text)."""
    sign = unit or before.strip()
    if sign in _WORDS_FOR_UNITS:
        reason, wanted = _WORDS_FOR_UNITS[sign]
        return [reason], wanted or percent
    if not sign or UNIT.fullmatch(sign):
        return [], sign
    wanted = as_unit(sign)
    if wanted == EUR:
        return ["la devise s'écrit EUR"], wanted
    return ["une unité s'écrit en capitales, sans accent ni signe"], wanted


def _ambiguous(number: str, sign: str, unit: str) -> Problem | None:
    """``1,125``: read as 1125 without a word, meant as 1.125 perhaps."""
    found = _THOUSANDS_OR_DECIMALS.fullmatch(number)
    if found is None:
        return None
    tail = f" {unit}" if unit else ""
    decimal = f"{sign}{found[1]}.{found[2]}{tail}"
    whole = f"{sign}{int(found[1] + found[2])}{tail}"
    typed = f"{sign}{number}{tail}"
    message = f"« {typed} » : la virgule sépare des milliers pour Beancount, qui lit {whole} ; tapez « {decimal} »"
    if not found[1].startswith("0"):
        message += f" pour des décimales, « {whole} » pour des milliers"
    return Problem(typed, message)


def _phrase_problem(found: re.Match[str], *, percent: str) -> Problem | None:
    """The problem of one number with its sign and unit."""
    sign, number, unit = found["sign"] or "", found["number"], found["unit"] or ""
    causes = _number_causes(number)
    unit_causes, wanted_unit = _unit_causes(unit, found["before"] or "", percent=percent)
    wanted_sign = "-" if sign[:1] in MINUS_SIGNS and sign else sign.strip()
    if wanted_sign != sign.strip():
        causes.append("le signe moins est celui du clavier")
    if not causes and not unit_causes:
        ambiguous = _ambiguous(number, wanted_sign, wanted_unit)
        return ambiguous or _glued(found)
    typed = found[0].strip()
    amount = f"{wanted_sign}{_decimal_text(number)}"
    wanted = f"« {amount} {wanted_unit} »" if wanted_unit else f"« {amount} »"
    both = _THOUSANDS_OR_DECIMALS.fullmatch(number)
    if both and not both[1].startswith("0"):
        wanted += f" (ou {number.replace(',', '')} si la virgule sépare des milliers)"
    return Problem(typed, f"« {typed} » : {_both(causes + unit_causes)} ; tapez {wanted}")


def _both(causes: list[str]) -> str:
    return ", et ".join(filter(None, (", ".join(causes[:-1]), causes[-1])))


def _glued(found: re.Match[str]) -> Problem | None:
    """``12.50EUR``: Beancount reads it, people misread it."""
    unit = found["unit"]
    if not unit or found["gap"]:
        return None
    typed = found[0].strip()
    if set(unit) == {"O"}:
        wanted = typed.replace("O", "0")
        return Problem(typed, f"« {typed} » : la lettre O n'est pas un zéro ; tapez « {wanted} »")
    message = f"« {typed} » : séparez le nombre de l'unité ; tapez « {typed[: -len(unit)]} {unit} »"
    return Problem(typed, message, NOTICE)


def _take_dates(code: str, problems: list[Problem]) -> str:
    """``code`` without its dates, which are checked on the way."""
    for found in FRENCH_DATE.finditer(code):
        iso = french_to_iso(found[1], found[3], found[4])
        problems.append(french_date_problem(found[0], iso, read_as="est un calcul pour Beancount"))
    code = FRENCH_DATE.sub(" ", code)
    for found in BEANCOUNT_DATE.finditer(code):
        problem = calendar_problem(found[0])
        if problem:
            problems.append(problem)
    return BEANCOUNT_DATE.sub(" ", code)


def check_amounts(code: str, *, percent: str = "PCT") -> list[Problem]:
    """The problems of the numbers, units and dates in ``code`` (strings masked, accounts left in or not).

    ``percent`` is what to type for the sign %: ``PCT`` on a posting, nothing in the value of a key.
    """
    problems: list[Problem] = []
    code = _take_dates(_ACCOUNT_VALUE.sub(" ", _QUOTED.sub(" ", code)), problems)
    if found := _TRAILING_MINUS.search(code):
        wanted = f"-{_decimal_text(found[1])}"
        problems.append(
            Problem(
                found[0], f"« {found[0]} » : le signe moins précède le nombre ; tapez « {wanted} »"
            )
        )
        return problems
    for phrase in _PHRASE.finditer(code):
        problem = _phrase_problem(phrase, percent=percent)
        if problem:
            problems.append(problem)
    return problems


def _bracketed(value: str) -> Problem | None:
    """``(12.50)``: a negative amount for an accountant, a positive one for Beancount."""
    found = _BRACKETED.fullmatch(value)
    if found is None:
        return None
    typed = value.strip()
    wanted = f"-{found[1]} {found[2]}" if found[2] else f"-{found[1]}"
    message = f"« {typed} » est lu comme positif par Beancount ; tapez « {wanted} » si le montant est négatif"
    return Problem(typed, message, NOTICE)


def _shape_problem(value: str) -> Problem | None:
    """What stands too much, or in the wrong order, after the account of a posting."""
    if _POSTING_VALUE.fullmatch(value.strip()):
        return None
    if found := _CURRENCY_FIRST.match(value):
        wanted = f"{found[2]} {found[1]}"
        return Problem(
            found[0].strip(),
            f"« {found[0].strip()} » : le nombre précède la devise ; tapez « {wanted} »",
        )
    if found := _COMMENT_START.search(value):
        return Problem(
            value[found.start() :].strip(),
            "un commentaire commence par un point-virgule ; tapez « ; … »",
        )
    if found := _AFTER_CURRENCY.search(value):
        return Problem(found[1], f"« {found[1]} » n'a pas sa place après la devise ; retirez-le")
    typed = value.strip().replace('"s"', '"…"')
    message = (
        f"« {typed} » n'est pas un montant : tapez un nombre puis une devise, par exemple « 1234.56 EUR » "
        "(un commentaire commence par « ; »)"
    )
    return Problem(typed, message)


def check_posting_value(value: str) -> list[Problem]:
    """The problems of what follows the account of a posting."""
    problems = check_amounts(value)
    if any(problem.severity == ERROR for problem in problems):
        return problems
    problem = _bracketed(value) or _shape_problem(value)
    return [*problems, problem] if problem else problems
