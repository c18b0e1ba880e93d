"""Whether a call keeps what it gets in a database: the project's own record classes, and how much their columns hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, External, Made
from migrator.codemod.plan.answer.model import End

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.model import Consumer
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context

_MANAGER = "objects"
"""The attribute of record classes whose methods make and change records."""
_LENGTHS = frozenset({"max_length", "length"})


def kept_in(context: Context, module: Module, call: ast.Call, node: ast.expr) -> End | None:
    """What it means that ``call`` gets a url as ``node``, where it makes or changes a record of the project."""
    keyword = next((one.arg for one in call.keywords if one.value is node and one.arg), None)
    if keyword is None:
        return None
    tracer = context.tracer
    for consumer in context.catalog.consumers:
        for cls in _made(tracer, module, call.func) if consumer.records else ():
            if not _is_record(tracer, cls, consumer):
                continue
            column = f"{cls.node.name}.{keyword}"
            limit = _limit(tracer, cls, keyword)
            if context.url_as == "file":
                return End(
                    "text", "review", "IMG017", module, call,
                    f"{column} ({consumer.title}) keeps the path of a saved picture where it kept a url.",
                    "Make sure that what reads the column can read the file.",
                )  # fmt: skip
            if limit is None:
                return End(
                    "text", "review", "IMG017", module, call,
                    f"{column} ({consumer.title}) keeps the url; a data: URI is long, and must fit there.",
                    consumer.suggestion,
                )  # fmt: skip
            return End(
                "text", "manual", "IMG017", module, call,
                f"{column} ({consumer.title}) holds {limit} characters; the data: URI of a picture has a million.",
                consumer.suggestion,
            )  # fmt: skip
    return None


def _made(tracer: Tracer, module: Module, func: ast.expr) -> Iterator[Class]:
    """The classes that a callable makes, or whose manager's method it is."""
    yield from (one for one in tracer.origins(module, func) if isinstance(one, Class))
    inner: ast.expr = func
    while isinstance(inner, (ast.Attribute, ast.Call)):
        if isinstance(inner, ast.Attribute) and inner.attr == _MANAGER:
            yield from (one for one in tracer.origins(module, inner.value) if isinstance(one, Class))
        inner = inner.func if isinstance(inner, ast.Call) else inner.value


def _is_record(tracer: Tracer, cls: Class, consumer: Consumer) -> bool:
    bases = (
        origin
        for one in tracer.families.family(cls)
        for base in one.node.bases
        for origin in tracer.origins(one.module, base)
    )
    return any(isinstance(base, (External, Made)) and base.name in consumer.records for base in bases)


def _limit(tracer: Tracer, cls: Class, name: str) -> int | None:
    """How many characters a column holds, where its definition says so."""
    for one in tracer.families.family(cls):
        for statement in one.node.body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id=found)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value)
                ) if found == name:
                    return next(_lengths(value), None)
    return None


def _lengths(value: ast.expr) -> Iterator[int]:
    for call in ast.walk(value):
        if isinstance(call, ast.Call):
            given = [one.value for one in call.keywords if one.arg in _LENGTHS] + call.args[:1]
            yield from (
                one.value
                for one in given
                if isinstance(one, ast.Constant) and isinstance(one.value, int) and one.value is not True
            )
