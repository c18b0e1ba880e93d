"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine makes an example slow, not wrong; what must be fast has a test of its own that counts CPU time.
# The same examples every time, so that a run says something about the change; `search` looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("MIGRATOR_HYPOTHESIS", "steady"))
