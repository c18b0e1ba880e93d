"""Bodies of requests that are written as the text of JSON: ``data='{"model": "…", "prompt": "a fox"}'``."""

from __future__ import annotations

import ast
import json
from itertools import product
from typing import TYPE_CHECKING, Any

from migrator.codemod.plan.part import Part
from migrator.codemod.rewrite import Replace, string_literal
from migrator.codemod.sites.http.templates import HOLE, again, template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.catalog.model import Model
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Plan
    from migrator.codemod.sites.http.templates import Template
    from migrator.codemod.sites.site import Site

_MODEL = "model"
_FREE = ("text", "integer", "boolean", "any")
"""Kinds of parameters of which a value that is not known needs no translation."""


def text_parts(context: Context, site: Site, plan: Plan) -> Iterator[Part]:
    """The parts that make the JSON texts of a site acceptable; notes in ``plan`` what the request was and will be."""
    for payload in site.payloads:
        found = template(payload.module, payload.node) if payload.form == "text" else None
        if found is not None:
            yield from _Body(context, site, plan, found).parts()


class _Body:
    def __init__(self, context: Context, site: Site, plan: Plan, found: Template) -> None:
        self.context, self.site, self.plan, self.found = context, site, plan, found
        self.module, self.node, self.text = found.module, found.node, found.text
        self.entries = found.entries

    def parts(self) -> Iterator[Part]:
        catalog, today = self.context.catalog, self.context.today
        old = next((entry.value for entry in self.entries if entry.name == _MODEL), None)
        if old is not None and _is_open(old):
            yield self._manual("IMG027", "What the text gets for model is not written in it.")
            return
        known = catalog.model(old) if isinstance(old, str) else None
        target = known if known is not None and not known.is_leaving(today) else self.context.target
        if old is not None and known is None:
            yield self._manual(
                "IMG025", f"The model {old} is not an image model of OpenAI that the rules know."
            )
            return
        dropped = catalog.dropped(self.site.endpoint, target)
        keeps: list[str | None] = []
        changes: list[tuple[str, str]] = []
        for entry in self.entries:
            self.plan.before[entry.name] = _told(entry.value)
            found = catalog.translate(
                self.site.endpoint, entry.name, entry.value, target, today, source_model=old
            )  # fmt: skip
            written = self.text[entry.start : entry.end]
            if entry.name in dropped:
                what = f"{entry.name} is not accepted by GPT Image models, so it is removed."
                changes.append((found.rule or "IMG008", what))
                keeps.append(None)
                continue
            if _is_open(entry.value):
                if not self._is_free(entry.name, target):
                    yield self._manual("IMG027", f"What the text gets for {entry.name} is not written in it.")
                    return
                self.plan.after[entry.name] = _told(entry.value)
                keeps.append(written)
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
        added = ""
        if old is None and self.site.receiver.provider != "azure":
            added = f'"{_MODEL}": {json.dumps(target.id)}'
            self.plan.after[_MODEL] = target.id
            changes.append(
                ("IMG002", "The request names no model. The old default is shut down, so it is spelled out.")
            )
        yield from self._written(added, keeps, changes)

    def _is_free(self, name: str, target: Model) -> bool:
        """Whether any value goes on meaning the same."""
        known = target.endpoints.get(self.site.endpoint, {}).get(name)
        return known is not None and known.kind in _FREE

    def _written(self, added: str, keeps: list[str | None], changes: list[tuple[str, str]]) -> Iterator[Part]:
        if not changes:
            return
        first, last = self.entries[0], self.entries[-1]
        between = self.text[first.end : self.entries[1].start] if len(self.entries) > 1 else ", "
        left = [one for one in (added, *keeps) if one]
        new = f"{self.text[: first.start]}{between.join(left)}{self.text[last.end :]}"
        written = self.module.source(self.node)
        line = next((one for one in ("\r\n", "\r") if one in written), "\n")
        source = written.replace(line, "\n")  # as in the text that the literal stands for
        if self.found.kind == "plain":
            edited = source.replace(self.text, new) if source.count(self.text) == 1 else ""
            if not edited or ast.literal_eval(edited) != new:
                edited = string_literal(new, source)
        else:
            edited = self._in_pieces(source, added, between, keeps)
        if not edited:
            yield self._manual(
                changes[0][0], "The text of the body is put together in a way that is not followed."
            )
            return
        edit = (self.module.path, Replace(self.module.span(self.node), edited.replace("\n", line)))
        for number, (rule, message) in enumerate(changes):
            yield Part(rule, "safe", self.module, self.node, message, edits=(edit,) if not number else ())

    def _in_pieces(self, source: str, added: str, between: str, keeps: list[str | None]) -> str:
        """``source`` with each entry changed where it stands; "" where one cannot be found there as a whole."""
        edited = source
        for old, new in self._changes(added, between, keeps):
            for spell in _SPELLINGS:
                if HOLE not in old and edited.count(spell(old)) == 1:
                    edited = edited.replace(spell(old), spell(new))
                    break
            else:
                return ""
        after = again(self.found, edited)
        wanted = [entry.name for entry, kept in zip(self.entries, keeps, strict=True) if kept]
        names = [entry.name for entry in after.entries] if after else []
        if after is None or names != ([_MODEL] if added else []) + wanted:
            return ""
        written = [after.text[entry.start : entry.end] for entry in after.entries]
        return edited if written == [one for one in (added, *keeps) if one] else ""

    def _changes(self, added: str, between: str, keeps: list[str | None]) -> Iterator[tuple[str, str]]:
        """Pieces of the text with what takes their place."""
        entries = self.entries
        for number, (entry, kept) in enumerate(zip(entries, keeps, strict=True)):
            written = self.text[entry.start : entry.end]
            if kept is None:
                later = any(keeps[number + 1 :])
                start = entry.start if later else entries[number - 1].end if number else entry.start
                end = entries[number + 1].start if later else entry.end
                yield self.text[start:end], ""
            elif kept != written:
                yield written, kept
        if added:
            key = self.text[entries[0].start : entries[0].at]
            yield key, f"{added}{between if HOLE not in between else ', '}{key}"

    def _manual(self, rule: str, message: str) -> Part:
        return Part(
            rule, "manual", self.module, self.node, message,
            "Change the text of the body by hand, then run the tool again.",
        )  # fmt: skip


_SPELLINGS: tuple[Callable[[str], str], ...] = tuple(
    lambda text, quote=quote, line=line: text.replace('"', quote).replace("\n", line)  # type: ignore[misc]
    for quote, line in product(('"', '\\"'), ("\n", "\\n"))
)
"""How a literal may write its quotes and line ends."""


def _is_open(value: object) -> bool:
    """Whether the program puts a value in, or a part of it."""
    return HOLE in value if isinstance(value, str) else HOLE in json.dumps(value, ensure_ascii=False)


def _told(value: Any) -> Any:
    """A value as the report shows it."""
    return {"code": str(value).replace(HOLE, "…")} if _is_open(value) else value
