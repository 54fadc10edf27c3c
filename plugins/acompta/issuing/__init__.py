"""From draft to issued: numbers, amounts and seals of the documents to issue, then one act for all of them.

`plan_issue` says what would be issued and what cannot be; `prepare_act` turns that into the changes of one
`acompta.acts.Act`. Nothing here writes, asks, or reads the clock.
"""

from __future__ import annotations

from acompta.issuing.plan import BlockedError, Issue, Plan, Refusal, plan_issue
from acompta.issuing.writing import prepare_act

__all__ = ["BlockedError", "Issue", "Plan", "Refusal", "plan_issue", "prepare_act"]
