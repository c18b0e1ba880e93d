"""Suites in YAML, and the building of prompts that the CSV form shares."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator.catalog import tree
from migrator.catalog.reader import Table
from migrator.catalog.tree import Tree
from migrator.compare.quotes import quoted
from migrator.compare.suite import MAX_PROMPTS, MAX_SAMPLES, Edit, Entry, Preserve, Prompt, Suite, Value

if TYPE_CHECKING:
    from migrator.catalog import Catalog

SUITE_KEYS = ("version", "title", "defaults", "prompts", "sources", "gate")
SHARED_KEYS = ("parameters", "preserve", "samples", "tags")
"""What both ``defaults`` and a prompt may hold beside parameters."""
PROMPT_KEYS = ("edit", "expect_text", "id", "origin", "prompt", *SHARED_KEYS)
EDIT_KEYS = ("images", "mask")
SOURCE_KEYS = (
    "api_version",
    "base_url",
    "headers",
    "key_env",
    "kind",
    "model",
    "parameters",
    "path",
    "price_usd",
    "spec",
)
PRESERVE: tuple[Preserve, ...] = ("strict", "loose")
OURS = frozenset({"image", "mask", "model", "n", "partial_images", "prompt", "response_format", "stream"})
"""Parameters of the API that the runner sets itself."""
_ID = re.compile(r"\w[\w.@:+-]{0,99}")


def read(text: str, path: str, digest: str, catalog: Catalog) -> Suite:
    """The suite in ``text``. Raises CatalogError, with file and line, for what is not valid."""
    root = Table(tree.parse(text, path, kind="suite"))
    root.close(*SUITE_KEYS)
    version = root.entries["version"].value if "version" in root.entries else None
    if version != 1 or version is True:
        raise root.fail("version", "version must be 1: a suite starts with the line `version: 1`")
    reader = Reader(path, catalog)
    defaults = root.table("defaults")
    defaults.what = "defaults"
    reader.take_defaults(defaults)
    items = root.items("prompts")
    if not items:
        raise root.fail("prompts", "prompts is missing or empty")
    for item in items:
        reader.add(Table(item, "a prompt"))
    return Suite(
        path=path,
        sha256=digest,
        title=root.optional("title") or Path(path).stem,
        prompts=tuple(reader.prompts.values()),
        sources=_sources(root),
        gate=_gate(root.table("gate")),
    )


class Reader:
    """Collects prompts; ``defaults`` lie under each of them."""

    def __init__(self, path: str, catalog: Catalog) -> None:
        self.folder = Path(path).absolute().parent
        self.known = catalog.parameter_names() - OURS
        self.prompts: dict[str, Prompt] = {}
        self.parameters: dict[str, Value] = {}
        self.shared = Table(Tree({}, path))

    def take_defaults(self, table: Table) -> None:
        """What holds where a prompt does not say otherwise."""
        table.close(*SHARED_KEYS, *sorted(self.known))
        self.shared = table
        self.parameters = self._parameters(table)

    def add(self, table: Table) -> None:
        """Adds one prompt. Raises CatalogError for what is not valid."""
        if "id" not in table.entries:
            raise table.fail("id", "id is missing: every prompt needs one")
        name = table.text("id")
        table.what = f"prompt {name!r}"
        table.close(*PROMPT_KEYS, *sorted(self.known))
        if not _ID.fullmatch(name):
            raise table.fail("id", "an id is letters, digits and . _ - @ : +, at most 100 of them")
        if name in self.prompts:
            raise table.fail("id", f"this id is used twice (first at {self.prompts[name].where})")
        if len(self.prompts) >= MAX_PROMPTS:
            raise table.fail("id", f"more than {MAX_PROMPTS:,} prompts; split the suite")
        text = table.entries["prompt"].value if "prompt" in table.entries else None
        if not isinstance(text, str) or not text.strip():
            raise table.fail(
                "prompt", "prompt must be text; put it in quotes" if text else "prompt is missing"
            )
        expected = table.texts("expect_text")
        found = () if expected or "expect_text" in table.entries else quoted(text)
        holder = table if "preserve" in table.entries else self.shared
        preserve: Preserve | None = None
        if "preserve" in holder.entries:
            preserve = holder.choice("preserve", PRESERVE)
        own = table.texts("tags")
        self.prompts[name] = Prompt(
            id=name,
            text=text,
            where=table.tree.where,
            parameters={**self.parameters, **self._parameters(table)},
            tags=tuple(dict.fromkeys((*self.shared.texts("tags"), *own))),
            samples=self._samples(table),
            expect_text=expected or found,
            expect_is="given" if expected else "quoted" if found else "none",
            edit=self._edit(table),
            preserve=preserve,
            origin=_origin(table),
        )

    def _samples(self, table: Table) -> int:
        holder = table if "samples" in table.entries else self.shared
        count = holder.integer("samples")
        if count is not None and not 1 <= count <= MAX_SAMPLES:
            raise holder.fail("samples", f"samples must be between 1 and {MAX_SAMPLES}")
        return count or 1

    def _parameters(self, table: Table) -> dict[str, Value]:
        inner = table.table("parameters").close(*sorted(self.known))
        found: dict[str, Value] = {}
        for holder in (inner, table):
            for key, item in holder.entries.items():
                if key not in self.known:
                    continue
                if key in found:
                    raise item.fail(f"{table.what}: {key} is given twice, here and under parameters")
                if not isinstance(item.value, str | int | float | bool):
                    raise item.fail(f"{table.what}: {key} must be text, a number, true or false")
                found[key] = item.value
        return found

    def _edit(self, table: Table) -> Edit | None:
        if "edit" not in table.entries:
            return None
        edit = table.table("edit").close(*EDIT_KEYS)
        single = edit.entries.get("images")
        if single is not None and isinstance(single.value, str):
            names = [(single.value, single)]
        else:
            names = [(str(one.value), one) for one in edit.items("images")]
        if not names:
            raise edit.fail("images", "images is missing: an edit needs at least one picture")
        mask = edit.optional("mask")
        images = tuple(self._file(name, item, edit.what) for name, item in names)
        return Edit(images, self._file(mask, edit.entries["mask"], edit.what) if mask else None)

    def _file(self, name: str, item: Tree, what: str) -> Path:
        """An existing file inside the folder of the suite, links followed."""
        try:
            path = (self.folder / name).resolve()
            inside, there = path.is_relative_to(self.folder.resolve()), path.is_file()
        except (OSError, ValueError):
            inside, there = True, False
        if not inside:
            raise item.fail(f"{what}: {name!r} leads out of the folder of the suite, which is not allowed")
        if not there:
            raise item.fail(f"{what}: there is no file {name!r} beside the suite")
        return path


def _origin(table: Table) -> tuple[str, int] | None:
    if "origin" not in table.entries:
        return None
    origin = table.table("origin").close("path", "line")
    return origin.text("path"), origin.integer_of("line")


def _sources(root: Table) -> dict[str, Entry]:
    found = {}
    for name, item in root.table("sources").entries.items():
        if not re.fullmatch(r"\w[\w-]{0,39}", name):
            raise item.fail(f"a source's name is letters, digits, _ and -, not {name!r}")
        if isinstance(item.value, str):
            found[name] = Entry({"spec": item.value}, item.where)
            continue
        table = Table(item, f"source {name!r}").close(*SOURCE_KEYS)
        found[name] = Entry({key: plain(one) for key, one in table.entries.items()}, item.where)
    return found


def _gate(table: Table) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {}
    for key, item in table.entries.items():
        if not isinstance(item.value, str | int | float | bool | None):
            raise item.fail(f"gate: {key} must be a number, text, true, false or null")
        found[key] = item.value
    return found


def plain(item: Tree) -> Any:
    """The value of ``item`` without its places."""
    if isinstance(item.value, dict):
        return {key: plain(one) for key, one in item.value.items()}
    if isinstance(item.value, list):
        return [plain(one) for one in item.value]
    return item.value
