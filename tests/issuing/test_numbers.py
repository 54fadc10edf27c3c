from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.issuing.samples import MAIN, dossier, invoice

from acompta.issuing import BlockedError, Plan, plan_issue
from acompta.issuing.formats import FormatError, composed, format_in_use, read_format, series_key
from acompta.loading import load_ledger
from acompta.numbering import split_number

DAY = datetime.date(2026, 3, 31)


def plan(folder: Path, day: datetime.date = DAY) -> Plan:
    return plan_issue(load_ledger(folder), day, day)


def numbers(folder: Path, day: datetime.date = DAY) -> list[str]:
    return [issue.name for issue in plan(folder, day).issues]


def said(folder: Path, day: datetime.date = DAY) -> str:
    found = plan(folder, day)
    assert not found.issues
    return found.refusals[0].message


def seller(keys: str) -> str:
    return MAIN.replace('  regime-tva: "encaissements"\n', f'  regime-tva: "encaissements"\n{keys}')


def issued(day: str, number: str, *, tag: str = "facture", more: str = "") -> str:
    return invoice(day, flag="*", tag=tag, more=f'  numero: "{number}"\n{more}')


DRAFTS = invoice("2026-03-10") + invoice("2026-03-09")


@pytest.mark.parametrize(
    ("keys", "before", "wanted"),
    [
        ("", "", ["F2026-0001", "F2026-0002"]),
        ("", issued("2026-01-05", "F2026-012"), ["F2026-013", "F2026-014"]),
        ("", issued("2026-01-05", "F2026-0999"), ["F2026-1000", "F2026-1001"]),
        ("", issued("2025-12-05", "F2025-012"), ["F2026-001", "F2026-002"]),
        ("", issued("2025-12-05", "CF-25-07"), ["CF-26-01", "CF-26-02"]),
        ("", issued("2025-12-05", "0731"), ["0732", "0733"]),
        ('  format-numero: "G26/0000"\n', "", ["G26/0001", "G26/0002"]),
        (
            '  format-numero: "G26/0000"\n  premier-numero: "A26-7 G26/0051"\n',
            "",
            ["G26/0051", "G26/0052"],
        ),
        ('  format-numero: "F{annee}{mois}-{numero:03}"\n', "", ["F202603-001", "F202603-002"]),
        (
            '  format-numero: "F{an}-{numero:04}"\n',
            issued("2026-01-05", "F26-007"),
            ["F26-008", "F26-009"],
        ),
        (
            '  format-numero-facture: "V{numero:02}"\n  format-numero: "F-{numero}"\n',
            "",
            ["V01", "V02"],
        ),
        ('  format-numero: "{numero:05}"\n', "", ["00001", "00002"]),
    ],
)
def test_the_next_numbers(tmp_path: Path, keys: str, before: str, wanted: list[str]) -> None:
    assert numbers(dossier(tmp_path, before + DRAFTS, seller(keys))) == wanted


def test_drafts_are_taken_by_date_and_credit_notes_have_their_series(tmp_path: Path) -> None:
    text = (
        issued("2026-01-05", "F2026-0001")
        + DRAFTS
        + invoice("2026-03-08", tag="avoir", more='  sur: "F2026-0001"\n', euros="50.00")
    )
    found = {issue.name: issue.draft.date.day for issue in plan(dossier(tmp_path, text)).issues}
    assert found == {"A2026-0001": 8, "F2026-0002": 9, "F2026-0003": 10}


def test_a_credit_note_goes_on_with_the_series_of_the_credit_notes(tmp_path: Path) -> None:
    text = issued("2026-01-05", "F2026-0001")
    text += issued("2026-01-06", "AV26-01", tag="avoir", more='  sur: "F2026-0001"\n').replace(
        "-100.00", "10.00"
    )
    text += invoice("2026-03-08", tag="avoir", more='  sur: "F2026-0001"\n', euros="50.00")
    assert numbers(dossier(tmp_path, text)) == ["AV26-02"]


def test_a_series_per_site(tmp_path: Path) -> None:
    text = "".join(
        invoice(f"2026-03-0{day}", more=f'  serie: "{site}"\n')
        for day, site in enumerate(["LYON", "PAU", "LYON"], 1)
    )
    folder = dossier(tmp_path, text, seller('  format-numero: "{serie}-{annee}-{numero:03}"\n'))
    assert numbers(folder) == ["LYON-2026-001", "LYON-2026-002", "PAU-2026-001"]


def test_a_site_that_the_format_ignores_is_said(tmp_path: Path) -> None:
    text = invoice("2026-03-01", more='  serie: "LYON"\n')
    assert "n'a pas de {serie}" in said(dossier(tmp_path, text))


def test_the_date_of_issue_is_not_before_the_last_of_the_series(tmp_path: Path) -> None:
    folder = dossier(tmp_path, issued("2026-04-02", "F2026-0007") + invoice("2026-03-01"))
    assert "F2026-0007 du 02/04/2026" in said(folder)
    assert "--date 02/04/2026" in said(folder)
    assert numbers(folder, datetime.date(2026, 4, 2)) == ["F2026-0008"]


def test_a_closed_period_takes_no_document(tmp_path: Path) -> None:
    closed = '2026-03-31 custom "cloture" "2026-03" "abc"\n'
    folder = dossier(tmp_path, closed + invoice("2026-03-01"))
    with pytest.raises(BlockedError, match="clôturée jusqu'au 31/03/2026"):
        plan(folder)
    assert numbers(folder, datetime.date(2026, 4, 1)) == ["F2026-0001"]


def test_a_firm_that_moves_here_says_its_first_number(tmp_path: Path) -> None:
    taken_over = (
        '2026-02-01 * "SCI Dupont" "Reprise" #reprise\n  numero: "F2026-0031"\n'
        "  Actif:411:Dupont  120.00 EUR\n  Passif:44574:TVA20  -20.00 EUR\n    taux: 20\n"
        "  Produits:706:Conseil  -100.00 EUR\n"
    )
    assert "premier-numero" in said(dossier(tmp_path / "a", taken_over + invoice("2026-03-01")))
    folder = dossier(
        tmp_path / "b",
        taken_over + invoice("2026-03-01"),
        seller('  premier-numero: "F2026-0051"\n'),
    )
    assert numbers(folder) == ["F2026-0051"]


def test_several_series_in_use_ask_which_goes_on(tmp_path: Path) -> None:
    text = issued("2026-01-05", "F2026-01") + issued("2026-01-06", "WEB-7") + invoice("2026-03-01")
    message = said(dossier(tmp_path, text))
    assert "F2026-01, WEB-7" in message
    assert "format-numero" in message


def test_a_document_in_error_keeps_its_number(tmp_path: Path) -> None:
    text = issued("2026-01-05", "F2026-0001").replace("-100.00", "100.00")
    assert numbers(dossier(tmp_path, text + invoice("2026-03-01"))) == ["F2026-0002"]


def test_an_error_of_the_text_may_hide_a_number(tmp_path: Path) -> None:
    text = issued("2026-01-05", "F2026-0001").replace("-100.00 EUR", "-100,00 €")
    with pytest.raises(BlockedError, match="peut-être un numéro déjà donné"):
        plan(dossier(tmp_path, text + invoice("2026-03-01")))


def test_a_pdf_of_that_number_says_that_a_document_was_lost(tmp_path: Path) -> None:
    folder = dossier(tmp_path, invoice("2026-03-01"))
    (folder / "factures").mkdir()
    (folder / "factures" / "F2026-0001.pdf").write_bytes(b"%PDF")
    with pytest.raises(BlockedError, match="F2026-0001 a peut-être été émis"):
        plan(folder)


@pytest.mark.parametrize(
    "text",
    [
        "F2026",
        "F{annee}{numero:04}",
        "{numero:04}-{annee}",
        "F é{numero}",
        "{numero}{numero}",
        "F{jour}-{numero}",
    ],
)
def test_formats_that_give_no_sure_series_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match="format-numero"):
        read_format(text, DAY)


prefixes = st.from_regex(r"[A-Z]{0,3}[-_/]", fullmatch=True)


@given(
    prefixes,
    st.integers(1, 99999),
    st.integers(1, 6),
    st.dates(datetime.date(2001, 1, 1), datetime.date(2098, 1, 1)),
)
def test_the_next_number_is_one_more_in_the_same_series_whatever_the_format(
    prefix: str, rank: int, width: int, day: datetime.date
) -> None:
    number = composed(prefix, rank, "", width)
    form = format_in_use(number, day)
    assert form is not None
    before, after = form.series(day)
    following = composed(before, rank + 1, after, len(number) - len(prefix))
    assert split_number(following) == (split_number(number)[0], rank + 1)
    assert series_key(before, after) == split_number(number)[0]
