"""The period of a VAT return and the day when it is paid, as the seller declares.

Source: CGI art. 287-2 (every month; every quarter when the tax of a year is under 4 000 €); CGI ann. IV art. 39 (from
the 15th to the 24th of the month that follows the period, on the day that the administration gives each company).
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Final

from acompta.closing.periods import Period, month_of, quarter_of
from acompta.reading.model import Seller
from acompta.vocabulary import RETURN_DAYS

QUARTERLY: Final = "trimestre"
# The day is the company's own (its place, form and SIREN): the 20th is the middle, for who has not said it.
USUAL_DAY: Final = 20


def vat_period(seller: Seller, day: datetime.date) -> Period:
    """The period whose return declares ``day``: its month, or its quarter (``periodicite-tva: "trimestre"``)."""
    return quarter_of(day) if seller.text("periodicite-tva") == QUARTERLY else month_of(day)


def payment_day(seller: Seller, period: Period) -> datetime.date:
    """When the return of ``period`` is paid: ``jour-tva:`` of the seller, the 20th by default, of the month after."""
    typed = seller.meta.get("jour-tva")
    day = int(typed) if isinstance(typed, Decimal) and typed in RETURN_DAYS else USUAL_DAY
    return period.next_day.replace(day=day)
