"""Write the same ledger out in full, for a Beancount without the plugin: every posting and every VAT entry by hand.

::

    python -m benchmarks.written_out /tmp/dossier --out /tmp/dossier-written-out [--traces]

Two ways: as a person would type it (the keys of the document and its lines, the invoice that each VAT line is about),
or with ``--traces`` as the plugin's output prints, with the ``etendu``, ``taux`` and ``base`` that it leaves on what it
makes. Figures are those of the plugin; `same_balances` compares what Beancount then books.
"""

from __future__ import annotations

import argparse
import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from beancount.core.amount import Amount
from beancount.core.data import Directive, Open, Transaction

from acompta.loading import load_raw
from benchmarks.generate import MAIN, PLUGIN_LINE, aligned

TRACES: Final = frozenset({"etendu", "taux", "base", "exigibilite"})
PLACES: Final = frozenset({"filename", "lineno"})


def write_out(typed: Path, folder: Path, *, traces: bool = False) -> Path:
    """Write the ledger whose main file is ``typed`` out in full; the path of the new main file.

    Raises:
        ValueError: the typed ledger has errors, so there is nothing to compare with.
    """
    entries, errors, _ = load_raw(typed)
    if errors:
        raise ValueError(f"{typed}: {errors[0].message}")
    folder.mkdir(parents=True, exist_ok=True)
    hidden = PLACES if traces else PLACES | TRACES
    texts: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        name = Path(entry.meta["filename"]).name
        if isinstance(entry, Transaction):
            texts[name].append(_transaction(entry, hidden))
        elif isinstance(entry, Open) and "etendu" in entry.meta:
            texts[name].append(f"{entry.date} open {entry.account} EUR\n")
    for source in sorted(typed.parent.glob("*.beancount")):
        kept = _without_transactions(source.read_text(encoding="utf-8"))
        text = "\n".join([kept, *texts[source.name]])
        (folder / source.name).write_text(text, encoding="utf-8")
    return folder / typed.name


def balances(entries: Iterable[Directive]) -> dict[tuple[str, str], Decimal]:
    """What every account holds, by account and currency; an account at zero is left out."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                units = posting.units
                if units is not None and units.number is not None:
                    sums[posting.account, units.currency] += units.number
    return {key: number for key, number in sums.items() if number}


def same_balances(typed: Path, written: Path) -> bool:
    """Whether both ledgers load without an error and book the same balances."""
    (ours, our_errors, _), (theirs, their_errors, _) = load_raw(typed), load_raw(written)
    return not our_errors and not their_errors and balances(ours) == balances(theirs)


def _without_transactions(text: str) -> str:
    """Options, includes, accounts and the seller: what the typed files hold beside transactions."""
    paragraphs = text.replace(PLUGIN_LINE, "").split("\n\n")
    return "\n\n".join(part for part in paragraphs if not _is_transaction(part)).rstrip() + "\n"


def _is_transaction(paragraph: str) -> bool:
    return paragraph.lstrip()[10:13] in {" * ", " ! "}


def _transaction(entry: Transaction, hidden: frozenset[str]) -> str:
    words = [f'{entry.date} {entry.flag} "{entry.payee}" "{entry.narration}"']
    words += [f"#{tag}" for tag in sorted(entry.tags)]
    words += [f"^{link}" for link in sorted(entry.links)]
    lines = [" ".join(words), *_keys(entry.meta, hidden, "  ")]
    for posting in entry.postings:
        units = posting.units
        assert units is not None
        lines.append(aligned(posting.account, f"{units.number} {units.currency}"))
        lines += _keys(posting.meta or {}, hidden, "    ")
    return "\n".join(lines) + "\n"


def _keys(meta: dict[str, Any], hidden: frozenset[str], indent: str) -> Iterator[str]:
    for key, value in meta.items():
        if key not in hidden and not key.startswith("__"):
            yield f"{indent}{key}: {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (Decimal, Amount, datetime.date)):
        return str(value)
    return f'"{value}"'


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one ledger out, and say whether it books the same balances."""
    parser = argparse.ArgumentParser(description="Write a ledger out in full, without the plugin.")
    parser.add_argument("typed", type=Path, help=f"folder of the typed ledger ({MAIN})")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--traces", action="store_true", help="with etendu, taux and base")
    options = parser.parse_args(arguments)
    typed = options.typed / MAIN
    written = write_out(typed, options.out, traces=options.traces)
    verdict = "same balances" if same_balances(typed, written) else "BALANCES DIFFER"
    print(f"{written}: {verdict}")


if __name__ == "__main__":
    main()
