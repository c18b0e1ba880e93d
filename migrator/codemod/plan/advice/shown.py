"""A cell that shows a whole answer: its text holds the picture now."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.plan.consumers import ConsumerTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.origins import Step
    from migrator.codemod.plan.advice.scene import Scene
    from migrator.codemod.plan.part import Advice


def advise(scene: Scene) -> Iterator[Advice]:
    """One finding per place in a notebook that shows or prints the answer, or a part of it that holds a picture."""
    shows = [consumer for consumer in scene.catalog.consumers if consumer.shown_by]
    words = {name.rpartition(".")[2] for consumer in shows for name in consumer.calls}
    table = ConsumerTable(scene.context)
    for move in scene.moves:
        # who asked for base64 had this text before
        if move.plan.before.get("response_format") == "b64_json":
            continue
        if not move.module.path.endswith(".ipynb") and not any(word in move.module.loads for word in words):
            continue
        for event in Walker(scene.tracer, _part, frozenset()).follow(move.site.results).events:
            call = event.parent
            if event.what != "argument" or not isinstance(call, ast.Call):
                continue
            consumer = table.find(event.state.module, call, event.state.node)
            in_notebook = event.state.module.path.endswith(".ipynb")
            if consumer in shows or (in_notebook and consumer is not None and consumer.role == "log"):
                yield scene.advice(
                    move,
                    scene.rule("url-logged"),
                    "review",
                    event.state.module,
                    event.state.node,
                    "The cell shows an answer as text, which holds the whole picture in base64 now.",
                    consumer.suggestion,
                )


def _part(state: State, step: Step, node: ast.expr) -> State | None:
    """A picture of the answer is still too long to read as text."""
    if step[1] == "data" or isinstance(step[1], int):
        return State(state.module, node, state.kind)
    return None
