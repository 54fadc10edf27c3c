"""What every test shares."""

from __future__ import annotations

import os

import pytest
from beancount import loader
from hypothesis import settings

# Beancount's cache of parsed ledgers does not notice that a plugin has changed.
loader.initialize(use_cache=False)

# No deadline: a loaded machine is not a bug. In CI the same examples each time; on a desk, new ones.
settings.register_profile("acompta", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("acompta")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--rewrite``: expected files of ``tests/cases`` are written again, each change shown as a failure."""
    parser.addoption(
        "--rewrite", action="store_true", help="réécrit les fichiers expected.* de tests/cases"
    )
