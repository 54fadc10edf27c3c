"""How hard hypothesis tries: « quick » (the default) or « deep » (``ACOMPTA_HYPOTHESIS=deep``).

Quick is the same examples each time, so a green tree stays green; deep looks for new ones, for an hour at a desk. The
example database is off in both: what a machine remembers must not decide what a test says.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

DEEP: Final = os.environ.get("ACOMPTA_HYPOTHESIS") == "deep"
_DEEPER: Final = 40

settings.register_profile(
    "quick",
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "deep",
    settings.get_profile("quick"),
    derandomize="CI" in os.environ,
    print_blob=True,
)


def examples(quick: int, *, steps: int = 12) -> settings:
    """Settings for a test that tries ``quick`` examples, forty times as many in the deep profile."""
    return settings(
        settings.get_profile("deep" if DEEP else "quick"),
        max_examples=quick * _DEEPER if DEEP else quick,
        stateful_step_count=steps * 2 if DEEP else steps,
    )
