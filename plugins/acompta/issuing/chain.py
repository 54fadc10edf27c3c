"""The chain of seals as a table, its texts byte by byte, and its comparison with an earlier export."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from beancount.core.data import Transaction

from acompta.dossier import OPTION, Dossier, Holder
from acompta.engine import run
from acompta.loading import Loaded
from acompta.seals import Sealed, State, posted_text, typed_text
from acompta.tables import Cell, Column, Kind, Report, Show, Table

# What is not a change: a document numbered by hand after sealed ones.
FINE: Final = frozenset({State.INTACT, State.UNSEALED})
_COLUMNS: Final = (
    Column("serie", "Série", Kind.CODE, grouped=True),
    Column("numero", "Numéro", Kind.CODE),
    Column("date", "Date", Kind.DATE),
    Column("etat", "État"),
    Column("suit", "Suit", Kind.CODE, give_way=1),
    Column("sceau", "Sceau", Kind.CODE),
    Column("texte", "Marque du texte", Kind.CODE, Show.EXPORT),
    Column("ecritures", "Marque des écritures", Kind.CODE, Show.EXPORT),
    Column("chaine", "Marque de la chaîne", Kind.CODE, Show.EXPORT),
    Column("fichier", "Fichier", Kind.TEXT, Show.EXPORT),
    Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
)
_SHOWN_DIGITS: Final = 16


class ChainError(Exception):
    """What was asked about the chain cannot be answered; the message is French."""


def chain_report(loaded: Loaded, missing: Sequence[str] | None = None) -> Report:
    """Every sealed document with its state, in the order of the chain, what is wrong, and the ``missing`` sentences.

    ``missing`` is what :func:`compared` found; ``None`` when no export was compared.
    """
    seals = loaded.dossier.seals
    table = chain_table(seals)
    intact = sum(1 for each in seals if each.state is State.INTACT)
    sealed = sum(1 for each in seals if each.state is not State.UNSEALED)
    wrong = [
        f"{Path(each.numbered.path).name}, ligne {each.numbered.line} : {each.message}"
        for each in seals
        if each.message
    ]
    said = ("Sceaux intacts", f"{intact} sur {sealed}") if sealed else ("Sceaux", "aucun")
    facts = [("intacts", *said)]
    if missing is not None:
        same = "tout y est encore, inchangé" if not missing else "des documents y diffèrent"
        facts.append(("export", "Export comparé", same))
    return Report(
        loaded.title,
        tuple(facts),
        (table,),
        warnings=(*wrong, *(missing or ())),
        nothing="Aucun document émis par « acompta emettre ».",
    )


def chain_table(seals: Iterable[Sealed]) -> Table:
    """The sealed documents, in the order of the chain."""
    return Table("sceaux", "Sceaux", _COLUMNS, tuple(map(_row, seals)))


def _row(each: Sealed) -> tuple[Cell, ...]:
    numbered, seal = each.numbered, each.seal
    return (
        numbered.series,
        numbered.number,
        numbered.date,
        each.state.value,
        each.previous,
        seal.chain[:_SHOWN_DIGITS] if seal is not None else "",
        seal.typed if seal is not None else "",
        seal.posted if seal is not None else "",
        seal.chain if seal is not None else "",
        numbered.path,
        numbered.line,
    )


def sealed_texts(loaded: Loaded, number: str) -> tuple[str, str]:
    """The two texts that the seal of a document hashes, as they are today.

    Raises:
        ChainError: no issued document bears that number, or it has no amounts.
    """
    holder = loaded.options.get(OPTION)
    typed = holder.typed if isinstance(holder, Holder) else None
    output, _, dossier = run(list(typed or loaded.entries), loaded.options)
    document = dossier.by_number(number)
    bill = dossier.bill(document) if document is not None else None
    if document is None or bill is None:
        raise ChainError(f"numéro « {number} » : aucun document émis et sans erreur ne le porte")
    entry = output[document.index]
    postings = entry.postings if isinstance(entry, Transaction) else []
    return typed_text(document.entry), posted_text(bill, postings)


def compared(dossier: Dossier, export: str) -> list[str]:
    """What an earlier export of the chain (JSON) has that the ledger no longer has: one French sentence each.

    A chain cannot tell that its last documents were taken away: an export kept elsewhere can.

    Raises:
        ChainError: it is not such an export.
    """
    now = {each.numbered.number: each.seal.chain for each in dossier.seals if each.seal is not None}
    sentences = []
    for number, chain in _exported(export):
        if number not in now:
            sentences.append(
                f"{number} était scellé lors de l'export, et n'est plus dans le journal"
            )
        elif now[number] != chain:
            sentences.append(f"{number} n'a plus le sceau qu'il avait lors de l'export")
    return sentences


def _exported(export: str) -> list[tuple[str, str]]:
    try:
        read: Any = json.loads(export)
        return [(row["numero"], row["chaine"]) for row in read["sceaux"] if row["chaine"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ChainError(
            "ce fichier n'est pas un export de sceaux : tapez celui que « acompta sceaux DOSSIER --json » a écrit"
        ) from error
