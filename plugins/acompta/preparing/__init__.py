"""The drafts that a month calls for: recurring invoices, deposits agreed on contracts, milestones come due.

`proposals` is pure and never reads the clock: ``acompta preparer``, the closing and Fava's first page all call it. What
is already in the ledger, draft or issued, is never proposed again.
"""

from acompta.preparing.months import Month
from acompta.preparing.proposals import Preparation, Proposal, Reason, proposals

__all__ = ["Month", "Preparation", "Proposal", "Reason", "proposals"]
