"""Lines of a printed document, from the lines as typed and the progress that the engine billed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any, Final

from beancount.core.data import Commodity, Directive, Price

from acompta import french
from acompta.chart import split_name
from acompta.invoices.parties import place_of, text_of
from acompta.invoices.view.lines import Line, LineRegime, Nature, Period, Progress
from acompta.posting.bill import Bill
from acompta.reading import model
from acompta.reading.exchange import Exchange
from acompta.reading.model import Document, Share, TaxKey
from acompta.reading.spans import read_span
from acompta.register.contract import Contract
from acompta.register.values import Change, Group
from acompta.register.values import Progress as Step
from acompta.revision import Indices
from acompta.rounding import ZERO, percent_of
from acompta.vocabulary import DISCOUNT, EUR, Kind

ONE: Final = Decimal(1)
_REGIMES: Final = frozenset(regime.value for regime in LineRegime)


# Usual units whose French word is not their code in small letters (a code has no accent).
_WORDS: Final = {
    "ANNEE": "année",
    "ELEVE": "élève",
    "JOURNEE": "journée",
    "M2": "m²",
    "M3": "m³",
    "METRE": "mètre",
    "NUITEE": "nuitée",
    "PIECE": "pièce",
    "SEANCE": "séance",
    "UNITE": "unité",
}


class Units:
    """How the units of a ledger are printed: the ``name:`` of each ``commodity``, else the French word of the unit."""

    def __init__(self, entries: Iterable[Directive]) -> None:
        """Read the ``commodity`` and ``price`` lines."""
        self._names: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        prices = Indices()
        listed = list(entries)
        self._exchange = Exchange(prices, listed)
        for entry in listed:
            if isinstance(entry, Commodity):
                self._names[entry.currency] = text_of(entry.meta, "name")
                self._codes[entry.currency] = text_of(entry.meta, "unece")
            elif isinstance(entry, Price):
                prices.add(entry)

    def rate(self, currency: str, document: Document) -> Decimal | None:
        """Euros for one unit of a currency, as the engine converted it."""
        return self._exchange.rate(currency, document.entry)

    def printed(self, unit: str) -> str:
        """The printed word of a unit."""
        return self._names.get(unit) or _WORDS.get(unit, unit.lower())

    def code(self, unit: str) -> str:
        """The UN/ECE code of a unit (recommendation 20), as its ``commodity`` gives it."""
        return self._codes.get(unit, "")


def period_of(meta: Mapping[str, Any]) -> Period | None:
    """``livraison:``, a date or two separated by ``/``; ``None`` when it says nothing that can be read."""
    span = read_span(meta.get("livraison"))
    return Period(start=span.start, end=span.end) if span is not None else None


def regime_of(tax: TaxKey) -> LineRegime:
    """The regime that exempts a line; franchise and disbursements are said by the seller and by the nature.

    Only goods are exported (CGI art. 262, I): a service to a business outside the Union is located at the customer's
    (CGI art. 259, 1°; directive 2006/112/EC, art. 44).
    """
    if tax.regime == LineRegime.EXPORT and tax.nature != Nature.GOODS:
        return LineRegime.SERVICES_ABROAD
    return LineRegime(tax.regime) if tax.regime in _REGIMES else LineRegime.NONE


def typed_line(line: model.Line, document: Document, units: Units) -> Line:
    """A line in quantities or in euros, as typed; an amount in euros is one unit of its price."""
    tax = _tax(line)
    quantity: Decimal | None = -line.units
    price, unit = line.price, units.printed(line.unit)
    currency = _currency(line)
    if line.unit == DISCOUNT:
        quantity = price = None
    elif line.price is None:  # an amount, in euros or in a currency
        quantity, price, unit = ONE, line.amount if currency == EUR else -line.units, ""
    motive = text_of(line.meta, "motif") or text_of(document.meta, "motif")
    # What was paid in the customer's name is better said by its reason than by the object of the invoice.
    outside = motive if tax.nature == Nature.DISBURSEMENT else ""
    return Line(
        label=line.label or french.capitalised(outside) or _by_default(line, document),
        amount=line.amount or ZERO,
        rate=tax.rate,
        lot=line.lot or "",
        quantity=quantity,
        unit=unit if quantity is not None else "",
        unit_code=units.code(line.unit) if line.price is not None else "",
        unit_price=price,
        currency="" if currency == EUR else currency,
        details=() if currency == EUR else (_converted(line, currency, document, units),),
        nature=Nature(tax.nature),
        regime=regime_of(tax),
        motive=motive,
        delivery=period_of(line.meta),
        place=place_of(line.meta),
        prompt=_is_prompt(line),
    )


def _is_prompt(line: model.Line) -> bool:
    """Whether a line is a discount for prompt payment: the only one that is no revenue (PCG 665)."""
    return line.unit == DISCOUNT and not split_name(line.account)[0].startswith("7")


def _by_default(line: model.Line, document: Document) -> str:
    """What a line that nobody named is: a discount, or the object of the document."""
    if line.unit == DISCOUNT:
        return "Escompte" if _is_prompt(line) else "Remise"
    return document.entry.narration or ""


def _currency(line: model.Line) -> str:
    """The currency that a line is typed in."""
    typed = line.posting.price
    if line.price is None:
        return line.unit if line.unit != DISCOUNT else EUR
    return typed.currency if typed is not None else EUR


def _converted(line: model.Line, currency: str, document: Document, units: Units) -> str:
    """The amount in the currency and its rate: the page is in euros, as the VAT must be (CGI art. 289 IV)."""
    worth = abs(line.units if line.price is None else line.units * line.price)
    rate = units.rate(currency, document)
    at = f", au cours de {french.quantity(rate)} €" if rate is not None else ""
    return f"{french.number(worth)} {currency}{at}"


def _tax(line: model.Line) -> TaxKey:
    if line.tax is None:
        raise ValueError(f"a line in {line.unit} has no tax of its own")
    return line.tax


def invoice_lines(
    document: Document,
    bill: Bill,
    wording: Wording | None,
    units: Units,
    billed_before: Mapping[Group, Decimal],
) -> tuple[Line, ...]:
    """Lines of a plain, progress or final invoice; ``billed_before`` is in euros before tax; only a final one reads it.

    What is billed whole and at once is shown as the contract's own lines, with quantities and prices (CGI ann. II art.
    242 nonies A, 8°); otherwise each lot shows what it was, what was billed before, and what is billed now.
    """
    typed = [
        typed_line(line, document, units) for line in document.lines if line.amount is not None
    ]
    typed += _generated_lines(bill, wording)
    if wording is None or not bill.progress:
        return tuple(typed)
    own = None
    if document.kind is not Kind.FINAL or not billed_before:
        own = _whole_lines(document, bill.progress, wording, units)
    if own is None:
        own = _progress_lines(document, bill.progress, wording)
        if document.kind is Kind.FINAL:
            own += _untouched_lines(document, bill.progress, wording, billed_before)
    return (*own, *typed)


def _generated_lines(bill: Bill, wording: Wording | None) -> list[Line]:
    """Lines that the engine adds, with their own label: price revisions."""
    motives = wording.motives if wording is not None else {}
    return [
        Line(
            label=str(line.meta["libelle"]),
            amount=line.amount,
            rate=line.tax.rate,
            nature=Nature(line.tax.nature),
            regime=regime_of(line.tax),
            motive=motives.get(line.tax, ""),
        )
        for line in bill.lines
        if line.meta is not None and "libelle" in line.meta and "lineno" not in line.meta
    ]


def credit_lines(
    document: Document, back: Bill, wording: Wording | None, units: Units
) -> tuple[Line, ...]:
    """Lines of a credit note, positive; ``back`` is the opposite of its bill. Progress is lowered in points."""
    lines = []
    taxes = {
        line.meta["lineno"]: line.tax for line in back.lines if line.meta and "lineno" in line.meta
    }
    for line in document.lines:
        if line.amount is not None:
            given = typed_line(line, document, units)
            quantity = given.quantity
            if quantity is not None and line.price is not None:
                quantity = -quantity
            price = (
                -given.unit_price if line.price is None and given.unit_price else given.unit_price
            )
            # A lot's own rate is the contract's, whatever the line would have by itself.
            tax = taxes.get(line.meta.get("lineno"), _tax(line))
            lines.append(
                replace(
                    given,
                    amount=-given.amount,
                    quantity=quantity,
                    unit_price=price,
                    rate=tax.rate,
                    regime=regime_of(tax),
                )
            )
    if wording is not None:
        words = _Words(document, wording)
        lines += [words.lowered(step) for step in back.progress]
    return (*lines, *_generated_lines(back, wording))


def _whole_lines(
    document: Document, steps: Iterable[Step], wording: Wording, units: Units
) -> list[Line] | None:
    """The contract's lines, when this document bills all of them and nothing was billed before; else ``None``."""
    if any(step.previous or step.amount != step.contract for step in steps):
        return None
    wanted = {step.group: step.amount for step in steps}
    lines: list[Line] = []
    for change in wording.changes(wanted, document.date):
        wanted[change.group] -= change.amount
        lines.append(typed_line(change.line, wording.contract.document or document, units))
    return None if any(wanted.values()) else lines


def _progress_lines(document: Document, steps: Iterable[Step], wording: Wording) -> list[Line]:
    words = _Words(document, wording)
    return [words.line(step.group, step.contract, step.previous, step.amount) for step in steps]


def _untouched_lines(
    document: Document,
    steps: Iterable[Step],
    wording: Wording,
    billed_before: Mapping[Group, Decimal],
) -> list[Line]:
    """The rest of the contract, billed earlier or never: a final invoice shows all of it."""
    seen = {step.group for step in steps}
    words = _Words(document, wording)
    return [
        words.line(group, ordered, billed_before.get(group, ZERO), ZERO)
        for group, ordered in wording.contract.totals(document.date).items()
        if group not in seen
    ]


class Wording:
    """What the lines of one contract say, read once for all of its documents."""

    def __init__(self, contract: Contract) -> None:
        """Read the lines of the contract and of its amendments."""
        self.contract = contract
        self._ranked: dict[Group, list[tuple[int, Change]]] = {}
        for rank, change in enumerate(contract.changes):
            self._ranked.setdefault(change.group, []).append((rank, change))
        orders = [contract.document, *contract.amendments] if contract.document else []
        # A line that an amendment takes off is another value (its rate), with the same metadata.
        self._orders = {id(line.meta): order for order in orders for line in order.lines}

    def changes(self, groups: Iterable[Group], at: datetime.date) -> list[Change]:
        """The lines of some groups known on the day ``at``, in the order of the contract."""
        ranked = (each for group in dict.fromkeys(groups) for each in self._ranked.get(group, ()))
        return [change for _, change in sorted(ranked, key=_rank) if change.date <= at]

    def motive(self, change: Change) -> str:
        """``motif:`` of a line of the contract, else that of the contract or the amendment it was typed on."""
        order = self._orders.get(id(change.line.meta), self.contract.document)
        return text_of(change.line.meta, "motif") or (text_of(order.meta, "motif") if order else "")

    @cached_property
    def motives(self) -> dict[TaxKey, str]:
        """Reasons of the exemptions of the contract, per tax key."""
        motives: dict[TaxKey, str] = {}
        for change in self.contract.changes:
            motive = self.motive(change)
            if motive:
                motives.setdefault(change.group.tax, motive)
        return motives


_rank: Final = itemgetter(0)


class _Words:
    """Labels and reasons of the groups of a contract, and their progress as printed."""

    def __init__(self, document: Document, wording: Wording) -> None:
        self._wording = wording
        self._at = document.date
        # What nobody named is what the contract is for, never an account (CGI ann. II art. 242 nonies A, 8°).
        signed = wording.contract.document or document
        self._object = signed.entry.narration or document.entry.narration or ""

    def line(self, group: Group, ordered: Decimal, before: Decimal, amount: Decimal) -> Line:
        changes = self._wording.changes([group], self._at)
        labels = dict.fromkeys(change.line.label for change in changes if change.line.label)
        return Line(
            label="\n".join(labels) or (f"Lot {group.lot}" if group.lot else self._object),
            amount=amount,
            rate=group.tax.rate,
            lot=group.lot or "",
            nature=Nature(group.tax.nature),
            regime=regime_of(group.tax),
            motive=self._wording.motive(changes[0]) if changes else "",
            progress=Progress(
                contract=ordered,
                previous=before,
                current=amount,
                cumulative=before + amount,
                previous_percent=percent_of(before, ordered),
                cumulative_percent=percent_of(before + amount, ordered),
            ),
        )

    def lowered(self, step: Step) -> Line:
        """Progress that a credit note takes back: ``step.previous`` is what is left of it, in euros."""
        left, before = step.previous, step.previous + step.amount
        whole = self.line(step.group, step.contract, left, step.amount)
        was, now = (french.percent(percent_of(part, step.contract)) for part in (before, left))
        detail = f"Avancement ramené de {was} à {now}"
        return replace(whole, details=(*whole.details, detail), progress=None)


def deposit_lines(document: Document, bill: Bill, wording: Wording | None) -> tuple[Line, ...]:
    """One line per rate and nature of a deposit; it says which when there are several."""
    label = document.entry.narration or ""
    several = len(bill.gross) > 1
    motives = wording.motives if wording is not None else {}
    return tuple(
        Line(
            label=label,
            details=(_part(tax, bill.gross),) if several else (),
            amount=share.base,
            rate=tax.rate,
            nature=Nature(tax.nature),
            regime=regime_of(tax),
            motive=motives.get(tax) or _typed_motive(document),
            place=place_of(_deposit_meta(document)),
        )
        for tax, share in bill.gross.items()
    )


def _deposit_meta(document: Document) -> Mapping[str, Any]:
    """Where a deposit is typed; a credit note on a whole one has no line of its own."""
    lines = document.deposit_lines
    return (lines[0].posting.meta if lines else None) or document.meta


def _part(tax: TaxKey, shares: Mapping[TaxKey, Share]) -> str:
    """Which part of the contract a line of a deposit stands for."""
    words = f"Part soumise à la TVA de {french.percent(tax.rate)}" if tax.rate else "Part sans TVA"
    if len({key.nature for key in shares}) == 1:
        return words
    return f"{words}, {'biens' if tax.nature == Nature.GOODS else 'services'}"


def _typed_motive(document: Document) -> str:
    """The ``motif:`` typed on a deposit, or on its line."""
    metas = [*(line.posting.meta or {} for line in document.deposit_lines), document.meta]
    return next((motive for meta in metas if (motive := text_of(meta, "motif"))), "")
