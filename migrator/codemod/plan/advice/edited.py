"""What the plans change already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.rewrite import Around, DropStatement, Replace, ReplaceStatement

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import Plan
    from migrator.types import Span


class Edited:
    """The places that the edits of some plans replace or remove."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._spans: dict[str, list[Span]] = {}
        for plan in plans:
            if plan.fix == "manual":
                continue
            for path, edit in plan.edits:
                if isinstance(edit, (Replace, DropStatement, ReplaceStatement)):
                    self._spans.setdefault(path, []).append(edit.span)
                elif isinstance(edit, Around):
                    spans = self._spans.setdefault(path, [])
                    hole, span = edit.hole, edit.span
                    spans.extend(
                        type(span)(a, b) for a, b in ((span.start, hole.start), (hole.end, span.end)) if a < b
                    )

    def touches(self, module: Module, node: ast.AST) -> bool:
        """Whether a change lies in a node, or the node in a change."""
        own = module.span(node)
        return any(span in own or own in span for span in self._spans.get(module.path, ()))
