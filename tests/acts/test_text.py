from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.amount import Amount
from beancount.core.data import Transaction
from beancount.parser import parser
from hypothesis import given
from hypothesis import strategies as st

from acompta.acts import ActError, LedgerText

ROOTS = """option "name_assets" "Actif"
option "name_income" "Produits"
"""
DRAFT = """2026-01-05 ! "SCI Dupont" "Étude" #facture ^D1 ; à envoyer
  ; le client attend
  echeance: 2026-02-01
  Actif:411:Dupont
  Produits:706:Conseil   -100.00 EUR  ; une journée
    libelle: "Étude « façade »"
"""
PATH = Path("journal.beancount")
DAY = datetime.date(2026, 1, 31)


def entries_of(raw: bytes) -> list[Transaction]:
    found, _, _ = parser.parse_string(raw, report_filename=str(PATH))
    return [entry for entry in found if isinstance(entry, Transaction)]


def edited(text: str | bytes, change: Callable[[LedgerText, list[Transaction]], None]) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    ledger = LedgerText(PATH, raw)
    change(ledger, entries_of(raw))
    return ledger.result()


def issue(ledger: LedgerText, entries: list[Transaction]) -> None:
    for rank, entry in enumerate(entries, 1):
        ledger.transaction(
            entry,
            flag="*",
            date=DAY,
            meta={"numero": f"F{rank}", "ttc": Amount(Decimal("120.00"), "EUR")},
        )


ISSUED = """2026-01-31 * "SCI Dupont" "Étude" #facture ^D1 ; à envoyer
  numero: "F1"
  ttc: 120.00 EUR
  ; le client attend
  echeance: 2026-02-01
  Actif:411:Dupont
  Produits:706:Conseil   -100.00 EUR  ; une journée
    libelle: "Étude « façade »"
"""


def test_a_draft_becomes_a_document_and_not_one_other_byte_changes() -> None:
    assert edited(ROOTS + DRAFT, issue).decode() == ROOTS + ISSUED


def test_windows_line_ends_stay() -> None:
    text = (ROOTS + DRAFT).replace("\n", "\r\n")
    assert edited(text, issue).decode() == (ROOTS + ISSUED).replace("\n", "\r\n")


def test_the_lines_added_end_as_the_line_above_in_a_file_of_mixed_ends() -> None:
    text = (ROOTS + "; note\r\n" + DRAFT).encode()
    assert edited(text, issue) == (ROOTS + "; note\r\n" + ISSUED).encode()


def test_a_byte_order_mark_stays() -> None:
    text = "\ufeff" + "\n" + ROOTS + DRAFT
    assert edited(text, issue) == ("\ufeff\n" + ROOTS + ISSUED).encode()


def test_tabs_indent_what_is_added_where_tabs_indent_the_rest() -> None:
    tabbed = DRAFT.replace("\n    ", "\n\t\t").replace("\n  ", "\n\t")
    expected = ISSUED.replace("\n    ", "\n\t\t").replace("\n  ", "\n\t")
    assert edited(ROOTS + tabbed, issue).decode() == ROOTS + expected


def test_two_drafts_on_adjacent_lines_without_metadata_and_no_last_line_end() -> None:
    text = ROOTS + (
        '2026/1/5 ! "A"\n  Actif:411:A  1 EUR\n  Produits:70:B\n2026-01-06 txn "B" "dit \\"b\\" ; vrai"\n'
        "  Actif:411:A  1 EUR\n  Produits:70:B"
    )
    after = edited(text, issue).decode()
    assert after == ROOTS + (
        '2026/01/31 * "A"\n  numero: "F1"\n  ttc: 120.00 EUR\n  Actif:411:A  1 EUR\n  Produits:70:B\n'
        '2026-01-31 * "B" "dit \\"b\\" ; vrai"\n  numero: "F2"\n  ttc: 120.00 EUR\n'
        "  Actif:411:A  1 EUR\n  Produits:70:B"
    )


def test_a_text_on_several_lines_in_the_head() -> None:
    head = '2026-01-05 ! "SCI" "Étude ; de\n2026-01-05 ! façade" #facture\n'
    body = "  Actif:411:A  1 EUR\n  Produits:70:B\n"
    after = edited(ROOTS + head + body, issue).decode()
    assert after == ROOTS + (
        '2026-01-31 * "SCI" "Étude ; de\n2026-01-05 ! façade" #facture\n  numero: "F1"\n  ttc: 120.00 EUR\n'
        + body
    )


def test_links_go_after_the_head_and_before_its_comment_each_once() -> None:
    def link(ledger: LedgerText, entries: list[Transaction]) -> None:
        ledger.transaction(entries[0], links=["D1", "F2026-001"])

    after = edited(ROOTS + DRAFT, link).decode()
    assert after == ROOTS + DRAFT.replace("^D1 ;", "^D1 ^F2026-001 ;")


def test_metadata_under_postings_with_and_without_some_already() -> None:
    def letter(ledger: LedgerText, entries: list[Transaction]) -> None:
        for posting in entries[0].postings:
            ledger.posting(entries[0], posting, {"lettrage": "A"})

    after = edited(ROOTS + DRAFT, letter).decode()
    assert after == ROOTS + DRAFT.replace(
        "Actif:411:Dupont\n", 'Actif:411:Dupont\n    lettrage: "A"\n'
    ).replace("journée\n", 'journée\n    lettrage: "A"\n')


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\r\n"])
def test_directives_are_added_at_the_end_after_one_blank_line(end: str) -> None:
    def close(ledger: LedgerText, _: list[Transaction]) -> None:
        ledger.append('2026-01-31 custom "cloture" "2026-01" "abc"')
        ledger.append('2026-02-28 custom "cloture" "2026-02" "abd"\n')

    newline = "\r\n" if "\r" in end else "\n"
    text = ROOTS.replace("\n", newline) + "2026-01-01 open Actif:411:A EUR" + end
    after = edited(text, close).decode()
    assert after == (text if end else text + newline) + (
        "" if end == "\n\n" else newline
    ) + newline.join(
        [
            '2026-01-31 custom "cloture" "2026-01" "abc"',
            "",
            '2026-02-28 custom "cloture" "2026-02" "abd"',
            "",
        ]
    )


def test_latin1_is_refused_with_its_line_and_what_to_do() -> None:
    raw = (ROOTS + DRAFT).encode("cp1252")
    with pytest.raises(ActError, match=r"ligne 3 : .*pas en UTF-8.*enregistrez"):
        LedgerText(PATH, raw)


def test_old_mac_line_ends_are_refused() -> None:
    with pytest.raises(ActError, match="anciens Mac"):
        LedgerText(PATH, (ROOTS + DRAFT).replace("\n", "\r").encode())


def test_another_transaction_at_that_line_is_not_touched() -> None:
    entries = entries_of((ROOTS + DRAFT).encode())
    moved = LedgerText(PATH, ("\n" + ROOTS + DRAFT).encode())
    with pytest.raises(ActError, match="n'est plus celui qui a été lu"):
        moved.transaction(entries[0], flag="*")
    other = LedgerText(PATH, (ROOTS + DRAFT.replace("SCI Dupont", "SCI Durand")).encode())
    other.transaction(entries[0], flag="*")
    with pytest.raises(ActError, match="n'est plus celui qui a été lu"):
        other.result()


def test_a_key_that_is_there_already_is_refused() -> None:
    def twice(ledger: LedgerText, entries: list[Transaction]) -> None:
        ledger.transaction(entries[0], meta={"echeance": DAY})

    with pytest.raises(ActError, match="sans risque"):
        edited(ROOTS + DRAFT, twice)


def test_quotes_and_backslashes_in_a_value_come_back_the_same() -> None:
    value = 'dit "oui" \\ non\n« à Noël »'

    def write(ledger: LedgerText, entries: list[Transaction]) -> None:
        ledger.transaction(entries[0], meta={"motif": value})

    assert entries_of(edited(ROOTS + DRAFT, write))[0].meta["motif"] == value


blank = st.sampled_from(["", "\n", "; note\n", "* titre\n", "  \n"])
margin = st.sampled_from(["  ", "\t", "    "])
words = st.text("aé \\;*!^#", max_size=8)


@given(
    st.lists(st.tuples(blank, margin, words, st.booleans()), min_size=1, max_size=5), st.booleans()
)
def test_what_is_taken_out_again_gives_the_text_back(
    drafts: list[tuple[str, str, str, bool]], windows: bool
) -> None:
    text = ROOTS
    for before, indent, word, commented in drafts:
        quoted = word.replace("\\", "\\\\")
        comment = " ; fin" if commented else ""
        text += (
            f'{before}2026-01-05 ! "A" "{quoted}" #facture{comment}\n{indent}Actif:411:A  1 EUR\n'
        )
        text += f"{indent}Produits:70:B{comment}\n"
    if windows:
        text = text.replace("\n", "\r\n")
    after = edited(text, issue).decode()
    back = [
        line.replace("2026-01-31 *", "2026-01-05 !")
        for line in after.splitlines(keepends=True)
        if not line.lstrip().startswith(("numero:", "ttc:"))
    ]
    assert "".join(back) == text
    assert [entry.meta["numero"] for entry in entries_of(after.encode())] == [
        f"F{rank}" for rank in range(1, len(drafts) + 1)
    ]
