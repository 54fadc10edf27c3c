"""Fourth pass: payments applied to what documents claim, and the VAT entries that they cause."""

from __future__ import annotations

from beancount.core.data import Directive, Open

from acompta.corrections import due_events, supplier_due_events
from acompta.engine.state import State
from acompta.expanded import expanded_move, expanded_recoveries
from acompta.settlement.reading import SUPPLIERS, Settlement, read_settlement
from acompta.settlement.settler import DueEvent, Settler
from acompta.vat import ON_PAYMENT


def settle(state: State) -> list[Directive]:
    """Apply the payments of customers, then those to suppliers; the VAT entries to add."""
    dossier, chart = state.dossier, state.chart
    customers = Settler(chart, dossier.claims, dossier.contracts, dossier.numbers)
    customers.held = dossier.held
    events = due_events(dossier, customers.extra) + _known_moves(state)
    _run_settler(state, customers, events)
    dossier.unabsorbed = customers.unabsorbed()
    if not dossier.supplier_claims:
        return list(customers.added)
    suppliers = Settler(chart, dossier.supplier_claims, {}, frozenset(), SUPPLIERS)
    _run_settler(state, suppliers, supplier_due_events(dossier) + _known_supplier_moves(state))
    return [*customers.added, *suppliers.added]


def _run_settler(state: State, settler: Settler, events: list[DueEvent]) -> None:
    settlements: list[Settlement] = []
    accounts = state.chart.accounts
    for index, entry in state.plain:
        settlement = read_settlement(entry, index, state.chart, settler.side)
        if settlement is not None:
            settlements.append(settlement)
            for name in settlement.accounts:
                if accounts[name].opened is None:
                    state.chart.use_sibling(name)
    settler.run(settlements, [event for event in events if event[0] <= state.until])
    for index, entry in settler.replaced.items():
        state.output[index] = entry
    state.errors += settler.errors
    state.dossier.noted += settler.notices


def _known_moves(state: State) -> list[DueEvent]:
    """VAT entries that a previous load already wrote: applied at their date, never made again."""
    claims = state.dossier.claims
    events = [
        event for document in state.expanded for event in expanded_recoveries(document, claims)
    ]
    for entry in state.moved:
        for posting in entry.postings:
            event = expanded_move(entry, posting, claims)
            if event is not None:
                events.append(event)
    return events


def _known_supplier_moves(state: State) -> list[DueEvent]:
    by_number = {claim.number: claim for claim in state.dossier.supplier_claims.values()}
    return [
        event
        for entry in state.moved
        if entry.meta.get("exigibilite") == ON_PAYMENT
        for posting in entry.postings
        if (event := expanded_move(entry, posting, by_number, sign=-1)) is not None
    ]


def missing_accounts(state: State) -> list[Directive]:
    """The `Open` lines of sibling accounts (4191, 4117, 416) in use that the text does not open."""
    opened: list[Directive] = []
    for name, customer in state.chart.missing.items():
        if customer.opened is None:
            continue
        meta = {
            "filename": customer.meta.get("filename", "<acompta>"),
            "lineno": customer.meta.get("lineno", 0),
            "etendu": True,
        }
        opened.append(Open(meta, customer.opened, name, [], None))
    return opened
