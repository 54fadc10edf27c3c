"""``plugin "acompta.parts.documents"``: commercial documents become complete entries, nothing else.

Before::

    2026-01-31 * "SCI Dupont" "Conseil de janvier" #facture
      numero: "F2026-001"
      Actif:411:Dupont
      Produits:706:Conseil   -2 JOUR @ 500.00 EUR

After::

    2026-01-31 * "SCI Dupont" "Conseil de janvier" #facture
      numero: "F2026-001"
      etendu: TRUE
      Actif:411:Dupont        1200.00 EUR
      Produits:706:Conseil   -1000.00 EUR
      Passif:44574:TVA20      -200.00 EUR
"""

from __future__ import annotations

from typing import Any

from beancount.core.data import Directive

from acompta.engine import load
from acompta.messages import AcomptaError

__plugins__ = ("documents",)


def documents(
    entries: list[Directive], options_map: dict[str, Any]
) -> tuple[list[Directive], list[AcomptaError]]:
    """Complete the documents in place."""
    return load(entries, options_map, frozenset({"documents"}))
