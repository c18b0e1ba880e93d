"""Values that change where they are written, and the comparisons and lists that follow them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.codemod.flow.shapes import is_enum
from migrator.codemod.plan.context import literal
from migrator.codemod.plan.families import prefix_tests
from migrator.codemod.plan.forms import choices_edit
from migrator.codemod.plan.part import Part
from migrator.codemod.plan.values import Leaf, Sources, ValueReader, compared_constants, literal_members
from migrator.codemod.rewrite import Replace, string_literal

if TYPE_CHECKING:
    from migrator.catalog.model import Translation
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import FileEdit
    from migrator.codemod.plan.slots import Slot

MODEL = "model"


@dataclass(slots=True)
class Need:
    """What one slot needs for one parameter."""

    slot: Slot
    sources: Sources
    changes: list[tuple[Leaf, Translation]] = field(default_factory=list)


class Renamer:
    """Changes literals where that cannot change anything else."""

    def __init__(self, context: Context, values: ValueReader) -> None:
        self.context = context
        self.catalog = context.catalog
        self.values = values

    def literal_part(self, name: str, leaf: Leaf, translation: Translation, rule: str) -> Part:
        """The part that changes one literal."""
        module, node = leaf.module, leaf.node
        if translation.value is None:
            return Part(rule, "manual", module, node, f"The value of {name} has no counterpart.", "")
        unknown = translation.kind == "unknown"
        if isinstance(node.value, str):
            text = string_literal(translation.value, module.source(node))
        else:
            text = literal(translation.value, module)
        edits: list[FileEdit] = [(module.path, Replace(module.span(node), text))]
        choices = choices_edit(module, node, lambda value: self._new_name(name, value))
        if choices is not None:
            edits.append(choices)
        return Part(
            rule,
            "review" if unknown else "safe",
            module,
            node,
            (
                f"{name}={node.value!r} was never valid; {translation.value!r} is the nearest that works."
                if unknown
                else f"{name} {node.value!r} becomes {translation.value!r}."
            ),
            self._suggestion(rule) if unknown else "",
            tuple(edits),
        )

    def _new_name(self, name: str, value: str) -> str | None:
        """What a value of DALL-E is called now, where there is one word for it."""
        found = self._translate(name, value)
        return str(found.value) if found is not None and found.kind == "replace" and found.value else None

    def renames(self, name: str, need: Need, rule: str) -> list[Part] | None:
        """Parts that change the literals where they stand, or ``None`` if that could change something else."""
        parts: list[Part] = []
        if any(t.value is None or t.kind != "replace" for _, t in need.changes):
            return None
        for leaf, translation in need.changes:
            if leaf.value is None:
                continue
            uses = self.values.uses(leaf, name)
            if uses.others or not uses.sites or self._would_merge_members(name, leaf):
                return None
            closed = self._compare_edits(name, uses.compares, uses.annotations, need)
            if closed is None:
                return None
            parts.append(self.literal_part(name, leaf, translation, rule))
            parts.extend(closed)
        return parts

    def family_renames(self, need: Need, rule: str) -> list[Part] | None:
        """Parts that change names of GPT Image where they stand, and comparisons with them into prefix tests."""
        leaves = [leaf for leaf, translation in need.changes if leaf.value is not None and translation.value]
        uses = [self.values.uses(leaf, MODEL) for leaf in leaves]
        if any(one.others or one.annotations or not one.sites for one in uses):
            return None
        if any(self._would_merge_members(MODEL, leaf) for leaf in leaves):
            return None
        compares = list({id(one[1]): one for use in uses for one in use.compares}.values())
        sure = not need.sources.outside and all(isinstance(leaf.value, str) for leaf in need.sources.leaves)
        tests = prefix_tests(self.context, compares, leaves, sure=sure)
        if tests is None:
            return None
        changed = {id(leaf): found for leaf, found in need.changes}
        return [*(self.literal_part(MODEL, leaf, changed[id(leaf)], rule) for leaf in leaves), *tests]

    def _would_merge_members(self, name: str, leaf: Leaf) -> bool:
        """Whether two members of an enumeration would become one: an alias that nobody asked for."""
        owner = leaf.module.parent(leaf.module.statement(leaf.node))
        if not (isinstance(owner, ast.ClassDef) and is_enum(owner)):
            return False
        values: list[Any] = []
        for statement in owner.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
                found = self._translate(name, statement.value.value)
                kept = found is None or found.kind != "replace"
                values.append(statement.value.value if kept or found is None else found.value)
        return len(set(values)) < len(values)

    def _compare_edits(
        self,
        name: str,
        compares: list[tuple[Module, ast.Compare, ast.expr]],
        annotations: list[tuple[Module, ast.expr]],
        need: Need,
    ) -> list[Part] | None:
        """Comparisons and value lists that speak of the old values change with them, if that loses nothing."""
        if not compares and not annotations:
            return []
        words: list[tuple[Module, ast.Constant]] = []
        for module, compare, side in compares:
            constants = compared_constants(compare, side)
            inside = self.values.sources(module, side)
            if constants is None or inside.outside:
                return None
            words.extend((module, constant) for constant in constants)
        for module, annotation in annotations:
            words.extend(literal_members(self.context, module, annotation))
        values = {constant.value for _, constant in words} | {leaf.value for leaf in need.sources.leaves}
        translated: dict[Any, Any] = {}
        for value in values:
            known = next((t for leaf, t in need.changes if leaf.value == value), None)
            found = known or self._translate(name, value)
            if found is None or found.kind not in {"keep", "replace"}:
                return None
            translated[value] = found.value if found.kind == "replace" else value
        if len(set(map(str, translated.values()))) < len(translated):
            return None
        return [
            Part(
                "IMG041",
                "safe",
                module,
                constant,
                f"This list or comparison follows the new values: {constant.value!r} becomes "
                f"{translated[constant.value]!r}.",
                edits=(
                    (
                        module.path,
                        Replace(
                            module.span(constant),
                            string_literal(translated[constant.value], module.source(constant)),
                        ),
                    ),
                ),
            )
            for module, constant in words
            if translated[constant.value] != constant.value
        ]

    def _translate(self, name: str, value: Any) -> Translation | None:
        if not isinstance(value, str):
            return None
        return self.catalog.translate("generations", name, value, self.context.target, self.context.today)

    def _suggestion(self, rule: str) -> str:
        found = self.catalog.rules.get(rule)
        return found.suggestion if found else ""
