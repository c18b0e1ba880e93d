"""The tracer: the one object that is asked where values come from; each kind of question has its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.flow.objects import Objects
from migrator.codemod.flow.origins import Class, Function, Origin, Path, Unknown
from migrator.codemod.flow.trace.annotations import Annotations
from migrator.codemod.flow.trace.answers import Answers
from migrator.codemod.flow.trace.attributes import Attributes
from migrator.codemod.flow.trace.bindings import Bindings
from migrator.codemod.flow.trace.bodies import Bodies
from migrator.codemod.flow.trace.callers import Caller, Callers, CallerSearch
from migrator.codemod.flow.trace.classes import Classes
from migrator.codemod.flow.trace.expressions import Expressions
from migrator.codemod.flow.trace.families import Families
from migrator.codemod.flow.trace.fields import Fields
from migrator.codemod.flow.trace.modules import Modules
from migrator.codemod.flow.trace.names import Names
from migrator.codemod.flow.trace.writes import Writes

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.index.project import ProjectIndex
    from migrator.codemod.index.scopes import Binding

_QUESTIONS_OF_A_MODULE = 200
"""Reading a module costs about as much as this many questions."""


class Tracer:
    """Answers where values come from. One tracer per run; answers are remembered."""

    def __init__(self, index: ProjectIndex, marks: frozenset[ast.expr] = frozenset()) -> None:
        self.index = index
        self.marks = marks
        """Expressions at which tracing stops: they are their own origin."""
        self.answers = Answers()
        self.names = Names(index)
        self.objects = Objects(self)
        self.bindings = Bindings(self)
        self.modules = Modules(self)
        self.annotations = Annotations(self)
        self.expressions = Expressions(self)
        self.bodies = Bodies(self)
        self.classes = Classes(self)
        self.attributes = Attributes(self)
        self.families = Families(self)
        self.fields = Fields(self)
        self.writes = Writes(self)
        self.caller_search = CallerSearch(self)

    @property
    def work(self) -> int:
        """What has been spent so far, in questions; a module that was read counts as many of them."""
        return self.answers.answered + _QUESTIONS_OF_A_MODULE * len(self.index.modules)

    def origins(self, module: Module, node: ast.expr, path: Path = ()) -> tuple[Origin, ...]:
        """Everything that the value of ``node``, after the accesses in ``path``, can be."""
        if len(path) > 6:  # the same wherever it is asked, so what is built on it is whole
            return ()
        key = (node, path)
        known = self.answers.known(key)  # most questions were asked before
        if known is not None:
            return known
        return self.answers.ask(
            key, lambda: self.expressions.origins(module, node, path), Unknown(module, node, path)
        )

    def whole_origins(self, module: Module, node: ast.expr) -> tuple[tuple[Origin, ...], bool]:
        """The origins of an expression, and whether these are all, not only what a question that is open leaves."""
        return self.answers.whole(lambda: self.origins(module, node))

    def qualified(self, module: Module, node: ast.expr) -> str | None:
        """The dotted external name of an expression, ``requests.get`` for ``get`` after a from-import.

        Cheap: looks at imports and plain aliases only, never at data flow.
        """
        return self.names.qualified(module, node)

    def qualified_binding(self, module: Module, binding: Binding) -> str | None:
        """The dotted external name that a binding stands for."""
        return self.names.qualified_binding(module, binding)

    def definitions(self, module: Module, node: ast.expr) -> list[tuple[Module, ast.expr]]:
        """The expressions that a name is bound to, in this module or where it is imported from."""
        return self.names.definitions(module, node)

    def functions(self, module: Module, node: ast.expr) -> list[Function]:
        """The functions of the project that an expression in call position can be."""
        return [origin for origin in self.origins(module, node) if isinstance(origin, Function)]

    def runs_callable(self, module: Module, call: ast.Call) -> bool:
        """``with_retry(requests.get, url)``: a helper of the project that runs a callable from outside."""
        first = call.args[0] if call.args else None
        if first is None or not self.names.qualified(module, first) or self.functions(module, first):
            return False
        functions = self.functions(module, call.func)
        return bool(functions) and all(
            f.node.args.vararg is not None and f.node.args.kwarg is not None for f in functions
        )

    def callers(self, module: Module, node: ast.AST) -> Callers:
        """Every call that reaches a function of the project."""
        return self.caller_search.callers(module, node)

    def attribute_stores(self, cls: Class, name: str) -> Iterator[tuple[Module, ast.expr, Path]]:
        """Assignments to ``self.name`` in the class, and to ``object.name`` where the object is of the class."""
        return self.attributes.stores(cls, name)

    def is_instance_expression(self, module: Module, node: ast.expr, cls: Class) -> bool:
        """Whether an expression is an object of ``cls``: its own ``self``, or something traced to it."""
        return self.objects.is_object(module, node, cls)

    def reads_of(
        self, cls: Class, name: str, is_spent: Callable[[], bool]
    ) -> list[tuple[Module, ast.Attribute]]:
        """Reads of an attribute on objects of a class in the loaded files; not all of them once ``is_spent`` says so."""
        return self.objects.reads(cls, name, is_spent)

    def family(self, cls: Class) -> list[Class]:
        """A class and its bases within the project, nearest first."""
        return self.families.family(cls)

    def constructions(self, cls: Class) -> tuple[Caller, ...]:
        """The calls that make objects of a class."""
        return self.caller_search.callers(cls.module, cls.node).calls
