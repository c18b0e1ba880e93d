"""What the image calls read from outside of the code: names of environment variables and configuration keys."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import External, Made, Unknown
from migrator.codemod.plan.slots import SlotReader
from migrator.types import Read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrator.codemod.flow.origins import Origin, Path
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.project import ProjectIndex
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.site import Site

_READERS = frozenset(
    {"get", "getenv", "value", "config", "env", "str", "setting", "getattr", "setdefault", "pop"}
)
_DEPTH = 4


def outside_reads(context: Context, sites: Sequence[tuple[Site, bool]]) -> tuple[Read, ...]:
    """The names that feed the arguments of ``sites``, each with whether the site is migrated by this run.

    A name is the last word by which a value is taken: ``IMAGE_MODEL`` of ``os.environ["IMAGE_MODEL"]``,
    ``model`` of ``config["images"]["model"]``, ``image_model`` of ``settings.image_model``.
    """
    slots = SlotReader(context.tracer)
    found: dict[tuple[str, str, str], bool] = {}
    for site, settled in sites:
        try:
            arguments = slots.read(site)
        except Exception:  # noqa: S112 - knowing less makes hosts more careful, not wrong
            continue
        for parameter, places in arguments.slots.items():
            for slot in places:
                for name in _names(context, slot.module, slot.value):
                    found[name, parameter, site.id] = settled
        if site.dialect == "http":
            for module, node in _addresses(site):
                for name in _names(context, module, node):
                    found[name, "url", site.id] = settled
    return tuple(Read(*key, settled) for key, settled in sorted(found.items()))


def _addresses(site: Site) -> Iterator[tuple[Module, ast.expr]]:
    """Where the requests of a site can have their address from: method and url come first everywhere."""
    for one in (*site.calls, *site.senders):
        yield from ((one.module, argument) for argument in one.call.args[:2])
        yield from ((one.module, keyword.value) for keyword in one.call.keywords if keyword.arg == "url")


def _names(context: Context, module: Module, node: ast.expr) -> set[str]:
    names: set[str] = set()
    seen: set[ast.AST] = set()
    waiting: list[tuple[Module, ast.expr, int]] = [(module, node, 0)]
    while waiting:
        where, value, depth = waiting.pop()
        if value in seen or depth > _DEPTH:
            continue
        seen.add(value)
        for inner in ast.walk(value):
            names.update(_taken(inner))
            if isinstance(inner, ast.Name):
                waiting.extend(
                    (where, binding.value, depth + 1)
                    for binding in where.bindings(inner)
                    if binding.value is not None
                )
            elif isinstance(inner, ast.Attribute):
                waiting.extend(
                    (module, assigned, depth + 1) for module, assigned in _assigned(context.index, inner.attr)
                )
    for origin in context.tracer.origins(module, node):
        names.update(_of_origin(origin))
    return names


def _assigned(index: ProjectIndex, name: str) -> Iterator[tuple[Module, ast.expr]]:
    for module, target in index.stores(name):
        statement = module.statement(target)
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            yield module, statement.value


def _of_origin(origin: Origin) -> Iterable[str]:
    match origin:
        case External(path=path):
            return _keys(path)
        case Made(node=node, path=path) | Unknown(node=ast.Call() as node, path=path):
            return {*_keys(path), *(() if path else _taken(node))}
    return ()


def _keys(path: Path) -> Iterable[str]:
    keys = [value for kind, value in path if kind in {"key", "attr"} and isinstance(value, str)]
    return keys[-1:]


def _taken(node: ast.AST) -> Iterable[str]:
    """The name by which one expression takes something from a mapping or an object."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return (name,)
        case ast.Attribute(attr=name, ctx=ast.Load()):
            return (name,)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=args) if name in _READERS:
            texts = [a.value for a in args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            # config.get("images", "model") names section and key, getenv("NAME", "default") a default
            return texts[:2] if name == "get" else texts[:1] if name != "getattr" else texts[-1:]
    return ()


def compared_texts(index: ProjectIndex) -> frozenset[str]:
    """Every text that code may hold a value against, so that another value would not do for it.

    Comparisons and ``match``, ``Literal`` types, members of enumerations, lists of choices, keys of tables.
    """
    return frozenset(
        text.value
        for module in index.modules.values()
        for text in module.strings
        if isinstance(text.value, str) and _is_demanded(module, text)
    )


def _is_demanded(module: Module, text: ast.Constant) -> bool:
    """Whether a text is one of the alternatives that code chooses from."""
    match module.parent(text):
        case ast.List() | ast.Tuple() | ast.Set():
            return True
        case ast.Dict(keys=keys) if text in keys:
            return True
        case ast.Assign(value=value) as statement if value is text:
            owner = module.parent(statement)
            return isinstance(owner, ast.ClassDef) and bool(owner.bases) and statement in owner.body
    child: ast.AST = text
    while not isinstance(child, ast.stmt):
        parent = module.parent(child)
        match parent:
            case None:
                return False
            case ast.Compare() | ast.MatchValue():
                return True
            case ast.Subscript(
                value=ast.Name(id="Literal") | ast.Attribute(attr="Literal"), slice=members
            ) if members is child:
                return True
        child = parent
    return False
