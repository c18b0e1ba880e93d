"""Which consumer of an image a call is: the rules matched against names, imports and receivers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.naming import callable_names
from migrator.codemod.plan.owners import Owners
from migrator.discover.pins import Pins

if TYPE_CHECKING:
    from migrator.catalog.model import Consumer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context


class ConsumerTable:
    """Finds the rule for a call, by qualified name first and by method name in a module's imports second."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._by_call: dict[str, list[Consumer]] = {}
        self._by_method: dict[str, list[Consumer]] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self._pins = Pins(context.index.project)
        self.owners = Owners(context.tracer, context.catalog.consumers)
        for consumer in context.catalog.consumers:
            for name in consumer.calls:
                self._by_call.setdefault(name, []).append(consumer)
            for name in consumer.methods:
                self._by_method.setdefault(name, []).append(consumer)

    def find(
        self,
        module: Module,
        call: ast.Call,
        argument: ast.expr,
        callee: ast.expr | None = None,
        shift: int = 0,
    ) -> Consumer | None:
        """The rule for what ``call`` does with ``argument``.

        For a runner such as ``to_thread(requests.get, url)``, ``callee`` is the callable that it runs and ``shift``
        the number of arguments before those of the callable.
        """
        place = _place(call, argument)
        if isinstance(place, int):
            place -= shift
        func = call.func if callee is None else callee
        for name in self.names(module, func):
            for key in (name, name.removeprefix("builtins.")):
                for consumer in self._by_call.get(key, ()):
                    if _takes_at(consumer, place) and self._is_of_version(consumer, module):
                        return consumer
        if isinstance(func, ast.Attribute):
            imports = self.imports(module)
            for consumer in self._by_method.get(func.attr, ()):
                if not _takes_at(consumer, place):
                    continue
                if consumer.versions is not None:
                    fits = _has(imports, (consumer.package,)) and self._is_of_version(consumer, module)
                else:
                    fits = self._fits(consumer, imports, func.value)
                if fits and self.owners.may_own(consumer, module, func.value):
                    return consumer
        return None

    def _is_of_version(self, consumer: Consumer, module: Module) -> bool:
        """Whether a rule for some versions of a package holds: the project says so, else what a module imports."""
        if consumer.versions is None:
            return True
        pin = self._pins.of(consumer.package, module.path)
        if pin is not None and pin.range.within(consumer.versions):
            return True
        unsaid = pin is None or pin.range.meets(consumer.versions)
        return unsaid and (
            _has(self.imports(module), consumer.imports) or _is_decorated(module, consumer.decorators)
        )

    def _fits(self, consumer: Consumer, imports: frozenset[str], receiver: ast.expr) -> bool:
        if consumer.receivers:
            named = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
            return named in consumer.receivers
        return not consumer.imports or _has(imports, consumer.imports)

    def imports(self, module: Module) -> frozenset[str]:
        """The dotted names that a module imports from outside."""
        found = self._imports.get(module.path)
        if found is None:
            names: set[str] = set()
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Import):
                    names.update(alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module)
                    names.update(f"{node.module}.{alias.name}" for alias in node.names)
            found = self._imports[module.path] = frozenset(names)
        return found

    def names(self, module: Module, func: ast.expr) -> list[str]:
        """The dotted names that a callable can go by: the written one, and the method of what its receiver is."""
        return callable_names(self.context.tracer, module, func)


def _is_decorated(module: Module, names: tuple[str, ...]) -> bool:
    if not any(name in module.file.text for name in names):
        return False
    return any(
        getattr(decorator.func if isinstance(decorator, ast.Call) else decorator, "attr", "") in names
        for node in ast.walk(module.tree)
        for decorator in getattr(node, "decorator_list", ())
    )


def _has(imports: frozenset[str], wanted: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in wanted for name in imports)


def _place(call: ast.Call, argument: ast.expr) -> int | str | None:
    for position, value in enumerate(call.args):
        if value is argument or (isinstance(value, ast.Starred) and value.value is argument):
            return position
    for keyword in call.keywords:
        if keyword.value is argument:
            return keyword.arg
    return None


def _takes_at(consumer: Consumer, place: int | str | None) -> bool:
    return not consumer.argument or place is None or place in consumer.argument
