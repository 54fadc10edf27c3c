"""The return 3310-CA3 of a month or a quarter, from the movements of the VAT accounts: a pure function.

`vat_return` gives every box of the form with the entries behind it (`vat_boxes`), from one pass over the ledger
(`vat_reading`), with what is to be looked at before declaring.

Rules: VAT is declared for the period in which it falls due (CGI art. 269, 287), on receipts from what was settled. The
taxes on energy (TIC), the groups of companies and the single taxation coefficient (22A) are not handled.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from beancount.core.data import Directive, Transaction

from acompta.chart import Chart
from acompta.closing import vat_form
from acompta.closing.franchise import overrun
from acompta.closing.periods import Period, fiscal_year_of, read_year_end
from acompta.closing.vat_boxes import BoxValue, filled_boxes
from acompta.closing.vat_entries import CLEARED, TaxEntry, tax_entries
from acompta.closing.vat_movements import (
    Movement,
    within,
)
from acompta.closing.vat_periods import vat_period
from acompta.closing.vat_reading import Reading, VatFinding, read_vat
from acompta.closing.vat_untaxed import UntaxedLine, untaxed_lines
from acompta.dossier import Dossier
from acompta.messages import euros
from acompta.owed import place_of
from acompta.reading.model import Seller
from acompta.rounding import ZERO
from acompta.vocabulary import Regime

FRANCHISE_LIMIT: Final = "franchise-seuil"
# What a claim must reach, in euros (CGI ann. II art. 242-0 C).
_LEAST_REFUND: Final = Decimal(760)
_LEAST_OF_YEAR: Final = Decimal(150)


@dataclass(frozen=True, slots=True)
class VatReturn:
    """The return of a period.

    ``boxes`` holds every box of the form, by code, in its order; ``balances`` the VAT to clear per account (euros,
    as the ledger signs it), ``settlements`` the entries that clear it already, ``credit_before`` the credit brought
    forward.
    """

    period: Period
    seller: Seller
    territory: str
    boxes: dict[str, BoxValue]
    balances: dict[str, Decimal]
    credit_before: dict[str, Decimal]
    refund_claimed: Decimal
    settlements: tuple[Transaction, ...]
    movements: tuple[Movement, ...]
    untaxed: tuple[UntaxedLine, ...]
    findings: tuple[VatFinding, ...]
    year_start: datetime.date

    @property
    def due(self) -> Decimal:
        """Net VAT to pay, whole euros (box 32)."""
        return self.boxes["32"].tax

    @property
    def credit(self) -> Decimal:
        """Credit to carry forward, whole euros (box 27)."""
        return self.boxes["27"].tax

    @property
    def franchise(self) -> bool:
        """Whether the seller declares no VAT (CGI art. 293 B): a « néant » return, or none."""
        return self.seller.regime is Regime.FRANCHISE

    def filled(self) -> list[BoxValue]:
        """The boxes that say something, in the order of the form."""
        return [value for value in self.boxes.values() if value.is_filled]


def vat_return(
    entries: Sequence[Directive],
    dossier: Dossier,
    period: Period,
    taxed: Sequence[TaxEntry] | None = None,
) -> VatReturn:
    """The return of ``period`` from the ``entries`` of the ledger as loaded and its ``dossier``.

    ``taxed`` are the `tax_entries` of these entries, for a caller that has them.
    """
    if taxed is None:
        taxed = tax_entries(entries, dossier.chart)
    seller = dossier.sellers.at(period.end)
    territory = territory_of(seller)
    year_start = _year_start(period, seller)
    reading = read_vat(taxed, dossier.chart, period, year_start)
    untaxed = untaxed_lines(within(entries, period), dossier, period)
    boxes = filled_boxes(reading, untaxed, territory)
    findings = [*reading.findings, *_untaxed_findings(untaxed)]
    part_of = vat_period(seller, period.end)
    if part_of.start < period.start or period.end < part_of.end:
        findings.append(_part_of_quarter(period, part_of))
    elif seller.regime is not Regime.FRANCHISE:
        findings += _balance_findings(reading, dossier.chart, period)
    findings += _refund_findings(reading.refund_claimed, period)
    if seller.regime is Regime.FRANCHISE and (passed := overrun(entries, dossier, period)):
        findings.append(VatFinding(FRANCHISE_LIMIT, passed.message, passed.place))
    return VatReturn(
        period,
        seller,
        territory,
        boxes,
        reading.balances,
        reading.credit,
        reading.refund_claimed,
        tuple(reading.settlements),
        tuple(reading.movements),
        untaxed,
        tuple(findings),
        year_start,
    )


def territory_of(seller: Seller) -> str:
    """Métropole, DOM or Corse: ``territoire:`` of the seller, else the postal code of its address."""
    said = vat_form.territory_named(seller.text("territoire"))
    if said:
        return said
    for word in (seller.text("adresse") or "").split():
        if len(word) == 5 and word.isdigit():
            if word.startswith("97"):
                return vat_form.DOM
            if word.startswith("20"):
                return vat_form.CORSICA
            return vat_form.METROPOLE
    return vat_form.METROPOLE


def _year_start(period: Period, seller: Seller) -> datetime.date:
    return fiscal_year_of(period.start, read_year_end(seller.meta.get("fin-exercice"))).start


def _untaxed_findings(lines: Iterable[UntaxedLine]) -> list[VatFinding]:
    return [
        VatFinding(
            "produit-sans-taux",
            f'produit de {line.account} sans TVA ni raison : tapez regime: "exonere" et motif: "…" sous la ligne,'
            " ou la TVA sur 44571",
            place_of(line.entry),
        )
        for line in lines
        if not line.box
    ]


def _part_of_quarter(period: Period, quarter: Period) -> VatFinding:
    return VatFinding(
        "periode-trimestrielle",
        f"l'émetteur déclare par trimestre (periodicite-tva: \"trimestre\") : {period.title} n'est qu'une partie de sa"
        f" déclaration ; tapez {quarter.name}",
    )


def _refund_findings(claimed: Decimal, period: Period) -> list[VatFinding]:
    """A claim below what may be claimed: 760 € for a month or a quarter, 150 € at the end of the civil year."""
    ends_year = (period.end.month, period.end.day) == (12, 31)
    least = _LEAST_OF_YEAR if ends_year else _LEAST_REFUND
    if not ZERO < claimed < least:
        return []
    when = "en fin d'année civile" if ends_year else "pour un mois ou un trimestre"
    return [
        VatFinding(
            "remboursement-minimum",
            f"remboursement demandé de {euros(claimed)} : il faut au moins {euros(least)} {when} (CGI ann. II"
            " art. 242-0 C) ; reportez le crédit au 44567",
        )
    ]


def _balance_findings(reading: Reading, chart: Chart, period: Period) -> list[VatFinding]:
    """VAT of an earlier period that no settlement has cleared."""
    left = {name: amount for name, amount in reading.before.items() if amount}
    return [
        VatFinding(
            "tva-non-liquidee",
            f"{name} n'était pas soldé avant le {period.start:%d/%m/%Y} ({euros(abs(amount))} au"
            f" {'débit' if amount > 0 else 'crédit'}) : la TVA d'une période antérieure n'est pas"
            " liquidée, elle n'est pas dans cette déclaration",
        )
        for name, amount in left.items()
        if chart.get(name).role in CLEARED
    ]
