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

UNIT: Final = re.compile(r"/?[A-Z](?:[A-Z0-9'._-]*[A-Z0-9])?")
# What is typed after a number in place of a unit: why not, and what to type (for %, it depends on the place).
_WORDS_FOR_UNITS: Final = {
    "%": ("le signe % n'est pas compris", ""),
    "$": ("le signe $ n'est pas compris", "USD"),
    "£": ("le signe £ n'est pas compris", "GBP"),
    "x": (
        "l'unité vient après la quantité, et le prix unitaire après le signe @",
        "UNITE @ 100.00 EUR",
    ),
    "EURO": ("la devise s'écrit EUR", EUR),
    "EUROS": ("la devise s'écrit EUR", EUR),
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
      | [.,]?\d+(?:[.,'’_]\d+)*\.?
    )
    (?P<gap>[ \t]*)
    (?P<unit>[%€$£]|[^\W\d_][\w²³°'’.-]*(?!:|\w))?
    """,
    re.VERBOSE,
)
_PLAIN: Final = re.compile(r"\d+|\d{1,3}(?:,\d{3})+\.\d*|\d+\.\d*|\d{1,3}(?:,\d{3}){2,}")
_THOUSANDS_OR_DECIMALS: Final = re.compile(r"(\d{1,3}),(\d{3})")
_SPACED: Final = re.compile(r"\d{1,3}(?: \d{3})+(?:\.\d+)?(?: [A-Z]+)?")
_SEPARATORS: Final = re.compile(r"[ '’_]")
_TRAILING_MINUS: Final = re.compile(
    rf"(?<![\w.,])(\d[\d.,]*)[-{MINUS_SIGNS}](?=[ \t]+[A-Z€]|[ \t]*$)"
)
_BRACKETED: Final = re.compile(
    r"[ \t]*\([ \t]*(\d[\d.,]*)[ \t]*\)[ \t]*([A-Z][A-Z0-9'._-]*)?[ \t]*"
)
_ACCOUNT_VALUE: Final = re.compile(r"[^\W\d_][\w-]*(?::[\w-]+)+")
_QUOTED: Final = re.compile(r'"[^"]*"')

# What Beancount takes for an amount: an arithmetic in which no two numbers stand side by side, then a currency.
_NUMERAL: Final = r"\d[\d,]*(?:\.\d*)?"
_NUMBER: Final = rf"[-+(\s]*{_NUMERAL}[)\s]*(?:[-+*/][-+(\s]*{_NUMERAL}[)\s]*)*"
_CURRENCY: Final = r"/?[A-Z](?:[A-Z0-9'._-]*[A-Z0-9])?"
_POSTING_VALUE: Final = re.compile(
    rf"""(?:{_NUMBER})?(?:{_CURRENCY})?
    (?:[ \t]*\{{\{{?[^{{}}]*\}}\}}?)?
    (?:[ \t]*@@?[ \t]*(?:{_NUMBER})?(?:{_CURRENCY})?)?""",
    re.VERBOSE,
)
_WHOLE_AMOUNT: Final = re.compile(rf"{_NUMBER}(?:~{_NUMBER})?{_CURRENCY}")
_CUSTOM_VALUE: Final = re.compile(rf"{_NUMBER}(?:{_CURRENCY}(?![\w:]))?|(?:TRUE|FALSE)(?![\w:])")
_TWO_NUMBERS: Final = re.compile(r"(?<![\w.,])\d[\d.,]*[ \t]+\d[\d.,]*(?![\w])")
_CURRENCY_FIRST: Final = re.compile(rf"[ \t]*({_CURRENCY})[ \t]+(-?\d[\d.,]*)[ \t]*")
_AFTER_CURRENCY: Final = re.compile(rf"{_CURRENCY}[ \t]*((?:/[ \t]*{_CURRENCY}|HT|TTC)(?![\w-]))")
# Beancount computes with 28 digits: a quantity times a price, to the cent, must fit.
_LONGEST: Final = 12
_WHOLE_PART: Final = re.compile(r"(?<![\w.,])\d[\d,]*")
_COMMENT_START: Final = re.compile(r"#[ \t]|//|--|/\*|<!--")


def _decimal_text(number: str) -> str:
    """``number`` as Beancount reads it, the last separator being the decimal one unless it comes back."""
    text = _SEPARATORS.sub("", number).removesuffix(".")
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


def _out_of_place(value: str) -> Problem | None:
    """What stands too much, or in the wrong order, in ``value``, which is no amount."""
    if found := _CURRENCY_FIRST.match(value):
        typed = found[0].strip()
        message = f"« {typed} » : le nombre précède la devise ; tapez « {found[2]} {found[1]} »"
        return Problem(typed, message)
    if found := _COMMENT_START.search(value):
        message = "un commentaire commence par un point-virgule ; tapez « ; … »"
        return Problem(value[found.start() :].strip(), message)
    if found := _AFTER_CURRENCY.search(value):
        return Problem(found[1], _after_currency(found[1]))
    if found := _TWO_NUMBERS.search(value):
        message = "deux nombres se suivent ; tapez un seul nombre, sans espace, par exemple « 1234.56 EUR »"
        return Problem(found[0], f"« {found[0]} » : {message}")
    return None


def _after_currency(word: str) -> str:
    if word.upper().strip(".") == "TTC":
        return (
            f"« {word} » n'a pas sa place après la devise : les lignes d'un document sont hors taxes ; tapez le montant"
            " hors taxes, ou un acompte TTC en positif sur la ligne du 411"
        )
    return f"« {word} » n'a pas sa place après la devise ; retirez-le"


def _shape_problem(value: str, shape: re.Pattern[str]) -> Problem | None:
    """The problem of ``value`` when it has not the ``shape`` of what is due there."""
    typed = value.strip()
    if shape.fullmatch(typed) and typed.count("(") == typed.count(")"):
        return None
    found = _out_of_place(value)
    if found is not None:
        return found
    shown = typed.replace('"s"', '"…"')
    message = (
        f"« {shown} » n'est pas un montant ; tapez un nombre puis une devise, par exemple « 1234.56 EUR » "
        "(un commentaire commence par « ; »)"
    )
    return Problem(shown or "montant", message)


def _too_long(value: str) -> list[Problem]:
    """The numbers that cannot be computed with: Beancount stops at them without a word, and reads nothing more."""
    return [
        Problem(
            typed,
            f"nombre trop grand : lu {typed} ; un montant ou une quantité a {_LONGEST} chiffres au plus avant le"
            " point décimal : vérifiez s'il n'y en a pas de trop",
        )
        for typed in _WHOLE_PART.findall(value)
        if len(typed.replace(",", "").lstrip("0")) > _LONGEST
    ]


def _check_shape(value: str, shape: re.Pattern[str]) -> list[Problem]:
    """The problems of the numbers in ``value``, then of its ``shape``."""
    problems = _too_long(value) or check_amounts(value)
    if any(problem.severity == ERROR for problem in problems):
        return problems
    problem = _shape_problem(value, shape)
    return [*problems, problem] if problem else problems


def check_posting_value(value: str) -> list[Problem]:
    """The problems of what follows the account of a posting."""
    bracketed = _bracketed(value)
    return [bracketed] if bracketed else _check_shape(value, _POSTING_VALUE)


def check_whole_amount(value: str) -> list[Problem]:
    """The problems of an amount that may not be left out: on ``balance`` (``~`` allowed) and ``price``."""
    return _check_shape(value, _WHOLE_AMOUNT)


def check_custom_values(values: str) -> list[Problem]:
    """The problems of the values of a ``custom``, its strings and accounts taken out.

    Several numbers may follow one another there: ``1 234.00 EUR`` is reported only.
    """
    problems = [_softened(problem) for problem in check_amounts(values)]
    rest = _CUSTOM_VALUE.sub(" ", BEANCOUNT_DATE.sub(" ", values)).strip()
    if problems or not rest:
        return problems
    message = f"« {rest} » n'est pas compris ici ; tapez un texte entre guillemets, un nombre, une date ou un compte"
    return [Problem(rest, message)]


def _softened(problem: Problem) -> Problem:
    return problem._replace(severity=NOTICE) if _SPACED.fullmatch(problem.token) else problem
