"""Programs that nobody wrote: random ones, and real ones that were spoiled. No crash, and every invariant holds."""

from __future__ import annotations

import ast
import os
import warnings
from random import Random

import hypothesmith
import libcst
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.codemod.mutations import MUTATIONS, mutated
from tests.codemod.support import again, once
from tests.codemod.test_invariants import fixtures, holds

EXAMPLES = int(os.environ.get("MIGRATOR_EXAMPLES", "0"))
"""A person may ask for more."""
CALL = (
    "\nimport openai as soak\nSOAK = soak.OpenAI().images.generate(model='dall-e-3', prompt='p', style='vivid', "
    "response_format='b64_json').data[0].b64_json\n"
)
INTERNAL = {"IMG093"}


def bounded(examples: int) -> settings:
    return settings(
        max_examples=EXAMPLES or examples,
        deadline=None,
        derandomize=not EXAMPLES,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def survives(text: str) -> None:
    """One call behind any program: it alone changes, and no second time."""
    assume(parses(text + CALL))
    done = once({"app.py": text + CALL}, unsafe=True)
    assert INTERNAL.isdisjoint(done.rules()), done.findings
    after = done.texts["app.py"]
    assert parses(after)
    if len(done.sites) == 1:
        assert after.startswith(text)
        assert after.endswith(").data[0].b64_json\n")
        assert done.changed or done.left
    assert again(done, unsafe=True).changed == {}


@given(hypothesmith.from_grammar())
@bounded(25)
def test_any_program_of_the_grammar_keeps_its_bytes(text: str) -> None:
    survives(text)


@given(hypothesmith.from_node(libcst.Module))
@bounded(6)
def test_any_tree_of_nodes_keeps_its_bytes(text: str) -> None:
    survives(text)


mutations = st.lists(st.sampled_from(sorted(MUTATIONS)), min_size=1, max_size=6)


@given(st.sampled_from(sorted(fixtures())), mutations, st.integers(0, 2**16), st.booleans())
@bounded(60)
def test_a_spoiled_program_is_migrated_or_reported_whole(
    name: str, names: list[str], seed: int, unsafe: bool
) -> None:
    random = Random(seed)
    files = {path: mutated(text, names, random) for path, text in fixtures()[name].items()}
    done = holds(files, unsafe=unsafe)
    assert INTERNAL.isdisjoint(done.rules()), done.findings
    for site in done.sites:
        assert site.migrated or site.outcome == "done" or any(one.site == site.site for one in done.findings)


@given(
    st.lists(st.sampled_from(sorted(fixtures())), min_size=2, max_size=2, unique=True),
    mutations,
    st.integers(0, 2**16),
)
@bounded(15)
def test_two_programs_in_one_file_keep_every_invariant(pair: list[str], names: list[str], seed: int) -> None:
    one, two = (next(iter(fixtures()[name].values())) for name in pair)
    text = mutated(f"{one}\n{two}", names, Random(seed))
    assume(parses(text))
    assert INTERNAL.isdisjoint(holds({"app.py": text}, unsafe=True).rules())
