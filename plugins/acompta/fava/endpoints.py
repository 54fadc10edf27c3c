"""Fava's endpoint decorator, typed, and for reading only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from fava.ext import extension_endpoint
from flask import Response

Endpoint = TypeVar("Endpoint", bound=Callable[[Any], Response])


def get_endpoint(name: str) -> Callable[[Endpoint], Endpoint]:
    """Answer ``GET …/extension/Acompta/<name>``; never another method: Fava's ``--read-only`` lets only GET through."""
    return cast("Callable[[Endpoint], Endpoint]", extension_endpoint(name, ["GET"]))
