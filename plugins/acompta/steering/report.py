"""The cash forecast as tables: periods, flows, what has no date, forgotten milestones, how customers pay."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from acompta import french
from acompta.steering.flows import SOURCE_TITLES, Flow, Forecast, Period, Source
from acompta.steering.habits import Habit
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table, sums

_FILE: Final = Column("fichier", "Fichier", Kind.CODE, Show.EXPORT)
_LINE: Final = Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT)
_RECEIPTS: Final = (
    Source.RECEIVABLE,
    Source.CREDIT,
    Source.RETENTION,
    Source.PLANNED,
    Source.DRAFT,
    Source.RECURRING,
)
_PAYMENTS: Final = (Source.SUPPLIER, Source.VAT)


def period_title(period: Period) -> str:
    """« novembre 2026 », or « du 2 au 8 novembre » for a week, or the end of a month already begun."""
    month = period.start.replace(day=1)
    whole = (period.end - period.start).days > 7
    return french.month(month) if whole else french.period(period.start, period.end)


def cash_report(forecast: Forecast, overall: Habit, title: str) -> Report:
    """The forecast of the ledger ``title``; ``overall`` is the habit of all customers together."""
    facts = [("dossier", "Dossier", title)]
    if overall.delay is not None:
        facts.append(("delai", "Délai moyen des clients", delay_words(overall)))
    return Report(
        f"Trésorerie prévue au {french.day(forecast.at)}",
        tuple(facts),
        (
            _periods_table(forecast),
            _flows_table("flux", "Mouvements attendus", forecast.flows),
            _flows_table("sans-date", "Sans date : non comptés ci-dessus", forecast.undated),
            _forgotten_table(forecast),
            _habits_table(forecast),
            _accounts_table(forecast),
        ),
        _lines(forecast),
        _warnings(forecast),
    )


def delay_words(habit: Habit) -> str:
    """« 29 jours après la facture, 1 jour après l'échéance (17 factures en un an) »."""
    delay = habit.delay or 0
    side = "après" if delay > 0 else "avant"
    late = f"{_days(abs(delay))} {side} l'échéance" if delay else "à l'échéance"
    count = "1 facture" if habit.paid == 1 else f"{habit.paid} factures"
    return f"{_days(habit.days or 0)} après la facture, {late} ({count} en un an)"


def _days(days: int) -> str:
    return f"{days} jours" if days > 1 else f"{days} jour"


def _periods_table(forecast: Forecast) -> Table:
    columns = (
        Column("periode", "Période", Kind.CODE),
        Column("du", "Du", Kind.DATE, Show.EXPORT),
        Column("au", "Au", Kind.DATE, Show.EXPORT),
        Column("debut", "Au début", Kind.AMOUNT, give_way=4),
        *(
            Column(source.value, SOURCE_TITLES[source], Kind.AMOUNT, Show.IF_ANY, give_way=3)
            for source in (*_RECEIPTS, *_PAYMENTS)
        ),
        Column("entrees", "Entrées", Kind.AMOUNT, give_way=2),
        Column("sorties", "Sorties", Kind.AMOUNT, give_way=2),
        Column("fin", "À la fin", Kind.AMOUNT),
    )
    zero = Decimal("0.00")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            period_title(period),
            period.start,
            period.end,
            period.opening,
            *(period.amounts.get(source, zero) for source in (*_RECEIPTS, *_PAYMENTS)),
            period.receipts,
            period.payments,
            period.closing,
        )
        for period in forecast.periods
    )
    return Table("periodes", "Par période", columns, rows)


def _flows_table(key: str, title: str, flows: Iterable[Flow]) -> Table:
    columns = (
        Column("date", "Attendu le", Kind.DATE, Show.IF_ANY),
        Column("echeance", "Dû le", Kind.DATE, Show.IF_ANY, give_way=2),
        Column("nature", "Nature", give_way=4),
        Column("code", "Code", Kind.CODE, Show.EXPORT),
        Column("tiers", "Tiers"),
        Column("reference", "Référence", Kind.CODE, Show.IF_ANY),
        Column("libelle", "Objet", give_way=6),
        Column("raison", "Pourquoi", show=Show.IF_ANY, give_way=3),
        Column("montant", "Montant", Kind.AMOUNT),
        _FILE,
        _LINE,
    )
    rows = tuple(
        (
            flow.date,
            flow.due,
            SOURCE_TITLES[flow.source],
            flow.source.value,
            flow.party,
            flow.reference,
            flow.label,
            flow.why,
            flow.amount,
            flow.place.path if flow.place is not None else "",
            flow.place.line if flow.place is not None else None,
        )
        for flow in flows
    )
    return Table(key, title, columns, rows, sums(columns, rows, "Total") if rows else None)


def _forgotten_table(forecast: Forecast) -> Table:
    columns = (
        Column("prevu", "Prévu le", Kind.DATE),
        Column("retard", "Retard", Kind.COUNT),
        Column("contrat", "Contrat", Kind.CODE),
        Column("client", "Client"),
        Column("lot", "Lot", show=Show.IF_ANY, give_way=3),
        Column("libelle", "À facturer", give_way=4),
        Column("ht", "HT", Kind.AMOUNT, give_way=2),
        Column("ttc", "TTC", Kind.AMOUNT),
        _FILE,
        _LINE,
    )
    rows: list[tuple[Cell, ...]] = [
        (
            m.date,
            (forecast.at - m.date).days if m.date is not None else 0,
            f"^{m.contract}",
            m.customer_name,
            m.lot,
            m.label,
            m.share.base,
            m.share.total,
            m.place.path,
            m.place.line,
        )
        for m in forecast.forgotten
    ]
    total = sums(columns, rows, "Total") if rows else None
    return Table("jalons-oublies", "Jalons passés, à facturer", columns, tuple(rows), total)


def _habits_table(forecast: Forecast) -> Table:
    columns = (
        Column("client", "Client"),
        Column("compte", "Compte", Kind.CODE, Show.EXPORT),
        Column("factures", "Factures payées", Kind.CODE, give_way=2),
        Column("depuis-facture", "Après la facture", Kind.COUNT),
        Column("apres-echeance", "Après l'échéance", Kind.COUNT),
    )
    rows = tuple(
        (habit.name, habit.account, str(habit.paid), habit.days, habit.delay)
        for habit in forecast.habits.values()
    )
    note = (
        "moyennes en jours, sur les factures soldées en un an ; vide, le jour même ;"
        " en négatif, payées avant l'échéance"
    )
    return Table("delais", "Délai de chaque client", columns, rows, note=note)


def _accounts_table(forecast: Forecast) -> Table:
    columns = (
        Column("compte", "Compte", Kind.CODE),
        Column("solde", "Solde", Kind.AMOUNT),
    )
    rows = tuple(forecast.cash.items())
    return Table("comptes", "Comptes de trésorerie", columns, rows, sums(columns, rows, "Total"))


def _lines(forecast: Forecast) -> tuple[Line, ...]:
    last = forecast.periods[-1]
    lowest = forecast.lowest
    lines = [
        Line("debut", f"Trésorerie au {french.day(forecast.at)}", forecast.opening),
        Line("fin", f"Prévue au {french.day(last.end)}", last.closing, strong=True),
    ]
    if lowest.closing < min(forecast.opening, last.closing):
        lines.append(Line("plus-bas", f"Au plus bas, fin {period_title(lowest)}", lowest.closing))
    later = sum((flow.amount for flow in forecast.later), Decimal("0.00"))
    if later:
        lines.append(Line("ensuite", "Attendu ensuite", later))
    return tuple(lines)


def _warnings(forecast: Forecast) -> tuple[str, ...]:
    warnings = []
    first = next((period for period in forecast.periods if period.closing < 0), None)
    if first is not None:
        warnings.append(
            f"la trésorerie devient négative en {period_title(first)} : {french.euros(first.closing)}"
        )
    if forecast.forgotten:
        count = len(forecast.forgotten)
        what = "1 jalon est passé" if count == 1 else f"{count} jalons sont passés"
        warnings.append(
            f"{what} sans être facturé{'s' if count > 1 else ''} : la prévision le{'s' if count > 1 else ''} compte"
            " comme facturé" + ("s" if count > 1 else "") + " demain"
        )
    return tuple(warnings)
