"""Price revision: a small arithmetic of indices, evaluated safely (language.md §8).

The formula of the contract (``revision: "0.15 + 0.85 * (BT01 / BT01_0)"``) is read by a grammar of four operations,
numbers, parentheses and index names; nothing of Python is ever evaluated. ``BT01`` is the index of the document's
month, ``BT01_0`` that of ``revision-base:``; values are Beancount prices. The coefficient is rounded half-up to
``revision-decimales`` (4 by default). Révision is not actualisation: CCAG-Travaux art. 9, C. comm. publ. R2112-13.
"""

from __future__ import annotations

import bisect
import datetime
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from beancount.core.data import Price

from acompta.messages import DocumentError, shown

DEFAULT_DECIMALS: Final = 4
_TOKEN: Final = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Z][A-Z0-9_.'-]*)|([-+*/()]))")
_BASE_SUFFIX: Final = "_0"


class Indices:
    """Index values by date, from the ``price`` lines of the ledger."""

    def __init__(self) -> None:
        """Start empty."""
        self._values: dict[str, list[tuple[datetime.date, Decimal]]] = {}

    def add(self, price: Price) -> None:
        """Note a value."""
        if price.amount.number is not None:
            self._values.setdefault(price.currency, []).append((price.date, price.amount.number))

    def knows(self, name: str) -> bool:
        """Whether any value of it is typed."""
        return name in self._values

    def at(self, name: str, date: datetime.date) -> Decimal:
        """Value of the index known for ``date``: the latest at or before it.

        Raises:
            DocumentError: no value (the message gives the line to type), or two different ones on that day: which of
                them counts must not depend on the order of the files.
        """
        values = self._values.get(name, [])
        place = bisect.bisect_right([known for known, _ in values], date)
        if not place:
            raise DocumentError(
                f"{name} inconnu au {date:%d/%m/%Y} : tapez par exemple {date.replace(day=1)} price {name}"
                "  131.2 EUR"
            )
        day, value = values[place - 1]
        others = {other for known, other in values if known == day and other != value}
        if others:
            both = " et ".join(f"{number:f}" for number in sorted({value, *others}))
            raise DocumentError(
                f"{name} a plusieurs valeurs au {day:%d/%m/%Y} ({both}) : gardez la bonne ligne « price », et supprimez"
                " l'autre"
            )
        return value


def coefficient(
    formula: str,
    indices: Indices,
    base: datetime.date,
    date: datetime.date,
    decimals: int = DEFAULT_DECIMALS,
) -> Decimal:
    """The coefficient of ``formula`` for a document of ``date``, indices of the base month being named ``…_0``.

    Raises:
        DocumentError: the formula cannot be read, an index is unknown, or a division by zero.
    """

    def value(name: str) -> Decimal:
        if name.endswith(_BASE_SUFFIX):
            return indices.at(name[: -len(_BASE_SUFFIX)], base)
        return indices.at(name, date)

    parser = _Parser(formula, value)
    result = parser.whole()
    return result.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


class _Parser:
    """Recursive descent over sums of products of factors.

    sum := product (± product)*; product := factor (× or ÷ factor)*; factor := number, name or (sum).
    """

    def __init__(self, formula: str, value: Callable[[str], Decimal]) -> None:
        self.formula = formula
        self.value = value
        self.tokens = list(self._read())
        self.place = 0

    def _read(self) -> Iterator[str]:
        place = 0
        text = self.formula.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise self._error(f"« {text[place:].strip()[:20]} »")
            yield found.group().strip()
            place = found.end()

    def _error(self, what: str) -> DocumentError:
        return DocumentError(
            f"formule de révision {shown(self.formula)} : {what} ne se lit pas ; écrivez par exemple"
            ' "0.15 + 0.85 * (BT01 / BT01_0)"'
        )

    def whole(self) -> Decimal:
        result = self._sum(0)
        if self.place != len(self.tokens):
            raise self._error(f"« {self.tokens[self.place]} »")
        return result

    def _peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self.place += 1
        return token

    def _sum(self, depth: int) -> Decimal:
        if depth > 50:
            raise self._error("un tel emboîtement de parenthèses")
        result = self._product(depth)
        while self._peek() in {"+", "-"}:
            sign = 1 if self._next() == "+" else -1
            result += sign * self._product(depth)
        return result

    def _product(self, depth: int) -> Decimal:
        result = self._factor(depth)
        while self._peek() in {"*", "/"}:
            if self._next() == "*":
                result *= self._factor(depth)
            else:
                divisor = self._factor(depth)
                if not divisor:
                    raise self._error("une division par zéro")
                result /= divisor
        return result

    def _factor(self, depth: int) -> Decimal:
        word = self._next()
        if word == "(":
            result = self._sum(depth + 1)
            if self._next() != ")":
                raise self._error("une parenthèse qui manque")
            return result
        if word and word[0].isdigit():
            return Decimal(word)
        if word and word[0].isalpha():
            return self.value(word)
        raise self._error(f"« {word} »" if word else "une formule inachevée")
