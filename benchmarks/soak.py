"""Sends whole trees of other people's code through ``migrator rewrite --write --unsafe`` and checks every byte.

The files of each TREE (and of the standard library with its tests, ``--stdlib``) are copied in chunks, which is what
bounds time and memory. Each chunk is run three times:

as it is   A file without a call site that was rewritten keeps every byte. The others must parse.
forced     Each file that parses gets one call of the retired API at its end, so that nothing is dismissed and
           every stage works on it. The call must be migrated or reported, and no byte outside of it may change.
again      The same tree once more: no edit.

A crash, a hang (``--timeout``), a file that the tool says it could not analyse, invalid output, a changed byte and a
call that is neither migrated nor reported are failures: they are printed with their file, and the exit code is 1.

    python benchmarks/soak.py --stdlib
    python benchmarks/soak.py ~/unpacked/* --files 25000 --log soak.jsonl
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
HEAD = (
    b"import openai as soak_openai",
    b"SOAK = soak_openai.OpenAI().images.generate(",
)
ARGUMENTS = b'model="dall-e-3", prompt="p", quality="hd", style="vivid", response_format="b64_json"'
TAIL = b").data[0].b64_json"
# Folders with these names are passed over by the tool, which is right, and would leave nothing to soak.
SKIPPED = {
    "site-packages": "packages",
    "build": "built",
    "dist": "disted",
    "_build": "_built",
    "node_modules": "nodes",
    ".ipynb_checkpoints": "checkpoints",
}
INTERNAL = "IMG093"


@dataclass
class Totals:
    files: int = 0
    bytes: int = 0
    forced: int = 0
    migrated: int = 0
    reported: int = 0
    others: int = 0
    unreadable: int = 0
    changed_as_is: int = 0
    runs: int = 0
    cpu: float = 0.0
    peak: int = 0
    failures: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trees", nargs="*", type=Path, metavar="TREE")
    parser.add_argument(
        "--stdlib", action="store_true", help="also the standard library of this Python, with its tests"
    )
    parser.add_argument("--files", type=int, default=10**9, help="stop after so many files")
    parser.add_argument("--skip", type=int, default=0, help="leave out the first so many files")
    parser.add_argument("--chunk", type=int, default=250, help="files per run")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no chunk after so long")
    parser.add_argument(
        "--timeout", type=float, default=900, help="seconds after which one run counts as hanging"
    )
    parser.add_argument("--log", type=Path, help="append one JSON line per chunk here")
    parser.add_argument("--passes", default="as-is,forced,again", help="which of the three runs")
    arguments = parser.parse_args()
    trees = [*([Path(sysconfig.get_path("stdlib"))] if arguments.stdlib else []), *arguments.trees]
    if not trees:
        parser.error("name a TREE, or --stdlib")
    totals, start = Totals(), time.monotonic()
    files = list(python_files(trees))[arguments.skip : arguments.skip + arguments.files]
    print(f"{len(files):,} files, {arguments.chunk} per run, Python {sys.version.split()[0]}", flush=True)
    for number, first in enumerate(range(0, len(files), arguments.chunk)):
        if time.monotonic() - start > arguments.seconds:
            print(f"stopped by --seconds; continue with --skip {arguments.skip + first}")
            break
        chunk = files[first : first + arguments.chunk]
        before = len(totals.failures)
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            soak(Path(folder, "tree"), chunk, totals, arguments)
        for failure in totals.failures[before:]:
            print(f"FAILURE {failure}", flush=True)
        if arguments.log:
            with arguments.log.open("a") as log:
                log.write(json.dumps({"chunk": number, **vars(totals)}) + "\n")
        print(
            f"{totals.files:>7,} files {totals.forced:>7,} forced {time.monotonic() - start:>6.0f} s",
            flush=True,
        )
    tell(totals)
    return 1 if totals.failures else 0


def python_files(trees: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Every Python file below ``trees``, with the path that its copy gets."""
    seen: set[str] = set()
    for number, tree in enumerate(trees):
        inner = sysconfig.get_path("stdlib") == str(tree)
        for folder, folders, names in os.walk(tree):
            # what is installed there belongs to no standard library
            folders[:] = sorted(
                set(folders) - {"__pycache__", ".git"} - ({"site-packages"} if inner else set())
            )
            if all(Path(folder, name).is_file() for name in ("_client.py", "resources/images.py")):
                folders.clear()  # a copy of the SDK itself, which is passed over
                continue
            for name in sorted(names):
                path = Path(folder, name)
                if (
                    path.suffix == ".py"
                    and path.is_file()
                    and not path.is_symlink()
                    and str(path) not in seen
                ):
                    seen.add(str(path))
                    parts = [
                        SKIPPED.get(part, part.removesuffix(".egg-info"))
                        for part in path.relative_to(tree).parts
                    ]
                    yield path, "/".join([f"t{number}", *parts])


def soak(
    tree: Path, chunk: Sequence[tuple[Path, str]], totals: Totals, arguments: argparse.Namespace
) -> None:
    passes = arguments.passes.split(",")
    originals = {place: path.read_bytes() for path, place in chunk}
    totals.files += len(originals)
    totals.bytes += sum(map(len, originals.values()))
    put(tree, originals)
    if "as-is" in passes:
        report = run(tree, totals, arguments.timeout)
        if report is not None:
            as_it_is(tree, originals, report, totals)
        put(tree, originals)
    if "forced" in passes:
        forced = {place: made for place, data in originals.items() if (made := injected(data)) is not None}
        totals.forced += len(forced)
        totals.unreadable += len(originals) - len(forced)
        put(tree, forced)
        report = run(tree, totals, arguments.timeout)
        if report is not None:
            with_a_call(tree, originals, forced, report, totals)
            if "again" in passes:
                once_more(tree, totals, arguments.timeout)
    shutil.rmtree(tree)


def put(tree: Path, files: dict[str, bytes]) -> None:
    for place, data in files.items():
        path = tree / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def injected(data: bytes) -> bytes | None:
    """``data`` with a call at its end; ``None`` when Python does not read that as one more statement."""
    end = b"\r\n" if b"\r\n" in data else b"\n"
    start = data if data.endswith((b"\n", b"\r")) or not data else data + end
    made = start + HEAD[0] + end + HEAD[1] + ARGUMENTS + TAIL + end
    try:
        before, after = parsed(data), parsed(made)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return made if len(after.body) == len(before.body) + 2 else None


def parsed(data: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data)


def run(tree: Path, totals: Totals, timeout: float) -> dict[str, list[dict[str, object]]] | None:
    """The report of one run over ``tree``, paths relative to it; ``None`` after a failure, which is counted."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    command = [
        sys.executable,
        "-m",
        "migrator",
        "rewrite",
        ".",
        "--write",
        "--unsafe",
        "--format",
        "json",
        "--jobs",
        "1",
    ]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=out, stderr=err)
        code, usage = waited(process, timeout)
        totals.runs += 1
        if usage is not None:
            totals.cpu += usage[0]
            totals.peak = max(totals.peak, usage[1])
        out.seek(0)
        err.seek(0)
        said = err.read()[-300:].decode("utf-8", "replace")
        if code not in {0, 1}:
            first = min(path.relative_to(tree).as_posix() for path in tree.rglob("*.py"))
            how = "hangs" if code is None else f"exit code {code}"
            totals.failures.append(f"{how} on the chunk that begins with {first}: {said}")
            return None
        report: dict[str, list[dict[str, object]]] = json.loads(out.read())
    totals.failures += [
        f"not analysed: {one['path']}:{one['line']}: {one['message']}"
        for one in report["findings"]
        if one["rule"] == INTERNAL
    ]
    totals.failures += [
        f"warning: {text}" for text in report["warnings"] if "could not be worked out" in str(text)
    ]
    return report


def waited(process: subprocess.Popen[bytes], timeout: float) -> tuple[int | None, tuple[float, int] | None]:
    """Exit code, with CPU seconds and peak memory in KiB; ``None`` for a process that had to be ended."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, (usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
        time.sleep(0.05)
    process.kill()
    process.wait()
    return None, None


def as_it_is(
    tree: Path, originals: dict[str, bytes], report: dict[str, list[dict[str, object]]], totals: Totals
) -> None:
    touched = {str(one["path"]) for one in report["findings"] if one["applied"]}
    for place, data in originals.items():
        after = (tree / place).read_bytes()
        if after == data:
            continue
        totals.changed_as_is += 1
        if place not in touched:
            totals.failures.append(f"changed without a finding: {place}")
        elif not parses(after):
            totals.failures.append(f"does not parse afterwards: {place}")


def with_a_call(
    tree: Path,
    originals: dict[str, bytes],
    forced: dict[str, bytes],
    report: dict[str, list[dict[str, object]]],
    totals: Totals,
) -> None:
    migrated = Counter(str(one["path"]) for one in report["sites"] if one["migrated"])
    named = {str(one["path"]) for one in report["findings"]}
    applied: dict[str, list[int]] = {}
    for one in report["findings"]:
        if one["applied"]:
            applied.setdefault(str(one["path"]), []).append(int(str(one["line"])))
    for place, data in forced.items():
        after = (tree / place).read_bytes()
        start = data[: data.rindex(HEAD[1]) + len(HEAD[1])]
        end = data[data.rindex(TAIL) :]
        if place not in named and not migrated[place]:
            totals.failures.append(f"a call that is neither migrated nor reported: {place}")
        elif after == data:
            totals.reported += 1
            continue
        else:
            totals.migrated += 1
        if not parses(after):
            totals.failures.append(f"does not parse afterwards: {place}")
        elif after.startswith(start) and after.endswith(end):
            continue
        elif min(applied.get(place, [10**9])) < start.count(b"\n") + 1 or migrated[place] > 1:
            # a call of its own, or code that a call in another file uses, each with a finding at its place
            totals.others += 1
        else:
            totals.failures.append(f"changed outside of the call, and nothing says why: {place}")
    for place in originals.keys() - forced.keys():
        if (tree / place).read_bytes() != originals[place]:
            totals.failures.append(f"changed though nothing was put into it: {place}")


def once_more(tree: Path, totals: Totals, timeout: float) -> None:
    before = {path: path.read_bytes() for path in tree.rglob("*.py")}
    if run(tree, totals, timeout) is not None:
        for path, data in before.items():
            if path.read_bytes() != data:
                totals.failures.append(f"changed by a second run: {path.relative_to(tree)}")


def parses(data: bytes) -> bool:
    try:
        parsed(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def tell(totals: Totals) -> None:
    print(
        f"\n{totals.files:,} files ({totals.bytes / 1e6:.0f} MB) in {totals.runs:,} runs, {totals.cpu:.0f} s of CPU, "
        f"peak memory of a run {totals.peak / 1024:.0f} MB\n"
        f"as they are: {totals.changed_as_is:,} changed, which have call sites of their own\n"
        f"forced: {totals.forced:,} files with one more call ({totals.unreadable:,} are not Python that this version "
        f"reads); {totals.migrated:,} changed, {totals.reported:,} reported and left; {totals.others:,} changed "
        f"elsewhere too, with findings that say so\n"
        f"failures: {len(totals.failures)}"
    )


if __name__ == "__main__":
    sys.exit(main())
