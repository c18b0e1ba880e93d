"""The small programs of ``corpus/``: each does the same after the migration, or is left alone with a reason."""

from __future__ import annotations

import pytest

from tests.codemod.programs import Program, programs
from tests.codemod.support import again, rewrite
from tests.codemod.world import fails, outcome

_ALL = programs()
_RUN = [one for one in _ALL if one.expect == "runs"]
_LEFT = [one for one in _ALL if one.expect == "left"]


def _name(program: Program) -> str:
    return program.name


def test_the_corpus_has_programs_of_both_kinds_and_no_others() -> None:
    assert len(_RUN) > 150
    assert len(_LEFT) > 20
    assert len(_RUN) + len(_LEFT) == len(_ALL)
    assert len({one.name for one in _ALL}) == len(_ALL)


@pytest.mark.parametrize("program", _RUN, ids=_name)
def test_a_migrated_program_does_today_what_it_did_in_the_old_era(program: Program) -> None:
    done = rewrite(program.files)
    assert done.sites
    assert all(site.migrated for site in done.sites), [f.message for f in done.left]
    assert fails(lambda: outcome(program.files, "today")), "it ran before, so it proves nothing"
    assert outcome(done.texts, "today") == outcome(program.files, "dalle")
    assert again(done).changed == {}


@pytest.mark.parametrize("program", _LEFT, ids=_name)
def test_a_program_that_cannot_be_proved_is_left_with_a_reason(program: Program) -> None:
    done = rewrite(program.files)
    assert set(program.rules) <= {one.rule for one in done.left}
    for finding in done.left:
        assert finding.message
    blocked = {site.site for site in done.sites if not site.migrated}
    assert blocked or not done.sites
    assert not [one for one in done.findings if one.applied and one.site in blocked]
