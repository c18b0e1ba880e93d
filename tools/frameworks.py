"""Compares rules/frameworks.yaml with the packages on PyPI: names, keywords and default models of each version.

Downloads the wheels that an entry names in its source, unpacks them beside each other and reads them with ``ast``;
nothing is imported. ``python tools/frameworks.py [PATTERN] [--folder DIR]``; exit code 1 when a claim does not hold.
Packages are fetched with pip, so the machine's own index settings apply.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from migrator.catalog import load  # noqa: E402
from migrator.catalog.versions import parse  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.frameworks import Framework, FrameworkVersion

_PYTHONS = ("3.12", "3.11", "3.14")


@dataclass(frozen=True)
class Found:
    """A class or function in an unpacked package: its keywords, with the texts that are their defaults."""

    keywords: dict[str, str | None]
    order: tuple[str, ...]
    anything: bool
    """Whether it takes ``**kwargs``."""


def main() -> int:
    """Check every entry that matches."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pattern", nargs="?", default="", help="part of an entry's id")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/frameworks"), help="where wheels are kept")
    arguments = parser.parse_args()
    wrong = 0
    for framework in load().frameworks:
        if arguments.pattern not in framework.id:
            continue
        if framework.kind == "method":
            print(f"skip  {framework.id}: nothing to import")
            continue
        for package, version in _named(framework):
            problems = list(_problems(framework, package, version, arguments.folder))
            wrong += bool(problems)
            print(f"{'WRONG' if problems else 'holds'} {framework.id:<26} {package} {version}")
            for problem in problems:
                print(f"      {problem}")
    return 1 if wrong else 0


def _named(framework: Framework) -> Iterator[tuple[str, str]]:
    """The versions that an entry says were read."""
    for package in framework.packages:
        match = re.search(rf"\b{re.escape(package)} ((?:\d[\w.]*(?:, | and )?)+)", framework.fact.source)
        for version in re.findall(r"\d+(?:\.\d+)+", match.group(1)) if match else ():
            yield package, version


def _problems(framework: Framework, package: str, version: str, folder: Path) -> Iterator[str]:
    place = _unpacked(package, version, folder)
    if place is None:
        yield "could not be downloaded"
        return
    span = parse(f"=={version}")
    entries = framework.met(span)
    if framework.kind == "settings":
        text = "\n".join(path.read_text("utf-8") for path in place.rglob("config.py"))
        if not entries:
            yield "no range of versions holds this one"
        for name in (*framework.names, *framework.asks[:3]):
            if name not in text:
                yield f"{name} is not among its settings"
        return
    found = [one for name in framework.names if (one := _definition(place, name)) is not None]
    if not found:
        gone = [entry for entry in entries if entry.fix != "manual"]
        if gone or not entries:
            yield f"none of its names exists, and the rules say {gone[0].text if gone else 'nothing'} about it"
        return
    if not entries:
        yield "no range of versions holds this one"
        return
    if framework.kind == "loader":
        if framework.asks[0] == "{model}":
            return  # any text can be asked for: that the name exists is all there is to see
        if not any(
            framework.asks[0] in path.read_text("utf-8") for path in _sources(place) if path.is_file()
        ):
            yield f"{framework.asks[0]!r} is nowhere in the package"
        return
    yield from _compared(framework, entries[0], found[0])


def _compared(framework: Framework, entry: FrameworkVersion, found: Found) -> Iterator[str]:
    known = [key for key in framework.arguments if key in found.keywords]
    works = entry.fix != "manual"
    missing = [key for key in (*framework.arguments, *entry.adds) if key not in found.keywords]
    if works and missing and not found.anything:
        yield f"it does not take {', '.join(missing)}"
    models = [key for key, parameter in framework.arguments.items() if parameter == "model" and key in known]
    for key in models[:1]:
        default = found.keywords[key] or ""
        if default != entry.default:
            yield f"the default of {key} is {default!r}, not {entry.default!r}"
    order = tuple(key for key in found.order if key not in {"self", "cls"})[: len(framework.order)]
    if works and framework.order and order != framework.order:
        yield f"the order is {', '.join(order)}"


# packages


def _unpacked(package: str, version: str, folder: Path) -> Path | None:
    name = package.replace("-", "_")
    place = folder / f"{name}-{version}"
    if place.is_dir():
        return place
    wheels = folder / "wheels"
    for python in _PYTHONS:
        command = [
            sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:",
            "--python-version", python, "-d", str(wheels), f"{package}=={version}",
        ]  # fmt: skip
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            break
    wheel = next((one for one in wheels.glob(f"{name}-*.whl") if one.name.split("-")[1] == version), None)
    if wheel is None:
        return None
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place, [one for one in archive.namelist() if one.endswith(".py")])
    return place


def _sources(place: Path) -> list[Path]:
    return [path for path in place.rglob("*.py") if "load_tools" in path.name]


# definitions


def _definition(place: Path, dotted: str, depth: int = 6) -> Found | None:
    """Where a dotted name leads: through imports, lookup tables and aliases of the package."""
    if depth == 0:
        return None
    head, _, last = dotted.rpartition(".")
    path = _module(place, head)
    if path is None:
        return None
    tree = _tree(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == last:
            return _of_class(place, head, node, depth)
    functions = [
        node for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == last
    ]  # fmt: skip
    if functions:
        return _of_function(functions[-1])
    return next(_elsewhere(place, head, last, path, depth), None)


def _elsewhere(place: Path, head: str, last: str, path: Path, depth: int) -> Iterator[Found]:
    tree = _tree(path)
    package = head if path.name == "__init__.py" else head.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            module = ".".join(filter(None, (base if node.level else "", node.module or "")))
            for alias in node.names:
                if alias.name == "*" or (alias.asname or alias.name) == last:
                    target = last if alias.name == "*" else alias.name
                    found = _definition(place, f"{module}.{target}", depth - 1)
                    if found is not None:
                        yield found
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            if any(isinstance(target, ast.Name) and target.id == last for target in node.targets):
                found = _definition(place, f"{head}.{node.value.id}", depth - 1)
                if found is not None:
                    yield found
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                where = _looked_up(key, value, last)
                for module in (where, f"{head}{where}", f"{head}.{where}") if where else ():
                    found = _definition(place, f"{module}.{last}", depth - 1)
                    if found is not None:
                        yield found


def _looked_up(key: ast.expr | None, value: ast.expr, last: str) -> str:
    """``{"Name": "module"}`` and ``{"module": ["Name"]}``, as packages write lazy imports."""
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        return ""
    if key.value == last and isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    names = value.elts if isinstance(value, (ast.List, ast.Tuple)) else []
    return key.value if any(isinstance(one, ast.Constant) and one.value == last for one in names) else ""


_CLOSED = frozenset({"ABC", "AgentCapability", "BaseModel", "object", "Protocol"})
"""Bases outside of the packages that add no keyword."""


def _of_class(place: Path, head: str, node: ast.ClassDef, depth: int) -> Found:
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == "__init__":
            return _of_function(statement)
    fields: dict[str, str | None] = {}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            fields[statement.target.id] = _default(statement.value)
            for keyword in statement.value.keywords if isinstance(statement.value, ast.Call) else ():
                if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                    fields[str(keyword.value.value)] = fields[statement.target.id]
    open_ended = False
    for base in node.bases:
        name = ast.unparse(base).partition("[")[0]
        found = _definition(place, f"{head}.{name}", depth - 1)
        if found is not None:
            fields = {**found.keywords, **fields}
        open_ended |= found.anything if found is not None else name.rpartition(".")[2] not in _CLOSED
    return Found(fields, (), open_ended)


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Found:
    arguments = node.args
    places = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(places) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [
        *zip(places, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return Found(
        {argument.arg: _default(value) for argument, value in pairs},
        tuple(argument.arg for argument in places),
        arguments.kwarg is not None,
    )


def _default(value: ast.expr | None) -> str | None:
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.Call(keywords=keywords):
            return next((_default(one.value) for one in keywords if one.arg == "default"), None)
    return None


def _module(place: Path, dotted: str) -> Path | None:
    path = place.joinpath(*dotted.split("."))
    return next((one for one in (path / "__init__.py", path.with_suffix(".py")) if one.is_file()), None)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


if __name__ == "__main__":
    sys.exit(main())
