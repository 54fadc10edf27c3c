"""Which register a document belongs to: its contract's, or one of its own."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Final

from acompta.engine.state import CORRECTIONS, DEPOSIT_ASKS, State
from acompta.messages import AcomptaError, Code, DocumentError, error_of, near
from acompta.reading.model import Document
from acompta.register.contract import Contract
from acompta.vocabulary import NEEDS_CONTRACT, Kind

_CONTRACT: Final = Kind.CONTRACT
_AMENDMENT: Final = Kind.AMENDMENT
# Without a contract of their own these are registered under their number, or their link.
_CLOSED_TO: Final = DEPOSIT_ASKS | {Kind.FINAL}
OPENS_REGISTER: Final = DEPOSIT_ASKS | {Kind.PREPAID}


def index_contracts(state: State) -> None:
    """Open the register of each contract, with its amendments; a contract or an amendment in error fails."""
    contracts = state.dossier.contracts
    amendments = []
    for document in state.dossier.documents:
        kind = document.kind
        if kind is not _CONTRACT:
            if kind is _AMENDMENT:
                amendments.append(document)
            continue
        if _counts(state, document) and document.contract:
            if document.contract in contracts:
                state.refuse(
                    document,
                    DocumentError(
                        f"le contrat ^{document.contract} existe déjà : un avenant se tape avec #avenant"
                    ),
                )
                continue
            contract = Contract(document.contract, document, document.customer)
            contracts[document.contract] = contract
            _add_lines(state, contract, document)
        elif not document.entry.links:
            said = "un contrat porte un lien : tapez par exemple ^D2026-012"
            state.refuse(document, DocumentError(said))
    for document in amendments:
        if _counts(state, document):
            contract_or_none = contracts.get(document.contract or "")
            if contract_or_none is None:
                state.refuse(document, _unknown_contract(state, document))
            else:
                contract_or_none.amendments.append(document)
                _add_lines(state, contract_or_none, document)


def _counts(state: State, document: Document) -> bool:
    return (document.issued or state.issue_drafts) and document.index not in state.dossier.failed


def _add_lines(state: State, contract: Contract, document: Document) -> None:
    try:
        contract.add_lines(document)
    except Exception as error:  # noqa: BLE001 - one entry never hides the others
        state.errors.append(error_of(document.entry, error))
        state.fail(document.index)


def contract_of(state: State, document: Document) -> Contract | None:
    """The register that a document is noted in: by its contract, its links, or the document that it corrects."""
    contracts = state.dossier.contracts
    if document.contract is not None:
        return contracts.get(document.contract)
    for link in document.entry.links:
        if link in contracts:
            return contracts[link]
    if document.kind not in CORRECTIONS:
        return None
    original = state.dossier.claims.get(document.text("sur") or "")
    if original is not None:
        return contracts.get(original.document.contract or original.number)
    return None


def checked_register(
    state: State, document: Document, contract: Contract | None
) -> Contract | None:
    """The register that a document may be noted in: its ``contract``, else one of its own, or none.

    Raises:
        DocumentError: it supposes a contract and has none, or its contract is closed to it.
    """
    if contract is not None:
        _check_open(document, contract)
        return contract
    _check_contract(state, document)
    return _own_contract(state, document) if document.kind in OPENS_REGISTER else None


def _own_contract(state: State, document: Document) -> Contract:
    """A deposit without a contract is registered under its own number."""
    key = document.number or f"brouillon-{document.index}"
    if document.kind is Kind.PREPAID and document.entry.links:
        key = min(document.entry.links)
    contract = state.dossier.contracts[key] = Contract(key, None, document.customer)
    return contract


def _check_contract(state: State, document: Document) -> None:
    """Refuse a document that supposes a contract and has none.

    Raises:
        DocumentError: the message says what to type, or where the contract is in error.
    """
    if document.kind in NEEDS_CONTRACT or (document.kind in DEPOSIT_ASKS and document.entry.links):
        raise _unknown_contract(state, document)
    if document.deposit_lines and document.kind not in OPENS_REGISTER | CORRECTIONS:
        raise DocumentError(
            "reprise d'acompte sans contrat : ajoutez le lien ^ du contrat, ou du numéro de l'acompte",
            document.deposit_lines[0].posting.meta,
        )


def _check_open(document: Document, contract: Contract) -> None:
    """Refuse a second final invoice, or a deposit, on a contract billed whole: nothing would ever recover it.

    Raises:
        DocumentError: the contract is closed, and nothing was added to it since.
    """
    closed = contract.closed_by
    if closed is None or document.kind not in _CLOSED_TO:
        return
    if contract.unbilled(document.date):
        return
    raise DocumentError(
        f"le contrat ^{contract.link} est déjà soldé par {closed.number} : tapez un #avenant pour ce qui s'ajoute,"
        " ou une #facture sans lien"
    )


def _unknown_contract(state: State, document: Document) -> DocumentError:
    """Why the document has no contract: it names none, a draft, one in error, or one that nobody typed."""
    named = sorted(document.entry.links)
    if not named:
        return DocumentError(
            f"#{document.kind.value} sans contrat : ajoutez le lien ^ du contrat, par exemple ^D2026-012"
        )
    for link in named:
        contract = state.contract_entries.get(link)
        if contract is None:
            continue
        line = contract.meta.get("lineno", 0)
        if contract.flag != "*":
            return DocumentError(
                f"le contrat ^{link} (ligne {line}) n'est qu'un brouillon : tapez * au lieu de ! quand il est signé"
            )
        return DocumentError(
            f"le contrat ^{link} est en erreur (ligne {line}) : corrigez-le d'abord"
        )
    links = ", ".join(f"^{link}" for link in named)
    return DocumentError(
        f"contrat inconnu ({links}) : aucun #contrat émis ne porte ce lien{_near_contracts(state, document)} ;"
        " corrigez le lien ou tapez le contrat",
        code=Code.UNKNOWN_CONTRACT,
        about=named[0],
    )


def _near_contracts(state: State, document: Document) -> str:
    """The contracts of the same customer whose links are nearly the one typed."""
    customers = {posting.account for posting in document.entry.postings}
    known = [
        link
        for link, contract in state.contract_entries.items()
        if any(posting.account in customers for posting in contract.postings)
    ]
    return near(min(document.entry.links), known, "liens proches", "^")


def check_directives(state: State) -> list[AcomptaError]:
    """The reminders and the time spent that name no invoice, no contract, no lot; a contract in error is known."""
    dossier, latest = state.dossier, datetime.date.max
    if not dossier.directives:
        return []
    lots: dict[str, Collection[str] | None] = dict.fromkeys(state.contract_entries)
    for link, contract in dossier.contracts.items():
        # A contract completed by a previous load has lost its lines: nothing says its lots any more.
        lots[link] = contract.lots(latest) if contract.changes else None
    return dossier.directives.check(dossier.numbers, lots)
