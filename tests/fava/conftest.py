"""Fava's own application on a ledger, asked as its pages ask it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest
from fava.application import create_app
from flask import Flask
from flask.testing import FlaskClient
from tests.fava.page import Element, read_page
from tests.fava.samples import ledger_text, write_ledger
from werkzeug.test import TestResponse

TODAY: Final = datetime.date(2026, 5, 31)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> datetime.date:
    monkeypatch.setattr("acompta.fava.extension.local_today", lambda: TODAY)
    return TODAY


class Site:
    """A running application; ``slug`` is the ledger's name in addresses."""

    def __init__(self, path: Path, *, incognito: bool = False) -> None:
        self.app: Flask = create_app(
            [path], load=True, incognito=incognito, read_only=True, poll_watcher=True
        )
        self.folder = path.parent
        self.client: FlaskClient = self.app.test_client()
        [(self.slug, self.ledger)] = self.app.config["LEDGERS"].items()

    def get(self, endpoint: str = "", **query: str) -> TestResponse:
        # Without `partial` the page carries the whole ledger as JSON, and any text is somewhere in it.
        query = {"partial": "true", "vue": "creances", **query}
        return self.open(f"/{self.slug}/extension/Acompta/{endpoint}?{urlencode(query)}")

    def open(self, href: str, method: str = "GET") -> TestResponse:
        return self.client.open(href, method=method, buffered=True)

    def page(self, **query: str) -> Element:
        response = self.get(**query)
        assert response.status_code == 200
        return read_page(response.text)

    def follow(self, href: str) -> Element:
        response = self.open(href)
        assert response.status_code == 200, href
        return read_page(response.text)

    def errors(self) -> list[tuple[int | None, str]]:
        return [(e.source and e.source["lineno"], e.message) for e in self.ledger.errors]


MakeSite = Callable[..., Site]


@pytest.fixture
def make_site(tmp_path: Path) -> MakeSite:
    def make(text: str | None = None, *, incognito: bool = False) -> Site:
        path = write_ledger(tmp_path, text if text is not None else ledger_text())
        return Site(path, incognito=incognito)

    return make


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(write_ledger(tmp_path_factory.mktemp("essai"), ledger_text()))
