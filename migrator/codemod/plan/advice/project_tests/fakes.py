"""Stand-ins for a picture that have a url and nothing else."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, TypeGuard

from migrator.codemod.plan.advice.pictures import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.model import Advisory
    from migrator.codemod.index.module import Module

_PICTURES = ("image", "picture", "img")
"""Words in the names of classes that stand for a picture."""
_NEW_FIELD = "b64_json"
_OF_A_RESPONSE = frozenset({"content", "headers", "status_code", "text"})
"""Fields that an answer of an HTTP library has, and a picture does not."""
_TUPLES = {"namedtuple", "NamedTuple", "make_dataclass", "TypedDict"}


class Fakes:
    """Finds the stand-ins of one test file."""

    def __init__(self, facts: Advisory, module: Module) -> None:
        self.facts = facts
        self.module = module

    def is_fake(self, node: ast.AST) -> bool:
        """Whether an expression or a class stands for a picture that only has a url."""
        match node:
            case ast.Call(keywords=keywords) if called(node) in self.facts.test_fakes:
                names = {keyword.arg for keyword in keywords if not _is_empty_field(keyword)}
                if _NEW_FIELD in names or None in names or not names.isdisjoint(_OF_A_RESPONSE):
                    return False
                return "url" in names or (not names and node in self.data and not self._is_filled(node))
            case ast.Call(args=[_, fields, *_]) if called(node) in _TUPLES:
                return "url" in (given := _field_names(fields)) and _NEW_FIELD not in given
            case ast.Dict(keys=keys):
                known = [key.value if isinstance(key, ast.Constant) else None for key in keys]
                return (
                    "url" in known
                    and _NEW_FIELD not in known
                    and None not in known
                    and (node in self.data or self._is_of_a_type(node))
                )
            case ast.Attribute(attr="url", value=value, ctx=ast.Store()):
                return self._is_stand_in(value)
            case ast.ClassDef(name=name, body=body):
                if not (any(word in name.lower() for word in _PICTURES) or name in self._made):
                    return False
                text = self.module.source(node)
                return _NEW_FIELD not in text and any(_binds_url(child) for child in body)
        return False

    def is_read(self, node: ast.AST) -> bool:
        """Whether a test reads the url of a stand-in, to compare something with it."""
        match node:
            case ast.Attribute(attr="url", value=ast.Name() as owner, ctx=ast.Load()):
                return any(
                    isinstance(one.value, ast.expr) and self.is_fake(one.value) and not one.steps
                    for one in self.module.bindings(owner)
                )
            case ast.Attribute(attr="url", value=ast.Subscript(value=owner), ctx=ast.Load()):
                return isinstance(owner, ast.Attribute) and owner.attr == "data"
            case ast.Subscript(
                slice=ast.Constant(value="url"), value=ast.Subscript(value=owner), ctx=ast.Load()
            ):
                return ast.unparse(owner).endswith((".data", "['data']"))
        return False

    @cached_property
    def given(self) -> set[ast.expr]:
        """The expressions that the stand-ins have as their url."""
        return {
            value
            for node in self.module.parents
            if self.is_fake(node) and (value := url_of(self.module, node)) is not None
        }

    def urls(self) -> set[str]:
        """The urls of all stand-ins that are written out."""
        return {v.value for v in self.given if isinstance(v, ast.Constant) and isinstance(v.value, str)}

    @cached_property
    def data(self) -> set[ast.expr]:
        """What stands in a list that is given to ``data``, also by way of a name, a loop or a function."""
        found: set[ast.expr] = set()
        for node in self.module.parents:
            if isinstance(node, ast.expr) and _is_data(self.module, node):
                found.update(self._items(node, 3, inside=False))
        return found

    @cached_property
    def _made(self) -> set[str]:
        """The names of classes of which ``data`` holds instances."""
        return {called(node) for node in self.data if isinstance(node, ast.Call)}

    def _items(self, node: ast.expr, depth: int, *, inside: bool) -> Iterator[ast.expr]:
        """The entries of a list; ``inside`` says whether ``node`` is one of them."""
        if depth == 0:
            return
        match node:
            case ast.List(elts=elts) | ast.Tuple(elts=elts):
                for one in elts:
                    yield from self._items(one, depth, inside=True)
            case ast.ListComp(elt=one) | ast.GeneratorExp(elt=one):
                yield from self._items(one, depth, inside=True)
            case ast.Starred(value=one):
                yield from self._items(one, depth, inside=False)
            case ast.BinOp(left=one, op=ast.Mult()):
                yield from self._items(one, depth, inside=inside)
            case ast.Name():
                for binding in self.module.bindings(node):
                    if isinstance(binding.value, ast.expr) and not binding.steps:
                        yield from self._items(binding.value, depth - 1, inside=inside)
            case ast.Call(func=ast.Name() as func):
                if inside:
                    yield node
                for value in self._returned(func):
                    yield from self._items(value, depth - 1, inside=inside)
            case ast.expr() if inside:
                yield node

    def _returned(self, function: ast.Name) -> Iterator[ast.expr]:
        for binding in self.module.bindings(function):
            if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for inner in ast.walk(binding.node):
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        yield inner.value

    def _is_of_a_type(self, node: ast.expr) -> bool:
        """``type("Item", (), {"url": …})``, of which an instance or the class itself is in ``data``."""
        match self.module.parent(node):
            case ast.Call(func=ast.Name(id="type"), args=[ast.Constant(), _, last]) as made if last is node:
                outer = self.module.parent(made)
                named = isinstance(outer, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id in self._names for target in outer.targets
                )
                return named or made in self.data or outer in self.data
        return False

    @cached_property
    def _names(self) -> set[str]:
        """Names that stand in ``data`` themselves, or are called there."""
        found = set(self._made)
        for node in self.module.parents:
            if isinstance(node, (ast.List, ast.Tuple)) and _is_data(self.module, node):
                found.update(one.id for one in node.elts if isinstance(one, ast.Name))
        return found

    def _is_filled(self, node: ast.expr) -> bool:
        """Whether the mocks of a list get their fields afterwards: ``answer.data[0].url = …``."""
        here = self.module.function(node)
        bound = self.module.parent(node)
        names = {one.id for one in getattr(bound, "targets", ()) if isinstance(one, ast.Name)}
        return any(
            isinstance(store.value, ast.Name)
            and store.value.id in names
            and self.module.function(store) is here
            for field in ("url", _NEW_FIELD)
            for store in self.module.attribute_stores.get(field, ())
        ) or any(
            isinstance(store.value, ast.Subscript)
            and isinstance(store.value.value, ast.Attribute)
            and store.value.value.attr == "data"
            and self.module.function(store) is here
            for field in ("url", _NEW_FIELD)
            for store in self.module.attribute_stores.get(field, ())
        )

    def _is_stand_in(self, owner: ast.expr) -> bool:
        """Whether ``.url`` is set on a mock that gets no ``b64_json``."""
        module = self.module
        text = ast.unparse(owner)
        for other in module.attribute_stores.get(_NEW_FIELD, ()):
            if ast.unparse(other.value) == text and module.function(other) is module.function(owner):
                return False
        if any(part in text for part in (".data[", ".return_value.data")):
            return True
        if not isinstance(owner, ast.Name):
            return False
        return any(
            isinstance(binding.value, ast.Call) and called(binding.value) in self.facts.test_fakes
            for binding in module.bindings(owner)
        )


def url_of(module: Module, node: ast.AST) -> ast.expr | None:
    """The url of a stand-in, where it is written in it."""
    match node:
        case ast.Call(keywords=keywords):
            return next((one.value for one in keywords if one.arg == "url"), None)
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return next((v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "url"), None)
        case ast.Attribute() if isinstance(statement := module.statement(node), ast.Assign):
            return statement.value
        case ast.ClassDef(body=body):
            return next((one.value for one in body if is_url_field(one)), None)
    return None


def is_url_field(statement: ast.stmt) -> TypeGuard[ast.Assign | ast.AnnAssign]:
    """``url = …`` or ``url: str = …`` in the body of a class."""
    match statement:
        case ast.Assign(targets=[ast.Name(id="url")]) | ast.AnnAssign(target=ast.Name(id="url")):
            return True
    return False


def _is_empty_field(keyword: ast.keyword) -> bool:
    """``b64_json=None`` beside a url, as the real answers had it."""
    value = keyword.value
    return keyword.arg == _NEW_FIELD and isinstance(value, ast.Constant) and value.value is None


def _field_names(node: ast.expr) -> set[str]:
    """The fields of a ``namedtuple("Image", "url revised_prompt")`` and its kin."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return set(node.value.replace(",", " ").split())
    return {
        one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def _is_data(module: Module, node: ast.expr) -> bool:
    """Whether an expression is given to ``data``."""
    match module.parent(node):
        case ast.keyword(arg="data"):
            return True
        case ast.Assign(targets=[ast.Attribute(attr="data"), *_]):
            return True
        case ast.Dict(keys=keys, values=values) if node in values:
            key = keys[values.index(node)]
            return isinstance(key, ast.Constant) and f".{key.value!s}".endswith(".data")
    return False


def _binds_url(statement: ast.stmt) -> bool:
    if is_url_field(statement):
        return True
    match statement:
        case ast.FunctionDef(name="__init__"):
            return any(
                isinstance(child, ast.Attribute) and child.attr == "url" and isinstance(child.ctx, ast.Store)
                for child in ast.walk(statement)
            )
        case ast.FunctionDef(name="url"):
            return True
    return False
