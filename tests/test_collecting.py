"""When the interpreter looks for garbage."""

from __future__ import annotations

import gc

from migrator import collecting


def test_after_a_run_garbage_is_looked_for_as_before() -> None:
    before = gc.get_threshold()
    with collecting.seldom():
        assert gc.get_threshold() > before
    assert gc.get_threshold() == before
