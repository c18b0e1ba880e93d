"""Forms that get their fields one by one: ``form = FormData()``, then ``form.add_field("prompt", prompt)``."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.flow.origins import Made
from migrator.codemod.sites.site import Field

if TYPE_CHECKING:
    from migrator.catalog.http import HttpCalls
    from migrator.codemod.flow.forward import Event
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


@dataclass(slots=True)
class Fields:
    """What is put into the forms that an expression can be. ``trouble`` says what cannot be seen, and where."""

    added: list[Field] = field(default_factory=list)
    trouble: list[tuple[ast.AST, str]] = field(default_factory=list)


def fields_of(tracer: Tracer, facts: HttpCalls, module: Module, node: ast.expr) -> Fields:
    """The fields of the form ``node``, in the order of the code."""
    found = Fields()
    for origin in tracer.origins(module, node):
        if isinstance(origin, Made) and origin.name in facts.form_builders and not origin.path:
            _read(tracer, facts.form_builders[origin.name], origin, found)
        else:
            found.trouble.append((node, "its body can also be something else than the form"))
    return found


def _read(tracer: Tracer, adder: str, made: Made, found: Fields) -> None:
    for argument in (*made.node.args, *(k.value for k in made.node.keywords if k.arg == "fields")):
        if isinstance(argument, ast.Dict):
            found.added.append(Field(made.module, "", argument, made.node))
        else:
            found.trouble.append((argument, "the fields of the form are made elsewhere"))
    trail = Walker(tracer, _no_reads, frozenset()).follow([State(made.module, made.node, "form")])
    for state in sorted(trail.states, key=lambda s: (s.module.path, s.node.lineno, s.node.col_offset)):
        parent = state.module.parent(state.node)
        call = state.module.parent(parent) if isinstance(parent, ast.Attribute) else None
        if state.path or not (isinstance(call, ast.Call) and call.func is parent):
            continue
        assert isinstance(parent, ast.Attribute)
        if parent.attr != adder:
            found.trouble.append((call, f".{parent.attr}() is called on the form"))
        else:
            _added(state.module, call, made, found)
    takers = {event.parent for event in trail.events if event.what == "argument" and not event.state.path}
    if len(takers) > 1 or any(_leaves(event) for event in trail.events):
        found.trouble.append((made.node, "the form is used in several places"))


def _added(module: Module, call: ast.Call, made: Made, found: Fields) -> None:
    name, value = _argument(call, 0, "name"), _argument(call, 1, "value")
    if name is None or value is None:
        found.trouble.append((call, "the fields of the form are computed"))
    elif isinstance(name, ast.Constant) and isinstance(name.value, str):
        found.added.append(Field(module, name.value, value, call))
        if name.value == "model" and not _stands_beside(module, call, made):
            found.trouble.append((call, "its model is added to the form in some cases only"))
    elif (mapping := _looped(module, name, value)) is not None:
        found.added.append(Field(module, "", mapping, call))
    else:
        found.trouble.append((call, "the fields of the form are computed"))


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    if position < len(call.args):
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _looped(module: Module, name: ast.expr, value: ast.expr) -> ast.expr | None:
    """``for name, value in mapping.items(): form.add_field(name, str(value))``: the mapping."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "str":
        value = value.args[0] if len(value.args) == 1 else value
    loop = module.parent(module.statement(name))
    match loop:
        case ast.For(
            target=ast.Tuple(elts=[ast.Name(id=key), ast.Name(id=item)]),
            iter=ast.Call(func=ast.Attribute(value=mapping, attr="items"), args=[], keywords=[]),
        ) if (
            isinstance(name, ast.Name) and isinstance(value, ast.Name) and (key, item) == (name.id, value.id)
        ):
            return mapping
    return None


def _stands_beside(module: Module, call: ast.Call, made: Made) -> bool:
    """Whether a field is added in the block in which the form is made: then it always is."""
    return made.module is module and (
        module.parent(module.statement(call)) is module.parent(module.statement(made.node))
    )


def _leaves(event: Event) -> bool:
    return not event.state.path and event.what in {"store", "lost"}


def _no_reads(state: State, step: Step, node: ast.expr) -> State | None:
    """Nothing is read from a form."""
    del state, step, node
    return None
