from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from tests.invoices import samples

from acompta.invoices.mentions import complete
from acompta.invoices.printing import PrintJob, issued_pdf, render_many
from acompta.invoices.view.document import DocumentView
from acompta.invoices.writing import write_atomically

COUNT = 8


class Deadly(str):
    """A text that ends the process that unpickles it, as a crash of a native library would."""

    __slots__ = ()

    def __reduce__(self) -> tuple[object, ...]:
        return (os._exit, (7,))


def jobs(folder: Path, broken: DocumentView) -> list[PrintJob]:
    """Eight documents, the fourth of which cannot be printed."""
    views = [complete(replace(samples.deposit(), number=f"F{rank}")) for rank in range(COUNT)]
    views[3] = broken
    return [PrintJob(view, folder / f"{rank}.pdf") for rank, view in enumerate(views)]


def unreadable_logo(folder: Path) -> DocumentView:
    logo = folder / "logo.png"
    logo.write_bytes(b"x")
    seller = replace(samples.AGENCY, logo=logo)
    return complete(replace(samples.deposit(), number="FX", seller=seller))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_document_that_fails_does_not_stop_the_others(tmp_path: Path, workers: int) -> None:
    listed = jobs(tmp_path, unreadable_logo(tmp_path))
    outcomes = list(render_many(listed, workers))
    assert len(outcomes) == COUNT
    (failed,) = [outcome for outcome in outcomes if outcome.error]
    assert failed.job.view.number == "FX"
    assert failed.error.startswith("FX : ")
    assert not failed.job.path.exists()
    for outcome in outcomes:
        if not outcome.error:
            assert outcome.job.path.read_bytes() == issued_pdf(outcome.job.view)


@pytest.mark.slow
def test_a_worker_that_dies_takes_only_its_document(tmp_path: Path) -> None:
    deadly = complete(replace(samples.deposit(), number="FX", object=Deadly("x")))
    outcomes = list(render_many(jobs(tmp_path, deadly), 2))
    assert len(outcomes) == COUNT
    (failed,) = [outcome for outcome in outcomes if outcome.error]
    assert failed.job.view.number == "FX"
    assert "brutalement" in failed.error
    assert len(list(tmp_path.glob("*.pdf"))) == COUNT - 1


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "factures").write_text("a file, not a folder")
    job = PrintJob(complete(samples.deposit()), tmp_path / "factures" / "F2026-001.pdf")
    (outcome,) = render_many([job])
    assert outcome.error.startswith("F2026-001 : ")
    assert "n'a pas pu être écrit" in outcome.error


def test_a_file_is_written_whole_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "F1.pdf"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert [item.name for item in path.parent.iterdir()] == ["F1.pdf"]


def test_a_crash_leaves_the_old_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "F1.pdf"
    write_atomically(path, b"old")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["F1.pdf"]


@pytest.mark.parametrize(
    "view",
    [complete(samples.quote()), complete(replace(samples.deposit(), draft=True))],
    ids=["quote", "draft"],
)
def test_what_carries_no_xml_is_tagged_as_an_invoice_is(view: DocumentView, tmp_path: Path) -> None:
    """PDF/UA-1: a structure, a language, a title shown, and header cells that say what they head."""
    path = tmp_path / "page.pdf"
    path.write_bytes(issued_pdf(view))
    with pikepdf.open(path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr"
        assert b'pdfuaid:part="1"' in pdf.Root.Metadata.read_bytes()
        assert "/AF" not in pdf.Root
        heads = [
            each
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/TH"
        ]
        assert heads
        assert {str(head.A.Scope) for head in heads} <= {"/Row", "/Column"}
