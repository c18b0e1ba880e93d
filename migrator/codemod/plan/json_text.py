"""Bodies of requests that are written as the text of JSON: ``data='{"model": "…", "prompt": "a fox"}'``."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.codemod.plan.part import Part
from migrator.codemod.rewrite import Replace, string_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Plan
    from migrator.codemod.sites.site import Site

_MODEL = "model"
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class _Entry:
    """``"name": value`` with its offsets: of the entry, and of the value in it."""

    name: str
    value: Any
    start: int
    at: int
    end: int


def text_parts(context: Context, site: Site, plan: Plan) -> Iterator[Part]:
    """The parts that make the JSON texts of a site acceptable; notes in ``plan`` what the request was and will be."""
    for payload in site.payloads:
        if payload.form == "text" and isinstance(payload.node, ast.Constant):
            yield from _Body(context, site, plan, payload.module, payload.node).parts()


class _Body:
    def __init__(self, context: Context, site: Site, plan: Plan, module: Module, node: ast.Constant) -> None:
        self.context, self.site, self.plan, self.module, self.node = context, site, plan, module, node
        self.text = str(node.value)
        self.entries = list(_entries(self.text))

    def parts(self) -> Iterator[Part]:
        catalog, today = self.context.catalog, self.context.today
        old = next((entry.value for entry in self.entries if entry.name == _MODEL), None)
        known = catalog.model(old) if isinstance(old, str) else None
        target = known if known is not None and not known.is_leaving(today) else self.context.target
        if old is not None and known is None:
            yield self._manual(
                "IMG025", f"The model {old} is not an image model of OpenAI that the rules know."
            )
            return
        dropped = catalog.dropped(self.site.endpoint, target)
        keeps: list[str] = []
        changes: list[tuple[str, str]] = []
        for entry in self.entries:
            self.plan.before[entry.name] = entry.value
            found = catalog.translate(
                self.site.endpoint, entry.name, entry.value, target, today, source_model=old
            )  # fmt: skip
            written = self.text[entry.start : entry.end]
            if entry.name in dropped:
                what = f"{entry.name} is not accepted by GPT Image models, so it is removed."
                changes.append((found.rule or "IMG008", what))
                continue
            if not catalog.takes(self.site.endpoint, entry.name, target) or (
                found.kind != "keep" and (found.kind != "replace" or found.value is None)
            ):
                yield self._manual(found.rule or "IMG008", f"{target.id} does not take this {entry.name}.")
                return
            if found.kind == "replace":
                written = f"{self.text[entry.start : entry.at]}{json.dumps(found.value)}"
                changes.append(
                    (found.rule or "IMG001", f"{entry.name} {entry.value!r} becomes {found.value!r}.")
                )
            keeps.append(written)
            self.plan.after[entry.name] = found.value if found.kind == "replace" else entry.value
        if old is None and self.site.receiver.provider != "azure":
            keeps.insert(0, f'"{_MODEL}": {json.dumps(target.id)}')
            self.plan.after[_MODEL] = target.id
            changes.append(
                ("IMG002", "The request names no model. The old default is shut down, so it is spelled out.")
            )
        yield from self._written(keeps, changes)

    def _written(self, keeps: list[str], changes: list[tuple[str, str]]) -> Iterator[Part]:
        if not changes:
            return
        first, last = self.entries[0], self.entries[-1]
        between = self.text[first.end : self.entries[1].start] if len(self.entries) > 1 else ", "
        new = f"{self.text[: first.start]}{between.join(keeps)}{self.text[last.end :]}"
        source = self.module.source(self.node)
        edited = source.replace(self.text, new) if source.count(self.text) == 1 else ""
        if not edited or ast.literal_eval(edited) != new:
            edited = string_literal(new, source)
        edit = (self.module.path, Replace(self.module.span(self.node), edited))
        for number, (rule, message) in enumerate(changes):
            yield Part(rule, "safe", self.module, self.node, message, edits=(edit,) if not number else ())

    def _manual(self, rule: str, message: str) -> Part:
        return Part(
            rule, "manual", self.module, self.node, message,
            "Change the text of the body by hand, then run the tool again.",
        )  # fmt: skip


def _entries(text: str) -> Iterator[_Entry]:
    """The entries of a JSON object; the text is known to be one."""
    decoder = json.JSONDecoder()
    at = text.index("{") + 1
    while True:
        at = _skip(text, at)
        if text[at] == "}":
            return
        start = at
        name, at = decoder.raw_decode(text, start)
        value_at = _skip(text, _skip(text, at) + 1)
        value, at = decoder.raw_decode(text, value_at)
        yield _Entry(name, value, start, value_at, at)
        at = _skip(text, at)
        if text[at] == "}":
            return
        at += 1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match is not None else at
