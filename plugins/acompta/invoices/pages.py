"""Pages that are not commercial documents: returns and reports of a closing, from their templates to PDF.

They share the templates, fonts and confinement of the invoices; their style is ``rapports.css``. WeasyPrint is
imported by the first page, not by this module. The same context gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from acompta.invoices import templates
from acompta.invoices.rendering import IDENTIFIER_BYTES, RenderingError

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
    from acompta.invoices.pdf import print_page  # noqa: PLC0415 — WeasyPrint, only when printing

    html = page_html(template, context, folder)
    identifier = hashlib.sha256(html.encode()).digest()[:IDENTIFIER_BYTES]
    own = _own(folder)
    folders = [templates.packaged_folder(), *([own] if own else [])]
    styles = tuple(f / STYLE for f in folders if (f / STYLE).is_file())
    return print_page(html, tuple(folders), styles, identifier)


@lru_cache(maxsize=8)
def _environment(own: Path | None) -> Any:
    return templates.environment(own)


def _own(folder: Path | None) -> Path | None:
    own = folder / templates.FOLDER if folder is not None else None
    return own if own is not None and own.is_dir() else None
