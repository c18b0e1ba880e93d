"""Prints ratios: rewriting against parsing, dismissing a tree against ripgrep, help against click alone.

``rewrite``: the CPU time (user and system, all processes) of a whole ``migrator rewrite PROJECT``, less that of
one on an empty folder, to the CPU time of ``libcst.parse_module`` on the same candidate files. Projects are the
fixtures as one tree and each small package that ``tools/real_code.py`` has unpacked. Goal: at most 3.

``dismiss``: the time on the clock of ``migrator rewrite TREE`` on some 25,000 Python files without a hit, start of
the interpreter included, to that of ``rg -l -F`` with the same words. Goal: at most 4.

``dismiss`` also prints the peak memory of that look (goal: at most 60 MB) and how the time grows from a tenth of the tree
to the whole of it (goal: at most 10.5 times).

The same figures for ``git grep -l -F`` and for a program that only reads all bytes stand beside it.

``sites``: the same tree with a call put at the end of 10 and of 500 of its files (``--sites`` for others): the CPU of
``migrator rewrite TREE``, less what looking at the tree costs, to that of ``libcst.parse_module`` on those files alone;
and the whole of it to libcst's own runner of codemods on copies of those files (a codemod that renames the model and
nothing else; it is spared the search that finds them). Goal: at most 2 times parsing. Memory is the largest process's.

``help``: ``migrator --help`` to ``python -c "import click"``, on the clock.

All figures are medians of runs in alternation, so that a slow moment of the machine meets both sides.
"""

from __future__ import annotations

import argparse
import ast
import os
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from real_code import default_cache  # noqa: E402

from migrator.catalog import load  # noqa: E402
from migrator.discover import discover  # noqa: E402

REWRITE_GOAL = 3.0
DISMISS_GOAL = 4.0
MEMORY_GOAL = 60.0
GROWTH_GOAL = 10.5
SMALL = 3_000_000
"""Bytes of Python up to which an unpacked package takes part."""
FILES = 25_000

PARSE = """
import sys, time
import libcst
texts = [open(name, encoding="utf-8", errors="replace", newline="").read() for name in sys.stdin.read().split("\\0")]
libcst.parse_module("x = 1")
start = time.process_time()
for text in texts:
    try:
        libcst.parse_module(text)
    except libcst.ParserSyntaxError:
        pass
print(time.process_time() - start)
"""

READ = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            file.read()
"""

TEXTBOOK = """
import sys
import libcst as cst
from libcst.codemod import CodemodContext, VisitorBasedCodemodCommand, parallel_exec_transform_with_prettyprint


class Rename(VisitorBasedCodemodCommand):
    DESCRIPTION = "Names another model."

    def leave_SimpleString(self, original_node, updated_node):
        return updated_node.with_changes(value='"gpt-image-2"') if updated_node.value == '"dall-e-3"' else updated_node


if __name__ == "__main__":
    names = sys.stdin.read().split("\\0")
    done = parallel_exec_transform_with_prettyprint(Rename(CodemodContext()), names, jobs=1, hide_progress=True)
    sys.exit(0 if done.successes == len(names) else 3)
"""

CALL = """

def _drawn_{number}():
    from openai import OpenAI

    answer = OpenAI().images.generate(model="dall-e-3", prompt="a cat", size="1024x1024", quality="hd")
    return answer.data[0].revised_prompt
"""

PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

Measure = Callable[[], float]
_BYTECODE = ""
"""Where the interpreter keeps compiled modules, outside of the repository; the first run fills it."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "what", nargs="?", choices=["rewrite", "dismiss", "sites", "help"], help="default: all"
    )
    parser.add_argument(
        "--cache", type=Path, default=default_cache(), help="what tools/real_code.py unpacked"
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--files", type=int, default=FILES, help="size of the tree to dismiss")
    parser.add_argument("--sites", type=int, nargs="+", default=[10, 500], help="files that get a call")
    arguments = parser.parse_args()
    print(
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, medians of {arguments.runs} runs in alternation"
    )
    global _BYTECODE  # noqa: PLW0603 - one folder for all processes of this run
    with tempfile.TemporaryDirectory() as folder:
        _BYTECODE = str(Path(folder, "bytecode"))
        if arguments.what in {None, "rewrite"}:
            rewriting(Path(folder), arguments.cache, arguments.runs)
        if arguments.what in {None, "dismiss"}:
            dismissing(Path(folder), arguments.files, arguments.runs)
        if arguments.what in {None, "sites"}:
            with_sites(Path(folder), arguments.files, arguments.sites, arguments.runs)
        if arguments.what in {None, "help"}:
            helping(arguments.runs)
    return 0


def rewriting(work: Path, cache: Path, runs: int) -> None:
    """One line per project, then all of them together."""
    empty = work / "empty"
    empty.mkdir()
    cpu_of(*tool(), str(empty))  # compiles what every run imports
    progress("rewrite: copying the projects")
    projects = [copied(ROOT / "fixtures", work / "fixtures")]
    if cache.is_dir():
        trees = [tree for tree in sorted(cache.iterdir()) if tree.is_dir() and python_bytes(tree) <= SMALL]
        projects += [copied(tree, work / "packages" / tree.name) for tree in trees]
    else:
        print("no unpacked packages: run tools/real_code.py first to have them measured as well")
    print(f"\n{'rewrite: CPU seconds':<26} {'files':>5} {'KiB':>5} {'rewrite':>8} {'parse':>7} {'ratio':>6}")
    spent = parsing = 0.0
    ratios: list[float] = []
    words = load().needles()
    for project in projects:
        found = discover([str(project)], words).candidates()
        if not found:
            continue
        names = [str(Path(file.path).resolve()) for file in found]
        size = sum(Path(name).stat().st_size for name in names)

        def whole(project: Path = project) -> float:
            return cpu_of(*tool(), str(project))

        def nothing() -> float:
            return cpu_of(*tool(), str(empty))

        def parse(names: list[str] = names) -> float:
            return parse_time(names)

        full, base, plain = medians(runs, whole, nothing, parse)
        work_done = full - base
        spent, parsing = spent + work_done, parsing + plain
        ratios.append(work_done / plain)
        print(line(project.name, len(names), size, work_done, plain), flush=True)
    if parsing:
        print(f"{'all':<26} {'':>5} {'':>5} {spent:>8.2f} {parsing:>7.2f} {spent / parsing:>6.1f}")
        within = sum(ratio <= REWRITE_GOAL for ratio in ratios)
        print(
            f"ratio: {spent / parsing:.2f} over all, {statistics.median(ratios):.2f} in the median project, "
            f"{max(ratios):.2f} in the worst; {within} of {len(ratios)} within the goal of {REWRITE_GOAL:g}"
        )


def line(name: str, files: int, size: int, spent: float, parsing: float) -> str:
    return f"{name:<26} {files:>5} {size // 1024:>5} {spent:>8.2f} {parsing:>7.2f} {spent / parsing:>6.1f}"


def dismissing(work: Path, files: int, runs: int) -> None:
    """The time of one look at a tree in which there is nothing to do."""
    rg = shutil.which("rg")
    if rg is None:
        print("\ndismiss: ripgrep is missing: install the package `ripgrep` (Debian, or the one on PyPI)")
        return
    words = load().needles()
    tree = work / "tree"
    count, size = plant(tree, words, files)
    search = [rg, "-l", "-F", *(part for word in words for part in ("-e", word.decode())), str(tree)]

    def look() -> float:
        return clock_of((0,), *tool(), str(tree))

    def ripgrep() -> float:
        return clock_of((1,), *search)  # 1: nothing found

    small = work / "small"
    plant(small, words, files // 10)

    def look_at_a_tenth() -> float:
        return clock_of((0,), *tool(), str(small))

    look_at_a_tenth()
    look()
    ripgrep()  # one of each first: the disk is not what is measured
    # from inside of the tree: git aborts on a path outside of where it stands
    patterns = [part for word in words for part in ("-e", word.decode())]
    grep = ["git", "-C", str(tree), "grep", "--no-index", "-l", "-F", *patterns, "--", "."]
    progress("dismiss: measuring")
    ours, theirs, ours_cpu, theirs_cpu, tenth, peak, tenth_cpu, git, git_cpu, read, read_cpu = medians(
        runs,
        look,
        ripgrep,
        lambda: cpu_of(*tool(), str(tree)),
        lambda: cpu_of(*search, codes=(1,)),
        look_at_a_tenth,
        lambda: peak_of(*tool(), str(tree)),
        lambda: cpu_of(*tool(), str(small)),
        lambda: clock_of((1,), *grep),
        lambda: cpu_of(*grep, codes=(1,)),
        lambda: clock_of((0,), sys.executable, "-c", READ, str(tree)),
        lambda: cpu_of(sys.executable, "-c", READ, str(tree)),
    )
    print(f"\ndismiss: {count:,} Python files, {size / 1e6:.0f} MB, {len(words)} words, seconds")
    print(f"on the clock  migrator rewrite {ours:.2f}   rg -l -F {theirs:.2f}   ratio {ours / theirs:.2f}")
    print(
        f"CPU           migrator rewrite {ours_cpu:.2f}   rg -l -F {theirs_cpu:.2f}   ratio {ours_cpu / theirs_cpu:.2f}"
    )
    print(
        f"on the clock  git grep -l -F {git:.2f}   ratio {ours / git:.2f}   reading {read:.2f}   {ours / read:.2f}"
    )
    print(
        f"CPU           git grep -l -F {git_cpu:.2f}   ratio {ours_cpu / git_cpu:.2f}   "
        f"reading {read_cpu:.2f}   {ours_cpu / read_cpu:.2f}"
    )
    print(f"ratio: {ours / theirs:.2f} on the clock, goal {DISMISS_GOAL:g}")
    print(f"memory: {peak:.0f} MB at its peak, in the largest process, goal {MEMORY_GOAL:g}")
    print(
        f"growth: {tenth:.2f} s for a tenth, {ours:.2f} s for all: {ours / tenth:.1f} times on the clock, "
        f"{ours_cpu / tenth_cpu:.1f} times CPU, goal {GROWTH_GOAL:g}"
    )


def with_sites(work: Path, files: int, counts: list[int], runs: int) -> None:
    """A large tree with a few call sites and with many, one line each."""
    words = load().needles()
    progress(f"sites: planting {files:,} files")
    tree = work / "sites"
    plant(tree, words, files)
    clean = [path for path in sorted(tree.rglob("*.py")) if is_python(path)]
    script = work / "textbook.py"
    script.write_text(TEXTBOOK, encoding="utf-8")

    def dismissed() -> float:
        return cpu_of(*tool(), str(tree))

    progress("sites: measuring the tree without a call")
    (base,) = medians(runs, dismissed)
    print(
        f"\n{'sites: CPU seconds':<20} {'KiB':>6} {'rewrite':>8} {'- search':>8} {'parse':>7} {'ratio':>6} "
        f"{'runner':>7} {'ratio':>6} {'MB':>5}"
    )
    for count in counts:
        chosen = clean[:: max(1, len(clean) // count)][:count]
        before = {path: path.read_bytes() for path in chosen}
        for number, path in enumerate(chosen):
            path.write_bytes(before[path].rstrip() + CALL.format(number=number).encode())
        copies = []
        for number, path in enumerate(chosen):
            copies.append(str(work / f"copies_{count}" / f"m{number}.py"))
            Path(copies[-1]).parent.mkdir(exist_ok=True)
            shutil.copyfile(path, copies[-1])
        names = [str(path) for path in chosen]
        progress(f"sites: measuring {count} files with a call")
        spent, parsing, runner, peak = medians(
            runs,
            dismissed,
            partial(parse_time, names),
            partial(textbook, script, copies),
            lambda: peak_of(*tool(), str(tree)),
        )
        size = sum(path.stat().st_size for path in chosen) // 1024
        own = spent - base
        print(
            f"{count:>4} of {len(clean):>7,} files {size:>6} {spent:>8.2f} {own:>8.2f} {parsing:>7.2f} "
            f"{own / parsing:>6.1f} {runner:>7.2f} {spent / runner:>6.2f} {peak:>5.0f}",
            flush=True,
        )
        for path, data in before.items():
            path.write_bytes(data)


def is_python(path: Path) -> bool:
    """Whether a call can be put at the end of a file, so that it still is Python."""
    try:
        compile(
            path.read_bytes().rstrip() + CALL.format(number=0).encode(), str(path), "exec", ast.PyCF_ONLY_AST
        )
    except (SyntaxError, ValueError, RecursionError):
        return False
    return b"\r" not in path.read_bytes()


def textbook(script: Path, names: list[str]) -> float:
    """CPU seconds of libcst's runner of codemods on the named files, start and worker process included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, str(script)], input="\0".join(names), text=True, capture_output=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def progress(text: str) -> None:
    """What is being done, for those who wait."""
    print(text, file=sys.stderr, flush=True)


def helping(runs: int) -> None:
    """How long a person waits for the help."""
    shown = [sys.executable, "-m", "migrator", "--help"]
    alone = [sys.executable, "-c", "import click"]
    clock_of((0,), *shown)
    ours, theirs = medians(runs, lambda: clock_of((0,), *shown), lambda: clock_of((0,), *alone))
    print(
        f"\nhelp: migrator --help {ours:.3f} s   python -c 'import click' {theirs:.3f} s   ratio {ours / theirs:.2f}"
    )


def copied(tree: Path, place: Path) -> Path:
    """The Python files of ``tree`` at ``place``, with the project file beside them."""
    for path in (*tree.rglob("*.py"), *tree.glob("pyproject.toml")):
        if path.is_file():
            target = place / path.relative_to(tree)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return place


def python_bytes(tree: Path) -> int:
    return sum(path.stat().st_size for path in tree.rglob("*.py") if path.is_file())


def plant(tree: Path, words: tuple[bytes, ...], files: int) -> tuple[int, int]:
    """Copies installed Python files without a word, over and over until there are enough; count and bytes."""
    sources = {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")}
    clean: dict[Path, bytes] = {}
    for source in sources:
        for path in source.rglob("*.py"):
            if path not in clean and path.is_file():
                data = path.read_bytes()
                if not any(word in data for word in words):
                    clean[path] = data
    # Plain names: a folder called site-packages or build would not be looked into.
    folders = {
        folder: f"folder_{number}" for number, folder in enumerate(sorted({path.parent for path in clean}))
    }
    count = size = copy = 0
    while count < files:
        for path, data in sorted(clean.items()):
            place = tree / f"copy_{copy}" / folders[path.parent][-2:].strip("_") / folders[path.parent]
            place.mkdir(parents=True, exist_ok=True)
            (place / path.name).write_bytes(data)
            count, size = count + 1, size + len(data)
            if count == files:
                break
        copy += 1
    return count, size


def tool() -> list[str]:
    return [sys.executable, "-m", "migrator", "rewrite"]


def medians(runs: int, *measures: Measure) -> list[float]:
    """The median of each measure; one round takes every measure once."""
    rounds = [[measure() for measure in measures] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def cpu_of(*command: str, codes: tuple[int, ...] = (0, 1)) -> float:
    """User and system seconds of ``command`` and of the processes that it waited for."""
    process = started(*command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    expect(process.returncode, codes, command)
    return usage.ru_utime + usage.ru_stime


def peak_of(*command: str) -> float:
    """The largest resident set of ``command``, in MB; processes that it starts count each for itself."""
    # a process begins with the peak of the one that it was forked from, so that a small one stands between
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *command], env=surroundings(), capture_output=True, check=True
    )
    return float(done.stdout) / 1024


def clock_of(codes: tuple[int, ...], *command: str) -> float:
    """Seconds on the clock until ``command`` has ended."""
    start = time.perf_counter()
    code = started(*command).wait()
    spent = time.perf_counter() - start
    expect(code, codes, command)
    return spent


def started(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def surroundings() -> dict[str, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": _BYTECODE}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed tool is not compiled at each start
    return environment


def expect(code: int, codes: tuple[int, ...], command: tuple[str, ...]) -> None:
    if code not in codes:
        raise SystemExit(f"benchmark: exit code {code} from {' '.join(command[:4])} …: nothing was measured")


def parse_time(names: list[str]) -> float:
    """CPU seconds of ``libcst.parse_module`` on the named files, in a fresh process, without its start."""
    done = subprocess.run(
        [sys.executable, "-c", PARSE], input="\0".join(names), capture_output=True, text=True, check=True
    )
    return float(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
