"""Write the dossier of a FEC: whole or not at all, and only once its own FEC gives the same balances."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from acompta.acts.staged import staged
from acompta.closing.fec.export import FecError, make_fec
from acompta.closing.fec.takeover import Key, Origin, dossier_files, read_origin
from acompta.closing.periods import Period
from acompta.invoices.writing import write_atomically
from acompta.loading import load_ledger
from acompta.messages import euros
from acompta.rounding import ZERO

_SHOWN = 5


class Installed(NamedTuple):
    """A FEC taken over: where, what it was, and how many accounts were compared."""

    folder: Path
    origin: Origin
    accounts: int


def install(path: Path, folder: Path) -> Installed:
    """Make the dossier ``folder`` of the FEC ``path``.

    Raises:
        OSError: a file cannot be read or written.
        FecError: the FEC cannot be trusted, ``folder`` holds something, or the dossier does not give its balances.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FecError(
            f"« {folder} » n'est pas vide : donnez un autre répertoire avec --out, ou videz-le"
        )
    origin = read_origin(path)
    with staged(folder) as aside:
        for name, text in dossier_files(origin).items():
            write_atomically(aside / name, text.encode())
        accounts = prove(origin, aside)
    return Installed(folder, origin, accounts)


def prove(origin: Origin, folder: Path) -> int:
    """Load the dossier and compare its FEC with the balances of ``origin``; how many accounts there are.

    Raises:
        FecError: an error in the dossier, or an account that differs.
    """
    loaded = load_ledger(folder)
    if loaded.errors:
        messages = [
            f"{Path(error.source['filename']).name}, ligne {error.source['lineno']} : {error.message}"
            for error in loaded.errors[:_SHOWN]
        ]
        raise FecError("le dossier repris ne se charge pas", *messages)
    dates = [movement.date for movement in origin.movements]
    start, end = min(dates, default=origin.closing), max(dates, default=origin.closing)
    fec = make_fec(loaded, Period("", start, max(end, origin.closing)))
    found: dict[Key, Decimal] = {}
    for line in fec.lines:
        key = (line.code.number, line.code.auxiliary)
        found[key] = found.get(key, ZERO) + line.debit - line.credit
    expected = origin.balances()
    wrong = [
        f"compte {' '.join(filter(None, key))} : {euros(expected.get(key, ZERO))} au FEC,"
        f" {euros(found.get(key, ZERO))} au dossier"
        for key in sorted(found.keys() | expected.keys())
        if found.get(key, ZERO) != expected.get(key, ZERO)
    ]
    if wrong:
        raise FecError("les soldes du dossier repris diffèrent de ceux du FEC", *wrong[:_SHOWN])
    return len(expected)
