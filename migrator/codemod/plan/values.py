"""Where the values of a parameter come from, and whether they can be changed there."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.codemod.flow.callables import getter_default
from migrator.codemod.flow.forward import Event, State, Walker
from migrator.codemod.flow.origins import (
    Class,
    Constant,
    External,
    Instance,
    Made,
    Origin,
    Parameter,
    Unknown,
)
from migrator.codemod.flow.shapes import has_fields, is_enum, is_validated
from migrator.codemod.flow.signatures import decorator_names
from migrator.codemod.plan import helpers
from migrator.codemod.plan.consumers import ConsumerTable
from migrator.codemod.plan.forms import is_form

if TYPE_CHECKING:
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context


@dataclass(frozen=True, slots=True)
class Leaf:
    """A literal that can reach a parameter."""

    module: Module
    node: ast.Constant

    @property
    def value(self) -> Any:
        """The value of the literal."""
        return self.node.value


@dataclass(slots=True)
class Sources:
    """All that can reach a parameter. ``outside`` describes what is not written in the project."""

    leaves: list[Leaf] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    guarded: bool = False
    """The expression maps old values itself already."""


@dataclass(slots=True)
class Uses:
    """What a literal is used for besides the image call."""

    sites: set[int] = field(default_factory=set)
    compares: list[tuple[Module, ast.Compare, ast.expr]] = field(default_factory=list)
    annotations: list[tuple[Module, ast.expr]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


class ValueReader:
    """Answers where values come from and what else they serve. Remembers its answers."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.consumers = ConsumerTable(context)
        self._uses: dict[tuple[ast.AST, str], Uses] = {}
        self._defaults: set[ast.expr] = set()
        """The fallbacks of settings that are being looked at."""

    # sources

    def sources(self, module: Module, node: ast.expr) -> Sources:
        """The literals and the outside values that ``node`` can hold."""
        found = Sources()
        guard = guard_of(node) or helper_guard_of(module, node)
        if guard is not None:
            table, inner = guard
            below = self.sources(module, inner)
            found.guarded = True
            mapped = {
                k.value: v
                for k, v in zip(table.keys, table.values, strict=True)
                if isinstance(k, ast.Constant)
            }
            for leaf in below.leaves:
                replacement = mapped.get(leaf.value)
                if replacement is None:
                    found.leaves.append(leaf)
                elif isinstance(replacement, ast.Constant):
                    found.leaves.append(Leaf(module, replacement))
            return found
        origins = self.context.tracer.origins(module, node)
        for origin in origins:
            self._add(found, origin)
        if not origins:
            found.outside.append("its origin was not found")
        if any(leaf.value is None for leaf in found.leaves) and replaces_nothing(module, node):
            found.leaves = [leaf for leaf in found.leaves if leaf.value is not None]
        return found

    def _add(self, found: Sources, origin: Origin) -> None:
        match origin:
            case Constant(module=module, node=node):
                leaf = Leaf(module, node)
                if leaf not in found.leaves:
                    found.leaves.append(leaf)
                    if is_form(module, node):
                        found.outside.append("a form in the notebook sets it")
            case Parameter(binding=binding):
                found.outside.append(f"callers that are not in the project may pass {binding.name!r}")
            case Made(module=module, node=node, name=name):
                self._getter(found, module, node)
                found.outside.append(f"it comes from {name}()")
            case Unknown(module=module, node=node) if isinstance(node, ast.Call):
                self._getter(found, module, node)
                found.outside.append(f"it comes from {module.source(node.func)}()")
            case External(name=name):
                found.outside.append(f"it comes from {name.removesuffix('.?')}")
            case Instance(node=node) if is_enum(node):
                found.outside.append(f"it is a {node.name}")
            case _:
                found.outside.append("it is computed")

    def _getter(self, found: Sources, module: Module, node: ast.Call) -> None:
        """The default of ``os.getenv(name, default)`` and kin is a source too."""
        default = getter_default(node)
        if default is None or default in self._defaults:
            return  # a setting may be its own default: ``cls(size=os.getenv("SIZE", cls.size))``
        self._defaults.add(default)
        try:
            inner = self.sources(module, default)
        finally:
            self._defaults.discard(default)
        found.leaves.extend(leaf for leaf in inner.leaves if leaf not in found.leaves)

    # uses

    def uses(self, leaf: Leaf, parameter: str) -> Uses:
        """Everything that one literal is used for, apart from filling ``parameter`` of migrated sites."""
        key = (leaf.node, parameter)
        if key not in self._uses:
            self._uses[key] = self._find_uses(leaf, parameter)
        return self._uses[key]

    def _find_uses(self, leaf: Leaf, parameter: str) -> Uses:
        uses = Uses()
        if not self.context.index.project.in_scope(leaf.module.path):
            uses.others.append(f"{leaf.module.path} is outside the paths of this run")

        def stop(state: State, parent: ast.AST | None) -> bool:
            body = self.context.site_bodies.get(state.node)
            if body is not None and (not state.path or state.path[0] == ("key", parameter)):
                if state.path:
                    uses.sites.add(id(body))
                return True
            field_ = self.context.site_fields.get(state.node)
            if field_ is not None and field_[0] == parameter and not state.path:
                uses.sites.add(id(field_[1]))
                return True
            if not isinstance(parent, ast.keyword):
                return False
            call = state.module.parent(parent)
            site = self.context.site_calls.get(call) if isinstance(call, ast.Call) else None
            if site is None:
                return False
            if (parent.arg == parameter and not state.path) or (
                parent.arg is None and state.path == (("key", parameter),)
            ):
                uses.sites.add(id(site))
                return True
            return parent.arg is None and not state.path

        def read(state: State, step: Step, node: ast.expr) -> State | None:
            if step == ("attr", "value") and state.kind == "value":
                return State(state.module, node, "value")
            return None

        walker = Walker(
            self.context.tracer, read, frozenset({"value", "text"}), {"value": "text", "text": "text"}, stop
        )
        trail = walker.follow([State(leaf.module, leaf.node, "value")])
        for event in trail.events:
            if parameter != "model" or not self._starts_alike(leaf, event):
                self._use(uses, event)
        owner = leaf.module.parent(leaf.module.statement(leaf.node))
        if isinstance(owner, ast.ClassDef) and _is_checked(owner, leaf.node, leaf.module):
            uses.others.append(f"{owner.name} checks it")
        if isinstance(owner, ast.ClassDef) and is_enum(owner) and self._enum_is_looked_up(owner):
            uses.others.append(f"{owner.name} is looked up by its values")
        dumped = self._dumped(leaf)
        if dumped:
            uses.others.append(dumped)
        for module, annotation in trail.annotations:
            values = literal_members(self.context, module, annotation)
            if values:
                uses.annotations.append((module, annotation))
        return uses

    def _starts_alike(self, leaf: Leaf, event: Event) -> bool:
        """``model.startswith("…")`` that says the same of the target's name: it may become that."""
        test = event.parent if isinstance(event.parent, ast.Attribute) else None
        call = event.state.module.parent(test) if test is not None else None
        if event.what != "access" or test is None or test.attr != "startswith" or event.state.path:
            return False
        if not isinstance(call, ast.Call) or len(call.args) != 1 or not isinstance(leaf.value, str):
            return False
        argument = call.args[0]
        parts = argument.elts if isinstance(argument, ast.Tuple) else [argument]
        beginnings = tuple(
            part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        new = self.context.target.id
        return len(beginnings) == len(parts) and leaf.value.startswith(beginnings) == new.startswith(
            beginnings
        )

    def _use(self, uses: Uses, event: Event) -> None:
        state = event.state
        match event.what:
            case "truth" | "discard":
                return
            case "compare" if (
                isinstance(event.parent, ast.Compare) and state.kind == "value" and not state.path
            ):
                uses.compares.append((state.module, event.parent, state.node))
            case "compare" if state.path:
                uses.others.append("it is in a list that other values are checked against")
            case "compare":
                uses.others.append("a branch depends on it")
            case "argument" if isinstance(event.parent, ast.Call):
                consumer = self.consumers.find(state.module, event.parent, state.node)
                if consumer is None or consumer.role != "log":
                    uses.others.append(f"{state.module.source(event.parent.func)}() receives it too")
            case "access":
                uses.others.append("its text is taken apart")
            case "key":
                uses.others.append("it selects from a table")
            case "operate":
                uses.others.append("it is calculated with")
            case "return":
                uses.others.append("a function returns it to callers outside the project")
            case "store":
                uses.others.append("it is stored")
            case _:
                uses.others.append("it cannot be followed everywhere")
        return

    def _dumped(self, leaf: Leaf) -> str:
        """How a constant or a field is read under its name as a text, or with all its neighbours at once."""
        module, index = leaf.module, self.context.index
        statement = module.statement(leaf.node)
        targets = (
            statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        )
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        if names and module.parent(statement) in {module.tree} | set(module.names.scopes):
            for other, reference in index.uses_of("getattr"):
                call = other.parent(reference)
                if isinstance(call, ast.Call) and len(call.args) > 1 and call.func is reference:
                    key = call.args[1]
                    if isinstance(key, ast.Constant) and key.value in names:
                        return f"getattr() reads {key.value} too"
        owner = self._field_owner(leaf)
        if owner is None:
            return ""
        for word in (
            "asdict",
            "vars",
            "__dict__",
            "model_dump",
            "to_dict",
            "dict",
            "astuple",
            "model_dump_json",
        ):
            for other, reference in index.uses_of(word):
                call = other.parent(reference)
                value: ast.expr | None = None
                if isinstance(reference, ast.Attribute) and (
                    word == "__dict__" or isinstance(call, ast.Call)
                ):
                    value = reference.value
                if (
                    isinstance(call, ast.Call)
                    and call.func is reference
                    and call.args
                    and word in {"asdict", "vars", "astuple"}
                ):
                    value = call.args[0]
                if value is not None and self.context.tracer.is_instance_expression(other, value, owner):
                    return f"{owner.node.name} is also read as a whole ({word})"
        return ""

    def _field_owner(self, leaf: Leaf) -> Class | None:
        """The class with fields whose field a literal is the default of, or is passed for."""
        module = leaf.module
        holder = module.parent(module.statement(leaf.node))
        if isinstance(holder, ast.ClassDef) and has_fields(holder):
            return Class(module, holder)
        parent = module.parent(leaf.node)
        call = module.parent(parent) if isinstance(parent, ast.keyword) else parent
        if isinstance(call, ast.Call):
            for origin in self.context.tracer.origins(module, call.func):
                if isinstance(origin, Class) and has_fields(origin.node):
                    return origin
        return None

    def _enum_is_looked_up(self, owner: ast.ClassDef) -> bool:
        for where, reference in self.context.index.references(owner.name):
            parent = where.parent(reference)
            if isinstance(parent, ast.Attribute) and isinstance(reference, ast.Name):
                continue
            if isinstance(parent, (ast.arg, ast.AnnAssign, ast.alias)):
                continue
            return True
        return False


def _is_checked(owner: ast.ClassDef, node: ast.Constant, module: Module) -> bool:
    """Whether a class checks its fields: validators, or a pattern on this field."""
    if not is_validated(owner):
        return False
    for statement in owner.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if any("validator" in name for name in decorator_names(statement)):
                return True
    call = (
        module.parent(module.parents[node])
        if isinstance(module.parents[node], ast.keyword)
        else module.parents[node]
    )
    return isinstance(call, ast.Call) and any(
        keyword.arg in {"pattern", "regex"} for keyword in call.keywords
    )


def guard_of(node: ast.expr) -> tuple[ast.Dict, ast.expr] | None:
    """``{old: new}.get(value, value)``, as this tool writes it: the table and the value."""
    if not (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and isinstance(node.func.value, ast.Dict)
        and len(node.args) == 2
    ):
        return None
    first, second = node.args
    if isinstance(first, ast.NamedExpr):
        if isinstance(second, ast.Name) and second.id == first.target.id:
            return node.func.value, first.value
        return None
    return (node.func.value, first) if ast.dump(first) == ast.dump(second) else None


def helper_guard_of(module: Module, node: ast.expr) -> tuple[ast.Dict, ast.expr] | None:
    """``_gpt_image_quality(value)``, as this tool writes it: the table inside the helper, and the value."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1):
        return None
    if not node.func.id.startswith(helpers.VALUE_PREFIX) or not helpers.is_own(module, node.func.id):
        return None
    for binding in module.names.module.bindings.get(node.func.id, ()):
        for child in ast.walk(binding.node):
            if isinstance(child, ast.Dict):
                return child, node.args[0]
    return None


def replaces_nothing(module: Module, node: ast.expr) -> bool:
    """Whether ``None`` is replaced before it can arrive: ``if x is None: x = …`` in the same function."""
    if not isinstance(node, ast.Name):
        return False
    function = module.function(node)
    if function is None or isinstance(function, ast.Lambda):
        return False
    for statement in ast.walk(function):
        if isinstance(statement, ast.If) and any(
            isinstance(child, ast.Name) and child.id == node.id for child in ast.walk(statement.test)
        ):
            for inner in statement.body:
                if isinstance(inner, ast.Assign) and any(
                    isinstance(t, ast.Name) and t.id == node.id for t in inner.targets
                ):
                    return True
    return False


def literal_members(
    context: Context, module: Module, annotation: ast.expr
) -> list[tuple[Module, ast.Constant]]:
    """The values of ``Literal[…]`` inside an annotation, also behind an alias."""
    found: list[tuple[Module, ast.Constant]] = []
    todo: list[tuple[Module, ast.expr]] = [(module, annotation)]
    seen: set[ast.expr] = set()
    while todo:
        where, node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, ast.Subscript):
            name = (context.tracer.qualified(where, node.value) or "").rpartition(".")[2]
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if name == "Literal":
                found.extend((where, part) for part in parts if isinstance(part, ast.Constant))
            else:
                todo.extend((where, part) for part in parts)
        elif isinstance(node, ast.BinOp):
            todo.extend([(where, node.left), (where, node.right)])
        elif isinstance(node, (ast.Name, ast.Attribute)):
            todo.extend(context.tracer.definitions(where, node))
    return found


def compared_constants(compare: ast.Compare, side: ast.expr) -> list[ast.Constant] | None:
    """The literals that a value is compared with; ``None`` if it is compared with anything else."""
    found: list[ast.Constant] = []
    for other in (compare.left, *compare.comparators):
        if other is side:
            continue
        elements = other.elts if isinstance(other, (ast.Tuple, ast.List, ast.Set)) else [other]
        for element in elements:
            if not isinstance(element, ast.Constant):
                return None
            found.append(element)
    if not all(
        isinstance(op, (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)) for op in compare.ops
    ):
        return None
    return found
