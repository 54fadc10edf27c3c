"""The lines of a document on 4191: deposits asked and recovered (language.md §5)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from beancount.core.data import Posting

from acompta.messages import DocumentError, euros, shown
from acompta.reading.model import DepositLine
from acompta.reading.taxes import typed_rate
from acompta.rounding import CENT
from acompta.vocabulary import EUR, PERCENT, Kind

# The documents that ask for money before the supply: a line on 4191 is then negative.
GIVEN: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES, Kind.PREPAID, Kind.TRANSFER})


def deposit_line(posting: Posting, kind: Kind) -> DepositLine:
    """A line on 4191: a deposit asked (negative) or recovered (positive), in percent or in euros before tax.

    Raises:
        DocumentError: its sign, its unit or its amount cannot be.
    """
    units = posting.units
    if units is None or units.number is None or units.currency not in {EUR, PERCENT}:
        raise DocumentError(
            f"ligne d'acompte : lu {shown(units)} ; tapez un pourcentage (-30 PCT) ou un montant"
            " hors taxes (-500.00 EUR)",
            posting.meta,
        )
    if kind in GIVEN and not units.number:
        raise DocumentError(
            f"acompte nul sur {posting.account} : lu {shown(units)} ; tapez par exemple -30 PCT, ou -500.00 EUR",
            posting.meta,
        )
    if kind in GIVEN and units.number > 0:
        raise DocumentError(
            f"signe oublié sur {posting.account} : lu {shown(units)} ; un acompte se tape en négatif"
            f" : -{shown(units)}",
            posting.meta,
        )
    if kind not in GIVEN and units.number < 0:
        raise DocumentError(
            f"reprise d'acompte négative sur {posting.account} : lu {shown(units)} ; une reprise se"
            f" tape en positif : {shown(-units)}",
            posting.meta,
        )
    if units.currency == EUR and units.number != units.number.quantize(CENT, ROUND_HALF_UP):
        raise DocumentError(
            f"lu {shown(units)} : un montant d'acompte s'arrête au centime", posting.meta
        )
    rate = (posting.meta or {}).get("tva")
    return DepositLine(
        posting.account,
        units.number,
        units.currency,
        None if rate is None else typed_rate(rate, posting),
        None,
        posting,
    )


def included_deposit(posting: Posting, total: Decimal) -> DepositLine:
    """411 typed, 4191 left blank: the amount is VAT-inclusive (language.md §5)."""
    if total <= 0:
        raise DocumentError(
            f"acompte TTC : lu {euros(total)} sur le compte client ; tapez un montant positif,"
            f" {abs(total):f} EUR",
            posting.meta,
        )
    rate = (posting.meta or {}).get("tva")
    typed = None if rate is None else typed_rate(rate, posting)
    return DepositLine(posting.account, -total, EUR, typed, total, posting)
