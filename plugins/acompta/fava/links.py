"""Addresses: the pages of this extension, Fava's own, and what the ledger files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from fava.application import url_for

from acompta.fava.desk import Desk
from acompta.receivables import Place, place_of

NAME: Final = "Acompta"
VIEW: Final = "vue"
# What an address of ours says beside Fava's filters.
OWN_PARAMETERS: Final = (
    VIEW,
    "client",
    "contrat",
    "q",
    "etat",
    "nature",
    "tout",
    "numero",
    "periode",
    "case",
)
_NOBODY: Final = "_"


class Links:
    """Addresses for one request; Fava's filters follow unless a parameter says otherwise.

    A page may show a thousand links, and each of Fava's `url_for` costs a tenth of a millisecond: what they share is
    asked once, and parameters are added to it.
    """

    def __init__(self, desk: Desk, args: Mapping[str, str], *, external_editor: bool) -> None:
        """Keep what the present address says of the page."""
        self.desk = desk
        self.external_editor = external_editor
        self.own = {name: args[name] for name in OWN_PARAMETERS if args.get(name)}
        self._page = page_url()
        self._account, _, self._account_query = _url("account", name=_NOBODY).partition(
            f"/{_NOBODY}/"
        )
        self._editor = _url("report", report_name="editor")

    # -- pages ----------------------------------------------------------------------------------------------

    def view(self, name: str, **parameters: str) -> str:
        """A page of ours."""
        return _with(self._page, {VIEW: name, **parameters})

    def here(self, **changes: str | None) -> str:
        """This page with some parameters changed; ``None`` drops one, of Fava's filters too."""
        return page_url(**{**self.own, **changes})

    def adding(self, address: str, parameters: Mapping[str, str]) -> str:
        """One of these addresses with more parameters."""
        return _with(address, parameters)

    def account(self, name: str) -> str:
        """Fava's page of an account."""
        return f"{self._account}/{quote(name, safe=':')}/{self._account_query}"

    def source(self, place: Place) -> str:
        """The line of the text, in Fava's editor or the reader's own (Fava's option ``use-external-editor``)."""
        if self.external_editor:
            return f"beancount://{place.path}?lineno={place.line}"
        return _with(self._editor, {"file_path": place.path, "line": str(place.line)})

    # -- entries --------------------------------------------------------------------------------------------

    def entry(self, place: Place) -> str:
        """Fava's window on an entry, with the typed text; its line in the editor when Fava does not know it."""
        found = self.desk.entry_hash(place)
        return f"#context-{found}" if found is not None else self.source(place)

    def place(self, number: str) -> Place | None:
        """Where the document of a number is typed."""
        document = self.desk.document(number)
        return place_of(document.entry) if document is not None else None

    def document(self, number: str) -> str:
        """The entry of a document's number, ``""`` when there is none."""
        place = self.place(number)
        return self.entry(place) if place is not None else ""

    def fiche(self, number: str) -> str:
        """Our page of one document."""
        return self.view("factures", numero=number)

    # -- files ----------------------------------------------------------------------------------------------

    def download(self, table: str, form: str) -> str:
        """The address that gives a table of this page as a file."""
        return self._endpoint("tableau", {**self.own, "table": table, "format": form})

    def pdf(self, number: str) -> str:
        """The PDF of a number, ``""`` when the ledger files none."""
        if not number or self.desk.pdf(number) is None:
            return ""
        return self._endpoint("pdf", {"numero": number})

    def closed_file(self, period: str, name: str) -> str:
        """A file of the folder of a closed period."""
        return self._endpoint("fichier", {"cloture": period, "nom": name})

    def _endpoint(self, name: str, parameters: Mapping[str, str]) -> str:
        """An endpoint stands below the page; Fava's route names it by a word that `url_for` keeps for itself."""
        path, mark, query = self._page.partition("?")
        return _with(f"{path}{name}{mark}{query}", parameters)


def page_url(**values: str | None) -> str:
    """A page of ours under Fava's filters; a value that is ``None`` leaves the address."""
    return _url("extension_report", extension_name=NAME, **values)


def errors_url() -> str:
    """Fava's list of errors."""
    return _url("report", report_name="errors")


def _url(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values)


def _with(address: str, parameters: Mapping[str, str]) -> str:
    mark = "&" if "?" in address else "?"
    return address + mark + urlencode(parameters, safe=":")
