"""The bundled suite from its file to the numbers, over the simulator."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.catalog import load as load_rules
from migrator.compare import plan, results, run, suite
from migrator.compare.checks import check_run
from migrator.compare.finish import count
from migrator.compare.secrets import Secrets
from migrator.compare.sources import spec
from migrator.executor import open_executor
from tests.compare.conftest import TODAY

if TYPE_CHECKING:
    from pathlib import Path

CLAIMS = {
    "english": 5, "chinese": 3, "japanese": 2, "korean": 2, "arabic": 2, "layout": 4, "character": 3, "wide": 3,
    "transparency": 3, "edit": 4,
}  # fmt: skip
"""Tags, and how many prompts have them at the least."""
FEW = {"character-park", "character-reference", "wide-banner", "clear-sticker", "edit-frame", "edit-whole"}


def test_the_bundled_suite_covers_every_claim_that_people_migrate_for() -> None:
    found = suite.load("essentials", load_rules())
    for tag, least in CLAIMS.items():
        assert sum(tag in one.tags for one in found.prompts) >= least, tag
    assert any(one.edit and one.edit.mask for one in found.prompts)


def test_edits_masks_transparency_and_wide_formats_go_through_a_run_to_its_numbers(tmp_path: Path) -> None:
    rules = load_rules()
    whole = suite.load("essentials", rules)
    kept = [
        replace(one, samples=min(one.samples, 2) if one.id == "character-park" else 1)
        for one in whole.prompts
        if one.id in FEW
    ]
    assert len(kept) == len(FEW)
    asked = replace(whole, prompts=tuple(kept))
    columns = spec.columns(rules, TODAY, asked, old=(), new=("simulator:gpt-image-2.6-flare",))
    made = plan.make(asked, columns, rules)
    ended = run.execute(made, rules, Secrets(), {}, run.Options(tmp_path), io.StringIO())
    assert results.counts(ended.results) == {"ok": len(made.tasks)}
    with open_executor("threads", 2) as executor:
        check_run(ended.results, tmp_path, executor)
    found = count(tmp_path, ended.results, asked.gate)
    for task in found["tasks"]:
        checks = task["checks"]
        for name in ("decodes", "size", "alpha", "blank", "duplicate"):
            assert checks[name]["status"] == "pass", (task["prompt_id"], checks[name])
        prompt = next(one for one in asked.prompts if one.id == task["prompt_id"])
        assert ("locality" in checks) is (prompt.edit is not None)
    # the simulator draws anew what it edits, as GPT Image models do, and the gate says so
    reasons = {reason["check"] for reason in found["gate"]["reasons"]}
    assert reasons == {"locality"}
