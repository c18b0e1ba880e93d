"""Runs the fixtures: before in the DALL-E era, unmigrated and rewritten on today's API, always one check.

A fixture is ``fixtures/TOPIC/NAME/`` with ``project/`` (the program), ``check.py`` (its observable outcome)
and ``case.yaml`` (what is expected); ``fixtures/README.md`` has the format. Checks run in forked children of
one process that has imported the SDK, because a hundred imports cost minutes.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from click.testing import CliRunner

from migrator.catalog import load
from migrator.cli import cli
from migrator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SUPPORT = FIXTURES / "_support"
STUBS = FIXTURES / "_stubs"
CACHE = FIXTURES.parent / ".cache"
TODAY = date(2026, 11, 22)
CHECK_SECONDS = 60.0
_LONG_WORD = re.compile(r"[\w+/=.,:;-]{400,}")
DEPLOYMENTS = {"Dalle3": "dall-e-3", "pictures": "gpt-image-2"}

Outcome = Literal["migrated", "review", "manual", "mixed", "untouched"]
Era = Literal["dalle", "today"]


class Wrong(AssertionError):  # noqa: N818 - reads as what it is in a table
    """A fixture did not behave as its ``case.yaml`` says. The first line says what, the rest shows it."""


@dataclass(frozen=True)
class Case:
    """One fixture, as ``case.yaml`` describes it."""

    name: str
    folder: Path
    expect: tuple[Outcome, ...]
    note: str
    rules: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    today: date = TODAY
    fails_before: bool = True
    check_after: bool = True
    unsafe_runs: bool = True
    quiet: bool = False
    keeps: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    sdk: str = ""
    """The version of the openai package that the program is written for; the installed one where empty."""

    @property
    def sdk_after(self) -> str:
        """The version that the rewritten program runs on."""
        return "" if self.options.get("sdk") == "latest" else self.sdk

    @property
    def project(self) -> Path:
        """The program before the migration."""
        return self.folder / "project"

    @classmethod
    def read(cls, folder: Path) -> Case:
        """The fixture in ``folder``. Raises ValueError for a key or an outcome that does not exist."""
        data = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
        expect = data.pop("expect")
        known = {"migrated", "review", "manual", "mixed", "untouched"}
        outcomes = tuple([expect] if isinstance(expect, str) else expect)
        if unknown := set(outcomes) - known or set(data) - set(cls.__dataclass_fields__):
            raise ValueError(f"{folder.name}/case.yaml: unknown {sorted(unknown)}")
        for key in ("rules", "needs", "keeps", "gone"):
            data[key] = tuple(data.get(key, ()))
        data["today"] = date.fromisoformat(str(data.get("today", TODAY)))
        return cls(name=f"{folder.parent.name}/{folder.name}", folder=folder, expect=outcomes, **data)


def old_sdk(version: str) -> Path:
    """A folder with ``version`` of the openai package, installed on first use and kept for later runs.

    Its other requirements are those of the development environment. Raises subprocess.CalledProcessError when
    it cannot be installed.
    """
    folder = CACHE / f"openai-{version}-py{sys.version_info.major}.{sys.version_info.minor}"
    if not folder.is_dir():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as fresh:
            pip = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--disable-pip-version-check",
            ]
            subprocess.run([*pip, "--target", f"{fresh}/sdk", f"openai=={version}"], check=True)
            with contextlib.suppress(OSError):  # another process was faster
                os.replace(f"{fresh}/sdk", folder)
    return folder


def all_cases(pattern: str = "") -> list[Case]:
    """Every fixture whose name contains ``pattern``, by name."""
    folders = sorted(path.parent for path in FIXTURES.glob("*/*/case.yaml"))
    return [Case.read(one) for one in folders if pattern in f"{one.parent.name}/{one.name}"]


@dataclass(frozen=True)
class Checked:
    """How a check ended: its exit code and what was printed."""

    code: int
    output: str


@dataclass(frozen=True)
class Rewritten:
    """What one ``migrator rewrite --write`` did: the JSON report and the text of the edits."""

    report: dict[str, Any]
    diff: str

    @property
    def sites(self) -> list[dict[str, Any]]:
        """The call sites that have something to migrate; one that is already right is not among them."""
        return [site for site in self.report["sites"] if site["migrated"] or site["outcome"] != "done"]

    @property
    def left(self) -> list[dict[str, Any]]:
        """Findings that a person has to look at: not applied, and more than a note."""
        return [one for one in self.report["findings"] if not one["applied"] and one["fix"] != "safe"]

    @property
    def all_migrated(self) -> bool:
        """Whether there are sites and none is left."""
        return bool(self.sites) and all(site["migrated"] for site in self.sites)

    def left_as(self, fix: str) -> list[dict[str, Any]]:
        """Findings of this fix that were not applied."""
        return [one for one in self.left if one["fix"] == fix]


class Runner:
    """Everything that the runs need, as a context manager: the forking process, simulators, a work folder."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._catalog = load()
        self._simulators: dict[tuple[Era, date | None], Simulator] = {}
        self._counter = 0

    def __enter__(self) -> Runner:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="fixtures-"))
        self._work = Path(folder).resolve()
        self._servers: dict[str, subprocess.Popen[str]] = {}
        return self

    def _server(self, sdk: str) -> subprocess.Popen[str]:
        """The process whose children run checks on one version of the SDK."""
        if sdk not in self._servers:
            command = [sys.executable, "-X", "utf8", str(SUPPORT / "server.py")]
            environment = dict(os.environ)
            if sdk:
                environment["PYTHONPATH"] = str(old_sdk(sdk))
                command.append("--fresh-sdk")
            self._servers[sdk] = self._stack.enter_context(
                subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", env=environment
                )
            )
        return self._servers[sdk]

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def copy(self, case: Case) -> Path:
        """A fresh copy of the program in a folder of its own."""
        self._counter += 1
        return Path(shutil.copytree(case.project, self._work / str(self._counter) / case.folder.name))

    def check(self, case: Case, project: Path, era: Era, sdk: str | None = None) -> Checked:
        """Runs the case's check on a copy of ``project`` against the API of ``era``.

        ``sdk`` is the version of the openai package, the one that the case is written for without it.
        """
        sdk = case.sdk if sdk is None else sdk
        packages = [str(old_sdk(sdk))] if sdk else []
        self._counter += 1
        home = self._work / f"run-{self._counter}"
        here = Path(shutil.copytree(project, home / project.name))
        api = self._simulator(case, era).environment()
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": ":".join([str(SUPPORT), str(STUBS), *packages]),
            **{name: value for name, value in api.items() if not name.startswith("AZURE")},
            "OPENAI_API_TYPE": "openai",
            "SIMULATOR_ROOT": api["AZURE_OPENAI_ENDPOINT"],
        }
        request = {
            "check": str(case.folder / "check.py"),
            "cwd": str(here),
            "env": environment,
            "path": [str(here), str(SUPPORT), str(STUBS), *packages],
            "timeout": CHECK_SECONDS,
        }
        server = self._server(sdk)
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        shutil.rmtree(home, ignore_errors=True)
        return Checked(answer["code"], _LONG_WORD.sub("<long text>", answer["output"]))

    def rewrite(self, case: Case, project: Path, *, unsafe: bool = False) -> Rewritten:
        """``migrator rewrite --write`` on ``project`` with the case's options. Raises Wrong if it breaks."""
        before = snapshot(project)
        words = ["rewrite", str(project), "--write", "--allow-dirty", "--format", "json", "--jobs", "1"]
        words += ["--today", case.today.isoformat()]
        for key, value in case.options.items():
            if key != "unsafe":
                words += [f"--{key.replace('_', '-')}", *([] if value is True else [str(value)])]
        if unsafe or case.options.get("unsafe"):
            words.append("--unsafe")
        result = CliRunner().invoke(cli, words)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise Wrong("the tool crashed") from result.exception
        if result.exit_code not in (0, 1):
            raise Wrong(f"the tool ended with {result.exit_code}\n{result.output}")
        after = snapshot(project)
        return Rewritten(json.loads(result.stdout), unified(before, after))

    def _simulator(self, case: Case, era: Era) -> Simulator:
        key = (era, case.today if era == "today" else None)
        if key not in self._simulators:
            simulator = Simulator(self._catalog, era, today=key[1], deployments=DEPLOYMENTS)
            self._simulators[key] = self._stack.enter_context(simulator)
        return self._simulators[key]


def snapshot(folder: Path) -> dict[str, bytes]:
    """The content of every file under ``folder`` by relative path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def unified(before: dict[str, bytes], after: dict[str, bytes]) -> str:
    """A unified diff of two snapshots, for people."""

    def lines(data: bytes) -> list[str]:
        return data.decode("utf-8", "replace").splitlines()

    parts: list[str] = []
    for name in sorted(before | after):
        old, new = before.get(name, b""), after.get(name, b"")
        if old != new:
            parts += difflib.unified_diff(lines(old), lines(new), name, name, n=2, lineterm="")
    return "\n".join(parts)


def lives_in_the_old_era(runner: Runner, case: Case) -> None:
    """The program before the migration passes its check while DALL-E lives. Raises Wrong."""
    done = runner.check(case, case.project, "dalle")
    if done.code:
        raise Wrong(f"the program fails in the DALL-E era (exit {done.code})\n{done.output}")


def fails_today(runner: Runner, case: Case) -> None:
    """The unmigrated program fails its check today, unless the case says otherwise. Raises Wrong."""
    done = runner.check(case, case.project, "today")
    if case.fails_before and not done.code:
        raise Wrong("the unmigrated program passes on today's API, so the fixture proves nothing")
    if not case.fails_before and done.code:
        raise Wrong(f"the program should pass as it is today\n{done.output}")


def migrates(runner: Runner, case: Case) -> Outcome:
    """The tool does with the program what the case expects; returns which outcome it was. Raises Wrong."""
    project = runner.copy(case)
    original = snapshot(project)
    first = runner.rewrite(case, project)
    _sound(project, original, first)
    outcome = outcome_of(first, case, changed=snapshot(project) != original)
    if outcome == "untouched" and outcome not in case.expect:
        raise Wrong("SILENT MISS: no call site was found")
    if outcome not in case.expect:
        raise Wrong(f"expected {' or '.join(case.expect)}, got {outcome}\n{_told(first)}")
    if missing := set(case.rules) - {one["rule"] for one in first.report["findings"]}:
        raise Wrong(f"findings missing: {', '.join(sorted(missing))}\n{_told(first)}")
    _settled(runner, case, project)
    final, finished = first, outcome in ("migrated", "mixed")
    if outcome == "review":
        final = runner.rewrite(case, project, unsafe=True)
        _sound(project, original, final)
        finished = case.unsafe_runs
        if finished and not final.all_migrated:
            raise Wrong(f"--unsafe leaves a site that only needs a review\n{_told(final)}")
        _settled(runner, case, project, unsafe=True)
    if finished:
        _facts(case, project, final)
    if (finished and case.check_after) or outcome == "untouched":
        done = runner.check(case, project, "today", case.sdk_after)
        if done.code:
            kind = "fails today" if final.left else "fails today WITHOUT A FLAG"
            raise Wrong(f"the rewritten program {kind} (exit {done.code})\n{done.output}\n{_told(final)}")
    return outcome


def outcome_of(done: Rewritten, case: Case, *, changed: bool) -> Outcome:
    """What one run without ``--unsafe`` came to. Raises Wrong for a site that is left without a finding."""
    if done.all_migrated:
        return "migrated"
    if not done.sites:
        if changed:
            raise Wrong(f"files changed, but there is no site\n{_told(done)}")
        return "review" if done.left_as("review") else "manual" if done.left else "untouched"
    if not done.left and not case.quiet:
        return _silent(done)
    worst = "manual" if any(not s["migrated"] and s["outcome"] == "manual" for s in done.sites) else "review"
    if any(site["migrated"] for site in done.sites):
        return "mixed" if worst == "manual" or "mixed" in case.expect else "review"
    if changed:
        raise Wrong(f"files changed, but no site is migrated\n{_told(done)}")
    if not done.left_as(worst):
        raise Wrong(f"the site is left as {worst} without a finding that says so\n{_told(done)}")
    return "manual" if worst == "manual" else "review"


def _silent(done: Rewritten) -> Outcome:
    raise Wrong(f"SILENT MISS: a site is left without a finding\n{_told(done)}")


NEWER_KEYWORDS = frozenset({"background", "complexity", "moderation", "output_compression", "output_format"})
"""Keywords that SDKs do not know which real projects pin."""


def _sound(project: Path, original: dict[str, bytes], done: Rewritten) -> None:
    after = snapshot(project)
    trees: list[ast.AST] = []
    for name, data in after.items():
        if name.endswith(".py") and data != original.get(name):
            try:
                trees.append(ast.parse(data))
            except SyntaxError as error:
                raise Wrong(f"{name} does not parse: {error}\n{_told(done)}") from None
    before = [tree for name, data in original.items() if name.endswith(".py") and (tree := _tree(data))]
    local = {part.removesuffix(".py") for name in after for part in name.split("/")}
    known = {root for tree in before for root in import_roots(tree)} | local | sys.stdlib_module_names
    if added := {root for tree in trees for root in import_roots(tree)} - known:
        raise Wrong(f"imports what the project does not depend on: {sorted(added)}\n{_told(done)}")
    words = {word for tree in before for word in _keywords(tree)}
    if newer := ({word for tree in trees for word in _keywords(tree)} - words) & NEWER_KEYWORDS:
        raise Wrong(f"adds keywords that an older SDK lacks: {sorted(newer)}\n{_told(done)}")


def _tree(data: bytes) -> ast.AST | None:
    try:
        return ast.parse(data)
    except SyntaxError:
        return None


def import_roots(tree: ast.AST) -> set[str]:
    """The top-level packages that are imported in ``tree``, relative imports aside."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append(node.module)
    return {name.partition(".")[0] for name in names}


def _keywords(tree: ast.AST) -> set[str]:
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}


def _settled(runner: Runner, case: Case, project: Path, *, unsafe: bool = False) -> None:
    again = runner.rewrite(case, project, unsafe=unsafe)
    if again.diff or again.report["summary"]["files_changed"]:
        raise Wrong(f"a second run edits again\n{_told(again)}")


def _facts(case: Case, project: Path, done: Rewritten) -> None:
    text = "\n".join(
        data.decode("utf-8", "replace") for name, data in snapshot(project).items() if name.endswith(".py")
    )
    for part in case.keeps:
        if part not in text:
            raise Wrong(f"lost in the rewrite: {part!r}\n{_told(done)}")
    for part in case.gone:
        if part in text:
            raise Wrong(f"still there after the rewrite: {part!r}\n{_told(done)}")


def _told(done: Rewritten) -> str:
    return "\n".join([*(f"  {line}" for line in findings(done)), done.diff])


def findings(done: Rewritten) -> Iterator[str]:
    """One line per finding, for people."""
    for one in done.report["findings"]:
        mark = "applied" if one["applied"] else "LEFT"
        place = f"{Path(one['path']).name}:{one['line']}"
        yield f"{one['rule']} {one['fix']:<6} {mark:<7} {place} {one['message']}"
