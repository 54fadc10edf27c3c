"""Pages that are not commercial documents: returns and reports of a closing, from their templates to PDF.

They share the templates, fonts and confinement of the invoices; their style is ``rapports.css``. WeasyPrint is
imported by the first page, not by this module. The same context gives the same bytes.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from acompta.invoices import templates
from acompta.invoices.rendering import IDENTIFIER_BYTES, RenderingError

if TYPE_CHECKING:
    from acompta.invoices.pdf import PagePress

STYLE: Final = "rapports.css"


def page_html(template: str, context: Mapping[str, Any], folder: Path | None = None) -> str:
    """Lay a page out; ``folder`` is the dossier's, whose own templates come first.

    Raises:
        RenderingError: the template is missing or wrong.
    """
    try:
        return str(_environment(_own(folder)).get_template(template).render(**context))
    except Exception as error:  # a template is a program: it may fail in any way
        raise RenderingError(f"{template} : modèle en erreur : {error}") from error


def page_pdf(template: str, context: Mapping[str, Any], folder: Path | None = None) -> bytes:
    """Print a page.

    Raises:
        RenderingError: the template is missing or wrong.
    """
    html = page_html(template, context, folder)
    identifier = hashlib.sha256(html.encode()).digest()[:IDENTIFIER_BYTES]
    return _press(_own(folder)).print(html, identifier)


@lru_cache(maxsize=8)
def _press(own: Path | None) -> PagePress:
    from acompta.invoices.pdf import PagePress  # noqa: PLC0415 — WeasyPrint, only when printing

    folders = [templates.packaged_folder(), *([own] if own else [])]
    styles = tuple(f / STYLE for f in folders if (f / STYLE).is_file())
    return PagePress(tuple(folders), styles)


def _forget() -> None:
    """Let go of the fonts while the interpreter is whole: WeasyPrint keeps them in temporary folders."""
    _press.cache_clear()
    gc.collect()


atexit.register(_forget)


@lru_cache(maxsize=8)
def _environment(own: Path | None) -> Any:
    return templates.environment(own)


def _own(folder: Path | None) -> Path | None:
    own = folder / templates.FOLDER if folder is not None else None
    return own if own is not None and own.is_dir() else None
