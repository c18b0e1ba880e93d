"""What people asked not to hear of: ``--select``, ``--ignore`` and ``# migrator: ignore[...]`` comments."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrator.codemod.rewrite import Around, DropStatement, Replace

if TYPE_CHECKING:
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.project import ProjectIndex
    from migrator.codemod.options import Options
    from migrator.codemod.plan.part import Part, Plan

_COMMENT = re.compile(r"#\s*migrator:\s*ignore(?:\[([^\]]*)\])?", re.IGNORECASE)
_ALL = frozenset({"*"})


class Suppressions:
    """Answers what may be changed and what may be said."""

    def __init__(self, index: ProjectIndex, options: Options) -> None:
        self.index = index
        self.options = options
        self._lines: dict[str, dict[int, frozenset[str]]] = {}

    def shows(self, part: Part) -> bool:
        """Whether a finding is reported."""
        if not self.is_chosen(part.rule):
            return False
        return not self._ignored(part.module, part.node, part.rule)

    def allows(self, plan: Plan) -> bool:
        """Whether a site may be changed: all of its edits must be wanted, for it is migrated whole."""
        if self.is_silenced(plan):
            return False
        return all(self.shows(part) and not self._is_kept(part) for part in plan.parts if part.edits)

    def _is_kept(self, part: Part) -> bool:
        """Whether a comment keeps a line that an edit would change, wherever the finding itself stands."""
        for path, edit in part.edits:
            module = self.index.modules[path]
            lines = self._comments(module)
            if not lines or not isinstance(edit, (Around, DropStatement, Replace)):
                continue
            first, last = (module.offsets.position(at)[0] for at in (edit.span.start, edit.span.end))
            for line in range(first, last + 1):
                names = lines.get(line, frozenset())
                if "*" in names or any(part.rule.startswith(name) for name in names):
                    return True
        return False

    def is_silenced(self, plan: Plan) -> bool:
        """Whether a bare ``# migrator: ignore`` stands at the call."""
        return self.keeps(plan.site.module, plan.site.node)

    def keeps(self, module: Module, node: ast.AST) -> bool:
        """Whether a bare ``# migrator: ignore`` stands at a node, which no finding may be about."""
        return self._rules_at(module, node) == _ALL

    def is_chosen(self, rule: str) -> bool:
        """Whether ``--select`` and ``--ignore`` leave a rule."""
        if any(rule.startswith(name) for name in self.options.ignore):
            return False
        return not self.options.select or any(rule.startswith(name) for name in self.options.select)

    def _ignored(self, module: Module, node: ast.AST, rule: str) -> bool:
        rules = self._rules_at(module, node)
        return rules == _ALL or any(rule.startswith(name) for name in rules)

    def _rules_at(self, module: Module, node: ast.AST) -> frozenset[str]:
        lines = self._comments(module)
        if not lines:
            return frozenset()
        first = getattr(node, "lineno", 0)
        last = getattr(node, "end_lineno", first) or first
        found: set[str] = set()
        for line in {first, last, self._statement_line(module, node)}:
            found |= lines.get(line, frozenset())
        return _ALL if "*" in found else frozenset(found)

    def _statement_line(self, module: Module, node: ast.AST) -> int:
        if isinstance(node, (ast.expr, ast.stmt)):
            return module.statement(node).lineno
        return 0

    def _comments(self, module: Module) -> dict[int, frozenset[str]]:
        found = self._lines.get(module.path)
        if found is None:
            found = {}
            if "migrator:" in module.file.text.lower():
                for number, line in enumerate(re.split(r"\r\n|\r|\n", module.file.text), 1):
                    match = _COMMENT.search(line)
                    if match:
                        names = {name.strip().upper() for name in (match.group(1) or "*").split(",")}
                        found[number] = frozenset(name for name in names if name)
            self._lines[module.path] = found
        return found
