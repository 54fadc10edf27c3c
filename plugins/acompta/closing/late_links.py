"""Links given to payments of a closed month: outside the seal, so allowed, unless they change what it holds.

The VAT that such a link makes due is booked on the first open day, with its real date (PCG art. 1031-4). But a payment
linked late may take a cent from the VAT of a later payment that is sealed too: the engine is run as if the links were
typed, and those that would change a sealed entry are refused (PCG art. 1031-3).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from beancount.core.data import Directive, Posting, Transaction

from acompta import french
from acompta.closing.closings import closed_until
from acompta.closing.matching import LINKABLE, Match
from acompta.dossier import OPTION, Holder
from acompta.engine import run
from acompta.loading import Loaded
from acompta.owed import Place, place_of

LETTER: Final = "lettrage"


class LateLinks(NamedTuple):
    """Matches whose payment is in a closed month; ``refused`` would change a sealed entry. ``open_day``: the first."""

    open_day: datetime.date
    late: tuple[Match, ...]
    refused: tuple[Match, ...]


def late_links(loaded: Loaded, matches: Sequence[Match]) -> LateLinks:
    """Those of ``matches`` that concern closed months, and those among them that must not be typed."""
    until = closed_until(loaded.dossier.closings)
    if until is None:
        return LateLinks(datetime.date.min, (), ())
    late = tuple(match for match in matches if match.payment.entry.date <= until)
    day = until + datetime.timedelta(days=1)
    if not late or not _breaks(loaded, matches):
        return LateLinks(day, late, ())
    refused: list[Match] = []
    for match in late:
        kept = [one for one in matches if one not in refused]
        if _breaks(loaded, [one for one in kept if one is match or one not in late]):
            refused.append(match)
    kept_late = [match for match in late if match not in refused]
    if _breaks(loaded, [one for one in matches if one not in refused]):
        refused += kept_late  # harmless one by one, not together: none is typed
    return LateLinks(day, late, tuple(refused))


def why_refused(match: Match, open_day: datetime.date) -> str:
    """What to type instead, in French."""
    entry = match.payment.entry
    paid = french.short_day(entry.date)
    numbers = ", ".join(match.numbers)
    links = " ".join(f"^{number}" for number in match.numbers)
    amount = f"{abs(match.payment.amount):.2f} EUR"
    return (
        f"règlement du {paid}, {french.euros(match.payment.amount)} : le lier à {numbers} changerait une écriture d'un"
        f" mois clôturé ; rattachez-le au {french.short_day(open_day)}, premier jour ouvert,"
        f" par deux écritures : {match.payment.party} au débit contre un compte 471, {amount}, sans lien ; puis ce 471"
        f" contre {match.payment.party} au crédit, avec {links} et date-reelle: {entry.date} ; et"
        f' {LETTER}: "X1" sous les deux lignes qui s\'annulent'
    )


def when_due(count: int, open_day: datetime.date) -> str:
    """What links typed in closed months do."""
    subject = (
        "1 règlement d'un mois clôturé" if count == 1 else f"{count} règlements de mois clôturés"
    )
    return (
        f"{subject} : les liens sont hors de l'empreinte, le mois clôturé ne bouge pas ; la TVA que ces liens rendent"
        f" exigible l'est au {french.short_day(open_day)}, premier jour ouvert, avec sa date réelle (PCG art. 1031-4)"
    )


def _breaks(loaded: Loaded, matches: Iterable[Match]) -> bool:
    """Whether the ledger would have new errors with these links typed."""
    holder = loaded.options.get(OPTION)
    typed = holder.typed if isinstance(holder, Holder) and holder.typed else loaded.entries
    by_place = {place_of(match.payment.entry): match for match in matches}
    entries = [_linked(entry, by_place) for entry in typed]
    _, errors, _ = run(entries, loaded.options)
    known = {error.message for error in loaded.errors}
    return any(error.message not in known for error in errors)


def _linked(entry: Directive, by_place: Mapping[Place, Match]) -> Directive:
    """The entry as it will be once its link is typed."""
    match = by_place.get(place_of(entry)) if isinstance(entry, Transaction) else None
    if match is None or not isinstance(entry, Transaction):
        return entry
    if all(LINKABLE.fullmatch(number) for number in match.numbers):
        return entry._replace(links=entry.links | set(match.numbers))
    account, number = match.payment.posting.account, match.numbers[0]
    return entry._replace(postings=[_named(one, account, number) for one in entry.postings])


def _named(posting: Posting, account: str, number: str) -> Posting:
    if posting.account != account:
        return posting
    return posting._replace(meta={**(posting.meta or {}), "facture": number})
