"""Runs fixtures and prints a table of outcomes.

One line per fixture: what was expected, what came, and why not. ``-v`` adds findings, diff and the output of
the check for what failed; ``-d`` shows diff and findings (as with ``--unsafe``) of everything. Exit code 1
when one failed. ``--only before`` needs no codemod: it makes the two unmigrated runs.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "differential")]

import fixture_runs as runs  # noqa: E402

_runner: runs.Runner | None = None


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pattern", nargs="?", default="", help="part of a fixture's name")
    parser.add_argument("-v", "--verbose", action="store_true", help="everything about what failed")
    parser.add_argument("-d", "--diff", action="store_true", help="findings and diff of every fixture")
    parser.add_argument("--only", choices=["before", "after"], help="before: the two unmigrated runs")
    parser.add_argument("-j", "--jobs", type=int, default=min(2, os.cpu_count() or 1))
    arguments = parser.parse_args()
    cases = runs.all_cases(arguments.pattern)
    started = time.monotonic()
    failed: list[str] = []
    tally: dict[str, int] = {}
    with ProcessPoolExecutor(min(arguments.jobs, len(cases) or 1), initializer=_start) as pool:
        jobs = [pool.submit(_run, case, arguments.only, arguments.diff) for case in cases]
        for case, job in zip(cases, jobs, strict=True):
            good, got, text = job.result()
            first, _, rest = text.partition("\n")
            print(f"{'pass' if good else 'FAIL'}  {case.name:<44} {got or '-':<9} {first[:150]}", flush=True)
            if rest.strip() and (arguments.diff or (arguments.verbose and not good)):
                print("\n".join(f"      {line}" for line in rest.strip().splitlines()), flush=True)
            word = got or ("ran" if good else "failed")
            tally[word] = tally.get(word, 0) + 1
            if not good:
                failed.append(case.name)
    counts = ", ".join(f"{number} {word}" for word, number in sorted(tally.items()))
    print(
        f"\n{len(cases) - len(failed)} of {len(cases)} pass ({counts}) in {time.monotonic() - started:.0f} s"
    )
    return 1 if failed else 0


def _start() -> None:
    global _runner  # noqa: PLW0603 - one per process of the pool
    _runner = runs.Runner().__enter__()


def _run(case: runs.Case, only: str | None, diff: bool) -> tuple[bool, str, str]:
    assert _runner is not None
    try:
        if only != "after":
            runs.lives_in_the_old_era(_runner, case)
            runs.fails_today(_runner, case)
        if only == "before":
            return True, "", case.note
        got = runs.migrates(_runner, case)
        return True, got, case.note + (f"\n{_shown(case)}" if diff else "")
    except runs.Wrong as wrong:
        return False, "", f"{wrong}{_frames(wrong.__cause__)}"
    except Exception as error:
        return False, "", f"{type(error).__name__}: {error}\n{traceback.format_exc()}"


def _frames(error: BaseException | None) -> str:
    """The error on the first line and the project's own frames below it."""
    if error is None:
        return ""
    own = [one for one in traceback.extract_tb(error.__traceback__) if str(ROOT) in one.filename]
    return f": {type(error).__name__}: {error}\n" + "".join(traceback.format_list(own))


def _shown(case: runs.Case) -> str:
    assert _runner is not None
    project = _runner.copy(case)
    before = runs.snapshot(project)
    done = _runner.rewrite(case, project, unsafe=True)
    return "\n".join([*runs.findings(done), runs.unified(before, runs.snapshot(project))])


if __name__ == "__main__":
    sys.exit(main())
