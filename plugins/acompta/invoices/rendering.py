"""From a document's view to its HTML and its PDF.

WeasyPrint takes most of a start-up: it is imported by the first PDF, not by this module. Fonts, style and images are
read once per process and dossier. The same view gives the same bytes: dates and identifier come from the document.
"""

from __future__ import annotations

import atexit
import datetime
import gc
import hashlib
import re
import traceback
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from jinja2 import TemplateNotFound, TemplateSyntaxError

from acompta.invoices import templates
from acompta.invoices.mentions import MissingWordingError, complete
from acompta.invoices.view.document import DocumentView
from acompta.invoices.view.parties import Customer, Seller

if TYPE_CHECKING:
    from acompta.invoices.pdf import Press

IDENTIFIER_BYTES: Final = 16

# Spaces at the end of a block print nothing, but WeasyPrint 70.0 cuts a line that fits without them and not with them
# after its first word.
BLOCK_END_SPACES: Final = re.compile(r"\s+(?=</(?:td|th|div|p|h1|h2)>|<(?:br|div|p|table)\b)")


class RenderingError(Exception):
    """A document that could not be laid out; the message is one French sentence that names it."""


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file carried inside the PDF (the XML of an electronic invoice)."""

    name: str
    content: bytes
    date: datetime.datetime
    description: str = ""
    relationship: str = "Data"


@dataclass(frozen=True, slots=True)
class ElectronicPart:
    """What makes a PDF a Factur-X: its XML, and the conformance level that the metadata name (``EN 16931``)."""

    file: EmbeddedFile
    level: str


class Printable(Protocol):
    """What any page shows: who sends it to whom, and how messages call it."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def seller(self) -> Seller:
        """Who sends it."""

    @property
    def customer(self) -> Customer:
        """Who receives it."""


class Renderer:
    """Templates, style and fonts of one dossier, ready to render. Not for several threads at once."""

    def __init__(self, ledger_folder: Path | None = None) -> None:
        """Look for the dossier's own templates beside its ledger; ``None`` uses Acompta's only."""
        self._own_folder = _own_templates(ledger_folder)
        self._environment = templates.environment(self._own_folder)
        self._press: Press | None = None

    def html(self, view: DocumentView) -> str:
        """Lay a document out as HTML, with its legal mentions: nobody has to remember them.

        Raises `RenderingError` when its template is missing, wrong, or asks for what the view does not hold, and when
        a mandatory wording is out of date.
        """
        try:
            view = complete(view)
        except MissingWordingError as error:
            raise RenderingError(f"{view.name} : {error.sentence}") from error
        return BLOCK_END_SPACES.sub("", self._filled(templates.template_name(view), view))

    def _filled(self, template: str, view: Printable) -> str:
        try:
            return self._environment.get_template(template).render(
                view=view, seller=view.seller, customer=view.customer
            )
        except Exception as error:  # a template is a program: it may fail in any way
            raise RenderingError(f"{view.name} : modèle en erreur : {_located(error)}") from error

    def pdf(
        self,
        view: DocumentView,
        *,
        electronic: ElectronicPart | None = None,
    ) -> bytes:
        """Print a document; with ``electronic``, as a PDF/A-3a and PDF/UA-1 that carries its XML.

        Raises `RenderingError` when the template fails or an image cannot be read.
        """
        html = self.html(view)
        identifier = hashlib.sha256(html.encode()).digest()[:IDENTIFIER_BYTES]
        return self._loaded_press().print(
            html,
            view,
            identifier=identifier,
            electronic=electronic,
        )

    def sheet_pdf(self, template: str, view: Printable) -> bytes:
        """Print a page that is no invoice (a reminder, a statement). Raises `RenderingError`."""
        html = BLOCK_END_SPACES.sub("", self._filled(template, view))
        identifier = hashlib.sha256(html.encode()).digest()[:IDENTIFIER_BYTES]
        return self._loaded_press().print(html, view, identifier=identifier)

    def _loaded_press(self) -> Press:
        if self._press is None:
            from acompta.invoices.pdf import Press  # noqa: PLC0415 — WeasyPrint, only when printing

            self._press = Press(self._own_folder)
        return self._press


@lru_cache(maxsize=8)
def renderer(ledger_folder: Path | None = None) -> Renderer:
    """Return the process's renderer of a dossier."""
    return Renderer(ledger_folder)


def forget_renderers() -> None:
    """Let go of all renderers of the process, and of the temporary folders where WeasyPrint keeps their fonts.

    It can only remove them while the interpreter is whole: hence the collection here, and not at its end.
    """
    renderer.cache_clear()
    gc.collect()


atexit.register(forget_renderers)


def render_html(view: DocumentView, *, ledger_folder: Path | None = None) -> str:
    """Lay a document out as HTML. Raises `RenderingError`."""
    return renderer(ledger_folder).html(view)


def render_pdf(
    view: DocumentView,
    *,
    ledger_folder: Path | None = None,
    electronic: ElectronicPart | None = None,
) -> bytes:
    """Print a document. Raises `RenderingError`."""
    return renderer(ledger_folder).pdf(view, electronic=electronic)


def _own_templates(ledger_folder: Path | None) -> Path | None:
    folder = ledger_folder / templates.FOLDER if ledger_folder else None
    return folder if folder is not None and folder.is_dir() else None


def _located(error: Exception) -> str:
    """Say where in a template the error was raised: Jinja2 gives its frames the template's own name and lines."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name}, ligne {error.lineno} : {error.message}"
    if isinstance(error, TemplateNotFound):
        return f"le fichier {error.name} n'existe pas dans {templates.FOLDER}/"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_template(frame)]
    where = f"{Path(frames[-1].filename).name}, ligne {frames[-1].lineno} : " if frames else ""
    return f"{where}{str(error) or type(error).__name__}"


def _is_template(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).parent.name == templates.FOLDER
