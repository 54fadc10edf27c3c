"""What is typed later never breaks a seal: every document of the reference cases and of the example dossiers."""

from __future__ import annotations

from pathlib import Path

import pytest
from beancount.core.data import Custom, Directive, Open, Price, Transaction

from acompta.dossier import OPTION
from acompta.engine import run
from acompta.loading import Loaded, load_ledger
from acompta.seals import posted_text, typed_text

ROOT = Path(__file__).parents[2]
LEDGERS = [
    *sorted(ROOT.glob("tests/cases/*/typed.beancount")),
    *sorted(ROOT.glob("ledgers/*/main.beancount")),
]


def said(loaded: Loaded, typed: list[Directive]) -> dict[str, tuple[object, str, str]]:
    """Date and both texts of each issued document of these entries, by number."""
    output, _, dossier = run(typed, loaded.options)
    by_entry = {id(document.entry): document for document in dossier.documents}
    found: dict[str, tuple[object, str, str]] = {}
    for numbered in dossier.numbered:
        document = by_entry.get(id(numbered.entry))
        bill = dossier.bills.get(document.index) if document is not None else None
        if document is None or bill is None or document.index in dossier.failed:
            continue
        entry = output[document.index]
        assert isinstance(entry, Transaction)
        posted = posted_text(bill, entry.postings)
        found[numbered.number] = (document.date, typed_text(document.entry), posted)
    return found


@pytest.mark.slow
def test_a_document_says_and_posts_the_same_on_its_day_and_at_the_end() -> None:
    compared = 0
    for path in LEDGERS:
        loaded = load_ledger(path)
        typed = loaded.options[OPTION].typed
        at_the_end = said(loaded, list(typed))
        for day in {date for date, _, _ in at_the_end.values()}:
            known = [e for e in typed if e.date <= day or isinstance(e, Open | Custom | Price)]
            on_its_day = said(loaded, known)
            for number, final in at_the_end.items():
                if final[0] == day:
                    assert on_its_day.get(number) == final, (path.parent.name, number)
                    compared += 1
    assert compared > 700
