"""How a period is named inside a sentence."""

from __future__ import annotations

import datetime

import pytest

from acompta.closing.periods import Period, PeriodError, read_period


@pytest.mark.parametrize(
    ("name", "of", "subject"),
    [
        ("2026-03", "de mars 2026", "mars 2026"),
        ("2026-04", "d'avril 2026", "avril 2026"),
        ("2026-08", "d'août 2026", "août 2026"),
        ("2026-10", "d'octobre 2026", "octobre 2026"),
        ("2026-T1", "du 1er trimestre 2026", "1er trimestre 2026"),
        ("2026-T4", "du 4e trimestre 2026", "4e trimestre 2026"),
    ],
)
def test_a_month_or_a_quarter(name: str, of: str, subject: str) -> None:
    period = read_period(name)
    assert (period.of_title.replace("\u00a0", " "), period.subject.replace("\u00a0", " ")) == (
        of,
        subject,
    )


def test_a_fiscal_year() -> None:
    year = Period("2026", datetime.date(2025, 7, 1), datetime.date(2026, 6, 30))
    said = "l'exercice du 1er juillet 2025 au 30 juin 2026"
    assert year.subject.replace("\u00a0", " ") == said
    assert year.of_title.replace("\u00a0", " ") == f"de {said}"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("2026-03", "2026-03"),
        ("03/2026", "2026-03"),
        ("mars 2026", "2026-03"),
        ("Août 2026", "2026-08"),
        ("2026-T1", "2026-T1"),
        ("t4 2026", "2026-T4"),
    ],
)
def test_a_period_as_people_type_it(typed: str, name: str) -> None:
    assert read_period(typed).name == name


@pytest.mark.parametrize("typed", ["", "mars", "2026-13", "2026-T5", "2026", "13/2026"])
def test_a_period_that_is_none(typed: str) -> None:
    with pytest.raises(PeriodError, match="tapez un mois"):
        read_period(typed)
