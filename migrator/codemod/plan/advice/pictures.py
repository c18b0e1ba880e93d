"""Where the pictures of a site come along, roughly: enough to tell which layouts meet them unscaled."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.scopes import Binding
    from migrator.codemod.plan.advice.scene import Move, Scene

Place = tuple[str, "ast.AST | None"]
"""The path of a module and one of its functions; ``None`` is the top level."""
Position = tuple[int, int]
"""A line and a column."""
_LIMIT = 800
"""Places after which a picture is not followed any further."""
MEASURES = frozenset({"size", "width", "height", "shape"})
"""Attributes that tell how large a picture is."""
_FILLERS = frozenset({"append", "add", "put", "insert", "extend", "write"})


class Pictures:
    """Every expression that an answer of a site is turned into, until it is scaled."""

    def __init__(self, scene: Scene, move: Move) -> None:
        self._scene = scene
        self._facts = scene.catalog.advice
        self.nodes: set[ast.expr] = set()
        """Expressions that hold the picture in its own size."""
        self.modules: dict[str, Module] = {}
        self.scaled: dict[Place, Position] = {}
        """Functions that scale the picture, or have it scaled, and where the first call ends that does so."""
        self.measured: set[Place] = set()
        """Functions that lay things out by the size that the picture really has."""
        self.reached: set[Place] = set()
        """Functions in which the picture is at hand."""
        self._handed: list[tuple[Module, ast.Call, Place]] = []
        self._bindings: dict[str, dict[ast.AST, list[Binding]]] = {}
        self._todo: list[tuple[Module, ast.expr]] = []
        for state in move.site.results:
            self._push(state.module, state.node)
        while self._todo and len(self.nodes) < _LIMIT:
            module, node = self._todo.pop()
            self._step(module, node)
        for caller, call, function in reversed(self._handed):
            if function in self.scaled:
                self._scale(caller, call)

    def comes_unscaled(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression holds the picture before its function scales it."""
        scaled = self.scaled.get(place(module, node))
        return scaled is not None and end_of(node) < scaled and self.within(node)

    def _scale(self, module: Module, call: ast.Call) -> None:
        where = place(module, call)
        self.scaled[where] = min(end_of(call), self.scaled.get(where, end_of(call)))

    def within(self, node: ast.AST) -> bool:
        """Whether an expression holds the picture."""
        return any(child in self.nodes for child in ast.walk(node))

    def _push(self, module: Module, node: ast.expr) -> None:
        if node not in self.nodes and not module.is_test:
            self.nodes.add(node)
            self.modules[module.path] = module
            self.reached.add(place(module, node))
            self._todo.append((module, node))

    def _step(self, module: Module, node: ast.expr) -> None:
        parent = module.parent(node)
        match parent:
            case ast.Attribute(attr=attr):
                self._attribute(module, parent, attr)
            case ast.keyword():
                call = module.parent(parent)
                if isinstance(call, ast.Call):
                    self._argument(module, call, node, parent.arg)
            case ast.Call() if node is not parent.func:
                self._argument(module, parent, node, None)
            case ast.Assign(targets=targets):
                self._bind(module, targets)
            case ast.AnnAssign(target=target) | ast.For(target=target) | ast.AsyncFor(target=target):
                self._bind(module, [target])
            case ast.NamedExpr(target=target):
                self._bind(module, [target])
                self._push(module, parent)
            case ast.withitem(optional_vars=ast.expr() as target):
                self._bind(module, [target])
            case ast.comprehension(target=target):
                self._bind(module, [target])
            case ast.Return():
                self._return(module, node)
            case ast.Compare() | ast.JoinedStr() | ast.FormattedValue() | ast.Lambda():
                return
            case ast.Subscript(value=value) if value is not node:
                return
            case ast.Yield() | ast.YieldFrom():
                self._return(module, node)
            case ast.expr():
                self._push(module, parent)

    def _attribute(self, module: Module, parent: ast.Attribute, attr: str) -> None:
        call = module.parent(parent)
        if isinstance(call, ast.Call) and call.func is parent:
            if attr in self._facts.layout_scales:
                self._scale(module, call)
            else:
                self._push(module, call)
        elif attr not in MEASURES:
            self._push(module, parent)
        elif self._lays_out(module, parent):
            self.measured.add(place(module, parent))

    def _lays_out(self, module: Module, node: ast.AST) -> bool:
        """Whether a size that was read is kept or handed on, rather than printed or compared."""
        names = (*self._facts.layout_places, *self._facts.layout_scales)
        parent = module.parent(node)
        while parent is not None and not isinstance(parent, ast.stmt):
            if isinstance(parent, ast.Compare):
                return False
            if isinstance(parent, ast.Call) and called(parent) in names:
                return True
            parent = module.parent(parent)
        return isinstance(parent, ast.Assign)

    def _argument(self, module: Module, call: ast.Call, node: ast.expr, keyword: str | None) -> None:
        name = called(call)
        functions = self._scene.tracer.functions(module, call.func)
        if not functions and name in self._facts.layout_scales:
            self._scale(module, call)
            return
        for function in functions:
            arguments = function.node.args
            positional = [*arguments.posonlyargs, *arguments.args]
            if function.owner is not None and isinstance(call.func, ast.Attribute):
                positional = positional[1:]
            if keyword is not None:
                wanted = [a for a in (*positional, *arguments.kwonlyargs) if a.arg == keyword]
            else:
                wanted = positional[call.args.index(node) :][:1] if node in call.args else []
            for argument in wanted:
                self._handed.append((module, call, (function.module.path, function.node)))
                self._uses(function.module, argument)
        if functions:
            return
        if isinstance(call.func, ast.Attribute) and name in _FILLERS:
            self._bind_reads(module, call.func.value)
        self._push(module, call)

    def _return(self, module: Module, node: ast.expr) -> None:
        function = module.function(node)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for caller in self._scene.tracer.callers(module, function).calls:
                self._push(caller.module, caller.call)

    # names

    def _bind(self, module: Module, targets: list[ast.expr]) -> None:
        for target in targets:
            for child in ast.walk(target):
                if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                    self._uses(module, child)
                elif isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Store):
                    for read in module.loads.get(child.attr, ()):
                        self._push(module, read)
                elif isinstance(child, ast.Subscript) and isinstance(child.ctx, ast.Store):
                    self._bind_reads(module, child.value)

    def _bind_reads(self, module: Module, container: ast.expr) -> None:
        """Something was put into a container: everything that reads the container can get it."""
        if isinstance(container, ast.Name):
            for binding in module.bindings(container):
                for use in binding.uses:
                    self._push(module, use)

    def _uses(self, module: Module, node: ast.AST) -> None:
        if module.path not in self._bindings:
            table = self._bindings[module.path] = {}
            for scope in module.names.scopes.values():
                for bindings in scope.bindings.values():
                    for binding in bindings:
                        table.setdefault(binding.node, []).append(binding)
        for binding in self._bindings[module.path].get(node, ()):
            for use in binding.uses:
                self._push(module, use)


def place(module: Module, node: ast.AST) -> Place:
    """Where a node stands."""
    return module.path, module.function(node)


def end_of(node: ast.expr) -> Position:
    """Where an expression ends: a call is made after all that stands before this."""
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""
