"""A program: migrates spoiled fixtures while the interpreter is watched, and prints what it did besides thinking.

An audit hook cannot be taken away again, so this runs in a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import sys
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.codemod.mutations import MUTATIONS, mutated
from tests.codemod.support import once
from tests.codemod.test_invariants import fixtures

_KINDS = {"exec", "import", "compile", "open", "os.system", "subprocess.Popen", "socket.connect", "os.exec"}
TRAP = "import os, sys\nsys.modules['trapped'] = os\nopen('trapped', 'w').close()\nraise SystemExit(3)\n"
"""Would be noticed if it were run."""
_STARTERS = dict.fromkeys(("setup.py", "conftest.py", "sitecustomize.py"), f"{TRAP}MODEL = 'dall-e-3'\n")


class Watch:
    """Notes what happens while ``active``."""

    def __init__(self) -> None:
        self.active = False
        self.events: list[list[str]] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active or event not in _KINDS:
            return
        # parsing is no running: ast.parse and libcst compile to a tree only
        if event == "compile" or (event == "open" and "r" in str(arguments[1])):
            return
        self.events.append([event, str(arguments[0])[:80]])


def planted() -> dict[str, str]:
    """A project whose every module would be noticed if it were run."""
    return _STARTERS | {
        "app.py": TRAP + "import helper_trap\nfrom openai import OpenAI\nMODEL = 'dall-e-3'\n"
        "print(helper_trap.load(OpenAI().images.generate(model=MODEL, prompt='p').data[0].url))\n",
        "helper_trap.py": TRAP + "import requests\ndef load(url):\n    return requests.get(url).content\n",
    }


def trapped(files: dict[str, str]) -> dict[str, str]:
    """``files`` with traps behind their imports from the future, and files that tools like to run."""
    found = dict(_STARTERS)
    for path, text in files.items():
        lines = text.split("\n")
        at = max((n for n, line in enumerate(lines, 1) if line.startswith("from __future__")), default=0)
        found[path] = "\n".join([*lines[:at], *TRAP.splitlines(), *lines[at:]]) if at else TRAP + text
    return found


def main() -> None:
    """Migrates, and prints the events, the number of sites, and hashes of what went in and what came out."""
    watch = Watch()
    sys.addaudithook(watch)
    asked, answered = hashlib.sha256(), hashlib.sha256()
    sites = 0

    def look(files: dict[str, str], unsafe: bool) -> None:
        nonlocal sites
        once(files, unsafe=unsafe)  # loads what the tool itself loads late
        watch.active = True
        done = once(files, unsafe=unsafe)
        watch.active = False
        sites += len(done.sites)
        asked.update(repr(sorted(files.items())).encode())
        answered.update(repr((done.findings, done.sites, sorted(done.texts.items()))).encode())

    @given(
        st.lists(st.sampled_from(sorted(fixtures())), min_size=1, max_size=3, unique=True),
        st.lists(st.sampled_from(sorted(MUTATIONS)), max_size=3),
        st.integers(0, 2**16),
        st.booleans(),
    )
    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def any_project(names: list[str], kinds: list[str], seed: int, unsafe: bool) -> None:
        files = {f"{name}/{path}": text for name in names for path, text in fixtures()[name].items()}
        random = Random(seed)
        look(trapped({path: mutated(text, kinds, random) for path, text in files.items()}), unsafe)

    look(planted(), False)
    any_project()
    print(
        json.dumps(
            {
                "events": watch.events,
                "trapped": "trapped" in sys.modules,
                "sites": sites,
                "asked": asked.hexdigest(),
                "answered": answered.hexdigest(),
            }
        )
    )


if __name__ == "__main__":
    main()
