"""The acceptance test: programs of every known shape run before and after their migration."""

from __future__ import annotations

import ast
import importlib.util

import pytest
from fixture_runs import Case, Runner, all_cases, fails_today, import_roots, lives_in_the_old_era, migrates

CASES = all_cases()
DOWNLOADERS = {"requests", "httpx", "aiohttp", "imageio"}
MULTI_MODULE_MINIMUM = 20
every_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


@every_case
def test_the_program_ran_while_dalle_lived(runner: Runner, case: Case) -> None:
    lives_in_the_old_era(runner, case)


@every_case
def test_the_program_needs_its_migration_today(runner: Runner, case: Case) -> None:
    fails_today(runner, case)


@every_case
def test_the_program_runs_after_the_migration_or_is_flagged(runner: Runner, case: Case) -> None:
    assert migrates(runner, case) in case.expect


@every_case
def test_the_packages_that_a_program_needs_are_named_and_installed(case: Case) -> None:
    for name in case.needs:
        assert importlib.util.find_spec(name), f"{case.name} needs {name}"
    for path in case.project.rglob("*.py"):
        if path.parent.name != "old":  # a file that no present Python reads
            downloads = import_roots(ast.parse(path.read_bytes())) & DOWNLOADERS
            assert downloads <= set(case.needs), f"{case.name} imports {downloads} without naming it"


def test_there_are_enough_programs_of_enough_shapes() -> None:
    several = [case for case in CASES if len(list(case.project.rglob("[!_]*.py"))) > 1]
    assert len(CASES) >= 90
    assert len(several) >= MULTI_MODULE_MINIMUM
    assert {outcome for case in CASES for outcome in case.expect} == {
        "migrated",
        "review",
        "manual",
        "mixed",
        "untouched",
    }
