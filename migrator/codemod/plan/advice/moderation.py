"""Refused prompts: code that recognises the old error code learns the new one beside it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant
from migrator.codemod.plan.advice.scene import exact
from migrator.codemod.plan.context import literal
from migrator.codemod.rewrite import AddElement, AddEntry, Around, Elements, Entries, Replace, string_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Scene
    from migrator.codemod.plan.part import Advice, FileEdit
    from migrator.codemod.rewrite import Edit

_SHORTEST = 10
"""Letters that a part of a code must have to be recognised as one."""
_TEXT_TESTS = frozenset(
    {"find", "index", "count", "startswith", "endswith", "search", "match", "fullmatch", "findall"}
)
_PURE_CALLS = frozenset({"str", "repr", "getattr", "dict", "type"})
_PURE_METHODS = frozenset({"lower", "casefold", "get", "strip", "json", "decode"})
_COLLECTIONS = frozenset({"builtins.set", "builtins.frozenset", "builtins.tuple", "builtins.list"})


@dataclass(frozen=True, slots=True)
class _Codes:
    """The old code and the new one. ``whole``: the text at hand is all of the old code."""

    old: str
    new: str
    whole: bool


@dataclass(frozen=True, slots=True)
class _Remedy:
    """What to point at, the change, and the words for a person who has to make it."""

    module: Module
    node: ast.AST
    edit: Edit | None
    text: str


def advise(scene: Scene) -> Iterator[Advice]:
    """Comparisons, text tests, lists and tables that know the old code only."""
    errors = scene.catalog.errors
    codes = {
        old.code: new.code
        for name, replacement in scene.catalog.advice.replaced_errors.items()
        if (old := errors[name]).code and (new := errors[replacement]).code
    }
    if not scene.old_moves or not codes:
        return
    scene.context.index.search(*codes)
    rule = scene.rule("moderation-code")
    for module in scene.modules():
        for constant in module.strings:
            known = _known(constant.value, codes)
            if known is None:
                continue
            for where, operand in _operands(scene, module, constant):
                move = scene.move_at(where, operand)
                remedy = _remedy(scene, where, operand, known) if move is not None else None
                if move is None or remedy is None:
                    continue
                edits: tuple[FileEdit, ...] = ()
                if remedy.edit is not None:
                    edits = ((remedy.module.path, remedy.edit),)
                yield scene.advice(
                    move,
                    rule,
                    "safe" if edits else "manual",
                    remedy.module,
                    remedy.node,
                    f"A refused prompt is answered with {known.new} now, and this knows {known.old} only.",
                    remedy.text,
                    edits,
                )


def _known(value: object, codes: dict[str, str]) -> _Codes | None:
    text = _plain(value)
    for old, new in codes.items():
        if len(text) >= _SHORTEST and text in old and text not in new:
            return _Codes(old, new, whole=text == old)
    return None


def _plain(value: object) -> str:
    return value.strip().lower().replace(" ", "_").replace("-", "_") if isinstance(value, str) else ""


def _operands(scene: Scene, module: Module, constant: ast.Constant) -> Iterator[tuple[Module, ast.expr]]:
    """The literal itself, or the reads of the name that it is given."""
    parent = module.parent(constant)
    if isinstance(parent, (ast.Assign, ast.AnnAssign)) and parent.value is constant:
        yield from _reads(scene, module, parent)
    else:
        yield module, constant


def _reads(
    scene: Scene, module: Module, statement: ast.Assign | ast.AnnAssign
) -> Iterator[tuple[Module, ast.expr]]:
    """Every read of the plain names that an assignment binds, in other modules as well."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if not isinstance(target, ast.Name):
            continue
        for scope in module.names.scopes.values():
            for binding in scope.bindings.get(target.id, ()):
                if binding.node is not target:
                    continue
                for use in binding.uses:
                    yield module, use
                if scope is module.names.module:
                    for other, reference in scene.context.index.references(target.id):
                        if other is not module and _is_import_of(scene, other, reference, module):
                            yield other, reference


def _is_import_of(scene: Scene, module: Module, reference: ast.Name | ast.Attribute, owner: Module) -> bool:
    name = reference.id if isinstance(reference, ast.Name) else reference.attr
    if isinstance(reference, ast.Attribute):
        return any(getattr(o, "module", None) is owner for o in scene.tracer.origins(module, reference))
    for binding in module.bindings(reference):
        if binding.kind == "import" and isinstance(binding.node, ast.alias):
            found = scene.context.index.imported(module, binding.node)
            if getattr(found, "module", None) is owner and getattr(found, "name", None) == name:
                return True
    return False


def _remedy(scene: Scene, module: Module, node: ast.expr, codes: _Codes) -> _Remedy | None:
    """What to do about one use of the old code; ``None`` where it is not used to recognise an answer."""
    if _is_handled(module, node, codes):
        return None
    parent = module.parent(node)
    match parent:
        case ast.Compare():
            return _compared(scene, module, parent, node, codes)
        case ast.Tuple() | ast.List() | ast.Set():
            return _listed(scene, module, parent, codes)
        case ast.Dict() if node in parent.keys:
            return _table(scene, module, parent, node, codes)
        case ast.MatchValue():
            new = _new_literal(module, node, codes)
            text = f"{module.source(node)} | {new}"
            return _Remedy(module, parent, Replace(module.span(node), text), f"Match both: case {text}.")
        case ast.Call(func=ast.Attribute(attr=attr)) if node in parent.args and attr in _TEXT_TESTS:
            return _Remedy(module, parent, None, f"Look for {codes.new!r} as well.")
    return None


def _is_handled(module: Module, node: ast.AST, codes: _Codes) -> bool:
    """Whether the new code is known already in the same function, or in the same statement of the module."""
    scope: ast.AST | None = module.function(node)
    if scope is None:
        scope = module.statement(node)
        while not isinstance(module.parent(scope), (ast.Module, ast.ClassDef)):
            scope = module.parents[scope]
    return any(
        isinstance(child, ast.Constant) and _names_new(child.value, codes) for child in ast.walk(scope)
    )


def _names_new(value: object, codes: _Codes) -> bool:
    text = _plain(value)
    return codes.new in text or (len(text) >= _SHORTEST and text in codes.new)


def _new_literal(module: Module, node: ast.expr, codes: _Codes) -> str:
    if isinstance(node, ast.Constant) and exact(module, node):
        return string_literal(codes.new, module.source(node))
    return literal(codes.new, module)


# comparisons


def _compared(
    scene: Scene, module: Module, compare: ast.Compare, node: ast.expr, codes: _Codes
) -> _Remedy | None:
    if len(compare.ops) != 1:
        return _Remedy(module, compare, None, f"Test for {codes.new!r} as well.")
    op, other = compare.ops[0], compare.comparators[0]
    if other is node:
        other = compare.left
    new = _new_literal(module, node, codes)
    if isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
        if not codes.whole or _is_own(scene, module, other):
            return None
        word = "in" if isinstance(op, (ast.Eq, ast.Is)) else "not in"
        tail = f" {word} ({module.source(node)}, {new})"
        suggestion = f"Test for both: {module.source(other)}{tail}."
        if not exact(module, compare) or _loses_comment(module, compare):
            return _Remedy(module, compare, None, suggestion)
        return _Remedy(
            module, compare, Around(module.span(compare), module.span(other), "", tail), suggestion
        )
    if not isinstance(op, (ast.In, ast.NotIn)) or compare.left is not node:
        return None
    if isinstance(other, (ast.Tuple, ast.List, ast.Set, ast.Dict)):
        return None
    return _text_test(module, compare, other, new, positive=isinstance(op, ast.In))


def _text_test(module: Module, compare: ast.Compare, text: ast.expr, new: str, *, positive: bool) -> _Remedy:
    word, joint = ("in", "or") if positive else ("not in", "and")
    second = f"{new} {word} {module.source(text)}"
    suggestion = f"Test for both: {module.source(compare)} {joint} {second}."
    if not _is_pure(text) or not exact(module, compare):
        return _Remedy(module, compare, None, f"Test for both: the same with {new}.")
    before, after = "", f" {joint} {second}"
    if _needs_brackets(module, compare, ast.Or if positive else ast.And):
        before, after = "(", f"{after})"
    span = module.span(compare)
    return _Remedy(module, compare, Around(span, span, before, after), suggestion)


def _needs_brackets(module: Module, node: ast.expr, op: type[ast.boolop]) -> bool:
    """Whether ``a or b`` in the place of a comparison would be read differently without brackets."""
    parent = module.parent(node)
    if isinstance(parent, ast.BoolOp):
        if isinstance(parent.op, op):
            return False
    elif not isinstance(
        parent, (ast.UnaryOp, ast.Compare, ast.BinOp, ast.Await, ast.Attribute, ast.Subscript)
    ):
        return False
    span, text = module.span(node), module.file.text
    return not (text[: span.start].rstrip().endswith("(") and text[span.end :].lstrip().startswith(")"))


def _loses_comment(module: Module, compare: ast.Compare) -> bool:
    """Whether a comment stands around the operator."""
    start, end = module.span(compare.left).end, module.span(compare.comparators[0]).start
    return "#" in module.file.text[start:end]


def _is_own(scene: Scene, module: Module, node: ast.expr) -> bool:
    """Whether what is compared is a word that the project itself makes, not an answer of the API."""
    origins = scene.tracer.origins(module, node)
    return bool(origins) and all(isinstance(origin, Constant) for origin in origins)


def _is_pure(node: ast.expr) -> bool:
    """Whether an expression can be evaluated twice without a second effect."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=value):
            return _is_pure(value)
        case ast.Subscript(value=value, slice=index):
            return _is_pure(value) and _is_pure(index)
        case ast.BoolOp(values=values) | ast.JoinedStr(values=values):
            return all(_is_pure(value) for value in values)
        case ast.FormattedValue(value=value):
            return _is_pure(value)
        case ast.Call(func=func, args=args, keywords=[]):
            if isinstance(func, ast.Name):
                return func.id in _PURE_CALLS and all(_is_pure(argument) for argument in args)
            if isinstance(func, ast.Attribute):
                return (
                    func.attr in _PURE_METHODS
                    and _is_pure(func.value)
                    and all(_is_pure(argument) for argument in args)
                )
    return False


# lists and tables


def _listed(
    scene: Scene, module: Module, display: ast.Tuple | ast.List | ast.Set, codes: _Codes
) -> _Remedy | None:
    uses = list(_display_uses(scene, module, display))
    if not any(_is_membership(where, use) for where, use in uses):
        return None
    new = literal(codes.new, module)
    suggestion = f"Add {new} to the list."
    # a list that is also shown or sent is for a person to extend
    if all(_is_membership(where, use) for where, use in uses) and exact(module, display):
        return _Remedy(module, display, Elements(module.span(display), (AddElement(new),)), suggestion)
    return _Remedy(module, display, None, suggestion)


def _display_uses(scene: Scene, module: Module, display: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
    """Where a list or table is used: in its own place, or by the names that it is given."""
    node: ast.expr = display
    parent = module.parent(node)
    if isinstance(parent, ast.Call) and scene.tracer.qualified(module, parent.func) in _COLLECTIONS:
        node, parent = parent, module.parent(parent)
    if isinstance(parent, (ast.Assign, ast.AnnAssign)):
        yield from _reads(scene, module, parent)
    else:
        yield module, node


def _is_membership(module: Module, node: ast.expr) -> bool:
    """``x in codes``, or ``any(code in text for code in codes)``."""
    parent = module.parent(node)
    if isinstance(parent, ast.Compare):
        return parent.left is not node and all(isinstance(op, (ast.In, ast.NotIn)) for op in parent.ops)
    if isinstance(parent, ast.comprehension) and parent.iter is node:
        call = module.parent(module.parents[parent])
        return (
            isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"any", "all"}
        )
    return False


def _table(scene: Scene, module: Module, table: ast.Dict, key: ast.expr, codes: _Codes) -> _Remedy | None:
    if any(isinstance(k, ast.Constant) and _names_new(k.value, codes) for k in table.keys):
        return None
    uses = list(_display_uses(scene, module, table))
    if not any(_is_lookup(where, use) for where, use in uses):
        return None
    value = table.values[table.keys.index(key)]
    suggestion = f"Give {codes.new!r} the same entry."
    if all(_is_lookup(where, use) for where, use in uses) and _is_pure(value) and exact(module, table):
        change = AddEntry(codes.new, module.source(value))
        return _Remedy(module, key, Entries(module.span(table), (change,)), suggestion)
    return _Remedy(module, key, None, suggestion)


def _is_lookup(module: Module, node: ast.expr) -> bool:
    parent = module.parent(node)
    if isinstance(parent, ast.Subscript):
        return parent.value is node and isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Attribute) and parent.attr == "get":
        call = module.parent(parent)
        return isinstance(call, ast.Call) and call.func is parent
    return _is_membership(module, node)
