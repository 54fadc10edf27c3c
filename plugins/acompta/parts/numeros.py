"""``plugin "acompta.parts.numeros"``: checks that numbers are continuous and chronological, nothing else.

Before::

    2026-01-31 * "SCI Dupont" "Conseil" #facture
      numero: "F2026-001"
    2026-02-28 * "SCI Dupont" "Conseil" #facture
      numero: "F2026-003"

After: the same entries, and at the second line the error « trou dans la série F2026- : il manque F2026-002 »
(CGI ann. II art. 242 nonies A, I-7°).
"""

from __future__ import annotations

from typing import Any

from beancount.core.data import Directive

from acompta.engine import load
from acompta.messages import AcomptaError

__plugins__ = ("numeros",)


def numeros(
    entries: list[Directive], options_map: dict[str, Any]
) -> tuple[list[Directive], list[AcomptaError]]:
    """Check the series."""
    return load(entries, options_map, frozenset({"numeros"}))
