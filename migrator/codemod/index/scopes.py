"""Scopes and reaching definitions: for every name that is read, the bindings whose value it can hold."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from migrator.codemod.index.children import CHILDREN

if TYPE_CHECKING:
    from collections.abc import Callable

BindingKind = Literal[
    "assign", "augmented", "parameter", "import", "function", "class", "loop", "with", "except", "pattern"
]
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ScopeNode = (
    ast.Module
    | ast.ClassDef
    | ast.FunctionDef
    | ast.AsyncFunctionDef
    | ast.Lambda
    | ast.ListComp
    | ast.SetComp
    | ast.DictComp
    | ast.GeneratorExp
)
Environment = dict[str, frozenset["Binding"]]

_LOOP_DEPTH = 3
"""Loops nested deeper than this are read once only: each level doubles the work."""


@dataclass(eq=False, slots=True)
class Binding:
    """One place that gives a name a value.

    ``value`` is the expression that is bound and ``steps`` what is taken out of it: positions of an unpacking,
    ``None`` for any element of an iteration.
    """

    name: str
    kind: BindingKind
    node: ast.AST
    scope: Scope
    value: ast.expr | None = None
    steps: tuple[int | None, ...] = ()
    uses: list[ast.Name] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Scope:
    """A region with names of its own. Comprehensions are scopes too."""

    node: ScopeNode
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: dict[str, Scope] = field(default_factory=dict)
    """Names declared ``global`` or ``nonlocal`` here, with the scope that owns them."""

    @property
    def is_class(self) -> bool:
        """Whether names of this scope are invisible to functions inside it."""
        return isinstance(self.node, ast.ClassDef)


class ScopeBuilder:
    """Walks a module once and fills ``scopes`` (by node) and ``reaching`` (by name that is read)."""

    def __init__(self, tree: ast.Module, *, declares: bool = True) -> None:
        """``declares``: there may be a ``global`` or ``nonlocal`` in it."""
        self._declares = declares
        self.scopes: dict[ast.AST, Scope] = {}
        self.reaching: dict[ast.Name, frozenset[Binding]] = {}
        self._by_node: dict[tuple[ast.AST, str], Binding] = {}
        self._deferred: list[tuple[FunctionNode, Scope]] = []
        self._late: list[tuple[ast.Name, Scope]] = []
        self._env: Environment | None = {}
        self._breaks: list[list[Environment]] = []
        self._continues: list[list[Environment]] = []
        self._depth = 0
        self._doubtful = 0
        """Parts of expressions around the place that may not be reached, as what stands behind an ``or``."""
        self._foreign: dict[tuple[Scope, str], set[Binding]] = {}
        """Bindings that functions make in an outer scope, by ``global`` or ``nonlocal``."""
        self.module = self._scope(tree, None)
        self._scope_now = self.module
        self._block(tree.body)
        while self._deferred:
            node, scope = self._deferred.pop()
            self._function_body(node, scope)
        for name, scope in self._late:
            self._read_lexically(name, scope)
        for name, bindings in self.reaching.items():
            for scope in {binding.scope for binding in bindings} if self._foreign else ():
                # a function that declares the name global or nonlocal may run at any time
                found = self._foreign.get((scope, name.id))
                if found:
                    self.reaching[name] |= found
        for name, bindings in self.reaching.items():
            for binding in bindings:
                binding.uses.append(name)

    # scopes and bindings

    def _scope(self, node: ScopeNode, parent: Scope | None) -> Scope:
        scope = self.scopes.get(node)
        if scope is None:
            scope = self.scopes[node] = Scope(node, parent)
        return scope

    def _bind(
        self,
        name: str,
        kind: BindingKind,
        node: ast.AST,
        value: ast.expr | None = None,
        steps: tuple[int | None, ...] = (),
    ) -> None:
        key = (node, name)
        binding = self._by_node.get(key)
        owner = self._scope_now.outer.get(name, self._scope_now)
        if binding is None:
            binding = Binding(name, kind, node, owner, value, steps)
            self._by_node[key] = binding
            owner.bindings.setdefault(name, []).append(binding)
        if owner is self._scope_now and self._env is not None:
            self._env[name] = frozenset((binding,))
        elif owner is not self._scope_now:
            self._foreign.setdefault((owner, name), set()).add(binding)

    def _bind_target(
        self, target: ast.expr, kind: BindingKind, value: ast.expr | None, steps: tuple[int | None, ...] = ()
    ) -> None:
        match target:
            case ast.Name(id=name):
                self._bind(name, kind, target, value, steps)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                starred = False
                for position, element in enumerate(elts):
                    if isinstance(element, ast.Starred):
                        starred = True
                        self._bind_target(element.value, kind, None)
                    else:
                        self._bind_target(element, kind, value, (*steps, None if starred else position))
            case _:
                self._visit(target)

    def _read(self, node: ast.Name) -> None:
        scope: Scope | None = self._scope_now
        if self._env is not None and node.id in self._env and node.id not in self._scope_now.outer:
            known = self._env[node.id]
            self.reaching[node] = self.reaching.get(node, frozenset()) | known
            return
        if scope is not None:
            self._late.append((node, scope))

    def _read_lexically(self, node: ast.Name, start: Scope) -> None:
        """A name of an outer scope may hold any of its bindings: the function runs later."""
        if node in self.reaching:
            return
        scope: Scope | None = start
        first = True
        while scope is not None:
            owner = scope.outer.get(node.id)
            if owner is not None:
                scope = owner
            if node.id in scope.bindings and (first or not scope.is_class or owner is not None):
                self.reaching[node] = frozenset(scope.bindings[node.id])
                return
            first = first and isinstance(
                scope.node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
            )
            scope = scope.parent

    # statements

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._visit(statement)

    def _visit(self, node: ast.AST) -> None:
        method = _VISITORS.get(type(node))
        if method is not None:
            method(self, node)
            return
        for name in CHILDREN[type(node)]:
            value = getattr(node, name, None)
            if type(value) is list:
                for child in value:
                    if isinstance(child, ast.AST):
                        self._visit(child)
            elif value is not None:
                self._visit(value)

    def _name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id, "assign", node)

    def _assign(self, node: ast.Assign) -> None:
        self._visit(node.value)
        for target in node.targets:
            self._bind_target(target, "assign", node.value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._visit(node.annotation)
        if node.value is not None:
            self._visit(node.value)
        if node.value is not None or isinstance(node.target, ast.Name):
            self._bind_target(node.target, "assign", node.value)

    def _augmented(self, node: ast.AugAssign) -> None:
        self._visit(node.value)
        if isinstance(node.target, ast.Name):
            read = self._env.get(node.target.id) if self._env is not None else None
            self._bind(node.target.id, "augmented", node, node.value)
            if read and self._env is not None:
                self._env[node.target.id] |= read
        else:
            self._visit(node.target)

    def _walrus(self, node: ast.NamedExpr) -> None:
        self._visit(node.value)
        scope = self._scope_now
        while isinstance(scope.node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            if scope.parent is None:
                break
            scope = scope.parent
        before = self._env.get(node.target.id) if self._env is not None and self._doubtful else None
        if scope is self._scope_now:
            self._bind(node.target.id, "assign", node.target, node.value)
            if before and self._env is not None:
                self._env[node.target.id] |= before
            return
        key = (node.target, node.target.id)
        if key not in self._by_node:
            binding = Binding(node.target.id, "assign", node.target, scope, node.value)
            self._by_node[key] = binding
            scope.bindings.setdefault(node.target.id, []).append(binding)
        if self._env is not None:
            self._env[node.target.id] = frozenset((self._by_node[key],))

    def _perhaps(self, node: ast.BoolOp | ast.IfExp) -> None:
        """``a or b`` and ``b if a else c``: only the first part is sure to be reached."""
        first, *others = node.values if isinstance(node, ast.BoolOp) else (node.test, node.body, node.orelse)
        self._visit(first)
        self._doubtful += 1
        for other in others:
            self._visit(other)
        self._doubtful -= 1

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._bind(alias.asname or alias.name.partition(".")[0], "import", alias)

    def _import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self._bind(alias.asname or alias.name, "import", alias)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self._visit(decorator)
        self._signature(node.args)
        if node.returns is not None:
            self._visit(node.returns)
        self._bind(node.name, "function", node)
        self._defer(node)

    def _lambda(self, node: ast.Lambda) -> None:
        self._signature(node.args)
        self._defer(node)

    def _defer(self, node: FunctionNode) -> None:
        if node not in self.scopes:
            self._deferred.append((node, self._scope(node, self._scope_now)))

    def _signature(self, args: ast.arguments) -> None:
        for default in (*args.defaults, *args.kw_defaults):
            if default is not None:
                self._visit(default)
        for argument in _parameters(args):
            if argument.annotation is not None:
                self._visit(argument.annotation)

    def _function_body(self, node: FunctionNode, scope: Scope) -> None:
        self._scope_now, self._env = scope, {}
        self._breaks, self._continues, self._depth = [], [], 0
        for argument in _parameters(node.args):
            self._bind(argument.arg, "parameter", argument)
        if isinstance(node, ast.Lambda):
            self._visit(node.body)
        else:
            if self._declares:
                self._declare(node.body, scope)
            self._block(node.body)

    def _declare(self, body: list[ast.stmt], scope: Scope) -> None:
        """``global`` and ``nonlocal`` hold for the whole function, also before the line they stand on."""
        todo: list[ast.AST] = list(body)
        while todo:
            node = todo.pop()
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                for name in node.names:
                    scope.outer[name] = self._owner(name, scope, isinstance(node, ast.Global))
            elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(
                node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            ):
                todo.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr))

    def _owner(self, name: str, scope: Scope, is_global: bool) -> Scope:
        if is_global:
            return self.module
        outer = scope.parent
        while outer is not None and (outer.is_class or name not in outer.bindings):
            outer = outer.parent
        return outer or self.module

    def _class(self, node: ast.ClassDef) -> None:
        for child in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self._visit(child)
        outer_scope, outer_env = self._scope_now, self._env
        self._scope_now, self._env = self._scope(node, outer_scope), {}
        self._block(node.body)
        self._scope_now, self._env = outer_scope, outer_env
        self._bind(node.name, "class", node)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        outer_scope, outer_env = self._scope_now, self._env
        if node.generators:
            self._visit(node.generators[0].iter)
        self._scope_now = self._scope(node, outer_scope)
        self._env = dict(outer_env) if outer_env is not None else {}
        for position, generator in enumerate(node.generators):
            if position:
                self._visit(generator.iter)
            self._bind_target(generator.target, "loop", generator.iter, (None,))
            for test in generator.ifs:
                self._visit(test)
        if isinstance(node, ast.DictComp):
            self._visit(node.key)
            self._visit(node.value)
        else:
            self._visit(node.elt)
        self._scope_now, self._env = outer_scope, outer_env

    def _if(self, node: ast.If) -> None:
        self._visit(node.test)
        before = _copy(self._env)
        self._block(node.body)
        after_body = self._env
        self._env = before
        self._block(node.orelse)
        self._env = _merge(after_body, self._env)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        if isinstance(node, ast.While):
            self._visit(node.test)
        else:
            self._visit(node.iter)
        before = _copy(self._env)
        exits: list[Environment] = []
        rounds = 2 if self._depth < _LOOP_DEPTH else 1
        self._depth += 1
        for _ in range(rounds):
            self._breaks.append([])
            self._continues.append([])
            if not isinstance(node, ast.While):
                self._bind_target(node.target, "loop", node.iter, (None,))
            self._block(node.body)
            for environment in self._continues.pop():
                self._env = _merge(self._env, environment)
            exits.extend(self._breaks.pop())
            self._env = _merge(before, self._env)
            if isinstance(node, ast.While):
                self._visit(node.test)
        self._depth -= 1
        self._block(node.orelse)
        for environment in exits:
            self._env = _merge(self._env, environment)

    def _jump(self, node: ast.Return | ast.Raise | ast.Break | ast.Continue) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child)
        if self._env is not None:
            if isinstance(node, ast.Break) and self._breaks:
                self._breaks[-1].append(self._env)
            elif isinstance(node, ast.Continue) and self._continues:
                self._continues[-1].append(self._env)
        self._env = None

    def _try(self, node: ast.Try) -> None:
        before = _copy(self._env)
        known = {id(b) for bindings in self._scope_now.bindings.values() for b in bindings}
        self._block(node.body)
        anywhere = _copy(before) if before is not None else {}
        for name, bindings in self._scope_now.bindings.items():
            new = frozenset(b for b in bindings if id(b) not in known or _inside(b.node, node.body))
            if new and anywhere is not None:
                anywhere[name] = anywhere.get(name, frozenset()) | new
        self._block(node.orelse)
        end = self._env
        for handler in node.handlers:
            self._env = _copy(anywhere)
            if handler.type is not None:
                self._visit(handler.type)
            if handler.name:
                self._bind(handler.name, "except", handler)
            self._block(handler.body)
            end = _merge(end, self._env)
        if node.finalbody:
            dead = end is None
            self._env = _merge(end, _copy(anywhere))
            self._block(node.finalbody)
            if dead:
                self._env = None
            elif self._env is not None and end is not None:
                # leaving normally means that the body or a handler ran to its end
                self._env = {
                    name: end.get(name, frozenset())
                    | frozenset(b for b in found if _inside(b.node, node.finalbody))
                    or found
                    for name, found in self._env.items()
                }
        else:
            self._env = end

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self._visit(item.context_expr)
            if item.optional_vars is not None:
                self._bind_target(item.optional_vars, "with", item.context_expr)
        self._block(node.body)

    def _match(self, node: ast.Match) -> None:
        self._visit(node.subject)
        before = _copy(self._env)
        end = _copy(before)
        for case in node.cases:
            self._env = _copy(before)
            for child in ast.walk(case.pattern):
                if isinstance(child, (ast.MatchAs, ast.MatchStar)) and child.name:
                    plain = child is case.pattern or (
                        isinstance(child, ast.MatchAs) and child.pattern is not None
                    )
                    self._bind(child.name, "pattern", child, node.subject if plain else None)
                elif isinstance(child, ast.MatchMapping) and child.rest:
                    self._bind(child.rest, "pattern", child)
                elif isinstance(child, ast.MatchValue):
                    self._visit(child.value)
                elif isinstance(child, ast.MatchClass):
                    self._visit(child.cls)
            if case.guard is not None:
                self._visit(case.guard)
            self._block(case.body)
            end = _merge(end, self._env)
        self._env = end

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                if self._env is not None:
                    self._env.pop(target.id, None)
            else:
                self._visit(target)


def _parameters(args: ast.arguments) -> list[ast.arg]:
    return [
        *args.posonlyargs,
        *args.args,
        *([args.vararg] if args.vararg else []),
        *args.kwonlyargs,
        *([args.kwarg] if args.kwarg else []),
    ]


def _copy(environment: Environment | None) -> Environment | None:
    return None if environment is None else dict(environment)


def _merge(one: Environment | None, other: Environment | None) -> Environment | None:
    """Both branches can have run; ``None`` stands for a branch that does not reach the end."""
    if one is None:
        return _copy(other)
    if other is None:
        return dict(one)
    merged = dict(one)
    for name, bindings in other.items():
        merged[name] = merged.get(name, frozenset()) | bindings
    return merged


def _inside(node: ast.AST, body: list[ast.stmt]) -> bool:
    line = getattr(node, "lineno", None)
    if line is None or not body:
        return False
    return bool(body[0].lineno <= line <= (body[-1].end_lineno or body[-1].lineno))


_VISITORS: dict[type[ast.AST], Callable[..., None]] = {
    ast.Name: ScopeBuilder._name,
    ast.Assign: ScopeBuilder._assign,
    ast.AnnAssign: ScopeBuilder._annotated,
    ast.AugAssign: ScopeBuilder._augmented,
    ast.NamedExpr: ScopeBuilder._walrus,
    ast.BoolOp: ScopeBuilder._perhaps,
    ast.IfExp: ScopeBuilder._perhaps,
    ast.Import: ScopeBuilder._import,
    ast.ImportFrom: ScopeBuilder._import_from,
    ast.FunctionDef: ScopeBuilder._function,
    ast.AsyncFunctionDef: ScopeBuilder._function,
    ast.Lambda: ScopeBuilder._lambda,
    ast.ClassDef: ScopeBuilder._class,
    ast.ListComp: ScopeBuilder._comprehension,
    ast.SetComp: ScopeBuilder._comprehension,
    ast.DictComp: ScopeBuilder._comprehension,
    ast.GeneratorExp: ScopeBuilder._comprehension,
    ast.If: ScopeBuilder._if,
    ast.For: ScopeBuilder._loop,
    ast.AsyncFor: ScopeBuilder._loop,
    ast.While: ScopeBuilder._loop,
    ast.Return: ScopeBuilder._jump,
    ast.Raise: ScopeBuilder._jump,
    ast.Break: ScopeBuilder._jump,
    ast.Continue: ScopeBuilder._jump,
    ast.Try: ScopeBuilder._try,
    ast.With: ScopeBuilder._with,
    ast.AsyncWith: ScopeBuilder._with,
    ast.Match: ScopeBuilder._match,
    ast.Delete: ScopeBuilder._delete,
}
if hasattr(ast, "TryStar"):
    _VISITORS[ast.TryStar] = ScopeBuilder._try
