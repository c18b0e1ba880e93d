"""What a test comes to when a picture holds base64: every picture of GPT Image does, and none has a url."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.model import B64, URL
from migrator.codemod.plan.answer.ways import turned_away

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.codemod.index.module import Module

_EMPTY = (None, "")
_DEPTH = 8
"""Names that are made of names, one after the other."""
_ROUNDS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_AGAIN = frozenset({"json", "model_dump", "to_dict", "dict", "copy"})
"""Methods without arguments that give the same each time."""


@dataclass(eq=False, slots=True)
class Picture:
    """A picture as it is read at one place, taken to hold base64.

    ``without_url``: its url is taken to be missing, too; ``with_url``: to be there, as it is after a rewrite. ``bare``:
    the mapping has no key for what is missing, as in JSON of the API; objects of the SDK have every field, with ``None``
    in it. ``handed_on``: whether another function reads the base64 of pictures that it gets.
    """

    module: Module
    node: ast.expr
    bare: bool = False
    without_url: bool = False
    handed_on: bool = False
    with_url: bool = False
    _open: set[ast.Name] = field(default_factory=set)
    """Names that are being looked at: in a loop, two can be made of each other."""

    def truth(self, test: ast.expr) -> bool | None:
        """What a test comes to, or ``None`` where the picture does not settle it."""
        match test:
            case ast.Constant(value=value):
                return bool(value)
            case ast.BoolOp(op=op, values=values):
                return _together([self.truth(one) for one in values], stops=isinstance(op, ast.Or))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _turned(self.truth(operand))
            case ast.NamedExpr(value=value) | ast.Await(value=value):
                return self.truth(value)
            case ast.IfExp(test=inner, body=body, orelse=orelse):
                chosen = self.truth(inner)
                return None if chosen is None else self.truth(body if chosen else orelse)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(left, op, right)
            case ast.Name():
                return self._each(test, self.truth)
            case ast.Call(func=ast.Name(id="bool"), args=[inner]):
                return self.truth(inner)
            case ast.Call(func=ast.Name(id="isinstance"), args=[inner, ast.Name(id="str")]):
                return self.truth(inner)
            case ast.Call(func=ast.Name(id="hasattr"), args=[holder, ast.Constant(value=name)]) if (
                name == B64
            ):
                return True if self.same(holder) else None
        return self._field(test)

    def is_base64(self, node: ast.expr) -> bool:
        """Whether an expression is the picture's base64, perhaps by a name that holds nothing else."""
        match node:
            case ast.Name():
                return self._each(node, self.is_base64) is True
            case ast.NamedExpr(value=value):
                return self.is_base64(value)
        holder = holder_of(node, B64)
        return holder is not None and self.same(holder)

    def is_this(self, node: ast.expr) -> bool:
        """Whether an expression hands the picture itself to code that reads its base64."""
        return self.handed_on and self.same(node)

    def _field(self, node: ast.expr) -> bool | None:
        holder = holder_of(node, B64)
        if holder is not None:
            return True if self.same(holder) else None
        holder = holder_of(node, URL) if self.without_url or self.with_url else None
        if holder is None or not self.same(holder):
            return None
        if self.with_url:
            return True
        # a key that is not there is an error, and no answer to a test
        return None if self.bare and not isinstance(node, ast.Call) else False

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | None:
        if isinstance(op, (ast.In, ast.NotIn)):
            if not isinstance(left, ast.Constant) or not self.same(_without_keys(right)):
                return None
            there = {B64: True, URL: False if self.bare and self.without_url else None}.get(str(left.value))
            return there if isinstance(op, ast.In) else _turned(there)
        if not isinstance(right, ast.Constant) or right.value not in _EMPTY:
            return None
        there = self.truth(left)
        if there is False and right.value == "":
            return None  # None and "" are different things
        return there if isinstance(op, (ast.IsNot, ast.NotEq)) else _turned(there)

    def _each(self, name: ast.Name, ask: Callable[[ast.expr], bool | None]) -> bool | None:
        """The one answer for everything that a name can hold."""
        if name in self._open or len(self._open) > _DEPTH:
            return None
        self._open.add(name)
        found = {ask(value) for value in self._values(name)}
        self._open.discard(name)
        return found.pop() if len(found) == 1 else None

    def _values(self, name: ast.Name) -> list[ast.expr]:
        """What a name can hold where it is read; empty where that is not known."""
        values: list[ast.expr] = []
        made = self.module.bindings(name)
        for binding in made:
            if len(made) > 1 and turned_away(self, binding.node) is not None:
                continue  # the name does not get this value when there is base64
            value = _unpacked(binding.value, binding.steps)
            if binding.kind != "assign" or value is None:
                return []
            values.append(value)
        return values

    def same(self, other: ast.expr) -> bool:
        """Whether another expression gives this very picture: nothing in between changes what it is made of."""
        if ast.dump(other) != ast.dump(self.node):
            return False
        first, second = sorted((other, self.node), key=_start)
        for one, two in zip(ast.walk(first), ast.walk(second), strict=True):
            if not self._stays(one, two, first, second):
                return False
        return not any(_takes_away(self.module, self.node, node) for node in self._around())

    def _around(self) -> Iterator[ast.AST]:
        scope = self.module.function(self.node)
        return ast.walk(scope if scope is not None else self.module.tree)

    def _stays(self, one: ast.AST, two: ast.AST, first: ast.expr, second: ast.expr) -> bool:
        between = (_end(first), _start(second))
        match one, two:
            case ast.Name(), ast.Name():
                made = self.module.bindings(one)
                if not made or made != self.module.bindings(two):
                    return False
                # a loop comes around: a binding between the two gives the second a new value
                return not any(
                    between[0] <= _start(binding.node) < between[1]
                    for binding in made
                    if not isinstance(binding.scope.node, _ROUNDS)  # its target stands behind what reads it
                )
            case ast.Attribute(attr=attr), ast.Attribute():
                stores = self.module.attribute_stores.get(attr, ())
                if any(between[0] <= _start(store) < between[1] for store in stores):
                    return False
                return not stores or not self._is_handed_on(one, between)
            case ast.Subscript(value=value), ast.Subscript():
                held = ast.dump(value)
                return not any(
                    isinstance(node, ast.Subscript)
                    and not isinstance(node.ctx, ast.Load)
                    and between[0] <= _start(node) < between[1]
                    and ast.dump(node.value) == held
                    for node in self._around()
                )
            case ast.Call(func=ast.Attribute(attr=attr), args=args), ast.Call():
                return (attr in _AGAIN and not args) or attr == "get"
            case ast.Call(), _:
                return False
        return True

    def _is_handed_on(
        self, attribute: ast.Attribute, between: tuple[tuple[int, int], tuple[int, int]]
    ) -> bool:
        """Whether code in between gets the object whose attribute holds the picture, and may set it."""
        held = ast.dump(attribute.value)
        for node in self._around():
            if isinstance(node, ast.Call) and between[0] <= _start(node) < between[1]:
                given = [node.func.value] if isinstance(node.func, ast.Attribute) else []
                if any(ast.dump(one) == held for one in (*given, *node.args)):
                    return True
        return False


def holder_of(node: ast.expr, name: str) -> ast.expr | None:
    """The picture of which a field is read, as an attribute, by key, with ``get``, ``pop`` or ``getattr``."""
    match node:
        case ast.Attribute(value=value, attr=attr) if attr == name:
            return value
        case ast.Subscript(value=value, slice=ast.Constant(value=key)) if key == name:
            return value
        case ast.Call(
            func=ast.Attribute(value=value, attr="get" | "pop"), args=[ast.Constant(value=key), *_]
        ) if key == name:
            return value
        case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=key), *_]) if key == name:
            return value
    return None


def _takes_away(module: Module, picture: ast.expr, node: ast.AST) -> bool:
    """Whether a node takes the base64 out of a mapping, or puts something else in its place."""
    held = ast.dump(picture)
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=key), ctx=ast.Store() | ast.Del()) if (
            key == B64
        ):
            return ast.dump(value) == held
        case ast.Attribute(value=value, attr=attr, ctx=ast.Store() | ast.Del()) if attr == B64:
            return ast.dump(value) == held
        case ast.Call(func=ast.Attribute(value=value, attr="pop"), args=[ast.Constant(value=key), *_]) if (
            key == B64
        ):
            return ast.dump(value) == held and isinstance(module.parent(node), ast.Expr)
    return False


def _unpacked(value: ast.expr | None, steps: tuple[int | None, ...]) -> ast.expr | None:
    """The value that a name of ``a, b = x, y`` gets."""
    for step in steps:
        if not isinstance(value, (ast.Tuple, ast.List)) or step is None or step >= len(value.elts):
            return None
        value = value.elts[step]
    return value


def _without_keys(node: ast.expr) -> ast.expr:
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="keys"), args=[]):
            return value
    return node


def _together(found: list[bool | None], *, stops: bool) -> bool | None:
    if stops in found:
        return stops
    return None if None in found else not stops


def _turned(found: bool | None) -> bool | None:
    return None if found is None else not found


def _start(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", None) or 0, getattr(node, "end_col_offset", None) or 0
