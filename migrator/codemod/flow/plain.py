"""Whether what a value is put into is a list, dict, set or queue, or an object that may do anything with it."""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import (
    Class,
    Constant,
    Display,
    External,
    Function,
    Instance,
    Made,
    Mark,
    Parameter,
    Unknown,
)
from migrator.codemod.index.module import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.origins import Origin
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.scopes import Binding

_COMPUTED = (
    ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.BinOp,
    ast.JoinedStr, ast.Constant,
)  # fmt: skip
"""Expressions whose value, or whose parts, the code makes itself."""
_OUTWARD = frozenset(
    {
        "curses",
        "dbm",
        "email",
        "http",
        "mailbox",
        "shelve",
        "smtplib",
        "socket",
        "sqlite3",
        "tkinter",
        "turtle",
        "xml",
    }
)
"""Modules of the standard library whose objects show, send or keep what is put into them."""
_PLAIN = ("cachetools.", "sortedcontainers.", "expiringdict.", "bidict.")
_READ = frozenset(
    {"json", "load", "loads", "safe_load", "full_load", "model_dump", "to_dict", "dict", "copy"}
)
"""Last names of calls that give lists and dicts made of a text or of an object."""
_FIELDS = frozenset({"field", "Field", "ib", "attrib"})
_TYPES = frozenset(
    {
        "list", "List", "dict", "Dict", "set", "Set", "deque", "Deque", "defaultdict", "DefaultDict", "OrderedDict",
        "MutableSequence", "MutableMapping", "MutableSet", "Queue", "LifoQueue", "PriorityQueue", "SimpleQueue",
    }
)  # fmt: skip


def receiver(tracer: Tracer, module: Module, node: ast.expr, *, item: bool = False) -> str | None:
    """What an object is, in words, where it may be more than a container; ``None`` where it is sure to be one.

    ``item``: only an item of it is set. What has a name outside the project is then followed by that name.
    """
    return _Question(tracer).receiver(module, node, item=item)


def is_kept(tracer: Tracer, module: Module, node: ast.expr) -> bool:
    """Whether an expression is a place outside the project in which the project itself keeps a container."""
    question, origins = _Question(tracer), tracer.origins(module, node)
    return bool(origins) and all(
        isinstance(one, External) and question.holds_container(one) for one in origins
    )


class _Question:
    """One question with those that it leads to; each place outside the project is looked at once."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._seen: set[External] = set()

    def receiver(self, module: Module, node: ast.expr, *, item: bool = False) -> str | None:
        for origin in self._tracer.origins(module, node):
            if item and isinstance(origin, External) and not origin.path and not origin.name.endswith(".?"):
                continue
            found = self._named(origin)
            if found is not None:
                return found
        return None

    def _named(self, origin: Origin) -> str | None:
        tracer = self._tracer
        match origin:
            case Display() | Constant() | Function() | Class() | Mark():
                return None
            case Unknown(node=node) if isinstance(node, _COMPUTED):
                return None
            case Unknown(module=module, node=ast.ClassDef() as node, path=(("attr", str(name)), *_)):
                return None if _has_container(tracer, Class(module, node), name) else f"{node.name}.{name}"
            case Unknown(module=module, node=ast.expr() as node):
                return module.source(node).partition("\n")[0]
            case External() if self.holds_container(origin):
                return None
            case Made(
                module=module,
                node=ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[_, default]),
            ):
                return self.receiver(module, owner, item=True) or self.receiver(module, default)
            case Made(name=name) | External(name=name):
                return None if _is_plain(name) else name.removeprefix("builtins.").removesuffix(".?")
            case Parameter(module=module, binding=binding, annotation=annotation):
                if _is_plain(annotation) if annotation is not None else _is_declared(module, binding):
                    return None
                return f"the parameter {binding.name}" if binding.kind == "parameter" else binding.name
            case Instance(module=module, node=node):
                return next(
                    (name for name in _bases(tracer, Class(module, node)) if not _is_plain(name)), None
                )
        return "an object"

    def holds_container(self, external: External) -> bool:
        """Whether the project puts a container where a name from outside says: ``st.session_state.history = []``."""
        if external in self._seen:
            return False
        self._seen.add(external)
        base, _, wanted = external.name.rpartition(".")
        if wanted == "?":
            if len(external.path) != 1 or not isinstance(external.path[0][1], str):
                return False
            wanted = external.path[0][1]
        found = [
            (module, value)
            for module, reference in self._tracer.index.references(base.rpartition(".")[2])
            if self._tracer.qualified(module, reference) == base
            and (value := _put_there(module, reference, wanted)) is not None
        ]
        return bool(found) and all(self.receiver(module, value) is None for module, value in found)


def _put_there(module: Module, reference: ast.expr, wanted: str) -> ast.expr | None:
    """The value that is stored under a name or key of what ``reference`` stands for."""
    place = module.parent(reference)
    outer = module.parent(place) if place is not None else None
    match place:
        case ast.Attribute(attr="setdefault"):
            match outer:
                case ast.Call(args=[ast.Constant(value=key), default]) if key == wanted:
                    return default
        case (
            ast.Attribute(attr=name, ctx=ast.Store())
            | ast.Subscript(slice=ast.Constant(value=name), ctx=ast.Store())
        ) if name == wanted and isinstance(outer, (ast.Assign, ast.AnnAssign)):
            return outer.value
    return None


def _has_container(tracer: Tracer, cls: Class, name: str) -> bool:
    """Whether a field of a class is declared to be a container."""
    for one in tracer.family(cls):
        for statement in one.node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=found), annotation=annotation) if found == name:
                    return any(head in _TYPES for head in _heads(annotation))
    return False


def _is_plain(name: str) -> bool:
    """Whether what a name from outside makes, or is, keeps what is put into it and does nothing else."""
    package, _, last = name.removesuffix(".?").partition(".")
    last = last.rpartition(".")[2]
    if package == "builtins":
        return hasattr(builtins, last)
    if package in sys.stdlib_module_names:
        return package not in _OUTWARD
    return name.startswith(_PLAIN) or last in _READ | _FIELDS


def _is_declared(module: Module, binding: Binding) -> bool:
    """Whether an annotation says that a name is a container."""
    node = binding.node
    owner = node if isinstance(node, (ast.arg, ast.AnnAssign)) else module.parent(node)
    annotation = getattr(owner, "annotation", None)
    return isinstance(annotation, ast.expr) and any(name in _TYPES for name in _heads(annotation))


def _heads(annotation: ast.expr) -> Iterator[str]:
    """The last names of the types that a union or an ``Optional`` allows."""
    match annotation:
        case ast.Constant(value=str(text)):
            yield text.partition("[")[0].rpartition(".")[2].strip()
        case ast.Name() | ast.Attribute():
            yield (dotted(annotation) or ("",))[-1]
        case ast.BinOp(left=left, right=right):
            yield from _heads(left)
            yield from _heads(right)
        case ast.Subscript(value=value, slice=inner):
            name = (dotted(value) or ("",))[-1]
            if name in {"Optional", "Union", "Annotated", "Final", "ClassVar", "Mapped"}:
                for part in inner.elts if isinstance(inner, ast.Tuple) else [inner]:
                    yield from _heads(part)
            else:
                yield name


def _bases(tracer: Tracer, cls: Class) -> Iterator[str]:
    """The classes from outside that a class of the project extends."""
    for one in tracer.family(cls):
        for base in one.node.bases:
            for origin in tracer.origins(one.module, base):
                if isinstance(origin, (External, Made)):
                    yield origin.name
