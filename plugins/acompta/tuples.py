"""Tuples made outright, for the hot paths only: ``make(Share, (base, vat))`` is ``Share(base, vat)``.

The constructor of a ``NamedTuple`` is a Python function that costs twice as much, and fourteen such values go into
every document. For the same reason the hot paths name members of `Kind` as module constants (``_FINAL``): in Python
3.11 ``Kind.FINAL`` costs seven times a name of the module.
"""

from __future__ import annotations

from typing import Final

make: Final = tuple.__new__
