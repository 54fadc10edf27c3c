"""The generator of `benchmarks` makes right ledgers: the figures would mean nothing otherwise. No time is asserted."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from beancount.core.data import Transaction
from benchmarks import measure, run, stories
from benchmarks.generate import PLUGIN_LINE, write_dossier
from benchmarks.written_out import balances, same_balances, write_out

from acompta.loading import Loaded, load_ledger, load_raw
from acompta.vocabulary import Kind

DOCUMENTS = 1_000


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dossier(tmp_path_factory.mktemp("bench") / "typed", DOCUMENTS)


@pytest.fixture(scope="module")
def loaded(typed: Path) -> Loaded:
    return load_ledger(typed)


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.beancount")):
        yield path.name, path.read_text(encoding="utf-8")


def test_a_dossier_loads_without_an_error_or_a_notice(loaded: Loaded) -> None:
    assert loaded.errors == []
    assert loaded.dossier.notices == []


def test_it_holds_as_many_documents_as_asked(loaded: Loaded) -> None:
    assert len(loaded.dossier.documents) == DOCUMENTS


def test_it_holds_every_kind_of_document_of_a_sale(tmp_path: Path) -> None:
    dossier = load_ledger(write_dossier(tmp_path, 2_000, seed=4)).dossier
    kinds = Counter(document.kind for document in dossier.documents)
    assert set(kinds) == {
        Kind.QUOTE,
        Kind.CONTRACT,
        Kind.AMENDMENT,
        Kind.DEPOSIT,
        Kind.FINAL,
        Kind.INVOICE,
    }
    assert any(document.draft for document in dossier.documents)


def test_payments_worked_out_apart_from_the_engine_clear_every_invoice(loaded: Loaded) -> None:
    paid = [claim for claim in loaded.dossier.claims.values() if claim.events]
    assert len(paid) > DOCUMENTS / 3
    assert {claim.number: claim.open for claim in paid if claim.open} == {}


def test_one_file_or_twelve_the_ledger_is_the_same(tmp_path: Path, loaded: Loaded) -> None:
    single = write_dossier(tmp_path, DOCUMENTS, one_file=True)
    assert [name for name, _ in texts(tmp_path)] == [single.name]
    entries, errors, _ = load_raw(single)
    assert errors == []
    assert balances(entries) == balances(loaded.entries)


def test_a_seed_gives_the_same_text_and_another_seed_another_one(
    typed: Path, tmp_path: Path
) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    write_dossier(again, DOCUMENTS)
    write_dossier(other, DOCUMENTS, seed=2)
    assert list(texts(again)) == list(texts(typed.parent))
    assert list(texts(other)) != list(texts(typed.parent))


@pytest.mark.parametrize("traces", [False, True])
def test_written_out_in_full_it_books_the_same_balances_without_the_plugin(
    typed: Path, tmp_path: Path, loaded: Loaded, *, traces: bool
) -> None:
    written = write_out(typed, tmp_path, traces=traces)
    assert all(PLUGIN_LINE not in text for _, text in texts(tmp_path))
    assert same_balances(typed, written)
    entries, _, options = load_raw(written)
    assert "acompta" not in options
    ours = [entry for entry in loaded.entries if isinstance(entry, Transaction)]
    theirs = [entry for entry in entries if isinstance(entry, Transaction)]
    assert len(theirs) == len(ours)
    assert sum(len(entry.postings) for entry in theirs) == sum(len(e.postings) for e in ours)


def test_another_amount_is_another_balance(typed: Path, tmp_path: Path) -> None:
    written = write_out(typed, tmp_path)
    march = tmp_path / "2026-03.beancount"
    text = march.read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if "Actif:512:Banque" in line)
    march.write_text(text.replace(first, first.replace("Banque", "Caisse"), 1), encoding="utf-8")
    assert not same_balances(typed, written)


def test_a_ledger_in_error_is_not_written_out(tmp_path: Path) -> None:
    typed = write_dossier(tmp_path / "typed", 20, one_file=True)
    text = typed.read_text(encoding="utf-8")
    typed.write_text(text.replace("F2026-000002", "F2026-000009"), encoding="utf-8")
    with pytest.raises(ValueError, match="F2026-000009"):
        write_out(typed, tmp_path / "written")


def test_numbers_are_continuous_and_chronological() -> None:
    pieces = stories.tell(500, seed=3)
    numbers = stories.numbers(pieces)
    dated = sorted((numbers[p.slot], p.date) for p in pieces if p.slot is not None)
    assert [number for number, _ in dated] == [f"F2026-{n:06d}" for n in range(1, len(dated) + 1)]
    assert [date for _, date in dated] == sorted(date for _, date in dated)


def test_the_quick_run_prints_every_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    run.main(["--sizes", "200", "--repeats", "1", "--only", "load"])
    shown = capsys.readouterr().out
    assert all(said in shown for said, _, _ in run.RATIOS)
    assert "| figure | 200 documents | goal | met |" in shown
    assert shown.count("the plugin, per") == 2


def test_a_ledger_that_books_something_else_is_not_measured() -> None:
    books = {name: {"process": 1.0, "balances": 7.0} for name in run.LOADS}
    books["by hand"]["balances"] = 8.0
    series = measure.Series({name: partial(dict, figures) for name, figures in books.items()}, 1)
    with pytest.raises(ValueError, match="balances differ"):
        run._check_balances(series, run.LOADS)


def test_a_ratio_is_taken_within_each_repeat() -> None:
    slow = iter([{"process": 2.0}, {"process": 20.0}, {"process": 6.0}])
    fast = iter([{"process": 1.0}, {"process": 10.0}, {"process": 2.0}])
    series = measure.Series({"slow": lambda: next(slow), "fast": lambda: next(fast)}, 3)
    assert series.ratio("slow", "fast", "process") == 2.0
    assert series.median("fast", "process") == 2.0


def test_a_command_is_timed_in_its_own_process() -> None:
    figures = measure.of_command([sys.executable, "-c", "sum(range(2_000_000))"])
    idle = measure.of_command([sys.executable, "-c", "pass"])
    assert figures["process"] > idle["process"]
