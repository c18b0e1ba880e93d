"""Values that a ``match`` statement takes apart: what each of its patterns gives a name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward.trail import State
from migrator.codemod.flow.origins import Class, Path
from migrator.codemod.flow.shapes import field_names, has_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.forward.walker import Walker
    from migrator.codemod.index.module import Module

_WHOLE = frozenset(
    {"bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"}
)
"""Classes whose one positional pattern gets the value itself."""


class Patterns:
    """Follows values into the names of patterns."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def matched(self, state: State, statement: ast.Match) -> None:
        """The value is the subject of a ``match``: go on from every name that a case gives it or its parts."""
        for case in statement.cases:
            self._take(state, case.pattern, state.path)

    def of_class(self, state: State, cls: Class, name: str, path: Path) -> bool:
        """The value is a field of objects of a class: class patterns read it. Whether one does."""
        found = False
        for module, reference in self._walker.index.references(cls.node.name, ()):
            pattern = module.parent(reference)
            if not isinstance(pattern, ast.MatchClass) or pattern.cls is not reference:
                continue
            origins = self._walker.tracer.origins(module, reference)
            if not any(isinstance(o, Class) and o.node is cls.node for o in origins):
                continue
            for field_name, part in self._fields(module, pattern):
                if field_name == name:
                    found = True
                    self._take(State(module, reference, state.kind, path), part, path)
        return found

    def _take(self, state: State, pattern: ast.pattern, path: Path) -> None:
        match pattern:
            case ast.MatchAs(pattern=inner, name=name):
                if name is not None:
                    self._named(state, pattern, name, path)
                if inner is not None:
                    self._take(state, inner, path)
            case ast.MatchOr(patterns=patterns):
                for one in patterns:
                    self._take(state, one, path)
            case ast.MatchValue() | ast.MatchSingleton():
                if not path:
                    self._walker.event("compare", state, pattern)
            case ast.MatchSequence(patterns=patterns):
                self._sequence(state, patterns, path)
            case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
                self._mapping(state, pattern, list(zip(keys, patterns, strict=True)), rest, path)
            case ast.MatchClass():
                self._class(state, pattern, path)

    def _sequence(self, state: State, patterns: list[ast.pattern], path: Path) -> None:
        starred = next((i for i, one in enumerate(patterns) if isinstance(one, ast.MatchStar)), len(patterns))
        for position, one in enumerate(patterns):
            index = position if position < starred else None
            inner: Path
            if path:
                if path[0][0] != "index" or (None not in {index, path[0][1]} and path[0][1] != index):
                    continue
                holder, inner = state, path[1:]
            else:
                found = self._walker.read(state, ("index", index), state.node)
                if found is None:
                    continue
                holder, inner = found, found.path
            if isinstance(one, ast.MatchStar):
                if one.name is not None:
                    self._named(holder, one, one.name, (("index", None), *inner))
            else:
                self._take(holder, one, inner)

    def _mapping(
        self,
        state: State,
        pattern: ast.MatchMapping,
        items: list[tuple[ast.expr, ast.pattern]],
        rest: str | None,
        path: Path,
    ) -> None:
        if not path:
            self._unread(state, pattern)
            return
        if path[0][0] != "key":
            return
        for key, part in items:
            name = key.value if isinstance(key, ast.Constant) else None
            if name is None or path[0][1] is None or name == path[0][1]:
                self._take(state, part, path[1:])
        if rest is not None:
            self._named(state, pattern, rest, path)

    def _class(self, state: State, pattern: ast.MatchClass, path: Path) -> None:
        named = pattern.cls.id if isinstance(pattern.cls, ast.Name) else ""
        if named in _WHOLE and len(pattern.patterns) == 1:
            self._take(state, pattern.patterns[0], path)
        elif not path:
            if pattern.patterns or pattern.kwd_patterns:
                self._unread(state, pattern)
            else:
                self._walker.event("truth", state, pattern)
        elif path[0][0] == "attr":
            for name, part in self._fields(state.module, pattern):
                if name in {None, path[0][1]}:
                    self._take(state, part, path[1:])

    def _fields(self, module: Module, pattern: ast.MatchClass) -> Iterator[tuple[str | None, ast.pattern]]:
        """The parts of a class pattern by the attribute that they get; ``None`` where that is not known."""
        yield from zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
        if not pattern.patterns:
            return
        names: list[str] = []
        for origin in self._walker.tracer.origins(module, pattern.cls):
            if isinstance(origin, Class):
                family = [owner.node for owner in self._walker.tracer.family(origin)]
                fields = [field_names(node) for node in reversed(family) if has_fields(node)]
                names = list(dict.fromkeys(name for one in fields for name in one))
        for position, part in enumerate(pattern.patterns):
            yield names[position] if position < len(names) else None, part

    def _unread(self, state: State, pattern: ast.pattern) -> None:
        """A pattern reads parts of the value itself, where no edit has room."""
        names = [
            node for node in ast.walk(pattern) if getattr(node, "name", None) or getattr(node, "rest", None)
        ]
        self._walker.event("lost" if names else "compare", state, pattern)

    def _named(self, state: State, pattern: ast.pattern, name: str, path: Path) -> None:
        for scope in state.module.names.scopes.values():
            for binding in scope.bindings.get(name, ()):
                if binding.node is pattern:
                    self._walker.names.uses(state.module, binding, state.kind, path)
