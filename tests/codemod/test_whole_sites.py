"""A call site is migrated whole or not at all, whatever stands in the way of a part of it."""

from __future__ import annotations

import ast
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.codemod.mutations import MUTATIONS, mutated
from tests.codemod.support import TARGET, TODAY, Result, catalog, check_result, once
from tests.codemod.test_invariants import fixtures, programs, seeds
from tests.codemod.world import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOUNDED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
_OURS = {"model", "quality", "style", "size", "response_format"}
_RULES = sorted(rule for rule in catalog().rules if rule < "IMG09")


def whole(files: dict[str, str], done: Result) -> None:
    """A program of the pieces does today what it did in the old era, or is as it was."""
    check_result(done)
    if done.sites and all(site.migrated for site in done.sites):
        assert outcome(done.texts, "today") == outcome(files, "dalle") or "revised_prompt" in files["app.py"]
    elif not any(site.migrated for site in done.sites):
        assert done.changed == {}
        assert done.left or not done.sites


@given(programs, seeds, st.booleans())
@_BOUNDED
def test_files_that_may_not_be_changed_stay_and_their_sites_stay_with_them(
    files: dict[str, str], seed: int, unsafe: bool
) -> None:
    random = Random(seed)
    outside = [path for path in files if random.random() < 0.5]
    done = once(files, outside=outside, unsafe=unsafe)
    assert not set(outside) & set(done.changed)
    if not unsafe:
        whole(files, done)


@given(programs, st.lists(st.sampled_from(_RULES), min_size=1, max_size=3, unique=True))
@_BOUNDED
def test_rules_that_a_person_does_not_want_leave_the_sites_that_need_them(
    files: dict[str, str], ignore: list[str]
) -> None:
    done = once(files, ignore=tuple(ignore))
    if done.changed:
        assert all(site.migrated for site in done.sites)
        if set(ignore) <= {one.rule for one in once(files).findings if not one.applied}:
            whole(files, done)


@given(programs, seeds)
@_BOUNDED
def test_a_comment_that_silences_a_line_keeps_the_whole_site_or_none_of_it(
    files: dict[str, str], seed: int
) -> None:
    random = Random(seed)
    lines = files["app.py"].split("\n")
    ends = sorted(
        {node.end_lineno for node in ast.walk(ast.parse(files["app.py"])) if isinstance(node, ast.stmt)}
    )
    at = random.choice([row for row in ends if row]) - 1
    lines[at] += "  # migrator: ignore"
    silenced = files | {"app.py": "\n".join(lines)}
    done = once(silenced)
    check_result(done)
    if done.changed and all(site.migrated for site in done.sites):
        assert lines[at] in done.text.split("\n")
        whole(silenced, done)


def requests(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Endpoint and arguments of each call of a text that looks like one of the Images API; code stands as a dict."""
    for call in ast.walk(ast.parse(text)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        endpoint = catalog().calls.methods.get(call.func.attr)
        if endpoint and isinstance(call.func.value, ast.Attribute) and call.func.value.attr == "images":
            yield (
                endpoint,
                {
                    word.arg: word.value.value if isinstance(word.value, ast.Constant) else {"code": "x"}
                    for word in call.keywords
                    if word.arg
                },
            )


@given(
    st.sampled_from(sorted(fixtures())),
    st.lists(st.sampled_from(sorted(MUTATIONS)), max_size=4),
    seeds,
    st.booleans(),
)
@settings(_BOUNDED, max_examples=80)
def test_what_a_migrated_file_asks_for_as_it_is_written_is_accepted(
    name: str, kinds: list[str], seed: int, unsafe: bool
) -> None:
    random = Random(seed)
    done = once(
        {path: mutated(text, kinds, random) for path, text in fixtures()[name].items()}, unsafe=unsafe
    )
    for path, text in done.changed.items():
        if any(site.path == path and not site.migrated and site.outcome != "done" for site in done.sites):
            continue
        for endpoint, request in requests(text):
            known = catalog().model(request["model"]) if isinstance(request.get("model"), str) else None
            model = known or catalog().model(TARGET)
            assert model is not None
            found = catalog().problems(endpoint, model, request, TODAY)
            ours = [one for one in found if one.parameter in _OURS]
            assert not ours, (path, request)
