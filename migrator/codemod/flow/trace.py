"""Tracing back: from an expression to the places that make its value, across functions and modules."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.objects import Objects
from migrator.codemod.flow.origins import (
    Class,
    Constant,
    Display,
    External,
    Function,
    Instance,
    Made,
    Mark,
    Origin,
    Parameter,
    Path,
    ProjectModule,
    Step,
    Unknown,
)
from migrator.codemod.flow.shapes import annotation_types, field_names, has_fields, is_enum, is_validated
from migrator.codemod.flow.signatures import (
    arguments_for,
    call_of,
    decorator_names,
    default_of,
    is_first_parameter,
    is_mapping_call,
    is_property,
    is_static,
    is_test_path,
    returned_values,
    yielded_values,
)
from migrator.codemod.index.module import FunctionDef, Module, dotted
from migrator.codemod.index.project import ExternalName, ImportedModule, ImportedName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from migrator.codemod.index.project import ProjectIndex
    from migrator.codemod.index.scopes import Binding

UNCALLED = "nothing in the project calls it"
"""Why the callers of a function are out of sight when none of them can be within the project."""
_DEPTH = 200
_WHOLE, _TIRED = 1_000_000, -1
"""What an answer ran into: no open question at all; or an end of patience, so that it is nowhere whole."""
_UNROLLED = 1
"""How often a value may be taken out of itself."""
_FUEL = 6_000
"""Steps that one question may take."""
_QUESTIONS_OF_A_MODULE = 200
"""Reading a module costs about as much as this many questions."""
_REFERENCES = 300
"""Uses of a name above which only those near its definition are looked at."""
_SAME_VALUE = {
    "builtins.str", "builtins.list", "builtins.tuple", "builtins.staticmethod", "builtins.classmethod", "typing.cast",
    "functools.lru_cache", "functools.cache", "copy.copy", "copy.deepcopy", "dataclasses.replace",
}  # fmt: skip
_PASS_THROUGH_METHODS = ("strip", "lower", "upper", "copy", "result")


@dataclass(frozen=True, slots=True)
class Caller:
    """A call that reaches a function. ``shift`` is how many leading arguments belong to a runner around it.

    ``implicit`` counts parameters that the call does not write, ``self`` for a method.
    """

    module: Module
    call: ast.Call
    shift: int = 0
    implicit: int = 0
    probable: bool = False
    each: bool = False
    """Whether the arguments are iterables whose elements are passed one by one, as ``map`` does."""


@dataclass(frozen=True, slots=True)
class Callers:
    """All calls of a function. ``is_open``: others, outside our sight, may call it too; ``why`` says how."""

    calls: tuple[Caller, ...]
    is_open: bool
    why: str = ""


class Tracer:
    """Answers where values come from. One tracer per run; answers are remembered."""

    def __init__(self, index: ProjectIndex, marks: frozenset[ast.expr] = frozenset()) -> None:
        self.index = index
        self.marks = marks
        """Expressions at which tracing stops: they are their own origin."""
        self._memo: dict[tuple[object, ...], tuple[Origin, ...]] = {}
        self._active: dict[tuple[object, ...], int] = {}
        self._fuel = _FUEL
        self._answered = 0
        self._low = _WHOLE
        self._partial: dict[tuple[object, ...], tuple[tuple[Origin, ...], int]] = {}
        self._unrolled: dict[Binding, list[tuple[int, Path]]] = {}
        self._qualifying: set[Binding] = set()
        self._dynamic: dict[ast.AST, list[tuple[Module, ast.expr, str | None, ast.expr | None]]] = {}
        self._families: dict[ast.AST, list[Class]] = {}
        self._objects = Objects(self)
        self._callers: dict[ast.AST, Callers] = {}
        self._subclasses: dict[ast.AST, list[Class]] = {}
        self._calling: set[ast.AST] = set()

    # public questions

    @property
    def work(self) -> int:
        """What has been spent so far, in questions; a module that was read counts as many of them."""
        return self._answered + _QUESTIONS_OF_A_MODULE * len(self.index.modules)

    def origins(self, module: Module, node: ast.expr, path: Path = ()) -> tuple[Origin, ...]:
        """Everything that the value of ``node``, after the accesses in ``path``, can be."""
        if len(path) > 6:  # the same wherever it is asked, so what is built on it is whole
            return ()
        return self._answer(
            (node, path), lambda: self._origins(module, node, path), Unknown(module, node, path)
        )

    def _answer(
        self, key: tuple[object, ...], produce: Callable[[], Iterator[Origin]], tired: Origin
    ) -> tuple[Origin, ...]:
        """Answer a question once. A question inside itself has no answer of its own, and ``tired`` ends long hunts.

        An answer that ran into an open question, say the one at place 3 of those that are open, is only true as part
        of that one: it is kept until that one is answered. ``_low`` is the outermost place that was run into.
        """
        known = self._memo.get(key)
        if known is not None:
            return known
        partial = self._partial.get(key)
        if partial is not None:
            self._low = min(self._low, partial[1])
            return partial[0]
        place = self._active.get(key)
        if place is not None:
            self._low = min(self._low, place)
            return ()
        place = len(self._active)
        if place > _DEPTH:
            self._low = _TIRED
            return ()
        if not place:
            self._fuel = _FUEL
        self._fuel -= 1
        self._answered += 1
        if self._fuel < 0:
            self._low = _TIRED
            return (tired,)
        before, self._low = self._low, _WHOLE
        parts = len(self._partial)
        self._active[key] = place
        try:
            found = tuple(dict.fromkeys(produce()))
        finally:
            del self._active[key]
        if self._low >= place or not place:
            self._memo[key] = found
            while len(self._partial) > parts:
                self._partial.popitem()  # parts of this answer; asked again, they find it whole
            self._low = before
        else:
            self._partial[key] = (found, self._low)
            self._low = min(self._low, before)
        return found

    def qualified(self, module: Module, node: ast.expr) -> str | None:
        """The dotted external name of an expression, ``requests.get`` for ``get`` after a from-import.

        Cheap: looks at imports and plain aliases only, never at data flow.
        """
        match node:
            case ast.Name():
                names = {self.qualified_binding(module, binding) for binding in module.bindings(node)}
                if not names and not module.bindings(node):
                    source = self.index.star_imported(module, node.id) if module.star_imports else None
                    if source is not None:
                        bindings = source.names.module.bindings[node.id]
                        found = {self.qualified_binding(source, binding) for binding in bindings}
                        return found.pop() if len(found) == 1 else None
                    return f"builtins.{node.id}"
                return names.pop() if len(names) == 1 else None
            case ast.Attribute(value=value, attr=attr):
                base = self.qualified(module, value)
                return None if base is None else f"{base}.{attr}"
        return None

    def definitions(self, module: Module, node: ast.expr) -> list[tuple[Module, ast.expr]]:
        """The expressions that a name is bound to, in this module or where it is imported from."""
        if not isinstance(node, ast.Name):
            return []
        found: list[tuple[Module, ast.expr]] = []
        for binding in module.bindings(node):
            where, bindings = module, [binding]
            if binding.kind == "import" and isinstance(binding.node, ast.alias):
                imported = self.index.imported(module, binding.node)
                if not isinstance(imported, ImportedName):
                    continue
                where = imported.module
                bindings = where.names.module.bindings.get(imported.name, [])
            found.extend((where, one.value) for one in bindings if one.value is not None and not one.steps)
        return found

    def functions(self, module: Module, node: ast.expr) -> list[Function]:
        """The functions of the project that an expression in call position can be."""
        return [origin for origin in self.origins(module, node) if isinstance(origin, Function)]

    def runs_callable(self, module: Module, call: ast.Call) -> bool:
        """``with_retry(requests.get, url)``: a helper of the project that runs a callable from outside."""
        first = call.args[0] if call.args else None
        if first is None or not self.qualified(module, first) or self.functions(module, first):
            return False
        functions = self.functions(module, call.func)
        return bool(functions) and all(
            f.node.args.vararg is not None and f.node.args.kwarg is not None for f in functions
        )

    def callers(self, module: Module, node: ast.AST) -> Callers:
        """Every call that reaches a function of the project."""
        if node in self._callers:
            return self._callers[node]
        if node in self._calling:
            return Callers((), is_open=False)
        self._calling.add(node)
        try:
            found = self._find_callers(module, node)
        finally:
            self._calling.discard(node)
        self._callers[node] = found
        return found

    # bindings

    def qualified_binding(self, module: Module, binding: Binding) -> str | None:
        """The dotted external name that a binding stands for."""
        if binding in self._qualifying:
            return None
        self._qualifying.add(binding)
        try:
            return self._qualified_anew(module, binding)
        finally:
            self._qualifying.discard(binding)

    def _qualified_anew(self, module: Module, binding: Binding) -> str | None:
        if binding.kind == "import" and isinstance(binding.node, ast.alias):
            found = self.index.imported(module, binding.node)
            if isinstance(found, ExternalName):
                return found.name
            if isinstance(found, ImportedName):
                inner = [
                    self.qualified_binding(found.module, other)
                    for other in found.module.names.module.bindings.get(found.name, ())
                ]
                return inner[0] if len(inner) == 1 else None
            return None
        if binding.kind == "assign" and not binding.steps and binding.value is not None:
            if isinstance(binding.value, (ast.Name, ast.Attribute)) and not self._mentions(binding):
                return self.qualified(module, binding.value)
        return None

    def _mentions(self, binding: Binding) -> bool:
        """Whether a binding is made from its own name, as in ``x = x.y``."""
        chain = dotted(binding.value) if binding.value is not None else None
        return chain is not None and chain[0] == binding.name

    def _binding(self, module: Module, binding: Binding, path: Path) -> Iterator[Origin]:
        if len(path) > 6:
            return
        # a walker of trees calls itself with parts of what it got: parts of parts of parts are left alone
        around = self._unrolled.setdefault(binding, [])
        inner = [place for place, part in around if _is_part(path, part)]
        if len(inner) >= _UNROLLED:
            self._low = min(self._low, inner[0])
            return
        around.append((len(self._active), path))
        try:
            found = self._answer(
                (binding, path),
                lambda: self._bound(module, binding, path),
                Unknown(module, binding.node, path),
            )
        finally:
            around.pop()
        yield from found

    def _bound(self, module: Module, binding: Binding, path: Path) -> Iterator[Origin]:
        node = binding.node
        match binding.kind:
            case "import":
                assert isinstance(node, ast.alias)
                yield from self._imported(module, node, path)
            case "function" if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from self._function(Function(module, node, module.enclosing_class(node)), path)
            case "class" if isinstance(node, ast.ClassDef):
                yield from self._class(Class(module, node), path)
            case "parameter" if isinstance(node, ast.arg):
                yield from self._parameter(module, binding, node, path)
            case "except" if isinstance(node, ast.ExceptHandler) and node.type is not None:
                for kind in node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]:
                    for origin in self.origins(module, kind):
                        if isinstance(origin, Class):
                            yield from self._instance(Instance(origin.module, origin.node), path)
                        else:
                            yield Unknown(module, node, path)
            case _ if binding.value is not None:
                steps: Path = tuple(("index", step) for step in binding.steps)
                yield from self.origins(module, binding.value, steps + path)
                yield from self._stores(module, binding, path)
            case _:
                annotation = self._annotated_type(module, node)
                if annotation is not None:
                    yield from self._typed(module, annotation, binding, path)
                else:
                    yield Unknown(module, node, path)

    def _stores(self, module: Module, binding: Binding, path: Path) -> Iterator[Origin]:
        """Values put into a container after it was made: ``name[key] = value``."""
        if not path or path[0][0] not in {"key", "index"}:
            return
        for use in binding.uses:
            parent = module.parent(use)
            if (
                isinstance(parent, ast.Subscript)
                and parent.value is use
                and isinstance(parent.ctx, ast.Store)
            ):
                step = subscript_step(parent)
                assign = module.parent(parent)
                if _may_match(step, path[0]) and isinstance(assign, ast.Assign):
                    yield from self.origins(module, assign.value, path[1:])

    def _annotated_type(self, module: Module, node: ast.AST) -> ast.expr | None:
        parent = module.parent(node)
        return parent.annotation if isinstance(parent, ast.AnnAssign) and parent.target is node else None

    def _imported(self, module: Module, alias: ast.alias, path: Path) -> Iterator[Origin]:
        found = self.index.imported(module, alias)
        if isinstance(found, ImportedModule):
            yield from self._module(found.module, path)
        elif isinstance(found, ImportedName):
            yield from self.module_name(found.module, found.name, path)
        else:
            yield from self._external(found.name, path)

    def module_name(self, module: Module, name: str, path: Path = ()) -> Iterator[Origin]:
        """What a module of the project calls ``name``."""
        bindings = module.names.module.bindings.get(name, ())
        for binding in bindings:
            yield from self._binding(module, binding, path)
        for where, target in list(self.index.stores(name)):
            if where is not module and self._stands_for(where, target.value, module):
                statement = where.statement(target)
                if isinstance(statement, ast.Assign):
                    yield from self.origins(
                        where, statement.value, _steps_to(statement.targets, target) + path
                    )
        if not bindings:
            submodule = (
                self.index.find_module(module, name, 1) if module.path.endswith("__init__.py") else None
            )
            if submodule is not None:
                yield from self._module(submodule, path)
            else:
                yield External(f"{self.index.module_name(module)}.{name}")

    def _stands_for(self, where: Module, node: ast.expr, module: Module) -> bool:
        """Whether an expression is a module of the project, by its imports alone."""
        chain = dotted(node)
        if chain is None or not isinstance(node, (ast.Name, ast.Attribute)):
            return False
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or not any(b.kind == "import" for b in where.bindings(root)):
            return False
        return any(isinstance(o, ProjectModule) and o.module is module for o in self.origins(where, node))

    def _module(self, module: Module, path: Path) -> Iterator[Origin]:
        if path and path[0][0] == "attr":
            yield from self.module_name(module, str(path[0][1]), path[1:])
        else:
            yield ProjectModule(module)

    def _external(self, name: str, path: Path) -> Iterator[Origin]:
        for number, (kind, value) in enumerate(path):
            if kind != "attr":
                yield External(f"{name}.?", path[number:])
                return
            name = f"{name}.{value}"
        yield External(name)

    # expressions

    def _origins(self, module: Module, node: ast.expr, path: Path) -> Iterator[Origin]:
        if node in self.marks and not path:
            yield Mark(module, node)
            return
        match node:
            case ast.Constant():
                if path:
                    yield Unknown(module, node, path)
                else:
                    yield Constant(module, node)
            case ast.Name():
                bindings = module.bindings(node)
                source = self.index.star_imported(module, node.id) if not bindings else None
                if source is not None:
                    yield from self.module_name(source, node.id, path)
                elif not bindings:
                    yield from self._external(f"builtins.{node.id}", path)
                for binding in sorted(bindings, key=_binding_position):
                    yield from self._binding(module, binding, path)
            case ast.Attribute(value=value, attr=attr):
                yield from self.origins(module, value, (("attr", attr), *path))
            case ast.Subscript(value=value):
                yield from self.origins(module, value, (subscript_step(node), *path))
            case ast.Await(value=value) | ast.Starred(value=value):
                yield from self.origins(module, value, path)
            case ast.NamedExpr(value=value):
                yield from self.origins(module, value, path)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.origins(module, body, path)
                yield from self.origins(module, orelse, path)
            case ast.BoolOp(values=values, op=op):
                for value in values:
                    for origin in self.origins(module, value, path):
                        # `or` lets what is true through early, `and` what is not
                        ends = not isinstance(origin, Constant) or bool(origin.node.value) == isinstance(
                            op, ast.Or
                        )
                        if ends or value is values[-1]:
                            yield origin
            case ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
                yield from self._display(module, node, path)
            case ast.Lambda():
                yield from self._function(Function(module, node), path)
            case ast.Call():
                yield from self._call(module, node, path)
            case ast.ListComp(elt=elt) | ast.GeneratorExp(elt=elt) | ast.SetComp(elt=elt) if (
                path and path[0][0] == "index"
            ):
                yield from self.origins(module, elt, path[1:])
            case ast.DictComp(value=value) if path and path[0][0] in {"key", "index"}:
                yield from self.origins(module, value, path[1:])
            case _:
                yield Unknown(module, node, path)

    def _display(
        self, module: Module, node: ast.Dict | ast.List | ast.Tuple | ast.Set, path: Path
    ) -> Iterator[Origin]:
        if not path:
            yield Display(module, node)
            return
        (kind, wanted), rest = path[0], path[1:]
        if isinstance(node, ast.Dict):
            if kind == "attr" and wanted in {"get", "values", "items", "copy"}:
                yield Unknown(module, node, path)
                return
            found = False
            for key, value in zip(node.keys, node.values, strict=True):
                if key is None:
                    yield from self.origins(module, value, path)
                elif kind == "key" and wanted is not None and isinstance(key, ast.Constant):
                    if key.value == wanted:
                        found = True
                        yield from self.origins(module, value, rest)
                elif kind in {"key", "index"}:
                    found = True
                    yield from self.origins(module, value, rest)
            if not found and not any(key is None for key in node.keys):
                yield Unknown(module, node, path)
            return
        if (
            kind == "index"
            and isinstance(wanted, int)
            and not any(isinstance(e, ast.Starred) for e in node.elts)
        ):
            if -len(node.elts) <= wanted < len(node.elts):
                yield from self.origins(module, node.elts[wanted], rest)
            return
        if kind == "index":
            for element in node.elts:
                if isinstance(element, ast.Starred):
                    yield from self.origins(module, element.value, path)
                else:
                    yield from self.origins(module, element, rest)
            return
        yield Unknown(module, node, path)

    def _call(self, module: Module, node: ast.Call, path: Path) -> Iterator[Origin]:
        name = self.qualified(module, node.func)
        if name == "builtins.dict" and path and path[0][0] == "key":
            for keyword in node.keywords:
                if keyword.arg == path[0][1]:
                    yield from self.origins(module, keyword.value, path[1:])
                elif keyword.arg is None:
                    yield from self.origins(module, keyword.value, path)
            for argument in node.args:
                yield from self.origins(module, argument, path)
            return
        if name in _SAME_VALUE and node.args:
            yield from self.origins(module, node.args[-1], path)
            return
        if name == "builtins.getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            yield from self.origins(module, node.args[0], (("attr", str(node.args[1].value)), *path))
            if len(node.args) > 2:
                yield from self.origins(module, node.args[2], path)
            return
        if name in {"asyncio.run", "asyncio.wait_for", "asyncio.create_task", "asyncio.shield"} and node.args:
            yield from self.origins(module, node.args[0], path)
            return
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in {"get", "setdefault", "pop"}
            and node.args
        ):
            # a mapping's default is one of the values; the mapping itself may be known as well
            key = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            step: Step = ("key", key if isinstance(key, str) else None)
            receivers = self.origins(module, node.func.value)
            if any(isinstance(o, Display) and isinstance(o.node, ast.Dict) for o in receivers):
                yield from self.origins(module, node.func.value, (step, *path))
                if len(node.args) > 1:
                    yield from self.origins(module, node.args[1], path)
                return
        if isinstance(node.func, ast.Attribute) and node.func.attr in _PASS_THROUGH_METHODS and not node.args:
            inner = self.origins(module, node.func.value, path)
            if inner and not any(isinstance(o, (Instance, Class, External, Unknown)) for o in inner):
                yield from inner
                return
        position = runner_position(node, name)
        if position is not None and len(node.args) > position:
            yield from self.origins(module, node.args[position], (("call", None), *path))
            return
        produced = False
        for origin in self.origins(
            module, node.func, (("call", None),) if not path else (("call", None), *path)
        ):
            produced = True
            yield (origin if not isinstance(origin, External) else Made(module, node, _name_of(origin), path))
        if not produced:
            yield Made(module, node, name, path) if name else Unknown(module, node, path)

    # functions, classes, parameters

    def _function(self, function: Function, path: Path) -> Iterator[Origin]:
        if is_property(function.node):
            yield from self._returned(function, path)
            return
        if not path:
            yield function
            return
        if path[0][0] != "call":
            yield Unknown(function.module, function.node, path)
            return
        yield from self._returned(function, path[1:])

    def _returned(self, function: Function, path: Path) -> Iterator[Origin]:
        node = function.node
        if isinstance(node, ast.Lambda):
            yield from self.origins(function.module, node.body, path)
            return
        produced = False
        for value in returned_values(node):
            for origin in self.origins(function.module, value, path):
                produced = True
                yield origin
        for value in yielded_values(node):
            inner = path[1:] if path and path[0][0] == "index" else path
            for origin in self.origins(function.module, value, inner):
                produced = True
                yield origin
        if not produced and node.returns is not None:
            yield from self._annotation(function.module, node.returns, path)

    def _class(self, cls: Class, path: Path) -> Iterator[Origin]:
        if not path:
            yield cls
            return
        kind, name = path[0]
        if kind == "call":
            yield from self._instance(Instance(cls.module, cls.node), path[1:])
        elif kind == "attr" and isinstance(name, str):
            if is_enum(cls.node) and len(path) > 1 and path[1] == ("attr", "value"):
                yield from self._class_values(cls, name, path[2:])
            else:
                yield from self.attribute(cls, name, path[1:])
        elif kind == "key" and isinstance(name, str) and is_enum(cls.node):
            yield from self._class_values(cls, name, tuple(s for s in path[1:] if s != ("attr", "value")))
        else:
            yield Instance(cls.module, cls.node)

    def _class_values(self, cls: Class, name: str, path: Path) -> Iterator[Origin]:
        scope = cls.module.names.scopes.get(cls.node)
        for binding in scope.bindings.get(name, ()) if scope else ():
            yield from self._binding(cls.module, binding, path)

    def _instance(self, instance: Instance, path: Path) -> Iterator[Origin]:
        if not path:
            yield instance
            return
        kind, name = path[0]
        cls = Class(instance.module, instance.node)
        if kind == "attr" and isinstance(name, str):
            if is_enum(instance.node) and name == "value":
                scope = instance.module.names.scopes.get(instance.node)
                for bindings in (scope.bindings if scope else {}).values():
                    for binding in bindings:
                        if binding.kind == "assign":
                            yield from self._binding(instance.module, binding, path[1:])
                return
            yield from self.attribute(cls, name, path[1:])
        elif kind == "key" and isinstance(name, str) and has_fields(instance.node):
            yield from self.attribute(cls, name, path[1:])
        else:
            yield Unknown(instance.module, instance.node, path)

    def attribute(self, cls: Class, name: str, path: Path) -> Iterator[Origin]:
        """The values of one attribute over all objects of a class and its bases."""
        yield from self._answer(
            (cls.node, name, path),
            lambda: self._attribute(cls, name, path),
            Unknown(cls.module, cls.node, (("attr", name), *path)),
        )

    def _attribute(self, cls: Class, name: str, path: Path) -> Iterator[Origin]:
        produced = False
        for module, value, steps in self.attribute_stores(cls, name):
            produced = True
            yield from self.origins(module, value, steps + path)
        for owner in (*self.family(cls), *self.subclasses(cls)):
            scope = owner.module.names.scopes.get(owner.node)
            yield from self._dynamic_stores(owner, name, path)
            if scope is not None and name in scope.bindings and is_validated(owner.node):
                yield Unknown(owner.module, owner.node, (("attr", name), *path))
            for binding in scope.bindings.get(name, ()) if scope else ():
                if binding.kind in {"function", "class"} or binding.value is not None:
                    produced = True
                    yield from self._field_default(owner, binding, path)
            if has_fields(owner.node):
                for caller in self.constructions(owner):
                    argument = self.field_argument(owner, caller.call, name)
                    if argument is not None:
                        produced = True
                        yield from self.origins(caller.module, argument, path)
            if scope is not None and not produced and name in scope.bindings:
                for binding in scope.bindings[name]:
                    annotation = self._annotated_type(owner.module, binding.node)
                    if annotation is not None:
                        produced = True
                        yield from self._typed(owner.module, annotation, binding, path)
        if not produced:
            yield Unknown(cls.module, cls.node, (("attr", name), *path))

    def _field_default(self, owner: Class, binding: Binding, path: Path) -> Iterator[Origin]:
        value = binding.value
        if isinstance(value, ast.Call) and has_fields(owner.node):
            found = False
            for keyword in value.keywords:
                if keyword.arg == "default":
                    found = True
                    yield from self.origins(owner.module, keyword.value, path)
                elif keyword.arg in {"default_factory", "factory"}:
                    found = True
                    yield from self.origins(owner.module, keyword.value, (("call", None), *path))
            name = self.qualified(owner.module, value.func) or ""
            if not found and name.rpartition(".")[2] in {"Field", "field", "ib", "attrib", "Factory"}:
                if value.args:
                    yield from self.origins(owner.module, value.args[0], path)
                return
            if found:
                return
        yield from self._binding(owner.module, binding, path)

    def attribute_stores(self, cls: Class, name: str) -> Iterator[tuple[Module, ast.expr, Path]]:
        """Assignments to ``self.name`` in the class, and to ``object.name`` where the object is of the class."""
        for module, target in self._objects.stores(cls, name):
            statement = module.statement(target)
            if isinstance(statement, ast.Assign):
                yield module, statement.value, _steps_to(statement.targets, target)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                yield module, statement.value, ()
            elif isinstance(statement, (ast.With, ast.AsyncWith)):
                for item in statement.items:
                    if item.optional_vars is target:
                        yield module, item.context_expr, ()

    def _dynamic_stores(self, cls: Class, name: str, path: Path) -> Iterator[Origin]:
        """``setattr(self, …)`` and ``self.__dict__.update(…)``: with a computed name they may set any attribute."""
        for module, node, key, value in self._dynamic_writes(cls):
            if key == name and value is not None:
                yield from self.origins(module, value, path)
            elif key is None:
                yield Unknown(module, node, path)

    def _dynamic_writes(self, cls: Class) -> list[tuple[Module, ast.expr, str | None, ast.expr | None]]:
        """Writes to attributes of a class by name: where, the name if it is constant, and the value."""
        known = self._dynamic.get(cls.node)
        if known is not None:
            return known
        found: list[tuple[Module, ast.expr, str | None, ast.expr | None]] = []
        self._dynamic[cls.node] = found
        for module, reference in list(self.index.uses_of("setattr")):
            call = module.parent(reference)
            if not (isinstance(call, ast.Call) and call.func is reference and len(call.args) == 3):
                continue
            target, key, value = call.args
            if (module is cls.module or _is_self(module, target)) and self.is_instance_expression(
                module, target, cls
            ):
                constant = key.value if isinstance(key, ast.Constant) else None
                found.append((module, call, constant if isinstance(constant, str) else None, value))
        for module, reference in list(self.index.uses_of("__dict__")):
            outer = module.parent(reference)
            if (
                isinstance(reference, ast.Attribute)
                and isinstance(outer, ast.Attribute)
                and outer.attr == "update"
                and (module is cls.module or _is_self(module, reference.value))
                and self.is_instance_expression(module, reference.value, cls)
            ):
                found.append((module, outer, None, None))
        return found

    def is_instance_expression(self, module: Module, node: ast.expr, cls: Class) -> bool:
        """Whether an expression is an object of ``cls``: its own ``self``, or something traced to it."""
        return self._objects.is_object(module, node, cls)

    def whole_origins(self, module: Module, node: ast.expr) -> tuple[tuple[Origin, ...], bool]:
        """The origins of an expression, and whether these are all, not only what a question that is open leaves."""
        before, self._low = self._low, _WHOLE
        found = self.origins(module, node)
        is_whole = self._low == _WHOLE
        self._low = min(self._low, before)
        return found, is_whole

    def reads_of(
        self, cls: Class, name: str, is_spent: Callable[[], bool]
    ) -> list[tuple[Module, ast.Attribute]]:
        """Reads of an attribute on objects of a class in the loaded files; not all of them once ``is_spent`` says so."""
        return self._objects.reads(cls, name, is_spent)

    def family(self, cls: Class) -> list[Class]:
        """A class and its bases within the project, nearest first."""
        if cls.node not in self._families:
            self._families[cls.node] = [cls]
            self._families[cls.node] = self._find_family(cls)
        return self._families[cls.node]

    def _find_family(self, cls: Class) -> list[Class]:
        found = [cls]
        for current in found:
            for base in current.node.bases:
                for origin in self.origins(current.module, base):
                    if isinstance(origin, Class) and origin not in found and len(found) < 20:
                        found.append(origin)
        return found

    def subclasses(self, cls: Class) -> list[Class]:
        """The classes of the project that extend a class, directly or not."""
        if cls.node in self._subclasses:
            return self._subclasses[cls.node]
        found: list[Class] = []
        self._subclasses[cls.node] = found
        for module, reference in self.index.references(cls.node.name, (_stem(cls.module),)):
            child = module.parent(reference)
            if isinstance(child, ast.ClassDef) and reference in child.bases and child is not cls.node:
                if any(isinstance(o, Class) and o.node is cls.node for o in self.origins(module, reference)):
                    found.append(Class(module, child))
        for child_class in list(found):
            found.extend(c for c in self.subclasses(child_class) if c not in found)
        return found

    def constructions(self, cls: Class) -> tuple[Caller, ...]:
        """The calls that make objects of a class."""
        return self.callers(cls.module, cls.node).calls

    def field_argument(self, cls: Class, call: ast.Call, name: str) -> ast.expr | None:
        """What a construction passes for a field of a dataclass-like class."""
        for keyword in call.keywords:
            if keyword.arg == name:
                return keyword.value
        names = field_names(cls.node)
        if name in names and names.index(name) < len(call.args):
            argument = call.args[names.index(name)]
            return None if isinstance(argument, ast.Starred) else argument
        return None

    def _parameter(self, module: Module, binding: Binding, node: ast.arg, path: Path) -> Iterator[Origin]:
        function = binding.scope.node
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            default = default_of(function, node.arg) if isinstance(function, ast.Lambda) else None
            if default is not None:
                yield from self.origins(module, default, path)
            yield Parameter(module, binding, path=path)
            return
        owner = module.enclosing_class(function)
        if owner is not None and is_first_parameter(function, node.arg) and not is_static(function):
            if "classmethod" in decorator_names(function):
                yield from self._class(Class(module, owner), path)
            else:
                yield from self._instance(Instance(module, owner), path)
            return
        callers = self.callers(module, function)
        default = default_of(function, node.arg)
        produced = False
        if default is not None and not (isinstance(default, ast.Constant) and default.value is None and path):
            produced = True
            yield from self.origins(module, default, path)
        for caller in callers.calls:
            for argument, extra in arguments_for(function, node.arg, caller):
                produced = True
                yield from self.origins(caller.module, argument, extra + path)
        if callers.is_open or not produced or self._is_published(module, function, owner):
            if node.annotation is not None:
                yield from self._typed(module, node.annotation, binding, path)
            else:
                yield Parameter(module, binding, path=path)

    def _is_published(self, module: Module, function: FunctionDef, owner: ast.ClassDef | None) -> bool:
        """Whether a function is part of what an installable package offers."""
        names = [function.name] if function.name != "__init__" else []
        names += [owner.name] if owner is not None else []
        if any(name.startswith("_") for name in names) or module.function(function) is not None:
            return False
        return self.index.is_published(module)

    def _typed(self, module: Module, annotation: ast.expr, binding: Binding, path: Path) -> Iterator[Origin]:
        """A value known by its annotation only."""
        for name in annotation_types(annotation):
            for origin in self.origins(module, name):
                if isinstance(origin, Class):
                    yield from self._instance(Instance(origin.module, origin.node), path)
                    return
                if isinstance(origin, External) and not origin.name.startswith(("builtins.", "typing.")):
                    yield Parameter(module, binding, annotation=origin.name, path=path)
                    return
        yield Parameter(module, binding, path=path)

    def _annotation(self, module: Module, annotation: ast.expr, path: Path) -> Iterator[Origin]:
        for name in annotation_types(annotation):
            for origin in self.origins(module, name):
                if isinstance(origin, Class):
                    yield from self._instance(Instance(origin.module, origin.node), path)
                elif isinstance(origin, External):
                    yield External(f"{origin.name}.?")

    # who calls what

    def _find_callers(self, module: Module, node: ast.AST) -> Callers:
        if isinstance(node, ast.ClassDef):
            name, function = node.name, None
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            name, function = node.name, node
        else:
            return Callers((), is_open=True, why="it has no name")
        owner = module.enclosing_class(node)
        search = owner.name if function is not None and name == "__init__" and owner is not None else name
        calls: list[Caller] = []
        is_open, why = False, ""
        near = (_stem(module), *([owner.name] if owner is not None else []))
        references = self._references_with_aliases(search, near)
        if search in self.index.truncated:
            is_open, why = True, f"{search} is used in too many files to read them all"
        if len(references) > _REFERENCES:
            # a common name: only files that name the class or the module can mean this function
            close = {
                w for w in {w for w, _ in references} if w is module or any(n in w.file.text for n in near)
            }
            references = [(w, r) for w, r in references if w in close]
            if len(references) > _REFERENCES:
                references, is_open = references[:_REFERENCES], True
                why = f"{search} is used in too many places to read them all"
        for where, reference in references:
            match_kind = self._refers(where, reference, module, node, owner, name)
            if match_kind is None:
                continue
            call, shift = call_of(where, reference, self.qualified)
            if call is None:
                if not self._is_harmless_reference(where, reference):
                    further, escapes = self._calls_of_value(where, reference)
                    calls.extend(further)
                    if escapes:
                        is_open, why = True, "it is passed on as a value"
                continue
            implicit = int(owner is not None and function is not None and not is_static(function))
            if name != "__init__" and isinstance(reference, ast.Attribute) and implicit:
                receivers = self.origins(where, reference.value)
                if receivers and all(isinstance(o, Class) for o in receivers) and function is not None:
                    implicit = int("classmethod" in decorator_names(function))
            each = reference is not call.func and is_mapping_call(call, self.qualified(where, call.func))
            calls.append(Caller(where, call, shift, implicit, match_kind == "probable", each))
        if function is not None and not is_open:
            reason = self._opening_decorator(module, function)
            if reason:
                is_open, why = True, reason
        production = [
            caller
            for caller in calls
            if not is_test_path(caller.module.path)
            and not (caller.module is module and caller.module.function(caller.call) is node)  # calls itself
        ]
        if not production and not is_open:
            is_open, why = True, UNCALLED
        return Callers(tuple(calls), is_open, why)

    def _calls_of_value(self, where: Module, reference: ast.expr) -> tuple[list[Caller], bool]:
        """The calls of a function that is kept in a variable, a table or a list, and whether it gets out of sight."""
        from migrator.codemod.flow.forward import State, Walker  # noqa: PLC0415 - the two follow each other

        found: list[Caller] = []

        def read(state: State, step: Step, node: ast.expr) -> State | None:
            if step == ("call", None) and isinstance(node, ast.Call):
                found.append(
                    Caller(state.module, node, 0, int(isinstance(reference, ast.Attribute)), probable=True)
                )
            return None

        trail = Walker(self, read).follow([State(where, reference, "function")])
        return found, any(event.what not in {"truth", "discard", "compare"} for event in trail.events)

    def _references_with_aliases(
        self, name: str, near: tuple[str, ...] = ()
    ) -> list[tuple[Module, ast.Name | ast.Attribute]]:
        """References to a name and to every other name under which it is imported."""
        names, done = [name], set()
        found: list[tuple[Module, ast.Name | ast.Attribute]] = []
        while names:
            current = names.pop()
            if current in done:
                continue
            done.add(current)
            found.extend(self.index.references(current, near))
            names.extend(self.index.aliases(current))
        return found

    def _opening_decorator(self, module: Module, function: FunctionDef) -> str:
        """Why a decorator lets others call the function; wrappers that the project defines do not."""
        for name, decorator in zip(decorator_names(function), function.decorator_list, strict=True):
            if name in _CLOSED_DECORATORS:
                continue
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            if any(isinstance(origin, (Function, Class)) for origin in self.origins(module, target)):
                continue
            return f"the decorator {name} may call it"
        return ""

    def _refers(
        self,
        where: Module,
        reference: ast.Name | ast.Attribute,
        module: Module,
        node: ast.AST,
        owner: ast.ClassDef | None,
        name: str,
    ) -> str | None:
        """``sure`` if a reference is to this function, ``probable`` if by its name only, else ``None``."""
        target = owner if name == "__init__" and owner is not None else node
        if isinstance(reference, ast.Name):
            if owner is not None and target is node:
                return None
            for binding in where.bindings(reference):
                if binding.node is target:
                    return "sure"
                if binding.kind == "import" and self._import_reaches(where, binding, target):
                    return "sure"
            return None
        if self._is_module_attribute(where, reference, target):
            return "sure"
        if owner is None or target is not node:
            return None
        receivers = self.origins(where, reference.value)
        for origin in receivers:
            if isinstance(origin, (Instance, Class)):
                classes = [c.node for c in self.family(Class(origin.module, origin.node))]
                if owner in classes and self._overrides(origin, name, owner) is False:
                    return "sure"
                if any(owner is base.node for base in self._subclass_family(origin, owner, module)):
                    return "sure"
        if any(isinstance(o, (Instance, Class, ProjectModule, External, Made)) for o in receivers):
            return None
        defined = len(self.index.methods(name))
        return "probable" if defined == 1 and len(name) > 5 and name not in {"generate", "execute"} else None

    def _subclass_family(self, origin: Instance | Class, owner: ast.ClassDef, module: Module) -> list[Class]:
        """A method may run on an object known only by a base class that the owner extends."""
        family = self.family(Class(module, owner))
        return [Class(module, owner)] if any(c.node is origin.node for c in family[1:]) else []

    def _overrides(self, origin: Instance | Class, name: str, owner: ast.ClassDef) -> bool:
        for cls in self.family(Class(origin.module, origin.node)):
            if cls.node is owner:
                return False
            scope = cls.module.names.scopes.get(cls.node)
            if scope is not None and name in scope.bindings:
                return True
        return True

    def _import_reaches(self, where: Module, binding: Binding, target: ast.AST) -> bool:
        if not isinstance(binding.node, ast.alias):
            return False
        return any(
            isinstance(origin, (Function, Class)) and origin.node is target
            for origin in self._imported(where, binding.node, ())
        )

    def _is_module_attribute(self, where: Module, reference: ast.Attribute, target: ast.AST) -> bool:
        chain = dotted(reference)
        if chain is None:
            return False
        return any(
            isinstance(origin, (Function, Class)) and origin.node is target
            for origin in self._chain_origins(where, reference)
        )

    def _chain_origins(self, where: Module, reference: ast.Attribute) -> Iterable[Origin]:
        root: ast.expr = reference
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and any(b.kind == "import" for b in where.bindings(root)):
            return self.origins(where, reference)
        return ()

    def _is_harmless_reference(self, where: Module, reference: ast.expr) -> bool:
        """References that do not call: annotations, ``isinstance`` tests, exports by name, base classes."""
        child: ast.AST = reference
        parent = where.parent(child)
        while parent is not None and not isinstance(parent, ast.stmt):
            if isinstance(parent, ast.arg):
                return True
            if isinstance(parent, ast.Call) and self.qualified(where, parent.func) in {
                "builtins.isinstance",
                "builtins.issubclass",
            }:
                return True
            if isinstance(parent, ast.Attribute) and parent.attr in {"__name__", "__doc__"}:
                return True
            child, parent = parent, where.parent(parent)
        if isinstance(parent, ast.AnnAssign) and parent.annotation is child:
            return True
        if isinstance(parent, ast.ClassDef):
            return True
        return isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and parent.returns is child


# small questions about places


def subscript_step(node: ast.Subscript) -> Step:
    """The access that a subscription makes."""
    index = node.slice
    if (
        isinstance(index, ast.UnaryOp)
        and isinstance(index.op, ast.USub)
        and isinstance(index.operand, ast.Constant)
    ):
        value = index.operand.value
        return ("index", -value) if isinstance(value, int) else ("index", None)
    if isinstance(index, ast.Constant):
        if isinstance(index.value, str):
            return ("key", index.value)
        if isinstance(index.value, int):
            return ("index", index.value)
    return ("index", None)


def _is_part(longer: Path, path: Path) -> bool:
    """Whether ``longer`` takes something out and then does what ``path`` does."""
    return len(path) < len(longer) and longer[len(longer) - len(path) :] == path


def _may_match(step: Step, wanted: Step) -> bool:
    return step in (wanted, ("index", None)) or wanted[1] is None


def _binding_position(binding: Binding) -> tuple[int, int]:
    return getattr(binding.node, "lineno", 0), getattr(binding.node, "col_offset", 0)


def _name_of(origin: Origin) -> str:
    assert isinstance(origin, External)
    return origin.name.removesuffix(".?")


def _stem(module: Module) -> str:
    """What a file must name to import a module."""
    parts = module.path.removesuffix(".py").split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def _is_self(module: Module, node: ast.expr) -> bool:
    """Whether an expression is the first parameter of the method around it."""
    function = module.function(node)
    return (
        isinstance(node, ast.Name)
        and isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        and module.enclosing_class(function) is not None
        and is_first_parameter(function, node.id)
    )


_CLOSED_DECORATORS = frozenset(
    {
        "abstractmethod", "asynccontextmanager", "backoff", "beartype", "cache", "cache_data",
        "cache_resource", "cached_property", "classmethod", "contextmanager", "dataclass_transform",
        "experimental_memo", "fragment", "inject", "limits", "lru_cache", "memo", "no_type_check",
        "observe", "on_exception", "overload", "override", "profile", "property", "retry",
        "sleep_and_retry", "staticmethod", "step", "task_wrapper", "timed", "timeit", "timer", "trace",
        "traceable", "typechecked", "wraps",
    }
)  # fmt: skip


def _steps_to(targets: list[ast.expr], wanted: ast.expr) -> Path:
    for target in targets:
        if target is wanted:
            return ()
        if isinstance(target, (ast.Tuple, ast.List)):
            for position, element in enumerate(target.elts):
                if element is wanted:
                    return (("index", position),)
    return ()
