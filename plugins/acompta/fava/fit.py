"""Which columns a window has room for: those that matter least leave first, a figure is never cut.

Where the room is that of a tablet or a telephone no column leaves: a table that wants more shows each row as a card.

A page cannot measure before it is shown, so widths are estimated from the texts, on the large side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from acompta.french import THOUSANDS

# In CSS pixels, for Fava's fonts at 14 px (they are larger on a telephone, so that the style sheet counts in `em`): a
# small letter, what a digit or a capital takes more, and a digit in a column of figures.
_LETTER: Final = 6.2
_DIGIT_MORE: Final = 1.5
_CAPITAL_MORE: Final = 2.4
_FIGURE: Final = 8.4
_THIN_SPACE: Final = 4.5
_PADDING: Final = 11
_SLACK: Final = 14
_SORT_ARROW: Final = 13
_NARROWEST_FIGURE: Final = 77
LABEL: Final = 154
_WIDEST_CUSTOMER: Final = 308

# Where tables may become cards, each as soon as it must: a telephone, a large one, beside a PDF, a tablet, a window.
CARD_WIDTHS: Final = (330, 440, 500, 560, 740, 900)
# Down to there, columns leave.
NARROW: Final = 740


class ColumnTexts(NamedTuple):
    """A column as it will be shown: ``texts`` are its cells, ``give_way`` how soon it leaves (0 never)."""

    key: str
    title: str
    is_figure: bool
    give_way: int
    texts: Sequence[str]


class Break(NamedTuple):
    """In a room of ``width`` pixels or less, the column ``key`` leaves."""

    width: int
    key: str


def breaks(columns: Sequence[ColumnTexts]) -> tuple[Break, ...]:
    """When each column that may leave does, the first to leave first."""
    widths = {column.key: _width(column) for column in columns}
    room = sum(widths.values()) + _SLACK
    order = sorted(
        (index for index, column in enumerate(columns) if column.give_way),
        key=lambda index: (-columns[index].give_way, -index),
    )
    found = []
    for index in order:
        key = columns[index].key
        found.append(Break(round(room), key))
        room -= widths[key]
    return tuple(found)


def cards_from(columns: Sequence[ColumnTexts]) -> int:
    """The width in pixels from which, down, each row is shown as a card: one of `CARD_WIDTHS`.

    It is the least that holds the whole table; above `NARROW`, columns leave instead as long as some may.
    """
    room = sum(map(_width, columns)) + _SLACK
    if room > NARROW:
        room = max(NARROW, sum(_width(one) for one in columns if not one.give_way) + _SLACK)
    return next((width for width in CARD_WIDTHS if width >= room), CARD_WIDTHS[-1])


def _width(column: ColumnTexts) -> float:
    if column.key == "libelle":
        return LABEL
    if column.key == "detail":
        return min(LABEL, _text_width(column))
    if column.is_figure:
        longest = max(map(_long_figure, column.texts), default=0)
        # The head of a column of figures may go over several lines.
        head = max(map(_long, column.title.split()), default=0) + _SORT_ARROW
        return max(longest, head, _NARROWEST_FIGURE - _PADDING) + _PADDING
    width = _text_width(column)
    return min(width, _WIDEST_CUSTOMER) if column.key == "client" else width


def _text_width(column: ColumnTexts) -> float:
    widest = max(map(_long, column.texts), default=0)
    return max(widest, _long(column.title) + _SORT_ARROW) + _PADDING


def _long(text: str) -> float:
    digits, capitals = sum(map(str.isdigit, text)), sum(map(str.isupper, text))
    return len(text) * _LETTER + digits * _DIGIT_MORE + capitals * _CAPITAL_MORE


def _long_figure(text: str) -> float:
    spaces = text.count(THOUSANDS)
    return (len(text) - spaces) * _FIGURE + spaces * _THIN_SPACE
