"""When the interpreter looks for garbage."""

from __future__ import annotations

import gc

from migrator import collecting


def test_after_a_run_garbage_is_looked_for_as_before() -> None:
    whole = gc.get_threshold()
    try:
        gc.set_threshold(700, 10, 10)
        with collecting.seldom():
            assert gc.get_threshold() > (700, 10, 10)
        assert gc.get_threshold() == (700, 10, 10)
    finally:
        gc.set_threshold(*whole)
