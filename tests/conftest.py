"""What every test shares."""

from __future__ import annotations

import os

from beancount import loader
from hypothesis import settings

# Beancount's cache of parsed ledgers does not notice that a plugin has changed.
loader.initialize(use_cache=False)

# No deadline: a loaded machine is not a bug. In CI the same examples each time; on a desk, new ones.
settings.register_profile("acompta", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("acompta")
