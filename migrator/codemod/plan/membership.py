"""Tests of what an answer holds: ``"url" in picture`` asks for what GPT Image does not send."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.guards import is_fallback
from migrator.codemod.plan.part import Part
from migrator.codemod.rewrite import Replace, string_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.forward import Event
    from migrator.codemod.plan.answer.model import Answer

_URL, _B64 = "url", "b64_json"


def is_membership(event: Event) -> bool:
    """Whether an event is a test for a key: ``"data" in answer``."""
    compare = event.parent
    return (
        isinstance(compare, ast.Compare)
        and len(compare.ops) == 1
        and isinstance(compare.ops[0], (ast.In, ast.NotIn))
        and compare.comparators[0] is event.state.node
    )


def asked_for(answer: Answer) -> Iterator[Part]:
    """The tests for a url that must ask for the base64 now. Those of code that copes with both stay."""
    if answer.trail is None or (answer.reads and all(read.guarded for read in answer.reads)):
        return
    for event in answer.trail.events:
        if event.what != "compare" or event.state.kind != "image" or event.state.path:
            continue
        compare = event.parent
        if not is_membership(event) or not isinstance(compare, ast.Compare):
            continue
        key, module = compare.left, event.state.module
        if isinstance(key, ast.Constant) and key.value == _URL:
            if is_fallback(answer, module, compare, compare.comparators[0]):
                continue
            yield Part(
                "IMG010", "safe", module, key, "The test asks for the picture's base64 instead of its url.",
                edits=((module.path, Replace(module.span(key), string_literal(_B64, module.source(key)))),),
            )  # fmt: skip
