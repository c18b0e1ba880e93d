"""Runs the codemod over the Python blocks of one page, and puts the result back between its lines."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.hosts.composition import Composition, Piece
from migrator.hosts.markdown.programs import programs, tree_of
from migrator.hosts.one_file import OneFile
from migrator.hosts.settle import Replacement
from migrator.types import Finding, SiteSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.hosts.base import HostContext
    from migrator.hosts.markdown.blocks import Block
    from migrator.types import Report, SourceFile

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What became of the code of a page: with ``--docs`` edits, without it findings only."""

    edits: tuple[Replacement, ...] = ()
    findings: tuple[Finding, ...] = ()
    sites: tuple[SiteSummary, ...] = ()


def migrate_blocks(page: Page, blocks: Sequence[Block], context: HostContext) -> CodeResult:
    """Migrates the Python blocks of a page, each program for itself."""
    edits: list[Replacement] = []
    findings = [_unread(page.file, block, context) for block in blocks]
    sites: list[SiteSummary] = []
    needles = context.catalog.needles()
    for program in programs([block for block in blocks if block.is_python and not block.is_doctest]):
        whole = "\n".join(block.code for block in program.blocks).encode("utf-8", "surrogatepass")
        if any(needle in whole for needle in needles):
            one = _migrated(page, program.blocks, context)
            edits.extend(one.edits)
            findings.extend(one.findings)
            sites.extend(one.sites)
    return CodeResult(tuple(edits), tuple(one for one in findings if one), tuple(sites))


class Page:
    """The lines of a page, with their offsets."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.spans: list[tuple[int, int]] = []
        at = 0
        while at <= len(file.text):
            match = _LINE.match(file.text, at)
            assert match is not None
            self.spans.append(match.span())
            if match.end() == len(file.text):
                break
            at = match.end()
        self.newline = "\r\n" if "\r\n" in file.text else "\n"

    def span(self, block: Block) -> tuple[int, int]:
        """The offsets of the lines of a block."""
        return self.start(block.line), self.start(block.line + len(block.lines))

    def start(self, line: int) -> int:
        """The offset of a 1-based line; the end of the text for the line behind the last."""
        return self.spans[line - 1][0] if line <= len(self.spans) else len(self.file.text)


def _migrated(page: Page, blocks: Sequence[Block], context: HostContext) -> CodeResult:
    from migrator.codemod import migrate  # noqa: PLC0415 - heavy, and most pages hold no such code

    composition = Composition(tuple(Piece(block.code, block.line) for block in blocks))
    source = replace(page.file, text=composition.text)
    report = migrate(OneFile(source, composition), context.catalog, context.options)
    edits: list[Replacement] = []
    for result in report.files:
        if result.after is not None and context.options.docs:
            for block, new in zip(blocks, composition.split(result.after), strict=True):
                edits.extend(_replacements(page, block, new.split("\n")))
    ids = {site.site: f"{site.path}:{_line(composition, blocks, site.line)}" for site in report.sites}
    if context.options.docs:
        findings = tuple(_moved(one, composition, blocks, ids) for one in report.findings)
    else:
        findings = tuple(_offered(one, composition, blocks, report) for one in report.sites if _is_open(one))
    sites = tuple(
        replace(one, site=ids[one.site], line=_line(composition, blocks, one.line)) for one in report.sites
    )
    return CodeResult(tuple(edits), findings, sites if context.options.docs else ())


def _is_open(site: SiteSummary) -> bool:
    return site.outcome != "done"


def _replacements(page: Page, block: Block, new: list[str]) -> list[Replacement]:
    """The changed lines of one block. New lines begin as the block's first line does."""
    base = next((p for p, line in zip(block.prefixes, block.lines, strict=True) if line.strip()), "")
    found: list[Replacement] = []
    matcher = difflib.SequenceMatcher(None, block.lines, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            lines = [(base + line if line.strip() else base.rstrip()) + page.newline for line in new[j1:j2]]
            found.append(
                Replacement(page.start(block.line + i1), page.start(block.line + i2), "".join(lines))
            )
    return found


def _place(composition: Composition, blocks: Sequence[Block], line: int) -> tuple[int, str]:
    """The line of the page for a line of the program, and what stands before the code there."""
    index, row = composition.find(line)
    block = blocks[index]
    return block.line + row, block.prefixes[row] if row < len(block.prefixes) else ""


def _line(composition: Composition, blocks: Sequence[Block], line: int) -> int:
    return _place(composition, blocks, line)[0]


def _moved(
    finding: Finding, composition: Composition, blocks: Sequence[Block], ids: dict[str, str]
) -> Finding:
    line, prefix = _place(composition, blocks, finding.line)
    return replace(
        finding,
        line=line,
        column=finding.column + len(prefix),
        end_line=max(line, _line(composition, blocks, finding.end_line)),
        site=ids.get(finding.site, finding.site),
    )


def _offered(site: SiteSummary, composition: Composition, blocks: Sequence[Block], report: Report) -> Finding:
    """What is said of a call in a page when texts are not to be changed."""
    line = _line(composition, blocks, site.line)
    first = next((one for one in report.findings if one.site == site.site), None)
    prefix = _place(composition, blocks, site.line)[1]
    column = first.column + len(prefix) if first and first.line == site.line else 1
    models = ", ".join(site.models) or "a retired model"
    return Finding(
        "IMG047", "manual", site.path, line, column, line,
        f"An example in this text calls {models}; readers who copy it get an error.",
        "`--docs` rewrites the Python examples of texts as well." if site.outcome != "manual"
        else "Rewrite the example by hand: `--docs` says why it cannot be done for you.",
    )  # fmt: skip


def _unread(file: SourceFile, block: Block, context: HostContext) -> Finding | None:
    """A block of Python that names a leaving model and cannot be migrated as a program."""
    if not (block.is_python or block.is_doctest) or (not block.is_doctest and tree_of(block) is not None):
        return None
    names = context.catalog.leaving(context.options.today)
    for row, line in enumerate(block.lines):
        at = min((found for name in names if (found := line.find(name)) >= 0), default=-1)
        if at >= 0:
            number = block.line + row
            what = "is a session of the interpreter" if block.is_doctest else "does not parse as Python"
            return Finding(
                "IMG047", "manual", file.path, number, len(block.prefixes[row]) + at + 1, number,
                f"An example in this text names a retired model; it {what}, so it was left alone.",
                "Rewrite the example by hand.",
            )  # fmt: skip
    return None
