"""What happens to the answer of a download, and how that reads when the answer is the picture itself."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.plan.imports import import_as
from migrator.codemod.rewrite import AddImport, Around, DropStatement

if TYPE_CHECKING:
    from migrator.catalog.downloads import Downloads
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit
    from migrator.types import Span


class AnswerUses:
    """What happens to the answer of a download within its function.

    ``simple`` says that ``edits`` make every use right for bytes in its place; ``streams`` that the library's answers
    hold a stream.
    """

    def __init__(
        self, facts: Downloads, tracer: Tracer, module: Module, target: ast.expr, *, streams: bool
    ) -> None:
        self.facts = facts
        self.streams = streams
        self.tracer = tracer
        self.module = module
        self.target = target
        self.edits: list[FileEdit] = []
        self.simple = True
        trail = Walker(tracer, self._read, frozenset({"download"})).follow(
            [State(module, target, "download")]
        )
        for event in trail.events:
            if event.what not in {"access", "truth", "discard"}:
                self.simple = False
        for state in trail.states:
            if (
                state.module is not module
                or state.path
                or (isinstance(state.node, ast.Name) and len(module.bindings(state.node)) > 1)
                or isinstance(module.parent(state.node), ast.withitem)
            ):
                self.simple = False
        for event in trail.events:
            if event.what == "access" and isinstance(event.parent, (ast.Attribute, ast.Subscript)):
                self._access(event.state.node, event.parent)
            elif event.what == "access":  # `for chunk in response`: bytes would give numbers there
                self.simple = False

    def _read(self, state: State, step: Step, node: ast.expr) -> State | None:
        del state, step, node
        return None

    def _access(self, value: ast.expr, parent: ast.Attribute | ast.Subscript) -> None:
        facts, module = self.facts, self.module
        outer = module.parent(parent)
        if not isinstance(parent, ast.Attribute):
            self.simple = False
            return
        span, hole = module.span(parent), module.span(value)
        called = isinstance(outer, ast.Call) and outer.func is parent
        if parent.attr in facts.body and not called and self.streams:
            self._stream(parent, hole)
        elif parent.attr in facts.body and not called:
            self._edit(Around(span, hole, "", ""))
        elif parent.attr in facts.body_calls and called and isinstance(outer, ast.Call) and not outer.args:
            awaited = module.parent(outer)
            whole = awaited if isinstance(awaited, ast.Await) else outer
            self._edit(Around(module.span(whole), hole, "", ""))
        elif parent.attr in facts.raises and isinstance(value, ast.Call | ast.Await):
            self.simple = False
        elif parent.attr in facts.raises and outer and isinstance(module.parent(outer), ast.Expr):
            statement = module.parents[outer]
            self._edit(DropStatement(module.span(statement)))
        elif parent.attr in facts.good and not called and _is_test(module, parent):
            self._edit(Around(span, hole, "", ""))
        elif parent.attr in facts.status and isinstance(outer, ast.Compare):
            self._status(outer, parent, hole)
        elif parent.attr in facts.pieces and called and isinstance(outer, ast.Call):
            loop = module.parent(outer)
            if isinstance(loop, ast.For) and loop.iter is outer:
                self._edit(Around(module.span(outer), hole, "[", "]"))
            else:
                self.simple = False
        elif parent.attr in facts.file and not called:
            self._file(parent, hole)
        else:
            self.simple = False

    def _stream(self, stream: ast.Attribute, hole: Span) -> None:
        """``await answer.content.read()`` gives all bytes; everything else asks for a real stream."""
        method = self.module.parent(stream)
        call = self.module.parent(method) if isinstance(method, ast.Attribute) else None
        whole = self.module.parent(call) if isinstance(call, ast.Call) and call.func is method else None
        if (
            isinstance(method, ast.Attribute)
            and method.attr in self.facts.body_calls
            and isinstance(call, ast.Call)
            and not call.args
            and not call.keywords
            and isinstance(whole, ast.Await)
        ):
            self._edit(Around(self.module.span(whole), hole, "", ""))
        else:
            self.simple = False

    def _file(self, file: ast.Attribute, hole: Span) -> None:
        """An open file that is handed on; the real one can do more, and goes on where it was left."""
        module, outer = self.module, self.module.parent(file)
        if isinstance(outer, ast.Call):
            bound, imported = import_as(module, "io")
            self._edit(Around(module.span(file), hole, f"{bound}.BytesIO(", ")"))
            self._edit(imported)
            return
        above = module.parent(outer) if isinstance(outer, ast.Attribute) else None
        if isinstance(outer, ast.Attribute) and isinstance(above, ast.Call) and above.func is outer:
            if outer.attr in self.facts.body_calls and not above.args and _are_settings(self.facts, above):
                self._edit(Around(module.span(above), hole, "", ""))
                return
        elif isinstance(outer, ast.Attribute) and isinstance(above, ast.Assign) and above.targets == [outer]:
            if outer.attr in self.facts.file_settings:
                self._edit(DropStatement(module.span(above)))
                return
        self.simple = False

    def _status(self, compare: ast.Compare, attribute: ast.Attribute, hole: Span) -> None:
        """``status_code == 200`` holds when there are bytes."""
        good = (
            len(compare.ops) == 1
            and compare.left is attribute
            and isinstance(compare.comparators[0], (ast.Constant, ast.Attribute))
            and _is_ok(compare.comparators[0])
            and _is_test(self.module, compare)
        )
        if not good:
            self.simple = False
        elif isinstance(compare.ops[0], ast.Eq):
            self._edit(Around(self.module.span(compare), hole, "", ""))
        elif isinstance(compare.ops[0], ast.NotEq):
            self._edit(Around(self.module.span(compare), hole, "not ", ""))
        else:
            self.simple = False

    def _edit(self, edit: Around | DropStatement | AddImport) -> None:
        self.edits.append((self.module.path, edit))


def _are_settings(facts: Downloads, call: ast.Call) -> bool:
    return all(keyword.arg in facts.file_settings for keyword in call.keywords)


def _is_ok(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value == 200
    return isinstance(node, ast.Attribute) and node.attr in {"ok", "OK"}


def _is_test(module: Module, node: ast.expr) -> bool:
    parent = module.parent(node)
    if isinstance(parent, (ast.BoolOp,)):
        return _is_test(module, parent)
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    return (
        isinstance(parent, (ast.If, ast.While, ast.IfExp, ast.Assert))
        and getattr(parent, "test", None) is node
    )
