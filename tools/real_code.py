"""Runs the tool on pinned public packages and checks what comes out.

Wheels are downloaded with pip (never built, installed, imported or executed), unpacked into a cache folder and
copied for each run. Each copy is rewritten three times: a dry run, ``--write``, and once more. Checked are: no
internal error, every written file still compiles, the last run has nothing to change, each site that is left has
a finding, and a second opinion: every ``….images.generate`` (``edit``, ``create_variation``) that a plain walk of
the syntax tree finds in a file that imports the SDK has a site or a finding.

Exit code 1 when a check fails, 2 when nothing could be brought. ``--checkout DIR`` adds folders that are there
already, such as clones of repositories that are not on a package index.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]

PACKAGES = (
    "adalflow==1.0.4",
    "ag2==0.3.2",
    "agentscope==0.1.6",
    "agno==1.8.4",
    "autogenstudio==0.1.5",
    "bondai==0.3.1",
    "camel-ai==0.1.6.9",
    "camel-ai==0.2.59",
    "crewai-tools==0.59.0",
    "dallecli==2.2.0",
    "eidolon-ai-sdk==0.1.184",
    "evadb==0.3.9",
    "g4f==0.3.4.9",
    "gptcache==0.1.44",
    "griptape==0.23.2",
    "griptape==1.7.5",
    "haystack-ai==2.19.0",
    "homeassistant==2024.3.3",
    "khoj==1.17.0",
    "langchain-community==0.3.31",
    "litellm==1.59.12",
    "llama-hub==0.0.79.post1",
    "llamabot==0.9.21",
    "lollms-client==1.21.1",
    "marvin==2.1.6",
    "marvin==2.3.8",
    "metagpt==0.8.2",
    "mindsdb==24.12.4.0",
    "npcpy==1.1.37",
    "openai==1.55.3",
    "phidata==2.7.10",
    "pixeltable==0.2.30",
    "portkey-ai==1.8.7",
    "praisonai-tools==0.2.45",
    "prefect-openai==0.2.2",
    "pyautogen==0.2.35",
    "pygpt-net==2.0.171",
    "pygpt-net==2.4.57",
    "pyrit==0.4.0",
    "python-aiconfig==1.1.34",
    "semantic-kernel==1.29.0",
    "superduperdb==0.2.1",
    "swarms==1.9.9",
    "swarms==3.9.9",
    "symbolicai==0.3.8",
)
"""Each holds calls of the SDK's Images API, or something that looks like one, in a wheel of its own."""

METHODS = frozenset({"generate", "edit", "create_variation"})
WRAPPERS = frozenset({"with_raw_response", "with_streaming_response"})
NO_SUCCESSOR = frozenset({"IMG020"})
A_PERSON_DECIDES = frozenset({"IMG021", "IMG022"})
"""Azure deployments and foreign servers: never changed silently, whatever can be proved about them."""

SMALL = 1_000_000
"""Bytes up to which files that are no Python are copied as well (configuration, metadata)."""
COLUMNS = ("sites", "migrated", "done", "review", "manual", "seconds")


@dataclass
class Outcome:
    """What one tree gave. ``seconds`` is the CPU time of the dry run, all its processes together."""

    name: str
    sites: list[dict[str, Any]] = field(default_factory=list)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    files_changed: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    seen: int = 0
    """How many call sites the second opinion counts."""

    def column(self, name: str) -> int:
        """How many sites the table shows under ``name``."""
        kinds = {"migrated": "safe", "done": "done", "review": "review", "manual": "manual"}
        if name == "sites":
            return len(self.sites)
        return sum(kinds[name] == site["outcome"] for site in self.sites)

    def with_successor(self) -> list[dict[str, Any]]:
        """Sites for which a rewrite without a person is possible at all."""
        barred = NO_SUCCESSOR | A_PERSON_DECIDES
        return [site for site in self.sites if barred.isdisjoint(self.reasons.get(site["site"], ()))]


@dataclass(frozen=True)
class Run:
    """One run of the tool: exit code, the report (``None`` when there is none), errors, CPU seconds."""

    code: int
    report: dict[str, Any] | None
    errors: str
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="*", help="parts of names; default: everything")
    parser.add_argument(
        "--cache", type=Path, default=default_cache(), help="where unpacked packages are kept"
    )
    parser.add_argument("--checkout", type=Path, action="append", default=[], metavar="DIR")
    parser.add_argument(
        "--limit", type=float, default=300.0, metavar="SECONDS", help="for one run of the tool"
    )
    parser.add_argument("--unsafe", action="store_true", help="write what needs a review as well")
    parser.add_argument(
        "--url-as", choices=["data-uri", "file"], help="decide what a url becomes for callers out of sight"
    )
    parser.add_argument("--offline", action="store_true", help="only packages that the cache holds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also keep the reports of the dry runs")
    arguments = parser.parse_args()
    cache: Path = arguments.cache.resolve()
    if cache.is_relative_to(ROOT):
        parser.error("the cache must be outside of the repository: other people's code is not committed")
    trees = [
        tree for spec in chosen(PACKAGES, arguments.only) if (tree := bring(spec, cache, arguments.offline))
    ]
    for folder in arguments.checkout:
        if not folder.is_dir():
            parser.error(f"no such folder: {folder}")
        trees.append(folder.resolve())
    if not trees:
        print("real_code: nothing to run on", file=sys.stderr)
        return 2
    outcomes: list[Outcome] = []
    reports: dict[str, Any] = {}
    header(max(len(tree.name) for tree in trees))
    for tree in trees:
        outcome, report = examine(tree, arguments.limit, arguments.unsafe, arguments.url_as)
        outcomes.append(outcome)
        reports[tree.name] = report
        for failure in outcome.failures:
            print(f"real_code: {tree.name}: {failure}", file=sys.stderr, flush=True)
        row(outcome, max(len(tree.name) for tree in trees))
        if arguments.json:
            arguments.json.write_text(json.dumps(reports), "utf-8")
    summary(outcomes)
    return 1 if any(outcome.failures for outcome in outcomes) else 0


def default_cache() -> Path:
    """A folder of the user's cache folder, as the platform has it."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "dalle-migrator" / "real-code"


def chosen(names: Iterable[str], parts: Sequence[str]) -> list[str]:
    return [name for name in names if not parts or any(part in name for part in parts)]


def bring(spec: str, cache: Path, offline: bool) -> Path | None:
    """The unpacked wheel of ``spec`` (``name==version``); ``None``, with a line that says why, without one."""
    tree = cache / spec.replace("==", "-")
    if tree.is_dir():
        return tree
    if offline:
        print(f"real_code: {spec} is not in the cache", file=sys.stderr)
        return None
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        # Wheels only: a source distribution would run its own code while its metadata is made.
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        command += ["--only-binary=:all:", "--ignore-requires-python", "--dest", folder, spec]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            why = (done.stderr.strip().splitlines() or ["no wheel"])[-1]
            print(f"real_code: {spec} could not be brought: {why}", file=sys.stderr)
            return None
        unpacked = Path(folder) / "unpacked"
        with zipfile.ZipFile(wheels[0]) as archive:
            archive.extractall(unpacked)  # drops absolute names and "..", as zipfile documents
        unpacked.rename(tree)
    return tree


def examine(
    tree: Path, limit: float, unsafe: bool, url_as: str | None = None
) -> tuple[Outcome, dict[str, Any] | None]:
    """The three runs on a copy of ``tree``, and every check; the report is that of the dry run."""
    outcome = Outcome(tree.name)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(tree, copy, ignore=needless, ignore_dangling_symlinks=True)
        marks = list(second_opinion(copy))
        outcome.seen = len(marks)
        choice = ("--url-as", url_as) if url_as else ()
        dry = rewrite(copy, limit, *choice)
        outcome.seconds = dry.seconds
        if not sound(dry, "dry run", outcome) or dry.report is None:
            return outcome, None
        outcome.sites = dry.report["sites"]
        outcome.files_changed = dry.report["summary"]["files_changed"]
        outcome.reasons = reasons(dry.report)
        explained(outcome)
        missed(marks, dry.report, outcome)
        extra = (*choice, *(("--unsafe",) if unsafe else ()))
        before = contents(copy)
        written = rewrite(copy, limit, "--write", "--allow-dirty", *extra)
        if not sound(written, "--write", outcome):
            return outcome, dry.report
        after = contents(copy)
        for path in sorted(path for path, data in after.items() if before.get(path) != data):
            if path.endswith((".py", ".pyi")):
                compiles(path, before.get(path, b""), after[path], outcome)
        again = rewrite(copy, limit, *extra)
        if sound(again, "second run", outcome) and again.report is not None:
            for file in again.report["files"]:
                if file["status"] == "changed":
                    line = next((x["line"] for x in again.report["findings"] if x["path"] == file["path"]), 1)
                    outcome.failures.append(f"{file['path']}:{line}: the second run changes it again")
    return outcome, dry.report


def needless(folder: str, names: list[str]) -> set[str]:
    """Names that a copy leaves out: version control, links, and large files that are no Python."""
    left: set[str] = set()
    for name in names:
        path = Path(folder, name)
        other = path.suffix not in {".py", ".pyi"}
        if name in {".git", "__pycache__"} or path.is_symlink():
            left.add(name)
        if other and path.is_file() and path.stat().st_size > SMALL:
            left.add(name)
    return left


def rewrite(project: Path, limit: float, *options: str) -> Run:
    """One ``migrator rewrite`` of ``project`` in a process of its own, ended after ``limit`` seconds."""
    command = [sys.executable, "-m", "migrator", "rewrite", ".", "--format", "json", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MIGRATOR_DEBUG": "1"}
    started = cpu()
    try:
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return Run(-1, None, f"was not done after {limit:.0f} s", cpu() - started)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = None
    return Run(done.returncode, report, done.stderr.decode("utf-8", "replace"), cpu() - started)


def cpu() -> float:
    """Seconds of CPU time of all processes that this one started and that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def sound(run: Run, name: str, outcome: Outcome) -> bool:
    """Whether the tool ended as it should: a known exit code, a report, no traceback, no file given up."""
    last = (run.errors.strip().splitlines() or [""])[-1]
    if run.code not in {0, 1} or run.report is None:
        outcome.failures.append(f"{name}: exit code {run.code}: {last}")
        return False
    if "Traceback (most recent call last)" in run.errors:
        outcome.failures.append(f"{name}: a traceback: {last}")
    for finding in run.report["findings"]:
        if "internal error" in finding["message"]:
            outcome.failures.append(f"{name}: {finding['path']}:{finding['line']}: {finding['message']}")
    return True


def reasons(report: dict[str, Any]) -> dict[str, list[str]]:
    """Rule ids of what keeps a site from being migrated without a person, by site."""
    found: dict[str, set[str]] = {}
    for finding in report["findings"]:
        if finding["fix"] != "safe" and finding["site"]:
            found.setdefault(finding["site"], set()).add(finding["rule"])
    return {site: sorted(rules) for site, rules in found.items()}


def explained(outcome: Outcome) -> None:
    """Every site that is left must have a finding that says why."""
    for site in outcome.sites:
        if site["outcome"] in {"review", "manual"} and not outcome.reasons.get(site["site"]):
            outcome.failures.append(f"{site['site']}: left as {site['outcome']} without a finding")


@dataclass(frozen=True)
class Mark:
    """A use of the Images API, by syntax alone: the lines of the whole expression around it, or of reads of its name."""

    path: str
    line: int
    spans: tuple[tuple[int, int], ...]


def second_opinion(project: Path) -> Iterator[Mark]:
    """Uses of the Images API in files that import the SDK, found without any part of the tool."""
    for path in sorted(project.rglob("*.py")):
        data = path.read_bytes()
        if b"openai" not in data or b"images" not in data:
            continue
        tree = parsed(data)
        if tree is None or not imports_sdk(tree):
            continue
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Attribute) and node.attr in METHODS and names_images(node.value)):
                continue
            whole: ast.AST = node
            while isinstance(parents[whole], ast.expr | ast.keyword):
                whole = parents[whole]
            spans = (lines_of(whole), *reads_of_name(tree, parents[whole]))
            yield Mark(path.relative_to(project).as_posix(), node.lineno, spans)


def lines_of(node: ast.AST) -> tuple[int, int]:
    first: int = getattr(node, "lineno", 1)
    return first, getattr(node, "end_lineno", None) or first


def reads_of_name(tree: ast.Module, statement: ast.AST) -> Iterator[tuple[int, int]]:
    """Lines that read a name which a statement binds: a method that is kept is used there."""
    if isinstance(statement, ast.Assign):
        names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
                yield lines_of(node)


def names_images(node: ast.expr) -> bool:
    """Whether ``node`` is ``….images``, as it is or behind ``with_raw_response``."""
    if isinstance(node, ast.Attribute) and node.attr in WRAPPERS:
        node = node.value
    return isinstance(node, ast.Attribute) and node.attr == "images"


def imports_sdk(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(name.name.split(".")[0] == "openai" for name in node.names):
            return True
        if (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and (node.module or "").split(".")[0] == "openai"
        ):
            return True
    return False


def parsed(data: bytes) -> ast.Module | None:
    """The tree of a file, after a compilation of it; ``None`` where this Python cannot read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
            compile(data, "<copy>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return tree


def missed(marks: Iterable[Mark], report: dict[str, Any], outcome: Outcome) -> None:
    """Every use that the second opinion sees must have a site, or a finding that says something about it."""
    known: dict[str, list[tuple[int, int]]] = {}
    for entry in (*report["sites"], *report["findings"]):
        known.setdefault(entry["path"], []).append((entry["line"], entry.get("end_line") or entry["line"]))
    for mark in marks:
        if not any(
            start <= last and first <= end
            for start, end in known.get(mark.path, ())
            for first, last in mark.spans
        ):
            outcome.failures.append(f"{mark.path}:{mark.line}: neither a site nor a finding")


def contents(project: Path) -> dict[str, bytes]:
    """The bytes of every file below ``project`` that could be written, by path."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.suffix != ".pyc" and path.is_file()
    }


def compiles(path: str, before: bytes, after: bytes, outcome: Outcome) -> None:
    """A written file must still compile, unless this Python could not read it before either."""
    if before and parsed(before) is None:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(after)
            compile(after, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        outcome.failures.append(f"{path}:{getattr(error, 'lineno', None) or 1}: does not compile: {error}")


def header(width: int) -> None:
    print(f"| {'package':<{width}} | " + " | ".join(COLUMNS) + " |")
    print(
        f"| {'-' * width} | " + " | ".join("-" * (len(name) - 1) + ":" for name in COLUMNS) + " |", flush=True
    )


def row(outcome: Outcome, width: int) -> None:
    cells = [f"{outcome.column(name):>{len(name)}}" for name in COLUMNS[:-1]]
    print(
        f"| {outcome.name:<{width}} | " + " | ".join([*cells, f"{outcome.seconds:>7.1f}"]) + " |", flush=True
    )


def summary(outcomes: Sequence[Outcome]) -> None:
    sites = [(one, site) for one in outcomes for site in one.sites]
    able = [site for one in outcomes for site in one.with_successor()]
    total = {name: sum(one.column(name) for one in outcomes) for name in COLUMNS[:-1]}
    settled = total["migrated"] + total["done"]
    print(
        f"\n{len(outcomes)} trees in {sum(one.seconds for one in outcomes):.0f} s of CPU, {started_ago():.0f} s in all"
    )
    print("total: " + ", ".join(f"{number} {name}" for name, number in total.items()))
    print(
        f"second opinion: {sum(one.seen for one in outcomes)} uses of the Images API in files that import the SDK"
    )
    print(f"without a person: {share(settled, len(sites))} of all sites")
    alone = sum(site["outcome"] in {"safe", "done"} for site in able)
    print(
        f"without a person: {share(alone, len(able))} of the sites that have a successor on the same provider"
    )
    left = Counter(
        rule
        for one, site in sites
        if site["outcome"] in {"review", "manual"}
        for rule in one.reasons.get(site["site"], ("none",))
    )
    print("reasons of what is left (a site can have several):")
    for rule, number in left.most_common():
        print(f"  {rule} {number}")
    failures = [(one.name, failure) for one in outcomes for failure in one.failures]
    print(f"failed checks: {len(failures)}")
    for name, failure in failures:
        print(f"  {name}: {failure}")


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "0 of 0"


_STARTED = time.monotonic()


def started_ago() -> float:
    return time.monotonic() - _STARTED


if __name__ == "__main__":
    sys.exit(main())
