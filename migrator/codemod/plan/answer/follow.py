"""Following an answer to the places that read its pictures."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.plan import helpers
from migrator.codemod.plan.answer.model import Answer, Read
from migrator.codemod.sites.http.answers import http_step

if TYPE_CHECKING:
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.site import Site


_AS_DICT = {"model_dump", "to_dict", "to_dict_recursive", "dict"}
_AS_JSON = {"model_dump_json", "to_json", "json"}


class AnswerReader:
    """Follows the answers of call sites."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def answer(self, site: Site) -> Answer:
        """Everything that the answer of one site reaches."""
        answer = Answer(site)

        def read(state: State, step: Step, node: ast.expr) -> State | None:
            return self._read_response(answer, state, step, node)

        texts = {"json": "json"}
        if site.dialect == "legacy":  # the text of an answer of openai<1 is JSON
            texts |= {"response": "response", "image": "image"}
        walker = Walker(self.context.tracer, read, frozenset({"image"}), texts, stops_at_helper, wary=True)
        answer.trail = walker.follow(site.results)
        return answer

    def _read_response(self, answer: Answer, state: State, step: Step, node: ast.expr) -> State | None:
        kind, name = step
        module = state.module
        if answer.site.dialect == "legacy":
            answer.accesses.append((state, step, node))
        if answer.site.dialect == "http" and state.kind in {"raw", "json"}:
            found = http_step(state, step, node)
            if found is not None:
                if found.kind == "response":
                    answer.parsed.append((module, _whole_value(module, found)))
                return found
            if state.kind == "raw":
                return None

        def to(new: str, *path: Step) -> State:
            return State(module, node, new, tuple(path))

        match state.kind, name:
            case "raw", "parse":
                return to("response", ("call", None))
            case "raw", "json":
                return to("response", ("call", None))
            case "raw", "text" | "content" | "read":
                return to("json", ("call", None)) if name == "read" else to("json")
            case "response", "data":
                return to("data")
            case "response" | "image", "__dict__":
                return to(state.kind)
            case "response" | "image", str() if name in _AS_DICT and kind == "attr":
                return to(state.kind, ("call", None))
            case "response" | "image", str() if name in _AS_JSON and kind == "attr":
                return to(f"json-{state.kind}" if state.kind == "image" else "json", ("call", None))
            case "json" | "json-image", "json.loads":
                answer.parsed.append((module, node))
                return to("image" if state.kind == "json-image" else "response")
            case "response" | "image", "json.loads" if answer.site.dialect == "legacy":
                return to(state.kind)
            case "response", "get":
                return self._dict_get(state, node, {"data": "data"})
            case "data", "[:]":
                return to("data")
            case "data", "pop" | "__getitem__":
                return to("image", ("call", None))
            case "data", None | int():
                return to("image")
            case "image", "url":
                answer.reads.append(Read(answer.site, module, node))
                return None
            case "image", "b64_json":
                answer.b64_reads.append((module, node))
                return None
            case "image", "revised_prompt":
                answer.revised.append((module, node))
                return None
            case "image", "get" | "pop" | "setdefault":
                call = module.parent(node)
                if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                    return self._read_response(answer, state, ("key", str(call.args[0].value)), call)
        return None

    def _dict_get(self, state: State, node: ast.expr, kinds: dict[str, str]) -> State | None:
        call = state.module.parent(node)
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
            kind = kinds.get(str(call.args[0].value))
            return State(state.module, call, kind) if kind else None
        return None


def _whole_value(module: Module, state: State) -> ast.expr:
    """The expression that holds what a method gives: its call, where the state is the method itself."""
    parent = module.parent(state.node)
    if state.path == (("call", None),) and isinstance(parent, ast.Call):
        return parent
    return state.node


def stops_at_helper(state: State, parent: ast.AST | None) -> bool:
    """What this tool's own helpers receive needs no further thought."""
    return helpers.calls_own(state.module, parent)
