"""The only module that imports WeasyPrint: HTML to PDF, with fonts, style and images kept between documents."""

from __future__ import annotations

import gc
import hashlib
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pydyf
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from acompta.invoices import templates
from acompta.invoices.rendering import ElectronicPart, EmbeddedFile, Printable, RenderingError
from acompta.invoices.xmp import with_factur_x

LOGGER: Final = logging.getLogger("weasyprint")
NO_GLYPH: Final = ".notdef glyph"
# Archival and accessible at once: level A of PDF/A-3 wants the same tags as PDF/UA-1, which `xmp` declares.
PDF_VARIANT: Final = "pdf/a-3a"
# What carries no XML (quotes, drafts, statements) has the tags alone.
ACCESSIBLE_VARIANT: Final = "pdf/ua-1"


class ForbiddenFileError(ValueError):
    """A page asked for a file that is neither a template's nor the seller's logo."""


class ConfinedFetcher(URLFetcher):  # type: ignore[misc]
    """Reads files of the template folders and one logo; no network, nothing else of the machine."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Allow these folders, and no logo yet."""
        super().__init__(allowed_protocols={"file", "data"}, allow_redirects=False)
        self._folders = tuple(folders)
        self.logo: Path | None = None

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Read a file. Raises `ForbiddenFileError` when it is not one of ours, as WeasyPrint expects."""
        parts = urlsplit(url)
        if parts.scheme == "file" and not self._allowed(Path(url2pathname(parts.path))):
            raise ForbiddenFileError(url)
        return super().fetch(url, headers)

    def _allowed(self, path: Path) -> bool:
        if self.logo is not None and path == self.logo:
            return True
        return any(templates.is_inside(path, folder) for folder in self._folders)


class Press:
    """Prints the documents of one dossier in this process."""

    def __init__(self, own_folder: Path | None) -> None:
        """Read the style and the fonts: Acompta's, then the dossier's own ``style.css`` when it has one."""
        folders = [templates.packaged_folder(), *([own_folder] if own_folder else [])]
        self._fetcher = ConfinedFetcher(folders)
        self._fonts = FontConfiguration()
        self._images: dict[str, Any] = {}
        self._styles = [
            weasyprint.CSS(filename=style, font_config=self._fonts, url_fetcher=self._fetcher)
            for style in (folder / templates.STYLE for folder in folders)
            if style.is_file()
        ]

    def print(
        self,
        html: str,
        view: Printable,
        *,
        identifier: bytes,
        electronic: ElectronicPart | None = None,
    ) -> bytes:
        """Lay out and write the PDF, tagged (PDF/UA-1), a Factur-X with ``electronic``.

        Raises `RenderingError` when an image or a file cannot be used.
        """
        self._fetcher.logo = view.seller.logo
        options: dict[str, Any] = {"pdf_variant": ACCESSIBLE_VARIANT}
        if electronic is not None:
            options = {"pdf_variant": PDF_VARIANT, "attachments": [_attachment(electronic.file)]}
        with self._failing_on_errors(view), _collector_paused(), _profile_left_open():
            page = weasyprint.HTML(string=html, url_fetcher=self._fetcher)
            document = page.render(
                stylesheets=self._styles, font_config=self._fonts, cache=self._images, **options
            )
            if electronic is not None:
                document.metadata = with_factur_x(
                    document.metadata, electronic.file.name, electronic.level
                )
            written: bytes = document.write_pdf(
                finisher=_finish, pdf_identifier=identifier, **options
            )
            # Let go of before the collector comes back: it would traverse a whole layout, and find it alive.
            del page, document
        self._forget_own_images()
        return written

    def _forget_own_images(self) -> None:
        """A code that pays one invoice is of no use to the next: memory stays flat over thousands of them."""
        own = [key for key in self._images if key.startswith("data:")]
        names = tuple(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest() for key in own)
        for key in [key for key in self._images if key in own or key.startswith(names)]:
            del self._images[key]

    @contextmanager
    def _failing_on_errors(self, view: Printable) -> Iterator[None]:
        """WeasyPrint only logs an unreadable image or a missing glyph: an invoice must not lose anything silently.

        A sign that no font has would also make the whole page unreadable to programs, and break PDF/A.
        """
        collector = _Collector(level=logging.WARNING)
        LOGGER.addHandler(collector)
        try:
            yield
        finally:
            LOGGER.removeHandler(collector)
        if collector.messages:
            # The failure is cached with the images: the next document must meet it too.
            self._images.clear()
            raise RenderingError(f"{view.name} : {' ; '.join(collector.messages)}")


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A layout makes many objects that live until it is drawn: traversing them again and again finds nothing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _profile_left_open() -> Iterator[None]:
    """WeasyPrint 70.0 never closes the file of its own colour profile: nothing that a user could act on."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r".*sRGB2014\.icc", category=ResourceWarning)
        yield


class _Collector(logging.Handler):
    """Keeps what is lost: error records, and the warnings of missing glyphs, each once, in French."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._seen: dict[str, None] = {}

    @property
    def messages(self) -> list[str]:
        return list(self._seen)

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(NO_GLYPH) and isinstance(record.args, tuple):
            sign, code = record.args
            said = f"le signe « {sign} » (U+{code:04X}) n'existe dans aucune police de la page ; retapez ce texte"
            self._seen[said] = None
        elif record.levelno >= logging.ERROR:
            self._seen[record.getMessage()] = None


def _finish(document: Any, pdf: Any) -> None:
    _one_associated_file(pdf)
    _say_scopes(pdf)
    _compress_once(document, pdf)


def _compress_once(_document: Any, pdf: Any) -> None:
    """Keep the bytes of each stream: pydyf compresses all of them again for the second half of the identifier."""
    pdf.objects[:] = [
        _Written(each) if isinstance(each, pydyf.Stream) else each for each in pdf.objects
    ]


class _Written(pydyf.Object):  # type: ignore[misc]
    """A stream whose bytes are made."""

    compressible = False
    data = b""

    def __init__(self, stream: pydyf.Stream) -> None:
        super().__init__()
        self.number, self.generation, self.free = stream.number, stream.generation, stream.free
        self.data = stream.data


def _say_scopes(pdf: Any) -> None:
    """A header cell says what it heads (PDF/UA-1, 7.5): WeasyPrint 70.0 says it only in the cells that it heads."""
    cells = [
        each
        for each in pdf.objects
        if isinstance(each, pydyf.Dictionary) and each.get("S") in {"/TH", "/TD"}
    ]
    with_data = {cell["P"] for cell in cells if cell["S"] == "/TD"}
    for cell in cells:
        if cell["S"] == "/TH":
            cell["A"]["Scope"] = "/Row" if cell["P"] in with_data else "/Column"


def _one_associated_file(pdf: Any) -> None:
    """WeasyPrint 70.0 names each embedded file twice in /AF."""
    if "AF" in pdf.catalog:
        files = list(dict.fromkeys(pdf.catalog["AF"]))
        pdf.catalog["AF"][:] = files


def _attachment(file: EmbeddedFile) -> Any:
    return weasyprint.Attachment(
        string=file.content,
        name=file.name,
        description=file.description or None,
        created=file.date,
        modified=file.date,
        relationship=file.relationship,
    )


class PagePress:
    """Prints pages that are not commercial documents (returns, reports), with their own style sheets."""

    def __init__(self, folders: tuple[Path, ...], styles: tuple[Path, ...]) -> None:
        """Read the ``styles`` and their fonts once; ``folders`` are those that a page may read."""
        self._fetcher = ConfinedFetcher(folders)
        self._fonts = FontConfiguration()
        self._sheets = [
            weasyprint.CSS(filename=style, font_config=self._fonts, url_fetcher=self._fetcher)
            for style in styles
        ]

    def print(self, html: str, identifier: bytes) -> bytes:
        """Lay out and write the PDF."""
        page = weasyprint.HTML(string=html, url_fetcher=self._fetcher)
        with _collector_paused(), _profile_left_open():
            written: bytes = page.write_pdf(
                stylesheets=self._sheets,
                font_config=self._fonts,
                pdf_identifier=identifier,
                finisher=_compress_once,
            )
        return written
