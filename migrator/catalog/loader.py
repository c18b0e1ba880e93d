"""Finds and reads the rule files, and checks them as a whole."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.catalog import build, build_hosts, downloads, frameworks, http, legacy
from migrator.catalog.errors import CatalogError
from migrator.catalog.lint import lint
from migrator.catalog.prompting import prompting
from migrator.catalog.queries import Catalog
from migrator.catalog.reader import Table
from migrator.catalog.service import service
from migrator.catalog.tree import Tree, merge, read

if TYPE_CHECKING:
    from collections.abc import Sequence


def load(extra: Sequence[Path] = ()) -> Catalog:
    """The catalog from the packaged rules, with the files ``extra`` laid on top in order.

    In an extra file, mappings merge key by key, null removes a key, lists and plain values replace. Raises
    CatalogError, with file and line, for rules that are not valid or contradict themselves.
    """
    return _load(tuple(extra)) if extra else _packaged()


@lru_cache(maxsize=1)
def _packaged() -> Catalog:
    return _load(())


def rules_folder() -> Path:
    """The folder of the rule files: inside an installed package, or beside it in a source checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_rules", package.parent / "rules"):
        if folder.is_dir():
            return folder
    raise CatalogError("the rule files are missing: this installation is not complete")


def _load(extra: tuple[Path, ...]) -> Catalog:
    root = Tree({}, "rules:1")
    seen: dict[str, str] = {}
    for path in sorted(rules_folder().glob("*.yaml")):
        tree = _checked(path, f"rules/{path.name}", trusted=True)
        _refuse_repeats(tree, seen)
        root = merge(root, tree)
    for path in extra:
        root = merge(root, _checked(path, path.as_posix()))
    return from_tree(root)


def from_tree(root: Tree) -> Catalog:
    """The catalog of one merged tree."""
    bare = Table(root).close(*build.SECTIONS)
    table = Table(root, "", build.facts(bare))
    catalog = Catalog(
        models=build.models(table),
        rules=build.rules(table),
        calls=build.calls(table),
        legacy=legacy.build(table),
        http=http.build(table),
        downloads=downloads.build(table),
        consumers=build.consumers(table),
        errors=build.errors(table),
        advice=build.advisory(table),
        frameworks=frameworks.frameworks(table),
        hosts=build_hosts.hosts(table),
        service=service(table),
        prompting=prompting(table),
        default_target=table.text("default_target"),
        sdk_differences=build.sdk_differences(table),
    )
    lint(catalog, table)
    return catalog


def _checked(path: Path, name: str, *, trusted: bool = False) -> Tree:
    tree = read(path, name, trusted=trusted)
    Table(tree).close(*build.SECTIONS)
    return tree


def _refuse_repeats(tree: Tree, seen: dict[str, str]) -> None:
    if not isinstance(tree.value, dict):
        return
    for section, entries in tree.value.items():
        for key, entry in entries.value.items() if isinstance(entries.value, dict) else ():
            first = seen.setdefault(f"{section} {key}", entry.where)
            if first != entry.where:
                raise entry.fail(f"{key!r} is defined twice (first at {first})")
