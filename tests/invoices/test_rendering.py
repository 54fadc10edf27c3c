from __future__ import annotations

import datetime
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader
from tests.invoices import samples
from tests.invoices.reading import amounts_of, decimals_in, pages_of, plain, text_of
from tests.invoices.samples import D

from acompta.invoices import templates
from acompta.invoices.mentions import complete
from acompta.invoices.rendering import (
    ElectronicPart,
    EmbeddedFile,
    Renderer,
    RenderingError,
    render_html,
    render_pdf,
)
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.parties import Customer
from acompta.invoices.view.totals import RateTotal, Totals

EVERY = pytest.mark.parametrize("make", samples.ALL.values(), ids=samples.ALL.keys())

HOSTILE = '<script>alert("x")</script> & <b>Cie</b> {{ 7 * 7 }} {% raw %}'


def printed(view: DocumentView) -> bytes:
    return render_pdf(complete(view))


def totals_in(view: DocumentView) -> Iterator[Totals]:
    yield view.totals
    yield from (deposit.totals for deposit in view.recovered)
    if view.balance is not None:
        yield view.balance


def sums_of(view: DocumentView) -> set[Decimal]:
    """Sums that a page shows beside the figures of the view: totals, VAT-inclusive amounts, lots."""
    sums = {lot.amount for lot in view.lots} | {view.recovered_ttc}
    steps = [step for step in (view.progress, *(lot.progress for lot in view.lots)) if step]
    sums |= {number for step in steps for number in decimals_in(step)}
    for totals in totals_in(view):
        sums |= {totals.ht, totals.vat, totals.ttc} | {rate.ttc for rate in totals.rates}
    references = (*view.earlier_invoices, *(view.deposit.earlier if view.deposit else ()))
    return sums | {reference.ttc for reference in references}


# Amounts read back


@EVERY
def test_every_amount_on_the_page_is_one_of_the_document(make: Callable[[], DocumentView]) -> None:
    view = make()
    known = {abs(value) for value in decimals_in(view)} | {abs(value) for value in sums_of(view)}
    strangers = amounts_of(printed(view)) - known
    assert not strangers


@EVERY
def test_every_amount_of_the_document_is_on_the_page(make: Callable[[], DocumentView]) -> None:
    view = make()
    expected = {line.amount for line in view.lines} | {view.to_pay}
    if not view.franchise:
        expected |= {view.totals.ht, view.totals.ttc}
        expected |= {amount for total in view.totals.rates for amount in (total.base, total.vat)}
    expected |= {payment.amount for payment in view.payments}
    if view.retention:
        expected.add(view.retention.amount)
    assert {abs(amount) for amount in expected} <= amounts_of(printed(view))


def test_the_final_invoice_shows_each_deposit_per_rate_and_what_remains() -> None:
    view = samples.final()
    text = text_of(printed(view))
    assert view.balance is not None
    for deposit in view.recovered:
        assert f"Acompte {deposit.number} du " in text
        for total in deposit.totals.rates:
            assert row(total, -1) in text
    for total in view.balance.rates:
        assert row(total, 1) in text
    assert "Réglé le 30 janvier 2026" in text
    assert view.statement is not None
    assert f"Reste à payer sur le contrat {written(view.statement.to_pay)} €" in text
    assert f"Net à payer {written(view.to_pay)} €" in text


def row(total: RateTotal, sign: int) -> str:
    amounts = " ".join(written(sign * amount) for amount in (total.base, total.vat, total.ttc))
    return f"{total.rate} % {amounts}"


def written(amount: Decimal) -> str:
    """Write an amount as `text_of` reads it, without the project's own formatting."""
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",").replace("-", "−")


def test_the_final_invoice_shows_previous_cumulative_and_current_progress() -> None:
    view = samples.final()
    shown = amounts_of(printed(view))
    for line in view.lines:
        assert line.progress is not None
        step = line.progress
        assert {step.contract, step.previous, step.cumulative, step.current} <= shown


def test_an_unpaid_deposit_is_said_unpaid() -> None:
    view = samples.simple_final()
    unpaid = tuple(
        replace(deposit, paid=D(0), unpaid=D("3600.00"), paid_on=None) for deposit in view.recovered
    )
    assert "Non réglé à ce jour" in text_of(printed(replace(view, recovered=unpaid)))
    partly = tuple(
        replace(deposit, paid=D("100.00"), unpaid=D("3500.00")) for deposit in view.recovered
    )
    assert "Réglé à hauteur de 100,00 €" in text_of(printed(replace(view, recovered=partly)))


def test_the_deposit_names_its_contract_its_share_and_what_remains() -> None:
    text = text_of(printed(samples.second_deposit()))
    assert "Contrat D2026-012 du 12 janvier 2026" in text
    assert "Acompte F2026-001 du 15 janvier 2026 −4 881,60 €" in text
    assert "Restera à facturer 10 790,40 €" in text
    assert "Cet acompte (30 % du contrat)" in text_of(printed(samples.deposit()))


# What the page says


@EVERY
def test_title_number_parties_dates_and_mentions_are_printed(
    make: Callable[[], DocumentView],
) -> None:
    view = complete(make())
    text = text_of(render_pdf(view))
    wanted = [view.title, f"N° {view.number}", view.seller.name, view.customer.name, view.object]
    wanted += [*view.seller.address, *view.customer.address]
    wanted += [mention.text for mention in view.mentions]
    wanted += [line.label for line in view.lines]
    for words in wanted:
        assert plain(words) in text


def test_franchise_has_no_vat_column_and_no_tax_words() -> None:
    text = text_of(printed(samples.franchise()))
    for word in ("TVA 0", "HT", "TTC", "Montant de TVA"):
        assert word not in text
    assert "TVA non applicable, art. 293 B du CGI" in text


def test_a_draft_says_so() -> None:
    assert "Projet, sans valeur comptable" in text_of(
        printed(replace(samples.deposit(), draft=True))
    )
    assert "Projet" not in text_of(printed(samples.deposit()))


def test_nothing_to_pay_shows_no_bank_details() -> None:
    view = samples.simple_final()
    (deposit,) = view.recovered
    all_of_it = (replace(deposit, totals=view.totals),)
    (left,) = view.totals.rates
    zero = Totals((replace(left, base=D("0.00"), vat=D("0.00")),))
    settled = replace(view, recovered=all_of_it, balance=zero, to_pay=D("0.00"))
    text = text_of(printed(settled))
    assert "Rien ne reste à payer" in text
    assert "IBAN" not in text


# Pages


@pytest.mark.parametrize("count", [1, 5, 6, 11, 15, 16, 28, 29, 33, 37])
def test_the_totals_are_never_alone_on_a_page(count: int) -> None:
    pages = pages_of(printed(samples.invoice(count)))
    (closing,) = [page for page in pages if "Net à payer" in page]
    assert f"réf. {999 + count}" in plain(closing)
    assert "IBAN" in closing


def test_a_long_invoice_repeats_its_table_head_and_numbers_its_pages() -> None:
    view = samples.invoice(200)
    pages = pages_of(printed(view))
    assert len(pages) > 8
    for rank, page in enumerate(pages, 1):
        words = plain(page)
        assert "Désignation" in words
        assert f"Page {rank} / {len(pages)}" in words
        assert ("Facture F2026-023 du 1er septembre 2026" in words) == (rank > 1)
    shown = plain(" ".join(pages))
    assert all(plain(line.label) in shown for line in view.lines)


def test_only_the_vendored_font_is_embedded() -> None:
    with pikepdf.open(io.BytesIO(printed(samples.final()))) as pdf:
        names = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert names
    assert all("+Inter" in name for name in names)


def test_a_word_too_long_for_its_column_is_cut() -> None:
    view = samples.invoice(1)
    lines = (replace(view.lines[0], label="W" * 300),)
    pieces = re.findall("W+", "\n".join(pages_of(printed(replace(view, lines=lines)))))
    assert sum(len(piece) for piece in pieces) == 300
    assert max(len(piece) for piece in pieces) < 40


def test_a_line_that_just_fits_is_not_cut_after_its_first_word() -> None:
    shown = "\n".join(pages_of(printed(samples.invoice(60))))
    labels = re.findall(r"Intervention\s+sur", shown)
    assert len(labels) == 12
    assert set(labels) == {"Intervention sur"}


# Hostile text


@pytest.mark.parametrize("where", ["object", "customer", "seller", "label", "number"])
def test_typed_markup_is_printed_as_text(where: str) -> None:
    view = samples.simple_final()
    view = {
        "object": replace(view, object=HOSTILE),
        "number": replace(view, number=HOSTILE),
        "customer": replace(view, customer=replace(view.customer, name=HOSTILE)),
        "seller": replace(view, seller=replace(view.seller, name=HOSTILE)),
        "label": replace(view, lines=tuple(replace(line, label=HOSTILE) for line in view.lines)),
    }[where]
    view = complete(view)
    html = render_html(view)
    assert "<script" not in html
    assert "<b>" not in html
    assert plain(HOSTILE) in text_of(render_pdf(view))


def test_a_remote_or_foreign_file_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(one_pixel())
    for address in (secret.as_uri(), "http://127.0.0.1:9/x.png", "https://example.org/x.png"):
        own_template(
            tmp_path,
            "solde.html",
            f'{{% extends "acompta/solde.html" %}}'
            f'{{% block aside %}}<img src="{address}" alt="x">{{% endblock %}}',
        )
        with pytest.raises(RenderingError, match="F2026-011"):
            Renderer(tmp_path).pdf(complete(samples.simple_final()))


def one_pixel() -> bytes:
    from PIL import Image  # noqa: PLC0415 — only here

    buffer = io.BytesIO()
    Image.new("RGB", (1, 1), "red").save(buffer, "PNG")
    return buffer.getvalue()


# The dossier's own templates


def own_template(folder: Path, name: str, content: str) -> None:
    path = folder / templates.FOLDER / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")


def test_the_dossiers_template_comes_first_and_may_extend_ours(tmp_path: Path) -> None:
    own_template(
        tmp_path,
        "solde.html",
        '{% extends "acompta/solde.html" %}'
        "{% block aside %}<p>Merci de votre confiance</p>{% endblock %}",
    )
    text = text_of(Renderer(tmp_path).pdf(complete(samples.simple_final())))
    assert "Merci de votre confiance" in text
    assert "Net à payer 8 400,00 €" in text
    assert "Merci" not in text_of(printed(samples.simple_final()))


def test_the_dossiers_style_is_added_to_ours(tmp_path: Path) -> None:
    own_template(tmp_path, "style.css", "@page { size: A5 }")
    page = PdfReader(io.BytesIO(Renderer(tmp_path).pdf(complete(samples.deposit())))).pages[0]
    assert round(float(page.mediabox.width)) == 420


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{{ view.nothing }}", "nothing"),
        ("{{ nothing }}", "nothing"),
        ("{% for %}", "solde.html, ligne 1"),
        ("\n{{ 1 / 0 }}", "solde.html, ligne 2"),
        ('{% include "../secret.html" %}', "secret.html"),
        ('{% include "lien.html" %}', "lien.html"),
        ('{% include "/etc/hostname" %}', "hostname"),
        ("{{ view.__class__.__mro__ }}", "unsafe"),
        ("{{ view.lots.append(1) }}", "append"),
    ],
)
def test_a_template_that_fails_or_escapes_is_refused(
    tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "secret.html").write_text("secret")
    own_template(tmp_path, "solde.html", content)
    (tmp_path / templates.FOLDER / "lien.html").symlink_to(tmp_path / "secret.html")
    with pytest.raises(RenderingError) as refused:
        Renderer(tmp_path).html(samples.simple_final())
    assert str(refused.value).startswith("F2026-011 : modèle en erreur")
    assert words in str(refused.value)


def test_the_packaged_templates_are_there_for_each_kind_we_print() -> None:
    for view in (make() for make in samples.ALL.values()):
        assert (templates.packaged_folder() / templates.template_name(view)).is_file()
    assert (templates.packaged_folder() / "fonts" / "OFL.txt").is_file()


# The logo


def test_the_logo_is_printed_with_its_alternative_text(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(one_pixel())
    view = replace(samples.deposit(), seller=replace(samples.AGENCY, logo=logo))
    with pikepdf.open(io.BytesIO(printed(view))) as pdf:
        assert len(pdf.pages[0].get_images()) == 2  # and the code that pays
    assert 'alt="Atelier Lumière"' in render_html(complete(view))


def test_an_unreadable_logo_fails_each_time_and_not_the_next_document(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"not an image")
    view = replace(samples.deposit(), seller=replace(samples.AGENCY, logo=logo))
    for _ in range(2):
        with pytest.raises(RenderingError, match="F2026-001"):
            printed(view)
    assert printed(samples.deposit())


# The file itself


def test_the_same_document_gives_the_same_bytes_in_any_process() -> None:
    expected = printed(samples.deposit())
    assert printed(samples.deposit()) == expected
    program = (
        "import sys; from tests.invoices import samples;"
        "from acompta.invoices.mentions import complete;"
        "from acompta.invoices.rendering import render_pdf;"
        "sys.stdout.buffer.write(render_pdf(complete(samples.deposit())))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "42", "PYTHONPATH": os.pathsep.join(sys.path)}
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=root, env=environment
    )
    assert run.stdout == expected


def test_two_documents_do_not_share_an_identifier() -> None:
    identifiers = set()
    for view in (samples.deposit(), samples.second_deposit()):
        with pikepdf.open(io.BytesIO(printed(view))) as pdf:
            identifiers.add(bytes(pdf.trailer.ID[0]))
    assert len(identifiers) == 2


def test_the_file_says_its_title_language_and_date() -> None:
    reader = PdfReader(io.BytesIO(printed(samples.deposit())))
    assert reader.metadata is not None
    assert plain(str(reader.metadata.title)) == "Facture d'acompte F2026-001 – Atelier Lumière"
    assert reader.metadata.creation_date_raw == "D:20260115"
    assert reader.trailer["/Root"]["/Lang"] == "fr"  # type: ignore[index]


def test_an_archive_file_carries_its_attachment_and_is_repeatable() -> None:
    file = EmbeddedFile(
        "factur-x.xml", b"<x/>", datetime.datetime(2026, 1, 15, tzinfo=datetime.UTC)
    )
    view = complete(samples.final())
    part = ElectronicPart(file, "EN 16931")
    first, second = (render_pdf(view, electronic=part) for _ in "ab")
    assert first == second
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert pdf.attachments["factur-x.xml"].get_file().read_bytes() == b"<x/>"
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
            assert metadata["pdfuaid:part"] == "1"
            assert (
                metadata["{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}ConformanceLevel"]
                == "EN 16931"
            )
        assert pdf.Root.MarkInfo.Marked
        assert len(pdf.Root.AF) == 1


def test_the_customer_of_another_alphabet_is_printed() -> None:
    customer = Customer(name="Ελληνικά Čapek Søn Żółć", address=("Αθήνα",), siren="812345676")
    text = text_of(printed(replace(samples.simple_final(), customer=customer)))
    assert "Ελληνικά Čapek Søn Żółć" in text
