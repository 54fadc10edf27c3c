"""After a closing, any change on or before its date is an error at the line that changed.

The engine calls `check_closings` once, with what it is about to give to Beancount. Without closings it costs
nothing; with closings, one digest per closed entry. The file of digests is read only when a hash differs, to say
what changed.
"""

from __future__ import annotations

import bisect
import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from beancount.core.data import Custom, Directive, Transaction

from acompta import french
from acompta.closing.closings import (
    DESPITE,
    ON_CLOSING,
    Closing,
    Key,
    only_closings,
    only_validations,
    read_closings,
)
from acompta.closing.journals import book_order
from acompta.closing.seal import (
    NO_HASH,
    SealedEntry,
    canonical,
    digest,
    is_hash_of,
    read_entries_file,
    sealable,
    sealed_entry,
)
from acompta.messages import AcomptaError, Code, error_at
from acompta.settlement.reading import CUSTOMERS, SUPPLIERS
from acompta.settlement.vat_entries import TAKEN_BACK

# An error per entry would drown the reader: a whole file that has gone is one mistake.
MOST_ERRORS: Final = 20
# What the engine writes because of a payment.
_BY_PAYMENT: Final = (CUSTOMERS.on_receipt, SUPPLIERS.on_receipt, TAKEN_BACK)


class Verified(NamedTuple):
    """What `check_closings` found: the closings, what changed since, and the entries of the plugin that are put off.

    ``moved`` are by identity of the entry that they replace; ``changed`` says by `Closing.key` what is no longer as it
    was closed or validated (those of ``errors`` that concern it).
    """

    closings: list[Closing]
    errors: list[AcomptaError]
    moved: dict[int, Transaction]
    changed: dict[Key, list[AcomptaError]]


class _Books(NamedTuple):
    """The ledger around closed periods: its ``folder``, the first open day, all that it holds now."""

    folder: Path
    next_day: datetime.date
    output: Sequence[Directive]

    def put_later(self, closing: Closing, gone: SealedEntry) -> Transaction | None:
        """The entry after the closing that was in it: the same piece or place, label and lines."""
        for entry in self.output:
            if not isinstance(entry, Transaction) or entry.date <= closing.date:
                continue
            if (entry.narration or "") not in gone.label:
                continue
            now = sealed_entry(entry, self.folder)
            same_place = (now.file, now.line) == (gone.file, gone.line)
            if (now.piece, now.label, now.lines) == (gone.piece, gone.label, gone.lines) and (
                gone.piece or same_place
            ):
                return entry
        return None


def _changed_at(entry: Directive, message: str) -> AcomptaError:
    return error_at(entry, message, code=Code.CLOSING)


def check_closings(customs: Sequence[Custom], output: Iterable[Directive], main: str) -> Verified:
    """The closings of the ledger ``main`` (its main file), and what has changed since, each error at its line.

    VAT that a link given after the closing makes due on a closed day is booked on the first open day, with its real
    date in ``date-reelle:`` (PCG art. 1031-4).
    """
    closings, errors = read_closings(customs)
    moved: dict[int, Transaction] = {}
    changed: dict[Key, list[AcomptaError]] = {}
    if closings:
        folder = Path(main).parent
        output = list(output)
        changed |= _check(only_closings(closings), output, folder, moved)
        output = [moved.get(id(entry), entry) for entry in output]
        changed |= _check_validations(only_validations(closings), output, folder)
        errors += [error for found in changed.values() for error in found]
    return Verified(closings, errors, moved, changed)


def _check(
    closings: list[Closing],
    output: Sequence[Directive],
    folder: Path,
    moved: dict[int, Transaction],
) -> dict[Key, list[AcomptaError]]:
    if not closings:
        return {}
    changed: dict[Key, list[AcomptaError]] = {}
    left = sealable(output, closings[-1].date)
    books = _Books(folder, closings[-1].date + datetime.timedelta(days=1), output)
    previous = NO_HASH
    for closing in closings:
        count = bisect.bisect_right(left, closing.date, key=_date)
        current, left = left[:count], left[count:]
        digests = [digest(entry) for entry in current]
        if not is_hash_of(closing.hash, closing.stamp, previous, digests):
            late = _late(closing, current, digests, folder)
            if late:
                put_off = [_put_off(entry, closing, moved) for entry in late]
                gone = {id(entry) for entry in late}
                current = [entry for entry in current if id(entry) not in gone]
                digests = [digest(entry) for entry in current]
                kept = [entry for entry in put_off if entry.date <= closings[-1].date]
                left = sorted([*left, *kept], key=book_order)
            if not is_hash_of(closing.hash, closing.stamp, previous, digests):
                found = _changes(closing, previous, current, digests, books)
                changed.setdefault(closing.key, []).extend(found)
        previous = closing.hash
    return changed


def _date(entry: Transaction) -> datetime.date:
    return entry.date


def _late(
    closing: Closing, current: list[Transaction], digests: list[str], folder: Path
) -> list[Transaction]:
    """The entries of the plugin that the closing did not have."""
    sealed = read_entries_file(closing.file(folder))
    if sealed is None:
        return []
    _, extra = unmatched(sealed, current, digests)
    return [entry for entry in extra if "exigibilite" in entry.meta]


def _put_off(entry: Transaction, closing: Closing, moved: dict[int, Transaction]) -> Transaction:
    """The entry on the first day after the closing, with its real date; ``moved`` says what it replaces."""
    meta = {"date-reelle": entry.date, **entry.meta}
    day = closing.date + datetime.timedelta(days=1)
    later = entry._replace(date=day, meta=meta)
    source = next((key for key, known in moved.items() if known is entry), id(entry))
    moved[source] = later
    return later


def _changes(
    closing: Closing,
    previous: str,
    current: list[Transaction],
    digests: list[str],
    books: _Books,
) -> list[AcomptaError]:
    """What differs between a closed period and its digests."""
    folder = books.folder
    sealed = read_entries_file(closing.file(folder))
    where = closing.file(folder).relative_to(folder).as_posix()
    if sealed is None:
        return [
            _changed_at(
                closing.entry,
                f"clôture de {closing.name} : les écritures ont changé depuis, et « {where} » manque ou est illisible,"
                " si bien qu'on ne peut pas dire lesquelles ; rétablissez ce fichier depuis votre sauvegarde",
            )
        ]
    kept = [entry.digest for entry in sealed]
    if not is_hash_of(closing.hash, closing.stamp, previous, kept):
        return [
            _changed_at(
                closing.entry,
                f"clôture de {closing.name} : cette ligne (empreinte, {ON_CLOSING}:, {DESPITE}:), « {where} » ou une"
                " clôture antérieure a été changée ; rétablissez-les depuis votre sauvegarde",
            )
        ]
    errors = _differences(closing, sealed, current, digests, books)
    return errors or [_moved(closing, sealed, current, digests)]


def _differences(
    closing: Closing,
    sealed: list[SealedEntry],
    current: list[Transaction],
    digests: list[str],
    books: _Books,
    *,
    additions: bool = True,
) -> list[AcomptaError]:
    """The entries that changed, appeared, disappeared, paired by where they are and what they say."""
    missing, extra = unmatched(sealed, current, digests)
    errors: list[AcomptaError] = []
    partners = _Partners(extra, books.folder)
    for gone in missing:
        entry = partners.take(gone)
        if entry is None:
            if len(errors) >= MOST_ERRORS:  # counted, never shown: not worth a search
                errors.append(_changed_at(closing.entry, _erased(closing, gone, "")))
                continue
            errors.append(_deleted(closing, gone, current, books))
        else:
            errors.append(_changed_at(entry, _changed(closing, gone, entry, books)))
    if additions:
        errors += [
            _changed_at(entry, _added(closing, entry, books.next_day)) for entry in partners.left()
        ]
    left = len(errors) - MOST_ERRORS
    if left > 0:
        errors[MOST_ERRORS:] = [
            _changed_at(
                closing.entry, f"clôture de {closing.name} : {left} autres écritures ont changé"
            )
        ]
    return errors


def unmatched(
    sealed: list[SealedEntry], current: list[Transaction], digests: list[str]
) -> tuple[list[SealedEntry], list[Transaction]]:
    """What was sealed and is no longer there, and what is there and was not sealed; ``digests`` are of ``current``."""
    now, then = Counter(digests), Counter(entry.digest for entry in sealed)
    too_many, too_few = now - then, then - now
    missing = []
    for sealed_one in sealed:
        if too_few[sealed_one.digest] > 0:
            too_few[sealed_one.digest] -= 1
            missing.append(sealed_one)
    extra = []
    for entry, mark in zip(reversed(current), reversed(digests), strict=True):
        if too_many[mark] > 0:
            too_many[mark] -= 1
            extra.append(entry)
    return missing, list(reversed(extra))


class _Partners:
    """The entries that sealed ones may have become: by piece, else by place, else by two of date, label, lines."""

    def __init__(self, extra: list[Transaction], folder: Path) -> None:
        self._entries = dict(enumerate(extra))
        self._index: dict[tuple[object, ...], list[int]] = {}
        for place, entry in self._entries.items():
            for key in _likenesses(sealed_entry(entry, folder)):
                self._index.setdefault(key, []).append(place)

    def take(self, gone: SealedEntry) -> Transaction | None:
        """The entry most like ``gone`` that no other has become, or ``None``."""
        for key in _likenesses(gone):
            for place in self._index.get(key, ()):
                if place in self._entries:
                    return self._entries.pop(place)
        return None

    def left(self) -> list[Transaction]:
        """Those that nothing has become."""
        return list(self._entries.values())


def _likenesses(entry: SealedEntry) -> list[tuple[object, ...]]:
    """What makes two entries the same one, the surest first."""
    keys: list[tuple[object, ...]] = [
        ("place and label", entry.file, entry.line, entry.label),
        ("place and lines", entry.file, entry.line, entry.lines),
        ("place and date", entry.file, entry.line, entry.date),
        ("label and lines", entry.label, entry.lines),
        ("date and label", entry.date, entry.label),
        ("date and lines", entry.date, entry.lines),
    ]
    return [("piece", entry.piece, entry.label), *keys] if entry.piece else keys


def _changed(closing: Closing, gone: SealedEntry, entry: Transaction, books: _Books) -> str:
    now = sealed_entry(entry, books.folder)
    what = [
        f"{name} : {old or 'rien'} à la clôture, {new or 'rien'} aujourd'hui"
        for name, old, new in (
            ("date", _day(gone.date), _day(now.date)),
            ("pièce", gone.piece, now.piece),
            ("libellé", gone.label, now.label),
        )
        if old != new
    ]
    what += _changed_lines(gone.lines, now.lines)
    detail = " ; ".join(what) or "ordre des lignes ou date réelle"
    return (
        f"écriture modifiée après la clôture de {closing.name} ({detail}) : rétablissez-la ; une correction se date du"
        f" {french.short_day(books.next_day)}"
    )


def _changed_lines(old: str, new: str) -> list[str]:
    before, after = Counter(old.split(" ; ")), Counter(new.split(" ; "))
    gone, come = list((before - after).elements()), list((after - before).elements())
    if not gone and not come:
        return []
    return [
        f"lignes : {' ; '.join(gone) or 'rien'} à la clôture, {' ; '.join(come) or 'rien'} aujourd'hui"
    ]


def _added(closing: Closing, entry: Transaction, next_day: datetime.date) -> str:
    day = french.short_day(entry.date)
    return (
        f"écriture datée du {day} ajoutée après la clôture de {closing.name} : datez-la du"
        f" {french.short_day(next_day)}, premier jour ouvert, avec"
        f" date-reelle: {entry.date.isoformat()} (PCG art. 1031-4)"
    )


def _deleted(
    closing: Closing, gone: SealedEntry, current: list[Transaction], books: _Books
) -> AcomptaError:
    """A sealed entry that is not in its period: put at another date, no longer caused by a payment, or erased."""
    later = books.put_later(closing, gone)
    if later is not None:
        return _changed_at(
            later,
            f"écriture sortie de {closing.name} après sa clôture : {_day(gone.date)} à la clôture,"
            f" {french.short_day(later.date)} aujourd'hui ; rétablissez sa date",
        )
    piece = f", pièce {gone.piece}" if gone.piece else ""
    cause = _cause(gone, current)
    if cause is not None:
        return _changed_at(
            cause,
            f"cette écriture ne passe plus « {gone.label} »{piece}, {gone.lines}, qu'elle passait à la clôture de"
            f" {closing.name} : rétablissez son lien, son montant, le document qu'elle nomme ou les comptes de TVA",
        )
    return _changed_at(closing.entry, _erased(closing, gone, piece))


def _cause(gone: SealedEntry, current: list[Transaction]) -> Transaction | None:
    """The payment that made VAT due by an entry that is gone: that of its day and third party, when there is one."""
    if not gone.label.endswith(_BY_PAYMENT):
        return None
    found = [
        entry
        for entry in current
        if "exigibilite" not in entry.meta
        and entry.date.isoformat() == gone.date
        and entry.payee
        and gone.label.startswith(f"{' '.join(entry.payee.split())} – ")
    ]
    return found[0] if len(found) == 1 else None


def _erased(closing: Closing, gone: SealedEntry, piece: str) -> str:
    return (
        f"écriture supprimée après la clôture de {closing.name} : {_day(gone.date)} « {gone.label} »{piece},"
        f" {gone.lines} ({gone.file}, ligne {gone.line}) ; rétablissez-la"
    )


def _moved(
    closing: Closing, sealed: list[SealedEntry], current: list[Transaction], digests: list[str]
) -> AcomptaError:
    """Same entries, another order: the first one that is not where it was."""
    for place, (then, now) in enumerate(zip(sealed, digests, strict=False)):
        if then.digest != now:
            return _changed_at(
                current[place],
                f"l'ordre des écritures a changé après la clôture de {closing.name} : ici venait « {then.label} » du"
                f" {_day(then.date)} ({then.file}, ligne {then.line}) ; remettez-les dans cet ordre",
            )
    return _changed_at(closing.entry, f"clôture de {closing.name} : empreinte différente")


def _day(text: str) -> str:
    return french.short_day(datetime.date.fromisoformat(text))


# -- validations ------------------------------------------------------------------------------------------------


def _check_validations(
    validations: list[Closing], output: Sequence[Directive], folder: Path
) -> dict[Key, list[AcomptaError]]:
    """Entries made definitive are all there, unchanged; others may have been added (PCG art. 1031-3)."""
    if not validations:
        return {}
    changed: dict[Key, list[AcomptaError]] = {}
    previous = NO_HASH
    current = sealable(output, validations[-1].date)
    digests = [digest(entry) for entry in current]
    last = validations[-1].date
    known = Counter(digests)
    earlier: Counter[str] = Counter()
    for validation in validations:
        sealed = read_entries_file(validation.file(folder))
        kept = Counter(entry.digest for entry in sealed or ())
        errors: list[AcomptaError] = []
        if sealed is None or not _validated(validation, previous, sealed):
            where = validation.file(folder).relative_to(folder).as_posix()
            errors.append(
                _changed_at(
                    validation.entry,
                    f"validation du {french.short_day(validation.date)} : cette ligne ou « {where} » a été changée, ou"
                    " manque ; rétablissez-les depuis votre sauvegarde",
                )
            )
        elif kept - (known - earlier):
            rest = _without(current, digests, earlier)
            marks = [digest(entry) for entry in rest]
            books = _Books(folder, last, output)
            errors = _differences(validation, sealed, rest, marks, books, additions=False)
        if errors:
            changed.setdefault(validation.key, []).extend(errors)
        earlier += kept
        previous = validation.hash
    return changed


def _without(
    current: list[Transaction], digests: list[str], earlier: Counter[str]
) -> list[Transaction]:
    """The entries that no earlier validation holds: two that say the same are two entries."""
    left = earlier.copy()
    rest = []
    for entry, mark in zip(current, digests, strict=True):
        if left[mark]:
            left[mark] -= 1
        else:
            rest.append(entry)
    return rest


def _validated(validation: Closing, previous: str, sealed: list[SealedEntry]) -> bool:
    digests = [entry.digest for entry in sealed]
    return is_hash_of(validation.hash, validation.stamp, previous, digests)


__all__ = ["canonical", "check_closings", "unmatched"]
