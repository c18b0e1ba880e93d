"""Whose object a method is called on, where a rule names the method and not the class."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Constant, Display, External, Instance, Made, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.catalog.model import Consumer
    from migrator.codemod.flow.origins import Origin
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


class Owners:
    """Tells objects of a package from others that have a method of the same name."""

    def __init__(self, tracer: Tracer, consumers: Iterable[Consumer]) -> None:
        self._tracer = tracer
        self._packages = frozenset(
            name.partition(".")[0] for one in consumers for name in (*one.imports, *one.calls)
        )

    def may_own(self, consumer: Consumer, module: Module, receiver: ast.expr) -> bool:
        """Whether an object can be one that ``consumer`` means: by its class, else by what people call such objects."""
        if not consumer.imports:
            return True
        packages = {name.partition(".")[0] for name in consumer.imports}
        known = {
            name.partition(".")[0]
            for origin in self._tracer.origins(module, receiver)
            for name in self._classes(origin)
        }
        if known:
            return bool(known & packages)
        words = set(_words(receiver))
        return not consumer.likely or bool(words & set(consumer.likely))

    def _classes(self, origin: Origin) -> Iterator[str]:
        """Dotted names of what an object is made of or belongs to; nothing where that is not known."""
        match origin:
            case Made(name=name) | External(name=name) if _is_nowhere(name):
                pass
            case Made(name=name):
                yield name
            case External(name=name):
                if name.partition(".")[0] in self._packages | sys.stdlib_module_names:
                    yield name  # what comes from anywhere else can be an object of any class
            case Parameter(annotation=str() as name):
                yield name
            case Constant() | Display():
                yield "builtins"
            case Instance(module=module, node=node) | Class(module=module, node=node):
                yield module.path
                for one in self._tracer.families.family(Class(module, node)):
                    for base in one.node.bases:
                        for found in self._tracer.origins(one.module, base):
                            if isinstance(found, (External, Made)):
                                yield found.name


def _is_nowhere(name: str) -> bool:
    """Whether a name is bound nowhere in the code: those count as builtins until they are looked up."""
    package, _, rest = name.partition(".")
    return package == "builtins" and not hasattr(builtins, rest.partition(".")[0])


def _words(node: ast.expr) -> Iterator[str]:
    """The words of the names in a chain: ``self.left_col2.tabs()`` has self, left, col and tabs."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript, ast.Await)):
        if isinstance(node, ast.Attribute):
            yield from _split(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield from _split(node.id)


def _split(name: str) -> list[str]:
    return [word for word in re.split(r"[_\d]+", name.lower()) if word]
