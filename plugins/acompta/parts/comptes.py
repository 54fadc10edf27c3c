"""``plugin "acompta.parts.comptes"``: opens the customer's sibling accounts that documents use.

Before::

    2026-01-01 open Actif:411:Dupont    EUR

After, when a document uses it (4191, 4117 or 416 of the same customer)::

    2026-01-01 open Actif:411:Dupont    EUR
    2026-01-01 open Passif:4191:Dupont
"""

from __future__ import annotations

from typing import Any

from beancount.core.data import Directive

from acompta.engine import load
from acompta.messages import AcomptaError

__plugins__ = ("comptes",)


def comptes(
    entries: list[Directive], options_map: dict[str, Any]
) -> tuple[list[Directive], list[AcomptaError]]:
    """Open the missing sibling accounts, at the date of the 411 account."""
    return load(entries, options_map, frozenset({"comptes"}))
