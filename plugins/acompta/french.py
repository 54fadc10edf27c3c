"""Numbers, amounts and dates as a French reader expects them.

Pure functions without a heavy import, shared by the invoices, the commands and Fava. The separators are those of
the Unicode locale data for French: a narrow no-break space (U+202F) between thousands, a no-break space (U+00A0)
before a unit, and the true minus sign, as wide as a digit in tabular figures.
"""

import re
from datetime import date
from decimal import MAX_PREC, ROUND_HALF_UP, Context, Decimal

THOUSANDS = "\u202f"
BEFORE_UNIT = "\u00a0"
MINUS = "\u2212"

CENTS = 2
UNIT_PRICE_DECIMALS = 6

# French takes the plural from two up; shorter units are symbols (kg, h, m²), which never do.
FIRST_PLURAL = 2
SHORTEST_WORD = 4

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

# A figure typed by mistake may have more digits than the 28 that Decimal rounds by default: it is shown all the same.
_ANY_SIZE = Context(prec=MAX_PREC)

_PLURALS = re.compile(r"(?<![\d,.\u202f])(\d+)(?![\d,.\u202f])|\(s\)")
_SPACE_BEFORE = re.compile(r" (?=[:;!?%€»])")
_SPACE_AFTER = re.compile(r"(?<=«) ")


def number(value: Decimal, decimals: int = CENTS) -> str:
    """Write a number with a fixed count of decimals, rounded half-up: ``1234.5`` → ``1 234,50``."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _ANY_SIZE)
    sign = MINUS if rounded < 0 else ""
    digits = f"{rounded.copy_abs():,f}"
    return sign + digits.translate({ord(","): THOUSANDS, ord("."): ","})


def euros(value: Decimal) -> str:
    """Write an amount in euros, to the cent: ``1234.56`` → ``1 234,56 €``."""
    return f"{number(value)}{BEFORE_UNIT}€"


def unbroken(sentence: str) -> str:
    """Keep French punctuation on the line of its word: no-break spaces inside « », before ; and :."""
    for loose, kept in (("« ", "«\u00a0"), (" »", "\u00a0»"), (" ;", "\u00a0;"), (" :", "\u00a0:")):
        sentence = sentence.replace(loose, kept)
    return sentence


def quantity(value: Decimal) -> str:
    """Write a quantity with the decimals it needs and no more: ``42.50`` → ``42,5``, ``3.00`` → ``3``."""
    return number(value, _needed_decimals(value))


def counted(value: Decimal, unit: str) -> str:
    """Write a quantity with its unit, in the plural from two up: ``12,5 heures``, ``1 forfait``, ``42,5 m²``."""
    return f"{quantity(value)}{BEFORE_UNIT}{plural(unit, value)}" if unit else quantity(value)


def plural(unit: str, value: Decimal) -> str:
    """Put a unit in the plural from two up; symbols and words in -s, -x, -z stay: ``heures``, ``m²``, ``mois``."""
    ordinary = unit.isalpha() and len(unit) >= SHORTEST_WORD and unit[-1] not in "sxz"
    return f"{unit}s" if ordinary and abs(value) >= FIRST_PLURAL else unit


def numbered(text: str) -> str:
    """« 1 document(s) » → « 1 document », « 3 document(s) » → « 3 documents »: (s) agrees with the number before."""
    count = 0

    def agree(found: re.Match[str]) -> str:
        nonlocal count
        if found[1]:
            count = int(found[1])
            return found[1]
        return "s" if count > 1 else ""

    return _PLURALS.sub(agree, text)


def unit_price(value: Decimal) -> str:
    """Write a price per unit: two decimals, more (six at most) when the price has them: ``0.125`` → ``0,125``.

    Six is the limit of the French e-invoicing rules for unit prices (BR-FR-DEC-03).
    """
    return number(value, min(UNIT_PRICE_DECIMALS, max(CENTS, _needed_decimals(value))))


def percent(value: Decimal) -> str:
    """Write a percentage: ``5.5`` → ``5,5 %``, ``20.00`` → ``20 %``."""
    return f"{quantity(value)}{BEFORE_UNIT}%"


def day(value: date) -> str:
    """Write a date in full: ``15 janvier 2026``, ``1er mars 2026``."""
    ordinal = "1er" if value.day == 1 else str(value.day)
    return f"{ordinal}{BEFORE_UNIT}{MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """Write a date in figures: ``15/01/2026``."""
    return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def month(value: date) -> str:
    """Write the month of a date: ``janvier 2026``."""
    return f"{MONTHS[value.month - 1]} {value.year}"


def period(start: date, end: date) -> str:
    """Write a day or a period: ``15 janvier 2026``, ``du 1er au 31 mars 2026``, ``du 15 mars au 2 avril 2026``."""
    if start == end:
        return day(start)
    first = day(start)
    if start.year == end.year:
        first = first.removesuffix(f" {start.year}")
        if start.month == end.month:
            first = first.removesuffix(f"{BEFORE_UNIT}{MONTHS[start.month - 1]}")
    return f"du {first} au {day(end)}"


def capitalised(text: str) -> str:
    """Begin a text with a capital, the rest as typed: ``timbre fiscal`` → ``Timbre fiscal``."""
    return text[:1].upper() + text[1:]


def typographic(text: str) -> str:
    """Give a typed text its printed punctuation: curved apostrophe, no-break space before ``: ; ! ? % €``.

    The words are untouched: only spaces and apostrophes change, so that « l'an: 30 % » never breaks before its sign.
    """
    curved = text.replace("'", "’")
    return _SPACE_AFTER.sub(BEFORE_UNIT, _SPACE_BEFORE.sub(BEFORE_UNIT, curved))


def _needed_decimals(value: Decimal) -> int:
    """Count the decimals a number needs once its trailing zeros are gone."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def country_name(code: str) -> str:
    """The French name of a country, by its ISO 3166 code of two letters: ``BE`` is « Belgique »; ``""`` for none."""
    from babel import Locale  # noqa: PLC0415 — read for a customer abroad only

    return str(Locale("fr").territories.get(code, ""))


def country_code(name: str) -> str:
    """The ISO 3166 code of a country by its French name, whatever its case: « Belgique » is ``BE``; ``""`` for none."""
    from babel import Locale  # noqa: PLC0415 — read for a mistyped country only

    wanted = name.strip().casefold()
    found = (code for code, known in Locale("fr").territories.items() if known.casefold() == wanted)
    return str(next((code for code in found if len(code) == 2), ""))
