"""Golden folders of `tests/cases`: figures worked by hand, compared with what the plugin makes of the typed text."""

from __future__ import annotations

from pathlib import Path

import pytest
from beancount.core.data import Transaction
from tests.cases import golden
from tests.cases import page as cases_page
from tests.cases.golden import Case, Entry, Finding, Loaded

CASES = golden.all_cases()
INCLUDING = {"dossier-en-fichiers-mensuels"}
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
RIGHT = [case for case in CASES if not case.gap]
each_right_case = pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.folder.name)
# A gap must fail: the day the engine closes it, the test says so and `known-gap` is taken away.
each_case_or_gap = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.xfail(reason=case.gap, strict=True))
        if case.gap
        else case
        for case in CASES
    ],
    ids=lambda case: case.folder.name,
)


@pytest.fixture(scope="module")
def loaded() -> dict[str, Loaded]:
    """Each case is loaded once for all tests."""
    return {}


def load(case: Case, cache: dict[str, Loaded]) -> Loaded:
    name = case.folder.name
    if name not in cache:
        cache[name] = golden.load(case)
    return cache[name]


def test_there_are_cases() -> None:
    assert len(CASES) >= 240


@each_case
def test_typed_text_parses_and_books_without_the_plugin(case: Case) -> None:
    assert golden.booked(case.typed) == []


@each_case
def test_expected_entries_are_balanced_and_agree_with_the_expected_balances(case: Case) -> None:
    entries = golden.read_entries(case.expected("beancount"))
    assert [entry for entry in entries if sum(number for _, number in entry.amounts)] == []
    wanted = golden.read_pairs(case.expected("balances"))
    assert golden.render_balances(wanted, entries) == case.expected("balances")


@each_case
def test_expected_text_is_canonical(case: Case) -> None:
    text = case.expected("beancount")
    assert golden.render(golden.read_entries(text)) == text


@each_case_or_gap
def test_case(case: Case, loaded: dict[str, Loaded], request: pytest.FixtureRequest) -> None:
    got = load(case, loaded)
    texts = {
        "beancount": golden.render(got.entries),
        "balances": golden.render_balances(
            golden.read_pairs(case.expected("balances")), got.entries
        ),
        "echeances": golden.render_due(golden.read_pairs(case.expected("echeances")), got.due),
        "errors": golden.render_findings(golden.read_findings(case.expected("errors")), got.errors),
        "reports": golden.render_findings(
            golden.read_findings(case.expected("reports")), got.notices
        ),
        "alertes": golden.render_alerts(case.expected("alertes"), got.alerts),
    }
    if request.config.getoption("--rewrite"):
        changes = "\n".join(filter(None, (case.rewrite(*item) for item in texts.items())))
        if changes:
            pytest.fail(f"réécrit, à relire :\n{changes}", pytrace=False)
        return
    changes = "\n".join(
        filter(
            None,
            (
                golden.difference(case.expected(what), text, f"expected.{what}")
                for what, text in texts.items()
            ),
        )
    )
    if changes:
        pytest.fail(f"{case.folder.name}\n{changes}", pytrace=False)


@each_right_case
def test_nothing_typed_disappears_and_every_entry_is_exact(
    case: Case, loaded: dict[str, Loaded]
) -> None:
    got = load(case, loaded)
    transactions = [entry for entry in got.directives if isinstance(entry, Transaction)]
    assert {_where(entry) for entry in golden.typed_transactions(case.typed)} <= {
        _where(entry) for entry in transactions
    }
    units = [posting.units for entry in transactions for posting in entry.postings]
    assert {unit.currency for unit in units if unit is not None} <= {"EUR"}
    for entry in got.entries:
        assert sum(number for _, number in entry.amounts) == 0
        assert all(number == round(number, 2) for _, number in entry.amounts)


def _where(entry: Transaction) -> tuple[object, object]:
    return entry.meta["filename"], entry.meta["lineno"]


@each_right_case
def test_loading_the_expanded_ledger_again_changes_nothing(
    case: Case, loaded: dict[str, Loaded]
) -> None:
    got = load(case, loaded)
    again, errors = golden.written_out(got)
    assert golden.amounts_by_date(again) == golden.amounts_by_date(got.directives)
    assert not errors or case.expected("errors")


@pytest.mark.parametrize(
    "case",
    [case for case in RIGHT if not case.expected("errors") and case.folder.name not in INCLUDING],
    ids=lambda case: case.folder.name,
)
def test_order_in_the_text_changes_nothing(
    case: Case, loaded: dict[str, Loaded], tmp_path: Path
) -> None:
    text = case.typed.read_text(encoding="utf-8")
    (tmp_path / "typed.beancount").write_text(golden.turned_over(text), encoding="utf-8")
    again = golden.load(Case(tmp_path))
    assert golden.render(again.entries) == golden.render(load(case, loaded).entries)
    assert again.errors == []


# -- docs/cases.md: every case, or the reason why not ---------------------------------------------------------------


def test_the_page_of_the_cases_is_what_the_folders_and_their_origins_say(
    request: pytest.FixtureRequest,
) -> None:
    page = cases_page.PAGE.read_text(encoding="utf-8")
    wanted = cases_page.written(CASES, page)
    if request.config.getoption("--rewrite"):
        cases_page.PAGE.write_text(wanted, encoding="utf-8")
    changes = golden.difference(page, wanted, "docs/cases.md")
    if changes:
        pytest.fail(f"pytest tests/test_cases.py --rewrite :\n{changes}", pytrace=False)


def test_every_row_of_the_decisions_table_has_a_folder_named_after_it() -> None:
    named = {case.folder.name[6:8] for case in CASES if case.folder.name.startswith("ligne-")}
    assert named == {f"{row:02}" for row in range(1, 41)}


@pytest.mark.parametrize("table", ["regles", "logiciels"])
def test_every_published_case_has_its_folders_or_the_reason_why_not(table: str) -> None:
    origins = cases_page.origins(table)
    names = [origin.name for origin in origins]
    assert len(names) == len(set(names)) >= 30
    folders = {case.folder.name for case in CASES}
    for origin in origins:
        assert set(origin.folders) <= folders, origin
        assert all((cases_page.ROOT / test).exists() for test in origin.tests), origin
        assert origin.folders or origin.remark, origin
        if table == "logiciels":
            assert origin.verdict in cases_page.VERDICTS, origin
            # A case that is taken has a folder; one tested elsewhere or out of scope has none.
            assert bool(origin.folders) == (origin.verdict in {"repris", "adapté", "évité"}), origin


def test_what_must_fail_fails() -> None:
    """The figures published wrong (N) are refused: their folders expect errors, or the right account instead."""
    wrong = [origin for origin in cases_page.origins("regles") if origin.name.startswith("N")]
    assert len(wrong) >= 2
    refused = [
        folder
        for origin in wrong
        for folder in origin.folders
        if (golden.CASES / folder / "expected.errors").exists()
    ]
    assert refused == ["erreur-situation-reprise-ttc-N01"]


# -- the harness itself: a wrong cent, line or word must be seen --------------------------------------------------


def _sample() -> tuple[Case, list[Entry]]:
    case = next(case for case in CASES if case.folder.name.endswith("-D01"))
    return case, golden.read_entries(case.expected("beancount"))


def test_a_wrong_cent_or_account_or_day_changes_the_text() -> None:
    case, entries = _sample()
    text = case.expected("beancount")
    for old, new in (
        ("8400.00", "8400.01"),
        ("Passif:4191:", "Passif:4117:"),
        ("2026-04-10", "2026-04-11"),
        ('"F2026-002"', '"F2026-003"'),
    ):
        assert old in text
        assert golden.read_entries(text.replace(old, new)) != entries


def test_order_and_split_of_postings_do_not_matter() -> None:
    text = (
        '2026-01-05 * "SCI Dupont" "Acompte"\n'
        "  Passif:4191:Dupont  -2000.00 EUR\n"
        "  Actif:411:Dupont     3600.00 EUR\n"
        "  Passif:4191:Dupont  -1000.00 EUR\n"
        "  Passif:44574:TVA20   -600.00 EUR\n"
    )
    (entry,) = golden.read_entries(text)
    assert golden.render([entry]).splitlines()[2].split() == [
        "Passif:4191:Dupont",
        "-3000.00",
        "EUR",
    ]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Finding("typed.beancount", 12, "echeance date"), True),
        (Finding("typed.beancount", 0, "ÉCHÉANCE"), True),
        (Finding("typed.beancount", 13, "echeance"), False),
        (Finding("janvier.beancount", 12, "echeance"), False),
        (Finding("typed.beancount", 12, "echeance siret"), False),
    ],
)
def test_errors_match_by_line_and_words(wanted: Finding, *, found: bool) -> None:
    said = Finding("typed.beancount", 12, "échéance : tapez une date, 1\u202f200,00\u00a0€")
    assert golden.unmatched([wanted], [said]) == (([], []) if found else ([wanted], [said]))


def test_an_error_serves_only_once() -> None:
    said = Finding("typed.beancount", 12, "contrat inconnu")
    assert golden.unmatched([said, said], [said]) == ([said], [])
    assert golden.render_findings([said, said], [said]) == "12: contrat inconnu\n"


def test_rewriting_shows_the_difference_and_then_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "cas"
    folder.mkdir()
    case = Case(folder)
    assert "+12: contrat inconnu" in case.rewrite("errors", "12: contrat inconnu\n")
    assert case.rewrite("errors", "12: contrat inconnu\n") == ""
    assert "-12: contrat inconnu" in case.rewrite("errors", "")
    assert list(folder.iterdir()) == []
