"""The linter: mistakes visible only in the text of a ledger, each at its line, in French, with what to type.

Beancount refuses French habits with messages made for programmers (``syntax error, unexpected COMMA``), and reads
others without a word: ``1,125 M3`` is 1125, ``echeance: 31/01/2026`` is a division. `lint_ledger` finds both from the
text alone; `explain` and `explain_beancount` put Beancount's own messages into French.
"""

from acompta.lint.accounts import Roots
from acompta.lint.explain import explain, explain_beancount, is_syntax
from acompta.lint.finding import Finding, Severity
from acompta.lint.ledger import lint_ledger, lint_text

__all__ = [
    "Finding",
    "Roots",
    "Severity",
    "explain",
    "explain_beancount",
    "is_syntax",
    "lint_ledger",
    "lint_text",
]
