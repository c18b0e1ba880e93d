"""Prompt expressions as texts: what is not written in the code becomes a gap with a name, ``{{subject}}``."""

from __future__ import annotations

import ast
import itertools
import re
import string
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant, Display, External, Instance, Made, Parameter, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.codemod.flow.origins import Origin
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module

GAP = re.compile(r"\{\{(\w+)\}\}")
_VARIANTS = 8
"""Texts that one expression with conditions may stand for."""
_DEPTH = 12
_LONGEST = 40_000
"""Characters after which a text is no prompt."""
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0]*(?:\d+|\*)?(?:\.\d+)?([sdrifgxeo%])")
_SAME_TEXT = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "encode", "replace"}
)


@dataclass(frozen=True, slots=True)
class Template:
    """One text, and the expression that it is written in."""

    text: str
    module: Module
    node: ast.expr


class TemplateReader:
    """Reads prompt expressions. ``outside`` of the answers says what the code does not tell."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self._asked: tuple[Module, ast.expr] | None = None

    def read(self, module: Module, node: ast.expr) -> tuple[list[Template], list[str]]:
        """The texts that ``node`` can be, and in words where else its value comes from."""
        found: list[Template] = []
        outside: list[str] = []
        self._asked = (module, node)
        self._read(module, node, found, outside, set())
        return list(dict.fromkeys(found)), list(dict.fromkeys(outside))

    def _read(
        self, module: Module, node: ast.expr, found: list[Template], outside: list[str], seen: set[ast.AST]
    ) -> None:
        if node in seen or len(seen) > 200:
            return
        seen.add(node)
        if self._is_composed(module, node):
            texts, node = self._grown(module, node) or (self._compose(module, node, _DEPTH), node)
            for text in texts:
                if says_something(text):
                    found.append(Template(text, module, node))
                else:
                    names = ", ".join(dict.fromkeys(GAP.findall(text))) or "empty"
                    outside.append(f"it is only {names}")
            return
        origins = self.tracer.origins(module, node)
        for origin in origins:
            self._origin(origin, found, outside, seen)
        if not origins:
            outside.append("its origin was not found")

    def _origin(self, origin: Origin, found: list[Template], outside: list[str], seen: set[ast.AST]) -> None:
        match origin:
            case Constant(module=module, node=node):
                if isinstance(node.value, str) and says_something(node.value):
                    texts, place = self._grown(module, node) or ([node.value], node)
                    found.extend(Template(text, module, place) for text in texts)
            case Unknown(module=module, node=ast.expr() as node, path=()) if node not in seen:
                if self._is_composed(module, node):
                    self._read(module, node, found, outside, seen)
                else:
                    outside.append("it is computed")
            case Made(module=module, node=node, path=()) if self._is_composed(module, node):
                self._read(module, node, found, outside, seen)
            case Made(name=name):
                outside.append(f"it comes from {name}()")
            case Parameter(binding=binding):
                outside.append(f"callers that are not in the project pass {binding.name!r}")
            case External(name=name):
                outside.append(f"it comes from {name}")
            case Display() | Instance():
                outside.append("it is not a text")
            case _:
                outside.append("it is computed")

    def _is_composed(self, module: Module, node: ast.expr) -> bool:
        """Whether a text is put together here."""
        match node:
            case ast.JoinedStr():
                return True
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._is_text(module, left) or self._is_text(module, right)
            case ast.BinOp(left=left, op=ast.Mod()):
                return self._is_text(module, left)
            case ast.Subscript(value=value, slice=ast.Slice()):
                return self._is_text(module, value)
            case ast.Call(func=ast.Attribute(value=value, attr=attr)):
                if attr == "format" or attr in _SAME_TEXT:
                    return self._is_text(module, value)
                if attr == "join" and isinstance(value, ast.Constant):
                    return len(node.args) == 1 and isinstance(node.args[0], (ast.List, ast.Tuple))
                return self._is_dedent(module, node)
            case ast.Call():
                return self._is_dedent(module, node)
        return False

    def _is_dedent(self, module: Module, node: ast.Call) -> bool:
        return len(node.args) >= 1 and self.tracer.qualified(module, node.func) in {
            "textwrap.dedent", "inspect.cleandoc", "builtins.str", "textwrap.shorten",
        }  # fmt: skip

    def _is_text(self, module: Module, node: ast.expr) -> bool:
        """Whether an operand is a text for sure: written out, put together, or a name for one."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return any(
                (isinstance(origin, Constant) and isinstance(origin.node.value, str))
                or (
                    isinstance(origin, Unknown)
                    and isinstance(origin.node, (ast.JoinedStr, ast.BinOp))
                    and not origin.path
                    and self._is_composed(origin.module, origin.node)
                )
                for origin in self.tracer.origins(module, node)
            )
        if isinstance(node, ast.IfExp):
            return self._is_text(module, node.body) or self._is_text(module, node.orelse)
        return self._is_composed(module, node)

    def _grown(self, module: Module, node: ast.expr) -> tuple[list[str], ast.expr] | None:
        """What a name is in the end that starts with ``node``, or to which ``+=`` adds it; where that begins.

        ``None`` for anything else. Additions under a condition are left out, except ``node`` itself.
        """
        here = module.parent(node)
        name = _assigned(here)
        if here is None or name is None:
            return None
        function = module.function(node)
        steps = [
            step
            for step in ast.walk(function or _root(module, node))
            if isinstance(step, (ast.Assign, ast.AnnAssign, ast.AugAssign))
            and _assigned(step) == name
            and module.function(step) is function
            and step.value is not None
            and (step is here or module.parent(step) is (function or _root(module, node)))
            and self._is_before_use(module, function, step)
        ]
        steps.sort(key=lambda step: step.lineno)
        starts = [number for number, step in enumerate(steps) if not isinstance(step, ast.AugAssign)]
        base = steps[starts[-1] if starts else 0 :]
        if here not in base or not any(isinstance(step, ast.AugAssign) for step in base):
            return None
        values = [step.value for step in base if step.value is not None]
        parts = [self._compose(module, value, _DEPTH) for value in values]
        if isinstance(base[0], ast.AugAssign):
            parts.insert(0, [f"{{{{{_word(name)}}}}}"])
        return list(itertools.islice(_joined("", parts), _VARIANTS)), values[0]

    def _is_before_use(self, module: Module, function: ast.AST | None, step: ast.stmt) -> bool:
        if self._asked is None or self._asked[0] is not module:
            return True
        use = self._asked[1]
        return module.function(use) is not function or step.lineno < use.lineno

    # putting together

    def _compose(self, module: Module, node: ast.expr, depth: int) -> list[str]:
        """The texts of a composed expression, a gap for what is not written."""
        if depth <= 0:
            return [_gap(node)]
        texts = list(itertools.islice(self._composed(module, node, depth - 1), _VARIANTS))
        return [text[:_LONGEST] for text in texts] or [_gap(node)]

    def _composed(self, module: Module, node: ast.expr, depth: int) -> Iterator[str]:
        match node:
            case ast.Constant(value=value):
                yield str(value)
            case ast.JoinedStr(values=values):
                yield from _joined("", [self._compose(module, value, depth) for value in values])
            case ast.FormattedValue(value=value):
                yield from self._compose(module, value, depth)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from _joined("", [self._compose(module, part, depth) for part in (left, right)])
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                for text in self._compose(module, left, depth):
                    yield self._percent(module, text, right, depth)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self._compose(module, body, depth)
                yield from self._compose(module, orelse, depth)
            case ast.BoolOp(op=ast.Or(), values=values):
                for value in values:
                    yield from self._compose(module, value, depth)
            case ast.Subscript(value=value, slice=ast.Slice()) if self._is_text(module, value):
                yield from self._compose(module, value, depth)
            case ast.Call(func=ast.Attribute(value=value, attr="format")) if self._is_text(module, value):
                for text in self._compose(module, value, depth):
                    yield self._formatted(module, text, node, depth)
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str(glue)), attr="join"),
                args=[ast.List() | ast.Tuple() as parts],
            ):
                yield from _joined(glue, [self._compose(module, part, depth) for part in parts.elts])
            case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _SAME_TEXT and self._is_text(
                module, value
            ):
                for text in self._compose(module, value, depth):
                    yield text.strip() if attr == "strip" else text
            case ast.Call(args=[first, *_]) if self._is_dedent(module, node):
                for text in self._compose(module, first, depth):
                    yield textwrap.dedent(text).strip("\n")
            case ast.Name() | ast.Attribute():
                yield from self._named(module, node, depth)
            case _:
                yield _gap(node)

    def _named(self, module: Module, node: ast.expr, depth: int) -> Iterator[str]:
        """A name for one text that the code writes out is that text; anything that varies is a gap."""
        if isinstance(node, ast.Name):
            bindings = module.bindings(node)
            if len(bindings) != 1 or next(iter(bindings)).kind == "parameter":
                yield _gap(node)
                return
        origins = self.tracer.origins(module, node)
        if len(origins) == 1:
            match origins[0]:
                case Constant(node=ast.Constant(value=str() | int() | float() as value)):
                    yield str(value)
                    return
                case Unknown(module=where, node=ast.expr() as inner, path=()) if inner is not node:
                    if self._is_composed(where, inner):
                        yield from self._compose(where, inner, depth)
                        return
        yield _gap(node)

    def _percent(self, module: Module, text: str, right: ast.expr, depth: int) -> str:
        values = list(right.elts) if isinstance(right, ast.Tuple) else [right]
        by_name = {}
        if isinstance(right, ast.Dict):
            by_name = {
                key.value: value
                for key, value in zip(right.keys, right.values, strict=True)
                if isinstance(key, ast.Constant)
            }
        rest = iter(values)

        def fill(match: re.Match[str]) -> str:
            if match.group(2) == "%":
                return "%"
            name = match.group(1)
            value = by_name.get(name) if name else next(rest, None)
            if value is None:
                return f"{{{{{name or 'value'}}}}}"
            return self._compose(module, value, depth)[0]

        return _PERCENT.sub(fill, text)

    def _formatted(self, module: Module, text: str, call: ast.Call, depth: int) -> str:
        keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        count = itertools.count()
        parts = []
        try:
            fields = list(string.Formatter().parse(text))
        except ValueError:
            return text
        for literal, field, _, _ in fields:
            parts.append(literal)
            if field is None:
                continue
            name = re.split(r"[.\[]", field, maxsplit=1)[0]
            value = keywords.get(name)
            if name == "" or name.isdigit():
                at = int(name[:3]) if name else next(count)
                value = call.args[at] if at < len(call.args) else None
            if (value is not None and name == field) or (value is not None and not name):
                parts.append(self._compose(module, value, depth)[0])
            else:
                parts.append(f"{{{{{_word(field)}}}}}")
        return "".join(parts)


def says_something(text: str) -> bool:
    """Whether a text holds words of its own beside the gaps."""
    return any(char.isalpha() for char in GAP.sub("", text))


def gaps(text: str) -> list[str]:
    """The names of the gaps, each once."""
    return list(dict.fromkeys(GAP.findall(text)))


def _assigned(statement: ast.AST | None) -> str | None:
    """The name to which a statement gives, or adds, a text."""
    match statement:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add()):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return None


def _root(module: Module, node: ast.AST) -> ast.AST:
    """The module itself."""
    while (above := module.parent(node)) is not None:
        node = above
    return node


def _joined(glue: str, parts: Iterable[list[str]]) -> Iterator[str]:
    for combination in itertools.product(*parts):
        yield glue.join(combination)


def _gap(node: ast.expr) -> str:
    return f"{{{{{_name(node)}}}}}"


def _name(node: ast.expr) -> str:
    """What people would call a value: the variable, the attribute, the key, else the function that makes it."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _word(name)
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return _word(key)
        case ast.Subscript(value=value) | ast.Await(value=value) | ast.FormattedValue(value=value):
            return _name(value)
        case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[ast.Constant(value=str(key)), *_]):
            return _word(key)
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[]) if attr in _SAME_TEXT:
            return _name(value)
        case ast.Call(func=ast.Attribute(attr="choice" | "join"), args=[first, *_]):
            return _name(first)
        case ast.Call(func=ast.Name(id="str" | "int" | "len"), args=[first, *_]):
            return _name(first)
        case ast.Call(func=func):
            return _name(func)
        case ast.BoolOp(values=[first, *_]):
            return _name(first)
    return "value"


def _word(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_")[:40] or "value"
