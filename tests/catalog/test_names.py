"""Facts stay in the rules: code knows no model by its name."""

from __future__ import annotations

import re
from pathlib import Path

from migrator.catalog import load

PACKAGE = Path(__file__).parents[2] / "migrator"


def test_no_module_names_a_model() -> None:
    names = "|".join(re.escape(name) for name in sorted(load().models, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])")
    named = {
        path.name: found
        for path in PACKAGE.rglob("*.py")
        if (found := pattern.findall(path.read_text("utf-8")))
    }
    assert named == {}
    assert pattern.search(f"model={load().default_target!r}")
