"""The hosts of texts that hold code: Markdown with its fences, reStructuredText with its directives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.hosts import prose
from migrator.hosts.base import HostResult
from migrator.hosts.markdown.blocks import directives, fences
from migrator.hosts.markdown.code import Page, migrate_blocks
from migrator.hosts.settle import Silencer, apply, settle
from migrator.hosts.words import Names

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.hosts.base import HostContext
    from migrator.hosts.markdown.blocks import Block
    from migrator.types import SourceFile


class PageHost:
    """Migrates prose and the Python examples of a page with ``--docs``; counts and reports them without it."""

    def __init__(self, blocks: Callable[[str], list[Block]]) -> None:
        self._blocks = blocks

    def run(self, file: SourceFile, context: HostContext) -> HostResult:
        """See :class:`migrator.hosts.base.Host`."""
        blocks = self._blocks(file.text)
        page = Page(file)
        code = migrate_blocks(page, blocks, context)
        silencer = Silencer(file, context.options)
        findings = tuple(one for one in code.findings if not silencer.silences(one))
        mentions = prose.mentions(file.text, Names.of(context.catalog, context.options.today))
        if not context.options.docs:
            return HostResult(findings=findings, sites=code.sites, mentions=mentions)
        spans = [page.span(block) for block in blocks]
        _, said, made = settle(file, prose.changes(file, context, spans), context.options)
        edits = (*(edit for change in made for edit in change.edits), *code.edits)
        return HostResult(
            apply(file.text, edits) if edits else None,
            (*findings, *said),
            sites=code.sites,
            mentions=mentions,
        )


MARKDOWN = PageHost(fences)
TEXT = PageHost(directives)
