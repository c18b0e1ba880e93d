"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# A busy machine makes an example slow, not wrong; what must be fast has a test of its own that counts CPU time.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
