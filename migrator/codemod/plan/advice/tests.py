"""Tests of the project whose stand-ins and expectations are those of the old answers."""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING

from migrator.codemod.flow.trace import is_test_path
from migrator.codemod.index.module import dotted
from migrator.codemod.plan.advice.edited import Edited
from migrator.codemod.plan.advice.pictures import called
from migrator.codemod.plan.advice.scene import import_aliases
from migrator.codemod.plan.advice.stand_ins import Repairs, gone_arguments, names_a_model
from migrator.codemod.plan.part import worst
from migrator.codemod.rewrite import Replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import Advice, FileEdit
    from migrator.codemod.rewrite import Edit
    from migrator.types import Fix

_ANSWERS = ("url-", "download")
"""How the handlers of rules about the url of a picture begin."""
_PICTURES = ("image", "picture", "img")
"""Words in the names of classes that stand for a picture."""
_NEW_FIELD = "b64_json"
_KINDS = {
    "download": ("it replaces a download that is no longer made", "remove the replaced download"),
    "picture": ("its fake pictures have no b64_json", "give fake pictures a b64_json (base64 text)"),
    "arguments": ("it expects the old arguments", "expect the new arguments"),
    "signature": ("its fake client insists on arguments that are gone", "give those arguments a default"),
    "url": ("it looks at the text of a url", "expect a data: URI, or look at the picture"),
}


def advise(scene: Scene) -> Iterator[Advice]:
    """One finding per test file that is tied to a module with a site that is being moved."""
    rule = scene.rule("old-tests")
    edited = Edited(scene.plans)
    by_module: dict[str, list[Move]] = {}
    for move in scene.moves:
        by_module.setdefault(move.module.path, []).append(move)
    places: dict[str, tuple[Module, Move, list[tuple[ast.AST, str]]]] = {}
    edits: list[FileEdit] = []
    for moves in by_module.values():
        owner = moves[0].module
        name = scene.context.index.module_name(owner)
        # the stem alone: tests may import the module from anywhere
        scene.context.index.search(name.rpartition(".")[2], near=scene.catalog.advice.test_imports)
        alone = len(by_module) == 1
        if alone:
            # a fixture elsewhere may hand the code over: stand-ins for the method can only be for this module
            scene.context.index.search(*_method_chains(scene), near=scene.catalog.advice.test_imports)
        for module in _tests_of(scene, owner, name, alone=alone):
            found = list(_Reader(scene, edited, moves, name).places(module))
            downloads = [node for node, kind in found if kind == "download" and isinstance(node, ast.Call)]
            repairs = Repairs(scene, moves, module, name, downloads)
            repaired = [(mark, repair) for mark in found if (repair := repairs.of(*mark)) is not None]
            edits.extend(edit for _, (_, some) in repaired for edit in some)
            yield from _repaired(scene, moves[0], module, repaired)
            left = [mark for mark in found if all(mark is not one for one, _ in repaired)]
            if left:
                places.setdefault(module.path, (module, moves[0], []))[2].extend(left)
    for move in scene.moves:
        for module, node in move.plan.tested:
            # what expects the very url of a stand-in has changed together with that
            if not any(path == module.path and _is_inside(module, node, edit) for path, edit in edits):
                places.setdefault(module.path, (module, move, []))[2].append((node, "url"))
    for _, (module, move, marks) in sorted(places.items()):
        marks.sort(key=lambda mark: (getattr(mark[0], "lineno", 0), getattr(mark[0], "col_offset", 0)))
        said = [(kind, [node for node, one in marks if one == kind]) for kind in _KINDS]
        parts = [f"{_KINDS[kind][0]} ({_lines(nodes)})" for kind, nodes in said if nodes]
        advice = ", ".join(_KINDS[kind][1] for kind, nodes in said if nodes)
        tested = scene.context.index.module_name(move.module)
        yield scene.advice(
            move,
            rule,
            "manual",
            module,
            marks[0][0],
            f"This test was written for the old answers of {tested}: {'; '.join(parts)}.",
            f"{advice[0].upper()}{advice[1:]}.",
        )


def _is_inside(module: Module, node: ast.AST, edit: Edit) -> bool:
    span = module.span(node)
    return isinstance(edit, Replace) and span.start <= edit.span.start and edit.span.end <= span.end


def _tests_of(scene: Scene, owner: Module, name: str, *, alone: bool) -> list[Module]:
    """The tests of a module, with the fixtures and the helpers that they use."""
    index = scene.context.index
    tests = [m for m in index.modules.values() if m is not owner and _is_test(scene, m)]
    tied = [
        module
        for module in tests
        if (alone and _replaces_the_method(scene, module)) or _is_tied(scene, module, owner, name)
    ]
    used = [m for m in tests if m not in tied and any(scene.knows(test, m) for test in tied)]
    for path in sorted({path for module in tied for path in _fixtures(module.path)}):
        shared = index.load(path) if index.project.in_scope(path) else None
        if shared is not None and shared not in tied and shared not in used:
            used.append(shared)
    return tied + used


def _fixtures(path: str) -> Iterator[str]:
    """Where pytest looks for the fixtures of a test file."""
    while path:
        folder = posixpath.dirname(path)
        if folder == path:
            return
        yield posixpath.join(folder, "conftest.py")
        path = folder


def _repaired(
    scene: Scene,
    move: Move,
    module: Module,
    repaired: list[tuple[tuple[ast.AST, str], tuple[Fix, tuple[FileEdit, ...]]]],
) -> Iterator[Advice]:
    """One finding for everything in a test file that can be changed with the code, all of it or nothing."""
    if not repaired:
        return
    first = min((node for (node, _), _ in repaired), key=lambda node: getattr(node, "lineno", 0))
    fix = worst(*(fix for _, (fix, _) in repaired))
    edits = [edit for _, (_, some) in repaired for edit in some]
    lines = _lines(node for (node, _), _ in repaired)
    yield scene.advice(
        move,
        scene.rule("old-tests"),
        fix,
        module,
        first,
        f"This test follows {scene.context.index.module_name(move.module)}: its stand-ins answer with base64, and "
        f"what it expects is what is asked for now ({lines}).",
        "" if fix == "safe" else "Run the tests, and check what they expect of the picture.",
        tuple(dict.fromkeys(edits)),
    )


def _lines(nodes: Iterable[ast.AST]) -> str:
    lines = sorted({getattr(node, "lineno", 0) for node in nodes})
    return f"line{'' if len(lines) == 1 else 's'} {', '.join(map(str, lines))}"


def _is_test(scene: Scene, module: Module) -> bool:
    if is_test_path(module.path):
        return True
    packages = scene.catalog.advice.test_imports
    for alias in import_aliases(module):
        statement = module.parents[alias]
        name = statement.module or "" if isinstance(statement, ast.ImportFrom) else alias.name
        if name.partition(".")[0] in packages:
            return True
    return False


def _is_tied(scene: Scene, module: Module, owner: Module, name: str) -> bool:
    """Whether a test imports a module, or names it where something is replaced."""
    if scene.knows(module, owner):
        return True
    return any(f".{name}." in f".{text}" for call in module.calls for text in _replaced(scene, call))


def _method_chains(scene: Scene) -> list[str]:
    calls = scene.catalog.calls
    return [f"{calls.attribute}.{method}." for method in calls.methods]


def _replaces_the_method(scene: Scene, module: Module) -> bool:
    """Whether a test has a stand-in for the SDK's method itself: ``client.images.generate.return_value``."""
    return any(chain in module.file.text for chain in _method_chains(scene))


def _replaced(scene: Scene, call: ast.Call) -> Iterator[str]:
    """The dotted name that a call puts something else in the place of."""
    if called(call) not in scene.catalog.advice.test_patches or not call.args:
        return
    match call.args:
        case [ast.Constant(value=str(name)), *_]:
            yield name
        case [owner, ast.Constant(value=str(name)), *_] if (chain := dotted(owner)) is not None:
            yield ".".join((*chain, name))


class _Reader:
    """Finds what is old in the tests of one module. ``name`` is that of the module."""

    def __init__(self, scene: Scene, edited: Edited, moves: list[Move], name: str) -> None:
        self.scene = scene
        self.facts = scene.catalog.advice
        self.leaving = set(scene.catalog.leaving(scene.context.today))
        self.moves = moves
        self.module: Module | None = None
        self.downloads = set(self._downloads(edited, name))
        handlers = [
            found.handler or ""
            for move in moves
            for part in move.plan.parts
            if part.edits and (found := scene.catalog.rules.get(part.rule)) is not None
        ]
        self.read_url = any(handler.startswith(_ANSWERS) for handler in handlers)

    def _downloads(self, edited: Edited, name: str) -> Iterator[str]:
        """The dotted names of the downloads that are gone, as a test can write them."""
        stem = name.rpartition(".")[2]
        gone = {
            call for consumer in self.scene.catalog.consumers if consumer.role == "download"
            for call in consumer.calls
        }  # fmt: skip
        module = self.moves[0].module
        for call in module.calls:
            chain = dotted(call.func)
            qualified = self.scene.tracer.qualified(module, call.func)
            if chain is None or qualified not in gone or not edited.touches(module, call):
                continue
            yield qualified
            for length in range(1, len(chain) + 1):
                yield ".".join((stem, *chain[:length]))

    def places(self, module: Module) -> Iterator[tuple[ast.AST, str]]:
        """Every place of a test that has to change, with its kind."""
        self.module = module
        seen: set[ast.AST] = set()
        for call in module.calls:
            if any(self._is_gone(text) for text in _replaced(self.scene, call)):
                yield call, "download"
            elif called(call) in self.facts.test_expectations:
                seen.update(ast.walk(call))
                old = self._expected(call)
                for value in old:
                    yield value, "arguments"
                if not old and self._lacks_model(call):
                    yield call, "arguments"
        for node in module.parents:
            if node not in seen and self._compares(node):
                yield node, "arguments"
        gone = gone_arguments(self.scene, self.moves)
        for node in module.parents:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and self._insists(node, gone):
                yield node, "signature"
        if self.read_url:
            for node in module.parents:
                if self._is_fake(module, node):
                    yield node, "picture"

    def _insists(self, node: ast.FunctionDef | ast.AsyncFunctionDef, gone: set[str]) -> bool:
        """Whether a fake method of the client has a parameter without default that no call passes any more."""
        arguments = node.args
        if node.name not in self.scene.catalog.calls.methods:
            return False
        places = [*arguments.posonlyargs, *arguments.args]
        needed = {one.arg for one in places[: len(places) - len(arguments.defaults)]}
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        needed |= {one.arg for one, default in pairs if default is None}
        return bool(needed & gone)

    def _is_gone(self, text: str) -> bool:
        return text in self.downloads or any(text.endswith(f".{name}") for name in self.downloads)

    # arguments

    def _lacks_model(self, call: ast.Call) -> bool:
        """``images.generate.assert_called_with(prompt=…)`` where the call names a model from now on."""
        names = {keyword.arg for keyword in call.keywords}
        methods = self.scene.catalog.calls.methods
        return (
            bool(names) and not names & {"model", None}
            and any(part in methods for part in dotted(call.func) or ())
            and names_a_model(self.moves)
        )  # fmt: skip

    def _expected(self, call: ast.Call) -> list[ast.expr]:
        found = [k.value for k in call.keywords if k.arg is not None and self._is_old(k.arg, k.value)]
        return found + [
            value for argument in call.args for child in ast.walk(argument) if isinstance(child, ast.Dict)
            for value in self._old_entries(child)
        ]  # fmt: skip

    def _old_entries(self, table: ast.Dict) -> list[ast.expr]:
        pairs = zip(table.keys, table.values, strict=True)
        return [v for k, v in pairs if isinstance(k, ast.Constant) and self._is_old(k.value, v)]

    def _is_old(self, parameter: object, value: ast.expr) -> bool:
        """Whether a request does not have this argument any more, or another value in its place."""
        if not isinstance(parameter, str):
            return False
        context = self.scene.context
        for endpoint in {move.site.endpoint for move in self.moves}:
            if parameter in self.scene.catalog.dropped(endpoint, context.target):
                return True
            if isinstance(value, ast.Constant):
                written: list[object] = [value.value]
            elif self.module is not None:
                written = [leaf.value for leaf in self.scene.values.sources(self.module, value).leaves]
            else:
                written = []
            for one in written:
                found = self.scene.catalog.translate(endpoint, parameter, one, context.target, context.today)
                if found.kind == "replace" and one is not None:
                    return True
        return False

    def _compares(self, node: ast.AST) -> bool:
        """``kwargs["model"] == "old name"``, ``"style" in kwargs``, and the same as calls of ``assertEqual``."""
        match node:
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[other]):
                return self._is_dropped_key(left, other) or self._admits_old(left, other)
            case ast.Compare(left=left, comparators=[other]):
                return self._pair(left, other) or self._pair(other, left)
            case ast.Call(args=[one, other, *_]) if called(node).startswith("assert"):
                return self._pair(one, other) or self._pair(other, one) or self._is_dropped_key(one, other)
        return False

    def _is_dropped_key(self, key: ast.expr, container: ast.expr) -> bool:
        if not isinstance(key, ast.Constant) or isinstance(container, ast.Constant):
            return False
        return self._is_dropped(key.value) and self._holds_arguments(container)

    def _is_dropped(self, name: object) -> bool:
        context = self.scene.context
        return isinstance(name, str) and any(
            name in self.scene.catalog.dropped(move.site.endpoint, context.target) for move in self.moves
        )

    def _holds_arguments(self, container: ast.expr) -> bool:
        """Whether a name in an expression says that it holds a request: a widget has a style, too."""
        words = self.facts.test_requests
        names = (
            text.lower()
            for node in ast.walk(container)
            for text in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "value", None))
            if isinstance(text, str)
        )
        return any(word in name for name in names for word in words)

    def _is_asked(self, container: ast.expr, name: object, value: ast.Constant) -> bool:
        """Whether ``container[name]`` is an old argument; one that is gone is a word of many other things."""
        if not self._is_old(name, value):
            return False
        given = (move.plan.before.get(str(name)) for move in self.moves)
        return not self._is_dropped(name) or self._holds_arguments(container) or value.value in given

    def _admits_old(self, one: ast.expr, other: ast.expr) -> bool:
        """``assert quality in ("standard", "hd")``: a fake client lets only old values through."""
        if not isinstance(one, ast.Name) or not isinstance(other, (ast.Tuple, ast.List, ast.Set)):
            return False
        values = [value for value in other.elts if isinstance(value, ast.Constant)]
        return any(value.value in self.leaving or self._is_old(one.id, value) for value in values)

    def _pair(self, one: ast.expr, other: ast.expr) -> bool:
        if isinstance(other, (ast.List, ast.Tuple)):
            return not isinstance(one, (ast.List, ast.Tuple)) and any(
                isinstance(entry, ast.Dict) and bool(self._old_entries(entry)) for entry in other.elts
            )
        if isinstance(other, ast.Dict):
            return not isinstance(one, ast.Dict) and bool(self._old_entries(other))
        if not isinstance(other, ast.Constant):
            return False
        if other.value in self.leaving:
            return True
        match one:
            case ast.Subscript(value=container, slice=ast.Constant(value=key)):
                return self._is_asked(container, key, other)
            case ast.Call(
                func=ast.Attribute(value=container, attr="get"), args=[ast.Constant(value=key), *_]
            ):
                return self._is_asked(container, key, other)
        return False

    # pictures

    def _is_fake(self, module: Module, node: ast.AST) -> bool:
        match node:
            case ast.Call(keywords=keywords) if called(node) in self.facts.test_fakes:
                names = {keyword.arg for keyword in keywords if not _is_empty_field(keyword)}
                return _NEW_FIELD not in names and None not in names and (
                    "url" in names or (not names and _is_datum(module, node))
                )  # fmt: skip
            case ast.Dict(keys=keys):
                known = [key.value if isinstance(key, ast.Constant) else None for key in keys]
                return (
                    "url" in known
                    and _NEW_FIELD not in known
                    and None not in known
                    and _is_datum(module, node)
                )
            case ast.Attribute(attr="url", value=value, ctx=ast.Store()):
                return self._is_stand_in(module, value)
            case ast.ClassDef(name=name, body=body) if any(word in name.lower() for word in _PICTURES):
                text = module.source(node)
                return _NEW_FIELD not in text and any(_binds_url(child) for child in body)
        return False

    def _is_stand_in(self, module: Module, owner: ast.expr) -> bool:
        """Whether ``.url`` is set on a mock that gets no ``b64_json``."""
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


def _is_empty_field(keyword: ast.keyword) -> bool:
    """``b64_json=None`` beside a url, as the real answers had it."""
    value = keyword.value
    return keyword.arg == _NEW_FIELD and isinstance(value, ast.Constant) and value.value is None


def _is_datum(module: Module, node: ast.expr) -> bool:
    """Whether something stands in a list that is given to ``data``."""
    display = module.parent(node)
    if not isinstance(display, (ast.List, ast.Tuple)):
        return False
    match module.parent(display):
        case ast.keyword(arg="data"):
            return True
        case ast.Assign(targets=[ast.Attribute(attr="data"), *_]):
            return True
        case ast.Dict(keys=keys, values=values) if display in values:
            key = keys[values.index(display)]
            return isinstance(key, ast.Constant) and key.value == "data"
    return False


def _binds_url(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id="url")]) | ast.AnnAssign(target=ast.Name(id="url")):
            return True
        case ast.FunctionDef(name="__init__"):
            return any(
                isinstance(child, ast.Attribute) and child.attr == "url" and isinstance(child.ctx, ast.Store)
                for child in ast.walk(statement)
            )
        case ast.FunctionDef(name="url"):
            return True
    return False
