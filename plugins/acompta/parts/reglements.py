"""``plugin "acompta.parts.reglements"``: payments make VAT due, nothing else.

Before::

    2026-02-28 * "SCI Dupont" "Virement" ^F2026-001
      Actif:512:Banque      1200.00 EUR
      Actif:411:Dupont

After, on the same day (CGI art. 269-2-c)::

    2026-02-28 * "SCI Dupont" "TVA exigible sur encaissement" ^F2026-001
      etendu: TRUE
      Passif:44574:TVA20     200.00 EUR
      Passif:44571:TVA20    -200.00 EUR
"""

from __future__ import annotations

from typing import Any

from beancount.core.data import Directive

from acompta.engine import load
from acompta.messages import AcomptaError

__plugins__ = ("reglements",)


def reglements(
    entries: list[Directive], options_map: dict[str, Any]
) -> tuple[list[Directive], list[AcomptaError]]:
    """Add the VAT entries that settlements make due."""
    return load(entries, options_map, frozenset({"reglements"}))
