"""Where templates come from and what they may do.

A dossier's own ``invoice_templates/`` folder is looked at first, then the templates that come with Acompta; the
latter are also reachable as ``acompta/<name>``, so that a dossier may extend the one it replaces. Templates run in
Jinja2's sandbox, escape all they print, refuse an undefined name, and never read a file outside these two folders.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from acompta import french
from acompta.invoices import identifiers
from acompta.invoices.payment_code import payment_code
from acompta.invoices.view.document import DocumentView, Slot
from acompta.invoices.view.lines import LineRegime, Nature, Period

FOLDER: Final = "invoice_templates"
STYLE: Final = "style.css"
OWN_PREFIX: Final = "acompta"


class ConfinedLoader(FileSystemLoader):
    """Loader that refuses a file whose real path leaves its folder: a symbolic link is no way out."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Read a template. Raises `TemplateNotFound` when there is none inside the folder."""
        source, path, up_to_date = super().get_source(environment, template)
        inside = any(is_inside(Path(path), Path(folder)) for folder in self.searchpath)
        if not inside:
            raise TemplateNotFound(template)
        return source, path, up_to_date


def is_inside(path: Path, folder: Path) -> bool:
    """Whether the real path of a file lies in the real path of a folder."""
    return path.resolve().is_relative_to(folder.resolve())


@lru_cache(maxsize=1)
def packaged_folder() -> Path:
    """Folder of the templates that come with Acompta: beside the package once installed, else the checkout's."""
    package = Path(__file__).resolve().parents[1]
    installed = package / FOLDER
    return installed if installed.is_dir() else package.parents[1] / FOLDER


def template_name(view: DocumentView) -> str:
    """Name of the template of a document: its kind, as the accountant tags it."""
    return f"{view.kind}.html"


def environment(own_folder: Path | None) -> Environment:
    """Make the Jinja2 environment of a dossier whose own templates are in ``own_folder`` (``None``: it has none)."""
    return _made(own_folder, autoescape=True)


def text_environment(own_folder: Path | None) -> Environment:
    """The same for texts that are no HTML: nothing to escape."""
    return _made(own_folder, autoescape=False)


def _made(own_folder: Path | None, *, autoescape: bool) -> Environment:
    packaged = ConfinedLoader(packaged_folder())
    loaders: list[BaseLoader] = [packaged, PrefixLoader({OWN_PREFIX: packaged})]
    if own_folder is not None:
        loaders.insert(0, ConfinedLoader(own_folder))
    made = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        autoescape=autoescape,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    made.globals.update(LineRegime=LineRegime, Nature=Nature, Slot=Slot)
    return made


def _printed(value: object) -> object:
    """Give every printed text its French punctuation; what is already markup stays as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return french.typographic(value)
    return value


def _span(period: Period) -> str:
    return french.period(period.start, period.end)


FILTERS: Final[dict[str, Callable[..., object]]] = {
    "euros": french.euros,
    "number": french.number,
    "quantity": french.quantity,
    "counted": french.counted,
    "plural": french.plural,
    "unit_price": french.unit_price,
    "percent": french.percent,
    "day": french.day,
    "short_day": french.short_day,
    "span": _span,
    "siren": identifiers.printed_siren,
    "siret": identifiers.printed_siret,
    "iban": identifiers.printed_iban,
    "payment_code": payment_code,
}
