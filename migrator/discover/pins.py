"""Which version of a package a project asks for, as its requirement and lock files say. Nothing is installed or run."""

from __future__ import annotations

import configparser
import posixpath
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from migrator.catalog.versions import Range, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
_LISTS = (
    "requirements.txt",
    "requirements/base.txt",
    "requirements/main.txt",
    "requirements/prod.txt",
    "requirements/production.txt",
    "requirements/requirements.txt",
    "requirements.in",
    "requirements-prod.txt",
    "requirements_prod.txt",
    "constraints.txt",
)
_LEVELS = 8
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;#)]*)")


class TextFiles(Protocol):
    """What is asked of a project."""

    def text(self, path: str) -> str | None:
        """A small text file, ``None`` where there is none."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What one file says about one package, such as ``>=2.30,<3`` in ``requirements.txt``."""

    text: str
    path: str
    range: Range


class Pins:
    """Reads the requirement files of a project, each folder once."""

    def __init__(self, files: TextFiles) -> None:
        self._files = files
        self._folders: dict[str, dict[str, Pin]] = {}

    def of(self, package: str, near: str) -> Pin | None:
        """The pin of ``package`` that holds for the file ``near``: from its folder upwards, lock files first."""
        folder = posixpath.dirname(near)
        for _ in range(_LEVELS):
            if folder not in self._folders:
                self._folders[folder] = self._read(folder)
            found = self._folders[folder].get(normal(package))
            if found is not None:
                return found
            if folder == "/":
                return None
            outside = not folder or folder == "." or folder.endswith("..")
            folder = posixpath.join(folder, "..") if outside else posixpath.dirname(folder)
        return None

    def _read(self, folder: str) -> dict[str, Pin]:
        pins: dict[str, Pin] = {}
        for name, reader in (
            *((name, _locked) for name in _LOCKS),
            *((name, _listed) for name in _LISTS),
            ("pyproject.toml", _project),
            ("setup.cfg", _setup),
            ("Pipfile", _pipfile),
        ):
            path = posixpath.join(folder, name)
            text = self._files.text(path)
            if text is None:
                continue
            for package, asked in reader(text):
                span = parse(asked)
                if span is not None and (asked.strip() or package not in pins):
                    pins.setdefault(package, Pin(asked.strip(), path, span))
        return {package: pin for package, pin in pins.items() if pin.text}


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirement(line: str) -> tuple[str, str] | None:
    match = _REQUIREMENT.match(line)
    if match is None or "://" in line:
        return None
    asked = match.group(2).split(" --")[0].strip().rstrip("\\").strip()
    return normal(match.group(1)), asked


def _listed(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if not line.lstrip().startswith(("#", "-")):
            found = _requirement(line)
            if found is not None:
                yield found


def _locked(text: str) -> Iterator[tuple[str, str]]:
    data = _toml(text)
    packages = data.get("package", data.get("packages", []))
    for package in packages if isinstance(packages, list) else []:
        if isinstance(package, dict):
            name, version = package.get("name"), package.get("version")
            if isinstance(name, str) and isinstance(version, str):
                yield normal(name), f"=={version}"


def _project(text: str) -> Iterator[tuple[str, str]]:
    data = _toml(text)
    project = _table(data, "project")
    extras = _table(project, "optional-dependencies")
    groups = _table(data, "dependency-groups")
    for lines in (project.get("dependencies"), *extras.values(), *groups.values()):
        for line in lines if isinstance(lines, list) else []:
            found = _requirement(line) if isinstance(line, str) else None
            if found is not None:
                yield found
    poetry = _table(_table(data, "tool"), "poetry")
    for table in (poetry, *_table(poetry, "group").values()):
        yield from _mapping(_table(table, "dependencies"))
    yield from _mapping(_table(poetry, "dev-dependencies"))


def _pipfile(text: str) -> Iterator[tuple[str, str]]:
    data = _toml(text)
    yield from _mapping(_table(data, "packages"))
    yield from _mapping(_table(data, "dev-packages"))


def _setup(text: str) -> Iterator[tuple[str, str]]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    if parser.has_option("options", "install_requires"):
        yield from _listed(parser.get("options", "install_requires"))
    if parser.has_section("options.extras_require"):
        for _, lines in parser.items("options.extras_require"):
            yield from _listed(lines)


def _mapping(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        asked = value.get("version") if isinstance(value, dict) else value
        if isinstance(asked, str):
            yield normal(name), asked


def _toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - most runs need no requirement files
    else:
        import tomli as tomllib  # noqa: PLC0415
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    return data


def _table(data: object, key: str) -> dict[str, Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}
