"""Costs that are worked out from the old models, qualities or sizes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.catalog.model import edges_of
from migrator.codemod.plan.advice.scene import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Scene
    from migrator.codemod.plan.part import Advice

_WORDS = frozenset(
    {
        "price", "prices", "priced", "pricing", "cost", "costs", "usd", "dollar", "dollars", "fee", "fees",
        "charge", "charges", "credit", "credits", "rate", "rates", "cent", "cents", "budget",
    }
)  # fmt: skip
"""Parts of names that say that a number is money."""
_PICTURES = ("image", "img", "picture", "dall")
"""Parts of names that say that it is the money for a picture."""
_BRANCHES = (ast.If, ast.IfExp, ast.match_case)


def advise(scene: Scene) -> Iterator[Advice]:
    """Tables and branches with the prices of DALL-E, near a site."""
    reader = _Prices(scene)
    rule = scene.rule("price-table")
    for module in scene.modules():
        places = list(reader.places(module))
        move = scene.near(module) if places else None
        if move is None:
            continue
        for node, what in places:
            yield scene.advice(move, rule, "manual", module, node, what, reader.suggestion())


class _Prices:
    """Knows the old names, values and prices."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        catalog, context = scene.catalog, scene.context
        self.target = context.target
        leaving = [model for model in catalog.models.values() if model.is_leaving(context.today)]
        self.names = sorted(catalog.leaving(context.today), key=len, reverse=True)
        self.old = {p for model in leaving if model.price for p in model.price.per_image.values() if p}
        self.sizes = {
            size for model in leaving if not model.is_target for size in model.sizes.listed if edges_of(size)
        }
        parameters = self.target.endpoints.get("generations", {})
        self.new_qualities = set(parameters["quality"].values) if "quality" in parameters else set()
        self.qualities = catalog.guard("generations", "quality", self.target, context.today)

    def places(self, module: Module) -> Iterator[tuple[ast.AST, str]]:
        """Where a module works out costs: the node and what it does."""
        tables: list[ast.Dict] = []
        branches: list[ast.AST] = []
        for constant in module.strings:
            if not self._is_old(constant.value):
                continue
            table = _table_of(module, constant)
            if table is not None:
                outer = self._outermost(module, table)
                if outer not in tables and self._is_price_table(module, outer):
                    tables.append(outer)
                continue
            branch = self._branch_of(module, constant)
            if branch is not None and branch not in branches:
                branches.append(branch)
        for table in tables:
            if not any(_is_inside(module, table, other) for other in tables if other is not table):
                yield table, self._said(table)
        functions: set[ast.AST | None] = set()
        for branch in [*branches, *self._figures(module)]:
            function = module.function(branch)
            if function is None or function not in functions:
                functions.add(function)
                yield branch, "The cost is worked out from the prices of the old models here."

    def suggestion(self) -> str:
        """The new prices, as far as the rules know them."""
        known = [
            f"{new} about ${price:.3f} (was {old})"
            for old, new in self.qualities.items()
            if (price := self.scene.catalog.estimate(self.target, new, self.target.sizes.listed[0]))
            is not None
        ]
        if known:
            size = self.target.sizes.listed[0]
            return f"A {size} picture of {self.target.id} costs: {', '.join(known)}."
        rate = self.target.price.per_million.get("image_out") if self.target.price else None
        billed = f" (${rate:g} per million tokens of output)" if rate else ""
        return (
            f"{self.target.id} is billed by token{billed}: take the cost from response.usage, "
            "or enter figures of your own per quality and size."
        )

    # what is old

    def _is_old(self, value: object) -> bool:
        return isinstance(value, str) and (
            self._model_in(value) is not None or value in self.qualities or value in self.sizes
        )

    def _model_in(self, value: object) -> str | None:
        """The old model that a key names, alone or with more behind a separator."""
        if not isinstance(value, str):
            return None
        for name in self.names:
            if value == name or (value.startswith(name) and value[len(name)] in ":/_ |,"):
                return name
            if value.endswith(f"/{name}"):
                return name
        return None

    # single figures

    def _figures(self, module: Module) -> Iterator[ast.AST]:
        """Old prices that are written beside a call, or named as the price of a picture in its module."""
        for move in self.scene.old_moves:
            if move.module is not module:
                continue
            for statement in module.tree.body:
                if isinstance(statement, (ast.Assign, ast.AnnAssign)) and self._is_figure(statement.value):
                    names = list(_names_around(module, statement))
                    if _is_money(names) and any(hint in name.lower() for name in names for hint in _PICTURES):
                        yield statement
            for call in move.site.calls:
                function = module.function(call.call) if call.module is module else None
                for node in ast.walk(function) if function is not None else ():
                    if isinstance(node, ast.Constant) and self._is_figure(node):
                        own = list(_names_around(module, node, whole=False))
                        if _is_money(own):
                            yield node

    def _is_figure(self, node: ast.AST | None) -> bool:
        return isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value in self.old

    # tables

    def _outermost(self, module: Module, table: ast.Dict) -> ast.Dict:
        """The largest table around a table whose own keys are old words."""
        outer = module.parent(table)
        while isinstance(outer, ast.Dict) and any(self._is_old(word) for word in _words(outer)):
            table, outer = outer, module.parent(outer)
        return table

    def _is_price_table(self, module: Module, table: ast.Dict) -> bool:
        words = set(_words(table))
        if self.target.id in words or any(name in words for name in self.target.aliases):
            return False
        if words & (self.new_qualities - set(self.qualities)) and not any(self._model_in(w) for w in words):
            return False
        leaves = list(_leaves(table))
        values = [value for _, value in leaves if value is not None]
        if not values or len(values) < len(leaves) / 2:
            return False
        if any(value in self.old for value in values):
            return True
        hints = [*_names_around(module, table), *(word for key, _ in leaves for word in key)]
        by_size = not any(self._model_in(w) or w in self.qualities for w in words)
        return _is_money(hints) and not (by_size and all(isinstance(v, int) for v in values))

    def _said(self, table: ast.Dict) -> str:
        models = sorted({name for word in _words(table) if (name := self._model_in(word))})
        if models:
            return f"This table has prices for {', '.join(models)} and none for {self.target.id}."
        return "These are the prices of the old models' qualities and sizes."

    # branches

    def _branch_of(self, module: Module, constant: ast.Constant) -> ast.AST | None:
        """The branch on an old value that chooses a price."""
        child: ast.AST = constant
        parent = module.parent(child)
        while parent is not None and not isinstance(parent, _BRANCHES):
            if isinstance(parent, ast.stmt):
                return None
            child, parent = parent, module.parent(parent)
        if isinstance(parent, ast.IfExp):
            if child is not parent.test or not isinstance(module.parent(constant), (ast.Compare, ast.Tuple)):
                return None
            return parent if self._chooses(module, parent, [parent.body, parent.orelse]) else None
        if isinstance(parent, ast.If) and child is parent.test:
            if not self._sets_price(module, [*parent.body, *parent.orelse]):
                return None
            while isinstance(outer := module.parent(parent), ast.If) and outer.orelse == [parent]:
                parent = outer
            return parent
        if isinstance(parent, ast.match_case) and child is parent.pattern:
            match = module.parent(parent)
            return match if self._sets_price(module, parent.body) else None
        return None

    def _sets_price(self, module: Module, body: list[ast.stmt]) -> bool:
        for statement in body:
            value = getattr(statement, "value", None)
            if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return)) and isinstance(
                value, ast.expr
            ):
                if self._chooses(module, statement, [value]):
                    return True
        return False

    def _chooses(self, module: Module, node: ast.AST, values: list[ast.expr]) -> bool:
        """Whether one of the values is an old price, or a sum of money by the name that it gets."""
        numbers = [
            child.value
            for value in values
            for child in ast.walk(value)
            if isinstance(child, ast.Constant) and isinstance(child.value, (int, float))
        ]
        if any(value in self.old for value in numbers):
            return True
        inner = [n.id for v in values for n in ast.walk(v) if isinstance(n, ast.Name)]
        if not numbers and not any(_is_money([name]) for name in inner):
            return False
        simple = all(
            number(value) is not None or isinstance(value, (ast.BinOp, ast.Name, ast.Attribute))
            for value in values
        )
        return simple and _is_money([*_names_around(module, node), *inner])


def _table_of(module: Module, constant: ast.Constant) -> ast.Dict | None:
    """The table that a literal is a key of, or a part of a key."""
    node: ast.AST = constant
    parent = module.parent(node)
    if isinstance(parent, ast.Tuple):
        node, parent = parent, module.parent(parent)
    return parent if isinstance(parent, ast.Dict) and node in parent.keys else None


def _words(table: ast.Dict) -> Iterator[str]:
    """The texts in the keys of a table and of the tables inside it."""
    for child in ast.walk(table):
        if isinstance(child, ast.Dict):
            for key in child.keys:
                parts = key.elts if isinstance(key, ast.Tuple) else [key]
                for part in parts:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


def _leaves(table: ast.Dict, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float | None]]:
    """The values of a table with the keys that lead to them; ``None`` for what is no number."""
    for key, value in zip(table.keys, table.values, strict=True):
        path = (*above, key.value) if isinstance(key, ast.Constant) and isinstance(key.value, str) else above
        if isinstance(value, ast.Dict):
            yield from _leaves(value, path)
        else:
            yield path, number(value)


def _names_around(module: Module, node: ast.AST, *, whole: bool = True) -> Iterator[str]:
    """The names that a value is given, and, as a ``whole``, the function that it stands in."""
    parent: ast.AST | None = node
    while parent is not None:
        match parent:
            case ast.Assign(targets=targets):
                yield from (name for target in targets for name in _target_names(target))
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                yield from _target_names(target)
            case ast.keyword(arg=str() as name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if whole:
                yield name
            case ast.Dict(keys=keys, values=values) if node in values:
                key = keys[values.index(node)]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return
        node, parent = parent, module.parent(parent)


def _target_names(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(attr=name):
            yield name
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            yield name


def _is_money(names: list[str]) -> bool:
    return any(part in _WORDS for name in names for part in _parts(name))


def _parts(name: str) -> list[str]:
    """``costPerImage`` and ``COST_PER_IMAGE`` as their words in small letters."""
    spaced = "".join(f" {c}" if c.isupper() and not name.isupper() else c for c in name)
    return spaced.lower().replace("_", " ").replace("-", " ").split()


def _is_inside(module: Module, node: ast.AST, outer: ast.AST) -> bool:
    parent = module.parent(node)
    while parent is not None:
        if parent is outer:
            return True
        parent = module.parent(parent)
    return False
