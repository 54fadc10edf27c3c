"""First pass: each directive to its place: accounts, rates, sellers, tagged documents, plain entries."""

from __future__ import annotations

from typing import Final

from beancount.core.data import Custom, Open, Price, Transaction

from acompta.chart import RECEIVABLE_ROLES, ROLES
from acompta.engine.state import State
from acompta.messages import AcomptaError, error_at, key_error, shown
from acompta.reading.keys import wrong_type
from acompta.reading.kinds import kinds_of, misspelt
from acompta.reading.model import Seller
from acompta.reading.parties import check_party, idle_keys
from acompta.reading.sellers import Sellers, read_seller
from acompta.reading.values import bad_rate
from acompta.vocabulary import (
    ACCOUNT_KEYS,
    CLOSING_DIRECTIVE,
    KIND_BY_TAG,
    ROLE_WORDS,
    SELLER_DIRECTIVE,
    VALIDATION_DIRECTIVE,
)

_CLOSINGS: Final = frozenset({CLOSING_DIRECTIVE, VALIDATION_DIRECTIVE})
_RATE_KEYS: Final = frozenset({"taux", "tva"})


def scan(state: State) -> None:
    """Sort the directives; what they say of accounts, rates and sellers is then known."""
    sellers: list[Seller] = []
    add_plain = state.plain.append
    for index, entry in enumerate(state.entries):
        if isinstance(entry, Transaction):
            if entry.tags:
                _scan_tagged(state, index, entry)
            else:
                add_plain((index, entry))
                if "exigibilite" in entry.meta:
                    state.moved.append(entry)
        elif isinstance(entry, Open):
            state.chart.add(entry)
            if len(entry.meta) > 2:
                _check_account(state, entry)
        elif isinstance(entry, Price):
            state.indices.add(entry)
        elif isinstance(entry, Custom):
            _scan_custom(state, entry, sellers)
    state.dossier.sellers = Sellers(sellers)


def _scan_custom(state: State, entry: Custom, sellers: list[Seller]) -> None:
    if entry.type == SELLER_DIRECTIVE:
        seller, errors = read_seller(entry)
        sellers.append(seller)
        state.errors += errors
    elif entry.type in _CLOSINGS:
        state.closings.append(entry)
    else:
        state.errors += state.dossier.directives.read(entry)


def _scan_tagged(state: State, index: int, entry: Transaction) -> None:
    tags = entry.tags
    for tag in tags:
        kind = KIND_BY_TAG.get(tag)
        if kind is not None:
            if len(tags) > 1 and len(set(kinds_of(tags))) > 1:
                kind = None
                state.errors.append(_several_kinds(entry))
            state.tagged.append((index, entry, kind))
            return
    error = _misspelt_tag(entry)
    if error is None:
        state.plain.append((index, entry))
        if "exigibilite" in entry.meta:
            state.moved.append(entry)
    else:
        state.errors.append(error)
        state.tagged.append((index, entry, None))


def _check_account(state: State, entry: Open) -> None:
    account = state.chart.get(entry.account)
    customer = account.role in RECEIVABLE_ROLES
    if customer:
        state.errors += check_party(entry)
    state.dossier.noted += idle_keys(entry, customer=customer)
    typed = entry.meta.get("role")
    if isinstance(typed, str) and typed not in ROLE_WORDS and typed not in ROLES:
        words = ", ".join(f'"{word}"' for word in ROLE_WORDS)
        wanted_role = f"tapez l'un de {words}, ou un numéro de compte du PCG connu"
        state.errors.append(
            key_error(entry, "role", f"clé « role » : lu {shown(typed)} ; {wanted_role}")
        )
    for key, wanted in ACCOUNT_KEYS.items():
        if key in entry.meta:
            value = entry.meta[key]
            message = wrong_type(key, value, wanted)
            if message is None and key in _RATE_KEYS:
                message = bad_rate(key, value)
            if message is not None:
                state.errors.append(key_error(entry, key, message))


def _several_kinds(entry: Transaction) -> AcomptaError:
    names = ", ".join(f"#{tag}" for tag in sorted(entry.tags) if tag in KIND_BY_TAG)
    return error_at(entry, f"le document porte plusieurs genres ({names}) : gardez-en un seul")


def _misspelt_tag(entry: Transaction) -> AcomptaError | None:
    for tag in sorted(entry.tags):
        meant = misspelt(tag)
        if meant is not None:
            return error_at(entry, f"étiquette #{tag} : vouliez-vous dire #{meant} ?")
    return None
