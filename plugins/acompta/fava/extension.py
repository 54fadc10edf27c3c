"""The extension as Fava sees it: one class, whose pages are chosen by ``?vue=``.

A new page is a function from `Visit` to `Page`, a template, and a line in `VIEWS`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from beancount.core.data import Custom, Transaction
from fava.context import g
from fava.ext import FavaExtensionBase, FavaExtensionError
from fava.util import send_file_inline
from fava.util.date import local_today
from flask import Response, abort, request
from markupsafe import Markup

from acompta import french
from acompta.closing.journals import Books
from acompta.closing.lettering import letter_books, show_letters
from acompta.dossier import OPTION, Holder, dossier_of
from acompta.fava import accueil, cloture, contrats, creances, factures, tresorerie, tva
from acompta.fava.desk import Desk
from acompta.fava.downloads import table_response
from acompta.fava.endpoints import get_endpoint
from acompta.fava.fit import CARD_WIDTHS
from acompta.fava.links import VIEW, Links, errors_url, page_url
from acompta.fava.page import Page, PageError, Visit, check_customer, saying_limits
from acompta.fava.scope import ScopeError, read_scope

if TYPE_CHECKING:
    from fava.core import FavaLedger

MODULE: Final = "acompta.fava"
_NOT_RUN: Final = (
    'Le plugin acompta n\'a pas tourné sur ce journal : tapez la ligne plugin "acompta" dans le fichier principal'
    " (dans un fichier inclus, Beancount l'ignore), puis corrigez ce que dit la page Erreurs."
)
_NO_CONFIG: Final = (
    f'custom "fava-extension" "{MODULE}" ne prend pas de réglage : retirez ce qui suit le nom ;'
    ' les réglages se tapent dans custom "emetteur"'
)
# Printed on their side: tables of many figures.
_WIDE: Final = frozenset(
    f"acompta/{name}.html" for name in ("creances", "contrats", "contrat", "factures", "tresorerie")
)
_BROKEN: Final = "Cette page n'a pas pu être calculée"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class View:
    """A page of the extension: its tab, and what makes it."""

    title: str
    make: Callable[[Visit], Page]


VIEWS: Final[dict[str, View]] = {
    "accueil": View("Accueil", accueil.page),
    "creances": View("Créances", creances.page),
    "contrats": View("Contrats", contrats.page),
    "factures": View("Factures", factures.page),
    "tva": View("TVA", tva.page),
    "cloture": View("Clôture", cloture.page),
    "tresorerie": View("Trésorerie", tresorerie.page),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet that the page is printed on: ``foot`` is a string of CSS."""

    is_wide: bool
    foot: Markup


@dataclass(frozen=True, slots=True)
class Tab:
    """A page in the bar at the top."""

    title: str
    href: str
    current: bool


class Acompta(FavaExtensionBase):
    """What the engine knows, in Fava. Read-only: nothing here writes, whatever the request."""

    report_title = "Acompta"
    has_js_module = True

    def __init__(self, ledger: FavaLedger, config: str | None = None) -> None:
        """Keep the setting only to refuse it: Fava would stop the ledger from loading on one that it cannot read."""
        super().__init__(ledger)
        self._has_config = config is not None
        self._desk: Desk | None = None
        self._why_not = _NOT_RUN

    # -- loading --------------------------------------------------------------------------------------------

    def after_load_file(self) -> None:
        """Read the engine's results. Never raises: that would stop the ledger from loading."""
        if self._desk is not None:
            self._desk.close()
        self._desk = None
        if self._has_config:
            self._report(_NO_CONFIG)
        try:
            self._desk = self._open_desk()
        except Exception as error:
            log.exception("acompta.fava: reading the dossier failed")
            self._why_not = f"{_BROKEN} : {_say(error)}."
        if self._desk is None:
            self._report(self._why_not)
            return
        try:
            self._letter()
        except Exception:
            log.exception("acompta.fava: lettering failed")
        try:
            self._desk.warm(local_today())
        except Exception:
            # The page that needs those figures says what is wrong.
            log.exception("acompta.fava: the figures of the day failed")

    def _open_desk(self) -> Desk | None:
        ledger = self.ledger
        options: Any = ledger.options
        dossier = dossier_of(options)
        if dossier is None:
            self._why_not = _NOT_RUN
            return None
        entries: Any = ledger.all_entries
        errors: Any = ledger.load_errors
        return Desk(dossier, entries, options, errors)

    def _letter(self) -> None:
        """Show the letters under the lines of the journal."""
        options: Any = self.ledger.options
        entries: Any = self.ledger.all_entries
        dossier = dossier_of(options)
        holder = options.get(OPTION)
        if isinstance(holder, Holder) and holder.typed is not None:
            # An entry that the engine leaves as typed is shared with the journal: what the engine reads again, for
            # an earlier date, must not have the letters.
            holder.typed = [
                entry._replace(postings=list(entry.postings))
                if isinstance(entry, Transaction)
                else entry
                for entry in holder.typed
            ]
        if dossier is not None:
            books = Books(dossier, entries)
            show_letters(books.transactions, letter_books(books, dossier))

    def _report(self, message: str) -> None:
        """Add an error to Fava's list, at the line that asks for this extension."""
        customs: Any = self.ledger.all_entries_by_type.Custom
        line = next((entry for entry in customs if _asks_for_us(entry)), None)
        meta = line.meta if line is not None else None
        self.ledger.extensions.errors.append(FavaExtensionError(meta, message, line))

    # -- pages ----------------------------------------------------------------------------------------------

    def content(self) -> Markup:
        """The whole page. Never raises: a page that cannot be made says why."""
        if self._desk is None:
            return self._make()[0]
        args = tuple(sorted(pair for pair in request.args.items() if pair[0] != "partial"))
        return self._desk.page((g.beancount_file_slug, local_today(), args), self._make)

    def _make(self) -> tuple[Markup, bool]:
        """The page, and whether nothing of it is still being made."""
        name = self._view_name()
        try:
            visit = self._visit()
            page = VIEWS[name].make(visit)
            rendered = self._render(
                page.template, visit=visit, page=page, tabs=self._tabs(name), **page.content
            )
        except (PageError, ScopeError) as error:
            message = str(error)
        except Exception as error:
            log.exception("acompta.fava: page %s failed", name)
            message = f"{_BROKEN} : {_say(error)}."
        else:
            return rendered, page.is_whole
        return self._render("acompta/message.html", message=message, tabs=self._tabs(name)), True

    def _render(self, template: str, **content: Any) -> Markup:
        rendered = self.jinja_env.get_template(template).render(
            fr=french,
            title=VIEWS[self._view_name()].title,
            card_widths=CARD_WIDTHS,
            sheet=Sheet(template in _WIDE, css_text(self._foot())),
            errors=len(self.ledger.load_errors),
            errors_href=errors_url(),
            **content,
        )
        return Markup(rendered)  # noqa: S704 — made by an escaping template

    def _foot(self) -> str:
        """What stands at the foot of each printed sheet: the dossier and the page."""
        ledger: Any = self.ledger
        return f"{ledger.options['title']} · {VIEWS[self._view_name()].title}"

    def _visit(self) -> Visit:
        desk = self._desk
        if desk is None:
            raise PageError(self._why_not)
        options = self.ledger.fava_options
        today = local_today()
        scope = read_scope(request.args, options.fiscal_year_end, today)
        check_customer(scope.client, desk)
        links = Links(desk, request.args, external_editor=options.use_external_editor)
        return Visit(desk, scope, links, request.args, today)

    def _view_name(self) -> str:
        name = request.args.get(VIEW, "")
        return name if name in VIEWS else next(iter(VIEWS))

    def _tabs(self, current: str) -> list[Tab]:
        return [
            Tab(view.title, page_url(**{VIEW: name}), name == current)
            for name, view in VIEWS.items()
        ]

    # -- files ----------------------------------------------------------------------------------------------

    @get_endpoint("tableau")
    def table(self) -> Response:
        """``GET …/tableau?vue=…&table=…&format=csv|xlsx``: a table of a page, under the filters of the address."""
        try:
            visit = replace(self._visit(), for_file=True)
            page = VIEWS[self._view_name()].make(visit)
        except (PageError, ScopeError) as error:
            return Response(str(error), 400, mimetype="text/plain")
        page = replace(page, report=saying_limits(page.report, visit))
        args = request.args
        response = table_response(
            page, self._view_name(), args.get("table", ""), args.get("format", "")
        )
        return response if response is not None else abort(404)

    @get_endpoint("pdf")
    def pdf(self) -> Response:
        """``GET …/pdf?numero=…``: the PDF that a document directive of the ledger files for that number."""
        path = self._desk.pdf(request.args.get("numero", "")) if self._desk is not None else None
        return send_file_inline(str(path)) if path is not None else abort(404)

    @get_endpoint("fichier")
    def closed_file(self) -> Response:
        """``GET …/fichier?cloture=…&nom=…``: a file of the folder of a closed period, looked up by its name."""
        if self._desk is None:
            return abort(404)
        wanted = request.args.get("nom", "")
        found = cloture.closed_files(self._desk, request.args.get("cloture", ""))
        path = next((path for path in found if path.name == wanted), None)
        return send_file_inline(str(path)) if path is not None else abort(404)


def css_text(text: str) -> Markup:
    """``text`` as a string of CSS that nothing in it can end: all but letters, digits and spaces by their number."""
    safe = (char if char.isalnum() or char == " " else f"\\{ord(char):x} " for char in text)
    return Markup(f'"{"".join(safe)}"')  # noqa: S704 — no markup is left in it


def _asks_for_us(entry: Custom) -> bool:
    return entry.type == "fava-extension" and any(
        value.value == MODULE for value in entry.values[:1]
    )


def _say(error: Exception) -> str:
    """An unforeseen error, for a bug report: its kind and what it says."""
    return f"{type(error).__name__}, {error}" if str(error) else type(error).__name__
