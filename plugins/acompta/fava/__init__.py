"""The Fava extension: wiring and templates only, every figure comes from the engine.

``2026-01-01 custom "fava-extension" "acompta.fava"`` in the ledger adds the entry « Acompta » to Fava's menu. Fava
registers every `FavaExtensionBase` class that this module shows, so it shows exactly one.
"""

from acompta.fava.extension import Acompta

__all__ = ["Acompta"]
