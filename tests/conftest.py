"""What all tests share."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine makes an example slow, not wrong; what must be fast has a test of its own that counts CPU time.
# The same examples every time, so that a run says something about the change; `search` looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("MIGRATOR_HYPOTHESIS", "steady"))


@pytest.fixture
def fresh_limit() -> Iterator[None]:
    """The interpreter's own limit of recursion, as a command starts with it: other tests leave a higher one behind."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    yield
    sys.setrecursionlimit(before)
