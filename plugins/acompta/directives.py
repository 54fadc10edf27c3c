"""Our dated directives that are no document: reminders sent, time spent, hourly costs. They touch no account.

Before::

    2026-03-10 custom "relance" 1 "F2026-001" "F2026-002"
    2026-03-12 custom "relance" "suspendue" "F2026-001"
      motif: "litige sur la livraison"
    2026-01-01 custom "cout-horaire" "Marie Durand" 42.00 EUR
    2026-03-04 custom "temps" "Marie Durand" 7.5 "D2026-012"
      lot: "GO"
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Custom

from acompta.messages import AcomptaError, error_at, shown
from acompta.reading.keys import check_keys
from acompta.vocabulary import EUR, TEXT, KeyType

REMINDER: Final = "relance"
TIME: Final = "temps"
HOURLY_COST: Final = "cout-horaire"
SUSPENDED: Final = "suspendue"
RESUMED: Final = "reprise"
MOST_LEVELS: Final = 9

_KEYS: Final[dict[str, dict[str, KeyType]]] = {
    REMINDER: {"motif": TEXT},
    TIME: {"lot": TEXT, "libelle": TEXT},
    HOURLY_COST: {"libelle": TEXT},
}
_REMINDER_FORM: Final = 'tapez custom "relance" 1 "F2026-001" (le niveau envoyé, puis les factures)'
_TIME_FORM: Final = (
    'tapez custom "temps" "Marie Durand" 7.5 "D2026-012" (la personne, les heures, le contrat)'
)
_COST_FORM: Final = 'tapez custom "cout-horaire" "Marie Durand" 42.00 EUR'


class SentReminder(NamedTuple):
    """A reminder sent on ``date`` for invoices, at a level from 1."""

    date: datetime.date
    level: int
    numbers: tuple[str, ...]
    entry: Custom


class Suspension(NamedTuple):
    """Invoices that are not to be reminded from ``date`` on, or again (``resumed``); ``motive`` says why."""

    date: datetime.date
    numbers: tuple[str, ...]
    resumed: bool
    motive: str
    entry: Custom


class TimeSpent(NamedTuple):
    """Hours that a person spent on a contract, on one lot when it is said."""

    date: datetime.date
    person: str
    hours: Decimal
    contract: str
    lot: str
    label: str
    entry: Custom


class HourlyCost(NamedTuple):
    """What an hour of a person costs from ``date`` on, in euros, employer's charges included."""

    date: datetime.date
    person: str
    cost: Decimal
    entry: Custom


@dataclass(slots=True)
class Directives:
    """What our directives say, each kind in date order as Beancount sorts them."""

    reminders: list[SentReminder] = field(default_factory=list)
    suspensions: list[Suspension] = field(default_factory=list)
    times: list[TimeSpent] = field(default_factory=list)
    hourly_costs: list[HourlyCost] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether the text holds any."""
        return bool(self.reminders or self.suspensions or self.times or self.hourly_costs)

    def read(self, entry: Custom) -> list[AcomptaError]:
        """Note what ``entry`` says when it is one of ours; the mistakes in it."""
        allowed = _KEYS.get(entry.type)
        if allowed is None:
            return []
        errors = check_keys(entry, entry.meta, allowed)
        values = [value.value for value in entry.values or ()]
        reader = {REMINDER: self._reminder, TIME: self._time, HOURLY_COST: self._cost}[entry.type]
        message = reader(entry, values)
        return [*errors, error_at(entry, message)] if message else errors

    def _reminder(self, entry: Custom, values: list[object]) -> str:
        numbers = tuple(value for value in values[1:] if isinstance(value, str) and value.strip())
        if not numbers or len(numbers) != len(values) - 1:
            return f"relance : lu {_listed(values)} ; {_REMINDER_FORM}"
        what = values[0]
        if isinstance(what, Decimal) and what == int(what) and 1 <= what <= MOST_LEVELS:
            self.reminders.append(SentReminder(entry.date, int(what), numbers, entry))
        elif what in {SUSPENDED, RESUMED}:
            motive = entry.meta.get("motif")
            words = motive if isinstance(motive, str) else ""
            self.suspensions.append(Suspension(entry.date, numbers, what == RESUMED, words, entry))
        else:
            wanted = f'un niveau de 1 à {MOST_LEVELS}, "{SUSPENDED}" ou "{RESUMED}"'
            return f"relance : lu {shown(what)} ; tapez {wanted}, puis les factures"
        return ""

    def _time(self, entry: Custom, values: list[object]) -> str:
        match values:
            case [str(person), Decimal() as hours, str(contract)] if hours > 0:
                pass
            case _:
                return f"temps : lu {_listed(values)} ; {_TIME_FORM}"
        lot, label = (str(entry.meta.get(key) or "") for key in ("lot", "libelle"))
        link = contract.removeprefix("^")
        self.times.append(TimeSpent(entry.date, person, hours, link, lot, label, entry))
        return ""

    def _cost(self, entry: Custom, values: list[object]) -> str:
        match values:
            case [str(person), Amount() as amount] if amount.currency == EUR and (
                amount.number is not None and amount.number >= 0
            ):
                self.hourly_costs.append(HourlyCost(entry.date, person, amount.number, entry))
                return ""
        return f"coût horaire : lu {_listed(values)} ; {_COST_FORM}"

    def cost_of(self, person: str, date: datetime.date) -> Decimal | None:
        """What an hour of ``person`` costs on ``date`` (euros), ``None`` when no directive says."""
        found = None
        for cost in self.hourly_costs:
            if cost.person == person and cost.date <= date:
                found = cost.cost
        return found

    def check(
        self, numbers: Collection[str], lots: Mapping[str, Collection[str] | None]
    ) -> list[AcomptaError]:
        """What names nothing known: ``numbers`` of the documents, ``lots`` of each contract by link (``None``: any)."""
        errors = []
        named = [(r.entry, r.numbers) for r in self.reminders]
        named += [(s.entry, s.numbers) for s in self.suspensions]
        for entry, listed in named:
            unknown = [number for number in listed if number not in numbers]
            if unknown:
                what = ", ".join(unknown)
                message = f"relance : aucune facture ne porte le numéro {what} ; corrigez-le"
                errors.append(error_at(entry, message))
        for time in self.times:
            message = self._wrong_time(time, lots)
            if message:
                errors.append(error_at(time.entry, message))
        return errors

    def _wrong_time(self, time: TimeSpent, lots: Mapping[str, Collection[str] | None]) -> str:
        if time.contract not in lots:
            return f"temps : aucun contrat ne porte le lien ^{time.contract} ; corrigez-le"
        known = lots[time.contract]
        if time.lot and known is not None and time.lot not in known:
            names = ", ".join(f'"{lot}"' for lot in known) or "aucun lot : supprimez lot:"
            return (
                f"temps : le contrat ^{time.contract} n'a pas de lot « {time.lot} » ; il a {names}"
            )
        if self.cost_of(time.person, time.date) is None:
            return (
                f"temps : aucun coût horaire de {time.person} au {time.date:%d/%m/%Y} ; tapez avant cette date"
                f' custom "cout-horaire" "{time.person}" 42.00 EUR'
            )
        return ""


def _listed(values: list[object]) -> str:
    return " ".join(map(shown, values)) or "rien"
