"""Time limits around the calls: a GPT Image model takes longer than DALL-E did."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import getter_default
from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.flow.origins import Constant, Made
from migrator.codemod.plan.advice.limits import TIMEOUT, Limit, limits_of
from migrator.codemod.plan.advice.scene import exact, number
from migrator.codemod.rewrite import Replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import Advice, FileEdit


@dataclass(frozen=True, slots=True)
class _Seconds:
    """A number of seconds as it is written. ``shared``: somebody else may set or read it as well."""

    module: Module
    node: ast.expr
    seconds: float
    direct: bool
    shared: bool = False


def advise(scene: Scene) -> Iterator[Advice]:
    """Limits below what a difficult prompt takes, with the edit where they serve image calls only."""
    rule = scene.rule("short-timeout")
    limits: list[tuple[Move, Limit]] = []
    for move in scene.old_moves:
        limits.extend((move, limit) for limit in limits_of(scene, move))
    known = {limit.value for _, limit in limits}
    facts = scene.catalog.advice
    for move, limit in limits:
        for found in _seconds(scene, limit.module, limit.value):
            if not 0 < found.seconds < facts.timeout_short or found.module.is_test:
                continue
            alone = not found.shared and (found.direct or _serves_only(scene, found, known))
            only_images = limit.client is None or _makes_only_images(scene, limit.module, limit.client)
            edits: tuple[FileEdit, ...] = ()
            if alone and only_images and exact(found.module, found.node):
                text = _like(found.module.source(found.node), facts.timeout_enough)
                edits = ((found.module.path, Replace(found.module.span(found.node), text)),)
            yield scene.advice(
                move,
                rule,
                "review" if edits else "manual",
                found.module,
                found.node,
                f"The call is cut off after {found.seconds:g} s; "
                f"a difficult prompt takes a GPT Image model up to {facts.timeout_short:g} s.",
                _suggestion(move, facts.timeout_enough, shared=not only_images),
                edits,
            )


def _suggestion(move: Move, enough: float, *, shared: bool) -> str:
    if shared:
        source = move.module.source(move.site.method)
        client, dot, rest = source.partition(".images")
        if dot and "\n" not in source:
            return (
                "Other calls of this client obey the same limit. Give the image call one of its own: "
                f"{client}.with_options(timeout={enough:g}){dot}{rest}(...)."
            )
    return f"Allow at least {enough:g} s here, and in every proxy, worker and function limit around it."


def _like(source: str, seconds: float) -> str:
    """The number of seconds in the form of the old one: ``30.0`` becomes ``180.0``."""
    text = f"{seconds:g}"
    return f"{text}.0" if "." in source and "." not in text else text


# how long a limit is


def _seconds(scene: Scene, module: Module, node: ast.expr) -> Iterator[_Seconds]:
    value = number(node)
    if value is not None:
        yield _Seconds(module, node, value, direct=True)
        return
    if isinstance(node, ast.Call):
        yield from _made(scene, module, node)
        return
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        # requests takes the limit for the connection first, and the one for the answer second
        yield from _seconds(scene, module, node.elts[1])
        return
    for origin in scene.tracer.origins(module, node):
        if isinstance(origin, Constant):
            value = number(origin.node)
            if value is not None:
                yield _Seconds(origin.module, origin.node, value, direct=False)
        elif (
            isinstance(origin, Made)
            and origin.name in scene.catalog.advice.timeout_objects
            and not origin.path
        ):
            yield from _made(scene, origin.module, origin.node)


def _made(scene: Scene, module: Module, call: ast.Call) -> Iterator[_Seconds]:
    """``httpx.Timeout(30, connect=5)``, ``float(os.getenv(name, "30"))``."""
    name = scene.tracer.qualified(module, call.func)
    if name in scene.catalog.advice.timeout_objects:
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        # the pause between two answers of the server is what a slow picture exceeds
        value = named.get("read") or named.get("total") or (call.args[0] if call.args else named.get(TIMEOUT))
        if value is not None:
            yield from _seconds(scene, module, value)
        return
    if name in {"builtins.float", "builtins.int"} and len(call.args) == 1:
        inner = call.args[0]
        if isinstance(inner, ast.Call):
            yield from _made(scene, module, inner)
        return
    default = getter_default(call)
    if default is None:
        return
    for origin in scene.tracer.origins(module, default):
        if isinstance(origin, Constant):
            seconds = _read(origin.node.value)
            if seconds is not None:
                yield _Seconds(origin.module, origin.node, seconds, direct=False, shared=True)


def _read(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


# whom a limit serves


def _serves_only(scene: Scene, found: _Seconds, limits: set[ast.expr]) -> bool:
    """Whether a constant is read as a limit of image calls and nowhere else."""

    def read(state: State, step: Step, node: ast.expr) -> None:  # noqa: ARG001 - the walker's form
        return None

    def stop(state: State, parent: ast.AST | None) -> bool:
        if state.node in limits:
            return True
        while isinstance(parent, (ast.Call, ast.keyword)):
            if parent in limits:
                return True
            parent = state.module.parent(parent)
        return False

    walker = Walker(scene.tracer, read, frozenset({"value"}), None, stop)
    trail = walker.follow([State(found.module, found.node, "value")])
    return not any(event.what not in {"truth", "discard"} for event in trail.events)


def _makes_only_images(scene: Scene, module: Module, client: ast.Call) -> bool:
    """Whether a client is used for nothing but its image methods."""
    calls = scene.catalog.calls
    others: list[ast.expr] = []

    def read(state: State, step: Step, node: ast.expr) -> State | None:
        if state.kind == "copy":
            return State(state.module, node, "client") if step[0] == "call" else None
        if step[0] == "attr" and step[1] in calls.copies:
            return State(state.module, node, "copy")
        if step != ("attr", calls.attribute):
            others.append(node)
        return None

    trail = Walker(scene.tracer, read).follow([State(module, client, "client")])
    harmless = {"truth", "discard", "compare"}
    return not others and not any(event.what not in harmless for event in trail.events)
