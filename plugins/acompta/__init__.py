"""Acompta: deposits, invoices and VAT of French businesses, on plain text.

``plugin "acompta"`` in the top file of a ledger completes its commercial documents in place and adds the VAT entries
that payments make due. Before::

    2026-01-05 * "SCI Dupont" "Acompte" #acompte ^D2026-012
      numero: "F2026-001"
      Actif:411:Dupont
      Passif:4191:Dupont     -30 PCT

After::

    2026-01-05 * "SCI Dupont" "Acompte" #acompte ^D2026-012
      numero: "F2026-001"
      etendu: TRUE
      Actif:411:Dupont        3600.00 EUR
      Passif:4191:Dupont     -3000.00 EUR
      Passif:44574:TVA20      -600.00 EUR
"""

from __future__ import annotations

from typing import Any

from beancount.core.data import Directive

from acompta.engine import load
from acompta.messages import AcomptaError

__version__ = "0.1.0"
__plugins__ = ("acompta",)


def acompta(
    entries: list[Directive], options_map: dict[str, Any], config: str | None = None
) -> tuple[list[Directive], list[AcomptaError]]:
    """The whole engine as one Beancount plugin.

    ``config`` is an error: a config string has no line number, and settings are dated directives of the ledger.
    """
    completed, errors = load(entries, options_map)
    if config is not None:
        where = {"filename": options_map.get("filename", ""), "lineno": 0}
        message = 'plugin "acompta" ne prend pas de réglage : les réglages se tapent dans custom "emetteur"'
        errors = [AcomptaError(where, message, None), *errors]
    return completed, errors
