"""The numbers seen, in a bit each: what comes twice and what is missing, without keeping 500 000 texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_PAGE_BITS: Final = 12
_PAGE: Final = 1 << _PAGE_BITS
_MASK: Final = _PAGE - 1


class NumberSet:
    """A set of natural numbers kept by pages of 4 096 bits."""

    __slots__ = ("_pages",)

    def __init__(self) -> None:
        """Start empty."""
        self._pages: dict[int, int] = {}

    def add(self, number: int) -> bool:
        """Add; whether it was new."""
        page = number >> _PAGE_BITS
        bit = 1 << (number & _MASK)
        bits = self._pages.get(page, 0)
        self._pages[page] = bits | bit
        return not bits & bit

    def __contains__(self, number: int) -> bool:
        return bool(self._pages.get(number >> _PAGE_BITS, 0) >> (number & _MASK) & 1)

    def __len__(self) -> int:
        return sum(bits.bit_count() for bits in self._pages.values())

    def update(self, other: NumberSet) -> None:
        """Add all the numbers of ``other``."""
        for page, bits in other.pages():
            self._pages[page] = self._pages.get(page, 0) | bits

    def pages(self) -> Iterator[tuple[int, int]]:
        """Pages and their bits."""
        yield from self._pages.items()

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Runs of missing numbers between the least and the greatest, in order, both ends included."""
        expected: int | None = None
        for page in sorted(self._pages):
            bits, base = self._pages[page], page << _PAGE_BITS
            position = 0
            while bits >> position:
                low = (bits >> position) & -(bits >> position)
                start = position + low.bit_length() - 1
                if expected is not None and base + start > expected:
                    yield (expected, base + start - 1)
                inverted = ~(bits >> start)
                position = start + (inverted & -inverted).bit_length() - 1
                expected = base + position
