"""Requirements on the openai package that fit only the other side of 1.0."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from migrator.types import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.catalog.queries import Catalog
    from migrator.codemod.index.project import Project
    from migrator.codemod.sites.site import Site
    from migrator.types import Sdk

_FILES = (
    "requirements.txt", "requirements-dev.txt", "requirements/base.txt", "requirements/prod.txt", "requirements.in",
    "constraints.txt", "pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "environment.yml", "environment.yaml",
    "Dockerfile",
)  # fmt: skip
_EXTRAS = r"openai\s*(?:\[[^\]]*\])?\s*"
_VERSIONS = r"([<>=!~^]*\s*[0-9][^\"'#;\s,\\]*(?:\s*,\s*[<>=!~]+\s*[^\"'#;,\s\\]+)*)"
_QUOTED = re.compile(rf"""["']{_EXTRAS}(?=[<>=!~]){_VERSIONS}""")
_KEYED = re.compile(rf"""^\s*["']?openai["']?\s*=\s*(?:\{{[^}}]*version\s*=\s*)?["']\s*{_VERSIONS}""")
_BARE = re.compile(rf"^[\s-]*{_EXTRAS}(?=[<>=!~]){_VERSIONS}")
_INSTALLED = re.compile(rf"""\binstall\b[^#]*?[\s"']{_EXTRAS}(?=[<>=!~]){_VERSIONS}""")
_ONE = re.compile(r"(===|==|~=|!=|>=|<=|<|>|\^|=)?\s*v?([0-9]+(?:\.[0-9]+)*)(\.\*)?")
_NEWEST = (99,)


def pins(project: Project, catalog: Catalog, sites: Iterable[Site], sdk: Sdk) -> Iterator[Finding]:
    """A finding for each requirement that installs the version on which the calls do not run."""
    border, oldest = (_version(text) for text in (catalog.legacy.first_modern, catalog.legacy.first))
    seen: set[str] = set()
    for site in sites:
        notebook = site.module.path
        if notebook.endswith(".ipynb") and notebook not in seen:
            seen.add(notebook)
            yield from _in_file(project, notebook, border, oldest, sdk)
        folder = posixpath.dirname(site.module.path)
        while True:
            for name in _FILES:
                path = posixpath.join(folder, name)
                if path not in seen:
                    seen.add(path)
                    yield from _in_file(project, path, border, oldest, sdk)
            above = posixpath.dirname(folder)
            if above == folder:
                break
            folder = above


def _in_file(
    project: Project, path: str, border: tuple[int, ...], oldest: tuple[int, ...], sdk: Sdk
) -> Iterator[Finding]:
    file = project.open(path) if path.endswith(".py") else None
    text = file.text if file is not None else project.text(path) or ""
    for number, line in enumerate(text.splitlines(), 1):
        if path.endswith((".ipynb", "Dockerfile")):
            found = _INSTALLED.search(line)
        else:
            found = _QUOTED.search(line) or _KEYED.match(line) or _BARE.match(line)
        if found is None:
            continue
        wanted = found.group(1).strip()
        if sdk == "latest" and not _admits(wanted, border, _NEWEST):
            yield _finding(
                path, number, found.start(1) + 1,
                f"openai {wanted} is installed here; the calls that moved need openai>={border[0]}.",
                f"Change it to openai>={border[0]} together with the code, and OPENAI_API_BASE in the environment, "
                "where it is set, to OPENAI_BASE_URL.",
            )  # fmt: skip
        elif sdk == "keep" and not _admits(wanted, oldest, border):
            yield _finding(
                path, number, found.start(1) + 1,
                f"openai {wanted} is installed here, where openai.Image raises an error whatever its arguments are.",
                f"Run with `--sdk latest`, which rewrites the calls, or install openai<{border[0]}.",
            )  # fmt: skip


def _finding(path: str, line: int, column: int, message: str, suggestion: str) -> Finding:
    return Finding("IMG073", "manual", path, line, column, line, message, suggestion)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _admits(wanted: str, low: tuple[int, ...], high: tuple[int, ...]) -> bool:
    """Whether a requirement leaves any version from ``low`` up to ``high``; what cannot be read leaves all."""
    for part in wanted.split(","):
        match = _ONE.match(part.strip())
        if match is None:
            continue
        operator = match.group(1) or "=="
        version = tuple(int(number) for number in match.group(2).split("."))
        exact = _short(version)
        if operator == "=" or (operator in {"==", "==="} and match.group(3)) or operator in {"~=", "^"}:
            upper = _next(version, operator, wildcard=bool(match.group(3)))
            low, high = max(low, exact), min(high, upper)
        elif operator in {"==", "==="}:
            low, high = max(low, exact), min(high, (*exact, 1))
        elif operator in {">=", ">"}:
            low = max(low, exact)
        elif operator in {"<", "<="}:
            high = min(high, exact if operator == "<" else (*exact, 1))
    return low < high


def _short(version: tuple[int, ...]) -> tuple[int, ...]:
    """The version without zeros at its end: 1.0.0 is 1."""
    while len(version) > 1 and not version[-1]:
        version = version[:-1]
    return version


def _next(version: tuple[int, ...], operator: str, *, wildcard: bool) -> tuple[int, ...]:
    """The first version that a compatible-release or caret requirement leaves out."""
    if operator == "^":
        place = next((index for index, number in enumerate(version) if number), len(version) - 1)
    elif wildcard or len(version) == 1:
        place = len(version) - 1
    else:
        place = len(version) - 2
    return (*version[:place], version[place] + 1)
